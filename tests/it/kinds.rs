//! The kinds that have slugs, each through its life once, with every refusal on the way.

use crate::common::TestEnvironment;

/// Sam at a desk of its own.
fn desk() -> TestEnvironment {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    sam
}

/// Runs a command that must be refused, with exit code 3 and the cure on stderr; nothing is committed.
#[track_caller]
fn refused(sam: &TestEnvironment, args: &[&str], cure: &str) {
    let before = sam.git(&["rev-parse", "HEAD"]);
    let output = sam.staple(args);
    assert_eq!(output.status, 3, "staple {args:?}\n{output}");
    assert!(output.stderr.contains(cure), "staple {args:?} does not say `{cure}`\n{output}");
    assert_eq!(sam.git(&["rev-parse", "HEAD"]), before, "a refusal changes nothing");
}

/// The line of a record's file that sets `key`.
#[track_caller]
fn line(sam: &TestEnvironment, path: &str, key: &str) -> String {
    let text = sam.read(path);
    let start = format!("{key} = ");
    text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_else(|| panic!("no {key} in\n{text}")).to_owned()
}

#[test]
fn every_kind_is_made_listed_and_retired_by_the_same_commands() {
    let sam = desk();
    let made = sam.staple_ok(&[
        "customer",
        "new",
        "acme",
        "--name",
        "Acme GmbH",
        "--mail-domain",
        "acme.example",
        "--segment",
        "trial",
    ]);
    assert_eq!(made, "customer:acme\n");
    assert!(sam.read("customers/acme.toml").contains("mail-domains = [\n  \"acme.example\",\n]\n"));
    sam.staple_ok(&["team", "new", "support", "--ours"]);
    sam.staple_ok(&["person", "new", "ada", "Ada Jones", "--team", "support", "--set", "expertise=imports,exports"]);
    sam.staple_ok(&["role", "new", "First line", "--responsibility", "answer, then ask", "--responsibility", "learn"]);
    sam.staple_ok(&["topic", "new", "Cannot log in", "--demand", "failure"]);
    sam.staple_ok(&[
        "channel",
        "new",
        "form",
        "https://acme.example",
        "--kind",
        "form",
        "--ask",
        "the order because we look it up",
    ]);
    assert!(sam.read("channels/form.toml").contains("{ ask = \"the order\", why = \"we look it up\" }"));
    assert!(sam.read("roles/first-line.toml").contains("\"answer, then ask\",\n"), "what holds a comma stays one item");
    assert_eq!(line(&sam, "people/ada.toml", "team"), "\"support\"");

    refused(&sam, &["customer", "new", "acme"], "choose another slug");
    refused(&sam, &["channel", "new", "phone"], "staple channel new phone --kind mail|phone");
    let misspelt = sam.staple(&["team", "new", "x", "--liaison", "adda"]);
    assert!(misspelt.status == 2 && misspelt.stderr.contains("did you mean ada?"), "{misspelt}");
    assert_eq!(sam.staple(&["person", "new", "bob", "--set", "nmae=Bob"]).status, 2);

    let shown = sam.staple_ok(&["role", "list", "is:unheld"]);
    assert!(shown.contains("first-line  First line  unheld"), "{shown}");
    assert!(sam.staple_ok(&["channel", "list"]).contains("https://acme.example"));
    assert_eq!(sam.staple_ok(&["team", "list", "ours:true", "--template", "{{ ref }}"]), "team:support\n");
    let json: serde_json::Value = serde_json::from_str(&sam.staple_ok(&["topic", "list", "--json"])).unwrap();
    assert_eq!((&json["what"], &json["items"][0]["open-tickets"]), (&"topics".into(), &0.into()));

    sam.staple_ok(&["retire", "acme", "--on", "2026-11-20"]);
    assert_eq!(line(&sam, "customers/acme.toml", "retired"), "2026-11-20");
    assert_eq!(sam.staple_ok(&["customer", "list"]), "");
    assert!(sam.staple_ok(&["customer", "list", "--all"]).contains("Acme GmbH (retired)"));
    let ticket = sam.staple_ok(&["new", "help"]);
    refused(&sam, &["retire", ticket.trim()], "staple ticket drop");
    sam.assert_clean();
}

#[test]
fn a_playbook_begins_from_a_ticket_and_counts_what_it_solved() {
    let sam = desk();
    sam.staple_ok(&["customer", "new", "acme", "Acme GmbH"]);
    let said = "The export stops at 2 GB. Call +49 30 1234567. Ada, Acme";
    let contact = ["--contact", "Ada Jones <ada@acme.example>"];
    let id =
        sam.staple_ok(&[&["new", "Acme cannot export", "--customer", "acme", "--text", said], &contact[..]].concat());
    let id = id.trim();
    let output = sam.staple(&["playbook", "new", "export-limit", "--from", id]);
    assert_eq!(output.stdout, "playbook:export-limit\n");
    assert!(output.stderr.contains("read it once more"), "{output}");
    let text = sam.read("playbooks/export-limit.toml");
    assert!(text.contains("\nThe export stops at 2 GB. Call [number]. [name], the customer\n"), "{text}");
    assert!(!text.contains("Acme") && !text.contains("Ada"), "{text}");
    assert_eq!(sam.staple_ok(&["playbook", "new", "Reset a password"]), "playbook:reset-password\n");

    let playbook = "playbook:export-limit";
    refused(&sam, &["playbook", "publish", "export-limit"], &format!("staple set {playbook} answer="));
    refused(&sam, &["playbook", "unpublish", "export-limit"], &format!("staple show {playbook}"));
    refused(&sam, &["playbook", "flag", "export-limit", " "], &format!("staple playbook flag {playbook}"));
    sam.staple_ok(&["playbook", "new", "split-file", "--answer", "Split it.", "--problem", "It is too large"]);
    sam.staple_ok(&["playbook", "publish", "split-file"]);
    sam.staple_ok(&["playbook", "flag", "split-file", "the menu moved"]);
    assert!(sam.read("playbooks/split-file.toml").contains("\"the menu moved\""));
    sam.staple_ok(&["playbook", "unpublish", "split-file"]);
    assert_eq!(line(&sam, "playbooks/split-file.toml", "status"), "\"internal\"");

    sam.at("2026-11-22T10:15:00Z");
    sam.staple_ok(&["reply", id, "-m", "split the file", "--resolve", "workaround", "--playbook", "split-file"]);
    sam.at("2026-11-25T10:15:00Z");
    let listed = sam.staple_ok(&["playbook", "list"]);
    let first = listed.lines().nth(1).unwrap_or_default();
    assert!(first.starts_with("split-file") && first.contains("1       3 d ago"), "{listed}");

    sam.staple_ok(&["retire", "playbook:split-file"]);
    assert_eq!(line(&sam, "playbooks/split-file.toml", "status"), "\"retired\"");
    refused(&sam, &["playbook", "publish", "split-file"], "status=internal");
    refused(&sam, &["playbook", "flag", "split-file", "old"], "status=internal");
    sam.assert_clean();
}

#[test]
fn a_proposal_is_followed_to_its_end_and_says_why_at_every_step() {
    let sam = desk();
    refused(&sam, &["proposal", "new", "Shorter form"], "staple proposal new shorter-form 'Shorter form' --benefit");
    sam.staple_ok(&["proposal", "new", "Shorter form", "--benefit", "less to type", "--test", "two weeks"]);
    let path = "proposals/shorter-form.toml";
    assert_eq!((line(&sam, path, "raised-by"), line(&sam, path, "raised")), ("\"sam\"".into(), "2026-11-22".into()));
    let step = |verb: &str, more: &[&str]| {
        sam.staple_ok(&[&["proposal", verb, "shorter-form"], more].concat());
        line(&sam, path, "status")
    };
    let no = |verb: &str, more: &[&str], cure: &str| {
        refused(&sam, &[&["proposal", verb, "shorter-form"], more].concat(), cure);
    };
    no("hear", &[], "staple proposal hear proposal:shorter-form --answer");
    assert_eq!(step("hear", &["--answer", "let us see"]), "\"heard\"");
    no("defer", &[], "--revisit 3mo");
    assert_eq!(step("defer", &["--revisit", "2027-02-01"]), "\"deferred\"");
    no("trial", &[], "--until 3w");
    no("trial", &["--from", "2026-12-02", "--until", "2026-12-01"], "--until 3w");
    assert_eq!(step("trial", &["--until", "3w"]), "\"trial\"");
    assert_eq!((line(&sam, path, "trial-until"), line(&sam, path, "revisit")), ("2026-12-13".into(), "\"\"".into()));
    no("decline", &["--reason", "x", "--would-reopen-if", "y"], "from trial it can be adopted");
    no("adopt", &[], "--what-happened");
    assert_eq!(step("adopt", &["--what-happened", "half the questions"]), "\"adopted\"");
    no("revert", &[], "--what-happened");
    assert_eq!(step("revert", &["--what-happened", "they came back"]), "\"reverted\"");
    no("trial", &["--until", "3w"], "hear it again first");
    assert_eq!(step("hear", &["--answer", "once more"]), "\"heard\"");
    no("decline", &["--reason", "no time"], "--would-reopen-if");
    assert_eq!(step("decline", &["--reason", "no time", "--would-reopen-if", "two more people"]), "\"declined\"");

    sam.staple_ok(&["proposal", "new", "no-form", "No form", "--benefit", "nothing to type"]);
    no("supersede", &[], "--by OTHER");
    no("supersede", &["--by", "shorter-form"], "--by OTHER");
    assert_eq!(step("supersede", &["--by", "no-form"]), "\"superseded\"");
    refused(&sam, &["retire", "proposal:no-form"], "staple proposal withdraw proposal:no-form");
    assert!(sam.staple_ok(&["proposal", "list"]).contains("no-form"));
    sam.staple_ok(&["proposal", "withdraw", "no-form"]);
    assert_eq!(sam.staple_ok(&["proposal", "list"]), "");
    assert_eq!(sam.staple_ok(&["proposal", "list", "is:superseded", "--template", "{{ slug }}"]), "shorter-form\n");
    sam.assert_clean();
}

#[test]
fn an_anonymous_proposal_says_nothing_of_who_raised_it() {
    let sam = desk();
    sam.git(&["config", "commit.gpgsign", "true"]);
    let output = sam.staple(&["proposal", "new", "Second monitors", "--benefit", "sooner answers", "--anonymous"]);
    assert!(output.status == 0 && output.stderr.contains("whoever pushes it is still known to the forge"), "{output}");
    assert_eq!(line(&sam, "proposals/second-monitors.toml", "raised-by"), "\"\"");
    let commit = sam.git(&["cat-file", "commit", "HEAD"]);
    assert!(!commit.to_lowercase().contains("sam") && !commit.contains("gpgsig"), "{commit}");
    assert_eq!(sam.git(&["log", "-1", "--format=%at %ct"]), "1795305600 1795305600\n");
    let both = ["proposal", "new", "X y", "--benefit", "z", "--anonymous", "--raised-by", "sam"];
    assert_eq!(sam.staple(&both).status, 2);
}

#[test]
fn people_say_when_they_are_away_and_talks_and_jots_are_kept() {
    let sam = desk();
    sam.staple_ok(&["person", "new", "ada", "Ada Jones"]);
    sam.staple_ok(&["person", "away", "2026-11-20", "2026-11-30", "--cover", "ada"]);
    refused(&sam, &["person", "away", "2026-12-30", "2026-12-20"], "staple person away 2026-12-20 2026-12-30 sam");
    refused(&sam, &["person", "away", "2026-12-20", "2026-12-30", "--cover", "sam"], "--cover SOMEBODY");
    sam.staple_ok(&["person", "available", "at-limit", "ada", "--until", "3d"]);
    let listed = sam.staple_ok(&["person", "list"]);
    assert!(listed.contains("away until 30 Nov, ada covers") && listed.contains("at limit until 25 Nov"), "{listed}");
    refused(&sam, &["person", "available", "no", "ada", "--until", "2026-11-01"], "--until 3d");

    sam.staple_ok(&["customer", "new", "acme", "--talk-every-days", "14"]);
    let output =
        sam.staple(&["customer", "talked", "acme", "--via", "visit", "-m", "they grow", "--at", "yesterday 14:00"]);
    assert!(output.stderr.contains("next talk by 5 Dec"), "{output}");
    assert!(sam.staple_ok(&["customer", "list"]).contains("19 h ago"));
    sam.staple_ok(&["team", "new", "engineering"]);
    sam.staple_ok(&["team", "talked", "engineering", "-m", "exports are next"]);
    sam.staple_ok(&["jot", "high", "nobody waited", "--about", "acme"]);
    let jots: Vec<String> = sam.files().into_iter().filter(|path| path.starts_with("comms/jots/2026-W47/")).collect();
    assert!(sam.read(&jots[0]).contains("\"customer:acme\""), "{jots:?}");
    assert_eq!(sam.files().iter().filter(|path| path.starts_with("talks/2026-11/")).count(), 2);
    sam.assert_clean();
}

#[test]
fn setup_finds_or_makes_the_person_and_runs_nothing_unasked() {
    let sam = desk();
    sam.set("SHELL", "/bin/bash");
    let before = sam.git(&["rev-parse", "HEAD"]);
    let output = sam.staple(&["setup"]);
    assert!(
        output.stdout.starts_with("git config alias.staple '!staple'\nstaple hooks install\nmkdir -p "),
        "{output}"
    );
    assert!(output.stderr.starts_with("you are person:sam (Sam Rivers, sam@example.org)"), "{output}");
    assert_eq!(sam.git(&["rev-parse", "HEAD"]), before, "who is known needs no commit");
    assert_ne!(sam.try_git(&["config", "alias.staple"]).status, 0);

    let other = sam.clone_for("Sam Stone", "stone@example.org");
    other.staple_ok(&["setup", "--yes"]);
    assert!(other.read("people/sam-stone.toml").contains("\"stone@example.org\""), "sam is taken");
    assert_eq!(other.git(&["config", "--local", "alias.staple"]), "!staple\n");
    let renamed = sam.clone_for("Sam Rivers", "rivers@example.org");
    renamed.staple_ok(&["setup"]);
    assert!(renamed.read("people/sam.toml").contains("\"rivers@example.org\",\n  \"sam@example.org\",\n"));
    other.assert_clean();
    renamed.assert_clean();
}
