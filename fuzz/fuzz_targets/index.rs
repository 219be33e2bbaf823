//! Any bytes as the damage of an index.
#![no_main]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

#[path = "../../tests/it/properties/index.rs"]
mod index;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

thread_local! {
    static ASKED: index::Asked<'static> = index::Asked::new(FOLDER.get_or_init(desk));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ASKED.with(|asked| asked.holds(bytes)));

/// A repository with the desk of the tests, below the folder for what is passing.
fn desk() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("staple-fuzz-").tempdir().expect("a folder").keep();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden"), &folder);
    for args in [&["init", "--quiet"][..], &["add", "--all"], &["commit", "--quiet", "--no-gpg-sign", "-m", "A desk"]] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Sam", "-c", "user.email=sam@example.org"]).args(args).current_dir(&folder);
        assert!(git.stdin(Stdio::null()).status().expect("git").success(), "git {args:?}");
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the desk of the tests") {
        let entry = entry.expect("a file");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)
        } else {
            drop(std::fs::copy(entry.path(), to).expect("a copy"))
        }
    }
}
