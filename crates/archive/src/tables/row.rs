//! The rows and cells of a table, wherever they come from.

use super::cells::{Refusal, original};
use super::error::TableError;

/// The most columns.
pub const MAX_COLUMNS: usize = 1_000;

/// A column of a template: its title, and the values that are offered for its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateColumn {
    /// What stands in the header.
    pub title: String,
    /// The values that are offered; any other may be written, too.
    pub choices: Vec<String>,
}

/// A cell as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Its text, without spaces around it; empty if it says nothing.
    Text(String),
    /// What stands there cannot be used.
    Unsound(Refusal),
}

impl Cell {
    /// The cell with this text, which may be protected from being a formula.
    pub fn of(text: &str) -> Self {
        Self::Text(original(text.trim()).trim().to_owned())
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

/// A row in which something stands.
#[derive(Debug)]
pub(super) struct Row {
    /// As a spreadsheet counts, from 1.
    pub number: u64,
    pub cells: Vec<Cell>,
}

impl Row {
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }
}

/// What is called for each row; the first error ends the reading.
pub(super) type Each<'a> = &'a mut dyn FnMut(Row) -> Result<(), TableError>;

/// A cell as spreadsheets name it: `C17`.
pub(super) fn cell_name(column: usize, row: u64) -> String {
    format!("{}{row}", column_letters(column))
}

pub(super) fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_in_spreadsheets() {
        assert_eq!([0, 25, 26, 701, 702].map(column_letters), ["A", "Z", "AA", "ZZ", "AAA"]);
        assert_eq!(cell_name(2, 17), "C17");
    }
}
