//! Foreign formats to changes, and records to foreign formats; one file a format.
//!
//! Readers ([`beads`], [`events`]) are pure: bytes in, a [`history::History`] out, or what is wrong and where. [`import`] turns
//! a history into commits.

pub mod beads;
pub mod compose;
pub mod demo;
pub mod event_map;
pub mod events;
pub mod history;
pub mod import;
