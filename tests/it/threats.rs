//! Texts, files and settings of somebody who means harm: a table of threats with the tests that hold the answers, and those tests that
//! have no better home. `staple help security` tells users the same in their words.

mod terminal;

use std::path::Path;

use crate::common::{Output, TestEnvironment};

/// A threat, and the tests of what stands against it.
const THREATS: &[(&str, &[&str])] = &[
    (
        "words from outside drive the terminal, or show other words than they hold",
        &[
            "a_record_cannot_drive_the_terminal",
            "text_from_outside_cannot_drive_the_terminal",
            "nothing_from_outside_drives_the_terminal",
            "a_conflict_does_not_drive_the_terminal",
            "a_hostile_file_name_is_told_and_drives_nothing",
            "no_commit_of_ours_drives_the_terminal_of_git",
        ],
    ),
    (
        "a title is markup, or notifies people, where it is pasted",
        &["nothing_in_a_title_acts_as_markup", "a_comment_notifies_nobody_and_a_mended_record_is_not_new"],
    ),
    (
        "a template of the desk runs for ever, fills the disk or reads files",
        &["a_template_is_stopped_and_sees_no_files", "a_template_of_the_desk_is_stopped"],
    ),
    (
        "a link in the work tree leads a read or a write out of the repository",
        &[
            "a_folder_that_is_a_link_is_refused",
            "a_symlinked_tickets_folder_is_never_followed",
            "a_record_that_is_a_link_is_not_followed",
            "settings_behind_a_link_or_too_large_are_not_read",
        ],
    ),
    (
        "a name leads out of the repository",
        &[
            "paths_that_leave_the_desk_are_refused",
            "paths_that_leave_the_repository_are_refused_and_the_import_goes_on",
            "slugs_are_strict",
            "names_from_outside_become_plain",
        ],
    ),
    (
        "a mail eats memory, or is not from whom it says",
        &[
            "hostile_mails_are_refused",
            "html_alone_is_reduced_to_text",
            "a_mail_opens_a_ticket_of_the_customer_who_wrote_it_once",
        ],
    ),
    ("a title or address adds headers to a mail", &["a_title_cannot_add_headers"]),
    (
        "the repository or its configuration names a program to run",
        &[
            "a_program_or_path_named_by_the_repository_is_refused",
            "whatever_names_a_program_or_a_path_is_closed_to_the_repository",
            "configuration_that_names_programs_runs_none",
        ],
    ),
    (
        "somebody takes another's address, and with it what that one writes",
        &[
            "nobody_takes_what_another_writes_by_their_address",
            "nobody_takes_what_another_writes_by_the_mailmap",
            "case_makes_no_other_address",
        ],
    ),
    ("a repository of another account is opened", &["a_repository_of_another_owner_is_refused"]),
    ("a name that begins with a dash is an option to git", &["a_name_that_begins_with_a_dash_is_no_option"]),
    (
        "a name that others chose runs a program where a cure is pasted",
        &[
            "a_cure_can_be_pasted_whatever_others_call_things",
            "words_are_quoted_where_a_shell_would_part_or_change_them",
        ],
    ),
    ("a cell of a table computes in a spreadsheet", &["a_text_computes_nothing_and_a_number_stays_one"]),
    (
        "a query in SQL writes, opens files, loads code or reads what is not offered",
        &["nothing_but_reading_of_what_is_documented_is_answered"],
    ),
    (
        "a planted index lies, runs something, or is read by others",
        &[
            "tables_of_another_make_are_replaced",
            "a_foreign_file_in_the_place_of_the_index_is_replaced",
            "what_is_no_file_in_the_place_of_the_index_is_not_followed",
            "only_its_owner_may_read_the_index",
        ],
    ),
    (
        "card numbers, keys or personal data get into history",
        &[
            "a_card_number_does_not_get_into_history_unasked",
            "reasons_and_attachments_are_looked_through_as_records_are",
            "keys_and_tokens_are_told_by_their_shape",
            "addresses_and_numbers_of_customers_stay_out_where_the_desk_says_so",
            "the_secret_is_not_repeated",
            "nothing_is_written_while_the_settings_cannot_be_read",
        ],
    ),
    (
        "what was redacted is still found",
        &["the_index_does_not_keep_a_word_that_was_redacted", "history_does_not_repeat_what_was_redacted"],
    ),
    (
        "a merge driver that is missing or fails drops a side without a mark",
        &[
            "without_the_program_git_merges_by_lines_and_the_keys_are_told_apart_afterwards",
            "whatever_becomes_of_the_driver_git_hears_0_or_1_and_the_file_is_marked",
            "a_panic_is_caught",
        ],
    ),
    ("a query nests so deep that the program falls over", &["deep_nesting_is_refused_instead_of_overflowing"]),
];

#[test]
fn every_threat_names_tests_that_exist() {
    assert_eq!(missing(THREATS), Vec::<String>::new());
}

/// The tests that a table names and the project does not have, and its rows without any.
pub(crate) fn missing(table: &[(&str, &[&str])]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    for folder in ["src", "tests/it"] {
        read_sources(&root.join(folder), &mut sources);
    }
    let named = table.iter().flat_map(|(row, tests)| tests.iter().map(move |test| (row, *test)));
    let unknown = named.filter(|(_, test)| !runs(&sources, test)).map(|(row, test)| format!("{row}: {test}"));
    let empty = table.iter().filter(|(_, tests)| tests.is_empty()).map(|(row, _)| format!("{row}: none"));
    unknown.chain(empty).collect()
}

/// Whether some sources have a test of that name which is not left out.
fn runs(sources: &str, name: &str) -> bool {
    let parts: Vec<&str> = sources.split("#[test]\n").collect();
    let is_ignored = |line: &str| line.trim_start().starts_with("#[ignore");
    parts.windows(2).any(|two| {
        // Attributes stand on either side of the mark.
        let above = two[0].lines().rev().take_while(|line| line.trim_start().starts_with("#["));
        let until = two[1].lines().position(|line| line.trim_start().starts_with("fn ")).unwrap_or_default();
        let is_named =
            two[1].lines().nth(until).is_some_and(|line| line.trim_start().starts_with(&format!("fn {name}(")));
        is_named && !above.chain(two[1].lines().take(until)).any(is_ignored)
    })
}

#[test]
fn a_test_that_is_left_out_holds_no_threat() {
    let mark = "#[test]";
    let sources = format!(
        "{mark}\nfn one() {{}}\n\n{mark}\n#[ignore = \"slow\"]\nfn two() {{}}\n\n#[ignore]\n{mark}\nfn three() {{}}\nfn four() {{}}\n"
    );
    assert_eq!(["one", "two", "three", "four"].map(|name| runs(&sources, name)), [true, false, false, false]);
}

fn read_sources(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// The note was of whoever stood first in the folder.
#[test]
fn nobody_takes_what_another_writes_by_the_mailmap() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    e.staple_ok(&["person", "new", "eve", "Eve", "--emails", "eve@example.org"]);
    // As it comes with a pull.
    e.write(".mailmap", "Eve <eve@example.org> <sam@example.org>\n");
    let refused = e.staple(&["note", &id, "-m", "Words"]);
    assert!(refused.status == 3 && refused.stderr.contains("you may be eve or "), "{refused}");
    assert!(refused.stderr.contains("by .mailmap Eve <eve@example.org>"), "{refused}");
    assert!(e.staple(&[]).stderr.contains("does not know you"));
    // An address of old leads to the person who has the new one.
    e.write(".mailmap", "Eve <eve@example.org> <eve@old.example>\n");
    let eve = e.clone_for("E.", "eve@old.example");
    eve.write(".mailmap", e.read(".mailmap"));
    eve.staple_ok(&["note", &id, "-m", "Words"]);
    assert!(eve.git(&["show", "HEAD"]).contains("+by = \"eve\""));
}

#[test]
fn nobody_takes_what_another_writes_by_their_address() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    let sam = e.files().into_iter().find(|path| path.starts_with("people/")).unwrap();
    let refused = e.staple(&["person", "new", "eve", "Eve", "--emails", "SAM@example.org"]);
    assert!(refused.status == 3 && refused.stderr.contains("which is also an address of"), "{refused}");
    e.staple_ok(&["person", "new", "eve", "Eve", "--emails", "eve@example.org"]);
    let refused = e.staple(&["set", "person:eve", "emails+=sam@example.org"]);
    assert!(refused.status == 3 && refused.stderr.contains("which is also an address of"), "{refused}");
    // As it comes with a pull.
    let claimed = e.read("people/eve.toml").replace("eve@example.org", "sam@example.org");
    e.write("people/eve.toml", claimed);
    e.git(&["commit", "--quiet", "--all", "-m", "By hand"]);
    let refused = e.staple(&["note", &id, "-m", "Words"]);
    assert!(refused.status == 3 && refused.stderr.contains("git config staple.person"), "{refused}");
    assert!(e.staple(&[]).stderr.contains("does not know you"));
    let slug = sam.trim_start_matches("people/").trim_end_matches(".toml");
    e.git(&["config", "staple.person", slug]);
    e.staple_ok(&["note", &id, "-m", "Words"]);
    assert!(e.git(&["show", "HEAD"]).contains(&format!("+by = \"{slug}\"")));
    e.git(&["config", "--unset", "staple.person"]);
    // The cure that check names.
    e.staple_ok(&["set", "person:eve", "emails-=sam@example.org"]);
    e.staple_ok(&["note", &id, "-m", "More words"]);
    assert!(e.git(&["show", "HEAD"]).contains(&format!("+by = \"{slug}\"")));
}

#[test]
fn a_template_of_the_desk_is_stopped() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    e.staple_ok(&["new", "Title"]);
    let endless = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    e.write("templates/digest/managers.md.j2", endless);
    let stopped = e.staple(&["digest", "managers"]);
    assert_eq!((stopped.status, stopped.stdout.as_str()), (3, ""), "{stopped}");
    let stopped = e.staple(&["list", "--template", endless]);
    assert!(stopped.status != 0 && stopped.stdout.is_empty(), "{stopped}");
}

#[cfg(unix)]
#[test]
fn a_record_that_is_a_link_is_not_followed() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    let path = e.files().into_iter().find(|path| path.ends_with(&format!("{}.toml", &id[2..]))).unwrap();
    let outside = e.home().join("outside.toml");
    let text = e.read(&path).replace("Title", "A secret of this machine");
    std::fs::write(&outside, &text).unwrap();
    std::fs::remove_file(e.dir().join(&path)).unwrap();
    std::os::unix::fs::symlink(&outside, e.dir().join(&path)).unwrap();
    for committed in [false, true] {
        for args in [&["list"][..], &["show", &id], &["diff"], &["search", "secret"], &["check"]] {
            let output = e.staple(args);
            assert!(!output.to_string().contains("of this machine"), "{args:?}, committed: {committed}: {output}");
        }
        let refused = e.staple(&["set", &id, "product=atlas"]);
        assert_eq!(refused.status, 3, "{refused}");
        assert_eq!(std::fs::read_to_string(&outside).unwrap(), text);
        e.git(&["commit", "--quiet", "--all", "--allow-empty", "-m", "A link"]);
    }
}

#[cfg(unix)]
#[test]
fn settings_behind_a_link_or_too_large_are_not_read() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    let outside = e.home().join("outside.toml");
    std::fs::write(&outside, "format = 1\nzone = \"Asia/Tokyo\"\nname = \"A secret of this machine\"\n").unwrap();
    std::fs::remove_file(e.dir().join("staple.toml")).unwrap();
    std::os::unix::fs::symlink(&outside, e.dir().join("staple.toml")).unwrap();
    for committed in [false, true] {
        for args in
            [&["config", "list", "--show-origin"][..], &["list"], &["show", "staple.toml"], &["diff"], &["check"]]
        {
            let said = e.staple(args).to_string();
            let is_told = said.contains("Tokyo") || said.contains("of this machine");
            assert!(!is_told, "{args:?}, committed: {committed}: {said}");
        }
        let checked = e.staple(&["check"]);
        assert!(
            checked.status == 1 && checked.stdout.contains("staple.toml: error: this is a symbolic link"),
            "{checked}"
        );
        let refused = e.staple(&["note", &id, "-m", "Words"]);
        assert!(refused.status == 3 && refused.stderr.contains("settings cannot be read"), "{refused}");
        e.git(&["commit", "--quiet", "--all", "--allow-empty", "-m", "A link"]);
    }
    std::fs::remove_file(e.dir().join("staple.toml")).unwrap();
    // Sparse: it takes no place, and reading it takes all of it.
    std::fs::File::create(e.dir().join("staple.toml")).unwrap().set_len(1 << 30).unwrap();
    let checked = e.staple(&["check"]);
    assert!(checked.status == 1 && checked.stdout.contains("staple.toml: error: the file has 1024 MB"), "{checked}");
}

#[test]
fn reasons_and_attachments_are_looked_through_as_records_are() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    const REASON: &str = "the reason for the commit holds a card number";
    let card = "pay with 4111.1111.1111.1111";
    // For `check --fix` there is something to do.
    let ticket = e.files().into_iter().find(|path| path.starts_with("tickets/")).unwrap();
    e.write(&ticket, e.read(&ticket).replace("was = \"\"\n", ""));
    e.git(&["commit", "--quiet", "-am", "Leave a key out"]);
    e.staple_ok(&["set", &id, "version=1"]);
    e.write("../card.log", format!("first line\n{card}\n"));
    e.write("../contact.log", "from ann@customer.example\n");
    e.write("../picture.png", [b"\x89PNG\0\xff".as_slice(), card.as_bytes()].concat());
    let why = ["set", &id, "product=atlas", "--why", card];
    let undo = ["undo", "--why", card];
    let fix = ["check", "--fix", "--why", card];
    let attached = ["reply", &id, "-m", "See there", "--attach", "../card.log"];
    let contact = ["reply", &id, "-m", "See there", "--attach", "../contact.log"];
    let head = e.git(&["rev-parse", "HEAD"]);
    for (args, place) in
        [(&why[..], REASON), (&undo, REASON), (&fix, REASON), (&attached, "card.log holds a card number")]
    {
        let refused = e.staple(args);
        assert!(refused.status == 3 && refused.stderr.contains(place), "{refused}");
        assert!(!refused.stderr.contains("1111") && refused.stderr.contains("--keep-secrets"), "{refused}");
    }
    assert_eq!(e.git(&["rev-parse", "HEAD"]), head);
    e.staple_ok(&[&why[..], &["--keep-secrets"]].concat());
    e.staple_ok(&[&undo[..], &["--keep-secrets"]].concat());
    e.staple_ok(&[&fix[..], &["--keep-secrets"]].concat());
    e.staple_ok(&[&attached[..], &["--keep-secrets"]].concat());
    e.staple_ok(&["reply", &id, "-m", "A picture", "--attach", "../picture.png"]);
    // What is there already is not held against the next write.
    e.staple_ok(&["note", &id, "-m", "Words"]);
    e.staple_ok(&contact);
    e.staple_ok(&["config", "set", "privacy", "references"]);
    let refused = e.staple(&contact);
    assert!(refused.status == 3 && refused.stderr.contains("contact.log holds a mail address"), "{refused}");
    let refused = e.staple(&["set", &id, "product=atlas2", "--why", "ann@customer.example asked"]);
    assert!(refused.status == 3 && refused.stderr.contains("holds a mail address"), "{refused}");
    e.staple_ok(&["set", &id, "product=atlas2", "--why", "sam@example.org asked"]);
}

#[test]
fn one_secret_that_is_kept_lets_no_other_in() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    let kept = "title=card 4111 1111 1111 1111";
    e.staple_ok(&["set", &id, kept, "--keep-secrets"]);
    for title in ["card 5500 0000 0000 0004", "cards 4111111111111111, 5500000000000004"] {
        let refused = e.staple(&["set", &id, &format!("title={title}")]);
        assert!(refused.status == 3 && refused.stderr.contains("holds a card number"), "{title}: {refused}");
    }
    // What was kept may be moved, said otherwise, and taken out piece by piece.
    e.staple_ok(&["set", &id, "title=the card 4111-1111-1111-1111 again", "cause=4111111111111111"]);
    let both = "title=4111111111111111 and 5500000000000004";
    e.staple_ok(&["set", &id, both, "--keep-secrets"]);
    e.git(&["checkout", "--quiet", "-b", "other"]);
    let ticket = e.files().into_iter().find(|path| path.starts_with("tickets/")).unwrap();
    e.write(&ticket, e.read(&ticket).replace("and 5500000000000004", "and 4012888888881881"));
    e.git(&["commit", "--quiet", "-am", "By hand"]);
    let checked = e.staple(&["check", "--base", "HEAD~1"]);
    assert!(checked.status == 1 && checked.stdout.contains("holds a card number"), "{checked}");
    e.git(&["checkout", "--quiet", "-"]);
    e.staple_ok(&["redact", &id, "--text", "4111111111111111"]);
    assert!(e.staple_ok(&["show", &id]).contains("[redacted] and 5500000000000004"));
}

#[test]
fn nothing_is_written_while_the_settings_cannot_be_read() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    e.staple_ok(&["config", "set", "privacy", "references"]);
    let good = e.read("staple.toml");
    let kept = e.home().join("good.toml");
    std::fs::write(&kept, &good).unwrap();
    let kept = kept.to_str().unwrap();
    let note = ["note", &id, "-m", "mail joe@customer.com"];
    for bad in [
        good.replace("products = []", "products = [").into_bytes(),
        [good.as_bytes(), b"# \xff\n"].concat(),
        good.replace("\"references\"", "\"reference\"").into_bytes(),
        good.replace("format = 1", "format = \"1\"").into_bytes(),
    ] {
        assert_ne!(bad, good.as_bytes());
        e.write("staple.toml", &bad);
        e.git(&["commit", "--quiet", "--all", "-m", "By hand"]);
        let head = e.git(&["rev-parse", "HEAD"]);
        for args in [&note[..], &["new", "Another"], &["set", &id, "product=atlas"], &["config", "set", "zone", "UTC"]]
        {
            let refused = e.staple(args);
            assert!(refused.status == 3 && refused.stderr.contains("staple.toml"), "{args:?}: {refused}");
        }
        assert_eq!(e.git(&["rev-parse", "HEAD"]), head);
        assert!(e.staple(&["show", &id]).stdout.contains("Title"));
        assert_eq!(e.staple(&["check"]).status, 1);
        match std::str::from_utf8(&bad) {
            Ok(_) => drop(e.staple_ok(&["edit", "staple.toml", "-F", kept])),
            Err(_) => {
                e.write("staple.toml", &good);
                e.git(&["commit", "--quiet", "--all", "-m", "Mended by hand"]);
            }
        }
        assert!(e.staple(&note).stderr.contains("a mail address"));
    }
    // As the work tree has them they say to which branch and at what hour.
    e.write("staple.toml", "products = [");
    assert_eq!(e.staple(&["note", &id, "-m", "Words"]).status, 3);
    e.write("staple.toml", good);
    e.staple_ok(&["note", &id, "-m", "Words"]);
    e.assert_clean();
}

/// The words that a shell makes of the command which begins with `start` in what `output` says.
#[cfg(unix)]
#[track_caller]
fn pasted(e: &TestEnvironment, output: &Output, start: &str) -> Vec<String> {
    let text = output.to_string();
    let command = text.lines().find_map(|line| line.find(start).map(|at| line[at..].to_owned()));
    let command = command.unwrap_or_else(|| panic!("no {start}: {text}"));
    let stubs = "git() { printf '%s\\n' git \"$@\"; }; staple() { printf '%s\\n' staple \"$@\"; }; cd() { printf '%s\\n' cd \"$@\"; }";
    let mut shell = std::process::Command::new("/bin/sh");
    let run = shell.arg("-c").arg(format!("{stubs}\n{command}")).current_dir(e.dir()).output().unwrap();
    assert!(run.status.success() && run.stderr.is_empty(), "{command}: {run:?}");
    String::from_utf8(run.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn a_cure_can_be_pasted_whatever_others_call_things() {
    const RUN: &str = ";$(touch${IFS}pwn)";
    let e = TestEnvironment::new();
    let made = e.staple(&["init", "our stuff"]);
    assert_eq!(pasted(&e, &made, "cd ")[..3], ["cd", "our stuff", "staple"]);
    std::fs::remove_dir_all(e.dir().join("our stuff")).unwrap();
    e.git(&["init", "--quiet"]);
    e.staple_ok(&["init"]);
    e.staple_ok(&["customer", "new", "acme", "Acme"]);
    let id = e.staple_ok(&["new", "Title", "--customer", "acme", "--text", "Words"]);
    let id = id.trim();
    e.write("code.rs", "fn fixed() {}\n");
    e.git(&["add", "code.rs"]);
    e.git(&["commit", "--quiet", "-m", &format!("Mend\n\nFixes: {id}")]);
    let tag = format!("v2{RUN}");
    e.git(&["tag", &tag]);
    e.staple_ok(&["config", "set", "repositories", &format!("web{RUN} https://code.example.org/web")]);
    let told = e.staple(&["fixes", id]);
    assert_eq!(pasted(&e, &told, "staple ticket told")[2..], ["told", id, "--release", &tag]);
    assert_eq!(pasted(&e, &told, "git config")[3], format!("staple.repo.web{RUN}.path"));
    for words in ["", "a fix"] {
        let refused = e.staple(&["wait", id, &format!("release:{tag}"), words]);
        assert_eq!(pasted(&e, &refused, "staple ticket wait")[4], format!("release:{tag}"));
    }
    let shown = e.staple(&["release", "show", &tag]);
    assert_eq!(pasted(&e, &shown, "staple ticket told")[4..], ["--release", &tag]);

    for name in ["$(touch pwn)", "$(touch PWN)"] {
        e.write(&format!("people/{name}.toml"), "name = \"x\"\n");
    }
    for slug in ["one", "two"] {
        e.write(&format!("people/{slug}.toml"), format!("name = \"{slug}\"\nemails = [\"a{RUN}@example.org\"]\n"));
    }
    let checked = e.staple(&["check"]);
    assert_eq!(pasted(&e, &checked, "git mv")[2..], ["people/$(touch pwn).toml", "OTHER-NAME"]);
    assert_eq!(pasted(&e, &checked, "staple set")[3], format!("emails-=a{RUN}@example.org"));

    e.staple_ok(&["config", "set", "branch", &format!("desk{RUN}")]);
    assert_eq!(pasted(&e, &e.staple(&["bind"]), "git switch")[2], format!("desk{RUN}"));
    assert!(e.files().iter().all(|path| path != "pwn"), "{:?}", e.files());
}

#[cfg(unix)]
#[test]
fn configuration_that_names_programs_runs_none() {
    use std::os::unix::fs::PermissionsExt;
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title", "--text", "words"]).trim().to_owned();
    let (program, ran) = (e.home().join("program"), e.home().join("ran"));
    std::fs::write(&program, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\n", ran.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = program.to_str().unwrap();
    for name in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "diff.external",
        "diff.bad.command",
        "diff.bad.textconv",
        "pager.log",
        "staple.pager",
        "staple.editor",
        "staple.mailer",
        "core.alternateRefsCommand",
    ] {
        e.git(&["config", name, program]);
    }
    e.write(".git/info/attributes", "*.toml diff=bad\n");
    e.write(
        "staple.toml",
        format!("{}\n[extra]\npager = \"{program}\"\neditor = \"{program}\"\n", e.read("staple.toml")),
    );
    e.git(&["-c", "core.fsmonitor=false", "commit", "--quiet", "--all", "-m", "Settings"]);
    let _ = std::fs::remove_file(&ran);
    for args in [
        &["list"][..],
        &["show", &id],
        &["history", &id],
        &["search", "words"],
        &["diff"],
        &["fixes"],
        &["review", "--base", "HEAD~1"],
        &["check"],
        &["check", "branches"],
        &["note", &id, "-m", "x"],
        &["set", &id, "labels+=x", "--stage"],
        &["sync"],
        &["digest", "managers"],
        &["undo"],
    ] {
        let output = e.staple(args);
        let said = std::fs::read_to_string(&ran).unwrap_or_default();
        assert!(said.is_empty(), "{args:?} ran {said}\n{output}");
    }
}

#[test]
fn a_name_that_begins_with_a_dash_is_no_option() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    let made = e.home().join("made");
    let option = format!("--output={}", made.display());
    // Git refuses to make such references, and others may have made them all the same.
    for name in ["-x", &format!("--upload-pack=touch {}", made.display()), &option] {
        for args in [
            &["note", &id, "-m", "x", &format!("--branch={name}")][..],
            &["review", &format!("--base={name}")],
            &["check", &format!("--base={name}")],
            &["list", &format!("--as-of={name}")],
            &["show", "--", name],
            &["undo", "--", name],
            &["fixes", "--", name],
            &["review", "--base", "main", "--", name],
        ] {
            let refused = e.staple(args);
            assert!(refused.status >= 2, "{args:?}: {refused}");
            assert!(!made.exists(), "{args:?}");
        }
    }
    e.git(&["config", "remote.pushDefault", &option]);
    e.git(&["config", "branch.main.remote", &option]);
    e.git(&["config", "branch.main.merge", "refs/heads/main"]);
    let synced = e.staple(&["sync"]);
    assert!(!made.exists(), "{synced}");
    e.git(&["config", &format!("remote.{option}.url"), &format!("--upload-pack=touch {}", made.display())]);
    let synced = e.staple(&["sync"]);
    assert!(!made.exists(), "{synced}");
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_the_index() {
    use std::os::unix::fs::PermissionsExt;
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    e.staple_ok(&["new", "Title"]);
    e.staple_ok(&["list"]);
    let folder = e.dir().join(".git/staple");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("index.sqlite") {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{:?}", entry.file_name());
            seen += 1;
        }
    }
    assert!(seen > 0);
}
