//! The context of a command: its options, archive, keys and environment, and what it has done and warned of.

use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use vouchsafe_archive::{
    ArchiveError, Environment, IndexPlaces, Keys, KnownArchives, Note, Reader, Session, not_understood_at_the_start,
};
use vouchsafe_core::model::EntryIndex;
use vouchsafe_core::sign::KeyId;

use super::error::CommandError;
use super::folders::Folders;
use super::keyring::Keyring;
use super::opening::{is_whole, report_opening};
use super::options::Options;
use super::say::is_quiet;
use super::world::World;
use vouchsafe_check::text::NEWER_HINT;

/// The context of one command.
pub struct Context {
    /// The options of every command.
    pub options: Options,
    /// The clock and randomness.
    pub environment: World,
    /// Where keys lie, and what is remembered.
    pub folders: Folders,
    /// The keys to sign with.
    pub keyring: Keyring,
    has_warned: Cell<bool>,
    /// What is done for good, even if something fails later.
    done: RefCell<Option<String>>,
}

impl Context {
    /// Finds the folders for keys and for what is remembered.
    pub fn new(options: Options, command: Option<String>) -> Result<Self, CommandError> {
        Ok(Self {
            environment: World::new(options.accept_clock, command),
            folders: Folders::find()?,
            keyring: Keyring::new(&options),
            options,
            has_warned: Cell::new(false),
            done: RefCell::default(),
        })
    }

    /// Whether the archive was found not to continue what this machine has seen of it; no command then exits with 0.
    pub fn has_warned(&self) -> bool {
        self.has_warned.get()
    }

    /// The user accepts the archive as it is, so the warning no longer counts.
    pub fn accept_warning(&self) {
        self.has_warned.set(false);
    }

    /// An entry is durable. If the output cannot be written after this, the error advises not to repeat the command.
    pub fn recorded(&self, index: EntryIndex) {
        self.done(format!("entry {index} is recorded"));
    }

    /// The same for something other than an entry.
    pub fn done(&self, what: String) {
        self.done.borrow_mut().get_or_insert(what);
    }

    /// What was done, if it must not be done twice.
    pub fn what_is_done(&self) -> Option<String> {
        self.done.borrow().clone()
    }

    /// The archive's folder.
    pub fn archive(&self) -> &Path {
        &self.options.archive
    }

    /// What this machine remembers of archives.
    pub fn known(&self) -> KnownArchives {
        KnownArchives::new(self.folders.known.clone(), self.environment.disk())
    }

    /// What must not get into an archive: keys, the passphrase, what is remembered, and receipts, which
    /// would otherwise become exhibits of the next run.
    pub fn secrets(&self, receipts: Option<&Path>) -> Vec<PathBuf> {
        let options = &self.options;
        let given = [options.key.as_deref(), options.log_key.as_deref(), options.passphrase_file.as_deref(), receipts];
        let always =
            [&self.folders.keys, &self.folders.known, &self.folders.scratch, &self.folders.cache].map(PathBuf::as_path);
        given.into_iter().flatten().chain(always).map(Path::to_owned).collect()
    }

    /// Where an index may be built if the archive's own cannot be used.
    pub fn places(&self) -> IndexPlaces {
        let cache = (!self.options.no_cache).then(|| self.folders.cache.clone());
        IndexPlaces { scratch: self.folders.scratch.clone(), cache }
    }

    /// Opens the archive for reading, and reports on stderr what opening did and found. No byte of the volumes changes.
    pub fn open(&self) -> Result<Reader, CommandError> {
        let opened = Reader::open(self.archive(), Some(self.known()), &self.environment, &self.places());
        let (archive, notes) = opened.map_err(|error| self.not_opened(error))?;
        self.report_opening(&archive, &notes);
        Ok(archive)
    }

    /// Opens the archive for writing, and reports on stderr what opening did and found.
    pub fn open_to_write(&self) -> Result<Session<'_>, CommandError> {
        let opened = Session::open(self.archive(), Some(self.known()), &self.environment);
        let (session, notes) = opened.map_err(|error| self.not_opened(error))?;
        self.report_opening(session.reader(), &notes);
        Ok(session)
    }

    /// Why the archive does not open. If the reason is damage, the error also names what is not understood.
    pub fn not_opened(&self, error: ArchiveError) -> CommandError {
        let is_damage = matches!(error, ArchiveError::Scan(_) | ArchiveError::Emptied { .. });
        let made = CommandError::from(error);
        let things = if is_damage { not_understood_at_the_start(self.archive()) } else { Vec::new() };
        things.iter().fold(made, |made, thing| made.hint(format!("also, {}: {NEWER_HINT}", thing.told())))
    }

    fn report_opening(&self, archive: &Reader, notes: &[Note]) {
        report_opening(archive, notes);
        let is_namesake = notes.iter().any(|note| matches!(note, Note::Namesake { .. }));
        self.has_warned.set(self.has_warned.get() || is_namesake || !is_whole(archive));
    }

    /// The keys for writing to an archive.
    pub fn keys(&self, archive: &Reader) -> Result<Keys, CommandError> {
        self.keyring.keys(&self.folders, &archive.log_key())
    }

    /// The id of the key that would sign, from its public half, which needs no passphrase; none if there is no such
    /// key.
    pub fn signer(&self, archive: &Reader) -> Option<KeyId> {
        self.keyring.signer(&self.folders, archive.description().origin())
    }

    /// Whether to show progress: stderr is a terminal, and neither --quiet nor --json is given.
    pub fn shows_progress(&self) -> bool {
        std::io::stderr().is_terminal() && !self.options.json && !is_quiet()
    }
}
