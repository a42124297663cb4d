//! Looking things up in the index.

use sled::IVec;
use unicode_normalization::UnicodeNormalization;

use super::rows::{AgentRow, EntryRow, EntryRows, ExhibitRow, ObjectRow, RowError, decode};
use super::{Index, IndexError, LEAST_STORED_LEVEL};
use crate::old_names::as_cp949;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::merkle::{Frontier, MerkleError, StoredHashes, root_at, stored_place};
use vouchsafe_core::model::vocabulary::field as known_field;
use vouchsafe_core::model::{EntryIndex, EventKind, ExhibitId, FieldName, FieldValue};
use vouchsafe_core::sign::KeyId;

impl Index {
    /// The root that the log had at an earlier size.
    ///
    /// # Errors
    /// A hash is missing.
    pub fn root_at(&self, size: u64) -> Result<Digest, IndexError> {
        Ok(root_at(size, self)?)
    }

    /// Where an object lies.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn object(&self, digest: Digest) -> Result<Option<ObjectRow>, IndexError> {
        self.objects.get(digest.as_bytes())?.map(|bytes| decode(&bytes)).transpose().map_err(Into::into)
    }

    /// Where an entry lies.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn entry(&self, index: EntryIndex) -> Result<Option<EntryRow>, IndexError> {
        let Some((first, rows)) = self.rows_with(index.0)? else { return Ok(None) };
        Ok(rows.into_iter().zip(first..).find(|(_, found)| *found == index.0).map(|(row, _)| row))
    }

    /// The rows of the entries among which this one is, if it is there, and the index of the first of them.
    pub(crate) fn rows_with(&self, index: u64) -> Result<Option<(u64, EntryRows)>, IndexError> {
        let Some(item) = self.entries.range(..=index.to_be_bytes()).next_back() else { return Ok(None) };
        let (first, rows) = entry_rows(&item?)?;
        Ok(Some((first, rows)).filter(|(first, rows)| index < first + rows.len() as u64))
    }

    /// The hashes of entries that follow each other; none, if one is not there.
    fn leaves(&self, from: u64, count: u64) -> Option<Vec<Digest>> {
        let (mut leaves, mut next) = (Vec::new(), from);
        while next < from + count {
            let (first, rows) = self.rows_with(next).ok()??;
            let rows = rows.into_iter().zip(first..from + count).filter(|(_, index)| *index >= next);
            leaves.extend(rows.map(|(row, _)| Digest::from_bytes(row.leaf)));
            next = from + leaves.len() as u64;
        }
        Some(leaves)
    }

    /// An exhibit.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn exhibit(&self, exhibit: ExhibitId) -> Result<Option<ExhibitRow>, IndexError> {
        self.exhibits
            .get(exhibit.as_bytes())?
            .map(|bytes| ExhibitRow::from_bytes(&bytes))
            .transpose()
            .map_err(Into::into)
    }

    /// All exhibits, in the order in which they were ingested.
    pub fn exhibits(&self) -> impl Iterator<Item = Result<(ExhibitId, ExhibitRow), IndexError>> {
        let size = self.frontier.size();
        let ingested = self.entries.iter().flat_map(move |item| match item.map_err(IndexError::from) {
            // After a crash the index may hold rows of entries that are applied again later.
            Ok(item) => entry_rows(&item).map_or_else(
                |error| vec![Err(error.into())],
                |(first, rows)| rows.into_iter().zip(first..size).filter_map(|(row, _)| row.ingested.map(Ok)).collect(),
            ),
            Err(error) => vec![Err(error)],
        });
        ingested.map(|id| {
            let id = ExhibitId::from_bytes(id?);
            Ok((id, self.exhibit(id)?.ok_or(RowError)?))
        })
    }

    /// The exhibits of an object, in the order in which they were ingested.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn exhibits_of(&self, object: Digest) -> Result<Vec<ExhibitId>, IndexError> {
        let mut found = Vec::new();
        for item in &self.exhibits {
            let (key, bytes) = item?;
            // The object comes first in a row. So the others need not be read.
            if bytes.starts_with(object.as_bytes()) {
                let row = ExhibitRow::from_bytes(&bytes)?;
                found.push((row.ingested_at, ExhibitId::from_bytes(key.as_ref().try_into().map_err(|_| RowError)?)));
            }
        }
        found.retain(|(ingested_at, _)| ingested_at.0 < self.frontier.size());
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, exhibit)| exhibit).collect())
    }

    /// The exhibits whose names begin with these bits; at most `limit`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn exhibits_from(&self, first: ExhibitId, last: ExhibitId, limit: usize) -> Result<Vec<ExhibitId>, IndexError> {
        let range = self.exhibits.range(first.as_bytes().as_slice()..=last.as_bytes().as_slice());
        range
            .take(limit)
            .map(|item| {
                let (key, _) = item?;
                Ok(ExhibitId::from_bytes(key.as_ref().try_into().map_err(|_| RowError)?))
            })
            .collect()
    }

    /// The exhibits, in the order in which they were ingested, one of whose names (file name, title, exhibit number) contains a text, whatever
    /// its letter case or Unicode normal form.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn exhibits_named(&self, part: &str) -> Result<Vec<(ExhibitId, ExhibitRow)>, IndexError> {
        let part = fold(part).into_bytes();
        let mut found = Vec::new();
        for key in self.names.iter().keys() {
            let key = key?;
            let Some(at) = key.len().checked_sub(11) else { continue };
            if contains(&key[..at], &part) {
                found.push(ExhibitId::from_bytes(key[at + 1..].try_into().map_err(|_| RowError)?));
            }
        }
        found.sort_unstable();
        found.dedup();
        let rows = found.into_iter().filter_map(|id| Some(self.exhibit(id).transpose()?.map(|row| (id, row))));
        let mut rows: Vec<_> = rows.collect::<Result<_, _>>()?;
        rows.retain(|(_, row)| row.ingested_at.0 < self.frontier.size());
        rows.sort_by_key(|(_, row)| row.ingested_at);
        Ok(rows)
    }

    /// The entries about an exhibit, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn history(&self, exhibit: ExhibitId) -> Result<Vec<EntryIndex>, IndexError> {
        let mut entries: Vec<_> = self.exhibit(exhibit)?.map(|row| row.ingested_at).into_iter().collect();
        for key in self.history.scan_prefix(exhibit.as_bytes()).keys() {
            let key = key?;
            entries.push(EntryIndex(u64::from_be_bytes(key[10..].try_into().map_err(|_| RowError)?)));
        }
        // After a crash the index may hold rows of entries that are applied again later.
        entries.retain(|index| index.0 < self.frontier.size());
        Ok(entries)
    }

    /// The entries from this one on that record a verification, newest first.
    pub fn verifications_since(&self, from: EntryIndex) -> impl Iterator<Item = Result<EntryIndex, IndexError>> {
        // After a crash the index may hold rows of entries that are applied again later.
        let range = from.0.to_be_bytes()..self.frontier.size().max(from.0).to_be_bytes();
        let acts = self.acts.range(range).rev().map(|item| act(item?));
        acts.filter_map(|act| match act {
            Ok((index, EventKind::ArchiveVerified)) => Some(Ok(index)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// The first entry that this program is too old for, with what is not understood.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn not_understood(&self) -> Result<Option<(EntryIndex, String)>, IndexError> {
        let Some((key, what)) = self.newer.first()? else { return Ok(None) };
        Ok(Some((index_of(&key)?, told(&what))))
    }

    /// The entries that this program is too old for, oldest first, each with what is not understood; all, or those
    /// about the archive or agents alone.
    pub(crate) fn all_not_understood(&self, is_without_subject: bool) -> Result<Vec<(EntryIndex, String)>, IndexError> {
        let mut found = Vec::new();
        for row in &self.newer {
            let (key, what) = row?;
            if !is_without_subject || what.starts_with(&[super::WITHOUT_SUBJECT as u8]) {
                found.push((index_of(&key)?, told(&what)));
            }
        }
        Ok(found)
    }

    /// What is not understood of an entry that this program is too old for.
    pub(crate) fn what_is_not_understood(&self, index: EntryIndex) -> Result<Option<String>, IndexError> {
        Ok(self.newer.get(index.0.to_be_bytes())?.map(|what| told(&what)))
    }

    /// The entries about the archive or agents that this program is too old for, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn not_understood_without_subject(&self) -> Result<Vec<EntryIndex>, IndexError> {
        Ok(self.all_not_understood(true)?.into_iter().map(|(index, _)| index).collect())
    }

    /// The entries that are about no exhibit, oldest first: what was done to the archive itself.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn acts(&self) -> Result<Vec<(EntryIndex, EventKind)>, IndexError> {
        let size = self.frontier.size();
        // After a crash the index may hold rows of entries that are applied again later.
        let rows = self.acts.range(..size.to_be_bytes()).map(|item| act(item?));
        rows.collect()
    }

    /// The entry about a bundle that was received.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn received(&self, bundle: Digest) -> Result<Option<EntryIndex>, IndexError> {
        let Some(bytes) = self.received.get(bundle.as_bytes())? else { return Ok(None) };
        let index = EntryIndex(u64::from_be_bytes(bytes.as_ref().try_into().map_err(|_| RowError)?));
        // After a crash the index may hold rows of entries that are applied again later.
        Ok(Some(index).filter(|index| index.0 < self.frontier.size()))
    }

    /// The entries about bundles that were received, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn all_received(&self) -> Result<Vec<EntryIndex>, IndexError> {
        let mut entries = Vec::new();
        for bytes in self.received.iter().values() {
            entries.push(EntryIndex(u64::from_be_bytes(bytes?.as_ref().try_into().map_err(|_| RowError)?)));
        }
        entries.retain(|index| index.0 < self.frontier.size());
        entries.sort_unstable();
        Ok(entries)
    }

    /// A handle for looking up what is held, also while commits are applied in another thread.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        Lookup {
            objects: self.objects.clone(),
            sizes: self.sizes.clone(),
            sources: self.sources.clone(),
            exhibits: self.exhibits.clone(),
        }
    }

    /// An agent.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn agent(&self, key: KeyId) -> Result<Option<AgentRow>, IndexError> {
        self.agents.get(key.as_bytes())?.map(|bytes| AgentRow::from_bytes(&bytes)).transpose().map_err(Into::into)
    }

    /// All agents.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn agents(&self) -> Result<Vec<(KeyId, AgentRow)>, IndexError> {
        let mut agents = Vec::new();
        for item in &self.agents {
            let (key, bytes) = item?;
            agents.push((
                KeyId::from_bytes(key.as_ref().try_into().map_err(|_| RowError)?),
                AgentRow::from_bytes(&bytes)?,
            ));
        }
        agents.sort_by_key(|(_, agent)| agent.standing.added_at);
        Ok(agents)
    }

    /// The index after the last entry that there is a row of, which after a crash may be more than were applied.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn entries_end(&self) -> Result<u64, IndexError> {
        let Some(last) = self.entries.last()? else { return Ok(0) };
        let (first, rows) = entry_rows(&last)?;
        Ok(first + rows.len() as u64)
    }

    /// The rows of all objects, in the order of their digests.
    pub(crate) fn objects_in_order(&self) -> impl Iterator<Item = Result<(Digest, ObjectRow), IndexError>> {
        self.objects.iter().map(|item| {
            let (digest, row) = item?;
            let digest = digest.as_ref().try_into().map_err(|_| RowError)?;
            Ok((Digest::from_bytes(digest), decode(&row)?))
        })
    }

    /// The rows of all exhibits, in the order of their names.
    pub(crate) fn exhibits_in_order(&self) -> impl Iterator<Item = Result<(ExhibitId, ExhibitRow), IndexError>> {
        self.exhibits.iter().map(|item| {
            let (exhibit, row) = item?;
            let exhibit = exhibit.as_ref().try_into().map_err(|_| RowError)?;
            Ok((ExhibitId::from_bytes(exhibit), ExhibitRow::from_bytes(&row)?))
        })
    }
}

/// Looks up what is held.
#[derive(Debug, Clone)]
pub struct Lookup {
    objects: sled::Tree,
    sizes: sled::Tree,
    sources: sled::Tree,
    exhibits: sled::Tree,
}

impl Lookup {
    /// Whether the object is held.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn holds(&self, object: Digest) -> Result<bool, IndexError> {
        Ok(self.objects.contains_key(object.as_bytes())?)
    }

    /// Whether an object of this size, at least [`LARGE_BYTES`](super::LARGE_BYTES), is held.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn holds_size(&self, size_bytes: u64) -> Result<bool, IndexError> {
        Ok(self.sizes.contains_key(size_bytes.to_be_bytes())?)
    }

    /// The exhibit that came from this place with this content, if any.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn exhibit_from(&self, place: &FieldValue, object: Digest) -> Result<Option<ExhibitId>, IndexError> {
        let Some(id) = self.sources.get(source_key(place, object).as_bytes())? else { return Ok(None) };
        Ok(Some(ExhibitId::from_bytes(id.as_ref().try_into().map_err(|_| RowError)?)))
    }

    /// The present state of an exhibit, if its commit is applied.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn exhibit(&self, exhibit: ExhibitId) -> Result<Option<ExhibitRow>, IndexError> {
        let bytes = self.exhibits.get(exhibit.as_bytes())?;
        Ok(bytes.map(|bytes| ExhibitRow::from_bytes(&bytes)).transpose()?)
    }
}

impl StoredHashes for Index {
    fn read(&self, numbers: &[u64]) -> Result<Vec<Digest>, MerkleError> {
        let read = |number: u64| -> Option<Digest> {
            let (level, place) = stored_place(number);
            if level < LEAST_STORED_LEVEL {
                let mut subtree = Frontier::default();
                self.leaves(place << level, 1 << level)?.into_iter().for_each(|leaf| subtree.append(leaf));
                return Some(subtree.root());
            }
            let hash = self.hashes.get(number.to_be_bytes()).ok()??;
            Some(Digest::from_bytes(hash.as_ref().try_into().ok()?))
        };
        numbers.iter().map(|&number| read(number).ok_or(MerkleError::Missing { number })).collect()
    }
}

/// A row of the tree of entries.
pub(super) fn entry_rows((first, rows): &(IVec, IVec)) -> Result<(u64, EntryRows), RowError> {
    Ok((u64::from_be_bytes(first.as_ref().try_into().map_err(|_| RowError)?), decode(rows)?))
}

/// The same place and the same content have the same key.
pub(crate) fn source_key(place: &FieldValue, object: Digest) -> Digest {
    let mut bytes = match place {
        FieldValue::Bytes(bytes) => bytes.clone(),
        other => other.to_string().into_bytes(),
    };
    bytes.push(0);
    bytes.extend_from_slice(object.as_bytes());
    Digest::of(&bytes)
}

/// Whether a text is looked for in this field where no field is named.
#[must_use]
pub fn is_searched(name: &FieldName) -> bool {
    known_field(name.as_str()).is_some_and(|field| field.searched)
}

/// A value in the form in which it is compared: a Korean name from before Unicode by its words.
#[must_use]
pub fn searched(value: &FieldValue) -> String {
    match value {
        FieldValue::Bytes(bytes) => fold(&as_cp949(bytes).unwrap_or_else(|| value.to_string())),
        value => fold(&value.to_string()),
    }
}

/// One form for comparing: composed (NFC), lower case.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

/// A row of what was done to the archive itself.
fn act((key, kind): (IVec, IVec)) -> Result<(EntryIndex, EventKind), IndexError> {
    let index = EntryIndex(u64::from_be_bytes(key.as_ref().try_into().map_err(|_| RowError)?));
    let kind = std::str::from_utf8(&kind).ok().and_then(|kind| kind.parse().ok()).ok_or(RowError)?;
    Ok((index, kind))
}

/// What is kept of an entry that is not understood, without whether it has a subject.
fn told(row: &[u8]) -> String {
    String::from_utf8_lossy(row).chars().skip(1).collect()
}

fn index_of(key: &[u8]) -> Result<EntryIndex, IndexError> {
    Ok(EntryIndex(u64::from_be_bytes(key.try_into().map_err(|_| RowError)?)))
}
