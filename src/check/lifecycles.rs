//! What each state of a ticket, playbook or proposal needs; the rules themselves are in [`crate::record::lifecycle`].

use super::{Input, Rule, rule};
use crate::record::finding::Finding;
use crate::record::{Kind, Record, lifecycle};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for record in input.records.all() {
        let messages: Vec<&Record> = match (record.kind, record.ticket_id()) {
            (Kind::Ticket, Some(id)) => input.records.messages(id).iter().collect(),
            _ => Vec::new(),
        };
        out.extend(lifecycle::findings(record, &messages));
    }
    out
}

/// For tickets that were imported each of these is a note: their past was lived elsewhere.
pub(super) static RULES: &[Rule] = &[
    rule(
        "one-owner",
        "a ticket that is worked on or waits has no owner",
        "what belongs to everybody is done by nobody",
        "status = \"working\", owner = \"\"",
        "staple ticket take T-7k3mqp",
    ),
    rule(
        "waiting-says-why",
        "a waiting ticket does not say on whom, for what, or when the customer hears next",
        "a wait that nobody explains is a silence to the customer",
        "status = \"waiting\", next-update = \"\"",
        "staple ticket wait T-7k3mqp ON \"FOR\" --next-update WHEN",
    ),
    rule(
        "resolution",
        "a done ticket does not say how it ended, or in a way that does not go with its state",
        "answered, fixed and declined are different to the customer and to whoever learns from it",
        "status = \"resolved\", resolution = \"spam\"",
        "staple set T-7k3mqp resolution=answered",
    ),
    rule(
        "resolved-needs-reply",
        "a ticket is resolved and the customer was never told anything",
        "it is not over for the customer before they know",
        "status = \"resolved\" without a reply",
        "staple ticket reply T-7k3mqp -m \"what you did\"",
    ),
    rule(
        "duplicate-of",
        "a duplicate does not name the ticket that stands for it, or names itself",
        "its customer could not be told when the other is solved",
        "status = \"duplicate\", duplicate-of = \"\"",
        "staple set T-7k3mqp duplicate-of=T-9d2wxa",
    ),
    rule(
        "time-order",
        "a time or day lies before the one it must follow",
        "what is counted from it would be negative",
        "next-update before opened, a trial that ends before it begins",
        "set the wrong one of the two: staple set REF KEY=WHEN",
    ),
    rule(
        "waiting-leftover",
        "a ticket that does not wait still says on whom",
        "lists of what waits on whom would show it",
        "status = \"working\", waiting-on = \"customer\"",
        "staple set T-7k3mqp waiting-on= waiting-for=",
    ),
    rule(
        "resolution-leftover",
        "an open ticket has a resolution",
        "it reads as open in one place and as solved in another; often two people changed it at once",
        "status = \"working\", resolution = \"fixed\"",
        "staple set T-7k3mqp resolution=",
    ),
    rule(
        "duplicate-leftover",
        "a ticket that is no duplicate names one it is a duplicate of",
        "it reads as a duplicate in one place and not in another",
        "status = \"working\", duplicate-of = \"T-9d2wxa\"",
        "staple set T-7k3mqp duplicate-of=",
    ),
    rule(
        "published-needs-answer",
        "a published playbook has no answer",
        "customers would read a page without an answer",
        "status = \"published\", answer = \"\"",
        "staple set playbook:SLUG answer=\"what the customer should read\"",
    ),
    rule(
        "heard-needs-answer",
        "a proposal was heard and has no answer",
        "whoever raised it is owed what was said",
        "status = \"heard\", answer = \"\"",
        "staple proposal hear SLUG --answer \"what was said\"",
    ),
    rule(
        "trial-needs-days",
        "a proposal is on trial without a first or last day",
        "a trial without an end is a change nobody decided on",
        "status = \"trial\", trial-until = \"\"",
        "staple proposal trial SLUG --until DAY",
    ),
    rule(
        "say-what-happened",
        "an adopted or reverted proposal does not say what it brought",
        "the next one with the same idea starts from nothing",
        "status = \"adopted\", what-happened = \"\"",
        "staple proposal adopt SLUG --what-happened \"what it brought\"",
    ),
    rule(
        "honest-decline",
        "a declined proposal does not say why, or what would open it again",
        "people stop proposing where no is all they hear",
        "status = \"declined\", reason = \"\"",
        "staple proposal decline SLUG --reason \"why\" --would-reopen-if \"what\"",
    ),
    rule(
        "deferred-needs-revisit",
        "a deferred proposal has no day to take it up again",
        "deferred without a day is declined without saying so",
        "status = \"deferred\", revisit = \"\"",
        "staple proposal defer SLUG --revisit DAY",
    ),
    rule(
        "superseded-by",
        "a superseded proposal does not name the one that stands for it",
        "whoever finds it cannot follow the idea",
        "status = \"superseded\", superseded-by = \"\"",
        "staple proposal supersede SLUG --by SLUG",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::testing::{check, ticket};
    use super::*;

    #[test]
    fn a_broken_rule_is_an_error_and_of_an_imported_ticket_a_note() {
        let (ours, theirs) = (ticket("working", ""), ticket("working", "origin-system = \"old\"\n"));
        check(
            find,
            &[("tickets/2026-11/a00000.toml", &ours), ("tickets/2026-11/b00000.toml", &theirs)],
            &[
                "error tickets/2026-11/a00000.toml: T-a00000 is worked on and needs `owner`",
                "note tickets/2026-11/b00000.toml: T-b00000 is worked on and needs `owner`",
            ],
        );
    }
}
