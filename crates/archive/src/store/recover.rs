//! Reading commits back, and what becomes of bytes after the last one.
//!
//! At most one commit is in the making at any time: the last members of a commit are written only
//! when the commit before it is durable. So after a crash there is at most one incomplete commit, at
//! the end of the last volume, and it was never acknowledged. Of its unsynced bytes any part
//! may have survived, the checkpoint included; that is why the last commit is read whole, objects too,
//! before it is believed. Anything unreadable with a later commit after it, or that was known to be
//! durable, is not the trace of a crash but damage, and nothing is cut.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::volumes::{Position, StoreError, Volumes};
use vouchsafe_core::format::checkpoint::MAX_CHECKPOINT_BYTES;
use vouchsafe_core::format::volume::{self, Found, MAX_LINES_BYTES, Member, MemberName, ReadAt, VolumeNumber, pieces};
use vouchsafe_core::format::{self, LogKey, SignedCheckpoint, SignedEntry};
use vouchsafe_core::verify::{Agents, Unwatched, commits_behind, hash_pieces};

/// A whole commit as it lies in a volume; its entries are not parsed yet.
#[derive(Debug)]
pub struct Committed {
    /// The volume.
    pub volume: VolumeNumber,
    /// The objects, in order.
    pub objects: Vec<Member>,
    /// The member with the fields.
    pub fields: Member,
    /// Its content.
    pub fields_text: Vec<u8>,
    /// The member with the entries.
    pub log: Member,
    /// Its content.
    pub log_text: Vec<u8>,
    /// The checkpoint, signed by the log's key.
    pub checkpoint: SignedCheckpoint,
    /// Where the next commit begins.
    pub end: Position,
}

/// What follows the last commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// Nothing: the last volume ends with the commit.
    Clean {
        /// The end; in a new volume if the last one is closed.
        end: Position,
    },
    /// Bytes that were never committed, as far as is known.
    Tail {
        /// Where they begin.
        from: Position,
        /// How many they are.
        size_bytes: u64,
        /// Whether they are what an interrupted writer leaves; if not, they may have been committed and then damaged.
        is_begun_commit: bool,
    },
}

/// Commits that cannot be read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// The volumes cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Committed bytes are gone, or where to continue was read from the index of a newer copy.
    #[error("{}: {}", path.display(), ends_early(*size_bytes, *known_bytes))]
    Cut {
        /// The volume.
        path: PathBuf,
        /// Where it ends.
        size_bytes: u64,
        /// Where it ended before.
        known_bytes: u64,
    },
    /// A file without any member has the name of the next volume, but that cannot have been begun yet.
    #[error("{}: {STRAY}", path.display())]
    Stray {
        /// The file.
        path: PathBuf,
    },
    /// Committed bytes are damaged.
    #[error("{}: {}", path.display(), damaged_at(*offset, reason))]
    Damaged {
        /// The volume.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// What is wrong.
        reason: String,
    },
}

const STRAY: &str = "it has the name of a volume but is not one of this archive's: the volume before it was not closed";

fn ends_early(size_bytes: u64, known_bytes: u64) -> String {
    format!(
        "the volume ends at byte {size_bytes}, but the index knows it up to byte {known_bytes}: committed bytes are \
         gone"
    )
}

fn damaged_at(offset: u64, reason: &str) -> String {
    format!("the volume is damaged at byte {offset}: {reason}")
}

impl ScanError {
    /// The file that is damaged and how, where this is damage that leaves what is before it to be read.
    #[must_use]
    pub fn damage(&self) -> Option<(&Path, String)> {
        match self {
            Self::Store(_) => None,
            Self::Cut { path, size_bytes, known_bytes } => Some((path, ends_early(*size_bytes, *known_bytes))),
            Self::Stray { path } => Some((path, STRAY.to_owned())),
            Self::Damaged { path, offset, reason } => Some((path, damaged_at(*offset, reason))),
        }
    }
}

/// What is known before the volumes are read.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Where to begin, between two commits.
    pub from: Position,
    /// How many entries are before that.
    pub size: u64,
    /// A log of so many entries is known to have been durable: what holds them is never taken for an
    /// incomplete tail. 0 if nothing is known of this log.
    pub durable_size: u64,
}

/// Reads commits and hands each to `take`. `agents` is who may sign in the log at the beginning; what commits say of that
/// is followed.
///
/// # Errors
/// A volume is missing, cannot be read or is damaged, or `take` refuses a commit. Nothing was changed.
pub fn scan<E: From<ScanError>>(
    store: &dyn Volumes,
    agents: &Agents,
    known: Known,
    mut take: impl FnMut(Committed) -> Result<(), E>,
) -> Result<Scan, E> {
    let mut agents = agents.clone();
    let numbers = store.numbers().map_err(ScanError::from)?;
    let last = numbers.last().copied().unwrap_or(VolumeNumber(0));
    // In every round `at` is where a commit ends or a volume begins, and `size` and `agents` are what the log says up to there.
    // So each commit is judged by what the ones before it made known, and whatever error ends the reading, all that was handed
    // to `take` is a whole beginning of the log.
    let (mut at, mut size) = (known.from, known.size);
    loop {
        let path = store.place(at.volume);
        if !numbers.contains(&at.volume) {
            // Behind a closed volume the next one may not have been begun; anything else is lost.
            return match at.offset == 0 && at.volume.0 > 0 {
                true => Ok(Scan::Clean { end: at }),
                false => Err(ScanError::from(StoreError::Missing { path }).into()),
            };
        }
        let reader = store.open_volume(at.volume).map_err(ScanError::from)?;
        let failed = |error| E::from(ScanError::from(StoreError::io("read the volume", &path)(error)));
        let size_bytes = reader.size_bytes().map_err(failed)?;
        if at.offset > size_bytes {
            return Err(ScanError::Cut { path, size_bytes, known_bytes: at.offset }.into());
        }
        let read = read_commit(&reader, &agents, at).and_then(|next| match next {
            // Only the very last commit can have lost a part of its bytes in a crash, whatever part of the
            // next one follows it.
            Next::Commit(commit) if at.volume == last && commit.checkpoint.checkpoint.size > known.durable_size => {
                let behind = agents.behind(&commit.log_text);
                let is_last =
                    matches!(read_commit(&reader, &behind, commit.end)?, Next::EndOfFile | Next::Incomplete(_));
                Ok(if !is_last || is_whole(&*reader, &commit)? {
                    Next::Commit(commit)
                } else {
                    Next::Incomplete("the bytes of the last commit do not match its entries".to_owned())
                })
            }
            other => Ok(other),
        });
        let damaged = |reason: String| Err(ScanError::Damaged { path: path.clone(), offset: at.offset, reason }.into());
        match read.map_err(failed)? {
            Next::Commit(commit) => {
                at = commit.end;
                size = commit.checkpoint.checkpoint.size;
                if let Cow::Owned(behind) = agents.behind(&commit.log_text) {
                    agents = behind;
                }
                take(*commit)?;
            }
            Next::EndOfArchive => {
                let next = Position { volume: VolumeNumber(at.volume.0 + 1), offset: 0 };
                // A volume is closed before the next one is begun: a crash may come in between.
                if at.volume == last {
                    return Ok(Scan::Clean { end: next });
                }
                at = next;
            }
            Next::EndOfFile if at.volume == last => return Ok(Scan::Clean { end: at }),
            // A writer begins a volume only after it has closed the one before: what follows is no volume, or this end is lost.
            Next::EndOfFile => {
                let next = VolumeNumber(at.volume.0 + 1);
                if are_all_strays(store, numbers.iter().filter(|number| **number >= next)).map_err(ScanError::from)? {
                    return Err(ScanError::Stray { path: store.place(next) }.into());
                }
                return damaged("it is not closed, but another volume follows".to_owned());
            }
            Next::Incomplete(reason) => {
                let failed = |error| E::from(ScanError::from(StoreError::io("read the volume", &path)(error)));
                let behind = commits_behind(&*reader, at.offset, &agents, size).map_err(failed)?;
                // Every archive begins with a commit, and what was durable cannot have been torn by a crash.
                // Whoever has never seen this log cannot have been interrupted while writing it: then a
                // checkpoint is the trace of a commit, not of an attempt.
                let is_tail = at > Position::START
                    && size >= known.durable_size
                    && (behind.is_empty() || (behind.len() == 1 && known.durable_size > 0));
                if at.volume != last || !is_tail {
                    return damaged(reason);
                }
                let is_begun_commit = volume::is_begun_commit(&*reader, at.offset).map_err(failed)?;
                return Ok(Scan::Tail { from: at, size_bytes: size_bytes - at.offset, is_begun_commit });
            }
        }
    }
}

/// Who may sign in a log whose first key this is, as its volumes say as far as they can be read.
#[must_use]
pub fn read_agents(store: &dyn Volumes, log_key: &LogKey) -> Agents {
    read_agents_and_size(store, log_key).0
}

/// The same, and how many entries could be read.
#[must_use]
pub fn read_agents_and_size(store: &dyn Volumes, log_key: &LogKey) -> (Agents, u64) {
    let (mut agents, mut size) = (Agents::of_log(log_key.clone()), 0);
    let known = Known { from: Position::START, size: 0, durable_size: 0 };
    let _ = scan(store, &agents.clone(), known, |commit| {
        if let Cow::Owned(behind) = agents.behind(&commit.log_text) {
            agents = behind;
        }
        size = commit.checkpoint.checkpoint.size;
        Ok::<(), ScanError>(())
    });
    (agents, size)
}

/// Whether nothing of a volume is in any of these files.
fn are_all_strays<'a>(
    store: &dyn Volumes,
    mut numbers: impl Iterator<Item = &'a VolumeNumber>,
) -> Result<bool, StoreError> {
    numbers.try_fold(true, |are_strays, number| {
        let is_stray = volume::holds_no_member(&*store.open_volume(*number)?);
        Ok(are_strays && is_stray.map_err(StoreError::io("read the volume", &store.place(*number)))?)
    })
}

enum Next {
    Commit(Box<Committed>),
    EndOfFile,
    EndOfArchive,
    Incomplete(String),
}

fn read_commit(reader: &Arc<dyn ReadAt>, agents: &Agents, at: Position) -> io::Result<Next> {
    let mut objects = Vec::new();
    let mut fields = None;
    let mut log = None;
    let mut offset = at.offset;
    loop {
        let member = match volume::look_at(&**reader, offset)? {
            Found::Member(member) => member,
            Found::EndOfFile if offset == at.offset => return Ok(Next::EndOfFile),
            Found::EndOfArchive if offset == at.offset => return Ok(Next::EndOfArchive),
            other => {
                let what = match other {
                    Found::Damaged => "a part of it is not readable",
                    _ => "it is cut off",
                };
                return Ok(Next::Incomplete(format!("{what} at byte {offset}, before the end of the commit")));
            }
        };
        offset = member.end();
        match (member.name, &fields, &log) {
            (MemberName::Object(_), None, None) => objects.push(member),
            (MemberName::Fields { .. }, None, None) => fields = Some(member),
            (MemberName::Log { first, count }, Some(before), None)
                if before.name == (MemberName::Fields { first, count }) =>
            {
                log = Some(member);
            }
            (MemberName::Checkpoint { size }, Some(fields), Some(log)) if matches!(log.name, MemberName::Log { first, count } if first + count == size) =>
            {
                let end = Position { volume: at.volume, offset };
                let checkpoint = read_checkpoint(&**reader, &member, size)?;
                let (Some(fields_text), Some(log_text)) = (
                    volume::read_member(&**reader, fields, MAX_LINES_BYTES)?,
                    volume::read_member(&**reader, log, MAX_LINES_BYTES)?,
                ) else {
                    return Ok(Next::Incomplete("its lines are over the limit".to_owned()));
                };
                let Some(checkpoint) = checkpoint.filter(|signed| agents.behind(&log_text).may_have_signed(signed))
                else {
                    return Ok(Next::Incomplete("its checkpoint is not valid".to_owned()));
                };
                let (fields, log) = (*fields, *log);
                return Ok(Next::Commit(Box::new(Committed {
                    volume: at.volume,
                    objects,
                    fields,
                    fields_text,
                    log,
                    log_text,
                    checkpoint,
                    end,
                })));
            }
            (name, ..) => return Ok(Next::Incomplete(format!("{name} does not belong here"))),
        }
    }
}

fn read_checkpoint(reader: &dyn ReadAt, member: &Member, size: u64) -> io::Result<Option<SignedCheckpoint>> {
    let Some(bytes) = volume::read_member(reader, member, MAX_CHECKPOINT_BYTES as u64)? else { return Ok(None) };
    Ok(SignedCheckpoint::parse(&bytes).ok().filter(|signed| signed.checkpoint.size == size))
}

/// Whether the objects, entries and fields of a commit are the bytes that it names.
fn is_whole(reader: &dyn ReadAt, commit: &Committed) -> io::Result<bool> {
    for member in &commit.objects {
        if MemberName::Object(hash_pieces(pieces(reader, member.content()), &Unwatched)?) != member.name {
            return Ok(false);
        }
    }
    let entries = commit.log_text.split_inclusive(|&byte| byte == b'\n');
    let mut fields = commit.fields_text.split_inclusive(|&byte| byte == b'\n');
    let mut count = 0;
    for line in entries {
        let entry = line.strip_suffix(b"\n").and_then(|line| SignedEntry::parse(line).ok());
        let fields = fields.next().and_then(|line| line.strip_suffix(b"\n"));
        let (Some(entry), Some(fields)) = (entry, fields) else { return Ok(false) };
        if format::fields::parse_line_of(&entry.entry, fields).is_err() {
            return Ok(false);
        }
        count += 1;
    }
    Ok(matches!(commit.log.name, MemberName::Log { count: named, .. } if named == count) && fields.next().is_none())
}
