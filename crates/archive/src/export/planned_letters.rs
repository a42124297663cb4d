//! The letters of other archives that entries about exhibits name, and those of them that go along with a bundle.

use std::collections::{BTreeMap, BTreeSet};

use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{Disclosure, ExhibitId, Origin};

/// A letter that goes along.
#[derive(Debug, Clone)]
pub(super) struct PlannedLetter {
    pub bytes: Vec<u8>,
    /// What it tells.
    pub fields: Vec<Disclosure>,
    /// The archive that wrote it.
    pub origin: Origin,
    /// The exhibits of which custody passed by it.
    pub exhibits: BTreeSet<ExhibitId>,
}

/// The letters by which custody passed, each with the exhibits that it is about.
pub(super) type Named = BTreeMap<Digest, BTreeSet<ExhibitId>>;
