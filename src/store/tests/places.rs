//! Where a desk may lie, which hooks and signatures it meets, and what a dead run leaves.

use super::*;

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
fn a_branch_that_stands_for_another_works() {
    let desk = Desk::new();
    let name = desk.git(&["symbolic-ref", "--short", "HEAD"]);
    desk.git(&["symbolic-ref", "refs/heads/other", &format!("refs/heads/{name}")]);
    desk.git(&["symbolic-ref", "HEAD", "refs/heads/other"]);
    let head = desk.git(&["rev-parse", "HEAD"]);
    assert_eq!(desk.store().head().unwrap().commit.unwrap().to_string(), head);
    works(&desk, &desk.store());
    assert_eq!(desk.git(&["symbolic-ref", "refs/heads/other"]), format!("refs/heads/{name}"));
    assert_eq!(desk.git(&["rev-parse", &name]), desk.git(&["rev-parse", "HEAD"]));
    assert_ne!(desk.git(&["rev-parse", "HEAD"]), head);
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

/// Breaks the checksum of the staging area, and nothing else.
fn break_checksum(desk: &Desk) {
    let path = desk.dir.join(".git/index");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
}

#[test]
fn a_look_leaves_the_checksum_of_the_staging_area_alone_as_git_does() {
    let desk = Desk::new();
    desk.write(A, "title = \"b\"\n");
    break_checksum(&desk);
    let store = desk.store();
    let found = store.overlay(&store.head_snapshot().unwrap(), &["tickets"]).unwrap();
    assert_eq!(found.iter().map(|item| item.path.as_str()).collect::<Vec<_>>(), [A]);
    assert!(desk.git(&["status", "--short"]).contains(A));
}

#[test]
fn single_files_that_hold_what_the_commit_has_need_no_staging_area() {
    let desk = Desk::new();
    desk.write(B, "title = \"b\"\n");
    let store = desk.store();
    let snapshot = store.head_snapshot().unwrap();
    let state = State::Record(b"title = \"b\"\n".to_vec());
    let new = Overlay { path: B.to_owned(), state, staged: false };
    assert_eq!(store.overlay_files(&snapshot, &[A, B]).unwrap(), [new]);
    std::fs::write(desk.dir.join(".git/index"), "no staging area").unwrap();
    assert_eq!(store.overlay_files(&snapshot, &[A]).unwrap(), []);
    assert!(store.overlay_files(&snapshot, &[A, B]).is_err());
}

#[test]
fn a_file_that_a_merge_left_as_it_was_is_unmerged_all_the_same() {
    let desk = Desk::new();
    desk.git(&["checkout", "-qb", "other"]);
    desk.git(&["rm", "-q", A]);
    desk.git(&["commit", "-qm", "Other"]);
    desk.git(&["checkout", "-q", "-"]);
    desk.write(A, "title = \"ours\"\n");
    desk.git(&["commit", "-qam", "Ours"]);
    assert!(!desk.try_git(&["merge", "-q", "other"]).0);
    assert_eq!(desk.read(A), "title = \"ours\"\n");
    let store = desk.store();
    let unmerged = Overlay { path: A.to_owned(), state: State::Unmerged, staged: false };
    assert_eq!(store.overlay_files(&store.head_snapshot().unwrap(), &[A]).unwrap(), [unmerged]);
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
    // Before 2.45 git makes none.
    if git_in(&dir).args(["init", "-q", "--ref-format=reftable", "table"]).output().unwrap().status.success() {
        assert!(matches!(open(&table), Err(Error::Reftable { .. })));
    }
    let plain = dir.join("plain");
    git_in(&dir).args(["init", "-q", "plain"]).status().unwrap();
    assert!(matches!(open(&plain), Err(Error::NoDesk { other: None, .. })));
    // The desk of another repository within is none of this one.
    git_in(&plain).args(["init", "-q", "another"]).status().unwrap();
    std::fs::write(plain.join("another/staple.toml"), "").unwrap();
    assert!(matches!(open(&plain), Err(Error::NoDesk { other: None, .. })));
    std::fs::create_dir_all(plain.join("else/where")).unwrap();
    std::fs::write(plain.join("else/where/staple.toml"), "").unwrap();
    // Nothing says that it is meant, so that the error tells of it.
    assert!(matches!(open(&plain), Err(Error::NoDesk { other: Some(folder), .. }) if folder == "else/where"));
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
    let item = |path: &str, base, new| journal::Item { path: path.to_owned(), base, new, ..journal::Item::default() };
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

/// Seen: killed in a linked work tree, or with a desk that is named by way of a link, a write left a lock that nobody removed.
#[cfg(unix)]
#[test]
fn locks_of_a_dead_run_are_found_by_whatever_way_the_desk_is_named() {
    let desk = Desk::new();
    let folder = desk.dir.parent().unwrap();
    desk.git(&["worktree", "add", "-q", "../linked", "-b", "side"]);
    std::os::unix::fs::symlink(&desk.dir, folder.join("named")).unwrap();
    for (start, branch) in [("linked", "side"), ("named", "main")] {
        let at = |start: &str| Store::open(&Discover { start: folder.join(start), ..desk.discover() }).unwrap();
        let store = at(start);
        let tip = store.resolve_any("HEAD^{tree}");
        let locks = store.lock_paths(&store.head().unwrap());
        assert!(locks.iter().any(|lock| lock.ends_with(format!("refs/heads/{branch}.lock"))), "{locks:?}");
        for lock in &locks {
            std::fs::write(lock, format!("{tip}\n")).unwrap();
        }
        let journal = journal::Journal { tip: Some(tip), locks: locks.clone(), ..Default::default() };
        journal.begin(&store.journal_path().unwrap(), false).unwrap();
        at(if start == "named" { "desk" } else { start }).recover().unwrap();
        assert_eq!(locks.iter().filter(|lock| lock.exists()).collect::<Vec<_>>(), [] as [&PathBuf; 0]);
    }
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
