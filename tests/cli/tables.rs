//! Tables in and out, as a user types it. All of it is invented.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use zip::write::SimpleFileOptions;

use crate::desk::{Desk, say_not_run};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tables").join(name).to_str().unwrap().to_owned()
}

fn field(desk: &Desk, exhibit: &str, name: &str) -> Value {
    desk.run(["show", exhibit, "--json"]).well().json()["fields"][name].clone()
}

fn entries(desk: &Desk) -> usize {
    desk.run(["log", "--json"]).well().json_lines().len()
}

/// A workbook with a sheet of these XML cells.
fn workbook(desk: &Desk, name: &str, rows: &str, after: &str) {
    let mut zip = zip::ZipWriter::new(fs::File::create(desk.path(name)).unwrap());
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    for (name, content) in [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"Main\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"Other\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet2.xml\"/><Relationship Id=\"rId3\" Type=\"{relations}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData>{after}</worksheet>"),
        ),
        ("xl/worksheets/sheet2.xml", format!("<worksheet xmlns=\"{main}\"><sheetData></sheetData></worksheet>")),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

fn text(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn a_table_from_excel_in_korea_is_read_and_nothing_is_recorded_while_a_cell_is_bad() {
    let desk = Desk::new();
    let (one, two) = (desk.ingest("가.txt", "1"), desk.ingest("나.txt", "2"));
    let before = entries(&desk);
    let table = fixture("cp949-semicolon.csv");
    let said = desk.run(["describe", "--from", &table]).code(1);
    let said = said.notes("CP949 with \";\"").notes("original_name").says("row 3, D3 (작성일): 38473 is no date");
    let said = said.says("2005-05-01, if that is the day");
    said.says("2 rows = 1 to be applied + 0 unchanged + 0 no such exhibit + 0 ambiguous + 1 refused").says("--partial");
    assert_eq!(entries(&desk), before);
    desk.run(["describe", "--from", &table, "--partial"]).code(1).says("Recorded as 1 entry");
    assert_eq!(field(&desk, &one, "place"), "회령");
    assert_eq!(field(&desk, &one, "created_date"), "2003-05");
    assert_eq!(field(&desk, &one, "created_date_as_written"), "2003년 5월");
    assert_eq!(field(&desk, &one, "languages")[0], "ko");
    assert_eq!(field(&desk, &two, "title"), Value::Null);
    desk.run(["describe", "--from", &fixture("utf-16-tabs.txt")])
        .well()
        .notes("UTF-16LE with tabs")
        .says("1 unchanged");
    assert_eq!(field(&desk, &two, "title"), "여러\n줄");
    desk.check_sound();
}

#[test]
fn a_row_that_fits_two_exhibits_or_contradicts_another_is_not_applied() {
    let desk = Desk::new();
    for (name, content) in [("a/x.jpg", "1"), ("b/x.jpg", "2"), ("b/y.jpg", "3")] {
        desk.write(name, content);
    }
    desk.run(["ingest", "a", "b"]).well();
    desk.write("names.csv", "original_name,title\nx.jpg,A\ny.jpg,B\ny.jpg,C\n\nz.jpg,D\ny.jpg,B\n,E\n");
    let said = desk.run(["describe", "--from", "names.csv"]).code(1);
    let said = said.says("row 2, A2 (original_name): 2 exhibits have").says("They are X-");
    let said = said.says("row 3: row 4 is for the same exhibit").says("row 4: row 3 is for the same exhibit");
    let said =
        said.says("row 6, A6 (original_name): no exhibit has").says("row 8, A8 (original_name): the cell is empty");
    said.says("6 rows = 0 to be applied + 0 unchanged + 1 no such exhibit + 1 ambiguous + 4 refused");
    // The same table by paths of another computer.
    let paths = "Path,title\nC:\\dep\\a\\x.jpg,A\nC:\\dep\\b\\x.jpg,B\nC:\\dep\\b\\y.jpg,C\n";
    desk.write("paths.csv", paths);
    let said = desk.run(["describe", "--from", "paths.csv", "--map", "Path=source_path"]).well();
    said.says("3 rows = 3 applied").notes("3 rows: what lies in \"C:\\dep\\\"").says("in 1 commit");
}

#[test]
fn columns_must_be_known_and_meant() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let table = |content: &str| drop(desk.write("t.csv", content));
    table("original_name,titel\na.txt,x\n");
    desk.run(["describe", "--from", "t.csv"])
        .misunderstood("the column B (\"titel\")")
        .hints("did you mean \"title\"?");
    table("original_name,title,제목\na.txt,x,y\n");
    desk.run(["describe", "--from", "t.csv"]).misunderstood("are both for title").hints("--map '제목=-'");
    desk.run(["describe", "--from", "t.csv", "--map", "제목=-"]).well();
    table("title\nx\n");
    desk.run(["describe", "--from", "t.csv"]).misunderstood("no column names the exhibits").hints("--map");
    table("original_name,informant\na.txt,K-21\n");
    desk.run(["describe", "--from", "t.csv"]).misunderstood("informant").hints("--new-field");
    desk.run(["describe", "--from", "t.csv", "--new-field"]).well().says("1 applied");
    desk.run(["describe", "--from", "t.csv"]).well().says("1 unchanged");
    table("original_name,informant\na.txt,withdrawn:it named a person\n");
    desk.run(["describe", "--from", "t.csv"]).well().says("1 applied");
    desk.run(["describe", "--from", "t.csv", "--new-field"]).well().says("1 unchanged");
    desk.run(["describe", "--from", "none.csv"]).misunderstood("none.csv");
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    for option in [&["--map", "a=b"][..], &["--dry-run"], &["--partial"], &["--match", "sha256"]] {
        let command = ["describe", &exhibit, "title=rehearsed"].into_iter().chain(option.iter().copied());
        desk.run(command.collect::<Vec<_>>()).misunderstood("--from");
    }
    assert!(!desk.run(["list", "--json"]).well().out.contains("rehearsed"));
    table("original_name,size_bytes,,title\na.txt,2,y,x,z\n");
    let said =
        desk.run(["describe", "--from", "t.csv"]).code(1).says("B2 (size_bytes): the program recorded size_bytes");
    said.says("C2: the column has no name").says("E2: the row has more cells than the header");
}

#[test]
fn what_a_spreadsheet_made_of_data_is_refused_cell_by_cell() {
    let desk = Desk::new();
    for name in ["a", "b", "c", "d", "e"] {
        desk.ingest(&format!("{name}.txt"), name);
    }
    let header = format!(
        "<row r=\"1\">{}{}{}</row>",
        text("A1", "original_name"),
        text("B1", "created_date"),
        text("C1", "title")
    );
    let rows = [
        format!(
            "<row r=\"2\">{}<c r=\"B2\" s=\"1\"><v>38473</v></c><c r=\"C2\"><v>17</v></c></row>",
            text("A2", "a.txt")
        ),
        format!("<row r=\"3\">{}<c r=\"B3\"><v>38473</v></c></row>", text("A3", "b.txt")),
        format!("<row r=\"4\">{}<c r=\"C4\"><f>1+1</f><v>2</v></c></row>", text("A4", "c.txt")),
        format!("<row r=\"5\">{}<c r=\"C5\" t=\"e\"><v>#N/A</v></c></row>", text("A5", "d.txt")),
        format!("<row r=\"6\">{}{}</row>", text("A6", "e.txt"), text("C6", "both")),
    ];
    let merged = "<mergeCells count=\"1\"><mergeCell ref=\"C6:C7\"/></mergeCells>";
    workbook(&desk, "t.xlsx", &format!("{header}{}", rows.concat()), merged);
    let said = desk
        .run(["describe", "--from", "t.xlsx", "--dry-run"])
        .code(1)
        .notes("other sheets, which are not read: \"Other\"");
    let said = said.says("row 3, B3 (created_date): 38473 is no date").says("row 4, C4 (title): a formula stands here");
    let said = said
        .says("row 5, C5 (title): the cell shows the error #N/A")
        .says("row 6, C6 (title): the cells C6:C7 are merged");
    said.says("5 rows = 1 to be applied + 0 unchanged + 0 no such exhibit + 0 ambiguous + 4 refused");
    desk.run(["describe", "--from", "t.xlsx", "--partial"]).code(1);
    let found = desk.run(["find", "--field", "created_date=2005-05-01", "--json"]).well().json_lines();
    assert_eq!((found.len(), &found[0]["fields"]["title"]), (1, &Value::from("17")));
    let merged = "<mergeCells count=\"1\"><mergeCell ref=\"A1:B1\"/></mergeCells>";
    workbook(&desk, "merged.xlsx", &format!("{header}{}", rows.concat()), merged);
    desk.run(["describe", "--from", "merged.xlsx"]).misunderstood("A1, in the header: the cells A1:B1 are merged");
    desk.run(["describe", "--from", "t.xlsx", "--sheet", "None"]).misunderstood("no sheet").hints("Main, Other");
}

#[test]
fn a_table_describes_files_at_their_ingest() {
    let desk = Desk::new();
    for name in ["in/a/1.txt", "in/b/1.txt", "in/b/2.txt"] {
        desk.write(name, name);
    }
    desk.write("in/b/2.txt.meta.yaml", "title: Beside the file\n");
    desk.write(
        "t.csv",
        "source_path;title;place\nC:\\x\\a\\1.txt;One;Tumen\nC:\\x\\b\\2.txt;Two;Hoeryong\nC:\\x\\b\\3.txt;Three;\n",
    );
    let said = desk.run(["ingest", "in", "--table", "t.csv"]).code(1).says("row 4, A4 (source_path): no file has");
    said.says("3 rows = 2 for a file + 0 repeated + 1 no such file").says("Nothing was ingested");
    assert!(desk.exhibits().is_empty());
    let said = desk.run(["ingest", "in", "--table", "t.csv", "--partial", "--place", "Here"]).code(1);
    said.says("1 file without a row in the table").says("3 seen = 3 ingested");
    let titles = desk.run(["list", "--json"]).well().json_lines();
    let of = |at: usize, name: &str| titles[at]["fields"][name].clone();
    assert_eq!([of(0, "title"), of(0, "place")], ["One", "Tumen"]);
    assert_eq!([of(1, "title"), of(1, "place")], [Value::Null, Value::from("Here")]);
    assert_eq!([of(2, "title"), of(2, "place")], ["Beside the file", "Hoeryong"]);
    desk.run(["ingest", "in", "--map", "a=b"]).misunderstood("--table");
}

#[test]
fn a_list_goes_out_as_a_table_and_comes_back() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.run(["describe", &exhibit, "title==SUM(A1)", "place=unknown:not said", "languages=ko,en"]).well();
    let out = desk.run(["list", "--csv", "--columns", "제목,place,languages"]).well().out;
    let expected = format!(
        "\u{feff}\"exhibit\",\"title\",\"place\",\"languages\"\r\n\"{exhibit}\",\"'=SUM(A1)\",\"unknown:not said\",\"ko|en\"\r\n"
    );
    assert_eq!(out, expected);
    for (option, file) in [("--csv=out.csv", "out.csv"), ("--xlsx=out.xlsx", "out.xlsx")] {
        desk.run(["find", "--field", "title=SUM", option]).well();
        desk.run(["describe", "--from", file]).well().says("1 unchanged").says("Nothing to record");
        desk.run(["list", option]).misunderstood("is not overwritten");
    }
    let edited = fs::read_to_string(desk.path("out.csv")).unwrap().replace("unknown:not said", "Tumen");
    desk.write("edited.csv", edited);
    desk.run(["describe", "--from", "edited.csv"]).well().says("1 applied");
    let log = desk.run(["custody", &exhibit, "--json"]).well().json_lines();
    assert_eq!(log.last().unwrap()["fields"], serde_json::json!({"place": "Tumen"}));
    desk.run(["list", "--csv", "--columns", "titel"]).misunderstood("titel").hints("did you mean title?");
    desk.run(["list", "--columns", "title"]).well().says("=SUM(A1)");
}

/// What stands after an open quotation mark is another row's.
#[test]
fn a_quotation_mark_that_is_not_closed_is_refused() {
    let desk = Desk::new();
    let (a, b) = (desk.ingest("a.txt", "a"), desk.ingest("b.txt", "b"));
    desk.write("t.csv", format!("exhibit,title\n{a},\"Statement of A\n{b},Statement of B\n"));
    for partial in [&["describe", "--from", "t.csv"][..], &["describe", "--from", "t.csv", "--partial"]] {
        desk.run(partial.to_vec()).misunderstood("a quotation mark is opened and not closed");
    }
    assert!(!desk.run(["list", "--json"]).well().out.contains("Statement"));
}

#[test]
fn a_corrected_date_does_not_keep_the_words_of_the_old_one() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.run(["describe", &exhibit, "created_date=17 March 2003"]).well();
    desk.run(["list", "--csv=out.csv"]).well();
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(desk.path("out.csv")).unwrap());
    assert_eq!(mode & 0o777, 0o600, "it holds private fields");
    let edited = fs::read_to_string(desk.path("out.csv")).unwrap().replace("2003-03-17", "2003-03-18");
    desk.write("edited.csv", edited);
    desk.run(["describe", "--from", "edited.csv"]).well().says("1 applied");
    let fields = desk.exhibits()[0]["fields"].clone();
    assert_eq!((&fields["created_date"], &fields["created_date_as_written"]), (&"2003-03-18".into(), &Value::Null));
}

#[test]
fn a_template_is_never_read_as_data() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    for (file, language, title) in [("en.xlsx", "en", "Path at the source"), ("ko.csv", "ko", "출처에서의 경로")]
    {
        desk.run(["template", file, "--language", language]).well();
        let said = desk.run(["describe", "--from", file]).well().notes(title);
        said.says("0 rows = 0 applied").says("1 example row not read");
    }
    desk.run(["template", "en.xlsx"]).misunderstood("is not overwritten");
    desk.run(["template", "t.doc"]).misunderstood(".xlsx or .csv");
    desk.run(["template", "archive/t.csv"]).misunderstood("in the folder of an archive");
}

/// LibreOffice opens what goes out and saves it again; that comes back unchanged.
#[test]
fn a_spreadsheet_saves_a_table_without_changing_it() {
    let test = "a_spreadsheet_saves_a_table_without_changing_it";
    if Command::new("soffice").arg("--version").output().is_err() {
        say_not_run(test, "soffice is not installed; ./test --long installs it");
        return;
    }
    let desk = Desk::new();
    for (number, title) in [
        "=1+1",
        "007",
        "2003-05-01",
        "1/2",
        "TRUE",
        "+82 10",
        "'quoted'",
        "여러\n줄; - a",
        "1e5",
        "_x0041_",
        "-5",
        "38473",
    ]
    .into_iter()
    .enumerate()
    {
        let exhibit = desk.ingest(&format!("{number}.txt"), number.to_string());
        desk.run(["describe", &exhibit, &format!("title={title}"), "created_date=2003-05"]).well();
    }
    desk.run(["list", "--xlsx", "out.xlsx"]).well();
    desk.run(["list", "--csv=out.csv"]).well();
    fs::create_dir(desk.path("saved")).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", desk.path("profile").display());
    for (file, to) in [
        ("out.xlsx", vec!["--convert-to", "xlsx"]),
        // Text in quotation marks stays text: the sixth token of the filter, and the seventh of the other way.
        (
            "out.csv",
            vec![
                "--infilter=CSV:44,34,76,1,,0,true",
                "--convert-to",
                "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true",
            ],
        ),
    ] {
        let mut command = Command::new("soffice");
        command.args([&profile, "--headless"]).args(to).args(["--outdir", "saved", file]);
        let output = command.current_dir(desk.path("")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        desk.run(["describe", "--from", &format!("saved/{file}")]).well().says("12 rows = 0 applied + 12 unchanged");
    }
}
