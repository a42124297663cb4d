//! Ctrl-C and other signals that end the program.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

static STOPPED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on, Ctrl-C and similar signals end the work at its next step; a second signal ends it at once.
/// No thread waits for the signals, so this works even if no thread can be started.
pub fn listen() {
    STOPPED.get_or_init(|| {
        let stopped = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // The order matters: the first handler sees whether a signal came before. If the system refuses the
            // handlers, a signal ends the program at once, which is a crash like any other.
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
