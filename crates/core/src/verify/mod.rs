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
mod evidence;
mod finding;
mod hashing;
pub mod letter;
mod limited;
mod log;
mod moves;
mod objects;
mod place;
mod reading;
pub mod receipts;
mod remedy;
mod report;
mod request;
mod selected;
mod selection;
mod shown;
mod signers;
mod standing;
mod trust;
mod volumes;

pub use volumes::commits_behind;

use std::io;

pub use agent_error::AgentError;
pub use agents::Agents;
pub use confidence::{CONFIDENCE_PERCENT, Confidence};
pub use evidence::{Evidence, Observer, Unwatched, Watch};
pub use finding::{Code, Finding, Place, Severity};
pub use hashing::hash_pieces;
pub use limited::{LimitedFindings, MAX_FINDINGS_OF_A_KIND};
pub use remedy::Remedy;
pub use report::{Checked, Report, ReportVerdict, as_of};
pub use request::{KnownHead, Request};
pub use selection::{Budget, Progress, Selection, Since, digest_of_objects};
pub use standing::Standing;
pub use trust::{GivenKey, Judged, KeyOwner, MAX_TRUST_BYTES, MAX_TRUST_LINES, Slip, Trust, TrustError};

use reading::Reading;

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
    Reading::new(evidence, request, observer, watch).run()
}
