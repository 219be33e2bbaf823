//! TBD render
