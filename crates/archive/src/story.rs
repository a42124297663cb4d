//! The story of an exhibit: what this archive's log says of it, where it was before, and who has it.

use std::iter;

use super::ArchiveError;
use super::exhibits::{LoggedEntry, UnreadEntry};
use super::foreign::{Histories, HistoryElsewhere, foreign_histories, sender_of};
use super::heard::{Partner, compared_archives};
use super::index::ExhibitRow;
use super::reader::Reader;
use super::transfer::{Holder, holders};
use vouchsafe_core::format::Entry;
use vouchsafe_core::model::ExhibitId;
use vouchsafe_core::verify::bundle::walk::received_in;

/// What this archive's log says of an exhibit. What its entries lead to is read when it is asked for: histories elsewhere
/// are checked again each time, which costs what their dossiers weigh.
#[derive(Debug, Clone)]
pub struct ExhibitStory {
    /// Which one.
    pub exhibit: ExhibitId,
    /// What its ingest says, and the newest value of each field.
    pub row: ExhibitRow,
    /// The entries about it, oldest first, as far as they are not damaged.
    pub entries: Vec<LoggedEntry>,
    /// The entries about it that are.
    pub unread: Vec<UnreadEntry>,
}

/// An entry in the line of time of an exhibit.
#[derive(Debug, Clone, Copy)]
pub struct StoryEntry<'a> {
    /// The entry.
    pub logged: &'a LoggedEntry,
    /// The history that it is of, if it is not one of this archive's own entries about the exhibit.
    pub elsewhere: Option<HistoryElsewhere<'a>>,
}

impl ExhibitStory {
    /// What the log says of an exhibit.
    ///
    /// # Errors
    /// There is no such exhibit, how it was ingested is not understood, or a volume cannot be opened.
    pub fn read(reader: &Reader, exhibit: ExhibitId) -> Result<Self, ArchiveError> {
        let row = reader.exhibit(exhibit)?;
        let (entries, unread) = reader.readable_custody(exhibit)?;
        Ok(Self { exhibit, row, entries, unread })
    }

    /// The histories that it had in other archives.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn elsewhere(&self, reader: &Reader) -> Result<Histories, ArchiveError> {
        foreign_histories(reader, self.exhibit, &self.entries)
    }

    /// All entries, those of these histories among them, in one line of time.
    #[must_use]
    pub fn line_of_time<'a>(&'a self, histories: &[HistoryElsewhere<'a>]) -> Vec<StoryEntry<'a>> {
        let entries = |one: &HistoryElsewhere<'a>| {
            let elsewhere = *one;
            let entry = move |logged| StoryEntry { logged, elsewhere: Some(elsewhere) };
            elsewhere.history.entries.iter().map(entry)
        };
        let own = self.entries.iter().map(|logged| StoryEntry { logged, elsewhere: None });
        in_one_line_of_time(histories.iter().flat_map(entries), own, |one| &one.logged.entry.entry)
    }

    /// Who has it, if custody ever passed; and the entries about transfers that cannot be read.
    ///
    /// # Errors
    /// The index or a volume cannot be read.
    pub fn holder(&self, reader: &Reader) -> Result<(Option<Holder>, Vec<UnreadEntry>), ArchiveError> {
        let (holders, unread) = holders(reader, iter::once(self.exhibit))?;
        Ok((holders.into_iter().next().map(|(_, holder)| holder), unread))
    }

    /// The archives that it came from, and what each calls it, with whether they were ever compared with what came from
    /// outside. A bundle whose entry cannot be read names none.
    ///
    /// # Errors
    /// The index or a volume cannot be read.
    pub fn senders(&self, reader: &Reader) -> Result<Vec<(Partner, ExhibitId)>, ArchiveError> {
        let mut senders: Vec<(Partner, ExhibitId)> = Vec::new();
        for (bundle, foreign) in self.entries.iter().filter_map(|logged| received_in(&logged.entry)) {
            let partner = match sender_of(reader, bundle) {
                Ok(Some(partner)) => partner,
                Ok(None) => continue,
                Err(ArchiveError::Index(error)) => return Err(ArchiveError::Index(error)),
                // Damage of that entry is reported where its history is shown.
                Err(_) => continue,
            };
            if !senders.iter().any(|(known, name)| known.archive == partner.archive && *name == foreign) {
                senders.push((partner, foreign));
            }
        }
        if !senders.is_empty() {
            let compared = compared_archives(reader)?;
            senders.iter_mut().for_each(|(partner, _)| partner.is_anchored = compared.contains(&partner.archive));
        }
        Ok(senders)
    }
}

/// Entries of other archives and of this one in one line of time, as they were recorded. Each log is in order
/// by itself if it was checked; and at the same time those of other archives come first: an exhibit was there before.
pub fn in_one_line_of_time<T>(
    elsewhere: impl IntoIterator<Item = T>,
    own: impl IntoIterator<Item = T>,
    entry: impl Fn(&T) -> &Entry,
) -> Vec<T> {
    let mut all: Vec<_> = elsewhere.into_iter().chain(own).collect();
    all.sort_by_key(|one| entry(one).recorded_at);
    all
}
