//! `vouchsafe gap`

use vouchsafe_archive::Environment as _;
use vouchsafe_archive::metadata::Fields;
use vouchsafe_core::format::volume::MAX_COMMIT_ENTRIES;
use vouchsafe_core::model::{FieldValue, GapBound, GapDeclared};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::record::add;

/// Say that it is not known who had an exhibit in a stretch of time
///
/// A gap that is declared can be explained; one that is found in court cannot. What is known of it goes into the log for
/// ever; the reason is kept like a field, and shown only to whom it is disclosed.
#[derive(clap::Args)]
pub struct Arguments {
    /// The exhibits' names, or beginnings of them
    #[arg(required = true, value_name = "EXHIBIT")]
    exhibits: Vec<String>,
    /// When the stretch begins: 2003-07-08, 2003-07, 2003, or .. for not known; one of the two must be known
    #[arg(long, value_name = "DATE")]
    from: GapBound,
    /// When it ends
    #[arg(long, value_name = "DATE")]
    to: GapBound,
    /// Why it is not known
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let Arguments { exhibits, from, to, reason } = arguments;
    if reason.trim().is_empty() {
        return Err(CommandError::usage("the reason is empty"));
    }
    if [from, to].into_iter().all(|bound| bound.to_string() == "..") {
        return Err(CommandError::usage("the gap has no beginning and no end").hint(
            "give the one that is known; until it was ingested here, at the latest: the day of the ingest is an end",
        ));
    }
    if from.begins_after(to) {
        return Err(CommandError::usage(format!("the gap begins ({from}) after its end ({to})")));
    }
    if exhibits.len() as u64 > MAX_COMMIT_ENTRIES {
        let message = format!("{} exhibits at once; at most {MAX_COMMIT_ENTRIES} are possible", exhibits.len());
        return Err(CommandError::usage(message));
    }
    let today = context.environment.now().to_string();
    if let Some(today) = today.get(..10).and_then(|day| day.parse().ok())
        && (from.begins_after(&today) || to.begins_after(&today))
    {
        return Err(CommandError::usage("the gap lies in the future").hint("an end that is not known is written .."));
    }
    let name = "reason".parse().map_err(|error| CommandError::usage(format!("{error}")))?;
    let fields = Fields::from([(name, FieldValue::Text(reason.clone()))]);
    add(context, exhibits, &GapDeclared { fields: Vec::new(), from: *from, to: *to }.into(), &fields)
}
