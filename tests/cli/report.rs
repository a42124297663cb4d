//! The files in a bundle that are made for people and for other people's programs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use crate::desk::{Desk, Said, has_tool, not_run};

const FILES: &[&str] = &[
    "report/exhibits.csv",
    "report/loadfile.dat",
    "report/report.html",
    "report/certificate-902.html",
    "report/custodian-statement.html",
    "metadata/premis.xml",
    "metadata/case.jsonld",
];

/// A title that would break every one of the formats, were it not escaped. It is invented.
const TITLE: &str = "=1+1, \"목격자\" <b>&amp;</b>\u{14}\u{fe}\n\u{202e}줄";

/// What is withheld. All of it is invented.
const SECRETS: &[&str] =
    &["Source <Nine> & \"Ten\"", "gate-three.txt", "2019-04-17", "remark on a sister", "Translator Four"];

/// A desk whose first exhibit has a title that is disclosed, and the names of both exhibits.
fn desk() -> (Desk, [String; 2]) {
    let desk = Desk::new();
    let metadata = serde_json::json!({
        "title": TITLE, "source": SECRETS[0], "created_date": SECRETS[2], "languages": ["ko", "en"],
    });
    // JSON is YAML too, and says exactly what the title is.
    desk.write("metadata.yaml", metadata.to_string());
    desk.write(SECRETS[1], "An invented testimony.\n");
    let said = desk.run(["ingest", "--json", "--meta", "metadata.yaml", SECRETS[1]]).well();
    let first = said.json_lines()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["note", &first, SECRETS[3]]).well();
    desk.run(["get", &first, "--to", "copy.txt", "--purpose", "translation", "--recipient", SECRETS[4]]).well();
    let second = desk.ingest("letter.txt", "An invented letter.\n");
    (desk, [first, second])
}

fn export(desk: &Desk, exhibits: &[String], arguments: &[&str]) {
    let fixed = ["export", "--purpose", "Purpose Six", "--recipient", "Court Five", "--to", "bundle"];
    desk.run(fixed.iter().copied().chain(exhibits.iter().map(String::as_str)).chain(arguments.iter().copied())).well();
}

fn read(desk: &Desk, name: &str) -> String {
    fs::read_to_string(desk.path(Path::new("bundle").join(name))).unwrap()
}

fn sha256(desk: &Desk, name: &str) -> String {
    vouchsafe_core::digest::Digest::of(&fs::read(desk.path(Path::new("bundle").join(name))).unwrap()).to_string()
}

fn administrator(desk: &Desk) -> String {
    desk.run(["agent", "list", "--json"]).well().json_lines()[0]["key"].as_str().unwrap().to_owned()
}

#[test]
fn the_files_are_in_the_bundle_and_covered_by_its_signature() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose", "title"]);
    let manifest = read(&desk, "tagmanifest-sha256.txt");
    for name in FILES.iter().chain(&["report/report.pdf"]) {
        assert!(manifest.contains(&format!("{}  {name}\n", sha256(&desk, name))), "{name}");
    }
    let key = desk.fingerprint();
    desk.run(["check", "bundle", "--trust", &key]).well().says("SOUND");
    // Nothing depends on them: the exhibits are not lost with a report that was changed, but it is told.
    desk.write("bundle/report/report.html", "another story");
    desk.run(["check", "bundle", "--trust", &key]).code(1).says("DEGRADED");
}

#[test]
fn what_is_withheld_is_in_none_of_the_files() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose", "title"]);
    let escaped = |text: &str| {
        let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        [
            text.to_owned(),
            html.clone(),
            html.replace('"', "&quot;"),
            text.replace('"', "\\\""),
            text.replace('"', "\"\""),
        ]
    };
    for name in FILES {
        let content = read(&desk, name);
        for secret in SECRETS.iter().chain(&["Court Five", "Purpose Six"]) {
            for form in escaped(secret) {
                assert!(!content.contains(&form), "{form:?} is in {name}");
            }
        }
        assert!(content.contains("목격자") || name.contains("certificate") || name.contains("statement"), "{name}");
    }
    // The search finds what is there.
    fs::remove_dir_all(desk.path("bundle")).unwrap();
    export(&desk, &exhibits, &["--disclose", "source,original_name,created_date,note,recipient"]);
    for name in ["report/report.html", "metadata/premis.xml", "metadata/case.jsonld"] {
        let content = read(&desk, name);
        for secret in SECRETS {
            assert!(escaped(secret).iter().any(|form| content.contains(form)), "{secret:?} is not in {name}");
        }
    }
}

#[test]
fn the_list_of_exhibits_is_read_by_a_csv_reader() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose", "title"]);
    let text = read(&desk, "report/exhibits.csv");
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|found| found == name).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    for (row, exhibit) in rows.iter().zip(&exhibits) {
        assert_eq!(&row[column("exhibit")], exhibit);
        assert_eq!(row[column("sha256")], sha256(&desk, &row[column("file")]));
        for file in ["entry", "receipt"] {
            assert!(desk.path("bundle").join(&row[column(file)]).is_file());
        }
        let entry: Value = serde_json::from_str(&read(&desk, &row[column("entry")])).unwrap();
        assert_eq!(row[column("log_index")], entry["index"].to_string());
        assert_eq!(row[column("ingested_at_utc")], entry["recorded_at"]);
    }
    // A spreadsheet takes it for text, and without the apostrophe it is what was said, but for control characters.
    assert_eq!(rows[0][column("field_title")], format!("'{}", TITLE.replace('\u{14}', "[U+0014]")));
    assert_eq!((&rows[1][column("field_title")], &rows[0][column("field_languages")]), ("", "ko, en"));
    let description: Value = serde_json::from_str(&read(&desk, "bundle.json")).unwrap();
    let withheld = rows.iter().map(|row| row[column("withheld_fields")].parse::<u64>().unwrap()).sum::<u64>();
    assert_eq!(description["withheld_fields"], withheld);
}

#[test]
fn the_load_file_has_a_row_for_each_exhibit() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose", "title"]);
    let text = read(&desk, "report/loadfile.dat");
    let lines: Vec<_> = text.strip_prefix('\u{feff}').unwrap().split_terminator("\r\n").collect();
    let cells = |line: &str| -> Vec<String> {
        let cells = line.strip_prefix('\u{fe}').unwrap().strip_suffix('\u{fe}').unwrap();
        cells.split("\u{fe}\u{14}\u{fe}").map(str::to_owned).collect()
    };
    let header = cells(lines[0]);
    let column = |name: &str| header.iter().position(|found| found == name).unwrap();
    assert_eq!((lines.len(), column("DOCID")), (3, 0));
    for (line, exhibit) in lines[1..].iter().zip(&exhibits) {
        let row = cells(line);
        assert_eq!((row.len(), &row[0]), (header.len(), exhibit));
        assert_eq!(row[column("SHA256")], sha256(&desk, &row[column("NATIVE_FILE")].replace('\\', "/")));
        for path in ["NATIVE_FILE", "PROOF_PATH", "ENTRY_PATH"] {
            let path = &row[column(path)];
            assert!(!path.contains('/') && desk.path("bundle").join(path.replace('\\', "/")).is_file(), "{path}");
        }
    }
    assert_eq!(cells(lines[1])[column("FIELD_TITLE")], "=1+1, \"목격자\" <b>&amp;</b> \u{fffd}®\u{202e}줄");
}

/// How many fonts lie in a page, and the page without them.
fn without_letters(page: &str) -> (usize, String) {
    let mut parts = page.split("url(data:font/woff;base64,");
    let first = parts.next().unwrap().to_owned();
    let rest: Vec<_> = parts.map(|part| part.split_once(')').unwrap().1).collect();
    (rest.len(), first + &rest.concat())
}

#[test]
fn the_pages_hold_text_and_nothing_that_acts() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose", "title"]);
    for name in FILES.iter().filter(|name| name.ends_with(".html")) {
        let page = read(&desk, name);
        assert!(page.contains("default-src 'none'; style-src 'sha256-"), "{name}");
        // The letters of a page are part of it, and nothing else is loaded.
        let (fonts, page) = without_letters(&page);
        assert!(fonts > 0, "{name}");
        for word in ["<script", "<b>", "javascript:", "http:", "https:", "onload", "url(", "\u{202e}"] {
            assert!(!page.contains(word), "{word} is in {name}");
        }
        for exhibit in &exhibits {
            assert!(page.contains(exhibit.as_str()), "{name}");
        }
        let objects = fs::read_dir(desk.path("bundle/data")).unwrap();
        for object in objects.map(|object| object.unwrap().file_name().into_string().unwrap()) {
            assert!(page.contains(&sha256(&desk, &format!("data/{object}"))), "{name}");
        }
    }
    let report = read(&desk, "report/report.html");
    assert!(report.contains("=1+1, &quot;목격자&quot; &lt;b&gt;&amp;amp;&lt;/b&gt;[U+0014]þ\n[U+202E]줄"));
    assert!(report.contains(&administrator(&desk)) && report.contains(" UTC") && report.contains("name withheld"));
    for draft in ["report/certificate-902.html", "report/custodian-statement.html"] {
        let page = read(&desk, draft);
        assert!(
            page.contains("DRAFT. NOT COMPLETE, NO STATEMENT UNTIL IT IS SIGNED")
                && page.contains("class=\"blank\"></span>"),
            "{draft}"
        );
    }
}

#[test]
fn the_report_begins_with_what_a_reader_should_know_first() {
    let (desk, exhibits) = desk();
    desk.run(["gap", &exhibits[0], "--from", "2003", "--to", "..", "--reason", SECRETS[0]]).well();
    export(&desk, &exhibits[..1], &[]);
    fs::remove_dir_all(desk.path("bundle")).unwrap();
    export(&desk, &exhibits, &[]);
    let page = read(&desk, "report/report.html");
    let (summary, rest) = page.split_once("id=\"bundle\"").unwrap();
    let summary = summary.split_once("id=\"summary\"").unwrap().1;
    let value = |name: &str| {
        let row = summary.split("<tr>").find(|row| row.contains(name)).unwrap_or_else(|| panic!("{name}: {summary}"));
        row.split_once("<bdi>").unwrap().1.split_once("</bdi>").unwrap().0.to_owned()
    };
    for (name, count) in
        [("Exhibits", "2"), ("Gaps in custody", "1"), ("Copies", "1"), ("Earlier bundles", "1"), ("Revoked", "0")]
    {
        assert_eq!(value(name), count, "{name}");
    }
    let description: Value = serde_json::from_str(&read(&desk, "bundle.json")).unwrap();
    assert_eq!(value("Fields withheld"), description["withheld_fields"].to_string());
    assert!(summary.contains("byte for byte") && summary.contains("Court and case no.") && summary.contains("제출자"));
    assert!(
        rest.contains("verify.html") && rest.contains("README-VERIFY.txt") && rest.contains("only the newest value")
    );
}

#[test]
fn an_exhibit_is_called_what_the_party_calls_it_and_has_one_number_everywhere() {
    let (desk, [first, second]) = desk();
    desk.run(["describe", &second, "title=Letter to a court", "exhibit_no=B-2"]).well();
    // Whatever order they are named in.
    export(&desk, &[second.clone(), first.clone()], &["--disclose", "title,exhibit_no,agent_name,recipient"]);
    for name in ["report/report.html", "report/certificate-902.html", "report/custodian-statement.html"] {
        let page = read(&desk, name);
        assert!(page.find(&first).unwrap() < page.find(&second).unwrap(), "{name}");
        assert!(page.contains("<bdi>B-2</bdi><br><bdi>Letter to a court</bdi>"), "{name}");
    }
    let page = read(&desk, "report/report.html");
    assert!(page.contains(&format!("<h3 id=\"{second}\">2. {second}<br><bdi>B-2</bdi>")), "{page}");
    // Who acted is a name and a role, and then a key.
    let key = administrator(&desk);
    let who = format!("(administrator 관리자)</bdi><br><code>{key}</code>");
    assert!(page.matches(&who).count() >= 4, "{page}");
    fs::remove_dir_all(desk.path("bundle")).unwrap();
    export(&desk, &[first, second], &[]);
    let page = read(&desk, "report/report.html");
    assert!(page.contains("Exported in another bundle; to whom and what for is not in this bundle"), "{page}");
    assert!(
        !page.contains("<bdi>B-2</bdi>")
            && page.contains("<bdi>name withheld 이름 비공개 (administrator 관리자)</bdi>")
    );
}

#[test]
fn fields_and_dates_are_told_in_words() {
    let (desk, [first, second]) = desk();
    let fields = ["created_date=2003~", "place=unknown:not told", "shelfmark=courts only"];
    desk.run(["describe", "--new-field", &first].iter().chain(&fields)).well();
    desk.run(["gap", &first, "--from", "..", "--to", "2005-07", "--reason", "kept by a source"]).well();
    export(&desk, &[first, second], &["--disclose", "created_date,place,shelfmark,reason"]);
    let page = read(&desk, "report/report.html");
    for told in [
        "Date made 작성일: <bdi>2003~</bdi> (about 2003 / 2003년경)",
        "Place 장소: not known 알 수 없음: <bdi>not told</bdi>",
        "shelfmark: <bdi>courts only</bdi>",
        "<strong>from a time that is not known to 2005-07 / 알 수 없는 때부터 2005년 7월까지</strong>",
        "Reason 이유: <bdi>kept by a source</bdi>",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn the_report_leads_to_each_exhibit_and_to_the_page_that_checks() {
    let (desk, [first, second]) = desk();
    let page = "<!DOCTYPE html><html><body><script>alert(1)</script></body></html>";
    let exhibits = [first, second, desk.ingest("page.html", page)];
    export(&desk, &exhibits, &[]);
    let page = read(&desk, "report/report.html");
    for file in ["verify.html", "README-VERIFY.txt"] {
        assert!(page.contains(&format!("<a href=\"../{file}\">")), "{file}");
    }
    let links: Vec<_> = page.split("href=\"../").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for link in &links {
        assert!(desk.path("bundle").join(link).is_file(), "{link}");
    }
    for exhibit in &exhibits[..2] {
        assert!(links.contains(&format!("data/{exhibit}.txt").as_str()), "{exhibit}: {links:?}");
    }
    // What a browser would run is named, and nothing leads to it.
    assert!(page.contains(&format!("data/{}.html</code><br>not linked", exhibits[2])), "{page}");
    assert!(!links.iter().any(|link| link.starts_with("data/") && link.ends_with(".html")), "{links:?}");
}

#[test]
fn fields_stand_in_the_order_of_the_table_of_fields() {
    let (desk, [first, second]) = desk();
    let fields = ["zeal=1", "place=gate", "shelfmark=courts only", "title=New", "exhibit_no=B-1", "source=S", "case=C"];
    desk.run(["describe", "--new-field", &first].iter().chain(&fields)).well();
    export(&desk, &[first, second], &["--disclose", "title,case,exhibit_no,source,place,shelfmark,zeal"]);
    let page = read(&desk, "report/report.html");
    let row = page.rsplit_once("Described: fields were added").unwrap().1.split_once("</tr>").unwrap().0;
    let labels: Vec<_> = row.split("<br>").filter_map(|line| Some(line.split_once(": <bdi>")?.0)).collect();
    let expected =
        ["Title 제목", "Case 사건", "Exhibit no. 증거 번호", "Source 출처", "Place 장소", "shelfmark", "zeal"];
    assert_eq!(labels, expected);
}

#[test]
fn what_the_bundle_is_for_and_who_gets_it_is_printed_where_that_is_disclosed() {
    let (desk, exhibits) = desk();
    // No entry of the second exhibit has such a field: it is the export's own.
    export(&desk, &exhibits[1..], &["--disclose", "purpose,recipient"]);
    let page = read(&desk, "report/report.html");
    assert!(
        page.contains("<td><bdi>Purpose Six</bdi></td>") && page.contains("<td><bdi>Court Five</bdi></td>"),
        "{page}"
    );
    fs::remove_dir_all(desk.path("bundle")).unwrap();
    export(&desk, &exhibits[1..], &["--disclose", "recipient", "--withhold", "purpose"]);
    let page = read(&desk, "report/report.html");
    assert!(!page.contains("Purpose Six") && page.contains("<td><bdi>Court Five</bdi></td>"), "{page}");
    let rehearse = |more: &[&str]| {
        let fixed = ["export", exhibits[1].as_str(), "--dry-run", "--recipient", "Court Five"];
        desk.run(fixed.iter().chain(more).copied()).well()
    };
    rehearse(&["--disclose", "purpose,recipient"])
        .says("the report names the recipient of this export: Court Five")
        .says("the report names the purpose of this export: (as given at the export)");
    assert!(!rehearse(&[]).out.contains("the report names"));
}

/// Whether a text has letters of Korean.
fn has_korean(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

#[test]
fn the_report_is_whole_in_the_language_that_is_asked_for() {
    let (desk, exhibits) = desk();
    desk.run(["gap", &exhibits[0], "--from", "2003", "--to", "2005", "--reason", SECRETS[0]]).well();
    let of_people = ["report/report.html", "report/custodian-statement.html"];
    export(&desk, &exhibits, &["--language", "en"]);
    for name in of_people.iter().chain(&["report/certificate-902.html"]) {
        let page = read(&desk, name);
        // The style names a font, and says on each sheet of a draft what it takes, in both languages.
        let body = page.split_once("<body").unwrap().1;
        assert!(page.contains("<html lang=\"en\">") && !has_korean(body), "{name}: {body}");
    }
    fs::remove_dir_all(desk.path("bundle")).unwrap();
    export(&desk, &exhibits, &["--language", "ko"]);
    let [report, statement] = of_people.map(|name| read(&desk, name));
    assert!(report.contains("<html lang=\"ko\">") && statement.contains("<html lang=\"ko\">"));
    for english in [
        "Summary",
        "Exhibits",
        "Ingested",
        "fields withheld",
        "administrator",
        "signed",
        "log index",
        "bytes",
        "the archive",
    ] {
        assert!(!report.split_once("<body").unwrap().1.contains(english), "{english}: {report}");
    }
    for korean in
        ["1. 제출 묶음", "증명되지 않는 것", "수록 (보관 시작)", "2003년부터 2005년까지", "이름 비공개 (관리자)"]
    {
        assert!(report.contains(korean), "{korean}: {report}");
    }
    // A court of the United States reads English.
    assert!(read(&desk, "report/certificate-902.html").contains("penalty of perjury"));
    desk.run(["export", &exhibits[0], "--dry-run", "--language", "de"]).misunderstood("de");
}

#[test]
fn the_first_page_says_what_the_bundle_is_and_holds() {
    let (desk, [first, second]) = desk();
    desk.run(["describe", &first, "collection=Interviews 2026", "events_period=2001/2003-05"]).well();
    desk.run(["describe", &second, "collection=Interviews 2026", "events_period=2004~"]).well();
    let exhibits = [first, second];
    export(&desk, &exhibits, &["--disclose", "collection,events_period,agent_name,title"]);
    let cover = |desk: &Desk| {
        let page = read(desk, "report/report.html");
        page.split_once("<section class=\"cover\">").unwrap().1.split_once("</section>").unwrap().0.to_owned()
    };
    let page = cover(&desk);
    for said in [
        &format!("This is a bundle from the evidence archive {}. It holds 2 exhibits", desk.origin()),
        "<bdi>Interviews 2026</bdi>",
        "<bdi>from 2001 to about 2004 / 2001년부터 2004년경까지</bdi>",
        "<bdi>2 exhibits (documents: 2); ",
        "<bdi>not disclosed in this bundle 이 제출 묶음에 공개하지 않음</bdi>",
        "<bdi>Administrator (administrator 관리자)</bdi>",
        &format!("<a class=\"name\" href=\"#{}\">", exhibits[0]),
        "목격자",
        "<a href=\"../verify.html\">",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    fs::remove_dir_all(desk.path("bundle")).unwrap();
    export(&desk, &exhibits, &[]);
    let page = cover(&desk);
    for withheld in ["Interviews", "2001", "Administrator", "목격자", "Court Five", "Purpose Six"] {
        assert!(!page.contains(withheld), "{withheld}: {page}");
    }
}

#[test]
fn the_line_of_custody_is_drawn_with_its_gaps() {
    let (desk, exhibits) = desk();
    desk.run(["gap", &exhibits[0], "--from", "2003", "--to", "2005-07", "--reason", SECRETS[0]]).well();
    export(&desk, &exhibits, &[]);
    let page = read(&desk, "report/report.html");
    let lines: Vec<_> =
        page.split("<svg class=\"line\"").skip(1).map(|rest| rest.split("</svg>").next().unwrap()).collect();
    assert_eq!(lines.len(), exhibits.len());
    // The gap was declared last, and lies before everything that this archive knows of.
    let texts: Vec<_> = lines[0].split("<text").skip(1).collect();
    assert!(texts[0].contains("not known who had it 보관자를 알 수 없음: from 2003 to 2005-07"), "{texts:?}");
    assert!(texts[1].contains("came into custody 보관 시작"), "{texts:?}");
    assert_eq!((texts.len(), lines[0].matches("class=\"break\"").count()), (4, 2), "{}", lines[0]);
    assert_eq!(lines[1].matches("<circle class=\"own\"").count(), 1);
}

#[test]
fn exhibits_that_are_pictures_are_shown_small() {
    let (desk, [first, second]) = desk();
    let (whole, broken) = (desk.ingest("photograph.png", PNG), desk.ingest("broken.png", &PNG[..33]));
    let exhibits = [first, second, whole, broken];
    export(&desk, &exhibits, &[]);
    let page = read(&desk, "report/report.html");
    assert_eq!(page.matches("<img ").count(), 1, "{page}");
    assert!(page.contains(&format!("<img class=\"small\" src=\"../data/{}.png\"", exhibits[2])), "{page}");
    // What the PDF cannot show, the page does not hand to the reader's browser either.
    assert!(page.contains("no small picture: the file cannot be read as a picture"), "{page}");
}

/// A PNG of two by two pixels, in grey.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, 0x00, 0x00, 0x00, 0x57, 0xdd, 0x52, 0xf8, 0x00, 0x00, 0x00, 0x0e, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x70, 0x38, 0xc0, 0x70, 0xc0, 0x01, 0x00, 0x06, 0x06, 0x02, 0x01, 0x75, 0x02,
    0x15, 0xcf, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

#[test]
fn the_pdf_shows_pictures_and_leads_to_what_it_names() {
    let (desk, [first, second]) = desk();
    let picture = desk.ingest("photograph.png", PNG);
    let broken = desk.ingest("broken.png", &PNG[..30]);
    let page = desk.ingest("page.html", "<!DOCTYPE html><html><body></body></html>");
    export(&desk, &[first, second.clone(), picture.clone(), broken.clone(), page], &["--language", "en"]);
    let pdf = fs::read(desk.path("bundle/report/report.pdf")).unwrap();
    let count = |part: &str| pdf.windows(part.len()).filter(|window| *window == part.as_bytes()).count();
    assert_eq!(count("/Subtype/Image"), 1);
    for file in ["verify.html", "README-VERIFY.txt", &format!("data/{second}.txt"), &format!("data/{picture}.png")] {
        assert!(count(&format!("/URI(../{file})")) > 0, "{file}");
    }
    // Nothing leads to what a browser would run, and nothing is launched.
    assert_eq!((count(".html)") - count("verify.html)") - count("report.html)"), count("/Launch")), (0, 0));
    // Each of the five is led to from the first page and from the list.
    assert_eq!(count("/Subtype/Link") - count("/URI("), 10);
    if has_tool("the_pdf_shows_pictures_and_leads_to_what_it_names", "pdftotext") {
        let text = text_of_the_pdf(&desk);
        assert!(text.contains("nosmallpicture:thefilecannotbereadasapicture"), "{text}");
    }
}

#[test]
fn whoever_has_no_korean_font_reads_a_korean_report() {
    let test = "whoever_has_no_korean_font_reads_a_korean_report";
    if !has_tool(test, "chromium") {
        return;
    }
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--language", "ko"]);
    // A system whose fonts have no Korean.
    let config = "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig><dir>/usr/share/fonts</dir>\
        <selectfont><rejectfont><pattern><patelt name=\"lang\"><string>ko</string></patelt></pattern></rejectfont></selectfont>\
        </fontconfig>";
    desk.write("fonts.conf", config);
    let is_printed_in_nanum = |page: &str| {
        let mut browser = Command::new("chromium");
        browser.args(["--no-sandbox", "--headless", "--disable-gpu", "--no-pdf-header-footer"]);
        browser.arg(format!("--user-data-dir={}", desk.path("browser").display()));
        browser.arg(format!("--print-to-pdf={}", desk.path("page.pdf").display()));
        browser.arg(desk.path(page)).env("FONTCONFIG_FILE", desk.path("fonts.conf"));
        Said::by(browser).well();
        fs::read(desk.path("page.pdf")).unwrap().windows(11).any(|window| window == b"NanumGothic")
    };
    desk.write(
        "plain.html",
        "<!DOCTYPE html><html><meta charset=\"utf-8\"><body style=\"font-family: NanumGothic\">증거</body></html>",
    );
    assert!(!is_printed_in_nanum("plain.html"));
    assert!(is_printed_in_nanum("bundle/report/report.html"));
}

#[test]
fn the_custodian_finds_what_the_log_says_and_nothing_that_is_withheld() {
    let (desk, exhibits) = desk();
    desk.run(["gap", &exhibits[0], "--from", "2003", "--to", "2005", "--reason", "not known"]).well();
    export(&desk, &exhibits, &[]);
    let page = read(&desk, "report/custodian-statement.html");
    for said in [
        "<th scope=\"row\">person<br><span lang=\"ko\">개인</span></th><td><bdi>name withheld",
        "log records no verification that found the bytes of these exhibits unchanged",
        "이 보존소가 기록한 보관 공백</span></th><td><bdi>1</bdi>",
        "Who else had access",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    for withheld in SECRETS.iter().chain(&["Administrator", "Court Five", "Purpose Six"]) {
        assert!(!page.contains(withheld) && !page.contains(&withheld.replace('<', "&lt;")), "{withheld}: {page}");
    }
    fs::remove_dir_all(desk.path("bundle")).unwrap();
    desk.run(["verify", "--record"]).well();
    let disclosed = "source,agent_name,recipient,purpose";
    export(&desk, &exhibits, &["--language", "en", "--disclose", disclosed]);
    let page = read(&desk, "report/custodian-statement.html");
    for said in [
        "<bdi>Administrator (administrator)\n",
        "that found the bytes of 2 of the 2 exhibits unchanged.",
        &format!("1. {}: Source &lt;Nine&gt; &amp; &quot;Ten&quot;", exhibits[0]),
        "<td><bdi>Court Five</bdi>",
        "<td><bdi>Purpose Six</bdi>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // What the certification says of checks is the same.
    assert!(read(&desk, "report/certificate-902.html").contains("found the bytes of 2 of the 2 exhibits unchanged"));
}

#[test]
fn no_draft_says_for_a_person_what_only_that_person_can_say() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &[]);
    let page = read(&desk, "report/certificate-902.html").split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "recorded when the archive ingested it (which is not necessarily when it was acquired from the source)",
        "☐ I did not compare them.",
        "are statements by others",
        "the foregoing and the Annex, which is part of this certification, are true and correct",
        "strike out the other",
        "<code>sha256sum tagmanifest-sha256.txt</code>",
        "Caption of the case",
        "본문은 영어로만 작성합니다",
        "<body class=\"drafted\">",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("recorded at acquisition") && !page.contains(" she "), "{page}");
    assert_eq!(page.matches("SHA-256 of the proffered item: <span class=\"blank wide\"></span>").count(), 2);
    for name in ["report/certificate-902.html", "report/custodian-statement.html"] {
        let page = read(&desk, name);
        // Whoever signs marks what is true; nothing of the kind is printed as said.
        assert_eq!(page.matches("I compared").count(), page.matches("☐ I compared").count(), "{name}");
        assert!(page.contains("@page draft") && page.contains("counter(page)"), "{name}");
        // What is printed is true before and after it is signed.
        assert!(!page.to_uppercase().contains("NOT SIGNED") && page.contains(".draft { display: none; }"), "{name}");
    }
}

#[test]
fn keys_are_in_groups_and_tables_say_what_their_columns_are() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &[]);
    let key = administrator(&desk);
    let groups: String = key
        .strip_prefix("SHA256:")
        .unwrap()
        .as_bytes()
        .chunks(4)
        .map(|group| format!("<span class=\"group\">{}</span>", std::str::from_utf8(group).unwrap()))
        .collect();
    for name in ["report/report.html", "report/custodian-statement.html"] {
        assert!(
            read(&desk, name).contains(&format!("<td><code><span class=\"group\">SHA256:</span>{groups}</code></td>")),
            "{name}"
        );
    }
    for name in FILES.iter().filter(|name| name.ends_with(".html")) {
        let page = read(&desk, name);
        assert!(!page.contains("<th>") && page.contains("<th scope=\"col\""), "{name}");
        assert_eq!(page.matches("<thead>").count(), page.matches("<caption>").count(), "{name}");
    }
}

#[test]
fn that_a_log_may_have_been_rewritten_is_told_wherever_limits_are_told() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &[]);
    for name in
        ["report/report.html", "report/custodian-statement.html", "README-VERIFY.txt", "verify.html", "BUNDLE.md"]
    {
        let text = read(&desk, name).replace('’', "'").split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.to_lowercase();
        for part in [
            "that whoever held the archive's keys did not rewrite its log before this checkpoint",
            "only an earlier checkpoint or receipt held by somebody else can show that",
        ] {
            assert!(text.contains(part), "{name}: {part}");
        }
        assert!(name == "BUNDLE.md" || text.contains("다른 사람이 보관한 이전 기준점이나 수록 증명서로만"), "{name}");
    }
    let sworn = read(&desk, "report/certificate-902.html");
    assert!(!sworn.contains("cannot be changed") && sworn.contains("holds an earlier signed checkpoint can detect it"));
}

/// The children of each element of this name, in their order, and how many of these elements there are.
fn children(xml: &str, parent: &str) -> (usize, Vec<String>) {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut found, mut count): (Vec<String>, Vec<String>, _) = (Vec::new(), Vec::new(), 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = String::from_utf8_lossy(start.name().as_ref().as_bytes()).into_owned();
                count += usize::from(name == parent);
                if path.last().is_some_and(|last| last == parent) {
                    found.push(name.clone());
                }
                path.push(name);
            }
            Event::End(_) => drop(path.pop()),
            Event::Eof => return (count, found),
            _ => {}
        }
    }
}

#[test]
fn premis_has_every_exhibit_entry_and_agent_in_the_order_of_the_schema() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose", "title,original_name"]);
    let xml = read(&desk, "metadata/premis.xml");
    let (_, parts) = children(&xml, "premis");
    assert!(parts.is_sorted_by_key(|name| ["object", "event", "agent"].iter().position(|part| part == name).unwrap()));
    let report = desk.run(["check", "bundle", "--json"]).code(3).json();
    let entries: u64 =
        report["exhibits"].as_array().unwrap().iter().map(|found| found["entries"].as_u64().unwrap()).sum();
    let count = |part: &str| parts.iter().filter(|found| *found == part).count();
    // Agents: the one who signed everything, and the program.
    assert_eq!((count("object"), count("event") as u64, count("agent")), (2, entries, 2));
    let orders: &[(&str, &[&str])] = &[
        ("object", &["objectIdentifier", "objectCharacteristics", "originalName", "storage", "linkingEventIdentifier"]),
        ("objectCharacteristics", &["fixity", "size", "format"]),
        (
            "event",
            &[
                "eventIdentifier",
                "eventType",
                "eventDateTime",
                "eventDetailInformation",
                "linkingAgentIdentifier",
                "linkingObjectIdentifier",
            ],
        ),
        ("agent", &["agentIdentifier", "agentName", "agentType", "agentNote"]),
    ];
    for (parent, order) in orders {
        let (parents, found) = children(&xml, parent);
        let places: Vec<_> = found.iter().map(|name| order.iter().position(|known| known == name).unwrap()).collect();
        // The order starts again once for each further element.
        let restarts = places.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert_eq!(restarts, parents - 1, "{parent}: {found:?}");
    }
    // What XML cannot hold is replaced, and the rest is there.
    assert!(xml.contains("&lt;b&gt;&amp;amp;&lt;/b&gt;\u{fffd}þ"));
}

#[test]
fn every_name_in_the_provenance_graph_leads_to_a_node() {
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose", "title"]);
    let graph: Value = serde_json::from_str(&read(&desk, "metadata/case.jsonld")).unwrap();
    let (mut nodes, mut named) = (BTreeSet::new(), BTreeSet::new());
    fn walk(value: &Value, nodes: &mut BTreeSet<String>, named: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, nodes, named)),
            Value::Object(members) => {
                if let Some(id) = members.get("@id") {
                    let id = id.as_str().unwrap().to_owned();
                    if members.len() == 1 {
                        named.insert(id);
                    } else {
                        assert!(nodes.insert(id.clone()), "{id} is there twice");
                    }
                }
                members.values().for_each(|member| walk(member, nodes, named));
            }
            _ => {}
        }
    }
    walk(&graph["@graph"], &mut nodes, &mut named);
    assert!(!named.is_empty() && named.is_subset(&nodes), "{:?}", named.difference(&nodes));
    let of = |kind: &str| nodes.iter().filter(|name| name.starts_with(&format!("kb:{kind}-"))).count();
    assert_eq!((of("provenance"), of("hash")), (exhibits.len(), exhibits.len()), "{nodes:?}");
    let hashes = graph["@graph"].to_string();
    let object = fs::read_dir(desk.path("bundle/data")).unwrap().next().unwrap().unwrap().file_name();
    assert!(hashes.contains(&sha256(&desk, &format!("data/{}", object.to_str().unwrap()))));
}

/// A file that `./test` puts where it installs tools; none where it is not there, which is said.
fn installed(test: &str, name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools").join(name);
    if !path.exists() {
        not_run(test, &format!("target/tools/{name} is not there (./test installs it)"));
    }
    path.exists().then_some(path)
}

/// The schema that the Library of Congress published for PREMIS 3.0.
#[test]
fn premis_is_valid_by_the_published_schema() {
    let test = "premis_is_valid_by_the_published_schema";
    let Some(schema) = installed(test, "premis/premis.xsd").filter(|_| has_tool(test, "xmllint")) else { return };
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose-all"]);
    let mut command = Command::new("xmllint");
    command.args(["--nonet", "--noout", "--schema"]).arg(schema).arg(desk.path("bundle/metadata/premis.xml"));
    let said = Said::by(command).code(0);
    assert!(said.err.contains("premis.xml validates"), "{said:#?}");
}

/// The shapes of the CASE community, whose program exits with 1 also for advice.
#[test]
fn the_provenance_graph_conforms_to_the_shapes_of_case() {
    let test = "the_provenance_graph_conforms_to_the_shapes_of_case";
    let Some(program) = installed(test, "bin/case_validate") else { return };
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose-all"]);
    let file = desk.path("bundle/metadata/case.jsonld");
    let validate = |file: &Path| {
        let mut command = Command::new(&program);
        command.args(["--built-version", "case-1.5.0"]).arg(file);
        Said::by(command)
    };
    validate(&file).code(0).says("Conforms: True");
    // It looks at what is there.
    let broken = fs::read_to_string(&file).unwrap().replace("\"xsd:hexBinary\"", "\"xsd:string\"");
    fs::write(&file, broken).unwrap();
    validate(&file).code(1).says("Conforms: False");
}

/// The text of the PDF as another program reads it, without the breaks of lines.
fn text_of_the_pdf(desk: &Desk) -> String {
    let mut command = Command::new("pdftotext");
    command.args(["-raw", "-enc", "UTF-8"]).arg(desk.path("bundle/report/report.pdf")).arg("-");
    Said::by(command).well().out.split_whitespace().collect()
}

#[test]
fn the_pdf_says_what_the_page_says() {
    if !has_tool("the_pdf_says_what_the_page_says", "pdftotext") {
        return;
    }
    let (desk, exhibits) = desk();
    export(&desk, &exhibits, &["--disclose", "title"]);
    let text = text_of_the_pdf(&desk);
    let pieces = |text: &str| text.split_whitespace().collect::<String>();
    let object = fs::read_dir(desk.path("bundle/data")).unwrap().next().unwrap().unwrap().file_name();
    let hash = sha256(&desk, &format!("data/{}", object.to_str().unwrap()));
    for said in [&hash, &administrator(&desk), &exhibits[0], &exhibits[1], "증명되지 않는 것", "비공개 사항과 그 이유"]
    {
        assert!(text.contains(&pieces(said)), "{said}: {text}");
    }
    assert!(text.contains(&pieces("=1+1, \"목격자\" <b>&amp;</b>[U+0014]")) && text.contains("[U+202E]줄"), "{text}");
    for secret in SECRETS.iter().chain(&["Court Five", "Purpose Six"]) {
        assert!(!text.contains(&pieces(secret)), "{secret}");
    }
    // The search finds what is there.
    fs::remove_dir_all(desk.path("bundle")).unwrap();
    export(&desk, &exhibits, &["--disclose", "source,original_name,created_date,note,recipient"]);
    let text = text_of_the_pdf(&desk);
    assert!(SECRETS.iter().all(|secret| text.contains(&pieces(secret))), "{text}");
}
