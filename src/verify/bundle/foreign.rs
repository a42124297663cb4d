//! The histories that exhibits of a bundle had in other archives, in the dossiers of `foreign/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::dossier::DossierBundle;
use super::files::{File, Files};
use super::frame::Frame;
use super::history::{BundleHistory, read_histories};
use super::report::{ExhibitReport, Findings};
use super::shown::LogView;
use crate::digest::Digest;
use crate::format::SignedEntry;
use crate::format::bundle::BundlePath;
use crate::model::{Event, ExhibitId, Origin};
use crate::verify::{Code, Finding, Watch};

/// A dossier in a bundle has at most so many bytes: while it is checked, it is kept in memory.
pub const MAX_FOREIGN_BYTES: u64 = 512 * 1024 * 1024;

/// What a bundle shows of an exhibit's history in another archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForeignReport {
    /// The bundle in which the exhibit came.
    pub bundle: Digest,
    /// What it is called there.
    pub exhibit: ExhibitId,
    /// The archive that the bundle is from, where its dossier is here.
    pub origin: Option<Origin>,
    /// That log's key, which was compared with no key from outside.
    pub log_key: Option<String>,
    /// Entries of that log about it, that were checked.
    pub entries: u64,
    /// Whether the dossier is in the bundle.
    pub is_there: bool,
}

impl ForeignReport {
    /// What an entry names, if it is about an exhibit that was received.
    pub(super) fn named_by(entry: &SignedEntry) -> Option<Self> {
        let Event::ExhibitReceived(body) = &entry.entry.event else { return None };
        Some(Self::new(body.bundle, body.foreign_exhibit))
    }

    const fn new(bundle: Digest, exhibit: ExhibitId) -> Self {
        Self { bundle, exhibit, origin: None, log_key: None, entries: 0, is_there: false }
    }
}

/// Where a history belongs: the exhibit, and its place among the histories of that exhibit.
type Wanted = (usize, usize);

/// So often is one dossier read at the most: by so many archives, one behind the other, the exhibits in it may have come.
/// Otherwise a small bundle could have a large dossier read for ever.
const MAX_READINGS: u8 = 16;

/// Checks the histories that the exhibits' entries name, those that these name, and so on. What is wrong with one of
/// them is wrong with the exhibit that came in it. What each dossier shows of its log, which is returned, is compared with
/// what the bundle and the other dossiers show of theirs.
pub(super) fn check(
    files: &Files<'_>,
    frame: &Frame,
    exhibits: &mut [ExhibitReport],
    findings: &mut Findings,
    watch: &dyn Watch,
) -> Vec<LogView> {
    let mut logs: Vec<LogView> = Vec::new();
    let mut own = None;
    let mut readings: BTreeMap<Digest, u8> = BTreeMap::new();
    let mut named: Vec<Wanted> = Vec::new();
    for (number, exhibit) in exhibits.iter().enumerate() {
        named.extend((0..exhibit.foreign.len()).map(|place| (number, place)));
    }
    // This ends: no bundle can hold the digest of one that holds its own.
    while !named.is_empty() && !watch.is_stopped() {
        // Each dossier is read once for all exhibits that came in it.
        let mut by_bundle: BTreeMap<Digest, Vec<Wanted>> = BTreeMap::new();
        for (number, place) in std::mem::take(&mut named) {
            by_bundle.entry(exhibits[number].foreign[place].bundle).or_default().push((number, place));
        }
        for (bundle, wanted) in by_bundle {
            let Some(file) = files.get(&BundlePath::foreign(bundle)) else { continue };
            let names: Vec<_> = wanted.iter().map(|&(number, place)| exhibits[number].foreign[place].exhibit).collect();
            let readings = readings.entry(bundle).or_default();
            *readings += 1;
            let histories = match *readings {
                ..=MAX_READINGS => read(files, file, &names, watch),
                _ => Err(format!("it is named by dossiers of which more than {MAX_READINGS} are behind each other")),
            };
            match histories {
                Ok(histories) => {
                    if let Some(log) = view(bundle, &histories) {
                        // Only where there are dossiers: in a large bundle, it is much to reckon.
                        let own = own.get_or_insert_with(|| frame.log_view(exhibits));
                        for objection in own.iter().chain(&logs).filter_map(|known| log.against(known)) {
                            for &(number, _) in &wanted {
                                let exhibit = Some(exhibits[number].exhibit);
                                findings.add(Finding { exhibit, ..objection.clone() });
                            }
                        }
                        logs.push(log);
                    }
                    for (&(number, place), history) in wanted.iter().zip(histories) {
                        let exhibit = &mut exhibits[number];
                        let before = exhibit.foreign.len();
                        take(exhibit, place, history, findings);
                        named.extend((before..exhibit.foreign.len()).map(|place| (number, place)));
                    }
                }
                Err(reason) => {
                    for (number, place) in wanted {
                        exhibits[number].foreign[place].is_there = true;
                        findings.add(objection(bundle, &exhibits[number], reason.clone()));
                    }
                }
            }
        }
    }
    logs
}

/// What a dossier shows of its log.
fn view(bundle: Digest, histories: &[BundleHistory]) -> Option<LogView> {
    let first = histories.first()?;
    let place = BundlePath::foreign(bundle);
    let places = histories.iter().flat_map(|history| &history.places);
    Some(LogView::new(place.as_str(), place.as_str(), &first.log_key, (first.size, first.root), places))
}

/// Takes in a history, which an exhibit's entries name at this place.
fn take(exhibit: &mut ExhibitReport, place: usize, history: BundleHistory, findings: &mut Findings) {
    let (bundle, name) = (exhibit.foreign[place].bundle, exhibit.foreign[place].exhibit);
    if history.bundle != bundle {
        findings.add(objection(bundle, exhibit, format!("it is the dossier of the bundle {}", history.bundle)));
    }
    if history.object.is_none() || history.object != exhibit.object {
        findings.add(objection(bundle, exhibit, format!("it does not hold the ingest of this object as {name}")));
    }
    for (bundle, name) in history.received() {
        if !exhibit.foreign.iter().any(|known| (known.bundle, known.exhibit) == (bundle, name)) {
            exhibit.foreign.push(ForeignReport::new(bundle, name));
        }
    }
    for mut finding in history.findings {
        finding.place = format!("{}: {}", BundlePath::foreign(bundle), finding.place);
        finding.exhibit = Some(exhibit.exhibit);
        findings.add(finding);
    }
    let told = &mut exhibit.foreign[place];
    told.is_there = true;
    told.entries = history.entries.len() as u64;
    told.origin = Some(history.origin);
    told.log_key = Some(history.log_key.to_string());
}

fn objection(bundle: Digest, exhibit: &ExhibitReport, message: String) -> Finding {
    let mut finding = Finding::new(Code::BundleForeign, BundlePath::foreign(bundle).as_str(), message);
    finding.exhibit = Some(exhibit.exhibit);
    finding
}

/// Reads the histories of these exhibits from a dossier, in the same order.
fn read(files: &Files<'_>, file: &File, names: &[ExhibitId], watch: &dyn Watch) -> Result<Vec<BundleHistory>, String> {
    if file.size_bytes > MAX_FOREIGN_BYTES {
        return Err(format!("it has {} bytes; at most {MAX_FOREIGN_BYTES} are allowed", file.size_bytes));
    }
    let keep_bytes = usize::try_from(file.size_bytes).unwrap_or(usize::MAX);
    let content = files.read(file, keep_bytes).map_err(|error| error.to_string())?.ok_or("it was stopped")?;
    let dossier = DossierBundle::open(Arc::new(content.bytes), 0, content.size_bytes);
    let dossier = dossier.map_err(|error| error.to_string())?;
    let read = read_histories(&dossier, names, watch).map_err(|error| error.to_string())?;
    read.map_err(|findings| findings.first().map_or_else(String::new, |finding| finding.message.clone()))
}
