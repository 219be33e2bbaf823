//! What must survive: the user's own work, other writers, and repositories in a state that a write must not touch.

use std::process::Stdio;

use crate::common::TestEnvironment;

/// A desk with one ticket that Sam owns; gives the ticket's id.
pub(crate) fn desk(environment: &TestEnvironment) -> String {
    environment.staple_ok(&["init"]);
    let id = environment.staple_ok(&["new", "The export fails", "--text", "It stops at 2 GB"]);
    environment.staple_ok(&["take", id.trim()]);
    id.trim().to_owned()
}

pub(crate) fn ticket_file(environment: &TestEnvironment, id: &str) -> String {
    let name = format!("{}.toml", &id[2..]);
    environment.files().into_iter().find(|path| path.ends_with(&name)).expect("the ticket's file")
}

#[test]
fn what_the_user_staged_edited_or_left_untracked_stays_as_it_is() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.write("notes.md", "one\n");
    e.write("code.rs", "fn a() {}\n");
    e.git(&["add", "."]);
    e.git(&["commit", "--quiet", "-m", "code"]);
    e.write("code.rs", "fn b() {}\n");
    e.git(&["add", "code.rs"]);
    e.write("code.rs", "fn c() {}\n");
    e.write("notes.md", "two\n");
    e.write("new.txt", "untracked\n");
    let before = e.git(&["status", "--porcelain"]);
    for _ in 0..3 {
        e.staple_ok(&["reply", &id, "-m", "we are on it"]);
    }
    assert_eq!(e.git(&["status", "--porcelain"]), before);
    assert_eq!(e.git(&["show", ":code.rs"]), "fn b() {}\n");
    assert_eq!(e.read("code.rs"), "fn c() {}\n");
    assert_eq!(e.git(&["show", "--stat", "--format=", "HEAD"]).matches("tickets/").count(), 1);
    e.git(&["commit", "--quiet", "-m", "the user's own"]);
    assert_eq!(e.git(&["show", "--name-only", "--format=", "HEAD"]).trim(), "code.rs");
    assert!(e.staple_ok(&["list"]).contains(&id));
}

#[test]
fn a_staged_resolve_travels_with_the_users_own_commit() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.staple_ok(&["reply", &id, "-m", "fixed on main"]);
    e.write("fix.rs", "fn fixed() {}\n");
    e.git(&["add", "fix.rs"]);
    e.staple_ok(&["drop", &id, "mistake", "--stage"]);
    // Its own earlier staged change does not stand in the way of another.
    e.staple_ok(&["reopen", &id, "--stage"]);
    e.staple_ok(&["resolve", &id, "fixed", "--stage"]);
    e.git(&["commit", "--quiet", "-m", "Read lengths as 64 bits"]);
    let files = e.git(&["show", "--name-only", "--format=", "HEAD"]);
    assert!(files.contains("fix.rs") && files.contains("tickets/"), "{files}");
    assert!(e.staple_ok(&["list", "--all", "is:resolved"]).contains(&id));
    e.assert_clean();
}

#[test]
fn an_uncommitted_edit_of_the_same_record_is_never_overwritten() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let file = ticket_file(&e, &id);
    e.write(&file, e.read(&file).replace("product = \"\"", "product = \"atlas\""));
    let mine = e.read(&file);
    let refused = e.staple(&["wait", &id, "customer", "their log", "--next-update", "3d"]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("has uncommitted changes"), "{refused}");
    assert_eq!(e.read(&file), mine);
    // A message is a file of its own, so saying something goes through.
    e.staple_ok(&["received", &id, "-m", "here is the log"]);
    assert_eq!(e.read(&file), mine);
}

#[cfg(unix)]
#[test]
fn the_cure_for_an_uncommitted_edit_works_wherever_one_stands() {
    let e = TestEnvironment::with_repository();
    std::fs::create_dir(e.dir().join("the desk")).expect("a folder");
    e.staple_ok(&["init", "the desk"]);
    e.git(&["config", "staple.desk", "the desk"]);
    let id = e.staple_ok(&["new", "The export fails"]).trim().to_owned();
    let (file, desk) = (ticket_file(&e, &id), e.dir().join("the desk"));
    let desk = desk.to_str().expect("a name in UTF-8");
    e.set("GIT_EDITOR", "echo mine >");
    for (round, folder) in ["", "the desk/tickets", ".."].into_iter().enumerate() {
        e.write(&file, e.read(&file).replace("title = \"", "title = \"Still "));
        let mut command = e.staple_command(&["-C", desk, "set", &id, "product=atlas"]);
        let refused =
            command.current_dir(e.dir().join(folder)).output().unwrap_or_else(|error| panic!("{folder}: {error}"));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(3) && said.contains("has uncommitted changes"), "{said}");
        let done = crate::common::paste::paste(&e, folder, &said, "commit your own edit first: ", "");
        assert_eq!(e.git(&["status", "--porcelain"]), "", "{done}");
        e.staple_ok(&["set", &id, &format!("product=atlas-{round}")]);
    }
    // So does the one of what was deleted.
    std::fs::remove_file(e.dir().join(&file)).expect("the file");
    let refused = e.staple(&["set", &id, "product=atlas"]);
    let done = crate::common::paste::paste(&e, "", &refused.stderr, "commit your own edit first: ", "");
    assert_eq!(e.git(&["status", "--porcelain"]), "", "{done}");
}

#[test]
fn four_processes_with_forty_edits_each_lose_nothing() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let commands: Vec<_> = (0..40)
                .map(|n| {
                    let text = format!("message {worker}-{n}");
                    let mut command = e.staple_command(&["received", &id, "-m", &text]);
                    command.env("STAPLE_SEED", format!("{}", 10_000 + worker * 100 + n));
                    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
                    command
                })
                .collect();
            std::thread::spawn(move || {
                for mut command in commands {
                    let output = command.output().expect("staple runs");
                    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker without an error"));
    let words = e.git(&["grep", "-h", "^message ", "HEAD", "--", "tickets"]);
    assert_eq!(words.lines().count(), 160);
    assert_eq!(e.git(&["log", "--oneline"]).lines().count(), 3 + 160);
    e.assert_clean();
}

#[test]
fn a_merge_under_way_refuses_writes_and_still_reads() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.git(&["checkout", "--quiet", "-b", "other"]);
    e.write("a.txt", "one\n");
    e.git(&["add", "a.txt"]);
    e.git(&["commit", "--quiet", "-m", "one"]);
    e.git(&["checkout", "--quiet", "main"]);
    e.write("a.txt", "two\n");
    e.git(&["add", "a.txt"]);
    e.git(&["commit", "--quiet", "-m", "two"]);
    e.try_git(&["merge", "other"]);
    let head = e.git(&["rev-parse", "HEAD"]);
    let refused = e.staple(&["received", &id, "-m", "hello"]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("merge is under way"), "{refused}");
    assert_eq!(e.git(&["rev-parse", "HEAD"]), head);
    assert!(e.staple_ok(&["list"]).contains(&id));
}

#[cfg(unix)]
#[test]
fn a_symlinked_tickets_folder_is_never_followed() {
    let e = TestEnvironment::new();
    e.staple_ok(&["init"]);
    let outside = e.home().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, e.dir().join("tickets")).unwrap();
    let refused = e.staple(&["new", "Hello"]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("symbolic link"), "{refused}");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn outside_a_repository_and_without_a_desk_the_cure_is_named() {
    let e = TestEnvironment::new();
    let refused = e.staple(&["list"]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("staple init"), "{refused}");
    e.git(&["init", "--quiet"]);
    let refused = e.staple(&["list"]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("no staple.toml"), "{refused}");
}

#[test]
fn a_desk_in_a_repository_with_other_things_is_a_folder_found_from_anywhere() {
    let e = TestEnvironment::with_repository();
    e.write("src/main.rs", "fn main() {}\n");
    e.git(&["add", "."]);
    e.git(&["commit", "--quiet", "-m", "code"]);
    e.staple_ok(&["init"]);
    assert!(e.files().contains(&"support/staple.toml".to_owned()));
    let id = e.staple_ok(&["-C", "src", "new", "Found from a folder beside it"]);
    assert!(e.staple_ok(&["list"]).contains(id.trim()));
    // Kept elsewhere: the code repository names its desk.
    let code = TestEnvironment::with_repository();
    code.git(&["config", "staple.desk", e.dir().to_str().unwrap()]);
    assert!(code.staple_ok(&["list"]).contains(id.trim()));
    e.assert_clean();
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_named_is_the_desk_also_within_a_repository() {
    let e = TestEnvironment::with_repository();
    e.write("src/main.rs", "fn main() {}\n");
    let made = e.staple(&["init", "ops/our desk"]);
    assert!(made.status == 0 && made.stderr.contains("git config staple.desk 'ops/our desk'"), "{made}");
    let id = e.staple_ok(&["-C", "ops/our desk", "new", "Found from a folder beside it"]);
    assert!(e.files().contains(&"ops/our desk/staple.toml".to_owned()) && !e.dir().join("support").exists());
    assert!(e.staple_ok(&["-C", "src", "list"]).contains(id.trim()));
    // Another clone has no such setting yet.
    e.git(&["config", "--unset", "staple.desk"]);
    let refused = e.staple(&["list"]);
    assert!(refused.status == 3 && refused.stderr.contains("there is one in ops/our desk"), "{refused}");
    assert_eq!(e.staple(&["init"]).status, 3);
    let mut command = e.staple_command(&["list"]);
    let refused = command.current_dir(e.dir().join("src")).output().expect("it runs");
    let done = crate::common::paste::paste(&e, "src", &String::from_utf8_lossy(&refused.stderr), "from anywhere: ", "");
    assert!(e.staple_ok(&["list"]).contains(id.trim()), "{done}");
    // The setting leads nowhere once the desk was moved.
    e.git(&["mv", "ops/our desk", "ops/desk"]);
    e.git(&["commit", "--quiet", "-m", "move the desk"]);
    let refused = e.staple(&["list"]);
    let done = crate::common::paste::paste(&e, "", &refused.stderr, "from anywhere: ", "");
    assert!(e.staple_ok(&["list"]).contains(id.trim()), "{done}");
}

#[test]
fn init_takes_its_folder_as_seen_from_where_it_is_to_run() {
    let e = TestEnvironment::with_repository();
    e.write("code/main.rs", "fn main() {}\n");
    let made = e.staple(&["-C", "code", "init", "desk"]);
    assert!(made.status == 0 && made.stderr.contains("next: cd code/desk && "), "{made}");
    assert!(e.files().contains(&"code/desk/staple.toml".to_owned()), "{:?}", e.files());
}

#[cfg(unix)]
#[test]
fn the_cure_for_an_edit_that_is_in_the_way_of_init_can_be_pasted() {
    let e = TestEnvironment::with_repository();
    e.write("desk/.gitattributes", "* text=auto\n");
    let refused = e.staple(&["init", "desk"]);
    assert!(refused.status == 3 && refused.stderr.contains("desk/.gitattributes has uncommitted changes"), "{refused}");
    e.set("GIT_EDITOR", "echo mine >");
    let done = crate::common::paste::paste(&e, "", &refused.stderr, "commit your own edit first: ", "");
    assert_eq!(e.staple(&["init", "desk"]).status, 0, "{done}");
}

#[test]
fn a_linked_work_tree_and_a_detached_head_can_be_written_to() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let linked = e.home().join("linked");
    e.git(&["worktree", "add", "--quiet", "-b", "side", linked.to_str().unwrap()]);
    let said = e.staple(&["-C", linked.to_str().unwrap(), "received", &id, "-m", "from the side"]);
    assert!(said.status == 0 && said.stderr.contains("on side"), "{said}");
    e.git(&["checkout", "--quiet", "--detach"]);
    let said = e.staple(&["received", &id, "-m", "from nowhere"]);
    assert!(said.status == 0 && said.stderr.contains("detached HEAD"), "{said}");
    e.assert_clean();
}

#[test]
fn two_tickets_cannot_end_as_duplicates_of_each_other() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let other = e.staple_ok(&["new", "The export fails again"]).trim().to_owned();
    e.staple_ok(&["duplicate", &other, "--of", &id]);
    let refused = e.staple(&["duplicate", &id, "--of", &other]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains(&format!("is itself a duplicate of {id}")), "{refused}");
}

#[test]
fn a_second_try_with_the_same_operation_finds_the_first() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.staple_ok(&["received", &id, "-m", "once", "--op-id", "mail-1"]);
    let head = e.git(&["rev-parse", "HEAD"]);
    e.staple_ok(&["received", &id, "-m", "once", "--op-id", "mail-1"]);
    assert_eq!(e.git(&["rev-parse", "HEAD"]), head);
}

#[test]
fn a_failing_hook_stops_the_commit_and_leaves_nothing() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.write(".git/hooks/commit-msg", "#!/bin/sh\necho 'no number' >&2\nexit 1\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let hook = e.dir().join(".git/hooks/commit-msg");
        std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o755)).unwrap();
        let refused = e.staple(&["received", &id, "-m", "hello"]);
        assert_eq!(refused.status, 3, "{refused}");
        assert!(refused.stderr.contains("no number"), "{refused}");
        e.assert_clean();
    }
}

#[test]
fn a_commit_dated_2099_changes_no_answer_about_today() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.at("2026-11-23T09:00:00Z");
    let before = e.staple_ok(&["list", "--as-of", "2026-11-22", "--json"]);
    e.at("2099-01-01T00:00:00Z");
    e.staple_ok(&["received", &id, "-m", "from the future"]);
    e.at("2026-11-23T09:00:00Z");
    assert_eq!(e.staple_ok(&["list", "--as-of", "2026-11-22", "--json"]), before);
    e.staple_ok(&["new", "A sane one"]);
    assert_eq!(e.staple_ok(&["list", "--as-of", "2026-11-22", "--json"]), before);
    assert!(e.staple_ok(&["list", "--as-of", "2026-11-23T09:00:00Z"]).contains("A sane one"));
}

#[test]
fn pulls_in_both_directions_answer_the_same_as_of_any_time() {
    let sam = TestEnvironment::new();
    sam.at("2026-11-02T09:00:00Z");
    let one = desk(&sam);
    let ada = sam.clone_for("Ada Lake", "ada@example.org");
    let two = sam.at("2026-11-03T09:00:00Z").staple_ok(&["new", "Second"]).trim().to_owned();
    let three = ada.at("2026-11-04T09:00:00Z").staple_ok(&["new", "Third"]).trim().to_owned();
    sam.at("2026-11-05T09:00:00Z").staple_ok(&["received", &one, "-m", "more"]);
    let remote = |e: &TestEnvironment| e.dir().to_str().unwrap().to_owned();
    sam.git(&["remote", "add", "ada", &remote(&ada)]);
    let branch_of_sam = TestEnvironment::clone_for(&sam, "Sam Rivers", "sam@example.org");
    branch_of_sam.at("2026-11-06T09:00:00Z").git(&["pull", "--quiet", "--no-edit", &remote(&ada), "main"]);
    ada.at("2026-11-06T09:00:00Z").git(&["pull", "--quiet", "--no-edit", &remote(&sam), "main"]);
    for day in ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"] {
        let mine = branch_of_sam.staple_ok(&["list", "--all", "--as-of", day, "--json"]);
        let theirs = ada.staple_ok(&["list", "--all", "--as-of", day, "--json"]);
        assert_eq!(mine, theirs, "{day}");
        assert_eq!(mine.contains(&two), day >= "2026-11-03", "{day}");
        assert_eq!(mine.contains(&three), day >= "2026-11-04", "{day}");
    }
}

#[test]
fn a_writer_killed_at_any_moment_leaves_the_old_or_the_new_desk() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.write("mine.txt", "staged\n");
    e.git(&["add", "mine.txt"]);
    for round in 0..30u64 {
        let operation = format!("round-{round}");
        let args = ["received", &id, "-m", &operation, "--op-id", &operation];
        let before = e.git(&["rev-parse", "HEAD"]);
        let mut command = e.staple_command(&args);
        command.env("STAPLE_SEED", format!("{}", 50_000 + round));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(400 * round));
        let _ = child.kill();
        child.wait().unwrap();
        let after = e.git(&["rev-parse", "HEAD"]);
        assert!(after == before || e.git(&["rev-parse", "HEAD~1"]) == before, "round {round}");
        // Running it again converges, and what the user staged is still staged and nothing else.
        e.staple_ok(&args);
        assert_eq!(e.git(&["status", "--porcelain"]), "A  mine.txt\n", "round {round}");
        assert_eq!(e.git(&["log", "--oneline", &format!("--grep=Op-Id: {operation}$")]).lines().count(), 1);
    }
    assert_eq!(e.git(&["fsck", "--strict", "--no-dangling"]), "");
}

#[test]
fn reading_writes_nothing() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let everything = || {
        let mut found = Vec::new();
        let mut folders = vec![e.dir().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
                // The index is derived, and only here.
                if entry.path().ends_with(".git/staple") {
                    continue;
                }
                let meta = entry.metadata().unwrap();
                found.push((entry.path(), meta.len(), meta.modified().unwrap()));
                if meta.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        found.sort();
        found
    };
    let before = everything();
    for args in
        [&["list"][..], &["list", "--all", "--json"], &["list", "--as-of", "2026-11-22"], &["list", "--as-of", "HEAD"]]
    {
        assert!(e.staple_ok(args).contains(&id), "{args:?}");
    }
    assert_eq!(everything(), before);
}

#[test]
fn a_commit_that_builds_on_what_is_only_staged_is_refused() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.staple_ok(&["person", "new", "kim", "--stage"]);
    let staged = e.staple_ok(&["new", "Staged", "--stage"]).trim().to_owned();
    let head = e.git(&["rev-parse", "HEAD"]);
    for command in [vec!["take", &id, "--for", "kim"], vec!["note", &staged, "-m", "seen"]] {
        let refused = e.staple(&command);
        assert_eq!(refused.status, 3, "{refused}");
        assert!(refused.stderr.contains("only staged") && refused.stderr.contains("git commit"), "{refused}");
    }
    assert_eq!(e.git(&["rev-parse", "HEAD"]), head);
    e.staple_ok(&["note", &id, "-m", "this builds on nothing staged"]);
    e.staple_ok(&["take", &id, "--for", "kim", "--stage"]);
    e.git(&["commit", "--quiet", "-m", "Kim takes it"]);
    e.staple_ok(&["check"]);
}

#[test]
fn a_second_try_says_what_the_first_did() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    e.staple_ok(&["note", &id, "-m", "once", "--op-id", "mail:<a@b>"]);
    let again = e.staple(&["note", &id, "-m", "once", "--op-id", "mail:<a@b>"]);
    assert!(again.stderr.contains(&format!("{id}: note (")) && again.stderr.contains("done before"), "{again}");
    assert_eq!(e.staple(&["note", &id, "-m", "once", "--op-id", "a\nb: c"]).status, 2);
}

#[test]
fn a_message_that_cannot_be_read_back_is_refused() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let refused = e.staple(&["received", &id, "-m", "hello", "--from", "kim\nsam"]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("`from` must be one line"), "{refused}");
}

#[test]
fn a_desk_of_a_newer_format_is_not_written() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    assert_eq!(e.staple(&["set", "staple.toml", "format=2"]).status, 3);
    e.write("staple.toml", "format = 2\n");
    e.git(&["commit", "--quiet", "-am", "newer"]);
    let refused = e.staple(&["note", &id, "-m", "hello"]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("install a newer staple"), "{refused}");
}

#[test]
fn a_time_that_a_commit_cannot_hold_is_refused() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    for at in ["9999-12-31", "1969-12-31", "1 Jan 0000"] {
        assert_eq!(e.staple(&["note", &id, "-m", "hello", "--at", at]).status, 2, "{at}");
    }
    e.git(&["fsck", "--strict"]);
}

#[test]
fn a_ticket_is_found_where_the_commit_has_it_whatever_is_staged() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let file = ticket_file(&e, &id);
    let refused = |why: &str| {
        let refused = e.staple(&["set", &id, "product=atlas"]);
        assert_eq!(refused.status, 3, "{why}: {refused}");
        assert!(refused.stderr.contains("has uncommitted changes"), "{why}: {refused}");
    };
    e.git(&["rm", "--cached", "--quiet", &file]);
    refused("its removal is staged");
    std::fs::remove_file(e.dir().join(".git/index")).expect("the staging area");
    refused("nothing is staged");
    e.git(&["reset", "--quiet", "--hard"]);
    e.write("tickets/2099-01/notes.txt", "a folder of a later month\n");
    e.git(&["add", "."]);
    e.git(&["commit", "--quiet", "-m", "notes"]);
    let elsewhere = format!("tickets/2099-01/{}.toml", &id[2..]);
    e.git(&["mv", &file, &elsewhere]);
    refused("it is staged in another month");
    e.git(&["reset", "--quiet", "--hard"]);
    // The later month is looked at first, and has the ticket only in the staging area.
    let blob = e.git(&["rev-parse", &format!("HEAD:{file}")]);
    e.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{},{elsewhere}", blob.trim())]);
    e.staple_ok(&["set", &id, "product=atlas"]);
    assert_eq!(e.git(&["show", "--name-only", "--format=", "HEAD"]).trim(), file);
    assert_eq!(e.git(&["status", "--porcelain"]).trim(), format!("AD {elsewhere}"));
}

#[test]
fn an_id_that_a_ticket_of_another_month_has_is_not_given_again() {
    let e = TestEnvironment::new();
    e.staple_ok(&["init"]);
    let new = |now: &str| {
        e.at(now);
        let mut command = e.staple_command(&["new", "The export fails"]);
        let output = command.env("STAPLE_SEED", "77").stdin(Stdio::null()).output().expect("staple runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("an id").trim().to_owned()
    };
    assert_ne!(new("2026-09-01T10:00:00Z"), new("2026-11-23T10:00:00Z"));
    e.assert_clean();
}

#[test]
fn commits_name_whom_git_would_name() {
    let e = TestEnvironment::new();
    e.staple_ok(&["init"]);
    let names = || e.git(&["log", "-1", "--format=%an <%ae> %cn <%ce>"]);
    let same = || {
        e.git(&["commit", "--quiet", "--allow-empty", "-m", "by git"]);
        let wanted = names();
        e.staple_ok(&["new", "The export fails"]);
        assert_eq!(names(), wanted);
        wanted
    };
    assert_eq!(same(), "Sam Rivers <sam@example.org> Sam Rivers <sam@example.org>\n");
    e.git(&["config", "author.name", "Robin Hale"]);
    e.git(&["config", "committer.email", "desk@example.org"]);
    assert_eq!(same(), "Robin Hale <sam@example.org> Sam Rivers <desk@example.org>\n");
    e.set("GIT_COMMITTER_NAME", "Desk").set("GIT_AUTHOR_EMAIL", "robin@example.org");
    assert_eq!(same(), "Robin Hale <robin@example.org> Desk <desk@example.org>\n");
    let e = TestEnvironment::new();
    e.staple_ok(&["init"]);
    e.git(&["config", "--global", "--unset", "user.email"]);
    e.set("EMAIL", "sam@elsewhere.example");
    e.staple_ok(&["new", "The export fails"]);
    assert_eq!(e.git(&["log", "-1", "--format=%ae %ce"]), "sam@elsewhere.example sam@elsewhere.example\n");
}

#[test]
fn without_git_all_works_that_needs_no_network() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let empty = e.home().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let staple = |args: &[&str]| {
        let output = e.staple_command(args).env("PATH", &empty).env("STAPLE_SEED", "900").output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for args in [
        &["list"][..],
        &["show", &id],
        &["note", &id, "-m", "It is the length"],
        &["undo"],
        &["set", &id, "product=atlas"],
        &["history", &id],
        &["search", "length"],
        &["check"],
    ] {
        let (status, said) = staple(args);
        assert_eq!(status, Some(0), "{args:?}: {said}");
    }
    e.git(&["remote", "add", "origin", e.home().to_str().unwrap()]);
    let (status, said) = staple(&["sync"]);
    assert!(status == Some(3) && said.contains("install git"), "{said}");
    e.assert_clean();
}

#[test]
fn a_partial_clone_works_and_says_how_to_get_what_it_lacks() {
    let sam = TestEnvironment::new();
    let id = desk(&sam);
    sam.git(&["config", "uploadpack.allowFilter", "true"]);
    let e = TestEnvironment::new();
    let url = format!("file://{}", sam.dir().display());
    e.git(&["clone", "--quiet", "--filter=blob:none", &url, "."]);
    for args in [&["list"][..], &["show", &id], &["search", "export"], &["check"]] {
        e.staple_ok(args);
    }
    e.staple_ok(&["note", &id, "-m", "It is the length"]);
    let refused = e.staple(&["history", &id]);
    assert!(refused.status == 3 && refused.stderr.contains("git fetch --refetch --no-filter"), "{refused}");
    e.git(&["fetch", "--quiet", "--refetch", "--no-filter"]);
    assert!(e.staple_ok(&["history", &id]).contains("status: new"));
    e.assert_clean();
}

#[cfg(target_os = "linux")]
#[test]
fn a_write_that_cannot_be_shown_is_done_all_the_same() {
    let e = TestEnvironment::new();
    desk(&e);
    let onto_a_full_disk = |args: &[&str]| {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = e.staple_command(args).stdout(full).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, said) = onto_a_full_disk(&["new", "The invoice is wrong"]);
    assert!(status == Some(0) && said.contains("it is done, and standard output cannot be written"), "{said}");
    assert!(e.staple_ok(&["list"]).contains("The invoice is wrong"));
    let (status, said) = onto_a_full_disk(&["list"]);
    assert!(status == Some(3) && said.contains("standard output cannot be written"), "{said}");

    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let [log, map] = ["tests/data/events/problems.csv", "examples/bpi-2013.toml"].map(|file| here.join(file));
    let import = ["import", "events", log.to_str().unwrap(), "--map", map.to_str().unwrap()];
    let (status, said) = onto_a_full_disk(&import);
    assert!(status == Some(0) && said.contains("it is done, and standard output cannot be written"), "{said}");
    e.git(&["reset", "--hard", "--quiet", "HEAD~18"]);
    let reported = e.staple(&[&import[..], &["--report", "no/such/folder"]].concat());
    assert!(reported.status == 0 && reported.stderr.contains("it is done, and no/such/folder cannot"), "{reported}");
    assert!(reported.stdout.contains("not carried:"), "{reported}");
    e.assert_clean();
}
