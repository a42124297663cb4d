//! What can be done about a risk.

use std::path::PathBuf;

/// A way out of a risk. Each program words it with its own commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Something that is done outside any program of the archive, in words.
    Advice(String),
    /// Rebuild the index.
    Rebuild,
    /// Open the archive in any way: that brings the index up to date.
    Open,
    /// Restore volumes, from parity or from another copy.
    Restore,
    /// Restore volumes from another copy; parity cannot help.
    RestoreFromCopy,
    /// Compare unreadable bytes at the end of the last volume with another copy. Writing moves them away.
    CompareTail,
    /// The same, but leave the bytes: this version moves nothing.
    CompareTailOnly,
    /// Move an interrupted commit away by writing, and repeat what was interrupted.
    MoveTail,
    /// Write nothing, verify, and compare with another copy.
    Compare,
    /// Make a new copy on another medium at another site.
    MakeCopy,
    /// Bring a copy up to date.
    UpdateCopy,
    /// Verify the archive and record the outcome.
    RecordVerification,
    /// The same, over everything.
    RecordWholeVerification,
    /// Verify the archive; nothing can be recorded.
    VerifyOnly,
    /// Verify the archive to see what is lost, and restore it from a copy.
    VerifyLoss,
    /// Verify the archive to see what is degraded.
    VerifyDegraded,
    /// Set the clock, or accept it if an earlier one was wrong.
    SetClock,
    /// Move a private key away, and revoke it if others may have had it.
    RevokeKey(PathBuf),
    /// Restore the user's keys from their backup, or name them.
    RestoreKeys,
    /// Restore the right log key from its backup, or name it.
    RestoreLogKey,
    /// See the agents; an administrator can add one.
    AddAgent,
    /// See the agents; only a newer version can add one.
    AddAgentWithNewer,
    /// Make parity.
    MakeParity,
    /// Make parity; only a newer version can.
    MakeParityWithNewer,
    /// Finish and log a repair.
    FinishRepair,
    /// See how far a repair came; only a newer version can log it.
    ShowRepair,
}

impl From<&str> for Mend {
    fn from(advice: &str) -> Self {
        Self::Advice(advice.to_owned())
    }
}

impl From<String> for Mend {
    fn from(advice: String) -> Self {
        Self::Advice(advice)
    }
}
