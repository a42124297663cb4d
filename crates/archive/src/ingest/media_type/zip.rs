//! What a zip file holds, by the names of its members.
//!
//! Which names stand for what, `file-format` knows; but it takes as much memory as a member says that it has. So it is
//! given a zip file that is made here of the names alone, and of a short member `mimetype`.

use std::io::{Read, Seek, SeekFrom};

use super::budget::Budgeted;

/// The type of a zip file if nothing more is known about it.
pub(super) const ZIP: &str = "application/zip";

/// The end of the list of members may be followed by a comment of 64 KiB.
const END_BYTES: usize = 22;
const MAX_END_BYTES: usize = END_BYTES + u16::MAX as usize;
const END_64_BYTES: usize = 20;
/// How many members, and how much of their list, are looked at.
const MAX_MEMBERS: usize = 1024;
const MAX_LIST_BYTES: usize = 1024 * 1024;
const MEMBER_BYTES: usize = 46;
/// A member `mimetype` that is longer says nothing.
const MAX_MIMETYPE_BYTES: u32 = 64 * 1024;
/// No name that stands for anything is longer.
const MAX_NAME_BYTES: usize = 256;

/// What is looked at of a zip file.
#[derive(Default)]
pub(super) struct Members {
    names: Vec<Vec<u8>>,
    /// The content of the stored member `mimetype`.
    pub mimetype: Vec<u8>,
}

/// The members of a zip file, as far as they are looked at.
pub(super) fn look(source: &mut Budgeted<impl Read + Seek>) -> Option<Members> {
    let size_bytes = source.seek(SeekFrom::End(0)).ok()?;
    let tail_offset = size_bytes.saturating_sub(MAX_END_BYTES as u64);
    let tail = source.read_at(tail_offset, MAX_END_BYTES).ok()?;
    let end = tail.windows(4).rposition(|four| four == b"PK\x05\x06").filter(|end| end + END_BYTES <= tail.len())?;
    let wide = end.checked_sub(END_64_BYTES).filter(|at| tail[*at..].starts_with(b"PK\x06\x07"));
    let (number, offset) = match wide {
        None => (u64::from(u16_at(&tail, end + 10)), u64::from(u32_at(&tail, end + 16))),
        Some(at) => {
            let record: [u8; 56] = source.exactly_at(u64_at(&tail, at + 8))?;
            (u64_at(&record, 32), u64_at(&record, 48))
        }
    };
    let list = source.read_at(offset, MAX_LIST_BYTES).ok()?;
    let mut members = Members::default();
    let mut at = 0;
    for _ in 0..number.min(MAX_MEMBERS as u64) {
        let Some(member) = list.get(at..).filter(|rest| rest.len() >= MEMBER_BYTES) else { break };
        let lengths = [28, 30, 32].map(|field| usize::from(u16_at(member, field)));
        let Some(name) = member.get(MEMBER_BYTES..MEMBER_BYTES + lengths[0]) else { break };
        if !member.starts_with(b"PK\x01\x02") {
            break;
        }
        if name == b"mimetype" && members.mimetype.is_empty() {
            members.mimetype = mimetype(source, member).unwrap_or_default();
        }
        if name.len() <= MAX_NAME_BYTES {
            members.names.push(name.to_vec());
        }
        at += MEMBER_BYTES + lengths.iter().sum::<usize>();
    }
    Some(members)
}

/// The content of a member, if it is stored and short.
fn mimetype(source: &mut Budgeted<impl Read + Seek>, member: &[u8]) -> Option<Vec<u8>> {
    let (stored_bytes, size_bytes, offset) = (u32_at(member, 20), u32_at(member, 24), u32_at(member, 42));
    if stored_bytes != size_bytes || size_bytes > MAX_MIMETYPE_BYTES {
        return None;
    }
    let local: [u8; 30] = source.exactly_at(u64::from(offset))?;
    let before = 30 + u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
    source.read_at(u64::from(offset) + before, size_bytes as usize).ok()
}

impl Members {
    /// A zip file with the same names, and nothing in it but the member `mimetype`.
    pub fn to_zip(&self) -> Vec<u8> {
        let mut zip = b"PK\x03\x04".to_vec();
        zip.extend([0; 22]);
        zip.extend(b"\x08\0\0\0mimetype");
        zip.extend(&self.mimetype);
        let list = u32::try_from(zip.len()).unwrap_or_default();
        for name in &self.names {
            let length = if name == b"mimetype" { self.mimetype.len() } else { 0 };
            let length = u32::try_from(length).unwrap_or_default().to_le_bytes();
            zip.extend(b"PK\x01\x02");
            zip.extend([0; 16]);
            zip.extend(length);
            zip.extend(length);
            zip.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
            zip.extend([0; 16]);
            zip.extend(name);
        }
        // Between the last name and the end, so that no name can be taken for a part of the end.
        zip.extend([0; END_64_BYTES]);
        zip.extend(b"PK\x05\x06\0\0\0\0\0\0");
        zip.extend(u16::try_from(self.names.len()).unwrap_or_default().to_le_bytes());
        zip.extend([0; 4]);
        zip.extend(list.to_le_bytes());
        zip.extend([0; 2]);
        zip
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()).map_or(0, u64::from_le_bytes)
}
