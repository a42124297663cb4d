//! The volumes and the index, looked at without recovering or cutting anything.

use std::path::Path;
use std::sync::Arc;

use super::examination::{Examination, NotLookedAt};
use super::history::History;
use super::mend::Mend;
use super::risk::{Needs, Risk, Weight};
use crate::Description;
use crate::catch_up::is_foreign;
use crate::error::ArchiveError;
use crate::index::{CommitRecord, Index};
use crate::known::KnownArchive;
use crate::layout::{INDEX, VOLUMES, is_copy, volumes_of};
use crate::lock::Lock;
use crate::locking::{Guard, Unlocked};
use crate::memory::Memory;
use crate::reader::Reader;
use crate::standing::{HeadStanding, compare};
use crate::store::durable::SystemDisk;
use crate::store::{Known, Position, Scan, ScanError, Volumes, scan};
use vouchsafe_core::format::litter;
use vouchsafe_core::format::volume::VolumeNumber;
use vouchsafe_core::model::Timestamp;
use vouchsafe_core::verify::Agents;
use vouchsafe_core::verify::Remedy;

const MOVE_AWAY: &str = "find out what it is, then move it away";

/// What was read of the volumes.
pub(super) struct Survey {
    pub history: History,
    /// The agents, if the index could be used.
    pub index: Option<Index>,
    /// The volumes hold more than could be read.
    pub is_cut_short: bool,
    pub numbers: Vec<VolumeNumber>,
}

/// Looks at the volumes and the index.
pub(super) fn survey(
    folder: &Path,
    description: &Description,
    remembered: Option<&KnownArchive>,
    lock: Result<Lock, Unlocked>,
    found: &mut Examination,
) -> Survey {
    let store: Arc<dyn Volumes> = Arc::new(volumes_of(folder, Arc::new(SystemDisk)));
    let wrong = |message: String| Risk::new(Weight::Wrong, "volumes", message);
    let mut survey = Survey { history: History::default(), index: None, is_cut_short: false, numbers: Vec::new() };
    match store.list() {
        Ok((numbers, strangers)) => {
            survey.numbers = numbers;
            for name in strangers {
                found.add(match litter::is_name(name.as_bytes()) {
                    true => {
                        Risk::new(Weight::Notice, "volumes", format!("an operating system left {VOLUMES}/{name} there"))
                            .mend(MOVE_AWAY)
                    }
                    false => wrong(format!("{VOLUMES}/{name} is not a volume")).mend(MOVE_AWAY),
                });
            }
        }
        Err(error) => {
            found.add(wrong(error.to_string()).mend(Mend::Restore));
            return survey;
        }
    }
    let unlocked = lock.as_ref().err().copied();
    let (index, history) = match lock.map(|lock| usable_index(folder, description, &store, lock, found)) {
        Ok(Some(used)) => (Some(used.0), used.1),
        _ => (None, History::default()),
    };
    match unlocked {
        None => {}
        Some(Unlocked::InUse) => found.not_checked.push("the index: another process uses it".into()),
        Some(_) => {
            found.not_checked.push("the index: it can be opened only if the archive is writable".into());
        }
    }
    survey.history = history;
    let is_being_written = unlocked == Some(Unlocked::InUse);
    read_on(&*store, description, remembered, (index.as_ref(), is_being_written), &mut survey, found);
    compare_heads(&survey, index.as_ref(), remembered, found);
    found.checked.push("the volumes: that none is missing, and nothing else is among them".to_owned());
    list_what_was_read(index.as_ref(), &survey, found);
    survey.index = index;
    survey
}

/// Which part of the log was read, and how.
fn list_what_was_read(index: Option<&Index>, survey: &Survey, found: &mut Examination) {
    let read_up_to = survey.history.size;
    let indexed = index.map_or(0, |index| index.frontier().size());
    if read_up_to > indexed {
        let text = format!("the log from entry {indexed} to {}: its order and its checkpoints", read_up_to - 1);
        found.checked.push(text);
    }
    if indexed > 0 {
        found.checked.push("entries about copies and verifications: all that the index knows".to_owned());
        let text = format!(
            "the other entries up to {}: the index has them, but they may be damaged in the volumes",
            indexed - 1
        );
        found.not_checked.push(NotLookedAt::but(text, Remedy::Verify));
    }
}

/// The index, if it can be trusted, and the history of the log up to its end.
fn usable_index(
    folder: &Path,
    description: &Description,
    store: &Arc<dyn Volumes>,
    lock: Lock,
    found: &mut Examination,
) -> Option<(Index, History)> {
    let path = folder.join(INDEX);
    let mut bad = |reason: String| {
        let message = format!("the index cannot be used: {reason}. No evidence is lost with it");
        let risk = Risk::new(Weight::Risky, "index", message).mend(Mend::Rebuild);
        found.add(risk.or(Needs::Opening, Mend::Open));
        None
    };
    if !path.exists() {
        if is_copy(folder) {
            return None;
        }
        return bad("there is none".to_owned());
    }
    let index = match Index::open(&path) {
        Ok(index) => index,
        Err(error) if error.is_of_the_process() => {
            found.not_checked.push(format!("the index: {error}").into());
            return None;
        }
        Err(error) => return bad(error.to_string()),
    };
    if index.head().is_none() {
        return bad("it is empty".to_owned());
    }
    if let Some(reason) = is_foreign(&index, description, &**store) {
        return bad(reason);
    }
    let reader = Reader {
        folder: folder.to_owned(),
        description: description.clone(),
        store: store.clone(),
        index,
        memory: Memory::of_unseen(None, Timestamp::from_unix_ms(0).ok()?),
        damage: None,
        _elsewhere: None,
        guard: Guard::Own(lock),
    };
    match History::of(&reader) {
        Ok(history) => {
            found.checked.push("the index: that it ends where the volumes have a commit".to_owned());
            Some((reader.index, history))
        }
        Err(error) => bad(error.to_string()),
    }
}

/// Reads the commits that the index does not have, or all, and looks at what follows the last.
fn read_on(
    store: &dyn Volumes,
    description: &Description,
    remembered: Option<&KnownArchive>,
    (index, is_being_written): (Option<&Index>, bool),
    survey: &mut Survey,
    found: &mut Examination,
) {
    let from = index.map_or(Position::START, Index::position);
    let known = Known {
        from,
        size: index.map_or(0, |index| index.frontier().size()),
        durable_size: remembered.map_or(0, |known| known.head.checkpoint.size),
    };
    let (mut commits, history) = (0_u64, &mut survey.history);
    let agents = match index {
        Some(index) => index.signing(&description.log_key),
        None => Agents::of_log(description.log_key.clone()),
    };
    // The history has all entries up to `from`, from the index, and takes in what follows in order: no entry is missing from it
    // or in it twice, also where the reading ends at damage.
    let end = scan(store, &agents, known, |commit| {
        history.take_commit(&CommitRecord::parse(&commit)?);
        commits += 1;
        Ok::<(), ArchiveError>(())
    });
    if index.is_some() && commits > 0 {
        let message = match commits {
            1 => "the index lacks the last commit".to_owned(),
            _ => format!("the index lacks the last {commits} commits"),
        };
        found.add(Risk::new(Weight::Notice, "recovery", message).mend(Mend::Open));
    }
    match end {
        Ok(_) if survey.history.size == 0 => {
            let error = ArchiveError::Emptied { path: store.root().to_owned() };
            found.add(Risk::new(Weight::Wrong, "volumes", error.to_string()).mend(Mend::RestoreFromCopy));
        }
        Ok(Scan::Clean { .. }) => {}
        // What another process is writing.
        Ok(Scan::Tail { .. }) if is_being_written => {}
        Ok(Scan::Tail { from, size_bytes, is_begun_commit: false }) => {
            let message = format!(
                "the last {size_bytes} bytes of {} are not readable as members; nothing shows whether they were ever \
                 committed",
                from.volume
            );
            let risk = Risk::new(Weight::Risky, "volumes", message).mend(Mend::CompareTail);
            found.add(risk.or(Needs::Recording, Mend::CompareTailOnly));
        }
        Ok(Scan::Tail { from, size_bytes, .. }) => {
            let message = format!(
                "an interrupted commit of {size_bytes} bytes is at the end of {}; it is not evidence, and was never \
                 acknowledged",
                from.volume
            );
            let instead = "leave it there: a newer version moves it to quarantine/. Then repeat what was interrupted";
            let risk = Risk::new(Weight::Risky, "recovery", message).mend(Mend::MoveTail);
            found.add(risk.or(Needs::Recording, instead));
        }
        Err(error) => {
            // What is after the damage was not looked at: nothing may be concluded from not having seen it.
            survey.is_cut_short = true;
            let mend = match error {
                ArchiveError::Scan(ScanError::Stray { .. }) => MOVE_AWAY.into(),
                _ => Mend::Restore,
            };
            found.add(Risk::new(Weight::Wrong, "volumes", error.to_string()).mend(mend));
        }
    }
}

/// The log against what this machine remembers of it.
fn compare_heads(survey: &Survey, index: Option<&Index>, remembered: Option<&KnownArchive>, found: &mut Examination) {
    let Some(remembered) = remembered else { return };
    let (seen, size) = (remembered.head.checkpoint.size, survey.history.size);
    let standing = match index {
        Some(index) if index.frontier().size() >= seen => compare(index, Some(remembered)),
        _ if size < seen => Ok(HeadStanding::Behind { found: size, seen }),
        _ => {
            let text = "whether the log continues what this machine has seen of it";
            found.not_checked.push(NotLookedAt::but(text, Remedy::Verify));
            return;
        }
    };
    if let Err(error) = standing.and_then(|standing| standing.check()) {
        // The missing entries may follow what cannot be read.
        found.add(Risk::new(Weight::Wrong, "log", error.to_string()).mend(Mend::Compare));
    }
}
