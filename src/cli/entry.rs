//! An entry as it is shown: what happened, as a sentence, and who approved it.

use std::io::Write;

use vouchsafe_archive::{LoggedEntry, Reader, Transfer, is_passing_anchored, partner_in};
use vouchsafe_core::format::Entry;
use vouchsafe_core::model::{Direction, Disclosure, Event, FieldValue, GapBound, GapDeclared, MediaType, RepairSource};
use vouchsafe_core::sign::KeyId;

use super::agent_names::agent_name;
use super::json;
use super::output::{self, bytes, count, number, printable};
use super::times::time;
use super::verify::scope;

/// The value of a field within a sentence: on one line, so that no value can look like a line of its own.
fn inline(logged: &LoggedEntry, name: &str) -> String {
    let value = logged.field(name).map(output::value).unwrap_or_default();
    output::shorten(&value.replace('\n', "\\n"), 200)
}

/// What happened, as a sentence. `transfers` are those of this archive.
pub fn sentence(archive: &Reader, logged: &LoggedEntry, transfers: &[Transfer]) -> String {
    let said = sentence_with(logged, "this archive", &|key| agent_name(archive, key));
    match &logged.entry.entry.event {
        Event::CustodyPassed(_) => format!("{said}{}", unanchored(is_passing_anchored(logged, transfers))),
        _ => said,
    }
}

/// The same of an entry of the archive that is called `here`, with names for keys from elsewhere.
pub fn sentence_with(logged: &LoggedEntry, here: &str, name: &dyn Fn(KeyId) -> String) -> String {
    let said = said_by(logged, here, name);
    // In a bundle, what is disclosed is not sealed.
    match logged.entry.entry.attached.sealed {
        Some(_) if logged.fields.is_empty() => format!("{said} (its fields are sealed, and not shown)"),
        _ => said,
    }
}

fn said_by(logged: &LoggedEntry, here: &str, name: &dyn Fn(KeyId) -> String) -> String {
    let entry = &logged.entry.entry;
    let who = name(entry.actor);
    match &entry.event {
        Event::NotUnderstood(event) => {
            format!("{who} made an entry that this program does not understand: it does not know {}", event.told())
        }
        Event::ArchiveCreated(_) => format!("{who} created the archive"),
        Event::AgentAdded(body) => {
            let roles: Vec<_> = body.agent.roles.iter().map(|role| role.as_str()).collect();
            let added = inline(logged, "name");
            format!("{who} added {added} as {}", roles.join(", "))
        }
        Event::AgentRevoked(body) => {
            format!("{who} revoked the key of {} from entry {} on", name(body.key), body.from_index)
        }
        Event::AgentChanged(body) => {
            let roles: Vec<_> = body.roles.iter().map(|role| role.as_str()).collect();
            format!("{who} changed what {} may do: {}", name(body.key), roles.join(", "))
        }
        Event::AgentRotated(body) => {
            format!("{who} replaced the key of {} by {}", name(body.key), body.agent.public_key.id())
        }
        Event::AgentRecovered(body) => {
            let roles: Vec<_> = body.agent.roles.iter().map(|role| role.as_str()).collect();
            format!("{who} was added as {} with the recovery keys", roles.join(", "))
        }
        Event::RecoverySet(body) => {
            let keys = count(body.recovery.keys.len() as u64, "recovery key");
            format!("{who} set {keys}, of which {} must sign", body.recovery.threshold)
        }
        Event::LogKeyChanged(_) => format!("{who} changed the key of the log"),
        Event::ExhibitIngested(body) => {
            format!(
                "{who} ingested {} of {}",
                count(body.size_bytes, "byte"),
                MediaType::told(body.media_type.as_ref())
            )
        }
        Event::ExhibitDescribed(body) => {
            let is_withdrawn = |field: &Disclosure| matches!(field.value(), FieldValue::Withdrawn(_));
            let is_withdrawal = !logged.fields.is_empty() && logged.fields.iter().all(is_withdrawn);
            let verb = if is_withdrawal { "withdrew what was said of it" } else { "described it" };
            format!("{who} {verb} ({})", count(body.fields.len() as u64, "field"))
        }
        Event::ExhibitNoted(_) => format!("{who} noted"),
        Event::CopyIssued(_) => format!("{who} issued a working copy"),
        Event::ArchiveVerified(body) => format!(
            "{who} verified {}: {} ({}, {}, {})",
            scope(&body.coverage),
            body.verdict,
            count(body.entries, "entry"),
            match body.coverage.is_whole() {
                true => count(body.objects, "object"),
                false => format!("{} of {}", number(body.objects), count(body.coverage.objects_held, "object")),
            },
            count(body.findings, "finding"),
        ),
        Event::ReplicaMade(body) => {
            format!(
                "{who} brought the copy {} up to {} ({}, {})",
                body.replica,
                count(body.size, "entry"),
                body.medium,
                body.site
            )
        }
        Event::ReplicaLost(body) => {
            format!("{who} struck off the copy {} ({})", body.replica, inline(logged, "reason"))
        }
        Event::ArchiveRepaired(body) => {
            let size_bytes = body.stretches.iter().map(|stretch| stretch.size_bytes).sum();
            format!("{who} repaired {} of volumes, taken from {}", count(size_bytes, "byte"), source(body.source))
        }
        Event::BundleExported(body) => format!(
            "{who} exported {} in the bundle {} for {} ({}; {}, {} withheld)",
            count(body.exhibits, "exhibit"),
            body.bundle.short(),
            inline(logged, "recipient"),
            inline(logged, "purpose"),
            bytes(body.size_bytes),
            count(body.withheld_fields, "field"),
        ),
        Event::ExhibitExported(body) => format!(
            "{who} exported it in the bundle {} ({} withheld)",
            body.bundle.short(),
            count(body.withheld_fields, "field")
        ),
        Event::BundleReceived(body) => format!(
            "{who} received {} of {} in the bundle {}{}{}",
            count(body.exhibits, "exhibit"),
            partner(logged),
            body.bundle.short(),
            logged.field("sender").map(|_| format!(" from {}", inline(logged, "sender"))).unwrap_or_default(),
            unanchored(body.anchored),
        ),
        Event::TransferOffered(body) => format!(
            "{who} offered custody of {} in the bundle {} to {}",
            count(body.exhibits, "exhibit"),
            body.bundle.short(),
            inline(logged, "recipient"),
        ),
        Event::TransferAccepted(body) => format!(
            "{who} accepted custody of the exhibits in the bundle {} from {}{}",
            body.bundle.short(),
            partner(logged),
            unanchored(body.anchored),
        ),
        Event::TransferRefused(body) => format!(
            "{who} refused custody of the exhibits in the bundle {} from {}{}",
            body.bundle.short(),
            partner(logged),
            unanchored(body.anchored),
        ),
        Event::TransferSettled(body) => format!(
            "{who} took in the answer to the offer of entry {}: {} by {}{}",
            body.offer,
            body.answer,
            partner(logged),
            unanchored(body.anchored),
        ),
        Event::GapDeclared(body) => {
            format!("{who} declared that it is not known who had it ({})", gap_text(body))
        }
        Event::CustodyPassed(body) => format!(
            "custody passed {} with the bundle {}, recorded by {who}",
            match body.direction {
                Direction::In => format!("from {} to {here}", partner(logged)),
                Direction::Out => format!("from {here} to {}", partner(logged)),
            },
            body.bundle.short(),
        ),
        Event::ExhibitReceived(body) => format!(
            "{who} received it in the bundle {}, where it is called {}",
            body.bundle.short(),
            body.foreign_exhibit
        ),
    }
}

/// What the other archive calls itself, where that is disclosed.
fn partner(logged: &LoggedEntry) -> String {
    let partner = partner_in(&logged.fields);
    partner.map_or_else(|| "another archive".to_owned(), |partner| printable(partner.origin().as_str()))
}

/// What stands behind the name of an archive that nobody compared with what came from outside.
pub const fn unanchored(is_anchored: bool) -> &'static str {
    if is_anchored { "" } else { " (its fingerprint was not compared with one from outside)" }
}

/// The stretch of time of a gap, in words.
fn gap_text(body: &GapDeclared) -> String {
    let known = |bound: &GapBound| Some(bound.to_string()).filter(|text| text != "..");
    match (known(&body.from), known(&body.to)) {
        (Some(from), Some(to)) => format!("from {from} to {to}"),
        (Some(from), None) => format!("from {from} on, until when is not known"),
        (None, Some(to)) => format!("until {to}, since when is not known"),
        (None, None) => "when is not known".to_owned(),
    }
}

const fn source(source: RepairSource) -> &'static str {
    match source {
        RepairSource::Copy => "a copy of the archive",
        RepairSource::Parity => "parity",
    }
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
