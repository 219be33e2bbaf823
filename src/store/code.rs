//! The commits of a repository, and the branches and tags that hold them: this one's, or that of code which lies elsewhere.

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use gix::ObjectId;
use gix::objs::FindExt;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::error::{Error, gix_error};
use super::{Discover, Signature, Store, signature};
use crate::record::time::Time;

/// A repository whose commits are read.
#[derive(Debug, Clone)]
pub struct CodeRepository {
    pub(super) repo: gix::Repository,
}

/// A commit, with what was made of its message.
#[derive(Debug, Clone)]
pub struct CodeCommit<T> {
    /// Its id.
    pub id: ObjectId,
    /// Its parents, as places in [`Commits::commits`]; those that a shallow clone has not are left out.
    pub parents: Vec<usize>,
    /// Who made it, and when.
    pub author: Signature,
    /// When it was recorded.
    pub recorded: Time,
    /// The first line of its message.
    pub subject: String,
    /// What was made of the message.
    pub said: T,
}

/// What a reference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefKind {
    /// A tag.
    Tag,
    /// A branch of this clone.
    Branch,
    /// A branch of a remote, as this clone last saw it.
    RemoteBranch,
}

/// A branch or tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRef {
    /// The short name: `v2.4`, `main`, `origin/main`.
    pub name: String,
    /// What it is.
    pub kind: RefKind,
    /// The commit, as a place in [`Commits::commits`].
    pub commit: usize,
    /// When a tag was made; of branches and of tags without a maker, when the commit was recorded.
    pub time: Time,
}

/// Every commit that branches and tags hold.
#[derive(Debug, Clone)]
pub struct Commits<T> {
    /// The commits, each before its parents.
    pub commits: Vec<CodeCommit<T>>,
    /// Branches and tags, tags by time and name first.
    pub refs: Vec<CodeRef>,
    /// The commit that is checked out, as a place in `commits`.
    pub head: Option<usize>,
    /// Whether history is cut short in this clone.
    pub shallow: bool,
}

impl Store {
    /// The repository that the desk lies in.
    pub fn code(&self) -> CodeRepository {
        CodeRepository { repo: self.repo.clone() }
    }

    /// The repository that a folder lies in, opened with the same trust check as the desk's own.
    ///
    /// # Errors
    /// When it lies in none, or that belongs to somebody else.
    pub fn code_around(&self, folder: &Path) -> Result<CodeRepository, Error> {
        let discover = Discover { start: folder.to_owned(), explicit: None, isolated: self.isolated.clone() };
        Ok(CodeRepository { repo: discover.repository()? })
    }

    /// Another repository, opened with the same trust check as the desk's own.
    ///
    /// # Errors
    /// When there is none at `path`, or it belongs to somebody else.
    pub fn code_at(&self, path: &Path) -> Result<CodeRepository, Error> {
        let discover = Discover { start: path.to_owned(), explicit: None, isolated: self.isolated.clone() };
        let repo = discover.repository()?;
        let found = super::discover::absolute(repo.workdir().unwrap_or(repo.git_dir()));
        if found != super::discover::absolute(path) {
            // A plain folder inside another repository is none of its own.
            return Err(Error::NotARepository { path: path.to_owned() });
        }
        Ok(CodeRepository { repo })
    }
}

impl CodeRepository {
    /// The commit that a revision names.
    ///
    /// # Errors
    /// When it names none.
    pub fn resolve(&self, rev: &str) -> Result<ObjectId, Error> {
        super::resolve(&self.repo, rev)
    }

    /// The commits that `to` has and `from` has not, newest first.
    ///
    /// # Errors
    /// When history is unreadable.
    pub fn between(&self, from: ObjectId, to: ObjectId) -> Result<Vec<ObjectId>, Error> {
        let failed = "history is unreadable";
        let walk = self.repo.rev_walk([to]).with_hidden([from]).all().map_err(gix_error(failed))?;
        walk.map(|info| Ok(info.map_err(gix_error(failed))?.id)).collect()
    }

    /// Whether both are one repository, be it in several work trees.
    pub fn is_same(&self, other: &Self) -> bool {
        let place = |repo: &gix::Repository| super::discover::absolute(repo.common_dir());
        place(&self.repo) == place(&other.repo)
    }

    /// The newest commit of the branch that the remote takes for its main one, or of what is checked out where no remote says so.
    pub fn main_tip(&self) -> Option<ObjectId> {
        let remote = self.repo.try_find_reference("refs/remotes/origin/HEAD").ok().flatten();
        let remote = remote.and_then(|mut head| head.peel_to_commit().ok()).map(|commit| commit.id);
        remote.or_else(|| self.repo.head_id().ok().map(gix::Id::detach))
    }

    /// The commits that `tips` hold and that were recorded from a moment on, the newest first and without their parents; what lies
    /// behind an older one is not looked at. `read` makes of each message what is wanted of it.
    ///
    /// # Errors
    /// When history is unreadable.
    pub fn since<T>(
        &self,
        tips: impl IntoIterator<Item = ObjectId>,
        from: Time,
        read: impl Fn(&str) -> T,
    ) -> Result<Vec<CodeCommit<T>>, Error> {
        let failed = "history is unreadable";
        let newest_first = Sorting::ByCommitTimeCutoff { order: CommitTimeOrder::NewestFirst, seconds: from.unix() };
        let walk = self.repo.rev_walk(tips).sorting(newest_first).all().map_err(gix_error(failed))?;
        let (mut found, mut buffer) = (Vec::new(), Vec::new());
        for info in walk {
            let id = info.map_err(gix_error(failed))?.id;
            found.extend(self.read_commit(id, &mut buffer, &read).map(|(commit, _)| commit));
        }
        Ok(found)
    }

    /// Reads every commit that branches, tags and HEAD hold; `read` makes of each message what is wanted of it.
    ///
    /// # Errors
    /// When references or commits are unreadable.
    pub fn commits<T>(&self, read: impl Fn(&str) -> T) -> Result<Commits<T>, Error> {
        let tips = self.tips()?;
        // A detached HEAD may hold what no branch does.
        let head = self.repo.head_id().ok().map(gix::Id::detach);
        let found = self.walk(tips.iter().map(|tip| tip.commit).chain(head), read)?;
        let order = found.order();
        let mut place_of = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| place_of[*old] = new);
        let place = |id: &ObjectId| found.places.get(id).map(|old| place_of[*old]);
        let refs = tips.into_iter().filter_map(|tip| {
            Some(CodeRef { name: tip.name, kind: tip.kind, commit: place(&tip.commit)?, time: tip.time })
        });
        let mut refs: Vec<CodeRef> = refs.collect();
        refs.sort_by(|a, b| (a.kind, a.time, &a.name).cmp(&(b.kind, b.time, &b.name)));
        let head = head.as_ref().and_then(place);
        let mut commits: Vec<(usize, CodeCommit<T>)> = Vec::with_capacity(order.len());
        for (old, (mut commit, parents)) in found.commits.into_iter().enumerate() {
            let places = parents.iter().filter_map(|id| found.places.get(id));
            commit.parents = places.map(|parent| place_of[*parent]).collect();
            commits.push((place_of[old], commit));
        }
        commits.sort_by_key(|(place, _)| *place);
        let commits = commits.into_iter().map(|(_, commit)| commit).collect();
        let shallow = self.repo.is_shallow().map_err(gix_error("the repository cannot be read"))?;
        Ok(Commits { commits, refs, head, shallow })
    }

    fn tips(&self) -> Result<Vec<Tip>, Error> {
        let failed = "the references cannot be read";
        let references = self.repo.references().map_err(gix_error(failed))?;
        let mut tips = Vec::new();
        for reference in references.all().map_err(gix_error(failed))? {
            // What cannot be read, or names no commit, holds none.
            let Ok(mut reference) = reference else { continue };
            let kind = match reference.name().category() {
                Some(gix::refs::Category::Tag) => RefKind::Tag,
                Some(gix::refs::Category::LocalBranch) => RefKind::Branch,
                Some(gix::refs::Category::RemoteBranch) => RefKind::RemoteBranch,
                _ => continue,
            };
            // `origin/HEAD` only names another branch.
            if kind == RefKind::RemoteBranch && reference.target().try_id().is_none() {
                continue;
            }
            let Ok(name) = String::from_utf8(reference.name().shorten().to_vec()) else { continue };
            let made = reference.target().try_id().and_then(|id| self.tagged(id.to_owned()));
            let Ok(commit) = reference.peel_to_commit() else { continue };
            let Ok(recorded) = commit.time() else { continue };
            let time = made.unwrap_or_else(|| Time::from_unix(recorded.seconds));
            tips.push(Tip { name, kind, commit: commit.id, time });
        }
        Ok(tips)
    }

    /// When a tag object was made.
    fn tagged(&self, id: ObjectId) -> Option<Time> {
        let tag = self.repo.find_object(id).ok()?.try_into_tag().ok()?;
        let tagger = tag.tagger().ok()??;
        Some(Time::from_unix(tagger.time().ok()?.seconds))
    }

    fn walk<T>(&self, tips: impl Iterator<Item = ObjectId>, read: impl Fn(&str) -> T) -> Result<Walked<T>, Error> {
        let mut found = Walked { commits: Vec::new(), places: HashMap::new() };
        let mut left: Vec<ObjectId> = tips.collect();
        let mut buffer = Vec::new();
        while let Some(id) = left.pop() {
            if found.places.contains_key(&id) {
                continue;
            }
            let Some((commit, parents)) = self.read_commit(id, &mut buffer, &read) else { continue };
            left.extend(&parents);
            found.places.insert(id, found.commits.len());
            found.commits.push((commit, parents));
        }
        Ok(found)
    }

    /// A commit and the ids of its parents; nothing where a shallow clone ends, and of a commit that is damaged: it can be
    /// linked to nothing.
    fn read_commit<T>(
        &self,
        id: ObjectId,
        buffer: &mut Vec<u8>,
        read: impl Fn(&str) -> T,
    ) -> Option<(CodeCommit<T>, Vec<ObjectId>)> {
        let commit = self.repo.objects.find_commit(&id, buffer).ok()?;
        let parents: Vec<ObjectId> = commit.parents().collect();
        let message = super::messages::text(commit.message, commit.encoding);
        let author = signature(commit.author().ok()?, commit.encoding);
        let recorded = Time::from_unix(commit.committer().ok()?.time().unwrap_or_default().seconds);
        let subject = super::trailers::subject(&message).to_owned();
        let said = read(&message);
        Some((CodeCommit { id, parents: Vec::new(), author, recorded, subject, said }, parents))
    }
}

struct Tip {
    name: String,
    kind: RefKind,
    commit: ObjectId,
    time: Time,
}

/// Commits in the order in which they were met, with the ids of their parents.
struct Walked<T> {
    commits: Vec<(CodeCommit<T>, Vec<ObjectId>)>,
    places: HashMap<ObjectId, usize>,
}

impl<T> Walked<T> {
    /// The places of all commits, each before its parents: a commit's turn comes when all its children had theirs.
    fn order(&self) -> Vec<usize> {
        let mut children = vec![0_usize; self.commits.len()];
        let parents_of =
            |at: usize| self.commits[at].1.iter().filter_map(|id| self.places.get(id).copied()).collect::<Vec<_>>();
        (0..self.commits.len()).flat_map(parents_of).for_each(|parent| children[parent] += 1);
        let mut ready: VecDeque<usize> = (0..self.commits.len()).filter(|at| children[*at] == 0).collect();
        let mut order = Vec::with_capacity(self.commits.len());
        while let Some(at) = ready.pop_front() {
            order.push(at);
            for parent in parents_of(at) {
                children[parent] -= 1;
                if children[parent] == 0 {
                    ready.push_back(parent);
                }
            }
        }
        order
    }
}
