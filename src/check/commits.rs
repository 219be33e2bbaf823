//! What is wrong with the messages of commits: links that lead nowhere, and fixes that name no ticket.

use super::{Rule, rule};
use crate::record::commit_words::CommitWords;
use crate::record::finding::Finding;
use crate::record::id::{TicketId, TicketPrefix};

/// The rules of commits, in the order of their documentation.
pub(super) static RULES: [Rule; 3] = [
    rule(
        "commit-id",
        "a commit names a ticket by less or more than its whole id",
        "only whole ids link, so the desk does not see the fix and nobody tells the customer",
        "Fixes: T-7k3",
        "write the whole id before the commit is made, or link it: staple ticket link T-7k3mqp COMMIT",
    ),
    rule(
        "commit-ticket",
        "a commit says that it fixes a ticket that the desk does not have",
        "the fix is linked to nothing",
        "Fixes: T-9zzzzz where no ticket has that id",
        "find the ticket: staple search WORDS",
    ),
    rule(
        "commit-unlinked",
        "a commit says that it fixes something and names no ticket",
        "whoever reported it is not told, and the desk cannot say what the release ends",
        "fix: dates of the export",
        "add a line such as `Fixes: T-7k3mqp`, or leave it where nobody reported it",
    ),
];

/// What is known of the desk's tickets: ids, earlier ids among them, and titles.
#[derive(Debug, Clone, Default)]
pub struct KnownTickets(pub Vec<(TicketId, String)>);

impl KnownTickets {
    fn has(&self, id: TicketId) -> bool {
        self.0.iter().any(|(known, _)| *known == id)
    }

    fn beginning(&self, prefix: &TicketPrefix) -> Vec<&(TicketId, String)> {
        self.0.iter().filter(|(id, _)| prefix.matches(*id)).collect()
    }
}

/// What is wrong with a message; `path` says where it stands, for the findings.
pub fn find(words: &CommitWords, message: &str, path: &str, tickets: &KnownTickets) -> Vec<Finding> {
    let place = |finding: Finding, text: &str| {
        let at = message.lines().enumerate().find_map(|(line, words)| Some((line + 1, words.find(text)? + 1)));
        let (line, column) = at.unwrap_or_default();
        Finding { line, column, ..finding }
    };
    let mut found = Vec::new();
    for text in &words.not_whole {
        let finding = Finding::error(RULES[0].name, path, format!("`{text}` is no whole id, so it links nothing"));
        found.push(place(finding.hint(whole(text, tickets)), text));
    }
    for named in &words.tickets {
        let fixes = named.bond == crate::record::commit_words::Bond::Fixes;
        // What has no digit is a word that looks like an id.
        if fixes && named.sure && !tickets.has(named.ticket) {
            let message = format!("no ticket of the desk is {}", named.ticket);
            let near: Vec<String> = tickets.0.iter().map(|(id, _)| id.to_string()).collect();
            let near = crate::record::nearest::nearest(&named.ticket.to_string(), near.iter().map(String::as_str));
            let hint = match near.first() {
                Some(near) => format!("did you mean {near}?"),
                None => RULES[1].cure.to_owned(),
            };
            found.push(place(Finding::error(RULES[1].name, path, message).hint(hint), &named.line));
        }
    }
    if words.says_fix && words.tickets.is_empty() && words.not_whole.is_empty() {
        let message = "nothing linked: it says that it fixes something, and names no ticket";
        found.push(Finding {
            line: 1,
            column: 1,
            ..Finding::warning(RULES[2].name, path, message).hint(RULES[2].cure)
        });
    }
    found
}

/// The whole ids that somebody may have meant.
fn whole(text: &str, tickets: &KnownTickets) -> String {
    const SHOWN: usize = 4;
    let near = TicketPrefix::parse(text).map(|prefix| tickets.beginning(&prefix)).unwrap_or_default();
    let named = |(id, title): &(TicketId, String)| format!("{id} ({title})");
    match near.as_slice() {
        [] => "a whole id is T- and six characters; see staple list".to_owned(),
        [one] => format!("write {}", named(one)),
        many => {
            format!("write one of {}", many.iter().take(SHOWN).map(|one| named(one)).collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::record::commit_words::CLOSING_WORDS;

    fn check(message: &str, expected: &[&str]) {
        let tickets = [("7k3mqp", "Export fails"), ("7k4abc", "Dates"), ("2abcde", "Login")];
        let known = tickets.map(|(id, title)| (TicketId::parse(id).unwrap(), title.to_owned())).to_vec();
        let words = CommitWords::read(message, &CLOSING_WORDS.map(str::to_owned));
        let found = find(&words, message, "commit abc1234", &KnownTickets(known));
        let told: Vec<String> =
            found.iter().map(|one| format!("{} {}:{} {}", one.rule, one.line, one.column, one.hint)).collect();
        assert_eq!(told, expected, "{message}");
    }

    #[test]
    fn a_part_of_an_id_is_answered_with_the_whole() {
        check("Renew\n\nFixes: T-7k3", &["commit-id 3:8 write T-7k3mqp (Export fails)"]);
        check("Renew\n\nFixes: T-7k3mqpx", &["commit-id 3:8 a whole id is T- and six characters; see staple list"]);
        check("Renew\n\nFixes: T-7k3mqp", &[]);
    }

    #[test]
    fn a_ticket_that_is_not_there_is_answered_with_the_nearest() {
        check("Renew\n\nFixes: T-7k3mpp", &["commit-ticket 3:1 did you mean T-7k3mqp?"]);
        check("Renew, like T-9zzzzz", &[]);
    }

    #[test]
    fn a_fix_that_names_no_ticket_is_said_loudly() {
        check("fix: dates", &[&format!("commit-unlinked 1:1 {}", RULES[2].cure)]);
        check("fix: dates\n\nRefs: T-7k3mqp", &[]);
        check("Add dates", &[]);
    }
}
