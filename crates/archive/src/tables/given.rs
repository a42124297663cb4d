//! What the cells of a row give together.

use vouchsafe_core::model::FieldName;
use vouchsafe_core::sign::secrets::secrets_in;

use super::cells::{Refusal, given, says_the_same};
use crate::index::ExhibitRow;
use crate::metadata::{Fields, is_other_half};

/// What the cells of a row give. Each half of a date may come from its own cell, or from the other's.
#[derive(Default)]
pub(super) struct Given {
    fields: Fields,
    /// What the cells of dates gave beside their own fields: the words.
    beside: Fields,
    /// Which of the fields only repeat what the exhibit has.
    repeated: Vec<FieldName>,
}

impl Given {
    pub fn add(&mut self, name: &str, text: &str, present: Option<&ExhibitRow>) -> Result<(), Refusal> {
        if let Some(value) = present.and_then(|row| row.field(name)).filter(|value| says_the_same(text, value)) {
            let name: FieldName = name.parse().map_err(|error| Refusal::of(format!("{name}: {error}")))?;
            self.fields.insert(name.clone(), value.clone());
            self.repeated.push(name);
            return Ok(());
        }
        if let Some(secret) = secrets_in(text.as_bytes()).first() {
            return Err(Refusal::of(format!(
                "the cell has {}, and nothing can be removed from the archive again",
                secret.form.name()
            )));
        }
        for (field, value) in given(name, text)? {
            if field.as_str() == name {
                self.fields.insert(field, value);
            } else {
                self.beside.insert(field, value);
            }
        }
        Ok(())
    }

    /// All of it, if no two cells contradict each other. The words of a date that stand in a cell of their own count, unless
    /// they only repeat what the exhibit has.
    pub fn all(mut self) -> Result<Fields, Refusal> {
        // Where one half of a date changes, the other half no longer stands because it was exported beside it.
        let changes = |name: &FieldName| !self.repeated.contains(name);
        let is_stale = |name: &FieldName| {
            let mut others = self.fields.keys().filter(|other| changes(other));
            !self.beside.contains_key(name) && others.any(|other| is_other_half(other.as_str(), name.as_str()))
        };
        let stale: Vec<FieldName> = self.repeated.iter().filter(|name| is_stale(name)).cloned().collect();
        stale.iter().for_each(|name| drop(self.fields.remove(name)));
        for (name, value) in self.beside {
            let is_other = self.fields.get(&name).is_some_and(|other| *other != value);
            if is_other && !self.repeated.contains(&name) {
                return Err(Refusal::of(format!("two cells of the row give {name}, and differ")));
            }
            self.fields.insert(name, value);
        }
        Ok(self.fields)
    }
}
