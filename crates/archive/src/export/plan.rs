//! What a bundle will hold, and what of it is disclosed.

use std::collections::{BTreeMap, BTreeSet};

use super::disclosure::DisclosurePolicy;
use super::foreign::PlannedDossier;
use super::not_handed_on::{HistoryNotHandedOn, LetterNotHandedOn};
use super::planned_letters::PlannedLetter;
use crate::LoggedEntry;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::FormatError;
use vouchsafe_core::format::bundle::{Completeness, WithheldMember, member_commitment};
use vouchsafe_core::model::vocabulary::{DESCRIBED_BY, PURPOSE, RECIPIENT};
use vouchsafe_core::model::{
    CustodyPassed, Direction, Disclosure, EntryIndex, EventKind, ExhibitId, FieldName, FieldValue, MediaType, Origin,
    Salt, WithholdingReason,
};
use vouchsafe_core::verify::bundle::OtherSide;

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
    /// Fields that a later description replaced by another value. They are withheld even if the field is disclosed,
    /// unless earlier values are asked for: a title is often corrected because it named somebody.
    pub(super) replaced: BTreeSet<(EntryIndex, FieldName)>,
    /// The dossiers of the bundles that exhibits came in, as far as they are handed on.
    pub foreign: Vec<PlannedDossier>,
    /// The letters of other archives by which custody of exhibits passed, if they are included.
    pub(super) letters: BTreeMap<Digest, PlannedLetter>,
    /// Those that do not: the exhibits that each is about.
    pub(super) withheld_letters: Vec<BTreeSet<ExhibitId>>,
    /// Letters that are not in the bundle although it is disclosed which archive wrote them, and why.
    pub letters_not_handed_on: Vec<LetterNotHandedOn>,
    /// Histories in other archives that are not handed on, and why.
    pub histories_not_handed_on: Vec<HistoryNotHandedOn>,
    /// What is stated of the collection that the exhibits are, or are taken from.
    pub completeness: Option<PlannedCompleteness>,
    /// Whether exhibits are left out. Nothing in the bundle may reveal anything about them.
    pub(super) leaves_out: bool,
    /// Whether all histories in other archives are handed on, which name these archives.
    pub(super) names_other_archives: bool,
    /// The entries that introduced the keys, or revoked them.
    pub agent_entries: BTreeSet<EntryIndex>,
    /// The entries by which custody passed from or to an archive that nobody compared with what came from outside.
    pub unanchored_passings: BTreeSet<EntryIndex>,
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
    /// The entries about it, in the order of the log.
    pub entries: Vec<EntryIndex>,
}

/// What a bundle states of a collection.
#[derive(Debug, Clone)]
pub struct PlannedCompleteness {
    /// How many exhibits are withheld for which reason.
    pub withheld: BTreeMap<WithholdingReason, u64>,
    /// The collection's name, if the bundle discloses it.
    pub(super) collection: Option<String>,
    /// The leaf hash of the entry that puts each exhibit that is withheld into the collection, and the salt of the
    /// disclosure that says it.
    pub(super) members: Vec<(Digest, Salt, WithholdingReason)>,
}

impl PlannedCompleteness {
    /// How many exhibits are withheld.
    #[must_use]
    pub const fn withheld_exhibits(&self) -> u64 {
        self.members.len() as u64
    }

    /// The statement, with a salt that is new.
    pub(super) fn state(&self, plan: &ExportPlan, salt: Salt) -> Result<Completeness, FormatError> {
        let withheld = |&(leaf, disclosure, reason): &(Digest, Salt, WithholdingReason)| WithheldMember {
            member: member_commitment(&salt, leaf, &disclosure),
            reason,
        };
        let included = plan.exhibits.iter().map(|exhibit| exhibit.exhibit).collect();
        Completeness::new(self.collection.clone(), salt, included, self.members.iter().map(withheld).collect())
    }
}

impl ExportPlan {
    pub(super) fn discloses(&self, logged: &LoggedEntry, field: &Disclosure) -> bool {
        if field.name().as_str() == DESCRIBED_BY {
            return self.discloses_whose_word(logged);
        }
        self.discloses_by_policy(logged, field)
    }

    /// Whether the bundle shows that the content of an entry is another archive's statement: where any of it is
    /// disclosed, and the dossier that names that archive is included.
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
    #[must_use]
    pub fn other_side(&self, body: &CustodyPassed, disclosed: &[Disclosure]) -> OtherSide {
        match self.letters.contains_key(&body.letter) {
            true if body.direction == Direction::In => OtherSide::Offered,
            true => OtherSide::Accepted,
            false => OtherSide::without_letter(body, disclosed),
        }
    }

    /// The fields of an entry that are disclosed, in the same order.
    #[must_use]
    pub fn disclosed_fields(&self, logged: &LoggedEntry) -> Vec<Disclosure> {
        logged.fields.iter().filter(|field| self.discloses(logged, field)).cloned().collect()
    }

    /// Whether the report of the bundle names what this field of its own export says: [`PURPOSE`] and [`RECIPIENT`]. They are
    /// recorded after the bundle was written, so no entry in it has them.
    #[must_use]
    pub fn discloses_of_the_export(&self, field: &str) -> bool {
        matches!(field, PURPOSE | RECIPIENT) && self.policy.names(field)
    }
}
