//! How an exhibit left an archive and came to it in bundles, as its entries say one after another: the same for code that reads
//! a whole log and for code that is given the history of one exhibit.

use crate::model::{Event, Family, Moves};

/// Takes in the next entry about an exhibit. Asks for the exhibit's moves only where the entry has something to add.
pub(super) fn note_move<'a>(event: &Event, moves: impl FnOnce() -> &'a mut Moves) {
    match event.family() {
        Family::Bundles(event) => moves().take(event),
        Family::NotUnderstood(_) => moves().take_not_understood(),
        Family::Signing(_) | Family::Exhibits(_) | Family::Preservation(_) | Family::Transfers(_) => {}
    }
}
