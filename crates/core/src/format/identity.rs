//! Which archive it is, as what comes from it shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::{Fingerprint, Origin};

/// An archive: its fingerprint, by which it is known again in bundles, dossiers and letters, and what it calls itself.
/// Everything that is believed of it is kept under this.
///
/// Its origin is a name that anybody can give to a log: an archive of another identity that has the same origin is another
/// archive, be it an impostor's or a second genuine one. Two identities are compared whole; nothing but this type says
/// what they consist of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArchiveIdentity {
    origin: Origin,
    fingerprint: Fingerprint,
}

impl ArchiveIdentity {
    /// The archive with this fingerprint, which calls itself so.
    #[must_use]
    pub const fn new(origin: Origin, fingerprint: Fingerprint) -> Self {
        Self { origin, fingerprint }
    }

    /// What it calls itself.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What distinguishes it from all others of its origin.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// The origin, and the beginning of what distinguishes it from others of this origin.
impl fmt::Display for ArchiveIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.origin, &self.fingerprint.paper()[..9])
    }
}

/// What archives are called among others: by their origins, and where several have the same, with what distinguishes them.
#[derive(Debug, Clone, Default)]
pub struct ArchiveNames {
    first: BTreeMap<Origin, Fingerprint>,
    shared: BTreeSet<Origin>,
}

impl ArchiveNames {
    /// Adds an archive that is spoken of.
    pub fn add(&mut self, archive: &ArchiveIdentity) {
        let first = *self.first.entry(archive.origin.clone()).or_insert(archive.fingerprint);
        if first != archive.fingerprint {
            self.shared.insert(archive.origin.clone());
        }
    }

    /// What an archive is called.
    #[must_use]
    pub fn called(&self, archive: &ArchiveIdentity) -> String {
        match self.shared.contains(&archive.origin) {
            true => archive.to_string(),
            false => archive.origin.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn archives_of_one_origin_are_told_apart() {
        let archive = |name: &str, secret| {
            ArchiveIdentity::new(name.parse().unwrap(), Fingerprint(Digest::from_bytes([secret; 32])))
        };
        let [one, other, renamed] = [archive("a.example/x", 1), archive("a.example/x", 2), archive("b.example/x", 1)];
        assert_eq!(one, archive("a.example/x", 1));
        assert_eq!(one.origin(), other.origin());
        assert!(one != other && one != renamed && one.to_string() != other.to_string());
        let mut names = ArchiveNames::default();
        [&one, &one, &renamed].into_iter().for_each(|archive| names.add(archive));
        assert_eq!(names.called(&one), "a.example/x");
        names.add(&other);
        assert_eq!([&one, &renamed].map(|archive| names.called(archive)), [one.to_string(), "b.example/x".to_owned()]);
    }
}
