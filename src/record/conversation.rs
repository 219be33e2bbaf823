//! What a ticket's messages say of it as a whole: when the customer last heard from us, since when they wait for an answer.

use super::time::Time;
use super::{Record, message};

/// What a list says of a conversation without showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// When the customer last heard from us.
    pub last_public: Option<Time>,
    /// Since when the customer has been without an answer: the first message since our last reply, or the opening. Nothing when we
    /// spoke last.
    pub unanswered_since: Option<Time>,
    /// When they last wrote or last heard from us.
    pub last_contact: Option<Time>,
    /// Whether we ever replied.
    pub has_reply: bool,
    /// Whether files came with a message.
    pub has_attachment: bool,
}

/// The summary of a ticket opened at `opened`.
pub fn summary(opened: Option<Time>, messages: &[Record]) -> Summary {
    let public = messages.iter().filter(|m| message::is_public(m.text("kind")));
    let last_public = public.filter_map(|m| m.time("at")).max();
    let unanswered_since = match last_public {
        None => opened,
        Some(last) => {
            let received = messages.iter().filter(|m| m.text("kind") == "received");
            received.filter_map(|m| m.time("at")).filter(|at| *at > last).min()
        }
    };
    let received = messages.iter().filter(|m| m.text("kind") == "received").filter_map(|m| m.time("at")).max();
    Summary {
        last_public,
        unanswered_since,
        last_contact: last_public.max(received),
        has_reply: messages.iter().any(|m| m.text("kind") == "reply"),
        has_attachment: messages.iter().any(|m| !m.list("attachments").is_empty()),
    }
}
