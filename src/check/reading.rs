//! What reading a file finds; the findings come from [`crate::text`] and [`crate::desk`].

use super::Rule;

const fn rule(
    name: &'static str,
    what: &'static str,
    why: &'static str,
    example: &'static str,
    cure: &'static str,
) -> Rule {
    Rule { name, what, why, example, cure }
}

pub(super) static RULES: &[Rule] = &[
    rule(
        "not-toml",
        "a file is not TOML",
        "the record cannot be read, so no list shows it; all other records work",
        "a key without a value, a quote that is not closed, a key twice",
        "mend the line that is named; the last good version: git log -p -- FILE",
    ),
    rule(
        "conflict-marker",
        "a file holds the marks of a merge that nobody finished",
        "the record has two versions, and nobody said which is right",
        "<<<<<<< HEAD",
        "edit the file to keep what is right, then git add it",
    ),
    rule(
        "not-utf8",
        "a file is not UTF-8 text",
        "its letters would be read as others",
        "a file saved as Latin-1",
        "save it as UTF-8",
    ),
    rule(
        "too-large",
        "a record is larger than records are read",
        "one file could take all memory",
        "a log pasted into a note",
        "move what is large into an attachment",
    ),
    rule(
        "bad-value",
        "a key has a value of another form than it takes",
        "it reads as unset, so lists and measures leave it out",
        "opened = \"yesterday\", status = \"done\"",
        "write what the finding names, or unset the key with \"\" or []",
    ),
    rule(
        "required-key",
        "a key that must be set is missing or unset",
        "the record cannot be understood without it",
        "a ticket without a title",
        "set it: staple set REF KEY=VALUE",
    ),
    rule(
        "missing-key",
        "a key of the kind is not in the file; it reads as unset",
        "every key is always written so that two people who set different ones merge without a conflict",
        "a record written by an older version, or by hand",
        "staple check --fix adds it",
    ),
    rule(
        "unknown-key",
        "a key that the kind does not have",
        "nothing reads it; often it is misspelt. It is kept",
        "onwer = \"sam\"",
        "rename it by hand, or leave it if it is yours",
    ),
    rule(
        "foreign-key",
        "a message has a key of another kind of message",
        "nothing reads it; often the kind is wrong",
        "kind = \"note\" with request = \"..\"",
        "mend `kind`, or take the key out",
    ),
    rule(
        "no-targets",
        "a key sets a number to reach",
        "people then serve the number and not the customer; what a measure shows is lost when it is a target",
        "target-hours = 4",
        "say in words what you are after (aims of a team) and watch the measure itself",
    ),
    rule(
        "two-files",
        "a record is in two files",
        "readers take one of the two",
        "7k3mqp.toml in tickets/2026-10 and in tickets/2026-11",
        "keep the one in the month the ticket was opened and remove the other",
    ),
    rule(
        "unmerged",
        "a file is in the middle of a merge",
        "the record has two versions; until it is solved, the committed one is read",
        "git status says: both modified",
        "edit it to keep what is right, then git add it and finish the merge",
    ),
    rule(
        "symlink",
        "a file or folder of the desk is a symbolic link",
        "a link can lead anywhere, so it is never followed and never written through",
        "tickets -> /srv/tickets",
        "put a real file or folder in its place",
    ),
    rule(
        "unreadable",
        "a file cannot be read",
        "the record is missing from every answer",
        "a file without read permission",
        "check its permissions and the disk",
    ),
    rule(
        "bad-setting",
        "a setting has a value that it cannot take",
        "the default counts instead, and nobody notices",
        "zone = \"Berlin\"",
        "staple config set zone Europe/Berlin",
    ),
    rule(
        "unknown-setting",
        "there is no setting of this name",
        "nothing reads it; often it is misspelt",
        "bind-afer-days = 30",
        "staple config list names them all",
    ),
    rule(
        "setting-not-allowed",
        "the desk names a program or a path",
        "whoever may push to the desk could run it on your machine; it is never used",
        "editor = \"run-me\" in staple.toml",
        "take it out of staple.toml; each person sets it for themselves",
    ),
    rule(
        "misplaced-setting",
        "a setting stands where it does not count",
        "a desk's setting in your own file would make your lists differ from everybody's",
        "zone = \"Asia/Tokyo\" in a person's own settings",
        "put it where the finding says",
    ),
];
