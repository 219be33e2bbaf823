//! Hooks of git, as somebody meets them who commits by hand.

use crate::common::TestEnvironment;

/// Sam's desk with a ticket, and `staple` on the path that hooks see; the ticket's id and path.
fn desk() -> (TestEnvironment, String, String) {
    let sam = TestEnvironment::with_repository();
    let bin = sam.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_staple"), bin.join("staple")).unwrap();
    let path = std::env::var("PATH").unwrap();
    sam.set("PATH", &format!("{}:{path}", bin.display()));
    sam.staple_ok(&["init", ".", "--name", "Acme"]);
    sam.staple_ok(&["new", "Export fails"]);
    let list = sam.staple_ok(&["list", "--template", "{{ ref }} {{ path }}"]);
    let (id, path) = list.trim().split_once(' ').unwrap();
    let (id, path) = (id.to_owned(), path.to_owned());
    (sam, id, path)
}

fn edit(sam: &TestEnvironment, path: &str, from: &str, to: &str) {
    let text = sam.read(path);
    assert!(text.contains(from), "{text}");
    sam.write(path, text.replace(from, to));
}

#[cfg(unix)]
#[test]
fn what_is_about_to_be_committed_is_checked_as_it_is_staged() {
    let (sam, id, path) = desk();
    // What was wrong before is no reason to stop somebody.
    edit(&sam, &path, "channel = \"\"", "channel = \"nowhere\"");
    sam.git(&["commit", "--quiet", "--all", "-m", "Edit by hand"]);
    sam.staple_ok(&["hooks", "install"]);
    edit(&sam, &path, "severity = \"\"", "severity = \"stuck\"");
    sam.git(&["commit", "--quiet", "--all", "-m", "Say how bad it is"]);
    edit(&sam, &path, "status = \"new\"", "status = \"working\"");
    sam.git(&["add", "."]);
    // The work tree is mended and the staging area is not.
    edit(&sam, &path, "owner = \"\"", "owner = \"sam\"");
    let out = sam.try_git(&["commit", "--quiet", "-m", "Take it"]);
    assert!(out.status == 1 && out.stderr.contains("--no-verify"), "{out}");
    assert!(format!("{}{}", out.stdout, out.stderr).contains(&format!("{id} is worked on and needs `owner`")), "{out}");
    let out = sam.try_git(&["commit", "--quiet", "--all", "-m", "Take it"]);
    assert_eq!(out.status, 0, "{out}");
    // A commit of some paths has a staging area of its own.
    sam.write("other", "x\n");
    sam.git(&["add", "other"]);
    edit(&sam, &path, "owner = \"sam\"", "owner = \"\"");
    let out = sam.try_git(&["commit", "--quiet", "-m", "Give it back", "--", &path]);
    assert_eq!(out.status, 1, "{out}");
    sam.git(&["checkout", "--quiet", "--", &path]);
    sam.staple_ok(&["note", &id, "-m", "Staple's own commits pass."]);
}

#[cfg(unix)]
#[test]
fn a_message_is_checked_and_the_whole_id_offered() {
    let (sam, id, _) = desk();
    sam.staple_ok(&["hooks", "install"]);
    sam.write("other", "x\n");
    sam.git(&["add", "other"]);
    let out = sam.try_git(&["commit", "--quiet", "-m", &format!("Renew\n\nFixes: {}", &id[..6])]);
    assert!(out.status == 1 && format!("{}{}", out.stdout, out.stderr).contains(&format!("write {id}")), "{out}");
    let out = sam.try_git(&["commit", "--quiet", "-m", "fix: dates"]);
    assert!(out.status == 0 && format!("{}{}", out.stdout, out.stderr).contains("nothing linked"), "{out}");
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_there_runs_first_and_comes_back() {
    use std::os::unix::fs::PermissionsExt;
    let (sam, _, _) = desk();
    let hook = sam.dir().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho theirs >> ran\nexit 0\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let before = std::fs::read(&hook).unwrap();
    for _ in 0..2 {
        sam.staple_ok(&["hooks", "install"]);
        assert!(sam.staple_ok(&["hooks", "list"]).contains("pre-commit  installed, beside one of your own"));
    }
    sam.write("other", "x\n");
    sam.git(&["add", "other"]);
    sam.git(&["commit", "--quiet", "-m", "Add it"]);
    assert_eq!(sam.read("ran"), "theirs\n");
    sam.staple_ok(&["hooks", "remove"]);
    assert_eq!(std::fs::read(&hook).unwrap(), before);
    assert!(!sam.dir().join(".git/hooks/commit-msg").exists());
    sam.git(&["config", "core.hooksPath", "shared-hooks"]);
    let out = sam.staple(&["hooks", "install"]);
    assert!(out.status == 3 && out.stderr.contains("core.hooksPath"), "{out}");
}

#[cfg(unix)]
#[test]
fn hooks_refuse_because_of_what_they_find_and_nothing_else() {
    let (sam, _, _) = desk();
    sam.git(&["checkout", "--quiet", "-b", "feature"]);
    sam.git(&["checkout", "--quiet", "main"]);
    sam.staple_ok(&["hooks", "install"]);
    let younger = sam.staple_ok(&["new", "Dates are off"]);
    sam.git(&["checkout", "--quiet", "feature"]);
    sam.write("code", "x\n");
    sam.git(&["add", "code"]);
    // The ticket is younger than the branch, and is a ticket all the same.
    let out = sam.try_git(&["commit", "--quiet", "-m", &format!("Renew\n\nFixes: {}", younger.trim())]);
    assert_eq!(out.status, 0, "{out}");
    sam.write("code", "y\n");
    let out = sam.try_git(&["commit", "--quiet", "--all", "-m", "Fix T-shirts page"]);
    assert_eq!(out.status, 0, "{out}");
    sam.git(&["checkout", "--quiet", "--orphan", "pages"]);
    sam.git(&["rm", "--quiet", "-r", "--force", "."]);
    sam.write("index.html", "x\n");
    sam.git(&["add", "index.html"]);
    let out = sam.try_git(&["commit", "--quiet", "-m", "Begin pages"]);
    assert!(out.status == 0 && out.stderr.is_empty(), "{out}");
}

#[test]
fn a_desk_elsewhere_is_not_taken_for_the_repository_one_stands_in() {
    let (desk, id, _) = desk();
    let code = TestEnvironment::with_repository();
    code.git(&["config", "staple.desk", desk.dir().to_str().unwrap()]);
    code.write("a", "1\n");
    code.git(&["add", "."]);
    code.git(&["commit", "--quiet", "-m", "Fixes: T-7k3"]);
    for command in [&["hooks", "install"][..], &["check", "commits", "HEAD"]] {
        let out = code.staple(command);
        assert!(out.status == 3 && out.stderr.contains("another repository"), "{out}");
    }
    code.write("message", format!("Fixes: {id}\n"));
    code.staple_ok(&["hooks", "run", "commit-msg", "message"]);
    code.staple_ok(&["hooks", "run", "pre-commit"]);
    code.write("message", "Fixes: T-7k3\n");
    assert_eq!(code.staple(&["hooks", "run", "commit-msg", "message"]).status, 1);
}
