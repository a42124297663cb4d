//! Which fields a bundle discloses.

use std::collections::BTreeSet;

use crate::languages::is_registered;
use vouchsafe_core::model::vocabulary::{FIELDS, NAME};
use vouchsafe_core::model::{Disclosure, EventKind, FieldName, FieldValue};
use vouchsafe_core::verify::bundle::{PARTNER_ARCHIVE, PARTNER_ORIGIN};

/// The fields that a bundle discloses by default: those with a fixed meaning that say nothing of a
/// person, a place or a time, and hold no text of somebody's own. Everything else is withheld, also what nobody has
/// thought of.
///
/// Titles, numbers and dates are not among them: a title often names somebody, and the day and hour of a recording
/// show those who watch the streets whom a source met.
fn disclosed_by_default() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().filter(|field| field.disclosed).map(|field| field.name)
}

/// The name by which the names of agents are disclosed: in the entries about agents, the field is called `name`.
pub const AGENT_NAME: &str = "agent_name";

/// The field name that discloses the letters of other archives by which custody passed, each with all of its content.
pub const PARTNER_LETTER: &str = "partner_letter";

/// Which fields a bundle discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosurePolicy {
    /// Those that were asked for by name.
    named: BTreeSet<String>,
    /// Those of the default that were not taken away; only lists of registered codes, never a text or a reason.
    default: BTreeSet<String>,
    /// Those whose corrected earlier values are disclosed as well.
    earlier: BTreeSet<String>,
    /// Whether all are disclosed, with all their values, but for those that were taken away.
    is_all: bool,
    withheld: BTreeSet<String>,
}

impl DisclosurePolicy {
    /// The default, with these added and those taken away.
    #[must_use]
    pub fn new(disclose: &[FieldName], withhold: &[FieldName]) -> Self {
        let withheld: BTreeSet<_> = withhold.iter().map(|name| name.as_str().to_owned()).collect();
        let is_kept = |name: &String| !withheld.contains(name);
        Self {
            named: disclose.iter().map(|name| name.as_str().to_owned()).filter(is_kept).collect(),
            default: disclosed_by_default().map(str::to_owned).filter(is_kept).collect(),
            earlier: BTreeSet::new(),
            is_all: false,
            withheld,
        }
    }

    /// The same, and these fields with all their values, also those that were corrected later.
    #[must_use]
    pub fn with_earlier_values(mut self, fields: &[FieldName]) -> Self {
        for name in fields.iter().map(|name| name.as_str().to_owned()).filter(|name| !self.withheld.contains(name)) {
            self.named.insert(name.clone());
            self.earlier.insert(name);
        }
        self
    }

    /// The same, and every other field with all its values: for an archive that takes over.
    #[must_use]
    pub const fn with_everything(mut self) -> Self {
        self.is_all = true;
        self
    }

    /// Whether it was said that this field is withheld.
    pub(super) fn withholds(&self, field: &str) -> bool {
        self.withheld.contains(field)
    }

    /// Whether values of this field that were corrected later are disclosed as well.
    pub(super) fn discloses_earlier(&self, field: &FieldName) -> bool {
        self.earlier.contains(field.as_str()) || (self.is_all && !self.withheld.contains(field.as_str()))
    }

    /// How a field is called where it is decided whether it is disclosed.
    pub(super) fn called(kind: Option<EventKind>, field: &FieldName) -> &str {
        match kind {
            Some(
                EventKind::ArchiveCreated | EventKind::AgentAdded | EventKind::AgentRotated | EventKind::AgentRecovered,
            ) if field.as_str() == NAME => AGENT_NAME,
            _ => field.as_str(),
        }
    }

    /// Whether what is called so is disclosed for having been asked for.
    pub(super) fn names(&self, called: &str) -> bool {
        self.named.contains(called) || (self.is_all && !self.withheld.contains(called))
    }

    /// Whether a letter of another archive is disclosed, with all of its content, and who wrote it.
    pub(super) fn discloses_letter(&self, tells: &[Disclosure]) -> bool {
        let mut told = tells.iter().map(|field| field.name().as_str()).chain([PARTNER_ARCHIVE, PARTNER_ORIGIN]);
        self.names(PARTNER_LETTER) && !told.any(|name| self.withholds(name))
    }

    /// Whether a field of an entry of this kind is disclosed. Nothing is of one that is not understood.
    #[must_use]
    pub fn discloses(&self, kind: Option<EventKind>, field: &Disclosure) -> bool {
        let is_about_an_agent = !kind.is_some_and(EventKind::is_about_an_exhibit);
        let called = Self::called(kind, field.name());
        let is_chosen = self.names(called) || (self.default.contains(called) && is_of_codes(field.value()));
        // Of what entries about agents say, nothing but their names is ever disclosed.
        is_chosen && (!is_about_an_agent || called == AGENT_NAME)
    }
}

/// Whether a value is a list of nothing but registered codes. No matter who typed or sent it: one item of another kind
/// may be a name, and the list is withheld whole.
fn is_of_codes(value: &FieldValue) -> bool {
    matches!(value, FieldValue::List(items) if items.iter().all(|item| is_registered(item)))
}
