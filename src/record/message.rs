//! A message: what the customer said, what the desk replied, a note, a hand-off and so on. Messages are not edited.

use super::kind::Kind;
use super::schema::{Schema, Target, Type, key, req};

/// The kinds of message.
pub const KINDS: &[&str] =
    &["received", "reply", "note", "hand-off", "accepted", "handed-back", "nudge", "told", "applied"];
/// How a hand-off ended.
pub const OUTCOMES: &[&str] = &["done", "missing-information", "not-ours"];
/// The customer first: the word would pass for a person's slug.
const BY: &[Target] = &[Target::TheCustomer, Target::Of(Kind::Person)];

/// The keys of every kind of message; a file holds those that its own kind [`writes`].
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("kind", Type::Word(KINDS), "what it is"),
        req("at", Type::Time, "when it happened"),
        key("by", Type::Ref(BY), "who: a person of ours, or customer"),
        key("from", Type::Line, "who exactly, where known"),
        key("to", Type::Line, "to whom exactly; of a hand-off the person or team"),
        key("channel", Type::Ref(&[Target::Of(Kind::Channel)]), "the way it came or went"),
        key("text", Type::Prose, "the words"),
        key("attachments", Type::List, "file names of its attachments"),
        key("upset", Type::Bool, "whether the customer was upset"),
        key("situation", Type::Prose, "hand-off: what is the matter now"),
        key("background", Type::Prose, "hand-off: how it came to this"),
        key("assessment", Type::Prose, "hand-off: what we think it is"),
        key("request", Type::Prose, "hand-off: what we ask of them, by when"),
        key("evidence", Type::Prose, "hand-off: logs, steps, links"),
        key("hand-off", Type::Line, "the id of the hand-off it answers"),
        key("outcome", Type::Word(OUTCOMES), "how the hand-off ended"),
        key("playbook", Type::Ref(&[Target::Of(Kind::Playbook)]), "the playbook that was tried"),
        key("release", Type::Ref(&[Target::Release]), "the release the customer was told of"),
        key("message-id", Type::Line, "the mail's Message-ID"),
        key("in-reply-to", Type::Line, "the mail it answers"),
    ],
    anchor: "text",
};

/// Whether messages of `kind` hold `key`. An unknown kind holds them all, so that nothing is lost before the kind is mended.
pub fn writes(kind: &str, key: &str) -> bool {
    match key {
        "kind" | "at" | "by" | "text" | "attachments" => true,
        "from" | "to" | "channel" => {
            matches!(kind, "received" | "reply" | "nudge" | "told" | "hand-off" | "accepted" | "handed-back")
                || unknown(kind)
        }
        "upset" => kind == "received" || unknown(kind),
        "situation" | "background" | "assessment" | "request" | "evidence" => kind == "hand-off" || unknown(kind),
        "hand-off" | "outcome" => matches!(kind, "accepted" | "handed-back") || unknown(kind),
        "playbook" => kind == "applied" || unknown(kind),
        "release" => kind == "told" || unknown(kind),
        "message-id" | "in-reply-to" => matches!(kind, "received" | "reply") || unknown(kind),
        _ => false,
    }
}

fn unknown(kind: &str) -> bool {
    !KINDS.contains(&kind)
}

/// Whether the customer saw or heard it: what answers them and keeps a promised update.
pub fn is_public(kind: &str) -> bool {
    matches!(kind, "reply" | "told")
}
