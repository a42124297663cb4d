//! Which exhibits are meant: the conditions of `list` and `find`.

use vouchsafe_archive::metadata;
use vouchsafe_archive::{Filter, Reader};
use vouchsafe_core::model::FieldName;

use super::agent_names::find_agent;
use super::error::CommandError;

#[derive(clap::Args)]
pub struct Conditions {
    /// Belongs to a collection whose name contains this
    #[arg(long, value_name = "NAME")]
    collection: Option<String>,
    /// Media type, its first half, or a usual ending: application/pdf, image, hwp
    #[arg(long = "type", value_name = "TYPE")]
    media_type: Option<String>,
    /// File name, title or exhibit number contains this
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Any field contains a text; may be repeated
    #[arg(long, value_name = "NAME=TEXT")]
    field: Vec<String>,
    /// Ingested by this agent: the beginning of a fingerprint, or a name
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Recorded on this day (UTC) or later
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Recorded on this day (UTC) or earlier
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

impl Conditions {
    /// The exhibits that fulfil all of them.
    ///
    /// # Errors
    /// One of them is none, or no agent is called so.
    pub fn filter(&self, archive: &Reader) -> Result<Filter, CommandError> {
        let mut fields = Vec::new();
        for argument in &self.field {
            let (name, part) = argument
                .split_once('=')
                .ok_or_else(|| CommandError::usage(format!("{argument:?}: a condition on a field is NAME=TEXT")))?;
            let name: FieldName = name.parse().map_err(|error| CommandError::usage(format!("{error}")))?;
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
        })
    }
}

/// A media type, or the ending of file names, in the form in which the archive knows it.
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
