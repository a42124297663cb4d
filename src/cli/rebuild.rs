//! `vouchsafe rebuild`

use std::io::Write;

use vouchsafe_archive::{Note, not_understood, rebuild};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::opening::report_note;
use super::output::{self, bytes, count};

/// Rebuild the index from the volumes
///
/// The index is derived from the volumes, so losing it loses nothing. This command reads the log, not the bytes of
/// objects; to check those, use `vouchsafe verify`.
#[derive(clap::Args)]
pub struct Arguments {}

pub fn run(context: &Context, _arguments: &Arguments) -> Result<Done, CommandError> {
    let (session, notes) = rebuild(context.archive(), Some(context.known()), &context.environment)
        .map_err(|error| context.not_opened(error))?;
    let archive = session.reader();
    let is_news = |note: &&Note| !matches!(note, Note::IndexRebuilt { .. });
    notes.iter().filter(is_news).for_each(|note| report_note(archive, note));
    let totals = archive.totals();
    let size = archive.head()?.checkpoint.size;
    if let Err(error) = archive.standing().check() {
        let made = format!("the index was rebuilt from the {} in the volumes, but ", count(size, "entry"));
        return Err(CommandError::from(error).preceded_by(&made));
    }
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let not_understood = not_understood(archive)?;
        output::json(&mut out, &json::Rebuilt { entries: size, totals, not_understood })?;
    } else {
        let (exhibits, objects) = (count(totals.exhibits, "exhibit"), count(totals.objects, "object"));
        let size = count(size, "entry");
        writeln!(out, "The index was rebuilt: {size}, {exhibits}, {objects} ({})", bytes(totals.object_bytes))?;
    }
    Ok(Done::Well)
}
