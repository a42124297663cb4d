//! A zip file as it is read in place: by several threads, and not beyond what it may have read of it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A file with a position of its own, so that several threads can read it.
#[derive(Clone)]
pub(super) struct Positioned {
    pub file: Arc<File>,
    pub position: u64,
    pub size_bytes: u64,
    /// How many bytes may still be read.
    pub budget: Arc<AtomicU64>,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(buffer, self.position)?;
        let left = self.budget.load(Relaxed);
        if left != u64::MAX {
            let rest = left.checked_sub(length as u64).ok_or_else(|| io::Error::other("its directory is too large"))?;
            self.budget.store(rest, Relaxed);
        }
        self.position += length as u64;
        Ok(length)
    }
}

impl Seek for Positioned {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(distance) => self.size_bytes.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
