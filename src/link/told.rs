//! Who has not been told that what they reported is fixed.

use super::{Links, Release, TicketFacts};
use crate::record::id::TicketId;

/// Whether the customer of a ticket was told of its fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// They were.
    Yes,
    /// They were not.
    No,
    /// Nobody need be: the ticket was dropped.
    NoNeed,
}

/// A ticket whose fix is out and whose customer was not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// The ticket.
    pub ticket: TicketId,
    /// The ticket that was fixed, where this one is its duplicate.
    pub duplicate_of: Option<TicketId>,
    /// The first release with the whole fix.
    pub release: Release,
}

impl Told {
    /// Whether the customer of `ticket` was told of a fix that `releases` carry, by time: by a word about one of them, or any word
    /// about a release's fix once the first was out.
    pub fn of(ticket: &TicketFacts, releases: &[Release]) -> Self {
        let Some(first) = releases.first() else { return Self::NoNeed };
        let names = |tag: &str| releases.iter().any(|release| release.tag == tag);
        let told = ticket.told.iter().any(|(at, release)| match release {
            Some(tag) => names(tag),
            None => *at >= first.time,
        });
        match () {
            () if told => Self::Yes,
            () if ticket.dropped => Self::NoNeed,
            () => Self::No,
        }
    }
}

/// The tickets whose fixes are out and whose customers were not told, longest out first. Who reported a duplicate is told too.
pub fn untold(links: &Links, tickets: &[TicketFacts]) -> Vec<Untold> {
    let mut found: Vec<Untold> = Vec::new();
    for ticket in tickets {
        let own = links.releases(ticket.id);
        let (duplicate_of, releases) = match ticket.duplicate_of {
            Some(other) if own.is_empty() => (Some(other), links.releases(other)),
            _ => (None, own),
        };
        if Told::of(ticket, &releases) == Told::No
            && let Some(release) = releases.into_iter().next()
        {
            found.push(Untold { ticket: ticket.id, duplicate_of, release });
        }
    }
    found.sort_by(|a, b| (&a.release, a.ticket).cmp(&(&b.release, b.ticket)));
    found
}
