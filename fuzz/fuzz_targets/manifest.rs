//! See `targets.rs`.

#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code, reason = "the other targets are in it as well")]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::manifest(bytes));
