//! Attachments that no message names.

use std::collections::BTreeSet;

use super::{Input, Rule, messages};
use crate::record::Name;
use crate::record::finding::Finding;
use crate::store::layout;

pub(super) static RULE: Rule = Rule {
    name: "unnamed-attachment",
    what: "an attachment is there, and its message does not name it",
    why: "nothing shows it",
    example: "7k3mqp.20261102T080000Z-4hx2.log.txt, and the message has attachments = []",
    cure: "name it in the message's `attachments`, or take the file away with git rm",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut named = BTreeSet::new();
    for message in messages(input.records) {
        if let Name::Message(ticket, id) = &message.name {
            named.extend(message.list("attachments").iter().map(|file| (*ticket, *id, file.as_str())));
        }
    }
    let mut out = Vec::new();
    for (ticket, id, file) in input.records.attachments() {
        if named.contains(&(*ticket, *id, file.as_str())) {
            continue;
        }
        let home = input.records.ticket(*ticket).map_or("tickets/?.toml", |ticket| ticket.path.as_str());
        let path = layout::attachment_path(home, *id, file);
        let message = format!("message {id} does not name this attachment");
        out.push(Finding::warning(RULE.name, &path, message).hint(format!("name {file} in its `attachments`")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, message, ticket};
    use super::*;

    #[test]
    fn every_file_needs_its_name() {
        let (a, said) = (ticket("new", ""), message("received", "attachments = [\"a.png\"]\n"));
        let start = "tickets/2026-11/7k3mqp.20261102T080000Z-4hx2";
        check(
            find,
            &[
                ("tickets/2026-11/7k3mqp.toml", &a),
                (&format!("{start}.toml"), &said),
                (&format!("{start}.a.png"), ""),
                (&format!("{start}.b.png"), ""),
            ],
            &[&format!("warning {start}.b.png: message 20261102T080000Z-4hx2 does not name this attachment")],
        );
    }
}
