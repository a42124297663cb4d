//! Why somebody may not sign, or an entry that changes who may sign cannot stand where it does.

use std::fmt;

use crate::language::{Text, text};
use crate::model::{EntryIndex, Timestamp};

/// Why an entry about who may sign, or by an agent, does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AgentError {
    /// The log does not know the key.
    Unknown,
    /// The log does not know the key, unless an entry that is not understood introduced it.
    NotUnderstood,
    /// The log knows the key only later.
    Later {
        /// The entry that introduces it.
        at: EntryIndex,
    },
    /// The key was revoked, or another one took its place.
    Revoked {
        /// The entry that revoked it.
        at: EntryIndex,
    },
    /// The key expired.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// None of the agent's roles allows the event.
    NotAllowed,
    /// A key is introduced twice. A revoked key stays revoked: a new key is needed.
    AddedTwice {
        /// The entry that introduced it.
        at: EntryIndex,
    },
    /// A log begins once.
    Begun,
    /// Nobody could add an agent after this.
    LastAdministrator,
    /// The log key signs checkpoints and nothing else.
    LogKey,
    /// The revocation speaks of the future.
    FromTheFuture,
    /// A rotation that is more than one.
    OtherAgent,
    /// There are no recovery keys.
    NoRecovery,
    /// A recovery key is nothing else.
    RecoveryKey,
    /// An agent's key is no recovery key and not the log's.
    AgentKey {
        /// The entry that introduced it.
        at: EntryIndex,
    },
    /// The log's key has another name.
    OtherName,
    /// A log key that was replaced does not come back.
    LogKeyTwice,
    /// The log's key is not the one that was committed to.
    OtherLogKey,
}

impl AgentError {
    /// It, in words.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Unknown => text!("the log does not know this key here", "이 시점의 기록부는 이 키를 모릅니다"),
            Self::NotUnderstood => text!(
                "the log does not know this key here, unless by an entry that is not understood",
                "이해할 수 없는 기록 항목이 등록한 것이 아니라면, 이 시점의 기록부는 이 키를 모릅니다"
            ),
            Self::Later { at } => {
                text!("the log knows this key only from entry {at} on", "기록부는 기록 항목 {at}부터 이 키를 압니다")
            }
            Self::Revoked { at } => {
                text!("this key was revoked at entry {at}", "이 키는 기록 항목 {at}에서 폐지되었습니다")
            }
            Self::Expired { at } => text!("this key expired at {at}", "이 키의 유효 기간은 {at}에 끝났습니다"),
            Self::NotAllowed => {
                text!("none of the agent's roles allows this", "담당자의 어느 역할도 이를 허용하지 않습니다")
            }
            Self::AddedTwice { at } => {
                text!("this key was already introduced at entry {at}", "이 키는 이미 기록 항목 {at}에서 등록되었습니다")
            }
            Self::Begun => text!("the log begins at entry 0", "기록부는 기록 항목 0에서 시작합니다"),
            Self::LastAdministrator => text!(
                "this is the last administrator: without one, nobody could add or revoke agents any more",
                "마지막 관리자입니다. 관리자가 없으면 아무도 담당자를 추가하거나 폐지할 수 없게 됩니다"
            ),
            Self::LogKey => text!(
                "this is the archive's log key, which signs checkpoints and nothing else",
                "기준점에만 서명하는 보존소의 기록부 키입니다"
            ),
            Self::FromTheFuture => text!(
                "a key is revoked at most from the entry after the revocation on",
                "키는 늦어도 폐지 기록 항목의 바로 다음 기록 항목부터 폐지됩니다"
            ),
            Self::OtherAgent => text!(
                "with another key, an agent has the kind and the roles that it had before",
                "키가 바뀌어도 담당자의 종류와 역할은 그대로여야 합니다"
            ),
            Self::NoRecovery => text!("no recovery keys are in force", "유효한 복구 키가 없습니다"),
            Self::RecoveryKey => text!(
                "this is a recovery key, which is no agent's and not the log's",
                "담당자의 키도 기록부 키도 될 수 없는 복구 키입니다"
            ),
            Self::AgentKey { at } => {
                text!("this is the key of an agent, from entry {at} on", "기록 항목 {at}부터 담당자의 키입니다")
            }
            Self::OtherName => text!(
                "the name of a log key is the origin, which never changes",
                "기록부 키의 이름은 기록부 이름이며, 기록부 이름은 바뀌지 않습니다"
            ),
            Self::LogKeyTwice => text!("this was the log's key before", "전에 기록부 키였던 키입니다"),
            Self::OtherLogKey => text!(
                "this is not the log key that was announced as the next one",
                "다음 기록부 키로 예고된 키가 아닙니다"
            ),
        }
    }
}

impl fmt::Display for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

impl std::error::Error for AgentError {}
