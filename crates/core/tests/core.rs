//! Tests of the trusted core: the formats and the cryptography, judged by published vectors, by other
//! programs and by the specification. They need neither the archive nor the command line.

// A test that fails may as well fail at an `unwrap`.
#![allow(clippy::unwrap_used)]

#[path = "core/attached.rs"]
mod attached;
#[path = "core/attacks/mod.rs"]
mod attacks;
#[path = "core/bad_input.rs"]
mod bad_input;
#[path = "core/bundles.rs"]
mod bundles;
#[path = "core/completeness.rs"]
mod completeness;
#[path = "core/data.rs"]
mod data;
#[path = "core/example.rs"]
mod example;
#[path = "core/fido.rs"]
mod fido;
#[path = "core/format_doc.rs"]
mod format_doc;
#[path = "core/formats.rs"]
mod formats;
#[path = "core/kit.rs"]
mod kit;
#[path = "core/letters.rs"]
mod letters;
#[path = "core/marked_names.rs"]
mod marked_names;
#[path = "core/newer.rs"]
mod newer;
#[path = "core/other_side.rs"]
mod other_side;
#[path = "core/programs.rs"]
mod programs;
#[path = "core/published.rs"]
mod published;
#[path = "core/samples.rs"]
mod samples;
#[path = "core/selection.rs"]
mod selection;
#[path = "core/tools.rs"]
mod tools;
#[path = "core/vectors.rs"]
mod vectors;
#[path = "core/verification.rs"]
mod verification;
#[path = "core/volumes.rs"]
mod volumes;
#[path = "core/who_may_sign.rs"]
mod who_may_sign;
