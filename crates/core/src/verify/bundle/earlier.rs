//! Comparing a bundle with an earlier one of the same archive: what both show of the log, and the exhibits of the later one
//! with the statement of completeness of the earlier one.

use super::completeness::{Compared, CompletenessReport, compare};
use super::earlier_report::{EarlierReport, Held};
use super::exhibit_report::BundleVerdict;
use super::findings::Findings;
use super::report::BundleReport;
use crate::format::bundle::Completeness;
use crate::language::{Text, text};
use crate::model::{Bilingual, EntryIndex};
use crate::verify::Finding;
use crate::verify::shown::LogView;

const EARLIER_BUNDLE: Bilingual = ("the earlier bundle", "이전 제출 묶음");
const EARLIER_STATEMENT: Bilingual = ("the statement of the earlier bundle", "이전 제출 묶음의 진술");

/// Why a bundle cannot be compared with another one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EarlierError {
    /// The other one is from another archive.
    #[error("it is from another archive, or its log has another key")]
    OtherArchive,
    /// The other one was made later.
    #[error("it is not an earlier bundle: its log has {earlier} entries, and the bundle's has {size}")]
    NotEarlier {
        /// The size of its log.
        earlier: EntryIndex,
        /// The size of the log of the bundle that is compared with it.
        size: EntryIndex,
    },
}

impl BundleReport {
    /// Compares what this bundle shows of the log with what an earlier one from the same archive shows; where it
    /// differs, that is reported, and nothing else. Then its exhibits are compared with the statement of completeness of the
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

    /// Compares the logs; `None` if they contradict each other, which is then reported.
    fn compare_logs(&mut self, earlier: &Self) -> Option<bool> {
        let (shown, of_earlier) = (self.shown_log()?, earlier.shown_log()?);
        if let Some(finding) = shown.against(&LogView { named: EARLIER_BUNDLE.into(), ..of_earlier }) {
            self.object(finding);
            return None;
        }
        Some(shown.shown.had_root(of_earlier.size, of_earlier.root))
    }

    fn compare_statements(&mut self, told: &mut EarlierReport) {
        let Some(stated) = &told.completeness else { return };
        let mut findings = Findings::default();
        let compared = compare(&self.exhibits, stated, &EARLIER_STATEMENT.into(), &mut findings);
        told.held = self.completeness.as_ref().and_then(|now| held(stated, now, &compared));
        if compared.not_compared > 0 {
            self.not_checked.push(text!(
                "the statement of completeness of the earlier bundle against exhibits that it may or may not \
                 count ({count})",
                "이전 제출 묶음의 완전성 진술이 세었는지 알 수 없는 증거물({count}건)과 그 진술의 대조";
                count = compared.not_compared
            ));
        }
        told.compared = Some(compared);
        self.add(findings);
    }

    /// What the exhibits of this bundle say against a statement of completeness that the same archive made when its log
    /// had this size, and which is called `named`.
    #[must_use]
    pub fn against(&self, statement: &Completeness, size: u64, named: &Text) -> Vec<Finding> {
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
