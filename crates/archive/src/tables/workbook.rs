//! The rows of a sheet in a workbook (.xlsx). What a spreadsheet computes, merges or converts is not taken for what somebody wrote.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use calamine::{DataRef, Dimensions, Reader as _, SheetType, SheetVisible, Xlsx};

use super::cells::{MAX_CELL_LETTERS, Refusal};
use super::error::TableError;
use super::row::{Cell, Each, MAX_COLUMNS, Row, cell_name};
use super::workbook_write::CHOICES;

/// The largest workbook in bytes.
pub const MAX_WORKBOOK_BYTES: u64 = 128 * 1024 * 1024;
/// The most bytes in all that it may unpack to. The texts that its cells share are held in memory.
pub const MAX_UNPACKED_BYTES: u64 = 512 * 1024 * 1024;
/// So much of the shared texts is looked at before they are read.
const LOOKED_AT_BYTES: u64 = 64 * 1024;
/// The most members of its zip file.
const MAX_MEMBERS: usize = 10_000;
/// The most cells in which something stands.
pub const MAX_CELLS: u64 = 20_000_000;
/// The most groups of merged cells.
const MAX_MERGED: usize = 1_000;

/// A sheet that was found; it is opened again for each reading.
#[derive(Debug)]
pub(super) struct Sheet {
    name: String,
    others: Vec<String>,
    merged: Vec<Dimensions>,
}

type Book = Xlsx<BufReader<File>>;

impl Sheet {
    /// Opens a workbook: its sheet of this name, or the first one that is shown, and the first row in which something stands.
    pub fn open(path: &Path, size_bytes: u64, name: Option<&str>) -> Result<(Self, u64, Vec<Cell>), TableError> {
        if size_bytes > MAX_WORKBOOK_BYTES {
            let reason = format!("the workbook has {size_bytes} bytes; at most {MAX_WORKBOOK_BYTES} are read");
            return Err(TableError::unusable(path, reason).hint("save the sheet as CSV, or remove its pictures"));
        }
        check_unpacked(path)?;
        let mut book = open(path)?;
        let sheets = book.sheets_metadata().to_vec();
        let is_sheet = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
        let mut all = sheets.iter().filter(is_sheet);
        let chosen = match name {
            Some(name) => all.find(|sheet| sheet.name == name),
            None => all.find(|sheet| sheet.visible == SheetVisible::Visible),
        };
        let names: Vec<String> = sheets.iter().filter(is_sheet).map(|sheet| sheet.name.clone()).collect();
        let Some(chosen) = chosen else {
            let reason = match name {
                Some(name) => format!("it has no sheet {name:?}"),
                None => "it has no sheet that is shown".to_owned(),
            };
            return Err(TableError::unusable(path, reason).hint(format!("its sheets are {}", names.join(", "))));
        };
        let name = chosen.name.clone();
        let is_our_own = |sheet: &&calamine::Sheet| sheet.name == CHOICES && sheet.visible != SheetVisible::Visible;
        let others = sheets.iter().filter(is_sheet).filter(|sheet| sheet.name != name && !is_our_own(sheet));
        let others = others.map(|sheet| sheet.name.clone()).collect();
        let merged = book.merge_cells_by_sheet_name(&name).map_err(unread(path))?;
        if merged.len() > MAX_MERGED {
            let reason = format!("the sheet {name:?} has more than {MAX_MERGED} groups of merged cells");
            return Err(TableError::unusable(path, reason).hint("unmerge them: each row must say everything itself"));
        }
        let sheet = Self { name, others, merged };
        let mut first = None;
        let found = sheet.rows(path, &mut |row| {
            if row.is_blank() {
                return Ok(());
            }
            first = Some((row.number, row.cells));
            Err(TableError::unusable(path, ""))
        });
        match (first, found) {
            (Some((number, header)), _) => Ok((sheet, number, header)),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => {
                let reason = format!("the sheet {:?} is empty", sheet.name);
                Err(TableError::unusable(path, reason).hint("--sheet names another one"))
            }
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// Reads its rows.
    pub fn rows(&self, path: &Path, each: Each<'_>) -> Result<(), TableError> {
        let mut book = open(path)?;
        let mut reader = book.worksheet_cells_reader(&self.name).map_err(unread(path))?;
        let mut row: Option<Row> = None;
        let mut cells = 0;
        while let Some(found) = reader.next_cell_with_formula_metadata().map_err(unread(path))? {
            let (at, column) = (u64::from(found.pos.0) + 1, found.pos.1 as usize);
            let cell = match (found.formula, found.value) {
                (Some(_), _) => unsound(
                    "a formula stands here, and what it shows depends on other cells",
                    "the value itself: copy the cells, and paste them as values",
                ),
                (None, value) => cell_of(value),
            };
            if cell.is_empty() {
                continue;
            }
            cells += 1;
            if cells > MAX_CELLS || column >= MAX_COLUMNS {
                let reason = format!(
                    "{}: a table has at most {MAX_COLUMNS} columns and {MAX_CELLS} cells",
                    cell_name(column, at)
                );
                return Err(TableError::unusable(path, reason));
            }
            if let Some(before) = row.take_if(|row| row.number != at) {
                if at < before.number {
                    let reason = format!("the cells of the sheet are in no order, at {}", cell_name(column, at));
                    return Err(TableError::unusable(path, reason).hint("open it in a spreadsheet, and save it again"));
                }
                each(self.with_merged(before))?;
            }
            let row = row.get_or_insert_with(|| Row { number: at, cells: Vec::new() });
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Text(String::new()));
            }
            row.cells[column] = cell;
        }
        row.map_or(Ok(()), |row| each(self.with_merged(row)))
    }

    /// The row with a refusal in each cell that is merged with others.
    fn with_merged(&self, mut row: Row) -> Row {
        for region in &self.merged {
            let rows = u64::from(region.start.0) + 1..=u64::from(region.end.0) + 1;
            if !rows.contains(&row.number) {
                continue;
            }
            let (first, last) = (region.start.1 as usize, (region.end.1 as usize).min(MAX_COLUMNS - 1));
            let name = format!("{}:{}", cell_name(first, *rows.start()), cell_name(last, *rows.end()));
            if row.cells.len() <= last {
                row.cells.resize(last + 1, Cell::Text(String::new()));
            }
            for cell in &mut row.cells[first.min(last)..=last] {
                let refusal =
                    Refusal::of(format!("the cells {name} are merged, so it is not known what each row says"));
                *cell = Cell::Unsound(refusal.accepted("unmerged cells, each with its own value"));
            }
        }
        row
    }
}

fn open(path: &Path) -> Result<Book, TableError> {
    let file = File::open(path).map_err(TableError::io("read", path))?;
    Xlsx::new(BufReader::new(file)).map_err(unread(path))
}

fn unread(path: &Path) -> impl Fn(calamine::XlsxError) -> TableError {
    move |error| {
        TableError::unusable(path, format!("this is no workbook (.xlsx) that can be read: {error}"))
            .hint("open it in a spreadsheet, and save it as .xlsx or as CSV")
    }
}

/// A small file can unpack to one that fills the memory, whatever it says of its size.
fn check_unpacked(path: &Path) -> Result<(), TableError> {
    let file = File::open(path).map_err(TableError::io("read", path))?;
    let not_read = |error: zip::result::ZipError| {
        TableError::unusable(path, format!("this is no workbook (.xlsx) that can be read: {error}"))
            .hint("open it in a spreadsheet, and save it as .xlsx or as CSV")
    };
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(not_read)?;
    let mut left = MAX_UNPACKED_BYTES;
    for at in 0..archive.len().min(MAX_MEMBERS + 1) {
        let member = archive.by_index(at).map_err(not_read)?;
        let is_shared = member.name().map_err(not_read)?.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let failed = |error| not_read(zip::result::ZipError::Io(error));
        let (mut member, mut start) = (member.take(left + 1), Vec::new());
        member.by_ref().take(LOOKED_AT_BYTES).read_to_end(&mut start).map_err(failed)?;
        let unpacked = start.len() as u64 + io::copy(&mut member, &mut io::sink()).map_err(failed)?;
        if is_shared && count_of_texts(&start).is_none_or(|count| count > unpacked) {
            let reason = "the workbook says that it shares more texts than it has";
            return Err(TableError::unusable(path, reason).hint("open it in a spreadsheet, and save it again"));
        }
        left = match left.checked_sub(unpacked) {
            Some(left) if at < MAX_MEMBERS => left,
            _ => {
                let reason =
                    format!("the workbook unpacks to more than {MAX_UNPACKED_BYTES} bytes or {MAX_MEMBERS} files");
                return Err(TableError::unusable(path, reason).hint("save the sheet as CSV"));
            }
        };
    }
    Ok(())
}

/// How many texts the cells of a workbook share, as it says itself: memory is taken for so many. None if it is not said at the
/// beginning in plain letters.
fn count_of_texts(start: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let text = if text.starts_with("<?xml") { text.split_once("?>")?.1.trim_start() } else { text };
    let mut rest = text.strip_prefix('<')?;
    let name = rest.split(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').next()?;
    rest = rest[name.len()..].trim_start();
    (name.rsplit(':').next() == Some("sst")).then_some(())?;
    // Attribute by attribute, as a reader of XML does: what looks like one may stand in the value of another.
    let mut count = 0;
    while !rest.starts_with(['>', '/']) {
        let (name, value) = rest.split_once('=')?;
        let quote = value.trim_start().chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = value.trim_start()[1..].split_once(quote)?;
        if name.trim() == "uniqueCount" {
            count = count.max(value.trim().parse().ok()?);
        }
        rest = after.trim_start();
    }
    Some(count)
}

fn unsound(reason: impl Into<String>, accepted: &str) -> Cell {
    Cell::Unsound(Refusal::of(reason).accepted(accepted))
}

/// The longest text of a cell in bytes: the most letters that a spreadsheet holds in one, of three bytes at most each.
const MAX_CELL_BYTES: usize = MAX_CELL_LETTERS * 3;

/// The most that a number of a spreadsheet says exactly: 15 digits.
const EXACT: f64 = 1e15;

fn cell_of(value: DataRef<'_>) -> Cell {
    let no_date = || unsound("a length of time stands here, not a date", "a date as text");
    // A shared text may be in any number of cells, so it is not copied before it is looked at.
    let text = |text: &str| match text.len() > MAX_CELL_BYTES {
        true => unsound("the cell has more letters than a spreadsheet can hold", "a shorter text"),
        false => Cell::of(text),
    };
    match value {
        DataRef::Empty => Cell::of(""),
        DataRef::String(found) => text(&found),
        DataRef::SharedString(found) => text(found),
        DataRef::DateTimeIso(found) => text(&found),
        DataRef::Int(number) => Cell::of(&number.to_string()),
        DataRef::Float(number) if number.abs() < EXACT => Cell::Text(number.to_string()),
        DataRef::Float(number) => unsound(
            format!("{number} has more digits than a spreadsheet keeps of a number"),
            "the digits in a cell that is formatted as text",
        ),
        DataRef::Bool(truth) => Cell::of(if truth { "TRUE" } else { "FALSE" }),
        DataRef::Error(error) => unsound(format!("the cell shows the error {error}"), "a value, or an empty cell"),
        DataRef::DurationIso(_) => no_date(),
        DataRef::DateTime(date) if date.is_duration() => no_date(),
        DataRef::DateTime(date) if date.as_f64() < 61.0 => unsound(
            "a time without a date, or a date before March 1900, which spreadsheets count wrongly",
            "the date as text, such as 1899-12-31",
        ),
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let day = format!("{year:04}-{month:02}-{day:02}");
            Cell::Text(match (hour, minute, second) {
                (0, 0, 0) => day,
                _ => format!("{day}T{hour:02}:{minute:02}:{second:02}"),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_no_spreadsheet_can_hold_is_not_copied() {
        let long = "x".repeat(MAX_CELL_BYTES + 1);
        assert!(matches!(cell_of(DataRef::SharedString(&long)), Cell::Unsound(_)));
        assert!(matches!(cell_of(DataRef::SharedString(&long[1..])), Cell::Text(_)));
    }

    #[test]
    fn a_count_of_shared_texts_is_not_believed() {
        for (start, count) in [
            ("<?xml version=\"1.0\"?><sst xmlns=\"x\" count=\"3\" uniqueCount=\"2\"><si>", Some(2)),
            ("<sst uniqueCount = '999999999999'>", Some(999_999_999_999)),
            ("<sst><si>", Some(0)),
            ("<sst uniqueCount=\"99999999999999999999\">", None),
            ("<sst uniqueCount=\"&#57;9\">", None),
            ("<sst xuniqueCount=\"0\" uniqueCount=\"7\">", Some(7)),
            ("<sst a=\">\" uniqueCount='7'>", Some(7)),
            ("<sst a=\"uniqueCount='0'\" uniqueCount=\"7\"/>", Some(7)),
            ("<sst uniqueCount=7>", None),
            ("<si>", None),
            ("<!-- <sst> --><sst uniqueCount=\"9\">", None),
        ] {
            assert_eq!(count_of_texts(start.as_bytes()), count, "{start}");
        }
    }
}
