//! Receipts: proof that entries are in the log, for somebody who has nothing but the archive's fingerprint.

use std::collections::BTreeSet;

use super::error::ArchiveError;
use super::index::IndexError;
use super::reader::Reader;
use vouchsafe_core::format::{Receipt, Receipts};
use vouchsafe_core::merkle;
use vouchsafe_core::model::EntryIndex;
use vouchsafe_core::sign::KeyId;

/// Proof that an entry is in the log, for somebody who has nothing but the archive's fingerprint: the receipts of the first
/// entry, of those that introduced the keys that sign or approve it and the log's key, and of the entry itself, against the
/// newest checkpoint.
///
/// # Errors
/// There is no such entry, an entry cannot be read, or the index is incomplete.
pub fn receipts(reader: &Reader, index: EntryIndex) -> Result<Receipts, ArchiveError> {
    if index.0 == 0 && reader.index.roster().log_keys().nth(1).is_none() {
        return Ok(Receipts(vec![receipt(reader, index)?]));
    }
    let mut entries = introductions(reader, reader.entry(index)?.entry.keys().collect())?;
    // The first entry comes first in any case; then what is proved last is one that introduced the log's key.
    let last = (index.0 > 0).then_some(index);
    entries.retain(|entry| Some(*entry) != last);
    let entries = entries.into_iter().chain(last);
    entries.map(|entry| receipt(reader, entry)).collect::<Result<_, _>>().map(Receipts)
}

/// Proof that an entry is in the log, against the newest checkpoint.
///
/// # Errors
/// There is no such entry, or the index is incomplete.
pub fn receipt(reader: &Reader, index: EntryIndex) -> Result<Receipt, ArchiveError> {
    let entry = reader.entry(index)?.entry;
    let checkpoint = reader.head()?.clone();
    let path = merkle::prove_inclusion(index.0, checkpoint.checkpoint.size, &reader.index).map_err(IndexError::from)?;
    Ok(Receipt { entry, path, checkpoint })
}

/// The entries that introduced these keys, those that introduced the keys that signed or approved them, and so on up to the
/// first entry; those that changed one of these keys or revoked it; and those that changed the recovery keys or the
/// log's key.
///
/// # Errors
/// An entry cannot be read.
pub(super) fn introductions(reader: &Reader, keys: BTreeSet<KeyId>) -> Result<BTreeSet<EntryIndex>, ArchiveError> {
    let mut waiting: Vec<_> = keys.iter().copied().collect();
    let mut known = keys;
    // What is not understood may have introduced or revoked a key.
    let mut entries: BTreeSet<_> = reader.index.not_understood_without_subject()?.into_iter().collect();
    entries.insert(EntryIndex(0));
    entries.extend(reader.index.roster().changes_of_keys());
    let mut read = BTreeSet::new();
    loop {
        for key in std::mem::take(&mut waiting) {
            if let Some(standing) = reader.index.roster().get(key) {
                entries.insert(standing.added_at);
                entries.extend(standing.revoked_at);
                entries.extend(standing.changed_at());
            }
        }
        let new: Vec<_> = entries.difference(&read).copied().collect();
        if new.is_empty() {
            return Ok(entries);
        }
        for index in new {
            read.insert(index);
            let signed = reader.entry(index)?.entry;
            // A rotated key says what the new one may do.
            let keys = signed.keys().chain(signed.entry.event.ends());
            waiting.extend(keys.filter(|key| known.insert(*key)));
        }
    }
}
