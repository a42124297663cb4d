//! Whole sessions, as an archivist, an investigator or a lawyer types them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use vouchsafe_archive::ingest::{IngestRequest, Unfollowed, ingest};
use vouchsafe_archive::{Session, SystemEnvironment};
use vouchsafe_core::digest::Digest;

use crate::desk::{Desk, PROGRAM, Said, documents, noise};
use crate::volume::{log_lines, members};

/// 증언 1, once composed (NFC) and once as macOS writes it (NFD).
const COMPOSED: &str = "\u{c99d}\u{c5b8} 1.txt";
const DECOMPOSED: &str = "\u{110c}\u{1173}\u{11bc}\u{110b}\u{1165}\u{11ab} 1.txt";

/// Names that other programs stumble over.
const ODD_NAMES: &[&[u8]] = &[
    COMPOSED.as_bytes(),
    DECOMPOSED.as_bytes(),
    b"not utf-8 \xff\xfe.txt",
    b"two\nlines.txt",
    b"-leading-dash.txt",
    b"it's \"quoted\" `here` $HOME.txt",
    "photo \u{1f4f7}.txt".as_bytes(),
    b" spaces around ",
    b"\x1b[31mred\x1b[0m.txt",
    "turned \u{202e}gnp.txt".as_bytes(),
    b"...",
    b"back\\slash*?.txt",
];

/// Sizes around those at which files need room to be read whole, and at which they are streamed instead.
const SIZES: &[(&str, usize)] = &[
    ("empty.bin", 0),
    ("one.bin", 1),
    ("mebibyte.bin", 1024 * 1024),
    ("mebibyte-and-one.bin", 1024 * 1024 + 1),
    ("eight-mebibytes.bin", 8 * 1024 * 1024),
    ("eight-mebibytes-and-one.bin", 8 * 1024 * 1024 + 1),
];

/// A deposit: the sample documents, odd names, and files of all sizes.
fn deposit(desk: &Desk) -> u64 {
    let mut count = 0;
    for (number, name) in ODD_NAMES.iter().enumerate() {
        desk.write(Path::new("deposit/odd").join(OsStr::from_bytes(name)), format!("odd name {number}\n"));
        count += 1;
    }
    for (name, size) in SIZES {
        desk.write(format!("deposit/sizes/{name}"), noise(*size as u64, *size));
        count += 1;
    }
    crate::desk::copy_folder(&documents(), &desk.path("deposit/documents"));
    count + fs::read_dir(documents()).unwrap().count() as u64 + 2 - 1 - 2
}

/// What `get` writes for an exhibit.
fn copy_of(desk: &Desk, exhibit: &str) -> Vec<u8> {
    let to = format!("copy of {exhibit}");
    desk.run(["get", exhibit, "--to", &to, "--purpose", "to compare it"]).well();
    fs::read(desk.path(to)).unwrap()
}

#[test]
fn a_deposit_goes_in_and_every_file_is_accounted_for() {
    let desk = Desk::new();
    let count = deposit(&desk);
    let said = desk.run(["ingest", "--json", "deposit"]).well();
    assert_eq!(said.summary(), [count, count, 0, 0]);
    assert_eq!(said.files().len() as u64, count);
    assert!(said.files().iter().all(|file| file["status"] == "ingested"));
    assert_eq!(desk.exhibits().len() as u64, count);
    desk.check_sound();
}

#[test]
fn the_reconciliation_is_printed_as_a_sum() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/b.txt", "b");
    desk.run(["ingest", "deposit/a.txt"]).well().says("1 seen = 1 ingested + 0 already held + 0 refused");
    std::os::unix::fs::symlink("a.txt", desk.path("deposit/link.txt")).unwrap();
    let said = desk.run(["ingest", "deposit"]).code(1);
    let said = said.says("3 seen = 1 ingested + 1 already held + 1 refused");
    said.notes("refused: deposit/link.txt: it is a symbolic link");
}

#[test]
fn sources_are_only_ever_read() {
    let desk = Desk::new();
    deposit(&desk);
    let state = |folder: &Path| -> BTreeMap<_, _> {
        let mut found = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for item in fs::read_dir(&folder).unwrap() {
                let path = item.unwrap().path();
                let metadata = fs::symlink_metadata(&path).unwrap();
                if metadata.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path, (metadata.len(), metadata.mtime_nsec(), metadata.ctime_nsec(), metadata.mode()));
            }
        }
        found
    };
    let before = state(&desk.path("deposit"));
    desk.run(["ingest", "deposit"]).well();
    desk.run(["ingest", "deposit", "--receipts", "receipts"]).well();
    assert_eq!(state(&desk.path("deposit")), before);
}

#[test]
fn a_second_ingest_doubles_nothing() {
    let desk = Desk::new();
    let count = deposit(&desk);
    desk.run(["ingest", "deposit"]).well();
    let (volume, exhibits) = (desk.volume_bytes(), desk.exhibits());
    let said = desk.run(["ingest", "--json", "deposit"]).well();
    assert_eq!(said.summary(), [count, 0, count, 0]);
    let held: BTreeSet<_> = said.files().iter().map(|file| file["exhibit"].as_str().unwrap().to_owned()).collect();
    assert_eq!(held.len() as u64, count, "each file is named as the exhibit that it is");
    assert_eq!(desk.volume_bytes(), volume);
    assert_eq!(desk.exhibits(), exhibits);
}

#[test]
fn a_folder_is_the_same_place_however_it_is_named() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    desk.run(["ingest", "deposit"]).well();
    let absolute = desk.path("deposit/../deposit/a.txt");
    for path in ["deposit/a.txt", "./deposit", "deposit/../deposit/", absolute.to_str().unwrap()] {
        assert_eq!(desk.run(["ingest", "--json", path]).well().summary(), [1, 0, 1, 0], "{path}");
    }
    std::os::unix::fs::symlink("deposit", desk.path("link")).unwrap();
    assert_eq!(desk.run(["ingest", "--json", "link/a.txt"]).well().summary(), [1, 0, 1, 0]);
}

#[test]
fn the_same_bytes_from_another_place_are_a_new_exhibit_on_the_same_object() {
    let desk = Desk::new();
    let content = noise(7, 2 * 1024 * 1024);
    desk.write("first/video.bin", &content);
    desk.write("second/video.bin", &content);
    desk.write("second/small.txt", "small");
    desk.write("third/small.txt", "small");
    let first = desk.run(["ingest", "--json", "first"]).well().files().remove(0);
    let said = desk.run(["ingest", "--json", "second", "third"]).well();
    assert_eq!(said.summary(), [3, 3, 0, 0]);
    let again = said.files().into_iter().find(|file| file["object"] == first["object"]).unwrap();
    assert_ne!(again["exhibit"], first["exhibit"]);
    assert_eq!((&first["same_object"], &again["same_object"]), (&json!(false), &json!(true)));
    let objects = members(&desk.volume(0)).into_iter().filter(|member| member.name.starts_with("objects/")).count();
    assert_eq!(objects, 2);
    desk.run(["list"]).well().says("4 exhibits, 2 objects");
    desk.check_sound();
}

#[test]
fn a_changed_file_in_the_same_place_is_a_new_exhibit() {
    let desk = Desk::new();
    let first = desk.ingest("report.txt", "first version");
    let second = desk.ingest("report.txt", "second version");
    assert_ne!(first, second);
    assert_eq!(copy_of(&desk, &first), b"first version");
    assert_eq!(copy_of(&desk, &second), b"second version");
}

#[test]
fn a_name_of_any_bytes_is_kept_as_it_is() {
    let desk = Desk::new();
    deposit(&desk);
    let said = desk.run(["ingest", "--json", "deposit/odd"]).well();
    let mut found = BTreeSet::new();
    for exhibit in desk.exhibits() {
        found.insert(match &exhibit["fields"]["original_name"] {
            Value::String(name) => name.as_bytes().to_vec(),
            other => BASE64.decode(other["bytes"].as_str().unwrap()).unwrap(),
        });
    }
    assert_eq!(found, ODD_NAMES.iter().map(|name| name.to_vec()).collect());
    let paths: BTreeSet<_> = said
        .files()
        .iter()
        .map(|file| match file["path_bytes"].as_str() {
            Some(bytes) => BASE64.decode(bytes).unwrap(),
            None => file["path"].as_str().unwrap().as_bytes().to_vec(),
        })
        .collect();
    assert_eq!(paths, ODD_NAMES.iter().map(|name| [b"deposit/odd/", *name].concat()).collect());
}

#[test]
fn a_name_cannot_command_the_terminal() {
    let desk = Desk::new();
    deposit(&desk);
    let ingested = desk.run(["ingest", "deposit/odd"]).well();
    let exhibits: Vec<_> = desk.exhibits().iter().map(|row| row["exhibit"].as_str().unwrap().to_owned()).collect();
    let mut said = vec![ingested, desk.run(["list"]).well(), desk.run(["log"]).well()];
    for exhibit in &exhibits {
        said.push(desk.run(["show", exhibit]).well());
        said.push(desk.run(["custody", exhibit]).well());
    }
    for said in said {
        let safe = said.out.chars().all(|c| c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)));
        assert!(safe, "{said:#?}");
    }
}

#[test]
fn files_of_any_size_come_back_byte_for_byte() {
    let desk = Desk::new();
    deposit(&desk);
    desk.run(["ingest", "deposit/sizes"]).well();
    for exhibit in desk.exhibits() {
        let (name, id) = (exhibit["fields"]["original_name"].as_str().unwrap(), exhibit["exhibit"].as_str().unwrap());
        let original = fs::read(desk.path("deposit/sizes").join(name)).unwrap();
        assert_eq!(exhibit["size_bytes"], original.len());
        assert_eq!(exhibit["object"], Digest::of(&original).to_string());
        assert_eq!(copy_of(&desk, id), original, "{name}");
    }
}

#[test]
fn text_in_one_unicode_form_finds_names_in_the_other() {
    let desk = Desk::new();
    desk.write(COMPOSED, "composed");
    desk.write(DECOMPOSED, "decomposed");
    desk.run(["ingest", COMPOSED, DECOMPOSED]).well();
    for text in ["\u{c99d}\u{c5b8}", "\u{110c}\u{1173}\u{11bc}\u{110b}\u{1165}\u{11ab}"] {
        let found = desk.run(["find", "--json", text]).well().json_lines();
        let names: Vec<_> = found.iter().map(|row| row["fields"]["original_name"].as_str().unwrap()).collect();
        assert_eq!(names, [COMPOSED, DECOMPOSED]);
    }
}

#[test]
fn exhibits_are_found_by_everything_that_is_known_of_them() {
    let desk = Desk::new();
    let documents = documents();
    let metadata = documents.parent().unwrap().join("documents-meta.yaml");
    desk.run([OsStr::new("ingest"), documents.as_os_str(), OsStr::new("--meta"), metadata.as_os_str()]).well();
    desk.write("other.txt", "from somebody else");
    desk.run(["ingest", "other.txt", "--collection", "Another", "--field", "box=12"]).well();
    let find = |arguments: &[&str]| -> BTreeSet<String> {
        let said = desk.run([&["find", "--json"], arguments].concat()).well();
        let name = |row: Value| row["fields"]["original_name"].as_str().unwrap().to_owned();
        let found = said.json_lines().into_iter().map(name).collect();
        let listed = desk.run([&["list", "--json"], arguments].concat());
        assert!(arguments[0].starts_with("--") == (listed.code == 0));
        found
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();

    assert_eq!(find(&["OTHER"]), names(&["other.txt"]), "whatever the letter case");
    assert_eq!(find(&["signed statement"]), names(&["statement-017.pdf"]), "by title");
    assert_eq!(find(&["A-17-1"]), names(&["statement-017.pdf"]), "by the number of the exhibit");
    assert_eq!(find(&["--collection", "another"]), names(&["other.txt"]));
    assert_eq!(find(&["--field", "box=12"]), names(&["other.txt"]));
    assert_eq!(find(&["--field", "witness=K-17"]), names(&["statement-017.pdf", "testimony-017.ko.txt"]));
    assert_eq!(find(&["--field", "witness=K-17", "--field", "languages=en"]), names(&["statement-017.pdf"]));
    assert_eq!(find(&["--type", "application/pdf"]), names(&["statement-017.pdf"]));
    assert_eq!(find(&["--type", "image"]), names(&["2026-03-14 overview.png", "2026-09-02 overview.png"]));
    assert_eq!(find(&["--type", "application/pd"]), names(&[]), "half a type is no type");
    assert_eq!(find(&["--name", "overview", "--type", "image/png"]).len(), 2);
    assert_eq!(find(&["--agent", "Administrator", "--collection", "Another"]), names(&["other.txt"]));
    assert_eq!(find(&["--since", "2020-01-01"]).len(), 12);
    assert_eq!(find(&["--since", "2020", "--until", "2020-12"]), names(&[]));
    assert_eq!(find(&["--until", "9000"]).len(), 12);
    assert_eq!(find(&["no such thing"]), names(&[]));

    let exhibit = desk.run(["find", "--json", "other.txt"]).well().json();
    for text in [exhibit["exhibit"].as_str().unwrap(), exhibit["object"].as_str().unwrap()] {
        assert_eq!(find(&[text]), names(&["other.txt"]));
    }
    let typed = exhibit["exhibit"].as_str().unwrap().to_lowercase().replace('-', "");
    desk.run(["show", &typed]).well().says("other.txt");
    desk.run(["show", &typed[..8]]).well().says("other.txt");
    assert_eq!(desk.run(["list", "--json", "--limit", "3"]).well().json_lines().len(), 3);
    desk.run(["list", "--limit", "3"]).well().says("more");
}

#[test]
fn a_day_at_the_archive() {
    let desk = Desk::bare();
    let said = desk.run(["init", "archive", "--origin", "ngo.example/one", "--name", "Archivist A", "--no-passphrase"]);
    said.well().says("Created the archive ngo.example/one").says("no passphrase");
    let content = fs::read(documents().join("testimony-017.en.txt")).unwrap();
    let exhibit = desk.ingest("testimony.txt", &content);

    desk.run(["describe", &exhibit, "title=Testimony 17", "created_date=2003-07", "place=unknown:not asked"]).well();
    desk.run(["describe", &exhibit, "title=Testimony 017"]).well();
    desk.run(["note", &exhibit, "Compared with the Korean original."]).well();
    let said =
        desk.run(["get", &exhibit, "--to", "copy.txt", "--purpose", "interview", "--recipient", "Investigator B"]);
    said.well().says("(checked)").says("issued to Investigator B");
    assert_eq!(fs::read(desk.path("copy.txt")).unwrap(), content);

    let shown = desk.run(["show", &exhibit]).well();
    let shown = shown.says(&Digest::of(&content).to_string()).says("Testimony 017").says("unknown (not asked)");
    let shown = shown.says("exhibit.ingested").says("exhibit.described").says("exhibit.noted").says("copy.issued");
    assert!(!shown.out.contains("Testimony 17"), "only the newest value of a field is shown: {shown:#?}");

    let custody = desk.run(["custody", &exhibit]).well();
    let custody = custody.says("Archivist A ingested").says("Testimony 17").says("Testimony 017");
    let custody = custody.says("Compared with the Korean original.").says("Investigator B").says("interview");
    let custody =
        custody.says("entry 5, signed with SHA256:").says(&format!("Proved by the log {} of 6 entries", desk.origin()));
    let order = ["ingested", "Testimony 17", "Testimony 017", "Compared", "Investigator B"];
    let places: Vec<_> = order.iter().map(|text| custody.out.find(text).unwrap()).collect();
    assert!(places.is_sorted(), "{custody:#?}");

    desk.run(["log"]).well().says("Archivist A created the archive").says("issued a working copy");
    desk.run(["head"]).well().says(&format!("{}\n6\n", desk.origin())).says("c2sp.org/tlog-proof@v1");
    desk.run(["head", "--note"]).well().says(&format!("{}\n6\n", desk.origin()));
    desk.run(["agent", "list"]).well().says("Archivist A").says("administrator").says("active");
    desk.run(["verify", "--record"]).well().says("SOUND").says("Recorded as entry 6");
    desk.run(["log", "--last", "1"]).well().says("verified the whole archive: sound");
    desk.run(["verify"]).well().says("SOUND").says("1 of 1");
    desk.check_sound();
}

#[test]
fn the_log_prints_the_lines_that_are_in_the_volume() {
    let desk = Desk::new();
    deposit(&desk);
    desk.run(["ingest", "deposit"]).well();
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["note", &exhibit, "증언을 다시 읽음"]).well();
    let log = desk.run(["log", "--json"]).well();
    assert_eq!(log.out, log_lines(&desk.volume(0)));
    let count = log.out.lines().count();
    assert_eq!(desk.run(["log"]).well().out.lines().count(), count);
    let last: Vec<_> = log.out.lines().skip(count - 2).collect();
    let from = (count - 2).to_string();
    assert_eq!(desk.run(["log", "--json", "--last", "2"]).well().out.lines().collect::<Vec<_>>(), last);
    assert_eq!(desk.run(["log", "--json", "--from", &from]).well().out.lines().collect::<Vec<_>>(), last);
    assert_eq!(desk.run(["log", "--from", "100000"]).well().out, "");
    assert_eq!(desk.run(["log", "--last", "100000", "--json"]).well().out, log.out);
}

#[test]
fn the_log_does_not_hold_what_identifies_a_person() {
    let desk = Desk::new();
    desk.write("secret-name.txt", "x");
    let [phone, title] = ["phone=010-0000-0199", "What W. saw"];
    desk.run(["ingest", "secret-name.txt", "--source", "Witness W", "--field", phone, "--title", title]).well();
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["note", &exhibit, "call Brother C"]).well();
    desk.run(["get", &exhibit, "--to", "x", "--purpose", "hearing", "--recipient", "Lawyer L"]).well();
    let log = log_lines(&desk.volume(0));
    // Each is longer than what digests and signatures, which differ in each run, could hold by chance.
    for text in ["secret-name", "Witness", "0000-0199", "W. saw", "Brother", "hearing", "Lawyer", "Administrator"] {
        assert!(!log.contains(text), "{text} is in the log");
    }
    for name in ["source_path", "original_name", "phone", "\"note\"", "purpose"] {
        assert!(!log.contains(name), "the name of the field {name} is in the log");
    }
}

#[test]
fn an_index_that_is_deleted_comes_back_the_same() {
    let desk = Desk::new();
    deposit(&desk);
    desk.run(["ingest", "deposit", "--collection", "One"]).well();
    let exhibit = desk.exhibits()[3]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["describe", &exhibit, "title=New title"]).well();
    desk.run(["note", &exhibit, "remark"]).well();
    let all = |desk: &Desk| {
        let run = |arguments: &[&str]| desk.run(arguments).well().out;
        [
            run(&["list", "--json"]),
            run(&["show", &exhibit, "--json"]),
            run(&["custody", &exhibit]),
            run(&["find", "--json", "title"]),
            run(&["agent", "list", "--json"]),
            run(&["head"]),
            run(&["log"]),
            run(&["prove", &exhibit]),
        ]
    };
    let before = all(&desk);
    desk.run(["rebuild"]).well().says("The index was rebuilt");
    assert_eq!(all(&desk), before);
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    desk.run(["list"]).well().notes("the index was rebuilt from the volumes");
    assert_eq!(all(&desk), before);
    desk.check_sound();
    assert_eq!(desk.run(["ingest", "--json", "deposit"]).well().summary()[1], 0, "sources are known again");
}

#[test]
fn standard_input_is_ingested_under_its_name() {
    let desk = Desk::new();
    let content = noise(3, 3 * 1024 * 1024 + 17);
    for (name, content) in [("dump.bin", content.as_slice()), ("small.txt", b"hello"), ("empty", b"")] {
        let said =
            desk.run_with_input(["ingest", "--json", "-", "--allow-empty", "--stdin-name", name], content).well();
        assert_eq!(said.summary(), [1, 1, 0, 0]);
        assert_eq!(said.files()[0]["path"], name);
        let exhibit = desk.run(["find", "--json", "--name", name]).well().json();
        assert_eq!(exhibit["fields"]["original_name"], name);
        assert_eq!(exhibit["fields"]["source_path"], format!("stdin:{name}"));
        assert_eq!(copy_of(&desk, exhibit["exhibit"].as_str().unwrap()), content);
        let said =
            desk.run_with_input(["ingest", "--json", "-", "--allow-empty", "--stdin-name", name], content).well();
        assert_eq!(said.summary(), [1, 0, 1, 0], "the same again");
    }
    desk.run_with_input(["ingest", "-"], b"without a name").well();
    assert_eq!(desk.exhibits().last().unwrap()["fields"]["original_name"], "standard-input");
    desk.check_sound();
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    let desk = Desk::new();
    let count = deposit(&desk);
    desk.run(["ingest", "deposit/odd"]).well();
    let (volume, exhibits) = (desk.volume_bytes(), desk.exhibits());
    let said = desk.run(["ingest", "--dry-run", "--json", "deposit", "--receipts", "receipts"]).well();
    let odd = ODD_NAMES.len() as u64;
    assert_eq!(said.summary(), [count, count - odd, odd, 0]);
    desk.run(["ingest", "--dry-run", "deposit/sizes"]).well().says("would be ingested").says("(to be ingested)");
    let said = desk.run_with_input(["ingest", "--dry-run", "--json", "-"], &noise(1, 2_000_000)).well();
    assert_eq!(said.summary(), [1, 1, 0, 0]);
    assert_eq!(desk.volume_bytes(), volume);
    assert_eq!(desk.exhibits(), exhibits);
    let receipts = fs::read_dir(desk.path("receipts")).map(Iterator::count).unwrap_or_default();
    assert_eq!(receipts, 0);
    let said = desk.run(["ingest", "--json", "deposit"]).well();
    assert_eq!(said.summary(), [count, count - odd, odd, 0], "a dry run says what would happen");
}

#[test]
fn every_exhibit_gets_a_receipt() {
    let desk = Desk::new();
    let count = deposit(&desk);
    desk.run(["ingest", "deposit/odd"]).well();
    let said = desk.run(["ingest", "--json", "deposit", "--receipts", "receipts/of today"]).well();
    assert_eq!(said.summary(), [count, count - ODD_NAMES.len() as u64, ODD_NAMES.len() as u64, 0]);
    let receipts = || -> BTreeMap<_, _> {
        let files = fs::read_dir(desk.path("receipts/of today")).unwrap().map(|item| item.unwrap().path());
        files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())).collect()
    };
    let written = receipts();
    assert_eq!(written.len() as u64, count, "those that were held before get theirs, too");
    for exhibit in desk.exhibits() {
        let receipt = &written[&format!("{}.tlog-proof", exhibit["exhibit"].as_str().unwrap())];
        let receipt = std::str::from_utf8(receipt).unwrap();
        assert!(receipt.starts_with("c2sp.org/tlog-proof@v1\n"), "{receipt}");
        assert!(receipt.contains(&format!("\nindex {}\n", exhibit["index"])), "{receipt}");
    }
    desk.run(["ingest", "deposit", "--receipts", "receipts/of today"]).well();
    assert_eq!(receipts(), written, "what is there stays");
}

#[test]
fn metadata_comes_from_a_file_from_options_and_from_beside_the_file() {
    let desk = Desk::new();
    desk.write(
        "all.yaml",
        "title: from the file for all\ncollection: Collection 1\nsource: Depositor 1\nlanguages: [ko, en]\n",
    );
    desk.write("deposit/plain.txt", "plain");
    desk.write("deposit/described.txt", "described");
    desk.write("deposit/described.txt.meta.yaml", "title: from beside it\nfields:\n  box: '12'\n");
    let said = desk.run([
        "ingest",
        "--json",
        "deposit",
        "--meta",
        "all.yaml",
        "--source",
        "Depositor 2",
        "--title",
        "from the option",
        "--date",
        "2003-07~",
        "--field",
        "shelf=3",
    ]);
    assert_eq!(said.well().summary(), [2, 2, 0, 0]);
    let fields = |name: &str| desk.run(["find", "--json", "--name", name]).well().json()["fields"].clone();
    let (plain, described) = (fields("plain.txt"), fields("described.txt"));
    assert_eq!(plain["title"], "from the option");
    assert_eq!(described["title"], "from beside it");
    assert_eq!(described["box"], "12");
    assert_eq!(plain["box"], Value::Null);
    for fields in [plain, described] {
        assert_eq!(fields["collection"], "Collection 1");
        assert_eq!(fields["source"], "Depositor 2");
        assert_eq!(fields["languages"], json!(["ko", "en"]));
        assert_eq!(fields["created_date"], "2003-07~");
        assert_eq!(fields["shelf"], "3");
    }
    desk.check_sound();
}

#[test]
fn times_and_places_are_kept_as_they_were_found() {
    let desk = Desk::new();
    let path = desk.write("dated.txt", "dated");
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_057_622_400_123);
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    desk.run(["ingest", "dated.txt"]).well();
    let fields = desk.exhibits()[0]["fields"].clone();
    assert_eq!(fields["source_modified_at"], "2003-07-08T00:00:00.123Z");
    assert_eq!(fields["source_path"], fs::canonicalize(path).unwrap().to_str().unwrap());
    assert_eq!(fields["original_name"], "dated.txt");
}

#[test]
fn media_types_come_from_the_content() {
    let desk = Desk::new();
    fs::copy(documents().join("statement-017.pdf"), desk.path("photo.jpg")).unwrap();
    desk.write("text.pdf", "this is text\n");
    desk.write("noise.txt", noise(9, 5000));
    desk.run(["ingest", "photo.jpg", "text.pdf", "noise.txt"]).well();
    let types: Vec<_> = desk.exhibits().iter().map(|row| row["media_type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["application/pdf", "text/plain", "application/octet-stream"]);
}

#[test]
fn among_kinds_of_text_the_end_of_the_name_tells() {
    let desk = Desk::new();
    desk.write("large.csv", "a,b,c\n".repeat(400_000));
    desk.run(["ingest", "large.csv", documents().join("message.eml").to_str().unwrap()]).well();
    desk.run(["ingest", documents().join("증언 목록.csv").to_str().unwrap()]).well();
    desk.run_with_input(["ingest", "-", "--stdin-name", "page.HTML"], b"<p>no more than a part of a page</p>\n").well();
    let types: Vec<_> = desk.exhibits().iter().map(|row| row["media_type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["text/csv", "message/rfc822", "text/csv", "text/html"]);
    desk.run(["list", "--type", "text/csv"]).well().says("2 exhibits");
}

#[test]
fn every_json_output_is_json() {
    let desk = Desk::bare();
    desk.run(["init", "archive", "--no-passphrase", "--json"]).well().json();
    deposit(&desk);
    desk.run(["ingest", "--json", "deposit"]).well().json_lines();
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.write("key.pub", public_key(&desk, "key"));
    let exhibit = exhibit.as_str();
    for arguments in [
        ["list"].as_slice(),
        &["find", "txt"],
        &["show", exhibit],
        &["custody", exhibit],
        &["note", exhibit, "remark"],
        &["describe", exhibit, "title=a \"title\"\nof two lines"],
        &["get", exhibit, "--to", "copy", "--purpose", "why"],
        &["log"],
        &["head"],
        &["agent", "add", "key.pub", "--name", "B", "--role", "archivist"],
        &["agent", "list"],
        &["agent", "revoke", "B", "--reason", "left"],
        &["verify"],
        &["verify", exhibit],
        &["verify", "--record"],
        &["rebuild"],
    ] {
        let said = desk.run(["--json"].iter().chain(arguments)).well();
        assert!(!said.json_lines().is_empty(), "{said:#?}");
        assert_eq!(said.err, "", "a program that reads the output need not look at stderr");
    }
}

/// A new key pair made by this program in another home; its public half.
fn public_key(desk: &Desk, name: &str) -> String {
    let folder = format!("of-{name}");
    let mut command = desk.command(["init", &folder, "--no-passphrase", "--origin", name]);
    command.env("VOUCHSAFE_HOME", desk.path(format!("home-of-{name}")));
    Said::by(command).well();
    let keys = fs::read_dir(desk.path(format!("home-of-{name}/keys"))).unwrap().next().unwrap().unwrap().path();
    fs::copy(keys.join("agent"), desk.path(name)).unwrap();
    fs::read_to_string(keys.join("agent.pub")).unwrap()
}

#[test]
fn several_agents_work_in_one_archive() {
    let desk = Desk::new();
    desk.write("b.pub", public_key(&desk, "b"));
    desk.run(["agent", "add", "b.pub", "--name", "Archivist B", "--role", "archivist"]).well();
    desk.write("from-b.txt", "b");
    desk.write("from-a.txt", "a");
    desk.run(["ingest", "from-b.txt", "--key", "b"]).well();
    desk.run(["ingest", "from-a.txt"]).well();
    let by =
        |agent: &str| desk.run(["list", "--agent", agent, "--json"]).well().json()["fields"]["original_name"].clone();
    assert_eq!(by("Archivist B"), "from-b.txt");
    assert_eq!(by("Administrator"), "from-a.txt");
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["custody", &exhibit]).well().says("Archivist B ingested");
    desk.run(["agent", "revoke", "Archivist B", "--reason", "left the organisation"]).well();
    desk.run(["agent", "list"]).well().says("revoked at entry 4");
    desk.run(["custody", &exhibit]).well().says("Archivist B ingested");
    desk.check_sound();
}

#[test]
fn a_key_that_was_stolen_earlier_is_in_question_from_then_on() {
    let desk = Desk::new();
    desk.write("b.pub", public_key(&desk, "b"));
    desk.run(["agent", "add", "b.pub", "--name", "B", "--role", "archivist"]).well();
    desk.write("x.txt", "x");
    desk.run(["ingest", "x.txt", "--key", "b"]).well();
    desk.run(["agent", "revoke", "B", "--reason", "stolen", "--from-index", "2"]).well();
    desk.check_found("V305");
    desk.run(["verify"]).code(1).says("DEGRADED").says("signer-in-question");
}

#[test]
fn keys_with_a_passphrase_work_from_a_file_and_from_a_descriptor() {
    let desk = Desk::bare();
    desk.write("passphrase", "정말 긴 암호 문장\n");
    desk.run(["init", "archive", "--passphrase-file", "passphrase"]).well();
    desk.write("a.txt", "a");
    desk.write("b.txt", "b");
    desk.run(["ingest", "a.txt", "--passphrase-file", "passphrase"]).well();
    let mut command = desk.command(["ingest", "b.txt", "--passphrase-fd", "0"]);
    command.stdin(Stdio::from(fs::File::open(desk.path("passphrase")).unwrap()));
    Said::by(command).well().says("1 ingested");
    desk.run(["list"]).well().says("2 exhibits");
    desk.check_sound();
    assert!(fs::read_to_string(desk.key("agent")).unwrap().contains("OPENSSH PRIVATE KEY"));
}

#[test]
fn the_newest_checkpoint_shows_elsewhere_that_nothing_was_cut() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let head = desk.run(["head"]).well().out;
    desk.write("head.txt", &head);
    desk.run(["note", &exhibit, "later"]).well();
    desk.run(["verify", "--expect-head", "head.txt"]).well();
    desk.write("newer.txt", desk.run(["head"]).well().out);
    let stranger = Desk::bare();
    stranger.run(["init", "archive", "--no-passphrase", "--origin", "test.example/archive"]).well();
    stranger.write("head.txt", head);
    stranger.check_sound();
    // A head of another log, or one that nobody signed, says nothing about this one.
    stranger
        .run(["verify", "--expect-head", "head.txt"])
        .failed("this head does not belong to the log of this archive");
    let size = |text: &str| text.replace("\n2\n", "\n999999\n");
    let note = desk.run(["head", "--note"]).well().out;
    desk.write("forged.txt", size(&note.replace("\n3\n", "\n2\n")));
    desk.run(["verify", "--record", "--expect-head", "forged.txt"])
        .failed("this head does not belong to the log of this archive");
    desk.run(["status"]).says("never");
    // The fingerprint alone shows whose head it is; a bare note shows a name.
    desk.run(["check", "newer.txt", "--trust", &desk.fingerprint()]).well().says("SOUND").says("archive.created");
    desk.run(["check", "newer.txt"]).code(3).says("UNVERIFIABLE");
    desk.run(["check", "newer.txt", "--trust", &stranger.fingerprint()]).code(1).says("FAILED");
}

#[test]
fn receipts_and_copies_are_never_written_over_a_file() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.write("there", "mine");
    std::os::unix::fs::symlink("nowhere", desk.path("dangling")).unwrap();
    let volume = desk.volume_bytes();
    desk.run(["get", &exhibit, "--to", "archive", "--purpose", "x"]).misunderstood("in the folder of an archive");
    for name in ["there", "dangling"] {
        desk.run(["get", &exhibit, "--to", name, "--purpose", "x"]).failed("already exists").hints("another name");
        desk.run(["prove", &exhibit, "--to", name]).failed("already exists");
        desk.run(["prove", &exhibit, "--kit", name]).failed("already exists");
    }
    assert_eq!(fs::read(desk.path("there")).unwrap(), b"mine");
    assert!(!desk.path("nowhere").exists());
    assert_eq!(desk.volume_bytes(), volume, "no copy was issued, so none is recorded");
    let left: Vec<_> = fs::read_dir(desk.path("")).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("unfinished")), "{left:?}");
}

#[test]
fn a_copy_has_a_purpose() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let said = desk.run(["get", &exhibit, "--to", "copy"]).code(2);
    said.notes("--purpose <TEXT>");
    desk.run(["get", &exhibit, "--to", "copy", "--purpose", " \n"]).misunderstood("the purpose is empty");
    assert!(!desk.path("copy").exists());
    desk.run(["note", &exhibit, "  "]).misunderstood("the remark is empty");
    desk.run(["describe", &exhibit, "title="]).misunderstood("the value is empty");
    desk.run(["describe", &exhibit, "title=a", "title=b"]).misunderstood("given twice");
    desk.run(["describe", &exhibit, "original_name=b"]).misunderstood("the program writes this field itself");
    assert_eq!(desk.run(["log", "--json"]).well().json_lines().len(), 2);
}

#[test]
fn verifying_one_exhibit_says_what_was_not_read() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.ingest("b.txt", "b");
    desk.run(["verify", &exhibit])
        .well()
        .says("1 of 2")
        .says("NOT checked")
        .says("the bytes of 1 object of other exhibits");
    let report = desk.run(["verify", "--json", &exhibit]).well().json();
    assert_eq!(report["checked"]["objects"], 1);
    assert_eq!(report["checked"]["entries"], 3);
    assert_ne!(report["not_checked"], json!([]));
}

#[test]
fn verify_says_what_the_keys_were_checked_against() {
    let desk = Desk::new();
    let said = desk.run(["agent", "list", "--json"]).well().json();
    let (key, public_key) = (said["key"].as_str().unwrap(), said["public_key"].as_str().unwrap());
    let log_key = desk.run(["head", "--json"]).well().json()["log_key"].as_str().unwrap().to_owned();
    desk.run(["verify"]).well().says("the fingerprint that this machine remembers since");
    desk.run(["verify", "--trust", &desk.fingerprint()]).well().says("the fingerprint given with --trust");
    let elsewhere = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command.env("VOUCHSAFE_HOME", desk.path("another home"));
        Said::by(command)
    };
    elsewhere(&["verify"]).well().says("the archive is consistent, not whose it is");
    // A key shows nothing, and nothing that was shown is called sound.
    for given in [key, public_key, &log_key] {
        elsewhere(&["verify", "--trust", given]).code(3).says("UNVERIFIABLE").says("a key is no anchor");
    }
    elsewhere(&["verify", "--trust", &desk.fingerprint()]).well().says("SOUND");
    elsewhere(&["verify"]).well().says("the fingerprint that this machine remembers since");
}

/// Ingests with small volumes, which the command line has no option for.
pub fn ingest_with_volumes_of(desk: &Desk, volume_bytes: u64, path: &str) {
    let keys = desk.keys();
    let (mut session, _) = Session::open(&desk.archive(), None, &SystemEnvironment).unwrap();
    session.set_volume_bytes(volume_bytes);
    let request = IngestRequest { whole_bytes: 1024 * 1024, threads: 2, ..IngestRequest::of([desk.path(path)]) };
    let summary = ingest(&mut session, request, &keys, &Unfollowed).unwrap();
    assert_eq!(summary.refused, 0);
    drop(session);
    desk.wait_until_free();
}

#[test]
fn an_archive_of_several_volumes_is_one_archive() {
    let desk = Desk::new();
    let count = 6;
    for number in 0..count {
        desk.write(format!("deposit/{number}.bin"), noise(number, 1_100_000));
        ingest_with_volumes_of(&desk, 2_000_000, "deposit");
    }
    assert!(desk.volume(2).exists());
    // Opened anew right behind a closed volume, too, the index is still the one that fits.
    let said = desk.run(["list", "--json"]).well();
    assert!(!said.err.contains("was rebuilt"), "{said:#?}");
    assert_eq!(said.json_lines().len(), usize::try_from(count).unwrap());
    assert_eq!(desk.volume(0).metadata().unwrap().mode() & 0o222, 0, "a closed volume is read-only");
    let log: String = (0..).map_while(|n| desk.volume(n).exists().then(|| log_lines(&desk.volume(n)))).collect();
    assert_eq!(desk.run(["log", "--json"]).well().out, log);
    desk.check_sound();
    let exhibit = said.json_lines()[0]["exhibit"].as_str().unwrap().to_owned();
    assert_eq!(copy_of(&desk, &exhibit), noise(0, 1_100_000));
    desk.run(["rebuild"]).well();
    assert_eq!(desk.run(["list", "--json"]).well().out, said.out);
    assert_eq!(desk.run(["ingest", "--json", "deposit"]).well().summary(), [count, 0, count, 0]);
    desk.run(["note", &exhibit, "in the last volume"]).well();
    desk.check_sound();
}

#[test]
fn a_volume_that_is_just_full_leaves_a_sound_archive() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    ingest_with_volumes_of(&desk, 1, "deposit");
    assert!(desk.volume(1).exists());
    for _ in 0..3 {
        let said = desk.run(["list"]).well();
        assert_eq!(said.err.matches("was rebuilt").count(), 0, "{said:#?}");
    }
    desk.check_sound();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    desk.run(["list"]).well();
    desk.ingest("b.txt", "b");
    desk.check_sound();
}

#[test]
fn the_archive_of_another_format_version_is_not_touched() {
    let desk = Desk::new();
    let path = desk.archive().join("archive.json");
    let text = fs::read_to_string(&path).unwrap().replace("vouchsafe-archive/1", "vouchsafe-archive/2");
    fs::write(&path, text).unwrap();
    let before = desk.volume_bytes();
    for arguments in [["rebuild"].as_slice(), &["ingest", "."]] {
        desk.run(arguments).failed("vouchsafe-archive/2").hints("a newer version");
    }
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn the_archives_own_folder_and_the_keys_are_not_ingested() {
    let desk = Desk::new();
    desk.write("a.txt", "a");
    let said = desk.run(["ingest", "--json", "."]).code(1);
    let refused: BTreeSet<_> = said
        .files()
        .iter()
        .filter(|file| file["status"] == "refused")
        .map(|file| (file["path"].as_str().unwrap().to_owned(), file["reason"].as_str().unwrap().to_owned()))
        .collect();
    let reason = "it belongs to the archive itself or holds its keys".to_owned();
    assert_eq!(refused, ["./archive", "./home/keys", "./home/known"].map(|name| (name.into(), reason.clone())).into());
    assert!(!String::from_utf8_lossy(&desk.volume_bytes()).contains("PRIVATE KEY"));
    desk.check_sound();
}

#[test]
fn a_demonstration_ends_well() {
    let desk = Desk::bare();
    let said = desk.run(["demo"]).well();
    said.says("vouchsafe init").says("vouchsafe verify").says("SOUND").says("FAILED");
    desk.run(["demo"]).failed("the folder is not empty").hints("rm -r");
}

#[test]
fn the_program_needs_no_home_where_the_folders_are_given() {
    let desk = Desk::new();
    let mut command = desk.command(["list"]);
    command.env_remove("HOME");
    Said::by(command).well();
    let mut command = std::process::Command::new(PROGRAM);
    command.args(["list"]).env_clear().current_dir(desk.archive()).env("HOME", desk.path("some home"));
    Said::by(command).well().notes("for the first time");
    assert!(desk.path("some home/.local/state/vouchsafe/known").is_dir());
}
