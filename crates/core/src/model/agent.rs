//! Agents: who acts on evidence, and what they may do.

use std::fmt;
use std::str::FromStr;

use super::text::serde_as_text;

/// A word that is not one of the few allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not one of: {allowed}")]
pub struct UnknownWord {
    pub(super) found: String,
    pub(super) allowed: String,
}

/// The words that are allowed, for people: where there are many, the specification lists them.
pub fn listed(words: impl ExactSizeIterator<Item = &'static str>) -> String {
    match words.len() {
        0..=10 => words.collect::<Vec<_>>().join(", "),
        many => format!("the {many} words of the specification"),
    }
}

/// An enum whose variants are words.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:expr,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word as it is written in the log.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| UnknownWord {
                    found: text.chars().take(60).collect(),
                    allowed: $crate::model::agent::listed(Self::ALL.iter().map(|word| word.as_str())),
                })
            }
        }

        serde_as_text!($name);

        impl $crate::shape::Described for $name {
            fn kind() -> $crate::shape::Kind {
                $crate::shape::Kind::Words(Self::ALL.iter().map(ToString::to_string).collect())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What an agent is (PREMIS 3 agentType).
    AgentKind {
        /// A human being, by name or pseudonym.
        Person = "person",
        /// An organisation.
        Organisation = "organisation",
        /// A program that acts by itself.
        Software = "software",
    }
}

words! {
    /// What an agent may do in an archive.
    Role {
        /// Adds and revokes agents, and does everything an archivist does.
        Administrator = "administrator",
        /// Ingests, describes, notes, issues copies, records verifications.
        Archivist = "archivist",
        /// Notes, issues working copies, records verifications.
        Investigator = "investigator",
        /// Notes, issues working copies, exports bundles, records verifications.
        Lawyer = "lawyer",
    }
}
