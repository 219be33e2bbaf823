//! Foreign formats to changes, and records to foreign formats; one file a format.

pub mod compose;
pub mod demo;
