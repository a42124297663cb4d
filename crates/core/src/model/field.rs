//! Fields: what is said about an exhibit or an agent, disclosed or withheld one by one.
//!
//! A field never stands in the log. The log holds the digest of its disclosure, the JSON array
//! `[salt, name, value]` (the mechanism of RFC 9901, SD-JWT), so that a field can be withheld and
//! still be shown, later, to have been the same all the time.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::text::serde_as_text;
use crate::digest::Digest;

/// The longest text of a field, in bytes.
pub const MAX_FIELD_VALUE_BYTES: usize = 256 * 1024;
/// The most items in a list.
pub const MAX_FIELD_LIST_ITEMS: usize = 1_000;

/// A name or value that no field may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// The name is not of the allowed form.
    #[error("{found:?} is not a field name: a lower-case letter, then up to 63 lower-case letters, digits or '_'")]
    Name {
        /// The name as it was given.
        found: String,
    },
    /// The salt is not 128 bits of lower-case hex.
    #[error("a salt is 32 lower-case hexadecimal digits")]
    Salt,
    /// The value is over the limit.
    #[error(
        "the value has {found_bytes} bytes; a field holds at most {MAX_FIELD_VALUE_BYTES} (store longer texts as files)"
    )]
    TooLong {
        /// Its size in bytes.
        found_bytes: usize,
    },
    /// The list is over the limit.
    #[error("the list has {found} items; a field holds at most {MAX_FIELD_LIST_ITEMS}")]
    TooMany {
        /// How many items there are.
        found: usize,
    },
    /// An integer that JSON readers do not keep exact.
    #[error("{found} is outside of -(2^53 - 1) to 2^53 - 1")]
    Integer {
        /// The number as it was given.
        found: i64,
    },
}

/// 128 random bits that keep a digest from being guessed, written as 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Salt([u8; 16]);

impl Salt {
    /// A salt from 128 random bits. The caller ensures that they are random and used once.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 128 bits.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 32];
        f.write_str(base16ct::lower::encode_str(&self.0, &mut text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Salt({self})")
    }
}

impl FromStr for Salt {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        match base16ct::lower::decode(text, &mut bytes) {
            Ok(decoded) if decoded.len() == 16 => Ok(Self(bytes)),
            _ => Err(FieldError::Salt),
        }
    }
}

serde_as_text!(Salt);

/// The name of a field: `[a-z][a-z0-9_]{0,63}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldName(String);

impl FieldName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Names are ordered as their texts are.
impl Borrow<str> for FieldName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for FieldName {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
        let goes_on_well = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if starts_well && goes_on_well && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(FieldError::Name { found: text.chars().take(80).collect() })
        }
    }
}

serde_as_text!(FieldName);

/// The value of a field.
///
/// As JSON: a string, an array of strings, an integer, `{"bytes":"<base64>"}` for what is not text
/// (such as a file name in an unknown encoding), `{"unknown":"<reason>"}` where the value is not
/// known and that is said instead of left open, or `{"withdrawn":"<reason>"}` where an earlier value no longer stands and no
/// other takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FieldValue {
    /// Text exactly as given; never normalised.
    Text(String),
    /// Several texts, in order.
    List(Vec<String>),
    /// A whole number within ±2^53.
    Integer(i64),
    /// Bytes that are not UTF-8.
    Bytes(Vec<u8>),
    /// Explicitly not known, and why.
    Unknown(String),
    /// An earlier value is taken back, and why.
    Withdrawn(String),
}

impl FieldValue {
    /// Text where the bytes are UTF-8, bytes where they are not. Lossless either way.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(bytes.to_owned()),
        }
    }

    /// Checks the limits.
    ///
    /// # Errors
    /// Over the size, the count, or outside of the exact integers.
    pub fn check(&self) -> Result<(), FieldError> {
        let size_bytes = match self {
            Self::Text(text) | Self::Unknown(text) | Self::Withdrawn(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(items) if items.len() > MAX_FIELD_LIST_ITEMS => {
                return Err(FieldError::TooMany { found: items.len() });
            }
            Self::List(items) => items.iter().map(String::len).sum(),
            Self::Integer(number) if number.unsigned_abs() > EXACT => {
                return Err(FieldError::Integer { found: *number });
            }
            Self::Integer(_) => 0,
        };
        if size_bytes > MAX_FIELD_VALUE_BYTES {
            return Err(FieldError::TooLong { found_bytes: size_bytes });
        }
        Ok(())
    }
}

/// The largest integer that every JSON reader keeps exact (RFC 8785, I-JSON).
const EXACT: u64 = (1 << 53) - 1;

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.pad(text),
            Self::List(items) => f.pad(&items.join(", ")),
            Self::Integer(number) => number.fmt(f),
            Self::Bytes(bytes) => f.pad(&String::from_utf8_lossy(bytes)),
            Self::Unknown(reason) => write!(f, "unknown ({reason})"),
            Self::Withdrawn(reason) => write!(f, "withdrawn ({reason})"),
        }
    }
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let single = |serializer: S, key: &str, value: &str| {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(key, value)?;
            map.end()
        };
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Bytes(bytes) => single(serializer, "bytes", &BASE64.encode(bytes)),
            Self::Unknown(reason) => single(serializer, "unknown", reason),
            Self::Withdrawn(reason) => single(serializer, "withdrawn", reason),
        }
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;

        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = FieldValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a text, a list of texts, a whole number, {\"bytes\": …}, {\"unknown\": …} or {\"withdrawn\": …}",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<FieldValue, E> {
                Ok(FieldValue::Text(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<FieldValue, E> {
                Ok(FieldValue::Integer(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<FieldValue, E> {
                i64::try_from(number).map(FieldValue::Integer).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<FieldValue, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(FieldValue::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldValue, A::Error> {
                let Some((key, text)) = map.next_entry::<String, String>()? else {
                    return Err(de::Error::invalid_length(0, &self));
                };
                if map.next_key::<String>()?.is_some() {
                    return Err(de::Error::invalid_length(2, &self));
                }
                match key.as_str() {
                    "bytes" => BASE64.decode(&text).map(FieldValue::Bytes).map_err(de::Error::custom),
                    "unknown" => Ok(FieldValue::Unknown(text)),
                    "withdrawn" => Ok(FieldValue::Withdrawn(text)),
                    other => Err(de::Error::unknown_field(other, &["bytes", "unknown", "withdrawn"])),
                }
            }
        }

        deserializer.deserialize_any(ValueVisitor)
    }
}

/// One field with its salt: the array `[salt, name, value]` that the log commits to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Disclosure(pub Salt, pub FieldName, pub FieldValue);

impl Disclosure {
    /// The name of the field.
    #[must_use]
    pub const fn name(&self) -> &FieldName {
        &self.1
    }

    /// The value of the field.
    #[must_use]
    pub const fn value(&self) -> &FieldValue {
        &self.2
    }

    /// The bytes that the log commits to: the array as canonical JSON.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::format::canonical::to_vec_in_order(self)
    }

    /// What an entry's body says of this field.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_bytes())
    }
}
