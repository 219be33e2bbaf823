#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use super::transaction::{CommitSpec, Hooks, Operation, Outcome, Sign, TransactError, View, Write};
use super::working_tree::State;
use super::*;

/// A repository of its own with a desk in it, and git without any configuration but its own.
struct Desk {
    _folder: tempfile::TempDir,
    dir: PathBuf,
}

impl Desk {
    fn unborn() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().canonicalize().unwrap().join("desk");
        let desk = Self { _folder: folder, dir };
        Store::init_repo(&desk.dir, &desk.discover()).unwrap();
        desk.write("staple.toml", "format = 1\n");
        desk
    }

    fn new() -> Self {
        let desk = Self::unborn();
        desk.write("tickets/2026-11/aaa.toml", "title = \"a\"\n");
        desk.write("src/code.rs", "fn main() {}\n");
        desk.git(&["add", "."]);
        desk.git(&["commit", "-qm", "First"]);
        desk
    }

    fn discover(&self) -> Discover {
        Discover {
            start: self.dir.clone(),
            explicit: None,
            isolated: Some(vec!["user.name=Sam".into(), "user.email=sam@example.com".into()]),
        }
    }

    fn store(&self) -> Store {
        Store::open(&self.discover()).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir.join(path)).unwrap()
    }

    fn try_git(&self, args: &[&str]) -> (bool, String) {
        let output = git_in(&self.dir).args(args).output().unwrap();
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    fn git(&self, args: &[&str]) -> String {
        let (good, text) = self.try_git(args);
        assert!(good, "git {args:?}: {text}");
        text.trim_end().to_owned()
    }

    fn sound(&self) {
        let text = self.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
        let text = text.lines().filter(|line| {
            !line.starts_with("hint:") && !line.contains("unborn") && !line.contains("No default references")
        });
        assert_eq!(text.collect::<String>(), "");
        assert!(!self.dir.join(".git/staple/journal").exists());
    }
}

fn git_in(dir: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for (key, value) in [("GIT_AUTHOR_NAME", "U"), ("GIT_AUTHOR_EMAIL", "u@x"), ("GIT_COMMITTER_NAME", "U")] {
        git.env(key, value);
    }
    git.env("GIT_COMMITTER_EMAIL", "u@x");
    git
}

fn spec(message: &str) -> CommitSpec {
    CommitSpec {
        author: None,
        committer: None,
        author_time: Time::from_unix(1_764_000_000),
        committer_time: Time::from_unix(1_764_000_100),
        author_offset_seconds: 3600,
        committer_offset_seconds: 3600,
        message: message.to_owned(),
        hooks: Hooks::CommitMsg,
        sign: Sign::Config,
    }
}

fn fresh() -> Operation {
    Operation { id: "fresh".to_owned(), given: false }
}

fn put(path: &str, text: &str) -> Write {
    Write { path: path.to_owned(), bytes: Some(text.as_bytes().to_vec()) }
}

type Built = Result<Option<(Vec<Write>, CommitSpec)>, Error>;

fn change(store: &Store, writes: Vec<Write>) -> Result<Outcome, TransactError<Error>> {
    store.transact(&fresh(), |_: &View| -> Built { Ok(Some((writes.clone(), spec("Change\n\nOp-Id: fresh\n")))) })
}

fn refused(result: Result<Outcome, TransactError<Error>>) -> String {
    result.unwrap_err().to_string()
}

const A: &str = "tickets/2026-11/aaa.toml";
const B: &str = "tickets/2026-11/bbb.toml";

#[test]
fn a_commit_leaves_what_the_user_staged_edited_and_left_untracked() {
    let desk = Desk::new();
    desk.write("src/staged.rs", "staged\n");
    desk.git(&["add", "src/staged.rs"]);
    desk.write("src/code.rs", "dirty\n");
    desk.write("src/untracked.rs", "untracked\n");
    let before = desk.git(&["status", "--porcelain"]);
    let outcome = change(&desk.store(), vec![put(A, "title = \"b\"\n"), put(B, "title = \"n\"\n")]).unwrap();
    assert!(matches!(&outcome, Outcome::Committed { branch: Some(b), already: false, .. } if b == "main"));
    assert_eq!(desk.git(&["status", "--porcelain"]), before);
    assert_eq!(desk.git(&["show", "--name-only", "--format=%an %at %cn %ct %s", "HEAD"]).lines().count(), 4);
    assert_eq!(desk.read(A), "title = \"b\"\n");
    assert_eq!(desk.git(&["log", "-1", "--format=%an %ae %ad", "--date=raw"]), "Sam sam@example.com 1764000000 +0100");
    assert!(desk.git(&["reflog", "-1"]).contains("commit: Change"));
    desk.sound();
}

#[test]
fn the_users_next_commit_keeps_the_record() {
    let desk = Desk::new();
    // A tree cache that knows the old state of the folder.
    desk.git(&["status"]);
    desk.write("src/staged.rs", "staged\n");
    desk.git(&["add", "."]);
    change(&desk.store(), vec![put(A, "title = \"b\"\n"), put(B, "x = 1\n")]).unwrap();
    desk.git(&["commit", "-qm", "plain"]);
    assert_eq!(desk.git(&["show", "--name-only", "--format=", "HEAD"]), "src/staged.rs");
    desk.write("src/code.rs", "dirty\n");
    change(&desk.store(), vec![put(A, "title = \"c\"\n")]).unwrap();
    desk.git(&["commit", "-qam", "all"]);
    assert_eq!(desk.git(&["show", "--name-only", "--format=", "HEAD"]), "src/code.rs");
    assert_eq!(desk.git(&["show", &format!("HEAD:{A}")]), "title = \"c\"");
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    desk.sound();
}

#[test]
fn writers_at_once_lose_nothing() {
    let desk = Desk::new();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let desk = &desk;
            scope.spawn(move || {
                for turn in 0..8 {
                    let store = desk.store();
                    let outcome = store.transact(&fresh(), |view: &View| -> Built {
                        let old = String::from_utf8(view.read(A)?.unwrap()).unwrap();
                        let line = format!("{old}w{writer}-{turn} = 1\n");
                        let own = put(&format!("tickets/2026-11/{writer}-{turn}.toml"), "x = 1\n");
                        Ok(Some((vec![put(A, &line), own], spec("Line"))))
                    });
                    outcome.unwrap();
                }
            });
        }
        scope.spawn(|| {
            for turn in 0..12 {
                desk.write("src/code.rs", &format!("// {turn}\n"));
                // Plain git fails at once when a lock is held; a person tries again.
                while !desk.try_git(&["add", "src/code.rs"]).0 {}
                while !desk.try_git(&["commit", "-qm", "user", "--allow-empty"]).0 {}
            }
        });
    });
    assert_eq!(desk.read(A).lines().count(), 1 + 32);
    assert_eq!(desk.git(&["ls-files", "tickets"]).lines().count(), 1 + 32);
    assert_eq!(desk.git(&["rev-list", "--count", "HEAD"]), (1 + 32 + 12).to_string());
    assert_eq!(desk.git(&["show", &format!("HEAD:{A}")]).lines().count(), 33);
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    desk.sound();
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_a_link_is_refused() {
    let desk = Desk::new();
    let outside = desk.dir.parent().unwrap().join("outside");
    std::fs::rename(desk.dir.join("tickets"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, desk.dir.join("tickets")).unwrap();
    desk.write("people/sam.toml", "name = \"Sam\"\n");
    let store = desk.store();
    assert_eq!(refused(change(&store, vec![put(A, "x = 1\n")])), "tickets is a symbolic link");
    assert_eq!(refused(change(&store, vec![put("tickets/new/n.toml", "x = 1\n")])), "tickets is a symbolic link");
    assert!(!outside.join("new").exists());
    let overlay = store.overlay(&store.head_snapshot().unwrap(), &["tickets", "people"]).unwrap();
    let states: Vec<_> = overlay.iter().map(|item| (item.path.as_str(), item.state.clone())).collect();
    let sam = State::Record(b"name = \"Sam\"\n".to_vec());
    assert_eq!(states, [("people/sam.toml", sam), ("tickets", State::Link)]);
}

#[test]
fn a_merge_under_way_is_refused() {
    let desk = Desk::new();
    desk.git(&["checkout", "-qb", "side"]);
    desk.write(A, "title = \"side\"\n");
    desk.git(&["commit", "-qam", "side"]);
    desk.git(&["checkout", "-q", "main"]);
    desk.write(A, "title = \"main\"\n");
    desk.git(&["commit", "-qam", "main"]);
    assert!(!desk.try_git(&["merge", "side"]).0);
    let store = desk.store();
    assert_eq!(refused(change(&store, vec![put(B, "x = 1\n")])), "a merge is under way");
    let overlay = store.overlay(&store.head_snapshot().unwrap(), &["tickets"]).unwrap();
    assert_eq!(overlay[0].state, State::Unmerged);
}

#[test]
fn uncommitted_changes_of_the_user_are_refused() {
    let desk = Desk::new();
    let store = desk.store();
    desk.write(A, "title = \"edited\"\n");
    desk.write(B, "untracked\n");
    for (path, text) in [(A, "x = 1\n"), (B, "x = 1\n")] {
        assert_eq!(refused(change(&store, vec![put(path, text)])), format!("{path} has uncommitted changes"));
    }
    desk.git(&["add", "."]);
    let error = change(&store, vec![put(A, "x = 1\n")]).unwrap_err();
    assert!(matches!(error, TransactError::Store(Error::Uncommitted { staged: true, edited: false, .. })));
    assert_eq!(desk.git(&["status", "--porcelain"]), format!("M  {A}\nA  {B}"));
}

#[test]
fn an_unborn_repository_gets_its_first_commit() {
    let desk = Desk::unborn();
    std::fs::remove_file(desk.dir.join("staple.toml")).unwrap();
    let store = Store::open_at(&desk.discover(), "").unwrap();
    assert_eq!(store.head_snapshot().unwrap().walk().unwrap().files, []);
    desk.write("untracked", "mine\n");
    change(&store, vec![put("staple.toml", "format = 1\n"), put(A, "x = 1\n")]).unwrap();
    assert_eq!(desk.git(&["status", "--porcelain"]), "?? untracked");
    assert_eq!(desk.git(&["ls-tree", "-r", "--name-only", "HEAD"]), format!("staple.toml\n{A}"));
    desk.sound();
}

#[test]
fn what_was_staged_may_be_changed_again_and_goes_into_the_users_commit() {
    let desk = Desk::new();
    let store = desk.store();
    let stage = |text: &str| {
        store.stage(|view: &View| {
            let old = view.read(B)?.map(|bytes| String::from_utf8(bytes).unwrap()).unwrap_or_default();
            Ok::<_, Error>(Some(vec![put(B, &format!("{old}{text}\n")), put(A, "title = \"s\"\n")]))
        })
    };
    assert_eq!(stage("one").unwrap(), Outcome::Staged);
    assert_eq!(stage("two").unwrap(), Outcome::Staged);
    assert_eq!(desk.git(&["status", "--porcelain"]), format!("M  {A}\nA  {B}"));
    let listed = store.transact(&fresh(), |view: &View| -> Built {
        assert_eq!(view.list("tickets/2026-11")?.len(), 2);
        Ok(None)
    });
    assert_eq!(listed.unwrap(), Outcome::Nothing);
    desk.write("src/code.rs", "fix\n");
    desk.git(&["commit", "-qam", "fix"]);
    assert_eq!(desk.git(&["show", &format!("HEAD:{B}")]), "one\ntwo");
    assert_eq!(desk.git(&["show", "--name-only", "--format=", "HEAD"]).lines().count(), 3);
    // What the user edits after that is theirs again.
    desk.write(B, "edited\n");
    assert!(stage("three").is_err());
    desk.sound();
}

#[test]
fn a_given_operation_is_done_once() {
    let desk = Desk::new();
    let operation = Operation { id: "abc".to_owned(), given: true };
    let mut runs = 0;
    let mut run = || {
        desk.store().transact(&operation, |_: &View| -> Built {
            runs += 1;
            Ok(Some((vec![put(B, "x = 1\n")], spec("Once\n\nOp-Id: abc\n\nmore text"))))
        })
    };
    let Outcome::Committed { commit, already: false, .. } = run().unwrap() else { panic!() };
    assert_eq!(run().unwrap(), Outcome::Committed { commit, branch: Some("main".to_owned()), already: true });
    assert_eq!(runs, 1);
}

#[test]
fn removing_a_record_removes_its_empty_folder() {
    let desk = Desk::new();
    change(&desk.store(), vec![Write { path: A.to_owned(), bytes: None }]).unwrap();
    assert!(!desk.dir.join("tickets").exists());
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    assert_eq!(change(&desk.store(), vec![Write { path: A.to_owned(), bytes: None }]).unwrap(), Outcome::Nothing);
    desk.sound();
}

#[test]
fn landing_an_imported_branch_leaves_the_status_clean() {
    for born in [true, false] {
        let desk = if born { Desk::new() } else { Desk::unborn() };
        if !born {
            std::fs::remove_file(desk.dir.join("staple.toml")).unwrap();
        }
        let mut stream = String::new();
        for commit in 0..3 {
            stream += "commit refs/staple/import/x\ncommitter I <i@x> 1764000000 +0000\ndata 2\nI\n";
            if commit == 0 && born {
                stream += "from refs/heads/main^0\n";
            }
            stream += &format!("M 100644 inline tickets/2026-12/c{commit}.toml\ndata 4\nx=1\n\n");
            stream += "M 100644 inline staple.toml\ndata 4\ny=2\n\n";
        }
        let mut child =
            git_in(&desk.dir).args(["fast-import", "--quiet"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), stream.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        let store = Store::open_at(&desk.discover(), "").unwrap();
        let tip = store.resolve("refs/staple/import/x").unwrap();
        let head = store.head().unwrap().commit;
        if born {
            desk.write("tickets/2026-12/c1.toml", "mine\n");
            assert!(matches!(store.land(tip, head, "import"), Err(Error::Uncommitted { .. })));
            std::fs::remove_file(desk.dir.join("tickets/2026-12/c1.toml")).unwrap();
        }
        store.land(tip, head, "import: landed").unwrap();
        assert_eq!(desk.git(&["status", "--porcelain"]), "");
        assert_eq!(desk.read("staple.toml"), "y=2\n");
        assert_eq!(desk.git(&["rev-parse", "HEAD"]), tip.to_string());
        desk.sound();
    }
}

fn works(desk: &Desk, store: &Store) {
    change(store, vec![put(A, "title = \"n\"\n"), put(B, "x = 1\n")]).unwrap();
    assert_eq!(store.head_snapshot().unwrap().read(B).unwrap().unwrap(), b"x = 1\n");
    let status = git_in(store.work_dir()).args(["status", "--porcelain"]).output().unwrap();
    assert_eq!(String::from_utf8(status.stdout).unwrap(), "");
    assert_eq!(store.overlay(&store.head_snapshot().unwrap(), &["tickets", "people"]).unwrap(), []);
    desk.sound();
}

#[test]
fn linked_work_trees_and_detached_heads_work() {
    let desk = Desk::new();
    let linked = desk.dir.parent().unwrap().join("linked");
    desk.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap()]);
    let store = Store::open(&Discover { start: linked.join("src"), ..desk.discover() }).unwrap();
    works(&desk, &store);
    assert_eq!(store.head().unwrap().branch.as_deref(), Some("side"));
    assert_ne!(desk.git(&["rev-parse", "main"]), desk.git(&["rev-parse", "side"]));
    desk.git(&["checkout", "-q", "--detach"]);
    works(&desk, &desk.store());
    assert!(desk.store().head().unwrap().detached);
    assert_eq!(desk.git(&["rev-list", "--count", "HEAD", "^main"]), "1");
}

#[test]
fn packed_references_and_deep_branch_names_work() {
    let desk = Desk::new();
    desk.git(&["checkout", "-qb", "team/a/b"]);
    desk.git(&["pack-refs", "--all"]);
    desk.git(&["gc", "-q"]);
    works(&desk, &desk.store());
    assert_eq!(desk.store().head().unwrap().branch.as_deref(), Some("team/a/b"));
}

#[test]
fn a_sha256_repository_works() {
    let desk = Desk::new();
    std::fs::remove_dir_all(desk.dir.join(".git")).unwrap();
    desk.git(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    desk.git(&["add", "."]);
    desk.git(&["commit", "-qm", "First"]);
    works(&desk, &desk.store());
    assert_eq!(desk.store().head().unwrap().commit.unwrap().to_string().len(), 64);
}

#[test]
fn a_desk_in_a_submodule_works() {
    let desk = Desk::new();
    let outer = desk.dir.parent().unwrap().join("outer");
    std::fs::create_dir(&outer).unwrap();
    let from = desk.dir.to_str().unwrap();
    git_in(&outer).args(["init", "-q"]).status().unwrap();
    let mut git = git_in(&outer);
    git.args(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "inner"]);
    assert!(git.status().unwrap().success());
    let store = Store::open(&Discover { start: outer.join("inner"), ..desk.discover() }).unwrap();
    assert_eq!(store.work_dir(), outer.join("inner"));
    works(&desk, &store);
}

#[test]
fn a_record_that_sparse_checkout_leaves_out_gets_no_file() {
    for sparse_index in ["--no-sparse-index", "--sparse-index"] {
        let desk = Desk::new();
        desk.git(&["sparse-checkout", "set", "--cone", sparse_index, "src"]);
        assert!(!desk.dir.join("tickets").exists());
        let store = desk.store();
        works(&desk, &store);
        assert!(!desk.dir.join("tickets").exists());
        desk.write("src/code.rs", "dirty\n");
        desk.git(&["commit", "-qam", "all"]);
        assert_eq!(desk.git(&["show", &format!("HEAD:{A}")]), "title = \"n\"");
        desk.git(&["sparse-checkout", "disable"]);
        assert_eq!(desk.read(B), "x = 1\n");
        assert_eq!(desk.git(&["status", "--porcelain"]), "");
    }
}

#[test]
fn carriage_returns_of_a_checkout_are_no_change() {
    let desk = Desk::new();
    desk.git(&["config", "core.autocrlf", "true"]);
    std::fs::remove_file(desk.dir.join(A)).unwrap();
    desk.git(&["checkout", "--", A]);
    assert_eq!(desk.read(A), "title = \"a\"\r\n");
    let store = desk.store();
    assert_eq!(store.overlay(&store.head_snapshot().unwrap(), &["tickets"]).unwrap(), []);
    works(&desk, &store);
    desk.write(B, "x = 1\r\n");
    assert_eq!(store.overlay(&store.head_snapshot().unwrap(), &["tickets"]).unwrap(), []);
}

#[test]
fn the_overlay_tells_new_changed_and_deleted_apart() {
    let desk = Desk::new();
    desk.write("people/sam.toml", "name = \"Sam\"\n");
    desk.git(&["add", "."]);
    desk.git(&["commit", "-qm", "more"]);
    desk.write(A, "title = \"z\"\n");
    desk.write(B, "new\n");
    desk.write("tickets/2026-11/aaa.x.shot.png", "png");
    desk.git(&["add", B]);
    std::fs::remove_file(desk.dir.join("people/sam.toml")).unwrap();
    let store = desk.store();
    let overlay = store.overlay(&store.head_snapshot().unwrap(), &["tickets", "people", "roles"]).unwrap();
    let record = |text: &str| State::Record(text.as_bytes().to_vec());
    let found: Vec<_> = overlay.iter().map(|item| (item.path.as_str(), &item.state, item.staged)).collect();
    assert_eq!(
        found,
        [
            ("people/sam.toml", &State::Deleted, false),
            (A, &record("title = \"z\"\n"), false),
            ("tickets/2026-11/aaa.x.shot.png", &State::Attachment, false),
            (B, &record("new\n"), true),
        ]
    );
    assert_eq!(store.overlay(&store.head_snapshot().unwrap(), &[""]).unwrap(), overlay);
}

#[cfg(unix)]
fn hook(desk: &Desk, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = desk.dir.join(".git/hooks").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn the_commit_msg_hook_may_edit_the_message_or_refuse() {
    let desk = Desk::new();
    hook(&desk, "commit-msg", "echo \"Guard: $STAPLE_HOOK\" >> \"$1\"");
    works(&desk, &desk.store());
    assert!(desk.git(&["log", "-1", "--format=%B"]).ends_with("Op-Id: fresh\nGuard: 1"));
    hook(&desk, "commit-msg", "echo no such ticket >&2; exit 1");
    let text = refused(change(&desk.store(), vec![put(A, "x = 2\n")]));
    assert_eq!(text, "the commit-msg hook refused: no such ticket");
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
}

#[cfg(unix)]
#[test]
fn the_pre_commit_hook_sees_what_will_be_committed() {
    let desk = Desk::new();
    hook(&desk, "pre-commit", "git diff --cached --name-only > \"$(git rev-parse --git-dir)/seen\"; exit 1");
    desk.write("src/staged.rs", "staged\n");
    desk.git(&["add", "."]);
    let result = desk.store().transact(&fresh(), |_: &View| -> Built {
        Ok(Some((vec![put(B, "x = 1\n")], CommitSpec { hooks: Hooks::All, ..spec("x") })))
    });
    assert!(refused(result).starts_with("the pre-commit hook refused"));
    assert_eq!(desk.read(".git/seen"), format!("{B}\n"));
}

#[test]
fn a_commit_that_cannot_be_signed_is_not_made() {
    let desk = Desk::new();
    let mut discover = desk.discover();
    let sign = ["commit.gpgSign=true", "gpg.program=/nowhere/gpg", "user.signingKey=0"].map(str::to_owned);
    discover.isolated.as_mut().unwrap().extend(sign);
    let before = desk.git(&["rev-parse", "HEAD"]);
    let result = change(&Store::open(&discover).unwrap(), vec![put(B, "x = 1\n")]);
    assert!(refused(result).starts_with("the commit could not be signed"));
    assert_eq!(desk.git(&["rev-parse", "HEAD"]), before);
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_cannot_be_a_desk_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().canonicalize().unwrap();
    let open = |path: &Path| {
        let discover = Discover { start: path.to_owned(), isolated: Some(Vec::new()), ..Discover::default() };
        Store::open(&discover).map(|store| store.prefix().to_owned())
    };
    assert!(matches!(open(&dir), Err(Error::NotARepository { .. })));
    let bare = dir.join("bare");
    git_in(&dir).args(["init", "-q", "--bare", "bare"]).status().unwrap();
    assert!(matches!(open(&bare), Err(Error::Bare { .. })));
    let table = dir.join("table");
    git_in(&dir).args(["init", "-q", "--ref-format=reftable", "table"]).status().unwrap();
    assert!(matches!(open(&table), Err(Error::Reftable { .. })));
    let plain = dir.join("plain");
    git_in(&dir).args(["init", "-q", "plain"]).status().unwrap();
    assert!(matches!(open(&plain), Err(Error::NoDesk { .. })));
    std::fs::create_dir_all(plain.join("else/where")).unwrap();
    std::fs::write(plain.join("else/where/staple.toml"), "").unwrap();
    assert_eq!(open(&plain.join("else/where")).unwrap(), "else/where");
    git_in(&plain).args(["config", "staple.desk", "else/where"]).status().unwrap();
    assert_eq!(open(&plain).unwrap(), "else/where");
    std::fs::create_dir(plain.join("support")).unwrap();
    std::fs::write(plain.join("support/staple.toml"), "").unwrap();
    assert_eq!(open(&plain).unwrap(), "support");
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_owner_is_refused() {
    let desk = Desk::new();
    // Only root can give a folder away.
    if std::os::unix::fs::chown(desk.dir.join(".git"), Some(12345), None).is_err() {
        return;
    }
    assert!(matches!(Store::open(&desk.discover()), Err(Error::Untrusted { .. })));
}

#[test]
fn a_desk_below_the_root_commits_under_its_folder() {
    let desk = Desk::new();
    desk.git(&["mv", "staple.toml", "src/staple.toml"]);
    desk.git(&["commit", "-qm", "move"]);
    let store = Store::open(&Discover { start: desk.dir.join("src"), ..desk.discover() }).unwrap();
    works(&desk, &store);
    desk.write("src/people/sam.toml", "name = \"Sam\"\n");
    desk.write("elsewhere.toml", "no record\n");
    let overlay = store.overlay(&store.head_snapshot().unwrap(), &[""]).unwrap();
    assert_eq!(overlay.iter().map(|item| item.path.as_str()).collect::<Vec<_>>(), ["people/sam.toml"]);
    assert_eq!(desk.git(&["ls-tree", "-r", "--name-only", "HEAD", "src/tickets"]), format!("src/{A}\nsrc/{B}"));
}

#[test]
fn paths_that_leave_the_desk_are_refused() {
    let desk = Desk::new();
    for path in ["../x", ".git/config", "a//b", "/etc/x", "a/.GIT/x", "a\\b", "", "a\nb"] {
        let text = refused(change(&desk.store(), vec![put(path, "x")]));
        assert_eq!(text, format!("{path} is not a usable path"));
    }
}

#[test]
fn what_a_dead_run_left_is_undone_and_done_again() {
    let desk = Desk::new();
    let store = desk.store();
    // As a run leaves it that died between the staging area and the branch.
    desk.write(A, "title = \"half\"\n");
    desk.write(B, "x = 1\n");
    desk.git(&["add", "tickets"]);
    let id = |path: &str| Some(store.resolve_any(&format!(":{path}")));
    let base = Some(store.resolve_any(&format!("HEAD:{A}")));
    let item = |path: &str, base, new| journal::Item { path: path.to_owned(), base, new, executable: false };
    let lock = desk.dir.join(".git/HEAD.lock");
    let tip = store.resolve_any("HEAD^{tree}");
    std::fs::write(&lock, format!("{tip}\n")).unwrap();
    let items = vec![item(A, base, id(A)), item(B, None, id(B))];
    let journal = journal::Journal { tip: Some(tip), locks: vec![lock.clone()], held: None, items };
    journal.begin(&store.journal_path().unwrap(), false).unwrap();
    assert_eq!(change(&store, vec![]).unwrap(), Outcome::Nothing);
    assert!(!lock.exists());
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    works(&desk, &store);
}

#[test]
fn a_lock_of_someone_elses_is_left_alone() {
    let desk = Desk::new();
    let store = desk.store();
    let lock = desk.dir.join(".git/refs/heads/main.lock");
    std::fs::write(&lock, "").unwrap();
    let journal = journal::Journal { locks: vec![desk.dir.join(".git/HEAD.lock")], ..Default::default() };
    journal.begin(&store.journal_path().unwrap(), false).unwrap();
    store.recover().unwrap();
    assert!(lock.exists());
}

impl Store {
    fn resolve_any(&self, rev: &str) -> ObjectId {
        self.repo().rev_parse_single(rev).unwrap().detach()
    }
}
