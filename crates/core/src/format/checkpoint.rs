//! Checkpoints: the log's size and root, signed (C2SP tlog-checkpoint in a C2SP signed-note).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::canonical::{self, FormatError};
use crate::digest::Digest;
use crate::model::{EntryIndex, Origin};
use crate::sign::{KeyError, PublicKey, Signature, SigningKey};

/// The longest checkpoint in bytes, cosignatures included.
pub const MAX_CHECKPOINT_BYTES: usize = 64 * 1024;

/// How many signatures a checkpoint may have. C2SP signed-note leaves the number to readers.
const MAX_SIGNATURES: usize = 100;

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
        key_id(&self.name, &self.type_and_key())
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
        key_id(&self.name, &self.type_and_key())
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

/// What a signature line names a key by, which says nothing of whether a signature is that key's (C2SP signed-note, "Signatures").
fn key_id(name: &Origin, type_and_key: &[u8]) -> u32 {
    let digest = Digest::of(&[name.as_str().as_bytes(), b"\n", type_and_key].concat());
    let [a, b, c, d, ..] = *digest.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// A line with a signature of a C2SP signed-note.
struct SignatureLine<'a> {
    name: &'a str,
    id: u32,
    signature: Vec<u8>,
}

impl<'a> SignatureLine<'a> {
    /// How a line begins: an em dash, and a space.
    const START: &'static str = "\u{2014} ";

    /// Reads a line, without its end.
    fn parse(line: &'a str) -> Option<Self> {
        let (name, base64) = line.strip_prefix(Self::START)?.split_once(' ')?;
        let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
        let bytes = BASE64.decode(base64).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        let is_line = is_name && !signature.is_empty();
        is_line.then(|| Self { name, id: u32::from_be_bytes(*id), signature: signature.to_vec() })
    }
}

impl fmt::Display for SignatureLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.to_be_bytes(), self.signature.as_slice()].concat();
        writeln!(f, "{}{} {}", Self::START, self.name, BASE64.encode(bytes))
    }
}

/// A C2SP signed-note verifier key of this name: `name+hash+base64`.
fn verifier_key(name: &Origin, type_and_key: &[u8]) -> String {
    format!("{name}+{:08x}+{}", key_id(name, type_and_key), BASE64.encode(type_and_key))
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
    #[must_use]
    pub fn sign(self, key: &SigningKey) -> SignedCheckpoint {
        let log_key = LogKey::new(self.origin.clone(), key.public().clone());
        let text = self.text();
        let signature = key.sign(text.as_bytes()).as_bytes().to_vec();
        let line = SignatureLine { name: log_key.name.as_str(), id: log_key.id(), signature };
        let text = format!("{text}\n{line}");
        SignedCheckpoint { checkpoint: self, text }
    }
}

impl SignedCheckpoint {
    /// Reads a signed checkpoint. Further signature lines are kept and not judged.
    ///
    /// # Errors
    /// Over the limit, not a signed note, not a checkpoint, or with extension lines.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        canonical::check_length(WHAT, bytes.len() as u64, MAX_CHECKPOINT_BYTES as u64)?;
        let text = std::str::from_utf8(bytes).map_err(rule)?;
        if text.contains(|c: char| c < ' ' && c != '\n') {
            return Err(rule("it has a control character"));
        }
        let (said, lines) = text.rsplit_once("\n\n").ok_or_else(|| rule("it has no signatures"))?;
        let lines = lines.strip_suffix('\n').ok_or_else(|| rule("its last line does not end"))?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(rule(format_args!("it has more than {MAX_SIGNATURES} signatures")));
        }
        if let Some(line) = lines.split('\n').find(|line| SignatureLine::parse(line).is_none()) {
            return Err(rule(format_args!(
                "this is no line with a signature: {}",
                line.chars().take(300).collect::<String>()
            )));
        }
        let mut said_lines = said.split('\n');
        let mut next = |what| said_lines.next().ok_or_else(|| rule(format_args!("it lacks its {what}")));
        let (origin, size, root) = (next("origin")?, next("size")?, next("root")?);
        let root = BASE64.decode(root).ok().and_then(|root| <[u8; 32]>::try_from(root).ok());
        let checkpoint = Checkpoint {
            origin: origin.parse().map_err(rule)?,
            size: size
                .parse()
                .ok()
                .filter(|read: &u64| read.to_string() == size)
                .ok_or_else(|| rule("its size is no number"))?,
            root: Digest::from_bytes(root.ok_or_else(|| rule("its root is no SHA-256 digest in base64"))?),
        };
        if checkpoint.size > EntryIndex::MAX.0 {
            return Err(rule("its size is over 2^53 - 1"));
        }
        // Nothing follows the root.
        if checkpoint.text().strip_suffix('\n') != Some(said) {
            return Err(FormatError::NotCanonical { what: WHAT });
        }
        Ok(Self { checkpoint, text: text.to_owned() })
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
                let bytes = line.signature.try_into();
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
        let mut own = self.lines().filter(|line| line.name == self.checkpoint.origin.as_str()).peekable();
        own.peek().is_some() && own.all(|line| !ids.contains(&line.id))
    }

    fn lines(&self) -> impl Iterator<Item = SignatureLine<'_>> {
        self.text.split_once("\n\n").map_or("", |(_, lines)| lines).lines().filter_map(SignatureLine::parse)
    }

    fn lines_of(&self, name: &Origin, id: u32) -> impl Iterator<Item = SignatureLine<'_>> {
        self.lines().filter(move |line| line.name == name.as_str() && line.id == id)
    }
}

fn rule(reason: impl fmt::Display) -> FormatError {
    FormatError::Rule { what: WHAT, reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `signed_note` and `tlog_tiles` make of the same bytes, with the rules that this project adds.
    fn others_take(bytes: &[u8]) -> bool {
        let Ok(note) = signed_note::Note::from_bytes(bytes) else { return false };
        let Ok(read) = tlog_tiles::Checkpoint::from_bytes(note.text()) else { return false };
        let Ok(origin) = read.origin().parse() else { return false };
        let checkpoint = Checkpoint { origin, size: read.size(), root: Digest::from_bytes(read.hash().0) };
        let is_canonical = note.to_bytes() == bytes && checkpoint.text().as_bytes() == note.text();
        is_canonical && checkpoint.size <= EntryIndex::MAX.0
    }

    #[test]
    fn a_checkpoint_is_read_as_others_read_it() {
        let log = LogKey::new(
            "vouchsafe/archive/x".parse().unwrap(),
            SigningKey::from_secret(&[3; 32]).unwrap().public().clone(),
        );
        let checkpoint = Checkpoint { origin: log.name().clone(), size: 17, root: Digest::of(b"root") };
        let signed = checkpoint.sign(&SigningKey::from_secret(&[3; 32]).unwrap());
        let theirs = signed_note::StandardVerifier::new(&log.to_string()).unwrap();
        let note = signed_note::Note::from_bytes(signed.text().as_bytes()).unwrap();
        note.verify(&signed_note::VerifierList::new(vec![Box::new(theirs)])).unwrap();

        let own_line = signed.text().rsplit_once("\n\n").unwrap().1;
        let text = signed.checkpoint.text();
        let other_line = SignatureLine { name: "witness.example", id: 7, signature: vec![1; 40] }.to_string();
        let whole = format!("{text}\n{own_line}{other_line}");
        let mut tried = vec![
            whole.clone(),
            text.clone(),
            format!("{text}\n"),
            format!("{text}\n\n{own_line}"),
            format!("{text}\n{own_line}\n"),
            format!("{text}\n{own_line}\n{other_line}"),
            format!("{text}extension\n\n{own_line}"),
            format!("{text}extension\n\nmore\n\n{own_line}"),
            format!("{text}\n{}", other_line.repeat(MAX_SIGNATURES)),
            format!("{text}\n{}", other_line.repeat(MAX_SIGNATURES + 1)),
            whole.replace("\n17\n", "\n+17\n"),
            whole.replace("\n17\n", "\n017\n"),
            whole.replace("\n17\n", "\n9007199254740991\n"),
            whole.replace("\n17\n", "\n9007199254740992\n"),
            whole.replace("\n17\n", "\n18446744073709551616\n"),
            whole.replace('\n', "\r\n"),
        ];
        for name in ["a", "", "a b", "a\u{a0}b", "a\u{3000}", "a+b", "\u{feff}", "한글"] {
            tried.push(format!("{text}\n\u{2014} {name} {}\n", BASE64.encode([1; 5])));
        }
        for signature in
            [BASE64.encode([1; 4]), BASE64.encode([1; 3]), "AQEBAQF=".to_owned(), "AQEBAQE".to_owned(), String::new()]
        {
            tried.push(format!("{text}\n\u{2014} a {signature}\n"));
        }
        for (at, c) in whole.char_indices() {
            let (before, after) = (&whole[..at], &whole[at + c.len_utf8()..]);
            tried.push(format!("{before}{after}"));
            for other in ['\n', ' ', '\t', '\u{7f}', '\u{2014}', '\u{85}', '+', '=', '0', 'A', '-'] {
                tried.push(format!("{before}{other}{after}"));
                tried.push(format!("{before}{other}{c}{after}"));
            }
        }
        let mut good = 0;
        for text in &tried {
            let ours = SignedCheckpoint::parse(text.as_bytes());
            assert_eq!(ours.is_ok(), others_take(text.as_bytes()), "{text:?}: {ours:?}");
            good += usize::from(ours.is_ok());
        }
        assert!(good > 100 && good < tried.len() / 2, "{good} of {}", tried.len());
    }
}
