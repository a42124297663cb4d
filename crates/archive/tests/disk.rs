//! The computer's own disk, with something in between: what every test is made of in which a disk fails.

use std::fmt::{self, Debug, Display};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vouchsafe_archive::store::durable::{Disk, DiskFile, SystemDisk};

/// An effect on the disk, as [`Disk`] and [`DiskFile`] name it.
#[derive(Clone, Copy)]
pub enum Effect<'a> {
    CreateFolder(&'a Path),
    CreateFile(&'a Path),
    ReplaceFile(&'a Path),
    Create(&'a Path),
    Open(&'a Path),
    Rename { from: &'a Path, to: &'a Path },
    Remove(&'a Path),
    CreateLooseFolder(&'a Path),
    CreateLooseFile(&'a Path),
    SyncBelow(&'a Path),
    MoveNew { from: &'a Path, to: &'a Path },
    WriteAt { path: &'a Path, offset: u64, bytes: &'a [u8] },
    Cut { path: &'a Path, size_bytes: u64 },
    Sync(&'a Path),
    MakeReadOnly(&'a Path),
}

/// For the messages of failed tests.
impl Display for Effect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (effect, path) = match *self {
            Self::CreateFolder(path) => ("create folder", path),
            Self::CreateFile(path) => ("create file", path),
            Self::ReplaceFile(path) => ("replace", path),
            Self::Create(path) => ("create", path),
            Self::Open(path) => ("open", path),
            Self::Rename { from, to } => return write!(f, "rename {} to {}", from.display(), to.display()),
            Self::Remove(path) => ("remove", path),
            Self::CreateLooseFolder(path) => ("create loose folder", path),
            Self::CreateLooseFile(path) => ("create loose file", path),
            Self::SyncBelow(path) => ("sync below", path),
            Self::MoveNew { from, to } => return write!(f, "move {} to {}", from.display(), to.display()),
            Self::WriteAt { path, offset, bytes } => {
                return write!(f, "write {} bytes at {offset} of {}", bytes.len(), path.display());
            }
            Self::Cut { path, size_bytes } => return write!(f, "cut {} at {size_bytes}", path.display()),
            Self::Sync(path) => ("sync", path),
            Self::MakeReadOnly(path) => ("make read-only", path),
        };
        write!(f, "{effect} {}", path.display())
    }
}

/// What stands between the archive and the disk.
pub trait Between: Debug + Send + Sync {
    /// Is asked for every effect. `work` is the effect itself, to be done, left out, or replaced; only for one that opens a
    /// file, whoever reports success must have done it.
    ///
    /// # Errors
    /// The effect fails, or this lets it fail.
    fn effect(&self, effect: Effect<'_>, work: &mut dyn FnMut() -> io::Result<()>) -> io::Result<()>;
}

/// A disk that asks for every effect.
#[derive(Debug)]
pub struct DelegatingDisk(pub Arc<dyn Between>);

impl DelegatingDisk {
    fn open_by(
        &self,
        effect: Effect<'_>,
        path: &Path,
        open: fn(&SystemDisk, &Path) -> io::Result<Box<dyn DiskFile>>,
    ) -> io::Result<Box<dyn DiskFile>> {
        let mut file = None;
        self.0.effect(effect, &mut || {
            file = Some(open(&SystemDisk, path)?);
            Ok(())
        })?;
        let file = file.expect("a file that was opened with success is open");
        Ok(Box::new(DelegatingFile { between: self.0.clone(), path: path.to_owned(), file }))
    }
}

impl Disk for DelegatingDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.0.effect(Effect::CreateFolder(path), &mut || SystemDisk.create_folder(path))
    }

    fn create_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        self.0.effect(Effect::CreateFile(path), &mut || SystemDisk.create_file(path, content, mode))
    }

    fn replace_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        self.0.effect(Effect::ReplaceFile(path), &mut || SystemDisk.replace_file(path, content, mode))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.open_by(Effect::Create(path), path, SystemDisk::create)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.open_by(Effect::Open(path), path, SystemDisk::open)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.effect(Effect::Rename { from, to }, &mut || SystemDisk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.effect(Effect::Remove(path), &mut || SystemDisk.remove(path))
    }

    fn create_loose_folder(&self, path: &Path) -> io::Result<()> {
        self.0.effect(Effect::CreateLooseFolder(path), &mut || SystemDisk.create_loose_folder(path))
    }

    fn create_loose_file(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.open_by(Effect::CreateLooseFile(path), path, SystemDisk::create_loose_file)
    }

    fn sync_below(&self, folder: &Path) -> io::Result<()> {
        self.0.effect(Effect::SyncBelow(folder), &mut || SystemDisk.sync_below(folder))
    }

    fn move_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.effect(Effect::MoveNew { from, to }, &mut || SystemDisk.move_new(from, to))
    }
}

#[derive(Debug)]
struct DelegatingFile {
    between: Arc<dyn Between>,
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl DiskFile for DelegatingFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let effect = Effect::WriteAt { path: &self.path, offset, bytes };
        self.between.effect(effect, &mut || self.file.write_at(offset, bytes))
    }

    fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.between.effect(Effect::Cut { path: &self.path, size_bytes }, &mut || self.file.cut(size_bytes))
    }

    fn sync(&self) -> io::Result<()> {
        self.between.effect(Effect::Sync(&self.path), &mut || self.file.sync())
    }

    fn make_read_only(&self) -> io::Result<()> {
        self.between.effect(Effect::MakeReadOnly(&self.path), &mut || self.file.make_read_only())
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.file.size_bytes()
    }
}
