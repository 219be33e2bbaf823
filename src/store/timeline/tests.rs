#![allow(clippy::unwrap_used)]

use super::commits::is_pull;
use super::*;
use crate::store::testing::Repo;

fn on_main() -> WalkOptions<'static> {
    WalkOptions { desk_branch: "main", ..WalkOptions::default() }
}

fn line(repo: &Repo, prefix: &str) -> Line {
    walk(&repo.open(), repo.id("HEAD"), prefix, on_main()).unwrap()
}

/// The files in effect with their content.
fn fold(repo: &Repo, line: &Line, at: i64) -> String {
    let opened = repo.open();
    let files = fold_at(line, at).into_iter().map(|(path, id)| {
        let blob = opened.find_object(id).unwrap();
        format!("{path}={}", String::from_utf8_lossy(&blob.data))
    });
    files.collect::<Vec<_>>().join(" ")
}

/// The tree of HEAD, as `fold_at` should give it for the end of time.
fn head_files(repo: &Repo, prefix: &str) -> BTreeMap<String, ObjectId> {
    let listed = repo.git(&["ls-tree", "-r", "-z", &format!("HEAD:{prefix}")], 0);
    listed
        .split('\0')
        .filter_map(|line| line.split_once('\t'))
        .map(|(meta, path)| {
            let id = meta.rsplit(' ').next().unwrap();
            (path.to_owned(), ObjectId::from_hex(id.as_bytes()).unwrap())
        })
        .collect()
}

#[test]
fn only_the_folder_of_the_desk_counts() {
    let repo = Repo::new();
    repo.commit("README", "x", 100, 100);
    repo.commit("support/tickets/a.toml", "1", 200, 200);
    repo.commit("src/main.c", "x", 300, 300);
    repo.commit("support/tickets/a.toml", "2", 400, 400);
    repo.commit("support/tickets.md", "d", 500, 500);
    let line = line(&repo, "support");
    assert_eq!(fold(&repo, &line, 199), "");
    assert_eq!(fold(&repo, &line, 399), "tickets/a.toml=1");
    assert_eq!(fold(&repo, &line, 500), "tickets.md=d tickets/a.toml=2");
    assert_eq!(line.positions.len(), 5);
    assert_eq!(fold_at(&line, i64::MAX), head_files(&repo, "support"));
    let seen: Vec<i64> = versions(&line, "tickets/a.toml").iter().map(|v| v.effective).collect();
    assert_eq!(seen, [200, 400]);
}

#[test]
fn one_records_files_can_be_asked_for() {
    let repo = Repo::new();
    repo.commit("t/a/ticket.toml", "1", 100, 100);
    repo.commit("t/ab/ticket.toml", "1", 200, 200);
    repo.commit("t/a/messages/1.md", "m", 300, 300);
    let options = WalkOptions { paths: Some(&["t/a".to_owned()]), ..on_main() };
    let line = walk(&repo.open(), repo.id("HEAD"), "", options).unwrap();
    assert_eq!(fold(&repo, &line, 900), "t/a/messages/1.md=m t/a/ticket.toml=1");
    assert_eq!(line.positions.len(), 2);
}

#[test]
fn a_file_that_becomes_a_folder_is_deleted_first() {
    let repo = Repo::new();
    repo.commit("a", "1", 100, 100);
    repo.commit("a.b", "1", 150, 150);
    repo.git(&["rm", "-q", "a"], 0);
    repo.commit("a/inner", "2", 200, 200);
    let line = line(&repo, "");
    assert_eq!(fold(&repo, &line, 150), "a=1 a.b=1");
    assert_eq!(fold(&repo, &line, 200), "a.b=1 a/inner=2");
}

#[test]
fn a_landed_branch_counts_from_its_merge() {
    let repo = Repo::new();
    repo.commit("a", "1", 100, 100);
    repo.git(&["checkout", "-q", "-b", "fix"], 0);
    repo.commit("b", "1", 150, 150);
    repo.git(&["checkout", "-q", "main"], 0);
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'fix'", "fix"], 300);
    let line = line(&repo, "");
    assert_eq!(fold(&repo, &line, 299), "a=1");
    assert_eq!(fold(&repo, &line, 300), "a=1 b=1");
    assert_eq!(line.positions.len(), 2);
}

/// A desk and a clone that both wrote, brought together by `git pull` in one of the two.
fn pulled(in_clone: bool) -> (Repo, Repo) {
    let repo = Repo::new();
    let clone = Repo::new();
    repo.commit("a", "1", 100, 100);
    let url = repo.path().display().to_string();
    clone.git(&["pull", "-q", &url, "main"], 0);
    repo.commit("b", "1", 200, 200);
    clone.commit("c", "1", 150, 300);
    clone.commit("c", "2", 350, 350);
    let (into, from) = if in_clone { (&clone, &repo) } else { (&repo, &clone) };
    let url = from.path().display().to_string();
    into.git(&["pull", "-q", "--no-rebase", "--no-edit", &url, "main"], 400);
    if in_clone { (clone, repo) } else { (repo, clone) }
}

#[test]
fn what_git_pull_makes_lands_nothing_in_either_direction() {
    for in_clone in [true, false] {
        let (repo, _other) = pulled(in_clone);
        assert!(repo.git(&["log", "-1", "--format=%s"], 0).starts_with("Merge branch 'main' of /"));
        let line = line(&repo, "");
        assert_eq!(fold(&repo, &line, 149), "a=1");
        assert_eq!(fold(&repo, &line, 150), "a=1 c=1");
        assert_eq!(fold(&repo, &line, 200), "a=1 b=1 c=1");
        assert_eq!(fold(&repo, &line, 350), "a=1 b=1 c=2");
        assert_eq!(fold_at(&line, i64::MAX), head_files(&repo, ""));
    }
}

#[test]
fn an_index_gets_only_what_is_new_to_it() {
    for (in_clone, at) in [(true, "HEAD^1"), (true, "HEAD^2"), (false, "HEAD^1"), (false, "HEAD^2")] {
        let (repo, _other) = pulled(in_clone);
        let stop = repo.id(at);
        let options = WalkOptions { stop_at: Some(stop), ..on_main() };
        let newer = walk(&repo.open(), repo.id("HEAD"), "", options).unwrap();
        let older = walk(&repo.open(), stop, "", on_main()).unwrap();
        assert!(newer.contains_stop);
        let mut both: Vec<ObjectId> = older.positions.iter().chain(&newer.positions).map(|p| p.commit).collect();
        let mut whole: Vec<ObjectId> = line(&repo, "").positions.iter().map(|p| p.commit).collect();
        both.sort();
        whole.sort();
        assert_eq!(both, whole);
    }
}

#[test]
fn a_pull_on_top_of_the_indexed_commit_still_knows_what_that_line_changed() {
    let repo = Repo::new();
    let clone = Repo::new();
    repo.commit("a", "1\n", 100, 100);
    clone.git(&["pull", "-q", &repo.path().display().to_string(), "main"], 0);
    clone.commit("a", "2\n", 200, 200);
    let stop = repo.commit("a", "3\n", 300, 300);
    let url = clone.path().display().to_string();
    repo.git(&["pull", "-q", "--no-rebase", "--no-edit", "-s", "ours", &url, "main"], 400);
    let options = WalkOptions { stop_at: Some(stop), ..on_main() };
    let newer = walk(&repo.open(), repo.id("HEAD"), "", options).unwrap();
    assert_eq!(newer.positions.len(), 2);
    assert_eq!(newer.positions[0].changes.len(), 1);
    assert_eq!(fold(&repo, &line(&repo, ""), 400), "a=3\n");
}

#[test]
fn a_branch_that_moved_elsewhere_is_told() {
    let repo = Repo::new();
    let base = repo.commit("a", "1", 100, 100);
    let gone = repo.commit("a", "2", 200, 200);
    repo.git(&["reset", "-q", "--hard", &base.to_string()], 0);
    let head = repo.commit("a", "3", 300, 300);
    let options = WalkOptions { stop_at: Some(gone), ..on_main() };
    let line = walk(&repo.open(), head, "", options).unwrap();
    assert!(!line.contains_stop);
    assert_eq!(line.positions.iter().map(|p| p.commit).collect::<Vec<_>>(), [head]);
    let nothing = ObjectId::from_hex(b"1234567890123456789012345678901234567890").unwrap();
    assert!(matches!(walk(&repo.open(), nothing, "", on_main()), Err(TimelineError::Missing(_))));
}

#[test]
fn a_shallow_clone_says_that_history_is_cut() {
    let repo = Repo::new();
    for n in 1..5 {
        repo.commit("a", &n.to_string(), n * 100, n * 100);
    }
    let url = format!("file://{}", repo.path().display());
    let target = repo.path().parent().unwrap().join("shallow");
    repo.git(&["clone", "-q", "--depth", "2", &url, target.to_str().unwrap()], 0);
    let shallow = gix::open_opts(&target, gix::open::Options::isolated()).unwrap();
    let line = walk(&shallow, repo.id("HEAD"), "", on_main()).unwrap();
    assert!(line.shallow);
    assert_eq!(line.positions.len(), 2);
    assert_eq!(fold(&repo, &line, 300), "a=3");
}

#[test]
fn merges_are_told_apart_by_their_subjects() {
    for subject in [
        "Merge branch 'main' of github.com:acme/desk",
        "Merge branch 'main' of /srv/desk into main",
        "Merge branch 'main' of /srv/desk into fix",
        "Merge branch 'fix' of /srv/desk into fix",
        "Merge remote-tracking branch 'origin/main'",
        "Merge remote-tracking branch 'up/stream/main' into main",
        "Merge remote-tracking branch 'origin/a/b' into a/b",
    ] {
        assert!(is_pull(subject, "main"), "{subject}");
    }
    for subject in [
        "Merge branch 'main'",
        "Merge branch 'fix' of /srv/desk",
        "Merge branch 'fix' of /srv/desk into main",
        "Merge branches 'main' and 'fix' of /srv/desk",
        "Merge remote-tracking branch 'origin/fix'",
        "Merge remote-tracking branch 'origin/notmain'",
        "Merge remote-tracking branch 'main'",
        "Merge pull request #1 from acme/main",
        "Say hello",
        "",
    ] {
        assert!(!is_pull(subject, "main"), "{subject}");
    }
}

#[test]
fn an_octopus_lands_its_branches() {
    let repo = Repo::new();
    repo.commit("a", "1", 100, 100);
    for branch in ["one", "two"] {
        repo.git(&["checkout", "-q", "-b", branch, "main"], 0);
        repo.commit(branch, "1", 200, 200);
    }
    repo.git(&["checkout", "-q", "main"], 0);
    repo.git(&["merge", "-q", "--no-edit", "--no-ff", "one", "two"], 300);
    let line = line(&repo, "");
    assert_eq!(fold(&repo, &line, 299), "a=1");
    assert_eq!(fold(&repo, &line, 300), "a=1 one=1 two=1");
}

#[test]
fn a_commit_dated_2099_changes_no_answer_about_today() {
    let far = 4_070_908_800;
    let today = 1_767_225_600;
    let repo = Repo::new();
    repo.commit("a", "1", today, today);
    repo.commit("b", "1", today, today);
    let wrong = repo.commit("a", "2", far, far);
    let ahead = line(&repo, "");
    assert_eq!(fold(&repo, &ahead, today + 60), "a=1 b=1");
    assert_eq!(fold_at(&ahead, i64::MAX), head_files(&repo, ""));

    repo.commit("b", "2", today + 60, today + 60);
    let cut = line(&repo, "");
    assert_eq!(fold(&repo, &cut, today + 59), "a=1 b=1");
    assert_eq!(fold(&repo, &cut, today + 60), "a=2 b=2");
    assert_eq!(cut.clock_findings, [ClockFinding { commit: wrong, recorded: far, cut_to: today + 60 }]);
    assert_eq!(cut.positions[2].author_time, far);
}

#[test]
fn an_author_date_ahead_counts_from_the_committer_date() {
    let repo = Repo::new();
    repo.commit("a", "1", 4_070_908_800, 1000);
    assert_eq!(fold(&repo, &line(&repo, ""), 1000), "a=1");
}
