//! Looking things up, and issuing working copies.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Archive;
use super::custody::{Draft, Keys};
use super::environment::Environment;
use super::error::ArchiveError;
use super::index::{ExhibitRow, ObjectRow};
use super::index::{fold, is_searched, searched};
use crate::store::durable::create_private;
use vouchsafe_core::digest::{Digest, Hasher};
use vouchsafe_core::format::bundle::ending_of;
use vouchsafe_core::format::volume::{VolumeNumber, read_exact_at};
use vouchsafe_core::format::{SignedEntry, fields};
use vouchsafe_core::model::vocabulary::{FIELDS, PURPOSE, RECIPIENT, date_of_words};
use vouchsafe_core::model::{
    CopyIssued, Disclosure, EntryIndex, EventKind, ExhibitId, FieldName, FieldValue, MediaType,
};
use vouchsafe_core::sign::KeyId;

/// An entry with its fields, read from its volume, or from the dossier of another archive's bundle.
#[derive(Debug, Clone)]
pub struct LoggedEntry {
    /// The entry. Its form is checked, its place in the log too; its signature is for `verify`.
    pub entry: SignedEntry,
    /// Its fields, checked against their commitments; of another archive's entry, those that were disclosed.
    pub fields: Vec<Disclosure>,
}

impl LoggedEntry {
    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|field| field.name().as_str() == name).map(Disclosure::value)
    }
}

/// Which exhibits to list. All conditions must hold; an empty filter lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A part of the file name, the title or the exhibit number.
    pub name: Option<String>,
    /// Media type, such as `application/pdf`, its first half, or the usual ending of files of it, such as `pdf`.
    pub media_type: Option<String>,
    /// Digest of the object.
    pub object: Option<Digest>,
    /// Fingerprint of who ingested it.
    pub actor: Option<KeyId>,
    /// Recorded on this day (UTC) or later: the beginning of an RFC 3339 time.
    pub since: Option<String>,
    /// Recorded on this day (UTC) or earlier: the beginning of an RFC 3339 time.
    pub until: Option<String>,
    /// A field contains a text.
    pub fields: Vec<(FieldName, String)>,
}

impl Filter {
    fn lets_through(&self, row: &ExhibitRow) -> bool {
        let recorded = row.recorded_at.to_string();
        let since = self.since.as_deref().is_none_or(|since| recorded.as_str() >= since);
        let until = self.until.as_deref().is_none_or(|until| recorded.as_str() <= until || recorded.starts_with(until));
        let media_type = self.media_type.as_deref().is_none_or(|wanted| {
            let found = MediaType::told(row.media_type.as_ref());
            found == wanted
                || row.media_type.as_ref().is_some_and(|media_type| ending_of(media_type) == wanted)
                || found.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/') || wanted.ends_with('/'))
        });
        let has_field = |(name, part): &(FieldName, String)| {
            row.field(name.as_str()).is_some_and(|value| searched(value).contains(&fold(part)))
        };
        since
            && until
            && media_type
            && self.object.is_none_or(|object| object == row.object)
            && self.actor.is_none_or(|actor| actor == row.actor)
            && self.fields.iter().all(has_field)
    }
}

/// A working copy that is asked for.
#[derive(Debug, Clone)]
pub struct CopyRequest {
    /// Of which exhibit.
    pub exhibit: ExhibitId,
    /// Where to; must not exist.
    pub to: PathBuf,
    /// Who gets it.
    pub recipient: String,
    /// What for.
    pub purpose: String,
}

/// A working copy that was issued.
#[derive(Debug, Clone, serde::Serialize)]
pub struct IssuedCopy {
    /// Of which exhibit.
    pub exhibit: ExhibitId,
    /// The object.
    pub object: Digest,
    /// Its size.
    pub size_bytes: u64,
    /// The entry that records it.
    pub index: EntryIndex,
}

/// An entry that is in the log and lies damaged in its volume.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UnreadEntry {
    /// Which.
    pub index: EntryIndex,
    /// What is wrong with it.
    pub reason: String,
}

impl Archive {
    /// An entry with its fields.
    ///
    /// # Errors
    /// There is none, or the volume no longer holds what the index says.
    pub fn entry(&self, index: EntryIndex) -> Result<LoggedEntry, ArchiveError> {
        let row = self.index.entry(index)?.filter(|_| index.0 < self.index.frontier().size());
        let row = row.ok_or(ArchiveError::NoEntry { index })?;
        let volume = VolumeNumber(row.volume);
        let damaged = |reason: String| ArchiveError::Damaged { place: format!("{volume}, entry {index}"), reason };
        let reader = self.store.open_volume(volume)?;
        let read = |offset: u64, length: u32| {
            let mut line = vec![0; length as usize];
            read_exact_at(&*reader, offset, &mut line).map(|()| line).map_err(|error| damaged(error.to_string()))
        };
        let line = read(row.offset, row.length_bytes)?;
        let fields_line = read(row.fields_offset, row.fields_bytes)?;
        let entry = SignedEntry::parse(&line).map_err(|error| damaged(error.to_string()))?;
        if entry.leaf().as_bytes() != &row.leaf || entry.entry.index != index {
            return Err(damaged("it is not the entry that was committed".to_owned()));
        }
        let fields = fields::parse_line_of(&entry.entry, &fields_line).map_err(|error| damaged(error.to_string()))?;
        Ok(LoggedEntry { entry, fields })
    }

    /// An entry, or none if it lies there damaged; then it is named in `unread`.
    ///
    /// # Errors
    /// There is none, or the volume cannot be opened.
    pub(super) fn entry_or_note(
        &self,
        index: EntryIndex,
        unread: &mut Vec<UnreadEntry>,
    ) -> Result<Option<LoggedEntry>, ArchiveError> {
        match self.entry(index) {
            Err(ArchiveError::Damaged { reason, .. }) => {
                if !unread.iter().any(|known| known.index == index) {
                    unread.push(UnreadEntry { index, reason });
                }
                Ok(None)
            }
            entry => entry.map(Some),
        }
    }

    /// An exhibit.
    ///
    /// # Errors
    /// There is none.
    pub fn exhibit(&self, exhibit: ExhibitId) -> Result<ExhibitRow, ArchiveError> {
        match self.index.exhibit(exhibit)? {
            Some(row) => Ok(row),
            // Whatever came in, it is told of; how, is not understood.
            None if !self.index.history(exhibit)?.is_empty() => {
                Err(ArchiveError::NotUnderstood { place: exhibit.to_string(), what: "how it was ingested".to_owned() })
            }
            None => Err(ArchiveError::NoExhibit { exhibit }),
        }
    }

    /// Where an object lies.
    ///
    /// # Errors
    /// The index does not know it.
    pub fn object(&self, object: Digest) -> Result<ObjectRow, ArchiveError> {
        self.index.object(object)?.ok_or_else(|| ArchiveError::Damaged {
            place: format!("objects/{object}"),
            reason: "the index does not know where it lies".to_owned(),
        })
    }

    /// The history of an exhibit, oldest entry first.
    ///
    /// # Errors
    /// There is no such exhibit, or an entry cannot be read.
    pub fn custody(&self, exhibit: ExhibitId) -> Result<Vec<LoggedEntry>, ArchiveError> {
        let history = self.index.history(exhibit)?;
        if history.is_empty() {
            return Err(ArchiveError::NoExhibit { exhibit });
        }
        history.into_iter().map(|index| self.entry(index)).collect()
    }

    /// The same as far as it is not damaged, and the entries that are.
    ///
    /// # Errors
    /// There is no such exhibit, or a volume cannot be opened.
    pub fn readable_custody(&self, exhibit: ExhibitId) -> Result<(Vec<LoggedEntry>, Vec<UnreadEntry>), ArchiveError> {
        let history = self.index.history(exhibit)?;
        if history.is_empty() {
            return Err(ArchiveError::NoExhibit { exhibit });
        }
        let mut unread = Vec::new();
        let entries = history.into_iter().map(|index| self.entry_or_note(index, &mut unread));
        let entries = entries.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        Ok((entries, unread))
    }

    /// Calls `each` for every exhibit that the filter lets through, in the order of ingest, until it
    /// answers false.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn find(
        &self,
        filter: &Filter,
        mut each: impl FnMut(ExhibitId, ExhibitRow) -> bool,
    ) -> Result<(), ArchiveError> {
        if let Some(part) = &filter.name {
            for (exhibit, row) in self.index.exhibits_named(part)? {
                // The index knows earlier names as well; only the present ones count.
                let is_named =
                    row.fields.iter().any(|(name, value)| is_searched(name) && searched(value).contains(&fold(part)));
                if is_named && filter.lets_through(&row) && !each(exhibit, row) {
                    break;
                }
            }
            return Ok(());
        }
        for item in self.index.exhibits() {
            let (exhibit, row) = item?;
            if filter.lets_through(&row) && !each(exhibit, row) {
                break;
            }
        }
        Ok(())
    }

    /// Copies the bytes of an object, checking its digest on the way.
    ///
    /// # Errors
    /// The object cannot be read, has changed, or the bytes cannot be written. Then what was written
    /// must not be used.
    pub fn copy_object(&self, object: Digest, to: &mut dyn Write, to_name: &Path) -> Result<u64, ArchiveError> {
        let row = self.object(object)?;
        let reader = self.store.open_volume(row.volume())?;
        let mut hasher = Hasher::default();
        let mut buffer = vec![0; usize::try_from(row.size_bytes).unwrap_or(usize::MAX).min(1024 * 1024)];
        let mut done = 0;
        while done < row.size_bytes {
            let length = usize::try_from(row.size_bytes - done).unwrap_or(usize::MAX).min(buffer.len());
            let chunk = &mut buffer[..length];
            read_exact_at(&*reader, row.offset + done, chunk)
                .map_err(ArchiveError::io("read the volume", &self.store.path(row.volume())))?;
            hasher.update(chunk);
            to.write_all(chunk).map_err(ArchiveError::io("write the copy", to_name))?;
            done += length as u64;
        }
        let found = hasher.finish();
        if found == object { Ok(row.size_bytes) } else { Err(ArchiveError::ObjectChanged { object, found }) }
    }

    /// Issues a working copy, which only its owner can read: the file is written and checked, then the entry is recorded, and only then
    /// the file gets its name.
    ///
    /// # Errors
    /// The file exists, the object has changed, or the entry cannot be recorded; then no copy is there. After
    /// [`ArchiveError::AfterCopy`] there is one, and it is recorded.
    pub fn issue_copy(
        &mut self,
        request: &CopyRequest,
        keys: &Keys,
        environment: &dyn Environment,
    ) -> Result<IssuedCopy, ArchiveError> {
        let object = self.exhibit(request.exhibit)?.object;
        self.permit(keys.agent.public().id(), EventKind::CopyIssued)?;
        if request.to.symlink_metadata().is_ok() {
            return Err(ArchiveError::Exists { path: request.to.clone() });
        }
        let unfinished = beside(&request.to);
        let written = self.write_and_record(request, object, &unfinished, keys, environment);
        let (size_bytes, index, problem) = match written {
            Ok((size_bytes, index)) => (size_bytes, index, None),
            Err(error) => match error.recorded() {
                // Recorded as issued, so it must be there.
                Some(index) => (0, index, Some(error)),
                None => {
                    let _ = std::fs::remove_file(&unfinished);
                    return Err(error);
                }
            },
        };
        let after =
            |path: &Path, error| Err(ArchiveError::AfterCopy { path: path.to_owned(), index, source: Box::new(error) });
        if let Err(error) = give_name(&unfinished, &request.to) {
            return after(&unfinished, ArchiveError::io("give the copy its name", &request.to)(error));
        }
        match problem {
            Some(error) => after(&request.to, error),
            None => Ok(IssuedCopy { exhibit: request.exhibit, object, size_bytes, index }),
        }
    }

    fn write_and_record(
        &mut self,
        request: &CopyRequest,
        object: Digest,
        unfinished: &Path,
        keys: &Keys,
        environment: &dyn Environment,
    ) -> Result<(u64, EntryIndex), ArchiveError> {
        let mut file = create_private(unfinished).map_err(ArchiveError::io("create the copy", &request.to))?;
        let size_bytes = self.copy_object(object, &mut file, &request.to)?;
        file.sync_all().map_err(ArchiveError::io("write the copy", &request.to))?;
        let field = |name, value: &str| metadata_field(name, value);
        let made = self.record(
            keys,
            vec![Draft {
                event: CopyIssued { fields: Vec::new(), object }.into(),
                exhibit: Some(request.exhibit),
                occurred_at: None,
                fields: vec![field(PURPOSE, &request.purpose), field(RECIPIENT, &request.recipient)],
            }],
            environment,
        )?;
        Ok((size_bytes, made[0]))
    }
}

/// Gives a finished file its name, never over another file.
fn give_name(unfinished: &Path, name: &Path) -> std::io::Result<()> {
    // A link, unlike a rename, fails where a file has appeared under the name meanwhile.
    std::fs::hard_link(unfinished, name).or_else(|error| match name.symlink_metadata() {
        Ok(_) => Err(error),
        Err(_) => std::fs::rename(unfinished, name),
    })?;
    let _ = std::fs::remove_file(unfinished);
    Ok(())
}

pub(super) fn metadata_field(name: &str, value: &str) -> (FieldName, FieldValue) {
    (name.parse().expect("a name written in the program is a field name"), FieldValue::Text(value.to_owned()))
}

/// A name in the same folder for a file that is not finished.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.unfinished", std::process::id()));
    path.with_file_name(name)
}

/// The known fields first, in their order, then the others.
#[must_use]
pub fn in_order_of_display(fields: &[(FieldName, FieldValue)]) -> Vec<&(FieldName, FieldValue)> {
    // The words of a date stand behind it.
    let rank = |name: &FieldName| {
        let name = date_of_words(name.as_str()).map_or(name.as_str(), |date| date.name);
        FIELDS.iter().position(|known| known.name == name).unwrap_or(usize::MAX)
    };
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
    sorted
}
