//! Sheets of paper: text is broken into lines, and lines into pages.

use std::collections::BTreeMap;
use std::io;

use super::face::Face;
use super::language::ReportLanguage;
use super::line_of_custody::{Mark, Point};
use super::pictures::Picture;
use super::tagged::{
    self, About, Entry, Goal, HEIGHT, LaidOut, Line, MARGIN, Place, Placed, Role, Shape, Sheet, WIDTH,
};

/// Where the column of values begins.
const VALUES: f32 = MARGIN + 152.0;
/// Of the height of a letter.
const LINE_HEIGHT: f32 = 1.45;
const TEXT_SIZE: f32 = 9.0;
/// What is at most this high stays on one page, and with the heading of its section.
const KEPT_HEIGHT: f32 = 140.0;
/// A row of at most this many lines stays on one page, and so does the beginning of a longer one.
const KEPT_LINES: u8 = 12;
/// The height of a point of the line of custody, and where its text begins.
const POINT_HEIGHT: f32 = 15.0;
const POINT_TEXT: f32 = MARGIN + 18.0;
/// The room for a picture, below what the row is called.
const PICTURE_WIDTH: f32 = 112.0;
const PICTURE_HEIGHT: f32 = 84.0;
/// The room for the number of a page, and what stands after it.
const PAGE_WIDTH: f32 = 34.0;

/// A part of a value.
pub(super) enum Piece<'a> {
    Text(&'a str),
    /// The name of a file of the bundle, which leads to it.
    File {
        text: &'a str,
        path: &'a str,
    },
    /// Where the history of the exhibit of this number is: the page stands between these two words.
    History {
        number: u64,
        before: &'a str,
        after: &'a str,
        what: &'a str,
    },
}

/// A line of a value, and the exhibit whose page it ends with, with what stands after the page.
struct Written {
    text: String,
    part: usize,
    page: Option<(u64, String)>,
}

/// A line that names a page which is not known before everything is laid out.
struct Pending {
    sheet: usize,
    line: usize,
    number: u64,
    after: String,
}

/// Pages in the making.
pub(super) struct Sheets {
    face: Face,
    sheets: Vec<Sheet>,
    /// How far the last page is filled, from its top.
    filled: f32,
    parts: Vec<Role>,
    outline: Vec<Entry>,
    histories: BTreeMap<u64, Place>,
    pending: Vec<Pending>,
}

impl Sheets {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            face: Face::new()?,
            sheets: vec![Sheet::default()],
            filled: MARGIN,
            parts: Vec::new(),
            outline: Vec::new(),
            histories: BTreeMap::new(),
            pending: Vec::new(),
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

    /// The heading of the history of the exhibit of this number, below that of its section. The outline leads to it as well. It
    /// stays with its line of custody, of so many points, and with the beginning of its first entry.
    pub fn history(&mut self, number: u64, text: &str, points: usize) {
        let drawn = f32::from(u8::try_from(points).unwrap_or(u8::MAX)) * POINT_HEIGHT;
        self.keep_together((70.0 + drawn + KEPT_HEIGHT).min(HEIGHT / 2.0));
        self.filled += 8.0;
        self.histories.insert(number, self.here());
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
        self.row(name, &[Piece::Text(value)], None);
    }

    /// The same with a value of several parts, each on lines of its own, and a picture with what it is in words.
    pub fn row(&mut self, name: &str, value: &[Piece<'_>], picture: Option<(Picture, String)>) {
        let names = self.face.lines(name, VALUES - MARGIN - 10.0, TEXT_SIZE);
        let picture = picture.map(|(picture, what)| (sized(&picture), picture, what));
        let room = picture.as_ref().map_or(0.0, |((_, height), ..)| height + 6.0);
        let name = self.part(Role::Name);
        let mut values = Vec::new();
        for piece in value {
            let (text, role) = match piece {
                Piece::Text(text) => ((*text).to_owned(), Role::Value),
                Piece::File { text, path } => {
                    ((*text).to_owned(), Role::Link(Goal::File((*path).to_owned()), (*text).to_owned()))
                }
                Piece::History { number, before, what, .. } => {
                    ((*before).to_owned(), Role::Link(Goal::History(*number), (*what).to_owned()))
                }
            };
            let part = self.part(role);
            let width = WIDTH - MARGIN - VALUES;
            let (width, mut page) = match piece {
                Piece::History { number, after, .. } => (width - PAGE_WIDTH, Some((*number, (*after).to_owned()))),
                _ => (width, None),
            };
            // The page stands at the end of the last line.
            let lines: Vec<_> = self.face.lines(&text, width, TEXT_SIZE).into_iter().rev().collect();
            let lines: Vec<_> = lines.into_iter().map(|text| Written { text, part, page: page.take() }).collect();
            values.extend(lines.into_iter().rev());
        }
        let kept = u8::try_from(values.len()).unwrap_or(u8::MAX).min(KEPT_LINES);
        let begun = f32::from(u8::try_from(names.len()).unwrap_or(u8::MAX).min(KEPT_LINES)) * TEXT_SIZE * LINE_HEIGHT;
        self.keep_together((f32::from(kept) * TEXT_SIZE * LINE_HEIGHT).max(begun + room));
        let below = self.filled + begun;
        if let Some(((width, height), picture, what)) = picture {
            let part = self.part(Role::Picture(what));
            self.place(Placed { picture, x: MARGIN, y: below + 4.0, width, height, part });
        }
        let sheet = self.sheets.len();
        self.write_columns(names, name, values);
        if room > 0.0 && self.sheets.len() == sheet {
            self.filled = self.filled.max(below + room);
        }
        // A hair below the row leads the eye from what it is to its value.
        let y = self.filled + 3.5;
        self.draw(Shape::Hair { x: MARGIN, y, width: WIDTH - 2.0 * MARGIN });
        self.filled += 4.0;
    }

    fn write_columns(&mut self, names: Vec<String>, name: usize, values: Vec<Written>) {
        let (mut names, mut values) = (names.into_iter(), values.into_iter());
        loop {
            let line = (names.next(), values.next());
            if line.0.is_none() && line.1.is_none() {
                break;
            }
            let y = self.next_line(TEXT_SIZE);
            if let Some(text) = line.0 {
                self.put(Line { x: MARGIN, y, size: TEXT_SIZE, text, is_bold: false, part: name });
            }
            let Some(Written { text, part, page }) = line.1 else { continue };
            if let Some((number, after)) = page {
                let line = self.sheets.last().map_or(0, |sheet| sheet.lines.len());
                self.pending.push(Pending { sheet: self.sheets.len() - 1, line, number, after });
            }
            self.put(Line { x: VALUES, y, size: TEXT_SIZE, text, is_bold: false, part });
        }
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
            self.put(Line { x: MARGIN, y, size, text: line, is_bold, part });
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
        self.outline.push(Entry { text: text.clone(), is_below, place: self.here() });
        text
    }

    fn here(&self) -> Place {
        Place { page: self.sheets.len() - 1, y: self.filled }
    }

    fn put(&mut self, line: Line) {
        if let Some(sheet) = self.sheets.last_mut().filter(|_| !line.text.is_empty()) {
            sheet.lines.push(line);
        }
    }

    fn place(&mut self, picture: Placed) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.pictures.push(picture);
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
        let Self { face, mut sheets, parts, outline, histories, pending, .. } = self;
        for Pending { sheet, line, number, after } in pending {
            let line = sheets.get_mut(sheet).and_then(|sheet| sheet.lines.get_mut(line));
            if let (Some(line), Some(place)) = (line, histories.get(&number)) {
                line.text.push_str(&format!("{}{after}", place.page + 1));
            }
        }
        tagged::pdf(LaidOut { face, sheets, parts, outline, histories }, about)
    }
}

/// How large a picture is on the sheet.
fn sized(picture: &Picture) -> (f32, f32) {
    // A side is some hundreds of pixels, so that nothing is lost.
    let side = |pixels: u32| f32::from(u16::try_from(pixels).unwrap_or(u16::MAX)).max(1.0);
    let (width, height) = (side(picture.width), side(picture.height));
    // A tiny one is not blown up.
    let scale = (PICTURE_WIDTH / width).min(PICTURE_HEIGHT / height).min(1.0);
    (width * scale, height * scale)
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
