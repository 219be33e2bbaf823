//! Any text as an id, a slug, a time, a reference or a path.
#![no_main]

#[path = "../../tests/it/properties/id.rs"]
mod id;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| id::holds(bytes));
