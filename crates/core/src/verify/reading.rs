//! What is known of an archive while its volumes are read.

use std::collections::HashMap;

use super::log::LogState;
use super::{Evidence, Observer, Report, Request, Watch};
use crate::digest::Digest;
use crate::format::volume::{Member, VolumeNumber};
use crate::model::{Bilingual, Coverage, EntryIndex, Timestamp};

/// What is said to be not checked where a verification was stopped.
pub(super) const AFTER_THE_STOP: Bilingual =
    ("what follows the point where the verification was stopped", "검증이 중단된 지점 뒤에 있는 것");

/// An object in the volumes.
pub(super) struct Held {
    pub volume: VolumeNumber,
    pub member: Member,
    /// The first entry that names it, and when that was recorded.
    pub named_by: Option<(EntryIndex, Timestamp)>,
}

/// Which objects are to be read.
pub(super) struct Chosen {
    /// Their numbers, ascending.
    pub numbers: Vec<u64>,
    /// What a round had read before; empty if there is none to go on with.
    pub before: Coverage,
}

/// What is known while the volumes are read.
pub(super) struct Reading<'a> {
    pub evidence: &'a dyn Evidence,
    pub request: &'a Request,
    pub observer: &'a mut dyn Observer,
    pub watch: &'a dyn Watch,
    pub log: LogState,
    pub objects: HashMap<Digest, Held>,
    /// The objects in the order of their numbers.
    pub order: Vec<Digest>,
    /// The last volume with a member in it, as far as is known.
    pub last_with_members: Option<VolumeNumber>,
    /// Whether that one was not closed: then nothing after it was ever begun.
    pub ends_open: bool,
    /// How many objects stood before the commit that is being read.
    pub before_commit: u64,
    /// From this number on, objects may have had other numbers before one of them was taken away or put in.
    pub numbered_up_to: u64,
    /// Which of them are to be read; `None` as long as that is not known.
    pub chosen: Option<Chosen>,
    pub report: Report,
}

impl<'a> Reading<'a> {
    /// Nothing is read yet.
    pub fn new(
        evidence: &'a dyn Evidence,
        request: &'a Request,
        observer: &'a mut dyn Observer,
        watch: &'a dyn Watch,
    ) -> Self {
        let log = LogState::new(request.archive, request.origin.clone(), request.log_key.clone());
        Self {
            evidence,
            request,
            observer,
            watch,
            log,
            objects: HashMap::new(),
            order: Vec::new(),
            last_with_members: None,
            ends_open: false,
            before_commit: 0,
            numbered_up_to: u64::MAX,
            chosen: None,
            report: Report::empty(),
        }
    }
}
