//! The nouns of the archive: exhibits, entries, events, fields, agents. No I/O.

mod agent;
mod event;
mod field;
mod ids;
pub(crate) mod text;
mod time;

pub use agent::{AgentKind, Role, UnknownWord};
pub use event::{
    AgentAdded, AgentRecord, AgentRevoked, ArchiveCreated, ArchiveVerified, CopyIssued, Event, EventKind,
    ExhibitDescribed, ExhibitIngested, ExhibitNoted, Verdict,
};
pub use field::{Disclosure, FieldError, FieldName, FieldValue, MAX_FIELD_LIST_ITEMS, MAX_FIELD_VALUE_BYTES, Salt};
pub use ids::{EntryIndex, ExhibitId, IdError, MediaType, Origin};
pub use time::{TimeError, Timestamp};
