//! The letters of the report on paper: which there are, how wide they are, and where lines are broken.
//!
//! Three fonts, each embedded as far as it is used. The first has all Korean syllables, kana, Russian, and the Chinese
//! characters of Korean texts; the second has what is common in Chinese (GB 2312) and Japanese (JIS X 0208, level 1) beside
//! these; the third has the other letters of languages that are written in Latin and Cyrillic. A character that all of them lack
//! is shown by its number, so that nothing disappears.

use std::io::{self, Read as _};
use std::ops::Range;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::MetadataProvider as _;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use unicode_normalization::UnicodeNormalization as _;

use vouchsafe_core::model::is_unseen;

/// NanumGothic, and parts of Noto Sans CJK and of Noto Sans, all under the SIL Open Font License. `assets/README.md` says how
/// the parts were taken. The program holds them compressed: they would be a fourth of it.
pub(super) static FONTS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    [
        include_bytes!("../assets/NanumGothic.ttf.gz").as_slice(),
        include_bytes!("../assets/NotoSansCJKjp-part.otf.gz"),
        include_bytes!("../assets/NotoSans-part.ttf.gz"),
    ]
    .map(|packed| {
        let mut font = Vec::new();
        // Every test that makes a report would fail.
        GzDecoder::new(packed).read_to_end(&mut font).expect("the program's own fonts can be unpacked");
        font
    })
});

/// The letters.
pub(super) struct Face {
    fonts: Vec<Letters>,
}

/// One font, as far as lines are measured with it.
struct Letters {
    font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

/// A stretch of a line that is drawn with one font.
pub(super) struct Run {
    pub font: Font,
    /// Where it is in the line.
    pub range: Range<usize>,
    /// Its glyphs; the ranges in them count from the beginning of the stretch.
    pub glyphs: Vec<KrillaGlyph>,
    /// How wide it is, as a part of the height of a letter.
    pub width: f32,
}

impl Face {
    pub fn new() -> io::Result<Self> {
        let fonts = FONTS.iter().map(|bytes| {
            let read = skrifa::FontRef::new(bytes).map_err(|_| unusable())?;
            // Measured at the size of 1, so that a width is a part of the height.
            let metrics = read.glyph_metrics(Size::new(1.0), LocationRef::default());
            let font = Font::new(bytes.as_slice().into(), 0).ok_or_else(unusable)?;
            Ok(Letters { font, charmap: read.charmap(), metrics })
        });
        Ok(Self { fonts: fonts.collect::<io::Result<_>>()? })
    }

    /// The font that has a character, by its place, and the glyph in it.
    pub fn glyph(&self, c: char) -> Option<(usize, skrifa::GlyphId)> {
        let found = |(place, letters): (usize, &Letters)| Some((place, letters.charmap.map(c)?));
        self.fonts.iter().enumerate().filter_map(found).find(|(_, glyph)| glyph.to_u32() != 0)
    }

    /// Whether a character is drawn as itself.
    pub fn has(&self, c: char) -> bool {
        self.glyph(c).is_some()
    }

    fn advance(&self, c: char) -> f32 {
        let width = |(place, glyph): (usize, skrifa::GlyphId)| self.fonts.get(place)?.metrics.advance_width(glyph);
        self.glyph(c).and_then(width).unwrap_or(0.0)
    }

    /// How wide a line is, as a part of the height of a letter.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.advance(c)).sum()
    }

    /// The stretches of a line, each with its font.
    pub fn runs(&self, line: &str) -> Vec<Run> {
        let mut runs: Vec<(usize, Run)> = Vec::new();
        for (at, c) in line.char_indices() {
            let (place, glyph) = self.glyph(c).unwrap_or((0, skrifa::GlyphId::new(0)));
            let Some(letters) = self.fonts.get(place) else { continue };
            if runs.last().is_none_or(|(last, _)| *last != place) {
                let run = Run { font: letters.font.clone(), range: at..at, glyphs: Vec::new(), width: 0.0 };
                runs.push((place, run));
            }
            let Some((_, run)) = runs.last_mut() else { continue };
            let advance = self.advance(c);
            let start = at - run.range.start;
            let range = start..start + c.len_utf8();
            run.glyphs.push(KrillaGlyph::new(GlyphId::new(glyph.to_u32()), advance, 0.0, 0.0, 0.0, range, None));
            run.range.end = at + c.len_utf8();
            run.width += advance;
        }
        runs.into_iter().map(|(_, run)| run).collect()
    }

    /// The lines of a text: broken at spaces, and within words that are wider than a line.
    pub fn lines(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        let most = width / size;
        let mut lines = Vec::new();
        for paragraph in self.readable(text) {
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

    /// The paragraphs of a text, in characters that can be drawn one by one: Korean in whole syllables, and what is not
    /// seen, turns the writing direction, means nothing to others or is in no font, by its number.
    pub fn readable(&self, text: &str) -> Vec<String> {
        let drawn = |c: char| match c {
            '\t' => " ".to_owned(),
            c if c.is_control() || is_unseen(c) || is_private(c) || !self.has(c) => format!("[U+{:04X}]", u32::from(c)),
            c => c.to_string(),
        };
        let text: String = text.replace("\r\n", "\n").nfc().collect();
        text.split('\n').map(|paragraph| paragraph.chars().map(drawn).collect()).collect()
    }
}

/// Whether a character means something to whoever agreed on it alone. A PDF for archiving must not have any.
fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

pub(super) fn unusable() -> io::Error {
    io::Error::other("the fonts of the report cannot be used")
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
            face.readable("\u{1112}\u{1161}\u{11ab}\u{202e}\u{0}\u{1f600}\u{e000}\nend"),
            ["한[U+202E][U+0000][U+1F600][U+E000]".to_owned(), "end".to_owned()]
        );
    }

    #[test]
    fn the_names_of_places_and_persons_in_this_work_are_drawn() {
        let face = Face::new().unwrap();
        for text in [
            "투먼(图们), 중국 吉林省延边朝鲜族自治州 珲春 龙井 丹东 沈阳 长春 边防",
            "脱北者証言 東京都 中国瀋陽 帰国事業 拉致",
            "Chŏngŏ-ri, Hoeryŏng; Túmén, Yánbiān; Tōkyō; Hà Nội, Nguyễn; Łódź; São Tomé; čšž",
            "Москва Хабаровск Україна",
        ] {
            assert_eq!(face.readable(text).concat(), text.nfc().collect::<String>());
        }
    }

    #[test]
    fn a_line_of_two_fonts_is_drawn_whole() {
        let face = Face::new().unwrap();
        let line = "투먼(图们) ŏ";
        let runs = face.runs(line);
        assert!(runs.len() > 1);
        assert_eq!(runs.iter().map(|run| &line[run.range.clone()]).collect::<String>(), line);
        let width: f32 = runs.iter().map(|run| run.width).sum();
        assert!((width - face.width(line)).abs() < 0.001);
    }
}
