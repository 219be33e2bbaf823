//! Chores that keep the house in order, as plain functions so that tests can call them too.

pub mod bench;
mod lexer;
pub mod links;
pub mod sample;
mod tidy;
pub mod torture;

pub use tidy::tidy;

/// Why a chore could not be done; whoever runs it reads the words.
pub type Failure = Box<dyn std::error::Error>;
