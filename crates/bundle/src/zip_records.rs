//! The records of a zip file by which its directory is found (APPNOTE 4.3), and the numbers in them.

use std::fs::File;
use std::os::unix::fs::FileExt;

pub(super) const END_BYTES: u64 = 22;
pub(super) const WIDE_END_BYTES: u64 = 56;
pub(super) const LOCATOR_BYTES: u64 = 20;
pub(super) const HEADER_BYTES: u64 = 46;
pub(super) const END: u32 = 0x0605_4b50;
pub(super) const WIDE_END: u32 = 0x0606_4b50;
pub(super) const LOCATOR: u32 = 0x0706_4b50;
pub(super) const HEADER: u32 = 0x0201_4b50;
/// Flags of a member that is encrypted, in one way or another.
pub(super) const ENCRYPTED: u16 = 0x2041;

/// Where the directory of a zip file is, and how many members it has.
pub(super) struct Directory {
    pub start: u64,
    pub end: u64,
    pub count: u64,
}

impl Directory {
    /// Reads the end of a zip file, which has no comment, and the zip64 form of it where there is one.
    pub fn read(file: &File, size_bytes: u64) -> Result<Self, String> {
        let end_at = size_bytes.checked_sub(END_BYTES).ok_or("it is too short")?;
        let end: [u8; END_BYTES as usize] = read(file, end_at)?;
        if u32_at(&end, 0) != END || u16_at(&end, 20) != 0 {
            return Err("its last 22 bytes are not its end: it was cut off, or something follows".to_owned());
        }
        let is_of_parts = u32_at(&end, 4) != 0 || u16_at(&end, 8) != u16_at(&end, 10);
        let short = [u16_at(&end, 10).into(), u32_at(&end, 12).into(), u32_at(&end, 16).into()];
        let wide = Self::read_wide(file, end_at)?;
        let [count, length, start] = wide.map_or(short, |(_, wide)| wide);
        let ends_at = wide.map_or(end_at, |(at, _)| at);
        // What the short form cannot say is all ones there; what it can, is the same.
        let ones: [u64; 3] = [u16::MAX.into(), u32::MAX.into(), u32::MAX.into()];
        let agrees = (0..3).all(|place| short[place] == [count, length, start][place] || short[place] == ones[place]);
        if is_of_parts || !agrees || start.checked_add(length) != Some(ends_at) {
            return Err("its end does not say where its directory is".to_owned());
        }
        Ok(Self { start, end: ends_at, count })
    }

    /// Where the zip64 end is, and its number of members, length and start of the directory.
    fn read_wide(file: &File, end_at: u64) -> Result<Option<(u64, [u64; 3])>, String> {
        let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES) else { return Ok(None) };
        let locator: [u8; LOCATOR_BYTES as usize] = read(file, locator_at)?;
        if u32_at(&locator, 0) != LOCATOR {
            return Ok(None);
        }
        let at = u64_at(&locator, 8);
        if at.checked_add(WIDE_END_BYTES) != Some(locator_at) || u32_at(&locator, 4) != 0 || u32_at(&locator, 16) > 1 {
            return Err("its zip64 end is not where it should be".to_owned());
        }
        let wide: [u8; WIDE_END_BYTES as usize] = read(file, at)?;
        let is_whole = u32_at(&wide, 0) == WIDE_END
            && u64_at(&wide, 4) == WIDE_END_BYTES - 12
            && u64_at(&wide, 16) == 0
            && u64_at(&wide, 24) == u64_at(&wide, 32);
        if !is_whole {
            return Err("its zip64 end is not in its one form".to_owned());
        }
        Ok(Some((at, [u64_at(&wide, 32), u64_at(&wide, 40), u64_at(&wide, 48)])))
    }
}

pub(super) fn read<const LENGTH: usize>(file: &File, at: u64) -> Result<[u8; LENGTH], String> {
    let mut bytes = [0; LENGTH];
    file.read_exact_at(&mut bytes, at).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn number_at<const LENGTH: usize>(bytes: &[u8], at: usize) -> [u8; LENGTH] {
    let mut number = [0; LENGTH];
    number.copy_from_slice(&bytes[at..at + LENGTH]);
    number
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(number_at(bytes, at))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(number_at(bytes, at))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(number_at(bytes, at))
}
