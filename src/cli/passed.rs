//! What is warned of where custody passes between archives.

use vouchsafe_archive::{Holder, Reader, transfer};
use vouchsafe_core::model::ExhibitId;

use super::error::CommandError;
use super::output::{self, count, printable};
use super::say;

/// What becomes of entries about transfers that cannot be read.
pub const TRANSFERS_UNREAD: &str = "What it says of transfers is not shown";

/// Warns of exhibits that another archive has custody of: what is recorded about them here, it does not learn.
pub fn warn_if_passed<'a>(
    archive: &Reader,
    exhibits: impl IntoIterator<Item = &'a ExhibitId>,
) -> Result<(), CommandError> {
    let (mut passed, unread) = transfer::holders(archive, exhibits.into_iter().copied())?;
    output::warn_unread(&unread, "Whether custody of these exhibits has passed is not known");
    passed.retain(|(_, holder)| !holder.is_here);
    warn_passed(&passed);
    Ok(())
}

/// Warns that custody of exhibits has passed to another archive before.
pub fn warn_passed(passed: &[(ExhibitId, Holder)]) {
    for (exhibit, holder) in passed.iter().take(MAX_WARNED) {
        let origin = printable(holder.origin.as_str());
        say::warning(format_args!("custody of {exhibit} has passed to {origin} already, says entry {}", holder.index));
    }
    if let Some(others) = passed.len().checked_sub(MAX_WARNED).filter(|others| *others > 0) {
        say::warning(format_args!("and custody of {} more", count(others as u64, "exhibit")));
    }
}

/// The most exhibits that are named in warnings.
const MAX_WARNED: usize = 10;
