//! Keys in FIDO tokens, as PROTOCOL.u2f and PROTOCOL.sshsig of OpenSSH describe them. No token is at hand: a key in memory
//! signs what a token would.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256, Sha512};
use tempfile::TempDir;
use vouchsafe_core::format::bundle::{self, BUNDLE_NAMESPACE};
use vouchsafe_core::format::{Entry, SignedEntry};
use vouchsafe_core::model::{Disclosure, Event};
use vouchsafe_core::sign::{ENTRY_NAMESPACE, KeyError, KeyKind, PublicKey, SigningKey, SshSignature};
use vouchsafe_core::verify::bundle::BundleVerdict;
use vouchsafe_core::verify::{Trust, TrustError, receipts};

use crate::bundles::{codes, describe, put, report, seal, selected};
use crate::data;
use crate::example::{self, administrator, archivist};
use crate::formats::all_small_changes;
use crate::samples::{Log, key, origin};
use crate::verification;

const MESSAGE: &[u8] = b"a message";
const TOUCHED: u8 = 0x01;

/// A token that signs without asking anybody.
pub struct Token {
    key: SigningKey,
    /// What the token says with each signature.
    pub flags: u8,
}

impl Token {
    /// The token with this key, touched by somebody.
    pub fn touched(key: SigningKey) -> Self {
        Self { key, flags: TOUCHED }
    }

    /// The same that nobody touched.
    pub fn untouched(key: SigningKey) -> Self {
        Self { key, flags: 0 }
    }

    pub fn public(&self) -> PublicKey {
        PublicKey::of_kind(KeyKind::Fido, self.key.public().as_bytes()).unwrap()
    }

    pub fn sign(&self, namespace: &str, message: &[u8]) -> SshSignature {
        self.sign_for("ssh:", 7, namespace, message)
    }

    fn sign_for(&self, application: &str, counter: u32, namespace: &str, message: &[u8]) -> SshSignature {
        let data = sshsig_data(namespace, message);
        let signed = [
            Sha256::digest(application).as_slice(),
            &[self.flags],
            &counter.to_be_bytes(),
            Sha256::digest(data).as_slice(),
        ]
        .concat();
        SshSignature::Fido { signature: self.key.sign(&signed), flags: self.flags, counter }
    }

    /// The entry as the token signs it, whoever its actor is.
    pub fn sign_entry(&self, entry: &Entry) -> SignedEntry {
        let message = entry.message();
        with_signature(entry, &self.sign(ENTRY_NAMESPACE, &message))
    }

    /// The entry with 64 bytes for a signature, as if the token's key were a plain one.
    pub fn sign_as_plain_key(&self, entry: &Entry) -> SignedEntry {
        with_signature(entry, &self.key.sign_sshsig(ENTRY_NAMESPACE, &entry.message()))
    }

    /// The log of the examples, with the token in the place of the key that it holds.
    pub fn log(&self) -> (Log, Vec<Vec<Disclosure>>) {
        self.log_signed(|entry| self.sign_entry(entry))
    }

    /// The same, but what the token's agent signs is signed by `sign`.
    pub fn log_signed(&self, sign: impl Fn(&Entry) -> SignedEntry) -> (Log, Vec<Vec<Disclosure>>) {
        let (plain, public) = (self.key.public().clone(), self.public());
        let change = |entry: &mut Entry| {
            if entry.actor == plain.id() {
                entry.actor = public.id();
            }
            match &mut entry.event {
                Event::ArchiveCreated(body) if body.administrator.public_key == plain => {
                    body.administrator.public_key = public.clone();
                }
                Event::AgentAdded(body) if body.agent.public_key == plain => body.agent.public_key = public.clone(),
                Event::AgentRevoked(body) if body.key == plain.id() => body.key = public.id(),
                _ => {}
            }
        };
        example::log_signed(change, |entry, key| match entry.actor == public.id() {
            true => sign(&entry),
            false => entry.sign(key).unwrap(),
        })
    }
}

/// The log of the examples, where the archivist's plain key signs as a token does.
pub fn by_token_for_plain_key() -> (Log, Vec<Vec<Disclosure>>) {
    let sign = |entry: Entry, key: &SigningKey| match entry.actor == archivist().public().id() {
        true => Token::touched(archivist()).sign_entry(&entry),
        false => entry.sign(key).unwrap(),
    };
    example::log_signed(|_| {}, sign)
}

/// The entry with this as its actor's signature.
fn with_signature(entry: &Entry, signature: &SshSignature) -> SignedEntry {
    let message = String::from_utf8(entry.message()).unwrap();
    let message = message.strip_suffix('}').unwrap();
    let line = format!(r#"{message},"signatures":[{{"key":"{}","signature":"{signature}"}}]}}"#, entry.actor);
    SignedEntry::parse(line.as_bytes()).unwrap()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn sshsig_data(namespace: &str, message: &[u8]) -> Vec<u8> {
    let parts = [string(namespace.as_bytes()), string(b""), string(b"sha512"), string(&Sha512::digest(message))];
    [b"SSHSIG".as_slice(), &parts.concat()].concat()
}

fn line(point: &[u8; 32], application: &str) -> String {
    let blob = [string(b"sk-ssh-ed25519@openssh.com"), string(point), string(application.as_bytes())].concat();
    format!("sk-ssh-ed25519@openssh.com {}", BASE64.encode(blob))
}

fn holds(key: &PublicKey, signature: &SshSignature) -> bool {
    key.verifies_sshsig(ENTRY_NAMESPACE, MESSAGE, signature)
}

// --- keys -------------------------------------------------------------------------------------

#[test]
fn a_fido_key_has_one_line_and_the_fingerprint_of_ssh_keygen() {
    let key = Token::touched(archivist()).public();
    let text = line(key.as_bytes(), "ssh:");
    assert_eq!(text.len(), "sk-ssh-ed25519@openssh.com ".len() + 100);
    assert_eq!(key.to_openssh(), text);
    assert_eq!(text.parse::<PublicKey>().unwrap(), key);
    assert_eq!(key.to_blob().len(), 74);
    assert_eq!(PublicKey::from_blob(&key.to_blob()).unwrap(), key);
    // What a person pastes may have a comment; what is stored has none.
    let pasted = format!("{text} me@laptop\n");
    assert_eq!(PublicKey::from_openssh(&pasted).unwrap(), key);
    assert_eq!(pasted.parse::<PublicKey>(), Err(KeyError::NotOpenSsh));

    let peer = ssh_key::PublicKey::from_openssh(&text).unwrap();
    assert_eq!(peer.fingerprint(ssh_key::HashAlg::Sha256).to_string(), key.id().to_string());
    assert_ne!(&key, archivist().public());
    assert_ne!(key.id(), archivist().public().id());
    for changed in all_small_changes(text.as_bytes()) {
        let read = String::from_utf8(changed).ok().and_then(|text| text.parse::<PublicKey>().ok());
        assert!(read.is_none_or(|read| read != key), "another text is the same key");
    }
}

#[test]
fn a_fido_key_for_another_application_is_refused() {
    let key = archivist();
    for application in ["", "ssh", "ssh:x", "ssh:backup", "SSH:", "https://ngo.example"] {
        let text = line(key.public().as_bytes(), application);
        assert_eq!(text.parse::<PublicKey>(), Err(KeyError::Application { found: application.to_owned() }));
        let blob = BASE64.decode(text.split(' ').nth(1).unwrap()).unwrap();
        assert!(PublicKey::from_blob(&blob).is_err(), "{application}");
    }
}

#[test]
fn weak_keys_are_refused_in_both_kinds() {
    let first = |byte: u8| {
        let mut bytes = [0; 32];
        bytes[0] = byte;
        bytes
    };
    let mut not_canonical = [0xff; 32];
    (not_canonical[0], not_canonical[31]) = (0xee, 0x7f);
    for (point, error) in
        [(first(0), KeyError::Weak), (first(1), KeyError::Weak), (not_canonical, KeyError::NotCanonical)]
    {
        assert_eq!(PublicKey::from_bytes(&point), Err(error.clone()));
        assert_eq!(PublicKey::of_kind(KeyKind::Fido, &point), Err(error.clone()));
        assert_eq!(line(&point, "ssh:").parse::<PublicKey>(), Err(error));
    }
}

#[test]
fn what_only_a_plain_key_can_do_a_fido_key_does_not() {
    let token = Token::touched(archivist());
    assert_eq!(token.public().to_pem(), None);
    assert!(archivist().public().verifies(MESSAGE, &archivist().sign(MESSAGE)));
    assert!(!token.public().verifies(MESSAGE, &archivist().sign(MESSAGE)));
}

// --- signatures -------------------------------------------------------------------------------

#[test]
fn a_signature_by_a_fido_key_holds_if_somebody_touched_it() {
    let key = Token::touched(archivist()).public();
    let sign = |flags: u8| Token { key: archivist(), flags }.sign(ENTRY_NAMESPACE, MESSAGE);
    // 0x04: the token knew the person; 0x80: it says more. Both are its affair.
    for flags in [0x01, 0x05, 0x81, 0xff] {
        assert!(holds(&key, &sign(flags)), "flags {flags:#x}");
    }
    for flags in [0x00, 0x04, 0x80, 0xfe] {
        assert!(!holds(&key, &sign(flags)), "flags {flags:#x}");
    }
}

#[test]
fn a_signature_by_a_fido_key_fits_one_message() {
    let token = Token::touched(archivist());
    let (key, good) = (token.public(), token.sign(ENTRY_NAMESPACE, MESSAGE));
    assert!(holds(&key, &good));
    assert!(!key.verifies_sshsig(ENTRY_NAMESPACE, b"a massage", &good));
    assert!(!key.verifies_sshsig(BUNDLE_NAMESPACE, MESSAGE, &good));
    assert!(!holds(&Token::touched(administrator()).public(), &good), "another key");
    assert!(!holds(&key, &token.sign_for("ssh:x", 7, ENTRY_NAMESPACE, MESSAGE)), "another application");
    assert!(holds(&key, &token.sign_for("ssh:", u32::MAX, ENTRY_NAMESPACE, MESSAGE)), "any counter");
    let bytes = good.to_bytes();
    assert_eq!(bytes.len(), 69);
    assert_eq!(bytes[64..], [TOUCHED, 0, 0, 0, 7]);
    for changed in all_small_changes(&bytes) {
        let read = SshSignature::from_bytes(&changed).ok().filter(|read| *read != good);
        assert!(read.is_none_or(|read| !holds(&key, &read)), "a changed byte is not seen");
    }
    // Untouched, and touched afterwards by somebody else.
    let mut bytes = Token::untouched(archivist()).sign(ENTRY_NAMESPACE, MESSAGE).to_bytes();
    bytes[64] = TOUCHED;
    assert!(!holds(&key, &SshSignature::from_bytes(&bytes).unwrap()));
}

/// The key says what a signature by it is; the signature does not.
#[test]
fn a_signature_of_the_other_kind_does_not_hold() {
    let token = Token::touched(archivist());
    let (plain, fido) = (archivist().public().clone(), token.public());
    let by_plain = archivist().sign_sshsig(ENTRY_NAMESPACE, MESSAGE);
    let by_token = token.sign(ENTRY_NAMESPACE, MESSAGE);
    assert!(holds(&plain, &by_plain) && holds(&fido, &by_token));
    assert!(!holds(&plain, &by_token) && !holds(&fido, &by_plain));
    // The same 64 bytes with what is missing put behind them, or without what is too much.
    let longer = [by_plain.to_bytes().as_slice(), &[TOUCHED, 0, 0, 0, 7]].concat();
    let shorter = &by_token.to_bytes()[..64];
    for bytes in [&longer, shorter] {
        let signature = SshSignature::from_bytes(bytes).unwrap();
        assert!(!holds(&plain, &signature) && !holds(&fido, &signature));
    }
    assert_eq!(by_plain.to_sshsig(ENTRY_NAMESPACE, &fido), Err(KeyError::Signature));
    assert_eq!(by_token.to_sshsig(ENTRY_NAMESPACE, &plain), Err(KeyError::Signature));
}

#[test]
fn a_signature_is_64_or_69_bytes() {
    for length in (0..200).filter(|length| ![64, 69].contains(length)) {
        assert_eq!(SshSignature::from_bytes(&vec![7; length]), Err(KeyError::Signature), "{length} bytes");
    }
    let signature = Token::touched(archivist()).sign(ENTRY_NAMESPACE, MESSAGE);
    let text = signature.to_string();
    assert_eq!((text.len(), text.contains('=')), (92, false));
    assert_eq!(text.parse::<SshSignature>().unwrap(), signature);
    for changed in all_small_changes(text.as_bytes()) {
        let read = String::from_utf8(changed).ok().and_then(|text| text.parse::<SshSignature>().ok());
        assert!(read.is_none_or(|read| read != signature), "another text is the same signature");
    }
}

#[test]
fn the_armored_file_has_the_bytes_that_openssh_describes() {
    let token = Token::touched(archivist());
    let (key, signature) = (token.public(), token.sign(ENTRY_NAMESPACE, MESSAGE));
    let armored = signature.to_sshsig(ENTRY_NAMESPACE, &key).unwrap();
    let base64: String = armored.lines().filter(|line| !line.starts_with('-')).collect();
    let bytes = signature.to_bytes();
    let blob = [string(b"sk-ssh-ed25519@openssh.com"), string(&bytes[..64]), bytes[64..].to_vec()].concat();
    assert_eq!(blob.len(), 103);
    let parts = [
        b"SSHSIG\0\0\0\x01".to_vec(),
        string(&key.to_blob()),
        string(ENTRY_NAMESPACE.as_bytes()),
        string(b""),
        string(b"sha512"),
        string(&blob),
    ];
    assert_eq!(BASE64.decode(base64).unwrap(), parts.concat());

    let read = |armored: &str, key: &PublicKey| SshSignature::from_sshsig(armored.as_bytes(), ENTRY_NAMESPACE, key);
    assert_eq!(read(&armored, &key), Some(signature));
    assert_eq!(read(&armored, archivist().public()), None);
    assert_eq!(read(&armored, &Token::touched(administrator()).public()), None);
    assert_eq!(read(&format!("{armored}\n"), &key), None);
}

/// OpenSSH reads what we write, and is content with a token that nobody touched; we are not.
#[test]
fn ssh_keygen_verifies_what_a_fido_key_signed() {
    if !crate::programs::has_tool("ssh_keygen_verifies_what_a_fido_key_signed", "ssh-keygen") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let key = Token::touched(archivist()).public();
    fs::write(folder.path().join("signers"), bundle::allowed_signers([&key])).unwrap();
    let is_verified = |signature: &SshSignature, message: &[u8]| {
        fs::write(folder.path().join("sig"), signature.to_sshsig(ENTRY_NAMESPACE, &key).unwrap()).unwrap();
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "verify", "-f", "signers", "-n", ENTRY_NAMESPACE, "-s", "sig", "-I"]);
        command.arg(key.id().to_string()).current_dir(folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(message).unwrap();
        child.wait().unwrap().success()
    };
    let touched = Token::touched(archivist()).sign(ENTRY_NAMESPACE, MESSAGE);
    assert!(is_verified(&touched, MESSAGE) && holds(&key, &touched));
    assert!(!is_verified(&touched, b"a massage"));
    let untouched = Token::untouched(archivist()).sign(ENTRY_NAMESPACE, MESSAGE);
    assert!(is_verified(&untouched, MESSAGE) && !holds(&key, &untouched));
    let elsewhere = Token::touched(archivist()).sign_for("ssh:x", 7, ENTRY_NAMESPACE, MESSAGE);
    assert!(!is_verified(&elsewhere, MESSAGE));
    let SshSignature::Fido { signature, flags, counter } = touched else { unreachable!() };
    let counted = SshSignature::Fido { signature, flags, counter: counter + 1 };
    assert!(!is_verified(&counted, MESSAGE));

    fs::write(folder.path().join("key.pub"), format!("{key}\n")).unwrap();
    let listed = data::run(Command::new("ssh-keygen").args(["-l", "-f"]).arg(folder.path().join("key.pub")));
    assert!(listed.contains(&key.id().to_string()), "{listed}");
}

// --- entries, logs and bundles ----------------------------------------------------------------

#[test]
fn every_changed_byte_of_an_entry_by_a_fido_key_is_seen() {
    let token = Token::touched(archivist());
    let signed = token.log().0.entries[4].clone();
    assert!(signed.verifies(0, &token.public()));
    for changed in all_small_changes(signed.line()) {
        let read = SignedEntry::parse(&changed).ok().filter(|read| *read != signed);
        assert!(read.is_none_or(|read| !read.verifies(0, &token.public())), "{}", String::from_utf8_lossy(&changed));
    }
}

#[test]
fn a_log_with_a_fido_key_is_sound_if_it_was_touched() {
    let found = |(log, fields): (Log, Vec<Vec<Disclosure>>)| verification::found_in(&log, &fields);
    let token = Token::touched(archivist());
    assert_eq!(found(token.log()), []);
    let (log, _) = token.log();
    let by_token = log.entries.iter().filter(|signed| signed.entry.actor == token.public().id());
    let wrong: Vec<_> = by_token.map(|signed| ("V301", Some(signed.entry.index.0))).collect();
    assert!(wrong.len() > 5);
    assert_eq!(found(Token::untouched(archivist()).log()), wrong);
    assert_eq!(found(token.log_signed(|entry| token.sign_as_plain_key(entry))), wrong);
    assert_eq!(found(by_token_for_plain_key()), wrong);
}

#[test]
fn receipts_of_an_entry_by_a_fido_key_prove_it() {
    let check = |token: &Token| {
        let (log, _) = token.log();
        let receipts = [0, 1, 2].map(|index| log.receipt(index, log.checkpoint(origin(), &example::log_signer())));
        receipts::check(&receipts)
    };
    assert!(check(&Token::touched(archivist())).is_ok());
    let error = check(&Token::untouched(archivist())).unwrap_err();
    assert!(error.to_string().contains("the signature does not hold"), "{error}");
    // The archive's first administrator may have such a key.
    let shown = check(&Token::touched(administrator())).unwrap();
    assert_eq!(shown.administrator, Token::touched(administrator()).public());
}

#[test]
fn a_bundle_with_entries_by_a_fido_key_is_sound_if_it_was_touched() {
    let bundle = |(log, fields): (Log, Vec<Vec<Disclosure>>)| {
        let exhibit = log.entries[2].entry.exhibit.unwrap();
        let mut bundle = selected(&log, &fields, &[exhibit], "languages");
        seal(&mut bundle, &administrator());
        bundle
    };
    let good = bundle(Token::touched(archivist()).log());
    let signers = String::from_utf8(good.files[bundle::ALLOWED_SIGNERS].clone()).unwrap();
    assert!(signers.contains(" sk-ssh-ed25519@openssh.com "), "{signers}");
    let checked = report(&good);
    assert_eq!((&*checked.findings, checked.verdict), ([].as_slice(), BundleVerdict::Sound));
    let untouched = report(&bundle(Token::untouched(archivist()).log()));
    assert_eq!((codes(&untouched), untouched.verdict), (["B405"].into(), BundleVerdict::Failed));
}

/// Its plain signature is for `openssl`, and no token makes one.
#[test]
fn a_bundle_is_not_signed_by_a_fido_key() {
    let token = Token::touched(administrator());
    let (log, fields) = token.log();
    let exhibit = log.entries[2].entry.exhibit.unwrap();
    let mut made = selected(&log, &fields, &[exhibit], "languages");
    describe(&mut made, |said| {
        said.administrator = token.public();
        said.signer = token.public().id();
    });
    seal(&mut made, &administrator());
    let found = report(&made);
    assert_eq!(codes(&found), ["B304"].into(), "{:?}", found.findings);
    assert!(found.findings[0].message.english().contains("is a FIDO key"), "{:?}", found.findings);
    // Nor with the armored signature that a token could make.
    let tag_manifest = made.files[bundle::TAG_MANIFEST].clone();
    let signature = token.sign(BUNDLE_NAMESPACE, &tag_manifest).to_sshsig(BUNDLE_NAMESPACE, &token.public()).unwrap();
    put(&mut made, bundle::TAG_SIGNATURE, signature);
    assert_eq!(codes(&report(&made)), ["B304"].into());
}

/// An `allowed_signers` line is told from a key, of whichever kind it is.
#[test]
fn a_fido_key_given_as_trust_is_named() {
    let key = Token::touched(key(5)).public();
    assert!(Trust::read(&key.to_openssh()).is_ok());
    let error = Trust::read(bundle::allowed_signers([&key]).trim_end()).unwrap_err();
    assert_eq!(error, TrustError::AllowedSigner);
}
