//! The outcome of each file of an ingest, their sums, and following an ingest.

use std::path::PathBuf;

use super::super::error::ArchiveError;
use super::super::metadata::WrittenDate;
use super::refused::RefusedFile;
use super::remark::Remark;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{EntryIndex, ExhibitId, MediaType};

/// The outcome of one file.
#[derive(Debug)]
pub enum Outcome {
    /// A new exhibit, durable.
    Ingested {
        /// Its name.
        exhibit: ExhibitId,
        /// The entry; none in a dry run.
        index: Option<EntryIndex>,
        /// The object.
        object: Digest,
        /// Its size.
        size_bytes: u64,
        /// What it was recognised as.
        media_type: MediaType,
        /// Whether the same bytes were held already, from another place.
        is_same_object: bool,
        /// The dates in its metadata file that were not given in EDTF.
        written_dates: Vec<WrittenDate>,
    },
    /// The same content from the same place is an exhibit already.
    AlreadyHeld {
        /// Which.
        exhibit: ExhibitId,
        /// The object.
        object: Digest,
        /// Its size.
        size_bytes: u64,
        /// Whether metadata was given that the exhibit does not have, or has differently; it was not applied.
        has_other_metadata: bool,
    },
    /// Not ingested, and why.
    Refused {
        /// Why.
        reason: RefusedFile,
    },
}

/// Follows an ingest. Called from several threads.
pub trait Follow: Sync {
    /// A file was found, with the size that it seems to have.
    fn found(&self, _size_bytes: u64) {}
    /// Bytes of files were read.
    fn read(&self, _bytes: u64) {}
    /// The outcome of a file. A new exhibit is durable now.
    fn done(&self, _path: &FileName, _outcome: &Outcome) {}
    /// Something about an ingested file that the user must know.
    fn remark(&self, _path: &FileName, _remark: Remark) {}
    /// Whether to stop: what is durable by then stays, and running it again finishes the rest.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Nobody follows.
pub struct Unfollowed;
impl Follow for Unfollowed {}

/// The name of a file as the user knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(pub PathBuf);

vouchsafe_core::described! {
    /// The reconciliation: every file that was seen is in exactly one of the other counts.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
    pub struct Summary {
        /// Files seen, metadata files apart.
        pub seen: u64,
        /// New exhibits.
        pub ingested: u64,
        /// Files that are exhibits already.
        pub already_held: u64,
        /// Files that were refused.
        pub refused: u64,
        /// Bytes of the new exhibits.
        pub ingested_bytes: u64,
        /// New exhibits with fields from a metadata file beside them.
        pub metadata_files: u64,
        /// Files that are exhibits already, for which other metadata was given than the exhibit has. None of it
        /// was applied.
        pub metadata_not_applied: u64,
        /// New exhibits whose bytes were held already.
        pub same_object: u64,
        /// Remarks about ingested files.
        pub remarks: u64,
        /// Whether it was stopped before the end.
        pub is_stopped: bool,
    }
}

impl Summary {
    /// Counts a file.
    pub(super) const fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Ingested { size_bytes, is_same_object, .. } => {
                self.ingested += 1;
                self.ingested_bytes += *size_bytes;
                self.same_object += *is_same_object as u64;
            }
            Outcome::AlreadyHeld { has_other_metadata, .. } => {
                self.already_held += 1;
                self.metadata_not_applied += *has_other_metadata as u64;
            }
            Outcome::Refused { .. } => self.refused += 1,
        }
        self.seen += 1;
    }

    /// Adds counts from elsewhere.
    pub(super) const fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.ingested += other.ingested;
        self.already_held += other.already_held;
        self.refused += other.refused;
        self.ingested_bytes += other.ingested_bytes;
        self.metadata_files += other.metadata_files;
        self.metadata_not_applied += other.metadata_not_applied;
        self.same_object += other.same_object;
        self.remarks += other.remarks;
        self.is_stopped |= other.is_stopped;
    }
}

/// An ingest that could not continue. What was acknowledged before is durable.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct IngestError {
    /// What was done before.
    pub summary: Summary,
    /// Why it could not continue.
    pub source: Box<ArchiveError>,
}

impl IngestError {
    pub(super) fn new(summary: Summary, source: ArchiveError) -> Self {
        Self { summary, source: Box::new(source) }
    }
}
