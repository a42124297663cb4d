//! The histories that a bundle hands on, read as its reader will find them.
//!
//! Read are the dossiers as they are written into the bundle, and not those that this archive received: what is not
//! handed on is not there to be shown.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use super::foreign::PlannedDossier;
use super::plan::ExportPlan;
use crate::ArchiveError;
use crate::foreign::{Dossiers, Histories, WhyUnread};
use crate::reader::Reader;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::ExhibitId;
use vouchsafe_core::verify::Unwatched;
use vouchsafe_core::verify::bundle::walk::Name;
use vouchsafe_core::verify::bundle::{BundleHistory, DossierBundle, read_histories};

/// The most bytes of dossiers that are read for the files for people. They are held in memory, and a report that is to be
/// read has less.
const MAX_READ_BYTES: u64 = 64 * 1024 * 1024;

/// The histories of a plan's exhibits in other archives, as far as its bundle will hold them. `named` are the names that
/// entries about the exhibits have for them.
///
/// # Errors
/// A dossier that is handed on can no longer be read.
pub fn histories_handed_on(
    reader: &Reader,
    plan: &ExportPlan,
    named: impl IntoIterator<Item = (Name, ExhibitId)>,
) -> Result<Histories, ArchiveError> {
    let mut handed_on = HandedOn { plan, left_bytes: MAX_READ_BYTES, too_large: BTreeSet::new() };
    Histories::read(reader, &mut handed_on, named)
}

/// The dossiers of a plan. They lie beside each other, so it does not matter where one is named.
struct HandedOn<'a> {
    plan: &'a ExportPlan,
    left_bytes: u64,
    /// Those that were not read, since they are too large.
    too_large: BTreeSet<Digest>,
}

impl<'a> Dossiers for HandedOn<'a> {
    type Place = &'a PlannedDossier;

    fn find(
        &mut self,
        _: Option<&Self::Place>,
        bundle: Digest,
    ) -> Result<Result<Self::Place, WhyUnread>, ArchiveError> {
        let found = self.plan.foreign.iter().find(|planned| planned.bundle == bundle);
        Ok(found.ok_or(WhyUnread::NotHandedOn))
    }

    fn read(
        &mut self,
        planned: &Self::Place,
        bundle: Digest,
        exhibits: &[ExhibitId],
    ) -> Result<Result<Vec<BundleHistory>, WhyUnread>, ArchiveError> {
        let left_bytes = self.left_bytes.checked_sub(planned.size_bytes());
        let Some(left_bytes) = left_bytes.filter(|_| !self.too_large.contains(&bundle)) else {
            self.too_large.insert(bundle);
            return Ok(Err(WhyUnread::TooLarge));
        };
        self.left_bytes = left_bytes;
        let damaged = |reason: String| ArchiveError::Damaged {
            place: format!("the dossier of the bundle {}", planned.bundle),
            reason,
        };
        let read = open(planned).and_then(|dossier| read_histories(&dossier, exhibits, &Unwatched));
        match read.map_err(|error| damaged(error.to_string()))? {
            Ok(read) => Ok(Ok(read.histories)),
            Err(unread) => Err(damaged(unread.reason().to_string())),
        }
    }
}

/// A dossier as it is handed on.
fn open(planned: &PlannedDossier) -> io::Result<DossierBundle> {
    let mut bytes = Vec::new();
    planned.write(&mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    let size_bytes = bytes.len() as u64;
    DossierBundle::open(Arc::new(bytes), 0, size_bytes)
}
