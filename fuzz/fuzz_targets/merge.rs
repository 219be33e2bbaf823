//! Any three texts, with NUL bytes between them, as the versions of a file.
#![no_main]

#[path = "../../tests/it/properties/merge.rs"]
mod merge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| merge::holds(bytes));
