//! Queries in SQL: what they see, what they refuse, and that nobody is in them.

use crate::common::TestEnvironment;

/// Sam and June at a desk with an open ticket of Sam's and a resolved one of June's.
fn desk() -> (TestEnvironment, String, String) {
    let sam = TestEnvironment::new();
    sam.staple_ok(&["init"]);
    sam.staple_ok(&["person", "new", "june", "--name", "June Okafor"]);
    sam.staple_ok(&["topic", "new", "login", "Logging in"]);
    let open = sam.staple_ok(&["new", "Cannot log in", "--topic", "login", "--text", "It says \u{1b}[31mno."]);
    let done = sam.staple_ok(&["new", "=1+1 is shown as 2", "--text", "See the sheet."]);
    let (open, done) = (open.trim().to_owned(), done.trim().to_owned());
    sam.staple_ok(&["take", &open]);
    sam.staple_ok(&["take", &done, "--for", "june"]);
    sam.at("2026-11-24T09:15:00Z");
    sam.staple_ok(&["reply", &done, "-m", "That is right.", "--resolve", "answered", "--cause", "a formula"]);
    (sam, open, done)
}

#[track_caller]
fn csv(sam: &TestEnvironment, query: &str) -> String {
    sam.staple_ok(&["sql", query, "--format", "csv"]).replace("\r\n", "\n")
}

/// Table and column of everything that is documented.
fn documented(sam: &TestEnvironment) -> Vec<(String, String)> {
    let json: serde_json::Value = serde_json::from_str(&sam.staple_ok(&["sql", "--tables", "--json"])).unwrap();
    let mut out = Vec::new();
    for table in json["items"].as_array().unwrap() {
        for column in table["columns"].as_array().unwrap() {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            out.push((text(&table["table"]), text(&column["column"])));
        }
    }
    out
}

#[test]
fn a_query_is_answered_as_a_table_csv_and_json() {
    let (sam, _, done) = desk();
    let query = "SELECT id, title, opened FROM ticket WHERE open = 0";
    let id = &done[2..];
    let title = "=1+1 is shown as 2";
    let table = format!("id      title               opened\n{id}  {title}  1795338900\n");
    assert_eq!(sam.staple_ok(&["sql", query]), table);
    let csv = format!("id,title,opened\r\n{id},'{title},1795338900\r\n");
    assert_eq!(sam.staple_ok(&["sql", query, "--format", "csv"]), csv);
    let json = format!(
        "{{\"staple\":1,\"what\":\"rows\",\"items\":[{{\"id\":\"{id}\",\"title\":\"{title}\",\"opened\":1795338900}}]}}\n"
    );
    assert_eq!(sam.staple_ok(&["sql", query, "--json"]), json);
    assert_eq!(sam.staple_with_input(&["sql", "-"], &format!("{query}\n;\n")).stdout, table);
    let twice = sam.staple_ok(&["sql", "VALUES (1, 2.0), (NULL, char(27) || '[31mx')", "--json"]);
    assert!(twice.contains(r#"[{"column1":1,"column2":2.0},{"column1":null,"column2":"\u001b[31mx"}]"#), "{twice}");
    let counted = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT group_concat(x) AS x FROM n";
    assert_eq!(sam.staple_ok(&["sql", counted, "--format", "csv"]).replace('\r', ""), "x\n\"1,2,3\"\n");
    let same = sam.staple_ok(&["sql", "SELECT 1 AS a, 2 AS a", "--json"]);
    assert!(same.contains(r#"{"a":1,"a_2":2}"#), "{same}");
    assert_eq!(sam.staple_ok(&["sql", "SELECT char(27) || '[31mx' AS a, NULL AS b"]), "a      b\n[31mx\n");
    let none = sam.staple(&["sql", "SELECT id FROM ticket WHERE 0"]);
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("id\n", "no rows\n"));
}

#[test]
fn nothing_but_reading_of_what_is_documented_is_answered() {
    let (sam, ..) = desk();
    for (query, words) in [
        ("DROP TABLE ticket", "only queries that read"),
        ("DELETE FROM ticket", "only queries that read"),
        ("EXPLAIN DELETE FROM ticket", "only queries that read"),
        ("UPDATE ticket SET title = 'x'", "only queries that read"),
        ("INSERT INTO tag VALUES ('x', x'00', 1)", "only queries that read"),
        ("CREATE TEMP TABLE x (y)", "only queries that read"),
        ("SELECT 1; DROP TABLE ticket", "only queries that read"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("VACUUM INTO 'copy'", "only queries that read"),
        ("REINDEX", "only queries that read"),
        ("BEGIN", "only queries that read"),
        ("COMMIT", "only queries that read"),
        ("PRAGMA writable_schema = 1", "PRAGMA is not answered"),
        ("ATTACH 'other' AS other", "no other database"),
        ("DETACH main", "no other database"),
        ("SELECT load_extension('x')", "nothing is loaded"),
        ("SELECT * FROM sqlite_schema", "no table"),
        ("SELECT * FROM pragma_database_list", "no table"),
        ("SELECT * FROM dbstat", "no"),
        ("SELECT * FROM meta", "no table `meta`"),
        ("SELECT folder FROM file_state", "no table `file_state`"),
        ("SELECT (SELECT count(*) FROM edited) FROM ticket", "no table `edited`"),
        ("SELECT count(*) FROM words WHERE words MATCH 'june'", "no table"),
        ("SELECT word FROM word", "no table"),
        ("SELECT moment FROM document", "no table"),
        ("", "there is no query"),
        (";", "there is no query"),
    ] {
        let output = sam.staple(&["sql", query]);
        assert!(output.status == 2 && output.stderr.contains(words), "{query}\n{output}");
    }
    assert_eq!(csv(&sam, "SELECT count(*) AS n FROM ticket"), "n\n2\n");
    assert!(!sam.dir().join("copy").exists() && !sam.dir().join("other").exists());
}

#[test]
fn a_mistake_is_shown_where_it_stands() {
    let (sam, ..) = desk();
    let output = sam.staple(&["sql", "SELECT titel FROM ticket"]);
    let expected =
        "error: column 8: no such column: titel\n  SELECT titel FROM ticket\n         ^\nhint: did you mean title?\n";
    assert_eq!((output.status, output.stderr.as_str()), (2, expected));
    let output = sam.staple(&["sql", "SELECT 'ü',\n  id,\n  FROM ticket"]);
    assert!(output.stderr.contains("line 3, column 3: near \"FROM\""), "{output}");
    assert!(output.stderr.contains("\n    FROM ticket\n    ^\n"), "{output}");
    let output = sam.staple(&["sql", "SELECT * FROM tickets"]);
    assert!(output.stderr.contains("did you mean ticket?"), "{output}");
}

#[test]
fn every_documented_column_can_be_asked_for() {
    let (sam, ..) = desk();
    let documented = documented(&sam);
    assert!(documented.contains(&("ticket".into(), "waiting_on".into())), "{documented:?}");
    assert!(documented.len() > 70, "{documented:?}");
    for (table, column) in &documented {
        sam.staple_ok(&["sql", &format!("SELECT {column} FROM {table} LIMIT 1")]);
    }
    let listed = sam.staple_ok(&["sql"]);
    for (table, column) in &documented {
        assert!(
            listed.contains(&format!("{table}: ")) && listed.contains(&format!("\n  {column} ")),
            "{table}.{column}"
        );
    }
}

#[test]
fn nobody_is_named_but_the_owners_of_what_is_open() {
    let (sam, open, _) = desk();
    assert_eq!(
        csv(&sam, "SELECT id, owner FROM ticket WHERE owner IS NOT NULL"),
        format!("id,owner\n{},sam\n", &open[2..])
    );
    let mut tables: Vec<String> = documented(&sam).into_iter().map(|(table, _)| table).collect();
    tables.dedup();
    assert_eq!(tables.len(), 9, "{tables:?}");
    for table in &tables {
        // A person's own record is there like any other, at its place.
        let kind = if table == "record" { "WHERE kind <> 'person'" } else { "" };
        let all = csv(&sam, &format!("SELECT * FROM {table} {kind}")).to_lowercase();
        let shown = all.replace(",sam,", ",,");
        for word in ["june", "okafor", "rivers", "sam@", ",sam"] {
            assert!(!shown.contains(word), "{word} in {table}\n{all}");
        }
        assert!(table == "ticket" || shown == all, "an owner in {table}\n{all}");
    }
    sam.staple_ok(&["reply", &open, "-m", "It works now.", "--resolve", "answered", "--cause", "a typo"]);
    assert_eq!(csv(&sam, "SELECT owner FROM ticket WHERE owner IS NOT NULL"), "owner\n");
}

#[test]
fn the_examples_of_the_help_say_what_they_promise() {
    let (sam, open, done) = desk();
    let journey = "SELECT v.status FROM ticket_version v JOIN ticket_file f USING (ticket) WHERE f.id = ";
    let journey = csv(&sam, &format!("{journey}'{}' ORDER BY v.effective, v.position", &done[2..]));
    assert!(journey.starts_with("status\nnew\n") && journey.ends_with("\nresolved\n"), "{journey}");
    let on = |day: &str| {
        csv(
            &sam,
            &format!(
                "SELECT f.id FROM ticket_version v JOIN ticket_file f USING (ticket) WHERE v.effective <= unixepoch('{day}') \
                 AND coalesce(v.until > unixepoch('{day}'), 1) AND v.status NOT IN ('resolved', 'dropped', 'duplicate')"
            ),
        )
    };
    assert_eq!(on("2026-11-22"), "id\n");
    assert!(on("2026-11-23").contains(&open[2..]) && on("2026-11-23").contains(&done[2..]));
    assert_eq!(on("2026-11-25"), format!("id\n{}\n", &open[2..]));
    let first = "SELECT t.id, round((min(m.at) - t.opened) / 3600.0, 1) AS hours FROM ticket t JOIN message m USING (ticket) \
                 WHERE m.kind = 'reply' GROUP BY t.ticket";
    assert_eq!(csv(&sam, first), format!("id,hours\n{},48.0\n", &done[2..]));
}

#[test]
fn commits_and_tags_are_told_as_they_come_and_go() {
    let (sam, open, _) = desk();
    let links =
        "SELECT l.ticket_id, l.keyword, lower(hex(p.commit_id)) AS id FROM link l JOIN position p USING (position)";
    assert_eq!(csv(&sam, links), "ticket_id,keyword,id\n");
    sam.write("code.txt", "x");
    sam.git(&["add", "code.txt"]);
    sam.git(&["commit", "--quiet", "-m", &format!("Let everybody in\n\nFixes: {open}")]);
    let head = sam.git(&["rev-parse", "HEAD"]);
    assert_eq!(csv(&sam, links), format!("ticket_id,keyword,id\n{},fixes,{head}", &open[2..]));

    let tags = "SELECT name, lower(hex(commit_id)) = '";
    let tags = format!("{tags}{}' AS head, datetime(time, 'unixepoch') AS at FROM tag ORDER BY name", head.trim());
    assert_eq!(csv(&sam, &tags), "name,head,at\n");
    sam.git(&["tag", "v1"]);
    sam.git(&["tag", "-a", "-m", "two", "rel/v2", "HEAD~1"]);
    sam.git(&["tag", "a-file", "HEAD:code.txt"]);
    let at = "2026-11-24 09:15:00";
    assert_eq!(csv(&sam, &tags), format!("name,head,at\nrel/v2,0,{at}\nv1,1,{at}\n"));
    sam.git(&["tag", "-f", "v1", "HEAD~1"]);
    assert_eq!(csv(&sam, &tags), format!("name,head,at\nrel/v2,0,{at}\nv1,0,{at}\n"));
    sam.git(&["pack-refs", "--all"]);
    assert_eq!(csv(&sam, &tags), format!("name,head,at\nrel/v2,0,{at}\nv1,0,{at}\n"));
    sam.git(&["tag", "-d", "v1"]);
    assert_eq!(csv(&sam, &tags), format!("name,head,at\nrel/v2,0,{at}\n"));
}

#[test]
fn without_an_index_it_says_so_and_how_to_get_one() {
    let (sam, ..) = desk();
    sam.git(&["config", "staple.index", "off"]);
    let output = sam.staple(&["sql", "SELECT 1"]);
    assert_eq!((output.status, output.stdout.as_str()), (3, ""));
    assert!(
        output.stderr.contains("the setting index is off") && output.stderr.contains("staple.index auto"),
        "{output}"
    );
    assert!(sam.staple_ok(&["sql", "--tables"]).contains("ticket_version: "));
    sam.git(&["config", "staple.index", "auto"]);

    // What is damaged is made again without asking.
    let index = sam.dir().join(".git/staple/index.sqlite");
    csv(&sam, "SELECT 1");
    let mut bytes = std::fs::read(&index).unwrap();
    let rows = 2 * 4096;
    bytes[rows..].fill(0x5a);
    std::fs::write(&index, bytes).unwrap();
    let all = "SELECT (SELECT count(*) FROM ticket_version) > 0, (SELECT count(*) FROM position) > 0";
    assert!(csv(&sam, all).ends_with("\n1,1\n"));

    // A file where the folder of the index belongs stands for all that cannot be written.
    let folder = sam.dir().join(".git/staple");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();
    let output = sam.staple(&["sql", "SELECT 1"]);
    assert_eq!((output.status, output.stdout.as_str()), (3, ""));
    assert!(output.stderr.contains("there is no index to query: the index cannot be kept here"), "{output}");
}
