//! What a verification reads, who sees what it reads, and who follows it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::digest::Digest;
use crate::format::SignedEntry;
use crate::format::volume::{Member, ReadAt, VolumeNumber};

/// The volumes of an archive, to be read and not believed.
pub trait Evidence: Sync {
    /// The numbers of the volumes, ascending, and the names of what else lies beside them.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)>;

    /// Opens a volume.
    ///
    /// # Errors
    /// It cannot be opened.
    fn open(&self, volume: VolumeNumber) -> io::Result<Arc<dyn ReadAt>>;
}

/// Follows a verification from outside: progress, and the wish to stop. Called from several threads.
pub trait Watch: Sync {
    /// How many bytes are to be dealt with. Announced again if it turns out to be less.
    fn total(&self, _bytes: u64) {}
    /// So many more bytes were dealt with.
    fn advance(&self, _bytes: u64) {}
    /// Time since the verification began. Without a clock no time passes, and a limit of time is never reached.
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
    /// Whether to stop now; the report then says that it is incomplete.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Nobody follows.
pub struct Unwatched;
impl Watch for Unwatched {}

/// Sees what the volumes hold, in order, as the index should.
pub trait Observer {
    /// An object that was committed.
    fn object(&mut self, digest: Digest, volume: VolumeNumber, member: &Member);
    /// An entry, well-formed, with the position of its line and its leaf hash.
    fn entry(&mut self, entry: &SignedEntry, volume: VolumeNumber, offset: u64, leaf: Digest);
}
