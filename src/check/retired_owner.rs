//! Open tickets of people who have left.

use super::{Input, Rule};
use crate::record::finding::Finding;
use crate::record::{Kind, ticket};

pub(super) static RULE: Rule = Rule {
    name: "retired-owner",
    what: "an open ticket belongs to somebody who has left",
    why: "the customer waits for a person who is not there any more",
    example: "owner = \"robin\", and people/robin.toml has retired = 2026-10-31",
    cure: "give it to somebody: staple ticket take T-7k3mqp --for sam",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for ticket in input.records.tickets().filter(|t| !ticket::is_done(t.text("status"))) {
        let owner = ticket.text("owner");
        let Some(person) = input.records.slug(Kind::Person, owner) else { continue };
        if let Some(day) = person.day("retired").filter(|day| *day <= input.today) {
            let message = format!("`owner` is {owner}, who left on {day}");
            let hint = format!("staple ticket take {} --for PERSON", ticket.reference());
            out.push(Finding::warning(RULE.name, &ticket.path, message).hint(hint));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, ticket};
    use super::*;

    #[test]
    fn only_open_tickets_of_people_who_have_left_are_told() {
        let mine = |status: &str, owner: &str| ticket(status, &format!("owner = \"{owner}\"\n"));
        check(
            find,
            &[
                ("people/robin.toml", "name = \"Robin\"\nretired = 2026-10-31\n"),
                ("people/sam.toml", "name = \"Sam\"\nretired = 2027-10-31\n"),
                ("tickets/2026-11/a00000.toml", &mine("working", "robin")),
                ("tickets/2026-11/b00000.toml", &mine("resolved", "robin")),
                ("tickets/2026-11/c00000.toml", &mine("working", "sam")),
            ],
            &["warning tickets/2026-11/a00000.toml: `owner` is robin, who left on 2026-10-31"],
        );
    }
}
