//! Messages and attachments without their ticket.

use std::collections::BTreeSet;

use super::{Input, Rule, messages};
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "orphan-message",
    what: "a message has no ticket",
    why: "no list and no journey shows it: what the customer said is there and nobody sees it",
    example: "tickets/2026-11/7k3mqp.20261102T080000Z-4hx2.toml without tickets/2026-11/7k3mqp.toml",
    cure: "bring the ticket back from history, or take the message away with git rm",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    // A ticket whose file cannot be read is a finding of its own.
    let unreadable: BTreeSet<&str> = input.records.findings.iter().map(|finding| finding.path.as_str()).collect();
    let mut out = Vec::new();
    for message in messages(input.records) {
        let Some(id) = message.ticket_id().filter(|id| input.records.ticket(*id).is_none()) else { continue };
        let home = format!("/{}.toml", id.as_str());
        if unreadable.iter().any(|path| path.ends_with(&home)) {
            continue;
        }
        let hint = format!("find the ticket's last version: git log --all -- '*{home}'");
        let words = format!("the message belongs to {id}, which is not there");
        out.push(Finding::error(RULE.name, &message.path, words).hint(hint));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, message};
    use super::*;

    #[test]
    fn a_message_needs_its_ticket_which_may_be_unreadable() {
        let (path, said) = ("tickets/2026-11/7k3mqp.20261102T080000Z-4hx2.toml", message("note", ""));
        let expected = format!("error {path}: the message belongs to T-7k3mqp, which is not there");
        check(find, &[(path, &said)], &[&expected]);
        check(find, &[(path, &said), ("tickets/2026-11/7k3mqp.toml", "= x")], &[]);
    }
}
