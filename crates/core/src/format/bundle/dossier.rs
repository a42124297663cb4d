//! Dossiers: all files of a bundle but the exhibits' own bytes, in one tar file of one form.
//!
//! A received bundle is kept as a dossier. Together with the objects it is the bundle again, byte for byte; and
//! without this program, `tar` unpacks it.

use std::io;

use super::path::BundlePath;
use crate::format::volume::{
    self, BLOCK, BLOCK_BYTES, END_BYTES, MAX_USTAR_SIZE_BYTES, ReadAt, padding_bytes, parse_ustar_block, read_block,
    ustar_block,
};

/// The most files of a dossier.
pub const MAX_DOSSIER_FILES: usize = super::MAX_FILES;
/// The bytes that end a dossier: two blocks of zeros.
pub const DOSSIER_END: [u8; END_BYTES as usize] = [0; END_BYTES as usize];

/// A file of a dossier, and where its bytes lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierFile {
    /// Its name in the bundle.
    pub path: BundlePath,
    /// Where its content begins, counted from the beginning of the dossier.
    pub offset: u64,
    /// Its size.
    pub size_bytes: u64,
}

/// The header before a file; `None` if it is too large for a dossier.
#[must_use]
pub fn header(path: &BundlePath, size_bytes: u64) -> Option<[u8; BLOCK]> {
    (size_bytes <= MAX_USTAR_SIZE_BYTES).then(|| ustar_block(path.as_str(), size_bytes, b'0'))
}

/// The zero bytes after a file's content.
#[must_use]
pub fn padding(size_bytes: u64) -> Vec<u8> {
    vec![0; usize::try_from(padding_bytes(size_bytes)).unwrap_or_default()]
}

/// Lists a dossier of `size_bytes` that begins at `start`. Only the one form is read: the headers that [`header`]
/// writes, names in ascending order, zeros between the files and two blocks of zeros at the end.
///
/// # Errors
/// It cannot be read, or is not a dossier (`InvalidData`).
pub fn list(source: &dyn ReadAt, start: u64, size_bytes: u64) -> io::Result<Vec<DossierFile>> {
    let mut files: Vec<DossierFile> = Vec::new();
    let mut at = 0;
    loop {
        if size_bytes.checked_sub(at).is_none_or(|left| left < END_BYTES) {
            return Err(not_a_dossier("it has no end"));
        }
        let block = read_block(source, start + at)?;
        if block == [0; BLOCK] {
            let is_end = at + END_BYTES == size_bytes && read_block(source, start + at + BLOCK_BYTES)? == [0; BLOCK];
            return if is_end { Ok(files) } else { Err(not_a_dossier("something stands behind its end")) };
        }
        let header = parse_ustar_block(&block).filter(|&(.., kind)| kind == b'0');
        let file = header.and_then(|(name, file_bytes, _)| Some((name.parse::<BundlePath>().ok()?, file_bytes)));
        let Some((path, file_bytes)) = file.filter(|(path, _)| !path.is_payload()) else {
            return Err(not_a_dossier("a header is not in its one form"));
        };
        if files.last().is_some_and(|last| last.path >= path) || files.len() >= MAX_DOSSIER_FILES {
            return Err(not_a_dossier("its names are not in ascending order, or too many"));
        }
        let offset = at + BLOCK_BYTES;
        if size_bytes - offset < file_bytes {
            return Err(not_a_dossier("a file goes on behind its end"));
        }
        at = offset + file_bytes + padding_bytes(file_bytes);
        if at <= size_bytes && !is_zero(source, start + offset + file_bytes, padding_bytes(file_bytes))? {
            return Err(not_a_dossier("something stands between its files"));
        }
        files.push(DossierFile { path, offset, size_bytes: file_bytes });
    }
}

fn is_zero(source: &dyn ReadAt, offset: u64, length: u64) -> io::Result<bool> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    volume::read_exact_at(source, offset, &mut bytes)?;
    Ok(bytes.iter().all(|&byte| byte == 0))
}

fn not_a_dossier(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("it is not a dossier: {reason}"))
}
