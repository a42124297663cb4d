//! Options for the fields that are given most, from the table of fields.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use vouchsafe_archive::metadata::{self, Fields};
use vouchsafe_core::model::vocabulary::{FieldKind, KnownField, field};

use super::error::CommandError;

/// The values of these options, by the names of their fields.
pub struct FieldOptions(Vec<(&'static KnownField, String)>);

impl FieldOptions {
    /// Whether this field was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field.name == name)
    }

    /// The fields that were given.
    pub fn fields(&self) -> Result<Fields, CommandError> {
        let mut fields = Fields::new();
        for (field, value) in &self.0 {
            metadata::add(&mut fields, metadata::parse_argument(&format!("{}={value}", field.name))?)?;
        }
        Ok(fields)
    }
}

/// The fields that have an option of their own, with its name: what is known of nearly every deposit. The others are given with
/// `--field`, so that the help stays short.
const OPTIONS: [(&str, &str); 14] = [
    ("title", "title"),
    ("description", "description"),
    ("collection", "collection"),
    ("case", "case"),
    ("exhibit_no", "exhibit-no"),
    ("source", "source"),
    ("creator", "creator"),
    ("channel", "channel"),
    ("created_date", "date"),
    ("published_date", "published-date"),
    ("events_period", "events-period"),
    ("place", "place"),
    ("languages", "language"),
    ("sensitivity", "sensitivity"),
];

/// The fields that have an option, each with its name.
fn options() -> impl Iterator<Item = (&'static KnownField, &'static str)> {
    OPTIONS.iter().filter_map(|(name, option)| Some((field(name)?, *option)))
}

const fn value_name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Date => "DATE",
        FieldKind::Languages => "TAG",
        FieldKind::Text | FieldKind::Time | FieldKind::List | FieldKind::Coordinates => "TEXT",
    }
}

const LONG_DATE: &str = "When the files were made: 2003-07-08, 2003-07, 2003, 2003~ (about), 2003/2005 (EDTF). Other \
    words are kept, and converted if they can be read in only one way";
const LONG_LANGUAGE: &str = "The language: a tag such as ko or en (BCP 47), or a name such as Korean; may be repeated";

fn help_of(field: &KnownField) -> String {
    match field.name {
        "created_date" => LONG_DATE.to_owned(),
        "languages" => LONG_LANGUAGE.to_owned(),
        _ => {
            let mut letters = field.meaning.chars();
            let meaning = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>();
            let codes: Vec<_> = field.choices.iter().map(|choice| choice.code).collect();
            match (codes.is_empty(), field.is_closed) {
                (true, _) => meaning,
                (false, true) => format!("{meaning}: {}", codes.join(", ")),
                (false, false) => format!("{meaning}: {}, …", codes.join(", ")),
            }
        }
    }
}

impl Args for FieldOptions {
    fn augment_args(command: Command) -> Command {
        command.args(options().map(|(field, option)| {
            let is_list = field.kind == FieldKind::Languages;
            Arg::new(field.name)
                .long(option)
                .value_name(value_name(field.kind))
                .action(if is_list { ArgAction::Append } else { ArgAction::Set })
                .help_heading("Fields of all files")
                .help(help_of(field))
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FieldOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = options().filter_map(|(field, _)| {
            let values = matches.get_many::<String>(field.name)?;
            Some((field, values.map(String::as_str).collect::<Vec<_>>().join(",")))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_core::model::vocabulary::WrittenBy;

    #[test]
    fn every_option_is_of_a_field_and_can_be_typed() {
        assert_eq!(options().count(), OPTIONS.len());
        assert!(options().all(|(field, option)| field.written_by == WrittenBy::Person && !option.contains('_')));
        let command = FieldOptions::augment_args(Command::new("ingest"));
        let given = ["ingest", "--title", "A", "--language", "ko", "--language", "en", "--exhibit-no", "7"];
        let options = FieldOptions::from_arg_matches(&command.get_matches_from(given)).unwrap();
        let fields: Vec<_> =
            options.fields().unwrap().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(fields, ["exhibit_no=7", "languages=ko, en", "title=A"]);
    }
}
