//! The pipeline of one ingest.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::super::custody::Draft;
use super::super::environment::{Environment, random_exhibit};
use super::super::error::ArchiveError;
use super::super::index::{Index, Lookup, source_key};
use super::super::metadata::{self, Fields};
use super::commit::{Written, finish_commits};
use super::read::{RefusedFile, SMALL_BYTES, Source, media_type_of, media_type_of_file, observed_name};
use super::walk::{Candidate, Found, walk};
use super::{FileName, Follow, IngestError, IngestRequest, Input, LogWriter, Outcome, Summary};
use crate::SOFTWARE;
use crate::digest::{Digest, Hasher};
use crate::format::volume::MAX_USTAR_SIZE_BYTES;
use crate::model::{ExhibitId, ExhibitIngested, FieldName, FieldValue, MediaType};
use crate::store::Position;

/// A commit ends after so many entries, bytes or time, whatever comes first.
const COMMIT_ENTRIES: usize = 1024;
const COMMIT_BYTES: u64 = 64 * 1024 * 1024;
const COMMIT_TIME: Duration = Duration::from_secs(1);
/// Files that are read ahead of the one that is appended.
const READ_AHEAD: usize = 64;
/// The pieces in which a large file is read, and how many of them exist.
const PIECE_BYTES: usize = 256 * 1024;
const PIECES: usize = 128;
/// While a large object is written, what was written is synced in steps of this size, beside the
/// writing: the disk works all the time instead of all at the end.
const SYNC_AHEAD_BYTES: u64 = 32 * 1024 * 1024;

/// A file that was read whole.
struct SmallFile {
    bytes: Vec<u8>,
    object: Digest,
    media_type: MediaType,
    fields: Vec<(FieldName, FieldValue)>,
}

/// What the readers make of a candidate.
enum ReadFile {
    Small(Box<SmallFile>),
    /// To be streamed by whoever appends.
    Large(Box<Candidate>),
    Refused(RefusedFile),
}

/// A file in the order in which it was found; its content may still be on its way.
struct Queued {
    name: FileName,
    has_metadata: bool,
    read: Receiver<ReadFile>,
}

/// What is written but not applied yet, so that the index does not know it.
#[derive(Default)]
struct InFlight {
    objects: HashMap<Digest, u64>,
    places: HashMap<Digest, (ExhibitId, u64)>,
}

pub(super) struct Ingestion<'a> {
    writer: LogWriter<'a>,
    inputs: Vec<Input>,
    fields: Arc<Fields>,
    excluded: Vec<PathBuf>,
    is_dry_run: bool,
    receipts: Option<PathBuf>,
    threads: usize,
    environment: &'a dyn Environment,
    follow: &'a dyn Follow,
    in_flight: InFlight,
    /// The number of the commit that is being filled, and how many are known to be applied.
    commit: u64,
    applied: u64,
    /// Behind the last commit that is known to be durable.
    durable_end: Position,
    files: Vec<(FileName, Outcome)>,
    commit_began: Instant,
    summary: Summary,
}

/// The two ends of the way to the thread that makes commits durable.
struct Finisher<'a> {
    written: &'a Sender<Written>,
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

impl<'a> Ingestion<'a> {
    pub fn new(
        writer: LogWriter<'a>,
        request: IngestRequest,
        environment: &'a dyn Environment,
        follow: &'a dyn Follow,
    ) -> Self {
        let threads = match request.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        Self {
            durable_end: writer.appender.end(),
            writer,
            inputs: request.inputs,
            fields: Arc::new(request.fields),
            // A folder that does not exist holds nothing.
            excluded: request.excluded.iter().filter_map(|folder| std::fs::canonicalize(folder).ok()).collect(),
            is_dry_run: request.is_dry_run,
            receipts: request.receipts,
            threads,
            environment,
            follow,
            in_flight: InFlight::default(),
            commit: 0,
            applied: 0,
            files: Vec::new(),
            commit_began: Instant::now(),
            summary: Summary::default(),
        }
    }

    pub fn run(mut self, index: &mut Index) -> Result<(Summary, Position), IngestError> {
        if let Some(folder) = &self.receipts {
            let made = std::fs::create_dir_all(folder).map_err(|error| match folder.is_dir() || !folder.exists() {
                true => ArchiveError::io("create the folder", folder)(error),
                false => ArchiveError::NotAFolder { path: folder.clone() },
            });
            made.map_err(|source| IngestError::new(self.summary, source))?;
        }
        let lookup = index.lookup();
        let (written_in, written_out) = bounded(1);
        let (durable_in, durable_out) = bounded(2);
        let (follow, receipts) = (self.follow, self.receipts.clone());
        std::thread::scope(|scope| {
            let finisher =
                scope.spawn(move || finish_commits(index, &written_out, &durable_in, receipts.as_deref(), follow));
            let finish = Finisher { written: &written_in, durable: &durable_out };
            let appended = self.append_all(&lookup, &finish);
            drop(written_in);
            let finished = finisher.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            self.summary.add(finished.acknowledged);
            // The finisher may have made a commit durable that was not heard of here.
            let durable_end = finished.durable_end.map_or(self.durable_end, |end| end.max(self.durable_end));
            let error = match (finished.error, appended) {
                (Some(error), _) | (None, Err(Stop::Error(error))) => Some(error),
                (None, _) => None,
            };
            match error {
                None => Ok((self.summary, self.writer.appender.end())),
                Some(source) => {
                    // What was never acknowledged is not evidence, and must not look like it.
                    let _ = self.writer.appender.roll_back_to(durable_end);
                    Err(IngestError::new(self.summary, source))
                }
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
        let (follow, common, excluded) = (self.follow, self.fields.clone(), self.excluded.clone());
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                let (jobs, common) = (jobs_out.clone(), common.clone());
                scope.spawn(move || {
                    for (candidate, answer) in jobs {
                        // Whoever asked may have given up; then nobody waits for the answer.
                        let _ = answer.send(read(candidate, &common, follow));
                    }
                });
            }
            drop(jobs_out);
            scope.spawn(move || {
                walk(root, &excluded, &mut |found| {
                    let (answer, read) = bounded(1);
                    let (name, has_metadata, job) = match found {
                        Found::File(file) => {
                            follow.found(file.size_bytes);
                            (FileName(file.shown.clone()), file.sidecar.is_some(), Some(file))
                        }
                        Found::Refused { shown, reason } => {
                            let _ = answer.send(ReadFile::Refused(reason));
                            (FileName(shown), false, None)
                        }
                    };
                    let is_queued = order_in.send(Queued { name, has_metadata, read }).is_ok();
                    let is_asked = job.is_none_or(|file| jobs_in.send((file, answer)).is_ok());
                    is_queued && is_asked && !follow.is_stopped()
                });
            });
            for queued in order_out {
                let Ok(read) = queued.read.recv() else { break };
                self.append_file(queued.name, queued.has_metadata, read, lookup, finish)?;
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
        let outcome = match read {
            ReadFile::Refused(reason) => Outcome::Refused { reason },
            ReadFile::Small(file) => {
                let SmallFile { bytes, object, media_type, fields } = *file;
                let write = |this: &mut Self| this.append_bytes(object, &bytes);
                self.register(object, bytes.len() as u64, media_type, fields, lookup, write)?
            }
            ReadFile::Large(candidate) => match self.append_large(&candidate, lookup, finish)? {
                Some(outcome) => outcome,
                None => return Ok(()),
            },
        };
        self.summary.metadata_files += u64::from(has_metadata);
        self.acknowledge(name, outcome);
        let is_due = self.writer.pending_entries() >= COMMIT_ENTRIES
            || self.writer.pending_bytes() >= COMMIT_BYTES
            || (self.writer.pending_entries() > 0 && self.commit_began.elapsed() >= COMMIT_TIME);
        if is_due {
            self.end_commit(finish)?;
        }
        Ok(())
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
        object: Digest,
        size_bytes: u64,
        media_type: MediaType,
        fields: Vec<(FieldName, FieldValue)>,
        lookup: &Lookup,
        write: impl FnOnce(&mut Self) -> Result<(), ArchiveError>,
    ) -> Result<Outcome, ArchiveError> {
        if let Some(exhibit) = self.exhibit_from(&fields, object, lookup)? {
            return Ok(Outcome::AlreadyHeld { exhibit, object, size_bytes });
        }
        let exhibit = random_exhibit(self.environment)
            .map_err(ArchiveError::io("get randomness from the system", Path::new("getrandom")))?;
        let is_same_object = self.holds(object, lookup)?;
        let mut index = None;
        if !self.is_dry_run {
            let place = place_of(&fields).map(|place| source_key(place, object));
            if self.writer.pending_entries() == 0 {
                self.commit_began = Instant::now();
            }
            let body = ExhibitIngested {
                fields: Vec::new(),
                media_type: media_type.clone(),
                object,
                size_bytes,
                software: SOFTWARE.to_owned(),
            };
            let draft = Draft { event: body.into(), exhibit: Some(exhibit), occurred_at: None, fields };
            // The entry comes first: if it cannot be made, no object is left without one.
            index = match self.writer.add_entry(draft, 0) {
                Ok(index) => Some(index),
                Err(ArchiveError::Entry(error)) => {
                    return Ok(Outcome::Refused { reason: RefusedFile::TooMuch { reason: error.to_string() } });
                }
                Err(error) => return Err(error),
            };
            if !is_same_object {
                write(self)?;
                self.in_flight.objects.insert(object, self.commit);
            }
            if let Some(place) = place {
                self.in_flight.places.insert(place, (exhibit, self.commit));
            }
        }
        Ok(Outcome::Ingested { exhibit, index, object, size_bytes, media_type, is_same_object })
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

    fn append_bytes(&mut self, object: Digest, bytes: &[u8]) -> Result<(), ArchiveError> {
        let member = self.writer.appender.append_object(object, bytes)?;
        self.writer.add_object(member);
        Ok(())
    }

    /// Streams a large file. Nothing is said of it if the ingest is stopped in the middle of it.
    fn append_large(
        &mut self,
        candidate: &Candidate,
        lookup: &Lookup,
        finish: &Finisher<'_>,
    ) -> Result<Option<Outcome>, Stop> {
        let prepare = || {
            let fields = sidecar_fields(candidate.sidecar.as_deref(), &self.fields)?;
            let source = Source::open(&candidate.path)?;
            let media_type = media_type_of_file(&source.file);
            Ok((fields, source, media_type))
        };
        let (described, mut source, media_type) = match prepare() {
            Ok(prepared) => prepared,
            Err(reason) => return Ok(Some(Outcome::Refused { reason })),
        };
        let mut fields = source.observed(&candidate.path);
        fields.extend(described);
        let size_bytes = source.size_bytes();
        let path = candidate.path.as_path();
        // A file of a size that is held may be held itself: it is hashed before anything is written.
        if self.is_dry_run || lookup.holds_size(size_bytes)? {
            let object = match hash(&mut source, path, self.follow) {
                Ok(Some(object)) => object,
                Ok(None) => return Ok(None),
                Err(reason) => return Ok(Some(Outcome::Refused { reason })),
            };
            if self.is_dry_run || self.holds(object, lookup)? {
                let not_needed = |_: &mut Self| Ok(());
                return Ok(Some(self.register(object, size_bytes, media_type, fields, lookup, not_needed)?));
            }
        }
        if let Err(reason) = source.rewind() {
            return Ok(Some(Outcome::Refused { reason }));
        }
        let is_extended = size_bytes > MAX_USTAR_SIZE_BYTES;
        let is_unchanged = |source: &Source, read_bytes| source.check_unchanged(path, read_bytes);
        self.end_commit(finish)?;
        self.stream(&mut source, is_extended, media_type, fields, lookup, is_unchanged)
    }

    /// Reads, hashes and appends a stream; `check` decides at its end whether it is to be kept.
    fn stream<S: StreamSource>(
        &mut self,
        source: &mut S,
        is_extended: bool,
        media_type: MediaType,
        fields: Vec<(FieldName, FieldValue)>,
        lookup: &Lookup,
        check: impl FnOnce(&S, u64) -> Result<(), RefusedFile>,
    ) -> Result<Option<Outcome>, Stop> {
        let mut open = self.writer.appender.begin_object(is_extended)?;
        let ahead = self.writer.appender.sync_ahead()?;
        let follow = self.follow;
        let (full_in, full_out) = bounded::<Vec<u8>>(PIECES);
        let (empty_in, empty_out) = bounded::<Vec<u8>>(PIECES);
        let (sync_in, sync_out) = bounded::<()>(1);
        for _ in 0..PIECES {
            let _ = empty_in.send(Vec::with_capacity(PIECE_BYTES));
        }
        let appender = &mut self.writer.appender;
        let (hashed, written) = std::thread::scope(|scope| {
            let reader = scope.spawn(|| read_pieces(source, empty_out, full_in, follow));
            // The system reports a failed write to one sync only, so none of these may be ignored.
            let syncer = scope.spawn(move || sync_out.iter().try_for_each(|()| ahead.sync()));
            let mut unsynced_bytes = 0;
            let mut written = Ok(());
            for piece in &full_out {
                written = appender.extend_object(&mut open, &piece);
                if written.is_err() {
                    break;
                }
                unsynced_bytes += piece.len() as u64;
                if unsynced_bytes >= SYNC_AHEAD_BYTES && sync_in.try_send(()).is_ok() {
                    unsynced_bytes = 0;
                }
                let _ = empty_in.send(piece);
            }
            drop((full_out, empty_in, sync_in));
            let hashed = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let synced = syncer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (hashed, written.and(synced))
        });
        if let Err(error) = written {
            let _ = self.writer.appender.abandon_object(open);
            return Err(error.into());
        }
        let checked = hashed.and_then(|read| match read {
            Some((object, read_bytes)) => check(source, read_bytes).map(|()| Some((object, read_bytes))),
            None => Ok(None),
        });
        let (object, size_bytes) = match checked {
            Ok(Some(read)) => read,
            Ok(None) => {
                self.writer.appender.abandon_object(open)?;
                return Ok(None);
            }
            Err(reason) => {
                self.writer.appender.abandon_object(open)?;
                return Ok(Some(Outcome::Refused { reason }));
            }
        };
        let is_known = self.exhibit_from(&fields, object, lookup)?.is_some();
        if self.is_dry_run || is_known || self.holds(object, lookup)? {
            self.writer.appender.abandon_object(open)?;
            let not_needed = |_: &mut Self| Ok(());
            return Ok(Some(self.register(object, size_bytes, media_type, fields, lookup, not_needed)?));
        }
        let mut open = Some(open);
        let keep = |this: &mut Self| {
            if let Some(open) = open.take() {
                let member = this.writer.appender.finish_object(open, object)?;
                this.writer.add_object(member);
            }
            Ok(())
        };
        let outcome = self.register(object, size_bytes, media_type, fields, lookup, keep)?;
        if let Some(open) = open {
            self.writer.appender.abandon_object(open)?;
        }
        Ok(Some(outcome))
    }

    fn append_stream(
        &mut self,
        name: String,
        reader: Box<dyn Read + Send>,
        lookup: &Lookup,
        finish: &Finisher<'_>,
    ) -> Result<(), Stop> {
        self.follow.found(0);
        let mut fields = observed_name(name.as_bytes(), format!("stdin:{name}").as_bytes());
        fields.extend(self.fields.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut source = Peeked { start: Vec::new(), at: 0, reader };
        let media_type = match source.peek() {
            Ok(start) => media_type_of(start),
            Err(error) => {
                let reason = RefusedFile::Unreadable { source: error };
                self.acknowledge(FileName(PathBuf::from(name)), Outcome::Refused { reason });
                return Ok(());
            }
        };
        if self.is_dry_run {
            let mut piece = Vec::new();
            let (mut hasher, mut size_bytes) = (Hasher::default(), 0);
            while source.read_some(&mut piece).map_err(ArchiveError::io("read", Path::new(&name)))? > 0 {
                hasher.update(&piece);
                size_bytes += piece.len() as u64;
                piece.clear();
            }
            let not_needed = |_: &mut Self| Ok(());
            let outcome = self.register(hasher.finish(), size_bytes, media_type, fields, lookup, not_needed)?;
            self.acknowledge(FileName(PathBuf::from(name)), outcome);
            return Ok(());
        }
        self.end_commit(finish)?;
        // The size of a stream is not known in advance: there must be room for the largest.
        if let Some(outcome) = self.stream(&mut source, true, media_type, fields, lookup, |_, _| Ok(()))? {
            self.acknowledge(FileName(PathBuf::from(name)), outcome);
        }
        Ok(())
    }

    /// Writes the commit that was filled and hands it over. The one before it is durable by then: at
    /// most one commit is ever on its way, which is what recovery relies on.
    fn end_commit(&mut self, finish: &Finisher<'_>) -> Result<(), Stop> {
        if self.writer.pending_entries() == 0 {
            return Ok(());
        }
        self.wait_until_durable(finish)?;
        let (sync, record) = self.writer.write_commit()?;
        let files = std::mem::take(&mut self.files);
        self.commit += 1;
        finish.written.send(Written { sync, record, files }).map_err(|_| FinisherGone)?;
        if self.writer.appender.is_full() {
            self.wait_until_durable(finish)?;
            self.writer.appender.roll_over_if_full()?;
            self.durable_end = self.writer.appender.end();
        }
        Ok(())
    }

    fn wait_until_durable(&mut self, finish: &Finisher<'_>) -> Result<(), Stop> {
        while self.applied < self.commit {
            finish.durable.recv().map_err(|_| FinisherGone)?;
            self.applied += 1;
            self.durable_end = self.writer.appender.end();
        }
        let applied = self.applied;
        self.in_flight.objects.retain(|_, commit| *commit >= applied);
        self.in_flight.places.retain(|_, (_, commit)| *commit >= applied);
        Ok(())
    }
}

fn place_of(fields: &[(FieldName, FieldValue)]) -> Option<&FieldValue> {
    fields.iter().find(|(name, _)| name.as_str() == "source_path").map(|(_, value)| value)
}

/// Reads and hashes a small file; leaves a large one to whoever appends.
fn read(candidate: Candidate, common: &Fields, follow: &dyn Follow) -> ReadFile {
    let read_small = || {
        let mut source = Source::open(&candidate.path)?;
        if source.size_bytes() > SMALL_BYTES {
            return Ok(None);
        }
        let described = sidecar_fields(candidate.sidecar.as_deref(), common)?;
        let bytes = source.read_whole(&candidate.path)?;
        follow.read(bytes.len() as u64);
        let mut fields = source.observed(&candidate.path);
        fields.extend(described);
        Ok(Some(SmallFile { object: Digest::of(&bytes), media_type: media_type_of(&bytes), bytes, fields }))
    };
    match read_small() {
        Ok(Some(file)) => ReadFile::Small(Box::new(file)),
        Ok(None) => ReadFile::Large(Box::new(candidate)),
        Err(reason) => ReadFile::Refused(reason),
    }
}

/// The common fields, and those from the metadata file beside a file, which go before them.
fn sidecar_fields(sidecar: Option<&Path>, common: &Fields) -> Result<Fields, RefusedFile> {
    let mut fields = common.clone();
    if let Some(sidecar) = sidecar {
        fields.extend(metadata::read_file(sidecar).map_err(|source| RefusedFile::Metadata { source })?);
    }
    Ok(fields)
}

/// Hashes an open file from its beginning; `None` if stopped on the way.
fn hash(source: &mut Source, path: &Path, follow: &dyn Follow) -> Result<Option<Digest>, RefusedFile> {
    source.rewind()?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 256 * 1024];
    let mut read_bytes = 0;
    loop {
        if follow.is_stopped() {
            return Ok(None);
        }
        match source.file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&buffer[..count]);
                read_bytes += count as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(RefusedFile::Unreadable { source }),
        }
    }
    source.check_unchanged(path, read_bytes)?;
    Ok(Some(hasher.finish()))
}

/// Something that is streamed.
trait StreamSource: Send {
    fn read_some(&mut self, buffer: &mut Vec<u8>) -> std::io::Result<usize>;
}

impl StreamSource for Source {
    fn read_some(&mut self, buffer: &mut Vec<u8>) -> std::io::Result<usize> {
        Read::by_ref(&mut self.file).take(PIECE_BYTES as u64).read_to_end(buffer)
    }
}

/// A stream whose beginning was looked at.
struct Peeked {
    start: Vec<u8>,
    at: usize,
    reader: Box<dyn Read + Send>,
}

impl Peeked {
    fn peek(&mut self) -> std::io::Result<&[u8]> {
        Read::by_ref(&mut self.reader).take(SMALL_BYTES).read_to_end(&mut self.start)?;
        Ok(&self.start)
    }
}

impl StreamSource for Peeked {
    fn read_some(&mut self, buffer: &mut Vec<u8>) -> std::io::Result<usize> {
        if self.at < self.start.len() {
            buffer.extend_from_slice(&self.start[self.at..]);
            self.at = self.start.len();
            return Ok(buffer.len());
        }
        Read::by_ref(&mut self.reader).take(PIECE_BYTES as u64).read_to_end(buffer)
    }
}

/// Fills the empty pieces, hashes them and passes them on. The digest and the number of bytes; `None`
/// if stopped, or if whoever writes has given up.
fn read_pieces(
    source: &mut dyn StreamSource,
    empty: Receiver<Vec<u8>>,
    full: Sender<Vec<u8>>,
    follow: &dyn Follow,
) -> Result<Option<(Digest, u64)>, RefusedFile> {
    let mut hasher = Hasher::default();
    let mut read_bytes = 0;
    for mut piece in empty {
        if follow.is_stopped() {
            return Ok(None);
        }
        piece.clear();
        match source.read_some(&mut piece) {
            Ok(0) => return Ok(Some((hasher.finish(), read_bytes))),
            Ok(count) => {
                follow.read(count as u64);
                read_bytes += count as u64;
                hasher.update(&piece);
            }
            Err(source) => return Err(RefusedFile::Unreadable { source }),
        }
        if full.send(piece).is_err() {
            return Ok(None);
        }
    }
    Ok(None)
}
