//! Exchanging the desk's branch with a remote: where its upstream is, who else has it checked out, taking turns.
//!
//! What goes over the network is in `network`, putting our own commits on top of theirs in `replay`. In which order the steps are
//! taken, and when to try again, is decided above.

pub mod address;
mod merging;
pub mod network;
pub mod published;
pub mod replay;

pub(crate) use merging::{TreeChange, plain_file};

use gix::ObjectId;

use super::error::{Error, gix_error, io_error};
use super::layout::flat;
use super::{Head, Log, Store};

/// Where a branch comes from and goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// The remote's name, or its address where it has none; for git, not for people.
    pub remote: String,
    /// The branch there, without `refs/heads/`.
    pub branch: String,
    /// The reference here that keeps what the remote last had.
    pub tracking: String,
    /// The configuration says so; otherwise it is a guess that leaves no doubt.
    pub is_configured: bool,
}

impl Upstream {
    /// The remote as it may be shown: its address may have a password in it.
    pub fn shown(&self) -> String {
        address::shown(&self.remote)
    }

    /// The tracking reference as it is written in a command.
    pub fn short(&self) -> &str {
        self.tracking.strip_prefix("refs/remotes/").unwrap_or(&self.tracking)
    }
}

/// Why it is not known where a branch goes.
#[derive(Debug, thiserror::Error)]
pub enum NoUpstream {
    /// There is no remote.
    #[error("this clone has no remote to exchange with")]
    NoRemote,
    /// There are several, and none is the branch's.
    #[error("{branch} follows no branch, and there are several remotes: {}", remotes.join(", "))]
    SeveralRemotes {
        /// The branch.
        branch: String,
        /// The remotes.
        remotes: Vec<String>,
    },
    /// The branch follows one of the same clone.
    #[error("{branch} follows {follows}, a branch of this clone")]
    Local {
        /// The branch.
        branch: String,
        /// What it follows.
        follows: String,
    },
}

/// Our turn to exchange; given up when dropped.
#[derive(Debug)]
pub struct SyncTurn {
    _file: std::fs::File,
}

impl Store {
    /// Takes our turn to exchange: two at once would only undo each other's work.
    ///
    /// # Errors
    /// [`Error::Locked`] when another exchange of this clone is under way.
    pub fn sync_turn(&self) -> Result<SyncTurn, Error> {
        let path = self.common_dir().join("staple");
        std::fs::create_dir_all(&path).map_err(io_error(&path))?;
        let path = path.join("sync-lock");
        let file = std::fs::File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(io_error(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(SyncTurn { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(Error::Locked { path }),
            Err(std::fs::TryLockError::Error(error)) => Err(io_error(path)(error)),
        }
    }

    /// Finishes or undoes what a run that was killed left, and refuses where git is in the middle of something.
    ///
    /// # Errors
    /// [`Error::InProgress`], or when the repository cannot be written.
    pub fn clear_up(&self) -> Result<(), Error> {
        let _turn = self.turn()?;
        self.recover()?;
        self.refuse_in_progress()
    }

    /// Where a branch goes: as its configuration says, else to the only remote under the same name.
    ///
    /// # Errors
    /// When neither leads anywhere.
    pub fn upstream(&self, branch: &str) -> Result<Upstream, NoUpstream> {
        // An empty one, by which git takes back what a wider configuration says, is none.
        let config =
            |key: &str| self.config_string(&format!("branch.{branch}.{key}")).filter(|value| !value.is_empty());
        let sections = self.config_section("remote");
        let mut remotes: Vec<String> =
            sections.iter().filter(|(_, key, _)| key == "url").filter_map(|(name, _, _)| name.clone()).collect();
        remotes.dedup();
        let merge = config("merge").and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned));
        let (remote, their_branch, is_configured) = match (config("remote"), merge) {
            (Some(remote), Some(their_branch)) if remote == "." => {
                return Err(NoUpstream::Local { branch: branch.to_owned(), follows: their_branch });
            }
            (Some(remote), Some(their_branch)) => (remote, their_branch, true),
            (Some(remote), None) if remote != "." => (remote, branch.to_owned(), false),
            _ => match remotes.as_slice() {
                [] => return Err(NoUpstream::NoRemote),
                [only] => (only.clone(), branch.to_owned(), false),
                _ => return Err(NoUpstream::SeveralRemotes { branch: branch.to_owned(), remotes }),
            },
        };
        let specs = sections.iter().filter(|(name, key, _)| name.as_deref() == Some(&remote) && key == "fetch");
        let specs: Vec<&str> = specs.map(|(_, _, spec)| spec.as_str()).collect();
        let mapped = mapped(&specs, &format!("refs/heads/{their_branch}"));
        // What is a branch of this clone, as in one that mirrors, has commits of its own.
        let tracking = mapped.filter(|name| !name.starts_with("refs/heads/"));
        let tracking = tracking.unwrap_or_else(|| match remotes.contains(&remote) {
            true => format!("refs/remotes/{remote}/{their_branch}"),
            // What another address had says nothing of this one.
            false => format!("refs/staple/upstream/{}/{}", self.digest(&remote), flat(&their_branch)),
        });
        Ok(Upstream { remote, branch: their_branch, tracking, is_configured })
    }

    /// A name that says nothing of an address, which may have a password in it.
    fn digest(&self, remote: &str) -> String {
        let id = gix::objs::compute_hash(self.repo().object_hash(), gix::objs::Kind::Blob, remote.as_bytes());
        id.map_or_else(|_| flat(&address::shown(remote)), |id| id.to_hex_with_len(12).to_string())
    }

    /// Where our own proposals to a remote go, as git has it for pushes without an address.
    pub fn push_remote(&self, branch: &str, upstream: &Upstream) -> String {
        // An empty one is none.
        let config = |key: &str| self.config_string(key).filter(|value| !value.is_empty());
        let own = config(&format!("branch.{branch}.pushRemote"));
        own.or_else(|| config("remote.pushDefault")).unwrap_or_else(|| upstream.remote.clone())
    }

    /// Makes a branch follow its upstream from now on.
    ///
    /// # Errors
    /// When git is missing or refuses.
    pub fn follow_upstream(&self, branch: &str, upstream: &Upstream) -> Result<(), Error> {
        self.set_config(&format!("branch.{branch}.remote"), &upstream.remote)?;
        self.set_config(&format!("branch.{branch}.merge"), &format!("refs/heads/{}", upstream.branch))
    }

    /// The commit that a reference of this clone names, by its full name; nothing when it is not there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn reference(&self, name: &str) -> Result<Option<ObjectId>, Error> {
        let failed = || format!("{name} is unreadable");
        match self.repo().try_find_reference(name).map_err(gix_error(failed()))? {
            None => Ok(None),
            Some(mut found) => Ok(Some(found.peel_to_id().map_err(gix_error(failed()))?.detach())),
        }
    }

    /// Moves a branch that no work tree has checked out from `from` to `to`; whether it was still there.
    ///
    /// # Errors
    /// When the branch cannot be locked or moved.
    pub fn move_branch_alone(&self, branch: &str, from: ObjectId, to: ObjectId, log: &Log<'_>) -> Result<bool, Error> {
        let _turn = self.turn()?;
        self.recover()?;
        let head = Head { commit: Some(from), branch: Some(branch.to_owned()), detached: false };
        self.move_other_branch(&head, &self.tip_of(to, log)?)
    }
}

/// What a remote's reference is called here, by the rules of what is fetched.
fn mapped(specs: &[&str], name: &str) -> Option<String> {
    let part = |pattern: &str| match pattern.split_once('*') {
        None => (pattern == name).then(String::new),
        Some((before, after)) => name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).map(str::to_owned),
    };
    if specs.iter().filter_map(|spec| spec.strip_prefix('^')).any(|not| part(not).is_some()) {
        return None;
    }
    specs.iter().find_map(|spec| {
        let (from, to) = spec.trim_start_matches('+').split_once(':')?;
        let part = part(from)?;
        (!to.is_empty()).then(|| to.replacen('*', &part, 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_of_a_remote_is_found_by_what_is_fetched() {
        let check = |specs: &[&str], expected: Option<&str>| {
            assert_eq!(mapped(specs, "refs/heads/main").as_deref(), expected, "{specs:?}");
        };
        check(&["+refs/heads/*:refs/remotes/origin/*"], Some("refs/remotes/origin/main"));
        check(&["+refs/heads/main:refs/remotes/origin/main"], Some("refs/remotes/origin/main"));
        check(&["+refs/heads/dev:refs/remotes/origin/dev"], None);
        check(&["refs/heads/m*n:refs/x/*/y", "refs/heads/main:refs/z"], Some("refs/x/ai/y"));
        check(&["+refs/heads/*:refs/remotes/origin/*", "^refs/heads/main"], None);
        check(&["refs/heads/main", "refs/heads/main:"], None);
    }
}
