//! Bundles: exported, checked, read by other people's programs, and hostile ones.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::desk::{Desk, Said, checker, copy_folder, has_tool, say_not_run};

/// What must not get out: each stands in a field of an exhibit or of an agent. All of it is invented.
const SECRETS: &[&str] = &[
    "Testimony of Witness Seventeen",
    "interview-with-seventeen.txt",
    "Source Nine from the north",
    "Camp Twelve, third gate",
    "2019-04-17",
    "call her sister before court",
    "Translator Four",
];

/// A desk with an archive, whose exhibits have fields that identify somebody.
fn desk() -> (Desk, String, String) {
    let desk = Desk::new();
    let metadata = "title: Testimony of Witness Seventeen\nsource: Source Nine from the north\n\
                    place: Camp Twelve, third gate\ncreated_date: 2019-04-17\nlanguages: [ko, en]\ncollection: Case 3\n";
    desk.write("metadata.yaml", metadata);
    desk.write("in/interview-with-seventeen.txt", "An invented testimony.\n");
    let said = desk.run(["ingest", "--json", "--meta", "metadata.yaml", "in/interview-with-seventeen.txt"]).well();
    let first = said.json_lines()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["note", &first, "call her sister before court"]).well();
    desk.run(["get", &first, "--to", "copy.txt", "--purpose", "translation", "--recipient", "Translator Four"]).well();
    let second = desk.ingest("letter.txt", "An invented letter.\n");
    (desk, first, second)
}

const EXPORT: [&str; 5] = ["export", "--purpose", "hearing", "--recipient", "Court Five"];

fn export<'a>(desk: &Desk, arguments: impl IntoIterator<Item = &'a str>) -> Said {
    desk.run(EXPORT.into_iter().chain(arguments))
}

pub fn all_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

/// The name of the folder that the members of a zip file lie in.
fn top_folder(desk: &Desk, zip: &str) -> String {
    let zip = zip::ZipArchive::new(fs::File::open(desk.path(zip)).unwrap()).unwrap();
    let folders: std::collections::BTreeSet<_> =
        zip.file_names().map(|name| name.unwrap().split_once('/').unwrap().0.to_owned()).collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.into_iter().next().unwrap()
}

/// A recipient of several bundles unpacks all of them where they lie.
#[test]
fn several_zip_files_are_unpacked_side_by_side() {
    let desk = Desk::new();
    let exhibit = desk.ingest("letter.txt", "An invented letter.\n");
    let zips = ["first.zip", "for the defence.zip", "third.zip"];
    for zip in zips {
        let fixed = ["export", &exhibit, "--purpose", "a trial", "--recipient", "Court 3", "--to", zip];
        desk.run(fixed).well();
    }
    let names = zips.map(|zip| top_folder(&desk, zip));
    assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2], "{names:?}");
    for (zip, name) in zips.iter().zip(&names) {
        let day = &name["bundle-".len().."bundle-2026-12-01".len()];
        assert!(day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'), "{name}");
        zip::ZipArchive::new(fs::File::open(desk.path(zip)).unwrap()).unwrap().extract(desk.path("unpacked")).unwrap();
    }
    for name in &names {
        desk.run(["check", &format!("unpacked/{name}"), "--trust", &desk.fingerprint()]).well().says("SOUND");
    }
}

#[test]
fn a_bundle_is_exported_recorded_and_checked() {
    let (desk, first, second) = desk();
    let said = export(&desk, [first.as_str(), &second, "--to", "bundle"]).well();
    let said = said
        .says("2 exhibits")
        .says("disclosed: languages (1)")
        .says("title (1)")
        .says("recorded it as entry")
        .says("fingerprint through a separate channel");
    assert!(said.out.find("withheld:").unwrap() < said.out.find("Wrote").unwrap());
    let fingerprint = desk.fingerprint();
    desk.run(["check", "bundle", "--trust", &fingerprint]).well().says("SOUND").says(&first).says(&second);
    let report = desk.run(["check", "bundle", "--trust", &fingerprint, "--json"]).well().json();
    assert_eq!((&report["verdict"], &report["findings"]), (&"sound".into(), &serde_json::json!([])));
    // Without a fingerprint from outside it is not sound, and the status says so.
    desk.run(["check", "bundle"]).code(3).says("UNVERIFIABLE").says("no fingerprint from outside");
    // The log knows the bundle by its tag manifest, and each exhibit shows it.
    desk.run(["custody", &first]).well().says("exported it in the bundle");
    let log = desk.run(["log", "--json"]).well().json_lines();
    let entry = log.iter().find(|entry| entry["event"] == "bundle.exported").unwrap();
    assert_eq!(entry["body"]["bundle"], report["bundle"]);
    assert_eq!(entry["body"]["fields"].as_array().unwrap().len(), 2);
    desk.run(["log"]).well().says("for Court Five (hearing; ");
    desk.run(["custody", &first]).well().says("recipient  Court Five").says("purpose    hearing");
    assert_eq!(log.iter().filter(|entry| entry["event"] == "exhibit.exported").count(), 2);
    desk.check_sound();
}

#[test]
fn the_small_program_says_the_same() {
    let (desk, first, _) = desk();
    export(&desk, [first.as_str(), "--to", "bundle"]).well();
    let fingerprint = desk.fingerprint();
    for arguments in [vec!["bundle", "--trust", &fingerprint], vec!["bundle"], vec!["bundle", "--trust", "nothing"]] {
        let small = Said::by(desk.prepare(Command::new(checker()), &arguments));
        let large = desk.run(["check"].iter().chain(&arguments));
        assert_eq!((small.code, &small.out), (large.code, &large.out));
    }
    let small = Said::by(desk.prepare(Command::new(checker()), ["bundle", "--json"]));
    assert_eq!(small.json(), desk.run(["check", "bundle", "--json"]).json());
}

/// The commands of the specification, run as they stand there.
#[test]
fn the_commands_on_the_page_check_a_bundle() {
    let name = "the_commands_on_the_page_check_a_bundle";
    if !["bash", "sha256sum", "ssh-keygen", "openssl"].iter().all(|tool| has_tool(name, tool)) {
        return;
    }
    let (desk, first, second) = desk();
    export(&desk, [first.as_str(), &second, "--to", "bundle"]).well();
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/bundle.md")).unwrap();
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let script: String = blocks.collect();
    let run = || {
        let mut command = Command::new("bash");
        command.args(["-Eeuo", "pipefail", "-c", &script]).current_dir(desk.path("bundle"));
        Said::by(command)
    };
    run().well().says("complete").says("Good \"vouchsafe-bundle@1\" signature").says("Signature Verified Successfully");
    let object = all_files(&desk.path("bundle")).into_keys().find(|name| name.starts_with("data/")).unwrap();
    for (file, content) in [(object.as_str(), "forged"), ("report.txt", "added"), ("bundle.json", "{}")] {
        copy_folder(&desk.path("bundle"), &desk.path("kept"));
        desk.write(format!("bundle/{file}"), content);
        // An added file is shown by `diff`, and then the list is not complete.
        let said = run();
        assert!(said.code != 0 || !said.out.contains("complete"), "{file}: {said:#?}");
        fs::remove_dir_all(desk.path("bundle")).unwrap();
        fs::rename(desk.path("kept"), desk.path("bundle")).unwrap();
    }
}

#[test]
fn a_bundle_is_a_bag() {
    let (desk, first, _) = desk();
    export(&desk, [first.as_str(), "--to", "bundle"]).well();
    let bagit = |arguments: &[&str]| {
        let mut command = Command::new("python3");
        command.args(["-m", "bagit"]).args(arguments).current_dir(desk.path(""));
        command.output()
    };
    if !bagit(&["--version"]).is_ok_and(|output| output.status.success()) {
        say_not_run("a_bundle_is_a_bag", "the Python module bagit is not installed");
        return;
    }
    let output = bagit(&["--validate", "bundle"]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    desk.write("bundle/data/added.txt", "x");
    assert!(!bagit(&["--validate", "bundle"]).unwrap().status.success());
}

/// All forms in which a text might be hidden: as it is, as JSON, in base64 at every alignment, in hexadecimal.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let mut forms = vec![secret.as_bytes().to_vec(), secret.replace(' ', "%20").into_bytes()];
    for (shift, alphabet) in (0..3).flat_map(|shift| {
        [base64::engine::general_purpose::STANDARD_NO_PAD, base64::engine::general_purpose::URL_SAFE_NO_PAD]
            .map(|alphabet| (shift, alphabet))
    }) {
        let padded = [&b"\0\0\0"[..shift], secret.as_bytes()].concat();
        let text = alphabet.encode(padded);
        // The first letters depend on what stands in front, the last on what follows.
        forms.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    forms.extend([hex.to_uppercase().into_bytes(), hex.into_bytes()]);
    forms.push(secret.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn what_is_withheld_is_nowhere_in_a_bundle() {
    let (desk, first, second) = desk();
    export(&desk, [first.as_str(), &second, "--to", "bundle"]).well();
    export(&desk, [first.as_str(), &second, "--to", "bundle.zip"]).well();
    let mut files = all_files(&desk.path("bundle"));
    files.insert("the zip file".to_owned(), fs::read(desk.path("bundle.zip")).unwrap());
    for (name, content) in files.iter().filter(|(name, _)| !name.starts_with("data/")) {
        for secret in SECRETS {
            for form in forms(secret) {
                assert!(!contains(content, &form), "{secret:?} is in {name}");
            }
        }
        // The recipient and the purpose are for the log alone.
        assert!(!contains(content, b"Court Five") && !contains(content, b"hearing") || name.ends_with(".md"), "{name}");
    }
    // The search finds what is there.
    let disclosed =
        export(&desk, [first.as_str(), "--to", "open", "--disclose", "title,note", "--withhold", "languages"]);
    disclosed.well().says("disclosed: note (1), title (1)").says("languages (1)");
    let open: Vec<u8> = all_files(&desk.path("open")).into_values().flatten().collect();
    assert!(contains(&open, SECRETS[0].as_bytes()) && contains(&open, SECRETS[5].as_bytes()));
    assert!(!contains(&open, SECRETS[2].as_bytes()));
    let fingerprint = desk.fingerprint();
    desk.run(["check", "open", "--trust", &fingerprint]).well();
}

#[test]
fn the_names_of_agents_are_withheld_unless_they_are_asked_for() {
    let desk = Desk::bare();
    desk.run(["init", "archive", "--no-passphrase", "--origin", "test.example/a", "--name", "Desk Clerk Eleven"])
        .well();
    let exhibit = desk.ingest("a.txt", "a");
    export(&desk, [exhibit.as_str(), "--to", "closed"]).well().says("agent_name (1)");
    export(&desk, [exhibit.as_str(), "--to", "open", "--disclose", "agent_name"]).well();
    let holds = |folder: &str| {
        let files = all_files(&desk.path(folder));
        files.values().any(|content| forms("Desk Clerk Eleven").iter().any(|form| contains(content, form)))
    };
    assert!(!holds("closed") && holds("open"));
}

#[test]
fn a_bundle_is_never_written_over_anything() {
    let (desk, first, _) = desk();
    desk.write("taken/file.txt", "mine");
    desk.write("taken.zip", "mine");
    symlink("nowhere", desk.path("link")).unwrap();
    let before = desk.volume_bytes();
    for to in ["taken", "taken.zip", "link"] {
        export(&desk, [first.as_str(), "--to", to]).failed("already exists");
    }
    export(&desk, [first.as_str(), "--to", "archive/volumes/bundle"])
        .misunderstood("this is in the folder of an archive");
    export(&desk, [first.as_str(), "--to", "missing/bundle"]).failed("there is no such folder");
    assert_eq!(desk.volume_bytes(), before);
    assert_eq!(fs::read(desk.path("taken/file.txt")).unwrap(), b"mine");
    let left: Vec<_> = fs::read_dir(desk.path("")).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".partial-")), "{left:?}");
}

#[test]
fn an_object_that_has_changed_is_not_exported() {
    let (desk, first, _) = desk();
    let volume = desk.volume(0);
    let mut bytes = fs::read(&volume).unwrap();
    let at = bytes.windows(22).position(|part| part == b"An invented testimony.").unwrap();
    bytes[at] = b'a';
    fs::write(&volume, bytes).unwrap();
    for to in ["bundle", "bundle.zip"] {
        export(&desk, [first.as_str(), "--to", to]).failed("its bytes have changed");
        assert!(!desk.path(to).exists());
    }
    let left: Vec<_> = fs::read_dir(desk.path("")).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".partial-")), "{left:?}");
}

#[test]
fn what_is_asked_for_must_make_sense() {
    let (desk, first, second) = desk();
    export(&desk, ["--to", "bundle"]).misunderstood("no exhibits to export are named");
    export(&desk, ["--collection", "Case", "--to", "bundle"]).misunderstood("no exhibit matches");
    export(&desk, [first.as_str(), "--to", "bundle", "--withhold", "titel"]).misunderstood("has a field titel");
    export(&desk, [first.as_str(), "--to", "bundle", "--disclose", "title", "--withhold", "title"])
        .misunderstood("both discloses and withholds this field");
    desk.run(["export", &first, "--to", "bundle", "--purpose", " ", "--recipient", "x"]).misunderstood("purpose");
    desk.run(["export", &first, "--to", "bundle", "--purpose", "x"])
        .misunderstood("required arguments were not provided");
    let report = |name: &str| desk.run(["check", name, "--json"]).json();
    export(&desk, ["--collection", "Case 3", "--to", "one"]).well();
    export(&desk, ["--query", "letter", first.as_str(), &first, "--to", "two"]).well();
    assert_eq!(report("one")["exhibits"].as_array().unwrap().len(), 1);
    let names: Vec<_> = report("two")["exhibits"].as_array().unwrap().iter().map(|e| e["exhibit"].clone()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&first.as_str().into()) && names.contains(&second.as_str().into()));
}

#[test]
fn what_comes_from_the_bundle_itself_proves_nothing() {
    let (desk, first, _) = desk();
    export(&desk, [first.as_str(), "--to", "bundle"]).well();
    desk.run(["check", "bundle", "--trust", "bundle/keys/log.vkey"]).misunderstood("inside the bundle");
    desk.run(["check", "bundle", "--trust", "bundle/keys/allowed_signers"]).misunderstood("inside the bundle");
    fs::copy(desk.path("bundle/keys/log.vkey"), desk.path("vkey")).unwrap();
    // A log key is told of, and is no anchor.
    desk.run(["check", "bundle", "--trust", "vkey"])
        .code(3)
        .says("UNVERIFIABLE")
        .says("is the key of this archive's log");
    fs::copy(desk.path("bundle/keys/allowed_signers"), desk.path("signers")).unwrap();
    desk.run(["check", "bundle", "--trust", "signers"]).misunderstood("lists agents");
    desk.write("nothing", "no key\n");
    desk.run(["check", "bundle", "--trust", "nothing"]).misunderstood("line 1: it is neither a fingerprint");
    let other = Desk::new();
    desk.run(["check", "bundle", "--trust", &other.fingerprint()]).code(1).says("B305");
    desk.write("known", format!("# partners\n{} another\n{} this one\n", other.fingerprint(), desk.fingerprint()));
    desk.run(["check", "bundle", "--trust", "known"]).well().says("SOUND").says("As of entry");
}

/// What a clerk types from paper, and what slips of the pen are.
#[test]
fn a_fingerprint_is_read_as_people_write_it_and_a_slip_is_no_verdict() {
    let (desk, first, _) = desk();
    export(&desk, [first.as_str(), "--to", "bundle"]).well();
    let status = desk.run(["status"]);
    let paper = status.out.lines().find_map(|line| line.strip_prefix("fingerprint")).unwrap().trim().to_owned();
    assert_eq!(paper.len(), 69);
    for form in
        [paper.clone(), paper.to_lowercase(), paper.replace('-', " "), paper.replace('-', ""), desk.fingerprint()]
    {
        desk.run(["check", "bundle", "--trust", &form]).well().says("SOUND");
        desk.run(["verify", "--trust", &form]).well().says("SOUND");
    }
    let exchanged = format!("{}{}{}", &paper[1..2], &paper[..1], &paper[2..]);
    let (hex, digit) = (desk.fingerprint(), |one: &str| if one == "0" { "1" } else { "0" });
    let slip = format!("{}{}", digit(&hex[..1]), &hex[1..]);
    for command in [vec!["check", "bundle"], vec!["verify"]] {
        let with = |given: &str| desk.run([command.as_slice(), &["--trust", given]].concat());
        if exchanged != paper {
            with(&exchanged).misunderstood("the check characters do not match");
        }
        with(&paper[5..]).misunderstood("it has 52 characters; a fingerprint has 56");
        with(&slip).misunderstood("in 1 digits: probably a typing error");
    }
}

#[test]
fn a_zip_file_is_the_same_bundle() {
    let (desk, first, second) = desk();
    export(&desk, [first.as_str(), &second, "--to", "for-court.zip"]).well();
    let fingerprint = desk.fingerprint();
    desk.run(["check", "for-court.zip", "--trust", &fingerprint]).well().says("SOUND");
    // What another program unpacks is the bundle, and so is what it packs again, smaller.
    let files = unzip(&desk.path("for-court.zip"));
    // What the sender calls the file could tell too much: nothing in it says that.
    let folder = format!("{}/", top_folder(&desk, "for-court.zip"));
    assert!(!folder.contains("court") && files.keys().all(|name| name.starts_with(&folder)), "{:?}", files.keys());
    for (name, content) in &files {
        desk.write(format!("unpacked/{name}"), content);
    }
    desk.run(["check", &format!("unpacked/{folder}"), "--trust", &fingerprint]).well();
    for top in ["bundle/", "other/", ""] {
        let members = files.iter().map(|(name, content)| (name.replacen(&folder, top, 1), content.clone()));
        fs::write(desk.path("again.zip"), zip_of(members, CompressionMethod::Deflated)).unwrap();
        desk.run(["check", "again.zip", "--trust", &fingerprint]).well();
    }
}

fn unzip(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|number| {
            let mut member = archive.by_index(number).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut content).unwrap();
            (member.name().unwrap().into_owned(), content)
        })
        .collect()
}

fn zip_of(members: impl IntoIterator<Item = (String, Vec<u8>)>, method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(&content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_hostile_zip_file_is_refused() {
    let (desk, first, _) = desk();
    export(&desk, [first.as_str(), "--to", "good.zip"]).well();
    let fingerprint = desk.fingerprint();
    let folder = format!("{}/", top_folder(&desk, "good.zip"));
    let good = unzip(&desk.path("good.zip")).into_iter();
    let good: Vec<_> = good.map(|(name, content)| (name.replacen(&folder, "bundle/", 1), content)).collect();
    let with = |name: &str, content: &[u8]| {
        let added = good.iter().cloned().chain([(name.to_owned(), content.to_vec())]);
        zip_of(added, CompressionMethod::Deflated)
    };
    let stored = zip_of(good.clone(), CompressionMethod::Stored);
    let twins = {
        // The library writes no name twice; one of the same length is made the same afterwards.
        let bytes = zip_of(
            good.iter().cloned().chain([("bundle/bundle.jsoN".to_owned(), b"{}".to_vec())]),
            CompressionMethod::Stored,
        );
        replace_all(bytes, b"bundle.jsoN", b"bundle.json")
    };
    let hostile: Vec<(&str, Vec<u8>, &str)> = vec![
        ("zip slip", with("bundle/../../../outside.txt", b"x"), "B101"),
        ("absolute", with("/outside.txt", b"x"), "B105"),
        ("backslash", with("bundle/..\\outside.txt", b"x"), "B101"),
        ("another folder", with("other/outside.txt", b"x"), "B105"),
        ("a bomb", with("bundle/report/zeros", &vec![0; 120 << 20]), "B105"),
        ("twins", twins, "B105"),
        ("headers that differ", replace_first(stored.clone(), b"bundle/bagit.txt", b"bundle/bogit.txt"), "B105"),
        ("another size", larger_size(&stored), "B"),
    ];
    for bytes in [b"nothing of the kind".to_vec(), Vec::new()] {
        fs::write(desk.path("hostile.zip"), bytes).unwrap();
        desk.run(["check", "hostile.zip", "--trust", &fingerprint]).failed("this is not a bundle");
    }
    for (name, bytes, code) in hostile {
        fs::write(desk.path("hostile.zip"), bytes).unwrap();
        let said = desk.run(["check", "hostile.zip", "--trust", &fingerprint]).code(1);
        assert!(said.out.contains(code) && said.out.contains("FAILED"), "{name}: {said:#?}");
        assert!(!desk.path("outside.txt").exists() && !desk.path("../outside.txt").exists(), "{name}");
    }
    fs::write(desk.path("whole.zip"), stored).unwrap();
    desk.run(["check", "whole.zip", "--trust", &fingerprint]).well();
}

fn replace_all(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<_> = (0..=bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to));
    bytes
}

fn replace_first(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|part| part == from).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}

/// The directory says that the first member is larger than it is.
fn larger_size(stored: &[u8]) -> Vec<u8> {
    let mut bytes = stored.to_vec();
    let at = bytes.windows(4).position(|part| part == b"PK\x01\x02").unwrap();
    bytes[at + 24..at + 28].copy_from_slice(&1_000_000_u32.to_le_bytes());
    bytes
}

/// Archives that others collected to break programs that read them.
#[test]
fn archives_made_to_break_programs_are_refused() {
    let folder = std::env::var_os("VOUCHSAFE_TEST_DATA")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").into(), PathBuf::from)
        .join("hostile-archives");
    if !folder.is_dir() {
        crate::desk::not_run("archives_made_to_break_programs_are_refused", "the published archives are not here");
        return;
    }
    let desk = Desk::bare();
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap() {
            let item = item.unwrap();
            match item.file_type().unwrap().is_dir() {
                true => folders.push(item.path()),
                false => files.push(item.path()),
            }
        }
    }
    assert!(!files.is_empty());
    for path in files {
        let said = desk.run([std::ffi::OsStr::new("check"), path.as_os_str()]);
        // Some of them are archives of another kind.
        let is_refused = said.code == 3 && said.out.is_empty() && said.err.contains("this is not a bundle");
        let is_refused = is_refused || said.code == 3 && said.out.starts_with("COULD NOT BE CHECKED: ");
        assert!(is_refused || said.code == 1 && said.out.contains("FAILED"), "{}: {said:#?}", path.display());
        assert_eq!(fs::read_dir(desk.path("")).unwrap().count(), 0, "{} wrote something", path.display());
    }
}

#[test]
fn links_in_a_folder_are_not_followed() {
    let (desk, first, _) = desk();
    export(&desk, [first.as_str(), "--to", "bundle"]).well();
    let fingerprint = desk.fingerprint();
    let object = all_files(&desk.path("bundle")).into_keys().find(|name| name.starts_with("data/")).unwrap();
    let (inside, outside) = (desk.path("bundle").join(&object), desk.path("outside.txt"));
    fs::rename(&inside, &outside).unwrap();
    symlink(&outside, &inside).unwrap();
    desk.run(["check", "bundle", "--trust", &fingerprint]).code(1).says("B102").says("B501");
    fs::remove_file(&inside).unwrap();
    Command::new("mkfifo").arg(&inside).status().unwrap();
    desk.run(["check", "bundle", "--trust", &fingerprint]).code(1).says("B102");
    fs::remove_file(&inside).unwrap();
    fs::rename(&outside, &inside).unwrap();
    desk.run(["check", "bundle", "--trust", &fingerprint]).well();
    // A folder that leads around in a circle ends nowhere.
    symlink(".", desk.path("bundle/report/again")).unwrap();
    desk.run(["check", "bundle", "--trust", &fingerprint]).code(1).says("B102");
}

#[test]
fn what_is_no_bundle_is_told() {
    let desk = Desk::bare();
    desk.run(["check", "nothing"]).failed("cannot read the bundle");
    fs::create_dir(desk.path("empty")).unwrap();
    desk.run(["check", "empty"]).failed("this is not a bundle");
    desk.run(["check", "/dev/zero"]).failed("neither a folder nor a regular file");
}

/// The script that is in the bundle, run on the bundle.
#[test]
fn the_script_in_the_bundle_checks_it() {
    let name = "the_script_in_the_bundle_checks_it";
    if !["sh", "openssl", "ssh-keygen"].iter().all(|tool| has_tool(name, tool)) {
        return;
    }
    let (desk, first, second) = desk();
    export(&desk, [first.as_str(), &second, "--to", "bundle"]).well();
    let fingerprint = desk.fingerprint();
    let run = || {
        let mut command = Command::new("sh");
        command.args(["verify.sh", "--trust", &fingerprint]).current_dir(desk.path("bundle"));
        Said::by(command)
    };
    run().well().says("SOUND");
    let object = all_files(&desk.path("bundle")).into_keys().find(|name| name.starts_with("data/")).unwrap();
    desk.write(format!("bundle/{object}"), "forged");
    run().code(1).says("FAILED");
}

#[test]
fn what_is_no_bundle_is_not_called_a_bad_one() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "an invented testimony");
    desk.run(["export", &exhibit, "--to", "out/bundle", "--purpose", "x", "--recipient", "y"]).code(3);
    fs::create_dir(desk.path("out")).unwrap();
    desk.run(["export", &exhibit, "--to", "out/bundle", "--purpose", "x", "--recipient", "y"]).well();
    desk.write("empty", "");
    // A folder with more than it, an archive, an empty file, a file that is something else.
    desk.write("out/letter.pdf", "an invented letter");
    for name in ["out", "archive", "empty", "a.txt"] {
        let said = desk.run(["check", name]).failed("this is not a bundle").hints("that contains bundle.json");
        assert_eq!(said.out, "", "{said:#?}");
        desk.run(["import", name]).failed("this is not a bundle").hints("that contains bundle.json");
    }
    let said = desk.run(["import", "nowhere"]).failed("nowhere").hints("check the name of the bundle");
    assert!(!said.err.contains("already committed"), "{said:#?}");
    // What is left of a bundle is a bundle, and a bad one.
    for name in ["bundle.json", "tagmanifest-sha256.txt", "bagit.txt"] {
        fs::remove_file(desk.path("out/bundle").join(name)).unwrap();
        desk.run(["check", "out/bundle"]).code(1).says("FAILED").says("B202");
    }
}

#[test]
fn a_place_for_a_bundle_that_cannot_be_is_told_and_a_long_name_can() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "an invented testimony");
    let export = |to: &str| desk.run(["export", &exhibit, "--to", to, "--purpose", "x", "--recipient", "a\nb\u{1b}"]);
    export("out/nope/x").failed("out/nope: there is no such folder").hints("create that folder first");
    for to in ["n".repeat(250), format!("{}.zip", "가".repeat(80))] {
        let said = export(&to).well().says("for a\\nb\\u{1b}\n");
        assert!(desk.path(&to).exists() && !said.err.contains("WARNING"), "{said:#?}");
        desk.run(["check", &to]).code(3).says("UNVERIFIABLE");
    }
    export("two\nlines").well().says("Wrote two\\nlines, checked it");
    desk.write("earlier.partial-4711/data/X.txt", "a copy in clear");
    let said = export("later")
        .well()
        .notes("WARNING: earlier.partial-4711 is not a bundle: it is left from an interrupted export");
    assert_eq!(said.err.matches("WARNING").count(), 1, "{said:#?}");
}
