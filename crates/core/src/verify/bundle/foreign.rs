//! The histories that exhibits of a bundle had in other archives, in the dossiers of `foreign/`.
//!
//! A dossier is what somebody else says, handed on by the sender of the bundle. It is read once, whole, however often it is
//! named; so a check costs what the bundle weighs, and a dossier that is to cost more costs its sender as much.
//!
//! The order of the visits is that of [`walk`](super::walk). Here, the walk follows each exhibit separately, one history at
//! a time: a finding must be reported for every exhibit that it concerns. That costs no further reading, since each dossier
//! is read once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::dossier::DossierBundle;
use super::exhibit_report::{ExhibitReport, ForeignReport};
use super::files::{File, Files, too_large, unreadable};
use super::findings::Findings;
use super::frame::Frame;
use super::history::{DossierReport, Outline, Unread, read_dossier};
use super::passing::OtherSide;
use super::walk::{Name, Walk};
use crate::digest::Digest;
use crate::format::bundle::{BundlePath, Part};
use crate::language::{Text, text};
use crate::model::{Direction, ExhibitId};
use crate::verify::shown::{KnownLogs, LogView, told_of_namesake};
use crate::verify::{Code, Finding, Watch};

/// A dossier in a bundle has at most so many bytes: while it is checked, it is kept in memory.
pub const MAX_FOREIGN_BYTES: u64 = 512 * 1024 * 1024;

/// So many exhibits of a bundle may come, by whatever ways, from one exhibit of another bundle. Otherwise many exhibits in
/// a small bundle could share one long history, and each be told all of it.
pub const MAX_SHARING: usize = 64;

/// What the dossiers of a bundle show.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// Of their logs.
    pub logs: Vec<LogView>,
    /// How many entries were checked in them.
    pub entries: u64,
}

/// A dossier as far as it could be read.
struct Dossier {
    path: BundlePath,
    /// What it says; or why it cannot be read.
    read: Result<DossierReport, Unread>,
    /// How many exhibits of the bundle came, by whatever ways, from each exhibit in it.
    sharing: BTreeMap<ExhibitId, usize>,
    /// The exhibits of the bundle that came in it.
    came_in: BTreeSet<usize>,
}

/// Checks the histories that the exhibits' entries name, those that these name, and so on. What is wrong with one of
/// them, or with its dossier, is wrong with the exhibit that came in it. What each dossier proves of its log, which is
/// returned, is compared with what the bundle and the other dossiers prove of theirs. A dossier that no entry names is no
/// part of any history, and is not read.
pub(super) fn check(
    files: &Files<'_>,
    frame: &Frame,
    exhibits: &mut [ExhibitReport],
    findings: &mut Findings,
    watch: &dyn Watch,
) -> Elsewhere {
    let mut dossiers: HashMap<Digest, Dossier> = HashMap::new();
    // A stop is the number of an exhibit, and a place among the histories in its report, which stand in the order of the
    // visits. So what is added to the walk must be added to the report, and nothing else.
    let mut walk: Walk<(usize, Name), (usize, usize)> = Walk::default();
    for (number, exhibit) in exhibits.iter_mut().enumerate() {
        let mut place = 0;
        exhibit.foreign.retain(|one| {
            let is_new = walk.add((number, (one.bundle, one.exhibit)), (number, place));
            place += usize::from(is_new);
            is_new
        });
    }
    while let Some((number, place)) = walk.next_stop() {
        if watch.is_stopped() {
            return Elsewhere::default();
        }
        let exhibit = &mut exhibits[number];
        let bundle = exhibit.foreign[place].bundle;
        let path = BundlePath::foreign(bundle);
        let Some(file) = files.get(&path) else { continue };
        // Read whole, for all exhibits: a dossier costs its size once, however many histories lead to it.
        let dossier = dossiers.entry(bundle).or_insert_with(|| Dossier {
            read: read(files, file, watch).unwrap_or_else(|reason| Err(unread(&file.path, reason))),
            path,
            sharing: BTreeMap::new(),
            came_in: BTreeSet::new(),
        });
        for name in take(number, exhibit, place, dossier, findings) {
            if walk.add((number, name), (number, exhibit.foreign.len())) {
                exhibit.foreign.push(ForeignReport::new(name.0, name.1));
            }
        }
    }
    // An entry or a dossier that is not understood may name others.
    let is_newer = |unread: &Unread| unread.findings.iter().any(|found| found.code == Code::BundleNotUnderstood);
    let may_name_others = exhibits.iter().any(|exhibit| exhibit.has_not_understood)
        || dossiers.values().any(|dossier| match &dossier.read {
            Ok(report) => report.exhibits.values().any(|outline| !outline.is_understood()),
            Err(unread) => is_newer(unread),
        });
    for file in files.all().iter().filter(|_| !may_name_others) {
        if matches!(file.path.part(), Some(Part::Foreign(bundle)) if !dossiers.contains_key(&bundle)) {
            let message = (
                "no entry names this dossier: it is the history of no exhibit here, nothing in it is believed, and an import \
                 does not keep it",
                "어느 기록 항목도 이 인수 기록철을 가리키지 않습니다. 여기 있는 증거물의 이력이 아니고, 그 내용을 믿지 않으며, \
                 인수할 때 보존하지 않습니다",
            );
            findings.add(Finding::new(Code::BundleFileForeign, file.path.as_str(), message));
        }
    }
    let mut dossiers: Vec<_> = dossiers.into_values().collect();
    dossiers.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    dossiers.iter().for_each(|dossier| object_to_the_rest(dossier, exhibits, findings));
    let reports = dossiers.iter().filter_map(|dossier| dossier.read.as_ref().ok());
    let entries: u64 = reports.map(|report| report.exhibits.values().map(|outline| outline.entries).sum::<u64>()).sum();
    Elsewhere { logs: compare_logs(dossiers, frame, exhibits, findings), entries }
}

/// Takes in the history that an exhibit's entries, or those of another history of it, name at this place. Returns what
/// its entries name.
fn take(
    number: usize,
    exhibit: &mut ExhibitReport,
    place: usize,
    dossier: &mut Dossier,
    findings: &mut Findings,
) -> Vec<Name> {
    let about = exhibit.exhibit;
    // Sealed, it has another digest than what was sealed.
    let object = exhibit.object.filter(|_| exhibit.media_type.is_some());
    let is_own_unclear = object.is_none() && (exhibit.object.is_some() || exhibit.has_not_understood);
    let told = &mut exhibit.foreign[place];
    let Dossier { path, read, sharing, came_in } = dossier;
    told.is_there = true;
    let mut object_to = |code, message: Text| {
        let mut finding = Finding::new(code, path.as_str(), message);
        finding.exhibit = Some(about);
        findings.add(finding);
    };
    let is_first = came_in.insert(number);
    let report = match read {
        Ok(report) => report,
        Err(Unread { bundle, findings: found }) => {
            if let Some(bundle) = bundle.filter(|bundle| *bundle != told.bundle) {
                object_to(Code::BundleForeign, of_other_bundle(bundle));
            }
            let is_newer = found.iter().any(|found| found.code == Code::BundleNotUnderstood);
            for found in found.iter().take(if is_newer { usize::MAX } else { 1 }) {
                match found.code {
                    Code::BundleNotUnderstood => object_to(Code::BundleForeignNotUnderstood, found.message.clone()),
                    code if is_newer => {
                        let (place, message) = (found.place.text(), &found.message);
                        object_to(code, text!([place, message] "{place}: {message}", "{place}: {message}"));
                    }
                    _ => object_to(Code::BundleForeign, found.message.clone()),
                }
            }
            return Vec::new();
        }
    };
    let sharing = sharing.entry(told.exhibit).or_default();
    *sharing += 1;
    if *sharing > MAX_SHARING {
        object_to(
            Code::BundleForeign,
            text!(
                "more than {MAX_SHARING} exhibits of this bundle are said to come from {exhibit}",
                "이 제출 묶음의 증거물 가운데 {exhibit}에서 나왔다는 것이 {MAX_SHARING}건을 넘습니다";
                exhibit = told.exhibit
            ),
        );
        return Vec::new();
    }
    let is_named = report.bundle == told.bundle;
    if !is_named {
        object_to(Code::BundleForeign, of_other_bundle(report.bundle));
    }
    let missing = Outline::default();
    let outline = report.exhibits.get(&told.exhibit).unwrap_or(&missing);
    let is_theirs_unclear = outline.object.is_none() && (outline.is_sealed || !outline.is_understood());
    let is_it = outline.object == object && object.is_some();
    if !is_it && !is_own_unclear && !is_theirs_unclear {
        let message = text!(
            "it does not hold the ingest of this object as {exhibit}",
            "이 원본 객체가 {exhibit}의 이름으로 수록된 기록이 없습니다";
            exhibit = told.exhibit
        );
        object_to(Code::BundleForeign, message);
    }
    // Who offers a bundle is the archive that it is from.
    let of_another = exhibit.passings.iter_mut().filter(|passing| {
        let is_with_it = (passing.direction, passing.bundle) == (Direction::In, report.bundle);
        is_with_it && passing.by.as_ref().is_some_and(|by| by.fingerprint() != report.archive.fingerprint())
    });
    for passing in of_another.filter(|_| is_named) {
        let letter = BundlePath::letter(passing.letter);
        let message = text!(
            "it is by another archive than the bundle that it offers, which is from {origin}",
            "서신이 제안하는 제출 묶음은 다른 보존소({origin})의 것입니다";
            origin = report.archive.origin()
        );
        let mut finding = Finding::new(Code::BundleLetterWrong, letter.as_str(), message);
        finding.exhibit = Some(about);
        findings.add(finding);
        (passing.other_side, passing.by) = (OtherSide::LetterDoesNotHold, None);
    }
    told.entries = outline.entries;
    told.origin = Some(report.archive.origin().clone());
    told.fingerprint = Some(report.archive.fingerprint());
    let of_the_whole = report.findings.iter().filter(|_| is_first);
    of_the_whole.chain(&outline.findings).for_each(|finding| findings.add_within(path, about, finding));
    // A bundle that could name itself would have no end.
    if is_named { outline.received.iter().copied().collect() } else { Vec::new() }
}

/// What is wrong with a part of a dossier that no entry names is wrong with the dossier: somebody changed it.
fn object_to_the_rest(dossier: &Dossier, exhibits: &[ExhibitReport], findings: &mut Findings) {
    let Ok(report) = &dossier.read else { return };
    let rest = report.exhibits.iter().filter(|(exhibit, outline)| {
        // One that was left out may lack.
        outline.is_there && !dossier.sharing.contains_key(exhibit)
    });
    for finding in rest.flat_map(|(_, outline)| &outline.findings) {
        dossier
            .came_in
            .iter()
            .for_each(|&number| findings.add_within(&dossier.path, exhibits[number].exhibit, finding));
    }
}

/// Compares what the bundle and its dossiers prove of their logs.
fn compare_logs(
    dossiers: Vec<Dossier>,
    frame: &Frame,
    exhibits: &[ExhibitReport],
    findings: &mut Findings,
) -> Vec<LogView> {
    let mut known = KnownLogs::default();
    // Only where there are dossiers: in a large bundle, it is much to reckon.
    if let Some(own) = frame.log_view(exhibits).filter(|_| !dossiers.is_empty()) {
        known.add(&own, false);
    }
    let mut logs = Vec::new();
    for Dossier { path, read, came_in, .. } in dossiers {
        let Some(log) = read.ok().and_then(|report| report.log) else { continue };
        if let Some(objection) = known.against(&log) {
            for number in came_in {
                findings.add(Finding { exhibit: Some(exhibits[number].exhibit), ..objection.clone() });
            }
        }
        if let Some(other) = known.namesake(&log.archive) {
            findings.add(told_of_namesake(path.as_str(), &log.archive, other));
        }
        known.add(&log, false);
        logs.push(log);
    }
    logs
}

/// Reads a dossier that lies in a bundle.
fn read(files: &Files<'_>, file: &File, watch: &dyn Watch) -> Result<Result<DossierReport, Unread>, Text> {
    if file.size_bytes > MAX_FOREIGN_BYTES {
        return Err(too_large(file.size_bytes, MAX_FOREIGN_BYTES));
    }
    let keep_bytes = usize::try_from(file.size_bytes).unwrap_or(usize::MAX);
    let content = files.read(file, keep_bytes).map_err(|error| unreadable(&error))?;
    let content = content.ok_or(("it was stopped", "중단되었습니다"))?;
    let dossier = DossierBundle::open(Arc::new(content.bytes), 0, content.size_bytes);
    let dossier = dossier.map_err(|error| unreadable(&error))?;
    read_dossier(&dossier, &file.path, &OnlyStops(watch)).map_err(|error| unreadable(&error))
}

/// A dossier that cannot be read as one.
fn unread(path: &BundlePath, reason: Text) -> Unread {
    Unread { bundle: None, findings: vec![Finding::new(Code::BundleForeign, path.as_str(), reason)] }
}

/// What is said of a dossier that is another one than its name says.
fn of_other_bundle(bundle: Digest) -> Text {
    text!("it is the dossier of the bundle {bundle}", "다른 제출 묶음({bundle})의 인수 기록철입니다")
}

/// What lies in a dossier was counted with the dossier.
struct OnlyStops<'a>(&'a dyn Watch);

impl Watch for OnlyStops<'_> {
    fn is_stopped(&self) -> bool {
        self.0.is_stopped()
    }
}
