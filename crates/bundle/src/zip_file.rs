//! A bundle in a zip file, read in place.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::ops::ControlFlow;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use rustix::fs::OFlags;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::pieces::hand_on;
use super::zip_frame::Unread;
use super::zip_names::{Holds, Top, litter_of};
use super::zip_reader::Positioned;
use super::zip_records::Directory;
use super::{zip_carrier, zip_frame};
use vouchsafe_core::format::bundle::MAX_FILES;
use vouchsafe_core::language::Text;
use vouchsafe_core::model::Bilingual;
use vouchsafe_core::text;
use vouchsafe_core::verify::bundle::{BundleFiles, COPY_AGAIN, ItemKind, Listed, Listing, NotChecked};

/// How much of a zip file is read, at most, to learn what is in it: a directory of [`MAX_FILES`] members. What the
/// library keeps in memory is a small multiple of it.
const MAX_DIRECTORY_BYTES: u64 = 96 * 1024 * 1024;
/// All members together unpack to at most so many times the size of the zip file, and [`ALWAYS_BYTES`]. Texts
/// compress to a tenth, rarely to a fiftieth; a bomb is a thousand times its size.
const MAX_RATIO: u64 = 100;
/// What may always be unpacked.
const ALWAYS_BYTES: u64 = 64 * 1024 * 1024;

/// What is said of a zip file that was carried in text mode.
const AS_TEXT: Bilingual = (
    "its bytes were changed on the way, as if it were a text (line feeds became CR LF)",
    "전달 과정에서 zip 파일이 텍스트처럼 취급되어 바뀌었습니다(줄바꿈이 CR LF로 바뀜)",
);

/// A bundle in a zip file.
pub struct ZipBundle {
    members: Result<Members, Text>,
    /// Whether neither the beginning of a zip file is there nor its end.
    is_no_zip: bool,
}

struct Members {
    archive: ZipArchive<Positioned>,
    top: Top,
}

impl ZipBundle {
    /// Opens a zip file and reads its directory. [`BundleFiles::list`] reports what is wrong with it.
    ///
    /// # Errors
    /// The file cannot be opened, or be read in place ([`NotChecked`]).
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is neither a folder nor a regular file"));
        }
        let is_no_zip = !begins_as_zip(&file) && !ends_as_zip(&file, metadata.len());
        let members = match is_no_zip {
            true => Err(text!("it is not a zip file", "zip 파일이 아닙니다")),
            false => {
                let again = file.try_clone()?;
                match read_directory(file, metadata.len()) {
                    Err(_) if zip_carrier::is_changed_as_text(&again, metadata.len()) => {
                        return Err(NotChecked::new(AS_TEXT, COPY_AGAIN).into());
                    }
                    Err(Unread::Hindered(why)) => return Err(why.into()),
                    Err(Unread::Bad(reason)) => Err(reason),
                    Ok(members) => Ok(members),
                }
            }
        };
        Ok(Self { members, is_no_zip })
    }

    /// What is in it, by the names of its members; nothing is said of one that is damaged.
    pub(super) fn holds(&self) -> Option<Holds> {
        self.members.as_ref().ok().map(|members| members.top.holds)
    }

    /// Whether nothing of a zip file is there; one that is cut off or has something before it is a bad one.
    pub(super) const fn is_no_zip(&self) -> bool {
        self.is_no_zip
    }
}

fn begins_as_zip(file: &File) -> bool {
    let mut signature = [0; 2];
    file.read_exact_at(&mut signature, 0).is_ok() && signature == *b"PK"
}

/// Whether the record that ends a zip file stands where it may: before a comment of at most 65,535 bytes.
fn ends_as_zip(file: &File, size_bytes: u64) -> bool {
    let from = size_bytes.saturating_sub(22 + 65_535);
    let mut end = vec![0; usize::try_from(size_bytes - from).unwrap_or_default()];
    file.read_exact_at(&mut end, from).is_ok() && end.windows(4).any(|part| part == b"PK\x05\x06")
}

fn read_directory(file: File, size_bytes: u64) -> Result<Members, Unread> {
    zip_carrier::check_whole(&file, size_bytes)?;
    let directory = Directory::read(&file, size_bytes)?;
    zip_carrier::check_members(&file, &directory)?;
    let budget = Arc::new(AtomicU64::new(MAX_DIRECTORY_BYTES));
    let file = Arc::new(file);
    let reader = Positioned { file: Arc::clone(&file), position: 0, size_bytes, budget: Arc::clone(&budget) };
    let archive = ZipArchive::new(reader).map_err(|error| match error {
        // That is no trouble of the disk.
        ZipError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            text!("a header in it announces more data than there is", "머리글에 적힌 만큼의 내용이 그 뒤에 없습니다")
        }
        error => text!("it is not a zip file that can be read: {error}", "읽을 수 있는 zip 파일이 아닙니다: “{error}”"),
    })?;
    // From here on members are read, which the checker limits.
    budget.store(u64::MAX, Relaxed);
    if archive.len() > MAX_FILES {
        return Err(text!("it has more than {MAX_FILES} members", "구성원이 {MAX_FILES}개를 넘습니다").into());
    }
    let mut unpacked: u64 = 0;
    for number in 0..archive.len() {
        let unread = |error| text!("member {number}: {error}", "구성원 {number}: 읽을 수 없습니다: “{error}”");
        let member = archive.by_index_data(number).map_err(unread)?;
        let is_plain = matches!(member.compression(), CompressionMethod::Stored | CompressionMethod::Deflated);
        if !is_plain {
            let reason = text!(
                "member {number} is compressed with another method than deflate",
                "구성원 {number}: deflate가 아닌 방식으로 압축되어 있습니다"
            );
            return Err(reason.into());
        }
        if member.name_raw().ends_with(b"/") && (member.size() > 0 || member.compressed_size() > 0) {
            let reason = text!("member {number} is a folder with content", "구성원 {number}: 폴더인데 내용이 있습니다");
            return Err(reason.into());
        }
        unpacked = unpacked.saturating_add(member.size());
    }
    let limit = size_bytes.saturating_mul(MAX_RATIO).saturating_add(ALWAYS_BYTES);
    if unpacked > limit {
        let reason = text!(
            "its {size_bytes} bytes would unpack to {unpacked}, more than any bundle",
            "{size_bytes}바이트가 풀면 {unpacked}바이트가 됩니다. 그런 제출 묶음은 없습니다"
        );
        return Err(reason.into());
    }
    // Local headers as in the directory, no name twice, no overlap: what one program reads, every other program reads
    // as well.
    zip_frame::check(&file, &directory, &archive)?;
    let names: Vec<_> = archive.file_names_raw().collect();
    let top = Top::of(&names)?;
    drop(names);
    Ok(Members { archive, top })
}

impl BundleFiles for ZipBundle {
    fn list(&self) -> io::Result<Listing> {
        let members = match &self.members {
            Ok(members) => members,
            Err(objection) => return Ok(Listing { objections: vec![objection.clone()], ..Listing::default() }),
        };
        let (mut items, mut beside) = (Vec::new(), Vec::new());
        let top = members.top.folder.as_slice();
        for number in 0..members.archive.len() {
            let member = members.archive.by_index_data(number).map_err(io::Error::other)?;
            let name = member.name_raw();
            let is_folder = name.ends_with(b"/");
            let kind = if is_folder { ItemKind::Folder } else { ItemKind::File };
            // The number of an item is its place in the list. So the folders that the bundle lies in, and what lies beside
            // it, have a place too, and no name.
            let nothing = Listed { name: Vec::new(), kind: ItemKind::Folder, size_bytes: 0 };
            let is_around = is_folder && top.starts_with(name);
            items.push(match name.strip_prefix(top).filter(|_| !is_around) {
                Some(name) => {
                    let name = name.strip_suffix(b"/").unwrap_or(name).to_vec();
                    Listed { name, kind, size_bytes: member.size() }
                }
                None if is_around => nothing,
                None => {
                    beside.push(litter_of(name).unwrap_or(name).to_vec());
                    nothing
                }
            });
        }
        Ok(Listing { items, beside, ..Listing::default() })
    }

    fn read(&self, number: usize, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()> {
        let members = self.members.as_ref().map_err(|objection| io::Error::other(objection.to_string()))?;
        // A copy shares the directory and has a position of its own.
        let mut archive = members.archive.clone();
        let mut member = archive.by_index_raw(number).map_err(io::Error::other)?;
        let (size_bytes, checksum) = (member.size(), member.crc32());
        let is_deflated = member.compression() == CompressionMethod::Deflated;
        let mut packed = BufReader::new(&mut member);
        let reader: &mut dyn Read = match is_deflated {
            true => &mut DeflateDecoder::new(&mut packed),
            false => &mut packed,
        };
        let mut reader = CrcReader::new(reader);
        if !hand_on(&mut reader, size_bytes, take)? {
            return Ok(());
        }
        if reader.crc().sum() != checksum {
            return Err(io::Error::other("its checksum differs from that in the directory"));
        }
        // Other programs could find something after the end of the deflated data.
        if !packed.fill_buf()?.is_empty() {
            return Err(io::Error::other("bytes are left after the end of the deflated data"));
        }
        Ok(())
    }
}
