//! A ticket: one thing a customer needs.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The states of a ticket.
pub const STATUSES: &[&str] = &["new", "working", "waiting", "resolved", "dropped", "duplicate"];
/// How bad it is for the customer.
pub const SEVERITIES: &[&str] = &["stuck", "degraded", "question"];
/// How a ticket was resolved, then how it was dropped.
pub const RESOLUTIONS: &[&str] =
    &["answered", "workaround", "fixed", "declined", "spam", "mistake", "no-longer-needed"];
/// The resolutions of a resolved ticket.
pub const RESOLVED: &[&str] = &["answered", "workaround", "fixed", "declined"];
/// The resolutions of a dropped ticket.
pub const DROPPED: &[&str] = &["spam", "mistake", "no-longer-needed"];
/// Whom a ticket can wait on.
pub const WAITING_ON: &[Target] = &[Target::TheCustomer, Target::Of(Kind::Team), Target::Vendor, Target::Release];

/// The keys of a ticket. Bound messages follow the last.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("title", Type::Line, "what the customer needs, in a line"),
        req("status", Type::Word(STATUSES), "where it stands"),
        req("opened", Type::Time, "when the customer first reached us"),
        key("customer", Type::Ref(&[Target::Of(Kind::Customer)]), "whose it is; unset when unknown"),
        key("contact", Type::Line, "address or number to reach them, or a reference into another system"),
        key("channel", Type::Ref(&[Target::Of(Kind::Channel)]), "how they reached us"),
        key("topic", Type::Ref(&[Target::Of(Kind::Topic)]), "what it is about"),
        key("product", Type::Line, "the product it is about"),
        key("version", Type::Line, "the product's version"),
        key("severity", Type::Word(SEVERITIES), "how bad it is for the customer"),
        key("owner", Type::Ref(&[Target::Of(Kind::Person)]), "the one person who sees to it"),
        key("waiting-on", Type::Ref(WAITING_ON), "whom it waits on"),
        key("waiting-for", Type::Line, "what it waits for, in plain words"),
        key("next-update", Type::Time, "when the customer hears from us again"),
        key("labels", Type::List, "free words to find it by"),
        key("blocked-by", Type::Refs(&[Target::Ticket, Target::Of(Kind::Proposal)]), "what must happen first"),
        key("follows", Type::Ref(&[Target::Ticket]), "the earlier ticket it comes out of"),
        key("duplicate-of", Type::Ref(&[Target::Ticket]), "the ticket that stands for the same problem"),
        key("resolution", Type::Word(RESOLUTIONS), "how it ended"),
        key("cause", Type::Line, "why the problem arose"),
        key("playbooks", Type::Refs(&[Target::Of(Kind::Playbook)]), "what solved it"),
        key("links", Type::List, "addresses, and commits as commit:[repo@]SHA"),
        key("origin-system", Type::Line, "the tracker it was imported from"),
        key("origin-id", Type::Line, "its id there"),
        key("origin-url", Type::Line, "its address there"),
        key("was", Type::Ref(&[Target::Ticket]), "an earlier id"),
    ],
    anchor: "origin-id",
};

/// Whether a status ends a ticket.
pub fn is_done(status: &str) -> bool {
    matches!(status, "resolved" | "dropped" | "duplicate")
}
