//! The few file effects that durability rests on. Everything that is written into an archive goes
//! through a [`Disk`], so that a test can let every single one of them fail.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use vouchsafe_core::format::volume::ReadAt;

/// The effects on files.
pub trait Disk: Debug + Send + Sync {
    /// Creates a folder durably; one that is there already is fine.
    ///
    /// # Errors
    /// It cannot be created.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Creates a file that must not exist yet, with exactly this content, durably and at once: a crash
    /// leaves either the whole file or none under this name.
    ///
    /// # Errors
    /// The name is taken, or the file cannot be written.
    fn create_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()>;

    /// Replaces a file's content durably and at once.
    ///
    /// # Errors
    /// The file cannot be written.
    fn replace_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()>;

    /// Creates a new, empty file to append to, and makes its name durable.
    ///
    /// # Errors
    /// The name is taken, or the file cannot be created; then there is none that was not there before.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens an existing file for writing.
    ///
    /// # Errors
    /// The file cannot be opened for writing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a synced file another name on the same file system, durably and at once, in place of what had
    /// that name: a crash leaves the old file or the new one under it.
    ///
    /// # Errors
    /// It cannot be renamed, or the new name may not be durable.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; one that is not there is fine.
    ///
    /// # Errors
    /// It cannot be removed.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Creates a folder that must not exist yet, of which nothing is durable before [`Disk::sync_below`].
    ///
    /// # Errors
    /// The name is taken, or the folder cannot be created.
    fn create_loose_folder(&self, path: &Path) -> io::Result<()>;

    /// Creates a new, empty file of which nothing is durable before [`Disk::sync_below`].
    ///
    /// # Errors
    /// The name is taken, or the file cannot be created.
    fn create_loose_file(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Makes everything durable that was written below a folder, files and names: one long wait instead of one for
    /// each of thousands of small files.
    ///
    /// # Errors
    /// Something may not be durable; none of it must be relied on.
    fn sync_below(&self, folder: &Path) -> io::Result<()>;

    /// Gives a file or folder another name in the same folder, durably. Never over what stands there.
    ///
    /// # Errors
    /// The new name is taken, or cannot be given.
    fn move_new(&self, from: &Path, to: &Path) -> io::Result<()>;
}

/// A file that is appended to and synced.
pub trait DiskFile: Debug + Send + Sync {
    /// Writes all bytes at a position.
    ///
    /// # Errors
    /// They cannot be written, or not all of them.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file at a position.
    ///
    /// # Errors
    /// It cannot be cut.
    fn cut(&self, size_bytes: u64) -> io::Result<()>;

    /// Makes everything that was written durable (`fdatasync`).
    ///
    /// # Errors
    /// It may not be durable; what was written since the last success must not be relied on.
    fn sync(&self) -> io::Result<()>;

    /// Makes the file read-only, durably.
    ///
    /// # Errors
    /// Its mode cannot be changed or synced.
    fn make_read_only(&self) -> io::Result<()>;

    /// The size in bytes.
    ///
    /// # Errors
    /// It cannot be found out.
    fn size_bytes(&self) -> io::Result<u64>;
}

/// The computer's own disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        match fs::create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => sync_folder(parent(path)),
        }
    }

    fn create_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        create_file_of_many(path, content, mode)?;
        sync_folder(parent(path))
    }

    fn replace_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        let temporary = write_beside(path, content, mode, set_mode)?;
        if let Err(error) = fs::rename(&temporary, path) {
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
        sync_folder(parent(path))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        sync_folder(parent(path)).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })?;
        Ok(Box::new(SystemFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        // A link planted in place of a volume would lead the writing elsewhere.
        Ok(Box::new(SystemFile(open_safely(OpenOptions::new().read(true).write(true), path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        sync_folder(parent(to))?;
        sync_folder(parent(from))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => sync_folder(parent(path)),
        }
    }

    fn create_loose_folder(&self, path: &Path) -> io::Result<()> {
        fs::DirBuilder::new().mode(0o700).create(path)
    }

    fn create_loose_file(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Box::new(SystemFile(file)))
    }

    fn sync_below(&self, folder: &Path) -> io::Result<()> {
        sync_file_system(folder)
    }

    fn move_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match rename_new(from, to) {
            // Some file systems (FAT, some network mounts) cannot refuse to replace; then it is asked for before.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => match to.symlink_metadata() {
                Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => fs::rename(from, to)?,
            },
            result => result?,
        }
        sync_folder(parent(to))
    }
}

/// Everything on the file system becomes durable, and an error that was met on the way is reported (Linux since
/// 5.8).
#[cfg(target_os = "linux")]
fn sync_file_system(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Every file and folder below becomes durable, one after the other.
#[cfg(not(target_os = "linux"))]
fn sync_file_system(folder: &Path) -> io::Result<()> {
    for item in fs::read_dir(folder)? {
        let item = item?;
        match item.file_type()?.is_dir() {
            true => sync_file_system(&item.path())?,
            false => File::open(item.path())?.sync_all()?,
        }
    }
    sync_folder(folder)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_new(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[derive(Debug)]
struct SystemFile(File);

impl DiskFile for SystemFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.0.set_len(size_bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn make_read_only(&self) -> io::Result<()> {
        self.0.set_permissions(Permissions::from_mode(0o400))?;
        self.0.sync_all()
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }
}

/// Has no link followed and no pipe waited for when a file is opened in these ways. It may still be no regular file.
pub(crate) fn without_following(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
}

/// Opens what is a regular file, and nothing else. A link planted in its place is not followed, and a pipe not waited for.
pub(crate) fn open_safely(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    regular(without_following(options).open(path)?)
}

fn regular(file: File) -> io::Result<File> {
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is not a regular file")),
    }
}

/// A regular file that is only read, at any place.
#[derive(Debug)]
pub struct RegularFile(File);

impl RegularFile {
    /// Opens a file; a link is not followed.
    ///
    /// # Errors
    /// It cannot be opened, or is no regular file.
    pub fn open(path: &Path) -> io::Result<Self> {
        open_safely(OpenOptions::new().read(true), path).map(Self)
    }

    /// Asks the system to forget what it keeps of it in memory.
    pub(super) fn forget_cached(&self) {
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(&self.0, 0, None, rustix::fs::Advice::DontNeed);
    }
}

impl ReadAt for RegularFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        FileExt::read_at(&self.0, buffer, offset)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }
}

/// Reads a small file whole: a regular one, up to a limit. A pipe is not waited for, an endless device not
/// read; with `follows_links` false, a link is refused as well.
///
/// # Errors
/// It cannot be read, is no regular file, or is over the limit.
pub fn read_limited(path: &Path, limit_bytes: u64, follows_links: bool) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    options.read(true);
    let file = match follows_links {
        true => regular(options.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?)?,
        false => open_safely(&mut options, path)?,
    };
    let mut bytes = Vec::new();
    file.take(limit_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(io::Error::other(format!("it is too large: at most {limit_bytes} bytes are read")));
    }
    Ok(bytes)
}

/// How many bytes can still be written to the file system of a folder.
///
/// # Errors
/// It cannot be found out.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let system = rustix::fs::statvfs(folder)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

/// Creates a folder, and those above it, that nobody else can enter. One that is there already stays as it is.
///
/// # Errors
/// It cannot be created.
pub fn create_private_folders(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Creates a folder that must not exist yet, and that nobody else can enter.
///
/// # Errors
/// The name is taken, or the folder cannot be created.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(PRIVATE_FOLDER).create(path)?;
    let folder = File::open(path)?;
    make_private(&folder, PRIVATE_FOLDER)
}

/// Creates a new, empty file that nobody else can read, for what leaves an archive.
///
/// # Errors
/// The name is taken, or the file cannot be created.
pub fn create_private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(path)?;
    make_private(&file, PRIVATE_FILE)?;
    Ok(file)
}

/// Creates a file with this content, durably and at once, that nobody else can read.
///
/// # Errors
/// The name is taken, or the file cannot be written.
pub fn create_private_file(path: &Path, content: &[u8]) -> io::Result<()> {
    create_private_file_of_many(path, content)?;
    sync_folder(parent(path))
}

/// The same for one of many files, without making its name durable; one [`sync_folder`] does that for all of them. A crash
/// before leaves some of the files, each whole.
///
/// # Errors
/// The name is taken, or the file cannot be written.
pub fn create_private_file_of_many(path: &Path, content: &[u8]) -> io::Result<()> {
    name_new(&write_beside(path, content, PRIVATE_FILE, make_private)?, path)
}

const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_FOLDER: u32 = 0o700;

/// Lets nobody else in, whatever the umask is. The disks that people carry often know no modes, and say so to the owner of
/// the file: then it is as open as the disk.
fn make_private(file: &File, mode: u32) -> io::Result<()> {
    match file.set_permissions(Permissions::from_mode(mode)) {
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) => Ok(()),
        other => other,
    }
}

/// Creates a file as [`Disk::create_file`] does, but without making its name durable.
fn create_file_of_many(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    name_new(&write_beside(path, content, mode, set_mode)?, path)
}

fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

/// Gives a finished file its name, which must be free.
fn name_new(temporary: &Path, path: &Path) -> io::Result<()> {
    // A hard link, unlike a rename, never replaces what stands there.
    let linked = fs::hard_link(temporary, path).or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Err(error),
        // Some file systems (FAT, some network mounts) have no hard links.
        _ if path.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        _ => fs::rename(temporary, path),
    });
    let _ = fs::remove_file(temporary);
    linked
}

/// Makes the names in a folder durable: without this, a new file may be gone after a power cut
/// although its content was synced.
///
/// # Errors
/// They may not be durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

type SetMode = fn(&File, u32) -> io::Result<()>;

fn write_beside(path: &Path, content: &[u8], mode: u32, set_mode: SetMode) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = parent(path).join(format!(".{name}.{}.tmp", std::process::id()));
    let _ = fs::remove_file(&temporary);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        file.write_all(content)?;
        set_mode(&file, mode)?;
        file.sync_all()
    };
    match write() {
        Ok(()) => Ok(temporary),
        Err(error) => {
            let _ = fs::remove_file(&temporary);
            Err(error)
        }
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
