//! Branches on their way to the desk's, and whether they would meet.

use gix::ObjectId;

use super::code::RefKind;
use super::error::{Error, gix_error};
use super::{Store, git};

/// A branch that has something its base has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBranch {
    /// The short name: `fix-login`, `origin/fix-login`.
    pub name: String,
    /// Its last commit.
    pub commit: ObjectId,
}

/// Merges the lines of records as git does where no driver is set up, as on a forge.
const BY_LINES: &str = "merge.staple.driver=git merge-file --marker-size=%L %A %O %B";

impl Store {
    /// The branches with changes to the desk that `base` has not, by name. A remote's branch is left out where a branch of this clone
    /// ends in the same commit.
    ///
    /// # Errors
    /// When references or commits are unreadable.
    pub fn open_branches(&self, base: ObjectId) -> Result<Vec<OpenBranch>, Error> {
        let failed = "the branches cannot be read";
        let references = self.repo().references().map_err(gix_error(failed))?;
        let mut found: Vec<(RefKind, OpenBranch)> = Vec::new();
        for reference in references.all().map_err(gix_error(failed))? {
            let Ok(mut reference) = reference else { continue };
            let kind = match reference.name().category() {
                Some(gix::refs::Category::LocalBranch) => RefKind::Branch,
                Some(gix::refs::Category::RemoteBranch) => RefKind::RemoteBranch,
                _ => continue,
            };
            let Ok(name) = String::from_utf8(reference.name().shorten().to_vec()) else { continue };
            let Ok(commit) = reference.peel_to_commit() else { continue };
            found.push((kind, OpenBranch { name, commit: commit.id }));
        }
        found.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        let mut open: Vec<OpenBranch> = Vec::new();
        for (_, branch) in found {
            if open.iter().any(|known| known.commit == branch.commit) || branch.commit == base {
                continue;
            }
            let Some(common) = self.merge_base(base, branch.commit)? else { continue };
            if common != branch.commit && !self.changes_between(common, branch.commit)?.is_empty() {
                open.push(branch);
            }
        }
        Ok(open)
    }

    /// The last commits of all branches of this clone and of remotes, each once.
    ///
    /// # Errors
    /// When references are unreadable.
    pub fn branch_tips(&self) -> Result<Vec<ObjectId>, Error> {
        let failed = "the branches cannot be read";
        let references = self.repo().references().map_err(gix_error(failed))?;
        let local = references.local_branches().map_err(gix_error(failed))?;
        let remote = references.remote_branches().map_err(gix_error(failed))?;
        let commits = local.chain(remote).flatten().filter_map(|mut one| Some(one.peel_to_commit().ok()?.id));
        let mut tips: Vec<ObjectId> = commits.collect();
        tips.sort_unstable();
        tips.dedup();
        Ok(tips)
    }

    /// The files, by their paths from the repository's root, in which git would leave conflicts when it merges two commits: by lines as
    /// on a forge, or as this clone is set up. Nothing is written to the work tree.
    ///
    /// # Errors
    /// When git is missing or older than 2.38, or cannot merge at all.
    pub fn conflicts_between(&self, one: ObjectId, other: ObjectId, by_lines: bool) -> Result<Vec<String>, Error> {
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        if by_lines {
            command.args(["-c", BY_LINES]);
        }
        command.args(["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z"]);
        command.args([one.to_string(), other.to_string()]);
        let output = command.output().map_err(super::error::io_error("git"))?;
        match output.status.code() {
            Some(0) => Ok(Vec::new()),
            // The first part is the tree.
            Some(1) => {
                let printed = String::from_utf8_lossy(&output.stdout).into_owned();
                Ok(printed.split('\0').skip(1).filter(|path| !path.is_empty()).map(str::to_owned).collect())
            }
            _ => Err(Error::GitFailed { command: "merge-tree".into(), output: git::printed(&output) }),
        }
    }
}
