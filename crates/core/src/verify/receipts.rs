//! Checking receipts that were given out: with the entries that introduced the keys beside it, an entry is shown to be in an
//! archive's log by the archive's fingerprint alone.

use super::agents::{Agents, changes_log_key_unclearly};
use super::approvals::{self, Nonces};
use super::log::OTHER_ACTOR;
use super::shown::ShownLog;
use super::signers::{Refused, no_longer_trusted, of_approval, wrong_signature};
use crate::format::attached::NOT_OPENED;
use crate::format::{ArchiveIdentity, Checkpoint, Entry, LogKey, Receipt, ReceiptError, SignedEntry};
use crate::language::{Text, text};
use crate::model::{Event, EventKind, Fingerprint, Reach};
use crate::sign::PublicKey;

/// What receipts show. Which archive it is, is for the caller to compare.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The fingerprint of the archive.
    pub fingerprint: Fingerprint,
    /// Its first administrator.
    pub administrator: PublicKey,
    /// The key of its log that is in force for the checkpoint.
    pub log_key: LogKey,
    /// The state of its log that all receipts lead to.
    pub checkpoint: Checkpoint,
    /// The entry that is proved.
    pub entry: SignedEntry,
    /// What they show of that log, by which they can contradict what others show.
    pub log: ShownLog,
    /// What was written by a newer version and is not understood, a sentence each: then they show that the entry is in the
    /// log, and no more.
    pub not_understood: Vec<Text>,
    /// What is not checked of what they rest on, a sentence each.
    pub not_checked: Vec<Text>,
}

/// Why receipts show nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptsError {
    /// The first entry was written by a newer version, so that no key is known.
    #[error("{reason}")]
    NotUnderstood {
        /// What is not known, in words.
        reason: Text,
        /// The archive's fingerprint.
        archive: Fingerprint,
    },
    /// Something does not hold.
    #[error("{0}")]
    Wrong(Text),
}

impl ReceiptsError {
    /// It, in words.
    #[must_use]
    pub const fn text(&self) -> &Text {
        match self {
            Self::NotUnderstood { reason, .. } | Self::Wrong(reason) => reason,
        }
    }
}

impl From<Text> for ReceiptsError {
    fn from(reason: Text) -> Self {
        Self::Wrong(reason)
    }
}

impl Shown {
    /// The archive.
    #[must_use]
    pub fn archive(&self) -> ArchiveIdentity {
        ArchiveIdentity::new(self.log_key.name().clone(), self.fingerprint)
    }
}

/// Checks the receipts of an entry, which is the last: the first is that of the archive's first entry; all lead to one
/// checkpoint, signed by the log key that it names, or that an entry among them put in its place; those between are of
/// entries that change who may sign, in ascending order; every signature holds, and is by a key that an earlier one of
/// these entries introduces and none of them revokes.
///
/// What this does not show: that no key was revoked by an entry that was left out, and what the log holds after the
/// checkpoint.
///
/// # Errors
/// Something does not hold, or the first entry is not understood.
pub fn check(receipts: &[Receipt]) -> Result<Shown, ReceiptsError> {
    let (Some(first), Some((last, others))) = (receipts.first(), receipts.split_last()) else {
        return Err(text!("there is no receipt", "수록 증명서가 없습니다").into());
    };
    if first.entry.entry.archive.origin().is_none() {
        let reason = text!(
            "it does not begin with the first entry of an archive",
            "보존소의 첫 기록 항목으로 시작하지 않습니다"
        );
        return Err(reason.into());
    }
    let fingerprint = Fingerprint(first.entry.leaf());
    for receipt in receipts {
        let entry = &receipt.entry.entry;
        let of = |reason: Text| of_entry(entry, &reason);
        // Other signature lines than the log's are others' matter.
        if receipt.checkpoint.checkpoint != first.checkpoint.checkpoint {
            let reason = text!(
                "its receipt leads to another checkpoint than the first one",
                "수록 증명서가 첫 번째 것과 다른 기준점에 이릅니다"
            );
            return Err(of(reason).into());
        }
        let wrong_path = |error| of(text!("{error}", "수록 증명서가 기준점의 루트에 이르지 않습니다: “{error}”"));
        receipt.check_path().map_err(wrong_path)?;
        if (entry.index.0 == 0) != entry.archive.origin().is_some() {
            return Err(of(no_place(entry)).into());
        }
        if entry.archive.fingerprint().is_some_and(|archive| archive != fingerprint) {
            return Err(of(text!("it belongs to another archive", "다른 보존소에 속합니다")).into());
        }
    }
    check_order(others, last)?;
    let mut not_understood = Vec::new();
    for signed in receipts.iter().map(|receipt| &receipt.entry) {
        // What is said of a checkpoint reaches itself, and is not understood where it is what is proved.
        let is_beside = signed.entry.reach() == Some(Reach::Itself) && signed.entry.index != last.entry.entry.index;
        if let Some(event) = signed.entry.event.not_understood().filter(|_| !is_beside) {
            not_understood.push(of_entry(&signed.entry, &event.unknown()));
        }
        if signed.entry.attached.sealed.is_some() && !is_beside {
            not_understood.push(of_entry(&signed.entry, &NOT_OPENED.into()));
        }
    }
    let Event::ArchiveCreated(created) = &first.entry.entry.event else {
        // Without it, no key is known.
        return Err(ReceiptsError::NotUnderstood { reason: Text::joined(&not_understood, "; "), archive: fingerprint });
    };
    let signers = check_signers(receipts, &mut not_understood)?;
    // Which log key is in force after a change of it that is not understood, that alone says.
    let is_log_key_unclear = receipts.iter().any(|receipt| changes_log_key_unclearly(&receipt.entry.entry.event));
    if !is_log_key_unclear {
        if let Some(receipt) = receipts.iter().find(|receipt| !signers.have_signed_text(&receipt.checkpoint)) {
            let error = ReceiptError::Checkpoint;
            let reason = text!("{error}", "수록 증명서의 기준점이 기록부 키로 서명되지 않았습니다");
            return Err(of_entry(&receipt.entry.entry, &reason).into());
        }
        // All have one text: the line of the second key need not be in each.
        if !receipts.iter().any(|receipt| signers.have_second_line(&receipt.checkpoint)) {
            let reason = text!(
                "no checkpoint in it has a line of the log's second key",
                "기록부의 두 번째 키의 줄이 있는 기준점이 없습니다"
            );
            return Err(reason.into());
        }
    }
    let log_key = signers.log_key_at(last.checkpoint.checkpoint.size).cloned();
    let no_key = || text!("its first entry names no log key", "첫 기록 항목에 기록부 키가 없습니다");
    let log_key = log_key.ok_or_else(no_key)?;
    Ok(Shown {
        fingerprint,
        administrator: created.administrator.public_key.clone(),
        log_key,
        checkpoint: last.checkpoint.checkpoint.clone(),
        entry: last.entry.clone(),
        log: ShownLog::of_receipts(receipts),
        not_understood,
        not_checked: signers.not_checked(),
    })
}

/// The entries beside the one that is proved are about agents, each once and in their order.
fn check_order(others: &[Receipt], last: &Receipt) -> Result<(), Text> {
    let mut before = None;
    for entry in others.iter().map(|receipt| &receipt.entry.entry) {
        let is_about_agents = match entry.event {
            // It may be about agents; and what is said of checkpoints may go along.
            Event::NotUnderstood(_) => entry.reach() != Some(Reach::Subject),
            _ => entry.event.kind().is_some_and(EventKind::changes_who_may_sign),
        };
        if !is_about_agents {
            return Err(of_entry(entry, &no_place(entry)));
        }
        if before.is_some_and(|before| before >= entry.index) || entry.index == last.entry.entry.index {
            let reason =
                text!("it is not behind the one in front of it", "바로 앞의 기록 항목보다 뒤에 오는 것이 아닙니다");
            return Err(of_entry(entry, &reason));
        }
        before = Some(entry.index);
    }
    Ok(())
}

/// Every key is introduced before it signs. Signatures are judged when all revocations are known.
fn check_signers(receipts: &[Receipt], not_understood: &mut Vec<Text>) -> Result<Agents, Text> {
    let mut signers = Agents::of_some_entries();
    let mut in_order: Vec<_> = receipts.iter().map(|receipt| &receipt.entry).collect();
    in_order.sort_by_key(|signed| signed.entry.index);
    for signed in &in_order {
        let entry = &signed.entry;
        let of = |reason: Text| of_entry(entry, &reason);
        let is_first = entry.index.0 == 0;
        match (&entry.event, entry.reach().filter(|_| !is_first)) {
            (_, Some(Reach::Archive)) => signers.take_not_understood(entry.index),
            (_, Some(Reach::Itself)) => {}
            (event, _) if matches!(event, Event::ArchiveCreated(_)) != is_first => return Err(of(no_place(entry))),
            (Event::ArchiveCreated(_) | Event::AgentRevoked(_), _) => {}
            // A key that nobody vouches for introduces nobody.
            (event, _) if event.kind().is_some_and(EventKind::changes_who_may_sign) => {
                check_signatures(signed, &signers, &mut Vec::new()).map_err(&of)?;
            }
            _ => {}
        }
        let taken = signers.take(&entry.event, entry.index);
        taken.map_err(|error| {
            let (place, error) = (no_place(entry), error.text());
            of(text!([place, error] "{place}: {error}", "{place}: {error}"))
        })?;
    }
    let mut nonces = Nonces::default();
    for signed in in_order {
        let of = |reason: Text| of_entry(&signed.entry, &reason);
        check_signatures(signed, &signers, not_understood).map_err(of)?;
        check_approvals(signed, &signers, not_understood).map_err(of)?;
        nonces.take(signed.entry.index, approvals::nonces_of(&signed.entry)).map_or(Ok(()), |again| Err(of(again)))?;
    }
    Ok(signers)
}

fn check_signatures(signed: &SignedEntry, signers: &Agents, not_understood: &mut Vec<Text>) -> Result<(), Text> {
    let entry = &signed.entry;
    let (judged, shortfall) = signers.judge(signed);
    if let Some(shortfall) = shortfall {
        return Err(shortfall.into());
    }
    for (number, (signature, judged)) in signed.signatures.iter().zip(judged).enumerate() {
        if number == 0 && signature.key != entry.actor {
            return Err(OTHER_ACTOR.into());
        }
        let permitted = match judged {
            Ok(permitted) => permitted,
            Err(Refused::Wrong(reason)) => return Err(reason),
            Err(Refused::NotUnderstood(reason)) => {
                not_understood.push(of_entry(entry, &reason));
                continue;
            }
        };
        if permitted.is_in_question {
            return Err(no_longer_trusted(signature.key));
        }
        if let Some(expired) = permitted.expired {
            let key = signature.key;
            return Err(text!("{key} had expired at {expired}", "키 {key}의 유효 기간은 {expired}에 끝났습니다"));
        }
        if !signed.verifies(number, permitted.key) {
            return Err(wrong_signature(signature.key));
        }
    }
    Ok(())
}

fn check_approvals(signed: &SignedEntry, signers: &Agents, not_understood: &mut Vec<Text>) -> Result<(), Text> {
    let entry = &signed.entry;
    for approval in &entry.attached.approvals {
        approvals::flaw(entry, approval).map_or(Ok(()), Err)?;
        match signers.approver(approval.key, entry) {
            Ok((_, true)) => return Err(of_approval(&no_longer_trusted(approval.key))),
            Ok((permitted, false)) => approvals::wrong_signature(entry, approval, permitted).map_or(Ok(()), Err)?,
            Err(Refused::Wrong(reason)) => return Err(of_approval(&reason)),
            Err(Refused::NotUnderstood(reason)) => {
                not_understood.push(of_entry(entry, &of_approval(&reason)));
            }
        }
    }
    Ok(())
}

fn of_entry(entry: &Entry, reason: &Text) -> Text {
    text!([reason] "entry {index}: {reason}", "기록 항목 {index}: {reason}"; index = entry.index)
}

fn no_place(entry: &Entry) -> Text {
    text!("{event} has no place here", "{event}: 이 자리에 있을 수 없습니다"; event = entry.event.name())
}
