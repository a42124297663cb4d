//! `vouchsafe rebuild`

use std::io::Write;

use vouchsafe_archive::{Note, not_understood, rebuild};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::opening::tell_note;
use super::output::{self, bytes, count};

/// Make the index anew from the volumes
///
/// The index is derived: nothing is lost with it. This reads the log, not the objects' bytes; to check
/// those, use `vouchsafe verify`.
#[derive(clap::Args)]
pub struct Arguments {}

pub fn run(context: &Context, _arguments: &Arguments) -> Result<Done, CommandError> {
    let (session, notes) = rebuild(context.archive(), Some(context.known()), &context.environment)
        .map_err(|error| context.not_opened(error))?;
    let archive = session.reader();
    let is_news = |note: &&Note| !matches!(note, Note::IndexRebuilt { .. });
    notes.iter().filter(is_news).for_each(|note| tell_note(archive, note));
    let totals = archive.totals();
    let size = archive.head()?.checkpoint.size;
    if let Err(error) = archive.standing().check() {
        let made = format!("the index was made anew from the {} that the volumes hold, but ", count(size, "entry"));
        return Err(CommandError::from(error).preceded_by(&made));
    }
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let not_understood = not_understood(archive)?;
        output::json(&mut out, &json::Rebuilt { entries: size, totals, not_understood })?;
    } else {
        let (exhibits, objects) = (count(totals.exhibits, "exhibit"), count(totals.objects, "object"));
        let size = count(size, "entry");
        writeln!(out, "The index was made anew: {size}, {exhibits}, {objects} ({})", bytes(totals.object_bytes))?;
    }
    Ok(Done::Well)
}
