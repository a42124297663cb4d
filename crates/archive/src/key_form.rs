//! The text around a private key: as `ssh-keygen` reads it, and what else people take for one.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use vouchsafe_core::sign::PublicKey;
use vouchsafe_core::sign::secrets::{SecretForm, from_utf_16, mark_in};

const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";

/// What a file is that is no OpenSSH private key, and how it becomes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherForm {
    /// An OpenSSH private key that was cut off or changed.
    Damaged,
    /// The public half of a key.
    Public,
    /// A private key of this form.
    Private(SecretForm),
    /// A certificate.
    Certificate,
    /// Nothing that is known.
    Unknown,
}

impl fmt::Display for OtherForm {
    /// What it is, to follow "this is".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("an OpenSSH private key that was cut off or changed"),
            Self::Public => f.write_str("a public key, not a private one"),
            Self::Private(form) => write!(f, "{}, not of OpenSSH", form.name()),
            Self::Certificate => f.write_str("a certificate, not a private key"),
            Self::Unknown => f.write_str("not an OpenSSH private key"),
        }
    }
}

/// Finds the bytes of an OpenSSH private key in a file, as `ssh-keygen` does: whatever the length of its lines, and
/// whatever stands around it.
///
/// # Errors
/// It is not one; the error says what it is instead.
pub(super) fn unwrap(file: &[u8]) -> Result<Zeroizing<Vec<u8>>, OtherForm> {
    let text = Zeroizing::new(text_of(file));
    let Some((_, after)) = text.split_once(BEGIN) else { return Err(recognise(&text)) };
    let (body, _) = after.split_once(END).ok_or(OtherForm::Damaged)?;
    let body: Zeroizing<Vec<u8>> = Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    BASE64.decode(&*body).map(Zeroizing::new).map_err(|_| OtherForm::Damaged)
}

/// The text of a file that an editor or a shell may have written: UTF-8, or UTF-16 with its mark at the beginning.
/// What is neither is shown with question marks; it is no key.
pub fn text_of(file: &[u8]) -> String {
    from_utf_16(file).unwrap_or_else(|| {
        let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        String::from_utf8_lossy(text).into_owned()
    })
}

/// What else it is. Private keys first: a file may hold both halves.
fn recognise(text: &str) -> OtherForm {
    if let Some(form) = mark_in(text) {
        return match form {
            SecretForm::OpenSsh => OtherForm::Damaged,
            form => OtherForm::Private(form),
        };
    }
    let marks = [
        ("---- BEGIN SSH2 PUBLIC KEY ----", OtherForm::Public),
        ("---- BEGIN SSH2 ", OtherForm::Private(SecretForm::Ssh2)),
        ("-----BEGIN PUBLIC KEY-----", OtherForm::Public),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----", OtherForm::Public),
        ("-----BEGIN CERTIFICATE-----", OtherForm::Certificate),
    ];
    let found = marks.into_iter().find(|(mark, _)| text.contains(mark)).map(|(_, form)| form);
    let is_public = || text.lines().any(is_public_line);
    found.unwrap_or_else(|| if is_public() { OtherForm::Public } else { OtherForm::Unknown })
}

/// Whether a line is a public key of OpenSSH, of whatever algorithm.
fn is_public_line(line: &str) -> bool {
    use vouchsafe_core::sign::KeyError::NotOpenSsh;
    line.split_ascii_whitespace().nth(1).is_some() && PublicKey::from_openssh(line) != Err(NotOpenSsh)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn armored(body: &str) -> String {
        format!("{BEGIN}\n{body}\n{END}\n")
    }

    #[test]
    fn the_length_of_lines_and_what_stands_around_do_not_matter() {
        let texts = [
            armored("AAEC\nAwQF"),
            armored("AAECAwQF"),
            armored("AAEC \r\n\r\n\tAwQF"),
            format!("\u{feff}{}\n\nmade for the archive in 2026\n", armored("AAECAwQF")),
            format!("key of Kim\n{}", armored("AAECAwQF").trim_end()),
            format!("{BEGIN} AAEC AwQF {END}"),
        ];
        for text in texts {
            assert_eq!(unwrap(text.as_bytes()).unwrap().as_slice(), [0, 1, 2, 3, 4, 5], "{text:?}");
            for (mark, unit) in
                [([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xfe, 0xff], u16::to_be_bytes)]
            {
                let wide: Vec<u8> = mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect();
                assert_eq!(unwrap(&wide).unwrap().as_slice(), [0, 1, 2, 3, 4, 5], "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_no_private_key_is_called_what_it_is() {
        let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f kim";
        let cases = [
            (armored("AAEC!"), OtherForm::Damaged),
            (format!("{BEGIN}\nAAEC"), OtherForm::Damaged),
            (
                "-----BEGIN PRIVATE KEY-----\nAAEC\n-----END PRIVATE KEY-----\n".to_owned(),
                OtherForm::Private(SecretForm::Pkcs8),
            ),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n".to_owned(), OtherForm::Private(SecretForm::Pkcs8)),
            ("-----BEGIN RSA PRIVATE KEY-----\n".to_owned(), OtherForm::Private(SecretForm::Pem)),
            ("-----BEGIN EC PRIVATE KEY-----\n".to_owned(), OtherForm::Private(SecretForm::Pem)),
            ("PuTTY-User-Key-File-3: ssh-ed25519\n".to_owned(), OtherForm::Private(SecretForm::Putty)),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n".to_owned(), OtherForm::Private(SecretForm::Pgp)),
            ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n".to_owned(), OtherForm::Private(SecretForm::Ssh2)),
            (public.to_owned(), OtherForm::Public),
            ("Dear colleague,\n".to_owned(), OtherForm::Unknown),
            (String::new(), OtherForm::Unknown),
        ];
        for (text, form) in cases {
            assert_eq!(unwrap(text.as_bytes()).unwrap_err(), form, "{text:?}");
        }
    }
}
