//! The custody log: the only place where entries are made.
//!
//! A [`LogWriter`] makes entries and signs the checkpoints that end commits; `commit.rs` makes them durable. An entry
//! exists from the moment its commit is durable, and not before.

use super::environment::{Environment, random_salt};
use super::error::ArchiveError;
use super::index::{Index, Logged};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::MAX_COMMIT_ENTRIES;
use vouchsafe_core::format::{ArchiveRef, Attached, Checkpoint, Entry, FormatError, LogKey, SignedCheckpoint, fields};
use vouchsafe_core::merkle::Frontier;
use vouchsafe_core::model::{
    Disclosure, EntryIndex, Event, ExhibitId, FieldName, FieldValue, Fingerprint, Salt, Timestamp,
};
use vouchsafe_core::sign::{KeyId, SigningKey};
use vouchsafe_core::verify::AgentError;

/// The two private keys that writing takes.
#[derive(Debug)]
pub struct Keys {
    /// The acting agent's key, which signs entries.
    pub agent: SigningKey,
    /// The archive's log key, which signs checkpoints and nothing else.
    pub log: SigningKey,
}

/// An entry that is to be made.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What happened. The digests of its fields are filled in when the entry is made.
    pub event: Event,
    /// To which exhibit.
    pub exhibit: Option<ExhibitId>,
    /// When; now, if not given.
    pub occurred_at: Option<Timestamp>,
    /// What is said about it, to be committed to and kept apart.
    pub fields: Vec<(FieldName, FieldValue)>,
}

/// What the next commit will hold.
#[derive(Debug, Default)]
struct Pending {
    entries: Vec<Logged>,
    log_text: Vec<u8>,
    fields_text: Vec<u8>,
}

/// The entries of a commit that is to be written, and the checkpoint that ends it.
pub(super) struct Unwritten {
    /// Index of the first entry.
    pub first: u64,
    pub entries: Vec<Logged>,
    /// Their lines, and those of their fields.
    pub log_text: Vec<u8>,
    pub fields_text: Vec<u8>,
    pub checkpoint: SignedCheckpoint,
}

/// Whether the key of an agent has not expired at a time.
pub(super) fn check_expiry(index: &Index, agent: KeyId, at: Timestamp) -> Result<(), ArchiveError> {
    match index.roster().get(agent).and_then(|standing| standing.record.expired_at(at)) {
        Some(at) => Err(ArchiveError::Agent { key: agent, source: AgentError::Expired { at } }),
        None => Ok(()),
    }
}

/// Makes entries and signs checkpoints.
pub(super) struct LogWriter<'a> {
    log_key: LogKey,
    /// The archive's fingerprint; none before its first entry is made.
    archive: Option<Fingerprint>,
    keys: &'a Keys,
    environment: &'a dyn Environment,
    frontier: Frontier,
    last_leaf: Digest,
    last_recorded: Option<Timestamp>,
    /// When the agent's key expires.
    expires: Option<Timestamp>,
    pending: Pending,
}

impl<'a> LogWriter<'a> {
    /// Goes on where the index ends.
    pub fn new(
        index: &Index,
        log_key: LogKey,
        keys: &'a Keys,
        environment: &'a dyn Environment,
    ) -> Result<Self, ArchiveError> {
        let frontier = index.frontier().clone();
        let last_leaf = match frontier.size().checked_sub(1) {
            None => Digest::ZERO,
            Some(last) => {
                let last = EntryIndex(last);
                let row = index.entry(last)?.ok_or(ArchiveError::NoEntry { index: last })?;
                Digest::from_bytes(row.leaf)
            }
        };
        let last_recorded = index.last_recorded();
        let archive = index.entry(EntryIndex(0))?.map(|row| Fingerprint(Digest::from_bytes(row.leaf)));
        Ok(Self {
            log_key,
            archive,
            keys,
            environment,
            frontier,
            last_leaf,
            last_recorded,
            expires: index.roster().get(keys.agent.public().id()).and_then(|standing| standing.record.expires),
            pending: Pending::default(),
        })
    }

    /// How many entries wait for their commit.
    pub fn pending_entries(&self) -> usize {
        self.pending.entries.len()
    }

    /// Bytes of their lines, and of those of their fields.
    pub fn pending_bytes(&self) -> u64 {
        (self.pending.log_text.len() + self.pending.fields_text.len()) as u64
    }

    /// Whether an entry can hold these fields, for a dry run.
    pub fn check_fields(fields: &[(FieldName, FieldValue)]) -> Result<(), FormatError> {
        let salt = Salt::from_bytes([0; 16]);
        let disclosures = fields.iter().map(|(name, value)| Disclosure(salt, name.clone(), value.clone()));
        fields::to_line(&disclosures.collect::<Vec<_>>()).map(|_| ())
    }

    /// Makes an entry and returns its index. The entry exists once its commit is durable.
    ///
    /// `earlier` is how many entries about the same exhibit there are already, waiting ones included.
    pub fn add_entry(&mut self, draft: Draft, earlier: u64) -> Result<EntryIndex, ArchiveError> {
        debug_assert!((self.pending.entries.len() as u64) < MAX_COMMIT_ENTRIES);
        let (now, recorded_at) = self.times()?;
        if let Some(at) = self.expires.filter(|&expires| recorded_at > expires) {
            let key = self.keys.agent.public().id();
            return Err(ArchiveError::Agent { key, source: AgentError::Expired { at } });
        }
        let mut disclosures = Vec::with_capacity(draft.fields.len());
        let make = || {
            for (name, value) in draft.fields {
                disclosures.push(Disclosure(random_salt(self.environment)?, name, value));
            }
            random_salt(self.environment)
        };
        let salt = make().map_err(ArchiveError::no_randomness)?;
        // In the order of their digests, so that neither the log nor the line reveals which came first.
        disclosures.sort_by_cached_key(Disclosure::digest);
        let fields_line = fields::to_line(&disclosures)?;
        let mut event = draft.event;
        event.set_fields(disclosures.iter().map(Disclosure::digest).collect());
        let index = EntryIndex(self.frontier.size());
        let entry = Entry {
            actor: self.keys.agent.public().id(),
            archive: match self.archive {
                Some(archive) => ArchiveRef::Of(archive),
                None => ArchiveRef::First(self.log_key.name().clone()),
            },
            attached: Attached::default(),
            event,
            exhibit: draft.exhibit,
            exhibit_sequence: draft.exhibit.map(|_| earlier),
            index,
            occurred_at: draft.occurred_at.unwrap_or(now),
            previous: self.last_leaf,
            record: None,
            record_sequence: None,
            recorded_at,
            salt,
        };
        let entry = entry.sign(&self.keys.agent)?;
        let pending = &mut self.pending;
        let (offset, fields_offset) = (pending.log_text.len() as u64, pending.fields_text.len() as u64);
        for (text, line) in [(&mut pending.log_text, entry.line()), (&mut pending.fields_text, &fields_line)] {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        self.last_leaf = entry.leaf();
        self.archive.get_or_insert(Fingerprint(self.last_leaf));
        self.last_recorded = Some(recorded_at);
        self.frontier.append(self.last_leaf);
        let fields_bytes = u32::try_from(fields_line.len()).unwrap_or(u32::MAX);
        pending.entries.push(Logged { entry, fields: disclosures, offset, fields_offset, fields_bytes });
        Ok(index)
    }

    /// The time at which the next entry happens, and the one at which it is recorded: never before the last
    /// one was.
    fn times(&self) -> Result<(Timestamp, Timestamp), ArchiveError> {
        let now = self.environment.now();
        match self.last_recorded {
            Some(last) if last.unix_ms() - now.unix_ms() > self.environment.clock_tolerance_ms() => {
                Err(ArchiveError::ClockBehind { now, last })
            }
            Some(last) => Ok((now, now.max(last))),
            None => Ok((now, now)),
        }
    }

    /// Ends the commit that was filled, which must hold an entry.
    ///
    /// The checkpoint is signed here; it continues every one signed before, since the frontier does. It leaves `commit.rs`
    /// only after it was synced.
    pub fn sign_commit(&mut self) -> Unwritten {
        let Pending { entries, log_text, fields_text } = std::mem::take(&mut self.pending);
        debug_assert!(!entries.is_empty());
        let first = self.frontier.size() - entries.len() as u64;
        let checkpoint =
            Checkpoint { origin: self.log_key.name().clone(), size: self.frontier.size(), root: self.frontier.root() }
                .sign(&self.keys.log);
        Unwritten { first, entries, log_text, fields_text, checkpoint }
    }
}
