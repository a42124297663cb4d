//! What is printed of bundles and letters, and of verifications.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use vouchsafe_archive::{
    Comparison, Disclosures, Exported, HistoryNotHandedOn, LetterNotHandedOn, NotUnderstoodThing, Transfer,
};
use vouchsafe_core::described;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{EntryIndex, ExhibitId, Fingerprint, Origin, Range, Timestamp, WithholdingReason};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::bundle::{BundleVerdict, CompletenessReport};
use vouchsafe_core::verify::{Finding, Report};

use super::exhibits::FieldsByName;

described! {
    /// A verification.
    #[derive(Serialize)]
    pub struct Verified<'a> {
        /// What was compared with a copy; null if none was, or the copy could not be compared.
        pub compared: Option<&'a Comparison>,
        /// What is not understood, each thing once.
        pub not_understood: Vec<NotUnderstoodThing>,
        /// The entry that records it; null if it was not recorded.
        pub recorded_as: Option<EntryIndex>,
        /// The report.
        #[serde(flatten)]
        pub report: &'a Report,
        /// How far the round of verifications has come; null if this run was not a part of one.
        pub round: Option<VerificationRound<'a>>,
    }
}

described! {
    /// A round of verifications that together read every object.
    #[derive(Serialize)]
    pub struct VerificationRound<'a> {
        /// When it began.
        pub began_at: Timestamp,
        /// Whether it had to start over: the volumes do not begin with the objects that it had read.
        pub begun_anew: bool,
        /// Whether every object was read.
        pub complete: bool,
        /// The objects that were missing, changed or unreadable when it read them.
        pub failed_objects: Vec<Digest>,
        /// How many objects it has read.
        pub objects_read: u64,
        /// Which: the first number, and how many follow each other.
        pub ranges: &'a [Range],
    }
}

described! {
    /// What an export would disclose, in a dry run.
    #[derive(Serialize)]
    pub struct ExportRehearsed<'a> {
        /// What would be disclosed of agents.
        pub agents: Disclosures,
        /// The fields that would be disclosed, with how often each is there.
        pub disclosed: &'a BTreeMap<String, u64>,
        /// Always true.
        pub dry_run: bool,
        /// How many entries the bundle would hold.
        pub entries: u64,
        /// The exhibits.
        pub exhibits: Vec<RehearsedExhibit>,
        /// Histories in other archives that would not be in the bundle.
        pub histories_not_handed_on: &'a [HistoryNotHandedOn],
        /// Exhibits of the collection that would be left out, with the reason of each, by name.
        pub left_out: BTreeMap<String, WithholdingReason>,
        /// Letters of other archives that would not be in the bundle.
        pub letters_not_handed_on: &'a [LetterNotHandedOn],
        /// What the report would state about the export itself (purpose, recipient), if disclosed; null if it is not
        /// given.
        pub named_in_the_report: BTreeMap<String, Option<String>>,
        /// The size of the exhibits, in bytes.
        pub size_bytes: u64,
        /// The fields that would be withheld, with how often each is there.
        pub withheld: &'a BTreeMap<String, u64>,
    }
}

described! {
    /// What an export would disclose of an exhibit.
    #[derive(Serialize)]
    pub struct RehearsedExhibit {
        /// The exhibit.
        pub exhibit: ExhibitId,
        /// What would be disclosed.
        #[serde(flatten)]
        pub told: Disclosures,
    }
}

described! {
    /// An export that was made, checked and recorded.
    #[derive(Serialize)]
    pub struct ExportDone<'a> {
        /// What the bundle says of the collection that it is taken from; null if it says nothing.
        pub completeness: &'a Option<CompletenessReport>,
        /// The fields that are disclosed, with how often each is there.
        pub disclosed: &'a BTreeMap<String, u64>,
        /// The bundle.
        #[serde(flatten)]
        pub exported: &'a Exported,
        /// The findings that checking the bundle will report.
        pub findings: &'a [Finding],
        /// Histories in other archives that are not in the bundle.
        pub histories_not_handed_on: &'a [HistoryNotHandedOn],
        /// Letters of other archives that are not in the bundle.
        pub letters_not_handed_on: &'a [LetterNotHandedOn],
        /// What the check found before the bundle was released.
        pub verdict: BundleVerdict,
        /// The fields that are withheld, with how often each is there.
        pub withheld: &'a BTreeMap<String, u64>,
    }
}

described! {
    /// A letter that was written about an entry of this log.
    #[derive(Serialize)]
    pub struct LetterWritten {
        /// The entry.
        pub index: EntryIndex,
        /// The file.
        pub letter: String,
    }
}

described! {
    /// A letter that was written again.
    #[derive(Serialize)]
    pub struct LetterRewritten<'a> {
        /// The entry.
        pub index: EntryIndex,
        /// The file.
        pub letter: String,
        /// The file with the other side's letter; null if it was not asked for.
        pub theirs: &'a Option<PathBuf>,
    }
}

described! {
    /// A transfer of custody.
    #[derive(Serialize)]
    pub struct ListedTransfer<'a> {
        /// What is not understood and may be about any transfer, each thing once.
        pub not_understood: &'a [NotUnderstoodThing],
        /// The transfer.
        #[serde(flatten)]
        pub transfer: &'a Transfer,
    }
}

described! {
    /// A letter of another archive. It holds by itself, and was compared with nothing from outside.
    #[derive(Serialize)]
    pub struct LetterRead<'a> {
        /// Who acted.
        pub actor: KeyId,
        /// The key of that archive's first administrator.
        pub administrator: KeyId,
        /// The body of the entry that it proves.
        pub body: serde_json::Value,
        /// The name of that entry's event.
        pub event: &'a str,
        /// What the letter says, by the names of the fields.
        pub fields: FieldsByName<'a>,
        /// That archive's fingerprint.
        pub fingerprint: Fingerprint,
        /// The entry, in that log.
        pub index: EntryIndex,
        /// The key of that log, as a C2SP verifier key.
        pub log_key: String,
        /// What was not checked, a sentence each.
        pub not_checked: &'a [Text],
        /// When it happened.
        pub occurred_at: Timestamp,
        /// What that archive calls itself.
        pub origin: &'a Origin,
        /// The root of that log.
        pub root: Digest,
        /// How many entries that log had.
        pub size: u64,
    }
}
