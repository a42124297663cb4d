//! Which values of fields another value replaced, along the whole chain of custody: they are withheld, as those of this
//! archive's own entries are.

use std::collections::{BTreeMap, BTreeSet};

use vouchsafe_core::format::Entry;
use vouchsafe_core::model::{Disclosure, EventKind, ExhibitId, FieldName, FieldValue};

/// A value that an entry gives a field of an exhibit.
struct Stated {
    /// 0 for this archive's own entries, 1 for those of the archive that it had the exhibit from, and so on.
    depth: u64,
    /// What the exhibit is called in the log of the entry.
    exhibit: ExhibitId,
    sequence: u64,
    kind: EventKind,
    name: FieldName,
    value: FieldValue,
}

/// What all logs say of the exhibits, by what they are called in this archive.
#[derive(Default)]
pub(super) struct Chain(BTreeMap<ExhibitId, Vec<Stated>>);

impl Chain {
    pub fn add(&mut self, own: ExhibitId, depth: u64, entry: &Entry, fields: &[Disclosure]) {
        let (kind, exhibit, sequence) = (entry.event.kind(), entry.exhibit, entry.exhibit_sequence);
        let (Some(kind), Some(exhibit), Some(sequence)) = (kind, exhibit, sequence) else { return };
        if !kind.describes_an_exhibit() {
            return;
        }
        let stated = fields.iter().map(|field| Stated {
            depth,
            exhibit,
            sequence,
            kind,
            name: field.name().clone(),
            value: field.value().clone(),
        });
        self.0.entry(own).or_default().extend(stated);
    }

    /// The fields, by the exhibit and the number of the entry about it, that another value replaced: a later one in the
    /// same log, or one that an archive behind it in the chain of custody gave.
    pub fn replaced(&self) -> BTreeSet<(ExhibitId, u64, FieldName)> {
        let mut replaced = BTreeSet::new();
        for statements in self.0.values() {
            let mut by_name: BTreeMap<&FieldName, Vec<&Stated>> = BTreeMap::new();
            for stated in statements {
                by_name.entry(&stated.name).or_default().push(stated);
            }
            for same in by_name.values() {
                // The newest value that each log gives the field.
                let mut newest: BTreeMap<ExhibitId, &Stated> = BTreeMap::new();
                for stated in same {
                    let known = newest.entry(stated.exhibit).or_insert(stated);
                    if known.sequence < stated.sequence {
                        *known = stated;
                    }
                }
                let replaces = |newer: &Stated, old: &Stated| {
                    // An ingest there names the file as it came; only a description corrects.
                    let corrects = newer.depth < old.depth && newer.kind == EventKind::ExhibitDescribed;
                    newer.value != old.value && (newer.exhibit == old.exhibit || corrects)
                };
                let old = same.iter().filter(|old| newest.values().any(|newer| replaces(newer, old)));
                replaced.extend(old.map(|old| (old.exhibit, old.sequence, old.name.clone())));
            }
        }
        replaced
    }
}
