//! A commit as the index takes it in, whether it was just written or read back.

use crate::store::{Committed, Position};
use vouchsafe_core::format::volume::{Member, VolumeNumber};
use vouchsafe_core::format::{FormatError, SignedCheckpoint, SignedEntry, fields};
use vouchsafe_core::model::Disclosure;

/// An entry of a commit with its fields, and where they lie in the volume.
#[derive(Debug, Clone)]
pub struct Logged {
    /// The entry.
    pub entry: SignedEntry,
    /// Its fields.
    pub fields: Vec<Disclosure>,
    /// Where its line begins, relative to the member.
    pub offset: u64,
    /// Where the line of its fields begins, relative to the member.
    pub fields_offset: u64,
    /// Length of the line of its fields, without newline.
    pub fields_bytes: u32,
}

impl Logged {
    /// The line of its fields, without newline, in the commit that it was read from.
    #[must_use]
    pub fn fields_line<'a>(&self, committed: &'a Committed) -> &'a [u8] {
        let lines = usize::try_from(self.fields_offset).ok().and_then(|offset| committed.fields_text.get(offset..));
        lines.and_then(|lines| lines.get(..self.fields_bytes as usize)).unwrap_or_default()
    }
}

/// A commit as the index takes it in, whether it was just written or read back.
#[derive(Debug)]
pub struct CommitRecord {
    /// The volume.
    pub volume: VolumeNumber,
    /// The objects in it.
    pub objects: Vec<Member>,
    /// Its entries.
    pub entries: Vec<Logged>,
    /// Where the entries' lines begin.
    pub log_offset: u64,
    /// Where the fields' lines begin.
    pub fields_offset: u64,
    /// The checkpoint that ends it.
    pub checkpoint: SignedCheckpoint,
    /// Where the next commit begins.
    pub end: Position,
}

impl CommitRecord {
    /// Parses a commit that was read back from a volume.
    ///
    /// # Errors
    /// A line of entries or of fields is not in its one form.
    pub fn parse(committed: &Committed) -> Result<Self, FormatError> {
        let mut entries = Vec::new();
        let (mut offset, mut fields_offset) = (0, 0);
        let mut lines_of_fields = committed.fields_text.split(|&byte| byte == b'\n');
        let text = committed.log_text.strip_suffix(b"\n").unwrap_or(&committed.log_text);
        for line in text.split(|&byte| byte == b'\n') {
            let fields_line = lines_of_fields.next().unwrap_or_default();
            let entry = SignedEntry::parse(line)?;
            entries.push(Logged {
                fields: fields::read_line_of(&entry.entry, fields_line)?,
                entry,
                offset,
                fields_offset,
                fields_bytes: u32::try_from(fields_line.len()).unwrap_or(u32::MAX),
            });
            offset += line.len() as u64 + 1;
            fields_offset += fields_line.len() as u64 + 1;
        }
        Ok(Self {
            volume: committed.volume,
            objects: committed.objects.clone(),
            entries,
            log_offset: committed.log.offset,
            fields_offset: committed.fields.offset,
            checkpoint: committed.checkpoint.clone(),
            end: committed.end,
        })
    }
}
