//! Whether a letter contradicts what this archive holds from the same log: other letters, and the dossiers of bundles.
//!
//! Each of them proves only itself. Two that cannot both be of one log prove that it was rewritten, or that it is shown
//! differently to different people.

use std::path::Path;

use crate::error::ArchiveError;
use crate::heard::{self, NotCompared, view_of};
use crate::reader::Reader;
use vouchsafe_core::verify::letter::Told;

/// The message about a letter of an archive that has the name of another one.
const NOTHING_SPEAKS: &str = "nothing from outside says that this is a second archive of that name";

/// Refuses a letter that contradicts what is held from the same log, or is of an archive that nobody compared with
/// anything, under the name of one that was. Returns what it could not be compared with.
pub(super) fn check_against_held(
    reader: &Reader,
    path: &Path,
    told: &Told,
    anchored: bool,
) -> Result<Vec<NotCompared>, ArchiveError> {
    let contradicts = |reason| Err(ArchiveError::LetterContradicts { path: path.to_owned(), reason });
    let view = view_of(told, "this letter");
    let heard = heard::heard(reader, &|origin| origin == view.archive.origin(), None)?;
    if let Some(found) = heard.logs.against(&view) {
        return contradicts(format!("{}: its log was rewritten, or shown differently", found.message));
    }
    let is_known = anchored || heard.logs.is_anchored(&view.archive);
    let own = reader.description.log_key.name();
    if !is_known && view.archive.origin() == own {
        let message = format!("it is by another archive that is also named {own}; {NOTHING_SPEAKS}");
        return contradicts(message);
    }
    match heard.logs.namesake(&view.archive) {
        // Anybody can make a log of this name. Where what came from outside distinguishes them, they are two archives.
        Some(other) if other.is_anchored && !is_known => contradicts(format!(
            "it is by the archive {}, and {} by {}, which was compared with what came from outside; {NOTHING_SPEAKS}",
            told.shown.fingerprint.paper(),
            other.named,
            other.fingerprint.paper()
        )),
        _ => Ok(heard.not_compared),
    }
}
