//! A person: one of us, or of a team that work crosses to.

use super::kind::Kind;
use super::schema::{Key, Schema, Target, Type, key, req};

const AWAY: &[Key] = &[
    req("from", Type::Day, "first day away"),
    req("to", Type::Day, "last day away"),
    key("cover", Type::Ref(&[Target::Of(Kind::Person)]), "who stands in"),
];

/// The keys of a person.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("name", Type::Line, "what they are called"),
        key("team", Type::Ref(&[Target::Of(Kind::Team)]), "their team"),
        key("public", Type::Bool, "whether customers may see them on the who-is-who page"),
        key("intro", Type::Prose, "who they are, in their words"),
        key("expertise", Type::List, "what to ask them about"),
        key("languages", Type::List, "languages they speak, such as en"),
        key("reach", Type::Line, "how to reach them"),
        key("links", Type::List, "addresses of theirs"),
        key("zone", Type::Line, "their time zone, such as Europe/Berlin"),
        key("hours", Type::Line, "their working hours, such as Mon-Fri 09:00-17:00"),
        key("away", Type::Rows(AWAY), "when they are away and who covers"),
        key("available", Type::Word(&["yes", "at-limit", "no"]), "whether they can take work now"),
        key("available-until", Type::Day, "until when that holds"),
        key("improvement-hours", Type::Line, "when they are out of the queue to improve things"),
        key("emails", Type::List, "addresses their commits carry"),
        key("retired", Type::Day, "the day they left"),
    ],
    anchor: "links",
};
