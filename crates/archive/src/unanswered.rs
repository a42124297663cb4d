//! Why nothing answers a question: where its words do occur, and what was probably meant.

use std::collections::{BTreeMap, HashSet};

use super::error::ArchiveError;
use super::in_use::texts_of;
use super::nearest::nearest;
use super::query::{Condition, LookedFor, Query, Searched, Wanted, field_asked, folded};
use super::reader::Reader;
use super::selecting::{Filter, Order, all_exhibits, select};
use vouchsafe_core::model::vocabulary::COLLECTION;

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
    let conditions = filter.query.as_ref().map(Query::wanted).unwrap_or_default();
    conditions.into_iter().map(|condition| of_condition(reader, condition)).collect()
}

fn of_condition(reader: &Reader, condition: &Condition) -> Result<Unanswered, ArchiveError> {
    let alone = Filter::asking(Query::Is(condition.clone()));
    let exhibits = select(reader, &alone, &Order::default())?.exhibits.len() as u64;
    let mut made = Unanswered { condition: condition.clone(), exhibits, fields: BTreeMap::new(), similar: None };
    let (Wanted::Text(text) | Wanted::Phrase(text)) = &condition.wanted else { return Ok(made) };
    let looked_for = match &condition.wanted {
        Wanted::Phrase(text) => LookedFor::words(text),
        _ => LookedFor::text(text),
    };
    let mut similar = HashSet::new();
    let Some(name) = field_asked(condition) else { return Ok(made) };
    for item in all_exhibits(reader) {
        let (_, row) = item?;
        for (field, value) in &row.fields {
            if Searched::of(value).contains(&looked_for) {
                *made.fields.entry(field.to_string()).or_default() += 1;
            }
            if exhibits > 0 || name.as_ref().is_some_and(|name| name != field) {
                continue;
            }
            for text in texts_of(value) {
                match &name {
                    Some(_) => drop(similar.insert(text)),
                    None => similar.extend(words_of(&text).map(str::to_owned)),
                }
            }
        }
    }
    if exhibits == 0 && text.chars().count() <= MAX_SIMILAR {
        made.similar = most_similar(text, similar);
    }
    Ok(made)
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
    let typed = folded(typed);
    let length = typed.chars().count();
    // What differs more in length is never near enough.
    let is_like = |text: &String| text.chars().count().abs_diff(length) * 3 <= length.max(text.chars().count()) + 1;
    let mut by_folded: BTreeMap<String, String> = BTreeMap::new();
    for text in texts.into_iter().filter(is_like) {
        by_folded.entry(folded(&text)).or_insert(text);
    }
    let near = nearest(&typed, by_folded.keys())?.clone();
    by_folded.remove(&near)
}
