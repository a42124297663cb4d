//! The files for people in a bundle. The archive says what they are made from, and others write them: they need fonts and
//! formats that no evidence rests on.

use std::io::{self, Write};

use super::plan::ExportPlan;
use crate::ArchiveError;
use crate::reader::Reader;
use vouchsafe_core::format::bundle::BundlePath;
use vouchsafe_core::model::Timestamp;
use vouchsafe_core::model::vocabulary::{PURPOSE, RECIPIENT};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::Watch;

/// What the files for people are made from.
#[derive(Clone, Copy)]
pub struct ReportSource<'a> {
    /// The archive. What is read from it has to be shown through the plan, which knows what is withheld.
    pub archive: &'a Reader,
    /// What the bundle holds and discloses.
    pub plan: &'a ExportPlan,
    /// Who signs the bundle.
    pub signer: KeyId,
    /// When the bundle is made.
    pub created_at: Timestamp,
    /// What it is for and who gets it, as far as the plan discloses that.
    pub handover: Handover<'a>,
    /// Whether to stop. What takes long before anything is written must ask.
    pub watch: &'a dyn Watch,
}

/// What a bundle is for and who gets it, as far as it discloses that. No entry in the bundle says it: the export is recorded
/// after the bundle was written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Handover<'a> {
    /// What it is for.
    pub purpose: Option<&'a str>,
    /// Who gets it.
    pub recipient: Option<&'a str>,
}

impl<'a> Handover<'a> {
    /// What the plan discloses of these two.
    pub(super) fn disclosed(plan: &ExportPlan, purpose: &'a str, recipient: &'a str) -> Self {
        let disclosed = |field, text| plan.discloses_of_the_export(field).then_some(text);
        Self { purpose: disclosed(PURPOSE, purpose), recipient: disclosed(RECIPIENT, recipient) }
    }
}

/// Why a file was not written.
#[derive(Debug)]
pub enum ReportError {
    /// What it is made from cannot be read.
    Read(ArchiveError),
    /// It cannot be written.
    Write(io::Error),
}

impl From<ArchiveError> for ReportError {
    fn from(error: ArchiveError) -> Self {
        Self::Read(error)
    }
}

impl From<io::Error> for ReportError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Writes one file to the given place.
pub type WriteReport<'a> = &'a mut dyn FnMut(&mut dyn Write) -> Result<(), ReportError>;

/// Writes the files for people.
pub trait Reports: Sync {
    /// Hands over each file under its name in the bundle. `add` may be called from the calling thread only, and calls the
    /// writer it is given once.
    ///
    /// # Errors
    /// What they are made from cannot be read, or `add` failed.
    fn write(
        &self,
        source: &ReportSource<'_>,
        add: &mut dyn FnMut(BundlePath, WriteReport<'_>) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError>;
}
