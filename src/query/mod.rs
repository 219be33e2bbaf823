//! The query language: `is:open topic:billing older:14d "exact words"`, the same wherever records are listed.
//!
//! Pure: text and a table of fields in, a [`Query`] out, which matches one record in memory. Which records there are, and
//! in what order they are shown, is decided above.
//!
//! ```text
//! field:value          owner:@me, status:new,working, customer:"" (not set)
//! is:open  has:fix     claims about the record
//! opened:2026-11-01..  dates and windows; ..2026-11-30, 2026-W47, 2026-11, 7d.., >=2026-11-01
//! older:14d newer:2d   how long ago it was opened; also age:>14d
//! words "exact words"  in the record's text, from the start of a word; in quotes, these words in this order
//! a b | a or b | ( )   and binds tighter than or
//! not a | -a           binds to the next term
//! sort:opened          sort:-opened for the other way round
//! query:stuck          a query that was saved under this name
//! ```

pub mod ast;
pub mod document;
mod error;
pub mod fields;
mod fts;
pub mod kinds;
mod lex;
mod matching;
pub mod numbers;
mod parse;
pub mod rank;
pub mod renamed;
pub mod saved;
pub mod snippet;
pub mod spelling;
mod value;
pub mod words;

pub use ast::Query;
pub use error::{QueryError, pointer};
pub use matching::{Context, Subject};
