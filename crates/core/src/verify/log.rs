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
use crate::language::{Text, text};
use crate::merkle::Frontier;
use crate::model::{
    At, Bilingual, Broken, Bundles, EntryIndex, Event, Exhibits, Family, Fingerprint, NotUnderstood, Origin, Reach,
    RecordId, Replicas, Timestamp, Transfers,
};
use crate::sign::{KeyId, PublicKey};

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

    /// Goes on after a line that is no entry: it still is a leaf of the tree.
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
        let mut add = |code, message: Text| {
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
                    let message = text!(
                        "approved by a key that an entry which is not understood may have introduced: {key}",
                        "이해할 수 없는 기록 항목이 등록했을 수 있는 키로 승인되었습니다: {key}";
                        key = approval.key
                    );
                    add(Code::SignerNotUnderstood, message);
                    None
                }
                Err(error) => {
                    let error = error.text();
                    let message =
                        text!([error] "approved by {key}: {error}", "키 {key}의 승인: {error}"; key = approval.key);
                    add(Code::ApprovalWrong, message);
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
        let mut add = |code, message: Text| {
            found.push(Finding::new(code, place, message).about(place, entry.exhibit));
        };
        if entry.index != place {
            let message = text!(
                "the entry at place {place} of the log has the index {index}",
                "기록부의 {place}번 자리에 있는 기록 항목의 번호가 {index}입니다";
                index = entry.index
            );
            add(Code::EntryIndex, message);
        }
        if entry.previous != self.last_leaf {
            add(Code::EntryPrevious, OTHER_PREVIOUS.into());
        }
        match &entry.archive {
            ArchiveRef::First(origin) if *origin != self.origin => {
                let message = text!(
                    "it begins the log {origin}, not {own}", "기록부 {own}의 것이 아니라 기록부 {origin}의 첫 기록 항목입니다";
                    own = self.origin
                );
                add(Code::EntryOrigin, message);
            }
            ArchiveRef::Of(archive) if *archive != self.archive => {
                let message = text!(
                    "it belongs to the archive {archive}, not to this one",
                    "이 보존소가 아니라 지문이 {archive}인 보존소에 속합니다";
                    archive = archive.paper()
                );
                add(Code::EntryOrigin, message);
            }
            ArchiveRef::First(_) | ArchiveRef::Of(_) => {}
        }
        if let Some(last) = self.last_recorded.filter(|&last| entry.recorded_at < last) {
            let message = text!(
                "recorded at {at}, the entry before it at {last}", "기록 시각은 {at}, 앞의 기록 항목은 {last}";
                at = entry.recorded_at
            );
            add(Code::EntryTime, message);
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
            add(Code::EntrySealed, NOT_OPENED.into());
        }
        if let Some(shortfall) = shortfall {
            add(Code::SignerNotAllowed, shortfall.into());
        }
        // A known key is handed on even if it may not sign: that its signature does not hold either is another finding.
        let mut keys = Vec::with_capacity(signed.signatures.len());
        for (number, (signature, signer)) in signed.signatures.iter().zip(signers).enumerate() {
            if number == 0 && signature.key != entry.actor {
                add(Code::SignerUnknown, OTHER_ACTOR.into());
            }
            let key = match signer {
                Ok((key, expired)) => {
                    if let Some(expired) = expired {
                        add(Code::SignerExpired, signed_by(signature.key, AgentError::Expired { at: expired }));
                    }
                    Some(key)
                }
                Err(AgentError::NotUnderstood) => {
                    let message = text!(
                        "signed by a key that an entry which is not understood may have introduced: {key}",
                        "이해할 수 없는 기록 항목이 등록했을 수 있는 키로 서명되었습니다: {key}";
                        key = signature.key
                    );
                    add(Code::SignerNotUnderstood, message);
                    None
                }
                Err(error) => {
                    let code = match error {
                        AgentError::Revoked { .. } => Code::SignerRevoked,
                        AgentError::NotAllowed => Code::SignerNotAllowed,
                        _ => Code::SignerUnknown,
                    };
                    add(code, signed_by(signature.key, error));
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
    ) -> Result<(), (Code, Text)> {
        let entry = &signed.entry;
        let order = |message: Text| Err((Code::EntryOrder, message));
        if (place.0 == 0) != entry.archive.origin().is_some() {
            return order(text!(
                "{event} cannot stand at place {place}", "{event}: {place}번 자리에 있을 수 없습니다";
                event = entry.event.name()
            ));
        }
        if let Some(record) = entry.record {
            let before = self.records.entry(record).or_default();
            let expected = *before;
            *before += 1;
            if let Some(sequence) = entry.record_sequence.filter(|&sequence| sequence != expected) {
                return order(text!(
                    "it says that {sequence} entries about the record are before it; there are {expected}",
                    "이 기록에 관한 앞의 기록 항목이 {sequence}건이라고 하지만 {expected}건 있습니다"
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
        kept.map_err(|Broken(message)| (Code::EntryOrder, message.into()))
    }

    /// Takes in which exhibit an entry is about: it was ingested before, unless this is its ingest, and the entry counts those
    /// before it.
    fn take_exhibit(&mut self, entry: &Entry) -> Result<(), (Code, Text)> {
        let Some(exhibit) = entry.exhibit else { return Ok(()) };
        let before = self.exhibits.count(exhibit);
        let is_ingest = entry.exhibit_sequence == Some(0);
        let expected = before.unwrap_or_default();
        // What is wrong with an unknown exhibit, or one that is ingested again, is said below.
        if let Some(sequence) = entry.exhibit_sequence.filter(|&sequence| sequence != expected)
            && before.is_some() != is_ingest
        {
            let message = text!(
                "it says that {sequence} entries about the exhibit are before it; there are {expected}",
                "이 증거물에 관한 앞의 기록 항목이 {sequence}건이라고 하지만 {expected}건 있습니다"
            );
            return Err((Code::EntryOrder, message));
        }
        note_move(&entry.event, || self.transfers.moves(exhibit));
        match (before, is_ingest) {
            (Some(_), true) => {
                Err((Code::EntryOrder, text!("this exhibit was ingested before", "이 증거물은 이미 수록되었습니다")))
            }
            (None, false) => {
                let message = text!(
                    "it speaks of an exhibit that was not ingested before",
                    "그때까지 수록되지 않은 증거물을 말합니다"
                );
                Err((Code::EntryOrder, message))
            }
            (Some(_), false) | (None, true) => Ok(()),
        }
    }

    /// Takes in an entry that this program is too old for, and says so.
    fn take_not_understood(&mut self, entry: &Entry, event: &NotUnderstood) -> (Code, Text) {
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
        let unknown = event.unknown();
        let message = match event.format {
            Some(_) => {
                text!([unknown] "{unknown} (the event {name})", "{unknown} (사건 {name})"; name = event.name)
            }
            None => unknown,
        };
        let code = if reach == Some(Reach::Itself) { Code::StatementNotRead } else { Code::EntryNotUnderstood };
        (code, message)
    }

    /// Takes in what an entry says of who may sign.
    fn take_signing(
        &mut self,
        entry: &Entry,
        place: EntryIndex,
        permitted: Result<bool, AgentError>,
    ) -> Result<(), (Code, Text)> {
        if let Event::ArchiveCreated(body) = &entry.event {
            let administrator = body.administrator.public_key.clone();
            self.created = Some(Created { administrator, log_key: body.log_key.clone() });
        } else {
            match permitted {
                // Who an entry that is not understood may have introduced may say so.
                Ok(true) | Err(AgentError::NotUnderstood) => {}
                // An agent without that permission changes nothing.
                Err(error) => {
                    let (event, actor) = (entry.event.name(), entry.actor);
                    let message = text!(
                        [error = error.text()] "{event} is by {actor}: {error}", "{event}, 담당자 {actor}: {error}"
                    );
                    return Err((Code::SignerNotAllowed, message));
                }
                // That is said of its signatures.
                Ok(false) => return Ok(()),
            }
        }
        match (&entry.event, self.agents.take(&entry.event, place)) {
            (_, Err(error)) => Err((Code::EntryOrder, error.text())),
            (Event::AgentRevoked(body), Ok(Some(last))) => {
                let (key, from) = (body.key, body.from_index);
                let message = text!(
                    "{key} is not trusted from entry {from} on, but signed or approved up to entry {last}",
                    "키 {key}: 기록 항목 {from}부터 신뢰되지 않으나, 기록 항목 {last}까지 서명하거나 승인했습니다"
                );
                Err((Code::SignerInQuestion, message))
            }
            (_, Ok(_)) => Ok(()),
        }
    }
}

/// What is said of an entry that does not name the one before it; every reader of entries says it in these words.
pub(super) const OTHER_PREVIOUS: Bilingual = (
    "its `previous` is not the hash of the entry before it",
    "기록 항목의 `previous`가 바로 앞 기록 항목의 해시값이 아닙니다",
);
/// What is said of an entry whose first signature is by somebody else than its actor.
pub(super) const OTHER_ACTOR: Bilingual =
    ("its first signature is not by its actor", "첫 번째 서명이 처리한 담당자의 서명이 아닙니다");

fn signed_by(key: KeyId, error: AgentError) -> Text {
    text!([error = error.text()] "signed by {key}: {error}", "서명한 키 {key}: {error}")
}
