//! What each kind of event declares of itself. A new kind answers every question that this file asks, or does not compile.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::agent::Role;
use crate::model::ids::EntryIndex;
use crate::sign::KeyId;

/// A text in English and in Korean.
pub type Bilingual = (&'static str, &'static str);

/// An object that came in with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brought {
    /// The object.
    pub object: Digest,
    /// Its size.
    pub size_bytes: u64,
}

/// An event type in the vocabulary of the Library of Congress, as PREMIS 3 uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PremisTerm {
    /// Its label.
    pub label: &'static str,
    /// Its code, with which its URI ends.
    pub code: &'static str,
}

/// A member of the body of a kind of events, as it is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its Rust type, such as `Digest` or `Option<Timestamp>`; an optional one may be left out of the body.
    pub type_name: &'static str,
}

/// Roles of those who may make an event: nobody by a role. Other keys decide.
pub(super) const NOBODY: &[Role] = &[];
/// Only administrators.
pub(super) const ADMINISTRATORS: &[Role] = &[Role::Administrator];
/// Whoever keeps the archive.
pub(super) const ARCHIVISTS: &[Role] = &[Role::Administrator, Role::Archivist];
/// Whoever may hand exhibits out.
pub(super) const EXPORTERS: &[Role] = &[Role::Administrator, Role::Archivist, Role::Lawyer];
/// Every agent.
pub(super) const ANYONE: &[Role] = Role::ALL;

/// What a kind of events is about.
pub(super) enum About<B: 'static> {
    /// The archive, or what it does with others.
    Archive,
    /// Who may sign: agents, recovery keys, or the log's key. Whoever checks an entry is given all of these that it rests on.
    Signing,
    /// One exhibit. Entries of these kinds are in bundles, so the files for people show them.
    Exhibit {
        /// Whether it gives fields of the exhibit their values.
        describes: bool,
        /// What the report calls it.
        title: Bilingual,
        /// What the page that checks a bundle calls it.
        page_title: Bilingual,
        /// Its event type in PREMIS.
        premis: Option<PremisTerm>,
        /// What an entry says beyond its title and its fields.
        particulars: fn(&B) -> Particulars,
    },
}

/// What an entry says beyond its title and its fields, in English and in Korean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Particulars {
    /// Nothing.
    Nothing,
    /// Digests and numbers, which one language serves where both are shown.
    Numbers(String, String),
    /// Words.
    Words(String, String),
}

impl Particulars {
    /// In English; empty if there is nothing to say.
    #[must_use]
    pub fn english(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Numbers(english, _) | Self::Words(english, _) => english,
        }
    }

    /// In Korean; empty if there is nothing to say.
    #[must_use]
    pub fn korean(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Numbers(_, korean) | Self::Words(_, korean) => korean,
        }
    }

    /// Where both languages are shown; empty if there is nothing to say.
    #[must_use]
    pub fn both(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Numbers(english, _) => english.clone(),
            Self::Words(english, korean) => format!("{english} / {korean}"),
        }
    }
}

/// One kind of events.
pub(super) struct Declaration<B: 'static> {
    /// Its name in the log.
    pub name: &'static str,
    /// What it is about.
    pub about: About<B>,
    /// The roles that may make it.
    pub made_by: &'static [Role],
    /// The rule of the format that a body breaks in the entry at this index, beyond what its types ensure.
    pub flaw: fn(&B, EntryIndex) -> Option<&'static str>,
    /// The object that came in with it.
    pub brings: fn(&B) -> Option<Brought>,
    /// The program that made it, with its version.
    pub software: fn(&B) -> Option<&str>,
    /// What happened, as a sentence for the terminal.
    pub sentence: fn(&B, &Scene<'_>) -> String,
}

/// A body that a kind of events declares.
pub(super) trait Declared: Sized + 'static {
    /// The declaration.
    const DECLARATION: Declaration<Self>;
}

/// What surrounds an event in the sentence of its entry. Texts are ready to be shown: on one line, without control
/// characters.
pub struct Scene<'a> {
    /// The agent who acts.
    pub who: &'a str,
    /// What the sentence calls the archive whose log it is.
    pub here: &'a str,
    /// What the other archive calls itself, or "another archive" where that is not disclosed.
    pub partner: &'a str,
    /// The name of the agent with this key.
    pub name: &'a dyn Fn(KeyId) -> String,
    /// The value of the field with this name; `None` where it is not disclosed.
    pub field: &'a dyn Fn(&str) -> Option<String>,
    /// Whether fields are disclosed and each of them is withdrawn.
    pub is_withdrawal: bool,
}

impl Scene<'_> {
    /// The value of a field; nothing where it is not disclosed.
    pub(super) fn text(&self, field: &str) -> String {
        (self.field)(field).unwrap_or_default()
    }
}

/// What a sentence adds where nobody compared the other archive's fingerprint with one from outside.
#[must_use]
pub const fn unanchored(is_anchored: bool) -> &'static str {
    if is_anchored { "" } else { " (its fingerprint was not compared with one from outside)" }
}
