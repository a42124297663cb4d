//! What a bundle will hold, decided before anything is written.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::completeness::PlannedCompleteness;
use super::disclosure::DisclosurePolicy;
use super::foreign::{HistoryNotHandedOn, PlannedDossier};
use super::letters::{LetterNotHandedOn, Named, PlannedLetter};
use crate::archive::metadata::DESCRIBED_BY;
use crate::archive::{Archive, ArchiveError, LoggedEntry, is_passing_anchored};
use crate::digest::Digest;
use crate::format::attached::NOT_OPENED;
use crate::format::bundle::MAX_FILES;
use crate::model::{
    CustodyPassed, Direction, Disclosure, EntryIndex, Event, EventKind, ExhibitId, FieldName, FieldValue, MediaType,
    Origin,
};
use crate::sign::KeyId;
use crate::verify::bundle::OtherSide;

/// The folders that a bundle has beside those of exhibits: `data`, `exhibits`, `agents`, `log`, `keys`, `report`, `metadata`,
/// `foreign` and `letters`.
const FOLDERS: u64 = 9;

/// The exhibits of a bundle with what is disclosed of them.
#[derive(Debug, Clone)]
pub struct ExportPlan {
    /// The exhibits, in the order of ingest.
    pub exhibits: Vec<PlannedExhibit>,
    /// Entries about them.
    pub entries: u64,
    /// Objects: two exhibits of one object are one.
    pub objects: u64,
    /// Bytes of the exhibits.
    pub size_bytes: u64,
    /// Names of the fields that are disclosed, and how often each.
    pub disclosed: BTreeMap<String, u64>,
    /// Names of the fields that are withheld, and how often each.
    pub withheld: BTreeMap<String, u64>,
    /// Fields of the entries about exhibits that are withheld.
    pub withheld_fields: u64,
    /// What decided it.
    pub policy: DisclosurePolicy,
    /// Fields that a later description replaced by another value. They are withheld also where the field is disclosed,
    /// unless earlier values are asked for: a title is often corrected because it named somebody.
    pub(super) replaced: BTreeSet<(EntryIndex, FieldName)>,
    /// The dossiers of the bundles that exhibits came in, as far as they are handed on.
    pub(super) foreign: Vec<PlannedDossier>,
    /// The letters of other archives by which custody of exhibits passed, as far as they go along.
    pub(super) letters: BTreeMap<Digest, PlannedLetter>,
    /// Those that do not: the exhibits that each is about.
    pub(super) withheld_letters: Vec<BTreeSet<ExhibitId>>,
    /// Letters that stay behind, although it is disclosed which archive wrote them, and why.
    pub letters_not_handed_on: Vec<LetterNotHandedOn>,
    /// Histories in other archives that are not handed on, and why.
    pub histories_not_handed_on: Vec<HistoryNotHandedOn>,
    /// What is stated of the collection that the exhibits are, or are taken from.
    pub completeness: Option<PlannedCompleteness>,
    /// Whether exhibits are left out, of which nothing may tell anything.
    pub(super) leaves_out: bool,
    /// Whether all histories in other archives are handed on, which name these archives.
    names_other_archives: bool,
    /// The entries that introduced the keys, or revoked them.
    pub(super) agent_entries: BTreeSet<EntryIndex>,
    /// The entries by which custody passed from or to an archive that nobody compared with what came from outside.
    pub(super) unanchored_passings: BTreeSet<EntryIndex>,
}

/// An exhibit of a bundle.
#[derive(Debug, Clone)]
pub struct PlannedExhibit {
    /// Which one.
    pub exhibit: ExhibitId,
    /// Its object.
    pub object: Digest,
    /// The size of it.
    pub size_bytes: u64,
    /// Its media type.
    pub media_type: MediaType,
    /// Fields of its entries that are withheld.
    pub withheld_fields: u64,
    pub(super) entries: Vec<EntryIndex>,
}

impl ExportPlan {
    pub(super) fn discloses(&self, logged: &LoggedEntry, field: &Disclosure) -> bool {
        if field.name().as_str() == DESCRIBED_BY {
            return self.discloses_whose_word(logged);
        }
        self.discloses_by_policy(logged, field)
    }

    /// Whether it is told that what an entry says is another archive's word: where any of it is disclosed, and the
    /// dossier that names that archive goes along.
    fn discloses_whose_word(&self, logged: &LoggedEntry) -> bool {
        // Only an import says it, in a description, of an archive; whatever else is called so is withheld.
        let is_origin = |field: &Disclosure| match field.value() {
            FieldValue::Text(text) => text.parse::<Origin>().is_ok(),
            _ => false,
        };
        let is_of_an_import = logged.entry.entry.event.kind() == Some(EventKind::ExhibitDescribed)
            && logged.fields.iter().any(|field| field.name().as_str() == DESCRIBED_BY && is_origin(field));
        let others = || logged.fields.iter().filter(|field| field.name().as_str() != DESCRIBED_BY);
        logged
            .fields
            .iter()
            .any(|field| field.name().as_str() == DESCRIBED_BY && self.discloses_by_policy(logged, field))
            || (is_of_an_import
                && self.names_other_archives
                && !self.policy.withholds(DESCRIBED_BY)
                && others().any(|field| self.discloses_by_policy(logged, field)))
    }

    fn discloses_by_policy(&self, logged: &LoggedEntry, field: &Disclosure) -> bool {
        let entry = &logged.entry.entry;
        let is_replaced = || self.replaced.contains(&(entry.index, field.name().clone()));
        self.policy.discloses(entry.event.kind(), field)
            && (self.policy.discloses_earlier(field.name()) || !is_replaced())
    }

    /// What a bundle holds of the other side's word that custody passed, as an entry with these disclosed fields says.
    pub(super) fn other_side(&self, body: &CustodyPassed, disclosed: &[Disclosure]) -> OtherSide {
        match self.letters.contains_key(&body.letter) {
            true if body.direction == Direction::In => OtherSide::Offered,
            true => OtherSide::Accepted,
            false => OtherSide::without_letter(body, disclosed),
        }
    }

    /// The fields of an entry that are disclosed, in the same order.
    pub(super) fn disclosed_fields(&self, logged: &LoggedEntry) -> Vec<Disclosure> {
        logged.fields.iter().filter(|field| self.discloses(logged, field)).cloned().collect()
    }

    /// Notes the fields of the entries about one exhibit that a later one replaced.
    fn note_replaced(&mut self, history: &[LoggedEntry]) {
        let mut newest: BTreeMap<&FieldName, &FieldValue> = BTreeMap::new();
        for logged in history.iter().rev() {
            let entry = &logged.entry.entry;
            for field in logged.fields.iter().filter(|_| entry.event.describes_an_exhibit()) {
                if *newest.entry(field.name()).or_insert(field.value()) != field.value() {
                    self.replaced.insert((entry.index, field.name().clone()));
                }
            }
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

/// So many files has every bundle, at most.
const OTHER_FILES: u64 = 30;

impl Archive {
    /// Decides what a bundle of these exhibits holds, of which nothing may tell anything of those that are left out.
    /// `signer` is who will sign it, if that is known.
    ///
    /// # Errors
    /// There is no such exhibit, an entry cannot be read, or there would be too many files.
    pub fn plan_export(
        &self,
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
        let (transfers, _) = self.transfers()?;
        let (mut seen, mut objects) = (HashSet::new(), HashSet::new());
        let mut signers = BTreeSet::from_iter(signer);
        let mut files = OTHER_FILES;
        for exhibit in exhibits.iter().filter(|exhibit| seen.insert(**exhibit)) {
            let row = self.exhibit(*exhibit)?;
            objects.insert(row.object);
            // What is sealed is not exported: nothing is, from an archive that is not understood.
            let media_type = row.media_type.ok_or_else(|| ArchiveError::NotUnderstood {
                place: format!("entry {}", row.ingested_at),
                what: NOT_OPENED.to_owned(),
            })?;
            plan.size_bytes += row.size_bytes;
            let entries = self.index.history(*exhibit)?;
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
        let left_out = left_out.iter().map(|exhibit| Ok(self.exhibit(*exhibit)?.object));
        let foreign = self.plan_foreign(&mut plan, &left_out.collect::<Result<_, ArchiveError>>()?)?;
        (plan.foreign, plan.histories_not_handed_on) = (foreign.handed_on, foreign.not_handed_on);
        plan.names_other_archives &= plan.histories_not_handed_on.is_empty();
        let mut letters = Named::new();
        for number in 0..plan.exhibits.len() {
            let entries = plan.exhibits[number].entries.iter().map(|index| self.entry(*index));
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
        self.plan_letters(&mut plan, letters);
        files += (plan.foreign.len() + plan.letters.len()) as u64;
        self.plan_agents(&mut plan, signers, &mut files)?;
        // Folders count as well: each exhibit has one.
        let files_and_folders = files + plan.exhibits.len() as u64 + FOLDERS;
        if files_and_folders > MAX_FILES as u64 {
            return Err(ArchiveError::TooManyFiles { files: files_and_folders });
        }
        Ok(plan)
    }

    /// Adds the entries that introduced the signers.
    fn plan_agents(
        &self,
        plan: &mut ExportPlan,
        signers: BTreeSet<KeyId>,
        files: &mut u64,
    ) -> Result<(), ArchiveError> {
        let entries = self.introductions(signers)?;
        for index in &entries {
            *files += 4;
            // Fields of entries about agents are not among those that the bundle counts.
            plan.count_entry(&self.entry(*index)?, &mut BTreeSet::new(), files);
        }
        plan.agent_entries = entries;
        Ok(())
    }
}
