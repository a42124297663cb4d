//! Where a command may write.

use std::path::Path;

use super::error::CommandError;

/// Refuses to write inside the folder of any archive: whatever lies there counts as part of that archive.
///
/// # Errors
/// The place is inside an archive.
pub fn check_outside(to: &Path) -> Result<(), CommandError> {
    let Ok(absolute) = std::path::absolute(to) else { return Ok(()) };
    let Some(there) = absolute.ancestors().find_map(|folder| folder.canonicalize().ok()) else { return Ok(()) };
    match there.ancestors().find(|folder| is_archive_folder(folder)) {
        None => Ok(()),
        Some(archive) => Err(CommandError::usage(format!(
            "{}: this is in the folder of an archive, {}",
            to.display(),
            archive.display()
        ))
        .hint("choose a place outside it: whatever lies there counts as part of the archive")),
    }
}

/// Whether a folder is an archive, or a copy of one, even an unfinished copy.
fn is_archive_folder(folder: &Path) -> bool {
    folder.join("volumes").is_dir() && ["archive.json", "copy.json"].iter().any(|name| folder.join(name).is_file())
}
