//! Events that change who may sign: agents, recovery keys, and the log's key. Their rules across entries are
//! `verify/agents.rs`, which also answers who could sign at which entry; the forms of the log's keys are checked in
//! `format/entry.rs`.

use serde::{Deserialize, Serialize};

use super::body::{bodies, without_numbers};
use super::declaration::{ADMINISTRATORS, About, Declaration, Declared, NOBODY};
use crate::digest::Digest;
use crate::model::agent::{AgentKind, Role};
use crate::model::amounts::count;
use crate::model::ids::EntryIndex;
use crate::model::time::Timestamp;
use crate::sign::{KeyId, PublicKey};

/// An agent's key as the log introduces it. The agent's name is a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentRecord {
    /// The last time at which an entry that the key signs may be recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What the agent is.
    pub kind: AgentKind,
    /// The agent's next key, which is kept elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<KeyId>,
    /// The key, in OpenSSH form without a comment.
    pub public_key: PublicKey,
    /// What the agent may do; sorted, without repetition.
    pub roles: Vec<Role>,
}

impl AgentRecord {
    /// An agent whose key does not expire, and who names no next one.
    #[must_use]
    pub const fn new(kind: AgentKind, public_key: PublicKey, roles: Vec<Role>) -> Self {
        Self { expires: None, kind, next: None, public_key, roles }
    }

    /// When the key expired, if it had at this time.
    #[must_use]
    pub fn expired_at(&self, time: Timestamp) -> Option<Timestamp> {
        self.expires.filter(|&expires| time > expires)
    }
}

/// The keys by which an agent is added where no administrator can do it. They are no agents', and sign nothing else but
/// what takes their place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// The keys, in ascending order of their texts; at most [`MAX_RECOVERY_KEYS`].
    pub keys: Vec<PublicKey>,
    /// How many of them must sign.
    pub threshold: u64,
}

/// The most keys of a [`Recovery`].
pub const MAX_RECOVERY_KEYS: usize = 16;

// The threshold is at most the number of the keys.
without_numbers!(AgentRecord, Recovery);

bodies! {
    /// An event that changes who may sign.
    SigningEvent

    /// The archive began.
    ArchiveCreated {
        /// The first administrator.
        administrator: AgentRecord,
        /// Fields of the administrator (the name).
        fields: Vec<Digest>,
        /// The verifier key of the log, as C2SP signed-note writes it.
        log_key: String,
        /// A second key of the log, for ML-DSA-44, in the same writing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_key_pq: Option<String>,
        /// SHA-256 of the text of the log's next verifier key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_log_key: Option<Digest>,
        /// Which keys can add an agent where no administrator can.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovery: Option<Recovery>,
    }
    /// A key may act from this entry on.
    AgentAdded {
        /// The agent.
        agent: AgentRecord,
        /// Fields of the agent (the name).
        fields: Vec<Digest>,
    }
    /// A key may act no longer.
    AgentRevoked {
        /// Fields (the reason).
        fields: Vec<Digest>,
        /// The log index from which the key is not to be trusted; at most one past this entry.
        from_index: EntryIndex,
        /// The key.
        key: KeyId,
    }
    /// From the next entry on, this is what the agent may do; what is absent is none.
    AgentChanged {
        /// The last time at which an entry that the key signs may be recorded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
        /// Fields (the reason).
        fields: Vec<Digest>,
        /// The agent's key.
        key: KeyId,
        /// The agent's next key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<KeyId>,
        /// The roles; sorted, without repetition.
        roles: Vec<Role>,
    }
    /// An agent's key is replaced by another one: the old one may act no longer, as if it were revoked from the next entry
    /// on. The new key signs, and whoever vouches for it.
    AgentRotated {
        /// The agent with the new key; kind and roles are those from before.
        agent: AgentRecord,
        /// Fields (the reason).
        fields: Vec<Digest>,
        /// The old key.
        key: KeyId,
    }
    /// The recovery keys add an agent, who signs with them.
    AgentRecovered {
        /// The agent.
        agent: AgentRecord,
        /// Fields (the name).
        fields: Vec<Digest>,
    }
    /// From the next entry on, these are the recovery keys.
    RecoverySet {
        /// Fields.
        fields: Vec<Digest>,
        /// The keys.
        recovery: Recovery,
    }
    /// The log's key is replaced by another one, which signs every checkpoint that holds this entry.
    LogKeyChanged {
        /// Fields (the reason).
        fields: Vec<Digest>,
        /// The new verifier key of the log; its name is still the origin.
        log_key: String,
        /// The second key of the log from here on, for ML-DSA-44; where it is absent, there is none any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_key_pq: Option<String>,
        /// SHA-256 of the text of the one after it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_log_key: Option<Digest>,
    }
}

impl ArchiveCreated {
    /// The beginning of an archive with this administrator and this log key, and with nothing besides.
    #[must_use]
    pub const fn new(administrator: AgentRecord, log_key: String) -> Self {
        let fields = Vec::new();
        Self { administrator, fields, log_key, log_key_pq: None, next_log_key: None, recovery: None }
    }
}

impl<'a> SigningEvent<'a> {
    /// The agent whom it introduces, if it introduces one.
    #[must_use]
    pub const fn introduces(self) -> Option<&'a AgentRecord> {
        match self {
            Self::ArchiveCreated(body) => Some(&body.administrator),
            Self::AgentAdded(body) => Some(&body.agent),
            Self::AgentRotated(body) => Some(&body.agent),
            Self::AgentRecovered(body) => Some(&body.agent),
            Self::AgentRevoked(_) | Self::AgentChanged(_) | Self::RecoverySet(_) | Self::LogKeyChanged(_) => None,
        }
    }

    /// The key from which it takes what it may do: that of a revocation, or of a rotation.
    #[must_use]
    pub const fn ends(self) -> Option<KeyId> {
        match self {
            Self::AgentRevoked(body) => Some(body.key),
            Self::AgentRotated(body) => Some(body.key),
            Self::ArchiveCreated(_)
            | Self::AgentAdded(_)
            | Self::AgentChanged(_)
            | Self::AgentRecovered(_)
            | Self::RecoverySet(_)
            | Self::LogKeyChanged(_) => None,
        }
    }
}

impl Declared for ArchiveCreated {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "archive.created",
        about: About::Signing,
        made_by: ADMINISTRATORS,
        flaw: |body, _| {
            body.recovery.as_ref().and_then(flaw_of_recovery).or_else(|| flaw_of_roles(&body.administrator.roles))
        },
        brings: |_| None,
        software: |_| None,
        sentence: |_, scene| format!("{} created the archive", scene.who),
    };
}

impl Declared for AgentAdded {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "agent.added",
        about: About::Signing,
        made_by: ADMINISTRATORS,
        flaw: |body, _| flaw_of_roles(&body.agent.roles),
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| format!("{} added {} as {}", scene.who, scene.text("name"), listed(&body.agent.roles)),
    };
}

impl Declared for AgentRevoked {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "agent.revoked",
        about: About::Signing,
        made_by: ADMINISTRATORS,
        flaw: |body, at| {
            (body.from_index.0 > at.0 + 1).then_some("its `from_index` is over the index of the next entry")
        },
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let of = (scene.name)(body.key);
            format!("{} revoked the key of {of} from entry {} on", scene.who, body.from_index)
        },
    };
}

impl Declared for AgentChanged {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "agent.changed",
        about: About::Signing,
        made_by: ADMINISTRATORS,
        flaw: |body, _| flaw_of_roles(&body.roles),
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let agent = (scene.name)(body.key);
            format!("{} changed what {agent} may do: {}", scene.who, listed(&body.roles))
        },
    };
}

/// Which keys make it, `verify/agents.rs` judges. Where it is not understood, an administrator must sign it.
impl Declared for AgentRotated {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "agent.rotated",
        about: About::Signing,
        made_by: ADMINISTRATORS,
        flaw: |body, _| flaw_of_roles(&body.agent.roles),
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let (of, by) = ((scene.name)(body.key), body.agent.public_key.id());
            format!("{} replaced the key of {of} by {by}", scene.who)
        },
    };
}

/// Only recovery keys make it.
impl Declared for AgentRecovered {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "agent.recovered",
        about: About::Signing,
        made_by: NOBODY,
        flaw: |body, _| flaw_of_roles(&body.agent.roles),
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            format!("{} was added as {} with the recovery keys", scene.who, listed(&body.agent.roles))
        },
    };
}

impl Declared for RecoverySet {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "recovery.set",
        about: About::Signing,
        made_by: ADMINISTRATORS,
        flaw: |body, _| flaw_of_recovery(&body.recovery),
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let keys = count(body.recovery.keys.len() as u64, "recovery key");
            format!("{} set {keys}, of which {} must sign", scene.who, body.recovery.threshold)
        },
    };
}

impl Declared for LogKeyChanged {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "log.key_changed",
        about: About::Signing,
        made_by: ADMINISTRATORS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |_, scene| format!("{} changed the key of the log", scene.who),
    };
}

fn listed(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

fn flaw_of_roles(roles: &[Role]) -> Option<&'static str> {
    (roles.is_empty() || !roles.is_sorted_by(|a, b| a < b))
        .then_some("the agent has no role, or its roles are not in ascending order, or one is repeated")
}

fn flaw_of_recovery(recovery: &Recovery) -> Option<&'static str> {
    let texts: Vec<_> = recovery.keys.iter().map(PublicKey::to_openssh).collect();
    let is_threshold = (1..=texts.len() as u64).contains(&recovery.threshold);
    (texts.len() > MAX_RECOVERY_KEYS || !texts.is_sorted_by(|a, b| a < b) || !is_threshold).then_some(
        "its recovery keys are none or too many, or not in ascending order, or one is repeated, or the threshold is \
         0 or over their number",
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, digest, sentence};
    use super::super::{Event, Family};
    use super::*;
    use crate::sign::SigningKey;

    const ONLY_ADMINISTRATORS: &[Role] = &[Role::Administrator];

    fn key(number: u8) -> PublicKey {
        SigningKey::from_secret(&[number; 32]).unwrap().public().clone()
    }

    fn agent(number: u8) -> AgentRecord {
        AgentRecord::new(AgentKind::Person, key(number), vec![Role::Archivist])
    }

    fn agent_json(number: u8) -> String {
        format!(r#"{{"kind":"person","public_key":"{}","roles":["archivist"]}}"#, key(number).to_openssh())
    }

    fn recovery() -> Recovery {
        let mut keys = vec![key(8), key(9)];
        keys.sort_by_key(PublicKey::to_openssh);
        Recovery { keys, threshold: 2 }
    }

    fn rotated() -> AgentRotated {
        AgentRotated { agent: agent(2), fields: Vec::new(), key: key(1).id() }
    }

    #[test]
    fn bodies_have_one_form_and_administrators_make_them() {
        let (first, second, old) = (agent_json(1), agent_json(2), key(1).id());
        let (field, fields) = (digest(1), vec![digest(1)]);
        check(
            ArchiveCreated { fields: fields.clone(), ..ArchiveCreated::new(agent(1), "log".to_owned()) },
            &format!(r#"{{"administrator":{first},"fields":["{field}"],"log_key":"log"}}"#),
            ONLY_ADMINISTRATORS,
        );
        check(
            AgentAdded { agent: agent(1), fields: fields.clone() },
            &format!(r#"{{"agent":{first},"fields":["{field}"]}}"#),
            ONLY_ADMINISTRATORS,
        );
        check(
            AgentRevoked { fields: Vec::new(), from_index: EntryIndex(7), key: old },
            &format!(r#"{{"fields":[],"from_index":7,"key":"{old}"}}"#),
            ONLY_ADMINISTRATORS,
        );
        check(
            AgentChanged { expires: None, fields, key: old, next: Some(key(2).id()), roles: vec![Role::Lawyer] },
            &format!(r#"{{"fields":["{field}"],"key":"{old}","next":"{}","roles":["lawyer"]}}"#, key(2).id()),
            ONLY_ADMINISTRATORS,
        );
        check(rotated(), &format!(r#"{{"agent":{second},"fields":[],"key":"{old}"}}"#), ONLY_ADMINISTRATORS);
        let keys: Vec<_> = recovery().keys.iter().map(PublicKey::to_openssh).collect();
        check(
            RecoverySet { fields: Vec::new(), recovery: recovery() },
            &format!(r#"{{"fields":[],"recovery":{{"keys":["{}","{}"],"threshold":2}}}}"#, keys[0], keys[1]),
            ONLY_ADMINISTRATORS,
        );
        check(
            LogKeyChanged {
                fields: Vec::new(),
                log_key: "log".to_owned(),
                log_key_pq: None,
                next_log_key: Some(digest(3)),
            },
            &format!(r#"{{"fields":[],"log_key":"log","next_log_key":"{}"}}"#, digest(3)),
            ONLY_ADMINISTRATORS,
        );
    }

    #[test]
    fn no_role_recovers_an_agent() {
        let json = format!(r#"{{"agent":{},"fields":[]}}"#, agent_json(1));
        check(AgentRecovered { agent: agent(1), fields: Vec::new() }, &json, &[]);
    }

    #[test]
    fn agents_have_roles_in_order_and_recovery_keys_a_threshold() {
        let at = EntryIndex(3);
        for (roles, is_good) in [
            (vec![Role::Administrator, Role::Lawyer], true),
            (Vec::new(), false),
            (vec![Role::Lawyer, Role::Administrator], false),
            (vec![Role::Lawyer, Role::Lawyer], false),
        ] {
            let event = Event::from(AgentAdded { agent: AgentRecord { roles, ..agent(1) }, fields: Vec::new() });
            assert_eq!(event.flaw(at).is_none(), is_good, "{event:?}");
        }
        for threshold in 0..4 {
            let event = RecoverySet { fields: Vec::new(), recovery: Recovery { threshold, ..recovery() } };
            assert_eq!(Event::from(event).flaw(at).is_none(), (1..=2).contains(&threshold), "{threshold}");
        }
        for from in 3..6 {
            let event = AgentRevoked { fields: Vec::new(), from_index: EntryIndex(from), key: key(1).id() };
            assert_eq!(Event::from(event).flaw(at).is_none(), from <= 4, "{from}");
        }
    }

    #[test]
    fn a_rotation_introduces_one_key_and_ends_another() {
        let event = Event::from(rotated());
        assert_eq!(event.introduces(), Some(&agent(2)));
        assert_eq!(event.ends(), Some(key(1).id()));
        assert!(matches!(event.family(), Family::Signing(SigningEvent::AgentRotated(_))));
        assert_eq!(sentence(rotated()), format!("Kim replaced the key of Lee by {}", key(2).id()));
    }
}
