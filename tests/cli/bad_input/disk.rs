//! A disk that is full, or a limit on the size of files, in the middle of the work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desk::{Desk, Said, copy_folder, files_below, has_tool, noise, say_not_run};

/// A small disk in memory, mounted on a folder until this is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(test: &str, folder: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={size}"), "vouchsafe-test"]).arg(folder);
        if command.output().is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        say_not_run(test, "a small disk can be mounted only by root, where mounting is permitted");
        None
    }

    /// Somebody makes room.
    fn grow(&self, size: &str) {
        self.remount(&format!("size={size}"));
    }

    fn remount(&self, option: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{option}")]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// The exhibits that were acknowledged, line by line.
fn acknowledged(said: &Said) -> u64 {
    said.files().iter().filter(|file| file["status"] == "ingested").count() as u64
}

/// After a disk was full: what was acknowledged is there and sound, and after making room the same ingest
/// finishes, doubling nothing.
fn check_after(desk: &Desk, stopped: &Said, path: &str, files: u64, make_room: impl FnOnce()) {
    let done = acknowledged(stopped);
    assert_eq!(stopped.summary(), [done, done, 0, 0]);
    assert!(done < files);
    let report = desk.run(["verify", "--json"]).well().json();
    assert_eq!((report["verdict"].as_str(), report["exhibits"].as_u64()), (Some("sound"), Some(done)), "{report}");
    make_room();
    assert_eq!(desk.exhibits().len() as u64, done);
    desk.check_sound();
    assert_eq!(desk.run(["ingest", "--json", path]).well().summary(), [files, files - done, done, 0]);
    desk.check_sound();
    assert!(!desk.archive().join("quarantine").exists(), "there was nothing to put aside");
}

/// Files in several commits: the first is durable when the disk is full in the middle of the second.
const SMALL_FILES: u64 = 1500;

fn many_files(desk: &Desk) {
    for number in 0..SMALL_FILES {
        desk.write(format!("deposit/{number:04}.bin"), noise(number, 20_000));
    }
}

#[test]
fn a_disk_that_is_full_in_a_large_file_leaves_nothing_of_it() {
    const NAME: &str = "a_disk_that_is_full_in_a_large_file_leaves_nothing_of_it";
    let desk = Desk::bare();
    let Some(disk) = SmallDisk::mount(NAME, &desk.path("disk"), "12m") else { return };
    std::os::unix::fs::symlink("disk/archive", desk.archive()).unwrap();
    desk.run(["init", "disk/archive", "--no-passphrase"]).well();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/large.bin", noise(1, 20_000_000));
    let said = desk.run(["ingest", "--json", "deposit"]);
    let said = said.failed("volumes/000000.tar: cannot write to the volume: No space left on device");
    let said = said.hints("free some space and run the command again; what was acknowledged is safe");
    assert_eq!(acknowledged(&said), 1);
    assert!(desk.volume(0).metadata().unwrap().len() < 100_000, "the room is given back");
    check_after(&desk, &said, "deposit", 2, || disk.grow("100m"));
}

#[test]
fn a_disk_that_is_full_between_two_commits_keeps_the_first() {
    const NAME: &str = "a_disk_that_is_full_between_two_commits_keeps_the_first";
    for size in ["23m", "30m"] {
        let desk = Desk::new();
        // Only the volumes lie on the small disk, so that they are what is full.
        let kept = desk.path("kept");
        copy_folder(&desk.archive().join("volumes"), &kept);
        let Some(disk) = SmallDisk::mount(NAME, &desk.archive().join("volumes"), size) else { return };
        copy_folder(&kept, &desk.archive().join("volumes"));
        many_files(&desk);
        let said = desk.run(["ingest", "--json", "deposit"]);
        let said = said.failed("volumes/000000.tar: cannot write to the volume: No space left on device");
        assert!(acknowledged(&said) > 0, "{size}: {:?}", said.err);
        check_after(&desk, &said, "deposit", SMALL_FILES, || disk.grow("100m"));
    }
}

#[test]
fn a_disk_that_is_too_full_for_the_index_loses_no_evidence() {
    const NAME: &str = "a_disk_that_is_too_full_for_the_index_loses_no_evidence";
    for size in ["512k", "64k"] {
        let desk = Desk::new();
        let kept = desk.path("kept");
        fs::rename(desk.archive().join("index"), &kept).unwrap();
        let Some(disk) = SmallDisk::mount(NAME, &desk.archive().join("index"), size) else { return };
        copy_folder(&kept, &desk.archive().join("index"));
        many_files(&desk);
        let said = desk.run(["ingest", "--json", "deposit"]);
        let said = said.failed("the index").hints("free some space");
        let done = acknowledged(&said);
        // Whatever the index holds by now, the volumes hold what was acknowledged, and nothing else is believed.
        let report = desk.run(["verify", "--json"]).json();
        assert_ne!(report["verdict"], "failed", "{report}");
        assert_eq!(report["exhibits"], done, "{report}");
        disk.grow("100m");
        assert_eq!(desk.exhibits().len() as u64, done);
        let said = desk.run(["ingest", "--json", "deposit"]).well();
        assert_eq!(said.summary(), [SMALL_FILES, SMALL_FILES - done, done, 0]);
        desk.check_sound();
    }
}

#[test]
fn a_whole_archive_on_a_disk_that_is_full_recovers() {
    const NAME: &str = "a_whole_archive_on_a_disk_that_is_full_recovers";
    for size in ["22m", "25m"] {
        let desk = Desk::bare();
        let Some(disk) = SmallDisk::mount(NAME, &desk.path("disk"), size) else { return };
        std::os::unix::fs::symlink("disk/archive", desk.archive()).unwrap();
        desk.run(["init", "disk/archive", "--no-passphrase"]).well();
        many_files(&desk);
        let said = desk.run(["ingest", "--json", "deposit"]).code(3);
        assert!(said.err.contains("No space left on device") && said.err.contains("free some space"), "{said:#?}");
        check_after(&desk, &said, "deposit", SMALL_FILES, || disk.grow("100m"));
    }
}

#[test]
fn small_acts_on_a_full_disk_are_done_or_not() {
    const NAME: &str = "small_acts_on_a_full_disk_are_done_or_not";
    let desk = Desk::bare();
    let Some(disk) = SmallDisk::mount(NAME, &desk.path("disk"), "4m") else { return };
    std::os::unix::fs::symlink("disk/archive", desk.archive()).unwrap();
    desk.run(["init", "disk/archive", "--no-passphrase"]).well();
    let exhibit = desk.ingest("a.txt", "a");
    // What is left of the disk is filled up, by other people's files.
    let fill = |name: &str| {
        let _ = fs::write(desk.path(name), vec![1; 8_000_000]);
        while fs::File::options().append(true).create(true).open(desk.path(name)).is_ok_and(|mut file| {
            use std::io::Write as _;
            file.write_all(&[1]).is_ok()
        }) {}
    };
    fill("disk/filler");
    let entries = |desk: &Desk| crate::volume::log_lines(&desk.volume(0)).lines().count();
    let before = entries(&desk);
    let mut recorded = 0;
    for text in ["one", "two", "three", "four", "five", "six", "seven", "eight"] {
        let said = desk.run(["note", &exhibit, &text.repeat(1000)]);
        match said.code {
            0 => recorded += 1,
            _ if said.err.contains("is recorded, but the index could not be updated") => recorded += 1,
            _ => drop(said.failed("No space left on device").hints("free some space")),
        }
        assert_eq!(entries(&desk), before + recorded, "an entry is there exactly if it was said to be");
        // The copy goes to another disk; it is there exactly if its entry is.
        let said = desk.run(["get", &exhibit, "--to", text, "--purpose", &text.repeat(1000)]);
        let is_recorded = said.code == 0 || said.err.contains("and is recorded, but entry ");
        recorded += usize::from(is_recorded);
        assert_eq!(entries(&desk), before + recorded, "{said:#?}");
        assert_eq!(desk.path(text).exists(), is_recorded, "{said:#?}");
    }
    assert!(recorded < 16);
    let said = desk.run(["get", &exhibit, "--to", "disk/copy", "--purpose", "x"]).code(3);
    assert!(said.err.contains("No space left on device"), "{said:#?}");
    assert!(!desk.path("disk/copy").exists());
    assert_eq!(desk.run(["verify", "--json"]).well().json()["verdict"], "sound");
    fs::remove_file(desk.path("disk/filler")).unwrap();
    disk.grow("20m");
    desk.run(["note", &exhibit, "after making room"]).well();
    desk.check_sound();
    assert_eq!(entries(&desk), before + recorded + 1);
}

/// What a file system does by itself after an error, and what somebody does who wants to keep a copy as it is.
#[test]
fn a_disk_that_becomes_read_only_can_be_read_and_not_written() {
    const NAME: &str = "a_disk_that_becomes_read_only_can_be_read_and_not_written";
    let desk = Desk::bare();
    let Some(disk) = SmallDisk::mount(NAME, &desk.path("disk"), "20m") else { return };
    std::os::unix::fs::symlink("disk/archive", desk.archive()).unwrap();
    desk.run(["init", "disk/archive", "--no-passphrase"]).well();
    let exhibit = desk.ingest("a.txt", "a");
    desk.write("b.txt", "b");
    let before = desk.volume_bytes();
    disk.remount("ro");
    for arguments in [["ingest", "b.txt"].as_slice(), &["note", &exhibit, "x"], &["rebuild"]] {
        let said = desk.run(arguments).code(3);
        assert!(said.err.contains("read-only") || said.err.contains("Read-only"), "{said:#?}");
    }
    desk.run(["list"]).well().says("a.txt");
    desk.run(["custody", &exhibit]).well();
    let said = desk.run(["verify"]).well().says("SOUND").says("NOT checked");
    let said = said.says("the index: the archive is read-only here");
    assert!(!said.out.contains("V702"), "a disk that is read-only says nothing of the index: {said:#?}");
    assert_eq!(desk.volume_bytes(), before);
    disk.remount("rw");
    desk.run(["ingest", "b.txt"]).well();
    desk.check_sound();
}

/// A disk that fails while a file is read from it. No real one can be made to do that on demand, so a library
/// stands between the program and the system and lets the reads of one file fail from its middle on.
#[test]
fn a_source_disk_that_fails_in_the_middle_of_a_file_leaves_nothing_of_it() {
    const NAME: &str = "a_source_disk_that_fails_in_the_middle_of_a_file_leaves_nothing_of_it";
    if !cfg!(all(target_os = "linux", target_env = "gnu")) || !has_tool(NAME, "cc") {
        return say_not_run(NAME, "it needs a C compiler, and a program that is linked dynamically");
    }
    for size_bytes in [600_000, 9_000_000] {
        let desk = Desk::new();
        let failing = failing_disk(&desk);
        desk.write("deposit/a.txt", "a");
        desk.write("deposit/failing.bin", noise(3, size_bytes));
        desk.write("deposit/z.txt", "z");
        let committed = desk.volume(0).metadata().unwrap().len();
        let mut command = desk.command(["ingest", "--json", "deposit"]);
        command.env("LD_PRELOAD", failing).env("FAIL_AFTER_BYTES", (size_bytes / 2).to_string());
        let said = Said::by(command).code(1);
        assert_eq!(said.summary(), [3, 2, 0, 1], "{said:#?}");
        let refused = said.files().into_iter().find(|file| file["status"] == "refused").unwrap();
        assert!(refused["path"].as_str().unwrap().ends_with("failing.bin"), "{refused}");
        assert!(refused["reason"].as_str().unwrap().contains("Input/output error"), "{refused}");
        assert!(desk.volume(0).metadata().unwrap().len() < committed + 20_000, "nothing of the file is kept");
        desk.check_sound();
        assert_eq!(desk.run(["ingest", "--json", "deposit"]).well().summary(), [3, 1, 2, 0]);
        desk.check_sound();
    }
}

#[test]
fn bad_sectors_of_a_volume_are_findings_and_the_rest_is_verified() {
    const NAME: &str = "bad_sectors_of_a_volume_are_findings_and_the_rest_is_verified";
    if !cfg!(all(target_os = "linux", target_env = "gnu")) || !has_tool(NAME, "cc") {
        return say_not_run(NAME, "it needs a C compiler, and a program that is linked dynamically");
    }
    let desk = Desk::new();
    let failing = failing_disk(&desk);
    desk.write("deposit/a.bin", noise(1, 60_000));
    desk.write("deposit/b.bin", noise(2, 60_000));
    desk.run(["ingest", "deposit"]).well();
    desk.ingest("c.bin", noise(3, 60_000));
    let volume = desk.volume(0);
    let object = crate::volume::member(&volume, "objects/", 0);
    let log = crate::volume::member(&volume, "log/", 1);
    let failures = [(object.content + 9000, "V106", 3), (log.content, "V607", 3), (object.header, "V607", 2)];
    for (at, code, objects) in failures {
        for arguments in [["verify"].as_slice(), &["verify", "--max-bytes", "1GB"]] {
            let mut command = desk.command(arguments);
            command.env("LD_PRELOAD", &failing).env("FAIL_AT_BYTE", at.to_string());
            let said = Said::by(command).code(1).says(code).says("FAILED");
            assert!(said.out.contains(&format!("objects      {objects} of {objects}")), "{said:#?}");
        }
    }
    desk.check_sound();
}

/// Makes a library that lets a disk fail: reads of `failing.bin` once so many bytes of it were read, reads of
/// a volume where they touch one byte.
fn failing_disk(desk: &Desk) -> PathBuf {
    let source = desk.write("failing.c", FAILING_READ);
    let library = desk.path("failing.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl");
    assert!(compiler.status().unwrap().success());
    library
}

const FAILING_READ: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static long done_bytes;
static int is_named(int file, const char *name) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = syscall(SYS_readlink, link, path, sizeof path), wanted = strlen(name);
    return length > wanted && !memcmp(path + length - wanted, name, wanted);
}
ssize_t pread64(int file, void *buffer, size_t count, off64_t offset) {
    const char *at = getenv("FAIL_AT_BYTE");
    if (at && offset <= atol(at) && atol(at) < offset + (off64_t)count && is_named(file, "/volumes/000000.tar")) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, file, buffer, count, offset);
}
ssize_t read(int file, void *buffer, size_t count) {
    int fails = getenv("FAIL_AFTER_BYTES") && is_named(file, "failing.bin");
    if (fails && done_bytes >= atol(getenv("FAIL_AFTER_BYTES"))) { errno = EIO; return -1; }
    if (fails && count > 65536) count = 65536;
    ssize_t got = syscall(SYS_read, file, buffer, count);
    if (fails && got > 0) done_bytes += got;
    return got;
}
"#;

#[test]
fn an_archive_that_cannot_be_created_is_not_there() {
    const NAME: &str = "an_archive_that_cannot_be_created_is_not_there";
    let desk = Desk::bare();
    for size in ["8k", "24k", "64k"] {
        let folder = format!("disk-{size}");
        let Some(_disk) = SmallDisk::mount(NAME, &desk.path(&folder), size) else { return };
        let said = desk.run(["init", &format!("{folder}/archive"), "--no-passphrase", "--origin", size]);
        if said.code == 0 {
            continue;
        }
        let said = said.code(3);
        assert!(said.err.contains("No space left on device") && said.err.contains(&folder), "{said:#?}");
        let said = desk.run(["list", "--archive", &format!("{folder}/archive")]);
        let said = said.code(3);
        assert!(said.err.contains("not an archive") || said.err.contains("there is no such folder"), "{said:#?}");
    }
}

/// Runs the program under a limit on the size of the files that it writes, in blocks of 512 or 1,024 bytes.
fn limited(desk: &Desk, blocks: u32, arguments: &[&str]) -> Said {
    // Without the trap, the system would end the program instead of telling it.
    let script = format!("trap '' XFSZ; ulimit -f {blocks} && exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh", crate::desk::PROGRAM]);
    Said::by(desk.prepare(command, arguments))
}

#[test]
fn a_limit_on_the_size_of_files_leaves_what_was_acknowledged() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/large.bin", noise(1, 20_000_000));
    desk.write("deposit/z.txt", "z");
    let said = limited(&desk, 6000, &["ingest", "--json", "deposit"]);
    let said = said.failed("volumes/000000.tar: cannot write to the volume: File too large").hints("ulimit -f");
    assert_eq!(acknowledged(&said), 1);
    check_after(&desk, &said, "deposit", 3, || ());
}

#[test]
fn a_limit_between_two_commits_keeps_the_first() {
    let desk = Desk::new();
    many_files(&desk);
    // More than one commit, less than two, whichever of the two units this shell counts in.
    let unit = Said::by({
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -f 8; trap '' XFSZ; head -c 20000 /dev/zero > unit 2> /dev/null; wc -c < unit"]);
        desk.prepare(command, [] as [&str; 0])
    });
    let unit_bytes = unit.out.trim().parse::<u32>().unwrap() / 8;
    assert!([512, 1024].contains(&unit_bytes), "{unit:#?}");
    let said = limited(&desk, 26_000_000 / unit_bytes, &["ingest", "--json", "deposit"]);
    let said = said.failed("cannot write to the volume: File too large");
    // As many as one commit holds, or others where the machine is so slow that commits end by time; never all.
    assert!((1..SMALL_FILES).contains(&acknowledged(&said)), "{}", acknowledged(&said));
    check_after(&desk, &said, "deposit", SMALL_FILES, || ());
}

#[test]
fn a_disk_that_is_full_in_a_repair_leaves_the_damaged_volume_as_it_was() {
    let desk = Desk::with_volumes();
    desk.run(["parity"]).well();
    let whole = fs::read(desk.volume(0)).unwrap();
    let test = "a_disk_that_is_full_in_a_repair_leaves_the_damaged_volume_as_it_was";
    let used: u64 = ["volumes", "parity", "index"].iter().map(|name| folder_bytes(&desk.archive().join(name))).sum();
    let Some(disk) = SmallDisk::mount(test, &desk.path("small"), &format!("{}k", used / 1024 + 1_000)) else { return };
    copy_folder(&desk.archive(), &desk.path("small/archive"));
    let volume = desk.path("small/archive/volumes/000000.tar");
    crate::volume::flip(&volume, 5_000, 0);
    let damaged = fs::read(&volume).unwrap();
    let repair = ["repair", "--apply", "--archive", "small/archive"];
    desk.run(repair).failed("cannot write the healed volume").hints("free some space");
    assert_eq!(fs::read(&volume).unwrap(), damaged);
    disk.grow("100m");
    desk.run(repair).well().says("healed from parity");
    assert_eq!(fs::read(&volume).unwrap(), whole);
    desk.run(["verify", "--archive", "small/archive"]).well();
}

fn folder_bytes(folder: &Path) -> u64 {
    files_below(folder).iter().map(|path| fs::metadata(path).unwrap().len()).sum()
}
