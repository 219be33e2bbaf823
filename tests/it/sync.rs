//! Exchanging a desk with a remote: what everybody did is there, in one history, and nothing of the user's is touched.

mod meanwhile;
mod pasted;
mod placed;
mod published;
mod remotes;
mod replayed;
mod requests;

use std::path::PathBuf;

use crate::common::{Output, TestEnvironment};

/// A remote, as an address; it lies in the home of whoever made it.
struct Remote {
    path: PathBuf,
}

impl Remote {
    fn new(owner: &TestEnvironment) -> Self {
        let path = owner.home().join("remote.git");
        owner.git(&["init", "--quiet", "--bare", path.to_str().unwrap()]);
        Self { path }
    }

    fn address(&self) -> String {
        format!("file://{}", self.path.display())
    }

    fn git(&self, environment: &TestEnvironment, args: &[&str]) -> String {
        let mut all = vec!["--git-dir", self.path.to_str().unwrap()];
        all.extend(args);
        environment.git(&all)
    }

    fn tip(&self, environment: &TestEnvironment) -> String {
        self.git(environment, &["rev-parse", "main"]).trim().to_owned()
    }

    #[cfg(unix)]
    fn hook(&self, name: &str, text: &str) {
        hook(&self.path, name, text);
    }
}

/// Installs a hook in a git directory.
#[cfg(unix)]
fn hook(git: &std::path::Path, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let hook = git.join("hooks").join(name);
    std::fs::create_dir_all(git.join("hooks")).unwrap();
    std::fs::write(&hook, text).unwrap();
    std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Sam's desk with one ticket, pushed by its first sync, and Ada's clone of it.
struct Team {
    sam: TestEnvironment,
    ada: TestEnvironment,
    remote: Remote,
    id: String,
}

impl Team {
    fn new() -> Self {
        let sam = TestEnvironment::new();
        sam.staple_ok(&["init"]);
        let id = sam.staple_ok(&["new", "The export fails", "--text", "It stops at 2 GB"]).trim().to_owned();
        sam.staple_ok(&["take", &id]);
        let remote = Remote::new(&sam);
        sam.git(&["remote", "add", "origin", &remote.address()]);
        sync_ok(&sam);
        let ada = clone(&sam, &remote, "Ada Lake", "ada@example.org");
        Self { sam, ada, remote, id }
    }

    fn both(&self) -> [&TestEnvironment; 2] {
        [&self.sam, &self.ada]
    }

    /// Everything is sound, and both have what the remote has.
    #[track_caller]
    fn assert_level(&self) {
        for one in self.both() {
            one.assert_clean();
            assert_eq!(head(one), self.remote.tip(one));
            assert!(one.git(&["log", "--merges", "--oneline"]).is_empty(), "one line, without merges");
            let checked = one.staple(&["check"]);
            assert_eq!(checked.status, 0, "{checked}");
        }
    }
}

fn clone(from: &TestEnvironment, remote: &Remote, name: &str, email: &str) -> TestEnvironment {
    let other = from.clone_for(name, email);
    other.git(&["remote", "set-url", "origin", &remote.address()]);
    other.git(&["fetch", "--quiet"]);
    other
}

fn head(environment: &TestEnvironment) -> String {
    environment.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

#[track_caller]
fn sync_ok(environment: &TestEnvironment) -> Output {
    let output = environment.staple(&["sync"]);
    assert_eq!(output.status, 0, "{output}");
    output
}

#[track_caller]
fn refused(environment: &TestEnvironment, args: &[&str], status: i32, words: &[&str]) -> Output {
    // Git would refresh the staging area by the way, and so hide what stops the commands that are named.
    let state = || (head(environment), environment.git(&["--no-optional-locks", "status", "--porcelain"]));
    let before = state();
    let output = environment.staple(args);
    assert_eq!(output.status, status, "{output}");
    for word in words {
        assert!(output.stderr.contains(word) || output.stdout.contains(word), "{word}\n{output}");
    }
    assert_eq!(state(), before, "nothing was changed");
    output
}

fn ticket_file(environment: &TestEnvironment, id: &str) -> String {
    let name = format!("{}.toml", &id[2..]);
    environment.files().into_iter().find(|path| path.ends_with(&name)).expect("the ticket's file")
}

#[test]
fn the_first_sync_pushes_everything_to_an_empty_remote_and_follows_it() {
    let t = Team::new();
    assert_eq!(t.sam.git(&["rev-parse", "--abbrev-ref", "main@{upstream}"]).trim(), "origin/main");
    let again = sync_ok(&t.sam);
    assert!(again.stderr.contains("nothing to do: main has what origin has"), "{again}");
    t.assert_level();
}

#[test]
fn edits_of_different_records_meet_in_one_line() {
    let t = Team::new();
    t.sam.staple_ok(&["new", "From Sam"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    t.ada.staple_ok(&["new", "Another from Ada"]);
    let first = sync_ok(&t.sam);
    assert!(first.stderr.contains("pushed 1 ("), "{first}");
    let second = sync_ok(&t.ada);
    assert!(second.stderr.contains("pulled 1, pushed 2 ("), "{second}");
    let third = sync_ok(&t.sam);
    assert!(third.stderr.contains("pulled 2 ("), "{third}");
    t.assert_level();
    let authors = t.sam.git(&["log", "-3", "--format=%an|%cn"]);
    assert_eq!(authors, "Ada Lake|Ada Lake\nAda Lake|Ada Lake\nSam Rivers|Sam Rivers\n");
}

#[test]
fn different_keys_of_one_record_meet_and_the_author_and_his_date_stay() {
    let t = Team::new();
    t.sam.staple_ok(&["set", &t.id, "severity=stuck", "labels+=export"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["set", &t.id, "product=atlas", "labels+=large", "--at", "2026-11-21 17:00"]);
    t.ada.at("2026-11-23T10:00:00Z");
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 1, pushed 1 ("), "{done}");
    sync_ok(&t.sam);
    t.assert_level();
    let text = t.sam.read(&ticket_file(&t.sam, &t.id));
    for line in ["severity = \"stuck\"", "product = \"atlas\"", "\"export\"", "\"large\""] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let dates = t.sam.git(&["log", "-1", "--format=%an %aI %cI"]);
    // Git writes UTC either way, by its version.
    let dates = dates.trim().replace("+00:00", "Z");
    assert_eq!(dates, "Ada Lake 2026-11-21T17:00:00Z 2026-11-23T10:00:00Z");
}

#[test]
fn the_same_key_is_a_conflict_that_changes_nothing_and_says_the_way_out() {
    let t = Team::new();
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["new", "Another"]);
    t.ada.staple_ok(&["set", &t.id, "severity=question"]);
    let words = ["severity", "stuck", "question", "nothing was changed", "git pull --no-rebase origin refs/heads/main"];
    refused(&t.ada, &["sync"], 4, &words);
    let as_json = refused(&t.ada, &["sync", "--json"], 4, &["\"conflicts\""]);
    assert!(as_json.stdout.contains("\"ours\":\"question\""), "{as_json}");
    // The way out that was named.
    let pulled = t.ada.try_git(&["pull", "--no-rebase", "origin", "main"]);
    assert_ne!(pulled.status, 0, "{pulled}");
    t.ada.staple_ok(&["conflicts", &t.id, "severity", "--theirs"]);
    t.ada.git(&["commit", "--quiet", "--no-edit"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 3 ("), "{done}");
    sync_ok(&t.sam);
    assert_eq!(head(&t.sam), head(&t.ada));
    assert!(t.sam.read(&ticket_file(&t.sam, &t.id)).contains("severity = \"stuck\""));
}

#[test]
fn a_merge_that_only_joined_the_remotes_line_is_taken_out_again() {
    let t = Team::new();
    t.sam.staple_ok(&["new", "One"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["new", "Two"]);
    t.ada.git(&["pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main"]);
    t.ada.staple_ok(&["new", "Three"]);
    t.sam.staple_ok(&["new", "Four"]);
    sync_ok(&t.sam);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 1, pushed 2 ("), "{done}");
    sync_ok(&t.sam);
    t.assert_level();
}

#[test]
fn without_the_remote_it_says_what_waits_and_all_is_well() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "One"]);
    t.ada.staple_ok(&["new", "Two"]);
    let away = t.remote.path.with_extension("away");
    std::fs::rename(&t.remote.path, &away).unwrap();
    let offline = sync_ok(&t.ada);
    assert!(offline.stderr.contains("offline: 2 commits wait to be pushed"), "{offline}");
    std::fs::rename(&away, &t.remote.path).unwrap();
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 2 ("), "{done}");
    sync_ok(&t.sam);
    t.assert_level();
}

#[test]
fn a_host_that_is_not_there_is_offline_and_one_that_is_no_repository_is_refused() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "One"]);
    t.ada.git(&["remote", "set-url", "origin", "http://127.0.0.1:9/desk.git"]);
    let offline = sync_ok(&t.ada);
    assert!(offline.stderr.contains("offline: 1 commit waits to be pushed"), "{offline}");
    let folder = t.ada.home();
    t.ada.git(&["remote", "set-url", "origin", folder.to_str().unwrap()]);
    refused(&t.ada, &["sync"], 3, &["does not appear to be a git repository", "git remote -v"]);
}

#[cfg(unix)]
#[test]
fn somebody_who_pushes_first_is_followed() {
    let t = Team::new();
    t.ada.staple_ok(&["new", "From Ada"]);
    t.sam.staple_ok(&["new", "From Sam"]);
    // Between Ada's fetch and her push Sam's commit arrives, once.
    let other = t.sam.dir().to_str().unwrap().to_owned();
    let hook = format!(
        "#!/bin/sh\n[ -e \"$0.done\" ] && exit 0\ntouch \"$0.done\"\nunset $(git rev-parse --local-env-vars)\n\
         git -C {other} push --quiet origin main\n"
    );
    let path = t.ada.dir().join(".git/hooks/pre-push");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, hook).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 1, pushed 1 ("), "{done}");
    assert!(path.with_file_name("pre-push.done").exists());
    sync_ok(&t.sam);
    t.assert_level();
}

#[test]
fn what_is_staged_edited_or_untracked_stays() {
    let t = Team::new();
    for (path, text) in [("notes.md", "one\n"), ("todo.md", "one\n")] {
        t.ada.write(path, text);
    }
    t.ada.git(&["add", "."]);
    t.ada.git(&["commit", "--quiet", "-m", "notes"]);
    sync_ok(&t.ada);
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    t.ada.write("notes.md", "two\n");
    t.ada.git(&["add", "notes.md"]);
    t.ada.write("notes.md", "three\n");
    t.ada.write("todo.md", "two\n");
    t.ada.write("new.txt", "mine\n");
    t.ada.staple_ok(&["new", "One"]);
    let before = t.ada.git(&["status", "--porcelain"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 2, pushed 1 (") || done.stderr.contains("pulled 1, pushed 1 ("), "{done}");
    assert_eq!(t.ada.git(&["status", "--porcelain"]), before);
    assert_eq!(t.ada.git(&["show", ":notes.md"]), "two\n");
    assert_eq!(t.ada.read("notes.md"), "three\n");
    t.ada.git(&["commit", "--quiet", "-m", "mine"]);
    assert_eq!(t.ada.git(&["show", "--name-only", "--format=", "HEAD"]).trim(), "notes.md");
}

#[test]
fn an_uncommitted_edit_of_a_record_that_others_changed_is_named() {
    let t = Team::new();
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    let file = ticket_file(&t.ada, &t.id);
    t.ada.write(&file, t.ada.read(&file).replace("product = \"\"", "product = \"atlas\""));
    refused(&t.ada, &["sync"], 3, &[&file, "not committed", "git add"]);
    t.ada.git(&["commit", "--quiet", "-am", "by hand"]);
    sync_ok(&t.ada);
    sync_ok(&t.sam);
    t.assert_level();
    // The same of what an earlier --stage left.
    t.sam.staple_ok(&["set", &t.id, "version=2"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["set", &t.id, "topic=", "severity=question", "--stage"]);
    refused(&t.ada, &["sync"], 3, &[&file, "not committed"]);
}

#[test]
fn beside_code_only_commits_of_the_desk_travel() {
    let sam = TestEnvironment::with_repository();
    sam.write("src/main.rs", "fn main() {}\n");
    sam.git(&["add", "."]);
    sam.git(&["commit", "--quiet", "-m", "code"]);
    let remote = Remote::new(&sam);
    sam.git(&["remote", "add", "origin", &remote.address()]);
    sam.git(&["push", "--quiet", "-u", "origin", "main"]);
    sam.staple_ok(&["init"]);
    sync_ok(&sam);
    let ada = clone(&sam, &remote, "Ada Lake", "ada@example.org");
    // Others' code comes along, as programs too.
    sam.write("run.sh", "#!/bin/sh\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let run = sam.dir().join("run.sh");
        std::fs::set_permissions(run, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    sam.git(&["add", "."]);
    sam.git(&["commit", "--quiet", "-m", "a script"]);
    sam.git(&["push", "--quiet", "origin", "main"]);
    ada.staple_ok(&["new", "One"]);
    let done = sync_ok(&ada);
    assert!(done.stderr.contains("pulled 1, pushed 1 ("), "{done}");
    ada.assert_clean();
    assert!(ada.read("run.sh").starts_with("#!"));
    // Code that is not pushed stops it.
    ada.write("src/main.rs", "fn main() { run() }\n");
    ada.git(&["commit", "--quiet", "-am", "Run it"]);
    ada.staple_ok(&["new", "Two"]);
    refused(&ada, &["sync"], 3, &["\"Run it\"", "src/main.rs", "git pull --rebase"]);
}

#[test]
fn the_desks_branch_is_exchanged_whatever_is_checked_out() {
    let t = Team::new();
    t.sam.staple_ok(&["config", "set", "branch", "main"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    t.ada.staple_ok(&["new", "On main"]);
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    t.ada.git(&["checkout", "--quiet", "-b", "fix-login"]);
    t.ada.write("draft.txt", "mine\n");
    t.ada.staple_ok(&["new", "On the branch"]);
    let before = (head(&t.ada), t.ada.git(&["status", "--porcelain"]));
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 1, pushed 1 (") && done.stderr.contains("on main"), "{done}");
    assert!(done.stderr.contains("git push -u origin fix-login"), "{done}");
    assert_eq!((head(&t.ada), t.ada.git(&["status", "--porcelain"])), before);
    assert_eq!(t.ada.git(&["rev-parse", "main"]).trim(), t.remote.tip(&t.ada));
    // Detached it is the same; in a work tree that has the branch it is said where.
    t.ada.git(&["checkout", "--quiet", "--detach"]);
    sync_ok(&t.ada);
    let linked = t.ada.home().join("linked");
    t.ada.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "main"]);
    t.sam.staple_ok(&["new", "More"]);
    sync_ok(&t.sam);
    refused(&t.ada, &["sync"], 3, &["checked out in", "staple -C"]);
    let there = t.ada.staple(&["-C", linked.to_str().unwrap(), "sync"]);
    assert_eq!(there.status, 0, "{there}");
}

#[test]
fn where_it_is_not_clear_what_to_do_the_cure_is_named() {
    let t = Team::new();
    t.ada.git(&["checkout", "--quiet", "--detach"]);
    refused(&t.ada, &["sync"], 3, &["HEAD is on no branch", "go to the desk's branch first: git switch main"]);
    t.ada.staple_ok(&["note", &t.id, "-m", "Of HEAD alone"]);
    refused(
        &t.ada,
        &["sync"],
        3,
        &["no branch has 1 commit of HEAD: git switch -c NAME", "git switch main && git merge NAME"],
    );
    t.ada.git(&["checkout", "--quiet", "main"]);
    t.ada.git(&["branch", "--unset-upstream"]);
    t.ada.git(&["remote", "add", "other", "/nowhere"]);
    refused(&t.ada, &["sync"], 3, &["several remotes: origin, other", "git branch --set-upstream-to=origin/main main"]);
    t.ada.git(&["remote", "remove", "other"]);
    sync_ok(&t.ada);
    t.ada.git(&["branch", "--quiet", "-m", "trunk"]);
    refused(
        &t.ada,
        &["sync"],
        3,
        &["origin has no branch trunk", "git push -u origin refs/heads/trunk:refs/heads/trunk"],
    );
    t.ada.git(&["remote", "remove", "origin"]);
    refused(&t.ada, &["sync"], 3, &["no remote", "git remote add origin"]);
}

#[test]
fn a_commit_that_was_amended_after_it_landed_keeps_what_it_says_besides() {
    let t = Team::new();
    let land = |id: &str| {
        t.sam.git(&["fetch", "--quiet", &t.ada.dir().to_string_lossy(), "main"]);
        t.sam.git(&["cherry-pick", "--allow-empty", id]);
        t.sam.staple_ok(&["note", &t.id, "-m", "landed"]);
        t.sam.git(&["push", "--quiet", "origin", "main"]);
    };
    t.ada.staple_ok(&["set", &t.id, "product=one"]);
    land(&head(&t.ada));
    // The same name, and more in it.
    let file = ticket_file(&t.ada, &t.id);
    t.ada.write(&file, t.ada.read(&file).replace("version = \"\"", "version = \"9.9\""));
    t.ada.git(&["commit", "--quiet", "--all", "--amend", "-C", "HEAD"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 2, pushed 1 (") && !done.stderr.contains("had landed"), "{done}");
    let text = t.ada.read(&file);
    assert!(text.contains("product = \"one\"") && text.contains("version = \"9.9\""), "{text}");
    // A landed one is not made twice, and an empty one beside it stays, once.
    sync_ok(&t.sam);
    t.ada.staple_ok(&["set", &t.id, "product=two"]);
    land(&head(&t.ada));
    t.ada.git(&["commit", "--quiet", "--allow-empty", "-m", "Nothing to see"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 (") && done.stderr.contains("1 commit of yours had landed"), "{done}");
    sync_ok(&t.sam);
    t.assert_level();
    let subjects = t.sam.git(&["log", "--format=%s"]);
    assert_eq!(subjects.matches("Nothing to see").count(), 1, "{subjects}");
}

#[test]
fn an_empty_commit_beside_one_that_both_made_stays() {
    let t = Team::new();
    t.sam.staple_ok(&["set", &t.id, "product=two"]);
    sync_ok(&t.sam);
    t.ada.git(&["commit", "--quiet", "--allow-empty", "-m", "Nothing to see"]);
    t.ada.staple_ok(&["set", &t.id, "product=two"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pushed 1 (") && done.stderr.contains("1 commit of yours had landed"), "{done}");
    assert_eq!(t.ada.git(&["log", "-1", "--format=%s"]).trim(), "Nothing to see");
}

#[test]
fn commits_that_go_on_from_each_other_and_land_squashed_are_not_made_twice() {
    let t = Team::new();
    t.ada.staple_ok(&["set", &t.id, "product=one"]);
    t.ada.staple_ok(&["set", &t.id, "product=two"]);
    t.sam.git(&["fetch", "--quiet", &t.ada.dir().to_string_lossy(), "main"]);
    t.sam.staple_ok(&["new", "From Sam"]);
    t.sam.git(&["merge", "--quiet", "--squash", "FETCH_HEAD"]);
    let words = t.ada.git(&["log", "-2", "--format=%B"]);
    t.sam.git(&["commit", "--quiet", "-m", &format!("Products (#1)\n\n{words}")]);
    // Somebody goes on from what landed.
    t.sam.staple_ok(&["set", &t.id, "product=three"]);
    t.sam.git(&["push", "--quiet", "origin", "main"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 3 (") && done.stderr.contains("2 commits of yours had landed"), "{done}");
    t.sam.git(&["fetch", "--quiet"]);
    t.assert_level();
}

#[test]
fn settings_that_cannot_be_read_push_no_other_branch() {
    let t = Team::new();
    t.ada.staple_ok(&["config", "set", "branch", "main"]);
    sync_ok(&t.ada);
    t.ada.git(&["checkout", "--quiet", "-b", "feature"]);
    t.ada.staple_ok(&["new", "Not for others"]);
    let sound = t.ada.read("staple.toml");
    let line = sound.lines().count() + 1;
    let place = format!("staple.toml:{line}:");
    let not_a_branch = sound.replace("branch = \"main\"", "branch = \"a..b\"");
    assert_ne!(sound, not_a_branch);
    t.ada.write("staple.toml", format!("{sound}oops = = \n"));
    refused(&t.ada, &["sync"], 3, &[&place, "staple check"]);
    t.ada.write("staple.toml", [sound.as_bytes(), b"# \xff\n"].concat());
    refused(&t.ada, &["sync"], 3, &[&place, "not UTF-8"]);
    t.ada.write("staple.toml", not_a_branch);
    refused(&t.ada, &["sync"], 3, &["staple.toml:", "a..b is no name of a branch"]);
    assert_eq!(t.remote.git(&t.ada, &["branch", "--list"]).trim(), "* main");
    t.ada.write("staple.toml", sound);
    sync_ok(&t.ada);
}

#[test]
fn a_shallow_clone_takes_part() {
    let t = Team::new();
    let kim = TestEnvironment::new();
    kim.git(&["clone", "--quiet", "--depth", "1", &t.remote.address(), "."]);
    kim.staple_ok(&["new", "From Kim"]);
    t.sam.staple_ok(&["new", "From Sam"]);
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    let done = sync_ok(&kim);
    assert!(done.stderr.contains("pulled 2, pushed 1 ("), "{done}");
    kim.assert_clean();
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    t.assert_level();
}

#[test]
fn three_people_and_a_dry_run() {
    let t = Team::new();
    let kim = clone(&t.sam, &t.remote, "Kim Sun", "kim@example.org");
    t.sam.staple_ok(&["received", &t.id, "-m", "still broken"]);
    t.ada.staple_ok(&["note", &t.id, "-m", "seen it too"]);
    kim.staple_ok(&["set", &t.id, "severity=degraded"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    let would = refused(&kim, &["sync", "-n"], 0, &["would pull 2, would push 1 (nothing was changed)"]);
    assert!(would.stdout.is_empty(), "{would}");
    let as_json = kim.staple_ok(&["sync", "--json"]);
    assert!(as_json.contains("\"pulled\":2") && as_json.contains("\"pushed\":1"), "{as_json}");
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    t.assert_level();
    assert_eq!(head(&kim), head(&t.sam));
}

#[test]
fn what_is_the_same_already_is_not_done_twice_and_its_operation_is_found() {
    let t = Team::new();
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["set", &t.id, "severity=stuck", "--op-id", "script-1"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 1 (") && done.stderr.contains("1 commit of yours had landed"), "{done}");
    t.assert_level();
    let again = t.ada.staple(&["set", &t.id, "severity=question", "--op-id", "script-1"]);
    assert!(again.status == 0 && again.stderr.contains("done before"), "{again}");
    t.assert_level();
}

#[test]
fn an_anonymous_proposal_stays_anonymous() {
    let t = Team::new();
    t.ada.staple_ok(&[
        "proposal",
        "new",
        "Shorter intake form",
        "--anonymous",
        "--customer-benefit",
        "less to fill in",
    ]);
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    let named = t.ada.git(&["log", "-1", "--format=%an %ae %cn %ce %cI"]);
    assert!(named.starts_with("anonymous anonymous@desk.invalid anonymous anonymous@desk.invalid"), "{named}");
    assert!(named.contains("T00:00:00"), "{named}");
}

#[test]
fn what_only_both_edits_together_break_is_told_with_both_commits() {
    let t = Team::new();
    t.sam.staple_ok(&["reply", &t.id, "-m", "done", "--resolve", "fixed"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["wait", &t.id, "customer", "their log", "--next-update", "3d"]);
    let output = t.ada.staple(&["sync"]);
    // Both set the status, so this is for a person.
    assert_eq!(output.status, 4, "{output}");
    let u = Team::new();
    u.sam.staple_ok(&["person", "new", "kim", "--name", "Kim Sun"]);
    sync_ok(&u.sam);
    sync_ok(&u.ada);
    u.sam.git(&["rm", "--quiet", "people/kim.toml"]);
    u.sam.git(&["commit", "--quiet", "-m", "Kim left"]);
    sync_ok(&u.sam);
    u.ada.staple_ok(&["take", &u.id, "--for", "kim"]);
    let output = u.ada.staple(&["sync"]);
    assert_eq!(output.status, 0, "{output}");
    assert!(output.stderr.contains("warning:") && output.stderr.contains("names kim"), "{output}");
    let commits = [u.ada.git(&["log", "-1", "--format=%h", "HEAD~1"]), "Kim left".to_owned()];
    assert!(output.stderr.contains(&format!("{} there", commits[0].trim())), "{commits:?} {output}");
}

#[test]
fn a_sync_that_is_killed_leaves_the_old_or_the_new_desk_and_the_next_goes_on() {
    let t = Team::new();
    t.ada.write("mine.txt", "staged\n");
    t.ada.git(&["add", "mine.txt"]);
    for round in 0..24u64 {
        t.sam.staple_ok(&["note", &t.id, "-m", &format!("sam {round}")]);
        sync_ok(&t.sam);
        t.ada.staple_ok(&["note", &t.id, "-m", &format!("ada {round}")]);
        let before = head(&t.ada);
        let mut command = t.ada.staple_command(&["sync"]);
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(4 * round));
        let _ = child.kill();
        child.wait().unwrap();
        let after = head(&t.ada);
        if after != before {
            let subject = t.ada.git(&["log", "--format=%an", "-2"]);
            assert_eq!(subject, "Ada Lake\nSam Rivers\n", "round {round}: both, in one line");
        }
        sync_ok(&t.ada);
        assert_eq!(t.ada.git(&["status", "--porcelain"]), "A  mine.txt\n", "round {round}");
        sync_ok(&t.sam);
        assert_eq!(head(&t.sam), head(&t.ada), "round {round}");
    }
    t.ada.git(&["rm", "--quiet", "-f", "mine.txt"]);
    t.assert_level();
    for who in ["sam", "ada"] {
        let words = t.sam.git(&["grep", "-h", &format!("^{who} "), "HEAD", "--", "tickets"]);
        assert_eq!(words.lines().count(), 24, "{who}");
    }
}

#[test]
fn a_branch_that_is_rebased_or_bisected_in_another_work_tree_stays() {
    let t = Team::new();
    t.ada.staple_ok(&["config", "set", "branch", "main"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    t.ada.git(&["switch", "--quiet", "-c", "fix"]);
    let linked = t.ada.home().join("linked");
    let linked = linked.to_str().unwrap();
    t.ada.git(&["worktree", "add", "--quiet", linked, "main"]);
    t.ada.try_git(&["-C", linked, "rebase", "--quiet", "--exec", "false", "HEAD~1"]);
    refused(&t.ada, &["sync"], 3, &["main is in the middle of a rebase in", "rebase --continue"]);
    t.ada.git(&["-C", linked, "rebase", "--abort"]);
    t.ada.git(&["-C", linked, "bisect", "start"]);
    t.ada.git(&["-C", linked, "switch", "--quiet", "--detach"]);
    refused(&t.ada, &["sync"], 3, &["main is in the middle of a bisect in", "bisect reset"]);
    t.ada.git(&["-C", linked, "bisect", "reset"]);
    t.ada.git(&["worktree", "remove", linked]);
    sync_ok(&t.ada);
    sync_ok(&t.sam);
    assert_eq!(t.remote.tip(&t.ada), head(&t.sam));
}
