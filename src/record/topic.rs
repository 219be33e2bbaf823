//! A topic: what customers ask about, in their words.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The keys of a topic.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("title", Type::Line, "what customers ask about"),
        key("demand", Type::Word(&["value", "failure"]), "whether customers want it, or want it gone"),
        key("examples", Type::List, "how customers put it"),
        key("recommended-channel", Type::Ref(&[Target::Of(Kind::Channel)]), "the best way to ask"),
        key("retired", Type::Day, "the day it ended"),
    ],
    anchor: "demand",
};
