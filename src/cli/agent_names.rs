//! The names of agents, and finding an agent by what was typed.

use vouchsafe_archive::fold;
use vouchsafe_archive::{AgentRow, Reader};
use vouchsafe_core::sign::KeyId;

use super::error::CommandError;
use super::output::{printable, shorten};
use super::typed_names::with_candidates;

/// The name of an agent, for people.
pub fn agent_name(archive: &Reader, key: KeyId) -> String {
    let row: Option<AgentRow> = archive.agent(key).ok().flatten();
    let name = row.and_then(|row| {
        row.fields.iter().find(|(name, _)| name.as_str() == "name").map(|(_, value)| value.to_string())
    });
    printable(&name.unwrap_or_else(|| "unknown agent".to_owned()))
}

/// The agent whose fingerprint begins with what was typed, or who has that name.
pub fn find_agent(archive: &Reader, typed: &str) -> Result<KeyId, CommandError> {
    let agents = archive.agents()?;
    let find = |fits: &dyn Fn(KeyId, &str) -> bool| -> Vec<KeyId> {
        agents.iter().map(|(key, _)| *key).filter(|key| fits(*key, &key.to_string())).collect()
    };
    // A name wins over the beginning of another's fingerprint, which may be the same by chance.
    let mut found = find(&|_, text| text == typed);
    if found.is_empty() {
        found = find(&|key, _| agent_name(archive, key) == printable(typed));
    }
    if found.is_empty() {
        found = find(&|_, text| text.starts_with(typed) || text["SHA256:".len()..].starts_with(typed));
    }
    match found[..] {
        [key] => Ok(key),
        [] => {
            let part = fold(typed);
            let near = find(&|key, _| !part.is_empty() && fold(&agent_name(archive, key)).contains(&part));
            let error = CommandError::usage(format!("there is no agent {typed:?}")).hint("see `vouchsafe agent list`");
            Err(candidates(error, archive, &agents, &near))
        }
        _ => {
            let error = CommandError::usage(format!("{typed:?} matches several agents"))
                .hint("give the fingerprint; see `vouchsafe agent list`");
            Err(candidates(error, archive, &agents, &found))
        }
    }
}

/// Adds the agents that may have been meant.
fn candidates(error: CommandError, archive: &Reader, agents: &[(KeyId, AgentRow)], found: &[KeyId]) -> CommandError {
    let of_these = agents.iter().filter(|(key, _)| found.contains(key));
    let candidate = |(key, agent): &(KeyId, AgentRow)| {
        let name = shorten(&agent_name(archive, *key), 40);
        format!("{key}  {name}, {}, {}", roles(agent), standing(archive, *key, agent))
    };
    with_candidates(error, &of_these.map(candidate).collect::<Vec<_>>(), "vouchsafe agent list")
}

/// The roles of an agent.
pub fn roles(agent: &AgentRow) -> String {
    agent.standing.record.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

/// Since when an agent may act, or until when.
pub fn standing(archive: &Reader, key: KeyId, agent: &AgentRow) -> String {
    let replaced_by = archive.roster().get(key).and_then(|standing| standing.replaced_by);
    match (agent.standing.revoked_at, replaced_by) {
        (Some(at), Some(by)) => format!("replaced at entry {at} by {by}"),
        (Some(at), None) => format!("revoked at entry {at}"),
        (None, _) => format!("active since entry {}", agent.standing.added_at),
    }
}
