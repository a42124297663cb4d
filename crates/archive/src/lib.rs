//! An archive in a folder: create, open, ingest, custody, find.

mod cannot_sign;
mod catch_up;
mod compare;
mod copies;
mod create;
mod custody;
mod description;
mod edtf_dates;
mod environment;
mod error;
mod exhibits;
mod export;
mod foreign;
mod health;
mod heard;
mod import;
pub mod index;
mod index_check;
pub mod ingest;
mod introductions;
mod key_form;
pub mod keys;
mod known;
pub mod languages;
mod layout;
mod lock;
mod locking;
pub mod metadata;
mod old_names;
mod only_read;
mod open;
mod opening;
mod own_keys;
mod parity;
mod proof;
mod repair;
mod replicate;
mod rounds;
mod scratch;
mod standing;
pub mod store;
mod transfer;
mod verification;
pub mod written_dates;

use std::path::{Path, PathBuf};

pub use compare::{Comparison, compare_with_copy};
pub use copies::{COPY_FORMAT, CopyLabel, CopyPlace, CopyStanding, MAX_LABEL_BYTES};
pub use create::{NewArchive, check_empty, create};
pub use custody::{Draft, Keys};
pub use description::{ARCHIVE_FORMAT, Description};
pub use environment::{Environment, SystemEnvironment};
pub use error::ArchiveError;
pub use exhibits::{CopyRequest, Filter, IssuedCopy, LoggedEntry, UnreadEntry, in_order_of_display};
pub use export::{
    AGENT_NAME, DisclosedValue, DisclosurePolicy, Disclosures, ExportForm, ExportPlan, ExportRequest, Exported,
    Handover, HistoryNotHandedOn, LetterNotHandedOn, PARTNER_LETTER, PlannedCompleteness, PlannedDossier,
    PlannedExhibit, ReportError, ReportSource, Reports, WhyLetterStays, WhyNotHandedOn, WriteReport, unfinished_beside,
};
pub use foreign::{ForeignHistory, UnreadHistory};
pub use health::{AgentOverview, Examination, ExaminationRequest, LastVerification, Overview, Risk, Weight, examine};
pub use heard::{NotCompared, Partner, partner_in};
pub use import::{ImportOutcome, ImportRequest, Imported, ImportedExhibit, Offered, Taken};
pub use index::{AgentRow, ExhibitRow, ObjectRow, Totals};
pub use known::{KnownArchive, KnownArchives, KnownError};
pub use lock::LockHolder;
pub use old_names::as_cp949;
pub use only_read::{NotUnderstoodByExhibit, NotUnderstoodThing, UNSIGNED_WAY_OUT, not_understood_at_the_start};
pub use open::{forget_index, rebuild};
pub use opening::Note;
pub use parity::{DEFAULT_SHARE_PERCENT, Look, ParityState, parity_path, parity_states};
pub use proof::{Proof, Verified};
pub use repair::{LoggedRepairs, Repair, Repaired, VolumePlan, record_repairs};
pub use replicate::{CopyError, Replication, ReplicationRequest};
pub use rounds::{Round, RoundFile};
pub use standing::HeadStanding;
pub use transfer::{
    AcceptOutcome, Holder, Holders, LetterRequest, OfferCaveats, OfferRequest, Settled, Side, Transfer, TransferState,
    is_letter_restored, is_passing_anchored, read_letter,
};
pub use verification::{ExpectedHead, Verification, verify_archive};

use catch_up::Damage;
use custody::LogWriter;
use index::Index;
use layout::DESCRIPTION;
use scratch::Scratch;

use crate::store::{Appender, DEFAULT_VOLUME_BYTES, VolumeStore};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::{LogKey, Receipt, Receipts, SignedCheckpoint};
use vouchsafe_core::merkle;
use vouchsafe_core::model::{EntryIndex, Event, EventKind, FieldName, FieldValue, Timestamp};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::{AgentError, Agents};

/// An open archive, locked against other processes if it can be written to.
#[derive(Debug)]
pub struct Archive {
    folder: PathBuf,
    description: Description,
    store: VolumeStore,
    index: Index,
    known: Option<KnownArchives>,
    /// Another archive of this one's name that is remembered, while this one is not.
    namesake: Option<KnownArchive>,
    first_seen: Timestamp,
    standing: HeadStanding,
    damage: Option<Damage>,
    is_to_read: bool,
    volume_bytes: u64,
    // Behind the index, which may lie in it and is closed before.
    _scratch: Option<Scratch>,
    lock: Result<lock::Lock, locking::Unlocked>,
}

impl Archive {
    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Which archive this is.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// The index, for looking things up.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// Who may sign in the log as it is continued.
    fn signing(&self) -> Agents {
        self.index.signing(&self.description.log_key)
    }

    /// The key of the log that is in force for its newest checkpoint.
    #[must_use]
    pub fn log_key(&self) -> LogKey {
        let size = self.index.frontier().size();
        self.index.roster().log_key_at(size).unwrap_or(&self.description.log_key).clone()
    }

    /// How the log stands to what this machine remembers of it.
    #[must_use]
    pub const fn standing(&self) -> &HeadStanding {
        &self.standing
    }

    /// What keeps the volumes from being read to their end, if something does: place and reason. Such an archive
    /// can be opened to be read; it shows what is in front of that.
    #[must_use]
    pub fn damage(&self) -> Option<(&str, &str)> {
        self.damage.as_ref().map(|damage| (damage.place.as_str(), damage.reason.as_str()))
    }

    /// The newest checkpoint.
    ///
    /// # Errors
    /// The log is empty, which the log of a created archive never is.
    pub fn head(&self) -> Result<&SignedCheckpoint, ArchiveError> {
        self.index.head().ok_or(ArchiveError::NoEntry { index: EntryIndex(0) })
    }

    /// Closes a volume at this size instead of the default.
    pub const fn set_volume_bytes(&mut self, volume_bytes: u64) {
        self.volume_bytes = volume_bytes;
    }

    /// Checks that these keys may make entries of this kind, and that nothing speaks against going on
    /// with this log.
    fn writer<'a>(
        &self,
        keys: &'a Keys,
        event: EventKind,
        environment: &'a dyn Environment,
    ) -> Result<LogWriter<'a>, ArchiveError> {
        if self.is_to_read {
            return Err(ArchiveError::OpenedToRead);
        }
        self.check_writing(keys, event, environment)?;
        let appender = Appender::open(self.store.clone(), self.index.position(), self.volume_bytes)?;
        LogWriter::new(&self.index, self.description.log_key.clone(), appender, keys, environment)
    }

    /// The same to try out what would be recorded; also of an archive that was opened to be read. Nothing is signed, so any
    /// keys will do.
    fn writer_without_writing<'a>(
        &self,
        keys: &'a Keys,
        environment: &'a dyn Environment,
    ) -> Result<LogWriter<'a>, ArchiveError> {
        self.check_writable()?;
        let appender = Appender::without_writing(self.store.clone(), self.index.position());
        LogWriter::new(&self.index, self.description.log_key.clone(), appender, keys, environment)
    }

    fn check_writing(&self, keys: &Keys, event: EventKind, environment: &dyn Environment) -> Result<(), ArchiveError> {
        self.check_writable()?;
        let agent = keys.agent.public().id();
        self.permit(agent, event)?;
        custody::check_expiry(&self.index, agent, environment.now())?;
        if keys.log.public() != self.description.log_key.key() {
            let expected = self.description.log_key.key().id();
            return Err(ArchiveError::WrongLogKey { path: PathBuf::from("the log key"), expected });
        }
        Ok(())
    }

    /// Whether anybody may write at all.
    fn check_writable(&self) -> Result<(), ArchiveError> {
        if let Some(damage) = self.damage.clone() {
            return Err(damage.into());
        }
        // What is written on a copy and on the archive makes two histories of one log.
        if layout::is_copy(&self.folder) {
            return Err(ArchiveError::IsACopy { path: self.folder.clone() });
        }
        self.standing.check()?;
        self.check_understood()?;
        self.check_signable()?;
        Ok(self.index.check_whole()?)
    }

    /// Whether this program understands all of it. What a newer version wrote is not gone on with: what it said may be
    /// against it.
    fn check_understood(&self) -> Result<(), ArchiveError> {
        let not_understood = |place: String, what: String| Err(ArchiveError::NotUnderstood { place, what });
        if let Some(format) = &self.description.newer_format {
            return not_understood(DESCRIPTION.to_owned(), format!("this program does not know the format {format}"));
        }
        match self.index.not_understood()? {
            Some((index, what)) => not_understood(format!("entry {index}"), what),
            None => Ok(()),
        }
    }

    /// Whether this version signs checkpoints as this log needs it.
    fn check_signable(&self) -> Result<(), ArchiveError> {
        match cannot_sign::cannot_sign(self.index.roster()) {
            Some(what) => Err(ArchiveError::CannotSign { what: what.to_owned() }),
            None => Ok(()),
        }
    }

    /// Whether something could be recorded if the archive, which was opened to be read, were opened to be written to.
    /// What damage or a log that does not continue says against that is not asked.
    ///
    /// # Errors
    /// The folder cannot be written to, is a copy, or was written to by a newer version.
    pub fn check_recordable(&self) -> Result<(), ArchiveError> {
        if layout::is_copy(&self.folder) {
            return Err(ArchiveError::IsACopy { path: self.folder.clone() });
        }
        self.check_understood()?;
        self.check_signable()?;
        self.lock.as_ref().map(|_| ()).map_err(|unlocked| unlocked.refuse(&self.folder))
    }

    /// Whether an agent may make an entry of this kind now.
    ///
    /// # Errors
    /// Unknown, revoked, or not allowed to.
    pub fn permit(&self, agent: KeyId, event: EventKind) -> Result<(), ArchiveError> {
        let roster = self.index.roster();
        roster.permit(agent, event).map(|_| ()).map_err(|source| match (source, roster.get(agent)) {
            (AgentError::NotAllowed, Some(standing)) => {
                ArchiveError::NotAllowed { key: agent, event, roles: standing.record.roles.clone() }
            }
            (source, _) => ArchiveError::Agent { key: agent, source },
        })
    }

    /// Makes entries of one kind: when this returns, they are durable.
    ///
    /// # Errors
    /// The agent may not, the clock is wrong, or the disk refuses; then nothing was recorded. What comes after the
    /// entries are durable says so: [`ArchiveError::recorded`].
    pub fn record(
        &mut self,
        keys: &Keys,
        drafts: Vec<Draft>,
        environment: &dyn Environment,
    ) -> Result<Vec<EntryIndex>, ArchiveError> {
        self.record_with(keys, drafts, None, environment)
    }

    /// The same, with a small object that the entries name.
    fn record_with(
        &mut self,
        keys: &Keys,
        drafts: Vec<Draft>,
        object: Option<&[u8]>,
        environment: &dyn Environment,
    ) -> Result<Vec<EntryIndex>, ArchiveError> {
        let Some(first) = drafts.first() else { return Ok(Vec::new()) };
        let mut writer = self.writer(keys, kind_of(&first.event)?, environment)?;
        let (mut made, mut about) = (Vec::new(), Vec::new());
        for draft in drafts {
            self.permit(keys.agent.public().id(), kind_of(&draft.event)?)?;
            self.check_draft(&draft)?;
            let earlier = match draft.exhibit {
                Some(exhibit) => {
                    let waiting = about.iter().filter(|about| **about == draft.exhibit).count();
                    (self.index.history(exhibit)?.len() + waiting) as u64
                }
                None => 0,
            };
            about.push(draft.exhibit);
            made.push(writer.add_entry(draft, earlier)?);
        }
        let before = writer.appender.end();
        let object = object.filter(|bytes| !matches!(self.index.object(Digest::of(bytes)), Ok(Some(_))));
        let written = object.map_or(Ok(()), |bytes| writer.add_small_object(bytes));
        let written = written.and_then(|()| {
            let (sync, record) = writer.write_commit()?;
            sync.sync()?;
            Ok(record)
        });
        let record = written.inspect_err(|_| {
            // What a full disk left behind the last commit is not evidence; it must not look like it.
            let _ = writer.appender.roll_back_to(before);
        })?;
        // The entries are durable. A volume that cannot be closed now is closed after a later commit.
        let _ = writer.appender.roll_over_if_full();
        let end = writer.appender.end();
        drop(writer);
        let indexed = self.index.apply(&record).and_then(|()| self.index.flush());
        indexed.map_err(|source| ArchiveError::NotIndexed { first: made[0], source })?;
        self.index.move_to(end);
        self.remember().map_err(|source| ArchiveError::NotRemembered { first: made[0], source })?;
        Ok(made)
    }

    /// Makes one entry about the archive itself, with a small object that it may name.
    fn record_one(
        &mut self,
        keys: &Keys,
        event: Event,
        fields: Vec<(FieldName, FieldValue)>,
        object: Option<&[u8]>,
        environment: &dyn Environment,
    ) -> Result<EntryIndex, ArchiveError> {
        let draft = Draft { event, exhibit: None, occurred_at: None, fields };
        let made = self.record_with(keys, vec![draft], object, environment)?;
        made.first().copied().ok_or(ArchiveError::NoEntry { index: EntryIndex(0) })
    }

    /// The log must never hold an entry that the verifier would object to.
    fn check_draft(&self, draft: &Draft) -> Result<(), ArchiveError> {
        let agent_error = |key, source| ArchiveError::Agent { key, source };
        match &draft.event {
            Event::AgentRevoked(body) => {
                let at = EntryIndex(self.index.frontier().size());
                let checked = self.index.roster().check_revocation(body.key, body.from_index, at);
                checked.map_err(|source| agent_error(body.key, source))?;
            }
            Event::AgentAdded(body) => {
                let checked = self.index.roster().check_addition(&body.agent.public_key);
                checked.map_err(|source| agent_error(body.agent.public_key.id(), source))?;
            }
            // No command makes these, and some of them need further signatures.
            event if event.kind().is_some_and(EventKind::changes_who_may_sign) => {
                return Err(ArchiveError::CannotSign { what: format!("an entry {}", event.name()) });
            }
            _ => {}
        }
        match draft.exhibit {
            Some(exhibit) if self.index.exhibit(exhibit)?.is_none() => Err(ArchiveError::NoExhibit { exhibit }),
            _ => Ok(()),
        }
    }

    /// Makes the index durable and remembers the newest checkpoint on this machine.
    fn finish(&mut self) -> Result<(), ArchiveError> {
        self.index.flush()?;
        self.remember()?;
        Ok(())
    }

    /// Remembers the newest checkpoint on this machine, and says whether it did.
    fn remember(&self) -> Result<bool, KnownError> {
        if self.standing.check().is_ok()
            && self.damage.is_none()
            && let (Some(known), Some(head)) = (&self.known, self.index.head())
            // One that a key signed which is not known here is no proof of anything later.
            && head.is_signed_by(&self.log_key())
        {
            known.remember(&self.description, (&self.log_key(), head), self.first_seen)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Accepts the log as it is, although this machine has seen a longer or another one.
    ///
    /// # Errors
    /// The volumes are damaged, so that this is not all of the log; another archive is remembered under this name; or it
    /// cannot be written down.
    pub fn accept_head(&mut self) -> Result<(), ArchiveError> {
        if let Some(damage) = self.damage.clone() {
            return Err(damage.into());
        }
        if let Some(other) = &self.namesake {
            return Err(standing::other_archive(&self.description, other));
        }
        self.standing = HeadStanding::Continues;
        self.remember()?;
        Ok(())
    }

    /// Proof that an entry is in the log, for somebody who has nothing but the archive's fingerprint: the receipts of the first
    /// entry, of those that introduced the keys that sign or approve it and the log's key, and of the entry itself, against the
    /// newest checkpoint.
    ///
    /// # Errors
    /// There is no such entry, an entry cannot be read, or the index is incomplete.
    pub fn receipts(&self, index: EntryIndex) -> Result<Receipts, ArchiveError> {
        if index.0 == 0 && self.index.roster().log_keys().nth(1).is_none() {
            return Ok(Receipts(vec![self.receipt(index)?]));
        }
        let mut entries = self.introductions(self.entry(index)?.entry.keys().collect())?;
        // The first entry comes first in any case; then what is proved last is one that brought the log's key.
        let last = (index.0 > 0).then_some(index);
        entries.retain(|entry| Some(*entry) != last);
        let entries = entries.into_iter().chain(last);
        entries.map(|entry| self.receipt(entry)).collect::<Result<_, _>>().map(Receipts)
    }

    /// Proof that an entry is in the log, against the newest checkpoint.
    ///
    /// # Errors
    /// There is no such entry, or the index is incomplete.
    pub fn receipt(&self, index: EntryIndex) -> Result<Receipt, ArchiveError> {
        let entry = self.entry(index)?.entry;
        let checkpoint = self.head()?.clone();
        let path = merkle::prove_inclusion(index.0, checkpoint.checkpoint.size, &self.index)
            .map_err(index::IndexError::from)?;
        Ok(Receipt { entry, path, checkpoint })
    }
}

/// So many threads as are asked for; for 0, one a core.
fn threads(asked: usize) -> usize {
    match asked {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        asked => asked,
    }
}

/// The volume size that archives are created and opened with.
const VOLUME_BYTES: u64 = DEFAULT_VOLUME_BYTES;

/// The kind of an event that is to be recorded.
fn kind_of(event: &Event) -> Result<EventKind, ArchiveError> {
    event.kind().ok_or_else(|| ArchiveError::NotUnderstood {
        place: "what is to be recorded".to_owned(),
        what: format!("this program does not know the event {}", event.name()),
    })
}
