//! Volumes: append, commit, read, list, recover.
//!
//! What a store of volumes must do is [`Volumes`]; [`LocalVolumes`] is the one that there is, a folder. A commit is durable
//! when the appender has written it and the handle that it gives has synced. Whatever comes after
//! the last commit point is not evidence; see `store/recover.rs`. Only an archive appends, in `archive/commit.rs`.

mod append;
pub mod durable;
mod local;
mod object;
pub mod parity;
mod recover;
mod survey;
mod volumes;

pub(crate) use append::{Appender, CommitBytes, OpenObject, SyncAhead, SyncHandle};
pub use local::LocalVolumes;
pub(crate) use object::{HeldObject, ObjectError, ObjectIntake, ObjectName, ObjectReader};
pub use recover::{Committed, Known, Scan, ScanError, read_agents, read_agents_and_size, scan};
pub use survey::{LogPoint, Survey, survey};
pub use volumes::{LastVolume, Position, StoreError, Syncer, TailCut, Volumes};

/// The size past which a volume is closed and a new one begun: 4 GiB.
pub const DEFAULT_VOLUME_BYTES: u64 = 4 << 30;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod conformance;
