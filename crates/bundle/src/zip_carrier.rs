//! What keeps a zip file from being read in place, and says nothing of what is in it.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::zip_records::{
    Directory, ENCRYPTED, END, END_BYTES, HEADER, HEADER_BYTES, LOCATOR, LOCATOR_BYTES, WIDE_END, WIDE_END_BYTES, read,
    u16_at, u32_at, u64_at,
};
use vouchsafe_core::format::bundle::MAX_FILES;
use vouchsafe_core::model::Bilingual;
use vouchsafe_core::text;
use vouchsafe_core::verify::bundle::{COPY_AGAIN, NotChecked, UNPACK, WITH_PASSWORD};

/// The longest comment of a zip file in bytes.
const MAX_COMMENT_BYTES: u64 = 65_535;
/// What the first part of a split zip file begins with.
const SPLIT: u32 = 0x0807_4b50;
/// What stands for the number of a part, where the zip64 end has it.
const IN_THE_WIDE_END: u16 = u16::MAX;
const STORE: u16 = 0;
const DEFLATE: u16 = 8;
/// The method that stands for an encryption.
const AES: u16 = 99;
const PART: Bilingual = ("it is a part of a split zip file", "나누어 압축한 zip 파일의 일부입니다");

/// Checks that a zip file is there whole, and nothing but it.
///
/// # Errors
/// It was cut off or is a part, has a comment, or something lies before it or after it.
pub(super) fn check_whole(file: &File, size_bytes: u64) -> Result<(), NotChecked> {
    if read(file, 0).is_ok_and(|beginning: [u8; 4]| u32_at(&beginning, 0) == SPLIT) {
        return Err(NotChecked::new(PART, UNPACK));
    }
    let cut = || {
        NotChecked::new(
            (
                "the end of the zip file is missing: it was cut off",
                "zip 파일의 끝부분이 없습니다. 일부가 잘려 나갔습니다",
            ),
            COPY_AGAIN,
        )
    };
    let (end_at, end) = find_end(file, size_bytes).ok_or_else(cut)?;
    if ![0, IN_THE_WIDE_END].contains(&u16_at(&end, 4)) {
        return Err(NotChecked::new(PART, UNPACK));
    }
    let (behind, comment) = (size_bytes - end_at - END_BYTES, u64::from(u16_at(&end, 20)));
    match behind.cmp(&comment) {
        std::cmp::Ordering::Less => return Err(cut()),
        std::cmp::Ordering::Equal if comment > 0 => {
            let reason = ("the zip file has a comment", "zip 파일 끝에 누군가 설명을 덧붙였습니다");
            return Err(NotChecked::new(reason, UNPACK));
        }
        std::cmp::Ordering::Equal => {}
        std::cmp::Ordering::Greater => {
            let reason = (
                "something follows the end of the zip file, or it was cut off",
                "zip 파일의 끝 뒤에 다른 것이 붙어 있거나, 일부가 잘려 나갔습니다",
            );
            return Err(NotChecked::new(reason, COPY_AGAIN));
        }
    }
    match is_pushed_back(file, end_at, &end) {
        true => Err(in_front()),
        false => Ok(()),
    }
}

/// So much of a file is looked at to see whether it was carried as a text.
const TEXT_SAMPLE_BYTES: u64 = 1024 * 1024;
/// So many line feeds must be there: that a carriage return stands before each of them by chance, happens once in
/// 2^64.
const LEAST_LINE_FEEDS: usize = 8;

/// Whether a carriage return stands before every line feed, as transfers in text mode and git put it there.
pub(super) fn is_changed_as_text(file: &File, size_bytes: u64) -> bool {
    let mut sample = vec![0; usize::try_from(size_bytes.min(TEXT_SAMPLE_BYTES)).unwrap_or_default()];
    if file.read_exact_at(&mut sample, 0).is_err() {
        return false;
    }
    let line_feeds = sample.iter().filter(|&&byte| byte == b'\n').count();
    line_feeds >= LEAST_LINE_FEEDS && line_feeds == sample.windows(2).filter(|pair| pair == b"\r\n").count()
}

/// The reason if there is something before the first member.
pub(super) fn in_front() -> NotChecked {
    let reason = ("there is something before the zip file", "zip 파일의 내용 앞에 다른 것이 붙어 있습니다");
    NotChecked::new(reason, UNPACK)
}

/// The last end of a zip file that stands where it may, and its place.
fn find_end(file: &File, size_bytes: u64) -> Option<(u64, [u8; END_BYTES as usize])> {
    let from = size_bytes.saturating_sub(END_BYTES + MAX_COMMENT_BYTES);
    let mut tail = vec![0; usize::try_from(size_bytes - from).ok()?];
    file.read_exact_at(&mut tail, from).ok()?;
    let place = tail.windows(END_BYTES as usize).rposition(|part| u32_at(part, 0) == END)?;
    Some((from + place as u64, tail[place..].first_chunk().copied()?))
}

/// Whether all of it stands further back than its end says: by as many bytes as were put in front.
fn is_pushed_back(file: &File, end_at: u64, end: &[u8]) -> bool {
    let begins_with = |at: u64, signature| read(file, at).is_ok_and(|bytes: [u8; 4]| u32_at(&bytes, 0) == signature);
    let locator_at = end_at.saturating_sub(LOCATOR_BYTES);
    if let Ok(locator) = read::<{ LOCATOR_BYTES as usize }>(file, locator_at)
        && u32_at(&locator, 0) == LOCATOR
    {
        let wide_at = locator_at.saturating_sub(WIDE_END_BYTES);
        return u64_at(&locator, 8) < wide_at && begins_with(wide_at, WIDE_END);
    }
    let (length, start) = (u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
    let begin = end_at.checked_sub(length);
    begin.is_some_and(|begin| start < begin && length > 0 && begins_with(begin, HEADER))
}

/// Checks that every member can be read in place.
///
/// # Errors
/// One is encrypted, or compressed in another way than deflate.
pub(super) fn check_members(file: &File, directory: &Directory) -> Result<(), NotChecked> {
    let mut at = directory.start;
    for _ in 0..=MAX_FILES {
        let Ok(header) = read::<{ HEADER_BYTES as usize }>(file, at) else { break };
        // What is no header is found where the members are compared.
        if at >= directory.end || u32_at(&header, 0) != HEADER {
            break;
        }
        let method = u16_at(&header, 10);
        if u16_at(&header, 8) & ENCRYPTED != 0 || method == AES {
            let reason = ("the zip file is encrypted", "zip 파일에 암호가 걸려 있습니다");
            return Err(NotChecked::new(reason, WITH_PASSWORD));
        }
        if ![STORE, DEFLATE].contains(&method) {
            let reason = text!(
                "the zip file is compressed with {method}",
                "zip 파일이 이 프로그램이 읽지 못하는 방식({method})으로 압축되어 있습니다";
                method = name_of(method)
            );
            return Err(NotChecked::new(reason, UNPACK));
        }
        let lengths = [28, 30, 32].map(|place| u64::from(u16_at(&header, place)));
        at += HEADER_BYTES + lengths.iter().sum::<u64>();
    }
    Ok(())
}

/// What a method of compression is called (APPNOTE 4.4.5).
fn name_of(method: u16) -> String {
    let name = match method {
        1 => "Shrink",
        2..=5 => "Reduce",
        6 => "Implode",
        9 => "Deflate64",
        12 => "BZip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "XZ",
        96 => "JPEG",
        97 => "WavPack",
        98 => "PPMd",
        _ => return format!("method {method}"),
    };
    name.to_owned()
}
