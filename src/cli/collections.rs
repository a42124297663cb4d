//! `vouchsafe collections`

use std::io::Write;

use vouchsafe_archive::CollectionInUse;

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::output::{self, bytes, count, printable, table};
use super::times::{day, day_line};

/// Show which collections there are, with their exhibits and sizes
///
/// A collection is what the field `collection` of its exhibits names. The days are those on which the ingest of its first and of
/// its last exhibit was recorded.
#[derive(clap::Args)]
pub struct Arguments {}

pub fn run(context: &Context, Arguments {}: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let collections = vouchsafe_archive::collections(&archive)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        collections.iter().try_for_each(|collection| output::json(&mut out, collection))?;
        out.flush()?;
        return Ok(Done::Well);
    }
    let row = |found: &CollectionInUse| {
        let name = found.collection.as_deref().map_or_else(|| "(in no collection)".to_owned(), printable);
        let days = [found.first_recorded_at, found.last_recorded_at].map(day);
        let days = if days[0] == days[1] { days[0].clone() } else { days.join(" to ") };
        vec![name, count(found.exhibits, "exhibit"), bytes(found.size_bytes), days]
    };
    table(&mut out, &collections.iter().map(row).collect::<Vec<_>>())?;
    let named = collections.iter().filter(|found| found.collection.is_some()).count();
    writeln!(out, "{}", count(named as u64, "collection"))?;
    if !collections.is_empty() {
        day_line().into_iter().try_for_each(|line| output::hanging(&mut out, &line, 2))?;
    }
    out.flush()?;
    Ok(Done::Well)
}
