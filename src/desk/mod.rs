//! TBD desk
