//! Metadata that is not accepted, dates that can be read in two ways, limits.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::desk::{Desk, Said};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("document.txt", "a document");
    desk
}

/// The same metadata is refused as a file for all, and beside a file; nothing is ingested.
#[track_caller]
fn check_refused(yaml: &str, words: &str) {
    let desk = desk();
    let before = desk.volume_bytes();
    desk.write("all.yaml", yaml);
    desk.run(["ingest", "document.txt", "--meta", "all.yaml"]).misunderstood("all.yaml: ").notes(words);
    desk.write("document.txt.meta.yaml", yaml);
    let said = desk.run(["ingest", "--json", "document.txt"]).code(1);
    assert_eq!(said.summary(), [1, 0, 0, 1]);
    let reason = said.files()[0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("its metadata is not accepted: ") && reason.contains(words), "{reason}");
    let said = desk.run(["ingest", "--dry-run", "--json", "document.txt"]).code(1);
    assert_eq!(said.summary(), [1, 0, 0, 1], "a dry run tells it, too");
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn unknown_keys_are_refused() {
    check_refused("titel: with a letter too few\n", "titel");
    check_refused("Titel: almost a label\n", "did you mean Title?");
}

#[test]
fn repeated_keys_are_refused() {
    check_refused("title: one\ntitle: two\n", "title");
    check_refused("fields:\n  box: '1'\n  box: '2'\n", "box");
    check_refused("title: one\nfields:\n  title: two\n", "title: the field is given twice");
}

#[test]
fn no_date_keeps_a_file_out_and_what_is_not_read_is_told() {
    let desk = desk();
    let exhibit = desk.ingest("other.txt", "other");
    let fields = |exhibit: &str| desk.run(["show", exhibit, "--json"]).well().json()["fields"].clone();
    for (number, date) in ["08/07/2003", "8.7.2003", "2003-13", "2003-02-30", "yesterday"].iter().enumerate() {
        let name = desk.write(format!("{number}.txt"), format!("document {number}"));
        let said = desk.run(["ingest", "--json", name.to_str().unwrap(), "--date", date]).well();
        let said = said.notes(&format!("note: created_date: \"{date}\" is ")).notes("no date is recorded");
        let fields = fields(said.json_lines()[0]["exhibit"].as_str().unwrap());
        assert_eq!((&fields["created_date"], &fields["created_date_as_written"]), (&Value::Null, &json!(date)));
        desk.run(["describe", &exhibit, &format!("created_date={date}")]).well().notes("no date is recorded");
    }
    desk.run(["ingest", "document.txt", "--date", "08/07/2003"]).well().notes("is ambiguous: which number is the day");
    let said = desk.run(["ingest", "document.txt", "--date", ""]).code(2);
    assert!(said.err.starts_with("error: created_date: "), "{said:#?}");
    for date in ["yesterday", "08/07/2003", "2003~"] {
        desk.run(["list", "--since", date]).misunderstood("is not a day such as");
    }
    desk.run(["ingest", "document.txt", "--date", "2003-07-08"]).well();
}

#[test]
fn dates_that_can_be_read_in_one_way_are_read_and_their_words_kept() {
    let desk = Desk::new();
    for (number, words) in ["2005. 3. 17.", "2003년 3월", "c. 2003", "2003–2005"].iter().enumerate() {
        desk.write(format!("in/{number}.txt"), format!("document {number}"));
        desk.write(format!("in/{number}.txt.meta.yaml"), format!("events_period: {words}\n"));
    }
    desk.write("in/odd.txt", "an odd one");
    desk.write("in/odd.txt.meta.yaml", "events_period: 03/04/2005\ncreated_date: 2003-07\n");
    let told = |said: &Said| {
        let line = said.files().into_iter().find(|line| line["path"] == "in/odd.txt").unwrap();
        assert_eq!(line["dates_as_written"], json!([{"field": "events_period", "words": "03/04/2005", "date": null}]));
        said.files().iter().filter(|line| line["dates_as_written"][0]["date"].is_string()).count()
    };
    assert_eq!(told(&desk.run(["ingest", "--json", "--dry-run", "in"]).well()), 4);
    let said = desk.run(["ingest", "in"]).well();
    said.says("1 date in metadata files cannot be read, or can be read in more than one way")
        .says("\"03/04/2005\"  not read  in/odd.txt")
        .says("4 dates in metadata files can be read in only one way")
        .says("\"2005. 3. 17.\"")
        .says("read as 2005-03-17  in/0.txt");
    let fields: Vec<_> = desk.exhibits().iter().map(|row| row["fields"].clone()).collect();
    let one = fields.iter().find(|fields| fields["original_name"] == "2.txt").unwrap();
    assert_eq!((&one["events_period"], &one["events_period_as_written"]), (&json!("2003~"), &json!("c. 2003")));
    let odd = fields.iter().find(|fields| fields["original_name"] == "odd.txt").unwrap();
    assert_eq!((&odd["events_period"], &odd["created_date"]), (&Value::Null, &json!("2003-07")));
    // A date for all files and its words give way together to the one beside the file.
    desk.write("two/a.txt", "another");
    desk.write("two/a.txt.meta.yaml", "created_date: 2004-02\n");
    let said = desk.run(["ingest", "--json", "two", "--date", "c. 2003"]).well().notes("read as 2003~");
    let exhibit = said.files()[0]["exhibit"].as_str().unwrap().to_owned();
    let fields = desk.run(["show", &exhibit, "--json"]).well().json()["fields"].clone();
    assert_eq!((&fields["created_date"], &fields["created_date_as_written"]), (&json!("2004-02"), &Value::Null));
    desk.check_sound();
}

#[test]
fn what_is_not_yaml_of_the_right_shape_is_refused() {
    check_refused("- a\n- list\n", "");
    check_refused("title: [a, [b]]\n", "");
    check_refused("title: 'open\n", "");
    check_refused("\u{0}", "");
    check_refused("title: ''\n", "the value is empty");
    check_refused("fields:\n  Box: 'x'\n", "is not a field name");
    check_refused("fields:\n  source_path: /elsewhere\n", "the program writes this field itself");
    check_refused("fields:\n  sha256: x\n", "which the program itself uses");
    check_refused("fields:\n  date: '2003'\n", "did you mean created_date?");
}

#[test]
fn languages_are_tags_and_what_is_unknown_has_a_reason() {
    check_refused("languages: [ko, 'not a tag!']\n", "\"not a tag!\" is neither a language tag (BCP 47) such as ko");
    check_refused("languages: []\n", "languages: the value is empty");
    check_refused("place: 'unknown:'\n", "unknown:REASON");
    let desk = desk();
    let exhibit = desk.ingest("other.txt", "other");
    for tags in [",", "ko,,en", "한국말로", "korean language", "Koreanish", "k", "ko_KR", "-ko", "ko-"] {
        let said = desk.run(["describe", &exhibit, &format!("languages={tags}")]);
        said.misunderstood("is neither a language tag (BCP 47)");
        desk.run(["ingest", "document.txt", &format!("--language={tags}")]).misunderstood("is neither a language tag");
    }
    desk.run(["describe", &exhibit, "place=unknown: "]).misunderstood("the value is empty");
    desk.run(["ingest", "-", "--stdin-name", " "]).misunderstood("the name of standard input is empty");
    for tags in ["ko", "en-GB", "zh-Hant, ko-KP", "x-camp-slang", "de-DE-1996"] {
        desk.run(["describe", &exhibit, &format!("languages={tags}")]).well();
    }
    desk.check_sound();
}

#[test]
fn languages_are_known_by_tag_and_by_name_wherever_they_are_given() {
    let desk = desk();
    let exhibit = desk.ingest("other.txt", "other");
    let languages = |exhibit: &str| desk.run(["show", exhibit, "--json"]).well().json()["fields"]["languages"].clone();
    for (name, tags) in [("Korean", json!(["ko"])), ("한국어, English", json!(["ko", "en"])), ("ko", json!(["ko"]))]
    {
        desk.run(["describe", &exhibit, &format!("languages={name}")]).well();
        assert_eq!(languages(&exhibit), tags, "{name}");
    }
    for (number, yaml) in ["ko", "[한국어]", "Korean", "'ko'", "[ko]"].iter().enumerate() {
        desk.write(format!("in/{number}.txt"), format!("document {number}"));
        desk.write(format!("in/{number}.txt.meta.yaml"), format!("languages: {yaml}\n"));
        let said = desk.run(["ingest", "--json", &format!("in/{number}.txt")]).well();
        assert_eq!(languages(said.files()[0]["exhibit"].as_str().unwrap()), json!(["ko"]), "{yaml}");
    }
    let said = desk.run(["ingest", "--json", "document.txt", "--language", "Korean", "--language", "중국어"]).well();
    assert_eq!(languages(said.files()[0]["exhibit"].as_str().unwrap()), json!(["ko", "zh"]));
    // Norwegian, which YAML takes for a truth value.
    check_refused("languages: {a: b}\n", "a language such as ko, or a list of them");
    desk.write("no.txt", "nei");
    desk.write("no.txt.meta.yaml", "languages: [no, nb]\n");
    desk.run(["ingest", "no.txt"]).well();
}

#[test]
fn a_metadata_file_that_is_not_there_or_no_text_is_told() {
    let desk = desk();
    desk.run(["ingest", "document.txt", "--meta", "nothing.yaml"]).misunderstood("nothing.yaml: cannot read");
    desk.write("bytes.yaml", b"title: \xff\xfe\n");
    desk.run(["ingest", "document.txt", "--meta", "bytes.yaml"]).misunderstood("bytes.yaml: ");
    desk.run(["ingest", "document.txt", "--meta", "archive"]).misunderstood("archive: ");
    desk.run(["list"]).well().says("0 exhibits");
}

#[test]
fn fields_given_as_arguments_are_checked() {
    let desk = desk();
    let ingest = |field| desk.run(["ingest", "document.txt", "--field", field]);
    ingest("box").misunderstood("\"box\": write a field as NAME=VALUE");
    ingest("Box=1").misunderstood("is not a field name");
    ingest("original_name=x").misunderstood("the program writes this field itself");
    ingest("box= ").misunderstood("the value is empty");
    let said = desk.run(["ingest", "document.txt", "--field", "box=1", "--field", "box=2"]);
    said.misunderstood("box: the field is given twice");
    desk.run(["find", "--field", "box"]).misunderstood("write a condition on a field as NAME=TEXT");
    desk.run(["list"]).well().says("0 exhibits");
}

#[test]
fn a_description_over_the_limit_is_refused() {
    let long = format!("description: {}\n", "far too long ".repeat(2 * 1024 * 1024 / 13));
    check_refused(&long, "1048576 bytes");
    let over = format!("description: {}\n", "x".repeat(256 * 1024 + 1));
    check_refused(&over, "a field holds at most 262144");
    let desk = desk();
    desk.write("document.txt.meta.yaml", format!("description: {}\n", "x".repeat(256 * 1024)));
    desk.run(["ingest", "document.txt"]).well();
    desk.check_sound();
}

#[test]
fn more_fields_than_an_entry_holds_are_refused_and_the_rest_goes_on() {
    let desk = Desk::new();
    let mut yaml = String::from("fields:\n");
    for number in 0..300 {
        writeln!(yaml, "  field_{number}: 'value'").unwrap();
    }
    desk.write("deposit/1.txt", "before");
    desk.write("deposit/2.txt", "described in too much detail");
    desk.write("deposit/2.txt.meta.yaml", &yaml);
    desk.write("deposit/3.txt", "after");
    desk.write("deposit/4.bin", crate::desk::noise(4, 2_000_000));
    desk.write("deposit/4.bin.meta.yaml", &yaml);
    desk.write("deposit/5.txt", "after the large one");
    let said = desk.run(["ingest", "--json", "deposit"]).code(1);
    assert_eq!(said.summary(), [5, 3, 0, 2]);
    for file in said.files().iter().filter(|file| file["status"] == "refused") {
        let reason = file["reason"].as_str().unwrap();
        assert!(reason.starts_with("its metadata does not fit: ") && reason.contains("256"), "{reason}");
    }
    desk.check_sound();
    let objects = crate::volume::members(&desk.volume(0)).into_iter().filter(|m| m.name.starts_with("objects/"));
    assert_eq!(objects.count(), 3, "no object is left without an entry");
    let said = desk.run(["ingest", "--json", "--dry-run", "deposit"]).code(1);
    assert_eq!(said.summary(), [5, 0, 3, 2], "a dry run tells it, too");
}

#[test]
fn several_long_fields_together_are_refused() {
    let desk = desk();
    let exhibit = desk.ingest("other.txt", "other");
    let before = desk.volume_bytes();
    let long = "x".repeat(120 * 1024);
    let fields: Vec<_> = (0..9).map(|number| format!("field_{number}={long}")).collect();
    let mut arguments = vec!["describe".to_owned(), "--new-field".to_owned(), exhibit];
    arguments.extend(fields);
    let said = desk.run(arguments).code(3);
    assert!(said.err.contains("1048576") && said.err.len() < 1000, "{said:#?}");
    assert_eq!(desk.volume_bytes(), before);
    desk.check_sound();
}

#[test]
fn a_metadata_file_without_its_file_is_refused() {
    let desk = Desk::new();
    desk.write("deposit/gone.txt.meta.yaml", "title: of what?\n");
    desk.write("deposit/there.txt", "x");
    let said = desk.run(["ingest", "--json", "deposit"]).code(1);
    assert_eq!(said.summary(), [2, 1, 0, 1]);
    assert_eq!(said.files()[0]["reason"], "it is a metadata file, but its file is not beside it");
}

#[test]
fn origins_and_kinds_are_checked_before_anything_is_made() {
    let desk = Desk::bare();
    for origin in ["two words", "plus+sign", "", "증언"] {
        desk.run(["init", "archive", "--no-passphrase", "--origin", origin]).code(2).notes("is not an origin such as");
    }
    desk.run(["init", "archive", "--no-passphrase", "--kind", "robot"]).code(2).notes("person, organisation");
    desk.run(["init", "archive", "--no-passphrase", "--name", ""]).code(2);
    assert!(!desk.archive().exists() && !desk.path("home").exists());
}
