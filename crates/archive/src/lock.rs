//! One process at a time: a lock on the file `lock`, which holds the process's number and its command.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use rustix::io::Errno;

use crate::store::durable::open_safely;

/// How much of the lock's file is read.
const MAX_HOLDER_BYTES: u64 = 60;

/// The process that uses the archive, as far as it wrote that down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockHolder {
    /// Its number.
    pub pid: Option<u32>,
    /// The command that it runs.
    pub command: Option<String>,
}

impl LockHolder {
    /// The content comes from another program, so anything malformed is left out.
    fn parse(text: &str) -> Self {
        let mut words = text.split_ascii_whitespace();
        let pid = words.next().and_then(|word| word.parse().ok());
        let is_command = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
        Self { pid, command: words.next().filter(is_command).map(str::to_owned) }
    }
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => write!(f, "another process")?,
        }
        self.command.as_ref().map_or(Ok(()), |command| write!(f, " (vouchsafe {command})"))
    }
}

/// Why the archive could not be locked.
#[derive(Debug)]
pub(super) enum LockError {
    /// Another process holds it.
    Held(LockHolder),
    /// The folder cannot be written to.
    ReadOnly,
    /// The drive has no file locks.
    Unsupported,
    Io(io::Error),
}

/// Held as long as this lives; the system releases it even if the process is killed.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// The errors of drives without file locks: network drives, and some that a program serves.
fn is_unsupported(error: &io::Error) -> bool {
    let said = Errno::from_io_error(error);
    said.is_some_and(|errno| {
        [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS, Errno::NOLCK, Errno::INVAL].contains(&errno)
    })
}

/// Locks the file, or names the process that holds the lock; `command` describes this process to others.
pub(super) fn lock(path: &Path, command: Option<&str>) -> Result<Lock, LockError> {
    // A planted link would redirect the write, and a pipe would block it.
    let mut file = match open_safely(OpenOptions::new().read(true).write(true).create(true).truncate(false), path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied) => {
            return Err(LockError::ReadOnly);
        }
        Err(error) => return Err(LockError::Io(error)),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = file.take(MAX_HOLDER_BYTES).read_to_string(&mut text);
            return Err(LockError::Held(LockHolder::parse(&text)));
        }
        Err(TryLockError::Error(error)) if is_unsupported(&error) => return Err(LockError::Unsupported),
        Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
    }
    // This is for people; a full disk must not keep anybody from reading the archive.
    let doing = command.map_or_else(String::new, |command| format!(" {command}"));
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}{doing}", std::process::id()));
    Ok(Lock { _file: file })
}
