//! The limits of an entry and of what stands beside it, and what is said where one of its rules is broken.

use super::canonical::FormatError;

/// The longest line, without its newline: what a C2SP tlog-tiles entry bundle can hold.
pub const MAX_ENTRY_BYTES: usize = 65_535;
/// The most fields of one entry.
pub const MAX_FIELDS: usize = 256;

pub(super) const WHAT: &str = "the entry";

pub(super) fn rule(reason: &str) -> FormatError {
    FormatError::Rule { what: WHAT, reason: reason.to_owned() }
}
