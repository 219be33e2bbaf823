//! Search over every kind, words that nobody spelt so, and queries under a name.

use crate::common::TestEnvironment;

/// Sam at a desk with a few records.
fn desk() -> (TestEnvironment, String) {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    sam.staple_ok(&["customer", "new", "acme", "--name", "Acme GmbH"]);
    let said = "Since this morning I only see a white page.\nThe password is right. \u{1b}\u{7}Help";
    let title = "Cannot log in after the update";
    let ticket = sam.staple_ok(&["new", title, "--customer", "acme", "--text", said]);
    sam.staple_ok(&["new", "Second invoice is wrong", "--text", "It says Düsseldorf."]);
    sam.staple_ok(&["playbook", "new", "Reset a password", "--answer", "Follow the link on the white page."]);
    sam.at("2026-11-23T09:15:00Z");
    let id = ticket.trim().to_owned();
    sam.staple_ok(&[
        "reply",
        &id,
        "-m",
        "We see it too.",
        "--resolve",
        "fixed",
        "--cause",
        "an old script in the cache",
    ]);
    (sam, id)
}

#[track_caller]
fn found(sam: &TestEnvironment, args: &[&str]) -> String {
    let all = [&["search"], args, &["--template", "{{ label }}"]].concat();
    sam.staple_ok(&all).lines().collect::<Vec<_>>().join(", ")
}

#[test]
fn every_kind_is_searched_and_the_best_answer_comes_first() {
    let (sam, id) = desk();
    let shown = sam.staple_ok(&["search", "white page"]);
    let expected = format!(
        "playbook:reset-password  Reset a password\n    playbook, draft\n    answer: Follow the link on the white page.\n\n\
         {id}  Cannot log in after the update\n    ticket, resolved, opened 22 Nov, Acme GmbH\n    \
         message of 22 Nov from the customer: …I only see a white page. The password is right. Help\n"
    );
    assert_eq!(shown, expected);
    assert_eq!(found(&sam, &["password"]), "Reset a password, Cannot log in after the update");
    assert_eq!(found(&sam, &["DUSSEL"]), "Second invoice is wrong");
    assert_eq!(found(&sam, &["\"page white\""]), "");
    assert_eq!(found(&sam, &["sam", "-k", "person"]), "Sam Rivers");
    assert_eq!(found(&sam, &["help"]), "Cannot log in after the update");
}

#[test]
fn the_letters_that_many_words_begin_with_find_them_all() {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    let many = |start: &str| ('a'..='z').map(|end| format!("{start}{end}")).collect::<Vec<_>>().join(" ");
    sam.staple_ok(&["new", "Many", "--text", &many("zeb")]);
    sam.staple_ok(&["new", "Zebu", "--text", "Some"]);
    sam.at("2026-11-23T09:15:00Z").staple_ok(&["new", "Few", "--text", "zebras zeb zebra"]);
    // What the index knows, and what every record says.
    for at in [&[][..], &["--as-of", "HEAD"]] {
        let found = |word: &str| found(&sam, &[&[word], at].concat());
        assert_eq!(found("zeb"), "Zebu, Few, Many");
        assert_eq!(found("zebr"), "Few, Many");
        assert_eq!(found("zebra"), "Few");
        assert_eq!(found("zebu"), "Zebu, Many");
        assert_eq!(found("\"zeb\""), "Few");
    }
}

#[test]
fn fields_and_kinds_narrow_a_search() {
    let (sam, id) = desk();
    assert_eq!(found(&sam, &["password", "customer:acme"]), "Cannot log in after the update");
    assert_eq!(found(&sam, &["password", "-k", "playbooks"]), "Reset a password");
    assert_eq!(found(&sam, &["is:open", "wrong"]), "Second invoice is wrong");
    assert_eq!(found(&sam, &["white", "sort:-rank"]), "Cannot log in after the update, Reset a password");
    assert_eq!(found(&sam, &["white", "--as-of", "2026-11-22T09:00:00Z"]), "");
    assert_eq!(found(&sam, &["cache", "--as-of", "2026-11-22"]), "");
    assert_eq!(found(&sam, &[id.as_str()]), "Cannot log in after the update");
    for query in ["cause:\"old script\"", "title:LOG", "text:cache", "\"white page\"", "contact:\"\" is:done", "-wrong"]
    {
        let listed = sam.staple_ok(&["list", "--all", "--template", "{{ ref }}", "--", query]);
        assert_eq!(listed, format!("{id}\n"), "{query}");
    }
    assert_eq!(sam.staple_ok(&["list", "cause:\"old scr\"", "--all"]), "", "in quotes a word is whole");

    let misspelt = sam.staple(&["search", "white", "topik:x"]);
    assert_eq!(misspelt.status, 2);
    assert!(misspelt.stderr.contains("column 7: no field `topik`; did you mean topic"), "{misspelt}");
    let unknown = sam.staple(&["search", "white", "--kind", "playbok"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("did you mean playbook?"), "{unknown}");
}

#[test]
fn a_limit_says_how_many_more_there_are() {
    let (sam, _) = desk();
    let output = sam.staple(&["search", "white", "--limit", "1"]);
    assert!(output.stdout.starts_with("playbook:reset-password") && !output.stdout.contains("T-"), "{output}");
    assert_eq!(output.stderr, "1 more: --limit 2\n");
}

#[test]
fn json_says_where_the_words_stand() {
    let (sam, id) = desk();
    let json: serde_json::Value = serde_json::from_str(&sam.staple_ok(&["search", "log", "help", "--json"])).unwrap();
    let item = &json["items"][0];
    assert_eq!((&json["what"], &item["ref"], &item["record"]), (&"hits".into(), &id.as_str().into(), &"ticket".into()));
    assert_eq!(item["found"][0]["in"], "label");
    assert_eq!(item["found"][0]["marks"], serde_json::json!([[7, 10]]));
    assert_eq!(item["found"][1]["in"], "message of 22 Nov from the customer");
    let (text, mark) = (item["found"][1]["text"].as_str().unwrap(), &item["found"][1]["marks"][0]);
    let letters: String = text.chars().skip(mark[0].as_u64().unwrap() as usize).take(4).collect();
    assert_eq!(letters, "Help");
    assert!(!text.contains(['\u{1b}', '\u{7}', '\n']), "{text:?}");
}

#[test]
fn a_word_that_nothing_has_is_replaced_and_said() {
    let (sam, id) = desk();
    let output = sam.staple(&["search", "pasword", "-k", "playbook"]);
    assert!(output.stdout.starts_with("playbook:reset-password"), "{output}");
    assert_eq!(output.stderr, "no \"pasword\"; searched for \"password\"\n");
    let output = sam.staple(&["list", "--all", "pasword", "--template", "{{ ref }}"]);
    assert_eq!(
        (output.stdout, output.stderr),
        (format!("{id}\n"), "no \"pasword\"; searched for \"password\"\n".into())
    );
    let output = sam.staple(&["playbook", "list", "resett", "--template", "{{ ref }}"]);
    assert_eq!(output.stdout, "playbook:reset-password\n");

    let output = sam.staple(&["search", "zeppelin", "invoice"]);
    assert_eq!((output.status, output.stdout.as_str()), (0, ""));
    assert!(output.stderr.starts_with("no \"zeppelin\" anywhere\n"), "{output}");
    let output = sam.staple(&["search", "white", "invoice"]);
    assert_eq!(output.stderr, "nothing like this\nhint: \"white\" is in 2 records, \"invoice\" is in 1 record\n");

    let before = sam.git(&["rev-parse", "HEAD"]);
    sam.staple(&["set", "--query", "status:resolved pasword", "severity=stuck", "--yes"]);
    assert_eq!(sam.git(&["rev-parse", "HEAD"]), before, "what is guessed is not changed");
}

#[test]
fn a_saved_query_stands_for_its_text_wherever_records_are_listed() {
    let (sam, id) = desk();
    let output = sam.staple(&["list", "is:done", "white", "--save", "fixed-pages", "--why", "for Monday"]);
    assert!(output.stdout.contains(&id), "{output}");
    assert!(output.stderr.contains("query:fixed-pages: new, is:done white"), "{output}");
    assert!(sam.git(&["log", "-1", "--format=%B"]).contains("for Monday"));
    assert!(sam.read("queries/fixed-pages.toml").contains("query = \"is:done white\""));
    assert_eq!(sam.staple_ok(&["list", "query:fixed-pages", "--template", "{{ ref }}"]), format!("{id}\n"));
    assert_eq!(found(&sam, &["query:fixed-pages", "cache"]), "Cannot log in after the update");
    assert!(sam.staple_ok(&["query", "list"]).contains("Fixed pages  is:done white"));
    assert!(sam.staple_ok(&["show", "query:fixed-pages"]).contains("is:done white"));
    sam.staple_ok(&["query", "new", "mine", "What is mine", "--query", "owner:@me or query:fixed-pages"]);
    assert_eq!(sam.staple_ok(&["list", "--all", "query:mine", "--template", "{{ ref }}"]), format!("{id}\n"));

    let again = sam.staple(&["list", "white", "--save", "fixed-pages"]);
    assert!(again.status == 2 && again.stderr.contains("is saved already: is:done white"), "{again}");
    let unknown = sam.staple(&["list", "query:fixed-page"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("did you mean fixed-pages?"), "{unknown}");
    let circle = sam.staple(&["set", "query:fixed-pages", "query=x query:mine"]);
    assert!(
        circle.status == 3 && circle.stderr.contains("stand for each other: query:mine, query:fixed-pages"),
        "{circle}"
    );
    let nonsense = sam.staple(&["query", "new", "bad", "Bad", "--query", "topik:x"]);
    assert!(nonsense.status == 3 && nonsense.stderr.contains("no field `topik`"), "{nonsense}");
    let unread = sam.staple(&["list", "topik:x", "--save", "bad"]);
    assert_eq!(unread.status, 2);
    sam.assert_clean();

    sam.write("queries/fixed-pages.toml", "title = \"x\"\n\nquery = \"is:opne\"\n\nretired = \"\"\n");
    let output = sam.staple(&["check", "queries"]);
    assert!(output.status == 1 && output.stdout.contains("queries/fixed-pages.toml:3:1: error"), "{output}");
    assert!(sam.staple(&["check", "--as-of", "HEAD"]).status == 0, "the commit is right");
}

#[test]
fn the_day_can_be_asked_for_as_it_was() {
    let (sam, id) = desk();
    assert!(!sam.staple_ok(&[]).contains(&id));
    assert!(sam.staple_ok(&["--as-of", "2026-11-22"]).contains(&id));
    let misplaced = sam.staple(&["--as-of", "2026-11-22", "list"]);
    assert!(misplaced.status == 2 && misplaced.stderr.contains("staple list --as-of 2026-11-22"), "{misplaced}");
}
