//! Passphrases: from a file, a file descriptor or the terminal; never from the command line.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use vouchsafe_archive::keys::{KeyFile, KeyFileError, text_of};
use vouchsafe_core::sign::SigningKey;
use zeroize::Zeroizing;

use super::error::CommandError;
use super::options::Options;
use super::output;
use super::say;

/// The limit of what is read of a passphrase file.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

/// Passphrases that were given or typed; each is tried on the next key first.
pub struct Passphrases {
    file: Option<PathBuf>,
    fd: Option<u32>,
    known: RefCell<Vec<Zeroizing<String>>>,
}

impl Passphrases {
    /// Remembers where the passphrase is. Nothing is read before a key needs it.
    pub fn new(options: &Options) -> Self {
        Self { file: options.passphrase_file.clone(), fd: options.passphrase_fd, known: RefCell::default() }
    }

    /// Opens a private key that has a passphrase.
    ///
    /// # Errors
    /// The passphrase is wrong or cannot be read, or there is no terminal to ask for it; or the key is unusable.
    pub fn open(&self, file: &KeyFile, path: &Path) -> Result<SigningKey, CommandError> {
        self.load()?;
        for passphrase in self.known.borrow().iter() {
            match file.open(Some(passphrase)) {
                Err(KeyFileError::WrongPassphrase { .. }) => {}
                other => return Ok(other?),
            }
        }
        if self.is_given() {
            return Err(KeyFileError::WrongPassphrase { path: path.to_owned() }.into());
        }
        for attempt in 0..3 {
            let passphrase = ask(&format!("Passphrase for {}: ", path.display()))
                .ok_or_else(|| KeyFileError::PassphraseNeeded { path: path.to_owned() })?;
            match file.open(Some(&passphrase)) {
                Err(KeyFileError::WrongPassphrase { .. }) if attempt < 2 => eprintln!("Wrong passphrase."),
                Ok(key) => {
                    self.known.borrow_mut().push(passphrase);
                    return Ok(key);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(KeyFileError::WrongPassphrase { path: path.to_owned() }.into())
    }

    /// Whether the passphrase comes from a file, so that nobody is asked.
    fn is_given(&self) -> bool {
        self.file.is_some() || self.fd.is_some()
    }

    /// Reads the passphrase from a file or file descriptor, if one is named and has not been read yet.
    fn load(&self) -> Result<(), CommandError> {
        let path = match (&self.file, self.fd) {
            (Some(path), _) => path.clone(),
            (None, Some(fd)) => PathBuf::from(format!("/dev/fd/{fd}")),
            (None, None) => return Ok(()),
        };
        if !self.known.borrow().is_empty() {
            return Ok(());
        }
        let failed =
            |error| CommandError::incomplete(format!("{}: cannot read the passphrase: {error}", path.display()));
        let mut bytes = Zeroizing::new(Vec::new());
        let file = std::fs::File::open(&path).map_err(failed)?;
        // The other end of a pipe may stay open, so only one line is read.
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
        self.known.borrow_mut().push(passphrase);
        Ok(())
    }

    /// A passphrase for new keys, described by `what`: from a file, or asked for twice. A passphrase typed for another
    /// key is not reused without asking.
    pub fn for_new_keys(&self, what: &str) -> Result<Zeroizing<String>, CommandError> {
        self.load()?;
        if self.is_given()
            && let Some(passphrase) = self.known.borrow().first()
        {
            warn_of_short(passphrase);
            return Ok(passphrase.clone());
        }
        let no_terminal = || {
            CommandError::usage("a new key needs a passphrase, but there is no terminal to ask for it")
                .hint("give --passphrase-file FILE, or --no-passphrase for an unprotected key")
        };
        let passphrase = ask(&format!("New passphrase for {what}: ")).ok_or_else(no_terminal)?;
        if passphrase.is_empty() {
            return Err(
                CommandError::usage("the passphrase is empty").hint("for unprotected keys, give --no-passphrase")
            );
        }
        let again = ask("Repeat the passphrase: ").ok_or_else(no_terminal)?;
        if passphrase != again {
            return Err(CommandError::usage("the two passphrases differ"));
        }
        warn_of_short(&passphrase);
        self.known.borrow_mut().push(passphrase.clone());
        Ok(passphrase)
    }
}

/// Fewer characters than this can be guessed by somebody who has the key file.
const LEAST_PASSPHRASE_CHARS: usize = 12;

fn warn_of_short(passphrase: &str) {
    let chars = passphrase.chars().count();
    if chars < LEAST_PASSPHRASE_CHARS {
        say::warning(format_args!(
            "the passphrase has only {}: anybody who gets the key files can guess it. Several words are better; \
             `ssh-keygen -p -f FILE` changes it",
            output::count(chars as u64, "character")
        ));
    }
}

/// Asks on the terminal, without echo. `None` if there is no terminal.
fn ask(prompt: &str) -> Option<Zeroizing<String>> {
    rpassword::prompt_password(prompt).ok().map(Zeroizing::new)
}
