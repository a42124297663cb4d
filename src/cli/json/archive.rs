//! What is printed of an archive as a whole: its making, head, standing, copies, parity and repair.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use vouchsafe_archive::{
    AgentOverview, CopyStanding, LastVerification, NotUnderstoodThing, Repaired, Totals, UnreadEntry, VolumePlan,
    Weight,
};
use vouchsafe_core::described;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{
    AgentKind, CopyId, EntryIndex, Fingerprint, Medium, Origin, Role, Site, Stretch, Timestamp,
};
use vouchsafe_core::sign::{KeyId, PublicKey};

described! {
    /// A new archive.
    #[derive(Serialize)]
    pub struct Created<'a> {
        /// The key of its first administrator.
        pub administrator: KeyId,
        /// The folder that it is in.
        pub archive: String,
        /// Its fingerprint, by which others check it.
        pub fingerprint: Fingerprint,
        /// The same in the form for paper, with check characters.
        pub fingerprint_on_paper: String,
        /// The folder that its keys are in.
        pub keys: String,
        /// The key of its log, as a C2SP verifier key.
        pub log_key: String,
        /// Its name.
        pub origin: &'a Origin,
    }
}

described! {
    /// The newest head of the log.
    #[derive(Serialize)]
    pub struct Head<'a> {
        /// The key of the archive's first administrator.
        pub administrator: KeyId,
        /// The checkpoint as a signed note (C2SP).
        pub checkpoint: &'a str,
        /// The archive's fingerprint.
        pub fingerprint: Fingerprint,
        /// The key of the log, as a C2SP verifier key.
        pub log_key: String,
        /// The archive's name.
        pub origin: &'a Origin,
        /// The root of the log.
        pub root: Digest,
        /// How many entries the log has.
        pub size: u64,
    }
}

described! {
    /// How the archive stands.
    #[derive(Serialize)]
    pub struct Status<'a> {
        /// The agents, in the order in which they were introduced.
        pub agents: &'a [AgentOverview],
        /// The folder that the archive is in.
        pub archive: String,
        /// The folder of the index that this machine keeps for reading the archive; null if it keeps none.
        pub cached_index: Option<String>,
        /// The copies that the log knows, without this archive.
        pub copies: &'a [CopyStanding],
        /// How many exhibits passed into the custody of which archive, by its origin.
        pub custody_passed: &'a BTreeMap<String, u64>,
        /// How many exhibits are described how far, by grade: `complete`, `partial`, `thin` and `undescribed`.
        pub descriptions: BTreeMap<String, u64>,
        /// The archive's fingerprint.
        pub fingerprint: Fingerprint,
        /// When the last entry was recorded; null of an empty log.
        pub last_recorded: Option<Timestamp>,
        /// The newest recorded verification; null if there is none.
        pub last_verification: &'a Option<LastVerification>,
        /// Whether the log could be read to its end; if not, the copies and verifications listed may be incomplete.
        pub log_is_whole: bool,
        /// What is not understood, each thing once.
        pub not_understood: &'a [NotUnderstoodThing],
        /// The archive's name.
        pub origin: &'a Origin,
        /// The root of the log.
        pub root: Digest,
        /// How many entries the log has.
        pub size: u64,
        /// How much the archive holds.
        pub totals: Totals,
        /// The size of its volumes, in bytes.
        pub volume_bytes: u64,
        /// How many volumes it has.
        pub volumes: u64,
        /// What is risky, the worst first.
        pub warnings: Vec<Risk<'a>>,
    }
}

described! {
    /// Something that is wrong or risky, and what can be done about it.
    #[derive(Serialize)]
    pub struct Risk<'a> {
        /// What it is about, in one word.
        pub about: &'static str,
        /// The command that fixes it, or what to do.
        pub mend: Option<String>,
        /// What is wrong or risky, in a sentence.
        pub message: &'a str,
        /// How serious it is.
        pub weight: Weight,
    }
}

described! {
    /// The indexes kept for reading that were removed.
    #[derive(Serialize)]
    pub struct IndexesForgotten {
        /// Their folders.
        pub removed: Vec<String>,
    }
}

described! {
    /// What an examination of the archive found.
    #[derive(Serialize)]
    pub struct Examined<'a> {
        /// The folder that the archive is in.
        pub archive: String,
        /// What was looked at, a few words each.
        pub checked: &'a [String],
        /// What is wrong or risky, the worst first.
        pub findings: Vec<Risk<'a>>,
        /// What was not looked at, a sentence each.
        pub not_checked: &'a [String],
        /// What is not understood, each thing once.
        pub not_understood: &'a [NotUnderstoodThing],
        /// The archive's name; null if `archive.json` cannot be read.
        pub origin: &'a Option<Origin>,
        /// Whether nothing that was looked at is wrong or risky.
        pub well: bool,
    }
}

described! {
    /// The index that was rebuilt.
    #[derive(Serialize)]
    pub struct Rebuilt {
        /// How many entries the log has.
        pub entries: u64,
        /// What is not understood, each thing once.
        pub not_understood: Vec<NotUnderstoodThing>,
        /// How much the archive holds.
        pub totals: Totals,
    }
}

described! {
    /// The result of copying to a folder.
    #[derive(Serialize)]
    pub struct Replicated<'a> {
        /// The name of the copy.
        pub copy: CopyId,
        /// Whether it was begun in this run.
        pub is_new: bool,
        /// What it lies on.
        pub medium: Medium,
        /// Files beside the volumes that differ from those of the archive. They are left unchanged.
        pub other_texts: Vec<String>,
        /// The entry that records it; null if the last entry did so already.
        pub recorded_as: Option<EntryIndex>,
        /// How much of the copy was read again and checked, in bytes.
        pub reread_bytes: u64,
        /// What an interruption had left in the copy.
        pub set_aside: Vec<SetAside>,
        /// Whether archive and copy lie on one file system.
        pub shares_disk: bool,
        /// Where it is, seen from the archive.
        pub site: Site,
        /// How many entries are in the copy.
        pub size: u64,
        /// The size of its volumes, in bytes.
        pub size_bytes: u64,
        /// Entries about copies that are damaged in their volumes, so the copies are not counted.
        pub unread_entries: &'a [UnreadEntry],
        /// How much was written, in bytes.
        pub written_bytes: u64,
    }
}

described! {
    /// Bytes in a copy that differed from the archive.
    #[derive(Serialize)]
    pub struct SetAside {
        /// Where they began in the volume, in bytes.
        pub from: u64,
        /// The file that they are kept in.
        pub kept_in: String,
        /// How many bytes.
        pub size_bytes: u64,
        /// The number of the volume.
        pub volume: u32,
    }
}

described! {
    /// A copy that is no longer counted.
    #[derive(Serialize)]
    pub struct CopyLost {
        /// How many copies are left, this archive among them.
        pub copies_in_all: u64,
        /// The name of the copy.
        pub copy: CopyId,
        /// The entry that records it.
        pub index: EntryIndex,
    }
}

described! {
    /// The parity that was made.
    #[derive(Serialize)]
    pub struct ParityMade {
        /// How many volumes are closed.
        pub closed_volumes: u64,
        /// The numbers of damaged volumes, for which no parity was made.
        pub damaged_volumes: Vec<u32>,
        /// The files that were made.
        pub made: Vec<ParityFile>,
        /// Whether it was stopped before the end.
        pub stopped: bool,
        /// How many volumes had parity that was damaged or made from other bytes.
        pub were_unfit: u64,
        /// How many volumes had parity already.
        pub were_whole: u64,
    }
}

described! {
    /// A file of parity.
    #[derive(Serialize)]
    pub struct ParityFile {
        /// Where it is.
        pub file: PathBuf,
        /// Its size, in bytes.
        pub size_bytes: u64,
        /// The number of its volume.
        pub volume: u32,
    }
}

described! {
    /// What a repair would do, without `--apply`.
    #[derive(Serialize)]
    pub struct RepairPlan<'a> {
        /// Always false.
        pub applied: bool,
        /// How many entries the copy has after the end of this archive's log.
        pub copy_is_ahead_by: u64,
        /// How many entries this machine has seen that are not there.
        pub missing_entries: u64,
        /// Whether an earlier repair is not logged yet.
        pub unlogged_repair: bool,
        /// Why the notes of an earlier repair cannot be read; null if they can, or there are none.
        pub unreadable_notes: Option<String>,
        /// The bytes at the end of the last volume that are not readable; null if all are.
        pub unreadable_tail: Option<&'a Stretch>,
        /// The volumes that are damaged or missing.
        pub volumes: &'a [VolumePlan],
    }
}

described! {
    /// What a repair did, with `--apply`.
    #[derive(Serialize)]
    pub struct RepairDone<'a> {
        /// Always true.
        pub applied: bool,
        /// Bytes of earlier repairs that are no longer there, so that they cannot be logged; they stay noted.
        pub not_logged: &'a [Stretch],
        /// The entries that record it.
        pub recorded_as: &'a [EntryIndex],
        /// What was healed.
        pub repaired: &'a Repaired,
        /// What was planned.
        pub volumes: &'a [VolumePlan],
    }
}

described! {
    /// An agent.
    #[derive(Serialize)]
    pub struct Agent<'a> {
        /// The entry that introduced it.
        pub added_at: EntryIndex,
        /// Its key.
        pub key: KeyId,
        /// What it is.
        pub kind: AgentKind,
        /// Its name.
        pub name: String,
        /// What is not understood and may concern any agent, each thing once.
        pub not_understood: &'a [NotUnderstoodThing],
        /// Its public key.
        pub public_key: &'a PublicKey,
        /// The entry from which on another key replaces it; null if none does.
        pub replaced_at: Option<EntryIndex>,
        /// That other key; null if there is none.
        pub replaced_by: Option<KeyId>,
        /// The entry from which on its key is revoked; null if it is not.
        pub revoked_at: Option<EntryIndex>,
        /// What it may do.
        pub roles: &'a [Role],
    }
}

described! {
    /// An agent that was added.
    #[derive(Serialize)]
    pub struct AgentAdded {
        /// The entry that records it.
        pub index: EntryIndex,
        /// The agent's key.
        pub key: KeyId,
    }
}

described! {
    /// An agent that was revoked.
    #[derive(Serialize)]
    pub struct AgentRevoked {
        /// The entry from which on the key is not trusted.
        pub from_index: EntryIndex,
        /// The entry that records it.
        pub index: EntryIndex,
        /// The agent's key.
        pub key: KeyId,
    }
}

described! {
    /// The manual pages that were written.
    #[derive(Serialize)]
    pub struct ManualPages {
        /// The files.
        pub pages: Vec<PathBuf>,
    }
}

described! {
    /// Why a command was not completed; on standard error.
    #[derive(Serialize)]
    pub struct Failure<'a> {
        /// What happened.
        pub error: &'a str,
        /// What can be done about it, a sentence each.
        pub hints: &'a [String],
        /// The exit status.
        pub status: u8,
    }
}
