//! `vouchsafe head`

use std::io::Write;
use vouchsafe_archive::receipts;

use vouchsafe_core::model::EntryIndex;

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output;
use super::say;

/// Print the newest head: the signed statement of the log's size and root
///
/// Give it to others from time to time: with it, they can show later whether entries were cut off or rewritten. It is
/// printed as the receipt of the archive's first entry, so that the archive's fingerprint shows which archive it
/// belongs to.
#[derive(clap::Args)]
pub struct Arguments {
    /// Accept the log as it is now, although this machine has seen entries that it does not contain
    ///
    /// Use this after you put an older copy in place on purpose. The machine forgets what it saw before.
    #[arg(long)]
    accept: bool,
    /// Print only the checkpoint, a signed note (C2SP); it shows the archive's name, but not which archive it is
    #[arg(long)]
    note: bool,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let mut archive = context.open()?;
    if arguments.accept {
        archive.accept_head()?;
        context.accept_warning();
        say::note("this machine now remembers the head below");
    }
    let head = archive.head()?.clone();
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let checkpoint = &head.checkpoint;
        output::json(
            &mut out,
            &json::Head {
                administrator: archive.description().administrator.id(),
                checkpoint: head.text(),
                fingerprint: archive.description().fingerprint,
                log_key: archive.log_key().to_string(),
                origin: &checkpoint.origin,
                root: checkpoint.root,
                size: checkpoint.size,
            },
        )?;
    } else {
        match arguments.note {
            true => write!(out, "{}", head.text())?,
            false => write!(out, "{}", receipts(&archive, EntryIndex(0))?)?,
        }
    }
    Ok(Done::Well)
}
