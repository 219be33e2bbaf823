//! The sessions in examples/*.md, run as they stand: each `$` line is a command, what follows is what it prints.
//!
//! `STAPLE_BLESS=1 cargo test --test it examples` writes what is printed now into them.

use std::path::Path;

use crate::common::TestEnvironment;

#[test]
fn the_sessions_print_what_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut sessions = 0;
    for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|ending| ending == "md") {
            sessions += 1;
            run(&entry.path());
        }
    }
    assert!(sessions > 0, "no session in {}", folder.display());
}

fn run(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let e = TestEnvironment::new();
    let mut out = String::new();
    let mut inside = false;
    let mut skipping = false;
    for line in text.lines() {
        if line == "```console" || (inside && line == "```") {
            (inside, skipping) = (!inside, false);
        } else if let Some(now) = line.strip_prefix("<!-- now: ").and_then(|rest| rest.strip_suffix(" -->")) {
            e.at(now);
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            skipping = true;
            out.push_str(&format!("{line}\n{}", output(&e, command)));
            continue;
        }
        if !skipping {
            out.push_str(&format!("{line}\n"));
        }
    }
    if std::env::var_os("STAPLE_BLESS").is_some() {
        std::fs::write(path, out).unwrap();
    } else {
        assert_eq!(out, text, "{} does not print this any more", path.display());
    }
}

/// What a command prints, data first; commits are different on no machine, since person, clock and seed are given.
fn output(e: &TestEnvironment, command: &str) -> String {
    let words = words(command);
    let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let output = match words[0].as_str() {
        "staple" => e.staple(&args),
        "git" => e.try_git(&args),
        other => panic!("a session runs staple and git, not {other}"),
    };
    let home = e.dir().parent().unwrap().to_str().unwrap().to_owned();
    format!("{}{}", output.stdout, output.stderr).replace(&home, "")
}

/// The words of a command line, with double and single quotes as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == ' ' => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
