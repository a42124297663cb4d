//! More volumes than a process may have open files: an archive that was filled for years is still one archive.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use vouchsafe_archive::ingest::{FileName, Follow, IngestRequest, Input, Outcome, Permitted};
use vouchsafe_archive::keys::KeyFile;
use vouchsafe_archive::{Archive, Keys, SystemEnvironment, Verification, verify_archive};

use vouchsafe_core::verify::{ReportVerdict, Watch};

use crate::desk::{Desk, Said, noise};

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
fn ingest_with_a_volume_for_every_file(desk: &Desk, path: &Path) {
    let open = |name: &str| KeyFile::read(&desk.key(name)).unwrap().open(None).unwrap();
    let keys = Keys { agent: open("agent"), log: open("log") };
    let (mut archive, _) = Archive::open(&desk.archive(), None, &SystemEnvironment).unwrap();
    archive.set_volume_bytes(1);
    let request = IngestRequest {
        inputs: vec![Input::Path(path.to_owned())],
        fields: BTreeMap::new(),
        excluded: Vec::new(),
        permitted: Permitted::default(),
        is_dry_run: false,
        receipts: None,
        whole_bytes: 1024 * 1024,
        threads: 2,
    };
    let open_volumes = OpenVolumes::of(desk);
    let summary = archive.ingest(request, &keys, &SystemEnvironment, &open_volumes).unwrap();
    assert_eq!((summary.ingested, summary.refused), (VOLUMES, 0));
    drop(archive);
    // Programs that other tests start in this moment inherit the lock until they begin to run.
    while desk.run(["head"]).err.contains("in use") {}
    open_volumes.check(8);
}

#[test]
fn more_volumes_than_open_files_are_no_obstacle() {
    let desk = Desk::new();
    // A large file is a commit of its own.
    let content = |number: u64| noise(number, 1_048_577);
    for number in 0..VOLUMES {
        desk.write(format!("deposit/{number:02}.bin"), content(number));
    }
    ingest_with_a_volume_for_every_file(&desk, &desk.path("deposit"));
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
