//! Texts that went by mail, or through an editor: what these change, undone where it can have been only one thing.
//!
//! Nothing is guessed: what comes out is read as strictly as what was written, and proved by its signatures.

use super::canonical::FormatError;

/// How much of a text is read that has at most so many bytes as it was written: twice that in UTF-16, and some more for line
/// ends and marks.
#[must_use]
pub const fn limit_bytes(written_bytes: usize) -> u64 {
    2 * written_bytes as u64 + 64 * 1024
}

/// A text that was read, and its bytes as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried<T> {
    /// What was read.
    pub value: T,
    /// The bytes that were read: those that came, or those that were restored.
    pub bytes: Vec<u8>,
    /// Whether it came changed, and that was undone.
    pub was_changed: bool,
}

/// Reads a text strictly; where that fails, once more with what was done to it on the way undone.
///
/// # Errors
/// What is wrong with the text as it came.
pub fn read<T>(bytes: &[u8], parse: impl Fn(&[u8]) -> Result<T, FormatError>) -> Result<Carried<T>, FormatError> {
    let mut error = match parse(bytes) {
        Ok(value) => return Ok(Carried { value, bytes: bytes.to_vec(), was_changed: false }),
        Err(error) => error,
    };
    for bytes in undone(bytes) {
        match parse(&bytes) {
            Ok(value) => return Ok(Carried { value, bytes, was_changed: true }),
            // What a newer version wrote is reported as that, even if it was changed on the way.
            Err(newer @ FormatError::NotUnderstood { .. }) => error = newer,
            Err(_) => {}
        }
    }
    Err(error)
}

/// What the text may have been before: none if it is no text.
#[must_use]
pub fn undone(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Some(text) = decoded(bytes) else { return Vec::new() };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    // No line that is written here begins or ends with a blank.
    let lines = without_ends(unquoted(text.split('\n').map(str::trim).collect()));
    if lines.is_empty() {
        return Vec::new();
    }
    let mut collapsed = lines.clone();
    collapsed.dedup_by(|line, before| line.is_empty() && before.is_empty());
    let forms = [Some(lines.clone()), Some(collapsed), every_other(&lines)];
    forms.into_iter().flatten().map(|lines| joined(&lines)).collect()
}

/// The text after a byte order mark, or without one.
fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok().filter(|_| rest.len().is_multiple_of(2))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => std::str::from_utf8(rest).ok().map(str::to_owned),
    }
}

/// The lines without the marks of a quotation, as many as stand before each of them. A line of marks alone was an empty
/// one, however many they are.
fn unquoted(lines: Vec<&str>) -> Vec<&str> {
    let is_empty = |line: &str| without_marks(line, usize::MAX).1.is_empty();
    let marks = lines.iter().filter(|line| !is_empty(line)).map(|line| without_marks(line, usize::MAX).0).min();
    let bare = |line| if is_empty(line) { "" } else { without_marks(line, marks.unwrap_or_default()).1 };
    lines.into_iter().map(bare).collect()
}

/// A line without the marks before it, at most so many, and how many they were.
fn without_marks(line: &str, most: usize) -> (usize, &str) {
    let (mut marks, mut rest) = (0, line);
    while marks < most
        && let Some(bare) = rest.strip_prefix('>')
    {
        (marks, rest) = (marks + 1, bare.trim_start());
    }
    (marks, rest)
}

/// The lines without empty ones before and after them.
fn without_ends(lines: Vec<&str>) -> Vec<&str> {
    let is_text = |line: &&str| !line.is_empty();
    let Some((first, last)) = lines.iter().position(is_text).zip(lines.iter().rposition(is_text)) else {
        return Vec::new();
    };
    lines[first..=last].to_vec()
}

/// The lines between which an empty one was put, each time.
fn every_other<'a>(lines: &[&'a str]) -> Option<Vec<&'a str>> {
    let is_doubled = lines.len() > 2 && lines.iter().skip(1).step_by(2).all(|line| line.is_empty());
    is_doubled.then(|| lines.iter().step_by(2).copied().collect())
}

/// The lines as bytes, with the dash that begins the line of a signature. In a letter, such lines stand in JSON.
fn joined(lines: &[&str]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines {
        let signature = line.strip_prefix("-- ").or_else(|| line.strip_prefix("– "));
        match signature {
            Some(rest) => text.extend(["— ", rest]),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text.replace("\\n-- ", "\\n— ").replace("\\n– ", "\\n— ").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{FormatError, read};

    /// A text with all that is changed on the way: an empty line in it, and the line of a signature.
    const NOTE: &str = "a log of nobody\n3\nAAAA\n\n— a log of nobody BBBB\n";
    const LETTER: &str = "{\"receipts\":[\"x\\n\\n— a log CCCC\\n\"]}\n";

    fn parse(bytes: &[u8]) -> Result<&'static str, FormatError> {
        let error = || match bytes == NEWER.as_bytes() {
            true => FormatError::NotUnderstood { what: "the text", found: "newer".to_owned() },
            false => FormatError::Rule { what: "the text", reason: format!("{:?}", String::from_utf8_lossy(bytes)) },
        };
        [NOTE, LETTER].into_iter().find(|text| text.as_bytes() == bytes).ok_or_else(error)
    }

    const NEWER: &str = "{\"format\":\"newer\"}\n";

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn what_was_not_changed_stays_as_it_is() {
        let carried = read(NOTE.as_bytes(), parse).unwrap();
        assert_eq!((carried.value, carried.bytes.as_slice(), carried.was_changed), (NOTE, NOTE.as_bytes(), false));
    }

    #[test]
    fn what_mail_programs_do_is_undone() {
        let quoted = |mark: &str| NOTE.trim_end().split('\n').map(|line| format!("{mark}{line}\n")).collect::<String>();
        let changed: Vec<(&str, Vec<u8>)> = vec![
            ("CR LF", NOTE.replace('\n', "\r\n").into()),
            ("CR", NOTE.replace('\n', "\r").into()),
            ("CR CR LF", NOTE.replace('\n', "\r\r\n").into()),
            ("a byte order mark", format!("\u{feff}{NOTE}").into()),
            ("UTF-16", utf16(NOTE, u16::to_le_bytes)),
            ("UTF-16, the other way around", utf16(&NOTE.replace('\n', "\r\n"), u16::to_be_bytes)),
            ("no last line feed", NOTE.trim_end().into()),
            ("empty lines at both ends", format!("\n\n \n{NOTE}\n\t\n").into()),
            ("an empty line in front", format!("\n{NOTE}").into()),
            ("a blank in front", format!(" {NOTE}").into()),
            ("a blank in front of each line", NOTE.replace('\n', "\n ").into()),
            ("a tabulator and a no-break space in front", format!("\t\u{a0}{NOTE}").into()),
            ("a letter behind an empty line and a blank", format!("\r\n {LETTER}").into()),
            ("a quotation", quoted("> ").into()),
            ("an indented quotation", quoted(" > ").into()),
            ("a quotation without blanks", quoted(">").into()),
            ("a quotation of which the empty lines have another depth", quoted("> ").replace("> \n", "> > >\n").into()),
            ("a quotation of a quotation, with CR LF", quoted("> > ").replace('\n', "\r\n").into()),
            ("blanks at the ends of lines", NOTE.replace('\n', "  \n").into()),
            ("two hyphens", NOTE.replace('—', "--").into()),
            ("a shorter dash", NOTE.replace('—', "–").into()),
            ("empty lines doubled", NOTE.replace("\n\n", "\n\n\n").into()),
            ("an empty line after each", NOTE.replace('\n', "\n\n").into()),
            ("all of it", quoted("> ").replace('—', "--").replace('\n', " \r\n").into()),
            ("a letter with CR LF", LETTER.replace('\n', "\r\n").into()),
            ("a letter with two hyphens, without its end", LETTER.trim_end().replace('—', "--").into()),
            ("a quoted letter", format!("> {LETTER}").into()),
        ];
        for (name, bytes) in changed {
            let carried = read(&bytes, parse).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(carried.was_changed && carried.bytes == carried.value.as_bytes(), "{name}");
        }
    }

    #[test]
    fn what_is_ambiguous_is_not_guessed() {
        let changed: Vec<(&str, Vec<u8>)> = vec![
            ("a line that was broken", NOTE.replace("a log of", "a log\nof").into()),
            ("words around it", format!("Dear colleague,\n\n{NOTE}\nYours").into()),
            ("a line that is missing", NOTE.replace("AAAA\n", "").into()),
            ("half a quotation", NOTE.replace("3\n", "> 3\n").into()),
            ("half a UTF-16 letter", utf16(NOTE, u16::to_le_bytes)[..31].to_vec()),
            ("no text", vec![0xff, 0xfe, 0x00, 0xd8, 0x20]),
            ("nothing", Vec::new()),
        ];
        for (name, bytes) in changed {
            let error = read(&bytes, parse).expect_err(name);
            assert_eq!(error.to_string(), format!("the text: {:?}", String::from_utf8_lossy(&bytes)), "{name}");
        }
    }

    /// Each byte is looked at a few times, however the lines and the marks are put: else this would not come to its end.
    #[test]
    fn marks_without_a_text_cost_no_more_than_their_number() {
        let (lines, marks) = ("\n".repeat(500_000), ">".repeat(500_000));
        for text in [format!("{lines}{marks}\n"), format!("{marks}\n{lines}"), format!("{marks}a\n{lines}{marks}b\n")] {
            assert!(read(text.as_bytes(), parse).is_err());
        }
    }

    #[test]
    fn what_a_newer_version_wrote_is_told_as_that_also_where_it_was_changed() {
        for changed in [NEWER.to_owned(), NEWER.replace('\n', "\r\n"), format!("\n {NEWER}")] {
            let error = read(changed.as_bytes(), parse).expect_err("it is not known");
            assert!(matches!(error, FormatError::NotUnderstood { .. }), "{changed:?}: {error}");
        }
    }
}
