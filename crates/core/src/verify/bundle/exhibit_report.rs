//! The report on one exhibit of a bundle: the verdict, and what its entries say.

use std::collections::BTreeSet;

use serde::Serialize;

use super::collection::Said;
use super::passing::Passing;
use super::walk::received_in;
use crate::digest::Digest;
use crate::format::SignedEntry;
use crate::model::{ExhibitId, Fingerprint, MediaType, Origin, Timestamp};
use crate::verify::Severity;
use crate::verify::place::LogPlace;

crate::shape::described! {
    /// How it stands with an exhibit, from the best to the worst.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum BundleVerdict {
        /// Everything holds, and it is from the archive whose fingerprint was given from outside.
        Sound,
        /// Its object and entries hold, but something beside them does not.
        Degraded,
        /// Nothing failed, but no fingerprint was given from outside: the bundle agrees with itself, which anybody can make.
        Unverifiable,
        /// Nothing failed, but it was written by a newer version, and this program is too old to judge it.
        NotUnderstood,
        /// Its object, an entry, a signature, a receipt or a field is not what was committed to.
        Failed,
    }
}

impl BundleVerdict {
    /// The verdict that the worst of some findings leads to.
    pub(super) fn of(worst: Option<Severity>, is_trusted: bool) -> Self {
        match (worst, is_trusted) {
            (Some(Severity::Failed), _) => Self::Failed,
            (Some(Severity::NotUnderstood), _) => Self::NotUnderstood,
            (_, false) => Self::Unverifiable,
            (Some(Severity::Degraded), true) => Self::Degraded,
            (Some(Severity::Notice) | None, true) => Self::Sound,
        }
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Degraded => "degraded",
            Self::Unverifiable => "unverifiable",
            Self::NotUnderstood => "not understood",
            Self::Failed => "failed",
        }
    }

    /// The word in Korean.
    #[must_use]
    pub const fn korean(self) -> &'static str {
        match self {
            Self::Sound => "이상 없음",
            Self::Degraded => "주의",
            Self::Unverifiable => "확인 불가",
            Self::NotUnderstood => "이해할 수 없음",
            Self::Failed => "불합격",
        }
    }
}

crate::shape::described! {
    /// What was found about one exhibit.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct ExhibitReport {
        /// Which one.
        pub exhibit: ExhibitId,
        /// How it stands with it. What is wrong with the bundle as a whole is wrong with each of its exhibits.
        pub verdict: BundleVerdict,
        /// The object that its ingest names.
        pub object: Option<Digest>,
        /// The size that its ingest names.
        pub size_bytes: Option<u64>,
        /// The media type that its ingest names; none where it is sealed.
        pub media_type: Option<MediaType>,
        /// When its ingest was recorded, by the archive's clock.
        pub ingested_at: Option<Timestamp>,
        /// Its entries.
        pub entries: u64,
        /// Signatures of them that were checked.
        pub signatures: u64,
        /// Fields that are disclosed.
        pub disclosed_fields: u64,
        /// Fields that are not.
        pub withheld_fields: u64,
        /// Where its entries stand in the log.
        #[serde(skip)]
        pub(super) places: Vec<LogPlace>,
        /// What its entries say of the collection that it belongs to, oldest first.
        #[serde(skip)]
        pub(super) said: Vec<Said>,
        /// Its histories in other archives, as its entries name them.
        pub foreign: Vec<ForeignReport>,
        /// The entries that say that custody of it passed: what there is of the other side's word.
        #[serde(skip)]
        pub(super) passings: Vec<Passing>,
        /// The letters that these entries name.
        #[serde(skip)]
        pub letters: BTreeSet<Digest>,
        /// Whether one of its entries is not understood.
        #[serde(skip)]
        pub(super) has_not_understood: bool,
        /// Whether one of its entries is of a format that is not known.
        #[serde(skip)]
        pub(super) has_newer: bool,
    }
}

impl ExhibitReport {
    pub(super) const fn new(exhibit: ExhibitId) -> Self {
        Self {
            exhibit,
            verdict: BundleVerdict::Failed,
            object: None,
            size_bytes: None,
            media_type: None,
            ingested_at: None,
            entries: 0,
            signatures: 0,
            disclosed_fields: 0,
            withheld_fields: 0,
            places: Vec::new(),
            said: Vec::new(),
            foreign: Vec::new(),
            passings: Vec::new(),
            letters: BTreeSet::new(),
            has_not_understood: false,
            has_newer: false,
        }
    }
}

crate::shape::described! {
    /// What a bundle shows of an exhibit's history in another archive.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct ForeignReport {
        /// The bundle in which the exhibit came.
        pub bundle: Digest,
        /// What it is called there.
        pub exhibit: ExhibitId,
        /// The archive that the bundle is from, where its dossier is here.
        pub origin: Option<Origin>,
        /// That archive's fingerprint, which was compared with nothing from outside.
        pub fingerprint: Option<Fingerprint>,
        /// Entries of that log about it, that were checked.
        pub entries: u64,
        /// Whether the dossier is in the bundle.
        pub is_there: bool,
    }
}

impl ForeignReport {
    /// What an entry names, if it is about an exhibit that was received.
    pub(super) fn named_by(entry: &SignedEntry) -> Option<Self> {
        received_in(entry).map(|(bundle, exhibit)| Self::new(bundle, exhibit))
    }

    pub(super) const fn new(bundle: Digest, exhibit: ExhibitId) -> Self {
        Self { bundle, exhibit, origin: None, fingerprint: None, entries: 0, is_there: false }
    }
}
