//! Files that some machines cannot tell apart.

use std::collections::BTreeMap;

use super::{Input, Rule, everything};
use crate::record::finding::Finding;
use crate::record::shell::shell_word;

pub(super) static RULE: Rule = Rule {
    name: "same-path",
    what: "two files have names that differ in case alone",
    why: "on macOS and Windows one of them takes the other's place when the desk is checked out",
    example: "people/sam.toml and people/Sam.toml",
    cure: "give one another name with git mv, or take it away with git rm",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let attachments = input.records.attachments().filter_map(|(ticket, message, file)| {
        let home = input.records.ticket(*ticket)?;
        Some(crate::store::layout::attachment_path(&home.path, *message, file))
    });
    let mut paths: Vec<String> = everything(input.records).map(|record| record.path.clone()).collect();
    paths.extend(input.records.strangers.iter().cloned());
    paths.extend(attachments);
    paths.sort();
    paths.dedup();
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    let mut out = Vec::new();
    for path in paths {
        match first.get(&path.to_lowercase()) {
            Some(other) => {
                let message = format!("the name differs from {other} in case alone");
                out.push(
                    Finding::error(RULE.name, &path, message).hint(format!("git mv {} OTHER-NAME", shell_word(&path))),
                );
            }
            None => drop(first.insert(path.to_lowercase(), path)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn case_makes_no_other_file() {
        check(
            find,
            &[("people/sam.toml", "name = \"Sam\"\n"), ("people/Sam.toml", ""), ("people/al.toml", "name = \"Al\"\n")],
            &["error people/sam.toml: the name differs from people/Sam.toml in case alone"],
        );
    }
}
