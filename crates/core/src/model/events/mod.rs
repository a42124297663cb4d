//! Events: what an entry of the custody log records. One file a family.
//!
//! To add a kind of events:
//!
//! 1. The file of its family: its body in `bodies!`, its [`Declared`](declaration::Declared) (name, subject, roles, rule of
//!    the body, objects, wording), and its rule across entries in the `take` of the family. The compiler asks for each.
//!    Its tests are at the end of that file.
//! 2. The list in `kinds.rs`, at its place in the specification.
//! 3. `docs/format.md`: what it means.
//! 4. The act in the archive that makes it.
//!
//! The tables of the page and the scripts that check bundles are written from the declaration by
//! `VOUCHSAFE_BLESS=1 cargo test -p vouchsafe-core --test core -- kit`; a member of a type that no event had before needs its
//! form there, in `tests/core/kit.rs`.

mod body;
mod bundles;
pub(super) mod declaration;
mod exhibits;
pub(super) mod kinds;
mod preservation;
mod rule;
mod signing;
mod transfers;

use serde::Serialize;

pub use bundles::*;
pub use declaration::{Bilingual, Brought, Member, Particulars, PremisTerm, Scene, unanchored};
pub use exhibits::*;
pub use kinds::EventKind;
pub use preservation::*;
pub(crate) use rule::{At, Broken};
pub use signing::*;
pub use transfers::*;

use super::newer::NotUnderstood;
use crate::digest::Digest;
use crate::sign::KeyId;
use body::Body;
use declaration::{About, Declared};
use kinds::for_every_kind;

/// An event that is understood, by its family: a match on it handles each kind of a family, and no other.
#[derive(Debug, Clone, Copy)]
pub enum Family<'a> {
    /// Who may sign.
    Signing(SigningEvent<'a>),
    /// One exhibit in this archive.
    Exhibits(ExhibitEvent<'a>),
    /// Keeping the archive.
    Preservation(PreservationEvent<'a>),
    /// Bundles that leave the archive or come to it.
    Bundles(BundleEvent<'a>),
    /// Custody that passes between archives.
    Transfers(TransferEvent<'a>),
    /// This program is too old for it.
    NotUnderstood(&'a NotUnderstood),
}

macro_rules! events {
    ($($family:ident: $($name:ident)+,)+) => {
        /// What an entry records: its kind and its body.
        ///
        /// A body holds only what may be shown to everyone who is given the exhibit. `fields` are
        /// the digests of disclosures, in ascending order.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Event {
            $($(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )+)+
            /// This program is too old for it.
            NotUnderstood(NotUnderstood),
        }

        $($(
            impl From<$name> for Event {
                fn from(body: $name) -> Self {
                    Self::$name(body)
                }
            }
        )+)+

        impl Event {
            /// Its kind; none, where it is not understood.
            #[must_use]
            pub const fn kind(&self) -> Option<EventKind> {
                match self {
                    $($(Self::$name(_) => Some(EventKind::$name),)+)+
                    Self::NotUnderstood(_) => None,
                }
            }

            /// Its family, with its body.
            #[must_use]
            pub fn family(&self) -> Family<'_> {
                match self {
                    $($(Self::$name(body) => Family::$family(body.into()),)+)+
                    Self::NotUnderstood(event) => Family::NotUnderstood(event),
                }
            }

            /// The digests of the fields that this event commits to, in ascending order.
            #[must_use]
            pub fn fields(&self) -> &[Digest] {
                match self {
                    $($(Self::$name(body) => body.fields(),)+)+
                    Self::NotUnderstood(event) => &event.fields,
                }
            }

            /// Sets the digests of the fields, sorted so that their order reveals nothing.
            pub fn set_fields(&mut self, mut digests: Vec<Digest>) {
                digests.sort_unstable();
                match self {
                    $($(Self::$name(body) => body.set_fields(digests),)+)+
                    // What is not understood is never written.
                    Self::NotUnderstood(_) => {}
                }
            }

            /// Reads the body of an event of this kind.
            ///
            /// # Errors
            /// The JSON is not a body of this kind: a member is unknown, missing, repeated or of another type.
            pub fn from_body(kind: EventKind, json: &str) -> Result<Self, serde_json::Error> {
                match kind { $($(EventKind::$name => serde_json::from_str(json).map(Self::$name),)+)+ }
            }

            /// The numbers in the body, for the check that every JSON reader keeps them exact.
            #[must_use]
            pub fn numbers(&self) -> Vec<u64> {
                let mut numbers = Vec::new();
                match self {
                    $($(Self::$name(body) => body.add_numbers(&mut numbers),)+)+
                    Self::NotUnderstood(event) => {
                        numbers.extend(event.evidence.iter().map(|brought| brought.size_bytes));
                    }
                }
                numbers
            }

            /// The program that it names, with its version, where it names one.
            #[must_use]
            pub fn software(&self) -> Option<&str> {
                match self {
                    $($(Self::$name(body) => ($name::DECLARATION.software)(body),)+)+
                    Self::NotUnderstood(_) => None,
                }
            }

            /// The objects that it names as what came in with it.
            #[must_use]
            pub fn brings(&self) -> Vec<Brought> {
                match self {
                    $($(Self::$name(body) => ($name::DECLARATION.brings)(body).into_iter().collect(),)+)+
                    Self::NotUnderstood(event) => event.evidence.clone(),
                }
            }

            /// The rule of the format that its body breaks in the entry at this index, beyond what its types ensure. The
            /// form of a log's verifier keys is not looked at.
            pub(crate) fn flaw(&self, at: super::EntryIndex) -> Option<&'static str> {
                match self {
                    $($(Self::$name(body) => ($name::DECLARATION.flaw)(body, at),)+)+
                    Self::NotUnderstood(_) => None,
                }
            }

            /// What an entry about an exhibit says beyond its title and its fields; nothing of kinds that are not about one.
            #[must_use]
            pub fn particulars(&self) -> Particulars {
                match self {
                    $($(Self::$name(body) => match $name::DECLARATION.about {
                        About::Exhibit { particulars, .. } => particulars(body),
                        About::Archive | About::Signing => Particulars::Nothing,
                    },)+)+
                    Self::NotUnderstood(_) => Particulars::Nothing,
                }
            }

            /// What happened, as a sentence without its full stop.
            #[must_use]
            pub fn sentence(&self, scene: &Scene<'_>) -> String {
                match self {
                    $($(Self::$name(body) => ($name::DECLARATION.sentence)(body, scene),)+)+
                    Self::NotUnderstood(event) => format!(
                        "{} made an entry that this program does not understand: it does not know {}",
                        scene.who,
                        event.told()
                    ),
                }
            }
        }
    };
}
for_every_kind!(events);

impl Event {
    /// Its name, whether it is understood or not.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::NotUnderstood(event) => event.name.as_str(),
            known => known.kind().map_or("", EventKind::as_str),
        }
    }

    /// What there is to know of an event that is not understood; `None` of others.
    #[must_use]
    pub const fn not_understood(&self) -> Option<&NotUnderstood> {
        match self {
            Self::NotUnderstood(event) => Some(event),
            _ => None,
        }
    }

    /// Whether entries of it give fields of an exhibit their values, as far as is known.
    #[must_use]
    pub fn describes_an_exhibit(&self) -> bool {
        self.kind().is_some_and(EventKind::describes_an_exhibit)
    }

    /// Whether its entry is of a format that is not known: then it is not known either to which fields it commits.
    #[must_use]
    pub fn has_newer_format(&self) -> bool {
        self.not_understood().is_some_and(|event| event.format.is_some())
    }

    /// Its kind, even if it is not understood because its entry has an unknown format.
    #[must_use]
    pub fn kind_by_name(&self) -> Option<EventKind> {
        match self {
            Self::NotUnderstood(event) => event.name.kind(),
            known => known.kind(),
        }
    }

    /// The agent whom it introduces, if it introduces one.
    #[must_use]
    pub fn introduces(&self) -> Option<&AgentRecord> {
        match self.family() {
            Family::Signing(event) => event.introduces(),
            _ => None,
        }
    }

    /// The key from which this entry takes what it may do: that of a revocation, or of a rotation.
    #[must_use]
    pub fn ends(&self) -> Option<KeyId> {
        match self.family() {
            Family::Signing(event) => event.ends(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod testing;
