//! A disk that fails once, and loses what was not synced.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::store::durable::{Disk, DiskFile, SystemDisk};

/// The computer's disk, with failures.
#[derive(Debug, Clone, Default)]
pub struct FailingDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    fails_after: Option<usize>,
    /// What each file held when it was last synced.
    synced: BTreeMap<PathBuf, Vec<u8>>,
}

impl FailingDisk {
    /// The effect that comes after so many further ones fails.
    pub fn fail_after(&self, effects: usize) {
        self.0.lock().unwrap().fails_after = Some(effects);
    }

    /// Nothing fails any more; whether something was still to fail.
    pub fn mend(&self) -> bool {
        self.0.lock().unwrap().fails_after.take().is_some()
    }

    /// Each file has what was synced, or everything.
    pub fn cut_power(&self, survives: bool) {
        for (path, content) in &self.0.lock().unwrap().synced {
            if !survives && path.exists() {
                fs::remove_file(path).unwrap();
                fs::write(path, content).unwrap();
            }
        }
    }

    fn effect<T>(&self, effect: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.0.lock().unwrap();
        let is_next = state.fails_after == Some(0);
        state.fails_after = state.fails_after.and_then(|effects| effects.checked_sub(1));
        if is_next { Err(io::Error::other("the disk fails")) } else { effect(&mut state) }
    }

    fn file(&self, path: &Path, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(FailingFile { disk: self.clone(), path: path.to_owned(), file })
    }
}

impl Disk for FailingDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.effect(|_| SystemDisk.create_folder(path))
    }

    fn create_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        self.effect(|_| SystemDisk.create_file(path, content, mode))
    }

    fn replace_file(&self, path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        self.effect(|_| SystemDisk.replace_file(path, content, mode))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = self.effect(|state| {
            let file = SystemDisk.create(path)?;
            state.synced.insert(path.to_owned(), Vec::new());
            Ok(file)
        })?;
        Ok(self.file(path, file))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = self.effect(|_| SystemDisk.open(path))?;
        Ok(self.file(path, file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.effect(|_| SystemDisk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.effect(|_| SystemDisk.remove(path))
    }

    fn create_loose_folder(&self, path: &Path) -> io::Result<()> {
        self.effect(|_| SystemDisk.create_loose_folder(path))
    }

    fn create_loose_file(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.effect(|_| SystemDisk.create_loose_file(path))
    }

    fn sync_below(&self, folder: &Path) -> io::Result<()> {
        self.effect(|_| SystemDisk.sync_below(folder))
    }

    fn move_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.effect(|_| SystemDisk.move_new(from, to))
    }
}

#[derive(Debug)]
struct FailingFile {
    disk: FailingDisk,
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl FailingFile {
    fn sync_after(&self, effect: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.disk.effect(|state| {
            effect()?;
            state.synced.insert(self.path.clone(), fs::read(&self.path)?);
            Ok(())
        })
    }
}

impl DiskFile for FailingFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.disk.effect(|_| self.file.write_at(offset, bytes))
    }

    fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.disk.effect(|_| self.file.cut(size_bytes))
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_after(|| self.file.sync())
    }

    fn make_read_only(&self) -> io::Result<()> {
        self.sync_after(|| self.file.make_read_only())
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.file.size_bytes()
    }
}
