//! What is asked of an import, and what became of the bundle and its exhibits.

use std::path::PathBuf;

use crate::heard::NotCompared;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::ArchiveIdentity;
use vouchsafe_core::model::{EntryIndex, ExhibitId, Origin};
use vouchsafe_core::verify::bundle::{BundleReport, ShownLog};
use vouchsafe_core::verify::{Finding, Trust};

/// A bundle to import.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The bundle: a folder or a zip file.
    pub bundle: PathBuf,
    /// What was given from outside, as for checking.
    pub trust: Trust,
    /// Import it although no fingerprint from outside is known; the log then records that.
    pub accepts_unanchored: bool,
    /// What a letter offers: no other bundle is imported.
    pub offered: Option<Offered>,
    /// Who handed it over.
    pub sender: Option<String>,
    /// How many threads check; 0 for one a core.
    pub threads: usize,
}

/// What a letter offers.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The bundle.
    pub bundle: Digest,
    /// The archive that it is from.
    pub archive: ArchiveIdentity,
    /// What the letter shows of that log.
    pub shown: ShownLog,
}

/// What became of a bundle.
#[derive(Debug)]
pub enum ImportOutcome {
    /// It was not imported, and nothing was changed; the report says why. If the bundle is valid, only a fingerprint is
    /// missing.
    Refused(Box<BundleReport>),
    /// Its exhibits are here now.
    Imported(Box<Imported>),
}

vouchsafe_core::described! {
    /// A bundle whose exhibits are here.
    #[derive(Debug, serde::Serialize)]
    pub struct Imported {
        /// SHA-256 of its tag manifest.
        pub bundle: Digest,
        /// The archive that it is from.
        pub origin: Origin,
        /// The entry about it.
        pub index: EntryIndex,
        /// The object with everything of it but the exhibits' own bytes.
        pub dossier: Digest,
        /// Whether the fingerprint was compared with one from outside, this time.
        pub anchored: bool,
        /// Whether it had been received before.
        pub was_received: bool,
        /// Its exhibits.
        pub exhibits: Vec<ImportedExhibit>,
        /// What its exhibits say against statements of completeness that the same archive made before.
        pub against_statements: Vec<Finding>,
        /// What is held from others and could not be compared with it.
        pub not_compared: Vec<NotCompared>,
        /// What the check found.
        #[serde(skip)]
        pub report: BundleReport,
    }
}

vouchsafe_core::described! {
    /// An exhibit of a bundle, and of this archive.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct ImportedExhibit {
        /// What it is called in the sender's archive.
        pub foreign_exhibit: ExhibitId,
        /// What it is called here.
        pub exhibit: ExhibitId,
        /// Its object.
        pub object: Digest,
        /// What was done.
        pub taken: Taken,
    }
}

vouchsafe_core::described! {
    /// What was done with an exhibit of a bundle.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Taken {
        /// It is a new exhibit.
        New,
        /// It is a new exhibit whose bytes were held already.
        NewSameObject,
        /// It came in an earlier bundle already; its newer history was added to it.
        Again,
        /// It came in this very bundle already: nothing was changed.
        AlreadyHeld,
    }
}
