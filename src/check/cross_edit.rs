//! Findings that a merge made: each side kept the rules, and both together break one.

use std::collections::{HashMap, HashSet};

use super::Rule;
use crate::record::finding::{Finding, Severity};

pub(super) static RULE: Rule = Rule {
    name: "cross-edit",
    what: "two branches each changed a record rightly, and together they break a rule",
    why: "the merge was clean, so nobody looked; the record says two things that do not go together",
    example: "resolved on one branch, set waiting on another",
    cure: "look at both commits and set the record right: staple history T-7k3mqp, then staple set",
};

/// What a finding is, whatever line it stands on.
fn identity(finding: &Finding) -> (&'static str, &str, &str, u64) {
    (finding.rule, &finding.path, &finding.message, finding.about)
}

/// Findings that are not among `before`, as often as they are there.
pub fn new_ones(found: Vec<Finding>, before: &[Finding]) -> Vec<Finding> {
    let mut known: HashMap<_, usize> = HashMap::new();
    for finding in before {
        *known.entry(identity(finding)).or_default() += 1;
    }
    let mut old = Vec::with_capacity(found.len());
    for finding in &found {
        let left = known.get_mut(&identity(finding)).filter(|left| **left > 0);
        old.push(left.is_some());
        left.into_iter().for_each(|left| *left -= 1);
    }
    found.into_iter().zip(old).filter(|(_, old)| !old).map(|(finding, _)| finding).collect()
}

/// Says of each finding that neither side of a merge has which commits brought it about; `last` gives for a path the last commit of
/// each side that changed it, where both did.
pub fn tell(found: &mut [Finding], sides: [&[Finding]; 2], last: impl Fn(&str) -> Option<[String; 2]>) {
    let known: HashSet<_> = sides.into_iter().flatten().map(identity).collect();
    for finding in found {
        if finding.severity == Severity::Note || known.contains(&identity(finding)) {
            continue;
        }
        if let Some([one, other]) = last(&finding.path) {
            finding.message =
                format!("{}, since {one} and {other} each changed it ({})", finding.message, finding.rule);
            finding.rule = RULE.name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rule: &'static str, path: &str) -> Finding {
        Finding::error(rule, path, "wrong")
    }

    #[test]
    fn what_was_there_before_is_left_out_wherever_it_stands_now() {
        let before = [found("a", "x").at(3, 1), found("b", "x")];
        let now = vec![found("a", "x").at(9, 1), found("a", "x"), found("c", "x")];
        let left: Vec<&str> = new_ones(now, &before).iter().map(|finding| finding.rule).collect();
        assert_eq!(left, ["a", "c"]);
    }

    #[test]
    fn only_what_neither_side_had_is_of_both() {
        let mut now = vec![found("a", "x"), found("b", "x"), found("b", "y")];
        let last = |path: &str| (path == "x").then(|| ["abc1234".to_owned(), "def5678".to_owned()]);
        tell(&mut now, [&[found("a", "x")], &[]], last);
        assert_eq!(now.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["a", "cross-edit", "b"]);
        assert_eq!(now[1].message, "wrong, since abc1234 and def5678 each changed it (b)");
    }
}
