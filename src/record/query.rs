//! A saved query.

use super::schema::{Schema, Type, key, req};

/// The keys of a saved query.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("title", Type::Line, "what it finds"),
        req("query", Type::Line, "the query"),
        key("retired", Type::Day, "the day it ended"),
    ],
    anchor: "query",
};
