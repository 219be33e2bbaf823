//! Digests: what is counted, what is said, and that it is the same every time.

use crate::common::{TestEnvironment, check_snapshot};

/// A desk with the week of 2 to 8 March 2026, made as its people would have made it.
struct Fixture {
    environment: TestEnvironment,
    tickets: Vec<String>,
}

impl Fixture {
    fn new() -> Self {
        let environment = TestEnvironment::new();
        environment.at("2026-02-20T09:00:00Z");
        environment.staple_ok(&["init", ".", "--name", "Acme support"]);
        environment
            .write("teams/engineering.toml", "name = \"Engineering\"\n\nours = false\n\npurpose = \"Builds it\"\n");
        environment.write("topics/cannot-log-in.toml", "title = \"Cannot log in\"\n\ndemand = \"failure\"\n");
        environment.write("customers/northwind.toml", "name = \"Northwind\"\n");
        environment.git(&["add", "-A"]);
        environment.git(&["commit", "-qm", "Set up"]);
        Self { environment, tickets: Vec::new() }
    }

    fn run(&self, at: &str, args: &[&str]) {
        self.environment.at(at).staple_ok(args);
    }

    fn open(&mut self, at: &str, title: &str, more: &[&str]) -> String {
        self.run(at, &[&["new", title], more].concat());
        let ids = self.environment.staple_ok(&["list", "--all", "--template", "{{ ref }}"]);
        let new = ids.lines().find(|id| !self.tickets.iter().any(|known| known == id)).unwrap().to_owned();
        self.tickets.push(new.clone());
        new
    }

    /// The five tickets of the week, in order of time, as commits are.
    fn week(&mut self) {
        let one = self.open("2026-03-02T09:00:00Z", "Export is empty", &["--topic", "cannot-log-in"]);
        self.run("2026-03-02T10:00:00Z", &["reply", &one, "Try again"]);
        self.run("2026-03-02T15:00:00Z", &["resolve", &one, "answered", "--playbook", "none"]);
        let two = self.open("2026-03-02T16:30:00Z", "Password mail does not come", &["--topic", "cannot-log-in"]);

        let ask = ["--wait", "customer", "--waiting-for", "the address", "--next-update", "2026-03-06 12:00"];
        self.run("2026-03-03T09:30:00Z", &[&["reply", &two, "Which address?"], &ask[..]].concat());
        let three = self.open("2026-03-03T12:00:00Z", "Import stops at row 100", &["--customer", "northwind"]);
        self.run("2026-03-03T13:00:00Z", &["reply", &three, "We look"]);
        self.hand_off("2026-03-03T14:00:00Z", &three);

        let five = self.open("2026-03-04T08:00:00Z", "Import broken", &[]);
        self.run("2026-03-04T09:00:00Z", &["duplicate", &five, "--of", &three]);
        self.run("2026-03-04T09:30:00Z", &["received", &two, "This one"]);
        self.run("2026-03-04T12:30:00Z", &["resolve", &two, "answered", "--playbook", "none"]);
        self.run("2026-03-04T14:00:00Z", &["hand-back", &three, "missing-information", "-m", "Which file?"]);
        self.hand_off("2026-03-04T15:00:00Z", &three);
        self.run("2026-03-04T18:00:00Z", &["accept", &three]);

        self.open("2026-03-05T10:00:00Z", "*Bold* [claim](http://evil.example) <b>&", &["--customer", "northwind"]);
        self.run("2026-03-05T12:30:00Z", &["reopen", &two]);
        self.run("2026-03-06T12:30:00Z", &["resolve", &two, "fixed", "--playbook", "none"]);
        self.run("2026-03-06T15:00:00Z", &["hand-back", &three, "done", "-m", "Mended"]);
        self.run("2026-03-06T18:00:00Z", &["resolve", &three, "fixed", "--playbook", "none"]);
    }

    fn hand_off(&self, at: &str, ticket: &str) {
        let why = ["--situation", "It stops", "--request", "Look at it", "--next-update", "2026-03-07 12:00"];
        self.run(at, &[&["hand-off", ticket, "team:engineering"], &why[..]].concat());
    }

    fn digest(&self, args: &[&str]) -> String {
        self.environment.staple_ok(&[&["digest", "managers"], args].concat())
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.digest(&[args, &["--json"]].concat())).unwrap()
    }
}

#[test]
fn the_week_counts_contacts_problems_and_resolutions_that_stuck() {
    let mut fixture = Fixture::new();
    fixture.week();
    fixture.environment.at("2026-03-09T00:00:00Z");
    let digest = fixture.json(&[]);
    let facts = &digest["facts"];
    assert_eq!(digest["window"]["week"], "2026-W10");
    assert_eq!((&facts["came-in"]["contacts"], &facts["came-in"]["problems"]), (&5.into(), &4.into()), "{digest:#}");
    let hours = |hours: &[i64]| serde_json::json!(hours.iter().map(|h| h * 3_600).collect::<Vec<_>>());
    assert_eq!(facts["resolved"]["customer-seconds"], hours(&[6, 78, 92]));
    assert_eq!(facts["resolved"]["reopened"], 1);
    assert_eq!(facts["open"]["oldest"][0]["age-seconds"], 86 * 3_600);
    // Half-way through, the ticket that was reopened later is resolved, and its first resolution counts.
    let middle = fixture.json(&["--since", "2026-03-02", "--until", "2026-03-04"]);
    assert_eq!(middle["facts"]["resolved"]["customer-seconds"], hours(&[6, 44]));
    let tuesday = fixture.json(&["--since", "2026-03-02", "--until", "2026-03-03"]);
    let waits: Vec<&str> =
        tuesday["facts"]["waits"].as_array().unwrap().iter().filter_map(|w| w["on"].as_str()).collect();
    assert_eq!(waits, ["customer", "team:engineering"]);
}

#[test]
fn the_same_commit_and_window_give_the_same_bytes() {
    let mut fixture = Fixture::new();
    fixture.week();
    for format in ["md", "text", "html", "json"] {
        let monday =
            fixture.environment.at("2026-03-09T07:00:00Z").staple_ok(&["digest", "managers", "--format", format]);
        fixture.environment.set("LC_ALL", "de_DE.UTF-8").set("TZ", "Asia/Tokyo");
        fixture.environment.at("2026-09-01T07:00:00Z");
        assert_eq!(fixture.digest(&["--week", "2026-W10", "--format", format]), monday, "{format}");
    }
    let before = fixture.digest(&["--week", "2026-W10"]);
    let commit = fixture.environment.git(&["rev-parse", "HEAD"]);
    fixture.open("2026-09-01T08:00:00Z", "Later", &[]);
    fixture.environment.at("2026-09-02T08:00:00Z");
    assert_eq!(fixture.digest(&["--week", "2026-W10", "--as-of", commit.trim()]), before);
    assert_eq!(fixture.digest(&["--as-of", "2026-03-09"]).lines().next(), before.lines().next());
}

#[test]
fn the_week_reads_as_a_person_would_write_it() {
    let mut fixture = Fixture::new();
    fixture.week();
    let environment = &fixture.environment;
    environment.write(
        "proposals/shorter-form.toml",
        "title = \"A shorter form\"\n\nstatus = \"declined\"\n\nraised = 2026-03-01\n\ncustomer-benefit = \"Less to type\"\n\n\
         reason = \"The law wants every field.\"\n\nwould-reopen-if = \"the law changes\"\n",
    );
    environment.write(
        "proposals/two-screens.toml",
        "title = \"Two screens each\"\n\nstatus = \"proposed\"\n\nraised = 2026-02-20\n\ncustomer-benefit = \"Quicker answers\"\n",
    );
    environment.write(
        "playbooks/reset-password.toml",
        "title = \"Reset a password\"\n\nstatus = \"published\"\n\nproblem = \"I cannot log in\"\n",
    );
    environment.write(
        "people/robin.toml",
        "name = \"Robin\"\n\naway = [\n    { from = 2026-03-11, to = 2026-03-13, cover = \"sam\" },\n]\n",
    );
    environment.write(
        "comms/jots/2026-W10/20260306T160000Z-1b2c.toml",
        "kind = \"high\"\n\nat = 2026-03-06T16:00:00Z\n\ntext = \"\"\"\nNorthwind thanked us\nin a letter.\n\"\"\"\n",
    );
    environment.at("2026-03-06T19:00:00Z").git(&["add", "-A"]);
    environment.git(&["commit", "-qm", "More of the week"]);
    environment.at("2026-03-09T07:00:00Z");
    let commit = environment.git(&["rev-parse", "HEAD"])[..10].to_owned();
    let mut all = String::new();
    for format in ["md", "text", "html"] {
        let page = fixture.digest(&["--format", format]);
        all.push_str(&page.replace(&commit, "COMMIT"));
        all.push('\n');
        assert!(format == "text" || !page.contains("<b>"), "{page}");
    }
    for (i, id) in fixture.tickets.iter().enumerate() {
        all = all.replace(id, &format!("T-ticket{}", i + 1));
    }
    check_snapshot("digest_managers", all);
}

#[test]
fn an_empty_week_says_one_true_sentence() {
    let fixture = Fixture::new();
    fixture.environment.at("2026-03-09T07:00:00Z");
    let page = fixture.digest(&[]);
    assert!(page.contains("\nNothing came in, nothing was resolved and nothing is open.\n"), "{page}");
    assert!(!page.contains("## "), "{page}");
}

/// Seen: "1 contact came in about 0 problems", and a wait that ran on while the ticket was thought done.
#[test]
fn a_lone_duplicate_and_a_reopened_ticket_are_told_as_they_are() {
    let mut fixture = Fixture::new();
    let old = fixture.open("2026-02-20T10:00:00Z", "Export is empty", &[]);
    fixture.run("2026-02-20T11:00:00Z", &["reply", &old, "Try again", "--resolve", "answered"]);
    let again = fixture.open("2026-03-03T09:00:00Z", "Export still empty", &[]);
    fixture.run("2026-03-03T10:00:00Z", &["duplicate", &again, "--of", &old]);
    fixture.run("2026-03-06T00:00:00Z", &["reopen", &old]);
    fixture.environment.at("2026-03-09T07:00:00Z");
    let page = fixture.digest(&[]);
    assert!(page.contains("\n1 contact came in, a duplicate, and nothing was resolved."), "{page}");
    assert!(page.contains("\n1 contact, a duplicate of a problem known already.\n"), "{page}");
    assert!(page.contains("\n- 1 problem waits on us, for 3 days\n"), "{page}");
}

/// Seen: "New: Reset a password", of one that only got another slug.
#[test]
fn a_playbook_that_was_renamed_is_not_new() {
    let fixture = Fixture::new();
    fixture.run("2026-02-21T09:00:00Z", &["playbook", "new", "pw", "--title", "Reset a password", "--problem", "No"]);
    fixture.run("2026-03-03T09:00:00Z", &["rename", "playbook:pw", "reset-password"]);
    fixture.environment.at("2026-03-09T07:00:00Z");
    assert!(!fixture.digest(&[]).contains("## Playbooks"));
}

#[test]
fn a_commit_and_what_undid_it_are_not_counted() {
    let mut fixture = Fixture::new();
    let one = fixture.open("2026-03-02T09:00:00Z", "Export is empty", &[]);
    fixture.run("2026-03-02T10:00:00Z", &["reply", &one, "Try again"]);
    fixture.run("2026-03-03T10:00:00Z", &["resolve", &one, "answered", "--playbook", "none"]);
    let undone = fixture.environment.git(&["rev-parse", "HEAD"]);
    fixture.environment.at("2026-03-04T10:00:00Z").git(&["revert", "--no-commit", "HEAD"]);
    fixture.environment.git(&["commit", "-qm", &format!("Take it back\n\nUndoes: {}", undone.trim())]);
    fixture.environment.at("2026-03-09T07:00:00Z");
    let facts = fixture.json(&[])["facts"].clone();
    assert_eq!((&facts["resolved"]["problems"], &facts["resolved"]["reopened"]), (&0.into(), &0.into()), "{facts:#}");
    assert_eq!(facts["open"]["problems"], 1);
    let middle = fixture.json(&["--since", "2026-03-03", "--until", "2026-03-03"]);
    assert_eq!(middle["facts"]["resolved"]["problems"], 0);
}

/// Of tickets that were done before the week only those are read that can still matter; one that was done, opened again and
/// changed matters once that opening is undone, although its record says that it is done.
#[test]
fn what_was_undone_before_the_week_is_told_alike_with_the_index_and_without() {
    let mut fixture = Fixture::new();
    let one = fixture.open("2026-02-20T10:00:00Z", "Export is empty", &[]);
    fixture.run("2026-02-20T11:00:00Z", &["reply", &one, "Try again", "--resolve", "answered"]);
    fixture.run("2026-02-21T10:00:00Z", &["reopen", &one]);
    let undone = fixture.environment.git(&["rev-parse", "HEAD"]);
    fixture.run("2026-02-22T10:00:00Z", &["set", &one, "product=atlas"]);
    fixture.environment.at("2026-02-23T10:00:00Z").git(&["revert", "--no-commit", undone.trim()]);
    fixture.environment.git(&["commit", "-qm", &format!("Take it back\n\nUndoes: {}", undone.trim())]);
    fixture.environment.at("2026-03-09T07:00:00Z");
    let with = fixture.digest(&["--json"]);
    fixture.environment.git(&["config", "staple.index", "off"]);
    assert_eq!(with, fixture.digest(&["--json"]));
    assert!(with.contains("\"open\":{\"problems\":1"), "{with}");
}

#[test]
fn a_desk_has_its_own_template_file_by_file() {
    let fixture = Fixture::new();
    let environment = &fixture.environment;
    environment.at("2026-03-09T07:00:00Z");
    let shown = environment.staple_ok(&["template", "show", "digest/managers.md"]);
    let ejected = environment.staple(&["template", "eject", "digest/managers.md"]);
    assert!(ejected.stderr.contains("not committed"), "{ejected}");
    assert_eq!(environment.read("templates/digest/managers.md.j2"), shown);
    assert_eq!(environment.staple(&["template", "eject", "digest/managers.md"]).status, 3);
    let text = fixture.digest(&["--format", "text"]);
    environment.write("templates/digest/managers.md.j2", "{{ facts.open.problems }} open\n");
    let output = environment.staple(&["digest", "managers"]);
    assert_eq!((output.stdout.as_str(), output.stderr.contains("not committed")), ("0 open\n", true), "{output}");
    assert_ne!(fixture.digest(&["--as-of", "HEAD"]), "0 open\n");
    assert_eq!(fixture.digest(&["--format", "text"]), text);
    environment.git(&["add", "-A"]);
    environment.git(&["commit", "-qm", "Our own digest"]);
    let listed = environment.staple_ok(&["template", "list"]);
    assert!(listed.contains("templates/digest/managers.md.j2\n"), "{listed}");
    environment.write("templates/digest/managers.md.j2", "{% if %}");
    let broken = environment.staple(&["digest", "managers"]);
    assert_eq!(broken.status, 3, "{broken}");
    assert!(broken.stderr.contains("staple template show digest/managers.md"), "{broken}");
}
