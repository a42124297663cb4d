//! Disclosures: for each entry one line, a JSON array of `[salt, name, value]` arrays.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::Entry;
use super::canonical::{self, FormatError};
use crate::digest::Digest;
use crate::model::Disclosure;

pub use super::entry_limits::MAX_FIELDS;

/// The longest line, without its newline.
pub const MAX_FIELDS_BYTES: usize = 1024 * 1024;
/// The longest line of fields that are sealed, or that stand beside an entry of a format that is not known: a line of the
/// length above, encrypted, in base64.
pub const MAX_SEALED_LINE_BYTES: usize = 2 * 1024 * 1024;

const WHAT: &str = "the fields of the entry";
const NOT_COMMITTED: &str = "they are not those that the entry commits to";

/// The line for one entry's fields; `[]` where it has none.
///
/// # Errors
/// Too many fields, a value over its limit, or a line over the limit.
pub fn to_line(disclosures: &[Disclosure]) -> Result<Vec<u8>, FormatError> {
    check(disclosures)?;
    let line = canonical::to_vec_in_order(&disclosures);
    canonical::check_length(WHAT, line.len() as u64, MAX_FIELDS_BYTES as u64)?;
    Ok(line)
}

/// Reads one line (without its newline) strictly.
///
/// # Errors
/// Over a limit, of another shape, or not canonical.
pub fn parse_line(line: &[u8]) -> Result<Vec<Disclosure>, FormatError> {
    let disclosures: Vec<Disclosure> = canonical::from_slice(WHAT, line, MAX_FIELDS_BYTES)?;
    check(&disclosures)?;
    Ok(disclosures)
}

/// The line of fields of an entry that is sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedLine {
    sealed: String,
}

/// Reads the form of a line of sealed fields (without its newline).
fn check_sealed_line(line: &[u8]) -> Result<(), FormatError> {
    let read: SealedLine = canonical::from_slice(WHAT, line, MAX_SEALED_LINE_BYTES)?;
    match BASE64.decode(read.sealed) {
        Ok(_) => Ok(()),
        Err(_) => Err(FormatError::Rule { what: WHAT, reason: "what is sealed is not in base64".to_owned() }),
    }
}

/// Reads the form of the line that stands beside an entry in a volume: the disclosures of its fields, which
/// [`are_committed`] compares with it. There are none where they are sealed, and where the format of the entry is not
/// known: then it is not known either to which fields it commits.
///
/// # Errors
/// Over a limit, of another shape, or not canonical.
pub fn read_line_of(entry: &Entry, line: &[u8]) -> Result<Vec<Disclosure>, FormatError> {
    match &entry.attached.sealed {
        _ if entry.event.has_newer_format() => {
            canonical::check_length(WHAT, line.len() as u64, MAX_SEALED_LINE_BYTES as u64)?;
            Ok(Vec::new())
        }
        Some(_) => check_sealed_line(line).map(|()| Vec::new()),
        None => parse_line(line),
    }
}

/// Whether a line that [`read_line_of`] has read is the one that the entry commits to.
#[must_use]
pub fn are_committed(entry: &Entry, line: &[u8], disclosures: &[Disclosure]) -> bool {
    match &entry.attached.sealed {
        _ if entry.event.has_newer_format() => true,
        Some(sealed) => Digest::of(line) == sealed.fields,
        None => match_commitments(disclosures, entry.event.fields()),
    }
}

/// Reads the line that stands beside an entry in a volume, and compares it with the entry: the disclosures of all fields
/// that it commits to, or none where [`read_line_of`] has none.
///
/// # Errors
/// As [`read_line_of`], or they are not those that the entry commits to.
pub fn parse_line_of(entry: &Entry, line: &[u8]) -> Result<Vec<Disclosure>, FormatError> {
    let disclosures = read_line_of(entry, line)?;
    match are_committed(entry, line, &disclosures) {
        true => Ok(disclosures),
        false => Err(FormatError::Rule { what: WHAT, reason: NOT_COMMITTED.to_owned() }),
    }
}

/// Whether these disclosures are exactly those that an entry commits to, in the order of their digests:
/// none missing, none added, none changed.
#[must_use]
pub fn match_commitments(disclosures: &[Disclosure], committed: &[Digest]) -> bool {
    disclosures.len() == committed.len()
        && disclosures.iter().zip(committed).all(|(disclosure, digest)| disclosure.digest() == *digest)
}

/// Whether these disclosures are some of those that an entry commits to, in the order of their digests: none
/// added, none changed, perhaps some withheld.
#[must_use]
pub fn match_some_commitments(disclosures: &[Disclosure], committed: &[Digest]) -> bool {
    let mut rest = committed.iter();
    disclosures.iter().all(|disclosure| {
        let digest = disclosure.digest();
        rest.any(|committed| *committed == digest)
    })
}

fn check(disclosures: &[Disclosure]) -> Result<(), FormatError> {
    let rule = |reason: String| FormatError::Rule { what: WHAT, reason };
    if disclosures.len() > MAX_FIELDS {
        return Err(rule(format!("{} fields; at most {MAX_FIELDS} are allowed", disclosures.len())));
    }
    let mut names: Vec<_> = disclosures.iter().map(Disclosure::name).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(rule(format!("{}: the field is there twice", pair[0])));
    }
    for disclosure in disclosures {
        disclosure.value().check().map_err(|error| rule(format!("{}: {error}", disclosure.name())))?;
    }
    Ok(())
}
