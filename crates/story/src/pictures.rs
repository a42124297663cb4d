//! Small pictures of exhibits that are pictures.
//!
//! What somebody sent in is decoded here, so everything has a limit that is checked before memory is taken. A picture that
//! cannot be shown is no error: the report says so in its place.

use std::sync::Arc;

use png::{ColorType, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::notation::Bilingual;
use super::told::ToldExhibit;
use vouchsafe_core::format::bundle::ending_of;

/// Larger files are not read for a picture, so that a report of many stays quick.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// A picture of this many pixels takes up to 300 MB while it is decoded.
const MAX_PIXELS: u64 = 25_000_000;
/// The first so many exhibits are shown.
const MAX_PICTURES: u64 = 200;
/// Progressive pictures have about ten scans, others up to four.
const MAX_SCANS: usize = 40;
/// The longer side of a small picture.
const EDGE: u32 = 240;
/// Pictures of cameras hold noise that nobody sees at this size. Without it, the report has half of its bytes.
const LEVELS: u8 = 0b1111_1100;

/// What is shown of an exhibit that is a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// It made small.
    Small(Picture),
    /// Nothing, and this is why.
    Not(Bilingual),
}

const OF_ANOTHER_KIND: Bilingual =
    ("no small picture: this kind of picture is not supported", "축소 이미지 없음: 지원하지 않는 이미지 형식");
const TOO_LARGE: Bilingual = ("no small picture: the picture is too large", "축소 이미지 없음: 이미지가 너무 큼");
const BEYOND: Bilingual =
    ("no small picture: only the first 200 exhibits have one", "축소 이미지 없음: 앞의 200건에만 있음");
const UNREADABLE: Bilingual =
    ("no small picture: the file cannot be read as a picture", "축소 이미지 없음: 이미지로 읽을 수 없음");

/// What is shown of an exhibit; `None` if it is no picture. `read` appends its bytes, and is called only if it may be shown.
///
/// # Errors
/// It cannot be read.
pub(super) fn shown<E>(
    exhibit: &ToldExhibit<'_>,
    read: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<Option<Shown>, E> {
    let planned = exhibit.planned;
    if !planned.media_type.as_str().starts_with("image/") {
        return Ok(None);
    }
    Ok(Some(match ending_of(&planned.media_type) {
        "jpg" | "png" if planned.size_bytes > MAX_BYTES => Shown::Not(TOO_LARGE),
        "jpg" | "png" if exhibit.number > MAX_PICTURES => Shown::Not(BEYOND),
        "jpg" | "png" => {
            let mut bytes = Vec::new();
            read(&mut bytes)?;
            small(&bytes).map_or_else(Shown::Not, Shown::Small)
        }
        _ => Shown::Not(OF_ANOTHER_KIND),
    }))
}

/// A picture: rows of red, green and blue from the top.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Picture {
    pub width: u32,
    pub height: u32,
    pub pixels: Arc<[u8]>,
}

/// Makes a picture small that is a JPEG or a PNG.
///
/// # Errors
/// Why it cannot be shown.
fn small(bytes: &[u8]) -> Result<Picture, Bilingual> {
    // The decoders promise to return errors. Should one break that promise, the bundle must still be made.
    let decoded = std::panic::catch_unwind(|| match bytes.starts_with(b"\x89PNG") {
        true => png(bytes),
        false => jpeg(bytes),
    });
    let decoded = decoded.unwrap_or(Err(UNREADABLE))?;
    let shrunk = decoded.shrunk().ok_or(UNREADABLE)?;
    Ok(turned(&shrunk, decoded.orientation))
}

/// A picture as it was decoded.
struct Decoded {
    width: u32,
    height: u32,
    /// How many bytes there are for a pixel: grey, grey and alpha, colours, or colours and alpha.
    channels: usize,
    bytes: Vec<u8>,
    /// How it is to be turned (Exif 2.32, tag 0x0112).
    orientation: u16,
}

fn check_size(width: u64, height: u64) -> Result<(), Bilingual> {
    match width.saturating_mul(height) {
        0 => Err(UNREADABLE),
        pixels if pixels > MAX_PIXELS => Err(TOO_LARGE),
        _ => Ok(()),
    }
}

fn png(bytes: &[u8]) -> Result<Decoded, Bilingual> {
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), png::Limits { bytes: 64 << 20 });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| UNREADABLE)?;
    let (width, height) = reader.info().size();
    check_size(width.into(), height.into())?;
    // A browser would show another picture of it than its first one.
    if reader.info().is_animated() {
        return Err(OF_ANOTHER_KIND);
    }
    let orientation = reader.info().exif_metadata.as_ref().map_or(1, |exif| orientation(exif));
    let mut bytes = vec![0; reader.output_buffer_size().ok_or(TOO_LARGE)?];
    reader.next_frame(&mut bytes).map_err(|_| UNREADABLE)?;
    let channels = match reader.output_color_type().0 {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        ColorType::Indexed => return Err(UNREADABLE),
    };
    Ok(Decoded { width, height, channels, bytes, orientation })
}

fn jpeg(bytes: &[u8]) -> Result<Decoded, Bilingual> {
    // The decoder takes the processor's vector instructions where it has them; `LEVELS` hides where these round otherwise.
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    if scans(bytes) > MAX_SCANS {
        return Err(UNREADABLE);
    }
    decoder.decode_headers().map_err(|_| UNREADABLE)?;
    let info = decoder.info().ok_or(UNREADABLE)?;
    check_size(info.width.into(), info.height.into())?;
    let orientation = decoder.exif().map_or(1, |exif| orientation(exif));
    let bytes = decoder.decode().map_err(|_| UNREADABLE)?;
    Ok(Decoded { width: info.width.into(), height: info.height.into(), channels: 3, bytes, orientation })
}

/// How many scans a JPEG has (ITU-T T.81, annex B), as far as its markers can be followed. Each takes the decoder as long as a
/// whole picture may.
fn scans(bytes: &[u8]) -> usize {
    let (mut at, mut scans) = (2, 0);
    while let Some(rest) = bytes.get(at..) {
        let Some(found) = rest.iter().position(|&byte| byte == 0xff) else { break };
        at += found + 1;
        at += match bytes.get(at) {
            // Filling, a byte of a scan, a restart in one, and what has no length.
            None | Some(0xff) => 0,
            Some(0x00 | 0x01 | 0xd0..=0xd8) => 1,
            Some(0xd9) => break,
            Some(marker) => {
                scans += usize::from(*marker == 0xda);
                let length =
                    bytes.get(at + 1..at + 3).map_or(2, |length| (length[0] as usize) << 8 | length[1] as usize);
                1 + length.max(2)
            }
        };
    }
    scans
}

/// How a camera was held, by the first directory of what it wrote of itself; 1 where that is not said.
fn orientation(exif: &[u8]) -> u16 {
    const ORIENTATION: usize = 0x0112;
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let is_little = exif.starts_with(b"II");
    let number = |at: usize, count: usize| -> Option<usize> {
        let bytes = exif.get(at..at.checked_add(count)?)?;
        let add = |sum: usize, byte: &u8| (sum << 8) | usize::from(*byte);
        Some(if is_little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) })
    };
    let found = || {
        let first = number(4, 4)?;
        let entries = number(first, 2)?;
        let entry = (0..entries).map(|entry| first + 2 + entry * 12).find(|at| number(*at, 2) == Some(ORIENTATION))?;
        u16::try_from(number(entry + 8, 2)?).ok()
    };
    found().filter(|value| (1..=8).contains(value)).unwrap_or(1)
}

impl Decoded {
    /// The same with at most [`EDGE`] pixels on a side: each is the mean of those that it stands for, on white.
    fn shrunk(&self) -> Option<Picture> {
        let longer = u64::from(self.width.max(self.height).max(EDGE));
        let side = |length: u32| u32::try_from(u64::from(length) * u64::from(EDGE) / longer).ok();
        let (width, height) = (side(self.width)?.max(1), side(self.height)?.max(1));
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let columns = stretch(x, width, self.width);
                let mean = self.mean(columns, stretch(y, height, self.height))?;
                pixels.extend(mean.map(|level| level & LEVELS | level >> 6));
            }
        }
        Some(Picture { width, height, pixels: pixels.into() })
    }

    fn mean(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> Option<[u8; 3]> {
        let count = (columns.len() * rows.len()) as u64;
        let mut sums = [0u64; 3];
        for y in rows {
            let first = (y * self.width as usize + columns.start) * self.channels;
            let row = self.bytes.get(first..first + columns.len() * self.channels)?;
            for pixel in row.chunks_exact(self.channels) {
                let (colors, alpha) = match *pixel {
                    [grey] => ([grey; 3], 255),
                    [grey, alpha] => ([grey; 3], alpha),
                    [red, green, blue] => ([red, green, blue], 255),
                    [red, green, blue, alpha] => ([red, green, blue], alpha),
                    _ => return None,
                };
                for (sum, color) in sums.iter_mut().zip(colors) {
                    let alpha = u64::from(alpha);
                    *sum += (u64::from(color) * alpha + 255 * (255 - alpha)) / 255;
                }
            }
        }
        Some(sums.map(|sum| u8::try_from(sum / count).unwrap_or(u8::MAX)))
    }
}

/// The pixels that one of a smaller picture stands for, of a side.
fn stretch(at: u32, of: u32, length: u32) -> std::ops::Range<usize> {
    let edge = |at: u32| (u64::from(at) * u64::from(length) / u64::from(of)) as usize;
    edge(at)..edge(at + 1).max(edge(at) + 1)
}

/// The picture as it was seen through the camera, by the number of Exif for how that was held.
fn turned(picture: &Picture, orientation: u16) -> Picture {
    let Picture { width, height, .. } = *picture;
    let is_on_its_side = orientation >= 5;
    let (new_width, new_height) = if is_on_its_side { (height, width) } else { (width, height) };
    let mut pixels = Vec::with_capacity(picture.pixels.len());
    for y in 0..new_height {
        for x in 0..new_width {
            let (right, bottom) = (width - 1, height - 1);
            let (x, y) = match orientation {
                2 => (right - x, y),
                3 => (right - x, bottom - y),
                4 => (x, bottom - y),
                5 => (y, x),
                6 => (y, bottom - x),
                7 => (right - y, bottom - x),
                8 => (right - y, x),
                _ => (x, y),
            };
            let at = (y * width + x) as usize * 3;
            pixels.extend_from_slice(&picture.pixels[at..at + 3]);
        }
    }
    Picture { width: new_width, height: new_height, pixels: pixels.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG with these rows of pixels in colours and alpha.
    fn encode(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(ColorType::Rgba);
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        out
    }

    #[test]
    fn a_picture_is_made_small_and_keeps_its_form() {
        let (width, height) = (1_000, 500);
        let row = |y: u32| (0..width).flat_map(move |_| if y < 250 { [252, 0, 0, 255] } else { [0, 0, 252, 0] });
        let pixels: Vec<u8> = (0..height).flat_map(row).collect();
        let picture = small(&encode(width, height, &pixels)).unwrap();
        assert_eq!((picture.width, picture.height), (240, 120));
        assert_eq!(picture.pixels[..3], [255, 0, 0]);
        // What cannot be seen is white, as on the screen.
        assert_eq!(picture.pixels[picture.pixels.len() - 3..], [255; 3]);
        let tiny = small(&encode(2, 1, &[252; 8])).unwrap();
        assert_eq!((tiny.width, tiny.height, tiny.pixels.len()), (2, 1, 6));
        let thin = small(&encode(5_000, 1, &vec![0; 20_000])).unwrap();
        assert_eq!((thin.width, thin.height), (240, 1));
    }

    #[test]
    fn a_picture_stands_as_the_camera_was_held() {
        // Three pixels in a row: 1, 2, 3.
        let row = Picture { width: 3, height: 1, pixels: [[1; 3], [2; 3], [3; 3]].concat().into() };
        for (orientation, width, levels) in
            [(1, 3, [1, 2, 3]), (2, 3, [3, 2, 1]), (3, 3, [3, 2, 1]), (6, 1, [1, 2, 3]), (8, 1, [3, 2, 1])]
        {
            let turned = turned(&row, orientation);
            let found: Vec<_> = turned.pixels.chunks(3).map(|pixel| pixel[0]).collect();
            assert_eq!((turned.width, found.as_slice()), (width, &levels[..]), "{orientation}");
        }
        let little = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";
        assert_eq!((orientation(little), orientation(big)), (6, 8));
        for length in 0..little.len() - 3 {
            assert_eq!(orientation(&little[..length]), 1);
        }
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_not_shown_and_does_no_harm() {
        assert_eq!(small(b""), Err(UNREADABLE));
        assert_eq!(small(b"\x89PNG\r\n\x1a\n"), Err(UNREADABLE));
        let whole = encode(40, 40, &[100; 6_400]);
        for length in 0..whole.len() - 20 {
            assert_eq!(small(&whole[..length]), Err(UNREADABLE), "{length}");
        }
        // One that says that it is larger than anything, in few bytes: nothing is taken for it.
        let mut bomb = whole;
        for (side, why) in [(30_000u32, TOO_LARGE), (i32::MAX.unsigned_abs(), UNREADABLE)] {
            bomb[16..20].copy_from_slice(&side.to_be_bytes());
            bomb[20..24].copy_from_slice(&side.to_be_bytes());
            let sum = crc(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&sum.to_be_bytes());
            assert_eq!(small(&bomb), Err(why), "{side}");
        }
    }

    #[test]
    fn scans_are_counted_and_what_only_looks_like_one_is_not() {
        let segment = |marker: u8, body: &[u8]| {
            let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
            [&[0xff, marker], &length[..], body].concat()
        };
        let scan = [segment(0xda, &[1, 2, 3]), vec![0x12, 0xff, 0x00, 0xff, 0xd3, 0x34]].concat();
        // A small picture of its own, as cameras put one in.
        let within = segment(0xe1, &[&[0xff, 0xd8][..], &scan, &scan].concat());
        let picture = |count| [&[0xff, 0xd8][..], &within, &scan.repeat(count), &[0xff, 0xff, 0xd9], &scan].concat();
        assert_eq!([0, 1, 41].map(|count| scans(&picture(count))), [0, 1, 41]);
        assert_eq!(small(&picture(MAX_SCANS + 1)), Err(UNREADABLE));
        assert_eq!((scans(b""), scans(b"\xff\xd8\xff\xda")), (0, 1));
    }

    /// The checksum of a part of a PNG (PNG, annex D).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(sum & 1)))
        })
    }
}
