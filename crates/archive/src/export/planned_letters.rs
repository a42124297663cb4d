//! The letters of other archives that entries about exhibits name, and those of them that a bundle includes.

use std::collections::{BTreeMap, BTreeSet};

use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{Disclosure, ExhibitId, Origin};

/// A letter that is included.
#[derive(Debug, Clone)]
pub(super) struct PlannedLetter {
    pub bytes: Vec<u8>,
    /// Its content.
    pub fields: Vec<Disclosure>,
    /// The archive that wrote it.
    pub origin: Origin,
    /// The exhibits whose custody passed by it.
    pub exhibits: BTreeSet<ExhibitId>,
}

/// The letters by which custody passed, each with the exhibits that it is about.
pub(super) type Named = BTreeMap<Digest, BTreeSet<ExhibitId>>;
