//! The ways out where somebody may not act, or not now.

use vouchsafe_archive::ArchiveError;
use vouchsafe_core::verify::AgentError;

/// What to do about keys, agents and clocks.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::WrongLogKey { .. } => Some("give the right one with --log-key FILE".to_owned()),
        ArchiveError::Agent { source: AgentError::Unknown, .. } => {
            Some("an administrator adds a key with: vouchsafe agent add".to_owned())
        }
        ArchiveError::NotAllowed { .. } | ArchiveError::Agent { source: AgentError::NotAllowed, .. } => {
            Some("see who may do what with: vouchsafe agent list".to_owned())
        }
        ArchiveError::Agent { source: AgentError::Revoked { .. }, .. } => {
            Some("a revoked key stays revoked; an administrator adds another one with: vouchsafe agent add".to_owned())
        }
        ArchiveError::Agent { source: AgentError::LastAdministrator, .. } => {
            Some("add another administrator first".to_owned())
        }
        ArchiveError::ClockBehind { .. } => Some(
            "put the computer's clock right and run the command again. If the clock is right and an earlier one was wrong: \
             --accept-clock (entries then say when they happened, and were recorded at the time of the last entry)"
                .to_owned(),
        ),
        _ => None,
    }
}
