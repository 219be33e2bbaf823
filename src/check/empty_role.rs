//! Roles that nobody holds.

use super::{Input, Rule};
use crate::record::Kind;
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "empty-role",
    what: "a role has no holder",
    why: "what the role sees to is seen to by nobody in particular",
    example: "roles/first-line.toml with holders = []",
    cure: "name somebody: staple set role:first-line holders+=sam; or end the role: staple retire role:first-line",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let open = |retired: Option<crate::record::time::Day>| retired.is_none_or(|day| day > input.today);
    input
        .records
        .of(Kind::Role)
        .filter(|role| open(role.day("retired")) && role.list("holders").is_empty())
        .map(|role| {
            let message = format!("`holders` is empty: nobody holds {}", role.reference());
            let hint = format!("staple set {0} holders+=PERSON, or staple retire {0}", role.reference());
            Finding::note(RULE.name, &role.path, message).hint(hint)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_role_needs_a_holder_until_it_ends() {
        check(
            find,
            &[
                ("roles/a.toml", "title = \"A\"\nholders = []\n"),
                ("roles/b.toml", "title = \"B\"\nholders = [\"sam\"]\n"),
                ("roles/c.toml", "title = \"C\"\nretired = 2026-01-01\n"),
            ],
            &["note roles/a.toml: `holders` is empty: nobody holds role:a"],
        );
    }
}
