//! Hashing what lies in a volume.

use std::io;

use super::Watch;
use crate::digest::{Digest, Hasher};
use crate::format::volume::Pieces;

/// The SHA-256 of all pieces.
///
/// # Errors
/// They cannot be read, there are fewer bytes than there should be (`UnexpectedEof`), or it was stopped (`Interrupted`).
pub fn hash_pieces<B: AsMut<[u8]>>(mut pieces: Pieces<'_, B>, watch: &dyn Watch) -> io::Result<Digest> {
    let mut hasher = Hasher::default();
    while !pieces.is_done() {
        if watch.is_stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let piece = pieces.next_piece()?.unwrap_or_default();
        hasher.update(piece);
        watch.advance(piece.len() as u64);
    }
    Ok(hasher.finish())
}
