//! Sheets of paper: text is broken into lines, and lines into pages.

use std::io;

use super::face::Face;
use super::language::ReportLanguage;
use super::line_of_custody::{Mark, Point};
use super::tagged::{self, About, Entry, HEIGHT, LaidOut, Line, MARGIN, Role, Shape, Sheet, WIDTH};

/// Where the column of values begins.
const VALUES: f32 = MARGIN + 152.0;
/// Of the height of a letter.
const LINE_HEIGHT: f32 = 1.45;
const TEXT_SIZE: f32 = 9.0;
/// So much is kept on one page, and with the heading of its section.
const KEPT_HEIGHT: f32 = 140.0;
/// The height of a point of the line of custody, and where its text begins.
const POINT_HEIGHT: f32 = 15.0;
const POINT_TEXT: f32 = MARGIN + 18.0;

/// Pages in the making.
pub(super) struct Sheets {
    face: Face,
    sheets: Vec<Sheet>,
    /// How far the last page is filled, from its top.
    filled: f32,
    parts: Vec<Role>,
    outline: Vec<Entry>,
}

impl Sheets {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            face: Face::new()?,
            sheets: vec![Sheet::default()],
            filled: MARGIN,
            parts: Vec::new(),
            outline: Vec::new(),
        })
    }

    /// The title of the whole.
    pub fn title(&mut self, text: &str) {
        let part = self.part(Role::Heading(1, text.to_owned()));
        self.block(part, 20.0, true, text);
        self.filled += 10.0;
    }

    /// The heading of a section, to which the outline leads.
    pub fn heading(&mut self, text: &str) {
        self.keep_together(50.0 + KEPT_HEIGHT);
        self.filled += 16.0;
        let shown = self.enter(text, false);
        let part = self.part(Role::Heading(2, shown));
        self.block(part, 14.0, true, text);
        self.filled += 4.0;
        let y = self.filled;
        self.draw(Shape::Rule { x: MARGIN, y, width: WIDTH - 2.0 * MARGIN });
        self.filled += 5.0;
    }

    /// A heading below that of a section, to which the outline leads as well.
    pub fn subheading(&mut self, text: &str) {
        self.keep_together(70.0);
        self.filled += 8.0;
        let shown = self.enter(text, true);
        let part = self.part(Role::Heading(3, shown));
        self.block(part, 10.5, true, text);
        self.filled += 2.0;
    }

    /// A paragraph in this language.
    pub fn paragraph(&mut self, language: &'static str, text: &str) {
        let part = self.part(Role::Paragraph(language));
        self.block(part, TEXT_SIZE, false, text);
        self.filled += 4.0;
    }

    /// Paragraphs that stay on one page, if they are not too long for it.
    pub fn paragraphs(&mut self, texts: &[(&'static str, &str)]) {
        let lines = texts.iter().map(|(_, text)| self.face.lines(text, WIDTH - 2.0 * MARGIN, TEXT_SIZE).len());
        let height = lines.map(|count| (0..count).map(|_| TEXT_SIZE * LINE_HEIGHT).sum::<f32>() + 4.0).sum::<f32>();
        if height <= KEPT_HEIGHT {
            self.keep_together(height);
        }
        for (language, text) in texts {
            self.paragraph(language, text);
        }
    }

    /// What something is on the left, and its value on the right.
    pub fn pair(&mut self, name: &str, value: &str) {
        let names = self.face.lines(name, VALUES - MARGIN - 10.0, TEXT_SIZE);
        let values = self.face.lines(value, WIDTH - MARGIN - VALUES, TEXT_SIZE);
        self.keep_together(TEXT_SIZE * LINE_HEIGHT * f32::from(u8::try_from(values.len()).unwrap_or(u8::MAX).min(4)));
        let (name, value) = (self.part(Role::Name), self.part(Role::Value));
        let (mut names, mut values) = (names.into_iter(), values.into_iter());
        loop {
            let line = (names.next(), values.next());
            if line.0.is_none() && line.1.is_none() {
                break;
            }
            let y = self.next_line(TEXT_SIZE);
            for (x, text, part) in [(MARGIN, line.0, name), (VALUES, line.1, value)] {
                if let Some(text) = text.filter(|text| !text.is_empty()) {
                    self.put(Line { x, y, size: TEXT_SIZE, text, is_bold: false, part });
                }
            }
        }
        self.filled += 3.0;
    }

    /// The line of custody, from the top down, beside what its points are.
    pub fn custody(&mut self, points: &[Point], language: ReportLanguage) {
        self.filled += 2.0;
        for (number, point) in points.iter().enumerate() {
            let lines = self.face.lines(&point.label(language), WIDTH - MARGIN - POINT_TEXT, TEXT_SIZE);
            let count = f32::from(u8::try_from(lines.len()).unwrap_or(u8::MAX));
            let height = POINT_HEIGHT + (count - 1.0) * TEXT_SIZE * LINE_HEIGHT;
            self.keep_together(height);
            let (top, bottom) = (self.filled, self.filled + height);
            let (is_first, is_last) = (number == 0, number + 1 == points.len());
            let mark: Mark = point.mark.clone();
            self.draw(Shape::Custody { mark, x: MARGIN + 6.0, top, bottom, is_first, is_last });
            let part = self.part(Role::Paragraph(language.main()));
            let first = f32::midpoint(top, bottom) + TEXT_SIZE * 0.35 - (count - 1.0) * TEXT_SIZE * LINE_HEIGHT / 2.0;
            for (y, text) in std::iter::successors(Some(first), |y| Some(y + TEXT_SIZE * LINE_HEIGHT)).zip(lines) {
                self.put(Line { x: POINT_TEXT, y, size: TEXT_SIZE, text, is_bold: false, part });
            }
            self.filled = bottom;
        }
        self.filled += 6.0;
    }

    /// Begins a new page, if there is something on this one.
    pub fn next_sheet(&mut self) {
        self.keep_together(HEIGHT);
    }

    fn block(&mut self, part: usize, size: f32, is_bold: bool, text: &str) {
        for line in self.face.lines(text, WIDTH - 2.0 * MARGIN, size) {
            let y = self.next_line(size);
            if !line.is_empty() {
                self.put(Line { x: MARGIN, y, size, text: line, is_bold, part });
            }
        }
    }

    /// Goes to the next page if less than this height is left.
    fn keep_together(&mut self, height: f32) {
        let is_begun = self.sheets.last().is_some_and(|sheet| !sheet.lines.is_empty());
        if self.filled + height > HEIGHT - MARGIN && is_begun {
            self.sheets.push(Sheet::default());
            self.filled = MARGIN;
        }
    }

    /// The foot of the next line.
    fn next_line(&mut self, size: f32) -> f32 {
        self.keep_together(size * LINE_HEIGHT);
        self.filled += size * LINE_HEIGHT;
        self.filled
    }

    /// Begins a stretch of the text.
    fn part(&mut self, role: Role) -> usize {
        self.parts.push(role);
        self.parts.len() - 1
    }

    /// Leads the outline to this place. Returns the text as it is shown there.
    fn enter(&mut self, text: &str, is_below: bool) -> String {
        let text = self.face.readable(text).join(" ");
        self.outline.push(Entry { text: text.clone(), is_below, page: self.sheets.len() - 1, y: self.filled });
        text
    }

    fn put(&mut self, line: Line) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.lines.push(line);
        }
    }

    fn draw(&mut self, shape: Shape) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.shapes.push(shape);
        }
    }

    /// The PDF.
    ///
    /// # Errors
    /// It breaks a rule of the standards that it is to fulfil.
    pub fn into_pdf(self, about: &About<'_>) -> io::Result<Vec<u8>> {
        let Self { face, sheets, parts, outline, .. } = self;
        tagged::pdf(LaidOut { face, sheets, parts, outline }, about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About<'static> {
        let made_at = "2026-12-01T04:12:00.000Z".parse().unwrap();
        About { title: "title", language: "en", footer: "footer", made_at }
    }

    #[test]
    fn no_heading_is_alone_at_the_end_of_a_page_and_translations_stay_together() {
        let text = "A sentence of some length, of which there are several. ".repeat(8);
        for filled in 0..120u16 {
            let mut sheets = Sheets::new().unwrap();
            sheets.paragraph("en", "before");
            sheets.filled += f32::from(filled) * 6.0;
            sheets.heading("1. Heading");
            sheets.paragraphs(&[("en", &text), ("ko", &text)]);
            let pages: Vec<_> = sheets.sheets.iter().filter(|sheet| sheet.lines.len() > 1).collect();
            assert_eq!(pages.len(), 1, "{filled}");
            let heading = pages[0].lines.iter().position(|line| line.is_bold).unwrap();
            assert!(pages[0].lines.len() > 3 && heading < 2);
        }
    }

    #[test]
    fn a_long_text_goes_over_several_pages() {
        let mut sheets = Sheets::new().unwrap();
        sheets.heading("1. 머리말");
        sheets.pair("name", &"a value of some length ".repeat(2_000));
        assert!(sheets.sheets.len() > 3);
        let lines = sheets.sheets.iter().flat_map(|sheet| &sheet.lines);
        let bottom = lines.map(|line| line.y).fold(0.0, f32::max);
        assert!(bottom <= HEIGHT - MARGIN);
        assert!(sheets.into_pdf(&about()).unwrap().starts_with(b"%PDF-"));
    }

    /// The library refuses what the standards forbid. So nothing that anybody writes may be among that.
    #[test]
    fn every_character_is_drawn_or_told_by_its_number() {
        let mut sheets = Sheets::new().unwrap();
        let all: String = ('\0'..='\u{ffff}').chain(['\u{1f600}', '\u{20000}', '\u{e0041}', '\u{10ffff}']).collect();
        sheets.title("title");
        sheets.heading(&all.chars().take(2_000).collect::<String>());
        sheets.pair(&all.chars().skip(2_000).take(2_000).collect::<String>(), &all);
        sheets.pair("empty", "");
        sheets.paragraph("ko", "");
        let pdf = sheets.into_pdf(&about()).unwrap();
        let has = |part: &str| pdf.windows(part.len()).any(|window| window == part.as_bytes());
        for part in ["/MarkInfo", "/StructTreeRoot", "pdfaid:part", "pdfuaid:part", "/OutputIntents"] {
            assert!(has(part), "{part}");
        }
    }
}
