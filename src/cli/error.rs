//! What a command says when it could not do its work: what happened, to what, and the way out.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use vouchsafe_archive::IndexError;
use vouchsafe_archive::ingest::WRITE_RECEIPT;
use vouchsafe_archive::keys::{KeyFileError, OtherForm};
use vouchsafe_archive::metadata::MetadataError;
use vouchsafe_archive::store::{ScanError, StoreError};
use vouchsafe_archive::{ArchiveError, CopyError, KnownError, UNSIGNED_WAY_OUT};
use vouchsafe_bundle::is_no_bundle;
use vouchsafe_core::format::FormatError;
use vouchsafe_core::format::salvage::is_of_the_process;
use vouchsafe_core::model::ExhibitId;
use vouchsafe_core::sign::secrets::SecretForm;
use vouchsafe_core::verify::AgentError;
use vouchsafe_core::verify::bundle::NotChecked;

use vouchsafe_check::check_error::{CheckError, LIMIT_HINT, NO_BUNDLE_HINT};
use vouchsafe_check::text::{ASK_FOR_THE_FILE, NEWER_HINT, count, escaped, printable};

/// Whether the user asked for something impossible, or the program could not do it.
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
    /// The command or an argument makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), hints: Vec::new() }
    }

    /// It could not be completed.
    pub fn incomplete(message: impl Into<String>) -> Self {
        Self { kind: Kind::Incomplete, message: message.into(), hints: Vec::new() }
    }

    /// What was given speaks against itself, or against what is held.
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

    /// Nobody heard what the command had to say; it may have done its work all the same.
    pub fn is_of_output(&self) -> bool {
        self.kind == Kind::Output
    }

    pub fn is_damaged_index(&self) -> bool {
        self.kind == Kind::DamagedIndex
    }

    /// The index turned out to be damaged; whether it could be put away decides what to do next.
    pub fn damaged_index(message: impl Into<String>, is_forgotten: bool) -> Self {
        let hint = match is_forgotten {
            true => {
                "run the command again: the index was put away, and is made anew from the volumes. Whatever was \
                 acknowledged is safe"
            }
            false => REBUILD_HINT,
        };
        Self { kind: Kind::DamagedIndex, ..Self::incomplete(message) }.hint(hint)
    }

    /// The same, with something that was done all the same.
    #[must_use]
    pub fn preceded_by(mut self, text: &str) -> Self {
        self.message.insert_str(0, text);
        self
    }

    /// What happened, without a way out.
    pub fn into_message(self) -> String {
        self.message
    }

    /// Says it on standard error, for people or for programs, and ends with the status that it stands for.
    pub fn tell(&self, is_json: bool) -> ExitCode {
        let status = self.exit_code();
        match is_json {
            true => {
                let value = serde_json::json!({ "error": self.message, "hints": self.hints, "status": status });
                eprintln!("{}", escaped(&value.to_string()))
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

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", printable(&self.message))?;
        self.hints.iter().try_for_each(|hint| writeln!(f, "hint: {}", printable(hint)))
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
            KnownError::Round { .. } => made.hint("remove that file: then a new round begins"),
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
        let hint = match &error {
            KeyFileError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "give the key with --key FILE (or VOUCHSAFE_KEY) and the log key with --log-key FILE (or VOUCHSAFE_LOG_KEY)"
            }
            KeyFileError::TooOpen { path, .. } => {
                return Self::incomplete(error.to_string())
                    .hint(format!("make it readable by you alone: chmod 600 '{}'", path.display()));
            }
            KeyFileError::NotAKey { path, form } => {
                return Self::incomplete(error.to_string()).hint(hint_for_form(*form, path));
            }
            KeyFileError::Comment { path } => {
                return Self::incomplete(error.to_string())
                    .hint(format!("give it another one: ssh-keygen -c -C vouchsafe -f '{}'", path.display()));
            }
            KeyFileError::Unusable { .. } => "make an Ed25519 key with: ssh-keygen -t ed25519",
            KeyFileError::WrongPassphrase { .. } => {
                "a lost passphrase cannot be recovered: take the keys from their backup; for a lost agent key, another administrator can add a new one"
            }
            KeyFileError::Cipher { path, .. } => {
                return Self::incomplete(error.to_string())
                    .hint(format!("encrypt it in the usual way: ssh-keygen -p -Z aes256-ctr -f '{}'", path.display()));
            }
            KeyFileError::PassphraseNeeded { .. } => "type it on a terminal, or give --passphrase-file FILE",
            _ => return Self::incomplete(error.to_string()),
        };
        Self::incomplete(error.to_string()).hint(hint)
    }
}

impl From<ArchiveError> for CommandError {
    fn from(error: ArchiveError) -> Self {
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
            // The name of nothing that is there.
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
                let first = "the first entry of the log says the same, and cannot be read either: take back the volumes from \
                             another copy of the archive";
                made.hint(UNSIGNED_WAY_OUT).hint(first)
            }
            _ => made,
        }
    }
}

/// So many exhibits are named in an error.
const NAMED: usize = 20;

/// A bundle of a copy of the archive that was written on by itself: whoever deletes that copy loses what only it holds.
fn of_another_copy(
    error: &ArchiveError,
    here: &[ExhibitId],
    missing: &[ExhibitId],
    differs: Option<&str>,
) -> CommandError {
    let mut made = CommandError::finding(error.to_string());
    if let Some(differs) = differs {
        made = made.hint(format!("the two copies were both written on: {differs}"));
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
        "keep that copy: what only it holds is lost with it. Take each exhibit that is not here out of it with `vouchsafe \
         get`, and ingest the file here; its history stays in the bundle",
    )
}

/// How a key becomes one that can be used.
fn hint_for_form(form: OtherForm, path: &Path) -> String {
    let path = path.display();
    let make = "make an Ed25519 key with: ssh-keygen -t ed25519";
    match form {
        OtherForm::Damaged => "take the key from its backup".to_owned(),
        OtherForm::Public => "give the private key: the file of the same name without .pub".to_owned(),
        OtherForm::Private(SecretForm::Pkcs8) => {
            format!("if it is an Ed25519 key, OpenSSH 9.6 or later converts it: ssh-keygen -p -f '{path}'")
        }
        OtherForm::Private(SecretForm::Putty) => format!(
            "if it is an Ed25519 key, convert it: puttygen '{path}' -O private-openssh-new -o NEW, or in PuTTYgen with \
             Conversions, Export OpenSSH key (force new file format)"
        ),
        OtherForm::Private(SecretForm::Ssh2) => {
            format!("convert it: ssh-keygen -i -f '{path}' > NEW; only Ed25519 keys are accepted")
        }
        OtherForm::Private(SecretForm::Pem | SecretForm::Pgp) | OtherForm::Certificate => {
            format!("it cannot be converted; {make}")
        }
        _ => "a private key is made by `vouchsafe init` or by `ssh-keygen -t ed25519`".to_owned(),
    }
}

const REBUILD_HINT: &str =
    "`vouchsafe verify` tells whether the volumes are sound, `vouchsafe rebuild` makes the index anew";

const DAMAGE_HINT: &str = "`vouchsafe verify` tells what is affected; `vouchsafe repair` heals it from parity, \
     or with --from from another copy of the archive";

/// What to do about what the system said.
fn io_hint(source: &io::Error) -> Option<String> {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("the disk is full: make room and run the command again; what was acknowledged is safe".to_owned())
        }
        io::ErrorKind::FileTooLarge => Some(
            "the file system, or a limit that is set (ulimit -f), does not let a file grow so large: keep the archive \
             elsewhere; what was acknowledged is safe"
                .to_owned(),
        ),
        _ if is_of_the_process(source) => Some(LIMIT_HINT.to_owned()),
        io::ErrorKind::PermissionDenied => Some("you have no permission to do this with your user account".to_owned()),
        _ => None,
    }
}

fn hint_for(error: &ArchiveError) -> Option<String> {
    match error {
        // Somebody's evidence lies there; a new archive is the last thing that is wanted.
        ArchiveError::NotAnArchive { path } if path.join("volumes").is_dir() => Some(
            "the volumes of an archive are there: take archive.json from a copy of this archive, or from a backup".to_owned(),
        ),
        ArchiveError::NoFolder { .. } => Some(
            "give the archive's folder with --archive DIR or VOUCHSAFE_ARCHIVE, or make one with `vouchsafe init DIR`; if it \
             lies on a disk of its own, connect that"
                .to_owned(),
        ),
        ArchiveError::NotAnArchive { .. } => Some(
            "give the archive's folder with --archive DIR or VOUCHSAFE_ARCHIVE, or make one with `vouchsafe init DIR`"
                .to_owned(),
        ),
        ArchiveError::NotEmpty { path } => Some(format!(
            "give a new folder, such as '{}'; if an earlier init was interrupted here, remove the folder and its keys first",
            path.join("archive").display()
        )),
        ArchiveError::NotUnderstood { .. }
        | ArchiveError::LetterNotUnderstood { .. }
        | ArchiveError::CannotSign { .. } => Some(NEWER_HINT.to_owned()),
        ArchiveError::Format { source: FormatError::NotUnderstood { .. }, .. } => Some(NEWER_HINT.to_owned()),
        ArchiveError::IsACopy { .. } => Some(
            "write on the archive itself. If it is lost and this copy is to take its place: see \"Three copies\" in the guide"
                .to_owned(),
        ),
        ArchiveError::Copy(error) => hint_for_copy(error),
        ArchiveError::InUse { .. } => Some("this command waited for ten seconds; run it again when the other one has finished".to_owned()),
        ArchiveError::ReadOnly { .. } => Some(
            "`vouchsafe verify` and the commands that only read (list, find, show, custody, log, head, prove), `repair` without \
             --apply and `ingest --dry-run` work on a read-only copy; to add to the archive, copy it to a disk that you can write to"
                .to_owned(),
        ),
        ArchiveError::NoLocks { .. } => Some(
            "two programs that write at the same time would break the log. Keep the archive on a disk of this computer; \
             `vouchsafe verify` and the commands that only read work here, too"
                .to_owned(),
        ),
        ArchiveError::Index(IndexError::Clock) => Some("put the computer's clock right; nothing was changed".to_owned()),
        ArchiveError::NoThread(_) | ArchiveError::Index(IndexError::NoThread(_)) => Some(
            "raise the limit of processes and threads (ulimit -u, or that of the container), or end other programs, and \
             run the command again; what was acknowledged is safe"
                .to_owned(),
        ),
        ArchiveError::Format { .. } => Some(
            "if the file was changed by hand, take it back from another copy; if it is of a newer version, use a newer vouchsafe"
                .to_owned(),
        ),
        ArchiveError::HeadBehind { .. } | ArchiveError::HeadForked { .. } => Some(
            "nothing is written while this is unexplained; see `vouchsafe verify`. If you know why (an older copy was \
             put in place on purpose): vouchsafe head --accept"
                .to_owned(),
        ),
        ArchiveError::ForeignHead { .. } => Some(
            "leave it out, or verify the archive that it is of; what it says of its log is not believed here".to_owned(),
        ),
        ArchiveError::HeadOfUnknownKey { .. } => Some(
            "ask whoever kept it for the head as `vouchsafe head` prints it (without --note): it shows which archive it is of. If \
             it is larger, look for a newer copy of the archive, and write nothing before; to verify without it, leave it out"
                .to_owned(),
        ),
        ArchiveError::OtherArchive { .. } => Some(
            "compare the fingerprint with the one that was written down. If this is a second archive of the same name: \
             vouchsafe verify --trust FINGERPRINT"
                .to_owned(),
        ),
        ArchiveError::WrongLogKey { .. } => Some("give the right one with --log-key FILE".to_owned()),
        ArchiveError::Agent { source: AgentError::Unknown, .. } => {
            Some("an administrator adds a key with: vouchsafe agent add".to_owned())
        }
        ArchiveError::NotAllowed { .. } | ArchiveError::Agent { source: AgentError::NotAllowed, .. } => {
            Some("see who may do what with: vouchsafe agent list".to_owned())
        }
        ArchiveError::Agent { source: AgentError::Revoked { .. }, .. } => {
            Some("a revoked key stays revoked; an administrator adds another one with: vouchsafe agent add".to_owned())
        }
        ArchiveError::Agent { source: AgentError::LastAdministrator, .. } => {
            Some("add another administrator first".to_owned())
        }
        ArchiveError::ClockBehind { .. } => Some(
            "put the computer's clock right and run the command again. If the clock is right and an earlier one was wrong: \
             --accept-clock (entries then say when they happened, and were recorded at the time of the last entry)"
                .to_owned(),
        ),
        ArchiveError::NoExhibit { .. } => Some("see `vouchsafe list`".to_owned()),
        ArchiveError::Scan(ScanError::Stray { .. }) => Some(
            "nothing was changed. Move this file away: it holds nothing of the archive. If entries are missing after that, the \
             volume before it was cut: vouchsafe repair --from DIR"
                .to_owned(),
        ),
        ArchiveError::Scan(ScanError::Store(StoreError::NoFolder { .. })) | ArchiveError::Store(StoreError::NoFolder { .. }) => {
            Some(
                "nothing was changed. If it lies on a disk of its own, connect that; `vouchsafe repair --from DIR` takes all \
                 volumes back from another copy of the archive"
                    .to_owned(),
            )
        }
        ArchiveError::Scan(ScanError::Damaged { .. } | ScanError::Store(StoreError::Missing { .. })) | ArchiveError::Store(StoreError::Missing { .. }) => {
            Some(format!("nothing was changed. {DAMAGE_HINT}"))
        }
        ArchiveError::Scan(ScanError::Cut { .. }) => Some(
            "nothing was changed. `vouchsafe verify` tells what is affected; `vouchsafe repair --from DIR` takes the \
             volume back from another copy of the archive. If this is an older copy that was put in place on purpose: vouchsafe rebuild"
                .to_owned(),
        ),
        ArchiveError::Emptied { .. } => Some(
            "nothing was changed. `vouchsafe repair --from COPY` takes all of it back from another copy of the archive".to_owned(),
        ),
        ArchiveError::NotIndexed { .. } => Some(
            "do not repeat the command: the entry is safe, and the index catches up when the archive is next opened"
                .to_owned(),
        ),
        ArchiveError::NotRemembered { .. } => Some(
            "do not repeat the command: the entry is safe. Put right what keeps this machine from remembering; the next \
             command does it"
                .to_owned(),
        ),
        ArchiveError::AfterCopy { source, .. } => match source.recorded() {
            Some(_) => hint_for(source),
            None => Some("do not repeat the command: rename the copy yourself".to_owned()),
        },
        ArchiveError::Known(KnownError::Io { action: "write" | "create the folder", .. }) => Some(
            "what was recorded is safe. Put right what keeps this machine from remembering; the next command does it"
                .to_owned(),
        ),
        ArchiveError::Known(KnownError::Io { source, .. }) => io_hint(source),
        ArchiveError::Index(error) if error.io_error().and_then(io_hint).is_some() => error.io_error().and_then(io_hint),
        ArchiveError::Damaged { place, .. } if place == "archive.json" => Some(
            "nothing was changed. Neither parity nor the index has this file: take it from another copy of the archive, or from \
             a backup, and compare the fingerprint"
                .to_owned(),
        ),
        ArchiveError::Damaged { .. } | ArchiveError::Index(IndexError::Commit { .. } | IndexError::Unfit { .. }) => {
            Some(format!("{DAMAGE_HINT}; where the volumes are sound, `vouchsafe rebuild` makes the index anew"))
        }
        ArchiveError::Index(_) => Some(REBUILD_HINT.to_owned()),
        ArchiveError::ObjectChanged { .. } => {
            Some("no copy was made. `vouchsafe repair` takes the object back from parity, or with --from from another copy of the archive".to_owned())
        }
        ArchiveError::NotACopy { .. } => Some(
            "give the folder of a copy: one with the same archive.json, in another place".to_owned(),
        ),
        ArchiveError::RepairRefused { .. } => Some(
            "the copy may be forged or damaged, or something else is wrong than damage: see `vouchsafe verify`, here and \
             with --archive on the copy"
                .to_owned(),
        ),
        ArchiveError::BundleNotNamed { kept_in, .. } => {
            Some(format!("it is in {}; give it a name yourself: it must not be changed", kept_in.display()))
        }
        ArchiveError::BundleNotSound { .. } => Some(
            "nothing was handed out. `vouchsafe verify` tells whether the archive is sound; if it is, please report this"
                .to_owned(),
        ),
        ArchiveError::TooManyFiles { .. } => Some("export the exhibits in several bundles".to_owned()),
        ArchiveError::Stopped => Some("nothing was handed out; what was taken in and committed stays".to_owned()),
        ArchiveError::BundleUnreadable { source, .. } if NotChecked::of(source).is_some() => {
            NotChecked::of(source).map(|why| why.hint.to_owned())
        }
        ArchiveError::BundleUnreadable { source, .. } if is_no_bundle(source) => Some(NO_BUNDLE_HINT.to_owned()),
        ArchiveError::BundleUnreadable { path, .. } if !path.exists() => {
            Some("nothing was taken in; see whether the name of the bundle is right".to_owned())
        }
        ArchiveError::BundleUnreadable { .. } => Some(
            "exhibits that were committed before are safe; put the bundle right and run the command again, which goes on"
                .to_owned(),
        ),
        ArchiveError::BundleHoldsOwnKey { .. } => Some(
            "nothing was taken in. Whoever made the bundle has that key: find out whose it is, and if it is still trusted, revoke it with \
             `vouchsafe agent revoke`; then ask for a bundle without that file"
                .to_owned(),
        ),
        ArchiveError::NoLetterFile { .. } => {
            Some("give the file of the letter, which the other side made with `vouchsafe transfer`; it is a text".to_owned())
        }
        ArchiveError::LetterUnread { .. } => Some(ASK_FOR_THE_FILE.to_owned()),
        ArchiveError::LetterUnanchored { .. } => Some(
            "ask its sender, by a separate channel, for the archive's fingerprint, and give it with --trust; to rely on it all the same, and have the log say so: --accept-self-consistent"
                .to_owned(),
        ),
        ArchiveError::LetterContradicts { .. } => Some(
            "nothing was changed. Keep both, and ask its sender, by a separate channel, how both can be theirs".to_owned(),
        ),
        ArchiveError::TransferUnread { .. } => Some(
            "nothing was changed, since what it says may forbid this: take it back first, with `vouchsafe repair`, from parity, \
             or with --from from another copy of the archive"
                .to_owned(),
        ),
        ArchiveError::OfferAnswered { index } => {
            Some(format!("the letter with the answer is made again with: vouchsafe transfer letter {index} --to FILE"))
        }
        ArchiveError::InQuestion { .. } => {
            Some("if the transfer is meant, an agent who may makes the offer or the answer anew".to_owned())
        }
        ArchiveError::NoTransfer { .. } | ArchiveError::NoLetter { .. } => Some("see `vouchsafe transfer list`".to_owned()),
        ArchiveError::OwnBundle { .. } => Some("to check it: vouchsafe check".to_owned()),
        ArchiveError::Exists { .. } => Some("give another name".to_owned()),
        ArchiveError::Io { action: WRITE_RECEIPT, .. } => {
            Some("the exhibit is safe all the same, and its receipt can be made later with: vouchsafe prove".to_owned())
        }
        ArchiveError::Io { source, .. } | ArchiveError::Store(StoreError::Io { source, .. }) => io_hint(source),
        ArchiveError::Scan(ScanError::Store(StoreError::Io { source, .. })) => io_hint(source),
        _ => None,
    }
}

/// The way out of what stands in the way of a copy.
fn hint_for_copy(error: &CopyError) -> Option<String> {
    Some(match error {
        CopyError::Inside { .. }
        | CopyError::InsideAnother { .. }
        | CopyError::Around { .. }
        | CopyError::Same { .. } => {
            "give a folder apart from the archive, best on another disk".to_owned()
        }
        CopyError::SameFile { .. } => {
            "copies with hard links (cp -l) change together with the archive: give a new folder".to_owned()
        }
        CopyError::NotACopy { path } => format!(
            "give a new or empty folder, such as '{}'. A copy that was made in another way cannot be extended; \
             `vouchsafe verify --against DIR` compares it",
            path.join("archive").display()
        ),
        CopyError::NoCopyYet { .. } => "if a copy should be here, its disk may not be connected. To begin a new copy: --medium \
             disk|removable|network|other --site same-site|other-site"
            .to_owned(),
        CopyError::Unknown { .. } => "`vouchsafe status` lists the copies that the log knows".to_owned(),
        CopyError::PlaceUnknown { .. } => {
            "add --medium disk|removable|network|other --site same-site|other-site".to_owned()
        }
        CopyError::SameDisk { .. } => "is the other disk connected (mounted)? A copy on the same disk is --medium disk \
             --site same-site, and is lost together with the archive"
            .to_owned(),
        CopyError::OfAnother { .. } | CopyError::DescriptionDiffers { .. } => {
            "nothing was changed. Give the folder of this archive's copy, or a new one".to_owned()
        }
        CopyError::Foreign { .. } | CopyError::NotAFolder { .. } => {
            "nothing of it was changed. See what it is and who put it there; then move it away, or begin a new copy in \
             another folder"
                .to_owned()
        }
        CopyError::Ahead { .. } => "nothing was changed. Either entries were cut off this archive, or somebody wrote on the \
             copy. Compare both with a head that somebody else keeps: vouchsafe verify --expect-head FILE"
            .to_owned(),
        CopyError::Forked { .. } => "nothing was changed. One of the two was rewritten, or both were written on. Compare both \
             with a head that somebody else keeps: vouchsafe verify --expect-head FILE"
            .to_owned(),
        CopyError::Damaged { .. } => {
            "nothing of it was changed. `vouchsafe verify --against DIR` tells what differs; begin a new copy in another \
             folder, best on another disk"
                .to_owned()
        }
        CopyError::NotKept { .. } => "the copy is not recorded. Its disk or the connection to it does not keep what it is given: \
             use another disk"
            .to_owned(),
        CopyError::NoRoom { .. } => "nothing was copied. Make room there, or use a larger disk".to_owned(),
        CopyError::Stopped => "run the same command again to go on; what was copied is not copied again".to_owned(),
        _ => return None,
    })
}
