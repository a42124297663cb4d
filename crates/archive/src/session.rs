//! A session: an archive that is open to be added to, by nobody else meanwhile.

use std::fmt;
use std::path::PathBuf;

use super::commit::{Committer, Failed};
use super::custody::{self, Draft, Keys};
use super::environment::Environment;
use super::error::ArchiveError;
use super::lock::Lock;
use super::reader::Reader;
use crate::store::HeldObject;
use vouchsafe_core::model::{EntryIndex, Event, EventKind, FieldName, FieldValue};

/// An archive that is open to be added to, locked against all other processes until it is dropped.
///
/// What can be done in a session are functions in the modules of this one: [`ingest`](super::ingest::ingest()),
/// [`export`](super::export::export()), [`transfer::offer`](super::transfer::offer) and so on. Each is handed the keys of
/// whoever acts, and is done when it returns: what it recorded is durable.
pub struct Session<'e> {
    pub(super) reader: Reader,
    pub(super) environment: &'e dyn Environment,
    pub(super) volume_bytes: u64,
    // After the reader, whose index is closed before anybody else may open it.
    pub(super) _lock: Lock,
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("reader", &self.reader).finish_non_exhaustive()
    }
}

impl<'e> Session<'e> {
    /// The archive, to look things up.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Closes a volume at this size instead of the default.
    pub const fn set_volume_bytes(&mut self, volume_bytes: u64) {
        self.volume_bytes = volume_bytes;
    }

    /// Makes entries, all in one commit: when this returns, they are durable.
    ///
    /// # Errors
    /// The agent may not, the clock is wrong, or the disk refuses; then nothing was recorded. What comes after the
    /// entries are durable names the first of them: [`ArchiveError::recorded`].
    pub fn record(&mut self, keys: &Keys, drafts: Vec<Draft>) -> Result<Vec<EntryIndex>, ArchiveError> {
        self.record_with(keys, drafts, None)
    }

    /// The same, with a small object that the entries name.
    pub(super) fn record_with(
        &mut self,
        keys: &Keys,
        drafts: Vec<Draft>,
        object: Option<&[u8]>,
    ) -> Result<Vec<EntryIndex>, ArchiveError> {
        let Some(first) = drafts.first() else { return Ok(Vec::new()) };
        let mut committer = self.begin(keys, kind_of(&first.event)?)?;
        let (mut made, mut about) = (Vec::new(), Vec::new());
        for draft in drafts {
            self.reader.permit(keys.agent.public().id(), kind_of(&draft.event)?)?;
            self.check_draft(&draft)?;
            let earlier = match draft.exhibit {
                Some(exhibit) => {
                    let waiting = about.iter().filter(|about| **about == draft.exhibit).count();
                    (self.reader.index.history(exhibit)?.len() + waiting) as u64
                }
                None => 0,
            };
            about.push(draft.exhibit);
            made.push(committer.add_entry(draft, earlier)?);
        }
        let object = object.map(HeldObject::of);
        let is_new = |object| !matches!(self.reader.index.object(object), Ok(Some(_)));
        if let Some(object) = object.filter(|object| is_new(object.name().digest())) {
            committer.add_object(&object)?;
        }
        let first = made[0];
        committer.commit(&mut self.reader.index).map_err(|failed| failed.after(first))?;
        self.end(committer).map_err(|failed| failed.after(first))?;
        Ok(made)
    }

    /// Makes one entry about the archive itself, with a small object that it may name.
    pub(super) fn record_one(
        &mut self,
        keys: &Keys,
        event: Event,
        fields: Vec<(FieldName, FieldValue)>,
        object: Option<&[u8]>,
    ) -> Result<EntryIndex, ArchiveError> {
        let draft = Draft { event, exhibit: None, occurred_at: None, fields };
        let made = self.record_with(keys, vec![draft], object)?;
        made.first().copied().ok_or(ArchiveError::NoEntry { index: EntryIndex(0) })
    }

    /// Begins to commit. Only here is it checked that nothing speaks against going on with this log, and that these
    /// keys may make entries of this kind; an act that makes entries of further kinds checks permission for each.
    pub(super) fn begin<'a>(&self, keys: &'a Keys, event: EventKind) -> Result<Committer<'a>, ArchiveError>
    where
        'e: 'a,
    {
        let reader = &self.reader;
        reader.check_writable()?;
        let agent = keys.agent.public().id();
        reader.permit(agent, event)?;
        custody::check_expiry(&reader.index, agent, self.environment.now())?;
        let log_key = &reader.description.log_key;
        if keys.log.public() != log_key.key() {
            let expected = log_key.key().id();
            return Err(ArchiveError::WrongLogKey { path: PathBuf::from("the log key"), expected });
        }
        let (log_key, store) = (log_key.clone(), reader.store.clone());
        Committer::open(&reader.index, log_key, store, self.volume_bytes, keys, self.environment)
    }

    /// Ends what was begun, however it went.
    pub(super) fn end(&mut self, committer: Committer<'_>) -> Result<(), Failed> {
        let reader = &mut self.reader;
        committer.end(&mut reader.index, &reader.description, &reader.memory)
    }

    /// The log must never hold an entry that the verifier would object to.
    fn check_draft(&self, draft: &Draft) -> Result<(), ArchiveError> {
        let index = &self.reader.index;
        let agent_error = |key, source| ArchiveError::Agent { key, source };
        match &draft.event {
            Event::AgentRevoked(body) => {
                let at = EntryIndex(index.frontier().size());
                let checked = index.roster().check_revocation(body.key, body.from_index, at);
                checked.map_err(|source| agent_error(body.key, source))?;
            }
            Event::AgentAdded(body) => {
                let checked = index.roster().check_addition(&body.agent.public_key);
                checked.map_err(|source| agent_error(body.agent.public_key.id(), source))?;
            }
            // No command makes these, and some of them need further signatures.
            event if event.kind().is_some_and(EventKind::changes_who_may_sign) => {
                return Err(ArchiveError::CannotSign { what: format!("an entry {}", event.name()) });
            }
            _ => {}
        }
        match draft.exhibit {
            Some(exhibit) if index.exhibit(exhibit)?.is_none() => Err(ArchiveError::NoExhibit { exhibit }),
            _ => Ok(()),
        }
    }
}

/// The kind of an event that is to be recorded.
fn kind_of(event: &Event) -> Result<EventKind, ArchiveError> {
    event.kind().ok_or_else(|| ArchiveError::NotUnderstood {
        place: "the entry to record".to_owned(),
        what: format!("this program does not know the event {}", event.name()),
    })
}
