//! `vouchsafe template`

use std::path::PathBuf;

use vouchsafe_archive::metadata;
use vouchsafe_archive::tables::{Match, column_named, is_workbook, write_template};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output;
use super::places::check_outside;
use super::say;
use super::table_input::MatchBy;

/// Make an empty table to fill in, for `describe --from` and `ingest --table`
///
/// The titles of the columns are what the fields are called in English or Korean. A workbook offers the values of fields that
/// have a fixed list, and keeps dates and numbers as they are typed. Its second row is an example, which is never read.
#[derive(clap::Args)]
pub struct Arguments {
    /// The new file: a workbook if its name ends with .xlsx, or a table as text if it ends with .csv
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The column that names the exhibits
    #[arg(long = "match", value_name = "COLUMN", value_enum, default_value = "source_path")]
    matched: MatchBy,
    /// The fields, separated by commas; by default, all that people describe exhibits with
    #[arg(long, value_name = "NAMES")]
    columns: Option<String>,
    /// The language of the titles
    #[arg(long, value_enum, default_value_t = Language::En)]
    language: Language,
}

/// A language of titles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    /// English
    En,
    /// Korean
    Ko,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let path = &arguments.file;
    if !is_workbook(path) && !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
        return Err(CommandError::usage(format!("{}: the name must end with .xlsx or .csv", path.display())));
    }
    check_outside(path)?;
    let mut fields = Vec::new();
    for typed in arguments.columns.iter().flat_map(|columns| columns.split(',')).map(str::trim) {
        let name = match column_named(typed, &Default::default()) {
            Ok(name) => name,
            Err(Some(near)) => {
                let error = CommandError::usage(format!("{typed:?} is no known field"));
                return Err(error.hint(format!("did you mean {near}?")));
            }
            // A field that somebody made up.
            Err(None) => typed.to_owned(),
        };
        metadata::check_name(&name)?;
        if !fields.contains(&name) {
            fields.push(name);
        }
    }
    write_template(path, Match::from(arguments.matched), &fields, arguments.language == Language::Ko)?;
    if context.options.json {
        output::json(&mut std::io::stdout().lock(), &json::TemplateWritten { file: path })?;
    }
    say::note(format_args!("{} is written; a value that is not known is written as unknown:REASON", path.display()));
    Ok(Done::Well)
}
