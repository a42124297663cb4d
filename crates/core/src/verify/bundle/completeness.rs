//! The statement of completeness: whether it fits its own bundle, and whether a later bundle contradicts it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::collection::{Said, name_digest};
use super::exhibit_report::ExhibitReport;
use super::findings::Findings;
use crate::digest::Digest;
use crate::format::bundle::{COMPLETENESS, Completeness};
use crate::language::{Text, text};
use crate::model::{EntryIndex, ExhibitId, Salt, WithholdingReason};
use crate::verify::{Code, Finding};

crate::shape::described! {
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

/// Which collection an exhibit belonged to when the log had some size, as far as a bundle shows.
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
    let mut object = |message: Text| findings.add(Finding::new(Code::BundleCompleteness, COMPLETENESS, message));
    let is_there = |name: &ExhibitId| exhibits.binary_search_by_key(name, |exhibit| exhibit.exhibit).is_ok();
    if let Some(stranger) = statement.included().iter().find(|name| !is_there(name)) {
        object(text!(
            "it lists {stranger}, which is not in the bundle",
            "{stranger}: 진술에는 있으나 제출 묶음에 없습니다"
        ));
    }
    if let Some(missing) = exhibits.iter().find(|exhibit| !statement.includes(exhibit.exhibit)) {
        object(text!(
            "it does not list {exhibit}, which is in the bundle", "{exhibit}: 제출 묶음에는 있으나 진술에 없습니다";
            exhibit = missing.exhibit
        ));
    }
    let is_withheld =
        |said: &Said| said.collection.is_some_and(|(salt, _)| statement.withholds(said.leaf, &salt).is_some());
    if let Some(twice) = exhibits.iter().find(|exhibit| exhibit.said.iter().any(is_withheld)) {
        object(text!(
            "it counts {exhibit} as withheld, which is in the bundle",
            "{exhibit}: 제출 묶음에 있는데 진술은 비공개로 셉니다";
            exhibit = twice.exhibit
        ));
    }
    let stated = statement.collection().map(name_digest);
    for exhibit in exhibits {
        let contradiction = match (Standing::of(exhibit, u64::MAX), stated) {
            (Standing::Disclosed { name, .. }, Some(_)) if name == stated => continue,
            (Standing::NotUnderstood, _) | (Standing::InNone | Standing::Withheld, None) => continue,
            (Standing::Disclosed { .. }, Some(_)) => {
                ("discloses another collection than it names", "진술이 가리키는 것과 다른 모음을 공개합니다")
            }
            (Standing::Disclosed { .. }, None) => {
                ("discloses its collection, and it names none", "모음을 공개하는데 진술은 모음을 밝히지 않습니다")
            }
            (Standing::InNone | Standing::Withheld, Some(_)) => {
                ("does not disclose the collection that it names", "진술이 밝힌 모음을 공개하지 않습니다")
            }
        };
        return object(text!(
            [contradiction = Text::from(contradiction)] "{exhibit} {contradiction}", "{exhibit}: {contradiction}";
            exhibit = exhibit.exhibit
        ));
    }
}

crate::shape::described! {
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

/// Compares exhibits with a statement of completeness that the same archive made, which is called `named`.
pub(super) fn compare(
    exhibits: &[ExhibitReport],
    stated: &CompletenessReport,
    named: &Text,
    findings: &mut Findings,
) -> Compared {
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
        let mut object = |code: Code, message: Text| {
            let mut finding = Finding::new(code, format!("exhibits/{exhibit}"), message);
            finding.exhibit = Some(*exhibit);
            findings.add(finding);
        };
        match (belonged, counted) {
            (Some(true), Counted::Not) => {
                compared.left_out += 1;
                let message = text!(
                    [named] "this exhibit belonged to the collection then, and {named} does not count it",
                    "그때 모음에 속하던 증거물인데 다음 진술이 세지 않습니다: {named}"
                );
                object(Code::BundleLeftOut, message);
            }
            (Some(false), Counted::Included | Counted::Withheld(_)) => {
                compared.miscounted += 1;
                let message = text!(
                    [named] "this exhibit did not belong to the collection then, and {named} counts it",
                    "그때 모음에 속하지 않던 증거물인데 다음 진술이 셉니다: {named}"
                );
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
