//! Who may sign at which entry of a log: agents, recovery keys and the log's key, as the entries say that change them.
//!
//! The same type serves code that reads a whole log, entry by entry, and code that is given some entries of it and asks about
//! them in any order: what is said of an entry is always as of the entry before it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::agent_error::AgentError;
use super::standing::Standing;
use crate::digest::Digest;
use crate::format::{Entry, LogKey, LogKeyPq, SignedCheckpoint, SignedEntry};
use crate::language::Text;
use crate::model::{
    AgentChanged, AgentRecord, AgentRotated, Bilingual, EntryIndex, Event, EventKind, Family, LogKeyChanged,
    Permission, Recovery, Role, SigningEvent, Timestamp,
};
use crate::sign::{KeyId, PublicKey};

/// A key of the log, and what it commits to.
#[derive(Debug, Clone)]
struct LogKeyInForce {
    /// The entry that brought it.
    at: EntryIndex,
    key: LogKey,
    /// The second key beside it, whose line every checkpoint has.
    pq: Option<LogKeyPq>,
    /// SHA-256 of the text of the next one.
    next: Option<Digest>,
}

/// Who may sign in a log, as the entries say that were taken in.
#[derive(Debug, Clone, Default)]
pub struct Agents {
    agents: HashMap<KeyId, Standing>,
    /// All recovery keys, oldest first, each from the entry after the one that set them.
    recovery: Vec<(EntryIndex, Recovery)>,
    /// All keys of the log, oldest first.
    log_keys: Vec<LogKeyInForce>,
    /// The first entry about agents or the archive that is not understood: from there on, it may have introduced keys.
    not_understood: Option<EntryIndex>,
    /// The first entry that changes the log's key and is not understood: which key is in force after it, it alone says.
    log_key_unclear: Option<EntryIndex>,
    /// Keys that such an entry may have introduced and that were revoked, each with the entry that did it.
    revoked_unknown: HashMap<KeyId, EntryIndex>,
    /// Whether only some of the log's entries are there, so that there may be other administrators.
    is_partial: bool,
}

/// A key that may sign an entry.
#[derive(Debug)]
pub(super) struct Signer<'a> {
    pub key: &'a PublicKey,
    /// Whether the entry lies after the index from which the key, revoked later, is no longer trusted.
    pub is_in_question: bool,
    /// When the key expired, if it did before the entry was recorded.
    pub expired: Option<Timestamp>,
    /// The agent, as of the entry before; none for a recovery key.
    record: Option<&'a AgentRecord>,
}

impl Agents {
    /// The agents of a log that is there only in part.
    #[must_use]
    pub(super) fn of_some_entries() -> Self {
        Self { is_partial: true, ..Self::default() }
    }

    /// Nobody yet; the log's first key is known from elsewhere.
    #[must_use]
    pub fn of_log(key: LogKey) -> Self {
        let log_keys = vec![LogKeyInForce { at: EntryIndex(0), key, pq: None, next: None }];
        Self { log_keys, ..Self::default() }
    }

    /// The standing of a key.
    #[must_use]
    pub fn get(&self, key: KeyId) -> Option<&Standing> {
        self.agents.get(&key)
    }

    /// The key with this id, if it is or was an agent's or a recovery key.
    #[must_use]
    pub fn key(&self, key: KeyId) -> Option<&PublicKey> {
        let agent = self.agents.get(&key).map(|standing| &standing.record.public_key);
        let mut recovery = self.recovery.iter().flat_map(|(_, recovery)| &recovery.keys);
        agent.or_else(|| recovery.find(|one| one.id() == key))
    }

    /// All agents, in the order in which they were introduced.
    #[must_use]
    pub fn in_order(&self) -> Vec<(KeyId, &Standing)> {
        let mut agents: Vec<_> = self.agents.iter().map(|(key, standing)| (*key, standing)).collect();
        agents.sort_by_key(|(key, standing)| (standing.added_at, *key));
        agents
    }

    /// Whether the key of any agent expires.
    fn any_expires(&self) -> bool {
        let expires = |record: &AgentRecord| record.expires.is_some();
        self.agents
            .values()
            .any(|standing| expires(&standing.record) || standing.earlier.iter().any(|(_, record)| expires(record)))
    }

    /// The key, if its agent may act now.
    ///
    /// # Errors
    /// Unknown or revoked.
    pub fn active(&self, key: KeyId) -> Result<&PublicKey, AgentError> {
        let standing = self.agents.get(&key).ok_or_else(|| self.unknown(key, EntryIndex::MAX))?;
        match standing.revoked_at {
            Some(at) => Err(AgentError::Revoked { at }),
            None => Ok(&standing.record.public_key),
        }
    }

    /// Takes in an entry about agents or the archive that is not understood.
    pub fn take_not_understood(&mut self, at: EntryIndex) {
        self.not_understood = Some(self.not_understood.map_or(at, |first| first.min(at)));
    }

    /// Takes in that an entry which is not understood changes the log's key.
    pub(super) fn take_unclear_log_key(&mut self, at: EntryIndex) {
        self.log_key_unclear.get_or_insert(at);
    }

    /// Whether no entry is there that is not understood and may have introduced further keys.
    #[must_use]
    pub const fn are_all_known(&self) -> bool {
        self.not_understood.is_none()
    }

    /// Whether there may be agents at this entry that are not known. The first entry introduces its own.
    fn may_be_others(&self, index: EntryIndex) -> bool {
        self.not_understood.is_some_and(|first| first < index || (first, index) == (EntryIndex(0), EntryIndex(0)))
    }

    /// Why a key that is not known cannot sign this entry.
    fn unknown(&self, key: KeyId, index: EntryIndex) -> AgentError {
        match self.revoked_unknown.get(&key) {
            Some(&at) if index > at => AgentError::Revoked { at },
            _ if self.log_keys().any(|log_key| log_key.key().id() == key) => AgentError::Unknown,
            _ if self.may_be_others(index) => AgentError::NotUnderstood,
            _ => AgentError::Unknown,
        }
    }

    /// The key of an agent who may act at this entry, for an approval of it; and whether the entry lies where that key, revoked
    /// later, is no longer trusted.
    ///
    /// # Errors
    /// Unknown there, revoked, or expired when the entry was recorded.
    pub(super) fn active_at(
        &self,
        key: KeyId,
        index: EntryIndex,
        recorded_at: Timestamp,
    ) -> Result<(&PublicKey, bool), AgentError> {
        let standing = self.agents.get(&key).ok_or_else(|| self.unknown(key, index))?;
        match standing.revoked_at {
            _ if standing.added_at >= index => Err(AgentError::Later { at: standing.added_at }),
            Some(at) if index > at => Err(AgentError::Revoked { at }),
            _ => match standing.record_at(index).expired_at(recorded_at) {
                Some(at) => Err(AgentError::Expired { at }),
                None => Ok((&standing.record.public_key, standing.is_in_question_at(index))),
            },
        }
    }

    /// Whether the agent may make an entry of this kind now.
    ///
    /// # Errors
    /// Unknown, revoked, or not allowed to.
    pub fn permit(&self, key: KeyId, event: EventKind) -> Result<&PublicKey, AgentError> {
        let public = self.active(key)?;
        let allowed =
            self.agents.get(&key).is_some_and(|agent| agent.record.roles.iter().any(|&r| event.is_allowed_to(r)));
        if allowed { Ok(public) } else { Err(AgentError::NotAllowed) }
    }

    /// Remembers that the key signed this entry.
    pub fn note_signature(&mut self, key: KeyId, at: EntryIndex) {
        if let Some(standing) = self.agents.get_mut(&key) {
            standing.last_signed = Some(at);
        }
    }

    /// What of it no reader checks, a sentence each.
    #[must_use]
    pub fn not_checked(&self) -> Vec<Text> {
        let expiry = (
            "whether keys had expired: that rests on the archive's own clock",
            "키의 유효 기간이 지났는지: 보존소 자체의 시계에 따른 것입니다.",
        );
        let pq = ("the ML-DSA-44 signatures of checkpoints", "기준점의 ML-DSA-44 서명");
        let unclear = (
            "who signed the checkpoints behind an entry that is not understood and changes the log's key",
            "기록부 키를 바꾸는, 이해할 수 없는 기록 항목 뒤의 기준점에 누가 서명했는지",
        );
        let is_unclear = self.log_key_unclear.is_some();
        let told = [(self.any_expires(), expiry), (self.has_second_key(), pq), (is_unclear, unclear)];
        told.into_iter().filter(|(is_so, _)| *is_so).map(|(_, what)| what.into()).collect()
    }

    /// The key of the log in force for a checkpoint of this size: that of the last entry before it that changed it.
    #[must_use]
    pub fn log_key_at(&self, size: u64) -> Option<&LogKey> {
        self.in_force_at(size).map(|one| &one.key)
    }

    fn in_force_at(&self, size: u64) -> Option<&LogKeyInForce> {
        self.log_keys.iter().rev().find(|one| one.at.0 < size).or(self.log_keys.first())
    }

    /// All keys of the log, oldest first.
    pub fn log_keys(&self) -> impl DoubleEndedIterator<Item = &LogKey> {
        self.log_keys.iter().map(|one| &one.key)
    }

    /// The entries that set the recovery keys or the log's key.
    pub fn changes_of_keys(&self) -> impl Iterator<Item = EntryIndex> {
        let recovery = self.recovery.iter().map(|(set_at, _)| *set_at);
        recovery.chain(self.log_keys.iter().map(|one| one.at))
    }

    /// Whether the log has, or ever had, a second key, whose signatures are not verified.
    #[must_use]
    pub fn has_second_key(&self) -> bool {
        self.log_keys.iter().any(|one| one.pq.is_some())
    }

    /// Whether a checkpoint has a line of the second key in force for its size, if there is one.
    #[must_use]
    pub fn have_second_line(&self, signed: &SignedCheckpoint) -> bool {
        let second = self.in_force_at(signed.checkpoint.size).and_then(|one| one.pq.as_ref());
        second.is_none_or(|key| signed.names(key))
    }

    /// Whether a checkpoint is signed by the key of the log in force for its size.
    #[must_use]
    pub fn have_signed_text(&self, signed: &SignedCheckpoint) -> bool {
        self.log_key_at(signed.checkpoint.size).is_some_and(|key| signed.is_signed_by(key))
    }

    /// Whether a checkpoint is signed as the log's must be: by the key in force for its size; and it has a line of the
    /// second key, if there is one.
    #[must_use]
    pub fn have_signed(&self, signed: &SignedCheckpoint) -> bool {
        self.have_signed_text(signed) && self.have_second_line(signed)
    }

    /// Whether a checkpoint is signed so, or that is not known, because it lies after an entry that is not understood and changes
    /// the log's key. What the log itself holds is not called forged then; what comes from outside is not believed.
    #[must_use]
    pub fn may_have_signed(&self, signed: &SignedCheckpoint) -> bool {
        self.is_log_key_unclear(signed.checkpoint.size) || self.have_signed(signed)
    }

    /// Whether it is not known which key of the log is in force for a checkpoint of this size.
    #[must_use]
    pub fn is_log_key_unclear(&self, size: u64) -> bool {
        self.log_key_unclear.is_some_and(|at| at.0 < size)
    }

    /// The recovery keys in force at an entry.
    fn recovery_at(&self, index: EntryIndex) -> Option<&Recovery> {
        self.recovery.iter().rev().find(|(set_at, _)| *set_at < index).map(|(_, recovery)| recovery)
    }

    // --- who signs an entry ------------------------------------------------------------------------

    /// By whom each signature of an entry is, where it is by a key that may sign it. The first entry introduces the key that
    /// signs it, and so do rotations and recoveries; a key that an entry revokes may still sign that one. Only the actor,
    /// whose signature is the first, needs a role that allows the event.
    ///
    /// The entry stands at this index, whatever it says itself.
    pub(super) fn signers<'a>(
        &'a self,
        signed: &'a SignedEntry,
        index: EntryIndex,
    ) -> Vec<Result<Signer<'a>, AgentError>> {
        let keys = signed.signatures.iter().map(|signature| signature.key).enumerate();
        keys.map(|(number, key)| self.signer(key, &signed.entry, index, number == 0)).collect()
    }

    fn signer<'a>(
        &'a self,
        key: KeyId,
        entry: &'a Entry,
        index: EntryIndex,
        is_actor: bool,
    ) -> Result<Signer<'a>, AgentError> {
        let standing = self.agents.get(&key).filter(|standing| standing.added_at != index);
        // Whom somebody else adds does not sign that.
        let may_begin = match entry.event {
            Event::ArchiveCreated(_) => index.0 == 0,
            Event::AgentRotated(_) | Event::AgentRecovered(_) => true,
            _ => false,
        };
        let introduced = entry.event.introduces().filter(|agent| may_begin && agent.public_key.id() == key);
        let (record, is_in_question) = match (standing, introduced, self.recovery_key(key, &entry.event, index)) {
            (Some(standing), ..) if standing.added_at > index => {
                return Err(AgentError::Later { at: standing.added_at });
            }
            (Some(Standing { revoked_at: Some(at), .. }), ..) if index > *at => {
                return Err(AgentError::Revoked { at: *at });
            }
            (Some(standing), ..) => (standing.record_at(index), standing.is_in_question_at(index)),
            // It may be revoked later from this entry on.
            (None, Some(agent), _) => {
                (agent, self.agents.get(&key).is_some_and(|standing| standing.is_in_question_at(index)))
            }
            (None, None, Some(key)) => {
                return Ok(Signer { key, is_in_question: false, expired: None, record: None });
            }
            // A newer form of these may introduce who signs it.
            (None, None, None) if introduces_its_signer(&entry.event) => return Err(AgentError::NotUnderstood),
            (None, None, None) => return Err(self.unknown(key, index)),
        };
        if let (true, Permission::Kind(kind)) = (is_actor, entry.permission())
            && !matches!(entry.event, Event::AgentRotated(_) | Event::AgentRecovered(_))
            && !record.roles.iter().any(|&role| kind.is_allowed_to(role))
        {
            return Err(AgentError::NotAllowed);
        }
        Ok(Signer {
            key: &record.public_key,
            is_in_question,
            expired: record.expired_at(entry.recorded_at),
            record: Some(record),
        })
    }

    /// The recovery key in force with this id, where one may sign.
    fn recovery_key(&self, key: KeyId, event: &Event, index: EntryIndex) -> Option<&PublicKey> {
        if !matches!(event, Event::AgentRecovered(_) | Event::RecoverySet(_)) {
            return None;
        }
        self.recovery_at(index)?.keys.iter().find(|one| one.id() == key)
    }

    /// What an entry lacks of the signatures that it needs besides its actor's, if it lacks any. Whether a signature holds is
    /// not asked here.
    pub(super) fn shortfall(
        &self,
        entry: &Entry,
        index: EntryIndex,
        signers: &[Result<Signer<'_>, AgentError>],
    ) -> Option<Bilingual> {
        let is_by = |signer: &Signer<'_>, key: KeyId| signer.key.id() == key;
        let signs = |key: KeyId| signers.iter().flatten().any(|signer| is_by(signer, key));
        // The agent whom the entry introduces vouches for nobody.
        let is_administrator = |signer: &Signer<'_>| {
            let introduced = entry.event.introduces().map(|agent| agent.public_key.id());
            signer.record.is_some_and(|agent| agent.roles.contains(&Role::Administrator))
                && (index.0 == 0 || introduced.is_none_or(|key| !is_by(signer, key)))
        };
        let lacks_recovery = || {
            let recovery = self.recovery_at(index)?;
            let signing = signers.iter().flatten().filter(|signer| recovery.keys.contains(signer.key)).count();
            ((signing as u64) < recovery.threshold).then_some(TOO_FEW_RECOVERY_KEYS)
        };
        // One whom an entry that is not understood may have introduced may be an administrator, or hold a recovery key.
        let may_suffice = signers.iter().any(|signer| matches!(signer, Err(AgentError::NotUnderstood)));
        match &entry.event {
            Event::AgentRotated(AgentRotated { agent, key: old, .. }) => {
                let new = agent.public_key.id();
                let announced = self.agents.get(old).and_then(|standing| standing.record_at(index).next);
                let vouches = |signer: &Signer<'_>| is_administrator(signer) && !is_by(signer, *old);
                let is_actor_one = entry.actor == new
                    || signers.iter().flatten().any(|signer| vouches(signer) && is_by(signer, entry.actor));
                if !signs(new) {
                    Some(("the new key does not sign it", "새 키의 서명이 없습니다"))
                } else if announced != Some(new) && !may_suffice && !signers.iter().flatten().any(vouches) {
                    Some((
                        "the new key was not announced as the next one, and no administrator with another key signs it",
                        "새 키가 다음 키로 예고되지 않았고, 다른 키를 가진 관리자의 서명도 없습니다",
                    ))
                } else {
                    (!is_actor_one && !may_suffice).then_some((
                        "its actor is neither the new key nor an administrator who vouches for it",
                        "처리한 담당자의 키가 새 키도 아니고, 새 키를 보증하는 관리자의 키도 아닙니다",
                    ))
                }
            }
            Event::AgentRecovered(body) if entry.actor != body.agent.public_key.id() => Some((
                "its actor is not the agent whom it introduces",
                "처리한 담당자가 이 기록 항목으로 등록되는 담당자가 아닙니다",
            )),
            Event::AgentRecovered(_) | Event::RecoverySet(_) if may_suffice => None,
            Event::AgentRecovered(_) | Event::RecoverySet(_) => lacks_recovery(),
            _ if may_suffice => None,
            _ if entry.permission() == Permission::WithAdministrator
                && !signers.iter().flatten().any(is_administrator) =>
            {
                Some(NO_ADMINISTRATOR)
            }
            _ => None,
        }
    }

    // --- what entries say of it --------------------------------------------------------------------

    /// Takes in what the entry at this index says of who may sign; whether the signer may say so is not asked.
    /// Returns the last entry that a key signed where it is no longer trusted, if there is one. What it speaks of may be
    /// in an entry before it that is not understood.
    ///
    /// # Errors
    /// It cannot stand there; then nothing was taken in, but of the first entry what can stand there.
    pub fn take(&mut self, event: &Event, at: EntryIndex) -> Result<Option<EntryIndex>, AgentError> {
        let Family::Signing(event) = event.family() else { return Ok(None) };
        match self.take_known(event, at) {
            Err(AgentError::Unknown | AgentError::NotUnderstood | AgentError::NoRecovery) if self.may_be_others(at) => {
                match event {
                    SigningEvent::AgentRevoked(body) => drop(self.revoked_unknown.insert(body.key, at)),
                    SigningEvent::AgentRotated(body) => {
                        self.add(body.agent.clone(), at)?;
                        self.revoked_unknown.insert(body.key, at);
                    }
                    SigningEvent::AgentRecovered(body) => self.add(body.agent.clone(), at)?,
                    SigningEvent::ArchiveCreated(_)
                    | SigningEvent::AgentAdded(_)
                    | SigningEvent::AgentChanged(_)
                    | SigningEvent::RecoverySet(_)
                    | SigningEvent::LogKeyChanged(_) => {}
                }
                Ok(None)
            }
            taken => taken,
        }
    }

    fn take_known(&mut self, event: SigningEvent<'_>, at: EntryIndex) -> Result<Option<EntryIndex>, AgentError> {
        match event {
            SigningEvent::ArchiveCreated(_) if at.0 > 0 => return Err(AgentError::Begun),
            SigningEvent::ArchiveCreated(body) => {
                if self.log_keys.is_empty() {
                    let key = body.log_key.parse().map_err(|_| AgentError::OtherName)?;
                    self.log_keys.push(LogKeyInForce { at, key, pq: None, next: None });
                }
                self.log_keys[0].next = body.next_log_key;
                self.log_keys[0].pq = second_key(body.log_key_pq.as_deref());
                self.add(body.administrator.clone(), at)?;
                body.recovery.as_ref().map_or(Ok(()), |recovery| self.set_recovery(recovery, at))?;
            }
            SigningEvent::AgentAdded(body) => self.add(body.agent.clone(), at)?,
            SigningEvent::AgentRevoked(body) => return self.revoke(body.key, body.from_index, at),
            SigningEvent::AgentChanged(body) => self.change(body, at)?,
            SigningEvent::AgentRotated(body) => return self.rotate(body, at),
            SigningEvent::AgentRecovered(_) if self.recovery_at(at).is_none() => return Err(AgentError::NoRecovery),
            SigningEvent::AgentRecovered(body) => self.add(body.agent.clone(), at)?,
            SigningEvent::RecoverySet(body) => self.set_recovery(&body.recovery, at)?,
            SigningEvent::LogKeyChanged(body) => self.change_log_key(body, at)?,
        }
        Ok(None)
    }

    /// Takes in an entry that was read from a volume, if its signers may say what it says, and the signatures
    /// hold. Whether it is one of the log, shows the checkpoint after it.
    pub fn learn(&mut self, signed: &SignedEntry) {
        if self.vouch_for(signed) {
            if changes_log_key_unclearly(&signed.entry.event) {
                self.take_unclear_log_key(signed.entry.index);
            }
            // What cannot stand there changes nothing, and is for the verifier to report.
            let _ = self.take(&signed.entry.event, signed.entry.index);
        }
    }

    /// What they are after these lines of the log.
    pub fn behind(&self, lines: &[u8]) -> Cow<'_, Self> {
        let mut behind = Cow::Borrowed(self);
        changing_lines(lines).for_each(|signed| behind.to_mut().learn(&signed));
        behind
    }

    /// Whether the signers of an entry may say what it says, and the signatures hold.
    pub fn vouch_for(&self, signed: &SignedEntry) -> bool {
        let signers = self.signers(signed, signed.entry.index);
        let holds = |(number, signer): (usize, &Result<Signer<'_>, AgentError>)| {
            signer.as_ref().is_ok_and(|signer| signed.verifies(number, signer.key))
        };
        signers.iter().enumerate().all(holds) && self.shortfall(&signed.entry, signed.entry.index, &signers).is_none()
    }

    /// The same; where no key of the log is known, because its first entry is not understood, with this one.
    #[must_use]
    pub fn or_of_log(&self, key: &LogKey) -> Self {
        let mut agents = self.clone();
        if agents.log_keys.is_empty() {
            agents.log_keys.push(LogKeyInForce { at: EntryIndex(0), key: key.clone(), pq: None, next: None });
        }
        agents
    }

    /// Checks that an agent can be added with this key.
    ///
    /// # Errors
    /// The key was introduced before, is the log's, or a recovery key.
    pub fn check_addition(&self, key: &PublicKey) -> Result<(), AgentError> {
        if self.log_keys().any(|log_key| log_key.key() == key) {
            return Err(AgentError::LogKey);
        }
        if self.is_recovery_key(key) {
            return Err(AgentError::RecoveryKey);
        }
        match self.agents.get(&key.id()) {
            Some(standing) => Err(AgentError::AddedTwice { at: standing.added_at }),
            None => Ok(()),
        }
    }

    fn is_recovery_key(&self, key: &PublicKey) -> bool {
        self.recovery.iter().any(|(_, recovery)| recovery.keys.contains(key))
    }

    fn add(&mut self, record: AgentRecord, at: EntryIndex) -> Result<(), AgentError> {
        self.check_addition(&record.public_key)?;
        self.agents.insert(record.public_key.id(), Standing::new(record, at));
        Ok(())
    }

    /// Checks that a key can be revoked by the entry at `at`.
    ///
    /// # Errors
    /// Unknown, revoked before, the last administrator, or from an index in the future.
    pub fn check_revocation(&self, key: KeyId, from_index: EntryIndex, at: EntryIndex) -> Result<(), AgentError> {
        self.active(key)?;
        if from_index.0 > at.0 + 1 {
            return Err(AgentError::FromTheFuture);
        }
        self.check_other_administrator(key)
    }

    /// Whether there is an administrator without this one.
    fn check_other_administrator(&self, key: KeyId) -> Result<(), AgentError> {
        let is_one = self.agents.get(&key).is_some_and(Standing::is_active_administrator);
        let is_other = |(other, standing): (&KeyId, &Standing)| *other != key && standing.is_active_administrator();
        if is_one && !self.is_partial && self.are_all_known() && !self.agents.iter().any(is_other) {
            return Err(AgentError::LastAdministrator);
        }
        Ok(())
    }

    fn revoke(&mut self, key: KeyId, from_index: EntryIndex, at: EntryIndex) -> Result<Option<EntryIndex>, AgentError> {
        self.check_revocation(key, from_index, at)?;
        let standing = self.agents.get_mut(&key).ok_or(AgentError::Unknown)?;
        (standing.revoked_at, standing.distrusted_from) = (Some(at), Some(from_index));
        Ok(standing.last_signed.filter(|&last| last >= from_index))
    }

    fn change(&mut self, body: &AgentChanged, at: EntryIndex) -> Result<(), AgentError> {
        self.active(body.key)?;
        if !body.roles.contains(&Role::Administrator) {
            self.check_other_administrator(body.key)?;
        }
        let standing = self.agents.get_mut(&body.key).ok_or(AgentError::Unknown)?;
        let changed = AgentRecord {
            expires: body.expires,
            kind: standing.record.kind,
            next: body.next,
            public_key: standing.record.public_key.clone(),
            roles: body.roles.clone(),
        };
        standing.earlier.push((at, std::mem::replace(&mut standing.record, changed)));
        Ok(())
    }

    fn rotate(&mut self, body: &AgentRotated, at: EntryIndex) -> Result<Option<EntryIndex>, AgentError> {
        self.active(body.key)?;
        let old = self.agents.get(&body.key).ok_or(AgentError::Unknown)?;
        if (old.record.kind, &old.record.roles) != (body.agent.kind, &body.agent.roles) {
            return Err(AgentError::OtherAgent);
        }
        // The new one first: the last administrator is not lost.
        self.add(body.agent.clone(), at)?;
        let revoked = self.revoke(body.key, EntryIndex(at.0 + 1), at)?;
        if let Some(old) = self.agents.get_mut(&body.key) {
            old.replaced_by = Some(body.agent.public_key.id());
        }
        Ok(revoked)
    }

    fn set_recovery(&mut self, recovery: &Recovery, at: EntryIndex) -> Result<(), AgentError> {
        for key in &recovery.keys {
            if self.log_keys().any(|log_key| log_key.key() == key) {
                return Err(AgentError::LogKey);
            }
            if let Some(standing) = self.agents.get(&key.id()) {
                return Err(AgentError::AgentKey { at: standing.added_at });
            }
        }
        self.recovery.push((at, recovery.clone()));
        Ok(())
    }

    fn change_log_key(&mut self, body: &LogKeyChanged, at: EntryIndex) -> Result<(), AgentError> {
        let key: LogKey = body.log_key.parse().map_err(|_| AgentError::OtherName)?;
        let before = self.log_keys.last();
        if before.is_some_and(|before| before.key.name() != key.name()) {
            return Err(AgentError::OtherName);
        }
        if self.log_keys().any(|earlier| *earlier == key) {
            return Err(AgentError::LogKeyTwice);
        }
        if self.is_recovery_key(key.key()) {
            return Err(AgentError::RecoveryKey);
        }
        if let Some(standing) = self.agents.get(&key.key().id()) {
            return Err(AgentError::AgentKey { at: standing.added_at });
        }
        let announced = before.and_then(|before| before.next);
        if announced.is_some_and(|announced| announced != Digest::of(body.log_key.as_bytes())) {
            return Err(AgentError::OtherLogKey);
        }
        let pq = second_key(body.log_key_pq.as_deref());
        self.log_keys.push(LogKeyInForce { at, key, pq, next: body.next_log_key });
        Ok(())
    }
}

/// The second key of a log, which an entry of the right form names in the right form.
fn second_key(text: Option<&str>) -> Option<LogKeyPq> {
    text.and_then(|key| key.parse().ok())
}

/// Whether an event of a format that is not known changes the log's key.
pub(super) fn changes_log_key_unclearly(event: &Event) -> bool {
    event.not_understood().is_some_and(|event| event.name.kind() == Some(EventKind::LogKeyChanged))
}

/// Whether an event of a format that is not known is one of those that introduce a key which signs it.
fn introduces_its_signer(event: &Event) -> bool {
    let kind = event.not_understood().and_then(|event| event.name.kind());
    matches!(kind, Some(EventKind::AgentRotated | EventKind::AgentRecovered))
}

/// The entries among these lines of a log that change who may sign. They are few: only lines that say so are read.
pub fn changing_lines(lines: &[u8]) -> impl Iterator<Item = SignedEntry> {
    // After the event of an entry, no member has this name.
    const MEMBER: &[u8] = b"\"event\":\"";
    let event = |line: &[u8]| -> Option<EventKind> {
        let at = line.windows(MEMBER.len()).rposition(|window| window == MEMBER)?;
        let name = line[at + MEMBER.len()..].split(|&byte| byte == b'"').next()?;
        std::str::from_utf8(name).ok()?.parse().ok()
    };
    lines
        .split(|&byte| byte == b'\n')
        .filter(move |line| event(line).is_some_and(EventKind::changes_who_may_sign))
        .filter_map(|line| SignedEntry::parse(line).ok())
}

/// What is said of an entry about the archive that is not understood and that no administrator signs.
const NO_ADMINISTRATOR: Bilingual = (
    "it is about the archive or an agent, this program does not know its event, and no administrator signs it",
    "보존소나 담당자에 관한, 이 프로그램이 모르는 사건인데 관리자의 서명이 없습니다",
);
/// What is said of an entry that lacks signatures of recovery keys.
const TOO_FEW_RECOVERY_KEYS: Bilingual = (
    "fewer of the recovery keys in force sign it than the threshold asks for",
    "유효한 복구 키의 서명이 정해진 수보다 적습니다",
);
