//! Whoever reads does not wait for whoever writes, and sees what was committed.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use vouchsafe_archive::{Draft, IndexPlaces, Keys, Reader, Session, SystemEnvironment, Verification, verify_archive};
use vouchsafe_core::model::{EntryIndex, ExhibitId, ExhibitNoted, FieldValue};
use vouchsafe_core::verify::{ReportVerdict, Unwatched, Watch};

use crate::desk::{Desk, copy_folder};

/// An ingest that has the archive, and waits for the rest of what it is to take in.
fn writer(desk: &Desk) -> Child {
    let mut command = desk.command(["ingest", "-"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lock = desk.archive().join("lock");
    let held = format!("{} ingest\n", child.id());
    while fs::read_to_string(&lock).unwrap_or_default() != held {
        std::thread::yield_now();
    }
    child
}

fn caches(desk: &Desk) -> Vec<PathBuf> {
    let items = fs::read_dir(desk.path("home/cache")).into_iter().flatten().flatten();
    items.map(|item| item.path()).collect()
}

#[test]
fn reading_commands_and_verify_work_while_another_command_writes() {
    let desk = Desk::new();
    desk.write("document.txt", "x");
    desk.run(["ingest", "document.txt"]).well();
    let mut child = writer(&desk);
    // A part of a large object lies behind the last commit, and is none of theirs.
    child.stdin.as_mut().unwrap().write_all(&vec![7; 3_000_000]).unwrap();
    for reading in [["list"].as_slice(), &["head"], &["log"], &["status"], &["find", "document"]] {
        let said = desk.run(reading);
        assert!(said.code != 3, "{reading:?}: {said:?}");
        assert!(!said.err.contains("waiting") && !said.err.contains("interrupted commit"), "{said:?}");
    }
    desk.run(["list"]).well().says("1 exhibit");
    let said = desk.run(["verify"]).well().says("SOUND");
    assert!(said.out.contains("the index: another process uses the archive"), "{}", said.out);
    let said = desk.run(["doctor"]);
    assert!(!said.out.contains("interrupted") && said.out.contains("another process uses the archive"), "{said:?}");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    desk.run(["list"]).well().says("2 exhibits");
    desk.run(["verify"]).well().says("SOUND");
}

#[test]
fn an_index_that_is_kept_is_private_named_and_forgotten() {
    let desk = Desk::new();
    desk.write("document.txt", "x");
    desk.run(["ingest", "document.txt"]).well();
    desk.run(["list"]).well();
    assert!(caches(&desk).is_empty(), "the archive's own index could be used");
    let mut child = writer(&desk);
    desk.run(["--no-cache", "list"]).well().notes("is removed at the end");
    assert!(caches(&desk).is_empty());
    desk.run(["list"]).well().notes("vouchsafe forget-index");
    assert!(!desk.run(["list"]).well().err.contains("own index"), "what is known is not said again");
    let [kept] = caches(&desk).try_into().unwrap();
    for folder in [desk.path("home/cache"), kept.clone()] {
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", folder.display());
    }
    desk.run(["status"]).says("kept for reading").says(kept.to_str().unwrap());
    child.kill().unwrap();
    child.wait().unwrap();
    desk.run(["forget-index"]).well().says("Removed");
    assert!(!kept.exists());
    desk.run(["forget-index"]).well().says("There is no such index");
    // What a killed writer left is no matter of the readers' index.
    desk.run(["list"]).well().says("1 exhibit");
    desk.run(["ingest", "document.txt"]).well();
}

/// An index that read what a power cut took away is made anew; only what this machine remembers accuses an archive.
#[test]
fn an_index_that_is_ahead_of_the_volumes_is_made_anew() {
    let desk = Desk::new();
    desk.write("a.txt", "a");
    desk.run(["ingest", "a.txt"]).well();
    let volume = desk.archive().join("volumes/000000.tar");
    let before = fs::read(&volume).unwrap();
    let index = desk.path("index-before");
    copy_folder(&desk.archive().join("index"), &index);
    let known = desk.path("known-before");
    copy_folder(&desk.path("home/known"), &known);
    desk.write("b.txt", "b");
    desk.run(["ingest", "b.txt"]).well();
    let child = writer(&desk);
    desk.run(["list"]).well().says("2 exhibits");
    let mut child = child;
    child.kill().unwrap();
    child.wait().unwrap();
    // The power cut: the volume, the archive's own index and the memory are as they were, the cache is not.
    fs::write(&volume, before).unwrap();
    for (from, to) in [(&index, desk.archive().join("index")), (&known, desk.path("home/known"))] {
        fs::remove_dir_all(&to).unwrap();
        copy_folder(from, &to);
    }
    let mut child = writer(&desk);
    let said = desk.run(["list"]).well().says("1 exhibit");
    assert!(!said.err.contains("WARNING"), "{}", said.err);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn note(exhibit: ExhibitId, text: &str) -> Draft {
    let fields = vec![("note".parse().unwrap(), FieldValue::Text(text.to_owned()))];
    Draft { event: ExhibitNoted { fields: Vec::new() }.into(), exhibit: Some(exhibit), occurred_at: None, fields }
}

/// Many commits and many volumes, and readers all the time: what they see is whole, and never less than before.
#[test]
fn readers_run_through_commits_and_roll_overs() {
    let desk = Desk::new();
    desk.write("document.txt", "x");
    desk.run(["ingest", "document.txt"]).well();
    let keys = desk.keys();
    let is_done = AtomicBool::new(false);
    let commits = 150;
    std::thread::scope(|scope| {
        let (archive, is_done) = (desk.archive(), &is_done);
        let reading = |number: usize| {
            let places = IndexPlaces {
                scratch: desk.path(format!("scratch-{number}")),
                cache: (number == 0).then(|| desk.path("cache")),
            };
            let archive = archive.clone();
            move || {
                let (mut seen, mut rounds) = (0, 0);
                while !is_done.load(Relaxed) || rounds == 0 {
                    let (reader, _) = Reader::open(&archive, None, &SystemEnvironment, &places).unwrap();
                    assert!(reader.damage().is_none(), "{:?}", reader.damage());
                    let size = reader.head().unwrap().checkpoint.size;
                    assert!(size >= seen, "{size} after {seen}");
                    reader.entry(EntryIndex(size - 1)).unwrap();
                    (seen, rounds) = (size, rounds + 1);
                    drop(reader);
                    if number == 1 {
                        let verification = Verification { places: Some(places.clone()), ..Verification::default() };
                        let report = verify_archive(&archive, &verification, &SystemEnvironment, &Unwatched).unwrap();
                        assert_eq!(report.verdict, ReportVerdict::Sound, "{:#?}", report.findings);
                        assert!(report.size >= seen);
                    }
                }
            }
        };
        let readers = [0, 1].map(|number| scope.spawn(reading(number)));
        let mut made = 0;
        while made < commits {
            // Readers have the lock for a moment.
            let Ok((mut session, _)) = Session::open(&desk.archive(), None, &SystemEnvironment) else { continue };
            session.set_volume_bytes(20_000);
            let exhibit = session.reader().exhibits().next().unwrap().unwrap().0;
            for _ in 0..30 {
                session.record(&keys, vec![note(exhibit, "a remark of some length, so that volumes fill")]).unwrap();
                made += 1;
            }
        }
        is_done.store(true, Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
    assert!(fs::read_dir(desk.archive().join("volumes")).unwrap().count() > 3);
    desk.run(["verify"]).well().says("SOUND");
}

/// Writes to the archive in the middle of a verification.
struct Meanwhile<'a> {
    desk: &'a Desk,
    keys: &'a Keys,
    has_written: AtomicBool,
}

impl Watch for Meanwhile<'_> {
    fn advance(&self, _: u64) {
        if self.has_written.swap(true, Relaxed) {
            return;
        }
        let (mut session, _) = Session::open(&self.desk.archive(), None, &SystemEnvironment).unwrap();
        session.set_volume_bytes(1);
        let exhibit = session.reader().exhibits().next().unwrap().unwrap().0;
        for _ in 0..3 {
            session.record(self.keys, vec![note(exhibit, "written meanwhile")]).unwrap();
        }
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

#[test]
fn a_verification_locks_nobody_out_and_judges_what_was_there_when_it_began() {
    let desk = Desk::new();
    desk.write("document.txt", vec![1; 100_000]);
    desk.run(["ingest", "document.txt"]).well();
    let keys = desk.keys();
    let places = IndexPlaces { scratch: desk.path("scratch"), cache: None };
    let verification = Verification { places: Some(places), ..Verification::default() };
    let watch = Meanwhile { desk: &desk, keys: &keys, has_written: AtomicBool::new(false) };
    let report = verify_archive(&desk.archive(), &verification, &SystemEnvironment, &watch).unwrap();
    assert!(watch.has_written.load(Relaxed), "nothing was written meanwhile");
    assert_eq!((report.verdict, report.size), (ReportVerdict::Sound, 2), "{:#?}", report.findings);
    assert!(report.not_checked.iter().all(|text| !text.english().starts_with("the index")), "{:?}", report.not_checked);
    desk.run(["log"]).well().says("      4  ").says("noted");
    assert_eq!(fs::read_dir(desk.path("scratch")).unwrap().count(), 0);
}
