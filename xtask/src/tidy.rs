//! The rules of the house that a compiler does not know.
//!
//! Reads the tree, never changes it. Each finding is `file:line: what is wrong; the cure`.

use crate::lexer::{Token, lex};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Folders of src/ from the bottom up; a file uses its own layer and those below.
const LAYERS: [&[&str]; 8] = [
    &["record", "query"],
    &["text", "settings"],
    &["store"],
    &["index"],
    &["desk", "measure", "check", "link"],
    &["report"],
    &["render", "exchange", "site"],
    &["cli", "web"],
];

/// Foreign libraries and the rooms that may name them, so that each can be replaced by changing one room.
const HOMES: [(&str, &[&str]); 10] = [
    ("toml", &["text", "settings"]),
    ("toml_edit", &["text", "settings"]),
    ("gix", &["store"]),
    ("rusqlite", &["index"]),
    ("minijinja", &["render"]),
    ("mail_parser", &["exchange"]),
    ("csv", &["exchange"]),
    ("unicode_normalization", &["query"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
];

const LONGEST_FILE: usize = 700;

/// Every breach of the rules below `root`, sorted by file; empty when the house is in order.
pub fn tidy(root: &Path) -> Vec<String> {
    let mut found = Findings::default();
    for path in files(root) {
        let Ok(text) = fs::read_to_string(root.join(&path)) else { continue };
        machine_paths(&path, &text, &mut found);
        if path.ends_with(".rs") {
            rust(&path, &text, &mut found);
        } else if path.ends_with("Cargo.toml") {
            dependencies(&path, &text, &mut found);
        }
    }
    changelog(root, &mut found);
    rust_version(root, &mut found);
    found.0.sort();
    found.0.into_iter().map(|(path, line, message)| format!("{path}:{line}: {message}")).collect()
}

#[derive(Default)]
struct Findings(Vec<(String, usize, String)>);

impl Findings {
    fn add(&mut self, path: &str, line: usize, message: impl Into<String>) {
        self.0.push((path.to_string(), line, message.into()));
    }
}

/// The files git knows or would offer to add; every file where this is no repository, as in an unpacked archive.
fn files(root: &Path) -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .output();
    if root.join(".git").exists()
        && let Some(output) = listed.ok().filter(|output| output.status.success())
    {
        let names = String::from_utf8_lossy(&output.stdout).into_owned();
        return names.split('\0').filter(|name| !name.is_empty()).map(str::to_string).collect();
    }
    let mut names = Vec::new();
    walk(root, "", &mut names);
    names
}

fn walk(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && name != "target" && name != ".git" => {
                walk(&entry.path(), &format!("{path}/"), names);
            }
            Ok(kind) if kind.is_file() => names.push(path),
            _ => {}
        }
    }
}

fn rust(path: &str, text: &str, found: &mut Findings) {
    let source = lex(text);
    let lines = text.lines().count();
    if lines > LONGEST_FILE && !text.lines().any(|line| line.starts_with("// tidy: long because ")) {
        let cure = "split it, or say why not in a line `// tidy: long because ...`";
        found.add(path, LONGEST_FILE + 1, format!("{lines} lines, more than {LONGEST_FILE}; {cure}"));
    }
    for (line, comment) in &source.comments {
        for word in ["TODO", "FIXME", "XXX"] {
            if comment.split(|c: char| !c.is_alphanumeric()).any(|w| w == word) {
                found.add(path, *line, format!("{word} in a comment; do it now, or leave it out and open a ticket"));
            }
        }
    }
    for pair in source.tokens.windows(2) {
        if pair[1].text == "!" && ["unimplemented", "todo"].contains(&pair[0].text.as_str()) {
            found.add(path, pair[0].line, format!("{}! stands for code that is missing; write it", pair[0].text));
        }
    }
    if let Some(inside) = path.strip_prefix("src/") {
        if let Some((room, _)) = inside.split_once('/') {
            borders(path, room, &source.tokens, found);
        } else if !["lib.rs", "main.rs"].contains(&inside) {
            let room = inside.trim_end_matches(".rs");
            found.add(path, 1, format!("a module beside the rooms; make it src/{room}/mod.rs or move it into a room"));
        }
    }
}

fn borders(path: &str, room: &str, tokens: &[Token], found: &mut Findings) {
    let Some(own) = layer(room) else {
        let cure = "give it a layer in LAYERS of xtask/src/tidy.rs";
        return found.add(path, 1, format!("src/{room} has no layer; {cure}"));
    };
    for (line, other) in rooms_used(path, tokens) {
        if let Some(level) = layer(&other).filter(|level| *level > own) {
            let cure = format!("move what it needs down into {room} or below, or move this up");
            let what = format!("{room} (layer {own}) uses {other} (layer {level}), which lies above it");
            found.add(path, line, format!("{what}; {cure}"));
        }
    }
    for (line, library) in libraries_used(tokens) {
        let homes = HOMES.iter().find(|(name, _)| *name == library).map(|(_, homes)| *homes).unwrap_or_default();
        if !homes.contains(&room) {
            let homes = homes.join(" and ");
            found.add(path, line, format!("{library} is named outside its home; its home is {homes}, ask that room"));
        }
    }
}

fn layer(room: &str) -> Option<usize> {
    LAYERS.iter().position(|rooms| rooms.contains(&room))
}

/// The top-level modules a file reaches by `crate::` or by enough `super::` to leave its room.
fn rooms_used(path: &str, tokens: &[Token]) -> Vec<(usize, String)> {
    let parts = path.trim_start_matches("src/").trim_end_matches(".rs").split('/').filter(|part| *part != "mod");
    let depth = parts.count();
    let word = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let (mut used, mut i, mut braces) = (Vec::new(), 0, 0_usize);
    let mut inline: Vec<usize> = Vec::new();
    while i < tokens.len() {
        match word(i) {
            "{" => braces += 1,
            "}" => {
                braces = braces.saturating_sub(1);
                inline.pop_if(|opened| *opened > braces);
            }
            "mod" if word(i + 2) == "{" => inline.push(braces + 1),
            "crate" if word(i + 1) == "::" => heads(tokens, i + 2, &mut used),
            "super" if i < 2 || word(i - 1) != "::" || word(i - 2) != "super" => {
                let mut count = 0;
                while word(i + 2 * count) == "super" && word(i + 2 * count + 1) == "::" {
                    count += 1;
                }
                if count >= depth + inline.len() {
                    heads(tokens, i + 2 * count, &mut used);
                }
            }
            _ => {}
        }
        i += 1;
    }
    used
}

/// The first word of a path, or of each path in a `{…}` group.
fn heads(tokens: &[Token], start: usize, used: &mut Vec<(usize, String)>) {
    let Some(first) = tokens.get(start) else { return };
    if first.text != "{" {
        return used.push((first.line, first.text.clone()));
    }
    let (mut depth, mut fresh) = (0, false);
    for token in &tokens[start..] {
        match token.text.as_str() {
            "{" => (depth, fresh) = (depth + 1, depth == 0),
            "}" => depth -= 1,
            "," => fresh = depth == 1,
            _ if fresh => {
                used.push((token.line, token.text.clone()));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// Paths that begin with a foreign library that has a home; `x::csv::y` begins elsewhere and is not one.
fn libraries_used(tokens: &[Token]) -> Vec<(usize, String)> {
    let word = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let mut used = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if !HOMES.iter().any(|(name, _)| *name == token.text) {
            continue;
        }
        let before = if i > 0 { word(i - 1) } else { "" };
        let inner = before == "." || before == "::" && i > 1 && is_word(word(i - 2)) || before == "mod";
        let begins =
            word(i + 1) == "::" || before == "use" || before == "crate" && word(i.saturating_sub(2)) == "extern";
        if begins && !inner {
            used.push((token.line, token.text.clone()));
        }
    }
    used
}

fn is_word(text: &str) -> bool {
    text != "use" && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn dependencies(path: &str, text: &str, found: &mut Findings) {
    let (mut inside, mut before) = (false, "");
    for (i, line) in text.lines().map(str::trim).enumerate() {
        if line.starts_with('[') {
            let section = line.trim_matches(['[', ']']);
            inside = section.ends_with("dependencies");
            if section.contains("dependencies.") && !before.starts_with('#') {
                found.add(path, i + 1, format!("{section} without a reason; say why in a comment line above it"));
            }
        } else if inside && line.contains('=') && !before.starts_with('#') && starts_like_a_key(line) {
            let name = line.split(['=', '.']).next().unwrap_or_default().trim();
            found.add(path, i + 1, format!("dependency {name} without a reason; say why in a comment line above it"));
        }
        before = line;
    }
}

fn starts_like_a_key(line: &str) -> bool {
    let name = line.split('=').next().unwrap_or_default().trim();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn machine_paths(path: &str, text: &str, found: &mut Findings) {
    // Put together here, or this file would be its own finding.
    let roots = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
    for (i, line) in text.lines().enumerate() {
        for root in roots {
            let absolute = line.match_indices(root).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || ".-_}>*~".contains(c))
            });
            if absolute {
                found.add(path, i + 1, format!("{root} is a path of one machine; use a relative or made-up one"));
            }
        }
    }
}

fn changelog(root: &Path, found: &mut Findings) {
    let text = fs::read_to_string(root.join("CHANGELOG.md")).unwrap_or_default();
    if !text.lines().any(|line| line.trim_end() == "## [Unreleased]") {
        found.add("CHANGELOG.md", 1, "no Unreleased section; add the line `## [Unreleased]` above the releases");
    }
}

/// The README tells readers which Rust they need; only Cargo.toml is checked by cargo.
fn rust_version(root: &Path, found: &mut Findings) {
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_default();
    let (manifest, readme) = (read("Cargo.toml"), read("README.md"));
    let Some(version) = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")) else { return };
    let wanted = format!("Rust {} or later", version.trim_matches('"'));
    if !readme.contains(&wanted) {
        found.add("README.md", 1, format!("not the Rust version of Cargo.toml; write `{wanted}`"));
    }
}

#[cfg(test)]
mod tests;
