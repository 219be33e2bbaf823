//! Saved queries that can be asked of no kind of record.

use super::{Input, Rule};
use crate::desk::saved;
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "saved-query",
    what: "a saved query cannot be read: a field or value that no kind has, or queries that stand for each other",
    why: "whoever uses it by name gets an error in place of a list",
    example: "query = \"topik:billing\", or query:a says query:b and query:b says query:a",
    cure: "mend it: staple set query:stuck query=\"is:open older:14d\"",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    saved::findings(input.records)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn what_can_be_asked_of_no_kind_is_told() {
        let query = |text: &str| format!("title = \"a\"\nquery = \"{text}\"\n");
        check(
            find,
            &[
                ("queries/bad.toml", &query("topik:billing")),
                ("queries/circle.toml", &query("x or query:round")),
                ("queries/good.toml", &query("is:flagged sort:title")),
                ("queries/round.toml", &query("query:circle")),
                ("queries/uses.toml", &query("query:good x")),
            ],
            &[
                "error queries/bad.toml: `query` cannot be read: column 1: no field `topik`; did you mean topic or topics?",
                "error queries/circle.toml: `query` cannot be read: column 12: these queries stand for each other: \
                 query:round, query:circle, query:round",
                "error queries/round.toml: `query` cannot be read: column 7: these queries stand for each other: \
                 query:circle, query:round, query:circle",
            ],
        );
    }
}
