//! An entry of the custody log: one line of canonical JSON, signed.
//!
//! The signed message is the line without `signatures`. Since that is the last member, the line is
//! the message with its closing brace replaced by `,"signatures":[…]}`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::attached::{Attached, Body, NOT_OPENED};
use super::canonical::{self, FormatError};
use super::entry_limits::{MAX_FIELDS, WHAT, rule};
use super::version;
use crate::digest::Digest;
use crate::format::{LogKey, LogKeyPq};
use crate::merkle;
use crate::model::{
    EntryIndex, Event, EventKind, ExhibitId, Fingerprint, IdError, NotUnderstood, Origin, Permission, Reach, RecordId,
    Salt, Timestamp,
};
use crate::sign::{ENTRY_NAMESPACE, KeyId, PublicKey, SigningKey, SshSignature};

pub use super::entry_limits::MAX_ENTRY_BYTES;

/// The value of `format`.
pub const ENTRY_FORMAT: &str = "vouchsafe-entry/1";
/// That without its number.
const NAME: &str = "vouchsafe-entry";
/// The most signatures an entry may carry.
pub const MAX_SIGNATURES: usize = 16;
/// The longest name of a program with its version, in bytes.
pub const MAX_SOFTWARE_BYTES: usize = 100;

/// What one entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key of the agent that acts.
    pub actor: KeyId,
    /// Which archive it belongs to.
    pub archive: ArchiveRef,
    /// What stands in the body beside the members of the event.
    pub attached: Attached,
    /// What happened.
    pub event: Event,
    /// The exhibit it happened to, where there is one.
    pub exhibit: Option<ExhibitId>,
    /// How many entries about this exhibit are before it: 0 for its ingest. Whoever is given the history
    /// of one exhibit sees by it that no entry between is left out.
    pub exhibit_sequence: Option<u64>,
    /// Its place in the log.
    pub index: EntryIndex,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The leaf hash of the entry before it; zeros for the first.
    pub previous: Digest,
    /// The record that it is about, where there is one; never beside an exhibit.
    pub record: Option<RecordId>,
    /// How many entries about this record are before it.
    pub record_sequence: Option<u64>,
    /// When it was written down, by the writing computer's clock; never before the entry before it.
    pub recorded_at: Timestamp,
    /// Keeps the leaf hash from being guessed.
    pub salt: Salt,
}

/// How an entry says to which archive it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveRef {
    /// The first entry of an archive, whose leaf hash is the archive's fingerprint. It cannot name itself; it gives the log
    /// its name.
    First(Origin),
    /// Any other entry, by the archive's fingerprint.
    Of(Fingerprint),
}

impl ArchiveRef {
    /// The name that the first entry gives to the log.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        match self {
            Self::First(origin) => Some(origin),
            Self::Of(_) => None,
        }
    }

    /// The archive that a later entry names.
    #[must_use]
    pub const fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::First(_) => None,
            Self::Of(archive) => Some(*archive),
        }
    }
}

/// A signature of an entry and the key it is by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntrySignature {
    /// Fingerprint of the key.
    pub key: KeyId,
    /// Over the SSHSIG data of the message, namespace [`ENTRY_NAMESPACE`], SHA-512. Whether it has the length that the key
    /// asks for, shows when it is verified.
    pub signature: SshSignature,
}

/// One in a line whose format is not known: agents may have keys of further kinds there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewerSignature {
    key: KeyId,
    #[serde(deserialize_with = "of_any_kind")]
    signature: SshSignature,
}

impl From<NewerSignature> for EntrySignature {
    fn from(NewerSignature { key, signature }: NewerSignature) -> Self {
        Self { key, signature }
    }
}

fn of_any_kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SshSignature, D::Error> {
    let text = <Cow<'de, str>>::deserialize(deserializer)?;
    SshSignature::of_any_kind(&text).map_err(serde::de::Error::custom)
}

/// An entry with its signatures and its exact bytes.
///
/// Of the right form only: whether the signatures hold, and by whom they may be, is for the verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedEntry {
    /// What it says.
    pub entry: Entry,
    /// The signatures; the first is the actor's.
    pub signatures: Vec<EntrySignature>,
    line: Vec<u8>,
    message_bytes: usize,
}

#[derive(Serialize)]
struct MessageOut<'a> {
    actor: KeyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<Fingerprint>,
    body: Body<'a>,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exhibit: Option<ExhibitId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exhibit_sequence: Option<u64>,
    format: &'static str,
    index: EntryIndex,
    occurred_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a Origin>,
    previous: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_sequence: Option<u64>,
    recorded_at: Timestamp,
    salt: Salt,
}

/// The frame of an entry, which is the same in every version.
macro_rules! frame {
    ($(#[$meta:meta])* $name:ident, $signature:ty { $($format:tt)* }) => {
        #[derive(Deserialize)]
        $(#[$meta])*
        struct $name<'a> {
            actor: KeyId,
            #[serde(default, deserialize_with = "crate::model::text::present")]
            archive: Option<Fingerprint>,
            #[serde(borrow)]
            body: &'a RawValue,
            event: &'a str,
            #[serde(default, deserialize_with = "crate::model::text::present")]
            exhibit: Option<ExhibitId>,
            #[serde(default, deserialize_with = "crate::model::text::present")]
            exhibit_sequence: Option<u64>,
            $($format)*
            index: EntryIndex,
            occurred_at: Timestamp,
            #[serde(default, deserialize_with = "crate::model::text::present")]
            origin: Option<Origin>,
            previous: Digest,
            #[serde(default, deserialize_with = "crate::model::text::present")]
            record: Option<RecordId>,
            #[serde(default, deserialize_with = "crate::model::text::present")]
            record_sequence: Option<u64>,
            recorded_at: Timestamp,
            salt: Salt,
            signatures: Vec<$signature>,
        }

        impl $name<'_> {
            /// The entry, if it names its archive in the one way that it may.
            fn entry(self, event: Event, attached: Attached) -> Result<(Entry, Vec<EntrySignature>), FormatError> {
                let archive = match (self.archive, self.origin) {
                    (Some(archive), None) => ArchiveRef::Of(archive),
                    (None, Some(origin)) => ArchiveRef::First(origin),
                    _ => {
                        let reason = "it names neither its archive nor, as the first entry does, its origin, or both";
                        return Err(rule(reason));
                    }
                };
                let entry = Entry {
                    actor: self.actor,
                    archive,
                    attached,
                    event,
                    exhibit: self.exhibit,
                    exhibit_sequence: self.exhibit_sequence,
                    index: self.index,
                    occurred_at: self.occurred_at,
                    previous: self.previous,
                    record: self.record,
                    record_sequence: self.record_sequence,
                    recorded_at: self.recorded_at,
                    salt: self.salt,
                };
                Ok((entry, self.signatures.into_iter().map(EntrySignature::from).collect()))
            }
        }
    };
}

frame! {
    #[serde(deny_unknown_fields)]
    LineIn, EntrySignature { format: &'a str, }
}

frame! {
    /// That of a line whose format is not known, which may have further members.
    NewerIn, NewerSignature {}
}

impl Entry {
    /// The bytes that are signed.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        canonical::to_vec_in_order(&MessageOut {
            actor: self.actor,
            archive: self.archive.fingerprint(),
            body: Body { event: &self.event, attached: &self.attached },
            event: self.event.name(),
            exhibit: self.exhibit,
            exhibit_sequence: self.exhibit_sequence,
            format: ENTRY_FORMAT,
            index: self.index,
            occurred_at: self.occurred_at,
            origin: self.archive.origin(),
            previous: self.previous,
            record: self.record,
            record_sequence: self.record_sequence,
            recorded_at: self.recorded_at,
            salt: self.salt,
        })
    }

    /// The rules that the types do not keep by themselves.
    fn check(&self) -> Result<(), FormatError> {
        let is_named = |kind: EventKind| self.event.name() == kind.as_str();
        if is_named(EventKind::ArchiveCreated) != self.archive.origin().is_some() {
            return Err(rule("it names an origin without being the first entry, or an archive although it is"));
        }
        if self.exhibit.is_some() && self.record.is_some() {
            return Err(rule("it names an exhibit and a record"));
        }
        // What a known event is about in a format that is not known, is not known.
        if let Some(kind) = self.event.kind()
            && (kind.is_about_an_exhibit() != self.exhibit.is_some() || self.record.is_some())
        {
            return Err(rule("it names an exhibit or a record where there is none to name, or names none"));
        }
        if self.exhibit_sequence.is_some() != self.exhibit.is_some()
            || is_named(EventKind::ExhibitIngested) != (self.exhibit_sequence == Some(0))
        {
            return Err(rule(
                "its `exhibit_sequence` is missing, or 0 without being an ingest, or an ingest without being 0",
            ));
        }
        if self.record_sequence.is_some() != self.record.is_some() {
            return Err(rule("its `record_sequence` is missing, or there is no record"));
        }
        if self.index.0 == 0 && self.previous != Digest::ZERO {
            return Err(rule("it is the first entry, and its `previous` is not zeros"));
        }
        if self.occurred_at > self.recorded_at {
            return Err(rule("it was recorded before it happened"));
        }
        if self.event.fields().len() > MAX_FIELDS {
            return Err(rule(&format!("it commits to more than {MAX_FIELDS} fields")));
        }
        if !self.event.fields().is_sorted_by(|a, b| a < b) {
            return Err(rule("the digests of its fields are not in ascending order, or one is repeated"));
        }
        // Canonical JSON writes larger numbers rounded, so they could be signed but not read back.
        if self.index > EntryIndex::MAX
            || self.exhibit_sequence.or(self.record_sequence).is_some_and(|sequence| sequence > EntryIndex::MAX.0)
            || self.event.numbers().iter().any(|&number| number > EntryIndex::MAX.0)
        {
            return Err(rule("its index or another number is over 2^53 - 1"));
        }
        self.attached.check(&self.event)?;
        self.check_body()
    }

    fn check_body(&self) -> Result<(), FormatError> {
        let is_software = |text: &str| {
            (1..=MAX_SOFTWARE_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if self.event.software().is_some_and(|software| !is_software(software)) {
            return Err(rule("its `software` is not 1 to 100 printable ASCII characters without spaces"));
        }
        self.check_log_keys()?;
        self.event.flaw(self.index).map_or(Ok(()), |flaw| Err(rule(flaw)))
    }

    /// Where the body names keys of the log, they are verifier keys with its name.
    fn check_log_keys(&self) -> Result<(), FormatError> {
        let is_of = |origin: &Origin, pq: &String| pq.parse::<LogKeyPq>().is_ok_and(|pq| pq.name() == origin);
        match &self.event {
            Event::ArchiveCreated(body) => {
                let key = body.log_key.parse::<LogKey>().ok().filter(|key| Some(key.name()) == self.archive.origin());
                let key = key.ok_or_else(|| rule("its `log_key` is not a verifier key with the name of the log"))?;
                match body.log_key_pq.iter().all(|pq| is_of(key.name(), pq)) {
                    true => Ok(()),
                    false => Err(rule("its `log_key_pq` is not an ML-DSA-44 verifier key with the name of the log")),
                }
            }
            Event::LogKeyChanged(body) => {
                let key: LogKey = body.log_key.parse().map_err(|_| rule("its `log_key` is not a verifier key"))?;
                match body.log_key_pq.iter().all(|pq| is_of(key.name(), pq)) {
                    true => Ok(()),
                    false => {
                        Err(rule("its `log_key_pq` is not an ML-DSA-44 verifier key with the name of its `log_key`"))
                    }
                }
            }
            _ => Ok(()),
        }
    }

    /// How far it reaches that it is not understood; `None` of one that is understood.
    #[must_use]
    pub fn reach(&self) -> Option<Reach> {
        let event = self.event.not_understood()?;
        Some(match self.exhibit.is_some() || self.record.is_some() {
            true => Reach::Subject,
            false if event.is_about_checkpoints() => Reach::Itself,
            false => Reach::Archive,
        })
    }

    /// What of it is not understood, in words; `None` where nothing is that reaches further than the entry.
    #[must_use]
    pub fn not_understood(&self) -> Option<String> {
        match self.event.not_understood() {
            _ if self.reach() == Some(Reach::Itself) => None,
            Some(event) => Some(event.unknown().to_string()),
            None => self.attached.sealed.as_ref().map(|_| NOT_OPENED.0.to_owned()),
        }
    }

    /// Who may make it.
    #[must_use]
    pub fn permission(&self) -> Permission {
        match (self.reach(), self.event.kind_by_name()) {
            (_, Some(kind)) => Permission::Kind(kind),
            (Some(Reach::Archive) | None, None) => Permission::WithAdministrator,
            (Some(Reach::Itself | Reach::Subject), None) => Permission::Anyone,
        }
    }

    /// Signs the entry with the actor's key.
    ///
    /// # Errors
    /// The line would be over [`MAX_ENTRY_BYTES`], the entry breaks a rule of the format, or its format is not known.
    pub fn sign(self, key: &SigningKey) -> Result<SignedEntry, FormatError> {
        if self.event.has_newer_format() {
            return Err(rule("an entry of a format that is not known cannot be written"));
        }
        let message = self.message();
        let signature = key.sign_sshsig(ENTRY_NAMESPACE, &message);
        SignedEntry::assemble(self, message, vec![EntrySignature { key: key.public().id(), signature }])
    }
}

impl SignedEntry {
    /// The one way to a signed entry, written or read: what is refused when read is never written.
    fn assemble(entry: Entry, message: Vec<u8>, signatures: Vec<EntrySignature>) -> Result<Self, FormatError> {
        Self::check(&entry, &signatures)?;
        let message_bytes = message.len();
        let mut line = message;
        line.pop();
        line.extend_from_slice(&behind(&signatures));
        canonical::check_length(WHAT, line.len() as u64, MAX_ENTRY_BYTES as u64)?;
        Ok(Self { entry, signatures, line, message_bytes })
    }

    fn check(entry: &Entry, signatures: &[EntrySignature]) -> Result<(), FormatError> {
        entry.check()?;
        if signatures.is_empty() || signatures.len() > MAX_SIGNATURES {
            return Err(rule("it has no signature, or too many"));
        }
        let is_repeated = |(number, signature): (usize, &EntrySignature)| {
            signatures[..number].iter().any(|earlier| earlier.key == signature.key)
        };
        if signatures.iter().enumerate().any(is_repeated) {
            return Err(rule("a key signs it twice"));
        }
        Ok(())
    }

    /// Reads one line (without its newline) strictly. An event or a format that this program is too old for is no error:
    /// see [`Event::NotUnderstood`].
    ///
    /// # Errors
    /// Over the limit, of another shape, not canonical, or against a rule of the format.
    pub fn parse(line: &[u8]) -> Result<Self, FormatError> {
        canonical::check_length(WHAT, line.len() as u64, MAX_ENTRY_BYTES as u64)?;
        let shape = |source| FormatError::Shape { what: WHAT, source };
        let read = match serde_json::from_slice::<LineIn<'_>>(line) {
            Ok(read) if read.format == ENTRY_FORMAT => read,
            // Asked only now: nearly all lines are of the format that is known.
            read => match (version::newer(line, NAME), read) {
                (Some(format), _) => return Self::parse_newer(line, format),
                (None, Ok(read)) => return Err(rule(&format!("its format is {:?}, not {ENTRY_FORMAT}", read.format))),
                (None, Err(error)) => return Err(shape(error)),
            },
        };
        let (event, attached) = match read.event.parse() {
            Ok(kind) => match Event::from_body(kind, read.body.get()) {
                Ok(event) => (event, Attached::default()),
                // Asked only now: to nearly all entries, nothing is attached.
                Err(error) => match Attached::split(read.body.get())? {
                    Some((attached, rest)) => (Event::from_body(kind, &rest).map_err(shape)?, attached),
                    None => return Err(shape(error)),
                },
            },
            Err(_) => {
                canonical::check_any(WHAT, line)?;
                let name = read.event.parse().map_err(|error: IdError| rule(&error.to_string()))?;
                let event = NotUnderstood::read(name, read.body.to_owned()).map_err(shape)?;
                let attached = Attached::split(read.body.get())?.map(|(attached, _)| attached);
                (Event::NotUnderstood(event), attached.unwrap_or_default())
            }
        };
        let (entry, signatures) = read.entry(event, attached)?;
        let message = entry.message();
        let signed = Self::assemble(entry, message, signatures)?;
        if signed.line == line { Ok(signed) } else { Err(FormatError::NotCanonical { what: WHAT }) }
    }

    /// Reads a line of a format that is not known: its frame, which is the same in all of them.
    fn parse_newer(line: &[u8], format: String) -> Result<Self, FormatError> {
        canonical::check_any(WHAT, line)?;
        let read: NewerIn<'_> =
            serde_json::from_slice(line).map_err(|source| FormatError::Shape { what: WHAT, source })?;
        if !read.body.get().starts_with('{') {
            return Err(rule("its body is no object"));
        }
        let name = read.event.parse().map_err(|error: IdError| rule(&error.to_string()))?;
        let event = NotUnderstood::of_format(name, format, read.body.to_owned());
        let (entry, signatures) = read.entry(Event::NotUnderstood(event), Attached::default())?;
        Self::check(&entry, &signatures)?;
        let message = line.strip_suffix(behind(&signatures).as_slice());
        let message_bytes = message.ok_or_else(|| rule("`signatures` is not its last member"))?.len() + 1;
        Ok(Self { entry, signatures, line: line.to_vec(), message_bytes })
    }

    /// The whole line without its newline: the leaf of the Merkle tree.
    #[must_use]
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// The bytes that were signed: the line without `signatures`.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let mut message = self.line[..self.message_bytes - 1].to_vec();
        message.push(b'}');
        message
    }

    /// The leaf hash: `SHA-256(0x00 ‖ line)`.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        merkle::leaf_hash(&self.line)
    }

    /// The keys that sign it, and those that approved it.
    pub fn keys(&self) -> impl Iterator<Item = KeyId> {
        let approvals = self.entry.attached.approvals.iter().map(|approval| approval.key);
        self.signatures.iter().map(|signature| signature.key).chain(approvals)
    }

    /// Whether the signature with this number holds for this key. Strict, see [`PublicKey::verifies_sshsig`].
    #[must_use]
    pub fn verifies(&self, number: usize, key: &PublicKey) -> bool {
        self.signatures.get(number).is_some_and(|signature| {
            signature.key == key.id() && key.verifies_sshsig(ENTRY_NAMESPACE, &self.message(), &signature.signature)
        })
    }
}

/// What the line has after the message, whose closing brace is left out.
fn behind(signatures: &[EntrySignature]) -> Vec<u8> {
    [b",\"signatures\":".as_slice(), &canonical::to_vec_in_order(&signatures), b"}"].concat()
}
