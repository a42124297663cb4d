//! What is too large to be read whole, or has no size: read, hashed and appended in pieces.

use std::io::Read;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Finisher, Ingestion, Notes, Stop};
use crate::error::ArchiveError;
use crate::index::Lookup;
use crate::ingest::found::Candidate;
use crate::ingest::media_type::{media_type_of, media_type_of_file};
use crate::ingest::outcome::{FileName, Follow, Outcome};
use crate::ingest::read::{START_BYTES, Source, observed_name};
use crate::ingest::refused::RefusedFile;
use crate::ingest::remark::Remark;
use crate::store::{ObjectIntake, ObjectName};
use vouchsafe_core::format::volume::MAX_USTAR_SIZE_BYTES;
use vouchsafe_core::model::{FieldName, FieldValue, MediaType};
use vouchsafe_core::threads;

/// The pieces in which a large file is read, and how many of them exist.
const PIECE_BYTES: usize = 256 * 1024;
const PIECES: usize = 128;
/// While a large object is written, what was written is synced in steps of this size, beside the
/// writing: the disk works all the time instead of all at the end.
const SYNC_AHEAD_BYTES: u64 = 32 * 1024 * 1024;

impl Ingestion<'_, '_> {
    /// Streams a large file. Nothing is reported about it if the ingest is stopped in the middle of it.
    pub(super) fn append_large(
        &mut self,
        candidate: &Candidate,
        notes: &mut Notes,
        lookup: &Lookup,
        finish: &Finisher<'_>,
    ) -> Result<Option<Outcome>, Stop> {
        let mut prepare = || {
            let (fields, written_dates) = self.reading.fields_of(candidate)?;
            let mut source = Source::open(&candidate.path)?;
            notes.written_dates = written_dates;
            notes.remarks.extend(self.reading.guard.check(&source.start()?)?.into_iter().chain(candidate.remark));
            let media_type = media_type_of_file(&source.file, candidate.name());
            Ok((fields, source, media_type))
        };
        let (described, mut source, media_type) = match prepare() {
            Ok(prepared) => prepared,
            Err(reason) => return Ok(Some(Outcome::Refused { reason })),
        };
        let (mut fields, not_kept) = source.observed(&candidate.path);
        notes.remarks.extend(not_kept);
        fields.extend(described);
        let size_bytes = source.size_bytes();
        let path = candidate.path.as_path();
        // A file of a size that is held may be held itself: it is hashed before anything is written.
        if self.is_dry_run || lookup.holds_size(size_bytes)? {
            let name = match hash(&mut source, path, self.follow) {
                Ok(Some(name)) => name,
                Ok(None) => return Ok(None),
                Err(reason) => return Ok(Some(Outcome::Refused { reason })),
            };
            if self.is_dry_run || self.holds(name.digest(), lookup)? {
                let not_needed = |_: &mut Self| Ok(());
                return Ok(Some(self.register(name, media_type, fields, lookup, not_needed)?));
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
        let ahead = self.committer.sync_ahead()?;
        let mut open = self.committer.begin_object(is_extended)?;
        let follow = self.follow;
        // The pieces go round: from the reader to the writer full, and back empty. There are no others, so that is all the memory
        // that is taken, and neither queue is ever too short for what is sent.
        let (full_in, full_out) = bounded::<Vec<u8>>(PIECES);
        let (empty_in, empty_out) = bounded::<Vec<u8>>(PIECES);
        let (sync_in, sync_out) = bounded::<()>(1);
        for _ in 0..PIECES {
            let _ = empty_in.send(Vec::with_capacity(PIECE_BYTES));
        }
        let committer = &mut *self.committer;
        let (hashed, written) = std::thread::scope(|scope| {
            let reader = match threads::start(scope, || read_pieces(source, empty_out, full_in, follow)) {
                Ok(reader) => reader,
                Err(error) => return (Ok(None), Err(ArchiveError::from(error))),
            };
            // Without a thread for it, all is synced at the end.
            let syncer = threads::start(scope, move || sync_out.iter().try_for_each(|()| ahead.sync()));
            let mut unsynced_bytes = 0;
            let mut written = Ok(());
            for piece in &full_out {
                written = committer.extend_object(&mut open, &piece);
                if written.is_err() {
                    break;
                }
                unsynced_bytes += piece.len() as u64;
                if unsynced_bytes >= SYNC_AHEAD_BYTES && sync_in.try_send(()).is_ok() {
                    unsynced_bytes = 0;
                }
                let _ = empty_in.send(piece);
            }
            // Before anybody is waited for: after a failed write the reader ends because nothing comes back and nothing is taken
            // from it, and the syncer because nothing is asked of it.
            drop((full_out, empty_in, sync_in));
            let hashed = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            // The system reports a failed write to one sync only, so none of these may be ignored.
            let synced =
                syncer.map_or(Ok(()), |syncer| syncer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            (hashed, written.and(synced).map_err(ArchiveError::from))
        });
        // First what was written: a digest of bytes that did not all reach the volume is of no use. From here on, wherever the
        // ingest goes on, the object was abandoned or finished: until then it has no header, and nothing may be appended after
        // it. Where the ingest ends, its committer cuts it off.
        if let Err(error) = written {
            let _ = self.committer.abandon_object(open);
            return Err(error.into());
        }
        let checked = hashed.and_then(|read| match read {
            Some(name) => check(source, name.size_bytes()).map(|()| Some(name)),
            None => Ok(None),
        });
        let name = match checked {
            Ok(Some(name)) => name,
            Ok(None) => {
                self.committer.abandon_object(open)?;
                return Ok(None);
            }
            Err(reason) => {
                self.committer.abandon_object(open)?;
                return Ok(Some(Outcome::Refused { reason }));
            }
        };
        let is_known = self.exhibit_from(&fields, name.digest(), lookup)?.is_some();
        if self.is_dry_run || is_known || self.holds(name.digest(), lookup)? {
            self.committer.abandon_object(open)?;
            let not_needed = |_: &mut Self| Ok(());
            return Ok(Some(self.register(name, media_type, fields, lookup, not_needed)?));
        }
        // `register` has it finished only after the entry that names it was made. If none was, `open` is still there.
        let mut open = Some(open);
        let keep = |this: &mut Self| {
            if let Some(open) = open.take() {
                this.committer.finish_object(open, name)?;
            }
            Ok(())
        };
        let outcome = self.register(name, media_type, fields, lookup, keep)?;
        if let Some(open) = open {
            self.committer.abandon_object(open)?;
        }
        Ok(Some(outcome))
    }

    pub(super) fn append_stream(
        &mut self,
        name: String,
        reader: Box<dyn Read + Send>,
        lookup: &Lookup,
        finish: &Finisher<'_>,
    ) -> Result<(), Stop> {
        self.follow.found(0);
        let mut fields = observed_name(name.as_bytes(), format!("stdin:{name}").as_bytes());
        fields.extend(self.reading.common.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut source = Peeked { start: Vec::new(), at: 0, reader };
        let guard = &self.reading.guard;
        let peeked = match source.peek() {
            Ok([]) if !self.permits_empty_streams => Err(RefusedFile::EmptyStream),
            Ok(start) => guard.check(start).map(|remark| (media_type_of(start, name.as_bytes()), remark)),
            Err(error) => Err(RefusedFile::Unreadable { source: error }),
        };
        let file_name = FileName(PathBuf::from(&name));
        let (media_type, remark) = match peeked {
            Ok(peeked) => peeked,
            Err(reason) => {
                self.acknowledge(file_name, Outcome::Refused { reason });
                return Ok(());
            }
        };
        if self.is_dry_run {
            let mut piece = Vec::new();
            let mut intake = ObjectIntake::default();
            while source.read_some(&mut piece).map_err(ArchiveError::io("read", Path::new(&name)))? > 0 {
                intake.take(&piece);
                piece.clear();
            }
            let not_needed = |_: &mut Self| Ok(());
            let outcome = self.register(intake.finish(), media_type, fields, lookup, not_needed)?;
            self.end_stream(file_name, outcome, remark);
            return Ok(());
        }
        self.end_commit(finish)?;
        // The size of a stream is not known in advance: there must be room for the largest.
        if let Some(outcome) = self.stream(&mut source, true, media_type, fields, lookup, |_, _| Ok(()))? {
            self.end_stream(file_name, outcome, remark);
        }
        Ok(())
    }

    fn end_stream(&mut self, name: FileName, outcome: Outcome, remark: Option<Remark>) {
        if let (Outcome::Ingested { .. }, Some(remark)) = (&outcome, remark) {
            self.remark(&name, remark);
        }
        self.acknowledge(name, outcome);
    }
}

/// Hashes an open file from its beginning; `None` if stopped on the way.
fn hash(source: &mut Source, path: &Path, follow: &dyn Follow) -> Result<Option<ObjectName>, RefusedFile> {
    source.rewind()?;
    let mut intake = ObjectIntake::default();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        if follow.is_stopped() {
            return Ok(None);
        }
        match source.file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => intake.take(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(RefusedFile::Unreadable { source }),
        }
    }
    let name = intake.finish();
    source.check_unchanged(path, name.size_bytes())?;
    Ok(Some(name))
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
        Read::by_ref(&mut self.reader).take(START_BYTES).read_to_end(&mut self.start)?;
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

/// Fills the empty pieces, hashes them and passes them on. Returns what all of them are called; `None`
/// if stopped, or if the writer has given up.
fn read_pieces(
    source: &mut dyn StreamSource,
    empty: Receiver<Vec<u8>>,
    full: Sender<Vec<u8>>,
    follow: &dyn Follow,
) -> Result<Option<ObjectName>, RefusedFile> {
    let mut intake = ObjectIntake::default();
    for mut piece in empty {
        if follow.is_stopped() {
            return Ok(None);
        }
        piece.clear();
        match source.read_some(&mut piece) {
            Ok(0) => return Ok(Some(intake.finish())),
            Ok(count) => {
                follow.read(count as u64);
                intake.take(&piece);
            }
            Err(source) => return Err(RefusedFile::Unreadable { source }),
        }
        if full.send(piece).is_err() {
            return Ok(None);
        }
    }
    Ok(None)
}
