//! The store against real repositories: what a write leaves behind, and where a desk may lie.

#![allow(clippy::unwrap_used)]

mod packed;
mod places;
mod reading;
mod writing;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::transaction::{CommitSpec, Hooks, Operation, Outcome, Sign, TransactError, View, Write};
use super::working_tree::{Overlay, State};
use super::*;

/// A repository of its own with a desk in it, and git without any configuration but its own.
struct Desk {
    _folder: tempfile::TempDir,
    dir: PathBuf,
}

impl Desk {
    fn unborn() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().canonicalize().unwrap().join("desk");
        let desk = Self { _folder: folder, dir };
        Store::init_repo(&desk.dir, &desk.discover()).unwrap();
        desk.write("staple.toml", "format = 1\n");
        desk
    }

    fn new() -> Self {
        let desk = Self::unborn();
        desk.write("tickets/2026-11/aaa.toml", "title = \"a\"\n");
        desk.write("src/code.rs", "fn main() {}\n");
        desk.git(&["add", "."]);
        desk.git(&["commit", "-qm", "First"]);
        desk
    }

    fn discover(&self) -> Discover {
        Discover {
            start: self.dir.clone(),
            explicit: None,
            isolated: Some(vec!["user.name=Sam".into(), "user.email=sam@example.com".into()]),
        }
    }

    fn store(&self) -> Store {
        Store::open(&self.discover()).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir.join(path)).unwrap()
    }

    fn try_git(&self, args: &[&str]) -> (bool, String) {
        let output = git_in(&self.dir).args(args).output().unwrap();
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    fn git(&self, args: &[&str]) -> String {
        let (good, text) = self.try_git(args);
        assert!(good, "git {args:?}: {text}");
        text.trim_end().to_owned()
    }

    fn sound(&self) {
        let text = self.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
        let text = text.lines().filter(|line| {
            !line.starts_with("hint:") && !line.contains("unborn") && !line.contains("No default references")
        });
        assert_eq!(text.collect::<String>(), "");
        assert!(!self.dir.join(".git/staple/journal").exists());
    }
}

fn git_in(dir: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for (key, value) in [("GIT_AUTHOR_NAME", "U"), ("GIT_AUTHOR_EMAIL", "u@x"), ("GIT_COMMITTER_NAME", "U")] {
        git.env(key, value);
    }
    git.env("GIT_COMMITTER_EMAIL", "u@x");
    git
}

fn spec(message: &str) -> CommitSpec {
    CommitSpec {
        author: None,
        committer: None,
        author_time: Time::from_unix(1_764_000_000),
        committer_time: Time::from_unix(1_764_000_100),
        author_offset_seconds: 3600,
        committer_offset_seconds: 3600,
        message: message.to_owned(),
        hooks: Hooks::CommitMsg,
        sign: Sign::Config,
    }
}

fn fresh() -> Operation {
    Operation { id: "fresh".to_owned(), given: false }
}

fn put(path: &str, text: &str) -> Write {
    Write { path: path.to_owned(), bytes: Some(text.as_bytes().to_vec()) }
}

type Built = Result<Option<(Vec<Write>, CommitSpec)>, Error>;

fn change(store: &Store, writes: Vec<Write>) -> Result<Outcome, TransactError<Error>> {
    store.transact(&fresh(), |_: &View| -> Built { Ok(Some((writes.clone(), spec("Change\n\nOp-Id: fresh\n")))) })
}

fn refused(result: Result<Outcome, TransactError<Error>>) -> String {
    result.unwrap_err().to_string()
}

const A: &str = "tickets/2026-11/aaa.toml";
const B: &str = "tickets/2026-11/bbb.toml";
