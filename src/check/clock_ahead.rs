//! Commits from clocks that were ahead.

use super::{Input, Rule};
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "clock-ahead",
    what: "a commit carries a date more than a day after commits that build on it",
    why: "the date cannot be true; it is read as the later commit's date, so that it changes no answer about today",
    example: "a commit of 2099 below one of 2026",
    cure: "set the clock of the machine that made it; nothing has to be rewritten",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let finding = |clock: &super::Clock| {
        let message = format!("commit {} is dated {}; it counts as {}", clock.commit, clock.recorded, clock.cut_to);
        Finding::warning(RULE.name, "history", message).hint("check the clock of the machine that made it")
    };
    input.clocks.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Clock;
    use super::super::testing::check_with;
    use super::*;
    use crate::record::time::Time;

    #[test]
    fn a_commit_of_2099_is_told() {
        let time = |text| Time::parse(text).unwrap();
        let clock = Clock {
            commit: "3f2a1bc".to_owned(),
            recorded: time("2099-01-01T00:00:00Z"),
            cut_to: time("2026-11-22T00:00:00Z"),
        };
        let expected =
            "warning history: commit 3f2a1bc is dated 2099-01-01T00:00:00Z; it counts as 2026-11-22T00:00:00Z";
        check_with(find, &[], &[clock], &[expected]);
    }
}
