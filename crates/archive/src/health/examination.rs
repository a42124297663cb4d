//! What an examination found, as it is gathered.

use super::risk::{Risk, Weight};
use crate::only_read::NotUnderstoodThing;
use vouchsafe_core::model::Origin;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Examination {
    /// The archive's origin, where `archive.json` can be read.
    pub origin: Option<Origin>,
    /// What is wrong or risky, the worst first.
    pub risks: Vec<Risk>,
    /// What was looked at, a few words each.
    pub checked: Vec<String>,
    /// What was not, a sentence each.
    pub not_checked: Vec<String>,
    /// What is not understood, each thing once.
    pub not_understood: Vec<NotUnderstoodThing>,
}

impl Examination {
    /// Whether there is something that should be mended.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.risks.iter().all(|risk| risk.weight == Weight::Notice)
    }

    pub(super) fn add(&mut self, risk: Risk) {
        self.risks.push(risk);
    }
}
