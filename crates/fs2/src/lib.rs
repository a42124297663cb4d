//! The two functions of the crate `fs2` that sled 0.34 calls when it opens a database, in place of that crate.
//!
//! sled refuses to open where the drive has no file locks (SMB, some FUSE file systems). The index does not need sled's
//! lock: whoever opens one holds the archive's own lock, or has made the index in a folder of his own. So a lock that
//! cannot be had is done without here; one that somebody else holds still refuses.

use std::fs::{File, TryLockError};
use std::io;

/// Locks on files, as sled asks for them.
pub trait FileExt {
    /// Locks the file, waiting for whoever holds it.
    ///
    /// # Errors
    /// None: a drive without locks is no error here.
    fn lock_exclusive(&self) -> io::Result<()>;

    /// Locks the file if nobody else holds it.
    ///
    /// # Errors
    /// Another process holds it.
    fn try_lock_exclusive(&self) -> io::Result<()>;
}

impl FileExt for File {
    fn lock_exclusive(&self) -> io::Result<()> {
        let _ = self.lock();
        Ok(())
    }

    fn try_lock_exclusive(&self) -> io::Result<()> {
        match self.try_lock() {
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
        }
    }
}
