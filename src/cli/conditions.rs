//! The conditions of `list` and `find`.

use vouchsafe_archive::metadata;
use vouchsafe_archive::{Filter, Grade, Reader};

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
    /// Only exhibits whose field NAME contains this text; may be repeated
    #[arg(long, value_name = "NAME=TEXT")]
    field: Vec<String>,
    /// Only exhibits ingested by this agent: a name, or the beginning of a key's fingerprint
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Only exhibits ingested on this day (UTC) or later
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Only exhibits ingested on this day (UTC) or earlier
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
    /// The filter that requires all of the conditions.
    ///
    /// # Errors
    /// A condition is malformed, or there is no such agent.
    pub fn filter(&self, archive: &Reader) -> Result<Filter, CommandError> {
        let mut fields = Vec::new();
        for argument in &self.field {
            let (name, part) = argument.split_once('=').ok_or_else(|| {
                CommandError::usage(format!(
                    "{argument:?}: write a condition on a field as \
                    NAME=TEXT"
                ))
            })?;
            let name = metadata::name_of(name)?;
            fields.push((name, part.to_owned()));
        }
        if let Some(collection) = &self.collection {
            let name = "collection".parse().map_err(|error| CommandError::usage(format!("{error}")))?;
            fields.push((name, collection.clone()));
        }
        for date in [&self.since, &self.until].into_iter().flatten() {
            let is_iso = date.len() >= 4 && date.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte));
            metadata::check_date(date.get(..10).unwrap_or(date))
                .ok()
                .filter(|()| is_iso)
                .ok_or_else(|| CommandError::usage(format!("{date:?} is not a day such as 2026-11-23")))?;
        }
        Ok(Filter {
            name: self.name.clone(),
            media_type: self.media_type.as_deref().map(media_type),
            object: None,
            actor: self.agent.as_deref().map(|typed| find_agent(archive, typed)).transpose()?,
            since: self.since.clone(),
            until: self.until.clone(),
            fields,
            grade: self.grade,
        })
    }
}

/// A grade by its name.
fn grade(typed: &str) -> Result<Grade, String> {
    let known = Grade::ALL.into_iter().find(|grade| grade.name() == typed.to_lowercase());
    known.ok_or_else(|| format!("the grades are {}", Grade::ALL.map(Grade::name).join(", ")))
}

/// A media type or a file extension, in the form that the archive uses.
fn media_type(typed: &str) -> String {
    let typed = typed.to_ascii_lowercase();
    match typed.trim_start_matches('.') {
        "jpeg" => "jpg",
        "tiff" => "tif",
        "htm" => "html",
        "mpeg" => "mpg",
        known => known,
    }
    .to_owned()
}
