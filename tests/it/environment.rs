//! The test environment itself: what it promises to every other test.

use crate::common::{TestEnvironment, check_snapshot};

#[test]
fn the_clock_and_the_person_are_given() {
    let sam = TestEnvironment::with_repository();
    sam.write("notes/a.txt", "one\n");
    sam.git(&["add", "."]);
    sam.at("2026-11-23T10:00:00Z").git(&["commit", "--quiet", "-m", "Add a note"]);
    let shown = sam.git(&["log", "-1", "--format=%an <%ae> %at %ct"]);
    assert_eq!(shown, "Sam Rivers <sam@example.org> 1795428000 1795428000\n");
    assert_eq!((sam.read("notes/a.txt"), sam.files()), ("one\n".to_owned(), vec!["notes/a.txt".to_owned()]));
    sam.assert_clean();
}

#[test]
fn another_person_has_a_clone_and_a_home_of_their_own() {
    let sam = TestEnvironment::with_repository();
    sam.git(&["commit", "--quiet", "--allow-empty", "-m", "Begin"]);
    let robin = sam.clone_for("Robin Hale", "robin@example.org");
    robin.git(&["commit", "--quiet", "--allow-empty", "-m", "Go on"]);
    assert_eq!(robin.git(&["log", "--format=%an %s"]), "Robin Hale Go on\nSam Rivers Begin\n");
    assert_ne!(sam.home(), robin.home());
    assert!(robin.dir().join(".git").is_dir());
}

#[test]
fn nothing_of_the_machine_shows_through() {
    let sam = TestEnvironment::new();
    let listed = sam.git(&["config", "--list", "--show-scope"]);
    assert!(listed.lines().all(|line| line.starts_with("global\t")), "{listed}");
    assert_ne!(sam.try_git(&["rev-parse", "--git-dir"]).status, 0);
    sam.set("GIT_AUTHOR_NAME", "Someone Else");
    assert!(sam.git(&["var", "GIT_AUTHOR_IDENT"]).starts_with("Someone Else <"));
}

#[test]
fn the_program_starts_and_its_output_is_caught() {
    let sam = TestEnvironment::new();
    assert_eq!(sam.staple(&["--version"]).status, 0);
    assert_eq!(sam.staple_with_input(&["--version"], "not read").stderr, "");
    assert_eq!(sam.staple_ok(&["--version"]), sam.staple(&["--version"]).stdout);
}

#[test]
fn an_output_shows_both_streams_and_the_status_without_the_folder() {
    let sam = TestEnvironment::with_repository();
    let folder = sam.dir().to_str().unwrap().to_owned();
    sam.git(&["config", "alias.both", "!f() { echo \"out $1\"; echo err >&2; exit 3; }; f"]);
    check_snapshot("environment-output", sam.try_git(&["both", &folder]));
}

#[test]
fn a_snapshot_that_differs_shows_how_and_is_not_rewritten_unasked() {
    let sam = TestEnvironment::new();
    let path = sam.dir().join("a.txt");
    let message = crate::common::compare(&path, "one\n", false).unwrap_err();
    assert!(message.contains("+one") && message.contains("STAPLE_BLESS=1") && !path.exists(), "{message}");
    crate::common::compare(&path, "one\n", true).unwrap();
    crate::common::compare(&path, "one\n", false).unwrap();
}
