//! What kind of file it seems to be. A recognition for finding things, no statement about the evidence.

use std::fs::File;
use std::io::{self, Cursor};

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
    media_type(FileFormat::from_reader(Cursor::new(bytes)), name)
}

/// The media type of an open file; its position is somewhere afterwards.
pub(super) fn media_type_of_file(file: &File, name: &[u8]) -> MediaType {
    media_type(FileFormat::from_reader(file), name)
}

fn media_type(found: io::Result<FileFormat>, name: &[u8]) -> MediaType {
    let found = match found {
        Ok(FileFormat::PlainText) => text_type(name).unwrap_or("text/plain").to_owned(),
        Ok(format) => format.media_type().to_ascii_lowercase(),
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
