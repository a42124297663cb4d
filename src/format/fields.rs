//! Disclosures: for each entry one line, a JSON array of `[salt, name, value]` arrays.

use super::canonical::{self, FormatError};
use crate::digest::Digest;
use crate::model::Disclosure;

/// The longest line, without its newline.
pub const MAX_FIELDS_BYTES: usize = 1024 * 1024;
/// The most fields of one entry.
pub const MAX_FIELDS: usize = 256;

const WHAT: &str = "the fields of the entry";

/// The line for one entry's fields; `[]` where it has none.
///
/// # Errors
/// Too many fields, a value over its limit, or a line over the limit.
pub fn to_line(disclosures: &[Disclosure]) -> Result<Vec<u8>, FormatError> {
    check(disclosures)?;
    let line = canonical::to_vec(&disclosures);
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

/// Whether these disclosures are exactly those that an entry commits to: none missing, none added,
/// none changed.
#[must_use]
pub fn match_commitments(disclosures: &[Disclosure], committed: &[Digest]) -> bool {
    let mut digests: Vec<Digest> = disclosures.iter().map(Disclosure::digest).collect();
    digests.sort_unstable();
    digests == committed
}

fn check(disclosures: &[Disclosure]) -> Result<(), FormatError> {
    let rule = |reason: String| FormatError::Rule { what: WHAT, reason };
    if disclosures.len() > MAX_FIELDS {
        return Err(rule(format!("{} fields; at most {MAX_FIELDS} are allowed", disclosures.len())));
    }
    for disclosure in disclosures {
        disclosure.value().check().map_err(|error| rule(format!("{}: {error}", disclosure.name())))?;
    }
    Ok(())
}
