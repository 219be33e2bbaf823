//! What the timeline wants to know of one commit, read from its object.
//!
//! Which parents are there, and where a shallow history ends, is for whoever walks.

use gix::ObjectId;
use gix::objs::{CommitRefIter, Find};

use super::TimelineError;
use super::graph::Kind;

/// A commit as its object has it.
pub(super) struct Commit {
    pub(super) tree: ObjectId,
    /// The parents that the timeline follows.
    pub(super) followed: Vec<ObjectId>,
    pub(super) author: i64,
    pub(super) committer: i64,
    pub(super) kind: Kind,
    /// Whether another name of the desk's branch could make it another kind of commit.
    pub(super) named: bool,
}

/// Reads commits of one repository.
pub(super) struct Commits<'r> {
    repo: gix::Repository,
    desk_branch: &'r str,
    buffer: Vec<u8>,
}

impl<'r> Commits<'r> {
    pub(super) fn new(repo: &gix::Repository, desk_branch: &'r str) -> Commits<'r> {
        Commits { repo: repo.clone(), desk_branch, buffer: Vec::new() }
    }

    /// Goes on with the same repository opened once more.
    pub(super) fn reopened(&mut self, repo: gix::Repository) {
        self.repo = repo;
    }

    /// A commit, `None` if it is not in the repository.
    pub(super) fn read(&mut self, id: ObjectId) -> Result<Option<Commit>, TimelineError> {
        let damaged = |source| TimelineError::object(id, source);
        let Some(data) = self.repo.objects.try_find(&id, &mut self.buffer).map_err(damaged)? else {
            return Ok(None);
        };
        if data.kind != gix::objs::Kind::Commit {
            return Err(TimelineError::object(id, format!("a {} and not a commit", data.kind)));
        }
        let mut commit = Commit {
            tree: ObjectId::null(self.repo.object_hash()),
            followed: Vec::new(),
            author: 0,
            committer: 0,
            kind: Kind::Ordinary,
            named: false,
        };
        let mut subject: &[u8] = &[];
        for token in CommitRefIter::from_bytes(data.data, self.repo.object_hash()) {
            use gix::objs::commit::ref_iter::Token;
            match token.map_err(damaged)? {
                Token::Tree { id } => commit.tree = id,
                Token::Parent { id } => commit.followed.push(id),
                Token::Author { signature } => commit.author = signature.seconds(),
                Token::Committer { signature } => {
                    commit.committer = signature.seconds();
                    // The subject decides about merges only, and the rest costs.
                    if commit.followed.len() < 2 {
                        break;
                    }
                }
                Token::Message(message) => subject = message.split(|&b| b == b'\n').next().unwrap_or_default(),
                Token::Encoding(_) | Token::ExtraHeader(_) => {}
            }
        }
        if commit.followed.len() > 1 {
            let two = commit.followed.len() == 2 && commit.followed[0] != commit.followed[1];
            let subject = String::from_utf8_lossy(subject);
            commit.named = two && merged(&subject).is_some() && !is_pull(&subject, "");
            if two && is_pull(&subject, self.desk_branch) {
                commit.kind = Kind::Pull;
            } else {
                commit.kind = Kind::Landing;
                commit.followed.truncate(1);
            }
        }
        Ok(Some(commit))
    }
}

/// Whether a merge with this subject brings a branch together with its own remote, as `git pull` does.
pub(super) fn is_pull(subject: &str, desk_branch: &str) -> bool {
    let Some((remote, merged, rest)) = merged(subject) else { return false };
    let into = rest.rsplit_once(" into ").map(|(_, into)| into.trim());
    [Some(desk_branch), into].into_iter().flatten().any(|branch| {
        merged == branch && !remote
            || remote && merged.strip_suffix(branch).is_some_and(|remote| remote.len() > 1 && remote.ends_with('/'))
    })
}

/// What a subject says was merged: whether it is a remote's branch, its name, and what follows the name.
fn merged(subject: &str) -> Option<(bool, &str, &str)> {
    let (remote, rest) = subject
        .strip_prefix("Merge remote-tracking branch '")
        .map(|rest| (true, rest))
        .or_else(|| subject.strip_prefix("Merge branch '").map(|rest| (false, rest)))?;
    let (merged, rest) = rest.split_once('\'')?;
    (remote || rest.starts_with(" of ")).then_some((remote, merged, rest))
}
