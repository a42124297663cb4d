//! Events of keeping the archive: verifications, repairs, and replicas in other places.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::body::{Numbers, bodies, without_numbers};
use super::declaration::{ANYONE, ARCHIVISTS, About, Declaration, Declared};
use super::rule::{At, Broken};
use crate::digest::Digest;
use crate::model::agent::{UnknownWord, words};
use crate::model::amounts::{count, number};
use crate::model::coverage::{Coverage, MAX_FAILED_OBJECTS};
use crate::model::ids::CopyId;
use crate::model::text::serde_as_text;

words! {
    /// The outcome of a verification.
    Verdict {
        /// Everything that was looked at is as it was committed to.
        Sound = "sound",
        /// Nothing is lost or forged, but something is not as it should be.
        Degraded = "degraded",
        /// Something is missing, changed or not what it claims to be.
        Failed = "failed",
    }
}

words! {
    /// The kind of medium that a copy of an archive lies on.
    Medium {
        /// A disk inside of a computer.
        Disk = "disk",
        /// A disk or stick that can be taken away.
        Removable = "removable",
        /// A folder of another computer.
        Network = "network",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// Where a copy of an archive is kept, seen from the archive. Never its address.
    Site {
        /// In the same building.
        Same = "same-site",
        /// Somewhere else, so that one fire or one raid does not take both.
        Other = "other-site",
    }
}

words! {
    /// Where repaired bytes were taken from.
    RepairSource {
        /// Another copy of the archive.
        Copy = "copy",
        /// Parity beside the volume.
        Parity = "parity",
    }
}

crate::shape::described! {
    /// A stretch of a volume.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Stretch {
        /// Its first byte, counted from the beginning of the volume.
        pub offset: u64,
        /// Its size.
        pub size_bytes: u64,
        /// The number of the volume.
        pub volume: u32,
    }
}

/// The most stretches of one entry.
pub const MAX_STRETCHES: usize = 300;

without_numbers!(Verdict, Medium, Site, RepairSource);

impl Numbers for Vec<Stretch> {
    fn add_numbers(&self, numbers: &mut Vec<u64>) {
        numbers.extend(self.iter().flat_map(|stretch| [stretch.offset, stretch.size_bytes]));
    }
}

bodies! {
    /// An event of keeping the archive.
    PreservationEvent

    /// A verification was run and its outcome kept.
    ArchiveVerified {
        /// Which objects were read.
        coverage: Coverage,
        /// Entries that were checked.
        entries: u64,
        /// The objects among them that are missing, changed or unreadable, in ascending order; at most
        /// [`MAX_FAILED_OBJECTS`], which then says nothing of the others.
        failed_objects: Vec<Digest>,
        /// Digests of fields; a verification has none.
        fields: Vec<Digest>,
        /// Findings that make the verdict worse than sound.
        findings: u64,
        /// The outcome for everything but the bytes of objects: entries, signatures, fields, checkpoints, volumes.
        log_verdict: Verdict,
        /// Objects whose bytes were read and hashed.
        objects: u64,
        /// Root of the log that was checked.
        root: Digest,
        /// Size of the log that was checked.
        size: u64,
        /// Bytes of objects that were read and hashed.
        size_bytes: u64,
        /// The program that checked, with its version.
        software: String,
        /// The outcome.
        verdict: Verdict,
    }
    /// The archive was copied to another place, and the copy was read again.
    ReplicaMade {
        /// Digests of fields.
        fields: Vec<Digest>,
        /// What the copy lies on.
        medium: Medium,
        /// The name of the copy; the same each time it is brought up to date.
        replica: CopyId,
        /// Root of the log in the copy.
        root: Digest,
        /// Where the copy is.
        site: Site,
        /// Size of the log in the copy.
        size: u64,
        /// Bytes of the volumes in the copy.
        size_bytes: u64,
        /// The program that copied, with its version.
        software: String,
    }
    /// A copy of the archive is gone, or is no longer relied on.
    ReplicaLost {
        /// Fields (reason).
        fields: Vec<Digest>,
        /// The name of the copy, as in its [`ReplicaMade`].
        replica: CopyId,
    }
    /// Damaged or missing bytes of volumes were replaced by those that were committed.
    ArchiveRepaired {
        /// Digests of fields.
        fields: Vec<Digest>,
        /// The program that repaired, with its version.
        software: String,
        /// Where the bytes were taken from.
        source: RepairSource,
        /// What was replaced: in ascending order, none overlapping, at most [`MAX_STRETCHES`].
        stretches: Vec<Stretch>,
    }
}

impl Declared for ArchiveVerified {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "archive.verified",
        about: About::Archive,
        made_by: ANYONE,
        flaw: |body, _| {
            let failed = &body.failed_objects;
            if failed.len() > MAX_FAILED_OBJECTS || !failed.is_sorted_by(|a, b| a < b) {
                return Some("its `failed_objects` are too many, or not in ascending order, or one is repeated");
            }
            body.coverage.flaw()
        },
        brings: |_| None,
        software: |body| Some(&body.software),
        sentence: |body, scene| {
            let held = count(body.coverage.objects_held, "object");
            let objects = if body.coverage.is_whole() {
                count(body.objects, "object")
            } else {
                format!("{} of {held}", number(body.objects))
            };
            let (entries, findings) = (count(body.entries, "entry"), count(body.findings, "finding"));
            let scope = body.coverage.scope();
            format!("{} verified {scope}: {} ({entries}, {objects}, {findings})", scene.who, body.verdict)
        },
    };
}

impl Declared for ReplicaMade {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "replica.made",
        about: About::Archive,
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |body| Some(&body.software),
        sentence: |body, scene| {
            let (replica, entries) = (body.replica, count(body.size, "entry"));
            format!("{} brought the copy {replica} up to {entries} ({}, {})", scene.who, body.medium, body.site)
        },
    };
}

impl Declared for ReplicaLost {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "replica.lost",
        about: About::Archive,
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            format!("{} struck off the copy {} ({})", scene.who, body.replica, scene.text("reason"))
        },
    };
}

impl Declared for ArchiveRepaired {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "archive.repaired",
        about: About::Archive,
        made_by: ARCHIVISTS,
        flaw: |body, _| flaw_of_stretches(&body.stretches),
        brings: |_| None,
        software: |body| Some(&body.software),
        sentence: |body, scene| {
            let size = count(body.stretches.iter().map(|stretch| stretch.size_bytes).sum(), "byte");
            let source = match body.source {
                RepairSource::Copy => "a copy of the archive",
                RepairSource::Parity => "parity",
            };
            format!("{} repaired {size} of volumes, taken from {source}", scene.who)
        },
    };
}

fn flaw_of_stretches(stretches: &[Stretch]) -> Option<&'static str> {
    let is_before = |a: &Stretch, b: &Stretch| {
        let end = a.offset.checked_add(a.size_bytes);
        a.volume < b.volume || (a.volume == b.volume && end.is_some_and(|end| end <= b.offset))
    };
    let is_empty = |stretch: &Stretch| stretch.size_bytes == 0;
    (stretches.is_empty()
        || stretches.len() > MAX_STRETCHES
        || stretches.iter().any(is_empty)
        || !stretches.is_sorted_by(is_before))
    .then_some("its `stretches` are none or too many, or one is empty, or they are not in ascending order")
}

/// The copies of the archive that are there, as its log has it.
#[derive(Debug, Default)]
pub(crate) struct Replicas(HashSet<CopyId>);

impl Replicas {
    /// Takes in an entry.
    pub fn take(&mut self, event: PreservationEvent<'_>, at: &At) -> Result<(), Broken> {
        match event {
            PreservationEvent::ArchiveVerified(body) => at.reaches(body.size),
            PreservationEvent::ReplicaMade(body) => {
                at.reaches(body.size)?;
                self.0.insert(body.replica);
                Ok(())
            }
            PreservationEvent::ReplicaLost(body) if !self.0.remove(&body.replica) => at.missing((
                "it speaks of a copy that was not made before, or was lost before",
                "그때까지 만들지 않았거나 이미 잃은 복제본을 말합니다",
            )),
            PreservationEvent::ReplicaLost(_) | PreservationEvent::ArchiveRepaired(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Event;
    use super::super::testing::{at, check, digest, sentence};
    use super::*;
    use crate::model::agent::Role;
    use crate::model::ids::EntryIndex;

    const ARCHIVISTS: &[Role] = &[Role::Administrator, Role::Archivist];

    fn verified(size: u64) -> ArchiveVerified {
        ArchiveVerified {
            coverage: Coverage::whole(3),
            entries: size,
            failed_objects: Vec::new(),
            fields: Vec::new(),
            findings: 0,
            log_verdict: Verdict::Sound,
            objects: 3,
            root: digest(1),
            size,
            size_bytes: 9,
            software: "vouchsafe/1".to_owned(),
            verdict: Verdict::Sound,
        }
    }

    fn replica(number: u8) -> CopyId {
        CopyId::from_bytes([number; 10])
    }

    fn made(size: u64) -> ReplicaMade {
        ReplicaMade {
            fields: Vec::new(),
            medium: Medium::Removable,
            replica: replica(1),
            root: digest(1),
            site: Site::Other,
            size,
            size_bytes: 9,
            software: "vouchsafe/1".to_owned(),
        }
    }

    fn lost(number: u8) -> ReplicaLost {
        ReplicaLost { fields: Vec::new(), replica: replica(number) }
    }

    fn repaired(stretches: &[(u32, u64, u64)]) -> ArchiveRepaired {
        let stretch = |&(volume, offset, size_bytes): &_| Stretch { offset, size_bytes, volume };
        ArchiveRepaired {
            fields: Vec::new(),
            software: "vouchsafe/1".to_owned(),
            source: RepairSource::Parity,
            stretches: stretches.iter().map(stretch).collect(),
        }
    }

    #[test]
    fn bodies_have_one_form_and_makers() {
        let (root, copy) = (digest(1), replica(1));
        let covered = r#""coverage":{"objects_held":3,"ranges":[[0,3]]},"entries":4,"failed_objects":[],"fields":[]"#;
        let outcome = r#""size":4,"size_bytes":9,"software":"vouchsafe/1","verdict":"sound""#;
        check(
            verified(4),
            &format!(r#"{{{covered},"findings":0,"log_verdict":"sound","objects":3,"root":"{root}",{outcome}}}"#),
            Role::ALL,
        );
        let place = format!(r#""medium":"removable","replica":"{copy}","root":"{root}","site":"other-site""#);
        let json = format!(r#"{{"fields":[],{place},"size":4,"size_bytes":9,"software":"vouchsafe/1"}}"#);
        check(made(4), &json, ARCHIVISTS);
        check(lost(1), &format!(r#"{{"fields":[],"replica":"{copy}"}}"#), ARCHIVISTS);
        let stretches = r#"[{"offset":5,"size_bytes":7,"volume":2}]"#;
        let json = format!(r#"{{"fields":[],"software":"vouchsafe/1","source":"parity","stretches":{stretches}}}"#);
        check(repaired(&[(2, 5, 7)]), &json, ARCHIVISTS);
    }

    #[test]
    fn every_number_is_checked_to_stay_exact() {
        let mut numbers = Event::from(verified(4)).numbers();
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 3, 3, 4, 4, 9]);
        assert_eq!(Event::from(repaired(&[(2, 5, 7), (3, 0, 1)])).numbers(), [5, 7, 0, 1]);
    }

    #[test]
    fn repaired_stretches_are_in_order_and_do_not_overlap() {
        for (stretches, is_good) in [
            (vec![(0, 0, 5), (0, 5, 1), (1, 0, 1)], true),
            (vec![], false),
            (vec![(0, 0, 0)], false),
            (vec![(0, 0, 5), (0, 4, 1)], false),
            (vec![(1, 0, 1), (0, 0, 1)], false),
        ] {
            assert_eq!(Event::from(repaired(&stretches)).flaw(EntryIndex(1)).is_none(), is_good, "{stretches:?}");
        }
    }

    fn english(taken: Result<(), Broken>) -> Result<(), &'static str> {
        taken.map_err(|Broken((broken, _))| broken)
    }

    #[test]
    fn nothing_speaks_of_a_longer_log_than_there_was() {
        let mut replicas = Replicas::default();
        replicas.take((&verified(4)).into(), &at(4)).unwrap();
        let broken = "it speaks of a longer log than there was";
        assert_eq!(english(replicas.take((&verified(5)).into(), &at(4))), Err(broken));
        assert_eq!(english(replicas.take((&made(5)).into(), &at(4))), Err(broken));
        assert!(replicas.take((&lost(1)).into(), &at(5)).is_err(), "that copy was not made");
    }

    #[test]
    fn a_copy_is_lost_once_after_it_was_made() {
        let mut replicas = Replicas::default();
        let broken = "it speaks of a copy that was not made before, or was lost before";
        assert_eq!(english(replicas.take((&lost(1)).into(), &at(3))), Err(broken));
        replicas.take((&made(4)).into(), &at(4)).unwrap();
        assert_eq!(english(replicas.take((&lost(2)).into(), &at(5))), Err(broken));
        replicas.take((&lost(1)).into(), &at(6)).unwrap();
        assert_eq!(english(replicas.take((&lost(1)).into(), &at(7))), Err(broken));
        // An entry that is not understood may have made it.
        replicas.take((&lost(1)).into(), &At { may_be_hidden: true, ..at(8) }).unwrap();
    }

    #[test]
    fn a_verification_says_how_much_it_read() {
        assert_eq!(sentence(verified(4)), "Kim verified the whole archive: sound (4 entries, 3 objects, 0 findings)");
        let part = ArchiveVerified { coverage: Coverage::of(3, [0, 2]), objects: 2, ..verified(4) };
        let said = "Kim verified a part of the archive: sound (4 entries, 2 of 3 objects, 0 findings)";
        assert_eq!(sentence(part), said);
    }
}
