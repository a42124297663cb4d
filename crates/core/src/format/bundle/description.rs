//! `bundle.json`: what a bundle is.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::format::canonical::{self, FormatError};
use crate::format::entry::MAX_SOFTWARE_BYTES;
use crate::format::{ArchiveIdentity, Checkpoint, LogKey, version};
use crate::model::{EntryIndex, Fingerprint, Origin, Timestamp};
use crate::sign::{KeyId, PublicKey};

/// The value of `format`.
pub const BUNDLE_FORMAT: &str = "vouchsafe-bundle/1";
/// The largest `bundle.json` in bytes.
pub const MAX_BUNDLE_JSON_BYTES: usize = 64 * 1024;

const WHAT: &str = "bundle.json";

/// What `bundle.json` says. It vouches for nothing: all of it follows from what else is in the bundle, and is
/// compared with that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleDescription {
    /// The first administrator's public key.
    pub administrator: PublicKey,
    /// The archive's fingerprint.
    pub fingerprint: Fingerprint,
    /// When the bundle was made, by the clock of who made it.
    pub created_at: Timestamp,
    /// Number of entries about exhibits.
    pub entries: u64,
    /// Number of exhibits.
    pub exhibits: u64,
    /// The log's key; its name is the origin.
    pub log_key: LogKey,
    /// The checkpoint that every receipt leads to.
    pub checkpoint: Checkpoint,
    /// The key that signed the bundle.
    pub signer: KeyId,
    /// The program that made it, with its version.
    pub software: String,
    /// Number of fields of the entries about exhibits that are not disclosed.
    pub withheld_fields: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    administrator: PublicKey,
    archive: Fingerprint,
    created_at: Timestamp,
    entries: u64,
    exhibits: u64,
    format: String,
    log_key: String,
    origin: Origin,
    root: Digest,
    signer: KeyId,
    size: u64,
    software: String,
    withheld_fields: u64,
}

impl BundleDescription {
    /// The archive that it says it is from.
    #[must_use]
    pub fn archive(&self) -> ArchiveIdentity {
        ArchiveIdentity::new(self.checkpoint.origin.clone(), self.fingerprint)
    }

    /// The file's content: canonical JSON and a line feed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = canonical::to_vec_in_order(&Wire {
            administrator: self.administrator.clone(),
            archive: self.fingerprint,
            created_at: self.created_at,
            entries: self.entries,
            exhibits: self.exhibits,
            format: BUNDLE_FORMAT.to_owned(),
            log_key: self.log_key.to_string(),
            origin: self.checkpoint.origin.clone(),
            root: self.checkpoint.root,
            signer: self.signer,
            size: self.checkpoint.size,
            software: self.software.clone(),
            withheld_fields: self.withheld_fields,
        });
        bytes.push(b'\n');
        bytes
    }

    /// Reads the file's content strictly.
    ///
    /// # Errors
    /// Not of this version, not canonical, or with keys that cannot be relied on.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let rule = |reason: String| FormatError::Rule { what: WHAT, reason };
        canonical::check_length(WHAT, bytes.len() as u64, MAX_BUNDLE_JSON_BYTES as u64)?;
        version::check(WHAT, bytes, "vouchsafe-bundle")?;
        let line = bytes.strip_suffix(b"\n").ok_or_else(|| rule("it does not end with a line feed".to_owned()))?;
        let wire: Wire = canonical::from_slice(WHAT, line, MAX_BUNDLE_JSON_BYTES)?;
        if wire.format != BUNDLE_FORMAT {
            return Err(rule(format!("its format is {:?}; this program reads {BUNDLE_FORMAT}", wire.format)));
        }
        let log_key: LogKey = wire.log_key.parse().map_err(|error| rule(format!("log_key: {error}")))?;
        if *log_key.name() != wire.origin {
            return Err(rule("its log key is not of its origin".to_owned()));
        }
        let numbers = [wire.entries, wire.exhibits, wire.size, wire.withheld_fields];
        if numbers.iter().any(|&number| number > EntryIndex::MAX.0) {
            return Err(rule("a number is over 2^53 - 1".to_owned()));
        }
        if !(1..=MAX_SOFTWARE_BYTES).contains(&wire.software.len())
            || !wire.software.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(rule("its `software` is not 1 to 100 printable ASCII characters without spaces".to_owned()));
        }
        Ok(Self {
            administrator: wire.administrator,
            fingerprint: wire.archive,
            created_at: wire.created_at,
            entries: wire.entries,
            exhibits: wire.exhibits,
            log_key,
            checkpoint: Checkpoint { origin: wire.origin, size: wire.size, root: wire.root },
            signer: wire.signer,
            software: wire.software,
            withheld_fields: wire.withheld_fields,
        })
    }
}
