//! File names from before Unicode, as old Korean archives and disks hold them.

use encoding_rs::EUC_KR;

/// A name that is not UTF-8, read as CP949 (the encoding of Korean Windows, which holds that of EUC-KR), part by part:
/// folders may have been named by another system than the file in them. `None` if it is UTF-8, or no Korean text.
///
/// It is a guess, for showing and for finding. The bytes are what counts.
#[must_use]
pub fn as_cp949(name: &[u8]) -> Option<String> {
    if std::str::from_utf8(name).is_ok() {
        return None;
    }
    let parts: Option<Vec<String>> = name.split(|&byte| byte == b'/').map(read_part).collect();
    parts.map(|parts| parts.join("/"))
}

fn read_part(part: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(part) {
        return Some(text.to_owned());
    }
    let text = EUC_KR.decode_without_bom_handling_and_without_replacement(part)?;
    let is_korean = text.chars().any(|c| ('가'..='힣').contains(&c)) && !text.chars().any(char::is_control);
    is_korean.then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_names_are_read_and_others_are_left_alone() {
        let testimony = b"\xc1\xf5\xbe\xf0.txt";
        assert_eq!(as_cp949(testimony).as_deref(), Some("증언.txt"));
        // Syllables that EUC-KR does not have.
        assert_eq!(as_cp949(b"\x8cc\xb9\xe6\xb0\xa2\xc7\xcf.hwp").as_deref(), Some("똠방각하.hwp"));
        assert_eq!(as_cp949(b"stick/\xc1\xf5\xbe\xf0.txt").as_deref(), Some("stick/증언.txt"));
        assert_eq!(as_cp949(&["증거".as_bytes(), b"/", testimony].concat()).as_deref(), Some("증거/증언.txt"));
        let others = [b"plain.txt".as_slice(), "증언.txt".as_bytes(), b"\xff\xfe.txt", b"caf\xe9.txt", b"", b"\xc1"];
        for other in others {
            assert_eq!(as_cp949(other), None, "{other:?}");
        }
    }
}
