//! The custody log, entry by entry: chain, order, agents. Sequential; what can be done apart (signatures,
//! fields, objects) is left to the caller.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};

use super::agent_error::AgentError;
use super::agents::{Agents, Signer, changes_log_key_unclearly};
use super::approvals::{self, Nonces};
use super::finding::{Code, Finding};
use crate::digest::Digest;
use crate::format::attached::NOT_OPENED;
use crate::format::{ArchiveRef, Entry, LogKey, SignedEntry};
use crate::merkle::Frontier;
use crate::model::{
    Answer, ArchiveVerified, BundleExported, CopyId, CustodyPassed, Direction, EntryIndex, Event, ExhibitId,
    Fingerprint, NotUnderstood, Origin, Reach, RecordId, ReplicaMade, Timestamp, TransferAccepted, TransferRefused,
};
use crate::sign::PublicKey;

/// An exhibit that was ingested.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exhibit {
    /// What was ingested; not known where its ingest is not understood.
    pub object: Option<Digest>,
    /// How many entries are about it so far.
    pub entries: u64,
}

/// An offer of custody to another archive.
#[derive(Debug)]
struct Offer {
    bundle: Digest,
    /// Whether the key of an answer that was taken in was compared.
    settled: Option<bool>,
}

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
    pub exhibits: HashMap<ExhibitId, Exhibit>,
    /// How many entries are about each record.
    records: HashMap<RecordId, u64>,
    /// The first entry without a subject that is not understood: from there on, keys may be introduced that are not known.
    not_understood: Option<EntryIndex>,
    /// Whether an entry is of a format that is not known, which may name objects.
    pub may_name_objects: bool,
    /// The copies of the archive that are there, as the log has it.
    copies: HashSet<CopyId>,
    /// The bundles that were received.
    received: HashSet<Digest>,
    /// The bundles that were exported.
    exported: HashSet<Digest>,
    /// The offers to other archives.
    offered: HashMap<EntryIndex, Offer>,
    /// The offers of other archives that were answered, by their leaf hashes. An entry names its archive, so another log
    /// cannot have the same offer.
    answered: HashSet<Digest>,
    /// The bundles with which custody passed, and the letters of the other side that say so; where the entry that took one in is
    /// sealed, the letter is not known.
    passed: HashSet<(Direction, Digest, Option<Digest>)>,
    /// The bundles in which each exhibit came and left.
    moved: HashSet<(ExhibitId, Direction, Digest)>,
    /// Exhibits of which an entry is not understood.
    unclear: HashSet<ExhibitId>,
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
            exhibits: HashMap::new(),
            records: HashMap::new(),
            not_understood: None,
            may_name_objects: false,
            copies: HashSet::new(),
            received: HashSet::new(),
            exported: HashSet::new(),
            offered: HashMap::new(),
            answered: HashSet::new(),
            passed: HashSet::new(),
            moved: HashSet::new(),
            unclear: HashSet::new(),
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
        // What it speaks of may be in an entry that is not understood.
        let may_be_there = self.not_understood.is_some();
        let missing = |message: &str| if may_be_there { Ok(()) } else { Err((Code::EntryOrder, message.to_owned())) };
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
        let known = entry.exhibit.and_then(|exhibit| self.exhibits.get_mut(&exhibit)).map(|exhibit| {
            let before = *exhibit;
            exhibit.entries += 1;
            before
        });
        let expected = known.map_or(0, |exhibit| exhibit.entries);
        let is_ingest = entry.exhibit_sequence == Some(0);
        // What is wrong with an unknown exhibit, or one that is ingested again, is said below.
        if let Some(sequence) = entry.exhibit_sequence.filter(|&sequence| sequence != expected)
            && known.is_some() != is_ingest
        {
            return order(format!(
                "it says that {sequence} entries about the exhibit are before it; there are {expected}"
            ));
        }
        match (&entry.event, entry.exhibit) {
            (Event::ExhibitReceived(body), Some(exhibit)) => {
                self.moved.insert((exhibit, Direction::In, body.bundle));
            }
            (Event::ExhibitExported(body), Some(exhibit)) => {
                self.moved.insert((exhibit, Direction::Out, body.bundle));
            }
            (Event::NotUnderstood(_), Some(exhibit)) => {
                self.unclear.insert(exhibit);
            }
            _ => {}
        }
        // What names the letter of a sealed entry is the digest of what lies here, and not of the letter.
        let letter = |letter: Digest| entry.attached.sealed.is_none().then_some(letter);
        match &entry.event {
            Event::ArchiveCreated(body) => {
                self.created = Some(Created {
                    administrator: body.administrator.public_key.clone(),
                    log_key: body.log_key.clone(),
                });
                self.take_signing(&entry.event, place)
            }
            Event::AgentAdded(_)
            | Event::AgentRevoked(_)
            | Event::AgentChanged(_)
            | Event::AgentRotated(_)
            | Event::AgentRecovered(_)
            | Event::RecoverySet(_)
            | Event::LogKeyChanged(_) => match permitted {
                // Who an entry that is not understood may have introduced may say so.
                Ok(true) | Err(AgentError::NotUnderstood) => self.take_signing(&entry.event, place),
                // Whoever may not say so changes nothing.
                Err(error) => {
                    Err((Code::SignerNotAllowed, format!("{} is by {}: {error}", entry.event.name(), entry.actor)))
                }
                // That is said of its signatures.
                Ok(false) => Ok(()),
            },
            Event::ExhibitIngested(body) => match entry.exhibit.map(|exhibit| self.exhibits.entry(exhibit)) {
                Some(Slot::Vacant(slot)) => {
                    slot.insert(Exhibit { object: Some(body.object), entries: 1 });
                    Ok(())
                }
                _ => order("this exhibit was ingested before".to_owned()),
            },
            Event::CopyIssued(body)
                if known.and_then(|exhibit| exhibit.object).is_some_and(|object| object != body.object) =>
            {
                order("it speaks of another object than the exhibit's".to_owned())
            }
            Event::NotUnderstood(event) if is_ingest && known.is_none() => {
                self.exhibits.extend(entry.exhibit.map(|exhibit| (exhibit, Exhibit { object: None, entries: 1 })));
                Err(self.take_not_understood(entry, event))
            }
            _ if entry.exhibit.is_some() && known.is_none() => {
                order("it speaks of an exhibit that was not ingested before".to_owned())
            }
            Event::NotUnderstood(_) if is_ingest => order("this exhibit was ingested before".to_owned()),
            Event::NotUnderstood(event) => Err(self.take_not_understood(entry, event)),
            Event::BundleReceived(body) if !self.received.insert(body.bundle) => {
                order("this bundle was received before".to_owned())
            }
            Event::ExhibitReceived(body) if !self.received.contains(&body.bundle) => {
                missing("it speaks of a bundle that was not received before")
            }
            Event::ExhibitDescribed(_)
            | Event::ExhibitNoted(_)
            | Event::CopyIssued(_)
            | Event::ExhibitExported(_)
            | Event::ExhibitReceived(_)
            | Event::GapDeclared(_)
            | Event::BundleReceived(_) => Ok(()),
            Event::CustodyPassed(body) => self.take_passing(entry.exhibit, body),
            Event::TransferOffered(body) if !self.exported.contains(&body.bundle) => {
                missing("it offers a bundle that was not exported before")
            }
            Event::TransferOffered(body) => {
                self.offered.insert(place, Offer { bundle: body.bundle, settled: None });
                Ok(())
            }
            Event::TransferAccepted(body) if !self.received.contains(&body.bundle) => {
                missing("it accepts a bundle that was not received before")
            }
            Event::TransferAccepted(TransferAccepted { offer, .. })
            | Event::TransferRefused(TransferRefused { offer, .. })
                if !self.answered.insert(*offer) =>
            {
                order("it answers an offer that was answered before".to_owned())
            }
            Event::TransferAccepted(body) => {
                self.passed.insert((Direction::In, body.bundle, letter(body.letter)));
                Ok(())
            }
            Event::TransferRefused(_) => Ok(()),
            Event::TransferSettled(body) => match self.offered.get_mut(&body.offer) {
                // Anybody can write an answer whose key nobody compared; it does not keep out the genuine one.
                Some(offer) if offer.settled.is_none() || (offer.settled == Some(false) && body.anchored) => {
                    offer.settled = Some(body.anchored);
                    // Anybody can make an answer.
                    if body.answer == Answer::Accepted && body.anchored {
                        self.passed.insert((Direction::Out, offer.bundle, letter(body.letter)));
                    }
                    Ok(())
                }
                Some(_) => order("the offer that it names was settled before".to_owned()),
                None => missing("the entry that it names is no offer"),
            },
            Event::ArchiveVerified(ArchiveVerified { size, .. })
            | Event::ReplicaMade(ReplicaMade { size, .. })
            | Event::BundleExported(BundleExported { size, .. })
                if *size > place.0 =>
            {
                order("it speaks of a longer log than there was".to_owned())
            }
            Event::BundleExported(body) => {
                self.exported.insert(body.bundle);
                Ok(())
            }
            Event::ReplicaMade(body) => {
                self.copies.insert(body.replica);
                Ok(())
            }
            Event::ReplicaLost(body) if !self.copies.remove(&body.replica) => {
                missing("it speaks of a copy that was not made before, or was lost before")
            }
            Event::ReplicaLost(_) | Event::ArchiveVerified(_) | Event::ArchiveRepaired(_) => Ok(()),
        }
    }

    /// Takes in an entry that this program is too old for, and says so.
    fn take_not_understood(&mut self, entry: &Entry, event: &NotUnderstood) -> (Code, String) {
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

    /// Custody of an exhibit passes only with a bundle of which both sides said so, and in which it moved.
    fn take_passing(&self, exhibit: Option<ExhibitId>, body: &CustodyPassed) -> Result<(), (Code, String)> {
        let CustodyPassed { direction, bundle, letter, .. } = *body;
        let wrong = |message: &str| Err((Code::EntryOrder, message.to_owned()));
        let has_moved = |exhibit| self.moved.contains(&(exhibit, direction, bundle)) || self.unclear.contains(&exhibit);
        if self.not_understood.is_some() {
            return Ok(());
        }
        if [Some(letter), None].iter().all(|letter| !self.passed.contains(&(direction, bundle, *letter))) {
            let is_other_letter = self.passed.iter().any(|(way, passed, _)| (*way, *passed) == (direction, bundle));
            return wrong(match is_other_letter {
                true => "custody passes by another letter than that with which the transfer was accepted",
                false => "custody passes with a bundle whose transfer was not accepted before",
            });
        }
        if !exhibit.is_some_and(has_moved) {
            return wrong("custody passes with a bundle that the exhibit did not leave or come in before");
        }
        Ok(())
    }

    /// Takes in what an entry says of who may sign.
    fn take_signing(&mut self, event: &Event, place: EntryIndex) -> Result<(), (Code, String)> {
        match (event, self.agents.take(event, place)) {
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
