//! Random names as people type them, and the candidates if a typed name is ambiguous.

use super::error::CommandError;

/// At most this many candidates are named.
pub const MAX_CANDIDATES: usize = 10;

/// How many letters and digits a name has, without its first letter and the dashes.
pub const NAME_DIGITS: usize = 16;

/// The digits of a name, or of its beginning, from what was typed: in any case, with or without dashes and its first letter.
/// What looks like a digit is one (Crockford's base 32).
pub fn digits(typed: &str, letter: char) -> String {
    let mut digits: String = typed.to_ascii_uppercase().chars().filter(|c| *c != '-').collect();
    if let Some(rest) = digits.strip_prefix(letter).filter(|_| digits.len() != NAME_DIGITS) {
        digits = rest.to_owned();
    }
    let digit = |c: char| match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    digits.chars().map(digit).collect()
}

/// Adds the first candidates to an error; `list` is the command that shows all of them.
pub fn with_candidates(error: CommandError, candidates: &[String], list: &str) -> CommandError {
    let named = candidates.iter().take(MAX_CANDIDATES).fold(error, |error, candidate| error.hint(candidate.as_str()));
    if candidates.len() > MAX_CANDIDATES { named.hint(format!("and more: see `{list}`")) } else { named }
}
