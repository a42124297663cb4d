//! How much of a file is read to recognise it. Whatever it says of itself, it costs no more than this.

use std::io::{self, Read, Seek, SeekFrom};

/// How often a file is read from, and how many bytes in all.
const MAX_READS: u32 = 2000;
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How much at once.
const MAX_PIECE_BYTES: usize = 64 * 1024;

/// A file that ends where the budget does.
pub(super) struct Budgeted<R> {
    source: R,
    reads_left: u32,
    bytes_left: usize,
    is_spent: bool,
}

impl<R: Read + Seek> Budgeted<R> {
    pub const fn new(source: R) -> Self {
        Self { source, reads_left: MAX_READS, bytes_left: MAX_BYTES, is_spent: false }
    }

    /// Whether more was asked for than the budget allows.
    pub const fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// Some bytes of the file; fewer where it ends.
    pub fn read_at(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        Read::by_ref(self).take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// This many bytes of the file, if they exist.
    pub fn exactly_at<const N: usize>(&mut self, offset: u64) -> Option<[u8; N]> {
        self.read_at(offset, N).ok()?.try_into().ok()
    }
}

impl<R: Read> Read for Budgeted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(MAX_PIECE_BYTES).min(self.bytes_left);
        if buffer.is_empty() {
            return Ok(0);
        }
        if room == 0 || self.reads_left == 0 {
            self.is_spent = true;
            return Ok(0);
        }
        self.reads_left -= 1;
        let count = self.source.read(&mut buffer[..room])?;
        self.bytes_left -= count;
        Ok(count)
    }
}

impl<R: Seek> Seek for Budgeted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_after_so_many_reads_and_so_many_bytes() {
        let bytes = vec![7; MAX_BYTES + 1];
        let mut source = Budgeted::new(io::Cursor::new(&bytes));
        assert_eq!(source.read_at(0, usize::MAX).unwrap().len(), MAX_BYTES);
        assert!(source.is_spent());
        let mut source = Budgeted::new(io::Cursor::new(&bytes));
        let reads = (0..).take_while(|_| source.exactly_at::<1>(5).is_some()).count();
        assert!(reads <= MAX_READS as usize && source.is_spent(), "{reads}");
        let mut source = Budgeted::new(io::Cursor::new(&bytes[..100]));
        assert_eq!(source.read_at(0, 1000).unwrap().len(), 100);
        assert!(!source.is_spent());
    }
}
