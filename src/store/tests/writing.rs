//! What a write keeps, refuses and leaves behind.

use super::*;

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

#[test]
fn what_is_staged_while_a_change_is_made_stays_staged() {
    let desk = Desk::new();
    let outcome = desk.store().transact(&fresh(), |_: &View| -> Built {
        // After the staging area was read, and before it is locked.
        desk.write("src/staged.rs", "staged\n");
        desk.git(&["add", "src/staged.rs"]);
        Ok(Some((vec![put(A, "title = \"b\"\n")], spec("Change"))))
    });
    assert!(matches!(outcome.unwrap(), Outcome::Committed { .. }));
    assert_eq!(desk.git(&["status", "--porcelain"]), "A  src/staged.rs");
    assert_eq!(desk.git(&["show", "--name-only", "--format=", "HEAD"]), A);
    desk.sound();
}

#[test]
fn a_staging_area_whose_checksum_is_wrong_is_not_written_anew() {
    let desk = Desk::new();
    let index = desk.dir.join(".git/index");
    let sound = std::fs::read(&index).unwrap();
    let mut damaged = sound.clone();
    // The first entry's size: nothing that a reader would stumble over.
    damaged[12 + 36 + 3] ^= 1;
    std::fs::write(&index, &damaged).unwrap();
    let text = refused(change(&desk.store(), vec![put(A, "title = \"b\"\n")]));
    assert!(text.starts_with("the staging area is unreadable"), "{text}");
    assert_eq!((desk.read(A), std::fs::read(&index).unwrap()), ("title = \"a\"\n".to_owned(), damaged));
    // None at all is what `index.skipHash` writes.
    let mut unchecked = sound;
    let end = unchecked.len() - 20;
    unchecked[end..].fill(0);
    std::fs::write(&index, unchecked).unwrap();
    change(&desk.store(), vec![put(A, "title = \"b\"\n")]).unwrap();
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    desk.sound();
}
