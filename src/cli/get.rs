//! `vouchsafe get`

use std::io::Write;
use std::path::PathBuf;

use vouchsafe_archive::working_copies;

use super::agent_names::agent_name;
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_names::find_exhibit;
use super::output::{self, bytes, printable};
use super::places::check_outside;

/// Issue a working copy of an exhibit, and record to whom and why
///
/// Writes a copy to a new file, checks its SHA-256 while writing, and records in the log to whom it was issued and why.
/// The archive's own bytes stay unchanged.
#[derive(clap::Args)]
pub struct Arguments {
    /// The exhibit's name, or the beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
    /// The file to write; must not exist
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// What the copy is for; a court will ask
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// Who receives the copy [default: the agent that signs]
    #[arg(long, value_name = "NAME")]
    recipient: Option<String>,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    if arguments.purpose.trim().is_empty() {
        return Err(CommandError::usage("the purpose is empty"));
    }
    check_outside(&arguments.to)?;
    let mut session = context.open_to_write()?;
    let exhibit = find_exhibit(session.reader(), &arguments.exhibit)?;
    if arguments.to.symlink_metadata().is_ok() {
        return Err(vouchsafe_archive::ArchiveError::Exists { path: arguments.to.clone() }.into());
    }
    let keys = context.keys(session.reader())?;
    let request = working_copies::CopyRequest {
        exhibit,
        to: arguments.to.clone(),
        recipient: arguments
            .recipient
            .clone()
            .unwrap_or_else(|| agent_name(session.reader(), keys.agent.public().id())),
        purpose: arguments.purpose.clone(),
    };
    let issued = working_copies::issue(&mut session, &request, &keys)?;
    context.recorded(issued.index);
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json_as_declared(&mut out, &issued)?;
        return Ok(Done::Well);
    }
    let to = printable(&arguments.to.display().to_string());
    writeln!(out, "Copied {} to {to}", bytes(issued.size_bytes))?;
    writeln!(out, "SHA-256 {} (checked)", issued.object)?;
    writeln!(out, "Recorded as entry {}: issued to {}", issued.index, printable(&request.recipient))?;
    Ok(Done::Well)
}
