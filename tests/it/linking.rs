//! From a line in a commit to the customer who is told: real histories, as git and forges leave them.

use crate::common::TestEnvironment;
use serde_json::Value;

/// Sam's desk beside code, with tickets; their ids.
struct Desk {
    sam: TestEnvironment,
    ids: Vec<String>,
}

impl Desk {
    fn new() -> Self {
        let sam = TestEnvironment::with_repository();
        sam.write("src/a", "1\n");
        sam.git(&["add", "."]);
        sam.git(&["commit", "--quiet", "-m", "Begin"]);
        sam.staple_ok(&["init", ".", "--name", "Acme"]);
        for (title, contact) in [("Export fails", "kim@example.org"), ("Dates are off", ""), ("Login loops", "")] {
            sam.staple_ok(&["new", title, "--contact", contact]);
        }
        let mut ids: Vec<String> =
            sam.staple_ok(&["list", "--template", "{{ title }}\t{{ ref }}"]).lines().map(str::to_owned).collect();
        ids.sort();
        let ids = ["Export", "Dates", "Login"].map(|title| {
            let line = ids.iter().find(|line| line.starts_with(title)).unwrap();
            line.split_once('\t').unwrap().1.to_owned()
        });
        Self { sam, ids: ids.to_vec() }
    }

    fn id(&self, number: usize) -> &str {
        &self.ids[number]
    }

    /// Commits a change of code; its id.
    fn commit(&self, message: &str) -> String {
        let text = format!("{message}{}", self.sam.git(&["rev-parse", "HEAD"]));
        self.sam.write("src/a", &text);
        self.sam.git(&["add", "src"]);
        self.sam.git(&["commit", "--quiet", "-m", message]);
        self.head()
    }

    fn head(&self) -> String {
        self.sam.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn items(&self, arguments: &[&str]) -> Vec<Value> {
        let text = self.sam.staple_ok(&[arguments, &["--json"]].concat());
        serde_json::from_str::<Value>(&text).unwrap()["items"].as_array().unwrap().clone()
    }

    /// What is said of a ticket: its state, and the tags of its changes, a change between bars.
    fn state(&self, id: &str) -> String {
        let item = &self.items(&["fixes", id])[0];
        let tags = |change: &Value| {
            let tags = change["releases"].as_array().unwrap().iter().map(|tag| tag["tag"].as_str().unwrap().to_owned());
            tags.collect::<Vec<_>>().join(",")
        };
        let changes: Vec<String> = item["changes"].as_array().unwrap().iter().map(tags).collect();
        format!("{} {}", item["state"].as_str().unwrap(), changes.join("|"))
    }
}

#[test]
fn a_line_in_a_commit_leads_to_the_release_and_to_the_customer() {
    let desk = Desk::new();
    let (sam, id) = (&desk.sam, desk.id(0));
    assert!(sam.staple_ok(&["fixes", id]).contains("no commit names it"));
    desk.commit(&format!("Write whole years\n\nFixes: {id}"));
    assert_eq!(desk.state(id), "here ");
    assert!(sam.staple_ok(&["release", "untold"]).is_empty());
    sam.git(&["tag", "v1.0"]);
    assert_eq!(desk.state(id), "released v1.0");
    let shown = sam.staple_ok(&["release", "show", "v1.0"]);
    assert!(shown.contains("To tell") && shown.contains("about \"Export fails\"") && shown.contains("kim@example.org"));
    assert_eq!(desk.items(&["release", "untold"]).len(), 1);
    sam.staple_ok(&["ticket", "told", id, "--draft"]);
    assert!(sam.staple_ok(&["release", "untold"]).is_empty());
    let shown = sam.staple_ok(&["release", "show", "v1.0"]);
    assert!(!shown.contains("To tell") && shown.contains("Told"), "{shown}");
    sam.staple_ok(&["check"]);
    let message = sam.staple_ok(&["show", id]);
    assert!(message.contains("told the customer of release v1.0"), "{message}");
}

#[test]
fn who_reported_a_duplicate_is_told_too() {
    let desk = Desk::new();
    let (sam, first, second) = (&desk.sam, desk.id(0), desk.id(1));
    sam.staple_ok(&["ticket", "duplicate", second, "--of", first]);
    desk.commit(&format!("Write whole years (fixes {first})"));
    sam.git(&["tag", "v1.0"]);
    let untold = desk.items(&["release", "untold"]);
    let notes: Vec<&str> = untold.iter().map(|one| one["note"].as_str().unwrap()).collect();
    assert!(untold.len() == 2 && notes.contains(&format!("a duplicate of {first}").as_str()), "{notes:?}");
}

#[test]
fn copies_and_reverts_are_understood_as_git_makes_them() {
    let desk = Desk::new();
    let (sam, id) = (&desk.sam, desk.id(0));
    sam.git(&["branch", "old"]);
    let fix = desk.commit(&format!("Write whole years\n\nFixes: {id}"));
    sam.git(&["tag", "v2.0"]);
    sam.git(&["checkout", "--quiet", "old"]);
    sam.git(&["cherry-pick", &fix]);
    sam.git(&["tag", "v1.1"]);
    sam.git(&["checkout", "--quiet", "main"]);
    let mut tags: Vec<String> = desk.state(id).replace("released ", "").split(',').map(str::to_owned).collect();
    tags.sort();
    assert_eq!(tags, ["v1.1", "v2.0"]);
    sam.git(&["revert", "--no-edit", &fix]);
    let revert = desk.head();
    sam.git(&["tag", "v2.1"]);
    let shown = sam.staple_ok(&["fixes", id]);
    assert!(shown.contains("taken back by") && !shown.contains("v2.1"), "{shown}");
    sam.git(&["revert", "--no-edit", &revert]);
    sam.git(&["tag", "v2.2"]);
    assert!(
        desk.state(id).starts_with("released") && desk.state(id).contains("v2.2") && !desk.state(id).contains("v2.1")
    );
}

#[test]
fn a_squashed_branch_and_a_merged_one_both_link() {
    let desk = Desk::new();
    let (sam, first, second) = (&desk.sam, desk.id(0), desk.id(1));
    sam.git(&["checkout", "--quiet", "-b", &format!("fix/{second}-dates")]);
    desk.commit(&format!("Write whole years\n\nFixes: {first}"));
    sam.git(&["checkout", "--quiet", "main"]);
    assert!(desk.state(first).starts_with("elsewhere"));
    sam.git(&["merge", "--quiet", "--no-ff", "--no-edit", &format!("fix/{second}-dates")]);
    assert!(desk.state(first).starts_with("here"));
    assert!(desk.state(second).starts_with("mentioned"));
    let merge = desk.head();
    sam.git(&["revert", "--no-edit", "-m", "1", &merge]);
    assert!(desk.state(first).starts_with("taken-back"));
    sam.git(&["checkout", "--quiet", "-b", "topic"]);
    desk.commit(&format!("Try\n\nFixes: {second}"));
    desk.commit("More\n\nCo-authored-by: Kim <kim@example.org>");
    sam.git(&["checkout", "--quiet", "main"]);
    sam.git(&["merge", "--quiet", "--squash", "topic"]);
    sam.git(&[
        "commit",
        "--quiet",
        "-m",
        &format!("Dates (#4)\n\n* Try\n\nFixes: {second}\n\n* More\n\nCo-authored-by: Kim <kim@example.org>"),
    ]);
    sam.git(&["branch", "--quiet", "-D", "topic"]);
    assert!(desk.state(second).starts_with("here"));
}

#[test]
fn a_commit_of_code_and_ticket_and_a_link_by_hand_are_evidence() {
    let desk = Desk::new();
    let (sam, first, second) = (&desk.sam, desk.id(0), desk.id(1));
    sam.write("src/a", "9\n");
    sam.git(&["add", "src"]);
    sam.staple_ok(&["ticket", "take", first, "--stage"]);
    sam.git(&["commit", "--quiet", "-m", "Write whole years"]);
    for index in ["auto", "off"] {
        sam.set("STAPLE_INDEX", index);
        let shown = sam.staple_ok(&["fixes", first]);
        assert!(shown.contains("changes the ticket too"), "{index}\n{shown}");
    }
    sam.staple_ok(&["ticket", "link", second, "HEAD~1", "https://forge.example.org/12"]);
    assert!(desk.state(second).starts_with("here"));
    let out = sam.staple(&["ticket", "link", second, "HEAD~2"]);
    assert!(out.stderr.contains("names that already"), "{}", out.stderr);
    sam.staple_ok(&["ticket", "link", second, "HEAD~2", "--remove"]);
    assert!(desk.state(second).starts_with("mentioned"));
    sam.staple_ok(&["check"]);
}

#[test]
fn a_link_goes_though_its_commit_is_gone_and_a_release_without_the_fix_is_said() {
    let desk = Desk::new();
    let (sam, id) = (&desk.sam, desk.id(0));
    let text = sam.staple_ok(&["list", "--template", "{{ ref }} {{ path }}"]);
    let path = text.lines().find_map(|line| line.strip_prefix(&format!("{id} "))).unwrap();
    let path = format!("support/{path}");
    let gone = "0123456789012345678901234567890123456789";
    sam.write(&path, sam.read(&path).replace("links = []", &format!("links = [\n  \"commit:{gone}\",\n]")));
    sam.git(&["commit", "--quiet", "--all", "-m", "Link by hand"]);
    sam.staple_ok(&["ticket", "link", id, &gone[..9], "--remove"]);
    assert!(sam.read(&path).contains("links = [\n]"));
    sam.git(&["tag", "v0.1"]);
    let out = sam.staple(&["ticket", "told", id, "--release", "v0.1", "-m", "It is out."]);
    assert!(out.status == 0 && out.stderr.contains("not known to have the whole fix"), "{out}");
}

#[test]
fn code_in_another_repository_is_read_where_its_clone_lies() {
    let (desk, code) = (Desk::new(), TestEnvironment::with_repository());
    let (sam, id) = (&desk.sam, desk.id(0));
    code.write("a", "1\n");
    code.git(&["add", "."]);
    code.git(&["commit", "--quiet", "-m", &format!("Write whole years\n\nFixes: {id}")]);
    code.git(&["tag", "site-1"]);
    sam.staple_ok(&["config", "set", "repositories", "website https://forge.example.org/website"]);
    let out = sam.staple(&["fixes"]);
    assert!(
        out.stderr.contains("website was not read") && out.stderr.contains("staple.repo.website.path"),
        "{}",
        out.stderr
    );
    sam.git(&["config", "--global", "staple.repo.website.path", code.dir().to_str().unwrap()]);
    assert_eq!(desk.state(id), "released site-1");
    let commit = code.git(&["rev-parse", "HEAD"]);
    sam.staple_ok(&["ticket", "link", desk.id(1), &format!("website@{}", &commit[..8])]);
    assert_eq!(desk.state(desk.id(1)), "released site-1");
    sam.staple_ok(&["config", "set", "release-tags", "v*"]);
    assert_eq!(desk.state(id), "here ");
}

#[test]
fn coming_changes_stand_in_the_digest_of_their_week() {
    let (desk, code) = (Desk::new(), TestEnvironment::with_repository());
    let sam = &desk.sam;
    let commit = |at: &str, message: &str| {
        sam.at(at);
        desk.commit(message)
    };
    commit("2026-03-01T12:00:00Z", "Too early\n\nSupport-Impact: Of the week before");
    commit(
        "2026-03-02T12:00:00Z",
        "Move menus\n\nSupport-Impact: *Menus* move to the left\nSupport-Impact: Icons are blue",
    );
    let back = commit("2026-03-03T12:00:00Z", "Make it loud\n\nSupport-Impact: Every click rings");
    commit("2026-03-04T12:00:00Z", &format!("Revert \"Make it loud\"\n\nThis reverts commit {back}."));
    commit("2026-03-05T12:00:00Z", "Move menus again\n\nSupport-Impact: *Menus* move to the left");
    commit("2026-03-09T12:00:00Z", "Too late\n\nSupport-Impact: Of the week after");
    code.at("2026-03-06T12:00:00Z");
    code.write("a", "1\n");
    code.git(&["add", "."]);
    code.git(&["commit", "--quiet", "-m", "Price in euro\n\nSupport-Impact: Prices are in euro"]);
    code.git(&["checkout", "--quiet", "-b", "topic"]);
    sam.staple_ok(&["config", "set", "repositories", "website https://forge.example.org/website"]);
    let week = ["digest", "managers", "--week", "2026-W10"];
    let section = |output: &str| {
        let from = output.find("## Coming changes that customers will notice").unwrap_or(output.len());
        output[from..].lines().skip(2).take_while(|line| line.starts_with("- ")).collect::<Vec<_>>().join("\n")
    };
    let own = "- **\\*Menus\\* move to the left** (2 Mar)\n- **Icons are blue** (2 Mar)";
    let unknown = sam.staple(&week);
    assert!(unknown.status == 0 && section(&unknown.stdout) == own, "{unknown}");
    assert!(unknown.stderr.contains("coming changes of website are not told: no clone"), "{unknown}");
    sam.git(&["config", "--global", "staple.repo.website.path", code.dir().to_str().unwrap()]);
    let all = sam.staple(&week);
    assert_eq!(section(&all.stdout), format!("{own}\n- **Prices are in euro** (website, 6 Mar)"));
    assert!(all.stderr.is_empty(), "{all}");
    let json: Value = serde_json::from_str(&sam.staple_ok(&[&week[..], &["--json"]].concat())).unwrap();
    let coming = &json["facts"]["coming"];
    assert_eq!(
        (coming[2]["text"].as_str(), coming[2]["day"].as_str()),
        (Some("Prices are in euro"), Some("2026-03-06")),
        "{json}"
    );
    assert_eq!(
        section(&sam.staple_ok(&["digest", "managers", "--week", "2026-W09"])),
        "- **Of the week before** (1 Mar)"
    );
}

#[test]
fn commits_of_other_repositories_are_named_or_those_where_one_stands() {
    let (desk, code) = (Desk::new(), TestEnvironment::with_repository());
    let (sam, id) = (&desk.sam, desk.id(0));
    let commit = |message: &str| {
        code.write("a", message);
        code.git(&["add", "."]);
        code.git(&["commit", "--quiet", "-m", message]);
        code.git(&["rev-parse", "HEAD"]).trim().to_owned()
    };
    commit("Begin");
    let fix = commit(&format!("Write whole years\n\nFixes: {id}"));
    let short = &fix[..7];
    let unknown = sam.staple(&["fixes", "website@HEAD"]);
    assert!(unknown.status == 3 && unknown.stderr.contains("knows no repository `website`"), "{unknown}");
    sam.staple_ok(&["config", "set", "repositories", "website https://forge.example.org/website"]);
    let unknown = sam.staple(&["fixes", "website@HEAD"]);
    assert!(unknown.status == 3 && unknown.stderr.contains("staple.repo.website.path"), "{unknown}");
    sam.git(&["config", "--global", "staple.repo.website.path", code.dir().to_str().unwrap()]);
    for what in ["website@HEAD", "website@HEAD~1..HEAD", &format!("website@{short}")] {
        let out = sam.staple(&["fixes", what]);
        assert!(out.stdout.starts_with(&format!("website@{short}  Write whole years\n")), "{out}");
        assert!(out.stdout.contains(&format!("fixes {id}")) && out.stderr.contains("1 commits of website"), "{out}");
        assert_eq!(desk.items(&["fixes", what])[0]["repository"], "website");
    }
    assert_eq!(sam.staple(&["fixes", "website@nothing"]).status, 2);
    // Who stands there need not say so.
    code.git(&["config", "staple.desk", sam.dir().to_str().unwrap()]);
    code.git(&["config", "--global", "staple.repo.website.path", code.dir().to_str().unwrap()]);
    let out = code.staple(&["fixes", "HEAD~1..HEAD"]);
    assert!(out.stdout.contains(&format!("website@{short}  Write whole years")), "{out}");
    assert!(out.stderr.contains("is looked up in website, where you stand"), "{out}");
    let out = code.staple(&["ticket", "link", desk.id(1), "HEAD"]);
    assert!(out.status == 0 && out.stderr.contains("HEAD is looked up in website, where you stand"), "{out}");
    assert!(sam.staple_ok(&["show", desk.id(1), "--json"]).contains(&format!("commit:website@{fix}")));
    // Elsewhere it is the desk's repository, and that is said.
    let other = TestEnvironment::with_repository();
    other.git(&["config", "staple.desk", sam.dir().to_str().unwrap()]);
    let out = other.staple(&["fixes", "HEAD~1..HEAD"]);
    assert!(out.status == 0 && out.stderr.contains("is looked up in the desk's repository"), "{out}");
    let out = sam.staple(&["fixes", "HEAD~1..HEAD"]);
    assert!(out.status == 0 && !out.stderr.contains("looked up"), "{out}");
}

#[test]
fn messages_are_checked_before_it_is_too_late() {
    let desk = Desk::new();
    let (sam, id) = (&desk.sam, desk.id(0));
    let check = |message: &str| {
        sam.write("message", message);
        sam.staple(&["check", "commits", "--message", "message"])
    };
    let out = check(&format!("Renew\n\nFixes: {}\n# Fixes: T-1\n", &id[..6]));
    assert!(out.status == 1 && out.stdout.contains("message:3:8: error") && out.stdout.contains(id), "{}", out.stdout);
    assert!(out.stdout.contains("(Export fails)"), "{}", out.stdout);
    let out = check(&format!("Renew\n\nFixes: {id}\n"));
    assert!(out.status == 0 && out.stdout.is_empty(), "{}", out.stdout);
    let out = check("fix: dates\n");
    assert!(out.status == 0 && out.stdout.contains("nothing linked"), "{}", out.stdout);
    desk.commit("Renew\n\nCloses: T-zzzzz9");
    let out = sam.staple(&["check", "commits", "HEAD~1..HEAD"]);
    assert!(out.status == 1 && out.stdout.contains("no ticket of the desk is T-zzzzz9"), "{}", out.stdout);
    let out = sam.staple(&["fixes", "HEAD~1.."]);
    assert!(out.stdout.contains("names no ticket of the desk: T-zzzzz9"), "{}", out.stdout);
}

#[test]
fn comments_of_a_message_are_those_that_git_takes_out() {
    let desk = Desk::new();
    let sam = &desk.sam;
    let check = |message: &str| {
        sam.write("message", message);
        sam.staple(&["check", "commits", "--message", "message"])
    };
    let short = "Renew\n; Fixes: T-7k3\n; ------------------------ >8 ------------------------\n+Fixes: T-9d2\n";
    assert_eq!(check(short).status, 1);
    sam.git(&["config", "core.commentChar", ";"]);
    assert_eq!(check(short).status, 0);
    let out = check("Renew\n# Fixes: T-7k3\n");
    assert!(out.status == 1 && out.stdout.contains("message:2:10: error"), "{}", out.stdout);
    sam.git(&["config", "core.commentString", "//"]);
    assert_eq!(check("Renew\n// Fixes: T-7k3\n").status, 0);
    assert_eq!(check(short).status, 1);
    sam.git(&["config", "core.commentString", "auto"]);
    assert_eq!(check(&format!("Renew\n{short}")).status, 0);
    assert_eq!(check("# Fixes: T-7k3\n\n; Please enter the message\n").status, 1);
}

#[test]
fn messages_in_another_encoding_are_read_in_it() {
    let desk = Desk::new();
    let (sam, id) = (&desk.sam, desk.id(0));
    sam.staple_ok(&["config", "set", "closing-words", "löst"]);
    sam.git(&["config", "i18n.commitEncoding", "ISO-8859-1"]);
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    sam.write("message", latin(&format!("Grüße an alle\n\nlöst {id}\n")));
    sam.staple_ok(&["check", "commits", "--message", "message"]);
    sam.write("src/a", "2\n");
    sam.git(&["commit", "--quiet", "-F", "message", "src/a"]);
    assert_eq!(sam.git(&["log", "-1", "--format=%e"]), "ISO-8859-1\n");
    let found = &desk.items(&["fixes", id])[0];
    assert_eq!(found["changes"][0]["subject"], "Grüße an alle", "{found}");
    assert_eq!(found["changes"][0]["fixes"], true, "{found}");
    sam.write("message", latin(&format!("Tschüß\n\nlöst {}\n", &id[..6])));
    let out = sam.staple(&["check", "commits", "--message", "message"]);
    assert!(out.status == 1 && out.stdout.contains(id), "{out}");
}

#[test]
fn a_tag_that_several_repositories_have_is_told_apart() {
    let (desk, code) = (Desk::new(), TestEnvironment::with_repository());
    let sam = &desk.sam;
    for (message, tag) in [(format!("Renew\n\nFixes: {}", desk.id(1)), "v2"), ("More".to_owned(), "w-1")] {
        code.write("a", &message);
        code.git(&["add", "."]);
        code.git(&["commit", "--quiet", "-m", &message]);
        code.git(&["tag", tag]);
    }
    sam.staple_ok(&["config", "set", "repositories", "website https://forge.example.org/website"]);
    sam.git(&["config", "--global", "staple.repo.website.path", code.dir().to_str().unwrap()]);
    desk.commit(&format!("Whole years\n\nFixes: {}", desk.id(0)));
    sam.git(&["tag", "v2"]);
    let listed = sam.staple_ok(&["release", "list"]);
    let names: Vec<&str> = listed.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()).collect();
    assert!(names.len() == 3 && ["v2", "website@v2", "w-1"].iter().all(|name| names.contains(name)), "{listed}");
    let rows = desk.items(&["release", "list"]);
    assert!(rows.iter().any(|row| row["tag"] == "v2" && row["repository"] == "website"), "{rows:?}");
    let ids = |tag: &str| {
        let items = desk.items(&["release", "show", tag]);
        items.iter().map(|item| item["ticket"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("v2"), [desk.id(0)]);
    assert_eq!(ids("website@v2"), [desk.id(1)]);
    assert_eq!(ids("website@w-1"), Vec::<String>::new());
    let shown = sam.staple(&["release", "show", "v2"]);
    assert!(shown.stderr.contains("staple release show website@v2"), "{shown}");
    assert_eq!(sam.staple(&["release", "show", "website@v3"]).status, 2);
    let out = sam.staple(&["ticket", "told", desk.id(1), "--release", "website@v2", "-m", "It is out."]);
    assert!(out.status == 0 && !out.stderr.contains("not known"), "{out}");
    assert_eq!(desk.items(&["release", "untold"]).len(), 1);
    // Two others share a tag that the desk's own repository has not: one has to be named.
    sam.git(&["tag", "--delete", "v2"]);
    sam.staple_ok(&["config", "set", "repositories", "website x, shop y"]);
    sam.git(&["config", "--global", "staple.repo.shop.path", code.dir().to_str().unwrap()]);
    let out = sam.staple(&["release", "show", "v2"]);
    assert!(out.status == 2 && out.stderr.contains("website@v2") && out.stderr.contains("shop@v2"), "{out}");
}

#[test]
fn nobody_is_called_told_where_history_is_cut() {
    let desk = Desk::new();
    let sam = &desk.sam;
    desk.commit(&format!("Whole years\n\nFixes: {}", desk.id(0)));
    sam.git(&["tag", "v1"]);
    desk.commit("More");
    let told = sam.staple(&["release", "untold", "--json"]);
    let json: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((told.status, json["unseen"].as_array().unwrap().len()), (0, 0), "{told}");
    let path = sam.dir().join("../shallow");
    let from = format!("file://{}", sam.dir().display());
    sam.git(&["clone", "--quiet", "--depth", "1", &from, path.to_str().unwrap()]);
    let out = sam.staple(&["-C", path.to_str().unwrap(), "release", "untold"]);
    let sentence = "everybody whose fix is seen here was told, but the history of this clone is cut short";
    assert!(out.status == 3 && out.stderr.contains(sentence), "{out}");
    let out = sam.staple(&["-C", path.to_str().unwrap(), "release", "untold", "--json"]);
    let json: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(out.status, 3, "{out}");
    assert_eq!(json["unseen"][0]["why"], "cut short", "{json}");
}
