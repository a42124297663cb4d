//! The ways out if custody does not pass.

use vouchsafe_archive::ArchiveError;

use vouchsafe_check::text::ASK_FOR_THE_FILE;

/// What to do about letters and transfers.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::NoLetterFile { .. } => {
            Some("give the text file that the other side wrote with `vouchsafe transfer`".to_owned())
        }
        ArchiveError::LetterUnread { .. } => Some(ASK_FOR_THE_FILE.to_owned()),
        ArchiveError::LetterUnanchored { .. } => Some(
            "ask its sender for the archive's fingerprint, through a separate channel, and give it with --trust. To \
             rely on the letter without it, and have the log record that: --accept-self-consistent"
                .to_owned(),
        ),
        ArchiveError::LetterContradicts { .. } => Some(
            "nothing was changed. Keep both, and ask its sender through a separate channel how both can be \
             theirs"
                .to_owned(),
        ),
        ArchiveError::TransferUnread { .. } => Some(
            "nothing was changed, since that entry may forbid this. First restore it with `vouchsafe repair`, from \
             parity, or with --from DIR from another copy of the archive"
                .to_owned(),
        ),
        ArchiveError::OfferAnswered { index } => {
            Some(format!("to write the letter with the answer again: vouchsafe transfer letter {index} --to FILE"))
        }
        ArchiveError::InQuestion { .. } => {
            Some("if the transfer is intended, an authorised agent must make the offer or answer again".to_owned())
        }
        ArchiveError::NoTransfer { .. } | ArchiveError::NoLetter { .. } => Some(
            "see `vouchsafe transfer \
            list`"
                .to_owned(),
        ),
        _ => None,
    }
}
