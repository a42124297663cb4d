//! The records of a zip file by which its directory is found (APPNOTE 4.3), and the numbers in them.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use vouchsafe_core::language::Text;
use vouchsafe_core::text;

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
    pub fn read(file: &File, size_bytes: u64) -> Result<Self, Text> {
        let end_at = size_bytes.checked_sub(END_BYTES).ok_or(("it is too short", "너무 짧습니다"))?;
        let end: [u8; END_BYTES as usize] = read(file, end_at)?;
        if u32_at(&end, 0) != END || u16_at(&end, 20) != 0 {
            return Err(text!(
                "its last 22 bytes are not its end: it was cut off, or something follows",
                "마지막 22바이트가 끝부분이 아닙니다. 잘려 나갔거나 뒤에 다른 것이 붙어 있습니다"
            ));
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
            return Err(text!(
                "its end does not say where its directory is",
                "끝부분에 목록(central directory)의 자리가 적혀 있지 않습니다"
            ));
        }
        Ok(Self { start, end: ends_at, count })
    }

    /// Where the zip64 end is, and its number of members, length and start of the directory.
    fn read_wide(file: &File, end_at: u64) -> Result<Option<(u64, [u64; 3])>, Text> {
        let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES) else { return Ok(None) };
        let locator: [u8; LOCATOR_BYTES as usize] = read(file, locator_at)?;
        if u32_at(&locator, 0) != LOCATOR {
            return Ok(None);
        }
        let at = u64_at(&locator, 8);
        if at.checked_add(WIDE_END_BYTES) != Some(locator_at) || u32_at(&locator, 4) != 0 || u32_at(&locator, 16) > 1 {
            return Err(text!("its zip64 end is not where it should be", "zip64 끝부분이 있어야 할 자리에 없습니다"));
        }
        let wide: [u8; WIDE_END_BYTES as usize] = read(file, at)?;
        let is_whole = u32_at(&wide, 0) == WIDE_END
            && u64_at(&wide, 4) == WIDE_END_BYTES - 12
            && u64_at(&wide, 16) == 0
            && u64_at(&wide, 24) == u64_at(&wide, 32);
        if !is_whole {
            return Err(text!("its zip64 end is not in its one form", "zip64 끝부분이 정해진 형식이 아닙니다"));
        }
        Ok(Some((at, [u64_at(&wide, 32), u64_at(&wide, 40), u64_at(&wide, 48)])))
    }
}

pub(super) fn read<const LENGTH: usize>(file: &File, at: u64) -> Result<[u8; LENGTH], Text> {
    let mut bytes = [0; LENGTH];
    file.read_exact_at(&mut bytes, at).map_err(|error| unreadable(&error))?;
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

/// What is said of a part of a zip file that cannot be read.
pub(super) fn unreadable(error: &io::Error) -> Text {
    text!("{error}", "읽을 수 없습니다: “{error}”")
}
