//! Files in record folders that are no records.

use super::{Input, Rule};
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "stranger",
    what: "a file in a folder of records is no record",
    why: "nothing reads it; often it is a record whose name does not follow the layout",
    example: "people/Sam Rivers.toml, tickets/notes.txt",
    cure: "give it the name of a record, or move it out of the folder",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    // Drafts of digests are work in progress; git's own files may lie anywhere.
    let expected = |path: &str| path.starts_with("comms/drafts/") || path.rsplit('/').next().is_some_and(is_usual);
    let strangers = input.records.strangers.iter().filter(|path| !expected(path));
    strangers
        .map(|path| {
            let message = "this is no record, and nothing reads it";
            let hint = "give it the name of a record, or move it elsewhere";
            Finding::note(RULE.name, path, message).hint(hint)
        })
        .collect()
}

fn is_usual(name: &str) -> bool {
    matches!(name, "README.md" | ".gitattributes" | ".gitignore" | ".gitkeep")
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn other_files_are_noted() {
        check(
            find,
            &[("people/Sam Rivers.toml", ""), ("people/README.md", ""), ("comms/drafts/week.md", "")],
            &["note people/Sam Rivers.toml: this is no record, and nothing reads it"],
        );
    }
}
