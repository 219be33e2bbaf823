//! Any text as a query.
#![no_main]

#[path = "../../tests/it/properties/query.rs"]
mod query;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| query::holds(bytes));
