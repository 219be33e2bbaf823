//! A jot: a high, a low or a story, kept as it happens for the next digest.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The kinds of jot.
pub const KINDS: &[&str] = &["high", "low", "story"];

/// The keys of a jot.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("kind", Type::Word(KINDS), "what it is"),
        req("at", Type::Time, "when it was kept"),
        key("by", Type::Ref(&[Target::Of(Kind::Person)]), "who kept it"),
        req("text", Type::Prose, "the words"),
        key("about", Type::List, "what it is about: tickets, customers, playbooks"),
    ],
    anchor: "by",
};
