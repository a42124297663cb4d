//! How agents are called, and which of them is meant.

use vouchsafe_archive::{AgentRow, Reader};
use vouchsafe_core::sign::KeyId;

use super::error::CommandError;
use super::output::printable;

/// How an agent is called: its name and the beginning of its fingerprint.
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
    // A name goes before the beginning of another's fingerprint, which may be the same by chance.
    let mut found = find(&|_, text| text == typed);
    if found.is_empty() {
        found = find(&|key, _| agent_name(archive, key) == printable(typed));
    }
    if found.is_empty() {
        found = find(&|_, text| text.starts_with(typed) || text["SHA256:".len()..].starts_with(typed));
    }
    match found[..] {
        [key] => Ok(key),
        [] => Err(CommandError::usage(format!("there is no agent {typed:?}")).hint("see `vouchsafe agent list`")),
        _ => Err(CommandError::usage(format!("several agents are called {typed:?}"))
            .hint("give the fingerprint; see `vouchsafe agent list`")),
    }
}
