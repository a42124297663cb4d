//! `archive.json`: which archive this folder is.

use serde::{Deserialize, Serialize};

use vouchsafe_core::format::{ArchiveIdentity, FormatError, LogKey, SignedEntry, canonical, version};
use vouchsafe_core::model::{Event, Fingerprint, Origin};
use vouchsafe_core::sign::PublicKey;

/// The value of `format`.
pub const ARCHIVE_FORMAT: &str = "vouchsafe-archive/1";
/// The largest `archive.json` in bytes.
pub(super) const MAX_DESCRIPTION_BYTES: u64 = 64 * 1024;
const WHAT: &str = "archive.json";

/// What `archive.json` says. It introduces the keys and vouches for nothing: keys that are to be
/// relied on come from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The first administrator's public key.
    pub administrator: PublicKey,
    /// The archive's fingerprint: the leaf hash of its first entry.
    pub fingerprint: Fingerprint,
    /// The key that signs checkpoints; its name is the archive's origin.
    pub log_key: LogKey,
    /// The format of `archive.json`, where that is not known: then this is what the first entry says.
    pub newer_format: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    administrator: PublicKey,
    archive: Fingerprint,
    format: String,
    log_key: String,
    origin: Origin,
}

impl Description {
    /// Which archive it is.
    #[must_use]
    pub fn archive(&self) -> ArchiveIdentity {
        ArchiveIdentity::new(self.origin().clone(), self.fingerprint)
    }

    /// The archive's origin.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        self.log_key.name()
    }

    /// What `archive.json` of a format that is not known says by the members of format 1, if they are there: only for where
    /// the first entry cannot be read.
    pub(super) fn of_newer(bytes: &[u8], newer_format: String) -> Option<Self> {
        #[derive(Deserialize)]
        struct Known {
            administrator: PublicKey,
            archive: Fingerprint,
            log_key: String,
        }
        let known: Known = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            administrator: known.administrator,
            fingerprint: known.archive,
            log_key: known.log_key.parse().ok()?,
            newer_format: Some(newer_format),
        })
    }

    /// What the first entry of a log says, for a folder whose `archive.json` is of a format that is not known. `None` if
    /// that entry is not understood either.
    pub(super) fn of_first(entry: &SignedEntry, newer_format: String) -> Option<Self> {
        let Event::ArchiveCreated(body) = &entry.entry.event else { return None };
        Some(Self {
            administrator: body.administrator.public_key.clone(),
            fingerprint: Fingerprint(entry.leaf()),
            log_key: body.log_key.parse().ok()?,
            newer_format: Some(newer_format),
        })
    }

    /// The file's content: canonical JSON and a newline.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = canonical::to_vec_in_order(&Wire {
            administrator: self.administrator.clone(),
            archive: self.fingerprint,
            format: ARCHIVE_FORMAT.to_owned(),
            log_key: self.log_key.to_string(),
            origin: self.origin().clone(),
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
        canonical::check_length(WHAT, bytes.len() as u64, MAX_DESCRIPTION_BYTES)?;
        version::check(WHAT, bytes, "vouchsafe-archive")?;
        let line = bytes.strip_suffix(b"\n").ok_or_else(|| rule("it does not end with a newline".to_owned()))?;
        let wire: Wire = canonical::from_slice(WHAT, line, MAX_DESCRIPTION_BYTES as usize)?;
        if wire.format != ARCHIVE_FORMAT {
            return Err(rule(format!("its format is {:?}; this program reads {ARCHIVE_FORMAT}", wire.format)));
        }
        let log_key: LogKey = wire.log_key.parse().map_err(|error| rule(format!("log_key: {error}")))?;
        if *log_key.name() != wire.origin {
            return Err(rule("its log key is not of its origin".to_owned()));
        }
        Ok(Self { administrator: wire.administrator, fingerprint: wire.archive, log_key, newer_format: None })
    }
}
