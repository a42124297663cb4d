//! `vouchsafe check` as a command of the whole program; what it does is in `check.rs`.

use std::io::Write;

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::output;
use super::watcher::Watcher;
use vouchsafe_check::{Page, check};

pub fn run(context: &Context, arguments: &check::Arguments) -> Result<Done, CommandError> {
    let watcher = Watcher::new(context);
    let report = check::run(arguments, &watcher);
    watcher.finish();
    let report = report?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let printed = match context.options.json {
        true => output::json_as_declared(&mut out, &report),
        false => {
            let mut page = Page { out: &mut out, language: arguments.language };
            check::render_checked(&mut page, &report).map_err(Into::into)
        }
    };
    // The reader may have gone; the exit status still reports the outcome.
    printed
        .and_then(|()| Ok(out.flush()?))
        .or_else(|error| if error.is_broken_pipe() { Ok(()) } else { Err(error) })?;
    Ok(match check::exit_status(&report) {
        0 => Done::Well,
        1 => Done::WithFindings,
        _ => Done::Incomplete,
    })
}
