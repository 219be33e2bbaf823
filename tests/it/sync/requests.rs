//! Proposing what waits with a branch of its own: always the same one, and nobody else's.

use super::{Team, head, refused, sync_ok};
use crate::common::TestEnvironment;

/// Pushes to a branch of its own, and says which.
#[track_caller]
fn propose(environment: &TestEnvironment) -> String {
    let done = environment.staple_ok(&["sync", "--pull-request", "--json"]);
    let name =
        done.split("\"request\":{").nth(1).and_then(|rest| rest.split("\"branch\":\"").nth(1)).expect("a request");
    name.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn a_request_finds_a_name_beside_a_branch_desk() {
    let t = Team::new();
    t.remote.git(&t.sam, &["branch", "desk", "main"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    let branch = propose(&t.ada);
    assert!(branch.starts_with("desk-ada-lake-"), "{branch}");
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", &branch]).trim(), head(&t.ada));
}

#[test]
fn a_request_is_followed_in_a_clone_of_one_branch() {
    let t = Team::new();
    t.ada.git(&["config", "remote.origin.fetch", "+refs/heads/main:refs/remotes/origin/main"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    let branch = propose(&t.ada);
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    assert_eq!(propose(&t.ada), branch);
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", &branch]).trim(), head(&t.ada));
    // Somebody else's commit on it stays, though this clone has never seen it.
    let sam = t.sam.dir().join("../request");
    t.sam.git(&["clone", "--quiet", "--branch", &branch, &t.remote.address(), sam.to_str().unwrap()]);
    let there = ["-C", sam.to_str().unwrap()];
    t.sam.git(&[&there[..], &["commit", "--quiet", "--allow-empty", "-m", "Look at this"]].concat());
    t.sam.git(&[&there[..], &["push", "--quiet"]].concat());
    let kept = t.remote.git(&t.ada, &["rev-parse", &branch]);
    t.ada.staple_ok(&["new", "More from Ada"]);
    refused(&t.ada, &["sync", "--pull-request"], 3, &["somebody else pushed to", &branch]);
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", &branch]), kept);
}

#[test]
fn a_request_that_was_deleted_at_the_remote_is_made_again() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "From Ada"]);
    let branch = propose(&t.ada);
    t.remote.git(&t.ada, &["branch", "--quiet", "-D", &branch]);
    assert_eq!(propose(&t.ada), branch);
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", &branch]).trim(), head(&t.ada));
}

#[test]
fn requests_whose_operations_begin_alike_have_branches_of_their_own() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "One", "--op-id", "script-1"]);
    let (first, one) = (propose(&t.ada), head(&t.ada));
    t.ada.git(&["reset", "--quiet", "--hard", "origin/main"]);
    t.ada.staple_ok(&["new", "Two", "--op-id", "script-2"]);
    let second = propose(&t.ada);
    assert!(first == "desk/ada-lake-script" && second == "desk/ada-lake-script2", "{first} {second}");
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", &first]).trim(), one);
    // It stays there when the other is gone.
    t.remote.git(&t.ada, &["branch", "--quiet", "-D", &first]);
    t.ada.staple_ok(&["new", "Three"]);
    assert_eq!(propose(&t.ada), second);
}

#[test]
fn a_request_of_which_a_part_has_landed_goes_on() {
    let t = Team::new();
    t.ada.staple_ok(&["set", &t.id, "severity=stuck"]);
    t.ada.staple_ok(&["new", "Another"]);
    let branch = propose(&t.ada);
    t.sam.git(&["fetch", "--quiet"]);
    t.sam.git(&["cherry-pick", &format!("origin/{branch}")]);
    t.sam.git(&["push", "--quiet", "origin", "main"]);
    assert_eq!(propose(&t.ada), branch);
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", &branch]).trim(), head(&t.ada));
    assert_eq!(t.remote.git(&t.ada, &["rev-list", "--count", &format!("main..{branch}")]).trim(), "1");
}

#[cfg(unix)]
#[test]
fn a_protected_branch_is_met_with_a_pull_request() {
    let t = Team::new();
    t.remote.hook(
        "update",
        "#!/bin/sh\n[ \"$1\" = refs/heads/main ] || { echo 'Create a pull request for it by visiting:'; \
         echo '  https://forge.example/desk/pull/new'; exit 0; }\necho 'error: GH006: Protected branch update failed'\nexit 1\n",
    );
    t.ada.staple_ok(&["new", "One"]);
    let said = t.ada.staple(&["sync"]);
    assert_eq!(said.status, 3, "{said}");
    assert!(said.stderr.contains("GH006") && said.stderr.contains("staple sync --pull-request"), "{said}");
    let done = t.ada.staple(&["sync", "--pull-request"]);
    assert_eq!(done.status, 0, "{done}");
    assert_eq!(done.stdout, "https://forge.example/desk/pull/new\n");
    assert!(done.stderr.contains("pushed 1 to desk/ada-lake-"), "{done}");
    // The setting makes it the way; the same commits go to the same branch.
    t.ada.git(&["config", "staple.sync.through", "pull-request"]);
    t.ada.staple_ok(&["new", "Two"]);
    let again = sync_ok(&t.ada);
    assert!(again.stderr.contains("pushed 2 to desk/ada-lake-"), "{again}");
    let branches = t.remote.git(&t.ada, &["branch", "--list", "desk/*"]);
    assert_eq!(branches.lines().count(), 1, "{branches}");
    // Main goes on, and the branch follows with the same commits on top.
    std::fs::remove_file(t.remote.path.join("hooks/update")).unwrap();
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    let again = sync_ok(&t.ada);
    assert!(again.stderr.contains("pulled 1, pushed 2 to desk/ada-lake-"), "{again}");
    // The request lands squashed: nothing of Ada's is done twice.
    let request = branches.trim().trim_start_matches("* ").to_owned();
    t.sam.git(&["fetch", "--quiet"]);
    t.sam.git(&["merge", "--quiet", "--squash", &format!("origin/{request}")]);
    t.sam.git(&["commit", "--quiet", "-m", "Two tickets (#1)"]);
    t.sam.git(&["push", "--quiet", "origin", "main"]);
    let landed = sync_ok(&t.ada);
    assert!(
        landed.stderr.contains("pulled 1 (") && landed.stderr.contains("2 commits of yours had landed"),
        "{landed}"
    );
    t.assert_level();
}

#[test]
fn a_request_that_a_reviewer_amended_is_left_alone() {
    for is_reworded in [false, true] {
        let t = Team::new();
        t.ada.staple_ok(&["set", &t.id, "product=atlas"]);
        let branch = propose(&t.ada);
        t.sam.git(&["fetch", "--quiet"]);
        t.sam.git(&["switch", "--quiet", "-c", "review", &format!("origin/{branch}")]);
        let operation = t.sam.git(&["log", "-1", "--format=%(trailers:key=Op-Id)"]);
        let other_words = format!("Other words\n\n{operation}");
        let words = if is_reworded { ["-m", &other_words] } else { ["-C", "HEAD"] };
        if !is_reworded {
            let file = super::ticket_file(&t.sam, &t.id);
            t.sam.write(&file, t.sam.read(&file).replace("\"atlas\"", "\"atlas-2\""));
        }
        t.sam.git(&["commit", "--quiet", "--all", "--amend", words[0], words[1]]);
        t.sam.git(&["push", "--quiet", "--force", "origin", &format!("review:{branch}")]);
        for _ in 0..2 {
            refused(&t.ada, &["sync", "--pull-request"], 3, &["somebody else pushed to", &branch]);
        }
        assert_eq!(t.remote.git(&t.ada, &["rev-parse", &branch]).trim(), head(&t.sam));
    }
}

#[test]
fn what_one_amends_oneself_and_what_another_clone_of_ones_own_pushed_is_replaced() {
    let t = Team::new();
    t.ada.staple_ok(&["set", &t.id, "product=atlas"]);
    let branch = propose(&t.ada);
    let file = super::ticket_file(&t.ada, &t.id);
    t.ada.write(&file, t.ada.read(&file).replace("\"atlas\"", "\"atlas-2\""));
    t.ada.git(&["commit", "--quiet", "--all", "--amend", "-C", "HEAD"]);
    assert_eq!(propose(&t.ada), branch);
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", &branch]).trim(), head(&t.ada));
    // Another clone knows nothing of what was pushed, and finds only what it has itself.
    std::fs::remove_file(t.ada.dir().join(".git/staple/requests")).unwrap();
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["new", "More from Ada"]);
    assert_eq!(propose(&t.ada), branch);
    assert_eq!(t.remote.git(&t.ada, &["rev-parse", &branch]).trim(), head(&t.ada));
}
