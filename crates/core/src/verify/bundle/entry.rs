//! One entry of a bundle: its files, its receipt, its signatures and its disclosed fields.

use std::collections::BTreeMap;

use super::files::{Content, File, Files, check_listed, finding};
use super::passing::OtherSide;
use crate::digest::Digest;
use crate::format::attached::NOT_OPENED;
use crate::format::bundle::{BundlePath, EntryFile, Manifest, Subject, entry_signature};
use crate::format::entry::{MAX_ENTRY_BYTES, MAX_SIGNATURES};
use crate::format::fields::{self, MAX_FIELDS_BYTES};
use crate::format::receipt::MAX_RECEIPT_BYTES;
use crate::format::{ArchiveRef, LogKey, Receipt, SignedCheckpoint, SignedEntry};
use crate::language::{Text, text};
use crate::merkle;
use crate::model::{Disclosure, Fingerprint, Reach};
use crate::verify::approvals;
use crate::verify::place::LogPlace;
use crate::verify::signers::{Refused, no_longer_trusted, of_approval, wrong_signature};
use crate::verify::{Agents, Code, Finding};

/// The longest armored signature in bytes: those of Ed25519 have about 300, and a later version may write up to 8,192 in base64.
const MAX_SIGNATURE_BYTES: usize = 16_384;

/// What an entry is compared with.
pub(super) struct Context<'a> {
    pub files: &'a Files<'a>,
    pub manifest: &'a Manifest,
    pub checkpoint: &'a SignedCheckpoint,
    /// The log's key, as `bundle.json` names it.
    pub log_key: Option<&'a LogKey>,
    /// The archive's fingerprint, as `bundle.json` names it.
    pub archive: Option<Fingerprint>,
    pub extent: Extent,
}

/// How much of a bundle is to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// What a dossier keeps of it: neither the objects, nor the aids; and from one that was passed on, whole exhibits
    /// and files of fields may have been left out. What is there is what the manifest lists.
    Dossier,
}

/// The files of one entry.
pub(super) type EntryFiles<'a> = BTreeMap<EntryFile, &'a File>;

/// An entry whose receipt holds.
pub(super) struct Proved {
    pub entry: SignedEntry,
    pub disclosed: Vec<Disclosure>,
    signatures: Vec<(BundlePath, Option<Vec<u8>>)>,
    receipt: BundlePath,
    path: Vec<Digest>,
    /// What there is of the other side's word, if it says that custody passed, and that was judged.
    pub other_side: Option<OtherSide>,
}

impl Context<'_> {
    /// Reads a file that must be there, and compares it with the manifest.
    fn read(&self, path: &BundlePath, limit_bytes: usize, add: &mut dyn FnMut(Finding)) -> Option<Content> {
        let content = self.files.read_small(path, limit_bytes, add)?;
        check_listed(self.manifest, path, content.digest, Code::BundleFileChanged, add);
        Some(content)
    }

    /// Checks everything about an entry but who may sign it. `None` if there is no entry that is in the log.
    pub fn prove(
        &self,
        subject: Subject,
        number: u64,
        files: &EntryFiles<'_>,
        add: &mut dyn FnMut(Finding),
    ) -> Option<Proved> {
        let path = |file| BundlePath::entry(subject, number, file);
        let receipt_path = path(EntryFile::Receipt);
        let message = self.read(&path(EntryFile::Message), MAX_ENTRY_BYTES, add);
        let receipt = self.read(&receipt_path, MAX_RECEIPT_BYTES, add);
        let fields_path = path(EntryFile::Fields);
        let may_be_left_out = self.extent == Extent::Dossier && self.files.get(&fields_path).is_none();
        let disclosed = if may_be_left_out { None } else { self.read(&fields_path, MAX_FIELDS_BYTES, add) };
        let receipt = match Receipt::parse(&receipt?.bytes) {
            Ok(receipt) => receipt,
            Err(error) => {
                let message = text!("{error}", "수록 증명서로 읽을 수 없습니다: “{error}”");
                add(finding(Code::BundleReceipt, &receipt_path, message));
                return None;
            }
        };
        let is_proved = self.check_receipt(&receipt, &receipt_path, add);
        let Receipt { entry, path: hashes, .. } = receipt;
        if message.is_some_and(|message| message.bytes != entry.message()) {
            let path = path(EntryFile::Message);
            let message = (
                "it is not the message of the entry in the receipt",
                "수록 증명서에 있는 기록 항목의 서명 대상 문구가 아닙니다",
            );
            add(finding(Code::BundleEntryDiffers, &path, message));
        }
        let disclosed = disclosed.map_or(Vec::new(), |content| check_fields(&entry, &fields_path, &content.bytes, add));
        let signatures = self.read_signatures(&entry, &path, files, add);
        let is_statement = entry.entry.reach() == Some(Reach::Itself);
        // Among the entries about agents, one about something else has no place, whether it is understood or not.
        let has_place = subject != Subject::Agents || entry.entry.exhibit.is_none() && entry.entry.record.is_none();
        if let Some(event) = entry.entry.event.not_understood().filter(|_| has_place) {
            let code = if is_statement { Code::BundleStatementNotRead } else { Code::BundleEntryNotUnderstood };
            add(finding(code, &receipt_path, event.unknown()));
        }
        if entry.entry.attached.sealed.is_some() && !is_statement {
            add(finding(Code::BundleEntrySealed, &receipt_path, NOT_OPENED));
        }
        if let Some(message) = approvals::other_request(&entry.entry, &disclosed) {
            add(finding(Code::BundleApprovalWrong, &receipt_path, message));
        }
        is_proved.then_some(Proved {
            entry,
            disclosed,
            signatures,
            receipt: receipt_path,
            path: hashes,
            other_side: None,
        })
    }

    /// Whether the receipt leads to the bundle's checkpoint. The signature of that one is checked once for all; a note with
    /// the same text may have signature lines of other witnesses, and is judged by that of the log.
    fn check_receipt(&self, receipt: &Receipt, path: &BundlePath, add: &mut dyn FnMut(Finding)) -> bool {
        let (led_to, own) = (&receipt.checkpoint, self.checkpoint);
        let found = led_to.text() == own.text()
            || led_to.checkpoint == own.checkpoint && self.log_key.is_some_and(|key| led_to.is_signed_by(key));
        if !found {
            let message =
                ("it leads to another checkpoint than that of the bundle", "제출 묶음의 것과 다른 기준점에 이릅니다");
            add(finding(Code::BundleReceipt, path, message));
        }
        let Receipt { entry, path: hashes, .. } = receipt;
        let head = &self.checkpoint.checkpoint;
        let strange = match &entry.entry.archive {
            ArchiveRef::First(_) if entry.entry.index.0 > 0 => {
                Some(text!("it is a first entry, and not at index 0", "첫 기록 항목인데 번호가 0이 아닙니다"))
            }
            ArchiveRef::Of(_) if entry.entry.index.0 == 0 => {
                Some(text!("it is no first entry, and at index 0", "첫 기록 항목이 아닌데 번호가 0입니다"))
            }
            ArchiveRef::First(origin) if *origin != head.origin => {
                Some(text!("its entry begins the log {origin}", "기록부 {origin}의 첫 기록 항목입니다"))
            }
            ArchiveRef::Of(archive) if self.archive.is_some_and(|own| own != *archive) => Some(text!(
                "its entry belongs to the archive {archive}", "지문이 다음과 같은 보존소의 기록 항목입니다: {archive}";
                archive = archive.paper()
            )),
            ArchiveRef::First(_) | ArchiveRef::Of(_) => None,
        };
        if let Some(message) = strange {
            add(finding(Code::BundleReceipt, path, message));
            return false;
        }
        let included = merkle::check_inclusion(entry.entry.index.0, head.size, entry.leaf(), head.root, hashes);
        if let Err(error) = &included {
            let message = text!("{error}", "기준점의 루트에 이르지 않습니다: “{error}”");
            add(finding(Code::BundleReceipt, path, message));
        }
        found && included.is_ok()
    }

    /// The signature files: as many as the entry has signatures.
    fn read_signatures(
        &self,
        entry: &SignedEntry,
        path: &dyn Fn(EntryFile) -> BundlePath,
        files: &EntryFiles<'_>,
        add: &mut dyn FnMut(Finding),
    ) -> Vec<(BundlePath, Option<Vec<u8>>)> {
        debug_assert!(entry.signatures.len() <= MAX_SIGNATURES);
        for kind in files.keys() {
            if matches!(kind, EntryFile::Signature(number) if *number >= entry.signatures.len()) {
                let message = (
                    "it is the file of a signature that the entry does not have",
                    "기록 항목에 없는 서명의 파일입니다",
                );
                add(finding(Code::BundleEntryDiffers, &path(*kind), message));
            }
        }
        let paths = (0..entry.signatures.len()).map(|number| path(EntryFile::Signature(number)));
        paths
            .map(|path| {
                let content = self.read(&path, MAX_SIGNATURE_BYTES, add);
                (path, content.map(|content| content.bytes))
            })
            .collect()
    }
}

impl Proved {
    /// Where it stands.
    pub fn place(&self) -> LogPlace {
        LogPlace::new(&self.entry, self.path.clone())
    }

    /// How many fields are disclosed, and how many are not.
    pub fn fields(&self) -> (u64, u64) {
        let disclosed = self.disclosed.len();
        (disclosed as u64, self.entry.entry.event.fields().len().saturating_sub(disclosed) as u64)
    }

    /// Checks who signed the entry, and that the signatures hold. Returns how many were checked.
    pub fn check_signatures(&self, signers: &Agents, add: &mut dyn FnMut(Finding)) -> u64 {
        let entry = &self.entry.entry;
        let (judged, shortfall) = signers.judge(&self.entry);
        let mut checked = 0;
        for (number, ((path, armored), judged)) in self.signatures.iter().zip(judged).enumerate() {
            let signature = &self.entry.signatures[number];
            if number == 0 && signature.key != entry.actor {
                let message = (
                    "the first signature is not by the entry's actor",
                    "첫 번째 서명이 처리한 담당자의 서명이 아닙니다",
                );
                add(finding(Code::BundleEntrySigner, path, message));
            }
            let permitted = match judged {
                Ok(permitted) => permitted,
                Err(refused) => {
                    let code = match refused {
                        Refused::NotUnderstood(_) => Code::BundleSignerNotUnderstood,
                        Refused::Wrong(_) => Code::BundleEntrySigner,
                    };
                    add(finding(code, path, refused.reason()));
                    continue;
                }
            };
            if permitted.is_in_question {
                let message = text!(
                    "{key} is no longer trusted at entry {index}",
                    "키 {key}: 기록 항목 {index}에서는 더 이상 신뢰되지 않습니다";
                    key = signature.key, index = entry.index
                );
                add(finding(Code::BundleSignerInQuestion, path, message));
            }
            if let Some(expired) = permitted.expired {
                let message = text!(
                    "{key} expired at {expired}, before {at}",
                    "키 {key}: 유효 기간이 {expired}에 끝났고, 기록 시각 {at}보다 먼저입니다";
                    key = signature.key, at = entry.recorded_at
                );
                add(finding(Code::BundleSignerExpired, path, message));
            }
            if !self.entry.verifies(number, permitted.key) {
                add(finding(Code::BundleEntrySignature, path, wrong_signature(signature.key)));
            }
            let expected = entry_signature(&signature.signature, permitted.key).unwrap_or_default();
            if armored.as_ref().is_some_and(|armored| armored != expected.as_bytes()) {
                let message = ("it is not the signature that is in the receipt", "수록 증명서에 있는 서명이 아닙니다");
                add(finding(Code::BundleEntrySignature, path, message));
            }
            checked += 1;
        }
        if let (Some(shortfall), Some((path, _))) = (shortfall, self.signatures.first()) {
            add(finding(Code::BundleEntrySigner, path, shortfall));
        }
        checked
    }
}

impl Proved {
    /// Checks who approved the entry, and that these signatures hold.
    pub fn check_approvals(&self, signers: &Agents, add: &mut dyn FnMut(Finding)) {
        let entry = &self.entry.entry;
        let mut add = |code, message: Text| add(finding(code, &self.receipt, message));
        for approval in &entry.attached.approvals {
            if let Some(flaw) = approvals::flaw(entry, approval) {
                add(Code::BundleApprovalWrong, flaw);
            }
            match signers.approver(approval.key, entry) {
                Ok((permitted, is_in_question)) => {
                    if is_in_question {
                        add(Code::BundleSignerInQuestion, of_approval(&no_longer_trusted(approval.key)));
                    }
                    let wrong = approvals::wrong_signature(entry, approval, permitted);
                    wrong.into_iter().for_each(|message| add(Code::BundleApprovalWrong, message));
                }
                Err(Refused::NotUnderstood(reason)) => {
                    add(Code::BundleSignerNotUnderstood, of_approval(&reason));
                }
                Err(Refused::Wrong(reason)) => add(Code::BundleApprovalWrong, of_approval(&reason)),
            }
        }
    }
}

/// The disclosed fields; none, if they are not what the entry commits to.
fn check_fields(entry: &SignedEntry, path: &BundlePath, line: &[u8], add: &mut dyn FnMut(Finding)) -> Vec<Disclosure> {
    // To which fields an entry of a format that is not known commits, is not known either.
    if entry.entry.event.has_newer_format() {
        return Vec::new();
    }
    match fields::parse_line(line) {
        Ok(disclosures) if fields::match_some_commitments(&disclosures, entry.entry.event.fields()) => disclosures,
        Ok(_) => {
            let message = (
                "its fields are not some of those that the entry commits to, in the same order",
                "공개된 항목이 기록 항목이 확약한 것의 일부가 아니거나 순서가 다릅니다",
            );
            add(finding(Code::BundleFieldsChanged, path, message));
            Vec::new()
        }
        Err(error) => {
            let message = text!("{error}", "공개된 항목을 읽을 수 없습니다: “{error}”");
            add(finding(Code::BundleFields, path, message));
            Vec::new()
        }
    }
}
