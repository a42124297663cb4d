//! The outcome of a command that ran to its end.

use std::process::ExitCode;

/// The outcome of a command that ran to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Done {
    /// Everything is in order.
    Well,
    /// There are findings, or refused files.
    WithFindings,
    /// It was stopped, or only a part could be done.
    Incomplete,
}

impl From<Done> for ExitCode {
    fn from(done: Done) -> Self {
        Self::from(match done {
            Done::Well => 0,
            Done::WithFindings => 1,
            Done::Incomplete => 3,
        })
    }
}
