//! What a ticket says at one moment, as measures and digests need it. Nobody is named in it, so that nothing counted from it can rank
//! people.

use super::id::TicketId;
use super::time::Time;
use super::{Record, ticket};

/// Where a ticket stands. Texts are "" when unset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketState {
    /// What the customer needs.
    pub title: String,
    /// Where it stands.
    pub status: String,
    /// How it ended; "" while it goes on.
    pub resolution: String,
    /// When the customer first reached us.
    pub opened: Option<Time>,
    /// The customer's slug; "" when unknown.
    pub customer: String,
    /// The topic's slug; "" when unsorted.
    pub topic: String,
    /// Whether somebody sees to it.
    pub owned: bool,
    /// Whom it waits on, as a reference.
    pub waiting_on: String,
    /// What it waits for.
    pub waiting_for: String,
    /// When the customer hears next.
    pub next_update: Option<Time>,
    /// The ticket that stands for the same problem.
    pub duplicate_of: Option<TicketId>,
    /// Whether a playbook solved it.
    pub by_playbook: bool,
}

impl TicketState {
    /// The state that a ticket's record tells.
    pub fn of(record: &Record) -> Self {
        let text = |key: &str| record.text(key).to_owned();
        Self {
            title: text("title"),
            status: text("status"),
            resolution: text("resolution"),
            opened: record.time("opened"),
            customer: text("customer"),
            topic: text("topic"),
            owned: record.text_of("owner").is_some(),
            waiting_on: text("waiting-on"),
            waiting_for: text("waiting-for"),
            next_update: record.time("next-update"),
            duplicate_of: TicketId::parse(record.text("duplicate-of")),
            by_playbook: !record.list("playbooks").is_empty(),
        }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        ticket::is_done(&self.status)
    }
}
