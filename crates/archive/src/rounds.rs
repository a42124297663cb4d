//! Rounds: several verifications that together read every object, each going on where the last one ended.
//!
//! How far a round has come is kept outside of the archive, beside what this machine remembers of it. It is
//! kept for one place on the disk, not for one origin: what was read of an archive says nothing of another
//! copy of it.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::known::{KnownArchives, KnownError};
use super::layout::DESCRIPTION;
use super::{ArchiveError, open::describe};
use crate::store::durable::{Disk, create_private_folders, read_limited};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::canonical;
use vouchsafe_core::model::{Coverage, Fingerprint, MAX_FAILED_OBJECTS, Timestamp};
use vouchsafe_core::verify::{Progress, Report};

/// The largest file in bytes.
const MAX_BYTES: u64 = 256 * 1024;
const FORMAT: &str = "vouchsafe-round/1";

/// How far a round has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Which objects it has read.
    pub progress: Progress,
    /// When it began.
    pub began_at: Timestamp,
    /// The objects that were missing, changed or unreadable when it read them; at most
    /// [`MAX_FAILED_OBJECTS`].
    pub failed_objects: BTreeSet<Digest>,
}

impl Round {
    /// Whether it has read every object.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.progress.read.is_whole()
    }

    /// The round after a verification that was a part of it. `None` if it read nothing: then all is as before.
    #[must_use]
    pub fn after(before: Option<&Self>, report: &Report, now: Timestamp) -> Option<Self> {
        let progress = report.progress.clone()?;
        if report.checked.objects == 0 && report.objects > 0 {
            return None;
        }
        let before = before.filter(|_| !report.has_begun_anew);
        let earlier = before.map(|round| round.failed_objects.iter()).into_iter().flatten();
        Some(Self {
            progress,
            began_at: before.map_or(now, |round| round.began_at),
            failed_objects: report.failed_objects.iter().chain(earlier).copied().take(MAX_FAILED_OBJECTS).collect(),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    archive: Fingerprint,
    began_at: Timestamp,
    failed_objects: BTreeSet<Digest>,
    format: String,
    objects: Digest,
    place: Digest,
    read: Coverage,
}

/// Where the round of the archive in one folder is kept.
#[derive(Debug)]
pub struct RoundFile {
    path: PathBuf,
    folder: PathBuf,
    archive: Fingerprint,
    place: Digest,
    disk: Arc<dyn Disk>,
}

impl RoundFile {
    /// The file for the archive in this folder.
    ///
    /// # Errors
    /// It is no archive.
    pub fn of(archive: &Path, known: &KnownArchives) -> Result<Self, ArchiveError> {
        let fingerprint = describe(archive)?.fingerprint;
        let folder = archive.canonicalize().map_err(ArchiveError::io("find", archive))?;
        let path = archive.join(DESCRIPTION);
        let metadata = path.metadata().map_err(ArchiveError::io("look at", &path))?;
        let name = [fingerprint.0.as_bytes().as_slice(), folder.as_os_str().as_bytes()].join(&0);
        // Two disks that take turns at one path hold two archives. Where the file system knows when a file came
        // to it, that distinguishes them; a copy keeps the other times, and inodes change on some.
        let arrived = format!("{}.{}", metadata.ctime(), metadata.ctime_nsec());
        Ok(Self {
            path: known.folder().join(format!("round-{}.json", Digest::of(&name))),
            folder: known.folder().to_owned(),
            archive: fingerprint,
            place: Digest::of(&[name.as_slice(), arrived.as_bytes()].join(&0)),
            disk: known.disk(),
        })
    }

    /// The round that was not finished, if there is one.
    ///
    /// # Errors
    /// The file cannot be read, or is not what this program wrote.
    pub fn read(&self) -> Result<Option<Round>, KnownError> {
        let path = || self.path.clone();
        let bytes = match read_limited(&self.path, MAX_BYTES, true) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KnownError::Io { action: "read", path: path(), source }),
        };
        let wire = parse(&bytes).map_err(|reason| KnownError::Round { path: path(), reason })?;
        if wire.archive != self.archive {
            return Err(KnownError::Round { path: path(), reason: "it is about another archive".to_owned() });
        }
        let progress = Progress { read: wire.read, objects: wire.objects };
        let round = Round { progress, began_at: wire.began_at, failed_objects: wire.failed_objects };
        Ok((wire.place == self.place && !round.is_over()).then_some(round))
    }

    /// Keeps how far the round has come. One that is over is followed by a new one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, round: &Round) -> Result<(), KnownError> {
        let mut bytes = canonical::to_vec(&Wire {
            began_at: round.began_at,
            failed_objects: round.failed_objects.clone(),
            format: FORMAT.to_owned(),
            objects: round.progress.objects,
            archive: self.archive,
            place: self.place,
            read: round.progress.read.clone(),
        });
        bytes.push(b'\n');
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| KnownError::Io { action, path, source }
        };
        create_private_folders(&self.folder).map_err(failed("create the folder", &self.folder))?;
        self.disk.replace_file(&self.path, &bytes, 0o600).map_err(failed("write", &self.path))
    }
}

fn parse(bytes: &[u8]) -> Result<Wire, String> {
    let line = bytes.strip_suffix(b"\n").ok_or("it does not end with a newline")?;
    let wire: Wire = canonical::from_slice("the file", line, MAX_BYTES as usize).map_err(|error| error.to_string())?;
    if wire.format != FORMAT {
        return Err(format!("its format is {:?}, not {FORMAT:?}", wire.format));
    }
    match wire.read.flaw() {
        Some(flaw) => Err(flaw.to_owned()),
        None if wire.read.sample.is_some() => Err("a round has no sample".to_owned()),
        None => Ok(wire),
    }
}
