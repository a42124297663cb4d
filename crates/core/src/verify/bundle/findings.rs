//! The findings about a bundle as they come, and the worst of them.

use std::collections::HashMap;

use crate::format::bundle::BundlePath;
use crate::model::ExhibitId;
use crate::verify::{Code, Finding, LimitedFindings, Severity};

/// Findings as they come, each kind up to its limit.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: LimitedFindings,
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
        self.list.into_list()
    }

    /// All of them, without what they weigh against which exhibit.
    pub fn into_limited(self) -> LimitedFindings {
        self.list
    }

    /// The worst that is wrong with an exhibit, or with the bundle as a whole.
    pub fn worst_of(&self, exhibit: ExhibitId) -> Option<Severity> {
        self.of_the_whole.max(self.of_exhibits.get(&exhibit).copied())
    }

    /// The worst of all.
    pub fn worst(&self) -> Option<Severity> {
        self.of_exhibits.values().copied().max().max(self.of_the_whole).max(self.beside)
    }

    pub fn add(&mut self, finding: Finding) {
        self.weigh(finding.code, finding.exhibit);
        self.list.add(finding);
    }

    /// Adds a finding in a file of the bundle, which is shared by exhibits, to one of them. It is copied only where it is
    /// spelled out.
    pub fn add_within(&mut self, file: &BundlePath, exhibit: ExhibitId, finding: &Finding) {
        self.weigh(finding.code, Some(exhibit));
        let of_it =
            || Finding { place: finding.place.within(file.as_str()), exhibit: Some(exhibit), ..finding.clone() };
        self.list.add_with(finding.code, of_it);
    }

    /// Remembers how much it weighs, and against what.
    fn weigh(&mut self, code: Code, exhibit: Option<ExhibitId>) {
        let severity = code.severity();
        match exhibit {
            None if !code.reaches_exhibits() => self.beside = self.beside.max(Some(severity)),
            None => self.of_the_whole = self.of_the_whole.max(Some(severity)),
            Some(exhibit) => {
                let worst = self.of_exhibits.entry(exhibit).or_insert(severity);
                *worst = severity.max(*worst);
            }
        }
    }
}
