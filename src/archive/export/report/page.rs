//! `report/report.html`: what a bundle holds, for people who read and do not compute.

use std::io::{self, Write};

use super::html::{self, Number, Text};
use super::words::{self, Bilingual};
use super::{Contents, Failure, Told, ToldAgent, ToldExhibit};
use crate::SOFTWARE;
use crate::model::Timestamp;

pub(super) const NOT_PROVEN: &[Bilingual] = &[
    (
        "What an exhibit shows, who made it, and what happened to it before it was ingested.",
        "증거물이 무엇을 보여 주는지, 누가 만들었는지, 수록되기 전에 무슨 일이 있었는지는 증명되지 않습니다.",
    ),
    (
        "That these are all exhibits there are, or that the last entries about an exhibit are all there were. A bundle \
         is a selection, and what is left out at an end leaves no gap.",
        "이것이 존재하는 모든 증거물이라는 점, 또는 마지막 기록 항목 뒤에 다른 항목이 없다는 점은 증명되지 않습니다. \
         묶음은 선별된 것이며, 끝에서 빠진 것은 빈자리를 남기지 않습니다.",
    ),
    (
        "That nothing happened to an exhibit after the checkpoint, and that no key was revoked after it.",
        "기준점 이후에 증거물에 아무 일도 없었다는 점, 그 이후에 폐지된 키가 없다는 점은 증명되지 않습니다.",
    ),
    (
        "When something happened: all times are those of the archive's own clock.",
        "어떤 일이 언제 있었는지는 증명되지 않습니다. 모든 시각은 보존소 자체 시계의 시각입니다.",
    ),
    (
        "Whose archive it is, unless the administrator's fingerprint or the log's key reached the reader by another \
         road than this bundle.",
        "관리자의 키 지문이나 기록부 키가 이 묶음이 아닌 다른 경로로 전달되지 않았다면, 누구의 보존소인지는 증명되지 \
         않습니다.",
    ),
    (
        "That a media type is right: it was recognised from the content by a program.",
        "매체 유형이 정확하다는 점은 증명되지 않습니다. 프로그램이 내용을 보고 식별한 것입니다.",
    ),
];

const SECTIONS: &[(&str, Bilingual)] = &[
    ("bundle", ("1. The bundle", "제출 묶음")),
    ("verification", ("2. Verification", "검증")),
    ("withheld", ("3. What is withheld, and why", "비공개 사항과 그 이유")),
    ("not-proven", ("4. What is not proven", "증명되지 않는 것")),
    ("exhibits", ("5. The exhibits", "증거물 목록")),
    ("custody", ("6. Custody history", "관리 연속성 이력")),
    ("agents", ("7. Agents and keys", "행위자와 키")),
];

pub(super) fn write(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    html::begin(out, ("Evidence report", "증거 보고서"))?;
    html::paragraph(
        out,
        (
            "This page was made by a program from the files of the bundle that it is in. It is for reading: nothing \
             depends on it, and what it says can be checked against the files it names.",
            "이 문서는 프로그램이 제출 묶음 안의 파일로 만든 것입니다. 읽기 위한 것일 뿐 아무것도 이 문서에 의존하지 \
             않으며, 내용은 여기에 적힌 파일과 대조하여 확인할 수 있습니다.",
        ),
    )?;
    out.write_all(b"<ol class=\"contents\">\n")?;
    for (anchor, (english, korean)) in SECTIONS {
        let english = english.split_once(". ").map_or(*english, |(_, title)| title);
        writeln!(out, "<li><a href=\"#{anchor}\">{english} <span lang=\"ko\">{korean}</span></a></li>")?;
    }
    out.write_all(b"</ol>\n")?;
    write_bundle(contents, out)?;
    write_verification(contents, out)?;
    write_withheld(contents, out)?;
    heading(out, "not-proven")?;
    html::list(out, NOT_PROVEN)?;
    write_exhibits(contents, out)?;
    write_custody(contents, out)?;
    write_agents(&contents.agents()?, out)?;
    html::end(out)?;
    Ok(())
}

fn heading(out: &mut dyn Write, anchor: &str) -> io::Result<()> {
    let title = SECTIONS.iter().find(|(found, _)| *found == anchor).map_or(("", ""), |(_, title)| *title);
    html::heading(out, anchor, title)
}

/// A time with its zone, so that nobody has to guess it.
pub(super) fn time(at: Timestamp) -> String {
    format!("{} UTC", at.to_string().trim_end_matches('Z').replace('T', " "))
}

fn write_bundle(contents: &Contents<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (plan, description) = (contents.plan, contents.archive.description());
    heading(out, "bundle")?;
    out.write_all(b"<table>\n")?;
    html::row(out, ("Archive (name of its log)", "보존소 (기록부 이름)"), description.origin())?;
    html::row(out, ("Made at", "작성 시각"), time(contents.created_at))?;
    html::row(out, ("Made by the program", "작성 프로그램"), SOFTWARE)?;
    html::row(out, ("Exhibits", "증거물 수"), Number(plan.exhibits.len() as u64))?;
    html::row(out, ("Entries about them", "관련 기록 항목 수"), Number(plan.entries))?;
    html::row(out, ("Bytes of the exhibits", "증거물의 바이트 수"), Number(plan.size_bytes))?;
    html::row(out, ("Fields withheld", "비공개 항목 수"), Number(plan.withheld_fields))?;
    html::row(
        out,
        ("Fingerprint of the first administrator's key", "최초 관리자의 키 지문"),
        description.administrator.id(),
    )?;
    html::row(out, ("Key of the log", "기록부 키"), &description.log_key)?;
    html::row(out, ("Fingerprint of the key that signed the bundle", "묶음에 서명한 키의 지문"), contents.signer)?;
    html::row(out, ("Checkpoint: entries in the log", "기준점: 기록부의 항목 수"), contents.head.checkpoint.size)?;
    html::row(out, ("Checkpoint: root of the log", "기준점: 기록부의 루트"), contents.head.checkpoint.root)?;
    out.write_all(b"</table>\n")?;
    html::paragraph(
        out,
        (
            "All times in this report are in UTC (Coordinated Universal Time). Korea Standard Time is UTC+09:00.",
            "이 보고서의 모든 시각은 협정 세계시(UTC)입니다. 한국 표준시는 UTC+09:00입니다.",
        ),
    )
}

fn write_verification(contents: &Contents<'_>, out: &mut dyn Write) -> io::Result<()> {
    heading(out, "verification")?;
    html::paragraph(
        out,
        (
            "When the bundle was made, the SHA-256 of every exhibit was computed again while it was copied, and was the \
             one that was recorded when it was ingested; the program makes no bundle otherwise. The finished bundle is \
             read once more and checked before it gets its name. This page is part of the bundle, so it cannot hold \
             the outcome of that check; whoever receives the bundle repeats it, without trusting whoever made it:",
            "이 묶음을 만들 때 모든 증거물의 SHA-256을 복사하면서 다시 계산하였고, 그 값은 수록할 때 기록된 값과 같았습니다. \
             같지 않으면 프로그램은 묶음을 만들지 않습니다. 완성된 묶음은 이름이 붙기 전에 다시 읽어 검사합니다. 이 문서는 \
             묶음의 일부이므로 그 검사의 결과를 담을 수 없습니다. 묶음을 받은 사람은 만든 사람을 믿지 않고도 다음과 같이 \
             다시 검사할 수 있습니다.",
        ),
    )?;
    writeln!(
        out,
        "<p><code>vouchsafe-check BUNDLE --trust {}</code></p>",
        Text(contents.archive.description().administrator.id())
    )?;
    html::paragraph(
        out,
        (
            "The fingerprint must come from another place than this bundle: a sworn statement, paper, the \
             organisation's own site. <code>BUNDLE.md</code> says how to check with ordinary tools.",
            "키 지문은 이 묶음이 아닌 다른 곳(선서 진술서, 종이 문서, 기관의 누리집)에서 받아야 합니다. 일반 도구로 \
             검사하는 방법은 <code>BUNDLE.md</code>에 있습니다.",
        ),
    )?;
    // The verdict is for a person to write down, with the day and the hand that did it.
    out.write_all(b"<table>\n")?;
    let blank = |out: &mut dyn Write, (english, korean): Bilingual| {
        writeln!(
            out,
            "<tr><th scope=\"row\">{english}<br><span lang=\"ko\">{korean}</span></th><td>\
             <span class=\"blank\"></span></td></tr>"
        )
    };
    blank(out, ("Checked by, and when (with time zone)", "검사자와 검사 시각 (시간대 포함)"))?;
    blank(out, ("Fingerprint was received from", "키 지문을 받은 곳"))?;
    blank(out, ("Verdict of the check", "검사 판정"))?;
    out.write_all(b"</table>\n")
}

fn write_withheld(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    heading(out, "withheld")?;
    html::paragraph(
        out,
        (
            "The exhibits themselves are in the bundle whole. Of what was said about them, every field is withheld that \
             may identify a person, unless it was disclosed for this bundle: names, titles, places, dates, remarks, \
             and to whom copies were issued. How many fields are withheld is counted; what they are called is not told. \
             A field that is disclosed later can be checked to have been the same all the time.",
            "증거물 자체는 묶음에 온전히 들어 있습니다. 증거물에 관한 서술 정보 가운데 사람을 식별할 수 있는 항목(이름, 제목, \
             장소, 날짜, 비고, 사본을 받은 사람 등)은 이 묶음을 위하여 공개된 것을 제외하고 모두 비공개입니다. 비공개 항목의 \
             수는 밝히지만 항목의 이름은 밝히지 않습니다. 나중에 공개되는 항목은 처음부터 같은 내용이었는지 확인할 수 있습니다.",
        ),
    )?;
    out.write_all(
        "<table>\n<thead><tr><th>Exhibit <span lang=\"ko\">증거물</span></th><th>Fields disclosed \
         <span lang=\"ko\">공개</span></th><th>Fields withheld <span lang=\"ko\">비공개</span></th></tr></thead>\n"
            .as_bytes(),
    )?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let disclosed: usize = exhibit.entries.iter().map(|told| told.fields.len()).sum();
        let withheld: u64 = exhibit.entries.iter().map(|told| told.withheld_fields).sum();
        writeln!(
            out,
            "<tr><td><code>{}</code></td><td>{disclosed}</td><td>{withheld}</td></tr>",
            exhibit.planned.exhibit
        )?;
    }
    out.write_all(b"</table>\n")?;
    Ok(())
}

fn write_exhibits(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    heading(out, "exhibits")?;
    out.write_all(
        "<table>\n<thead><tr><th>Exhibit, file <span lang=\"ko\">증거물, 파일</span></th>\
         <th>SHA-256 <span lang=\"ko\">해시값</span></th><th>Bytes <span lang=\"ko\">바이트</span></th>\
         <th>In custody since <span lang=\"ko\">보관 시작</span></th></tr></thead>\n"
            .as_bytes(),
    )?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        let (name, planned) = (exhibit.planned.exhibit, exhibit.planned);
        writeln!(
            out,
            "<tr><td class=\"name\"><a href=\"#{name}\"><code>{name}</code></a><br><code>{}</code><br>{}</td><td><code>{}</code></td>\
             <td>{}</td><td class=\"time\">{}</td></tr>",
            Text(&exhibit.file),
            Text(&planned.media_type),
            planned.object,
            Number(planned.size_bytes),
            time(exhibit.ingest().signed.entry.recorded_at).replacen(' ', "<br>", 1),
        )?;
    }
    out.write_all(b"</table>\n")?;
    Ok(())
}

fn write_custody(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    heading(out, "custody")?;
    html::paragraph(
        out,
        (
            "The archive's custody of an exhibit begins with its ingest. Each row is an entry of the custody log, signed by the \
             agent whose key is named, with a receipt that proves that it is in the log.",
            "증거물에 대한 이 보존소의 보관은 수록으로 시작합니다. 각 행은 관리 연속성 기록부의 항목이며, 표시된 키를 가진 행위자가 \
             서명하였고, 기록부에 들어 있음을 증명하는 수록 증명서가 있습니다.",
        ),
    )?;
    for exhibit in contents.exhibits() {
        write_history(&exhibit?, out)?;
    }
    Ok(())
}

fn write_history(exhibit: &ToldExhibit<'_>, out: &mut dyn Write) -> io::Result<()> {
    let name = exhibit.planned.exhibit;
    writeln!(out, "<h3 id=\"{name}\">{name}</h3>")?;
    out.write_all(
        "<table>\n<thead><tr><th>Recorded at <span lang=\"ko\">기록 시각</span></th>\
         <th>What happened <span lang=\"ko\">행위</span></th>\
         <th>Entry, signed by <span lang=\"ko\">기록 항목, 서명</span></th></tr></thead>\n"
            .as_bytes(),
    )?;
    for told in &exhibit.entries {
        write_entry(told, out)?;
    }
    out.write_all(b"</table>\n")
}

fn write_entry(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    let entry = &told.signed.entry;
    let (english, korean) = words::event(entry.event.kind());
    write!(out, "<tr><td class=\"time\">{}", time(entry.recorded_at).replacen(' ', "<br>", 1))?;
    if entry.occurred_at != entry.recorded_at {
        write!(
            out,
            "<br>happened <span lang=\"ko\">발생</span><br>{}",
            time(entry.occurred_at).replacen(' ', "<br>", 1)
        )?;
    }
    write!(out, "</td><td>{english}<br><span lang=\"ko\">{korean}</span>")?;
    let particulars = words::particulars(&entry.event);
    if !particulars.is_empty() {
        write!(out, "<br><code>{}</code>", Text(particulars))?;
    }
    for field in &told.fields {
        write!(out, "<br>{}: <bdi>{}</bdi>", Text(field.name()), Text(field.value()))?;
    }
    if told.withheld_fields > 0 {
        let count = told.withheld_fields;
        let noun = if count == 1 { "field" } else { "fields" };
        write!(out, "<br><em>{count} {noun} withheld <span lang=\"ko\">비공개 {count}건</span></em>")?;
    }
    write!(out, "</td><td>log index <span lang=\"ko\">기록부 번호</span> {}", entry.index)?;
    for signature in &told.signed.signatures {
        write!(out, "<br><code>{}</code>", Text(signature.key))?;
    }
    writeln!(out, "<br><code>{}</code><br><code>{}</code></td></tr>", Text(&told.message), Text(&told.receipt))
}

fn write_agents(agents: &[ToldAgent], out: &mut dyn Write) -> io::Result<()> {
    heading(out, "agents")?;
    out.write_all(
        "<table>\n<thead><tr><th>Key <span lang=\"ko\">키 지문</span></th><th>Agent <span lang=\"ko\">행위자</span></th>\
         <th>Introduced <span lang=\"ko\">등록</span></th></tr></thead>\n"
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
        for (english, korean) in agent.record.roles.iter().map(|role| words::role(*role)) {
            write!(out, "<br>{english} <span lang=\"ko\">{korean}</span>")?;
        }
        let introduced = &agent.introduced.signed.entry;
        write!(out, "</td><td><span class=\"time\">{}</span>", time(introduced.recorded_at))?;
        write!(out, "<br>log index <span lang=\"ko\">기록부 번호</span> {}", introduced.index)?;
        write!(out, "<br><code>{}</code>", Text(&agent.introduced.message))?;
        if let Some((index, from)) = agent.revoked {
            write!(
                out,
                "<br><strong>revoked by entry {index}, not to be trusted from log index {from} on \
                 <span lang=\"ko\">폐지 (기록부 번호 {from}부터 신뢰할 수 없음)</span></strong>"
            )?;
        }
        writeln!(out, "</td></tr>")?;
    }
    out.write_all(b"</table>\n")
}
