//! What an archive still shows when a part of its log cannot be read.

use std::fs;
use std::path::Path;

use crate::desk::{Desk, copy_folder};
use crate::volume::{Member, content, cut, member, members, replace};

/// An archive with two exhibits, each in a commit of its own, the first of them noted in between.
fn archive() -> (Desk, String) {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a testimony of four towers");
    desk.run(["note", &exhibit, "a remark"]).well();
    desk.ingest("b.txt", "the last document");
    (desk, exhibit)
}

/// Changes a digit of the salt of the first entry of a member: the line is still an entry, and another one.
fn change_salt(volume: &Path, log: &Member) {
    let line = String::from_utf8(content(volume, log)).unwrap();
    let at = log.content + line.find("\"salt\":\"").unwrap() + 8;
    let mut bytes = fs::read(volume).unwrap();
    bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
    fs::write(volume, bytes).unwrap();
}

#[test]
fn one_changed_byte_of_an_entry_leaves_what_is_in_front_of_it_to_be_read_without_an_index() {
    let logs = members(&archive().0.volume(0)).into_iter().filter(|member| member.name.starts_with("log/")).count();
    for nth in 1..logs {
        let (desk, _) = archive();
        let log = member(&desk.volume(0), "log/", nth);
        let whole = desk.volume_bytes();
        change_salt(&desk.volume(0), &log);
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
                desk.run(arguments).failed("the volume is damaged at byte ").hints("`vouchsafe repair` repairs it");
            assert!(!said.err.contains("rebuilds the index"), "{said:#?}");
        }
        assert_eq!(desk.volume_bytes(), damaged, "nothing was cut");
        fs::write(desk.volume(0), whole).unwrap();
        desk.run(["rebuild"]).well();
        desk.check_sound();
    }
}

#[test]
fn a_changed_entry_that_the_index_does_not_have_yet_leaves_the_index_of_use() {
    let (desk, exhibit) = archive();
    let index = desk.path("index of before");
    copy_folder(&desk.archive().join("index"), &index);
    desk.run(["note", &exhibit, "a later remark"]).well();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    fs::rename(index, desk.archive().join("index")).unwrap();
    let log = member(&desk.volume(0), "log/", 4);
    change_salt(&desk.volume(0), &log);
    let said = desk.run(["list"]).code(1).says("2 exhibits").notes("do not have the root");
    assert!(!said.err.contains("was rebuilt"), "{said:#?}");
}

/// Damages the first entry that says this.
fn damage_entry(desk: &Desk, event: &str) {
    replace(
        &desk.volume(0),
        &format!("\"event\":\"{event}\""),
        &format!("\"event\":\"{}x\"", &event[..event.len() - 1]),
    );
}

#[test]
fn a_damaged_entry_hides_no_other_entry_from_custody_and_log() {
    let (desk, exhibit) = archive();
    desk.run(["note", &exhibit, "another remark"]).well();
    let whole = desk.run(["log", "--json"]).well().out;
    damage_entry(&desk, "exhibit.noted");
    let said =
        desk.run(["custody", &exhibit]).code(1).notes("WARNING: entry 2 cannot be read").notes("vouchsafe repair");
    said.says("ingested").says("another remark").says("entry 4, signed with");
    let shown = desk.run(["custody", "--json", &exhibit]).code(1).notes("WARNING: entry 2 cannot be read");
    let indexes: Vec<_> = shown.json_lines().iter().map(|line| line["index"].as_u64().unwrap()).collect();
    assert_eq!(indexes, [1, 4]);
    let said = desk.run(["log"]).code(1).says("\n      2  CANNOT BE READ: ").says("see `vouchsafe repair`");
    assert_eq!(said.out.lines().count(), 5, "{said:#?}");
    let said = desk.run(["log", "--json"]).code(1).notes("WARNING: entry 2 cannot be read");
    let others: Vec<_> = whole.lines().enumerate().filter(|(index, _)| *index != 2).map(|(_, line)| line).collect();
    assert_eq!(said.out.lines().collect::<Vec<_>>(), others, "the other lines are as they are in the volumes");
    desk.run(["log", "--last", "2"]).well();
}

#[test]
fn what_is_handed_out_from_a_damaged_history_is_refused_and_repair_named() {
    let (desk, exhibit) = archive();
    damage_entry(&desk, "exhibit.noted");
    for arguments in [
        ["prove", &exhibit, "--kit", "handed-out"].as_slice(),
        &["export", &exhibit, "--to", "handed-out", "--purpose", "a trial", "--recipient", "Court"],
    ] {
        desk.run(arguments).failed("entry 2").hints("`vouchsafe repair` repairs it");
        assert!(!desk.path("handed-out").exists());
    }
}

#[test]
fn custody_says_so_where_it_cannot_be_read_to_whom_a_bundle_went() {
    let (desk, exhibit) = archive();
    desk.run(["export", &exhibit, "--to", "out", "--purpose", "a trial", "--recipient", "Court"]).well();
    desk.run(["custody", &exhibit]).well().says("Court");
    damage_entry(&desk, "bundle.exported");
    desk.run(["custody", &exhibit])
        .code(1)
        .notes("The recipient and purpose of that bundle")
        .says("exported it in the bundle");
}

#[test]
fn an_exhibit_that_cannot_be_read_any_more_is_no_mistake_of_who_asks_for_it() {
    for is_inside in [false, true] {
        let (desk, first) = archive();
        let last = desk.exhibits()[1]["exhibit"].as_str().unwrap().to_owned();
        let commit = member(&desk.volume(0), "checkpoints/", 2).end();
        cut(&desk.volume(0), if is_inside { member(&desk.volume(0), "log/", 3).end() } else { commit });
        if is_inside {
            fs::remove_dir_all(desk.archive().join("index")).unwrap();
        }
        for arguments in [["custody", &last].as_slice(), &["show", &last], &["prove", &last], &["verify", &last]] {
            let said = desk.run(arguments).failed("in the part of the log that can be read").hints("vouchsafe repair");
            assert!(!said.err.contains("the next command that writes moves"), "nothing writes now: {said:#?}");
            assert_eq!(said.err.contains("an interrupted commit"), is_inside, "{said:#?}");
        }
        desk.run(["show", &first]).code(1).says(&first);
        desk.run(["note", &first, "a remark"]).code(3);
    }
}

#[test]
fn a_history_that_differs_because_of_one_damaged_byte_is_told_with_the_damage() {
    let (desk, exhibit) = archive();
    change_salt(&desk.volume(0), &member(&desk.volume(0), "log/", 1));
    let said = desk.run(["verify"]).code(1).says("V802").says("V301").says("entry 1 is damaged (V301)");
    assert!(said.out.contains("one changed byte is enough for that"), "{said:#?}");
    // The index has read past it: recording goes on, and the examination says what it did not read.
    desk.run(["note", &exhibit, "a remark"]).well();
    desk.run(["doctor"]).code(1).says("NOT looked at").says("but they may be damaged in the");
    desk.run(["repair"]).code(1).says("Another copy of the archive, if there is one, may have what is missing");
}
