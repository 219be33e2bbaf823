#![allow(clippy::unwrap_used)]
use super::*;

fn now() -> Time {
    Time::parse("2026-11-22T09:15:00Z").unwrap()
}

fn problems(text: &str) -> Vec<(usize, String)> {
    let problems = read(text.as_bytes(), &BTreeSet::new(), now()).unwrap_err();
    problems.into_iter().map(|p| (p.line, p.message)).collect()
}

fn issue(id: &str, more: &str) -> String {
    format!("{{\"id\":\"{id}\",\"title\":\"A {id}\",\"created_at\":\"2025-12-01T10:00:00Z\"{more}}}\n")
}

/// Time, case, name and summary of each event.
fn story(text: &str, known: &[&str]) -> Vec<String> {
    let known = known.iter().map(|key| (*key).to_owned()).collect();
    let history = read(text.as_bytes(), &known, now()).unwrap();
    let line = |event: &Event| {
        format!("{} {}#{}: {}", event.at.compact(), history.cases[event.case], event.name, event.summary)
    };
    history.events.iter().map(line).collect()
}

#[test]
fn every_bad_line_is_named() {
    let text = format!(
        "<<<<<<< HEAD\n{}=======\n{}>>>>>>> 1352 (fix)\nnot json\n[]\n{{\"id\":\"c\"}}\n{}",
        issue("a", ""),
        issue("a", ""),
        issue("d", ",\"closed_at\":\"soon\"")
    );
    let found = problems(&text);
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 5, 4, 6, 7, 8, 9]);
    assert_eq!(found[3].1, "a stands on line 2 already");
    assert!(found[4].1.starts_with("not JSON: "), "{}", found[4].1);
    assert_eq!(found[7].1, "d: `closed_at` is no time: soon");
}

#[test]
fn dates_become_events_in_order_of_time() {
    let text = issue(
        "a",
        ",\"issue_type\":\"bug\",\"status\":\"closed\",\"closed_at\":\"2025-12-03T10:00:00-08:00\",\"dependencies\":[\
         {\"depends_on_id\":\"b\",\"type\":\"blocks\"},{\"depends_on_id\":\"z\",\"type\":\"blocks\"}]",
    ) + &issue("b", ",\"status\":\"in_progress\",\"updated_at\":\"2025-12-02T10:00:00Z\"");
    assert_eq!(
        story(&text, &[]),
        [
            "20251201T100000Z a#opened: new, A a",
            "20251201T100000Z b#opened: new, A b",
            "20251201T100000Z a#blocked-by-b: blocked by",
            "20251202T100000Z b#started: working",
            "20251203T180000Z a#closed@20251203T180000Z: resolved, fixed",
        ]
    );
    let history = read(text.as_bytes(), &BTreeSet::new(), now()).unwrap();
    let left: Vec<_> = history.left_out.lines().collect();
    assert_eq!(left, [("dependency blocks", "the file does not hold the other issue", 1)]);
}

#[test]
fn an_issue_open_again_since_the_last_import_is_reopened_once() {
    let text = issue("a", ",\"status\":\"open\",\"updated_at\":\"2025-12-05T10:00:00Z\"");
    let closed = "a#closed@20251203T180000Z";
    assert_eq!(story(&text, &["a#opened", closed])[1], "20251205T100000Z a#reopened@20251205T100000Z: reopened");
    assert_eq!(story(&text, &["a#opened", closed, "a#reopened@20251204T100000Z"]).len(), 1);
}

#[test]
fn an_ending_is_as_good_as_its_reason() {
    assert_eq!(ending("bug", "merged"), ("resolved", "fixed"));
    assert_eq!(ending("task", ""), ("resolved", "answered"));
    assert_eq!(ending("bug", "Stale aspirational items"), ("dropped", "no-longer-needed"));
    assert_eq!(ending("bug", "Won't fix: by design"), ("resolved", "declined"));
}

#[test]
fn an_issue_closed_as_a_duplicate_names_the_other() {
    let text = issue("a", "") + &issue("b", ",\"status\":\"closed\",\"close_reason\":\"Duplicate of a.\"");
    let last = story(&text, &[]).pop().unwrap();
    assert_eq!(last, "20251201T100000Z b#duplicate-of-a: duplicate of");
    let text = issue("b", ",\"status\":\"closed\",\"close_reason\":\"Duplicate of the Übel\"");
    assert_eq!(story(&text, &[]).len(), 2);
}

#[test]
fn what_is_not_carried_is_counted() {
    let text = issue("a", ",\"ephemeral\":true,\"pinned\":false,\"external_ref\":\"https://x.example/1\"")
        + &issue("b", ",\"ephemeral\":true,\"external_ref\":\"gh-7\"");
    let history = read(text.as_bytes(), &BTreeSet::new(), now()).unwrap();
    let left: Vec<(&str, usize)> = history.left_out.lines().map(|(what, _, count)| (what, count)).collect();
    assert_eq!(left, [("field ephemeral", 2), ("field external_ref", 1)]);
}
