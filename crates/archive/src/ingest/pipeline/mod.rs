//! The pipeline of one ingest.

mod stream;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::commit::Committer;
use crate::custody::{Draft, LogWriter};
use crate::environment::{Environment, random_exhibit};
use crate::error::ArchiveError;
use crate::index::{Index, Lookup, source_key};
use crate::ingest::commit::{Handed, ReceiptsFolder, finish_commits, receipt_path};
use crate::ingest::found::{Candidate, Found};
use crate::ingest::guard::KeyGuard;
use crate::ingest::media_type::media_type_of;
use crate::ingest::outcome::{FileName, Follow, IngestError, Outcome, Summary};
use crate::ingest::read::{START_BYTES, Source, TINY_BYTES, sidecar_fields};
use crate::ingest::refused::RefusedFile;
use crate::ingest::remark::Remark;
use crate::ingest::request::{IngestRequest, Input};
use crate::ingest::walk::Walker;
use crate::metadata::{Fields, WrittenDate, overlay};
use crate::store::{HeldObject, ObjectName};
use crate::threads as threads_asked;
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::FormatError;
use vouchsafe_core::format::salvage::is_of_the_process;
use vouchsafe_core::model::vocabulary::{SOURCE_PATH, is_observed};
use vouchsafe_core::model::{ExhibitId, ExhibitIngested, FieldName, FieldValue, MediaType};
use vouchsafe_core::threads;

/// A commit that is not large enough before is ended after this time.
const COMMIT_TIME: Duration = Duration::from_secs(1);
/// Files that are read ahead of the one that is appended.
const READ_AHEAD: usize = 64;
/// How much of them may be larger than [`TINY_BYTES`], in units of that.
const ROOM_AHEAD: usize = 48;

/// A file that was read whole.
struct SmallFile {
    object: HeldObject<Vec<u8>>,
    media_type: MediaType,
    fields: Vec<(FieldName, FieldValue)>,
    notes: Notes,
}

/// What is to be reported of a file if it becomes an exhibit.
#[derive(Default)]
struct Notes {
    remarks: Vec<Remark>,
    /// The dates in its metadata file that were not given in EDTF.
    written_dates: Vec<WrittenDate>,
}

/// What all files are read by.
struct Reading {
    whole_bytes: u64,
    /// The fields that are given for all.
    common: Fields,
    /// Those that are given for single files, by their paths.
    described: HashMap<PathBuf, Fields>,
    guard: KeyGuard,
}

/// What the readers make of a candidate.
enum ReadFile {
    Small(Box<SmallFile>),
    /// To be streamed by the appender.
    Large(Box<Candidate>),
    Refused(RefusedFile),
    /// No file, and something to be said of it.
    Remarked(Remark),
}

/// A file in the order in which it was found; its content may still be on its way.
struct Queued {
    name: FileName,
    has_metadata: bool,
    /// How much of the room for larger files it takes until it is appended.
    room: u64,
    read: Receiver<ReadFile>,
}

/// What is written but not applied yet, so that the index does not know it; in a dry run, everything that
/// would be new.
#[derive(Default)]
struct InFlight {
    objects: HashMap<Digest, u64>,
    places: HashMap<Digest, (ExhibitId, u64)>,
}

pub(super) struct Ingestion<'a, 'c> {
    committer: &'c mut Committer<'a>,
    inputs: Vec<Input>,
    reading: Arc<Reading>,
    walker: Arc<Walker>,
    permits_empty_streams: bool,
    is_dry_run: bool,
    receipts: Option<ReceiptsFolder>,
    threads: usize,
    environment: &'a dyn Environment,
    follow: &'a dyn Follow,
    in_flight: InFlight,
    /// The number of the commit that is being filled, and how many are known to be applied.
    commit: u64,
    applied: u64,
    files: Vec<(FileName, Outcome)>,
    commit_began: Instant,
    summary: Summary,
    /// Exhibits that were held already, and whose receipts are not in the folder yet.
    without_receipt: Vec<ExhibitId>,
}

/// Where an ingest writes to.
pub(super) struct Destination<'a, 'c> {
    pub committer: &'c mut Committer<'a>,
    pub receipts: Option<ReceiptsFolder>,
    /// Nothing is written at all; the committer could not.
    pub is_dry_run: bool,
}

/// What an ingest leaves.
pub(super) struct Ingested {
    pub summary: Summary,
    pub without_receipt: Vec<ExhibitId>,
}

/// The two ends of the way to the thread that makes commits durable.
struct Finisher<'a> {
    handed: &'a Sender<Handed>,
    durable: &'a Receiver<()>,
}

/// The finisher is gone because it failed; its error is the one to report.
struct FinisherGone;

enum Stop {
    Finisher(FinisherGone),
    Error(ArchiveError),
}

impl From<FinisherGone> for Stop {
    fn from(gone: FinisherGone) -> Self {
        Self::Finisher(gone)
    }
}

impl<E: Into<ArchiveError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl<'a, 'c> Ingestion<'a, 'c> {
    pub fn new(
        to: Destination<'a, 'c>,
        request: IngestRequest,
        guard: KeyGuard,
        environment: &'a dyn Environment,
        follow: &'a dyn Follow,
    ) -> Self {
        let Destination { committer, receipts, is_dry_run } = to;
        let threads = threads_asked(request.threads);
        let roots = request.inputs.iter().filter_map(|input| match input {
            Input::Path(path) => Some(path),
            Input::Stream { .. } => None,
        });
        let walker = Walker::new(&request.excluded, roots, request.permitted.metadata_files);
        Self {
            committer,
            inputs: request.inputs,
            reading: Arc::new(Reading {
                whole_bytes: request.whole_bytes,
                common: request.fields,
                described: request.described,
                guard,
            }),
            walker: Arc::new(walker),
            permits_empty_streams: request.permitted.empty_streams,
            is_dry_run,
            receipts,
            threads,
            environment,
            follow,
            in_flight: InFlight::default(),
            commit: 0,
            applied: 0,
            files: Vec::new(),
            commit_began: Instant::now(),
            summary: Summary::default(),
            without_receipt: Vec::new(),
        }
    }

    pub fn run(mut self, index: &mut Index) -> Result<Ingested, IngestError> {
        if let Some(ReceiptsFolder { folder, .. }) = &self.receipts {
            let made = std::fs::create_dir_all(folder).map_err(|error| match folder.is_dir() || !folder.exists() {
                true => ArchiveError::io("create the folder", folder)(error),
                false => ArchiveError::NotAFolder { path: folder.clone() },
            });
            made.map_err(|source| IngestError::new(self.summary, source))?;
        }
        let lookup = index.lookup();
        let (handed_in, handed_out) = bounded(1);
        let (durable_in, durable_out) = bounded(2);
        let (follow, receipts) = (self.follow, self.receipts.clone());
        std::thread::scope(|scope| {
            let finisher = threads::start(scope, move || {
                finish_commits(index, &handed_out, &durable_in, receipts.as_ref(), follow)
            });
            let finisher = finisher.map_err(|error| IngestError::new(self.summary, error.into()))?;
            let finish = Finisher { handed: &handed_in, durable: &durable_out };
            let appended = self.append_all(&lookup, &finish);
            drop(handed_in);
            let finished = finisher.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            self.summary.add(finished.acknowledged);
            match (finished.error, appended) {
                (Some(source), _) | (None, Err(Stop::Error(source))) => Err(IngestError::new(self.summary, source)),
                (None, _) => Ok(Ingested { summary: self.summary, without_receipt: self.without_receipt }),
            }
        })
    }

    fn append_all(&mut self, lookup: &Lookup, finish: &Finisher<'_>) -> Result<(), Stop> {
        for input in std::mem::take(&mut self.inputs) {
            match input {
                Input::Path(root) => self.append_tree(&root, lookup, finish)?,
                Input::Stream { name, reader } => self.append_stream(name, reader, lookup, finish)?,
            }
            if self.follow.is_stopped() {
                self.summary.is_stopped = true;
                break;
            }
        }
        self.end_commit(finish)?;
        self.wait_until_durable(finish)?;
        Ok(())
    }

    /// Walks, reads and hashes in other threads; appends here, in the order of the walk.
    fn append_tree(&mut self, root: &Path, lookup: &Lookup, finish: &Finisher<'_>) -> Result<(), Stop> {
        let (jobs_in, jobs_out) = bounded::<(Candidate, Sender<ReadFile>)>(READ_AHEAD);
        let (order_in, order_out) = bounded::<Queued>(READ_AHEAD);
        // Taken in the order of the walk and given back in the same order, so that a file never waits for room
        // that a later one holds.
        let (room_in, room_out) = bounded::<()>(ROOM_AHEAD);
        let (follow, reading, walker) = (self.follow, self.reading.clone(), self.walker.clone());
        let whole_bytes = reading.whole_bytes;
        std::thread::scope(|scope| {
            threads::start(scope, move || {
                walker.walk(root, &mut |found| {
                    let (answer, read) = bounded(1);
                    let (name, has_metadata, room, job) = match found {
                        Found::File(file) => {
                            follow.found(file.size_bytes);
                            (
                                FileName(file.shown.clone()),
                                file.sidecar.is_some(),
                                room_for(file.size_bytes, whole_bytes),
                                Some(file),
                            )
                        }
                        Found::Refused { shown, reason } => {
                            let _ = answer.send(ReadFile::Refused(reason));
                            (FileName(shown), false, 0, None)
                        }
                        Found::Remarked { shown, remark } => {
                            let _ = answer.send(ReadFile::Remarked(remark));
                            (FileName(shown), false, 0, None)
                        }
                    };
                    let has_room = (0..room).all(|_| room_in.send(()).is_ok());
                    let is_queued = has_room && order_in.send(Queued { name, has_metadata, room, read }).is_ok();
                    let is_asked = job.is_none_or(|file| jobs_in.send((file, answer)).is_ok());
                    is_queued && is_asked && !follow.is_stopped()
                });
            })?;
            // As many readers as the system allows; with none of them nothing could be read.
            for number in 0..self.threads.max(1) {
                let (jobs, reading) = (jobs_out.clone(), reading.clone());
                let reader = threads::start(scope, move || {
                    for (candidate, answer) in jobs {
                        // The asker may have given up; then nobody waits for the answer.
                        let _ = answer.send(reading.read(candidate, follow));
                    }
                });
                match reader {
                    Ok(_) => {}
                    Err(error) if number == 0 => return Err(error.into()),
                    Err(_) => break,
                }
            }
            drop(jobs_out);
            for queued in order_out {
                let Ok(read) = queued.read.recv() else { break };
                self.append_file(queued.name, queued.has_metadata, read, lookup, finish)?;
                for _ in 0..queued.room {
                    let _ = room_out.try_recv();
                }
            }
            if follow.is_stopped() {
                self.summary.is_stopped = true;
            }
            Ok(())
        })
    }

    fn append_file(
        &mut self,
        name: FileName,
        has_metadata: bool,
        read: ReadFile,
        lookup: &Lookup,
        finish: &Finisher<'_>,
    ) -> Result<(), Stop> {
        let mut notes = Notes::default();
        let outcome = match read {
            ReadFile::Refused(reason) => Outcome::Refused { reason },
            ReadFile::Remarked(remark) => {
                self.remark(&name, remark);
                return Ok(());
            }
            ReadFile::Small(file) => {
                let SmallFile { object, media_type, fields, notes: found } = *file;
                notes = found;
                let write = |this: &mut Self| Ok(this.committer.add_object(&object)?);
                self.register(object.name(), media_type, fields, lookup, write)?
            }
            ReadFile::Large(candidate) => match self.append_large(&candidate, &mut notes, lookup, finish)? {
                Some(outcome) => outcome,
                None => return Ok(()),
            },
        };
        let mut outcome = match outcome {
            // The next file would be refused for the same reason, and is not at fault, either.
            Outcome::Refused {
                reason:
                    RefusedFile::Unreadable { source }
                    | RefusedFile::FolderUnreadable { source }
                    | RefusedFile::FolderUnfinished { source },
            } if is_of_the_process(&source) => {
                return Err(ArchiveError::io("read", &name.0)(source).into());
            }
            outcome => outcome,
        };
        // What is an exhibit already keeps the fields that it has.
        if let Outcome::Ingested { written_dates, .. } = &mut outcome {
            *written_dates = notes.written_dates;
            self.summary.metadata_files += u64::from(has_metadata);
            notes.remarks.into_iter().for_each(|remark| self.remark(&name, remark));
        }
        self.acknowledge(name, outcome);
        let is_late = self.committer.pending_entries() > 0 && self.commit_began.elapsed() >= COMMIT_TIME;
        if self.committer.is_due() || is_late {
            self.end_commit(finish)?;
        }
        Ok(())
    }

    fn remark(&mut self, name: &FileName, remark: Remark) {
        self.summary.remarks += 1;
        self.follow.remark(name, remark);
    }

    /// A new exhibit is acknowledged when its commit is durable; everything else at once.
    fn acknowledge(&mut self, name: FileName, outcome: Outcome) {
        match outcome {
            Outcome::Ingested { .. } if !self.is_dry_run => self.files.push((name, outcome)),
            other => {
                self.summary.count(&other);
                self.follow.done(&name, &other);
            }
        }
    }

    /// Makes an exhibit of an object that was read, unless it is one already. `write` appends the object
    /// if it is not held yet.
    fn register(
        &mut self,
        name: ObjectName,
        media_type: MediaType,
        fields: Vec<(FieldName, FieldValue)>,
        lookup: &Lookup,
        write: impl FnOnce(&mut Self) -> Result<(), ArchiveError>,
    ) -> Result<Outcome, ArchiveError> {
        let (object, size_bytes) = (name.digest(), name.size_bytes());
        if let Some(exhibit) = self.exhibit_from(&fields, object, lookup)? {
            let lacks_receipt = |to: &ReceiptsFolder| !receipt_path(&to.folder, exhibit).exists();
            if self.receipts.as_ref().is_some_and(lacks_receipt) {
                self.without_receipt.push(exhibit);
            }
            let has_other_metadata = has_other_metadata(exhibit, &fields, lookup)?;
            return Ok(Outcome::AlreadyHeld { exhibit, object, size_bytes, has_other_metadata });
        }
        let exhibit = random_exhibit(self.environment).map_err(ArchiveError::no_randomness)?;
        let is_same_object = self.holds(object, lookup)?;
        let mut index = None;
        let too_much =
            |error: FormatError| Ok(Outcome::Refused { reason: RefusedFile::TooMuch { reason: error.to_string() } });
        let place = place_of(&fields).map(|place| source_key(place, object));
        if self.is_dry_run {
            if let Err(error) = LogWriter::check_fields(&fields) {
                return too_much(error);
            }
        } else {
            if self.committer.pending_entries() == 0 {
                self.commit_began = Instant::now();
            }
            let body = ExhibitIngested {
                fields: Vec::new(),
                media_type: Some(media_type.clone()),
                object,
                size_bytes,
                software: SOFTWARE.to_owned(),
            };
            let draft = Draft { event: body.into(), exhibit: Some(exhibit), occurred_at: None, fields };
            // The entry comes first: if it cannot be made, no object is left without one.
            index = match self.committer.add_entry(draft, 0) {
                Ok(index) => Some(index),
                Err(ArchiveError::Entry(error)) => return too_much(error),
                Err(error) => return Err(error),
            };
            if !is_same_object {
                write(self)?;
            }
        }
        // In a dry run nothing is ever applied, so only this shows that a file was named twice.
        if !is_same_object {
            self.in_flight.objects.insert(object, self.commit);
        }
        if let Some(place) = place {
            self.in_flight.places.insert(place, (exhibit, self.commit));
        }
        let written_dates = Vec::new();
        Ok(Outcome::Ingested { exhibit, index, object, size_bytes, media_type, is_same_object, written_dates })
    }

    fn holds(&self, object: Digest, lookup: &Lookup) -> Result<bool, ArchiveError> {
        Ok(self.in_flight.objects.contains_key(&object) || lookup.holds(object)?)
    }

    fn exhibit_from(
        &self,
        fields: &[(FieldName, FieldValue)],
        object: Digest,
        lookup: &Lookup,
    ) -> Result<Option<ExhibitId>, ArchiveError> {
        let Some(place) = place_of(fields) else { return Ok(None) };
        if let Some((exhibit, _)) = self.in_flight.places.get(&source_key(place, object)) {
            return Ok(Some(*exhibit));
        }
        Ok(lookup.exhibit_from(place, object)?)
    }

    /// Writes the commit that was filled and hands it over. The one before it is durable by then: at
    /// most one commit is ever on its way, which is what recovery relies on.
    fn end_commit(&mut self, finish: &Finisher<'_>) -> Result<(), Stop> {
        if self.committer.pending_entries() == 0 {
            return Ok(());
        }
        self.wait_until_durable(finish)?;
        let written = self.committer.write()?;
        let files = std::mem::take(&mut self.files);
        self.commit += 1;
        finish.handed.send(Handed { written, files }).map_err(|_| FinisherGone)?;
        if self.committer.is_full() { self.wait_until_durable(finish) } else { Ok(()) }
    }

    fn wait_until_durable(&mut self, finish: &Finisher<'_>) -> Result<(), Stop> {
        while self.applied < self.commit {
            finish.durable.recv().map_err(|_| FinisherGone)?;
            self.applied += 1;
            self.committer.go_on();
        }
        let applied = self.applied;
        self.in_flight.objects.retain(|_, commit| *commit >= applied);
        self.in_flight.places.retain(|_, (_, commit)| *commit >= applied);
        Ok(())
    }
}

/// Whether the fields that were given for a file are not all among those of its exhibit. One that this very
/// run has made, and that is not applied yet, was given the same.
fn has_other_metadata(
    exhibit: ExhibitId,
    fields: &[(FieldName, FieldValue)],
    lookup: &Lookup,
) -> Result<bool, ArchiveError> {
    let mut given = fields.iter().filter(|(name, _)| !is_observed(name.as_str())).peekable();
    if given.peek().is_none() {
        return Ok(false);
    }
    let row = lookup.exhibit(exhibit)?;
    Ok(row.is_some_and(|row| given.any(|(name, value)| row.field(name.as_str()) != Some(value))))
}

fn place_of(fields: &[(FieldName, FieldValue)]) -> Option<&FieldValue> {
    fields.iter().find(|(name, _)| name.as_str() == SOURCE_PATH).map(|(_, value)| value)
}

/// How much room a file takes that is read whole: none if it is tiny, none if it is streamed.
const fn room_for(size_bytes: u64, whole_bytes: u64) -> u64 {
    if size_bytes > whole_bytes { 0 } else { size_bytes / TINY_BYTES }
}

impl Reading {
    /// The fields that are given for a file, and the dates in its metadata file that were not given in EDTF.
    fn fields_of(&self, candidate: &Candidate) -> Result<(Fields, Vec<WrittenDate>), RefusedFile> {
        let sidecar = candidate.sidecar.as_deref();
        let Some(described) = self.described.get(&candidate.path) else {
            return sidecar_fields(sidecar, &self.common);
        };
        let mut fields = self.common.clone();
        overlay(&mut fields, described.clone());
        sidecar_fields(sidecar, &fields)
    }

    /// Reads and hashes a small file; leaves a large one to the appender.
    fn read(&self, candidate: Candidate, follow: &dyn Follow) -> ReadFile {
        let read_small = || {
            let mut source = Source::open(&candidate.path)?;
            // One that has grown since it was found has no room here.
            let is_small = source.size_bytes() <= self.whole_bytes.min(candidate.size_bytes.max(TINY_BYTES));
            if !is_small {
                return Ok(None);
            }
            let (described, written_dates) = self.fields_of(&candidate)?;
            let bytes = source.read_whole(&candidate.path)?;
            follow.read(bytes.len() as u64);
            let start = &bytes[..bytes.len().min(START_BYTES as usize)];
            let secret = self.guard.check(start)?;
            let (mut fields, not_kept) = source.observed(&candidate.path);
            let remarks = secret.into_iter().chain(candidate.remark).chain(not_kept).collect();
            fields.extend(described);
            let media_type = media_type_of(&bytes, candidate.name());
            let notes = Notes { remarks, written_dates };
            Ok(Some(SmallFile { object: HeldObject::of(bytes), media_type, fields, notes }))
        };
        match read_small() {
            Ok(Some(file)) => ReadFile::Small(Box::new(file)),
            Ok(None) => ReadFile::Large(Box::new(candidate)),
            Err(reason) => ReadFile::Refused(reason),
        }
    }
}
