//! The conditions of `list` and `find`.

use vouchsafe_archive::metadata;
use vouchsafe_archive::query::{MediaTypes, Query, Wanted};
use vouchsafe_archive::{Filter, Grade, Reader};
use vouchsafe_core::model::vocabulary::COLLECTION;

use super::agent_names::find_agent;
use super::error::CommandError;

#[derive(clap::Args)]
pub struct Conditions {
    /// Only exhibits of a collection whose name contains this text
    #[arg(long, value_name = "NAME")]
    collection: Option<String>,
    /// Only this media type, its first half, or a file extension: application/pdf, image, hwp
    #[arg(long = "type", value_name = "TYPE")]
    media_type: Option<String>,
    /// Only exhibits whose file name, title or exhibit number contains this text
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Only exhibits whose field NAME contains this text, or a date in common with it. Of several texts for one field, one is
    /// enough; of several fields, all must fit
    #[arg(long, value_name = "NAME=TEXT")]
    field: Vec<String>,
    /// Only exhibits about events of this time, such as 2003/2005: by events_period, or by created_date if that is not given
    #[arg(long, value_name = "PERIOD")]
    during: Option<String>,
    /// Only exhibits ingested by this agent: a name, or the beginning of a key's fingerprint
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Only exhibits whose ingest was recorded on this day (UTC) or later
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Only exhibits whose ingest was recorded on this day (UTC) or earlier
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Only exhibits that are described so far: complete, partial, thin or undescribed (`show` lists what is missing)
    #[arg(long, value_name = "GRADE", value_parser = grade)]
    grade: Option<Grade>,
    /// Show at most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

impl Conditions {
    /// The filter that requires all of the conditions, and that a query is answered.
    ///
    /// # Errors
    /// A condition is malformed, or there is no such agent.
    pub fn filter(&self, archive: &Reader, query: Option<Query>) -> Result<Filter, CommandError> {
        for date in [&self.since, &self.until].into_iter().flatten() {
            let is_iso = date.len() >= 4 && date.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte));
            metadata::check_date(date.get(..10).unwrap_or(date))
                .ok()
                .filter(|()| is_iso)
                .ok_or_else(|| CommandError::usage(format!("{date:?} is not a day such as 2026-11-23")))?;
        }
        let mut parts: Vec<Query> = query.into_iter().collect();
        parts.extend(self.of_fields()?);
        if let Some(period) = &self.during {
            parts.push(Query::during(period));
        }
        Ok(Filter {
            query: (!parts.is_empty()).then_some(Query::All(parts)),
            name: self.name.clone(),
            media_type: self.media_type.as_deref().map(MediaTypes::named),
            object: None,
            actor: self.agent.as_deref().map(|typed| find_agent(archive, typed)).transpose()?,
            since: self.since.clone(),
            until: self.until.clone(),
            grade: self.grade,
        })
    }

    /// The conditions on fields: one for each field.
    fn of_fields(&self) -> Result<Vec<Query>, CommandError> {
        let mut fields: Vec<(&str, Vec<Query>)> = Vec::new();
        let of_collection = self.collection.as_deref().map(|text| (COLLECTION, text));
        if let Some((name, text)) = of_collection {
            fields.push((name, vec![Query::field(name, Wanted::Text(text.to_owned()))]));
        }
        // A collection that is given as a field as well is another condition.
        let first = fields.len();
        for argument in &self.field {
            let Some((name, text)) = argument.split_once('=') else {
                let message = format!("{argument:?}: write a condition on a field as NAME=TEXT");
                return Err(CommandError::usage(message));
            };
            let condition = Query::field(name, Wanted::Text(text.to_owned()));
            match fields.iter_mut().skip(first).find(|(known, _)| *known == name) {
                Some((_, alternatives)) => alternatives.push(condition),
                None => fields.push((name, vec![condition])),
            }
        }
        Ok(fields.into_iter().map(|(_, alternatives)| Query::Any(alternatives)).collect())
    }
}

/// A grade by its name.
fn grade(typed: &str) -> Result<Grade, String> {
    let known = Grade::ALL.into_iter().find(|grade| grade.name() == typed.to_lowercase());
    known.ok_or_else(|| format!("the grades are {}", Grade::ALL.map(Grade::name).join(", ")))
}
