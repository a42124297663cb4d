//! What an examination found, as it is gathered.

use super::risk::{Risk, Weight};
use crate::only_read::NotUnderstoodThing;
use vouchsafe_core::model::Origin;
use vouchsafe_core::verify::Remedy;

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
    pub not_checked: Vec<NotLookedAt>,
    /// What is not understood, each thing once.
    pub not_understood: Vec<NotUnderstoodThing>,
}

/// Something that an examination did not look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLookedAt {
    /// What.
    pub what: String,
    /// What looks at it.
    pub remedy: Option<Remedy>,
}

impl NotLookedAt {
    /// What was not looked at, and what looks at it.
    pub(super) fn but(what: impl Into<String>, remedy: Remedy) -> Self {
        Self { what: what.into(), remedy: Some(remedy) }
    }
}

impl<T: Into<String>> From<T> for NotLookedAt {
    fn from(what: T) -> Self {
        Self { what: what.into(), remedy: None }
    }
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
