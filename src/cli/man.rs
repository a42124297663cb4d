//! `vouchsafe man`

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::help_texts::{Texts, without_global_options};
use super::json;
use super::output::{self, count, printable};
use super::places::check_outside;

/// Write the manual pages into a folder, one per command
///
/// For those who install or package the program. Pages of an earlier version in that folder are replaced.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder to write to; it is created if it does not exist
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Writes the pages of this program and of all commands under it.
pub fn run(context: &Context, arguments: &Arguments, mut command: Command) -> Result<Done, CommandError> {
    let to = &arguments.to;
    check_outside(to)?;
    let failed =
        |error: std::io::Error| CommandError::incomplete(format!("{}: cannot write a page: {error}", to.display()));
    fs::create_dir_all(to).map_err(failed)?;
    command.build();
    let mut pages = vec![write_page(&command, &[], to).map_err(failed)?];
    for command in command.get_subcommands() {
        pages.push(write_page(command, &[command.get_name()], to).map_err(failed)?);
        for below in command.get_subcommands() {
            pages.push(write_page(below, &[command.get_name(), below.get_name()], to).map_err(failed)?);
        }
    }
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json(&mut out, &json::ManualPages { pages })?;
    } else {
        let folder = printable(&to.display().to_string());
        writeln!(out, "Wrote {} into {folder}", count(pages.len() as u64, "page"))?;
    }
    Ok(Done::Well)
}

/// Writes the page of the command with these words.
fn write_page(command: &Command, words: &[&str], folder: &Path) -> std::io::Result<PathBuf> {
    let is_program = words.is_empty();
    let has_commands = command.has_subcommands();
    let texts = Texts::of(words, command);
    // The global options are on the program's own page.
    let command = if is_program { command.clone() } else { without_global_options(command.clone()) };
    let page = Man::new(command).source(concat!("vouchsafe ", env!("CARGO_PKG_VERSION"))).manual("vouchsafe");
    let mut bytes = Vec::new();
    page.render_title(&mut bytes)?;
    page.render_name_section(&mut bytes)?;
    page.render_synopsis_section(&mut bytes)?;
    page.render_description_section(&mut bytes)?;
    page.render_options_section(&mut bytes)?;
    if has_commands {
        page.render_subcommands_section(&mut bytes)?;
    }
    let mut rest = Roff::new();
    if !texts.examples.is_empty() {
        rest.control("SH", ["EXAMPLES"]);
        // As typed: not justified, and no word hyphenated.
        rest.control("nf", []);
        for example in texts.examples {
            rest.text([bold(*example)]);
        }
        rest.control("fi", []);
    }
    rest.control("SH", ["EXIT STATUS"]);
    rest.text([roman(texts.exit_status)]);
    if !is_program {
        rest.control("SH", ["SEE ALSO"]);
        rest.text([bold("vouchsafe"), roman("(1) has the global options.")]);
    }
    rest.to_writer(&mut bytes)?;
    let path = folder.join(page.get_filename());
    fs::write(&path, bytes)?;
    Ok(path)
}
