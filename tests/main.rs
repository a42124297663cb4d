//! All tests of the whole: the program as a user types it (`cli/`), archives of every version (`golden.rs`), what must never
//! happen to one (`guards.rs`), the readers of a bundle beside each other (`viewer.rs`), what the fuzzer begins with
//! (`fuzz_corpora.rs`), and the rules of the source and the documents (`tidy.rs`).

// A test that fails may as well fail at an `unwrap`.
#![allow(clippy::unwrap_used)]

#[path = "cli/asking.rs"]
mod asking;
#[path = "cli/attacks.rs"]
mod attacks;
#[path = "cli/bad_input/mod.rs"]
mod bad_input;
#[path = "cli/bundle.rs"]
mod bundle;
#[path = "cli/carriers.rs"]
mod carriers;
#[path = "cli/changed_keys.rs"]
mod changed_keys;
#[path = "cli/completeness.rs"]
mod completeness;
#[path = "cli/copies.rs"]
mod copies;
#[path = "cli/deposits.rs"]
mod deposits;
#[path = "cli/describing.rs"]
mod describing;
#[path = "cli/desk.rs"]
mod desk;
#[path = "cli/disclosing.rs"]
mod disclosing;
#[path = "../crates/archive/tests/disk.rs"]
mod disk;
#[path = "cli/documents/mod.rs"]
mod documents;
#[path = "cli/fields.rs"]
mod fields;
#[path = "cli/front_door.rs"]
mod front_door;
mod fuzz_corpora;
mod golden;
#[path = "cli/grading.rs"]
mod grading;
mod guards;
#[path = "cli/health.rs"]
mod health;
#[path = "cli/import.rs"]
mod import;
#[path = "cli/ingesting/mod.rs"]
mod ingesting;
#[path = "cli/interop.rs"]
mod interop;
#[path = "cli/json.rs"]
mod json;
#[path = "cli/letters.rs"]
mod letters;
#[path = "cli/many_volumes.rs"]
mod many_volumes;
#[path = "cli/newer.rs"]
mod newer;
#[path = "cli/other_side.rs"]
mod other_side;
#[path = "cli/parity.rs"]
mod parity;
#[path = "../crates/core/tests/core/programs.rs"]
mod programs;
#[path = "cli/readers.rs"]
mod readers;
#[path = "cli/reference.rs"]
mod reference;
#[path = "cli/repair.rs"]
mod repair;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/searching.rs"]
mod searching;
#[path = "cli/sessions.rs"]
mod sessions;
#[path = "cli/strangers.rs"]
mod strangers;
#[path = "cli/tables.rs"]
mod tables;
#[path = "cli/telling.rs"]
mod telling;
mod tidy;
#[path = "cli/transfer.rs"]
mod transfer;
#[path = "cli/verifying.rs"]
mod verifying;
mod viewer;
#[path = "cli/volume.rs"]
mod volume;
