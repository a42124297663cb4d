//! The names of the files and folders in an archive.

pub(super) const DESCRIPTION: &str = "archive.json";
pub(super) const README: &str = "README.txt";
pub(super) const FORMAT: &str = "FORMAT.md";
pub(super) const COPY: &str = "copy.json";
pub(super) const VOLUMES: &str = "volumes";
pub(super) const INDEX: &str = "index";
pub(super) const QUARANTINE: &str = "quarantine";
pub(super) const PARITY: &str = "parity";
/// What is being prepared by a repair; no part of the archive, and empty between repairs.
pub(super) const REPAIR: &str = "repair";
pub(super) const LOCK: &str = "lock";
