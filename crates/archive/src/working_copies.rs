//! Working copies of exhibits, which leave the archive and are recorded.

use std::path::{Path, PathBuf};

use super::custody::{Draft, Keys};
use super::error::ArchiveError;
use super::exhibits::metadata_field;
use super::session::Session;
use crate::store::durable::create_private;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::vocabulary::{PURPOSE, RECIPIENT};
use vouchsafe_core::model::{CopyIssued, EntryIndex, EventKind, ExhibitId};

/// A working copy that is asked for.
#[derive(Debug, Clone)]
pub struct CopyRequest {
    /// Of which exhibit.
    pub exhibit: ExhibitId,
    /// Where to; must not exist.
    pub to: PathBuf,
    /// Who gets it.
    pub recipient: String,
    /// What for.
    pub purpose: String,
}

vouchsafe_core::described! {
    /// A working copy that was issued.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct IssuedCopy {
        /// Of which exhibit.
        pub exhibit: ExhibitId,
        /// The object.
        pub object: Digest,
        /// Its size.
        pub size_bytes: u64,
        /// The entry that records it.
        pub index: EntryIndex,
    }
}

/// Issues a working copy, which only its owner can read: the file is written and checked, then the entry is recorded, and only then
/// the file gets its name.
///
/// # Errors
/// The file exists, the object has changed, or the entry cannot be recorded; then no copy is there. After
/// [`ArchiveError::AfterCopy`] there is one, and it is recorded.
pub fn issue(session: &mut Session<'_>, request: &CopyRequest, keys: &Keys) -> Result<IssuedCopy, ArchiveError> {
    let object = session.reader.exhibit(request.exhibit)?.object;
    session.reader.permit(keys.agent.public().id(), EventKind::CopyIssued)?;
    if request.to.symlink_metadata().is_ok() {
        return Err(ArchiveError::Exists { path: request.to.clone() });
    }
    let unfinished = beside(&request.to);
    let written = write_and_record(session, request, object, &unfinished, keys);
    let (size_bytes, index, problem) = match written {
        Ok((size_bytes, index)) => (size_bytes, index, None),
        Err(error) => match error.recorded() {
            // Recorded as issued, so it must be there.
            Some(index) => (0, index, Some(error)),
            None => {
                let _ = std::fs::remove_file(&unfinished);
                return Err(error);
            }
        },
    };
    let after =
        |path: &Path, error| Err(ArchiveError::AfterCopy { path: path.to_owned(), index, source: Box::new(error) });
    if let Err(error) = give_name(&unfinished, &request.to) {
        return after(&unfinished, ArchiveError::io("give the copy its name", &request.to)(error));
    }
    match problem {
        Some(error) => after(&request.to, error),
        None => Ok(IssuedCopy { exhibit: request.exhibit, object, size_bytes, index }),
    }
}

fn write_and_record(
    session: &mut Session<'_>,
    request: &CopyRequest,
    object: Digest,
    unfinished: &Path,
    keys: &Keys,
) -> Result<(u64, EntryIndex), ArchiveError> {
    let mut file = create_private(unfinished).map_err(ArchiveError::io("create the copy", &request.to))?;
    let size_bytes = session.reader.copy_object(object, &mut file, &request.to)?;
    file.sync_all().map_err(ArchiveError::io("write the copy", &request.to))?;
    let field = |name, value: &str| metadata_field(name, value);
    let made = session.record(
        keys,
        vec![Draft {
            event: CopyIssued { fields: Vec::new(), object }.into(),
            exhibit: Some(request.exhibit),
            occurred_at: None,
            fields: vec![field(PURPOSE, &request.purpose), field(RECIPIENT, &request.recipient)],
        }],
    )?;
    Ok((size_bytes, made[0]))
}

/// Gives a finished file its name, never over another file.
fn give_name(unfinished: &Path, name: &Path) -> std::io::Result<()> {
    // A link, unlike a rename, fails where a file has appeared under the name meanwhile.
    std::fs::hard_link(unfinished, name).or_else(|error| match name.symlink_metadata() {
        Ok(_) => Err(error),
        Err(_) => std::fs::rename(unfinished, name),
    })?;
    let _ = std::fs::remove_file(unfinished);
    Ok(())
}

/// A name in the same folder for a file that is not finished.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.unfinished", std::process::id()));
    path.with_file_name(name)
}
