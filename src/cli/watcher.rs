//! Long work on the terminal: how far it is, and Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vouchsafe::verify::Watch;

use super::context::Context;

static STOPPED: AtomicBool = AtomicBool::new(false);

/// What Ctrl-C does: the work ends at its next step; asked twice, at once.
pub fn stop() {
    if STOPPED.swap(true, Relaxed) {
        std::process::exit(3);
    }
}

/// Whether somebody asked to stop.
pub fn is_stopped() -> bool {
    STOPPED.load(Relaxed)
}

/// Shows how far reading is. Ctrl-C lets it end in order; a second one ends the program.
pub struct Watcher {
    bar: ProgressBar,
    began: Instant,
}

impl Watcher {
    pub fn new(context: &Context) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
        if !context.shows_progress() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = "{bar:30} {decimal_bytes} of {decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        // Whoever had it before, such as an ingest, does the same.
        let _ = ctrlc::set_handler(stop);
        Self { bar, began: Instant::now() }
    }

    /// The work is over: the line goes away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// More work begins, from nothing.
    pub fn begin_again(&self) {
        self.bar.reset();
    }
}

impl Watch for Watcher {
    fn total(&self, bytes: u64) {
        self.bar.set_length(bytes);
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn is_stopped(&self) -> bool {
        is_stopped()
    }
}
