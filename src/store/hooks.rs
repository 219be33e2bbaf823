//! The user's own hooks, which gix does not run.

use std::path::{Path, PathBuf};

use super::Store;
use super::error::{Error, io_error};
use super::git::printed;
use super::journal;
use super::transaction::Hooks;

/// Set for every hook we start, so that our own hooks return at once.
pub(crate) const GUARD: &str = "STAPLE_HOOK";

impl Store {
    /// Runs the hooks that `hooks` asks for on a commit of `tree`, and gives the message as they leave it.
    ///
    /// # Errors
    /// When a hook refuses, or changes what would be committed.
    pub(crate) fn run_hooks(&self, hooks: Hooks, message: &str, tree: gix::ObjectId) -> Result<String, Error> {
        if hooks == Hooks::All && self.hook("pre-commit").is_some() {
            self.pre_commit(tree)?;
        }
        if hooks == Hooks::None || self.hook("commit-msg").is_none() {
            return Ok(message.to_owned());
        }
        let path = super::discover::absolute(&self.private_dir()?).join("message");
        journal::write(&path, message.as_bytes(), false)?;
        let ran = self.run_hook("commit-msg", Some(&path), None);
        let edited = std::fs::read(&path).map_err(io_error(&path));
        journal::remove(&path)?;
        ran?;
        let edited = String::from_utf8_lossy(&edited?).trim().to_owned();
        if edited.is_empty() {
            return Err(Error::Hook { name: "commit-msg", output: "it left no message".to_owned() });
        }
        Ok(edited + "\n")
    }

    /// The hook's file, if there is one that git would run.
    fn hook(&self, name: &str) -> Option<PathBuf> {
        let configured = self.repo().config_snapshot().trusted_path("core.hooksPath").ok().flatten();
        let folder = match configured {
            Some(folder) => self.work_dir().join(folder),
            None => self.common_dir().join("hooks"),
        };
        Some(folder.join(name)).filter(|path| runnable(path))
    }

    fn pre_commit(&self, tree: gix::ObjectId) -> Result<(), Error> {
        let git = self.git()?;
        let index = super::discover::absolute(&self.private_dir()?).join("hook-index");
        let before = self.staging_mark();
        let check = || -> Result<(), Error> {
            let mut read = git.command(self.work_dir());
            git.finish(read.env("GIT_INDEX_FILE", &index).args(["read-tree", "--end-of-options", &tree.to_string()]))?;
            self.run_hook("pre-commit", None, Some(&index))?;
            let mut write = git.command(self.work_dir());
            let after = git.finish(write.env("GIT_INDEX_FILE", &index).arg("write-tree"))?;
            if after.trim_ascii() != tree.to_string().as_bytes() || self.staging_mark() != before {
                let output = "it changed what was to be committed".to_owned();
                return Err(Error::Hook { name: "pre-commit", output });
            }
            Ok(())
        };
        let checked = check();
        journal::remove(&index)?;
        checked
    }

    fn staging_mark(&self) -> Option<(u64, std::time::SystemTime)> {
        let meta = self.repo().index_path().metadata().ok()?;
        Some((meta.len(), meta.modified().ok()?))
    }

    fn run_hook(&self, name: &'static str, argument: Option<&Path>, index: Option<&Path>) -> Result<(), Error> {
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        command.env(GUARD, "1").args(["hook", "run", "--ignore-missing", name]);
        if let Some(argument) = argument {
            command.arg("--").arg(argument);
        }
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let output = command.output().map_err(io_error("git"))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(Error::Hook { name, output: printed(&output) }),
        }
    }
}

#[cfg(unix)]
fn runnable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runnable(path: &Path) -> bool {
    path.is_file()
}
