//! Threads: the only place where they are started.
//!
//! A system may refuse one more thread, for want of memory or because of a limit (`ulimit -u`, a container's number of
//! processes). Then the work is done on fewer threads where that is possible, and where it is not, it ends with an error.

use std::io;
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// The system starts no further thread.
#[derive(Debug, thiserror::Error)]
#[error("the system does not let this program start another thread: {source}")]
pub struct NoThread {
    source: io::Error,
}

/// Starts a thread.
///
/// # Errors
/// The system refuses. Then `work` was dropped, and with it its ends of any channels.
pub fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, NoThread> {
    Builder::new().spawn_scoped(scope, work).map_err(|source| NoThread { source })
}

/// Runs the same work on up to so many threads at once, this one included, and waits for all of them. The work has
/// to share out by itself what there is to do: it may run once, on this thread alone.
pub fn share(threads: usize, work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        for _ in 1..threads {
            if start(scope, &work).is_err() {
                break;
            }
        }
        work();
    });
}

/// Asks whether so many threads can be started at once, by starting them. They end before this returns.
///
/// # Errors
/// They cannot.
pub fn check_available(count: usize) -> Result<(), NoThread> {
    let (hold, held) = crossbeam_channel::bounded::<()>(0);
    std::thread::scope(|scope| {
        let mut started = Vec::with_capacity(count);
        let mut refused = Ok(());
        for _ in 0..count {
            let held = held.clone();
            match start(scope, move || held.recv().is_err()) {
                Ok(thread) => started.push(thread),
                Err(error) => {
                    refused = Err(error);
                    break;
                }
            }
        }
        drop(hold);
        // Joined one by one: the end of the scope waits for the work, not until the system has let go of the threads.
        for thread in started {
            let _ = thread.join();
        }
        refused
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;

    #[test]
    fn shared_work_is_done_once_whatever_the_number_of_threads() {
        for threads in [0, 1, 2, 7] {
            let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
            share(threads, || {
                while next.fetch_add(1, Relaxed) < 100 {
                    done.fetch_add(1, Relaxed);
                }
            });
            assert_eq!(done.into_inner(), 100, "{threads}");
        }
    }

    #[test]
    fn a_few_threads_can_be_had() {
        check_available(0).unwrap();
        check_available(3).unwrap();
    }
}
