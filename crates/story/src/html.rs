//! Pages for a browser: no script, nothing from elsewhere, every text escaped.

use std::fmt;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::notation::Bilingual;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::is_unseen;

/// How all pages look, on the screen and on paper.
const STYLE: &str = include_str!("report.css");

/// Text in a page: escaped, and characters that are not seen or turn the writing direction are shown, not obeyed. A
/// title must not be able to fake what a judge reads.
pub(super) struct Text<T>(pub T);

impl<T: fmt::Display> fmt::Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.to_string().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_str("\n")?,
                c if c.is_control() || is_unseen(c) => write!(f, "[U+{:04X}]", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

/// The beginning of a page, up to its main heading.
pub(super) fn begin(out: &mut dyn Write, title: Bilingual) -> io::Result<()> {
    begin_with(out, title, "report")
}

/// The beginning of a page that says on each printed sheet that it is a draft.
pub(super) fn begin_draft(out: &mut dyn Write, title: Bilingual) -> io::Result<()> {
    begin_with(out, title, "drafted")
}

fn begin_with(out: &mut dyn Write, (english, korean): Bilingual, class: &str) -> io::Result<()> {
    // The style is allowed by its hash, and nothing else is allowed at all.
    let style = BASE64.encode(Digest::of(STYLE.as_bytes()).as_bytes());
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{style}'; \
         base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{english} · {korean}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body class=\"{class}\">\n\
         <h1>{english} <span lang=\"ko\">{korean}</span></h1>"
    )
}

/// The end of a page.
pub(super) fn end(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"</body>\n</html>\n")
}

/// A heading in two languages, to which the table of contents leads.
pub(super) fn heading(out: &mut dyn Write, anchor: &str, (english, korean): Bilingual) -> io::Result<()> {
    writeln!(out, "<h2 id=\"{anchor}\">{english} <span lang=\"ko\">{korean}</span></h2>")
}

/// Paragraphs in two languages, one after the other.
pub(super) fn paragraph(out: &mut dyn Write, (english, korean): Bilingual) -> io::Result<()> {
    writeln!(out, "<p>{english}</p>\n<p lang=\"ko\">{korean}</p>")
}

/// A list of sentences in two languages.
pub(super) fn list(out: &mut dyn Write, items: &[Bilingual]) -> io::Result<()> {
    out.write_all(b"<ul>\n")?;
    for (english, korean) in items {
        writeln!(out, "<li>{english}<br><span lang=\"ko\">{korean}</span></li>")?;
    }
    out.write_all(b"</ul>\n")
}

/// A row of a table with two columns: what it is, and the value.
pub(super) fn row(out: &mut dyn Write, (english, korean): Bilingual, value: impl fmt::Display) -> io::Result<()> {
    writeln!(
        out,
        "<tr><th scope=\"row\">{english}<br><span lang=\"ko\">{korean}</span></th><td><bdi>{}</bdi></td></tr>",
        Text(value)
    )
}

/// A row with room for what a person writes.
pub(super) fn blank_row(out: &mut dyn Write, (english, korean): Bilingual) -> io::Result<()> {
    writeln!(
        out,
        "<tr><th scope=\"row\">{english}<br><span lang=\"ko\">{korean}</span></th><td>\
         <span class=\"blank\"></span></td></tr>"
    )
}

/// The same of a value that people compare letter by letter: in groups of four, of which no space is copied.
pub(super) fn code_row(out: &mut dyn Write, (english, korean): Bilingual, value: &str) -> io::Result<()> {
    write!(out, "<tr><th scope=\"row\">{english}<br><span lang=\"ko\">{korean}</span></th><td><code>")?;
    // The name of the kind, or of the log with the key's number, stands in front as it is.
    let name = match value.strip_prefix("SHA256:") {
        Some(digits) => value.len() - digits.len(),
        None => value.match_indices('+').nth(1).map_or(0, |(at, _)| at + 1),
    };
    if name > 0 {
        write!(out, "<span class=\"group\">{}</span>", Text(&value[..name]))?;
    }
    let chars: Vec<_> = value[name..].chars().collect();
    for group in chars.chunks(4) {
        write!(out, "<span class=\"group\">{}</span>", Text(group.iter().collect::<String>()))?;
    }
    out.write_all(b"</code></td></tr>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        let text = "<script>alert(1)</script> \"a\" & 'b' \u{202e}fdp.exe 제목";
        let shown = Text(text).to_string();
        assert_eq!(shown, "&lt;script&gt;alert(1)&lt;/script&gt; &quot;a&quot; &amp; &#39;b&#39; [U+202E]fdp.exe 제목");
        assert_eq!(Text("\u{ad}\u{115f}\u{fe0f}\u{e0041}").to_string(), "[U+00AD][U+115F][U+FE0F][U+E0041]");
    }
}
