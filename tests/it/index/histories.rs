//! Random histories: landings, pulls, lines that run in parallel, commits dated back, clocks that are wrong. HEAD walks over
//! them forwards and backwards, and after each step the desk must say the same through the index as without.
//!
//! `STAPLE_HISTORIES=1000` tries so many of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use staple::desk::bind;
use staple::desk::search::Choice;
use staple::desk::{At, Desk, Records, resolve};
use staple::index::Index;
use staple::query::kinds::{self, KindQueries};
use staple::query::saved::SavedQueries;
use staple::query::{Context, Query, fields};
use staple::record::Kind;
use staple::record::time::Time;
use staple::report::digest::facts::gather;
use staple::report::digest::{self, Facts, Material};
use staple::report::history::{self, Window};
use staple::report::words::Clock;
use staple::report::{kind_list, record_view, ticket_list, ticket_view};
use staple::settings::{Layers, Settings};
use staple::store::layout::{Located, locate};
use staple::store::{Discover, Store};
use staple::text;

use crate::common::TestEnvironment;
use crate::merges::Dice;

/// A desk's files.
type Tree = BTreeMap<String, String>;

const NOW: i64 = 1_795_000_000;
const DAY: i64 = 86_400;
const STEPS: usize = 15;
const IDS: [&str; 5] = ["7k3mqp", "9d2wxa", "4fz8rk", "0aaaaa", "zzzzzz"];
const WORDS: [&str; 8] = ["export", "password", "white", "page", "Düsseldorf", "invoice", "refund", "exporter"];

struct Node {
    tree: Tree,
    parents: Vec<usize>,
    subject: String,
    author: i64,
    committer: i64,
}

/// A history by its seed.
fn history(dice: &mut Dice) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut clock = NOW - 400 * DAY;
    let branchy = dice.below(4);
    for i in 0..24 + dice.below(16) {
        clock += 600 + dice.below(20) as i64 * DAY / 4;
        let mut tips: Vec<usize> = match i {
            0 => Vec::new(),
            _ if dice.below(8) < branchy => vec![i - 1 - dice.below(i.min(6))],
            _ => vec![i - 1],
        };
        let mut subject = "Change".to_owned();
        if i > 2 && dice.below(8) < branchy {
            let other = i - 1 - dice.below(i.min(6));
            if !tips.contains(&other) {
                tips.push(other);
                subject = match dice.below(4) {
                    0 => "Merge branch 'topic'".to_owned(),
                    1 => "Merge branch 'main' of ../other".to_owned(),
                    2 => "Merge remote-tracking branch 'origin/main'".to_owned(),
                    _ => "Merge branch 'main' of ../other into main".to_owned(),
                };
            }
        }
        if dice.below(60) == 0 {
            tips.clear();
        }
        let mut tree = tips.first().map(|&tip| nodes[tip].tree.clone()).unwrap_or_default();
        if let [_, other] = tips[..] {
            merge(dice, &mut tree, &nodes[other].tree);
        }
        tree.entry("staple.toml".to_owned()).or_insert_with(|| "format = 1\n".to_owned());
        let changes = if tips.len() > 1 { dice.below(2) } else { 1 + dice.below(3) };
        for _ in 0..changes {
            change(dice, &mut tree, clock);
        }
        if dice.below(6) == 0 {
            let _ = write!(subject, "\n\nFixes: T-{}\n", IDS[dice.below(3)]);
        }
        let author = if dice.below(5) == 0 { clock - dice.below(60) as i64 * DAY } else { clock };
        let committer = match dice.below(12) {
            0 => clock - dice.below(90) as i64 * DAY,
            1 => clock + dice.below(700) as i64 * DAY,
            _ => clock,
        };
        nodes.push(Node { tree, parents: tips, subject, author, committer });
    }
    nodes
}

/// Takes files of the other side, as a merge that somebody settled by hand.
fn merge(dice: &mut Dice, tree: &mut Tree, other: &Tree) {
    let paths: BTreeSet<String> = tree.keys().chain(other.keys()).cloned().collect();
    for path in paths {
        if tree.get(&path) == other.get(&path) || dice.below(2) == 0 {
            continue;
        }
        match other.get(&path) {
            Some(text) => tree.insert(path, text.clone()),
            None => tree.remove(&path),
        };
    }
}

fn words(dice: &mut Dice) -> String {
    (0..1 + dice.below(3)).map(|_| WORDS[dice.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
}

fn time(unix: i64) -> String {
    Time::from_unix(unix).to_string()
}

/// Changes something in the desk.
fn change(dice: &mut Dice, tree: &mut Tree, clock: i64) {
    let id = IDS[dice.below(IDS.len())];
    let month = if dice.below(40) == 0 { "2025-11" } else { "2025-10" };
    let path = format!("tickets/{month}/{id}.toml");
    let number = dice.below(6);
    let message = format!("tickets/{month}/{id}.2025101{}T080000Z-4hx{}", number / 2, number % 2);
    match dice.below(18) {
        0..=4 => {
            let text = ticket(dice, clock);
            tree.insert(path, text);
        }
        5 => drop(tree.remove(&path)),
        6 => drop(tree.insert(path, "<<<<<<< HEAD\ntitle = \"x\"\n".to_owned())),
        7..=9 => {
            let text = said(dice, number);
            tree.insert(format!("{message}.toml"), text);
        }
        10 => drop(tree.remove(&format!("{message}.toml"))),
        11 => bind(tree, &path),
        12 => drop(tree.insert(format!("{message}.log{}.txt", dice.below(2)), words(dice))),
        13 => drop(tree.remove(&format!("{message}.log{}.txt", dice.below(2)))),
        14 | 15 => {
            let slug = ["acme", "bolt"][dice.below(2)];
            let retired = if dice.below(4) == 0 { "retired = 2025-12-01\n" } else { "" };
            tree.insert(format!("customers/{slug}.toml"), format!("name = \"{} {slug}\"\n\n{retired}", words(dice)));
        }
        16 => drop(tree.remove(["customers/acme.toml", "customers/bolt.toml", "topics/billing.toml"][dice.below(3)])),
        _ => {
            let files = ["topics/billing.toml", "README", "staple.toml", "talks/2025-10/20251010T080000Z-aaaa.toml"];
            let file = files[dice.below(files.len())];
            let text = match file {
                "staple.toml" => format!("format = 1\n# {}\n", words(dice)),
                "README" => words(dice),
                "topics/billing.toml" if dice.below(4) == 0 => "name = \n".to_owned(),
                "topics/billing.toml" => format!("title = \"{}\"\n", words(dice)),
                _ => format!(
                    "with = \"customer:acme\"\n\nat = {}\n\nby = \"sam\"\n\nvia = \"call\"\n\ntext = \"{}\"\n",
                    time(clock),
                    words(dice)
                ),
            };
            tree.insert(file.to_owned(), text);
        }
    }
}

fn ticket(dice: &mut Dice, clock: i64) -> String {
    let status = ["new", "working", "waiting", "resolved", "dropped"][dice.below(5)];
    let mut text =
        format!("title = \"{}\"\n\nstatus = \"{status}\"\n\nopened = {}\n\n", words(dice), time(NOW - 410 * DAY));
    for (key, value) in [
        ("customer", ["acme", "bolt"][dice.below(2)]),
        ("topic", "billing"),
        ("owner", ["sam", "kim"][dice.below(2)]),
        ("follows", &format!("T-{}", IDS[dice.below(5)])),
        ("resolution", "fixed"),
        ("extra", "kept"),
    ] {
        if dice.below(2) == 0 {
            let _ = write!(text, "{key} = \"{value}\"\n\n");
        }
    }
    if dice.below(3) == 0 {
        let _ = write!(text, "next-update = {}\n\n", time(clock + 3 * DAY));
    }
    text
}

/// A message; who wrote it and when never changes.
fn said(dice: &mut Dice, number: usize) -> String {
    let (kind, by) = [("received", "customer"), ("reply", "sam"), ("note", "kim")][number % 3];
    let at = time(NOW - 405 * DAY + number as i64 * 50 * DAY);
    let text = words(dice);
    format!("kind = \"{kind}\"\n\nat = {at}\n\nby = \"{by}\"\n\ntext = \"{text}\"\n\nattachments = []\n")
}

/// Moves a ticket's loose messages into its file, some of them into one that has them already.
fn bind(tree: &mut Tree, path: &str) {
    let Some(ticket) = tree.get(path).cloned() else { return };
    let start = path.strip_suffix("toml").unwrap();
    let loose: Vec<(String, String)> =
        tree.iter().filter(|(path, _)| path.starts_with(start)).map(|(p, t)| (p.clone(), t.clone())).collect();
    let mut messages = Vec::new();
    for (path, text) in &loose {
        let Some(Located::Record(Kind::Message, name)) = locate(path) else { continue };
        messages.extend(text::parse(Kind::Message, &name, path, text.as_bytes()).record);
        tree.remove(path);
    }
    if !messages.is_empty() && !ticket.starts_with('<') {
        tree.insert(path.to_owned(), text::bind(&ticket, &messages));
    }
}

/// A stream for `git fast-import`: commit i is the reference `refs/at/i`.
fn stream(nodes: &[Node]) -> String {
    let mut out = String::new();
    for (i, node) in nodes.iter().enumerate() {
        let subject = &node.subject;
        let _ = write!(
            out,
            "commit refs/at/{i}\nmark :{}\nauthor Sam <sam@example.org> {} +0000\ncommitter Sam <sam@example.org> {} +0000\ndata {}\n{subject}\n",
            i + 1,
            node.author,
            node.committer,
            subject.len()
        );
        for (place, parent) in node.parents.iter().enumerate() {
            let _ = writeln!(out, "{} :{}", if place == 0 { "from" } else { "merge" }, parent + 1);
        }
        out.push_str("deleteall\n");
        for (path, text) in &node.tree {
            let _ = write!(out, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
    }
    out
}

/// The desk as it is now, through the index or not.
fn desk(e: &TestEnvironment, index: &str) -> Desk {
    let discover = Discover { start: e.dir().to_owned(), explicit: None, isolated: Some(Vec::new()) };
    let store = Store::open(&discover).expect("a desk");
    let flags = [("index".to_owned(), index.to_owned())];
    let settings = Settings::resolve(&Layers { flags: &flags, ..Layers::default() });
    assert_eq!(settings.text("index"), index);
    Desk::new(store, settings, Time::from_unix(NOW), Box::new(|| 0))
}

/// What a desk says, one answer a line.
fn answers(desk: &Desk, moments: &[At]) -> Vec<String> {
    let context = Context { now: desk.now(), zone: desk.zone(), me: Some("sam") };
    let clock = Clock { now: desk.now(), zone: desk.zone() };
    let mut out = Vec::new();
    for text in [
        "",
        "is:open",
        "is:done sort:owner",
        "customer:acme",
        "exp",
        "not \"white page\"",
        "exprot or pge",
        "pasword invoise",
        "owner:@me",
        "has:attachment or has:reply",
    ] {
        let query = Query::parse(text, &fields::TICKETS).unwrap();
        let Choice { records, query, corrections } = desk.tickets(&At::Now, &query).unwrap();
        let rows = ticket_list::rows(&records, &query, &context);
        out.push(format!("list {text}: {rows:?} {corrections:?} {}", unreadable(&records)));
    }
    let named = |id: &&str| format!("T-{id}");
    let references = IDS.iter().map(named).chain(["customer:acme", "bolt", "billing"].map(str::to_owned));
    for reference in references {
        let records = desk.around(&At::Now, std::slice::from_ref(&reference)).unwrap();
        let Ok(record) = resolve::any(&records, &reference) else {
            out.push(format!("show {reference}: none"));
            continue;
        };
        match record.kind {
            Kind::Ticket => {
                let view = ticket_view::view(&records, record, &clock);
                out.push(format!("show {reference}: {view:?} {record:?} {:?}", records.messages_of(record)));
            }
            _ => out.push(format!("show {reference}: {:?}", record_view::view(&records, record, &clock))),
        }
        let line = desk.line_of(record).unwrap().map(|found| found.line.positions);
        out.push(format!("line {reference}: {line:#?}"));
    }
    for kind in [Kind::Customer, Kind::Topic] {
        let fields = fields::of_kind(kind);
        let query = Query::parse("", &fields::FieldTable::new(&fields)).unwrap();
        let Choice { records, query, .. } = desk.all_of(&At::Now, kind, &query).unwrap();
        out.push(format!("{kind:?}: {:?}", kind_list::rows(&records, kind, &query, true, &context)));
    }
    for text in ["export", "white page", "export or refund", "invoice is:open", "zeppelin"] {
        let queries: KindQueries = kinds::parse(text, kinds_of_search(), &SavedQueries::default()).unwrap();
        let answer = desk.search(&At::Now, &queries, 4, &context).unwrap();
        out.push(format!("search {text}: {:?} {}", answer.first, answer.all));
    }
    for at in moments {
        for text in ["", "is:open", "exp", "has:attachment or has:reply"] {
            let query = Query::parse(text, &fields::TICKETS).unwrap();
            let Choice { records, query, corrections } = desk.tickets(at, &query).unwrap();
            let rows = ticket_list::rows(&records, &query, &context);
            out.push(format!("list {text} at {at:?}: {rows:?} {corrections:?} {}", unreadable(&records)));
        }
        for reference in ["T-7k3mqp", "T-9d2wxa", "customer:acme"] {
            let records = desk.around(at, &[reference.to_owned()]).unwrap();
            let Ok(record) = resolve::any(&records, reference) else {
                out.push(format!("show {reference} at {at:?}: none"));
                continue;
            };
            match record.kind {
                Kind::Ticket => {
                    out.push(format!("show {reference} at {at:?}: {:?}", ticket_view::view(&records, record, &clock)));
                }
                _ => out.push(format!("show {reference} at {at:?}: {:?}", record_view::view(&records, record, &clock))),
            }
        }
    }
    let cut = moments.iter().find_map(|moment| if let At::Time(time) = moment { Some(*time) } else { None });
    let mut past = desk.past(None, None).unwrap();
    if let Some(time) = cut {
        past.cut(time);
    }
    let lives: Vec<String> = past.lives().unwrap().iter().map(|life| format!("{life:?}")).collect();
    out.push(format!("lives: {lives:#?}"));
    out.push(format!("clocks: {:?}", desk.clock_findings().unwrap()));
    for (since, limit) in [(None, 0), (None, 3), (None, 1000), (Some(300), 5), (Some(30), 1000)] {
        let since = since.map(|days: i64| Time::from_unix(NOW - days * DAY));
        let window = Window { since, until: cut, ..Window::default() };
        let steps = history::of_desk(desk, window, limit).unwrap();
        out.push(format!("history since {since:?}, {limit}: {steps:#?}"));
    }
    for days in [400, 200, 60, 7] {
        out.push(format!("digest of {days} days: {:#?}", facts(desk, Time::from_unix(NOW - days * DAY), cut)));
    }
    out
}

/// What a digest of the time since `from` says. Without an index all lives are read, and with it those that matter.
fn facts(desk: &Desk, from: Time, cut: Option<Time>) -> Facts {
    let until = cut.unwrap_or(desk.now()).plus(1);
    let mut past = desk.past(None, Some(from.min(until))).unwrap();
    if let Some(time) = cut {
        past.cut(time);
    }
    let (before, after) = (past.records_before(from).unwrap(), past.records_before(until).unwrap());
    let material = Material { lives: &past.lives().unwrap(), before: &before, after: &after, coming: &[] };
    gather(&material, &digest::Window { from, until, zone: desk.zone().clone(), week: None, so_far: false })
}

fn kinds_of_search() -> Vec<Kind> {
    staple::query::document::kinds().collect()
}

fn unreadable(records: &Records) -> String {
    let rules = ["syntax", "unmerged", "unreadable"];
    let found = records.findings.iter().filter(|finding| rules.contains(&finding.rule));
    found.map(|finding| format!("{} {}", finding.path, finding.message)).collect::<Vec<_>>().join(", ")
}

/// The tables of the index in an order that does not depend on how it came to be; ids in the place of its own numbers.
fn tables(desk: &Desk) -> Vec<String> {
    let head = desk.store().head().unwrap().commit.unwrap();
    let index = Index::open(desk.store(), head, desk.settings().text("branch"), &mut |_, _| {}).unwrap();
    let file = desk.store().git_dir().join("staple/index.sqlite");
    let database = rusqlite::Connection::open(file).unwrap();
    let mut out = Vec::new();
    for sql in [
        // Which commits the index once followed and watches is of the way it came to be.
        "SELECT key, value FROM meta WHERE key NOT IN ('watched', 'found') ORDER BY key",
        "SELECT * FROM position ORDER BY position",
        "SELECT * FROM hold ORDER BY position, path, effective",
        "SELECT f.id, f.month, v.* FROM ticket_version v JOIN ticket_file f USING (ticket) ORDER BY f.id, f.month, v.position",
        "SELECT f.id, f.month, t.position FROM touch t JOIN ticket_file f USING (ticket) ORDER BY f.id, f.month, t.position",
        "SELECT f.id, f.month, m.* FROM message m JOIN ticket_file f USING (ticket) ORDER BY f.id, f.month, m.name",
        "SELECT f.id, f.month, a.* FROM attachment a JOIN ticket_file f USING (ticket) ORDER BY f.id, f.month, a.name, a.file, a.position",
        "SELECT * FROM ticket ORDER BY id, path",
        "SELECT * FROM record r WHERE EXISTS (SELECT 1 FROM record_version v WHERE v.record = r.record) ORDER BY path",
        "SELECT r.path, v.* FROM record_version v JOIN record r USING (record) ORDER BY r.path, v.position",
        "SELECT * FROM unreadable ORDER BY path",
        "SELECT * FROM twice ORDER BY id",
        "SELECT * FROM link ORDER BY position, ticket_id, keyword",
        "SELECT * FROM tag ORDER BY name",
        "SELECT moment FROM document ORDER BY moment",
    ] {
        let mut query = database.prepare(sql).unwrap();
        let names: Vec<String> = query.column_names().map(str::to_owned).collect();
        let shown: Vec<usize> =
            (0..names.len()).filter(|&column| !["ticket", "record", "place"].contains(&&*names[column])).collect();
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<rusqlite::types::Value> = shown.iter().map(|&column| row.get(column).unwrap()).collect();
            out.push(format!("{sql}: {cells:?}"));
        }
    }
    for word in WORDS {
        let expression = format!("\"{}\"*", word.to_lowercase().replace('ü', "u"));
        let sql = "SELECT -bm25(words, 10.0, 3.0, 1.0) AS rank FROM words WHERE words MATCH ?1 ORDER BY rank DESC";
        let ranks: Vec<f64> = all(&database, sql, &[&expression], |row| row.get(0));
        out.push(format!("{word}: {ranks:?}"));
    }
    drop(index);
    database.execute_batch("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, row)").unwrap();
    let vocabulary: Vec<(String, i64)> =
        all(&database, "SELECT term, doc FROM vocabulary ORDER BY term", &[], |row| Ok((row.get(0)?, row.get(1)?)));
    let words: BTreeSet<String> = all(&database, "SELECT word FROM word", &[], |row| row.get(0)).into_iter().collect();
    let unknown = vocabulary.iter().filter(|(word, _)| !words.contains(word) && word != "\u{e000}");
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&(String, i64)>::new(), "words that the table `word` has not");
    out.extend(vocabulary.iter().map(|word| format!("vocabulary: {word:?}")));
    out
}

fn all<T>(
    database: &rusqlite::Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut query = database.prepare(sql).unwrap();
    query.query_map(values, read).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The first line in which two lists differ.
fn first_difference(one: &[String], other: &[String]) -> String {
    let place = (0..one.len().max(other.len())).find(|&place| one.get(place) != other.get(place));
    let Some(place) = place else { return String::new() };
    let text = |list: &[String]| list.get(place).cloned().unwrap_or_default();
    let (one, other) = (text(one), text(other));
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| {
        text.char_indices().filter(|(at, _)| *at + 60 >= same).map(|(_, c)| c).take(300).collect::<String>()
    };
    format!("{}\n  with    …{}\n  without …{}", one.chars().take(70).collect::<String>(), from(&one), from(&other))
}

/// Walks over one history; gives how many answers were compared, or what differs.
fn walk(seed: u64) -> Result<usize, String> {
    let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let nodes = history(&mut dice);
    let e = TestEnvironment::with_repository();
    e.git(&["config", "--global", "core.fsync", "none"]);
    e.git_with_input(&["fast-import", "--quiet"], &stream(&nodes));
    let mut place = dice.below(4);
    let mut compared = 0;
    for step in 0..STEPS {
        let target = format!("refs/at/{place}");
        match dice.below(8) {
            0 => drop(e.git(&["checkout", "--quiet", "--force", "-B", "other", &target])),
            1 => drop(e.git(&["checkout", "--quiet", "--force", "--detach", &target])),
            2 => drop(e.git(&["checkout", "--quiet", "--force", "-B", "main", &target])),
            _ => drop(e.git(&["reset", "--quiet", "--hard", &target])),
        }
        let mut edits = String::new();
        if dice.below(3) == 0 {
            edits = edit(&mut dice, &e);
        }
        let time = Time::from_unix(NOW - dice.below(420) as i64 * DAY);
        let moments = [At::Time(time), At::Rev(format!("refs/at/{}", dice.below(nodes.len())))];
        let (with, without) = (answers(&desk(&e, "auto"), &moments), answers(&desk(&e, "off"), &moments));
        compared += with.len();
        if with != without {
            let difference = first_difference(&with, &without);
            return Err(format!("seed {seed}, step {step}, at {place} {edits}: {difference}"));
        }
        if !edits.is_empty() && dice.below(2) == 0 {
            e.git(&["clean", "--quiet", "-d", "--force"]);
        }
        place = match dice.below(4) {
            0 => dice.below(nodes.len()),
            _ => (place + 1 + dice.below(4)).min(nodes.len() - 1),
        };
    }
    let grown = desk(&e, "auto");
    let was = tables(&grown);
    Index::discard(grown.store().git_dir(), grown.store().prefix()).unwrap();
    let fresh = tables(&grown);
    if was != fresh {
        return Err(format!("seed {seed}, grown and fresh: {}", first_difference(&was, &fresh)));
    }
    Ok(compared)
}

/// Changes files of the work tree; what was done.
fn edit(dice: &mut Dice, e: &TestEnvironment) -> String {
    let mut tree: Tree = Tree::new();
    for path in e.files() {
        if let Ok(text) = std::fs::read_to_string(e.dir().join(&path)) {
            tree.insert(path, text);
        }
    }
    let before = tree.clone();
    for _ in 0..1 + dice.below(2) {
        change(dice, &mut tree, NOW);
    }
    let mut said = String::new();
    for path in before.keys().chain(tree.keys()).collect::<BTreeSet<_>>() {
        match (before.get(path), tree.get(path)) {
            (one, other) if one == other => continue,
            (_, Some(text)) => {
                // As editors do: another file in the place of the old one.
                e.write(&format!("{path}.new~"), text);
                std::fs::rename(e.dir().join(format!("{path}.new~")), e.dir().join(path)).unwrap();
            }
            (_, None) => std::fs::remove_file(e.dir().join(path)).unwrap(),
        }
        let _ = write!(said, "edited {path} ");
    }
    said
}

#[test]
fn what_a_pull_brings_counts_from_when_it_took_effect() {
    let e = TestEnvironment::with_repository();
    let path = "tickets/2025-10/7k3mqp.toml";
    let tree = |status: &str| {
        let opened = time(NOW - 20 * DAY);
        let text = format!("title = \"page\"\n\nstatus = \"{status}\"\n\nopened = {opened}\n");
        let text = if status == "resolved" { format!("{text}\nresolution = \"fixed\"\n") } else { text };
        let message = path.replace(".toml", ".20251010T080000Z-4hx0.toml");
        let files = [("staple.toml", "format = 1\n"), (path, &text), (&message, &said(&mut Dice(7), 0))];
        files.map(|(path, text)| (path.to_owned(), text.to_owned())).into_iter().collect::<Tree>()
    };
    let node = |parents: &[usize], status: &str, author: i64, committer: i64, subject: &str| Node {
        tree: tree(status),
        parents: parents.to_vec(),
        subject: subject.to_owned(),
        author: NOW - author * DAY,
        committer: NOW - committer * DAY,
    };
    // Elsewhere something was recorded after it was resolved here, and then what is said to have happened before.
    let nodes = [
        node(&[], "new", 20, 20, "New"),
        node(&[0], "resolved", 10, 10, "Resolve"),
        node(&[0], "new", 8, 8, "Something else"),
        node(&[2], "waiting", 15, 5, "Wait"),
        node(&[1, 3], "resolved", 4, 4, "Merge branch 'main' of ../other"),
    ];
    e.git_with_input(&["fast-import", "--quiet"], &stream(&nodes));
    e.git(&["reset", "--quiet", "--hard", "refs/at/4"]);
    for index in ["auto", "off"] {
        let desk = desk(&e, index);
        let lives = desk.past(None, None).unwrap().lives().unwrap();
        let life = lives.iter().next().expect("a ticket");
        let at = |days: i64| life.at(Time::from_unix(NOW - days * DAY)).map(|version| version.said.status.clone());
        let seen = [19, 14, 9, 4, 0].map(|days| at(days).expect("it is there"));
        assert_eq!(seen, ["new", "waiting", "resolved", "resolved", "resolved"], "{index}");
        assert_eq!(facts(&desk, Time::from_unix(NOW - 7 * DAY), None).open.problems, 0, "{index}");
        let (to_bind, _) = bind::candidates(&desk, &desk.records(&At::Now).unwrap()).unwrap();
        let since: Vec<i64> = to_bind.iter().map(|candidate| candidate.done_since).collect();
        assert_eq!(since, [NOW - 10 * DAY], "{index}");
    }
}

#[test]
fn random_histories_say_the_same_with_the_index_and_without() {
    let count: u64 = std::env::var("STAPLE_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let first: u64 = std::env::var("STAPLE_HISTORIES_FROM").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let walk_some = |start: u64| (first + start..first + count).step_by(2).filter_map(|seed| walk(seed).err());
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let other = scope.spawn(|| walk_some(1).collect::<Vec<_>>());
        walk_some(0).collect::<Vec<_>>().into_iter().chain(other.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {count} histories\n{}", wrong.len(), wrong.join("\n\n"));
}
