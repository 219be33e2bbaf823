//! Views to bytes.

pub mod digest;
pub mod findings;
pub mod json;
pub mod markdown;
pub mod plain;
pub mod table;
pub mod template;
pub mod text;
