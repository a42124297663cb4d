//! Taking the lock of an archive, to write to it or only to read it; and why there is none to be had.

use std::path::Path;

use super::environment::Environment;
use super::error::ArchiveError;
use super::layout::LOCK;
use super::lock::{Lock, LockError, LockHolder, lock};

/// Takes the lock; while another process has it, for as long as the environment waits.
pub(super) fn take_lock(folder: &Path, environment: &dyn Environment) -> Result<Lock, ArchiveError> {
    take_lock_within(folder, environment, u32::MAX)
}

/// The same, and asks again at most so many times.
fn take_lock_within(folder: &Path, environment: &dyn Environment, attempts: u32) -> Result<Lock, ArchiveError> {
    let path = folder.join(LOCK);
    let mut attempt = 0;
    loop {
        return match lock(&path, environment.command()) {
            Err(LockError::Held(holder)) if attempt < attempts && environment.wait_for_lock(attempt, &holder) => {
                attempt = attempt.saturating_add(1);
                continue;
            }
            Err(LockError::Held(holder)) => Err(ArchiveError::InUse { path: folder.to_owned(), holder }),
            Err(LockError::ReadOnly) => Err(Unlocked::ReadOnly.refuse(folder)),
            Err(LockError::Unsupported) => Err(Unlocked::NoLocks.refuse(folder)),
            Err(LockError::Io(error)) => Err(ArchiveError::io("lock", &path)(error)),
            Ok(lock) => Ok(lock),
        };
    }
}

/// Why an archive that is only to be read is not locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unlocked {
    /// It cannot be written to.
    ReadOnly,
    /// Its drive has no file locks.
    NoLocks,
    /// Another process has it. What that one has committed can be read meanwhile.
    InUse,
}

impl Unlocked {
    /// What keeps it from being written to.
    pub fn refuse(self, folder: &Path) -> ArchiveError {
        match self {
            Self::ReadOnly => ArchiveError::ReadOnly { path: folder.to_owned() },
            Self::NoLocks => ArchiveError::NoLocks { path: folder.to_owned() },
            Self::InUse => ArchiveError::InUse { path: folder.to_owned(), holder: LockHolder::default() },
        }
    }

    /// The reason in a few words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ReadOnly => "the archive is read-only here",
            Self::NoLocks => "the drive has no file locks",
            Self::InUse => "another process uses the archive",
        }
    }
}

/// What keeps an archive that is open from being written to by another process.
#[derive(Debug)]
pub(super) enum Guard {
    /// The lock of the session that reads it.
    OfSession,
    /// A lock that whoever only reads it holds.
    Own(#[expect(dead_code, reason = "held until it is dropped")] Lock),
    /// Nothing does.
    Nothing(Unlocked),
}

impl Guard {
    /// Why the archive has no lock, if it has none.
    pub const fn unlocked(&self) -> Option<Unlocked> {
        match self {
            Self::Nothing(unlocked) => Some(*unlocked),
            Self::OfSession | Self::Own(_) => None,
        }
    }

    /// Whether the folder can be written to, by and by.
    ///
    /// # Errors
    /// It cannot: it is read-only, or on a drive without locks.
    pub fn check_writable(&self, folder: &Path) -> Result<(), ArchiveError> {
        match self.unlocked() {
            None | Some(Unlocked::InUse) => Ok(()),
            Some(unlocked) => Err(unlocked.refuse(folder)),
        }
    }
}

/// How often whoever reads asks again for the lock before going without: most commands are done by then, and their index is of
/// more use than one that is made meanwhile.
const READING_ATTEMPTS: u32 = 15;

/// What whoever only reads is guarded by: the lock, which lets the archive's own index be used, or nothing. Where the lock
/// cannot be had at once, `has_another_index` answers whether there is an index to go on with; then nobody waits.
pub(super) fn guard_reading(
    folder: &Path,
    environment: &dyn Environment,
    has_another_index: impl FnOnce() -> bool,
) -> Result<Guard, ArchiveError> {
    let mut lock = take_lock_to_read_within(folder, environment, 0)?;
    if matches!(lock, Err(Unlocked::InUse)) && !has_another_index() {
        lock = take_lock_to_read(folder, environment)?;
    }
    Ok(match lock {
        Ok(lock) => Guard::Own(lock),
        Err(unlocked) => Guard::Nothing(unlocked),
    })
}

/// Takes the lock to read, or says why there is none to be had: then what is read may be in the middle of being written.
/// It waits for a moment only, not for a writer's end.
pub(super) fn take_lock_to_read(
    folder: &Path,
    environment: &dyn Environment,
) -> Result<Result<Lock, Unlocked>, ArchiveError> {
    take_lock_to_read_within(folder, environment, READING_ATTEMPTS)
}

fn take_lock_to_read_within(
    folder: &Path,
    environment: &dyn Environment,
    attempts: u32,
) -> Result<Result<Lock, Unlocked>, ArchiveError> {
    match take_lock_within(folder, environment, attempts) {
        Err(ArchiveError::ReadOnly { .. }) => Ok(Err(Unlocked::ReadOnly)),
        Err(ArchiveError::NoLocks { .. }) => Ok(Err(Unlocked::NoLocks)),
        Err(ArchiveError::InUse { .. }) => Ok(Err(Unlocked::InUse)),
        lock => Ok(Ok(lock?)),
    }
}
