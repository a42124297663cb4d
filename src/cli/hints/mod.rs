//! The ways out of errors, one file for each part of the library that raises them.

mod bundles;
mod copies;
mod keys;
mod letters;
mod opening;
mod recording;
mod signing;
mod storage;
mod system;

use vouchsafe_archive::ArchiveError;

pub use keys::hint as hint_for_key;
pub use storage::REBUILD_HINT;
pub use system::io_hint;

/// The way out of an error of an archive, if there is one.
pub fn hint_for(error: &ArchiveError) -> Option<String> {
    if let ArchiveError::AfterCopy { source, .. } = error {
        return match source.recorded() {
            Some(_) => hint_for(source),
            None => Some("do not repeat the command; rename the copy yourself".to_owned()),
        };
    }
    [opening::hint, signing::hint, storage::hint, recording::hint, copies::hint, bundles::hint, letters::hint]
        .iter()
        .find_map(|hint| hint(error))
}
