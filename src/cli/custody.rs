//! `vouchsafe custody`, `note` and `describe`

use std::io::Write;

use vouchsafe::archive::metadata::{self, Fields};
use vouchsafe::archive::{Archive, Draft, LoggedEntry};
use vouchsafe::format::LogKey;
use vouchsafe::model::{EntryIndex, Event, ExhibitDescribed, ExhibitNoted, FieldValue, RepairSource};
use vouchsafe::sign::KeyId;

use super::Done;
use super::context::{Context, agent_name};
use super::error::CommandError;
use super::foreign;
use super::output::{self, bytes, count, number, time};
use super::verify::scope;

/// Print the history of an exhibit: who did what, when, with which key, and what proves it
#[derive(clap::Args)]
pub struct Arguments {
    /// The exhibit's name, or a beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
}

/// Add a remark to an exhibit's history
#[derive(clap::Args)]
pub struct NoteArguments {
    /// The exhibit's name, or a beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
    /// The remark
    #[arg(value_name = "TEXT")]
    text: String,
}

/// Add or correct fields of an exhibit
///
/// The newest value of a field is the one that is shown; earlier ones stay in the log for ever.
#[derive(clap::Args)]
pub struct DescribeArguments {
    /// The exhibit's name, or a beginning of it
    #[arg(value_name = "EXHIBIT")]
    exhibit: String,
    /// Fields and their values; `unknown:REASON` says that a value is not known
    #[arg(required = true, value_name = "FIELD=VALUE")]
    fields: Vec<String>,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let exhibit = context.exhibit(&archive, &arguments.exhibit)?;
    let row = archive.exhibit(exhibit)?;
    let history = archive.custody(exhibit)?;
    let foreign = archive.foreign_histories(exhibit, &history)?;
    let done = match foreign.iter().any(|foreign| !foreign.findings.is_empty()) {
        true => Done::WithFindings,
        false => Done::Well,
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        for (logged, history) in foreign::in_order(&history, &foreign) {
            let value = json_of(&archive, logged);
            output::json(&mut out, &history.map_or(value.clone(), |history| foreign::json_of(value, history)))?;
        }
        out.flush()?;
        return Ok(done);
    }
    writeln!(out, "Custody of exhibit {exhibit}")?;
    writeln!(out, "  SHA-256 {}, {}\n", row.object, count(row.size_bytes, "byte"))?;
    for (logged, history) in foreign::in_order(&history, &foreign) {
        match history {
            Some(history) => foreign::print_entry(&mut out, logged, history)?,
            None => print_entry(&mut out, &archive, logged)?,
        }
    }
    foreign::print_proofs(&mut out, &foreign)?;
    let head = &archive.head()?.checkpoint;
    writeln!(out, "Proved by the log {} of {}, root {}", head.origin, count(head.size, "entry"), head.root)?;
    writeln!(
        out,
        "Signatures are checked by `vouchsafe verify`; `vouchsafe prove {exhibit} --kit DIR` writes what others need to check them."
    )?;
    out.flush()?;
    Ok(done)
}

fn print_entry(out: &mut dyn Write, archive: &Archive, logged: &LoggedEntry) -> std::io::Result<()> {
    let entry = &logged.entry.entry;
    writeln!(out, "{}  {}", time(entry.occurred_at), sentence(archive, logged))?;
    if entry.occurred_at != entry.recorded_at {
        writeln!(out, "    recorded later, at {}", time(entry.recorded_at))?;
    }
    // To whom a bundle went, and what for, is said once, in the entry about the bundle.
    let export = export_of(archive, logged);
    let mut fields: Vec<_> = export.as_ref().unwrap_or(logged).fields.iter().collect();
    fields.sort_by_key(|field| field.name().clone());
    let width = fields.iter().map(|field| field.name().as_str().len()).max().unwrap_or(0);
    for field in fields {
        output::labelled(out, 4, field.name().as_str(), width, &output::value(field.value()))?;
    }
    writeln!(out, "    entry {}, signed with {}\n", entry.index, entry.actor)
}

/// The entry about the bundle in which an exhibit was exported: the nearest in front of the entry that says so.
fn export_of(archive: &Archive, logged: &LoggedEntry) -> Option<LoggedEntry> {
    let entry = &logged.entry.entry;
    let Event::ExhibitExported(exported) = &entry.event else { return None };
    let mut earlier = (0..entry.index.0).rev().map(|index| archive.entry(EntryIndex(index)));
    earlier.find_map(|earlier| {
        let earlier = earlier.ok()?;
        let is_it = matches!(&earlier.entry.entry.event, Event::BundleExported(body) if body.bundle == exported.bundle);
        is_it.then_some(earlier)
    })
}

/// What happened, as a sentence.
pub fn sentence(archive: &Archive, logged: &LoggedEntry) -> String {
    sentence_with(logged, &|key| agent_name(archive, key))
}

/// The same, with names for keys from elsewhere.
pub fn sentence_with(logged: &LoggedEntry, name: &dyn Fn(KeyId) -> String) -> String {
    let entry = &logged.entry.entry;
    let who = name(entry.actor);
    match &entry.event {
        Event::ArchiveCreated(_) => format!("{who} created the archive"),
        Event::AgentAdded(body) => {
            let roles: Vec<_> = body.agent.roles.iter().map(|role| role.as_str()).collect();
            let added = logged.field("name").map(output::value).unwrap_or_default();
            format!("{who} added {added} as {}", roles.join(", "))
        }
        Event::AgentRevoked(body) => {
            format!("{who} revoked the key of {} from entry {} on", name(body.key), body.from_index)
        }
        Event::ExhibitIngested(body) => {
            format!("{who} ingested {} of {}", count(body.size_bytes, "byte"), body.media_type)
        }
        Event::ExhibitDescribed(body) => format!("{who} described it ({})", count(body.fields.len() as u64, "field")),
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
        Event::ArchiveReplicated(body) => {
            format!(
                "{who} brought the copy {} up to {} ({}, {})",
                body.copy,
                count(body.size, "entry"),
                body.medium,
                body.site
            )
        }
        Event::ArchiveRepaired(body) => {
            let size_bytes = body.stretches.iter().map(|stretch| stretch.size_bytes).sum();
            format!("{who} repaired {} of volumes, taken from {}", count(size_bytes, "byte"), source(body.source))
        }
        Event::BundleExported(body) => format!(
            "{who} exported {} in the bundle {} for {} ({}; {}, {} withheld)",
            count(body.exhibits, "exhibit"),
            body.bundle.short(),
            logged.field("recipient").map(output::value).unwrap_or_default(),
            logged.field("purpose").map(output::value).unwrap_or_default(),
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
            origin_of(&body.log_key),
            body.bundle.short(),
            logged.field("sender").map(|sender| format!(" from {}", output::value(sender))).unwrap_or_default(),
            if body.anchored { "" } else { " (its keys were not compared with keys from outside)" },
        ),
        Event::ExhibitReceived(body) => format!(
            "{who} received it in the bundle {}, where it is called {}",
            body.bundle.short(),
            body.foreign_exhibit
        ),
    }
}

/// The name of a verifier key, which is the origin of its log.
fn origin_of(log_key: &str) -> String {
    log_key.parse::<LogKey>().map(|key| key.name().to_string()).unwrap_or_default()
}

const fn source(source: RepairSource) -> &'static str {
    match source {
        RepairSource::Copy => "a copy of the archive",
        RepairSource::Parity => "parity",
    }
}

fn json_of(archive: &Archive, logged: &LoggedEntry) -> serde_json::Value {
    let entry = &logged.entry.entry;
    let fields = output::json_fields(logged.fields.iter().map(|field| (field.name(), field.value())));
    serde_json::json!({
        "index": entry.index, "event": entry.event.kind(), "exhibit": entry.exhibit, "actor": entry.actor,
        "actor_name": agent_name(archive, entry.actor), "occurred_at": entry.occurred_at,
        "recorded_at": entry.recorded_at, "body": entry.event, "fields": fields, "leaf": logged.entry.leaf(),
    })
}

pub fn note(context: &Context, arguments: &NoteArguments) -> Result<Done, CommandError> {
    if arguments.text.trim().is_empty() {
        return Err(CommandError::usage("the remark is empty"));
    }
    let name = "note".parse().map_err(|error| CommandError::usage(format!("{error}")))?;
    let fields = Fields::from([(name, FieldValue::Text(arguments.text.clone()))]);
    add(context, &arguments.exhibit, ExhibitNoted { fields: Vec::new() }.into(), fields)
}

pub fn describe(context: &Context, arguments: &DescribeArguments) -> Result<Done, CommandError> {
    let mut fields = Fields::new();
    for argument in &arguments.fields {
        let (name, value) = metadata::parse_argument(argument)?;
        if fields.insert(name.clone(), value).is_some() {
            return Err(CommandError::usage(format!("{name}: the field is given twice")));
        }
    }
    add(context, &arguments.exhibit, ExhibitDescribed { fields: Vec::new() }.into(), fields)
}

fn add(context: &Context, exhibit: &str, event: Event, fields: Fields) -> Result<Done, CommandError> {
    let mut archive = context.open_to_write()?;
    let exhibit = context.exhibit(&archive, exhibit)?;
    let keys = context.keys(&archive)?;
    let draft = Draft { event, exhibit: Some(exhibit), occurred_at: None, fields: fields.into_iter().collect() };
    let made = archive.record(&keys, vec![draft], &context.environment)?;
    let mut out = std::io::stdout().lock();
    for index in made {
        if context.options.json {
            output::json(&mut out, &serde_json::json!({ "exhibit": exhibit, "index": index }))?;
        } else {
            writeln!(out, "Recorded as entry {index} of exhibit {exhibit}")?;
        }
    }
    Ok(Done::Well)
}
