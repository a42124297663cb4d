//! Transfer: custody of the exhibits in a bundle passes to another archive, and both logs record it.
//!
//! | step | entry | letter |
//! |---|---|---|
//! | the sender offers a bundle that it exported | `transfer.offered` in the sender's log | goes to the recipient, with the bundle |
//! | the recipient checks the bundle, takes it in and accepts, or refuses | `transfer.accepted` or `transfer.refused` in its own log, with the offer's letter as an object; if it accepts, `custody.passed` about each exhibit | goes back to the sender |
//! | the sender takes the answer in | `transfer.settled` in its log, with the answer's letter as an object; if it was accepted, `custody.passed` about each exhibit | |
//!
//! A letter proves its entry by the log's checkpoint and the signatures, so each side holds the other's signed word
//! for ever, and neither can deny its own.

mod held;
mod holder;
mod list;
mod passing;

use std::path::{Path, PathBuf};
use vouchsafe_core::verify::Remedy;

pub use holder::{Holder, Holders, OfferCaveats, holders, is_passing_anchored, offer_caveats, passed_on};
pub use list::{Side, Transfer, TransferState, transfers};
pub(super) use list::{all_transfer_entries, transfer_entries};

use held::check_against_held;
use list::all_transfers;
use passing::{Passing, exhibits_in, record_passing};

use super::custody::{Draft, Keys};
use super::error::ArchiveError;
use super::exhibits::{LoggedEntry, UnreadEntry, metadata_field};
use super::export::check_own_bundle;
use super::heard::{NotCompared, letter_of, partner_fields, partner_in};
use super::import::{ImportOutcome, ImportRequest, Imported, Offered, import};
use super::reader::Reader;
use super::receipts::receipts;
use super::session::Session;
use super::threads;
use crate::store::durable::read_limited;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::carried::{self, Carried};
use vouchsafe_core::format::letter::MAX_LETTER_BYTES;
use vouchsafe_core::format::{ArchiveIdentity, FormatError, Letter};
use vouchsafe_core::model::vocabulary::{METHOD, NOTE, REASON, RECIPIENT};
use vouchsafe_core::model::{
    Answer, Direction, EntryIndex, Event, EventKind, FieldName, FieldValue, Origin, TransferAccepted, TransferOffered,
    TransferRefused, TransferSettled,
};
use vouchsafe_core::verify::bundle::BundleReport;
use vouchsafe_core::verify::letter::{self, LetterError, Told};
use vouchsafe_core::verify::{Judged, Trust, Watch};

/// An offer that is to be made.
#[derive(Debug, Clone)]
pub struct OfferRequest {
    /// The bundle, which this archive exported: a folder or a zip file.
    pub bundle: PathBuf,
    /// Who is to have custody.
    pub recipient: String,
    /// How it is handed over: by whom, on what, under which seals.
    pub method: Option<String>,
}

/// A letter of another archive, and what speaks for its keys.
#[derive(Debug, Clone)]
pub struct LetterRequest {
    /// The file.
    pub path: PathBuf,
    /// What was given from outside, as for checking a bundle.
    pub trust: Trust,
    /// Accept it without a fingerprint from outside; the log then records that.
    pub accepts_unanchored: bool,
}

/// What became of an offer that was to be accepted.
#[derive(Debug)]
pub enum AcceptOutcome {
    /// The bundle was not imported, nothing was accepted, and nothing was changed.
    Refused(Box<BundleReport>),
    /// Its exhibits are here.
    Accepted {
        /// What was offered.
        offer: Box<Told>,
        /// What was imported.
        imported: Box<Imported>,
        /// The entry.
        index: EntryIndex,
        /// Whether it was accepted before, as that entry.
        was_known: bool,
        /// Of how many exhibits it is recorded now, and was not before, that custody passed.
        passed: u64,
    },
}

vouchsafe_core::described! {
    /// An answer that was recorded.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct Settled {
        /// The entry that records it.
        pub index: EntryIndex,
        /// What was answered.
        pub answer: Answer,
        /// The archive that answered.
        pub other: Origin,
        /// Why it refused, or its remark.
        pub said: Option<FieldValue>,
        /// Whether its fingerprint was compared with one from outside.
        pub anchored: bool,
        /// Whether it was already recorded.
        pub was_known: bool,
        /// Of how many exhibits it is recorded now, and was not before, that custody passed.
        pub passed: u64,
        /// What is held from the same archive and could not be compared with the letter.
        pub not_compared: Vec<NotCompared>,
    }
}

/// A letter that was read and holds.
struct Read {
    told: Told,
    bytes: Vec<u8>,
    anchored: bool,
    /// What is held from the same archive and could not be compared with it.
    not_compared: Vec<NotCompared>,
}

/// An offer of another archive.
struct Offer {
    letter: Read,
    bundle: Digest,
    leaf: Digest,
    /// The transfer, if it was answered before.
    known: Option<Transfer>,
}

/// Offers custody of the exhibits in a bundle, which is checked first. [`letter()`] then makes the letter.
///
/// # Errors
/// The bundle cannot be read, was not exported by this archive, or fails its check; or the offer cannot be recorded.
pub fn offer(
    session: &mut Session<'_>,
    request: &OfferRequest,
    keys: &Keys,
    watch: &dyn Watch,
) -> Result<EntryIndex, ArchiveError> {
    session.reader.permit(keys.agent.public().id(), EventKind::TransferOffered)?;
    session.reader.memory.standing.check()?;
    all_transfers(&session.reader)?;
    let report = check_own_bundle(&session.reader, &request.bundle, threads(0), watch)?;
    let bundle = report.bundle.ok_or_else(|| unfit(&request.bundle, "its check left something out"))?;
    export_of(&session.reader, &request.bundle, bundle)?;
    let body = TransferOffered {
        bundle,
        exhibits: report.exhibits.len() as u64,
        fields: Vec::new(),
        size_bytes: report.exhibits.iter().filter_map(|exhibit| exhibit.size_bytes).sum(),
    };
    let mut fields = vec![metadata_field(RECIPIENT, &request.recipient)];
    fields.extend(request.method.iter().map(|method| metadata_field(METHOD, method)));
    session.record_one(keys, body.into(), fields, None)
}

/// The letter about an entry of this log: what the other archive is given.
///
/// # Errors
/// The entry is no offer and no answer, is by a key that is not trusted there, cannot be read, or its letter would
/// be over a limit.
pub fn letter(reader: &Reader, index: EntryIndex) -> Result<Vec<u8>, ArchiveError> {
    let logged = reader.entry(index)?;
    if !logged.entry.entry.event.kind().is_some_and(is_told_in_letters) {
        return Err(ArchiveError::NoTransfer { index });
    }
    for signature in &logged.entry.signatures {
        let standing = reader.index.roster().get(signature.key);
        let Some(revoked_at) = standing.and_then(|standing| standing.revoked_at) else { continue };
        let revoked = reader.entry(revoked_at)?.entry.entry.event;
        if matches!(revoked, Event::AgentRevoked(body) if body.from_index <= index) {
            return Err(ArchiveError::InQuestion { index, key: signature.key });
        }
    }
    let receipts = receipts(reader, index)?.0;
    Ok(Letter { archive: reader.description.fingerprint, fields: logged.fields, receipts }.to_bytes()?)
}

/// The other archive's letter, recorded with an answer or a settlement: the proof of what the other side said.
///
/// # Errors
/// The entry records no letter, or the object cannot be read.
pub fn other_letter(reader: &Reader, index: EntryIndex) -> Result<Vec<u8>, ArchiveError> {
    let letter = letter_of(&reader.entry(index)?.entry.entry.event).ok_or(ArchiveError::NoLetter { index })?;
    reader.object_bytes(letter)
}

/// Accepts an offer: takes the bundle in, and records that custody has passed. If it was accepted before, what an
/// interruption left out is recorded, and nothing twice.
///
/// # Errors
/// The letter proves no offer or is of another bundle, the offer was refused before, the bundle cannot be imported, or
/// the answer cannot be recorded. What was imported before that stays, and accepting again continues.
pub fn accept(
    session: &mut Session<'_>,
    request: &LetterRequest,
    bundle: &Path,
    remark: Option<&str>,
    keys: &Keys,
    watch: &dyn Watch,
) -> Result<AcceptOutcome, ArchiveError> {
    session.reader.permit(keys.agent.public().id(), EventKind::TransferAccepted)?;
    session.reader.memory.standing.check()?;
    let offer = read_offer(&session.reader, request)?;
    if let Some(Transfer { index, state: TransferState::Answered { answer: Answer::Refused, .. }, .. }) = offer.known {
        return Err(ArchiveError::OfferAnswered { index });
    }
    let to_import = ImportRequest {
        bundle: bundle.to_owned(),
        trust: request.trust.clone(),
        accepts_unanchored: request.accepts_unanchored,
        offered: Some(Offered {
            bundle: offer.bundle,
            archive: offer.letter.told.archive(),
            shown: offer.letter.told.shown.log.clone(),
        }),
        sender: None,
        threads: 0,
    };
    let imported = match import(session, &to_import, keys, watch)? {
        ImportOutcome::Refused(report) => return Ok(AcceptOutcome::Refused(report)),
        ImportOutcome::Imported(imported) => imported,
    };
    let Read { told, bytes, anchored, .. } = offer.letter;
    let mut fields = partner_fields(&told.archive());
    fields.extend(echoed(&told, &["recipient", "method"]));
    fields.extend(remark.iter().map(|remark| metadata_field(NOTE, remark)));
    let body = TransferAccepted {
        anchored,
        bundle: offer.bundle,
        fields: Vec::new(),
        letter: Digest::of(&bytes),
        offer: offer.leaf,
        size_bytes: bytes.len() as u64,
    };
    // The sender may have made the letter again, from a later state of its log: what was imported is what was accepted.
    let letter = offer.known.as_ref().and_then(Transfer::letter).unwrap_or(body.letter);
    let passed = Passing { bundle: offer.bundle, direction: Direction::In, partner: told.archive(), letter };
    let draft = Draft { event: body.into(), exhibit: None, occurred_at: None, fields };
    let exhibits: Vec<_> = imported.exhibits.iter().map(|exhibit| exhibit.exhibit).collect();
    let known = offer.known.map(|known| known.index);
    let answer = known.map_or(Ok((draft, bytes.as_slice())), Err);
    let made = record_passing(session, answer, Some(&passed), &exhibits, keys)?;
    let index = known.or(made.first().copied()).ok_or(ArchiveError::NoEntry { index: EntryIndex(0) })?;
    let passed = made.iter().filter(|made| **made != index).count() as u64;
    Ok(AcceptOutcome::Accepted { offer: Box::new(told), imported, index, was_known: known.is_some(), passed })
}

/// Refuses an offer. Returns the entry, and what is held from the same archive and could not be compared with the
/// letter.
///
/// # Errors
/// The letter proves no offer, the offer was answered before, or the answer cannot be recorded.
pub fn refuse(
    session: &mut Session<'_>,
    request: &LetterRequest,
    reason: &str,
    keys: &Keys,
) -> Result<(EntryIndex, Vec<NotCompared>), ArchiveError> {
    session.reader.permit(keys.agent.public().id(), EventKind::TransferRefused)?;
    session.reader.memory.standing.check()?;
    let Offer { letter, bundle, leaf, known } = read_offer(&session.reader, request)?;
    let Read { told, bytes, anchored, not_compared } = letter;
    if let Some(known) = known {
        return Err(ArchiveError::OfferAnswered { index: known.index });
    }
    let body = TransferRefused {
        anchored,
        bundle,
        fields: Vec::new(),
        letter: Digest::of(&bytes),
        offer: leaf,
        size_bytes: bytes.len() as u64,
    };
    let mut fields = partner_fields(&told.archive());
    fields.extend(echoed(&told, &["recipient", "method"]));
    fields.push(metadata_field(REASON, reason));
    let index = session.record_one(keys, body.into(), fields, Some(&bytes))?;
    Ok((index, not_compared))
}

/// Takes in the answer to an offer of this archive, and records that custody has passed if it was accepted. If it was
/// taken in before, what an interruption left out is recorded, and nothing twice.
///
/// # Errors
/// The letter proves no answer to an offer of this log, contradicts an answer that is already recorded, or cannot be
/// recorded.
pub fn settle(session: &mut Session<'_>, request: &LetterRequest, keys: &Keys) -> Result<Settled, ArchiveError> {
    session.reader.permit(keys.agent.public().id(), EventKind::TransferSettled)?;
    session.reader.memory.standing.check()?;
    let Read { told, bytes, anchored, not_compared } = read_letter_for(&session.reader, request)?;
    let not_ours = || wrong(&request.path, "it answers no offer of this archive");
    let (answer, offer, bundle) = match &told.shown.entry.entry.event {
        Event::TransferAccepted(body) => (Answer::Accepted, body.offer, body.bundle),
        Event::TransferRefused(body) => (Answer::Refused, body.offer, body.bundle),
        _ => return Err(wrong(&request.path, "it is an offer, not an answer to one")),
    };
    if partner_in(&told.fields).as_ref() != Some(&session.reader.identity()) {
        return Err(not_ours());
    }
    let transfers = all_transfers(&session.reader)?;
    let known = transfers.into_iter().find(|known| known.side == Side::Sent && known.offer == offer);
    let known = known.filter(|known| known.bundle == bundle).ok_or_else(not_ours)?;
    let said = echoed(&told, &["reason", "note"]);
    let settled = |index, anchored, was_known, made: &[EntryIndex]| Settled {
        index,
        answer,
        other: told.shown.log_key.name().clone(),
        said: said.first().map(|(_, value)| value.clone()),
        anchored,
        was_known,
        passed: made.iter().filter(|made| **made != index).count() as u64,
        not_compared: not_compared.clone(),
    };
    let (passed, exhibits) = match answer {
        Answer::Accepted => {
            let letter = Digest::of(&bytes);
            let passed = Passing { bundle, direction: Direction::Out, partner: told.archive(), letter };
            let mut unread = Vec::new();
            let exhibits =
                exhibits_in(&session.reader, &export_of(&session.reader, &request.path, bundle)?, &mut unread)?;
            if let Some(UnreadEntry { index, reason }) = unread.into_iter().next() {
                return Err(ArchiveError::TransferUnread { index, reason });
            }
            (Some(passed), exhibits)
        }
        Answer::Refused => (None, Vec::new()),
    };
    // An answer whose sender is known is final. One that anybody may have made gives way to one whose sender is known, and to no
    // other: so nobody undoes what the partner said, nor keeps the partner from saying it.
    if let TransferState::Answered { answer: before, index, partner, anchored: was_anchored, letter, .. } = &known.state
        && (*was_anchored || !anchored)
    {
        if *before == answer && partner.as_ref() == Some(&told.archive()) {
            // By the letter that the log names: the partner may have made this one from a later state of its own log.
            let passed = passed.filter(|_| *was_anchored).map(|passed| Passing { letter: *letter, ..passed });
            let made = record_passing(session, Err(*index), passed.as_ref(), &exhibits, keys)?;
            return Ok(settled(*index, *was_anchored, true, &made));
        }
        let reason = format!("the offer was already answered: according to entry {index}, it was {before}");
        return Err(wrong(&request.path, &reason));
    }
    let body = TransferSettled {
        anchored,
        answer,
        fields: Vec::new(),
        letter: Digest::of(&bytes),
        offer: known.index,
        size_bytes: bytes.len() as u64,
    };
    let mut fields = partner_fields(&told.archive());
    fields.extend(said.iter().cloned());
    let draft = Draft { event: body.into(), exhibit: None, occurred_at: None, fields };
    // Anybody can make an answer: custody has not passed until it is known who gave it.
    let passed = passed.filter(|_| anchored);
    let answer = Ok((draft, bytes.as_slice()));
    let made = record_passing(session, answer, passed.as_ref(), &exhibits, keys)?;
    let index = made.first().copied().ok_or(ArchiveError::NoEntry { index: EntryIndex(0) })?;
    Ok(settled(index, anchored, false, &made))
}

/// The entries that say that bundles were exported, oldest first, and those that lie damaged in their volumes.
///
/// # Errors
/// The index or a volume cannot be read.
pub fn exports(reader: &Reader) -> Result<(Vec<LoggedEntry>, Vec<UnreadEntry>), ArchiveError> {
    let (mut exports, mut unread) = (Vec::new(), Vec::new());
    for (index, kind) in reader.index.acts()? {
        if kind == EventKind::BundleExported {
            exports.extend(reader.entry_or_note(index, &mut unread)?);
        }
    }
    Ok((exports, unread))
}

/// The entry that says that a bundle was exported.
fn export_of(reader: &Reader, path: &Path, bundle: Digest) -> Result<LoggedEntry, ArchiveError> {
    let (exports, unread) = exports(reader)?;
    match (exports.into_iter().rev().find(|export| is_export_of(export, bundle)), unread.first()) {
        (Some(export), _) => Ok(export),
        (None, None) => Err(unfit(path, "no entry of this log records its export")),
        (None, Some(UnreadEntry { index, .. })) => {
            let reason = format!("no readable entry records its export, but entry {index} cannot be read");
            Err(ArchiveError::BundleUnfit { path: path.to_owned(), reason, remedy: Some(Remedy::Repair) })
        }
    }
}

fn read_letter_for(reader: &Reader, request: &LetterRequest) -> Result<Read, ArchiveError> {
    let path = &request.path;
    let (told, bytes) = read_told(path)?;
    if told.archive() == reader.identity() {
        return Err(wrong(path, "it is a letter of this archive itself"));
    }
    let anchored = match request.trust.judge(Some(told.shown.fingerprint)) {
        Judged::Fits => true,
        Judged::NotGiven => false,
        Judged::Slip(slip) => return Err(ArchiveError::Slip(slip)),
        Judged::Differs => {
            let written_by = told.shown.fingerprint.paper();
            let reason = format!(
                "it was written by the archive {written_by}, whose fingerprint was not given from \
                outside"
            );
            return Err(wrong(path, &reason));
        }
    };
    if !anchored && !request.accepts_unanchored {
        return Err(ArchiveError::LetterUnanchored { path: path.clone() });
    }
    let not_compared = check_against_held(reader, path, &told, anchored)?;
    Ok(Read { told, bytes, anchored, not_compared })
}

fn read_offer(reader: &Reader, request: &LetterRequest) -> Result<Offer, ArchiveError> {
    let letter = read_letter_for(reader, request)?;
    let Event::TransferOffered(body) = &letter.told.shown.entry.entry.event else {
        return Err(wrong(&request.path, "it is not an offer"));
    };
    let (bundle, leaf) = (body.bundle, letter.told.shown.entry.leaf());
    let archive = letter.told.archive();
    let known = all_transfers(reader)?.into_iter().find(known_offer(&archive, leaf));
    Ok(Offer { letter, bundle, leaf, known })
}

/// Whether a transfer is of this offer.
fn known_offer(archive: &ArchiveIdentity, offer: Digest) -> impl FnMut(&Transfer) -> bool {
    move |known| known.side == Side::Received && known.offer == offer && known.partner().as_ref() == Some(archive)
}

/// Reads and checks a letter from anybody.
///
/// # Errors
/// It cannot be read, or does not hold.
pub fn read_letter(path: &Path) -> Result<Told, ArchiveError> {
    read_told(path).map(|(told, _)| told)
}

/// Whether a letter was changed on its way in a manner that was undone; not so if it cannot be read.
#[must_use]
pub fn is_letter_restored(path: &Path) -> bool {
    read_carried(path).is_ok_and(|carried| carried.was_changed)
}

fn read_told(path: &Path) -> Result<(Told, Vec<u8>), ArchiveError> {
    // What is kept as an object are the bytes that were signed, and not what became of them on the way.
    let bytes = read_carried(path)?.bytes;
    let told = letter::check(&bytes).map_err(|error| match error {
        LetterError::NotUnderstood { reason, .. } => {
            ArchiveError::LetterNotUnderstood { path: path.to_owned(), reason: reason.to_string() }
        }
        error => wrong(path, &error.to_string()),
    })?;
    Ok((told, bytes))
}

fn read_carried(path: &Path) -> Result<Carried<Letter>, ArchiveError> {
    let size_bytes = std::fs::metadata(path).map_err(ArchiveError::io("read the letter", path))?.len();
    if size_bytes > carried::limit_bytes(MAX_LETTER_BYTES) {
        return Err(ArchiveError::NoLetterFile { path: path.to_owned(), size_bytes });
    }
    let bytes = read_limited(path, carried::limit_bytes(MAX_LETTER_BYTES), true)
        .map_err(ArchiveError::io("read the letter", path))?;
    carried::read(&bytes, Letter::parse).map_err(|source| match source {
        FormatError::NotUnderstood { .. } => {
            ArchiveError::LetterNotUnderstood { path: path.to_owned(), reason: source.to_string() }
        }
        source => ArchiveError::LetterUnread { path: path.to_owned(), source },
    })
}

/// The fields in a letter that have one of these names.
fn echoed(told: &Told, names: &[&str]) -> Vec<(FieldName, FieldValue)> {
    let fields = told.fields.iter().filter(|field| names.contains(&field.name().as_str()));
    fields.map(|field| (field.name().clone(), field.value().clone())).collect()
}

/// Whether letters exist for entries of this kind.
const fn is_told_in_letters(kind: EventKind) -> bool {
    matches!(kind, EventKind::TransferOffered | EventKind::TransferAccepted | EventKind::TransferRefused)
}

/// Whether an entry says that this bundle was exported.
fn is_export_of(logged: &LoggedEntry, bundle: Digest) -> bool {
    matches!(&logged.entry.entry.event, Event::BundleExported(body) if body.bundle == bundle)
}

fn unfit(path: &Path, reason: &str) -> ArchiveError {
    ArchiveError::BundleUnfit { path: path.to_owned(), reason: reason.to_owned(), remedy: None }
}

fn wrong(path: &Path, reason: &str) -> ArchiveError {
    ArchiveError::LetterWrong { path: path.to_owned(), reason: reason.to_owned() }
}
