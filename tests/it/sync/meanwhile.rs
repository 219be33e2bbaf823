//! What the user does with git while the remote is asked: the branch moves only where that harms nothing.

#![cfg(unix)]

use std::path::PathBuf;
use std::process::{Child, Stdio};

use super::{Team, head, refused, sync_ok};
use crate::common::TestEnvironment;

/// A sync of Ada's whose remote does not answer before it is told to.
struct Waiting {
    child: Child,
    go: PathBuf,
}

impl Waiting {
    fn begin(environment: &TestEnvironment) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let file = |name: &str| environment.home().join(name);
        let (script, asked, go) = (file("slow-upload-pack"), file("asked"), file("go"));
        let text = format!(
            "#!/bin/sh\ntouch '{}'\nwhile [ ! -e '{}' ]; do sleep 0.01; done\nexec git-upload-pack \"$@\"\n",
            asked.display(),
            go.display()
        );
        std::fs::write(&script, text).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        environment.git(&["config", "remote.origin.uploadpack", script.to_str().unwrap()]);
        let mut command = environment.staple_command(&["sync"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        while !asked.exists() {
            assert!(child.try_wait().unwrap().is_none(), "it asks the remote before it ends");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Self { child, go }
    }

    /// The remote answers; gives the exit code and what is said.
    fn end(self) -> (Option<i32>, String) {
        std::fs::write(&self.go, "").unwrap();
        let output = self.child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Ada stands on `feature`, has a ticket on main that nobody else has, and Sam has pushed another.
fn beside_main() -> Team {
    let t = Team::new();
    t.sam.staple_ok(&["config", "set", "branch", "main"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    t.ada.staple_ok(&["new", "From Ada"]);
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    t.ada.git(&["branch", "--quiet", "feature"]);
    t.ada.git(&["switch", "--quiet", "feature"]);
    t
}

#[test]
fn whoever_goes_to_the_branch_meanwhile_finds_its_files_there() {
    let t = beside_main();
    let sync = Waiting::begin(&t.ada);
    t.ada.git(&["switch", "--quiet", "main"]);
    let (status, said) = sync.end();
    assert!(status == Some(0) && said.contains("pulled 1, pushed 1 ("), "{said}");
    assert_eq!(t.ada.git(&["status", "--porcelain"]), "");
    sync_ok(&t.sam);
    t.assert_level();
}

#[test]
fn a_work_tree_that_is_made_of_the_branch_meanwhile_stays_as_it_is() {
    let t = beside_main();
    let sync = Waiting::begin(&t.ada);
    let linked = t.ada.home().join("linked");
    t.ada.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "main"]);
    let main = t.ada.git(&["rev-parse", "main"]);
    let (status, said) = sync.end();
    assert!(status == Some(3) && said.contains("main is checked out in"), "{said}");
    assert_eq!(t.ada.git(&["rev-parse", "main"]), main);
    assert_eq!(t.ada.git(&["-C", linked.to_str().unwrap(), "status", "--porcelain"]), "");
}

#[test]
fn whoever_leaves_the_branch_meanwhile_takes_nothing_of_it_along() {
    for leave in [["-c", "other"].as_slice(), &["--detach"]] {
        let t = beside_main();
        t.ada.git(&["switch", "--quiet", "main"]);
        let before = head(&t.ada);
        let sync = Waiting::begin(&t.ada);
        t.ada.git(&[&["switch", "--quiet"], leave].concat());
        let (status, said) = sync.end();
        assert!(status == Some(0) && said.contains("pulled 1, pushed 1 ("), "{said}");
        assert_eq!(head(&t.ada), before, "{leave:?}");
        assert_eq!(t.ada.git(&["status", "--porcelain"]), "");
        assert_eq!(t.ada.git(&["rev-parse", "main"]).trim(), t.remote.tip(&t.ada));
    }
}

#[test]
fn a_rebase_of_the_branch_that_begins_meanwhile_ends_well() {
    let t = beside_main();
    let sync = Waiting::begin(&t.ada);
    let stopped = t.ada.try_git(&["rebase", "--quiet", "--exec", "false", "HEAD~1", "main"]);
    assert_ne!(stopped.status, 0, "{stopped}");
    let (status, said) = sync.end();
    assert!(status == Some(3) && said.contains("in the middle of a rebase"), "{said}");
    t.ada.git(&["rebase", "--continue"]);
    sync_ok(&t.ada);
    sync_ok(&t.sam);
    t.assert_level();
}

#[test]
fn a_work_tree_whose_folder_is_away_counts() {
    let t = beside_main();
    let linked = t.ada.home().join("disk");
    let linked = linked.to_str().unwrap();
    let away = format!("{linked}.away");
    t.ada.git(&["worktree", "add", "--quiet", "--lock", linked, "main"]);
    std::fs::rename(linked, &away).unwrap();
    refused(&t.ada, &["sync"], 3, &["main is checked out in", "/disk", "bring that folder back", "git worktree list"]);
    std::fs::rename(&away, linked).unwrap();
    assert_eq!(t.ada.git(&["-C", linked, "status", "--porcelain"]), "");
    // One of which nothing can be known may have it.
    t.ada.git(&["-C", linked, "switch", "--quiet", "--detach"]);
    let note = t.ada.dir().join(".git/worktrees/disk/HEAD");
    let kept = std::fs::read(&note).unwrap();
    std::fs::remove_file(&note).unwrap();
    std::fs::create_dir(&note).unwrap();
    let said = t.ada.staple(&["sync"]);
    assert!(said.status != 0 && said.stderr.contains("worktrees/disk/HEAD"), "{said}");
    std::fs::remove_dir(&note).unwrap();
    std::fs::write(&note, kept).unwrap();
    sync_ok(&t.ada);
}

#[test]
fn a_write_to_a_branch_that_is_rebased_here_is_refused() {
    let t = beside_main();
    t.ada.try_git(&["rebase", "--quiet", "--exec", "false", "HEAD~1", "main"]);
    let main = t.ada.git(&["rev-parse", "main"]);
    let said = t.ada.staple(&["new", "--branch", "main", "Below a rebase"]);
    assert!(said.status == 3 && said.stderr.contains("main is in the middle of a rebase in"), "{said}");
    assert_eq!(t.ada.git(&["rev-parse", "main"]), main);
    t.ada.git(&["rebase", "--continue"]);
    t.ada.staple_ok(&["new", "--branch", "main", "After it"]);
}
