//! What can go wrong with an archive.

use std::io;
use std::path::{Path, PathBuf};

use super::index::IndexError;
use super::keys::KeyFileError;
use super::known::KnownError;
use super::lock::LockHolder;
use super::query::QueryError;
use super::replicate::CopyError;
use crate::store::{ObjectError, ScanError, StoreError};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::FormatError;
use vouchsafe_core::format::bundle::MAX_FILES;
use vouchsafe_core::format::letter::MAX_LETTER_BYTES;
use vouchsafe_core::model::{EntryIndex, EventKind, ExhibitId, Fingerprint, Role, Timestamp, count, number};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::threads::NoThread;
use vouchsafe_core::verify::Remedy;
use vouchsafe_core::verify::{AgentError, Finding, Slip};

/// Why an archive could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// A question that cannot be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// There is no such folder.
    #[error("{}: there is no such folder", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is not an archive.
    #[error("{}: not an archive (there is no archive.json in it)", path.display())]
    NotAnArchive {
        /// The folder.
        path: PathBuf,
    },
    /// The folder for a new archive is not empty.
    #[error("{}: the folder is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A file stands where a folder is expected.
    #[error("{}: a file stands where a folder is expected", path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// A file of the archive is not what the format says.
    #[error("{}: {source}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: FormatError,
    },
    /// Another process uses the archive.
    #[error("{}: the archive is in use by {holder}", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The process.
        holder: LockHolder,
    },
    /// The archive cannot be written to.
    #[error("{}: the archive cannot be written to", path.display())]
    ReadOnly {
        /// The folder.
        path: PathBuf,
    },
    /// Writing needs a lock, and the drive has none.
    #[error("{}: the drive has no file locks, so nothing can be written there", path.display())]
    NoLocks {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is a copy of an archive, made by replicating it.
    #[error("{}: this is a copy of an archive; only replicating the archive writes to it", path.display())]
    IsACopy {
        /// The folder.
        path: PathBuf,
    },
    /// The archive was written by a newer version: what is understood can be read, but nothing can be written.
    #[error("{place}: {what}: a newer version wrote to the archive, so this version can only read it")]
    NotUnderstood {
        /// The entry or the file.
        place: String,
        /// What is not understood.
        what: String,
    },
    /// Copying to another folder.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A file effect failed.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system does not start a thread that the work needs.
    #[error(transparent)]
    NoThread(#[from] NoThread),
    /// The volumes.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Commits cannot be read back.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// What this machine remembers.
    #[error(transparent)]
    Known(#[from] KnownError),
    /// An entry or a field that the format does not allow.
    #[error(transparent)]
    Entry(#[from] FormatError),
    /// Entries were recorded, but the index could not be updated.
    #[error("entry {first} is recorded, but the index could not be updated: {source}")]
    NotIndexed {
        /// The first of the entries.
        first: EntryIndex,
        /// What failed.
        source: IndexError,
    },
    /// Entries were recorded, but this machine could not remember them.
    #[error("entry {first} is recorded, but this machine could not remember it: {source}")]
    NotRemembered {
        /// The first of the entries.
        first: EntryIndex,
        /// What failed.
        source: KnownError,
    },
    /// A working copy was issued, and something failed after it was recorded.
    #[error("the copy is in {} and is recorded, but {source}", path.display())]
    AfterCopy {
        /// The copy.
        path: PathBuf,
        /// The entry that records it.
        index: EntryIndex,
        /// What failed.
        source: Box<ArchiveError>,
    },
    /// The log is shorter than what this machine saw of it.
    #[error(
        "the log has {}, but this machine has seen {}: entries were cut off, or this is an old copy",
        count(*found, "entry"),
        number(*seen)
    )]
    HeadBehind {
        /// Entries now.
        found: u64,
        /// Entries seen.
        seen: u64,
    },
    /// The log does not contain what this machine saw of it.
    #[error("the log's first {} differ from those that this machine has seen: its history was \
        rewritten", count(*size, "entry"))]
    HeadForked {
        /// Entries seen.
        size: u64,
    },
    /// This machine remembers another archive of this name, and nothing from outside shows that this is a second one.
    #[error(
        "this archive is named {origin}, but this machine remembers another archive of that name: its fingerprint is \
         {}, and that of this one is {}", remembered.paper(), found.paper()
    )]
    OtherArchive {
        /// The name of both.
        origin: String,
        /// The fingerprint that is remembered.
        remembered: Fingerprint,
        /// The fingerprint of this one.
        found: Fingerprint,
    },
    /// A head from outside belongs to another log, or is not signed, so it says nothing about this log.
    #[error("{}: this head does not belong to the log of this archive, so nothing was compared with \
        it", path.display())]
    ForeignHead {
        /// The file.
        path: PathBuf,
    },
    /// A head from outside is signed by an unknown key, but may belong to this log.
    #[error(
        "{}: it is not known whether this head belongs to the log of this archive: {}. Nothing was \
         verified", path.display(),
        unknown_key(*size, *found)
    )]
    HeadOfUnknownKey {
        /// The file.
        path: PathBuf,
        /// The number of entries that it states.
        size: u64,
        /// Entries that can be read here.
        found: u64,
    },
    /// A given fingerprint was probably mistyped.
    #[error(transparent)]
    Slip(Slip),
    /// The given log key is not this archive's.
    #[error("{}: this is not the log key of this archive (expected {expected})", path.display())]
    WrongLogKey {
        /// The key file.
        path: PathBuf,
        /// Fingerprint of the right one.
        expected: KeyId,
    },
    /// The act needs signatures that this version cannot make.
    #[error("this version cannot sign for {what}")]
    CannotSign {
        /// What.
        what: String,
    },
    /// The agent may not do this.
    #[error("{key}: {source}")]
    Agent {
        /// The agent's key.
        key: KeyId,
        /// Why not.
        source: AgentError,
    },
    /// None of the agent's roles allows an act.
    #[error("{key}: none of the agent's roles ({}) allows {event}; these roles do: \
        {}", listed(roles), listed(&allowed(*event)))]
    NotAllowed {
        /// The agent's key.
        key: KeyId,
        /// The kind of entry that the act makes.
        event: EventKind,
        /// What the agent may do.
        roles: Vec<Role>,
    },
    /// The clock is earlier than the log's last entry.
    #[error("the computer's clock says {now}, but the log's last entry was recorded at {last}")]
    ClockBehind {
        /// Now.
        now: Timestamp,
        /// The last entry.
        last: Timestamp,
    },
    /// There is no such exhibit.
    #[error("there is no exhibit {exhibit}")]
    NoExhibit {
        /// Its name.
        exhibit: ExhibitId,
    },
    /// The volumes exist, but hold no log.
    #[error("{}: no volume holds a committed entry: everything that was in them is gone", path.display())]
    Emptied {
        /// The folder of the volumes.
        path: PathBuf,
    },
    /// There is no such entry.
    #[error("the log has no entry {index}")]
    NoEntry {
        /// Its index.
        index: EntryIndex,
    },
    /// Bytes are not what the index or the log states.
    #[error("{place}: {reason}")]
    Damaged {
        /// Where.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The bytes of an object do not match its name.
    #[error("objects/{object}: its bytes have changed; their SHA-256 is now {found}")]
    ObjectChanged {
        /// The object.
        object: Digest,
        /// What its bytes hash to.
        found: Digest,
    },
    /// The folder to repair from is not another copy of this archive.
    #[error("{}: this is not another copy of the archive", path.display())]
    NotACopy {
        /// The folder.
        path: PathBuf,
    },
    /// The healed volumes would contradict what is known of the archive.
    #[error("nothing was repaired: the healed volumes do not match the known log ({reason})")]
    RepairRefused {
        /// What speaks against it.
        reason: String,
    },
    /// A bundle was recorded, but could not get its name.
    #[error(
        "{}: the bundle is complete and recorded as entry {index}, but it could not be given this name: {source}",
        path.display()
    )]
    BundleNotNamed {
        /// The name.
        path: PathBuf,
        /// Where it is.
        kept_in: PathBuf,
        /// The entry.
        index: EntryIndex,
        /// What the system said.
        source: std::io::Error,
    },
    /// The user asked to stop.
    #[error("stopped before the end")]
    Stopped,
    /// A bundle of this archive fails its check.
    #[error("the new bundle fails its check: {} {}: {}", .finding.code, .finding.place, .finding.message)]
    BundleNotSound {
        /// The first of the findings.
        finding: Box<Finding>,
    },
    /// A bundle would have more files and folders than a bundle may have.
    #[error("the bundle would have {files} files and folders; at most {MAX_FILES} are allowed")]
    TooManyFiles {
        /// How many it would have.
        files: u64,
    },
    /// A statement of completeness would not cover exactly one collection.
    #[error("{exhibit}: export or leave out every exhibit of the collection, and no others")]
    NotTheCollection {
        /// The exhibit.
        exhibit: ExhibitId,
    },
    /// A bundle cannot be read.
    #[error("{}: cannot read the bundle: {source}", path.display())]
    BundleUnreadable {
        /// The bundle.
        path: PathBuf,
        /// What the system said, or what has changed.
        source: io::Error,
    },
    /// A bundle is not the expected one.
    #[error("{}: {reason}", path.display())]
    BundleUnfit {
        /// The bundle.
        path: PathBuf,
        /// What it is instead.
        reason: String,
        /// What can be done about it, if that is known.
        remedy: Option<Remedy>,
    },
    /// A bundle holds, as an exhibit, a private key of this archive.
    #[error("{}: the file {file} in it holds a private key of this archive", path.display())]
    BundleHoldsOwnKey {
        /// The bundle.
        path: PathBuf,
        /// The file in it.
        file: String,
    },
    /// A letter cannot be read, even after changes by mail programs are undone.
    #[error("{}: {source}", path.display())]
    LetterUnread {
        /// The letter.
        path: PathBuf,
        /// What is wrong with it.
        source: FormatError,
    },
    /// A file is too large for a letter.
    #[error(
        "{}: this is not a letter: it has {}, and a letter has at most {}", path.display(), count(*size_bytes, "byte"),
        number(MAX_LETTER_BYTES as u64)
    )]
    NoLetterFile {
        /// The file.
        path: PathBuf,
        /// How large it is.
        size_bytes: u64,
    },
    /// A letter was written by a newer version, or by an archive that uses one.
    #[error("{}: the letter is not understood: {reason}", path.display())]
    LetterNotUnderstood {
        /// The letter.
        path: PathBuf,
        /// What is not known.
        reason: String,
    },
    /// A letter proves nothing, or something else.
    #[error("{}: {reason}", path.display())]
    LetterWrong {
        /// The letter.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A letter contradicts what the archive holds from the same log: that log was rewritten, or shown differently.
    #[error("{}: {reason}", path.display())]
    LetterContradicts {
        /// The letter.
        path: PathBuf,
        /// What it contradicts, and how.
        reason: String,
    },
    /// An entry about a transfer cannot be read, so the answer is not known.
    #[error("entry {index}, which is about a transfer, cannot be read: {reason}")]
    TransferUnread {
        /// The entry.
        index: EntryIndex,
        /// What is wrong with it.
        reason: String,
    },
    /// An entry is signed by a key that was later found to be untrustworthy there.
    #[error("entry {index} is signed by {key}, which is no longer trusted there, so no letter can be written about it")]
    InQuestion {
        /// The entry.
        index: EntryIndex,
        /// The key.
        key: KeyId,
    },
    /// Nothing from outside shows whose letter it is.
    #[error("{}: no fingerprint from outside was given, so anybody may have written this letter", path.display())]
    LetterUnanchored {
        /// The letter.
        path: PathBuf,
    },
    /// No letter is about this entry.
    #[error("entry {index} is neither an offer of custody nor an answer to one")]
    NoTransfer {
        /// The entry.
        index: EntryIndex,
    },
    /// No letter of another archive came with this entry.
    #[error("entry {index} did not record a letter of another archive")]
    NoLetter {
        /// The entry.
        index: EntryIndex,
    },
    /// An offer was already answered.
    #[error("this offer was already answered, as entry {index}")]
    OfferAnswered {
        /// The entry.
        index: EntryIndex,
    },
    /// The bundle to import was exported by this archive itself.
    #[error("{}", own_bundle(origin, here, missing, differs.as_deref()))]
    OwnBundle {
        /// The origin.
        origin: String,
        /// Its exhibits that are here.
        here: Vec<ExhibitId>,
        /// Those that are not: entries were added separately to another copy of the archive.
        missing: Vec<ExhibitId>,
        /// How its log differs from this one.
        differs: Option<String>,
    },
    /// The file to be written exists.
    #[error("{}: the file already exists; existing files are never overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
}

/// The roles that allow an act.
fn allowed(event: EventKind) -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| event.is_allowed_to(*role)).collect()
}

fn own_bundle(origin: &str, here: &[ExhibitId], missing: &[ExhibitId], differs: Option<&str>) -> String {
    match (missing.len(), differs) {
        (0, None) => format!("the bundle is from this archive ({origin}), which already has its exhibits"),
        (0, Some(_)) => {
            format!(
                "the bundle is from another copy of this archive ({origin}); its exhibits are here, but its log is not"
            )
        }
        (missing, _) => {
            let (all, are) = (here.len() + missing, if missing == 1 { "is" } else { "are" });
            format!(
                "the bundle is from another copy of this archive ({origin}): {missing} of its {all} exhibits {are} NOT \
                 here"
            )
        }
    }
}

fn listed(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

impl ArchiveError {
    /// The first of the entries that were recorded in spite of this error.
    #[must_use]
    pub const fn recorded(&self) -> Option<EntryIndex> {
        match self {
            Self::NotIndexed { first, .. } | Self::NotRemembered { first, .. } => Some(*first),
            Self::AfterCopy { index, .. } => Some(*index),
            _ => None,
        }
    }

    /// The system has no randomness to give.
    pub(crate) fn no_randomness(source: io::Error) -> Self {
        Self::io("get randomness from the system", Path::new("getrandom"))(source)
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

impl From<ObjectError> for ArchiveError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Unread(error) => error.into(),
            ObjectError::Changed { object, found } => Self::ObjectChanged { object, found },
        }
    }
}

/// Why it is not known which archive a head belongs to.
fn unknown_key(size: u64, found: u64) -> String {
    let not_known = "it has the name of this log, but no known key signed it";
    match size > found {
        true => format!(
            "{not_known}. It covers {}, but the log here has {}: an entry that was cut off may have changed the log's \
             key",
            count(size, "entry"),
            number(found)
        ),
        false => format!("{not_known}. An entry that is not understood may have changed the log's key"),
    }
}
