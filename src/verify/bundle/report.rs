//! The report on a bundle: a verdict for each exhibit, what was checked, and what was not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering::Relaxed;

use serde::Serialize;

use super::completeness::{CompletenessReport, EarlierReport, Said};
use super::entry::Place;
use super::files::Files;
use super::foreign::{Elsewhere, ForeignReport};
use super::frame::{Frame, Trusted};
use super::letters::{OtherSide, Passing};
use super::shown::{LogView, ShownLog};
use crate::digest::Digest;
use crate::format::ArchiveIdentity;
use crate::format::bundle::{BundleDescription, BundlePath, DESCRIPTION};
use crate::model::{EntryIndex, ExhibitId, Fingerprint, MediaType, Origin, Timestamp};
use crate::sign::KeyId;

use crate::verify::{Code, Finding, MAX_FINDINGS_OF_A_KIND, Severity, Slip, as_of};

/// How it stands with an exhibit, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BundleVerdict {
    /// Everything holds, and it is from the archive whose fingerprint was given from outside.
    Sound,
    /// Its object and entries hold, but something beside them does not.
    Degraded,
    /// Nothing failed, but no fingerprint was given from outside: the bundle agrees with itself, which anybody can make.
    Unverifiable,
    /// Nothing failed, but it was written by a newer version, and this program is too old to judge it.
    NotUnderstood,
    /// Its object, an entry, a signature, a receipt or a field is not what was committed to.
    Failed,
}

impl BundleVerdict {
    /// The verdict that the worst of some findings leads to.
    fn of(worst: Option<Severity>, is_trusted: bool) -> Self {
        match (worst, is_trusted) {
            (Some(Severity::Failed), _) => Self::Failed,
            (Some(Severity::NotUnderstood), _) => Self::NotUnderstood,
            (_, false) => Self::Unverifiable,
            (Some(Severity::Degraded), true) => Self::Degraded,
            (Some(Severity::Notice) | None, true) => Self::Sound,
        }
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Degraded => "degraded",
            Self::Unverifiable => "unverifiable",
            Self::NotUnderstood => "not understood",
            Self::Failed => "failed",
        }
    }
}

/// What was found about one exhibit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExhibitReport {
    /// Which one.
    pub exhibit: ExhibitId,
    /// How it stands with it. What is wrong with the bundle as a whole is wrong with each of its exhibits.
    pub verdict: BundleVerdict,
    /// The object that its ingest names.
    pub object: Option<Digest>,
    /// The size that its ingest names.
    pub size_bytes: Option<u64>,
    /// The media type that its ingest names; none where it is sealed.
    pub media_type: Option<MediaType>,
    /// When its ingest was recorded, by the archive's clock.
    pub ingested_at: Option<Timestamp>,
    /// Its entries.
    pub entries: u64,
    /// Signatures of them that were checked.
    pub signatures: u64,
    /// Fields that are disclosed.
    pub disclosed_fields: u64,
    /// Fields that are not.
    pub withheld_fields: u64,
    /// Where its entries stand in the log.
    #[serde(skip)]
    pub(super) places: Vec<Place>,
    /// What its entries say of the collection that it belongs to, oldest first.
    #[serde(skip)]
    pub(super) said: Vec<Said>,
    /// Its histories in other archives, as its entries name them.
    pub foreign: Vec<ForeignReport>,
    /// The entries that say that custody of it passed: what there is of the other side's word.
    #[serde(skip)]
    pub(super) passings: Vec<Passing>,
    /// The letters that these entries name.
    #[serde(skip)]
    pub letters: BTreeSet<Digest>,
    /// Whether one of its entries is not understood.
    #[serde(skip)]
    pub(super) has_not_understood: bool,
    /// Whether one of its entries is of a format that is not known.
    #[serde(skip)]
    pub(super) has_newer: bool,
}

impl ExhibitReport {
    pub(super) const fn new(exhibit: ExhibitId) -> Self {
        Self {
            exhibit,
            verdict: BundleVerdict::Failed,
            object: None,
            size_bytes: None,
            media_type: None,
            ingested_at: None,
            entries: 0,
            signatures: 0,
            disclosed_fields: 0,
            withheld_fields: 0,
            places: Vec::new(),
            said: Vec::new(),
            foreign: Vec::new(),
            passings: Vec::new(),
            letters: BTreeSet::new(),
            has_not_understood: false,
            has_newer: false,
        }
    }
}

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
    places: Vec<Place>,
    /// What its dossiers show of the logs that they are from.
    #[serde(skip)]
    pub foreign_logs: Vec<LogView>,
    /// The exhibits, by name.
    pub exhibits: Vec<ExhibitReport>,
    /// The findings, sorted; of each kind at most [`MAX_FINDINGS_OF_A_KIND`].
    pub findings: Vec<Finding>,
    /// How many findings there were beyond those spelled out.
    pub more_findings: u64,
    /// How many of these weigh more than a notice.
    #[serde(skip)]
    more_weighty: u64,
    /// What was checked.
    pub checked: BundleChecked,
    /// What was not, a sentence each.
    pub not_checked: Vec<String>,
}

impl BundleReport {
    /// The report on a bundle of which not even the frame can be read.
    pub(super) fn without_frame(findings: Findings, reason: String) -> Self {
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
            findings: Vec::new(),
            more_findings: 0,
            more_weighty: 0,
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
            findings: Vec::new(),
            more_findings: 0,
            more_weighty: 0,
            checked,
            not_checked: Vec::new(),
        };
        if !trusted {
            report.not_checked.push(
                "whose archive this is: no fingerprint from outside was given, so the bundle can only be shown to agree \
                 with itself"
                    .to_owned(),
            );
        }
        report.not_checked.extend(trust.told);
        report.not_checked.extend(frame.signers.not_checked());
        if let Some(format) = &frame.newer_format {
            report.not_checked.push(format!(
                "everything but the manifests: bundle.json has the format {format}, which this program does not know"
            ));
        }
        let foreign = || report.exhibits.iter().flat_map(|exhibit| &exhibit.foreign);
        let (there, missing) =
            (foreign().filter(|one| one.entries > 0).count(), foreign().filter(|one| !one.is_there).count());
        if there > 0 {
            report.not_checked.push(
                "whose archives those are from which exhibits came: their entries hold under the keys that stand beside \
                 them, which were compared with nothing from outside"
                    .to_owned(),
            );
        }
        if missing > 0 {
            report
                .not_checked
                .push("histories in other archives that entries name and that are not in the bundle".to_owned());
        }
        report.not_checked.extend(told_of_passings(report.exhibits.iter().flat_map(|exhibit| &exhibit.passings)));
        if report.completeness.is_some() {
            report.not_checked.push(
                "whether the collection holds no more than the statement of completeness counts: that is the archive's \
                 signed word, which a later disclosure can contradict (--earlier); and what was never put into the \
                 collection is not counted"
                    .to_owned(),
            );
        }
        if !complete {
            report.not_checked.push("what had not been read when the check was stopped".to_owned());
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
            named: "this bundle".to_owned(),
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
        let spelled_out = self.findings.iter().filter(|finding| finding.code.severity() > Severity::Notice).count();
        spelled_out as u64 + self.more_weighty
    }

    /// Up to where it shows the log, in a sentence; `None` where it does not say.
    #[must_use]
    pub fn as_of(&self) -> Option<String> {
        as_of(self.size?.0, Some(self.created_at?))
    }

    /// Adds what speaks against the bundle from outside of it: then it fails as a whole.
    pub fn object(&mut self, finding: Finding) {
        self.verdict = BundleVerdict::Failed;
        for exhibit in &mut self.exhibits {
            exhibit.verdict = BundleVerdict::Failed;
        }
        self.findings.push(finding);
    }

    /// Adds what whoever takes the bundle in should know, and what is no fault of it.
    pub fn note(&mut self, finding: Finding) {
        debug_assert_eq!(finding.code.severity(), Severity::Notice);
        self.findings.push(finding);
    }

    /// Adds what was found behind the check of the bundle itself.
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
        self.findings.extend(findings.list);
        self.more_findings += findings.more;
        self.more_weighty += findings.more_weighty;
        self.findings
            .sort_by(|a, b| (a.code, a.exhibit, &a.place, &a.message).cmp(&(b.code, b.exhibit, &b.place, &b.message)));
        // That a file is missing is seen where names are compared, and again where it is needed.
        self.findings.dedup_by(|a, b| (a.code, a.exhibit, &a.place) == (b.code, b.exhibit, &b.place));
    }
}

impl OtherSide {
    /// What is said of it, behind "custody passed, as an entry says"; every reader says it in these words.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Offered => {
                "the letter is here in which the other archive offered it; to whom, and that nobody else accepted it, the \
                 letter does not prove"
            }
            Self::Accepted => "the letter is here in which the other archive accepted it",
            Self::LetterDoesNotHold => "the letter of the other archive, which is here, does not prove it",
            Self::Withheld => "the letter of the other archive, which would prove it, is withheld",
            Self::Missing => "the word of one side; the letter of the other archive, which would prove it, is not here",
        }
    }
}

/// What is said of entries by which custody passed from one archive to another: how far each is more than the word of one
/// side, a sentence for each kind, and for each archive that wrote a letter.
fn told_of_passings<'a>(passings: impl Iterator<Item = &'a Passing>) -> impl Iterator<Item = String> {
    let mut counts: BTreeMap<(OtherSide, Option<String>), u64> = BTreeMap::new();
    for Passing { other_side, by, .. } in passings {
        let by = by.as_ref().map(|by| format!("{} {}", by.origin(), by.fingerprint().paper()));
        *counts.entry((*other_side, by)).or_default() += 1;
    }
    counts.into_iter().map(|((other_side, by), count)| {
        let entries = match count {
            1 => "1 entry says".to_owned(),
            more => format!("{more} entries say"),
        };
        let by = by.map_or_else(String::new, |by| {
            format!("; that archive is {by}, which was compared with nothing from outside")
        });
        format!("that custody passed, as {entries}: {}{by}", other_side.told())
    })
}

/// Findings as they come, each kind up to its limit.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    more: u64,
    /// Those of them that weigh more than a notice.
    more_weighty: u64,
    seen: HashMap<Code, usize>,
    /// The worst of those that are about all exhibits.
    of_the_whole: Option<Severity>,
    /// The worst of those that are about none.
    beside: Option<Severity>,
    /// The worst of those about each exhibit.
    of_exhibits: HashMap<ExhibitId, Severity>,
}

impl Findings {
    /// All that are spelled out.
    pub fn into_list(self) -> Vec<Finding> {
        self.list
    }

    /// The worst that is wrong with an exhibit, or with the bundle as a whole.
    fn worst_of(&self, exhibit: ExhibitId) -> Option<Severity> {
        self.of_the_whole.max(self.of_exhibits.get(&exhibit).copied())
    }

    /// The worst of all.
    fn worst(&self) -> Option<Severity> {
        self.of_exhibits.values().copied().max().max(self.of_the_whole).max(self.beside)
    }

    pub fn add(&mut self, finding: Finding) {
        if self.count(finding.code, finding.exhibit) {
            self.list.push(finding);
        }
    }

    /// Adds a finding in a file of the bundle, which is shared by exhibits, to one of them. It is copied only where it is
    /// spelled out.
    pub fn add_within(&mut self, file: &BundlePath, exhibit: ExhibitId, finding: &Finding) {
        if self.count(finding.code, Some(exhibit)) {
            let place = format!("{file}: {}", finding.place);
            self.list.push(Finding { place, exhibit: Some(exhibit), ..finding.clone() });
        }
    }

    /// Whether it is to be spelled out.
    fn count(&mut self, code: Code, exhibit: Option<ExhibitId>) -> bool {
        let severity = code.severity();
        match exhibit {
            None if !code.reaches_exhibits() => self.beside = self.beside.max(Some(severity)),
            None => self.of_the_whole = self.of_the_whole.max(Some(severity)),
            Some(exhibit) => {
                let worst = self.of_exhibits.entry(exhibit).or_insert(severity);
                *worst = severity.max(*worst);
            }
        }
        let seen = self.seen.entry(code).or_default();
        *seen += 1;
        let is_spelled_out = *seen <= MAX_FINDINGS_OF_A_KIND;
        self.more += u64::from(!is_spelled_out);
        self.more_weighty += u64::from(!is_spelled_out && severity > Severity::Notice);
        is_spelled_out
    }
}
