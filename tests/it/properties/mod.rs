//! What must hold of any bytes, one file a property. Each is a function of the bytes alone that panics where it does not hold.
//!
//! The targets in `fuzz/` include these files, so each stands for itself; `fuzz` here runs them on texts that it damages.

pub(crate) mod id;
pub(crate) mod index;
pub(crate) mod mail;
pub(crate) mod merge;
pub(crate) mod query;
pub(crate) mod record;
