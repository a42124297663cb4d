//! What the commands have from outside: the options, the archive, the keys, the world; and what was done and warned of.

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
use super::opening::{is_whole, tell};
use super::options::Options;
use super::say::is_quiet;
use super::world::World;
use vouchsafe_check::text::NEWER_HINT;

/// The world of one command.
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
    /// What is done and stays done, whatever fails from here on.
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

    /// Where an index may be made if the archive's own cannot be used.
    pub fn places(&self) -> IndexPlaces {
        let cache = (!self.options.no_cache).then(|| self.folders.cache.clone());
        IndexPlaces { scratch: self.folders.scratch.clone(), cache }
    }

    /// Opens the archive to look at it, and tells on stderr what opening did and saw. No byte of the volumes is
    /// changed.
    pub fn open(&self) -> Result<Reader, CommandError> {
        let opened = Reader::open(self.archive(), Some(self.known()), &self.environment, &self.places());
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

    /// The keys to write to an archive with.
    pub fn keys(&self, archive: &Reader) -> Result<Keys, CommandError> {
        self.keyring.keys(&self.folders, &archive.log_key())
    }

    /// Whose key would sign, from the half of it that needs no passphrase; none where there is no such key.
    pub fn signer(&self, archive: &Reader) -> Option<KeyId> {
        self.keyring.signer(&self.folders, archive.description().origin())
    }

    /// Whether progress is to be shown: somebody looks at stderr and wants to see it, and no program reads the output.
    pub fn shows_progress(&self) -> bool {
        std::io::stderr().is_terminal() && !self.options.json && !is_quiet()
    }
}
