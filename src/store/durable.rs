//! The few file effects that durability rests on. Everything that is written into an archive goes
//! through here.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Makes the names in a folder durable: without this, a new file may be gone after a power cut
/// although its content was synced.
///
/// # Errors
/// The folder cannot be opened or synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Creates a folder durably; one that is there already is fine.
///
/// # Errors
/// It cannot be created.
pub fn create_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(parent(path)),
    }
}

/// Creates a file that must not exist yet, with exactly this content, durably and at once: a crash
/// leaves either the whole file or none under this name.
///
/// # Errors
/// The name is taken, or the file cannot be written.
pub fn create_file(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let temporary = write_beside(path, content, mode)?;
    // A hard link, unlike a rename, never replaces what stands there.
    let linked = fs::hard_link(&temporary, path).or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Err(error),
        // Some file systems (FAT, some network mounts) have no hard links.
        _ if path.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        _ => fs::rename(&temporary, path),
    });
    let _ = fs::remove_file(&temporary);
    linked?;
    sync_folder(parent(path))
}

/// Replaces a file's content durably and at once.
///
/// # Errors
/// The file cannot be written.
pub fn replace_file(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let temporary = write_beside(path, content, mode)?;
    if let Err(error) = fs::rename(&temporary, path) {
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_folder(parent(path))
}

fn write_beside(path: &Path, content: &[u8], mode: u32) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = parent(path).join(format!(".{name}.{}.tmp", std::process::id()));
    let _ = fs::remove_file(&temporary);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        file.write_all(content)?;
        file.set_permissions(Permissions::from_mode(mode))?;
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

/// A file that is appended to and synced.
#[derive(Debug)]
pub struct AppendFile(File);

impl AppendFile {
    /// Creates a new, empty file and makes its name durable.
    ///
    /// # Errors
    /// The name is taken, or the file cannot be created; then there is none that was not there before.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        sync_folder(parent(path)).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })?;
        Ok(Self(file))
    }

    /// Opens an existing file for appending.
    ///
    /// # Errors
    /// The file cannot be opened for writing.
    pub fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().read(true).write(true).open(path).map(Self)
    }

    /// Writes all bytes at a position.
    ///
    /// # Errors
    /// They cannot be written, or not all of them.
    pub fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    /// Cuts the file at a position.
    ///
    /// # Errors
    /// It cannot be cut.
    pub fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.0.set_len(size_bytes)
    }

    /// Makes everything that was written durable (`fdatasync`).
    ///
    /// # Errors
    /// It may not be durable; what was written since the last success must not be relied on.
    pub fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    /// Makes the file read-only, durably.
    ///
    /// # Errors
    /// Its mode cannot be changed or synced.
    pub fn make_read_only(&self) -> io::Result<()> {
        self.0.set_permissions(Permissions::from_mode(0o444))?;
        self.0.sync_all()
    }

    /// Another handle on the same file.
    ///
    /// # Errors
    /// There are too many open files.
    pub fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// The size in bytes.
    ///
    /// # Errors
    /// It cannot be found out.
    pub fn size_bytes(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }
}
