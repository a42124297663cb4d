//! Drafts of statements that persons make: a certification for courts of the United States, and a custodian's
//! statement. The program fills in what follows from the bundle and leaves blank what only a person can say.

use std::io::{self, Write};

use super::checks::Checks;
use super::contents::Contents;
use super::html::{Kind, Output, Page, Text, with_letters};
use super::language::ReportLanguage;
use super::notation::{Bilingual, Number, time};
use super::told::{Ended, ToldAgent};
use super::{labels, page, texts, words};
use vouchsafe_archive::ReportError as Failure;
use vouchsafe_core::SOFTWARE;
use vouchsafe_core::model::EntryIndex;
use vouchsafe_core::model::vocabulary::field;

/// What stands on top of every draft, on the screen alone: on paper it would still be there when it is signed.
const DRAFT: Bilingual = (
    "<strong>DRAFT. NOT COMPLETE, NO STATEMENT UNTIL IT IS SIGNED, NOT LEGAL ADVICE.</strong> A program filled in what follows \
     from the bundle and from the archive's log. A qualified person must read all of it, strike out or correct what they do not know to be true, fill in \
     every blank, and have it reviewed by counsel in the jurisdiction where it is used. This box is not printed.",
    "<strong>초안. 완성되지 않았고, 서명하기 전에는 진술이 아니며, 법률 자문이 아닙니다.</strong> 프로그램은 제출 묶음과 보존소의 기록부에서 알 수 \
     있는 것만 채웠습니다. 자격 있는 사람이 전부 읽고, 사실임을 알지 못하는 것은 지우거나 고치고, 모든 빈칸을 채운 뒤, 사용할 \
     관할의 변호사에게 검토받아야 합니다. 이 상자는 인쇄되지 않습니다.",
);

fn draft(page: &mut Page<'_>) -> io::Result<()> {
    page.write_all(b"<div class=\"draft\">\n")?;
    page.paragraph(DRAFT)?;
    page.write_all(b"</div>\n")
}

/// A line that ends with a blank.
fn blank(page: &mut Page<'_>, label: &str) -> io::Result<()> {
    writeln!(page, "<p>{label}: <span class=\"blank\"></span></p>")
}

/// A sentence with room for an answer of some length.
fn long_blank(page: &mut Page<'_>, label: &str) -> io::Result<()> {
    writeln!(page, "<p class=\"asked\">{label} <span class=\"blank long\"></span></p>")
}

/// Statements of which a person marks the one that is true. What a person states is never printed as stated.
fn choices(page: &mut Page<'_>, items: &[&str]) -> io::Result<()> {
    for item in items {
        writeln!(page, "<p class=\"choice\">☐ {item}</p>")?;
    }
    Ok(())
}

fn section(page: &mut Page<'_>, title: &str) -> io::Result<()> {
    writeln!(page, "<h2>{title}</h2>")
}

fn list(page: &mut Page<'_>, items: &[&str]) -> io::Result<()> {
    page.write_all(b"<ul>\n")?;
    for item in items {
        writeln!(page, "<li>{item}</li>")?;
    }
    page.write_all(b"</ul>\n")
}

/// `report/certificate-902.html`: a draft under Federal Rules of Evidence 902(13) and (14).
pub(super) fn write_certificate(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    with_letters(out, |output| write_certification(contents, output))
}

fn write_certification(contents: &Contents<'_>, output: Output<'_>) -> Result<(), Failure> {
    let title =
        ("Certification under Fed. R. Evid. 902(13) and (14)", "미국 연방증거규칙 제902조 (13)·(14)에 따른 확인서");
    // It is for a court that reads English; a bundle in Korean alone explains in Korean what it is.
    let language = match contents.language {
        ReportLanguage::Korean => ReportLanguage::Both,
        other => other,
    };
    let page = &mut Page::begin(output, language, title, Kind::Draft)?;
    draft(page)?;
    if language == ReportLanguage::Both {
        page.write_all(
            "<p lang=\"ko\">이 확인서는 미국 법원에 제출하는 것이므로 본문은 영어로만 작성합니다.</p>\n".as_bytes(),
        )?;
    }
    long_blank(page, "Caption of the case (court, parties, case no.):")?;
    write_declarant(page)?;
    write_system(contents, page)?;
    write_acquisition(page)?;
    write_comparison(contents, page)?;
    section(page, "5. Custody, and checks in between")?;
    page.write_all(
        b"<p>The custody history of each item is in <code>report/report.html</code>, section 6; each act in it is \
          signed, and its receipt is in <code>exhibits/</code>.</p>\n",
    )?;
    if let Some((english, _)) = contents.checks.as_ref().map(Checks::told) {
        writeln!(page, "<p>{}</p>", Text(english))?;
    }
    long_blank(
        page,
        "Checks of fixity between acquisition and today (dates, by whom, outcome). The bundle does not hold them; they \
         are in the custody log of the archive:",
    )?;
    section(page, "6. Regular course of business, if it is relied on")?;
    long_blank(
        page,
        "Whether, and on what basis, the declarant states that these records were made and kept in the \
                     course of a regularly conducted activity, as a regular practice:",
    )?;
    section(page, "7. Notice")?;
    long_blank(
        page,
        "Reasonable written notice of the intent to offer the items, and opportunity to inspect the items \
                     and this certification, were given to (party, date, manner):",
    )?;
    write_scope(page)?;
    write_signature(page)?;
    write_annex(contents, true, page)?;
    page.end()?;
    Ok(())
}

fn write_declarant(page: &mut Page<'_>) -> io::Result<()> {
    section(page, "1. The declarant")?;
    for label in ["Name", "Employer", "Position"] {
        blank(page, label)?;
    }
    long_blank(page, "Qualification: education, training and experience that make the declarant a qualified person:")?;
    long_blank(page, "Basis of knowledge: how the declarant knows what is stated below:")
}

fn write_system(contents: &Contents<'_>, page: &mut Page<'_>) -> io::Result<()> {
    section(page, "2. The process and system, Rule 902(13)")?;
    writeln!(
        page,
        "<p>The items were kept in the evidence archive <code>{}</code>, by the program <code>{}</code>. As the program \
         is specified (<code>FORMAT.md</code> and <code>BUNDLE.md</code> in the bundle):</p>",
        Text(&contents.archive.description().origin()),
        Text(SOFTWARE)
    )?;
    list(
        page,
        &[
            "Each file is read once when it is ingested; its SHA-256 is computed over all of its bytes, and the bytes \
             are kept unchanged under that value.",
            "Each act on a file is an entry in a custody log, signed (Ed25519) with the key of the agent who acts. \
             Changing or removing an entry changes the root of the log's Merkle tree (RFC 6962); whoever holds an \
             earlier signed checkpoint can detect it.",
            "The state of the log is signed in checkpoints. Each entry in the bundle has a receipt that proves by \
             hashes that it is in the log of the checkpoint.",
            "When items are exported, their bytes are hashed again and compared with the recorded value; the program \
             refuses to export on any difference.",
        ],
    )?;
    long_blank(
        page,
        "Why the declarant knows that this process produces an accurate result (tests, verification with independent \
         tools such as sha256sum, ssh-keygen and openssl, experience with the system), and the computer, operating \
         system and program version on which it was run:",
    )
}

fn write_acquisition(page: &mut Page<'_>) -> io::Result<()> {
    section(page, "3. Source and acquisition, Rule 902(14)")?;
    page.write_all(
        b"<p>The bundle records when each file was ingested and its hash at that time. What it records of the time \
          before, if anything, are statements by others.</p>\n",
    )?;
    for label in [
        "Source device, medium or file of each item (make, model, serial number, or description):",
        "How, when (with time zone), and by whom the data were copied from the source, and with what tool and version:",
        "Hash of the data at the source, if one was computed (algorithm, value, tool, date, by whom):",
    ] {
        long_blank(page, label)?;
    }
    Ok(())
}

fn write_comparison(contents: &Contents<'_>, page: &mut Page<'_>) -> io::Result<()> {
    section(page, "4. Digital identification, Rule 902(14)")?;
    writeln!(
        page,
        "<p>Algorithm: SHA-256 (FIPS 180-4). The annex lists for each item the SHA-256 that was recorded when it was \
         ingested, and that the program computed the same value again when it made this bundle, on {}.</p>",
        time(contents.created_at)
    )?;
    for label in [
        "Tool and version with which the declarant computed the SHA-256 of the proffered items",
        "Date and time (with time zone) of the computation",
    ] {
        blank(page, label)?;
    }
    let compared = "I compared the SHA-256 of each proffered item with the SHA-256 that was recorded when the archive \
                    ingested it (which is not necessarily when it was acquired from the source), as listed in the Annex, \
                    and they are identical, with the following exceptions (write &#8220;none&#8221; if there are none):";
    choices(page, &[compared, "I did not compare them."])?;
    long_blank(page, "Exceptions:")?;
    let description = contents.archive.description();
    writeln!(
        page,
        "<p>Fingerprint of the archive that the bundle is from: <code>{}</code></p>",
        Text(description.fingerprint.paper())
    )?;
    choices(page, &["I compared it with a source other than the bundle, and they agree.", "I did not compare it."])?;
    blank(page, "Source of the fingerprint")?;
    writeln!(
        page,
        "<p>SHA-256 of the bundle (of its file <code>tagmanifest-sha256.txt</code>; <code>vouchsafe-check BUNDLE</code> \
         prints it as &#8220;bundle&#8221;, and <code>sha256sum tagmanifest-sha256.txt</code> computes it): \
         <span class=\"blank wide\"></span></p>"
    )
}

fn write_scope(page: &mut Page<'_>) -> io::Result<()> {
    section(page, "8. Scope")?;
    page.write_all(
        b"<p>This certification goes to authenticity only. It does not state that what an item shows is true, who made \
          it, or that it was unaltered before it was acquired; objections on other grounds, hearsay included, remain \
          open.</p>\n",
    )
}

fn write_signature(page: &mut Page<'_>) -> io::Result<()> {
    page.write_all(b"<div class=\"signature\">\n")?;
    section(page, "9. Signature")?;
    page.write_all(
        b"<p>The words of the oath are to be checked against 28 U.S.C. \xc2\xa7 1746 by counsel. Mark one and strike out \
          the other.</p>\n",
    )?;
    choices(
        page,
        &[
            "Signed within the United States: I declare under penalty of perjury that the foregoing and the Annex, which \
             is part of this certification, are true and correct.",
            "Signed outside of the United States: I declare under penalty of perjury under the laws of the United States \
             of America that the foregoing and the Annex, which is part of this certification, are true and correct.",
        ],
    )?;
    long_blank(
        page,
        "For a foreign certification: the law under which a false statement here is criminally punishable in the \
         country where this is signed:",
    )?;
    write_signing(page, &["Executed on (date)", "At (place)", "Signature"])?;
    page.write_all(b"</div>\n")
}

/// Where and when it is signed, and the signature, on one sheet.
fn write_signing(page: &mut Page<'_>, labels: &[&str]) -> io::Result<()> {
    page.write_all(b"<div class=\"signature\">\n")?;
    for label in labels {
        blank(page, label)?;
    }
    page.write_all(b"</div>\n")
}

/// The items with their hashes. `is_compared`: with blanks for what the declarant computes.
fn write_annex(contents: &Contents<'_>, is_compared: bool, page: &mut Page<'_>) -> Result<(), Failure> {
    let title = page.inline(("Annex: items", "부록: 증거물"));
    section(page, &title)?;
    let (count, made) = (Number(contents.plan.exhibits.len() as u64), time(contents.created_at));
    let items = if contents.plan.exhibits.len() == 1 { "item" } else { "items" };
    let english = format!(
        "{count} {items}. The hash was recorded at ingest by the named program, and computed again with the same value by \
         <code>{}</code> on {made}.",
        Text(SOFTWARE)
    );
    let korean = format!(
        "증거물 {count}건. 해시값은 수록할 때 표에 적힌 프로그램이 기록하였고, {made}에 프로그램 <code>{}</code>에서 다시 계산하여 같은 \
         값을 얻었습니다.",
        Text(SOFTWARE)
    );
    page.paragraph((&english, if is_compared { "" } else { &korean }))?;
    page.write_all(b"<table>\n")?;
    let caption = page.language.join(("Items", "증거물"), " ");
    page.table_head(
        &caption,
        &[
            (texts::NUMBER, true),
            (("Item, file", "증거물, 파일"), false),
            (("SHA-256 at ingest", "수록 시 해시값"), false),
            (("Bytes", "바이트"), true),
            (("Ingested, by program", "수록 시각, 프로그램"), false),
        ],
    )?;
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        writeln!(
            page,
            "<tr{}><td>{}</td><td><code class=\"name\">{}</code>{}<br><code class=\"name\">{}</code></td><td><code class=\"digest\">{}</code></td><td class=\"number\">{}</td><td class=\"time\">{}<br>\
             <code>{}</code></td></tr>",
            // The blank line below belongs to it.
            if is_compared { " class=\"item\"" } else { "" },
            exhibit.number,
            exhibit.planned.exhibit,
            page::called(&exhibit),
            Text(&exhibit.file),
            exhibit.planned.object,
            Number(exhibit.planned.size_bytes),
            time(exhibit.ingest().signed.entry.recorded_at).replacen(' ', "<br>", 1),
            Text(exhibit.software())
        )?;
        if is_compared {
            page.write_all(
                b"<tr><td></td><td colspan=\"4\">SHA-256 of the proffered item: <span class=\"blank wide\"></span><br> \
                  computed on: <span class=\"blank\"></span></td></tr>\n",
            )?;
        }
    }
    page.write_all(b"</table>\n")?;
    Ok(())
}

/// What only the custodian can say.
const ACCESS: Bilingual = (
    "Who else had access to the archive, its keys and its storage, and how access was limited:",
    "그 밖에 보존소와 그 키, 저장 매체에 접근할 수 있었던 사람과 접근 제한 방법:",
);
const ORIGIN: Bilingual = (
    "From whom and how each exhibit was received, as far as it may be said here:",
    "각 증거물을 누구에게서 어떻게 받았는지 (여기에서 밝힐 수 있는 범위에서):",
);
const INCIDENTS: Bilingual = (
    "Incidents (loss, damage, seizure, compromise of a key), or \"none known\":",
    "사고 (분실, 훼손, 압수, 키 유출) 또는 “알려진 것 없음”:",
);
// How many copies there are and where they lie is in the log, and stays there: it would lead to them.
const CHECKS: Bilingual =
    ("Other fixity checks, and backups that were made, with dates:", "그 밖에 실시한 무결성 검사와 백업, 그 날짜:");
const SELECTION: Bilingual = (
    "How the exhibits in this bundle were selected, by whom, and whether others were left out:",
    "이 제출 묶음의 증거물을 누가 어떻게 선별하였는지, 제외된 것이 있는지:",
);
const BUNDLE_HASH: Bilingual = (
    "SHA-256 of the bundle, of its file tagmanifest-sha256.txt, as vouchsafe-check prints it (\"bundle\") or sha256sum \
     computes it; the bundle cannot hold its own hash:",
    "제출 묶음의 SHA-256 (tagmanifest-sha256.txt의 해시값; vouchsafe-check가 “bundle”로 출력하거나 sha256sum으로 계산). 제출 \
     묶음은 자신의 해시값을 담을 수 없습니다:",
);

/// `report/custodian-statement.html`: a draft for whoever keeps the archive.
pub(super) fn write_custodian(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    with_letters(out, |output| write_statement(contents, output))
}

fn write_statement(contents: &Contents<'_>, output: Output<'_>) -> Result<(), Failure> {
    let title = ("Statement of the custodian", "보관자 진술서");
    let page = &mut Page::begin(output, contents.language, title, Kind::Draft)?;
    draft(page)?;
    for label in [
        ("Court and case no.", "법원·사건번호"),
        ("Name", "성명"),
        ("Organisation", "소속 기관"),
        ("Position, and since when", "직위와 재직 기간"),
    ] {
        let label = page.inline(label);
        blank(page, &label)?;
    }
    write_what_is_kept(contents, page)?;
    write_what_is_logged(contents, page)?;
    let title = page.inline(("What I do not state", "진술하지 않는 것"));
    section(page, &title)?;
    page.list(texts::NOT_PROVEN)?;
    let labels = [("Place and date", "장소와 날짜"), ("Signature", "서명")].map(|label| page.inline(label));
    write_signing(page, &[&labels[0], &labels[1]])?;
    write_annex(contents, false, page)?;
    page.end()?;
    Ok(())
}

fn write_what_is_kept(contents: &Contents<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let description = contents.archive.description();
    let title = page.inline(("The archive and its keys", "보존소와 키"));
    section(page, &title)?;
    page.write_all(b"<table>\n")?;
    page.row(("Archive (name of its log)", "보존소 (기록부 이름)"), description.origin())?;
    page.code_row(("Fingerprint of the archive", "보존소의 지문"), &description.fingerprint.paper())?;
    page.code_row(("Key of the first administrator", "최초 관리자의 키"), &description.administrator.id().to_string())?;
    page.code_row(("Key of the log", "기록부 키"), &description.log_key.to_string())?;
    page.row(("Exhibits in this bundle", "이 제출 묶음의 증거물 수"), Number(contents.plan.exhibits.len() as u64))?;
    if let Some((first, last)) = contents.ingested {
        page.row(("First exhibit in custody since", "첫 증거물의 보관 시작"), time(first))?;
        page.row(("Last exhibit in custody since", "마지막 증거물의 보관 시작"), time(last))?;
    }
    page.write_all(b"</table>\n")?;
    let compared = page.inline((
        "I compared the keys above with those that I know from my own knowledge, not from this bundle.",
        "위의 키를 이 제출 묶음이 아니라 제가 직접 알고 있는 키와 대조하였습니다.",
    ));
    let not_compared = page.inline(("I did not compare them.", "대조하지 않았습니다."));
    choices(page, &[&compared, &not_compared])?;
    page.paragraph((
        "Nothing is stated here of an exhibit before the time at which it was ingested; of what was before, others must \
         speak.",
        "여기서는 각 증거물이 수록되기 전의 일에 관하여 진술하지 않으며, 그 이전에 관해서는 다른 사람이 진술하여야 합니다.",
    ))
}

/// What the bundle or the log says of what a custodian is asked, each before room for what only the custodian knows.
fn write_what_is_logged(contents: &Contents<'_>, page: &mut Page<'_>) -> Result<(), Failure> {
    let title = page.inline(("Custody", "보관"));
    section(page, &title)?;
    page.paragraph((
        "The tables below were filled in from the bundle and from the archive's log. Strike out what you do not know to be true.",
        "아래 표는 제출 묶음과 보존소의 기록부에서 채운 것입니다. 사실임을 알지 못하는 것은 지우십시오.",
    ))?;
    let agents = contents.agents()?;
    let named = agents.iter().map(|agent| (agent.record.kind, agent_row(contents, agent)));
    let rows: Vec<_> = named.map(|(kind, value)| (words::agent_kind(kind), value)).collect();
    table(page, ("Whose keys sign in this bundle", "이 제출 묶음에 서명한 키의 소유자"), &rows)?;
    ask(page, ACCESS)?;
    table(
        page,
        ("Where exhibits came from, as far as the bundle says", "제출 묶음에 나타난 증거물의 출처"),
        &sources(contents)?,
    )?;
    ask(page, ORIGIN)?;
    let summary = contents.summary()?;
    let incidents = [
        (
            ("Gaps in custody that this archive declares", "이 보존소가 기록한 보관 공백"),
            Number(summary.gaps - summary.gaps_elsewhere).to_string(),
        ),
        (
            ("Revoked keys among those that sign here", "여기에 서명한 키 가운데 폐지된 키"),
            Number(summary.revoked_keys).to_string(),
        ),
    ];
    table(page, ("What the log records of these exhibits", "이 증거물에 관하여 기록부에 있는 것"), &incidents)?;
    ask(page, INCIDENTS)?;
    if let Some((english, korean)) = contents.checks.as_ref().map(Checks::told) {
        page.paragraph((&Text(english).to_string(), &Text(korean).to_string()))?;
    }
    ask(page, CHECKS)?;
    let mut selection = texts::completeness(contents);
    selection.extend(contents.handover.recipient.map(|name| (("For", "받는 사람"), name.to_owned())));
    selection.extend(contents.handover.purpose.map(|purpose| (("Purpose", "제출 목적"), purpose.to_owned())));
    table(page, ("This bundle", "이 제출 묶음"), &selection)?;
    ask(page, SELECTION)?;
    ask(page, BUNDLE_HASH)?;
    Ok(())
}

fn ask(page: &mut Page<'_>, (english, korean): Bilingual) -> io::Result<()> {
    let label = page.stacked((&Text(english).to_string(), &Text(korean).to_string()));
    long_blank(page, &label)
}

/// A table with a heading, if there is something in it.
fn table(page: &mut Page<'_>, title: Bilingual, rows: &[(Bilingual, String)]) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let title = page.inline(title);
    writeln!(page, "<h3>{title}</h3>\n<table>")?;
    for (name, value) in rows {
        page.row(*name, value)?;
    }
    page.write_all(b"</table>\n")
}

/// Who an agent is, what it may do, and since when.
fn agent_row(contents: &Contents<'_>, agent: &ToldAgent) -> String {
    let language = contents.language;
    let entry = &agent.introduced.signed.entry;
    let who = agent.told_at(EntryIndex(contents.head.checkpoint.size), language);
    let since = language.join(("since", "등록"), " ");
    let mut row = format!("{who}\n{since} {}\n{}", time(entry.recorded_at), agent.record.public_key.id());
    if let Some((english, korean)) = agent.ended.map(Ended::told) {
        row.push_str(&format!("\n{}", language.join((&english, &korean), " ")));
    }
    row
}

/// From whom exhibits came, where that is disclosed.
fn sources(contents: &Contents<'_>) -> Result<Vec<(Bilingual, String)>, Failure> {
    let language = contents.language;
    let mut rows = Vec::new();
    for (name, called) in
        SOURCES.iter().filter_map(|name| field(name).map(|known| (*name, (known.english, known.korean))))
    {
        let mut told = Vec::new();
        for exhibit in contents.exhibits() {
            let exhibit = exhibit?;
            let value = exhibit.fields().find(|field| field.name().as_str() == name);
            told.extend(value.map(|field| {
                let (before, value, meaning) = labels::value(field.name(), field.value(), language);
                format!("{}. {}: {before}{value}{meaning}", exhibit.number, exhibit.planned.exhibit)
            }));
        }
        if !told.is_empty() {
            rows.push((called, told.join("\n")));
        }
    }
    let mut received = Vec::new();
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        received.extend(exhibit.is_received().then(|| format!("{}. {}", exhibit.number, exhibit.planned.exhibit)));
    }
    if !received.is_empty() {
        rows.push((("Received from another archive", "다른 보존소에서 인수"), received.join("\n")));
    }
    Ok(rows)
}

/// The fields that say from whom and how an exhibit came.
const SOURCES: &[&str] = &["source", "channel"];
