//! A team: ours, or one that work crosses to.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The keys of a team.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("name", Type::Line, "what it is called"),
        key("ours", Type::Bool, "whether it is one of the desk's own"),
        key("purpose", Type::Prose, "why it exists"),
        key("aims", Type::Ordered, "what it is after, in words, no numbers"),
        key("receives", Type::List, "what comes to it"),
        key("gives", Type::List, "what it gives others"),
        key("channel", Type::Line, "how to reach it"),
        key("hours", Type::Line, "its working hours"),
        key("constraints", Type::Prose, "what it cannot change, for us to know"),
        key("liaisons", Type::Refs(&[Target::Of(Kind::Person)]), "the two people who keep the contact"),
        key("meet-every-days", Type::Number, "how often we meet, in days"),
        key("retired", Type::Day, "the day it ended"),
    ],
    anchor: "ours",
};
