//! Many volumes: more than a process may have open files, and some that cannot be begun when it is time.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use vouchsafe_archive::ingest::{FileName, Follow, IngestRequest, Outcome, Summary, ingest};
use vouchsafe_archive::store::durable::Disk;
use vouchsafe_archive::{Environment, Session, SystemEnvironment, Verification, verify_archive};
use vouchsafe_core::model::Timestamp;
use vouchsafe_core::verify::{ReportVerdict, Watch};

use crate::desk::{Desk, Said, noise};
use crate::disk::{Between, DelegatingDisk, Effect};

const VOLUMES: u64 = 60;
/// Fewer than there are volumes, and enough for the program itself, the index and its threads.
const OPEN_FILES: usize = 32;

/// Runs the program where a process may not have more open files than that.
fn run_limited(desk: &Desk, arguments: &[&str]) -> Said {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -n {OPEN_FILES} && exec \"$@\""), "sh", crate::desk::PROGRAM]);
    Said::by(desk.prepare(shell, arguments))
}

/// Counts the open files of this process that are volumes, whenever a commit is durable or bytes were verified.
struct OpenVolumes {
    folder: PathBuf,
    most: AtomicUsize,
}

impl OpenVolumes {
    fn of(desk: &Desk) -> Self {
        Self { folder: desk.archive().join("volumes"), most: AtomicUsize::new(0) }
    }

    fn count(&self) {
        // A descriptor may be gone before it is looked at.
        let open = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|item| item.ok()?.path().read_link().ok());
        self.most.fetch_max(open.filter(|path| path.starts_with(&self.folder)).count(), Relaxed);
    }

    #[track_caller]
    fn check(self, limit: usize) {
        let most = self.most.into_inner();
        assert!((1..limit).contains(&most), "{most} volumes were open at a time");
    }
}

impl Follow for OpenVolumes {
    fn done(&self, _: &FileName, _: &Outcome) {
        self.count();
    }
}

impl Watch for OpenVolumes {
    fn advance(&self, _: u64) {
        self.count();
    }
}

/// Ingests with a volume for every commit, which the command line has no option for.
fn ingest_with_a_volume_for_every_commit(
    desk: &Desk,
    path: &Path,
    environment: &dyn Environment,
    follow: &dyn Follow,
) -> Summary {
    let keys = desk.keys();
    let (mut session, _) = Session::open(&desk.archive(), None, environment).unwrap();
    session.set_volume_bytes(1);
    let request = IngestRequest { whole_bytes: 1024 * 1024, threads: 2, ..IngestRequest::of([path.to_owned()]) };
    let summary = ingest(&mut session, request, &keys, follow).unwrap();
    drop(session);
    desk.wait_until_free();
    summary
}

#[test]
fn more_volumes_than_open_files_are_no_obstacle() {
    let desk = Desk::new();
    // A large file is a commit of its own.
    let content = |number: u64| noise(number, 1_048_577);
    for number in 0..VOLUMES {
        desk.write(format!("deposit/{number:02}.bin"), content(number));
    }
    let open_volumes = OpenVolumes::of(&desk);
    let from = desk.path("deposit");
    let summary = ingest_with_a_volume_for_every_commit(&desk, &from, &SystemEnvironment, &open_volumes);
    assert_eq!((summary.ingested, summary.refused), (VOLUMES, 0));
    open_volumes.check(8);
    assert!(desk.volume(VOLUMES as u32).exists());

    let list = run_limited(&desk, &["list", "--json"]).well();
    let exhibits = list.json_lines();
    assert_eq!(exhibits.len() as u64, VOLUMES);
    // As many as there are threads, and what waits for them: here with one, whatever machine this is.
    let open_volumes = OpenVolumes::of(&desk);
    let verification = Verification { threads: 1, ..Verification::default() };
    let report = verify_archive(&desk.archive(), &verification, &SystemEnvironment, &open_volumes).unwrap();
    assert_eq!((report.verdict, report.checked.objects), (ReportVerdict::Sound, VOLUMES), "{report:?}");
    open_volumes.check(16);
    let name = exhibits[31]["exhibit"].as_str().unwrap();
    run_limited(&desk, &["get", name, "--to", "copy.bin", "--purpose", "a test"]).well();
    assert_eq!(std::fs::read(desk.path("copy.bin")).unwrap(), content(31));
    assert_eq!(run_limited(&desk, &["log", "--json"]).well().out.lines().count() as u64, VOLUMES + 2);
    run_limited(&desk, &["rebuild"]).well();
    assert_eq!(run_limited(&desk, &["list", "--json"]).well().out, list.out);
    desk.write("deposit/new.txt", "one more");
    let said = run_limited(&desk, &["ingest", "--json", "deposit", "--receipts", "receipts"]).well();
    assert_eq!(said.summary(), [VOLUMES + 1, 1, VOLUMES, 0]);
    assert_eq!(std::fs::read_dir(desk.path("receipts")).unwrap().count() as u64, VOLUMES + 1);
    desk.check_sound();
}

/// The first attempts to begin a volume fail, as many as this counts.
#[derive(Debug)]
struct FullAtFirst(AtomicUsize);

impl Between for FullAtFirst {
    fn effect(&self, effect: Effect<'_>, work: &mut dyn FnMut() -> io::Result<()>) -> io::Result<()> {
        let is_full = || self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        if matches!(effect, Effect::Create(_)) && is_full() { Err(io::ErrorKind::StorageFull.into()) } else { work() }
    }
}

/// The real world, but for that disk.
struct World(Arc<FullAtFirst>);

impl Environment for World {
    fn now(&self) -> Timestamp {
        SystemEnvironment.now()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> io::Result<()> {
        SystemEnvironment.fill_random(buffer)
    }

    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(DelegatingDisk(self.0.clone()))
    }
}

#[test]
fn a_volume_that_cannot_be_closed_is_closed_after_a_later_commit_of_the_same_ingest() {
    let desk = Desk::new();
    for number in 0..4 {
        desk.write(format!("deposit/{number}.bin"), noise(number, 1_048_577));
    }
    // After the first commit, and after the second, there is no room for another volume.
    let world = World(Arc::new(FullAtFirst(AtomicUsize::new(2))));
    let summary = ingest_with_a_volume_for_every_commit(&desk, &desk.path("deposit"), &world, &OpenVolumes::of(&desk));
    assert_eq!((summary.ingested, summary.refused), (4, 0));
    assert_eq!(world.0.0.load(Relaxed), 0);
    // The first volume holds three of them. The third is begun, and empty.
    let size_bytes = |number| desk.volume(number).metadata().unwrap().len();
    assert!(size_bytes(0) > 3 * 1_048_577 && (1_048_577..2 * 1_048_577).contains(&size_bytes(1)));
    assert_eq!((size_bytes(2), desk.volume(3).exists()), (0, false));
    desk.check_sound();
    desk.write("deposit/new.txt", "one more");
    assert_eq!(desk.run(["ingest", "--json", "deposit"]).well().summary(), [5, 1, 4, 0]);
    desk.check_sound();
}
