//! Reads files: never changes them, notices when they change, never follows a link.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use super::super::metadata::{self, Fields, MetadataError};
use crate::model::{FieldName, FieldValue, Timestamp};
use crate::sign::secrets::SecretForm;

/// Files up to this size may be read ahead without asking how much memory the others take.
pub(super) const TINY_BYTES: u64 = MIB;
/// So much of a stream is looked at to recognise what it is, and so much of every file for private keys.
pub(super) const START_BYTES: u64 = MIB;

const MIB: u64 = 1024 * 1024;

/// Why a file was not ingested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedFile {
    /// A symbolic link.
    #[error("it is a symbolic link; give what it points to instead")]
    Link,
    /// A socket, pipe or device.
    #[error("it is {kind}, not a file")]
    Special {
        /// What it is.
        kind: &'static str,
    },
    /// The archive itself, or the keys.
    #[error("it belongs to the archive itself or holds its keys")]
    Own,
    /// It holds the private key of somebody else.
    #[error(
        "it holds {}: what is in the log cannot be taken out again (--accept-private-keys takes it in)",
        form.name()
    )]
    PrivateKey {
        /// What kind.
        form: SecretForm,
    },
    /// Cannot be read.
    #[error("it cannot be read: {source}")]
    Unreadable {
        /// What the system said.
        source: io::Error,
    },
    /// Changed between the first and the last byte.
    #[error("it changed while it was read")]
    Changed,
    /// A metadata file without the file that it speaks of.
    #[error("it is a metadata file, but the file it speaks of is not beside it")]
    MetadataAlone,
    /// The metadata file beside it is not accepted.
    #[error("its metadata is not accepted: {source}")]
    Metadata {
        /// What is wrong.
        source: MetadataError,
    },
    /// Folders within folders without end.
    #[error("the folders are nested too deeply")]
    TooDeep,
    /// The metadata is more than an entry can hold.
    #[error("its metadata does not fit: {reason}")]
    TooMuch {
        /// Over which limit.
        reason: String,
    },
}

/// An open source and what it was when it was opened.
pub(super) struct Source {
    pub file: File,
    before: Metadata,
}

impl Source {
    pub fn open(path: &Path) -> Result<Self, RefusedFile> {
        // Without NONBLOCK, opening a pipe that was put there meanwhile would wait for ever.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let file = File::options().read(true).custom_flags(flags).open(path).map_err(|error| {
            match error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
                true => RefusedFile::Link,
                false => RefusedFile::Unreadable { source: error },
            }
        })?;
        let before = file.metadata().map_err(|source| RefusedFile::Unreadable { source })?;
        if !before.is_file() {
            return Err(RefusedFile::Special { kind: "something else" });
        }
        Ok(Self { file, before })
    }

    pub fn size_bytes(&self) -> u64 {
        self.before.len()
    }

    /// Whether the file is still what it was when it was opened, and still under its name.
    pub fn check_unchanged(&self, path: &Path, read_bytes: u64) -> Result<(), RefusedFile> {
        let unreadable = |source| RefusedFile::Unreadable { source };
        let after = self.file.metadata().map_err(unreadable)?;
        let named = std::fs::symlink_metadata(path).map_err(|_| RefusedFile::Changed)?;
        let state = |metadata: &Metadata| {
            let changed = (metadata.ctime(), metadata.ctime_nsec());
            (metadata.dev(), metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec(), changed)
        };
        let is_same = state(&after) == state(&self.before) && state(&named) == state(&self.before);
        if is_same && read_bytes == self.before.len() { Ok(()) } else { Err(RefusedFile::Changed) }
    }

    /// The fields that are observed of a file: its name, its place and its times, as they were found.
    pub fn observed(&self, path: &Path) -> Vec<(FieldName, FieldValue)> {
        let name = path.file_name().unwrap_or_default().as_bytes();
        let mut fields = observed_name(name, path.as_os_str().as_bytes());
        let times = [("source_modified_at", self.before.modified()), ("source_created_at", self.before.created())];
        for (name, time) in times {
            let since_1970 = time.ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            let unix_ms = since_1970.and_then(|since| i64::try_from(since.as_millis()).ok());
            if let Some(time) = unix_ms.and_then(|unix_ms| Timestamp::from_unix_ms(unix_ms).ok()) {
                fields.push((field_name(name), FieldValue::Text(time.to_string())));
            }
        }
        fields
    }

    /// Reads a small file whole.
    pub fn read_whole(&mut self, path: &Path) -> Result<Vec<u8>, RefusedFile> {
        let unreadable = |source| RefusedFile::Unreadable { source };
        let mut bytes = Vec::with_capacity(usize::try_from(self.size_bytes()).unwrap_or_default() + 1);
        // One byte more than it had shows that it grew, without reading all that it grew by.
        let limit = self.size_bytes() + 1;
        Read::by_ref(&mut self.file).take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
        self.check_unchanged(path, bytes.len() as u64)?;
        Ok(bytes)
    }

    /// The beginning of it; the position is behind that.
    pub fn start(&mut self) -> Result<Vec<u8>, RefusedFile> {
        let mut start = Vec::new();
        let read = Read::by_ref(&mut self.file).take(START_BYTES).read_to_end(&mut start);
        read.map(|_| start).map_err(|source| RefusedFile::Unreadable { source })
    }

    pub fn rewind(&mut self) -> Result<(), RefusedFile> {
        self.file.rewind().map_err(|source| RefusedFile::Unreadable { source })
    }
}

/// The observed fields of what has only a name.
pub(super) fn observed_name(name: &[u8], path: &[u8]) -> Vec<(FieldName, FieldValue)> {
    vec![
        (field_name("original_name"), FieldValue::from_bytes(name)),
        (field_name("source_path"), FieldValue::from_bytes(path)),
    ]
}

fn field_name(name: &str) -> FieldName {
    name.parse().expect("a name written in the program is a field name")
}

/// The common fields, and those from the metadata file beside a file, which go before them.
pub(super) fn sidecar_fields(sidecar: Option<&Path>, common: &Fields) -> Result<Fields, RefusedFile> {
    let mut fields = common.clone();
    if let Some(sidecar) = sidecar {
        fields.extend(metadata::read_file(sidecar).map_err(|source| RefusedFile::Metadata { source })?);
    }
    Ok(fields)
}
