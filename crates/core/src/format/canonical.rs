//! Canonical JSON (RFC 8785): one value, one sequence of bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{EntryIndex, Plain};

/// Bytes that are not what the format says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// More bytes than the format allows; nothing of them was parsed.
    #[error("{what} has {found_bytes} bytes; at most {limit_bytes} are allowed")]
    TooLong {
        /// What was read.
        what: &'static str,
        /// Its size in bytes.
        found_bytes: u64,
        /// The limit in bytes.
        limit_bytes: u64,
    },
    /// Not JSON of the expected shape: an unknown, missing or repeated member, or another type.
    #[error("{what} is not of the expected form: {source}")]
    Shape {
        /// What was read.
        what: &'static str,
        /// What the JSON reader said.
        source: serde_json::Error,
    },
    /// The right values in other bytes than the canonical ones.
    #[error("{what} is not in canonical form (RFC 8785): the same content has other bytes")]
    NotCanonical {
        /// What was read.
        what: &'static str,
    },
    /// Written in a format that is newer than this program: that is nothing against it.
    #[error("{what} has the format {found}, which this program does not know: it was written by a newer version")]
    NotUnderstood {
        /// What was read.
        what: &'static str,
        /// Its format.
        found: String,
    },
    /// The text breaks a rule of the format that is named.
    #[error("{what}: {reason}")]
    Rule {
        /// What was read.
        what: &'static str,
        /// The rule.
        reason: String,
    },
}

/// The canonical bytes of a value.
///
/// # Panics
/// Never for the types of this crate: they hold only text, whole numbers, lists and named members.
#[must_use]
pub fn to_vec<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("text, whole numbers, lists and named members can always be written")
}

/// The canonical bytes of a value of one of this crate's own types, whose members are declared in canonical
/// order: then the order in which they are written is already the right one, and nothing needs to be sorted.
///
/// That takes a quarter of the time of [`to_vec`], which matters for the hundred thousand entries of a log.
/// Numbers beyond ±(2^53 - 1), which canonical JSON rounds, are refused by the rules of each format.
///
/// # Panics
/// Never, see [`to_vec`].
#[must_use]
pub fn to_vec_in_order<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("text, whole numbers, lists and named members can always be written")
}

/// Reads a value of a type of [`to_vec_in_order`] and checks that its bytes are the canonical ones, so that no
/// second text has the same meaning: no repeated names, no white space, no other order, no trailing bytes.
///
/// # Errors
/// Over the limit, of another shape, or not canonical.
///
/// # Panics
/// Never for the types of this crate, see [`to_vec_in_order`].
pub fn from_slice<T: Serialize + DeserializeOwned>(
    what: &'static str,
    bytes: &[u8],
    limit_bytes: usize,
) -> Result<T, FormatError> {
    check_length(what, bytes.len() as u64, limit_bytes as u64)?;
    let value: T = serde_json::from_slice(bytes).map_err(|source| FormatError::Shape { what, source })?;
    if to_vec_in_order(&value) == bytes { Ok(value) } else { Err(FormatError::NotCanonical { what }) }
}

/// The deepest nesting of what is not understood, itself included.
const MAX_DEPTH: usize = 100;

/// Checks that bytes are canonical JSON, whatever they say: for what this program does not understand.
///
/// # Errors
/// Not JSON, not canonical, with a number that is not whole or beyond ±(2^53 - 1), or nested too deeply.
pub fn check_any(what: &'static str, bytes: &[u8]) -> Result<(), FormatError> {
    let value: Plain = serde_json::from_slice(bytes).map_err(|source| FormatError::Shape { what, source })?;
    if !is_allowed(&value, 0) {
        let reason = "a number in it is not whole or beyond 2^53 - 1, or it is nested too deeply".to_owned();
        return Err(FormatError::Rule { what, reason });
    }
    if to_vec(&value) == bytes { Ok(()) } else { Err(FormatError::NotCanonical { what }) }
}

fn is_allowed(value: &Plain, depth: usize) -> bool {
    match value {
        Plain::Number(number) => number.unsigned_abs() <= EntryIndex::MAX.0,
        Plain::List(items) => depth < MAX_DEPTH && items.iter().all(|item| is_allowed(item, depth + 1)),
        Plain::Members(members) => depth < MAX_DEPTH && members.values().all(|item| is_allowed(item, depth + 1)),
        Plain::Null | Plain::Truth(_) | Plain::Text(_) => true,
    }
}

/// Refuses what is longer than its limit, before memory is taken for it.
///
/// # Errors
/// It is longer; `what` names it.
pub fn check_length(what: &'static str, found_bytes: u64, limit_bytes: u64) -> Result<(), FormatError> {
    if found_bytes > limit_bytes { Err(FormatError::TooLong { what, found_bytes, limit_bytes }) } else { Ok(()) }
}
