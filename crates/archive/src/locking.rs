//! Taking the lock of an archive, for writing or only for reading; and why it is not available.

use std::path::Path;

use super::environment::Environment;
use super::error::ArchiveError;
use super::layout::LOCK;
use super::lock::{Lock, LockError, LockHolder, lock};
use vouchsafe_core::model::Bilingual;

/// Takes the lock; while another process has it, for as long as the environment waits.
pub(super) fn take_lock(folder: &Path, environment: &dyn Environment) -> Result<Lock, ArchiveError> {
    take_lock_within(folder, environment, u32::MAX)
}

/// The same, and asks again at most this many times.
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
    pub const fn reason(self) -> Bilingual {
        match self {
            Self::ReadOnly => ("the archive is read-only here", "여기서는 보존소를 읽을 수만 있습니다"),
            Self::NoLocks => ("the drive has no file locks", "이 드라이브에는 파일 잠금이 없습니다"),
            Self::InUse => ("another process uses the archive", "다른 프로그램이 보존소를 쓰고 있습니다"),
        }
    }
}

/// What keeps an archive that is open from being written to by another process.
#[derive(Debug)]
pub(super) enum Guard {
    /// The lock of the session that reads it.
    OfSession,
    /// A lock held for reading.
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

/// How often a reader asks for the lock before it goes without: most commands are done by then, and their index is of
/// more use than one that is made meanwhile.
const READING_ATTEMPTS: u32 = 15;

/// What guards a reader: the lock, which allows it to use the archive's own index, or nothing. If the lock is not
/// available at once, `has_another_index` answers whether there is another index to use; then the reader does not wait.
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

/// Takes the lock for reading, or returns why it is not available: what is read may then be in the middle of being
/// written. It waits only for a moment, not until a writer ends.
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
