//! Something that is wrong or risky about an archive, how serious it is, and what can be done about it.

use serde::Serialize;

use super::mend::Mend;

vouchsafe_core::described! {
    /// How serious something is. The worst comes first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Weight {
        /// Something is lost, does not work, or is open to others now.
        Wrong,
        /// Nothing is lost yet, but one more mishap may be enough.
        Risky,
        /// Worth knowing.
        Notice,
    }
}

/// Something that is wrong or risky, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// How serious it is.
    pub weight: Weight,
    /// What it is about, in one word.
    pub about: &'static str,
    /// What is wrong or risky, in a sentence.
    pub message: String,
    /// What can be done about it; none if nothing needs to be done.
    pub mend: Option<Mend>,
    /// What to do instead if the archive refuses that, and what that needs.
    pub(super) instead: Option<(Needs, Mend)>,
}

/// What a way out needs of an archive that this version does not understand, or cannot sign for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needs {
    /// That it can be opened for writing: not possible if its description is not understood.
    Opening,
    /// That something can be recorded in its log.
    Recording,
}

impl Risk {
    pub(super) fn new(weight: Weight, about: &'static str, message: impl Into<String>) -> Self {
        Self { weight, about, message: message.into(), mend: None, instead: None }
    }

    pub(super) fn mend(mut self, mend: impl Into<Mend>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    /// What to do if the archive refuses the way out, since that needs this.
    pub(super) fn or(mut self, needs: Needs, instead: impl Into<Mend>) -> Self {
        self.instead = Some((needs, instead.into()));
        self
    }
}
