//! What was published once and dropped there stays dropped, and what never was published is not taken for it.

use super::{Remote, Team, clone, head, refused, sync_ok};
use crate::common::TestEnvironment;

#[test]
fn what_the_remote_dropped_is_not_published_again() {
    let t = Team::new();
    let seen = head(&t.sam);
    t.sam.staple_ok(&["set", &t.id, "product=secret"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    let dropped = t.ada.git(&["rev-parse", "--short=7", "HEAD"]).trim().to_owned();
    t.sam.git(&["reset", "--quiet", "--hard", &seen]);
    t.sam.staple_ok(&["new", "From Sam"]);
    t.sam.git(&["push", "--quiet", "--force", "origin", "main"]);
    // Nothing of Ada's own: the way out is to follow. Asking twice does not make it forget.
    let kept = t.remote.tip(&t.sam);
    for args in [["sync", "-n"], ["sync", "--json"]] {
        let words = ["origin was rewritten", &dropped, "git branch main-kept main && git reset --keep origin/main"];
        refused(&t.ada, &args, 3, &words);
    }
    assert_eq!(t.remote.tip(&t.sam), kept);
    // With something of her own it is taken along, and nothing else.
    t.ada.staple_ok(&["new", "From Ada"]);
    let way_out = format!("git rebase --onto origin/main {dropped} main");
    refused(&t.ada, &["sync"], 3, &["origin was rewritten", &way_out]);
    t.ada.git(&["rebase", "--quiet", "--onto", "origin/main", &dropped, "main"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
    sync_ok(&t.sam);
    t.assert_level();
    assert!(!t.ada.git(&["log", "--format=%s", "main"]).contains("secret"));
}

#[test]
fn a_remote_that_was_only_set_back_is_not_wound_forward_again() {
    let t = Team::new();
    let seen = head(&t.sam);
    t.sam.staple_ok(&["set", &t.id, "product=secret"]);
    sync_ok(&t.sam);
    // Ada's clone has it by a plain fetch and merge, without any sync.
    t.ada.git(&["pull", "--quiet", "--ff-only"]);
    t.remote.git(&t.sam, &["update-ref", "refs/heads/main", &seen]);
    t.ada.git(&["fetch", "--quiet"]);
    for who in t.both() {
        refused(who, &["sync"], 3, &["origin was rewritten", "git reset --keep origin/main"]);
        refused(who, &["sync"], 3, &["origin was rewritten"]);
        who.git(&["update-index", "-q", "--refresh"]);
        who.git(&["reset", "--quiet", "--keep", "origin/main"]);
        sync_ok(who);
    }
    t.assert_level();
    assert_eq!(t.remote.tip(&t.sam), seen);
}

#[test]
fn a_branch_that_is_gone_from_the_remote_is_not_made_anew() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "From Ada"]);
    t.remote.git(&t.sam, &["update-ref", "-d", "refs/heads/main"]);
    for who in t.both() {
        refused(
            who,
            &["sync"],
            3,
            &["origin had the branch main, and has it no more", "git push -u origin refs/heads/main:refs/heads/main"],
        );
    }
    t.ada.git(&["fetch", "--quiet", "--prune"]);
    refused(&t.ada, &["sync"], 3, &["has it no more"]);
    t.ada.git(&["push", "--quiet", "-u", "origin", "main:main"]);
    sync_ok(&t.ada);
    sync_ok(&t.sam);
    t.assert_level();
}

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

#[test]
fn what_a_fork_took_is_not_taken_for_what_the_remote_had() {
    let t = Team::new();
    let fork = t.ada.home().join("fork.git");
    t.ada.git(&["clone", "--quiet", "--bare", &t.remote.address(), fork.to_str().unwrap()]);
    t.ada.git(&["config", "remote.origin.pushurl", fork.to_str().unwrap()]);
    t.ada.staple_ok(&["new", "From Ada"]);
    sync_ok(&t.ada);
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    let said = t.ada.staple(&["sync", "-n"]);
    assert!(said.status == 0 && said.stderr.contains("would pull 1, would push 1"), "{said}");
    // What the remote took by another address is known to have been there.
    t.ada.git(&["config", "remote.origin.pushurl", &t.remote.path.to_string_lossy()]);
    let before = t.remote.tip(&t.ada);
    sync_ok(&t.ada);
    t.remote.git(&t.ada, &["update-ref", "refs/heads/main", &before]);
    refused(&t.ada, &["sync"], 3, &["origin was rewritten"]);
}

#[test]
fn an_address_that_has_not_what_the_others_have_is_told_each_time() {
    let t = Team::new();
    let mirror = t.ada.home().join("mirror.git");
    t.ada.git(&["clone", "--quiet", "--bare", &t.remote.address(), mirror.to_str().unwrap()]);
    for address in [&t.remote.address(), mirror.to_str().unwrap()] {
        t.ada.git(&["config", "--add", "remote.origin.pushurl", address]);
    }
    t.ada.staple_ok(&["new", "From Ada"]);
    sync_ok(&t.ada);
    sync_ok(&t.ada);
    // Somebody pushed to it alone.
    t.sam.git(&["--git-dir", mirror.to_str().unwrap(), "update-ref", "refs/heads/main", &head(&t.sam)]);
    t.sam.staple_ok(&["new", "Elsewhere"]);
    t.sam.git(&["push", "--quiet", mirror.to_str().unwrap(), "main"]);
    t.ada.staple_ok(&["new", "More from Ada"]);
    for _ in 0..2 {
        let said = t.ada.staple(&["sync"]);
        assert!(said.status == 3 && said.stderr.contains("mirror.git has not"), "{said}");
        assert_eq!(t.remote.tip(&t.ada), head(&t.ada));
    }
}

#[test]
fn a_wrong_address_is_not_taken_for_a_rewritten_remote() {
    let t = Team::new();
    let stranger = TestEnvironment::with_repository();
    stranger.git(&["commit", "--quiet", "--allow-empty", "-m", "Of something else"]);
    let other = Remote::new(&stranger);
    stranger.git(&["push", "--quiet", &other.address(), "main"]);
    t.ada.git(&["remote", "set-url", "origin", &other.address()]);
    t.ada.staple_ok(&["new", "From Ada"]);
    for _ in 0..2 {
        let said = refused(&t.ada, &["sync"], 3, &["no commit in common", "git remote -v"]);
        assert!(!said.stderr.contains("rewritten:") && !said.stderr.contains("reset"), "{said}");
    }
}

#[test]
fn what_a_sync_that_was_killed_left_of_its_notes_stops_none() {
    let t = Team::new();
    let notes = t.ada.dir().join(".git/staple");
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    // Half of the new ones beside the old ones, and old ones that a power cut tore.
    std::fs::write(notes.join("seen.new"), "0123").unwrap();
    std::fs::write(notes.join("seen"), "0123456 refs/rem\n\0\0\0").unwrap();
    t.ada.staple_ok(&["new", "From Ada"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
    // Nothing of it stands where git finds it, or holds what was dropped.
    assert_eq!(t.ada.git(&["for-each-ref", "refs/staple"]), "");
    t.ada.git(&["gc", "--quiet"]);
}

#[cfg(unix)]
#[test]
fn a_push_that_was_made_is_told_though_it_cannot_be_noted() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "From Ada"]);
    let note = t.ada.dir().join(".git/staple/seen.new");
    t.remote.hook("post-receive", &format!("#!/bin/sh\nmkdir -p '{}'\n", note.display()));
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
    std::fs::remove_dir(note).unwrap();
    sync_ok(&t.ada);
}
