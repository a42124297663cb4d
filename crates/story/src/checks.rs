//! What the log records of checks of the exhibits' bytes.

use super::notation::{Number, day};
use vouchsafe_archive::{ArchiveError, ExportPlan, Reader, verified};
use vouchsafe_core::model::Timestamp;

/// Of more exhibits it is not looked up what the log records of checks.
const MAX_LOOKED_UP: usize = 1_000;

/// When the bytes of the exhibits were last found unchanged, or damaged after that, by the verifications that the log records.
///
/// These entries are not in the bundle. Nothing is said of them but these days and numbers.
pub(super) struct Checks {
    exhibits: u64,
    /// How many a recorded verification found unchanged, and when the earliest and the latest of these was.
    sound: u64,
    times: Option<(Timestamp, Timestamp)>,
    /// How many one found damaged after that, and when the latest of these was.
    damaged: u64,
    damaged_at: Option<Timestamp>,
}

impl Checks {
    /// None if there are too many exhibits, or if an entry cannot be read: then it is not known what the log records.
    pub fn of(archive: &Reader, plan: &ExportPlan) -> Result<Option<Self>, ArchiveError> {
        if plan.exhibits.len() > MAX_LOOKED_UP {
            return Ok(None);
        }
        let exhibits = plan.exhibits.len() as u64;
        let mut checks = Self { exhibits, sound: 0, times: None, damaged: 0, damaged_at: None };
        for planned in &plan.exhibits {
            let verified = verified(archive, planned.exhibit)?;
            if !verified.unread.is_empty() {
                return Ok(None);
            }
            if let Some(index) = verified.found_damaged {
                checks.damaged += 1;
                checks.damaged_at = checks.damaged_at.max(Some(archive.entry(index)?.entry.entry.recorded_at));
            }
            if let Some(proof) = verified.last_proven_good {
                checks.sound += 1;
                let (first, last) = checks.times.unwrap_or((proof.recorded_at, proof.recorded_at));
                checks.times = Some((first.min(proof.recorded_at), last.max(proof.recorded_at)));
            }
        }
        Ok(Some(checks))
    }

    /// It in some sentences, in English and in Korean.
    pub fn told(&self) -> (String, String) {
        let (exhibits, sound) = (Number(self.exhibits), Number(self.sound));
        let these = if self.exhibits == 1 {
            "of the exhibit".to_owned()
        } else {
            format!("of {sound} of the {exhibits} exhibits")
        };
        let (mut english, mut korean) = match self.times.map(|(first, last)| (day(first), day(last))) {
            None => (
                "The archive's log records no verification that found the bytes of these exhibits unchanged."
                    .to_owned(),
                "보존소의 기록부에는 이 증거물의 내용이 바뀌지 않았음을 확인한 검증 기록이 없습니다.".to_owned(),
            ),
            Some((first, last)) if first == last => (
                format!("The archive's log records a verification on {last} that found the bytes {these} unchanged."),
                format!(
                    "보존소의 기록부에 따르면 {last}에 이 증거물 {exhibits}건 가운데 {sound}건의 내용이 바뀌지 않았음을 확인하였습니다."
                ),
            ),
            Some((first, last)) => (
                format!(
                    "The archive's log records verifications that found the bytes {these} unchanged, the newest for each between \
                     {first} and {last}."
                ),
                format!(
                    "보존소의 기록부에 따르면 이 증거물 {exhibits}건 가운데 {sound}건의 내용이 바뀌지 않았음을 확인하였으며, 각 \
                     증거물의 마지막 확인은 {first}과 {last} 사이에 있었습니다."
                ),
            ),
        };
        if let Some(at) = self.damaged_at.map(day) {
            let damaged = Number(self.damaged);
            english.push_str(&format!(
                " A verification found the bytes of {damaged} of them damaged, most recently on {at}. When this bundle was made, the \
                 program computed the recorded SHA-256 of every exhibit again."
            ));
            korean.push_str(&format!(
                " 그와 별도로 {damaged}건이 훼손된 것으로 나타난 검증이 있었으며, 가장 최근은 {at}입니다. 이 제출 묶음을 만들 때 \
                 프로그램이 모든 증거물에서 기록된 SHA-256을 다시 얻었습니다."
            ));
        }
        (english, korean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english(exhibits: u64, sound: u64, times: Option<[&str; 2]>, damaged: Option<(u64, &str)>) -> String {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let times = times.map(|[first, last]| (at(first), at(last)));
        let (damaged, damaged_at) = (damaged.map_or(0, |(count, _)| count), damaged.map(|(_, time)| at(time)));
        Checks { exhibits, sound, times, damaged, damaged_at }.told().0
    }

    #[test]
    fn only_what_the_log_records_is_said_and_to_the_day() {
        let [first, last] = ["2026-11-03T04:05:06.789Z", "2026-12-01T09:10:11.123Z"];
        let none = "The archive's log records no verification that found the bytes of these exhibits unchanged.";
        assert_eq!(english(2, 0, None, None), none);
        let one =
            "The archive's log records a verification on 2026-12-01 that found the bytes of the exhibit unchanged.";
        assert_eq!(english(1, 1, Some([last, last]), None), one);
        let several = "The archive's log records verifications that found the bytes of 2 of the 3 exhibits unchanged, the newest \
                       for each between 2026-11-03 and 2026-12-01.";
        assert_eq!(english(3, 2, Some([first, last]), None), several);
        // Damage is not called later than something that is not there.
        let damaged = english(2, 0, None, Some((1, last)));
        let found = " A verification found the bytes of 1 of them damaged, most recently on 2026-12-01.";
        assert!(damaged.starts_with(&format!("{none}{found}")) && !damaged.contains("later"), "{damaged}");
    }
}
