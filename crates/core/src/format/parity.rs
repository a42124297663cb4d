//! Parity files: blocks from which damaged blocks of a closed volume are computed, and the SHA-256 of
//! every block, so that it is known which are damaged.
//!
//! ```text
//! header │ pages of hashes │ recovery blocks │ pages of hashes │ header
//! ```
//! Header and hashes stand there twice, and each page of 4096 bytes ends with a digest of its own: what a
//! bad sector takes from one copy is read from the other. Nothing here is evidence. A block that was
//! computed from parity counts only if the volume then holds what the log names.

use std::io;

use super::volume::{ReadAt, VolumeNumber, read_exact_at};
use crate::digest::{Digest, Hasher};

/// The size of a page: that of the larger sectors of disks.
pub const PAGE_BYTES: u64 = 4096;
/// The most blocks of a volume, and the most recovery blocks.
pub const MAX_BLOCKS: u32 = 32_768;
/// The largest block.
pub const MAX_BLOCK_BYTES: u64 = 1 << 30;
/// So many blocks a volume is divided into at most when parity is made: with 5 % recovery blocks they fit
/// into half the table that healing would take otherwise.
const TARGET_BLOCKS: u64 = 30_000;

const PAGE: usize = PAGE_BYTES as usize;
const HASH: usize = 32;
const HASHES_OF_A_PAGE: usize = PAGE / HASH - 1;
const CONTENT: usize = HASHES_OF_A_PAGE * HASH;
const MAGIC: &[u8; 16] = b"vouchsafe-parity";
const VERSION: u32 = 1;

/// How a volume is divided into blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// The size of the volume.
    pub volume_bytes: u64,
    /// The size of a block; the last one of the volume is continued with zeros.
    pub block_bytes: u64,
    /// Blocks of the volume.
    pub data_blocks: u32,
    /// Blocks of parity: so many damaged blocks can be computed.
    pub recovery_blocks: u32,
}

impl Geometry {
    /// For a volume of this size and a share in percent; `None` for an empty volume, one that is too large,
    /// or a share that is not between 1 and 100.
    #[must_use]
    pub fn new(volume_bytes: u64, share_percent: u32) -> Option<Self> {
        let block_bytes = volume_bytes.div_ceil(TARGET_BLOCKS).next_multiple_of(PAGE_BYTES).max(PAGE_BYTES);
        let data_blocks = u32::try_from(volume_bytes.div_ceil(block_bytes)).ok()?;
        let recovery_blocks = data_blocks.checked_mul(share_percent)?.div_ceil(100);
        let geometry = Self { volume_bytes, block_bytes, data_blocks, recovery_blocks };
        (share_percent <= 100 && geometry.is_valid()).then_some(geometry)
    }

    fn is_valid(self) -> bool {
        let is_block = self.block_bytes >= PAGE_BYTES
            && self.block_bytes <= MAX_BLOCK_BYTES
            && self.block_bytes.is_multiple_of(PAGE_BYTES);
        is_block
            && (1..=MAX_BLOCKS).contains(&self.data_blocks)
            && (1..=MAX_BLOCKS).contains(&self.recovery_blocks)
            && self.volume_bytes.div_ceil(self.block_bytes) == u64::from(self.data_blocks)
    }

    /// All blocks, those of the volume first.
    #[must_use]
    pub const fn blocks(self) -> usize {
        self.data_blocks as usize + self.recovery_blocks as usize
    }

    const fn pages(self) -> u64 {
        self.blocks().div_ceil(HASHES_OF_A_PAGE) as u64
    }

    /// Where a block of the volume begins in it, and how many bytes of the volume it holds.
    #[must_use]
    pub fn data_block(self, block: usize) -> (u64, u64) {
        let offset = block as u64 * self.block_bytes;
        (offset, self.block_bytes.min(self.volume_bytes.saturating_sub(offset)))
    }

    /// Where a recovery block begins in the parity file.
    #[must_use]
    pub const fn recovery_offset(self, block: usize) -> u64 {
        (1 + self.pages()) * PAGE_BYTES + block as u64 * self.block_bytes
    }

    /// The size of the parity file.
    #[must_use]
    pub const fn file_bytes(self) -> u64 {
        2 * (1 + self.pages()) * PAGE_BYTES + self.recovery_blocks as u64 * self.block_bytes
    }
}

/// What a parity file says of the blocks, without the recovery blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParityTable {
    /// Of which volume.
    pub volume: VolumeNumber,
    /// How it is divided.
    pub geometry: Geometry,
    /// The SHA-256 of each block, those of the volume first (the last one without the zeros that continue
    /// it); `None` where neither copy of the table is readable.
    pub hashes: Vec<Option<Digest>>,
    /// Whether both copies are whole.
    pub is_whole: bool,
}

/// The two copies of the table, as they are written before and after the recovery blocks.
#[must_use]
pub fn write_table(volume: VolumeNumber, geometry: Geometry, hashes: &[Digest]) -> (Vec<u8>, Vec<u8>) {
    let header = header_page(volume, geometry, digest_of(hashes));
    let header_digest = Digest::of(&header);
    let mut pages = Vec::new();
    for (number, chunk) in hashes.chunks(HASHES_OF_A_PAGE).enumerate() {
        let begin = pages.len();
        chunk.iter().for_each(|hash| pages.extend_from_slice(hash.as_bytes()));
        pages.resize(begin + CONTENT, 0);
        let digest = page_digest(header_digest, number, &pages[begin..]);
        pages.extend_from_slice(digest.as_bytes());
    }
    ([header.as_slice(), &pages].concat(), [pages.as_slice(), &header].concat())
}

fn digest_of(hashes: &[Digest]) -> Digest {
    let mut hasher = Hasher::default();
    hashes.iter().for_each(|hash| hasher.update(hash.as_bytes()));
    hasher.finish()
}

/// A page of hashes belongs to one header and to one place after it.
fn page_digest(header: Digest, number: usize, content: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(header.as_bytes());
    hasher.update(&(number as u64).to_be_bytes());
    hasher.update(content);
    hasher.finish()
}

fn header_page(volume: VolumeNumber, geometry: Geometry, hashes: Digest) -> [u8; PAGE] {
    let mut page = [0; PAGE];
    let mut put = |at: usize, bytes: &[u8]| page[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, MAGIC);
    put(16, &VERSION.to_be_bytes());
    put(20, &volume.0.to_be_bytes());
    put(24, &geometry.volume_bytes.to_be_bytes());
    put(32, &geometry.block_bytes.to_be_bytes());
    put(40, &geometry.data_blocks.to_be_bytes());
    put(44, &geometry.recovery_blocks.to_be_bytes());
    put(48, hashes.as_bytes());
    let digest = Digest::of(&page[..CONTENT]);
    page[CONTENT..].copy_from_slice(digest.as_bytes());
    page
}

/// Reads a header page: in its one form, or not at all.
fn parse_header(page: &[u8; PAGE]) -> Option<(VolumeNumber, Geometry, Digest)> {
    let four = |at: usize| page[at..at + 4].try_into().map(u32::from_be_bytes).ok();
    let eight = |at: usize| page[at..at + 8].try_into().map(u64::from_be_bytes).ok();
    let volume = VolumeNumber(four(20)?);
    let geometry = Geometry {
        volume_bytes: eight(24)?,
        block_bytes: eight(32)?,
        data_blocks: four(40)?,
        recovery_blocks: four(44)?,
    };
    let hashes = Digest::from_bytes(page[48..80].try_into().ok()?);
    (geometry.is_valid() && header_page(volume, geometry, hashes) == *page).then_some((volume, geometry, hashes))
}

impl ParityTable {
    /// Reads the table of a parity file; `None` if neither header is readable. Which numbers it names is
    /// checked before memory is taken for them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(file: &dyn ReadAt) -> io::Result<Option<Self>> {
        let file_bytes = file.size_bytes()?;
        let first = read_page(file, 0)?;
        let last = match file_bytes.checked_sub(PAGE_BYTES) {
            Some(offset) => read_page(file, offset)?,
            None => None,
        };
        let headers = [first, last].map(|page| page.and_then(|page| parse_header(&page).map(|found| (found, page))));
        let both = matches!(&headers, [Some(a), Some(b)] if a == b);
        let [first, last] = headers;
        let Some(((volume, geometry, all), page)) = first.or(last) else { return Ok(None) };
        let header = Digest::of(&page);
        let mut table = Self { volume, geometry, hashes: Vec::new(), is_whole: both };
        let second = geometry.file_bytes() - (1 + geometry.pages()) * PAGE_BYTES;
        for number in 0..geometry.pages() {
            let at = number * PAGE_BYTES;
            let copies = [read_page(file, PAGE_BYTES + at)?, read_page(file, second + at)?];
            let is_right = |page: &[u8; PAGE]| {
                page_digest(header, usize::try_from(number).unwrap_or(usize::MAX), &page[..CONTENT]).as_bytes()[..]
                    == page[CONTENT..]
            };
            let [first, second] = copies.map(|page| page.filter(is_right));
            table.is_whole &= first.is_some() && second.is_some();
            table.take_page(first.or(second));
        }
        table.is_whole &= file_bytes == geometry.file_bytes();
        let known: Option<Vec<Digest>> = table.hashes.iter().copied().collect();
        Ok(known.is_none_or(|known| digest_of(&known) == all).then_some(table))
    }

    fn take_page(&mut self, page: Option<[u8; PAGE]>) {
        let left = self.geometry.blocks() - self.hashes.len();
        for place in 0..left.min(HASHES_OF_A_PAGE) {
            let hash = page.as_ref().and_then(|page| page[place * HASH..(place + 1) * HASH].try_into().ok());
            self.hashes.push(hash.map(Digest::from_bytes));
        }
    }

    /// The SHA-256 of a block of the volume, where it is known.
    #[must_use]
    pub fn data_hash(&self, block: usize) -> Option<Digest> {
        self.hashes.get(block).copied().flatten()
    }

    /// The SHA-256 of a recovery block, where it is known.
    #[must_use]
    pub fn recovery_hash(&self, block: usize) -> Option<Digest> {
        self.hashes.get(self.geometry.data_blocks as usize + block).copied().flatten()
    }
}

/// A page, or `None` where the file ends before it does.
fn read_page(file: &dyn ReadAt, offset: u64) -> io::Result<Option<[u8; PAGE]>> {
    let mut page = [0; PAGE];
    match read_exact_at(file, offset, &mut page) {
        Ok(()) => Ok(Some(page)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sample() -> (Geometry, Vec<Digest>, Vec<u8>) {
        let geometry = Geometry::new(2_000_000, 5).unwrap();
        let hashes: Vec<_> = (0..geometry.blocks()).map(|block| Digest::of(&block.to_be_bytes())).collect();
        let (front, back) = write_table(VolumeNumber(3), geometry, &hashes);
        let blocks = vec![7; geometry.recovery_blocks as usize * geometry.block_bytes as usize];
        (geometry, hashes, [front, blocks, back].concat())
    }

    #[test]
    fn the_share_is_rounded_up() {
        for (volume_bytes, share, data, recovery) in
            [(1, 1, 1, 1), (4096 * 100, 5, 100, 5), (4096 * 101, 5, 101, 6), (4096 * 100 + 1, 100, 101, 101)]
        {
            let geometry = Geometry::new(volume_bytes, share).unwrap();
            assert_eq!((geometry.data_blocks, geometry.recovery_blocks), (data, recovery), "{volume_bytes}");
        }
        let large = Geometry::new((4 << 30) + 1_000, 5).unwrap();
        assert!(large.data_blocks > 29_000 && large.data_blocks <= 30_000, "{large:?}");
        assert_eq!(Geometry::new(0, 5), None);
        assert_eq!(Geometry::new(5_000, 0), None);
        assert_eq!(Geometry::new(5_000, 101), None);
        assert_eq!(Geometry::new(u64::MAX, 5), None);
    }

    #[test]
    fn a_table_is_read_back() {
        let (geometry, hashes, file) = sample();
        assert_eq!(file.len() as u64, geometry.file_bytes());
        let table = ParityTable::read(&file).unwrap().unwrap();
        assert!(table.is_whole);
        assert_eq!((table.volume, table.geometry), (VolumeNumber(3), geometry));
        assert_eq!(table.hashes, hashes.into_iter().map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn any_one_page_may_be_damaged() {
        let (geometry, hashes, file) = sample();
        let table_pages = 1 + geometry.pages() as usize;
        let pages = file.len() / PAGE;
        for page in (0..table_pages).chain(pages - table_pages..pages) {
            let mut damaged = file.clone();
            damaged[page * PAGE + 100] ^= 1;
            let table = ParityTable::read(&damaged).unwrap().unwrap();
            assert!(!table.is_whole);
            assert!(table.hashes.iter().zip(&hashes).all(|(found, hash)| *found == Some(*hash)), "page {page}");
        }
    }

    #[test]
    fn a_page_that_is_damaged_twice_takes_only_its_own_hashes() {
        let (geometry, _, mut file) = sample();
        let second = file.len() - (1 + geometry.pages() as usize) * PAGE;
        file[PAGE] ^= 1;
        file[second] ^= 1;
        let table = ParityTable::read(&file).unwrap().unwrap();
        assert_eq!(table.hashes.iter().filter(|hash| hash.is_none()).count(), HASHES_OF_A_PAGE);
    }

    #[test]
    fn hostile_headers_are_refused_before_memory_is_taken() {
        let (geometry, hashes, file) = sample();
        let hostile = [
            Geometry { data_blocks: u32::MAX, ..geometry },
            Geometry { recovery_blocks: u32::MAX, ..geometry },
            Geometry { block_bytes: 0, ..geometry },
            Geometry { block_bytes: 4095, ..geometry },
            Geometry { volume_bytes: u64::MAX, ..geometry },
            Geometry { block_bytes: u64::MAX - 4095, data_blocks: 1, ..geometry },
        ];
        for geometry in hostile {
            let page = header_page(VolumeNumber(3), geometry, digest_of(&hashes));
            let mut forged = file.clone();
            forged[..PAGE].copy_from_slice(&page);
            let end = forged.len() - PAGE;
            forged[end..].copy_from_slice(&page);
            assert_eq!(ParityTable::read(&forged).unwrap(), None, "{geometry:?}");
        }
        for length in [0, 1, PAGE - 1] {
            assert_eq!(ParityTable::read(&file[..length].to_vec()).unwrap(), None);
        }
    }
}
