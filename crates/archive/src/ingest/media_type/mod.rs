//! What kind of file it seems to be. A recognition for finding things, no statement about the evidence.

mod budget;
mod letters;
mod ole;
mod zip;

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};

use budget::Budgeted;
use file_format::FileFormat;
use ole::HANGUL;

use vouchsafe_core::format::bundle::ENDINGS;
use vouchsafe_core::model::MediaType;

/// What content alone shows as plain text, and what the file extension adds: formats that are text, and
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

/// How much of the beginning is looked at for texts.
const START_BYTES: usize = 64 * 1024;
/// What says of a zip file that it is one of Hancom's (HWPX).
const HANGUL_ZIP: &[u8] = b"application/hwp+zip";

/// The media type of a file that is in memory, or of its beginning.
pub(super) fn media_type_of(bytes: &[u8], name: &[u8]) -> MediaType {
    media_type(Cursor::new(bytes), name)
}

/// The media type of an open file; its position is somewhere afterwards.
pub(super) fn media_type_of_file(file: &File, name: &[u8]) -> MediaType {
    media_type(file, name)
}

/// A media type that another archive wrote: kept if it is one that this program could have written for a file that other
/// programs open. Anything else is a stranger's word, and would stand in this log for ever.
pub fn known_media_type(said: MediaType) -> MediaType {
    let is_known = ENDINGS.iter().any(|(known, _)| *known == said.as_str())
        || TEXTS.iter().any(|(_, known)| *known == said.as_str());
    if is_known { said } else { unknown() }
}

fn media_type(source: impl Read + Seek, name: &[u8]) -> MediaType {
    // The media type only helps finding things: whatever goes wrong with it, the file is ingested.
    let found = recognise(&mut Budgeted::new(source), name).unwrap_or_else(|_| MediaType::UNKNOWN.to_owned());
    found.parse().unwrap_or_else(|_| unknown())
}

fn unknown() -> MediaType {
    MediaType::UNKNOWN.parse().expect("the unknown media type is a media type")
}

fn recognise(source: &mut Budgeted<impl Read + Seek>, name: &[u8]) -> io::Result<String> {
    let start = source.read_at(0, START_BYTES)?;
    if start.starts_with(HANGUL) {
        return Ok("application/x-hwp".to_owned());
    }
    if start.starts_with(ole::MAGIC)
        && let Some(found) = ole::look(source)
    {
        return Ok(found.to_owned());
    }
    if start.starts_with(b"PK\x03\x04") {
        return Ok(zip_type(source, &start));
    }
    // Scanners and mail programs leave white space or a mark before it, and every reader of PDF takes that.
    let is_space = |byte: &&u8| byte.is_ascii_whitespace() || [0xef, 0xbb, 0xbf].contains(*byte);
    let spaces = start.iter().take(1024).take_while(is_space).count();
    if spaces > 0 && start[spaces..].starts_with(b"%PDF-") {
        return Ok("application/pdf".to_owned());
    }
    source.rewind()?;
    let format = FileFormat::from_reader(&mut *source)?;
    let text = || text_type(name).unwrap_or("text/plain").to_owned();
    let is_whole = start.len() < START_BYTES;
    Ok(match format {
        // It is what is left where nothing more could be read.
        FileFormat::PlainText | FileFormat::ArbitraryBinaryData if source.is_spent() => MediaType::UNKNOWN.to_owned(),
        FileFormat::PlainText => text(),
        FileFormat::ArbitraryBinaryData if letters::is_text(&start, is_whole) => text(),
        // A mailbox of Outlook, which has the media type of its messages there.
        other if other.extension() == "pst" => "application/vnd.ms-outlook-pst".to_owned(),
        other => other.media_type().to_ascii_lowercase(),
    })
}

fn zip_type(source: &mut Budgeted<impl Read + Seek>, start: &[u8]) -> String {
    let is_hangul = |mimetype: &[u8]| mimetype.trim_ascii() == HANGUL_ZIP;
    let first = start.get(30..).and_then(|rest| rest.strip_prefix(b"mimetype"));
    if first.is_some_and(|content| content.starts_with(HANGUL_ZIP)) {
        return "application/hwp+zip".to_owned();
    }
    match zip::look(source) {
        Some(members) if is_hangul(&members.mimetype) => "application/hwp+zip".to_owned(),
        Some(members) => FileFormat::from_bytes(members.to_zip()).media_type().to_ascii_lowercase(),
        // Cut off, or only its beginning is there.
        None => zip::ZIP.to_owned(),
    }
}

/// What a file extension shows about a text.
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

    /// An OLE file with these streams.
    fn ole(streams: &[(&str, &[u8])]) -> Vec<u8> {
        use std::io::Write as _;
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (stream, content) in streams {
            file.create_stream(stream).unwrap().write_all(content).unwrap();
        }
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    fn found(bytes: &[u8]) -> String {
        media_type_of(bytes, b"name").to_string()
    }

    #[test]
    fn the_formats_of_korean_offices_are_known() {
        assert_eq!(found(b"HWP Document File V3.00 \x1a\x01\x02"), "application/x-hwp");
        let five = ole(&[("/FileHeader", b"HWP Document File\0\0\0")]);
        assert_eq!(found(&five), "application/x-hwp");
        // The stream comes late, and is long.
        let before: Vec<_> = (0..60).map(|number| format!("/Section{number}")).collect();
        let mut streams: Vec<(&str, &[u8])> = before.iter().map(|name| (name.as_str(), &[7; 300][..])).collect();
        let long = [HANGUL, &[0; 8000]].concat();
        streams.push(("/FileHeader", &long));
        assert_eq!(found(&ole(&streams)), "application/x-hwp");
        *streams.last_mut().unwrap() = ("/FileHeader", HANGUL);
        assert_eq!(found(&ole(&streams)), "application/x-hwp");
        assert_eq!(found(&ole(&[("/FileHeader", b"another")])), "application/x-cfb");
        assert_eq!(found(&five[..600]), MediaType::UNKNOWN);
        let zip = [b"PK\x03\x04".as_slice(), &[0; 26], b"mimetypeapplication/hwp+zipPK"].concat();
        assert_eq!(found(&zip), "application/hwp+zip");
    }

    #[test]
    fn what_an_ole_file_holds_is_told_by_the_streams_of_its_root() {
        for (stream, media_type) in [
            ("/__properties_version1.0", "application/vnd.ms-outlook"),
            ("/WordDocument", "application/msword"),
            ("/Workbook", "application/vnd.ms-excel"),
            ("/Book", "application/vnd.ms-excel"),
            ("/PowerPoint Document", "application/vnd.ms-powerpoint"),
            ("/Contents", "application/x-cfb"),
        ] {
            assert_eq!(found(&ole(&[(stream, b"content"), ("/Zweites", b"more")])), media_type, "{stream}");
        }
        // A document that lies in another one is not what that is.
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_storage("/Embedded").unwrap();
        file.create_stream("/Embedded/WordDocument").unwrap();
        file.create_stream("/Workbook").unwrap();
        file.flush().unwrap();
        assert_eq!(found(&file.into_inner().into_inner()), "application/vnd.ms-excel");
    }

    /// An OLE file whose list of tables names one table over and over.
    fn endless_ole(sectors: u32) -> Vec<u8> {
        let mut header = vec![0; 4096];
        header[..8].copy_from_slice(ole::MAGIC);
        header[26] = 4;
        header[30] = 12;
        for (at, value) in [(44, 1_u32), (48, 0), (56, 4096), (68, 2), (72, sectors)] {
            header[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        for at in (76..512).step_by(4) {
            header[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
        }
        // The directory leads on to itself, and its root has itself for a child.
        let mut directory = vec![0; 4096];
        directory[76..80].copy_from_slice(&0_u32.to_le_bytes());
        let list: Vec<u8> = (0..sectors).flat_map(|_| [1_u32.to_le_bytes(); 1024].concat()).collect();
        [header, directory, vec![0; 4096], list].concat()
    }

    #[test]
    fn a_file_that_says_endless_things_of_itself_costs_no_more_than_another() {
        use std::time::{Duration, Instant};
        let began = Instant::now();
        assert_eq!(found(&endless_ole(400)), "application/x-cfb");
        let tags = b"ID3\x03\0\0\0\0\0\0".repeat(500_000);
        assert_eq!(found(&tags), MediaType::UNKNOWN);
        let pdf = [b"%PDF-1.7\n".as_slice(), &vec![b' '; 20 << 20]].concat();
        assert_eq!(found(&pdf), "application/pdf", "also where it is longer than the budget");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }

    /// A zip file with these stored members. `says` is the size that the list of members gives for each.
    fn zip_of(members: &[(&str, &[u8])], says: Option<u32>) -> Vec<u8> {
        let (mut zip, mut list) = (Vec::new(), Vec::new());
        for (name, content) in members {
            let offset = u32::try_from(zip.len()).unwrap().to_le_bytes();
            let size = u32::try_from(content.len()).unwrap();
            let length = u16::try_from(name.len()).unwrap().to_le_bytes();
            zip.extend(
                [b"PK\x03\x04".as_slice(), &[0; 14], &size.to_le_bytes(), &size.to_le_bytes(), &length, &[0; 2]]
                    .concat(),
            );
            zip.extend([name.as_bytes(), content].concat());
            let said = says.unwrap_or(size).to_le_bytes();
            list.extend([b"PK\x01\x02".as_slice(), &[0; 16], &said, &said, &length, &[0; 12], &offset].concat());
            list.extend(name.as_bytes());
        }
        let count = u16::try_from(members.len()).unwrap().to_le_bytes();
        let (size, offset) = (u32::try_from(list.len()).unwrap(), u32::try_from(zip.len()).unwrap());
        let end =
            [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size.to_le_bytes(), &offset.to_le_bytes(), &[0; 2]];
        [zip, list, end.concat()].concat()
    }

    #[test]
    fn zip_files_are_known_by_their_members_and_none_is_read_at_length() {
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        let open = "application/vnd.oasis.opendocument.text";
        for (members, media_type) in [
            (&[("[Content_Types].xml", &b"x"[..]), ("word/document.xml", b"x")][..], word),
            (&[("mimetype", open.as_bytes()), ("content.xml", b"x")], open),
            (&[("a.txt", b"x"), ("mimetype", b"application/hwp+zip")], "application/hwp+zip"),
            (&[("a.txt", b"x")], "application/zip"),
            (&[("PK\x06\x07AAAAAAAAAAAAAAAA", b"x")], "application/zip"),
        ] {
            assert_eq!(found(&zip_of(members, None)), media_type);
        }
        // Gigabytes, by its own word; and megabytes that are there.
        assert_eq!(found(&zip_of(&[("mimetype", b"x")], Some(u32::MAX - 1))), "application/zip");
        assert_eq!(found(&zip_of(&[("mimetype", &vec![0xff; 5 << 20])], None)), "application/zip");
        assert_eq!(found(&zip_of(&[("a.txt", b"x")], None)[..40]), "application/zip", "cut off");
    }

    #[test]
    fn a_pdf_may_have_white_space_before_it() {
        assert_eq!(found(b" %PDF-1.4\n"), "application/pdf");
        assert_eq!(found(b"\xef\xbb\xbf\r\n%PDF-1.4\n\x00\x01"), "application/pdf");
        assert_eq!(found(b"see %PDF-1.4\n"), "text/plain");
    }

    #[test]
    fn texts_that_are_not_in_utf_8_have_the_type_that_their_name_tells() {
        let found = |bytes: &[u8], name: &str| media_type_of(bytes, name.as_bytes()).to_string();
        let (table, ..) = encoding_rs::EUC_KR.encode("번호,이름\r\n1,진술\r\n");
        assert_eq!(found(&table, "표.csv"), "text/csv");
        assert_eq!(found(&table, "표"), "text/plain");
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("진술서".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(found(&wide, "진술.txt"), "text/plain");
        assert_eq!(
            found(b"From: a@example.org\r\nSubject: \xc1\xf8\xbc\xfa\r\n\r\n\xe9\r\n", "mail.eml"),
            "message/rfc822"
        );
        assert_eq!(found(&wide, "photo.jpg"), "text/plain", "a name makes no picture of it");
    }

    #[test]
    fn a_type_that_another_archive_wrote_is_kept_only_if_it_is_known() {
        for (said, kept) in [
            ("application/pdf", "application/pdf"),
            ("application/x-hwp", "application/x-hwp"),
            ("text/markdown", "text/markdown"),
            ("application/x-msdownload", MediaType::UNKNOWN),
            ("x/y", MediaType::UNKNOWN),
        ] {
            assert_eq!(known_media_type(said.parse().unwrap()).as_str(), kept);
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
