//! Months with more tickets than the layout is made for.

use std::collections::BTreeMap;

use super::{Input, Rule};
use crate::record::finding::Finding;

/// The most tickets of a month that stay quick.
const MOST: usize = 2_000;

pub(super) static RULE: Rule = Rule {
    name: "crowded-month",
    what: "a month folder has more than 2,000 tickets",
    why: "every commit writes the month's list of files anew; the layout is made for about 1,000 tickets a month",
    example: "tickets/2026-11 with 2,400 tickets",
    cure: "split the desk by product or customer, or bind done tickets sooner: staple bind --older 14",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut months: BTreeMap<&str, usize> = BTreeMap::new();
    for ticket in input.records.tickets() {
        *months.entry(ticket.path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default() += 1;
    }
    months
        .into_iter()
        .filter(|(_, count)| *count > MOST)
        .map(|(folder, count)| {
            let message = format!("{count} tickets in one month; the layout is made for up to about 1,000");
            Finding::warning(RULE.name, folder, message).hint("bind done tickets sooner: staple bind --older 14")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, ticket};
    use super::*;

    #[test]
    fn two_thousand_and_one_are_too_many() {
        let text = ticket("new", "");
        let paths: Vec<String> = (0..2_001).map(|n| format!("tickets/2026-11/a{n:05}.toml")).collect();
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), text.as_str())).collect();
        check(find, &files[1..], &[]);
        let words = "2001 tickets in one month; the layout is made for up to about 1,000";
        check(find, &files, &[&format!("warning tickets/2026-11: {words}")]);
    }
}
