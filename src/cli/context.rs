//! What the commands have from outside: the archive, the keys, the passphrase, the terminal.

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;
use vouchsafe_archive::keys::{KeyFile, KeyFileError, text_of};
use vouchsafe_archive::{
    ArchiveError, Description, Environment, Filter, Keys, KnownArchives, LockHolder, Note, Reader, Session,
    SystemEnvironment, UNSIGNED_WAY_OUT, not_understood, not_understood_at_the_start,
};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::LogKey;
use vouchsafe_core::model::{EntryIndex, ExhibitId, Origin, Timestamp};
use vouchsafe_core::sign::{KeyId, SigningKey};
use zeroize::Zeroizing;

use super::error::CommandError;
use super::options::Options;
use super::output::{self, printable};
use super::stop::is_stopped;
use vouchsafe_check::text::NEWER_HINT;

/// The computer's own clock, randomness and disk.
pub struct World {
    accepts_clock: bool,
    command: Option<String>,
}

/// How long to wait before asking again whether the archive is free.
const ASK_AGAIN: Duration = Duration::from_millis(20);
/// After so many times it is told what is waited for: a second.
const TOLD_AFTER: u32 = 50;
/// So many times, ten seconds, which is longer than most commands take.
const ASKED_AT_MOST: u32 = 500;

/// The most of a passphrase's file that is read.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

impl Environment for World {
    fn now(&self) -> Timestamp {
        SystemEnvironment.now()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> std::io::Result<()> {
        SystemEnvironment.fill_random(buffer)
    }

    fn clock_tolerance_ms(&self) -> i64 {
        if self.accepts_clock { i64::MAX } else { SystemEnvironment.clock_tolerance_ms() }
    }

    /// Two people may read at the same time, each for a moment alone.
    fn wait_for_lock(&self, attempt: u32, holder: &LockHolder) -> bool {
        if attempt == TOLD_AFTER {
            eprintln!("waiting for {holder}, which uses the archive …");
        }
        let is_waited_for = attempt < ASKED_AT_MOST && !is_stopped();
        if is_waited_for {
            std::thread::sleep(ASK_AGAIN);
        }
        is_waited_for
    }

    fn command(&self) -> Option<&str> {
        self.command.as_deref()
    }
}

/// The world of one command.
pub struct Context {
    /// The options of every command.
    pub options: Options,
    /// The clock and randomness.
    pub environment: World,
    keys_folder: PathBuf,
    known_folder: PathBuf,
    scratch_folder: PathBuf,
    /// Passphrases that were given or typed, to be tried on the next key first.
    passphrases: RefCell<Vec<Zeroizing<String>>>,
    has_warned: Cell<bool>,
    /// What is done and stays done, whatever fails from here on.
    done: RefCell<Option<String>>,
}

impl Context {
    /// Finds the folders for keys and for what is remembered.
    pub fn new(options: Options, command: Option<String>) -> Result<Self, CommandError> {
        let (keys_folder, known_folder) = match std::env::var_os("VOUCHSAFE_HOME").filter(|home| !home.is_empty()) {
            Some(home) => (PathBuf::from(&home).join("keys"), PathBuf::from(home).join("known")),
            None => {
                let base = etcetera::choose_base_strategy().map_err(|_| {
                    CommandError::incomplete("the home folder is not known").hint("set VOUCHSAFE_HOME to a folder")
                })?;
                let state = base.state_dir().unwrap_or_else(|| base.data_dir());
                (base.config_dir().join("vouchsafe/keys"), state.join("vouchsafe/known"))
            }
        };
        Ok(Self {
            environment: World { accepts_clock: options.accept_clock, command },
            options,
            keys_folder,
            scratch_folder: known_folder.with_file_name("scratch"),
            known_folder,
            passphrases: RefCell::default(),
            has_warned: Cell::new(false),
            done: RefCell::default(),
        })
    }

    /// Whether the archive was found not to continue what this machine has seen of it: then no command
    /// ends as if all were well.
    pub fn has_warned(&self) -> bool {
        self.has_warned.get()
    }

    /// The user accepts the archive as it is; there is nothing left to warn of.
    pub fn accept_warning(&self) {
        self.has_warned.set(false);
    }

    /// An entry is durable. If the output cannot be written after this, whoever asked is told not to ask again.
    pub fn recorded(&self, index: EntryIndex) {
        self.done(format!("entry {index} is recorded"));
    }

    /// The same for what is no entry.
    pub fn done(&self, what: String) {
        self.done.borrow_mut().get_or_insert(what);
    }

    /// What is done, if it is something that must not be done twice.
    pub fn what_is_done(&self) -> Option<String> {
        self.done.borrow().clone()
    }

    /// The archive's folder.
    pub fn archive(&self) -> &Path {
        &self.options.archive
    }

    /// What this machine remembers of archives.
    pub fn known(&self) -> KnownArchives {
        KnownArchives::new(self.known_folder.clone(), self.environment.disk())
    }

    /// What must not get into an archive: keys, the passphrase, what is remembered, and receipts, which
    /// would otherwise become exhibits of the next run.
    pub fn secrets(&self, receipts: Option<&Path>) -> Vec<PathBuf> {
        let options = &self.options;
        let given = [options.key.as_deref(), options.log_key.as_deref(), options.passphrase_file.as_deref(), receipts];
        let always = [&self.keys_folder, &self.known_folder, &self.scratch_folder].map(PathBuf::as_path);
        given.into_iter().flatten().chain(always).map(Path::to_owned).collect()
    }

    /// Where the keys of an archive are, unless they are given.
    pub fn key_folder(&self, origin: &Origin) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let name: String = origin.as_str().chars().map(plain).take(60).collect();
        self.keys_folder.join(format!("{name}-{}", Digest::of(origin.as_str().as_bytes()).short()))
    }

    /// Opens the archive to look at it, and tells on stderr what opening did and saw. No byte of the volumes is
    /// changed.
    pub fn open(&self) -> Result<Reader, CommandError> {
        let opened = Reader::open(self.archive(), Some(self.known()), &self.environment, &self.scratch_folder);
        let (archive, notes) = opened.map_err(|error| self.not_opened(error))?;
        self.tell(&archive, &notes);
        Ok(archive)
    }

    /// Opens the archive to add to it, and tells on stderr what opening did and saw.
    pub fn open_to_write(&self) -> Result<Session<'_>, CommandError> {
        let opened = Session::open(self.archive(), Some(self.known()), &self.environment);
        let (session, notes) = opened.map_err(|error| self.not_opened(error))?;
        self.tell(session.reader(), &notes);
        Ok(session)
    }

    /// Why the archive does not open. Where that is damage, what is not understood is told as well.
    pub fn not_opened(&self, error: ArchiveError) -> CommandError {
        let is_damage = matches!(error, ArchiveError::Scan(_) | ArchiveError::Emptied { .. });
        let made = CommandError::from(error);
        let things = if is_damage { not_understood_at_the_start(self.archive()) } else { Vec::new() };
        things.iter().fold(made, |made, thing| made.hint(format!("besides, {}: {NEWER_HINT}", thing.told())))
    }

    fn tell(&self, archive: &Reader, notes: &[Note]) {
        tell(archive, notes);
        let is_namesake = notes.iter().any(|note| matches!(note, Note::Namesake { .. }));
        self.has_warned.set(self.has_warned.get() || is_namesake || !is_whole(archive));
    }

    /// The keys to write with.
    pub fn keys(&self, archive: &Reader) -> Result<Keys, CommandError> {
        self.keys_for(&archive.log_key())
    }

    /// The same, for an archive that is not open.
    pub fn keys_of(&self, description: &Description) -> Result<Keys, CommandError> {
        self.keys_for(&description.log_key)
    }

    fn keys_for(&self, log_key: &LogKey) -> Result<Keys, CommandError> {
        let folder = self.key_folder(log_key.name());
        let agent = self.options.key.clone().unwrap_or_else(|| folder.join("agent"));
        let log = self.options.log_key.clone().unwrap_or_else(|| folder.join("log"));
        let agent = self.open_key(&agent)?;
        let log_path = log.clone();
        let log = self.open_key(&log)?;
        let expected = log_key.key();
        if log.public() != expected {
            return Err(ArchiveError::WrongLogKey { path: log_path, expected: expected.id() }.into());
        }
        Ok(Keys { agent, log })
    }

    /// Whose key would sign, from the half of it that needs no passphrase; none where there is no such key.
    pub fn signer(&self, archive: &Reader) -> Option<KeyId> {
        let folder = self.key_folder(archive.description().origin());
        let path = self.options.key.clone().unwrap_or_else(|| folder.join("agent"));
        Some(KeyFile::read(&path).ok()?.public()?.id())
    }

    /// Reads a private key, with the passphrase if it has one.
    pub fn open_key(&self, path: &Path) -> Result<SigningKey, CommandError> {
        let file = KeyFile::read(path)?;
        if !file.is_protected() {
            return Ok(file.open(None)?);
        }
        self.load_given_passphrase()?;
        for passphrase in self.passphrases.borrow().iter() {
            match file.open(Some(passphrase)) {
                Err(KeyFileError::WrongPassphrase { .. }) => {}
                other => return Ok(other?),
            }
        }
        if self.has_given_passphrase() {
            return Err(KeyFileError::WrongPassphrase { path: path.to_owned() }.into());
        }
        for attempt in 0..3 {
            let passphrase = ask(&format!("Passphrase for {}: ", path.display()))
                .ok_or_else(|| KeyFileError::PassphraseNeeded { path: path.to_owned() })?;
            match file.open(Some(&passphrase)) {
                Err(KeyFileError::WrongPassphrase { .. }) if attempt < 2 => eprintln!("That is not it."),
                Ok(key) => {
                    self.passphrases.borrow_mut().push(passphrase);
                    return Ok(key);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(KeyFileError::WrongPassphrase { path: path.to_owned() }.into())
    }

    /// Whether the passphrase comes from a file, so that nobody is to be asked.
    pub fn has_given_passphrase(&self) -> bool {
        self.options.passphrase_file.is_some() || self.options.passphrase_fd.is_some()
    }

    /// Reads the passphrase from a file or file descriptor, if one is named and it was not read yet.
    fn load_given_passphrase(&self) -> Result<(), CommandError> {
        let path = match (&self.options.passphrase_file, self.options.passphrase_fd) {
            (Some(path), _) => path.clone(),
            (None, Some(fd)) => PathBuf::from(format!("/dev/fd/{fd}")),
            (None, None) => return Ok(()),
        };
        if !self.passphrases.borrow().is_empty() {
            return Ok(());
        }
        let failed =
            |error| CommandError::incomplete(format!("{}: cannot read the passphrase: {error}", path.display()));
        let mut bytes = Zeroizing::new(Vec::new());
        let file = std::fs::File::open(&path).map_err(failed)?;
        // Whoever writes into a pipe may keep it open: no more than the line is waited for.
        BufReader::new(file.take(MAX_PASSPHRASE_BYTES)).read_until(b'\n', &mut bytes).map_err(failed)?;
        let text = Zeroizing::new(text_of(&bytes));
        if text.contains('\u{fffd}') {
            return Err(CommandError::incomplete(format!("{}: the passphrase is not UTF-8 text", path.display()))
                .hint("save the file as UTF-8, or type the passphrase"));
        }
        let line = text.lines().next().unwrap_or_default().trim_end_matches('\r');
        let passphrase = Zeroizing::new(line.to_owned());
        if passphrase.is_empty() {
            return Err(CommandError::usage(format!("{}: the passphrase is empty", path.display())));
        }
        self.passphrases.borrow_mut().push(passphrase);
        Ok(())
    }

    /// A passphrase for new keys, `what` for people: given in a file, or asked for twice. One that was typed for
    /// another key is not taken over unasked.
    pub fn new_passphrase(&self, what: &str) -> Result<Zeroizing<String>, CommandError> {
        self.load_given_passphrase()?;
        if self.has_given_passphrase()
            && let Some(passphrase) = self.passphrases.borrow().first()
        {
            warn_of_short(passphrase);
            return Ok(passphrase.clone());
        }
        let no_terminal = || {
            CommandError::usage("a new key needs a passphrase, and there is no terminal to ask for it")
                .hint("give --passphrase-file FILE, or --no-passphrase for a key without protection")
        };
        let passphrase = ask(&format!("New passphrase for {what}: ")).ok_or_else(no_terminal)?;
        if passphrase.is_empty() {
            return Err(CommandError::usage("the passphrase is empty")
                .hint("--no-passphrase makes keys without protection, if that is what you want"));
        }
        let again = ask("The same again: ").ok_or_else(no_terminal)?;
        if passphrase != again {
            return Err(CommandError::usage("the two passphrases are not the same"));
        }
        warn_of_short(&passphrase);
        self.passphrases.borrow_mut().push(passphrase.clone());
        Ok(passphrase)
    }

    /// An exhibit from what a user typed: its name in any case, with or without dashes, or a beginning
    /// of it that fits no other.
    pub fn exhibit(&self, archive: &Reader, typed: &str) -> Result<ExhibitId, CommandError> {
        let usage = |message: String| {
            CommandError::usage(message)
                .hint("an exhibit's name looks like X-7K3M-9QRT-2WXY-4ABC; see `vouchsafe list`")
        };
        if let Ok(object) = typed.to_ascii_lowercase().parse::<Digest>() {
            return of_object(archive, object);
        }
        if Path::new(typed).exists() {
            return Err(CommandError::usage(format!(
                "{typed}: this is a file or a folder, not the name of an exhibit"
            ))
            .hint(format!("a bundle is checked with: vouchsafe check '{typed}'"))
            .hint(format!("an archive is verified with: vouchsafe verify --archive '{typed}'")));
        }
        let mut digits: String = typed.to_ascii_uppercase().chars().filter(|c| *c != '-').collect();
        if let Some(rest) = digits.strip_prefix('X').filter(|_| digits.len() != 16) {
            digits = rest.to_owned();
        }
        // Crockford's letters: what looks like a digit is one.
        let digits: String = digits
            .chars()
            .map(|c| match c {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        if digits.is_empty() || digits.len() > 16 {
            return Err(usage(format!("{typed:?} is not the name of an exhibit")));
        }
        let end = |fill: char| {
            let full: String = digits.chars().chain(std::iter::repeat(fill)).take(16).collect();
            format!("X-{}-{}-{}-{}", &full[..4], &full[4..8], &full[8..12], &full[12..]).parse::<ExhibitId>()
        };
        let is_ascii = digits.is_ascii();
        let (Some(first), Some(last)) =
            (is_ascii.then(|| end('0').ok()).flatten(), is_ascii.then(|| end('Z').ok()).flatten())
        else {
            return Err(usage(format!("{typed:?} is not the name of an exhibit")));
        };
        let found = archive.exhibits_from(first, last, MAX_CANDIDATES + 1)?;
        match found[..] {
            [exhibit] => Ok(exhibit),
            [] if !is_whole(archive) => {
                let message = format!("there is no exhibit {typed} in the part of the log that can be read");
                Err(CommandError::incomplete(message).hint(
                    "it may stand in the rest: `vouchsafe repair --from` takes that back from another copy of the archive",
                ))
            }
            [] => Err(CommandError::usage(format!("there is no exhibit {typed}")).hint("see `vouchsafe list`")),
            _ => {
                let error =
                    CommandError::usage(format!("several exhibits begin with {typed:?}; type more of the name"));
                with_candidates(error, archive, &found)
            }
        }
    }

    /// Whether progress is to be shown: somebody looks at stderr, and no program reads the output.
    pub fn shows_progress(&self) -> bool {
        std::io::stderr().is_terminal() && !self.options.json
    }
}

/// Refuses to write to a place within an archive's own folder, this archive's or any other's: what lies there is
/// taken for a part of it.
///
/// # Errors
/// It is such a place.
pub fn check_outside(to: &Path) -> Result<(), CommandError> {
    let Ok(absolute) = std::path::absolute(to) else { return Ok(()) };
    let Some(there) = absolute.ancestors().find_map(|folder| folder.canonicalize().ok()) else { return Ok(()) };
    match there.ancestors().find(|folder| is_archive_folder(folder)) {
        None => Ok(()),
        Some(archive) => Err(CommandError::usage(format!(
            "{}: this is in the folder of an archive, {}",
            to.display(),
            archive.display()
        ))
        .hint("give a place outside of it: whatever lies there is taken for a part of the archive")),
    }
}

/// Whether a folder is an archive, or a copy of one that was perhaps never finished.
fn is_archive_folder(folder: &Path) -> bool {
    folder.join("volumes").is_dir() && ["archive.json", "copy.json"].iter().any(|name| folder.join(name).is_file())
}

/// Fewer characters than this can be tried out by whoever gets the key's file.
const LEAST_PASSPHRASE_CHARS: usize = 12;

fn warn_of_short(passphrase: &str) {
    let chars = passphrase.chars().count();
    if chars < LEAST_PASSPHRASE_CHARS {
        eprintln!(
            "WARNING: the passphrase has {}: whoever gets the key files can find it out. Several words are better; \
             `ssh-keygen -p -f FILE` changes it",
            output::count(chars as u64, "character")
        );
    }
}

/// So many exhibits are named where one was meant.
const MAX_CANDIDATES: usize = 10;

/// The one exhibit of an object.
fn of_object(archive: &Reader, object: Digest) -> Result<ExhibitId, CommandError> {
    let mut found = Vec::new();
    archive.find(&Filter { object: Some(object), ..Filter::default() }, |exhibit, _| {
        found.push(exhibit);
        found.len() <= MAX_CANDIDATES
    })?;
    match found[..] {
        [exhibit] => Ok(exhibit),
        [] => Err(CommandError::usage(format!("no exhibit has the SHA-256 {object}")).hint("see `vouchsafe list`")),
        _ => {
            let error = CommandError::usage("several exhibits have this SHA-256; give the name of one of them");
            with_candidates(error, archive, &found)
        }
    }
}

/// Names the exhibits of which one may have been meant.
fn with_candidates(mut error: CommandError, archive: &Reader, found: &[ExhibitId]) -> Result<ExhibitId, CommandError> {
    for exhibit in found.iter().take(MAX_CANDIDATES) {
        let row = archive.exhibit(*exhibit)?;
        let name = row.field("title").or_else(|| row.field("original_name")).map(output::value).unwrap_or_default();
        error = error.hint(format!("{exhibit}  {}", output::shorten(&name, 60)));
    }
    Err(if found.len() > MAX_CANDIDATES { error.hint("and more: see `vouchsafe list`") } else { error })
}

/// Whether all of the log can be read that this machine knows of.
fn is_whole(archive: &Reader) -> bool {
    archive.standing().check().is_ok() && archive.damage().is_none()
}

/// Reads `archive.json` of an open archive; its keys, for people.
pub fn describe_keys(description: &Description) -> String {
    let (fingerprint, administrator) = (description.fingerprint.paper(), description.administrator.id());
    format!("fingerprint   {fingerprint}\nadministrator {administrator}\nlog key       {}\n", description.log_key)
}

/// What to do about bytes that may have been committed.
const COMPARE: &str = "Compare the archive with another copy: vouchsafe verify --against COPY.";

fn tell(archive: &Reader, notes: &[Note]) {
    notes.iter().for_each(|note| tell_note(archive, note));
    if let Err(error) = archive.standing().check() {
        eprintln!("WARNING: {error}");
    }
    if let Some((place, reason)) = archive.damage() {
        eprintln!(
            "WARNING: {}: {}\n         Shown is what could be read; more may be gone. Nothing can be recorded; see \
             `vouchsafe verify` and `vouchsafe repair`.",
            printable(place),
            printable(reason),
        );
    }
}

/// Tells of something that opening did or saw.
pub fn tell_note(archive: &Reader, note: &Note) {
    // Whoever writes cuts a tail only if nothing else is wrong.
    let is_understood = not_understood(archive).is_ok_and(|things| things.is_empty());
    let what_becomes = match is_whole(archive) {
        true if !is_understood => "it stays there: nothing is moved of what a newer version wrote",
        true => "the next command that writes moves it to quarantine/",
        false => "it stays there, and no command writes, while what is warned of below is not put right",
    };
    match note {
        Note::IndexRebuilt { reason } => eprintln!("note: the index was made anew from the volumes ({reason})"),
        Note::CommitsApplied { commits } => {
            let (commits, were) = (output::count(*commits, "commit"), if *commits == 1 { "was" } else { "were" });
            eprintln!("note: {commits} that the index did not know {were} brought into it");
        }
        Note::TailCut { cut, is_begun_commit: false } => eprintln!(
            "note: the last {} of {} were not readable as members and were moved to {}; whether they were ever \
             committed cannot be told. {COMPARE}",
            output::bytes(cut.size_bytes),
            cut.from.volume,
            printable(&cut.kept_in.display().to_string()),
        ),
        Note::TailLeft { from, size_bytes, is_begun_commit: false } => eprintln!(
            "note: the last {} of {} are not readable as members; whether they were ever committed cannot be told. \
             {COMPARE} This end of the volume: {what_becomes}",
            output::bytes(*size_bytes),
            from.volume,
        ),
        Note::TailCut { cut, .. } => eprintln!(
            "note: an interrupted commit of {} was moved out of {}; its bytes are in {}",
            output::bytes(cut.size_bytes),
            cut.from.volume,
            printable(&cut.kept_in.display().to_string()),
        ),
        Note::TailLeft { from, size_bytes, .. } => eprintln!(
            "note: an interrupted commit of {} lies behind the last one in {}; {what_becomes}",
            output::bytes(*size_bytes),
            from.volume,
        ),
        Note::IndexElsewhere { reason, folder } => eprintln!(
            "note: the archive's own index cannot be used ({}), so one was made for this command alone, in {}; it \
             holds names, and is removed at the end",
            printable(reason),
            printable(&folder.display().to_string()),
        ),
        Note::NotLocked => eprintln!(
            "note: the drive has no file locks, so another program may write to the archive while it is read; if \
             something looks wrong, run the command again"
        ),
        Note::NotUnderstood { place, what } => {
            let things = not_understood(archive).unwrap_or_default();
            let entries: u64 = things.iter().map(|thing| thing.entries).sum();
            let in_all = match entries {
                0 | 1 => String::new(),
                entries => format!(" ({} in all are not understood)", output::count(entries, "entry")),
            };
            eprintln!(
                "WARNING: {place}: {what}; a newer version wrote it{in_all}. What is shown here may not be all, \
                 nor the newest, and nothing can be recorded\nhint: {NEWER_HINT}"
            );
            if place == "archive.json" {
                eprintln!("hint: {UNSIGNED_WAY_OUT}");
            }
        }
        Note::Namesake { told } => eprintln!(
            "WARNING: {}. If it is a second archive of this name, `vouchsafe verify --trust FINGERPRINT` has it remembered",
            printable(told)
        ),
        Note::FirstSeen { .. } => eprint!(
            "note: this machine sees {} for the first time and remembers its fingerprint from now on;\n      compare it with the one that you were given:\n{}",
            archive.description().origin(),
            describe_keys(archive.description())
                .lines()
                .fold(String::new(), |all, line| all + "        " + line + "\n"),
        ),
        _ => {}
    }
}

/// Asks on the terminal, without echo. `None` where there is none.
fn ask(prompt: &str) -> Option<Zeroizing<String>> {
    rpassword::prompt_password(prompt).ok().map(Zeroizing::new)
}
