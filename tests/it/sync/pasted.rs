//! The commands that are named where a sync stops: pasted into a shell, they work.

#![cfg(unix)]

use super::{Remote, Team, clone, head, refused, sync_ok, ticket_file};
use crate::common::TestEnvironment;
use crate::common::paste::paste;

/// Sam's desk in the folder `our desk` of a repository with code, whose branch `main` is `trunk` at the remote, and Ada's clone of it,
/// who works on a branch of her own.
fn beside_code() -> Team {
    let sam = TestEnvironment::with_repository();
    sam.write("src/main code.rs", "fn main() {}\n");
    sam.git(&["add", "."]);
    sam.git(&["commit", "--quiet", "-m", "code"]);
    let remote = Remote::new(&sam);
    sam.git(&["remote", "add", "origin", &remote.address()]);
    std::fs::create_dir(sam.dir().join("our desk")).unwrap();
    sam.staple_ok(&["init", "our desk"]);
    sam.git(&["config", "staple.desk", "our desk"]);
    let id = sam.staple_ok(&["new", "The export fails", "--text", "It stops at 2 GB"]).trim().to_owned();
    sam.staple_ok(&["config", "set", "branch", "main"]);
    sam.git(&["push", "--quiet", "-u", "origin", "main:trunk"]);
    remote.git(&sam, &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    let ada = clone(&sam, &remote, "Ada Lake", "ada@example.org");
    ada.git(&["config", "staple.desk", "our desk"]);
    ada.git(&["branch", "--quiet", "--set-upstream-to=origin/trunk", "main"]);
    ada.git(&["checkout", "--quiet", "-b", "fix"]);
    Team { sam, ada, remote, id }
}

#[test]
fn the_way_out_of_a_conflict_leads_to_the_desks_branch_and_back() {
    let t = beside_code();
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    t.ada.git(&["switch", "--quiet", "main"]);
    t.ada.staple_ok(&["set", &t.id, "severity=question"]);
    t.ada.git(&["switch", "--quiet", "fix"]);
    let said = refused(&t.ada, &["sync"], 4, &["nothing was changed"]);
    for step in ["1. go to the desk's branch: ", "2. take theirs in: "] {
        paste(&t.ada, "src", &said.stderr, step, "");
    }
    t.ada.staple_ok(&["conflicts", &t.id, "severity", "--theirs"]);
    for step in ["4. end the merge: ", "5. exchange: ", "6. go back: "] {
        let done = paste(&t.ada, "src", &said.stderr, step, "");
        assert!(done.contains("exit status: 0"), "{done}");
    }
    assert_eq!(t.ada.git(&["rev-parse", "--abbrev-ref", "HEAD"]).trim(), "fix");
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", "trunk"]), t.ada.git(&["rev-parse", "main"]));
}

#[test]
fn the_way_out_of_a_rewritten_remote_leads_back() {
    let t = beside_code();
    t.sam.staple_ok(&["set", &t.id, "product=secret"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    t.sam.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    t.sam.git(&["push", "--quiet", "--force", "origin", "main:trunk"]);
    t.ada.git(&["switch", "--quiet", "main"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    t.ada.git(&["switch", "--quiet", "fix"]);
    // With an edit that is not committed, and a branch with the name that the remote's has here.
    t.ada.write("src/main code.rs", "// mine\n");
    t.ada.git(&["branch", "origin/trunk", "main"]);
    let said = refused(&t.ada, &["sync"], 3, &["origin was rewritten"]);
    let done = paste(&t.ada, "src", &said.stderr, "take along only yours: ", "; then");
    assert!(done.contains("exit status: 0"), "{done}");
    assert_eq!(t.ada.git(&["rev-parse", "--abbrev-ref", "HEAD"]).trim(), "fix");
    assert_eq!(t.ada.read("src/main code.rs"), "// mine\n");
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
}

#[test]
fn code_that_is_not_pushed_is_pushed_to_where_the_desks_branch_goes() {
    let t = beside_code();
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    t.ada.git(&["switch", "--quiet", "main"]);
    t.ada.write("src/main code.rs", "fn main() { run() }\n");
    t.ada.git(&["commit", "--quiet", "-am", "Run it"]);
    t.ada.git(&["switch", "--quiet", "fix"]);
    let said = refused(&t.ada, &["sync"], 3, &["\"Run it\"", "src/main code.rs"]);
    assert!(!said.stderr.contains("staged"), "{said}");
    t.ada.write("staged.rs", "mine\n");
    t.ada.git(&["add", "staged.rs"]);
    let said = refused(&t.ada, &["sync"], 3, &["what you staged stays as it is, but is no longer staged after that"]);
    t.ada.git(&["rm", "--quiet", "--cached", "staged.rs"]);
    let done = paste(&t.ada, "src", &said.stderr, "when it is ready: ", "");
    assert!(done.contains("exit status: 0"), "{done}");
    assert_eq!(t.ada.git(&["rev-parse", "--abbrev-ref", "HEAD"]).trim(), "fix");
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", "trunk"]), t.ada.git(&["rev-parse", "main"]));
    assert_eq!(t.remote.git(&t.ada, &["branch", "--list", "fix", "main"]), "");
}

#[test]
fn an_edit_beside_the_desk_is_set_aside_and_one_in_it_is_committed() {
    let t = beside_code();
    t.ada.git(&["switch", "--quiet", "main"]);
    t.sam.write("src/main code.rs", "fn main() { one() }\n\n// end\n");
    t.sam.git(&["commit", "--quiet", "-am", "One"]);
    t.sam.git(&["push", "--quiet", "origin", "main:trunk"]);
    t.ada.write("src/main code.rs", "// mine\nfn main() {}\n");
    t.ada.write("src/other.rs", "staged\n");
    t.ada.git(&["add", "src/other.rs"]);
    refused(&t.ada, &["sync"], 3, &["src/main code.rs", "not committed", "not of the desk"]);
    // From where one stands, which need not be the root.
    let mut below = t.ada.staple_command(&["sync"]);
    let said = below.current_dir(t.ada.dir().join("src")).output().unwrap();
    let said = String::from_utf8(said.stderr).unwrap();
    let done = paste(&t.ada, "src", &said, "set yours aside: ", " && git stash pop");
    assert!(done.contains("exit status: 0"), "{done}");
    assert_eq!(t.ada.read("src/main code.rs"), "fn main() { one() }\n\n// end\n");
    assert!(t.ada.git(&["stash", "show", "-p"]).contains("// mine"));
    let file = ticket_file(&t.ada, &t.id);
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    t.ada.write(&file, t.ada.read(&file).replace("product = \"\"", "product = \"atlas\""));
    let said = refused(&t.ada, &["sync"], 3, &[&file, "commit yours first"]);
    t.ada.git(&["config", "core.editor", "echo by hand >"]);
    let done = paste(&t.ada, "", &said.stderr, "commit yours first: ", "; then");
    assert!(done.contains("exit status: 0"), "{done}");
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
    assert_eq!(t.ada.git(&["diff", "--cached", "--name-only"]).trim(), "src/other.rs");
}

#[test]
fn the_desks_branch_is_made_where_a_clone_has_it_not() {
    let t = beside_code();
    t.ada.git(&["branch", "--quiet", "-D", "main"]);
    t.ada.git(&["config", "branch.main.remote", "origin"]);
    t.ada.git(&["config", "branch.main.merge", "refs/heads/trunk"]);
    for name in ["trunk", "main"] {
        t.ada.git(&["update-ref", "-d", &format!("refs/remotes/origin/{name}")]);
    }
    let said = refused(&t.ada, &["sync"], 3, &["the desk's branch main is not in this clone"]);
    let done = paste(&t.ada, "src", &said.stderr, "from the remote's: ", "");
    assert!(done.contains("exit status: 0"), "{done}");
    sync_ok(&t.ada);
    // With several remotes it has to be said which, though nothing was ever fetched from it.
    t.ada.git(&["remote", "add", "other", "/nowhere"]);
    t.ada.git(&["config", "--unset", "branch.main.remote"]);
    let said = refused(&t.ada, &["sync"], 3, &["several remotes: origin, other"]);
    let done = paste(&t.ada, "src", &said.stderr, "say which: ", "");
    assert!(done.contains("exit status: 0"), "{done}");
    sync_ok(&t.ada);
}

#[test]
fn commands_reach_a_desk_that_lies_elsewhere() {
    let t = Team::new();
    let moved = t.ada.home().join("Ada's desk");
    t.ada.git(&["clone", "--quiet", &t.remote.address(), moved.to_str().unwrap()]);
    t.ada.git(&["-C", moved.to_str().unwrap(), "branch", "--quiet", "-m", "it's"]);
    t.ada.git(&["-C", moved.to_str().unwrap(), "branch", "--unset-upstream"]);
    let said = t.ada.staple(&["-C", moved.to_str().unwrap(), "sync"]);
    assert!(said.status == 3 && said.stderr.contains("origin has no branch it's"), "{said}");
    let done = paste(&t.ada, "", &said.stderr, "make it there: ", "");
    assert!(done.contains("exit status: 0"), "{done}");
    let done = t.ada.staple(&["-C", moved.to_str().unwrap(), "sync"]);
    assert!(done.status == 0 && done.stderr.contains("nothing to do"), "{done}");
}

#[test]
fn what_the_remote_dropped_keeps_a_name_when_it_is_dropped_here() {
    let t = Team::new();
    let before = head(&t.sam);
    t.sam.staple_ok(&["set", &t.id, "product=secret"]);
    sync_ok(&t.sam);
    // A write leaves its entry to be looked at again, and so does a sync.
    sync_ok(&t.ada);
    t.ada.git(&["branch", "main-kept", "HEAD~1"]);
    t.remote.git(&t.sam, &["update-ref", "refs/heads/main", &before]);
    for who in t.both() {
        let dropped = head(who);
        let said = refused(who, &["sync"], 3, &["origin was rewritten"]);
        let done = paste(who, "", &said.stderr, "drop it here too: ", "; then staple");
        assert!(done.contains("exit status: 0"), "{done}");
        assert_eq!(head(who), before);
        let kept = who.git(&["branch", "--format=%(refname:short)", "--points-at", &dropped]);
        assert!(kept.starts_with("main-kept"), "{kept}");
        sync_ok(who);
    }
    // The same for a branch that is not checked out.
    let t = Team::new();
    t.sam.staple_ok(&["config", "set", "branch", "main"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    let dropped = head(&t.ada);
    t.ada.git(&["switch", "--quiet", "-c", "feature"]);
    t.remote.git(&t.sam, &["update-ref", "refs/heads/main", "main~1"]);
    let said = refused(&t.ada, &["sync"], 3, &["origin was rewritten"]);
    let done = paste(&t.ada, "", &said.stderr, "drop it here too: ", "; then staple");
    assert!(done.contains("exit status: 0"), "{done}");
    assert_eq!(t.ada.git(&["rev-parse", "main-kept"]).trim(), dropped);
    assert_eq!(t.ada.git(&["rev-parse", "main"]).trim(), t.remote.tip(&t.ada));
}

#[test]
fn a_tag_with_the_name_of_the_branch_is_not_taken_for_it() {
    let t = Team::new();
    // The remote has the tag, and this clone does not.
    t.remote.git(&t.sam, &["tag", "main", "main~1"]);
    t.ada.git(&["config", "remote.origin.tagOpt", "--no-tags"]);
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    t.sam.git(&["push", "--quiet", "origin", "refs/heads/main:refs/heads/main"]);
    t.ada.staple_ok(&["set", &t.id, "severity=question"]);
    let said = refused(&t.ada, &["sync"], 4, &[]);
    let pulled = paste(&t.ada, "", &said.stderr, "take theirs in: ", "");
    assert!(pulled.contains("CONFLICT") || pulled.contains("Automatic merge failed"), "{pulled}");
    t.ada.git(&["merge", "--abort"]);
    t.ada.git(&["reset", "--quiet", "--hard", "origin/main"]);
    // Only the tag is there, so that the branch would seem to be.
    t.remote.git(&t.sam, &["update-ref", "-d", "refs/heads/main"]);
    t.remote.git(&t.sam, &["tag", "--force", "main", &head(&t.ada)]);
    let said = refused(&t.ada, &["sync"], 3, &["has it no more"]);
    let done = paste(&t.ada, "", &said.stderr, "make it there again: ", "; or follow");
    assert!(done.contains("exit status: 0"), "{done}");
    sync_ok(&t.ada);
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", "refs/heads/main"]).trim(), head(&t.ada));
}

#[test]
fn a_file_that_git_does_not_know_is_set_aside_and_never_deleted() {
    let t = Team::new();
    t.sam.write("x/new", "theirs\n");
    t.sam.write("y", "theirs\n");
    t.sam.write("d/file", "theirs\n");
    t.sam.git(&["add", "."]);
    t.sam.git(&["commit", "--quiet", "-m", "files"]);
    sync_ok(&t.sam);
    let exclude = t.ada.dir().join(".git/info/exclude");
    std::fs::write(&exclude, "x\n").unwrap();
    for (path, text) in [("x", "mine\n"), ("y", "mine\n"), ("y.mine", "older\n")] {
        t.ada.write(path, text);
    }
    for path in ["x", "y"] {
        let said = refused(&t.ada, &["sync"], 3, &[&format!("{path} is not known to git here"), "mv -- "]);
        paste(&t.ada, "", &said.stderr, "set yours aside: ", " && staple");
    }
    sync_ok(&t.ada);
    for (path, text) in [("x.mine", "mine\n"), ("x/new", "theirs\n"), ("y.mine-2", "mine\n"), ("y", "theirs\n")] {
        assert_eq!(t.ada.read(path), text, "{path}");
    }
    // A link of one's own in place of a folder that others change.
    t.sam.write("d/file", "theirs, again\n");
    t.sam.git(&["commit", "--quiet", "-am", "more"]);
    sync_ok(&t.sam);
    let folder = t.ada.dir().join("d");
    std::fs::remove_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink("x", &folder).unwrap();
    let said = refused(&t.ada, &["sync"], 3, &["d is something else here than git has there"]);
    let done = paste(&t.ada, "", &said.stderr, "set yours aside: ", "");
    assert!(done.contains("exit status: 0"), "{done}");
    assert_eq!(t.ada.read("d/file"), "theirs, again\n");
    assert!(t.ada.dir().join("d.mine").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn what_a_head_on_no_branch_alone_has_is_told() {
    let t = Team::new();
    t.sam.staple_ok(&["config", "set", "branch", "main"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    t.ada.git(&["switch", "--quiet", "--detach"]);
    let said = sync_ok(&t.ada);
    assert!(!said.stderr.contains("HEAD"), "{said}");
    t.ada.git(&["commit", "--quiet", "--allow-empty", "-m", "Of HEAD alone"]);
    let said = sync_ok(&t.ada);
    assert!(
        said.stderr.contains("HEAD is on no branch, and has 1 commit that no remote has: git switch -c NAME"),
        "{said}"
    );
}
