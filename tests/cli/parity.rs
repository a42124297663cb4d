//! Parity: made for closed volumes, of whole ones only, and anew where it is damaged.

use std::fs;
use std::path::PathBuf;

use vouchsafe_archive::ingest::{IngestRequest, Unfollowed, ingest};
use vouchsafe_archive::store::durable::SystemDisk;
use vouchsafe_archive::store::parity::make;
use vouchsafe_archive::{ArchiveError, KnownArchives, Session, SystemEnvironment};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::parity::Geometry;
use vouchsafe_core::format::volume::VolumeNumber;
use vouchsafe_core::verify::Unwatched;

use crate::desk::{Desk, noise};
use crate::volume::{flip, member};

/// A volume is closed past this size.
const VOLUME_BYTES: u64 = 1_500_000;

impl Desk {
    /// A desk with an archive of three volumes, two of them closed, with objects of many sizes.
    pub fn with_volumes() -> Self {
        let desk = Self::new();
        for number in 0..15 {
            let folder = format!("deposit-{}", number / 3);
            desk.write(format!("{folder}/{number:02}.bin"), noise(number, 300_000 + 1_000 * number as usize));
            desk.write(format!("{folder}/{number:02}.txt"), format!("invented testimony number {number}"));
        }
        // Two commits fill a volume.
        for folder in 0..5 {
            desk.ingest_into_small_volumes(&format!("deposit-{folder}"));
        }
        assert!(desk.volume(2).exists() && !desk.volume(3).exists());
        desk
    }

    /// Ingests with volumes that are soon full, which no option of the program makes.
    pub fn ingest_into_small_volumes(&self, name: &str) {
        let known = KnownArchives::new(self.path("home/known"), std::sync::Arc::new(SystemDisk));
        // Another test's process that is just being started may hold the lock for a moment.
        let mut session = loop {
            match Session::open(&self.archive(), Some(known.clone()), &SystemEnvironment) {
                Err(ArchiveError::InUse { .. }) => std::thread::yield_now(),
                opened => break opened.unwrap().0,
            }
        };
        session.set_volume_bytes(VOLUME_BYTES);
        let keys = self.keys();
        let request = IngestRequest { whole_bytes: 1024 * 1024, threads: 1, ..IngestRequest::of([self.path(name)]) };
        ingest(&mut session, request, &keys, &Unfollowed).unwrap();
        drop(session);
        self.wait_until_free();
    }

    /// The parity file of a volume.
    pub fn parity(&self, number: u32) -> PathBuf {
        self.archive().join(format!("parity/{number:06}.par"))
    }
}

#[test]
fn every_closed_volume_gets_parity_and_the_last_one_none() {
    let desk = Desk::with_volumes();
    desk.run(["parity"]).well().says("2 closed volumes: 2 with parity, 2 of them made now");
    assert!(desk.parity(0).exists() && desk.parity(1).exists() && !desk.parity(2).exists());
    let (volume, parity) = (fs::metadata(desk.volume(0)).unwrap().len(), fs::metadata(desk.parity(0)).unwrap().len());
    assert!(parity * 100 < volume * 9, "{parity} bytes for {volume}: much more than 5 % for a small volume");
    let before = fs::read(desk.parity(0)).unwrap();
    desk.run(["parity"]).well().says("2 with parity, 0 of them made now");
    assert_eq!(fs::read(desk.parity(0)).unwrap(), before);
    desk.check_sound();
}

#[test]
fn a_new_archive_has_nothing_to_make_parity_for() {
    let desk = Desk::new();
    desk.run(["parity"]).well().says("No volume is closed yet");
    assert!(!desk.archive().join("parity").exists());
}

#[test]
fn an_ingest_makes_the_parity_of_the_volumes_that_were_closed() {
    let desk = Desk::with_volumes();
    desk.write("late.txt", "one more");
    desk.run(["ingest", "late.txt"]).well().notes("Making parity for 2 closed volumes");
    assert!(desk.parity(0).exists() && desk.parity(1).exists());
    desk.write("later.txt", "and another");
    let said = desk.run(["ingest", "later.txt"]).well();
    assert!(!said.err.contains("arity"), "{said:?}");
}

#[test]
fn the_share_is_what_was_asked_for() {
    let desk = Desk::with_volumes();
    desk.run(["parity", "--share", "20%"]).well();
    let large = fs::metadata(desk.parity(0)).unwrap().len();
    desk.run(["parity"]).well().says("0 of them made now");
    desk.run(["parity", "--share", "5"]).well().says("2 of them made now");
    assert!(fs::metadata(desk.parity(0)).unwrap().len() * 3 < large);
    for share in ["0", "101%", "-1", "half", ""] {
        desk.run(["parity", &format!("--share={share}")]).code(2).notes("from 1% to 100%");
    }
}

#[test]
fn damaged_parity_is_made_anew() {
    let desk = Desk::with_volumes();
    desk.run(["parity"]).well();
    let whole = fs::read(desk.parity(0)).unwrap();
    for at in [0, 20, 5_000, whole.len() / 2, whole.len() - 1] {
        flip(&desk.parity(0), at, 3);
        desk.run(["parity"]).well().says("1 of them made now");
        assert_eq!(fs::read(desk.parity(0)).unwrap(), whole, "byte {at}");
    }
    for length in [0, 1, 4096, whole.len() - 1] {
        crate::volume::cut(&desk.parity(0), length);
        desk.run(["parity"]).well().says("1 of them made now");
        assert_eq!(fs::read(desk.parity(0)).unwrap(), whole, "cut at {length}");
    }
    // Of another volume: the right form in the wrong place.
    fs::remove_file(desk.parity(0)).unwrap();
    fs::copy(desk.parity(1), desk.parity(0)).unwrap();
    desk.run(["parity"]).well().says("1 of them made now");
    assert_eq!(fs::read(desk.parity(0)).unwrap(), whole);
}

#[test]
fn parity_of_other_bytes_is_found_and_made_anew() {
    let desk = Desk::with_volumes();
    desk.run(["parity"]).well();
    let whole = fs::read(desk.parity(0)).unwrap();
    // The volume of this number in an archive of the same files and another log.
    let other = Desk::with_volumes();
    other.run(["parity"]).well();
    let size = |desk: &Desk| fs::metadata(desk.volume(0)).unwrap().len();
    assert_eq!(size(&desk), size(&other), "else the size alone would tell");
    fs::remove_file(desk.parity(0)).unwrap();
    fs::copy(other.parity(0), desk.parity(0)).unwrap();
    desk.run(["doctor"]).code(1).says("1 of 2 closed volumes have parity that is damaged or does not match them");
    let said = desk.run(["parity"]).well().says("1 of them made now");
    said.notes("the parity of volumes/000000.tar is damaged, or was made from other bytes than the volume has now");
    assert_eq!(fs::read(desk.parity(0)).unwrap(), whole);
    flip(&desk.parity(0), 5_000, 0);
    desk.run(["doctor"]).code(1).says("parity that is damaged");
}

#[test]
fn every_byte_of_the_volumes_is_compared_if_that_is_asked_for() {
    let desk = Desk::with_volumes();
    desk.run(["parity", "--check-volumes"]).well().says("2 of them made now");
    desk.run(["parity", "--check-volumes"]).well().says("0 of them made now");
    // A place that is not among the few that are looked at otherwise.
    flip(&desk.volume(0), 5 * 4096 + 100, 0);
    desk.run(["parity"]).well();
    desk.run(["parity", "--check-volumes"]).code(1).notes("no parity was made for volumes/000000.tar: it is damaged");
    desk.run(["repair", "--apply"]).well();
}

#[test]
fn a_damaged_volume_gets_no_parity_that_would_keep_the_damage() {
    for name in ["objects/", "fields/", "log/", "checkpoints/"] {
        let desk = Desk::with_volumes();
        let place = member(&desk.volume(1), name, 0);
        flip(&desk.volume(1), place.content + place.size / 2, 0);
        desk.run(["parity"]).code(1).notes("no parity was made for volumes/000001.tar");
        assert!(desk.parity(0).exists() && !desk.parity(1).exists(), "{name}");
    }
}

/// The example of `docs/format.md`: what is made today must heal in twenty years.
#[test]
fn the_code_is_the_one_of_the_specification() {
    let volume: Vec<u8> = (0..1_000_000_u32).map(|i| (31 * i + i / 256) as u8).collect();
    let geometry = Geometry::new(1_000_000, 5).unwrap();
    assert_eq!((geometry.block_bytes, geometry.recovery_blocks), (4096, 13));
    for threads in [1, 3] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("000007.par");
        make(&SystemDisk, (VolumeNumber(7), &volume), geometry, &path, threads, &Unwatched).unwrap();
        let digest = Digest::of(&fs::read(&path).unwrap()).to_string();
        let specification = include_str!("../../docs/format.md");
        assert!(specification.contains(&format!("SHA-256 `{digest}`")), "{digest}");
    }
}
