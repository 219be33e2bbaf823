//! A channel: a way to reach us, with its job.

use super::schema::{Key, Schema, Type, key, req};

const ASKS: &[Key] = &[req("ask", Type::Line, "what we ask for"), req("why", Type::Line, "why we need it")];

/// The keys of a channel.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("kind", Type::Word(&["mail", "phone", "chat", "form", "visit", "forum", "other"]), "what it is"),
        req("address", Type::Line, "where it is"),
        key("hours", Type::Line, "when someone is there"),
        key("job", Type::Line, "what it is for"),
        key("good-for", Type::List, "what it is good for"),
        key("bad-for", Type::List, "what is better taken elsewhere"),
        key("asks", Type::Rows(ASKS), "what we ask of people there, each with why"),
        key("retired", Type::Day, "the day it closed"),
    ],
    anchor: "kind",
};
