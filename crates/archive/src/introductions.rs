//! Which entries introduced the keys that sign or approve others: what has to go along with entries that leave the archive.

use std::collections::BTreeSet;

use super::{Archive, ArchiveError};
use vouchsafe_core::model::EntryIndex;
use vouchsafe_core::sign::KeyId;

impl Archive {
    /// The entries that introduced these keys, those that introduced the keys that signed or approved them, and so on up to the
    /// first entry; those that changed one of these keys or revoked it; and those that changed the recovery keys or the
    /// log's key.
    ///
    /// # Errors
    /// An entry cannot be read.
    pub(super) fn introductions(&self, keys: BTreeSet<KeyId>) -> Result<BTreeSet<EntryIndex>, ArchiveError> {
        let mut waiting: Vec<_> = keys.iter().copied().collect();
        let mut known = keys;
        // What is not understood may have introduced or revoked a key.
        let mut entries: BTreeSet<_> = self.index.not_understood_without_subject()?.into_iter().collect();
        entries.insert(EntryIndex(0));
        entries.extend(self.index.roster().changes_of_keys());
        let mut read = BTreeSet::new();
        loop {
            for key in std::mem::take(&mut waiting) {
                if let Some(standing) = self.index.roster().get(key) {
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
                let signed = self.entry(index)?.entry;
                // A rotated key says what the new one may do.
                let keys = signed.keys().chain(signed.entry.event.ends());
                waiting.extend(keys.filter(|key| known.insert(*key)));
            }
        }
    }
}
