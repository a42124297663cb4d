//! The options that say how a table is read, and what is shown of its rows.

use std::io::Write;
use std::path::Path;

use vouchsafe_archive::Reader;
use vouchsafe_archive::tables::{
    ColumnOptions, Columns, Match, Problem, Table, TableError, TableOptions, TableReport, encoding_named,
};

use super::error::CommandError;
use super::hints::io_hint;
use super::output::{self, count, number, printable, quoted};
use super::say;

/// At most this many rows that need a look are shown; `--json` has more.
const SHOWN: usize = 50;
/// At most this many dates that were read are shown.
const SHOWN_DATES: usize = 10;

#[derive(clap::Args)]
pub struct TableInput {
    /// Which field a column is for, if it is not named like one; `COLUMN=-` leaves it out; may be repeated
    #[arg(long, value_name = "COLUMN=FIELD")]
    map: Vec<String>,
    /// The encoding of the table, such as cp949 or utf-16le; by default, it is recognised
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// What stands between the cells of the table: `,`, `;` or `tab`; by default, it is recognised
    #[arg(long, value_name = "SIGN")]
    delimiter: Option<String>,
    /// The sheet of a workbook; by default, the first one that is not hidden
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
}

/// How rows are matched, as it is typed.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum MatchBy {
    /// The exhibit's name
    Exhibit,
    /// The SHA-256 of its bytes
    Sha256,
    /// The path at its source, or the end of that path
    SourcePath,
    /// The name of the file at its source
    OriginalName,
    /// Your own number of the exhibit
    ExhibitNo,
}

impl From<MatchBy> for Match {
    fn from(typed: MatchBy) -> Self {
        match typed {
            MatchBy::Exhibit => Self::Exhibit,
            MatchBy::Sha256 => Self::Sha256,
            MatchBy::SourcePath => Self::SourcePath,
            MatchBy::OriginalName => Self::OriginalName,
            MatchBy::ExhibitNo => Self::ExhibitNo,
        }
    }
}

impl TableInput {
    /// Whether any of these options was given.
    pub fn is_given(&self) -> bool {
        !self.map.is_empty() || self.encoding.is_some() || self.delimiter.is_some() || self.sheet.is_some()
    }

    /// Opens the table, and reports how it is read.
    ///
    /// # Errors
    /// An option is wrong, or the file is no table.
    pub fn open(&self, path: &Path) -> Result<Table, CommandError> {
        let encoding = self.encoding.as_deref().map(|name| {
            encoding_named(name).ok_or_else(|| {
                CommandError::usage(format!("{name:?} is not the name of a known encoding"))
                    .hint("names are utf-8, utf-16le, utf-16be, cp949, gb18030, shift_jis, windows-1251 and others")
            })
        });
        let delimiter = self.delimiter.as_deref().map(|sign| match sign {
            "tab" | "\t" | "\\t" => Ok(b'\t'),
            sign => match sign.as_bytes() {
                [one] if one.is_ascii_punctuation() && !matches!(one, b'"' | b'\'') => Ok(*one),
                _ => Err(CommandError::usage(format!("--delimiter {sign:?}: give one sign, such as `;`, or tab"))),
            },
        });
        let options = TableOptions {
            encoding: encoding.transpose()?,
            delimiter: delimiter.transpose()?,
            sheet: self.sheet.clone(),
        };
        let table = Table::open(path, &options)?;
        say::note(format_args!("{} is read as {}", path.display(), printable(&table.how_read())));
        if !table.other_sheets().is_empty() && self.sheet.is_none() {
            let others: Vec<_> = table.other_sheets().iter().map(|name| quoted(name)).collect();
            say::caution(format_args!("the workbook has other sheets, which are not read: {}", others.join(", ")));
        }
        Ok(table)
    }

    /// What its columns mean; reports by which one rows are matched, if that was not said.
    ///
    /// # Errors
    /// A column is unknown, two are for one field, or none names the exhibits.
    pub fn columns(
        &self,
        table: &Table,
        archive: &Reader,
        matched: &[Match],
        new_fields: bool,
    ) -> Result<Columns, CommandError> {
        let options = ColumnOptions { map: self.map.clone(), matched: matched.to_vec(), new_fields };
        let columns = Columns::of(table, archive, &options)?;
        if matched.len() != 1 {
            let title = &table.header()[columns.key()];
            let name = columns.matched().name();
            say::note(format_args!("rows are matched by the column {} ({name})", quoted(title)));
        }
        Ok(columns)
    }
}

impl From<TableError> for CommandError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Archive(error) => error.into(),
            TableError::Unusable { ref hint, .. } => {
                let made = Self::usage(error.to_string());
                match hint {
                    Some(hint) => made.hint(hint),
                    None => made,
                }
            }
            TableError::Io { ref source, .. } => {
                let made = match source.kind() {
                    std::io::ErrorKind::NotFound => Self::usage(error.to_string()),
                    _ => Self::incomplete(error.to_string()),
                };
                match io_hint(source) {
                    Some(hint) => made.hint(hint),
                    None => made,
                }
            }
            other => Self::incomplete(other.to_string()),
        }
    }
}

/// Prints the rows that need a look, for people.
///
/// # Errors
/// The output cannot be written.
pub fn print_problems(out: &mut dyn Write, report: &TableReport) -> std::io::Result<()> {
    for problem in report.problems.iter().take(SHOWN) {
        output::hanging(out, &line_of(problem), 4)?;
    }
    let shown = report.problems.len().min(SHOWN) as u64;
    if report.all_problems > shown {
        writeln!(out, "and {} more; --json lists up to {}", number(report.all_problems - shown), number(10_000))?;
    }
    if report.all_problems > 0 {
        writeln!(out)?;
    }
    Ok(())
}

fn line_of(problem: &Problem) -> String {
    let place = match (&problem.cell, &problem.column) {
        (Some(cell), Some(column)) if !column.is_empty() => {
            format!("row {}, {cell} ({})", problem.row, printable(column))
        }
        (Some(cell), _) => format!("row {}, {cell}", problem.row),
        _ => format!("row {}", problem.row),
    };
    let mut line = format!("{place}: {}", printable(&problem.reason));
    if let Some(accepted) = &problem.accepted {
        line.push_str(&format!(". Accepted: {}", printable(accepted)));
    }
    if !problem.candidates.is_empty() {
        let names: Vec<_> = problem.candidates.iter().map(ToString::to_string).collect();
        line.push_str(&format!(". They are {}", names.join(", ")));
        line.push_str(if problem.candidates.len() == 5 { " (at most five are listed)" } else { "" });
    }
    line
}

/// Reports how dates were read that were not given in EDTF.
pub fn report_dates(report: &TableReport) {
    let (read, unread): (Vec<_>, Vec<_>) = report.dates.iter().partition(|date| date.date.is_some());
    for date in unread.iter().take(SHOWN_DATES) {
        let (row, field, words) = (date.row, &date.field, quoted(&date.words));
        say::caution(format_args!(
            "row {row}: {field}: {words} can be read in no way, or in more than one; the words are kept as \
             {field}_as_written, and no date is recorded"
        ));
    }
    for date in read.iter().take(SHOWN_DATES) {
        let (row, field, words) = (date.row, &date.field, quoted(&date.words));
        let day = printable(date.date.as_deref().unwrap_or_default());
        say::note(format_args!(
            "row {row}: {field}: {words} was read as {day}; the words are kept as {field}_as_written"
        ));
    }
    let shown = (unread.len().min(SHOWN_DATES) + read.len().min(SHOWN_DATES)) as u64;
    if report.all_dates > shown {
        let more = count(report.all_dates - shown, "further date");
        say::caution(format_args!("{more} in the table were not in EDTF; --json lists them with their words"));
    }
}

/// Reports which place in the table stands for which in the archive.
pub fn report_places(report: &TableReport) {
    for place in &report.places {
        let (table, archive) = (quoted(&place.in_table), quoted(&place.in_archive));
        let rows = count(place.rows, "row");
        say::note(format_args!("{rows}: what lies in {table} in the table lies in {archive} in the archive"));
    }
}
