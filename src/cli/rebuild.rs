//! `vouchsafe rebuild`

use std::io::Write;

use vouchsafe::archive::rebuild;

use super::Done;
use super::context::Context;
use super::error::CommandError;
use super::output::{self, bytes, count};

/// Make the index anew from the volumes
///
/// The index is derived: nothing is lost with it. This reads the log, not the objects' bytes; to check
/// those, use `vouchsafe verify`.
#[derive(clap::Args)]
pub struct Arguments {}

pub fn run(context: &Context, _arguments: &Arguments) -> Result<Done, CommandError> {
    let (archive, _) = rebuild(context.archive(), Some(context.known()), &context.environment)?;
    let totals = archive.index().totals();
    let size = archive.head()?.checkpoint.size;
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json(&mut out, &serde_json::json!({ "entries": size, "totals": totals }))?;
    } else {
        let (exhibits, objects) = (count(totals.exhibits, "exhibit"), count(totals.objects, "object"));
        let size = count(size, "entry");
        writeln!(out, "The index was made anew: {size}, {exhibits}, {objects} ({})", bytes(totals.object_bytes))?;
    }
    archive.standing().check()?;
    Ok(Done::Well)
}
