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
//!
//! The chain of dossiers is followed as [`walk`](vouchsafe_core::verify::bundle::walk) follows it, but once in each dossier
//! that this archive received: two senders may hand on two parts of one history, and both go out, as one.
//!
//! No dossier, whatever is in it, keeps an exhibit from being exported. One that would fail the bundle's own check is not
//! handed on, and the plan says so and why.

mod chain;
mod planned;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub use planned::{Handed, PlannedDossier};

use super::not_handed_on::{HistoryNotHandedOn, WhyNotHandedOn};
use super::plan::ExportPlan;
use super::planned_letters::Named;
use crate::ArchiveError;
use crate::reader::Reader;
use crate::received::{ReceivedDossier, bundle_received};
use chain::Chain;
use planned::{FieldCounts, Keeping};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::{BundlePath, MANIFEST, MAX_MANIFEST_BYTES, Manifest, Part};
use vouchsafe_core::model::{EntryIndex, ExhibitId, Origin};
use vouchsafe_core::verify::bundle::walk::{Name, Names, Step, Walk, by_bundle, received_in};
use vouchsafe_core::verify::bundle::{
    DossierBundle, Histories, KnownLogs, LogView, MAX_FOREIGN_BYTES, MAX_SHARING, read_histories,
};
use vouchsafe_core::verify::{Severity, Unwatched};

/// What is decided about the dossiers behind a plan.
pub(super) struct ForeignPlan {
    pub handed_on: Vec<PlannedDossier>,
    pub not_handed_on: Vec<HistoryNotHandedOn>,
}

/// Each exhibit of a dossier with those of this archive that it has become.
type Wanted = Step<Place, ExhibitId>;

/// Where a dossier lies, and how it came here.
#[derive(Clone)]
struct Place {
    dossier: ReceivedDossier,
    /// The bundle that this archive received it with.
    outer: Digest,
    /// By how many archives it came.
    depth: u64,
    is_anchored: bool,
}

/// The histories of the exhibits, as they are gathered.
#[derive(Default)]
struct Gathered {
    chain: Chain,
    /// What the exhibits of this archive name.
    roots: BTreeMap<Name, BTreeSet<ExhibitId>>,
    /// What each history names.
    behind: BTreeMap<Name, BTreeSet<Name>>,
    /// The parts of each dossier.
    dossiers: BTreeMap<Digest, Vec<DossierBundle>>,
    logs: Vec<(bool, u64, Digest, LogView)>,
    origins: HashMap<Digest, Origin>,
    /// What is wanted of each dossier.
    named: BTreeMap<Digest, BTreeSet<ExhibitId>>,
    /// The letters that the entries of each history name.
    letters: BTreeMap<Name, BTreeSet<Digest>>,
    refused: BTreeMap<Digest, WhyNotHandedOn>,
}

impl Gathered {
    fn refuse(&mut self, bundle: Digest, reason: WhyNotHandedOn) {
        self.refused.entry(bundle).or_insert(reason);
    }

    /// The histories that the exhibits lead to by dossiers that are handed on, with the exhibits that lead to each: one
    /// more than may share it, at most.
    fn reached(&self) -> BTreeMap<Name, BTreeSet<ExhibitId>> {
        let mut reached: BTreeMap<Name, BTreeSet<ExhibitId>> = BTreeMap::new();
        let mut walk = Walk::default();
        for (name, own) in self.roots.iter().flat_map(|(name, own)| own.iter().map(move |own| (*name, *own))) {
            walk.add((name, own), (name, own));
        }
        while let Some((name, own)) = walk.next_stop() {
            if self.refused.contains_key(&name.0) || !self.dossiers.contains_key(&name.0) {
                continue;
            }
            let sharing = reached.entry(name).or_default();
            // More than too many need not be counted.
            if sharing.len() <= MAX_SHARING && sharing.insert(own) {
                for behind in self.behind.get(&name).into_iter().flatten() {
                    walk.add((*behind, own), (*behind, own));
                }
            }
        }
        reached
    }

    /// Leaves out what cannot stand in one bundle: of dossiers that contradict each other, those whose keys nobody compared.
    fn refuse_what_does_not_fit(&mut self) {
        let mut logs = std::mem::take(&mut self.logs);
        logs.retain(|(_, _, bundle, _)| !self.refused.contains_key(bundle));
        logs.sort_by_key(|(is_anchored, depth, bundle, _)| (!is_anchored, *depth, *bundle));
        let mut known = KnownLogs::default();
        for (is_anchored, _, bundle, log) in &logs {
            match known.against(log) {
                Some(found) => self.refuse(*bundle, WhyNotHandedOn::Contradicts { found: found.message.to_string() }),
                None => known.add(log, *is_anchored),
            }
        }
        for ((bundle, _), sharing) in self.reached() {
            if sharing.len() > MAX_SHARING {
                self.refuse(bundle, WhyNotHandedOn::SharedByTooMany);
            }
        }
    }
}

/// The dossiers that hold the histories of the plan's exhibits in other archives, what is kept of each, and which
/// are not handed on, among them those that name an exhibit that has one of the objects that are left out. Counts the
/// fields that are disclosed and withheld in those that are handed on.
///
/// First everything is gathered that the exhibits lead to, then what does not fit is refused, and only then is decided
/// what is kept. So a value that is corrected anywhere in the chain is known before any dossier is reduced, and it does not
/// depend on the order of the walk what goes out.
pub(super) fn plan_foreign(
    reader: &Reader,
    plan: &mut ExportPlan,
    left_out: &HashSet<Digest>,
) -> Result<ForeignPlan, ArchiveError> {
    let objects: HashMap<_, _> = plan.exhibits.iter().map(|one| (one.exhibit, one.object)).collect();
    let mut gathered = Gathered::default();
    // Each history is visited once in each dossier that this archive received, since another sender may have handed on
    // another part of it; and there, by the shortest way, once for each exhibit that comes from it.
    let mut walk: Walk<(Digest, Name, ExhibitId), Wanted> = Walk::default();
    // More exhibits than one more than may share a history are not followed further. That one shows that they are too many.
    let mut sharing: HashMap<(Digest, Name), usize> = HashMap::new();
    add(named_by_own_entries(reader, plan, &mut gathered)?, &mut walk);
    while let Some(mut wanted) = walk.next_stop() {
        let (bundle, outer) = (wanted.bundle, wanted.place.outer);
        wanted.names.retain(|name, own| {
            let so_far = sharing.entry((outer, (bundle, *name))).or_default();
            own.retain(|_| {
                *so_far += 1;
                *so_far <= MAX_SHARING + 1
            });
            !own.is_empty()
        });
        if wanted.names.is_empty() {
            continue;
        }
        let histories = match read(&wanted) {
            Ok(histories) => histories,
            Err(found) => {
                let is_damaged = reader.is_damaged(wanted.place.dossier.object);
                gathered.named.entry(bundle).or_default().extend(wanted.names.keys());
                gathered.refuse(bundle, WhyNotHandedOn::Unreadable { found, is_damaged });
                continue;
            }
        };
        match take(wanted, histories, &objects, left_out, &mut gathered) {
            Ok(behind) => add(behind, &mut walk),
            Err(reason) => gathered.refuse(bundle, reason),
        }
    }
    gathered.refuse_what_does_not_fit();
    Ok(gathered.reduce(plan))
}

fn add(wanted: Vec<Wanted>, walk: &mut Walk<(Digest, Name, ExhibitId), Wanted>) {
    for Step { bundle, names, place } in wanted {
        let outer = place.outer;
        walk.add_dossier(bundle, names, place, |name, own| (outer, name, own));
    }
}

/// What the entries of the plan's exhibits name.
fn named_by_own_entries(
    reader: &Reader,
    plan: &ExportPlan,
    gathered: &mut Gathered,
) -> Result<Vec<Wanted>, ArchiveError> {
    let (mut named, mut named_at) = (Vec::new(), BTreeMap::new());
    for (exhibit, index) in plan.exhibits.iter().flat_map(|one| one.entries.iter().map(|index| (one.exhibit, *index))) {
        let logged = reader.entry(index)?;
        gathered.chain.add(exhibit, 0, &logged.entry.entry, &logged.fields);
        let Some(name) = received_in(&logged.entry) else { continue };
        named_at.entry(name.0).or_insert(index);
        named.push((name, exhibit));
        gathered.roots.entry(name).or_default().insert(exhibit);
        gathered.named.entry(name.0).or_default().insert(name.1);
    }
    let mut wanted = Vec::new();
    for (bundle, names) in by_bundle(named) {
        let place = received_to_hand_on(reader, named_at[&bundle], bundle, gathered)?;
        wanted.extend(place.map(|place| Step { bundle, names, place }));
    }
    Ok(wanted)
}

/// The dossier of a bundle that was received, as the entry at this index says; none if it cannot be read, which is then
/// noted.
fn received_to_hand_on(
    reader: &Reader,
    index: EntryIndex,
    bundle: Digest,
    gathered: &mut Gathered,
) -> Result<Option<Place>, ArchiveError> {
    let place = format!("entry {index}");
    let (received, object) = bundle_received(reader, bundle, &place)?;
    let partner = received.partner().ok_or_else(|| ArchiveError::Damaged {
        place,
        reason: "the entry about its bundle does not name the archive that it is from".to_owned(),
    })?;
    gathered.origins.insert(bundle, partner.archive.origin().clone());
    match ReceivedDossier::open(reader, object) {
        Ok(dossier) => Ok(Some(Place { dossier, outer: bundle, depth: 1, is_anchored: partner.is_anchored })),
        Err(error) => {
            let (found, is_damaged) = (error.to_string(), reader.is_damaged(object));
            gathered.refuse(bundle, WhyNotHandedOn::Unreadable { found, is_damaged });
            Ok(None)
        }
    }
}

impl Gathered {
    /// What is kept of each dossier.
    ///
    /// What is handed on depends on what is reached, and that on what is handed on. It is decided again until no further
    /// dossier is refused; what is planned then is exactly what is reached by what is planned.
    fn reduce(mut self, plan: &mut ExportPlan) -> ForeignPlan {
        let replaced = self.chain.replaced();
        let mut planned: BTreeMap<Digest, (BTreeSet<ExhibitId>, PlannedDossier)> = BTreeMap::new();
        // What stands behind a dossier that is not handed on, and behind no other, stays behind as well: then less is needed,
        // and nothing that was small enough becomes too large. So each turn either refuses a dossier for good, of which there
        // are so many, or is the last one. A dossier is reduced again only if other exhibits of it are needed than before.
        loop {
            let mut needed: BTreeMap<Digest, BTreeSet<ExhibitId>> = BTreeMap::new();
            for (bundle, name) in self.reached().into_keys() {
                needed.entry(bundle).or_default().insert(name);
            }
            planned.retain(|bundle, (exhibits, _)| needed.get(bundle) == Some(exhibits));
            needed.retain(|bundle, _| !planned.contains_key(bundle));
            let refused_before = self.refused.len();
            for (bundle, exhibits) in needed {
                let mut letters = Named::new();
                for exhibit in &exhibits {
                    for letter in self.letters.get(&(bundle, *exhibit)).into_iter().flatten() {
                        letters.entry(*letter).or_default().insert(*exhibit);
                    }
                }
                let keeping = Keeping {
                    exhibits: &exhibits,
                    replaced: &replaced,
                    letters: &letters,
                    policy: &plan.policy,
                    leaves_out: plan.leaves_out,
                };
                let dossiers = self.dossiers.get(&bundle).cloned().unwrap_or_default();
                match reduce(bundle, dossiers, &keeping) {
                    Ok(dossier) => drop(planned.insert(bundle, (exhibits, dossier))),
                    Err(reason) => self.refuse(bundle, reason),
                }
            }
            if self.refused.len() == refused_before {
                break;
            }
        }
        for ((bundle, name), own) in self.reached() {
            if let Some((_, dossier)) = planned.get_mut(&bundle) {
                dossier.origin = self.origins.get(&bundle).cloned();
                dossier.own.insert(name, own);
            }
        }
        for FieldCounts { disclosed, withheld } in planned.values().flat_map(|(_, dossier)| dossier.counts()) {
            for (counts, more) in [(&mut plan.disclosed, disclosed), (&mut plan.withheld, withheld)] {
                more.iter().for_each(|(name, count)| *counts.entry(name.clone()).or_default() += count);
            }
        }
        let Self { refused, origins, named, .. } = self;
        let not_handed_on = refused.into_iter().map(|(bundle, reason)| HistoryNotHandedOn {
            bundle,
            origin: origins.get(&bundle).cloned(),
            exhibits: named.get(&bundle).map_or(0, BTreeSet::len) as u64,
            reason,
        });
        ForeignPlan {
            not_handed_on: not_handed_on.collect(),
            handed_on: planned.into_values().map(|(_, dossier)| dossier).collect(),
        }
    }
}

fn reduce(
    bundle: Digest,
    dossiers: Vec<DossierBundle>,
    keeping: &Keeping<'_>,
) -> Result<PlannedDossier, WhyNotHandedOn> {
    let reduced = PlannedDossier::reduce(bundle, dossiers, keeping);
    let dossier = reduced.map_err(|found| WhyNotHandedOn::Unreadable { found, is_damaged: false })?;
    match dossier.size_bytes() {
        size_bytes if size_bytes > MAX_FOREIGN_BYTES => Err(WhyNotHandedOn::TooLarge { size_bytes }),
        _ => Ok(dossier),
    }
}

/// Reads what is wanted of a dossier, or tells why that cannot be read.
fn read(wanted: &Wanted) -> Result<Histories, String> {
    let names: Vec<_> = wanted.names.keys().copied().collect();
    let read = read_histories(&wanted.place.dossier.dossier, &names, &Unwatched).map_err(|error| error.to_string())?;
    read.map_err(|unread| unread.reason().to_string())
}

/// Takes in what a dossier says, and tells what it names in turn; or why it is not handed on.
fn take(
    wanted: Wanted,
    read: Histories,
    objects: &HashMap<ExhibitId, Digest>,
    left_out: &HashSet<Digest>,
    gathered: &mut Gathered,
) -> Result<Vec<Wanted>, WhyNotHandedOn> {
    let Step { bundle, names, place } = wanted;
    let Place { dossier, outer, depth, is_anchored } = place;
    gathered.named.entry(bundle).or_default().extend(names.keys());
    // Also where it stays behind: a value that it corrects must not go out in another one.
    for (history, own) in read.histories.iter().zip(names.values()) {
        for exhibit in own {
            history.entries.iter().for_each(|one| gathered.chain.add(*exhibit, depth, &one.entry.entry, &one.fields));
        }
        gathered.origins.insert(bundle, history.origin().clone());
    }
    for (history, (name, own)) in read.histories.iter().zip(&names) {
        let fits = |exhibit: &ExhibitId| history.object.is_some() && objects.get(exhibit) == history.object.as_ref();
        let found = match history.findings().find(|finding| finding.code.severity() == Severity::Failed) {
            Some(finding) => format!("{} {}: {}", finding.code, finding.place, finding.message),
            None if history.bundle != bundle => format!("it is the dossier of the bundle {}", history.bundle),
            None if own.iter().all(fits) => continue,
            None => format!("it does not hold the ingest of the exhibit's object as {name}"),
        };
        return Err(WhyNotHandedOn::DoesNotHold { found });
    }
    if !left_out.is_empty() && names_left_out(&dossier.dossier, &names, left_out)? {
        return Err(WhyNotHandedOn::NamesLeftOut);
    }
    gathered.dossiers.entry(bundle).or_default().push(dossier.dossier.clone());
    gathered.logs.extend(read.log.map(|log| (is_anchored, depth, bundle, log)));
    let mut named = Vec::new();
    for (history, (name, own)) in read.histories.iter().zip(&names) {
        gathered.letters.entry((bundle, *name)).or_default().extend(history.letters());
        for next in history.received() {
            gathered.behind.entry((bundle, *name)).or_default().insert(next);
            named.extend(own.iter().map(|own| (next, *own)));
        }
    }
    let mut found = Vec::new();
    for (bundle, names) in by_bundle(named) {
        match dossier.behind(bundle) {
            // What was not handed on to this archive cannot be handed on by it.
            Ok(None) => {}
            Ok(Some(dossier)) => {
                found.push(Step {
                    bundle,
                    names,
                    place: Place { dossier, outer, depth: depth + 1, is_anchored: false },
                });
            }
            Err(error) => {
                gathered.named.entry(bundle).or_default().extend(names.keys());
                let found = error.to_string();
                gathered.refuse(bundle, WhyNotHandedOn::Unreadable { found, is_damaged: false });
            }
        }
    }
    Ok(found)
}

/// Whether the manifest of a dossier lists one of these objects, other than as that of an exhibit that is wanted. Its
/// bytes tell: an exhibit may have arrived here without this bundle, and is still named by it.
fn names_left_out(
    dossier: &DossierBundle,
    wanted: &Names<ExhibitId>,
    left_out: &HashSet<Digest>,
) -> Result<bool, WhyNotHandedOn> {
    let unreadable = |found: String| WhyNotHandedOn::Unreadable { found, is_damaged: false };
    let text = dossier.read_file(MANIFEST, MAX_MANIFEST_BYTES).map_err(|error| unreadable(error.to_string()))?;
    let manifest = Manifest::parse(&text).map_err(|error| unreadable(error.to_string()))?;
    let is_wanted =
        |path: &BundlePath| matches!(path.part(), Some(Part::Object(exhibit)) if wanted.contains_key(&exhibit));
    Ok(manifest.files().iter().any(|(path, object)| left_out.contains(object) && !is_wanted(path)))
}
