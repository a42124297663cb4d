//! Messages on standard error, beside the results.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use vouchsafe_check::paint::{Tone, on_stderr};

/// Whether `--quiet` was given.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// From here on, progress, notes and hints are left out. Warnings, cautions and errors are not.
pub fn be_quiet() {
    IS_QUIET.store(true, Relaxed);
}

/// Whether progress, notes and hints are left out.
pub fn is_quiet() -> bool {
    IS_QUIET.load(Relaxed)
}

/// Something useful but not necessary to know.
pub fn note(text: impl Display) {
    if !is_quiet() {
        caution(text);
    }
}

/// Something that must be known although nothing is wrong; `--quiet` does not silence it.
pub fn caution(text: impl Display) {
    eprintln!("note: {text}");
}

/// The progress of the work.
pub fn progress(text: impl Display) {
    if !is_quiet() {
        eprintln!("{text}");
    }
}

/// A way out of the problem reported before.
pub fn hint(text: impl Display) {
    if !is_quiet() {
        eprintln!("hint: {text}");
    }
}

/// Something is wrong, or may be.
pub fn warning(text: impl Display) {
    eprintln!("{} {text}", on_stderr(Tone::Doubtful, "WARNING:"));
}
