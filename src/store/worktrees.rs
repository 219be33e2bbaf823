//! The work trees of this repository: what is checked out in each, and what git is in the middle of there.
//!
//! They are read from git's own notes of them, so that one whose folder is away counts too: it may come back.

use std::path::{Path, PathBuf};

use super::Store;
use super::discover::absolute;
use super::error::{Error, io_error};

/// A work tree, this one among them.
struct WorkTree {
    /// Where git keeps its notes.
    git_dir: PathBuf,
    /// Its folder, which need not be there.
    path: PathBuf,
}

impl Store {
    /// Refuses while git is in the middle of something that owns the next commit.
    pub(crate) fn refuse_in_progress(&self) -> Result<(), Error> {
        self.in_progress().map_or(Ok(()), |what| Err(Error::InProgress { what }))
    }

    /// What git is in the middle of in this work tree, in its words.
    pub fn in_progress(&self) -> Option<&'static str> {
        use gix::state::InProgress as State;
        Some(match self.repo().state()? {
            State::Merge => "merge",
            State::Rebase | State::RebaseInteractive | State::ApplyMailboxRebase => "rebase",
            State::ApplyMailbox => "git am",
            State::CherryPick | State::CherryPickSequence => "cherry-pick",
            State::Revert | State::RevertSequence => "revert",
            State::Bisect => "bisect",
        })
    }

    /// A branch that a work tree has checked out must not move below it: each of its files would seem changed there. Nor may one that
    /// git will move itself at the end of what it is in the middle of there, with HEAD on no branch meanwhile.
    ///
    /// # Errors
    /// [`Error::CheckedOut`] and [`Error::InUse`] say where; others when that cannot be known.
    pub fn refuse_checked_out(&self, branch: &str) -> Result<(), Error> {
        for tree in self.work_trees()? {
            let branch = branch.to_owned();
            if read(&tree.git_dir.join("HEAD"))?.trim_end() == format!("ref: refs/heads/{branch}") {
                return Err(Error::CheckedOut { branch, path: tree.path });
            }
            if let Some(what) = under_way(&tree.git_dir, &branch)? {
                return Err(Error::InUse { branch, path: tree.path, what });
            }
        }
        Ok(())
    }

    fn work_trees(&self) -> Result<Vec<WorkTree>, Error> {
        let common = absolute(self.common_dir());
        let mut trees = Vec::new();
        let main = self.repo().main_repo();
        // The HEAD of a bare repository is checked out nowhere.
        if !main.as_ref().is_ok_and(|main| main.config_snapshot().boolean("core.bare") == Some(true)) {
            let folder = main.ok().and_then(|main| main.workdir().map(absolute));
            let path = folder.or_else(|| common.parent().map(Path::to_owned)).unwrap_or_else(|| common.clone());
            trees.push(WorkTree { git_dir: common.clone(), path });
        }
        let linked = common.join("worktrees");
        let entries = match std::fs::read_dir(&linked) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(io_error(linked)(error)),
        };
        for entry in entries.into_iter().flatten() {
            let git_dir = entry.map_err(io_error(&linked))?.path();
            // `FOLDER/.git`, which may begin where this note lies.
            let noted = read(&git_dir.join("gitdir"))?;
            let path = git_dir.join(noted.trim_end());
            let path = absolute(path.parent().filter(|_| !noted.is_empty()).unwrap_or(&git_dir));
            trees.push(WorkTree { git_dir, path });
        }
        let ours = absolute(self.git_dir());
        for tree in trees.iter_mut().filter(|tree| absolute(&tree.git_dir) == ours) {
            tree.path = self.work_dir().to_owned();
        }
        Ok(trees)
    }
}

/// What git is in the middle of with a branch, in the work tree with this git directory.
fn under_way(git_dir: &Path, branch: &str) -> Result<Option<&'static str>, Error> {
    const NOTES: [(&str, &str); 4] = [
        ("rebase-merge/head-name", "rebase"),
        // Other branches that the rebase takes along, each with two commits.
        ("rebase-merge/update-refs", "rebase"),
        ("rebase-apply/head-name", "rebase"),
        ("BISECT_START", "bisect"),
    ];
    let full = format!("refs/heads/{branch}");
    for (file, what) in NOTES {
        if read(&git_dir.join(file))?.lines().any(|line| line == full || line == branch) {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// A note of git's; empty when it is not there.
fn read(path: &Path) -> Result<String, Error> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(io_error(path)(error)),
    }
}
