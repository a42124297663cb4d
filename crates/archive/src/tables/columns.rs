//! What the columns of a table mean: the field of each, and the one that names the exhibits.

use vouchsafe_core::model::FieldName;
use vouchsafe_core::model::vocabulary::{EXHIBIT_NO, ORIGINAL_NAME, SOURCE_PATH};

use super::cells::Refusal;
use super::error::TableError;
use super::names::{EXHIBIT, SHA_256, column_named, fields_in_use, is_of_the_program, named};
use super::read::Table;
use super::row::column_letters;
use crate::metadata::{self, key};
use crate::reader::Reader;
use crate::selecting::Filter;

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
                columns.push(Column::Ignored);
                names.push(None);
                continue;
            }
            if title.is_empty() && mapped.is_none() {
                columns.push(Column::Nameless);
                names.push(None);
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
            let is_known = is_of_the_program(&name);
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
        let at = exact.or_else(|| header.iter().position(|title| !title.is_empty() && key(title) == key(column)));
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
