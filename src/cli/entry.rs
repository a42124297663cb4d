//! How an entry is shown: what happened, as a sentence, and who approved it.

use std::io::Write;

use vouchsafe_archive::{LoggedEntry, Reader, Transfer, is_passing_anchored, partner_in};
use vouchsafe_core::format::Entry;
use vouchsafe_core::model::{Disclosure, Event, FieldValue, Scene};
use vouchsafe_core::sign::KeyId;

use super::agent_names::agent_name;
use super::json;
use super::output::{self, printable};
use super::times::time;

pub use vouchsafe_core::model::unanchored;

/// The value of a field within a sentence: on one line, so that no value can look like a separate line.
fn inline(value: &FieldValue) -> String {
    output::shorten(&output::value(value).replace('\n', "\\n"), 200)
}

/// What happened, as a sentence. `transfers` are those of this archive.
pub fn sentence(archive: &Reader, logged: &LoggedEntry, transfers: &[Transfer]) -> String {
    let said = sentence_with(logged, "this archive", &|key| agent_name(archive, key));
    match &logged.entry.entry.event {
        Event::CustodyPassed(_) => format!("{said}{}", unanchored(is_passing_anchored(logged, transfers))),
        _ => said,
    }
}

/// The same for an entry of the archive named `here`, with a function that names keys.
pub fn sentence_with(logged: &LoggedEntry, here: &str, name: &dyn Fn(KeyId) -> String) -> String {
    let said = said_by(logged, here, name);
    // Fields that a bundle discloses are not sealed.
    match logged.entry.entry.attached.sealed {
        Some(_) if logged.fields.is_empty() => format!("{said} (its fields are sealed, and not shown)"),
        _ => said,
    }
}

fn said_by(logged: &LoggedEntry, here: &str, name: &dyn Fn(KeyId) -> String) -> String {
    let entry = &logged.entry.entry;
    let is_withdrawn = |field: &Disclosure| matches!(field.value(), FieldValue::Withdrawn(_));
    entry.event.sentence(&Scene {
        who: &name(entry.actor),
        here,
        partner: &partner(logged),
        name,
        field: &|name| logged.field(name).map(inline),
        is_withdrawal: !logged.fields.is_empty() && logged.fields.iter().all(is_withdrawn),
    })
}

/// The other archive's name, if it is disclosed.
fn partner(logged: &LoggedEntry) -> String {
    let partner = partner_in(&logged.fields);
    partner.map_or_else(|| "another archive".to_owned(), |partner| printable(partner.origin().as_str()))
}

/// Who approved an entry before it was made.
pub fn print_approvals(out: &mut dyn Write, entry: &Entry, name: &dyn Fn(KeyId) -> String) -> std::io::Result<()> {
    entry.attached.approvals.iter().try_for_each(|approval| {
        let (key, until) = (approval.key, time(approval.not_after));
        writeln!(out, "    approved by {} with {key}, for an entry until {until}", name(key))
    })
}

/// Who approved an entry, for programs; named only where the agents are this archive's.
pub fn approvals_json(archive: Option<&Reader>, entry: &Entry) -> Vec<json::Approval> {
    let approvals = entry.attached.approvals.iter().map(|approval| json::Approval {
        key: approval.key,
        name: archive.map(|archive| agent_name(archive, approval.key)),
        not_after: approval.not_after,
        request: approval.request,
    });
    approvals.collect()
}
