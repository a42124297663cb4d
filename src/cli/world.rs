//! The computer's own clock, randomness and disk, and how long a command waits for an archive that is in use.

use std::time::Duration;

use vouchsafe_archive::{Environment, LockHolder, SystemEnvironment};
use vouchsafe_core::model::Timestamp;

use super::say;
use super::stop::is_stopped;

/// The computer's own clock, randomness and disk.
pub struct World {
    accepts_clock: bool,
    command: Option<String>,
}

impl World {
    /// The environment of one command. With `accepts_clock`, a clock that is earlier than the log's last entry is
    /// accepted.
    pub const fn new(accepts_clock: bool, command: Option<String>) -> Self {
        Self { accepts_clock, command }
    }
}

/// How long to wait before asking again whether the archive is free.
const ASK_AGAIN: Duration = Duration::from_millis(20);
/// After this many attempts, one second, the command reports what it waits for.
const REPORT_AFTER: u32 = 50;
/// At most this many attempts, ten seconds: longer than most commands take.
const MAX_ATTEMPTS: u32 = 500;

impl Environment for World {
    fn now(&self) -> Timestamp {
        SystemEnvironment.now()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> std::io::Result<()> {
        SystemEnvironment.fill_random(buffer)
    }

    fn clock_tolerance_ms(&self) -> i64 {
        if self.accepts_clock { i64::MAX } else { SystemEnvironment.clock_tolerance_ms() }
    }

    /// Two people may read at the same time; each needs the lock only for a moment.
    fn wait_for_lock(&self, attempt: u32, holder: &LockHolder) -> bool {
        if attempt == REPORT_AFTER {
            say::progress(format_args!("waiting for {holder}, which is using the archive …"));
        }
        let is_waited_for = attempt < MAX_ATTEMPTS && !is_stopped();
        if is_waited_for {
            std::thread::sleep(ASK_AGAIN);
        }
        is_waited_for
    }

    fn command(&self) -> Option<&str> {
        self.command.as_deref()
    }
}
