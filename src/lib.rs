//! Evidence preservation: files are hashed, signed and kept, and every act on them goes into a
//! chain-of-custody log that nobody can rewrite unseen.
//!
//! The layers, each importing only those before it:
//!
//! | module | what it holds | I/O |
//! |---|---|---|
//! | [`digest`], [`sign`], [`merkle`], [`model`] | the nouns and the cryptography | none |
//! | [`threads`] | the one place where threads are started | none |
//! | [`mod@format`] | entries, fields, checkpoints, receipts, volumes, and their canonical bytes | what the caller hands in |
//! | [`verify`] | evidence in, report out | through a read-only trait |
//! | `bundle` (feature `bundle`) | bundles in folders and zip files, to be checked | files, read only |
//! | `store` (feature `archive`) | volumes on disk: append, commit, read, recover | files |
//! | `archive` (feature `archive`) | create, open, ingest, custody, find | files, the derived index |
//!
//! The first four rows build alone (`--no-default-features`) and are all that is needed to check an
//! archive. The library never prints, never exits, and takes the clock and randomness as arguments.

pub mod digest;
pub mod format;
pub mod merkle;
pub mod model;
pub mod sign;
pub mod threads;
pub mod verify;

#[cfg(feature = "archive")]
pub mod archive;
#[cfg(feature = "bundle")]
pub mod bundle;
#[cfg(feature = "archive")]
pub mod store;

/// The name and version of this program, as entries record it.
pub const SOFTWARE: &str = concat!("vouchsafe/", env!("CARGO_PKG_VERSION"));
