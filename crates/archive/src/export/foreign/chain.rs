//! Which values of fields another value replaced, along the whole chain of custody: they are withheld, as those of this
//! archive's own entries are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use vouchsafe_core::format::Entry;
use vouchsafe_core::model::{Disclosure, EventKind, ExhibitId, FieldName, FieldValue, Newest, Statement, stated};

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

impl Statement for Stated {
    fn name(&self) -> &FieldName {
        &self.name
    }

    fn value(&self) -> &FieldValue {
        &self.value
    }
}

/// What all logs say of the exhibits, by what they are called in this archive.
#[derive(Default)]
pub(super) struct Chain(BTreeMap<ExhibitId, Vec<Stated>>);

impl Chain {
    pub fn add(&mut self, own: ExhibitId, depth: u64, entry: &Entry, fields: &[Disclosure]) {
        let (kind, exhibit, sequence) = (entry.event.kind(), entry.exhibit, entry.exhibit_sequence);
        let (Some(kind), Some(exhibit), Some(sequence)) = (kind, exhibit, sequence) else { return };
        let stated = stated(Some(kind), fields).iter().map(|field| Stated {
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
            let mut logs: BTreeMap<ExhibitId, Vec<&Stated>> = BTreeMap::new();
            for stated in statements {
                logs.entry(stated.exhibit).or_default().push(stated);
            }
            let newest: Vec<Newest<&Stated>> = logs
                .into_values()
                .map(|mut log| {
                    // One log may be known by several ways: of the same entry, the nearest counts.
                    log.sort_by_key(|stated| (stated.sequence, Reverse(stated.depth)));
                    log.into_iter().collect()
                })
                .collect();
            let is_replaced = |old: &&Stated| {
                newest.iter().any(|log| {
                    let newer = log.said(old.name.as_str());
                    // An ingest there names the file as it came; only a description corrects.
                    let corrects = |newer: &&Stated| {
                        newer.exhibit == old.exhibit
                            || (newer.depth < old.depth && newer.kind == EventKind::ExhibitDescribed)
                    };
                    newer.is_some_and(corrects) && log.replaces(old)
                })
            };
            let old = statements.iter().filter(is_replaced);
            replaced.extend(old.map(|old| (old.exhibit, old.sequence, old.name.clone())));
        }
        replaced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INGESTED: EventKind = EventKind::ExhibitIngested;
    const DESCRIBED: EventKind = EventKind::ExhibitDescribed;

    fn exhibit(number: u8) -> ExhibitId {
        ExhibitId::from_bytes([number; 10])
    }

    /// Titles by depth, exhibit, number of the entry, kind and text; those that are replaced, by exhibit and number.
    fn replaced(titles: &[(u64, u8, u64, EventKind, &str)]) -> Vec<(u8, u64)> {
        let name: FieldName = "title".parse().unwrap();
        let stated = titles.iter().map(|&(depth, number, sequence, kind, text)| Stated {
            depth,
            exhibit: exhibit(number),
            sequence,
            kind,
            name: name.clone(),
            value: FieldValue::Text(text.to_owned()),
        });
        let chain = Chain(BTreeMap::from([(exhibit(0), stated.collect())]));
        chain.replaced().into_iter().map(|(exhibit, sequence, _)| (exhibit.as_bytes()[0], sequence)).collect()
    }

    #[test]
    fn a_later_value_of_the_same_log_replaces_an_earlier_one() {
        assert_eq!(replaced(&[(1, 1, 0, INGESTED, "a"), (1, 1, 3, DESCRIBED, "b")]), [(1, 0)]);
        assert_eq!(replaced(&[(1, 1, 3, DESCRIBED, "b"), (1, 1, 0, INGESTED, "a")]), [(1, 0)]);
        assert!(replaced(&[(1, 1, 0, INGESTED, "a"), (1, 1, 3, DESCRIBED, "a")]).is_empty());
    }

    #[test]
    fn a_description_by_an_archive_that_had_it_later_replaces_what_those_before_said() {
        assert_eq!(replaced(&[(2, 2, 7, DESCRIBED, "a"), (0, 0, 1, DESCRIBED, "b")]), [(2, 7)]);
        assert!(replaced(&[(2, 2, 7, DESCRIBED, "a"), (0, 0, 0, INGESTED, "b")]).is_empty());
    }

    #[test]
    fn of_a_log_that_is_known_by_two_ways_the_nearer_one_counts() {
        let (far, near) = ((2, 1, 3, DESCRIBED, "b"), (1, 1, 3, DESCRIBED, "b"));
        let other = (2, 2, 0, DESCRIBED, "a");
        for way in [[far, near, other], [near, far, other], [other, near, far]] {
            assert_eq!(replaced(&way), [(2, 0)]);
        }
        // Neither had it after the other.
        assert!(replaced(&[far, other]).is_empty());
    }
}
