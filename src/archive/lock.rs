//! One process at a time: a lock on the file `lock`, which holds the process's number.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Why the archive could not be locked.
#[derive(Debug)]
pub(super) enum LockError {
    /// Another process holds it.
    Held {
        pid: Option<u32>,
    },
    /// The folder cannot be written to.
    ReadOnly,
    Io(io::Error),
}

/// Held as long as this lives; the system lets go of it even if the process is killed.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

pub(super) fn lock(path: &Path) -> Result<Lock, LockError> {
    // A link planted here would lead the writing elsewhere, a pipe would hold it up.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mut file =
        match OpenOptions::new().read(true).write(true).create(true).truncate(false).custom_flags(flags).open(path) {
            Ok(file) => file,
            Err(error)
                if matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied) =>
            {
                return Err(LockError::ReadOnly);
            }
            Err(error) => return Err(LockError::Io(error)),
        };
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(LockError::Io(io::Error::other("it is not a regular file")));
    }
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = file.take(20).read_to_string(&mut text);
            return Err(LockError::Held { pid: text.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
    }
    // The number is for people; a full disk must not keep anybody from reading the archive.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Lock { _file: file })
}
