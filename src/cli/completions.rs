//! `vouchsafe completions`

use std::io::Write;

use clap::Command;
use clap_complete::{Shell, generate};

use super::done::Done;
use super::error::CommandError;

/// Print a script that lets a shell complete commands and options
///
/// Put it where your shell looks for such scripts, or load it when the shell starts.
#[derive(clap::Args)]
pub struct Arguments {
    /// The shell that is to complete them
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script for this program and all commands under it.
pub fn run(arguments: &Arguments, mut command: Command) -> Result<Done, CommandError> {
    // The generator cannot cope with an output that ends early.
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, "vouchsafe", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(Done::Well)
}
