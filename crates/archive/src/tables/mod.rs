//! Tables: descriptions that come in as rows of a spreadsheet, and exhibits that go out as rows of one.
//!
//! ```text
//!  file ─► text.rs (letters) ─► read.rs / workbook.rs ─► rows ─► describe.rs ─► commits
//!                               columns.rs: what a column means     matching.rs: which exhibit a row names
//!                               cells.rs: what a cell says, and what a value looks like in a cell
//! ```
//!
//! A table is read from its file each time: once to check every row, and once more to record what it says. So memory does
//! not grow with the table, only with the number of exhibits that it names. A workbook's shared texts are the exception.

mod cells;
mod columns;
mod describe;
mod error;
mod given;
mod ingest;
mod matching;
mod names;
mod read;
mod report;
mod row;
mod template;
mod text;
mod workbook;
mod workbook_write;
mod write;

pub use cells::{MAX_CELL_LETTERS, WITHDRAWN, harmless, shown};
pub use columns::{ColumnOptions, Columns, Match};
pub use describe::{Checked, EXAMPLE_MARKS, RecordError, Recorded, check, record};
pub use error::TableError;
pub use ingest::{DescribedFiles, describe_files};
pub use names::{column_named, fields_in_use, label};
pub use read::{MAX_TEXT_BYTES, Table, TableOptions};
pub use report::{Became, MAX_REPORTED, Places, Problem, ReadDate, TableReport};
pub use row::{MAX_COLUMNS, TemplateColumn};
pub use template::write_template;
pub use text::{encoding_named, name_of};
pub use workbook::{MAX_CELLS, MAX_UNPACKED_BYTES, MAX_WORKBOOK_BYTES};
pub use write::{TableWriter, cells_of, in_order, is_workbook};
