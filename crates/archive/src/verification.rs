//! Verifying an archive in a folder: the verifier on its volumes, and the index beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::catch_up::is_foreign;
use super::committed::Committed;
use super::environment::Environment;
use super::error::ArchiveError;
use super::index::Index;
use super::index_check::{INDEX_PLACE, IndexCheck};
use super::known::{KnownArchive, KnownArchives};
use super::layout::{DESCRIPTION, INDEX, volumes_of};
use super::lock::Lock;
use super::locking::{Unlocked, take_lock_to_read};
use super::open::committed_end;
use super::open::describe;
use super::opening::IndexPlaces;
use super::scratch::Scratch;
use super::standing::other_archive;
use super::threads;
use crate::store::durable::SystemDisk;
use crate::store::{Known, Position, Scan, ScanError, Volumes, read_agents_and_size, scan};
use vouchsafe_core::format::SignedCheckpoint;
use vouchsafe_core::language::Text;
use vouchsafe_core::model::{Bilingual, Fingerprint, count, number};
use vouchsafe_core::text;
use vouchsafe_core::verify::{
    self, Agents, Budget, Code, Finding, Judged, KnownHead, Report, ReportVerdict, Request, Selection, Trust, Watch,
};

/// The statement of trust if there is nothing from outside to rely on.
const SELF_CONSISTENCY: Bilingual = (
    "only the archive's own archive.json: this shows that the archive is consistent, not whose it is",
    "보존소 자체의 archive.json뿐입니다. 보존소가 스스로와 일치한다는 것을 보여 줄 뿐, 누구의 것인지는 보여 주지 않습니다.",
);

/// What the index is called among the places where heads are kept.
const INDEX_NAME: Bilingual = ("the index", "색인");

/// A head that somebody kept outside of the archive.
#[derive(Debug, Clone)]
pub struct ExpectedHead {
    /// The checkpoint.
    pub head: SignedCheckpoint,
    /// The fingerprint of its archive, where it was kept with what shows it.
    pub archive: Option<Fingerprint>,
    /// Whether what was kept with it shows by which keys that archive's log is signed, and that it is signed so. If not, that
    /// is compared with the archive.
    pub is_proved: bool,
    /// Where it was kept.
    pub path: PathBuf,
}

impl ExpectedHead {
    /// Whether it is of the log of this archive, in which these may sign. Nothing that it says is believed if not.
    fn is_of(&self, archive: &super::Description, agents: &Agents) -> bool {
        match self.archive {
            Some(named) => named == archive.fingerprint && (self.is_proved || agents.have_signed(&self.head)),
            None => agents.have_signed(&self.head),
        }
    }

    /// Why it is not compared with this archive, whose log has this many readable entries.
    fn why_not_of(&self, archive: &super::Description, agents: &Agents, size: u64) -> ArchiveError {
        let path = self.path.clone();
        let is_named = self.archive.is_none_or(|named| named == archive.fingerprint);
        // The key may have been changed by an entry that was cut off, or that is not understood.
        let may_be_changed = self.head.checkpoint.size > size || !agents.are_all_known();
        let is_of_another_key = self.head.names_another_key(agents.log_keys());
        if is_named && may_be_changed && is_of_another_key && self.head.checkpoint.origin == *archive.origin() {
            return ArchiveError::HeadOfUnknownKey { path, size: self.head.checkpoint.size, found: size };
        }
        ArchiveError::ForeignHead { path }
    }
}

/// What to verify, and against what.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// What this machine remembers.
    pub known: Option<KnownArchives>,
    /// What was given from outside.
    pub trust: Trust,
    /// Heads given from outside.
    pub expected_heads: Vec<ExpectedHead>,
    /// Which objects to read.
    pub selection: Selection,
    /// How much of them at most.
    pub budget: Budget,
    /// Threads; 0 for as many as there are cores.
    pub threads: usize,
    /// Where a copy of the index may be made, so that nobody waits for the end of a verification. Without it, the archive is
    /// locked meanwhile.
    pub places: Option<IndexPlaces>,
}

/// Verifies an archive. Changes nothing in it; works on a read-only copy, too.
///
/// # Errors
/// It is no archive, cannot be read, or is in use and there is no place for an index. Bad evidence is no error but in the report.
pub fn verify_archive(
    folder: &Path,
    verification: &Verification,
    environment: &dyn Environment,
    watch: &dyn Watch,
) -> Result<Report, ArchiveError> {
    let description = describe(folder)?;
    let store = volumes_of(folder, Arc::new(SystemDisk));
    let first = Agents::of_log(description.log_key.clone());
    let mut strange = verification.expected_heads.iter().filter(|head| !head.is_of(&description, &first)).peekable();
    if strange.peek().is_some() {
        // The log's key may have been changed.
        let (agents, size) = read_agents_and_size(&store, &description.log_key);
        if let Some(head) = strange.find(|head| !head.is_of(&description, &agents)) {
            return Err(head.why_not_of(&description, &agents, size));
        }
    }
    let remembered = match &verification.known {
        Some(known) => known.get(description.fingerprint)?,
        None => None,
    };
    // Without it there is nothing to judge: its disk may not be connected.
    store.list()?;
    let ground = Ground::of(folder, &description, &store, verification.places.as_ref(), environment)?;
    let index = ground.index.as_ref().map(|snapshot| &snapshot.index);
    let mut check = IndexCheck::new(index);
    let mut request = request(&description, verification, remembered.as_ref());
    // A signed longer log exists, no matter who kept the checkpoint.
    let indexed = index.and_then(Index::head).filter(|head| {
        index.is_some_and(|index| {
            let agents = index.signing(&description.log_key);
            agents.log_keys().next() == Some(&description.log_key) && agents.have_signed(head)
        })
    });
    if let Some(head) = indexed {
        request.known_heads.push(KnownHead { checkpoint: head.checkpoint.clone(), kept_in: INDEX_NAME.into() });
    }
    let mut report = verify::verify(&Committed { store: &store, end: ground.end }, &request, &mut check, watch)
        .map_err(ArchiveError::io("read the volumes", store.root()))?;
    check.report_to(&mut report);
    if let Some(format) = &description.newer_format {
        let message =
            text!("this program does not know the format {format}", "이 프로그램이 모르는 형식입니다: {format}");
        report.add(Finding::new(Code::DescriptionNotUnderstood, DESCRIPTION, message));
    }
    match &ground.no_index {
        Some(NoIndex::Unread(reason)) => {
            report.add(Finding::new(Code::IndexUnread, Text::from(INDEX_PLACE), reason.clone()));
        }
        Some(NoIndex::NotOpened(reason)) => {
            report.not_checked.push(text!("the index: {reason}", "색인: 열 수 없습니다: “{reason}”"));
        }
        None => {}
    }
    if let Some(unlocked) = ground.unlocked {
        // Nothing is wrong with it, as far as anybody knows.
        report.not_checked.push(text!(
            [reason = Text::from(unlocked.reason())]
            "the index: {reason}, and the index can only be opened for writing",
            "색인: 쓸 수 있을 때만 열 수 있습니다. {reason}."
        ));
    }
    if ground.unlocked == Some(Unlocked::NoLocks) {
        report.not_checked.push(text!(
            "whether another program wrote to the archive meanwhile: the drive has no file locks",
            "그동안 다른 프로그램이 보존소에 썼는지: 이 드라이브에는 파일 잠금이 없습니다."
        ));
    }
    let is_known = remembered.is_some() || verification.trust.judge(Some(description.fingerprint)) == Judged::Fits;
    let namesake = verification.known.as_ref().filter(|_| !is_known).and_then(|known| known.namesake(&description));
    if let Some(known) = namesake {
        let place = known.kept_in.display().to_string();
        let message = text!(
            "{error}", "이 컴퓨터가 {origin}의 이름으로 기억하는 보존소의 지문: {remembered}. 이 보존소의 지문: {found}";
            error = other_archive(&description, &known), origin = description.origin(),
            remembered = known.fingerprint.paper(), found = description.fingerprint.paper()
        );
        report.add(Finding::new(Code::KeyDiffers, place, message));
    }
    remember_if_trusted(&description, verification, remembered.is_some(), index, &report, environment)?;
    if report.trust == SELF_CONSISTENCY.into() {
        report.unverifiable = verification.trust.has_only_keys();
        report.not_checked.push(text!(
            "whose archive this is, and whether entries were cut off its end: no fingerprint or head from outside was given \
             (--trust, --expect-head), and this machine remembers none",
            "누구의 보존소인지, 그리고 끝에서 기록 항목이 잘려 나갔는지: 외부에서 받은 지문이나 기준점이 주어지지 \
             않았고(--trust, --expect-head), 이 컴퓨터가 기억하는 것도 없습니다."
        ));
    }
    report.explain_forks();
    report.sort();
    Ok(report)
}

/// Remembers an archive whose fingerprint was given, as opening it does for those that nothing speaks against.
fn remember_if_trusted(
    description: &super::Description,
    verification: &Verification,
    is_remembered: bool,
    index: Option<&Index>,
    report: &Report,
    environment: &dyn Environment,
) -> Result<(), ArchiveError> {
    let (Some(known), Some(head)) = (&verification.known, index.and_then(Index::head)) else { return Ok(()) };
    let is_trusted = verification.trust.judge(Some(description.fingerprint)) == Judged::Fits;
    let log_key = index.and_then(|index| index.roster().log_key_at(report.size)).unwrap_or(&description.log_key);
    let is_this_log =
        head.is_signed_by(log_key) && head.checkpoint.size == report.size && head.checkpoint.root == report.root;
    if is_trusted && !is_remembered && is_this_log && report.complete && report.verdict != ReportVerdict::Failed {
        known.remember(description, (log_key, head), environment.now())?;
    }
    Ok(())
}

/// What a verification has besides the volumes, and how much of these it judges.
struct Ground {
    // Closed before the lock is let go of.
    index: Option<Snapshot>,
    no_index: Option<NoIndex>,
    /// Why the archive was not locked, and its index therefore not compared.
    unlocked: Option<Unlocked>,
    /// Where the last commit ended when the verification began, if others may write meanwhile.
    end: Option<Position>,
    _lock: Option<Lock>,
}

impl Ground {
    fn of(
        folder: &Path,
        description: &super::Description,
        store: &dyn Volumes,
        places: Option<&IndexPlaces>,
        environment: &dyn Environment,
    ) -> Result<Self, ArchiveError> {
        let lock = match take_lock_to_read(folder, environment)? {
            Ok(lock) => lock,
            Err(unlocked) => {
                let end = match (unlocked, places) {
                    (Unlocked::InUse, Some(places)) => committed_end(folder, description, store, places, environment)?,
                    (Unlocked::InUse, None) => return Err(unlocked.refuse(folder)),
                    (Unlocked::ReadOnly | Unlocked::NoLocks, _) => None,
                };
                return Ok(Self { index: None, no_index: None, unlocked: Some(unlocked), end, _lock: None });
            }
        };
        // What is committed from here on is not part of it, and nobody has to wait for its end.
        if let Some(copied) = places.and_then(|places| Snapshot::of(folder, places, environment))
            && let Some(end) = copied.clean_end(description, store)
        {
            return Ok(Self { index: Some(copied), no_index: None, unlocked: None, end: Some(end), _lock: None });
        }
        let (index, no_index) = match open_index(folder) {
            Ok(index) => (Some(Snapshot { index, _scratch: None }), None),
            Err(reason) => (None, Some(reason)),
        };
        Ok(Self { index, no_index, unlocked: None, end: None, _lock: Some(lock) })
    }
}

/// The archive's index, or a copy of it that is removed at the end.
struct Snapshot {
    // Closed before its folder is removed.
    index: Index,
    _scratch: Option<Scratch>,
}

impl Snapshot {
    /// A copy of the index of an archive that is locked; `None` if there is none, or no copy of it can be made or opened.
    fn of(folder: &Path, places: &IndexPlaces, environment: &dyn Environment) -> Option<Self> {
        let path = folder.join(INDEX);
        if !path.is_dir() {
            return None;
        }
        let scratch = Scratch::new(&places.scratch, environment).ok()?;
        copy_files(&path, scratch.folder()).ok()?;
        Some(Self { index: Index::open(scratch.folder()).ok()?, _scratch: Some(scratch) })
    }

    /// Where the newest commit ends, if nothing else is after it.
    fn clean_end(&self, description: &super::Description, store: &dyn Volumes) -> Option<Position> {
        let index = &self.index;
        if index.head().is_none() || is_foreign(index, description, store).is_some() {
            return None;
        }
        let known = Known { from: index.position(), size: index.frontier().size(), durable_size: 0 };
        match scan(store, &index.signing(&description.log_key), known, |_| Ok::<(), ScanError>(())) {
            Ok(Scan::Clean { end }) => Some(end),
            Ok(Scan::Tail { .. }) | Err(_) => None,
        }
    }
}

/// Copies the files in a folder into another one, which exists.
fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    for item in std::fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        let kind = item.file_type()?;
        if kind.is_dir() {
            std::fs::create_dir(&target)?;
            copy_files(&item.path(), &target)?;
        } else if kind.is_file() {
            std::fs::copy(item.path(), &target)?;
        }
    }
    Ok(())
}

/// Why the index is not compared with the volumes.
enum NoIndex {
    /// Something is wrong with it.
    Unread(Text),
    /// Nothing is known to be wrong with it: this process cannot open it.
    NotOpened(String),
}

fn open_index(folder: &Path) -> Result<Index, NoIndex> {
    let path = folder.join(INDEX);
    if !path.exists() {
        return Err(NoIndex::Unread(text!(
            "there is none; it can be rebuilt from the volumes, and a copy needs none",
            "없습니다. 볼륨에서 만들 수 있으며, 복제본에는 필요하지 않습니다"
        )));
    }
    Index::open(&path).map_err(|error| match error.is_of_the_process() {
        true => NoIndex::NotOpened(error.to_string()),
        false => NoIndex::Unread(text!("{error}", "읽을 수 없습니다: “{error}”")),
    })
}

pub(super) fn request(
    description: &super::Description,
    verification: &Verification,
    remembered: Option<&KnownArchive>,
) -> Request {
    let mut known_heads: Vec<KnownHead> = verification
        .expected_heads
        .iter()
        .map(|kept| KnownHead { checkpoint: kept.head.checkpoint.clone(), kept_in: Text::same(kept.path.display()) })
        .collect();
    let mut trust = Vec::new();
    if verification.trust.has_fingerprint() {
        trust.push(text!("the fingerprint given with --trust", "--trust로 주어진 지문"));
    }
    if let Some(known) = remembered {
        let kept_in = Text::same(known.kept_in.display());
        known_heads.push(KnownHead { checkpoint: known.head.checkpoint.clone(), kept_in });
        trust.push(text!(
            "the fingerprint that this machine remembers since {since}, and its newest head, of {entries}",
            "이 컴퓨터가 {since}부터 기억하는 지문과, 기억된 기준점(기록 항목 {size}건)";
            since = known.first_seen, entries = count(known.head.checkpoint.size, "entry"),
            size = number(known.head.checkpoint.size)
        ));
    }
    for kept in &verification.expected_heads {
        let what = if kept.archive.is_some() { ("the archive", "보존소") } else { ("the log key", "기록부 키") };
        trust.push(text!(
            [what = Text::from(what)] "{what} of the head of {entries} in {path} (--expect-head)",
            "{path}에 있는 기준점(기록 항목 {size}건)의 {what} (--expect-head)";
            entries = count(kept.head.checkpoint.size, "entry"), size = number(kept.head.checkpoint.size),
            path = kept.path.display()
        ));
    }
    let told_of_trust = match trust.is_empty() {
        true => SELF_CONSISTENCY.into(),
        false => Text::joined(&trust, "; "),
    };
    Request {
        archive: description.fingerprint,
        origin: description.origin().clone(),
        log_key: description.log_key.clone(),
        administrator: description.administrator.id(),
        trust: verification.trust.clone(),
        told_of_trust,
        known_heads,
        selection: verification.selection.clone(),
        budget: verification.budget,
        threads: threads(verification.threads),
    }
}
