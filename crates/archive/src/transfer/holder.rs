//! Who has custody of an exhibit now, according to this log.

use crate::heard::partner_in;
use crate::reader::Reader;
use crate::{ArchiveError, LoggedEntry, UnreadEntry};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::ArchiveIdentity;
use vouchsafe_core::model::{Answer, Direction, EntryIndex, Event, ExhibitId, Origin, Timestamp};

use super::passing::exhibits_in;
use super::{Side, Transfer, TransferState, exports, is_export_of, transfers};

vouchsafe_core::described! {
    /// To whom custody of an exhibit passed last.
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
    pub struct Holder {
        /// The archive that has it.
        pub origin: Origin,
        /// Whether that is this archive.
        pub is_here: bool,
        /// The archive that had it before.
        pub from: Origin,
        /// The entry that records it.
        pub index: EntryIndex,
        /// When that was recorded.
        pub at: Timestamp,
        /// Whether the other archive was compared with what came from outside. If not, nothing but a name says which one it is.
        pub anchored: bool,
    }
}

/// Whether the other archive was compared with what came from outside when custody passed so, as the answer says to which
/// the entry belongs.
#[must_use]
pub fn is_passing_anchored(logged: &LoggedEntry, transfers: &[Transfer]) -> bool {
    let Event::CustodyPassed(body) = &logged.entry.entry.event else { return false };
    let side = match body.direction {
        Direction::Out => Side::Sent,
        Direction::In => Side::Received,
    };
    let other = partner_in(&logged.fields);
    transfers.iter().any(|transfer| {
        let TransferState::Answered { answer: Answer::Accepted, partner, anchored: true, .. } = &transfer.state else {
            return false;
        };
        transfer.side == side && transfer.bundle == body.bundle && partner.is_some() && *partner == other
    })
}

/// Exhibits, and who has custody of each.
pub type Holders = Vec<(ExhibitId, Holder)>;

/// What somebody who offers a bundle should know about it.
#[derive(Debug, Clone, Default)]
pub struct OfferCaveats {
    /// The exhibits in it whose custody has passed to another archive, and to which one.
    pub passed: Holders,
    /// How many entries about its exhibits were made after it, other than about their exports.
    pub later_entries: u64,
    /// How many fields of its exhibits it withholds.
    pub withheld_fields: u64,
}

/// Who has custody of these exhibits; those whose custody never passed are left out. Entries that are damaged in their
/// volumes are skipped, and named.
///
/// # Errors
/// The index or a volume cannot be read.
pub fn holders(
    reader: &Reader,
    exhibits: impl IntoIterator<Item = ExhibitId>,
) -> Result<(Holders, Vec<UnreadEntry>), ArchiveError> {
    let (transfers, mut unread) = transfers(reader)?;
    let mut holders = Vec::new();
    // Custody passes by a transfer, so where there was none, no history need be read.
    let exhibits = exhibits.into_iter().filter(|_| !transfers.is_empty() || !unread.is_empty());
    for exhibit in exhibits.collect::<Vec<_>>() {
        for index in reader.index.history(exhibit)?.into_iter().rev() {
            let Some(logged) = reader.entry_or_note(index, &mut unread)? else { continue };
            if let Some(holder) = holder(reader, &logged, &transfers) {
                holders.push((exhibit, holder));
                break;
            }
        }
    }
    Ok((holders, unread))
}

/// The exhibits that left this archive by transfers and are not here again, with who has them; and the entries about
/// that which lie damaged in their volumes.
///
/// # Errors
/// The index or a volume cannot be read.
pub fn passed_on(reader: &Reader) -> Result<(Holders, Vec<UnreadEntry>), ArchiveError> {
    let (exports, mut unread) = exports(reader)?;
    let (transfers, _) = transfers(reader)?;
    let mut exhibits = std::collections::BTreeSet::new();
    for transfer in transfers.iter().filter(|transfer| transfer.side == Side::Sent) {
        for export in exports.iter().filter(|export| is_export_of(export, transfer.bundle)) {
            exhibits.extend(exhibits_in(reader, export, &mut unread)?);
        }
    }
    let (mut holders, more) = holders(reader, exhibits)?;
    holders.retain(|(_, holder)| !holder.is_here);
    unread.extend(
        more.into_iter().filter(|more| !unread.iter().any(|known| known.index == more.index)).collect::<Vec<_>>(),
    );
    Ok((holders, unread))
}

/// What somebody who made an offer should know about its bundle.
///
/// # Errors
/// The entry is no offer, or the index or a volume cannot be read.
pub fn offer_caveats(reader: &Reader, offer: EntryIndex) -> Result<OfferCaveats, ArchiveError> {
    let Event::TransferOffered(offered) = reader.entry(offer)?.entry.entry.event else {
        return Err(ArchiveError::NoTransfer { index: offer });
    };
    let (exports, mut unread) = exports(reader)?;
    let Some(export) = exports.iter().rev().find(|export| is_export_of(export, offered.bundle)) else {
        return Ok(OfferCaveats::default());
    };
    let Event::BundleExported(bundle) = &export.entry.entry.event else { return Ok(OfferCaveats::default()) };
    let exhibits = exhibits_in(reader, export, &mut unread)?;
    let mut later_entries = 0;
    for exhibit in &exhibits {
        let later = reader.index.history(*exhibit)?.into_iter().rev().take_while(|index| index.0 >= bundle.size);
        for index in later {
            let logged = reader.entry_or_note(index, &mut unread)?;
            let is_export = |event: &Event| matches!(event, Event::ExhibitExported(_));
            later_entries += u64::from(logged.is_none_or(|logged| !is_export(&logged.entry.entry.event)));
        }
    }
    let (mut passed, _) = holders(reader, exhibits)?;
    passed.retain(|(_, holder)| !holder.is_here);
    Ok(OfferCaveats { passed, later_entries, withheld_fields: bundle.withheld_fields })
}

/// Who has custody, if the entry says that it passed, and if that still stands.
fn holder(reader: &Reader, logged: &LoggedEntry, transfers: &[Transfer]) -> Option<Holder> {
    let entry = &logged.entry.entry;
    let Event::CustodyPassed(body) = &entry.event else { return None };
    let partner = partner_in(&logged.fields)?;
    if body.direction == Direction::Out && !stands(body.bundle, &partner, transfers) {
        return None;
    }
    let (own, other) = (reader.description.origin().clone(), partner.origin().clone());
    let is_here = body.direction == Direction::In;
    let (origin, from) = if is_here { (own, other) } else { (other, own) };
    let anchored = is_passing_anchored(logged, transfers);
    Some(Holder { origin, is_here, from, index: entry.index, at: entry.occurred_at, anchored })
}

/// An acceptance whose fingerprint nobody compared gives way to a genuine answer; custody that passed by it does, too.
fn stands(bundle: Digest, partner: &ArchiveIdentity, transfers: &[Transfer]) -> bool {
    let answers: Vec<_> = transfers
        .iter()
        .filter(|transfer| transfer.side == Side::Sent && transfer.bundle == bundle)
        .filter_map(|transfer| match &transfer.state {
            TransferState::Answered { answer, partner, .. } => Some((*answer, partner.as_ref())),
            TransferState::Open => None,
        })
        .collect();
    answers.contains(&(Answer::Accepted, Some(partner))) || answers.iter().all(|(answer, _)| *answer != Answer::Refused)
}
