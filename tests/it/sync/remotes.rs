//! Remotes as they are: out of reach, locked, partial, with hooks and passwords, and what is said of them.

#[cfg(unix)]
use super::hook;
use super::{Team, head, refused, sync_ok};
use crate::common::TestEnvironment;

#[test]
fn a_password_in_an_address_is_never_shown() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "From Ada"]);
    let nowhere = ["http://sam:s3cret@127.0.0.1:9/desk", "git://sam:s3cret@127.0.0.1:9/desk"];
    let unsound = [
        "foo://sam:s3cret@host/desk",
        "https://sam:s3cret/x@127.0.0.1/desk",
        "https://sam:s3cret@host%0ax/desk",
        "https://sam:s3cret x@127.0.0.1:99999/desk",
    ];
    // As the address of a remote, and in place of one.
    for key in ["remote.origin.url", "branch.main.remote"] {
        for (addresses, status) in [(nowhere.as_slice(), 0), (unsound.as_slice(), 3)] {
            for address in addresses {
                t.ada.git(&["config", key, address]);
                for args in [["sync"].as_slice(), &["sync", "--json"], &["sync", "--pull-request"]] {
                    let said = refused(&t.ada, args, status, &[]);
                    assert!(!format!("{said}").contains("s3cret"), "{address}: {said}");
                }
            }
        }
    }
    // Behind a shorter one.
    t.ada.git(&["config", "url.git://sam:s3cret@127.0.0.1:9/.insteadOf", "work:"]);
    t.ada.git(&["config", "remote.origin.url", "work:desk"]);
    t.ada.git(&["config", "branch.main.remote", "origin"]);
    let said = refused(&t.ada, &["sync"], 0, &["offline"]);
    assert!(!format!("{said}").contains("s3cret"), "{said}");
    // The command in the hint takes it from where git keeps it.
    t.ada.git(&["config", "branch.main.remote", unsound[0]]);
    let said = t.ada.staple(&["sync"]);
    assert!(said.stderr.contains("git fetch \"$(git config branch.main.remote)\""), "{said}");
}

#[test]
fn a_remote_without_an_address_is_not_taken_for_one_out_of_reach() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "From Ada"]);
    t.ada.git(&["config", "remote.origin.url", ""]);
    let says_git =
        if t.ada.git_is((2, 46)) { "'origin' does not appear to be a git repository" } else { "no path specified" };
    refused(&t.ada, &["sync"], 3, &["origin did not answer", says_git]);
    t.ada.git(&["config", "remote.origin.url", "file://"]);
    refused(&t.ada, &["sync"], 3, &["origin did not answer as it should: no path specified"]);
    t.ada.git(&["config", "remote.origin.url", &t.remote.address()]);
    t.ada.git(&["config", "branch.main.remote", ""]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
}

#[cfg(unix)]
#[test]
fn what_a_hook_says_is_not_taken_for_a_remote_out_of_reach() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "From Ada"]);
    let git = t.ada.dir().join(".git");
    hook(&git, "pre-push", "#!/bin/sh\necho 'the tests timed out' >&2\nexit 1\n");
    refused(&t.ada, &["sync"], 3, &["origin did not take our commits: the tests timed out"]);
    std::fs::remove_file(git.join("hooks/pre-push")).unwrap();
    t.remote.hook("update", "#!/bin/sh\necho 'connection timed out' >&2\nexit 1\n");
    refused(&t.ada, &["sync"], 3, &["origin does not take commits on main", "connection timed out"]);
}

#[cfg(unix)]
#[test]
fn a_remote_that_mirrors_gets_the_desks_branch_alone() {
    let t = Team::new();
    t.ada.git(&["config", "remote.origin.mirror", "true"]);
    t.ada.git(&["branch", "mine"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
    assert_eq!(t.remote.git(&t.ada, &["branch", "--list", "mine"]), "");
}

#[test]
fn a_bundle_is_told_from_a_remote_that_one_may_not_write_to() {
    let t = Team::new();
    let bundle = t.ada.home().join("desk.bundle");
    t.ada.git(&["bundle", "create", "--quiet", bundle.to_str().unwrap(), "main"]);
    t.ada.git(&["remote", "set-url", "origin", bundle.to_str().unwrap()]);
    t.ada.staple_ok(&["new", "From Ada"]);
    refused(&t.ada, &["sync"], 3, &["nothing can be pushed to such an address", "git remote set-url --push origin"]);
}

#[test]
fn a_lock_that_was_left_at_the_remote_is_not_taken_for_others_who_push() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "From Ada"]);
    let lock = t.remote.path.join("refs/heads/main.lock");
    std::fs::write(&lock, "").unwrap();
    refused(&t.ada, &["sync"], 3, &["somebody has main in hand at origin", "main.lock", "look for a lock"]);
    std::fs::remove_file(lock).unwrap();
    sync_ok(&t.ada);
    sync_ok(&t.sam);
    t.assert_level();
}

#[test]
fn a_branch_whose_name_is_a_folder_of_the_desks_is_told() {
    let t = Team::new();
    t.ada.git(&["branch", "--quiet", "-m", "main/ada"]);
    t.ada.git(&["branch", "--unset-upstream"]);
    let words = [
        "origin has no branch main/ada, and can have none beside its main",
        "git push -u origin refs/heads/main/ada:refs/heads/NAME",
    ];
    refused(&t.ada, &["sync"], 3, &words);
    t.ada.git(&["push", "--quiet", "-u", "origin", "main/ada:ada"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
    // Here it is the name of a branch that the remote had once.
    t.ada.git(&["push", "--quiet", "-u", "origin", "main/ada:team/one"]);
    sync_ok(&t.ada);
    t.remote.git(&t.ada, &["branch", "--quiet", "-m", "team/one", "team"]);
    t.ada.git(&["config", "branch.main/ada.merge", "refs/heads/team"]);
    let words = ["what origin has could not be kept here", "team/one' exists", "git remote prune origin"];
    refused(&t.ada, &["sync"], 3, &words);
    t.ada.git(&["remote", "prune", "origin"]);
    sync_ok(&t.ada);
}

#[test]
fn a_tag_that_was_moved_stops_nothing() {
    let t = Team::new();
    t.sam.git(&["tag", "v1"]);
    t.sam.git(&["push", "--quiet", "origin", "v1"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    t.ada.git(&["tag", "v1"]);
    let tag = t.ada.git(&["rev-parse", "v1"]);
    t.ada.git(&["config", "remote.origin.tagOpt", "--tags"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
    assert_eq!(t.ada.git(&["rev-parse", "v1"]), tag, "it stays where it was");
}

#[test]
fn a_partial_clone_gets_what_it_lacks_and_stays_one() {
    let t = Team::new();
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    t.remote.git(&t.sam, &["config", "uploadpack.allowFilter", "true"]);
    for filter in ["blob:none", "tree:0"] {
        let kim = TestEnvironment::new();
        kim.git(&["clone", "--quiet", &format!("--filter={filter}"), &t.remote.address(), "."]);
        let lacks = || {
            kim.git(&["rev-list", "--objects", "--all", "--missing=print"]).lines().any(|line| line.starts_with('?'))
        };
        assert!(lacks(), "an old version");
        t.sam.staple_ok(&["set", &t.id, &format!("version={}", filter.len())]);
        sync_ok(&t.sam);
        let done = sync_ok(&kim);
        assert!(done.stderr.contains("pulled 1 ("), "{done}");
        t.sam.staple_ok(&["set", &t.id, &format!("version=2.{}", filter.len())]);
        t.sam.staple_ok(&["new", "From Sam"]);
        sync_ok(&t.sam);
        kim.staple_ok(&["set", &t.id, &format!("product={}", &filter[..4])]);
        let done = sync_ok(&kim);
        assert!(done.stderr.contains("pulled 2, pushed 1 ("), "{done}");
        assert!(lacks() && kim.git(&["status", "--porcelain"]).is_empty());
        assert_eq!(kim.git(&["config", "remote.origin.partialclonefilter"]).trim(), filter);
        sync_ok(&t.sam);
        assert_eq!(head(&kim), head(&t.sam));
    }
}

#[test]
fn a_rule_by_which_git_fetches_into_branches_overwrites_none_of_them() {
    for rule in ["+refs/heads/*:refs/heads/*", "+refs/heads/*:refs/heads/up/*"] {
        let t = Team::new();
        t.sam.staple_ok(&["config", "set", "branch", "main"]);
        sync_ok(&t.sam);
        sync_ok(&t.ada);
        t.ada.git(&["branch", "--quiet", "up/main"]);
        t.ada.git(&["switch", "--quiet", "up/main"]);
        t.ada.staple_ok(&["new", "Beside main"]);
        let beside = head(&t.ada);
        t.ada.git(&["switch", "--quiet", "main"]);
        t.ada.staple_ok(&["new", "From Ada"]);
        t.ada.git(&["switch", "--quiet", "-c", "feature"]);
        t.ada.git(&["config", "remote.origin.fetch", rule]);
        t.sam.staple_ok(&["new", "From Sam"]);
        sync_ok(&t.sam);
        let would = refused(&t.ada, &["sync", "-n"], 0, &["would pull 1, would push 1"]);
        assert_eq!(t.ada.git(&["rev-parse", "up/main"]).trim(), beside, "{would}");
        let done = sync_ok(&t.ada);
        assert!(done.stderr.contains("pulled 1, pushed 1 ("), "{rule}: {done}");
        sync_ok(&t.sam);
        assert_eq!(t.ada.git(&["rev-parse", "main"]).trim(), head(&t.sam));
    }
}

#[test]
fn what_one_address_had_says_nothing_of_another() {
    let t = Team::new();
    t.ada.git(&["config", "branch.main.remote", &t.remote.address()]);
    t.ada.staple_ok(&["new", "From Ada"]);
    sync_ok(&t.ada);
    // The same desk moved to another place before that.
    let moved = t.ada.home().join("moved.git");
    t.ada.git(&["init", "--quiet", "--bare", moved.to_str().unwrap()]);
    t.sam.git(&["push", "--quiet", moved.to_str().unwrap(), "main"]);
    t.ada.git(&["config", "branch.main.remote", moved.to_str().unwrap()]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 ("), "{done}");
}
