//! A role: a hat that people hold.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

const PEOPLE: &[Target] = &[Target::Of(Kind::Person)];

/// The keys of a role.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("title", Type::Line, "what the role is called"),
        key("purpose", Type::Prose, "why it exists"),
        key("responsibilities", Type::Ordered, "what it sees to"),
        key("decides", Type::List, "what it decides alone"),
        key("holders", Type::Refs(PEOPLE), "who holds it"),
        key("backups", Type::Refs(PEOPLE), "who stands in"),
        key("retired", Type::Day, "the day it ended"),
    ],
    anchor: "title",
};
