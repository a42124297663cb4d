//! Volumes on disk: append, commit, read, list, recover.
//!
//! A commit is durable when the appender has written it and the handle that it gives has synced. Whatever comes after
//! the last commit point is not evidence; see `store/recover.rs`. Only an archive appends, in `archive/commit.rs`.

mod append;
pub mod durable;
pub mod parity;
mod recover;
mod survey;
mod volumes;

pub(crate) use append::{Appender, CommitBytes, OpenObject, SyncAhead, SyncHandle};
pub use recover::{
    Committed, Known, Position, Scan, ScanError, TailCut, cut_tail, hash_member, read_agents, read_agents_and_size,
    scan,
};
pub use survey::{LogPoint, Survey, survey};
pub use volumes::{StoreError, VolumeStore};

/// The size past which a volume is closed and a new one begun: 4 GiB.
pub const DEFAULT_VOLUME_BYTES: u64 = 4 << 30;
