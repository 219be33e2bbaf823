//! Imports: history that another tracker had, and mails, as they land in a repository.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::TestEnvironment;

const PROBLEMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/events/problems.csv");
const MAP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/bpi-2013.toml");
const ISSUES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/beads/issues.jsonl");
const MAIL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mail/base64-latin1.eml");

fn desk() -> TestEnvironment {
    let sam = TestEnvironment::with_repository();
    sam.staple_ok(&["init"]);
    sam
}

fn import_problems(sam: &TestEnvironment) -> String {
    let output = sam.staple(&["import", "events", PROBLEMS, "--map", MAP]);
    assert_eq!(output.status, 0, "{output}");
    output.stderr
}

/// Everything an import could have changed: refs, HEAD, staging area and work tree.
fn state(sam: &TestEnvironment) -> [String; 3] {
    let refs = sam.git(&["for-each-ref"]);
    // A killed import may leave its own private reference, which the next one replaces.
    let refs = refs.lines().filter(|line| !line.contains("refs/staple/import")).collect::<Vec<_>>().join("\n");
    [refs, sam.git(&["rev-parse", "HEAD"]), sam.git(&["status", "--porcelain", "--ignored"])]
}

#[test]
fn each_row_of_a_log_is_a_commit_dated_as_it_happened() {
    let sam = desk();
    let said = import_problems(&sam);
    assert!(said.starts_with("bpi-2013: 7 tickets and 18 events imported in 18 commits ("), "{said}");
    sam.assert_clean();
    let log =
        sam.git(&["log", "--reverse", "--format=%aI %an <%ae> %cI %(trailers:key=Imported,valueonly,separator=%x2C)"]);
    // Git writes UTC either way, by its version.
    let log = log.replace("+00:00", "Z");
    let lines: Vec<&str> = log.lines().skip(1).collect();
    assert_eq!(lines.len(), 18);
    assert!(
        lines[0].starts_with(
            "2012-04-16T09:00:00+02:00 Nils <nils@bpi-2013.invalid> 2026-11-22T09:15:00Z bpi-2013/P-1#20120416T070000Z-"
        ),
        "{}",
        lines[0]
    );
    let instants = sam.git(&["log", "--reverse", "--format=%at", "--skip=0"]);
    let instants: Vec<i64> = instants.lines().skip(1).map(|t| t.parse().unwrap()).collect();
    assert!(instants.is_sorted(), "{instants:?}");
}

/// Cases and their last status before the end of a week, counted from the text alone: no CSV library, no time library.
fn counted_by_hand(end: &str) -> (usize, usize) {
    let text = std::fs::read_to_string(PROBLEMS).unwrap();
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        // The rows have two offsets; the excerpt's hours never cross a month.
        let (stamp, offset) = cells[11].split_at(19);
        let hour: i64 = stamp[11..13].parse().unwrap();
        let day: i64 = stamp[8..10].parse().unwrap();
        let month: i64 = stamp[5..7].parse().unwrap();
        let hours = (month * 31 + day) * 24 + hour - offset[1..3].parse::<i64>().unwrap();
        let until = (end[5..7].parse::<i64>().unwrap() * 31 + end[8..10].parse::<i64>().unwrap() + 1) * 24;
        if hours < until {
            last.insert(cells[0], cells[7]);
        }
    }
    (last.len(), last.values().filter(|status| **status == "Completed").count())
}

#[test]
fn what_came_in_and_was_resolved_by_each_week_is_what_the_log_says() {
    let sam = desk();
    import_problems(&sam);
    for sunday in ["2012-04-15", "2012-04-22", "2012-04-29", "2012-05-06"] {
        let listed = sam.staple_ok(&["list", "--all", "--as-of", sunday, "--template", "{{ ref }} {{ status }}"]);
        let done = listed.lines().filter(|line| line.ends_with(" resolved") || line.ends_with(" dropped")).count();
        assert_eq!((listed.lines().count(), done), counted_by_hand(sunday), "{sunday}\n{listed}");
    }
    assert_eq!(counted_by_hand("2012-04-29"), (6, 5));
}

#[test]
fn a_second_import_brings_only_what_is_new() {
    let sam = desk();
    import_problems(&sam);
    let before = state(&sam);
    assert_eq!(import_problems(&sam), "nothing to do: all that can be carried of 18 events is here already\n");
    assert_eq!(state(&sam), before);

    let id =
        sam.staple_ok(&["list", "--all", "--template", "{% if product == 'WIDGET' %}{{ ref }} {{ title }}{% endif %}"]);
    let id = id.lines().find(|line| line.ends_with("P-7")).unwrap().split(' ').next().unwrap().to_owned();
    let row = "P-7,Line C,Kenya,ke,Quin,T9 3rd,C_2,Completed,Low,WIDGET,Closed,2012-05-03T12:00:00+02:00\n";
    sam.write("../newer.csv", std::fs::read_to_string(PROBLEMS).unwrap() + row);
    let output = sam.staple(&["import", "events", "../newer.csv", "--map", MAP]);
    assert!(output.stderr.starts_with("bpi-2013: 0 tickets and 1 event imported in 1 commit ("), "{output}");
    let subject = sam.git(&["log", "-1", "--format=%s"]);
    assert_eq!(subject, format!("{id}: resolved, Completed/Closed\n"));
    sam.assert_clean();
}

#[test]
fn two_desks_that_import_one_file_agree_on_ids() {
    let (sam, robin) = (desk(), desk());
    robin.staple_ok(&["ticket", "new", "something else"]);
    let tickets = |desk: &TestEnvironment| {
        let mut files: BTreeSet<String> = desk.files().into_iter().collect();
        files.retain(|file| file.starts_with("tickets/20") && !file.starts_with("tickets/2026-11"));
        files
    };
    for desk in [&sam, &robin] {
        import_problems(desk);
        desk.staple_ok(&["import", "beads", ISSUES]);
    }
    assert_eq!(tickets(&sam), tickets(&robin));
}

#[test]
fn beads_issues_become_tickets_with_their_history() {
    let sam = desk();
    let more = [
        r#"{"id":"x-1","title":"First","status":"in_progress","assignee":"sam@example.org","created_at":"2025-12-01T10:00:00Z","updated_at":"2025-12-02T10:00:00Z","labels":["ui"],"dependencies":[{"issue_id":"x-1","depends_on_id":"x-2","type":"blocks"}]}"#,
        r#"{"id":"x-2","title":"Second","description":"It breaks.","status":"closed","issue_type":"bug","created_by":"Ann Lee","created_at":"2025-12-01T11:00:00Z","closed_at":"2025-12-03T10:00:00Z","close_reason":"mended","comments":[{"id":7,"author":"Ann Lee","text":"still there","created_at":"2025-12-02T11:00:00Z"}]}"#,
    ];
    sam.write("../issues.jsonl", std::fs::read_to_string(ISSUES).unwrap() + &more.join("\n"));
    let output = sam.staple(&["import", "beads", "../issues.jsonl", "--report", "../left.txt"]);
    assert_eq!((output.status, output.stdout.as_str()), (0, ""), "{output}");
    assert!(sam.read("../left.txt").contains("field comment_count: derived from other fields"));
    sam.assert_clean();
    let listed = sam.staple_ok(&[
        "list",
        "--all",
        "--template",
        "{{ status }} {{ resolution }} {{ title }} {{ labels|join(',') }}",
    ]);
    let mut lines: Vec<&str> = listed.lines().collect();
    lines.sort_unstable();
    assert!(lines.contains(&"resolved fixed Second type-bug"), "{listed}");
    assert!(lines.contains(&"dropped mistake Restart running daemons priority-1,type-task"), "{listed}");
    let log = sam.git(&["log", "--format=%an|%s", "--author=Ann Lee"]);
    assert_eq!(log.lines().count(), 2, "{log}");
    let link = sam.git(&["log", "--format=%s", "--grep=blocked by T-"]);
    assert_eq!(link.lines().count(), 1, "{link}");
    let message = sam.files().into_iter().find(|file| file.contains("20251202T110000Z")).unwrap();
    assert!(sam.read(&message).contains("kind = \"note\"") && sam.read(&message).contains("still there"));
}

#[test]
fn a_file_that_is_not_whole_is_refused_with_its_lines_and_nothing_is_written() {
    let sam = desk();
    let issue = r#"{"id":"a","title":"A","created_at":"2025-12-01T10:00:00Z"}"#;
    sam.write("../bad.jsonl", format!("{issue}\n<<<<<<< HEAD\n{issue}\n=======\nnonsense\n>>>>>>> 1352\n"));
    let before = state(&sam);
    let output = sam.staple(&["import", "beads", "../bad.jsonl"]);
    assert_eq!(output.status, 3, "{output}");
    for line in
        ["bad.jsonl:2: a conflict marker", "bad.jsonl:3: a stands on line 1", "bad.jsonl:5: not JSON", "hint: finish"]
    {
        assert!(output.stderr.contains(line), "{line}\n{output}");
    }
    let rows = std::fs::read_to_string(PROBLEMS).unwrap().replace("2012-05-02T12:00:00+02:00", "yesterday");
    sam.write("../bad.csv", rows);
    let output = sam.staple(&["import", "events", "../bad.csv", "--map", MAP]);
    assert_eq!(output.status, 3, "{output}");
    assert!(output.stderr.contains("bad.csv:15: `yesterday` is no time"), "{output}");
    assert_eq!(state(&sam), before);
}

#[test]
fn an_import_killed_before_it_lands_leaves_everything_as_it_was() {
    let sam = desk();
    let header = std::fs::read_to_string(PROBLEMS).unwrap().lines().next().unwrap().to_owned();
    let mut text = header + "\n";
    for case in 0..700 {
        for (status, hour) in [("Accepted", 8), ("Completed", 9)] {
            let day = case % 28 + 1;
            text.push_str(&format!(
                "C-{case},A,N,no,Nils,T,,{status},Low,W,In Progress,2012-04-{day:02}T{hour:02}:00:00Z\n"
            ));
        }
    }
    sam.write("../many.csv", text);
    sam.write("mine.txt", "not committed\n");
    let before = state(&sam);
    let mut killed = 0;
    for wait_ms in [0, 20, 60, 150, 400] {
        let mut child = sam
            .staple_command(&["import", "events", "../many.csv", "--map", MAP])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait_ms));
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if sam.dir().join(".git/staple").join("journal").exists() || state(&sam)[1] != before[1] {
            // It had begun to land: the next command ends that one way or the other.
            break;
        }
        assert_eq!(state(&sam), before, "killed after {wait_ms} ms");
        killed += 1;
    }
    assert!(killed > 0, "no import was slow enough to be killed");
    let output = sam.staple(&["import", "events", "../many.csv", "--map", MAP]);
    assert_eq!(output.status, 0, "{output}");
    assert_eq!(sam.git(&["rev-list", "--count", "HEAD"]), "1401\n");
    assert_eq!(sam.git(&["for-each-ref", "refs/staple"]), "", "what the killed ones left");
    assert_eq!(sam.git(&["status", "--porcelain"]), "?? mine.txt\n");
    assert_eq!(sam.read("mine.txt"), "not committed\n");
    let fsck = sam.try_git(&["fsck", "--strict", "--no-dangling"]);
    assert_eq!(fsck.status, 0, "{fsck}");
}

#[test]
fn an_import_with_nothing_left_to_do_takes_away_the_lock_of_one_that_was_killed() {
    let sam = desk();
    sam.staple_ok(&["import", "events", PROBLEMS, "--map", MAP]);
    let tip = sam.git(&["rev-parse", "HEAD"]);
    let lock = sam.dir().join(".git/refs/heads/main.lock");
    std::fs::write(&lock, &tip).unwrap();
    sam.write(".git/staple/journal", format!("staple-journal 1\ntip {tip}lock {}\n", lock.display()));
    sam.staple_ok(&["import", "events", PROBLEMS, "--map", MAP, "--dry-run"]);
    assert!(lock.exists(), "nothing is written");
    let again = sam.staple(&["import", "events", PROBLEMS, "--map", MAP]);
    assert!(again.status == 0 && again.stderr.contains("nothing to do"), "{again}");
    assert!(!lock.exists());
    sam.assert_clean();
}

#[test]
fn a_mail_opens_a_ticket_of_the_customer_who_wrote_it_once() {
    let sam = desk();
    let customer = "name = \"Example\"\n\ncontacts = [\n  \"doug@example.com\",\n]\n";
    sam.write("customers/example.toml", customer);
    sam.git(&["add", "."]);
    sam.git(&["commit", "--quiet", "-m", "Add a customer"]);
    let id = sam.staple_ok(&["new", "--mail", MAIL]);
    let file = sam.files().into_iter().find(|file| file.starts_with("tickets/2000-05/") && file.len() == 27).unwrap();
    let ticket = sam.read(&file);
    for line in ["customer = \"example\"", "contact = \"doug@example.com\"", "opened = 2000-05-17T23:11:50Z"] {
        assert!(ticket.contains(line), "{line}\n{ticket}");
    }
    let again = sam.staple(&["received", "--mail", MAIL]);
    assert_eq!((again.status, again.stdout.as_str()), (0, id.as_str()), "{again}");
    assert!(again.stderr.contains("already"), "{again}");

    let answer = "From: doug@example.com\nSubject: Re: Hasen\nMessage-ID: <2@example.com>\n\
                  In-Reply-To: <NDBBIAKOPKHFGPLCODIGAEKCCHAA.doug@example.com>\nDate: Thu, 18 May 2000 10:00:00 +0000\n\nstill so\n";
    let output = sam.staple_with_input(&["received", "--mail", "-"], answer);
    assert_eq!(output.status, 0, "{output}");
    assert!(output.stderr.starts_with(id.trim()), "{output}");
    let stranger = answer.replace("NDBB", "XXXX").replace("<2@", "<3@");
    let output = sam.staple_with_input(&["received", "--mail", "-"], &stranger);
    assert_eq!(output.status, 3, "{output}");
    sam.assert_clean();
}
