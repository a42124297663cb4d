//! What a command says beside its results, on standard error.

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

/// What somebody may want to know, and can do without.
pub fn note(text: impl Display) {
    if !is_quiet() {
        caution(text);
    }
}

/// What has to be known even where nothing is wrong; `--quiet` does not silence it.
pub fn caution(text: impl Display) {
    eprintln!("note: {text}");
}

/// How far the work is.
pub fn progress(text: impl Display) {
    if !is_quiet() {
        eprintln!("{text}");
    }
}

/// A way out of what was said before.
pub fn hint(text: impl Display) {
    if !is_quiet() {
        eprintln!("hint: {text}");
    }
}

/// Something is wrong, or may be.
pub fn warning(text: impl Display) {
    eprintln!("{} {text}", on_stderr(Tone::Doubtful, "WARNING:"));
}
