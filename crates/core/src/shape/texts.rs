//! What the identifiers are in JSON.

use crate::digest::Digest;
use crate::language::Text;
use crate::model::{
    CopyId, EntryIndex, EventName, ExhibitId, FieldName, FieldValue, Fingerprint, MediaType, Origin, Range, Salt,
    Timestamp,
};
use crate::sign::{KeyId, PublicKey};

use super::{Described, Kind};

plain! {
    CopyId => Kind::Text("the name of a copy"),
    Digest => Kind::Text("64 hexadecimal digits"),
    EntryIndex => Kind::Number,
    EventName => Kind::Text("the name of an event"),
    ExhibitId => Kind::Text("the name of an exhibit"),
    FieldName => Kind::Text("the name of a field"),
    FieldValue => Kind::Any("a field's value: see `format.md`"),
    Fingerprint => Kind::Text("64 hexadecimal digits"),
    KeyId => Kind::Text("`SHA256:…`, as `ssh-keygen -l` shows a key"),
    MediaType => Kind::Text("a media type"),
    Origin => Kind::Text("what an archive calls itself"),
    PublicKey => Kind::Text("a public key, as OpenSSH writes it"),
    Range => Kind::List(Box::new(Kind::Number)),
    Text => Kind::Text(""),
    Salt => Kind::Text("32 hexadecimal digits"),
    Timestamp => Kind::Text("a time: `2026-11-23T09:12:44.120Z`"),
    serde_json::Value => Kind::Any("an entry's body: see `format.md`"),
}
