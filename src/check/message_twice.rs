//! Messages that are both bound and in a file of their own.

use super::{Input, Rule};
use crate::record::finding::Finding;
use crate::text;

pub(super) static RULE: Rule = Rule {
    name: "message-twice",
    what: "a message is bound in its ticket and also in a file of its own",
    why: "readers take one of the two; where they differ, nobody can know which is meant",
    example: "an id under [[message]] of 7k3mqp.toml and the file 7k3mqp.20261102T080000Z-4hx2.toml",
    cure: "if both say the same, staple bind --older 0 takes the file away; else keep the right one by hand",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for ticket in input.records.tickets() {
        let Some(id) = ticket.ticket_id().filter(|_| !ticket.messages.is_empty()) else { continue };
        for loose in input.records.messages(id).iter().filter(|message| message.path != ticket.path) {
            let Some(bound) = ticket.messages.iter().find(|bound| bound.name == loose.name) else { continue };
            if text::create(bound) == text::create(loose) {
                let words = format!("the message is also bound in {}", ticket.path);
                out.push(Finding::warning(RULE.name, &loose.path, words).hint("staple bind --older 0"));
            } else {
                let words = format!("the message is also bound in {}, with other words", ticket.path);
                let hint = "keep the right one of the two by hand, and commit";
                out.push(Finding::error(RULE.name, &loose.path, words).hint(hint));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, message, ticket};
    use super::*;

    #[test]
    fn twice_the_same_is_a_warning_and_two_versions_an_error() {
        let bound =
            "\n[[message]]\nid = \"20261102T080000Z-4hx2\"\nkind = \"note\"\nat = 2026-11-02T08:00:00Z\ntext = ";
        let path = "tickets/2026-11/7k3mqp.20261102T080000Z-4hx2.toml";
        let said = message("note", "");
        let same = ticket("new", &format!("{bound}\"x\"\n"));
        let words = "the message is also bound in tickets/2026-11/7k3mqp.toml";
        check(find, &[("tickets/2026-11/7k3mqp.toml", &same), (path, &said)], &[&format!("warning {path}: {words}")]);
        let other = ticket("new", &format!("{bound}\"y\"\n"));
        check(
            find,
            &[("tickets/2026-11/7k3mqp.toml", &other), (path, &said)],
            &[&format!("error {path}: {words}, with other words")],
        );
    }
}
