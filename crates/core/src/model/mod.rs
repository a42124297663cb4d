//! The nouns of the archive: exhibits, entries, events, fields, agents. No I/O.

mod agent;
mod amounts;
mod coverage;
mod events;
mod field;
mod fingerprint;
mod gap;
mod ids;
mod newer;
mod newest;
mod plain;
pub(crate) mod text;
mod time;
mod unseen;
pub mod vocabulary;
mod withholding;

pub use agent::{AgentKind, Role, UnknownWord};
pub use amounts::{bytes, count, number, size};
pub use coverage::{Coverage, MAX_FAILED_OBJECTS, MAX_RANGES, Range, Sample};
pub use events::*;
pub use field::{Disclosure, FieldError, FieldName, FieldValue, MAX_FIELD_LIST_ITEMS, MAX_FIELD_VALUE_BYTES, Salt};
pub use fingerprint::{Fingerprint, FingerprintError, Written};
pub use gap::GapBound;
pub use ids::{CopyId, EntryIndex, ExhibitId, IdError, MediaType, Origin, RecordId};
pub use newer::{EventName, NotUnderstood, Permission, Reach};
pub use newest::{Newest, Statement, stated};
pub use plain::Plain;
pub use time::{TimeError, Timestamp};
pub use unseen::is_unseen;
pub use withholding::WithholdingReason;
