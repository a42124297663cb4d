//! A bundle whose files are noted as they are read, so that what is taken from it later is what was checked.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, OnceLock, PoisonError};

use vouchsafe_core::digest::{Digest, Hasher};
use vouchsafe_core::format::bundle::BundlePath;
use vouchsafe_core::verify::bundle::{BundleFiles, ItemKind, Listing};

/// A bundle whose files are noted as they are read.
///
/// A bundle lies where others can write: on a stick, on a shared disk. What was checked may be another file when it
/// is read again. Objects are not noted: their digest is known from elsewhere.
pub struct NotedBundle<'a> {
    bundle: &'a dyn BundleFiles,
    files: OnceLock<BTreeMap<BundlePath, (usize, u64)>>,
    objects: OnceLock<HashSet<usize>>,
    read: Mutex<BTreeMap<usize, Digest>>,
}

impl<'a> NotedBundle<'a> {
    /// Nothing of it was read yet.
    #[must_use]
    pub const fn new(bundle: &'a dyn BundleFiles) -> Self {
        Self { bundle, files: OnceLock::new(), objects: OnceLock::new(), read: Mutex::new(BTreeMap::new()) }
    }

    /// The objects, and all other files that were read, in ascending order of their names, with their sizes. What no
    /// manifest lists, the checker does not read.
    pub fn files(&self) -> impl Iterator<Item = (&BundlePath, u64)> {
        let read: HashSet<usize> = self.read.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        let is_of_the_bundle = move |path: &BundlePath, number| path.is_payload() || read.contains(number);
        let listed = self.files.get().into_iter().flatten();
        listed
            .filter(move |(path, (number, _))| is_of_the_bundle(path, number))
            .map(|(path, (_, size_bytes))| (path, *size_bytes))
    }

    /// Reads an object, piece by piece. Whether it is the right one is for the caller to say.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_object(&self, path: &BundlePath, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()> {
        self.bundle.read(self.number(path)?, take)
    }

    fn number(&self, path: &BundlePath) -> io::Result<usize> {
        let listed = self.files.get().and_then(|files| files.get(path));
        listed.map(|&(number, _)| number).ok_or_else(|| io::Error::other("it was not listed"))
    }

    /// Reads a file again that is no object, piece by piece, and makes sure that it is the one that was read before.
    ///
    /// # Errors
    /// It cannot be read, was not read before, or has changed since (`InvalidData`); then what was taken is of no use.
    pub fn read_again(&self, path: &BundlePath, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()> {
        let number = self.number(path)?;
        let Some(digest) = self.read_hashing(number, take)? else { return Ok(()) };
        let noted = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(&number).copied();
        if noted == Some(digest) {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "it changed after it was checked"))
    }

    /// Reads a file, piece by piece. Its digest; none if whoever takes it broke off.
    fn read_hashing(
        &self,
        number: usize,
        take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> io::Result<Option<Digest>> {
        let mut hasher = Hasher::default();
        let mut is_broken_off = false;
        self.bundle.read(number, &mut |piece| {
            hasher.update(piece);
            let flow = take(piece);
            is_broken_off |= flow.is_break();
            flow
        })?;
        Ok((!is_broken_off).then(|| hasher.finish()))
    }
}

impl BundleFiles for NotedBundle<'_> {
    fn list(&self) -> io::Result<Listing> {
        let listing = self.bundle.list()?;
        let (mut files, mut objects) = (BTreeMap::new(), HashSet::new());
        for (number, item) in listing.items.iter().enumerate().filter(|(_, item)| item.kind == ItemKind::File) {
            if let Some(path) = std::str::from_utf8(&item.name).ok().and_then(|name| name.parse::<BundlePath>().ok()) {
                if path.is_payload() {
                    objects.insert(number);
                }
                files.insert(path, (number, item.size_bytes));
            }
        }
        let _ = self.files.set(files);
        let _ = self.objects.set(objects);
        Ok(listing)
    }

    fn read(&self, number: usize, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()> {
        if self.objects.get().is_some_and(|objects| objects.contains(&number)) {
            return self.bundle.read(number, take);
        }
        if let Some(digest) = self.read_hashing(number, take)? {
            self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(number, digest);
        }
        Ok(())
    }
}
