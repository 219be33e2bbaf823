//! Tickets that wait for each other.

use std::collections::BTreeMap;

use super::{Input, Rule};
use crate::record::finding::Finding;
use crate::record::id::TicketId;
use crate::record::ticket;

pub(super) static RULE: Rule = Rule {
    name: "blocked-cycle",
    what: "open tickets block each other in a circle",
    why: "none of them can ever be worked on, and each looks as if another one had to be first",
    example: "T-7k3mqp is blocked by T-9d2wxa, which is blocked by T-7k3mqp",
    cure: "take one out: staple set T-7k3mqp blocked-by-=T-9d2wxa",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut blocked: BTreeMap<TicketId, Vec<TicketId>> = BTreeMap::new();
    // A done ticket blocks nothing any more.
    for ticket in input.records.tickets().filter(|t| !ticket::is_done(t.text("status"))) {
        let Some(id) = ticket.ticket_id() else { continue };
        let by = ticket.list("blocked-by").iter().filter_map(|text| text.strip_prefix("T-").and_then(TicketId::parse));
        blocked.insert(id, by.collect());
    }
    let mut out = Vec::new();
    for id in blocked.keys() {
        let Some(circle) = circle(&blocked, *id) else { continue };
        // Each circle is told once, at its smallest id.
        if circle.iter().any(|other| other < id) {
            continue;
        }
        let path = input.records.ticket(*id).map_or("", |ticket| ticket.path.as_str());
        let words: Vec<String> = circle.iter().chain([id]).map(ToString::to_string).collect();
        let message = format!("`blocked-by` goes in a circle: {}", words.join(", "));
        let last = circle.get(1).unwrap_or(id);
        out.push(Finding::error(RULE.name, path, message).hint(format!("staple set {id} blocked-by-={last}")));
    }
    out
}

/// The shortest way from a ticket back to itself, the ticket first.
fn circle(blocked: &BTreeMap<TicketId, Vec<TicketId>>, start: TicketId) -> Option<Vec<TicketId>> {
    let mut from: BTreeMap<TicketId, TicketId> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for next in blocked.get(&at).into_iter().flatten() {
            if *next == start {
                let mut way = vec![at];
                while let Some(before) = from.get(way.last().unwrap_or(&start)) {
                    way.push(*before);
                }
                way.reverse();
                return Some(way);
            }
            if !from.contains_key(next) {
                from.insert(*next, at);
                queue.push_back(*next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, ticket};
    use super::*;

    #[test]
    fn a_circle_is_told_once_and_a_chain_is_none() {
        let (a, b, c) = (
            ticket("new", "blocked-by = [\"T-b00000\"]\n"),
            ticket("new", "blocked-by = [\"T-c00000\"]\n"),
            ticket("new", "blocked-by = [\"T-b00000\"]\n"),
        );
        check(
            find,
            &[
                ("tickets/2026-11/a00000.toml", &a),
                ("tickets/2026-11/b00000.toml", &b),
                ("tickets/2026-11/c00000.toml", &c),
            ],
            &["error tickets/2026-11/b00000.toml: `blocked-by` goes in a circle: T-b00000, T-c00000, T-b00000"],
        );
    }

    #[test]
    fn what_is_done_blocks_nothing() {
        let (a, b) =
            (ticket("dropped", "blocked-by = [\"T-b00000\"]\n"), ticket("new", "blocked-by = [\"T-a00000\"]\n"));
        check(find, &[("tickets/2026-11/a00000.toml", &a), ("tickets/2026-11/b00000.toml", &b)], &[]);
    }
}
