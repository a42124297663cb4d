//! Looking entries, exhibits and objects up.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::error::ArchiveError;
use super::index::{ExhibitRow, ObjectRow};
use super::reader::Reader;
use super::selecting::{Filter, Order, select};
use crate::store::ObjectReader;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{VolumeNumber, read_exact_at};
use vouchsafe_core::format::{SignedEntry, fields};
use vouchsafe_core::model::vocabulary::place_of;
use vouchsafe_core::model::{Disclosure, EntryIndex, ExhibitId, FieldName, FieldValue, stated};
use vouchsafe_core::verify::bundle::DossierBundle;

/// An entry with its fields, read from its volume, or from the dossier of another archive's bundle.
#[derive(Debug, Clone)]
pub struct LoggedEntry {
    /// The entry. Its form is checked, its place in the log too; its signature is for `verify`.
    pub entry: SignedEntry,
    /// Its fields, checked against their commitments; of another archive's entry, those that were disclosed.
    pub fields: Vec<Disclosure>,
}

impl LoggedEntry {
    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|field| field.name().as_str() == name).map(Disclosure::value)
    }

    /// How many of its fields are not here: whoever handed the entry on withheld them.
    #[must_use]
    pub fn withheld_fields(&self) -> u64 {
        self.entry.entry.event.fields().len().saturating_sub(self.fields.len()) as u64
    }

    /// The values that it gives the fields of its exhibit; none, if it is of a kind that does not describe one.
    #[must_use]
    pub fn stated(&self) -> &[Disclosure] {
        stated(self.entry.entry.event.kind(), &self.fields)
    }
}

vouchsafe_core::described! {
    /// An entry that is in the log and lies damaged in its volume.
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
    pub struct UnreadEntry {
        /// Which.
        pub index: EntryIndex,
        /// What is wrong with it.
        pub reason: String,
    }
}

impl Reader {
    /// An entry with its fields.
    ///
    /// # Errors
    /// It does not exist, or the volume no longer holds what the index says.
    pub fn entry(&self, index: EntryIndex) -> Result<LoggedEntry, ArchiveError> {
        let row = self.index.entry(index)?.filter(|_| index.0 < self.index.frontier().size());
        let row = row.ok_or(ArchiveError::NoEntry { index })?;
        let volume = VolumeNumber(row.volume);
        let damaged = |reason: String| ArchiveError::Damaged { place: format!("{volume}, entry {index}"), reason };
        let reader = self.store.open_volume(volume)?;
        let read = |offset: u64, length: u32| {
            let mut line = vec![0; length as usize];
            read_exact_at(&*reader, offset, &mut line).map(|()| line).map_err(|error| damaged(error.to_string()))
        };
        let line = read(row.offset, row.length_bytes)?;
        let fields_line = read(row.fields_offset, row.fields_bytes)?;
        let entry = SignedEntry::parse(&line).map_err(|error| damaged(error.to_string()))?;
        if entry.leaf().as_bytes() != &row.leaf || entry.entry.index != index {
            return Err(damaged("it is not the entry that was committed".to_owned()));
        }
        let fields = fields::parse_line_of(&entry.entry, &fields_line).map_err(|error| damaged(error.to_string()))?;
        Ok(LoggedEntry { entry, fields })
    }

    /// An entry, or none if it lies there damaged; then it is named in `unread`.
    ///
    /// # Errors
    /// It does not exist, or the volume cannot be opened.
    pub(super) fn entry_or_note(
        &self,
        index: EntryIndex,
        unread: &mut Vec<UnreadEntry>,
    ) -> Result<Option<LoggedEntry>, ArchiveError> {
        match self.entry(index) {
            Err(ArchiveError::Damaged { reason, .. }) => {
                if !unread.iter().any(|known| known.index == index) {
                    unread.push(UnreadEntry { index, reason });
                }
                Ok(None)
            }
            entry => entry.map(Some),
        }
    }

    /// An exhibit.
    ///
    /// # Errors
    /// It does not exist.
    pub fn exhibit(&self, exhibit: ExhibitId) -> Result<ExhibitRow, ArchiveError> {
        match self.index.exhibit(exhibit)? {
            Some(row) => Ok(row),
            // The exhibit is reported, but how it was ingested is not understood.
            None if !self.index.history(exhibit)?.is_empty() => {
                Err(ArchiveError::NotUnderstood { place: exhibit.to_string(), what: "how it was ingested".to_owned() })
            }
            None => Err(ArchiveError::NoExhibit { exhibit }),
        }
    }

    /// Where an object lies.
    ///
    /// # Errors
    /// The index does not know it.
    pub fn object(&self, object: Digest) -> Result<ObjectRow, ArchiveError> {
        self.index.object(object)?.ok_or_else(|| ArchiveError::Damaged {
            place: format!("objects/{object}"),
            reason: "the index does not know where it lies".to_owned(),
        })
    }

    /// The history of an exhibit, oldest entry first.
    ///
    /// # Errors
    /// There is no such exhibit, or an entry cannot be read.
    pub fn custody(&self, exhibit: ExhibitId) -> Result<Vec<LoggedEntry>, ArchiveError> {
        let history = self.index.history(exhibit)?;
        if history.is_empty() {
            return Err(ArchiveError::NoExhibit { exhibit });
        }
        history.into_iter().map(|index| self.entry(index)).collect()
    }

    /// The same as far as it is not damaged, and the entries that are.
    ///
    /// # Errors
    /// There is no such exhibit, or a volume cannot be opened.
    pub fn readable_custody(&self, exhibit: ExhibitId) -> Result<(Vec<LoggedEntry>, Vec<UnreadEntry>), ArchiveError> {
        let history = self.index.history(exhibit)?;
        if history.is_empty() {
            return Err(ArchiveError::NoExhibit { exhibit });
        }
        let mut unread = Vec::new();
        let entries = history.into_iter().map(|index| self.entry_or_note(index, &mut unread));
        let entries = entries.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        Ok((entries, unread))
    }

    /// Calls `each` for every exhibit that meets the filter, in the order in which they were recorded, until it answers false.
    ///
    /// # Errors
    /// As [`select`].
    pub fn find(
        &self,
        filter: &Filter,
        mut each: impl FnMut(ExhibitId, ExhibitRow) -> bool,
    ) -> Result<(), ArchiveError> {
        if filter.query.is_some() || filter.name.is_some() {
            for exhibit in select(self, filter, &Order::default())?.exhibits {
                if !each(exhibit, self.exhibit(exhibit)?) {
                    break;
                }
            }
            return Ok(());
        }
        for item in self.index.exhibits() {
            let (exhibit, row) = item?;
            if filter.matches(&row) && !each(exhibit, row) {
                break;
            }
        }
        Ok(())
    }

    /// Copies the bytes of an object, checking its digest on the way.
    ///
    /// # Errors
    /// The object cannot be read, has changed, or the bytes cannot be written. Then what was written
    /// must not be used.
    pub fn copy_object(&self, object: Digest, to: &mut dyn Write, to_name: &Path) -> Result<u64, ArchiveError> {
        let (reader, size_bytes) = self.open_object(object)?;
        reader.read(|piece| to.write_all(piece).map_err(ArchiveError::io("write the copy", to_name)))?;
        Ok(size_bytes)
    }

    fn open_object(&self, object: Digest) -> Result<(ObjectReader, u64), ArchiveError> {
        let row = self.object(object)?;
        let range = row.offset..row.offset.saturating_add(row.size_bytes);
        Ok((ObjectReader::open(&*self.store, object, row.volume(), range)?, row.size_bytes))
    }

    /// The bytes of an object, for one that is small: a letter of another archive.
    ///
    /// # Errors
    /// As [`Reader::copy_object`].
    pub(super) fn object_bytes(&self, object: Digest) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = Vec::new();
        self.copy_object(object, &mut bytes, Path::new("the letter"))?;
        Ok(bytes)
    }

    /// The object of a bundle's dossier, to be read like a bundle.
    ///
    /// # Errors
    /// The index does not know it, or it is no dossier.
    pub(super) fn dossier(&self, object: Digest) -> Result<DossierBundle, ArchiveError> {
        let (reader, size_bytes) = self.open_object(object)?;
        DossierBundle::open(Arc::new(reader), 0, size_bytes)
            .map_err(|error| ArchiveError::Damaged { place: format!("objects/{object}"), reason: error.to_string() })
    }

    /// Whether an object cannot be read, or is no longer what it was.
    pub(super) fn is_damaged(&self, object: Digest) -> bool {
        self.copy_object(object, &mut io::sink(), Path::new("nowhere")).is_err()
    }
}

pub(super) fn metadata_field(name: &str, value: &str) -> (FieldName, FieldValue) {
    (name.parse().expect("a name written in the program is a field name"), FieldValue::Text(value.to_owned()))
}

/// The known fields first, in their order, then the others.
#[must_use]
pub fn in_order_of_display(fields: &[(FieldName, FieldValue)]) -> Vec<&(FieldName, FieldValue)> {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| (place_of(a.as_str()), a).cmp(&(place_of(b.as_str()), b)));
    sorted
}
