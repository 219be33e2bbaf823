//! Chores that keep the house in order, as plain functions so that tests can call them too.

mod lexer;
mod tidy;

pub use tidy::tidy;
