//! What is relied on from outside: the fingerprints of archives. And what is said of keys, which are no anchors.

use crate::format::LogKey;
use crate::language::{Text, text};
use crate::model::{Bilingual, Fingerprint, FingerprintError, Written};
use crate::sign::{KeyId, PublicKey};

/// The most lines of a file of fingerprints that are read.
pub const MAX_TRUST_LINES: usize = 1_000;
/// The largest file of fingerprints in bytes.
pub const MAX_TRUST_BYTES: u64 = 1024 * 1024;
/// So many wrong hexadecimal digits may be a slip of the pen. The paper form has check characters instead.
const MAX_SLIP_DIGITS: usize = 4;
/// Characters that a key id or a fingerprint in its shortest form has at least: what is longer stands for itself, and the
/// rest of its line is a name.
const MIN_WORD_CHARS: usize = 56;
const KEY_ID: &str = "SHA256:";

/// What somebody gave to check an archive, a bundle or a letter against.
///
/// The archive must be one of those whose fingerprints were given. Keys are no anchor: a log key is held by everybody who
/// writes, and an agent's key by somebody who may be revoked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    fingerprints: Vec<(Fingerprint, Written)>,
    keys: Vec<GivenKey>,
}

/// A key that was given where a fingerprint was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenKey {
    /// An agent's.
    Agent(KeyId),
    /// A log's.
    Log(Box<LogKey>),
}

/// Whose key that is, as far as what is checked shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOwner {
    /// The archive's first administrator's.
    Administrator,
    /// That of another agent of the archive.
    Agent,
    /// The log's.
    Log,
    /// Nobody's who is shown.
    Nobody,
}

/// Why a text is neither a fingerprint nor a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// It was meant to be a fingerprint.
    #[error(transparent)]
    Fingerprint(FingerprintError),
    /// A line of a file of keys that sign, which has agents of all ranks, revoked ones too.
    #[error(
        "it is neither a fingerprint of an archive nor a key, but a line of an allowed_signers file, which lists agents"
    )]
    AllowedSigner,
    /// It is something else.
    #[error("it is neither a fingerprint of an archive nor a key")]
    Other,
    /// There is nothing in the file.
    #[error("there is no fingerprint in it")]
    Empty,
    /// There are too many lines.
    #[error("it has more than {MAX_TRUST_LINES} lines")]
    TooMany,
}

/// How what was given fits an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// Its fingerprint is one of those that were given.
    Fits,
    /// No fingerprint was given.
    NotGiven,
    /// Its fingerprint is none of those that were given.
    Differs,
    /// One that was given in hexadecimal digits is nearly its own.
    Slip(Slip),
}

/// A fingerprint that was mistyped, most probably. That is nothing against the archive, and no verdict on it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given} differs from the fingerprint of this archive in {digits} digits: probably a typing error; compare it again"
)]
pub struct Slip {
    /// What was given.
    pub given: Fingerprint,
    /// In how many digits it differs.
    pub digits: usize,
}

impl Trust {
    /// That the archive is this one.
    #[must_use]
    pub fn in_archive(fingerprint: Fingerprint) -> Self {
        Self { fingerprints: vec![(fingerprint, Written::Paper)], keys: Vec::new() }
    }

    /// Reads what somebody typed: one fingerprint, or one key.
    ///
    /// # Errors
    /// It is neither. [`TrustError::Other`] may be the name of a file.
    pub fn read(text: &str) -> Result<Self, TrustError> {
        let text = text.trim();
        let fingerprint = match Fingerprint::read(text) {
            Ok(read) => return Ok(Self { fingerprints: vec![read], keys: Vec::new() }),
            Err(error) => error,
        };
        if let Some(key) = read_key(text) {
            return Ok(Self { fingerprints: Vec::new(), keys: vec![key] });
        }
        Err(match fingerprint {
            FingerprintError::Other if is_allowed_signer(text) => TrustError::AllowedSigner,
            FingerprintError::Other => TrustError::Other,
            meant => TrustError::Fingerprint(meant),
        })
    }

    /// Reads a file: on each line a fingerprint or a key, with a name after it or without. Empty lines and those that begin
    /// with `#` are passed over.
    ///
    /// # Errors
    /// A line is neither, with its number; or there is none.
    pub fn read_lines(text: &str) -> Result<Self, (usize, TrustError)> {
        let mut trust = Self::default();
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if trust.fingerprints.len() + trust.keys.len() >= MAX_TRUST_LINES {
                return Err((number, TrustError::TooMany));
            }
            trust.add(Self::read(without_name(line)).map_err(|error| (number, error))?);
        }
        match trust.is_empty() {
            true => Err((1, TrustError::Empty)),
            false => Ok(trust),
        }
    }

    /// Adds what else was given.
    pub fn add(&mut self, other: Self) {
        self.fingerprints.extend(other.fingerprints);
        self.keys.extend(other.keys);
    }

    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fingerprints.is_empty() && self.keys.is_empty()
    }

    /// Whether keys were given, and nothing by which an archive is known.
    #[must_use]
    pub fn has_only_keys(&self) -> bool {
        self.fingerprints.is_empty() && !self.keys.is_empty()
    }

    /// Whether there is anything by which an archive is known.
    #[must_use]
    pub fn has_fingerprint(&self) -> bool {
        !self.fingerprints.is_empty()
    }

    /// How it fits an archive with this fingerprint; `None` where its first entry does not show one.
    #[must_use]
    pub fn judge(&self, archive: Option<Fingerprint>) -> Judged {
        if self.fingerprints.is_empty() {
            return Judged::NotGiven;
        }
        let Some(archive) = archive else { return Judged::Differs };
        if self.fingerprints.iter().any(|(given, _)| *given == archive) {
            return Judged::Fits;
        }
        let in_hex = self.fingerprints.iter().filter(|(_, written)| *written == Written::Hex);
        let slips = in_hex.map(|(given, _)| Slip { given: *given, digits: given.differing_digits(&archive) });
        match slips.filter(|slip| slip.digits <= MAX_SLIP_DIGITS).min_by_key(|slip| slip.digits) {
            Some(slip) => Judged::Slip(slip),
            None => Judged::Differs,
        }
    }

    /// What is said of the keys that were given, a sentence each; `what` is what is checked, such as a bundle. All verifiers
    /// say it in these words.
    #[must_use]
    pub fn told_of_keys(&self, what: Bilingual, owner: impl Fn(&GivenKey) -> KeyOwner) -> Vec<Text> {
        let told = |key: &GivenKey| {
            let whose = match owner(key) {
                KeyOwner::Administrator => {
                    text!("is the key of this archive's first administrator", "이 보존소의 첫 관리자의 키입니다")
                }
                KeyOwner::Agent => text!("is the key of an agent of this archive", "이 보존소의 담당자의 키입니다"),
                KeyOwner::Log => text!("is the key of this archive's log", "이 보존소의 기록부 키입니다"),
                KeyOwner::Nobody => text!(
                    [what] "is no key that this {what} shows", "이 {what}에 나오지 않는 키입니다"; what = Text::from(what)
                ),
            };
            text!(
                [whose] "{key} {whose}: a key is no anchor, since whoever holds it can make another archive",
                "{key}: {whose}. 키로는 어느 보존소인지 확인할 수 없습니다. 키를 가진 사람은 다른 보존소를 만들 수 있기 때문입니다."
            )
        };
        self.keys.iter().map(told).collect()
    }
}

impl std::fmt::Display for GivenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Agent(key) => key.fmt(f),
            Self::Log(key) => key.fmt(f),
        }
    }
}

/// What is said of an archive whose fingerprint is none of those that were given.
pub(super) fn not_given(archive: Fingerprint) -> Text {
    text!(
        "its fingerprint is {fingerprint}, which was not given from outside",
        "지문 {fingerprint}: 외부에서 받은 지문이 아닙니다";
        fingerprint = archive.paper()
    )
}

fn read_key(text: &str) -> Option<GivenKey> {
    let without_spaces: String = text.chars().filter(|letter| !matches!(letter, ' ' | '\t')).collect();
    if let Ok(key) = without_spaces.parse::<KeyId>() {
        return Some(GivenKey::Agent(key));
    }
    if let Ok(key) = text.parse::<LogKey>() {
        return Some(GivenKey::Log(Box::new(key)));
    }
    PublicKey::from_openssh(text).ok().map(|key| GivenKey::Agent(key.id()))
}

/// Whether the text is a line of an `allowed_signers` file: the key stands after something else.
fn is_allowed_signer(text: &str) -> bool {
    [" ssh-ed25519 ", " sk-ssh-ed25519@openssh.com "].iter().any(|kind| text.contains(kind))
}

/// A line without the name after what stands for itself.
fn without_name(line: &str) -> &str {
    let Some((word, _)) = line.split_once([' ', '\t']) else { return line };
    // A line of an allowed_signers file begins with a key's id, too.
    if is_allowed_signer(line) {
        return line;
    }
    let is_fingerprint = word.chars().filter(|letter| *letter != '-').count() >= MIN_WORD_CHARS;
    let is_key = word.parse::<KeyId>().is_ok() || word.parse::<LogKey>().is_ok();
    if (is_fingerprint && !word.starts_with(KEY_ID)) || is_key { word } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    fn fingerprint() -> Fingerprint {
        Fingerprint(Digest::of(b"one"))
    }

    fn judged(text: &str) -> Judged {
        Trust::read(text).unwrap().judge(Some(fingerprint()))
    }

    #[test]
    fn an_archive_is_one_of_those_that_were_given() {
        let hex = fingerprint().to_string();
        assert_eq!(judged(&hex), Judged::Fits);
        assert_eq!(judged(&fingerprint().paper()), Judged::Fits);
        let other = Fingerprint(Digest::of(b"other"));
        assert_eq!(judged(&other.to_string()), Judged::Differs);
        assert_eq!(judged(&other.paper()), Judged::Differs);
        assert_eq!(Trust::default().judge(Some(fingerprint())), Judged::NotGiven);
        assert_eq!(Trust::read(&hex).unwrap().judge(None), Judged::Differs);
        let both = format!("# of the partners\n{other} Desk A\n\n{} Desk B\r\n", fingerprint().paper());
        assert_eq!(Trust::read_lines(&both).unwrap().judge(Some(fingerprint())), Judged::Fits);
    }

    #[test]
    fn up_to_four_wrong_digits_are_a_slip_and_no_verdict() {
        let hex = fingerprint().to_string();
        let slipped = |digits: usize| -> String {
            let change = |(at, digit)| if at >= digits { digit } else { if digit == '0' { '1' } else { '0' } };
            hex.chars().enumerate().map(change).collect()
        };
        for digits in 1..=4 {
            assert!(matches!(judged(&slipped(digits)), Judged::Slip(slip) if slip.digits == digits), "{digits}");
        }
        assert_eq!(judged(&slipped(5)), Judged::Differs);
    }

    #[test]
    fn a_key_is_no_anchor() {
        let id = "SHA256:zbv/nU7iZdO0fB0DalMI70dP6/yFD8sctXvvW4+OokY";
        let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR desk 7";
        let log = "ngo.example/dprk+6b414cf1+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
        for key in [id, "SHA256: zbv/ nU7i ZdO0 fB0D alMI 70dP 6/yF D8sc tXvv W4+O okY", public, log] {
            assert_eq!(judged(key), Judged::NotGiven, "{key}");
            let given = Trust::read_lines(&format!("{key}\n")).unwrap();
            let told = given.told_of_keys(("bundle", "제출 묶음"), |_| KeyOwner::Nobody);
            assert!(
                told.len() == 1 && told[0].english().contains("is no key that this bundle shows: a key is no anchor"),
                "{told:?}"
            );
        }
        let given = Trust::read_lines(&format!("{log} the log of Desk A\n{id} A. Archivist\n")).unwrap();
        assert_eq!(given.told_of_keys(("bundle", "제출 묶음"), |_| KeyOwner::Log).len(), 2);
    }

    #[test]
    fn what_is_none_of_these_is_wrong_use() {
        let line = "SHA256:zbv/nU7iZdO0fB0DalMI70dP6/yFD8sctXvvW4+OokY namespaces=\"vouchsafe-entry@1\" ssh-ed25519 \
                    AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR";
        assert_eq!(Trust::read(line), Err(TrustError::AllowedSigner));
        assert_eq!(Trust::read_lines(line), Err((1, TrustError::AllowedSigner)));
        assert_eq!(Trust::read("zbv/nU7iZdO0fB0DalMI70dP6/yFD8sctXvvW4+OokY"), Err(TrustError::Other));
        assert_eq!(Trust::read_lines("# nothing\n\n"), Err((1, TrustError::Empty)));
        assert_eq!(Trust::read_lines("# one\nkeys.txt\n"), Err((2, TrustError::Other)));
        let short = &fingerprint().paper()[5..];
        assert!(matches!(Trust::read(short), Err(TrustError::Fingerprint(FingerprintError::Length { digits: 52 }))));
        let many = format!("{}\n", fingerprint()).repeat(MAX_TRUST_LINES + 1);
        assert_eq!(Trust::read_lines(&many), Err((MAX_TRUST_LINES + 1, TrustError::TooMany)));
    }
}
