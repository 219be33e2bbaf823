//! Each rule on a small made tree, once kept and once broken.

use super::tidy;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of files that is removed at the end.
struct Tree(PathBuf);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("staple-tidy-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let root = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&root);
        let changelog = ("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n");
        for (path, text) in [changelog].iter().chain(files) {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        Self(root)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn check(files: &[(&str, &str)], expected: &[&str]) {
    let found = tidy(&Tree::new(files).0);
    let starts = found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| f.starts_with(e));
    assert!(starts, "expected {expected:#?}\nfound {found:#?}");
}

#[test]
fn a_lower_room_that_uses_a_higher_one_is_named() {
    check(
        &[("src/record/id.rs", "//! Ids.\nuse crate::store::Store;\n")],
        &["src/record/id.rs:2: record (layer 0) uses store (layer 2), which lies above it"],
    );
    check(&[("src/store/a.rs", "fn f() { crate::cli::main() }")], &["src/store/a.rs:1: store (layer 2) uses cli"]);
}

#[test]
fn grouped_and_nested_imports_are_seen() {
    check(
        &[("src/text/a.rs", "use crate::{\n  record::{Id, cli},\n  report::View,\n};\n")],
        &["src/text/a.rs:3: text (layer 1) uses report (layer 5)"],
    );
}

#[test]
fn leaving_a_room_by_super_is_seen_and_staying_in_it_is_not() {
    check(&[("src/text/a.rs", "use super::super::store::Store;")], &["src/text/a.rs:1: text (layer 1) uses store"]);
    check(&[("src/text/mod.rs", "mod store;\nmod tests { use super::store; }\nuse self::store::X;")], &[]);
    check(
        &[("src/text/mod.rs", "mod t { fn f() {} }\nuse super::cli;")],
        &["src/text/mod.rs:2: text (layer 1) uses cli"],
    );
}

#[test]
fn own_layer_lower_layers_comments_and_strings_are_fine() {
    check(
        &[
            ("src/desk/a.rs", "//! See [`crate::cli`].\nuse crate::check::Rule;\nuse crate::record::Id;\n"),
            ("src/record/a.rs", "const S: &str = \"crate::cli::x\"; // crate::cli::x\n"),
        ],
        &[],
    );
}

#[test]
fn a_room_without_a_layer_is_named() {
    check(&[("src/attic/mod.rs", "")], &["src/attic/mod.rs:1: src/attic has no layer"]);
    check(&[("src/helpers.rs", "")], &["src/helpers.rs:1: a module beside the rooms"]);
}

#[test]
fn a_foreign_library_outside_its_home_is_named() {
    check(
        &[
            ("src/desk/a.rs", "use gix::Repository;\n#[derive(clap::Parser)]\nstruct A;\nuse ::csv::Reader;\n"),
            ("src/store/a.rs", "use gix::Repository; use toml_edit as t;"),
        ],
        &[
            "src/desk/a.rs:1: gix is named outside its home; its home is store",
            "src/desk/a.rs:2: clap is named",
            "src/desk/a.rs:4: csv is named",
            "src/store/a.rs:1: toml_edit is named outside its home; its home is text and settings",
        ],
    );
}

#[test]
fn a_foreign_library_at_home_or_a_module_of_the_same_name_is_fine() {
    check(
        &[
            ("src/exchange/mod.rs", "mod csv; use csv::Reader; use mail_parser::Message;"),
            ("src/cli/a.rs", "use crate::exchange::csv::read; fn f(x: T) { x.toml() }"),
        ],
        &[],
    );
}

#[test]
fn a_dependency_needs_its_reason() {
    let kept = "[dependencies]\n# reads\na = \"1\"\n\n[features]\nx = []\n";
    check(&[("Cargo.toml", kept)], &[]);
    let broken = "[dependencies]\n# reads\na = \"1\"\nb = { version = \"2\" }\n[dev-dependencies]\nc.workspace = true\n[dependencies.d]\n";
    check(
        &[("Cargo.toml", broken)],
        &[
            "Cargo.toml:4: dependency b without a reason",
            "Cargo.toml:6: dependency c without a reason",
            "Cargo.toml:7: dependencies.d without a reason",
        ],
    );
}

#[test]
fn a_long_file_needs_its_reason() {
    let long = "// x\n".repeat(701);
    check(&[("src/record/a.rs", &long)], &["src/record/a.rs:701: 701 lines, more than 700"]);
    check(&[("src/record/a.rs", &format!("// tidy: long because it is a table\n{long}"))], &[]);
    check(&[("src/record/a.rs", &"// x\n".repeat(700))], &[]);
}

#[test]
fn unfinished_code_is_named() {
    let (later, fix) = (concat!("TO", "DO"), concat!("FIX", "ME"));
    let text =
        format!("// {later}: this\nfn f() {{ unimplemented!() }}\n/* a\n {fix} */\nconst S: &str = \"{later}\";\n");
    check(
        &[("src/record/a.rs", &text)],
        &["src/record/a.rs:1: ", "src/record/a.rs:2: unimplemented! stands for", "src/record/a.rs:4: "],
    );
}

#[test]
fn a_machine_path_is_named_and_part_of_an_address_is_not() {
    let (work, root) = (concat!("/wo", "rk/"), concat!("/ro", "ot/"));
    let text = format!("see {work}main\nhttps://example.org{work}x and net{root}y\n\"{root}.ssh\"\n");
    check(&[("README.md", &text)], &["README.md:1: ", "README.md:3: "]);
}

#[test]
fn a_changelog_without_an_unreleased_section_is_named() {
    check(&[("CHANGELOG.md", "# Changelog\n")], &["CHANGELOG.md:1: no Unreleased section"]);
}

#[test]
fn a_readme_that_asks_for_another_rust_is_named() {
    let manifest = ("Cargo.toml", "[package]\nrust-version = \"1.89\"\n");
    check(&[manifest, ("README.md", "Needs Rust 1.89 or later.")], &[]);
    check(
        &[manifest, ("README.md", "Needs Rust 1.88 or later.")],
        &["README.md:1: not the Rust version of Cargo.toml"],
    );
}

#[test]
fn build_output_is_not_read() {
    let broken = format!("{}main", concat!("/wo", "rk/"));
    check(&[("target/a.txt", &broken)], &[]);
}
