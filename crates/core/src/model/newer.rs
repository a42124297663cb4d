//! Events that this program is too old for, and the names of all events.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::events::declaration::Brought;
use super::events::kinds::EventKind;
use super::ids::IdError;
use super::plain::Plain;
use super::text::{present, serde_as_text};
use crate::digest::Digest;
use crate::language::{Text, text};

/// The name of an event, known or not: two words of at most 32 lower-case letters, digits and `_`, joined by a dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventName(String);

impl EventName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of events with this name, if this program knows it.
    #[must_use]
    pub fn kind(&self) -> Option<EventKind> {
        self.0.parse().ok()
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for EventName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word = |word: &str| {
            (1..=32).contains(&word.len())
                && word.starts_with(|first: char| first.is_ascii_lowercase())
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        match text.split_once('.') {
            Some((subject, what)) if is_word(subject) && is_word(what) => Ok(Self(text.to_owned())),
            _ => Err(IdError::new("the name of an event such as exhibit.ingested", text)),
        }
    }
}

serde_as_text!(EventName);

/// With what the name of an event begins that says something of checkpoints, and of nothing else.
const ABOUT_CHECKPOINTS: &str = "checkpoint.";

/// An event that this program is too old for: its name is not known, or the format of its entry.
///
/// What it means is not known. What an entry of any version has is known: its place, its agent, its subject.
#[derive(Debug, Clone)]
pub struct NotUnderstood {
    /// The name of the event.
    pub name: EventName,
    /// The format of its entry, where that is not known.
    pub format: Option<String>,
    /// The fields that it commits to; none are known where its format is not.
    pub fields: Vec<Digest>,
    /// The objects that came in with it; none are known where its format is not.
    pub evidence: Vec<Brought>,
    pub(crate) body: Box<RawValue>,
}

impl PartialEq for NotUnderstood {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.format, self.body.get()) == (&other.name, &other.format, other.body.get())
    }
}

impl Eq for NotUnderstood {}

impl Serialize for NotUnderstood {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body.serialize(serializer)
    }
}

impl NotUnderstood {
    /// The most objects that come in with one entry.
    pub const MAX_EVIDENCE: usize = 256;

    /// An event of a name that is not known, with its body.
    ///
    /// # Errors
    /// The body is no object with `fields`, or its `evidence` is of another form.
    pub fn read(name: EventName, body: Box<RawValue>) -> Result<Self, serde_json::Error> {
        /// What the body of every event has, now and later.
        #[derive(Deserialize)]
        struct Common {
            fields: Vec<Digest>,
            #[serde(default, deserialize_with = "present")]
            evidence: Option<Vec<BTreeMap<String, Plain>>>,
        }
        if !body.get().starts_with('{') {
            return Err(serde::de::Error::custom("its body is no object"));
        }
        let common: Common = serde_json::from_str(body.get())?;
        let evidence = common.evidence.map(|all| all.into_iter().map(brought).collect::<Result<Vec<_>, _>>());
        let evidence = evidence.transpose()?;
        if let Some(evidence) = &evidence {
            let mut objects: Vec<_> = evidence.iter().map(|one| one.object).collect();
            objects.sort_unstable();
            if !(1..=Self::MAX_EVIDENCE).contains(&objects.len()) || !objects.is_sorted_by(|a, b| a < b) {
                let reason = "its `evidence` is none, too much, or names an object twice";
                return Err(serde::de::Error::custom(reason));
            }
        }
        let evidence = evidence.unwrap_or_default();
        Ok(Self { name, format: None, fields: common.fields, evidence, body })
    }

    /// An event in an entry of a format that is not known.
    #[must_use]
    pub(crate) const fn of_format(name: EventName, format: String, body: Box<RawValue>) -> Self {
        Self { name, format: Some(format), fields: Vec::new(), evidence: Vec::new(), body }
    }

    /// Whether it is said of checkpoints alone, by those who stamp or sign them from outside: the format keeps this first word
    /// of an event's name for that. It changes nothing of what other entries mean.
    #[must_use]
    pub fn is_about_checkpoints(&self) -> bool {
        self.format.is_none() && self.name.as_str().starts_with(ABOUT_CHECKPOINTS)
    }

    /// Its body, as it stands there; nothing where that is no JSON, which the body of an entry always is.
    #[must_use]
    pub fn body(&self) -> Plain {
        serde_json::from_str(self.body.get()).unwrap_or(Plain::Null)
    }

    /// That it is not known, in a sentence.
    #[must_use]
    pub fn unknown(&self) -> Text {
        text!([what = self.told()] "this program does not know {what}", "이 프로그램이 모르는 것입니다: {what}")
    }

    /// What is not known of it, such as "the event exhibit.copied".
    #[must_use]
    pub fn told(&self) -> Text {
        match &self.format {
            Some(format) => text!("the format {format}", "형식 {format}"),
            None => text!("the event {name}", "사건 {name}"; name = self.name),
        }
    }
}

/// An object that is named with its size, and nothing else.
fn brought(mut one: BTreeMap<String, Plain>) -> Result<Brought, serde_json::Error> {
    let (object, size) = (one.remove("object"), one.remove("size_bytes"));
    let read = match (object, size, one.is_empty()) {
        (Some(Plain::Text(object)), Some(Plain::Number(size)), true) => {
            object.parse().ok().zip(u64::try_from(size).ok())
        }
        _ => None,
    };
    let (object, size_bytes) = read.ok_or_else(|| {
        serde::de::Error::custom("in its `evidence`, an object is named otherwise than by `object` and `size_bytes`")
    })?;
    Ok(Brought { object, size_bytes })
}

/// How far it reaches that an entry is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// No further than the entry.
    Itself,
    /// To the exhibit or the record that it is about.
    Subject,
    /// To everything: it may say who may sign.
    Archive,
}

/// Who may make an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// An agent whose roles allow events of this kind. Of an [`AgentRotated`](super::AgentRotated) and an
    /// [`AgentRecovered`](super::AgentRecovered), no role is asked: they are made by the key that they introduce, and whoever
    /// vouches for it signs as well.
    Kind(EventKind),
    /// Any agent.
    Anyone,
    /// Any agent, if one of those who sign is an administrator: what is not understood could change who may sign.
    WithAdministrator,
}
