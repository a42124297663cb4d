//! Which fields a bundle discloses.

use std::collections::BTreeSet;

use crate::model::{Disclosure, EventKind, FieldName};

/// The fields that a bundle discloses unless it is said otherwise: those with a fixed meaning that say nothing of a
/// person, a place or a time. Everything else is withheld, also what nobody has thought of.
///
/// Titles, numbers and dates are not among them: a title often names somebody, and the day and hour of a recording
/// tell whom a source met, to those who watch the streets.
pub const DISCLOSED_BY_DEFAULT: &[&str] = &["languages", "sensitivity"];

/// The name by which the names of agents are disclosed: in the entries about agents, the field is called `name`.
pub const AGENT_NAME: &str = "agent_name";

/// Which fields a bundle discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosurePolicy {
    names: BTreeSet<String>,
}

impl DisclosurePolicy {
    /// The default, with these added and those taken away.
    #[must_use]
    pub fn new(disclose: &[FieldName], withhold: &[FieldName]) -> Self {
        let mut names: BTreeSet<_> = DISCLOSED_BY_DEFAULT.iter().map(|&name| name.to_owned()).collect();
        names.extend(disclose.iter().map(|name| name.as_str().to_owned()));
        names.retain(|name| !withhold.iter().any(|withheld| withheld.as_str() == name));
        Self { names }
    }

    /// How a field is called where it is decided whether it is disclosed.
    pub(super) fn called(kind: EventKind, field: &FieldName) -> &str {
        match kind {
            EventKind::ArchiveCreated | EventKind::AgentAdded if field.as_str() == "name" => AGENT_NAME,
            _ => field.as_str(),
        }
    }

    /// Whether a field of an entry of this kind is disclosed.
    #[must_use]
    pub fn discloses(&self, kind: EventKind, field: &FieldName) -> bool {
        let is_about_an_agent = !kind.is_about_an_exhibit();
        let called = Self::called(kind, field);
        // Of what entries about agents say, nothing but their names is ever disclosed.
        self.names.contains(called) && (!is_about_an_agent || called == AGENT_NAME)
    }

    /// The fields of an entry that are disclosed, in the same order.
    pub(super) fn disclosed(&self, kind: EventKind, fields: &[Disclosure]) -> Vec<Disclosure> {
        fields.iter().filter(|field| self.discloses(kind, field.name())).cloned().collect()
    }
}
