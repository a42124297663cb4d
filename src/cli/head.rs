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
/// Give it to others from time to time: with it they can show that nothing was cut off or rewritten. It is printed as the
/// receipt of the archive's first entry, so that the archive's fingerprint shows whose it is.
#[derive(clap::Args)]
pub struct Arguments {
    /// Accept that the log does not contain what this machine has seen of it
    ///
    /// For when an older copy was put in place on purpose. What was seen before is forgotten.
    #[arg(long)]
    accept: bool,
    /// Print the checkpoint alone, a signed note (C2SP), which shows a name and not which archive it is of
    #[arg(long)]
    note: bool,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let mut archive = context.open()?;
    if arguments.accept {
        archive.accept_head()?;
        context.accept_warning();
        say::note("this machine remembers the head below from now on");
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
