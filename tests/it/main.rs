//! The program from outside: real repositories, real commands, what a user sees.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

mod check;
mod common;
mod completions;
mod demo;
mod digest;
mod edits;
mod environment;
mod examples;
mod foreign_trees;
mod fuzz;
mod golden;
mod history;
mod hooks;
mod imports;
mod index;
mod kinds;
mod linking;
mod merges;
mod programme;
mod properties;
mod pull_requests;
mod records;
mod reference;
mod reliability;
mod search;
mod sql;
mod sync;
mod threats;
mod tidy;
mod unreadable;
