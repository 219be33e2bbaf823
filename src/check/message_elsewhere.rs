//! Messages in another month's folder than their ticket.

use super::{Input, Rule, messages};
use crate::record::finding::Finding;
use crate::record::shell::shell_word;

pub(super) static RULE: Rule = Rule {
    name: "message-elsewhere",
    what: "a message lies in another month's folder than its ticket",
    why: "commands look for messages beside their ticket and do not see it",
    example: "tickets/2026-12/7k3mqp.20261202T080000Z-4hx2.toml beside a ticket in tickets/2026-11",
    cure: "move the file to its ticket's folder with git mv",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let mut out = Vec::new();
    for message in messages(input.records) {
        let Some(ticket) = message.ticket_id().and_then(|id| input.records.ticket(id)) else { continue };
        let home = folder(&ticket.path);
        // Which of two files is the ticket's home is for somebody to say first.
        let has_two = input
            .records
            .findings
            .iter()
            .any(|f| f.rule == "two-files" && f.path.ends_with(&ticket.path[home.len()..]));
        if folder(&message.path) != home && !has_two {
            let words = format!("the message lies apart from its ticket, which is in {home}");
            let hint = format!("git mv {} {home}/", shell_word(&message.path));
            out.push(Finding::error(RULE.name, &message.path, words).hint(hint));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, message, ticket};
    use super::*;

    #[test]
    fn a_message_belongs_beside_its_ticket() {
        let (a, said) = (ticket("new", ""), message("note", ""));
        check(
            find,
            &[
                ("tickets/2026-11/7k3mqp.toml", &a),
                ("tickets/2026-11/7k3mqp.20261102T080000Z-4hx2.toml", &said),
                ("tickets/2026-12/7k3mqp.20261202T080000Z-4hx2.toml", &said),
            ],
            &["error tickets/2026-12/7k3mqp.20261202T080000Z-4hx2.toml: the message lies apart from its ticket, \
               which is in tickets/2026-11"],
        );
    }
}
