//! A new archive: the folder, its description, its first entry.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use super::VOLUME_BYTES;
use super::commit::Committer;
use super::custody::{Draft, Keys};
use super::description::Description;
use super::environment::Environment;
use super::error::ArchiveError;
use super::index::Index;
use super::known::KnownArchives;
use super::layout::{DESCRIPTION, FORMAT, INDEX, LOCK, README, volumes_of};
use super::locking::{Guard, take_lock};
use super::memory::Memory;
use super::reader::Reader;
use super::session::Session;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::{LogKey, litter};
use vouchsafe_core::model::vocabulary::NAME;
use vouchsafe_core::model::{
    AgentKind, AgentRecord, ArchiveCreated, EntryIndex, FieldName, FieldValue, Fingerprint, Origin, Role,
};

/// The format specification, copied into every archive: it must outlive the program.
pub(super) const FORMAT_TEXT: &str = include_str!("../../../docs/format.md");
pub(super) const README_TEXT: &str = include_str!("archive-readme.txt");

/// What a new archive is to be.
#[derive(Debug, Clone)]
pub struct NewArchive {
    /// The name of its log.
    pub origin: Origin,
    /// Name or pseudonym of the first administrator; a field, not shown in the log.
    pub administrator_name: String,
    /// What the first administrator is.
    pub administrator_kind: AgentKind,
}

/// Creates an archive in a folder that is empty or does not exist.
///
/// # Errors
/// The folder holds something or cannot be written; then no archive is there.
pub fn create<'e>(
    folder: &Path,
    new: &NewArchive,
    keys: &Keys,
    known: Option<KnownArchives>,
    environment: &'e dyn Environment,
) -> Result<Session<'e>, ArchiveError> {
    check_empty(folder)?;
    let description = Description {
        administrator: keys.agent.public().clone(),
        // Not known before the first entry is signed.
        fingerprint: Fingerprint(Digest::ZERO),
        log_key: LogKey::new(new.origin.clone(), keys.log.public().clone()),
        newer_format: None,
    };
    let is_there = folder.exists();
    std::fs::create_dir_all(folder).map_err(ArchiveError::io("create the folder", folder))?;
    // Anybody who can enter the folder can read fields and objects, so access is given on purpose or not at all.
    std::fs::set_permissions(folder, Permissions::from_mode(0o700))
        .map_err(ArchiveError::io("set the permissions of", folder))?;
    // Nothing is begun yet; empty folders would only be in the way of the next attempt.
    let undo = || {
        let _ = std::fs::remove_dir_all(folder.join(INDEX));
        let _ = std::fs::remove_file(folder.join(LOCK));
        if !is_there {
            let _ = std::fs::remove_dir(folder);
        }
    };
    let lock = take_lock(folder, environment).inspect_err(|_| undo())?;
    let index = Index::open(&folder.join(INDEX)).inspect_err(|_| undo())?;
    let disk = environment.disk();
    let store = volumes_of(folder, disk.clone());
    disk.create_folder(store.folder()).map_err(ArchiveError::io("create the folder", store.folder()))?;
    let mut reader = Reader {
        folder: folder.to_owned(),
        description,
        store: Arc::new(store),
        index,
        memory: Memory::of_unseen(known, environment.now()),
        damage: None,
        _elsewhere: None,
        guard: Guard::OfSession,
    };
    let (log_key, store) = (reader.description.log_key.clone(), reader.store.clone());
    let mut committer = Committer::open(&reader.index, log_key, store, VOLUME_BYTES, keys, environment)?;
    let name: FieldName = NAME.parse().expect("`name` is a field name");
    let draft = Draft {
        event: ArchiveCreated::new(
            AgentRecord::new(new.administrator_kind, keys.agent.public().clone(), vec![Role::Administrator]),
            reader.description.log_key.to_string(),
        )
        .into(),
        exhibit: None,
        occurred_at: None,
        fields: vec![(name, FieldValue::Text(new.administrator_name.clone()))],
    };
    committer.add_entry(draft, 0)?;
    committer.commit(&mut reader.index)?;
    let first = reader.index.entry(EntryIndex(0))?.ok_or(ArchiveError::NoEntry { index: EntryIndex(0) })?;
    reader.description.fingerprint = Fingerprint(Digest::from_bytes(first.leaf));
    committer.end(&mut reader.index, &reader.description, &reader.memory)?;
    for (name, content) in [(README, README_TEXT), (FORMAT, FORMAT_TEXT)] {
        let path = folder.join(name);
        disk.create_file(&path, content.as_bytes(), 0o644).map_err(ArchiveError::io("write", &path))?;
    }
    // The description comes last: a folder is an archive from here on, and not before.
    let path = folder.join(DESCRIPTION);
    let bytes = reader.description.to_bytes();
    disk.create_file(&path, &bytes, 0o644).map_err(ArchiveError::io("write", &path))?;
    Ok(Session { reader, environment, volume_bytes: VOLUME_BYTES, _lock: lock })
}

/// Refuses a folder that holds anything but what a system puts on every disk.
///
/// # Errors
/// A file stands there, or the folder is not empty.
pub fn check_empty(folder: &Path) -> Result<(), ArchiveError> {
    let listed = std::fs::read_dir(folder);
    match listed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Err(ArchiveError::NotAFolder { path: folder.to_owned() })
        }
        Err(error) => Err(ArchiveError::io("read the folder", folder)(error)),
        Ok(mut items) => {
            let is_free =
                items.all(|item| item.is_ok_and(|item| litter::is_name_of_a_disk(item.file_name().as_encoded_bytes())));
            if is_free { Ok(()) } else { Err(ArchiveError::NotEmpty { path: folder.to_owned() }) }
        }
    }
}
