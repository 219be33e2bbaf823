//! One list of questions, asked with the index and without; every word that comes back must be the same.

use std::process::{Child, Command, Stdio};

use crate::common::TestEnvironment;

/// Questions about any desk.
const OF_ANY_DESK: &[&[&str]] = &[
    &["list"],
    &["list", "--json"],
    &["list", "--all", "--json"],
    &["list", "is:new", "or", "is:waiting"],
    &["list", "is:done", "sort:-opened", "--json"],
    &["list", "not", "is:open", "--template", "{{ ref }} {{ title }} {{ status }}"],
    &["list", "is:mine"],
    &["list", "is:overdue"],
    &["list", "owner:sam", "--all"],
    &["list", "owner:\"\""],
    &["list", "sort:owner", "--all"],
    &["list", "customer:acme", "--all"],
    &["list", "customer:CUSTOMER:Acme"],
    &["list", "customer:\"\""],
    &["list", "customer:acme,bolt", "not", "topic:billing"],
    &["list", "topic:billing", "older:3d"],
    &["list", "has:attachment"],
    &["list", "has:reply", "--all"],
    &["list", "has:blocker", "or", "has:next-update"],
    &["list", "export", "or", "password", "--all"],
    &["list", "\"export fails\"", "--all"],
    &["list", "exprot", "--all"],
    &["list", "not", "export", "--all"],
    &["list", "title:export"],
    &["list", "text:letter", "--all"],
    &["list", "opened:2026-11-01..", "--all"],
    &["list", "waiting-on:engineering"],
    &["list", "resolution:fixed"],
    &["list", "severity:STUCK"],
    &["list", "label:vip"],
    &["list", "query:stuck"],
    &["list", "query:nobody"],
    &["list", "topik:x"],
    &["list", "--as-of", "2026-11-04"],
    &["list", "--all", "--json", "--as-of", "2026-10-15"],
    &["list", "is:waiting", "--as-of", "HEAD~2"],
    &["search", "export", "--as-of", "2026-11-04"],
    &["customer", "list", "--as-of", "2026-11-04"],
    &["show", "customer:acme", "--as-of", "HEAD~1"],
    &["digest", "managers"],
    &["digest", "managers", "--as-of", "2026-11-05"],
    &["search", "export"],
    &["search", "export", "--json"],
    &["search", "export", "fails", "-n", "2"],
    &["search", "pasword", "reset"],
    &["search", "\"white page\""],
    &["search", "zeppelin"],
    &["search", "export", "customer:acme", "--json"],
    &["search", "is:open", "sort:-opened"],
    &["search", "sort:owner", "export"],
    &["search", "sam", "-k", "person"],
    &["search", "e", "-k", "ticket", "-k", "customer", "-n", "3"],
    &["search", "not", "export", "-n", "100"],
    &["search", "e", "-n", "1"],
    &["search", "e", "or", "a", "-n", "5", "--json"],
    &["search", "title:export", "e", "-n", "2"],
    &["search", "exprot", "pasword", "-n", "1"],
    &["customer", "list"],
    &["customer", "list", "--json"],
    &["customer", "list", "a", "--all"],
    &["playbook", "list", "--json"],
    &["topic", "list", "--json"],
    &["person", "list", "--all"],
    &["person", "list", "--json"],
    &["proposal", "list", "--all"],
    &["role", "list"],
    &["team", "list", "--json"],
    &["channel", "list"],
    &["query", "list"],
    &["show", "customer:acme"],
    &["show", "acme", "--json"],
    &["show", "sam"],
    &["show", "amce"],
    &["show", "T-7k3mqq", "--as-of", "HEAD~1"],
    &["history", "biling"],
    &["show", "person:sam", "--json"],
    &["show", "team:engineering"],
    &["show", "topic:billing", "--json"],
    &["show", "reset-password", "customer:bolt"],
    &["show", "nobody-knows"],
    &["show", "T-zzzzzz"],
    &["show", "T-0"],
    &["show", "customer:acmee"],
    &["show", "customer:acme", "customer:nobody"],
    &["history", "customer:acme"],
    &["history", "person:sam", "--json"],
    &["history", "staple.toml"],
    &["history", "nobody-knows"],
];

/// Asks everything, and of some tickets by name; each answer must be the same with the index and without.
#[track_caller]
pub(super) fn ask(e: &TestEnvironment, tickets: &[&str]) -> usize {
    let mut questions: Vec<Vec<&str>> = OF_ANY_DESK.iter().map(|question| question.to_vec()).collect();
    for ticket in tickets {
        questions.extend(of_ticket(ticket));
    }
    ask_these(e, &questions)
}

/// Every third question, for a desk so large that reading all of it takes a while.
#[track_caller]
pub(super) fn ask_a_third(e: &TestEnvironment, ticket: &str) -> usize {
    let mut questions: Vec<Vec<&str>> = OF_ANY_DESK.iter().step_by(3).map(|question| question.to_vec()).collect();
    questions.extend(of_ticket(ticket));
    ask_these(e, &questions)
}

/// A few of the questions, for a walk of many steps.
#[track_caller]
pub(super) fn ask_few(e: &TestEnvironment, tickets: &[&str], turn: usize) -> usize {
    let mut questions: Vec<Vec<&str>> = vec![vec!["list", "--all", "--json"], vec!["customer", "list", "--json"]];
    questions.extend(OF_ANY_DESK.iter().skip(turn % 11).step_by(11).map(|question| question.to_vec()));
    if !tickets.is_empty() {
        questions.extend(of_ticket(tickets[turn % tickets.len()]));
    }
    ask_these(e, &questions)
}

fn of_ticket(ticket: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["show", ticket],
        vec!["show", ticket, "--json"],
        vec!["show", ticket, "--as-of", "2026-10-15"],
        vec!["show", ticket, "--as-of", "HEAD~3", "--json"],
        vec!["history", ticket],
        vec!["history", ticket, "--full"],
        vec!["history", ticket, "--json"],
        vec!["search", ticket],
    ]
}

/// Asks some questions both ways; gives how many.
#[track_caller]
pub(super) fn ask_these(e: &TestEnvironment, questions: &[Vec<&str>]) -> usize {
    let mut wrong = Vec::new();
    for some in questions.chunks(4) {
        let asked: Vec<(Child, Child)> =
            some.iter().map(|question| (start(e, question, "auto"), start(e, question, "off"))).collect();
        for (question, (with, without)) in some.iter().zip(asked) {
            let (with, without) = (said(with), said(without));
            if with != without {
                wrong.push(format!("staple {question:?}\nwith the index:\n{with}\nwithout:\n{without}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} answers differ\n{}", wrong.len(), questions.len(), wrong.join("\n\n"));
    questions.len()
}

fn start(e: &TestEnvironment, question: &[&str], index: &str) -> Child {
    let mut command: Command = e.staple_command(question);
    command.env("STAPLE_INDEX", index).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

fn said(child: Child) -> String {
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n--- stderr\n{}\n--- {}", text(&output.stdout), text(&output.stderr), output.status)
}
