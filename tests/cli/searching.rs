//! Finding: names in old encodings, a search that finds nothing, and one exhibit where several were meant.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use crate::desk::{Desk, Said, has_tool};

#[test]
fn a_name_in_cp949_is_found_by_its_words_and_keeps_its_bytes() {
    let desk = Desk::new();
    // 증언 목록.txt and, with a syllable that only CP949 has, 똠방각하.hwp.
    let names: [(&[u8], &str, &str); 2] = [
        (
            b"\xc1\xf5\xbe\xf0 \xb8\xf1\xb7\xcf.txt",
            "증언",
            "증언 목록.txt (\\xc1\\xf5\\xbe\\xf0 \\xb8\\xf1\\xb7\\xcf.txt, read as CP949)",
        ),
        (b"\x8cc\xb9\xe6\xb0\xa2\xc7\xcf.hwp", "방각", "똠방각하.hwp"),
    ];
    fs::create_dir_all(desk.path("증거")).unwrap();
    for (name, ..) in names {
        fs::write(desk.path("증거").join(OsStr::from_bytes(name)), name).unwrap();
    }
    desk.write("증거/caf\u{e9}.txt", "x");
    fs::write(desk.path("증거").join(OsStr::from_bytes(b"caf\xe9.txt")), "y").unwrap();
    desk.run(["ingest", "증거"]).well();
    for (name, word, shown) in names {
        let found = desk.run(["find", "--json", word]).well().json_lines();
        assert_eq!(found.len(), 1, "{word}: {found:?}");
        let kept = found[0]["fields"]["original_name"]["bytes"].as_str().unwrap().to_owned();
        let exhibit = found[0]["exhibit"].as_str().unwrap();
        let said = desk.run(["show", exhibit]).well().says(shown);
        assert!(said.out.contains("read as CP949"), "{said:#?}");
        assert!(!kept.is_empty() && !kept.contains('\u{fffd}'), "{kept}");
        desk.run(["find", word]).well().says("1 exhibit found");
        desk.run(["list", "--field", &format!("source_path=증거/{}", word.chars().next().unwrap())]).code(0);
        let copy = OsStr::from_bytes(name);
        let mut get = desk.command(["get", exhibit, "--purpose", "p", "--to"]);
        get.arg(copy);
        Said::by(get).well();
        assert_eq!(fs::read(desk.path(copy)).unwrap(), name);
    }
    // Bytes that are no Korean text are not guessed at.
    desk.run(["list"]).well().says("caf\\xe9.txt");
    // An index of before is made anew, and finds the same.
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    desk.run(["find", "목록"]).well().says("1 exhibit found");
    desk.check_sound();
}

/// An archive with three exhibits about two witnesses.
fn described() -> Desk {
    let desk = Desk::new();
    for (name, fields) in [
        ("a.txt", ["witness=K-21", "place=투먼"].as_slice()),
        ("b.txt", &["witness=K-21", "collection=Interviews"]),
        ("c.pdf", &["witness=K-22", "title=A map of Tumen"]),
    ] {
        desk.write(name, format!("%PDF-1.4 {name}"));
        let fields = fields.iter().flat_map(|field| ["--field", field]);
        desk.run(["ingest", name].into_iter().chain(fields)).well();
    }
    desk
}

#[test]
fn words_are_found_in_every_field() {
    let desk = described();
    desk.run(["find", "k-21"]).well().says("2 exhibits found");
    desk.run(["find", "투먼"]).well().says("1 exhibit found");
    desk.run(["find", "tumen", "map"]).well().says("1 exhibit found");
    desk.run(["find", "map tumen -K-21"]).well().says("1 exhibit found");
    desk.run(["find", "witness:K-21 -collection:Interviews"]).well().says("a.txt").says("1 exhibit found");
    desk.run(["find", "tumen OR 투먼"]).well().says("2 exhibits found");
    desk.run(["find", "\"K-2\""]).well().says("0 exhibits found");
    desk.run(["find", "장소:투먼"]).well().says("1 exhibit found");
    desk.run(["find", "-witness:K-21"]).code(2);
    desk.run(["find", "--", "-witness:K-21"]).well().says("c.pdf").says("1 exhibit found");
    desk.run(["find", "type:pdf -title:*"]).well().says("2 exhibits found");
    desk.run(["find", "agent:administrator witness:K-22"]).well().says("1 exhibit found");
    // Of several texts for one field, one is enough; of several fields, all must fit.
    desk.run(["find", "--field", "witness=K-21", "--field", "witness=K-22"]).well().says("3 exhibits found");
    desk.run(["find", "--field", "witness=K-21", "--field", "place=투먼"]).well().says("1 exhibit found");
    desk.run(["list", "--field", "Place=투먼"]).well().says("1 exhibit found");
    // What is found by its own names.
    let exhibit = desk.exhibits()[1]["exhibit"].as_str().unwrap().to_owned();
    let object = desk.exhibits()[1]["object"].as_str().unwrap().to_owned();
    for typed in
        [exhibit.as_str(), &exhibit.to_lowercase()[..11], &object, &object[..12], &format!("sha256:{}", &object[..5])]
    {
        desk.run(["find", typed]).well().says(&exhibit).says("1 exhibit found");
    }
}

#[test]
fn a_query_that_is_not_understood_is_refused_with_its_place() {
    let desk = described();
    desk.run(["find", "map", "OR"]).misunderstood("query, character 5: OR has nothing after it");
    desk.run(["find", "(map"]).misunderstood("query, character 1").hints("write )");
    desk.run(["find", "recorded:soon"]).misunderstood("\"soon\" is no date").hints("2003/2005");
    desk.run(["find", "--during", "soon"]).misunderstood("\"soon\" is no date");
    desk.run(["find", "agent:nobody"]).misunderstood("there is no agent").hints("agent list");
    desk.run(["find", "note:draft"]).misunderstood("note is no field of exhibits").hints("history");
}

#[test]
fn a_search_that_finds_nothing_says_where_the_words_are() {
    let desk = described();
    let said = desk.run(["find", "place:k-21"]).well().says("0 exhibits found");
    let said = said.notes("k-21 is in witness of 2 exhibits: vouchsafe find 'witness:k-21'");
    said.notes("the contents of documents, and remarks about them, are not searched yet");
    let said = desk.run(["find", "투먼 K-22"]).well();
    said.notes("투먼 alone finds 1 exhibit: place (1)").notes("K-22 alone finds 1 exhibit: witness (1)");
    desk.run(["find", "Tummen"]).well().notes("no field of any exhibit contains Tummen; did you mean Tumen?");
    desk.run(["find", "witness:K-212"]).well().notes("did you mean witness:K-21?");
    desk.run(["find", "tumen", "--type", "hwp"]).well().notes("tumen without the other conditions finds 1 exhibit");
    assert_eq!(desk.run(["find", "--json", "nowhere"]).well().notes("contains nowhere").out, "");
    desk.run(["find", "--name", "K-21"]).well().notes("looks in every field");
    desk.run(["list", "--collection", "Depositions"]).well().notes("there are Interviews (1)");
    desk.run(["list", "--since", "2100-01-01"]).well().notes("the day on which the ingest was recorded");
    // What finds something says nothing of the kind.
    assert_eq!(desk.run(["find", "map"]).well().says("1 exhibit").err, "");
    assert_eq!(Desk::new().run(["list"]).well().err, "");
}

#[test]
fn a_field_that_no_exhibit_has_is_refused() {
    let desk = described();
    desk.run(["find", "--field", "wittness=K-21"])
        .misunderstood("no exhibit has a field wittness")
        .hints("did you mean witness?");
    desk.run(["list", "--field", "plase=투먼"])
        .misunderstood("no exhibit has a field plase")
        .hints("did you mean place?");
    // Also where the rest of the query finds something.
    desk.run(["find", "map OR wittness:K-21"]).misunderstood("query, character 8").hints("did you mean witness?");
    desk.run(["find", "map -wittness:K-21"]).misunderstood("no exhibit has a field wittness");
    desk.run(["find", "map", "--field", "wishes=yes"]).misunderstood("no exhibit has a field wishes").hints("fields");
    desk.run(["list", "--sort", "witnes"])
        .misunderstood("no exhibit has a field witnes")
        .hints("did you mean witness?");
    desk.run(["list", "--columns", "exhibit,titel"]).misunderstood("titel").hints("did you mean title?");
    // A field with a fixed meaning may be asked for before an exhibit has it.
    desk.run(["find", "sensitivity:sealed"]).well().says("0 exhibits found");
}

#[test]
fn lists_are_sorted_and_have_the_columns_that_were_chosen() {
    let desk = Desk::new();
    for (name, content, fields) in [
        ("a.txt", "aaa", ["events_period=2004-05", "title=나"].as_slice()),
        ("b.txt", "b", &["events_period=199X", "title=가"]),
        ("c.txt", "cc", &[]),
    ] {
        desk.write(name, content);
        let fields = fields.iter().flat_map(|field| ["--field", field]);
        desk.run(["ingest", name].into_iter().chain(fields)).well();
    }
    let names = |arguments: &[&str]| {
        let rows = desk.run(["list", "--json"].iter().chain(arguments)).well().json_lines();
        let names = rows.iter().map(|row| row["fields"]["original_name"].as_str().unwrap()[..1].to_owned());
        names.collect::<String>()
    };
    assert_eq!(names(&[]), "abc");
    assert_eq!(names(&["--reverse"]), "cba");
    assert_eq!(names(&["--sort", "events_period"]), "bac");
    assert_eq!(names(&["--sort", "events_period", "--reverse"]), "abc");
    assert_eq!(names(&["--sort", "제목"]), "bac");
    assert_eq!(names(&["--sort", "size"]), "bca");
    assert_eq!(names(&["--sort", "size", "--reverse", "--limit", "1"]), "a");
    let said = desk.run(["list", "--sort", "title", "--columns", "original_name, Period of the events,size"]).well();
    assert_eq!(
        said.out.lines().map(str::trim_end).collect::<Vec<_>>(),
        [
            "original_name  events_period  size",
            "b.txt          199X           1 byte",
            "a.txt          2004-05        3 bytes",
            "c.txt                         2 bytes",
            "3 exhibits, 3 objects (6 bytes)"
        ]
    );
}

#[test]
fn fields_and_collections_are_listed_with_what_they_hold() {
    let desk = described();
    let said = desk.run(["fields"]).well().says("K-21 (2), K-22 (1)").says("fields\n");
    assert!(said.out.contains("witness") && said.out.contains("Place"), "{said:#?}");
    let said = desk.run(["fields", "witness"]).well();
    assert_eq!(said.out, "        2  K-21\n        1  K-22\n3 exhibits have the field witness, with 2 values\n");
    desk.run(["fields", "장소"]).well().says("투먼").says("1 exhibit has the field place, with 1 value");
    desk.run(["fields", "sensitivity"]).well().says("no exhibit has the field sensitivity");
    desk.run(["fields", "witnes"]).misunderstood("no exhibit has a field witnes").hints("did you mean witness?");
    desk.run(["fields", "size"]).misunderstood("size is no field");
    let values = desk.run(["fields", "witness", "--json"]).well().json();
    assert_eq!([&values["exhibits"], &values["value_count"], &values["values"][0]["exhibits"]], [3, 2, 2]);
    let said = desk.run(["collections"]).well().says("Interviews").says("(in no collection)").says("1 collection\n");
    assert!(said.out.find("Interviews") < said.out.find("(in no"), "{said:#?}");
    let lines = desk.run(["collections", "--json"]).well().json_lines();
    assert_eq!(lines[0]["collection"], "Interviews");
    assert_eq!([&lines[0]["exhibits"], &lines[1]["exhibits"]], [1, 2]);
    assert!(lines[1]["collection"].is_null());
    assert_eq!(Desk::new().run(["collections"]).well().out, "0 collections\n");
}

#[test]
fn exhibits_with_the_same_bytes_are_shown_together() {
    let desk = Desk::new();
    let one = desk.ingest("a.txt", "the same bytes");
    let alone = desk.ingest("b.txt", "other bytes");
    let two = desk.ingest("c.txt", "the same bytes");
    let said =
        desk.run(["list", "--duplicates"]).well().says(&one).says(&two).says("1 group with the same bytes, 2 exhibits");
    assert!(!said.out.contains(&alone), "{said:#?}");
    let lines = desk.run(["list", "--duplicates", "--json"]).well().json_lines();
    assert_eq!(lines.iter().map(|line| line["exhibit"].as_str().unwrap()).collect::<Vec<_>>(), [&one, &two]);
    desk.run(["list", "--duplicates", "--name", "c.txt"]).well().says("0 groups");
    desk.run(["show", &one]).well().says(&format!("same bytes    {two}  c.txt"));
    assert_eq!(desk.run(["show", "--json", &two]).well().json()["same_bytes"][0], one);
    assert!(!desk.run(["show", &alone]).well().out.contains("same bytes"));
}

#[test]
fn a_type_may_be_named_by_the_ending_of_its_files() {
    let desk = described();
    for typed in ["pdf", "PDF", ".pdf", "application/pdf", "application"] {
        desk.run(["list", "--type", typed]).well().says("3 exhibits");
    }
    desk.run(["list", "--type", "hwp"]).well().says("0 exhibits").notes("the archive has application/pdf (3)");
    desk.write("p.jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9");
    desk.run(["ingest", "p.jpeg"]).well();
    for typed in ["jpg", "jpeg", "image"] {
        desk.run(["list", "--type", typed]).well().says("1 exhibit found");
    }
}

#[test]
fn an_exhibit_may_be_named_by_its_object_and_several_are_listed() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "the same bytes");
    let object = desk.exhibits()[0]["object"].as_str().unwrap().to_owned();
    for typed in [object.clone(), object.to_uppercase()] {
        desk.run(["show", &typed]).well().says(&exhibit);
        desk.run(["note", &typed, "by its hash"]).well();
    }
    let second = desk.ingest("b.txt", "the same bytes");
    let said = desk.run(["show", &object]).misunderstood("several exhibits have this SHA-256");
    said.hints(&exhibit).hints(&second).hints("b.txt");
    desk.run(["show", &"0".repeat(64)]).misunderstood("no exhibit has the SHA-256");
    // So many that two begin with the same digit.
    for number in 0..40 {
        desk.write(format!("more/{number}.txt"), number.to_string());
    }
    desk.run(["ingest", "more"]).well();
    let names: Vec<_> = desk.exhibits().iter().map(|row| row["exhibit"].as_str().unwrap().to_owned()).collect();
    let digit = |name: &String| name.as_bytes()[2];
    let twice = names.iter().find(|name| names.iter().filter(|other| digit(other) == digit(name)).count() > 1).unwrap();
    let said = desk.run(["show", &twice[..3]]).misunderstood("several exhibits begin with");
    for name in names.iter().filter(|name| digit(name) == digit(twice)).take(5) {
        assert!(said.err.contains(name.as_str()), "{said:#?}");
    }
}

#[test]
fn a_list_fits_the_terminal() {
    const NAME: &str = "a_list_fits_the_terminal";
    if !has_tool(NAME, "script") || !has_tool(NAME, "stty") {
        return;
    }
    let desk = Desk::new();
    desk.write("면담 021 녹취록, 두 번째 만남에서 받아 적은 것.txt", "a");
    desk.write("b.txt", "b");
    desk.run([
        "ingest",
        "면담 021 녹취록, 두 번째 만남에서 받아 적은 것.txt",
        "--title",
        "강제북송 관련 진술, 2003년 가을",
    ])
    .well();
    desk.run(["ingest", "b.txt"]).well();
    let widest = |columns: usize| {
        let line = format!("stty cols {columns} && '{}' list", crate::desk::PROGRAM);
        let said = Said::by(desk.prepare(Command::new("script"), ["-qec", &line, "/dev/null"])).well();
        let lines: Vec<_> = said.out.lines().map(|line| line.trim_end().to_owned()).collect();
        assert_eq!(lines.len(), 3, "a row is a line: {said:#?}");
        assert!(lines.iter().take(2).all(|line| line.starts_with("X-")), "{said:#?}");
        let width = |line: &String| {
            line.chars().map(|c| if c != '…' && ('\u{1100}'..='\u{ffdc}').contains(&c) { 2 } else { 1 }).sum::<usize>()
        };
        lines.iter().take(2).map(width).max().unwrap()
    };
    for columns in [40, 60, 80, 120, 200] {
        assert!(widest(columns) <= columns, "{columns}");
    }
    // Where no terminal is, nothing is left out.
    desk.run(["list"]).well().says("text/plain").says("강제북송 관련 진술, 2003년 가을");
}
