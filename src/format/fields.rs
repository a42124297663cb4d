//! Disclosures: for each entry one line, a JSON array of `[salt, name, value]` arrays.

use super::canonical::{self, FormatError};
use crate::digest::Digest;
use crate::model::{Disclosure, Event};

/// The longest line, without its newline.
pub const MAX_FIELDS_BYTES: usize = 1024 * 1024;
/// The most fields of one entry.
pub const MAX_FIELDS: usize = 256;

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

/// Reads the line that stands beside an entry in a volume: the disclosures of all fields that it commits to. To which an
/// entry of a format that is not known commits, is not known either: then there are none.
///
/// # Errors
/// As [`parse_line`], or they are not those that the entry commits to.
pub fn parse_line_of(event: &Event, line: &[u8]) -> Result<Vec<Disclosure>, FormatError> {
    if event.has_newer_format() {
        canonical::check_length(WHAT, line.len() as u64, MAX_FIELDS_BYTES as u64)?;
        return Ok(Vec::new());
    }
    let disclosures = parse_line(line)?;
    match match_commitments(&disclosures, event.fields()) {
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
