//! The bytes of an object: the one place where they become what lies in a volume, and the one where they are read back.
//!
//! On the way in, each byte goes through [`HeldObject`], if the object is small, or [`ObjectIntake`]. So no object is
//! appended under a name that was not computed from its bytes. On the way out, [`ObjectReader`] hands out what the object
//! holds. Whoever compares or repairs volumes looks at the members instead (`hash_pieces`), whatever they hold.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::volumes::{StoreError, Volumes};
use vouchsafe_core::digest::{Digest, Hasher};
use vouchsafe_core::format::volume::{ReadAt, VolumeNumber, pieces};

/// An object that is held in memory, with its name.
#[derive(Debug)]
pub struct HeldObject<B> {
    bytes: B,
    name: ObjectName,
}

impl<B: AsRef<[u8]>> HeldObject<B> {
    /// These bytes as an object.
    pub fn of(bytes: B) -> Self {
        let content = bytes.as_ref();
        let name = ObjectName { digest: Digest::of(content), size_bytes: content.len() as u64 };
        Self { bytes, name }
    }

    /// What it is called.
    pub const fn name(&self) -> ObjectName {
        self.name
    }

    /// The bytes that lie in a volume.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}

/// An object that comes in pieces. They may be appended before, or by another thread: what counts is that they are the same.
#[derive(Default)]
pub struct ObjectIntake {
    hasher: Hasher,
    size_bytes: u64,
}

impl ObjectIntake {
    /// The next bytes.
    pub fn take(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.size_bytes += piece.len() as u64;
    }

    /// What the object is called, of which these were all bytes.
    pub fn finish(self) -> ObjectName {
        ObjectName { digest: self.hasher.finish(), size_bytes: self.size_bytes }
    }
}

/// The name of an object whose bytes went through here, and how many they were. It cannot be made in any other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectName {
    digest: Digest,
    size_bytes: u64,
}

impl ObjectName {
    /// The SHA-256 of its bytes.
    pub const fn digest(self) -> Digest {
        self.digest
    }

    /// How many bytes it has.
    pub const fn size_bytes(self) -> u64 {
        self.size_bytes
    }
}

/// Why an object cannot be read, or must not be used.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// Its volume cannot be read.
    #[error(transparent)]
    Unread(#[from] StoreError),
    /// Its bytes are not those that it is named by.
    #[error("objects/{object} has the SHA-256 {found}")]
    Changed {
        /// The object.
        object: Digest,
        /// What its bytes hash to.
        found: Digest,
    },
}

/// An object in its volume, open to be read.
pub struct ObjectReader {
    object: Digest,
    volume: Arc<dyn ReadAt>,
    place: PathBuf,
    range: Range<u64>,
}

impl ObjectReader {
    /// Opens the object that has this place, according to the index.
    ///
    /// # Errors
    /// Its volume cannot be opened.
    pub fn open(
        store: &dyn Volumes,
        object: Digest,
        volume: VolumeNumber,
        range: Range<u64>,
    ) -> Result<Self, StoreError> {
        Ok(Self { object, volume: store.open_volume(volume)?, place: store.place(volume), range })
    }

    /// Hands all bytes on, in pieces, and checks them on the way.
    ///
    /// # Errors
    /// `take` refuses a piece, the volume cannot be read, or the bytes are not the object's. Then what was handed on must
    /// not be used.
    pub fn read<E: From<ObjectError>>(&self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let unread = |error| ObjectError::Unread(StoreError::io("read the volume", &self.place)(error));
        let mut hasher = Hasher::default();
        let mut pieces = pieces(&*self.volume, self.range.clone());
        while let Some(piece) = pieces.next_piece().map_err(unread)? {
            hasher.update(piece);
            take(piece)?;
        }
        let (object, found) = (self.object, hasher.finish());
        if found == object { Ok(()) } else { Err(ObjectError::Changed { object, found }.into()) }
    }
}

/// Any bytes of the object, counted from its first one. They are not checked: whoever reads so checks what they say.
impl ReadAt for ObjectReader {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.size_bytes()?.saturating_sub(offset);
        let length = usize::try_from(rest).unwrap_or(usize::MAX).min(buffer.len());
        self.volume.read_at(self.range.start.saturating_add(offset), &mut buffer[..length])
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.range.end - self.range.start)
    }
}
