//! Keeps private keys out: what is in the log stays there, and leaves with the bundles.

use super::{RefusedFile, Remark};
use crate::own_keys::OwnKeys;
use vouchsafe_core::sign::secrets::secrets_in;

/// Decides about files that hold private keys.
pub(super) struct KeyGuard {
    own: OwnKeys,
    permits_others: bool,
}

impl KeyGuard {
    /// Those of this archive are refused always.
    pub const fn new(own: OwnKeys, permits_others: bool) -> Self {
        Self { own, permits_others }
    }

    /// Refuses the beginning of a file if there is a private key in it. Those of others may be permitted; then it is
    /// remarked.
    pub fn check(&self, start: &[u8]) -> Result<Option<Remark>, RefusedFile> {
        let secrets = secrets_in(start);
        if self.own.are_among(&secrets) {
            return Err(RefusedFile::Own);
        }
        match secrets.first() {
            None => Ok(None),
            Some(secret) if self.permits_others => Ok(Some(Remark::PrivateKey { form: secret.form })),
            Some(secret) => Err(RefusedFile::PrivateKey { form: secret.form }),
        }
    }
}
