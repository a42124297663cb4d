//! Importing a checked bundle: the dossier first, then the exhibits.

use std::collections::{HashMap, HashSet};
use std::io;
use std::ops::ControlFlow;

use super::request::{ImportRequest, Imported, ImportedExhibit, Taken};
use crate::commit::Committer;
use crate::custody::{Draft, Keys};
use crate::environment::random_exhibit;
use crate::error::ArchiveError;
use crate::exhibits::metadata_field;
use crate::heard::partner_fields;
use crate::ingest::known_media_type;
use crate::session::Session;
use crate::store::{ObjectIntake, ObjectName, OpenObject, StoreError};
use vouchsafe_bundle::NotedBundle;
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::ArchiveIdentity;
use vouchsafe_core::format::bundle::{BundlePath, Part, dossier};
use vouchsafe_core::format::volume::{BLOCK_BYTES, MAX_USTAR_SIZE_BYTES, padding_bytes};
use vouchsafe_core::model::vocabulary::{ORIGINAL_NAME, SENDER, SOURCE_PATH};
use vouchsafe_core::model::{
    BundleReceived, EntryIndex, Event, EventKind, ExhibitId, ExhibitIngested, ExhibitReceived, FieldValue,
};
use vouchsafe_core::verify::Watch;
use vouchsafe_core::verify::bundle::{BundleReport, ExhibitReport};

/// Small files are put together before they are written.
const BUFFER_BYTES: usize = 256 * 1024;

/// The import of a checked bundle.
pub(super) struct Importer<'a, 'e> {
    session: &'a mut Session<'e>,
    pub(super) committer: Committer<'a>,
    pub(super) request: &'a ImportRequest,
    pub(super) bundle: &'a NotedBundle<'a>,
    report: BundleReport,
    name: Digest,
    /// The archive that it is from. What came from another one is another exhibit, whatever that one calls itself.
    pub(super) from: ArchiveIdentity,
    watch: &'a dyn Watch,
    /// Objects that are in the commit that is being filled.
    waiting: HashSet<Digest>,
    /// The names of the exhibits' objects in the bundle.
    objects: HashMap<ExhibitId, &'a BundlePath>,
}

impl<'a, 'e: 'a> Importer<'a, 'e> {
    pub fn new(
        session: &'a mut Session<'e>,
        request: &'a ImportRequest,
        bundle: &'a NotedBundle<'a>,
        report: BundleReport,
        keys: &'a Keys,
        watch: &'a dyn Watch,
    ) -> Result<Self, ArchiveError> {
        let committer = session.begin(keys, EventKind::BundleReceived)?;
        let (Some(name), Some(from)) = (report.bundle, report.archive.clone()) else {
            return Err(incomplete());
        };
        let waiting = HashSet::new();
        let objects = bundle.files().filter_map(|(path, _)| match path.part() {
            Some(Part::Object(exhibit)) => Some((exhibit, path)),
            _ => None,
        });
        let objects = objects.collect();
        Ok(Self { objects, session, committer, request, bundle, report, name, from, watch, waiting })
    }

    /// Takes everything in that is not here yet.
    pub fn run(mut self) -> Result<Imported, ArchiveError> {
        let taken = self.take_all();
        let Self { session, committer, report, name, from, .. } = self;
        // What is durable stays, and is remembered, also if it could not continue.
        let ended = session.end(committer);
        let (index, dossier, was_received, exhibits) = taken?;
        ended?;
        Ok(Imported {
            bundle: name,
            origin: from.origin().clone(),
            index,
            dossier,
            anchored: report.trusted,
            was_received,
            exhibits,
            against_statements: Vec::new(),
            not_compared: Vec::new(),
            report,
        })
    }

    fn take_all(&mut self) -> Result<(EntryIndex, Digest, bool, Vec<ImportedExhibit>), ArchiveError> {
        let earlier = self.session.reader.index.received(self.name)?;
        let (index, dossier) = match earlier {
            Some(index) => match self.session.reader.entry(index)?.entry.entry.event {
                Event::BundleReceived(body) => (index, body.dossier),
                _ => return Err(incomplete()),
            },
            None => self.take_dossier()?,
        };
        let reports = self.report.exhibits.clone();
        let mut exhibits = Vec::with_capacity(reports.len());
        for report in &reports {
            if self.watch.is_stopped() {
                return Err(ArchiveError::Stopped);
            }
            exhibits.push(self.take_exhibit(report)?);
            if self.committer.is_due() {
                self.commit()?;
            }
        }
        self.commit()?;
        Ok((index, dossier, earlier.is_some(), exhibits))
    }

    /// Appends the dossier, and makes the entry that names it. A nested dossier or a letter that no entry names is not
    /// part of the bundle, and is left out.
    fn take_dossier(&mut self) -> Result<(EntryIndex, Digest), ArchiveError> {
        let histories = self.report.exhibits.iter().flat_map(|exhibit| &exhibit.foreign);
        let behind: HashSet<_> = histories.filter(|one| one.is_there).map(|one| one.bundle).collect();
        let letters: HashSet<_> = self.report.exhibits.iter().flat_map(|exhibit| &exhibit.letters).collect();
        let is_kept = |path: &BundlePath| match path.part() {
            Some(Part::Object(_)) => false,
            Some(Part::Foreign(bundle)) => behind.contains(&bundle),
            Some(Part::Letter(letter)) => letters.contains(&letter),
            _ => !path.is_payload(),
        };
        let files: Vec<_> = self.bundle.files().filter(|(path, _)| is_kept(path)).collect();
        let size_bytes = files.iter().fold(dossier::DOSSIER_END.len() as u64, |sum, (_, bytes)| {
            sum.saturating_add(BLOCK_BYTES).saturating_add(*bytes).saturating_add(padding_bytes(*bytes))
        });
        let open = self.committer.begin_object(size_bytes > MAX_USTAR_SIZE_BYTES)?;
        let mut writing = ObjectWriting::new(&mut self.committer, open, self.watch);
        for (path, file_bytes) in files {
            let header = dossier::header(path, file_bytes).ok_or_else(|| {
                unreadable(self.request, io::Error::other(format!("{path} is too large for a dossier")))
            })?;
            writing.put(&header)?;
            let read = self.bundle.read_again(path, &mut |piece| writing.take(piece));
            writing.failure()?;
            read.map_err(|error| unreadable(self.request, named(path, &error)))?;
            writing.put(&dossier::padding(file_bytes))?;
        }
        writing.put(&dossier::DOSSIER_END)?;
        let (open, name) = writing.finish()?;
        debug_assert_eq!(name.size_bytes(), size_bytes);
        let object = name.digest();
        if self.holds(object)? {
            self.committer.abandon_object(open)?;
        } else {
            self.committer.finish_object(open, name)?;
            self.waiting.insert(object);
        }
        let report = &self.report;
        let (Some(root), Some(size)) = (report.root, report.size) else {
            return Err(incomplete());
        };
        let body = BundleReceived {
            anchored: report.trusted,
            bundle: self.name,
            dossier: object,
            exhibits: report.exhibits.len() as u64,
            fields: Vec::new(),
            findings: report.weighty_findings(),
            root,
            size: size.0,
            size_bytes: name.size_bytes(),
            software: SOFTWARE.to_owned(),
        };
        let mut fields = partner_fields(&self.from);
        fields.extend(self.request.sender.iter().map(|sender| metadata_field(SENDER, sender)));
        let draft = Draft { event: body.into(), exhibit: None, occurred_at: None, fields };
        let index = self.committer.add_entry(draft, 0)?;
        Ok((index, object))
    }

    /// Makes an exhibit of this archive of one of the bundle, unless it is one already.
    fn take_exhibit(&mut self, report: &ExhibitReport) -> Result<ImportedExhibit, ArchiveError> {
        let foreign_exhibit = report.exhibit;
        let (Some(object), Some(size_bytes), Some(media_type)) =
            (report.object, report.size_bytes, report.media_type.clone())
        else {
            return Err(incomplete());
        };
        let place = place_in(&self.from, foreign_exhibit);
        let earlier = self.session.reader.index.lookup().exhibit_from(&place, object)?;
        let imported = |exhibit, taken| ImportedExhibit { foreign_exhibit, exhibit, object, taken };
        if let Some(exhibit) = earlier {
            let history = self.session.reader.custody(exhibit)?;
            let is_this = |event: &Event| matches!(event, Event::ExhibitReceived(body) if body.bundle == self.name);
            if history.iter().any(|logged| is_this(&logged.entry.entry.event)) {
                return Ok(imported(exhibit, Taken::AlreadyHeld));
            }
            let earlier = history.len() as u64;
            self.add_received(exhibit, foreign_exhibit, earlier)?;
            self.take_description(report, exhibit, &history, earlier + 1)?;
            return Ok(imported(exhibit, Taken::Again));
        }
        let exhibit = random_exhibit(self.session.environment).map_err(ArchiveError::no_randomness)?;
        let is_held = self.holds(object)?;
        let path = self.object_of(foreign_exhibit)?;
        if !is_held {
            self.take_object(&path, object, size_bytes)?;
        }
        let file_name = path.as_str().strip_prefix("data/").unwrap_or(path.as_str());
        let fields = vec![metadata_field(ORIGINAL_NAME, file_name), metadata_field(SOURCE_PATH, &place.to_string())];
        let software = SOFTWARE.to_owned();
        let media_type = Some(known_media_type(media_type));
        let body = ExhibitIngested { fields: Vec::new(), media_type, object, size_bytes, software };
        self.committer.add_entry(Draft { event: body.into(), exhibit: Some(exhibit), occurred_at: None, fields }, 0)?;
        self.add_received(exhibit, foreign_exhibit, 1)?;
        self.take_description(report, exhibit, &[], 2)?;
        Ok(imported(exhibit, if is_held { Taken::NewSameObject } else { Taken::New }))
    }

    fn add_received(&mut self, exhibit: ExhibitId, foreign: ExhibitId, earlier: u64) -> Result<(), ArchiveError> {
        let body = ExhibitReceived { bundle: self.name, fields: Vec::new(), foreign_exhibit: foreign };
        let draft = Draft { event: body.into(), exhibit: Some(exhibit), occurred_at: None, fields: Vec::new() };
        self.committer.add_entry(draft, earlier).map(|_| ())
    }

    /// The name of an exhibit's object in the bundle.
    fn object_of(&self, exhibit: ExhibitId) -> Result<BundlePath, ArchiveError> {
        self.objects.get(&exhibit).map(|path| (*path).clone()).ok_or_else(incomplete)
    }

    /// Appends an object, which must be the one that was checked.
    fn take_object(&mut self, path: &BundlePath, object: Digest, size_bytes: u64) -> Result<(), ArchiveError> {
        let open = self.committer.begin_object(size_bytes > MAX_USTAR_SIZE_BYTES)?;
        let mut writing = ObjectWriting::new(&mut self.committer, open, self.watch);
        let read = self.bundle.read_object(path, &mut |piece| writing.take(piece));
        writing.failure()?;
        read.map_err(|error| unreadable(self.request, named(path, &error)))?;
        let (open, found) = writing.finish()?;
        if found.digest() != object || found.size_bytes() != size_bytes {
            self.committer.abandon_object(open)?;
            let changed = io::Error::other("it changed after it was checked");
            return Err(unreadable(self.request, named(path, &changed)));
        }
        self.committer.finish_object(open, found)?;
        self.waiting.insert(object);
        Ok(())
    }

    fn holds(&self, object: Digest) -> Result<bool, ArchiveError> {
        Ok(self.waiting.contains(&object) || self.session.reader.index.lookup().holds(object)?)
    }

    /// Makes durable what was imported so far, and then applies it to the index.
    fn commit(&mut self) -> Result<(), ArchiveError> {
        if self.committer.pending_entries() == 0 {
            return Ok(());
        }
        self.waiting.clear();
        // All before it are applied.
        let first = EntryIndex(self.session.reader.index.frontier().size());
        self.committer.commit(&mut self.session.reader.index).map_err(|failed| failed.after(first))
    }
}

/// Where an exhibit came from, by which it is recognised. The origin is there for people to read; it distinguishes
/// archives apart no better than any name does.
fn place_in(archive: &ArchiveIdentity, exhibit: ExhibitId) -> FieldValue {
    FieldValue::Text(format!("bundle:{}/{}/{exhibit}", archive.origin(), archive.fingerprint()))
}

/// The check that went before leaves nothing out; this is said if it ever does.
fn incomplete() -> ArchiveError {
    ArchiveError::Damaged { place: "the bundle".to_owned(), reason: "its check left something out".to_owned() }
}

pub(super) fn unreadable(request: &ImportRequest, source: io::Error) -> ArchiveError {
    ArchiveError::BundleUnreadable { path: request.bundle.clone(), source }
}

pub(super) fn named(path: &BundlePath, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{path}: {error}"))
}

/// An object that is being appended, piece by piece.
struct ObjectWriting<'w, 'a> {
    committer: &'w mut Committer<'a>,
    watch: &'w dyn Watch,
    open: OpenObject,
    buffer: Vec<u8>,
    intake: ObjectIntake,
    failure: Option<ArchiveError>,
}

impl<'w, 'a> ObjectWriting<'w, 'a> {
    fn new(committer: &'w mut Committer<'a>, open: OpenObject, watch: &'w dyn Watch) -> Self {
        let buffer = Vec::with_capacity(BUFFER_BYTES);
        Self { committer, watch, open, buffer, intake: ObjectIntake::default(), failure: None }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.intake.take(bytes);
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.committer.extend_object(&mut self.open, &self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// The same for the reader of a file, which can only continue or stop.
    fn take(&mut self, piece: &[u8]) -> ControlFlow<()> {
        self.watch.advance(piece.len() as u64);
        self.failure = match self.put(piece) {
            Err(error) => Some(error.into()),
            Ok(()) if self.watch.is_stopped() => Some(ArchiveError::Stopped),
            Ok(()) => return ControlFlow::Continue(()),
        };
        ControlFlow::Break(())
    }

    /// Why the reader had to stop.
    fn failure(&mut self) -> Result<(), ArchiveError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    fn finish(mut self) -> Result<(OpenObject, ObjectName), StoreError> {
        self.flush()?;
        Ok((self.open, self.intake.finish()))
    }
}
