//! The dossiers of other archives' bundles, as far as they are handed on.
//!
//! A dossier holds what its sender disclosed to this archive, of all exhibits that came with it. Handed on is only
//! what is about the exhibits of the new bundle; and of the disclosed fields, only files in which the policy discloses
//! every one, since a part of a file would not have the SHA-256 that its manifest says. Everything else is left out
//! whole, and its digests in the manifest, which are salted, tell nothing of it.
//!
//! A value that was corrected later is withheld, as those of this archive's own entries are: see [`Chain`].
//!
//! The manifest itself names every exhibit that came in that bundle, with its object. So where exhibits of a collection
//! are left out, a dossier that names one of them is not handed on at all.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::io;
use std::ops::ControlFlow;

use super::disclosure::DisclosurePolicy;
use super::plan::ExportPlan;
use crate::archive::{Archive, ArchiveError};
use crate::digest::Digest;
use crate::format::Entry;
use crate::format::bundle::dossier::{self, DossierFile};
use crate::format::bundle::{BundlePath, EntryFile, MANIFEST, MAX_MANIFEST_BYTES, Manifest, Part, Subject};
use crate::format::fields::{self, MAX_FIELDS_BYTES};
use crate::format::volume::{BLOCK_BYTES, padding_bytes};
use crate::model::{Disclosure, Event, EventKind, ExhibitId, FieldName, FieldValue, Origin};
use crate::verify::Unwatched;
use crate::verify::bundle::{BundleFiles as _, DossierBundle, read_histories};

/// What is handed on of a dossier.
#[derive(Clone)]
pub struct PlannedDossier {
    /// The bundle that it is of.
    pub bundle: Digest,
    /// Where it is read from: the dossier, or parts of it that came with different exhibits.
    dossiers: Vec<DossierBundle>,
    /// The files that are handed on: in which of the dossiers, and at which place there.
    kept: BTreeMap<BundlePath, (usize, usize)>,
}

impl std::fmt::Debug for PlannedDossier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlannedDossier").field("bundle", &self.bundle).field("kept", &self.kept).finish_non_exhaustive()
    }
}

impl PlannedDossier {
    /// Its size.
    pub fn size_bytes(&self) -> u64 {
        let size = |file: &DossierFile| BLOCK_BYTES + file.size_bytes + padding_bytes(file.size_bytes);
        self.files().map(|(.., file)| size(file)).sum::<u64>() + dossier::DOSSIER_END.len() as u64
    }

    fn files(&self) -> impl Iterator<Item = (&DossierBundle, usize, &DossierFile)> {
        self.kept.values().filter_map(|&(number, place)| {
            let dossier = self.dossiers.get(number)?;
            Some((dossier, place, dossier.files().get(place)?))
        })
    }

    /// Writes it, piece by piece.
    pub fn write(&self, out: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        for (dossier, place, file) in self.files() {
            let too_large = || io::Error::other(format!("{} is too large for a dossier", file.path));
            out(&dossier::header(&file.path, file.size_bytes).ok_or_else(too_large)?)?;
            let mut written = Ok(());
            dossier.read(place, &mut |piece| {
                written = out(piece);
                if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            written?;
            out(&dossier::padding(file.size_bytes))?;
        }
        out(&dossier::DOSSIER_END)
    }
}

/// A history that a bundle does not take along: the dossier that holds it names an exhibit that is left out.
#[derive(Debug, Clone, serde::Serialize)]
pub struct HistoryNotHandedOn {
    /// The bundle that the dossier is of.
    pub bundle: Digest,
    /// The archive that the bundle is from.
    pub origin: Origin,
    /// How many exhibits of the plan have a history in it.
    pub exhibits: u64,
}

/// What is decided about the dossiers behind a plan.
pub(super) struct ForeignPlan {
    pub handed_on: Vec<PlannedDossier>,
    pub not_handed_on: Vec<HistoryNotHandedOn>,
}

/// A dossier with the exhibits that are wanted from it, each with those of this archive that it has become.
type Wanted = BTreeMap<Digest, (DossierBundle, Names)>;
type Names = BTreeMap<ExhibitId, BTreeSet<ExhibitId>>;

/// Those that are behind one that this archive received stand in it, beside each other; and by how many archives they
/// came.
type WantedIn = (Option<(Digest, DossierBundle)>, u64, Wanted);

/// A value that an entry gives a field of an exhibit.
struct Stated {
    /// 0 for this archive's own entries, 1 for those of the archive that it had the exhibit from, and so on.
    depth: u64,
    /// What the exhibit is called in the log of the entry.
    exhibit: ExhibitId,
    sequence: u64,
    kind: EventKind,
    name: FieldName,
    value: FieldValue,
}

/// What all logs say of the exhibits, by what they are called in this archive.
#[derive(Default)]
struct Chain(BTreeMap<ExhibitId, Vec<Stated>>);

impl Chain {
    fn add(&mut self, own: ExhibitId, depth: u64, entry: &Entry, fields: &[Disclosure]) {
        let (kind, exhibit, sequence) = (entry.event.kind(), entry.exhibit, entry.exhibit_sequence);
        let (true, Some(exhibit), Some(sequence)) = (kind.describes_an_exhibit(), exhibit, sequence) else { return };
        let stated = fields.iter().map(|field| Stated {
            depth,
            exhibit,
            sequence,
            kind,
            name: field.name().clone(),
            value: field.value().clone(),
        });
        self.0.entry(own).or_default().extend(stated);
    }

    /// The fields, by the exhibit and the number of the entry about it, that another value replaced: a later one in the
    /// same log, or one that an archive behind it in the chain of custody gave.
    fn replaced(&self) -> BTreeSet<(ExhibitId, u64, FieldName)> {
        let mut replaced = BTreeSet::new();
        for statements in self.0.values() {
            let mut by_name: BTreeMap<&FieldName, Vec<&Stated>> = BTreeMap::new();
            for stated in statements {
                by_name.entry(&stated.name).or_default().push(stated);
            }
            for same in by_name.values() {
                // The newest value that each log gives the field.
                let mut newest: BTreeMap<ExhibitId, &Stated> = BTreeMap::new();
                for stated in same {
                    let known = newest.entry(stated.exhibit).or_insert(stated);
                    if known.sequence < stated.sequence {
                        *known = stated;
                    }
                }
                let replaces = |newer: &Stated, old: &Stated| {
                    // An ingest there names the file as it came; only a description corrects.
                    let corrects = newer.depth < old.depth && newer.kind == EventKind::ExhibitDescribed;
                    newer.value != old.value && (newer.exhibit == old.exhibit || corrects)
                };
                let old = same.iter().filter(|old| newest.values().any(|newer| replaces(newer, old)));
                replaced.extend(old.map(|old| (old.exhibit, old.sequence, old.name.clone())));
            }
        }
        replaced
    }
}

impl Archive {
    /// The dossiers that hold the histories of the plan's exhibits in other archives, what is kept of each, and which
    /// are not handed on since they name an exhibit that has one of the objects that are left out. Counts the fields
    /// that are disclosed and withheld in those that are handed on.
    pub(super) fn plan_foreign(
        &self,
        plan: &mut ExportPlan,
        left_out: &HashSet<Digest>,
    ) -> Result<ForeignPlan, ArchiveError> {
        let mut chain = Chain::default();
        let mut next: VecDeque<WantedIn> = [(None, 1, self.named_by_own_entries(plan, &mut chain)?)].into();
        // A chain may fork and meet again; each history is read once in each dossier that this archive received, by the
        // shortest way.
        let mut seen = HashSet::new();
        let mut all: BTreeMap<Digest, (Vec<DossierBundle>, BTreeSet<ExhibitId>)> = BTreeMap::new();
        let mut telling: BTreeMap<Digest, (Origin, BTreeSet<ExhibitId>)> = BTreeMap::new();
        while let Some((outermost, depth, wanted)) = next.pop_front() {
            for (bundle, (dossier, mut names)) in wanted {
                let (outer_bundle, outer) = outermost.clone().unwrap_or_else(|| (bundle, dossier.clone()));
                for (name, own) in &mut names {
                    own.retain(|own| seen.insert((outer_bundle, bundle, *name, *own)));
                }
                names.retain(|_, own| !own.is_empty());
                if names.is_empty() {
                    continue;
                }
                // Also where it stays behind: a value that it corrects must not go out in another one.
                let behind = named_by(bundle, &dossier, &names, &outer, depth, &mut chain)?;
                if !left_out.is_empty() && names_left_out(bundle, &dossier, &names, left_out)? {
                    // What is behind it is named by nothing else that is handed on.
                    telling
                        .entry(bundle)
                        .or_insert((origin_of(bundle, &dossier)?, BTreeSet::new()))
                        .1
                        .extend(names.keys());
                    continue;
                }
                let (dossiers, known) = all.entry(bundle).or_default();
                dossiers.push(dossier.clone());
                known.extend(names.keys());
                if !behind.is_empty() {
                    next.push_back((Some((outer_bundle, outer)), depth + 1, behind));
                }
            }
        }
        all.retain(|bundle, _| !telling.contains_key(bundle));
        let replaced = chain.replaced();
        let handed_on =
            all.into_iter().map(|(bundle, (dossiers, names))| reduce(bundle, dossiers, &names, &replaced, plan));
        let handed_on = handed_on.collect::<Result<_, _>>()?;
        let told = |(bundle, (origin, names)): (Digest, (Origin, BTreeSet<ExhibitId>))| HistoryNotHandedOn {
            bundle,
            origin,
            exhibits: names.len() as u64,
        };
        Ok(ForeignPlan { handed_on, not_handed_on: telling.into_iter().map(told).collect() })
    }

    fn named_by_own_entries(&self, plan: &ExportPlan, chain: &mut Chain) -> Result<Wanted, ArchiveError> {
        let mut wanted: Wanted = BTreeMap::new();
        for (exhibit, index) in
            plan.exhibits.iter().flat_map(|one| one.entries.iter().map(|index| (one.exhibit, *index)))
        {
            let logged = self.entry(index)?;
            chain.add(exhibit, 0, &logged.entry.entry, &logged.fields);
            let Event::ExhibitReceived(body) = logged.entry.entry.event else { continue };
            if let Some((_, names)) = wanted.get_mut(&body.bundle) {
                names.entry(body.foreign_exhibit).or_default().insert(exhibit);
                continue;
            }
            let damaged = || ArchiveError::Damaged {
                place: format!("entry {index}"),
                reason: "no entry says that its bundle was received".to_owned(),
            };
            let received = self.index.received(body.bundle)?.ok_or_else(damaged)?;
            let Event::BundleReceived(received) = self.entry(received)?.entry.entry.event else {
                return Err(damaged());
            };
            let dossier = self.dossier(received.dossier)?;
            let names = Names::from([(body.foreign_exhibit, BTreeSet::from([exhibit]))]);
            wanted.insert(body.bundle, (dossier, names));
        }
        Ok(wanted)
    }
}

fn damaged(bundle: Digest, reason: impl ToString) -> ArchiveError {
    ArchiveError::Damaged { place: format!("the dossier of the bundle {bundle}"), reason: reason.to_string() }
}

/// Whether the manifest of a dossier lists one of these objects, other than as that of an exhibit that is wanted. Its
/// bytes tell: an exhibit may be here by another road than this bundle, and is named by it all the same.
fn names_left_out(
    bundle: Digest,
    dossier: &DossierBundle,
    wanted: &Names,
    left_out: &HashSet<Digest>,
) -> Result<bool, ArchiveError> {
    let text = dossier.read_file(MANIFEST, MAX_MANIFEST_BYTES).map_err(|error| damaged(bundle, error))?;
    let manifest = Manifest::parse(&text).map_err(|error| damaged(bundle, error))?;
    let is_wanted =
        |path: &BundlePath| matches!(path.part(), Some(Part::Object(exhibit)) if wanted.contains_key(&exhibit));
    Ok(manifest.files().iter().any(|(path, object)| left_out.contains(object) && !is_wanted(path)))
}

/// The archive that the bundle of a dossier is from.
fn origin_of(bundle: Digest, dossier: &DossierBundle) -> Result<Origin, ArchiveError> {
    Ok(dossier.description().map_err(|error| damaged(bundle, error))?.checkpoint.origin)
}

/// The dossiers that hold the histories of these exhibits behind the one that this dossier holds. What it says of them is
/// added to the chain.
fn named_by(
    bundle: Digest,
    dossier: &DossierBundle,
    names: &Names,
    outermost: &DossierBundle,
    depth: u64,
    chain: &mut Chain,
) -> Result<Wanted, ArchiveError> {
    let listed: Vec<_> = names.keys().copied().collect();
    let read = read_histories(dossier, &listed, &Unwatched).map_err(|error| damaged(bundle, error))?;
    let read = read.map_err(|_| damaged(bundle, "it cannot be read"))?;
    let mut wanted: Wanted = BTreeMap::new();
    for (history, own) in read.iter().zip(names.values()) {
        for exhibit in own {
            history.entries.iter().for_each(|one| chain.add(*exhibit, depth, &one.entry.entry, &one.fields));
        }
        for (behind, name) in history.received() {
            if let Some((_, names)) = wanted.get_mut(&behind) {
                names.entry(name).or_default().extend(own);
                continue;
            }
            // What was not handed on to this archive cannot be handed on by it.
            let nested = outermost.nested(&BundlePath::foreign(behind)).map_err(|error| damaged(bundle, error))?;
            if let Some(nested) = nested {
                wanted.insert(behind, (nested, Names::from([(name, own.clone())])));
            }
        }
    }
    Ok(wanted)
}

/// Decides which files of a dossier, or of the parts of it that are here, are handed on with these exhibits.
fn reduce(
    bundle: Digest,
    dossiers: Vec<DossierBundle>,
    exhibits: &BTreeSet<ExhibitId>,
    replaced: &BTreeSet<(ExhibitId, u64, FieldName)>,
    plan: &mut ExportPlan,
) -> Result<PlannedDossier, ArchiveError> {
    let mut kept = BTreeMap::new();
    let files = |(number, dossier): (usize, &DossierBundle)| {
        let files = dossier.files().to_vec().into_iter().enumerate();
        files.map(move |(place, file)| (number, place, file))
    };
    for (number, place, file) in dossiers.iter().enumerate().flat_map(files) {
        if kept.contains_key(&file.path) {
            continue;
        }
        let is_kept = match file.path.part() {
            Some(Part::Entry(Subject::Exhibit(exhibit), ..)) if !exhibits.contains(&exhibit) => false,
            Some(Part::Entry(subject, entry, EntryFile::Fields)) => {
                let is_replaced = |name: &FieldName| match subject {
                    Subject::Exhibit(exhibit) => replaced.contains(&(exhibit, entry, name.clone())),
                    Subject::Agents => false,
                };
                is_disclosed(&dossiers[number], place, subject, &is_replaced, plan).map_err(|reason| {
                    ArchiveError::Damaged {
                        place: format!("{} in the dossier of the bundle {bundle}", file.path),
                        reason,
                    }
                })?
            }
            Some(Part::Entry(..) | Part::Required) => true,
            // Texts for people may say of all exhibits what is disclosed of some, and a statement of completeness names
            // them. Dossiers within it stand beside it.
            Some(Part::Completeness | Part::Aid | Part::Addition | Part::Foreign(_) | Part::Object(_)) | None => false,
        };
        if is_kept {
            kept.insert(file.path, (number, place));
        }
    }
    Ok(PlannedDossier { bundle, dossiers, kept })
}

/// Whether every field of a file is disclosed. Counts them.
fn is_disclosed(
    dossier: &DossierBundle,
    place: usize,
    subject: Subject,
    is_replaced: &dyn Fn(&FieldName) -> bool,
    plan: &mut ExportPlan,
) -> Result<bool, String> {
    if dossier.files()[place].size_bytes > MAX_FIELDS_BYTES as u64 {
        return Err("it is too large".to_owned());
    }
    let mut line = Vec::new();
    let mut take = |piece: &[u8]| {
        line.extend_from_slice(piece);
        ControlFlow::Continue(())
    };
    dossier.read(place, &mut take).map_err(|error| error.to_string())?;
    let disclosures = fields::parse_line(&line).map_err(|error| error.to_string())?;
    let kind = match subject {
        Subject::Agents => EventKind::AgentAdded,
        Subject::Exhibit(_) => EventKind::ExhibitDescribed,
    };
    let may_be = |field: &Disclosure| {
        let (policy, name) = (&plan.policy, field.name());
        policy.discloses(kind, field) && (policy.discloses_earlier(name) || !is_replaced(name))
    };
    let is_disclosed = disclosures.iter().all(may_be);
    for field in &disclosures {
        let counts = if is_disclosed { &mut plan.disclosed } else { &mut plan.withheld };
        *counts.entry(DisclosurePolicy::called(kind, field.name()).to_owned()).or_default() += 1;
    }
    Ok(is_disclosed)
}
