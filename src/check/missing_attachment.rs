//! Attachments that are named but not there.

use std::collections::BTreeSet;

use super::{Input, Rule, messages};
use crate::record::Name;
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "missing-attachment",
    what: "a message names an attachment that is not there",
    why: "what the customer sent is lost, or was never committed",
    example: "attachments = [\"log.txt\"] without the file 7k3mqp.20261102T080000Z-4hx2.log.txt",
    cure: "put the file beside the message under its whole name and commit it, or take the name out",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let there: BTreeSet<_> = input.records.attachments().collect();
    let mut out = Vec::new();
    for message in messages(input.records) {
        let Name::Message(ticket, id) = &message.name else { continue };
        for file in message.list("attachments") {
            if !there.contains(&(*ticket, *id, file.clone())) {
                let words = format!("`attachments` of message {id} names {file}, which is not there");
                let folder = message.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let hint = format!("put it at {folder}/{}.{id}.{file}, or take the name out", ticket.as_str());
                out.push(Finding::error(RULE.name, &message.path, words).hint(hint));
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
    fn every_name_needs_its_file() {
        let (a, said) = (ticket("new", ""), message("received", "attachments = [\"a.png\", \"b.png\"]\n"));
        let start = "tickets/2026-11/7k3mqp.20261102T080000Z-4hx2";
        check(
            find,
            &[("tickets/2026-11/7k3mqp.toml", &a), (&format!("{start}.toml"), &said), (&format!("{start}.a.png"), "")],
            &[&format!(
                "error {start}.toml: `attachments` of message 20261102T080000Z-4hx2 names b.png, which is not there"
            )],
        );
    }
}
