//! Tests of the archive as a library: disks that fail, and published examples.

// A test that fails may as well fail at an `unwrap`.
#![allow(clippy::unwrap_used)]

mod dates;
mod disk;
mod faults;
mod tables;
