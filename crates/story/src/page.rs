//! `report/report.html`: what a bundle holds, for people who read and do not compute.

use std::io::{self, Write};

use super::contents::Contents;
use super::elsewhere::{self, Before, Line};
use super::html::{self, Text};
use super::labels;
use super::notation::{Bilingual, Number, time};
use super::told::{Ended, ToldAgent, ToldExhibit, signer};
use super::{texts, words};
use vouchsafe_archive::ReportError as Failure;
use vouchsafe_core::model::Event;

pub(super) fn write(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    html::begin(out, ("Evidence report", "증거 보고서"))?;
    html::paragraph(out, texts::MADE)?;
    html::heading(out, "summary", texts::SUMMARY)?;
    write_rows(out, texts::summary(contents)?)?;
    html::paragraph(out, texts::SOUND)?;
    write_submission(contents, out)?;
    out.write_all(b"<ol class=\"contents\">\n")?;
    for (anchor, (english, korean)) in texts::SECTIONS {
        let english = english.split_once(". ").map_or(*english, |(_, title)| title);
        writeln!(out, "<li><a href=\"#{anchor}\">{english} <span lang=\"ko\">{korean}</span></a></li>")?;
    }
    out.write_all(b"</ol>\n")?;
    write_bundle(contents, out)?;
    write_verification(contents, out)?;
    write_withheld(contents, out)?;
    heading(out, "not-proven")?;
    html::list(out, texts::NOT_PROVEN)?;
    write_exhibits(contents, out)?;
    let agents = contents.agents()?;
    write_custody(contents, &agents, out)?;
    write_agents(&agents, out)?;
    html::end(out)?;
    Ok(())
}

fn heading(out: &mut dyn Write, anchor: &str) -> io::Result<()> {
    let title = texts::SECTIONS.iter().find(|(found, _)| *found == anchor).map_or(("", ""), |(_, title)| *title);
    html::heading(out, anchor, title)
}

fn write_bundle(contents: &Contents<'_>, out: &mut dyn Write) -> io::Result<()> {
    heading(out, "bundle")?;
    write_rows(out, texts::bundle(contents))?;
    html::paragraph(out, texts::TIMES)
}

fn write_rows(out: &mut dyn Write, rows: Vec<(Bilingual, String)>) -> io::Result<()> {
    out.write_all(b"<table>\n")?;
    for (name, value) in rows {
        if texts::is_code(&value) {
            html::code_row(out, name, &value)?;
        } else {
            html::row(out, name, value)?;
        }
    }
    out.write_all(b"</table>\n")
}

fn write_verification(contents: &Contents<'_>, out: &mut dyn Write) -> io::Result<()> {
    heading(out, "verification")?;
    html::paragraph(out, texts::CHECKED)?;
    writeln!(out, "<p><code>{}</code></p>", Text(texts::command(contents)))?;
    html::paragraph(out, texts::FINGERPRINT)?;
    out.write_all(
        "<p><a href=\"../verify.html\">verify.html</a> · <a href=\"../README-VERIFY.txt\">README-VERIFY.txt</a></p>\n"
            .as_bytes(),
    )?;
    // The verdict is for a person to write down, with the day and the hand that did it.
    write_blanks(out, texts::BLANKS)
}

/// What whoever hands the bundle in writes down, but for what the bundle says itself.
fn write_submission(contents: &Contents<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<table>\n")?;
    for (name, value) in texts::submission(contents) {
        match value {
            Some(value) => html::row(out, name, value)?,
            None => html::blank_row(out, name)?,
        }
    }
    out.write_all(b"</table>\n")
}

fn write_blanks(out: &mut dyn Write, blanks: &[Bilingual]) -> io::Result<()> {
    out.write_all(b"<table>\n")?;
    for name in blanks {
        html::blank_row(out, *name)?;
    }
    out.write_all(b"</table>\n")
}

fn write_withheld(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    heading(out, "withheld")?;
    html::paragraph(out, texts::WITHHELD)?;
    if contents.plan.completeness.is_some() {
        html::paragraph(out, texts::COMPLETENESS)?;
        write_rows(out, texts::completeness(contents))?;
    }
    out.write_all(
        "<table>\n<caption>Fields withheld, by exhibit 증거물별 비공개 항목</caption>\n<thead><tr>\
         <th scope=\"col\" class=\"number\">No. <span lang=\"ko\">번호</span></th>\
         <th scope=\"col\">Exhibit <span lang=\"ko\">증거물</span></th><th scope=\"col\">Fields disclosed \
         <span lang=\"ko\">공개</span></th><th scope=\"col\">Fields withheld <span lang=\"ko\">비공개</span></th></tr></thead>\n"
            .as_bytes(),
    )?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let (disclosed, withheld) = exhibit.counts();
        writeln!(
            out,
            "<tr><td>{}</td><td><code>{}</code>{}</td><td>{disclosed}</td><td>{withheld}</td></tr>",
            exhibit.number,
            exhibit.planned.exhibit,
            called(&exhibit)
        )?;
    }
    out.write_all(b"</table>\n")?;
    Ok(())
}

fn write_exhibits(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    heading(out, "exhibits")?;
    out.write_all(
        "<table>\n<caption>The exhibits 증거물 목록</caption>\n<thead><tr>\
         <th scope=\"col\" class=\"number\">No. <span lang=\"ko\">번호</span></th>\
         <th scope=\"col\">Exhibit, file <span lang=\"ko\">증거물, 파일</span></th>\
         <th scope=\"col\">SHA-256 <span lang=\"ko\">해시값</span></th><th scope=\"col\" class=\"number\">Bytes <span lang=\"ko\">바이트</span></th>\
         <th scope=\"col\">In this archive since <span lang=\"ko\">이 보존소의 보관 시작</span></th></tr></thead>\n"
            .as_bytes(),
    )?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let (name, planned) = (exhibit.planned.exhibit, exhibit.planned);
        writeln!(
            out,
            "<tr><td>{}</td><td><a class=\"name\" href=\"#{name}\"><code>{name}</code></a>{}<br>\
             {}<br>{}</td><td><code>{}</code></td>\
             <td class=\"number\">{}</td><td class=\"time\">{}{}</td></tr>",
            exhibit.number,
            called(&exhibit),
            file_of(&exhibit),
            Text(&planned.media_type),
            planned.object,
            Number(planned.size_bytes),
            time(exhibit.ingest().signed.entry.recorded_at).replacen(' ', "<br>", 1),
            if exhibit.is_received() {
                "<br>before that elsewhere<br><span lang=\"ko\">이전에는 다른 보존소</span>"
            } else {
                ""
            },
        )?;
    }
    out.write_all(b"</table>\n")?;
    Ok(())
}

/// What browsers run or obey rather than show. A reader must choose to open it.
const ACTIVE_ENDINGS: &[&str] = &["html", "xml"];

/// The file of an exhibit in the bundle, with a link to it. There is none to what a browser would run: what somebody sent in must
/// not act, nor tell anybody that it is read, for a click.
fn file_of(exhibit: &ToldExhibit<'_>) -> String {
    let file = Text(&exhibit.file);
    if ACTIVE_ENDINGS.contains(&exhibit.file.as_str().rsplit('.').next().unwrap_or_default()) {
        let (english, korean) = texts::NOT_LINKED;
        return format!("<code class=\"name\">{file}</code><br>{english}<br><span lang=\"ko\">{korean}</span>");
    }
    format!("<a class=\"name\" href=\"../{file}\"><code>{file}</code></a>")
}

/// What a party calls an exhibit, below its name.
pub(super) fn called(exhibit: &ToldExhibit<'_>) -> String {
    exhibit.called().iter().map(|text| format!("<br><bdi>{}</bdi>", Text(text))).collect()
}

fn write_custody(contents: &Contents<'_>, agents: &[ToldAgent], out: &mut dyn Write) -> Result<(), Failure> {
    heading(out, "custody")?;
    html::paragraph(out, texts::CUSTODY)?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let before = contents.elsewhere.before(&exhibit);
        write_history(&exhibit, &before, agents, out)?;
    }
    Ok(())
}

fn write_history(
    exhibit: &ToldExhibit<'_>,
    before: &[Before<'_>],
    agents: &[ToldAgent],
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = exhibit.planned.exhibit;
    writeln!(out, "<h3 id=\"{name}\">{}. {name}{}</h3>", exhibit.number, called(exhibit))?;
    for (english, korean) in before.iter().map(texts::before) {
        writeln!(out, "<p class=\"elsewhere\">{}<br><span lang=\"ko\">{}</span></p>", Text(english), Text(korean))?;
    }
    writeln!(out, "<table class=\"history\">\n<caption>Custody history of {name} 보관 이력</caption>")?;
    out.write_all(
        "<thead><tr><th scope=\"col\">Recorded at <span lang=\"ko\">기록 시각</span></th>\
         <th scope=\"col\">What happened <span lang=\"ko\">처리 내용</span></th>\
         <th scope=\"col\">Signed by, entry <span lang=\"ko\">서명, 기록 항목</span></th></tr></thead>\n"
            .as_bytes(),
    )?;
    for line in elsewhere::lines(&exhibit.entries, before) {
        write_entry(&line, agents, out)?;
    }
    out.write_all(b"</table>\n")
}

fn write_entry(told: &Line<'_>, agents: &[ToldAgent], out: &mut dyn Write) -> io::Result<()> {
    let entry = &told.signed.entry;
    let (english, korean) = words::event(&entry.event);
    let class = if told.elsewhere.is_some() { " class=\"elsewhere\"" } else { "" };
    write!(out, "<tr{class}><td class=\"time\">{}", time(entry.recorded_at).replacen(' ', "<br>", 1))?;
    if entry.occurred_at != entry.recorded_at {
        write!(
            out,
            "<br>happened <span lang=\"ko\">발생</span><br>{}",
            time(entry.occurred_at).replacen(' ', "<br>", 1)
        )?;
    }
    write!(out, "</td><td>")?;
    if let Some(archive) = &told.elsewhere {
        let archive = Text(archive);
        write!(
            out,
            "<strong>In the archive {archive}</strong>, there called <code>{}</code> <span lang=\"ko\">(다른 보존소의 기록 항목)</span><br>",
            entry.exhibit.map(|exhibit| exhibit.to_string()).unwrap_or_default()
        )?;
    }
    write!(out, "{english}<br><span lang=\"ko\">{korean}</span>")?;
    let particulars = words::particulars(&entry.event);
    if matches!(entry.event, Event::GapDeclared(_)) {
        write!(out, "<br><strong>{}</strong>", Text(particulars))?;
    } else if !particulars.is_empty() {
        write!(out, "<br><code>{}</code>", Text(particulars))?;
    }
    for (english, korean) in &told.remarks {
        write!(out, "<br><strong>{english}</strong> <span lang=\"ko\">{korean}</span>")?;
    }
    for field in &told.fields {
        let (before, value, meaning) = labels::value(field.name(), field.value());
        write!(out, "<br>{}: {before}<bdi>{}</bdi>{}", Text(labels::field(field.name())), Text(value), Text(meaning))?;
    }
    if told.withheld_fields > 0 {
        let count = told.withheld_fields;
        let noun = if count == 1 { "field" } else { "fields" };
        write!(out, "<br><em>{count} {noun} withheld <span lang=\"ko\">비공개 {count}건</span></em>")?;
    }
    write!(out, "</td><td>")?;
    for signature in &told.signed.signatures {
        let who = signer(agents, signature.key, entry.index, told.elsewhere.as_deref());
        write!(out, "<bdi>{}</bdi><br><code>{}</code><br>", Text(who), Text(signature.key))?;
    }
    for approval in &entry.attached.approvals {
        let who = signer(agents, approval.key, entry.index, told.elsewhere.as_deref());
        write!(
            out,
            "approved by <span lang=\"ko\">승인</span> <bdi>{}</bdi><br><code>{}</code><br>",
            Text(who),
            Text(approval.key)
        )?;
    }
    if let Some(archive) = &told.elsewhere {
        write!(out, "log <span lang=\"ko\">기록부</span> {}<br>", Text(archive))?;
    }
    write!(out, "log index <span lang=\"ko\">기록부 번호</span> {}", entry.index)?;
    for file in &told.files {
        write!(out, "<br><code>{}</code>", Text(file))?;
    }
    writeln!(out, "</td></tr>")
}

fn write_agents(agents: &[ToldAgent], out: &mut dyn Write) -> io::Result<()> {
    heading(out, "agents")?;
    out.write_all(
        "<table>\n<caption>Agents and keys 담당자와 키</caption>\n<thead><tr><th scope=\"col\">Key <span lang=\"ko\">키 지문</span></th><th scope=\"col\">Agent <span lang=\"ko\">담당자</span></th>\
         <th scope=\"col\">Introduced <span lang=\"ko\">등록</span></th></tr></thead>\n"
            .as_bytes(),
    )?;
    for agent in agents {
        let (english, korean) = words::agent_kind(agent.record.kind);
        write!(out, "<tr><td><code>{}</code></td><td>", Text(agent.record.public_key.id()))?;
        match &agent.name {
            Some(name) => write!(out, "<bdi>{}</bdi>", Text(name))?,
            None => write!(out, "<em>name withheld <span lang=\"ko\">이름 비공개</span></em>")?,
        }
        write!(out, "<br>{english} <span lang=\"ko\">{korean}</span>")?;
        for (roles, until) in agent.all_roles() {
            if let Some(index) = until {
                write!(out, "<br>until log index <span lang=\"ko\">기록부 번호</span> {index}:")?;
            }
            for (english, korean) in roles.iter().map(|role| words::role(*role)) {
                write!(out, "<br>{english} <span lang=\"ko\">{korean}</span>")?;
            }
        }
        let introduced = &agent.introduced.signed.entry;
        write!(out, "</td><td><span class=\"time\">{}</span>", time(introduced.recorded_at))?;
        write!(out, "<br>log index <span lang=\"ko\">기록부 번호</span> {}", introduced.index)?;
        write!(out, "<br><code>{}</code>", Text(&agent.introduced.message))?;
        if let Some((english, korean)) = agent.ended.map(Ended::told) {
            write!(out, "<br><strong>{} <span lang=\"ko\">{}</span></strong>", Text(english), Text(korean))?;
        }
        writeln!(out, "</td></tr>")?;
    }
    out.write_all(b"</table>\n")
}
