//! A crash at every single step of writing, in every way a disk can fail.
//!
//! All file effects of an archive go through a `Disk`. The one here keeps, for every file, what was synced
//! and what was written since. At a chosen step the power goes off: what was not synced then survives
//! wholly, not at all, or in part; nothing more can be written. Afterwards the archive is opened with the
//! real disk, and every promise is asked for: what was acknowledged is there and sound, nothing else is
//! half there, and the same work can be done again to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use vouchsafe_archive::import::import;
use vouchsafe_archive::ingest::{FileName, Follow, IngestRequest, Outcome, ingest};
use vouchsafe_archive::repair::record as record_repairs;
use vouchsafe_archive::replicate::replicate;
use vouchsafe_archive::store::durable::Disk;
use vouchsafe_archive::{
    AcceptOutcome, CopyPlace, DisclosurePolicy, Draft, Environment, ExportForm, ExportRequest, ImportRequest, Keys,
    KnownArchives, LetterRequest, LoggedEntry, Look, NewArchive, OfferRequest, ParityState, Repair, Replication,
    ReplicationRequest, Session, SystemEnvironment, Verification, create, export, health, parity, parity_states,
    read_letter, rebuild, transfer, verify_archive,
};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::{
    AgentKind, EntryIndex, Event, EventKind, ExhibitId, ExhibitNoted, FieldName, FieldValue, Medium, Site, Timestamp,
    TransferAccepted,
};
use vouchsafe_core::sign::SigningKey;
use vouchsafe_core::verify::bundle::{BundleRequest, BundleVerdict, check as check_bundle};
use vouchsafe_core::verify::{ReportVerdict, Trust, Unwatched};

use crate::disk::{Between, DelegatingDisk, Effect};

/// How the disk fails at the chosen step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Nothing of the step, nor of what was not synced before it, reached the disk.
    Lost,
    /// All of it did, but the program was told that it failed.
    KeptButReportedFailed,
    /// The first part of the write reached the disk, and everything before it.
    Torn,
    /// Of the writes that were not synced, those with a bit in this mask reached the disk.
    Reordered(u32),
}

/// A write that was not synced yet.
#[derive(Debug, Clone)]
enum Unsynced {
    Write { offset: u64, bytes: Vec<u8> },
    Cut { size_bytes: u64 },
}

#[derive(Debug, Default)]
struct State {
    steps: usize,
    fails_at: Option<usize>,
    fault: Option<Fault>,
    is_off: bool,
    /// For every open file, its content at the last sync and what came since.
    files: BTreeMap<PathBuf, (Vec<u8>, Vec<Unsynced>)>,
    /// What kind of step each was, for the messages of failed tests.
    log: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct FaultyDisk(Arc<Mutex<State>>);

fn power_is_off() -> io::Error {
    io::Error::other("the power is off")
}

impl FaultyDisk {
    fn failing_at(step: usize, fault: Fault) -> Self {
        let state = State { fails_at: Some(step), fault: Some(fault), ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    fn has_failed(&self) -> bool {
        self.0.lock().unwrap().is_off
    }
}

impl Between for FaultyDisk {
    /// Takes a step, or lets the power go off at it.
    fn effect(&self, effect: Effect<'_>, work: &mut dyn FnMut() -> io::Result<()>) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        // That a file is opened changes nothing on the disk: it is no step.
        if let Effect::Open(path) = effect {
            let content = fs::read(path)?;
            state.files.entry(path.to_owned()).or_insert((content, Vec::new()));
            return work();
        }
        if state.is_off {
            return Err(power_is_off());
        }
        let number = state.steps;
        state.steps += 1;
        state.log.push(effect.to_string());
        if state.fails_at != Some(number) {
            return state.take(effect, work);
        }
        match state.fault.unwrap() {
            Fault::Lost => state.lose(|_| false),
            Fault::KeptButReportedFailed => {
                state.take(effect, work)?;
                state.lose(|_| true);
            }
            Fault::Torn => {
                if let Effect::WriteAt { path, offset, bytes } = effect {
                    state.write(path, offset, &bytes[..bytes.len() / 2])?;
                }
                state.lose(|_| true);
            }
            Fault::Reordered(mask) => {
                // The step itself may be among what survives.
                state.take(effect, work)?;
                state.lose(|number| number < 32 && mask & (1 << number) != 0);
            }
        }
        state.is_off = true;
        Err(power_is_off())
    }
}

impl State {
    /// Does what a step does. Whatever of it a power cut may take away is written and synced here, instead of by the disk, so
    /// that the two are always known apart.
    fn take(&mut self, effect: Effect<'_>, work: &mut dyn FnMut() -> io::Result<()>) -> io::Result<()> {
        match effect {
            Effect::WriteAt { path, offset, bytes } => return self.write(path, offset, bytes),
            Effect::Cut { path, size_bytes } => return self.apply(path, Unsynced::Cut { size_bytes }),
            Effect::Sync(path) | Effect::MakeReadOnly(path) => return self.sync(path),
            Effect::SyncBelow(folder) => {
                let below: Vec<_> = self.files.keys().filter(|path| path.starts_with(folder)).cloned().collect();
                return below.iter().try_for_each(|path| self.sync(path));
            }
            _ => work()?,
        }
        match effect {
            Effect::Create(path) | Effect::CreateLooseFile(path) => {
                self.files.insert(path.to_owned(), (Vec::new(), Vec::new()));
            }
            Effect::Rename { from, to } => {
                // What was never synced of a renamed file may be lost under its new name.
                match self.files.remove(from) {
                    Some(file) => self.files.insert(to.to_owned(), file),
                    None => self.files.remove(to),
                };
            }
            Effect::Remove(path) => {
                self.files.remove(path);
            }
            _ => {}
        }
        Ok(())
    }

    fn write(&mut self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.apply(path, Unsynced::Write { offset, bytes: bytes.to_vec() })
    }

    fn apply(&mut self, path: &Path, change: Unsynced) -> io::Result<()> {
        let file = fs::OpenOptions::new().write(true).open(path)?;
        match &change {
            Unsynced::Write { offset, bytes } => std::os::unix::fs::FileExt::write_all_at(&file, bytes, *offset)?,
            Unsynced::Cut { size_bytes } => file.set_len(*size_bytes)?,
        }
        self.files.get_mut(path).unwrap().1.push(change);
        Ok(())
    }

    /// Puts every file into the state in which it survives the power cut.
    fn lose(&mut self, survives: impl Fn(usize) -> bool) {
        let mut number = 0;
        for (path, (synced, unsynced)) in &self.files {
            let mut content = synced.clone();
            for change in unsynced {
                if survives(number) {
                    match change {
                        Unsynced::Write { offset, bytes } => {
                            let (from, to) = (*offset as usize, *offset as usize + bytes.len());
                            content.resize(content.len().max(to), 0);
                            content[from..to].copy_from_slice(bytes);
                        }
                        Unsynced::Cut { size_bytes } => content.resize(*size_bytes as usize, 0),
                    }
                }
                number += 1;
            }
            if path.exists() {
                fs::write(path, content).unwrap();
            }
        }
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        let content = fs::read(path)?;
        *self.files.get_mut(path).unwrap() = (content, Vec::new());
        Ok(())
    }
}

/// The real world, but for the disk.
struct World(FaultyDisk);

impl Environment for World {
    fn now(&self) -> Timestamp {
        SystemEnvironment.now()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> io::Result<()> {
        SystemEnvironment.fill_random(buffer)
    }

    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(DelegatingDisk(Arc::new(self.0.clone())))
    }
}

/// Remembers what was acknowledged.
#[derive(Default)]
struct Acknowledged(Mutex<BTreeMap<PathBuf, ExhibitId>>);

impl Follow for Acknowledged {
    fn done(&self, path: &FileName, outcome: &Outcome) {
        if let Outcome::Ingested { exhibit, .. } | Outcome::AlreadyHeld { exhibit, .. } = outcome {
            self.0.lock().unwrap().insert(path.0.clone(), *exhibit);
        }
    }
}

/// One archive, its keys, and files to ingest.
struct Scene {
    folder: tempfile::TempDir,
    keys: Keys,
}

/// Small enough that a volume is full after a few commits.
const VOLUME_BYTES: u64 = 1_500_000;

impl Scene {
    fn new() -> Self {
        let scene = Self {
            folder: tempfile::tempdir().unwrap(),
            keys: Keys {
                agent: SigningKey::from_secret(&[1; 32]).unwrap(),
                log: SigningKey::from_secret(&[2; 32]).unwrap(),
            },
        };
        for (name, size) in [
            ("deposit/a.txt", 700),
            ("deposit/b.txt", 0),
            ("deposit/c.bin", 1_300_000),
            ("deposit/d.txt", 512),
            ("deposit/e.bin", 1_100_000),
            ("deposit/f.txt", 3),
        ] {
            let path = scene.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &name.repeat(size / name.len() + 1).as_bytes()[..size]).unwrap();
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn known(&self, world: &dyn Environment) -> Option<KnownArchives> {
        Some(KnownArchives::new(self.path("known"), world.disk()))
    }

    fn create(&self, world: &dyn Environment) -> Result<(), Box<dyn std::error::Error>> {
        self.create_as("crash.example/archive", world)
    }

    fn create_as(&self, origin: &str, world: &dyn Environment) -> Result<(), Box<dyn std::error::Error>> {
        let new = NewArchive {
            origin: origin.parse()?,
            administrator_name: "A".to_owned(),
            administrator_kind: AgentKind::Person,
        };
        create(&self.path("archive"), &new, &self.keys, self.known(world), world)?;
        Ok(())
    }

    fn open<'w>(&self, world: &'w dyn Environment) -> Result<Session<'w>, Box<dyn std::error::Error>> {
        let (mut session, _) = Session::open(&self.path("archive"), self.known(world), world)?;
        session.set_volume_bytes(VOLUME_BYTES);
        Ok(session)
    }

    fn ingest(&self, world: &dyn Environment, acknowledged: &Acknowledged) -> Result<(), Box<dyn std::error::Error>> {
        let request =
            IngestRequest { whole_bytes: 1024 * 1024, threads: 1, ..IngestRequest::of([self.path("deposit")]) };
        ingest(&mut self.open(world)?, request, &self.keys, acknowledged)?;
        Ok(())
    }

    /// Exports the first exhibit.
    fn export(&self, world: &dyn Environment, form: ExportForm) -> Result<(), Box<dyn std::error::Error>> {
        let mut session = self.open(world)?;
        let exhibit = session.reader().exhibits().next().unwrap()?.0;
        let policy = DisclosurePolicy::new(&[], &[]);
        let signer = Some(self.keys.agent.public().id());
        let plan = export::plan(session.reader(), &[exhibit], &BTreeSet::new(), policy, signer)?;
        let (recipient, purpose) = ("court".to_owned(), "hearing".to_owned());
        let request = ExportRequest { plan, to: self.path("bundle"), form, recipient, purpose, threads: 1 };
        export::export(&mut session, &request, &vouchsafe_story::Story::default(), &self.keys, &Unwatched)?;
        Ok(())
    }

    /// Under the final name there is a whole bundle that the log knows, or nothing.
    fn check_bundle(&self, at: &str) -> bool {
        let Ok(bundle) = vouchsafe_bundle::open(&self.path("bundle")) else { return false };
        let trust = Trust::in_archive(self.open(&SystemEnvironment).unwrap().reader().description().fingerprint);
        let report = check_bundle(&*bundle, &BundleRequest { trust, threads: 1 }, &Unwatched).unwrap();
        assert_eq!((report.verdict, &*report.findings), (BundleVerdict::Sound, [].as_slice()), "{at}");
        let session = self.open(&SystemEnvironment).unwrap();
        let archive = session.reader();
        let last = archive.head().unwrap().checkpoint.size;
        let mut events = (0..last).map(|index| archive.entry(EntryIndex(index)).unwrap().entry.entry.event);
        let is_known =
            events.any(|event| matches!(event, Event::BundleExported(body) if Some(body.bundle) == report.bundle));
        assert!(is_known, "{at}: the log does not know the bundle");
        true
    }

    fn note(&self, world: &dyn Environment, exhibit: ExhibitId) -> Result<(), Box<dyn std::error::Error>> {
        let draft = Draft {
            event: ExhibitNoted { fields: Vec::new() }.into(),
            exhibit: Some(exhibit),
            occurred_at: None,
            fields: vec![("note".parse()?, FieldValue::Text("a remark".to_owned()))],
        };
        self.open(world)?.record(&self.keys, vec![draft])?;
        Ok(())
    }

    /// Everything that the archive promises, asked with the real disk.
    fn check(&self, acknowledged: &Acknowledged, at: &str) -> BTreeSet<ExhibitId> {
        let world = SystemEnvironment;
        let session = self.open(&world).unwrap_or_else(|error| panic!("{at}: it does not open: {error}"));
        let archive = session.reader();
        archive.standing().check().unwrap_or_else(|error| panic!("{at}: {error}"));
        let held: BTreeSet<_> = archive.exhibits().map(|item| item.unwrap().0).collect();
        for (path, exhibit) in acknowledged.0.lock().unwrap().iter() {
            assert!(held.contains(exhibit), "{at}: {} was acknowledged and is gone", path.display());
            let object = archive.exhibit(*exhibit).unwrap().object;
            let mut copy = Vec::new();
            archive.copy_object(object, &mut copy, Path::new("copy")).unwrap();
            assert_eq!(copy, fs::read(path).unwrap(), "{at}: {}", path.display());
        }
        drop(session);
        self.check_sound(at);
        held
    }

    fn check_sound(&self, at: &str) {
        let verification = Verification { known: self.known(&SystemEnvironment), ..Verification::default() };
        let report = verify_archive(&self.path("archive"), &verification, &SystemEnvironment, &Unwatched).unwrap();
        assert_eq!((report.verdict, &*report.findings), (ReportVerdict::Sound, [].as_slice()), "{at}");
    }

    /// An archive of three small volumes, so that a copy of it is many steps and little work.
    fn fill_small_volumes(&self) {
        for large in ["deposit/c.bin", "deposit/e.bin"] {
            fs::remove_file(self.path(large)).unwrap();
        }
        self.create(&SystemEnvironment).unwrap();
        self.ingest(&SystemEnvironment, &Acknowledged::default()).unwrap();
        self.note_in_small_volumes(2);
    }

    fn note_in_small_volumes(&self, count: usize) {
        for _ in 0..count {
            let world = SystemEnvironment;
            let mut session = self.open(&world).unwrap();
            session.set_volume_bytes(4_000);
            let exhibit = session.reader().exhibits().next().unwrap().unwrap().0;
            let fields = vec![("note".parse().unwrap(), FieldValue::Text("a remark".to_owned()))];
            let event = ExhibitNoted { fields: Vec::new() }.into();
            let draft = Draft { event, exhibit: Some(exhibit), occurred_at: None, fields };
            session.record(&self.keys, vec![draft]).unwrap();
        }
    }

    fn replicate(&self, world: &dyn Environment) -> Result<Replication, Box<dyn std::error::Error>> {
        let mut session = self.open(world)?;
        session.set_volume_bytes(4_000);
        let request = ReplicationRequest {
            target: self.path("copy"),
            place: Some(CopyPlace { medium: Medium::Disk, site: Site::Same }),
            fields: Vec::new(),
        };
        Ok(replicate(&mut session, &request, &self.keys, &Unwatched)?)
    }

    /// The copy is the archive, byte for byte, and sound in itself.
    fn check_copy(&self, at: &str) {
        let volumes = |folder: &str| -> BTreeMap<_, _> {
            let items = fs::read_dir(self.path(folder).join("volumes")).unwrap().map(|item| item.unwrap());
            // The last volume may have been begun and hold nothing yet.
            let read = items.map(|item| (item.file_name(), fs::read(item.path()).unwrap()));
            read.filter(|(_, bytes)| !bytes.is_empty()).collect()
        };
        assert!(volumes("archive") == volumes("copy"), "{at}: the volumes of the copy differ");
        let verification = Verification { known: self.known(&SystemEnvironment), ..Verification::default() };
        let report = verify_archive(&self.path("copy"), &verification, &SystemEnvironment, &Unwatched).unwrap();
        let codes: Vec<_> = report.findings.iter().map(|finding| finding.code.code()).collect();
        assert_eq!((report.verdict, codes), (ReportVerdict::Sound, vec!["V702"]), "{at}: {:?}", report.findings);
    }

    /// What the log says of the copy is true of what lies there, whenever it is looked at.
    fn check_recorded_copy(&self, at: &str) {
        let session = self.open(&SystemEnvironment).unwrap_or_else(|error| panic!("{at}: {error}"));
        let Some(known) = health::copies(session.reader()).unwrap().first().cloned() else { return };
        let verification = Verification::default();
        let report = verify_archive(&self.path("copy"), &verification, &SystemEnvironment, &Unwatched).unwrap();
        assert!(report.size >= known.size, "{at}: {} entries are recorded, {} are there", known.size, report.size);
        assert_ne!(report.verdict, ReportVerdict::Failed, "{at}: {:?}", report.findings);
    }
}

/// Every fault, for the step with this number. Of up to four unsynced writes every subset is tried,
/// of more: each of the first nine alone, each missing, and every other one.
fn faults() -> Vec<Fault> {
    let mut faults = vec![Fault::Lost, Fault::KeptButReportedFailed, Fault::Torn];
    let masks: BTreeSet<u32> = (0..16)
        .chain((4..9).map(|bit| 1 << bit))
        .chain((0..9).map(|bit| !(1 << bit)))
        .chain([0x5555_5555, 0xaaaa_aaaa])
        .collect();
    faults.extend(masks.into_iter().map(Fault::Reordered));
    faults
}

/// Runs `work` with a fault at its first step, its second, and so on, until it gets through without one.
fn at_every_step(
    prepare: impl Fn(&Scene),
    work: impl Fn(&Scene, &World, &Acknowledged) -> Result<(), Box<dyn std::error::Error>>,
    check: impl Fn(&Scene, &Acknowledged, &str),
) {
    at_every_step_with(&faults(), prepare, work, check);
}

/// A copy is many steps, but few writes are unsynced at any of them: some subsets stand for all.
const FAULTS_OF_A_COPY: [Fault; 6] = [
    Fault::Lost,
    Fault::KeptButReportedFailed,
    Fault::Torn,
    Fault::Reordered(0b10),
    Fault::Reordered(0x5555_5555),
    Fault::Reordered(0xaaaa_aaaa),
];

/// The same with these faults.
fn at_every_step_with(
    faults: &[Fault],
    prepare: impl Fn(&Scene),
    work: impl Fn(&Scene, &World, &Acknowledged) -> Result<(), Box<dyn std::error::Error>>,
    check: impl Fn(&Scene, &Acknowledged, &str),
) {
    for &fault in faults {
        let mut step = 0;
        loop {
            let scene = Scene::new();
            prepare(&scene);
            let acknowledged = Acknowledged::default();
            let disk = FaultyDisk::failing_at(step, fault);
            let outcome = work(&scene, &World(disk.clone()), &acknowledged);
            let log = disk.0.lock().unwrap().log.clone();
            let at = format!("{fault:?} at step {step} ({})", log.last().map_or("", String::as_str));
            if !disk.has_failed() {
                outcome.unwrap_or_else(|error| panic!("without a fault: {error}"));
                check(&scene, &acknowledged, "without a fault");
                assert!(step > 2, "only {step} steps: {log:?}");
                break;
            }
            check(&scene, &acknowledged, &at);
            step += 1;
        }
    }
}

#[test]
fn a_crash_at_any_step_of_an_ingest_loses_nothing_acknowledged() {
    at_every_step(
        |scene| scene.create(&SystemEnvironment).unwrap(),
        |scene, world, acknowledged| scene.ingest(world, acknowledged),
        |scene, acknowledged, at| {
            scene.check(acknowledged, at);
            // The same ingest again finishes the work and doubles nothing.
            let again = Acknowledged::default();
            scene.ingest(&SystemEnvironment, &again).unwrap_or_else(|error| panic!("{at}: again: {error}"));
            assert_eq!(scene.check(&again, at).len(), 6, "{at}");
        },
    );
}

#[test]
fn a_crash_at_any_step_of_a_note_leaves_it_whole_or_not_there() {
    at_every_step(
        |scene| {
            scene.create(&SystemEnvironment).unwrap();
            scene.ingest(&SystemEnvironment, &Acknowledged::default()).unwrap();
        },
        |scene, world, _| {
            let exhibit = *scene.check(&Acknowledged::default(), "before").first().unwrap();
            scene.note(world, exhibit)?;
            // The second one goes into a volume that is past its size, so a new one is begun.
            scene.note(world, exhibit)
        },
        |scene, acknowledged, at| {
            let exhibits = scene.check(acknowledged, at);
            scene.note(&SystemEnvironment, *exhibits.first().unwrap()).unwrap_or_else(|error| panic!("{at}: {error}"));
            scene.check(acknowledged, at);
        },
    );
}

impl Scene {
    fn unfinished_bundle(&self) -> Option<PathBuf> {
        let mut items = fs::read_dir(self.folder.path()).unwrap().map(|item| item.unwrap().path());
        items.find(|path| path.to_string_lossy().contains(".partial-"))
    }
}

fn a_crash_at_any_step_of_an_export(form: ExportForm) {
    at_every_step_with(
        FEW_FAULTS,
        |scene| {
            fs::remove_file(scene.path("deposit/c.bin")).unwrap();
            fs::remove_file(scene.path("deposit/e.bin")).unwrap();
            scene.create(&SystemEnvironment).unwrap();
            scene.ingest(&SystemEnvironment, &Acknowledged::default()).unwrap();
        },
        |scene, world, _| scene.export(world, form),
        |scene, acknowledged, at| {
            scene.check(acknowledged, at);
            // A bundle that is recorded and could not get its name is kept; whoever exports gives it the name.
            if let Some(kept) = scene.unfinished_bundle() {
                fs::rename(kept, scene.path("bundle")).unwrap();
                assert!(scene.check_bundle(at), "{at}");
            }
            let is_there = scene.check_bundle(at);
            // Where there is none, the same export again makes it; where there is one, nothing is written over it.
            assert_eq!(scene.export(&SystemEnvironment, form).is_ok(), !is_there, "{at}");
            assert!(scene.check_bundle(at), "{at}");
            scene.check(acknowledged, at);
        },
    );
}

#[test]
fn a_crash_at_any_step_of_an_export_leaves_a_whole_folder_or_none() {
    a_crash_at_any_step_of_an_export(ExportForm::Folder);
}

#[test]
fn a_crash_at_any_step_of_an_export_leaves_a_whole_zip_file_or_none() {
    a_crash_at_any_step_of_an_export(ExportForm::Zip);
}

/// Another archive that has offered its exhibits to the one that crashes: the bundle, and the letter.
fn an_offer() -> (Scene, LetterRequest) {
    let mut sender = Scene::new();
    sender.keys =
        Keys { agent: SigningKey::from_secret(&[5; 32]).unwrap(), log: SigningKey::from_secret(&[6; 32]).unwrap() };
    let world = SystemEnvironment;
    fs::remove_file(sender.path("deposit/e.bin")).unwrap();
    sender.create_as("sender.example/archive", &world).unwrap();
    sender.ingest(&world, &Acknowledged::default()).unwrap();
    let mut session = sender.open(&world).unwrap();
    let exhibits: Vec<_> = session.reader().exhibits().map(|item| item.unwrap().0).collect();
    let agent = sender.keys.agent.public().id();
    let policy = DisclosurePolicy::new(&[], &[]);
    let plan = export::plan(session.reader(), &exhibits, &BTreeSet::new(), policy, Some(agent)).unwrap();
    let (to, recipient, purpose) = (sender.path("bundle"), "them".to_owned(), "handing over".to_owned());
    let request = ExportRequest { plan, to: to.clone(), form: ExportForm::Folder, recipient, purpose, threads: 1 };
    export::export(&mut session, &request, &vouchsafe_story::Story::default(), &sender.keys, &Unwatched).unwrap();
    let offer = OfferRequest { bundle: to, recipient: "them".to_owned(), method: None };
    let index = transfer::offer(&mut session, &offer, &sender.keys, &Unwatched).unwrap();
    fs::write(sender.path("letter"), transfer::letter(session.reader(), index).unwrap()).unwrap();
    let trust = Trust::in_archive(session.reader().description().fingerprint);
    drop(session);
    let letter = LetterRequest { path: sender.path("letter"), trust, accepts_unanchored: false };
    (sender, letter)
}

impl Scene {
    fn accept(
        &self,
        world: &dyn Environment,
        sender: &Self,
        letter: &LetterRequest,
    ) -> Result<EntryIndex, Box<dyn std::error::Error>> {
        let bundle = sender.path("bundle");
        match transfer::accept(&mut self.open(world)?, letter, &bundle, None, &self.keys, &Unwatched)? {
            AcceptOutcome::Accepted { index, .. } => Ok(index),
            AcceptOutcome::Refused(report) => panic!("{report:?}"),
        }
    }
}

/// Importing a bundle is most of accepting it.
#[test]
fn a_crash_at_any_step_of_taking_a_bundle_in_can_be_gone_on_with() {
    let (sender, letter) = an_offer();
    at_every_step_with(
        FEW_FAULTS,
        |scene| scene.create(&SystemEnvironment).unwrap(),
        |scene, world, _| scene.accept(world, &sender, &letter).map(drop),
        |scene, acknowledged, at| {
            scene.check(acknowledged, at);
            let known = transfer::transfers(scene.open(&SystemEnvironment).unwrap().reader()).unwrap().0;
            let index =
                scene.accept(&SystemEnvironment, &sender, &letter).unwrap_or_else(|error| panic!("{at}: {error}"));
            assert!(known.iter().all(|known| known.index == index), "{at}: accepted twice");
            let held = scene.check(acknowledged, at);
            assert_eq!(held.len(), 5, "{at}");
            let session = scene.open(&SystemEnvironment).unwrap();
            let archive = session.reader();
            let transfers = transfer::transfers(archive).unwrap().0;
            assert_eq!(transfers.len(), 1, "{at}");
            for exhibit in archive.exhibits().map(|item| item.unwrap().0) {
                let history = archive.custody(exhibit).unwrap();
                let passed = |logged: &&LoggedEntry| logged.entry.entry.event.kind() == Some(EventKind::CustodyPassed);
                assert_eq!(history.iter().filter(passed).count(), 1, "{at}: {exhibit}");
            }
            transfer::letter(archive, transfers[0].index).unwrap_or_else(|error| panic!("{at}: {error}"));
        },
    );
}

/// More exhibits than a commit holds pass in several; an interruption between two leaves an answer without some of them.
#[test]
fn what_an_interrupted_acceptance_left_out_is_recorded_once() {
    let (sender, letter) = an_offer();
    let (scene, world) = (Scene::new(), SystemEnvironment);
    scene.create(&world).unwrap();
    fs::copy(&letter.path, scene.path("deposit/letter")).unwrap();
    scene.ingest(&world, &Acknowledged::default()).unwrap();
    let mut session = scene.open(&world).unwrap();
    let (told, bundle) = (read_letter(&letter.path).unwrap(), sender.path("bundle"));
    let Event::TransferOffered(offered) = &told.shown.entry.entry.event else { panic!("{told:?}") };
    let request = ImportRequest {
        bundle: bundle.clone(),
        trust: letter.trust.clone(),
        accepts_unanchored: false,
        offered: None,
        sender: None,
        threads: 1,
    };
    import(&mut session, &request, &scene.keys, &Unwatched).unwrap();
    let bytes = fs::read(&letter.path).unwrap();
    let accepted = TransferAccepted {
        anchored: true,
        bundle: offered.bundle,
        fields: Vec::new(),
        letter: Digest::of(&bytes),
        offer: told.shown.entry.leaf(),
        size_bytes: bytes.len() as u64,
    };
    let offering = told.archive();
    let fields = [
        ("partner_archive", offering.fingerprint().to_string()),
        ("partner_origin", offering.origin().as_str().to_owned()),
    ]
    .map(|(name, text)| (name.parse::<FieldName>().unwrap(), FieldValue::Text(text)));
    let draft = Draft { event: accepted.into(), exhibit: None, occurred_at: None, fields: fields.to_vec() };
    let answered = session.record(&scene.keys, vec![draft]).unwrap()[0];
    for left_out in [offered.exhibits, 0] {
        match transfer::accept(&mut session, &letter, &bundle, None, &scene.keys, &Unwatched).unwrap() {
            AcceptOutcome::Accepted { index, was_known, passed, .. } => {
                assert_eq!((index, was_known, passed), (answered, true, left_out));
            }
            AcceptOutcome::Refused(report) => panic!("{report:?}"),
        }
    }
}

#[test]
fn a_crash_at_any_step_of_recovery_can_be_recovered_from() {
    at_every_step(
        |scene| {
            scene.create(&SystemEnvironment).unwrap();
            // An ingest that ends in the middle of writing its first commit, with bytes left behind it.
            let disk = FaultyDisk::failing_at(3, Fault::Torn);
            assert!(scene.ingest(&World(disk), &Acknowledged::default()).is_err());
            let volume = scene.path("archive/volumes/000000.tar");
            let mut bytes = fs::read(&volume).unwrap();
            bytes.extend_from_slice(&[7; 5_000]);
            fs::write(&volume, bytes).unwrap();
        },
        |scene, world, acknowledged| scene.open(world).map(|_| ()).and_then(|()| scene.ingest(world, acknowledged)),
        |scene, acknowledged, at| {
            scene.check(acknowledged, at);
            let kept = fs::read_dir(scene.path("archive/quarantine")).unwrap().count();
            assert!(kept > 0, "{at}: what was cut is not in quarantine");
        },
    );
}

#[test]
fn a_crash_at_any_step_of_a_rebuild_leaves_the_volumes_alone() {
    at_every_step(
        |scene| {
            scene.create(&SystemEnvironment).unwrap();
            scene.ingest(&SystemEnvironment, &Acknowledged::default()).unwrap();
            fs::remove_dir_all(scene.path("known")).unwrap();
        },
        |scene, world, acknowledged| {
            let (archive, _) = rebuild(&scene.path("archive"), scene.known(world), world)?;
            drop(archive);
            scene.ingest(world, acknowledged)?;
            let exhibit = *scene.check(acknowledged, "rebuilt").first().unwrap();
            scene.note(world, exhibit)
        },
        |scene, acknowledged, at| assert_eq!(scene.check(acknowledged, at).len(), 6, "{at}"),
    );
}

/// For work with many writes to one new file, of which no part is believed before it is synced.
const FEW_FAULTS: &[Fault] = &[Fault::Lost, Fault::KeptButReportedFailed, Fault::Torn, Fault::Reordered(0x5555_5555)];

impl Scene {
    fn make_parity(&self, world: &dyn Environment) -> Result<(), Box<dyn std::error::Error>> {
        let session = self.open(world)?;
        for (volume, state) in parity_states(session.reader().folder(), None, Look::Whole, world, &Unwatched)? {
            if state != ParityState::Whole {
                parity::make(&session, volume, 1, &Unwatched)?;
            }
        }
        Ok(())
    }

    fn repair(&self, world: &dyn Environment) -> Result<(), Box<dyn std::error::Error>> {
        let (folder, copy) = (self.path("archive"), self.path("copy"));
        let repair = Repair::plan(&folder, Some(&copy), true, self.known(world).as_ref(), world, &Unwatched)?;
        repair.clear_up(world)?;
        repair.apply(world, &Unwatched)?;
        let is_to_be_logged = repair.has_unlogged();
        repair.close();
        if is_to_be_logged {
            record_repairs(&mut self.open(world)?, &self.keys)?;
        }
        Ok(())
    }

    fn volumes(&self) -> Vec<Vec<u8>> {
        let path = |number: usize| self.path(&format!("archive/volumes/{number:06}.tar"));
        (0..).map(path).take_while(|path| path.exists()).map(|path| fs::read(path).unwrap()).collect()
    }

    /// Changes a byte of an entry in each volume, and puts a copy of the archive aside before.
    fn damage(&self) {
        for folder in ["archive", "archive/volumes"] {
            let (from, to) = (self.path(folder), self.path(&folder.replace("archive", "copy")));
            fs::create_dir_all(&to).unwrap();
            for item in fs::read_dir(from).unwrap().map(|item| item.unwrap().path()).filter(|path| path.is_file()) {
                fs::copy(&item, to.join(item.file_name().unwrap())).unwrap();
            }
        }
        for number in 0..self.volumes().len() {
            let path = self.path(&format!("archive/volumes/{number:06}.tar"));
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let mut bytes = fs::read(&path).unwrap();
            // A changed letter of an event, or a changed digit of a salt: then the line still is an entry.
            let name: &[u8] = if number % 2 == 0 { b"\"event\":\"" } else { b"\"salt\":\"" };
            let at = bytes.windows(name.len()).position(|window| window == name).unwrap() + name.len();
            let digit = at + bytes[at..].iter().position(|byte| number % 2 == 0 || byte.is_ascii_digit()).unwrap();
            bytes[digit] ^= 1;
            fs::write(&path, bytes).unwrap();
        }
    }
}

#[test]
fn a_crash_at_any_step_of_making_parity_leaves_whole_parity_or_none() {
    at_every_step_with(
        FEW_FAULTS,
        |scene| {
            scene.create(&SystemEnvironment).unwrap();
            scene.ingest(&SystemEnvironment, &Acknowledged::default()).unwrap();
        },
        |scene, world, _| scene.make_parity(world),
        |scene, acknowledged, at| {
            let parity = scene.path("archive/parity/000000.par");
            let states =
                parity_states(&scene.path("archive"), None, Look::Whole, &SystemEnvironment, &Unwatched).unwrap();
            let expected = if parity.exists() { ParityState::Whole } else { ParityState::Missing };
            assert_eq!(states[0].1, expected, "{at}");
            scene.make_parity(&SystemEnvironment).unwrap_or_else(|error| panic!("{at}: again: {error}"));
            assert!(parity.exists(), "{at}");
            scene.check(acknowledged, at);
        },
    );
}

impl Scene {
    /// An archive that is damaged in each volume: one is healed from parity, the last from the copy. Gives the
    /// volumes before and after.
    fn prepare_damage(&self) -> [Vec<Vec<u8>>; 2] {
        self.create(&SystemEnvironment).unwrap();
        let acknowledged = Acknowledged::default();
        self.ingest(&SystemEnvironment, &acknowledged).unwrap();
        // An entry in the last volume, too.
        let exhibit = *acknowledged.0.lock().unwrap().values().next().unwrap();
        self.note(&SystemEnvironment, exhibit).unwrap();
        self.make_parity(&SystemEnvironment).unwrap();
        let before = self.volumes();
        assert!(before.len() > 1);
        self.damage();
        [before, self.volumes()]
    }
}

#[test]
fn a_crash_at_any_step_of_a_repair_leaves_each_volume_old_or_healed() {
    let whole = Mutex::new(Vec::new());
    at_every_step_with(
        FEW_FAULTS,
        |scene| *whole.lock().unwrap() = scene.prepare_damage().to_vec(),
        |scene, world, _| scene.repair(world),
        |scene, acknowledged, at| {
            let versions = whole.lock().unwrap().clone();
            let found = scene.volumes();
            assert!(found.len() >= versions[0].len(), "{at}: a volume is gone");
            for (number, found) in found.iter().enumerate().take(versions[0].len()) {
                let is_one_of_them = versions.iter().any(|version| found.starts_with(&version[number]));
                assert!(is_one_of_them, "{at}: volume {number} is neither the old one nor the healed one");
            }
            scene.repair(&SystemEnvironment).unwrap_or_else(|error| panic!("{at}: again: {error}"));
            for (number, whole) in versions[0].iter().enumerate() {
                assert!(scene.volumes()[number].starts_with(whole), "{at}: volume {number} is not healed");
            }
            scene.check(acknowledged, at);
            scene.check_logged_once((0..versions[0].len()).collect(), at);
        },
    );
}

#[test]
fn a_repair_that_did_not_come_to_an_end_is_not_logged_when_the_volumes_are_put_right_by_hand() {
    let versions = Mutex::new([Vec::new(), Vec::new()]);
    at_every_step_with(
        FEW_FAULTS,
        |scene| *versions.lock().unwrap() = scene.prepare_damage(),
        |scene, world, _| scene.repair(world),
        |scene, _, at| {
            let [whole, damaged] = versions.lock().unwrap().clone();
            let mut healed = Vec::new();
            for (number, found) in scene.volumes().iter().enumerate().take(whole.len()) {
                if *found != damaged[number] {
                    healed.push(number);
                    continue;
                }
                let path = scene.path(&format!("archive/volumes/{number:06}.tar"));
                fs::remove_file(&path).unwrap();
                fs::write(&path, &whole[number]).unwrap();
            }
            scene.repair(&SystemEnvironment).unwrap_or_else(|error| panic!("{at}: again: {error}"));
            scene.check_logged_once(healed, at);
        },
    );
}

impl Scene {
    /// Every volume that was healed is in the log exactly once, no other is, and nothing is left over.
    fn check_logged_once(&self, volumes: Vec<usize>, at: &str) {
        let session = self.open(&SystemEnvironment).unwrap();
        let archive = session.reader();
        let mut healed = Vec::new();
        for index in 0..archive.head().unwrap().checkpoint.size {
            if let Event::ArchiveRepaired(body) = archive.entry(EntryIndex(index)).unwrap().entry.entry.event {
                healed.extend(body.stretches.iter().map(|stretch| stretch.volume as usize));
            }
        }
        healed.sort_unstable();
        assert_eq!(healed, volumes, "{at}");
        assert!(!self.path("archive/repair").exists(), "{at}");
    }
}

#[test]
fn a_crash_at_any_step_of_a_first_copy_is_gone_on_with() {
    at_every_step_with(
        &FAULTS_OF_A_COPY,
        Scene::fill_small_volumes,
        |scene, world, _| scene.replicate(world).map(|_| ()),
        |scene, _, at| {
            scene.check_recorded_copy(at);
            scene.replicate(&SystemEnvironment).unwrap_or_else(|error| panic!("{at}: again: {error}"));
            scene.check_copy(at);
            scene.check_sound(at);
        },
    );
}

#[test]
fn a_crash_at_any_step_of_a_later_copy_is_gone_on_with() {
    at_every_step_with(
        &FAULTS_OF_A_COPY,
        |scene| {
            scene.fill_small_volumes();
            scene.replicate(&SystemEnvironment).unwrap();
            scene.note_in_small_volumes(3);
        },
        |scene, world, _| scene.replicate(world).map(|_| ()),
        |scene, _, at| {
            scene.check_recorded_copy(at);
            let again = scene.replicate(&SystemEnvironment).unwrap_or_else(|error| panic!("{at}: again: {error}"));
            assert!(!again.is_new, "{at}");
            scene.check_copy(at);
            scene.check_sound(at);
        },
    );
}

#[test]
fn a_crash_while_an_archive_is_created_leaves_an_archive_or_none() {
    for fault in [Fault::Lost, Fault::KeptButReportedFailed, Fault::Torn, Fault::Reordered(1)] {
        for step in 0.. {
            let scene = Scene::new();
            let disk = FaultyDisk::failing_at(step, fault);
            let outcome = scene.create(&World(disk.clone()));
            let at = format!("{fault:?} at step {step}");
            if !disk.has_failed() {
                outcome.unwrap();
                scene.check(&Acknowledged::default(), &at);
                break;
            }
            // archive.json is written last: with it there is a whole archive, without it there is none.
            if scene.path("archive/archive.json").exists() {
                scene.check(&Acknowledged::default(), &at);
            }
        }
    }
}
