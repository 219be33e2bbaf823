//! Tickets in another month's folder than the month they were opened in.

use super::{Input, Rule};
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "month-folder",
    what: "a ticket lies in another month's folder than the UTC month of `opened`",
    why: "the folder is chosen once and never changes, so this is no fault when `opened` was corrected later",
    example: "tickets/2026-11/7k3mqp.toml with opened = 2026-10-31T22:00:00Z",
    cure: "nothing has to be done; moving the file would part it from messages that others add meanwhile",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for ticket in input.records.tickets() {
        let Some(opened) = ticket.time("opened") else { continue };
        let month = opened.to_string()[..7].to_owned();
        let folder = ticket.path.split('/').nth(1).unwrap_or_default();
        if folder != month {
            let message = format!("`opened` is in {month}, and the file is in {folder}; it may stay there");
            out.push(Finding::note(RULE.name, &ticket.path, message));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, ticket};
    use super::*;

    #[test]
    fn another_month_is_a_note() {
        let text = ticket("new", "");
        check(
            find,
            &[("tickets/2026-10/a00000.toml", &text), ("tickets/2026-11/b00000.toml", &text)],
            &[
                "note tickets/2026-10/a00000.toml: `opened` is in 2026-11, and the file is in 2026-10; it may stay there",
            ],
        );
    }
}
