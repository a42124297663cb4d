//! Which entries introduced the keys that sign or approve others: what has to go along with entries that leave the archive.

use std::collections::BTreeSet;

use super::{Archive, ArchiveError};
use crate::model::EntryIndex;
use crate::sign::KeyId;

impl Archive {
    /// The entries that introduced these keys, those that introduced the keys that signed or approved them, and so on up to the
    /// first entry; and the revocation of each of these keys, if there is one.
    ///
    /// # Errors
    /// An entry cannot be read.
    pub(super) fn introductions(&self, keys: BTreeSet<KeyId>) -> Result<BTreeSet<EntryIndex>, ArchiveError> {
        let mut waiting: Vec<_> = keys.iter().copied().collect();
        let mut known = keys;
        let mut entries = BTreeSet::from([EntryIndex(0)]);
        let mut read = BTreeSet::new();
        loop {
            for key in std::mem::take(&mut waiting) {
                if let Some(standing) = self.index.roster().get(key) {
                    entries.insert(standing.added_at);
                    entries.extend(standing.revoked_at);
                }
            }
            let new: Vec<_> = entries.difference(&read).copied().collect();
            if new.is_empty() {
                return Ok(entries);
            }
            for index in new {
                read.insert(index);
                waiting.extend(self.entry(index)?.entry.keys().filter(|key| known.insert(*key)));
            }
        }
    }
}
