//! `vouchsafe completions`

use std::io::Write;

use clap::Command;
use clap_complete::{Shell, generate};

use super::done::Done;
use super::error::CommandError;

/// Print a shell script that completes commands and options
///
/// Save it where your shell looks for completions, or load it when the shell starts.
#[derive(clap::Args)]
pub struct Arguments {
    /// The shell to write the script for
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
