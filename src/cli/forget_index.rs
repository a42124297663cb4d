//! `vouchsafe forget-index`

use std::io::Write;

use vouchsafe_archive::{Description, cached_index, describe, forget_cached};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output::{self, bytes, printable};

/// Remove the private index that this machine keeps for an archive
///
/// If the archive's own index cannot be used, because another command is writing or the archive is read-only, commands
/// that only read keep an index in your cache folder (`vouchsafe status` names it). It holds fields, which may name
/// people. Removing it loses nothing: it is rebuilt when it is needed, unless you give --no-cache.
#[derive(clap::Args)]
pub struct Arguments {
    /// Remove the private indexes of all archives
    #[arg(long)]
    all: bool,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let cache = &context.folders.cache;
    let removed = if arguments.all {
        forget_cached(cache, None)?
    } else {
        let description = describe(context.archive())?;
        forget_cached(cache, Some((context.archive(), description.fingerprint)))?
    };
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let removed = removed.iter().map(|index| index.folder.display().to_string()).collect();
        output::json(&mut out, &json::IndexesForgotten { removed })?;
        return Ok(Done::Well);
    }
    for index in &removed {
        writeln!(out, "Removed {} ({})", printable(&index.folder.display().to_string()), bytes(index.size_bytes))?;
    }
    if removed.is_empty() {
        writeln!(out, "There is no such index.")?;
    }
    Ok(Done::Well)
}

/// What `status` says of the index that is kept of this archive.
pub fn kept_index(context: &Context, description: &Description) -> Option<String> {
    let kept = cached_index(&context.folders.cache, context.archive(), description.fingerprint)?;
    let folder = printable(&kept.folder.display().to_string());
    Some(format!("{folder} ({}). It holds fields; `vouchsafe forget-index` removes it", bytes(kept.size_bytes)))
}
