//! `vouchsafe ingest --table TABLE`

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use vouchsafe_archive::Reader;
use vouchsafe_archive::ingest::{Permitted, files};
use vouchsafe_archive::metadata::Fields;
use vouchsafe_archive::tables::{DescribedFiles, Match, describe_files};

use super::context::Context;
use super::error::CommandError;
use super::json;
use super::output::{self, count, number, printable};
use super::table_input::{TableInput, print_problems, report_dates};

/// At most this many files without a row are named.
const NAMED: usize = 20;

#[derive(clap::Args)]
#[command(next_help_heading = "Describe files from a table")]
pub struct IngestTable {
    /// A table (CSV, TSV or XLSX) with a row for each file, named by its path (source_path) or name (original_name), and a
    /// column for each field
    #[arg(long, value_name = "TABLE")]
    table: Option<PathBuf>,
    #[command(flatten)]
    input: TableInput,
    /// Ingest although rows of the table are not sound or have no file; by default, nothing is ingested then
    #[arg(long, requires = "table")]
    partial: bool,
    /// Allow field names in the table that no exhibit has yet
    #[arg(long, requires = "table")]
    new_field: bool,
}

/// What a table says of the files.
pub struct Described {
    /// By their paths.
    pub by_path: HashMap<PathBuf, Fields>,
    /// Whether each row is sound and has a file.
    pub is_sound: bool,
}

impl IngestTable {
    /// Reads the table, if there is one, and reports what becomes of its rows. None if nothing may be ingested.
    ///
    /// # Errors
    /// The table cannot be used, or the output cannot be written.
    pub fn read(
        &self,
        context: &Context,
        archive: &Reader,
        paths: &[PathBuf],
        excluded: &[PathBuf],
        permitted: Permitted,
    ) -> Result<Option<Described>, CommandError> {
        let Some(path) = &self.table else {
            if self.input.is_given() {
                let message = "--map, --encoding, --delimiter and --sheet are for a table: name it with --table";
                return Err(CommandError::usage(message));
            }
            return Ok(Some(Described { by_path: HashMap::new(), is_sound: true }));
        };
        let table = self.input.open(path)?;
        let matched = [Match::SourcePath, Match::OriginalName];
        let columns = self.input.columns(&table, archive, &matched, self.new_field)?;
        let paths: Vec<_> = paths.iter().filter(|path| path.as_path() != Path::new("-")).cloned().collect();
        let described = describe_files(&files(&paths, excluded, permitted), &table, &columns)?;
        report_dates(&described.report);
        let is_sound = described.report.is_sound();
        self.print(context, &described)?;
        if !is_sound && !self.partial {
            return Ok(None);
        }
        Ok(Some(Described { by_path: described.by_path, is_sound }))
    }

    fn print(&self, context: &Context, described: &DescribedFiles) -> Result<(), CommandError> {
        let mut out = std::io::stdout().lock();
        let DescribedFiles { report, without_row, .. } = described;
        if context.options.json {
            return output::json(
                &mut out,
                &json::FilesDescribed { files_without_row: without_row.len() as u64, report },
            );
        }
        print_problems(&mut out, report)?;
        let rows = [
            ("rows", report.rows),
            ("for a file", report.applied),
            ("repeated", report.unchanged),
            ("no such file", report.no_such_exhibit),
            ("ambiguous", report.ambiguous),
            ("refused", report.refused),
        ];
        output::table(&mut out, &rows.map(|(name, rows)| vec![name.to_owned(), number(rows)]))?;
        writeln!(
            out,
            "{} {} {} for a file + {} repeated + {} no such file + {} ambiguous + {} refused",
            count(report.rows, "row"),
            if report.adds_up() { "=" } else { "IS NOT" },
            report.applied,
            report.unchanged,
            report.no_such_exhibit,
            report.ambiguous,
            report.refused
        )?;
        if report.examples > 0 {
            writeln!(out, "{} not read", count(report.examples, "example row"))?;
        }
        if !without_row.is_empty() {
            writeln!(out, "{} without a row in the table:", count(without_row.len() as u64, "file"))?;
            for path in without_row.iter().take(NAMED) {
                writeln!(out, "  {}", printable(&path.display().to_string()))?;
            }
            if without_row.len() > NAMED {
                writeln!(out, "  and {} more", number((without_row.len() - NAMED) as u64))?;
            }
        }
        if !report.is_sound() && !self.partial {
            let text =
                "Nothing was ingested: not every row is sound and has a file. Correct the table, or add --partial";
            writeln!(out, "{text}")?;
        }
        writeln!(out)?;
        Ok(())
    }
}
