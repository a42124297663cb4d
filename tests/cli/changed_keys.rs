//! Archives in which it was changed who may sign, as no command does it yet: they are read as all others, and this version does
//! not write to those whose checkpoints it cannot sign. `fixtures/archives` has them; tests/core makes them.

use std::fs;
use std::path::Path;

use vouchsafe_archive::{SystemEnvironment, keys};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::sign::SigningKey;

use crate::desk::{Desk, copy_folder};
use crate::volume::flip;

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
    // A key that was replaced is not called revoked, and beside an entry stand the roles of that time.
    desk.run(["status"]).code(1).says("agents       5, including 1 revoked and 1 replaced by another key");
    let agents = desk.run(["agent", "list"]).well().says("replaced at entry 5 by SHA256:").says("revoked at entry 10");
    assert_eq!(agents.out.matches("revoked").count(), 1, "{agents:#?}");
    let agents = desk.run(["agent", "list", "--json"]).well().json_lines();
    let ends = |name: &str| agents.iter().filter_map(|agent| agent[name].as_u64()).collect::<Vec<_>>();
    assert_eq!((ends("revoked_at"), ends("replaced_at")), (vec![10], vec![5]));
    let report = fs::read_to_string(desk.path("out/report/report.html")).unwrap();
    assert_eq!(report.matches("revoked by entry").count(), 1);
    assert!(report.contains("revoked by entry 10, not to be trusted from log index 11 on"));
    assert!(report.contains("replaced by entry 5: SHA256:"));
    assert!(report.contains("until log index <span lang=\"ko\">기록부 번호</span> 3:<br>archivist"));
    let beside = |what: &str| report.lines().find(|line| line.contains(what)).unwrap();
    let (ingest, remark) = (beside("Ingested: came into custody"), beside("A remark was added"));
    assert!(ingest.contains("(archivist 기록관리자)") && !ingest.contains("lawyer"), "{ingest}");
    assert!(remark.contains("(archivist 기록관리자, lawyer 변호사)"), "{remark}");
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
    for (archive, log, what) in
        [("second-key", 2, "a log with an ML-DSA-44 key"), ("second-key-changed", 5, "a log whose key was changed")]
    {
        let desk = desk_with(archive, 1, log);
        let listed = desk.run(["list", "--json"]).well().json_lines();
        let exhibit = listed[0]["exhibit"].as_str().unwrap().to_owned();
        desk.run(["rebuild"]).well();
        desk.run(["verify"]).well().says("the ML-DSA-44 signatures of checkpoints");
        assert_is_not_written_to(&desk, &exhibit, what);
        let fingerprint = desk.fingerprint();
        for (file, command) in
            [("head.txt", ["head"].as_slice()), ("receipt.txt", &["prove", &exhibit, "--entry", "2"])]
        {
            let given = desk.run(command).well();
            desk.write(file, &given.out);
            desk.run(["check", file, "--trust", &fingerprint]).well();
        }
    }
}

/// The volumes of the archive of [`desk_with`] one, with bytes of one overwritten.
fn damage(desk: &Desk, volume: u32, at: usize) {
    for offset in at..at + 4 {
        flip(&desk.volume(volume), offset, 0);
    }
}

#[test]
fn volumes_of_a_log_whose_key_was_changed_are_healed_from_parity_and_from_a_copy() {
    let desk = desk_with("keys-changed", 16, 6);
    desk.run(["parity"]).well();
    desk.run(["parity", "--check-volumes"]).well();
    let whole = desk.volume_bytes();
    let copy = desk.path("replica");
    copy_folder(&desk.archive(), &copy);
    let newer = "this version cannot sign for a log whose key was changed";
    // Healed from parity. In the second volume, the log's key is changed; in the third, no parity helps.
    damage(&desk, 1, 9000);
    desk.run(["repair"]).code(1).says("volumes/000001.tar is damaged").says("can be healed from parity");
    let said = desk.run(["repair", "--apply"]).notes(newer).notes("of a newer version logs it");
    assert_eq!(desk.volume_bytes(), whole, "{said:#?}");
    desk.run(["verify"]).well();
    // What cannot be logged is not lost, and nobody is told to log it with this version.
    desk.run(["repair"]).well().says("An earlier repair is not logged yet").says("of a newer version logs it");
    let doctor = desk.run(["doctor"]).code(1);
    assert!(!doctor.out.contains("--apply"), "{doctor:#?}");
    // From a copy.
    for volume in [0, 1, 2] {
        damage(&desk, volume, 700);
        let from = copy.to_str().unwrap();
        desk.run(["repair", "--from", from]).code(1).says("can be healed");
        desk.run(["repair", "--from", from, "--apply"]).well().notes(newer);
        assert_eq!(desk.volume_bytes(), whole, "{volume}");
    }
    desk.run(["repair"]).well().says("No volume is damaged or missing");
    desk.run(["verify", "--against", copy.to_str().unwrap()]).well();
}

/// Where the log cannot be read, it is not known by which key it is signed behind that: the volumes there are not called
/// damaged, and healing goes on behind what was healed.
#[test]
fn volumes_behind_damage_wait_for_the_key_of_the_log() {
    let desk = desk_with("keys-changed", 16, 6);
    desk.run(["parity"]).well();
    let whole = desk.volume_bytes();
    damage(&desk, 0, 3000);
    let waits = |volume: u32| {
        format!("volumes/{volume:06}.tar cannot be judged yet: the readable part of the log does not name the log key")
    };
    let said = desk.run(["repair"]).code(1).says("volumes/000000.tar is damaged").says("can be healed from parity");
    let said = said.says(&waits(1)).says(&waits(2));
    assert!(!said.out.contains("CANNOT"), "{said:#?}");
    let said = desk.run(["repair", "--apply"]).code(1).says(&waits(1));
    assert!(!said.out.contains("could NOT"), "{said:#?}");
    assert_eq!(desk.volume_bytes(), whole);
    desk.run(["repair"]).well().says("No volume is damaged or missing");
    desk.run(["verify"]).well();
}

#[test]
fn no_copy_is_made_of_an_archive_that_this_version_cannot_sign_for_and_none_is_recommended() {
    let desk = desk_with("keys-changed", 16, 6);
    let to = desk.path("copy");
    let arguments = ["replicate", to.to_str().unwrap(), "--medium", "disk", "--site", "same-site"];
    desk.run(arguments).failed("this version cannot sign for a log whose key was changed");
    assert!(!to.exists());
    for command in ["status", "doctor"] {
        let said = desk.run([command]).code(1).says("this version cannot sign for a log whose key was changed");
        assert!(!said.out.contains("vouchsafe replicate"), "{said:#?}");
        assert!(!said.out.contains("vouchsafe verify --record"), "{said:#?}");
        said.says("cp -a of the whole folder");
    }
}

/// A head that lies behind the end of a log that was cut, signed by a key that an entry behind that end brought.
#[test]
fn a_head_by_a_key_that_was_cut_off_is_not_called_another_archives() {
    let desk = desk_with("keys-changed", 16, 6);
    let (head, note) = (desk.run(["head"]).well().out, desk.run(["head", "--note"]).well().out);
    desk.write("head.txt", &head);
    desk.write("note.txt", &note);
    for volume in [1, 2] {
        fs::remove_file(desk.volume(volume)).unwrap();
    }
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    fs::remove_dir_all(desk.path("home/known")).unwrap();
    // By itself, nothing shows whose it is.
    let said = desk.run(["verify", "--expect-head", "note.txt"]);
    said.failed("it is not known whether this head belongs to the log of this archive")
        .failed("It covers 14 entries, but the log here has 7")
        .hints("without --note");
    // With the first entry and those that changed the key, it is the log's: then entries are missing.
    desk.run(["verify", "--expect-head", "head.txt"]).code(1).says("V801").says("holds a head of 14 entries");
    // What is no larger, has another name or is signed by a key that the log had is another's as before.
    let (name, rest) = note.split_once('\n').unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    desk.write("smaller.txt", format!("{name}\n6\n{rest}"));
    desk.write("other.txt", note.replace(name, "other.example/log"));
    let old = desk.run(["head", "--note"]).well().out;
    desk.write("old.txt", old.replacen("\n7\n", "\n20\n", 1));
    for file in ["smaller.txt", "other.txt", "old.txt"] {
        desk.run(["verify", "--expect-head", file]).failed("this head does not belong to the log of this archive");
    }
}
