//! Which exhibits answer a question, and in which order.

use super::edtf_dates::Days;
use super::error::ArchiveError;
use super::grade::{Grade, grade};
use super::index::{ExhibitRow, IndexError, fold, is_searched, searched};
use super::query::{Asked, Meaning, MediaTypes, Query, QueryError, Searched, field_named, unknown};
use super::reader::Reader;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::vocabulary::{field, is_date};
use vouchsafe_core::model::{ExhibitId, FieldName, FieldValue, MediaType};
use vouchsafe_core::sign::KeyId;

/// Which exhibits to list. All conditions must hold; an empty filter lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What is asked.
    pub query: Option<Query>,
    /// A part of the file name, the title or the exhibit number.
    pub name: Option<String>,
    /// Media types.
    pub media_type: Option<MediaTypes>,
    /// Digest of the object.
    pub object: Option<Digest>,
    /// Fingerprint of who ingested it.
    pub actor: Option<KeyId>,
    /// Recorded on this day (UTC) or later: the beginning of an RFC 3339 time.
    pub since: Option<String>,
    /// Recorded on this day (UTC) or earlier: the beginning of an RFC 3339 time.
    pub until: Option<String>,
    /// How far it is described.
    pub grade: Option<Grade>,
}

impl Filter {
    /// The filter that asks this and nothing else.
    #[must_use]
    pub fn asking(query: Query) -> Self {
        Self { query: Some(query), ..Self::default() }
    }

    /// Whether all conditions hold but the query.
    pub(super) fn matches(&self, row: &ExhibitRow) -> bool {
        self.object.is_none_or(|object| object == row.object)
            && self.actor.is_none_or(|actor| actor == row.actor)
            && self.media_type.as_ref().is_none_or(|types| types.contain(row.media_type.as_ref()))
            && self.has_name(row)
            && self.is_recorded_then(row)
            && self.grade.is_none_or(|wanted| wanted == grade(&row.fields).grade)
    }

    fn is_recorded_then(&self, row: &ExhibitRow) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let recorded = row.recorded_at.to_string();
        self.since.as_deref().is_none_or(|since| recorded.as_str() >= since)
            && self.until.as_deref().is_none_or(|until| recorded.as_str() <= until || recorded.starts_with(until))
    }

    /// The index knows earlier names as well; only the present ones count.
    fn has_name(&self, row: &ExhibitRow) -> bool {
        let has = |part: &str| {
            row.fields.iter().any(|(name, value)| is_searched(name) && searched(value).contains(&fold(part)))
        };
        self.name.as_deref().is_none_or(has)
    }
}

/// What exhibits are sorted by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SortBy {
    /// The order in which they were recorded.
    #[default]
    Recorded,
    /// Their names.
    Exhibit,
    /// Their sizes.
    Size,
    /// Their media types.
    MediaType,
    /// A field: dates by their first day, everything else as text.
    Field(FieldName),
}

/// An order of exhibits. Those that lack what they are sorted by come last, in either direction; those that are equal in it stand
/// as they were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// What they are sorted by.
    pub by: SortBy,
    /// Whether the greatest comes first.
    pub is_reversed: bool,
}

impl SortBy {
    /// What a person means, who may type the name of a field or its label.
    ///
    /// # Errors
    /// It cannot be the name of a field, and is no label.
    pub fn named(typed: &str) -> Result<Self, QueryError> {
        Ok(match typed {
            "recorded" => Self::Recorded,
            "exhibit" => Self::Exhibit,
            "size" => Self::Size,
            "type" => Self::MediaType,
            field => Self::Field(field_named(field)?),
        })
    }
}

/// What an exhibit is sorted by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(u64),
    Day([i64; 2]),
    Text(String),
}

impl SortBy {
    fn key(&self, exhibit: ExhibitId, row: &ExhibitRow) -> Option<SortKey> {
        Some(match self {
            Self::Recorded => SortKey::Number(row.ingested_at.0),
            Self::Exhibit => SortKey::Text(exhibit.to_string()),
            Self::Size => SortKey::Number(row.size_bytes),
            Self::MediaType => SortKey::Text(MediaType::told(row.media_type.as_ref()).to_owned()),
            Self::Field(name) => match row.field(name.as_str())? {
                FieldValue::Unknown(_) | FieldValue::Withdrawn(_) => return None,
                FieldValue::Text(date) if is_date(name.as_str()) => SortKey::Day(Days::of(date)?.ends()),
                FieldValue::Integer(number) => SortKey::Day([*number; 2]),
                value => SortKey::Text(Searched::of(value).text().to_owned()),
            },
        })
    }
}

/// The exhibits that answer a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// Their names, in the order that was asked for.
    pub exhibits: Vec<ExhibitId>,
    /// How many bytes their objects have together.
    pub size_bytes: u64,
    /// How many others fit everything but the period that was asked for, since they say no date.
    pub undated: u64,
}

/// The exhibits that meet a filter.
///
/// # Errors
/// The index cannot be read; or the query, or the order, names what there is not.
pub fn select(reader: &Reader, filter: &Filter, order: &Order) -> Result<Selected, ArchiveError> {
    let meaning = match &filter.query {
        Some(query) => Some(Meaning::of(query, &reader.agents()?)?),
        None => None,
    };
    let mut made = Selected::default();
    let mut found = Vec::new();
    for item in rows(reader, filter)? {
        let (exhibit, row) = item?;
        let asked = Asked::new(exhibit, &row);
        // The query sees every exhibit, and so learns which fields there are.
        let answers = meaning.as_ref().is_none_or(|meaning| meaning.fits(&asked));
        if !filter.matches(&row) {
            continue;
        }
        if answers {
            made.size_bytes += row.size_bytes;
            found.push((order.by.key(exhibit, &row), row.ingested_at, exhibit));
        } else if meaning.as_ref().is_some_and(|meaning| meaning.fits_without_date(&asked)) {
            made.undated += 1;
        }
    }
    if let Some(meaning) = meaning {
        meaning.check_fields(|| names_in_use(reader))?;
    }
    if let SortBy::Field(name) = &order.by
        && !found.is_empty()
        && found.iter().all(|(key, ..)| key.is_none())
    {
        check_field(reader, name)?;
    }
    found.sort_unstable_by(|(one, one_at, _), (other, other_at, _)| {
        let keys = match (one, other) {
            (Some(one), Some(other)) if order.is_reversed => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
            // None is less than any key.
            (one, other) => other.is_some().cmp(&one.is_some()),
        };
        keys.then(one_at.cmp(other_at))
    });
    made.exhibits = found.into_iter().map(|(.., exhibit)| exhibit).collect();
    Ok(made)
}

/// That a field has a fixed meaning, or that an exhibit has it.
///
/// # Errors
/// There is no such field, and which one was probably meant; or the index cannot be read.
pub fn check_field(reader: &Reader, name: &FieldName) -> Result<(), ArchiveError> {
    if field(name.as_str()).is_some() {
        return Ok(());
    }
    let names = names_in_use(reader)?;
    match names.iter().any(|known| known == name.as_str()) {
        true => Ok(()),
        false => Err(unknown(None, name.as_str(), names).into()),
    }
}

/// Exhibits as the index has them.
type Rows<'a> = Box<dyn Iterator<Item = Result<(ExhibitId, ExhibitRow), IndexError>> + 'a>;

/// The exhibits among which a filter chooses, in no order.
fn rows<'a>(reader: &'a Reader, filter: &Filter) -> Result<Rows<'a>, ArchiveError> {
    // A query must see all of them: it names fields that others may have.
    if let (Some(part), None) = (&filter.name, &filter.query) {
        return Ok(Box::new(reader.index.exhibits_named(part)?.into_iter().map(Ok)));
    }
    Ok(Box::new(all_exhibits(reader)))
}

/// All exhibits, in no order.
pub(super) fn all_exhibits(reader: &Reader) -> impl Iterator<Item = Result<(ExhibitId, ExhibitRow), IndexError>> {
    let size = reader.index.frontier().size();
    // After a crash the index may hold rows of entries that are applied again later.
    reader.index.exhibits_in_order().filter(move |item| item.as_ref().map_or(true, |(_, row)| row.ingested_at.0 < size))
}

/// The names of the fields that exhibits have.
fn names_in_use(reader: &Reader) -> Result<Vec<String>, ArchiveError> {
    let mut names = std::collections::BTreeSet::new();
    for item in all_exhibits(reader) {
        for (name, _) in item?.1.fields {
            if !names.contains(name.as_str()) {
                names.insert(name.to_string());
            }
        }
    }
    Ok(names.into_iter().collect())
}
