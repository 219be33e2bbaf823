//! Foreign formats to changes, and records to foreign formats; one file a format.
//!
//! Readers ([`beads`], [`events`], [`mail`]) are pure: bytes in, a [`history::History`] or a mail out, or what is wrong and where.
//! [`import`] turns a history into commits.

pub mod beads;
pub mod compose;
pub mod demo;
pub mod event_map;
pub mod events;
pub mod history;
pub mod import;
pub mod mail;
pub mod table;
