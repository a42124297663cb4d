//! `vouchsafe gap`

use vouchsafe_archive::Environment as _;
use vouchsafe_archive::metadata::Fields;
use vouchsafe_core::format::volume::MAX_COMMIT_ENTRIES;
use vouchsafe_core::model::{FieldValue, GapBound, GapDeclared};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::record::add;

/// Declare a period in which it is not known who had an exhibit
///
/// A declared gap can be explained; one that is discovered in court cannot. The dates go into the log for ever. The
/// reason is kept like a field: only those to whom it is disclosed can read it.
#[derive(clap::Args)]
pub struct Arguments {
    /// The names of the exhibits, or the beginnings of them
    #[arg(required = true, value_name = "EXHIBIT")]
    exhibits: Vec<String>,
    /// When the gap begins: 2003-07-08, 2003-07, 2003, or .. if not known; its beginning or its end must be known
    #[arg(long, value_name = "DATE")]
    from: GapBound,
    /// When the gap ends, written in the same way
    #[arg(long, value_name = "DATE")]
    to: GapBound,
    /// Why it is not known who had the exhibit
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let Arguments { exhibits, from, to, reason } = arguments;
    if reason.trim().is_empty() {
        return Err(CommandError::usage("the reason is empty"));
    }
    if [from, to].into_iter().all(|bound| bound.to_string() == "..") {
        return Err(CommandError::usage("neither the beginning nor the end of the gap is known")
            .hint("give at least one of them; the gap ends at the latest on the day of the ingest"));
    }
    if from.begins_after(to) {
        return Err(CommandError::usage(format!("the gap begins ({from}) after its end ({to})")));
    }
    if exhibits.len() as u64 > MAX_COMMIT_ENTRIES {
        let message = format!(
            "there are {} exhibits, but one command can record a gap for at most \
            {MAX_COMMIT_ENTRIES}",
            exhibits.len()
        );
        return Err(CommandError::usage(message));
    }
    let today = context.environment.now().to_string();
    if let Some(today) = today.get(..10).and_then(|day| day.parse().ok())
        && (from.begins_after(&today) || to.begins_after(&today))
    {
        return Err(CommandError::usage("the gap lies in the future").hint("write .. for an end that is not known"));
    }
    let name = "reason".parse().map_err(|error| CommandError::usage(format!("{error}")))?;
    let fields = Fields::from([(name, FieldValue::Text(reason.clone()))]);
    add(context, exhibits, &GapDeclared { fields: Vec::new(), from: *from, to: *to }.into(), &fields)
}
