//! The small program that checks bundles: no archive, no index, no keys.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use vouchsafe_check::check::{self, Checked};
use vouchsafe_check::check_error::CheckError;
use vouchsafe_check::{Page, paint, text};
use vouchsafe_core::verify::Unwatched;

/// Checks a bundle that was exported from a vouchsafe archive
#[derive(Parser)]
#[command(name = "vouchsafe-check", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    arguments: check::Arguments,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    if std::env::args_os().any(|argument| text::is_private_key(&argument.to_string_lossy())) {
        eprintln!("{} {}\nhint: {}", error_word(), text::PRIVATE_KEY.0, text::PRIVATE_KEY.1);
        return ExitCode::from(2);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe is none either.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match check::run(&cli.arguments, &Unwatched) {
        Ok(report) => match write(&report, &cli) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                eprintln!("{} the output cannot be written: {error}", error_word());
                ExitCode::from(3)
            }
            _ => ExitCode::from(check::exit_status(&report)),
        },
        Err(CheckError::Usage { message, hint }) => {
            eprintln!("{} {}\nhint: {hint}", error_word(), text::printable(&message));
            ExitCode::from(2)
        }
        Err(CheckError::Incomplete { message, hint }) => {
            eprintln!("{} {}", error_word(), text::printable(&message));
            if let Some(hint) = hint {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(3)
        }
    }
}

/// What every error begins with.
fn error_word() -> String {
    paint::on_stderr(paint::Tone::Bad, "error:")
}

fn write(report: &Checked, cli: &Cli) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if cli.json {
        out.write_all(text::escaped(&serde_json::to_string(report)?).as_bytes())?;
        writeln!(out)?;
    } else {
        check::render_checked(&mut Page { out: &mut out, language: cli.arguments.language }, report)?;
    }
    out.flush()
}
