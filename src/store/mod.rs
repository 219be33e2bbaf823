//! TBD store
