//! History, undo, settings and the manual as a user meets them.

use crate::common::TestEnvironment;

/// Sam's desk with one ticket; its id.
fn desk_with_ticket() -> (TestEnvironment, String) {
    let sam = TestEnvironment::new();
    sam.at("2026-11-20T09:00:00Z").staple_ok(&["init", ".", "--name", "Acme"]);
    sam.at("2026-11-20T09:30:00Z").staple_ok(&["new", "Cannot log in", "--text", "It fails since this morning."]);
    let id = sam.staple_ok(&["list", "--template", "{{ ref }}"]).trim().to_owned();
    (sam, id)
}

fn head(sam: &TestEnvironment) -> String {
    sam.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

fn steps(sam: &TestEnvironment, id: &str) -> Vec<serde_json::Value> {
    let text = sam.staple_ok(&["history", id, "--json"]);
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    all["items"].as_array().unwrap().clone()
}

#[test]
fn a_life_tells_when_it_happened_when_it_was_recorded_who_and_why() {
    let (sam, id) = desk_with_ticket();
    sam.at("2026-11-20T11:00:00Z");
    sam.staple_ok(&["reply", &id, "-m", "We look into it.", "--at", "2026-11-20 10:00", "--why", "they are stuck"]);
    let shown = sam.staple_ok(&["history", &id]);
    let place = |text: &str| shown.find(text).unwrap_or_else(|| panic!("no {text} in\n{shown}"));
    assert!(place("received from the customer") < place("2026-11-20 10:00 (recorded 2026-11-20 11:00)  Sam Rivers"));
    assert!(place("status from new to working") < place("reply by sam"));
    assert!(place("We look into it.") < place("why: they are stuck"));
}

#[test]
fn a_life_may_be_asked_for_as_of_a_commit_or_a_date() {
    let (sam, id) = desk_with_ticket();
    sam.at("2026-11-21T10:00:00Z").staple_ok(&["take", &id]);
    for part in [["--as-of", "HEAD~1"], ["--as-of", "2026-11-20"], ["--until", "2026-11-20"]] {
        let shown = sam.staple_ok(&["history", &id, part[0], part[1]]);
        assert!(shown.contains("opened") && !shown.contains("owner"), "{part:?}\n{shown}");
    }
    let shown = sam.staple_ok(&["history", "--since", "2026-11-21"]);
    assert!(shown.contains("taken by sam") && !shown.contains("new, Cannot"), "{shown}");
}

#[test]
fn history_does_not_repeat_what_was_redacted() {
    let (sam, id) = desk_with_ticket();
    sam.staple_ok(&["redact", &id, "--text", "since this morning"]);
    let shown = sam.staple_ok(&["history", &id, "--full"]);
    assert!(!shown.contains("since this morning"), "{shown}");
    assert!(shown.contains("It fails [redacted].") && shown.contains("text: words redacted"), "{shown}");
}

#[test]
fn the_author_is_read_from_the_commit_under_their_present_name() {
    let (sam, id) = desk_with_ticket();
    sam.write(".mailmap", "Samantha Rivers <sam@example.org>\n");
    assert_eq!(steps(&sam, &id)[0]["author"], "Samantha Rivers");
}

#[test]
fn a_commit_of_ones_own_that_carried_code_is_a_step() {
    let (sam, id) = desk_with_ticket();
    sam.staple_ok(&["take", &id]);
    sam.staple_ok(&["reply", &id, "-m", "fixed"]);
    sam.staple_ok(&["resolve", &id, "fixed", "--stage"]);
    sam.write("src/login.rs", "fn login() {}\n");
    sam.git(&["add", "src"]);
    sam.git(&["commit", "--quiet", "-m", "Renew the session\n\nIt never was."]);
    let step = steps(&sam, &id).pop().unwrap();
    assert_eq!((&step["subject"], &step["other-files"]), (&"Renew the session".into(), &1.into()));
    assert_eq!(step["why"], "It never was.");
    let shown = sam.staple_ok(&["history", "-n", "1"]);
    assert!(shown.contains("Renew the session") && shown.contains("with 1 other file"), "{shown}");
    assert!(shown.contains(&format!("{id}: status from working to resolved; resolution: fixed")), "{shown}");
}

#[test]
fn a_landed_branch_is_one_step_with_its_commits_below() {
    let (sam, id) = desk_with_ticket();
    sam.git(&["checkout", "--quiet", "-b", "work"]);
    sam.at("2026-11-20T10:00:00Z").staple_ok(&["take", &id]);
    sam.git(&["checkout", "--quiet", "main"]);
    sam.at("2026-11-21T10:00:00Z").git(&["merge", "--quiet", "--no-ff", "-m", "Merge pull request #5", "work"]);
    let step = steps(&sam, &id).pop().unwrap();
    assert_eq!(step["happened"], "2026-11-21T10:00:00Z");
    assert_eq!(step["landed"][0]["subject"], format!("{id}: taken by sam"));
}

#[test]
fn binding_messages_is_a_quiet_line_and_tells_none_again() {
    let (sam, id) = desk_with_ticket();
    let files = sam.files();
    let (ticket, message) = (path_of(&files, 1), path_of(&files, 2));
    let located = staple::store::layout::locate(&message);
    let Some(staple::store::layout::Located::Record(kind, name)) = located else { panic!("{message}") };
    let record = staple::text::parse(kind, &name, &message, sam.read(&message).as_bytes()).record.unwrap();
    sam.write(&ticket, staple::text::bind(&sam.read(&ticket), &[record]));
    sam.git(&["rm", "--quiet", &message]);
    sam.git(&["commit", "--quiet", "-a", "-m", "Bind"]);
    let steps = steps(&sam, &id);
    assert_eq!(steps[1]["events"].as_array().unwrap().len(), 1);
    assert_eq!(steps[1]["events"][0]["words"], "1 message bound into the ticket's file");
    let shown = sam.staple_ok(&["history", &id]);
    assert_eq!(shown.matches("It fails since this morning.").count(), 1, "{shown}");
}

#[test]
fn the_life_under_an_earlier_name_comes_first() {
    let (sam, _) = desk_with_ticket();
    sam.git(&["mv", "people/sam.toml", "people/samantha.toml"]);
    sam.git(&["commit", "--quiet", "-m", "person:samantha: renamed from sam\n\nAction: rename"]);
    let steps = steps(&sam, "person:samantha");
    let words: Vec<&str> = steps.iter().filter_map(|step| step["events"][0]["words"].as_str()).collect();
    assert_eq!(words, ["made", "renamed from person:sam"]);
}

/// The ticket's file (one dot in its path) or its message's (two).
fn path_of(files: &[String], dots: usize) -> String {
    files.iter().find(|path| path.starts_with("tickets/") && path.matches('.').count() == dots).unwrap().clone()
}

#[test]
fn a_desk_in_a_folder_has_a_history_and_an_undo() {
    let sam = TestEnvironment::with_repository();
    sam.write("src/main.rs", "fn main() {}\n");
    sam.git(&["add", "."]);
    sam.git(&["commit", "--quiet", "-m", "Begin"]);
    sam.staple_ok(&["init"]);
    let before = sam.git(&["rev-parse", "HEAD^{tree}"]);
    sam.staple_ok(&["new", "Cannot log in"]);
    let shown = sam.staple_ok(&["history"]);
    assert!(
        shown.contains("new, Cannot log in") && shown.contains("make a desk") && !shown.contains("Begin"),
        "{shown}"
    );
    // Files outside the desk are not told of; the desk's own .gitattributes is no record.
    let with_others: Vec<&str> = shown.lines().filter(|line| line.contains("other file")).collect();
    assert!(
        matches!(with_others[..], [line] if line.ends_with("make a desk  Sam Rivers with 1 other file")),
        "{shown}"
    );
    sam.staple_ok(&["undo"]);
    assert_eq!(sam.git(&["rev-parse", "HEAD^{tree}"]), before);
    let refused = sam.staple(&["undo", "HEAD~2"]);
    assert!(refused.status == 3 && refused.stderr.contains("the beginning of the desk"), "{refused}");
    sam.assert_clean();
}

#[test]
fn an_undo_puts_the_files_back_and_both_stay_in_history() {
    let (sam, id) = desk_with_ticket();
    let before = sam.git(&["rev-parse", "HEAD^{tree}"]);
    sam.staple_ok(&["reply", &id, "-m", "to the wrong customer"]);
    let undone = head(&sam);
    sam.staple_ok(&["undo", "--why", "wrong ticket"]);
    assert_eq!(sam.git(&["rev-parse", "HEAD^{tree}"]), before);
    let message = sam.git(&["log", "-1", "--format=%B"]);
    assert!(message.starts_with(&format!("undo: {id}: reply")) && message.contains(&format!("Undoes: {undone}")));
    let steps = steps(&sam, &id);
    assert_eq!(steps[2]["undoes"], undone);
    assert_eq!(steps[1]["undone-by"], steps[2]["commit"]);
    sam.staple_ok(&["undo"]);
    assert_eq!(sam.git(&["diff", &undone]), "", "undoing the undo brings the reply back");
    sam.assert_clean();
}

#[test]
fn an_undo_is_refused_where_something_builds_on_it() {
    let (sam, id) = desk_with_ticket();
    let opened = head(&sam);
    sam.staple_ok(&["take", &id]);
    let taken = head(&sam);
    let refused = sam.staple(&["undo", &opened]);
    assert_eq!(refused.status, 3);
    assert!(refused.stderr.contains(&taken[..7]) && refused.stderr.contains("staple undo"), "{refused}");

    // A message is a file of its own and still needs its ticket.
    let (sam, id) = desk_with_ticket();
    let opened = head(&sam);
    sam.staple_ok(&["received", &id, "-m", "hello?"]);
    let refused = sam.staple(&["undo", &opened]);
    assert!(refused.status == 3 && refused.stderr.contains("builds on"), "{refused}");
    sam.assert_clean();
}

#[test]
fn an_undo_is_refused_over_edits_and_what_is_published_or_somebody_elses() {
    let (sam, id) = desk_with_ticket();
    sam.staple_ok(&["take", &id]);
    let path = path_of(&sam.files(), 1);
    let text = sam.read(&path);
    sam.write(&path, text.replace("product = \"\"", "product = \"app\""));
    let refused = sam.staple(&["undo"]);
    assert!(refused.status == 3 && refused.stderr.contains("commit"), "{refused}");
    sam.write(&path, text);

    let robin = sam.clone_for("Robin Hale", "robin@example.org");
    let refused = robin.staple(&["undo"]);
    assert!(refused.status == 3 && refused.stderr.contains("no commit of yours"), "{refused}");
    let refused = robin.staple(&["undo", "HEAD"]);
    assert!(refused.status == 3 && refused.stderr.contains("by Sam Rivers"), "{refused}");

    sam.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let refused = sam.staple(&["undo"]);
    assert!(refused.status == 3 && refused.stderr.contains("published"), "{refused}");
    sam.assert_clean();
}

#[test]
fn a_setting_goes_where_it_belongs() {
    let (sam, _) = desk_with_ticket();
    sam.staple_ok(&["config", "set", "zone", "Europe/Berlin", "--why", "we moved"]);
    assert_eq!(sam.git(&["log", "-1", "--format=%s"]), "staple.toml: zone Europe/Berlin\n");
    sam.staple_ok(&["config", "set", "editor", "nano"]);
    let listed = sam.staple_ok(&["config", "list", "--show-origin"]);
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("zone").contains("Europe/Berlin") && line("zone").contains("staple.toml:"), "{listed}");
    assert!(line("editor").contains("nano") && line("editor").contains(".config/staple/config.toml:1"), "{listed}");
    let unknown = sam.staple(&["config", "get", "zones"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("did you mean zone?"), "{unknown}");
    sam.assert_clean();
}

#[test]
fn the_manual_opens_outside_a_desk_and_knows_commands() {
    let sam = TestEnvironment::new();
    let contents = sam.staple_ok(&["help"]);
    for name in contents.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next()) {
        assert!(!sam.staple_ok(&["help", name]).contains("{{records"), "{name}");
    }
    assert_eq!(sam.staple_ok(&["help", "reply"]), sam.staple_ok(&["reply", "--help"]).replace("ticket reply", "reply"));
    let unknown = sam.staple(&["help", "queires"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("staple help queries"), "{unknown}");
}

#[test]
fn undo_does_not_bring_back_a_name_that_is_gone() {
    let (sam, id) = desk_with_ticket();
    sam.staple_ok(&["topic", "new", "billing", "Billing"]);
    sam.staple_ok(&["set", &id, "topic=billing"]);
    sam.staple_ok(&["set", &id, "topic="]);
    let unset = head(&sam);
    sam.staple_ok(&["rename", "topic:billing", "invoices"]);
    let refused = sam.staple(&["undo", &unset]);
    assert_eq!(refused.status, 3, "{refused}");
    assert!(refused.stderr.contains("`topic` names billing"), "{refused}");
    sam.assert_clean();
}

#[test]
fn undoing_again_and_again_reads_as_undo_and_redo() {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    sam.staple_ok(&["new", "One"]);
    for _ in 0..3 {
        sam.staple_ok(&["undo"]);
    }
    let subjects = sam.git(&["log", "-3", "--format=%s"]);
    let words: Vec<&str> = subjects.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(words, ["undo:", "redo:", "undo:"], "{subjects}");
    assert!(!subjects.contains("undo: redo") && !subjects.contains("redo: undo"), "{subjects}");
}
