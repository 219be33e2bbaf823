//! A customer: someone we work for, with what we know of their context.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The keys of a customer.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("name", Type::Line, "what they are called"),
        key("segment", Type::Line, "the group of customers they belong to"),
        key("zone", Type::Line, "their time zone, such as Europe/Berlin"),
        key("language", Type::Line, "the language they write in, such as en"),
        key("prefers", Type::Line, "how they like to be reached"),
        key("contacts", Type::List, "addresses and numbers of people there"),
        key("mail-domains", Type::List, "domains their mail comes from"),
        key("business", Type::Prose, "what they do"),
        key("challenge", Type::Prose, "what is hard for them"),
        key("confirmed", Type::Day, "when this was last confirmed with them"),
        key("relationship-owner", Type::Ref(&[Target::Of(Kind::Person)]), "who keeps in touch"),
        key("talk-every-days", Type::Number, "how often we talk, in days"),
        key("retired", Type::Day, "the day they left"),
    ],
    anchor: "zone",
};
