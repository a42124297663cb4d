//! The dossiers of bundles that this archive received, and those that came with them.

use std::io;

use super::ArchiveError;
use super::exhibits::LoggedEntry;
use super::reader::Reader;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::BundlePath;
use vouchsafe_core::model::Event;
use vouchsafe_core::verify::bundle::DossierBundle;

/// A dossier that this archive received, or one that came with it.
#[derive(Clone)]
pub(super) struct ReceivedDossier {
    pub dossier: DossierBundle,
    /// The dossier of the bundle itself. Those that came with it stand in it, beside each other, however long the chain is.
    outermost: DossierBundle,
    /// The object that it is.
    pub object: Digest,
}

impl ReceivedDossier {
    /// The dossier of a bundle that this archive received, which is this object.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(reader: &Reader, object: Digest) -> Result<Self, ArchiveError> {
        let dossier = reader.dossier(object)?;
        Ok(Self { outermost: dossier.clone(), dossier, object })
    }

    /// The dossier of another bundle that came with this one; none if it was not handed on to this archive.
    ///
    /// # Errors
    /// It is no dossier.
    pub fn behind(&self, bundle: Digest) -> io::Result<Option<Self>> {
        let dossier = self.outermost.nested(&BundlePath::foreign(bundle))?;
        let outermost = self.outermost.clone();
        Ok(dossier.map(|dossier| Self { dossier, outermost, object: self.object }))
    }
}

/// The entry that says that a bundle was received, if there is one.
pub(super) fn entry_about_received(reader: &Reader, bundle: Digest) -> Result<Option<LoggedEntry>, ArchiveError> {
    reader.index.received(bundle)?.map(|index| reader.entry(index)).transpose()
}

/// The same for a bundle that the entry at this place names, with the object that its dossier is.
///
/// # Errors
/// There is no such entry, or it cannot be read.
pub(super) fn bundle_received(
    reader: &Reader,
    bundle: Digest,
    place: &str,
) -> Result<(LoggedEntry, Digest), ArchiveError> {
    let damaged = |reason: &str| ArchiveError::Damaged { place: place.to_owned(), reason: reason.to_owned() };
    let logged = entry_about_received(reader, bundle)?;
    let logged = logged.ok_or_else(|| damaged("no entry says that its bundle was received"))?;
    match &logged.entry.entry.event {
        Event::BundleReceived(body) => {
            let object = body.dossier;
            Ok((logged, object))
        }
        _ => Err(damaged("the index names an entry that is not about its bundle")),
    }
}
