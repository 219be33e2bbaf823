//! A talk: a call, visit or meeting with a customer or team.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The keys of a talk.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("with", Type::Ref(&[Target::Of(Kind::Customer), Target::Of(Kind::Team)]), "the customer or team"),
        req("at", Type::Time, "when it was"),
        key("by", Type::Ref(&[Target::Of(Kind::Person)]), "who of ours"),
        key("via", Type::Line, "call, visit, meeting and so on"),
        key("text", Type::Prose, "what was said"),
    ],
    anchor: "by",
};
