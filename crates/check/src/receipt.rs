//! `vouchsafe check` of a receipt, a head or a letter: what the archive's fingerprint alone shows of it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;
use vouchsafe_core::format::receipt::MAX_RECEIPTS_BYTES;
use vouchsafe_core::format::{FormatError, Letter, Receipt, Receipts, carried, version};
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{EntryIndex, ExhibitId, Fingerprint, Timestamp, count, number};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::text;
use vouchsafe_core::verify::bundle::BundleVerdict;
use vouchsafe_core::verify::letter::LetterError;
use vouchsafe_core::verify::receipts::{self, ReceiptsError, Shown};
use vouchsafe_core::verify::{GivenKey, Judged, KeyOwner, Trust, as_of, letter};

use super::check_error::{CheckError, no_trust};
use super::findings::write_not_checked;
use super::page::Page;
use super::paint::{Tone, verdict};
use super::text::{ASK_FOR_THE_FILE, NEWER, note_undone, printable};

/// What a letter begins with.
const LETTER_BEGINNING: &[u8] = b"{\"archive\":\"";
/// The name of its format, without the number.
const LETTER: &str = "vouchsafe-letter";

vouchsafe_core::described! {
    /// What a receipt, a head or a letter shows.
    #[derive(Debug, Serialize)]
    pub struct ReceiptReport {
        /// Sound, unverifiable, not understood or failed.
        pub verdict: BundleVerdict,
        /// The archive's fingerprint.
        pub fingerprint: Option<Fingerprint>,
        /// What the archive calls itself.
        pub origin: Option<String>,
        /// The entry that is proved.
        pub index: Option<EntryIndex>,
        /// What it records.
        pub event: Option<String>,
        /// The exhibit that it is about.
        pub exhibit: Option<ExhibitId>,
        /// Who acted.
        pub actor: Option<KeyId>,
        /// When it was recorded, by the archive's clock.
        pub recorded_at: Option<Timestamp>,
        /// Number of entries of the log at the checkpoint.
        pub size: Option<u64>,
        /// Root of the log at the checkpoint.
        pub root: Option<String>,
        /// What does not hold, or is not understood.
        pub finding: Option<Text>,
        /// What was not checked.
        pub not_checked: Vec<Text>,
    }
}

/// What is read, by how it begins.
enum Given {
    Receipts(Receipts),
    Letter,
}

impl Given {
    fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        match bytes.starts_with(b"{") {
            true => Letter::parse(bytes).map(|_| Self::Letter),
            false => Receipts::parse(bytes).map(Self::Receipts),
        }
    }
}

/// The bytes of a receipt or a letter, if the path is of one.
///
/// # Errors
/// It is a file and cannot be read.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if !path.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(carried::limit_bytes(MAX_RECEIPTS_BYTES)).read_to_end(&mut bytes)?;
    let is_begun = |bytes: &[u8]| {
        Receipt::is_begun_by(bytes)
            || bytes.starts_with(LETTER_BEGINNING)
            || Receipt::newer(bytes).is_some()
            || version::newer(bytes, LETTER).is_some()
    };
    let is_one = is_begun(&bytes) || carried::undone(&bytes).iter().any(|text| is_begun(text));
    let size_bytes = path.metadata()?.len();
    if is_one && size_bytes > carried::limit_bytes(MAX_RECEIPTS_BYTES) {
        let most = number(MAX_RECEIPTS_BYTES as u64);
        let size = count(size_bytes, "byte");
        return Err(io::Error::other(format!(
            "it begins like a receipt or a letter, but has {size}; these have at most {most}"
        )));
    }
    Ok(is_one.then_some(bytes))
}

/// Checks it.
///
/// # Errors
/// It is no receipt and no letter, or stands alone; or the fingerprint that was given was mistyped.
pub fn check(path: &Path, bytes: &[u8], trust: &Trust) -> Result<ReceiptReport, CheckError> {
    let unread = |message: String| CheckError::Incomplete {
        message: format!("{}: {message}", path.display()),
        hint: Some(ASK_FOR_THE_FILE),
    };
    let read = match carried::read(bytes, Given::parse) {
        Ok(read) => read,
        Err(error @ FormatError::NotUnderstood { .. }) => {
            let finding = text!("{error}", "이 프로그램이 모르는 형식입니다: “{error}”");
            return Ok(ReceiptReport::not_understood(finding));
        }
        Err(error) => return Err(unread(error.to_string())),
    };
    if read.was_changed {
        note_undone(path);
    }
    let shown = if let Given::Receipts(Receipts(read)) = read.value {
        if read.first().is_some_and(|first| first.entry.entry.index.0 > 0) {
            return Err(CheckError::Incomplete {
                message: format!("{}: this receipt comes alone, without the archive's first entry", path.display()),
                hint: Some(
                    "check a receipt from a bundle together with the bundle; `vouchsafe prove` writes one that can be \
                     checked alone",
                ),
            });
        }
        receipts::check(&read)
    } else {
        letter::check(&read.bytes).map(|told| told.shown).map_err(|error| match error {
            LetterError::NotUnderstood { reason, archive: Some(archive), .. } => {
                ReceiptsError::NotUnderstood { reason, archive: archive.fingerprint() }
            }
            error => ReceiptsError::Wrong(error.text()),
        })
    };
    match shown {
        Ok(shown) => judge(&shown, trust),
        Err(ReceiptsError::NotUnderstood { reason, archive }) => {
            let mut report = ReceiptReport::not_understood(reason);
            report.fingerprint = Some(archive);
            match trust.judge(Some(archive)) {
                Judged::Slip(slip) => return Err(no_trust(slip.to_string())),
                Judged::Differs => report.is_of_another(),
                Judged::Fits | Judged::NotGiven => {}
            }
            Ok(report)
        }
        Err(error) => Ok(ReceiptReport { finding: Some(error.text().clone()), ..ReceiptReport::nothing() }),
    }
}

fn judge(shown: &Shown, trust: &Trust) -> Result<ReceiptReport, CheckError> {
    let entry = &shown.entry.entry;
    let mut report = ReceiptReport {
        fingerprint: Some(shown.fingerprint),
        origin: Some(shown.log_key.name().to_string()),
        index: Some(entry.index),
        event: Some(entry.event.name().to_owned()),
        exhibit: entry.exhibit,
        actor: Some(entry.actor),
        recorded_at: Some(entry.recorded_at),
        size: Some(shown.checkpoint.size),
        root: Some(shown.checkpoint.root.to_string()),
        ..ReceiptReport::nothing()
    };
    match trust.judge(Some(shown.fingerprint)) {
        Judged::Fits => report.verdict = BundleVerdict::Sound,
        Judged::Slip(slip) => return Err(no_trust(slip.to_string())),
        Judged::Differs => report.is_of_another(),
        Judged::NotGiven => {
            report.verdict = BundleVerdict::Unverifiable;
            report.not_checked.push(text!(
                "whose archive this is: no fingerprint from outside was given",
                "누구의 보존소인지: 외부에서 받은 지문이 주어지지 않았습니다."
            ));
        }
    }
    if !shown.not_understood.is_empty() && report.verdict != BundleVerdict::Failed {
        report.verdict = BundleVerdict::NotUnderstood;
        report.finding = Some(Text::joined(&shown.not_understood, "; "));
    }
    report.not_checked.extend(shown.not_checked.iter().cloned());
    report.not_checked.extend(trust.told_of_keys(("receipt", "수록 증명서"), |key| match key {
        GivenKey::Agent(key) if shown.administrator.id() == *key => KeyOwner::Administrator,
        GivenKey::Agent(key) if entry.actor == *key => KeyOwner::Agent,
        GivenKey::Log(key) if **key == shown.log_key => KeyOwner::Log,
        GivenKey::Agent(_) | GivenKey::Log(_) => KeyOwner::Nobody,
    }));
    Ok(report)
}

impl ReceiptReport {
    fn nothing() -> Self {
        Self {
            verdict: BundleVerdict::Failed,
            fingerprint: None,
            origin: None,
            index: None,
            event: None,
            exhibit: None,
            actor: None,
            recorded_at: None,
            size: None,
            root: None,
            finding: None,
            not_checked: Vec::new(),
        }
    }

    /// Notes that it is of another archive than those that were given.
    fn is_of_another(&mut self) {
        self.verdict = BundleVerdict::Failed;
        self.finding = Some(text!(
            "its fingerprint does not match the one given from outside: it belongs to another archive",
            "지문이 외부에서 받은 것이 아닙니다. 다른 보존소의 것입니다"
        ));
    }

    fn not_understood(finding: Text) -> Self {
        Self { verdict: BundleVerdict::NotUnderstood, finding: Some(finding), ..Self::nothing() }
    }

    /// The exit status that it leads to.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self.verdict {
            BundleVerdict::Sound => 0,
            BundleVerdict::Unverifiable | BundleVerdict::NotUnderstood => 3,
            BundleVerdict::Degraded | BundleVerdict::Failed => 1,
        }
    }

    /// Prints it.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn render(&self, page: &mut Page<'_>) -> io::Result<()> {
        let found = |other| page.printable(self.finding.as_ref().unwrap_or(&Text::from(other)));
        let (tone, word, meaning) = match self.verdict {
            BundleVerdict::Sound => (
                Tone::Good,
                ("SOUND", "이상 없음 (SOUND)"),
                page.printable(&text!(
                    "the entry is in the log of the archive whose fingerprint was given",
                    "기록 항목이 주어진 지문의 보존소의 기록부에 들어 있습니다"
                )),
            ),
            BundleVerdict::Unverifiable => (
                Tone::Doubtful,
                ("UNVERIFIABLE", "확인 불가 (UNVERIFIABLE)"),
                page.printable(&text!(
                    "it is consistent, but no fingerprint from outside was given to check it against",
                    "스스로와는 일치하지만, 대조할 외부의 지문이 주어지지 않았습니다"
                )),
            ),
            BundleVerdict::NotUnderstood => (
                Tone::Doubtful,
                ("NOT UNDERSTOOD", "이해할 수 없음 (NOT UNDERSTOOD)"),
                found(("a newer version wrote it", "더 새로운 버전의 것입니다")),
            ),
            BundleVerdict::Degraded | BundleVerdict::Failed => {
                (Tone::Bad, ("FAILED", "불합격 (FAILED)"), found(("it is not valid", "유효하지 않습니다")))
            }
        };
        let word = page.language.of(word);
        page.line(Text::same(verdict(tone, &format!("{word}: {meaning}"))))?;
        if self.verdict == BundleVerdict::NotUnderstood {
            page.line(NEWER)?;
        }
        let Some((size, index)) = self.size.zip(self.index) else { return Ok(()) };
        if let Some(as_of) = as_of(size, None) {
            page.line(as_of)?;
            page.blank()?;
        }
        let head = |root| page.printable(&text!("{size} entries, root {root}", "기록 항목 {size}건, 루트 {root}"));
        let rows = [
            (("archive", "보존소"), self.origin.clone()),
            (("fingerprint", "지문"), self.fingerprint.map(|fingerprint| fingerprint.paper())),
            (("entry", "기록 항목"), Some(format!("{index}, {}", self.event.as_deref().unwrap_or_default()))),
            (("exhibit", "증거물"), self.exhibit.map(|exhibit| exhibit.to_string())),
            (("by", "담당자"), self.actor.map(|actor| actor.to_string())),
            (("recorded at", "기록 시각"), self.recorded_at.map(|at| at.to_string())),
            (("head", "기준점"), self.root.as_ref().map(head)),
        ];
        for (label, text) in rows {
            if let Some(text) = text {
                page.labelled(label, (12, 9), &printable(&text))?;
            }
        }
        write_not_checked(page, &self.not_checked)
    }
}
