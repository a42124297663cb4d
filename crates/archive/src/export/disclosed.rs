//! What a bundle discloses, value by value: for the person who decides whether it is written.
//!
//! The values are read from where the bundle takes them, by the same rules, so that nothing gets out that was not here.

use std::collections::BTreeMap;
use std::path::Path;

use super::disclosure::{DisclosurePolicy, PARTNER_LETTER};
use super::foreign::Handed;
use super::plan::{ExportPlan, PlannedExhibit};
use crate::ArchiveError;
use crate::reader::Reader;
use vouchsafe_core::format::bundle::{BundlePath, Subject};
use vouchsafe_core::model::{Disclosure, EntryIndex, FieldName, FieldValue, Origin};

vouchsafe_core::described! {
    /// A value that a bundle discloses.
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
    pub struct DisclosedValue {
        /// What the field is called where it is decided whether it is disclosed.
        pub field: String,
        /// The value.
        pub value: FieldValue,
        /// Whether a later entry gave the field another value, or withdrew it.
        pub is_earlier: bool,
        /// The archive whose entry it is; none for this one.
        pub origin: Option<Origin>,
    }
}

vouchsafe_core::described! {
    /// What a bundle discloses of one exhibit, or of agents, and what of it stays behind.
    #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
    pub struct Disclosures {
        /// The values, in the order of their entries.
        pub disclosed: Vec<DisclosedValue>,
        /// Names of the fields that are withheld, with how often each is there.
        pub withheld: BTreeMap<String, u64>,
    }
}

impl Disclosures {
    /// Whether there is no field at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.disclosed.is_empty() && self.withheld.is_empty()
    }
}

/// What the bundle discloses of an exhibit, its histories in other archives included.
///
/// # Errors
/// An entry or a dossier cannot be read.
pub fn disclosures(reader: &Reader, plan: &ExportPlan, planned: &PlannedExhibit) -> Result<Disclosures, ArchiveError> {
    let mut told = Disclosures::default();
    for index in &planned.entries {
        tell_entry(reader, plan, *index, &mut told)?;
    }
    for letter in plan.letters.values().filter(|letter| letter.exhibits.contains(&planned.exhibit)) {
        tell_letter(&letter.fields, &letter.origin, &mut told);
    }
    let withheld = plan.withheld_letters.iter().filter(|exhibits| exhibits.contains(&planned.exhibit)).count();
    if withheld > 0 {
        *told.withheld.entry(PARTNER_LETTER.to_owned()).or_default() += withheld as u64;
    }
    for (number, dossier) in plan.foreign.iter().enumerate() {
        let names = dossier.own.iter().filter(|(_, own)| own.contains(&planned.exhibit));
        for (name, _) in names {
            tell_dossier(plan, number, Subject::Exhibit(*name), &mut told)?;
        }
    }
    Ok(told)
}

/// What the bundle discloses of agents, those of other archives included.
///
/// # Errors
/// An entry or a dossier cannot be read.
pub fn disclosures_about_agents(reader: &Reader, plan: &ExportPlan) -> Result<Disclosures, ArchiveError> {
    let mut told = Disclosures::default();
    for index in &plan.agent_entries {
        tell_entry(reader, plan, *index, &mut told)?;
    }
    for number in 0..plan.foreign.len() {
        tell_dossier(plan, number, Subject::Agents, &mut told)?;
    }
    Ok(told)
}

fn tell_entry(
    reader: &Reader,
    plan: &ExportPlan,
    index: EntryIndex,
    told: &mut Disclosures,
) -> Result<(), ArchiveError> {
    let logged = reader.entry(index)?;
    let event = &logged.entry.entry.event;
    let called = |field: &Disclosure| DisclosurePolicy::called(event.kind(), field.name()).to_owned();
    let disclosed = plan.disclosed_fields(&logged);
    for field in logged.fields.iter().filter(|field| !disclosed.contains(field)) {
        *told.withheld.entry(called(field)).or_default() += 1;
    }
    let values = disclosed.iter().map(|field| DisclosedValue {
        field: called(field),
        value: field.value().clone(),
        is_earlier: plan.replaced.contains(&(index, field.name().clone())),
        origin: None,
    });
    add_by_name(values, told);
    Ok(())
}

/// What a field in a letter is called.
fn in_letter(field: &FieldName) -> String {
    format!("{PARTNER_LETTER}.{field}")
}

fn tell_letter(fields: &[Disclosure], origin: &Origin, told: &mut Disclosures) {
    let values = fields.iter().map(|field| DisclosedValue {
        field: in_letter(field.name()),
        value: field.value().clone(),
        is_earlier: false,
        origin: Some(origin.clone()),
    });
    add_by_name(values, told);
}

fn tell_dossier(
    plan: &ExportPlan,
    number: usize,
    subject: Subject,
    told: &mut Disclosures,
) -> Result<(), ArchiveError> {
    let dossier = &plan.foreign[number];
    let path = BundlePath::foreign(dossier.bundle);
    let fields = dossier.disclosed(subject).map_err(ArchiveError::io("read the dossier", Path::new(path.as_str())))?;
    for (name, count) in dossier.withheld(subject).into_iter().flatten() {
        *told.withheld.entry(name.clone()).or_default() += count;
    }
    let values =
        fields.into_iter().map(|Handed { field: Disclosure(_, name, value), is_in_letter, is_earlier, origin }| {
            let field = match subject {
                _ if is_in_letter => in_letter(&name),
                Subject::Agents => super::AGENT_NAME.to_owned(),
                Subject::Exhibit(_) => name.as_str().to_owned(),
            };
            DisclosedValue { field, value, is_earlier, origin }
        });
    add_by_name(values, told);
    Ok(())
}

/// Adds values by name: in an entry they stand in the order of their digests, which is another each time.
fn add_by_name(values: impl Iterator<Item = DisclosedValue>, told: &mut Disclosures) {
    let mut values: Vec<_> = values.collect();
    values.sort_by(|a, b| a.field.cmp(&b.field));
    told.disclosed.append(&mut values);
}
