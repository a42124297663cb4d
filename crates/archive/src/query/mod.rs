//! Questions to an archive: how they are written, and which exhibits answer them. `docs/query.md` specifies both.

mod error;
mod meaning;
mod media_types;
mod names;
mod syntax;
mod text;

pub use error::{Missing, QueryError};
pub use media_types::MediaTypes;
pub use syntax::{About, Condition, MAX_CONDITIONS, MAX_DEPTH, MAX_QUERY_BYTES, Query, Wanted};

pub(crate) use meaning::{Asked, Meaning, field_asked, field_named, unknown};
pub(crate) use text::{LookedFor, Searched, folded};
