//! The private keys of this archive, known wherever copies of them lie: what is in the log stays there, and leaves with the
//! bundles.

use std::collections::HashSet;

use super::reader::Reader;
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::sign::secrets::Secret;

/// How much of the beginning of a file is searched for private keys, in bytes.
pub(super) const START_BYTES: u64 = 1024 * 1024;

/// All agents that the log knows, revoked ones too, and the log's keys.
pub(super) struct OwnKeys(HashSet<KeyId>);

impl OwnKeys {
    /// Whether one of these private keys is among them, judged by its public half.
    pub fn are_among(&self, secrets: &[Secret]) -> bool {
        let mut public = secrets.iter().filter_map(|secret| secret.public.as_ref());
        public.any(|public| self.0.contains(&public.id()))
    }
}

pub(super) fn own_keys(reader: &Reader) -> OwnKeys {
    let signing = reader.signing();
    let agents = signing.in_order().into_iter().map(|(key, _)| key);
    OwnKeys(agents.chain(signing.log_keys().map(|log_key| log_key.key().id())).collect())
}
