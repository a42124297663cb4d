//! The kinds of events: their names, what each is about, and who may make it.

use std::fmt;
use std::str::FromStr;

use super::agent::words;
use super::text::serde_as_text;
use super::{Role, UnknownWord};

words! {
    /// The kinds of events in format 1. One that is not listed is not understood, and never guessed.
    EventKind {
        /// The first entry of every log.
        ArchiveCreated = "archive.created",
        /// A key may act from now on.
        AgentAdded = "agent.added",
        /// A key may not act any longer.
        AgentRevoked = "agent.revoked",
        /// What an agent may do from now on.
        AgentChanged = "agent.changed",
        /// An agent's key is replaced by another one.
        AgentRotated = "agent.rotated",
        /// The recovery keys add an agent.
        AgentRecovered = "agent.recovered",
        /// Which keys can add an agent where no administrator can.
        RecoverySet = "recovery.set",
        /// The log's key is replaced by another one.
        LogKeyChanged = "log.key_changed",
        /// Bytes came into custody (PREMIS: ingestion).
        ExhibitIngested = "exhibit.ingested",
        /// Fields were added; they replace earlier ones of the same name in what is shown, never in the log
        /// (PREMIS: metadata modification).
        ExhibitDescribed = "exhibit.described",
        /// A remark was added.
        ExhibitNoted = "exhibit.noted",
        /// A working copy left the archive (PREMIS: dissemination).
        CopyIssued = "copy.issued",
        /// A verification was run and its outcome kept (PREMIS: fixity check).
        ArchiveVerified = "archive.verified",
        /// The archive was copied to another place (PREMIS: replication).
        ReplicaMade = "replica.made",
        /// A copy of the archive is gone, or is no longer relied on.
        ReplicaLost = "replica.lost",
        /// Damaged bytes of volumes were replaced by what they were before (PREMIS: repair).
        ArchiveRepaired = "archive.repaired",
        /// Exhibits left the archive in a bundle (PREMIS: dissemination).
        BundleExported = "bundle.exported",
        /// An exhibit left the archive in a bundle.
        ExhibitExported = "exhibit.exported",
        /// A bundle of another archive was taken in (PREMIS: ingestion).
        BundleReceived = "bundle.received",
        /// An exhibit came from another archive, in a bundle.
        ExhibitReceived = "exhibit.received",
        /// Custody of the exhibits in a bundle was offered to another archive (PREMIS: transfer).
        TransferOffered = "transfer.offered",
        /// Custody that another archive offered was accepted (PREMIS: transfer).
        TransferAccepted = "transfer.accepted",
        /// Custody that another archive offered was refused (PREMIS: transfer).
        TransferRefused = "transfer.refused",
        /// The other archive's answer to an offer was taken in (PREMIS: transfer).
        TransferSettled = "transfer.settled",
        /// It is not known who had an exhibit in a stretch of time, and that is said.
        GapDeclared = "gap.declared",
        /// Custody of an exhibit passed from one archive to another (PREMIS: transfer).
        CustodyPassed = "custody.passed",
    }
}

impl EventKind {
    /// Whether entries of this kind speak of one exhibit.
    #[must_use]
    pub const fn is_about_an_exhibit(self) -> bool {
        matches!(
            self,
            Self::ExhibitIngested
                | Self::ExhibitDescribed
                | Self::ExhibitNoted
                | Self::CopyIssued
                | Self::ExhibitExported
                | Self::ExhibitReceived
                | Self::GapDeclared
                | Self::CustodyPassed
        )
    }

    /// Whether entries of this kind give fields of an exhibit their values.
    #[must_use]
    pub const fn describes_an_exhibit(self) -> bool {
        matches!(self, Self::ExhibitIngested | Self::ExhibitDescribed)
    }

    /// Whether entries of this kind change who may sign: agents, recovery keys, or the log's key. Whoever checks an entry
    /// is given all of them that it rests on.
    #[must_use]
    pub const fn changes_who_may_sign(self) -> bool {
        matches!(
            self,
            Self::ArchiveCreated
                | Self::AgentAdded
                | Self::AgentRevoked
                | Self::AgentChanged
                | Self::AgentRotated
                | Self::AgentRecovered
                | Self::RecoverySet
                | Self::LogKeyChanged
        )
    }

    /// Whether an agent in this role may make an entry of this kind. Two kinds are also made by whoever has no role yet,
    /// see [`Permission::Kind`](super::Permission::Kind).
    #[must_use]
    pub const fn is_allowed_to(self, role: Role) -> bool {
        match role {
            Role::Administrator => !matches!(self, Self::AgentRecovered),
            Role::Archivist => !self.changes_who_may_sign(),
            Role::Investigator => matches!(self, Self::ExhibitNoted | Self::CopyIssued | Self::ArchiveVerified),
            Role::Lawyer => matches!(
                self,
                Self::ExhibitNoted
                    | Self::CopyIssued
                    | Self::ArchiveVerified
                    | Self::BundleExported
                    | Self::ExhibitExported
            ),
        }
    }
}
