//! TOML text to records and back; the only home of the TOML library.
//!
//! [`parse()`] reads a file into a [`crate::record::Record`] and says with line and column what is wrong with it; [`create()`] writes the
//! canonical form; [`edit()`] changes the lines of some keys and leaves every other byte; [`merge()`] puts two people's edits together.

pub mod create;
pub mod edit;
pub mod merge;
pub mod parse;

pub use create::{bound_message, create};
pub use edit::{EditError, add_missing_keys, bind, edit, edit_bound, place_of_key, sort_lists};
pub use merge::merge;
pub use parse::{Parsed, parse, typed};
