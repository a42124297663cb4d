//! What a newer version wrote, as a user of this one meets it: it is told apart from what is forged, and nothing is written
//! where not everything is understood. `fixtures/newer` and the archives beside it are made by tests/core.

use std::fs;
use std::path::{Path, PathBuf};

use vouchsafe::archive::{SystemEnvironment, keys};
use vouchsafe::digest::Digest;
use vouchsafe::sign::SigningKey;

use crate::desk::{Desk, copy_folder};
use crate::volume::{flip, member};

const HINT: &str = "never from whoever sent the data";

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// A desk with one of the archives that tests/core makes, and its keys: as in the example, 32 bytes of 1 and of 2.
fn desk_with(archive: &str) -> Desk {
    let (desk, environment) = (Desk::bare(), SystemEnvironment);
    copy_folder(&fixtures("archives/bad").join(archive), &desk.archive());
    let origin = desk.origin();
    let folder = format!("home/keys/{}-{}", origin.replace('/', "_"), Digest::of(origin.as_bytes()).short());
    for (name, byte) in [("agent", 1), ("log", 2)] {
        let key = SigningKey::from_secret(&[byte; 32]).unwrap();
        keys::write(&desk.path(&folder).join(name), &key, name, None, &environment).unwrap();
    }
    desk
}

/// Changes the text of `archive.json`.
fn describe(desk: &Desk, from: &str, to: &str) {
    let path = desk.archive().join("archive.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_description_of_a_newer_version_does_not_stop_the_checking() {
    let desk = Desk::new();
    let exhibit = desk.ingest("statement.txt", "This statement is invented.");
    let fingerprint = desk.fingerprint();
    describe(&desk, "vouchsafe-archive/1", "vouchsafe-archive/2");
    describe(&desk, "{\"administrator\"", "{\"a\":[1],\"administrator\"");
    let said = desk.run(["verify", "--trust", &fingerprint]).code(3);
    said.says("NOT UNDERSTOOD").says("V902").says(HINT);
    desk.run(["show", &exhibit]).well().notes("vouchsafe-archive/2").notes(HINT);
    let before = desk.volume_bytes();
    desk.run(["note", &exhibit, "A remark."]).failed("vouchsafe-archive/2").hints(HINT);
    desk.run(["verify", "--record"]).failed("vouchsafe-archive/2").hints(HINT);
    assert_eq!(desk.volume_bytes(), before);
    // Another archive is another one, whatever its description says.
    desk.run(["verify", "--trust", &"0".repeat(64)]).code(1).says("FAILED").says("V803");
    flip(&desk.volume(0), member(&desk.volume(0), "objects/", 0).content + 3, 0);
    desk.run(["verify", "--trust", &fingerprint]).code(1).says("FAILED").says("V102").says("V902");
    // What is no version at all is no newer one.
    describe(&desk, "vouchsafe-archive/2", "vouchsafe-archive/02");
    desk.run(["verify"]).failed("archive.json");
}

#[test]
fn an_archive_that_a_newer_version_wrote_to_is_only_read() {
    let desk = desk_with("V208-event");
    let said =
        desk.run(["list", "--json"]).well().notes("entry 4: this program does not know the event exhibit.weighed");
    let exhibit = said.notes(HINT).json_lines()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["show", &exhibit]).well().says("not known: entry 4 is not understood").says("exhibit.weighed");
    desk.run(["custody", &exhibit]).well().says("made an entry that this program does not understand");
    desk.run(["log"]).well().says("does not know the event exhibit.weighed");
    let before = desk.volume_bytes();
    desk.write("more.txt", "More.");
    for arguments in [
        ["note", &exhibit, "A remark."].as_slice(),
        &["describe", &exhibit, "title=Another"],
        &["ingest", "more.txt"],
        &["export", &exhibit, "--to", "out", "--recipient", "A court", "--purpose", "A trial"],
        &["get", &exhibit, "--to", "out.txt", "--recipient", "A court", "--purpose", "A trial"],
        &["verify", "--record"],
    ] {
        desk.run(arguments).failed("does not know the event exhibit.weighed").hints(HINT);
    }
    assert!(!desk.path("out").exists() && !desk.path("out.txt").exists());
    assert_eq!(desk.volume_bytes(), before);
    desk.run(["rebuild"]).well();
    desk.run(["verify"]).code(3).says("V208").says(HINT);
}

#[test]
fn an_archive_in_which_something_is_sealed_is_only_read() {
    const SEALED: &str = "it is sealed, and this program does not open what is sealed";
    for (archive, number, media_type) in [("V209-note", 0, "text/plain"), ("V209-ingest", 1, "sealed")] {
        let desk = desk_with(archive);
        let said = desk.run(["list", "--json"]).well().notes("entry 4: ").notes(SEALED).notes(HINT);
        let mut exhibits = said.json_lines();
        exhibits.sort_by_key(|row| row["index"].as_u64());
        assert_eq!(exhibits[number]["media_type"].as_str().unwrap_or("sealed"), media_type);
        let exhibit = exhibits[number]["exhibit"].as_str().unwrap();
        desk.run(["list"]).well().says(media_type);
        desk.run(["find", "--type", media_type]).well().says(exhibit);
        desk.run(["show", exhibit]).well().says(media_type).says("entry 4; what is sealed is not shown");
        desk.run(["custody", exhibit]).well().says("(its fields are sealed, and not shown)");
        desk.run(["log"]).well().says("(its fields are sealed, and not shown)");
        let before = desk.volume_bytes();
        for arguments in [
            ["note", exhibit, "A remark."].as_slice(),
            &["export", exhibit, "--to", "out", "--recipient", "A court", "--purpose", "A trial"],
            &["verify", "--record"],
        ] {
            desk.run(arguments).failed(SEALED).hints(HINT);
        }
        assert!(!desk.path("out").exists());
        assert_eq!(desk.volume_bytes(), before);
        desk.run(["rebuild"]).well();
        desk.run(["verify"]).code(3).says("NOT UNDERSTOOD").says("V209").says(HINT);
    }
}

#[test]
fn keys_that_a_newer_version_introduced_do_not_keep_an_archive_from_being_read() {
    for archive in ["V309-introduced", "V309-first", "V208-format", "V208-event-of-a-record", "V208-format-with-object"]
    {
        let desk = desk_with(archive);
        desk.run(["list"]).well().notes("this program does not know");
        desk.run(["log"]).well();
        desk.run(["verify"]).code(3).says("NOT UNDERSTOOD");
    }
}

#[test]
fn each_fixture_is_checked_as_the_table_says() {
    let table = fs::read_to_string(fixtures("newer/expected.tsv")).unwrap();
    let fingerprint = "ed715b387aa6c44f4f83cbac07049b0d88356abb119a48ad8b53cdc2bd8c741c";
    let desk = Desk::new();
    let before = desk.volume_bytes();
    for line in table.lines() {
        let [path, status, codes] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let file = fixtures("newer").join(path);
        let file = file.to_str().unwrap();
        let said = desk.run(["check", file, "--trust", fingerprint]).code(status.parse().unwrap());
        let said = match status {
            "3" => said.says("NOT UNDERSTOOD").says(HINT),
            _ => said.says("FAILED"),
        };
        codes.split_whitespace().fold(said, |said, code| said.says(code));
        // Nothing of it is taken in, whether it is trusted or not.
        if path.starts_with("bundles/") {
            let said = desk.run(["import", file, "--trust", fingerprint, "--sender", "A partner"]);
            said.code(status.parse().unwrap()).says("Nothing was taken in.");
        } else if path.starts_with("letters/") {
            let said = desk.run([
                "transfer",
                "refuse",
                "--offer",
                file,
                "--letter",
                "answer.json",
                "--trust",
                fingerprint,
                "--reason",
                "No.",
            ]);
            assert_eq!(said.code, 3, "{said:#?}");
        }
    }
    assert!(table.lines().count() > 15);
    assert_eq!(desk.volume_bytes(), before);
}
