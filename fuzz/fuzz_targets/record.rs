//! Any bytes as a record of each kind.
#![no_main]

#[path = "../../tests/it/properties/record.rs"]
mod record;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| record::holds(bytes));
