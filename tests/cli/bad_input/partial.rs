//! What an archive still shows when a part of its log cannot be read.

use std::fs;
use std::path::Path;

use crate::desk::Desk;
use crate::volume::{Member, content, member, members};

/// An archive with two exhibits, each in a commit of its own, the first of them noted in between.
fn archive() -> (Desk, String) {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a testimony of four towers");
    desk.run(["note", &exhibit, "a remark"]).well();
    desk.ingest("b.txt", "the last document");
    (desk, exhibit)
}

/// Where a digit of the salt of the first entry of a member lies: changed, the line is still an entry, and another one.
fn salt(volume: &Path, log: &Member) -> usize {
    let line = String::from_utf8(content(volume, log)).unwrap();
    log.content + line.find("\"salt\":\"").unwrap() + 8
}

/// Changes one digit into another.
fn change_digit(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn one_changed_byte_of_an_entry_leaves_what_is_in_front_of_it_to_be_read_without_an_index() {
    let logs = members(&archive().0.volume(0)).into_iter().filter(|member| member.name.starts_with("log/")).count();
    for nth in 1..logs {
        let (desk, _) = archive();
        let log = member(&desk.volume(0), "log/", nth);
        change_digit(&desk.volume(0), salt(&desk.volume(0), &log));
        let damaged = desk.volume_bytes();
        fs::remove_dir_all(desk.archive().join("index")).unwrap();
        for command in ["list", "find", "log", "head"] {
            let said = desk.run([command, "--json"]).code(1);
            said.notes("WARNING: ").notes("its entries do not have the root that its checkpoint states");
        }
        let said = desk.run(["log"]).code(1).notes("vouchsafe repair");
        assert_eq!(said.out.lines().count(), nth, "every entry in front of the damage is shown: {said:#?}");
        for arguments in [["rebuild"].as_slice(), &["ingest", "b.txt"]] {
            let said =
                desk.run(arguments).failed("the volume is damaged at byte ").hints("`vouchsafe repair` heals it");
            assert!(!said.err.contains("makes the index anew"), "{said:#?}");
        }
        assert_eq!(desk.volume_bytes(), damaged, "nothing was cut");
        change_digit(&desk.volume(0), salt(&desk.volume(0), &log));
        desk.run(["rebuild"]).well();
        desk.check_sound();
    }
}

#[test]
fn a_changed_entry_that_the_index_does_not_have_yet_leaves_the_index_of_use() {
    let (desk, exhibit) = archive();
    let index = desk.path("index of before");
    crate::desk::copy_folder(&desk.archive().join("index"), &index);
    desk.run(["note", &exhibit, "a later remark"]).well();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    fs::rename(index, desk.archive().join("index")).unwrap();
    let log = member(&desk.volume(0), "log/", 4);
    change_digit(&desk.volume(0), salt(&desk.volume(0), &log));
    let said = desk.run(["list"]).code(1).says("2 exhibits").notes("do not have the root");
    assert!(!said.err.contains("made anew"), "{said:#?}");
}
