//! Who has custody of an exhibit now, as this log tells it.

use crate::archive::{Archive, ArchiveError, UnreadEntry};
use crate::format::LogKey;
use crate::model::{Answer, CustodyPassed, EntryIndex, Event, ExhibitId, Origin, Timestamp};

use super::{Side, Transfer, TransferState, is_export_of};

/// To whom custody of an exhibit passed last.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Holder {
    /// The archive that has it.
    pub origin: Origin,
    /// Whether that is this archive.
    pub is_here: bool,
    /// The archive that had it before.
    pub from: Origin,
    /// The entry that says so.
    pub index: EntryIndex,
    /// When that was recorded.
    pub at: Timestamp,
    /// Whether the other archive was compared with what came from outside. If not, nothing but a name says which one it is.
    pub anchored: bool,
}

/// Whether the other archive was compared with what came from outside when custody passed so, as the answer says to which
/// the entry belongs.
#[must_use]
pub fn is_passing_anchored(body: &CustodyPassed, transfers: &[Transfer]) -> bool {
    transfers.iter().any(|transfer| {
        let other = match transfer.side {
            Side::Sent => &body.to,
            Side::Received => &body.from,
        };
        let TransferState::Answered { answer: Answer::Accepted, log_key, anchored: true, .. } = &transfer.state else {
            return false;
        };
        transfer.bundle == body.bundle && log_key == other
    })
}

/// Exhibits, and who has custody of each.
pub type Holders = Vec<(ExhibitId, Holder)>;

/// What whoever offers a bundle should know of it.
#[derive(Debug, Clone, Default)]
pub struct OfferCaveats {
    /// The exhibits in it of which custody has passed to another archive, and to which.
    pub passed: Holders,
    /// How many entries about its exhibits were made after it, other than about their exports.
    pub later_entries: u64,
    /// How many fields of its exhibits it withholds.
    pub withheld_fields: u64,
}

impl Archive {
    /// Who has custody of these exhibits; those of which it never passed are left out. Entries that lie damaged in their
    /// volumes are passed over, and named.
    ///
    /// # Errors
    /// The index or a volume cannot be read.
    pub fn holders(
        &self,
        exhibits: impl IntoIterator<Item = ExhibitId>,
    ) -> Result<(Holders, Vec<UnreadEntry>), ArchiveError> {
        let (transfers, mut unread) = self.transfers()?;
        let mut holders = Vec::new();
        // Custody passes by a transfer, so where there was none, no history need be read.
        let exhibits = exhibits.into_iter().filter(|_| !transfers.is_empty() || !unread.is_empty());
        for exhibit in exhibits.collect::<Vec<_>>() {
            for index in self.index.history(exhibit)?.into_iter().rev() {
                let Some(logged) = self.entry_or_note(index, &mut unread)? else { continue };
                let Event::CustodyPassed(body) = &logged.entry.entry.event else { continue };
                let at = logged.entry.entry.occurred_at;
                if let (true, Some(holder)) = (self.stands(body, &transfers), self.holder(body, index, at, &transfers))
                {
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
    pub fn passed_on(&self) -> Result<(Holders, Vec<UnreadEntry>), ArchiveError> {
        let (exports, mut unread) = self.exports()?;
        let (transfers, _) = self.transfers()?;
        let mut exhibits = std::collections::BTreeSet::new();
        for transfer in transfers.iter().filter(|transfer| transfer.side == Side::Sent) {
            for export in exports.iter().filter(|export| is_export_of(export, transfer.bundle)) {
                exhibits.extend(self.exhibits_in(export, &mut unread)?);
            }
        }
        let (mut holders, more) = self.holders(exhibits)?;
        holders.retain(|(_, holder)| !holder.is_here);
        unread.extend(
            more.into_iter().filter(|more| !unread.iter().any(|known| known.index == more.index)).collect::<Vec<_>>(),
        );
        Ok((holders, unread))
    }

    /// What whoever made an offer should know of its bundle.
    ///
    /// # Errors
    /// The entry is no offer, or the index or a volume cannot be read.
    pub fn offer_caveats(&self, offer: EntryIndex) -> Result<OfferCaveats, ArchiveError> {
        let Event::TransferOffered(offered) = self.entry(offer)?.entry.entry.event else {
            return Err(ArchiveError::NoTransfer { index: offer });
        };
        let (exports, mut unread) = self.exports()?;
        let Some(export) = exports.iter().rev().find(|export| is_export_of(export, offered.bundle)) else {
            return Ok(OfferCaveats::default());
        };
        let Event::BundleExported(bundle) = &export.entry.entry.event else { return Ok(OfferCaveats::default()) };
        let exhibits = self.exhibits_in(export, &mut unread)?;
        let mut later_entries = 0;
        for exhibit in &exhibits {
            let later = self.index.history(*exhibit)?.into_iter().rev().take_while(|index| index.0 >= bundle.size);
            for index in later {
                let logged = self.entry_or_note(index, &mut unread)?;
                let is_export = |event: &Event| matches!(event, Event::ExhibitExported(_));
                later_entries += u64::from(logged.is_none_or(|logged| !is_export(&logged.entry.entry.event)));
            }
        }
        let (mut passed, _) = self.holders(exhibits)?;
        passed.retain(|(_, holder)| !holder.is_here);
        Ok(OfferCaveats { passed, later_entries, withheld_fields: bundle.withheld_fields })
    }

    /// An acceptance whose key nobody compared gives way to a genuine answer; custody that passed by it does, too.
    fn stands(&self, body: &CustodyPassed, transfers: &[Transfer]) -> bool {
        if body.from != self.description.log_key.to_string() {
            return true;
        }
        let answers: Vec<_> = transfers
            .iter()
            .filter(|transfer| transfer.side == Side::Sent && transfer.bundle == body.bundle)
            .filter_map(|transfer| match &transfer.state {
                TransferState::Answered { answer, log_key, .. } => Some((*answer, log_key)),
                TransferState::Open => None,
            })
            .collect();
        answers.contains(&(Answer::Accepted, &body.to)) || answers.iter().all(|(answer, _)| *answer != Answer::Refused)
    }

    fn holder(&self, body: &CustodyPassed, index: EntryIndex, at: Timestamp, transfers: &[Transfer]) -> Option<Holder> {
        let name = |key: &str| key.parse::<LogKey>().ok().map(|key| key.name().clone());
        let is_here = body.to == self.description.log_key.to_string();
        let anchored = is_passing_anchored(body, transfers);
        Some(Holder { origin: name(&body.to)?, is_here, from: name(&body.from)?, index, at, anchored })
    }
}
