//! Communication: whom a digest goes to and how often, and what was sent.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The audiences of digests.
pub const AUDIENCES: &[&str] = &["standup", "managers", "business", "customers", "release", "onboarding"];

/// The keys of a plan (`comms/plan/managers.toml`).
pub static PLAN: Schema = Schema {
    keys: &[
        req("audience", Type::Word(AUDIENCES), "who reads it"),
        req("cadence", Type::Word(&["daily", "weekly", "monthly", "quarterly"]), "how often it goes out"),
        key("due", Type::Line, "when in its period, such as Monday 10:00"),
        key("to", Type::List, "addresses or places it goes to"),
        key("owner-role", Type::Ref(&[Target::Of(Kind::Role)]), "the role that sends it"),
        key("retired", Type::Day, "the day it ended"),
    ],
    anchor: "cadence",
};

/// The keys of what was sent (`comms/sent/2026-W47-managers.toml`).
pub static SENT: Schema = Schema {
    keys: &[
        req("audience", Type::Word(AUDIENCES), "who read it"),
        req("since", Type::Time, "start of its window"),
        req("until", Type::Time, "end of its window, not in it"),
        key("commit", Type::Line, "the commit it was made from"),
        req("sent", Type::Time, "when it went out"),
        key("by", Type::Ref(&[Target::Of(Kind::Person)]), "who sent it"),
        key("to", Type::List, "addresses or places it went to"),
        key("text", Type::Prose, "what was sent, where it is kept"),
    ],
    anchor: "commit",
};
