//! The fingerprint of an archive: the one thing by which it is known again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::CROCKFORD;
use crate::digest::Digest;

/// Bytes of a fingerprint that its paper form carries besides the fingerprint itself, to find slips of the pen.
const CHECK_BYTES: usize = 3;
/// Characters of the paper form, without the dashes: 280 bits, five in each.
const PAPER_DIGITS: usize = 56;
/// Characters of the other form.
const HEX_DIGITS: usize = 64;
/// Text of about this many characters was meant to be a fingerprint.
const MEANT: std::ops::RangeInclusive<usize> = 50..=70;

/// The fingerprint of an archive: the leaf hash of its first entry, which names its administrator, its log key and its
/// origin. Anybody who knows it can decide whether something is of this archive, since nobody can make another first entry with
/// this hash.
///
/// It shows the beginning of a log, and through it who may sign. It does not show how long the log is now.
///
/// Files hold it as 64 lower-case hexadecimal digits, which `Display` writes. For people there is [`Fingerprint::paper`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub Digest);

/// How somebody wrote a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// In hexadecimal digits, without check characters.
    Hex,
    /// In the form for paper, with check characters.
    Paper,
}

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FingerprintError {
    /// The check characters do not fit.
    #[error("the check characters do not match: a character was read or typed wrongly")]
    Slip,
    /// It has a wrong number of characters.
    #[error("it has {digits} characters; a fingerprint has {PAPER_DIGITS}, or {HEX_DIGITS} hexadecimal digits")]
    Length {
        /// How many, without spaces and dashes.
        digits: usize,
    },
    /// It is something else.
    #[error("it is not the fingerprint of an archive")]
    Other,
}

impl Fingerprint {
    /// The form for paper and telephone: the 32 bytes and the first three of their SHA-256, as 56 digits of Crockford's
    /// base 32 in groups of four.
    #[must_use]
    pub fn paper(&self) -> String {
        let bytes = self.with_check();
        let mut text = String::with_capacity(PAPER_DIGITS * 5 / 4);
        for digit in 0..PAPER_DIGITS {
            if digit > 0 && digit % 4 == 0 {
                text.push('-');
            }
            let value = (0..5).fold(0, |value, bit| value << 1 | bit_of(&bytes, digit * 5 + bit));
            text.push(char::from(CROCKFORD[usize::from(value)]));
        }
        text
    }

    /// Reads what somebody typed: either form, in any case, with spaces and dashes anywhere; O is read as 0, I and L as 1.
    ///
    /// # Errors
    /// It is no fingerprint, or the check characters do not fit.
    pub fn read(text: &str) -> Result<(Self, Written), FingerprintError> {
        let plain: String = text.chars().filter(|letter| !matches!(letter, ' ' | '\t' | '-')).collect();
        if plain.len() == HEX_DIGITS
            && let Ok(digest) = plain.to_ascii_lowercase().parse()
        {
            return Ok((Self(digest), Written::Hex));
        }
        if plain.len() == PAPER_DIGITS
            && let Some(bytes) = from_paper(&plain)
        {
            let digest = bytes[..32].try_into().map_err(|_| FingerprintError::Other)?;
            let read = Self(Digest::from_bytes(digest));
            return if read.with_check() == bytes { Ok((read, Written::Paper)) } else { Err(FingerprintError::Slip) };
        }
        match plain.len() {
            digits if MEANT.contains(&digits) && plain.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err(FingerprintError::Length { digits })
            }
            _ => Err(FingerprintError::Other),
        }
    }

    /// In how many hexadecimal digits two differ.
    #[must_use]
    pub fn differing_digits(&self, other: &Self) -> usize {
        let (one, other) = (self.to_string(), other.to_string());
        one.bytes().zip(other.bytes()).filter(|(one, other)| one != other).count()
    }

    fn with_check(&self) -> [u8; 32 + CHECK_BYTES] {
        let mut bytes = [0; 32 + CHECK_BYTES];
        bytes[..32].copy_from_slice(self.0.as_bytes());
        bytes[32..].copy_from_slice(&Digest::of(self.0.as_bytes()).as_bytes()[..CHECK_BYTES]);
        bytes
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text).map(|(read, _)| read)
    }
}

fn bit_of(bytes: &[u8], number: usize) -> u8 {
    bytes[number / 8] >> (7 - number % 8) & 1
}

fn from_paper(digits: &str) -> Option<[u8; 32 + CHECK_BYTES]> {
    let mut bytes = [0; 32 + CHECK_BYTES];
    for (number, letter) in digits.bytes().enumerate() {
        let letter = match letter.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let value = CROCKFORD.iter().position(|&digit| digit == letter)?;
        for bit in 0..5 {
            let (at, set) = (number * 5 + bit, u8::from(value >> (4 - bit) & 1 == 1));
            bytes[at / 8] |= set << (7 - at % 8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "3c7e9bc930dc93f01fa69985ef242d9f9e861f3c5355aa24ce5ef4b4b8a70ccb";
    const PAPER: &str = "7HZ9-QJ9G-VJ9Z-07X6-K62Y-Y91D-KYF8-C7SW-ADAT-M96E-BVTB-9E57-1K5R-9XSS";

    #[test]
    fn the_paper_form_is_the_documented_one() {
        let read: Fingerprint = HEX.parse().unwrap();
        assert_eq!((read.paper().as_str(), read.to_string().as_str()), (PAPER, HEX));
        assert_eq!(Fingerprint::read(PAPER), Ok((read, Written::Paper)));
    }

    #[test]
    fn case_groups_and_letters_that_look_like_digits_do_not_matter() {
        let read: Fingerprint = HEX.parse().unwrap();
        let forms = [
            PAPER.to_lowercase(),
            PAPER.replace('-', " "),
            PAPER.replace('-', ""),
            format!("  {}\t", PAPER.replace('0', "o").replace('1', "l")),
            PAPER.replace('1', "I").replace('0', "O"),
            HEX.to_uppercase(),
            format!("{} {}", &HEX[..32], &HEX[32..]),
        ];
        for form in forms {
            assert_eq!(form.parse(), Ok(read), "{form}");
        }
    }

    #[test]
    fn a_slip_in_the_paper_form_is_found_wherever_it_is() {
        for (at, letter) in PAPER.char_indices().filter(|(_, letter)| *letter != '-') {
            let other = if letter == '2' { "3" } else { "2" };
            let slip = format!("{}{other}{}", &PAPER[..at], &PAPER[at + 1..]);
            assert_eq!(Fingerprint::read(&slip), Err(FingerprintError::Slip), "{slip}");
        }
        let exchanged = PAPER.replacen("7HZ9", "H7Z9", 1);
        assert_eq!(Fingerprint::read(&exchanged), Err(FingerprintError::Slip));
    }

    #[test]
    fn what_was_meant_to_be_one_is_told_from_what_was_not() {
        assert_eq!(Fingerprint::read(&PAPER[1..]), Err(FingerprintError::Length { digits: 55 }));
        assert_eq!(Fingerprint::read(&format!("{HEX}0")), Err(FingerprintError::Length { digits: 65 }));
        assert_eq!(Fingerprint::read(&PAPER.replace('7', "U")), Err(FingerprintError::Length { digits: 56 }));
        for other in ["", "-", "SHA256:zbv/nU7iZdO0fB0DalMI70dP6/yFD8sctXvvW4+OokY", "/media/stick/fingerprints.txt"] {
            assert_eq!(Fingerprint::read(other), Err(FingerprintError::Other), "{other}");
        }
    }

    #[test]
    fn digits_that_differ_are_counted() {
        let read: Fingerprint = HEX.parse().unwrap();
        let slip: Fingerprint = HEX.replacen("3c7e", "3d7f", 1).parse().unwrap();
        assert_eq!((read.differing_digits(&read), read.differing_digits(&slip)), (0, 2));
    }
}
