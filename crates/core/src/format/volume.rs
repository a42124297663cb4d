//! Volumes: POSIX tar (ustar) files that hold the ground state.
//!
//! The members of a commit, in order: any number of `objects/<sha256>`, then one each of
//! `fields/<first>-<count>.jsonl`, `log/<first>-<count>.jsonl` and `checkpoints/<size>`. The last is
//! the commit point. A header has exactly one form for a given name and size, so a header is checked
//! by writing it again.

use std::fmt;
use std::io;
use std::ops::Range;
use std::str::FromStr;

use crate::digest::Digest;
use crate::model::EntryIndex;

/// The unit of tar: every header and every end of content is at a multiple of this.
pub const BLOCK_BYTES: u64 = 512;
/// The largest size that a ustar header holds (eleven octal digits); above it a pax header holds the size.
pub const MAX_USTAR_SIZE_BYTES: u64 = (1 << 33) - 1;
/// The two zero blocks that end a closed volume.
pub const END_BYTES: u64 = 2 * BLOCK_BYTES;
/// The most entries in one commit.
pub const MAX_COMMIT_ENTRIES: u64 = 4096;
/// The largest `log/` or `fields/` member in bytes; checked before memory is taken for it.
pub const MAX_LINES_BYTES: u64 = 512 * 1024 * 1024;

pub(in crate::format) const BLOCK: usize = BLOCK_BYTES as usize;
/// The name of every pax header: what it extends follows it.
const PAX_NAME: &str = "PaxHeaders/size";

/// What a member of a volume is, from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberName {
    /// `objects/<sha256>`: the bytes of an object.
    Object(Digest),
    /// `fields/<first>-<count>.jsonl`: disclosures of these entries.
    Fields {
        /// Index of the first entry.
        first: u64,
        /// Number of entries.
        count: u64,
    },
    /// `log/<first>-<count>.jsonl`: entries.
    Log {
        /// Index of the first entry.
        first: u64,
        /// Number of entries.
        count: u64,
    },
    /// `checkpoints/<size>`: the commit point.
    Checkpoint {
        /// Size of the log up to here.
        size: u64,
    },
}

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(digest) => write!(f, "objects/{digest}"),
            Self::Fields { first, count } => write!(f, "fields/{first}-{count}.jsonl"),
            Self::Log { first, count } => write!(f, "log/{first}-{count}.jsonl"),
            Self::Checkpoint { size } => write!(f, "checkpoints/{size}"),
        }
    }
}

/// A member's name that no member of a volume has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not the name of a member of a volume")]
pub struct MemberNameError {
    found: String,
}

impl FromStr for MemberName {
    type Err = MemberNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (folder, name) = text.split_once('/')?;
            let range = |name: &str| {
                let (first, count) = name.strip_suffix(".jsonl")?.split_once('-')?;
                let (first, count): (u64, u64) = (first.parse().ok()?, count.parse().ok()?);
                // Their sum is the size of a log that may exist.
                let fits = first.checked_add(count).is_some_and(|size| size <= EntryIndex::MAX.0);
                (fits && (1..=MAX_COMMIT_ENTRIES).contains(&count)).then_some((first, count))
            };
            Some(match folder {
                "objects" => Self::Object(name.parse().ok()?),
                "fields" => range(name).map(|(first, count)| Self::Fields { first, count })?,
                "log" => range(name).map(|(first, count)| Self::Log { first, count })?,
                "checkpoints" => {
                    Self::Checkpoint { size: name.parse().ok().filter(|&size| size <= EntryIndex::MAX.0)? }
                }
                _ => return None,
            })
        };
        // Numbers have one written form, which is checked by writing the name again.
        parse()
            .filter(|name| name.to_string() == text)
            .ok_or_else(|| MemberNameError { found: text.chars().take(100).collect() })
    }
}

/// The number of a volume: its file is `volumes/<six digits>.tar`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VolumeNumber(pub u32);

impl VolumeNumber {
    /// The file's name.
    #[must_use]
    pub fn file_name(self) -> String {
        format!("{:06}.tar", self.0)
    }

    /// The number from a file's name.
    #[must_use]
    pub fn from_file_name(name: &str) -> Option<Self> {
        let number = Self(name.strip_suffix(".tar")?.parse().ok()?);
        (number.file_name() == name).then_some(number)
    }
}

impl fmt::Display for VolumeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "volumes/{}", self.file_name())
    }
}

/// The header of a member: one block, or three where a pax header holds the size.
///
/// With `extended` a pax header holds the size even where that is not needed; that is how a
/// member is begun whose size is not known yet.
#[must_use]
pub fn header(name: MemberName, size_bytes: u64, extended: bool) -> Vec<u8> {
    let name = name.to_string();
    if !extended && size_bytes <= MAX_USTAR_SIZE_BYTES {
        return ustar_block(&name, size_bytes, b'0').to_vec();
    }
    let record = pax_size_record(size_bytes);
    let mut blocks = ustar_block(PAX_NAME, record.len() as u64, b'x').to_vec();
    blocks.extend_from_slice(record.as_bytes());
    blocks.resize(2 * BLOCK, 0);
    let shown = if size_bytes <= MAX_USTAR_SIZE_BYTES { size_bytes } else { 0 };
    blocks.extend_from_slice(&ustar_block(&name, shown, b'0'));
    blocks
}

/// The size of [`header`] in bytes.
#[must_use]
pub const fn header_bytes(extended: bool) -> u64 {
    if extended { 3 * BLOCK_BYTES } else { BLOCK_BYTES }
}

/// How many zero bytes follow a content of this size, up to the next block.
#[must_use]
pub const fn padding_bytes(size_bytes: u64) -> u64 {
    (BLOCK_BYTES - size_bytes % BLOCK_BYTES) % BLOCK_BYTES
}

/// `NN size=SIZE\n`, where NN counts the whole record (POSIX pax).
fn pax_size_record(size_bytes: u64) -> String {
    let rest = format!(" size={size_bytes}\n");
    let with_one_digit = rest.len() + 1;
    let length = if with_one_digit < 10 { with_one_digit } else { rest.len() + 2 };
    format!("{length}{rest}")
}

/// A ustar header (POSIX.1-1988) with mode 0444, owner 0, time 0.
pub(in crate::format) fn ustar_block(name: &str, size_bytes: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000444\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size_bytes:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// Reads a header block: name, size and type, if it is in the one form that [`ustar_block`] writes.
pub(in crate::format) fn parse_ustar_block(block: &[u8; BLOCK]) -> Option<(&str, u64, u8)> {
    // A name of 100 bytes fills its place, without a zero after it.
    let name_end = block[..100].iter().position(|&byte| byte == 0).unwrap_or(100);
    let name = std::str::from_utf8(&block[..name_end]).ok()?;
    let size = u64::from_str_radix(std::str::from_utf8(&block[124..135]).ok()?, 8).ok()?;
    let kind = block[156];
    (ustar_block(name, size, kind) == *block).then_some((name, size, kind))
}

/// Bytes that can be read at any position, by several threads at once.
pub trait ReadAt: Send + Sync {
    /// Reads up to `buffer.len()` bytes from `offset`; 0 at the end.
    ///
    /// # Errors
    /// The bytes cannot be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// The number of bytes there are now.
    ///
    /// # Errors
    /// It cannot be found out.
    fn size_bytes(&self) -> io::Result<u64>;
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

/// Reads exactly `buffer.len()` bytes.
///
/// # Errors
/// They cannot be read, or there are fewer (`UnexpectedEof`).
pub fn read_exact_at(source: &dyn ReadAt, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match source.read_at(offset, buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                offset += count as u64;
                buffer = &mut buffer[count..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The most bytes of one piece: few enough to stay in the processor's cache until they are hashed.
pub const PIECE_BYTES: usize = 256 * 1024;

/// A range of bytes in pieces of at most [`PIECE_BYTES`], one after the other, so that memory does not grow with the range.
pub struct Pieces<'a, B = Vec<u8>> {
    source: &'a dyn ReadAt,
    rest: Range<u64>,
    buffer: B,
}

/// The bytes of a range, in pieces.
#[must_use]
pub fn pieces(source: &dyn ReadAt, range: Range<u64>) -> Pieces<'_> {
    let size_bytes = range.end.saturating_sub(range.start);
    let buffer = vec![0; usize::try_from(size_bytes).unwrap_or(usize::MAX).min(PIECE_BYTES)];
    pieces_through(source, range, buffer)
}

/// The same through a buffer that is there already, which is as large as a piece may be and not empty.
#[must_use]
pub const fn pieces_through<B: AsMut<[u8]>>(source: &dyn ReadAt, range: Range<u64>, buffer: B) -> Pieces<'_, B> {
    Pieces { source, rest: range, buffer }
}

impl<B: AsMut<[u8]>> Pieces<'_, B> {
    /// Whether the last piece was read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next piece; `None` after the last one. All but the last are as large as the buffer.
    ///
    /// # Errors
    /// It cannot be read, or there are fewer bytes than the range has (`UnexpectedEof`).
    pub fn next_piece(&mut self) -> io::Result<Option<&[u8]>> {
        if self.is_done() {
            return Ok(None);
        }
        let buffer = self.buffer.as_mut();
        let left = usize::try_from(self.rest.end - self.rest.start).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        let piece = &mut buffer[..length];
        read_exact_at(self.source, self.rest.start, piece)?;
        self.rest.start += length as u64;
        Ok(Some(piece))
    }
}

/// A member of a volume and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// What it is.
    pub name: MemberName,
    /// Where its header begins.
    pub header_offset: u64,
    /// Where its content begins.
    pub offset: u64,
    /// Size of its content.
    pub size_bytes: u64,
}

impl Member {
    /// Where its content lies.
    #[must_use]
    pub const fn content(&self) -> Range<u64> {
        self.offset..self.offset + self.size_bytes
    }

    /// Where the next member begins.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.offset + self.size_bytes + padding_bytes(self.size_bytes)
    }
}

/// The content of a member that is held in memory; `None`, and nothing read, if it is over the limit.
///
/// # Errors
/// The volume cannot be read.
pub fn read_member(volume: &dyn ReadAt, member: &Member, limit_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    if member.size_bytes > limit_bytes {
        return Ok(None);
    }
    let mut bytes = vec![0; usize::try_from(member.size_bytes).unwrap_or_default()];
    read_exact_at(volume, member.offset, &mut bytes)?;
    Ok(Some(bytes))
}

/// What stands at a position of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A whole member.
    Member(Member),
    /// The end of the file, exactly at a member's end: the volume is still growing.
    EndOfFile,
    /// The end-of-archive blocks, and nothing after them: the volume is closed.
    EndOfArchive,
    /// The file ends within a header or a member.
    Torn,
    /// Neither a header in its one form nor the end.
    Damaged,
}

/// Looks at what stands at `offset`, which is where a member begins.
///
/// # Errors
/// The volume cannot be read.
pub fn look_at(volume: &dyn ReadAt, offset: u64) -> io::Result<Found> {
    let file_bytes = volume.size_bytes()?;
    if offset == file_bytes {
        return Ok(Found::EndOfFile);
    }
    let Some(left_bytes) = file_bytes.checked_sub(offset).filter(|&left| left >= BLOCK_BYTES) else {
        return Ok(Found::Torn);
    };
    let block = read_block(volume, offset)?;
    if block == [0; BLOCK] {
        let is_end = left_bytes == END_BYTES && read_block(volume, offset + BLOCK_BYTES)? == [0; BLOCK];
        return Ok(match (is_end, left_bytes < END_BYTES) {
            (true, _) => Found::EndOfArchive,
            (false, true) => Found::Torn,
            (false, false) => Found::Damaged,
        });
    }
    let (header, size_bytes, extended) = match parse_ustar_block(&block) {
        Some((PAX_NAME, record_bytes, b'x')) => {
            if left_bytes < 3 * BLOCK_BYTES {
                return Ok(Found::Torn);
            }
            let record = read_block(volume, offset + BLOCK_BYTES)?;
            let header = read_block(volume, offset + 2 * BLOCK_BYTES)?;
            match parse_pax_size(&record, record_bytes) {
                Some(size_bytes) => (header, size_bytes, true),
                None => return Ok(Found::Damaged),
            }
        }
        Some((_, size_bytes, b'0')) => (block, size_bytes, false),
        _ => return Ok(Found::Damaged),
    };
    let Some(name) = parse_ustar_block(&header).and_then(|(name, _, _)| name.parse::<MemberName>().ok()) else {
        return Ok(Found::Damaged);
    };
    // Sizes above the file's are refused before anything is added to them.
    if size_bytes > file_bytes {
        return Ok(if is_whole_header(volume, offset, name, size_bytes, extended)? {
            Found::Torn
        } else {
            Found::Damaged
        });
    }
    let member = Member { name, header_offset: offset, offset: offset + header_bytes(extended), size_bytes };
    Ok(if !is_whole_header(volume, offset, name, size_bytes, extended)? {
        Found::Damaged
    } else if member.end() > file_bytes {
        Found::Torn
    } else if !is_zero_padded(volume, &member)? {
        Found::Damaged
    } else {
        Found::Member(member)
    })
}

/// Whether the bytes from `offset`, where a member begins, to the end of the file can be what an interrupted writer
/// leaves: whole members, then at most one that is cut off by the end of the file, or an object that has no header yet
/// (it is written last; until then zeros stand in its place).
///
/// A power cut may leave other bytes, but so does damage: the bytes alone cannot distinguish the two.
///
/// # Errors
/// The volume cannot be read.
pub fn is_begun_commit(volume: &dyn ReadAt, offset: u64) -> io::Result<bool> {
    let mut at = offset;
    loop {
        match look_at(volume, at)? {
            Found::Member(member) => at = member.end(),
            Found::EndOfFile | Found::EndOfArchive | Found::Torn => return Ok(true),
            Found::Damaged => return Ok(read_block(volume, at)? == [0; BLOCK]),
        }
    }
}

/// The next position after `offset`, at a multiple of the block size, where a whole member begins:
/// how reading goes on after a damaged header. `None` where there is none up to the end.
///
/// # Errors
/// The volume cannot be read.
pub fn find_member_after(volume: &dyn ReadAt, offset: u64) -> io::Result<Option<u64>> {
    let file_bytes = volume.size_bytes()?;
    let mut at = (offset / BLOCK_BYTES + 1) * BLOCK_BYTES;
    let mut pieces = pieces_through(volume, at..file_bytes, vec![0; 128 * BLOCK]);
    while let Some(piece) = pieces.next_piece()? {
        for block in piece.chunks_exact(BLOCK) {
            let is_ustar = block[257..265] == *b"ustar\x0000";
            if is_ustar && matches!(look_at(volume, at)?, Found::Member(_)) {
                return Ok(Some(at));
            }
            at += BLOCK_BYTES;
        }
    }
    Ok(None)
}

/// Whether no member can be found in a file: then nothing of a volume is in it, whatever its name.
///
/// # Errors
/// The file cannot be read.
pub fn holds_no_member(volume: &dyn ReadAt) -> io::Result<bool> {
    Ok(!matches!(look_at(volume, 0)?, Found::Member(_)) && find_member_after(volume, 0)?.is_none())
}

pub(in crate::format) fn read_block(volume: &dyn ReadAt, offset: u64) -> io::Result<[u8; BLOCK]> {
    let mut block = [0; BLOCK];
    read_exact_at(volume, offset, &mut block)?;
    Ok(block)
}

fn parse_pax_size(block: &[u8; BLOCK], record_bytes: u64) -> Option<u64> {
    let record = block.get(..usize::try_from(record_bytes).ok()?)?;
    let text = std::str::from_utf8(record).ok()?;
    let size = text.split_once(" size=")?.1.strip_suffix('\n')?.parse().ok()?;
    (pax_size_record(size) == text).then_some(size)
}

fn is_whole_header(
    volume: &dyn ReadAt,
    offset: u64,
    name: MemberName,
    size_bytes: u64,
    extended: bool,
) -> io::Result<bool> {
    let expected = header(name, size_bytes, extended);
    let mut found = vec![0; expected.len()];
    read_exact_at(volume, offset, &mut found)?;
    Ok(found == expected)
}

fn is_zero_padded(volume: &dyn ReadAt, member: &Member) -> io::Result<bool> {
    let mut padding = [0; BLOCK];
    let padding = &mut padding[..usize::try_from(padding_bytes(member.size_bytes)).unwrap_or_default()];
    read_exact_at(volume, member.offset + member.size_bytes, padding)?;
    Ok(padding.iter().all(|&byte| byte == 0))
}
