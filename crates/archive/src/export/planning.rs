//! Decides what a bundle will hold, before anything is written.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::disclosure::DisclosurePolicy;
use super::foreign::plan_foreign;
use super::letters::plan_letters;
use super::plan::{ExportPlan, PlannedExhibit};
use super::planned_letters::Named;
use crate::reader::Reader;
use crate::receipts::introductions;
use crate::transfer::transfers;
use crate::{ArchiveError, LoggedEntry, is_passing_anchored};
use vouchsafe_core::format::attached::NOT_OPENED;
use vouchsafe_core::format::bundle::MAX_FILES;
use vouchsafe_core::model::{Event, ExhibitId, Newest};
use vouchsafe_core::sign::KeyId;

/// The folders that a bundle has beside those of exhibits: `data`, `exhibits`, `agents`, `log`, `keys`, `report`, `metadata`,
/// `foreign` and `letters`.
const FOLDERS: u64 = 9;

/// The largest number of files that every bundle has.
const OTHER_FILES: u64 = 30;

impl ExportPlan {
    /// Notes the fields of the entries about one exhibit that a later one replaced by another value.
    fn note_replaced(&mut self, history: &[LoggedEntry]) {
        let newest: Newest<_> = history.iter().flat_map(LoggedEntry::stated).collect();
        for logged in history {
            let replaced = logged.stated().iter().filter(|field| newest.replaces(field));
            self.replaced.extend(replaced.map(|field| (logged.entry.entry.index, field.name().clone())));
        }
    }

    /// Counts the fields of an entry and notes its signers. Returns how many fields are withheld.
    fn count_entry(&mut self, logged: &LoggedEntry, signers: &mut BTreeSet<KeyId>, files: &mut u64) -> u64 {
        let kind = logged.entry.entry.event.kind();
        let mut withheld = 0;
        for field in &logged.fields {
            let is_disclosed = self.discloses(logged, field);
            withheld += u64::from(!is_disclosed);
            let counts = if is_disclosed { &mut self.disclosed } else { &mut self.withheld };
            *counts.entry(DisclosurePolicy::called(kind, field.name()).to_owned()).or_default() += 1;
        }
        *files += logged.entry.signatures.len() as u64 - 1;
        signers.extend(logged.entry.keys());
        withheld
    }
}

/// Plans a bundle of these exhibits. Nothing in it may reveal anything about the exhibits that are left out.
/// `signer` is who will sign it, if that is known.
///
/// # Errors
/// There is no such exhibit, an entry cannot be read, or there would be too many files.
pub fn plan(
    reader: &Reader,
    exhibits: &[ExhibitId],
    left_out: &BTreeSet<ExhibitId>,
    policy: DisclosurePolicy,
    signer: Option<KeyId>,
) -> Result<ExportPlan, ArchiveError> {
    let mut plan = ExportPlan {
        exhibits: Vec::new(),
        entries: 0,
        objects: 0,
        size_bytes: 0,
        disclosed: BTreeMap::new(),
        withheld: BTreeMap::new(),
        withheld_fields: 0,
        policy,
        replaced: BTreeSet::new(),
        foreign: Vec::new(),
        letters: BTreeMap::new(),
        withheld_letters: Vec::new(),
        letters_not_handed_on: Vec::new(),
        histories_not_handed_on: Vec::new(),
        completeness: None,
        leaves_out: !left_out.is_empty(),
        names_other_archives: left_out.is_empty(),
        agent_entries: BTreeSet::new(),
        unanchored_passings: BTreeSet::new(),
    };
    let (transfers, _) = transfers(reader)?;
    let (mut seen, mut objects) = (HashSet::new(), HashSet::new());
    let mut signers = BTreeSet::from_iter(signer);
    let mut files = OTHER_FILES;
    for exhibit in exhibits.iter().filter(|exhibit| seen.insert(**exhibit)) {
        let row = reader.exhibit(*exhibit)?;
        objects.insert(row.object);
        // What is sealed is not exported: nothing is, from an archive that is not understood.
        let media_type = row.media_type.ok_or_else(|| ArchiveError::NotUnderstood {
            place: format!("entry {}", row.ingested_at),
            what: NOT_OPENED.0.to_owned(),
        })?;
        plan.size_bytes += row.size_bytes;
        let entries = reader.index.history(*exhibit)?;
        files += 1 + entries.len() as u64 * 4;
        plan.entries += entries.len() as u64;
        plan.exhibits.push(PlannedExhibit {
            exhibit: *exhibit,
            object: row.object,
            size_bytes: row.size_bytes,
            media_type,
            withheld_fields: 0,
            entries,
        });
    }
    plan.objects = objects.len() as u64;
    // Which histories are handed on decides whether the names of their archives are disclosed.
    let left_out = left_out.iter().map(|exhibit| Ok(reader.exhibit(*exhibit)?.object));
    let foreign = plan_foreign(reader, &mut plan, &left_out.collect::<Result<_, ArchiveError>>()?)?;
    (plan.foreign, plan.histories_not_handed_on) = (foreign.handed_on, foreign.not_handed_on);
    plan.names_other_archives &= plan.histories_not_handed_on.is_empty();
    let mut letters = Named::new();
    for number in 0..plan.exhibits.len() {
        let entries = plan.exhibits[number].entries.iter().map(|index| reader.entry(*index));
        let history = entries.collect::<Result<Vec<_>, _>>()?;
        plan.note_replaced(&history);
        let mut withheld_fields = 0;
        for logged in &history {
            withheld_fields += plan.count_entry(logged, &mut signers, &mut files);
            let entry = &logged.entry.entry;
            let Event::CustodyPassed(body) = &entry.event else { continue };
            letters.entry(body.letter).or_default().insert(plan.exhibits[number].exhibit);
            if !is_passing_anchored(logged, &transfers) {
                plan.unanchored_passings.insert(entry.index);
            }
        }
        plan.withheld_fields += withheld_fields;
        plan.exhibits[number].withheld_fields = withheld_fields;
    }
    plan_letters(reader, &mut plan, letters);
    files += (plan.foreign.len() + plan.letters.len()) as u64;
    plan_agents(reader, &mut plan, signers, &mut files)?;
    // Folders count as well: each exhibit has one.
    let files_and_folders = files + plan.exhibits.len() as u64 + FOLDERS;
    if files_and_folders > MAX_FILES as u64 {
        return Err(ArchiveError::TooManyFiles { files: files_and_folders });
    }
    Ok(plan)
}

/// Adds the entries that introduced the signers.
fn plan_agents(
    reader: &Reader,
    plan: &mut ExportPlan,
    signers: BTreeSet<KeyId>,
    files: &mut u64,
) -> Result<(), ArchiveError> {
    let entries = introductions(reader, signers)?;
    for index in &entries {
        *files += 4;
        // Fields of entries about agents are not among those that the bundle counts.
        plan.count_entry(&reader.entry(*index)?, &mut BTreeSet::new(), files);
    }
    plan.agent_entries = entries;
    Ok(())
}
