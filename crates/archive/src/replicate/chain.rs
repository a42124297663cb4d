//! Follows commits as they are read and checks that they are those of the log.

use std::path::Path;

use crate::error::ArchiveError;
use crate::index::{CommitRecord, Index};
use crate::store::{Committed, ScanError};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::fields;
use vouchsafe_core::merkle::Frontier;
use vouchsafe_core::model::Event;

/// The log up to where it was read.
pub(super) struct Chain(Frontier);

impl Chain {
    /// Begins after the first `size` entries of the archive's log.
    pub fn behind(size: u64, index: &Index) -> Result<Self, ArchiveError> {
        Ok(Self(Frontier::from_stored(size, index).map_err(crate::index::IndexError::from)?))
    }

    pub const fn size(&self) -> u64 {
        self.0.size()
    }

    pub fn root(&self) -> Digest {
        self.0.root()
    }

    /// Checks a commit: its entries are well-formed and lead to the root that the log's key signed, its fields
    /// are those that the entries commit to, and each object that is ingested here has its size.
    ///
    /// # Errors
    /// It does not hold; `path` is named as the place.
    pub fn take(&mut self, commit: &Committed, path: &Path) -> Result<(), ArchiveError> {
        let damaged = |reason: String| ScanError::Damaged { path: path.to_owned(), offset: commit.log.offset, reason };
        let record = CommitRecord::parse(commit).map_err(|error| damaged(error.to_string()))?;
        for logged in &record.entries {
            let entry = &logged.entry.entry;
            let line = logged.fields_line(commit);
            if entry.index.0 != self.0.size() || !fields::are_committed(entry, line, &logged.fields) {
                return Err(damaged(format!("entry {} or its fields are not what was committed", entry.index)).into());
            }
            if let Event::ExhibitIngested(body) = &entry.event
                && let Some(member) = record.objects.iter().find(|member| {
                    matches!(member.name, vouchsafe_core::format::volume::MemberName::Object(digest) if digest == body.object)
                })
                && member.size_bytes != body.size_bytes
            {
                return Err(damaged(format!("objects/{} differs in size from its entry", body.object)).into());
            }
            self.0.append(logged.entry.leaf());
        }
        let checkpoint = &record.checkpoint.checkpoint;
        if checkpoint.size != self.0.size() || checkpoint.root != self.0.root() {
            return Err(damaged("its entries do not have the root that its checkpoint states".to_owned()).into());
        }
        Ok(())
    }
}
