//! What can be done about something that was found, or was not looked at.

use super::Code;

/// A way out, whatever program it is taken with: each program words it as its own command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// Rebuild the index from the volumes.
    Rebuild,
    /// Bring the copy up to the archive.
    Replicate,
    /// Read and check the archive.
    Verify,
    /// Compare the archive with a copy of it, byte for byte.
    VerifyCopy,
    /// See what is damaged, and heal it.
    Repair,
    /// Read the parity, or compare it with all of its volume.
    Parity,
}

impl Code {
    /// What can be done about it, where that is the same whatever was found.
    #[must_use]
    pub const fn remedy(self) -> Option<Remedy> {
        match self {
            Self::IndexDiffers | Self::IndexUnread => Some(Remedy::Rebuild),
            Self::CopyBehind => Some(Remedy::Replicate),
            _ => None,
        }
    }
}
