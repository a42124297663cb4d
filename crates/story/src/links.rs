//! Which files of exhibits the report leads to.

use super::told::ToldExhibit;
use vouchsafe_core::format::bundle::ending_of;

/// What a browser runs in the page that leads to it. A reader must choose to open it.
const ACTIVE_ENDINGS: &[&str] = &["html", "xml"];

/// Whether nothing leads to the file of an exhibit: a click must not let it act in the reader's browser. Other programs, which
/// open the other kinds of files, may still load what a file names.
pub(super) fn is_active(exhibit: &ToldExhibit<'_>) -> bool {
    ACTIVE_ENDINGS.contains(&ending_of(&exhibit.planned.media_type))
}
