//! The git repository: the desk's files as commits, work tree and staging area have them.
//!
//! The only home of `gix` and of calls to the git program. It knows paths and bytes; what a record is, and what stands in
//! one, is decided above.

pub mod actor;
pub mod branches;
pub mod bulk;
pub mod code;
pub mod discover;
mod elsewhere;
mod error;
pub mod file_state;
mod files;
pub(crate) mod git;
pub mod hook_files;
mod hooks;
pub mod imported;
mod journal;
mod land;
pub mod layout;
mod line_ends;
pub mod lineage;
pub mod messages;
mod objects;
mod packed;
mod place;
pub mod reading;
pub mod snapshot;
mod staging;
mod standing;
pub mod sync;
pub mod tags;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod timeline;
pub mod trailers;
pub mod transaction;
pub mod unmerged;
pub mod working_tree;
mod worktrees;

use std::path::{Path, PathBuf};

pub use actor::Actor;
pub use discover::Discover;
pub use error::Error;
pub(crate) use error::gix_error;
pub use gix::ObjectId;
pub use land::Log;
pub use lineage::ChangedFile;
pub use snapshot::Snapshot;
pub use standing::Obstacle;
pub use transaction::{CommitSpec, Hooks, Operation, Outcome, Sign, TransactError, View, Write};
pub use unmerged::{SideNames, Unmerged};

use crate::record::time::Time;

/// A desk's repository, opened.
#[derive(Debug, Clone)]
pub struct Store {
    repo: gix::Repository,
    shared: reading::Shared,
    work_dir: PathBuf,
    root: PathBuf,
    prefix: String,
    isolated: Option<Vec<String>>,
    /// Whether writes are flushed to the disk; off when git itself is told not to (`core.fsync=none`).
    durable: bool,
}

/// Where HEAD is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The commit; `None` before the first.
    pub commit: Option<ObjectId>,
    /// The short name of the branch (`main`); `None` when detached.
    pub branch: Option<String>,
    /// HEAD names a commit rather than a branch.
    pub detached: bool,
}

/// Who did something in a commit, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// When.
    pub time: Time,
    /// The zone's offset east of UTC, in seconds.
    pub offset_seconds: i32,
}

/// What a commit says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// The commit.
    pub id: ObjectId,
    /// Its parents, in order.
    pub parents: Vec<ObjectId>,
    /// Who made the change.
    pub author: Signature,
    /// Who recorded it.
    pub committer: Signature,
    /// The whole message.
    pub message: String,
}

impl Store {
    /// Finds and opens a desk.
    ///
    /// # Errors
    /// Tells apart no repository, no desk in it, and repositories that are bare, untrusted or of an unsupported form.
    pub fn open(discover: &Discover) -> Result<Self, Error> {
        match Self::open_found(discover) {
            Err(Error::NoDesk { repo, .. }) => match discover.elsewhere()? {
                // A desk that only names another one is a mistake, not a chain to follow.
                Some(named) => Self::open_found(&named),
                None => Err(Error::NoDesk { other: Discover::unnamed(&repo), repo }),
            },
            other => other,
        }
    }

    fn open_found(discover: &Discover) -> Result<Self, Error> {
        let repo = discover.repository()?;
        let Some(work_dir) = repo.workdir().map(discover::absolute) else {
            return Err(Error::Bare { path: discover::absolute(repo.git_dir()) });
        };
        let prefix = discover.prefix(&repo, &work_dir)?;
        Ok(Self::assemble(repo, work_dir, prefix, discover))
    }

    /// Opens the repository that the search begins in with a desk at `prefix` that may not exist yet.
    ///
    /// # Errors
    /// As for [`Store::open`], except that no desk is wanted.
    pub fn open_at(discover: &Discover, prefix: &str) -> Result<Self, Error> {
        let repo = discover.repository()?;
        let Some(work_dir) = repo.workdir().map(discover::absolute) else {
            return Err(Error::Bare { path: discover::absolute(repo.git_dir()) });
        };
        Ok(Self::assemble(repo, work_dir, prefix.to_owned(), discover))
    }

    /// Makes a repository in `dir`, its first branch named by `init.defaultBranch` or `main`.
    ///
    /// # Errors
    /// When there is a repository already or the folder cannot be written.
    pub fn init_repo(dir: &Path, discover: &Discover) -> Result<(), Error> {
        let options = gix::create::Options { destination_must_be_empty: Some(false), ..Default::default() };
        let open = discover::open_options(discover.isolated.as_deref());
        gix::ThreadSafeRepository::init_opts(dir, gix::create::Kind::WithWorktree, options, open)
            .map_err(gix_error(format!("no repository could be made in {}", dir.display())))?;
        Ok(())
    }

    fn assemble(repo: gix::Repository, work_dir: PathBuf, prefix: String, discover: &Discover) -> Self {
        let root = if prefix.is_empty() { work_dir.clone() } else { work_dir.join(&prefix) };
        let durable = repo.config_snapshot().string("core.fsync").is_none_or(|value| value != "none");
        let shared = reading::Shared::new(&repo);
        Self { repo, shared, work_dir, root, prefix, isolated: discover.isolated.clone(), durable }
    }

    pub(crate) fn repo(&self) -> &gix::Repository {
        &self.repo
    }

    /// The git directory of this work tree.
    pub fn git_dir(&self) -> &Path {
        self.repo.git_dir()
    }

    /// The git directory that all linked work trees share.
    pub fn common_dir(&self) -> &Path {
        self.repo.common_dir()
    }

    /// The work tree's root.
    pub fn work_dir(&self) -> &Path {
        &self.work_dir
    }

    /// Whether history is cut off somewhere; false where that cannot be seen.
    pub fn is_shallow(&self) -> bool {
        self.repo.is_shallow().unwrap_or(false)
    }

    /// The desk's root folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The desk's root relative to the work tree: `""` or `support`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where a folder of the work tree lies in it, "" for the work tree itself.
    ///
    /// # Errors
    /// When its name is not UTF-8.
    pub fn path_below(&self, folder: &Path) -> Result<String, Error> {
        discover::relative(&self.work_dir, folder)
    }

    /// The repository-relative form of a desk-relative path.
    pub fn repository_path(&self, path: &str) -> String {
        match (self.prefix.is_empty(), path.is_empty()) {
            (true, _) => path.to_owned(),
            (false, true) => self.prefix.clone(),
            (false, false) => format!("{}/{path}", self.prefix),
        }
    }

    /// Where HEAD is now; read afresh.
    pub fn head(&self) -> Result<Head, Error> {
        let head = self.repo.head().map_err(gix_error("HEAD is unreadable"))?;
        let branch = head.referent_name().map(|name| name.shorten().to_string());
        let detached = head.is_detached();
        let commit = match (head.is_unborn(), head.id()) {
            (true, _) => None,
            // A branch names a commit, and so does a detached HEAD: no object has to be read to know it.
            (false, Some(id)) => Some(id.detach()),
            // The branch stands for another one.
            (false, None) => head.try_into_peeled_id().map_err(gix_error("HEAD is unreadable"))?.map(gix::Id::detach),
        };
        Ok(Head { commit, branch, detached })
    }

    /// The commit a revision names.
    pub fn resolve(&self, rev: &str) -> Result<ObjectId, Error> {
        resolve(&self.repo, rev)
    }

    /// The desk as a revision has it.
    pub fn snapshot(&self, rev: &str) -> Result<Snapshot, Error> {
        self.snapshot_of(self.resolve(rev)?)
    }

    /// The desk as a commit has it.
    pub fn snapshot_of(&self, commit: ObjectId) -> Result<Snapshot, Error> {
        Snapshot::new(&self.repo, Some(commit), &self.prefix)
    }

    /// The desk as a tree of the whole repository has it.
    pub fn snapshot_of_tree(&self, tree: ObjectId) -> Snapshot {
        Snapshot::of_tree(&self.repo, tree, &self.prefix)
    }

    /// The desk as HEAD has it; empty before the first commit.
    pub fn head_snapshot(&self) -> Result<Snapshot, Error> {
        Snapshot::new(&self.repo, self.head()?.commit, &self.prefix)
    }

    /// A value of the git configuration, the last one when there are several.
    pub fn config_string(&self, key: &str) -> Option<String> {
        self.repo.config_snapshot().string(key).map(|value| value.to_string())
    }

    /// All values of the sections `[SECTION]` and `[SECTION "sub"]` as (subsection, name, value), in order.
    ///
    /// Values from a repository that is not fully trusted do not appear, as the repository would not have opened.
    pub fn config_section(&self, section: &str) -> Vec<(Option<String>, String, String)> {
        let config = self.repo.config_snapshot();
        let mut found = Vec::new();
        for part in config.plumbing().sections_by_name(section).into_iter().flatten() {
            let sub = part.header().subsection_name().map(|name| name.to_string());
            let body = part.body();
            let mut names: Vec<String> = Vec::new();
            for name in body.value_names() {
                let name = name.to_string();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            for name in names {
                for value in body.values(&name) {
                    found.push((sub.clone(), name.clone(), value.to_string()));
                }
            }
        }
        found
    }

    /// Sets a value of the repository's own git configuration, in the way git does it.
    ///
    /// # Errors
    /// When git is missing or refuses.
    pub fn set_config(&self, key: &str, value: &str) -> Result<(), Error> {
        let git = self.git()?;
        git.finish(git.command(self.work_dir()).args(["config", "--local", key, value])).map(|_| ())
    }

    /// Whom git would name as the author of a commit made now.
    pub fn identity(&self) -> Result<Actor, Error> {
        self.person("author")
    }

    /// Whom git would name as the committer of a commit made now.
    pub fn committer(&self) -> Result<Actor, Error> {
        self.person("committer")
    }

    /// Name and address from the section `role` of the configuration, where the environment's stand too, or from `[user]`.
    ///
    /// `gix` would also take the time, for which it looks through all the zones of the machine.
    fn person(&self, role: &str) -> Result<Actor, Error> {
        let config = self.repo.config_snapshot();
        let text = |key: &str| config.string(key).map(|value| value.to_string());
        let name = text(&format!("{role}.name")).or_else(|| text("user.name"));
        let email = text(&format!("{role}.email")).or_else(|| text("user.email"));
        // The variable EMAIL.
        let email = email.or_else(|| text("gitoxide.user.emailFallback"));
        match (name, email) {
            (Some(name), Some(email)) if !name.trim().is_empty() => Ok(Actor { name, email }),
            _ => Err(Error::NoIdentity),
        }
    }

    /// The present name and address of someone, by the repository's mailmap.
    pub fn mailmap(&self) -> Mailmap {
        Mailmap(self.repo.open_mailmap())
    }

    /// What a commit says of itself.
    pub fn commit_info(&self, id: ObjectId) -> Result<CommitInfo, Error> {
        commit_info(&self.repo, id)
    }

    /// The timeline of HEAD: of all files, or of some desk-relative paths; nothing before the first commit. `desk_branch` is the
    /// branch the desk lives on, "" for the one that is checked out.
    ///
    /// # Errors
    /// When history cannot be read.
    pub fn timeline(&self, paths: Option<&[String]>, desk_branch: &str) -> Result<Option<timeline::Line>, Error> {
        let Some(commit) = self.head()?.commit else { return Ok(None) };
        self.timeline_of(commit, paths, desk_branch).map(Some)
    }

    /// As [`Store::timeline`], of the line that ends in `commit`.
    ///
    /// # Errors
    /// When history cannot be read.
    pub fn timeline_of(
        &self,
        commit: ObjectId,
        paths: Option<&[String]>,
        desk_branch: &str,
    ) -> Result<timeline::Line, Error> {
        let branch = match desk_branch {
            "" => self.head()?.branch.unwrap_or_default(),
            named => named.to_owned(),
        };
        let options = timeline::WalkOptions { paths, stop_at: None, desk_branch: &branch };
        timeline::walk(&self.repo, commit, &self.prefix, options)
            .map_err(|source| Error::History { source: Box::new(source) })
    }

    /// The desk's files that differ between two commits.
    ///
    /// # Errors
    /// When a tree is unreadable.
    pub fn changes_between(&self, old: ObjectId, new: ObjectId) -> Result<Vec<ChangedFile>, Error> {
        let tree = |commit| snapshot::tree_of(&self.repo, commit);
        timeline::differences(&self.repo, &self.prefix, tree(old)?, tree(new)?)
            .map_err(|source| Error::History { source: Box::new(source) })
    }

    /// The desk's files that differ between a commit and a tree of the whole repository.
    ///
    /// # Errors
    /// When a tree is unreadable.
    pub fn changes_to(&self, commit: ObjectId, tree: ObjectId) -> Result<Vec<ChangedFile>, Error> {
        timeline::differences(&self.repo, &self.prefix, snapshot::tree_of(&self.repo, commit)?, tree)
            .map_err(|source| Error::History { source: Box::new(source) })
    }

    /// Brings an index up to the line that ends in `head`; `desk_branch` as for [`Store::timeline`].
    ///
    /// # Errors
    /// What the index says, or when history cannot be read.
    pub fn follow<K: timeline::follow::Keeper>(
        &self,
        head: ObjectId,
        desk_branch: &str,
        keeper: &mut K,
    ) -> Result<timeline::follow::Followed, timeline::follow::FollowError<K::Error>> {
        let branch = self.line_branch(desk_branch);
        timeline::follow::follow(&self.repo, &self.shared, head, &self.prefix, &branch, keeper)
    }

    /// What an index is complete up to once it has followed the line that ends in `head`.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn standing(&self, head: ObjectId, desk_branch: &str) -> Result<timeline::follow::Standing, Error> {
        let branch = self.line_branch(desk_branch);
        timeline::follow::standing(&self.repo, head, &self.prefix, &branch)
            .map_err(|source| Error::History { source: Box::new(source) })
    }

    /// The branch whose line the timeline is: the desk's, or else the one that is checked out.
    fn line_branch(&self, desk_branch: &str) -> String {
        match desk_branch {
            // Without HEAD no branch is the desk's, as when it is detached.
            "" => self.head().ok().and_then(|head| head.branch).unwrap_or_default(),
            named => named.to_owned(),
        }
    }

    /// Begins to write many commits on top of `base`, at the private reference that `op` names.
    ///
    /// What goes with it must be kept until the commits have landed: it tells others that the import is running.
    ///
    /// # Errors
    /// When the git program is not there or refuses.
    pub fn start_bulk(&self, op: &str, base: Option<ObjectId>) -> Result<(bulk::Bulk, bulk::Alive), bulk::BulkError> {
        let alive = bulk::Alive::begin(&self.repo, op)?;
        let git = self.git().map_err(|error| bulk::BulkError::Repository(Box::new(error)))?;
        Ok((bulk::Bulk::start(&self.repo, op, base, git.command(&self.work_dir))?, alive))
    }

    pub(crate) fn git(&self) -> Result<git::Git, Error> {
        git::Git::find(self.isolated.is_some())
    }
}

/// Present names of people whose names or addresses changed.
#[derive(Debug, Clone, Default)]
pub struct Mailmap(gix::mailmap::Snapshot);

impl Mailmap {
    /// The present name and address of someone.
    pub fn resolve(&self, name: &str, email: &str) -> Actor {
        let signature = gix::actor::SignatureRef { name: name.into(), email: email.into(), time: "0 +0000" };
        let found = self.0.resolve(signature);
        Actor { name: found.name.to_string(), email: found.email.to_string() }
    }
}

fn resolve(repo: &gix::Repository, rev: &str) -> Result<ObjectId, Error> {
    let unknown = || Error::UnknownRevision { rev: rev.to_owned() };
    let id = repo.rev_parse_single(rev).map_err(|_| unknown())?;
    let commit = id.object().and_then(|object| object.peel_to_commit()).map_err(|_| unknown())?;
    Ok(commit.id)
}

fn commit_info(repo: &gix::Repository, id: ObjectId) -> Result<CommitInfo, Error> {
    let what = || format!("commit {id} is unreadable");
    let commit = repo.find_commit(id).map_err(gix_error(what()))?;
    let decoded = commit.decode().map_err(gix_error(what()))?;
    let encoding = decoded.encoding;
    Ok(CommitInfo {
        id,
        parents: decoded.parents().collect(),
        author: signature(decoded.author().map_err(gix_error(what()))?, encoding),
        committer: signature(decoded.committer().map_err(gix_error(what()))?, encoding),
        message: messages::text(decoded.message, encoding).into_owned(),
    })
}

/// Who made a commit, whose header names the encoding.
fn signature(found: gix::actor::SignatureRef<'_>, encoding: Option<&gix::bstr::BStr>) -> Signature {
    let time = found.time().unwrap_or_default();
    Signature {
        name: messages::text(found.name, encoding).into_owned(),
        email: found.email.to_string(),
        time: Time::from_unix(time.seconds),
        offset_seconds: time.offset,
    }
}
