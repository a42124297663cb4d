//! Why nothing answers a question: where its words do occur, and what was probably meant.

use std::collections::{BTreeMap, HashSet};

use super::error::ArchiveError;
use super::in_use::texts_of;
use super::index::{AgentRow, ExhibitRow};
use super::nearest::nearest;
use super::query::{Asked, Condition, LookedFor, Meaning, Query, Wanted, field_asked, folded};
use super::reader::Reader;
use super::selecting::{Filter, all_exhibits};
use vouchsafe_core::model::vocabulary::COLLECTION;
use vouchsafe_core::model::{FieldName, FieldValue};
use vouchsafe_core::sign::KeyId;

/// The longest text for which a similar one is looked for, in letters.
const MAX_SIMILAR: usize = 60;

/// One condition of a question that nothing answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// The condition.
    pub condition: Condition,
    /// How many exhibits meet it alone.
    pub exhibits: u64,
    /// The fields that contain its text, each with the number of exhibits.
    pub fields: BTreeMap<String, u64>,
    /// A similar value that there is.
    pub similar: Option<String>,
}

/// What is to be known of every condition of a filter's query that no exhibit meets as a whole.
///
/// # Errors
/// As [`select`](super::select).
pub fn unanswered(reader: &Reader, filter: &Filter) -> Result<Vec<Unanswered>, ArchiveError> {
    let agents = reader.agents()?;
    let conditions = filter.query.as_ref().map(Query::wanted).unwrap_or_default();
    let mut parts =
        conditions.into_iter().map(|condition| Part::of(condition, &agents)).collect::<Result<Vec<_>, _>>()?;
    for item in all_exhibits(reader) {
        let (exhibit, row) = item?;
        let asked = Asked::new(exhibit, &row);
        parts.iter_mut().for_each(|part| part.see(&asked, &row));
    }
    Ok(parts.into_iter().map(Part::finish).collect())
}

/// A condition, and what was seen of it.
struct Part<'a> {
    condition: &'a Condition,
    /// The condition alone.
    meaning: Meaning,
    /// Its text, if it looks for one in fields.
    text: Option<(&'a str, LookedFor)>,
    /// The one field that it looks into.
    field: Option<FieldName>,
    exhibits: u64,
    fields: BTreeMap<String, u64>,
    /// Values, or words in them, of about the same length as the text.
    alike: HashSet<String>,
}

impl<'a> Part<'a> {
    fn of(condition: &'a Condition, agents: &[(KeyId, AgentRow)]) -> Result<Self, ArchiveError> {
        let text = match &condition.wanted {
            Wanted::Text(text) => Some((text.as_str(), LookedFor::text(text))),
            Wanted::Phrase(text) => Some((text.as_str(), LookedFor::words(text))),
            Wanted::Anything => None,
        };
        let field = field_asked(condition);
        Ok(Self {
            condition,
            meaning: Meaning::of(&Query::Is(condition.clone()), agents)?,
            text: text.filter(|_| field.is_some()),
            field: field.flatten(),
            exhibits: 0,
            fields: BTreeMap::new(),
            alike: HashSet::new(),
        })
    }

    fn see(&mut self, asked: &Asked<'_>, row: &ExhibitRow) {
        self.exhibits += u64::from(self.meaning.fits(asked));
        let Some((text, looked_for)) = &self.text else { return };
        let length = text.chars().count();
        for ((field, value), searched) in row.fields.iter().zip(asked.texts()) {
            if searched.contains(looked_for) {
                *self.fields.entry(field.to_string()).or_default() += 1;
            }
            // A value is proposed only while there is none that fits.
            if self.exhibits > 0 || length > MAX_SIMILAR || self.field.as_ref().is_some_and(|name| name != field) {
                continue;
            }
            let mut keep = |text: &str| {
                // What differs more in length is never near enough.
                let other = text.chars().count();
                if other.abs_diff(length) * 3 <= length.max(other) + 1 && !self.alike.contains(text) {
                    self.alike.insert(text.to_owned());
                }
            };
            match (&self.field, value) {
                (Some(_), value) => texts_of(value).iter().for_each(|text| keep(text)),
                (None, FieldValue::Text(text)) => words_of(text).for_each(keep),
                (None, value) => texts_of(value).iter().flat_map(|text| words_of(text)).for_each(keep),
            }
        }
    }

    fn finish(self) -> Unanswered {
        let similar = self.text.filter(|_| self.exhibits == 0).and_then(|(text, _)| most_similar(text, self.alike));
        Unanswered { condition: self.condition.clone(), exhibits: self.exhibits, fields: self.fields, similar }
    }
}

/// The collections that there are, each with the number of its exhibits.
///
/// # Errors
/// The index cannot be read.
pub fn collection_names(reader: &Reader) -> Result<BTreeMap<String, u64>, ArchiveError> {
    let mut names = BTreeMap::new();
    for item in all_exhibits(reader) {
        if let Some(collection) = item?.1.field(COLLECTION) {
            *names.entry(collection.to_string()).or_default() += 1;
        }
    }
    Ok(names)
}

/// The words of a text, without the signs around them.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
}

/// The text that is nearest to what was typed, compared without letter case.
fn most_similar(typed: &str, texts: HashSet<String>) -> Option<String> {
    let mut by_folded: BTreeMap<String, String> = BTreeMap::new();
    for text in texts {
        by_folded.entry(folded(&text)).or_insert(text);
    }
    let near = nearest(&folded(typed), by_folded.keys())?.clone();
    by_folded.remove(&near)
}
