//! Copies of an archive: made, brought up, compared, and everything that may stand in a copy's way.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::desk::{Desk, Said, copy_folder, noise, say_not_run};
use crate::volume::log_lines;

const HERE: [&str; 4] = ["--medium", "disk", "--site", "same-site"];

fn replicate(desk: &Desk, target: &str) -> Said {
    desk.run(["replicate", "--json", target].into_iter().chain(HERE))
}

/// The volumes of the copy are those of the archive, byte for byte.
fn check_same(desk: &Desk, copy: &str) {
    for item in fs::read_dir(desk.archive().join("volumes")).unwrap() {
        let name = item.unwrap().file_name();
        let [ours, theirs] =
            [desk.archive(), desk.path(copy)].map(|folder| fs::read(folder.join("volumes").join(&name)).unwrap());
        assert!(ours == theirs, "{name:?} differs");
    }
}

/// The copy is sound in itself; all there is to say is that it has no index.
fn check_sound(desk: &Desk, copy: &str) {
    let report = desk.run(["verify", "--json", "--archive", copy]).well().json();
    assert_eq!(report["verdict"], "sound", "{report}");
    let codes: Vec<_> = report["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
    assert_eq!(codes, ["V702"], "{report}");
}

/// A folder on another file system than the desk's, where there is one.
fn other_disk(test: &str, desk: &Desk) -> Option<TempDir> {
    let folder = TempDir::new_in("/dev/shm").ok();
    let folder =
        folder.filter(|folder| folder.path().metadata().unwrap().dev() != desk.path(".").metadata().unwrap().dev());
    if folder.is_none() {
        say_not_run(test, "there is no second file system to write to");
    }
    folder
}

#[test]
fn a_copy_is_an_archive_that_verify_accepts() {
    let desk = Desk::new();
    desk.ingest("a.txt", "first");
    let said = desk.run(["replicate", "copy", "--place", "Safe of the Lyon office"].into_iter().chain(HERE)).well();
    let said = said.says("Made the copy C-").says("disk (same-site)").says("as entry 2, which is also in the copy");
    said.notes("WARNING: copy is on the same file system as the archive");
    check_same(&desk, "copy");
    check_sound(&desk, "copy");
    let mut names: Vec<_> =
        fs::read_dir(desk.path("copy")).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["FORMAT.md", "README.txt", "archive.json", "copy.json", "lock", "volumes"]);
    let log = desk.run(["log", "--json"]).well();
    let entry = log.json_lines().pop().unwrap();
    assert_eq!(entry["event"], "replica.made");
    assert_eq!((entry["body"]["size"].as_u64(), entry["body"]["site"].as_str()), (Some(2), Some("same-site")));
    assert!(!log.out.contains("Lyon"), "the place is a field, not in the log");
    desk.run(["status"]).code(1).says("Safe of the Lyon office").says("holds everything");
    desk.run(["log"]).well().says("brought the copy C-").says("up to 2 entries (disk, same-site)");
    desk.check_sound();
}

#[test]
fn a_second_run_copies_only_what_is_new_and_needs_no_place() {
    let desk = Desk::new();
    desk.ingest("a.bin", noise(1, 3_000_000));
    replicate(&desk, "copy").well();
    let before = |name: &str| {
        let found = fs::metadata(desk.path("copy").join(name)).unwrap();
        (found.ino(), found.len(), found.mtime_nsec())
    };
    let (volume, format) = (before("volumes/000000.tar"), before("FORMAT.md"));
    desk.ingest("b.txt", "second");
    let done = desk.run(["replicate", "--json", "copy"]).well().json();
    let after = before("volumes/000000.tar");
    assert_eq!(after.0, volume.0, "the file is extended, not replaced");
    assert_eq!(done["written_bytes"].as_u64().unwrap(), after.1 - volume.1);
    assert!(after.1 - volume.1 < 20_000 && done["reread_bytes"].as_u64().unwrap() < 30_000, "{done}");
    assert_eq!(before("FORMAT.md"), format);
    check_same(&desk, "copy");
    check_sound(&desk, "copy");
    // Nothing new: nothing is written, and the log does not grow by saying so.
    let volume = before("volumes/000000.tar");
    let done = desk.run(["replicate", "--json", "copy"]).well().json();
    assert_eq!((done["written_bytes"].as_u64(), done["recorded_as"].as_u64()), (Some(0), None));
    assert_eq!(before("volumes/000000.tar"), volume);
    desk.run(["replicate", "copy"])
        .well()
        .says("The copy is already complete: C-")
        .says("already; nothing was added since");
}

#[test]
fn nothing_writes_on_a_copy() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    replicate(&desk, "copy").well();
    desk.write("b.txt", "b");
    let before = fs::read(desk.path("copy/volumes/000000.tar")).unwrap();
    let replicate_on: Vec<_> = ["replicate", "other"].into_iter().chain(HERE).collect();
    for words in [&["note", exhibit.as_str(), "x"][..], &["ingest", "b.txt"], &["verify", "--record"], &replicate_on] {
        let said = desk.run(words.iter().copied().chain(["--archive", "copy"]));
        said.failed("this is a copy of an archive; only replicating the archive writes to it")
            .hints("write to the archive itself");
    }
    assert_eq!(fs::read(desk.path("copy/volumes/000000.tar")).unwrap(), before);
    assert!(!desk.path("other").exists());
    // The archive is lost; the copy takes its place when the label is moved away.
    fs::remove_dir_all(desk.archive()).unwrap();
    fs::rename(desk.path("copy"), desk.archive()).unwrap();
    fs::rename(desk.archive().join("copy.json"), desk.path("copy.json.aside")).unwrap();
    desk.run(["note", &exhibit, "x"]).well();
    desk.check_sound();
}

#[test]
fn a_folder_that_cannot_be_a_copy_is_refused_and_left_alone() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    symlink(desk.archive(), desk.path("link")).unwrap();
    desk.write("file", "x");
    desk.write("full/notes.txt", "mine");
    let log = desk.volume_bytes();
    for (target, words, hint) in [
        ("archive/copy", "the copy would be inside the archive", "outside the archive"),
        ("archive/volumes/deep/copy", "the copy would be inside the archive", "outside the archive"),
        ("link/copy", "the copy would be inside the archive", "outside the archive"),
        (".", "the archive itself is inside this folder", "outside the archive"),
        ("archive", "this is the archive itself", "outside the archive"),
        ("link", "this is the archive itself", "outside the archive"),
        ("full", "the folder is neither empty nor a copy", "name a new or empty folder"),
    ] {
        replicate(&desk, target).failed(words).hints(hint);
    }
    replicate(&desk, "file").failed("a file stands where a folder is expected");
    replicate(&desk, "missing/copy").failed("cannot create the folder");
    desk.run(["replicate", "copy"]).failed("there is no copy in this folder yet").hints("may not be connected");
    desk.run(["replicate", "copy", "--medium", "disk"]).code(2);
    desk.run(["replicate", "copy", "--medium", "cloud", "--site", "same-site"]).code(2);
    // What is not mounted is an empty folder of the archive's own disk.
    fs::create_dir(desk.path("stick")).unwrap();
    let said = desk.run(["replicate", "stick", "--medium", "removable", "--site", "same-site"]);
    said.failed("same file system as the archive, so it cannot be removable")
        .hints("check that the other disk is connected (mounted)");
    let said = desk.run(["replicate", "stick", "--medium", "other", "--site", "other-site"]);
    said.failed("and other-site");
    assert_eq!(fs::read_dir(desk.path("stick")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(desk.path("full")).unwrap().count(), 1);
    assert!(!desk.path("copy").exists() && !desk.archive().join("copy").exists());
    assert_eq!(desk.volume_bytes(), log, "nothing was recorded");
}

#[test]
fn a_copy_of_another_archive_is_refused() {
    let desk = Desk::new();
    let init = ["init", "second", "--no-passphrase", "--origin", "other.example/archive"];
    desk.run(init).well();
    desk.run(["replicate", "copy", "--archive", "second"].into_iter().chain(HERE)).well();
    let before = fs::read(desk.path("copy/volumes/000000.tar")).unwrap();
    replicate(&desk, "copy").failed("this is a copy of another archive, ");
    // A label that says something else does not help.
    let label = fs::read_to_string(desk.path("copy/copy.json")).unwrap();
    let second: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("second/archive.json")).unwrap()).unwrap();
    let changed = label.replace(second["archive"].as_str().unwrap(), &desk.fingerprint());
    assert_ne!(changed, label);
    fs::write(desk.path("copy/copy.json"), changed).unwrap();
    replicate(&desk, "copy").failed("this is not the archive.json of this archive");
    fs::remove_file(desk.path("copy/archive.json")).unwrap();
    replicate(&desk, "copy").failed("this is a copy of another archive, ");
    assert_eq!(fs::read(desk.path("copy/volumes/000000.tar")).unwrap(), before);
}

#[test]
fn a_label_that_is_gone_or_wrong_is_no_copy() {
    let desk = Desk::new();
    replicate(&desk, "copy").well();
    let path = desk.path("copy/copy.json");
    let label = fs::read_to_string(&path).unwrap();
    for bad in [
        String::new(),
        label.trim_end().to_owned(),
        label.replace("copy/1", "copy/2"),
        label.replace("\"copy\"", "\"COPY\""),
        label.replace(":", ": "),
        "{".repeat(100_000),
    ] {
        fs::write(&path, bad).unwrap();
        let said = replicate(&desk, "copy").code(3);
        assert!(said.err.contains("copy.json"), "{said:?}");
    }
    fs::remove_file(&path).unwrap();
    replicate(&desk, "copy").failed("nor a copy (there is no copy.json in it)");
    fs::write(&path, label).unwrap();
    replicate(&desk, "copy").well();
}

#[test]
fn links_in_a_copy_lead_nowhere() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    replicate(&desk, "copy").well();
    desk.ingest("b.txt", "b");
    let innocent = desk.write("innocent/000000.tar", fs::read(desk.path("copy/volumes/000000.tar")).unwrap());
    let before = fs::read(&innocent).unwrap();
    let real = |name: &str| desk.path(format!("{name}.real"));
    for (name, to) in [("volumes", "innocent"), ("volumes/000000.tar", "innocent/000000.tar"), ("copy.json", "label")] {
        let path = desk.path("copy").join(name);
        let aside = real(&name.replace('/', "-"));
        fs::rename(&path, &aside).unwrap();
        if to == "label" {
            fs::copy(&aside, desk.path("label")).unwrap();
        }
        symlink(desk.path(to), &path).unwrap();
        replicate(&desk, "copy").code(3);
        assert_eq!(fs::read(&innocent).unwrap(), before, "{name}");
        fs::remove_file(&path).unwrap();
        fs::rename(aside, path).unwrap();
    }
    // The archive's own volume under a second name is no copy of it.
    fs::remove_file(desk.path("copy/volumes/000000.tar")).unwrap();
    fs::hard_link(desk.volume(0), desk.path("copy/volumes/000000.tar")).unwrap();
    replicate(&desk, "copy").failed("the archive's own file under a second name").hints("hard links");
}

#[test]
fn a_copy_that_is_ahead_is_refused() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    replicate(&desk, "copy").well();
    let older = desk.copy_archive("older");
    desk.run(["note", &exhibit, "a remark that disappears"]).well();
    desk.run(["replicate", "copy"]).well();
    let before = fs::read(desk.path("copy/volumes/000000.tar")).unwrap();
    fs::remove_dir_all(desk.archive()).unwrap();
    fs::rename(older, desk.archive()).unwrap();
    desk.run(["replicate", "copy"]).failed("this machine has seen");
    // Also where nothing is remembered.
    fs::remove_dir_all(desk.path("home/known")).unwrap();
    let said = desk.run(["replicate", "copy"]).failed("the copy holds 5 entries, but the archive only 3");
    said.hints("entries were cut off this archive, or somebody wrote to the");
    assert_eq!(fs::read(desk.path("copy/volumes/000000.tar")).unwrap(), before);
    assert!(!desk.path("copy/quarantine").exists());
    let report = desk.run(["verify", "--json", "--against", "copy"]).code(1).json();
    assert_eq!(report["findings"][0]["code"], "V813", "{report}");
}

#[test]
fn a_copy_with_another_history_is_refused() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    replicate(&desk, "copy").well();
    let older = desk.copy_archive("older");
    desk.run(["note", &exhibit, "one story"]).well();
    desk.run(["replicate", "copy"]).well();
    let before = fs::read(desk.path("copy/volumes/000000.tar")).unwrap();
    fs::remove_dir_all(desk.archive()).unwrap();
    fs::rename(older, desk.archive()).unwrap();
    fs::remove_dir_all(desk.path("home/known")).unwrap();
    for story in ["another story", "and more", "and more"] {
        desk.run(["note", &exhibit, story]).well();
    }
    let said = desk.run(["replicate", "copy"]).failed("entries in the copy differ from those in the archive");
    said.hints("One of the two was rewritten");
    assert_eq!(fs::read(desk.path("copy/volumes/000000.tar")).unwrap(), before);
    let report = desk.run(["verify", "--json", "--against", "copy"]).code(1).json();
    assert_eq!(report["findings"][0]["code"], "V811", "{report}");
}

#[test]
fn what_an_interruption_left_is_set_aside_and_what_was_checked_is_not() {
    let desk = Desk::new();
    desk.ingest("a.bin", noise(1, 50_000));
    replicate(&desk, "copy").well();
    let checked = fs::read(desk.path("copy/volumes/000000.tar")).unwrap();
    desk.ingest("b.bin", noise(2, 50_000));
    // A run that was cut off by a power failure: some of the bytes came, some did not.
    let ours = fs::read(desk.volume(0)).unwrap();
    let mut torn = ours[..ours.len() - 700].to_vec();
    torn[checked.len() + 5_000..checked.len() + 9_000].fill(0);
    fs::write(desk.path("copy/volumes/000000.tar"), &torn).unwrap();
    desk.run(["replicate", "copy"]).well().notes("differed from the archive").notes("copy/quarantine/000000.tar-from-");
    check_same(&desk, "copy");
    check_sound(&desk, "copy");
    let kept: Vec<_> = fs::read_dir(desk.path("copy/quarantine")).unwrap().map(|item| item.unwrap().path()).collect();
    assert_eq!(kept.len(), 1);
    assert!(torn.ends_with(&fs::read(&kept[0]).unwrap()), "nothing is thrown away");
    // A run that was only cut off is gone on with; nothing is set aside.
    desk.ingest("c.bin", noise(3, 50_000));
    let (ours, theirs) = (fs::read(desk.volume(0)).unwrap(), fs::read(desk.path("copy/volumes/000000.tar")).unwrap());
    fs::write(desk.path("copy/volumes/000000.tar"), &ours[..theirs.len() + 20_000]).unwrap();
    let done = desk.run(["replicate", "--json", "copy"]).well().json();
    assert_eq!(done["set_aside"], serde_json::json!([]), "{done}");
    check_same(&desk, "copy");
    // Bytes that the log says were checked, and that are others now, are damage: nothing is moved.
    let mut damaged = fs::read(desk.path("copy/volumes/000000.tar")).unwrap();
    damaged.truncate(damaged.len() - 10_000);
    damaged[3_000..3_010].fill(7);
    fs::write(desk.path("copy/volumes/000000.tar"), &damaged).unwrap();
    desk.run(["replicate", "copy"]).failed("the copy is damaged after byte").hints("make a new copy");
    assert_eq!(fs::read(desk.path("copy/volumes/000000.tar")).unwrap(), damaged);
}

#[test]
fn a_damaged_archive_does_not_become_a_copy() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    replicate(&desk, "copy").well();
    desk.ingest("b.bin", noise(2, 3_000_000));
    let mut bytes = fs::read(desk.volume(0)).unwrap();
    let at = bytes.len() - 1_000_000;
    bytes[at] ^= 1;
    fs::write(desk.volume(0), &bytes).unwrap();
    desk.run(["replicate", "copy"]).failed("its bytes have changed");
    let copy = fs::metadata(desk.path("copy/volumes/000000.tar")).unwrap().len();
    assert!(copy < 100_000, "what is damaged is not kept in the copy");
    assert!(!desk.run(["log", "--json"]).out.contains("\"size\":4"), "it is not recorded");
    bytes[at] ^= 1;
    fs::write(desk.volume(0), &bytes).unwrap();
    desk.run(["replicate", "copy"]).well();
    check_same(&desk, "copy");
    desk.check_sound();
}

#[test]
fn a_stranger_among_the_volumes_of_a_copy_is_refused() {
    let desk = Desk::new();
    replicate(&desk, "copy").well();
    desk.write("copy/volumes/000001.tar", "not a volume");
    replicate(&desk, "copy").failed("000001.tar: the archive has nothing of this name").hints("move it away");
    assert_eq!(fs::read(desk.path("copy/volumes/000001.tar")).unwrap(), b"not a volume");
}

#[test]
fn a_comparison_tells_which_is_behind_and_what_differs() {
    let desk = Desk::new();
    desk.ingest("a.bin", noise(1, 3_000_000));
    replicate(&desk, "copy").well();
    let said = desk.run(["verify", "--against", "copy"]).well();
    said.says("SOUND").says("Compared with the copy, byte for byte: 1 volume, 3.0 MB");
    desk.ingest("b.txt", "b");
    let codes = |code: i32| -> Vec<String> {
        let report = desk.run(["verify", "--json", "--against", "copy"]).code(code).json();
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(1), ["V812"]);
    desk.run(["verify", "--against", "copy"]).code(1).says("DEGRADED").says("the log up to 4 entries");
    desk.run(["replicate", "copy"]).well();
    let path = desk.path("copy/volumes/000000.tar");
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    bytes[1_000_000..1_000_600].fill(9);
    bytes[2_000_000] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert_eq!(codes(1), ["V811", "V811"]);
    desk.run(["verify", "--against", "copy"]).code(1).says("from 999936 to 1000959").says("from 1999872 to 2000383");
    desk.run(["verify", "--archive", "copy"]).code(1).says("V102");
    // The run that brings the copy up does not read what was read before, and says so.
    desk.ingest("c.txt", "c");
    desk.run(["replicate", "copy"]).well().says("was not read again now; `vouchsafe verify --against 'copy'` reads it");
    assert_eq!(codes(1), ["V811", "V811"]);
    let ours = fs::read(desk.volume(0)).unwrap();
    fs::write(&path, [&ours[..], &[0; 100]].concat()).unwrap();
    assert_eq!(codes(0), ["V814"]);
    fs::write(&path, &ours).unwrap();
    desk.write("copy/FORMAT.md", "read it otherwise");
    assert_eq!(codes(1), ["V811"]);
    desk.run(["replicate", "copy"])
        .code(1)
        .notes("FORMAT.md differs from the archive's file of that name; it was left unchanged");
    desk.run(["verify", "--against", "nowhere"]).failed("there is no such folder");
    desk.run(["verify", "--against", "copy", "--record"]).code(2);
}

#[test]
fn a_copy_in_several_volumes_has_closed_ones_read_only() {
    let desk = Desk::new();
    // Sparse, so that the volume is full without the time that four gigabytes take to write.
    let large = fs::File::create(desk.path("large.bin")).unwrap();
    large.set_len(10 << 20).unwrap();
    desk.ingest("a.txt", "a");
    // A copy of an archive whose first volume is closed is made by the faults tests; here: the file's mode.
    desk.run(["ingest", "large.bin"]).well();
    replicate(&desk, "copy").well();
    let mode = fs::metadata(desk.path("copy/volumes/000000.tar")).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o600, "a volume that still grows can be written to by its owner alone");
    assert_eq!(fs::metadata(desk.path("copy")).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_copy_that_is_killed_again_and_again_is_finished() {
    let desk = Desk::new();
    let large = fs::File::create(desk.path("large.bin")).unwrap();
    large.set_len(400 << 20).unwrap();
    desk.run(["ingest", "large.bin"]).well();
    desk.ingest("b.bin", noise(1, 100_000));
    let volume = desk.path("copy/volumes/000000.tar");
    let size = || fs::metadata(&volume).map_or(0, |found| found.len());
    let mut kills = 0;
    for _ in 0..4 {
        let before = size();
        let mut child = desk.start(["replicate", "copy"].into_iter().chain(HERE));
        let end = Instant::now() + Duration::from_secs(60);
        while size() <= before + (20 << 20) && child.try_wait().unwrap().is_none() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(size() >= before, "what was copied stays");
    }
    assert!(kills >= 2, "only {kills} runs were killed in their middle");
    let done = replicate(&desk, "copy").well().json();
    assert!(done["written_bytes"].as_u64().unwrap() < 400 << 20, "it went on where it was: {done}");
    assert_eq!(done["set_aside"], serde_json::json!([]));
    check_same(&desk, "copy");
    check_sound(&desk, "copy");
    desk.check_sound();
}

#[test]
fn a_disk_that_is_too_small_is_told_before_and_one_that_fills_up_is_gone_on_with() {
    const NAME: &str = "a_disk_that_is_too_small_is_told_before_and_one_that_fills_up_is_gone_on_with";
    let desk = Desk::new();
    desk.ingest("large.bin", noise(1, 6_000_000));
    // A limit on the size of files stands for a disk that fills up in the middle.
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -f 4000; exec \"$0\" \"$@\"", crate::desk::PROGRAM]);
    let command = desk.prepare(shell, ["replicate", "copy"].into_iter().chain(HERE));
    let said = Said::by(command);
    if said.code == -1 {
        say_not_run(NAME, "the shell does not hand down that a limit is to be an error");
    } else {
        said.failed("cannot write to the volume");
    }
    assert!(!desk.run(["log"]).out.contains("brought the copy"));
    replicate(&desk, "copy").well();
    check_same(&desk, "copy");
    let small = desk.path("small");
    fs::create_dir(&small).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=3m", "vouchsafe-test"]).arg(&small);
    if !mount.output().is_ok_and(|output| output.status.success()) {
        return say_not_run(NAME, "a small disk can be mounted only by root, where mounting is permitted");
    }
    let said = desk.run(["replicate", "small/copy", "--medium", "removable", "--site", "same-site"]);
    let is_empty = fs::read_dir(&small).unwrap().next().is_none();
    assert!(Command::new("umount").arg(&small).status().unwrap().success());
    said.failed("bytes must be copied, but only").hints("nothing was copied");
    assert!(is_empty);
}

#[test]
fn a_copy_that_is_gone_is_struck_off() {
    let desk = Desk::new();
    desk.run(["replicate", "copy", "--medium", "disk", "--site", "same-site"]).well();
    let copy = desk.run(["status", "--json"]).code(1).json()["copies"][0]["copy"].as_str().unwrap().to_owned();
    desk.run(["replicate", "--lost", &copy]).misunderstood("required arguments");
    desk.run(["replicate", "--lost", &copy, "--reason", " "]).misunderstood("empty");
    desk.run(["replicate", "copy", "--lost", &copy, "--reason", "x"]).misunderstood("cannot be used with");
    desk.run(["replicate"]).misunderstood("required arguments");
    let said = desk.run(["replicate", "--lost", "C-0000-0000-0000-0000", "--reason", "x"]);
    said.misunderstood("the log records no copy").hints("vouchsafe status");
    desk.run(["replicate", "--lost", &copy, "--reason", "The disk was seized."]).well().says("Copies in all: 1");
    assert!(!log_lines(&desk.volume(0)).contains("seized"));
    desk.run(["log"]).well().says("struck off the copy").says("The disk was seized.");
    assert_eq!(desk.run(["status", "--json"]).code(1).json()["copies"], serde_json::json!([]));
    desk.run(["replicate", "--lost", &copy, "--reason", "x"]).misunderstood("the log records no copy");
    // It turned up again.
    desk.run(["replicate", "copy"]).code(3).hints("--medium");
    desk.run(["replicate", "copy", "--medium", "disk", "--site", "same-site"]).well();
    assert_eq!(desk.run(["status", "--json"]).code(1).json()["copies"][0]["copy"], copy.as_str());
    desk.check_sound();
}

#[test]
fn another_disk_may_be_removable_and_elsewhere() {
    let desk = Desk::new();
    let Some(disk) = other_disk("another_disk_may_be_removable_and_elsewhere", &desk) else { return };
    let target = disk.path().join("copy");
    let words = [Path::new("replicate"), &target, Path::new("--medium"), Path::new("removable")];
    let said = desk.run(words.into_iter().chain([Path::new("--site"), Path::new("other-site")])).well();
    assert!(!said.err.contains("same file system"), "{said:?}");
    // A copy that was carried elsewhere is still known by its name.
    let moved = disk.path().join("moved");
    copy_folder(&target, &moved);
    fs::remove_dir_all(&target).unwrap();
    desk.ingest("a.txt", "a");
    desk.run([Path::new("replicate"), &moved]).well().says("removable (other-site)");
}

#[test]
fn an_archive_is_not_compared_with_itself() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let archive = desk.archive();
    let said = desk.run(["verify", "--against", archive.to_str().unwrap()]);
    // The report of the archive is told all the same.
    said.says("SOUND").failed("this is not another copy of the archive");
    let linked = desk.copy_archive("linked");
    let volume = linked.join("volumes/000000.tar");
    fs::remove_file(&volume).unwrap();
    fs::hard_link(desk.volume(0), &volume).unwrap();
    desk.run(["verify", "--against", "linked"]).failed("this is not another copy of the archive");
}
