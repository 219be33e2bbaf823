//! Two people with one address.

use std::collections::BTreeMap;

use super::{Input, Rule};
use crate::record::finding::Finding;
use crate::record::shell::shell_word;
use crate::record::{Kind, Record};

pub(super) static RULE: Rule = Rule {
    name: "same-email",
    what: "two people have the same e-mail address",
    why: "commits carry the address, so the desk cannot tell whose they are",
    example: "sam@example.org among the emails of both sam and samuel",
    cure: "keep it with one of them: staple set person:samuel emails-=sam@example.org",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    let mut out = Vec::new();
    for person in input.records.of(Kind::Person) {
        for email in person.list("emails") {
            let key = email.to_lowercase();
            match first.get(&key).filter(|other| *other != person.slug()) {
                Some(other) => out.push(taken(person, email, other)),
                None => drop(first.insert(key, person.slug().to_owned())),
            }
        }
    }
    out
}

/// That an address of a person is also one of another.
pub(super) fn taken(person: &Record, email: &str, other: &str) -> Finding {
    let message = format!("`emails` has {email}, which is also an address of {other}");
    let hint = format!("staple set {} {}", person.reference(), shell_word(&format!("emails-={email}")));
    Finding::error(RULE.name, &person.path, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn case_makes_no_other_address() {
        check(
            find,
            &[
                ("people/sam.toml", "name = \"Sam\"\nemails = [\"sam@example.org\"]\n"),
                ("people/samuel.toml", "name = \"Sam\"\nemails = [\"Sam@example.org\"]\n"),
            ],
            &["error people/samuel.toml: `emails` has Sam@example.org, which is also an address of sam"],
        );
    }
}
