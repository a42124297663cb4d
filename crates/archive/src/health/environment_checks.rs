//! The surroundings of the log: the disk, the clock, the keys, and who may read the files.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::examination::{Examination, NotLookedAt};
use super::mend::Mend;
use super::risk::{Needs, Risk, Weight};
use super::volumes::Survey;
use crate::Description;
use crate::create::{FORMAT_TEXT, README_TEXT};
use crate::environment::Environment;
use crate::keys::{KeyFile, KeyFileError};
use crate::layout::{FORMAT, INDEX, PARITY, QUARANTINE, README, REPAIR, VOLUMES, volume_file};
use crate::parity::{Look, ParityState, parity_states};
use crate::shell::shell_word;
use crate::store::DEFAULT_VOLUME_BYTES;
use crate::store::durable::{free_bytes, open_safely, read_limited};
use vouchsafe_core::model::{Timestamp, bytes, count};
use vouchsafe_core::sign::secrets::{mark_in, secrets_in};
use vouchsafe_core::verify::{AgentError, Remedy, Unwatched};

/// With less, the next commit may not fit.
const NO_ROOM_BYTES: u64 = 128 * 1024 * 1024;
/// The limit of files that are searched for private keys; beside volumes and index, an archive has few.
const MAX_FILES: usize = 10_000;
/// How much of each file is searched.
const LOOKED_AT_BYTES: u64 = 64 * 1024;
/// The clock may be this much earlier than a file's time, since clocks are adjusted.
const CLOCK_TOLERANCE_MS: i64 = 60_000;

/// The largest text that is compared.
const MAX_TEXT_BYTES: u64 = 4 * MIB;

const MIB: u64 = 1024 * 1024;

pub(super) fn disk(folder: &Path, found: &mut Examination) {
    match free_bytes(folder) {
        Err(error) => found.not_checked.push(format!("how much room is left: {error}").into()),
        Ok(free) => {
            found.checked.push("free space".to_owned());
            let message = format!("{} MiB are free on the archive's disk", free / MIB);
            let mend = "free some space, or move the whole folder to a larger disk";
            if free < NO_ROOM_BYTES {
                found.add(Risk::new(Weight::Wrong, "disk", format!("only {message}")).mend(mend));
            } else if free < DEFAULT_VOLUME_BYTES {
                let message = format!("{message}, less than one more volume (4 GiB)");
                found.add(Risk::new(Weight::Risky, "disk", message).mend(mend));
            }
        }
    }
    file_system(folder, found);
}

/// What the file system is known not to guarantee. The numbers are those of `statfs(2)` on Linux.
#[cfg(target_os = "linux")]
fn file_system(folder: &Path, found: &mut Examination) {
    let Ok(system) = rustix::fs::statfs(folder) else { return };
    let (weight, what) = match u32::try_from(system.f_type).unwrap_or_default() {
        0x0102_1994 | 0x8584_58f6 => {
            (Weight::Wrong, "the archive is kept in memory: it is lost when the computer is turned off")
        }
        0x6969 | 0x517b | 0xff53_4d42 | 0xfe53_4d42 | 0x0102_1997 | 0x6573_5546 => (
            Weight::Notice,
            "the archive is on a network or user-space file system: durability, and whether two computers can interfere \
             with each other, depend on the other side",
        ),
        0x4d44 | 0x2011_bab0 => (
            Weight::Notice,
            "the archive is on a FAT or exFAT file system: neither keeps permissions, and FAT keeps no file over 4 GiB",
        ),
        _ => return,
    };
    let risk = Risk::new(weight, "disk", what);
    found.add(risk.mend("keep the archive on a disk of this computer, and only a copy there"));
}

#[cfg(not(target_os = "linux"))]
fn file_system(_folder: &Path, found: &mut Examination) {
    found.not_checked.push("what kind of file system the archive is on".into());
}

pub(super) fn modes(folder: &Path, found: &mut Examination) {
    let mode = |path: &Path| fs::symlink_metadata(path).ok().map(|metadata| metadata.permissions().mode() & 0o777);
    if let Some(mode) = mode(folder).filter(|mode| mode & 0o077 != 0) {
        let (weight, who) = match mode & 0o007 {
            0 => (Weight::Notice, "the users of its group"),
            _ => (Weight::Risky, "all users of this computer"),
        };
        let message = format!("{who} can enter the archive's folder (mode {mode:04o}) and read what is not encrypted");
        let mend = format!("if that is not intended: chmod 700 {}", shell_word(folder));
        found.add(Risk::new(weight, "permissions", message).mend(mend));
    }
    if let Some(mode) = mode(&folder.join(VOLUMES)).filter(|mode| mode & 0o022 != 0) {
        let message = format!("others can write into the folder {VOLUMES} (mode {mode:04o})");
        let mend = format!("chmod go-w {}", shell_word(&folder.join(VOLUMES)));
        found.add(Risk::new(Weight::Wrong, "permissions", message).mend(mend));
    }
    let volumes = fs::read_dir(folder.join(VOLUMES)).into_iter().flatten().flatten();
    for volume in volumes.filter(|item| mode(&item.path()).is_some_and(|mode| mode & 0o022 != 0)) {
        let message = format!("others can write to {VOLUMES}/{}", volume.file_name().to_string_lossy());
        let mend = format!("chmod go-w {}", shell_word(&volume.path()));
        found.add(Risk::new(Weight::Wrong, "permissions", message).mend(mend));
    }
    found.checked.push("who may enter the folder and write to volumes".to_owned());
}

pub(super) fn quarantine(folder: &Path, found: &mut Examination) {
    let items = fs::read_dir(folder.join(QUARANTINE)).into_iter().flatten().flatten();
    let sizes: Vec<u64> = items.filter_map(|item| item.metadata().ok()).map(|metadata| metadata.len()).collect();
    if !sizes.is_empty() {
        let message = format!(
            "{QUARANTINE}/ holds {} ({}) left by interruptions or repairs; they are not evidence, and are kept",
            count(sizes.len() as u64, "file"),
            bytes(sizes.iter().sum())
        );
        found.add(Risk::new(Weight::Notice, "recovery", message));
    }
    found.checked.push(format!("{QUARANTINE}/"));
}

/// Private keys must not lie where they are copied together with the archive.
pub(super) fn keys_inside(folder: &Path, found: &mut Examination) {
    let (mut folders, mut seen) = (vec![folder.to_owned()], 0);
    let own_folders = [VOLUMES, INDEX, PARITY, QUARANTINE, REPAIR].map(|name| folder.join(name));
    let is_of_the_archive = |path: &Path| own_folders.iter().any(|own| path.parent() == Some(own));
    while let Some(inner) = folders.pop() {
        for item in fs::read_dir(&inner).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MAX_FILES {
                found
                    .not_checked
                    .push(format!("whether a private key is among more than {MAX_FILES} files here").into());
                return;
            }
            let (path, kind) = (item.path(), item.file_type());
            if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
                folders.push(path);
            } else if kind.is_ok_and(|kind| kind.is_file())
                && let Some(is) = private_key(&path, is_of_the_archive(&path))
            {
                let message = format!(
                    "{} {is} a private key: anybody who gets the folder or a copy of it gets the key",
                    path.display()
                );
                let moved = format!(
                    "mv {} ELSEWHERE; if others may have had it, revoke it with a newer version",
                    shell_word(&path)
                );
                let risk = Risk::new(Weight::Wrong, "keys", message).mend(Mend::RevokeKey(path));
                found.add(risk.or(Needs::Recording, moved));
            }
        }
    }
    found.checked.push("that no private key lies in the folder".to_owned());
}

/// Whether a file "is" a private key, or "holds" one: a backup of keys that was packed without compression, a note. Where
/// exhibits lie, and what is derived from them, only files that begin as keys do count.
fn private_key(path: &Path, is_of_the_archive: bool) -> Option<&'static str> {
    let mut begin = Vec::new();
    let opened = open_safely(fs::OpenOptions::new().read(true), path);
    opened.and_then(|file| file.take(LOOKED_AT_BYTES).read_to_end(&mut begin)).ok()?;
    let first = &begin[..begin.len().min(64)];
    let begins_as_one = first.starts_with(b"-----BEGIN ") && mark_in(&String::from_utf8_lossy(first)).is_some();
    match begins_as_one {
        true => Some("is"),
        false => (!is_of_the_archive && !secrets_in(&begin).is_empty()).then_some("holds"),
    }
}

pub(super) fn clock(folder: &Path, survey: &Survey, now: Timestamp, found: &mut Examination) {
    let behind = |last_ms: i64| last_ms - now.unix_ms() > CLOCK_TOLERANCE_MS;
    if let Some(last) = survey.history.last_recorded.filter(|last| behind(last.unix_ms())) {
        let message =
            format!("the clock says {now}, but the last entry was recorded at {last}: nothing can be written");
        found.add(Risk::new(Weight::Wrong, "clock", message).mend(Mend::SetClock));
    }
    let newest = survey.numbers.last().and_then(|number| fs::metadata(volume_file(folder, *number)).ok());
    let changed = newest.and_then(|metadata| metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    if changed.and_then(|time| i64::try_from(time.as_millis()).ok()).is_some_and(behind) {
        let message =
            format!("the clock says {now}, but the last volume was changed later than that: one of the two is wrong");
        found.add(Risk::new(Weight::Risky, "clock", message).mend(Mend::SetClock));
    }
    found.checked.push("that the clock is not earlier than the log".to_owned());
    found.not_checked.push("whether the clock is right: there is nothing here to compare it with".into());
}

/// The agent's key and the log key.
pub(super) fn keys(paths: &[PathBuf; 2], description: &Description, survey: &Survey, found: &mut Examination) {
    let [agent, log] = paths;
    let is_missing = |path: &Path| fs::symlink_metadata(path).is_err();
    if is_missing(agent) && is_missing(log) {
        let message = format!(
            "this user has no keys for this archive (looked for {}), so it can be read but not written",
            agent.display()
        );
        found.add(Risk::new(Weight::Notice, "keys", message).mend(Mend::RestoreKeys));
        return;
    }
    for (path, what) in [(agent, "agent's key"), (log, "log key")] {
        let key = match KeyFile::read(path) {
            Ok(key) => key,
            Err(error) => {
                let mend = match &error {
                    KeyFileError::TooOpen { path, .. } => format!("chmod 600 {}", shell_word(path)),
                    _ => "restore the key from its backup".to_owned(),
                };
                found.add(Risk::new(Weight::Wrong, "keys", error.to_string()).mend(mend));
                continue;
            }
        };
        if !key.is_protected() {
            let message =
                format!("the {what} {} has no passphrase: anybody who reads the file can use it", path.display());
            found.add(Risk::new(Weight::Risky, "keys", message).mend(format!("ssh-keygen -p -f {}", shell_word(path))));
        }
        own_folder(path, found);
        let Some(public) = key.public() else { continue };
        let signing = survey.index.as_ref().map(|index| index.signing(&description.log_key));
        let log_key = signing.as_ref().and_then(|signing| signing.log_keys().next_back());
        if what == "log key" && public != *log_key.unwrap_or(&description.log_key).key() {
            let message = format!("{} is not the log key of this archive", path.display());
            found.add(Risk::new(Weight::Wrong, "keys", message).mend(Mend::RestoreLogKey));
        }
        // An index that lacks the last commits may lack this agent.
        let index = survey.index.as_ref().filter(|index| index.frontier().size() == survey.history.size);
        if let (Some(index), true) = (index, what != "log key") {
            let message = match index.roster().get(public.id()) {
                None if !index.roster().are_all_known() => format!("{}: {}", path.display(), AgentError::NotUnderstood),
                None => format!("{}: {}", path.display(), AgentError::Unknown),
                Some(standing) if standing.replaced_by.is_some() => {
                    format!("{}: another key replaced this one", path.display())
                }
                Some(standing) if standing.revoked_at.is_some() => format!("{}: the key was revoked", path.display()),
                Some(_) => continue,
            };
            found.add(
                Risk::new(Weight::Risky, "keys", message)
                    .mend(Mend::AddAgent)
                    .or(Needs::Recording, Mend::AddAgentWithNewer),
            );
        }
    }
    found.checked.push("the keys: that they exist, whose they are, and who can read them".to_owned());
}

/// A key that others can replace is as unsafe as one that they can read.
fn own_folder(key: &Path, found: &mut Examination) {
    let Some(folder) = key.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return };
    let Ok(metadata) = fs::metadata(folder) else { return };
    let (mode, is_sticky) = (metadata.mode() & 0o777, metadata.mode() & 0o1000 != 0);
    if mode & 0o022 != 0 && !is_sticky {
        let message =
            format!("others can replace files in the folder of the keys, {} (mode {mode:04o})", folder.display());
        let risk = Risk::new(Weight::Wrong, "keys", message).mend(format!("chmod 700 {}", shell_word(folder)));
        if !found.risks.contains(&risk) {
            found.add(risk);
        }
    }
}

/// Parity of closed volumes: that it exists, and that it matches a few blocks of each volume.
pub(super) fn parity(folder: &Path, environment: &dyn Environment, found: &mut Examination) {
    let states = match parity_states(folder, None, Look::Table, environment, &Unwatched) {
        Ok(states) => states,
        Err(error) => {
            found.not_checked.push(format!("parity: {error}").into());
            return;
        }
    };
    let mut risky = |state, what: &str| {
        let number = states.iter().filter(|(_, found)| *found == state).count();
        if number > 0 {
            let message =
                format!("{number} of {} closed volumes {what}, so only a copy could repair bad sectors", states.len());
            let risk = Risk::new(Weight::Risky, "parity", message).mend(Mend::MakeParity);
            found.add(risk.or(Needs::Opening, Mend::MakeParityWithNewer));
        }
    };
    risky(ParityState::Missing, "have no parity");
    risky(ParityState::Unfit, "have parity that is damaged or does not match them");
    found
        .checked
        .push("parity of closed volumes: that it exists, its tables, and a few blocks of each volume".to_owned());
    found.not_checked.push(NotLookedAt::but("the other blocks of parity and volumes", Remedy::Parity));
}

/// What is left of a repair that was interrupted or could not be logged.
pub(super) fn repair(folder: &Path, found: &mut Examination) {
    let items = fs::read_dir(folder.join(REPAIR)).into_iter().flatten().flatten();
    let sizes: Vec<u64> = items.filter_map(|item| item.metadata().ok()).map(|metadata| metadata.len()).collect();
    if !sizes.is_empty() {
        let message = format!(
            "{REPAIR}/ holds {} bytes of a repair that was interrupted or is not in the log yet",
            sizes.iter().sum::<u64>()
        );
        let risk = Risk::new(Weight::Risky, "recovery", message).mend(Mend::FinishRepair);
        found.add(risk.or(Needs::Recording, Mend::ShowRepair));
    }
    found.checked.push(format!("{REPAIR}/"));
}

/// The texts that explain the archive to readers without the program. Nothing vouches for them.
pub(super) fn texts(folder: &Path, found: &mut Examination) {
    for (name, text) in [(FORMAT, FORMAT_TEXT), (README, README_TEXT)] {
        let message = match read_limited(&folder.join(name), MAX_TEXT_BYTES, false) {
            Ok(bytes) if bytes == text.as_bytes() => continue,
            Ok(_) => {
                format!("{name} differs from that of this version: another version wrote it, or somebody changed it")
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => format!("{name} is missing"),
            Err(error) => format!("{name} cannot be read: {error}"),
        };
        let mend = format!(
            "rely on the text of the version that made the archive; restore it from there, or from a copy: cp COPY/{name} ."
        );
        found.add(Risk::new(Weight::Notice, "texts", message).mend(mend));
    }
    found.checked.push(format!("{FORMAT} and {README}, against those of this version of the program"));
}
