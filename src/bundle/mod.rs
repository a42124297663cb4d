//! Bundles on disk, read and never written: a folder, or the same folder as a zip file.
//!
//! Nothing is unpacked, no link is followed, and only what has a safe name is opened (the checker sees to that).

mod folder;
mod noted;
mod zip_file;
mod zip_frame;

use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

pub use folder::FolderBundle;
pub use noted::NotedBundle;
pub use zip_file::ZipBundle;

use crate::verify::bundle::BundleFiles;

/// One read: small enough to stay in the processor's cache until it is hashed.
const READ_BYTES: usize = 256 * 1024;

/// The files that every bundle has at its top. Where one is missing, the checker finds that; where none is there, nothing
/// says that it ever was a bundle.
const FRAME: [&str; 4] = ["bundle.json", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"];

/// What was given for a bundle and is none.
#[derive(Debug)]
struct NotABundle(&'static str);

impl fmt::Display for NotABundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not a bundle: {}", self.0)
    }
}

impl std::error::Error for NotABundle {}

/// Whether [`open`] failed since nothing of a bundle is there.
#[must_use]
pub fn is_no_bundle(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<NotABundle>())
}

/// Opens a bundle: a folder, or else a zip file.
///
/// # Errors
/// There is nothing of this name, it cannot be opened, or it is no bundle ([`is_no_bundle`]): a folder without any of the
/// files of a bundle's frame, or a file that is no zip file. A zip file that is damaged can be opened; the checker finds
/// that out.
pub fn open(path: &Path) -> io::Result<Box<dyn BundleFiles>> {
    let refused = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, NotABundle(why)));
    if path.metadata()?.is_dir() {
        return match FRAME.iter().any(|name| path.join(name).symlink_metadata().is_ok()) {
            true => Ok(Box::new(FolderBundle::new(path.to_owned()))),
            false => refused("there is no bundle.json and no manifest in this folder"),
        };
    }
    let bundle = ZipBundle::open(path)?;
    match bundle.is_no_zip() {
        true => refused("this file is no zip file"),
        false => Ok(Box::new(bundle)),
    }
}

/// Hands on what is read, piece by piece, and refuses more or less than was announced. Whether all of it was taken.
fn hand_on(
    reader: &mut dyn io::Read,
    size_bytes: u64,
    take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<bool> {
    let length = usize::try_from(size_bytes).unwrap_or(usize::MAX).clamp(1, READ_BYTES);
    let mut buffer = vec![0; length];
    let mut done = 0;
    loop {
        let length = match reader.read(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        done += length as u64;
        if done > size_bytes || (length == 0 && done < size_bytes) {
            return Err(io::Error::other(format!("it does not have the {size_bytes} bytes that it should")));
        }
        if length == 0 {
            return Ok(true);
        }
        if take(&buffer[..length]).is_break() {
            return Ok(false);
        }
    }
}
