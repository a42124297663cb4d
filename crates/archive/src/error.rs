//! What can go wrong with an archive.

use std::io;
use std::path::{Path, PathBuf};

use super::index::IndexError;
use super::keys::KeyFileError;
use super::known::KnownError;
use super::lock::LockHolder;
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
    /// There is no such folder.
    #[error("{}: there is no such folder", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is no archive.
    #[error("{}: not an archive (there is no archive.json in it)", path.display())]
    NotAnArchive {
        /// The folder.
        path: PathBuf,
    },
    /// The folder for a new archive holds something.
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
    /// Whoever writes must be alone, and the drive cannot see to that.
    #[error("{}: the drive has no file locks, so nothing is written there", path.display())]
    NoLocks {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is a copy of an archive, made by replicating it.
    #[error("{}: this is a copy of an archive; nothing is written on it but by replicating the archive", path.display())]
    IsACopy {
        /// The folder.
        path: PathBuf,
    },
    /// The archive was written by a newer version: it can be read as far as it is understood, and is not written to.
    #[error("{place}: {what}: the archive was written by a newer version, and this one only reads it")]
    NotUnderstood {
        /// The entry or the file.
        place: String,
        /// What is said of it.
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
    /// The system starts no thread that the work cannot do without.
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
    /// Entries were recorded, but the index could not be brought up to them.
    #[error("entry {first} is recorded, but the index could not be brought up to it: {source}")]
    NotIndexed {
        /// The first of the entries.
        first: EntryIndex,
        /// What failed.
        source: IndexError,
    },
    /// Entries were recorded, but this machine could not write down that it has seen them.
    #[error("entry {first} is recorded, but this machine could not write down that it has seen it: {source}")]
    NotRemembered {
        /// The first of the entries.
        first: EntryIndex,
        /// What failed.
        source: KnownError,
    },
    /// A working copy was issued, and something failed after it was recorded.
    #[error("the copy lies in {} and is recorded, but {source}", path.display())]
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
    #[error("the log's first {} are not those that this machine has seen: its history was rewritten", count(*size, "entry"))]
    HeadForked {
        /// Entries seen.
        size: u64,
    },
    /// Another archive of this name is remembered, and nothing from outside says that this is a second one.
    #[error(
        "this archive calls itself {origin}, but the one that this machine remembers under this name is another: its \
         fingerprint is {}, and that of this one is {}", remembered.paper(), found.paper()
    )]
    OtherArchive {
        /// What both call themselves.
        origin: String,
        /// The fingerprint that is remembered.
        remembered: Fingerprint,
        /// The fingerprint of this one.
        found: Fingerprint,
    },
    /// A head from outside is of another log, or nobody signed it: it says nothing about this one.
    #[error("{}: this head is not of the log of this archive: nothing is compared with it", path.display())]
    ForeignHead {
        /// The file.
        path: PathBuf,
    },
    /// A head from outside is signed by a key that is not known here, and may be of this log all the same.
    #[error(
        "{}: it cannot be told whether this head is of the log of this archive: {}. Nothing was verified", path.display(),
        unknown_key(*size, *found)
    )]
    HeadOfUnknownKey {
        /// The file.
        path: PathBuf,
        /// Entries that it says the log has.
        size: u64,
        /// Entries that can be read here.
        found: u64,
    },
    /// A fingerprint that was given was mistyped, most probably.
    #[error(transparent)]
    Slip(Slip),
    /// The log's private key that was given is not this archive's.
    #[error("{}: this is not the log key of this archive (expected {expected})", path.display())]
    WrongLogKey {
        /// The key file.
        path: PathBuf,
        /// Fingerprint of the right one.
        expected: KeyId,
    },
    /// It needs signatures that this version does not make.
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
    #[error("{key}: none of the agent's roles ({}) allows {event}, which is for: {}", listed(roles), listed(&allowed(*event)))]
    NotAllowed {
        /// The agent's key.
        key: KeyId,
        /// The kind of entry that the act makes.
        event: EventKind,
        /// What the agent may do.
        roles: Vec<Role>,
    },
    /// The clock is behind the log.
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
    /// The volumes are there, but the log that every archive begins with is not.
    #[error("{}: no volume holds a committed entry: all that was in them is gone", path.display())]
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
    /// The index leads to bytes that are not what it says.
    #[error("{place}: {reason}")]
    Damaged {
        /// Where.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The bytes of an object are not those that its name says.
    #[error("objects/{object}: its bytes have changed: they have the SHA-256 {found}")]
    ObjectChanged {
        /// The object.
        object: Digest,
        /// What its bytes hash to.
        found: Digest,
    },
    /// The folder to take bytes from is no other copy of this archive.
    #[error("{}: this is not another copy of the archive", path.display())]
    NotACopy {
        /// The folder.
        path: PathBuf,
    },
    /// With the healed volumes, the archive would not be what is known of it.
    #[error("nothing was repaired: the healed volumes do not lead to the log that is known ({reason})")]
    RepairRefused {
        /// What speaks against it.
        reason: String,
    },
    /// A bundle was recorded, but could not be given its name.
    #[error(
        "{}: the bundle is whole and recorded as entry {index}, but it cannot get this name: {source}",
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
    #[error("it was stopped")]
    Stopped,
    /// A bundle of this archive does not hold.
    #[error("the bundle does not hold: {} {}: {}", .finding.code, .finding.place, .finding.message)]
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
    /// A statement of completeness would not be about one whole collection.
    #[error("{exhibit}: it is in the collection and would not be counted, or is not and would be")]
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
    /// A bundle is not the one that is meant.
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
    #[error("{}: its file {file} holds a private key of this archive", path.display())]
    BundleHoldsOwnKey {
        /// The bundle.
        path: PathBuf,
        /// The file in it.
        file: String,
    },
    /// A letter cannot be read, not even with what is done to letters on their way undone.
    #[error("{}: {source}", path.display())]
    LetterUnread {
        /// The letter.
        path: PathBuf,
        /// What is wrong with it.
        source: FormatError,
    },
    /// A file is too large for a letter.
    #[error(
        "{}: this is no letter: it has {}, and a letter has at most {}", path.display(), count(*size_bytes, "byte"),
        number(MAX_LETTER_BYTES as u64)
    )]
    NoLetterFile {
        /// The file.
        path: PathBuf,
        /// How large it is.
        size_bytes: u64,
    },
    /// A letter was written by a newer version, or by an archive that one writes.
    #[error("{}: the letter is not understood: {reason}", path.display())]
    LetterNotUnderstood {
        /// The letter.
        path: PathBuf,
        /// What of it is not known.
        reason: String,
    },
    /// A letter proves nothing, or not what is asked for.
    #[error("{}: {reason}", path.display())]
    LetterWrong {
        /// The letter.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A letter contradicts what the archive holds from the same log: that was rewritten, or shown differently.
    #[error("{}: {reason}", path.display())]
    LetterContradicts {
        /// The letter.
        path: PathBuf,
        /// What it contradicts, and how.
        reason: String,
    },
    /// An entry about a transfer cannot be read, so it is not known what was answered.
    #[error("entry {index}, which is about a transfer, cannot be read: {reason}")]
    TransferUnread {
        /// The entry.
        index: EntryIndex,
        /// What is wrong with it.
        reason: String,
    },
    /// An entry is signed by a key that, as was found out later, is not to be trusted there.
    #[error("entry {index} is signed by {key}, which is no longer trusted there: no letter is written about it")]
    InQuestion {
        /// The entry.
        index: EntryIndex,
        /// The key.
        key: KeyId,
    },
    /// Nothing from outside says whose letter it is.
    #[error("{}: no fingerprint from outside was given, so anybody may have written this letter", path.display())]
    LetterUnanchored {
        /// The letter.
        path: PathBuf,
    },
    /// No letter tells of this entry.
    #[error("entry {index} is no offer of custody and no answer to one")]
    NoTransfer {
        /// The entry.
        index: EntryIndex,
    },
    /// No letter of another archive came with this entry.
    #[error("entry {index} took in no letter of another archive")]
    NoLetter {
        /// The entry.
        index: EntryIndex,
    },
    /// An offer was answered before.
    #[error("this offer was answered before, as entry {index}")]
    OfferAnswered {
        /// The entry.
        index: EntryIndex,
    },
    /// A bundle that this archive exported itself is to be taken in.
    #[error("{}", own_bundle(origin, here, missing, differs.as_deref()))]
    OwnBundle {
        /// The origin.
        origin: String,
        /// Its exhibits that are here.
        here: Vec<ExhibitId>,
        /// Those that are not: another copy of the archive was written on by itself.
        missing: Vec<ExhibitId>,
        /// What its log has that this one has not, or otherwise.
        differs: Option<String>,
    },
    /// The file to be written exists.
    #[error("{}: the file exists already; nothing is ever written over", path.display())]
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
        (0, None) => format!("the bundle is from this archive ({origin}) itself; its exhibits are here"),
        (0, Some(_)) => {
            format!(
                "the bundle is from another copy of this archive ({origin}); its exhibits are here, but not its log"
            )
        }
        (missing, _) => {
            let (all, are) = (here.len() + missing, if missing == 1 { "is" } else { "are" });
            format!(
                "the bundle is from another copy of this archive ({origin}): {missing} of its {all} exhibits {are} NOT here"
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

/// Why it cannot be told whose a head is.
fn unknown_key(size: u64, found: u64) -> String {
    let not_known = "it has the name of this log, and no key that is known here signed it";
    match size > found {
        true => format!(
            "{not_known}. It is of {}, and the log has {} here: an entry that was cut off may have changed the log's key",
            count(size, "entry"),
            number(found)
        ),
        false => format!("{not_known}. An entry that is not understood may have changed the log's key"),
    }
}
