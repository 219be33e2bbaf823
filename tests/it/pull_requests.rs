//! A branch on its way to the desk: what is wrong since it parted, what it does, in the forms that forges read.

use serde_json::Value;

use crate::common::TestEnvironment;

/// Sam's desk on main with one ticket, and its path.
fn desk() -> (TestEnvironment, String, String) {
    let sam = TestEnvironment::with_repository();
    sam.staple_ok(&["init", ".", "--name", "Acme"]);
    sam.staple_ok(&["new", "Export fails", "--text", "It stops half-way."]);
    let list = sam.staple_ok(&["list", "--template", "{{ ref }} {{ path }}"]);
    let (id, path) = list.trim().split_once(' ').unwrap();
    let (id, path) = (id.to_owned(), path.to_owned());
    (sam, id, path)
}

fn commit_edit(sam: &TestEnvironment, path: &str, from: &str, to: &str) {
    let text = sam.read(path);
    assert!(text.contains(from), "{text}");
    sam.write(path, text.replace(from, to));
    sam.git(&["commit", "--quiet", "--all", "-m", "Edit by hand"]);
}

#[test]
fn only_what_is_new_since_the_branch_parted_is_found() {
    let (sam, id, path) = desk();
    commit_edit(&sam, &path, "channel = \"\"", "channel = \"nowhere\"");
    sam.git(&["checkout", "--quiet", "-b", "topic"]);
    let all = |arguments: &[&str]| {
        let out = sam.staple(&[&["check", "--json"], arguments].concat());
        serde_json::from_str::<Value>(&out.stdout).unwrap()["items"].as_array().unwrap().clone()
    };
    assert!(all(&[]).iter().any(|finding| finding["rule"] == "dangling-reference"));
    assert!(all(&["--base", "main"]).is_empty());
    commit_edit(&sam, &path, "topic = \"\"", "topic = \"nothing\"");
    // The base goes on, and what is wrong there is not the branch's.
    sam.git(&["checkout", "--quiet", "main"]);
    commit_edit(&sam, &path, "owner = \"\"", "owner = \"nobody\"");
    sam.git(&["checkout", "--quiet", "topic"]);
    let found = all(&["--base", "main"]);
    assert!(found.len() == 1 && found[0]["message"].as_str().unwrap().contains("nothing"), "{found:?}");
    assert_eq!(sam.staple(&["check", "--base", "main"]).status, 1);
    let out = sam.staple(&["check", "--base", "main", "--format", "forge"]);
    let start = format!("::error file={path},line=");
    assert!(out.stdout.starts_with(&start) && out.stdout.contains("title=dangling-reference::"), "{}", out.stdout);
    let out = sam.staple(&["check", "--base", "main", "--format", "sarif"]);
    let report: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(report["runs"][0]["results"][0]["ruleId"], "dangling-reference");
    assert_eq!(report["runs"][0]["results"].as_array().unwrap().len(), 1);
    let _ = id;
}

#[test]
fn what_only_both_sides_together_break_names_both_commits() {
    let (sam, _, path) = desk();
    commit_edit(&sam, &path, "owner = \"\"", "owner = \"sam\"");
    sam.git(&["checkout", "--quiet", "-b", "topic"]);
    commit_edit(&sam, &path, "status = \"new\"", "status = \"working\"");
    let one = sam.git(&["rev-parse", "--short=7", "HEAD"]);
    sam.staple_ok(&["check"]);
    sam.git(&["checkout", "--quiet", "main"]);
    commit_edit(&sam, &path, "owner = \"sam\"", "owner = \"\"");
    let other = sam.git(&["rev-parse", "--short=7", "HEAD"]);
    sam.staple_ok(&["check"]);
    sam.git(&["merge", "--quiet", "--no-edit", "topic"]);
    let out = sam.staple(&["check"]);
    let words =
        format!("needs `owner`, since {} and {} each changed it (one-owner) [cross-edit]", other.trim(), one.trim());
    assert!(out.status == 1 && out.stdout.contains(&words), "{}", out.stdout);
    assert!(sam.staple_ok(&["check", "--explain", "cross-edit"]).contains("two branches"));
}

#[test]
fn a_branch_is_told_in_words_for_a_comment() {
    let (sam, id, _) = desk();
    sam.staple_ok(&["playbook", "new", "export", "The export stops"]);
    sam.git(&["checkout", "--quiet", "-b", "topic"]);
    sam.staple_ok(&["reply", &id, "Do this.", "--resolve", "answered", "--playbook", "export"]);
    sam.staple_ok(&["customer", "new", "zeta", "Zeta *Co*"]);
    let expected = format!(
        "**2 records of the desk change**\n\n- {id} (Export fails)\n  - new to resolved, answered\n  - playbook export applied\n  - owner: sam\n  - reply by sam\n- customer:zeta (Zeta \\*Co\\*): new\n"
    );
    assert_eq!(sam.staple_ok(&["review", "--base", "main"]), expected);
    sam.git(&["checkout", "--quiet", "main"]);
    assert_eq!(sam.staple_ok(&["review", "--base", "main", "topic"]), expected);
    assert_eq!(sam.staple_ok(&["review", "--base", "topic"]), "No record of the desk changes.\n");
}

#[test]
fn a_comment_notifies_nobody_and_a_mended_record_is_not_new() {
    let (sam, id, path) = desk();
    let sound = sam.read(&path);
    sam.write(&path, sound.replace("status = \"new\"", "status = new"));
    sam.git(&["commit", "--quiet", "-am", "Break it"]);
    sam.git(&["checkout", "--quiet", "-b", "topic"]);
    sam.write(&path, sound.replace("Export fails", "@team: export fails as in #12"));
    sam.git(&["commit", "--quiet", "-am", "Mend it"]);
    let expected = format!(
        "**1 record of the desk changes**\n\n- {id} (@&#8203;team: export fails as in \\#&#8203;12): readable again\n"
    );
    assert_eq!(sam.staple_ok(&["review", "--base", "main"]), expected);
}

#[test]
fn open_branches_are_tried_with_each_other() {
    let (sam, id, path) = desk();
    let branch = |name: &str, key: &str, value: &str| {
        sam.git(&["checkout", "--quiet", "-b", name, "main"]);
        commit_edit(&sam, &path, &format!("{key} = \"\""), &format!("{key} = \"{value}\""));
        sam.git(&["checkout", "--quiet", "main"]);
    };
    branch("one", "severity", "stuck");
    branch("two", "product", "Ledger");
    let out = sam.staple(&["check", "branches"]);
    assert!(
        out.status == 0 && out.stderr.contains("2 open branches tried") && out.stderr.contains("no conflict"),
        "{out}"
    );
    branch("three", "severity", "question");
    let out = sam.staple(&["check", "branches", "--json"]);
    let items = serde_json::from_str::<Value>(&out.stdout).unwrap()["items"].as_array().unwrap().clone();
    assert!(out.status == 1 && items.len() == 1, "{out}");
    assert_eq!(
        (items[0]["one"].as_str(), items[0]["other"].as_str(), items[0]["ref"].as_str()),
        (Some("one"), Some("three"), Some(id.as_str()))
    );
    sam.assert_clean();
}

#[test]
fn a_note_may_be_made_on_the_desks_branch_from_another() {
    let (sam, id, path) = desk();
    sam.git(&["checkout", "--quiet", "-b", "topic"]);
    sam.write("code", "1\n");
    sam.git(&["add", "code"]);
    sam.staple_ok(&["set", &id, "severity=stuck", "--stage"]);
    let before = (sam.git(&["status", "--porcelain"]), sam.git(&["rev-parse", "HEAD"]), sam.read(&path));
    let out = sam.staple(&["note", &id, "-m", "I am on it.", "--branch", "main"]);
    assert!(out.status == 0 && out.stderr.contains("on main"), "{out}");
    sam.staple_ok(&["set", &id, "labels+=vip", "--branch", "main"]);
    assert_eq!((sam.git(&["status", "--porcelain"]), sam.git(&["rev-parse", "HEAD"]), sam.read(&path)), before);
    assert_eq!(sam.git(&["rev-list", "--count", "topic..main"]).trim(), "2");
    let there = sam.staple_ok(&["show", &id, "--as-of", "main"]);
    assert!(there.contains("I am on it.") && there.contains("vip") && !there.contains("stuck"), "{there}");
    let out = sam.staple(&["note", &id, "-m", "x", "--branch", "nowhere"]);
    assert!(out.status == 2 && out.stderr.contains("there is no branch nowhere"), "{out}");
    // Twice the same operation is done once.
    for _ in 0..2 {
        sam.staple_ok(&["note", &id, "-m", "once", "--branch", "main", "--op-id", "one"]);
    }
    assert_eq!(sam.git(&["rev-list", "--count", "topic..main"]).trim(), "3");
    sam.git(&["worktree", "add", "--quiet", "../other", "main"]);
    let out = sam.staple(&["note", &id, "-m", "x", "--branch", "main"]);
    assert!(out.status == 3 && out.stderr.contains("is checked out in") && out.stderr.contains("other"), "{out}");
    sam.git(&["fsck", "--strict"]);
}
