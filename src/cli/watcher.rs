//! The progress of long work, on the terminal.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::style::TemplateError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use vouchsafe_core::verify::Watch;

use super::context::Context;
use super::output::bytes;
use super::stop::{is_stopped, listen};

/// A progress line on the terminal; hidden if nobody would see it. From here on, Ctrl-C ends the work in order, and a
/// second one ends the program: what was acknowledged is safe even then.
pub fn bar(context: &Context, template: &str) -> ProgressBar {
    listen();
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
    if !context.shows_progress() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = style(template) {
        bar.set_style(style);
    }
    bar
}

/// The style of the progress line. Sizes are written as everywhere else in the program.
fn style(template: &str) -> Result<ProgressStyle, TemplateError> {
    let style = ProgressStyle::with_template(template)?
        .with_key("done", |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&bytes(state.pos()));
        })
        .with_key("total", |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&bytes(state.len().unwrap_or_default()));
        })
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            // The rate always fits.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let per_second = state.per_sec().max(0.0) as u64;
            let _ = write!(out, "{}/s", bytes(per_second));
        });
    Ok(style)
}

/// Shows the progress of reading.
pub struct Watcher {
    bar: ProgressBar,
    began: Instant,
}

impl Watcher {
    pub fn new(context: &Context) -> Self {
        let bar = bar(context, "{bar:30} {done} of {total}  {rate}  {eta} left");
        Self { bar, began: Instant::now() }
    }

    /// The work is over; removes the line.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Restarts the progress from zero, for more work.
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
