//! A table that describes files which are not ingested yet: the fields of each file, by its path.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use vouchsafe_core::model::FieldValue;

use super::cells::Refusal;
use super::columns::{Column, Columns, Match};
use super::describe::{common_beginning, is_example};
use super::error::TableError;
use super::given::Given;
use super::matching::{CommonBeginning, count_parts, from_the_end, longest_common, text_of};
use super::read::Table;
use super::report::{Became, Problem, ReadDate, TableReport};
use super::row::{Cell, Row, cell_name};
use crate::custody::LogWriter;
use crate::metadata::{self, Fields};

/// At most this many candidates of a row are named.
const NAMED_CANDIDATES: usize = 5;

/// What a table says of files.
#[derive(Debug, Default)]
pub struct DescribedFiles {
    /// The fields of each file that a sound row is for.
    pub by_path: HashMap<PathBuf, Fields>,
    /// What became of each row. `applied` are those that are for a file, `no_such_exhibit` those without one.
    pub report: TableReport,
    /// The files without a row.
    pub without_row: Vec<PathBuf>,
}

/// Finds for each row of a table the one of these files that it is for. Everything that sound rows say is held in memory.
///
/// # Errors
/// The table cannot be read, or has a column of what only an exhibit has.
pub fn describe_files(files: &[PathBuf], table: &Table, columns: &Columns) -> Result<DescribedFiles, TableError> {
    for (at, column) in columns.columns.iter().enumerate() {
        if let Column::Known(name) = column
            && at != columns.key
        {
            let title = &columns.titles[at];
            let reason = format!("the column {title:?} is for {name}, which the program records itself at an ingest");
            return Err(TableError::unusable(table.path(), reason).hint(format!("leave it out: --map '{title}=-'")));
        }
    }
    let is_by_name = columns.matched == Match::OriginalName;
    let text = |path: &PathBuf| text_of(&FieldValue::from_bytes(path.as_os_str().as_encoded_bytes()));
    let mut by_end: Vec<_> = files.iter().map(|path| (from_the_end(&text(path)), path)).collect();
    by_end.sort_unstable();
    let common = common_beginning(table, columns)?;
    let mut found = DescribedFiles::default();
    let mut rows: HashMap<&PathBuf, (u64, Fields, bool)> = HashMap::new();
    table.rows(&mut |row| {
        if is_example(&row) {
            found.report.examples += 1;
            return Ok(());
        }
        found.report.rows += 1;
        let number = row.number;
        let judged = one_file(&by_end, &row, columns, if is_by_name { None } else { Some(&common) })
            .and_then(|path| Ok((path, fields_of(&row, columns)?)));
        let (path, fields) = match judged {
            Ok(sound) => sound,
            Err(problems) => {
                found.report.count(problems.first().map_or(Became::Refused, |problem| problem.became));
                problems.into_iter().for_each(|problem| found.report.add_problem(problem));
                return Ok(());
            }
        };
        let Some((first, before, is_sound)) = rows.get_mut(path) else {
            rows.insert(path, (number, fields, true));
            found.report.count(Became::Applied);
            return Ok(());
        };
        if *before == fields && *is_sound {
            found.report.count(Became::Unchanged);
            return Ok(());
        }
        let reason =
            |other: u64| format!("row {other} is for the same file, {}, and gives something else", path.display());
        found.report.count(Became::Refused);
        found.report.add_problem(Problem::of_row(number, Became::Refused, reason(*first)));
        if std::mem::replace(is_sound, false) {
            found.report.recount(Became::Applied, Became::Refused);
            found.report.add_problem(Problem::of_row(*first, Became::Refused, reason(number)));
        }
        Ok(())
    })?;
    let named: BTreeSet<&PathBuf> = rows.keys().copied().collect();
    found.without_row = files.iter().filter(|path| !named.contains(path)).cloned().collect();
    for (path, (number, fields, is_sound)) in rows {
        if !is_sound {
            continue;
        }
        for date in metadata::written_dates(&fields) {
            let (field, words) = (date.name.to_owned(), date.words);
            found.report.add_date(ReadDate { row: number, field, words, date: date.date });
        }
        found.by_path.insert(path.clone(), fields);
    }
    Ok(found)
}

/// The file that a row is for.
fn one_file<'a>(
    by_end: &[(String, &'a PathBuf)],
    row: &Row,
    columns: &Columns,
    common: Option<&CommonBeginning>,
) -> Result<&'a PathBuf, Vec<Problem>> {
    let key = columns.key;
    let problem = |became, refusal| {
        Problem::of_cell(row.number, (cell_name(key, row.number), columns.titles[key].clone()), became, refusal)
    };
    let text = match row.cells.get(key) {
        Some(Cell::Text(text)) if !text.is_empty() => text,
        Some(Cell::Unsound(refusal)) => return Err(vec![problem(Became::Refused, refusal.clone())]),
        _ => {
            let refusal = Refusal::of("the cell is empty, so the row names no file");
            return Err(vec![problem(Became::Refused, refusal)]);
        }
    };
    let end = from_the_end(text);
    let least = common.map_or(1, |common| count_parts(&end).saturating_sub(common.parts_of(text)).max(1));
    match longest_common(by_end, &end, least) {
        [] => {
            let refusal = Refusal::of(format!("no file has the path or name {text:?}"));
            Err(vec![problem(Became::NoSuchExhibit, refusal)])
        }
        [(_, one)] => Ok(*one),
        several => {
            let names: Vec<_> =
                several.iter().take(NAMED_CANDIDATES).map(|(_, path)| path.display().to_string()).collect();
            let reason = format!("{} files have the path or name {text:?}: {}", several.len(), names.join(", "));
            let refusal = Refusal::of(reason).accepted("more of the path");
            Err(vec![problem(Became::Ambiguous, refusal)])
        }
    }
}

/// The fields that a row gives.
fn fields_of(row: &Row, columns: &Columns) -> Result<Fields, Vec<Problem>> {
    let (mut given, mut problems) = (Given::default(), Vec::new());
    for (at, cell) in row.cells.iter().enumerate() {
        let judged = match (columns.columns.get(at), cell) {
            (Some(Column::Ignored | Column::Known(_)), _) => Ok(()),
            (_, Cell::Unsound(refusal)) => Err(refusal.clone()),
            (_, Cell::Text(text)) if text.is_empty() => Ok(()),
            (Some(Column::Field(name)), Cell::Text(text)) => given.add(name.as_str(), text, None),
            (column, Cell::Text(_)) => Err(Column::refusal_of(column)),
        };
        if let Err(refusal) = judged {
            let title = columns.titles.get(at).cloned().unwrap_or_default();
            problems.push(Problem::of_cell(row.number, (cell_name(at, row.number), title), Became::Refused, refusal));
        }
    }
    let of_row = |reason: String| vec![Problem::of_row(row.number, Became::Refused, reason)];
    let fields = given.all().map_err(|refusal| of_row(refusal.reason))?;
    if fields.values().any(|value| matches!(value, FieldValue::Withdrawn(_))) {
        return Err(of_row("a file that is not ingested yet has no field that could be withdrawn".to_owned()));
    }
    let pairs: Vec<_> = fields.clone().into_iter().collect();
    LogWriter::check_fields(&pairs).map_err(|error| of_row(error.to_string()))?;
    if problems.is_empty() { Ok(fields) } else { Err(problems) }
}
