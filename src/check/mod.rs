//! TBD check
