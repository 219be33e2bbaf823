//! Views to bytes.

pub mod json;
pub mod plain;
pub mod table;
pub mod template;
pub mod text;
