//! `status` and `doctor`: what they tell of an archive that is well, and of one that is not.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use crate::desk::{Desk, is_root, say_not_run};

/// What the doctor says, with its exit status.
fn doctor(desk: &Desk) -> (i32, Value) {
    let said = desk.run(["doctor", "--json"]);
    assert_eq!(said.err, "", "{said:?}");
    (said.code, said.json())
}

/// Asserts that the doctor tells this, so heavy and with this way out.
#[track_caller]
fn check_told(desk: &Desk, weight: &str, message: &str, mend: &str) {
    let (code, value) = doctor(desk);
    let findings = value["findings"].as_array().unwrap();
    let fits = |finding: &&Value| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        text("weight") == weight && text("message").contains(message) && text("mend").contains(mend)
    };
    assert!(findings.iter().any(|finding| fits(&finding)), "{message:?} is not told: {value:#}");
    assert_eq!(code, 1);
}

/// Every file of a folder with its content, those apart that are derived or tell who is at work.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() && !path.ends_with("index") {
            found.extend(content(&path));
        } else if path.is_file() && !path.ends_with("lock") {
            found.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn three_copies_two_media_and_another_site_are_asked_for() {
    const NAME: &str = "three_copies_two_media_and_another_site_are_asked_for";
    let desk = Desk::bare();
    desk.write("passphrase", "long enough\n");
    let with = ["--passphrase-file", "passphrase"];
    desk.run(["init", "archive", "--origin", "test.example/archive"].into_iter().chain(with)).well();
    let said = desk.run(["status"]).code(1);
    said.says("Copies in all: 1 (this archive and no other)").says("the archive has no copy").says("never");
    let replicate = |target: &Path, medium: &str, site: &str| {
        let words = ["replicate", target.to_str().unwrap(), "--medium", medium, "--site", site];
        desk.run(words.into_iter().chain(with)).well();
    };
    replicate(Path::new("one"), "disk", "same-site");
    let said = desk.run(["status"]).code(1);
    said.says("only two").says("no copy is kept at another site").says("disks inside computers");
    let Some(disk) = TempDir::new_in("/dev/shm")
        .ok()
        .filter(|disk| disk.path().metadata().unwrap().dev() != desk.path(".").metadata().unwrap().dev())
    else {
        return say_not_run(NAME, "there is no second file system to write to");
    };
    desk.run(["verify", "--record"].into_iter().chain(with)).well();
    replicate(&disk.path().join("two"), "removable", "other-site");
    let said = desk.run(["status"]).code(1);
    said.says("Copies in all: 3").says("lacks 1 entry").says("sound (2 entries, all 0 objects)");
    desk.run(["replicate", "one"].into_iter().chain(with)).well();
    desk.run(["status"]).well().says("The rule of three copies is kept.");
    let status = desk.run(["status", "--json"]).well().json();
    assert_eq!((status["warnings"].as_array().unwrap().len(), status["size"].as_u64()), (0, Some(5)), "{status}");
    let lacking: Vec<_> = status["copies"].as_array().unwrap().iter().map(|copy| &copy["lacks_entries"]).collect();
    assert_eq!(lacking, [0, 0], "entries that only tell of copies are not missed in the other one");
    let (code, value) = doctor(&desk);
    if value["findings"].to_string().contains("kept in memory") {
        return say_not_run(NAME, "the tests themselves run in memory, which the doctor finds wrong");
    }
    assert_eq!((code, &value["well"]), (0, &Value::Bool(true)), "{value:#}");
    desk.run(["doctor"]).well().says("Nothing that was looked at is wrong or risky.").says("NOT looked at");
}

#[test]
fn keys_that_are_open_missing_or_in_the_wrong_place_are_told() {
    let desk = Desk::new();
    check_told(&desk, "risky", "has no passphrase", "ssh-keygen -p -f");
    check_told(&desk, "risky", "no verification is recorded", "vouchsafe verify --record");
    check_told(&desk, "risky", "has no copy", "vouchsafe replicate TARGET");
    let (agent, log) = (desk.key("agent"), desk.key("log"));
    fs::set_permissions(&log, fs::Permissions::from_mode(0o644)).unwrap();
    check_told(&desk, "wrong", "other users of this computer can read the key", "chmod 600");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o600)).unwrap();
    fs::copy(&agent, desk.archive().join("backup-of-key")).unwrap();
    check_told(&desk, "wrong", "backup-of-key is a private key", "mv ");
    fs::remove_file(desk.archive().join("backup-of-key")).unwrap();
    let aside = desk.path("log-key");
    fs::rename(&log, &aside).unwrap();
    check_told(&desk, "wrong", "cannot read the key", "backup");
    fs::copy(&agent, &log).unwrap();
    check_told(&desk, "wrong", "is not the log key of this archive", "backup");
    fs::rename(&aside, &log).unwrap();
    fs::set_permissions(desk.archive(), fs::Permissions::from_mode(0o755)).unwrap();
    check_told(&desk, "risky", "all users of this computer can enter", "chmod 700");
    fs::set_permissions(desk.volume(0), fs::Permissions::from_mode(0o666)).unwrap();
    check_told(&desk, "wrong", "others can write to volumes/000000.tar", "chmod go-w");
    fs::remove_dir_all(agent.parent().unwrap()).unwrap();
    let (_, value) = doctor(&desk);
    assert!(value["findings"].to_string().contains("so it can be read but not written"), "{value:#}");
}

#[test]
fn an_archive_without_any_entry_is_told_to_be_one_and_nobody_is_accused() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    desk.copy_archive("copy");
    fs::write(desk.volume(0), "").unwrap();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    check_told(&desk, "wrong", "no volume holds a committed entry", "vouchsafe repair --from DIR");
    for arguments in [["status"].as_slice(), &["list"], &["rebuild"], &["note", &exhibit, "a remark"]] {
        let said = desk.run(arguments).failed("no volume holds a committed entry: everything that was in them is gone");
        assert!(!said.err.contains("administrator"), "{said:#?}");
        said.hints("vouchsafe repair --from DIR");
    }
    desk.run(["repair", "--from", "copy", "--apply"]).well();
    desk.check_sound();
}

#[test]
fn the_page_about_a_damaged_archive_says_that_it_may_be_incomplete() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    desk.run(["replicate", desk.path("copy").to_str().unwrap(), "--medium", "disk", "--site", "same-site"]).well();
    desk.ingest("b.txt", "b");
    let bytes = fs::read(desk.volume(0)).unwrap();
    fs::write(desk.volume(0), &bytes[..bytes.len() / 2]).unwrap();
    let said = desk.run(["status"]).code(1).says("WRONG");
    assert!(!said.out.contains("Copies in all") && !said.out.contains("vouchsafe replicate"), "{said:#?}");
    said.says("Copies recorded in the readable part of the log").says("the log could not be read to its end");
    assert_eq!(desk.run(["status", "--json"]).code(1).json()["log_is_whole"], false);
}

#[test]
fn a_broken_archive_is_examined_and_left_as_it_is() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    desk.ingest("b.txt", "b");
    let whole = fs::read(desk.volume(0)).unwrap();
    let unchanged = |what: &str, told: &dyn Fn()| {
        let before = content(&desk.archive());
        told();
        assert!(content(&desk.archive()) == before, "{what}: something was changed");
    };
    // The end is cut off, with and without the index that knows better.
    fs::write(desk.volume(0), &whole[..whole.len() - 600]).unwrap();
    unchanged("cut", &|| check_told(&desk, "wrong", "committed bytes are gone", "vouchsafe repair"));
    let index = desk.path("index.aside");
    fs::rename(desk.archive().join("index"), &index).unwrap();
    unchanged("cut", &|| check_told(&desk, "wrong", "the volume is damaged", "vouchsafe repair"));
    unchanged("cut", &|| check_told(&desk, "wrong", "but this machine has seen 3", "do not write"));
    fs::write(desk.volume(0), &whole).unwrap();
    unchanged("no index", &|| {
        check_told(&desk, "risky", "the index cannot be used: there is none", "vouchsafe rebuild")
    });
    desk.write("archive/index/db", "not a database");
    unchanged("bad index", &|| check_told(&desk, "risky", "the index cannot be used", "vouchsafe rebuild"));
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    fs::rename(index, desk.archive().join("index")).unwrap();
    // An interrupted commit stands behind the last one; looking at it does not move it.
    fs::write(desk.volume(0), [&whole[..], &[7; 3000]].concat()).unwrap();
    unchanged("unreadable tail", &|| {
        check_told(
            &desk,
            "risky",
            "the last 3000 bytes of volumes/000000.tar are not readable",
            "verify --against COPY",
        );
        assert!(!doctor(&desk).1["findings"].to_string().contains("rebuild"));
    });
    fs::write(desk.volume(0), [&whole[..], &[0; 3000]].concat()).unwrap();
    unchanged("tail", &|| check_told(&desk, "risky", "an interrupted commit of 3000 bytes", "vouchsafe rebuild"));
    assert!(!desk.archive().join("quarantine").exists());
    desk.run(["rebuild"]).well();
    let (_, value) = doctor(&desk);
    assert!(value["findings"].to_string().contains("quarantine/ holds 1 file (3,000 bytes)"), "{value:#}");
    // Without its description hardly anything can be said, and that is said.
    desk.write("archive/archive.json", "{}");
    unchanged("description", &|| check_told(&desk, "wrong", "archive.json cannot be used", "restore archive.json"));
    fs::remove_file(desk.archive().join("archive.json")).unwrap();
    check_told(&desk, "wrong", "archive.json cannot be used", "");
    fs::rename(desk.volume(0), desk.path("volume.aside")).unwrap();
    fs::remove_dir_all(desk.archive().join("volumes")).unwrap();
    desk.run(["doctor"]).failed("not an archive");
}

#[test]
fn a_clock_that_is_behind_and_a_missing_volume_are_told() {
    let desk = Desk::new();
    let volume = fs::File::open(desk.volume(0)).unwrap();
    volume.set_modified(SystemTime::now() + Duration::from_secs(86_400)).unwrap();
    check_told(&desk, "risky", "the last volume was changed later than that", "set the clock");
    fs::rename(desk.volume(0), desk.volume(1)).unwrap();
    check_told(&desk, "wrong", "the volume is missing", "vouchsafe repair");
    desk.write("archive/volumes/notes.txt", "x");
    check_told(&desk, "wrong", "volumes/notes.txt is not a volume", "move it away");
}

#[test]
fn a_failed_verification_that_was_recorded_stays_in_view() {
    let desk = Desk::new();
    desk.ingest("a.bin", crate::desk::noise(1, 100_000));
    let mut bytes = fs::read(desk.volume(0)).unwrap();
    let at = bytes.len() - 50_000;
    bytes[at] ^= 1;
    fs::write(desk.volume(0), &bytes).unwrap();
    desk.run(["verify", "--record"]).code(1);
    desk.run(["status"]).code(1).says("FAILED").says("WRONG");
    check_told(&desk, "wrong", "the last recorded verification (today, entry 2) FAILED", "restore it from a copy");
}

#[test]
fn a_read_only_archive_is_examined() {
    if is_root() {
        return say_not_run("a_read_only_archive_is_examined", "root may write everywhere");
    }
    let desk = Desk::new();
    fs::set_permissions(desk.archive().join("lock"), fs::Permissions::from_mode(0o400)).unwrap();
    let (_, value) = doctor(&desk);
    assert!(value["findings"].to_string().contains("cannot be written to from here"), "{value:#}");
    assert!(value["not_checked"].to_string().contains("the index"), "{value:#}");
}

#[test]
fn closed_volumes_without_parity_are_told() {
    let desk = Desk::with_volumes();
    check_told(&desk, "risky", "2 of 2 closed volumes have no parity", "vouchsafe parity");
    desk.run(["parity"]).well();
    let (_, value) = doctor(&desk);
    assert!(!value["findings"].to_string().contains("no parity"), "{value:#}");
}

/// Changes a letter in the newest entry of this kind, as it lies in the first volume.
fn damage_entry(desk: &Desk, event: &str) {
    let text = fs::read(desk.volume(0)).unwrap();
    let wanted = format!("\"event\":\"{event}\"");
    let at = text.windows(wanted.len()).rposition(|window| window == wanted.as_bytes()).unwrap();
    crate::volume::flip(&desk.volume(0), at + wanted.len() - 2, 0);
}

#[test]
fn a_damaged_entry_is_told_and_keeps_nobody_from_seeing_the_rest() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let copy = ["replicate", "copy", "--medium", "disk", "--site", "same-site"];
    desk.run(copy).well();
    desk.run(["verify", "--record"]).well();
    desk.run(["verify", "--record"]).well();
    desk.run(["note", &exhibit, "a remark"]).well();
    damage_entry(&desk, "archive.verified");
    // The one before it still counts.
    let said = desk.run(["show", &exhibit]).code(1).notes("WARNING: entry 4 cannot be read");
    said.says("last proved good").says("entry 3, by a verification");
    let shown = desk.run(["show", "--json", &exhibit]).code(1).json();
    assert_eq!(shown["unread_entries"][0]["index"], 4, "{shown}");
    desk.run(["status"]).code(1).says("entry 4 cannot be read").says("vouchsafe repair").says("lacks 3 entries");
    check_told(&desk, "wrong", "entry 4 cannot be read", "vouchsafe repair");
    let (_, value) = doctor(&desk);
    assert!(!value.to_string().contains("the index cannot be used"), "{value:#}");
    // What is said of the copy is not, and the entries of an exhibit are not all it has.
    damage_entry(&desk, "replica.made");
    desk.run(["status"]).code(1).says("entry 2 cannot be read").says("Copies in all: 1");
    damage_entry(&desk, "exhibit.noted");
    desk.run(["show", &exhibit]).code(1).notes("WARNING: entry 5 cannot be read").says("exhibit.ingested");
}

#[test]
fn a_copy_is_brought_up_although_an_entry_about_verifications_is_damaged() {
    let desk = Desk::new();
    desk.run(["verify", "--record"]).well();
    let copy = ["replicate", "copy", "--medium", "disk", "--site", "same-site"];
    desk.run(copy).well();
    desk.ingest("a.txt", "a");
    damage_entry(&desk, "archive.verified");
    let said = desk.run(["replicate", "copy"]).code(1).notes("WARNING: entry 1 cannot be read");
    said.says("Updated the copy");
    desk.run(["verify", "--archive", "copy"]).code(0);
}

#[test]
fn the_texts_of_the_archive_are_compared_with_those_of_the_program() {
    let desk = Desk::new();
    let notices = |desk: &Desk| -> Vec<String> {
        let findings = doctor(desk).1["findings"].as_array().unwrap().clone();
        let texts = findings.iter().filter(|finding| finding["about"] == "texts");
        texts.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(notices(&desk), Vec::<String>::new());
    let format = desk.archive().join("FORMAT.md");
    let text = fs::read_to_string(&format).unwrap();
    fs::write(&format, text.replacen("SHA-256", "SHA-1", 1)).unwrap();
    fs::remove_file(desk.archive().join("README.txt")).unwrap();
    let found = notices(&desk);
    assert!(found[0].starts_with("FORMAT.md differs from that of this version"), "{found:?}");
    assert_eq!(found[1..], ["README.txt is missing"]);
}

#[test]
fn what_the_doctor_looked_at_is_no_more_than_it_read() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let list = |value: &Value, name: &str| value[name].to_string();
    let (_, value) = doctor(&desk);
    assert!(!list(&value, "checked").contains("the log from entry"), "the index has all of it: {value:#}");
    assert!(list(&value, "not_checked").contains("the other entries up to 1: the index has them"), "{value:#}");
    // An index that is behind: only what it lacks is read.
    crate::desk::copy_folder(&desk.archive().join("index"), &desk.path("older"));
    desk.ingest("b.txt", "b");
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    crate::desk::copy_folder(&desk.path("older"), &desk.archive().join("index"));
    let (_, value) = doctor(&desk);
    assert!(list(&value, "checked").contains("the log from entry 2 to 2"), "{value:#}");
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    let (_, value) = doctor(&desk);
    assert!(list(&value, "checked").contains("the log from entry 0 to 2"), "{value:#}");
    assert!(!list(&value, "not_checked").contains("the other entries"), "{value:#}");
}

#[test]
fn what_a_repair_left_is_told() {
    let desk = Desk::new();
    desk.write("archive/repair/000000.tar-2026-01-01T00-00-00-000Z.new", "a part of a volume");
    check_told(&desk, "risky", "repair/ holds 18 bytes of a repair", "vouchsafe repair --apply");
}
