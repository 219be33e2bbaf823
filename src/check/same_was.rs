//! Earlier ids that lead to more than one ticket.

use std::collections::BTreeMap;

use super::{Input, Rule};
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "same-was",
    what: "two tickets have the same earlier id, or one has an earlier id that another ticket has now",
    why: "a commit or a mail that names the id leads to two tickets",
    example: "was = \"T-2ab3cd\" in two tickets",
    cure: "keep it where it belongs: staple set T-9d2wxa was=",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let ids = input.records.tickets().map(|ticket| (ticket.reference(), ticket.reference()));
    let mut taken: BTreeMap<String, String> = ids.collect();
    let mut out = Vec::new();
    for ticket in input.records.tickets() {
        let (Some(was), id) = (ticket.text_of("was"), ticket.reference()) else { continue };
        if let Some(other) = taken.insert(was.to_owned(), id.clone()) {
            let message = format!("`was` is {was}, which leads to {other} too");
            out.push(Finding::error(RULE.name, &ticket.path, message).hint(format!("staple set {id} was=")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, ticket};
    use super::*;

    #[test]
    fn an_earlier_id_leads_to_one_ticket() {
        let (a, b) = (ticket("new", "was = \"T-d00000\"\n"), ticket("new", "was = \"T-a00000\"\n"));
        check(
            find,
            &[
                ("tickets/2026-11/a00000.toml", &a),
                ("tickets/2026-11/b00000.toml", &a),
                ("tickets/2026-11/c00000.toml", &b),
            ],
            &[
                "error tickets/2026-11/b00000.toml: `was` is T-d00000, which leads to T-a00000 too",
                "error tickets/2026-11/c00000.toml: `was` is T-a00000, which leads to T-a00000 too",
            ],
        );
    }
}
