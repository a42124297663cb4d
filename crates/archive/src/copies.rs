//! Copies of the archive in other folders: what stands in a copy's `copy.json`, and what the log knows of it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::ArchiveError;
use super::layout::COPY;
use crate::store::durable::read_limited;
use vouchsafe_core::format::{Entry, FormatError, canonical, version};
use vouchsafe_core::model::{CopyId, Disclosure, EntryIndex, Fingerprint, Medium, ReplicaMade, Site, Timestamp};

/// The value of `format`.
pub const COPY_FORMAT: &str = "vouchsafe-copy/1";
/// The largest `copy.json` in bytes.
pub const MAX_LABEL_BYTES: u64 = 4 * 1024;
const WHAT: &str = "copy.json";

/// What `copy.json` says: that this folder is a copy, which one, and of which archive. It is what makes a
/// copy known again, and vouches for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyLabel {
    /// The name of the copy.
    pub copy: CopyId,
    /// The fingerprint of the archive.
    pub archive: Fingerprint,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    archive: Fingerprint,
    copy: CopyId,
    format: String,
}

impl CopyLabel {
    /// The file's content: canonical JSON and a newline.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire { archive: self.archive, copy: self.copy, format: COPY_FORMAT.to_owned() };
        let mut bytes = canonical::to_vec(&wire);
        bytes.push(b'\n');
        bytes
    }

    /// Reads the file's content strictly.
    ///
    /// # Errors
    /// Not of this version, or not canonical.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let rule = |reason: String| FormatError::Rule { what: WHAT, reason };
        canonical::check_length(WHAT, bytes.len() as u64, MAX_LABEL_BYTES)?;
        version::check(WHAT, bytes, "vouchsafe-copy")?;
        let line = bytes.strip_suffix(b"\n").ok_or_else(|| rule("it does not end with a newline".to_owned()))?;
        let wire: Wire = canonical::from_slice(WHAT, line, MAX_LABEL_BYTES as usize)?;
        if wire.format != COPY_FORMAT {
            return Err(rule(format!("its format is {:?}; this program reads {COPY_FORMAT}", wire.format)));
        }
        Ok(Self { archive: wire.archive, copy: wire.copy })
    }

    /// Reads the label of a folder; `None` if it has none.
    ///
    /// # Errors
    /// It cannot be read, or is not what the format says.
    pub fn read(folder: &Path) -> Result<Option<Self>, ArchiveError> {
        let path = folder.join(COPY);
        match read_limited(&path, MAX_LABEL_BYTES, false) {
            Ok(bytes) => {
                Self::parse(&bytes).map(Some).map_err(|source| ArchiveError::Format { path: path.clone(), source })
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(error) => Err(ArchiveError::io("read", &path)(error)),
        }
    }
}

vouchsafe_core::described! {
    /// What a copy lies on, and where.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    pub struct CopyPlace {
        /// What it lies on.
        pub medium: Medium,
        /// Where it is, seen from the archive.
        pub site: Site,
    }
}

vouchsafe_core::described! {
    /// What the log knows of a copy.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct CopyStanding {
        /// The name of the copy.
        pub copy: CopyId,
        /// What it lies on, and where.
        #[serde(flatten)]
        pub place: CopyPlace,
        /// The entry that records it.
        pub entry: EntryIndex,
        /// When that was.
        pub recorded_at: Timestamp,
        /// Size of the log in the copy when it was last read again.
        pub size: u64,
        /// Bytes of its volumes.
        pub size_bytes: u64,
        /// Where exactly it is, if that was said and is not withheld.
        pub place_text: Option<String>,
        /// Entries added to the archive since, except those that only record copies.
        pub lacks_entries: u64,
    }
}

/// Gathers what the log says of copies, entry by entry, oldest first.
#[derive(Debug, Default)]
pub(super) struct CopyList {
    copies: Vec<CopyStanding>,
    /// The entries that only record copies.
    about_copies: Vec<EntryIndex>,
}

impl CopyList {
    pub fn take(&mut self, entry: &Entry, fields: &[Disclosure], body: &ReplicaMade) {
        let said = fields.iter().find(|field| field.name().as_str() == "place");
        let standing = CopyStanding {
            copy: body.replica,
            place: CopyPlace { medium: body.medium, site: body.site },
            entry: entry.index,
            recorded_at: entry.recorded_at,
            size: body.size,
            size_bytes: body.size_bytes,
            place_text: said.map(|field| field.value().to_string()),
            lacks_entries: 0,
        };
        self.about_copies.push(entry.index);
        match self.copies.iter_mut().find(|known| known.copy == body.replica) {
            Some(known) => {
                let earlier = known.place_text.take();
                *known = standing;
                known.place_text = known.place_text.take().or(earlier);
            }
            None => self.copies.push(standing),
        }
    }

    /// A copy is gone.
    pub fn lose(&mut self, entry: EntryIndex, copy: CopyId) {
        self.about_copies.push(entry);
        self.copies.retain(|known| known.copy != copy);
    }

    /// The copies, in the order in which they were first made, of a log of this size.
    pub fn finish(mut self, size: u64) -> Vec<CopyStanding> {
        for copy in &mut self.copies {
            let since = size.saturating_sub(copy.entry.0 + 1);
            let of_copies = self.about_copies.iter().filter(|entry| **entry > copy.entry).count() as u64;
            copy.lacks_entries = since.saturating_sub(of_copies);
        }
        self.copies
    }
}
