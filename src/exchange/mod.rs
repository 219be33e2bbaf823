//! TBD exchange
