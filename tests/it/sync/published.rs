//! What was published once and dropped there stays dropped, and what never was published is not taken for it.

use super::{Team, clone, head, refused};

#[test]
fn what_a_fresh_clone_had_from_the_beginning_stays_dropped_after_a_fetch_by_hand() {
    let t = Team::new();
    let before = head(&t.sam);
    t.sam.staple_ok(&["new", "A leak"]);
    t.sam.git(&["push", "--quiet", "origin", "main"]);
    let kim = clone(&t.sam, &t.remote, "Kim Sun", "kim@example.org");
    // What a clone began with stands in no line of its own.
    assert!(!kim.dir().join(".git/logs/refs/remotes/origin/main").exists());
    t.remote.git(&t.sam, &["update-ref", "refs/heads/main", &before]);
    kim.git(&["fetch", "--quiet"]);
    kim.staple_ok(&["new", "From Kim"]);
    refused(&kim, &["sync"], 3, &["origin was rewritten", "git rebase --onto"]);
    assert_eq!(t.remote.tip(&kim), before);
}

#[test]
fn what_lies_below_a_commit_that_the_remote_once_had_was_there_too() {
    let t = Team::new();
    let before = head(&t.sam);
    t.sam.staple_ok(&["new", "A leak"]);
    t.sam.staple_ok(&["new", "And more of it"]);
    t.sam.git(&["push", "--quiet", "origin", "main"]);
    // Both come at once, so only the upper one was ever where the branch is.
    t.ada.git(&["pull", "--quiet", "--ff-only"]);
    t.ada.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    t.remote.git(&t.sam, &["update-ref", "refs/heads/main", &before]);
    t.ada.git(&["fetch", "--quiet"]);
    refused(&t.ada, &["sync"], 3, &["origin was rewritten"]);
    assert_eq!(t.remote.tip(&t.ada), before);
}
