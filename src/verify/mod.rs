//! Verification: evidence in, report out.
//!
//! Everything is read again from the volumes, never from the index: every byte of every object, every
//! entry, signature, field and checkpoint. Bad evidence is a finding in the report; an error means that
//! it could not be checked.
//!
//! What a sound report does *not* prove: that an exhibit shows what it is said to show, who made it,
//! or that it was unchanged before it was ingested.

mod agent_error;
mod agents;
mod approvals;
pub mod bundle;
mod confidence;
mod finding;
pub mod letter;
mod log;
mod objects;
mod place;
pub mod receipts;
mod report;
mod selected;
mod selection;
mod shown;
mod signers;
mod standing;
mod trust;
mod volumes;

#[cfg(feature = "archive")]
pub(crate) use volumes::commits_behind;

use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use agent_error::AgentError;
pub use agents::Agents;
pub use confidence::{CONFIDENCE_PERCENT, Confidence};
pub use finding::{Code, Finding, Severity};
pub use report::{Checked, MAX_FINDINGS_OF_A_KIND, Report, ReportVerdict, as_of};
pub use selection::{Budget, Progress, Selection, Since, digest_of_objects};
pub use standing::Standing;
pub use trust::{GivenKey, Judged, KeyOwner, MAX_TRUST_BYTES, MAX_TRUST_LINES, Slip, Trust, TrustError};

use crate::digest::Digest;
use crate::format::volume::{Member, ReadAt, VolumeNumber};
use crate::format::{Checkpoint, LogKey, SignedEntry};
use crate::model::{Fingerprint, Origin};
use crate::sign::KeyId;

/// The volumes of an archive, to be read and not believed.
pub trait Evidence: Sync {
    /// The numbers of the volumes, ascending, and the names of what else lies beside them.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)>;

    /// Opens a volume.
    ///
    /// # Errors
    /// It cannot be opened.
    fn open(&self, volume: VolumeNumber) -> io::Result<Arc<dyn ReadAt>>;
}

/// Follows a verification from outside: progress, and the wish to stop. Called from several threads.
pub trait Watch: Sync {
    /// How many bytes are to be dealt with. Told again when it turns out to be less.
    fn total(&self, _bytes: u64) {}
    /// So many more bytes were dealt with.
    fn advance(&self, _bytes: u64) {}
    /// Time since the verification began. Without a clock no time passes, and a limit of time is never reached.
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
    /// Whether to stop now; the report then says that it is incomplete.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Nobody follows.
pub struct Unwatched;
impl Watch for Unwatched {}

/// Sees what the volumes hold, in order, as the index should.
pub trait Observer {
    /// An object that was committed.
    fn object(&mut self, digest: Digest, volume: VolumeNumber, member: &Member);
    /// An entry, well-formed, with the position of its line and its leaf hash.
    fn entry(&mut self, entry: &SignedEntry, volume: VolumeNumber, offset: u64, leaf: Digest);
}

/// A head of the log that was seen before, from outside the archive.
#[derive(Debug, Clone)]
pub struct KnownHead {
    /// What was seen.
    pub checkpoint: Checkpoint,
    /// Where it was kept, for the report.
    pub kept_in: String,
}

/// What to verify, and against what.
#[derive(Debug, Clone)]
pub struct Request {
    /// The archive's fingerprint, from `archive.json`.
    pub archive: Fingerprint,
    /// Its origin, from `archive.json`.
    pub origin: Origin,
    /// The log's key, from `archive.json`.
    pub log_key: LogKey,
    /// The first administrator's key, from `archive.json`.
    pub administrator: KeyId,
    /// What was given from outside. Without any, only self-consistency can be shown.
    pub trust: Trust,
    /// What the report says of that.
    pub told_of_trust: String,
    /// Heads that were seen before.
    pub known_heads: Vec<KnownHead>,
    /// Which objects to read; the log is always checked whole.
    pub selection: Selection,
    /// How much of them to read at most.
    pub budget: Budget,
    /// How many threads hash and check signatures.
    pub threads: usize,
}

impl Request {
    /// Whether every object is read as soon as it is met, in the order of the volumes. Otherwise the log is
    /// read first: it says which objects are meant, and a limit is not to be spent on it.
    fn reads_all_at_once(&self) -> bool {
        self.selection == Selection::All && !self.budget.is_limited()
    }
}

/// Verifies an archive.
///
/// # Errors
/// The folder of volumes or a volume cannot be read at all. Bad evidence is no error.
pub fn verify(
    evidence: &dyn Evidence,
    request: &Request,
    observer: &mut dyn Observer,
    watch: &dyn Watch,
) -> io::Result<Report> {
    volumes::Reading::new(evidence, request, observer, watch).run()
}
