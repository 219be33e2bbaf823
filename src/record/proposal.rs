//! A proposal: a wish to change how we work, followed to its end.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// What a proposal is about.
pub const KINDS: &[&str] = &["process", "environment", "training", "concern", "investigation"];
/// The states of a proposal.
pub const STATUSES: &[&str] =
    &["proposed", "heard", "trial", "adopted", "reverted", "declined", "deferred", "withdrawn", "superseded"];

/// The keys of a proposal.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("title", Type::Line, "the wish in a line"),
        key("kind", Type::Word(KINDS), "what it is about"),
        req("status", Type::Word(STATUSES), "where it stands"),
        req("raised", Type::Day, "when it was raised"),
        key("raised-by", Type::Ref(&[Target::Of(Kind::Person)]), "who raised it; unset when anonymous"),
        key("owner", Type::Ref(&[Target::Of(Kind::Person)]), "who sees to it"),
        key("observed", Type::Prose, "what was seen that should be better"),
        key("idea", Type::Prose, "what to change"),
        key("small-test", Type::Prose, "the smallest test of the idea"),
        req("customer-benefit", Type::Prose, "what customers gain"),
        key("evidence", Type::List, "tickets, links and counts that speak for it"),
        key("teams", Type::Refs(&[Target::Of(Kind::Team)]), "the teams it concerns"),
        key("measure", Type::Line, "the measure that would show it"),
        key("answer", Type::Prose, "what was said when it was heard"),
        key("trial-from", Type::Day, "first day of the trial"),
        key("trial-until", Type::Day, "last day of the trial"),
        key("what-happened", Type::Prose, "what the trial or the change brought"),
        key("reason", Type::Prose, "why it was declined"),
        key("would-reopen-if", Type::Prose, "what would have to change to take it up again"),
        key("revisit", Type::Day, "when a deferred proposal is taken up again"),
        key("superseded-by", Type::Ref(&[Target::Of(Kind::Proposal)]), "the proposal that stands for it now"),
    ],
    anchor: "raised-by",
};
