//! Something that is wrong or risky about an archive, how dangerous it is, and what mends it.

use serde::Serialize;

vouchsafe_core::described! {
    /// How dangerous something is. The worst comes first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Weight {
        /// Something is lost, does not work, or is open to others now.
        Wrong,
        /// Nothing is lost, but one more mishap may be enough.
        Risky,
        /// Worth knowing.
        Notice,
    }
}

vouchsafe_core::described! {
    /// Something that is wrong or risky, and what mends it.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct Risk {
        /// How dangerous it is.
        pub weight: Weight,
        /// What it is about, in one word.
        pub about: &'static str,
        /// What is so, in a sentence.
        pub message: String,
        /// The command that mends it, or what to do.
        pub mend: Option<String>,
        /// What to do instead where that command is refused, and what it needs.
        #[serde(skip)]
        pub(super) instead: Option<(Needs, String)>,
    }
}

/// What a command needs of an archive that this version does not understand, or cannot sign for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needs {
    /// That it can be opened to be written to: so it can unless its description is not understood.
    Opening,
    /// That something can be recorded in its log.
    Recording,
}

impl Risk {
    pub(super) fn new(weight: Weight, about: &'static str, message: impl Into<String>) -> Self {
        Self { weight, about, message: message.into(), mend: None, instead: None }
    }

    pub(super) fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    /// What to do where the command that mends it is refused, since it needs this.
    pub(super) fn or(mut self, needs: Needs, instead: impl Into<String>) -> Self {
        self.instead = Some((needs, instead.into()));
        self
    }
}
