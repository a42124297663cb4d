//! Whoever reads does not wait for whoever writes, and sees what was committed.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use vouchsafe_archive::{
    Draft, Environment, IndexPlaces, Keys, LockHolder, Note, Reader, Session, SystemEnvironment, Verification,
    verify_archive,
};
use vouchsafe_core::model::{EntryIndex, ExhibitId, ExhibitNoted, FieldValue, Timestamp};
use vouchsafe_core::verify::{Code, Finding, Report, ReportVerdict, Unwatched, Watch};

use crate::desk::{Desk, copy_folder, wait_until_unlocked};
use crate::volume::{flip, member};

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

/// A computer of somebody who never tires of waiting, and counts how often that is asked for.
#[derive(Default)]
struct Patient(AtomicU32);

impl Environment for Patient {
    fn now(&self) -> Timestamp {
        SystemEnvironment.now()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> std::io::Result<()> {
        SystemEnvironment.fill_random(buffer)
    }

    fn wait_for_lock(&self, _: u32, _: &LockHolder) -> bool {
        self.0.fetch_add(1, Relaxed);
        true
    }
}

#[test]
fn nobody_waits_for_a_writer_with_an_index_that_is_kept() {
    let desk = Desk::new();
    desk.write("document.txt", "x");
    desk.run(["ingest", "document.txt"]).well();
    let places = |cache| IndexPlaces { scratch: desk.path("scratch"), cache };
    let open = |cache| {
        let patient = Patient::default();
        let (reader, notes) = Reader::open(&desk.archive(), None, &patient, &places(cache)).unwrap();
        assert_eq!(reader.head().unwrap().checkpoint.size, 2);
        let folder = notes.into_iter().find_map(|note| match note {
            Note::IndexElsewhere { folder, .. } => Some(folder),
            _ => None,
        });
        (reader, folder, patient.0.into_inner())
    };
    let cache = || Some(desk.path("home/cache"));
    let until_closed = |(reader, folder, waits): (Reader, Option<PathBuf>, u32)| {
        drop(reader);
        if let Some(kept) = folder.as_ref().filter(|folder| folder.starts_with(desk.path("home/cache"))) {
            wait_until_unlocked(&kept.with_file_name("lock"));
        }
        (folder, waits)
    };
    let (session, _) = Session::open(&desk.archive(), None, &SystemEnvironment).unwrap();
    let (folder, waits) = until_closed(open(None));
    assert!(folder.is_some() && waits > 0, "{waits}: no index is kept");
    let (folder, waits) = until_closed(open(cache()));
    assert!(folder.is_some() && waits > 0, "{waits}: none is kept yet");
    let (folder, waits) = until_closed(open(cache()));
    assert!(folder.is_some_and(|folder| folder.starts_with(desk.path("home/cache"))));
    assert_eq!(waits, 0);
    // One that another reader has is none.
    let first = open(cache());
    let (folder, waits) = until_closed(open(cache()));
    assert!(folder.is_some_and(|folder| folder.starts_with(desk.path("scratch"))));
    assert!(waits > 0);
    until_closed(first);
    // Where nobody writes, the archive's own is used, whatever is kept.
    drop(session);
    desk.wait_until_free();
    let (folder, waits) = until_closed(open(cache()));
    assert_eq!((folder, waits), (None, 0));
}

fn note(exhibit: ExhibitId, text: &str) -> Draft {
    let fields = vec![("note".parse().unwrap(), FieldValue::Text(text.to_owned()))];
    Draft { event: ExhibitNoted { fields: Vec::new() }.into(), exhibit: Some(exhibit), occurred_at: None, fields }
}

/// Opens the archive again and again until `is_done`, one reader with an index that is kept and one without, while `work` is
/// done. What they see is whole, and never less than before; `judge` judges each verification that the second one makes.
fn beside_readers(desk: &Desk, work: impl FnOnce(), judge: impl Fn(&Report) + Copy + Send + Sync) {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let is_done = &is_done;
        let reading = |number: usize| {
            let places = IndexPlaces {
                scratch: desk.path(format!("scratch-{number}")),
                cache: (number == 0).then(|| desk.path("cache")),
            };
            move || {
                let (mut seen, mut rounds) = (0, 0);
                while !is_done.load(Relaxed) || rounds == 0 {
                    let (reader, _) = Reader::open(&desk.archive(), None, &SystemEnvironment, &places).unwrap();
                    assert!(reader.damage().is_none(), "{:?}", reader.damage());
                    let size = reader.head().unwrap().checkpoint.size;
                    assert!(size >= seen, "{size} after {seen}");
                    reader.entry(EntryIndex(size - 1)).unwrap();
                    (seen, rounds) = (size, rounds + 1);
                    drop(reader);
                    if number == 1 {
                        let verification = Verification { places: Some(places.clone()), ..Verification::default() };
                        let report =
                            verify_archive(&desk.archive(), &verification, &SystemEnvironment, &Unwatched).unwrap();
                        judge(&report);
                        assert!(report.size >= seen);
                    }
                }
            }
        };
        let readers = [0, 1].map(|number| scope.spawn(reading(number)));
        let worked = catch_unwind(AssertUnwindSafe(work));
        is_done.store(true, Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
        if let Err(panic) = worked {
            resume_unwind(panic);
        }
    });
}

/// Many commits and many volumes.
#[test]
fn readers_run_through_commits_and_roll_overs() {
    let desk = Desk::new();
    desk.write("document.txt", "x");
    desk.run(["ingest", "document.txt"]).well();
    let keys = desk.keys();
    let commits = 150;
    let write = || {
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
    };
    beside_readers(&desk, write, |report| {
        assert_eq!(report.verdict, ReportVerdict::Sound, "{:#?}", report.findings);
    });
    assert!(fs::read_dir(desk.archive().join("volumes")).unwrap().count() > 3);
    desk.run(["verify"]).well().says("SOUND");
}

/// Volumes are damaged and replaced while they are read. Nobody takes that for anything but what it is: bytes of an object.
#[test]
fn readers_run_through_repairs() {
    let desk = Desk::with_volumes();
    desk.run(["parity"]).well();
    let whole = [0, 1].map(|number| fs::read(desk.volume(number)).unwrap());
    let repair = || {
        for round in 0..6 {
            let volume = desk.volume(round % 2);
            let object = member(&volume, "objects/", 0);
            flip(&volume, object.content + object.size / 2, 3);
            desk.run(["repair", "--apply"]).well().says("Recorded as entry");
        }
    };
    beside_readers(&desk, repair, |report| {
        let is_of_an_object = |finding: &Finding| finding.code == Code::ObjectChanged;
        assert!(report.findings.iter().all(is_of_an_object), "{:#?}", report.findings);
    });
    assert!(whole == [0, 1].map(|number| fs::read(desk.volume(number)).unwrap()), "healed bit for bit");
    desk.check_sound();
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
