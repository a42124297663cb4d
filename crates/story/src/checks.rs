//! What the log records of checks of the exhibits' bytes.

use super::contents::Contents;
use super::notation::{Number, time};
use vouchsafe_archive::{ReportError as Failure, verified};
use vouchsafe_core::model::Timestamp;

/// Of more exhibits it is not looked up what the log says of checks.
const MAX_LOOKED_UP: usize = 1_000;

/// When the bytes of the exhibits were last found unchanged, by the verifications that the log records.
///
/// These entries are not in the bundle. They hold no fields, and nothing else of them is said here.
pub(super) struct Checks {
    exhibits: u64,
    /// How many a recorded verification found unchanged, and when the earliest and the latest of these was.
    sound: u64,
    times: Option<(Timestamp, Timestamp)>,
    /// How many one found damaged after that.
    damaged: u64,
}

impl Checks {
    /// None where there are too many exhibits.
    pub fn of(contents: &Contents<'_>) -> Result<Option<Self>, Failure> {
        let planned = &contents.plan.exhibits;
        if planned.len() > MAX_LOOKED_UP {
            return Ok(None);
        }
        let mut checks = Self { exhibits: planned.len() as u64, sound: 0, times: None, damaged: 0 };
        for planned in planned {
            let verified = verified(contents.archive, planned.exhibit)?;
            checks.damaged += u64::from(verified.found_damaged.is_some());
            let Some(proof) = verified.last_proven_good else { continue };
            checks.sound += 1;
            let (first, last) = checks.times.unwrap_or((proof.recorded_at, proof.recorded_at));
            checks.times = Some((first.min(proof.recorded_at), last.max(proof.recorded_at)));
        }
        Ok(Some(checks))
    }

    /// It in a sentence or two, in English and in Korean.
    pub fn told(&self) -> (String, String) {
        let (exhibits, sound) = (Number(self.exhibits), Number(self.sound));
        let (mut english, mut korean) = match self.times {
            None => (
                "The archive's log records no verification that found the bytes of these exhibits unchanged."
                    .to_owned(),
                "보존소의 기록부에는 이 증거물의 내용이 바뀌지 않았음을 확인한 검증 기록이 없습니다.".to_owned(),
            ),
            Some((first, last)) if first == last => (
                format!(
                    "The archive's log records a verification that found the bytes of {sound} of these {exhibits} exhibits \
                     unchanged, on {}.",
                    time(last)
                ),
                format!(
                    "보존소의 기록부에 따르면 이 증거물 {exhibits}건 가운데 {sound}건의 내용이 바뀌지 않았음을 {}에 확인하였습니다.",
                    time(last)
                ),
            ),
            Some((first, last)) => (
                format!(
                    "The archive's log records verifications that found the bytes of {sound} of these {exhibits} exhibits \
                     unchanged; the newest for each was between {} and {}.",
                    time(first),
                    time(last)
                ),
                format!(
                    "보존소의 기록부에 따르면 이 증거물 {exhibits}건 가운데 {sound}건의 내용이 바뀌지 않았음을 확인하였으며, 각 \
                     증거물의 마지막 확인은 {}부터 {} 사이에 있었습니다.",
                    time(first),
                    time(last)
                ),
            ),
        };
        if self.damaged > 0 {
            let damaged = Number(self.damaged);
            english.push_str(&format!(" A later one found {damaged} of them damaged."));
            korean.push_str(&format!(" 그 뒤의 검증에서 {damaged}건이 훼손된 것으로 나타났습니다."));
        }
        (english, korean)
    }
}
