//! What a command reports if it could not do its work: what happened, to what, and the way out.

use std::fmt;
use std::io;
use std::process::ExitCode;

use vouchsafe_archive::keys::KeyFileError;
use vouchsafe_archive::metadata::MetadataError;
use vouchsafe_archive::query::{Missing, QueryError};
use vouchsafe_archive::{ArchiveError, CopyError, KnownError, UNSIGNED_WAY_OUT};
use vouchsafe_core::format::FormatError;
use vouchsafe_core::model::ExhibitId;

use super::hints::{REBUILD_HINT, hint_for, hint_for_key, io_hint};
use super::json;
use super::say;
use vouchsafe_check::check_error::CheckError;
use vouchsafe_check::paint::{Tone, on_stderr};
use vouchsafe_check::text::{count, printable};

/// Whether the command was wrong, or could not be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Usage,
    Incomplete,
    Finding,
    Output,
    BrokenPipe,
    DamagedIndex,
}

/// An error with its way out.
#[derive(Debug)]
pub struct CommandError {
    kind: Kind,
    message: String,
    hints: Vec<String>,
}

impl CommandError {
    /// The command or an argument is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), hints: Vec::new() }
    }

    /// It could not be completed.
    pub fn incomplete(message: impl Into<String>) -> Self {
        Self { kind: Kind::Incomplete, message: message.into(), hints: Vec::new() }
    }

    /// The input contradicts itself, or what the archive holds.
    fn finding(message: impl Into<String>) -> Self {
        Self { kind: Kind::Finding, message: message.into(), hints: Vec::new() }
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub fn is_broken_pipe(&self) -> bool {
        self.kind == Kind::BrokenPipe
    }

    /// The output could not be written; the command may still have done its work.
    pub fn is_of_output(&self) -> bool {
        self.kind == Kind::Output
    }

    pub fn is_damaged_index(&self) -> bool {
        self.kind == Kind::DamagedIndex
    }

    /// The index turned out to be damaged; the hint depends on whether it could be removed.
    pub fn damaged_index(message: impl Into<String>, is_forgotten: bool) -> Self {
        let hint = match is_forgotten {
            true => {
                "run the command again: the damaged index was removed, and is rebuilt from the volumes. What was \
                 acknowledged is safe"
            }
            false => REBUILD_HINT,
        };
        Self { kind: Kind::DamagedIndex, ..Self::incomplete(message) }.hint(hint)
    }

    /// The same error, with what was done in spite of it before its message.
    #[must_use]
    pub fn preceded_by(mut self, text: &str) -> Self {
        self.message.insert_str(0, text);
        self
    }

    /// The message, without a way out.
    pub fn into_message(self) -> String {
        self.message
    }

    /// Prints the error on standard error, for people or for programs, and returns its exit status.
    pub fn report(&self, is_json: bool) -> ExitCode {
        let status = self.exit_code();
        match is_json {
            true => {
                let value = json::Failure { error: &self.message, hints: &self.hints, status };
                eprintln!("{}", json::line(&value).unwrap_or_default())
            }
            false => eprint!("{self}"),
        }
        ExitCode::from(status)
    }

    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Finding => 1,
            Kind::Usage => 2,
            Kind::Incomplete | Kind::Output | Kind::BrokenPipe | Kind::DamagedIndex => 3,
        }
    }
}

/// The form for people, on standard error; --quiet leaves out the hints.
impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", on_stderr(Tone::Bad, "error:"), printable(&self.message))?;
        let hints = if say::is_quiet() { &[] } else { self.hints.as_slice() };
        hints.iter().try_for_each(|hint| writeln!(f, "hint: {}", printable(hint)))
    }
}

/// Errors of writing to the terminal or a pipe.
impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        let mut made = Self::incomplete(format!("the output cannot be written: {error}"));
        made.kind = Kind::Output;
        if error.kind() == io::ErrorKind::BrokenPipe {
            made.kind = Kind::BrokenPipe;
        }
        made
    }
}

impl From<CheckError> for CommandError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Usage { message, hint } => Self::usage(message).hint(hint),
            CheckError::Incomplete { message, hint } => {
                hint.into_iter().fold(Self::incomplete(message), CommandError::hint)
            }
        }
    }
}

impl From<MetadataError> for CommandError {
    fn from(error: MetadataError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<KnownError> for CommandError {
    fn from(error: KnownError) -> Self {
        let made = Self::incomplete(error.to_string());
        match error {
            KnownError::Round { .. } => made.hint("remove that file; the next run then begins a new round"),
            KnownError::Io { source, .. } => match io_hint(&source) {
                Some(hint) => made.hint(hint),
                None => made,
            },
            _ => made,
        }
    }
}

impl From<KeyFileError> for CommandError {
    fn from(error: KeyFileError) -> Self {
        hint_for_key(&error).into_iter().fold(Self::incomplete(error.to_string()), CommandError::hint)
    }
}

impl From<QueryError> for CommandError {
    fn from(error: QueryError) -> Self {
        let made = Self::usage(error.to_string());
        let made = if error.hint.is_empty() { made } else { made.hint(error.hint) };
        match error.missing {
            Some(Missing::Field) => made.hint("`vouchsafe fields` lists the fields that exhibits have"),
            Some(Missing::Agent) => made.hint("see `vouchsafe agent list`"),
            None => made,
        }
    }
}

impl From<ArchiveError> for CommandError {
    fn from(error: ArchiveError) -> Self {
        if let ArchiveError::Query(error) = error {
            return error.into();
        }
        if let ArchiveError::KeyFile(error) = error {
            return error.into();
        }
        if let ArchiveError::OwnBundle { here, missing, differs, .. } = &error
            && (differs.is_some() || !missing.is_empty())
        {
            return of_another_copy(&error, here, missing, differs.as_deref());
        }
        if matches!(&error, ArchiveError::Index(error) if error.is_damage()) {
            return Self::damaged_index(error.to_string(), false);
        }
        let made = match &error {
            // A name that nothing has.
            ArchiveError::NoExhibit { .. }
            | ArchiveError::NoEntry { .. }
            | ArchiveError::NoTransfer { .. }
            | ArchiveError::Slip(_)
            | ArchiveError::Copy(CopyError::Unknown { .. }) => Self::usage(error.to_string()),
            ArchiveError::LetterContradicts { .. } => Self::finding(error.to_string()),
            _ => Self::incomplete(error.to_string()),
        };
        let made = match hint_for(&error) {
            Some(hint) => made.hint(hint),
            None => made,
        };
        match &error {
            ArchiveError::NotUnderstood { place, .. } if place == "archive.json" => made.hint(UNSIGNED_WAY_OUT),
            ArchiveError::Format { path, source: FormatError::NotUnderstood { .. } }
                if path.ends_with("archive.json") =>
            {
                let first = "the first entry of the log has the same information, but cannot be read either: restore \
                    the volumes from another copy of the archive";
                made.hint(UNSIGNED_WAY_OUT).hint(first)
            }
            _ => made,
        }
    }
}

/// At most this many exhibits are named in an error.
const NAMED: usize = 20;

/// A bundle of another copy of the archive, to which entries were added separately: deleting that copy would lose them.
fn of_another_copy(
    error: &ArchiveError,
    here: &[ExhibitId],
    missing: &[ExhibitId],
    differs: Option<&str>,
) -> CommandError {
    let mut made = CommandError::finding(error.to_string());
    if let Some(differs) = differs {
        made = made.hint(format!("both copies were written to: {differs}"));
    }
    for (label, exhibits) in [("NOT here", missing), ("here", here)] {
        for exhibit in exhibits.iter().take(NAMED) {
            made = made.hint(format!("{label}: {exhibit}"));
        }
        if let Some(more) = exhibits.len().checked_sub(NAMED).filter(|more| *more > 0) {
            made = made.hint(format!("{label}: and {}", count(more as u64, "further exhibit")));
        }
    }
    made.hint(
        "keep that copy: it alone holds these exhibits. Copy each of them out with `vouchsafe get`, and ingest the \
         file here; its history stays in the bundle",
    )
}
