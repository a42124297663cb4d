//! Why an exhibit is withheld.

use std::fmt;
use std::str::FromStr;

use super::agent::{UnknownWord, words};
use super::events::declaration::Bilingual;
use super::text::serde_as_text;

words! {
    /// Why an exhibit of a collection is not in a bundle.
    WithholdingReason {
        /// It would tell who a witness is.
        WitnessIdentity = "witness-identity",
        /// It would put somebody's family in danger.
        Family = "family",
        /// It concerns somebody who has no part in the matter.
        ThirdParty = "third-party",
        /// It would tell from whom it came.
        SourceProtection = "source-protection",
        /// Somebody whose consent is needed has not given it.
        Consent = "consent",
        /// Whoever handed it over made a condition.
        OriginatorCondition = "originator-condition",
        /// It would harm an investigation that is not finished.
        OngoingInvestigation = "ongoing-investigation",
        /// A legal privilege protects it.
        Privilege = "privilege",
        /// A court ordered it.
        CourtOrder = "court-order",
        /// Its content was destroyed, by destroying the keys with which it was sealed; the entries are kept.
        Erased = "erased",
    }
}

impl WithholdingReason {
    /// What it means, in a few words.
    #[must_use]
    pub const fn told(self) -> Bilingual {
        match self {
            Self::WitnessIdentity => ("it would tell who a witness is", "증인의 신원이 드러날 우려"),
            Self::Family => ("it would put somebody's family in danger", "관련자의 가족이 위험해질 우려"),
            Self::ThirdParty => {
                ("it concerns somebody who has no part in the matter", "사건과 관계없는 제3자에 관한 것")
            }
            Self::SourceProtection => ("it would tell from whom it came", "자료 제공자의 신원이 드러날 우려"),
            Self::Consent => ("a consent that is needed was not given", "필요한 동의를 받지 못함"),
            Self::OriginatorCondition => ("whoever handed it over made a condition", "제공자가 조건을 붙임"),
            Self::OngoingInvestigation => {
                ("it would harm an investigation that is not finished", "끝나지 않은 조사에 지장을 줌")
            }
            Self::Privilege => {
                ("a legal privilege protects it", "변호사·의뢰인 간 비밀 등 법률상 비밀유지권의 보호를 받음")
            }
            Self::CourtOrder => ("a court ordered it", "법원의 비공개 명령"),
            Self::Erased => {
                ("its content was destroyed, and the entries about it are kept", "내용은 폐기되었고 관련 기록만 보존됨")
            }
        }
    }
}
