//! Records and their rules: no git, terminal, files or clock.

pub mod time;
