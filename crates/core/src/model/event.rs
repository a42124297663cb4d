//! Events: what an entry of the custody log records.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::agent::words;
use super::coverage::Coverage;
use super::event_kind::EventKind;
use super::gap::GapBound;
use super::ids::{CopyId, EntryIndex, ExhibitId, MediaType};
use super::newer::NotUnderstood;
use super::text::serde_as_text;
use super::{AgentKind, Role, Timestamp, UnknownWord};
use crate::digest::Digest;
use crate::sign::{KeyId, PublicKey};

words! {
    /// Whether custody came to an archive or left it.
    Direction {
        /// It came.
        In = "in",
        /// It left.
        Out = "out",
    }
}

/// An agent's key as the log introduces it. The agent's name is a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentRecord {
    /// The last time at which an entry that the key signs may be recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What the agent is.
    pub kind: AgentKind,
    /// The agent's next key, which is kept elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<KeyId>,
    /// The key, in OpenSSH form without a comment.
    pub public_key: PublicKey,
    /// What the agent may do; sorted, without repetition.
    pub roles: Vec<Role>,
}

impl AgentRecord {
    /// An agent whose key does not expire, and who names no next one.
    #[must_use]
    pub const fn new(kind: AgentKind, public_key: PublicKey, roles: Vec<Role>) -> Self {
        Self { expires: None, kind, next: None, public_key, roles }
    }
}

impl ArchiveCreated {
    /// The beginning of an archive with this administrator and this log key, and with nothing besides.
    #[must_use]
    pub const fn new(administrator: AgentRecord, log_key: String) -> Self {
        let fields = Vec::new();
        Self { administrator, fields, log_key, log_key_pq: None, next_log_key: None, recovery: None }
    }
}

/// The keys by which an agent is added where no administrator can do it. They are no agents', and sign nothing else but
/// what takes their place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// The keys, in ascending order of their texts; at most [`MAX_RECOVERY_KEYS`].
    pub keys: Vec<PublicKey>,
    /// How many of them must sign.
    pub threshold: u64,
}

/// The most keys of a [`Recovery`].
pub const MAX_RECOVERY_KEYS: usize = 16;

words! {
    /// The outcome of a verification.
    Verdict {
        /// Everything that was looked at is as it was committed to.
        Sound = "sound",
        /// Nothing is lost or forged, but something is not as it should be.
        Degraded = "degraded",
        /// Something is missing, changed or not what it claims to be.
        Failed = "failed",
    }
}

words! {
    /// The kind of medium that a copy of an archive lies on.
    Medium {
        /// A disk inside of a computer.
        Disk = "disk",
        /// A disk or stick that can be taken away.
        Removable = "removable",
        /// A folder of another computer.
        Network = "network",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// Where a copy of an archive is kept, seen from the archive. Never its address.
    Site {
        /// In the same building.
        Same = "same-site",
        /// Somewhere else, so that one fire or one raid does not take both.
        Other = "other-site",
    }
}

words! {
    /// Where repaired bytes were taken from.
    RepairSource {
        /// Another copy of the archive.
        Copy = "copy",
        /// Parity beside the volume.
        Parity = "parity",
    }
}

words! {
    /// What another archive answered to an offer.
    Answer {
        /// It has the exhibits now.
        Accepted = "accepted",
        /// It does not take them.
        Refused = "refused",
    }
}

crate::shape::described! {
    /// A stretch of a volume.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Stretch {
        /// Its first byte, counted from the beginning of the volume.
        pub offset: u64,
        /// Its size.
        pub size_bytes: u64,
        /// The number of the volume.
        pub volume: u32,
    }
}

/// The most stretches of one entry.
pub const MAX_STRETCHES: usize = 300;

/// Declares the events: one body a kind, strict when read; each has `fields`.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

            impl From<$name> for Event {
                fn from(body: $name) -> Self {
                    Self::$name(body)
                }
            }
        )*

        /// What an entry records: its kind and its body.
        ///
        /// A body holds only what may be shown to everyone who is given the exhibit. `fields` are
        /// the digests of disclosures, in ascending order.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Event {
            $($(#[$doc])* $name($name),)*
            /// This program is too old for it.
            NotUnderstood(NotUnderstood),
        }

        impl Event {
            /// Its kind; none, where it is not understood.
            #[must_use]
            pub const fn kind(&self) -> Option<EventKind> {
                match self {
                    $(Self::$name(_) => Some(EventKind::$name),)*
                    Self::NotUnderstood(_) => None,
                }
            }

            /// The digests of the fields that this event commits to, in ascending order.
            #[must_use]
            pub fn fields(&self) -> &[Digest] {
                match self {
                    $(Self::$name(body) => &body.fields,)*
                    Self::NotUnderstood(event) => &event.fields,
                }
            }

            /// Sets the digests of the fields, sorted so that their order tells nothing.
            pub fn set_fields(&mut self, mut digests: Vec<Digest>) {
                digests.sort_unstable();
                match self {
                    $(Self::$name(body) => body.fields = digests,)*
                    // What is not understood is never written.
                    Self::NotUnderstood(_) => {}
                }
            }

            /// Reads the body of an event of this kind.
            ///
            /// # Errors
            /// The JSON is not a body of this kind: a member is unknown, missing, repeated or of another type.
            pub fn from_body(kind: EventKind, json: &str) -> Result<Self, serde_json::Error> {
                match kind { $(EventKind::$name => serde_json::from_str(json).map(Self::$name),)* }
            }
        }
    };
}

events! {
    /// The archive began.
    ArchiveCreated {
        /// The first administrator.
        administrator: AgentRecord,
        /// Fields of the administrator (the name).
        fields: Vec<Digest>,
        /// The verifier key of the log, as C2SP signed-note writes it.
        log_key: String,
        /// A second key of the log, for ML-DSA-44, in the same writing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_key_pq: Option<String>,
        /// SHA-256 of the text of the log's next verifier key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_log_key: Option<Digest>,
        /// Which keys can add an agent where no administrator can.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovery: Option<Recovery>,
    }
    /// A key may act from this entry on.
    AgentAdded {
        /// The agent.
        agent: AgentRecord,
        /// Fields of the agent (the name).
        fields: Vec<Digest>,
    }
    /// A key may act no longer.
    AgentRevoked {
        /// Fields (the reason).
        fields: Vec<Digest>,
        /// The log index from which the key is not to be trusted; at most one past this entry.
        from_index: EntryIndex,
        /// The key.
        key: KeyId,
    }
    /// From the next entry on, this is what the agent may do; what is absent is none.
    AgentChanged {
        /// The last time at which an entry that the key signs may be recorded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
        /// Fields (the reason).
        fields: Vec<Digest>,
        /// The agent's key.
        key: KeyId,
        /// The agent's next key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<KeyId>,
        /// The roles; sorted, without repetition.
        roles: Vec<Role>,
    }
    /// An agent's key is replaced by another one: the old one may act no longer, as if it were revoked from the next entry
    /// on. The new key signs, and whoever vouches for it.
    AgentRotated {
        /// The agent with the new key; kind and roles are those from before.
        agent: AgentRecord,
        /// Fields (the reason).
        fields: Vec<Digest>,
        /// The old key.
        key: KeyId,
    }
    /// The recovery keys add an agent, who signs with them.
    AgentRecovered {
        /// The agent.
        agent: AgentRecord,
        /// Fields (the name).
        fields: Vec<Digest>,
    }
    /// From the next entry on, these are the recovery keys.
    RecoverySet {
        /// Fields.
        fields: Vec<Digest>,
        /// The keys.
        recovery: Recovery,
    }
    /// The log's key is replaced by another one, which signs every checkpoint that holds this entry.
    LogKeyChanged {
        /// Fields (the reason).
        fields: Vec<Digest>,
        /// The new verifier key of the log; its name is still the origin.
        log_key: String,
        /// The second key of the log from here on, for ML-DSA-44; where it is absent, there is none any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_key_pq: Option<String>,
        /// SHA-256 of the text of the one after it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_log_key: Option<Digest>,
    }
    /// Bytes came into custody.
    ExhibitIngested {
        /// Fields of the exhibit.
        fields: Vec<Digest>,
        /// Media type as recognised from content at ingest; none where it is sealed.
        #[serde(skip_serializing_if = "Option::is_none")]
        media_type: Option<MediaType>,
        /// The object.
        object: Digest,
        /// Its size.
        size_bytes: u64,
        /// The program that read and hashed it, with its version.
        software: String,
    }
    /// Fields were added.
    ExhibitDescribed {
        /// The new fields.
        fields: Vec<Digest>,
    }
    /// A remark was added.
    ExhibitNoted {
        /// Fields (the text).
        fields: Vec<Digest>,
    }
    /// A working copy left the archive.
    CopyIssued {
        /// Fields (recipient, purpose).
        fields: Vec<Digest>,
        /// The object that was copied out, hashed again on the way.
        object: Digest,
    }
    /// A verification was run and its outcome kept.
    ArchiveVerified {
        /// Which objects were read.
        coverage: Coverage,
        /// Entries that were checked.
        entries: u64,
        /// The objects among them that are missing, changed or unreadable, in ascending order; at most
        /// [`MAX_FAILED_OBJECTS`](super::MAX_FAILED_OBJECTS), which then says nothing of the others.
        failed_objects: Vec<Digest>,
        /// Digests of fields; a verification has none.
        fields: Vec<Digest>,
        /// Findings that make the verdict worse than sound.
        findings: u64,
        /// The outcome for everything but the bytes of objects: entries, signatures, fields, checkpoints, volumes.
        log_verdict: Verdict,
        /// Objects whose bytes were read and hashed.
        objects: u64,
        /// Root of the log that was checked.
        root: Digest,
        /// Size of the log that was checked.
        size: u64,
        /// Bytes of objects that were read and hashed.
        size_bytes: u64,
        /// The program that checked, with its version.
        software: String,
        /// The outcome.
        verdict: Verdict,
    }
    /// The archive was copied to another place, and the copy was read again.
    ReplicaMade {
        /// Digests of fields.
        fields: Vec<Digest>,
        /// What the copy lies on.
        medium: Medium,
        /// The name of the copy; the same each time it is brought up to date.
        replica: CopyId,
        /// Root of the log in the copy.
        root: Digest,
        /// Where the copy is.
        site: Site,
        /// Size of the log in the copy.
        size: u64,
        /// Bytes of the volumes in the copy.
        size_bytes: u64,
        /// The program that copied, with its version.
        software: String,
    }
    /// A copy of the archive is gone, or is no longer relied on.
    ReplicaLost {
        /// Fields (reason).
        fields: Vec<Digest>,
        /// The name of the copy, as in its [`ReplicaMade`].
        replica: CopyId,
    }
    /// Damaged or missing bytes of volumes were replaced by those that were committed.
    ArchiveRepaired {
        /// Digests of fields.
        fields: Vec<Digest>,
        /// The program that repaired, with its version.
        software: String,
        /// Where the bytes were taken from.
        source: RepairSource,
        /// What was replaced: in ascending order, none overlapping, at most [`MAX_STRETCHES`].
        stretches: Vec<Stretch>,
    }
    /// Exhibits left the archive in a bundle.
    BundleExported {
        /// SHA-256 of the bundle's tag manifest, which covers all of it.
        bundle: Digest,
        /// How many exhibits it holds.
        exhibits: u64,
        /// Fields (recipient, purpose).
        fields: Vec<Digest>,
        /// How many objects: two exhibits of one object are one.
        objects: u64,
        /// Size of the log at the bundle's checkpoint.
        size: u64,
        /// Bytes of the exhibits.
        size_bytes: u64,
        /// The program that made it, with its version.
        software: String,
        /// Fields of the exhibits' entries that are not disclosed in it.
        withheld_fields: u64,
    }
    /// An exhibit left the archive in a bundle; the entry of the bundle says to whom and what for.
    ExhibitExported {
        /// The bundle, as in its [`BundleExported`].
        bundle: Digest,
        /// Digests of fields.
        fields: Vec<Digest>,
        /// Fields of this exhibit's entries that are not disclosed in it.
        withheld_fields: u64,
    }
    /// A bundle of another archive was checked and taken in.
    BundleReceived {
        /// Whether its fingerprint was compared with one from outside. If not, it was only shown to agree with itself.
        anchored: bool,
        /// SHA-256 of the bundle's tag manifest, which covers all of it.
        bundle: Digest,
        /// The object that holds all files of the bundle but the exhibits' own bytes.
        dossier: Digest,
        /// How many exhibits it holds.
        exhibits: u64,
        /// Fields (sender, and which archive that is).
        fields: Vec<Digest>,
        /// Findings of the check that make it worse than sound.
        findings: u64,
        /// Root of the sender's log at the bundle's checkpoint.
        root: Digest,
        /// Size of the sender's log at the bundle's checkpoint.
        size: u64,
        /// Size of the dossier.
        size_bytes: u64,
        /// The program that checked and took it in, with its version.
        software: String,
    }
    /// An exhibit came from another archive; the bundle's dossier holds its history there.
    ExhibitReceived {
        /// The bundle, as in its [`BundleReceived`], which comes before.
        bundle: Digest,
        /// Digests of fields.
        fields: Vec<Digest>,
        /// What the exhibit is called in the sender's archive.
        foreign_exhibit: ExhibitId,
    }
    /// Custody of the exhibits in a bundle was offered to another archive.
    TransferOffered {
        /// The bundle, as in its [`BundleExported`], which comes before.
        bundle: Digest,
        /// How many exhibits it holds.
        exhibits: u64,
        /// Fields (recipient, and how it is handed over).
        fields: Vec<Digest>,
        /// Bytes of the exhibits.
        size_bytes: u64,
    }
    /// Custody that another archive offered was accepted: the bundle was checked, its digest computed again, and its
    /// exhibits were taken in.
    TransferAccepted {
        /// Whether the sender's fingerprint was compared with one from outside.
        anchored: bool,
        /// The bundle, as in its [`BundleReceived`], which comes before.
        bundle: Digest,
        /// Fields (which archive the other one is, and a remark).
        fields: Vec<Digest>,
        /// The object that is the sender's letter, which proves the offer.
        letter: Digest,
        /// The leaf hash of the offer, an entry of the sender's log.
        offer: Digest,
        /// Size of the letter.
        size_bytes: u64,
    }
    /// Custody that another archive offered was refused.
    TransferRefused {
        /// Whether the sender's fingerprint was compared with one from outside.
        anchored: bool,
        /// The bundle, as the offer names it.
        bundle: Digest,
        /// Fields (which archive the other one is, and the reason).
        fields: Vec<Digest>,
        /// The object that is the sender's letter, which proves the offer.
        letter: Digest,
        /// The leaf hash of the offer, an entry of the sender's log.
        offer: Digest,
        /// Size of the letter.
        size_bytes: u64,
    }
    /// The other archive's answer to an offer was taken in.
    TransferSettled {
        /// Whether the recipient's fingerprint was compared with one from outside.
        anchored: bool,
        /// What was answered.
        answer: Answer,
        /// Digests of fields.
        fields: Vec<Digest>,
        /// The object that is the recipient's letter, which proves the answer.
        letter: Digest,
        /// The [`TransferOffered`] of this log.
        offer: EntryIndex,
        /// Size of the letter.
        size_bytes: u64,
    }
    /// It is not known who had an exhibit in a stretch of time, and that is said.
    GapDeclared {
        /// Fields (reason).
        fields: Vec<Digest>,
        /// When the stretch begins.
        from: GapBound,
        /// When it ends.
        to: GapBound,
    }
    /// Custody of an exhibit passed from one archive to another, with a bundle whose offer was accepted. Both logs say so:
    /// the recipient's behind its [`TransferAccepted`], the sender's behind its [`TransferSettled`].
    CustodyPassed {
        /// The bundle, as in the [`ExhibitExported`] or [`ExhibitReceived`] of this exhibit, which comes before.
        bundle: Digest,
        /// Whether it came to this archive or left it.
        direction: Direction,
        /// Fields (which archive the other one is).
        fields: Vec<Digest>,
        /// SHA-256 of the other archive's letter: as in the [`TransferAccepted`] that comes before, or in the
        /// [`TransferSettled`].
        letter: Digest,
    }
}
