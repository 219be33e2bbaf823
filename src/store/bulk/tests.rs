#![allow(clippy::unwrap_used)]

use super::*;
use crate::record::time::Time;
use crate::store::testing::Repo;

fn stamp(time: i64) -> Signature {
    Signature {
        name: "Ada\n<Lovelace>".to_owned(),
        email: "ada@example.org>\ncommitter x".to_owned(),
        time: Time::from_unix(time),
        offset_seconds: -(3 * 3600 + 1800),
    }
}

fn write(path: &str, text: &str, time: i64) -> BulkCommit {
    BulkCommit {
        author: stamp(time),
        committer: stamp(time + 60),
        message: "Write a file".to_owned(),
        writes: vec![(path.to_owned(), Some(text.as_bytes().to_vec()))],
    }
}

fn start(repo: &Repo, base: Option<ObjectId>) -> Bulk {
    Bulk::start(&repo.open(), "op1", base, Command::new("git")).unwrap()
}

fn refs(repo: &Repo) -> String {
    repo.git(&["for-each-ref", "--format=%(refname)"], 0)
}

#[test]
fn commits_land_on_the_private_reference_and_nowhere_else() {
    let repo = Repo::new();
    let base = repo.commit("kept", "kept", 100, 100);
    let mut bulk = start(&repo, Some(base));
    bulk.commit(&write("a/one.toml", "1\n", 1000)).unwrap();
    let mut second = write("a/two.toml", "2\n", 2000);
    second.writes.push(("a/one.toml".to_owned(), None));
    bulk.commit(&second).unwrap();
    let tip = bulk.finish().unwrap();

    assert_eq!(repo.id("refs/staple/import/op1"), tip);
    assert_eq!(repo.id("HEAD"), base);
    assert_eq!(repo.git(&["status", "--porcelain"], 0), "");
    assert_eq!(repo.git(&["ls-tree", "-r", "--name-only", &tip.to_string()], 0), "a/two.toml\nkept");
    assert_eq!(
        repo.git(&["log", "--format=%an|%ae|%ad|%cd|%s", "--date=raw", &format!("{base}..{tip}")], 0),
        "Ada Lovelace|ada@example.org committer x|2000 -0330|2060 -0330|Write a file\n\
         Ada Lovelace|ada@example.org committer x|1000 -0330|1060 -0330|Write a file"
    );
    repo.git(&["fsck", "--strict"], 0);
}

#[test]
fn odd_paths_arrive_as_they_are() {
    let repo = Repo::new();
    let mut bulk = start(&repo, None);
    let paths = ["\"quoted\"", "a b/c\\d", "line\nend", "ümlaut/日本", " leading", "tab\tx", "-dash"];
    let mut commit = write("plain", "x", 5);
    commit.writes.extend(paths.map(|path| (path.to_owned(), Some(Vec::new()))));
    bulk.commit(&commit).unwrap();
    let tip = bulk.finish().unwrap();
    let listed = repo.git(&["ls-tree", "-r", "-z", "--name-only", &tip.to_string()], 0);
    let listed: std::collections::BTreeSet<_> = listed.split('\0').filter(|p| !p.is_empty()).collect();
    assert_eq!(listed, paths.into_iter().chain(["plain"]).collect());
}

#[test]
fn paths_that_leave_the_repository_are_refused_and_the_import_goes_on() {
    let repo = Repo::new();
    let mut bulk = start(&repo, None);
    for path in ["", "/etc/passwd", "a/../b", ".git/config", "a/.GIT/x", "a//b", "a/", "nul\0"] {
        assert!(matches!(bulk.commit(&write(path, "x", 5)), Err(BulkError::Path(_))), "{path:?}");
    }
    assert!(matches!(bulk.commit(&write("a", "x", -5)), Err(BulkError::Time(-5))));
    assert_eq!(bulk.commit(&write("a", "x", 5)).unwrap(), 1);
    bulk.finish().unwrap();
    repo.git(&["fsck", "--strict"], 0);
}

#[test]
fn dropping_leaves_no_reference_and_no_report() {
    let repo = Repo::new();
    let before = repo.commit("kept", "kept", 100, 100);
    let mut bulk = start(&repo, Some(before));
    for n in 0..50 {
        bulk.commit(&write("a", &n.to_string(), 1000 + n)).unwrap();
    }
    bulk.tag("v1", 50, &stamp(2000), "One").unwrap();
    drop(bulk);
    assert_eq!(refs(&repo), "refs/heads/main");
    let reports = std::fs::read_dir(repo.path().join(".git"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("crash"))
        .count();
    assert_eq!(reports, 0);
    repo.git(&["fsck", "--strict"], 0);
}

#[test]
fn tags_wait_for_the_landing() {
    let repo = Repo::new();
    let mut bulk = start(&repo, None);
    let mark = bulk.commit(&write("a", "1", 1000)).unwrap();
    bulk.commit(&write("a", "2", 2000)).unwrap();
    bulk.tag("v1.0", mark, &stamp(3000), "First release").unwrap();
    assert!(matches!(bulk.tag("v2", 9, &stamp(1), ""), Err(BulkError::Mark(9))));
    assert!(matches!(bulk.tag("bad..name", mark, &stamp(1), ""), Err(BulkError::Name(_))));
    let tip = bulk.finish().unwrap();
    assert_eq!(refs(&repo), "refs/staple/import-tags/op1/v1.0\nrefs/staple/import/op1");

    settle(&repo.open(), "op1").unwrap();
    assert_eq!(refs(&repo), "refs/tags/v1.0");
    assert_eq!(repo.id("v1.0^{commit}"), repo.id(&format!("{tip}~1")));
    assert_eq!(repo.git(&["cat-file", "-t", "v1.0"], 0), "tag");
    settle(&repo.open(), "op1").unwrap();
    repo.git(&["fsck", "--strict"], 0);
}

#[test]
fn a_landed_import_is_no_failure_where_its_private_reference_stays() {
    let repo = Repo::new();
    let mut bulk = start(&repo, None);
    bulk.commit(&write("a", "1", 1000)).unwrap();
    bulk.finish().unwrap();
    let lock = repo.open().git_dir().join("refs/staple/import/op1.lock");
    std::fs::write(&lock, "").unwrap();
    settle(&repo.open(), "op1").unwrap();
    assert_eq!(refs(&repo), "refs/staple/import/op1");
    std::fs::remove_file(lock).unwrap();
    settle(&repo.open(), "op1").unwrap();
    assert_eq!(refs(&repo), "");
}

#[test]
fn what_a_killed_import_left_is_no_hindrance() {
    let repo = Repo::new();
    let mut bulk = start(&repo, None);
    let mark = bulk.commit(&write("a", "1", 1000)).unwrap();
    bulk.tag("v1/a", mark, &stamp(3000), "First release").unwrap();
    bulk.finish().unwrap();
    let folder = repo.open().git_dir().to_owned();
    std::fs::create_dir_all(folder.join("staple")).unwrap();
    std::fs::write(folder.join("staple/import-op1"), "").unwrap();
    let (ours, other) = (["import/op1.lock", "import-tags/op1/v1/a.lock"], "import/op2.lock");
    for lock in ours.iter().chain([&other]) {
        std::fs::write(folder.join("refs/staple").join(lock), "").unwrap();
    }
    let _alive = Alive::begin(&repo.open(), "op1").unwrap();
    assert_eq!(refs(&repo), "");
    assert!(ours.iter().all(|lock| !folder.join("refs/staple").join(lock).exists()));
    assert!(folder.join("refs/staple").join(other).exists(), "that of an import that may be running");
}

#[test]
fn an_error_of_git_is_passed_on_in_its_words() {
    let repo = Repo::new();
    let missing = ObjectId::from_hex(b"1234567890123456789012345678901234567890").unwrap();
    let mut bulk = start(&repo, Some(missing));
    let sent = bulk.commit(&write("a", "1", 1000));
    let error = sent.map(|_| ()).and_then(|()| bulk.finish().map(|_| ())).unwrap_err();
    assert!(error.to_string().contains("1234567890"), "{error}");
    assert!(
        !std::fs::read_dir(repo.path().join(".git")).unwrap().any(|entry| entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("crash"))
    );
    assert!(matches!(Bulk::start(&repo.open(), "a..b", None, Command::new("git")), Err(BulkError::Name(_))));
    assert!(matches!(
        Bulk::start(&repo.open(), "op", None, Command::new("/nonexistent/git")),
        Err(BulkError::Start { .. })
    ));
}

#[test]
fn nothing_written_is_the_base_or_an_error() {
    let repo = Repo::new();
    assert!(matches!(start(&repo, None).finish(), Err(BulkError::Nothing)));
    let base = repo.commit("a", "1", 100, 100);
    assert_eq!(start(&repo, Some(base)).finish().unwrap(), base);
}

#[test]
fn names_are_never_empty_in_a_header() {
    let mut empty = stamp(7);
    empty.name = "<>".to_owned();
    empty.email = String::new();
    empty.offset_seconds = 90 * 3600;
    assert_eq!(stamp_line(&empty).unwrap(), "unknown <> 7 +0000");
}
