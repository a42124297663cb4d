//! Reading a volume from a failing disk to its end.

use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::volume::ReadAt;

/// What is given up at once where reading fails.
const SECTOR_BYTES: u64 = 4096;
/// The number of `EIO`, the same on every Unix: the disk cannot read it.
const EIO: i32 = 5;

/// Whether it is the disk that fails, and not a right that is missing or the like.
#[must_use]
pub fn is_of_the_disk(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EIO)
}

/// The numbers of `EMFILE`, `ENFILE` and `ENOMEM`, the same on every Unix.
const LIMITS: [i32; 3] = [24, 23, 12];

/// Whether this process may not open a further file or take more memory: then nothing is known of what was to be read.
#[must_use]
pub fn is_of_the_process(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|number| LIMITS.contains(&number))
}

/// A file on a failing disk: sectors that cannot be read are zeros, which hashes then find. What else goes wrong
/// is an error as ever.
pub struct Salvaged {
    file: Arc<dyn ReadAt>,
    unreadable: Mutex<Vec<Range<u64>>>,
}

impl Salvaged {
    /// Reads the same file.
    #[must_use]
    pub const fn new(file: Arc<dyn ReadAt>) -> Self {
        Self { file, unreadable: Mutex::new(Vec::new()) }
    }

    /// What could not be read so far: ascending, with gaps between them.
    #[must_use]
    pub fn unreadable(&self) -> Vec<Range<u64>> {
        let mut ranges = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        ranges
    }
}

impl ReadAt for Salvaged {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let failed = match self.file.read_at(offset, buffer) {
            Err(error) if is_of_the_disk(&error) => error,
            read => return read,
        };
        // One sector after the other, so that a bad one does not take its neighbours with it.
        let rest = self.file.size_bytes()?.saturating_sub(offset);
        let to_end_of_sector = SECTOR_BYTES - offset % SECTOR_BYTES;
        let length = usize::try_from(rest.min(to_end_of_sector)).unwrap_or(buffer.len()).min(buffer.len());
        if length == 0 {
            return Err(failed);
        }
        match self.file.read_at(offset, &mut buffer[..length]) {
            Err(error) if is_of_the_disk(&error) => {
                buffer[..length].fill(0);
                let range = offset..offset + length as u64;
                self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).push(range);
                Ok(length)
            }
            read => read,
        }
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.file.size_bytes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::format::volume::read_exact_at;

    /// Ten sectors of sevens; some of them cannot be read.
    struct Failing(Range<u64>);

    impl ReadAt for Failing {
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            if offset < self.0.end && self.0.start < offset + buffer.len() as u64 {
                return Err(io::Error::from_raw_os_error(EIO));
            }
            let length = usize::try_from(self.size_bytes()? - offset).unwrap().min(buffer.len());
            buffer[..length].fill(7);
            Ok(length)
        }

        fn size_bytes(&self) -> io::Result<u64> {
            Ok(10 * SECTOR_BYTES)
        }
    }

    #[test]
    fn only_sectors_that_cannot_be_read_are_zeros() {
        let salvaged = Salvaged::new(Arc::new(Failing(5000..13_000)));
        let mut bytes = vec![1; 10 * SECTOR_BYTES as usize];
        read_exact_at(&salvaged, 0, &mut bytes).unwrap();
        let lost = 4096..4 * 4096;
        assert!((0..).zip(&bytes).all(|(at, &byte)| byte == if lost.contains(&at) { 0 } else { 7 }));
        let mut again = vec![1; 100];
        read_exact_at(&salvaged, 12_000, &mut again).unwrap();
        assert_eq!(salvaged.unreadable(), vec![lost]);
    }

    #[test]
    fn what_is_no_fault_of_the_disk_is_an_error() {
        struct Refusing;
        impl ReadAt for Refusing {
            fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
            fn size_bytes(&self) -> io::Result<u64> {
                Ok(100)
            }
        }
        let error = Salvaged::new(Arc::new(Refusing)).read_at(0, &mut [0; 10]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
}
