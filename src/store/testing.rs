//! Repositories for tests, made by the git program without the settings of whoever runs them.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use gix::ObjectId;

/// A repository in a temporary folder.
pub(crate) struct Repo {
    dir: tempfile::TempDir,
}

impl Repo {
    pub(crate) fn new() -> Repo {
        let repo = Repo { dir: tempfile::tempdir().unwrap() };
        std::fs::create_dir(repo.path()).unwrap();
        repo.git(&["init", "--quiet", "-b", "main"], 0);
        repo
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("desk")
    }

    pub(crate) fn open(&self) -> gix::Repository {
        gix::open_opts(self.path(), gix::open::Options::isolated()).unwrap()
    }

    /// Runs git with both dates at `time` and returns what it printed.
    pub(crate) fn git(&self, args: &[&str], time: i64) -> String {
        self.git_in(&self.path(), args, time, time)
    }

    pub(crate) fn git_in(&self, dir: &Path, args: &[&str], author: i64, committer: i64) -> String {
        let out = Command::new("git")
            .current_dir(dir)
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.dir.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@example.org")
            .env("GIT_AUTHOR_DATE", format!("@{author} +0000"))
            .env("GIT_COMMITTER_DATE", format!("@{committer} +0000"))
            .output()
            .unwrap();
        assert!(
            out.status.success(),
            "git {args:?}: {}{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).unwrap().trim_end().to_owned()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// Writes one file and commits everything.
    pub(crate) fn commit(&self, path: &str, text: &str, author: i64, committer: i64) -> ObjectId {
        self.write(path, text);
        self.git(&["add", "-A"], 0);
        self.git_in(&self.path(), &["commit", "--quiet", "--allow-empty", "-m", "Change"], author, committer);
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        ObjectId::from_hex(self.git(&["rev-parse", revision], 0).as_bytes()).unwrap()
    }
}
