//! The properties on texts of the tests that are damaged by dice: the same every time, and quick. The targets in `fuzz/` have
//! the same properties searched for as long as one likes.
//!
//! `STAPLE_FUZZ=100000` tries so many texts of each, `STAPLE_FUZZ_FROM` says with which seed to begin, and `STAPLE_FUZZ_CORPUS`
//! names a folder to put the undamaged texts into, one folder a target.

use std::path::Path;

use crate::common::TestEnvironment;
use crate::golden;
use crate::merges::Dice;
use crate::properties;

/// Bytes that mean something to one of the readers.
const PIECES: &[&str] = &[
    "\"",
    "\"\"\"",
    "'''",
    "'",
    "[",
    "]",
    "[[message]]",
    "[message.x]",
    "[title]",
    "{",
    "}",
    "=",
    "#",
    "# messages\n",
    ",",
    ".",
    "\\",
    "\r",
    "\r\n",
    "\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "é",
    "日本",
    "title",
    "labels",
    "message = []",
    "steps",
    "id",
    "-",
    "T-",
    "0000",
    "60",
    "\t",
    "<<<<<<< ",
    "=======\n",
    ">>>>>>> ",
    "title.x = 1\n",
    "labels = [\n  \"a\"\n  , # x\n  \"b\"\n]\n",
    "or ",
    "not ",
    "(",
    ")",
    "is:open",
    "sort:",
    "query:this",
    "..",
    ">=",
    "7d",
    "boundary=",
    "--x\n",
    "Content-Type: ",
    "multipart/mixed; ",
    "message/rfc822",
    "=?utf-8?q?",
    "base64",
];

/// Runs the property of a target on `count` damaged texts, or on as many as `STAPLE_FUZZ` says.
fn damaged(target: &str, count: u64, seeds: &[Vec<u8>], holds: impl Fn(&[u8])) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (count, first) = (number("STAPLE_FUZZ").unwrap_or(count), number("STAPLE_FUZZ_FROM").unwrap_or(0));
    if let Some(corpus) = std::env::var_os("STAPLE_FUZZ_CORPUS") {
        let folder = Path::new(&corpus).join(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (at, text) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{at}")), text).unwrap();
        }
    }
    seeds.iter().for_each(|seed| holds(seed));
    for seed in first..first + count {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut bytes = seeds[dice.below(seeds.len())].clone();
        for _ in 0..1 + dice.below(4) {
            damage(&mut bytes, seeds, &mut dice);
        }
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| holds(&bytes))).is_err() {
            panic!("seed {seed} of {count}: {}", bytes.escape_ascii());
        }
    }
}

/// Changes a few bytes, takes some away, or puts a piece of something else among them.
fn damage(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = (at + dice.below(40)).min(bytes.len());
    match dice.below(8) {
        0 => drop(bytes.drain(at..end)),
        1 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
        2 if at < bytes.len() => bytes[at] = dice.next() as u8,
        3 => {
            let other = &seeds[dice.below(seeds.len())];
            let from = dice.below(other.len() + 1);
            let until = (from + dice.below(200)).min(other.len());
            drop(bytes.splice(at..at, other[from..until].to_vec()));
        }
        4 => {
            // A line goes elsewhere.
            let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            if !lines.is_empty() {
                let line = lines.remove(dice.below(lines.len()));
                lines.insert(dice.below(lines.len() + 1), line);
                *bytes = lines.concat();
            }
        }
        5 => {
            let piece = PIECES[dice.below(PIECES.len())].as_bytes();
            drop(bytes.splice(at..end, piece.to_vec()));
        }
        _ => {
            let piece = PIECES[dice.below(PIECES.len())].as_bytes();
            // Most of them mean something at the start of a line alone.
            let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let at = if dice.below(2) == 0 { start } else { at };
            drop(bytes.splice(at..at, piece.to_vec()));
        }
    }
}

/// Every file below a folder of the tests.
fn files(folder: &str) -> Vec<Vec<u8>> {
    fn walk(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, out) } else { out.push(path) }
        }
    }
    let mut paths = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder), &mut paths);
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn records_of_any_bytes_are_read_and_edited_in_place() {
    let mut seeds = files("golden");
    seeds.extend(files("it/edits").into_iter().filter(|text| !text.starts_with(b"//!")));
    damaged("record", 300, &seeds, properties::record::holds);
}

#[test]
fn ids_of_any_text_read_as_they_are_written() {
    let seeds = texts(&[
        "T-7k3mqp",
        "7k3",
        "20261122T091500Z-4hx2",
        "20261122T235960Z-4hx2",
        "00000101T000000Z-4hx2",
        "99991231T235959Z-4hx2",
        "2026-11-22T09:15:00Z",
        "2026-11-22",
        "reset-password",
        "Can't log in (Café)!",
        "person:sam",
        "person:customer",
        "team:support",
        "vendor:stripe",
        "release:v2.4",
        "customer",
        "playbook:reset-password",
        "talk:20261122T091500Z-4hx2",
        "tickets/2026-11/7k3mqp.toml",
        "tickets/2026-11/7k3mqp.20261122T091500Z-4hx2.toml",
        "comms/jots/2026-W47/20261122T091500Z-4hx2.toml",
        "playbooks/reset-password.toml",
    ]);
    damaged("id", 5_000, &seeds, properties::id::holds);
}

#[test]
fn queries_of_any_text_are_read_or_pointed_at() {
    let seeds = texts(&[
        "is:open topic:billing older:14d \"exact words\"",
        "owner:@me or (status:new,working customer:\"\") sort:-opened",
        "opened:2026-11-01..2026-11-30 -label:spam not (a or b)",
        "opened:>=yesterday age:1h..2h has:reply sort:title,-age",
        "https://example.com/a?b 12:30 crash(3) 日本語 don't l'erreur",
        "title:\"Second \\\"Invoice\\\"\" cause:cache is:flagged newer:2d",
    ]);
    damaged("query", 300, &seeds, properties::query::holds);
}

#[test]
fn mails_of_any_bytes_are_read_within_their_caps() {
    let mut seeds = files("data/mail");
    seeds.retain(|mail| mail.len() < 100_000);
    damaged("mail", 1_000, &seeds, properties::mail::holds);
}

#[test]
fn merges_of_any_three_texts_lose_nothing() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/merges/cases");
    let mut folders: Vec<_> = std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let read = |name| {
        folders.iter().map(move |folder| std::fs::read(folder.join(name)).unwrap_or_default()).collect::<Vec<_>>()
    };
    let (base, ours, theirs) = (read("base.toml"), read("ours.toml"), read("theirs.toml"));
    let mut seeds: Vec<Vec<u8>> = (0..base.len()).map(|at| [&*base[at], &*ours[at], &*theirs[at]].join(&0)).collect();
    seeds.extend(files("golden").into_iter().map(|text| [&*text, &*text, &*text].join(&0)));
    damaged("merge", 400, &seeds, properties::merge::holds);
}

#[test]
fn an_index_of_any_bytes_changes_no_answer() {
    let e = TestEnvironment::with_repository();
    e.git(&["config", "--global", "core.fsync", "none"]);
    for (path, text) in golden::files() {
        e.write(&path, text);
    }
    e.git(&["add", "-A"]);
    e.git(&["commit", "--quiet", "-m", "A desk"]);
    let asked = properties::index::Asked::new(e.dir());
    let seeds =
        texts(&["", "\0SQLite format 3\0", "\u{1}\u{10}x", "\u{2}\0\u{1}", "\u{3}\0\u{2}\r\0", "\u{4}abcdefgh"]);
    damaged("index", 24, &seeds, |bytes| asked.holds(bytes));
}
