//! The health of an archive: its copies, its last verification, and what is wrong or risky about it. `status` shows it
//! for an archive that opens, `doctor` for any.

mod environment_checks;
mod examination;
mod examine;
mod history;
mod mend;
mod risk;
mod volumes;

use std::collections::BTreeMap;

pub use examination::{Examination, NotLookedAt};
pub use examine::{ExaminationRequest, examine};
pub(super) use history::History;
pub use history::{LastVerification, copies};
pub use mend::Mend;
use risk::Needs;
pub use risk::{Risk, Weight};
use serde::Serialize;

use super::copies::CopyStanding;
use super::error::ArchiveError;
use super::exhibits::UnreadEntry;
use super::grade::{Grade, grade};
use super::index::Totals;
use super::only_read::{NotUnderstoodThing, OnlyRead, UNSIGNED_WAY_OUT, not_understood};
use super::reader::Reader;
use super::selecting::Filter;
use vouchsafe_core::format::SignedCheckpoint;
use vouchsafe_core::format::version::NEWER_WAY_OUT;
use vouchsafe_core::model::{Fingerprint, Medium, Site, Timestamp, Verdict};
use vouchsafe_core::sign::KeyId;

/// The number of copies wanted, counting the archive itself.
const COPIES_WANTED: usize = 3;
/// An older verification is too old.
const VERIFY_EVERY_DAYS: i64 = 365;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Reports if this version can only read the archive, and then recommends only what it can do.
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
                "not understood: {}. What is shown may be incomplete or outdated. {READING_WORKS}",
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

const READING_WORKS: &str = "Reading and checking still work; whatever would be recorded in the log is refused";

/// If nothing can be recorded, a copy is made by other means. The log does not know it, but it holds everything.
const COPY_BY_HAND: &str =
    "this version cannot make a copy; until a newer one does: cp -a of the whole folder to another disk";

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
    /// Whether the log could be read to its end; if not, the copies and verifications listed may be incomplete.
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
    /// How many exhibits are described how far, the best first; without grades that no exhibit has.
    pub grades: BTreeMap<Grade, u64>,
}

/// The health of the archive at a time.
///
/// # Errors
/// The index or a volume cannot be read.
pub fn overview(reader: &Reader, now: Timestamp) -> Result<Overview, ArchiveError> {
    let history = History::of(reader)?;
    let copies = history.copies.finish(history.size);
    let mut risks = unread_risks(&history.unread);
    match reader.damage() {
        // The part of the log after the damage may record more copies.
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
        grades: grades(reader)?,
    })
}

fn grades(reader: &Reader) -> Result<BTreeMap<Grade, u64>, ArchiveError> {
    let mut grades = BTreeMap::new();
    reader.find(&Filter::default(), |_, row| {
        *grades.entry(grade(&row.fields).grade).or_default() += 1;
        true
    })?;
    Ok(grades)
}

/// How long ago, in words.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    match (now.unix_ms() - then.unix_ms()) / DAY_MS {
        ..=0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// Damaged entries, whose content is not counted.
pub(super) fn unread_risks(unread: &[UnreadEntry]) -> Vec<Risk> {
    let risk = |UnreadEntry { index, reason }: &UnreadEntry| {
        let message =
            format!("entry {index} cannot be read: {reason}. A copy or verification that it records is not counted");
        Risk::new(Weight::Wrong, "log", message).mend(Mend::Restore)
    };
    unread.iter().map(risk).collect()
}

/// The log cannot be read to its end.
fn unread_end_risk(place: &str, reason: &str) -> Risk {
    let message = format!(
        "the log could not be read to its end: {place}: {reason}. The copies and verifications shown here may be \
         incomplete"
    );
    Risk::new(Weight::Wrong, "log", message).mend(Mend::Restore)
}

/// What is risky about the copies: the rule of three copies, two kinds of media, one of them elsewhere.
pub(super) fn copy_risks(copies: &[CopyStanding], now: Timestamp) -> Vec<Risk> {
    let risky = |message: String| Risk::new(Weight::Risky, "copies", message);
    let mut risks = Vec::new();
    if copies.len() + 1 < COPIES_WANTED {
        let there_are = match copies.len() {
            0 => "the archive has no copy, so it is lost if its disk is".to_owned(),
            _ => "there are only two: the archive and one copy".to_owned(),
        };
        let message = format!("{there_are}; there should be at least three, counting the archive");
        risks.push(risky(message).mend(Mend::MakeCopy).or(Needs::Recording, COPY_BY_HAND));
    }
    if !copies.is_empty() && copies.iter().all(|copy| copy.place.site == Site::Same) {
        let message = "no copy is kept at another site: one fire or one raid would take all of them";
        risks.push(risky(message.to_owned()).mend(Mend::MakeCopy).or(Needs::Recording, COPY_BY_HAND));
    }
    if !copies.is_empty() && copies.iter().all(|copy| copy.place.medium == Medium::Disk) {
        let message = "all copies are on disks inside computers, like the archive: an attack over the network could \
            destroy \
             all of them";
        risks.push(risky(message.to_owned()).mend(Mend::MakeCopy).or(Needs::Recording, COPY_BY_HAND));
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
            "this version cannot update the copy; until a newer one does: cp -a of the whole folder to another place";
        let risk = risky(message).mend(Mend::UpdateCopy);
        risks.push(risk.or(Needs::Recording, instead));
    }
    risks
}

/// What is risky about the last verification of the archive.
pub(super) fn verification_risks(last: Option<&LastVerification>, now: Timestamp) -> Vec<Risk> {
    let risk = |weight, message: String| Risk::new(weight, "verification", message);
    let Some(last) = last else {
        let message = "no verification is recorded, so it is not known whether all bytes are still there and unchanged";
        let risk = Risk::new(Weight::Risky, "verification", message).mend(Mend::RecordVerification);
        return vec![risk.or(Needs::Recording, Mend::VerifyOnly)];
    };
    let when = ago(last.recorded_at, now);
    let record = |risk: Risk, mend: Mend| risk.mend(mend).or(Needs::Recording, Mend::VerifyOnly);
    let mut risks = match last.verdict {
        Verdict::Failed => {
            let message = format!("the last recorded verification ({when}, entry {}) FAILED", last.entry);
            vec![risk(Weight::Wrong, message).mend(Mend::VerifyLoss)]
        }
        Verdict::Degraded => {
            let message = format!("the last recorded verification ({when}, entry {}) was degraded", last.entry);
            vec![risk(Weight::Risky, message).mend(Mend::VerifyDegraded)]
        }
        Verdict::Sound => Vec::new(),
    };
    if let Some(entry) = last.failed_before {
        let message =
            format!("the verification in entry {entry} FAILED, and no later one found the whole archive sound");
        risks.push(record(risk(Weight::Wrong, message), Mend::RecordWholeVerification));
    }
    if now.unix_ms() - last.recorded_at.unix_ms() > VERIFY_EVERY_DAYS * DAY_MS {
        let message = format!("the last recorded verification was {when}; there should be one every year");
        risks.push(record(risk(Weight::Risky, message), Mend::RecordVerification));
    }
    if !last.is_whole && last.objects_held > 0 {
        let read = if last.objects == 0 { "none".to_owned() } else { last.objects.to_string() };
        let objects = if last.objects_held == 1 { "object" } else { "objects" };
        let message = format!("the last recorded verification read {read} of {} {objects}", last.objects_held);
        risks.push(record(risk(Weight::Notice, message), Mend::RecordVerification));
    }
    risks
}
