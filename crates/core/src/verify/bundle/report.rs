//! The report on a bundle: its verdict, what was checked, and what was not.

use std::sync::atomic::Ordering::Relaxed;

use serde::Serialize;

use super::completeness::CompletenessReport;
use super::earlier_report::EarlierReport;
use super::exhibit_report::{BundleVerdict, ExhibitReport};
use super::files::Files;
use super::findings::Findings;
use super::foreign::Elsewhere;
use super::frame::{Frame, THIS_BUNDLE, Trusted};
use super::passing::told_of_passings;
use crate::digest::Digest;
use crate::format::ArchiveIdentity;
use crate::format::bundle::{BundleDescription, DESCRIPTION};
use crate::language::{Text, text};
use crate::model::{EntryIndex, Fingerprint, Origin, Timestamp};
use crate::sign::KeyId;
use crate::verify::place::LogPlace;
use crate::verify::shown::{LogView, ShownLog};
use crate::verify::{Finding, LimitedFindings, Severity, Slip, as_of};

crate::shape::described! {
    /// What was looked at.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
    pub struct BundleChecked {
        /// Files that were read to their end.
        pub files: u64,
        /// Bytes of those files.
        pub bytes: u64,
        /// Entries: form, receipt, signers.
        pub entries: u64,
        /// Signatures of entries about exhibits.
        pub signatures: u64,
        /// Disclosed fields against their commitments.
        pub fields: u64,
        /// Entries in other archives' dossiers, each once.
        pub foreign_entries: u64,
    }
}

crate::shape::described! {
    /// What a check of a bundle found, checked, and left unchecked.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct BundleReport {
        /// The worst of the exhibits' verdicts, and of what is wrong with the bundle as a whole.
        pub verdict: BundleVerdict,
        /// Whether the check came to its end.
        pub complete: bool,
        /// Whether its fingerprint is one that was given from outside.
        pub trusted: bool,
        /// Whether anything was given from outside to check against.
        #[serde(skip)]
        pub was_trust_given: bool,
        /// A fingerprint that was given and mistyped, most probably: then there is no verdict.
        #[serde(skip)]
        pub slip: Option<Slip>,
        /// The archive that it is from, where it proves that.
        #[serde(skip)]
        pub archive: Option<ArchiveIdentity>,
        /// The archive that it says it is from.
        pub origin: Option<Origin>,
        /// When it was made, by the clock of who made it.
        pub created_at: Option<Timestamp>,
        /// The archive's fingerprint, as its first entry shows it.
        pub fingerprint: Option<Fingerprint>,
        /// The first administrator's key.
        pub administrator: Option<KeyId>,
        /// The log's key.
        pub log_key: Option<String>,
        /// The key that signed the bundle.
        pub signer: Option<KeyId>,
        /// SHA-256 of the tag manifest, by which the archive's log names the bundle.
        pub bundle: Option<Digest>,
        /// Size of the log at the checkpoint.
        pub size: Option<EntryIndex>,
        /// Root of the log at the checkpoint.
        pub root: Option<Digest>,
        /// What it says of the collection that it is taken from.
        pub completeness: Option<CompletenessReport>,
        /// What it shows of an earlier bundle, if it was compared with one.
        pub earlier: Option<EarlierReport>,
        /// Where the entries about agents stand in the log.
        #[serde(skip)]
        places: Vec<LogPlace>,
        /// What its dossiers show of the logs that they are from.
        #[serde(skip)]
        pub foreign_logs: Vec<LogView>,
        /// The exhibits, by name.
        pub exhibits: Vec<ExhibitReport>,
        /// The findings, sorted; of each kind only the first.
        #[serde(flatten)]
        pub findings: LimitedFindings,
        /// What was checked.
        pub checked: BundleChecked,
        /// What was not, a sentence each.
        pub not_checked: Vec<Text>,
    }
}

impl BundleReport {
    /// The report on a bundle whose frame cannot be read.
    pub(super) fn without_frame(findings: Findings, reason: Text) -> Self {
        let mut report = Self {
            verdict: BundleVerdict::Failed,
            complete: true,
            trusted: false,
            was_trust_given: false,
            slip: None,
            archive: None,
            origin: None,
            created_at: None,
            fingerprint: None,
            administrator: None,
            log_key: None,
            signer: None,
            bundle: None,
            size: None,
            root: None,
            completeness: None,
            earlier: None,
            places: Vec::new(),
            foreign_logs: Vec::new(),
            exhibits: Vec::new(),
            findings: LimitedFindings::default(),
            checked: BundleChecked::default(),
            not_checked: vec![reason],
        };
        report.take(findings);
        report
    }

    pub(super) fn of(
        frame: &Frame,
        files: &Files<'_>,
        findings: Findings,
        mut exhibits: Vec<ExhibitReport>,
        foreign: Elsewhere,
        trust: Trusted,
        complete: bool,
    ) -> Self {
        let trusted = trust.is_trusted;
        for exhibit in &mut exhibits {
            exhibit.verdict = BundleVerdict::of(findings.worst_of(exhibit.exhibit), trusted);
        }
        let worst = findings.worst();
        let sum = |count: fn(&ExhibitReport) -> u64| exhibits.iter().map(count).sum::<u64>();
        let checked = BundleChecked {
            files: files.read_files.load(Relaxed),
            bytes: files.read_bytes.load(Relaxed),
            entries: sum(|exhibit| exhibit.entries) + frame.agent_entries,
            signatures: sum(|exhibit| exhibit.signatures),
            fields: sum(|exhibit| exhibit.disclosed_fields),
            foreign_entries: foreign.entries,
        };
        let description: Option<&BundleDescription> = frame.description.as_ref();
        let mut report = Self {
            verdict: BundleVerdict::of(worst, trusted),
            complete,
            trusted,
            was_trust_given: trust.was_given,
            slip: trust.slip,
            archive: frame.archive.clone(),
            origin: description.map(|said| said.checkpoint.origin.clone()),
            created_at: description.map(|said| said.created_at),
            fingerprint: frame.archive.as_ref().map(ArchiveIdentity::fingerprint),
            administrator: description.map(|said| said.administrator.id()),
            log_key: description.map(|said| said.log_key.to_string()),
            signer: description.map(|said| said.signer),
            bundle: Some(frame.bundle),
            size: description.map(|said| EntryIndex(said.checkpoint.size)),
            root: description.map(|said| said.checkpoint.root),
            completeness: description
                .zip(frame.completeness.as_ref())
                .map(|(said, statement)| CompletenessReport::new(statement, said.checkpoint.size)),
            earlier: None,
            places: frame.places.clone(),
            foreign_logs: foreign.logs,
            exhibits,
            findings: LimitedFindings::default(),
            checked,
            not_checked: Vec::new(),
        };
        if !trusted {
            report.not_checked.push(text!(
                "whose archive this is: no fingerprint from outside was given, so the bundle can only be shown to agree with \
                 itself",
                "누구의 보존소인지: 외부에서 받은 지문이 주어지지 않아, 제출 묶음이 스스로와 일치한다는 것만 확인할 수 있습니다."
            ));
        }
        report.not_checked.extend(trust.told);
        report.not_checked.extend(frame.signers.not_checked());
        if let Some(format) = &frame.newer_format {
            report.not_checked.push(text!(
                "everything but the manifests: bundle.json has the format {format}, which this program does not know",
                "파일 목록(manifest) 이외의 모든 것: bundle.json의 형식({format})을 이 프로그램이 모릅니다."
            ));
        }
        let foreign = || report.exhibits.iter().flat_map(|exhibit| &exhibit.foreign);
        let (there, missing) =
            (foreign().filter(|one| one.entries > 0).count(), foreign().filter(|one| !one.is_there).count());
        if there > 0 {
            report.not_checked.push(text!(
                "whose archives those are from which exhibits came: their entries hold under the keys that stand beside them, \
                 which were compared with nothing from outside",
                "증거물이 나온 다른 보존소가 누구의 것인지: 그 기록 항목은 함께 있는 키로는 유효하나, 그 키는 외부에서 받은 어떤 것과도 \
                 비교되지 않았습니다."
            ));
        }
        if missing > 0 {
            report.not_checked.push(text!(
                "histories in other archives that entries name and that are not in the bundle",
                "기록 항목이 가리키지만 제출 묶음에 없는, 다른 보존소에서의 이력"
            ));
        }
        report.not_checked.extend(told_of_passings(report.exhibits.iter().flat_map(|exhibit| &exhibit.passings)));
        if report.completeness.is_some() {
            report.not_checked.push(text!(
                "whether the collection holds no more than the statement of completeness counts: that is the archive's signed \
                 word, which a later disclosure can contradict (--earlier); and what was never put into the collection is not \
                 counted",
                "모음에 있는 것이 완전성 진술이 센 것뿐인지: 이는 보존소가 서명한 진술이며, 나중에 공개되는 것이 이 진술과 모순될 수 \
                 있습니다(--earlier). 처음부터 모음에 넣지 않은 것은 세지 않습니다."
            ));
        }
        if !complete {
            report
                .not_checked
                .push(text!("what had not been read when the check was stopped", "검증이 중단될 때까지 읽지 않은 것"));
        }
        report.take(findings);
        report
    }

    /// What it shows of its log; `None` if it does not prove whose log that is.
    #[must_use]
    pub fn shown_log(&self) -> Option<LogView> {
        let places = self.exhibits.iter().flat_map(|exhibit| &exhibit.places).chain(&self.places);
        let (size, root) = (self.size?.0, self.root?);
        Some(LogView {
            place: DESCRIPTION.to_owned(),
            named: THIS_BUNDLE.into(),
            archive: self.archive.clone()?,
            log_key: self.log_key.as_ref()?.parse().ok()?,
            size,
            root,
            shown: ShownLog::of_places(size, root, places),
        })
    }

    /// How many findings weigh more than a notice.
    #[must_use]
    pub fn weighty_findings(&self) -> u64 {
        self.findings.weighty()
    }

    /// Up to where it shows the log, in a sentence; `None` where it does not say.
    #[must_use]
    pub fn as_of(&self) -> Option<Text> {
        as_of(self.size?.0, Some(self.created_at?))
    }

    /// Adds what speaks against the bundle from outside of it: then it fails as a whole.
    pub fn object(&mut self, finding: Finding) {
        self.verdict = BundleVerdict::Failed;
        for exhibit in &mut self.exhibits {
            exhibit.verdict = BundleVerdict::Failed;
        }
        self.findings.add_always(finding);
    }

    /// Adds what the recipient should know and what is no fault of the bundle.
    pub fn note(&mut self, finding: Finding) {
        debug_assert_eq!(finding.code.severity(), Severity::Notice);
        self.findings.add_always(finding);
    }

    /// Adds what was found after the check of the bundle itself.
    pub(super) fn add(&mut self, findings: Findings) {
        for exhibit in &mut self.exhibits {
            exhibit.verdict = exhibit.verdict.max(BundleVerdict::of(findings.worst_of(exhibit.exhibit), self.trusted));
        }
        self.verdict = self.verdict.max(BundleVerdict::of(findings.worst(), self.trusted));
        self.take(findings);
    }

    /// The weight of the worst finding.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.code.severity()).max()
    }

    fn take(&mut self, findings: Findings) {
        self.findings.take(findings.into_limited());
        self.findings
            .sort_by(|a, b| (a.code, a.exhibit, &a.place, &a.message).cmp(&(b.code, b.exhibit, &b.place, &b.message)));
        // That a file is missing is seen where names are compared, and again where it is needed.
        self.findings.dedup_by(|a, b| (a.code, a.exhibit, &a.place) == (b.code, b.exhibit, &b.place));
    }
}
