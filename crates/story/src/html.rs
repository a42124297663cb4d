//! Pages for a browser: no script, nothing from elsewhere, every text escaped.

use std::fmt;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::language::ReportLanguage;
use super::letters::Letters;
use super::notation::Bilingual;
use vouchsafe_archive::ReportError as Failure;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{Fingerprint, is_unseen};

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

/// What a page is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// For reading.
    Report,
    /// A draft of a statement: each printed sheet says what it takes to make it one.
    Draft,
    /// One sheet to hand to somebody.
    Sheet,
}

/// To where a page is written, with the fonts that it has.
pub(super) struct Output<'a> {
    out: &'a mut dyn Write,
    fonts: &'a str,
}

/// Writes a page with the letters that it uses: `write` is called twice, and must write the same both times.
pub(super) fn with_letters(
    out: &mut dyn Write,
    write: impl Fn(Output<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut letters = Letters::default();
    write(Output { out: &mut letters, fonts: "" })?;
    write(Output { out, fonts: &letters.style()? })
}

/// A page that is being written. The texts in two languages that it is given are the program's own, and are HTML; whatever
/// comes from elsewhere goes through [`Text`].
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    pub language: ReportLanguage,
}

impl Write for Page<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<'a> Page<'a> {
    /// The beginning of a page, up to its main heading.
    pub fn begin(output: Output<'a>, language: ReportLanguage, title: Bilingual, kind: Kind) -> io::Result<Self> {
        let Output { out, fonts } = output;
        // The style is allowed by its hash, the fonts that lie in it, and in a report the pictures that lie in the same bundle;
        // nothing else is.
        let style = format!("{fonts}{STYLE}");
        let hash = BASE64.encode(Digest::of(style.as_bytes()).as_bytes());
        let images = if kind == Kind::Report { "img-src 'self' file:; " } else { "" };
        let class = match kind {
            Kind::Report => "report",
            Kind::Draft => "drafted",
            Kind::Sheet => "sheet",
        };
        let mut page = Self { out, language };
        let (name, heading) = (language.join(title, " · "), page.inline(title));
        writeln!(
            page,
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
             font-src data:; {images}base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{name}</title>\n\
             <style>{style}</style>\n</head>\n<body class=\"{class}\">\n<h1>{heading}</h1>",
            language.main()
        )?;
        Ok(page)
    }

    /// The end of the page.
    pub fn end(&mut self) -> io::Result<()> {
        self.write_all(b"</body>\n</html>\n")
    }

    /// A text in the languages of the page, within a line.
    pub fn inline(&self, text: (&str, &str)) -> String {
        self.marked(text, " ")
    }

    /// The same with each language on a line of its own.
    pub fn stacked(&self, text: (&str, &str)) -> String {
        self.marked(text, "<br>")
    }

    fn marked(&self, (english, korean): (&str, &str), between: &str) -> String {
        match self.language {
            ReportLanguage::Both if !korean.is_empty() => {
                format!("{english}{between}<span lang=\"ko\">{korean}</span>")
            }
            language => language.join((english, korean), between),
        }
    }

    /// A heading, to which the table of contents leads.
    pub fn heading(&mut self, anchor: &str, title: Bilingual) -> io::Result<()> {
        let title = self.inline(title);
        writeln!(self, "<h2 id=\"{anchor}\">{title}</h2>")
    }

    /// A paragraph in each language.
    pub fn paragraph(&mut self, text: (&str, &str)) -> io::Result<()> {
        for (language, text) in self.language.each(text) {
            match language == self.language.main() {
                true => writeln!(self, "<p>{text}</p>")?,
                false => writeln!(self, "<p lang=\"{language}\">{text}</p>")?,
            }
        }
        Ok(())
    }

    /// A list of sentences.
    pub fn list(&mut self, items: &[Bilingual]) -> io::Result<()> {
        self.write_all(b"<ul>\n")?;
        for item in items {
            let item = self.stacked(*item);
            writeln!(self, "<li>{item}</li>")?;
        }
        self.write_all(b"</ul>\n")
    }

    /// The head of a table: what it is, for who listens to the page, and what its columns are, some of them of numbers.
    pub fn table_head(&mut self, caption: &str, columns: &[(Bilingual, bool)]) -> io::Result<()> {
        write!(self, "<caption>{caption}</caption>\n<thead><tr>")?;
        for (name, is_number) in columns {
            let class = if *is_number { " class=\"number\"" } else { "" };
            let name = self.inline(*name);
            write!(self, "<th scope=\"col\"{class}>{name}</th>")?;
        }
        self.write_all(b"</tr></thead>\n")
    }

    /// A row of a table with two columns: what it is, and the value.
    pub fn row(&mut self, name: Bilingual, value: impl fmt::Display) -> io::Result<()> {
        let name = self.stacked(name);
        writeln!(self, "<tr><th scope=\"row\">{name}</th><td><bdi>{}</bdi></td></tr>", Text(value))
    }

    /// The same of a value that people compare letter by letter: in groups of four, of which no space is copied.
    pub fn code_row(&mut self, name: Bilingual, value: &str) -> io::Result<()> {
        let name = self.stacked(name);
        write!(self, "<tr><th scope=\"row\">{name}</th><td><code>")?;
        // The name of the kind, or of the log with the key's number, stands before it as it is.
        let start = match value.strip_prefix("SHA256:") {
            Some(digits) => value.len() - digits.len(),
            None => value.match_indices('+').nth(1).map_or(0, |(at, _)| at + 1),
        };
        if start > 0 {
            write!(self, "<span class=\"group\">{}</span>", Text(&value[..start]))?;
        }
        let groups: Vec<_> = match value.parse::<Fingerprint>() {
            // It comes in groups, with what stands between them.
            Ok(fingerprint) if fingerprint.paper() == value => value.split_inclusive('-').map(str::to_owned).collect(),
            _ => value[start..].chars().collect::<Vec<_>>().chunks(4).map(|group| group.iter().collect()).collect(),
        };
        for group in groups {
            write!(self, "<span class=\"group\">{}</span>", Text(group))?;
        }
        self.write_all(b"</code></td></tr>\n")
    }

    /// The name of a file in the bundle, which is broken between folders where it is long.
    pub fn path(path: impl fmt::Display) -> String {
        let path = Text(path).to_string().replace('/', "/<wbr>");
        format!("<code class=\"path\">{path}</code>")
    }

    /// A row with room for what a person writes.
    pub fn blank_row(&mut self, name: Bilingual) -> io::Result<()> {
        let name = self.stacked(name);
        writeln!(self, "<tr class=\"room\"><th scope=\"row\">{name}</th><td></td></tr>")
    }
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

    #[test]
    fn a_page_in_one_language_has_nothing_in_the_other() {
        for (language, has, lacks) in [
            (ReportLanguage::Both, "<p>Exhibits</p>\n<p lang=\"ko\">증거물</p>", "\u{0}"),
            (ReportLanguage::English, "<html lang=\"en\">", "증"),
            (ReportLanguage::Korean, "<html lang=\"ko\">", "Exhibits"),
        ] {
            let mut out = Vec::new();
            let output = Output { out: &mut out, fonts: "" };
            let mut page = Page::begin(output, language, ("Exhibits", "증거물"), Kind::Report).unwrap();
            page.paragraph(("Exhibits", "증거물")).unwrap();
            page.row(("Exhibits", "증거물"), 1).unwrap();
            page.list(&[("Exhibits", "증거물")]).unwrap();
            page.table_head("1", &[(("Exhibits", "증거물"), true)]).unwrap();
            page.end().unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains(has) && !text.contains(lacks), "{text}");
        }
    }
}
