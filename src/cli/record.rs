//! Recording typed entries about exhibits: remarks, gaps and descriptions.

use std::collections::BTreeSet;
use std::io::Write;

use vouchsafe_archive::metadata::Fields;
use vouchsafe_archive::{Draft, Session};
use vouchsafe_core::model::{Event, ExhibitId};

use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_names::find_exhibit;
use super::json;
use super::output;
use super::passed::warn_if_passed;

/// Adds an entry about each of these exhibits: all of them or none.
pub fn add(context: &Context, exhibits: &[String], event: &Event, fields: &Fields) -> Result<Done, CommandError> {
    let session = context.open_to_write()?;
    let named = exhibits.iter().map(|name| find_exhibit(session.reader(), name)).collect::<Result<Vec<_>, _>>()?;
    record(context, session, named.into_iter().collect(), event, fields)
}

/// The same, in an archive that is open.
pub fn record(
    context: &Context,
    mut session: Session<'_>,
    exhibits: BTreeSet<ExhibitId>,
    event: &Event,
    fields: &Fields,
) -> Result<Done, CommandError> {
    let keys = context.keys(session.reader())?;
    warn_if_passed(session.reader(), &exhibits)?;
    let draft = |exhibit: &ExhibitId| Draft {
        event: event.clone(),
        exhibit: Some(*exhibit),
        occurred_at: None,
        fields: fields.clone().into_iter().collect(),
    };
    let made = session.record(&keys, exhibits.iter().map(draft).collect())?;
    made.first().into_iter().for_each(|first| context.recorded(*first));
    let mut out = std::io::stdout().lock();
    for (index, exhibit) in made.into_iter().zip(exhibits) {
        if context.options.json {
            output::json(&mut out, &json::Recorded { exhibit, index })?;
        } else {
            writeln!(out, "Recorded as entry {index} of exhibit {exhibit}")?;
        }
    }
    Ok(Done::Well)
}
