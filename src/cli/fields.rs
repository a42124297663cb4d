//! `vouchsafe fields`

use std::io::Write;

use vouchsafe_archive::{FieldInUse, SortBy, check_field, fields_in_use};
use vouchsafe_core::model::vocabulary::field;

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output::{self, count, number, printable, shorten, table};

/// Show which fields exhibits have, in how many, and with which values
///
/// Without NAME: every field, the number of exhibits that have it, the number of its values, and the most frequent ones. With
/// NAME: all values of this field, the most frequent first. Each item of a list is a value of its own.
#[derive(clap::Args)]
pub struct Arguments {
    /// A field, by its name or by its label in English or Korean
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Show at most this many values
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// How many of the most frequent values are shown of each field.
const MOST_FREQUENT: usize = 3;

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let Some(typed) = &arguments.name else {
        let fields = fields_in_use(&archive, None)?;
        let limit = arguments.limit.unwrap_or(MOST_FREQUENT);
        return if context.options.json { print_json(&fields, limit) } else { print_all(&fields, limit) };
    };
    let SortBy::Field(name) = SortBy::named(typed)? else {
        return Err(CommandError::usage(format!("{typed} is no field"))
            .hint("every exhibit has it; `vouchsafe list --columns` shows it"));
    };
    check_field(&archive, &name)?;
    let fields = fields_in_use(&archive, Some(&name))?;
    let limit = arguments.limit.unwrap_or(usize::MAX);
    if context.options.json {
        return print_json(&fields, limit);
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let Some(found) = fields.first() else {
        writeln!(out, "no exhibit has the field {name}")?;
        out.flush()?;
        return Ok(Done::Well);
    };
    let row = |(value, exhibits): &(String, u64)| vec![format!("{:>9}", number(*exhibits)), printable(value)];
    table(&mut out, &found.values.iter().take(limit).map(row).collect::<Vec<_>>())?;
    let exhibits = count(found.exhibits, "exhibit");
    let verb = if found.exhibits == 1 { "has" } else { "have" };
    writeln!(out, "{exhibits} {verb} the field {name}, with {}", count(found.values.len() as u64, "value"))?;
    out.flush()?;
    Ok(Done::Well)
}

fn print_all(fields: &[FieldInUse], limit: usize) -> Result<Done, CommandError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let row = |found: &FieldInUse| {
        // Where every exhibit has a value of its own, such as a title, none of them is frequent.
        let is_frequent = |(_, exhibits): &&(String, u64)| *exhibits > 1 || found.values.len() <= limit;
        let frequent = found.values.iter().filter(is_frequent).take(limit);
        let frequent =
            frequent.map(|(value, count)| format!("{} ({})", shorten(&printable(value), 30), number(*count)));
        vec![
            found.name.to_string(),
            field(found.name.as_str()).map(|known| known.english).unwrap_or_default().to_owned(),
            count(found.exhibits, "exhibit"),
            count(found.values.len() as u64, "value"),
            frequent.collect::<Vec<_>>().join(", "),
        ]
    };
    table(&mut out, &fields.iter().map(row).collect::<Vec<_>>())?;
    writeln!(out, "{}", count(fields.len() as u64, "field"))?;
    out.flush()?;
    Ok(Done::Well)
}

fn print_json(fields: &[FieldInUse], limit: usize) -> Result<Done, CommandError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for found in fields {
        let value =
            |(value, exhibits): &(String, u64)| json::FieldValueInUse { exhibits: *exhibits, value: value.clone() };
        let value = json::FieldInUse {
            exhibits: found.exhibits,
            field: &found.name,
            value_count: found.values.len(),
            values: found.values.iter().take(limit).map(value).collect(),
        };
        output::json(&mut out, &value)?;
    }
    out.flush()?;
    Ok(Done::Well)
}
