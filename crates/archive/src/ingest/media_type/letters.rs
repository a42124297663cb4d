//! Texts that are not in UTF-8: what Korean offices, old mail programs and Windows write.

use encoding_rs::EUC_KR;

/// Whether the beginning of a file is text in UTF-16 or CP949, or a message in whatever eight-bit letters.
pub(super) fn is_text(start: &[u8], is_whole: bool) -> bool {
    match start {
        [0xff, 0xfe, rest @ ..] => is_utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => is_utf_16(rest, u16::from_be_bytes),
        _ if start.iter().any(|byte| is_binary(*byte)) => false,
        _ => is_utf_8(start, is_whole) || is_cp949(start, is_whole) || begins_as_message(start),
    }
}

/// Bytes that stand in no text. Korean mail (ISO-2022-KR) turns letters on and off with three others.
const fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0b | 0x10..=0x1a | 0x1c..=0x1f | 0x7f)
}

fn is_utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> bool {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let is_letter = |c: char| !c.is_control() || c.is_whitespace();
    // Where the beginning was cut, half a letter may be left.
    let count = bytes.len() / 2;
    let mut letters = char::decode_utf16(units).enumerate();
    count > 0 && letters.all(|(at, c)| c.map_or(at + 1 == count, is_letter))
}

fn is_utf_8(bytes: &[u8], is_whole: bool) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => !is_whole && error.error_len().is_none(),
    }
}

/// CP949, as Korean Windows writes it: nothing in it may be anything else, and most of what is not ASCII is Hangul.
fn is_cp949(bytes: &[u8], is_whole: bool) -> bool {
    let decode = |bytes| EUC_KR.decode_without_bom_handling_and_without_replacement(bytes);
    let whole = decode(bytes);
    // Where the beginning was cut, half a letter may be left.
    let text = whole.or_else(|| if is_whole { None } else { decode(bytes.get(..bytes.len().checked_sub(1)?)?) });
    let Some(text) = text else { return false };
    let others = text.chars().filter(|c| !c.is_ascii()).count();
    let hangul = text.chars().filter(|c| ('\u{ac00}'..='\u{d7a3}').contains(c)).count();
    others >= 2 && hangul * 2 >= others
}

/// Whether the first line is a header of a message (RFC 5322) that programs write first.
fn begins_as_message(start: &[u8]) -> bool {
    const FIRST: &[&str] = &[
        "return-path",
        "received",
        "delivered-to",
        "from",
        "to",
        "date",
        "subject",
        "message-id",
        "mime-version",
        "reply-to",
        "x-originating-ip",
        "x-mozilla-status",
        "dkim-signature",
        "authentication-results",
    ];
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    name.len() < line.len() && FIRST.iter().any(|first| name.eq_ignore_ascii_case(first.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, unit: fn(u16) -> [u8; 2], mark: [u8; 2]) -> Vec<u8> {
        mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect()
    }

    #[test]
    fn texts_of_korean_offices_are_text() {
        let text = "번호,이름\r\n1,진술서\r\n";
        let (cp949, ..) = EUC_KR.encode(text);
        assert!(is_text(&cp949, true));
        assert!(is_text(&cp949[..cp949.len() - 5], false), "cut within a letter");
        assert!(is_text(&utf_16(text, u16::to_le_bytes, [0xff, 0xfe]), true));
        assert!(is_text(&utf_16(text, u16::to_be_bytes, [0xfe, 0xff]), true));
        let long = "가".repeat(30_000);
        assert!(is_text(&long.as_bytes()[..65_536], false));
        assert!(is_text(b"Received: from mail.example.org\r\nSubject: caf\xe9\r\n\r\nna\xefve\r\n", true));
        assert!(is_text(b"From: a@example.org\n\n\x1b$)C\n\x0eGQ1[\x0f\n", true));
    }

    #[test]
    fn what_is_no_text_is_none() {
        for bytes in [
            &[0xc1, 0xb6][..],
            &[0x00, 0x01, 0x02, 0xff],
            b"caf\xe9 au lait, caf\xe9 cr\xe8me",
            b"From: a@example.org\n\n\x00\x01\xff",
            &[0xff, 0xfe],
            &[0xff, 0xfe, 0x00, 0x00, 0x01, 0x00],
            &[0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00],
            &[0xff, 0xfb, 0x90, 0x64, 0x00, 0x0f],
        ] {
            assert!(!is_text(bytes, true), "{bytes:02x?}");
        }
    }
}
