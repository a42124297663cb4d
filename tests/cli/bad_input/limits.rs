//! What the system does not give: threads, open files, locks, an index that reaches the disk.

use std::path::PathBuf;
use std::process::Command;

use super::permission::Bound;
use crate::desk::{Desk, Said, has_tool, noise, say_not_run};

/// The exit status of `timeout` for a program that it had to end, and of one that it had to kill.
const HUNG: [i32; 2] = [124, 137];

/// The status that a command under a limit ends with: done, or an error that says which limit it is.
fn check_limited(said: &Said, words: &[&str], limit: &str) {
    assert!(!HUNG.contains(&said.code), "it hangs: {said:#?}");
    if said.code == 3 && said.err.contains("error: ") {
        assert!(words.iter().any(|word| said.err.contains(word)), "{said:#?}");
        assert!(said.err.lines().any(|line| line.starts_with("hint: ") && line.contains(limit)), "{said:#?}");
    }
    assert!(!said.out.contains("FAILED"), "a limit of this process is no fault of the evidence: {said:#?}");
}

#[test]
fn where_threads_lack_there_are_fewer_or_an_error_says_so() {
    const NAME: &str = "where_threads_lack_there_are_fewer_or_an_error_says_so";
    if !Bound::is_possible(NAME) || !has_tool(NAME, "prlimit") || !has_tool(NAME, "timeout") {
        return;
    }
    let bound = Bound::new();
    bound.desk.write("deposit/large.bin", noise(1, 40_000_000));
    for name in ["a.txt", "b.txt"] {
        bound.desk.write(format!("deposit/{name}"), name);
    }
    bound.hand_over();
    bound.run(&["ingest", "deposit"]).well();
    bound.run(&["export", "--query", "", "--to", "bundle", "--purpose", "p", "--recipient", "r"]).well();
    let mut done = 0;
    for threads in 1..=12 {
        let limit = format!("--nproc={threads}");
        bound.desk.write(format!("deposit/new-{threads}"), limit.as_bytes());
        bound.hand_over();
        for arguments in [["list"].as_slice(), &["ingest", "deposit"], &["rebuild"], &["doctor"]] {
            let said = bound.run_limited(&limit, arguments);
            check_limited(&said, &["start another thread"], "ulimit -u");
            done += u32::from(said.code == 0);
        }
        // What needs no index needs no thread.
        let said = bound.run_limited(&limit, &["verify"]).well().says("SOUND");
        let is_left_out = said.out.contains("the index: the index cannot be opened");
        assert!(is_left_out || !said.out.contains("NOT checked"), "{said:#?}");
        bound.run_limited(&limit, &["check", "bundle"]).code(3).says("UNVERIFIABLE");
        bound.run_limited(&limit, &["repair"]).well();
    }
    // Only as the user who owns nothing else is it known how many threads are left.
    assert!(done > 0 || !crate::desk::is_root(), "no limit was enough for anything");
    bound.run(&["ingest", "deposit"]).well().says("15 seen = ");
    bound.run(&["verify"]).well().says("SOUND");
}

#[test]
fn where_open_files_lack_nothing_is_called_damaged() {
    const NAME: &str = "where_open_files_lack_nothing_is_called_damaged";
    if !has_tool(NAME, "prlimit") || !has_tool(NAME, "timeout") {
        return;
    }
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/large.bin", noise(2, 2_000_000));
    desk.run(["ingest", "deposit"]).well();
    desk.run(["export", "--query", "", "--to", "bundle", "--purpose", "p", "--recipient", "r"]).well();
    for files in 4..=14 {
        let limit = format!("--nofile={files}");
        desk.write(format!("deposit/new-{files}"), limit.as_bytes());
        for arguments in [["list"].as_slice(), &["verify"], &["ingest", "deposit"], &["check", "bundle"]] {
            let command = ["-k", "2", "60", "prlimit", &limit, crate::desk::PROGRAM];
            let said = Said::by(desk.prepare(Command::new("timeout"), command.iter().chain(arguments)));
            check_limited(&said, &["Too many open files", "no key was given"], "ulimit -n");
            assert_ne!(said.code, 1, "{said:#?}");
            assert!(!said.err.contains("the index was rebuilt"), "a whole index was thrown away: {said:#?}");
        }
    }
    desk.run(["ingest", "deposit"]).well().says("13 seen = ");
    desk.check_sound();
}

/// Makes a library that stands between the program and the system, as a drive that lacks something would. `None` where
/// that is not possible.
pub(super) fn between(desk: &Desk, test: &str) -> Option<PathBuf> {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) || !has_tool(test, "cc") {
        say_not_run(test, "it needs a C compiler, and a program that is linked dynamically");
        return None;
    }
    let (source, library) = (desk.write("between.c", BETWEEN), desk.path("between.so"));
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source);
    assert!(compiler.status().unwrap().success());
    Some(library)
}

/// `flock` fails with `NO_LOCKS`; `fsync` of what lies in a folder `index` fails with `NO_SYNC`; the clock stands at
/// `SECONDS_OF_1970`; with `GHOSTS`, names that begin with `ghost` are listed without their kind, and cannot be looked at.
const BETWEEN: &str = r#"
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *seconds = getenv("SECONDS_OF_1970");
    if (seconds && clock == CLOCK_REALTIME) { now->tv_sec = atol(seconds); now->tv_nsec = 0; return 0; }
    return syscall(SYS_clock_gettime, clock, now);
}
static int is_ghost(const char *path) {
    if (!path || !getenv("GHOSTS")) return 0;
    const char *slash = strrchr(path, '/');
    return strncmp(slash ? slash + 1 : path, "ghost", 5) == 0;
}
struct dirent64 *readdir64(DIR *folder) {
    struct dirent64 *(*next)(DIR *) = (struct dirent64 *(*)(DIR *)) dlsym(RTLD_NEXT, "readdir64");
    struct dirent64 *item = next(folder);
    if (item && is_ghost(item->d_name)) item->d_type = DT_UNKNOWN;
    return item;
}
int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict found) {
    if (is_ghost(path)) { errno = EIO; return -1; }
    return syscall(SYS_statx, folder, path, flags, mask, found);
}
int flock(int file, int operation) {
    const char *number = getenv("NO_LOCKS");
    if (number) { errno = atoi(number); return -1; }
    return syscall(SYS_flock, file, operation);
}
static int is_in_index(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = syscall(SYS_readlink, link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return strstr(path, "/archive/index/") != 0;
}
int fsync(int file) {
    const char *number = getenv("NO_SYNC");
    if (number && is_in_index(file)) { errno = atoi(number); return -1; }
    return syscall(SYS_fsync, file);
}
int sync_file_range(int file, off64_t offset, off64_t count, unsigned flags) {
    const char *number = getenv("NO_SYNC");
    if (number && is_in_index(file)) { errno = atoi(number); return -1; }
    return syscall(SYS_sync_file_range, file, offset, count, flags);
}
"#;

#[test]
fn a_drive_without_locks_can_be_read_and_not_written() {
    const NAME: &str = "a_drive_without_locks_can_be_read_and_not_written";
    let desk = Desk::new();
    let Some(library) = between(&desk, NAME) else { return };
    let exhibit = desk.ingest("a.txt", "a");
    desk.write("b.txt", "b");
    let before = desk.volume_bytes();
    // Not supported, no locks available, invalid argument, not implemented.
    for number in ["95", "37", "22", "38"] {
        let run = |arguments: &[&str]| {
            let mut command = desk.command(arguments);
            command.env("LD_PRELOAD", &library).env("NO_LOCKS", number);
            Said::by(command)
        };
        for arguments in [
            ["list"].as_slice(),
            &["show", &exhibit],
            &["custody", &exhibit],
            &["log"],
            &["head"],
            &["prove", &exhibit],
        ] {
            run(arguments).well().notes("note: the drive has no file locks");
        }
        run(&["find", "a.txt"]).well().says("1 exhibit");
        run(&["verify"]).well().says("SOUND").says("whether another program wrote to the archive meanwhile");
        run(&["doctor"]).code(1).says("the drive has no file locks");
        run(&["repair"]).well();
        for arguments in [
            ["ingest", "b.txt"].as_slice(),
            &["note", &exhibit, "x"],
            &["get", &exhibit, "--to", "copy", "--purpose", "p"],
            &["verify", "--record"],
            &["rebuild"],
        ] {
            run(arguments).failed("archive: the drive has no file locks").hints("on a disk of this computer");
        }
        run(&["init", "second", "--no-passphrase"]).failed("second: the drive has no file locks");
        assert!(!desk.path("second").exists());
        run(&["replicate", "copy", "--medium", "disk", "--site", "other-site"]).failed("no file locks");
    }
    assert_eq!(desk.volume_bytes(), before);
    assert_eq!(desk.path("home/scratch").read_dir().unwrap().count(), 0, "nothing of an index stays");
    desk.check_sound();
}

#[test]
fn an_index_that_does_not_reach_the_disk_is_not_called_damaged() {
    const NAME: &str = "an_index_that_does_not_reach_the_disk_is_not_called_damaged";
    let desk = Desk::new();
    let Some(library) = between(&desk, NAME) else { return };
    let exhibit = desk.ingest("a.txt", "a");
    for (number, words) in [("5", "Input/output error"), ("22", "Invalid argument")] {
        for arguments in [["note", &exhibit, "x"].as_slice(), &["ingest", "b.txt"], &["rebuild"], &["list"]] {
            desk.write("b.txt", format!("{number} {arguments:?}"));
            let mut command = desk.command(arguments);
            command.env("LD_PRELOAD", &library).env("NO_SYNC", number);
            let said = Said::by(command);
            assert!(!said.err.contains("damaged"), "{said:#?}");
            assert!(said.code == 0 || said.err.contains(words), "{said:#?}");
        }
        desk.run(["list"]).well();
    }
    desk.check_sound();
}
