//! TBD report
