//! What every store of volumes must do, whatever it is made of: a folder today ([`LocalVolumes`](super::LocalVolumes)).
//!
//! Reading is [`Evidence`], all that the verifier knows. [`Volumes`] adds what an archive needs to grow and to recover.
//! `store/conformance/` has each promise as a test that every store must pass.
//!
//! | | promised | not promised |
//! |---|---|---|
//! | a volume that [`Volumes::append_to`] begins | it is listed from then on, also after a crash | – |
//! | bytes that [`LastVolume::write_at`] writes | whoever opens the volume later reads them | that they are durable, or that a crash leaves them in order, or whole, or none of them |
//! | a commit whose [`Syncer::sync`] has returned | all bytes of it, and all before it, survive a crash | that nobody changes them afterwards: the verifier looks for that |
//! | a [`Syncer::sync`] that failed | the failure is reported; what was durable before is untouched | that another attempt makes those bytes durable, or that they are gone |
//! | [`LastVolume::cut`] | whoever opens the volume later does not read them | that it is durable: after a crash, bytes that were cut may be back |
//! | [`LastVolume::close`] | when it returns, the volume is closed durably | that nothing was written if it fails: the volume is then cut after its last commit |
//! | [`Volumes::set_aside`] | the bytes are durable elsewhere before they are cut, and then cut durably | – |
//!
//! One process appends at a time; the archive's lock sees to that, not the store. Others may read meanwhile.

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vouchsafe_core::format::volume::{ReadAt, VolumeNumber};
use vouchsafe_core::verify::Evidence;

/// A volume that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file effect failed.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A volume is missing from the sequence.
    #[error("{}: the volume is missing", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// There is no folder of volumes.
    #[error("{}: the folder of the volumes is missing", path.display())]
    NoFolder {
        /// Where it should be.
        path: PathBuf,
    },
}

impl StoreError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// A place in the volumes, where a member begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The volume.
    pub volume: VolumeNumber,
    /// Bytes from its beginning.
    pub offset: u64,
}

impl Position {
    /// The first byte of the first volume.
    pub const START: Self = Self { volume: VolumeNumber(0), offset: 0 };
}

/// Bytes that were cut off a volume, and where they are kept.
#[derive(Debug, Clone)]
pub struct TailCut {
    /// Where they began.
    pub from: Position,
    /// How many they are.
    pub size_bytes: u64,
    /// The copy.
    pub kept_in: PathBuf,
}

/// The volumes of one archive, wherever they are kept. The table in `store/volumes.rs` states what is promised.
pub trait Volumes: Evidence + Debug + Send {
    /// Where the volumes are, for messages. Only a local store is opened by it.
    fn root(&self) -> &Path;

    /// Opens the volume that is appended to, which must end at exactly this position. One that is not there yet is begun,
    /// if the position is its first byte.
    ///
    /// # Errors
    /// It cannot be opened or begun, or ends elsewhere. Then no volume is there that was not there before.
    fn append_to(&self, end: Position) -> Result<Box<dyn LastVolume>, StoreError>;

    /// Makes durable what can be read of a volume now, whoever wrote it. A closed volume is durable already.
    ///
    /// # Errors
    /// It may not be durable.
    fn make_durable(&self, volume: VolumeNumber) -> io::Result<()>;

    /// Keeps everything from a position to the end of its volume under a new name, durably, and then cuts it off. For
    /// bytes that no commit vouches for.
    ///
    /// # Errors
    /// The name is taken, or the bytes cannot be kept: then nothing is cut. Or they cannot be cut.
    fn set_aside(&self, from: Position, name: &str) -> Result<TailCut, StoreError>;

    /// Where a volume is, for messages.
    fn place(&self, volume: VolumeNumber) -> PathBuf {
        self.root().join(volume.file_name())
    }

    /// The numbers of the volumes, ascending, and the names of what is no volume.
    ///
    /// # Errors
    /// The store is missing, or cannot be read.
    fn list(&self) -> Result<(Vec<VolumeNumber>, Vec<String>), StoreError> {
        self.volumes().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NoFolder { path: self.root().to_owned() },
            _ => StoreError::io("list the folder", self.root())(error),
        })
    }

    /// The numbers of the volumes, ascending and without a gap.
    ///
    /// # Errors
    /// The store cannot be read, or a volume is missing.
    fn numbers(&self) -> Result<Vec<VolumeNumber>, StoreError> {
        let (numbers, _) = self.list()?;
        match (0..).map(VolumeNumber).zip(&numbers).find(|(expected, number)| expected != *number) {
            Some((missing, _)) => Err(StoreError::Missing { path: self.place(missing) }),
            None => Ok(numbers),
        }
    }

    /// Bytes of all volumes.
    ///
    /// # Errors
    /// The store or a volume cannot be read, or a volume is missing.
    fn size_bytes(&self) -> Result<u64, StoreError> {
        self.numbers()?.into_iter().try_fold(0, |sum, number| {
            let size = self.open_volume(number)?.size_bytes();
            Ok(sum + size.map_err(StoreError::io("read the volume's size", &self.place(number)))?)
        })
    }

    /// Opens a volume for reading.
    ///
    /// # Errors
    /// It cannot be opened.
    fn open_volume(&self, number: VolumeNumber) -> Result<Arc<dyn ReadAt>, StoreError> {
        self.open(number).map_err(StoreError::io("open the volume", &self.place(number)))
    }
}

/// The last volume, open to be appended to.
///
/// Whoever appends gathers a commit with `write_at` and ends it with `end_commit`. Positions are bytes from the beginning of
/// the volume. Nothing before the end of the last commit is ever written again.
pub trait LastVolume: Debug + Send {
    /// Writes bytes of the commit that is being gathered. They begin at most where the bytes before them end, or after room
    /// that is filled in before the commit ends; that is the header of an object whose digest is not known yet.
    ///
    /// # Errors
    /// They cannot be written, or not all of them.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Takes back everything from a position on: of the commit that is being gathered, or of one that was not made durable.
    ///
    /// # Errors
    /// It cannot be cut.
    fn cut(&self, size_bytes: u64) -> io::Result<()>;

    /// Ends the commit that was gathered, and gives what makes it durable; that may be used from another thread while the
    /// next commit is gathered.
    ///
    /// # Errors
    /// There is nothing to be had that would report a failure. The commit cannot be made durable, and is to be cut.
    fn end_commit(&mut self) -> io::Result<Box<dyn Syncer>>;

    /// Gives what makes bytes durable ahead of the end of their commit, while the writing goes on: the end then waits for
    /// less. It is no substitute for the commit's own.
    ///
    /// # Errors
    /// There is nothing to be had that would report a failure.
    fn sync_ahead(&self) -> io::Result<Box<dyn Syncer>>;

    /// Closes the volume after its last commit: with the blocks that end a tar archive, durably. `cut` opens it again.
    ///
    /// # Errors
    /// It is not closed durably, and is to be cut after its last commit.
    fn close(&self, size_bytes: u64) -> io::Result<()>;

    /// Protects a closed volume from being written to, as far as the store can: a courtesy, on which nothing rests.
    fn protect(&self);
}

/// Makes written bytes durable.
pub trait Syncer: Debug + Send + Sync {
    /// Waits until everything that was written before this call is durable.
    ///
    /// # Errors
    /// It may not be durable, and must not be relied on. A failure is reported once to each syncer that was there when the
    /// bytes were written: whoever ignores it loses them unseen.
    fn sync(&self) -> io::Result<()>;
}
