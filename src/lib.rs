//! A support desk kept in a git repository.
//!
//! Records are TOML files in the work tree, every change is a commit, and everything else (lists, history, digests) is
//! derived from the two. The layers, from the bottom up; a module uses its own layer and those below:
//!
//! - [`record`], [`query`]: records and their rules; no git, terminal, files or clock
//! - [`text`], [`settings`]: TOML text to records and back; layered program settings
//! - [`store`]: the git repository
//! - [`desk`], [`check`], [`link`]: an opened desk, the one door for reading and editing; rules that look at a whole desk;
//!   commits, the tickets they fix and the releases that carry them
//! - [`report`]: views in the reader's words
//! - [`render`], [`exchange`]: views to bytes; foreign formats to changes
//! - [`cli`]: the program

pub mod check;
pub mod cli;
pub mod desk;
pub mod exchange;
pub mod index;
pub mod link;
pub mod query;
pub mod record;
pub mod render;
pub mod report;
pub mod settings;
pub mod store;
pub mod text;
