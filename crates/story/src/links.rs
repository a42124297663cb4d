//! Which files of exhibits the report leads to.

use super::told::ToldExhibit;
use vouchsafe_core::format::bundle::ending_of;

/// What browsers run or obey rather than show. A reader must choose to open it.
const ACTIVE_ENDINGS: &[&str] = &["html", "xml"];

/// Whether nothing may lead to the file of an exhibit: what somebody sent in must not act, nor report that it is read, for a
/// click.
pub(super) fn is_active(exhibit: &ToldExhibit<'_>) -> bool {
    ACTIVE_ENDINGS.contains(&ending_of(&exhibit.planned.media_type))
}
