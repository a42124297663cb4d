//! `vouchsafe agent`

use std::io::Write;
use std::path::Path;

use vouchsafe_archive::store::durable::read_limited;
use vouchsafe_archive::{Draft, not_understood_by_exhibit};
use vouchsafe_core::model::{
    AgentAdded, AgentKind, AgentRecord, AgentRevoked, EntryIndex, EventKind, FieldValue, Role,
};
use vouchsafe_core::sign::{KeyError, KeyKind, PublicKey};

use super::agent_names::{agent_name, find_agent, roles, standing};
use super::context::Context;
use super::done::Done;
use super::error::CommandError;
use super::json;
use super::output;

/// Add, list and revoke the agents that may act on the archive
#[derive(clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Add an agent with its key (administrators only)
    Add(AddArguments),
    /// List all agents with their roles and standing
    List,
    /// Revoke an agent's key (administrators only); earlier signatures stay valid
    Revoke(RevokeArguments),
}

#[derive(clap::Args)]
struct AddArguments {
    /// The agent's public key: a .pub file, or the line in it
    #[arg(value_name = "PUBLIC-KEY")]
    public_key: String,
    /// Name or pseudonym; the log holds only a digest of it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What the agent is: person, organisation or software
    #[arg(long, value_name = "KIND", default_value = "person")]
    kind: AgentKind,
    /// A role: administrator, archivist, investigator or lawyer; may be repeated
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<Role>,
}

#[derive(clap::Args)]
struct RevokeArguments {
    /// The agent's name, or its key's fingerprint or the beginning of that
    #[arg(value_name = "AGENT")]
    agent: String,
    /// Why the key is revoked; the log holds only a digest of this
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Distrust the key from this entry on, for example if it was stolen earlier [default: the entry after the
    /// revocation]
    #[arg(long, value_name = "INDEX")]
    from_index: Option<u64>,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    match &arguments.command {
        Command::Add(arguments) => add(context, arguments),
        Command::List => list(context),
        Command::Revoke(arguments) => revoke(context, arguments),
    }
}

fn add(context: &Context, arguments: &AddArguments) -> Result<Done, CommandError> {
    let is_line = ["ssh-", "sk-ssh-"].iter().any(|start| arguments.public_key.starts_with(start));
    let (text, place) = match is_line {
        true => (arguments.public_key.clone(), "the public key".to_owned()),
        false => {
            let path = Path::new(&arguments.public_key);
            let failed =
                |error: String| CommandError::usage(format!("{}: cannot read the public key: {error}", path.display()));
            let bytes = read_limited(path, 64 * 1024, true).map_err(|error| failed(error.to_string()))?;
            let text = String::from_utf8(bytes).map_err(|_| failed("it is not text".to_owned()))?;
            (text, path.display().to_string())
        }
    };
    let can_sign = |key: PublicKey| match key.kind() {
        KeyKind::Ed25519 => Ok(key),
        KeyKind::Fido => Err(KeyError::CannotSign),
    };
    let public_key = PublicKey::from_openssh(&text).and_then(can_sign).map_err(|error| {
        CommandError::usage(format!("{place}: {error}"))
            .hint("give the .pub file of a key that `ssh-keygen -t ed25519` made")
    })?;
    let key = public_key.id();
    let mut roles = arguments.roles.clone();
    roles.sort_unstable();
    roles.dedup();
    let event = AgentAdded { agent: AgentRecord::new(arguments.kind, public_key, roles), fields: Vec::new() };
    let index = record(context, event.into(), "name", &arguments.name)?;
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json(&mut out, &json::AgentAdded { index, key })?;
    } else {
        writeln!(out, "Added {} with the key {key} as entry {index}", output::printable(&arguments.name))?;
    }
    Ok(Done::Well)
}

fn revoke(context: &Context, arguments: &RevokeArguments) -> Result<Done, CommandError> {
    let (key, next) = {
        let session = context.open_to_write()?;
        let archive = session.reader();
        (find_agent(archive, &arguments.agent)?, EntryIndex(archive.size() + 1))
    };
    let from_index = arguments.from_index.map_or(next, EntryIndex);
    let event = AgentRevoked { fields: Vec::new(), from_index, key };
    let index = record(context, event.into(), "reason", &arguments.reason)?;
    let mut out = std::io::stdout().lock();
    if context.options.json {
        output::json(&mut out, &json::AgentRevoked { from_index, index, key })?;
    } else {
        writeln!(out, "Revoked {key} as entry {index}; it is not trusted from entry {from_index} on")?;
    }
    Ok(Done::Well)
}

fn record(
    context: &Context,
    event: vouchsafe_core::model::Event,
    field: &str,
    text: &str,
) -> Result<EntryIndex, CommandError> {
    if text.trim().is_empty() {
        return Err(CommandError::usage(format!("the {field} is empty")));
    }
    let mut session = context.open_to_write()?;
    let keys = context.keys(session.reader())?;
    let name = field.parse().map_err(|error| CommandError::usage(format!("{error}")))?;
    let fields = vec![(name, FieldValue::Text(text.to_owned()))];
    let draft = Draft { event, exhibit: None, occurred_at: None, fields };
    let made = session.record(&keys, vec![draft])?;
    context.recorded(made[0]);
    Ok(made[0])
}

fn list(context: &Context) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let agents = archive.agents()?;
    let not_understood = not_understood_by_exhibit(&archive)?;
    let mut out = std::io::stdout().lock();
    let mut rows = Vec::new();
    for (key, agent) in agents {
        let record = &agent.standing.record;
        let replaced_by = archive.roster().get(key).and_then(|standing| standing.replaced_by);
        if context.options.json {
            output::json(
                &mut out,
                &json::Agent {
                    added_at: agent.standing.added_at,
                    key,
                    kind: record.kind,
                    name: agent_name(&archive, key),
                    not_understood: not_understood.of_all(),
                    public_key: &record.public_key,
                    replaced_at: agent.standing.revoked_at.filter(|_| replaced_by.is_some()),
                    replaced_by,
                    revoked_at: agent.standing.revoked_at.filter(|_| replaced_by.is_none()),
                    roles: &record.roles,
                },
            )?;
            continue;
        }
        rows.push(vec![
            agent_name(&archive, key),
            record.kind.to_string(),
            roles(&agent),
            standing(&archive, key, &agent),
            key.to_string(),
        ]);
    }
    output::table(&mut out, &rows)?;
    Ok(Done::Well)
}

/// Checks that the agent may make entries of this kind, before a long piece of work.
pub fn check_permission(
    context: &Context,
    archive: &vouchsafe_archive::Reader,
    event: EventKind,
) -> Result<vouchsafe_archive::Keys, CommandError> {
    let keys = context.keys(archive)?;
    archive.permit(keys.agent.public().id(), event)?;
    Ok(keys)
}
