//! Sheets of paper: text is broken into lines and lines into pages, and the pages become a PDF.
//!
//! One font for everything, which is embedded as far as it is used. It has all Korean syllables; a character that it
//! lacks is shown by its number, so that nothing disappears.

use std::io;

use krilla::Document;
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::MetadataProvider as _;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use unicode_normalization::UnicodeNormalization as _;

use vouchsafe_core::SOFTWARE;
use vouchsafe_core::model::is_unseen;

/// NanumGothic, under the SIL Open Font License (`assets/NanumGothic-OFL.txt`).
static FONT: &[u8] = include_bytes!("../assets/NanumGothic.ttf");

// A4, in points.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 50.0;
/// Where the column of values begins.
const VALUES: f32 = MARGIN + 142.0;
/// Of the height of a letter.
const LINE_HEIGHT: f32 = 1.45;
const TEXT_SIZE: f32 = 9.0;
const FOOTER_SIZE: f32 = 7.5;
/// So much is kept on one page, and with the heading of its section.
const KEPT_HEIGHT: f32 = 140.0;

/// A line of text at its place; `y` is its foot, from the top of the page.
struct Line {
    x: f32,
    y: f32,
    size: f32,
    text: String,
    is_bold: bool,
}

/// Pages in the making.
pub(super) struct Sheets {
    face: Face,
    pages: Vec<Vec<Line>>,
    /// How far the last page is filled, from its top.
    filled: f32,
    /// Rules across pages, by page and place.
    rules: Vec<(usize, f32)>,
    /// Headings with their pages and places.
    headings: Vec<(String, usize, f32)>,
}

impl Sheets {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            face: Face::new()?,
            pages: vec![Vec::new()],
            filled: MARGIN,
            rules: Vec::new(),
            headings: Vec::new(),
        })
    }

    /// The title of the whole.
    pub fn title(&mut self, text: &str) {
        self.block(20.0, true, text);
        self.filled += 10.0;
    }

    /// The heading of a section, to which the outline leads.
    pub fn heading(&mut self, text: &str) {
        self.keep_together(50.0 + KEPT_HEIGHT);
        self.filled += 16.0;
        self.headings.push((readable(&self.face, text).concat(), self.pages.len() - 1, self.filled));
        self.block(14.0, true, text);
        self.filled += 4.0;
        self.rules.push((self.pages.len() - 1, self.filled));
        self.filled += 5.0;
    }

    /// A heading below that of a section.
    pub fn subheading(&mut self, text: &str) {
        self.keep_together(70.0);
        self.filled += 8.0;
        self.block(10.5, true, text);
        self.filled += 2.0;
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.block(TEXT_SIZE, false, text);
        self.filled += 4.0;
    }

    /// Paragraphs that stay on one page, if they are not too long for it.
    pub fn paragraphs(&mut self, texts: &[&str]) {
        let lines = texts.iter().map(|text| self.face.lines(text, WIDTH - 2.0 * MARGIN, TEXT_SIZE).len());
        let height = lines.map(|count| (0..count).map(|_| TEXT_SIZE * LINE_HEIGHT).sum::<f32>() + 4.0).sum::<f32>();
        if height <= KEPT_HEIGHT {
            self.keep_together(height);
        }
        for text in texts {
            self.paragraph(text);
        }
    }

    /// What something is on the left, and its value on the right.
    pub fn pair(&mut self, name: &str, value: &str) {
        let names = self.face.lines(name, VALUES - MARGIN - 10.0, TEXT_SIZE);
        let values = self.face.lines(value, WIDTH - MARGIN - VALUES, TEXT_SIZE);
        self.keep_together(TEXT_SIZE * LINE_HEIGHT * f32::from(u8::try_from(values.len()).unwrap_or(u8::MAX).min(4)));
        let (mut names, mut values) = (names.into_iter(), values.into_iter());
        loop {
            let line = (names.next(), values.next());
            if line.0.is_none() && line.1.is_none() {
                break;
            }
            let y = self.next_line(TEXT_SIZE);
            for (x, text) in [(MARGIN, line.0), (VALUES, line.1)] {
                text.into_iter().for_each(|text| self.put(Line { x, y, size: TEXT_SIZE, text, is_bold: false }));
            }
        }
        self.filled += 3.0;
    }

    fn block(&mut self, size: f32, is_bold: bool, text: &str) {
        for line in self.face.lines(text, WIDTH - 2.0 * MARGIN, size) {
            let y = self.next_line(size);
            self.put(Line { x: MARGIN, y, size, text: line, is_bold });
        }
    }

    /// Goes to the next page if less than this height is left.
    fn keep_together(&mut self, height: f32) {
        if self.filled + height > HEIGHT - MARGIN {
            self.pages.push(Vec::new());
            self.filled = MARGIN;
        }
    }

    /// The foot of the next line.
    fn next_line(&mut self, size: f32) -> f32 {
        self.keep_together(size * LINE_HEIGHT);
        self.filled += size * LINE_HEIGHT;
        self.filled
    }

    fn put(&mut self, line: Line) {
        if let Some(page) = self.pages.last_mut() {
            page.push(line);
        }
    }

    /// The PDF. `footer` stands on each page, before the number.
    pub fn into_pdf(self, title: &str, footer: &str) -> io::Result<Vec<u8>> {
        let font = Font::new(FONT.into(), 0).ok_or_else(unusable)?;
        let mut document = Document::new();
        let metadata = Metadata::new().title(title.to_owned()).language("en".to_owned());
        document.set_metadata(metadata.creator(SOFTWARE.to_owned()));
        let count = self.pages.len();
        for (number, lines) in self.pages.iter().enumerate() {
            let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(unusable)?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            surface.set_fill(Some(Fill { paint: rgb::Color::new(0, 0, 0).into(), ..Fill::default() }));
            let foot = Line {
                x: MARGIN,
                y: HEIGHT - MARGIN / 2.0,
                size: FOOTER_SIZE,
                text: readable(&self.face, &format!("{footer}   {} / {count}", number + 1)).concat(),
                is_bold: false,
            };
            for y in self.rules.iter().filter(|(page, _)| *page == number).map(|(_, y)| *y) {
                let mut rule = PathBuilder::new();
                rule.push_rect(Rect::from_xywh(MARGIN, y, WIDTH - 2.0 * MARGIN, 0.7).ok_or_else(unusable)?);
                surface.draw_path(&rule.finish().ok_or_else(unusable)?);
            }
            for line in lines.iter().chain([&foot]) {
                // The one font has one weight: a thin outline makes a letter bold.
                surface.set_stroke(line.is_bold.then(|| Stroke { width: line.size / 35.0, ..Stroke::default() }));
                let at = Point::from_xy(line.x, line.y);
                surface.draw_glyphs(at, &self.face.glyphs(&line.text), font.clone(), &line.text, line.size, false);
            }
        }
        let mut outline = Outline::new();
        for (text, page, y) in self.headings {
            outline.push_child(OutlineNode::new(text, XyzDestination::new(page, Point::from_xy(0.0, y))));
        }
        document.set_outline(outline);
        document.finish().map_err(|error| io::Error::other(error.to_string()))
    }
}

/// The font as far as lines are measured with it.
struct Face {
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

impl Face {
    fn new() -> io::Result<Self> {
        let font = skrifa::FontRef::new(FONT).map_err(|_| unusable())?;
        // Measured at the size of 1, so that a width is a part of the height.
        let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
        Ok(Self { charmap: font.charmap(), metrics })
    }

    fn has(&self, c: char) -> bool {
        self.charmap.map(c).is_some_and(|glyph| glyph.to_u32() != 0)
    }

    fn advance(&self, c: char) -> f32 {
        self.charmap.map(c).and_then(|glyph| self.metrics.advance_width(glyph)).unwrap_or(0.0)
    }

    fn width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.advance(c)).sum()
    }

    fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, c): (usize, char)| {
            let id = self.charmap.map(c).map_or(0, |glyph| glyph.to_u32());
            let range = at..at + c.len_utf8();
            KrillaGlyph::new(GlyphId::new(id), self.advance(c), 0.0, 0.0, 0.0, range, None)
        };
        text.char_indices().map(glyph).collect()
    }

    /// The lines of a text: broken at spaces, and within words that are wider than a line.
    fn lines(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        let most = width / size;
        let mut lines = Vec::new();
        for paragraph in readable(self, text) {
            let mut line = String::new();
            let mut filled = 0.0;
            for word in paragraph.split_inclusive(' ') {
                let word_width = self.width(word.trim_end());
                if filled + word_width > most && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    filled = 0.0;
                }
                for c in word.chars() {
                    let advance = self.advance(c);
                    if filled + advance > most && !line.is_empty() && c != ' ' {
                        lines.push(std::mem::take(&mut line));
                        filled = 0.0;
                    }
                    line.push(c);
                    filled += advance;
                }
            }
            lines.push(line);
        }
        lines
    }
}

/// The paragraphs of a text, in characters that can be drawn one by one: Korean in whole syllables, and what is not
/// seen, turns the writing direction or is not in the font, by its number.
fn readable(face: &Face, text: &str) -> Vec<String> {
    let drawn = |c: char| match c {
        '\t' => " ".to_owned(),
        c if c.is_control() || is_unseen(c) || !face.has(c) => format!("[U+{:04X}]", u32::from(c)),
        c => c.to_string(),
    };
    let text: String = text.replace("\r\n", "\n").nfc().collect();
    text.split('\n').map(|paragraph| paragraph.chars().map(drawn).collect()).collect()
}

fn unusable() -> io::Error {
    io::Error::other("the font of the report cannot be used")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_page_and_nothing_is_lost() {
        let face = Face::new().unwrap();
        let text =
            format!("증거물의 {} is a word  with two spaces, {}", "0123456789abcdef".repeat(40), "가".repeat(300));
        let lines = face.lines(&text, 300.0, 9.0);
        assert!(lines.iter().all(|line| face.width(line.trim_end()) * 9.0 <= 300.0));
        assert_eq!(lines.concat(), text);
    }

    #[test]
    fn what_cannot_be_drawn_is_told() {
        let face = Face::new().unwrap();
        // Syllables in parts, as some systems write file names, are put together.
        assert_eq!(
            readable(&face, "\u{1112}\u{1161}\u{11ab}\u{202e}\u{0}\u{1f600}\nend"),
            ["한[U+202E][U+0000][U+1F600]".to_owned(), "end".to_owned()]
        );
    }

    #[test]
    fn no_heading_is_alone_at_the_end_of_a_page_and_translations_stay_together() {
        let text = "A sentence of some length, of which there are several. ".repeat(8);
        for filled in 0..120u16 {
            let mut sheets = Sheets::new().unwrap();
            sheets.filled += f32::from(filled) * 6.0;
            sheets.heading("1. Heading");
            sheets.paragraphs(&[&text, &text]);
            let pages: Vec<_> = sheets.pages.iter().filter(|page| !page.is_empty()).collect();
            assert_eq!(pages.len(), 1, "{filled}");
            assert!(pages[0].len() > 3 && pages[0][0].is_bold);
        }
    }

    #[test]
    fn a_long_text_goes_over_several_pages() {
        let mut sheets = Sheets::new().unwrap();
        sheets.heading("1. 머리말");
        sheets.pair("name", &"a value of some length ".repeat(2_000));
        assert!(sheets.pages.len() > 3);
        let bottom = sheets.pages.iter().flatten().map(|line| line.y).fold(0.0, f32::max);
        assert!(bottom <= HEIGHT - MARGIN);
        assert!(sheets.into_pdf("title", "footer").unwrap().starts_with(b"%PDF-"));
    }
}
