//! `vouchsafe log`

use std::io::Write;

use vouchsafe_archive::{ArchiveError, UnreadEntry, transfer};
use vouchsafe_core::model::EntryIndex;

use super::context::Context;
use super::done::Done;
use super::entry::sentence;
use super::error::CommandError;
use super::output;
use super::times::utc;

/// Print the custody log, with times in UTC as recorded
///
/// An entry that is damaged in its volume is reported in its place; all others are shown. With --json, the command
/// prints the exact canonical lines from the volumes, for other tools to check, and a warning for each line that cannot
/// be read.
#[derive(clap::Args)]
pub struct Arguments {
    /// Start with this entry
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    from: u64,
    /// Print only the last N entries
    #[arg(long, value_name = "N", conflicts_with = "from")]
    last: Option<u64>,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let size = archive.head()?.checkpoint.size;
    let from = arguments.last.map_or(arguments.from, |last| size.saturating_sub(last));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut done = Done::Well;
    // Those that cannot be read are reported in their place in the log.
    let (transfers, _) = transfer::transfers(&archive)?;
    for index in from..size {
        let logged = match archive.entry(EntryIndex(index)) {
            Err(ArchiveError::Damaged { reason, .. }) => {
                done = Done::WithFindings;
                if context.options.json {
                    let unread = UnreadEntry { index: EntryIndex(index), reason };
                    output::warn_unread(&[unread], "Its line is left out");
                } else {
                    writeln!(
                        out,
                        "{index:>7}  CANNOT BE READ: {}; see `vouchsafe repair`",
                        output::printable(&reason)
                    )?;
                }
                continue;
            }
            logged => logged?,
        };
        if context.options.json {
            out.write_all(logged.entry.line())?;
            out.write_all(b"\n")?;
            continue;
        }
        let entry = &logged.entry.entry;
        let exhibit = entry.exhibit.map(|exhibit| format!("  {exhibit}"));
        let record = entry.record.as_ref().map(|record| format!("  {record}"));
        let about = exhibit.or(record).unwrap_or_default();
        let said = sentence(&archive, &logged, &transfers);
        output::hanging(&mut out, &format!("{index:>7}  {}  {said}{about}", utc(entry.recorded_at)), 9)?;
    }
    out.flush()?;
    Ok(done)
}
