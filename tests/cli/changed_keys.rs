//! Archives in which it was changed who may sign, as no command does it yet: they are read as all others, and this version does
//! not write to those whose checkpoints it cannot sign. `fixtures/archives` has them; tests/core makes them.

use std::fs;
use std::path::Path;

use vouchsafe::archive::{SystemEnvironment, keys};
use vouchsafe::digest::Digest;
use vouchsafe::sign::SigningKey;

use crate::desk::{Desk, copy_folder};

/// A desk with one of these archives, and the keys of who could write to it.
fn desk_with(archive: &str, agent: u8, log: u8) -> Desk {
    let (desk, environment) = (Desk::bare(), SystemEnvironment);
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/archives").join(archive), &desk.archive());
    let origin = desk.origin();
    let folder = format!("home/keys/{}-{}", origin.replace('/', "_"), Digest::of(origin.as_bytes()).short());
    for (name, byte) in [("agent", agent), ("log", log)] {
        let key = SigningKey::from_secret(&[byte; 32]).unwrap();
        keys::write(&desk.path(&folder).join(name), &key, name, None, &environment).unwrap();
    }
    desk
}

fn assert_is_not_written_to(desk: &Desk, exhibit: &str, reason: &str) {
    let before = desk.volume_bytes();
    desk.write("more.txt", "More.");
    for arguments in [
        ["note", exhibit, "A remark."].as_slice(),
        &["ingest", "more.txt"],
        &["export", exhibit, "--to", "out", "--recipient", "A court", "--purpose", "A trial"],
        &["verify", "--record"],
    ] {
        desk.run(arguments).failed(&format!("this version cannot sign for {reason}"));
    }
    assert!(!desk.path("out").exists());
    assert_eq!(desk.volume_bytes(), before);
}

#[test]
fn an_archive_whose_log_key_was_changed_is_only_read() {
    let desk = desk_with("keys-changed", 16, 6);
    let listed = desk.run(["list", "--json"]).well().json_lines();
    let exhibit = listed[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["log"]).well().says("changed the key of the log").says("replaced the key of").says("recovery keys");
    desk.run(["agent", "list"]).well().says("Desk B");
    desk.run(["custody", &exhibit]).well();
    desk.run(["verify"]).well().says("whether keys had expired");
    // Opened again, it is the archive that is remembered; so it is with another index.
    desk.run(["rebuild"]).well();
    desk.run(["list"]).well();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    desk.run(["show", &exhibit]).well();
    assert_is_not_written_to(&desk, &exhibit, "a log whose key was changed");
    desk.run(["verify"]).well();
    // What leaves it rests on the new key.
    let fingerprint = desk.fingerprint();
    for (index, file) in [("2", "early"), ("6", "rotated"), ("8", "by-the-second-key"), ("13", "late")] {
        let proved = desk.run(["prove", &exhibit, "--entry", index]).well();
        desk.write(file, &proved.out);
        desk.run(["check", file, "--trust", &fingerprint]).well();
    }
    let head = desk.run(["head"]).well();
    desk.write("head.txt", &head.out);
    desk.run(["verify", "--expect-head", "head.txt"]).well();
    desk.run(["check", "head.txt", "--trust", &fingerprint]).well();
    let note = desk.run(["head", "--note"]).well();
    desk.write("note.txt", &note.out);
    desk.run(["verify", "--expect-head", "note.txt"]).well();
}

/// Where only agents were changed, it is written to, and what is exported shows how.
#[test]
fn an_archive_whose_agents_were_changed_goes_on() {
    let desk = desk_with("agents-changed", 16, 2);
    let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["note", &exhibit, "A remark."]).well();
    let to = ["export", &exhibit, "--to", "out", "--recipient", "A court", "--purpose", "A trial"];
    desk.run(to).well();
    let fingerprint = desk.fingerprint();
    desk.run(["check", "out", "--trust", &fingerprint]).well().says("whether keys had expired");
    desk.run(["verify"]).well();
    desk.run(["rebuild"]).well();
    desk.run(["verify"]).well();
    // Others may no longer: who was revoked, whose key was replaced.
    for number in [1, 3] {
        let other = desk_with("agents-changed", number, 2);
        other.run(["note", &exhibit, "A remark."]).failed("this key was revoked at entry");
    }
}

#[test]
fn an_archive_with_a_second_log_key_is_only_read() {
    let desk = desk_with("second-key", 1, 2);
    let listed = desk.run(["list", "--json"]).well().json_lines();
    let exhibit = listed[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["rebuild"]).well();
    desk.run(["verify"]).well().says("the ML-DSA-44 signatures of checkpoints");
    assert_is_not_written_to(&desk, &exhibit, "a log with an ML-DSA-44 key");
}
