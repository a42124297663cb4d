//! Checking receipts that were given out: with the entries that introduced the keys beside it, an entry is shown to be in an
//! archive's log by the archive's fingerprint alone.

use super::agents::{Agents, changes_log_key_unclearly};
use super::approvals::{self, Nonces};
use super::shown::ShownLog;
use super::signers::Refused;
use crate::format::attached::NOT_OPENED;
use crate::format::{ArchiveIdentity, Checkpoint, LogKey, Receipt, ReceiptError, SignedEntry};
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
    pub not_understood: Vec<String>,
    /// What is not checked of what they rest on, a sentence each.
    pub not_checked: Vec<String>,
}

/// Why receipts show nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptsError {
    /// The first entry was written by a newer version, so that no key is known.
    #[error("{reason}")]
    NotUnderstood {
        /// What is not known, in words.
        reason: String,
        /// The archive's fingerprint.
        archive: Fingerprint,
    },
    /// Something does not hold.
    #[error("{0}")]
    Wrong(String),
}

impl From<String> for ReceiptsError {
    fn from(reason: String) -> Self {
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
        return Err("there is no receipt".to_owned().into());
    };
    if first.entry.entry.archive.origin().is_none() {
        return Err("it does not begin with the first entry of an archive".to_owned().into());
    }
    let fingerprint = Fingerprint(first.entry.leaf());
    for receipt in receipts {
        let entry = &receipt.entry.entry;
        let of = |reason: &str| format!("entry {}: {reason}", entry.index);
        // Other signature lines than the log's are others' matter.
        if receipt.checkpoint.checkpoint != first.checkpoint.checkpoint {
            return Err(of("its receipt leads to another checkpoint than the first one").into());
        }
        receipt.check_path().map_err(|error| of(&error.to_string()))?;
        if (entry.index.0 == 0) != entry.archive.origin().is_some() {
            return Err(of(&format!("{} has no place here", entry.event.name())).into());
        }
        if entry.archive.fingerprint().is_some_and(|archive| archive != fingerprint) {
            return Err(of("it belongs to another archive").into());
        }
    }
    check_order(others, last)?;
    let mut not_understood = Vec::new();
    for signed in receipts.iter().map(|receipt| &receipt.entry) {
        // What is said of a checkpoint reaches itself, and is not understood where it is what is proved.
        let is_beside = signed.entry.reach() == Some(Reach::Itself) && signed.entry.index != last.entry.entry.index;
        if let Some(event) = signed.entry.event.not_understood().filter(|_| !is_beside) {
            not_understood.push(format!("entry {}: {}", signed.entry.index, event.unknown()));
        }
        if signed.entry.attached.sealed.is_some() && !is_beside {
            not_understood.push(format!("entry {}: {NOT_OPENED}", signed.entry.index));
        }
    }
    let Event::ArchiveCreated(created) = &first.entry.entry.event else {
        // Without it, no key is known.
        return Err(ReceiptsError::NotUnderstood { reason: not_understood.join("; "), archive: fingerprint });
    };
    let signers = check_signers(receipts, &mut not_understood)?;
    // Which log key is in force behind a change of it that is not understood, that alone says.
    let is_log_key_unclear = receipts.iter().any(|receipt| changes_log_key_unclearly(&receipt.entry.entry.event));
    if !is_log_key_unclear {
        if let Some(receipt) = receipts.iter().find(|receipt| !signers.have_signed_text(&receipt.checkpoint)) {
            return Err(format!("entry {}: {}", receipt.entry.entry.index, ReceiptError::Checkpoint).into());
        }
        // All have one text: the line of the second key need not be in each.
        if !receipts.iter().any(|receipt| signers.have_second_line(&receipt.checkpoint)) {
            return Err("no checkpoint in it has a line of the log's second key".to_owned().into());
        }
    }
    let log_key = signers.log_key_at(last.checkpoint.checkpoint.size).cloned();
    let log_key = log_key.ok_or_else(|| "its first entry names no log key".to_owned())?;
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
fn check_order(others: &[Receipt], last: &Receipt) -> Result<(), String> {
    let mut before = None;
    for entry in others.iter().map(|receipt| &receipt.entry.entry) {
        let is_about_agents = match entry.event {
            // It may be about agents; and what is said of checkpoints may go along.
            Event::NotUnderstood(_) => entry.reach() != Some(Reach::Subject),
            _ => entry.event.kind().is_some_and(EventKind::changes_who_may_sign),
        };
        if !is_about_agents {
            return Err(format!("entry {}: {} has no place here", entry.index, entry.event.name()));
        }
        if before.is_some_and(|before| before >= entry.index) || entry.index == last.entry.entry.index {
            return Err(format!("entry {}: it is not behind the one in front of it", entry.index));
        }
        before = Some(entry.index);
    }
    Ok(())
}

/// Every key is introduced before it signs. Signatures are judged when all revocations are known.
fn check_signers(receipts: &[Receipt], not_understood: &mut Vec<String>) -> Result<Agents, String> {
    let mut signers = Agents::of_some_entries();
    let mut in_order: Vec<_> = receipts.iter().map(|receipt| &receipt.entry).collect();
    in_order.sort_by_key(|signed| signed.entry.index);
    for signed in &in_order {
        let entry = &signed.entry;
        let of = |reason: String| format!("entry {}: {reason}", entry.index);
        let is_first = entry.index.0 == 0;
        match (&entry.event, entry.reach().filter(|_| !is_first)) {
            (_, Some(Reach::Archive)) => signers.take_not_understood(entry.index),
            (_, Some(Reach::Itself)) => {}
            (event, _) if matches!(event, Event::ArchiveCreated(_)) != is_first => {
                return Err(of(format!("{} has no place here", event.name())));
            }
            (Event::ArchiveCreated(_) | Event::AgentRevoked(_), _) => {}
            // A key that nobody vouches for introduces nobody.
            (event, _) if event.kind().is_some_and(EventKind::changes_who_may_sign) => {
                check_signatures(signed, &signers, &mut Vec::new()).map_err(&of)?;
            }
            _ => {}
        }
        let taken = signers.take(&entry.event, entry.index);
        taken.map_err(|error| of(format!("{} has no place here: {error}", entry.event.name())))?;
    }
    let mut nonces = Nonces::default();
    for signed in in_order {
        let of = |reason: String| format!("entry {}: {reason}", signed.entry.index);
        check_signatures(signed, &signers, not_understood).map_err(of)?;
        check_approvals(signed, &signers, not_understood).map_err(of)?;
        nonces.take(signed.entry.index, approvals::nonces_of(&signed.entry)).map_or(Ok(()), |again| Err(of(again)))?;
    }
    Ok(signers)
}

fn check_signatures(signed: &SignedEntry, signers: &Agents, not_understood: &mut Vec<String>) -> Result<(), String> {
    let entry = &signed.entry;
    let (judged, shortfall) = signers.judge(signed);
    if let Some(shortfall) = shortfall {
        return Err(shortfall.to_owned());
    }
    for (number, (signature, judged)) in signed.signatures.iter().zip(judged).enumerate() {
        if number == 0 && signature.key != entry.actor {
            return Err("its first signature is not by its actor".to_owned());
        }
        let permitted = match judged {
            Ok(permitted) => permitted,
            Err(Refused::Wrong(reason)) => return Err(reason),
            Err(Refused::NotUnderstood(reason)) => {
                not_understood.push(format!("entry {}: {reason}", entry.index));
                continue;
            }
        };
        if permitted.is_in_question {
            return Err(format!("{} is no longer trusted there", signature.key));
        }
        if let Some(expired) = permitted.expired {
            return Err(format!("{} had expired at {expired}", signature.key));
        }
        if !signed.verifies(number, permitted.key) {
            return Err(format!("the signature does not hold for {}", signature.key));
        }
    }
    Ok(())
}

fn check_approvals(signed: &SignedEntry, signers: &Agents, not_understood: &mut Vec<String>) -> Result<(), String> {
    let entry = &signed.entry;
    for approval in &entry.attached.approvals {
        approvals::flaw(entry, approval).map_or(Ok(()), Err)?;
        match signers.approver(approval.key, entry) {
            Ok((_, true)) => return Err(format!("of an approval, {} is no longer trusted there", approval.key)),
            Ok((permitted, false)) => approvals::wrong_signature(entry, approval, permitted).map_or(Ok(()), Err)?,
            Err(Refused::Wrong(reason)) => return Err(format!("of an approval, {reason}")),
            Err(Refused::NotUnderstood(reason)) => {
                not_understood.push(format!("entry {}: of an approval, {reason}", entry.index));
            }
        }
    }
    Ok(())
}
