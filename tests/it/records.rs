//! Commands that take any reference: show, edit, set, note, rename, redact, diff, and the day.

use crate::common::{TestEnvironment, check_snapshot};

/// A desk with a customer, a team and a playbook, committed.
fn desk() -> TestEnvironment {
    let sam = TestEnvironment::with_repository();
    sam.staple_ok(&["init"]);
    sam.write("customers/acme.toml", "name = \"Acme\"\nzone = \"America/New_York\"\nlanguage = \"en\"\n");
    sam.write("teams/desk.toml", "name = \"Desk\"\nours = true\n");
    sam.write("teams/engineering.toml", "name = \"Engineering\"\nours = false\n");
    sam.write(
        "people/robin.toml",
        "name = \"Robin\"\nteam = \"desk\"\naway = [\n  { from = 2026-11-20, to = 2026-11-30, cover = \"sam\" },\n]\n",
    );
    let playbook = "title = \"Reset a password\"\nstatus = \"internal\"\nproblem = \"I cannot log in\"\n";
    sam.write("playbooks/reset-password.toml", playbook);
    sam.git(&["add", "."]);
    sam.git(&["commit", "--quiet", "-m", "Add records"]);
    sam
}

/// A ticket of Acme, by its id.
fn ticket(sam: &TestEnvironment) -> String {
    let words = "It says error 500.\nMy card is 4111 1111.";
    let args = ["new", "Export fails", "--customer", "acme", "--contact", "jane@acme.example", "--text", words];
    sam.staple_ok(&args).trim().to_owned()
}

fn ticket_file(sam: &TestEnvironment, id: &str) -> String {
    format!(
        "{}/{}.toml",
        sam.files().iter().find_map(|f| f.strip_suffix(&format!("/{}.toml", &id[2..]))).unwrap(),
        &id[2..]
    )
}

#[test]
fn a_ticket_shows_its_customer_and_conversation() {
    let sam = desk();
    let id = ticket(&sam);
    sam.write("trace.log", "timeout\n");
    sam.at("2026-11-22T10:00:00Z").staple_ok(&["note", &id, "the importer times out", "--attach", "trace.log"]);
    let parts =
        ["--situation", "export fails", "--background", "since 2.4", "--request", "look at the pager by Tuesday"];
    let offer = [["hand-off", &id, "team:engineering"].as_slice(), &parts, &["--next-update", "2d"]].concat();
    sam.at("2026-11-22T11:00:00Z").staple_ok(&offer);
    sam.at("2026-11-25T09:00:00Z");
    check_snapshot("show-ticket", sam.staple(&["show", &id]));
    let json = sam.staple_ok(&["show", &id, "--json"]);
    assert!(json.contains("\"messages\":[{") && json.contains("\"text\":\"the importer times out\""), "{json}");
    let before = sam.staple_ok(&["show", &id, "--as-of", "2026-11-22 10:30"]);
    assert!(before.contains("times out") && !before.contains("handed off"), "{before}");
    check_snapshot("show-others", sam.staple(&["show", "robin", "playbook:reset-password", "acme"]));
}

#[test]
fn many_are_set_in_one_commit_and_never_unasked() {
    let sam = desk();
    for title in ["One", "Two", "Three"] {
        sam.staple_ok(&["new", title, "--customer", "acme"]);
    }
    let asked = ["set", "--query", "customer:acme", "labels+=invoices"];
    assert_eq!(sam.staple(&asked).status, 3);
    let done = sam.staple(&[asked.as_slice(), &["--yes"]].concat());
    assert!(done.stderr.starts_with("3 tickets: labels + invoices ("), "{done}");
    assert_eq!(sam.git(&["show", "--format=", "--name-only", "HEAD"]).lines().count(), 3);
    sam.assert_clean();
}

#[test]
fn setting_holds_to_the_rules_of_the_verbs() {
    let sam = desk();
    let id = ticket(&sam);
    for (assignment, words) in [
        ("status=waiting", "waiting-on"),
        ("onwer=sam", "did you mean owner?"),
        ("weekly-target=20", "serve the number"),
        ("owner=sma", "did you mean sam?"),
        ("labels-=none", "has no `none`"),
        ("next-update=yesterday", "has passed"),
    ] {
        let refused = sam.staple(&["set", &id, assignment]);
        assert!(refused.status > 0 && refused.stderr.contains(words), "{assignment}\n{refused}");
    }
    let done = sam.staple(&["set", &id[2..5], "owner=sam", "status=working", "labels+=b,a"]);
    assert!(done.stderr.contains(": owner sam, status working, labels + b, a ("), "{done}");
    assert!(sam.read(&ticket_file(&sam, &id)).contains("labels = [\n  \"a\",\n  \"b\",\n]\n"));
    assert!(sam.staple(&["set", &id, "owner=sam"]).stderr.contains("nothing to do"));
    assert!(sam.staple(&["note", "acme", "hm"]).stderr.contains("staple set customer:acme"));
}

#[test]
fn a_rename_rewrites_every_reference_in_one_commit() {
    let sam = desk();
    let id = ticket(&sam);
    sam.staple_ok(&["hand-off", &id, "team:engineering", "--request", "look", "--next-update", "2d"]);
    // A ticket whose message is bound, as binding leaves it.
    let bound = format!(
        "{}\n[[message]]\nid = \"20261120T080000Z-4hx2\"\nkind = \"hand-off\"\nat = 2026-11-20T08:00:00Z\nby = \"robin\"\nto = \"team:engineering\"\n",
        sam.read(&ticket_file(&sam, &id))
    );
    sam.write(&ticket_file(&sam, &id), bound);
    sam.git(&["commit", "--quiet", "-am", "Bind"]);
    let before = sam.git(&["rev-list", "--count", "HEAD"]);
    assert_eq!(sam.staple(&["rename", "engineering", "desk"]).status, 3);
    sam.staple_ok(&["rename", "engineering", "makers"]);
    sam.staple_ok(&["rename", "robin", "robin-hale"]);
    let after = sam.git(&["rev-list", "--count", "HEAD"]);
    assert_eq!(after.trim().parse::<u32>().unwrap(), before.trim().parse::<u32>().unwrap() + 2);
    assert_eq!(sam.try_git(&["grep", "-E", "engineering\"|\"robin\""]).stdout, "");
    assert!(sam.read(&ticket_file(&sam, &id)).contains("by = \"robin-hale\"\nto = \"team:makers\"\n"));
    assert!(!sam.files().contains(&"teams/engineering.toml".to_owned()));
    sam.assert_clean();
}

#[test]
fn a_rename_goes_on_in_saved_queries() {
    let sam = desk();
    let words = "is:open waiting-on:team:engineering or engineering";
    sam.staple_ok(&["list", words, "--save", "with-them"]);
    sam.staple_ok(&["list", "owner:robin", "--save", "robins"]);
    let done = sam.staple(&["rename", "engineering", "makers"]);
    assert!(sam.read("queries/with-them.toml").contains("is:open waiting-on:team:makers or engineering"));
    assert!(done.stderr.contains("query:with-them may still say engineering: staple edit query:with-them"), "{done}");
    let done = sam.staple(&["rename", "robin", "robin-hale"]);
    assert!(sam.read("queries/robins.toml").contains("\"owner:robin-hale\""));
    assert!(!done.stderr.contains("may still say"), "{done}");
    sam.staple_ok(&["list", "query:robins", "--save", "again"]);
    sam.staple_ok(&["rename", "query:robins", "all-of-robin"]);
    assert!(sam.read("queries/again.toml").contains("\"query:all-of-robin\""));
    sam.staple_ok(&["list", "query:again"]);
    sam.assert_clean();
}

#[test]
fn what_is_redacted_is_named_nowhere_in_the_commit() {
    let sam = desk();
    let id = ticket(&sam);
    sam.write("card.png", "picture");
    sam.staple_ok(&["note", &id, "card seen", "--attach", "card.png"]);
    std::fs::remove_file(sam.dir().join("card.png")).unwrap();
    let done = sam.staple(&["redact", &id, "--text", "4111 1111"]);
    assert!(done.stderr.contains("staple help erasure"), "{done}");
    sam.staple_ok(&["redact", &id, "--attachment", "card.png"]);
    assert!(sam.staple_ok(&["show", &id]).contains("My card is [redacted]."));
    assert!(!sam.files().iter().any(|file| file.ends_with("card.png")));
    let said = sam.git(&["log", "-2", "--format=%B"]);
    assert!(!said.contains("4111") && !said.contains("card.png") && said.contains(": redacted"), "{said}");
    let repeated = sam.staple(&["redact", &id, "--text", "error 500", "--why", "error 500 is wrong"]);
    assert_eq!(repeated.status, 2, "{repeated}");
    sam.assert_clean();
}

#[cfg(unix)]
#[test]
fn a_bad_edit_names_its_place_and_is_kept() {
    let sam = desk();
    sam.set("GIT_EDITOR", "sed -i.bak -e 's/^status = .*/status = \"best\"/'");
    let bad = sam.staple(&["edit", "reset-password"]);
    assert!(bad.status == 3 && bad.stderr.contains("reset-password.toml:2:10: `status` is `best`"), "{bad}");
    assert!(sam.read(".git/staple/KEPT-playbook-reset-password.toml").contains("\"best\""));
    sam.assert_clean();
    sam.set("GIT_EDITOR", "sed -i.bak -e 's/^problem = .*/problem = \"I am locked out\"/'");
    let good = sam.staple(&["edit", "reset-password", "--why", "their words"]);
    assert!(good.stderr.starts_with("playbook:reset-password: edited, problem ("), "{good}");
    assert!(!sam.dir().join(".git/staple/KEPT-playbook-reset-password.toml").exists());
    sam.assert_clean();
}

#[test]
fn uncommitted_edits_are_told_key_by_key() {
    let sam = desk();
    assert_eq!(sam.staple(&["diff"]).stdout, "");
    sam.write("customers/acme.toml", "name = \"Acme\"\nzone = \"Europe/Berlin\"\nlanguage = \"en\"\n");
    sam.write("topics/exports.toml", "title = \"Exports\"\n");
    check_snapshot("diff", sam.staple(&["diff"]));
    let patch = sam.staple_ok(&["diff", "acme", "--patch"]);
    assert!(patch.contains("-zone = \"America/New_York\"") && !patch.contains("Exports"), "{patch}");
    let shown = sam.staple_ok(&["show", "acme"]);
    assert!(shown.contains("edits that are not committed"), "{shown}");
}

#[test]
fn a_day_names_what_is_due_and_the_command_for_it() {
    let sam = TestEnvironment::with_repository();
    assert!(sam.staple_ok(&[]).contains("staple init desk"));
    let sam = desk();
    let id = ticket(&sam);
    sam.staple_ok(&["take", &id]);
    sam.staple_ok(&["reply", &id, "we look into it", "--next-update", "1d"]);
    sam.staple_ok(&["new", "Where is my invoice"]);
    sam.at("2026-11-25T09:00:00Z");
    check_snapshot("day", sam.staple(&[]));
    sam.git(&["config", "user.email", "nobody@example.org"]);
    sam.git(&["config", "user.name", "Nobody Known"]);
    assert!(sam.staple(&[]).stderr.contains("staple setup"));
}

#[test]
fn a_card_number_does_not_get_into_history_unasked() {
    let e = TestEnvironment::new();
    e.staple_ok(&["init"]);
    let head = e.git(&["rev-parse", "HEAD"]);
    let text = ["--text", "my card is 4111 1111 1111 1111"];
    let refused = e.staple(&["new", "Refund please", text[0], text[1]]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("a card number") && refused.stderr.contains("--keep-secrets"), "{refused}");
    assert!(!refused.stderr.contains("4111"), "{refused}");
    assert_eq!(e.git(&["rev-parse", "HEAD"]), head);
    e.staple_ok(&["new", "Refund please", text[0], text[1], "--keep-secrets"]);
}

#[test]
fn what_was_only_tried_gives_no_name_and_a_slip_in_a_verb_offers_the_verb() {
    let e = TestEnvironment::new();
    e.staple_ok(&["init"]);
    assert_eq!(
        e.staple(&["playbook", "new", "Reset it", "--problem", "x", "-n"]).stdout.lines().last(),
        Some("+replaced-by = \"\"")
    );
    assert!(!e.staple_ok(&["new", "Only tried", "-n"]).lines().any(|line| line.starts_with("T-")));
    let slip = e.staple(&["lst"]);
    assert!(slip.status == 2 && slip.stderr.contains("staple list"), "{slip}");
}

#[test]
fn an_edit_of_a_done_ticket_is_seen_by_whoever_asks_for_it() {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    let id = sam.staple_ok(&["new", "Cannot log in", "--text", "Only a white page."]).trim().to_owned();
    sam.at("2026-11-22T10:00:00Z");
    sam.staple_ok(&["reply", &id, "-m", "It works again.", "--resolve", "fixed", "--cause", "an old script"]);
    sam.staple_ok(&["list", "--all"]);
    // Until the clock of the file system has moved on, files are compared anyway.
    std::thread::sleep(std::time::Duration::from_millis(60));
    sam.staple_ok(&["list", "--all"]);
    let path = sam.files().into_iter().find(|path| path.ends_with(&format!("{}.toml", &id[2..]))).unwrap();
    let beside = format!("{}.2", path.trim_end_matches(".toml"));
    let message = sam.files().into_iter().rfind(|path| path.starts_with(&beside)).unwrap();

    // In place, so that nothing shows in the folder.
    let before = sam.read(&path);
    sam.write(&path, before.replace("an old script", "a new script"));
    sam.write(&message, sam.read(&message).replace("works again", "works for good"));
    let json = sam.staple_ok(&["show", &id[..5], "--json"]);
    assert!(json.contains("a new script") && json.contains("works for good"), "{json}");
    assert!(json.contains("\"uncommitted\":true"), "{json}");
    let history = sam.staple(&["history", &id]);
    assert!(history.stderr.contains("has edits that are not committed"), "{history}");
    assert!(sam.staple_ok(&["diff"]).contains("a new script"));
    // Who has seen it once does not forget it.
    assert!(sam.staple_ok(&["list", "--all", "--json"]).contains("a new script"));
    sam.git(&["checkout", "--quiet", "--", "."]);
    assert!(sam.staple_ok(&["show", &id, "--json"]).contains("\"uncommitted\":false"));
    sam.assert_clean();
}

#[test]
fn what_is_wrong_with_a_record_of_a_longer_name_is_not_this_ones() {
    let sam = desk();
    sam.write("customers/acme-group.toml", "name = \"Acme Group\nzone = \"\"\n");
    let alone = sam.staple(&["show", "customer:acme"]);
    assert_eq!(alone.status, 0, "{alone}");
    assert_eq!(sam.staple(&["list"]).status, 3);
}

#[test]
fn neither_data_nor_what_was_typed_drives_the_terminal() {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    // A control sequence as one character, the other direction, no width, and letters that only machines see.
    let hidden = ['\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}', '\u{ad}', '\u{e0041}'];
    let title = format!("Red{}31m", String::from_iter(hidden));
    sam.staple_ok(&["new", &title]);
    let json = sam.staple_ok(&["list", "--json"]);
    assert!(json.contains(r"Red\u001b\u009b\u202e\u200b\u00ad\udb40\udc4131m"), "{json}");
    let rows = sam.staple_ok(&["sql", "SELECT title FROM ticket", "--json"]);
    let checked = sam.staple_ok(&["check", "--format", "sarif"]);
    let listed = sam.staple_ok(&["list"]);
    assert!(listed.contains("Red31m"), "{listed}");
    let wrong =
        [sam.staple(&[&title]), sam.staple(&["list", &format!("--{title}")]), sam.staple(&["completions", &title])];
    for text in [json, rows, checked, listed].into_iter().chain(wrong.map(|output| output.stdout + &output.stderr)) {
        assert!(!text.contains(hidden), "{text:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_template_of_the_desk_does_not_drive_the_terminal() {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    sam.write("templates/digest/managers.md.j2", "a\u{1b}]0;owned\u{7}b\u{9b}2Jc\u{1b}[8md\n");
    let command = sam.staple_command(&["digest", "managers", "--week", "this"]);
    let mut words = vec![command.get_program().to_str().unwrap()];
    words.extend(command.get_args().map(|arg| arg.to_str().unwrap()));
    let mut typed = std::process::Command::new("script");
    typed.args(["-q", "-e", "-c", &words.join(" "), "/dev/null"]).current_dir(sam.dir()).env_clear();
    typed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(std::process::Stdio::null());
    // Without the program script, which makes a terminal, there is nothing to see.
    let Ok(output) = typed.output() else { return };
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("a]0;ownedb2Jc[8md"), "{shown:?} {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_is_typed_wrongly_is_not_taken_for_an_id_alone() {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    sam.staple_ok(&["customer", "new", "nobody-yet", "--name", "Nobody yet"]);
    let id = sam.staple_ok(&["new", "The export fails"]).trim().to_owned();
    // Letters that an id could begin with too.
    for args in [&["retire", "nobody"][..], &["note", "nobody", "-m", "x"], &["show", "nobody"]] {
        let refused = sam.staple(args);
        assert!(refused.status == 2 && refused.stderr.contains("nothing is called `nobody`"), "{refused}");
        assert!(refused.stderr.contains("did you mean nobody-yet?"), "{refused}");
    }
    let last = if id.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{last}", &id[..id.len() - 1]);
    for (typed, meant) in [(wrong.as_str(), id.as_str()), (&wrong[2..], &id[2..])] {
        for args in [&["note", typed, "-m", "x"][..], &["show", typed], &["history", typed]] {
            let refused = sam.staple(args);
            assert!(refused.status == 2 && refused.stderr.contains(&format!("did you mean {meant}?")), "{refused}");
        }
    }
    assert!(sam.staple(&["reply", &wrong[2..], "-m", "x"]).stderr.contains(&format!("did you mean {id}?")));
}
