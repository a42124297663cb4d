//! Private keys, recognised by what they are: wherever they lie, whatever they are called, whoever made them.
//!
//! Only texts are known, and the binary form of OpenSSH keys. A key that is compressed, encrypted as a whole or inside
//! another format is not seen.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};

use super::{PublicKey, SigningKey};

/// What kind of private key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretForm {
    /// OpenSSH's own form.
    OpenSsh,
    /// PKCS#8, as OpenSSL writes it.
    Pkcs8,
    /// PEM of another algorithm, as older programs wrote it (PKCS#1, SEC 1).
    Pem,
    /// A key of PuTTY.
    Putty,
    /// A key of PGP or GnuPG.
    Pgp,
    /// A key of SSH Communications.
    Ssh2,
    /// An identity of age.
    Age,
    /// A key that signs notes, as transparency logs use it.
    Note,
}

impl SecretForm {
    /// What it is, with its article.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenSsh => "an OpenSSH private key",
            Self::Pkcs8 => "a private key in PKCS#8 form",
            Self::Pem => "a private key in PEM form",
            Self::Putty => "a private key of PuTTY",
            Self::Pgp => "a private key of PGP",
            Self::Ssh2 => "a private key in SSH2 form",
            Self::Age => "an age identity",
            Self::Note => "a private key for signing notes",
        }
    }
}

/// A private key that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// What kind it is.
    pub form: SecretForm,
    /// Its public half, where that can be read without a passphrase and is a key that an agent can have.
    pub public: Option<PublicKey>,
}

/// How the base64 of every OpenSSH private key begins: `openssh-key-v1` and a zero byte.
const OPENSSH_BASE64: &[u8] = b"b3BlbnNzaC1rZXktdjEA";
/// The same, not in base64.
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// What gives a private key away, the special before the general.
const MARKS: &[(&str, SecretForm)] = &[
    ("-----BEGIN OPENSSH PRIVATE KEY-----", SecretForm::OpenSsh),
    ("-----BEGIN PRIVATE KEY-----", SecretForm::Pkcs8),
    ("-----BEGIN ENCRYPTED PRIVATE KEY-----", SecretForm::Pkcs8),
    ("PRIVATE KEY BLOCK-----", SecretForm::Pgp),
    ("PRIVATE KEY-----", SecretForm::Pem),
    ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", SecretForm::Ssh2),
    ("PuTTY-User-Key-File-", SecretForm::Putty),
    ("AGE-SECRET-KEY-", SecretForm::Age),
    ("PRIVATE+KEY+", SecretForm::Note),
    ("b3BlbnNzaC1rZXktdjE", SecretForm::OpenSsh),
];

/// The first two letters of all beginnings that are looked for. Every byte of every file is asked for them, so each is a bit
/// in two tables.
const BEGINNINGS: &[(u8, &[u8])] = &[(b'-', b"-"), (b'b', b"3"), (b'o', b"p"), (b'P', b"uR"), (b'A', b"G")];
static FIRST: [u8; 256] = beginnings().0;
static SECOND: [u8; 256] = beginnings().1;

const fn beginnings() -> ([u8; 256], [u8; 256]) {
    let (mut first, mut second) = ([0; 256], [0; 256]);
    let mut number = 0;
    while number < BEGINNINGS.len() {
        let (letter, next) = BEGINNINGS[number];
        first[letter as usize] |= 1 << number;
        let mut at = 0;
        while at < next.len() {
            second[next[at] as usize] |= 1 << number;
            at += 1;
        }
        number += 1;
    }
    (first, second)
}

/// So many keys of one text are reported: enough for a warning.
const MAX_SECRETS: usize = 1000;
/// With fewer letters of base64 after it, a beginning is an example in a text and no key.
const MIN_BODY: usize = 32;
/// The largest body of a key, in letters.
const MAX_BODY: usize = 256 * 1024;

/// The private key that a text is, holds or begins to be, if only by the words around it.
#[must_use]
pub fn mark_in(text: &str) -> Option<SecretForm> {
    MARKS.iter().find(|(mark, _)| text.contains(mark)).map(|(_, form)| *form)
}

/// The private keys in a file, or in the beginning of one. A text that only speaks of keys holds none.
#[must_use]
pub fn secrets_in(file: &[u8]) -> Vec<Secret> {
    let wide = from_utf_16(file);
    let bytes = wide.as_ref().map_or(file, String::as_bytes);
    let mut found = Vec::new();
    let mut at = 0;
    let is_one = |pair: &[u8]| FIRST[usize::from(pair[0])] & SECOND[usize::from(pair[1])] != 0;
    while let Some(skipped) = bytes[at..].windows(2).position(is_one).filter(|_| found.len() < MAX_SECRETS) {
        at += skipped;
        let (secret, length) = secret_at(&bytes[at..]).map_or((None, 1), |(secret, length)| (Some(secret), length));
        found.extend(secret);
        at = (at + length.max(1)).min(bytes.len());
    }
    found
}

/// The private key with which these bytes begin, and how many of them need not be looked at again.
fn secret_at(bytes: &[u8]) -> Option<(Secret, usize)> {
    if bytes.starts_with(OPENSSH_BASE64) {
        return openssh(&decode(&body_of(bytes))).map(|secret| (secret, OPENSSH_BASE64.len()));
    }
    if bytes.starts_with(OPENSSH_MAGIC) {
        return openssh(bytes).map(|secret| (secret, OPENSSH_MAGIC.len()));
    }
    if let Some(rest) = bytes.strip_prefix(b"-----BEGIN ") {
        return pem(rest);
    }
    if let Some(rest) = bytes.strip_prefix(b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----") {
        return has_body(after_headers(rest)).then_some((Secret { form: SecretForm::Ssh2, public: None }, 1));
    }
    if bytes.starts_with(b"PuTTY-User-Key-File-") {
        return putty(bytes).map(|secret| (secret, 1));
    }
    let is_age = |rest: &[u8]| {
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        length >= 50
    };
    if bytes.strip_prefix(b"AGE-SECRET-KEY-").is_some_and(is_age) {
        return Some((Secret { form: SecretForm::Age, public: None }, 1));
    }
    // `PRIVATE+KEY+<name>+<hash>+<base64>`, on one line.
    let is_note = |rest: &[u8]| {
        let line = rest.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
        let parts: Vec<_> = line.splitn(3, |byte| *byte == b'+').collect();
        matches!(parts[..], [_, hash, body] if hash.len() == 8 && body.len() >= MIN_BODY)
    };
    if bytes.strip_prefix(b"PRIVATE+KEY+").is_some_and(is_note) {
        return Some((Secret { form: SecretForm::Note, public: None }, 1));
    }
    None
}

/// A key in PEM. `rest` begins with its label.
fn pem(rest: &[u8]) -> Option<(Secret, usize)> {
    let end = rest.iter().take(80).position(|byte| *byte == b'-')?;
    let (label, after) = (&rest[..end], rest[end..].strip_prefix(b"-----")?);
    let form = match label {
        b"OPENSSH PRIVATE KEY" => SecretForm::OpenSsh,
        b"PRIVATE KEY" | b"ENCRYPTED PRIVATE KEY" => SecretForm::Pkcs8,
        b"PGP PRIVATE KEY BLOCK" => SecretForm::Pgp,
        label if label.ends_with(b" PRIVATE KEY") => SecretForm::Pem,
        _ => return None,
    };
    let after = after_headers(after);
    let body = body_of(after);
    // What begins like every OpenSSH key is found by that, with its public half.
    if !has_body(after) || (form == SecretForm::OpenSsh && body.starts_with(OPENSSH_BASE64)) {
        return None;
    }
    let public = if form == SecretForm::Pkcs8 { pkcs8_public(&decode(&body)) } else { None };
    Some((Secret { form, public }, end))
}

/// The public half of an unencrypted Ed25519 key in PKCS#8 (RFC 8410 §7).
fn pkcs8_public(der: &[u8]) -> Option<PublicKey> {
    const BEFORE_SECRET: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    let at = der.windows(BEFORE_SECRET.len()).position(|part| part == BEFORE_SECRET)? + BEFORE_SECRET.len();
    let secret: &[u8; 32] = der.get(at..at + 32)?.try_into().ok()?;
    Some(SigningKey::from_secret(secret).ok()?.public().clone())
}

/// A key of PuTTY: its public half stands in lines of its own, its private half in others.
fn putty(bytes: &[u8]) -> Option<Secret> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_BODY)]);
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.starts_with("Private-Lines:"))?;
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with("Public-Lines:"));
    let number = lines.next().and_then(|line| line.strip_prefix("Public-Lines:")?.trim().parse().ok()).unwrap_or(0);
    let body: String = lines.take(number).collect();
    let public = PublicKey::from_openssh(&format!("ssh-ed25519 {body}")).ok();
    Some(Secret { form: SecretForm::Putty, public })
}

/// An OpenSSH private key (PROTOCOL.key of OpenSSH): after the cipher, the key derivation and the number of keys stands
/// the public half, without protection. It is there even if what follows was cut off.
fn openssh(bytes: &[u8]) -> Option<Secret> {
    let mut rest = bytes.strip_prefix(OPENSSH_MAGIC)?;
    for _ in ["cipher", "key derivation", "its options"] {
        rest = ssh_string(rest)?.1;
    }
    let (blob, _) = ssh_string(rest.get(4..)?)?;
    ssh_string(blob)?;
    Some(Secret { form: SecretForm::OpenSsh, public: PublicKey::from_blob(blob).ok() })
}

/// A length of four bytes and as many bytes as it says, and what follows.
fn ssh_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

/// What stands after the headers of PEM (`Proc-Type: …`), if there are any.
fn after_headers(mut bytes: &[u8]) -> &[u8] {
    loop {
        let trimmed = bytes.trim_ascii_start();
        let line = trimmed.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let is_header = line.iter().take(80).any(|byte| *byte == b':');
        if !is_header {
            return bytes;
        }
        bytes = &trimmed[line.len()..];
    }
}

/// The letters of base64 from here on, without what breaks or quotes lines: white space, `>`, and line breaks that are
/// written `\n`.
fn body_of(bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut bytes = bytes.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'>' | b'=' => {}
            _ if byte.is_ascii_whitespace() => {}
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if body.len() < MAX_BODY => body.push(byte),
            _ => break,
        }
    }
    body
}

/// Whether a key follows, and not a sentence: its first line is no word.
fn has_body(bytes: &[u8]) -> bool {
    const MIN_FIRST_LINE: usize = 16;
    let mut rest = bytes;
    while let Some((first, more)) = rest.split_first() {
        rest = match first {
            b'\\' => more.get(1..).unwrap_or_default(),
            b'>' => more,
            _ if first.is_ascii_whitespace() => more,
            _ => break,
        };
    }
    let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    rest.iter().take_while(is_letter).count() >= MIN_FIRST_LINE && body_of(rest).len() >= MIN_BODY
}

/// As much as these letters are; one of them left over says nothing.
fn decode(body: &[u8]) -> Vec<u8> {
    const LOOSE: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let whole = if body.len() % 4 == 1 { body.len() - 1 } else { body.len() };
    LOOSE.decode(&body[..whole]).unwrap_or_default()
}

/// The text of a file that begins with the mark of UTF-16, with U+FFFD for what is none; `None` without the mark.
#[must_use]
pub fn from_utf_16(file: &[u8]) -> Option<String> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match file {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    let units = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::KeyKind;
    use base64::engine::general_purpose::STANDARD;

    /// The beginning of an OpenSSH key with this public half, invented here.
    fn openssh_key(public: &PublicKey) -> Vec<u8> {
        let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
        let parts = [OPENSSH_MAGIC.to_vec(), string(b"none"), string(b"none"), string(b""), vec![0, 0, 0, 1]];
        [parts.concat(), string(&public.to_blob()), string(&[7; 120])].concat()
    }

    fn armored(body: &str) -> String {
        format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n")
    }

    fn forms(text: impl AsRef<[u8]>) -> Vec<SecretForm> {
        secrets_in(text.as_ref()).into_iter().map(|secret| secret.form).collect()
    }

    #[test]
    fn an_openssh_key_is_known_with_its_public_half_however_it_is_written() {
        let key = SigningKey::from_secret(&[3; 32]).unwrap();
        let binary = openssh_key(key.public());
        let body = STANDARD.encode(&binary);
        let wrapped = body.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap());
        let lines: Vec<_> = wrapped.collect();
        let texts = [
            armored(&body),
            armored(&lines.join("\n")),
            armored(&lines.join("\r\n")),
            format!("a note\n\n> {}", armored(&lines.join("\n> "))),
            format!("{{\"key\": \"{}\"}}", armored(&lines.join("\n")).replace('\n', "\\n")),
            // Without what stands around it, and cut off after the public half.
            body.clone(),
            body[..200].to_owned(),
        ];
        for text in &texts {
            let found = secrets_in(text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].public.as_ref(), Some(key.public()), "{text}");
        }
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(texts[1].encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(secrets_in(&wide)[0].public.as_ref(), Some(key.public()));
        assert_eq!(secrets_in(&binary)[0].public.as_ref(), Some(key.public()));
        let archive = [vec![0; 512], texts[1].clone().into_bytes(), vec![0; 512]].concat();
        assert_eq!(secrets_in(&archive)[0].public.as_ref(), Some(key.public()), "in a tar file");
        // In such a file is what a FIDO token needs to sign.
        let token = PublicKey::of_kind(KeyKind::Fido, key.public().as_bytes()).unwrap();
        assert_eq!(secrets_in(&openssh_key(&token))[0].public.as_ref(), Some(&token));
    }

    #[test]
    fn keys_of_other_programs_are_known() {
        let key = SigningKey::from_secret(&[5; 32]).unwrap();
        let der = [
            [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05].as_slice(),
            &[0x06, 0x03, 0x2b, 0x65, 0x70],
            &[4, 0x22, 4, 0x20],
            &[5; 32],
        ];
        let pkcs8 =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.concat()));
        assert_eq!(
            secrets_in(pkcs8.as_bytes()),
            [Secret { form: SecretForm::Pkcs8, public: Some(key.public().clone()) }]
        );
        let public = key.public().to_openssh();
        let public = public.strip_prefix("ssh-ed25519 ").unwrap();
        let putty = format!(
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 2\n{}\n{}\nPrivate-Lines: 1\nAAAA\n",
            &public[..64],
            &public[64..]
        );
        assert_eq!(
            secrets_in(putty.as_bytes()),
            [Secret { form: SecretForm::Putty, public: Some(key.public().clone()) }]
        );
        let body = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo\n".repeat(4);
        for (label, form) in [
            ("RSA PRIVATE KEY", SecretForm::Pem),
            ("EC PRIVATE KEY", SecretForm::Pem),
            ("DSA PRIVATE KEY", SecretForm::Pem),
            ("ENCRYPTED PRIVATE KEY", SecretForm::Pkcs8),
            ("PGP PRIVATE KEY BLOCK", SecretForm::Pgp),
            ("OPENSSH PRIVATE KEY", SecretForm::OpenSsh),
        ] {
            assert_eq!(forms(format!("\n-----BEGIN {label}-----\n{body}-----END {label}-----")), [form], "{label}");
            let headers =
                format!("-----BEGIN {label}-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{body}");
            assert_eq!(forms(headers), [form], "{label}");
        }
        assert_eq!(forms(format!("# created: now\nAGE-SECRET-KEY-1{}\n", "Q".repeat(58))), [SecretForm::Age]);
        assert_eq!(forms(format!("PRIVATE+KEY+log.example/a+0123abcd+{}\n", "Q".repeat(44))), [SecretForm::Note]);
        let two = format!("{pkcs8}\n{pkcs8}");
        assert_eq!(forms(two).len(), 2);
    }

    #[test]
    fn a_text_about_keys_is_none() {
        for text in [
            "",
            "Dear colleague, the file begins with -----BEGIN OPENSSH PRIVATE KEY----- and must not be sent.\n",
            "-----BEGIN PRIVATE KEY----- is the line with which every one of them begins and so on and so on\n",
            "let begin = \"-----BEGIN PRIVATE KEY-----\";\n",
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n-----END PUBLIC KEY-----\n",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f kim",
            "-----BEGIN CERTIFICATE-----\nMCowBQYDK2VwAyEAAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
            "PuTTY-User-Key-File-3: is how a key of PuTTY begins\n",
            "AGE-SECRET-KEY-1 is how an identity begins\n",
        ] {
            assert_eq!(forms(text), [], "{text}");
        }
        assert_eq!(forms([b'-'; 4096]), []);
    }

    #[test]
    fn a_mark_is_enough_where_a_text_was_typed() {
        for (text, form) in [
            ("-----BEGIN OPENSSH PRIVATE KEY-----", Some(SecretForm::OpenSsh)),
            ("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU", Some(SecretForm::OpenSsh)),
            ("-----BEGIN RSA PRIVATE KEY-----", Some(SecretForm::Pem)),
            ("-----END PRIVATE KEY-----", Some(SecretForm::Pem)),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----", Some(SecretForm::Pgp)),
            ("AGE-SECRET-KEY-1QQQ", Some(SecretForm::Age)),
            ("a private key", None),
        ] {
            assert_eq!(mark_in(text), form, "{text}");
        }
    }
}
