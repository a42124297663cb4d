//! What is there and not kept is said: empty streams and folders, odd times, addresses, names that cannot be looked at.

use std::fs;
use std::fs::FileTimes;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::desk::{Desk, Said, say_not_run};

fn remarks(said: &Said) -> Vec<(String, String)> {
    let lines = said.json_lines().into_iter().filter(|line| line["remark"].is_string());
    lines.map(|line| (line["remark"].as_str().unwrap().to_owned(), line["path"].as_str().unwrap().to_owned())).collect()
}

fn fields_of(desk: &Desk, said: &Said) -> serde_json::Value {
    let exhibit = said.files()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["show", "--json", &exhibit]).well().json()["fields"].take()
}

#[test]
fn a_stream_of_which_nothing_comes_is_refused() {
    let desk = Desk::new();
    desk.run_with_input(["ingest", "-", "--stdin-name", "film.mp4"], b"").code(1).notes("film.mp4: it is empty");
    desk.run_with_input(["ingest", "-", "--dry-run"], b"").code(1).notes("it is empty: the program");
    desk.run(["list"]).well().says("0 exhibits");
    let said = desk.run_with_input(["ingest", "-", "--json", "--stdin-name", "film.mp4", "--allow-empty"], b"").well();
    assert_eq!(said.files()[0]["size_bytes"], 0);
    desk.run_with_input(["ingest", "-", "-"], b"x").misunderstood("standard input (`-`) is given twice");
    // A file of no bytes is one.
    desk.write("empty.txt", "");
    desk.run(["ingest", "empty.txt"]).well();
    desk.check_sound();
}

#[test]
fn a_folder_without_any_file_is_refused_and_empty_ones_are_listed() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("usb")).unwrap();
    desk.run(["ingest", "usb"]).code(1).notes("refused: usb: there is no file in it").says("1 seen = 0 ingested");
    fs::create_dir_all(desk.path("usb/photos/2003")).unwrap();
    desk.run(["ingest", "usb"]).code(1).notes("refused: usb: there is no file in it");
    desk.write("usb/a.txt", "a");
    let said = desk.run(["ingest", "usb"]).well();
    said.says("1 empty folder that cannot be kept").says("  usb/photos/2003");
    let said = desk.run(["ingest", "usb", "--json"]).well();
    assert_eq!(remarks(&said), [("empty_folder".to_owned(), "usb/photos/2003".to_owned())]);
    assert_eq!(said.summary(), [1, 0, 1, 0]);
}

#[test]
fn times_before_1970_are_kept() {
    let desk = Desk::new();
    let before = |seconds| SystemTime::UNIX_EPOCH - Duration::from_secs(seconds);
    for (time, words) in [
        (before(1), "1969-12-31T23:59:59.000Z"),
        (before(457_142_400), "1955-07-08T00:00:00.000Z"),
        (SystemTime::UNIX_EPOCH, "1970-01-01T00:00:00.000Z"),
        (SystemTime::UNIX_EPOCH - Duration::from_millis(1), "1969-12-31T23:59:59.999Z"),
    ] {
        let file = fs::File::create(desk.write(format!("{words}.txt"), words)).unwrap();
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
        let said = desk.run(["ingest", "--json", &format!("{words}.txt")]).well();
        assert_eq!(fields_of(&desk, &said)["source_modified_at"], words);
    }
    desk.check_sound();
}

/// Whether the attribute could be set: not every file system keeps them.
fn set_attribute(path: &std::path::Path, name: &str, value: &[u8]) -> bool {
    let script = "import os, sys; os.setxattr(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]))";
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let status = Command::new("python3").args(["-c", script]).arg(path).args([name, &hex]).status();
    status.is_ok_and(|status| status.success())
}

#[test]
fn where_a_file_was_downloaded_from_is_kept_and_withheld() {
    let desk = Desk::new();
    let path = desk.write("video.txt", "a video");
    if !set_attribute(&path, "user.xdg.origin.url", b"https://example.org/video/1") {
        return say_not_run("where_a_file_was_downloaded_from_is_kept_and_withheld", "it needs attributes of files");
    }
    assert!(set_attribute(&path, "user.xdg.referrer.url", b"https://example.org/list"));
    let said = desk.run(["ingest", "--json", "video.txt"]).well();
    let found = &fields_of(&desk, &said)["source_downloaded_from"];
    assert_eq!(found.to_string(), "[\"https://example.org/video/1\",\"https://example.org/list\"]", "{found}");
    desk.run(["export", "--query", "", "--to", "out", "--purpose", "p", "--recipient", "r"])
        .well()
        .says("source_downloaded_from");
    assert!(!fs::read_to_string(desk.path("out/report.html")).unwrap_or_default().contains("example.org/video"));
    desk.run(["describe", said.files()[0]["exhibit"].as_str().unwrap(), "source_downloaded_from=x"])
        .misunderstood("the program writes this field itself");

    let path = desk.write("broken.txt", "another");
    assert!(set_attribute(&path, "user.com.apple.metadata:kMDItemWhereFroms", b"bplist00"));
    let said = desk.run(["ingest", "--json", "broken.txt"]).well();
    assert_eq!(remarks(&said), [("address_not_kept".to_owned(), "broken.txt".to_owned())]);
    desk.check_sound();
}

#[test]
fn every_file_below_a_path_that_is_too_long_is_refused_by_its_name() {
    let desk = Desk::new();
    desk.write("deep/near.txt", "near");
    let script = "cd deep; for i in $(seq 1 20); do mkdir \"$1\"; cd -P \"$1\" || exit 1; echo \"$i\" > file.txt; done";
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash", &"x".repeat(250)]).current_dir(desk.path(""));
    assert!(command.status().unwrap().success());
    let said = desk.run(["ingest", "--json", "deep"]).code(1);
    let [seen, ingested, _, refused] = said.summary();
    assert_eq!((seen, ingested + refused), (21, 21));
    assert!(refused >= 4, "{refused}");
    let reasons = said.files().into_iter().filter(|file| file["status"] == "refused");
    assert!(reasons.into_iter().all(|file| file["reason"].as_str().unwrap().contains("path is too long")));
    // The path is too long for whoever clears up as well.
    assert!(Command::new("rm").args(["-rf", "deep"]).current_dir(desk.path("")).status().unwrap().success());
}
