//! Checkpoints: the log's size and root, signed (C2SP tlog-checkpoint in a C2SP signed-note).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use signed_note::Note;

use super::canonical::{self, FormatError};
use crate::digest::Digest;
use crate::model::{EntryIndex, Origin};
use crate::sign::{KeyError, PublicKey, Signature, SigningKey};

/// The longest checkpoint in bytes, cosignatures included.
pub const MAX_CHECKPOINT_BYTES: usize = 64 * 1024;

const WHAT: &str = "the checkpoint";

/// The log's size and the root of its Merkle tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Digest,
}

/// A checkpoint as it was signed, with its exact bytes.
///
/// Of the right form only: call [`SignedCheckpoint::is_signed_by`] with a key from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    text: String,
}

/// The public key of a log with the log's name: a C2SP signed-note verifier key (`name+hash+base64`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    name: Origin,
    key: PublicKey,
}

/// The type byte of Ed25519 in signed-note keys.
const ED25519: u8 = 1;

impl LogKey {
    /// The key of the log with this origin: an `ssh-ed25519` key. With a FIDO key, no checkpoint is signed.
    #[must_use]
    pub const fn new(name: Origin, key: PublicKey) -> Self {
        Self { name, key }
    }

    /// The name that signature lines carry: the origin.
    #[must_use]
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    /// The Ed25519 key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The key as a PEM file, see [`PublicKey::to_pem`].
    #[must_use]
    pub fn to_pem(&self) -> String {
        self.key.to_pem().unwrap_or_default()
    }

    fn type_and_key(&self) -> Vec<u8> {
        [[ED25519].as_slice(), self.key.as_bytes()].concat()
    }

    fn id(&self) -> u32 {
        signed_note::key_id(self.name.as_str(), &self.type_and_key())
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&verifier_key(&self.name, &self.type_and_key()))
    }
}

impl FromStr for LogKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, type_byte, key) = read_verifier_key(text)?;
        match <[u8; 32]>::try_from(key) {
            Ok(key) if type_byte == ED25519 => Ok(Self { name, key: PublicKey::from_bytes(&key)? }),
            _ => Err(no_log_key(text)),
        }
    }
}

/// A second public key of a log, for ML-DSA-44 (FIPS 204), as C2SP signed-note writes it. Its signatures are not verified:
/// a checkpoint only has to have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKeyPq {
    name: Origin,
    key: Vec<u8>,
}

/// The type byte of ML-DSA-44 in signed-note keys, and how long such a key is.
const ML_DSA_44: (u8, usize) = (6, 1_312);

impl LogKeyPq {
    /// The name that signature lines carry: the origin.
    #[must_use]
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    fn type_and_key(&self) -> Vec<u8> {
        [&[ML_DSA_44.0], self.key.as_slice()].concat()
    }

    fn id(&self) -> u32 {
        signed_note::key_id(self.name.as_str(), &self.type_and_key())
    }
}

impl fmt::Display for LogKeyPq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&verifier_key(&self.name, &self.type_and_key()))
    }
}

impl FromStr for LogKeyPq {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, type_byte, key) = read_verifier_key(text)?;
        if (type_byte, key.len()) == ML_DSA_44 { Ok(Self { name, key }) } else { Err(no_log_key(text)) }
    }
}

/// A C2SP signed-note verifier key of this name: `name+hash+base64`.
fn verifier_key(name: &Origin, type_and_key: &[u8]) -> String {
    format!("{name}+{:08x}+{}", signed_note::key_id(name.as_str(), type_and_key), BASE64.encode(type_and_key))
}

/// The name, the type byte and the key of a C2SP signed-note verifier key.
fn read_verifier_key(text: &str) -> Result<(Origin, u8, Vec<u8>), KeyError> {
    let parse = || {
        let (name, rest) = text.split_once('+')?;
        let (_, key) = rest.split_once('+')?;
        let (name, type_and_key) = (name.parse::<Origin>().ok()?, BASE64.decode(key).ok()?);
        // The hash in the middle is checked by writing the key again.
        let is_as_written = verifier_key(&name, &type_and_key) == text;
        let (&type_byte, key) = type_and_key.split_first()?;
        is_as_written.then(|| (name, type_byte, key.to_vec()))
    };
    parse().ok_or_else(|| no_log_key(text))
}

fn no_log_key(text: &str) -> KeyError {
    KeyError::LogKey { found: text.chars().take(300).collect() }
}

impl Checkpoint {
    /// The text that is signed: origin, size and base64 root, each on a line.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root.as_bytes()))
    }

    /// Signs with the log's key. A log signs only what continues what it signed before; the caller
    /// sees to that.
    ///
    /// # Errors
    /// The origin cannot be the name of a signature, which an [`Origin`] never causes.
    pub fn sign(self, key: &SigningKey) -> Result<SignedCheckpoint, FormatError> {
        let log_key = LogKey::new(self.origin.clone(), key.public().clone());
        let text = self.text();
        let signature = key.sign(text.as_bytes());
        let line =
            signed_note::Signature::new(log_key.name.as_str().to_owned(), log_key.id(), signature.as_bytes().to_vec())
                .map_err(rule)?;
        let note = Note::new(text.as_bytes(), &[line]).map_err(rule)?;
        let text = String::from_utf8(note.to_bytes()).map_err(rule)?;
        Ok(SignedCheckpoint { checkpoint: self, text })
    }
}

impl SignedCheckpoint {
    /// Reads a signed checkpoint. Further signature lines are kept and not judged.
    ///
    /// # Errors
    /// Over the limit, not a signed note, not a checkpoint, or with extension lines.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        canonical::check_length(WHAT, bytes.len() as u64, MAX_CHECKPOINT_BYTES as u64)?;
        let note = Note::from_bytes(bytes).map_err(rule)?;
        let read = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(rule)?;
        let checkpoint = Checkpoint {
            origin: read.origin().parse().map_err(rule)?,
            size: read.size(),
            root: Digest::from_bytes(read.hash().0),
        };
        if checkpoint.size > EntryIndex::MAX.0 {
            return Err(rule("its size is over 2^53 - 1"));
        }
        if note.to_bytes() != bytes || checkpoint.text().as_bytes() != note.text() {
            return Err(FormatError::NotCanonical { what: WHAT });
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(rule)?;
        Ok(Self { checkpoint, text })
    }

    /// The whole note, signatures included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether this key signed it, and its name is the checkpoint's origin. Each line that names the key must hold: a line
    /// that does not is no work of the log's.
    #[must_use]
    pub fn is_signed_by(&self, key: &LogKey) -> bool {
        let text = self.checkpoint.text();
        let mut own = self
            .lines_of(&key.name, key.id())
            .map(|line| {
                let bytes = line.signature().try_into();
                bytes.is_ok_and(|bytes| key.key.verifies(text.as_bytes(), &Signature::from_bytes(bytes)))
            })
            .peekable();
        key.name == self.checkpoint.origin && own.peek().is_some() && own.all(|holds| holds)
    }

    /// Whether it has a signature line of this key. Whether the signature holds is not looked at.
    #[must_use]
    pub fn names(&self, key: &LogKeyPq) -> bool {
        self.lines_of(&key.name, key.id()).next().is_some()
    }

    /// Whether it has a signature line with its own origin as the name and none of these keys: the line of another key of
    /// that log, if it is no stranger's.
    #[must_use]
    pub fn names_another_key<'a>(&self, known: impl IntoIterator<Item = &'a LogKey>) -> bool {
        let ids: Vec<_> = known.into_iter().map(LogKey::id).collect();
        let mut own = self.lines().filter(|line| line.name() == self.checkpoint.origin.as_str()).peekable();
        own.peek().is_some() && own.all(|line| !ids.contains(&line.id()))
    }

    fn lines(&self) -> impl Iterator<Item = signed_note::Signature> {
        let lines = self.text.split_once("\n\n").map_or("", |(_, lines)| lines).lines();
        lines.filter_map(|line| signed_note::Signature::from_bytes(line.as_bytes()).ok())
    }

    fn lines_of(&self, name: &Origin, id: u32) -> impl Iterator<Item = signed_note::Signature> {
        self.lines().filter(move |line| line.name() == name.as_str() && line.id() == id)
    }
}

fn rule(reason: impl fmt::Display) -> FormatError {
    FormatError::Rule { what: WHAT, reason: reason.to_string() }
}
