//! What this user's machine remembers of each archive it saw, outside of the archives: its fingerprint, its name and
//! its newest checkpoint, as `known_hosts` does for servers.
//!
//! That is what shows that a log was cut or rewritten with its own key: the archive cannot change
//! what is remembered here.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::description::Description;
use crate::store::durable::{Disk, create_private_folders, read_limited};
use vouchsafe_core::format::{LogKey, SignedCheckpoint, canonical};
use vouchsafe_core::model::{Fingerprint, Timestamp};

/// The largest file in bytes.
const MAX_BYTES: u64 = 256 * 1024;

/// A memory that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KnownError {
    /// A file effect failed.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not what this program wrote.
    #[error("{}: what this machine remembers of the archive cannot be read: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file that says how far a round of verifications has come is not what this program wrote.
    #[error("{}: the state of the round of verifications cannot be read: {reason}", path.display())]
    Round {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// What is remembered of one archive.
#[derive(Debug, Clone)]
pub struct KnownArchive {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The key of its log that signed that checkpoint.
    pub log_key: LogKey,
    /// The newest checkpoint that was seen.
    pub head: SignedCheckpoint,
    /// When the archive was first seen.
    pub first_seen: Timestamp,
    /// Where this is kept.
    pub kept_in: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    archive: Fingerprint,
    checkpoint: String,
    first_seen: Timestamp,
    log_key: String,
}

/// The folder with what is remembered, one file an archive.
#[derive(Debug, Clone)]
pub struct KnownArchives {
    folder: PathBuf,
    disk: Arc<dyn Disk>,
}

impl KnownArchives {
    /// What is remembered in this folder; it is created when something is to be remembered.
    #[must_use]
    pub const fn new(folder: PathBuf, disk: Arc<dyn Disk>) -> Self {
        Self { folder, disk }
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The disk that it lies on.
    pub(super) fn disk(&self) -> Arc<dyn Disk> {
        self.disk.clone()
    }

    /// The file for an archive.
    #[must_use]
    pub fn path(&self, archive: Fingerprint) -> PathBuf {
        self.folder.join(format!("{archive}.json"))
    }

    /// Another archive that has the same name as this one and is remembered, if there is one. Files that cannot be read
    /// are skipped.
    #[must_use]
    pub fn namesake(&self, archive: &Description) -> Option<KnownArchive> {
        let mut others: Vec<_> = std::fs::read_dir(&self.folder)
            .ok()?
            .filter_map(|item| {
                let name = item.ok()?.file_name();
                let fingerprint = name.to_str()?.strip_suffix(".json")?.parse().ok().map(Fingerprint)?;
                self.get(fingerprint).ok().flatten()
            })
            .filter(|known| known.log_key.name() == archive.origin() && known.fingerprint != archive.fingerprint)
            .collect();
        others.sort_by_key(|known| known.first_seen);
        others.into_iter().next()
    }

    /// What is remembered of the archive with this fingerprint.
    ///
    /// # Errors
    /// The file cannot be read, or is not what this program wrote.
    pub fn get(&self, archive: Fingerprint) -> Result<Option<KnownArchive>, KnownError> {
        let path = self.path(archive);
        let bytes = match read_limited(&path, MAX_BYTES, true) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KnownError::Io { action: "read", path, source }),
        };
        match parse(&bytes, path.clone()) {
            Ok(known) if known.fingerprint == archive => Ok(Some(known)),
            Ok(_) => Err(KnownError::Malformed { path, reason: "it is about another archive".to_owned() }),
            Err(reason) => Err(KnownError::Malformed { path, reason }),
        }
    }

    /// Remembers the newest checkpoint of an archive, and the log key that signed it. The caller has checked that it continues what was
    /// remembered before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember(
        &self,
        archive: &Description,
        (log_key, head): (&LogKey, &SignedCheckpoint),
        first_seen: Timestamp,
    ) -> Result<(), KnownError> {
        let path = self.path(archive.fingerprint);
        let mut bytes = canonical::to_vec_in_order(&Wire {
            archive: archive.fingerprint,
            checkpoint: head.text().to_owned(),
            first_seen,
            log_key: log_key.to_string(),
        });
        bytes.push(b'\n');
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| KnownError::Io { action, path, source }
        };
        create_private_folders(&self.folder).map_err(failed("create the folder", &self.folder))?;
        self.disk.replace_file(&path, &bytes, 0o600).map_err(failed("write", &path))
    }
}

fn parse(bytes: &[u8], kept_in: PathBuf) -> Result<KnownArchive, String> {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let wire: Wire = canonical::from_slice("the file", line, MAX_BYTES as usize).map_err(|error| error.to_string())?;
    let log_key: LogKey = wire.log_key.parse().map_err(|_| "its log key is malformed".to_owned())?;
    let head = SignedCheckpoint::parse(wire.checkpoint.as_bytes()).map_err(|error| error.to_string())?;
    if !head.is_signed_by(&log_key) {
        return Err("its checkpoint is not signed by its log key".to_owned());
    }
    Ok(KnownArchive { fingerprint: wire.archive, log_key, head, first_seen: wire.first_seen, kept_in })
}
