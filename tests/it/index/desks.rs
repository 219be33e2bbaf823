//! Desks with odd things in them, and walks from one state to the next, each asked everything both ways.

use super::questions::{ask, ask_a_third, ask_few, ask_these};
use crate::common::TestEnvironment;
use crate::golden;

/// A desk with two customers and a few tickets; their ids.
pub(super) fn small() -> (TestEnvironment, Vec<String>) {
    let e = TestEnvironment::new();
    e.git(&["config", "--global", "core.fsync", "none"]);
    let ids = fill(&e, &["init"]);
    (e, ids)
}

fn fill(e: &TestEnvironment, init: &[&str]) -> Vec<String> {
    e.at("2026-09-01T09:00:00Z").staple_ok(init);
    e.staple_ok(&["customer", "new", "acme", "Acme GmbH"]);
    e.staple_ok(&["customer", "new", "bolt", "Bolt & Söhne"]);
    e.staple_ok(&["topic", "new", "billing", "Billing"]);
    e.staple_ok(&["team", "new", "engineering", "Engineering"]);
    e.staple_ok(&["person", "new", "kim", "Kim Lake"]);
    e.staple_ok(&["playbook", "new", "Reset a password", "--answer", "Follow the link on the white page."]);
    let mut ids = Vec::new();
    for (i, title) in
        ["The export fails", "Cannot log in", "Invoice twice", "Password lost", "White page"].iter().enumerate()
    {
        e.at(&format!("2026-{:02}-03T10:00:00Z", 9 + i / 2));
        let customer = ["acme", "bolt"][i % 2];
        e.write("letter.txt", format!("letter {i}\n"));
        let mut args = vec!["new", title, "--customer", customer, "--text", "It stops. Düsseldorf waits."];
        if i % 2 == 0 {
            args.extend(["--topic", "billing", "--attach", "letter.txt", "--severity", "stuck", "--label", "vip"]);
        }
        ids.push(e.staple_ok(&args).trim().to_owned());
        std::fs::remove_file(e.dir().join("letter.txt")).unwrap();
    }
    e.at("2026-11-04T10:00:00Z").staple_ok(&["take", &ids[0]]);
    e.staple_ok(&["set", &ids[1], &format!("follows={}", ids[0])]);
    e.staple_ok(&["set", &ids[2], &format!("blocked-by+={}", ids[1])]);
    e.staple_ok(&["wait", &ids[1], "team:engineering", "a fix", "--next-update", "2026-11-20T09:00:00Z"]);
    e.staple_ok(&["customer", "talked", "acme", "-m", "They are content."]);
    e.at("2026-11-05T10:00:00Z");
    e.staple_ok(&[
        "reply",
        &ids[3],
        "-m",
        "We sent a new one.",
        "--resolve",
        "answered",
        "--playbook",
        "reset-password",
    ]);
    e.staple_ok(&["list", "older:7d", "severity:stuck", "--save", "stuck"]);
    e.at("2026-11-22T09:15:00Z");
    ids
}

fn refs(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

/// The path of a ticket's file.
pub(super) fn path_of(e: &TestEnvironment, id: &str) -> String {
    let name = format!("/{}.toml", &id[2..]);
    e.files().into_iter().find(|path| path.ends_with(&name)).expect("a ticket's file")
}

/// Writes as editors do: another file in the place of the old one.
fn edit(e: &TestEnvironment, path: &str, text: impl AsRef<[u8]>) {
    let beside = format!("{path}.new");
    e.write(&beside, text);
    std::fs::rename(e.dir().join(&beside), e.dir().join(path)).unwrap();
}

fn commit(e: &TestEnvironment, what: &str) {
    e.git(&["add", "-A"]);
    e.git(&["commit", "--quiet", "--allow-empty", "-m", what]);
}

#[test]
fn a_sample_desk_says_the_same_with_the_index_and_without() {
    let e = TestEnvironment::new();
    e.at("2026-11-23T09:15:00Z");
    e.git(&["config", "--global", "core.fsync", "none"]);
    e.staple_ok(&["demo", "."]);
    let listed = e.staple_ok(&["list", "--all", "--template", "{{ ref }}"]);
    ask_a_third(&e, listed.lines().nth(40).unwrap());
}

#[test]
fn a_small_desk_says_the_same_with_the_index_and_without() {
    let (e, ids) = small();
    ask(&e, &refs(&ids));
    ask(&e, &[]);
}

#[test]
fn a_file_of_every_kind_says_the_same_with_the_index_and_without() {
    let e = TestEnvironment::with_repository();
    for (path, text) in golden::files() {
        e.write(&path, text);
    }
    ask(&e, &["T-7k3mqp"]);
    commit(&e, "Everything");
    ask(&e, &["T-7k3mqp", "T-9d2wxa", "T-4fz8rk"]);
    let all =
        ["show", "talk:20261122T101500Z-9a3f", "larger-export-test", "brightwater", "robin", "first-line", "--json"];
    ask_these(&e, &[all.to_vec()]);
}

#[test]
fn edits_that_are_not_committed_say_the_same_with_the_index_and_without() {
    let (e, ids) = small();
    let refs = refs(&ids);
    e.staple_ok(&["list"]);
    let open = path_of(&e, &ids[0]);
    let done = path_of(&e, &ids[3]);
    let was = e.read(&open);
    e.write(&open, was.replace("The export fails", "The export hangs"));
    ask(&e, &refs);
    edit(&e, &done, e.read(&done).replace("Password lost", "Passport lost"));
    e.write("customers/acme.toml", "name = \"Acme AG\"\n");
    e.write("customers/new-one.toml", "name = \"New One\"\n");
    ask(&e, &refs);
    // A message that somebody wrote by hand, and one without its ticket.
    let folder = open.rsplit_once('/').unwrap().0.to_owned();
    let message =
        "kind = \"received\"\n\nat = 2026-11-21T08:00:00Z\n\nby = \"customer\"\n\ntext = \"A letter by hand.\"\n";
    e.write(&format!("{folder}/{}.20261121T080000Z-9x9x.toml", &ids[0][2..]), message);
    e.write(&format!("{folder}/zzzzzz.20261121T080000Z-9x9y.toml"), message);
    e.write(&format!("{folder}/{}.20261121T080000Z-9x9x.note.txt", &ids[0][2..]), "attached\n");
    ask(&e, &refs);
    std::fs::remove_file(e.dir().join(path_of(&e, &ids[4]))).unwrap();
    std::fs::remove_file(e.dir().join("customers/bolt.toml")).unwrap();
    e.write("topics/billing.toml", "<<<<<<< ours\nname = \n");
    e.write(&open, "not a table\n");
    ask(&e, &refs);
    commit(&e, "All of it by hand");
    ask(&e, &refs);
    e.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    ask(&e, &refs);
    e.git(&["reset", "--quiet", "--soft", "HEAD~3"]);
    ask(&e, &refs);
}

#[test]
fn what_is_wrong_in_commits_says_the_same_with_the_index_and_without() {
    let (e, ids) = small();
    let refs = refs(&ids);
    let (one, two) = (path_of(&e, &ids[0]), path_of(&e, &ids[1]));
    let text = e.read(&one);
    e.write(&one, format!("<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n"));
    e.write("topics/billing.toml", "name = 3 4\n");
    commit(&e, "Markers");
    ask_few(&e, &refs, 0);
    e.write(&two, e.read(&two).replace('\n', "\r\n"));
    e.write(&one, text.replace("customer = \"acme\"", "customer = \"Ärger\"\n\nextra = [1, 2]\n\nother = \"kept\""));
    commit(&e, "CRLF, and keys nobody knows");
    ask(&e, &refs);
    ask_these(&e, &[vec!["list", "--all", "customer:ÄRGER"], vec!["list", "--all", "customer:ärger"]]);
    // The same id in two month folders, then in the other one alone.
    e.write(&format!("tickets/2025-01/{}.toml", &ids[0][2..]), text.replace("The export fails", "Elsewhere too"));
    commit(&e, "Twice");
    ask(&e, &refs);
    e.git(&["rm", "--quiet", &one]);
    commit(&e, "Moved");
    ask(&e, &refs);
    // A ticket that goes while its messages stay.
    e.git(&["rm", "--quiet", &two]);
    commit(&e, "Orphans");
    ask(&e, &refs);
    e.write("tickets/2026-10/not-an-id.toml", "title = \"x\"\n");
    e.write("notes/mine.txt", "mine\n");
    e.write(&path_of(&e, &ids[2]), "status = \"of-nothing\"\nopened = 9999-12-31T00:00:00Z\n");
    commit(&e, "Odd names");
    ask(&e, &refs);
}

#[test]
fn commands_say_the_same_after_each_with_the_index_and_without() {
    let (e, ids) = small();
    let refs = refs(&ids);
    let steps: &[&[&str]] = &[
        &["bind", "--older", "10"],
        &["undo"],
        &["undo"],
        &["received", refs[3], "-m", "It is lost again."],
        &["redact", refs[0], "--text", "Düsseldorf"],
        &["redact", refs[2], "--attachment", "letter.txt"],
        &["rename", "customer:acme", "acme-group"],
        &["undo"],
        &["rename", "topic:billing", "money"],
        &["retire", "person:kim"],
        &["retire", "customer:bolt"],
        &["duplicate", refs[4], refs[2]],
        &["undo"],
        &["drop", refs[4], "spam"],
        &["reopen", refs[4], "-m", "It was none."],
        &["set", refs[0], "customer="],
        &["hand-off", refs[0], "person:kim", "--situation", "All of it."],
        &["new", "Nobody's", "--text", "Nothing to see."],
        &["note", refs[0], "-m", "staged", "--stage"],
        &["reply", refs[2], "-m", "Paid back.", "--resolve", "fixed", "--cause", "paid twice", "--playbook", "none"],
        &["bind", "--older", "0"],
    ];
    let mut done = 0;
    for (turn, step) in steps.iter().enumerate() {
        e.at(&format!("2026-11-22T{:02}:{:02}:00Z", 10 + turn / 6, turn % 6 * 10));
        let output = e.staple(step);
        done += usize::from(output.status == 0);
        ask_few(&e, &refs, turn);
    }
    assert!(done >= 15, "{done}");
    ask(&e, &refs);
}

#[test]
fn a_desk_in_a_folder_and_a_linked_work_tree_say_the_same_with_the_index_and_without() {
    let e = TestEnvironment::with_repository();
    e.write("src/main.rs", "fn main() {}\n");
    commit(&e, "A project");
    let ids = fill(&e, &["init", "support"]);
    ask(&e, &refs(&ids));
    e.write("src/main.rs", "fn main() { }\n");
    commit(&e, &format!("Touch the code\n\nFixes: {}\n", ids[0]));
    ask_few(&e, &refs(&ids), 1);
    e.git(&["worktree", "add", "--quiet", "-b", "other", "../home/linked"]);
    let linked = e.home().join("linked");
    let linked = linked.to_str().unwrap();
    e.staple_ok(&["-C", linked, "note", &ids[0], "-m", "from the other tree"]);
    ask_these(
        &e,
        &[
            vec!["-C", linked, "list", "--all", "--json"],
            vec!["-C", linked, "show", &ids[0], "--json"],
            vec!["-C", linked, "history", &ids[0], "--json"],
            vec!["list", "--all", "--json"],
            vec!["show", &ids[0], "--json"],
        ],
    );
    assert!(e.dir().join(".git/worktrees/linked/staple/index-support.sqlite").exists());
}

#[test]
fn a_sparse_checkout_says_the_same_with_the_index_and_without() {
    let (e, ids) = small();
    e.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/tickets/2026-09/", "!/customers/"]);
    ask(&e, &refs(&ids));
    e.staple_ok(&["note", &ids[4], "-m", "seen from afar"]);
    ask_few(&e, &refs(&ids), 3);
    e.git(&["sparse-checkout", "disable"]);
    ask(&e, &refs(&ids));
}

#[test]
fn an_unborn_branch_and_an_empty_desk_say_the_same_with_the_index_and_without() {
    let e = TestEnvironment::with_repository();
    ask(&e, &[]);
    e.write("staple.toml", "format = 1\n");
    ask(&e, &[]);
    commit(&e, "A desk");
    ask(&e, &[]);
    e.git(&["checkout", "--quiet", "--orphan", "fresh"]);
    ask(&e, &[]);
}
