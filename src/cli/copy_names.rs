//! Finding a copy of the archive by what was typed.

use vouchsafe_archive::{CopyStanding, Reader, health};
use vouchsafe_core::model::CopyId;

use super::error::CommandError;
use super::output::{printable, shorten};
use super::typed_names::{digits, with_candidates};

/// Finds a copy by its name, in any letter case and with or without dashes, or by an unambiguous beginning of it. A
/// whole name is accepted even if the copy is not known.
///
/// # Errors
/// No copy matches, or several do; or the log cannot be read.
pub fn find_copy(archive: &Reader, typed: &str) -> Result<CopyId, CommandError> {
    if let Ok(copy) = typed.parse() {
        return Ok(copy);
    }
    let copies = health::copies(archive)?;
    let wanted = digits(typed, 'C');
    let fits = |copy: &&CopyStanding| !wanted.is_empty() && digits(&copy.copy.to_string(), 'C').starts_with(&wanted);
    let found: Vec<_> = copies.iter().filter(fits).collect();
    match found[..] {
        [copy] => Ok(copy.copy),
        [] => {
            let error = CommandError::usage(format!(
                "no copy is named {typed:?}; a name looks like \
                C-7K3M-9QRT-2WXY-4ABC"
            ));
            Err(with_candidates(error, &copies.iter().map(candidate).collect::<Vec<_>>(), "vouchsafe status"))
        }
        _ => {
            let error = CommandError::usage(format!("several copies begin with {typed:?}; type more of the name"));
            Err(with_candidates(error, &found.into_iter().map(candidate).collect::<Vec<_>>(), "vouchsafe status"))
        }
    }
}

/// A copy with what distinguishes it from others.
fn candidate(copy: &CopyStanding) -> String {
    let place = copy.place_text.as_ref().map(|text| format!("  {}", shorten(&printable(text), 60))).unwrap_or_default();
    format!("{}  {}, {}{place}", copy.copy, copy.place.medium, copy.place.site)
}
