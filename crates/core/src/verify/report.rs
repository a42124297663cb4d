//! The report: all findings, what was checked, and what was not.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::confidence::Confidence;
use super::finding::{Code, Finding, Place, Severity};
use super::limited::LimitedFindings;
use super::selection::Progress;
use super::trust::Slip;
use crate::digest::Digest;
use crate::language::{Text, text};
use crate::model::{Coverage, Timestamp, Verdict};

/// Up to where a log of this size was seen, and when, in a sentence; none of an empty log. A fingerprint shows how a log
/// begins, and not how it ends.
#[must_use]
pub fn as_of(size: u64, at: Option<Timestamp>) -> Option<Text> {
    let (newest, day) = (size.checked_sub(1)?, at.map(|at| format!(", {}", &at.to_string()[..10])));
    let day = day.unwrap_or_default();
    Some(text!(
        "As of entry {newest} of the log{day}: later entries and revocations are not known here.",
        "기록부의 항목 {newest}{day} 현재입니다. 그 뒤의 기록 항목과 키 폐지는 여기서 알 수 없습니다."
    ))
}

crate::shape::described! {
    /// What was looked at.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
    pub struct Checked {
        /// Volumes that were read from end to end.
        pub volumes: u64,
        /// Entries: form, hash chain, place in the Merkle tree, order of events.
        pub entries: u64,
        /// Signatures of entries.
        pub signatures: u64,
        /// Checkpoints: signature, size, root.
        pub checkpoints: u64,
        /// Fields against their commitments.
        pub fields: u64,
        /// Objects whose bytes were read and hashed.
        pub objects: u64,
        /// Bytes of those objects.
        pub object_bytes: u64,
        /// Records of the index that were compared with the volumes.
        pub index_records: u64,
    }
}

crate::shape::described! {
    /// The outcome of a verification, from the best to the worst.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum ReportVerdict {
        /// Everything that was looked at is as it was committed to.
        Sound,
        /// Nothing is lost or forged, but something is not as it should be.
        Degraded,
        /// Nothing failed, but something was written by a newer version, and this program is too old to judge it.
        NotUnderstood,
        /// Something is missing, changed or not what it claims to be.
        Failed,
    }
}

impl ReportVerdict {
    /// The word for it in the log. What is not understood has none: nothing is written into such a log.
    #[must_use]
    pub const fn recorded(self) -> Option<Verdict> {
        match self {
            Self::Sound => Some(Verdict::Sound),
            Self::Degraded => Some(Verdict::Degraded),
            Self::NotUnderstood => None,
            Self::Failed => Some(Verdict::Failed),
        }
    }
}

impl fmt::Display for ReportVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sound => "sound",
            Self::Degraded => "degraded",
            Self::NotUnderstood => "not understood",
            Self::Failed => "failed",
        })
    }
}

impl From<Severity> for ReportVerdict {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Notice => Self::Sound,
            Severity::Degraded => Self::Degraded,
            Severity::NotUnderstood => Self::NotUnderstood,
            Severity::Failed => Self::Failed,
        }
    }
}

crate::shape::described! {
    /// What a verification found, checked, and left unchecked.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct Report {
        /// The worst of the findings, or sound.
        pub verdict: ReportVerdict,
        /// The worst of the findings other than those about the bytes of objects.
        pub log_verdict: ReportVerdict,
        /// Whether the verification came to its end. A verdict of an incomplete one holds for what was checked.
        pub complete: bool,
        /// The findings, sorted; of each kind only the first.
        #[serde(flatten)]
        pub findings: LimitedFindings,
        /// What was checked.
        pub checked: Checked,
        /// What was not, a sentence each.
        pub not_checked: Vec<Text>,
        /// Against what it was checked whose archive it is, a sentence.
        pub trust: Text,
        /// Whether only keys were given to check it against, which show nothing: then it is not said to be sound.
        pub unverifiable: bool,
        /// A fingerprint that was given and mistyped, most probably: then there is no verdict.
        #[serde(skip)]
        pub slip: Option<Slip>,
        /// Size of the log.
        pub size: u64,
        /// When the newest entry was recorded, by the archive's own clock; `None` of an empty log.
        pub last_recorded: Option<Timestamp>,
        /// Root of the log.
        pub root: Digest,
        /// Number of exhibits in the log.
        pub exhibits: u64,
        /// Number of objects in the volumes.
        pub objects: u64,
        /// Which of them were read: never more than were hashed to their end, or as far as the disk lets them be read.
        /// Where an object is missing or stands twice, nothing is claimed from there on, unless all were read.
        pub coverage: Coverage,
        /// What follows from the sample for what it leaves out; none without a sample, or where nothing follows.
        pub confidence: Option<Confidence>,
        /// How far the round has come with this verification; `None` if it was not a part of one.
        #[serde(skip)]
        pub progress: Option<Progress>,
        /// Whether the round had to begin anew: the volumes do not begin with the objects that it had read.
        #[serde(skip)]
        pub has_begun_anew: bool,
        /// Objects that are missing, changed or unreadable.
        #[serde(skip)]
        pub failed_objects: BTreeSet<Digest>,
    }
}

impl Report {
    /// A report of nothing, to which findings are added.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            verdict: ReportVerdict::Sound,
            log_verdict: ReportVerdict::Sound,
            complete: true,
            findings: LimitedFindings::default(),
            checked: Checked::default(),
            not_checked: Vec::new(),
            trust: Text::same(""),
            unverifiable: false,
            slip: None,
            size: 0,
            last_recorded: None,
            root: Digest::of(b""),
            exhibits: 0,
            objects: 0,
            coverage: Coverage::whole(0),
            confidence: None,
            progress: None,
            has_begun_anew: false,
            failed_objects: BTreeSet::new(),
        }
    }

    /// Up to where the log was seen, in a sentence; `None` of an empty log.
    #[must_use]
    pub fn as_of(&self) -> Option<Text> {
        as_of(self.size, Some(self.last_recorded?))
    }

    /// Adds a finding; the verdict follows.
    pub fn add(&mut self, finding: Finding) {
        let severity = finding.code.severity();
        self.verdict = self.verdict.max(severity.into());
        match finding.object {
            Some(object) if finding.code.is_about_bytes() => {
                self.failed_objects.insert(object);
            }
            _ => self.log_verdict = self.log_verdict.max(severity.into()),
        }
        self.findings.add(finding);
    }

    /// Says of a history that is another one than was seen before, where an entry in it is not as it was signed, that one
    /// damaged byte has this effect, too: nobody is to be accused of more than was found.
    pub fn explain_forks(&mut self) {
        use Code::{EntryMalformed, EntryPrevious, HeadForked, SignatureWrong};
        let is_damage = |finding: &&Finding| matches!(finding.code, EntryMalformed | EntryPrevious | SignatureWrong);
        let damaged = self.findings.iter().filter(is_damage).filter_map(|finding| Some((finding.index?, finding.code)));
        let Some((index, code)) = damaged.min() else { return };
        for finding in self.findings.iter_mut().filter(|finding| finding.code == HeadForked) {
            if matches!(finding.place, Place::Log(size) if index.0 < size) {
                finding.message = text!(
                    [before = finding.message]
                    "{before}; entry {index} is damaged ({code}), and one changed byte is enough for that",
                    "{before}. 기록 항목 {index}의 손상({code}): 바이트 하나만 바뀌어도 이렇게 됩니다";
                    code = code.code()
                );
            }
        }
    }

    /// Puts the findings in order: by kind, then by place in the log.
    pub fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| (a.code, a.index, &a.place, &a.message).cmp(&(b.code, b.index, &b.place, &b.message)));
    }

    /// Whether this verification's round has read every object.
    #[must_use]
    pub fn ends_round(&self) -> bool {
        self.complete && self.progress.as_ref().is_some_and(|progress| progress.read.is_whole())
    }

    /// How many findings weigh more than a notice.
    #[must_use]
    pub fn weighty_findings(&self) -> u64 {
        self.findings.weighty()
    }
}
