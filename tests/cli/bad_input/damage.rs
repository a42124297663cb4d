//! Volumes and descriptions that were damaged, cut, exchanged or forged.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use vouchsafe_archive::Description;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{ReadAt, VolumeNumber};
use vouchsafe_core::format::{SignedCheckpoint, SignedEntry};
use vouchsafe_core::language::Text;
use vouchsafe_core::verify::{self, Budget, Evidence, KnownHead, Observer, Request, Selection, Unwatched};

use crate::desk::{Desk, Said, copy_folder, documents, noise};
use crate::volume::{Member, content, cut, flip, member, members, replace};

/// An archive with a few exhibits, one of them noted and described, and one large enough to be streamed.
fn archive() -> Desk {
    let desk = Desk::named("test.example/archive");
    let exhibit = desk.ingest("a.txt", "a testimony of four towers");
    desk.run(["note", &exhibit, "a remark"]).well();
    desk.run(["describe", &exhibit, "title=A title", "created_date=2003"]).well();
    desk.ingest("b.bin", noise(2, 1_200_000));
    desk.ingest("c.txt", "the last document");
    desk.check_sound();
    desk
}

/// After the change to the volume, `verify` finds at least this, and nothing that opens the archive panics,
/// changes the volume or believes what it should not.
#[track_caller]
fn check_found_after(code: &str, change: impl FnOnce(&Desk)) -> Desk {
    let desk = archive();
    change(&desk);
    let damaged = desk.volume_bytes();
    desk.check_found(code);
    desk.run(["verify"]).code(1).says("FAILED").says(code);
    assert_eq!(desk.volume_bytes(), damaged, "verify changes nothing");
    for arguments in [["list"].as_slice(), &["log"], &["rebuild"], &["list"], &["verify"]] {
        desk.run(arguments);
    }
    desk.check_found(code);
    desk
}

#[test]
fn a_flipped_bit_in_an_object_is_found() {
    for large in [false, true] {
        let desk = check_found_after("V102", |desk| {
            let object = member(&desk.volume(0), "objects/", usize::from(large));
            flip(&desk.volume(0), object.content + object.size / 2, 3);
        });
        let report = desk.run(["verify", "--json"]).code(1).json();
        let finding = &report["findings"][0];
        let name = if large { "b.bin" } else { "a.txt" };
        let exhibit = desk.run(["find", "--json", name]).well().json()["exhibit"].clone();
        assert_eq!(finding["exhibit"], exhibit, "the finding names the exhibit");
        let exhibit = exhibit.as_str().unwrap();
        let said = desk.run(["get", exhibit, "--to", "copy", "--purpose", "x"]);
        said.failed("its bytes have changed").hints("another copy of the archive");
        assert!(!desk.path("copy").exists());
        desk.run(["verify", exhibit]).code(1).says("V102");
        let other = desk.run(["find", "--json", "c.txt"]).well().json()["exhibit"].clone();
        desk.run(["verify", other.as_str().unwrap()]).well().says("NOT checked");
        desk.run(["get", other.as_str().unwrap(), "--to", "other", "--purpose", "x"]).well();
    }
}

#[test]
fn a_verification_that_found_something_is_recorded_as_such() {
    let desk = archive();
    let object = member(&desk.volume(0), "objects/", 0);
    flip(&desk.volume(0), object.content, 0);
    desk.run(["verify", "--record"]).code(1).says("FAILED").says("Recorded as entry 6");
    desk.run(["log", "--last", "1"]).well().says("verified the whole archive: failed").says("1 finding");
    flip(&desk.volume(0), object.content, 0);
    desk.check_sound();
}

#[test]
fn a_changed_word_of_an_entry_is_found() {
    check_found_after("V301", |desk| {
        replace(&desk.volume(0), "\"media_type\":\"text/plain\"", "\"media_type\":\"text/plaim\"")
    });
    check_found_after("V403", |desk| {
        replace(&desk.volume(0), "\"media_type\":\"text/plain\"", "\"media_type\":\"text/plaim\"")
    });
    check_found_after("V203", change_salt);
}

/// Changes the salt of the first entry, which nothing but its signature and the chain notice.
fn change_salt(desk: &Desk) {
    let log = member(&desk.volume(0), "log/", 0);
    let line = String::from_utf8(content(&desk.volume(0), &log)).unwrap();
    let at = line.find("\"salt\":\"").unwrap() + 8;
    let digit = if line.as_bytes()[at] == b'0' { b'1' } else { b'0' };
    write_byte(&desk.volume(0), log.content + at, digit);
}

fn write_byte(path: &Path, at: usize, byte: u8) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] = byte;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_line_of_the_log_that_is_no_entry_any_more_is_found() {
    check_found_after("V201", |desk| flip(&desk.volume(0), member(&desk.volume(0), "log/", 1).content, 1));
}

#[test]
fn a_changed_field_is_found() {
    check_found_after("V502", |desk| replace(&desk.volume(0), "a remark", "a remarj"));
    check_found_after("V501", |desk| flip(&desk.volume(0), member(&desk.volume(0), "fields/", 1).content, 1));
}

#[test]
fn a_changed_checkpoint_is_found() {
    let signature = |desk: &Desk| {
        let checkpoint = member(&desk.volume(0), "checkpoints/", 1);
        checkpoint.content + checkpoint.size - 20
    };
    check_found_after("V402", |desk| {
        let (path, at) = (desk.volume(0), signature(desk));
        let letter = if fs::read(&path).unwrap()[at] == b'A' { b'B' } else { b'A' };
        write_byte(&path, at, letter);
    });
    check_found_after("V401", |desk| flip(&desk.volume(0), member(&desk.volume(0), "checkpoints/", 1).content, 7));
}

#[test]
fn a_damaged_header_is_found() {
    for name in ["objects/", "fields/", "log/", "checkpoints/"] {
        for at in [3, 130] {
            check_found_after("V602", |desk| flip(&desk.volume(0), member(&desk.volume(0), name, 1).header + at, 2));
        }
    }
}

/// A volume in memory.
struct Held(Arc<Vec<u8>>);

impl Evidence for Held {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        Ok((vec![VolumeNumber(0)], Vec::new()))
    }

    fn open(&self, _: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(Held(self.0.clone())))
    }
}

impl ReadAt for Held {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.0.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

struct Nobody;

impl Observer for Nobody {
    fn object(&mut self, _: Digest, _: VolumeNumber, _: &vouchsafe_core::format::volume::Member) {}
    fn entry(&mut self, _: &SignedEntry, _: VolumeNumber, _: u64, _: Digest) {}
}

#[test]
fn one_flipped_bit_anywhere_in_a_volume_is_found() {
    let desk = Desk::new();
    desk.ingest("a.txt", "one");
    desk.ingest("b.txt", "two");
    let whole = fs::read(desk.volume(0)).unwrap();
    let description = Description::parse(&fs::read(description(&desk)).unwrap()).unwrap();
    let head = SignedCheckpoint::parse(desk.run(["head", "--note"]).well().out.as_bytes()).unwrap();
    // As another machine checks it, which knows nothing but the newest head.
    let request = Request {
        archive: description.fingerprint,
        origin: description.origin().clone(),
        log_key: description.log_key.clone(),
        administrator: description.administrator.id(),
        trust: vouchsafe_core::verify::Trust::default(),
        told_of_trust: Text::same(""),
        known_heads: vec![KnownHead { checkpoint: head.checkpoint, kept_in: Text::same("a letter") }],
        selection: Selection::All,
        budget: Budget::default(),
        threads: 1,
    };
    let verdict =
        |bytes| verify::verify(&Held(Arc::new(bytes)), &request, &mut Nobody, &Unwatched).unwrap().verdict.to_string();
    assert_eq!(verdict(whole.clone()), "sound");
    let bits = noise(5, whole.len());
    for at in (0..whole.len()).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (bits[at] % 8);
        assert_eq!(verdict(bytes), "failed", "byte {at}, bit {}", bits[at] % 8);
    }
    for end in (0..whole.len()).step_by(61) {
        assert_eq!(verdict(whole[..end].to_vec()), "failed", "cut at byte {end}");
    }
}

/// The archive as a machine sees it that never saw it before.
fn from_elsewhere(desk: &Desk, arguments: &[&str]) -> Said {
    let mut command = desk.command(arguments);
    command.env("VOUCHSAFE_HOME", desk.path("a home elsewhere"));
    let said = Said::by(command);
    let _ = fs::remove_dir_all(desk.path("a home elsewhere"));
    said
}

/// A volume that was cut is found by what this machine remembers; where nothing is remembered, that is said.
fn cut_and_check(desk: &Desk, size_bytes: usize) {
    cut(&desk.volume(0), size_bytes);
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    let before = desk.volume_bytes();
    desk.check_found("V801");
    desk.run(["verify"]).code(1).says("FAILED").says("entries were cut off, or this is an old copy");
    let said = from_elsewhere(desk, &["verify"]).well().says("SOUND");
    said.says("this shows that the archive is consistent, not whose it is");
    assert_eq!(desk.volume_bytes(), before, "verify changes nothing");
    desk.write("new.txt", "new");
}

/// Cut in the middle of a commit that this machine knows to have been whole: damage, and nothing is touched.
fn check_cut_inside(desk: &Desk, size_bytes: usize) {
    cut_and_check(desk, size_bytes);
    let before = desk.volume_bytes();
    // What is left can be read, with a warning.
    for arguments in [["list"].as_slice(), &["head"], &["log"], &["find", "a.txt"]] {
        let said = desk.run(arguments).code(1).notes("entries, but this machine has seen 6: entries were cut off");
        assert!(!said.out.is_empty(), "{said:#?}");
    }
    for arguments in [["ingest", "new.txt"].as_slice(), &["rebuild"], &["agent", "revoke", "x", "--reason", "x"]] {
        let said = desk.run(arguments).failed("000000.tar: the volume is damaged at byte ");
        said.hints("`vouchsafe repair` repairs it from parity, or with --from DIR from another copy of the archive");
    }
    assert_eq!(desk.volume_bytes(), before);
    assert!(!desk.archive().join("quarantine").exists());
    desk.check_found("V801");
    // Only when it is accepted on purpose, the rest of the commit is moved out of the way, and kept.
    desk.run(["head", "--accept"]).well();
    assert_eq!(desk.volume_bytes(), before);
    desk.run(["ingest", "new.txt"]).well().notes("was moved out of volumes/000000.tar");
    assert_eq!(fs::read_dir(desk.archive().join("quarantine")).unwrap().count(), 1);
    desk.check_sound();
}

#[test]
fn a_volume_cut_at_the_end_of_a_commit_is_found() {
    let desk = archive();
    let end = member(&desk.volume(0), "checkpoints/", 2).end();
    cut_and_check(&desk, end);
    let before = desk.volume_bytes();
    // What is left can be read, with a warning; nothing is written on top of it.
    let said = desk.run(["list"]).code(1).says("1 exhibit");
    said.notes("WARNING: the log has 3 entries, but this machine has seen 6: entries were cut off");
    let exhibit = desk.run(["list", "--json"]).code(1).json()["exhibit"].as_str().unwrap().to_owned();
    for arguments in [
        ["ingest", "new.txt"].as_slice(),
        &["note", &exhibit, "x"],
        &["get", &exhibit, "--to", "copy", "--purpose", "x"],
        &["verify", "--record"],
    ] {
        let said = desk.run(arguments).failed("entries were cut off, or this is an old copy");
        said.hints("vouchsafe head --accept");
    }
    assert!(!desk.path("copy").exists());
    assert_eq!(desk.volume_bytes(), before);
    desk.check_found("V801");
    // Accepted on purpose, it goes on, and what was seen before is forgotten.
    desk.run(["head", "--accept"]).well().notes("now remembers the head below");
    desk.check_sound();
    desk.run(["ingest", "new.txt"]).well();
    desk.check_sound();
}

#[test]
fn a_volume_cut_in_an_object_is_found() {
    let desk = archive();
    let object = member(&desk.volume(0), "objects/", 1);
    check_cut_inside(&desk, object.content + 1000);
}

#[test]
fn a_volume_cut_in_the_log_or_the_fields_is_found() {
    for name in ["log/", "fields/"] {
        let desk = archive();
        let lines = member(&desk.volume(0), name, 3);
        check_cut_inside(&desk, lines.content + lines.size / 2);
    }
}

#[test]
fn a_volume_cut_in_a_header_or_a_checkpoint_is_found() {
    let desk = archive();
    let checkpoint = member(&desk.volume(0), "checkpoints/", 3);
    check_cut_inside(&desk, checkpoint.header + 100);
    let desk = archive();
    check_cut_inside(&desk, checkpoint.content + 10);
}

#[test]
fn where_nothing_is_remembered_a_cut_commit_looks_like_an_interrupted_one() {
    let desk = archive();
    let object = member(&desk.volume(0), "objects/", 1);
    cut(&desk.volume(0), object.content + 1000);
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    let before = desk.volume_bytes();
    let said = from_elsewhere(&desk, &["list"]).well().notes("follows the last complete one in volumes/000000.tar");
    said.notes("for the first time").says("1 exhibit");
    assert_eq!(desk.volume_bytes(), before, "reading changes nothing");
    from_elsewhere(&desk, &["rebuild"]).well();
    assert!(desk.volume_bytes().len() < before.len());
    desk.check_found("V801");
}

#[test]
fn an_empty_volume_is_found() {
    let desk = archive();
    cut(&desk.volume(0), 0);
    desk.check_found("V606");
    desk.check_found("V801");
    let said = desk.run(["list"]);
    assert_ne!(said.code, 0, "{said:#?}");
}

#[test]
fn an_index_does_not_hide_that_the_volume_was_cut() {
    let desk = archive();
    cut(&desk.volume(0), member(&desk.volume(0), "checkpoints/", 2).end());
    // The index is not believed, but it holds a head that was signed.
    let said = from_elsewhere(&desk, &["verify"]).code(1);
    said.says("V801").says("the log has 3 entries, but the index holds a head of 6 entries").says("V701");
    for elsewhere in [false, true] {
        let arguments = ["list"];
        let said = if elsewhere { from_elsewhere(&desk, &arguments) } else { desk.run(arguments) };
        let said = said.code(1).says("1 exhibit").notes("committed bytes are gone").notes("vouchsafe verify");
        assert_eq!(said.err.contains("this machine has seen 6"), !elsewhere, "{said:#?}");
    }
    // An accepted head is that of the whole log, or there is none to accept.
    desk.run(["head", "--accept"]).failed("committed bytes are gone");
    desk.check_found("V801");
}

/// Another archive with the same origin, made by somebody else.
fn other_archive() -> Desk {
    let desk = Desk::named("test.example/archive");
    desk.ingest("a.txt", "something else");
    desk
}

#[test]
fn a_volume_of_another_archive_is_found() {
    let desk = archive();
    fs::copy(other_archive().volume(0), desk.volume(0)).unwrap();
    let before = desk.volume_bytes();
    let (exit, codes) = desk.findings();
    assert_eq!(exit, 1);
    assert!(["V402", "V901"].iter().all(|code| codes.contains(&(*code).to_owned())), "{codes:?}");
    for arguments in [["list"].as_slice(), &["rebuild"], &["ingest", "a.txt"]] {
        desk.run(arguments).failed("volumes/000000.tar").hints("vouchsafe verify");
    }
    assert_eq!(desk.volume_bytes(), before, "nothing is cut on the word of a foreign volume");
    assert!(!desk.archive().join("quarantine").exists());
}

#[test]
fn a_whole_archive_put_in_the_place_of_another_is_found() {
    let desk = archive();
    let other = other_archive();
    fs::remove_dir_all(desk.archive()).unwrap();
    copy_folder(&other.archive(), &desk.archive());
    desk.check_found("V803");
    for arguments in [["ingest", "a.txt"].as_slice(), &["rebuild"], &["head", "--accept"]] {
        let said = desk.run(arguments).failed("this machine remembers another archive of that name");
        said.hints("compare the fingerprint");
    }
    desk.run(["list"]).code(1).notes("this machine remembers another archive of that name");
    // Whoever has the fingerprint from outside has it remembered, and the one of before stays what it is.
    desk.run(["verify", "--trust", &other.fingerprint()]).well();
    desk.run(["list"]).well();
    from_elsewhere(&desk, &["verify"]).well().says("not whose it is");
}

#[test]
fn a_history_that_was_written_anew_with_the_same_keys_is_found() {
    let desk = Desk::new();
    let old = desk.copy_archive("old copy");
    desk.ingest("a.txt", "the first history");
    // Somebody with all keys goes back to the old copy and lets something else have happened.
    let kept = desk.path("the first history");
    fs::rename(desk.archive(), &kept).unwrap();
    fs::rename(old, desk.archive()).unwrap();
    desk.write("a.txt", "the second history");
    let mut command = desk.command(["ingest", "a.txt", "--key"]);
    command.arg(desk.key("agent")).arg("--log-key").arg(desk.key("log"));
    command.env("VOUCHSAFE_HOME", desk.path("another home"));
    Said::by(command).well();
    desk.check_found("V802");
    desk.run(["list"]).code(1).notes("its history was rewritten");
    desk.run(["ingest", "a.txt"])
        .failed("its history was rewritten")
        .hints("nothing is written until this is explained");
    from_elsewhere(&desk, &["verify"]).well().says("not whose it is");
    let mut command = desk.command(["head", "--archive"]);
    fs::write(
        desk.path("head"),
        Said::by({
            command.arg(&kept);
            command
        })
        .well()
        .out,
    )
    .unwrap();
    from_elsewhere(&desk, &["verify", "--expect-head", "head"]).code(1).says("V802");
}

#[test]
fn a_missing_volume_is_found() {
    let make = || {
        let desk = Desk::new();
        for number in 0..3 {
            desk.write(format!("deposit/{number}.bin"), noise(number, 1_100_000));
            crate::sessions::ingest_with_volumes_of(&desk, 1_000_000, "deposit");
        }
        // Remembered from here on.
        desk.run(["list"]).well();
        desk.check_sound();
        desk
    };
    for (missing, code) in [(0, "V601"), (1, "V601"), (2, "V801")] {
        let desk = make();
        fs::rename(desk.volume(missing), desk.path("moved.tar")).unwrap();
        if missing == 2 {
            // The last volume that holds anything; the one begun behind it is empty.
            let _ = fs::remove_file(desk.volume(3));
        }
        desk.check_found(code);
        let said = desk.run(["rebuild"]);
        assert!(said.code == 3 || said.err.contains("WARNING"), "{said:#?}");
        if missing < 2 {
            let name = format!("volumes/00000{missing}.tar: the volume is missing");
            desk.run(["list"]).failed(&name).hints("another copy of the archive");
        }
        fs::rename(desk.path("moved.tar"), desk.volume(missing)).unwrap();
        desk.run(["rebuild"]).well();
        desk.check_sound();
    }
}

#[test]
fn what_does_not_belong_into_the_folder_of_volumes_is_found() {
    for name in ["volumes/000000.tar.bak", "volumes/notes.txt", "volumes/1.tar"] {
        let desk = archive();
        fs::write(desk.archive().join(name), "stranger").unwrap();
        desk.check_found("V605");
        desk.run(["list"]).well();
    }
    let desk = archive();
    fs::rename(desk.volume(0), desk.path("moved.tar")).unwrap();
    std::os::unix::fs::symlink(desk.path("moved.tar"), desk.volume(0)).unwrap();
    desk.check_found("V605");
}

#[test]
fn an_object_exchanged_for_another_is_found() {
    check_found_after("V102", |desk| replace(&desk.volume(0), "four towers", "five towers"));
    // With its name made to fit, it is an object that no entry speaks of, and one is missing.
    let exchange = |desk: &Desk| {
        let path = desk.volume(0);
        let object = member(&path, "objects/", 0);
        replace(&path, "four towers", "five towers");
        let digest = Digest::of(&content(&path, &object)).to_string();
        rename_member(&path, &object, &format!("objects/{digest}"));
    };
    check_found_after("V101", exchange);
    check_found_after("V103", exchange);
}

/// Gives a member another name of the same length, with a checksum that fits.
fn rename_member(path: &Path, member: &Member, name: &str) {
    let mut bytes = fs::read(path).unwrap();
    let header = &mut bytes[member.header..member.header + 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_commit_that_was_taken_out_of_the_middle_is_found() {
    let desk = archive();
    let path = desk.volume(0);
    let (from, to) = (member(&path, "checkpoints/", 1).end(), member(&path, "checkpoints/", 2).end());
    let mut bytes = fs::read(&path).unwrap();
    bytes.drain(from..to);
    fs::write(&path, bytes).unwrap();
    for code in ["V202", "V203", "V404", "V801"] {
        desk.check_found(code);
    }
}

#[test]
fn a_commit_that_is_there_twice_is_found() {
    let desk = archive();
    let path = desk.volume(0);
    let bytes = fs::read(&path).unwrap();
    let last = members(&path).into_iter().rev().find(|member| member.name.starts_with("objects/")).unwrap();
    fs::write(&path, [&bytes, &bytes[last.header..]].concat()).unwrap();
    for code in ["V105", "V202"] {
        desk.check_found(code);
    }
}

fn description(desk: &Desk) -> std::path::PathBuf {
    desk.archive().join("archive.json")
}

#[test]
fn an_unknown_archive_version_is_told() {
    let desk = archive();
    replace(&description(&desk), "vouchsafe-archive/1", "vouchsafe-archive/9");
    desk.run(["list"]).well().notes("archive.json: this program does not know the format vouchsafe-archive/9");
    desk.run(["verify"]).code(3).says("NOT UNDERSTOOD").says("V902");
    desk.run(["rebuild"]).failed("archive.json: ").hints("a newer version");
}

#[test]
fn a_changed_description_is_told() {
    for change in [
        (|text: &str| text.replace("test.example", "evil.example")) as fn(&str) -> String,
        |text| text.replace(',', ", "),
        |text| text.replace('}', ",\"more\":1}"),
        |text| text.trim_end().to_owned(),
        |text| format!("{text}{text}"),
        |_| String::new(),
        |_| "{}\n".to_owned(),
        |_| "not JSON\n".to_owned(),
    ] {
        let desk = archive();
        let text = fs::read_to_string(description(&desk)).unwrap();
        fs::write(description(&desk), change(&text)).unwrap();
        for arguments in [["list"].as_slice(), &["verify"], &["rebuild"]] {
            desk.run(arguments).failed("archive.json: ").hints("another copy");
        }
        fs::write(description(&desk), text).unwrap();
        desk.check_sound();
    }
}

#[test]
fn a_description_with_other_keys_is_found() {
    let desk = archive();
    let other = other_archive();
    let before = desk.volume_bytes();
    fs::copy(description(&other), description(&desk)).unwrap();
    let (exit, codes) = desk.findings();
    assert_eq!(exit, 1);
    for code in ["V402", "V803", "V901"] {
        assert!(codes.contains(&code.to_owned()), "{codes:?}");
    }
    desk.run(["list"]).code(3);
    desk.run(["ingest", "a.txt"]).code(3);
    assert_eq!(desk.volume_bytes(), before, "nothing is cut on the word of a foreign archive.json");
    assert!(!desk.archive().join("quarantine").exists());
    fs::remove_file(description(&desk)).unwrap();
    let said = desk.run(["verify"]).failed("not an archive (there is no archive.json in it)");
    assert!(!said.err.contains("vouchsafe init"), "{said:#?}");
    said.hints("restore archive.json from a copy");
}

#[test]
fn an_administrator_that_was_exchanged_in_the_description_is_found() {
    let desk = archive();
    let key =
        |desk: &Desk| desk.run(["agent", "list", "--json"]).well().json()["public_key"].as_str().unwrap().to_owned();
    replace(&description(&desk), &key(&desk), &key(&other_archive()));
    desk.check_found("V901");
    desk.run(["list"]).failed("another administrator");
    from_elsewhere(&desk, &["verify"]).code(1).says("V901");
}

#[test]
fn a_memory_that_does_not_read_back_is_told_by_name() {
    let desk = archive();
    let known = fs::read_dir(desk.path("home/known")).unwrap().next().unwrap().unwrap().path();
    fs::write(&known, "nonsense").unwrap();
    for command in ["list", "verify"] {
        desk.run([command]).failed(&format!("{}: what this machine remembers", known.display()));
    }
}

#[test]
fn an_archive_in_parts_is_told() {
    let desk = archive();
    fs::rename(desk.archive().join("volumes"), desk.path("moved")).unwrap();
    for command in ["list", "verify", "rebuild"] {
        desk.run([command]).failed("volumes: the folder of the volumes is missing");
    }
    fs::rename(desk.path("moved"), desk.archive().join("volumes")).unwrap();
    desk.run(["rebuild"]).well();
    desk.check_sound();
    // README and FORMAT are for people; without them, everything still works.
    fs::remove_file(desk.archive().join("README.txt")).unwrap();
    fs::remove_file(desk.archive().join("FORMAT.md")).unwrap();
    desk.run(["ingest"].iter().map(std::ffi::OsStr::new).chain([documents().as_os_str()])).well();
    desk.check_sound();
}

#[test]
fn a_file_with_the_name_of_the_next_volume_is_no_damage_of_the_last_one() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let long = noise(1, 200_000);
    for content in [b"".as_slice(), b"a\n", &[0; 4096], &long] {
        desk.write("archive/volumes/000001.tar", content);
        let says = "000001.tar: it has the name of a volume but is not one of this archive's";
        desk.run(["note", &exhibit, "a remark"]).failed(says).hints("Move this file away");
        desk.run(["list"]).code(1).notes(says).says("1 exhibit");
        assert_eq!(desk.findings(), (1, vec!["V605".to_owned()]));
        desk.run(["verify"])
            .code(1)
            .says("volumes/000001.tar")
            .says("nothing of a volume is in it, and the one before it was not closed");
        desk.run(["doctor"]).code(1).says("it has the name of a volume but is not one").says("move it away");
        desk.run(["repair"]).well().says("No volume is damaged");
        std::fs::remove_file(desk.volume(1)).unwrap();
        desk.run(["note", &exhibit, "a remark"]).well();
        desk.check_sound();
    }
}

#[test]
fn a_missing_folder_of_volumes_is_told_in_plain_words() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let away = desk.path("away");
    std::fs::rename(desk.archive().join("volumes"), &away).unwrap();
    for command in ["verify", "list", "status", "rebuild", "parity"] {
        let said = desk.run([command]).failed("the folder of the volumes is missing");
        assert!(!said.hints("connect the disk").err.contains("os error"));
    }
    desk.run(["doctor"]).code(1).says("the folder of the volumes is missing");
    std::fs::rename(away, desk.archive().join("volumes")).unwrap();
    std::fs::rename(desk.volume(0), desk.path("away.tar")).unwrap();
    let said = desk.run(["list"]).failed("volumes/000000.tar: the volume is missing");
    assert!(!said.err.contains("higher number"), "{said:#?}");
}
