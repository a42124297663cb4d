//! The ways out if somebody may not act, or not now.

use vouchsafe_archive::ArchiveError;
use vouchsafe_core::verify::AgentError;

/// What to do about keys, agents and clocks.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::WrongLogKey { .. } => Some("name this archive's log key with --log-key FILE".to_owned()),
        ArchiveError::Agent { source: AgentError::Unknown, .. } => {
            Some("an administrator can add a key with: vouchsafe agent add".to_owned())
        }
        ArchiveError::NotAllowed { .. } | ArchiveError::Agent { source: AgentError::NotAllowed, .. } => {
            Some("`vouchsafe agent list` shows who has which role".to_owned())
        }
        ArchiveError::Agent { source: AgentError::Revoked { .. }, .. } => Some(
            "a revoked key stays revoked; an administrator can add another one with: vouchsafe agent \
                add"
            .to_owned(),
        ),
        ArchiveError::Agent { source: AgentError::LastAdministrator, .. } => {
            Some("add another administrator first".to_owned())
        }
        ArchiveError::ClockBehind { .. } => Some(
            "set the computer's clock and run the command again. If the clock is right and an earlier one was wrong, \
             add --accept-clock. Entries then state when they happened, and are recorded at the time of the last entry"
                .to_owned(),
        ),
        _ => None,
    }
}
