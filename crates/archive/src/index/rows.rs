//! What the index's values look like, in bincode. Derived state: may change with any version.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::VolumeNumber;
use vouchsafe_core::model::{
    AgentKind, AgentRecord, EntryIndex, FieldName, FieldValue, MediaType, Newest, Role, Timestamp,
};
use vouchsafe_core::sign::{KeyId, PublicKey};
use vouchsafe_core::verify::Standing;

/// A row that does not read back: the index is damaged or of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a row of the index does not read back")]
pub struct RowError;

pub(super) fn encode<T: Serialize>(row: &T) -> Vec<u8> {
    bincode::serde::encode_to_vec(row, bincode::config::standard())
        .expect("rows hold only numbers, bytes, text and lists, which can always be written")
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RowError> {
    match bincode::serde::decode_from_slice(bytes, bincode::config::standard()) {
        Ok((row, length)) if length == bytes.len() => Ok(row),
        _ => Err(RowError),
    }
}

/// Where an object lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRow {
    /// Its number: how many objects stand before it in the volumes.
    pub number: u64,
    /// Number of the volume.
    pub volume: u32,
    /// Where its bytes begin.
    pub offset: u64,
    /// How many they are.
    pub size_bytes: u64,
}

/// This many entries of a commit are one row of the database, which keeps sixteen rows to a page and every page's
/// place in memory: with a row for each entry, opening would take the time and memory of all of them.
pub(super) const ENTRIES_OF_A_ROW: usize = 32;

/// Entries that follow each other in one commit; the key is the index of the first.
pub(super) type EntryRows = Vec<EntryRow>;

/// Where an entry and its fields lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRow {
    /// Leaf hash of its line.
    pub leaf: [u8; 32],
    /// Number of the volume.
    pub volume: u32,
    /// Where its line begins.
    pub offset: u64,
    /// Length of its line without newline.
    pub length_bytes: u32,
    /// Where the line of its fields begins.
    pub fields_offset: u64,
    /// Length of the line of its fields without newline.
    pub fields_bytes: u32,
    /// The exhibit that it ingested, if it did.
    pub(super) ingested: Option<[u8; 10]>,
}

/// How far the index is, written only when all before it is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StateRow {
    pub version: u32,
    pub volume: u32,
    pub offset: u64,
    pub size: u64,
    pub last_recorded_ms: i64,
    pub exhibits: u64,
    pub objects: u64,
    pub object_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum ValueRow {
    Text(String),
    List(Vec<String>),
    Integer(i64),
    Bytes(Vec<u8>),
    Unknown(String),
    Withdrawn(String),
}

impl From<&FieldValue> for ValueRow {
    fn from(value: &FieldValue) -> Self {
        match value.clone() {
            FieldValue::Text(text) => Self::Text(text),
            FieldValue::List(items) => Self::List(items),
            FieldValue::Integer(number) => Self::Integer(number),
            FieldValue::Bytes(bytes) => Self::Bytes(bytes),
            FieldValue::Unknown(reason) => Self::Unknown(reason),
            FieldValue::Withdrawn(reason) => Self::Withdrawn(reason),
        }
    }
}

impl From<ValueRow> for FieldValue {
    fn from(row: ValueRow) -> Self {
        match row {
            ValueRow::Text(text) => Self::Text(text),
            ValueRow::List(items) => Self::List(items),
            ValueRow::Integer(number) => Self::Integer(number),
            ValueRow::Bytes(bytes) => Self::Bytes(bytes),
            ValueRow::Unknown(reason) => Self::Unknown(reason),
            ValueRow::Withdrawn(reason) => Self::Withdrawn(reason),
        }
    }
}

type FieldRows = Vec<(String, ValueRow)>;

/// The present state of an exhibit: what was ingested, and the newest value of every field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExhibitRow {
    /// The object.
    pub object: Digest,
    /// Its size.
    pub size_bytes: u64,
    /// Media type at ingest; none where it is sealed.
    pub media_type: Option<MediaType>,
    /// The entry that ingested it.
    pub ingested_at: EntryIndex,
    /// When that entry was recorded.
    pub recorded_at: Timestamp,
    /// Who ingested it.
    pub actor: KeyId,
    /// The newest value of every field that is not withdrawn, by name.
    pub fields: Vec<(FieldName, FieldValue)>,
}

#[derive(Serialize, Deserialize)]
struct StoredExhibit {
    object: [u8; 32],
    size_bytes: u64,
    /// Empty where it is sealed.
    media_type: String,
    ingested_at: u64,
    recorded_ms: i64,
    actor: [u8; 32],
    fields: FieldRows,
}

impl ExhibitRow {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        encode(&StoredExhibit {
            object: *self.object.as_bytes(),
            size_bytes: self.size_bytes,
            media_type: self.media_type.as_ref().map(ToString::to_string).unwrap_or_default(),
            ingested_at: self.ingested_at.0,
            recorded_ms: self.recorded_at.unix_ms(),
            actor: *self.actor.as_bytes(),
            fields: field_rows(&self.fields),
        })
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, RowError> {
        let stored: StoredExhibit = decode(bytes)?;
        Ok(Self {
            object: Digest::from_bytes(stored.object),
            size_bytes: stored.size_bytes,
            media_type: match stored.media_type.as_str() {
                "" => None,
                named => Some(named.parse().map_err(|_| RowError)?),
            },
            ingested_at: EntryIndex(stored.ingested_at),
            recorded_at: Timestamp::from_unix_ms(stored.recorded_ms).map_err(|_| RowError)?,
            actor: KeyId::from_bytes(stored.actor),
            fields: fields_of(stored.fields)?,
        })
    }

    /// The newest value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|(field, _)| field.as_str() == name).map(|(_, value)| value)
    }

    /// Takes over newer values. A field that is withdrawn has none any more.
    pub(super) fn describe(&mut self, newer: impl IntoIterator<Item = (FieldName, FieldValue)>) {
        let newest: Newest<_> = std::mem::take(&mut self.fields).into_iter().chain(newer).collect();
        self.fields = newest.in_force().collect();
    }
}

fn field_rows(fields: &[(FieldName, FieldValue)]) -> FieldRows {
    fields.iter().map(|(name, value)| (name.to_string(), value.into())).collect()
}

fn fields_of(rows: FieldRows) -> Result<Vec<(FieldName, FieldValue)>, RowError> {
    rows.into_iter().map(|(name, value)| Ok((name.parse().map_err(|_| RowError)?, value.into()))).collect()
}

/// An agent with its fields.
#[derive(Debug, Clone)]
pub struct AgentRow {
    /// Its standing in the log.
    pub standing: Standing,
    /// Its fields (the name).
    pub fields: Vec<(FieldName, FieldValue)>,
}

#[derive(Serialize, Deserialize)]
struct StoredAgent {
    /// Its OpenSSH form, which includes the kind.
    public_key: Vec<u8>,
    kind: String,
    roles: Vec<String>,
    expires_ms: Option<i64>,
    next: Option<[u8; 32]>,
    added_at: u64,
    revoked_at: Option<u64>,
    distrusted_from: Option<u64>,
    fields: FieldRows,
}

impl AgentRow {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let standing = &self.standing;
        encode(&StoredAgent {
            public_key: standing.record.public_key.to_blob(),
            kind: standing.record.kind.to_string(),
            roles: standing.record.roles.iter().map(ToString::to_string).collect(),
            expires_ms: standing.record.expires.map(Timestamp::unix_ms),
            next: standing.record.next.map(|key| *key.as_bytes()),
            added_at: standing.added_at.0,
            revoked_at: standing.revoked_at.map(|at| at.0),
            distrusted_from: standing.distrusted_from.map(|from| from.0),
            fields: field_rows(&self.fields),
        })
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, RowError> {
        let stored: StoredAgent = decode(bytes)?;
        let roles =
            stored.roles.iter().map(|role| role.parse::<Role>().map_err(|_| RowError)).collect::<Result<_, _>>();
        let expires = stored.expires_ms.map(|ms| Timestamp::from_unix_ms(ms).map_err(|_| RowError)).transpose()?;
        let record = AgentRecord {
            expires,
            kind: stored.kind.parse::<AgentKind>().map_err(|_| RowError)?,
            next: stored.next.map(KeyId::from_bytes),
            public_key: PublicKey::from_blob(&stored.public_key).map_err(|_| RowError)?,
            roles: roles?,
        };
        let mut standing = Standing::new(record, EntryIndex(stored.added_at));
        standing.revoked_at = stored.revoked_at.map(EntryIndex);
        standing.distrusted_from = stored.distrusted_from.map(EntryIndex);
        Ok(Self { standing, fields: fields_of(stored.fields)? })
    }
}

impl ObjectRow {
    /// The volume.
    #[must_use]
    pub const fn volume(&self) -> VolumeNumber {
        VolumeNumber(self.volume)
    }
}
