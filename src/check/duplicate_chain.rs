//! Duplicates of duplicates.

use super::{Input, Rule};
use crate::record::finding::Finding;
use crate::record::id::TicketId;

pub(super) static RULE: Rule = Rule {
    name: "duplicate-chain",
    what: "a ticket is a duplicate of a ticket that is itself a duplicate",
    why: "whoever follows the first does not come to the ticket that is worked on; in a circle nobody does",
    example: "T-7k3mqp is a duplicate of T-9d2wxa, which is a duplicate of T-4fz8rk",
    cure: "name the one that stands for all: staple set T-7k3mqp duplicate-of=T-4fz8rk",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let next = |id: TicketId| input.records.ticket(id).and_then(|t| TicketId::parse(t.text("duplicate-of")));
    let mut out = Vec::new();
    for ticket in input.records.tickets() {
        let Some(id) = ticket.ticket_id() else { continue };
        // A ticket that names itself breaks a rule of its own.
        let Some(first) = next(id).filter(|first| *first != id) else { continue };
        let Some(mut last) = next(first) else { continue };
        let mut seen = vec![id, first];
        while !seen.contains(&last) {
            seen.push(last);
            let Some(further) = next(last) else { break };
            last = further;
        }
        let (message, hint) = if next(last).is_some() {
            let message = format!("`duplicate-of` names {first}, and from there it goes in a circle");
            (message, format!("open the one to work on: staple ticket reopen {id}"))
        } else {
            let message = format!("`duplicate-of` names {first}, which is itself a duplicate; {last} stands for both");
            (message, format!("staple set {id} duplicate-of={last}"))
        };
        out.push(Finding::warning(RULE.name, &ticket.path, message).hint(hint));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, ticket};
    use super::*;

    #[test]
    fn the_end_of_the_chain_is_named() {
        let a = ticket("duplicate", "duplicate-of = \"T-b00000\"\n");
        let b = ticket("duplicate", "duplicate-of = \"T-c00000\"\n");
        let (c, circle) = (ticket("new", ""), ticket("duplicate", "duplicate-of = \"T-a00000\"\n"));
        let path = ["tickets/2026-11/a00000.toml", "tickets/2026-11/b00000.toml", "tickets/2026-11/c00000.toml"];
        let words = "`duplicate-of` names T-b00000, which is itself a duplicate; T-c00000 stands for both";
        check(find, &[(path[0], &a), (path[1], &b), (path[2], &c)], &[&format!("warning {}: {words}", path[0])]);
        let round = |i: usize, of: &str| {
            format!("warning {}: `duplicate-of` names {of}, and from there it goes in a circle", path[i])
        };
        check(
            find,
            &[(path[0], &a), (path[1], &b), (path[2], &circle)],
            &[&round(0, "T-b00000"), &round(1, "T-c00000"), &round(2, "T-a00000")],
        );
    }
}
