//! Which objects a verification reads, and that it never says that it read more.

#![allow(clippy::single_range_in_vec_init, reason = "an archive may have one commit")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{Member, MemberName, ReadAt, VolumeNumber};
use vouchsafe_core::format::{Attached, Entry, SignedEntry};
use vouchsafe_core::model::{
    AgentKind, AgentRecord, ArchiveCreated, Coverage, EntryIndex, Event, ExhibitId, ExhibitIngested, Range, Role, Salt,
    Sample, Timestamp,
};
use vouchsafe_core::verify::{
    Budget, Evidence, Observer, Progress, Report, ReportVerdict, Request, Selection, Since, Unwatched, Watch,
    digest_of_objects, verify,
};

use crate::example::{self, administrator, log_key, log_signer, salt};
use crate::samples::{Log, english, origin};
use crate::verification::request;
use crate::volumes;

/// Where the content of each object begins in a volume, and how long it is.
type Places = HashMap<u64, u64>;

/// What the system says where the disk cannot read.
const EIO: i32 = 5;

/// One volume that remembers of which objects the last byte was read.
#[derive(Clone)]
struct Volume {
    bytes: Vec<u8>,
    ends: Arc<Mutex<BTreeSet<u64>>>,
    is_unreadable_at: Option<u64>,
}

impl ReadAt for Volume {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_unreadable_at.is_some_and(|at| (offset..offset + buffer.len() as u64).contains(&at)) {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        let count = self.bytes.read_at(offset, buffer)?;
        self.ends.lock().unwrap().insert(offset + count as u64);
        Ok(count)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        self.bytes.size_bytes()
    }
}

impl Evidence for Volume {
    fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
        Ok((vec![VolumeNumber(0)], Vec::new()))
    }

    fn open(&self, _: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(self.clone()))
    }
}

/// Where objects lie.
#[derive(Default)]
struct Objects {
    order: Vec<Digest>,
    places: Places,
}

impl Observer for Objects {
    fn object(&mut self, digest: Digest, _: VolumeNumber, member: &Member) {
        self.order.push(digest);
        self.places.insert(self.order.len() as u64 - 1, member.offset + member.size_bytes);
    }

    fn entry(&mut self, _: &SignedEntry, _: VolumeNumber, _: u64, _: Digest) {}
}

/// The bytes of an object: its number, 100 bytes.
fn content(number: u64) -> Vec<u8> {
    format!("{number:0100}").into_bytes()
}

/// An archive that grows, one commit after the other.
#[derive(Default)]
struct Archive {
    log: Log,
    bytes: Vec<u8>,
    exhibits: Vec<ExhibitId>,
}

impl Archive {
    fn of(commits: &[std::ops::Range<u64>]) -> Self {
        let mut archive = Self::default();
        commits.iter().for_each(|objects| archive.commit(objects.clone(), objects.clone()));
        archive
    }

    fn add(&mut self, event: Event, exhibit: Option<ExhibitId>) {
        let index = self.log.size();
        let time = Timestamp::from_unix_ms(1_795_424_400_000 + 60_000 * index as i64).unwrap();
        let entry = Entry {
            actor: administrator().public().id(),
            archive: self.log.archive(),
            attached: Attached::default(),
            event,
            exhibit,
            exhibit_sequence: exhibit.map(|_| 0),
            index: EntryIndex(index),
            occurred_at: time,
            previous: self.log.previous(),
            record: None,
            record_sequence: None,
            recorded_at: time,
            salt: salt(&format!("{index}")),
        };
        self.log.append(entry.sign(&administrator()).unwrap());
    }

    /// A commit with these objects, and an exhibit each of those.
    fn commit(&mut self, objects: std::ops::Range<u64>, ingested: std::ops::Range<u64>) {
        let first = self.log.size();
        if first == 0 {
            let roles = vec![Role::Administrator];
            let administrator = AgentRecord::new(AgentKind::Person, administrator().public().clone(), roles);
            let log_key = log_key().to_string();
            self.add(ArchiveCreated::new(administrator, log_key).into(), None);
        }
        for number in ingested {
            let name = format!("exhibit {}", self.exhibits.len());
            let exhibit = ExhibitId::from_bytes(Digest::of(name.as_bytes()).as_bytes()[..10].try_into().unwrap());
            let event = ExhibitIngested {
                fields: Vec::new(),
                media_type: Some("text/plain".parse().unwrap()),
                object: Digest::of(&content(number)),
                size_bytes: 100,
                software: "vouchsafe/0.1.0".to_owned(),
            };
            self.add(event.into(), Some(exhibit));
            self.exhibits.push(exhibit);
        }
        let new = &self.log.entries[usize::try_from(first).unwrap()..];
        let lines: Vec<u8> = new.iter().flat_map(|entry| [entry.line(), b"\n"].concat()).collect();
        let fields = b"[]\n".repeat(new.len());
        let objects: Vec<_> = objects.map(content).collect();
        let objects: Vec<_> = objects.iter().map(Vec::as_slice).collect();
        let checkpoint = self.log.checkpoint(origin(), &log_signer());
        self.bytes.extend(example::commit(&objects, first, &fields, &lines, self.log.size(), checkpoint.text()));
    }

    fn volume(&self) -> Volume {
        Volume { bytes: self.bytes.clone(), ends: Arc::default(), is_unreadable_at: None }
    }

    fn verify(&self, selection: Selection, budget: Budget) -> Report {
        check(&self.volume(), selection, budget, &Unwatched)
    }
}

/// Verifies, and checks what must always be so: the coverage speaks only of what was read to its end.
fn check(volume: &Volume, selection: Selection, budget: Budget, watch: &dyn Watch) -> Report {
    let archive = Archive::of(&[0..0]).log.fingerprint();
    let request = Request { archive, selection, budget, threads: 3, ..request() };
    let mut objects = Objects::default();
    let report = verify(volume, &request, &mut objects, watch).unwrap();
    let ends = volume.ends.lock().unwrap();
    for (number, digest) in (0_u64..).zip(&objects.order) {
        let was_read = ends.contains(&objects.places[&number]) || report.failed_objects.contains(digest);
        assert!(was_read || !report.coverage.includes(number, *digest), "object {number}: {:?}", report.coverage);
    }
    report
}

fn ranges(report: &Report) -> Vec<(u64, u64)> {
    report.coverage.ranges.iter().map(|&range| range.into()).collect()
}

const ALL: Budget = Budget { max_bytes: None, max_time: None };

const fn bytes(max_bytes: u64) -> Budget {
    Budget { max_bytes: Some(max_bytes), max_time: None }
}

#[test]
fn everything_is_read_where_nothing_else_is_asked_for() {
    let report = Archive::of(&[0..7, 7..20]).verify(Selection::All, ALL);
    assert_eq!((report.verdict, report.findings.len()), (ReportVerdict::Sound, 0));
    assert!(report.coverage.is_whole() && report.ends_round());
    assert_eq!((report.checked.objects, report.not_checked.len()), (20, 0));
}

#[test]
fn a_limit_of_bytes_is_kept_and_what_is_left_is_said() {
    let archive = Archive::of(&[0..7, 7..20]);
    for (limit, objects) in [(1, 1), (100, 1), (199, 1), (200, 2), (1_250, 12), (1_999, 19), (2_000, 20)] {
        let report = archive.verify(Selection::All, bytes(limit));
        assert_eq!((report.verdict, report.complete), (ReportVerdict::Sound, true));
        assert_eq!(ranges(&report), [(0, objects)], "{limit}");
        assert_eq!((report.checked.objects, report.checked.object_bytes), (objects, 100 * objects));
        assert_eq!(report.checked.entries, 21, "the log is checked whole");
        assert_eq!((report.coverage.is_whole(), report.not_checked.is_empty()), (objects == 20, objects == 20));
    }
    let report = archive.verify(Selection::All, bytes(1_250));
    let left = "the bytes of 8 of 20 objects, from object number 12 on: as much as was asked for was read; \
                the round can be resumed";
    assert_eq!(english(&report.not_checked), [left]);
}

#[test]
fn a_round_reads_every_object_exactly_once() {
    let mut archive = Archive::of(&[0..7, 7..20]);
    let mut selection = Selection::All;
    let mut read = Vec::new();
    for run in 0..4 {
        let report = archive.verify(selection, bytes(700));
        assert_eq!(report.verdict, ReportVerdict::Sound);
        read.push(ranges(&report));
        assert_eq!(report.ends_round(), run == 3);
        let progress = report.progress.unwrap();
        if run == 1 {
            archive.commit(20..25, 20..25);
        }
        selection = Selection::Rest(progress);
    }
    assert_eq!(read, [vec![(0, 7)], vec![(7, 7)], vec![(14, 7)], vec![(21, 4)]]);
}

#[test]
fn a_round_goes_on_only_where_the_same_objects_stand() {
    let archive = Archive::of(&[0..20]);
    let progress = archive.verify(Selection::All, bytes(700)).progress.unwrap();
    assert_eq!(progress.read, Coverage::of(20, 0..7));
    for other in [Archive::of(&[0..19]), Archive::of(&[1..21])] {
        let report = other.verify(Selection::Rest(progress.clone()), bytes(300));
        assert!(report.has_begun_anew);
        assert_eq!(ranges(&report), [(0, 3)]);
        assert_eq!(report.progress.unwrap().read.count(), 3);
    }
    let report = Archive::of(&[0..20, 20..30]).verify(Selection::Rest(progress), bytes(300));
    assert!(!report.has_begun_anew);
    assert_eq!(ranges(&report), [(7, 3)]);
}

/// A clock that goes on by a second each time that somebody looks.
#[derive(Default)]
struct Clock(AtomicU64);

impl Watch for Clock {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.fetch_add(1, SeqCst))
    }
}

#[test]
fn a_limit_of_time_ends_the_reading_but_not_before_the_first_object() {
    let archive = Archive::of(&[0..200]);
    for seconds in [1, 5, 40] {
        let budget = Budget { max_bytes: None, max_time: Some(Duration::from_secs(seconds)) };
        let report = check(&archive.volume(), Selection::All, budget, &Clock::default());
        assert_eq!((report.verdict, report.complete), (ReportVerdict::Sound, true));
        assert!((1..=seconds + 2).contains(&report.checked.objects), "{seconds}: {:?}", report.checked);
        assert_eq!(report.coverage.count(), report.checked.objects);
        assert_eq!(report.checked.entries, 201);
    }
    let over = Clock(AtomicU64::new(1_000));
    let report =
        check(&archive.volume(), Selection::All, Budget { max_time: Some(Duration::from_secs(1)), ..ALL }, &over);
    assert_eq!(ranges(&report), [(0, 1)]);
    // Who keeps no clock has no limit of time.
    let report = archive.verify(Selection::All, Budget { max_time: Some(Duration::from_secs(1)), ..ALL });
    assert!(report.coverage.is_whole());
}

/// Stops when so many bytes were dealt with.
struct Stop {
    after: u64,
    done: AtomicU64,
}

impl Watch for Stop {
    fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, SeqCst);
    }

    fn is_stopped(&self) -> bool {
        self.done.load(SeqCst) >= self.after
    }
}

#[test]
fn an_interrupted_run_claims_no_more_than_it_read() {
    let archive = Archive::of(&[0..50, 50..100, 100..150]);
    let mut seen = BTreeSet::new();
    for after in (0..110_000).step_by(7_777) {
        for selection in [Selection::All, Selection::Since(Since::Entry(EntryIndex(0)))] {
            let watch = Stop { after, done: AtomicU64::new(0) };
            let report = check(&archive.volume(), selection.clone(), ALL, &watch);
            if report.complete {
                assert!(report.coverage.is_whole());
                continue;
            }
            seen.insert(report.coverage.count());
            assert_eq!(english(&report.not_checked), ["what follows the point where the verification was stopped"]);
            assert!(!report.ends_round());
            let Some(progress) = report.progress else { continue };
            let rest = archive.verify(Selection::Rest(progress.clone()), ALL);
            assert!(!rest.has_begun_anew && rest.ends_round());
            assert_eq!(progress.read.count() + rest.coverage.count(), 150, "each object once");
        }
    }
    assert!(seen.len() > 1, "{seen:?}");
}

#[test]
fn exhibits_of_one_object_are_one_object() {
    let mut archive = Archive::of(&[0..3]);
    // The same bytes from another place: an exhibit without an object of its own.
    archive.commit(3..3, 1..2);
    let exhibits = |numbers: &[usize]| {
        Selection::Exhibits(numbers.iter().map(|&number| archive.exhibits[number]).collect::<HashSet<_>>())
    };
    let report = archive.verify(exhibits(&[1, 3]), ALL);
    assert_eq!((report.verdict, report.objects, report.exhibits), (ReportVerdict::Sound, 3, 4));
    assert_eq!((ranges(&report), report.checked.objects), (vec![(1, 1)], 1));
    assert_eq!(english(&report.not_checked), ["the bytes of 2 objects of other exhibits"]);
    assert_eq!(report.progress, None);
    assert_eq!(ranges(&archive.verify(exhibits(&[0, 2]), ALL)), [(0, 1), (2, 1)]);
}

#[test]
fn what_came_in_since_is_what_was_first_named_since() {
    let mut archive = Archive::of(&[0..3, 3..6]);
    // An old object again: it did not come in now.
    archive.commit(6..7, 1..2);
    archive.commit(7..8, 6..8);
    let time = |minutes: i64| Timestamp::from_unix_ms(1_795_424_400_000 + 60_000 * minutes).unwrap();
    // Entry 0 begins the archive, entry n + 1 names object n, up to the sixth.
    for (since, expected) in [
        (Since::Entry(EntryIndex(0)), vec![(0, 8)]),
        (Since::Entry(EntryIndex(4)), vec![(3, 5)]),
        (Since::Entry(EntryIndex(7)), vec![(6, 2)]),
        (Since::Entry(EntryIndex(1_000)), vec![]),
        (Since::Time(time(4)), vec![(3, 5)]),
        (Since::Time(time(3)), vec![(2, 6)]),
        (Since::Time(time(1_000)), vec![]),
    ] {
        let report = archive.verify(Selection::Since(since), ALL);
        assert_eq!(ranges(&report), expected, "{since:?}");
        assert_eq!(report.progress, None);
    }
}

#[test]
fn a_sample_reads_what_it_draws_and_says_what_follows() {
    let archive = Archive::of(&[0..200]);
    let sample = Sample { per_million: 250_000, seed: Salt::from_bytes([9; 16]) };
    let drawn: Vec<u64> = (0..200).filter(|&number| sample.includes(Digest::of(&content(number)))).collect();
    let report = archive.verify(Selection::Sample(sample), ALL);
    assert_eq!(report.coverage, Coverage { sample: Some(sample), ..Coverage::whole(200) });
    assert_eq!(report.checked.objects, drawn.len() as u64);
    let confidence = report.confidence.unwrap();
    assert_eq!((confidence.drawn, confidence.held), (drawn.len() as u64, 200));
    assert!(!report.coverage.is_whole());

    let report = archive.verify(Selection::Sample(sample), bytes(1_000));
    assert_eq!(report.checked.objects, 10);
    assert_eq!(report.confidence, None, "a sample that was not read to its end says nothing");
    let covered = (0..200).filter(|&number| report.coverage.includes(number, Digest::of(&content(number))));
    assert_eq!(covered.collect::<Vec<_>>(), drawn[..10]);
}

#[test]
fn a_sample_that_finds_damage_gives_no_comfort() {
    let archive = Archive::of(&[0..200]);
    let sample = Sample { per_million: 250_000, seed: Salt::from_bytes([9; 16]) };
    let drawn = (0..200).find(|&number| sample.includes(Digest::of(&content(number)))).unwrap();
    let mut volume = archive.volume();
    let at = volume.bytes.windows(100).position(|window| window == content(drawn)).unwrap();
    volume.bytes[at + 50] ^= 1;
    let report = check(&volume, Selection::Sample(sample), ALL, &Unwatched);
    assert_eq!((report.verdict, report.log_verdict), (ReportVerdict::Failed, ReportVerdict::Sound));
    assert_eq!(report.confidence, None);
}

#[test]
fn an_object_that_cannot_be_read_does_not_hold_a_round_up() {
    let archive = Archive::of(&[0..10]);
    let mut volume = archive.volume();
    let at = volume.bytes.windows(100).position(|window| window == content(4)).unwrap();
    volume.is_unreadable_at = Some(at as u64 + 20);
    let report = check(&volume, Selection::All, bytes(700), &Unwatched);
    assert_eq!(report.findings.iter().map(|finding| finding.code.code()).collect::<Vec<_>>(), ["V106"]);
    assert!(report.failed_objects.contains(&Digest::of(&content(4))));
    assert_eq!(report.progress.unwrap().read, Coverage::of(10, 0..7));
}

/// Whatever a bad sector takes away, what lies in other sectors is checked, and that it is bad is said.
#[test]
fn a_sector_that_cannot_be_read_does_not_hold_a_verification_up() {
    let archive = Archive::of(&[0..20, 20..25, 25..45]);
    let mut volume = archive.volume();
    let sound = check(&volume, Selection::All, ALL, &Unwatched).checked;
    let last = Archive::of(&[0..20, 20..25]).bytes.len() as u64;
    for at in (0..volume.bytes.len() as u64).step_by(512) {
        volume.is_unreadable_at = Some(at);
        let report = check(&volume, Selection::All, ALL, &Unwatched);
        assert_eq!(report.verdict, ReportVerdict::Failed, "at {at}");
        let is_told = |code: &str| report.findings.iter().any(|finding| finding.code.code() == code);
        assert!(is_told("V106") || is_told("V607"), "at {at}: {:?}", report.findings);
        // In a sector there are at most eight headers; of the last commit, the checkpoint may be gone that makes it one.
        let held = if at < last { sound.objects } else { 25 };
        assert!(report.checked.objects + 8 >= held, "at {at}: {:?}", report.checked);
    }
}

#[test]
fn a_volume_that_cannot_be_opened_does_not_hide_the_others() {
    struct Failing(Volume);
    impl Evidence for Failing {
        fn volumes(&self) -> io::Result<(Vec<VolumeNumber>, Vec<String>)> {
            Ok((vec![VolumeNumber(0), VolumeNumber(1)], Vec::new()))
        }
        fn open(&self, number: VolumeNumber) -> io::Result<Arc<dyn ReadAt>> {
            match number.0 {
                0 => Ok(Arc::new(self.0.clone())),
                _ => Err(io::Error::from_raw_os_error(EIO)),
            }
        }
    }
    let archive = Archive::of(&[0..10]);
    let request = Request { archive: archive.log.fingerprint(), ..request() };
    let report = verify(&Failing(archive.volume()), &request, &mut Objects::default(), &Unwatched).unwrap();
    let found: Vec<_> =
        report.findings.iter().map(|finding| (finding.code.code(), finding.place.to_string())).collect();
    assert!(found.contains(&("V607", "volumes/000001.tar".to_owned())), "{found:?}");
    assert_eq!(report.checked.objects, 10);
}

/// Where an object was taken out cleanly, those behind it have other numbers than before.
#[test]
fn numbers_behind_a_missing_object_are_not_claimed() {
    let whole = Archive::of(&[0..4, 4..8, 8..12]);
    let mut volume = whole.volume();
    let object = volumes::member(MemberName::Object(Digest::of(&content(5))), &content(5), true);
    let at = volume.bytes.windows(object.len()).position(|window| window == object).unwrap();
    volume.bytes.drain(at..at + object.len());
    let report = check(&volume, Selection::All, bytes(900), &Unwatched);
    assert_eq!((report.verdict, report.log_verdict), (ReportVerdict::Failed, ReportVerdict::Sound));
    assert_eq!(report.checked.objects, 9);
    assert_eq!(ranges(&report), [(0, 4)], "nothing from the commit on in which it is missing");
    // Where all were read, it does not matter which is which.
    let report = check(&volume, Selection::All, ALL, &Unwatched);
    assert_eq!(ranges(&report), [(0, 11)]);
}

#[test]
fn the_objects_of_a_round_are_told_by_their_digests() {
    let digests: Vec<_> = (0..3).map(|number| Digest::of(&content(number))).collect();
    let bytes: Vec<u8> = digests.iter().flat_map(|digest| *digest.as_bytes()).collect();
    assert_eq!(digest_of_objects(&digests), Digest::of(&bytes));
    let report = Archive::of(&[0..3]).verify(Selection::All, ALL);
    let read = Coverage { objects_held: 3, ranges: vec![Range { first: 0, count: 3 }], sample: None };
    assert_eq!(report.progress, Some(Progress { read, objects: Digest::of(&bytes) }));
}
