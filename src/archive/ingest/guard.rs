//! Keeps private keys out: what is in the log stays there, and leaves with the bundles.

use std::collections::HashSet;

use super::{RefusedFile, Remark};
use crate::sign::KeyId;
use crate::sign::secrets::secrets_in;

/// Knows the keys of this archive, wherever copies of them lie.
pub(super) struct KeyGuard {
    own: HashSet<KeyId>,
    permits_others: bool,
}

impl KeyGuard {
    /// `own` are all agents that the log knows, revoked ones too, and its log key.
    pub fn new(own: impl Iterator<Item = KeyId>, permits_others: bool) -> Self {
        Self { own: own.collect(), permits_others }
    }

    /// Refuses the beginning of a file if there is a private key in it. Those of others may be permitted; then it is
    /// remarked.
    pub fn check(&self, start: &[u8]) -> Result<Option<Remark>, RefusedFile> {
        let secrets = secrets_in(start);
        let is_own = |key: &KeyId| self.own.contains(key);
        if secrets.iter().filter_map(|secret| secret.public.as_ref()).any(|public| is_own(&public.id())) {
            return Err(RefusedFile::Own);
        }
        match secrets.first() {
            None => Ok(None),
            Some(secret) if self.permits_others => Ok(Some(Remark::PrivateKey { form: secret.form })),
            Some(secret) => Err(RefusedFile::PrivateKey { form: secret.form }),
        }
    }
}
