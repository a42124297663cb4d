//! What an OLE file (MS-CFB) holds, from its first directory sectors. Its tables are followed as far as a look needs
//! it, and never loaded.

use std::collections::HashSet;
use std::io::{Read, Seek};

use super::budget::Budgeted;

/// What every OLE file begins with.
pub(super) const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// What files of Hancom's word processor begin with, in which Korean authorities and courts write; of version 5 (OLE), the
/// stream `FileHeader` does.
pub(super) const HANGUL: &[u8] = b"HWP Document File";

/// The number of sectors of the directory that are read.
const MAX_DIRECTORY_SECTORS: usize = 64;
/// The number of steps along a chain to a place in it.
const MAX_STEPS: usize = 64;
/// Sectors with greater numbers are marks, such as the end of a chain.
const LAST_SECTOR: u32 = 0xffff_fffa;
const NO_ENTRY: u32 = 0xffff_ffff;
const ENTRY_BYTES: usize = 128;
/// Sectors of the table of sectors that the header names.
const IN_HEADER: usize = 109;

/// What streams and storages of the root say of the file.
const NAMES: &[(&str, &str)] = &[
    ("__properties_version1.0", "application/vnd.ms-outlook"),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
];

/// The media type of an OLE file, if its root shows it.
pub(super) fn look(source: &mut Budgeted<impl Read + Seek>) -> Option<&'static str> {
    let mut file = Ole::open(source)?;
    let names = file.names_in_root();
    let has = |name: &str| names.iter().any(|(known, _)| known == name);
    if let Some((_, entry)) = names.iter().find(|(name, _)| name == "FileHeader")
        && file.begins(*entry, HANGUL)
    {
        return Some("application/x-hwp");
    }
    NAMES.iter().find(|(name, _)| has(name)).map(|(_, media_type)| *media_type)
}

/// A stream or storage.
#[derive(Clone, Copy)]
struct Entry {
    left: u32,
    right: u32,
    child: u32,
    first_sector: u32,
    size_bytes: u32,
}

struct Ole<'a, R> {
    source: &'a mut Budgeted<R>,
    header: [u8; 512],
    sector_bytes: usize,
    entries: Vec<(String, Entry)>,
}

impl<'a, R: Read + Seek> Ole<'a, R> {
    fn open(source: &'a mut Budgeted<R>) -> Option<Self> {
        let header: [u8; 512] = source.exactly_at(0)?;
        let sector_bytes = match (u16::from_le_bytes([header[26], header[27]]), header[30]) {
            (3, 9) => 512,
            (4, 12) => 4096,
            _ => return None,
        };
        let mut file = Self { source, header, sector_bytes, entries: Vec::new() };
        let mut sector = file.in_header(48);
        for _ in 0..MAX_DIRECTORY_SECTORS {
            let Some(bytes) = file.sector(sector) else { break };
            file.entries.extend(bytes.chunks_exact(ENTRY_BYTES).map(entry));
            let Some(next) = file.next(sector) else { break };
            sector = next;
        }
        Some(file)
    }

    fn in_header(&self, at: usize) -> u32 {
        number(&self.header, at)
    }

    fn offset(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) * self.sector_bytes as u64
    }

    fn sector(&mut self, sector: u32) -> Option<Vec<u8>> {
        let bytes = self.source.read_at(self.offset(sector), self.sector_bytes).ok()?;
        (sector <= LAST_SECTOR && bytes.len() == self.sector_bytes).then_some(bytes)
    }

    /// A number in a sector.
    fn number_in(&mut self, sector: u32, at: usize) -> Option<u32> {
        let offset = self.offset(sector) + 4 * at as u64;
        let bytes = if sector <= LAST_SECTOR { self.source.exactly_at(offset) } else { None };
        bytes.map(u32::from_le_bytes)
    }

    /// The sector that follows one in its chain, by the table of sectors.
    fn next(&mut self, sector: u32) -> Option<u32> {
        let in_each = self.sector_bytes / 4;
        let (number, at) = (sector as usize / in_each, sector as usize % in_each);
        let table = if number < IN_HEADER {
            self.in_header(76 + 4 * number)
        } else {
            // The rest of the list of tables stands in a chain of its own; the last number of each leads on.
            let (steps, place) = ((number - IN_HEADER) / (in_each - 1), (number - IN_HEADER) % (in_each - 1));
            if steps > MAX_STEPS {
                return None;
            }
            let first = self.in_header(68);
            let list = (0..steps).try_fold(first, |list, _| self.number_in(list, in_each - 1))?;
            self.number_in(list, place)?
        };
        self.number_in(table, at).filter(|next| *next <= LAST_SECTOR)
    }

    /// The names in the root storage: a tree, whose branches may lead anywhere in a file that was not made by a program.
    fn names_in_root(&self) -> Vec<(String, Entry)> {
        let mut names = Vec::new();
        let (mut seen, mut waiting) = (HashSet::new(), Vec::new());
        waiting.extend(self.entries.first().map(|(_, root)| root.child));
        while let Some(at) = waiting.pop() {
            let Some((name, entry)) = self.entries.get(at as usize) else { continue };
            if at != NO_ENTRY && seen.insert(at) {
                names.push((name.clone(), *entry));
                waiting.extend([entry.left, entry.right]);
            }
        }
        names
    }

    /// Whether a stream begins so. Short ones lie in a stream of the root.
    fn begins(&mut self, entry: Entry, with: &[u8]) -> bool {
        const SHORT_SECTOR_BYTES: usize = 64;
        let place = if entry.size_bytes < self.in_header(56) {
            let Some((_, root)) = self.entries.first() else { return false };
            let at = entry.first_sector as usize * SHORT_SECTOR_BYTES;
            let (steps, rest) = (at / self.sector_bytes, at % self.sector_bytes);
            let first = root.first_sector;
            let sector = match steps <= MAX_STEPS {
                true => (0..steps).try_fold(first, |sector, _| self.next(sector)),
                false => None,
            };
            sector.map(|sector| (sector, rest))
        } else {
            Some((entry.first_sector, 0))
        };
        let Some((sector, rest)) = place.filter(|(sector, _)| *sector <= LAST_SECTOR) else { return false };
        let offset = self.offset(sector) + rest as u64;
        self.source.read_at(offset, with.len()).is_ok_and(|bytes| bytes == with)
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(NO_ENTRY, u32::from_le_bytes)
}

fn entry(bytes: &[u8]) -> (String, Entry) {
    let units = bytes[..64].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let name = char::decode_utf16(units.take_while(|unit| *unit != 0)).map(|c| c.unwrap_or('\u{fffd}')).collect();
    let entry = Entry {
        left: number(bytes, 68),
        right: number(bytes, 72),
        child: number(bytes, 76),
        first_sector: number(bytes, 116),
        size_bytes: number(bytes, 120),
    };
    (name, entry)
}
