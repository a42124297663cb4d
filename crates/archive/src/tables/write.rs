//! Exhibits as rows of a table, as text or as a workbook, so that it can be edited and read in again without loss.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use vouchsafe_core::model::vocabulary::{ORIGINAL_NAME, SOURCE_PATH, place_of};
use vouchsafe_core::model::{ExhibitId, FieldValue};

use super::cells::{harmless, shown};
use super::error::TableError;
use super::matching::text_of;
use super::names::{EXHIBIT, MEDIA_TYPE, RECORDED_AT, SHA_256, SIZE_BYTES};
use super::row::TemplateColumn;
use super::workbook_write::WorkbookWriter;
use crate::index::ExhibitRow;

/// Spreadsheets take a file for UTF-8 if it begins with this; without it, Korean is garbled in them.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A table that is being written. Cells are the texts themselves; what protects them from being formulas is added here.
pub struct TableWriter<W: Write>(Form<W>);

enum Form<W: Write> {
    Text(Box<csv::Writer<W>>),
    Workbook(Box<WorkbookWriter<BufWriter<File>>>),
}

impl<W: Write> TableWriter<W> {
    /// Begins a table as text: UTF-8 with a byte order mark, RFC 4180, every cell in quotation marks.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn text(mut out: W, titles: &[String]) -> std::io::Result<Self> {
        out.write_all(BYTE_ORDER_MARK)?;
        let writer = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::Always)
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        let mut made = Self(Form::Text(Box::new(writer)));
        made.row(titles)?;
        Ok(made)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn row(&mut self, cells: &[String]) -> std::io::Result<()> {
        let cells: Vec<String> = cells.iter().map(|cell| harmless(cell)).collect();
        match &mut self.0 {
            Form::Text(writer) => writer.write_record(&cells).map_err(std::io::Error::from),
            Form::Workbook(writer) => writer.row(&cells),
        }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> std::io::Result<()> {
        match self.0 {
            Form::Text(mut writer) => writer.flush(),
            Form::Workbook(writer) => writer.finish(),
        }
    }
}

impl TableWriter<BufWriter<File>> {
    /// Begins a table in a new file: a workbook if its name ends with `.xlsx`, or else text.
    ///
    /// # Errors
    /// There is such a file already, or it cannot be written.
    pub fn create(path: &Path, columns: &[TemplateColumn]) -> Result<Self, TableError> {
        // It holds private fields: only its owner may read it, whatever the umask is.
        let mut options = OpenOptions::new();
        let file = match options.write(true).create_new(true).mode(0o600).open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let reason = "there is such a file already, and it is not overwritten";
                return Err(TableError::unusable(path, reason).hint("choose another name, or remove the file"));
            }
            opened => BufWriter::new(opened.map_err(TableError::io("write", path))?),
        };
        let titles: Vec<_> = columns.iter().map(|column| column.title.clone()).collect();
        let made = match is_workbook(path) {
            true => WorkbookWriter::begin(file, columns).map(|writer| Self(Form::Workbook(Box::new(writer)))),
            false => Self::text(file, &titles),
        };
        made.map_err(TableError::io("write", path))
    }
}

/// Whether a file is a workbook, by its name.
#[must_use]
pub fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
}

/// The columns of fields in the order in which fields are shown, after the exhibit's name.
#[must_use]
pub fn in_order<'a>(fields: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut fields: Vec<_> = fields.into_iter().cloned().collect();
    fields.sort_by(|a, b| (place_of(a), a).cmp(&(place_of(b), b)));
    std::iter::once(EXHIBIT.to_owned()).chain(fields).collect()
}

/// The cells of an exhibit, and the names of the columns whose values no cell can hold: those cells are empty.
#[must_use]
pub fn cells_of(exhibit: ExhibitId, row: &ExhibitRow, columns: &[String]) -> (Vec<String>, Vec<String>) {
    let mut left_out = Vec::new();
    let mut cell = |name: &String| match name.as_str() {
        EXHIBIT => exhibit.to_string(),
        SHA_256 => row.object.to_string(),
        SIZE_BYTES => row.size_bytes.to_string(),
        MEDIA_TYPE => row.media_type.as_ref().map(ToString::to_string).unwrap_or_default(),
        RECORDED_AT => row.recorded_at.to_string(),
        field => row.field(field).map_or_else(String::new, |value| {
            let text = match value {
                // It is compared by its letters when it comes back, and never changed.
                FieldValue::Bytes(_) if [SOURCE_PATH, ORIGINAL_NAME].contains(&field) => {
                    shown(&FieldValue::Text(text_of(value)))
                }
                value => shown(value),
            };
            text.unwrap_or_else(|| {
                left_out.push(name.clone());
                String::new()
            })
        }),
    };
    let cells = columns.iter().map(&mut cell).collect();
    (cells, left_out)
}
