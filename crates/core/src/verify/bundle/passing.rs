//! That custody passed from one archive to another, as an entry says, and what there is of the other side's word.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::Digest;
use crate::format::ArchiveIdentity;
use crate::language::{Text, text};
use crate::model::{Bilingual, CustodyPassed, Direction, Disclosure};

/// Fields that say which archive the other one is. They are withheld by default: who works with whom is not for everybody.
pub const PARTNER_ARCHIVE: &str = "partner_archive";
/// What that archive calls itself.
pub const PARTNER_ORIGIN: &str = "partner_origin";

/// What there is of the other side's word that custody passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherSide {
    /// The letter is here in which it offered that custody passes.
    Offered,
    /// The letter is here in which it accepted that.
    Accepted,
    /// Its letter is here, and does not hold, or is not understood: a finding says which.
    LetterDoesNotHold,
    /// Which archive it is, is withheld, and so is its letter.
    Withheld,
    /// It is named, or nothing is withheld that could name it, and its letter is not here.
    Missing,
}

impl OtherSide {
    /// Where the letter is not here, by the fields of the entry that are disclosed.
    pub fn without_letter(body: &CustodyPassed, disclosed: &[Disclosure]) -> Self {
        let is_named = disclosed.iter().any(|field| field.name().as_str() == PARTNER_ARCHIVE);
        let is_withheld = disclosed.len() < body.fields.len() && !is_named;
        if is_withheld { Self::Withheld } else { Self::Missing }
    }

    /// What is said of it after "custody passed, as an entry says"; every reader says it in these words.
    #[must_use]
    pub const fn told(self) -> Bilingual {
        match self {
            Self::Offered => (
                "the letter is here in which the other archive offered it; to whom, and that nobody else accepted it, the \
                 letter does not prove",
                "상대 보존소가 인계를 제안한 서신이 들어 있습니다. 누구에게 제안하였는지, 다른 곳이 수락하지 않았는지는 이 \
                 서신으로 증명되지 않습니다.",
            ),
            Self::Accepted => (
                "the letter is here in which the other archive accepted it",
                "상대 보존소가 인수를 수락한 서신이 들어 있습니다.",
            ),
            Self::LetterDoesNotHold => (
                "the letter of the other archive, which is here, does not prove it",
                "여기에 있는 상대 보존소의 서신이 이를 증명하지 못합니다.",
            ),
            Self::Withheld => (
                "the letter of the other archive, which would prove it, is withheld",
                "이를 증명할 상대 보존소의 서신이 비공개입니다.",
            ),
            Self::Missing => (
                "the word of one side; the letter of the other archive, which would prove it, is not here",
                "한쪽의 진술입니다. 이를 증명할 상대 보존소의 서신은 여기에 없습니다.",
            ),
        }
    }
}

/// That custody passed, as an entry says, and what there is of the other side's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passing {
    pub other_side: OtherSide,
    pub direction: Direction,
    /// The bundle with which it passed.
    pub bundle: Digest,
    /// The letter that the entry names.
    pub letter: Digest,
    /// Who wrote the letter that is here, where it holds.
    pub by: Option<ArchiveIdentity>,
}

/// What is said of entries by which custody passed from one archive to another: how far each is more than the word of one
/// side, a sentence for each kind, and for each archive that wrote a letter.
pub(super) fn told_of_passings<'a>(passings: impl Iterator<Item = &'a Passing>) -> impl Iterator<Item = Text> {
    let mut counts: BTreeMap<(OtherSide, Option<String>), u64> = BTreeMap::new();
    for Passing { other_side, by, .. } in passings {
        let by = by.as_ref().map(|by| format!("{} {}", by.origin(), by.fingerprint().paper()));
        *counts.entry((*other_side, by)).or_default() += 1;
    }
    counts.into_iter().map(|((other_side, by), count)| {
        let entries = match count {
            1 => "1 entry says".to_owned(),
            more => format!("{more} entries say"),
        };
        let by = by.map_or(Text::same(""), |by| {
            text!(
                "; that archive is {by}, which was compared with nothing from outside",
                " 상대 보존소({by})는 외부에서 받은 어떤 것과도 비교되지 않았습니다."
            )
        });
        text!(
            [told = Text::from(other_side.told()), by] "that custody passed, as {entries}: {told}{by}",
            "보관 책임이 이전되었다는 것(기록 항목 {count}건): {told}{by}"
        )
    })
}
