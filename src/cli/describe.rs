//! `vouchsafe describe`

use std::collections::BTreeSet;
use std::io::Write;

use vouchsafe_archive::metadata::{self, Fields, WrittenDate};
use vouchsafe_archive::{ExhibitRow, Filter, LoggedEntry, Reader, changes, nearest};
use vouchsafe_core::model::vocabulary::{AS_WRITTEN, FieldKind, described_fields, is_observed};
use vouchsafe_core::model::{ExhibitDescribed, ExhibitId, FieldName, FieldValue};

use super::context::Context;
use super::describe_table::FromTable;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_names::find_exhibit;
use super::json;
use super::output::{self, printable, quoted};
use super::record::record;
use super::say;

/// Add, correct or withdraw fields of an exhibit, or of many exhibits from a table
///
/// The newest value of a field is shown; earlier values stay in the archive for ever. A withdrawn field has no value
/// any more, and the log records the reason.
///
/// A date that is not in EDTF is converted if it can be read in only one way; the original words are kept as
/// NAME_as_written. A value that the exhibit already has is not recorded again.
///
/// With --from, a table describes many exhibits at once. Every row is checked first; nothing is recorded unless all rows are
/// sound. A cell with `withdrawn:REASON` withdraws its field.
#[derive(clap::Args)]
pub struct Arguments {
    /// The exhibit's name, or the beginning of it
    #[arg(value_name = "EXHIBIT", required_unless_present = "from")]
    exhibit: Option<String>,
    /// Fields and their values; `unknown:REASON` records that the value is not known
    #[arg(required_unless_present_any = ["withdraw", "from"], value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    /// Allow a field name that no exhibit has yet
    #[arg(long)]
    new_field: bool,
    /// Withdraw this field: its value no longer stands, and no other replaces it; may be repeated
    #[arg(long, value_name = "FIELD", requires = "reason")]
    withdraw: Vec<String>,
    /// Why the field is withdrawn; kept for ever, like a value of the field
    #[arg(long, value_name = "TEXT", requires = "withdraw")]
    reason: Option<String>,
    #[command(flatten)]
    table: FromTable,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    if let Some(table) = &arguments.table.from {
        return arguments.table.run(context, table, arguments.new_field);
    }
    if arguments.table.is_left_alone() {
        return Err(CommandError::usage(
            "--dry-run, --partial, --match, --map, --encoding, --delimiter and --sheet are for a table: name it with --from",
        ));
    }
    let named = arguments.exhibit.as_deref().unwrap_or_default();
    let mut given = Fields::new();
    for argument in &arguments.fields {
        metadata::add(&mut given, metadata::parse_argument(argument)?)?;
    }
    let withdrawn = withdrawals(arguments)?;
    if let Some(name) = withdrawn.keys().find(|name| given.contains_key(*name)) {
        return Err(CommandError::usage(format!("{name}: the same command both sets and withdraws this field")));
    }
    let session = context.open_to_write()?;
    let archive = session.reader();
    let exhibit = find_exhibit(archive, named)?;
    let row = archive.exhibit(exhibit)?;
    if !arguments.new_field {
        given.keys().try_for_each(|name| check_known(archive, &row, name))?;
    }
    report_dates(&given);
    let mut changed = changes(&given, &row);
    for (name, value) in withdrawn {
        if is_to_be_withdrawn(archive, exhibit, &row, &name)? {
            changed.insert(name, value);
        } else {
            given.insert(name, value);
        }
    }
    let unchanged: Vec<_> = given.keys().filter(|name| !changed.contains_key(*name)).map(ToString::to_string).collect();
    if !changed.is_empty() {
        record(context, session, BTreeSet::from([exhibit]), &ExhibitDescribed { fields: Vec::new() }.into(), &changed)?;
    }
    print_unchanged(context, exhibit, &unchanged, changed.is_empty())?;
    Ok(Done::Well)
}

fn withdrawals(arguments: &Arguments) -> Result<Fields, CommandError> {
    let reason = arguments.reason.as_deref().unwrap_or_default().trim();
    if !arguments.withdraw.is_empty() && reason.is_empty() {
        return Err(CommandError::usage("the reason is empty"));
    }
    let value = FieldValue::Withdrawn(reason.to_owned());
    value.check().map_err(|error| CommandError::usage(format!("the reason: {error}")))?;
    let mut withdrawn = Fields::new();
    for name in &arguments.withdraw {
        // A name that an older version accepted can still be withdrawn.
        let parsed = metadata::name_of(name)?;
        if is_observed(parsed.as_str()) {
            let message = format!("{name}: the program recorded this field itself; it cannot be withdrawn");
            return Err(CommandError::usage(message).hint("an export withholds it unless you name it with --disclose"));
        }
        if withdrawn.insert(parsed, value.clone()).is_some() {
            return Err(CommandError::usage(format!("{name}: the field is given twice")));
        }
    }
    Ok(withdrawn)
}

/// Refuses an unknown field name: a typing error would stay in the archive for ever.
fn check_known(archive: &Reader, row: &ExhibitRow, name: &FieldName) -> Result<(), CommandError> {
    let mut known: BTreeSet<String> = described_fields().map(|field| field.name.to_owned()).collect();
    let dates = described_fields().filter(|field| field.kind == FieldKind::Date);
    known.extend(dates.map(|field| format!("{}{AS_WRITTEN}", field.name)));
    known.extend(row.fields.iter().map(|(name, _)| name.to_string()));
    if known.contains(name.as_str()) {
        return Ok(());
    }
    let mut is_used = false;
    archive.find(&Filter::default(), |_, row| {
        is_used = row.field(name.as_str()).is_some();
        known.extend(row.fields.iter().map(|(name, _)| name.to_string()));
        !is_used
    })?;
    if is_used {
        return Ok(());
    }
    let error = CommandError::usage(format!("no exhibit has a field {name}"));
    let label = metadata::named(name.as_str()).map(|known| known.name);
    let near = label.or_else(|| nearest(name.as_str(), &known).map(String::as_str));
    let error = match near {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("docs/fields.md lists the known fields"),
    };
    Err(error.hint("to record a new field, add --new-field"))
}

/// Whether a field has a value that can be withdrawn; false if it was withdrawn before.
fn is_to_be_withdrawn(
    archive: &Reader,
    exhibit: ExhibitId,
    row: &ExhibitRow,
    name: &FieldName,
) -> Result<bool, CommandError> {
    if row.field(name.as_str()).is_some() {
        return Ok(true);
    }
    let (history, _) = archive.readable_custody(exhibit)?;
    // A field in the history that the exhibit no longer has was withdrawn.
    if history.iter().flat_map(LoggedEntry::stated).any(|field| field.name() == name) {
        return Ok(false);
    }
    let error = CommandError::usage(format!("{exhibit} has no field {name}"));
    let names: Vec<_> = row.fields.iter().map(|(name, _)| name.to_string()).collect();
    Err(match nearest(name.as_str(), &names) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("`vouchsafe show` lists its fields"),
    })
}

/// Reports how dates were read that were not given in EDTF.
pub fn report_dates(fields: &Fields) {
    for written in metadata::written_dates(fields) {
        let WrittenDate { name, words, date } = &written;
        let text = format!("{name}: {} {}", quoted(words), reading(&written));
        // Words that could not be converted need a look, even with --quiet.
        if date.is_some() { say::note(text) } else { say::caution(text) }
    }
}

/// How the words of a date were read, as the end of a sentence.
pub fn reading(written: &WrittenDate) -> String {
    let beside = format!("{}{AS_WRITTEN}", written.name);
    match (&written.date, metadata::check_date(&written.words)) {
        (Some(date), _) => format!("was read as {}; the words are kept as {beside}", printable(date)),
        (None, Err(reason)) => format!("{reason}. The words are kept as {beside}, and no date is recorded"),
        (None, Ok(())) => format!("is kept as {beside}, without a date"),
    }
}

fn print_unchanged(
    context: &Context,
    exhibit: ExhibitId,
    unchanged: &[String],
    is_all: bool,
) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    if context.options.json {
        if is_all {
            output::json(&mut out, &json::Unchanged { exhibit, index: None, unchanged })?;
        }
        return Ok(());
    }
    let names = unchanged.join(", ");
    match (is_all, unchanged.is_empty()) {
        (true, _) => writeln!(out, "Nothing to record: {exhibit} already has these values ({names})")?,
        (false, false) => writeln!(out, "Not recorded again, since the exhibit already has these values: {names}")?,
        (false, true) => {}
    }
    Ok(())
}
