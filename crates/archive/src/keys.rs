//! Private keys in OpenSSH files, as `ssh-keygen -t ed25519` makes them and reads ours.

use std::io;
use std::path::{Path, PathBuf};

use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{LineEnding, PrivateKey};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::environment::Environment;
use super::key_form;
pub use super::key_form::{OtherForm, text_of};
use crate::store::durable::{create_private_folders, read_limited};
use vouchsafe_core::sign::{KeyError, PublicKey, SigningKey};

/// The largest key file in bytes.
const MAX_KEY_BYTES: u64 = 64 * 1024;
/// The rounds of bcrypt that `ssh-keygen` uses, too.
const KDF_ROUNDS: u32 = 16;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// A file effect failed.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not an OpenSSH private key.
    #[error("{}: this is {form}", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        form: OtherForm,
    },
    /// Its comment is not UTF-8, which OpenSSH does not ask for.
    #[error("{}: the comment in the key is not in UTF-8", path.display())]
    Comment {
        /// The file.
        path: PathBuf,
    },
    /// A key of another algorithm, or a weak one.
    #[error("{}: {source}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// The passphrase does not open it.
    #[error("{}: the passphrase is wrong", path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// It is encrypted in a way that this program does not know.
    #[error("{}: the key is encrypted with {cipher}, which this program cannot decrypt", path.display())]
    Cipher {
        /// The file.
        path: PathBuf,
        /// The cipher's OpenSSH name.
        cipher: String,
    },
    /// It is protected and no passphrase was given.
    #[error("{}: the key is protected by a passphrase, and none was given", path.display())]
    PassphraseNeeded {
        /// The file.
        path: PathBuf,
    },
    /// Other users of this computer can read it.
    #[error("{}: other users of this computer can read the key (mode {mode:04o})", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
}

/// A key file that was read and perhaps still has to be opened with a passphrase.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    key: PrivateKey,
}

impl KeyFile {
    /// Reads a key file.
    ///
    /// # Errors
    /// It cannot be read, is readable by others, or is not an OpenSSH Ed25519 private key.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        use std::os::unix::fs::PermissionsExt;
        let path = path.to_owned();
        let failed = |source| KeyFileError::Io { action: "read the key", path: path.clone(), source };
        let mode = std::fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::TooOpen { path, mode });
        }
        let text = Zeroizing::new(read_limited(&path, MAX_KEY_BYTES, true).map_err(failed)?);
        let bytes = key_form::unwrap(&text).map_err(|form| KeyFileError::NotAKey { path: path.clone(), form })?;
        let key = match PrivateKey::from_bytes(&bytes) {
            Ok(key) => key,
            Err(error) if is_comment(&error) => return Err(KeyFileError::Comment { path }),
            Err(_) => return Err(KeyFileError::NotAKey { path, form: OtherForm::Damaged }),
        };
        let source = match key.algorithm() {
            ssh_key::Algorithm::Ed25519 => return Ok(Self { path, key }),
            ssh_key::Algorithm::SkEd25519 => KeyError::CannotSign,
            other => KeyError::NotEd25519 { found: other.to_string() },
        };
        Err(KeyFileError::Unusable { path, source })
    }

    /// Whether a passphrase is needed.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.key.is_encrypted()
    }

    /// The public half, which is in the file without protection.
    #[must_use]
    pub fn public(&self) -> Option<PublicKey> {
        PublicKey::from_openssh(&self.key.public_key().to_openssh().ok()?).ok()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the key. A passphrase is tried in each Unicode form, since the same letters of Hangul, or with accents, are
    /// other bytes on another computer.
    ///
    /// # Errors
    /// The passphrase is missing or wrong, or the key is weak.
    pub fn open(&self, passphrase: Option<&str>) -> Result<SigningKey, KeyFileError> {
        let path = || self.path.clone();
        let decrypted;
        let key = match (self.is_protected(), passphrase) {
            (false, _) => &self.key,
            (true, None) => return Err(KeyFileError::PassphraseNeeded { path: path() }),
            // An old cipher that is not worth a dependency; without this, its passphrase would be called wrong.
            (true, Some(_)) if self.key.cipher() == ssh_key::Cipher::TDesCbc => {
                return Err(KeyFileError::Cipher { path: path(), cipher: self.key.cipher().to_string() });
            }
            (true, Some(passphrase)) => {
                decrypted = self.decrypt(passphrase)?;
                &decrypted
            }
        };
        let no_pair = || KeyFileError::NotAKey { path: path(), form: OtherForm::Damaged };
        let pair = key.key_data().ed25519().ok_or_else(no_pair)?;
        let key = SigningKey::from_secret(&Zeroizing::new(pair.private.to_bytes()))
            .map_err(|source| KeyFileError::Unusable { path: path(), source })?;
        // `ssh-key` computes nothing here: it does not see that the two halves do not belong together.
        if key.public().as_bytes() == pair.public.as_ref() { Ok(key) } else { Err(no_pair()) }
    }

    fn decrypt(&self, passphrase: &str) -> Result<PrivateKey, KeyFileError> {
        let mut forms = vec![Zeroizing::new(passphrase.to_owned())];
        for form in [passphrase.nfc().collect(), passphrase.nfd().collect()].map(Zeroizing::new) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        for form in forms {
            match self.key.decrypt(form.as_bytes()) {
                Ok(key) => return Ok(key),
                Err(error) if is_comment(&error) => return Err(KeyFileError::Comment { path: self.path.clone() }),
                Err(_) => {}
            }
        }
        Err(KeyFileError::WrongPassphrase { path: self.path.clone() })
    }
}

/// Whether all of the key could be read but its comment.
fn is_comment(error: &ssh_key::Error) -> bool {
    // The type of this error has no public name.
    matches!(error, ssh_key::Error::Encoding(error) if error.to_string() == "character encoding invalid")
}

/// A new random key.
///
/// # Errors
/// The system has no randomness to give.
pub fn generate(environment: &dyn Environment) -> io::Result<SigningKey> {
    let mut secret = Zeroizing::new([0; 32]);
    environment.fill_random(&mut *secret)?;
    SigningKey::from_secret(&secret).map_err(io::Error::other)
}

/// Writes a private key and, beside it, its public half (`.pub`). Never over an existing file.
///
/// # Errors
/// A file exists already or cannot be written.
pub fn write(
    path: &Path,
    key: &SigningKey,
    comment: &str,
    passphrase: Option<&str>,
    environment: &dyn Environment,
) -> Result<(), KeyFileError> {
    let failed = |source| KeyFileError::Io { action: "write the key", path: path.to_owned(), source };
    let other = |error: ssh_key::Error| failed(io::Error::other(error.to_string()));
    let mut halves = Zeroizing::new([0; Ed25519Keypair::BYTE_SIZE]);
    halves[..32].copy_from_slice(key.secret());
    halves[32..].copy_from_slice(key.public().as_bytes());
    let pair = Ed25519Keypair::from_bytes(&halves).map_err(other)?;
    let mut file = PrivateKey::new(KeypairData::Ed25519(pair), comment).map_err(other)?;
    if let Some(passphrase) = passphrase {
        let mut salt = [0; 16];
        let mut check = [0; 4];
        environment.fill_random(&mut salt).and_then(|()| environment.fill_random(&mut check)).map_err(failed)?;
        let kdf = ssh_key::Kdf::Bcrypt { salt: salt.to_vec(), rounds: KDF_ROUNDS };
        file =
            file.encrypt_with(ssh_key::Cipher::Aes256Ctr, kdf, u32::from_ne_bytes(check), passphrase).map_err(other)?;
    }
    let text = file.to_openssh(LineEnding::LF).map_err(other)?;
    if let Some(folder) = path.parent() {
        create_private_folders(folder).map_err(failed)?;
    }
    environment.disk().create_file(path, text.as_bytes(), 0o600).map_err(failed)?;
    let public = format!("{} {comment}\n", key.public().to_openssh());
    environment.disk().create_file(&path.with_extension("pub"), public.as_bytes(), 0o644).map_err(failed)
}
