//! The letters of a table: which encoding a file of text has, and the file as UTF-8, read piece by piece.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::TableError;

/// A file is read in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;
/// The encoding of a file without a mark is looked for in this many bytes at its beginning.
const LOOKED_AT_BYTES: usize = 4096;

/// The encoding that was asked for by name: `utf-8`, `utf-16le`, `cp949`, `euc-kr`, or any other label of the WHATWG.
#[must_use]
pub fn encoding_named(name: &str) -> Option<&'static Encoding> {
    match name.trim().to_ascii_lowercase().as_str() {
        "cp949" | "ms949" | "uhc" => Some(EUC_KR),
        other => Encoding::for_label(other.as_bytes()),
    }
}

/// What an encoding is called in messages.
#[must_use]
pub fn name_of(encoding: &'static Encoding) -> &'static str {
    if encoding == EUC_KR { "CP949" } else { encoding.name() }
}

/// The encoding of a file: a byte order mark decides, then the zeros of UTF-16, then whether all of it is UTF-8 or else CP949.
///
/// # Errors
/// It cannot be read, or is none of these.
pub(super) fn detect(path: &Path) -> Result<&'static Encoding, TableError> {
    let mut file = File::open(path).map_err(TableError::io("read", path))?;
    let mut start = Vec::new();
    file.by_ref().take(LOOKED_AT_BYTES as u64).read_to_end(&mut start).map_err(TableError::io("read", path))?;
    if let Some((encoding, _)) = Encoding::for_bom(&start) {
        return Ok(encoding);
    }
    if let Some(encoding) = utf_16_by_zeros(&start) {
        return Ok(encoding);
    }
    for encoding in [UTF_8, EUC_KR] {
        match check_all(path, encoding) {
            Ok(()) => return Ok(encoding),
            Err(Unread::Letters) => {}
            Err(Unread::Io(source)) => return Err(TableError::io("read", path)(source)),
        }
    }
    let (row, byte) = first_that_is_not_utf_8(path).map_err(TableError::io("read", path))?;
    let reason = format!("line {row}, byte {byte} of the file: neither UTF-8 nor CP949 has such letters");
    Err(TableError::unusable(path, reason)
        .hint("save it as UTF-8 (in Excel: CSV UTF-8), or name its encoding with --encoding, such as gb18030"))
}

/// UTF-16 without a mark: what separates cells and rows has a zero byte on one side.
fn utf_16_by_zeros(start: &[u8]) -> Option<&'static Encoding> {
    // A zero beside a sign of ASCII: a Korean letter may have a zero byte, too.
    let is_sign = |byte: u8| (1..0x80).contains(&byte);
    let (mut little, mut big) = (0, 0);
    for pair in start.chunks_exact(2) {
        little += usize::from(is_sign(pair[0]) && pair[1] == 0);
        big += usize::from(pair[0] == 0 && is_sign(pair[1]));
    }
    match (little, big) {
        (1.., 0) => Some(UTF_16LE),
        (0, 1..) => Some(UTF_16BE),
        _ => None,
    }
}

enum Unread {
    Letters,
    Io(io::Error),
}

fn check_all(path: &Path, encoding: &'static Encoding) -> Result<(), Unread> {
    let mut text = Decoded::open(path, encoding).map_err(Unread::Io)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match text.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(Unread::Letters),
            Err(error) => return Err(Unread::Io(error)),
        }
    }
}

/// The line and the byte, both from 1, where a file stops to be UTF-8.
fn first_that_is_not_utf_8(path: &Path) -> io::Result<(u64, u64)> {
    let mut reader = BufReader::new(File::open(path)?);
    let (mut line, mut at) = (1, 0_u64);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = io::BufRead::read_until(&mut reader.by_ref().take(PIECE_BYTES as u64), b'\n', &mut bytes)?;
        match std::str::from_utf8(&bytes) {
            Err(error) => return Ok((line, at + error.valid_up_to() as u64 + 1)),
            Ok(_) if read == 0 => return Ok((line, at + 1)),
            Ok(_) => {}
        }
        line += u64::from(bytes.ends_with(b"\n"));
        at += read as u64;
    }
}

/// A file of text as UTF-8, without its byte order mark. Its lines end with a line feed, the last one too: so lines can be
/// counted, and programs change line ends when they save a table.
pub(super) struct Decoded {
    file: File,
    decoder: Decoder,
    encoding: &'static Encoding,
    raw: Vec<u8>,
    /// What of `raw` is not decoded yet.
    from: usize,
    until: usize,
    text: Vec<u8>,
    /// What of `text` was not handed out yet.
    given: usize,
    line: u64,
    last: u8,
    is_after_return: bool,
    is_at_end: bool,
    quotation_marks: u64,
}

impl Decoded {
    pub fn open(path: &Path, encoding: &'static Encoding) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        file.by_ref().take(3).read_to_end(&mut start)?;
        let mark = match Encoding::for_bom(&start) {
            Some((found, length)) if found == encoding => length,
            _ => 0,
        };
        file.seek(SeekFrom::Start(mark as u64))?;
        Ok(Self {
            file,
            decoder: encoding.new_decoder_without_bom_handling(),
            encoding,
            raw: vec![0; PIECE_BYTES],
            from: 0,
            until: 0,
            text: Vec::with_capacity(3 * PIECE_BYTES),
            given: 0,
            line: 1,
            last: b'\n',
            is_after_return: false,
            is_at_end: false,
            quotation_marks: 0,
        })
    }

    /// Whether the quotation marks that were read come in pairs, as they do where each that is opened is closed.
    pub const fn has_pairs_of_quotation_marks(&self) -> bool {
        self.quotation_marks.is_multiple_of(2)
    }

    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        if self.from == self.until {
            self.until = self.file.read(&mut self.raw)?;
            self.from = 0;
        }
        let is_last = self.until == 0;
        self.text.resize(3 * PIECE_BYTES, 0);
        let raw = &self.raw[self.from..self.until];
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(raw, &mut self.text, is_last);
        self.text.truncate(written);
        self.from += read;
        let is_after_return = &mut self.is_after_return;
        self.text.retain_mut(|byte| {
            let is_second_half = *byte == b'\n' && *is_after_return;
            *is_after_return = *byte == b'\r';
            if *is_after_return {
                *byte = b'\n';
            }
            !is_second_half
        });
        self.line += self.text.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.quotation_marks += self.text.iter().filter(|byte| **byte == b'"').count() as u64;
        if let DecoderResult::Malformed(..) = result {
            let reason = format!("line {}: these letters are not {}", self.line, name_of(self.encoding));
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        if let Some(last) = self.text.last() {
            self.last = *last;
        }
        if is_last && matches!(result, DecoderResult::InputEmpty) {
            self.is_at_end = true;
            if self.last != b'\n' {
                self.text.push(b'\n');
            }
        }
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if self.is_at_end {
                return Ok(0);
            }
            self.fill()?;
        }
        let count = into.len().min(self.text.len() - self.given);
        into[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(&'static str, String), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        std::fs::write(&path, bytes).unwrap();
        let encoding = detect(&path).map_err(|error| error.to_string())?;
        let mut text = String::new();
        Decoded::open(&path, encoding).unwrap().read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok((name_of(encoding), text))
    }

    fn utf_16(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    }

    #[test]
    fn the_encoding_is_found_and_the_mark_is_no_letter() {
        let text = "파일,장소\n가.txt,회령\n";
        let marked = format!("\u{feff}{text}");
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (marked.as_bytes().to_vec(), "UTF-8"),
            (utf_16(&marked, u16::to_le_bytes), "UTF-16LE"),
            (utf_16(&marked, u16::to_be_bytes), "UTF-16BE"),
            (utf_16(text, u16::to_le_bytes), "UTF-16LE"),
            (utf_16(text, u16::to_be_bytes), "UTF-16BE"),
            (EUC_KR.encode(text).0.into_owned(), "CP949"),
        ] {
            assert_eq!(read(&bytes), Ok((name, text.to_owned())), "{name}");
        }
        assert_eq!(read(b"a,b").unwrap().1, "a,b\n");
        assert_eq!(read(b"a\r\nb\rc\n\rd\r\n").unwrap().1, "a\nb\nc\n\nd\n");
        assert_eq!(read(b"").unwrap().1, "");
    }

    #[test]
    fn letters_of_no_known_encoding_are_refused_with_their_place() {
        let error = read(b"a,b\nc,\xff\xff\n").unwrap_err();
        assert!(error.contains("line 2, byte 7"), "{error}");
    }

    #[test]
    fn long_texts_come_through_whole() {
        let text = "면담 기록\n".repeat(40_000);
        assert_eq!(read(text.as_bytes()).unwrap().1, text);
        assert_eq!(read(&EUC_KR.encode(&text).0).unwrap().1, text);
    }
}
