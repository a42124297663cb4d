//! Where a command may write.

use std::path::Path;

use super::error::CommandError;

/// Refuses to write to a place within an archive's own folder, this archive's or any other's: what lies there is
/// taken for a part of it.
///
/// # Errors
/// It is such a place.
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
        .hint("give a place outside of it: whatever lies there is taken for a part of the archive")),
    }
}

/// Whether a folder is an archive, or a copy of one that was perhaps never finished.
fn is_archive_folder(folder: &Path) -> bool {
    folder.join("volumes").is_dir() && ["archive.json", "copy.json"].iter().any(|name| folder.join(name).is_file())
}
