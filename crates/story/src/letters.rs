//! The letters of a page, in fonts that are part of it: whoever reads it needs no Korean, Chinese, Japanese or Cyrillic font.
//!
//! A page is written twice: first to learn which letters it uses, and then with fonts that have these and no others. The letters
//! of ASCII are not among them, since every system has those.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use skrifa::raw::types::Tag;
use subsetter::GlyphRemapper;
use unicode_normalization::UnicodeNormalization as _;

use super::face::{FONTS, Face, unusable};

/// The letters of what is written to it. It must be handed whole characters, as everything that formats text does.
#[derive(Debug, Default)]
pub(super) struct Letters {
    found: BTreeSet<char>,
    /// Parts of Korean syllables, which browsers put together.
    parts: String,
}

impl Write for Letters {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for c in String::from_utf8_lossy(bytes).chars() {
            if matches!(c, '\u{1100}'..='\u{11ff}') {
                self.parts.push(c);
            } else {
                self.put_together();
            }
            if !c.is_ascii() {
                self.found.insert(c);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.put_together();
        Ok(())
    }
}

impl Letters {
    fn put_together(&mut self) {
        if !self.parts.is_empty() {
            self.found.extend(self.parts.nfc());
            self.parts.clear();
        }
    }

    /// The fonts with these letters, for a style sheet: `letters-0` and so on, those that are needed.
    ///
    /// # Errors
    /// The fonts of the program cannot be used.
    pub fn style(mut self) -> io::Result<String> {
        self.put_together();
        let face = Face::new()?;
        let mut style = String::new();
        for (place, font) in FONTS.iter().enumerate() {
            let glyphs = |c: &char| face.glyph(*c).filter(|(at, _)| *at == place).map(|(_, glyph)| (*c, glyph));
            let glyphs =
                self.found.iter().filter_map(glyphs).map(|(c, glyph)| Some((c, u16::try_from(glyph.to_u32()).ok()?)));
            let glyphs: Vec<_> = glyphs.collect::<Option<_>>().ok_or_else(unusable)?;
            if !glyphs.is_empty() {
                let packed = BASE64.encode(woff(&tables(font, &glyphs)?)?);
                writeln!(
                    style,
                    "@font-face {{ font-family: \"letters-{place}\"; src: url(data:font/woff;base64,{packed}) format(\"woff\"); }}"
                )
                .map_err(io::Error::other)?;
            }
        }
        Ok(style)
    }
}

/// The tables of a font with these letters, by their names, in ascending order.
type Tables = Vec<([u8; 4], Vec<u8>)>;

/// Takes letters out of a font. What is taken for a PDF lacks two tables that browsers ask for.
fn tables(font: &'static [u8], glyphs: &[(char, u16)]) -> io::Result<Tables> {
    let mut remapper = GlyphRemapper::new();
    let map: Vec<_> = glyphs.iter().map(|(c, glyph)| (*c, remapper.remap(*glyph))).collect();
    let part = subsetter::subset(font, 0, &remapper).map_err(|_| unusable())?;
    let read = |bytes| skrifa::FontRef::new(bytes).map_err(|_| unusable());
    let (part, whole) = (read(&part)?, read(font)?);
    let copied = part.table_directory.table_records().iter().map(|record| record.tag());
    let copied = copied.map(|tag| Some((tag.to_be_bytes(), part.table_data(tag)?.as_bytes().to_vec())));
    let mut tables: Tables = copied.collect::<Option<_>>().ok_or_else(unusable)?;
    let metrics = whole.table_data(Tag::new(b"OS/2")).ok_or_else(unusable)?;
    tables.push((*b"OS/2", metrics.as_bytes().to_vec()));
    tables.push((*b"cmap", cmap(&map)));
    tables.sort();
    Ok(tables)
}

/// The table from characters to glyphs, in format 12 (ISO 14496-22, 5.2.1). The characters are in ascending order.
fn cmap(map: &[(char, u16)]) -> Vec<u8> {
    // Version 0, one table, for Windows and all of Unicode, which begins at byte 12.
    let mut table = vec![0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12];
    let count = u32::try_from(map.len()).unwrap_or(u32::MAX);
    table.extend([0, 12, 0, 0]);
    for number in [16 + 12 * count, 0, count] {
        table.extend(number.to_be_bytes());
    }
    for (c, glyph) in map {
        for number in [u32::from(*c), u32::from(*c), u32::from(*glyph)] {
            table.extend(number.to_be_bytes());
        }
    }
    table
}

/// Packs tables as a font for pages (W3C, WOFF File Format 1.0).
fn woff(tables: &Tables) -> io::Result<Vec<u8>> {
    let is_cff = tables.iter().any(|(name, _)| name == b"CFF ");
    let count = u16::try_from(tables.len()).map_err(io::Error::other)?;
    let size = |length: usize| u32::try_from(length).map_err(io::Error::other);
    let (mut directory, mut packed) = (Vec::new(), Vec::new());
    let begin = 44 + 20 * tables.len();
    let mut unpacked_size = 12 + 16 * tables.len();
    for (name, table) in tables {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(table)?;
        let deflated = encoder.finish()?;
        // One that does not become smaller is stored as it is.
        let stored = if deflated.len() < table.len() { &deflated } else { table };
        directory.extend(name);
        for number in [size(begin + packed.len())?, size(stored.len())?, size(table.len())?, checksum(name, table)] {
            directory.extend(number.to_be_bytes());
        }
        packed.extend(stored);
        packed.resize(packed.len().next_multiple_of(4), 0);
        unpacked_size += table.len().next_multiple_of(4);
    }
    let mut woff = Vec::from(*b"wOFF");
    woff.extend(if is_cff { *b"OTTO" } else { [0, 1, 0, 0] });
    woff.extend(size(begin + packed.len())?.to_be_bytes());
    woff.extend(count.to_be_bytes());
    woff.extend([0; 2]);
    woff.extend(size(unpacked_size)?.to_be_bytes());
    // Its own version is 1.0; it has no metadata.
    woff.extend([0, 1, 0, 0]);
    woff.resize(44, 0);
    woff.extend(directory);
    woff.extend(packed);
    Ok(woff)
}

/// The checksum of a table (ISO 14496-22, 4.5); that of `head` is made without the checksum of the whole font.
fn checksum(name: &[u8; 4], table: &[u8]) -> u32 {
    let words = table.chunks(4).enumerate().filter(|(at, _)| name != b"head" || *at != 2);
    words.fold(0u32, |sum, (_, word)| {
        let mut bytes = [0; 4];
        bytes[..word.len()].copy_from_slice(word);
        sum.wrapping_add(u32::from_be_bytes(bytes))
    })
}

#[cfg(test)]
mod tests {
    use skrifa::MetadataProvider as _;
    use skrifa::instance::{LocationRef, Size};
    use skrifa::outline::{DrawSettings, pen::SvgPen};

    use super::*;

    /// The form of a letter in a font.
    fn drawn(font: &skrifa::FontRef<'_>, c: char) -> String {
        let glyph = font.charmap().map(c).unwrap();
        let mut pen = SvgPen::new();
        let outline = font.outline_glyphs().get(glyph).unwrap();
        outline.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut pen).unwrap();
        format!("{:?} {pen:?}", font.glyph_metrics(Size::unscaled(), LocationRef::default()).advance_width(glyph))
    }

    /// The font of a style sheet, as a browser unpacks it.
    fn unpacked(style: &str, place: usize) -> Vec<u8> {
        let begin = format!("\"letters-{place}\"; src: url(data:font/woff;base64,");
        let packed = style.split_once(&begin).unwrap().1.split_once(')').unwrap().0;
        let woff = BASE64.decode(packed).unwrap();
        let number = |at: usize| u32::from_be_bytes(woff[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((&woff[..4], number(8)), (&b"wOFF"[..], woff.len()));
        let count = usize::from(u16::from_be_bytes([woff[12], woff[13]]));
        let (mut directory, mut body) = (Vec::new(), Vec::new());
        for at in (0..count).map(|table| 44 + 20 * table) {
            let (offset, stored, length) = (number(at + 4), number(at + 8), number(at + 12));
            let mut table = Vec::new();
            match stored < length {
                true => {
                    let mut decoder = flate2::write::ZlibDecoder::new(&mut table);
                    decoder.write_all(&woff[offset..offset + stored]).unwrap();
                    decoder.finish().unwrap();
                }
                false => table.extend(&woff[offset..offset + stored]),
            }
            assert_eq!(table.len(), length);
            directory.extend(&woff[at..at + 4]);
            directory.extend(&woff[at + 16..at + 20]);
            directory.extend((u32::try_from(12 + 16 * count + body.len()).unwrap()).to_be_bytes());
            directory.extend(u32::try_from(length).unwrap().to_be_bytes());
            table.resize(length.next_multiple_of(4), 0);
            body.extend(table);
        }
        let mut font = woff[4..8].to_vec();
        font.extend([woff[12], woff[13], 0, 0, 0, 0, 0, 0]);
        font.extend(directory);
        font.extend(body);
        assert_eq!(font.len(), number(16));
        font
    }

    #[test]
    fn a_page_has_the_letters_that_it_uses_and_no_others() {
        let mut letters = Letters::default();
        // In parts, as some systems write file names.
        letters.write_all("강제북송 ABC Москва \u{1112}\u{1161}\u{11ab} 图 Ї".as_bytes()).unwrap();
        let style = letters.style().unwrap();
        for (place, has) in [(0, "강제북송한Москва"), (1, "图"), (2, "Ї")] {
            let font = unpacked(&style, place);
            let font = skrifa::FontRef::new(&font).unwrap();
            let whole = skrifa::FontRef::new(&FONTS[place]).unwrap();
            for c in has.chars() {
                assert_eq!(drawn(&font, c), drawn(&whole, c), "{c}");
            }
            for c in ['A', '가', '国'] {
                assert_eq!(font.charmap().map(c), None, "{c}");
            }
        }
        assert!(style.len() < 20_000, "{}", style.len());
    }

    #[test]
    fn a_page_without_such_letters_has_no_font() {
        let mut letters = Letters::default();
        letters.write_all("plain \u{1f600}".as_bytes()).unwrap();
        assert_eq!(letters.style().unwrap(), "");
    }
}
