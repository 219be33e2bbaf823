//! Reading through the index and reading every record: both must say the same, whatever happened to the desk, the index file
//! or the process that was making it.

mod damage;
mod desks;
mod erasure;
mod histories;
mod questions;
mod together;
