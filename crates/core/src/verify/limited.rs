//! Findings in a list that does not grow with what is wrong: of each kind, so many are spelled out, and the rest are counted.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use serde::Serialize;

use super::finding::{Code, Finding};

/// The most findings of one kind that a report spells out; further ones are counted. A limit for each, so
/// that a thousand consequences cannot hide their cause.
pub const MAX_FINDINGS_OF_A_KIND: usize = 100;

crate::described! {
    /// Findings, of each kind at most [`MAX_FINDINGS_OF_A_KIND`]. It is read as the list of those that are spelled out.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
    pub struct LimitedFindings {
        /// The findings, sorted; of each kind only the first.
        findings: Vec<Finding>,
        /// How many findings there were beyond those spelled out.
        more_findings: u64,
        /// How many of these weigh more than a notice.
        #[serde(skip)]
        more_weighty: u64,
        #[serde(skip)]
        seen: HashMap<Code, usize>,
    }
}

impl LimitedFindings {
    /// How many findings there were beyond those spelled out.
    #[must_use]
    pub const fn more(&self) -> u64 {
        self.more_findings
    }

    /// How many findings weigh more than a notice, those among them that are only counted.
    #[must_use]
    pub fn weighty(&self) -> u64 {
        let spelled_out = self.findings.iter().filter(|finding| finding.code.is_weighty()).count();
        spelled_out as u64 + self.more_weighty
    }

    /// Adds a finding, or counts it if there are enough of its kind.
    pub(super) fn add(&mut self, finding: Finding) {
        self.add_with(finding.code, || finding);
    }

    /// The same with a finding that is made only where it is spelled out.
    pub(super) fn add_with(&mut self, code: Code, make: impl FnOnce() -> Finding) {
        let seen = self.seen.entry(code).or_default();
        *seen += 1;
        if *seen <= MAX_FINDINGS_OF_A_KIND {
            self.findings.push(make());
        } else {
            self.more_findings += 1;
            self.more_weighty += u64::from(code.is_weighty());
        }
    }

    /// Adds a finding that is spelled out however many of its kind there are.
    pub(super) fn add_always(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds those of another list, each of them as it is there.
    pub(super) fn take(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.more_findings += other.more_findings;
        self.more_weighty += other.more_weighty;
        other.seen.into_iter().for_each(|(code, seen)| *self.seen.entry(code).or_default() += seen);
    }

    /// Removes each finding that is the same as the one before it.
    pub(super) fn dedup_by(&mut self, is_same: impl FnMut(&mut Finding, &mut Finding) -> bool) {
        self.findings.dedup_by(is_same);
    }

    /// Those that are spelled out.
    #[must_use]
    pub fn into_list(self) -> Vec<Finding> {
        self.findings
    }
}

impl Deref for LimitedFindings {
    type Target = [Finding];

    fn deref(&self) -> &[Finding] {
        &self.findings
    }
}

impl DerefMut for LimitedFindings {
    fn deref_mut(&mut self) -> &mut [Finding] {
        &mut self.findings
    }
}

impl<'a> IntoIterator for &'a LimitedFindings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.findings.iter()
    }
}
