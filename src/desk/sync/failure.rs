//! Why an exchange stops.

use super::Route;
use crate::desk::WriteError;
use crate::store::sync::NoUpstream;
use crate::store::sync::replay::Stop;
use crate::store::{self, ObjectId};

/// Why an exchange did not come to its end. What landed before stays, and a later run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SyncFailure {
    /// The desk's settings cannot be read, so it is not known which branch is the desk's.
    #[error("staple.toml:{line}: {message}")]
    Settings {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// HEAD names no branch, and the desk names none either.
    #[error("HEAD is on no branch")]
    Detached,
    /// There is nothing yet to exchange.
    #[error("{branch} has no commit yet")]
    Unborn {
        /// The branch.
        branch: String,
    },
    /// The desk's branch is not in this clone.
    #[error("the desk's branch {} is not in this clone", route.branch)]
    NoBranch {
        /// Between which branches.
        route: Box<Route>,
    },
    /// It is not known where the branch goes.
    #[error(transparent)]
    NoUpstream(#[from] NoUpstream),
    /// The remote has branches, and not this one.
    #[error("{} has no branch {}", route.upstream.shown(), route.upstream.branch)]
    NoSuchBranch {
        /// Where it should be.
        route: Box<Route>,
    },
    /// The remote has not this branch, and cannot have it: git keeps no `a/b` beside `a`.
    #[error("{} has no branch {}, and can have none beside its {other}", route.upstream.shown(), route.upstream.branch)]
    NoRoom {
        /// Where it should be.
        route: Box<Route>,
        /// The branch that is there.
        other: String,
    },
    /// The remote had the branch, and has it no more.
    #[error("{} had the branch {}, and has it no more", route.upstream.shown(), route.upstream.branch)]
    Gone {
        /// Where it was.
        route: Box<Route>,
    },
    /// The remote dropped commits that it once had and that our line is built on. They are not ours to publish again.
    #[error("{} was rewritten: {} there no longer has {} \"{subject}\", which it once had",
        route.upstream.shown(), route.upstream.branch, commit.to_hex_with_len(7))]
    Rewritten {
        /// Between which branches.
        route: Box<Route>,
        /// The newest such commit.
        commit: ObjectId,
        /// Its subject.
        subject: String,
        /// How many commits of ours go on from there.
        own: usize,
    },
    /// Our commits cannot be put on top of theirs by a program.
    #[error("{stop}")]
    Stopped {
        /// Why.
        stop: Box<Stop>,
        /// Between which branches.
        route: Box<Route>,
    },
    /// The remote, or git, said no to fetching.
    #[error("{} did not answer as it should: {words}", route.upstream.shown())]
    NotFetched {
        /// Between which branches.
        route: Box<Route>,
        /// Git's words.
        words: String,
    },
    /// What the remote has cannot be kept in this clone.
    #[error("what {} has could not be kept here: {words}", route.upstream.shown())]
    NotKept {
        /// Between which branches.
        route: Box<Route>,
        /// Git's words.
        words: String,
    },
    /// The remote does not let us push to the branch.
    #[error("{} does not take commits on {}: {words}", route.upstream.shown(), route.upstream.branch)]
    Protected {
        /// Between which branches.
        route: Box<Route>,
        /// Its words.
        words: String,
    },
    /// Pushing failed for another reason.
    #[error("{remote} did not take our commits: {words}")]
    NotPushed {
        /// The remote as it may be shown; proposals may go to another one than the branch.
        remote: String,
        /// Between which branches.
        route: Box<Route>,
        /// They went to a branch of their own.
        is_request: bool,
        /// Git's words.
        words: String,
    },
    /// Pushes go to several addresses, and one of them has not what the others have.
    #[error("{} has what {} has here, and {address} has not: {words}", route.upstream.shown(), route.branch)]
    NotEverywhere {
        /// The address as it may be shown.
        address: String,
        /// Between which branches.
        route: Box<Route>,
        /// What is known of it.
        words: String,
    },
    /// Others pushed first, again and again.
    #[error("others pushed to {branch} first, {tries} times")]
    Beaten {
        /// The branch.
        branch: String,
        /// How often we tried.
        tries: usize,
    },
    /// Somebody had the branch there in hand all the time, or left it locked.
    #[error("somebody has {} in hand at {} for longer than is worth waiting: {words}", route.upstream.branch, route.upstream.shown())]
    Busy {
        /// Between which branches.
        route: Box<Route>,
        /// The remote's words.
        words: String,
    },
    /// Somebody else added to the branch of our pull request.
    #[error("somebody else pushed to {branch}")]
    RequestMoved {
        /// The branch at the remote.
        branch: String,
    },
    /// The desk or the repository refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<store::Error> for SyncFailure {
    fn from(error: store::Error) -> Self {
        Self::Write(error.into())
    }
}
