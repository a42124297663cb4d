//! What a zip file consists of: its members, their directory and its end, each directly after the other.
//!
//! Programs find the members of a zip file in different ways: by the directory, from the front, or by a search from the
//! back. Where nothing lies beside what the directory lists, and both headers of a member say the same, all of them
//! find the same (APPNOTE 4.3).

use std::fs::File;
use std::os::unix::fs::FileExt;

use zip::ZipArchive;

use super::zip_carrier;
use super::zip_reader::Positioned;
use super::zip_records::{Directory, ENCRYPTED, HEADER_BYTES, read, u16_at, u32_at, u64_at, unreadable};
use vouchsafe_core::language::Text;
use vouchsafe_core::text;
use vouchsafe_core::verify::bundle::NotChecked;

const LOCAL_BYTES: u64 = 30;
const DESCRIPTOR: u32 = 0x0807_4b50;
/// The flag of a member whose sizes are repeated after it.
const HAS_DESCRIPTOR: u16 = 8;
/// The extra field that gives the name of a member in UTF-8 (Info-ZIP Unicode Path).
const UNICODE_NAME: u16 = 0x7075;
/// The extra field with the sizes that are too large for a header (zip64).
const WIDE_SIZES: u16 = 1;
/// The bit of a folder among the attributes that DOS has for a file.
const DOS_FOLDER: u32 = 0x10;

/// Why a zip file is not read.
pub(super) enum Unread {
    /// It contradicts itself, or holds what no bundle does.
    Bad(Text),
    /// It may be a good one, and cannot be read in place.
    Hindered(NotChecked),
}

impl From<Text> for Unread {
    fn from(reason: Text) -> Self {
        Self::Bad(reason)
    }
}

impl From<NotChecked> for Unread {
    fn from(why: NotChecked) -> Self {
        Self::Hindered(why)
    }
}

/// Checks that nothing lies beside the members, that both headers of each say the same, and that none of them is a link
/// or has a second name. Times, attributes, comments and the system that made it say nothing of what is unpacked.
///
/// # Errors
/// What is wrong with it, or that there is something before it.
pub(super) fn check(file: &File, directory: &Directory, archive: &ZipArchive<Positioned>) -> Result<(), Unread> {
    if archive.has_duplicate_names() {
        return Err(text!("two members have the same name", "구성원 둘의 이름이 같습니다").into());
    }
    if archive.central_directory_start() != directory.start || archive.len() as u64 != directory.count {
        let reason = text!(
            "its directory is not where its end record says",
            "끝부분에 적힌 자리에 목록(central directory)이 없습니다"
        );
        return Err(reason.into());
    }
    let (mut members, mut headers) = (Vec::new(), Vec::new());
    for number in 0..archive.len() {
        let refused = |reason: (&'static str, &'static str)| text!([reason = Text::from(reason)] "member {number} {reason}", "구성원 {number}: {reason}");
        let unread = |error| text!("member {number} {error}", "구성원 {number}: 읽을 수 없습니다: “{error}”");
        let member = archive.by_index_data(number).map_err(unread)?;
        let (header_at, local_at) = (member.central_header_start(), member.header_start());
        let header: [u8; HEADER_BYTES as usize] = read(file, header_at)?;
        let local: [u8; LOCAL_BYTES as usize] = read(file, local_at)?;
        if !is_file_or_folder(u32_at(&header, 38), member.name_raw().ends_with(b"/")) {
            return Err(refused(("is neither a regular file nor a folder", "일반 파일도 폴더도 아닙니다")).into());
        }
        let lengths = [28, 30, 32].map(|place| u16_at(&header, place));
        let local_lengths = [26, 28].map(|place| u16_at(&local, place));
        let name = bytes_at(file, header_at + HEADER_BYTES, lengths[0])?;
        let extra = bytes_at(file, header_at + HEADER_BYTES + u64::from(lengths[0]), lengths[1])?;
        let local_name = bytes_at(file, local_at + LOCAL_BYTES, local_lengths[0])?;
        let local_extra = bytes_at(file, local_at + LOCAL_BYTES + u64::from(local_lengths[0]), local_lengths[1])?;
        if [&extra, &local_extra].into_iter().any(|extra| has_other_name(extra, &name)) {
            return Err(refused(("has a second name", "이름이 둘입니다")).into());
        }
        if ![&extra, &local_extra].into_iter().all(|extra| are_whole(extra)) {
            let reason = (
                "has extra fields that do not end where they should, or its sizes twice",
                "추가 필드가 있어야 할 자리에서 끝나지 않거나, 크기가 두 번 적혀 있습니다",
            );
            return Err(refused(reason).into());
        }
        // Programs that read from the front believe the one header, and those that read from the back the other.
        let said = Said { crc: member.crc32(), sizes: [member.compressed_size(), member.size()] };
        if name != local_name || !is_same(&header, &local) || !said.agrees_with(&local, &local_extra) {
            let reason = (
                "differs between its local header and the directory",
                "내용 앞의 머리글이 목록(central directory)과 다릅니다",
            );
            return Err(refused(reason).into());
        }
        let header_end = header_at + HEADER_BYTES + lengths.iter().map(|&length| u64::from(length)).sum::<u64>();
        let data_at = local_at + LOCAL_BYTES + local_lengths.iter().map(|&length| u64::from(length)).sum::<u64>();
        let mut data_end = data_at.saturating_add(member.compressed_size());
        if u16_at(&local, 6) & HAS_DESCRIPTOR != 0 {
            let reason = (
                "has other sizes after its data than in the directory",
                "내용 뒤에 적힌 크기가 목록(central directory)과 다릅니다",
            );
            data_end += descriptor_bytes(file, data_end, &said).ok_or_else(|| refused(reason))?;
        }
        members.push((local_at, data_end));
        headers.push((header_at, header_end));
    }
    // Every byte belongs to one member or one header. So a program that looks for headers wherever they may be finds none that
    // was not checked above.
    let first = members.iter().map(|&(start, _)| start).min().unwrap_or(directory.start);
    if !fill(members, first, directory.start) || !fill(headers, directory.start, directory.end) {
        let reason = text!(
            "there is something between its members or after them, or they overlap",
            "구성원 사이나 뒤에 다른 것이 있거나, 구성원이 서로 겹칩니다"
        );
        return Err(reason.into());
    }
    if first > 0 { Err(zip_carrier::in_front().into()) } else { Ok(()) }
}

/// Whether two headers name one way to read the data of a member.
fn is_same(header: &[u8], local: &[u8]) -> bool {
    (u16_at(header, 8) ^ u16_at(local, 6)) & (ENCRYPTED | HAS_DESCRIPTOR) == 0 && u16_at(header, 10) == u16_at(local, 8)
}

/// What the directory says of the data of a member.
struct Said {
    crc: u32,
    /// Compressed, and not.
    sizes: [u64; 2],
}

impl Said {
    /// Whether the header before the data says the same, or leaves it to the data descriptor.
    fn agrees_with(&self, local: &[u8], extra: &[u8]) -> bool {
        let is_said_later = u16_at(local, 6) & HAS_DESCRIPTOR != 0;
        let agrees = |here: u64, there| here == there || is_said_later && here == 0;
        let Some(sizes) = local_sizes(local, extra) else { return false };
        agrees(u32_at(local, 14).into(), self.crc.into()) && (0..2).all(|place| agrees(sizes[place], self.sizes[place]))
    }
}

/// The sizes in the header before the data, or in its extra field where they are too large (APPNOTE 4.5.3).
fn local_sizes(local: &[u8], extra: &[u8]) -> Option<[u64; 2]> {
    let [compressed, size] = [u32_at(local, 18), u32_at(local, 22)];
    let mut wide = fields(extra).find(|(id, _)| *id == WIDE_SIZES).map(|(_, data)| data.chunks_exact(8));
    let mut resolved = |short: u32| match short {
        u32::MAX => wide.as_mut()?.next().map(|number| u64_at(number, 0)),
        short => Some(short.into()),
    };
    // The size of what is unpacked comes first there.
    let size = resolved(size)?;
    Some([resolved(compressed)?, size])
}

/// Whether attributes say what the name says. The upper 16 bits are a Unix mode, whatever system is named: some
/// programs look at them in any case.
const fn is_file_or_folder(attributes: u32, is_folder: bool) -> bool {
    match attributes >> 28 {
        0 => is_folder || attributes & DOS_FOLDER == 0,
        4 => is_folder,
        8 => !is_folder && attributes & DOS_FOLDER == 0,
        _ => false,
    }
}

/// The extra fields of a member: their ids and what is in them.
fn fields(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = extra.split_at_checked(4)?;
        let data = rest.get(..u16_at(head, 2).into())?;
        extra = &rest[data.len()..];
        Some((u16_at(head, 0), data))
    })
}

/// Whether each field ends within them, but for padding that is no field, and the sizes stand there once.
fn are_whole(extra: &[u8]) -> bool {
    let read = fields(extra).map(|(_, data)| 4 + data.len()).sum::<usize>();
    extra.len() - read < 4 && fields(extra).filter(|(id, _)| *id == WIDE_SIZES).count() < 2
}

/// Whether there is a field among the extra ones by which a member has another name: after a version and a checksum.
fn has_other_name(extra: &[u8], name: &[u8]) -> bool {
    fields(extra).any(|(id, data)| id == UNICODE_NAME && data.get(5..) != Some(name))
}

fn bytes_at(file: &File, at: u64, length: u16) -> Result<Vec<u8>, Text> {
    let mut bytes = vec![0; length.into()];
    file.read_exact_at(&mut bytes, at).map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

/// The length of the data descriptor, in one of its four forms (APPNOTE 4.3.9).
fn descriptor_bytes(file: &File, at: u64, said: &Said) -> Option<u64> {
    let Said { crc, sizes } = *said;
    let wide = [crc.to_le_bytes().as_slice(), &sizes[0].to_le_bytes(), &sizes[1].to_le_bytes()].concat();
    let short = sizes.map(|size| u32::try_from(size).ok().map(u32::to_le_bytes));
    let short = short[0].zip(short[1]).map(|sizes| [crc.to_le_bytes(), sizes.0, sizes.1].concat());
    let signed = |form: &[u8]| [&DESCRIPTOR.to_le_bytes(), form].concat();
    // The longer forms first: of an empty member, a short one is the beginning of a long one.
    let forms = [Some(signed(&wide)), Some(wide), short.as_deref().map(signed), short];
    let found = forms.into_iter().flatten().find(|form| {
        let mut bytes = vec![0; form.len()];
        file.read_exact_at(&mut bytes, at).is_ok() && bytes == *form
    });
    found.map(|form| form.len() as u64)
}

/// Whether stretches fill all from one place to another, each of them once.
fn fill(mut stretches: Vec<(u64, u64)>, from: u64, to: u64) -> bool {
    stretches.sort_unstable();
    let mut at = from;
    for (start, end) in stretches {
        if start != at {
            return false;
        }
        at = end;
    }
    at == to
}
