//! TBD text
