//! The ways out where custody does not pass.

use vouchsafe_archive::ArchiveError;

use vouchsafe_check::text::ASK_FOR_THE_FILE;

/// What to do about letters and transfers.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::NoLetterFile { .. } => {
            Some("give the file of the letter, which the other side made with `vouchsafe transfer`; it is a text".to_owned())
        }
        ArchiveError::LetterUnread { .. } => Some(ASK_FOR_THE_FILE.to_owned()),
        ArchiveError::LetterUnanchored { .. } => Some(
            "ask its sender, by a separate channel, for the archive's fingerprint, and give it with --trust; to rely on it all the same, and have the log say so: --accept-self-consistent"
                .to_owned(),
        ),
        ArchiveError::LetterContradicts { .. } => Some(
            "nothing was changed. Keep both, and ask its sender, by a separate channel, how both can be theirs".to_owned(),
        ),
        ArchiveError::TransferUnread { .. } => Some(
            "nothing was changed, since what it says may forbid this: take it back first, with `vouchsafe repair`, from parity, \
             or with --from from another copy of the archive"
                .to_owned(),
        ),
        ArchiveError::OfferAnswered { index } => {
            Some(format!("the letter with the answer is made again with: vouchsafe transfer letter {index} --to FILE"))
        }
        ArchiveError::InQuestion { .. } => {
            Some("if the transfer is meant, an agent who may makes the offer or the answer anew".to_owned())
        }
        ArchiveError::NoTransfer { .. } | ArchiveError::NoLetter { .. } => Some("see `vouchsafe transfer list`".to_owned()),
        _ => None,
    }
}
