//! What the columns of a table mean: the field of each, and the one that names the exhibits.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use vouchsafe_core::model::FieldName;
use vouchsafe_core::model::vocabulary::{
    AS_WRITTEN, EXHIBIT_NO, FIELDS, FieldKind, KnownField, ORIGINAL_NAME, SOURCE_PATH, WrittenBy, date_of_words,
    described_fields, is_observed,
};

use super::cells::Refusal;
use super::error::TableError;
use super::read::Table;
use super::row::column_letters;
use crate::exhibits::Filter;
use crate::metadata;
use crate::nearest::nearest;
use crate::reader::Reader;

/// By which column rows are matched with exhibits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The name of the exhibit, `X-…`.
    Exhibit,
    /// The SHA-256 of its object.
    Sha256,
    /// The path at its source, or the end of it.
    SourcePath,
    /// The name that the file had at its source.
    OriginalName,
    /// The organisation's own number.
    ExhibitNo,
}

impl Match {
    /// All of them. If nothing is said, the first one counts that a table has a column for.
    pub const ALL: [Self; 5] = [Self::Exhibit, Self::Sha256, Self::SourcePath, Self::OriginalName, Self::ExhibitNo];

    /// The name of its column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exhibit => EXHIBIT,
            Self::Sha256 => SHA_256,
            Self::SourcePath => SOURCE_PATH,
            Self::OriginalName => ORIGINAL_NAME,
            Self::ExhibitNo => EXHIBIT_NO,
        }
    }
}

pub(super) const EXHIBIT: &str = "exhibit";
pub(super) const SHA_256: &str = "sha256";
pub(super) const SIZE_BYTES: &str = "size_bytes";
pub(super) const MEDIA_TYPE: &str = "media_type";
pub(super) const RECORDED_AT: &str = "recorded_at";

/// Columns of what an exhibit is, beside its fields: name, label in English and Korean.
const BUILT_IN: [(&str, &str, &str); 5] = [
    (EXHIBIT, "Exhibit", "증거물"),
    (SHA_256, "SHA-256", "SHA-256 해시값"),
    (SIZE_BYTES, "Size in bytes", "크기(바이트)"),
    (MEDIA_TYPE, "Media type", "파일 형식"),
    (RECORDED_AT, "Ingested", "수록 시각"),
];

/// What follows the label of a date where its words are meant, as the report has it.
const WORDS_OF_A_DATE: [&str; 2] = [", as it was written", "(적힌 그대로)"];

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// What the program knows itself. It is compared and never changed.
    Known(String),
    /// A field that the table gives.
    Field(FieldName),
    /// Not read, since somebody said so.
    Ignored,
    /// Without a name.
    Nameless,
}

impl Column {
    /// Why a cell is refused that stands in no column that could be read.
    pub fn refusal_of(column: Option<&Self>) -> Refusal {
        match column {
            Some(_) => {
                Refusal::of("the column has no name").accepted("a field as the title of the column, or an empty cell")
            }
            None => Refusal::of("the row has more cells than the header")
                .accepted("texts with a separator in them within quotation marks"),
        }
    }
}

/// The columns of a table.
#[derive(Debug)]
pub struct Columns {
    pub(super) columns: Vec<Column>,
    pub(super) key: usize,
    pub(super) matched: Match,
    pub(super) titles: Vec<String>,
}

/// What is said of the columns beforehand.
#[derive(Debug, Clone, Default)]
pub struct ColumnOptions {
    /// `COLUMN=field` for columns of other names; `COLUMN=-` for those that are not read.
    pub map: Vec<String>,
    /// By which column rows may be matched: the first of these that the table has counts. Any, if none is named.
    pub matched: Vec<Match>,
    /// Whether field names are allowed that no exhibit has yet.
    pub new_fields: bool,
}

/// The form in which names and labels are compared: composed, in lower case, letters and digits only.
fn normal(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).filter(|letter| letter.is_alphanumeric()).collect()
}

/// The fields that exhibits have; what is recorded with an act is none of them.
fn of_exhibits() -> impl Iterator<Item = &'static KnownField> {
    FIELDS.iter().filter(|field| field.written_by != WrittenBy::Act)
}

/// The name of the column that is called so: by its name, or by its label in English or Korean.
fn named(text: &str) -> Option<String> {
    let typed = normal(text);
    let is_meant = |names: [&str; 3]| names.iter().any(|name| normal(name) == typed);
    let built_in = BUILT_IN.iter().find(|(name, english, korean)| is_meant([name, english, korean]));
    if let Some((name, ..)) = built_in {
        return Some((*name).to_owned());
    }
    if let Some(field) = of_exhibits().find(|field| is_meant([field.name, field.english, field.korean])) {
        return Some(field.name.to_owned());
    }
    let dates = FIELDS.iter().filter(|field| field.kind == FieldKind::Date);
    let mut words = dates.map(|field| (format!("{}{AS_WRITTEN}", field.name), field));
    let is_words = |(name, field): &(String, &KnownField)| {
        let [english, korean] = WORDS_OF_A_DATE;
        is_meant([name, &format!("{}{english}", field.english), &format!("{}{korean}", field.korean)])
    };
    words.find(is_words).map(|(name, _)| name)
}

/// What a column of this name is called in English and Korean; the name itself if it has no label.
#[must_use]
pub fn label(name: &str, is_korean: bool) -> String {
    let choose = |english: &str, korean: &str| if is_korean { korean.to_owned() } else { english.to_owned() };
    if let Some((_, english, korean)) = BUILT_IN.iter().find(|(built_in, ..)| *built_in == name) {
        return choose(english, korean);
    }
    if let Some(field) = FIELDS.iter().find(|field| field.name == name) {
        return choose(field.english, field.korean);
    }
    match date_of_words(name) {
        Some(date) => choose(date.english, date.korean) + WORDS_OF_A_DATE[usize::from(is_korean)],
        None => name.to_owned(),
    }
}

/// Whether a column of this name needs no explanation.
pub(super) fn is_known_name(text: &str) -> bool {
    named(text).is_some()
}

/// The name of a column that can be written: one of the program's own, or a field.
///
/// # Errors
/// It is neither, with the name that was probably meant.
pub fn column_named(text: &str, used: &BTreeSet<String>) -> Result<String, Option<String>> {
    if let Some(name) = named(text) {
        return Ok(name);
    }
    let text = text.trim();
    if used.contains(text) { Ok(text.to_owned()) } else { Err(meant(text, used)) }
}

fn meant(text: &str, used: &BTreeSet<String>) -> Option<String> {
    let built_in = BUILT_IN.iter().flat_map(|(name, english, korean)| [*name, *english, *korean]);
    let fields = described_fields().flat_map(|field| [field.name, field.english, field.korean]);
    let known: Vec<String> = built_in.chain(fields).map(str::to_owned).chain(used.iter().cloned()).collect();
    nearest(text.trim(), &known).cloned()
}

/// All names of fields that exhibits have.
///
/// # Errors
/// The index cannot be read.
pub fn fields_in_use(archive: &Reader, filter: &Filter) -> Result<BTreeSet<String>, crate::error::ArchiveError> {
    let mut used = BTreeSet::new();
    archive.find(filter, |_, row| {
        for (name, _) in &row.fields {
            if !used.contains(name.as_str()) {
                used.insert(name.to_string());
            }
        }
        true
    })?;
    Ok(used)
}

impl Columns {
    /// What the columns of a table mean.
    ///
    /// # Errors
    /// A column is unknown, two are for one field, or none names the exhibits.
    pub fn of(table: &Table, archive: &Reader, options: &ColumnOptions) -> Result<Self, TableError> {
        let refuse = |reason: String| TableError::unusable(table.path(), reason);
        let mapped = mapped(table, &options.map)?;
        let mut used = None;
        let mut columns: Vec<Column> = Vec::new();
        let mut names: Vec<Option<String>> = Vec::new();
        for (at, title) in table.header().iter().enumerate() {
            let mapped = mapped.iter().find(|(column, _)| *column == at).map(|(_, field)| field.as_str());
            let wanted = mapped.unwrap_or(title.as_str());
            if mapped == Some("-") {
                (columns.push(Column::Ignored), names.push(None));
                continue;
            }
            if title.is_empty() && mapped.is_none() {
                (columns.push(Column::Nameless), names.push(None));
                continue;
            }
            let name = match named(wanted) {
                Some(name) => name,
                None => {
                    let used = match &used {
                        Some(used) => used,
                        None => used.insert(fields_in_use(archive, &Filter::default())?),
                    };
                    match column_named(wanted, used) {
                        Ok(name) => name,
                        Err(_) if options.new_fields && metadata::check_name(wanted).is_ok() => wanted.to_owned(),
                        Err(near) => return Err(unknown(table, at, wanted, near, options.new_fields)),
                    }
                }
            };
            if let Some(first) = names.iter().position(|earlier| earlier.as_ref() == Some(&name)) {
                let reason = format!(
                    "the columns {} ({:?}) and {} ({title:?}) are both for {name}",
                    column_letters(first),
                    table.header()[first],
                    column_letters(at)
                );
                return Err(refuse(reason).hint(format!("remove one, or leave one out: --map '{title}=-'")));
            }
            let is_known = is_observed(&name) || BUILT_IN.iter().any(|(built_in, ..)| *built_in == name);
            columns.push(match metadata::check_name(&name) {
                _ if is_known => Column::Known(name.clone()),
                Ok(field) => Column::Field(field),
                Err(error) => {
                    let reason = format!("the column {} ({title:?}): {error}", column_letters(at));
                    return Err(refuse(reason).hint(format!("--map '{title}=FIELD' or --map '{title}=-'")));
                }
            });
            names.push(Some(name));
        }
        let place = |matched: Match| names.iter().position(|name| name.as_deref() == Some(matched.name()));
        let wanted = if options.matched.is_empty() { Match::ALL.to_vec() } else { options.matched.clone() };
        let found = wanted.iter().find_map(|matched| place(*matched).map(|at| (at, *matched)));
        let Some((key, matched)) = found else {
            let names: Vec<_> = wanted.iter().map(|matched| matched.name()).collect();
            return Err(refuse(format!("no column names the exhibits ({})", names.join(", ")))
                .hint("name it with --map, such as --map 'File=original_name' or --map 'Path=source_path'"));
        };
        Ok(Self { columns, key, matched, titles: table.header().to_vec() })
    }

    /// By which column the rows are matched.
    #[must_use]
    pub const fn matched(&self) -> Match {
        self.matched
    }

    /// The place of that column, from 0.
    #[must_use]
    pub const fn key(&self) -> usize {
        self.key
    }
}

/// The columns that are given another name, by their places.
fn mapped(table: &Table, map: &[String]) -> Result<Vec<(usize, String)>, TableError> {
    let mut mapped: Vec<(usize, String)> = Vec::new();
    for argument in map {
        let Some((column, field)) = argument.rsplit_once('=') else {
            let reason = format!("{argument:?}: write --map COLUMN=FIELD, or COLUMN=- for a column that is not read");
            return Err(TableError::unusable(table.path(), reason));
        };
        let header = table.header();
        let exact = header.iter().position(|title| title == column);
        let at = exact.or_else(|| header.iter().position(|title| !title.is_empty() && normal(title) == normal(column)));
        let Some(at) = at else {
            let reason = format!("--map names a column {column:?}, which the table does not have");
            return Err(
                TableError::unusable(table.path(), reason).hint(format!("its columns are {}", header.join(", ")))
            );
        };
        if mapped.iter().any(|(other, _)| *other == at) {
            return Err(TableError::unusable(table.path(), format!("--map names the column {column:?} twice")));
        }
        mapped.push((at, field.trim().to_owned()));
    }
    Ok(mapped)
}

fn unknown(table: &Table, at: usize, wanted: &str, near: Option<String>, is_new_allowed: bool) -> TableError {
    let title = &table.header()[at];
    let reason = format!("the column {} ({title:?}) is no known field", column_letters(at));
    let near = near.map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
    let new = match metadata::check_name(wanted) {
        Ok(_) => ", or --new-field to record a new field of this name".to_owned(),
        Err(_) if is_new_allowed => format!(
            "; a new field needs a name of small letters, digits and '_', such as --map '{title}={}'",
            suggested(at)
        ),
        Err(_) => String::new(),
    };
    TableError::unusable(table.path(), reason)
        .hint(format!("{near}--map '{title}=FIELD' names its field, --map '{title}=-' leaves it out{new}"))
}

fn suggested(at: usize) -> String {
    format!("column_{}", column_letters(at).to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_by_label() {
        for (title, name) in [
            ("title", "title"),
            ("Title", "title"),
            ("제목", "title"),
            ("\u{110c}\u{1166}\u{1106}\u{1169}\u{11a8}", "title"),
            ("Exhibit no.", "exhibit_no"),
            ("EXHIBIT", "exhibit"),
            ("sha-256", "sha256"),
            ("Date made", "created_date"),
            ("Date made, as it was written", "created_date_as_written"),
            ("작성일(적힌 그대로)", "created_date_as_written"),
            ("Original file name", "original_name"),
        ] {
            assert_eq!(named(title).as_deref(), Some(name), "{title}");
        }
        assert_eq!(named("titel"), None);
        assert_eq!(meant("titel", &BTreeSet::new()).as_deref(), Some("title"));
    }

    #[test]
    fn each_label_leads_back_to_its_name() {
        let words = FIELDS.iter().filter(|field| field.kind == FieldKind::Date);
        let words = words.map(|field| format!("{}{AS_WRITTEN}", field.name));
        let names = of_exhibits().map(|field| field.name.to_owned()).chain(words);
        for name in names.chain(BUILT_IN.iter().map(|(name, ..)| (*name).to_owned())) {
            for is_korean in [false, true] {
                assert_eq!(named(&label(&name, is_korean)).as_deref(), Some(name.as_str()));
            }
        }
    }
}
