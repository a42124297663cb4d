//! `report/report.html`: what a bundle holds, for people who read and do not compute.

use std::io::{self, Write};

use super::contents::Contents;
use super::cover::Cover;
use super::elsewhere::{self, Before, Line};
use super::html::{Kind, Output, Page, Text, with_letters};
use super::language::ReportLanguage;
use super::notation::{Bilingual, Number, time};
use super::pictures::Shown;
use super::told::{Ended, ToldAgent, ToldExhibit, signer};
use super::{labels, line_of_custody, links, pdf, texts, words};
use vouchsafe_archive::ReportError as Failure;
use vouchsafe_core::model::Event;

pub(super) fn write(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    with_letters(out, |output| write_report(contents, output))
}

fn write_report(contents: &Contents<'_>, output: Output<'_>) -> Result<(), Failure> {
    let agents = contents.agents()?;
    let title = ("Evidence report", "증거 보고서");
    let mut page = Page::begin(output, contents.language, title, Kind::Report)?;
    write_cover(contents, &Cover::of(contents, &agents)?, &mut page)?;
    page.heading("summary", texts::SUMMARY)?;
    write_rows(&mut page, texts::summary(contents)?)?;
    page.paragraph(texts::SOUND)?;
    write_blanks(&mut page, &texts::submission(contents))?;
    page.write_all(b"<ol class=\"contents\">\n")?;
    for (anchor, title) in texts::SECTIONS {
        let title = page.inline(*title);
        writeln!(page, "<li><a href=\"#{anchor}\">{title}</a></li>")?;
    }
    page.write_all(b"</ol>\n")?;
    heading(&mut page, "bundle")?;
    write_rows(&mut page, texts::bundle(contents))?;
    page.paragraph(texts::TIMES)?;
    write_verification(contents, &mut page)?;
    write_withheld(contents, &mut page)?;
    heading(&mut page, "not-proven")?;
    page.list(texts::NOT_PROVEN)?;
    write_exhibits(contents, &mut page)?;
    write_custody(contents, &agents, &mut page)?;
    write_agents(&agents, &mut page)?;
    page.end()?;
    Ok(())
}

/// The first page, which is a sheet of its own on paper.
fn write_cover(contents: &Contents<'_>, cover: &Cover, page: &mut Page<'_>) -> io::Result<()> {
    page.write_all(b"<section class=\"cover\">\n")?;
    let (english, korean) = &cover.sentence;
    page.paragraph((&Text(english).to_string(), &Text(korean).to_string()))?;
    write_rows(page, cover.rows.clone())?;
    let heading = page.inline(texts::COVER_EXHIBITS);
    write!(page, "<h2>{heading}</h2>\n<ul class=\"exhibits\">\n")?;
    for (number, exhibit, called) in &cover.exhibits {
        let called: String = called.iter().map(|text| format!(" <bdi>{}</bdi>", Text(text))).collect();
        writeln!(page, "<li>{number}. <a class=\"name\" href=\"#{exhibit}\"><code>{exhibit}</code></a>{called}</li>")?;
    }
    if cover.more > 0 {
        let (english, korean) =
            (format!("and {} more", Number(cover.more)), format!("그 밖에 {}건", Number(cover.more)));
        let more = page.inline((&english, &korean));
        writeln!(page, "<li><a href=\"#exhibits\">{more}</a></li>")?;
    }
    let heading = page.inline(texts::COVER_FILES);
    write!(page, "</ul>\n<nav>\n<h2>{heading}</h2>\n<ul>\n")?;
    for (file, what) in texts::FILES {
        if *file == texts::PDF && contents.plan.exhibits.len() > pdf::MAX_EXHIBITS {
            continue;
        }
        let what = page.inline(*what);
        writeln!(page, "<li><a href=\"../{file}\"><code>{file}</code></a> {what}</li>")?;
    }
    page.write_all(b"</ul>\n</nav>\n</section>\n")?;
    page.paragraph(texts::MADE)
}

fn heading(page: &mut Page<'_>, anchor: &str) -> io::Result<()> {
    let (number, title) = texts::section(anchor);
    let title = page.inline(title);
    writeln!(page, "<h2 id=\"{anchor}\">{number}. {title}</h2>")
}

fn write_rows(page: &mut Page<'_>, rows: Vec<(Bilingual, String)>) -> io::Result<()> {
    page.write_all(b"<table>\n")?;
    for (name, value) in rows {
        if texts::is_code(&value) {
            page.code_row(name, &value)?;
        } else {
            page.row(name, value)?;
        }
    }
    page.write_all(b"</table>\n")
}

fn write_blanks(page: &mut Page<'_>, blanks: &[Bilingual]) -> io::Result<()> {
    page.write_all(b"<table>\n")?;
    for name in blanks {
        page.blank_row(*name)?;
    }
    page.write_all(b"</table>\n")
}

fn write_verification(contents: &Contents<'_>, page: &mut Page<'_>) -> io::Result<()> {
    heading(page, "verification")?;
    page.paragraph(texts::CHECKED)?;
    writeln!(page, "<p><code>{}</code></p>", Text(texts::command(contents)))?;
    page.paragraph(texts::FINGERPRINT)?;
    page.write_all(
        "<p><a href=\"../verify.html\">verify.html</a> · <a href=\"../README-VERIFY.txt\">README-VERIFY.txt</a></p>\n"
            .as_bytes(),
    )?;
    // The verdict is for a person to write down, with the day and the hand that did it.
    write_blanks(page, texts::BLANKS)
}

fn write_withheld(contents: &Contents<'_>, page: &mut Page<'_>) -> Result<(), Failure> {
    heading(page, "withheld")?;
    page.paragraph(texts::WITHHELD)?;
    if contents.plan.completeness.is_some() {
        page.paragraph(texts::COMPLETENESS)?;
        write_rows(page, texts::completeness(contents))?;
    }
    page.write_all(b"<table>\n")?;
    let caption = page.language.join(("Fields withheld, by exhibit", "증거물별 비공개 항목"), " ");
    page.table_head(
        &caption,
        &[
            (texts::NUMBER, true),
            (("Exhibit", "증거물"), false),
            (("Fields disclosed", "공개"), true),
            (("Fields withheld", "비공개"), true),
        ],
    )?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let (disclosed, withheld) = exhibit.counts();
        writeln!(
            page,
            "<tr><td class=\"number\">{}</td><td><code>{}</code>{}</td><td class=\"number\">{disclosed}</td>\
             <td class=\"number\">{withheld}</td></tr>",
            exhibit.number,
            exhibit.planned.exhibit,
            called(&exhibit)
        )?;
    }
    page.write_all(b"</table>\n")?;
    Ok(())
}

fn write_exhibits(contents: &Contents<'_>, page: &mut Page<'_>) -> Result<(), Failure> {
    heading(page, "exhibits")?;
    page.write_all(b"<table>\n")?;
    let caption = page.language.join(("The exhibits", "증거물 목록"), " ");
    page.table_head(
        &caption,
        &[
            (texts::NUMBER, true),
            (("Exhibit, file", "증거물, 파일"), false),
            (("SHA-256", "해시값"), false),
            (("Bytes", "바이트"), true),
            (("In this archive since", "이 보존소의 보관 시작"), false),
        ],
    )?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let (name, planned) = (exhibit.planned.exhibit, exhibit.planned);
        let before = page.stacked(("before that elsewhere", "이전에는 다른 보존소"));
        let (file, picture) = (file_of(&exhibit, page), picture_of(contents, &exhibit, page));
        writeln!(
            page,
            "<tr><td class=\"number\">{}</td><td><a class=\"name\" href=\"#{name}\"><code>{name}</code></a>{}<br>{file}<br>{}{picture}</td>\
             <td><code class=\"digest\">{}</code></td><td class=\"number\">{}</td><td class=\"time\">{}{}</td></tr>",
            exhibit.number,
            called(&exhibit),
            Text(&planned.media_type),
            planned.object,
            Number(planned.size_bytes),
            time(exhibit.ingest().signed.entry.recorded_at).replacen(' ', "<br>", 1),
            if exhibit.is_received() { format!("<br>{before}") } else { String::new() },
        )?;
    }
    page.write_all(b"</table>\n")?;
    Ok(())
}

/// A small picture of an exhibit that is one: its own file, which the browser makes small. Of one that is not shown, why.
fn picture_of(contents: &Contents<'_>, exhibit: &ToldExhibit<'_>, page: &Page<'_>) -> String {
    let (file, name) = (Text(&exhibit.file), exhibit.planned.exhibit);
    match contents.pictures.get(&name) {
        None => String::new(),
        Some(Shown::Not(why)) => format!("<br><em>{}</em>", page.inline(*why)),
        Some(Shown::Small(_)) => {
            let what = texts::picture_of(page.language, &name);
            format!("<br><img class=\"small\" src=\"../{file}\" alt=\"{what}\" loading=\"lazy\">")
        }
    }
}

/// The file of an exhibit in the bundle, with a link to it unless a browser would run it.
fn file_of(exhibit: &ToldExhibit<'_>, page: &Page<'_>) -> String {
    let file = Text(&exhibit.file);
    if links::is_active(exhibit) {
        return format!("<code class=\"name\">{file}</code><br>{}", page.stacked(texts::NOT_LINKED));
    }
    format!("<a class=\"name\" href=\"../{file}\"><code>{file}</code></a>")
}

/// What a party calls an exhibit, below its name.
pub(super) fn called(exhibit: &ToldExhibit<'_>) -> String {
    exhibit.called().iter().map(|text| format!("<br><bdi>{}</bdi>", Text(text))).collect()
}

fn write_custody(contents: &Contents<'_>, agents: &[ToldAgent], page: &mut Page<'_>) -> Result<(), Failure> {
    heading(page, "custody")?;
    page.paragraph(texts::CUSTODY)?;
    page.paragraph(texts::LINE)?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let before = contents.elsewhere.before(&exhibit);
        write_history(&exhibit, &before, agents, page)?;
    }
    Ok(())
}

fn write_history(
    exhibit: &ToldExhibit<'_>,
    before: &[Before<'_>],
    agents: &[ToldAgent],
    page: &mut Page<'_>,
) -> io::Result<()> {
    let name = exhibit.planned.exhibit;
    writeln!(page, "<h3 id=\"{name}\">{}. {name}{}</h3>", exhibit.number, called(exhibit))?;
    let file = file_of(exhibit, page);
    writeln!(page, "<p>{file}</p>")?;
    for (english, korean) in before.iter().map(texts::before) {
        let said = page.stacked((&Text(english).to_string(), &Text(korean).to_string()));
        writeln!(page, "<p class=\"elsewhere\">{said}</p>")?;
    }
    let lines = elsewhere::lines(&exhibit.entries, before);
    let points = line_of_custody::points(&lines, page.language);
    let drawing = line_of_custody::drawing(&points, &name.to_string(), page.language);
    page.write_all(drawing.as_bytes())?;
    page.write_all(b"<table class=\"history\">\n")?;
    let caption = (format!("Custody history of {name}"), format!("{name} 보관 이력"));
    let caption = page.language.join((&caption.0, &caption.1), " ");
    page.table_head(
        &caption,
        &[
            (("Recorded at", "기록 시각"), false),
            (("What happened", "처리 내용"), false),
            (("Signed by, entry", "서명, 기록 항목"), false),
        ],
    )?;
    for line in &lines {
        write_entry(line, agents, page)?;
    }
    page.write_all(b"</table>\n")
}

fn write_entry(told: &Line<'_>, agents: &[ToldAgent], page: &mut Page<'_>) -> io::Result<()> {
    let entry = &told.signed.entry;
    let class = if told.elsewhere.is_some() { " class=\"elsewhere\"" } else { "" };
    write!(page, "<tr{class}><td class=\"time\">{}", time(entry.recorded_at).replacen(' ', "<br>", 1))?;
    if entry.occurred_at != entry.recorded_at {
        let happened = page.inline(("happened", "발생"));
        write!(page, "<br>{happened}<br>{}", time(entry.occurred_at).replacen(' ', "<br>", 1))?;
    }
    write!(page, "</td><td>")?;
    write_what(told, page)?;
    write!(page, "</td><td>")?;
    write_who(told, agents, page)?;
    writeln!(page, "</td></tr>")
}

/// What an entry says.
fn write_what(told: &Line<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let (entry, language) = (&told.signed.entry, page.language);
    if let Some(archive) = &told.elsewhere {
        let archive = Text(archive);
        let there = entry.exhibit.map(|exhibit| exhibit.to_string()).unwrap_or_default();
        let said = page.inline((
            &format!("<strong>In the archive {archive}</strong>, there called <code>{there}</code>"),
            &match language {
                ReportLanguage::Both => "(다른 보존소의 기록 항목)".to_owned(),
                _ => format!("<strong>보존소 {archive}</strong>의 기록 항목, 그곳에서의 이름 <code>{there}</code>"),
            },
        ));
        write!(page, "{said}<br>")?;
    }
    let event = page.stacked(words::event(&entry.event));
    write!(page, "{event}")?;
    let particulars = words::particulars(&entry.event, language);
    if matches!(entry.event, Event::GapDeclared(_)) {
        write!(page, "<br><strong>{}</strong>", Text(particulars))?;
    } else if !particulars.is_empty() {
        write!(page, "<br><code>{}</code>", Text(particulars))?;
    }
    for (english, korean) in &told.remarks {
        let remark = match language {
            ReportLanguage::Korean => format!("<strong>{korean}</strong>"),
            _ => page.inline((&format!("<strong>{english}</strong>"), korean)),
        };
        write!(page, "<br>{remark}")?;
    }
    for field in &told.fields {
        let (before, value, meaning) = labels::value(field.name(), field.value(), language);
        let label = labels::field(field.name(), language);
        write!(page, "<br>{}: {before}<bdi>{}</bdi>{}", Text(label), Text(value), Text(meaning))?;
    }
    if told.withheld_fields > 0 {
        let count = told.withheld_fields;
        let noun = if count == 1 { "field" } else { "fields" };
        let withheld = page.inline((&format!("{count} {noun} withheld"), &format!("비공개 {count}건")));
        write!(page, "<br><em>{withheld}</em>")?;
    }
    Ok(())
}

/// Who signed and approved an entry, and where it is.
fn write_who(told: &Line<'_>, agents: &[ToldAgent], page: &mut Page<'_>) -> io::Result<()> {
    let (entry, language) = (&told.signed.entry, page.language);
    for signature in &told.signed.signatures {
        let who = signer(agents, signature.key, entry.index, told.elsewhere.as_deref(), language);
        write!(page, "<bdi>{}</bdi><br><code>{}</code><br>", Text(who), Text(signature.key))?;
    }
    for approval in &entry.attached.approvals {
        let who = signer(agents, approval.key, entry.index, told.elsewhere.as_deref(), language);
        let approved = page.inline(("approved by", "승인"));
        write!(page, "{approved} <bdi>{}</bdi><br><code>{}</code><br>", Text(who), Text(approval.key))?;
    }
    if let Some(archive) = &told.elsewhere {
        let log = page.inline(("log", "기록부"));
        write!(page, "{log} {}<br>", Text(archive))?;
    }
    let index = page.inline(texts::LOG_INDEX);
    write!(page, "{index} {}", entry.index)?;
    for file in &told.files {
        write!(page, "<br>{}", Page::path(file))?;
    }
    Ok(())
}

fn write_agents(agents: &[ToldAgent], page: &mut Page<'_>) -> io::Result<()> {
    heading(page, "agents")?;
    page.write_all(b"<table>\n")?;
    let caption = page.language.join(("Agents and keys", "담당자와 키"), " ");
    page.table_head(
        &caption,
        &[(("Key", "키 지문"), false), (("Agent", "담당자"), false), (("Introduced", "등록"), false)],
    )?;
    let index = page.inline(texts::LOG_INDEX);
    for agent in agents {
        write!(page, "<tr><td><code>{}</code></td><td>", Text(agent.record.public_key.id()))?;
        match &agent.name {
            Some(name) => write!(page, "<bdi>{}</bdi>", Text(name))?,
            None => {
                let withheld = page.inline(words::NAME_WITHHELD);
                write!(page, "<em>{withheld}</em>")?;
            }
        }
        let kind = page.inline(words::agent_kind(agent.record.kind));
        write!(page, "<br>{kind}")?;
        for (roles, until) in agent.all_roles() {
            if let Some(until) = until {
                let text = match page.language {
                    ReportLanguage::Korean => format!("기록부 번호 {until}까지"),
                    _ => format!("{} {until}", page.inline(("until log index", "기록부 번호"))),
                };
                write!(page, "<br>{text}:")?;
            }
            for role in roles {
                let role = page.inline(words::role(*role));
                write!(page, "<br>{role}")?;
            }
        }
        let introduced = &agent.introduced.signed.entry;
        write!(page, "</td><td><span class=\"time\">{}</span>", time(introduced.recorded_at))?;
        write!(page, "<br>{index} {}", introduced.index)?;
        write!(page, "<br><code>{}</code>", Text(&agent.introduced.message))?;
        if let Some((english, korean)) = agent.ended.map(Ended::told) {
            let ended = page.inline((&Text(english).to_string(), &Text(korean).to_string()));
            write!(page, "<br><strong>{ended}</strong>")?;
        }
        writeln!(page, "</td></tr>")?;
    }
    page.write_all(b"</table>\n")
}
