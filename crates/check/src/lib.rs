//! Checking what came from an archive, without the archive: bundles, receipts, heads and letters; and how findings are shown.
//!
//! The program `vouchsafe-check` is this and nothing else; `vouchsafe check` is the same code.

pub mod check;
pub mod check_error;
pub mod findings;
pub mod layout;
mod page;
pub mod paint;
pub mod receipt;
pub mod text;

pub use page::Page;
