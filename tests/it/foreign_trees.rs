//! Commits that others made, with anything in them: what a sync and other landings put in place of them, and what they refuse.

use crate::common::TestEnvironment;

/// Sam's desk and Ada's clone of it, with a remote between them.
fn team() -> (TestEnvironment, TestEnvironment) {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    sam.write("tool", "echo 1\n");
    sam.git(&["add", "tool"]);
    sam.git(&["commit", "--quiet", "-m", "Add a tool"]);
    let remote = sam.home().join("remote.git");
    let remote = format!("file://{}", remote.display());
    sam.git(&["init", "--quiet", "--bare", remote.strip_prefix("file://").unwrap()]);
    sam.git(&["remote", "add", "origin", &remote]);
    sam.staple_ok(&["sync"]);
    let ada = sam.clone_for("Ada Lake", "ada@example.org");
    ada.git(&["remote", "set-url", "origin", &remote]);
    ada.git(&["fetch", "--quiet"]);
    (sam, ada)
}

fn object(person: &TestEnvironment, args: &[&str], input: &str) -> String {
    person.git_with_input(args, input).trim().to_owned()
}

/// A commit on Ada's branch with a file at `path` beside what is there, as only plumbing makes it; pushed.
fn push_path(ada: &TestEnvironment, path: &[&str]) {
    let (name, folders) = path.split_last().unwrap();
    let blob = object(ada, &["hash-object", "-w", "--stdin"], "#!/bin/sh\ntouch ran\n");
    let mut entry = format!("100755 blob {blob}\t{name}\0");
    for folder in folders.iter().rev() {
        let tree = object(ada, &["mktree", "-z"], &entry);
        entry = format!("040000 tree {tree}\t{folder}\0");
    }
    let there = ada.git(&["ls-tree", "-z", "HEAD"]);
    let tree = object(ada, &["mktree", "-z"], &format!("{there}{entry}"));
    let commit = object(ada, &["commit-tree", &tree, "-p", "HEAD", "-m", "Look here"], "");
    ada.git(&["push", "--quiet", "--force", "origin", &format!("{commit}:refs/heads/main")]);
}

#[test]
fn paths_that_git_would_not_check_out_are_refused() {
    let (sam, ada) = team();
    let before = (sam.git(&["rev-parse", "HEAD"]), sam.files());
    for path in [
        &[".git", "hooks", "pre-push"][..],
        &[".GIT", "hooks", "pre-push"],
        &["git~1", "hooks", "pre-push"],
        &[".git ", "x"],
        &["tickets", ".git", "x"],
        &["..", "evil"],
        &[".", "x"],
        &["new\nlock ", "tmp", "victim"],
    ] {
        push_path(&ada, path);
        let output = sam.staple(&["sync"]);
        assert_eq!(output.status, 3, "{path:?}: {output}");
        assert!(output.stderr.contains("is not a usable path"), "{path:?}: {output}");
        assert!(output.stderr.chars().all(|c| c == '\n' || !c.is_control()), "{path:?}: {output}");
        assert_eq!((sam.git(&["rev-parse", "HEAD"]), sam.files()), before, "{path:?}");
        assert!(!sam.dir().join(".git/hooks/pre-push").exists() && !sam.dir().with_file_name("evil").exists());
    }
    assert_eq!(sam.git(&["status", "--porcelain"]), "");
}

#[test]
fn an_empty_file_beside_others_lands_empty() {
    let (sam, ada) = team();
    for (path, text) in [("a", "secret of a\n"), ("b/__init__.py", ""), ("c", "c\n"), ("z", "")] {
        ada.write(path, text);
    }
    ada.git(&["add", "."]);
    ada.git(&["commit", "--quiet", "-m", "Add files"]);
    ada.git(&["push", "--quiet", "origin", "HEAD:main"]);
    sam.staple_ok(&["sync"]);
    assert_eq!((sam.read("b/__init__.py").as_str(), sam.read("z").as_str(), sam.read("c").as_str()), ("", "", "c\n"));
    sam.assert_clean();
    // The same where we write several files at once.
    let id = sam.staple_ok(&["new", "With files"]).trim().to_owned();
    std::fs::write(sam.home().join("aaa.txt"), "aaa\n").unwrap();
    std::fs::write(sam.home().join("empty.txt"), "").unwrap();
    let files = ["aaa.txt", "empty.txt"].map(|name| sam.home().join(name).display().to_string());
    sam.staple_ok(&["note", &id, "-m", "See", "--attach", &files[0], "--attach", &files[1]]);
    sam.assert_clean();
}

#[cfg(unix)]
#[test]
fn a_mode_that_the_user_changed_is_not_taken_back() {
    use std::os::unix::fs::PermissionsExt;
    let (sam, ada) = team();
    let id = sam.staple_ok(&["new", "Printer"]).trim().to_owned();
    sam.staple_ok(&["sync"]);
    ada.git(&["pull", "--quiet"]);
    ada.write("tool", "echo 2\n");
    ada.git(&["commit", "--quiet", "-am", "Count on"]);
    ada.git(&["push", "--quiet", "origin", "HEAD:main"]);
    let let_run = |path: &str| {
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(sam.dir().join(path), permissions).unwrap();
    };
    let_run("tool");
    let edited = sam.staple(&["sync"]);
    assert_eq!((edited.status, sam.read("tool").as_str()), (3, "echo 1\n"), "{edited}");
    sam.git(&["add", "tool"]);
    let staged = sam.staple(&["sync"]);
    assert_eq!((staged.status, sam.git(&["diff", "--cached", "--name-only"]).as_str()), (3, "tool\n"), "{staged}");
    sam.git(&["reset", "--quiet", "--hard"]);
    sam.staple_ok(&["sync"]);
    // Of a record it is the user's as well; once committed it stays.
    let path = sam.files().into_iter().find(|path| path.contains(&id[2..])).unwrap();
    let_run(&path);
    assert_eq!(sam.staple(&["set", &id, "product=Roster"]).status, 3);
    sam.git(&["commit", "--quiet", "-am", "Let it run"]);
    sam.staple_ok(&["set", &id, "product=Roster"]);
    assert!(sam.git(&["ls-files", "--stage", &path]).starts_with("100755 "));
    sam.assert_clean();
}

#[test]
fn files_that_git_changes_on_their_way_are_left_to_git() {
    let (sam, ada) = team();
    ada.write(".gitattributes", format!("{}*.up filter=up\n*.txt filter=nobody\n", ada.read(".gitattributes")));
    ada.write("a.up", "raw\n");
    ada.write("b.txt", "plain\n");
    ada.git(&["add", "."]);
    ada.git(&["commit", "--quiet", "-m", "Add files"]);
    ada.git(&["push", "--quiet", "origin", "HEAD:main"]);
    sam.git(&["config", "filter.up.smudge", "tr a-z A-Z"]);
    sam.git(&["config", "filter.up.clean", "tr A-Z a-z"]);
    let head = sam.git(&["rev-parse", "HEAD"]);
    let output = sam.staple(&["sync"]);
    assert!(output.status == 3 && output.stderr.contains("a.up was changed by others"), "{output}");
    assert!(output.stderr.contains("git pull"), "{output}");
    assert_eq!(sam.git(&["rev-parse", "HEAD"]), head);
    sam.git(&["pull", "--quiet", "--rebase"]);
    assert_eq!(sam.read("a.up"), "RAW\n");
    sam.staple_ok(&["sync"]);
    // Where no such filter is set up there is none.
    let other = sam.clone_for("Bo Lake", "bo@example.org");
    other.git(&["reset", "--quiet", "--hard", head.trim()]);
    other.staple_ok(&["sync"]);
    assert_eq!((other.read("a.up").as_str(), other.read("b.txt").as_str()), ("raw\n", "plain\n"));
    other.assert_clean();
}
