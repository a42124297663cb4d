//! The index (sled): where everything lies, and the present state of exhibits. Derived from the volumes
//! and never believed over them; deleting it loses nothing.
//!
//! Rows are inserted one by one, without a transaction. The state row, which says how far the index
//! is, is written only after everything before it was flushed; so after a crash the index is at worst
//! behind, and the commits since then are applied again, which changes nothing that is already there.

mod error;
mod look;
mod record;
mod rows;

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub use error::IndexError;
pub use look::{Lookup, fold, is_searched, searched};
pub use record::{CommitRecord, Logged};
pub use rows::{AgentRow, EntryRow, ExhibitRow, ObjectRow};

pub(super) use look::source_key;
use rows::{ENTRIES_OF_A_ROW, EntryRows, RowError, StateRow, decode, encode};

use crate::store::Position;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{MemberName, VolumeNumber};
use vouchsafe_core::format::{Entry, LogKey, SignedCheckpoint, SignedEntry};
use vouchsafe_core::merkle::Frontier;
use vouchsafe_core::model::vocabulary::SOURCE_PATH;
use vouchsafe_core::model::{EntryIndex, Event, EventKind, ExhibitId, FieldName, FieldValue, Reach, Timestamp};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::threads;
use vouchsafe_core::verify::{AgentError, Agents};

/// The version of the rows; an index of another version is rebuilt.
const VERSION: u32 = 5;
/// Hashes of the Merkle tree below this level, over fewer than 64 leaves, are computed from the leaves when they
/// are asked for, which takes less room than keeping them.
const LEAST_STORED_LEVEL: u32 = 6;
/// After this many entries the state is flushed, so that little must be re-applied after a crash.
const FLUSH_AFTER_ENTRIES: u64 = 200_000;

/// From this size on, the sizes of objects are kept, so that a large file that is held already need not
/// be written a second time to find that out.
pub const LARGE_BYTES: u64 = 1024 * 1024;

/// Opens the database. One that this process has just closed is held by its own threads for a moment
/// longer (sled 0.34); the archive's lock sees to it that nobody else holds it.
fn open_when_let_go(folder: &Path) -> Result<sled::Db, IndexError> {
    let config = sled::Config::new()
        .path(folder)
        .mode(sled::Mode::HighThroughput)
        .cache_capacity(64 * 1024 * 1024)
        .flush_every_ms(None);
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        match config.open() {
            Err(sled::Error::Io(error))
                if error.to_string().contains("could not acquire lock") && Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => return Ok(opened?),
        }
    }
}

/// This many threads must be free for the database (sled 0.34): it starts up to seven when it is first opened, does not
/// say when the system refuses them, and waits for ever for work that none of them does.
const DATABASE_THREADS: usize = 7;

/// Whether the database has its threads, which it keeps as long as the process lives.
static HAS_THREADS: AtomicBool = AtomicBool::new(false);

/// Asks for the threads of the database before it needs them.
fn check_threads() -> Result<(), IndexError> {
    if !HAS_THREADS.load(Relaxed) {
        threads::check_available(DATABASE_THREADS)?;
        HAS_THREADS.store(true, Relaxed);
    }
    Ok(())
}

vouchsafe_core::described! {
    /// How much an archive holds.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
    pub struct Totals {
        /// Exhibits.
        pub exhibits: u64,
        /// Objects; fewer than exhibits where the same bytes came from several places.
        pub objects: u64,
        /// Bytes of all objects.
        pub object_bytes: u64,
    }
}

/// What the database panicked at, if that was not its files: it does so where they cannot be synced, and where the clock
/// is before 1970.
#[must_use]
pub fn error_in(panic: &str) -> Option<IndexError> {
    if panic.contains("SystemTimeError") {
        return Some(IndexError::Clock);
    }
    let (_, rest) = panic.split_once("Os { code: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().map(|code| std::io::Error::from_raw_os_error(code).into())
}

/// Does something with the database, which panics if its files are damaged or cannot be synced.
fn caught<T>(work: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(error_in(panic.downcast_ref::<String>().map_or("", String::as_str)).unwrap_or(IndexError::Damaged))
    })
}

/// The open index.
#[derive(Debug)]
pub struct Index {
    db: sled::Db,
    objects: sled::Tree,
    entries: sled::Tree,
    hashes: sled::Tree,
    exhibits: sled::Tree,
    history: sled::Tree,
    acts: sled::Tree,
    /// The entries that are not understood, with what is not known of each.
    newer: sled::Tree,
    sizes: sled::Tree,
    sources: sled::Tree,
    names: sled::Tree,
    agents: sled::Tree,
    /// What each entry says that changes who may sign: its name, a space and its body.
    signing: sled::Tree,
    received: sled::Tree,
    position: Position,
    frontier: Frontier,
    head: Option<SignedCheckpoint>,
    last_recorded: Option<Timestamp>,
    roster: Agents,
    totals: Totals,
    flushed_size: u64,
    /// Whether a commit was applied only partly, because the database could not be written.
    is_torn: bool,
}

impl Index {
    /// Opens the index, or begins an empty one.
    ///
    /// # Errors
    /// The database is damaged, of another version, or cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        // The database would write where the link leads, and a planted link may lead to other people's files.
        if folder.is_symlink() {
            return Err(IndexError::Link);
        }
        // The database panics on some damaged files (sled 0.34: segments that a snapshot names are gone).
        caught(|| Self::open_database(folder))
    }

    fn open_database(folder: &Path) -> Result<Self, IndexError> {
        check_threads()?;
        let db = open_when_let_go(folder)?;
        let tree = |name| db.open_tree(name);
        let mut index = Self {
            objects: tree("objects")?,
            entries: tree("entries")?,
            hashes: tree("hashes")?,
            exhibits: tree("exhibits")?,
            history: tree("history")?,
            acts: tree("acts")?,
            newer: tree("newer")?,
            sizes: tree("sizes")?,
            sources: tree("sources")?,
            names: tree("names")?,
            agents: tree("agents")?,
            signing: tree("signing")?,
            received: tree("received")?,
            position: Position::START,
            frontier: Frontier::default(),
            head: None,
            last_recorded: None,
            roster: Agents::default(),
            totals: Totals::default(),
            flushed_size: 0,
            is_torn: false,
            db,
        };
        index.load()?;
        Ok(index)
    }

    fn load(&mut self) -> Result<(), IndexError> {
        let Some(bytes) = self.db.get("state")? else { return Ok(()) };
        let state: StateRow = decode(&bytes).map_err(|_| IndexError::Version)?;
        if state.version != VERSION {
            return Err(IndexError::Version);
        }
        self.position = Position { volume: VolumeNumber(state.volume), offset: state.offset };
        self.frontier = Frontier::from_stored(state.size, self)?;
        let head = self.db.get("head")?.ok_or(RowError)?;
        let head = SignedCheckpoint::parse(&head).map_err(|_| RowError)?;
        if head.checkpoint.size != state.size || head.checkpoint.root != self.frontier.root() {
            return Err(RowError.into());
        }
        self.head = Some(head);
        self.last_recorded = Timestamp::from_unix_ms(state.last_recorded_ms).ok().filter(|_| state.size > 0);
        self.totals = Totals { exhibits: state.exhibits, objects: state.objects, object_bytes: state.object_bytes };
        self.flushed_size = state.size;
        for index in self.not_understood_without_subject()?.into_iter().take(1) {
            self.roster.take_not_understood(index);
        }
        // Rows beyond the state were written before a crash and will be written again.
        for row in self.signing.range(..state.size.to_be_bytes()) {
            let (index, event) = row?;
            let index = EntryIndex(u64::from_be_bytes(index.as_ref().try_into().map_err(|_| RowError)?));
            self.roster.take(&stored_event(&event)?, index).map_err(|_| RowError)?;
        }
        Ok(())
    }

    /// Takes in a commit. Doing it twice changes nothing.
    ///
    /// # Errors
    /// The commit does not continue the log: then nothing was applied. Or one of its entries does not follow from
    /// those before it, or the database cannot be written: then the index holds a part of the commit, and is of no use
    /// until it is opened again.
    pub fn apply(&mut self, commit: &CommitRecord) -> Result<(), IndexError> {
        self.check_whole()?;
        self.check_continues(commit)?;
        // Until all of it is in, what this has in memory fits neither the commit before nor this one, and must not be flushed. The
        // database may have rows of it: no state covers them, so the next opening applies the commit again. Whatever is inserted
        // below must therefore be the same when it is inserted twice.
        self.is_torn = true;
        // The caller has made the commit durable, and must be able to report that.
        caught(|| self.take_in(commit))?;
        self.is_torn = false;
        if self.frontier.size() - self.flushed_size >= FLUSH_AFTER_ENTRIES {
            self.flush()?;
        }
        Ok(())
    }

    fn take_in(&mut self, commit: &CommitRecord) -> Result<(), IndexError> {
        let refuse = |reason: String| IndexError::Commit { volume: commit.volume, offset: commit.log_offset, reason };
        for entries in commit.entries.chunks(ENTRIES_OF_A_ROW) {
            let first = self.frontier.size();
            let rows = rows_of(commit, entries);
            self.entries.insert(first.to_be_bytes(), encode(&rows))?;
            for (logged, row) in entries.iter().zip(rows) {
                let entry = &logged.entry.entry;
                self.append_leaf(Digest::from_bytes(row.leaf))?;
                self.apply_event(logged).map_err(|error| match error {
                    ApplyError::Index(error) => error,
                    ApplyError::Agent(error) => refuse(format!("entry {}: {error}", entry.index)),
                    ApplyError::Unknown => refuse(format!("entry {} speaks of an unknown exhibit", entry.index)),
                })?;
                self.last_recorded = Some(entry.recorded_at);
            }
        }
        // The rows of entries come first: wherever a crash cuts this off, `is_ahead` notices it.
        for member in &commit.objects {
            let MemberName::Object(digest) = member.name else { continue };
            let row = ObjectRow {
                number: self.totals.objects,
                volume: commit.volume.0,
                offset: member.offset,
                size_bytes: member.size_bytes,
            };
            // An object that is held twice keeps its first place and number; one at this very place was
            // applied before a crash.
            if self.object(digest)?.is_some_and(|held| (held.volume, held.offset) < (row.volume, row.offset)) {
                continue;
            }
            self.objects.insert(digest.as_bytes(), encode(&row))?;
            if member.size_bytes >= LARGE_BYTES {
                self.sizes.insert(member.size_bytes.to_be_bytes(), &[])?;
            }
            self.totals.objects += 1;
            self.totals.object_bytes += member.size_bytes;
        }
        self.position = commit.end;
        self.head = Some(commit.checkpoint.clone());
        Ok(())
    }

    /// Checked before anything is applied, so that what was applied before stays useful: one changed byte of an entry
    /// must not take the whole log with it.
    fn check_continues(&self, commit: &CommitRecord) -> Result<(), IndexError> {
        let refuse = |reason: String| IndexError::Unfit { volume: commit.volume, offset: commit.log_offset, reason };
        let mut frontier = self.frontier.clone();
        for logged in &commit.entries {
            let (index, expected) = (logged.entry.entry.index, frontier.size());
            if index.0 != expected {
                return Err(refuse(format!("entry {index} follows {expected} entries")));
            }
            frontier.append(logged.entry.leaf());
        }
        match frontier.root() == commit.checkpoint.checkpoint.root {
            true => Ok(()),
            false => Err(refuse("its entries do not have the root that its checkpoint states".to_owned())),
        }
    }

    fn append_leaf(&mut self, leaf: Digest) -> Result<(), IndexError> {
        let hashes = &self.hashes;
        let mut result = Ok(());
        // From the leaf, which is in the entry's row, upwards.
        let mut level = 0;
        self.frontier.append_storing(leaf, |number, hash| {
            if level >= LEAST_STORED_LEVEL && result.is_ok() {
                result = hashes.insert(number.to_be_bytes(), hash.as_bytes()).map(|_| ());
            }
            level += 1;
        });
        Ok(result?)
    }

    /// Takes in what an entry says. What it speaks of may be in one before it that is not understood.
    fn apply_event(&mut self, logged: &Logged) -> Result<(), ApplyError> {
        match self.apply_understood(logged) {
            Err(ApplyError::Unknown | ApplyError::Agent(AgentError::Unknown | AgentError::NoRecovery))
                if self.not_understood()?.is_some() =>
            {
                Ok(())
            }
            applied => applied,
        }
    }

    /// The verifier judges who may do what, and in which order. Here everything is taken as it stands, so that what is shown
    /// is what was recorded; only who may sign is taken from those who may say so.
    fn apply_understood(&mut self, logged: &Logged) -> Result<(), ApplyError> {
        let entry = &logged.entry.entry;
        let fields = || logged.fields.iter().map(|field| (field.name().clone(), field.value().clone()));
        if let Some(exhibit) = entry.exhibit.filter(|_| !matches!(entry.event, Event::ExhibitIngested(_))) {
            let key = [exhibit.as_bytes().as_slice(), &entry.index.0.to_be_bytes()].concat();
            self.history.insert(key, &[])?;
        }
        if entry.reach() == Some(Reach::Archive) {
            self.roster.take_not_understood(entry.index);
        }
        if let Some(what) = entry.not_understood() {
            self.newer.insert(entry.index.0.to_be_bytes(), newer_row(entry, &what).as_str())?;
        }
        if entry.event.not_understood().is_none() && entry.exhibit.is_none() {
            self.acts.insert(entry.index.0.to_be_bytes(), entry.event.name())?;
        }
        match &entry.event {
            Event::ExhibitIngested(body) => {
                let exhibit = entry.exhibit.ok_or(ApplyError::Unknown)?;
                let mut row = ExhibitRow {
                    object: body.object,
                    size_bytes: body.size_bytes,
                    media_type: body.media_type.clone(),
                    ingested_at: entry.index,
                    recorded_at: entry.recorded_at,
                    actor: entry.actor,
                    fields: Vec::new(),
                };
                row.describe(fields());
                self.exhibits.insert(exhibit.as_bytes(), row.to_bytes())?;
                if let Some(place) = row.field(SOURCE_PATH) {
                    self.sources.insert(source_key(place, body.object).as_bytes(), exhibit.as_bytes())?;
                }
                self.insert_names(exhibit, &row.fields)?;
                self.totals.exhibits += 1;
            }
            Event::BundleReceived(body) => {
                self.received.insert(body.bundle.as_bytes(), &entry.index.0.to_be_bytes())?;
            }
            event if event.describes_an_exhibit() => {
                let exhibit = entry.exhibit.ok_or(ApplyError::Unknown)?;
                let mut row = self.exhibit(exhibit)?.ok_or(ApplyError::Unknown)?;
                row.describe(fields());
                self.exhibits.insert(exhibit.as_bytes(), row.to_bytes())?;
                self.insert_names(exhibit, &row.fields)?;
            }
            event if event.kind().is_some_and(EventKind::changes_who_may_sign) => {
                self.take_signing(&logged.entry, fields().collect())?;
            }
            // Found by the exhibit or the name alone.
            _ => {}
        }
        Ok(())
    }

    /// Takes in what an entry says of who may sign, with the fields of it.
    fn take_signing(&mut self, signed: &SignedEntry, fields: Vec<(FieldName, FieldValue)>) -> Result<(), ApplyError> {
        let (event, index) = (&signed.entry.event, signed.entry.index);
        // A change that nobody vouches for is none. The verifier reports it, and the checkpoints are read as if it
        // were not there.
        let is_simple = matches!(event, Event::ArchiveCreated(_) | Event::AgentAdded(_) | Event::AgentRevoked(_));
        if !is_simple && !self.roster.vouch_for(signed) {
            return Ok(());
        }
        self.roster.take(event, index)?;
        let body = serde_json::to_string(event).map_err(|_| RowError)?;
        self.signing.insert(index.0.to_be_bytes(), format!("{} {body}", event.name()).as_str())?;
        let changed = match event {
            Event::AgentChanged(body) => Some(body.key),
            event => event.ends(),
        };
        let name = |key| Ok::<_, IndexError>(self.agent(key)?.map(|agent| agent.fields).unwrap_or_default());
        if let Some(key) = changed {
            self.insert_agent(key, name(key)?)?;
        }
        if let Some(agent) = event.introduces() {
            // With another key, an agent keeps its name unless it is given again.
            let fields = match changed {
                Some(old) if fields.is_empty() => name(old)?,
                _ => fields,
            };
            self.insert_agent(agent.public_key.id(), fields)?;
        }
        Ok(())
    }

    fn insert_agent(&self, key: KeyId, fields: Vec<(FieldName, FieldValue)>) -> Result<(), ApplyError> {
        if let Some(standing) = self.roster.get(key) {
            let row = AgentRow { standing: standing.clone(), fields };
            self.agents.insert(key.as_bytes(), row.to_bytes())?;
        }
        Ok(())
    }

    fn insert_names(&self, exhibit: ExhibitId, fields: &[(FieldName, FieldValue)]) -> Result<(), IndexError> {
        for (name, value) in fields {
            if is_searched(name) {
                let mut key = searched(value).into_bytes();
                key.truncate(400);
                key.push(0);
                key.extend_from_slice(exhibit.as_bytes());
                self.names.insert(key, &[])?;
            }
        }
        Ok(())
    }

    /// Makes everything that was applied durable, and then records that.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn flush(&mut self) -> Result<(), IndexError> {
        self.check_whole()?;
        if self.frontier.size() == self.flushed_size && self.flushed_size > 0 {
            return Ok(());
        }
        caught(|| self.write_state())
    }

    fn write_state(&mut self) -> Result<(), IndexError> {
        self.db.flush()?;
        let state = StateRow {
            version: VERSION,
            volume: self.position.volume.0,
            offset: self.position.offset,
            size: self.frontier.size(),
            last_recorded_ms: self.last_recorded.map_or(0, Timestamp::unix_ms),
            exhibits: self.totals.exhibits,
            objects: self.totals.objects,
            object_bytes: self.totals.object_bytes,
        };
        if let Some(head) = &self.head {
            self.db.insert("head", head.text())?;
        }
        self.db.insert("state", encode(&state))?;
        self.db.flush()?;
        self.flushed_size = self.frontier.size();
        Ok(())
    }

    /// Refuses an index that holds a part of a commit: what it says of the log is wrong.
    ///
    /// # Errors
    /// A commit was applied only partly.
    pub const fn check_whole(&self) -> Result<(), IndexError> {
        if self.is_torn { Err(IndexError::Torn) } else { Ok(()) }
    }

    /// Whether there are rows of entries beyond those that were applied. Once all commits of the volumes
    /// are applied, such rows speak of commits that no longer exist, and nothing here is to be believed.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn is_ahead(&self) -> Result<bool, IndexError> {
        Ok(self.entries_end()? > self.frontier.size())
    }

    /// The next commit begins here: in a new volume, if the last one is closed.
    pub const fn move_to(&mut self, position: Position) {
        self.position = position;
    }

    /// Behind the last commit that was applied.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The log's size, root and what is needed to continue.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The checkpoint of the last commit that was applied.
    #[must_use]
    pub const fn head(&self) -> Option<&SignedCheckpoint> {
        self.head.as_ref()
    }

    /// When the last entry was recorded.
    #[must_use]
    pub const fn last_recorded(&self) -> Option<Timestamp> {
        self.last_recorded
    }

    /// The agents of the log.
    #[must_use]
    pub const fn roster(&self) -> &Agents {
        &self.roster
    }

    /// Who may sign in the log as it is continued; where its first entry is not understood, with this log key.
    #[must_use]
    pub fn signing(&self, log_key: &LogKey) -> Agents {
        self.roster.or_of_log(log_key)
    }

    /// The key of the log that is in force for its newest checkpoint; `first` where no entry introduces one.
    #[must_use]
    pub fn log_key<'a>(&'a self, first: &'a LogKey) -> &'a LogKey {
        self.roster.log_key_at(self.frontier.size()).unwrap_or(first)
    }

    /// How much the archive holds.
    #[must_use]
    pub const fn totals(&self) -> Totals {
        self.totals
    }
}

fn stored_event(row: &[u8]) -> Result<Event, RowError> {
    let (name, body) = std::str::from_utf8(row).ok().and_then(|row| row.split_once(' ')).ok_or(RowError)?;
    Event::from_body(name.parse().map_err(|_| RowError)?, body).map_err(|_| RowError)
}

/// What is kept of an entry that is not understood: whether it is about the archive or agents, and what is not known.
fn newer_row(entry: &Entry, what: &str) -> String {
    let has_subject = entry.exhibit.is_some() || entry.record.is_some();
    format!("{}{what}", if has_subject { WITH_SUBJECT } else { WITHOUT_SUBJECT })
}

const WITH_SUBJECT: char = '+';
const WITHOUT_SUBJECT: char = '-';

fn rows_of(commit: &CommitRecord, entries: &[Logged]) -> EntryRows {
    let row = |logged: &Logged| EntryRow {
        leaf: *logged.entry.leaf().as_bytes(),
        volume: commit.volume.0,
        offset: commit.log_offset + logged.offset,
        length_bytes: u32::try_from(logged.entry.line().len()).unwrap_or(u32::MAX),
        fields_offset: commit.fields_offset + logged.fields_offset,
        fields_bytes: logged.fields_bytes,
        ingested: match &logged.entry.entry.event {
            Event::ExhibitIngested(_) => logged.entry.entry.exhibit.map(|exhibit| *exhibit.as_bytes()),
            _ => None,
        },
    };
    entries.iter().map(row).collect()
}

enum ApplyError {
    Index(IndexError),
    Agent(AgentError),
    Unknown,
}

impl<E: Into<IndexError>> From<E> for ApplyError {
    fn from(error: E) -> Self {
        Self::Index(error.into())
    }
}

impl From<AgentError> for ApplyError {
    fn from(error: AgentError) -> Self {
        Self::Agent(error)
    }
}
