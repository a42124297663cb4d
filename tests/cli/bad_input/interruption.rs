//! Ctrl-C, a killed process, a second process, a reader that goes away, bytes behind the last commit.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desk::{Desk, Said, is_long, noise, signal};

const SIGINT: u32 = 2;

/// Waits until something is so; a minute is more than any machine needs.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What a child said that is about to end.
fn finish(desk: &Desk, child: Child) -> Said {
    let output = child.wait_with_output().unwrap();
    Said::of(&desk.command(["(started before)"]), &output)
}

/// The exhibits that were acknowledged.
fn acknowledged(output: &str) -> Vec<String> {
    // The last line may have been cut off by the kill.
    let lines = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["status"] == "ingested").map(|line| line["exhibit"].as_str().unwrap().to_owned()).collect()
}

fn many_files(desk: &Desk, folder: &str, count: u64) {
    fs::create_dir_all(desk.path(folder)).unwrap();
    for number in 0..count {
        fs::write(desk.path(format!("{folder}/{number:05}.txt")), format!("{folder} {number}")).unwrap();
    }
}

#[test]
fn ctrl_c_ends_an_ingest_of_many_files_at_a_commit() {
    let desk = Desk::new();
    many_files(&desk, "deposit", 6000);
    let mut child = desk.start(["ingest", "--json", "deposit"]);
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut output = String::new();
    reader.read_line(&mut output).unwrap();
    signal(&child, "INT");
    reader.read_to_string(&mut output).unwrap();
    let mut said = finish(&desk, child).code(3);
    said.out = output;
    let [seen, ingested, held, refused] = said.summary();
    assert_eq!((held, refused), (0, 0));
    assert!(seen < 6000, "the signal came too late to be seen");
    assert_eq!(said.json_lines().last().unwrap()["is_stopped"], true);
    assert_eq!(acknowledged(&said.out).len() as u64, ingested);
    desk.check_sound();
    let listed: BTreeSet<_> = desk.exhibits().iter().map(|row| row["exhibit"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, acknowledged(&said.out).into_iter().collect());
    let again = desk.run(["ingest", "--json", "deposit"]).well();
    assert_eq!(again.summary(), [6000, 6000 - ingested, ingested, 0]);
    desk.check_sound();
}

#[test]
fn ctrl_c_says_how_to_go_on() {
    let desk = Desk::new();
    let mut command = desk.command(["ingest", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_lock(&desk, &child);
    wait_until("it listens to signals", || listens(&child, SIGINT));
    signal(&child, "INT");
    // Long enough for the handler, which leaves no trace outside; the rest of the input comes too late.
    std::thread::sleep(Duration::from_millis(300));
    drop(child.stdin.take());
    let said = finish(&desk, child).code(3);
    said.says("Stopped before the end. Run the same command again to finish, without duplicates.");
    desk.check_sound();
    desk.run(["list"]).well().says("0 exhibits");
}

/// Whether the program would be told of a signal, instead of being ended by it.
fn listens(child: &Child, signal: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() >> (signal - 1) & 1 == 1
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let desk = Desk::new();
    let mut command = desk.command(["ingest", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_lock(&desk, &child);
    wait_until("it listens to signals", || listens(&child, SIGINT));
    // Standard input says nothing and does not end, so one is not enough.
    signal(&child, "INT");
    wait_until("a second signal ends it", || {
        let is_over = child.try_wait().unwrap().is_some();
        if !is_over {
            signal(&child, "INT");
            std::thread::sleep(Duration::from_millis(50));
        }
        is_over
    });
    assert_eq!(child.wait().unwrap().code(), Some(3));
    desk.check_sound();
}

#[test]
fn ctrl_c_in_the_middle_of_a_large_file_leaves_nothing_of_it() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    let large = fs::File::create(desk.path("deposit/large.bin")).unwrap();
    large.set_len(1 << 30).unwrap();
    (&large).write_all(b"not only zeros").unwrap();
    let child = desk.start(["ingest", "--json", "deposit"]);
    let written = || desk.volume(0).metadata().unwrap().len();
    wait_until("the large file is being written", || written() > 4_000_000);
    signal(&child, "INT");
    let said = finish(&desk, child).code(3);
    assert_eq!(said.summary(), [1, 1, 0, 0], "nothing is said of the large file");
    assert!(written() < 100_000, "it was cut back to the last commit");
    desk.check_sound();
    large.set_len(100 << 20).unwrap();
    assert_eq!(desk.run(["ingest", "--json", "deposit"]).well().summary(), [2, 1, 1, 0]);
    desk.check_sound();
}

#[test]
fn a_kill_in_the_middle_of_a_large_file_is_no_finding_against_the_evidence() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let committed = desk.volume(0).metadata().unwrap().len();
    let large = fs::File::create(desk.path("large.bin")).unwrap();
    large.set_len(1 << 30).unwrap();
    let mut child = desk.start(["ingest", "--json", "large.bin"]);
    wait_until("the large file is being written", || desk.volume(0).metadata().unwrap().len() > committed + 4_000_000);
    child.kill().unwrap();
    let said = finish(&desk, child);
    assert!(acknowledged(&said.out).is_empty(), "the kill came too late");
    // What comes after the last commit has no header yet; that is the trace of an interruption, not of damage.
    desk.run(["verify"]).well().says("SOUND").says("V603");
    desk.run(["list"]).well().says("1 exhibit").notes("an interrupted commit");
    assert!(desk.volume(0).metadata().unwrap().len() > committed, "reading changes nothing");
    desk.run(["rebuild"]).well();
    assert_eq!(desk.volume(0).metadata().unwrap().len(), committed);
    desk.check_sound();
    large.set_len(20 << 20).unwrap();
    desk.run(["ingest", "large.bin"]).well();
    desk.check_sound();
}

#[test]
fn what_was_acknowledged_survives_any_kill() {
    let desk = Desk::new();
    let add_files = |round: u64| {
        let folder = format!("deposit/{round:03}");
        many_files(&desk, &folder, 150);
        desk.write(format!("{folder}/large.bin"), noise(round, 2_500_000));
        desk.write(format!("{folder}/z.txt"), format!("the last file {round}"));
        folder
    };
    // How long it takes here, if nobody interrupts it.
    let folder = add_files(0);
    let begin = Instant::now();
    let said = desk.run(["ingest", "--json", &folder]).well();
    let whole = begin.elapsed();
    let mut all: BTreeSet<_> = acknowledged(&said.out).into_iter().collect();
    let mut was_cut = 0;
    let rounds = if is_long() { 200 } else { 20 };
    for (round, random) in (1..=rounds).zip(noise(20, 200)) {
        let folder = add_files(round);
        let mut child = desk.start(["ingest", "--json", &folder]);
        // Somewhere between the opening and the end.
        std::thread::sleep(whole * u32::from(random) / 256);
        child.kill().unwrap();
        let said = finish(&desk, child);
        all.extend(acknowledged(&said.out));
        let volume = desk.volume_bytes();
        let listed = desk.run(["list", "--json"]).well();
        assert_eq!(desk.volume_bytes(), volume, "reading changes nothing");
        let has_tail = listed.err.contains("an interrupted commit");
        let written = desk.run(["describe", all.first().unwrap(), &format!("exhibit_no={round}")]).well();
        assert_eq!(written.err.contains("an interrupted commit"), has_tail, "{written:#?}");
        was_cut += usize::from(has_tail);
        let listed: BTreeSet<_> =
            listed.json_lines().iter().map(|row| row["exhibit"].as_str().unwrap().to_owned()).collect();
        assert!(all.is_subset(&listed), "an exhibit that was acknowledged is gone");
        if round % 5 == 0 {
            desk.check_sound();
        }
    }
    let said = desk.run(["ingest", "--json", "deposit"]).well();
    let [seen, ingested, held, _] = said.summary();
    assert_eq!(seen, (rounds + 1) * 152);
    assert_eq!(ingested + held, seen);
    assert_eq!(desk.exhibits().len() as u64, seen, "nothing is doubled, nothing is missing");
    let quarantined = fs::read_dir(desk.archive().join("quarantine")).map_or(0, Iterator::count);
    assert_eq!(quarantined, was_cut, "what was cut is kept");
    desk.check_sound();
}

#[test]
fn ctrl_c_in_a_verification_is_no_verdict() {
    let desk = Desk::new();
    let large = fs::File::create(desk.path("large.bin")).unwrap();
    large.set_len(300 << 20).unwrap();
    desk.run(["ingest", "large.bin"]).well();
    desk.copy_archive("copy");
    for json in [false, true] {
        let arguments = ["verify", "--against", "copy", "--json"];
        let child = desk.start(if json { &arguments[..] } else { &arguments[..3] });
        wait_until("it listens to signals", || listens(&child, SIGINT));
        signal(&child, "INT");
        let said = finish(&desk, child).code(3);
        if json {
            assert_eq!(said.json()["complete"], false);
        } else {
            assert!(said.out.starts_with("NOT FINISHED: what was checked so far"), "{said:#?}");
            let said = said.says("NOT checked").says("what follows the point where the verification was stopped");
            said.says("the copy in copy: the verification stopped before comparing it");
        }
    }
    desk.check_sound();
}

/// What was read before Ctrl-C need not be read again.
#[test]
fn a_verification_goes_on_after_ctrl_c() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let large = fs::File::create(desk.path("large.bin")).unwrap();
    large.set_len(300 << 20).unwrap();
    desk.run(["ingest", "large.bin"]).well();
    desk.run(["verify", "--max-bytes", "1B"]).well().says("1 of 2 objects read since");
    let child = desk.start(["verify", "--resume"]);
    wait_until("it listens to signals", || listens(&child, SIGINT));
    signal(&child, "INT");
    let said = finish(&desk, child).code(3);
    assert!(said.out.starts_with("NOT FINISHED"), "{said:#?}");
    let said = desk.run(["verify", "--resume", "--json"]).well().json();
    assert_eq!(said["coverage"]["ranges"], serde_json::json!([[1, 1]]), "the large one was not read to its end");
    assert_eq!(said["round"]["complete"], true);
    desk.check_sound();
}

#[test]
fn ctrl_c_in_a_repair_leaves_the_damaged_volume_and_no_large_file() {
    let desk = Desk::new();
    let large = fs::File::create(desk.path("large.bin")).unwrap();
    large.set_len(64 << 20).unwrap();
    desk.run(["ingest", "large.bin"]).well();
    desk.copy_archive("copy");
    let log = crate::volume::member(&desk.volume(0), "log/", 1);
    crate::volume::flip(&desk.volume(0), log.content + 20, 0);
    let child = desk.start(["repair", "--from", "copy", "--apply"]);
    let folder = desk.archive().join("repair");
    wait_until("the healed volume is being written", || fs::read_dir(&folder).is_ok_and(|items| items.count() > 0));
    signal(&child, "INT");
    finish(&desk, child).code(3);
    assert!(!folder.exists(), "nothing is left over");
    desk.run(["repair"]).code(1).says("volumes/000000.tar is damaged");
    desk.run(["repair", "--from", "copy", "--apply"]).well();
    desk.check_sound();
}

fn wait_for_lock(desk: &Desk, child: &Child) {
    let lock = desk.archive().join("lock");
    wait_until("the archive is locked", || {
        fs::read_to_string(&lock).is_ok_and(|text| text == format!("{} ingest\n", child.id()))
    });
}

#[test]
fn a_second_process_is_told_who_holds_the_archive() {
    let desk = Desk::new();
    desk.write("document.txt", "x");
    let mut command = desk.command(["ingest", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_lock(&desk, &child);
    let all = [["rebuild"].as_slice(), &["ingest", "document.txt"], &["note", "X-0", "remark"]];
    // Each of them waits, so they are started together.
    let waiting: Vec<_> = all.into_iter().map(|arguments| desk.start(arguments)).collect();
    for other in waiting {
        let said = finish(&desk, other);
        let said = said.failed(&format!("the archive is in use by process {} (vouchsafe ingest)", child.id()));
        said.notes(&format!("waiting for process {}", child.id()))
            .hints("run it again when the other command has finished");
    }
    child.stdin.take().unwrap().write_all(b"from the first process").unwrap();
    finish(&desk, child).well();
    desk.run(["ingest", "document.txt"]).well();
    desk.run(["list"]).well().says("2 exhibits");
}

#[test]
fn six_people_can_look_at_an_archive_at_the_same_time() {
    let desk = Desk::new();
    desk.ingest("document.txt", "x");
    let all: Vec<_> = (0..6).map(|_| desk.start(["list"])).collect();
    for one in all {
        finish(&desk, one).well().says("1 exhibit");
    }
}

#[test]
fn who_waits_for_the_archive_gets_it_when_it_is_free() {
    let desk = Desk::new();
    let mut command = desk.command(["ingest", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_lock(&desk, &child);
    let waiting = desk.start(["note", "X", "a remark"]);
    let second = desk.start(["list"]);
    child.stdin.take().unwrap().write_all(b"from the first process").unwrap();
    finish(&desk, child).well();
    finish(&desk, second).well().says("1 exhibit");
    finish(&desk, waiting).misunderstood("is not the name of an exhibit");
}

#[test]
fn the_lock_of_a_killed_process_holds_nobody_up() {
    let desk = Desk::new();
    let mut command = desk.command(["ingest", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    wait_for_lock(&desk, &child);
    child.kill().unwrap();
    child.wait().unwrap();
    desk.check_sound();
    desk.ingest("a.txt", "a");
}

/// Reads one line and goes away.
fn read_one_line(desk: &Desk, arguments: &[&str]) -> Said {
    let mut child = desk.start(arguments);
    let mut reader = BufReader::with_capacity(64, child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    drop(reader);
    let mut said = finish(desk, child);
    said.out = line;
    said
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = Desk::new();
    many_files(&desk, "deposit", 1500);
    desk.run(["ingest", "deposit"]).well();
    for arguments in [["list"].as_slice(), &["list", "--json"], &["find", "txt"], &["log"], &["log", "--json"]] {
        let said = read_one_line(&desk, arguments).well();
        assert_eq!(said.err, "", "{said:#?}");
    }
    read_one_line(&desk, &["verify"]).well();
}

#[test]
fn the_exit_status_tells_the_outcome_also_if_nobody_reads() {
    let desk = Desk::new();
    many_files(&desk, "deposit", 1500);
    let said = read_one_line(&desk, &["ingest", "--json", "deposit"]);
    said.failed("the output cannot be written").hints("run the same command again to finish");
    desk.check_sound();
    assert_eq!(desk.run(["ingest", "--json", "deposit"]).well().summary()[0], 1500);
    let object = crate::volume::member(&desk.volume(0), "objects/", 0);
    crate::volume::flip(&desk.volume(0), object.content, 0);
    let mut command = desk.command(["verify", "--json"]);
    // Its output goes to a pipe that nobody reads from the beginning.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer);
    Said::by(command).code(1);
}

/// Bytes behind the last commit, as a crash or a careless tool leaves them.
fn check_tail(tail: &[u8]) {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let before = desk.volume_bytes();
    append(&desk.volume(0), tail);
    desk.run(["verify"]).well().says("V603").says("SOUND");
    assert_eq!(desk.volume_bytes(), [before.as_slice(), tail].concat(), "verify changes nothing");
    for arguments in [
        ["list"].as_slice(),
        &["show", &exhibit],
        &["custody", &exhibit],
        &["find", "a.txt"],
        &["log"],
        &["head"],
        &["prove", &exhibit],
        &["agent", "list"],
        &["verify", &exhibit],
    ] {
        let said = desk.run(arguments).well().notes("an interrupted commit");
        said.notes(
            "follows the last complete one in volumes/000000.tar; the next command that writes moves it to quarantine/",
        );
        assert_eq!(desk.volume_bytes(), [before.as_slice(), tail].concat(), "{arguments:?} changes nothing");
    }
    assert!(!desk.archive().join("quarantine").exists());
    let said = desk.run(["ingest", "a.txt"]).well().says("1 already held");
    said.notes("an interrupted commit").notes("was moved out of volumes/000000.tar; its bytes are in ");
    assert_eq!(desk.volume_bytes(), before);
    let kept: Vec<_> = fs::read_dir(desk.archive().join("quarantine")).unwrap().map(|item| item.unwrap()).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read(kept[0].path()).unwrap(), tail, "nothing is deleted");
    assert_eq!(desk.run(["list"]).well().err, "", "told once");
    desk.run(["note", &exhibit, "goes on"]).well();
    desk.check_sound();
}

fn append(path: &Path, bytes: &[u8]) {
    fs::File::options().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn bytes_behind_the_last_commit_are_put_aside_with_a_note() {
    check_tail(b"garbage");
    check_tail(&[0; 700]);
    // An object that has no header yet.
    check_tail(&[vec![0; 512], noise(1, 5000)].concat());
    // A whole object that no entry speaks of.
    let desk = Desk::new();
    desk.ingest("b.txt", "b");
    let object = crate::volume::member(&desk.volume(0), "objects/", 0);
    check_tail(&desk.volume_bytes()[object.header..object.end()]);
}

#[test]
fn unreadable_bytes_behind_the_last_commit_are_not_said_to_be_an_interruption() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let before = desk.volume_bytes();
    desk.run(["note", &exhibit, "a remark"]).well();
    let whole = desk.volume_bytes();
    // The last commit, damaged from one end to the other; and a part of it that an interruption would leave, damaged.
    for tail in [noise(1, whole.len() - before.len()), noise(2, 1024)] {
        fs::write(desk.volume(0), [before.as_slice(), &tail].concat()).unwrap();
        fs::remove_dir_all(desk.path("home/known")).unwrap();
        fs::remove_dir_all(desk.archive().join("index")).unwrap();
        let said = desk.run(["verify"]).code(1).says("V608 volume-tail-unreadable");
        assert!(!said.out.contains("V603"), "{said:#?}");
        let listed = desk.run(["list"]).well().notes("Nothing shows whether they were ever committed");
        listed.notes("vouchsafe verify --against COPY");
        let said = desk.run(["repair"]).code(1).says("Nothing shows whether they were ever committed");
        assert!(!said.out.contains("No volume is damaged"), "{said:#?}");
        assert_eq!(desk.run(["repair", "--json"]).code(1).json()["unreadable_tail"]["size_bytes"], tail.len());
    }
    let written = desk.run(["note", &exhibit, "goes on"]).well();
    written
        .notes("were not readable as members and were moved to")
        .notes("Nothing shows whether they were ever committed");
    assert_eq!(fs::read_dir(desk.archive().join("quarantine")).unwrap().count(), 1);
    desk.check_sound();
}

#[test]
fn a_tail_beside_an_index_that_is_gone_is_put_aside_as_well() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    append(&desk.volume(0), b"garbage");
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    desk.run(["list"]).well().says("1 exhibit").notes("an interrupted commit of 7 bytes follows the last complete one");
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    desk.run(["ingest", "a.txt"]).well().notes("an interrupted commit of 7 bytes was moved out");
    desk.check_sound();
}
