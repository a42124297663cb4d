//! The private keys that a command signs with.

use std::path::{Path, PathBuf};

use vouchsafe_archive::keys::KeyFile;
use vouchsafe_archive::{ArchiveError, Keys};
use vouchsafe_core::format::LogKey;
use vouchsafe_core::model::Origin;
use vouchsafe_core::sign::{KeyId, SigningKey};
use zeroize::Zeroizing;

use super::error::CommandError;
use super::folders::Folders;
use super::options::Options;
use super::passphrases::Passphrases;

/// The user's keys, and the passphrases that open them.
pub struct Keyring {
    agent: Option<PathBuf>,
    log: Option<PathBuf>,
    passphrases: Passphrases,
}

impl Keyring {
    /// The keys that the options name, or else those made by init.
    pub fn new(options: &Options) -> Self {
        Self { agent: options.key.clone(), log: options.log_key.clone(), passphrases: Passphrases::new(options) }
    }

    /// The files of the agent's key and of the log key, for an archive of this origin.
    pub fn paths(&self, folders: &Folders, origin: &Origin) -> [PathBuf; 2] {
        let folder = folders.keys_of(origin);
        [(&self.agent, "agent"), (&self.log, "log")]
            .map(|(given, name)| given.clone().unwrap_or_else(|| folder.join(name)))
    }

    /// The keys for writing to the log with this log key.
    ///
    /// # Errors
    /// A key cannot be read or opened, or the log key is another one.
    pub fn keys(&self, folders: &Folders, log_key: &LogKey) -> Result<Keys, CommandError> {
        let [agent, log_path] = self.paths(folders, log_key.name());
        let agent = self.open(&agent)?;
        let log = self.open(&log_path)?;
        let expected = log_key.key();
        if log.public() != expected {
            return Err(ArchiveError::WrongLogKey { path: log_path, expected: expected.id() }.into());
        }
        Ok(Keys { agent, log })
    }

    /// The id of the key that would sign, from its public half, which needs no passphrase; none if there is no such
    /// key.
    pub fn signer(&self, folders: &Folders, origin: &Origin) -> Option<KeyId> {
        let [agent, _] = self.paths(folders, origin);
        Some(KeyFile::read(&agent).ok()?.public()?.id())
    }

    /// Opens a private key, with its passphrase if it has one.
    ///
    /// # Errors
    /// It cannot be read, or the passphrase is not known.
    pub fn open(&self, path: &Path) -> Result<SigningKey, CommandError> {
        let file = KeyFile::read(path)?;
        if file.is_protected() { self.passphrases.open(&file, path) } else { Ok(file.open(None)?) }
    }

    /// A passphrase for new keys, `what` for people.
    ///
    /// # Errors
    /// None is given and there is no terminal to ask on, or the typed passphrase is not acceptable.
    pub fn new_passphrase(&self, what: &str) -> Result<Zeroizing<String>, CommandError> {
        self.passphrases.for_new_keys(what)
    }
}
