//! What an event says beside its meaning: its name, its program, its objects, its numbers, and who may make it.

use super::AgentRecord;
use super::event::Event;
use super::event_kind::EventKind;
use super::newer::{Brought, NotUnderstood};
use crate::sign::KeyId;

impl Event {
    /// The program that it names, with its version, where it names one.
    #[must_use]
    pub fn software(&self) -> Option<&str> {
        match self {
            Self::ExhibitIngested(body) => Some(&body.software),
            Self::ArchiveVerified(body) => Some(&body.software),
            Self::ReplicaMade(body) => Some(&body.software),
            Self::ArchiveRepaired(body) => Some(&body.software),
            Self::BundleExported(body) => Some(&body.software),
            Self::BundleReceived(body) => Some(&body.software),
            _ => None,
        }
    }

    /// The objects that it names as what came in with it.
    #[must_use]
    pub fn brings(&self) -> Vec<Brought> {
        let one = |object, size_bytes| vec![Brought { object, size_bytes }];
        match self {
            Self::ExhibitIngested(body) => one(body.object, body.size_bytes),
            Self::BundleReceived(body) => one(body.dossier, body.size_bytes),
            Self::TransferAccepted(body) => one(body.letter, body.size_bytes),
            Self::TransferRefused(body) => one(body.letter, body.size_bytes),
            Self::TransferSettled(body) => one(body.letter, body.size_bytes),
            Self::NotUnderstood(event) => event.evidence.clone(),
            _ => Vec::new(),
        }
    }

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

    /// Its kind, also where it is not understood since its entry has a format that is not known.
    #[must_use]
    pub fn kind_by_name(&self) -> Option<EventKind> {
        match self {
            Self::NotUnderstood(event) => event.name.kind(),
            known => known.kind(),
        }
    }

    /// The agent whom it introduces, if it introduces one.
    #[must_use]
    pub const fn introduces(&self) -> Option<&AgentRecord> {
        match self {
            Self::ArchiveCreated(body) => Some(&body.administrator),
            Self::AgentAdded(body) => Some(&body.agent),
            Self::AgentRotated(body) => Some(&body.agent),
            Self::AgentRecovered(body) => Some(&body.agent),
            _ => None,
        }
    }

    /// The key from which this entry takes what it may do: that of a revocation, or of a rotation.
    #[must_use]
    pub const fn ends(&self) -> Option<KeyId> {
        match self {
            Self::AgentRevoked(body) => Some(body.key),
            Self::AgentRotated(body) => Some(body.key),
            _ => None,
        }
    }

    /// The numbers in the body, for the check that every JSON reader keeps them exact.
    pub fn numbers(&self) -> Vec<u64> {
        match self {
            Self::AgentRevoked(body) => vec![body.from_index.0],
            Self::ExhibitIngested(body) => vec![body.size_bytes],
            Self::ArchiveVerified(body) => {
                let counts = [body.entries, body.findings, body.objects, body.size, body.size_bytes];
                body.coverage.numbers().chain(counts).collect()
            }
            Self::ReplicaMade(body) => vec![body.size, body.size_bytes],
            Self::ArchiveRepaired(body) => {
                body.stretches.iter().flat_map(|stretch| [stretch.offset, stretch.size_bytes]).collect()
            }
            Self::BundleExported(body) => {
                vec![body.exhibits, body.objects, body.size, body.size_bytes, body.withheld_fields]
            }
            Self::ExhibitExported(body) => vec![body.withheld_fields],
            Self::BundleReceived(body) => vec![body.exhibits, body.findings, body.size, body.size_bytes],
            Self::TransferOffered(body) => vec![body.exhibits, body.size_bytes],
            Self::TransferAccepted(body) => vec![body.size_bytes],
            Self::TransferRefused(body) => vec![body.size_bytes],
            Self::TransferSettled(body) => vec![body.offer.0, body.size_bytes],
            Self::NotUnderstood(event) => event.evidence.iter().map(|brought| brought.size_bytes).collect(),
            Self::ArchiveCreated(_)
            | Self::AgentAdded(_)
            | Self::AgentChanged(_)
            | Self::AgentRotated(_)
            | Self::AgentRecovered(_)
            | Self::RecoverySet(_)
            | Self::LogKeyChanged(_)
            | Self::ExhibitDescribed(_)
            | Self::ExhibitNoted(_)
            | Self::CopyIssued(_)
            | Self::ReplicaLost(_)
            | Self::ExhibitReceived(_)
            | Self::GapDeclared(_)
            | Self::CustodyPassed(_) => Vec::new(),
        }
    }
}
