//! TBD query
