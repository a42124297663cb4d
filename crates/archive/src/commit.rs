//! The commit point: the only place where a commit becomes durable.
//!
//! A commit is its objects, then `fields/…`, `log/…` and `checkpoints/<size>`, appended in this order to the last volume. It
//! is durable when one `fdatasync` after the checkpoint has returned. Nothing is acknowledged before that.
//!
//! The order is *write → sync → acknowledge or roll over → apply → flush → move → remember*. What a power cut after each
//! step leaves, and what the next opening finds:
//!
//! | step | where | what is durable then | a power cut leaves | the next opening to write |
//! |---|---|---|---|---|
//! | objects are appended | [`Committer::add_object`], [`begin_object`](Committer::begin_object) … [`finish_object`](Committer::finish_object) | nothing; parts of a large object may be, which means nothing | bytes without a checkpoint | moves them to `quarantine/` and cuts them; a reader leaves them alone |
//! | fields, log and checkpoint are appended | [`Committer::write`] | nothing; any part may have reached the disk, even the checkpoint | a commit in which any bytes may be missing | reads it whole, objects too: applies a whole one, cuts any other as above |
//! | `fdatasync` has returned | [`Written::finish`] | **the commit** | a commit that the index does not have | applies it |
//! | acknowledged | `when_durable` in [`Written::finish`]: [`Follow::done`](super::ingest::Follow::done) for each file of an ingest | the same | the same | the same |
//! | a full volume is closed and the next one begun | [`Committer::go_on`] | the same | zero bytes after the last commit, or a closed volume without a successor | cuts the zero bytes, or begins the next volume |
//! | applied to the index | [`Written::finish`] | the same; perhaps not the index | rows without a state row that covers them | applies the commit again, which changes nothing |
//! | receipts, for an ingest that writes them | `ingest/commit.rs` | each is synced, then their folder once | some receipts are missing, the others are whole | nothing: the same ingest writes the missing ones, and so does `vouchsafe prove` |
//! | the index is flushed | [`Committer::end`], and `Index::apply` every 200,000 entries | the index | – | – |
//! | the head is remembered on this machine | [`Committer::end`] | the remembered head | a remembered head that is older than the log | remembers the newer one |
//!
//! **Who waits for the sync.** [`Committer::commit`] does all of it at once, in one thread. An ingest fills the next commit
//! while a second thread finishes the one before. Both go through [`Written::finish`], and the steps differ in one
//! respect only: rolling over needs the appender, so an ingest does that when its second thread is done, after the commit
//! was applied. Neither step reads what the other writes, so their order decides nothing.
//!
//! **At most one commit is not durable.** [`Committer::write`] refuses to write another one. Recovery relies on this.
//!
//! **If the sync fails**, the commit is not acknowledged, and it is cut off again. What the disk did with it is
//! unknown: if it comes back after a crash, it is a complete, unacknowledged commit, and it is applied. The reverse
//! cannot happen, since nothing is acknowledged before the sync.
//!
//! **If something fails after the sync**, the commit stays: neither the index nor the memory of this machine is worth a
//! durable entry. [`Failed`] says on which side of the sync it was.
//!
//! **A volume that cannot be closed** is no failure of the commit before, which is durable. It stays open and is closed
//! after a later commit. If the disk cannot be written to at all, the next commit reports it.
//!
//! **Whatever is not durable is cut off** when a [`Committer`] is dropped, so that it never looks like evidence. If that
//! fails too, it is a tail, and the next opening moves it to `quarantine/`.

use std::sync::{Arc, Mutex, PoisonError};

use super::custody::{Draft, Keys, LogWriter, Unwritten};
use super::description::Description;
use super::environment::Environment;
use super::error::ArchiveError;
use super::index::{CommitRecord, Index, IndexError};
use super::known::KnownError;
use super::memory::Memory;
use crate::store::{
    Appender, CommitBytes, HeldObject, ObjectName, OpenObject, Position, StoreError, SyncAhead, SyncHandle, Volumes,
};
use vouchsafe_core::format::LogKey;
use vouchsafe_core::format::volume::{MAX_COMMIT_ENTRIES, Member};
use vouchsafe_core::model::EntryIndex;

/// A commit is due after this many entries or bytes.
const COMMIT_ENTRIES: usize = 1024;
const COMMIT_BYTES: u64 = 64 * 1024 * 1024;

/// Fills commits and makes them durable, one after the other.
pub(super) struct Committer<'a> {
    log: LogWriter<'a>,
    appender: Appender,
    /// The objects of the commit that is being filled.
    objects: Vec<Member>,
    durable: DurableEnd,
}

/// A commit that was written and is not durable yet. Dropped, it is cut off with its [`Committer`].
pub(super) struct Written {
    sync: SyncHandle,
    record: CommitRecord,
    durable: DurableEnd,
}

/// Where the last durable commit ends. The thread that waits for a sync informs the one that appends, even if neither
/// hears from the other again.
#[derive(Clone)]
struct DurableEnd(Arc<Mutex<Position>>);

impl DurableEnd {
    fn get(&self) -> Position {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, end: Position) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }
}

/// What failed, and so whether the commit stays.
#[derive(Debug)]
pub(super) enum Failed {
    /// The commit is not durable. It was not acknowledged and is cut off.
    Commit(ArchiveError),
    /// The commit is durable and stays; the index could not take it in.
    Index(IndexError),
    /// The commit is durable and stays; this machine could not write down that it has seen it.
    Memory(KnownError),
}

impl Failed {
    /// The error for a caller whose entries begin with `first`: it says whether they are recorded.
    pub fn after(self, first: EntryIndex) -> ArchiveError {
        match self {
            Self::Commit(error) => error,
            Self::Index(source) => ArchiveError::NotIndexed { first, source },
            Self::Memory(source) => ArchiveError::NotRemembered { first, source },
        }
    }
}

/// For a caller who has acknowledged on its own what is durable.
impl From<Failed> for ArchiveError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Commit(error) => error,
            Failed::Index(error) => error.into(),
            Failed::Memory(error) => error.into(),
        }
    }
}

impl<'a> Committer<'a> {
    /// Goes on where the index ends, which must be where the volumes end. Whether these keys may write at all is for the
    /// caller to check.
    ///
    /// # Errors
    /// The last volume cannot be opened, or ends elsewhere; or the index cannot be read.
    pub fn open(
        index: &Index,
        log_key: LogKey,
        store: Arc<dyn Volumes>,
        volume_bytes: u64,
        keys: &'a Keys,
        environment: &'a dyn Environment,
    ) -> Result<Self, ArchiveError> {
        let log = LogWriter::new(index, log_key, keys, environment)?;
        Ok(Self::new(log, Appender::open(store, index.position(), volume_bytes)?))
    }

    /// The same for a dry run: nothing is opened for writing, and whatever is appended is refused.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn without_writing(
        index: &Index,
        log_key: LogKey,
        store: Arc<dyn Volumes>,
        keys: &'a Keys,
        environment: &'a dyn Environment,
    ) -> Result<Self, ArchiveError> {
        let log = LogWriter::new(index, log_key, keys, environment)?;
        Ok(Self::new(log, Appender::without_writing(store, index.position())))
    }

    fn new(log: LogWriter<'a>, appender: Appender) -> Self {
        let durable = DurableEnd(Arc::new(Mutex::new(appender.end())));
        Self { log, appender, objects: Vec::new(), durable }
    }

    /// Makes an entry of the commit that is being filled, and returns its index. The entry exists when its commit is
    /// durable.
    ///
    /// `earlier` is how many entries about the same exhibit there are already, waiting ones included.
    ///
    /// # Errors
    /// The entry does not fit its format, the agent's key has expired, the clock is earlier than the log's last entry,
    /// or there is no randomness. Nothing was added.
    pub fn add_entry(&mut self, draft: Draft, earlier: u64) -> Result<EntryIndex, ArchiveError> {
        self.log.add_entry(draft, earlier)
    }

    /// Appends an object that is in memory.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add_object<B: AsRef<[u8]>>(&mut self, object: &HeldObject<B>) -> Result<(), StoreError> {
        self.objects.push(self.appender.append_object(object)?);
        Ok(())
    }

    /// Begins an object whose digest is not known yet, with room for its header; `extended` if it may be larger than 8 GiB.
    ///
    /// # Errors
    /// What was gathered before it cannot be written.
    pub fn begin_object(&mut self, extended: bool) -> Result<OpenObject, StoreError> {
        self.appender.begin_object(extended)
    }

    /// Appends the next bytes of the object.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn extend_object(&mut self, open: &mut OpenObject, bytes: &[u8]) -> Result<(), StoreError> {
        self.appender.extend_object(open, bytes)
    }

    /// Ends the object, which becomes one of the commit that is being filled. `name` is of the bytes that were appended.
    ///
    /// # Errors
    /// Its header cannot be written, or the name is of another number of bytes.
    pub fn finish_object(&mut self, open: OpenObject, name: ObjectName) -> Result<(), StoreError> {
        self.objects.push(self.appender.finish_object(open, name)?);
        Ok(())
    }

    /// Takes the bytes of the object back.
    ///
    /// # Errors
    /// The volume cannot be cut.
    pub fn abandon_object(&mut self, open: OpenObject) -> Result<(), StoreError> {
        self.appender.abandon_object(open)
    }

    /// Another handle on the volume, to sync a large object while it is being written.
    ///
    /// # Errors
    /// There are too many open files.
    pub fn sync_ahead(&self) -> Result<SyncAhead, StoreError> {
        self.appender.sync_ahead()
    }

    /// How many entries wait for their commit.
    pub fn pending_entries(&self) -> usize {
        self.log.pending_entries()
    }

    /// Whether the commit that is being filled is large enough to end it.
    pub fn is_due(&self) -> bool {
        let bytes = self.appender.uncommitted_bytes() + self.log.pending_bytes();
        self.log.pending_entries() >= COMMIT_ENTRIES || bytes >= COMMIT_BYTES
    }

    /// Whether no more may be in the commit that is being filled: the format allows no more entries, or it is large.
    pub fn is_at_limit(&self) -> bool {
        let bytes = self.appender.uncommitted_bytes() + self.log.pending_bytes();
        self.log.pending_entries() as u64 >= MAX_COMMIT_ENTRIES || bytes >= COMMIT_BYTES
    }

    /// Whether the volume is past its target size: then nothing more is appended before [`Committer::go_on`].
    pub const fn is_full(&self) -> bool {
        self.appender.is_full()
    }

    /// Ends the commit and makes it durable, all at once.
    ///
    /// # Errors
    /// See [`Failed`].
    pub fn commit(&mut self, index: &mut Index) -> Result<(), Failed> {
        let written = self.write().map_err(Failed::Commit)?;
        written.finish(index, || self.go_on()).map(drop)
    }

    /// Writes the commit that was filled, which must hold an entry. Nothing of it exists before [`Written::finish`].
    ///
    /// # Errors
    /// It cannot be written, or the commit before it is not durable.
    pub fn write(&mut self) -> Result<Written, ArchiveError> {
        if !self.is_all_durable() {
            let early = std::io::Error::other("the commit before it is not durable");
            return Err(ArchiveError::io("write a commit", self.appender.place())(early));
        }
        let Unwritten { first, entries, fields_text, log_text, checkpoint } = self.log.sign_commit();
        let written = self.appender.append_commit(CommitBytes {
            first,
            count: entries.len() as u64,
            fields: &fields_text,
            log: &log_text,
            checkpoint: checkpoint.text().as_bytes(),
        })?;
        // The objects are this commit's now: whatever is appended from here on belongs to the next one, which cannot be written
        // before this one is durable.
        let record = CommitRecord {
            volume: written.volume,
            objects: std::mem::take(&mut self.objects),
            entries,
            log_offset: written.log_offset,
            fields_offset: written.fields_offset,
            checkpoint,
            end: written.end,
        };
        Ok(Written { sync: written.sync, record, durable: self.durable.clone() })
    }

    /// To be called after the commit that was written last is durable, and before anything else is appended: closes a full
    /// volume and begins the next one. One that cannot be closed now is closed after a later commit.
    pub fn go_on(&mut self) {
        if self.is_all_durable() {
            let _ = self.appender.roll_over_if_full();
        }
    }

    /// Ends the writing, however it went: cuts off what is not durable; then makes the index durable and remembers the
    /// newest checkpoint on this machine.
    ///
    /// # Errors
    /// See [`Failed`]; all that was durable before is durable still.
    pub fn end(mut self, index: &mut Index, description: &Description, memory: &Memory) -> Result<(), Failed> {
        self.roll_back();
        index.flush().map_err(Failed::Index)?;
        // Only after the flush: the index on disk is to end where a commit ends, and not in the volume begun after it. And
        // only if it has all that is durable: what is written next must not leave out a commit.
        if index.position() == self.durable.get() {
            index.move_to(self.appender.end());
        }
        memory.remember(description, index).map_err(Failed::Memory)?;
        Ok(())
    }

    /// Whether every commit that was written is durable.
    fn is_all_durable(&self) -> bool {
        let (end, durable) = (self.appender.end(), self.durable.get());
        // A volume is begun only after the last commit of the one before is durable.
        end == durable || (end.volume > durable.volume && end.offset == 0)
    }

    fn roll_back(&mut self) {
        if !self.is_all_durable() || self.appender.uncommitted_bytes() > 0 {
            let _ = self.appender.roll_back_to(self.durable.get());
        }
    }
}

impl Drop for Committer<'_> {
    fn drop(&mut self) {
        self.roll_back();
    }
}

impl Written {
    /// Makes the commit durable and applies it to the index; `when_durable` runs in between. The commits before it must be
    /// applied. The index is flushed by [`Committer::end`].
    ///
    /// # Errors
    /// See [`Failed`].
    pub fn finish(self, index: &mut Index, when_durable: impl FnOnce()) -> Result<CommitRecord, Failed> {
        let Self { sync, record, durable } = self;
        sync.sync().map_err(|error| Failed::Commit(error.into()))?;
        // From here on, whatever fails, the commit is never cut off.
        durable.set(record.end);
        when_durable();
        index.apply(&record).map_err(Failed::Index)?;
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::catch_up::{CatchUp, Current};
    use crate::environment::{SystemEnvironment, random_exhibit};
    use crate::opening::Purpose;
    use crate::store::ObjectIntake;
    use crate::store::conformance::{Bench, LocalBench, MemoryBench};
    use crate::verification::{Verification, request};
    use vouchsafe_core::SOFTWARE;
    use vouchsafe_core::digest::Digest;
    use vouchsafe_core::format::SignedEntry;
    use vouchsafe_core::format::volume::VolumeNumber;
    use vouchsafe_core::model::{AgentKind, AgentRecord, ArchiveCreated, ExhibitIngested, Fingerprint, Role};
    use vouchsafe_core::sign::SigningKey;
    use vouchsafe_core::verify::{Observer, ReportVerdict, Unwatched, verify};

    /// An archive of which nothing is a file but its index.
    struct Scene<B> {
        bench: B,
        folder: tempfile::TempDir,
        keys: Keys,
        description: Description,
        volume_bytes: u64,
    }

    impl<B: Bench> Scene<B> {
        /// With its first entry.
        fn new(volume_bytes: u64) -> Self {
            let [agent, log] = [1, 2].map(|secret| SigningKey::from_secret(&[secret; 32]).unwrap());
            let mut description = Description {
                administrator: agent.public().clone(),
                fingerprint: Fingerprint(Digest::ZERO),
                log_key: LogKey::new("ngo.example/case-7".parse().unwrap(), log.public().clone()),
                newer_format: None,
            };
            let keys = Keys { agent, log };
            let (bench, folder) = (B::new(), tempfile::tempdir().unwrap());
            let mut index = Index::open(&folder.path().join("index")).unwrap();
            let log_key = description.log_key.clone();
            let environment = &SystemEnvironment;
            let committer = Committer::open(&index, log_key.clone(), bench.store(), volume_bytes, &keys, environment);
            let mut committer = committer.unwrap();
            let administrator =
                AgentRecord::new(AgentKind::Person, keys.agent.public().clone(), vec![Role::Administrator]);
            let event = ArchiveCreated::new(administrator, log_key.to_string()).into();
            committer.add_entry(Draft { event, exhibit: None, occurred_at: None, fields: Vec::new() }, 0).unwrap();
            committer.commit(&mut index).unwrap();
            drop(committer);
            description.fingerprint =
                Fingerprint(Digest::from_bytes(index.entry(EntryIndex(0)).unwrap().unwrap().leaf));
            Self { bench, folder, keys, description, volume_bytes }
        }

        /// Brings an index up to the volumes, as opening the archive to write does.
        fn open(&self, index: &str, durable_size: u64) -> Index {
            let store = self.bench.store();
            let catch_up = CatchUp {
                archive: self.folder.path(),
                description: &self.description,
                store: &*store,
                durable_size,
                environment: &SystemEnvironment,
                purpose: Purpose::Write,
                is_being_written: false,
            };
            let Current { index, damage } = catch_up.open(&self.folder.path().join(index), &mut Vec::new()).unwrap();
            assert!(damage.is_none());
            index
        }

        /// Two commits with an object that is small and one that is streamed. `durable` is how many entries are acknowledged.
        fn write(&self, index: &mut Index, durable: &mut u64) -> Result<(), ArchiveError> {
            let (log_key, environment) = (self.description.log_key.clone(), &SystemEnvironment);
            let store = self.bench.store();
            let mut committer = Committer::open(index, log_key, store, self.volume_bytes, &self.keys, environment)?;
            for _ in 0..2 {
                // No object comes twice.
                let mark = index.frontier().size().to_le_bytes();
                let small = HeldObject::of([mark; 90].concat());
                committer.add_entry(ingested(small.name()), 0)?;
                committer.add_object(&small)?;
                let (mut intake, mut open) = (ObjectIntake::default(), committer.begin_object(false)?);
                for piece in [[mark; 100].concat(), [mark; 125].concat()] {
                    intake.take(&piece);
                    committer.extend_object(&mut open, &piece)?;
                }
                let name = intake.finish();
                committer.add_entry(ingested(name), 0)?;
                committer.finish_object(open, name)?;
                committer.commit(index)?;
                *durable = index.frontier().size();
            }
            Ok(())
        }

        fn check(&self, size: u64) {
            let request = request(&self.description, &Verification::default(), None);
            let report = verify(&*self.bench.store(), &request, &mut Unobserved, &Unwatched).unwrap();
            assert_eq!((report.verdict, report.size), (ReportVerdict::Sound, size), "{:?}", report.findings);
        }
    }

    struct Unobserved;

    impl Observer for Unobserved {
        fn object(&mut self, _: Digest, _: VolumeNumber, _: &Member) {}
        fn entry(&mut self, _: &SignedEntry, _: VolumeNumber, _: u64, _: Digest) {}
    }

    fn ingested(name: ObjectName) -> Draft {
        let (object, size_bytes) = (name.digest(), name.size_bytes());
        let media_type = Some("text/plain".parse().unwrap());
        let body =
            ExhibitIngested { fields: Vec::new(), media_type, object, size_bytes, software: SOFTWARE.to_owned() };
        let exhibit = Some(random_exhibit(&SystemEnvironment).unwrap());
        Draft { event: body.into(), exhibit, occurred_at: None, fields: Vec::new() }
    }

    /// Lets each effect on the store fail once, with or without a power cut after it.
    fn every_failure<B: Bench>(volume_bytes: u64, is_power_cut: bool) {
        for effects in 0.. {
            let scene = Scene::<B>::new(volume_bytes);
            let (mut index, mut durable) = (scene.open("index", 1), 1);
            scene.bench.fail_after(effects);
            let written = scene.write(&mut index, &mut durable);
            drop(index);
            let is_at_the_end = scene.bench.mend();
            assert!(!is_at_the_end || written.is_ok());
            if is_power_cut {
                scene.bench.cut_power(false);
            }
            // One index goes on where it ended, the other one is made of the volumes alone.
            let [kept, mut anew] = ["index", "anew"].map(|name| {
                let index = scene.open(name, durable);
                (index.frontier().size(), index)
            });
            assert_eq!(kept.0, anew.0, "{effects}");
            assert!(anew.0 == durable || anew.0 == durable + 2, "{} of {durable} after {effects}", anew.0);
            scene.check(anew.0);
            scene.write(&mut anew.1, &mut durable).unwrap();
            scene.check(anew.0 + 4);
            if is_at_the_end {
                assert!(effects > 4 && anew.0 == 5);
                break;
            }
        }
    }

    #[test]
    fn whatever_fails_what_was_acknowledged_is_there_and_the_archive_goes_on() {
        every_failure::<MemoryBench>(1, false);
        every_failure::<MemoryBench>(1, true);
        every_failure::<MemoryBench>(u64::MAX, true);
        every_failure::<LocalBench>(1, true);
    }
}
