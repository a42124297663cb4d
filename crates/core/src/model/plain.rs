//! JSON of any shape, as it stands there.
//!
//! `serde_json::Value` is not used for what strangers send: to it, the names of some members are signs of its own.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde::{Deserialize, Deserializer};

/// A value of JSON. Numbers are whole: canonical JSON of this format has no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// `null`
    Null,
    /// `true` or `false`
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Plain>),
    /// Named members. Of a name that is there twice, the last one counts; no canonical JSON has it twice.
    Members(BTreeMap<String, Plain>),
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Members(members) => serializer.collect_map(members),
        }
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainVisitor)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Plain;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with whole numbers")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Plain, E> {
        Ok(Plain::Null)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Plain, E> {
        Ok(Plain::Truth(truth))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Plain, E> {
        Ok(Plain::Number(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Plain, E> {
        i64::try_from(number).map(Plain::Number).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Plain, E> {
        Ok(Plain::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Plain, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Plain::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Plain, A::Error> {
        let mut found = BTreeMap::new();
        while let Some((name, value)) = members.next_entry()? {
            found.insert(name, value);
        }
        Ok(Plain::Members(found))
    }
}

impl From<Plain> for serde_json::Value {
    fn from(plain: Plain) -> Self {
        match plain {
            Plain::Null => Self::Null,
            Plain::Truth(truth) => truth.into(),
            Plain::Number(number) => number.into(),
            Plain::Text(text) => text.into(),
            Plain::List(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Plain::Members(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}
