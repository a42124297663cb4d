//! The statement of completeness: whether it fits its own bundle, and whether a later bundle contradicts it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::entry::Proved;
use super::report::{BundleReport, BundleVerdict, ExhibitReport, Findings};
use super::shown::LogView;
use crate::digest::Digest;
use crate::format::bundle::{COMPLETENESS, Completeness};
use crate::model::{EntryIndex, ExhibitId, FieldValue, Salt, WithholdingReason};
use crate::verify::{Code, Finding};

/// The field that says which collection an exhibit belongs to.
const COLLECTION: &str = "collection";

/// What a bundle says of the collection that it is taken from. It is the word of the archive that signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompletenessReport {
    /// The name of the collection, where the bundle discloses it.
    pub collection: Option<String>,
    /// How many exhibits it holds.
    pub held: u64,
    /// How many of them are in the bundle.
    pub included: u64,
    /// The size of the log at which that was so.
    pub size: EntryIndex,
    /// How many are withheld for which reason.
    pub withheld: BTreeMap<WithholdingReason, u64>,
    #[serde(skip)]
    statement: Completeness,
}

impl CompletenessReport {
    /// What the statement says, of a log of this size.
    pub(super) fn new(statement: &Completeness, size: u64) -> Self {
        let mut withheld = BTreeMap::new();
        for one in statement.withheld() {
            *withheld.entry(one.reason).or_default() += 1;
        }
        Self {
            collection: statement.collection().map(ToOwned::to_owned),
            held: statement.held(),
            included: statement.included().len() as u64,
            size: EntryIndex(size),
            withheld,
            statement: statement.clone(),
        }
    }
}

/// What an entry says of the collection that its exhibit belongs to, as far as it is disclosed. The name is kept by its
/// digest: it is only compared, and may be long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    index: EntryIndex,
    leaf: Digest,
    collection: Option<(Salt, Option<Digest>)>,
    withholds: bool,
    is_understood: bool,
}

impl Said {
    /// What this entry says; `None` if it is of a kind that describes no exhibit. One that is not understood may say
    /// anything.
    pub fn of(proved: &Proved) -> Option<Self> {
        let entry = &proved.entry.entry;
        let is_understood = entry.event.not_understood().is_none();
        if is_understood && !entry.event.describes_an_exhibit() {
            return None;
        }
        let field = proved.disclosed.iter().find(|field| field.name().as_str() == COLLECTION);
        let collection = field.map(|field| match field.value() {
            FieldValue::Text(name) => (field.0, Some(name_digest(name))),
            _ => (field.0, None),
        });
        let (_, withheld) = proved.fields();
        Some(Self { index: entry.index, leaf: proved.entry.leaf(), collection, withholds: withheld > 0, is_understood })
    }
}

fn name_digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// Which collection an exhibit belonged to when the log had some size, as far as a bundle tells.
enum Standing {
    /// To the one of this name; where the value is no name, to none.
    Disclosed { leaf: Digest, salt: Salt, name: Option<Digest> },
    /// To none: it was not there yet, or everything that was said of it is disclosed.
    InNone,
    /// That is withheld.
    Withheld,
    /// An entry that is not understood may say it.
    NotUnderstood,
}

impl Standing {
    fn of(exhibit: &ExhibitReport, size: u64) -> Self {
        let mut before = exhibit.said.iter().filter(|said| said.index.0 < size);
        if before.clone().any(|said| !said.is_understood) {
            return Self::NotUnderstood;
        }
        let newest = before.clone().rev().find_map(|said| Some((said.leaf, said.collection?)));
        match newest {
            Some((leaf, (salt, name))) => Self::Disclosed { leaf, salt, name },
            // Of an exhibit without an entry that can be read, nothing is known.
            None if exhibit.said.is_empty() || before.any(|said| said.withholds) => Self::Withheld,
            None => Self::InNone,
        }
    }
}

/// Checks that a statement fits the bundle: it lists the exhibits that are there, counts none of them as withheld too,
/// and names the collection that each discloses to be its own.
pub(super) fn check(statement: &Completeness, exhibits: &[ExhibitReport], findings: &mut Findings) {
    let mut object = |message: String| findings.add(Finding::new(Code::BundleCompleteness, COMPLETENESS, message));
    let is_there = |name: &ExhibitId| exhibits.binary_search_by_key(name, |exhibit| exhibit.exhibit).is_ok();
    if let Some(stranger) = statement.included().iter().find(|name| !is_there(name)) {
        object(format!("it lists {stranger}, which is not in the bundle"));
    }
    if let Some(missing) = exhibits.iter().find(|exhibit| !statement.includes(exhibit.exhibit)) {
        object(format!("it does not list {}, which is in the bundle", missing.exhibit));
    }
    let is_withheld =
        |said: &Said| said.collection.is_some_and(|(salt, _)| statement.withholds(said.leaf, &salt).is_some());
    if let Some(twice) = exhibits.iter().find(|exhibit| exhibit.said.iter().any(is_withheld)) {
        object(format!("it counts {} as withheld, which is in the bundle", twice.exhibit));
    }
    let stated = statement.collection().map(name_digest);
    for exhibit in exhibits {
        let contradiction = match (Standing::of(exhibit, u64::MAX), stated) {
            (Standing::Disclosed { name, .. }, Some(_)) if name == stated => continue,
            (Standing::NotUnderstood, _) | (Standing::InNone | Standing::Withheld, None) => continue,
            (Standing::Disclosed { .. }, Some(_)) => "discloses another collection than it names",
            (Standing::Disclosed { .. }, None) => "discloses its collection, and it names none",
            (Standing::InNone | Standing::Withheld, Some(_)) => "does not disclose the collection that it names",
        };
        return object(format!("{} {contradiction}", exhibit.exhibit));
    }
}

/// Why a bundle cannot be compared with another one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EarlierError {
    /// The other one is from another archive.
    #[error("it is from another archive, or its log has another key")]
    OtherArchive,
    /// The other one was made later.
    #[error("it is not the earlier one: its log has {earlier} entries, that of the bundle {size}")]
    NotEarlier {
        /// The size of its log.
        earlier: EntryIndex,
        /// The size of the log of the bundle that is compared with it.
        size: EntryIndex,
    },
}

/// What an earlier bundle is worth, and what this one shows of its log and of its statement of completeness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlierReport {
    /// SHA-256 of its tag manifest.
    pub bundle: Option<Digest>,
    /// How it stands with it.
    pub verdict: BundleVerdict,
    /// What was found about it.
    pub findings: Vec<Finding>,
    /// How many findings there were beyond those spelled out.
    pub more_findings: u64,
    /// Whether this bundle proves that its log continues the earlier one's: that this had its root. If not, that is
    /// open; none if the logs were not compared.
    pub is_continued: Option<bool>,
    /// What it says of a collection, if it does.
    pub completeness: Option<CompletenessReport>,
    /// What this bundle shows of that; none if there is nothing, or the earlier one does not hold.
    pub compared: Option<Compared>,
    /// How many exhibits the collection held then and holds now; none unless both bundles state that of a collection of
    /// one name.
    pub held: Option<Held>,
}

/// What two statements say of one collection. That the numbers differ accuses nobody: exhibits come in, and may be moved
/// to another collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// How many exhibits it held.
    pub then: u64,
    /// How many it holds now.
    pub now: u64,
    /// How many of those that were counted then are in this bundle.
    pub counted_then_here_now: u64,
}

/// The exhibits of a bundle, compared with the statement of completeness of an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Exhibits that the earlier bundle held as well.
    pub included: u64,
    /// Exhibits that it withheld and that are disclosed now, by the reason that it gave.
    pub disclosed: BTreeMap<WithholdingReason, u64>,
    /// Exhibits that belonged to the collection and that it does not count.
    pub left_out: u64,
    /// Exhibits that it counts and that did not belong to the collection.
    pub miscounted: u64,
    /// Exhibits that did not belong to the collection then, and that it does not count.
    pub others: u64,
    /// Exhibits that could not be compared: which collection they belonged to is not disclosed, or which one the
    /// statement is about is not known.
    pub not_compared: u64,
}

/// How a statement counts an exhibit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    Included,
    Withheld(WithholdingReason),
    Not,
}

impl Counted {
    fn of(exhibit: &ExhibitReport, standing: &Standing, statement: &Completeness) -> Self {
        let reason = match standing {
            Standing::Disclosed { leaf, salt, .. } => statement.withholds(*leaf, salt),
            Standing::InNone | Standing::Withheld | Standing::NotUnderstood => None,
        };
        match reason {
            _ if statement.includes(exhibit.exhibit) => Self::Included,
            Some(reason) => Self::Withheld(reason),
            None => Self::Not,
        }
    }
}

impl BundleReport {
    /// Compares what this bundle shows of the log with what an earlier one from the same archive shows; where it
    /// differs, that is told, and nothing else. Then its exhibits are compared with the statement of completeness of the
    /// earlier one, if that has one, and what contradicts it is taken in. If the earlier one does not hold, nothing is
    /// compared, and the report says so.
    ///
    /// # Errors
    /// The earlier one is from another archive, or is a later one.
    pub fn compare_with_earlier(&mut self, earlier: &Self) -> Result<(), EarlierError> {
        let mut told = EarlierReport {
            bundle: earlier.bundle,
            verdict: earlier.verdict,
            findings: earlier.findings.clone(),
            more_findings: earlier.more_findings,
            is_continued: None,
            completeness: earlier.completeness.clone(),
            compared: None,
            held: None,
        };
        self.complete &= earlier.complete;
        if let (Some(size), Some(of_earlier)) = (self.size, earlier.size) {
            if self.fingerprint.is_none() || self.fingerprint != earlier.fingerprint {
                return Err(EarlierError::OtherArchive);
            }
            if earlier.verdict != BundleVerdict::Failed && self.complete {
                told.is_continued = self.compare_logs(earlier);
                // What one log says of a collection is nothing to the other.
                if told.is_continued.is_some() {
                    if of_earlier > size {
                        return Err(EarlierError::NotEarlier { earlier: of_earlier, size });
                    }
                    self.compare_statements(&mut told);
                }
            }
        }
        self.earlier = Some(told);
        Ok(())
    }

    /// Compares the logs; `None` if they contradict each other, which is then told.
    fn compare_logs(&mut self, earlier: &Self) -> Option<bool> {
        let (shown, of_earlier) = (self.shown_log()?, earlier.shown_log()?);
        if let Some(finding) = shown.against(&LogView { named: "the earlier bundle".to_owned(), ..of_earlier }) {
            self.object(finding);
            return None;
        }
        Some(shown.shown.had_root(of_earlier.size, of_earlier.root))
    }

    fn compare_statements(&mut self, told: &mut EarlierReport) {
        let Some(stated) = &told.completeness else { return };
        let mut findings = Findings::default();
        let compared = compare(&self.exhibits, stated, "the statement of the earlier bundle", &mut findings);
        told.held = self.completeness.as_ref().and_then(|now| held(stated, now, &compared));
        if compared.not_compared > 0 {
            let what = "the statement of completeness of the earlier bundle against exhibits of which it cannot be \
                        told whether it counts them";
            self.not_checked.push(format!("{what} ({})", compared.not_compared));
        }
        told.compared = Some(compared);
        self.add(findings);
    }

    /// What the exhibits of this bundle say against a statement of completeness that the same archive made when its log
    /// had this size, and which is called `named`.
    #[must_use]
    pub fn against(&self, statement: &Completeness, size: u64, named: &str) -> Vec<Finding> {
        let mut findings = Findings::default();
        compare(&self.exhibits, &CompletenessReport::new(statement, size), named, &mut findings);
        findings.into_list()
    }
}

fn held(then: &CompletenessReport, now: &CompletenessReport, compared: &Compared) -> Option<Held> {
    let is_same = then.collection.is_some() && then.collection == now.collection;
    let counted_then_here_now = compared.included + compared.disclosed.values().sum::<u64>();
    is_same.then_some(Held { then: then.held, now: now.held, counted_then_here_now })
}

fn compare(exhibits: &[ExhibitReport], stated: &CompletenessReport, named: &str, findings: &mut Findings) -> Compared {
    let (statement, size) = (&stated.statement, stated.size.0);
    let judged: Vec<_> = exhibits
        .iter()
        .map(|exhibit| {
            let standing = Standing::of(exhibit, size);
            let counted = Counted::of(exhibit, &standing, statement);
            (exhibit.exhibit, standing, counted)
        })
        .collect();
    // A statement that names no collection is about the one that those belonged to which it counts.
    let of_counted = || {
        judged.iter().find_map(|(_, standing, counted)| match standing {
            Standing::Disclosed { name, .. } if *counted != Counted::Not => *name,
            _ => None,
        })
    };
    let collection = statement.collection().map(name_digest).or_else(of_counted);
    let mut compared = Compared::default();
    for (exhibit, standing, counted) in &judged {
        let belonged = match standing {
            Standing::Disclosed { name: Some(name), .. } => collection.map(|collection| collection == *name),
            Standing::Disclosed { name: None, .. } | Standing::InNone => Some(false),
            Standing::Withheld | Standing::NotUnderstood => None,
        };
        let mut object = |code: Code, message: String| {
            let mut finding = Finding::new(code, format!("exhibits/{exhibit}"), message);
            finding.exhibit = Some(*exhibit);
            findings.add(finding);
        };
        match (belonged, counted) {
            (Some(true), Counted::Not) => {
                compared.left_out += 1;
                let message = format!("this exhibit belonged to the collection then, and {named} does not count it");
                object(Code::BundleLeftOut, message);
            }
            (Some(false), Counted::Included | Counted::Withheld(_)) => {
                compared.miscounted += 1;
                let message = format!("this exhibit did not belong to the collection then, and {named} counts it");
                object(Code::BundleMiscounted, message);
            }
            (Some(true) | None, Counted::Included) => compared.included += 1,
            (Some(true) | None, Counted::Withheld(reason)) => *compared.disclosed.entry(*reason).or_default() += 1,
            (Some(false), Counted::Not) => compared.others += 1,
            (None, Counted::Not) => compared.not_compared += 1,
        }
    }
    compared
}
