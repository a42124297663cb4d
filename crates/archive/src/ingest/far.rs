//! Folders whose paths are longer than the system takes: nothing in them can be opened by its path, but everything can be
//! named.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, open, openat, statat};

use super::found::{Each, Found, MAX_DEPTH};
use super::refused::RefusedFile;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Whether an error says that a path is too long.
pub(super) fn is_too_long(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::NAMETOOLONG.raw_os_error())
}

/// Refuses every file below a folder whose path is too long, each by its name. `depth` is how deep it lies.
pub(super) fn refuse_all(shown: &Path, path: &Path, depth: usize, each: Each<'_>) -> bool {
    let (Some(above), Some(name)) = (path.parent(), path.file_name()) else { return true };
    // The folder above could still be read by its path.
    match open(above, FOLDER, Mode::empty()).and_then(|above| openat(above, name, FOLDER, Mode::empty())) {
        Ok(folder) => refuse_in(&folder, shown, depth, each),
        Err(error) => refuse_folder(shown, error, each),
    }
}

fn refuse_folder(shown: &Path, error: rustix::io::Errno, each: Each<'_>) -> bool {
    each(Found::Refused { shown: shown.to_owned(), reason: RefusedFile::FolderUnreadable { source: error.into() } })
}

fn refuse_in(folder: &OwnedFd, shown: &Path, depth: usize, each: Each<'_>) -> bool {
    if depth > MAX_DEPTH {
        return each(Found::Refused { shown: shown.to_owned(), reason: RefusedFile::TooDeep });
    }
    let mut names: Vec<OsString> = Vec::new();
    let listed = Dir::read_from(folder).and_then(|mut items| {
        items.try_for_each(|item| {
            let item = item?;
            let name = item.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsStr::from_bytes(name).to_owned());
            }
            Ok(())
        })
    });
    names.sort();
    for name in names {
        let shown = shown.join(&name);
        let kind = statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW).map(|found| FileType::from_raw_mode(found.st_mode));
        let goes_on = match kind {
            Ok(FileType::Directory) => match openat(folder, &name, FOLDER, Mode::empty()) {
                Ok(inner) => refuse_in(&inner, &shown, depth + 1, each),
                Err(error) => refuse_folder(&shown, error, each),
            },
            _ => each(Found::Refused { shown, reason: RefusedFile::PathTooLong }),
        };
        if !goes_on {
            return false;
        }
    }
    match listed {
        Ok(()) => true,
        Err(error) => refuse_folder(shown, error, each),
    }
}
