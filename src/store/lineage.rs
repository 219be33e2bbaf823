//! Single commits and how they stand to each other: what one changed, whether others have it, what a merge landed.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;
use gix::objs::FindExt;

use super::error::{Error, gix_error};
use super::{Signature, Store};

/// A file that differs between a commit and its first parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// Repository-relative path.
    pub path: String,
    /// The blob before; `None` when the file is new.
    pub old: Option<ObjectId>,
    /// The blob after; `None` when the file went.
    pub new: Option<ObjectId>,
}

/// The entries of a tree by name: whether each is a folder, and its object.
type Entries = BTreeMap<String, (bool, ObjectId)>;

impl Store {
    /// What a commit changed against its first parent, in order of path, over the whole repository.
    ///
    /// # Errors
    /// When a commit or tree is unreadable.
    pub fn files_changed_by(&self, commit: ObjectId) -> Result<Vec<ChangedFile>, Error> {
        let mut found = Vec::new();
        let parent = self.commit_info(commit)?.parents.first().copied();
        // Where a shallow clone ends, the parent is not there, and every file would look new.
        if parent.is_some_and(|parent| !self.repo.has_object(parent)) {
            return Ok(found);
        }
        let old = parent.map(|parent| self.root_tree(parent)).transpose()?;
        self.compare(old, Some(self.root_tree(commit)?), "", None, &mut found)?;
        Ok(found)
    }

    /// How many files outside the desk's folder a commit changed against its first parent; the desk itself is not looked at.
    ///
    /// # Errors
    /// When a commit or tree is unreadable.
    pub fn files_changed_outside(&self, commit: ObjectId) -> Result<usize, Error> {
        if self.prefix().is_empty() {
            return Ok(0);
        }
        let parent = self.commit_info(commit)?.parents.first().copied();
        if parent.is_some_and(|parent| !self.repo.has_object(parent)) {
            return Ok(0);
        }
        let mut found = Vec::new();
        let old = parent.map(|parent| self.root_tree(parent)).transpose()?;
        self.compare(old, Some(self.root_tree(commit)?), "", Some(self.prefix()), &mut found)?;
        Ok(found.len())
    }

    /// Whether a branch of a remote has the commit, as far as this clone knows.
    ///
    /// # Errors
    /// When references or commits are unreadable.
    pub fn is_published(&self, commit: ObjectId) -> Result<bool, Error> {
        let tips = self.remote_tips()?;
        Ok(!tips.is_empty() && self.walk([commit], tips)?.is_empty())
    }

    /// The commits of HEAD that no branch of a remote has, newest first; where there is no remote, HEAD alone.
    ///
    /// # Errors
    /// When references or commits are unreadable.
    pub fn unpublished(&self) -> Result<Vec<ObjectId>, Error> {
        let Some(head) = self.head()?.commit else { return Ok(Vec::new()) };
        let tips = self.remote_tips()?;
        if tips.is_empty() { Ok(vec![head]) } else { self.walk([head], tips) }
    }

    /// The commit that two lines have in common; nothing where they have none.
    ///
    /// # Errors
    /// When a commit is unreadable.
    pub fn merge_base(&self, one: ObjectId, other: ObjectId) -> Result<Option<ObjectId>, Error> {
        let bases = self.repo.merge_bases_many(one, &[other]).map_err(gix_error("history is unreadable"))?;
        Ok(bases.first().map(|id| id.detach()))
    }

    /// The last of some commits, newest first, that changed a file of the desk.
    ///
    /// # Errors
    /// When a commit is unreadable.
    pub fn last_to_change(&self, commits: &[ObjectId], path: &str) -> Result<Option<ObjectId>, Error> {
        let path = self.repository_path(path);
        for commit in commits {
            if self.files_changed_by(*commit)?.iter().any(|file| file.path == path) {
                return Ok(Some(*commit));
            }
        }
        Ok(None)
    }

    /// The commits that `to` builds on and `from` does not, `to` among them, newest first.
    ///
    /// # Errors
    /// When a commit is unreadable.
    pub fn between(&self, from: ObjectId, to: ObjectId) -> Result<Vec<ObjectId>, Error> {
        self.besides(to, [from])
    }

    /// What `to` has besides all of `known`, newest first.
    ///
    /// # Errors
    /// When a commit is unreadable.
    pub fn besides(&self, to: ObjectId, known: impl IntoIterator<Item = ObjectId>) -> Result<Vec<ObjectId>, Error> {
        self.walk([to], known)
    }

    fn remote_tips(&self) -> Result<Vec<ObjectId>, Error> {
        let failed = "the branches of remotes are unreadable";
        let references = self.repo.references().map_err(gix_error(failed))?;
        let mut tips = Vec::new();
        for reference in references.remote_branches().map_err(gix_error(failed))? {
            // A symbolic `origin/HEAD` may point to a branch that is gone.
            let Ok(mut reference) = reference else { continue };
            tips.extend(reference.peel_to_id().ok().map(gix::Id::detach));
        }
        Ok(tips)
    }

    fn walk(
        &self,
        tips: impl IntoIterator<Item = ObjectId>,
        hidden: impl IntoIterator<Item = ObjectId>,
    ) -> Result<Vec<ObjectId>, Error> {
        let failed = "history is unreadable";
        let walk = self.repo.rev_walk(tips).with_hidden(hidden).all().map_err(gix_error(failed))?;
        walk.map(|info| Ok(info.map_err(gix_error(failed))?.id)).collect()
    }

    /// A commit and everything it builds on.
    ///
    /// # Errors
    /// When a commit is unreadable.
    pub fn history_of(&self, commit: ObjectId) -> Result<BTreeSet<ObjectId>, Error> {
        let failed = "history is unreadable";
        let walk = self.repo.rev_walk([commit]).all().map_err(gix_error(failed))?;
        walk.map(|info| Ok(info.map_err(gix_error(failed))?.id)).collect()
    }

    /// The commits that a merge brought in besides its first parent's, oldest first, up to `limit`.
    ///
    /// # Errors
    /// When a commit is unreadable.
    pub fn landed(&self, merge: ObjectId, limit: usize) -> Result<Vec<ObjectId>, Error> {
        let parents = self.commit_info(merge)?.parents;
        let [first, others @ ..] = parents.as_slice() else { return Ok(Vec::new()) };
        let others: Vec<ObjectId> = others.iter().copied().filter(|id| self.repo.has_object(*id)).collect();
        if others.is_empty() {
            // Even a walk from nowhere opens git's graph of commits.
            return Ok(Vec::new());
        }
        let failed = "history is unreadable";
        let walk = self.repo.rev_walk(others).with_hidden([*first]).all().map_err(gix_error(failed))?;
        let found: Result<Vec<ObjectId>, Error> =
            walk.take(limit).map(|info| Ok(info.map_err(gix_error(failed))?.id)).collect();
        let mut found = found?;
        found.reverse();
        Ok(found)
    }

    /// Whether whoever runs the command is the author, by present names and addresses.
    ///
    /// # Errors
    /// [`Error::NoIdentity`] when git does not know who runs it.
    pub fn is_mine(&self, author: &Signature) -> Result<bool, Error> {
        let mailmap = self.mailmap();
        let me = self.identity()?;
        let me = mailmap.resolve(&me.name, &me.email);
        Ok(mailmap.resolve(&author.name, &author.email).email.eq_ignore_ascii_case(&me.email))
    }

    fn root_tree(&self, commit: ObjectId) -> Result<ObjectId, Error> {
        let what = || format!("commit {commit} is unreadable");
        let found = self.repo.find_commit(commit).map_err(gix_error(what()))?;
        Ok(found.tree_id().map_err(gix_error(what()))?.detach())
    }

    /// Files that differ between two trees of `folder`; nothing of the folder `but`.
    fn compare(
        &self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        folder: &str,
        but: Option<&str>,
        found: &mut Vec<ChangedFile>,
    ) -> Result<(), Error> {
        if old == new || but == Some(folder) {
            return Ok(());
        }
        let (before, after) = (self.entries(old)?, self.entries(new)?);
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let (old, new) = (before.get(name), after.get(name));
            if old == new {
                continue;
            }
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let pick = |entry: Option<&(bool, ObjectId)>, tree: bool| entry.filter(|e| e.0 == tree).map(|e| e.1);
            self.compare(pick(old, true), pick(new, true), &path, but, found)?;
            let (old, new) = (pick(old, false), pick(new, false));
            if old != new {
                found.push(ChangedFile { path, old, new });
            }
        }
        Ok(())
    }

    fn entries(&self, tree: Option<ObjectId>) -> Result<Entries, Error> {
        let Some(tree) = tree.filter(|tree| !tree.is_empty_tree()) else { return Ok(Entries::new()) };
        let mut buffer = Vec::new();
        let read = self.repo.objects.find_tree_iter(&tree, &mut buffer).map_err(gix_error("a tree is unreadable"))?;
        read.map(|entry| {
            let entry = entry.map_err(gix_error("a tree is damaged"))?;
            let name = String::from_utf8_lossy(entry.filename).into_owned();
            Ok((name, (entry.mode.is_tree(), entry.oid.to_owned())))
        })
        .collect()
    }
}
