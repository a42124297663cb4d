//! The ways out if a key file cannot be used.

use std::io;
use std::path::Path;

use vouchsafe_archive::keys::{KeyFileError, OtherForm};
use vouchsafe_archive::shell_word;
use vouchsafe_core::sign::secrets::SecretForm;

/// What to do about a key file.
pub fn hint(error: &KeyFileError) -> Option<String> {
    let hint = match error {
        KeyFileError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            "name your key with --key FILE (or VOUCHSAFE_KEY), and the log key with --log-key FILE (or \
             VOUCHSAFE_LOG_KEY)"
        }
        KeyFileError::TooOpen { path, .. } => {
            return Some(format!("make it readable only by you: chmod 600 {}", shell_word(path)));
        }
        KeyFileError::NotAKey { path, form } => return Some(hint_for_form(*form, path)),
        KeyFileError::Comment { path } => {
            return Some(format!("set another comment: ssh-keygen -c -C vouchsafe -f {}", shell_word(path)));
        }
        KeyFileError::Unusable { .. } => "make an Ed25519 key with: ssh-keygen -t ed25519",
        KeyFileError::WrongPassphrase { .. } => {
            "a lost passphrase cannot be recovered: restore the keys from their backup. If an agent's key is lost, \
             another administrator can add a new one"
        }
        KeyFileError::Cipher { path, .. } => {
            let path = shell_word(path);
            return Some(format!("encrypt it with a supported cipher: ssh-keygen -p -Z aes256-ctr -f {path}"));
        }
        KeyFileError::PassphraseNeeded { .. } => "run the command in a terminal, or give --passphrase-file FILE",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// How to convert a key into one that can be used.
fn hint_for_form(form: OtherForm, path: &Path) -> String {
    let path = shell_word(path);
    let make = "make an Ed25519 key with: ssh-keygen -t ed25519";
    match form {
        OtherForm::Damaged => "restore the key from its backup".to_owned(),
        OtherForm::Public => "name the private key: the file of the same name without .pub".to_owned(),
        OtherForm::Private(SecretForm::Pkcs8) => {
            format!("if it is an Ed25519 key, OpenSSH 9.6 or later converts it: ssh-keygen -p -f {path}")
        }
        OtherForm::Private(SecretForm::Putty) => format!(
            "if it is an Ed25519 key, convert it: puttygen {path} -O private-openssh-new -o NEW, or in PuTTYgen with \
             Conversions, Export OpenSSH key (force new file format)"
        ),
        OtherForm::Private(SecretForm::Ssh2) => {
            format!("convert it: ssh-keygen -i -f {path} > NEW; only Ed25519 keys are accepted")
        }
        OtherForm::Private(SecretForm::Pem | SecretForm::Pgp) | OtherForm::Certificate => {
            format!("it cannot be converted; {make}")
        }
        _ => "`vouchsafe init` or `ssh-keygen -t ed25519` makes a private key".to_owned(),
    }
}
