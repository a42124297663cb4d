//! Keys and signatures: Ed25519 (RFC 8032) over SSHSIG data, verified strictly.
//!
//! What is signed here verifies with `ssh-keygen -Y verify`. Signatures by keys in FIDO tokens are checked, and not made.

pub mod secrets;

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, STANDARD_NO_PAD as BASE64_NO_PAD};
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256, Sha512};
use ssh_key::public::{Ed25519PublicKey, KeyData, SkEd25519};
use ssh_key::{Algorithm, HashAlg, LineEnding, SshSig};

use crate::model::text::serde_as_text;

/// SSHSIG namespace of the signatures in entries.
pub const ENTRY_NAMESPACE: &str = "vouchsafe-entry@1";
/// SSHSIG namespace of the signatures in approvals.
pub const APPROVAL_NAMESPACE: &str = "vouchsafe-approval@1";
/// The application of the FIDO keys that are accepted: the one that `ssh-keygen` gives them by default.
const FIDO_APPLICATION: &str = "ssh:";
/// The flag of a FIDO signature that says that somebody touched the token (PROTOCOL.u2f of OpenSSH).
const TOUCHED: u8 = 0x01;

/// A key or signature that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a public key in OpenSSH form.
    #[error("not an OpenSSH public key (a line such as `ssh-ed25519 AAAA…`)")]
    NotOpenSsh,
    /// A key of another algorithm.
    #[error("the key is of type {found}; only ssh-ed25519 keys are accepted")]
    NotEd25519 {
        /// The algorithm's OpenSSH name.
        found: String,
    },
    /// A FIDO key for something else than SSH.
    #[error("it is a FIDO key for the application {found:?}; only {FIDO_APPLICATION:?} is accepted")]
    Application {
        /// The application.
        found: String,
    },
    /// A FIDO key where one that signs is needed.
    #[error("it is a FIDO key: this version checks signatures by such keys, and cannot sign with them yet")]
    CannotSign,
    /// A point that is not on the curve, or not in its one canonical encoding.
    #[error("the 32 bytes are not a canonical Ed25519 public key")]
    NotCanonical,
    /// A point of small or mixed order: signatures by it can be made to fit several messages, or
    /// verify with one program and not with another.
    #[error("the key is weak (a point of small or mixed order): signatures by it prove nothing")]
    Weak,
    /// Not a key's fingerprint.
    #[error("{found:?} is not a key's fingerprint such as SHA256:… (43 base64 characters)")]
    KeyId {
        /// The text.
        found: String,
    },
    /// Not the verifier key of a log.
    #[error("{found:?} is not the key of a log: its name, '+', eight hexadecimal digits that fit, '+', base64")]
    LogKey {
        /// The text.
        found: String,
    },
    /// Neither a signature of 64 bytes nor one of 69, or not of the length that the key asks for.
    #[error("not an Ed25519 signature: 64 bytes, or 69 by a FIDO key, in base64")]
    Signature,
}

/// The fingerprint of a public key as `ssh-keygen -l` prints it: `SHA256:` and 43 base64 characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The 32 raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A fingerprint that is already known as 32 raw bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"SHA256:0000000000000000000000000000000000000000000";
        BASE64_NO_PAD.encode_slice(self.0, &mut text[7..]).map_err(|_| fmt::Error)?;
        f.pad(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("SHA256:")
            .and_then(|base64| BASE64_NO_PAD.decode(base64).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| KeyError::KeyId { found: text.chars().take(80).collect() })
    }
}

serde_as_text!(KeyId);

/// What an agent's key is, and so what its signatures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// `ssh-ed25519`: the private half is in a file.
    Ed25519,
    /// `sk-ssh-ed25519@openssh.com` with the application `ssh:`: the private half is in a FIDO token.
    Fido,
}

impl KeyKind {
    const ALL: [Self; 2] = [Self::Ed25519, Self::Fido];

    /// The name that OpenSSH has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ssh-ed25519",
            Self::Fido => "sk-ssh-ed25519@openssh.com",
        }
    }

    /// What stands before the 32 bytes of a key in its OpenSSH form, and after them (RFC 8709 §4, PROTOCOL.u2f of OpenSSH).
    const fn around(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Ed25519 => (b"\0\0\0\x0bssh-ed25519\0\0\0\x20", b""),
            Self::Fido => (b"\0\0\0\x1ask-ssh-ed25519@openssh.com\0\0\0\x20", b"\0\0\0\x04ssh:"),
        }
    }
}

/// An Ed25519 public key that is safe to rely on: canonical, of prime order. Of either kind, and never equal to one of the other.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: ed25519_dalek::VerifyingKey,
    kind: KeyKind,
    id: KeyId,
}

impl PublicKey {
    /// A key of the kind `ssh-ed25519` from its 32 bytes (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// The bytes are no canonical point, or the point has small or mixed order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        Self::of_kind(KeyKind::Ed25519, bytes)
    }

    /// A key of this kind from its 32 bytes.
    ///
    /// # Errors
    /// As [`PublicKey::from_bytes`].
    pub fn of_kind(kind: KeyKind, bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotCanonical)?;
        let point = key.to_edwards();
        if point.compress().as_bytes() != bytes {
            return Err(KeyError::NotCanonical);
        }
        if key.is_weak() || !point.is_torsion_free() {
            return Err(KeyError::Weak);
        }
        let mut key = Self { key, kind, id: KeyId([0; 32]) };
        key.id = KeyId(Sha256::digest(key.to_blob()).into());
        Ok(key)
    }

    /// A key from its OpenSSH form, 51 or 74 bytes, as [`PublicKey::to_blob`] gives it.
    ///
    /// # Errors
    /// Other bytes, or a weak key.
    pub fn from_blob(blob: &[u8]) -> Result<Self, KeyError> {
        let point = |kind: KeyKind| {
            let (before, behind) = kind.around();
            Some((kind, blob.strip_prefix(before)?.strip_suffix(behind)?.try_into().ok()?))
        };
        let (kind, point) = KeyKind::ALL.into_iter().find_map(point).ok_or(KeyError::NotOpenSsh)?;
        Self::of_kind(kind, point)
    }

    /// A key from an OpenSSH line, `ssh-ed25519 AAAA… comment`; the comment is dropped.
    ///
    /// # Errors
    /// Not such a line, another algorithm, a FIDO key for another application, or a weak key.
    pub fn from_openssh(line: &str) -> Result<Self, KeyError> {
        let key = ssh_key::PublicKey::from_openssh(line.trim()).map_err(|_| KeyError::NotOpenSsh)?;
        match key.key_data() {
            KeyData::Ed25519(key) => Self::from_bytes(&key.0),
            KeyData::SkEd25519(key) if key.application() == FIDO_APPLICATION => {
                Self::of_kind(KeyKind::Fido, &key.public_key().0)
            }
            KeyData::SkEd25519(key) => {
                Err(KeyError::Application { found: key.application().chars().take(80).collect() })
            }
            _ => Err(KeyError::NotEd25519 { found: key.algorithm().to_string() }),
        }
    }

    /// The OpenSSH form: 51 bytes, or 74 of a FIDO key.
    #[must_use]
    pub fn to_blob(&self) -> Vec<u8> {
        let (before, behind) = self.kind.around();
        [before, self.key.as_bytes(), behind].concat()
    }

    /// The key as an OpenSSH line without comment.
    #[must_use]
    pub fn to_openssh(&self) -> String {
        format!("{} {}", self.kind.name(), BASE64.encode(self.to_blob()))
    }

    /// The key as an X.509 `SubjectPublicKeyInfo` in PEM, which `openssl pkeyutl` reads (RFC 8410). `None` for a FIDO key: it
    /// makes no signature that such a program could check.
    #[must_use]
    pub fn to_pem(&self) -> Option<String> {
        const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        if self.kind != KeyKind::Ed25519 {
            return None;
        }
        let der = [SPKI_PREFIX.as_slice(), self.key.as_bytes()].concat();
        Some(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(der)))
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The 32 raw bytes, which do not show the kind.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The fingerprint.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether `signature` is a signature of exactly `message` by this key. A FIDO key makes none, so it has none.
    ///
    /// Strict: what this accepts, OpenSSL, OpenSSH and browsers accept as well; the other way round
    /// it refuses signatures with small-order points, which could fit several messages.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        self.kind == KeyKind::Ed25519 && self.holds(message, signature)
    }

    /// Whether `signature` is an SSHSIG signature of `message` in `namespace`, of the kind that this key makes; by a FIDO key,
    /// one for which somebody touched the token, which `ssh-keygen` does not ask for.
    #[must_use]
    pub fn verifies_sshsig(&self, namespace: &str, message: &[u8], signature: &SshSignature) -> bool {
        match (self.kind, signature) {
            (KeyKind::Ed25519, SshSignature::Ed25519(signature)) => {
                self.holds(&sshsig_data(namespace, message), signature)
            }
            (KeyKind::Fido, SshSignature::Fido { signature, flags, counter }) => {
                flags & TOUCHED != 0
                    && self.holds(&fido_data(*flags, *counter, &sshsig_data(namespace, message)), signature)
            }
            _ => false,
        }
    }

    fn holds(&self, data: &[u8], signature: &Signature) -> bool {
        self.key.verify_strict(data, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_openssh())
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    /// Only the form that [`PublicKey::to_openssh`] writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = Self::from_openssh(text)?;
        if key.to_openssh() == text { Ok(key) } else { Err(KeyError::NotOpenSsh) }
    }
}

serde_as_text!(PublicKey);

/// A plain Ed25519 signature: 64 bytes, in base64 where it is text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// A signature from its 64 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

/// The longest signature of a kind that this program does not know, in bytes: those of ML-DSA-87 and SLH-DSA-128s fit.
const MAX_OTHER_SIGNATURE_BYTES: usize = 8192;

/// An SSHSIG signature: 64 bytes, or 69 by a FIDO key, in base64 where it is text. Which of them is right, the key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SshSignature {
    /// Over the SSHSIG data.
    Ed25519(Signature),
    /// Over what a FIDO token makes of the SSHSIG data (PROTOCOL.u2f of OpenSSH).
    Fido {
        /// The 64 bytes.
        signature: Signature,
        /// What the token says: bit 0x01, that somebody touched it; bit 0x04, that it knew the person.
        flags: u8,
        /// How many signatures the token made; what it counts is its own affair.
        counter: u32,
    },
    /// By a key of a kind that this program does not know, in an entry that a newer version wrote.
    Other(Box<[u8]>),
}

impl SshSignature {
    /// A signature from its 64 bytes, or from 69: signature, flags, and counter with the highest byte first.
    ///
    /// # Errors
    /// Another number of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let (signature, rest) = bytes.split_first_chunk().ok_or(KeyError::Signature)?;
        let signature = Signature(*signature);
        match *rest {
            [] => Ok(Self::Ed25519(signature)),
            [flags, ref counter @ ..] => {
                let counter = counter.try_into().map_err(|_| KeyError::Signature)?;
                Ok(Self::Fido { signature, flags, counter: u32::from_be_bytes(counter) })
            }
        }
    }

    /// A signature in an entry of a format that is not known, in strict base64: of whatever kind its key asks for.
    ///
    /// # Errors
    /// No base64, no byte, or over 8,192 of them.
    pub fn of_any_kind(text: &str) -> Result<Self, KeyError> {
        let bytes = BASE64.decode(text).map_err(|_| KeyError::Signature)?;
        match Self::from_bytes(&bytes) {
            Err(_) if (1..=MAX_OTHER_SIGNATURE_BYTES).contains(&bytes.len()) => Ok(Self::Other(bytes.into())),
            known => known,
        }
    }

    /// The 64 or 69 bytes, or those of another kind.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(signature) => signature.0.to_vec(),
            Self::Fido { signature, flags, counter } => {
                [signature.0.as_slice(), &[*flags], &counter.to_be_bytes()].concat()
            }
            Self::Other(bytes) => bytes.to_vec(),
        }
    }

    /// The armored SSHSIG file that `ssh-keygen -Y verify` reads (PROTOCOL.sshsig).
    ///
    /// # Errors
    /// The signature is not of the kind that the key makes.
    pub fn to_sshsig(&self, namespace: &str, key: &PublicKey) -> Result<String, KeyError> {
        let point = Ed25519PublicKey(*key.as_bytes());
        let (key, algorithm) = match key.kind {
            KeyKind::Ed25519 => (KeyData::Ed25519(point), Algorithm::Ed25519),
            KeyKind::Fido => (KeyData::SkEd25519(SkEd25519::new(point, FIDO_APPLICATION)), Algorithm::SkEd25519),
        };
        ssh_key::Signature::new(algorithm, self.to_bytes())
            .and_then(|signature| SshSig::new(key, namespace, HashAlg::Sha512, signature))
            .and_then(|sig| sig.to_pem(LineEnding::LF))
            .map_err(|_| KeyError::Signature)
    }

    /// Reads an armored SSHSIG file, if it is the one that [`SshSignature::to_sshsig`] writes for this namespace and key.
    #[must_use]
    pub fn from_sshsig(armored: &[u8], namespace: &str, key: &PublicKey) -> Option<Self> {
        let signature = Self::from_bytes(SshSig::from_pem(armored).ok()?.signature_bytes()).ok()?;
        let is_the_same = signature.to_sshsig(namespace, key).is_ok_and(|text| text.as_bytes() == armored);
        is_the_same.then_some(signature)
    }
}

impl fmt::Display for SshSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ed25519(signature) => fmt::Display::fmt(signature, f),
            Self::Fido { .. } | Self::Other(_) => f.pad(&BASE64.encode(self.to_bytes())),
        }
    }
}

impl FromStr for SshSignature {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_bytes(&BASE64.decode(text).map_err(|_| KeyError::Signature)?)
    }
}

serde_as_text!(SshSignature);

/// A private key in memory, expanded once; wiped when dropped.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    public: PublicKey,
}

impl SigningKey {
    /// A key from its 32 secret bytes.
    ///
    /// # Errors
    /// The public half is weak, which happens to no key that was made at random.
    pub fn from_secret(secret: &[u8; 32]) -> Result<Self, KeyError> {
        let key = ed25519_dalek::SigningKey::from_bytes(secret);
        let public = PublicKey::from_bytes(key.verifying_key().as_bytes())?;
        Ok(Self { key, public })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The 32 secret bytes.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Signs exactly `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.key.sign(message).to_bytes())
    }

    /// Signs `message` as SSHSIG in `namespace`.
    #[must_use]
    pub fn sign_sshsig(&self, namespace: &str, message: &[u8]) -> SshSignature {
        SshSignature::Ed25519(self.sign(&sshsig_data(namespace, message)))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, secret not shown)", self.public.id)
    }
}

/// The bytes that an SSHSIG signature covers (PROTOCOL.sshsig): preamble, namespace, reserved, hash
/// algorithm, SHA-512 of the message. The namespace keeps a signature from being used for anything else.
fn sshsig_data(namespace: &str, message: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(128);
    data.extend_from_slice(b"SSHSIG");
    for part in [namespace.as_bytes(), b"", b"sha512", &Sha512::digest(message)] {
        data.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}

/// What a FIDO token signs for SSH (PROTOCOL.u2f of OpenSSH): SHA-256 of the application, flags, counter with the highest
/// byte first, SHA-256 of the data.
fn fido_data(flags: u8, counter: u32, data: &[u8]) -> [u8; 69] {
    let mut signed = [0; 69];
    signed[..32].copy_from_slice(&Sha256::digest(FIDO_APPLICATION));
    signed[32] = flags;
    signed[33..37].copy_from_slice(&counter.to_be_bytes());
    signed[37..].copy_from_slice(&Sha256::digest(data));
    signed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_secret(&[7; 32]).unwrap()
    }

    #[test]
    fn our_sshsig_is_the_one_of_ssh_key() {
        let signature = key().sign_sshsig("n@1", b"message");
        let armored = signature.to_sshsig("n@1", key().public()).unwrap();
        let parsed = armored.parse::<SshSig>().unwrap();
        let public = ssh_key::PublicKey::from_openssh(&key().public().to_openssh()).unwrap();
        assert_eq!((parsed.public_key(), parsed.namespace()), (public.key_data(), "n@1"));
        // What `ssh_key` says that such a signature covers, under the key that it reads.
        let point = public.key_data().ed25519().unwrap();
        let judge = ed25519_dalek::VerifyingKey::from_bytes(point.as_ref()).unwrap();
        let made = ed25519_dalek::Signature::from_slice(parsed.signature_bytes()).unwrap();
        let holds = |namespace, message: &[u8]| {
            let covered = SshSig::signed_data(namespace, HashAlg::Sha512, message).unwrap();
            judge.verify_strict(&covered, &made).is_ok()
        };
        assert!(holds("n@1", b"message"));
        assert!(!holds("n@1", b"massage"));
        assert!(!holds("n@2", b"message"));
    }

    #[test]
    fn a_signature_fits_one_message_in_one_namespace() {
        let key = key();
        let signature = key.sign_sshsig("n@1", b"message");
        assert!(key.public().verifies_sshsig("n@1", b"message", &signature));
        assert!(!key.public().verifies_sshsig("n@2", b"message", &signature));
        assert!(!key.public().verifies_sshsig("n@1", b"massage", &signature));
    }

    #[test]
    fn a_key_reads_back_and_has_the_fingerprint_of_ssh_keygen() {
        let public = key().public().clone();
        assert_eq!(public.to_openssh().parse::<PublicKey>().unwrap(), public);
        assert_eq!(public.id().to_string().parse::<KeyId>().unwrap(), public.id());
        let peer = ssh_key::PublicKey::from_openssh(&public.to_openssh()).unwrap();
        assert_eq!(peer.fingerprint(HashAlg::Sha256).to_string(), public.id().to_string());
    }

    #[test]
    fn weak_keys_are_refused() {
        let identity = {
            let mut bytes = [0; 32];
            bytes[0] = 1;
            bytes
        };
        assert_eq!(PublicKey::from_bytes(&identity), Err(KeyError::Weak));
        let small_order: [u8; 32] = [0; 32];
        assert_eq!(PublicKey::from_bytes(&small_order), Err(KeyError::Weak));
        let mut not_canonical = [0xff; 32];
        not_canonical[0] = 0xee;
        not_canonical[31] = 0x7f;
        assert_eq!(PublicKey::from_bytes(&not_canonical), Err(KeyError::NotCanonical));
    }
}
