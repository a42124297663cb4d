//! A bundle without its objects, in a dossier; and what it proves of its log.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::listing::{BundleFiles, ItemKind, Listed, Listing};
use crate::format::bundle::dossier::{self, DossierFile};
use crate::format::bundle::{
    BundleDescription, BundlePath, CHECKPOINT, DESCRIPTION, EntryFile, MAX_BUNDLE_JSON_BYTES, Part, Subject,
};
use crate::format::checkpoint::MAX_CHECKPOINT_BYTES;
use crate::format::receipt::MAX_RECEIPT_BYTES;
use crate::format::volume::{ReadAt, pieces};
use crate::format::{Receipt, SignedCheckpoint};
use crate::language::Text;
use crate::merkle::check_inclusion;
use crate::verify::Agents;
use crate::verify::place::LogPlace;
use crate::verify::shown::{LogView, ShownLog};

/// A bundle without its objects, in a dossier.
#[derive(Clone)]
pub struct DossierBundle {
    source: Arc<dyn ReadAt>,
    start: u64,
    files: Vec<DossierFile>,
}

impl DossierBundle {
    /// The dossier of `size_bytes` that begins at `start`.
    ///
    /// # Errors
    /// It cannot be read, or is not a dossier.
    pub fn open(source: Arc<dyn ReadAt>, start: u64, size_bytes: u64) -> io::Result<Self> {
        let files = dossier::list(&*source, start, size_bytes)?;
        Ok(Self { source, start, files })
    }

    /// The files in it, in ascending order of their names.
    #[must_use]
    pub fn files(&self) -> &[DossierFile] {
        &self.files
    }

    /// A dossier that is a file of this one; `None` if there is no file of this name.
    ///
    /// # Errors
    /// It cannot be read, or is not a dossier.
    pub fn nested(&self, path: &BundlePath) -> io::Result<Option<Self>> {
        let Ok(place) = self.files.binary_search_by(|file| file.path.cmp(path)) else { return Ok(None) };
        let file = &self.files[place];
        Self::open(Arc::clone(&self.source), self.start + file.offset, file.size_bytes).map(Some)
    }

    /// The content of a file that is to be there.
    ///
    /// # Errors
    /// It is not there, is larger than the limit, or cannot be read.
    pub fn read_file(&self, name: &str, limit_bytes: usize) -> io::Result<Vec<u8>> {
        let place = self.files.iter().position(|file| file.path.as_str() == name);
        let place = place.ok_or_else(|| io::Error::other(format!("{name} is not in it")))?;
        if self.files[place].size_bytes > limit_bytes as u64 {
            return Err(io::Error::other(format!("{name} is too large")));
        }
        let mut bytes = Vec::new();
        self.read(place, &mut |piece| {
            bytes.extend_from_slice(piece);
            ControlFlow::Continue(())
        })?;
        Ok(bytes)
    }

    /// What it says that it is.
    ///
    /// # Errors
    /// That cannot be read.
    pub fn description(&self) -> io::Result<BundleDescription> {
        let text = self.read_file(DESCRIPTION, MAX_BUNDLE_JSON_BYTES)?;
        BundleDescription::parse(&text).map_err(io::Error::other)
    }
}

impl BundleFiles for DossierBundle {
    fn list(&self) -> io::Result<Listing> {
        let items = self.files.iter().map(|file| Listed {
            name: file.path.as_str().as_bytes().to_vec(),
            kind: ItemKind::File,
            size_bytes: file.size_bytes,
        });
        Ok(Listing { items: items.collect(), ..Listing::default() })
    }

    fn read(&self, number: usize, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()> {
        let file = self.files.get(number).ok_or_else(|| io::Error::other("it was not listed"))?;
        let offset = self.start + file.offset;
        let mut pieces = pieces(&*self.source, offset..offset + file.size_bytes);
        while let Some(piece) = pieces.next_piece()? {
            if take(piece).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl LogView {
    /// What the receipts of a dossier prove of its log. Nothing else of the dossier is looked at; a receipt that proves
    /// nothing is passed over.
    ///
    /// # Errors
    /// The dossier cannot be read, or does not prove whose log it shows.
    pub fn prove(dossier: &DossierBundle, named: Text) -> io::Result<Self> {
        let described = dossier.description()?;
        let signed = SignedCheckpoint::parse(&dossier.read_file(CHECKPOINT, MAX_CHECKPOINT_BYTES)?);
        let signed = signed.map_err(io::Error::other)?;
        let head = &signed.checkpoint;
        let mut shown = ShownLog::of_root(head.size, head.root);
        // What changes who may sign, by the index.
        let mut changes = BTreeMap::new();
        for (number, file) in dossier.files().iter().enumerate() {
            let Some(Part::Entry(subject, entry_number, EntryFile::Receipt)) = file.path.part() else { continue };
            if file.size_bytes > MAX_RECEIPT_BYTES as u64 {
                continue;
            }
            let mut bytes = Vec::new();
            dossier.read(number, &mut |piece| {
                bytes.extend_from_slice(piece);
                ControlFlow::Continue(())
            })?;
            let Ok(Receipt { entry, path, .. }) = Receipt::parse(&bytes) else { continue };
            let index = entry.entry.index;
            if check_inclusion(index.0, head.size, entry.leaf(), head.root, &path).is_err() {
                continue;
            }
            shown.add(&LogPlace::new(&entry, path));
            if (subject, entry_number) == (Subject::Agents, index.0) {
                changes.insert(index.0, entry);
            }
        }
        if changes.get(&0).is_none_or(|first| first.leaf() != described.fingerprint.0) {
            return Err(io::Error::other(format!("its first entry is not that of {}", described.archive())));
        }
        let mut agents = Agents::of_some_entries();
        changes.values().for_each(|entry| agents.learn(entry));
        let is_in_force = agents.log_key_at(head.size) == Some(&described.log_key);
        if !is_in_force || !agents.have_signed(&signed) {
            return Err(io::Error::other("its checkpoint is not signed by the key of the log that its entries name"));
        }
        shown.join();
        Ok(Self {
            place: String::new(),
            named,
            archive: described.archive(),
            log_key: described.log_key,
            size: head.size,
            root: head.root,
            shown,
        })
    }
}
