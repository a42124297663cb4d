//! The member `format`, which is looked at before anything else: what is newer than this program is not understood, and
//! not called wrong.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::canonical::FormatError;

/// What to do about what is not understood. It never names what came with the data.
pub const NEWER_WAY_OUT: &str =
    "a newer version of vouchsafe can read it; get it from a source that you trust, never from the sender of the data";

/// The member `format` of an object; of several of this name the last, as most readers take it.
struct Peek {
    format: Option<String>,
}

impl<'de> Deserialize<'de> for Peek {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Peek;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Peek, A::Error> {
                let mut format = None;
                while let Some(name) = members.next_key::<String>()? {
                    match name.as_str() {
                        "format" => format = Some(members.next_value()?),
                        _ => drop(members.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Peek { format })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// The number in `vouchsafe-entry/2` and its like, where the name is the expected one: decimal, from 1 to 999,999,999,
/// without needless zeros.
#[must_use]
pub fn number(text: &str, name: &str) -> Option<u32> {
    number_of(text.strip_prefix(name)?.strip_prefix('/')?)
}

/// A number as versions have it: decimal, from 1 to 999,999,999, without needless zeros.
#[must_use]
pub fn number_of(digits: &str) -> Option<u32> {
    let is_number =
        (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    is_number.then(|| digits.parse().ok()).flatten()
}

/// The format of a JSON text, if it has one of this name with a number over 1.
#[must_use]
pub fn newer(bytes: &[u8], name: &str) -> Option<String> {
    let peek: Peek = serde_json::from_str(std::str::from_utf8(bytes).ok()?).ok()?;
    peek.format.filter(|format| number(format, name).is_some_and(|number| number > 1))
}

/// Refuses a text of a newer format, whatever else is in it.
///
/// # Errors
/// [`FormatError::NotUnderstood`].
pub fn check(what: &'static str, bytes: &[u8], name: &str) -> Result<(), FormatError> {
    match newer(bytes, name) {
        Some(found) => Err(FormatError::NotUnderstood { what, found }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_over_1_under_the_right_name_is_newer() {
        let newer =
            |format: &str| newer(format!(r#"{{"a":[1],"format":{format},"z":null}}"#).as_bytes(), "vouchsafe-x");
        for format in ["vouchsafe-x/2", "vouchsafe-x/10", "vouchsafe-x/999999999"] {
            assert_eq!(newer(&format!("{format:?}")).as_deref(), Some(format));
        }
        let others =
            ["vouchsafe-x/1", "vouchsafe-x/0", "vouchsafe-x/02", "vouchsafe-x/+2", "vouchsafe-x/2 ", "vouchsafe-x/"];
        let more = ["vouchsafe-x/1000000000", "vouchsafe-x/2.0", "vouchsafe-xy/2", "vouchsafe-y/2", "2", ""];
        for format in others.into_iter().chain(more) {
            assert_eq!(newer(&format!("{format:?}")), None, "{format}");
        }
        assert_eq!(newer("2"), None);
        assert_eq!(newer("\"vouchsafe-x/2\",\"format\":1"), None);
        assert_eq!(newer("1,\"format\":\"vouchsafe-x/3\"").as_deref(), None);
        assert_eq!(super::newer(b"[\"vouchsafe-x/2\"]", "vouchsafe-x"), None);
        assert_eq!(super::newer(b"{\"format\":\"vouchsafe-x/2\",\"a\":\"\xff\"}", "vouchsafe-x"), None);
        assert_eq!(newer("null"), None);
        assert_eq!(super::newer(b"not JSON", "vouchsafe-x"), None);
    }
}
