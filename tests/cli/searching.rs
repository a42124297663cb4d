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
fn a_search_that_finds_nothing_says_where_it_did_not_look() {
    let desk = described();
    let said = desk.run(["find", "k-21"]).well().says("0 exhibits found");
    let said = said.notes("but not in other fields or in the contents of exhibits");
    said.notes("k-21 is in the field witness of 2 exhibits: vouchsafe find --field witness='k-21'");
    let said = desk.run(["find", "투먼", "--field", "witness=K-21"]).well();
    said.notes("투먼 is in the field place of 1 exhibit");
    let said = desk.run(["find", "투먼", "--field", "witness=K-22"]).well();
    assert!(!said.err.contains("is in the field place"), "it fits another condition no more: {said:#?}");
    let said = desk.run(["find", "--json", "K-22"]).well().notes("in the field witness of 1 exhibit");
    assert_eq!(said.out, "");
    let said = desk.run(["find", "nowhere"]).well().notes("was searched for in file names");
    assert!(!said.err.contains("is in the field"), "{said:#?}");
    desk.run(["find", "--field", "witness=K-99"]).well().notes("3 exhibits have the field witness");
    desk.run(["list", "--collection", "Depositions"]).well().notes("there are Interviews (1)");
    desk.run(["list", "--since", "2100-01-01"]).well().notes("the day of the ingest");
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
    let said = desk.run(["find", "map", "--field", "consent=yes"]).misunderstood("no exhibit has a field consent");
    said.hints("witness (3)");
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
