//! Finding an exhibit by what was typed.

use std::path::Path;

use vouchsafe_archive::{Filter, Reader};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::ExhibitId;

use super::error::CommandError;
use super::opening::is_whole;
use super::output;
use super::typed_names::{MAX_CANDIDATES, NAME_DIGITS, digits, with_candidates};

/// Finds an exhibit by its name, in any letter case and with or without dashes, or by an unambiguous beginning of it.
pub fn find_exhibit(archive: &Reader, typed: &str) -> Result<ExhibitId, CommandError> {
    let usage = |message: String| {
        CommandError::usage(message).hint("an exhibit's name looks like X-7K3M-9QRT-2WXY-4ABC; see `vouchsafe list`")
    };
    if let Ok(object) = typed.to_ascii_lowercase().parse::<Digest>() {
        return of_object(archive, object);
    }
    if Path::new(typed).exists() {
        return Err(CommandError::usage(format!("{typed}: this is a file or folder, not the name of an exhibit"))
            .hint(format!("to check a bundle: vouchsafe check '{typed}'"))
            .hint(format!("to verify an archive: vouchsafe verify --archive '{typed}'")));
    }
    let Some((first, last)) = range(typed) else {
        return Err(usage(format!("{typed:?} is not the name of an exhibit")));
    };
    let found = archive.exhibits_from(first, last, MAX_CANDIDATES + 1)?;
    match found[..] {
        [exhibit] => Ok(exhibit),
        [] if !is_whole(archive) => {
            let message = format!("there is no exhibit {typed} in the part of the log that can be read");
            Err(CommandError::incomplete(message).hint(
                "it may be in the rest, which `vouchsafe repair --from DIR` restores from another copy of the archive",
            ))
        }
        [] => Err(CommandError::usage(format!("there is no exhibit {typed}")).hint("see `vouchsafe list`")),
        _ => {
            let error = CommandError::usage(format!("several exhibits begin with {typed:?}; type more of the name"));
            Err(candidates(error, archive, &found)?)
        }
    }
}

/// The first and the last possible name that begin with what was typed.
fn range(typed: &str) -> Option<(ExhibitId, ExhibitId)> {
    let digits = digits(typed, 'X');
    if digits.is_empty() || digits.len() > NAME_DIGITS || !digits.is_ascii() {
        return None;
    }
    let end = |fill: char| {
        let full: String = digits.chars().chain(std::iter::repeat(fill)).take(NAME_DIGITS).collect();
        format!("X-{}-{}-{}-{}", &full[..4], &full[4..8], &full[8..12], &full[12..]).parse::<ExhibitId>().ok()
    };
    Some((end('0')?, end('Z')?))
}

/// The one exhibit of an object.
fn of_object(archive: &Reader, object: Digest) -> Result<ExhibitId, CommandError> {
    let mut found = Vec::new();
    archive.find(&Filter { object: Some(object), ..Filter::default() }, |exhibit, _| {
        found.push(exhibit);
        found.len() <= MAX_CANDIDATES
    })?;
    match found[..] {
        [exhibit] => Ok(exhibit),
        [] => Err(CommandError::usage(format!("no exhibit has the SHA-256 {object}")).hint("see `vouchsafe list`")),
        _ => {
            let error = CommandError::usage("several exhibits have this SHA-256; give the name of one of them");
            Err(candidates(error, archive, &found)?)
        }
    }
}

/// Adds the exhibits that may have been meant.
fn candidates(error: CommandError, archive: &Reader, found: &[ExhibitId]) -> Result<CommandError, CommandError> {
    let candidate = |exhibit: &ExhibitId| {
        let row = archive.exhibit(*exhibit)?;
        let name = row.field("title").or_else(|| row.field("original_name")).map(output::value).unwrap_or_default();
        Ok::<_, CommandError>(format!("{exhibit}  {}", output::shorten(&name, 60)))
    };
    let candidates = found.iter().map(candidate).collect::<Result<Vec<_>, _>>()?;
    Ok(with_candidates(error, &candidates, "vouchsafe list"))
}
