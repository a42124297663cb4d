//! What is reported if a search finds nothing: where it did not look, and what would be found there.

use std::collections::BTreeMap;

use vouchsafe_archive::{Filter, Reader, fold, is_searched, nearest, searched};
use vouchsafe_core::model::vocabulary::COLLECTION;
use vouchsafe_core::model::{FieldName, MediaType};

use super::error::CommandError;
use super::output::{count, number, printable};
use super::say;

/// At most this many names of one kind are listed.
const LISTED: usize = 12;

/// What the exhibits have that may explain an empty result.
#[derive(Default)]
struct Seen {
    /// How many exhibits have each field.
    fields: BTreeMap<String, u64>,
    /// How many exhibits meet all other conditions and have the text in a field that was not searched.
    elsewhere: BTreeMap<String, u64>,
    media_types: BTreeMap<String, u64>,
    collections: BTreeMap<String, u64>,
}

/// Reports on standard error why nothing may have been found. A field that no exhibit has is an error: its name was
/// probably mistyped, and no search for it could succeed.
///
/// # Errors
/// There is no such field; or the index cannot be read.
pub fn explain(archive: &Reader, filter: &Filter) -> Result<(), CommandError> {
    let seen = look(archive, filter)?;
    for (name, _) in &filter.fields {
        if !seen.fields.contains_key(name.as_str()) && name.as_str() != COLLECTION {
            return Err(unknown_field(name, &seen));
        }
    }
    for (name, text) in &filter.fields {
        let exhibits = seen.fields.get(name.as_str()).copied().unwrap_or_default();
        match name.as_str() {
            "collection" => say::note(format_args!(
                "no exhibit matches in a collection whose name contains {}; there {}",
                printable(text),
                listed(&seen.collections, "is no collection", "are")
            )),
            name => say::note(format_args!(
                "{} have the field {name}; {} was searched for in it, ignoring letter case",
                count(exhibits, "exhibit"),
                printable(text)
            )),
        }
    }
    if let Some(media_type) = &filter.media_type {
        say::note(format_args!(
            "no matching exhibit has the type {}; the archive has {}. A damaged file has no recognised type: --name \
             finds it by its file extension",
            printable(media_type),
            listed(&seen.media_types, "no exhibits", "")
        ));
    }
    if let Some(text) = &filter.name {
        say::note(format_args!(
            "{} was searched for in file names, titles and exhibit numbers, but not in other fields or in the contents \
             of exhibits",
            printable(text)
        ));
        for (field, exhibits) in seen.elsewhere.iter().take(LISTED) {
            say::note(format_args!(
                "{text} is in the field {field} of {}: vouchsafe find --field {field}='{text}'",
                count(*exhibits, "exhibit"),
                text = printable(text)
            ));
        }
    }
    if filter.since.is_some() || filter.until.is_some() {
        say::note("--since and --until refer to the day of the ingest (UTC), not to when something happened");
    }
    Ok(())
}

fn look(archive: &Reader, filter: &Filter) -> Result<Seen, CommandError> {
    let mut seen = Seen::default();
    let part = filter.name.as_deref().map(fold);
    archive.find(&Filter::default(), |_, row| {
        for (name, _) in &row.fields {
            *seen.fields.entry(name.to_string()).or_default() += 1;
        }
        *seen.media_types.entry(MediaType::told(row.media_type.as_ref()).to_owned()).or_default() += 1;
        if let Some(collection) = row.field(COLLECTION) {
            *seen.collections.entry(collection.to_string()).or_default() += 1;
        }
        true
    })?;
    if let Some(part) = part.filter(|part| !part.is_empty()) {
        archive.find(&Filter { name: None, ..filter.clone() }, |_, row| {
            let others = row.fields.iter().filter(|(name, _)| !is_searched(name));
            for (name, _) in others.filter(|(_, value)| searched(value).contains(&part)) {
                *seen.elsewhere.entry(name.to_string()).or_default() += 1;
            }
            true
        })?;
    }
    Ok(seen)
}

fn unknown_field(name: &FieldName, seen: &Seen) -> CommandError {
    let error = CommandError::usage(format!("no exhibit has a field {name}"));
    match nearest(name.as_str(), seen.fields.keys()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint(format!("there {}", listed(&seen.fields, "are no fields", "are"))),
    }
}

/// Names with their counts, the most frequent first.
fn listed(counts: &BTreeMap<String, u64>, none: &str, verb: &str) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
    let shown = counts.iter().take(LISTED);
    let names: Vec<_> = shown.map(|(name, count)| format!("{} ({})", printable(name), number(**count))).collect();
    match counts.len().checked_sub(names.len()) {
        _ if names.is_empty() => none.to_owned(),
        None | Some(0) => format!("{verb} {}", names.join(", ")).trim_start().to_owned(),
        Some(more) => format!("{verb} {} and {} more", names.join(", "), number(more as u64)).trim_start().to_owned(),
    }
}
