//! Warnings about custody that passes between archives.

use vouchsafe_archive::{Holder, Reader, transfer};
use vouchsafe_core::model::ExhibitId;

use super::error::CommandError;
use super::output::{self, count, printable};
use super::say;

/// The consequence of an unreadable entry about a transfer.
pub const TRANSFERS_UNREAD: &str = "The transfer in it is not shown";

/// Warns of exhibits that are in another archive's custody: that archive does not learn what is recorded here.
pub fn warn_if_passed<'a>(
    archive: &Reader,
    exhibits: impl IntoIterator<Item = &'a ExhibitId>,
) -> Result<(), CommandError> {
    let (mut passed, unread) = transfer::holders(archive, exhibits.into_iter().copied())?;
    output::warn_unread(&unread, "So it is not known whether custody of these exhibits has passed");
    passed.retain(|(_, holder)| !holder.is_here);
    warn_passed(&passed);
    Ok(())
}

/// Warns that custody of exhibits has already passed to another archive.
pub fn warn_passed(passed: &[(ExhibitId, Holder)]) {
    for (exhibit, holder) in passed.iter().take(MAX_WARNED) {
        let origin = printable(holder.origin.as_str());
        say::warning(format_args!(
            "according to entry {}, custody of {exhibit} has already passed to \
            {origin}",
            holder.index
        ));
    }
    if let Some(others) = passed.len().checked_sub(MAX_WARNED).filter(|others| *others > 0) {
        say::warning(format_args!("and custody of {} more", count(others as u64, "exhibit")));
    }
}

/// At most this many exhibits are named in warnings.
const MAX_WARNED: usize = 10;
