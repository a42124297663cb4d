//! What can be checked apart: each exhibit with its object and its entries, and the files beside them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::collection::Said;
use super::entry::{EntryFiles, Proved};
use super::exhibit_report::{ExhibitReport, ForeignReport};
use super::files::{File, Files, check_listed, exhibit_of, finding, unreadable};
use super::findings::Findings;
use super::frame::Frame;
use crate::format::bundle::{BundlePath, EntryFile, Part, Subject};
use crate::format::{ArchiveIdentity, SignedCheckpoint};
use crate::language::{Text, text};
use crate::model::{Broken, EntryIndex, Event, ExhibitId, ExhibitIngested, Moves, OTHER_OBJECT};
use crate::verify::moves::note_move;
use crate::verify::{Code, Finding};

/// All that is to be done.
pub(super) struct Work<'a> {
    exhibits: Vec<Job<'a>>,
    others: Vec<&'a File>,
}

/// A piece of it.
pub(super) enum Task<'a> {
    Exhibit(&'a Job<'a>),
    Other(&'a File),
}

/// The files of an exhibit.
pub(super) struct Job<'a> {
    pub exhibit: ExhibitId,
    objects: Vec<&'a File>,
    entries: Vec<(u64, EntryFile, &'a File)>,
}

impl<'a> Work<'a> {
    /// The exhibits that there are or that a manifest names, and the files beside them.
    pub fn of(files: &'a Files<'a>, frame: &Frame) -> Self {
        let mut jobs: BTreeMap<ExhibitId, Job<'a>> = BTreeMap::new();
        let new = |exhibit| Job { exhibit, objects: Vec::new(), entries: Vec::new() };
        let mut others = Vec::new();
        for file in files.all() {
            match file.path.part().filter(|_| frame.newer_format.is_none()) {
                Some(Part::Entry(Subject::Exhibit(exhibit), number, kind)) => {
                    jobs.entry(exhibit).or_insert_with(|| new(exhibit)).entries.push((number, kind, file));
                }
                // Of a bundle that is not understood, all files are compared with the manifests, and with nothing else.
                Some(Part::Object(_) | Part::Aid | Part::Addition | Part::Foreign(_) | Part::Later(_)) | None => {
                    others.push(file);
                }
                // These were read with the frame.
                Some(Part::Required | Part::Completeness | Part::Entry(Subject::Agents, ..) | Part::Letter(_)) => {}
            }
        }
        let listed = frame.tag.files().iter().filter(|_| frame.newer_format.is_none());
        let listed = listed.filter_map(|(path, _)| match path.part() {
            Some(Part::Entry(Subject::Exhibit(exhibit), ..)) => Some(exhibit),
            _ => None,
        });
        for exhibit in listed {
            jobs.entry(exhibit).or_insert_with(|| new(exhibit));
        }
        others.retain(|file| match exhibit_of(&file.path).and_then(|exhibit| jobs.get_mut(&exhibit)) {
            Some(job) => {
                job.objects.push(file);
                false
            }
            None => true,
        });
        Self { exhibits: jobs.into_values().collect(), others }
    }

    /// The files of this exhibit.
    pub fn exhibit(&self, exhibit: ExhibitId) -> Option<&Job<'a>> {
        let place = self.exhibits.binary_search_by_key(&exhibit, |job| job.exhibit).ok()?;
        self.exhibits.get(place)
    }

    /// All exhibits.
    pub fn exhibits(&self) -> &[Job<'a>] {
        &self.exhibits
    }

    /// The piece with this number.
    pub fn get(&self, number: usize) -> Option<Task<'_>> {
        match self.exhibits.get(number) {
            Some(job) => Some(Task::Exhibit(job)),
            None => self.others.get(number - self.exhibits.len()).map(|file| Task::Other(file)),
        }
    }
}

impl Task<'_> {
    /// Checks it; an exhibit has a report.
    pub fn check(&self, files: &Files<'_>, frame: &Frame, findings: &Mutex<Findings>) -> Option<ExhibitReport> {
        let mut add = |finding| {
            // A poisoned lock means that another thread panicked, which the scope passes on.
            if let Ok(mut findings) = findings.lock() {
                findings.add(finding);
            }
        };
        match self {
            Self::Exhibit(job) => Some(job.check(files, frame, &mut add)),
            Self::Other(file) => {
                check_other(file, files, frame, &mut add);
                None
            }
        }
    }
}

/// A file that no exhibit needs.
fn check_other(file: &File, files: &Files<'_>, frame: &Frame, add: &mut dyn FnMut(Finding)) {
    let manifest = if file.path.is_payload() { &frame.payload } else { &frame.tag };
    if file.path.is_payload() && frame.newer_format.is_none() {
        let message =
            ("no exhibit of the bundle has this object", "제출 묶음의 어느 증거물에도 속하지 않는 원본 객체입니다");
        add(Finding::new(Code::BundleObjectUnnamed, file.path.as_str(), message));
    }
    // Nothing says what is in it.
    if file.path.is_stamp() {
        return;
    }
    match files.read(file, 0) {
        Ok(Some(content)) => {
            let code = if file.path.is_for_people() { Code::BundleAidChanged } else { Code::BundleFileChanged };
            check_listed(manifest, &file.path, content.digest, code, add);
        }
        Ok(None) => {}
        Err(error) => add(Finding::new(Code::BundleFileUnreadable, file.path.as_str(), unreadable(&error))),
    }
}

impl Job<'_> {
    /// Whether any file about it is there.
    pub fn is_there(&self) -> bool {
        !self.entries.is_empty() || !self.objects.is_empty()
    }

    fn check(&self, files: &Files<'_>, frame: &Frame, add: &mut dyn FnMut(Finding)) -> ExhibitReport {
        let mut report = ExhibitReport::new(self.exhibit);
        let mut foreign = Vec::new();
        // Without a checkpoint that holds, the bundle as a whole has failed; objects still have their manifest.
        let ingest = frame.checkpoint.as_ref().and_then(|head| {
            let mut each = |proved: Proved| foreign.extend(ForeignReport::named_by(&proved.entry));
            self.check_entries(files, frame, head, &mut report, &mut each, add)
        });
        report.foreign = foreign;
        if let Some((body, _)) = &ingest {
            report.object = Some(body.object);
            report.size_bytes = Some(body.size_bytes);
            report.media_type.clone_from(&body.media_type);
        }
        self.check_objects(files, frame, ingest.as_ref().map(|(body, _)| body), add);
        report
    }

    /// Checks the entries in the order of their numbers, and hands on each that is in the log. Returns what the
    /// ingest says.
    pub fn check_entries(
        &self,
        files: &Files<'_>,
        frame: &Frame,
        checkpoint: &SignedCheckpoint,
        report: &mut ExhibitReport,
        each: &mut dyn FnMut(Proved),
        add: &mut dyn FnMut(Finding),
    ) -> Option<(ExhibitIngested, EntryIndex)> {
        let subject = Subject::Exhibit(self.exhibit);
        let context = frame.context(files, checkpoint);
        let mut by_number: BTreeMap<u64, EntryFiles<'_>> = BTreeMap::new();
        for (number, kind, file) in &self.entries {
            by_number.entry(*number).or_default().insert(*kind, file);
        }
        let mut ingest: Option<(ExhibitIngested, EntryIndex)> = None;
        let mut last_index = None;
        let mut moves = Moves::default();
        let receipt = |number| BundlePath::entry(subject, number, EntryFile::Receipt);
        for (place, (number, entry_files)) in (0..).zip(&by_number) {
            if place != *number {
                let message = text!(
                    "an entry is missing: {place} is followed by {number}",
                    "빠진 기록 항목이 있습니다: {place}번이 있어야 할 자리에 {number}번이 있습니다"
                );
                let place = receipt(*number);
                add(finding(Code::BundleEntrySequence, &place, message));
                break;
            }
            report.entries += 1;
            let Some(mut proved) = context.prove(subject, *number, entry_files, add) else { continue };
            let place = receipt(*number);
            if let Err(message) = self.check_place(&proved, *number, last_index) {
                add(finding(Code::BundleEntrySequence, &place, message));
            }
            if let (Event::CopyIssued(body), Some((ingest, _))) = (&proved.entry.entry.event, &ingest)
                && body.object != ingest.object
            {
                add(finding(Code::EntryOrder, &place, OTHER_OBJECT));
            }
            note_move(&proved.entry.entry.event, || &mut moves);
            if let Event::CustodyPassed(body) = &proved.entry.entry.event
                && let Err(Broken(message)) = moves.check(body)
            {
                add(finding(Code::EntryOrder, &place, message));
            }
            report.has_not_understood |= proved.entry.entry.event.not_understood().is_some();
            report.has_newer |= proved.entry.entry.event.has_newer_format();
            self.judge_passing(&mut proved, frame, report, add);
            let entry = &proved.entry.entry;
            last_index = Some(entry.index);
            report.places.push(proved.place());
            report.said.extend(Said::of(&proved));
            report.signatures += proved.check_signatures(&frame.signers, add);
            proved.check_approvals(&frame.signers, add);
            let (disclosed, withheld) = proved.fields();
            report.disclosed_fields += disclosed;
            report.withheld_fields += withheld;
            if let (Event::ExhibitIngested(body), 0) = (&entry.event, *number) {
                report.ingested_at = Some(entry.recorded_at);
                ingest = Some((body.clone(), entry.index));
            }
            each(proved);
        }
        if by_number.is_empty() {
            let message = ("no entry about the exhibit is there", "증거물에 관한 기록 항목이 없습니다");
            add(finding(Code::BundleEntrySequence, &receipt(0), message));
        }
        ingest
    }

    /// Where the entry says that custody passed, finds what there is of the other side's word.
    fn judge_passing(
        &self,
        proved: &mut Proved,
        frame: &Frame,
        report: &mut ExhibitReport,
        add: &mut dyn FnMut(Finding),
    ) {
        let Event::CustodyPassed(body) = &proved.entry.entry.event else { return };
        report.letters.insert(body.letter);
        let own = frame.archive.as_ref().map(ArchiveIdentity::fingerprint);
        let mut add = |finding| add(Finding { exhibit: Some(self.exhibit), ..finding });
        let passing = frame.letters.judge(body, &proved.disclosed, own, &mut add);
        proved.other_side = Some(passing.other_side);
        report.passings.push(passing);
    }

    /// Whether the entry is the one of this number in the exhibit's history.
    fn check_place(&self, proved: &Proved, number: u64, last_index: Option<EntryIndex>) -> Result<(), Text> {
        let entry = &proved.entry.entry;
        if entry.exhibit != Some(self.exhibit) {
            return Err(text!("its entry is not about this exhibit", "이 증거물에 관한 기록 항목이 아닙니다"));
        }
        if entry.exhibit_sequence != Some(number) {
            return Err(text!(
                "its entry is not the one with the number {number} about the exhibit",
                "이 증거물에 관한 {number}번 기록 항목이 아닙니다"
            ));
        }
        if last_index.is_some_and(|last| entry.index <= last) {
            return Err(text!(
                "its entry comes earlier in the log than the one before it",
                "기록 항목이 앞에 있는 것보다 먼저의 것입니다"
            ));
        }
        Ok(())
    }

    /// Checks that there is one object, and that it is the one that was ingested.
    fn check_objects(
        &self,
        files: &Files<'_>,
        frame: &Frame,
        ingest: Option<&ExhibitIngested>,
        add: &mut dyn FnMut(Finding),
    ) {
        if self.objects.len() != 1 {
            let place = format!("data/{}", self.exhibit);
            let mut finding = Finding::new(
                Code::BundleObjectMissing,
                place,
                text!(
                    "there are {count} objects of this exhibit; there must be one",
                    "이 증거물의 원본 객체가 {count}개입니다. 하나여야 합니다";
                    count = self.objects.len()
                ),
            );
            finding.exhibit = Some(self.exhibit);
            add(finding);
        }
        for file in &self.objects {
            let content = match files.read(file, 0) {
                Ok(Some(content)) => content,
                Ok(None) => continue,
                Err(error) => {
                    add(finding(Code::BundleFileUnreadable, &file.path, unreadable(&error)));
                    continue;
                }
            };
            check_listed(&frame.payload, &file.path, content.digest, Code::BundleFileChanged, add);
            // Of a sealed exhibit, the ingest names what lies in the archive, and the bundle holds what is sealed in it.
            let Some((body, media_type)) = ingest.and_then(|body| Some((body, body.media_type.as_ref()?))) else {
                continue;
            };
            let named = BundlePath::object(self.exhibit, media_type);
            if file.path != named {
                let message = text!(
                    "of the media type {media_type}, it is called {named}",
                    "매체 유형 {media_type}에 맞는 이름은 다음과 같습니다: {named}"
                );
                add(finding(Code::BundleObjectEnding, &file.path, message));
            }
            if content.digest != body.object {
                let message = text!(
                    "it has the SHA-256 {found}; {ingested} was ingested",
                    "SHA-256: {found}. 수록된 파일의 SHA-256: {ingested}";
                    found = content.digest, ingested = body.object
                );
                add(finding(Code::BundleObjectChanged, &file.path, message));
            }
            if content.size_bytes != body.size_bytes {
                let message = text!(
                    "it has {found} bytes; {ingested} were ingested",
                    "{found}바이트입니다. 수록된 파일은 {ingested}바이트입니다";
                    found = content.size_bytes, ingested = body.size_bytes
                );
                add(finding(Code::BundleObjectSize, &file.path, message));
            }
        }
    }
}
