//! Ctrl-C, and other wishes that the program end.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

static STOPPED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on, Ctrl-C and other wishes to end are heard: the work ends at its next step; asked twice, at once.
///
/// No thread waits for them. Where none could be started, nobody could end the program otherwise.
pub fn listen() {
    STOPPED.get_or_init(|| {
        let stopped = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // In this order: the first of them sees whether somebody has asked before. Where the system does not let
            // itself be told, a signal ends the program at once, which is a crash like any other.
            let _ = flag::register_conditional_shutdown(signal, 3, stopped.clone())
                .and_then(|_| flag::register(signal, stopped.clone()));
        }
        stopped
    });
}

/// Whether somebody asked to stop.
pub fn is_stopped() -> bool {
    STOPPED.get().is_some_and(|stopped| stopped.load(Relaxed))
}
