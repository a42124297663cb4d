//! `report/report.pdf`: what the page says, on paper.

use std::io::Write;

use super::contents::Contents;
use super::elsewhere::{self, Line};
use super::labels;
use super::notation::{Bilingual, Number, time};
use super::sheets::Sheets;
use super::told::{Ended, ToldAgent, ToldExhibit, signer};
use super::{texts, words};
use vouchsafe_archive::ReportError as Failure;

/// A PDF is put together in memory, and nobody reads ten thousand pages: a bundle of more exhibits has none.
pub(super) const MAX_EXHIBITS: usize = 1_000;
/// So much of a disclosed text is printed; the whole is in the page.
const MAX_TEXT_CHARS: usize = 2_000;

pub(super) fn write(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let mut sheets = Sheets::new()?;
    sheets.title("Evidence report  증거 보고서");
    both(&mut sheets, texts::MADE);
    sheets.heading(&format!("{}  {}", texts::SUMMARY.0, texts::SUMMARY.1));
    for (name, value) in texts::summary(contents)? {
        pair(&mut sheets, name, &value);
    }
    both(&mut sheets, texts::SOUND);
    for (name, value) in texts::submission(contents) {
        pair(&mut sheets, name, &value.map_or_else(|| "_".repeat(40), shortened));
    }
    heading(&mut sheets, "bundle");
    for (name, value) in texts::bundle(contents) {
        pair(&mut sheets, name, &value);
    }
    both(&mut sheets, texts::TIMES);
    heading(&mut sheets, "verification");
    both(&mut sheets, texts::CHECKED);
    sheets.paragraph(&texts::command(contents));
    both(&mut sheets, texts::FINGERPRINT);
    for blank in texts::BLANKS {
        pair(&mut sheets, *blank, &"_".repeat(40));
    }
    heading(&mut sheets, "withheld");
    both(&mut sheets, texts::WITHHELD);
    if contents.plan.completeness.is_some() {
        both(&mut sheets, texts::COMPLETENESS);
        for (name, value) in texts::completeness(contents) {
            pair(&mut sheets, name, &value);
        }
    }
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let (disclosed, withheld) = exhibit.counts();
        let counts = format!("{disclosed} disclosed 공개, {withheld} withheld 비공개");
        sheets.pair(&numbered(&exhibit), &counts);
    }
    heading(&mut sheets, "not-proven");
    for sentence in texts::NOT_PROVEN {
        both(&mut sheets, *sentence);
    }
    heading(&mut sheets, "exhibits");
    for exhibit in contents.exhibits() {
        put_exhibit(&mut sheets, &exhibit?);
    }
    let agents = contents.agents()?;
    heading(&mut sheets, "custody");
    both(&mut sheets, texts::CUSTODY);
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let mut heading = vec![numbered(&exhibit)];
        heading.extend(exhibit.called());
        sheets.subheading(&heading.join("   "));
        let before = contents.elsewhere.before(&exhibit);
        for (english, korean) in before.iter().map(texts::before) {
            both(&mut sheets, (&english, &korean));
        }
        for line in elsewhere::lines(&exhibit.entries, &before) {
            put_entry(&mut sheets, &line, &agents);
        }
    }
    heading(&mut sheets, "agents");
    for agent in &agents {
        put_agent(&mut sheets, agent);
    }
    let footer = format!("{}   {}", contents.archive.description().origin(), time(contents.created_at));
    out.write_all(&sheets.into_pdf("Evidence report", &footer)?)?;
    Ok(())
}

fn heading(sheets: &mut Sheets, anchor: &str) {
    let found = texts::SECTIONS.iter().find(|(found, _)| *found == anchor);
    let (english, korean) = found.map_or(("", ""), |(_, title)| *title);
    sheets.heading(&format!("{english}  {korean}"));
}

fn both(sheets: &mut Sheets, (english, korean): (&str, &str)) {
    sheets.paragraphs(&[english, korean]);
}

fn pair(sheets: &mut Sheets, (english, korean): Bilingual, value: &str) {
    sheets.pair(&format!("{english}\n{korean}"), value);
}

fn put_exhibit(sheets: &mut Sheets, exhibit: &ToldExhibit<'_>) {
    let planned = exhibit.planned;
    let said = format!(
        "{}\n{}, {} bytes\nSHA-256 {}\nin this archive since 이 보존소의 보관 시작 {}{}",
        exhibit.file,
        planned.media_type,
        Number(planned.size_bytes),
        planned.object,
        time(exhibit.ingest().signed.entry.recorded_at),
        if exhibit.is_received() { "; before that elsewhere 이전에는 다른 보존소" } else { "" },
    );
    let called = exhibit.called().iter().map(|text| format!("{text}\n")).collect::<String>();
    sheets.pair(&numbered(exhibit), &(called + &said));
}

/// An exhibit with its number in the bundle.
fn numbered(exhibit: &ToldExhibit<'_>) -> String {
    format!("{}. {}", exhibit.number, exhibit.planned.exhibit)
}

fn put_entry(sheets: &mut Sheets, told: &Line<'_>, agents: &[ToldAgent]) {
    let entry = &told.signed.entry;
    let mut when = time(entry.recorded_at);
    if entry.occurred_at != entry.recorded_at {
        when.push_str("\nhappened 발생 ");
        when.push_str(&time(entry.occurred_at));
    }
    let (english, korean) = words::event(&entry.event);
    let elsewhere = told.elsewhere.as_ref().map(|archive| {
        let there = entry.exhibit.map(|exhibit| exhibit.to_string()).unwrap_or_default();
        format!("In the archive {archive}, there called {there} (다른 보존소의 기록 항목)")
    });
    let mut said: Vec<_> = elsewhere.into_iter().collect();
    said.extend([format!("{english}  {korean}"), words::particulars(&entry.event)]);
    said.extend(told.remarks.iter().map(|(english, korean)| format!("{english} {korean}")));
    said.extend(told.fields.iter().map(|field| {
        let (before, value, meaning) = labels::value(field.name(), field.value());
        shortened(&format!("{}: {before}{value}{meaning}", labels::field(field.name())))
    }));
    if told.withheld_fields > 0 {
        said.push(format!("{0} withheld 비공개 {0}건", told.withheld_fields));
    }
    for signature in &told.signed.signatures {
        let who = signer(agents, signature.key, entry.index, told.elsewhere.as_deref());
        said.push(format!("signed by 서명 {who}\n{}", signature.key));
    }
    for approval in &entry.attached.approvals {
        let who = signer(agents, approval.key, entry.index, told.elsewhere.as_deref());
        said.push(format!("approved by 승인 {who}\n{}", approval.key));
    }
    let log = told.elsewhere.as_ref().map(|archive| format!("log 기록부 {archive}, ")).unwrap_or_default();
    said.push(format!("{log}log index 기록부 번호 {}", entry.index));
    said.push(told.files.join(", "));
    said.retain(|line| !line.is_empty());
    sheets.pair(&when, &said.join("\n"));
}

fn put_agent(sheets: &mut Sheets, agent: &ToldAgent) {
    let (english, korean) = words::agent_kind(agent.record.kind);
    let name =
        agent.name.as_ref().map_or("name withheld 이름 비공개".to_owned(), |name| shortened(&name.to_string()));
    let roles = agent.all_roles().map(|(roles, until)| {
        let roles: Vec<_> = roles.iter().map(|role| words::role(*role)).collect();
        let roles: Vec<_> = roles.iter().map(|(english, korean)| format!("{english} {korean}")).collect();
        let until = until.map(|index| format!("until log index 기록부 번호 {index}: ")).unwrap_or_default();
        format!("{until}{}", roles.join(", "))
    });
    let roles: Vec<_> = roles.collect();
    let introduced = &agent.introduced.signed.entry;
    let mut said = format!(
        "{}\n{english} {korean}: {}\nintroduced 등록 {}, log index 기록부 번호 {}",
        agent.record.public_key.id(),
        roles.join("; "),
        time(introduced.recorded_at),
        introduced.index,
    );
    if let Some((english, korean)) = agent.ended.map(Ended::told) {
        let english = match english.split_once(' ') {
            Some((how, rest)) => format!("{} {rest}", how.to_uppercase()),
            None => english,
        };
        said.push_str(&format!("\n{english} {korean}"));
    }
    sheets.pair(&name, &said);
}

/// The beginning of a text that is too long to be printed, and that it is no more than that.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => format!("{} […] (the whole is in report.html, 전문은 report.html에 있음)", &text[..end]),
        None => text.to_owned(),
    }
}
