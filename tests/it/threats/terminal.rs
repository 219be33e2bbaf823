//! Words and names of others that would act on the terminal that shows them.

use crate::common::{Output, TestEnvironment};

/// Clears the screen, turns the direction of writing, breaks the line, is not seen, and begins a command as one character.
const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]0;title\u{7}\u{202e}\u{2066}\u{61c}\u{2028}\u{200b}\u{feff}\u{ad}\u{e0041}\u{9b}31m";

/// What a terminal would act on, or a reader not see, in what a command wrote.
fn harm(what: &str, output: &Output) -> Option<String> {
    [&output.stdout, &output.stderr].into_iter().find_map(|text| harm_in(what, text))
}

fn harm_in(what: &str, text: &str) -> Option<String> {
    let acts = |c: char| c.is_control() && c != '\n' && c != '\t';
    // Spelled out anew, so that a gap in what the program strips is seen.
    let turns =
        |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}');
    let breaks = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
    let is_unseen = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let is_harmful = |c: char| acts(c) || turns(c) || breaks(c) || is_unseen(c);
    text.lines().find(|line| line.contains(is_harmful)).map(|line| format!("{what}: {line:?}"))
}

#[track_caller]
fn assert_harmless(what: &str, output: &Output) {
    assert_eq!(harm(what, output), None);
}

fn id_of_newest(e: &TestEnvironment) -> String {
    e.staple_ok(&["list", "--template", "{{ ref }}"]).lines().last().expect("a ticket").to_owned()
}

#[test]
fn nothing_from_outside_drives_the_terminal() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let mut harms = Vec::new();
    let words = format!("bad{HOSTILE}words");
    e.staple_ok(&["customer", "new", "acme", &words]);
    e.staple_ok(&["new", &words, "--customer", "acme", "--text", &words]);
    let id = id_of_newest(&e);
    e.staple_ok(&["take", &id]);
    e.staple_ok(&["note", &id, "-m", &words]);
    e.staple_ok(&["set", &id, &format!("product={words}"), "--why", &words]);
    e.staple_ok(&["wait", &id, "customer", &words, "--next-update", "3d"]);
    e.staple_ok(&["playbook", "new", "bad", &words]);
    // A commit of somebody with a hostile name, on a branch and with a message as hostile.
    e.write("code.rs", "fn fixed() {}\n");
    e.git(&["add", "code.rs"]);
    let author = format!("--author=bad{HOSTILE} <bad@example.org>");
    e.git(&["commit", "--quiet", &author, "-m", &format!("{words}\n\nFixes: {id}")]);
    e.git(&["branch", "base"]);
    let tag = "v1\u{202e}\u{200b}";
    e.git(&["tag", tag]);
    e.git(&["checkout", "--quiet", "-b", "topic\u{202e}\u{200b}"]);
    e.staple_ok(&["set", &id, &format!("version={words}")]);
    e.staple_ok(&["jot", "high", &words]);
    e.staple_ok(&["query", "new", "bad", &words, "--query", "product:bad"]);
    let settings = e.read("staple.toml").replace("products = []", r#"products = ["bad\u202e\u00ad"]"#);
    e.write("staple.toml", settings);
    e.git(&["commit", "--quiet", "--all", "-m", "By hand"]);
    let mut try_all = |what: &str, tries: &[(i32, &[&str])]| {
        for (status, args) in tries {
            let output = e.staple(args);
            // A command that is misspelt would show nothing of what it is about.
            if output.status != *status {
                harms.push(format!("{what}: {args:?} is not {status}: {output}"));
            }
            harms.extend(harm(&format!("{what}: {args:?}"), &output));
        }
    };
    try_all(
        "pages",
        &[
            (0, &[]),
            (0, &["list"]),
            (0, &["list", "--all"]),
            (0, &["list", "query:bad"]),
            (0, &["search", "bad"]),
            (0, &["search", "words"]),
            (0, &["history"]),
            (0, &["fixes"]),
            (0, &["review", "--base", "base"]),
            (0, &["check", "--base", "base"]),
            (0, &["check", "branches"]),
            (0, &["release", "list"]),
            (0, &["release", "show", tag]),
            (0, &["release", "untold"]),
            (0, &["digest", "managers"]),
            (0, &["digest", "managers", "--format", "text"]),
            (0, &["customer", "list"]),
            (0, &["playbook", "list"]),
            (0, &["query", "list"]),
            (0, &["template", "list"]),
            (0, &["show", "playbook:bad"]),
            (0, &["show", "customer:acme"]),
            (0, &["show", "query:bad"]),
            (0, &["history", "customer:acme"]),
            (0, &["sql", "--tables"]),
            (0, &["config", "list"]),
            (0, &["conflicts"]),
            (3, &["sync", "--dry-run"]),
            (0, &["diff"]),
            (0, &["show", &id]),
            (0, &["history", &id]),
            (0, &["fixes", &id]),
        ],
    );
    // Errors that say what was typed, or what stands in a file.
    try_all(
        "errors",
        &[
            (2, &["show", &words]),
            (0, &["list", &format!("owner:{words}")]),
            (0, &["list", &format!("{words}:x")]),
            (2, &["list", &format!("query:{words}")]),
            (2, &["list", "--as-of", &words]),
            (2, &["new", "x", "--customer", &words]),
            (2, &["set", &id, &format!("{words}=1")]),
            (2, &["set", &id, &format!("severity={words}")]),
            (2, &["note", &id, "-m", "x", "--branch", &words]),
            (2, &["note", &id, "-m", "x", "--at", &words]),
            (2, &["help", &words]),
            (2, &["config", "get", &words]),
            (2, &["sql", &format!("SELECT '{words}' FROM {words}")]),
            (0, &["sql", &format!("SELECT '{words}'")]),
            (2, &["query", &words]),
            (2, &["template", "show", &words]),
            (2, &["check", "--explain", &words]),
            (2, &["import", "events", &words, "--map", &words]),
            (2, &["release", "show", &words]),
            (2, &["undo", &words]),
        ],
    );
    let (path, text) = e
        .files()
        .into_iter()
        .filter(|path| path.starts_with("tickets/"))
        .map(|path| (path.clone(), e.read(&path)))
        .find(|(_, text)| text.contains("title = "))
        .unwrap();
    // In TOML control characters are escaped.
    let escaped: String = words
        .chars()
        .map(|c| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() })
        .collect();
    let edited = format!("severity = \"bad\u{202e}\"\n\"{escaped}\" = 1");
    e.write(&path, text.replace("severity = \"\"", &edited));
    try_all("edited", &[(0, &["diff"]), (1, &["check"]), (0, &["list"]), (0, &["show", &id])]);
    e.write(&path, format!("{words} = {words}\n"));
    try_all("unreadable", &[(0, &["diff"]), (1, &["check"]), (3, &["list"]), (3, &["show", &id])]);
    assert!(harms.is_empty(), "{harms:#?}");
}

/// Titles stood in subjects as they were, and `git log` showed them.
#[test]
fn no_commit_of_ours_drives_the_terminal_of_git() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let words = format!("bad{HOSTILE}words");
    let id = e.staple_ok(&["new", &words, "--why", &format!("{words}\nand\tmore")]).trim().to_owned();
    e.staple_ok(&["set", &id, &format!("product={words}")]);
    e.write(
        "../mail.eml",
        format!("From: ann@example.org\nSubject: {words}\nMessage-Id: <1@example.org>\n\n{words}\n"),
    );
    e.staple_ok(&["ticket", "new", "--mail", "../mail.eml"]);
    e.staple_ok(&["undo"]);
    let log = e.git(&["log", "--format=%an%n%cn%n%B"]);
    assert!(log.contains("bad") && log.contains("words\nand\tmore"), "{log}");
    assert_eq!(harm_in("log", &log), None);
}

#[test]
fn a_conflict_does_not_drive_the_terminal() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    e.git(&["checkout", "--quiet", "-b", "other\u{202e}"]);
    e.staple_ok(&["set", &id, &format!("product=one{HOSTILE}")]);
    e.git(&["checkout", "--quiet", "main"]);
    e.staple_ok(&["set", &id, &format!("product=two{HOSTILE}")]);
    assert_eq!(e.try_git(&["merge", "other\u{202e}"]).status, 1);
    for args in [&["conflicts"][..], &["list"], &["show", &id], &["check"], &["conflicts", &id, "product", "--theirs"]]
    {
        assert_harmless(&format!("{args:?}"), &e.staple(args));
    }
}

#[cfg(unix)]
#[test]
fn a_hostile_file_name_is_told_and_drives_nothing() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    let id = e.staple_ok(&["new", "Title"]).trim().to_owned();
    let folder = e
        .files()
        .into_iter()
        .find_map(|path| Some(path.rsplit_once('/')?.0.to_owned()).filter(|f| f.starts_with("tickets/")));
    let folder = folder.unwrap();
    for name in ["\u{1b}[2J.toml", "a\nb.toml", "\u{202e}x.toml", "-rf.toml", "--help", "a b.toml", "$(touch x).toml"] {
        e.write(&format!("{folder}/{name}"), "title = 1\n");
        e.write(&format!("customers/{name}"), "name = 1\n");
    }
    for committed in [false, true] {
        for args in [
            &["list"][..],
            &["check"],
            &["diff"],
            &["show", &id],
            &["search", "title"],
            &["customer", "list"],
            &["history"],
        ] {
            assert_harmless(&format!("{args:?}, committed: {committed}"), &e.staple(args));
        }
        assert!(e.staple(&["list"]).stdout.contains(&id));
        e.git(&["add", "--all"]);
        e.git(&["commit", "--quiet", "--allow-empty", "-m", "Names"]);
    }
    e.staple_ok(&["note", &id, "-m", "Still here"]);
    assert!(!e.dir().join("x").exists());
}
