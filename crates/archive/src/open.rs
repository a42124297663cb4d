//! Opening: lock, index, recovery, and the comparison with what this machine remembers.

use std::path::Path;
use std::sync::Arc;

use super::VOLUME_BYTES;
use super::cache::Cached;
use super::catch_up::{CatchUp, Current, Damage, is_not_permitted, remove_index};
use super::description::{Description, MAX_DESCRIPTION_BYTES};
use super::elsewhere::Elsewhere;
use super::environment::Environment;
use super::error::ArchiveError;
use super::known::KnownArchives;
use super::layout::{DESCRIPTION, INDEX, volumes_of};
use super::locking::{Guard, Unlocked, guard_reading, take_lock};
use super::memory::Memory;
use super::opening::{IndexPlaces, Note, Purpose};
use super::reader::Reader;
use super::scratch::Scratch;
use super::session::Session;
use super::standing::{compare, other_archive};
use crate::store::durable::{SystemDisk, read_limited};
use crate::store::{Position, ScanError, Volumes};
use vouchsafe_core::format::volume::{self, Found, MAX_LINES_BYTES, MemberName, VolumeNumber};
use vouchsafe_core::format::{FormatError, SignedEntry};
use vouchsafe_core::model::EntryIndex;

/// Reads `archive.json`: which archive is in a folder.
///
/// # Errors
/// It does not exist, or does not follow the format.
pub fn describe(folder: &Path) -> Result<Description, ArchiveError> {
    if folder.is_file() {
        return Err(ArchiveError::NotAFolder { path: folder.to_owned() });
    }
    let path = folder.join(DESCRIPTION);
    let bytes = match read_limited(&path, MAX_DESCRIPTION_BYTES, false) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            let path = folder.to_owned();
            return Err(if folder.exists() {
                ArchiveError::NotAnArchive { path }
            } else {
                ArchiveError::NoFolder { path }
            });
        }
        Err(error) => return Err(ArchiveError::io("read", &path)(error)),
    };
    match Description::parse(&bytes) {
        // What nobody signed never keeps the log from being read.
        Err(FormatError::NotUnderstood { what, found }) => {
            let described = first_entry(folder).and_then(|entry| Description::of_first(&entry, found.clone()));
            let described = described.or_else(|| Description::of_newer(&bytes, found.clone()));
            let source = FormatError::NotUnderstood { what, found };
            described.ok_or(ArchiveError::Format { path, source })
        }
        described => described.map_err(|source| ArchiveError::Format { path, source }),
    }
}

/// The first entry in the volumes of a folder, if it can be read.
pub(super) fn first_entry(folder: &Path) -> Option<SignedEntry> {
    let store = volumes_of(folder, Arc::new(SystemDisk));
    let reader = store.open_volume(VolumeNumber(0)).ok()?;
    let mut offset = 0;
    loop {
        let member = match volume::look_at(&*reader, offset).ok()? {
            Found::Member(member) => member,
            Found::EndOfFile | Found::EndOfArchive => return None,
            // As the verifier continues after damage.
            Found::Torn | Found::Damaged => {
                offset = volume::find_member_after(&*reader, offset).ok()??;
                continue;
            }
        };
        if matches!(member.name, MemberName::Log { first: 0, .. }) {
            let lines = volume::read_member(&*reader, &member, MAX_LINES_BYTES).ok()??;
            return SignedEntry::parse(lines.split(|&byte| byte == b'\n').next()?).ok();
        }
        offset = member.end();
    }
}

impl<'e> Session<'e> {
    /// Opens an archive to add to it: takes the lock, brings the index up to date with the volumes, moves an
    /// interrupted commit out of the way, and compares the log with what this machine remembers of it.
    ///
    /// # Errors
    /// Not an archive, in use, not writable, or with damaged volumes.
    pub fn open(
        folder: &Path,
        known: Option<KnownArchives>,
        environment: &'e dyn Environment,
    ) -> Result<(Self, Vec<Note>), ArchiveError> {
        let description = describe(folder)?;
        if let Some(format) = &description.newer_format {
            return Err(ArchiveError::NotUnderstood {
                place: DESCRIPTION.to_owned(),
                what: format!("this program does not know the format {format}"),
            });
        }
        let lock = take_lock(folder, environment)?;
        let guard = (Guard::OfSession, None);
        let (reader, notes) = open_reader(Purpose::Write, (folder, description), known, environment, guard)?;
        Ok((Self { reader, environment, volume_bytes: VOLUME_BYTES, _lock: lock }, notes))
    }
}

impl Reader {
    /// Opens an archive to look at it. The volumes stay as they are, whatever is after the last commit, and
    /// nothing can be recorded. Where they are damaged, what comes before that can be read, and
    /// [`Reader::damage`] reports it.
    ///
    /// It does not wait for a process that writes, but shows what that one has committed so far. Where the archive's own index
    /// cannot be used, one of `places` is: at once if one is kept there, otherwise after asking for the lock a few times.
    ///
    /// # Errors
    /// Not an archive, or with volumes that are missing or cannot be read.
    pub fn open(
        folder: &Path,
        known: Option<KnownArchives>,
        environment: &dyn Environment,
        places: &IndexPlaces,
    ) -> Result<(Self, Vec<Note>), ArchiveError> {
        let description = describe(folder)?;
        let mut kept = None;
        let guard = guard_reading(folder, environment, || {
            // Taken here and not only looked at: whoever goes without the lock must not find that another reader has it now.
            let cache = places.cache.as_ref();
            kept = cache.and_then(|cache| Cached::take_kept(cache, folder, description.fingerprint));
            kept.is_some()
        })?;
        open_reader(Purpose::Read(places), (folder, description), known, environment, (guard, kept))
    }
}

/// Opens an archive that is locked, as far as it can be; where it is not, with the kept index that was taken already.
fn open_reader(
    purpose: Purpose<'_>,
    (folder, description): (&Path, Description),
    known: Option<KnownArchives>,
    environment: &dyn Environment,
    (guard, kept): (Guard, Option<Cached>),
) -> Result<(Reader, Vec<Note>), ArchiveError> {
    let remembered = match &known {
        Some(known) => known.get(description.fingerprint)?,
        None => None,
    };
    let mut notes = Vec::new();
    // Another archive under a name that is remembered: it is read, and above all nothing of it is cut.
    let namesake = known.as_ref().filter(|_| remembered.is_none()).and_then(|known| known.namesake(&description));
    if let Some(other) = &namesake {
        match purpose {
            Purpose::Write => return Err(other_archive(&description, other)),
            Purpose::Read(_) => notes.push(Note::Namesake { told: other_archive(&description, other).to_string() }),
        }
    }
    if guard.unlocked() == Some(Unlocked::NoLocks) {
        notes.push(Note::NotLocked);
    }
    let store = Arc::new(volumes_of(folder, environment.disk()));
    let catch_up = CatchUp {
        archive: folder,
        description: &description,
        store: &*store,
        durable_size: remembered.as_ref().map_or(0, |known| known.head.checkpoint.size),
        environment,
        purpose,
        is_being_written: guard.unlocked() == Some(Unlocked::InUse),
    };
    let (current, elsewhere) = open_index(&catch_up, guard.unlocked(), kept, &mut notes)?;
    let index = current.index;
    if index.frontier().size() == 0 {
        return Err(ArchiveError::Emptied { path: store.root().to_owned() });
    }
    let administrator = index.roster().get(description.administrator.id());
    let is_understood = index.not_understood()?.is_none_or(|(first, _)| first.0 > 0);
    if is_understood && administrator.is_none_or(|standing| standing.added_at != EntryIndex(0)) {
        let reason = "it names another administrator than the first entry of the log".to_owned();
        return Err(ArchiveError::Damaged { place: DESCRIPTION.to_owned(), reason });
    }
    let standing = compare(&index, remembered.as_ref())?;
    let first_seen = remembered.as_ref().map_or_else(|| environment.now(), |known| known.first_seen);
    let reader = Reader {
        folder: folder.to_owned(),
        description,
        store,
        index,
        memory: Memory { known: known.filter(|_| namesake.is_none()), namesake, first_seen, standing },
        damage: current.damage,
        _elsewhere: elsewhere,
        guard,
    };
    if let Err(ArchiveError::NotUnderstood { place, what }) = reader.check_understood() {
        notes.push(Note::NotUnderstood { place, what });
    }
    let newest = reader.index.frontier().size();
    if remembered.as_ref().is_none_or(|known| known.head.checkpoint.size < newest)
        && reader.remember()?
        && let (Some(known), None) = (&reader.memory.known, remembered)
    {
        notes.push(Note::FirstSeen { kept_in: known.path(reader.description.fingerprint) });
    }
    Ok((reader, notes))
}

/// Opens the archive's index, or where it cannot be used and is only to be read, another one.
fn open_index(
    catch_up: &CatchUp<'_>,
    unlocked: Option<Unlocked>,
    kept: Option<Cached>,
    notes: &mut Vec<Note>,
) -> Result<(Current, Option<Elsewhere>), ArchiveError> {
    let own = match unlocked {
        None => Ok(catch_up.open(&catch_up.archive.join(INDEX), notes)),
        Some(unlocked) => Err(unlocked),
    };
    let (places, reason) = match (own, catch_up.purpose) {
        (Ok(Err(ArchiveError::Index(error))), Purpose::Read(places)) if is_not_permitted(&error) => {
            (places, error.to_string())
        }
        // The index knows of bytes that are gone. It stays as it is, for it proves that; what is shown is what
        // the volumes hold.
        (Ok(Err(ArchiveError::Scan(error @ ScanError::Cut { .. }))), Purpose::Read(places)) => {
            let reason = "the index refers to bytes that the volumes no longer hold".to_owned();
            let scratch = Elsewhere::ForTheMoment(Scratch::new(&places.scratch, catch_up.environment)?);
            let mut current = open_elsewhere(catch_up, &scratch, reason, notes)?;
            current.damage = Damage::of(&error);
            return Ok((current, Some(scratch)));
        }
        (Ok(own), _) => return Ok((own?, None)),
        (Err(unlocked), Purpose::Read(places)) => (places, unlocked.reason().0.to_owned()),
        (Err(unlocked), Purpose::Write) => return Err(unlocked.refuse(catch_up.archive)),
    };
    let take = |cache| Cached::take(cache, catch_up.archive, catch_up.description.fingerprint);
    let elsewhere = match kept.or_else(|| places.cache.as_deref().and_then(take)) {
        Some(kept) => Elsewhere::Kept(kept),
        None => Elsewhere::ForTheMoment(Scratch::new(&places.scratch, catch_up.environment)?),
    };
    let current = open_elsewhere(catch_up, &elsewhere, reason, notes)?;
    Ok((current, Some(elsewhere)))
}

fn open_elsewhere(
    catch_up: &CatchUp<'_>,
    elsewhere: &Elsewhere,
    reason: String,
    notes: &mut Vec<Note>,
) -> Result<Current, ArchiveError> {
    let folder = elsewhere.index();
    let is_kept = matches!(elsewhere, Elsewhere::Kept(_));
    let was_kept = is_kept && folder.is_dir();
    notes.push(Note::IndexElsewhere { reason, folder: folder.clone(), is_kept, was_kept });
    // A rebuilt or updated index is no news about the archive.
    let mut of_this_index = Vec::new();
    let current = match catch_up.open(&folder, &mut of_this_index) {
        // It had read what a writer wrote and a power cut took away before it was on the disk; or another archive is
        // here now. Only what this machine remembers shows whether the log is shorter than it was.
        Err(ArchiveError::Scan(ScanError::Cut { .. })) if was_kept => {
            remove_index(&folder)?;
            catch_up.open(&folder, &mut of_this_index)
        }
        current => current,
    };
    let is_of_the_archive = |note: &Note| !matches!(note, Note::IndexRebuilt { .. } | Note::CommitsApplied { .. });
    notes.extend(of_this_index.into_iter().filter(is_of_the_archive));
    current
}

/// Where the newest commit of an archive ends that another process may be writing to; `None` where damage keeps that from being
/// known.
pub(super) fn committed_end(
    folder: &Path,
    description: &Description,
    store: &dyn Volumes,
    places: &IndexPlaces,
    environment: &dyn Environment,
) -> Result<Option<Position>, ArchiveError> {
    let purpose = Purpose::Read(places);
    let catch_up =
        CatchUp { archive: folder, description, store, durable_size: 0, environment, purpose, is_being_written: true };
    let (current, _elsewhere) = open_index(&catch_up, Some(Unlocked::InUse), None, &mut Vec::new())?;
    Ok(current.damage.is_none().then(|| current.index.position()))
}

/// Rebuilds the index from the volumes. Where `archive.json` is not understood, nothing is touched.
///
/// # Errors
/// As [`Session::open`].
pub fn rebuild<'e>(
    folder: &Path,
    known: Option<KnownArchives>,
    environment: &'e dyn Environment,
) -> Result<(Session<'e>, Vec<Note>), ArchiveError> {
    if let Some(format) = describe(folder)?.newer_format {
        let what = format!("this program does not know the format {format}");
        return Err(ArchiveError::NotUnderstood { place: DESCRIPTION.to_owned(), what });
    }
    let lock = take_lock(folder, environment)?;
    let (path, aside) = (folder.join(INDEX), folder.join("index.before-rebuild"));
    remove_index(&aside)?;
    let had_one = path.exists();
    if had_one {
        std::fs::rename(&path, &aside).map_err(ArchiveError::io("put the index aside", &path))?;
    }
    drop(lock);
    let opened = Session::open(folder, known, environment);
    if opened.is_ok() {
        remove_index(&aside)?;
    } else if had_one {
        // With unreadable volumes, the old index is of more use than none.
        let _ = remove_index(&path);
        let _ = std::fs::rename(&aside, &path);
    }
    opened
}

/// Removes an index that turned out to be damaged while it was read: the next opening rebuilds it. Not
/// everything is read when it is opened, because that would take long.
///
/// # Errors
/// The archive is in use, or the folder cannot be moved.
pub fn forget_index(folder: &Path, environment: &dyn Environment) -> Result<(), ArchiveError> {
    let _lock = take_lock(folder, environment)?;
    // Kept, because it may know of commits that the volumes no longer hold.
    let (path, aside) = (folder.join(INDEX), folder.join("index.damaged"));
    remove_index(&aside)?;
    std::fs::rename(&path, &aside).map_err(ArchiveError::io("put the index aside", &path))
}
