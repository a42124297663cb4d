//! Indexes that are damaged, or that belong elsewhere: they are never believed, and never missed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::desk::{Desk, Said, copy_folder, files_below, is_long, noise};

fn exhibit_of(desk: &Desk) -> String {
    desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned()
}

fn exhibit_of_line(list: &str) -> String {
    let row: serde_json::Value = serde_json::from_str(list.lines().next().unwrap()).unwrap();
    row["exhibit"].as_str().unwrap().to_owned()
}

/// Enough for an index of more than one of the database's segments.
const FILES: u64 = 700;

/// An archive with an index of about a megabyte, in which every kind of row occurs.
fn large() -> Desk {
    let desk = Desk::new();
    for number in 0..FILES {
        desk.write(format!("deposit/{number:04}.txt"), format!("document {number}"));
    }
    desk.run(["ingest", "deposit"]).well();
    let exhibit = exhibit_of(&desk);
    desk.run(["note", &exhibit, "a remark"]).well();
    desk.run(["describe", &exhibit, "title=A title"]).well();
    desk
}

/// The ways in which a file is damaged here; `None` for a file that is gone. `seed` chooses the bits.
fn damages(content: &[u8], seed: u64) -> Vec<(String, Option<Vec<u8>>)> {
    let used = content.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let change = |at: usize, length: usize, with: &dyn Fn(u8, usize) -> u8| {
        let mut changed = content.to_vec();
        for (number, byte) in changed[at.min(used)..(at + length).min(used)].iter_mut().enumerate() {
            *byte = with(*byte, number);
        }
        Some(changed)
    };
    let garbage = noise(used as u64, 4096);
    let mut damages = vec![
        ("it is gone".to_owned(), None),
        ("emptied".to_owned(), Some(Vec::new())),
        ("cut to one byte".to_owned(), Some(content[..1].to_vec())),
        ("longer than it was".to_owned(), Some([content, &garbage].concat())),
        ("garbage at the beginning".to_owned(), change(0, 4096, &|_, at| garbage[at])),
        ("garbage in the middle".to_owned(), change(used / 2, 4096, &|_, at| garbage[at])),
        ("zeros in the middle".to_owned(), change(used / 3, 4096, &|_, _| 0)),
    ];
    let (cuts, flips) = if is_long() { (16, 100) } else { (3, 6) };
    for part in 0..cuts {
        let at = used * part / cuts + usize::from(noise(seed, part + 1)[part]);
        damages.push((format!("cut at byte {at}"), Some(content[..at.min(used)].to_vec())));
    }
    let random = noise(seed + 1, 2 * flips);
    for part in 0..flips {
        let at = used * part / flips + usize::from(random[2 * part]);
        let bit = random[2 * part + 1] % 8;
        damages.push((format!("bit {bit} of byte {at} flipped"), change(at, 1, &|byte, _| byte ^ (1 << bit))));
    }
    damages
}

/// Puts a damaged file into the archive's index, which is whole otherwise.
fn put(desk: &Desk, whole: &Path, file: &Path, content: Option<&[u8]>) {
    let index = desk.archive().join("index");
    fs::remove_dir_all(&index).unwrap();
    copy_folder(whole, &index);
    let path = index.join(file.strip_prefix(whole).unwrap());
    match content {
        Some(content) => fs::write(path, content).unwrap(),
        None => fs::remove_file(path).unwrap(),
    }
}

#[test]
fn a_damaged_index_makes_no_command_panic_and_is_not_believed() {
    let desk = large();
    let (list, before) = (desk.run(["list", "--json"]).well().out, desk.volume_bytes());
    let whole = desk.path("whole index");
    copy_folder(&desk.archive().join("index"), &whole);
    assert!(files_below(&whole).len() >= 3, "every file of the index is damaged in turn");
    for (seed, file) in (0..).zip(files_below(&whole)) {
        for (damage, content) in damages(&fs::read(&file).unwrap(), seed) {
            let damage = format!("{}: {damage}", file.strip_prefix(&whole).unwrap().display());
            put(&desk, &whole, &file, content.as_deref());
            let said = desk.run(["verify"]);
            assert!(said.code == 0 && said.out.contains("SOUND") || said.out.contains("V701"), "{damage}: {said:#?}");
            assert!(!said.out.contains("FAILED"), "the evidence is not to blame, {damage}: {said:#?}");
            put(&desk, &whole, &file, content.as_deref());
            let said = desk.run(["list", "--json"]);
            match said.code {
                0 => assert_eq!(said.out, list, "{damage}: the list is not the right one"),
                _ => {
                    // What is damaged is found where it is read. The next command rebuilds the index by itself.
                    said.failed("the index").hints("run the command again: the damaged index was removed");
                    let said = desk.run(["list", "--json"]).well().notes("the index was rebuilt");
                    assert_eq!(said.out, list, "{damage}");
                }
            }
            assert_eq!(desk.run(["list", "--json"]).well().out, list, "{damage}");
        }
    }
    assert_eq!(desk.volume_bytes(), before);
    desk.check_sound();
}

#[test]
fn an_ingest_over_a_damaged_index_is_refused_or_right() {
    let desk = large();
    let whole = desk.path("whole index");
    copy_folder(&desk.archive().join("index"), &whole);
    let archive = desk.copy_archive("whole archive");
    let database = whole.join("db");
    for (damage, content) in damages(&fs::read(&database).unwrap(), 100) {
        fs::remove_dir_all(desk.archive()).unwrap();
        copy_folder(&archive, &desk.archive());
        put(&desk, &whole, &database, content.as_deref());
        let said = desk.run(["ingest", "--json", "deposit"]);
        match said.code {
            0 => assert_eq!(said.summary(), [FILES, 0, FILES, 0], "{damage}"),
            _ => drop(said.failed("the index").hints("run the command again: the damaged index was removed")),
        }
        // What the ingest did not read may still be damaged.
        if desk.run(["list"]).code != 0 {
            desk.run(["list"]).well().notes("the index was rebuilt");
        }
        assert_eq!(desk.exhibits().len() as u64, FILES, "{damage}");
    }
    desk.check_sound();
}

#[test]
fn an_index_of_another_archive_is_not_believed() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let other = Desk::new();
    other.ingest("b.txt", "b");
    other.ingest("c.txt", "c");
    let list = desk.run(["list", "--json"]).well().out;
    let put = || {
        fs::remove_dir_all(desk.archive().join("index")).unwrap();
        copy_folder(&other.archive().join("index"), &desk.archive().join("index"));
    };
    put();
    let (exit, codes) = desk.findings();
    assert!(exit == 1 && codes.contains(&"V701".to_owned()), "{exit} {codes:?}");
    put();
    let said = desk.run(["list", "--json"]).well().notes("the index was rebuilt from the volumes");
    assert_eq!(said.out, list);
    put();
    desk.ingest("d.txt", "d");
    desk.check_sound();
}

/// The archive and its index at three times: an earlier index, the archive itself, a later index.
fn ages(desk: &Desk) -> (PathBuf, PathBuf, PathBuf) {
    desk.ingest("a.txt", "a");
    let early = desk.copy_archive("early");
    let exhibit = exhibit_of(desk);
    desk.run(["note", &exhibit, "a remark"]).well();
    desk.ingest("b.txt", "b");
    let middle = desk.copy_archive("middle");
    desk.run(["describe", &exhibit, "title=later"]).well();
    desk.ingest("c.txt", "c");
    (early, middle, desk.copy_archive("late"))
}

#[test]
fn an_index_from_an_older_copy_catches_up() {
    let desk = Desk::new();
    let (early, ..) = ages(&desk);
    let list = desk.run(["list", "--json"]).well().out;
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    copy_folder(&early.join("index"), &desk.archive().join("index"));
    let said = desk.run(["verify"]).well().says("V702").says("it lacks 4 of 6 entries and catches up");
    assert!(said.out.contains("SOUND"), "{said:#?}");
    let said = desk.run(["list", "--json"]).well().notes("4 commits that the index did not contain were added to it");
    assert_eq!(said.out, list);
    desk.check_sound();
}

#[test]
fn an_index_from_a_newer_copy_is_not_believed() {
    let desk = Desk::new();
    let (_, middle, late) = ages(&desk);
    // The older archive as another machine has it, with the index of the newer one.
    fs::remove_dir_all(desk.archive()).unwrap();
    fs::remove_dir_all(desk.path("home/known")).unwrap();
    copy_folder(&middle, &desk.archive());
    let list = desk.run(["list", "--json"]).well().out;
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    copy_folder(&late.join("index"), &desk.archive().join("index"));
    let before = desk.volume_bytes();
    desk.check_found("V701");
    let said = desk.run(["list", "--json"]).code(1).notes("committed bytes are gone");
    assert_eq!(said.out, list, "shown is what the volumes hold");
    desk.run(["note", &exhibit_of_line(&list), "x"]).failed("committed bytes are gone").hints("vouchsafe rebuild");
    assert!(late.join("index").exists() && desk.path("home/scratch").read_dir().unwrap().next().is_none());
    desk.run(["rebuild"]).well();
    assert_eq!(desk.run(["list", "--json"]).well().out, list);
    assert_eq!(desk.volume_bytes(), before);
    desk.check_sound();
}

#[test]
fn an_index_of_a_history_that_went_another_way_is_not_believed() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let kept = desk.copy_archive("kept");
    let exhibit = exhibit_of(&desk);
    desk.run(["note", &exhibit, "one way"]).well();
    let one_way = desk.copy_archive("one way");
    fs::remove_dir_all(desk.archive()).unwrap();
    fs::remove_dir_all(desk.path("home/known")).unwrap();
    copy_folder(&kept, &desk.archive());
    desk.run(["note", &exhibit, "two ways"]).well();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    copy_folder(&one_way.join("index"), &desk.archive().join("index"));
    let said = desk.run(["custody", &exhibit]).well().says("two ways");
    assert!(!said.out.contains("one way"), "{said:#?}");
    desk.check_sound();
}

#[test]
fn an_index_folder_that_is_no_index_is_made_anew() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let index = desk.archive().join("index");
    let list = desk.run(["list"]).well().out;
    // Empty, as some copying programs leave a folder.
    fs::remove_dir_all(&index).unwrap();
    fs::create_dir(&index).unwrap();
    assert_eq!(desk.run(["list"]).well().out, list);
    // Filled with something else.
    fs::remove_dir_all(&index).unwrap();
    desk.write("archive/index/readme.txt", "this is no index");
    assert_eq!(desk.run(["list"]).well().out, list);
    // A file.
    fs::remove_dir_all(&index).unwrap();
    fs::write(&index, "this is no folder").unwrap();
    desk.run(["verify"]).well().says("SOUND").says("V702");
    desk.run(["rebuild"]).well();
    assert_eq!(desk.run(["list"]).well().out, list);
    fs::remove_dir_all(&index).unwrap();
    fs::write(&index, "this is no folder").unwrap();
    assert_eq!(desk.run(["list"]).well().out, list);
    desk.check_sound();
}

#[test]
fn verify_works_without_an_index_and_says_so() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    let said = desk.run(["verify"]).well().says("SOUND").says("V702").says("vouchsafe rebuild");
    assert!(!desk.archive().join("index").exists(), "verify changes nothing: {said:#?}");
}

/// Rows that an interrupted writing left behind are no reason to believe that something is held.
#[test]
fn an_index_that_is_ahead_of_the_volumes_does_not_keep_files_out() {
    let desk = Desk::new();
    desk.ingest("a.txt", "a");
    let kept = desk.copy_archive("kept");
    desk.write("b.txt", "b");
    desk.run(["ingest", "b.txt"]).well();
    let newer = desk.copy_archive("newer");
    fs::remove_dir_all(desk.archive()).unwrap();
    copy_folder(&kept, &desk.archive());
    fs::remove_dir_all(desk.path("home/known")).unwrap();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    copy_folder(&newer.join("index"), &desk.archive().join("index"));
    if desk.run(["list"]).code != 0 {
        desk.run(["rebuild"]).well();
    }
    let said: Said = desk.run(["ingest", "--json", "b.txt"]).well();
    assert_eq!(said.summary(), [1, 1, 0, 0]);
    desk.check_sound();
}
