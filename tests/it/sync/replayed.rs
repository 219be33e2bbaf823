//! What stays of commits and files when commits are put on top of others.

use super::{Team, head, refused, sync_ok};
use crate::common::TestEnvironment;
#[cfg(unix)]
use crate::common::paste::paste;

#[test]
fn a_commit_put_on_top_of_others_keeps_its_bytes() {
    let t = Team::new();
    // Made by hand with a zone that is not known, and in Latin-1: the first taken back by the second.
    let make = |parent: &str, message: &[u8]| {
        let tree = t.ada.git(&["rev-parse", "HEAD^{tree}"]);
        let mut bytes = format!("tree {}\nparent {parent}\nauthor J", tree.trim()).into_bytes();
        bytes.extend(b"\xf6rg <j@example.org> 1700000000 -0000\ncommitter J\xf6rg <j@example.org> 1700000000 -0000\n");
        bytes.extend(b"encoding ISO-8859-1\n\n");
        bytes.extend(message);
        std::fs::write(t.ada.home().join("commit"), &bytes).unwrap();
        t.ada
            .git(&["hash-object", "-t", "commit", "-w", t.ada.home().join("commit").to_str().unwrap()])
            .trim()
            .to_owned()
    };
    let one = make(&head(&t.ada), b"Gr\xfc\xdfe\n\nOp-Id: one\n");
    let two = make(&one, &[b"Zur\xfcck\n\nUndoes: ", one.as_bytes(), b"\n"].concat());
    t.ada.git(&["reset", "--quiet", "--hard", &two]);
    t.ada.git(&["config", "user.name", "Ada Læke"]);
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    let raw = |rev: &str| {
        let mut git = std::process::Command::new("git");
        git.current_dir(t.ada.dir()).args(["cat-file", "commit", rev]).output().unwrap().stdout
    };
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for rev in ["HEAD~1", "HEAD"] {
        let bytes = raw(rev);
        for part in [
            b"author J\xf6rg <j@example.org> 1700000000 -0000\n".as_slice(),
            b"committer Ada L\xe6ke <",
            b"\nencoding ISO-8859-1\n",
        ] {
            assert!(has(&bytes, part), "{} in {}", String::from_utf8_lossy(part), String::from_utf8_lossy(&bytes));
        }
    }
    assert!(has(&raw("HEAD~1"), b"\nGr\xfc\xdfe\n"));
    let landed = t.ada.git(&["rev-parse", "HEAD~1"]);
    assert!(has(&raw("HEAD"), &[b"\nZur\xfcck\n\nUndoes: ", landed.trim().as_bytes()].concat()));
}

#[test]
fn the_log_of_a_branch_says_who_moved_it() {
    let t = Team::new();
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    t.ada.at("2026-11-23T10:00:00Z");
    sync_ok(&t.ada);
    let line = t.ada.git(&["log", "-g", "-1", "--format=%gn %ge %gs", "main"]);
    assert_eq!(line.trim(), "Ada Lake ada@example.org sync: to origin");
    let when = t.ada.git(&["log", "-g", "-1", "--format=%gd", "--date=iso-strict", "main"]);
    assert_eq!(when.trim().replace("+00:00", "Z"), "main@{2026-11-23T10:00:00Z}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_name_is_no_text_stops_nothing_once_git_has_taken_it_in() {
    use std::os::unix::ffi::OsStrExt;
    let t = Team::new();
    std::fs::write(t.sam.dir().join(std::ffi::OsStr::from_bytes(b"J\xf6rg.txt")), "hello\n").unwrap();
    t.sam.git(&["add", "."]);
    t.sam.git(&["commit", "--quiet", "-m", "A greeting"]);
    t.sam.git(&["push", "--quiet", "origin", "main"]);
    t.ada.staple_ok(&["new", "From Ada"]);
    let said = refused(
        &t.ada,
        &["sync"],
        3,
        &["is not a usable path", "git pull --rebase --autostash origin refs/heads/main"],
    );
    let done = paste(&t.ada, "", &said.stderr, "exchange it with git: ", "");
    assert!(done.contains("exit status: 0"), "{done}");
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["new", "More from Ada"]);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 1, pushed 1 ("), "{done}");
    sync_ok(&t.sam);
    t.assert_level();
}

#[cfg(unix)]
#[test]
fn a_folder_swapped_for_a_file_or_the_other_way_round_is_no_conflict() {
    let t = Team::new();
    let swap = |who: &TestEnvironment, path: &str, text: &str, others: &[&str]| {
        who.git(&[&["rm", "--quiet", "-r"], others].concat());
        who.write(path, text);
        who.git(&["add", "."]);
        who.git(&["commit", "--quiet", "-m", "Swap"]);
    };
    for (path, text) in [("a/x", "ax\n"), ("a/y", "ay\n"), ("b", "b\n")] {
        t.sam.write(path, text);
    }
    t.sam.git(&["add", "."]);
    t.sam.git(&["commit", "--quiet", "-m", "Files"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    // Ours is put on top of theirs.
    swap(&t.ada, "a", "file\n", &["a"]);
    swap(&t.ada, "b/z", "bz\n", &["b"]);
    t.sam.staple_ok(&["new", "From Sam"]);
    sync_ok(&t.sam);
    let done = sync_ok(&t.ada);
    assert!(done.stderr.contains("pulled 1, pushed 2 ("), "{done}");
    assert_eq!(t.ada.git(&["ls-files", "a", "b"]), "a\nb/z\n");
    t.ada.assert_clean();
    // Theirs is put in place by git, as is said.
    let said = refused(&t.sam, &["sync"], 3, &["in a way that only git puts in place"]);
    let done = paste(&t.sam, "", &said.stderr, "take theirs in with git: ", "; then");
    assert!(done.contains("exit status: 0"), "{done}");
    sync_ok(&t.sam);
    t.assert_level();
    // Where both did something to it, it is for a person.
    swap(&t.ada, "a/x", "again\n", &["a"]);
    t.sam.write("a", "mine\n");
    t.sam.git(&["commit", "--quiet", "-am", "Mine"]);
    sync_ok(&t.sam);
    refused(&t.ada, &["sync"], 4, &["different things"]);
}
