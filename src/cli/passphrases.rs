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

/// The most of a passphrase's file that is read.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

/// Passphrases that were given or typed, to be tried on the next key first.
pub struct Passphrases {
    file: Option<PathBuf>,
    fd: Option<u32>,
    known: RefCell<Vec<Zeroizing<String>>>,
}

impl Passphrases {
    /// Remembers where the options say that the passphrase is. Nothing is read before a key needs it.
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
                Err(KeyFileError::WrongPassphrase { .. }) if attempt < 2 => eprintln!("That is not it."),
                Ok(key) => {
                    self.known.borrow_mut().push(passphrase);
                    return Ok(key);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(KeyFileError::WrongPassphrase { path: path.to_owned() }.into())
    }

    /// Whether the passphrase comes from a file, so that nobody is to be asked.
    fn is_given(&self) -> bool {
        self.file.is_some() || self.fd.is_some()
    }

    /// Reads the passphrase from a file or file descriptor, if one is named and it was not read yet.
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
        self.known.borrow_mut().push(passphrase);
        Ok(())
    }

    /// A passphrase for new keys, `what` for people: given in a file, or asked for twice. One that was typed for
    /// another key is not taken over unasked.
    pub fn for_new_keys(&self, what: &str) -> Result<Zeroizing<String>, CommandError> {
        self.load()?;
        if self.is_given()
            && let Some(passphrase) = self.known.borrow().first()
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
        self.known.borrow_mut().push(passphrase.clone());
        Ok(passphrase)
    }
}

/// Fewer characters than this can be tried out by whoever gets the key's file.
const LEAST_PASSPHRASE_CHARS: usize = 12;

fn warn_of_short(passphrase: &str) {
    let chars = passphrase.chars().count();
    if chars < LEAST_PASSPHRASE_CHARS {
        say::warning(format_args!(
            "the passphrase has {}: whoever gets the key files can find it out. Several words are better; \
             `ssh-keygen -p -f FILE` changes it",
            output::count(chars as u64, "character")
        ));
    }
}

/// Asks on the terminal, without echo. `None` where there is none.
fn ask(prompt: &str) -> Option<Zeroizing<String>> {
    rpassword::prompt_password(prompt).ok().map(Zeroizing::new)
}
