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
            PreservationEvent::ReplicaLost(body) if !self.0.remove(&body.replica) => {
                at.missing("it speaks of a copy that was not made before, or was lost before")
            }
            PreservationEvent::ReplicaLost(_) | PreservationEvent::ArchiveRepaired(_) => Ok(()),
        }
    }
}
