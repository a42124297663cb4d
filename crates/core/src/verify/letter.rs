//! Checking letters: that another archive's log holds the entry that its letter is about, and who signed it.

use super::approvals;
use super::receipts::{self, ReceiptsError, Shown};
use crate::format::{ArchiveIdentity, FormatError, Letter, fields};
use crate::language::{Text, text};
use crate::model::{Bilingual, Disclosure, Event, Reach};

/// What a letter says, and which archive says it. Whether that is the right one is for the caller to compare.
#[derive(Debug, Clone)]
pub struct Told {
    /// What its receipts show.
    pub shown: Shown,
    /// The fields of the entry.
    pub fields: Vec<Disclosure>,
}

impl Told {
    /// The archive that wrote it, as the letter itself proves.
    #[must_use]
    pub fn archive(&self) -> ArchiveIdentity {
        self.shown.archive()
    }
}

/// Why a letter proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LetterError {
    /// It cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// It was written by a newer version, or by an archive that a newer version writes.
    #[error("{reason}")]
    NotUnderstood {
        /// What is not known, in words.
        reason: Text,
        /// The archive that wrote it, where that is known.
        archive: Option<ArchiveIdentity>,
        /// What it says, where all that it needs for that is understood.
        told: Option<Box<Told>>,
    },
    /// It does not hold.
    #[error("{0}")]
    Wrong(Text),
}

impl LetterError {
    /// It, in words.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Format(error) => text!("{error}", "서신을 읽을 수 없습니다: “{error}”"),
            Self::NotUnderstood { reason, .. } | Self::Wrong(reason) => reason.clone(),
        }
    }
}

fn wrong(reason: impl Into<Text>) -> LetterError {
    LetterError::Wrong(reason.into())
}

const OTHER_ARCHIVE: Bilingual = (
    "its first entry is not that of the archive that it names",
    "서신의 첫 기록 항목이 서신이 가리키는 보존소의 것이 아닙니다",
);

/// Reads and checks a letter: its receipts hold, as [`receipts::check`] says; the archive that it names is theirs; the last
/// entry is about a transfer; and the fields are those of that entry.
///
/// # Errors
/// It cannot be read, or something in it does not hold.
pub fn check(bytes: &[u8]) -> Result<Told, LetterError> {
    let letter = Letter::parse(bytes).map_err(|error| match error {
        FormatError::NotUnderstood { .. } => {
            let reason = text!("{error}", "이 프로그램이 모르는 형식의 서신입니다: “{error}”");
            LetterError::NotUnderstood { reason, archive: None, told: None }
        }
        error => error.into(),
    })?;
    let shown = receipts::check(&letter.receipts).map_err(|error| match error {
        ReceiptsError::NotUnderstood { archive, .. } if archive != letter.archive => wrong(OTHER_ARCHIVE),
        ReceiptsError::NotUnderstood { reason, archive } => {
            let origin = letter.receipts.first().and_then(|first| first.entry.entry.archive.origin());
            let archive = origin.map(|origin| ArchiveIdentity::new(origin.clone(), archive));
            LetterError::NotUnderstood { reason, archive, told: None }
        }
        ReceiptsError::Wrong(reason) => LetterError::Wrong(reason),
    })?;
    if shown.fingerprint != letter.archive {
        return Err(wrong(OTHER_ARCHIVE));
    }
    let event = &shown.entry.entry.event;
    // What an unknown event is about is not known, and perhaps a transfer.
    let is_known = matches!(shown.entry.entry.reach(), None | Some(Reach::Itself));
    if is_known && !matches!(event, Event::TransferOffered(_) | Event::TransferAccepted(_) | Event::TransferRefused(_))
    {
        return Err(wrong(("it tells of no transfer", "인계에 관한 서신이 아닙니다")));
    }
    if !event.has_newer_format() && !fields::match_commitments(&letter.fields, event.fields()) {
        return Err(wrong((
            "its fields are not those of its last entry",
            "서신의 서술 정보가 그 마지막 기록 항목의 것이 아닙니다",
        )));
    }
    if let Some(reason) = approvals::other_request(&shown.entry.entry, &letter.fields) {
        return Err(wrong(reason));
    }
    if !shown.not_understood.is_empty() {
        let reason = Text::joined(&shown.not_understood, "; ");
        let told = Told { shown, fields: letter.fields };
        return Err(LetterError::NotUnderstood { reason, archive: Some(told.archive()), told: Some(Box::new(told)) });
    }
    Ok(Told { shown, fields: letter.fields })
}
