//! What became of the rows of a table, in sums that add up, with each row that needs a look.

use serde::Serialize;
use vouchsafe_core::model::ExhibitId;

use super::cells::Refusal;

/// At most this many problems are kept, and as many dates. All are counted.
pub const MAX_REPORTED: usize = 10_000;

vouchsafe_core::described! {
    /// What became of a row of a table.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Became {
        /// It changes its exhibit.
        Applied,
        /// The exhibit says all of it already.
        Unchanged,
        /// It names no exhibit of the archive.
        NoSuchExhibit,
        /// It fits more than one exhibit.
        Ambiguous,
        /// Something in it cannot be accepted.
        Refused,
    }
}

vouchsafe_core::described! {
    /// A cell or a row of a table that needs a look.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct Problem {
        /// The row, as a spreadsheet counts, from 1.
        pub row: u64,
        /// The cell, such as `C17`; null if it is about the whole row.
        pub cell: Option<String>,
        /// The title of its column.
        pub column: Option<String>,
        /// What became of the row.
        pub became: Became,
        /// Why, as a sentence.
        pub reason: String,
        /// What would be accepted there, if that is known.
        pub accepted: Option<String>,
        /// The exhibits that the row fits, or the first of them; empty if it is not ambiguous.
        pub candidates: Vec<ExhibitId>,
    }
}

/// At most this many places of deposits are reported.
const MAX_PLACES: usize = 10;

vouchsafe_core::described! {
    /// The place of a deposit, which is another one on each computer.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct Places {
        /// What the paths in the table begin with.
        pub in_table: String,
        /// What the paths of the exhibits begin with.
        pub in_archive: String,
        /// How many rows.
        pub rows: u64,
    }
}

vouchsafe_core::described! {
    /// A date in a table that was not given in EDTF.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct ReadDate {
        /// The row, as a spreadsheet counts, from 1.
        pub row: u64,
        /// The field.
        pub field: String,
        /// The words, which are kept.
        pub words: String,
        /// The date that they were read as; null if they can be read in no way, or in more than one.
        pub date: Option<String>,
    }
}

vouchsafe_core::described! {
    /// What became of the rows of a table: `rows` is the sum of `applied`, `unchanged`, `no_such_exhibit`, `ambiguous` and
    /// `refused`.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
    pub struct TableReport {
        /// The rows below the header in which something stands, without examples.
        pub rows: u64,
        /// Rows that change their exhibit.
        pub applied: u64,
        /// Rows of which their exhibit says all already.
        pub unchanged: u64,
        /// Rows that name no exhibit of the archive.
        pub no_such_exhibit: u64,
        /// Rows that fit more than one exhibit.
        pub ambiguous: u64,
        /// Rows in which something cannot be accepted.
        pub refused: u64,
        /// Where a deposit lies according to the paths in the table, and where according to the archive, the first 10 of them;
        /// empty if rows are not matched by paths.
        pub places: Vec<Places>,
        /// Example rows of a template, which are not read.
        pub examples: u64,
        /// The cells and rows that need a look, the first 10,000 of them.
        pub problems: Vec<Problem>,
        /// How many there are in all.
        pub all_problems: u64,
        /// The dates that were not given in EDTF, the first 10,000 of them.
        pub dates: Vec<ReadDate>,
        /// How many there are in all.
        pub all_dates: u64,
    }
}

impl Problem {
    pub(super) fn of_row(row: u64, became: Became, reason: String) -> Self {
        Self { row, cell: None, column: None, became, reason, accepted: None, candidates: Vec::new() }
    }

    pub(super) fn of_cell(row: u64, (cell, column): (String, String), became: Became, refusal: Refusal) -> Self {
        let Refusal { reason, accepted } = refusal;
        Self { row, cell: Some(cell), column: Some(column), became, reason, accepted, candidates: Vec::new() }
    }
}

impl TableReport {
    /// Whether every row can be applied, or is already.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.no_such_exhibit == 0 && self.ambiguous == 0 && self.refused == 0
    }

    /// Whether each row is counted once.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        self.rows == self.applied + self.unchanged + self.no_such_exhibit + self.ambiguous + self.refused
    }

    const fn sum(&mut self, became: Became) -> &mut u64 {
        match became {
            Became::Applied => &mut self.applied,
            Became::Unchanged => &mut self.unchanged,
            Became::NoSuchExhibit => &mut self.no_such_exhibit,
            Became::Ambiguous => &mut self.ambiguous,
            Became::Refused => &mut self.refused,
        }
    }

    pub(super) const fn count(&mut self, became: Became) {
        *self.sum(became) += 1;
    }

    /// A row became something else.
    pub(super) const fn recount(&mut self, before: Became, now: Became) {
        *self.sum(before) -= 1;
        *self.sum(now) += 1;
    }

    pub(super) fn add_place(&mut self, (in_table, in_archive): &(String, String)) {
        let is_same = |known: &Places| known.in_table == *in_table && known.in_archive == *in_archive;
        match self.places.iter().position(is_same) {
            Some(at) => self.places[at].rows += 1,
            None if in_table == in_archive || self.places.len() >= MAX_PLACES => {}
            None => self.places.push(Places { in_table: in_table.clone(), in_archive: in_archive.clone(), rows: 1 }),
        }
    }

    pub(super) fn add_problem(&mut self, problem: Problem) {
        self.all_problems += 1;
        if self.problems.len() < MAX_REPORTED {
            self.problems.push(problem);
        }
    }

    pub(super) fn add_date(&mut self, date: ReadDate) {
        self.all_dates += 1;
        if self.dates.len() < MAX_REPORTED {
            self.dates.push(date);
        }
    }
}
