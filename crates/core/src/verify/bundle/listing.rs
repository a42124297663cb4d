//! What a bundle holds, before any of it is believed: its files and how they are read, wherever they are.

use std::io;
use std::ops::ControlFlow;

use crate::language::Text;

/// The files of a bundle, wherever they are, to be read and not believed.
pub trait BundleFiles: Sync {
    /// Everything that is there, in any order, and what speaks against the container itself. At most one more than
    /// [`MAX_FILES`](crate::format::bundle::MAX_FILES) items; nothing is opened.
    ///
    /// # Errors
    /// It cannot be listed.
    fn list(&self) -> io::Result<Listing>;

    /// Reads a regular file of the listing, piece by piece, until `take` breaks. Never more than the size that the
    /// listing says: a file that goes on after it is an error.
    ///
    /// # Errors
    /// It cannot be read, or is not what the listing says.
    fn read(&self, number: usize, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()>;
}

/// What a bundle holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files, folders, and what else there is.
    pub items: Vec<Listed>,
    /// What speaks against the container, a sentence each: a damaged zip file, members that overlap.
    pub objections: Vec<Text>,
    /// What a system left beside the bundle's folder: no part of it, and never opened.
    pub beside: Vec<Vec<u8>>,
}

/// An item of a bundle.
#[derive(Debug)]
pub struct Listed {
    /// Its name below the folder of the bundle, with `/` between the parts; that folder itself has none.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: ItemKind,
    /// The size of a file.
    pub size_bytes: u64,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a pipe.
    Other,
}
