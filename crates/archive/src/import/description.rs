//! What the sender discloses of an exhibit becomes its description here too: else nobody who takes an archive over would
//! find anything in it.
//!
//! It is said by an `exhibit.described` of this archive, with [`DESCRIBED_BY`] beside the values, so that nobody takes them for
//! this archive's own. What this archive said itself stays.

use std::ops::ControlFlow;

use serde::Deserialize;

use super::importer::{Importer, named, unreadable};
use crate::ArchiveError;
use crate::custody::{Draft, LogWriter};
use crate::exhibits::{LoggedEntry, metadata_field};
use crate::metadata::is_reserved;
use vouchsafe_core::format::bundle::{BundlePath, EntryFile, Subject};
use vouchsafe_core::format::fields;
use vouchsafe_core::model::vocabulary::{DESCRIBED_BY, ORIGINAL_NAME, is_observed};
use vouchsafe_core::model::{
    Disclosure, EventKind, ExhibitDescribed, ExhibitId, FieldName, FieldValue, Newest, Statement, stated,
};
use vouchsafe_core::verify::bundle::ExhibitReport;

/// What is taken over: not where the file lay, and its times there, which are for the archive that read it; nor fields with
/// names of the program's own.
fn is_taken_over(name: &str) -> bool {
    (!is_observed(name) || name == ORIGINAL_NAME) && !is_reserved(name)
}

/// How much is taken over for one exhibit; the rest stays in the dossier. A hostile sender could otherwise make a
/// commit that is over the limits of the format.
const MAX_FIELDS: usize = 512;
const MAX_VALUE_BYTES: usize = 2 * 1024 * 1024;

type Fields = Vec<(FieldName, FieldValue)>;

/// The kind of an entry, from its message.
#[derive(Deserialize)]
struct Kind {
    event: EventKind,
}

impl Importer<'_, '_> {
    /// Adds what the sender discloses of an exhibit and this archive has not said itself, after `earlier` entries about
    /// it. `history` are those that are in the log.
    pub(super) fn take_description(
        &mut self,
        report: &ExhibitReport,
        exhibit: ExhibitId,
        history: &[LoggedEntry],
        earlier: u64,
    ) -> Result<(), ArchiveError> {
        let mut disclosed = self.disclosed(report)?;
        let said = |logged| LoggedEntry::stated(logged).iter().map(move |field| Own { logged, field });
        let newest: Newest<_> = history.iter().flat_map(said).collect();
        disclosed.retain(|(name, value)| {
            let is_withdrawn = matches!(value, FieldValue::Withdrawn(_));
            let own = newest.said(name.as_str());
            own.map_or(!is_withdrawn, |own| own.value() != value && !is_own_word(own.logged))
        });
        let described_by = metadata_field(DESCRIBED_BY, self.from.origin().as_str());
        for (number, fields) in (earlier..).zip(parts(disclosed, &described_by)) {
            let event = ExhibitDescribed { fields: Vec::new() }.into();
            self.committer.add_entry(Draft { event, exhibit: Some(exhibit), occurred_at: None, fields }, number)?;
        }
        Ok(())
    }

    /// The newest value of each field that the sender's entries disclose, in the order of their names.
    fn disclosed(&self, report: &ExhibitReport) -> Result<Fields, ArchiveError> {
        let (mut newest, mut left_bytes) = (Newest::default(), MAX_VALUE_BYTES);
        for number in (0..report.entries).filter(|_| report.disclosed_fields > 0) {
            let path = |file| BundlePath::entry(Subject::Exhibit(report.exhibit), number, file);
            let line = self.read_again(&path(EntryFile::Fields))?;
            let Ok(disclosures) = fields::parse_line(&line) else { continue };
            if disclosures.is_empty() {
                continue;
            }
            let message = self.read_again(&path(EntryFile::Message))?;
            let kind = serde_json::from_slice(&message).map(|Kind { event }| event).ok();
            for field in stated(kind, &disclosures).iter().filter(|field| is_taken_over(field.name().as_str())) {
                // A value that a newer one replaced is not imported, even if the newer one is too large.
                newest.replace((field.name().clone(), field.value().clone()), |kept, (_, value)| {
                    let left = left_bytes.checked_sub(value.to_string().len()).filter(|_| kept < MAX_FIELDS);
                    left_bytes = left.unwrap_or(left_bytes);
                    left.is_some()
                });
            }
        }
        Ok(newest.all().cloned().collect())
    }

    fn read_again(&self, path: &BundlePath) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = Vec::new();
        let mut take = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            ControlFlow::Continue(())
        };
        let read = self.bundle.read_again(path, &mut take);
        read.map_err(|error| unreadable(self.request, named(path, &error)))?;
        Ok(bytes)
    }
}

/// What this archive's log says of a field, and which entry says it.
struct Own<'a> {
    logged: &'a LoggedEntry,
    field: &'a Disclosure,
}

impl Statement for Own<'_> {
    fn name(&self) -> &FieldName {
        self.field.name()
    }

    fn value(&self) -> &FieldValue {
        self.field.value()
    }
}

/// Whether this archive said it itself. Its ingest only says what the file was called in the bundle.
fn is_own_word(logged: &LoggedEntry) -> bool {
    logged.entry.entry.event.kind() == Some(EventKind::ExhibitDescribed) && logged.field(DESCRIBED_BY).is_none()
}

/// As many fields as one entry can hold, in each part, and this one.
fn parts(fields: Fields, in_each: &(FieldName, FieldValue)) -> Vec<Vec<(FieldName, FieldValue)>> {
    let mut parts: Vec<Vec<_>> = Vec::new();
    for field in fields {
        if let Some(part) = parts.last_mut() {
            part.push(field.clone());
            if LogWriter::check_fields(part).is_ok() {
                continue;
            }
            part.pop();
        }
        let part = vec![in_each.clone(), field];
        // A value at the limit of what an entry can hold stays in the dossier.
        if LogWriter::check_fields(&part).is_ok() {
            parts.push(part);
        }
    }
    parts
}
