//! Tables with a row for each exhibit: for people who use a spreadsheet, and for review platforms.

use std::io::Write;

use super::contents::Contents;
use super::told::ToldExhibit;
use vouchsafe_archive::ReportError as Failure;
use vouchsafe_archive::tables::harmless;

/// Tells spreadsheets and review platforms that the file is UTF-8; without it, Korean is garbled in them.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// `report/exhibits.csv`: RFC 4180, every cell in quotation marks.
pub(super) fn write_csv(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    out.write_all(BYTE_ORDER_MARK)?;
    let mut rows = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    let fixed = [
        "exhibit",
        "file",
        "sha256",
        "size_bytes",
        "media_type",
        "ingested_at_utc",
        "log_index",
        "entry",
        "receipt",
        "entries",
        "withheld_fields",
    ];
    let columns = contents.columns.iter().map(|name| format!("field_{name}"));
    rows.write_record(fixed.into_iter().map(str::to_owned).chain(columns)).map_err(failed)?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let fixed = fixed_cells(&exhibit);
        let fields = contents.columns.iter().map(|name| exhibit.field(name).map(ToString::to_string));
        let fields = fields.map(|value| harmless(&numbered(&value.unwrap_or_default())));
        rows.write_record(fixed.into_iter().chain(fields)).map_err(failed)?;
    }
    rows.flush()?;
    Ok(())
}

fn fixed_cells(exhibit: &ToldExhibit<'_>) -> Vec<String> {
    let planned = exhibit.planned;
    let mut cells = vec![
        planned.exhibit.to_string(),
        exhibit.file.to_string(),
        planned.object.to_string(),
        planned.size_bytes.to_string(),
        planned.media_type.to_string(),
    ];
    cells.extend(custody_cells(exhibit));
    cells
}

/// What both tables end with: when and where it came into custody, and how much is known of it here.
fn custody_cells(exhibit: &ToldExhibit<'_>) -> [String; 6] {
    let ingest = exhibit.ingest();
    [
        ingest.signed.entry.recorded_at.to_string(),
        ingest.signed.entry.index.to_string(),
        ingest.message.to_string(),
        ingest.receipt.to_string(),
        exhibit.entries.len().to_string(),
        exhibit.planned.withheld_fields.to_string(),
    ]
}

fn failed(error: csv::Error) -> Failure {
    Failure::Write(error.into())
}

/// The value as it is, but for control characters, which are shown by their number: they could command a terminal, and
/// programs read them differently. Line breaks and tabs belong to texts.
fn numbered(value: &str) -> String {
    let mut cell = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\n' | '\r' | '\t' => cell.push(c),
            c if c.is_control() => cell.push_str(&format!("[U+{:04X}]", u32::from(c))),
            c => cell.push(c),
        }
    }
    cell
}

/// Between the columns of a load file.
const SEPARATOR: char = '\u{14}';
/// Around each cell.
const QUOTE: char = '\u{fe}';
/// A line break inside of a cell.
const LINE_BREAK: char = '\u{ae}';

/// `report/loadfile.dat`: a row for each exhibit with Concordance's usual delimiters, as review platforms import it.
/// There is no list of page images beside it, since a bundle holds no page images.
pub(super) fn write_load_file(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    out.write_all(BYTE_ORDER_MARK)?;
    let fixed = [
        "DOCID",
        "NATIVE_FILE",
        "FILE_NAME",
        "FILE_EXTENSION",
        "FILE_SIZE",
        "MEDIA_TYPE",
        "SHA256",
        "INGESTED_AT_UTC",
        "LOG_INDEX",
        "ENTRY_PATH",
        "PROOF_PATH",
        "ENTRIES",
        "WITHHELD_FIELDS",
    ];
    let columns = contents.columns.iter().map(|name| format!("FIELD_{}", name.as_str().to_ascii_uppercase()));
    write_row(out, fixed.into_iter().map(str::to_owned).chain(columns))?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let planned = exhibit.planned;
        let name = exhibit.file.as_str().trim_start_matches("data/");
        let fixed = [
            planned.exhibit.to_string(),
            for_windows(exhibit.file.as_str()),
            name.to_owned(),
            name.rsplit('.').next().unwrap_or_default().to_owned(),
            planned.size_bytes.to_string(),
            planned.media_type.to_string(),
            planned.object.to_string(),
        ];
        let fields = contents.columns.iter().map(|name| exhibit.field(name).map(ToString::to_string));
        let [ingested_at, log_index, entry, receipt, entries, withheld] = custody_cells(&exhibit);
        let custody = [ingested_at, log_index, for_windows(&entry), for_windows(&receipt), entries, withheld];
        let cells = fixed.into_iter().chain(custody);
        write_row(out, cells.chain(fields.map(Option::unwrap_or_default)))?;
    }
    Ok(())
}

/// A path as it is written where these platforms run.
fn for_windows(path: &str) -> String {
    path.replace('/', "\\")
}

fn write_row(out: &mut dyn Write, cells: impl Iterator<Item = String>) -> std::io::Result<()> {
    let mut row = String::new();
    for cell in cells {
        if !row.is_empty() {
            row.push(SEPARATOR);
        }
        row.push(QUOTE);
        row.extend(within_a_cell(&cell));
        row.push(QUOTE);
    }
    row.push_str("\r\n");
    out.write_all(row.as_bytes())
}

/// The letters of a cell. The format has no way to write its own delimiters, so that they are replaced.
fn within_a_cell(cell: &str) -> Vec<char> {
    let cell = cell.replace("\r\n", "\n");
    let letter = |c: char| match c {
        '\n' | '\r' => LINE_BREAK,
        QUOTE | LINE_BREAK => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => ' ',
        c => c,
    };
    cell.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_commands_no_terminal_and_is_exact_otherwise() {
        assert_eq!(numbered("a\u{1b}[2J\u{1}\u{0}\u{9b}b"), "a[U+001B][2J[U+0001][U+0000][U+009B]b");
        for text in ["두 줄\r\n과 탭\t", "\u{202e}fdp.exe", ""] {
            assert_eq!(numbered(text), text);
        }
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\ta", "\n", "'quoted", "＝1", " =1", "\"=1\""] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for (text, cell) in [
            ("a;=cmd|' /C calc'!A0", "a;'=cmd|' /C calc'!A0"),
            ("a;b;+1", "a;b;'+1"),
            ("a; \"=1\"", "a;' \"=1\""),
            ("a\t@SUM(A1)", "a\t'@SUM(A1)"),
            ("a\n-1\r\n=2", "a\n'-1\r\n'=2"),
            ("\t=1", "'\t'=1"),
            ("a;'b", "a;''b"),
            ("=1;=1", "'=1;'=1"),
        ] {
            assert_eq!(harmless(text), cell);
        }
        for text in ["", "a=b", "제목", "1-2", "a;b", "a; b\tc\nd", ";", "a,=1"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn a_cell_of_a_load_file_ends_where_it_ends() {
        let mut out = Vec::new();
        let cells = ["a\u{fe}\u{14}\u{fe}b", "line\r\nnext\nlast", "제목\u{0}"];
        write_row(&mut out, cells.iter().map(|&cell| cell.to_owned())).unwrap();
        let row = String::from_utf8(out).unwrap();
        assert_eq!(row, "þa\u{fffd} \u{fffd}bþ\u{14}þline®next®lastþ\u{14}þ제목 þ\r\n");
    }
}
