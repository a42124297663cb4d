//! `vouchsafe parity`, and the parity that an ingest makes at its end.

use std::io::Write;

use vouchsafe_archive::{ArchiveError, DEFAULT_SHARE_PERCENT, Look, ParityState, Session, parity, parity_states};
use vouchsafe_core::format::volume::VolumeNumber;

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output::{self, bytes, count};
use super::say;
use super::stop::is_stopped;
use super::watcher::Watcher;

/// Make parity for closed volumes, to repair bad sectors without another copy
///
/// Checks the existing parity, compares it with a few places of its volume, and replaces parity that is missing,
/// damaged or made from other bytes. With 5%, `vouchsafe repair` can recompute any twentieth part of a volume, whether
/// the damage is in one place or in a thousand. The last volume is still open and has no parity until it is closed. An
/// ingest that closes a volume makes its parity at the end.
#[derive(clap::Args)]
pub struct Arguments {
    /// How much parity to make for each volume, in whole percent of its size [default: 5%, or as before]
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    share: Option<u32>,
    /// Compare the parity with every byte of its volume instead of with a few places
    #[arg(long)]
    check_volumes: bool,
}

fn share(text: &str) -> Result<u32, String> {
    let digits = text.strip_suffix('%').unwrap_or(text).trim_end();
    match digits.parse() {
        Ok(share @ 1..=100) => Ok(share),
        _ => Err("a share is a whole number from 1% to 100%".to_owned()),
    }
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let session = context.open_to_write()?;
    let look = if arguments.check_volumes { Look::Volume } else { Look::Whole };
    let watcher = Watcher::new(context);
    let states = parity_states(session.reader().folder(), arguments.share, look, &context.environment, &watcher);
    watcher.finish();
    let states = states?;
    let made = make(context, &session, &states, arguments.share);
    let mut out = std::io::stdout().lock();
    let closed = states.len() as u64;
    let count_of = |wanted| states.iter().filter(|(_, state)| *state == wanted).count() as u64;
    let (whole, unfit) = (count_of(ParityState::Whole), count_of(ParityState::Unfit));
    if context.options.json {
        let made = made?;
        let files = made.files.iter().map(|(volume, file, size_bytes)| json::ParityFile {
            file: file.clone(),
            size_bytes: *size_bytes,
            volume: volume.0,
        });
        let value = json::ParityMade {
            closed_volumes: closed,
            damaged_volumes: made.damaged.iter().map(|volume| volume.0).collect(),
            made: files.collect(),
            stopped: made.is_stopped,
            were_unfit: unfit,
            were_whole: whole,
        };
        output::json(&mut out, &value)?;
        return Ok(made.done());
    }
    let made = made?;
    if closed == 0 {
        writeln!(out, "No volume is closed yet, so there is nothing to make parity for")?;
    } else {
        let (closed, all) = (count(closed, "closed volume"), whole + made.files.len() as u64);
        writeln!(out, "{closed}: {} with parity, {} of them made now", output::number(all), made.files.len())?;
    }
    Ok(made.done())
}

/// What became of the parity that was to be made.
#[derive(Default)]
struct Made {
    files: Vec<(VolumeNumber, std::path::PathBuf, u64)>,
    damaged: Vec<VolumeNumber>,
    is_stopped: bool,
}

impl Made {
    const fn done(&self) -> Done {
        match (self.is_stopped, self.damaged.is_empty()) {
            (true, _) => Done::Incomplete,
            (false, false) => Done::WithFindings,
            (false, true) => Done::Well,
        }
    }
}

fn make(
    context: &Context,
    session: &Session<'_>,
    states: &[(VolumeNumber, ParityState)],
    share: Option<u32>,
) -> Result<Made, CommandError> {
    let mut made = Made::default();
    for (volume, state) in states.iter().filter(|(_, state)| *state != ParityState::Whole) {
        if *state == ParityState::Unfit {
            eprintln!("the parity of {volume} is damaged, or was made from other bytes than the volume has now");
        }
        let watcher = Watcher::new(context);
        let share = share.unwrap_or(DEFAULT_SHARE_PERCENT);
        let result = parity::make(session, *volume, share, &watcher);
        watcher.finish();
        match result {
            Ok((file, size_bytes)) => {
                if !context.options.json {
                    say::progress(format_args!("parity for {volume}: {share} %, {}", bytes(size_bytes)));
                }
                made.files.push((*volume, file, size_bytes));
            }
            Err(ArchiveError::Damaged { place, reason }) => {
                eprintln!("no parity was made for {place}: {reason}");
                say::hint("`vouchsafe verify` shows what is damaged, and `vouchsafe repair` repairs it");
                made.damaged.push(*volume);
            }
            Err(_) if is_stopped() => {
                eprintln!("stopped before the end; run `vouchsafe parity` to make the rest");
                made.is_stopped = true;
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(made)
}

/// Makes parity for volumes that have none, at the end of an ingest, when everything is acknowledged. An error here
/// does not affect the ingest, so it is only reported.
pub fn after_ingest(context: &Context, session: &Session<'_>) {
    let watcher = Watcher::new(context);
    let states = parity_states(session.reader().folder(), None, Look::Name, &context.environment, &watcher);
    watcher.finish();
    let Ok(states) = states else { return };
    let missing = states.iter().filter(|(_, state)| *state == ParityState::Missing).count() as u64;
    if missing == 0 {
        return;
    }
    say::progress(format_args!(
        "All files are safe. Making parity for {}; you can interrupt this, and resume it with `vouchsafe parity`",
        count(missing, "closed volume")
    ));
    if let Err(error) = make(context, session, &states, None) {
        say::caution(format_args!("not all closed volumes have parity yet\n{}", error.to_string().trim_end()));
    }
}
