//! Texts for people: those that come from outside, numbers and sizes. The small program that checks bundles uses
//! them too.

use std::fmt::Write as _;
use std::path::Path;

use vouchsafe_core::model::{Bilingual, is_unseen};
pub use vouchsafe_core::model::{bytes, count, number, size};
use vouchsafe_core::sign::secrets::mark_in;

/// A text that comes from outside, safe to print on one line: whatever is in it, it cannot look like a line of the
/// program's own.
pub fn printable(text: &str) -> String {
    printable_lines(text).replace('\n', "\\n")
}

/// The same with its line breaks, for where every line of it is indented. Control characters, those that turn the
/// writing direction, and those that nobody sees are shown, not obeyed: file names and notes must not be able to fake what a
/// user reads.
pub fn printable_lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() && c != '\n') || is_unseen(c) {
            let _ = write!(safe, "{}", c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// JSON in which control characters and those that nobody sees are escaped: the same for programs, and harmless on a
/// terminal. Such characters stand in strings only.
pub fn escaped(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || is_unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]).iter() {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A text from outside in quotation marks, so that it is separate from the words around it.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", printable(text).replace('"', "\\\""))
}

/// Whether a text is a private key, or the beginning of one. Errors repeat what was typed, and entries keep it for
/// ever.
pub fn is_private_key(text: &str) -> bool {
    mark_in(text).is_some()
}

/// The message and the hint for that.
pub const PRIVATE_KEY: (&str, &str) = (
    "an argument is a private key; it is not repeated here",
    "name the key's file instead. The key may now be in the history of your shell and in lists of processes, so it is \
     best to make a new one",
);

/// What to do about a receipt, a head or a letter that cannot be read, even after changes by mail programs are undone.
pub const ASK_FOR_THE_FILE: &str = "if it came by mail, ask for the file in a zip file: mail programs change texts";

/// What to do about what a newer version wrote.
pub use vouchsafe_core::format::version::NEWER_WAY_OUT as NEWER_HINT;

/// The same below a verdict.
pub const NEWER: Bilingual = (
    NEWER_HINT,
    "더 새로운 버전의 vouchsafe로 읽을 수 있습니다. 자료를 보낸 사람이 아니라, 스스로 믿을 수 있는 곳에서 받으십시오.",
);

/// Reports that a text was changed on the way.
pub fn note_undone(path: &Path) {
    let path = printable(&path.display().to_string());
    eprintln!("note: {path}: its line ends were changed in transit; this was undone");
}
