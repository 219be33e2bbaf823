//! The sample desk: sound, clean, the same every time, and as large as it says.

use staple::desk::{At, Desk, Records};
use staple::record::time::Time;
use staple::record::{Kind, Record, lifecycle};
use staple::settings::{Layers, Settings};
use staple::store::{Discover, Store};

use crate::common::TestEnvironment;

const NOW: &str = "2026-11-23T09:15:00Z";

fn made() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.at(NOW);
    // Nothing here has to outlive the machine.
    environment.git(&["config", "--global", "core.fsync", "none"]);
    // The sample people need no identity on the machine.
    environment.git(&["config", "--global", "--remove-section", "user"]);
    environment.staple_ok(&["demo", "."]);
    environment
}

fn records(environment: &TestEnvironment) -> Records {
    let discover = Discover { start: environment.dir().to_owned(), explicit: None, isolated: Some(Vec::new()) };
    let store = Store::open(&discover).expect("a desk");
    let now = Time::parse(NOW).expect("a time");
    let desk = Desk::new(store, Settings::resolve(&Layers::default()), now, Box::new(|| 0));
    desk.records(&At::Now).expect("records")
}

// One test, since a demo takes a while to make; its parts say what they hold.
#[test]
fn a_demo_is_sound_large_and_the_same_every_time() {
    let environment = made();
    it_is_sound_and_leaves_nothing_behind(&environment);
    let records = records(&environment);
    every_record_keeps_the_rules(&records);
    it_is_as_large_as_its_help_says(&environment, &records);
    its_queries_are_queries(&environment, &records);
    its_code_mends_what_customers_wrote_about(&environment);
    the_same_clock_gives_the_same_commits(&environment);
}

fn it_is_sound_and_leaves_nothing_behind(environment: &TestEnvironment) {
    environment.assert_clean();
    assert_eq!(environment.git(&["for-each-ref", "refs/staple"]), "");
    assert_eq!(environment.git(&["tag"]).lines().collect::<Vec<_>>(), ["v2.1", "v2.2", "v2.3", "v2.4", "v2.5", "v2.6"]);
}

fn every_record_keeps_the_rules(records: &Records) {
    assert!(records.findings.is_empty(), "{:#?}", records.findings);
    for record in records.all() {
        let messages = record.ticket_id().map(|id| records.messages(id)).unwrap_or_default();
        let messages: Vec<&Record> = messages.iter().collect();
        let findings = lifecycle::findings(record, &messages);
        assert!(findings.is_empty(), "{findings:#?}");
        for text in messages.iter().map(|m| m.text("text")).chain([record.text("title"), record.text("text")]) {
            assert!(!text.contains(['{', '}', '|']), "{}: {text}", record.reference());
        }
    }
}

fn it_is_as_large_as_its_help_says(environment: &TestEnvironment, records: &Records) {
    let about = |found: usize, said: usize, what: &str| {
        assert!(found.abs_diff(said) * 10 <= said, "{found} {what}, not about {said}");
    };
    let commits = environment.git(&["rev-list", "--count", "HEAD"]).trim().parse().expect("a number");
    about(commits, 3_000, "commits");
    about(records.tickets().count(), 600, "tickets");
    for (kind, said) in [
        (Kind::Playbook, 14),
        (Kind::Person, 9),
        (Kind::Customer, 40),
        (Kind::Proposal, 12),
        (Kind::Topic, 12),
        (Kind::Team, 3),
    ] {
        assert_eq!(records.of(kind).count(), said, "{kind:?}");
    }
    for status in staple::record::proposal::STATUSES {
        assert!(records.of(Kind::Proposal).any(|p| p.text("status") == *status), "no proposal is {status}");
    }
    for status in staple::record::ticket::STATUSES {
        assert!(records.tickets().any(|t| t.text("status") == *status), "no ticket is {status}");
    }
    let now = Time::parse(NOW).expect("a time");
    assert!(records.tickets().filter(|t| records.is_overdue(t, now)).count() >= 3);
    assert!(records.tickets().filter(|t| t.text("status") == "new").count() >= 4);
}

fn its_queries_are_queries(environment: &TestEnvironment, records: &Records) {
    for query in records.of(Kind::Query) {
        environment.staple_ok(&["list", query.text("query")]);
    }
}

fn its_code_mends_what_customers_wrote_about(environment: &TestEnvironment) {
    let json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&environment.staple_ok(arguments)).expect("JSON")
    };
    let count = |items: &serde_json::Value| items["items"].as_array().map_or(0, Vec::len);
    assert!(count(&json(&["fixes", "--json"])) >= 20);
    let untold = json(&["release", "untold", "--json"]);
    assert!((1..5).contains(&count(&untold)), "{untold}");
    assert!(count(&json(&["release", "list", "--json"])) == 6);
    let digest = environment.staple_ok(&["digest", "managers"]);
    assert!(digest.contains("## Coming changes that customers will notice"), "{digest}");
}

fn the_same_clock_gives_the_same_commits(environment: &TestEnvironment) {
    let head = |environment: &TestEnvironment| environment.git(&["rev-parse", "HEAD", "v2.6"]);
    assert_eq!(head(environment), head(&made()));
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let environment = TestEnvironment::new();
    environment.write("notes/mine.txt", "mine\n");
    let output = environment.staple(&["demo", "notes"]);
    assert_eq!(output.status, 3, "{output}");
    assert_eq!(output.stderr, "error: notes is not empty\nhint: name another folder: staple demo staple-demo-2\n");
    assert!(!environment.dir().join("notes/.git").exists());
}
