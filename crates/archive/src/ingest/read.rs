//! Reads files: never changes them, notices when they change, never follows a link.

use std::fs::{File, Metadata};
use std::io::{Read, Seek};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use jiff::SignedDuration;
use jiff::civil::{self, DateTime};

use super::super::metadata::{self, Fields, WrittenDate};
use super::attributes::downloaded_from;
use super::far::is_too_long;
use super::refused::RefusedFile;
use super::remark::Remark;
use crate::store::durable::without_following;
use vouchsafe_core::model::vocabulary::{DOWNLOADED_FROM, ORIGINAL_NAME, SOURCE_PATH};
use vouchsafe_core::model::{FieldName, FieldValue};

/// Files up to this size may be read ahead without asking how much memory the others take.
pub(super) const TINY_BYTES: u64 = MIB;
/// How much of a stream is looked at to recognise its type, and how much of every file is searched for private keys.
pub(super) use crate::own_keys::START_BYTES;

const MIB: u64 = 1024 * 1024;

/// An open source and what it was when it was opened.
pub(super) struct Source {
    pub file: File,
    before: Metadata,
}

impl Source {
    pub fn open(path: &Path) -> Result<Self, RefusedFile> {
        // Without NONBLOCK, opening a pipe that was put there meanwhile would wait for ever.
        let file = without_following(File::options().read(true)).open(path).map_err(|error| {
            if is_too_long(&error) {
                return RefusedFile::PathTooLong;
            }
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
        let content = |metadata: &Metadata| {
            let changed = (metadata.ctime(), metadata.ctime_nsec());
            (metadata.len(), metadata.mtime(), metadata.mtime_nsec(), changed)
        };
        let file = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        let is_same = |look: &Metadata| content(look) == content(&self.before);
        if !is_same(&after) || !is_same(&named) {
            return Err(RefusedFile::Changed);
        }
        if file(&after) != file(&self.before) || file(&named) != file(&self.before) {
            return Err(RefusedFile::OtherFile);
        }
        match read_bytes == self.before.len() {
            true => Ok(()),
            false => Err(RefusedFile::OtherSize { said_bytes: self.before.len() }),
        }
    }

    /// The fields that are observed of a file: its name, its place, its times and where it was downloaded from, as they
    /// were found; and what of it is not kept.
    pub fn observed(&self, path: &Path) -> (Vec<(FieldName, FieldValue)>, Vec<Remark>) {
        let name = path.file_name().unwrap_or_default().as_bytes();
        let mut fields = observed_name(name, path.as_os_str().as_bytes());
        let mut remarks = Vec::new();
        let times = [("source_modified_at", self.before.modified()), ("source_created_at", self.before.created())];
        for (name, time) in times {
            let Ok(time) = time else { continue };
            match written(time) {
                Some(time) => fields.push((field_name(name), FieldValue::Text(time))),
                None if remarks.is_empty() => remarks.push(Remark::TimeNotKept),
                None => {}
            }
        }
        match downloaded_from(&self.file) {
            Ok(addresses) if addresses.is_empty() => {}
            Ok(addresses) => fields.push((field_name(DOWNLOADED_FROM), FieldValue::List(addresses))),
            Err(()) => remarks.push(Remark::AddressNotKept),
        }
        (fields, remarks)
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

    /// The beginning of it; the position is after that.
    pub fn start(&mut self) -> Result<Vec<u8>, RefusedFile> {
        let mut start = Vec::new();
        let read = Read::by_ref(&mut self.file).take(START_BYTES).read_to_end(&mut start);
        read.map(|_| start).map_err(|source| RefusedFile::Unreadable { source })
    }

    pub fn rewind(&mut self) -> Result<(), RefusedFile> {
        self.file.rewind().map_err(|source| RefusedFile::Unreadable { source })
    }
}

/// A time of a file in UTC, as entries write times; before 1970, too. Scanners and cameras without a clock know many.
fn written(time: SystemTime) -> Option<String> {
    const EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let since = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SignedDuration::try_from(since).ok()?,
        Err(before) => -SignedDuration::try_from(before.duration()).ok()?,
    };
    let unix_ms = since.as_nanos().div_euclid(1_000_000);
    let time = EPOCH.checked_add(SignedDuration::from_millis(i64::try_from(unix_ms).ok()?)).ok()?;
    (0..=9999).contains(&time.year()).then(|| format!("{time:.3}Z"))
}

/// The observed fields of what has only a name.
pub(super) fn observed_name(name: &[u8], path: &[u8]) -> Vec<(FieldName, FieldValue)> {
    vec![
        (field_name(ORIGINAL_NAME), FieldValue::from_bytes(name)),
        (field_name(SOURCE_PATH), FieldValue::from_bytes(path)),
    ]
}

fn field_name(name: &str) -> FieldName {
    name.parse().expect("a name written in the program is a field name")
}

/// The common fields, and those from the metadata file beside a file, which go before them; and the dates in that file
/// that were not given in EDTF.
pub(super) fn sidecar_fields(
    sidecar: Option<&Path>,
    common: &Fields,
) -> Result<(Fields, Vec<WrittenDate>), RefusedFile> {
    let mut fields = common.clone();
    let Some(sidecar) = sidecar else { return Ok((fields, Vec::new())) };
    let newer = metadata::read_file(sidecar).map_err(|source| RefusedFile::Metadata { source })?;
    let dates = metadata::written_dates(&newer);
    metadata::overlay(&mut fields, newer);
    Ok((fields, dates))
}
