//! What kind of file it seems to be. A recognition for finding things, no statement about the evidence.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};

use cfb::CompoundFile;
use file_format::FileFormat;

use crate::model::MediaType;

/// What content alone calls plain text, and what the end of the name tells of it: formats that are text, and
/// nothing else. So a wrong name can make a text another text, but never an image, a program or a document. The
/// table is our own, since the type stands in the log for ever and a list that is made elsewhere changes.
const TEXTS: &[(&[&str], &str)] = &[
    (&["csv"], "text/csv"),
    (&["tsv"], "text/tab-separated-values"),
    (&["eml"], "message/rfc822"),
    (&["mbox"], "application/mbox"),
    (&["htm", "html"], "text/html"),
    (&["xml"], "text/xml"),
    (&["json"], "application/json"),
    (&["jsonl", "ndjson"], "application/x-ndjson"),
    (&["geojson"], "application/geo+json"),
    (&["kml"], "application/vnd.google-earth.kml+xml"),
    (&["md", "markdown"], "text/markdown"),
    (&["vcf"], "text/vcard"),
    (&["ics"], "text/calendar"),
    (&["srt"], "application/x-subrip"),
    (&["vtt"], "text/vtt"),
    (&["yaml", "yml"], "application/yaml"),
];

/// The media type of a file that is in memory, or of its beginning.
pub(super) fn media_type_of(bytes: &[u8], name: &[u8]) -> MediaType {
    media_type(recognise(Cursor::new(bytes)), name)
}

/// The media type of an open file; its position is somewhere afterwards.
pub(super) fn media_type_of_file(file: &File, name: &[u8]) -> MediaType {
    media_type(recognise(file), name)
}

/// What content alone tells.
enum Recognised {
    Hangul(&'static str),
    Other(FileFormat),
}

fn recognise(mut source: impl Read + Seek) -> io::Result<Recognised> {
    if let Some(found) = hangul(&mut source)? {
        return Ok(Recognised::Hangul(found));
    }
    FileFormat::from_reader(source).map(Recognised::Other)
}

/// What files of Hancom's word processor begin with; of version 5, the stream `FileHeader` does.
const HANGUL: &[u8] = b"HWP Document File";
/// Larger OLE files are not looked into: the table of their sectors would have to be read whole.
const MAX_OLE_BYTES: u64 = 1 << 30;

/// The formats of Hancom's word processor, in which Korean authorities and courts write: version 3, version 5 (OLE) and
/// HWPX (a zip file whose first member says what it is). None of them is known to `file-format`.
fn hangul(source: &mut (impl Read + Seek)) -> io::Result<Option<&'static str>> {
    let mut start = Vec::with_capacity(64);
    source.by_ref().take(64).read_to_end(&mut start)?;
    let size_bytes = source.seek(io::SeekFrom::End(0))?;
    source.rewind()?;
    if start.starts_with(HANGUL) {
        return Ok(Some("application/x-hwp"));
    }
    if start.starts_with(b"PK\x03\x04")
        && start.get(30..).is_some_and(|rest| rest.starts_with(b"mimetypeapplication/hwp+zip"))
    {
        return Ok(Some("application/hwp+zip"));
    }
    if !start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") || size_bytes > MAX_OLE_BYTES {
        return Ok(None);
    }
    let is_hangul = |source| -> io::Result<bool> {
        let mut header = Vec::new();
        CompoundFile::open(source)?.open_stream("/FileHeader")?.take(HANGUL.len() as u64).read_to_end(&mut header)?;
        Ok(header == HANGUL)
    };
    // An OLE file that cannot be read, or has no such stream, is another one.
    let found = is_hangul(&mut *source).unwrap_or(false);
    source.rewind()?;
    Ok(found.then_some("application/x-hwp"))
}

fn media_type(found: io::Result<Recognised>, name: &[u8]) -> MediaType {
    let found = match found {
        Ok(Recognised::Hangul(found)) => found.to_owned(),
        Ok(Recognised::Other(FileFormat::PlainText)) => text_type(name).unwrap_or("text/plain").to_owned(),
        Ok(Recognised::Other(format)) => format.media_type().to_ascii_lowercase(),
        Err(_) => MediaType::UNKNOWN.to_owned(),
    };
    let unknown = || MediaType::UNKNOWN.parse().expect("the unknown media type is a media type");
    found.parse().unwrap_or_else(|_| unknown())
}

/// What the end of a name tells of a text.
fn text_type(name: &[u8]) -> Option<&'static str> {
    let dot = name.iter().rposition(|&byte| byte == b'.')?;
    let ending = &name[dot + 1..];
    let (_, media_type) =
        TEXTS.iter().find(|(endings, _)| endings.iter().any(|text| ending.eq_ignore_ascii_case(text.as_bytes())))?;
    Some(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_in_the_table_is_a_media_type() {
        for (endings, media_type) in TEXTS {
            for ending in *endings {
                let found = media_type_of(b"some text\n", format!("name.{ending}").as_bytes());
                assert_eq!(found.as_str(), *media_type);
            }
        }
    }

    /// An OLE file with one stream.
    fn ole(stream: &str, content: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream(stream).unwrap().write_all(content).unwrap();
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    #[test]
    fn the_formats_of_korean_offices_are_known() {
        let found = |bytes: &[u8]| media_type_of(bytes, b"name").to_string();
        assert_eq!(found(b"HWP Document File V3.00 \x1a\x01\x02"), "application/x-hwp");
        let five = ole("/FileHeader", b"HWP Document File\0\0\0");
        assert_eq!(found(&five), "application/x-hwp");
        assert_eq!(found(&ole("/FileHeader", b"another")), "application/x-cfb");
        assert_eq!(found(&ole("/WordDocument", b"HWP Document File")), "application/x-cfb");
        assert_eq!(found(&five[..600]), MediaType::UNKNOWN);
        let zip = [b"PK\x03\x04".as_slice(), &[0; 26], b"mimetypeapplication/hwp+zipPK"].concat();
        assert_eq!(found(&zip), "application/hwp+zip");
    }

    #[test]
    fn content_goes_before_the_name() {
        let found = |bytes: &[u8], name: &str| media_type_of(bytes, name.as_bytes()).to_string();
        assert_eq!(found(b"a,b\n1,2\n", "TABLE.CSV"), "text/csv");
        assert_eq!(found(b"a,b\n1,2\n", "csv"), "text/plain");
        assert_eq!(found(b"a,b\n1,2\n", "table.csv.txt"), "text/plain");
        assert_eq!(found(b"text\n", "photo.jpg"), "text/plain");
        assert_eq!(found(b"%PDF-1.4\n", "message.eml"), "application/pdf");
        assert_eq!(found(b"\x00\x01\x02\xff", "table.csv"), MediaType::UNKNOWN);
        assert_eq!(found(&[0xc1, 0xb6], "\u{c9c0}\u{b3c4}.csv"), MediaType::UNKNOWN);
    }
}
