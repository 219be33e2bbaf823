//! Landing commits that were made elsewhere: branch, work tree and staging area move to them as one.
//!
//! A branch that is checked out must not be moved alone: every file of the new commits would then stand as a staged deletion,
//! which the user's next commit would carry out.

use gix::ObjectId;
use gix::objs::FindExt;
use gix::objs::tree::EntryKind;

use super::error::{Error, gix_error};
use super::journal::Item;
use super::place::{Begun, Move, Placed, Tip};
use super::snapshot::tree_of;
use super::transaction::{CommitSpec, Outcome};
use super::{Head, Store};

impl Store {
    /// Moves HEAD's branch to `tip`, which continues `expected`, with the work tree and the staging area.
    ///
    /// `log` is the reflog line. No hook runs and nothing is signed.
    ///
    /// # Errors
    /// When HEAD is not at `expected`, `tip` does not continue it, or a file that would be written has changes of the user's or
    /// is untracked.
    pub fn land(&self, tip: ObjectId, expected: Option<ObjectId>, log: &str) -> Result<Outcome, Error> {
        let _turn = self.turn()?;
        self.recover()?;
        self.refuse_in_progress()?;
        let head = self.head()?;
        let landed = |head: &Head, already| Outcome::Committed { commit: tip, branch: head.branch.clone(), already };
        if head.commit == Some(tip) {
            return Ok(landed(&head, true));
        }
        if head.commit != expected {
            return Err(Error::HeadMoved);
        }
        if let Some(from) = expected {
            let base = self.repo().merge_base(from, tip).ok().flatten().map(|id| id.detach());
            if base != Some(from) {
                return Err(Error::NotADescendant { tip: tip.to_string() });
            }
        }
        let mut items = Vec::new();
        let old = expected.map(|commit| tree_of(self.repo(), commit)).transpose()?;
        self.changed_files(old, Some(tree_of(self.repo(), tip)?), &mut String::new(), &mut items)?;
        let info = self.repo().find_commit(tip).map_err(gix_error("the commit to land is unreadable"))?;
        let committer = info.committer().and_then(|committer| committer.to_owned());
        let committer = committer.map_err(gix_error("the commit to land is unreadable"))?;
        let tip_move = Tip { commit: tip, log: log.to_owned(), committer };
        match self
            .place(&Move { head: &head, items: &items, tip: Some(tip_move), from_head: true }, Begun::default())?
        {
            Placed::Done => Ok(landed(&head, false)),
            Placed::Moved => Err(Error::HeadMoved),
        }
    }

    /// A signed commit without changes on top of `tip`, which vouches for the unsigned ones below it; `tip` itself where the
    /// configuration asks for no signature.
    ///
    /// # Errors
    /// When signing is asked for and fails.
    pub fn vouch(&self, tip: ObjectId, spec: &CommitSpec) -> Result<ObjectId, Error> {
        let asked = self.repo().commit_signing_options_if_enabled();
        if asked.map_err(|error| Error::Sign { reason: error.to_string() })?.is_none() {
            return Ok(tip);
        }
        let tree = tree_of(self.repo(), tip)?;
        let (commit, _) = self.write_commit(tree, Some(tip), &spec.message, spec)?;
        self.flush_objects(&[commit])?;
        Ok(commit)
    }

    /// The commits above `base` up to `tip`, which have one parent each, made anew with signatures; gives the new tip.
    ///
    /// # Errors
    /// When the configuration asks for no signature, or signing fails.
    pub fn sign_each(&self, tip: ObjectId, base: Option<ObjectId>) -> Result<ObjectId, Error> {
        let unsigned = |error: gix::Error| Error::Sign { reason: error.to_string() };
        let mut commits = Vec::new();
        let mut at = Some(tip).filter(|tip| Some(*tip) != base);
        while let Some(id) = at {
            commits.push(id);
            at = self.commit_info(id)?.parents.first().copied().filter(|parent| Some(*parent) != base);
        }
        let mut parent = base;
        let mut written = Vec::new();
        for id in commits.into_iter().rev() {
            let what = || format!("commit {id} is unreadable");
            let found = self.repo().find_commit(id).map_err(gix_error(what()))?;
            let decoded = found.decode().map_err(gix_error(what()))?;
            let mut commit = decoded.into_owned().map_err(gix_error(what()))?;
            commit.parents = parent.into_iter().collect();
            let Some(options) = self.repo().commit_signing_options_if_enabled().map_err(unsigned)? else {
                return Err(Error::Sign { reason: "commit.gpgSign is not set".to_owned() });
            };
            let commit = commit.sign(options).map_err(unsigned)?;
            let new = self.repo().write_object(&commit).map_err(gix_error("a commit cannot be written"))?.detach();
            written.push(new);
            parent = Some(new);
        }
        self.flush_objects(&written)?;
        Ok(parent.unwrap_or(tip))
    }

    /// The files that differ between two trees.
    fn changed_files(
        &self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        path: &mut String,
        items: &mut Vec<Item>,
    ) -> Result<(), Error> {
        if old == new {
            return Ok(());
        }
        let (before, after) = (self.tree_entries(old)?, self.tree_entries(new)?);
        let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let length = path.len();
        for name in names {
            let (was, is) = (before.get(name).copied(), after.get(name).copied());
            if was == is {
                continue;
            }
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(name);
            let folder = |side: Option<(EntryKind, ObjectId)>| side.filter(|(kind, _)| *kind == EntryKind::Tree);
            if folder(was).is_some() || folder(is).is_some() {
                self.changed_files(folder(was).map(|(_, id)| id), folder(is).map(|(_, id)| id), path, items)?;
            }
            let (base, new) = (file(was, path)?, file(is, path)?);
            if base.is_some() || new.is_some() {
                let executable = is.is_some_and(|(kind, _)| kind == EntryKind::BlobExecutable);
                items.push(Item { path: path.clone(), base, new, executable });
            }
            path.truncate(length);
        }
        Ok(())
    }

    fn tree_entries(
        &self,
        tree: Option<ObjectId>,
    ) -> Result<std::collections::BTreeMap<String, (EntryKind, ObjectId)>, Error> {
        let mut found = std::collections::BTreeMap::new();
        let Some(id) = tree else { return Ok(found) };
        let mut buffer = Vec::new();
        let tree = self.repo().objects.find_tree_iter(&id, &mut buffer).map_err(gix_error("a tree is unreadable"))?;
        for entry in tree {
            let entry = entry.map_err(gix_error("a tree is damaged"))?;
            let name =
                std::str::from_utf8(entry.filename).map_err(|_| Error::BadPath { path: entry.filename.to_string() })?;
            found.insert(name.to_owned(), (entry.mode.kind(), entry.oid.to_owned()));
        }
        Ok(found)
    }
}

/// The blob of a file; folders are none, anything else cannot be landed.
fn file(side: Option<(EntryKind, ObjectId)>, path: &str) -> Result<Option<ObjectId>, Error> {
    match side {
        None | Some((EntryKind::Tree, _)) => Ok(None),
        Some((EntryKind::Blob | EntryKind::BlobExecutable, id)) => Ok(Some(id)),
        Some((EntryKind::Link, _)) => Err(Error::Symlink { path: path.to_owned() }),
        Some((EntryKind::Commit, _)) => Err(Error::InTheWay { path: path.to_owned() }),
    }
}
