//! That custody of an exhibit passed, in the exhibit's own history: so it is in every later bundle of it as well.
//!
//! The entries follow the answer, the first of them in its commit. After a crash between two commits the answer
//! stands there without some of them; accepting or settling again adds those that are missing.

use std::collections::BTreeSet;

use crate::ArchiveError;
use crate::custody::{Draft, Keys};
use crate::exhibits::{LoggedEntry, UnreadEntry};
use crate::heard::{partner_fields, partner_in};
use crate::reader::Reader;
use crate::session::Session;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::ArchiveIdentity;
use vouchsafe_core::format::volume::MAX_COMMIT_ENTRIES;
use vouchsafe_core::model::{CustodyPassed, Direction, EntryIndex, Event, ExhibitId};

/// The passing of custody with a bundle, to this archive or from it.
#[derive(Debug, Clone)]
pub(super) struct Passing {
    pub bundle: Digest,
    pub direction: Direction,
    /// The other archive.
    pub partner: ArchiveIdentity,
    /// Its letter, as recorded with the answer.
    pub letter: Digest,
}

impl Passing {
    fn draft(&self, exhibit: ExhibitId) -> Draft {
        let Self { bundle, direction, letter, .. } = *self;
        let body = CustodyPassed { bundle, direction, fields: Vec::new(), letter };
        let fields = partner_fields(&self.partner);
        Draft { event: body.into(), exhibit: Some(exhibit), occurred_at: None, fields }
    }

    /// Whether an entry records it.
    fn is_recorded_by(&self, logged: &LoggedEntry) -> bool {
        matches!(&logged.entry.entry.event, Event::CustodyPassed(body)
            if (body.bundle, body.direction, body.letter) == (self.bundle, self.direction, self.letter))
            && partner_in(&logged.fields).as_ref() == Some(&self.partner)
    }
}

/// Records an answer, and of each of these exhibits that custody passed. If the answer was `recorded` before, as this
/// entry, what is missing after it. Returns what was recorded.
///
/// # Errors
/// An entry about one of the exhibits cannot be read, or nothing can be recorded. What was recorded before that
/// stays, and repeating the act continues.
pub(super) fn record_passing(
    session: &mut Session<'_>,
    answer: Result<(Draft, &[u8]), EntryIndex>,
    passed: Option<&Passing>,
    exhibits: &[ExhibitId],
    keys: &Keys,
) -> Result<Vec<EntryIndex>, ArchiveError> {
    // The same bundle may be offered, and pass, again: the effect of an earlier answer does not count.
    let recorded = answer.as_ref().err().copied();
    let (draft, mut object) = answer.ok().unzip();
    let mut drafts: Vec<_> = draft.into_iter().collect();
    let mut seen = BTreeSet::new();
    for (exhibit, passed) in exhibits.iter().filter_map(|exhibit| Some((*exhibit, passed?))) {
        if seen.insert(exhibit) && !has_passed(&session.reader, exhibit, passed, recorded)? {
            drafts.push(passed.draft(exhibit));
        }
    }
    let (mut made, limit) = (Vec::new(), usize::try_from(MAX_COMMIT_ENTRIES).unwrap_or(usize::MAX));
    while !drafts.is_empty() {
        let rest = drafts.split_off(drafts.len().min(limit));
        made.extend(session.record_with(keys, std::mem::replace(&mut drafts, rest), object.take())?);
    }
    Ok(made)
}

/// Whether that is recorded after this entry.
fn has_passed(
    reader: &Reader,
    exhibit: ExhibitId,
    passed: &Passing,
    behind: Option<EntryIndex>,
) -> Result<bool, ArchiveError> {
    let Some(behind) = behind else { return Ok(false) };
    for index in reader.index.history(exhibit)?.into_iter().rev().take_while(|index| *index > behind) {
        if passed.is_recorded_by(&reader.entry(index)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The exhibits that left in a bundle: the entries about them follow the one about the bundle. Those that lie damaged
/// in their volumes are named in `unread`.
pub(super) fn exhibits_in(
    reader: &Reader,
    export: &LoggedEntry,
    unread: &mut Vec<UnreadEntry>,
) -> Result<Vec<ExhibitId>, ArchiveError> {
    let Event::BundleExported(bundle) = &export.entry.entry.event else { return Ok(Vec::new()) };
    let mut exhibits = Vec::new();
    let first = export.entry.entry.index.0 + 1;
    for index in (first..reader.index.frontier().size()).take(usize::try_from(bundle.exhibits).unwrap_or(usize::MAX)) {
        let Some(logged) = reader.entry_or_note(EntryIndex(index), unread)? else { continue };
        let entry = logged.entry.entry;
        match (entry.event, entry.exhibit) {
            (Event::ExhibitExported(body), Some(exhibit)) if body.bundle == bundle.bundle => exhibits.push(exhibit),
            _ => break,
        }
    }
    Ok(exhibits)
}
