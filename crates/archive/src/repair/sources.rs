//! Where bytes come from: the damaged volume, a copy of it, its parity; and one laid over the other.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::Repair;
use crate::error::ArchiveError;
use crate::parity::parity_path;
use crate::store::Volumes;
use crate::store::durable::RegularFile;
use vouchsafe_core::format::salvage::Salvaged;
use vouchsafe_core::format::volume::{ReadAt, VolumeNumber, pieces};
use vouchsafe_core::verify::Evidence;

/// What two versions of a volume are compared by.
const SECTOR_BYTES: u64 = 512;

/// The versions of one volume.
pub(super) struct Sources {
    /// The archive's own; empty if it is missing.
    pub own: Arc<dyn ReadAt>,
    pub is_missing: bool,
    pub copy: Option<Arc<dyn ReadAt>>,
    /// The parity files, the archive's own first.
    pub parity: Vec<RegularFile>,
}

impl Repair {
    pub(super) fn sources(&self, number: VolumeNumber) -> Result<Sources, ArchiveError> {
        let own = match self.store.open(number) {
            Ok(own) => Some(own),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(ArchiveError::io("open the volume", &self.store.place(number))(error)),
        };
        // A copy may lack what the archive has.
        let copy = self.copy.as_ref().and_then(|(_, store)| store.open(number).ok());
        let folders = [Some(&self.folder), self.copy.as_ref().map(|(folder, _)| folder)];
        let parity =
            folders.into_iter().flatten().filter_map(|folder| RegularFile::open(&parity_path(folder, number)).ok());
        Ok(Sources {
            is_missing: own.is_none(),
            own: own.map_or_else(|| Arc::new(Vec::new()) as Arc<dyn ReadAt>, salvaged),
            copy: copy.map(salvaged),
            parity: parity.collect(),
        })
    }
}

/// A file on a disk that may be failing.
pub(super) fn salvaged(file: Arc<dyn ReadAt>) -> Arc<dyn ReadAt> {
    Arc::new(Salvaged::new(file))
}

/// A volume with some of its bytes from a copy; after its own end there are zeros.
pub(super) struct Patched<'a> {
    pub own: &'a dyn ReadAt,
    pub copy: &'a dyn ReadAt,
    /// Ascending, not overlapping.
    pub from_copy: &'a [Range<u64>],
    pub size_bytes: u64,
}

impl ReadAt for Patched<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self.from_copy.partition_point(|range| range.end <= offset);
        let (source, end) = match self.from_copy.get(next) {
            Some(range) if range.start <= offset => (self.copy, range.end),
            Some(range) => (self.own, range.start),
            None => (self.own, self.size_bytes),
        };
        let left = end.min(self.size_bytes).saturating_sub(offset);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = source.read_at(offset, &mut buffer[..length])?;
        if read == 0 && length > 0 {
            buffer[..length].fill(0);
            return Ok(length);
        }
        Ok(read)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.size_bytes)
    }
}

/// The sectors of a range in which two versions differ, or that the first one does not have.
pub(super) fn differences(a: &dyn ReadAt, b: &dyn ReadAt, range: &Range<u64>) -> io::Result<Vec<Range<u64>>> {
    let mut found: Vec<Range<u64>> = Vec::new();
    let a_bytes = a.size_bytes()?;
    let (mut left, mut right) = (pieces(a, range.start..range.end.min(a_bytes)), pieces(b, range.clone()));
    let mut at = range.start;
    while let Some(right) = right.next_piece()? {
        let left = left.next_piece()?.unwrap_or_default();
        for begin in (0..right.len()).step_by(SECTOR_BYTES as usize) {
            let end = (begin + SECTOR_BYTES as usize).min(right.len());
            if left.get(begin..end) == Some(&right[begin..end]) {
                continue;
            }
            let sector = at + begin as u64..at + end as u64;
            match found.last_mut() {
                Some(last) if last.end == sector.start => last.end = sector.end,
                _ => found.push(sector),
            }
        }
        at += right.len() as u64;
    }
    Ok(found)
}

/// What lies in both; each is ascending and not overlapping.
pub(super) fn intersection(a: &[Range<u64>], b: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut both = Vec::new();
    let (mut i, mut j) = (0, 0);
    while let (Some(left), Some(right)) = (a.get(i), b.get(j)) {
        let range = left.start.max(right.start)..left.end.min(right.end);
        if range.start < range.end {
            both.push(range);
        }
        if left.end <= right.end {
            i += 1;
        } else {
            j += 1;
        }
    }
    both
}

/// The same ranges in ascending order, those that touch as one.
pub(super) fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use vouchsafe_core::format::volume::read_exact_at;

    #[test]
    fn a_volume_is_read_from_two_places() {
        let (own, copy) = (vec![1_u8; 1000], vec![2_u8; 3000]);
        let patched = Patched { own: &own, copy: &copy, from_copy: &[10..20, 900..1500], size_bytes: 2000 };
        let mut bytes = vec![9; 2000];
        read_exact_at(&patched, 0, &mut bytes).unwrap();
        let expected: Vec<u8> = (0..2000)
            .map(|at| match at {
                10..20 | 900..1500 => 2,
                0..1000 => 1,
                _ => 0,
            })
            .collect();
        assert_eq!(bytes, expected);
        assert_eq!(patched.read_at(2000, &mut bytes).unwrap(), 0);
    }

    #[test]
    fn differences_are_told_by_sectors() {
        let a = vec![0_u8; 2000];
        let mut b = vec![0_u8; 3000];
        b[600] = 1;
        assert_eq!(differences(&a, &b, &(0..3000)).unwrap(), [512..1024, 1536..3000]);
        assert_eq!(differences(&a, &b, &(0..512)).unwrap(), []);
    }

    #[test]
    fn ranges_are_cut_and_joined() {
        assert_eq!(intersection(&[0..10, 20..30], &[5..25, 28..40]), [5..10, 20..25, 28..30]);
        assert_eq!(merged(vec![20..30, 0..10, 10..12]), [0..12, 20..30]);
    }
}
