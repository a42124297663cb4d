//! Exhibits as a table in a file: `--csv` and `--xlsx` of `list` and `find`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use vouchsafe_archive::tables::{
    TableError, TableWriter, TemplateColumn, cells_of, column_named, fields_in_use, in_order,
};
use vouchsafe_archive::{Filter, Reader, select};
use vouchsafe_core::model::ExhibitId;

use super::done::Done;
use super::error::CommandError;
use super::listing::Listing;
use super::output::{count, number};
use super::places::check_outside;
use super::say;

/// At most this many values that are left out are named.
const NAMED: usize = 10;

#[derive(clap::Args)]
#[command(next_help_heading = "As a table")]
pub struct TableOutput {
    /// Print a table as CSV (UTF-8), or write it to a new file; `describe --from` reads it after you edited it
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    csv: Option<PathBuf>,
    /// Write a table to a new workbook (.xlsx); `describe --from` reads it after you edited it
    #[arg(long, value_name = "FILE", conflicts_with = "csv")]
    xlsx: Option<PathBuf>,
}

impl TableOutput {
    /// Whether a table is asked for.
    ///
    /// # Errors
    /// A workbook is not named like one.
    pub fn is_wanted(&self) -> Result<bool, CommandError> {
        if let Some(path) = &self.xlsx
            && !vouchsafe_archive::tables::is_workbook(path)
        {
            return Err(CommandError::usage(format!("{}: the name of a workbook must end with .xlsx", path.display())));
        }
        Ok(self.csv.is_some() || self.xlsx.is_some())
    }

    /// Writes the exhibits that meet a filter, at most so many, in the order and with the columns that were asked for.
    ///
    /// # Errors
    /// A column is unknown, there is such a file already, or it cannot be written.
    pub fn write(
        &self,
        archive: &Reader,
        filter: &Filter,
        listing: &Listing,
        limit: Option<usize>,
    ) -> Result<Done, CommandError> {
        let mut rows = select(archive, filter, &listing.order(archive)?)?.exhibits;
        rows.truncate(limit.unwrap_or(usize::MAX));
        let rows = rows.as_slice();
        let columns = columns(archive, filter, listing.typed_columns())?;
        let mut left_out = Vec::new();
        let mut written = 0_u64;
        match self.xlsx.as_deref().or(self.csv.as_deref().filter(|path| *path != Path::new("-"))) {
            Some(path) => {
                check_outside(path)?;
                let titled = |name: &String| TemplateColumn { title: name.clone(), choices: Vec::new() };
                let titles: Vec<_> = columns.iter().map(titled).collect();
                let writer = TableWriter::create(path, &titles)?;
                if let Err(error) = fill(archive, rows, &columns, writer, &mut left_out, &mut written) {
                    // A table without its end must not be taken for all of it.
                    let _ = fs::remove_file(path);
                    return Err(named(error, path).into());
                }
                say::note(format_args!("{} written to {}", count(written, "exhibit"), path.display()));
            }
            None => {
                let out = std::io::BufWriter::new(std::io::stdout().lock());
                let writer = TableWriter::text(out, &columns)?;
                fill(archive, rows, &columns, writer, &mut left_out, &mut written).map_err(|error| match error {
                    TableError::Io { source, .. } => CommandError::from(source),
                    other => other.into(),
                })?;
            }
        }
        for (exhibit, column) in left_out.iter().take(NAMED) {
            say::caution(format_args!("{exhibit}: no cell can hold the value of {column}; its cell is empty"));
        }
        if left_out.len() > NAMED {
            let more = number((left_out.len() - NAMED) as u64);
            say::caution(format_args!(
                "and {more} further values; an empty cell changes nothing when the table is read"
            ));
        }
        Ok(Done::Well)
    }
}

fn columns(archive: &Reader, filter: &Filter, typed: &[String]) -> Result<Vec<String>, CommandError> {
    if typed.is_empty() {
        return Ok(in_order(&fields_in_use(archive, filter)?));
    }
    let used = fields_in_use(archive, &Filter::default())?;
    // The first column names the exhibit, so that the table can be read in again.
    let mut columns = vec!["exhibit".to_owned()];
    for typed in typed.iter().map(|typed| typed.trim()).filter(|typed| !typed.is_empty()) {
        let name = column_named(typed, &used).map_err(|near| {
            let error = CommandError::usage(format!("{typed:?} is neither a field nor another column of a table"));
            match near {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None => error.hint("`vouchsafe list --csv` without --columns has all fields in use"),
            }
        })?;
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    Ok(columns)
}

fn fill<W: Write>(
    archive: &Reader,
    rows: &[ExhibitId],
    columns: &[String],
    mut writer: TableWriter<W>,
    left_out: &mut Vec<(ExhibitId, String)>,
    written: &mut u64,
) -> Result<(), TableError> {
    for exhibit in rows {
        let (cells, not_held) = cells_of(*exhibit, &archive.exhibit(*exhibit)?, columns);
        left_out.extend(not_held.into_iter().map(|column| (*exhibit, column)));
        *written += 1;
        let failed = |source| TableError::Io { action: "write", path: PathBuf::from("the table"), source };
        writer.row(&cells).map_err(failed)?;
    }
    writer.finish().map_err(|source| TableError::Io { action: "write", path: PathBuf::from("the table"), source })
}

fn named(error: TableError, path: &Path) -> TableError {
    match error {
        TableError::Io { action, source, .. } => TableError::Io { action, path: path.to_owned(), source },
        other => other,
    }
}
