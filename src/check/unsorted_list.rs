//! Lists out of order.

use super::{Input, Rule, everything};
use crate::record::finding::Finding;
use crate::record::schema::Type;

pub(super) static RULE: Rule = Rule {
    name: "unsorted-list",
    what: "a list that is kept sorted is not",
    why: "two people who add the same item in different places have it twice after a merge",
    example: "labels = [\"pdf\", \"month-end\"]",
    cure: "staple check --fix sorts it, one item a line",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for record in everything(input.records) {
        for key in record.schema().keys.iter().filter(|key| matches!(key.ty, Type::List | Type::Refs(_))) {
            if !record.list(key.name).is_sorted() {
                let message = format!("`{}` is not sorted", key.name);
                out.push(Finding::note(RULE.name, &record.path, message).hint("staple check --fix"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn steps_have_an_order_of_their_own() {
        let text = "title = \"a\"\nsymptoms = [\"b\", \"a\"]\nsteps = [\"b\", \"a\"]\n";
        check(find, &[("playbooks/a.toml", text)], &["note playbooks/a.toml: `symptoms` is not sorted"]);
    }
}
