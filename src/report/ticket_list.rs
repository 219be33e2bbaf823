//! A list of tickets: who has waited longest comes first.

use crate::desk::Records;
use crate::desk::subject::TicketSubject;
use crate::query::{Context, Query};
use crate::record::time::Time;
use crate::record::{Kind, Record};

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow<'r> {
    /// `T-7k3mqp`.
    pub id: String,
    /// What the customer needs.
    pub title: &'r str,
    /// Where it stands.
    pub status: &'r str,
    /// The customer in words; "" when unknown.
    pub customer: &'r str,
    /// The owner's slug; "" when nobody owns it.
    pub owner: &'r str,
    /// Whom it waits on.
    pub waiting_on: &'r str,
    /// When the customer first reached us.
    pub opened: Time,
    /// Since when the customer has heard nothing.
    pub silent_since: Time,
    /// When the customer hears next.
    pub next_update: Option<Time>,
    /// The next update has passed.
    pub overdue: bool,
    /// The work tree has edits that are not committed.
    pub uncommitted: bool,
    /// Where its record lies.
    pub path: &'r str,
}

/// The tickets that fulfil `query`, in its order; without one, the longest silence first.
pub fn rows<'r>(records: &'r Records, query: &Query, context: &Context<'_>) -> Vec<TicketRow<'r>> {
    let fulfils = |ticket: &&Record| {
        query.matches_having(&TicketSubject { records, ticket }, |term| records.has_term(ticket, term), context)
    };
    let mut found: Vec<&Record> = records.tickets().filter(fulfils).collect();
    if query.sort_keys().is_empty() {
        found.sort_by_cached_key(|ticket| (silent_since(records, ticket), ticket.name.clone()));
    } else {
        crate::desk::subject::sort(&mut found, query.sort_keys(), records);
    }
    found.into_iter().map(|ticket| row(records, ticket, context.now)).collect()
}

/// Since when the customer has heard nothing: our last word to them, or the opening.
pub fn silent_since(records: &Records, ticket: &Record) -> Time {
    let opened = ticket.time("opened").unwrap_or(Time::from_unix(0));
    records.summary(ticket).last_public.unwrap_or(opened)
}

/// A ticket as a row.
pub fn row<'r>(records: &'r Records, ticket: &'r Record, now: Time) -> TicketRow<'r> {
    let customer = ticket.text("customer");
    TicketRow {
        id: ticket.reference(),
        title: ticket.text("title"),
        status: ticket.text("status"),
        customer: records.label(Kind::Customer, customer),
        owner: ticket.text("owner"),
        waiting_on: ticket.text("waiting-on"),
        opened: ticket.time("opened").unwrap_or(Time::from_unix(0)),
        silent_since: silent_since(records, ticket),
        next_update: ticket.time("next-update"),
        overdue: records.is_overdue(ticket, now),
        uncommitted: records.uncommitted.contains(&ticket.path),
        path: &ticket.path,
    }
}
