//! Which objects a verification reads, and how much of them. The log is always checked whole.

use std::collections::HashSet;
use std::time::Duration;

use crate::digest::Digest;
use crate::model::{Coverage, EntryIndex, ExhibitId, Sample, Timestamp};

/// Which objects are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// All of them.
    #[default]
    All,
    /// Those of these exhibits.
    Exhibits(HashSet<ExhibitId>),
    /// Those that a sample draws.
    Sample(Sample),
    /// Those that were first ingested by an entry from here on.
    Since(Since),
    /// Those that a round has not read yet.
    Rest(Progress),
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From this entry on.
    Entry(EntryIndex),
    /// From the first entry on that was recorded at this time or later.
    Time(Timestamp),
}

impl Since {
    pub(super) fn includes(self, entry: EntryIndex, recorded_at: Timestamp) -> bool {
        match self {
            Self::Entry(first) => entry >= first,
            Self::Time(first) => recorded_at >= first,
        }
    }
}

/// How much is to be read at most. Where there is a limit, the log is read first, and the objects
/// afterwards in the order of their numbers, so that the limit is spent on them and not on the log.
///
/// At least one object is read, and an object that was begun is read to its end: otherwise a limit that
/// is too small for one object would never get past it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Bytes of objects.
    pub max_bytes: Option<u64>,
    /// Time since the beginning, by the clock of [`Watch::elapsed`](super::Watch::elapsed).
    pub max_time: Option<Duration>,
}

impl Budget {
    pub(super) const fn is_limited(self) -> bool {
        self.max_bytes.is_some() || self.max_time.is_some()
    }
}

/// How far a round has come: several verifications that together read every object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The objects that were read. It has no sample.
    pub read: Coverage,
    /// [`digest_of_objects`] of as many objects as it speaks of. Its numbers mean something only as long
    /// as these are the first objects in the volumes.
    pub objects: Digest,
}

/// What stands for these objects in this order: the SHA-256 of their digests, one after the other.
#[must_use]
pub fn digest_of_objects(objects: &[Digest]) -> Digest {
    Digest::of(&objects.iter().flat_map(|object| *object.as_bytes()).collect::<Vec<_>>())
}

impl Progress {
    /// Whether it speaks of the first of these objects.
    pub(super) fn fits(&self, objects: &[Digest]) -> bool {
        let first = usize::try_from(self.read.objects_held).ok().and_then(|count| objects.get(..count));
        first.is_some_and(|first| digest_of_objects(first) == self.objects)
    }
}
