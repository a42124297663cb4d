//! Identifiers: of archives, exhibits, entries, media types.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text::serde_as_text;

/// A text that is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {expected}")]
pub struct IdError {
    expected: &'static str,
    found: String,
}

impl IdError {
    pub(super) fn new(expected: &'static str, found: &str) -> Self {
        Self { expected, found: found.chars().take(100).collect() }
    }
}

/// The number of an entry in its log, from 0. At most 2^53, so that every JSON reader keeps it exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryIndex(pub u64);

impl EntryIndex {
    /// The largest index that a log may hold (RFC 8785 and I-JSON keep integers exact up to here).
    pub const MAX: Self = Self((1 << 53) - 1);
}

impl fmt::Display for EntryIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(super) const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A name of 80 random bits, written as a letter and four groups of Crockford's base 32. It is opaque: it
/// reveals nothing of order, time, content or source.
macro_rules! random_name {
    ($(#[$doc:meta])* $name:ident $letter:literal $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 10]);

        impl $name {
            /// A name from 80 random bits.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 10]) -> Self {
                Self(bytes)
            }

            /// The 80 bits.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 10] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = written($letter, &self.0);
                f.pad(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Only the one written form is a name; forgiving input is the command line's matter.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                read($letter, text).map(Self).ok_or_else(|| IdError::new($expected, text))
            }
        }

        serde_as_text!($name);
    };
}

random_name! {
    /// The name of an exhibit: 80 random bits, written `X-7K3M-9QRT-2WXY-4ABC` (Crockford base 32).
    ///
    /// It is opaque: it reveals nothing of order, time, content or source.
    ExhibitId b'X' "an exhibit's name such as X-7K3M-9QRT-2WXY-4ABC"
}

random_name! {
    /// The name of a record (a person, place, incident, source or consent as the archive describes it): 80 random bits,
    /// written `R-7K3M-9QRT-2WXY-4ABC`.
    RecordId b'R' "a record's name such as R-7K3M-9QRT-2WXY-4ABC"
}

random_name! {
    /// The name of a copy of an archive: 80 random bits, written `C-7K3M-9QRT-2WXY-4ABC`.
    CopyId b'C' "the name of a copy such as C-7K3M-9QRT-2WXY-4ABC"
}

fn written(letter: u8, bytes: &[u8; 10]) -> [u8; 21] {
    let mut text = *b"X-0000-0000-0000-0000";
    text[0] = letter;
    let bits = bytes.iter().fold(0_u128, |bits, &byte| bits << 8 | u128::from(byte));
    for digit in 0..16 {
        let value = (bits >> (75 - 5 * digit)) & 31;
        text[2 + digit + digit / 4] = CROCKFORD[value as usize];
    }
    text
}

fn read(letter: u8, text: &str) -> Option<[u8; 10]> {
    if text.len() != 21 {
        return None;
    }
    let mut bits = 0_u128;
    for byte in text.bytes().skip(2).filter(|&byte| byte != b'-') {
        let value = CROCKFORD.iter().position(|&digit| digit == byte)?;
        bits = bits << 5 | value as u128;
    }
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&bits.to_be_bytes()[6..]);
    // The letter and the dashes are checked by writing the name again.
    (written(letter, &bytes) == text.as_bytes()).then_some(bytes)
}

/// The name of an archive's log, such as `ngo.example/dprk`: printable ASCII without `+` or spaces,
/// at most 200 bytes. It is the key name of its signed notes (C2SP signed-note).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Origin {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'+' | b'"' | b'\\');
        if text.is_empty() || text.len() > 200 || !text.bytes().all(allowed) {
            return Err(IdError::new(
                "an origin such as ngo.example/archive (1 to 200 printable ASCII characters, no space, no '+')",
                text,
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

serde_as_text!(Origin);

/// A media type such as `application/pdf` (RFC 6838), as recognised from content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaType(String);

impl MediaType {
    /// What is said of bytes that no rule recognises.
    pub const UNKNOWN: &'static str = "application/octet-stream";

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The media type that an ingest shows, as people read it: `sealed` where it shows none.
    #[must_use]
    pub fn told(shown: Option<&Self>) -> &str {
        shown.map_or("sealed", Self::as_str)
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for MediaType {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&-^_.+".contains(&b))
        };
        match text.split_once('/') {
            Some((kind, subtype)) if text.len() <= 127 && name(kind) && name(subtype) => Ok(Self(text.to_owned())),
            _ => Err(IdError::new("a media type such as application/pdf", text)),
        }
    }
}

serde_as_text!(MediaType);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_exhibit_id_reads_back(bytes: [u8; 10]) {
            let id = ExhibitId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<ExhibitId>().unwrap(), id);
        }

        #[test]
        fn a_copy_is_no_exhibit(bytes: [u8; 10]) {
            let copy = CopyId::from_bytes(bytes).to_string();
            prop_assert!(copy.parse::<ExhibitId>().is_err());
            prop_assert_eq!(copy.parse::<CopyId>().unwrap(), CopyId::from_bytes(bytes));
        }

        #[test]
        fn no_other_text_is_an_exhibit_id(text in "[X]?-?[0-9A-Za-z-]{0,24}") {
            if let Ok(id) = text.parse::<ExhibitId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn an_origin_has_no_spaces_and_no_plus() {
        assert!("ngo.example/dprk".parse::<Origin>().is_ok());
        for bad in ["", "a b", "a+b", "북한", "a\n", "a\"b"] {
            assert!(bad.parse::<Origin>().is_err(), "{bad:?}");
        }
    }
}
