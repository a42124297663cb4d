//! What the library needs from the world around it: the time, randomness and a disk.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::lock::LockHolder;
use crate::store::durable::{Disk, SystemDisk};
use vouchsafe_core::model::{CopyId, ExhibitId, Salt, Timestamp};

/// The clock, the source of randomness and the disk. An argument, so that tests can do without either.
pub trait Environment: Sync {
    /// The time now. A clock outside of the years 1970 to 9999 gives the nearer end.
    fn now(&self) -> Timestamp;

    /// Fills the buffer with random bytes fit for keys.
    ///
    /// # Errors
    /// The system has none to give.
    fn fill_random(&self, buffer: &mut [u8]) -> std::io::Result<()>;

    /// How much earlier than the log's last entry the clock may be. Clocks are adjusted by seconds; one that is earlier
    /// still is more likely wrong than the log, and then nothing is written.
    fn clock_tolerance_ms(&self) -> i64 {
        60_000
    }

    /// Another process uses the archive: waits for a moment and returns whether to try again. `attempt` counts from 0.
    /// By itself nobody waits.
    fn wait_for_lock(&self, _attempt: u32, _holder: &LockHolder) -> bool {
        false
    }

    /// The command that is being run, for others that find the archive in use by it.
    fn command(&self) -> Option<&str> {
        None
    }

    /// The disk that an archive is written to. The index, which is derived, is not written through it.
    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(SystemDisk)
    }
}

/// The computer's own clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEnvironment;

impl Environment for SystemEnvironment {
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        timestamp(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }

    fn fill_random(&self, buffer: &mut [u8]) -> std::io::Result<()> {
        getrandom::fill(buffer).map_err(|error| std::io::Error::other(error.to_string()))
    }
}

/// The nearest time that can be written.
fn timestamp(unix_ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(unix_ms.clamp(0, 253_402_300_799_999)).expect("a clamped time is in range")
}

pub(super) fn random_salt(environment: &dyn Environment) -> std::io::Result<Salt> {
    let mut bytes = [0; 16];
    environment.fill_random(&mut bytes)?;
    Ok(Salt::from_bytes(bytes))
}

pub(super) fn random_exhibit(environment: &dyn Environment) -> std::io::Result<ExhibitId> {
    let mut bytes = [0; 10];
    environment.fill_random(&mut bytes)?;
    Ok(ExhibitId::from_bytes(bytes))
}

pub(super) fn random_copy(environment: &dyn Environment) -> std::io::Result<CopyId> {
    let mut bytes = [0; 10];
    environment.fill_random(&mut bytes)?;
    Ok(CopyId::from_bytes(bytes))
}
