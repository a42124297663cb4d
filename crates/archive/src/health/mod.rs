//! How an archive stands: its copies, its last verification, and what is wrong or risky about it. One place for
//! `status`, which looks at an archive that opens, and `doctor`, which looks at any.

mod examination;
mod examine;
mod history;
mod risk;
mod surroundings;
mod volumes;

pub use examination::{Examination, NotLookedAt};
pub use examine::{ExaminationRequest, examine};
pub(super) use history::History;
pub use history::{LastVerification, copies};
use risk::Needs;
pub use risk::{Risk, Weight};
use serde::Serialize;

use super::copies::CopyStanding;
use super::error::ArchiveError;
use super::exhibits::UnreadEntry;
use super::index::Totals;
use super::only_read::{NotUnderstoodThing, OnlyRead, UNSIGNED_WAY_OUT, not_understood};
use super::reader::Reader;
use vouchsafe_core::format::SignedCheckpoint;
use vouchsafe_core::format::version::NEWER_WAY_OUT;
use vouchsafe_core::model::{Fingerprint, Medium, Site, Timestamp, Verdict};
use vouchsafe_core::sign::KeyId;

/// So many copies in all, the archive counted as one.
const COPIES_WANTED: usize = 3;
/// A verification that is older is too old.
const VERIFY_EVERY_DAYS: i64 = 365;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Tells that this version only reads the archive, if that is so, and recommends only what it can do then.
fn settle(risks: &mut Vec<Risk>, only_read: Option<&OnlyRead>) {
    let Some(only_read) = only_read else { return };
    let has_newer_description =
        matches!(only_read, OnlyRead::NotUnderstood(things) if things.iter().any(|thing| thing.index.is_none()));
    let refused = if has_newer_description { Needs::Opening } else { Needs::Recording };
    for risk in risks.iter_mut() {
        if let Some((_, instead)) = risk.instead.take().filter(|(needs, _)| *needs >= refused) {
            risk.mend = Some(instead);
        }
    }
    match only_read {
        OnlyRead::NotUnderstood(things) => {
            let told: Vec<_> = things.iter().map(NotUnderstoodThing::told).collect();
            let message = format!(
                "not understood: {}. What is shown may not be all, nor the newest. {READING_WORKS}",
                told.join("; ")
            );
            let mend = match has_newer_description {
                true => format!("{NEWER_WAY_OUT}; {UNSIGNED_WAY_OUT}"),
                false => NEWER_WAY_OUT.to_owned(),
            };
            risks.push(Risk::new(Weight::Risky, "version", message).mend(mend));
        }
        OnlyRead::CannotSign(what) => {
            let message = format!("this version cannot sign for {what}. {READING_WORKS}");
            risks.push(Risk::new(Weight::Notice, "version", message).mend(NEWER_WAY_OUT));
        }
    }
}

const READING_WORKS: &str = "Reading and checking work (list, find, show, custody, log, head, prove, check, verify); whatever \
     is recorded in the log is refused (ingest, note, get, export, import, replicate, verify --record)";

/// Where nothing can be recorded, a copy is made by other means. It is none that the log knows, and holds all the same.
const COPY_BY_HAND: &str =
    "this version cannot make one; until a newer one does: cp -a of the whole folder to another disk";

vouchsafe_core::described! {
    /// An agent, as an overview has it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    pub struct AgentOverview {
        /// Its key.
        pub key: KeyId,
        /// Whether the key is revoked.
        pub revoked: bool,
        /// Whether another key took its place.
        pub replaced: bool,
    }
}

/// One page about an archive.
#[derive(Debug, Clone)]
pub struct Overview {
    /// How much it holds.
    pub totals: Totals,
    /// Bytes of its volumes.
    pub volume_bytes: u64,
    /// How many volumes it has.
    pub volumes: u64,
    /// Whether the log could be read to its end; if not, what is said of copies and verifications may be incomplete.
    pub is_whole: bool,
    /// The archive's fingerprint.
    pub fingerprint: Fingerprint,
    /// The newest checkpoint.
    pub head: SignedCheckpoint,
    /// When the last entry was recorded.
    pub last_recorded: Option<Timestamp>,
    /// The agents, in the order in which they were introduced.
    pub agents: Vec<AgentOverview>,
    /// The newest recorded verification.
    pub verified: Option<LastVerification>,
    /// The copies that the log knows.
    pub copies: Vec<CopyStanding>,
    /// What is risky about copies and verification, the worst first; entries about them that are damaged; and what keeps
    /// this version from adding to the archive.
    pub risks: Vec<Risk>,
    /// What is not understood, each thing once.
    pub not_understood: Vec<NotUnderstoodThing>,
}

/// How the archive stands at a time.
///
/// # Errors
/// The index or a volume cannot be read.
pub fn overview(reader: &Reader, now: Timestamp) -> Result<Overview, ArchiveError> {
    let history = History::of(reader)?;
    let copies = history.copies.finish(history.size);
    let mut risks = unread_risks(&history.unread);
    match reader.damage() {
        // What lies behind may tell of more of them.
        Some((place, reason)) => risks.push(unread_end_risk(place, reason)),
        None => risks.extend(copy_risks(&copies, now)),
    }
    risks.extend(verification_risks(history.verified.as_ref(), now));
    settle(&mut risks, OnlyRead::of(&reader.description, &history.not_understood, history.cannot_sign).as_ref());
    risks.sort_by_key(|risk| risk.weight);
    let roster = reader.index.roster();
    let agents = reader.index.agents()?.into_iter().map(|(key, agent)| {
        let is_replaced = roster.get(key).is_some_and(|standing| standing.replaced_by.is_some());
        AgentOverview { key, revoked: agent.standing.revoked_at.is_some() && !is_replaced, replaced: is_replaced }
    });
    let agents = agents.collect();
    Ok(Overview {
        totals: reader.index.totals(),
        volume_bytes: reader.store.size_bytes()?,
        volumes: reader.store.numbers()?.len() as u64,
        is_whole: reader.damage().is_none(),
        fingerprint: reader.description.fingerprint,
        head: reader.head()?.clone(),
        last_recorded: history.last_recorded,
        agents,
        verified: history.verified,
        copies,
        risks,
        not_understood: not_understood(reader)?,
    })
}

/// How long ago, in words.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    match (now.unix_ms() - then.unix_ms()) / DAY_MS {
        ..=0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// Entries that are damaged, so that what they say is not counted.
pub(super) fn unread_risks(unread: &[UnreadEntry]) -> Vec<Risk> {
    let risk = |UnreadEntry { index, reason }: &UnreadEntry| {
        let message =
            format!("entry {index} cannot be read: {reason}. What it says of copies or verifications is not counted");
        Risk::new(Weight::Wrong, "log", message).mend("vouchsafe repair (from parity), or vouchsafe repair --from COPY")
    };
    unread.iter().map(risk).collect()
}

/// The log cannot be read to its end.
fn unread_end_risk(place: &str, reason: &str) -> Risk {
    let message = format!(
        "the log could not be read to its end: {place}: {reason}. What is said here of copies and verifications may be \
         incomplete"
    );
    Risk::new(Weight::Wrong, "log", message).mend("vouchsafe repair (from parity), or vouchsafe repair --from COPY")
}

/// What is risky about the copies: the rule of three copies, two kinds of media, one of them elsewhere.
pub(super) fn copy_risks(copies: &[CopyStanding], now: Timestamp) -> Vec<Risk> {
    let risky = |message: String| Risk::new(Weight::Risky, "copies", message);
    let mut risks = Vec::new();
    let begin = "vouchsafe replicate TARGET --medium removable --site other-site";
    if copies.len() + 1 < COPIES_WANTED {
        let there_are = match copies.len() {
            0 => "the archive has no copy: it is lost when its disk is".to_owned(),
            _ => "there are only two: the archive and one copy".to_owned(),
        };
        let message = format!("{there_are}; at least three in all are wanted");
        risks.push(risky(message).mend(begin).or(Needs::Recording, COPY_BY_HAND));
    }
    if !copies.is_empty() && copies.iter().all(|copy| copy.place.site == Site::Same) {
        let message = "no copy is kept at another site: one fire or one raid takes all of them";
        risks.push(risky(message.to_owned()).mend(begin).or(Needs::Recording, COPY_BY_HAND));
    }
    if !copies.is_empty() && copies.iter().all(|copy| copy.place.medium == Medium::Disk) {
        let message = "all copies lie on disks inside of computers, as the archive does: what destroys one computer over \
             the network destroys the others";
        risks.push(risky(message.to_owned()).mend(begin).or(Needs::Recording, COPY_BY_HAND));
    }
    for copy in copies.iter().filter(|copy| copy.lacks_entries > 0) {
        let entries = if copy.lacks_entries == 1 { "entry" } else { "entries" };
        let message = format!(
            "the copy {} ({}, {}) lacks {} {entries}; it was brought up to date {}",
            copy.copy,
            copy.place.medium,
            copy.place.site,
            copy.lacks_entries,
            ago(copy.recorded_at, now)
        );
        let instead =
            "this version cannot bring it up; until a newer one does: cp -a of the whole folder to another place";
        let risk = risky(message).mend("vouchsafe replicate TARGET (the folder of that copy)");
        risks.push(risk.or(Needs::Recording, instead));
    }
    risks
}

/// What is risky about when and how the archive was last verified.
pub(super) fn verification_risks(last: Option<&LastVerification>, now: Timestamp) -> Vec<Risk> {
    let command = "vouchsafe verify --record";
    let instead = "vouchsafe verify (this version can record nothing here: keep what it says)";
    let risk = |weight, message: String| vec![Risk::new(weight, "verification", message)];
    let Some(last) = last else {
        let message = "no verification is recorded: whether all bytes are still there and unchanged is not known";
        return vec![Risk::new(Weight::Risky, "verification", message).mend(command).or(Needs::Recording, instead)];
    };
    let when = ago(last.recorded_at, now);
    let mend = |risks: Vec<Risk>, text: &str| risks.into_iter().map(|risk| risk.mend(text)).collect::<Vec<_>>();
    let record = |risks: Vec<Risk>, text: &str| {
        let risks = risks.into_iter().map(|risk| risk.mend(text).or(Needs::Recording, instead));
        risks.collect::<Vec<_>>()
    };
    let mut risks = match last.verdict {
        Verdict::Failed => {
            let message = format!("the last recorded verification ({when}, entry {}) FAILED", last.entry);
            mend(risk(Weight::Wrong, message), "vouchsafe verify (tells what is lost; take it back from a copy)")
        }
        Verdict::Degraded => {
            let message = format!("the last recorded verification ({when}, entry {}) was not quite sound", last.entry);
            mend(risk(Weight::Risky, message), "vouchsafe verify (tells what)")
        }
        Verdict::Sound => Vec::new(),
    };
    if let Some(entry) = last.failed_before {
        let message =
            format!("the verification of entry {entry} FAILED, and none of the whole archive was sound since then");
        risks.extend(record(risk(Weight::Wrong, message), "vouchsafe verify --record (of everything)"));
    }
    if now.unix_ms() - last.recorded_at.unix_ms() > VERIFY_EVERY_DAYS * DAY_MS {
        let message = format!("the last recorded verification was {when}; once a year is wanted");
        risks.extend(record(risk(Weight::Risky, message), command));
    }
    if !last.is_whole && last.objects_held > 0 {
        let read = if last.objects == 0 { "none".to_owned() } else { last.objects.to_string() };
        let objects = if last.objects_held == 1 { "object" } else { "objects" };
        let message = format!("the last recorded verification read {read} of {} {objects}", last.objects_held);
        risks.extend(record(risk(Weight::Notice, message), command));
    }
    risks
}
