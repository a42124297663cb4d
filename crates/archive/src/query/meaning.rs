//! What a query means for the exhibits of an archive.

use std::cell::{Cell, OnceCell};

use super::error::{Missing, QueryError};
use super::media_types::MediaTypes;
use super::names::{OWN, Own, is_of_exhibits, own};
use super::syntax::{About, Condition, Query, Wanted};
use super::text::{LookedFor, Searched};
use crate::edtf_dates::Days;
use crate::index::{AgentRow, ExhibitRow};
use crate::languages::tag_of;
use crate::metadata::{key, name_of};
use crate::nearest::nearest;
use crate::written_dates;
use vouchsafe_core::model::vocabulary::{AS_WRITTEN, Choice, FIELDS, FieldKind, field, is_date};
use vouchsafe_core::model::{ExhibitId, FieldName, FieldValue};
use vouchsafe_core::sign::KeyId;

/// The field that says when what an exhibit is about happened.
const EVENTS_PERIOD: &str = "events_period";
/// The field that says when an exhibit was made, which counts where the other is not given.
const CREATED_DATE: &str = "created_date";

/// The fewest digits of a SHA-256 that a word may be the beginning of.
const LEAST_DIGITS: usize = 8;

/// A query that can be asked of exhibits.
pub struct Meaning {
    root: Node,
    /// The fields that were named and have no fixed meaning: no exhibit may have them.
    unproved: Vec<Unproved>,
    /// Whether a period is asked for.
    has_period: bool,
}

struct Unproved {
    name: FieldName,
    at: Option<usize>,
    is_seen: Cell<bool>,
}

enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Leaf(Leaf),
}

enum Leaf {
    Anywhere {
        text: LookedFor,
        exhibit: Option<String>,
        object: Option<String>,
    },
    /// The code is what is kept where the text is a label of it.
    Field {
        name: FieldName,
        text: LookedFor,
        code: Option<LookedFor>,
        days: Option<Days>,
    },
    Given(FieldName),
    Exhibit(String),
    Object(String),
    MediaType(MediaTypes),
    Agent(Vec<KeyId>),
    Recorded(Days),
    During(Days),
}

/// An exhibit that is asked about.
pub struct Asked<'a> {
    exhibit: ExhibitId,
    row: &'a ExhibitRow,
    texts: OnceCell<Vec<Searched>>,
    name: OnceCell<String>,
    object: OnceCell<String>,
}

impl<'a> Asked<'a> {
    pub const fn new(exhibit: ExhibitId, row: &'a ExhibitRow) -> Self {
        Self { exhibit, row, texts: OnceCell::new(), name: OnceCell::new(), object: OnceCell::new() }
    }

    /// The values of its fields, in their order.
    pub fn texts(&self) -> &[Searched] {
        self.texts.get_or_init(|| self.row.fields.iter().map(|(_, value)| Searched::of(value)).collect())
    }

    fn field(&self, name: &str) -> Option<&Searched> {
        let place = self.row.fields.iter().position(|(field, _)| field.as_str() == name)?;
        self.texts().get(place)
    }

    fn name(&self) -> &str {
        self.name.get_or_init(|| digits(&self.exhibit.to_string()))
    }

    fn object(&self) -> &str {
        self.object.get_or_init(|| self.row.object.to_string())
    }
}

/// The digits of an exhibit's name, from what was typed: in any case, with or without dashes and the first letter.
fn digits(typed: &str) -> String {
    let plain: String = typed.to_ascii_uppercase().chars().filter(|letter| *letter != '-').collect();
    let plain = plain.strip_prefix('X').unwrap_or(&plain);
    plain.replace('O', "0").replace(['I', 'L'], "1")
}

/// The period that an exhibit is about, where it says one.
pub fn period_of(row: &ExhibitRow) -> Option<Days> {
    let days = |name: &str| match row.field(name) {
        Some(FieldValue::Text(date)) => Days::of(date),
        _ => None,
    };
    match row.field(EVENTS_PERIOD) {
        Some(_) => days(EVENTS_PERIOD),
        None => days(CREATED_DATE),
    }
}

impl Meaning {
    /// What a query means in an archive that has these agents.
    ///
    /// # Errors
    /// It names what there cannot be.
    pub fn of(query: &Query, agents: &[(KeyId, AgentRow)]) -> Result<Self, QueryError> {
        let mut made = Self { root: Node::All(Vec::new()), unproved: Vec::new(), has_period: false };
        made.root = made.node(query, agents)?;
        Ok(made)
    }

    fn node(&mut self, query: &Query, agents: &[(KeyId, AgentRow)]) -> Result<Node, QueryError> {
        let mut nodes =
            |parts: &[Query]| parts.iter().map(|part| self.node(part, agents)).collect::<Result<Vec<_>, _>>();
        Ok(match query {
            Query::All(parts) => Node::All(nodes(parts)?),
            Query::Any(parts) => Node::Any(nodes(parts)?),
            Query::Not(part) => Node::Not(Box::new(self.node(part, agents)?)),
            Query::Is(condition) => Node::Leaf(self.leaf(condition, agents)?),
        })
    }

    fn leaf(&mut self, condition: &Condition, agents: &[(KeyId, AgentRow)]) -> Result<Leaf, QueryError> {
        let text = match &condition.wanted {
            Wanted::Text(text) | Wanted::Phrase(text) => text.as_str(),
            Wanted::Anything => "",
        };
        let looked_for = match &condition.wanted {
            Wanted::Phrase(text) => LookedFor::words(text),
            _ => LookedFor::text(text),
        };
        let Some(typed) = condition.about.name() else { return Ok(anywhere(looked_for, text)) };
        if let Some(own) = own_asked(condition) {
            if condition.wanted == Wanted::Anything {
                return Err(error(condition, format!("every exhibit has {typed}"), "leave this condition out"));
            }
            self.has_period |= own == Own::During;
            return own_leaf(own, condition, text, agents);
        }
        let Ok(name) = name_of(typed) else {
            return Err(unknown(condition.at, typed, Vec::new()));
        };
        if !is_of_exhibits(&name) {
            return Err(error(
                condition,
                format!("{name} is no field of exhibits, but a part of what is recorded of acts"),
                "the history of an exhibit shows it",
            ));
        }
        if field(name.as_str()).is_none() {
            let unproved = Unproved { name: name.clone(), at: condition.at, is_seen: Cell::new(false) };
            self.unproved.push(unproved);
        }
        Ok(match &condition.wanted {
            Wanted::Anything => Leaf::Given(name),
            // Quotes ask for the text as it is there, and so for no other date.
            Wanted::Phrase(_) => Leaf::Field { name, text: looked_for, code: None, days: None },
            Wanted::Text(text) => {
                let days = is_date(name.as_str()).then(|| written_dates::read(text)).flatten();
                let days = days.as_deref().and_then(Days::of);
                let code = code_of(&name, text).map(|code| LookedFor::words(&code));
                Leaf::Field { name, text: looked_for, code, days }
            }
        })
    }

    /// Whether an exhibit fits.
    pub fn fits(&self, asked: &Asked<'_>) -> bool {
        for unproved in self.unproved.iter().filter(|unproved| !unproved.is_seen.get()) {
            unproved.is_seen.set(asked.row.field(unproved.name.as_str()).is_some());
        }
        self.root.fits(asked, false)
    }

    /// Whether an exhibit without a date would fit, if a period that is asked for were left out.
    pub fn fits_without_date(&self, asked: &Asked<'_>) -> bool {
        self.has_period && period_of(asked.row).is_none() && self.root.fits(asked, true)
    }

    /// That every field that was named is one: it has a fixed meaning, or an exhibit has it. Ask after all exhibits were seen.
    ///
    /// # Errors
    /// There is no such field.
    pub fn check_fields<E: From<QueryError>>(&self, in_use: impl FnOnce() -> Result<Vec<String>, E>) -> Result<(), E> {
        match self.unproved.iter().find(|unproved| !unproved.is_seen.get()) {
            Some(missing) => Err(unknown(missing.at, missing.name.as_str(), in_use()?).into()),
            None => Ok(()),
        }
    }
}

impl Node {
    fn fits(&self, asked: &Asked<'_>, without_dates: bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(asked, without_dates)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(asked, without_dates)),
            Self::Not(part) => !part.fits(asked, without_dates),
            Self::Leaf(Leaf::During(_)) if without_dates => true,
            Self::Leaf(leaf) => leaf.fits(asked),
        }
    }
}

impl Leaf {
    fn fits(&self, asked: &Asked<'_>) -> bool {
        let row = asked.row;
        match self {
            Self::Anywhere { text, exhibit, object } => {
                exhibit.as_ref().is_some_and(|digits| asked.name().starts_with(digits.as_str()))
                    || object.as_ref().is_some_and(|digits| asked.object().starts_with(digits.as_str()))
                    || asked.texts().iter().any(|value| value.contains(text))
            }
            Self::Field { name, text, code, days } => {
                let value = row.field(name.as_str());
                if let (Some(days), Some(FieldValue::Text(date))) = (days, value)
                    && let Some(found) = Days::of(date)
                {
                    return found.overlap(days);
                }
                let is_found =
                    |value: &Searched| value.contains(text) || code.as_ref().is_some_and(|code| value.contains(code));
                let has_text = |name: &str| asked.field(name).is_some_and(is_found);
                has_text(name.as_str())
                    || (is_date(name.as_str()) && days.is_none() && has_text(&format!("{name}{AS_WRITTEN}")))
            }
            Self::Given(name) => row.field(name.as_str()).is_some(),
            Self::Exhibit(digits) => asked.name().starts_with(digits.as_str()),
            Self::Object(digits) => asked.object().starts_with(digits.as_str()),
            Self::MediaType(types) => types.contain(row.media_type.as_ref()),
            Self::Agent(keys) => keys.contains(&row.actor),
            Self::Recorded(days) => Days::of(&row.recorded_at.to_string()[..10]).is_some_and(|day| day.overlap(days)),
            Self::During(days) => period_of(row).is_some_and(|period| period.overlap(days)),
        }
    }
}

/// What is kept of a value that a person gives by its label, or of a language by its name.
fn code_of(name: &FieldName, text: &str) -> Option<String> {
    let known = field(name.as_str())?;
    let labelled = |choice: &&Choice| [choice.english, choice.korean].iter().any(|label| key(label) == key(text));
    match known.kind {
        FieldKind::Languages => tag_of(text),
        _ => known.choices.iter().find(labelled).map(|choice| choice.code.to_owned()),
    }
}

/// A word that stands alone is also looked for in the names of exhibits and, if it is long enough, in digests.
fn anywhere(text: LookedFor, typed: &str) -> Leaf {
    let is_name = typed.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    let exhibit = Some(digits(typed)).filter(|digits| is_name && !digits.is_empty());
    let is_digest = typed.len() >= LEAST_DIGITS && typed.bytes().all(|byte| byte.is_ascii_hexdigit());
    Leaf::Anywhere { text, exhibit, object: is_digest.then(|| typed.to_ascii_lowercase()) }
}

fn own_leaf(own: Own, condition: &Condition, text: &str, agents: &[(KeyId, AgentRow)]) -> Result<Leaf, QueryError> {
    let days = || {
        let date = written_dates::read(text);
        date.as_deref().and_then(Days::of).ok_or_else(|| {
            error(condition, format!("{text:?} is no date or period"), "write 2003, 2003-07, 2003-07-08 or 2003/2005")
        })
    };
    Ok(match own {
        Own::Exhibit => Leaf::Exhibit(digits(text)),
        Own::Object if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => Leaf::Object(text.to_ascii_lowercase()),
        Own::Object => {
            return Err(error(
                condition,
                format!("{text:?} is not the beginning of a SHA-256"),
                "give its hexadecimal digits, or as many of the first ones as you know",
            ));
        }
        Own::MediaType => Leaf::MediaType(MediaTypes::named(text)),
        Own::Recorded => Leaf::Recorded(days()?),
        Own::During => Leaf::During(days()?),
        Own::Agent => {
            let looked_for = LookedFor::text(text);
            let name = |agent: &AgentRow| {
                agent.fields.iter().find(|(name, _)| name.as_str() == "name").map(|(_, value)| Searched::of(value))
            };
            let is_meant = |(key, agent): &&(KeyId, AgentRow)| {
                let key = key.to_string();
                key.starts_with(text)
                    || key["SHA256:".len()..].starts_with(text)
                    || name(agent).is_some_and(|name| name.contains(&looked_for))
            };
            let keys: Vec<_> = agents.iter().filter(is_meant).map(|(key, _)| *key).collect();
            if keys.is_empty() {
                let what = format!("there is no agent {text:?}");
                return Err(QueryError { missing: Some(Missing::Agent), ..error(condition, what, "") });
            }
            Leaf::Agent(keys)
        }
    })
}

fn error(condition: &Condition, what: String, hint: &str) -> QueryError {
    QueryError { at: condition.at, what, hint: hint.to_owned(), missing: None }
}

/// The names that can be asked for, whatever exhibits there are.
fn known_names() -> Vec<String> {
    let own = OWN.iter().flat_map(|(_, names)| names.iter().copied());
    let of_fields = FIELDS.iter().filter(|field| field.name.parse().is_ok_and(|name| is_of_exhibits(&name)));
    let of_fields = of_fields.flat_map(|field| [field.name, field.english, field.korean]);
    of_fields.chain(own).map(str::to_owned).collect()
}

/// That there is no such field, and which one was probably meant: of those that exhibits have, or that have a fixed meaning.
pub fn unknown(at: Option<usize>, typed: &str, mut names: Vec<String>) -> QueryError {
    names.extend(known_names());
    let near = nearest(typed, &names).map(|near| format!("did you mean {near}?"));
    let quotes = at.map(|_| "to look for the text itself, put it in quotes".to_owned());
    let hint = near.into_iter().chain(quotes).collect::<Vec<_>>().join(" Or: ");
    QueryError { at, what: format!("no exhibit has a field {typed}"), hint, missing: Some(Missing::Field) }
}

/// The field that a condition is about, if it names one; none at all if it is about something else of an exhibit.
pub fn field_asked(condition: &Condition) -> Option<Option<FieldName>> {
    match condition.about.name() {
        Some(_) if own_asked(condition).is_some() => None,
        Some(typed) => name_of(typed).ok().map(Some),
        None => Some(None),
    }
}

/// What a condition is about, if that is no field.
fn own_asked(condition: &Condition) -> Option<Own> {
    match &condition.about {
        About::Named(typed) => own(typed),
        About::Anything | About::Field(_) => None,
    }
}

/// The name of a field that no query was needed for, such as a column.
///
/// # Errors
/// It cannot be the name of a field, and is no label.
pub fn field_named(typed: &str) -> Result<FieldName, QueryError> {
    name_of(typed).map_err(|_| unknown(None, typed, Vec::new()))
}
