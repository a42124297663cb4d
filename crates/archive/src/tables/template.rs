//! An empty table to be filled in: titles that people read, the values that are offered, and an example row that is never read.

use std::path::Path;

use vouchsafe_core::model::vocabulary::{FieldKind, KnownField, described_fields, field};

use super::columns::Match;
use super::describe::EXAMPLE_MARKS;
use super::error::TableError;
use super::names::{EXHIBIT, label};
use super::row::TemplateColumn;
use super::write::TableWriter;

/// What the example row begins with.
const EXAMPLE: [&str; 2] = [" (this row is never read; you may delete it)", " (이 행은 읽지 않으며, 지워도 됩니다)"];

/// Writes a template to a new file: first the column that names the exhibits, then these fields, or all that people describe
/// exhibits with.
///
/// # Errors
/// There is such a file already, or it cannot be written.
pub fn write_template(path: &Path, matched: Match, fields: &[String], is_korean: bool) -> Result<(), TableError> {
    let all = || described_fields().map(|field| field.name.to_owned()).collect();
    let fields: Vec<String> = if fields.is_empty() { all() } else { fields.to_vec() };
    let names =
        std::iter::once(matched.name().to_owned()).chain(fields.into_iter().filter(|name| name != matched.name()));
    let names: Vec<_> = names.collect();
    let column = |name: &String| TemplateColumn { title: label(name, is_korean), choices: choices(name) };
    let columns: Vec<_> = names.iter().map(column).collect();
    let mut writer = TableWriter::create(path, &columns)?;
    let language = usize::from(is_korean);
    let first = format!("{}{}", EXAMPLE_MARKS[language], EXAMPLE[language]);
    let rest = names.iter().skip(1).map(|name| example(name));
    let row: Vec<_> = std::iter::once(first).chain(rest).collect();
    writer.row(&row).and_then(|()| writer.finish()).map_err(TableError::io("write", path))
}

/// The values that are offered for a field: its codes, if it may have nothing else.
fn choices(name: &str) -> Vec<String> {
    let known = field(name).filter(|known| known.is_closed);
    known.map(|known| known.choices.iter().map(|choice| choice.code.to_owned()).collect()).unwrap_or_default()
}

/// An invented value of a field.
fn example(name: &str) -> String {
    let of_kind = |field: &KnownField| match field.kind {
        FieldKind::Date => "2003-05/2003-07".to_owned(),
        FieldKind::Languages => "ko|en".to_owned(),
        FieldKind::Time => "2003-05-17T10:00:00Z".to_owned(),
        FieldKind::List => "A|B".to_owned(),
        FieldKind::Coordinates => "41.79, 128.88".to_owned(),
        FieldKind::Text => choices(field.name).into_iter().next().unwrap_or_default(),
    };
    if name == EXHIBIT { String::new() } else { field(name).map(of_kind).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_the_table_of_fields_lists_are_offered() {
        assert_eq!(choices("sensitivity"), ["public", "internal", "confidential", "restricted", "sealed"]);
        assert!(choices("copy_role").len() > 1);
        for name in ["title", "place", "description", "created_date", "source", "channel"] {
            assert!(choices(name).is_empty(), "{name}");
        }
    }
}
