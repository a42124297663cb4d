//! The findings about a bundle as they come, and the worst of them.

use std::collections::HashMap;

use crate::format::bundle::BundlePath;
use crate::model::ExhibitId;
use crate::verify::{Code, Finding, MAX_FINDINGS_OF_A_KIND, Severity};

/// Findings as they come, each kind up to its limit.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub list: Vec<Finding>,
    pub more: u64,
    /// Those of them that weigh more than a notice.
    pub more_weighty: u64,
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
    pub fn worst_of(&self, exhibit: ExhibitId) -> Option<Severity> {
        self.of_the_whole.max(self.of_exhibits.get(&exhibit).copied())
    }

    /// The worst of all.
    pub fn worst(&self) -> Option<Severity> {
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
            let place = finding.place.within(file.as_str());
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
        self.more_weighty += u64::from(!is_spelled_out && code.is_weighty());
        is_spelled_out
    }
}
