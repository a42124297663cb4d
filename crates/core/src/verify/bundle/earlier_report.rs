//! What the report on a bundle says of an earlier bundle that it was compared with.

use serde::Serialize;

use super::completeness::{Compared, CompletenessReport};
use super::exhibit_report::BundleVerdict;
use crate::digest::Digest;
use crate::verify::LimitedFindings;

crate::shape::described! {
    /// What an earlier bundle is worth, and what this one shows of its log and of its statement of completeness.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct EarlierReport {
        /// SHA-256 of its tag manifest.
        pub bundle: Option<Digest>,
        /// How it stands with it.
        pub verdict: BundleVerdict,
        /// What was found about it.
        #[serde(flatten)]
        pub findings: LimitedFindings,
        /// Whether this bundle proves that its log continues the earlier one's: that this had its root. If not, that is
        /// open; none if the logs were not compared.
        pub is_continued: Option<bool>,
        /// What it says of a collection, if it does.
        pub completeness: Option<CompletenessReport>,
        /// What this bundle shows of that; none if there is nothing, or the earlier one does not hold.
        pub compared: Option<Compared>,
        /// How many exhibits the collection held then and holds now; none unless both bundles state that of a collection of
        /// one name.
        pub held: Option<Held>,
    }
}

crate::shape::described! {
    /// What two statements say of one collection. That the numbers differ accuses nobody: exhibits come in, and may be moved
    /// to another collection.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct Held {
        /// How many exhibits it held.
        pub then: u64,
        /// How many it holds now.
        pub now: u64,
        /// How many of those that were counted then are in this bundle.
        pub counted_then_here_now: u64,
    }
}
