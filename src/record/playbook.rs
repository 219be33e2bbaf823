//! A playbook: a problem solved once.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The states of a playbook: internal ones the team may use, published ones customers see.
pub const STATUSES: &[&str] = &["draft", "internal", "published", "retired"];

/// The keys of a playbook.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("title", Type::Line, "the problem in a line"),
        req("status", Type::Word(STATUSES), "who may use it"),
        req("problem", Type::Prose, "the problem in the customer's words"),
        key("symptoms", Type::List, "what is seen: error texts, signs"),
        key("topics", Type::Refs(&[Target::Of(Kind::Topic)]), "the topics it belongs to"),
        key("cause", Type::Prose, "why it happens"),
        key("steps", Type::Ordered, "what to do, in order"),
        key("answer", Type::Prose, "the text for the customer, with placeholders like {customer}"),
        key("asked-next", Type::Prose, "what customers ask next, and the answer"),
        key("language", Type::Line, "the language of the answer, such as en"),
        key("owner-role", Type::Ref(&[Target::Of(Kind::Role)]), "the role that keeps it true"),
        key("flags", Type::List, "what someone found wrong with it"),
        key(
            "removed-by",
            Type::Ref(&[Target::Ticket, Target::Of(Kind::Proposal)]),
            "what would remove the problem at its source",
        ),
        key("removed-in", Type::Ref(&[Target::Release]), "the release that removed it"),
        key("replaced-by", Type::Ref(&[Target::Of(Kind::Playbook)]), "the playbook to use instead"),
    ],
    anchor: "language",
};
