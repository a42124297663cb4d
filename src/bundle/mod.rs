//! Bundles on disk, read and never written: a folder, or the same folder as a zip file.
//!
//! Nothing is unpacked, no link is followed, and only what has a safe name is opened (the checker sees to that).

mod folder;
mod noted;
mod zip_file;
mod zip_frame;

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

pub use folder::FolderBundle;
pub use noted::NotedBundle;
pub use zip_file::ZipBundle;

use crate::verify::bundle::BundleFiles;

/// One read: small enough to stay in the processor's cache until it is hashed.
const READ_BYTES: usize = 256 * 1024;

/// Opens a bundle: a folder, or else a zip file.
///
/// # Errors
/// There is nothing of this name, or it cannot be opened. A file that is no zip file can be opened; the checker
/// finds that out.
pub fn open(path: &Path) -> io::Result<Box<dyn BundleFiles>> {
    match path.metadata()?.is_dir() {
        true => Ok(Box::new(FolderBundle::new(path.to_owned()))),
        false => Ok(Box::new(ZipBundle::open(path)?)),
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
