//! Why this version only reads an archive: what of it is not understood, and what it cannot sign.

use std::path::Path;

use serde::Serialize;

use super::Description;
use super::cannot_sign::cannot_sign;
use super::error::ArchiveError;
use super::index::Index;
use super::layout::DESCRIPTION;
use super::open::{describe, first_entry};
use super::reader::Reader;
use vouchsafe_core::format::Entry;
use vouchsafe_core::format::attached::NOT_OPENED;
use vouchsafe_core::model::{EntryIndex, ExhibitId, count};
use vouchsafe_core::verify::{Finding, Severity};

/// What to do besides where that is `archive.json`.
pub const UNSIGNED_WAY_OUT: &str = "archive.json is not signed: if no newer version was ever used on this archive, the \
    file was changed; restore it from another copy";

/// At most this many unknown things are reported one by one.
const MAX_TOLD: usize = 16;
const FURTHER: &str = "this program does not know other things besides these, either";

vouchsafe_core::described! {
    /// One thing that is not understood in an archive: an event, a format, or that something is sealed.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct NotUnderstoodThing {
        /// The first entry, or the file, that has it.
        pub place: String,
        /// The first entry that has it, if it is in the log.
        pub index: Option<EntryIndex>,
        /// How many entries have it; none where it is in a file that is no part of the log.
        pub entries: u64,
        /// What is not understood.
        pub what: String,
    }
}

impl NotUnderstoodThing {
    /// A newer `archive.json`.
    pub(super) fn description(format: &str) -> Self {
        let what = format!("this program does not know the format {format}");
        Self { place: DESCRIPTION.to_owned(), index: None, entries: 0, what }
    }

    /// Counts an entry among the things that are reported.
    pub(super) fn tally(told: &mut Vec<Self>, index: EntryIndex, what: &str) {
        if let Some(known) = told.iter_mut().find(|thing| thing.index.is_some() && thing.what == what) {
            known.entries += 1;
            return;
        }
        match told.last_mut() {
            Some(last) if last.what == FURTHER => last.entries += 1,
            _ => {
                let what = if told.len() < MAX_TOLD { what } else { FURTHER };
                told.push(Self {
                    place: format!("entry {index}"),
                    index: Some(index),
                    entries: 1,
                    what: what.to_owned(),
                });
            }
        }
    }

    /// Counts what is not understood of an entry, if something is.
    pub(super) fn tally_entry(told: &mut Vec<Self>, entry: &Entry) {
        if let Some(what) = entry.not_understood() {
            Self::tally(told, entry.index, &what);
        }
    }

    /// What a verification did not understand, each thing once; from the findings that it reports one by one.
    #[must_use]
    pub fn of_findings(findings: &[Finding]) -> Vec<Self> {
        let mut told = Vec::new();
        for finding in findings.iter().filter(|finding| finding.code.severity() == Severity::NotUnderstood) {
            let (place, what) = (finding.place.to_string(), finding.message.to_string());
            match finding.index {
                Some(index) => Self::tally(&mut told, index, &what),
                None => told.push(Self { place, index: None, entries: 0, what }),
            }
        }
        told
    }

    /// Where it is, how many entries have it, and what is not understood.
    #[must_use]
    pub fn told(&self) -> String {
        match self.entries {
            0 | 1 => format!("{}: {}", self.place, self.what),
            entries => format!("{} from {} on: {}", count(entries, "entry"), self.place, self.what),
        }
    }

    /// Whether it is only that something is sealed: then what happened is known, and the fields are not.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.what == NOT_OPENED.0
    }
}

/// What keeps this version from adding to an archive that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OnlyRead {
    /// Something in it is not understood, each thing once.
    NotUnderstood(Vec<NotUnderstoodThing>),
    /// Its checkpoints need signatures that this version does not make.
    CannotSign(&'static str),
}

impl OnlyRead {
    /// What speaks against adding to it, if anything does.
    pub fn of(
        description: &Description,
        entries: &[NotUnderstoodThing],
        cannot_sign: Option<&'static str>,
    ) -> Option<Self> {
        let format = description.newer_format.as_deref().map(NotUnderstoodThing::description);
        let told: Vec<_> = format.into_iter().chain(entries.iter().cloned()).collect();
        match told.is_empty() {
            false => Some(Self::NotUnderstood(told)),
            true => cannot_sign.map(Self::CannotSign),
        }
    }
}

/// What is not understood of the archive, each thing once: of `archive.json`, and of the log.
///
/// # Errors
/// The index cannot be read.
pub fn not_understood(reader: &Reader) -> Result<Vec<NotUnderstoodThing>, ArchiveError> {
    let mut told = entries_not_understood(&reader.index)?;
    if let Some(format) = &reader.description.newer_format {
        told.insert(0, NotUnderstoodThing::description(format));
    }
    Ok(told)
}

/// Whether this version can add nothing to the archive, even if nothing else speaks against it.
///
/// # Errors
/// The index cannot be read.
pub fn is_only_read(reader: &Reader) -> Result<bool, ArchiveError> {
    Ok(cannot_sign(reader.index.roster()).is_some() || !not_understood(reader)?.is_empty())
}

/// The same by exhibit.
///
/// # Errors
/// The index cannot be read.
pub fn not_understood_by_exhibit(reader: &Reader) -> Result<NotUnderstoodByExhibit<'_>, ArchiveError> {
    let is_all_understood = reader.index.not_understood()?.is_none();
    let mut of_all = Vec::new();
    for (index, what) in reader.index.all_not_understood(true)? {
        NotUnderstoodThing::tally(&mut of_all, index, &what);
    }
    Ok(NotUnderstoodByExhibit { index: &reader.index, of_all, is_all_understood })
}

/// What is not understood of each exhibit.
#[derive(Debug)]
pub struct NotUnderstoodByExhibit<'a> {
    index: &'a Index,
    /// What the entries say that are about no exhibit and no record: they reach everything.
    of_all: Vec<NotUnderstoodThing>,
    is_all_understood: bool,
}

impl NotUnderstoodByExhibit<'_> {
    /// What is not understood of this exhibit, each thing once: of the entries about it, and of those that reach everything.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn of(&self, exhibit: ExhibitId) -> Result<Vec<NotUnderstoodThing>, ArchiveError> {
        let mut told = Vec::new();
        if self.is_all_understood {
            return Ok(told);
        }
        for index in self.index.history(exhibit)? {
            if let Some(what) = self.index.what_is_not_understood(index)? {
                NotUnderstoodThing::tally(&mut told, index, &what);
            }
        }
        Ok(self.and_of_all(told))
    }

    /// The same of one entry about an exhibit.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn of_entry(&self, index: EntryIndex) -> Result<Vec<NotUnderstoodThing>, ArchiveError> {
        let mut told = Vec::new();
        if let Some(what) = self.index.what_is_not_understood(index)? {
            NotUnderstoodThing::tally(&mut told, index, &what);
        }
        Ok(self.and_of_all(told))
    }

    /// What reaches everything: what entries say that are about no exhibit and no record.
    #[must_use]
    pub fn of_all(&self) -> &[NotUnderstoodThing] {
        &self.of_all
    }

    fn and_of_all(&self, mut told: Vec<NotUnderstoodThing>) -> Vec<NotUnderstoodThing> {
        told.extend(self.of_all.iter().cloned());
        told.sort_by_key(|thing| thing.index);
        told
    }
}

/// What is not understood of an archive that does not open: its `archive.json`, and the first entry of its log if that
/// can be read after damage. What else is in it, is not known then.
#[must_use]
pub fn not_understood_at_the_start(folder: &Path) -> Vec<NotUnderstoodThing> {
    let format = describe(folder).ok().and_then(|description| description.newer_format);
    let mut told: Vec<_> = format.as_deref().map(NotUnderstoodThing::description).into_iter().collect();
    if let Some(signed) = first_entry(folder).filter(|signed| signed.entry.index.0 == 0) {
        NotUnderstoodThing::tally_entry(&mut told, &signed.entry);
    }
    told
}

/// What the index knows of entries that are not understood.
pub(super) fn entries_not_understood(index: &Index) -> Result<Vec<NotUnderstoodThing>, ArchiveError> {
    let mut told = Vec::new();
    for (index, what) in index.all_not_understood(false)? {
        NotUnderstoodThing::tally(&mut told, index, &what);
    }
    Ok(told)
}
