//! What has to be recorded so that an exhibit has the values that were given.

use super::index::ExhibitRow;
use super::metadata::{Fields, is_other_half};
use vouchsafe_core::model::vocabulary::AS_WRITTEN;
use vouchsafe_core::model::{FieldName, FieldValue};

/// Why one half of a date is withdrawn when the other half is given again.
const DATE_GIVEN_AGAIN: &str = "the date was given again";
const KEPT_AS_WRITTEN: &str = "the date was given again, and is kept as it was written";

/// What has to be recorded of the given values: those that the exhibit does not have already; and the half of a date is
/// withdrawn whose other half is given again.
#[must_use]
pub fn changes(given: &Fields, row: &ExhibitRow) -> Fields {
    let mut changed = given.clone();
    changed.retain(|name, value| match value {
        // What is not there cannot be withdrawn.
        FieldValue::Withdrawn(_) => row.field(name.as_str()).is_some(),
        value => row.field(name.as_str()) != Some(value),
    });
    withdraw_other_halves(&mut changed, given, row);
    changed
}

/// A date and its words are withdrawn together: if one is given again, the other no longer stands. Words that were
/// never converted stay, since the new date is read from them.
fn withdraw_other_halves(changed: &mut Fields, given: &Fields, row: &ExhibitRow) {
    let is_value = |name: &FieldName| !matches!(changed.get(name), Some(FieldValue::Withdrawn(_)));
    let is_stale = |name: &FieldName| {
        let mut others = changed.keys().filter(|new| is_value(new) && is_other_half(new.as_str(), name.as_str()));
        let was_read = |date: &FieldName| !name.as_str().ends_with(AS_WRITTEN) || row.field(date.as_str()).is_some();
        !given.contains_key(name) && others.any(was_read)
    };
    let stale: Vec<_> = row.fields.iter().map(|(name, _)| name).filter(|name| is_stale(name)).cloned().collect();
    for name in stale {
        let why = if name.as_str().ends_with(AS_WRITTEN) { DATE_GIVEN_AGAIN } else { KEPT_AS_WRITTEN };
        changed.insert(name, FieldValue::Withdrawn(why.to_owned()));
    }
}
