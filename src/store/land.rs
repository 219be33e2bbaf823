//! Landing commits that were made elsewhere: branch, work tree and staging area move to them as one.
//!
//! A branch that is checked out must not be moved alone: every file of the new commits would then stand as a staged deletion,
//! which the user's next commit would carry out.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::error::{Error, gix_error};
use super::journal::Item;
use super::line_ends::LineEndSettings;
use super::place::{Begun, Move, Placed, Tip};
use super::snapshot::tree_of;
use super::sync::plain_file;
use super::sync::replay::Replayer;
use super::transaction::{CommitSpec, Outcome, check_foreign_path};
use super::{Head, Store};

/// What the log of a branch says of a move.
#[derive(Debug, Clone, Copy)]
pub struct Log<'a> {
    /// The line's words.
    pub words: &'a str,
    /// Who moves it, and when; nothing to take that from the commit to which it moves.
    pub who: Option<&'a Replayer>,
}

impl Store {
    /// Moves HEAD's branch to `tip`, which continues `expected`, with the work tree and the staging area.
    ///
    /// `log` is the reflog line. No hook runs and nothing is signed.
    ///
    /// # Errors
    /// When HEAD is not at `expected`, `tip` does not continue it, or a file that would be written has changes of the user's or
    /// is untracked.
    pub fn land(&self, tip: ObjectId, expected: Option<ObjectId>, log: &str) -> Result<Outcome, Error> {
        if let Some(from) = expected
            && from != tip
            && self.merge_base(from, tip)? != Some(from)
        {
            return Err(Error::NotADescendant { tip: tip.to_string() });
        }
        self.land_items(None, tip, expected, &Log { words: log, who: None }, &|_: &mut [Item]| Ok(()))
    }

    /// As [`Store::land`], on the named branch, from `from` to a commit that need not continue it, such as that of commits which were
    /// put on top of others. Files that git changes on their way into the work tree, but for
    /// the ends of their lines, are left to git.
    ///
    /// # Errors
    /// As for [`Store::land`], [`Error::HeadMoved`] when HEAD is not on the branch, and when a file that would be written is such a
    /// one.
    pub fn land_anywhere(&self, branch: &str, from: ObjectId, tip: ObjectId, log: &Log<'_>) -> Result<Outcome, Error> {
        self.land_items(Some(branch), tip, Some(from), log, &|items: &mut [Item]| {
            self.convert(tip, items)?;
            self.leave_out(items)
        })
    }

    fn land_items(
        &self,
        branch: Option<&str>,
        tip: ObjectId,
        expected: Option<ObjectId>,
        log: &Log<'_>,
        prepare: &dyn Fn(&mut [Item]) -> Result<(), Error>,
    ) -> Result<Outcome, Error> {
        let _turn = self.turn()?;
        self.recover()?;
        self.refuse_in_progress()?;
        let head = self.head()?;
        // The same commit may be on another branch, which is not the one to move.
        if branch.is_some() && head.branch.as_deref() != branch {
            return Err(Error::HeadMoved);
        }
        let landed = |head: &Head, already| Outcome::Committed { commit: tip, branch: head.branch.clone(), already };
        if head.commit == Some(tip) {
            return Ok(landed(&head, true));
        }
        if head.commit != expected {
            return Err(Error::HeadMoved);
        }
        let mut items = self.items_between(expected, tip)?;
        prepare(&mut items)?;
        let step = Move { head: &head, items: &items, tip: Some(self.tip_of(tip, log)?), from_head: true };
        match self.place(&step, Begun::default())? {
            Placed::Done => Ok(landed(&head, false)),
            Placed::Moved if self.head()? != head => Err(Error::HeadMoved),
            // What an earlier `--stage` left is neither what HEAD has nor what is to land.
            Placed::Moved => {
                let notes = self.staged_notes()?;
                let staged = items.into_iter().find(|item| notes.contains_key(&item.path));
                let path = staged.map(|item| item.path).unwrap_or_default();
                Err(Error::Uncommitted { path, staged: true, edited: false })
            }
        }
    }

    /// A commit that is there already, as where a branch goes.
    pub(super) fn tip_of(&self, commit: ObjectId, log: &Log<'_>) -> Result<Tip, Error> {
        let failed = || gix_error("the commit to land is unreadable");
        let committer = match log.who {
            Some(who) => who.signature(),
            None => {
                let info = self.repo().find_commit(commit).map_err(failed())?;
                info.committer().and_then(|committer| committer.to_owned()).map_err(failed())?
            }
        };
        Ok(Tip { commit, log: log.words.to_owned(), committer })
    }

    /// The files that differ between two commits.
    fn items_between(&self, old: Option<ObjectId>, new: ObjectId) -> Result<Vec<Item>, Error> {
        let old = old.map(|commit| tree_of(self.repo(), commit)).transpose()?;
        let changes = self.tree_changes(old, Some(tree_of(self.repo(), new)?))?;
        let item = |change: super::sync::TreeChange| {
            check_foreign_path(&change.path)?;
            let blob = |side: Option<_>| side.map(|side| plain_file(side, &change.path)).transpose();
            let runs =
                |side: Option<(EntryKind, ObjectId)>| side.is_some_and(|(kind, _)| kind == EntryKind::BlobExecutable);
            let (was_executable, executable) = (runs(change.was), runs(change.is));
            let (base, new) = (blob(change.was)?, blob(change.is)?);
            Ok(Item { base, new, was_executable, executable, path: change.path, ..Item::default() })
        };
        changes.into_iter().map(item).collect()
    }

    /// Has lines end as git would have them in the work tree, and refuses files whose content git changes otherwise on its way there:
    /// those that pass a filter, such as one that fetches large files, are kept in another encoding, or have their ids written into
    /// them. Raw, they would be something else.
    fn convert(&self, tip: ObjectId, items: &mut [Item]) -> Result<(), Error> {
        const NAMES: [&str; 5] = ["filter", "working-tree-encoding", "ident", "text", "eol"];
        let filters: HashSet<String> =
            self.config_section("filter").into_iter().filter_map(|(name, ..)| name).collect();
        let config = |key: &str| self.config_string(key).unwrap_or_default();
        let settings = LineEndSettings { autocrlf: config("core.autocrlf"), eol: config("core.eol") };
        let paths: Vec<&str> = items.iter().map(|item| item.path.as_str()).collect();
        let mut ends: HashMap<String, [String; 2]> = HashMap::new();
        for [path, attribute, value] in self.attributes(tip, &NAMES, &paths)? {
            match attribute.as_str() {
                "text" => ends.entry(path).or_default()[0] = value,
                "eol" => ends.entry(path).or_default()[1] = value,
                _ if matches!(value.as_str(), "unspecified" | "unset") => {}
                // A filter that nobody set up here is none.
                "filter" if !filters.contains(&value) => {}
                _ => return Err(Error::InTheWay { path }),
            }
        }
        for item in items {
            if let Some([text, eol]) = ends.get(&item.path) {
                item.line_ends = settings.of(text, eol);
            }
        }
        Ok(())
    }

    /// Leaves out new files that sparse checkout leaves out, which no entry beside them need say.
    fn leave_out(&self, items: &mut [Item]) -> Result<(), Error> {
        let is_sparse = self.repo().config_snapshot().boolean("core.sparseCheckout") == Some(true);
        let new: Vec<&str> = items.iter().filter(|item| item.base.is_none()).map(|item| item.path.as_str()).collect();
        if !is_sparse || new.is_empty() {
            return Ok(());
        }
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        command.args(["sparse-checkout", "check-rules", "-z"]);
        // Before 2.41 git cannot be asked.
        let Ok(kept) = git.finish_with(&mut command, new.join("\0").as_bytes()) else { return Ok(()) };
        let kept = String::from_utf8_lossy(&kept);
        let kept: HashSet<&str> = kept.split_terminator('\0').collect();
        for item in items.iter_mut().filter(|item| item.base.is_none()) {
            item.left_out = !kept.contains(item.path.as_str());
        }
        Ok(())
    }

    /// What the attributes of a commit, and of this clone, say of paths: path, attribute and value.
    fn attributes(&self, commit: ObjectId, names: &[&str], paths: &[&str]) -> Result<Vec<[String; 3]>, Error> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let git = self.git()?;
        let check = |source: &str, staging_area: Option<&Path>| {
            let mut command = git.command(self.work_dir());
            command.args(["check-attr", source, "-z", "--stdin"]).args(names);
            command.envs(staging_area.map(|path| ("GIT_INDEX_FILE", path)));
            git.finish_with(&mut command, paths.join("\0").as_bytes())
        };
        let said = check(&format!("--source={commit}"), None).or_else(|_| {
            // Before 2.40 git reads the attributes of a staging area, and of no commit.
            let own = self.git_dir().join(format!("staple/attributes-{}", std::process::id()));
            let mut fill = git.command(self.work_dir());
            fill.args(["read-tree", &commit.to_string()]).env("GIT_INDEX_FILE", &own);
            let said = git.finish(&mut fill).and_then(|_| check("--cached", Some(&own)));
            let _ = std::fs::remove_file(&own);
            said
        })?;
        let said = String::from_utf8_lossy(&said);
        let fields: Vec<&str> = said.split_terminator('\0').collect();
        Ok(fields.as_chunks::<3>().0.iter().map(|chunk| chunk.map(str::to_owned)).collect())
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
}
