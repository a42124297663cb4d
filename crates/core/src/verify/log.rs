//! The custody log, entry by entry: chain, order, agents. Sequential; what can be done apart (signatures,
//! fields, objects) is left to the caller.

use std::collections::HashMap;

use super::agent_error::AgentError;
use super::agents::{Agents, Signer, changes_log_key_unclearly};
use super::approvals::{self, Nonces};
use super::finding::{Code, Finding};
use super::moves::note_move;
use crate::digest::Digest;
use crate::format::attached::NOT_OPENED;
use crate::format::{ArchiveRef, Entry, LogKey, SignedEntry};
use crate::merkle::Frontier;
use crate::model::{
    At, Broken, Bundles, EntryIndex, Event, Exhibits, Family, Fingerprint, NotUnderstood, Origin, Reach, RecordId,
    Replicas, Timestamp, Transfers,
};
use crate::sign::PublicKey;

/// What the first entry says of the archive.
#[derive(Debug)]
pub(super) struct Created {
    pub administrator: PublicKey,
    pub log_key: String,
}

/// What the verifier knows of the log up to some entry.
#[derive(Debug)]
pub(super) struct LogState {
    archive: Fingerprint,
    origin: Origin,
    pub frontier: Frontier,
    pub agents: Agents,
    pub exhibits: Exhibits,
    replicas: Replicas,
    bundles: Bundles,
    transfers: Transfers,
    /// How many entries are about each record.
    records: HashMap<RecordId, u64>,
    /// The first entry without a subject that is not understood: from there on, keys may be introduced that are not known.
    not_understood: Option<EntryIndex>,
    /// Whether an entry is of a format that is not known, which may name objects.
    pub may_name_objects: bool,
    /// The nonces of approvals.
    nonces: Nonces,
    last_leaf: Digest,
    last_recorded: Option<Timestamp>,
    /// What the first entry says of the archive's keys, where it is understood.
    pub created: Option<Created>,
    /// The leaf hash of the first entry, which is the archive's fingerprint.
    pub first_leaf: Option<Digest>,
}

impl LogState {
    /// The log of this archive before its first entry, with the key that should sign its first checkpoint.
    pub fn new(archive: Fingerprint, origin: Origin, log_key: LogKey) -> Self {
        Self {
            archive,
            origin,
            frontier: Frontier::default(),
            agents: Agents::of_log(log_key),
            exhibits: Exhibits::default(),
            replicas: Replicas::default(),
            bundles: Bundles::default(),
            transfers: Transfers::default(),
            records: HashMap::new(),
            not_understood: None,
            may_name_objects: false,
            nonces: Nonces::default(),
            last_leaf: Digest::ZERO,
            last_recorded: None,
            created: None,
            first_leaf: None,
        }
    }

    pub fn next_index(&self) -> EntryIndex {
        EntryIndex(self.frontier.size())
    }

    /// When the newest entry says that it was recorded.
    pub const fn last_recorded(&self) -> Option<Timestamp> {
        self.last_recorded
    }

    /// Goes on behind a line that is no entry: it still is a leaf of the tree.
    pub fn take_malformed(&mut self, leaf: Digest) {
        self.frontier.append(leaf);
        self.last_leaf = leaf;
    }

    /// Judges who approved the next entry, before it is taken in. Returns the keys that its approvals are to be checked with,
    /// `None` where one is by a key that cannot be relied on (which is a finding already).
    pub fn take_approvals(&mut self, entry: &Entry, found: &mut Vec<Finding>) -> Vec<Option<PublicKey>> {
        let approvals = &entry.attached.approvals;
        if approvals.is_empty() {
            return Vec::new();
        }
        let place = self.next_index();
        let mut add = |code, message: String| {
            found.push(Finding::new(code, place, message).about(place, entry.exhibit));
        };
        if let Some(again) = self.nonces.take(place, approvals::nonces_of(entry)) {
            add(Code::ApprovalWrong, again);
        }
        let mut keys = Vec::with_capacity(approvals.len());
        for approval in approvals {
            if let Some(flaw) = approvals::flaw(entry, approval) {
                add(Code::ApprovalWrong, flaw);
            }
            keys.push(match self.agents.active_at(approval.key, place, entry.recorded_at) {
                Ok((key, _)) => Some(key.clone()),
                Err(AgentError::NotUnderstood) => {
                    let what = "approved by a key that an entry which is not understood may have introduced";
                    add(Code::SignerNotUnderstood, format!("{what}: {}", approval.key));
                    None
                }
                Err(error) => {
                    add(Code::ApprovalWrong, format!("approved by {}: {error}", approval.key));
                    None
                }
            });
        }
        keys
    }

    /// Takes in an entry. Returns the keys that its signatures are to be checked with, `None` where a
    /// signature is by a key that cannot be relied on (which is a finding already).
    pub fn take(&mut self, signed: &SignedEntry, leaf: Digest, found: &mut Vec<Finding>) -> Vec<Option<PublicKey>> {
        let entry = &signed.entry;
        let place = self.next_index();
        let mut add = |code, message: String| {
            found.push(Finding::new(code, place, message).about(place, entry.exhibit));
        };
        if entry.index != place {
            add(Code::EntryIndex, format!("the entry at place {place} of the log has the index {}", entry.index));
        }
        if entry.previous != self.last_leaf {
            add(Code::EntryPrevious, "its `previous` is not the hash of the entry before it".to_owned());
        }
        match &entry.archive {
            ArchiveRef::First(origin) if *origin != self.origin => {
                add(Code::EntryOrigin, format!("it begins the log {origin}, not {}", self.origin));
            }
            ArchiveRef::Of(archive) if *archive != self.archive => {
                add(Code::EntryOrigin, format!("it belongs to the archive {}, not to this one", archive.paper()));
            }
            ArchiveRef::First(_) | ArchiveRef::Of(_) => {}
        }
        if let Some(last) = self.last_recorded.filter(|&last| entry.recorded_at < last) {
            add(Code::EntryTime, format!("recorded at {}, the entry before it at {last}", entry.recorded_at));
        }
        self.last_recorded = Some(entry.recorded_at);
        if place.0 == 0 {
            self.first_leaf = Some(leaf);
        }

        // The first entry introduces whoever signs it. Where it is not understood, that has to be known before its signers are
        // asked for; of every other entry, what it introduces counts from the next one on.
        if place.0 == 0 && entry.event.not_understood().is_some() {
            self.agents.take_not_understood(place);
        }
        // As of the entry before. An agent must not vouch for itself: who adds it is asked before it is added.
        let signers = self.agents.signers(signed, place);
        let shortfall = self.agents.shortfall(entry, place, &signers);
        let actor = signers.first().map_or(Ok(()), |actor| actor.as_ref().map(|_| ()).map_err(|error| *error));
        let permitted = actor.map(|()| shortfall.is_none());
        let signers: Vec<Result<_, _>> =
            signers.into_iter().map(|one| one.map(|Signer { key, expired, .. }| (key.clone(), expired))).collect();
        if let Err((code, message)) = self.take_event(signed, place, permitted) {
            add(code, message);
        }
        if entry.attached.sealed.is_some() && entry.reach() != Some(Reach::Itself) {
            add(Code::EntrySealed, NOT_OPENED.to_owned());
        }
        if let Some(shortfall) = shortfall {
            add(Code::SignerNotAllowed, shortfall.to_owned());
        }
        // A known key is handed on even if it may not sign: that its signature does not hold either is another finding.
        let mut keys = Vec::with_capacity(signed.signatures.len());
        for (number, (signature, signer)) in signed.signatures.iter().zip(signers).enumerate() {
            if number == 0 && signature.key != entry.actor {
                add(Code::SignerUnknown, "its first signature is not by its actor".to_owned());
            }
            let key = match signer {
                Ok((key, expired)) => {
                    if let Some(expired) = expired {
                        let error = AgentError::Expired { at: expired };
                        add(Code::SignerExpired, format!("signed by {}: {error}", signature.key));
                    }
                    Some(key)
                }
                Err(AgentError::NotUnderstood) => {
                    let what = "signed by a key that an entry which is not understood may have introduced";
                    add(Code::SignerNotUnderstood, format!("{what}: {}", signature.key));
                    None
                }
                Err(error) => {
                    let code = match error {
                        AgentError::Revoked { .. } => Code::SignerRevoked,
                        AgentError::NotAllowed => Code::SignerNotAllowed,
                        _ => Code::SignerUnknown,
                    };
                    add(code, format!("signed by {}: {error}", signature.key));
                    self.agents.get(signature.key).map(|standing| standing.record.public_key.clone())
                }
            };
            keys.push(key);
        }
        // One that is revoked later may lie where the key is no longer trusted.
        signed.keys().for_each(|key| self.agents.note_signature(key, place));
        // Whatever was found: the tree is one of lines, and the next entry names this line. One bad entry must not make every
        // later one and every checkpoint look bad.
        self.frontier.append(leaf);
        self.last_leaf = leaf;
        keys
    }

    fn take_event(
        &mut self,
        signed: &SignedEntry,
        place: EntryIndex,
        permitted: Result<bool, AgentError>,
    ) -> Result<(), (Code, String)> {
        let entry = &signed.entry;
        let order = |message: String| Err((Code::EntryOrder, message));
        if (place.0 == 0) != entry.archive.origin().is_some() {
            return order(format!("{} cannot stand at place {place}", entry.event.name()));
        }
        if let Some(record) = entry.record {
            let before = self.records.entry(record).or_default();
            let expected = *before;
            *before += 1;
            if let Some(sequence) = entry.record_sequence.filter(|&sequence| sequence != expected) {
                return order(format!(
                    "it says that {sequence} entries about the record are before it; there are {expected}"
                ));
            }
        }
        self.take_exhibit(entry)?;
        let at = At {
            index: place,
            exhibit: entry.exhibit,
            is_sealed: entry.attached.sealed.is_some(),
            may_be_hidden: self.not_understood.is_some(),
        };
        let kept = match entry.event.family() {
            Family::NotUnderstood(event) => return Err(self.take_not_understood(entry, event)),
            Family::Signing(_) => return self.take_signing(entry, place, permitted),
            Family::Exhibits(event) => self.exhibits.take(event, &at),
            Family::Preservation(event) => self.replicas.take(event, &at),
            Family::Bundles(event) => self.bundles.take(event, &at),
            Family::Transfers(event) => self.transfers.take(event, &at, &self.bundles),
        };
        kept.map_err(|Broken(message)| (Code::EntryOrder, message.to_owned()))
    }

    /// Takes in of which exhibit an entry is: it was ingested before, unless this is its ingest, and the entry counts those
    /// before it.
    fn take_exhibit(&mut self, entry: &Entry) -> Result<(), (Code, String)> {
        let Some(exhibit) = entry.exhibit else { return Ok(()) };
        let before = self.exhibits.count(exhibit);
        let is_ingest = entry.exhibit_sequence == Some(0);
        let expected = before.unwrap_or_default();
        // What is wrong with an unknown exhibit, or one that is ingested again, is said below.
        if let Some(sequence) = entry.exhibit_sequence.filter(|&sequence| sequence != expected)
            && before.is_some() != is_ingest
        {
            let message =
                format!("it says that {sequence} entries about the exhibit are before it; there are {expected}");
            return Err((Code::EntryOrder, message));
        }
        note_move(&entry.event, || self.transfers.moves(exhibit));
        match (before, is_ingest) {
            (Some(_), true) => Err((Code::EntryOrder, "this exhibit was ingested before".to_owned())),
            (None, false) => Err((Code::EntryOrder, "it speaks of an exhibit that was not ingested before".to_owned())),
            (Some(_), false) | (None, true) => Ok(()),
        }
    }

    /// Takes in an entry that this program is too old for, and says so.
    fn take_not_understood(&mut self, entry: &Entry, event: &NotUnderstood) -> (Code, String) {
        if entry.exhibit_sequence == Some(0) {
            self.exhibits.ingest(entry.exhibit, None);
        }
        self.may_name_objects |= event.format.is_some();
        let reach = entry.reach();
        if reach == Some(Reach::Archive) {
            self.not_understood.get_or_insert(entry.index);
            self.agents.take_not_understood(entry.index);
            if changes_log_key_unclearly(&entry.event) {
                self.agents.take_unclear_log_key(entry.index);
            }
        }
        let name = match event.format {
            Some(_) => format!(" (the event {})", event.name),
            None => String::new(),
        };
        let code = if reach == Some(Reach::Itself) { Code::StatementNotRead } else { Code::EntryNotUnderstood };
        (code, format!("this program does not know {}{name}", event.told()))
    }

    /// Takes in what an entry says of who may sign.
    fn take_signing(
        &mut self,
        entry: &Entry,
        place: EntryIndex,
        permitted: Result<bool, AgentError>,
    ) -> Result<(), (Code, String)> {
        if let Event::ArchiveCreated(body) = &entry.event {
            let administrator = body.administrator.public_key.clone();
            self.created = Some(Created { administrator, log_key: body.log_key.clone() });
        } else {
            match permitted {
                // Who an entry that is not understood may have introduced may say so.
                Ok(true) | Err(AgentError::NotUnderstood) => {}
                // Whoever may not say so changes nothing.
                Err(error) => {
                    let message = format!("{} is by {}: {error}", entry.event.name(), entry.actor);
                    return Err((Code::SignerNotAllowed, message));
                }
                // That is said of its signatures.
                Ok(false) => return Ok(()),
            }
        }
        match (&entry.event, self.agents.take(&entry.event, place)) {
            (_, Err(error)) => Err((Code::EntryOrder, error.to_string())),
            (Event::AgentRevoked(body), Ok(Some(last))) => {
                let (key, from) = (body.key, body.from_index);
                let message =
                    format!("{key} is not trusted from entry {from} on, but signed or approved up to entry {last}");
                Err((Code::SignerInQuestion, message))
            }
            (_, Ok(_)) => Ok(()),
        }
    }
}
