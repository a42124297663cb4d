//! Why an exhibit is withheld.

use std::fmt;
use std::str::FromStr;

use super::agent::{UnknownWord, words};
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
