//! What is checked apart from the order of the log, on all cores: hashes of objects, signatures and fields.

use std::cell::RefCell;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::Scope;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::approvals;
use super::finding::{Code, Finding, Place};
use super::hashing::hash_pieces;
use super::report::Checked;
use super::signers::wrong_signature;
use super::{Report, Watch};
use crate::digest::{Digest, Hasher};
use crate::format::volume::{Member, MemberName, PIECE_BYTES, ReadAt, VolumeNumber, pieces_through, read_exact_at};
use crate::format::{SignedEntry, fields};
use crate::language::{Text, text};
use crate::model::EntryIndex;
use crate::sign::PublicKey;
use crate::threads;

/// Objects from this size on are read by a thread of their own while they are hashed.
const LARGE_BYTES: u64 = 32 * 1024 * 1024;
/// Buffers between that thread and the one that hashes.
const BUFFERS_AHEAD: usize = 4;

/// Something that can be checked by itself.
pub(super) enum Job {
    Object(ObjectJob),
    Entries(Vec<EntryJob>),
}

/// The bytes of one object.
pub(super) struct ObjectJob {
    /// `None` for one that was held already, which has no number of its own.
    pub number: Option<u64>,
    pub volume: VolumeNumber,
    pub reader: Arc<dyn ReadAt>,
    pub digest: Digest,
    pub member: Member,
    /// Not to be begun later than this.
    pub until: Option<Duration>,
}

/// Signatures, approvals and fields of one entry.
pub(super) struct EntryJob {
    pub place: EntryIndex,
    pub entry: SignedEntry,
    pub keys: Vec<Option<PublicKey>>,
    /// The keys of its approvals.
    pub approvers: Vec<Option<PublicKey>>,
    pub fields: Vec<u8>,
}

/// What the workers found; shared by all of them.
#[derive(Default)]
pub(super) struct Outcome {
    findings: Mutex<Vec<Finding>>,
    /// Numbers of the objects that were read to their end, or as far as the disk lets them be read.
    finished: Mutex<Vec<u64>>,
    objects: AtomicU64,
    object_bytes: AtomicU64,
    signatures: AtomicU64,
    fields: AtomicU64,
}

impl Outcome {
    fn add(&self, finding: Finding) {
        // A poisoned lock means that another worker panicked, which the scope it runs in passes on.
        if let Ok(mut findings) = self.findings.lock() {
            findings.push(finding);
        }
    }

    /// Adds everything to the report. Returns the numbers of the objects that were read, in ascending order.
    pub fn report_to(self, report: &mut Report) -> Vec<u64> {
        for finding in self.findings.into_inner().unwrap_or_default() {
            report.add(finding);
        }
        report.checked = Checked {
            objects: self.objects.into_inner(),
            object_bytes: self.object_bytes.into_inner(),
            signatures: self.signatures.into_inner(),
            fields: self.fields.into_inner(),
            ..std::mem::take(&mut report.checked)
        };
        let mut finished = self.finished.into_inner().unwrap_or_default();
        finished.sort_unstable();
        finished
    }
}

/// Where jobs go.
pub(super) enum Jobs<'a> {
    /// To the workers.
    Queue(Sender<Job>),
    /// The system starts no thread for a worker: each job is done before the next one is looked for.
    Here { buffer: RefCell<Vec<u8>>, outcome: &'a Outcome, watch: &'a dyn Watch },
}

impl<'a> Jobs<'a> {
    /// Starts workers, as many as are asked for or as the system allows. They live until this is dropped.
    pub fn begin<'scope>(
        scope: &'scope Scope<'scope, '_>,
        threads: usize,
        outcome: &'a Outcome,
        watch: &'a dyn Watch,
    ) -> Self
    where
        'a: 'scope,
    {
        let threads = threads.max(1);
        let (jobs, queue) = bounded(4 * threads);
        let is_started = |_: &usize| {
            let queue = queue.clone();
            threads::start(scope, move || work(&queue, outcome, watch)).is_ok()
        };
        match (0..threads).take_while(is_started).count() {
            0 => Self::Here { buffer: RefCell::new(vec![0; PIECE_BYTES]), outcome, watch },
            _ => Self::Queue(jobs),
        }
    }

    /// Hands out a job.
    pub fn send(&self, job: Job) {
        match self {
            // It fails only when all workers have panicked, which the scope they run in passes on.
            Self::Queue(jobs) => drop(jobs.send(job)),
            Self::Here { buffer, outcome, watch } => perform(job, &mut buffer.borrow_mut(), outcome, *watch),
        }
    }
}

/// Takes jobs until there are no more.
fn work(jobs: &Receiver<Job>, outcome: &Outcome, watch: &dyn Watch) {
    let mut buffer = vec![0; PIECE_BYTES];
    jobs.iter().for_each(|job| perform(job, &mut buffer, outcome, watch));
}

fn perform(job: Job, buffer: &mut [u8], outcome: &Outcome, watch: &dyn Watch) {
    match job {
        Job::Object(job) if job.until.is_some_and(|until| watch.elapsed() > until) => {}
        Job::Object(job) => check_object(&job, buffer, outcome, watch),
        Job::Entries(entries) => entries.iter().for_each(|job| check_entry(job, outcome)),
    }
}

fn check_object(job: &ObjectJob, buffer: &mut [u8], outcome: &Outcome, watch: &dyn Watch) {
    let ObjectJob { volume, digest, member, .. } = job;
    let digest = *digest;
    let place = || Place::Volume { volume: *volume, offset: member.header_offset };
    let hashed = match member.size_bytes < LARGE_BYTES {
        true => hash_pieces(pieces_through(&*job.reader, member.content(), buffer), watch),
        false => hash_large(&*job.reader, member, buffer, watch),
    };
    match hashed {
        Ok(found) if found == digest => {}
        Ok(found) => {
            let message = text!(
                "the bytes of {name} have the SHA-256 {found}", "{name}의 SHA-256은 {found}입니다";
                name = MemberName::Object(digest)
            );
            outcome.add(Finding::new(Code::ObjectChanged, place(), message).of(digest));
        }
        // It was stopped on the way.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
        Err(error) => {
            let message =
                text!("{name}: {error}", "{name}: 읽을 수 없습니다: “{error}”"; name = MemberName::Object(digest));
            outcome.add(Finding::new(Code::ObjectUnreadable, place(), message).of(digest));
        }
    }
    if let (Some(number), Ok(mut finished)) = (job.number, outcome.finished.lock()) {
        finished.push(number);
    }
    outcome.objects.fetch_add(1, Relaxed);
    outcome.object_bytes.fetch_add(member.size_bytes, Relaxed);
}

/// The digest of a member's content, with a thread that reads ahead of the hashing where one can be had. Fails as
/// [`hash_pieces`] does.
fn hash_large(reader: &dyn ReadAt, member: &Member, buffer: &mut [u8], watch: &dyn Watch) -> io::Result<Digest> {
    let (filled_in, filled_out) = bounded::<io::Result<Vec<u8>>>(BUFFERS_AHEAD);
    let (empty_in, empty_out) = bounded::<Vec<u8>>(BUFFERS_AHEAD);
    std::thread::scope(|scope| {
        let reading = threads::start(scope, move || {
            // Each piece is handed over to the other thread, so there are several buffers.
            let Range { start: mut offset, end } = member.content();
            while offset < end {
                let mut buffer = empty_out.try_recv().unwrap_or_default();
                buffer.resize(usize::try_from(end - offset).unwrap_or(usize::MAX).min(PIECE_BYTES), 0);
                let read = read_exact_at(reader, offset, &mut buffer);
                offset += buffer.len() as u64;
                let is_failed = read.is_err();
                // The thread that hashes may have stopped.
                if filled_in.send(read.map(|()| buffer)).is_err() || is_failed {
                    break;
                }
            }
        });
        if reading.is_err() {
            return hash_pieces(pieces_through(reader, member.content(), buffer), watch);
        }
        let mut hasher = Hasher::default();
        for buffer in filled_out {
            let buffer = buffer?;
            if watch.is_stopped() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            hasher.update(&buffer);
            watch.advance(buffer.len() as u64);
            let _ = empty_in.try_send(buffer);
        }
        Ok(hasher.finish())
    })
}

fn check_entry(job: &EntryJob, outcome: &Outcome) {
    let entry = &job.entry.entry;
    let add = |code, message: Text| {
        outcome.add(Finding::new(code, job.place, message).about(job.place, entry.exhibit));
    };
    for (number, key) in job.keys.iter().enumerate() {
        let Some(key) = key else { continue };
        if !job.entry.verifies(number, key) {
            add(Code::SignatureWrong, wrong_signature(key.id()));
        }
        outcome.signatures.fetch_add(1, Relaxed);
    }
    for (approval, key) in entry.attached.approvals.iter().zip(&job.approvers) {
        let wrong = key.as_ref().and_then(|key| approvals::wrong_signature(entry, approval, key));
        wrong.into_iter().for_each(|message| add(Code::ApprovalWrong, message));
    }
    match fields::read_line_of(entry, &job.fields) {
        Ok(disclosures) => {
            if let Some(message) = approvals::other_request(entry, &disclosures) {
                add(Code::ApprovalWrong, message);
            }
            if !fields::are_committed(entry, &job.fields, &disclosures) {
                let message = text!(
                    "its fields are not those that it commits to",
                    "서술 정보가 기록 항목이 확약한 것이 아닙니다"
                );
                add(Code::FieldsChanged, message);
            }
            outcome.fields.fetch_add(disclosures.len() as u64, Relaxed);
        }
        Err(error) => add(Code::FieldsMalformed, text!("{error}", "서술 정보를 읽을 수 없습니다: “{error}”")),
    }
}
