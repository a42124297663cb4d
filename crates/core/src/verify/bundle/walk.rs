//! The order in which the histories are visited that exhibits had in other archives.
//!
//! An entry of an exhibit may say that it came in a bundle, and what it is called there. The dossier of that bundle has
//! the history which it had there; entries of that history name further bundles, and so on. What a name leads to is a
//! graph: ways may meet again, and whoever writes a dossier can make them run in circles.
//!
//! So whoever follows the names goes breadth first, and visits each of them once. The way by which a history is found is
//! then the shortest one, and a walk ends after as many steps as there are names.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::hash::Hash;

use crate::digest::Digest;
use crate::format::SignedEntry;
use crate::model::{Event, ExhibitId};

/// An exhibit as the bundle of another archive calls it.
pub type Name = (Digest, ExhibitId);

/// What is wanted of one dossier: exhibits, as it calls them, each with those for whom its history is wanted.
pub type Names<W> = BTreeMap<ExhibitId, BTreeSet<W>>;

/// A walk breadth first. Keys are what is visited once each; stops are what whoever walks is handed when its turn comes.
#[derive(Debug)]
pub struct Walk<K, T> {
    seen: HashSet<K>,
    next: VecDeque<T>,
}

/// A stop at a dossier, which is read once for all that is wanted of it at the time.
#[derive(Debug)]
pub struct Step<P, W> {
    /// The bundle that the dossier is of.
    pub bundle: Digest,
    /// What is wanted of it, and was not visited before.
    pub names: Names<W>,
    /// Where it lies, and what else is to be known there.
    pub place: P,
}

impl<K, T> Default for Walk<K, T> {
    fn default() -> Self {
        Self { seen: HashSet::new(), next: VecDeque::new() }
    }
}

impl<K: Eq + Hash, T> Walk<K, T> {
    /// Adds a stop. False if one with this key was added before: then this one is not.
    pub fn add(&mut self, key: K, stop: T) -> bool {
        let is_new = self.seen.insert(key);
        if is_new {
            self.next.push_back(stop);
        }
        is_new
    }

    /// The stop whose turn it is; none at the end of the walk.
    pub fn next_stop(&mut self) -> Option<T> {
        self.next.pop_front()
    }
}

impl<K: Eq + Hash, P, W: Copy + Ord> Walk<K, Step<P, W>> {
    /// Adds what is wanted of a dossier, as far as it is new by these keys.
    pub fn add_dossier(&mut self, bundle: Digest, mut names: Names<W>, place: P, key: impl Fn(Name, W) -> K) {
        for (exhibit, who) in &mut names {
            who.retain(|who| self.seen.insert(key((bundle, *exhibit), *who)));
        }
        names.retain(|_, who| !who.is_empty());
        if !names.is_empty() {
            self.next.push_back(Step { bundle, names, place });
        }
    }
}

/// The bundle that an exhibit came in, if an entry says so, with what it is called there.
#[must_use]
pub fn received_in(signed: &SignedEntry) -> Option<Name> {
    match &signed.entry.event {
        Event::ExhibitReceived(body) => Some((body.bundle, body.foreign_exhibit)),
        _ => None,
    }
}

/// Names by their bundles, with those for whom each is wanted.
pub fn by_bundle<W: Ord>(names: impl IntoIterator<Item = (Name, W)>) -> BTreeMap<Digest, Names<W>> {
    let mut all: BTreeMap<Digest, Names<W>> = BTreeMap::new();
    for ((bundle, exhibit), who) in names {
        all.entry(bundle).or_default().entry(exhibit).or_default().insert(who);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bundle: u8, exhibit: u8) -> Name {
        (Digest::from_bytes([bundle; 32]), ExhibitId::from_bytes([exhibit; 10]))
    }

    /// Follows these arrows from the first name, for two who want it, and returns the order of the visits.
    fn visits(arrows: &[(u8, u8)]) -> Vec<(u8, Vec<u8>)> {
        let mut walk: Walk<(Name, u8), Step<(), u8>> = Walk::default();
        let mut visits = Vec::new();
        let mut named = by_bundle([(name(0, 0), 1), (name(0, 0), 2)]);
        loop {
            for (bundle, names) in named {
                walk.add_dossier(bundle, names, (), |name, who| (name, who));
            }
            let Some(step) = walk.next_stop() else { return visits };
            let from = step.bundle.as_bytes()[0];
            let who: BTreeSet<u8> = step.names.into_values().flatten().collect();
            let next = arrows.iter().filter(|(one, _)| *one == from).map(|(_, to)| name(*to, 0));
            named = by_bundle(next.flat_map(|name| who.iter().map(move |who| (name, *who))));
            visits.push((from, who.into_iter().collect()));
        }
    }

    #[test]
    fn a_walk_is_breadth_first_and_ends_where_names_run_in_a_circle() {
        let arrows = [(0, 2), (0, 1), (1, 3), (2, 4), (3, 0), (4, 3), (3, 3)];
        let both = |bundle| (bundle, vec![1, 2]);
        assert_eq!(visits(&arrows), [0, 1, 2, 3, 4].map(both));
    }

    #[test]
    fn whoever_wants_a_history_later_is_shown_it_once_more_and_nobody_else_is() {
        let mut walk: Walk<(Name, u8), Step<&str, u8>> = Walk::default();
        let bundle = name(1, 0).0;
        let names = |who: &[u8]| Names::from([(name(1, 7).1, who.iter().copied().collect())]);
        walk.add_dossier(bundle, names(&[1]), "first", |name, who| (name, who));
        walk.add_dossier(bundle, names(&[1]), "second", |name, who| (name, who));
        walk.add_dossier(bundle, names(&[1, 2]), "third", |name, who| (name, who));
        let mut stops = std::iter::from_fn(|| walk.next_stop()).map(|step| (step.place, step.names));
        assert_eq!(stops.next(), Some(("first", names(&[1]))));
        assert_eq!(stops.next(), Some(("third", names(&[2]))));
        assert_eq!(stops.next(), None);
    }

    #[test]
    fn a_key_is_visited_once() {
        let mut walk = Walk::default();
        assert!(walk.add(1, "a") && !walk.add(1, "b") && walk.add(2, "c"));
        assert_eq!([walk.next_stop(), walk.next_stop(), walk.next_stop()], [Some("a"), Some("c"), None]);
    }
}
