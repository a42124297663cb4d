//! What a bundle states of the collection that its exhibits are, or are taken from.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{ExportPlan, PlannedCompleteness};
use crate::reader::Reader;
use crate::{ArchiveError, Filter, LoggedEntry};
use vouchsafe_core::model::{Disclosure, ExhibitId, FieldValue, WithholdingReason};

/// The field that says which collection an exhibit belongs to.
use vouchsafe_core::model::vocabulary::COLLECTION;

/// The exhibits of the collection with exactly this name, in ascending order. A part of it could be that of another
/// collection, which must not get out.
///
/// # Errors
/// The index cannot be read.
pub fn collection(reader: &Reader, name: &str) -> Result<BTreeSet<ExhibitId>, ArchiveError> {
    let mut found = BTreeSet::new();
    reader.find(&Filter::default(), |exhibit, row| {
        if row.field(COLLECTION).is_some_and(|value| is_name(value, name)) {
            found.insert(exhibit);
        }
        true
    })?;
    Ok(found)
}

/// Plans what the bundle states of this collection: that its exhibits are those of the plan, and these that are
/// withheld.
///
/// # Errors
/// They are not exactly the exhibits of the collection, or an entry cannot be read.
pub fn plan_completeness(
    reader: &Reader,
    plan: &mut ExportPlan,
    name: &str,
    withheld: &BTreeMap<ExhibitId, WithholdingReason>,
) -> Result<(), ArchiveError> {
    let mut left = collection(reader, name)?;
    for exhibit in plan.exhibits.iter().map(|planned| &planned.exhibit).chain(withheld.keys()) {
        if !left.remove(exhibit) {
            return Err(ArchiveError::NotTheCollection { exhibit: *exhibit });
        }
    }
    if let Some(exhibit) = left.pop_first() {
        return Err(ArchiveError::NotTheCollection { exhibit });
    }
    let (mut members, mut counts, mut is_disclosed) = (Vec::new(), BTreeMap::new(), true);
    for (exhibit, reason) in withheld {
        let (logged, field) = newest_collection(reader, *exhibit)?;
        members.push((logged.entry.leaf(), field.0, *reason));
        *counts.entry(*reason).or_default() += 1;
    }
    for planned in &plan.exhibits {
        let (logged, field) = newest_collection(reader, planned.exhibit)?;
        is_disclosed &= plan.discloses(&logged, &field);
    }
    let collection = is_disclosed.then(|| name.to_owned());
    plan.completeness = Some(PlannedCompleteness { withheld: counts, collection, members });
    Ok(())
}

/// The entry that puts an exhibit into its collection, and its field.
fn newest_collection(reader: &Reader, exhibit: ExhibitId) -> Result<(LoggedEntry, Disclosure), ArchiveError> {
    for index in reader.index.history(exhibit)?.into_iter().rev() {
        let logged = reader.entry(index)?;
        if let Some(field) = logged.stated().iter().find(|field| field.name().as_str() == COLLECTION).cloned() {
            return Ok((logged, field));
        }
    }
    Err(ArchiveError::NotTheCollection { exhibit })
}

/// Whether a value of the field is this name.
fn is_name(value: &FieldValue, name: &str) -> bool {
    matches!(value, FieldValue::Text(text) if text == name)
}
