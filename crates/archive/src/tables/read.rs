//! A table as a stream of rows, from text with separators or from a workbook.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::Encoding;

use super::error::TableError;
use super::names::is_known_name;
use super::row::{Cell, Each, MAX_COLUMNS, Row, cell_name};
use super::text::{Decoded, detect, name_of};
use super::workbook::Sheet;

/// The largest file of text in bytes. It is read piece by piece; the limit is for the row that no end is found of.
pub const MAX_TEXT_BYTES: u64 = 256 * 1024 * 1024;
/// The largest row in bytes. A larger one is a quotation mark that is not closed.
const MAX_ROW_BYTES: usize = 4 * 1024 * 1024;
/// What may stand between the cells of a text, if nothing is said.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// What is said of a table beforehand; otherwise, it is found out.
#[derive(Debug, Clone, Default)]
pub struct TableOptions {
    /// The encoding of a text.
    pub encoding: Option<&'static Encoding>,
    /// What stands between its cells.
    pub delimiter: Option<u8>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}

/// A table with its header. Its rows are read from the file each time.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    source: Source,
    header: Vec<String>,
    /// The row of the header, from 1.
    header_row: u64,
}

#[derive(Debug)]
enum Source {
    Text { encoding: &'static Encoding, delimiter: u8 },
    Workbook(Sheet),
}

impl Table {
    /// Opens a table and reads its header, the first row in which something stands.
    ///
    /// # Errors
    /// It cannot be read, is no table, has no header, or is over a limit.
    pub fn open(path: &Path, options: &TableOptions) -> Result<Self, TableError> {
        let mut file = File::open(path).map_err(TableError::io("read", path))?;
        let metadata = file.metadata().map_err(TableError::io("read", path))?;
        if !metadata.is_file() {
            return Err(TableError::unusable(path, "this is no file; a table is read more than once"));
        }
        let mut start = Vec::new();
        file.by_ref().take(8).read_to_end(&mut start).map_err(TableError::io("read", path))?;
        if start.is_empty() {
            return Err(TableError::unusable(path, "the file is empty"));
        }
        if start.starts_with(b"\xd0\xcf\x11\xe0") {
            let reason = "this is an old workbook (.xls), or one that is protected by a password";
            return Err(TableError::unusable(path, reason).hint("save it as .xlsx without a password, or as CSV"));
        }
        if start.starts_with(b"PK\x03\x04") {
            let (sheet, number, header) = Sheet::open(path, metadata.len(), options.sheet.as_deref())?;
            return Self::with_header(path, Source::Workbook(sheet), number, header);
        }
        if options.sheet.is_some() {
            return Err(TableError::unusable(path, "this is no workbook, and has no sheets"));
        }
        if metadata.len() > MAX_TEXT_BYTES {
            let reason = format!("the file has {} bytes; a table has at most {MAX_TEXT_BYTES}", metadata.len());
            return Err(TableError::unusable(path, reason).hint("split it into several tables"));
        }
        let encoding = options.encoding.map_or_else(|| detect(path), Ok)?;
        let delimiter = options.delimiter.map_or_else(|| delimiter_of(path, encoding), Ok)?;
        let (number, header) = first_row(path, encoding, delimiter)?;
        Self::with_header(path, Source::Text { encoding, delimiter }, number, header)
    }

    fn with_header(path: &Path, source: Source, header_row: u64, header: Vec<Cell>) -> Result<Self, TableError> {
        let mut names = Vec::new();
        for (column, cell) in header.into_iter().enumerate() {
            match cell {
                Cell::Text(text) => names.push(text),
                Cell::Unsound(refusal) => {
                    let reason = format!("{}, in the header: {}", cell_name(column, header_row), refusal.reason);
                    return Err(TableError::unusable(path, reason));
                }
            }
        }
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        if names.len() > MAX_COLUMNS {
            return Err(TableError::unusable(path, format!("it has more than {MAX_COLUMNS} columns")));
        }
        Ok(Self { path: path.to_owned(), source, header: names, header_row })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the columns, as they stand there.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// How the table was read: its encoding and what stands between its cells, or the sheet.
    #[must_use]
    pub fn how_read(&self) -> String {
        match &self.source {
            Source::Text { encoding, delimiter } => {
                let between = match delimiter {
                    b'\t' => "tabs".to_owned(),
                    other => format!("\"{}\"", char::from(*other)),
                };
                format!("{} with {between} between the cells", name_of(encoding))
            }
            Source::Workbook(sheet) => format!("the sheet {:?}", sheet.name()),
        }
    }

    /// The other sheets of the workbook, which are not read.
    #[must_use]
    pub fn other_sheets(&self) -> &[String] {
        match &self.source {
            Source::Text { .. } => &[],
            Source::Workbook(sheet) => sheet.others(),
        }
    }

    /// Reads the rows below the header.
    pub(super) fn rows(&self, each: Each<'_>) -> Result<(), TableError> {
        let mut below = |row: Row| match row.number > self.header_row && !row.is_blank() {
            true => each(row),
            false => Ok(()),
        };
        match &self.source {
            Source::Text { encoding, delimiter } => text_rows(&self.path, encoding, *delimiter, &mut below),
            Source::Workbook(sheet) => sheet.rows(&self.path, &mut below),
        }
    }
}

/// The delimiter that finds the most columns with known names; of several, the one that finds the most columns.
fn delimiter_of(path: &Path, encoding: &'static Encoding) -> Result<u8, TableError> {
    let mut best = (DELIMITERS[0], (0, 0));
    for delimiter in DELIMITERS {
        let (_, header) = first_row(path, encoding, delimiter)?;
        let is_known = |cell: &&Cell| matches!(cell, Cell::Text(text) if is_known_name(text));
        let found = (header.iter().take(MAX_COLUMNS).filter(is_known).count(), header.len());
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    Ok(best.0)
}

/// The first row in which something stands.
fn first_row(path: &Path, encoding: &'static Encoding, delimiter: u8) -> Result<(u64, Vec<Cell>), TableError> {
    let mut reader = TextRows::open(path, encoding, delimiter)?;
    while let Some(row) = reader.next()? {
        if !row.is_blank() {
            return Ok((row.number, row.cells));
        }
    }
    Err(TableError::unusable(path, "no row has anything in it"))
}

fn text_rows(path: &Path, encoding: &'static Encoding, delimiter: u8, each: Each<'_>) -> Result<(), TableError> {
    let mut reader = TextRows::open(path, encoding, delimiter)?;
    while let Some(row) = reader.next()? {
        each(row)?;
    }
    Ok(())
}

struct TextRows<'a> {
    path: &'a Path,
    reader: csv::Reader<Decoded>,
    record: StringRecord,
    number: u64,
}

impl<'a> TextRows<'a> {
    fn open(path: &'a Path, encoding: &'static Encoding, delimiter: u8) -> Result<Self, TableError> {
        let decoded = Decoded::open(path, encoding).map_err(TableError::io("read", path))?;
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(decoded);
        Ok(Self { path, reader, record: StringRecord::new(), number: 0 })
    }

    fn next(&mut self) -> Result<Option<Row>, TableError> {
        let begins = self.reader.position().line();
        let is_there = self.reader.read_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(source) if source.kind() == std::io::ErrorKind::InvalidData => {
                TableError::unusable(self.path, source.to_string())
                    .hint("name the encoding of the table with --encoding, or save it as UTF-8")
            }
            csv::ErrorKind::Io(source) => TableError::io("read", self.path)(source),
            other => TableError::unusable(self.path, format!("after row {}: {other:?}", self.number)),
        })?;
        if !is_there {
            // An open quotation mark takes all rows up to the next one into one cell.
            return match self.reader.get_ref().has_pairs_of_quotation_marks() {
                true => Ok(None),
                false => Err(TableError::unusable(self.path, "a quotation mark is opened and not closed").hint(
                    "close it; a quotation mark that belongs to a text is written twice, within quotation marks",
                )),
            };
        }
        // The reader skips empty lines, which a spreadsheet counts; a line break within quotation marks begins no row.
        let within = self.record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        let lines = self.reader.position().line().saturating_sub(begins);
        self.number += lines.saturating_sub(within).max(1);
        if self.record.as_slice().len() > MAX_ROW_BYTES {
            let reason = format!("row {}: it has more than {MAX_ROW_BYTES} bytes", self.number);
            return Err(TableError::unusable(self.path, reason).hint("probably a quotation mark in it is not closed"));
        }
        let cells = self.record.iter().map(Cell::of).collect();
        Ok(Some(Row { number: self.number, cells }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &[u8]) -> (Table, Vec<(u64, Vec<String>)>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        std::fs::write(&path, bytes).unwrap();
        let table = Table::open(&path, &TableOptions::default()).unwrap();
        let mut rows = Vec::new();
        let text = |cell: Cell| match cell {
            Cell::Text(text) => text,
            Cell::Unsound(refusal) => panic!("{refusal:?}"),
        };
        table
            .rows(&mut |row| {
                rows.push((row.number, row.cells.into_iter().map(text).collect()));
                Ok(())
            })
            .unwrap();
        (table, rows)
    }

    #[test]
    fn rows_have_the_numbers_of_a_spreadsheet() {
        let text = "\n\ntitle,place\n\na,\"x\ny\"\n,\n\nb,c\r\n\r\nd,e";
        let (table, rows) = table(text.as_bytes());
        assert_eq!(table.header(), ["title", "place"]);
        let numbers: Vec<_> = rows.iter().map(|(number, _)| *number).collect();
        // The row of the header is 3; a row with a line break in a cell is one row.
        assert_eq!(numbers, [5, 8, 10], "{rows:?}");
        assert_eq!(rows[0].1, ["a", "x\ny"]);
    }

    #[test]
    fn the_delimiter_is_the_one_that_gives_known_columns() {
        for (text, between) in [
            ("exhibit;title, short\nX;a", "\";\""),
            ("exhibit\ttitle\nX\ta,b", "tabs"),
            ("제목,장소\na,b", "\",\""),
            ("a;b;c\n1;2;3", "\";\""),
        ] {
            let (table, _) = table(text.as_bytes());
            assert!(table.how_read().contains(between), "{}", table.how_read());
        }
    }

    #[test]
    fn what_is_no_table_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t");
        for (bytes, words) in [
            (&b""[..], "empty"),
            (b"\n\n,,\n", "no row has anything in it"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old workbook"),
            (b"PK\x03\x04nonsense", "no workbook"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = Table::open(&path, &TableOptions::default()).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        std::fs::write(&path, format!("title\n\"{}", "x\n".repeat(MAX_ROW_BYTES / 2 + 1))).unwrap();
        let table = Table::open(&path, &TableOptions::default()).unwrap();
        assert!(table.rows(&mut |_| Ok(())).unwrap_err().to_string().contains("row "));
        assert!(Table::open(folder.path(), &TableOptions::default()).is_err());
    }
}
