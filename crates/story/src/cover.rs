//! The first page of the report: what the bundle is, what it holds, for whom, and from when to when.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::Contents;
use super::labels;
use super::notation::{Bilingual, Number, time};
use super::told::{ToldAgent, shortened};
use super::words;
use vouchsafe_archive::ArchiveError;
use vouchsafe_core::model::vocabulary::{COLLECTION, PURPOSE, field};
use vouchsafe_core::model::{EntryIndex, ExhibitId, FieldName, FieldValue};

/// The most exhibits that the first page names. The list of exhibits has them all.
const MAX_NAMED: usize = 8;
/// The first page shows this much of what an exhibit is called.
const MAX_CALLED_CHARS: usize = 60;
/// The most values of a field that are named.
const MAX_VALUES: usize = 5;
/// The fields whose values say what the exhibits have to do with each other.
const GROUPS: &[&str] = &[COLLECTION, "case"];
/// The fields with dates that say from when to when it is about.
const PERIODS: &[&str] = &["events_period", "created_date"];

/// What stands on the first page.
pub(super) struct Cover {
    /// What the bundle is, in a sentence.
    pub sentence: (String, String),
    /// What is to be known of it.
    pub rows: Vec<(Bilingual, String)>,
    /// The first of the exhibits, with their numbers, and what they are called where that is disclosed.
    pub exhibits: Vec<(u64, ExhibitId, Vec<String>)>,
    /// How many are not among these.
    pub more: u64,
}

impl Cover {
    pub fn of(contents: &Contents<'_>, agents: &[ToldAgent]) -> Result<Self, ArchiveError> {
        let mut gathered = Gathered::default();
        let mut exhibits = Vec::new();
        for exhibit in contents.exhibits() {
            let exhibit = exhibit?;
            *gathered.kinds.entry(words::kind_of_file(&exhibit.planned.media_type)).or_default() += 1;
            for disclosed in exhibit.fields() {
                if let FieldValue::Text(value) = disclosed.value() {
                    gathered.take(disclosed.name(), value);
                }
            }
            if exhibits.len() < MAX_NAMED {
                let called = exhibit.called().iter().map(|text| shortened(text, MAX_CALLED_CHARS)).collect();
                exhibits.push((exhibit.number, exhibit.planned.exhibit, called));
            }
        }
        let count = contents.plan.exhibits.len() as u64;
        let origin = contents.archive.description().origin();
        let noun = if count == 1 { "exhibit" } else { "exhibits" };
        Ok(Self {
            sentence: (
                format!(
                    "This is a bundle from the evidence archive {origin}. It holds {} {noun}, the record of their custody, and \
                     what is needed to check both.",
                    Number(count)
                ),
                format!(
                    "증거 보존소 {origin}에서 만든 제출 묶음입니다. 증거물 {}건과 그 보관 이력, 그리고 이를 검증하는 데 필요한 \
                     것이 들어 있습니다.",
                    Number(count)
                ),
            ),
            rows: gathered.rows(contents, agents),
            more: count.saturating_sub(exhibits.len() as u64),
            exhibits,
        })
    }
}

/// What is gathered from the exhibits.
#[derive(Default)]
struct Gathered {
    kinds: BTreeMap<Bilingual, u64>,
    groups: BTreeMap<&'static str, BTreeSet<String>>,
    periods: BTreeMap<&'static str, Vec<String>>,
}

impl Gathered {
    fn take(&mut self, name: &FieldName, value: &str) {
        let find = |names: &[&'static str]| names.iter().copied().find(|known| *known == name.as_str());
        if let Some(name) = find(GROUPS) {
            self.groups.entry(name).or_default().insert(value.to_owned());
        }
        if let Some(name) = find(PERIODS) {
            self.periods.entry(name).or_default().push(value.to_owned());
        }
    }

    fn rows(&self, contents: &Contents<'_>, agents: &[ToldAgent]) -> Vec<(Bilingual, String)> {
        let language = contents.language;
        let description = contents.archive.description();
        let mut rows = vec![
            (("Archive (name of its log)", "보존소 (기록부 이름)"), description.origin().to_string()),
            (("Fingerprint of the archive", "보존소의 지문"), description.fingerprint.paper()),
            (("Holds", "내용"), self.holds(contents)),
        ];
        for (name, values) in &self.groups {
            rows.push((called(name), some_of(values)));
        }
        let undisclosed = language.join(("not disclosed in this bundle", "이 제출 묶음에 공개하지 않음"), " ");
        let or_undisclosed = |text: Option<&str>| text.map_or_else(|| undisclosed.clone(), str::to_owned);
        rows.push((("For", "받는 사람"), or_undisclosed(contents.handover.recipient)));
        rows.push((called(PURPOSE), or_undisclosed(contents.handover.purpose)));
        for (name, values) in &self.periods {
            if let Some((english, korean)) = labels::span(values) {
                rows.push((called(name), language.join((&english, &korean), " / ")));
            }
        }
        if let Some((first, last)) = contents.ingested {
            let value = match first == last {
                true => time(first),
                false => {
                    let english = format!("from {} to {}", time(first), time(last));
                    language.join((&english, &format!("{}부터 {}까지", time(first), time(last))), " / ")
                }
            };
            rows.push((("Taken into custody", "보관 시작"), value));
        }
        rows.push((("Bundle made at", "제출 묶음 작성 시각"), time(contents.created_at)));
        let signer = agents.iter().find(|agent| agent.record.public_key.id() == contents.signer);
        if let Some(signer) = signer {
            let who = signer.told_at(EntryIndex(contents.head.checkpoint.size), language);
            rows.push((("Bundle signed by", "제출 묶음 서명자"), who));
        }
        rows
    }

    fn holds(&self, contents: &Contents<'_>) -> String {
        let kinds = |each: &dyn Fn(&Bilingual, u64) -> String| {
            self.kinds.iter().map(|(kind, count)| each(kind, *count)).collect::<Vec<_>>().join(", ")
        };
        let (count, bytes) = (Number(contents.plan.exhibits.len() as u64), Number(contents.plan.size_bytes));
        let english = format!(
            "{} ({}); {} bytes",
            if contents.plan.exhibits.len() == 1 { "1 exhibit".to_owned() } else { format!("{count} exhibits") },
            kinds(&|(english, _), count| format!("{english}: {}", Number(count))),
            bytes
        );
        let korean = format!(
            "증거물 {}건 ({}), {}바이트",
            Number(contents.plan.exhibits.len() as u64),
            kinds(&|(_, korean), count| format!("{korean} {}건", Number(count))),
            Number(contents.plan.size_bytes)
        );
        contents.language.join((&english, &korean), " / ")
    }
}

/// What a field of the table is called.
fn called(name: &str) -> Bilingual {
    field(name).map_or(("", ""), |known| (known.english, known.korean))
}

fn some_of(values: &BTreeSet<String>) -> String {
    let mut named: Vec<_> = values.iter().take(MAX_VALUES).cloned().collect();
    if values.len() > named.len() {
        named.push(format!("… (+{})", values.len() - named.len()));
    }
    named.join("; ")
}
