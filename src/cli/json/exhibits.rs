//! What is printed of exhibits and of the entries about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use vouchsafe_archive::tables::TableReport;
use vouchsafe_archive::transfer::Holder;
use vouchsafe_archive::{Grade, NotUnderstoodThing, Transfer, UnreadEntry};
use vouchsafe_core::described;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{EntryIndex, ExhibitId, FieldName, FieldValue, Fingerprint, MediaType, Origin, Timestamp};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::Finding;

/// Fields, by name.
pub type FieldsByName<'a> = BTreeMap<&'a str, &'a FieldValue>;

/// Fields as they are printed.
pub fn fields<'a>(fields: impl IntoIterator<Item = (&'a FieldName, &'a FieldValue)>) -> FieldsByName<'a> {
    fields.into_iter().map(|(name, value)| (name.as_str(), value)).collect()
}

described! {
    /// An exhibit.
    #[derive(Serialize)]
    pub struct Exhibit<'a> {
        /// The agent that ingested it.
        pub actor: KeyId,
        /// Its name.
        pub exhibit: ExhibitId,
        /// The newest value of every field that is not withdrawn, by name.
        pub fields: FieldsByName<'a>,
        /// The entry that records its ingest.
        pub index: EntryIndex,
        /// Its media type at ingest; null if it is sealed.
        pub media_type: Option<&'a MediaType>,
        /// The SHA-256 of its bytes.
        pub object: Digest,
        /// When its ingest was recorded.
        pub recorded_at: Timestamp,
        /// Its size, in bytes.
        pub size_bytes: u64,
    }
}

described! {
    /// An exhibit in a list.
    #[derive(Serialize)]
    pub struct ListedExhibit<'a> {
        /// The exhibit.
        #[serde(flatten)]
        pub exhibit: Exhibit<'a>,
        /// How far it is described.
        pub grade: Grade,
        /// What is not understood and may be about it, each thing once; absent if everything is understood.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub not_understood: Option<Vec<NotUnderstoodThing>>,
    }
}

described! {
    /// A field that exhibits have.
    #[derive(Serialize)]
    pub struct FieldInUse<'a> {
        /// How many exhibits have it.
        pub exhibits: u64,
        /// Its name.
        pub field: &'a FieldName,
        /// How many values it has.
        pub value_count: usize,
        /// The most frequent values; with the name of a field, all.
        pub values: Vec<FieldValueInUse>,
    }
}

described! {
    /// A value that a field of exhibits has.
    #[derive(Serialize)]
    pub struct FieldValueInUse {
        /// How many exhibits have it.
        pub exhibits: u64,
        /// The value, as text; of a list, one item.
        pub value: String,
    }
}

described! {
    /// An exhibit with what is known of it.
    #[derive(Serialize)]
    pub struct ShownExhibit<'a> {
        /// The exhibit.
        #[serde(flatten)]
        pub exhibit: Exhibit<'a>,
        /// Entries about it that others had approved.
        pub approved: Vec<ApprovedEntry>,
        /// What it is called in the archives that it came from.
        pub came_from: Vec<CameFrom<'a>>,
        /// Who has custody, where it passed; null if it never did.
        pub custody: Option<Holder>,
        /// How far it is described, and what a court would ask next.
        pub description: ExhibitDescription,
        /// The entries about it.
        pub entries: Vec<EntryIndex>,
        /// The newest recorded verification that found it damaged, after it was last proved to be good; null if none did.
        pub found_damaged: Option<EntryIndex>,
        /// The newest recorded verification that found it as it was; null if there is none.
        pub last_proven_good: Option<vouchsafe_archive::Proof>,
        /// What is not understood and may be about it, each thing once.
        pub not_understood: Vec<NotUnderstoodThing>,
        /// The other exhibits with the same bytes.
        pub same_bytes: Vec<ExhibitId>,
        /// Entries that lie damaged in their volumes, so that what they say is not shown.
        pub unread_entries: Vec<UnreadEntry>,
    }
}

described! {
    /// How far an exhibit is described, and what a court would ask next.
    #[derive(Serialize)]
    pub struct ExhibitDescription {
        /// The grade.
        pub grade: Grade,
        /// The questions that are open: first what a court asks first, then what else is mandatory, then what is recommended.
        pub questions: Vec<OpenQuestion>,
    }
}

described! {
    /// A field that is missing, and what a court would ask.
    #[derive(Serialize)]
    pub struct OpenQuestion {
        /// The question in English.
        pub english: &'static str,
        /// The name of the field.
        pub field: &'static str,
        /// The question in Korean.
        pub korean: &'static str,
        /// Whether the description is complete only with it.
        pub mandatory: bool,
    }
}

described! {
    /// An entry that others had approved.
    #[derive(Serialize)]
    pub struct ApprovedEntry {
        /// Who approved it.
        pub approvals: Vec<Approval>,
        /// The entry.
        pub index: EntryIndex,
    }
}

described! {
    /// That an agent approved an entry before it was made.
    #[derive(Serialize)]
    pub struct Approval {
        /// The agent's key.
        pub key: KeyId,
        /// The agent's name; null in an entry of another archive.
        pub name: Option<String>,
        /// Until when the entry was to be recorded.
        pub not_after: Timestamp,
        /// The SHA-256 of the text that says what was approved.
        pub request: Digest,
    }
}

described! {
    /// An archive that an exhibit came from.
    #[derive(Serialize)]
    pub struct CameFrom<'a> {
        /// Whether the archive was compared with what came from outside.
        pub anchored: bool,
        /// What the exhibit is called there.
        pub exhibit: ExhibitId,
        /// The archive's fingerprint.
        pub fingerprint: Fingerprint,
        /// What the archive calls itself.
        pub origin: &'a Origin,
    }
}

described! {
    /// An entry about an exhibit, of this archive's log or of another's.
    #[derive(Serialize)]
    pub struct CustodyEntry<'a> {
        /// Who acted.
        pub actor: KeyId,
        /// The name of who acted; null in an entry of another archive.
        pub actor_name: Option<String>,
        /// That custody passed: whether the other archive was compared with what came from outside. Absent in all other
        /// entries, and in those of other archives.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub anchored: Option<bool>,
        /// Who approved it before it was made.
        pub approvals: Vec<Approval>,
        /// Its body, as it is in the log.
        pub body: serde_json::Value,
        /// The name of its event.
        pub event: &'a str,
        /// The exhibit, as the log of the entry calls it.
        pub exhibit: Option<ExhibitId>,
        /// The fields that are known of it, by name.
        pub fields: FieldsByName<'a>,
        /// Where it is from; absent in an entry of this archive.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub foreign: Option<ForeignLog<'a>>,
        /// The entry, in its own log.
        pub index: EntryIndex,
        /// Its leaf hash.
        pub leaf: Digest,
        /// What is not understood of it; absent in an entry of another archive.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub not_understood: Option<Vec<NotUnderstoodThing>>,
        /// When it happened.
        pub occurred_at: Timestamp,
        /// When it was recorded, by the clock of its archive.
        pub recorded_at: Timestamp,
        /// The transfers that it is a part of; absent in an entry of another archive.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub transfers: Option<Vec<&'a Transfer>>,
    }
}

described! {
    /// The log of another archive.
    #[derive(Serialize)]
    pub struct ForeignLog<'a> {
        /// Whether this archive ever compared that archive's fingerprint with one from outside.
        pub anchored: bool,
        /// The bundle that it came in.
        pub bundle: Digest,
        /// The findings against it, now.
        pub findings: &'a [Finding],
        /// That archive's fingerprint.
        pub fingerprint: Fingerprint,
        /// The key of that log, as a C2SP verifier key.
        pub log_key: String,
        /// What that archive calls itself.
        pub origin: &'a Origin,
        /// Whether it is this archive's own log: the exhibit went from here and came back.
        pub own: bool,
        /// The root of that log.
        pub root: Digest,
        /// How many entries that log had.
        pub size: u64,
        /// Which archive handed it on; null if it came from that archive itself.
        pub through: Option<&'a Origin>,
    }
}

described! {
    /// An entry about an exhibit that was recorded.
    #[derive(Serialize)]
    pub struct Recorded {
        /// The exhibit.
        pub exhibit: ExhibitId,
        /// The entry.
        pub index: EntryIndex,
    }
}

described! {
    /// That there was nothing to record, since the exhibit says so already.
    #[derive(Serialize)]
    pub struct Unchanged<'a> {
        /// The exhibit.
        pub exhibit: ExhibitId,
        /// Always null.
        pub index: Option<EntryIndex>,
        /// The names of the fields.
        pub unchanged: &'a [String],
    }
}

described! {
    /// What became of the rows of a table with descriptions.
    #[derive(Serialize)]
    pub struct TableDescribed<'a> {
        /// In how many commits.
        pub commits: u64,
        /// Whether nothing was recorded because it was a dry run.
        pub dry_run: bool,
        /// How many entries were recorded: as many as rows were applied, or none.
        pub entries: u64,
        /// The first of them; null if nothing was recorded.
        pub first_index: Option<EntryIndex>,
        /// How the table was read: its encoding and what stands between its cells, or its sheet.
        pub how_read: String,
        /// The column by which rows were matched with exhibits.
        pub matched_by: &'a str,
        /// What became of the rows.
        #[serde(flatten)]
        pub report: &'a TableReport,
    }
}

described! {
    /// The proof of an entry.
    #[derive(Serialize)]
    pub struct Proved<'a> {
        /// The exhibit that it is about.
        pub exhibit: ExhibitId,
        /// The entry.
        pub index: EntryIndex,
        /// The receipt (C2SP tlog-proof); null if it was written to a file.
        pub receipt: Option<String>,
        /// The file that it was written to; null if it was written to none.
        pub to: &'a Option<PathBuf>,
    }
}

described! {
    /// The folder with all proofs of an exhibit.
    #[derive(Serialize)]
    pub struct ProofKit<'a> {
        /// How many entries it proves.
        pub entries: usize,
        /// The exhibit.
        pub exhibit: ExhibitId,
        /// The folder.
        pub kit: &'a Path,
    }
}
