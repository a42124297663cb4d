//! The kinds of events, in the order of the specification.

use std::fmt;
use std::str::FromStr;

use super::body::Body;
use super::bundles::{BundleExported, BundleReceived, ExhibitExported, ExhibitReceived};
use super::declaration::{About, Bilingual, Declared, Member, PremisTerm};
use super::exhibits::{CopyIssued, ExhibitDescribed, ExhibitIngested, ExhibitNoted, GapDeclared};
use super::preservation::{ArchiveRepaired, ArchiveVerified, ReplicaLost, ReplicaMade};
use super::signing::{
    AgentAdded, AgentChanged, AgentRecovered, AgentRevoked, AgentRotated, ArchiveCreated, LogKeyChanged, RecoverySet,
};
use super::transfers::{CustodyPassed, TransferAccepted, TransferOffered, TransferRefused, TransferSettled};
use crate::model::agent::{Role, UnknownWord, words};
use crate::model::text::serde_as_text;

/// Hands all kinds to a macro, each after its family.
macro_rules! for_every_kind {
    ($macro:ident) => {
        $macro! {
            Signing: ArchiveCreated AgentAdded AgentRevoked AgentChanged AgentRotated AgentRecovered RecoverySet
                LogKeyChanged,
            Exhibits: ExhibitIngested ExhibitDescribed ExhibitNoted CopyIssued,
            Preservation: ArchiveVerified ReplicaMade ReplicaLost ArchiveRepaired,
            Bundles: BundleExported ExhibitExported BundleReceived ExhibitReceived,
            Transfers: TransferOffered TransferAccepted TransferRefused TransferSettled,
            Exhibits: GapDeclared,
            Transfers: CustodyPassed,
        }
    };
}
pub(super) use for_every_kind;

/// The parts of a declaration that are the same for each entry of a kind.
struct Kind {
    subject: Subject,
    made_by: &'static [Role],
    members: &'static [Member],
}

enum Subject {
    Archive,
    Signing,
    Exhibit { describes: bool, title: Bilingual, page_title: Bilingual, premis: Option<PremisTerm> },
}

impl Kind {
    const fn of<B: Declared + Body>() -> Self {
        let subject = match B::DECLARATION.about {
            About::Archive => Subject::Archive,
            About::Signing => Subject::Signing,
            About::Exhibit { describes, title, page_title, premis, .. } => {
                Subject::Exhibit { describes, title, page_title, premis }
            }
        };
        Self { subject, made_by: B::DECLARATION.made_by, members: B::MEMBERS }
    }
}

macro_rules! kinds {
    ($($family:ident: $($name:ident)+,)+) => {
        words! {
            /// The kinds of events in format 1. One that is not listed is not understood, and never guessed.
            EventKind {
                $($(
                    #[doc = concat!("That of [`", stringify!($name), "`].")]
                    $name = <$name as Declared>::DECLARATION.name,
                )+)+
            }
        }

        impl EventKind {
            const fn declared(self) -> Kind {
                match self {
                    $($(Self::$name => const { Kind::of::<$name>() },)+)+
                }
            }
        }
    };
}
for_every_kind!(kinds);

impl EventKind {
    /// Whether entries of this kind speak of one exhibit.
    #[must_use]
    pub const fn is_about_an_exhibit(self) -> bool {
        matches!(self.declared().subject, Subject::Exhibit { .. })
    }

    /// Whether entries of this kind give fields of an exhibit their values.
    #[must_use]
    pub const fn describes_an_exhibit(self) -> bool {
        matches!(self.declared().subject, Subject::Exhibit { describes: true, .. })
    }

    /// Whether entries of this kind change who may sign: agents, recovery keys, or the log's key. Whoever checks an entry
    /// is given all of them that it rests on.
    #[must_use]
    pub const fn changes_who_may_sign(self) -> bool {
        matches!(self.declared().subject, Subject::Signing)
    }

    /// Whether an agent in this role may make an entry of this kind. Two kinds are also made by whoever has no role yet,
    /// see [`Permission::Kind`](crate::model::Permission::Kind).
    #[must_use]
    pub fn is_allowed_to(self, role: Role) -> bool {
        self.declared().made_by.contains(&role)
    }

    /// The members of its body, in the order in which they stand in the log.
    #[must_use]
    pub const fn members(self) -> &'static [Member] {
        self.declared().members
    }

    /// What the report calls it; `None` of a kind that is not about an exhibit, since no bundle shows it.
    #[must_use]
    pub const fn title(self) -> Option<Bilingual> {
        match self.declared().subject {
            Subject::Exhibit { title, .. } => Some(title),
            Subject::Archive | Subject::Signing => None,
        }
    }

    /// What the page that checks a bundle calls it; `None` as in [`EventKind::title`].
    #[must_use]
    pub const fn page_title(self) -> Option<Bilingual> {
        match self.declared().subject {
            Subject::Exhibit { page_title, .. } => Some(page_title),
            Subject::Archive | Subject::Signing => None,
        }
    }

    /// Its event type in PREMIS, where there is one.
    #[must_use]
    pub const fn premis(self) -> Option<PremisTerm> {
        match self.declared().subject {
            Subject::Exhibit { premis, .. } => premis,
            Subject::Archive | Subject::Signing => None,
        }
    }
}
