//! What is reported if a search finds nothing: where the words do occur, what was probably meant, and what was not searched.

use std::collections::BTreeMap;

use vouchsafe_archive::query::{About, Condition, Wanted};
use vouchsafe_archive::{Filter, Reader, Unanswered, collection_names, unanswered};
use vouchsafe_core::model::MediaType;
use vouchsafe_core::model::vocabulary::COLLECTION;

use super::error::CommandError;
use super::output::{count, number, printable};
use super::say;

/// At most this many names of one kind are listed.
const LISTED: usize = 12;

/// Reports on standard error why nothing may have been found.
///
/// # Errors
/// The index cannot be read.
pub fn explain(archive: &Reader, filter: &Filter) -> Result<(), CommandError> {
    let parts = unanswered(archive, filter)?;
    for part in &parts {
        say::note(told(archive, part, parts.len() > 1)?);
    }
    if let Some(media_type) = &filter.media_type {
        say::note(format_args!(
            "no matching exhibit has the type {}; the archive has {}. A damaged file has no recognised type: --name \
             finds it by its file extension",
            printable(media_type.as_str()),
            listed(&media_types(archive)?, "no exhibits", "")
        ));
    }
    if let Some(text) = &filter.name {
        say::note(format_args!(
            "--name looks for {} in file names, titles and exhibit numbers; `vouchsafe find {}` looks in every field",
            printable(text),
            printable(text)
        ));
    }
    if let Some(grade) = filter.grade {
        say::note(format_args!(
            "no matching exhibit has a description of the grade {}; `vouchsafe status` counts the grades",
            grade.name()
        ));
    }
    if filter.since.is_some() || filter.until.is_some() {
        say::note(
            "--since and --until refer to the day on which the ingest was recorded (UTC), not to when something \
             happened; --during does",
        );
    }
    if filter.query.is_some() {
        say::note("the contents of documents, and remarks about them, are not searched yet");
    }
    Ok(())
}

/// What is to be known of one condition.
fn told(archive: &Reader, part: &Unanswered, is_one_of_several: bool) -> Result<String, CommandError> {
    let condition = printable(&part.condition.to_string());
    let (Wanted::Text(text) | Wanted::Phrase(text)) = &part.condition.wanted else {
        return Ok(format!("{condition}: {}", found_alone(part.exhibits)));
    };
    let text = printable(text);
    if part.exhibits > 0 {
        // With nothing beside it, another option is in the way.
        let fields = match part.condition.about {
            About::Anything if !part.fields.is_empty() => format!(": {}", listed(&part.fields, "", "")),
            _ => String::new(),
        };
        let alone = if is_one_of_several { " alone" } else { " without the other conditions" };
        return Ok(format!("{condition}{alone} finds {}{fields}", count(part.exhibits, "exhibit")));
    }
    let similar = |before: &str| match &part.similar {
        Some(similar) => format!("; did you mean {before}{}?", printable(&in_quotes(similar))),
        None => String::new(),
    };
    let Some(field) = part.condition.about.name() else {
        return Ok(format!("no field of any exhibit contains {condition}{}", similar("")));
    };
    let field = printable(field);
    if field == COLLECTION {
        let collections = listed(&collection_names(archive)?, "is no collection", "are");
        return Ok(format!("no exhibit is in a collection whose name contains {text}; there {collections}"));
    }
    let elsewhere: Vec<_> = part.fields.iter().take(LISTED).collect();
    let elsewhere = match elsewhere.is_empty() {
        true => String::new(),
        false => {
            let places = elsewhere.iter().map(|(name, exhibits)| format!("{name} of {}", count(**exhibits, "exhibit")));
            let query = Condition { about: About::Named(elsewhere[0].0.clone()), ..part.condition.clone() };
            let places = places.collect::<Vec<_>>().join(", ");
            format!("; {text} is in {places}: vouchsafe find '{}'", printable(&query.to_string()))
        }
    };
    Ok(format!("no exhibit has {text} in {field}{}{elsewhere}", similar(&format!("{field}:"))))
}

fn found_alone(exhibits: u64) -> String {
    match exhibits {
        0 => "no exhibit has this field".to_owned(),
        some => format!("{} alone", count(some, "exhibit")),
    }
}

/// A value as it is typed in a query.
fn in_quotes(value: &str) -> String {
    match value.contains(char::is_whitespace) {
        true => format!("\"{value}\""),
        false => value.to_owned(),
    }
}

fn media_types(archive: &Reader) -> Result<BTreeMap<String, u64>, CommandError> {
    let mut media_types = BTreeMap::new();
    archive.find(&Filter::default(), |_, row| {
        *media_types.entry(MediaType::told(row.media_type.as_ref()).to_owned()).or_default() += 1;
        true
    })?;
    Ok(media_types)
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
