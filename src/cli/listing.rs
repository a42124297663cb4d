//! In which order exhibits are listed, and with which columns.

use vouchsafe_archive::{ExhibitRow, Order, Reader, SortBy, check_field};
use vouchsafe_core::model::{ExhibitId, FieldName, MediaType};

use super::agent_names::agent_name;
use super::error::CommandError;
use super::output;
use super::times::day;

#[derive(clap::Args)]
pub struct Listing {
    /// Sort by recorded (as by default), exhibit, size, type, or any field, such as title or events_period
    #[arg(long, value_name = "BY")]
    sort: Option<String>,
    /// Show the greatest first; what lacks the field still comes last
    #[arg(long)]
    reverse: bool,
    /// The columns of the table: fields, and exhibit, recorded, size, type, sha256, agent; with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
}

/// A column of a table of exhibits.
pub enum Column {
    Exhibit,
    Recorded,
    Size,
    MediaType,
    Object,
    Agent,
    Field(FieldName),
}

impl Listing {
    /// The order that was asked for.
    ///
    /// # Errors
    /// There is no such field.
    pub fn order(&self, archive: &Reader) -> Result<Order, CommandError> {
        let by = self.sort.as_deref().map(SortBy::named).transpose()?.unwrap_or_default();
        if let SortBy::Field(name) = &by {
            check_field(archive, name)?;
        }
        Ok(Order { by, is_reversed: self.reverse })
    }

    /// The names of the columns that were asked for, as they were typed.
    pub fn typed_columns(&self) -> &[String] {
        &self.columns
    }

    /// The columns that were asked for; none if it is left to the program.
    ///
    /// # Errors
    /// There is no such field.
    pub fn columns(&self, archive: &Reader) -> Result<Option<Vec<Column>>, CommandError> {
        let columns = self.columns.iter().map(|typed| Column::named(typed.trim(), archive));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        Ok(Some(columns).filter(|columns| !columns.is_empty()))
    }
}

impl Column {
    fn named(typed: &str, archive: &Reader) -> Result<Self, CommandError> {
        Ok(match typed {
            "exhibit" => Self::Exhibit,
            "recorded" => Self::Recorded,
            "size" => Self::Size,
            "type" => Self::MediaType,
            "sha256" => Self::Object,
            "agent" => Self::Agent,
            field => {
                // A sort key is named as a column is.
                let SortBy::Field(name) = SortBy::named(field)? else { return Ok(Self::Recorded) };
                check_field(archive, &name)?;
                Self::Field(name)
            }
        })
    }

    /// What stands above it.
    pub fn heading(&self) -> String {
        match self {
            Self::Exhibit => "exhibit",
            Self::Recorded => "recorded",
            Self::Size => "size",
            Self::MediaType => "type",
            Self::Object => "sha256",
            Self::Agent => "agent",
            Self::Field(name) => name.as_str(),
        }
        .to_owned()
    }

    /// What an exhibit has in it.
    pub fn cell(&self, archive: &Reader, exhibit: ExhibitId, row: &ExhibitRow) -> String {
        match self {
            Self::Exhibit => exhibit.to_string(),
            Self::Recorded => day(row.recorded_at),
            Self::Size => output::bytes(row.size_bytes),
            Self::MediaType => MediaType::told(row.media_type.as_ref()).to_owned(),
            Self::Object => row.object.to_string(),
            Self::Agent => agent_name(archive, row.actor),
            Self::Field(name) => {
                row.field(name.as_str()).map(|value| output::value(value).replace('\n', " ")).unwrap_or_default()
            }
        }
    }
}
