//! The trusted core of vouchsafe: what a verdict rests on.
//!
//! The layers, each importing only those before it:
//!
//! | module | what it holds |
//! |---|---|
//! | [`digest`], [`sign`], [`merkle`], [`model`] | the nouns and the cryptography |
//! | [`language`] | what is said to people, in English and in Korean |
//! | [`shape`] | what each type that is printed as JSON says of its members |
//! | [`threads`] | the one place where threads are started |
//! | [`mod@format`] | entries, fields, checkpoints, receipts, volumes, and their canonical bytes |
//! | [`verify`] | evidence in, report out, through a read-only trait |
//!
//! It opens no file, never prints, and takes the clock and randomness as arguments.

pub mod digest;
pub mod format;
pub mod language;
pub mod merkle;
pub mod model;
pub mod shape;
pub mod sign;
pub mod threads;
pub mod verify;

/// The name and version of this program, as entries record it.
pub const SOFTWARE: &str = concat!("vouchsafe/", env!("CARGO_PKG_VERSION"));
