//! Where a file was downloaded from, as browsers note it beside the file (extended attributes).

use std::fs::File;
use std::os::fd::AsFd;

use rustix::fs::{fgetxattr, flistxattr};
use rustix::io::Errno;

/// The attributes: freedesktop.org's, and that of macOS with and without the prefix that it gets on Linux.
const TEXTS: [&str; 2] = ["user.xdg.origin.url", "user.xdg.referrer.url"];
const LISTS: [&str; 2] = ["user.com.apple.metadata:kMDItemWhereFroms", "com.apple.metadata:kMDItemWhereFroms"];
/// No system keeps longer ones.
const MAX_BYTES: usize = 64 * 1024;
const MAX_ADDRESSES: usize = 64;

/// The addresses that a file was downloaded from, followed by the page that led there; or that there are some, and they
/// cannot be read.
pub(super) fn downloaded_from(file: &File) -> Result<Vec<String>, ()> {
    let names = match names(file) {
        Ok(names) => names,
        // There are none on this file system.
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::PERM | Errno::ACCESS) => return Ok(Vec::new()),
        Err(_) => return Err(()),
    };
    let mut addresses: Vec<String> = Vec::new();
    for name in TEXTS.iter().chain(&LISTS) {
        if !names.split(|byte| *byte == 0).any(|known| known == name.as_bytes()) {
            continue;
        }
        let value = value(file, name)?;
        let found = match LISTS.contains(name) {
            true => property_list(&value).ok_or(())?,
            false => vec![String::from_utf8(value).map_err(|_| ())?],
        };
        for address in found.into_iter().map(|address| address.trim_matches(['\0', '\n', ' ']).to_owned()) {
            if !address.is_empty() && !addresses.contains(&address) && addresses.len() < MAX_ADDRESSES {
                addresses.push(address);
            }
        }
    }
    Ok(addresses)
}

/// The names of all attributes, each followed by a zero byte.
fn names(file: &File) -> Result<Vec<u8>, Errno> {
    let mut names = vec![0; 1024];
    let length = match flistxattr(file.as_fd(), &mut names[..]) {
        Err(Errno::RANGE) => {
            names.resize(MAX_BYTES, 0);
            flistxattr(file.as_fd(), &mut names[..])?
        }
        length => length?,
    };
    names.truncate(length);
    Ok(names)
}

fn value(file: &File, name: &str) -> Result<Vec<u8>, ()> {
    let mut value = vec![0; MAX_BYTES];
    let length = fgetxattr(file.as_fd(), name, &mut value[..]).map_err(|_| ())?;
    value.truncate(length);
    Ok(value)
}

/// The texts in a binary property list of macOS that is a list of texts. Numbers in it count from the greatest byte on.
fn property_list(bytes: &[u8]) -> Option<Vec<String>> {
    const TRAILER_BYTES: usize = 32;
    bytes.strip_prefix(b"bplist0")?;
    let trailer = bytes.get(bytes.len().checked_sub(TRAILER_BYTES)?..)?;
    let [offset_bytes, place_bytes] = [trailer[6], trailer[7]].map(usize::from);
    let top = number(&trailer[16..24])?;
    let table = number(&trailer[24..32])?;
    let object = |place: usize| {
        let at = table.checked_add(place.checked_mul(offset_bytes)?)?;
        bytes.get(number(bytes.get(at..at.checked_add(offset_bytes)?)?)?..)
    };
    let (kind, count, places) = marker(object(top)?)?;
    if kind != 0xa || count > MAX_ADDRESSES {
        return None;
    }
    let texts = (0..count).map(|item| {
        let place = number(places.get(item * place_bytes..(item + 1) * place_bytes)?)?;
        let (kind, length, content) = marker(object(place)?)?;
        match kind {
            0x5 => String::from_utf8(content.get(..length)?.to_vec()).ok(),
            0x6 => {
                let units = content.get(..length.checked_mul(2)?)?.chunks_exact(2);
                let units: Vec<u16> = units.map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
                String::from_utf16(&units).ok()
            }
            _ => None,
        }
    });
    texts.collect()
}

/// What an object is, how long it is, and its content.
fn marker(object: &[u8]) -> Option<(u8, usize, &[u8])> {
    let (first, rest) = object.split_first()?;
    let (kind, length) = (first >> 4, usize::from(first & 0xf));
    if length < 0xf {
        return Some((kind, length, rest));
    }
    // A longer one: a number follows.
    let (size, rest) = rest.split_first()?;
    let size = 1_usize << (size & 0x3);
    Some((kind, number(rest.get(..size)?)?, &rest[size..]))
}

fn number(bytes: &[u8]) -> Option<usize> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A property list as macOS writes it: a list of an ASCII text and one in UTF-16.
    fn list_of(ascii: &str, wide: &str) -> Vec<u8> {
        let mut bytes = b"bplist00".to_vec();
        let mut offsets = vec![bytes.len()];
        bytes.extend([0xa2, 1, 2]);
        offsets.push(bytes.len());
        bytes.extend([0x5f, 0x10, u8::try_from(ascii.len()).unwrap()]);
        bytes.extend(ascii.as_bytes());
        offsets.push(bytes.len());
        let units: Vec<u8> = wide.encode_utf16().flat_map(u16::to_be_bytes).collect();
        bytes.extend([0x6f, 0x10, u8::try_from(units.len() / 2).unwrap()]);
        bytes.extend(units);
        let table = bytes.len();
        bytes.extend(offsets.iter().map(|offset| u8::try_from(*offset).unwrap()));
        bytes.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        for number in [3, 0, table as u64] {
            bytes.extend(number.to_be_bytes());
        }
        bytes
    }

    #[test]
    fn the_list_of_macos_is_read() {
        let list = list_of("https://example.org/video/1?and=more", "https://example.org/증언의 목록");
        let found = property_list(&list).unwrap();
        assert_eq!(found, ["https://example.org/video/1?and=more", "https://example.org/증언의 목록"]);
    }

    #[test]
    fn a_list_that_is_none_is_not_read() {
        let list = list_of("https://example.org/video/1", "https://example.org/video/2");
        for end in 0..list.len() {
            assert_eq!(property_list(&list[..end]), None, "{end}");
        }
        for at in 8..list.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = list.clone();
                changed[at] = value;
                // Whatever it is then, it is read without harm.
                let _ = property_list(&changed);
            }
        }
    }
}
