//! Of each field of an exhibit the newest value, as the entries about it in one log give it.
//!
//! An entry gives values if its kind describes an exhibit. A later value replaces an earlier one. A withdrawal is a value,
//! too: it replaces the earlier one, and then the field has no value in force.

use std::collections::BTreeMap;

use super::{Disclosure, EventKind, FieldName, FieldValue};

/// A value that an entry gives a field, with whatever the reader keeps beside it.
pub trait Statement {
    /// The field.
    fn name(&self) -> &FieldName;
    /// The value.
    fn value(&self) -> &FieldValue;
}

impl Statement for Disclosure {
    fn name(&self) -> &FieldName {
        self.name()
    }

    fn value(&self) -> &FieldValue {
        self.value()
    }
}

impl Statement for (FieldName, FieldValue) {
    fn name(&self) -> &FieldName {
        &self.0
    }

    fn value(&self) -> &FieldValue {
        &self.1
    }
}

impl<S: Statement> Statement for &S {
    fn name(&self) -> &FieldName {
        (*self).name()
    }

    fn value(&self) -> &FieldValue {
        (*self).value()
    }
}

/// The values that an entry of this kind gives the fields of its exhibit: all of its fields, or none.
#[must_use]
pub fn stated<S>(kind: Option<EventKind>, fields: &[S]) -> &[S] {
    if kind.is_some_and(EventKind::describes_an_exhibit) { fields } else { &[] }
}

/// The newest statement on each field of an exhibit, withdrawals included.
#[derive(Debug, Clone)]
pub struct Newest<S>(BTreeMap<FieldName, S>);

impl<S> Default for Newest<S> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<S: Statement> FromIterator<S> for Newest<S> {
    /// The newest of these statements, which come oldest first.
    fn from_iter<T: IntoIterator<Item = S>>(said: T) -> Self {
        let mut newest = Self::default();
        said.into_iter().for_each(|one| newest.replace(one, |_, _| true));
        newest
    }
}

impl<S: Statement> Newest<S> {
    /// Takes in a statement that is newer than all before. It is kept if `keeps` says so, with the number of fields that are
    /// kept; the one that it replaces is not kept either way.
    pub fn replace(&mut self, said: S, mut keeps: impl FnMut(usize, &S) -> bool) {
        self.0.remove(said.name());
        if keeps(self.0.len(), &said) {
            self.0.insert(said.name().clone(), said);
        }
    }

    /// The newest statement on a field; it may be a withdrawal.
    #[must_use]
    pub fn said(&self, name: &str) -> Option<&S> {
        self.0.get(name)
    }

    /// Whether the newest statement on this one's field gives another value.
    #[must_use]
    pub fn replaces(&self, earlier: &S) -> bool {
        self.said(earlier.name().as_str()).is_some_and(|newest| newest.value() != earlier.value())
    }

    /// The newest statements, in the order of the fields' names, withdrawals included.
    pub fn all(&self) -> impl Iterator<Item = &S> {
        self.0.values()
    }

    /// The statements that give a value which is in force: all but withdrawals.
    pub fn in_force(self) -> impl Iterator<Item = S> {
        self.0.into_values().filter(|said| !matches!(said.value(), FieldValue::Withdrawn(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, value: FieldValue) -> (FieldName, FieldValue) {
        (name.parse().unwrap(), value)
    }

    fn text(name: &str, value: &str) -> (FieldName, FieldValue) {
        said(name, FieldValue::Text(value.to_owned()))
    }

    #[test]
    fn a_later_value_replaces_an_earlier_one_and_a_withdrawal_leaves_none() {
        let withdrawn = said("title", FieldValue::Withdrawn("wrong".to_owned()));
        let all = [text("title", "a"), text("place", "b"), withdrawn.clone(), text("place", "c")];
        let newest: Newest<_> = all.iter().collect();
        assert_eq!(newest.said("title"), Some(&&withdrawn));
        assert_eq!(newest.said("place"), Some(&&all[3]));
        assert_eq!(newest.said("note"), None);
        assert_eq!(all.iter().map(|one| newest.replaces(&one)).collect::<Vec<_>>(), [true, true, false, false]);
        assert_eq!(newest.in_force().collect::<Vec<_>>(), [&all[3]]);
    }

    #[test]
    fn the_same_value_again_replaces_nothing() {
        let all = [text("title", "a"), text("title", "b"), text("title", "a")];
        let newest: Newest<_> = all.iter().collect();
        assert_eq!(all.iter().map(|one| newest.replaces(&one)).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn a_value_that_is_not_kept_still_replaces_the_earlier_one() {
        let mut newest = Newest::default();
        newest.replace(text("title", "a"), |_, _| true);
        newest.replace(text("place", "b"), |kept, _| kept < 1);
        newest.replace(text("title", "c"), |_, said| said.1 != FieldValue::Text("c".to_owned()));
        assert_eq!(newest.all().count(), 0);
    }

    #[test]
    fn only_entries_that_describe_an_exhibit_give_values() {
        let fields = [text("title", "a")];
        assert_eq!(stated(Some(EventKind::ExhibitDescribed), &fields), fields);
        assert_eq!(stated(Some(EventKind::ExhibitIngested), &fields), fields);
        assert!(stated(Some(EventKind::ExhibitNoted), &fields).is_empty());
        assert!(stated(None, &fields).is_empty());
    }
}
