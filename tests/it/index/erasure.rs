//! Words that were taken out of a desk, or out of its history, are not left in the file of the index.

use std::fs;

use super::desks::small;
use crate::common::TestEnvironment;

/// A word that begins as no other, so that full text keeps it whole.
const WORD: &str = "qxzvarnhagen";

/// Whether the files of the index hold the word.
fn holds(e: &TestEnvironment) -> bool {
    let files = ["index.sqlite", "index.sqlite-wal"].map(|name| e.dir().join(".git/staple").join(name));
    let held = |bytes: Vec<u8>| {
        let end = &WORD.as_bytes()[1..];
        bytes.to_ascii_lowercase().windows(end.len()).any(|window| window == end)
    };
    files.into_iter().any(|file| fs::read(file).is_ok_and(held))
}

/// A desk whose index holds the word of a message; the message's ticket.
fn told() -> (TestEnvironment, String) {
    let (e, ids) = small();
    e.staple_ok(&["list"]);
    e.staple_ok(&["note", &ids[0], "-m", "They are called Qxzvarnhagen in fact."]);
    assert!(e.staple_ok(&["search", WORD]).contains(&ids[0]));
    assert!(holds(&e));
    (e, ids[0].clone())
}

#[test]
fn the_index_does_not_keep_a_word_that_was_redacted() {
    let (e, id) = told();
    e.staple_ok(&["redact", &id, "--text", "Qxzvarnhagen"]);
    e.staple_ok(&["list"]);
    assert!(!holds(&e));
    assert!(e.staple_ok(&["search", "in fact"]).contains(&id));
    // A ticket where something was redacted before.
    e.staple_ok(&["note", &id, "-m", "Qxzvarnhagen called."]);
    assert!(e.staple_ok(&["search", WORD]).contains(&id));
    assert!(holds(&e));
    e.staple_ok(&["redact", &id, "--text", "Qxzvarnhagen"]);
    e.staple_ok(&["list"]);
    assert!(!holds(&e));
}

#[test]
fn the_index_lets_go_of_a_word_when_git_does() {
    let (e, id) = told();
    e.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    e.staple_ok(&["note", &id, "-m", "Nobody is named."]);
    e.staple_ok(&["list"]);
    e.git(&["reflog", "expire", "--expire=now", "--all"]);
    e.git(&["gc", "--quiet", "--prune=now"]);
    e.staple_ok(&["list"]);
    assert!(!holds(&e));
    assert!(e.staple_ok(&["search", "nobody"]).contains(&id));
}

#[test]
fn that_git_still_has_commits_is_asked_again_when_their_places_changed() {
    let (e, id) = told();
    e.git(&["gc", "--quiet"]);
    e.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    e.staple_ok(&["note", &id, "-m", "Nobody is named."]);
    // Until the clock of the file system has moved on, the places are not believed.
    std::thread::sleep(std::time::Duration::from_millis(60));
    e.staple_ok(&["list"]);
    let database = rusqlite::Connection::open(e.dir().join(".git/staple/index.sqlite")).unwrap();
    let found = || -> Vec<u8> {
        database.query_row("SELECT value FROM meta WHERE key = 'found'", [], |row| row.get(0)).unwrap()
    };
    let first = found();
    e.staple_ok(&["list"]);
    assert_eq!(found(), first);
    assert!(holds(&e));
    // Commits that are packed still are there, in other places.
    e.staple_ok(&["note", &id, "-m", "Still nobody."]);
    e.git(&["repack", "--quiet", "-a", "-d"]);
    std::thread::sleep(std::time::Duration::from_millis(60));
    e.staple_ok(&["list"]);
    assert_ne!(found(), first);
    assert!(holds(&e));
    drop(database);
    e.git(&["reflog", "expire", "--expire=now", "--all"]);
    e.git(&["gc", "--quiet", "--prune=now"]);
    e.staple_ok(&["list"]);
    assert!(!holds(&e));
}

#[test]
fn the_index_lets_go_at_once_of_what_git_has_not_any_more() {
    let (e, id) = told();
    e.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    e.git(&["commit", "--quiet", "--amend", "--allow-empty", "-m", "Otherwise"]);
    e.git(&["reflog", "expire", "--expire=now", "--all"]);
    e.git(&["gc", "--quiet", "--prune=now"]);
    e.staple_ok(&["show", &id]);
    assert!(!holds(&e));
}
