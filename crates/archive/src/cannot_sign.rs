//! What this version cannot sign for.

use vouchsafe_core::verify::Agents;

/// What this version cannot sign for, where a log needs it.
pub(super) fn cannot_sign(signing: &Agents) -> Option<&'static str> {
    match () {
        () if signing.log_keys().nth(1).is_some() => Some(KEY_CHANGED),
        () if signing.has_second_key() => Some(SECOND_KEY),
        () => None,
    }
}

pub(super) const KEY_CHANGED: &str = "a log whose key was changed";
pub(super) const SECOND_KEY: &str = "a log with an ML-DSA-44 key";
