//! Descriptions from a table: each row is checked, and what changes is recorded in as few commits as the format allows.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use vouchsafe_core::model::vocabulary::{ORIGINAL_NAME, SOURCE_PATH};
use vouchsafe_core::model::{EntryIndex, EventKind, ExhibitDescribed, ExhibitId};

use super::cells::{Refusal, says_the_same, shown};
use super::columns::{Column, Columns, Match};
use super::error::TableError;
use super::given::Given;
use super::matching::{CommonBeginning, Exhibits, Named, from_the_end, places, text_of};
use super::names::{EXHIBIT, MEDIA_TYPE, RECORDED_AT, SHA_256, SIZE_BYTES};
use super::read::Table;
use super::report::{Became, Problem, ReadDate, TableReport};
use super::row::{Cell, Row, cell_name};
use crate::changes::changes;
use crate::custody::{Draft, Keys, LogWriter};
use crate::error::ArchiveError;
use crate::index::ExhibitRow;
use crate::metadata::{self, Fields};
use crate::reader::Reader;
use crate::session::Session;

/// Rows whose first cell begins with this are examples and never read.
pub const EXAMPLE_MARKS: [&str; 2] = ["#example", "#예시"];

/// A table that was checked against an archive.
pub struct Checked {
    /// What became, or would become, of each row.
    pub report: TableReport,
    exhibits: Exhibits,
    /// What was found of each exhibit that a row names.
    seen: HashMap<ExhibitId, Seen>,
}

/// An exhibit that a sound row names.
struct Seen {
    row: u64,
    /// Of what the row gives.
    hash: u64,
    became: Became,
}

/// What was recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The first entry.
    pub first: Option<EntryIndex>,
    /// How many entries.
    pub entries: u64,
    /// How many commits they are in.
    pub commits: u64,
}

/// Something failed after a part was recorded.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct RecordError {
    /// What is recorded, and stays.
    pub recorded: Recorded,
    /// What failed.
    pub source: Box<TableError>,
}

/// What a row says, if it is sound.
struct Said {
    exhibit: ExhibitId,
    given: Fields,
    changed: Fields,
    /// Where the deposit lies in the table, and where in the archive, if rows are matched by paths.
    places: Option<(String, String)>,
}

/// Checks every row of a table. Nothing is recorded.
///
/// # Errors
/// The table cannot be read to its end, or the index cannot be read.
pub fn check(archive: &Reader, table: &Table, columns: &Columns) -> Result<Checked, TableError> {
    let exhibits = Exhibits::of(archive, columns.matched, common_beginning(table, columns)?)?;
    let mut checked = Checked { report: TableReport::default(), exhibits, seen: HashMap::new() };
    table.rows(&mut |row| {
        if is_example(&row) {
            checked.report.examples += 1;
            return Ok(());
        }
        let number = row.number;
        checked.report.rows += 1;
        let mut problems = Vec::new();
        let mut dates = Vec::new();
        let (became, said) = look(archive, columns, &checked.exhibits, row, &mut problems, &mut dates)?;
        let became = match said {
            Some(said) => {
                said.places.iter().for_each(|places| checked.report.add_place(places));
                checked.judge(number, &said, became, &mut problems)
            }
            None => became,
        };
        checked.report.count(became);
        problems.into_iter().for_each(|problem| checked.report.add_problem(problem));
        dates.into_iter().for_each(|date| checked.report.add_date(date));
        Ok(())
    })?;
    Ok(checked)
}

/// Records what sound rows say. What is recorded is durable when this returns, also if it fails; the same table then records
/// the rest.
///
/// # Errors
/// The agent may not, the disk refuses, or the table is no longer the one that was checked.
pub fn record(
    session: &mut Session<'_>,
    keys: &Keys,
    table: &Table,
    columns: &Columns,
    checked: &mut Checked,
    progress: &mut dyn FnMut(u64),
) -> Result<Recorded, RecordError> {
    let mut recorded = Recorded::default();
    if checked.report.applied == 0 {
        return Ok(recorded);
    }
    let failed = |source: TableError| RecordError { recorded: Recorded::default(), source: Box::new(source) };
    let mut committer = session.begin(keys, EventKind::ExhibitDescribed).map_err(|error| failed(error.into()))?;
    let mut waiting: Option<EntryIndex> = None;
    let result = table.rows(&mut |row| {
        if is_example(&row) {
            return Ok(());
        }
        let (mut problems, mut dates) = (Vec::new(), Vec::new());
        let number = row.number;
        let (_, said) = look(&session.reader, columns, &checked.exhibits, row, &mut problems, &mut dates)?;
        let Some(said) = said else { return Ok(()) };
        let Some(seen) = checked.seen.get_mut(&said.exhibit).filter(|seen| seen.row == number) else { return Ok(()) };
        if seen.hash != hash_of(&said.given) {
            return Err(TableError::unusable(table.path(), "the table was changed while it was read"));
        }
        if seen.became != Became::Applied {
            return Ok(());
        }
        let earlier = session.reader.index.history(said.exhibit).map_err(ArchiveError::from)?.len() as u64;
        let index = committer.add_entry(
            Draft {
                event: ExhibitDescribed { fields: Vec::new() }.into(),
                exhibit: Some(said.exhibit),
                occurred_at: None,
                fields: said.changed.into_iter().collect(),
            },
            earlier,
        )?;
        let first = *waiting.get_or_insert(index);
        if committer.is_at_limit() {
            let entries = committer.pending_entries() as u64;
            committer.commit(&mut session.reader.index).map_err(|failed| failed.after(first))?;
            recorded.add(first, entries);
            waiting = None;
            progress(recorded.entries);
        }
        Ok(())
    });
    let result = result.and_then(|()| {
        let Some(first) = waiting else { return Ok(()) };
        let entries = committer.pending_entries() as u64;
        committer.commit(&mut session.reader.index).map_err(|failed| failed.after(first))?;
        recorded.add(first, entries);
        Ok(())
    });
    let ended = session.end(committer).map_err(ArchiveError::from);
    match result.and_then(|()| ended.map_err(TableError::from)) {
        Ok(()) => Ok(recorded),
        Err(source) => Err(RecordError { recorded, source: Box::new(source) }),
    }
}

impl Recorded {
    fn add(&mut self, first: EntryIndex, entries: u64) {
        self.first.get_or_insert(first);
        self.entries += entries;
        self.commits += 1;
    }
}

impl Checked {
    /// The exhibits that a sound row changes.
    pub fn changed(&self) -> impl Iterator<Item = ExhibitId> {
        self.seen.iter().filter(|(_, seen)| seen.became == Became::Applied).map(|(exhibit, _)| *exhibit)
    }

    /// What becomes of a row that is sound by itself, beside the others.
    fn judge(&mut self, number: u64, said: &Said, became: Became, problems: &mut Vec<Problem>) -> Became {
        let hash = hash_of(&said.given);
        let Some(before) = self.seen.get_mut(&said.exhibit) else {
            self.seen.insert(said.exhibit, Seen { row: number, hash, became });
            return became;
        };
        if before.hash == hash && before.became != Became::Refused {
            return Became::Unchanged;
        }
        let first = before.row;
        if before.became != Became::Refused {
            let was = std::mem::replace(&mut before.became, Became::Refused);
            self.report.recount(was, Became::Refused);
            let reason = format!("row {number} is for the same exhibit, {}, and gives something else", said.exhibit);
            problems.push(Problem::of_row(first, Became::Refused, reason));
        }
        let reason = format!("row {first} is for the same exhibit, {}, and gives something else", said.exhibit);
        problems.push(Problem::of_row(number, Became::Refused, reason));
        Became::Refused
    }
}

/// What the paths of a table begin with, if rows are matched by them.
pub(super) fn common_beginning(table: &Table, columns: &Columns) -> Result<CommonBeginning, TableError> {
    let mut common = CommonBeginning::default();
    if columns.matched == Match::SourcePath {
        table.rows(&mut |row| {
            if let Some(Cell::Text(path)) = row.cells.get(columns.key)
                && !path.is_empty()
                && !is_example(&row)
            {
                common.add(path);
            }
            Ok(())
        })?;
    }
    Ok(common)
}

/// Whether a row is an example of a template.
pub(super) fn is_example(row: &Row) -> bool {
    let first = row.cells.iter().find(|cell| !cell.is_empty());
    matches!(first, Some(Cell::Text(text)) if EXAMPLE_MARKS.iter().any(|mark| text.starts_with(mark)))
}

fn hash_of(given: &Fields) -> u64 {
    let mut hasher = DefaultHasher::new();
    given.hash(&mut hasher);
    hasher.finish()
}

/// What a row says, or what is wrong with it.
fn look(
    archive: &Reader,
    columns: &Columns,
    exhibits: &Exhibits,
    row: Row,
    problems: &mut Vec<Problem>,
    dates: &mut Vec<ReadDate>,
) -> Result<(Became, Option<Said>), TableError> {
    let number = row.number;
    let at = |column: usize| (cell_name(column, number), columns.titles.get(column).cloned().unwrap_or_default());
    let named = match row.cells.get(columns.key) {
        Some(Cell::Text(text)) if !text.is_empty() => exhibits.named(archive, text)?.map_err(Refusal::of),
        Some(Cell::Unsound(refusal)) => Err(refusal.clone()),
        _ => Err(Refusal::of("the cell is empty, so the row names no exhibit")),
    };
    let key_text = match row.cells.get(columns.key) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let exhibit = match named {
        Ok(Named::One(exhibit)) => exhibit,
        Ok(Named::None) => {
            let reason = format!("no exhibit has the {} {:?}", columns.matched.name(), key_text);
            problems.push(Problem::of_cell(number, at(columns.key), Became::NoSuchExhibit, Refusal::of(reason)));
            return Ok((Became::NoSuchExhibit, None));
        }
        Ok(Named::Several(candidates, count)) => {
            let reason = format!("{count} exhibits have the {} {:?}", columns.matched.name(), key_text);
            let refusal = Refusal::of(reason).accepted("a column with the exhibits' names, and --match exhibit");
            let problem = Problem::of_cell(number, at(columns.key), Became::Ambiguous, refusal);
            problems.push(Problem { candidates, ..problem });
            return Ok((Became::Ambiguous, None));
        }
        Err(refusal) => {
            problems.push(Problem::of_cell(number, at(columns.key), Became::Refused, refusal));
            return Ok((Became::Refused, None));
        }
    };
    let present = archive.exhibit(exhibit)?;
    let mut refuse = |column: usize, refusal: Refusal| {
        problems.push(Problem::of_cell(number, at(column), Became::Refused, refusal));
    };
    let mut given_here = Given::default();
    let mut is_sound = true;
    for (column, cell) in row.cells.into_iter().enumerate() {
        if column == columns.key && columns.matched != Match::ExhibitNo {
            continue;
        }
        let judged = match (columns.columns.get(column), cell) {
            (Some(Column::Ignored), _) => Ok(()),
            (_, Cell::Unsound(refusal)) => Err(refusal),
            (_, Cell::Text(text)) if text.is_empty() => Ok(()),
            (Some(Column::Known(name)), Cell::Text(text)) => compare(name, &text, exhibit, &present),
            (Some(Column::Field(name)), Cell::Text(text)) => given_here.add(name.as_str(), &text, Some(&present)),
            (column, Cell::Text(_)) => Err(Column::refusal_of(column)),
        };
        if let Err(refusal) = judged {
            is_sound = false;
            refuse(column, refusal);
        }
    }
    let given = match given_here.all() {
        Ok(given) => given,
        Err(refusal) => {
            problems.push(Problem::of_row(number, Became::Refused, refusal.reason));
            return Ok((Became::Refused, None));
        }
    };
    if !is_sound {
        return Ok((Became::Refused, None));
    }
    let places = present
        .field(SOURCE_PATH)
        .filter(|_| columns.matched == Match::SourcePath)
        .map(|path| places(&key_text, &text_of(path)));
    let changed = changes(&given, &present);
    if changed.is_empty() {
        return Ok((Became::Unchanged, Some(Said { exhibit, given, changed, places })));
    }
    let pairs: Vec<_> = changed.clone().into_iter().collect();
    if let Err(error) = LogWriter::check_fields(&pairs) {
        problems.push(Problem::of_row(number, Became::Refused, error.to_string()));
        return Ok((Became::Refused, None));
    }
    let read = metadata::written_dates(&changed).into_iter();
    dates.extend(read.map(|date| ReadDate {
        row: number,
        field: date.name.to_owned(),
        words: date.words,
        date: date.date,
    }));
    Ok((Became::Applied, Some(Said { exhibit, given, changed, places })))
}

/// Compares a cell with what the program knows itself of the exhibit.
fn compare(name: &str, text: &str, exhibit: ExhibitId, present: &ExhibitRow) -> Result<(), Refusal> {
    let differs = |known: String| {
        Err(Refusal::of(format!("the program recorded {name} itself, and it is {known:?}"))
            .accepted(format!("{known}, or an empty cell")))
    };
    let same = |known: String| if known == text { Ok(()) } else { differs(known) };
    match name {
        EXHIBIT if text.parse() == Ok(exhibit) => Ok(()),
        EXHIBIT => differs(exhibit.to_string()),
        SHA_256 if text.eq_ignore_ascii_case(&present.object.to_string()) => Ok(()),
        SHA_256 => differs(present.object.to_string()),
        SIZE_BYTES => same(present.size_bytes.to_string()),
        MEDIA_TYPE => same(present.media_type.as_ref().map(ToString::to_string).unwrap_or_default()),
        RECORDED_AT => same(present.recorded_at.to_string()),
        _ => match present.field(name) {
            Some(value) if says_the_same(text, value) => Ok(()),
            Some(value) if name == SOURCE_PATH || name == ORIGINAL_NAME => {
                // The place of a deposit has another name on each computer.
                let last = |path: &str| from_the_end(path).split('\0').next().map(str::to_owned);
                let known = text_of(value);
                if last(&known) == last(text) { Ok(()) } else { differs(known) }
            }
            Some(value) => differs(shown(value).unwrap_or_else(|| value.to_string())),
            None => Err(Refusal::of(format!("only the program records {name}, and this exhibit has none"))
                .accepted("an empty cell")),
        },
    }
}
