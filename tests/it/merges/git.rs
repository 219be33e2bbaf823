//! Git with the merge driver in it: merges, rebases, cherry-picks and reverts of real repositories, and what happens where
//! the driver is missing.

use std::collections::BTreeSet;

use staple::text::merge::sides;

use super::driver::{Oracle, wanted};
use super::{Pair, desk_with_a_ticket, files, id_of, merge, merge_in_the_work_tree, set, stream};
use crate::common::TestEnvironment;

/// Puts the program on the person's path, so that git finds it as a merge driver.
pub(super) fn with_program(person: &TestEnvironment) {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_staple"));
    let folders = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
    let path = std::env::join_paths(std::iter::once(program.parent().unwrap().to_owned()).chain(folders)).unwrap();
    person.set("PATH", path.to_str().unwrap());
}

/// A desk with a ticket, on a machine where git has the driver; the ticket's path.
pub(super) fn desk_with_driver() -> (TestEnvironment, String) {
    let (sam, path) = desk_with_a_ticket();
    with_program(&sam);
    (sam, path)
}

/// Two branches that set keys of one ticket: `main`, checked out, and `other`.
pub(super) fn branches(sam: &TestEnvironment, path: &str, main: &[(&str, &str)], other: &[(&str, &str)]) {
    sam.git(&["checkout", "--quiet", "-b", "other"]);
    other.iter().for_each(|(key, value)| set(sam, path, key, value));
    sam.git(&["checkout", "--quiet", "main"]);
    main.iter().for_each(|(key, value)| set(sam, path, key, value));
}

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what the test is run for by hand")]
fn random_concurrent_edits_merge_through_git_to_the_fold_of_both_sides() {
    let sam = TestEnvironment::with_repository();
    with_program(&sam);
    sam.staple_ok(&["init"]);
    // The lines that hand records to the driver, since the branches have none.
    sam.write(".git/info/attributes", sam.read(".gitattributes"));
    let pairs: Vec<Pair> =
        (1..=wanted(40)).map(|seed| if seed % 2 == 0 { Pair::random(seed) } else { Pair::by_hand(seed) }).collect();
    sam.git_with_input(&["fast-import", "--quiet"], &stream(&pairs));
    let merges = merge(&sam, &pairs);
    assert_eq!(merges.len(), 2 * pairs.len());
    for (i, pair) in pairs.iter().enumerate().take(4) {
        merge_in_the_work_tree(&sam, i, &merges[2 * i], &pair.edits);
    }
    let (mut clean, mut renamed, mut wrong) = (0, 0, Vec::new());
    for (i, (is_clean, tree)) in merges.iter().enumerate() {
        let pair = &pairs[i / 2];
        let (ours, theirs) = if i % 2 == 0 { (&pair.left, &pair.right) } else { (&pair.right, &pair.left) };
        let oracle = Oracle::of(pair);
        let merged = files(&sam, pair, tree);
        let text = &merged[&pair.base.path];
        let taken = sides(text).unwrap();
        let say = |what: String| format!("{}\n  {what}\n{text}", pair.edits);
        let checked = oracle.check(pair, &taken.ours, ours).and_then(|()| oracle.check(pair, &taken.theirs, theirs));
        wrong.extend(checked.map_err(say).err());
        let is_contested = taken.marks.is_some();
        let must = !oracle.conflicts().is_empty();
        if must && !is_contested || is_contested && !must && oracle.comments.is_empty() {
            wrong.push(say(format!("{} conflicts, not {:?}", is_contested, oracle.conflicts())));
        }
        match (is_contested, *is_clean) {
            (true, true) => wrong.push(say("marked and called clean".to_owned())),
            // Git takes a new message for a bound one that was renamed; no driver is asked.
            (false, false) if pair.both_bound() => renamed += 1,
            (false, false) => wrong.push(say("a conflict without marks".to_owned())),
            (_, is_clean) => clean += usize::from(is_clean),
        }
        let all: BTreeSet<&String> = pair.left.files.keys().chain(pair.right.files.keys()).collect();
        assert!(merged.keys().all(|path| all.contains(path)));
    }
    println!(
        "{} merges through git: {clean} clean, {} of keys, {renamed} bound alike and went on, {} wrong",
        merges.len(),
        merges.len() - clean - renamed,
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
    );
}

/// What the sides of a merge are called in marks, where git can tell: ours is HEAD.
pub(super) fn labels<'n>(sam: &TestEnvironment, theirs: &'n str) -> [&'n str; 2] {
    if sam.git_is((2, 44)) { ["HEAD", theirs] } else { ["ours", "theirs"] }
}

/// Merges a branch; gives whether it was clean.
pub(super) fn try_merge(sam: &TestEnvironment, branch: &str) -> bool {
    sam.try_git(&["merge", "--quiet", "--no-edit", branch]).status == 0
}

#[test]
fn one_key_in_conflict_is_marked_alone_and_decided() {
    let (sam, path) = desk_with_driver();
    let id = id_of(&path);
    branches(&sam, &path, &[("cause", "the disk"), ("product", "Ledger")], &[("cause", "the cache"), ("version", "2")]);
    let merged = sam.try_git(&["merge", "--no-edit", "other"]);
    assert_eq!(merged.status, 1, "{merged}");
    assert!(merged.stderr.contains(&format!("{path}: conflict in cause\n")), "{merged}");
    let text = sam.read(&path);
    let [ours, theirs] = labels(&sam, "other");
    let marked = format!("<<<<<<< {ours}\ncause = \"the disk\"\n=======\ncause = \"the cache\"\n>>>>>>> {theirs}\n");
    assert!(text.contains(&format!("\n\n{marked}\n")), "{text}");
    assert!(text.contains("product = \"Ledger\"") && text.contains("version = \"2\""), "{text}");

    // Everything else waits, and says where to look.
    let refused = sam.staple(&["note", id, "-m", "Hm."]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("staple conflicts, then git merge --continue"), "{refused}");

    let listed = sam.staple(&["conflicts"]);
    assert_eq!(listed.status, 4, "{listed}");
    // Where git told nobody what it merged, the commit has to do for a name.
    let commit = sam.git(&["log", "-1", "--format=%h (%s)", "other"]);
    let name = if theirs == "other" { theirs } else { commit.trim() };
    let wide = name.len() + "--theirs () ".len();
    let line = |side: &str, value: &str| format!("    {side:wide$} {value}\n");
    let expected = [
        line("before", "(unset)"),
        line("--ours (main)", "the disk"),
        line(&format!("--theirs ({name})"), "the cache"),
    ];
    assert_eq!(listed.stdout, format!("T-{id}  Export stops\n  {path}\n  cause\n{}", expected.concat()));
    let json: serde_json::Value = serde_json::from_str(&sam.staple(&["conflicts", "--json"]).stdout).unwrap();
    assert_eq!(json["items"][0]["keys"][0]["theirs"], "the cache", "{json}");

    // What the user has staged elsewhere is not touched.
    sam.write("notes.txt", "mine\n");
    sam.git(&["add", "notes.txt"]);
    let wrong = sam.staple(&["conflicts", id, "cause", "--both"]);
    assert_eq!((wrong.status, wrong.stderr.contains("holds one value")), (2, true), "{wrong}");
    let decided = sam.staple(&["conflicts", id, "cause", "--theirs"]);
    assert_eq!(decided.status, 0, "{decided}");
    assert!(decided.stderr.contains("git merge --continue"), "{decided}");
    assert_eq!(sam.read(&path), text.replace(&marked, "cause = \"the cache\"\n"));
    assert_eq!(sam.git(&["status", "--porcelain"]), format!("A  notes.txt\nM  {path}\n"));
    assert_eq!(sam.staple(&["conflicts"]).status, 0);
    sam.git(&["commit", "--quiet", "--no-edit"]);
    assert_eq!(sam.staple(&["check"]).status, 0);
    sam.assert_clean();
}

#[test]
fn keys_are_decided_one_by_one_and_with_a_value_of_ones_own() {
    let (sam, path) = desk_with_driver();
    let id = id_of(&path);
    let keys = |cause, product| [("cause", cause), ("product", product), ("severity", "stuck")];
    branches(&sam, &path, &keys("a", "x"), &keys("b", "y"));
    assert!(!try_merge(&sam, "other"));
    let first = sam.staple(&["conflicts", id, "cause", "--value", "both at once"]);
    assert!(first.status == 0 && first.stderr.contains("decide a key"), "{first}");
    let text = sam.read(&path);
    let marked = format!("<<<<<<< {}\nproduct = \"x\"\n", labels(&sam, "other")[0]);
    assert!(text.contains("cause = \"both at once\"\n") && text.contains(&marked), "{text}");
    assert_eq!(sam.staple(&["conflicts", id, "cause", "--ours"]).status, 2);
    assert_eq!(sam.staple(&["conflicts", id, "severity", "--ours"]).status, 2);
    assert_eq!(sam.staple(&["conflicts", id, "--ours"]).status, 0);
    assert!(sam.read(&path).contains("product = \"x\"\n"));
    assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
}

#[test]
fn a_rebase_names_its_sides_by_what_they_are() {
    let (sam, path) = desk_with_driver();
    let id = id_of(&path);
    branches(&sam, &path, &[("cause", "upstream")], &[("cause", "mine"), ("version", "2")]);
    sam.git(&["checkout", "--quiet", "other"]);
    assert_ne!(sam.try_git(&["rebase", "--quiet", "main"]).status, 0);
    let listed = sam.staple(&["conflicts"]);
    assert_eq!(listed.status, 4, "{listed}");
    assert!(listed.stdout.contains("--ours (what you rebase onto)"), "{listed}");
    assert!(listed.stdout.lines().any(|line| line.contains("(Set a key))") && line.ends_with("mine")), "{listed}");
    let decided = sam.staple(&["conflicts", id, "cause", "--theirs"]);
    assert!(decided.stderr.contains("go on: git rebase --continue"), "{decided}");
    sam.set("GIT_EDITOR", "true").git(&["rebase", "--continue"]);
    assert!(sam.read(&path).contains("cause = \"mine\"") && sam.read(&path).contains("version = \"2\""));
    sam.assert_clean();
}

#[test]
fn cherry_picks_and_reverts_go_key_by_key() {
    let (sam, path) = desk_with_driver();
    let id = id_of(&path);
    branches(&sam, &path, &[("cause", "the disk")], &[("product", "Ledger"), ("cause", "the cache")]);
    sam.set("GIT_EDITOR", "true").git(&["cherry-pick", "other~1"]);
    assert!(sam.read(&path).contains("product = \"Ledger\"") && sam.read(&path).contains("cause = \"the disk\""));
    assert_ne!(sam.try_git(&["cherry-pick", "other"]).status, 0);
    let decided = sam.staple(&["conflicts", id, "cause", "--theirs"]);
    assert!(decided.stderr.contains("git cherry-pick --continue"), "{decided}");
    sam.git(&["cherry-pick", "--continue"]);
    // The commit that set the first cause: a later one set another.
    assert_ne!(sam.try_git(&["revert", "--no-edit", "HEAD~2"]).status, 0);
    let decided = sam.staple(&["conflicts", id, "--ours"]);
    assert!(decided.stderr.contains("git revert --skip"), "{decided}");
    assert!(sam.read(&path).contains("cause = \"the cache\""));
    sam.git(&["revert", "--skip"]);
    sam.assert_clean();
}

#[test]
fn without_the_program_git_merges_by_lines_and_the_keys_are_told_apart_afterwards() {
    // Missing, failing, and killed half-way.
    for program in [None, Some("exit 3"), Some("kill -9 $$")] {
        let (sam, path) = desk_with_a_ticket();
        if let Some(words) = program {
            let folder = sam.home().join("bin");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("staple"), format!("#!/bin/sh\n{words}\n")).unwrap();
            make_executable(&folder.join("staple"));
            sam.set("PATH", &format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
        }
        branches(&sam, &path, &[("cause", "the disk"), ("labels", "a")], &[("cause", "the cache"), ("labels", "b")]);
        let merged = sam.try_git(&["merge", "--no-edit", "other"]);
        assert_eq!(merged.status, 1, "{program:?} {merged}");
        let text = sam.read(&path);
        let [ours, theirs] = labels(&sam, "other");
        assert_eq!(text.matches(&format!("<<<<<<< {ours}\n")).count(), 2, "{program:?} {text}");
        assert_eq!(text.matches(&format!(">>>>>>> {theirs}\n")).count(), 2, "{program:?} {text}");
        let listed = sam.staple(&["conflicts", "--json"]).stdout;
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let keys: Vec<&str> =
            listed["items"][0]["keys"].as_array().unwrap().iter().map(|key| key["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["cause"], "{listed}");
        sam.staple_ok(&["conflicts", id_of(&path), "cause", "--ours"]);
        let text = sam.read(&path);
        assert!(
            text.contains("labels = [\n  \"a\",\n  \"b\",\n]\n") && text.contains("cause = \"the disk\""),
            "{text}"
        );
        assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
    }
}

#[cfg(unix)]
pub(super) fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
pub(super) fn make_executable(_: &std::path::Path) {}

#[test]
fn a_clone_that_never_set_the_driver_up_merges_by_lines_and_settles() {
    let (sam, path) = desk_with_a_ticket();
    branches(&sam, &path, &[("links", "a")], &[("links", "b"), ("product", "Ledger")]);
    let robin = sam.clone_for("Robin Hale", "robin@example.org");
    assert_ne!(robin.try_git(&["config", "merge.staple.driver"]).status, 0);
    assert!(!try_merge(&robin, "origin/other"));
    assert!(robin.read(&path).contains("<<<<<<< HEAD\n"), "{}", robin.read(&path));
    let listed = robin.staple(&["conflicts"]);
    assert_eq!(listed.status, 0, "{listed}");
    assert!(listed.stderr.contains("staple conflicts --settle"), "{listed}");
    robin.staple_ok(&["conflicts", "--settle"]);
    assert!(robin.read(&path).contains("links = [\n  \"a\",\n  \"b\",\n]\n"), "{}", robin.read(&path));
    robin.git(&["commit", "--quiet", "--no-edit"]);
    robin.assert_clean();
}

#[test]
fn a_desk_in_a_folder_with_blanks_in_its_name_merges_key_by_key() {
    let sam = TestEnvironment::with_repository();
    with_program(&sam);
    sam.write("my code/main.c", "int x;\n");
    sam.git(&["add", "."]);
    sam.git(&["commit", "--quiet", "-m", "Code"]);
    sam.staple_ok(&["init"]);
    sam.git(&["mv", "support", "my code/our support's desk"]);
    sam.git(&["commit", "--quiet", "-m", "Move"]);
    let path = "my code/our support's desk/people/sam.toml";
    let labels = |values: &str| sam.read(path).replace("languages = []", &format!("languages = [\n{values}]"));
    let before = sam.read(path);
    sam.git(&["checkout", "--quiet", "-b", "other"]);
    sam.write(path, labels("  \"de\",\n"));
    sam.git(&["commit", "--quiet", "-am", "German"]);
    sam.git(&["checkout", "--quiet", "main"]);
    assert_eq!(sam.read(path), before);
    sam.write(path, labels("  \"en\",\n"));
    sam.git(&["commit", "--quiet", "-am", "English"]);
    assert!(try_merge(&sam, "other"), "{}", sam.read(path));
    assert!(sam.read(path).contains("languages = [\n  \"de\",\n  \"en\",\n]"), "{}", sam.read(path));
}

#[test]
fn what_both_sides_made_is_merged_without_a_base() {
    let sam = TestEnvironment::with_repository();
    with_program(&sam);
    sam.staple_ok(&["init"]);
    sam.git(&["checkout", "--quiet", "-b", "other"]);
    sam.staple_ok(&["topic", "new", "exports", "Exports", "--set", "examples=it stops"]);
    sam.git(&["checkout", "--quiet", "main"]);
    sam.staple_ok(&["topic", "new", "exports", "Exports", "--set", "examples=it is slow", "--set", "demand=failure"]);
    assert!(try_merge(&sam, "other"), "{}", sam.read("topics/exports.toml"));
    let text = sam.read("topics/exports.toml");
    assert!(
        text.contains("examples = [\n  \"it is slow\",\n  \"it stops\",\n]") && text.contains("demand = \"failure\"")
    );
}

#[test]
fn line_ends_of_windows_stay_and_a_renamed_file_is_followed() {
    let sam = TestEnvironment::with_repository();
    with_program(&sam);
    sam.staple_ok(&["init"]);
    let path = "people/sam.toml";
    sam.write(path, sam.read(path).replace('\n', "\r\n"));
    sam.git(&["commit", "--quiet", "-am", "Line ends"]);
    let add = |person: &TestEnvironment, path: &str, key: &str, value: &str| {
        let text = person.read(path).replacen(&format!("{key} = \"\""), &format!("{key} = \"{value}\""), 1);
        person.write(path, text);
        person.git(&["commit", "--quiet", "-am", "Set a key"]);
    };
    sam.git(&["checkout", "--quiet", "-b", "other"]);
    sam.git(&["mv", path, "people/samuel.toml"]);
    add(&sam, "people/samuel.toml", "zone", "Europe/Berlin");
    add(&sam, "people/samuel.toml", "hours", "9 to 5");
    sam.git(&["checkout", "--quiet", "main"]);
    add(&sam, path, "team", "support");
    add(&sam, path, "hours", "8 to 4");
    assert!(!try_merge(&sam, "other"));
    let text = sam.read("people/samuel.toml");
    assert!(text.contains("team = \"support\"\r\n") && text.contains("zone = \"Europe/Berlin\"\r\n"), "{text:?}");
    let [_, theirs] = labels(&sam, "other:people/samuel.toml");
    assert!(text.contains(&format!(">>>>>>> {theirs}\r\n")), "{text:?}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
    sam.staple_ok(&["conflicts", "samuel", "hours", "--theirs"]);
    assert!(sam.read("people/samuel.toml").contains("\r\nhours = \"9 to 5\"\r\n"));
    assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
}

#[test]
fn a_record_that_one_side_took_away_is_kept_or_not_as_a_whole() {
    for (side, is_kept) in [("--ours", true), ("--theirs", false)] {
        let sam = TestEnvironment::with_repository();
        with_program(&sam);
        sam.staple_ok(&["init"]);
        sam.staple_ok(&["topic", "new", "exports", "Exports"]);
        sam.git(&["checkout", "--quiet", "-b", "other"]);
        sam.git(&["rm", "--quiet", "topics/exports.toml"]);
        sam.git(&["commit", "--quiet", "-m", "Remove"]);
        sam.git(&["checkout", "--quiet", "main"]);
        sam.staple_ok(&["set", "topic:exports", "demand=failure"]);
        assert!(!try_merge(&sam, "other"));
        let listed = sam.staple(&["conflicts"]);
        assert!(
            listed.status == 4
                && listed.stdout.contains("main changed it, ")
                && listed.stdout.contains("(Remove) took it away: --ours"),
            "{listed}"
        );
        assert_eq!(sam.staple(&["conflicts", "exports", "demand", side]).status, 2);
        sam.staple_ok(&["conflicts", "topic:exports", side]);
        assert_eq!(sam.dir().join("topics/exports.toml").exists(), is_kept);
        sam.git(&["commit", "--quiet", "--no-edit"]);
        sam.assert_clean();
    }
}

#[test]
fn merges_that_cross_find_what_both_bases_say() {
    let (sam, path) = desk_with_driver();
    branches(&sam, &path, &[("cause", "one"), ("product", "p")], &[("cause", "two"), ("version", "2")]);
    let both = |branch: &str, other: &str, cause: &str| {
        sam.git(&["checkout", "--quiet", "-B", &format!("merged-{branch}"), branch]);
        assert!(!try_merge(&sam, other));
        sam.staple_ok(&["conflicts", id_of(&path), "cause", "--value", cause]);
        sam.git(&["commit", "--quiet", "--no-edit"]);
    };
    // Two people merge the same two branches, and decide otherwise: nobody's word may pass for an edit of the other's.
    both("main", "other", "one");
    both("other", "main", "two");
    sam.git(&["checkout", "--quiet", "-B", "last", "merged-main"]);
    set(&sam, &path, "contact", "ada@example.org");
    assert!(!try_merge(&sam, "merged-other"));
    let text = sam.read(&path);
    let [ours, theirs] = labels(&sam, "merged-other");
    let marked = format!("<<<<<<< {ours}\ncause = \"one\"\n=======\ncause = \"two\"\n>>>>>>> {theirs}\n");
    assert!(text.contains(&marked), "{text}");
    assert_eq!(text.matches("<<<<<<<").count(), 1, "{text}");
    assert!(text.contains("product = \"p\"") && text.contains("version = \"2\"") && text.contains("ada@example.org"));
}

#[test]
fn the_driver_exits_0_or_1_whatever_it_is_given() {
    let sam = TestEnvironment::new();
    let path = "tickets/2026-11/7k3mqp.toml";
    let good = std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tickets/2026-11/7k3mqp.toml"),
    )
    .unwrap();
    let edited = String::from_utf8(good.clone()).unwrap().replacen("title = \"", "title = \"x ", 1).into_bytes();
    let cut = good[..good.len() / 2].to_vec();
    let marked = [b"<<<<<<< a\n".as_slice(), &good].concat();
    let deep = format!("title = {}\n", "[".repeat(20_000)).into_bytes();
    let files: [&[u8]; 9] = [b"", &good, &edited, &cut, &marked, b"\xff\xfe", b"a\0b", b"title = \"\"\"", &deep];
    for base in &files[..5] {
        let base: &[u8] = base;
        for ours in files {
            for theirs in files {
                sam.write("base", base);
                sam.write("ours", ours);
                sam.write("theirs", theirs);
                let run = sam.staple(&["merge-driver", "--", "base", "ours", "theirs", "7", path]);
                assert!(matches!(run.status, 0 | 1), "{run}");
                assert!(run.stdout.is_empty() && run.stderr.lines().count() == usize::from(run.status == 1), "{run}");
                let left = std::fs::read(sam.dir().join("ours")).unwrap();
                let changed_once = base == theirs || ours == theirs || base == ours;
                if run.status == 0 && !changed_once {
                    toml_of(&left);
                }
                if run.status == 0 && base == ours {
                    assert_eq!(left, theirs);
                }
            }
        }
    }
    let gone = sam.staple(&["merge-driver", "base", "nowhere", "theirs", "7", path]);
    assert!(gone.status == 3 && gone.stderr.lines().count() == 1, "{gone}");
}

fn toml_of(bytes: &[u8]) {
    let name = staple::record::Name::Ticket(staple::record::id::TicketId::parse("7k3mqp").unwrap());
    let parsed = staple::text::parse(staple::record::Kind::Ticket, &name, "x", bytes);
    assert!(parsed.record.is_some(), "{:?}", parsed.findings);
}

#[test]
fn setup_hands_records_to_the_driver_and_keeps_what_stands_there() {
    let (sam, _) = desk_with_a_ticket();
    sam.write(".gitattributes", "*.png binary\n");
    sam.git(&["commit", "--quiet", "-am", "Our own"]);
    sam.git(&["config", "--unset", "merge.staple.driver"]);
    let set_up = sam.staple(&["setup"]);
    assert_eq!(set_up.status, 0, "{set_up}");
    assert!(set_up.stderr.contains("records merge key by key in this clone"), "{set_up}");
    let text = sam.read(".gitattributes");
    assert!(text.starts_with("*.png binary\n\n# ") && text.contains("/tickets/**/*.toml merge=staple\n"), "{text}");
    assert_eq!(
        sam.git(&["log", "-1", "--format=%s", "--name-only"]),
        "have git merge records key by key\n\n.gitattributes\n"
    );
    let again = sam.git(&["rev-parse", "HEAD"]);
    sam.staple_ok(&["setup"]);
    assert_eq!(sam.git(&["rev-parse", "HEAD"]), again);
    sam.git(&["config", "merge.staple.driver", "mine %O %A %B"]);
    let other = sam.staple(&["setup"]);
    assert!(other.stderr.contains("is left alone"), "{other}");
    assert_eq!(sam.git(&["config", "merge.staple.driver"]), "mine %O %A %B\n");
    sam.assert_clean();
}

#[test]
fn a_message_that_git_takes_for_a_renamed_one_is_kept() {
    let (sam, path) = desk_with_driver();
    let id = id_of(&path);
    sam.staple_ok(&["drop", id, "mistake"]);
    sam.git(&["checkout", "--quiet", "-b", "other"]);
    sam.staple_ok(&["bind", "--older", "0"]);
    sam.at("2026-11-22T09:16:00Z").staple_ok(&["received", id, "-m", "It stops at page 40."]);
    sam.git(&["checkout", "--quiet", "main"]);
    sam.staple_ok(&["bind", "--older", "0"]);
    let merged = sam.try_git(&["merge", "--no-edit", "other"]);
    assert!(merged.status == 1 && merged.stdout.contains("CONFLICT (rename/delete)"), "{merged}");
    let listed = sam.staple(&["conflicts"]);
    assert_eq!(listed.status, 0, "{listed}");
    sam.staple_ok(&["conflicts", "--settle"]);
    sam.git(&["commit", "--quiet", "--no-edit"]);
    assert!(sam.staple_ok(&["show", id]).matches("It stops at page 40.").count() == 2);
    sam.assert_clean();
}

#[test]
fn a_file_mended_by_hand_is_staged_only_when_it_is_a_record() {
    let (sam, path) = desk_with_driver();
    branches(&sam, &path, &[("cause", "a")], &[("cause", "b")]);
    assert!(!try_merge(&sam, "other"));
    let marked = sam.read(&path);
    let taken = sides(&marked).unwrap();
    sam.write(&path, taken.ours.replace("cause = \"a\"", "cause = a"));
    let listed = sam.staple(&["conflicts"]);
    assert!(listed.status == 4 && listed.stdout.contains("edit the file"), "{listed}");
    sam.staple_ok(&["conflicts", "--settle"]);
    assert_ne!(sam.git(&["ls-files", "--unmerged"]), "");
    sam.write(&path, taken.ours.replace("cause = \"a\"", "cause = \"a and b\""));
    sam.staple_ok(&["conflicts", "--settle"]);
    assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
    assert!(sam.read(&path).contains("cause = \"a and b\"\n"));
}
