//! What can go wrong with the repository.

use std::path::PathBuf;

use super::timeline;

/// A refusal or failure of the repository; the cure is the business of the command line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No repository at or above the folder.
    #[error("{} is not in a git repository", path.display())]
    NotARepository {
        /// Where the search began.
        path: PathBuf,
    },
    /// A repository without a desk in it.
    #[error("no desk in {}: no staple.toml", repo.display())]
    NoDesk {
        /// The work tree's root.
        repo: PathBuf,
        /// A folder in it that has a desk after all, which nothing says is meant.
        other: Option<String>,
    },
    /// A repository without a work tree.
    #[error("{} is a bare repository", path.display())]
    Bare {
        /// The git directory.
        path: PathBuf,
    },
    /// The repository belongs to someone else; `git config --global --add safe.directory PATH` is the owner's cure.
    #[error("{} belongs to another user", path.display())]
    Untrusted {
        /// What would be named as safe.
        path: PathBuf,
    },
    /// References are kept in a form that cannot be read here.
    #[error("{} keeps its references as a reftable, which is not supported", path.display())]
    Reftable {
        /// The git directory.
        path: PathBuf,
    },
    /// A revision that names nothing, or no commit.
    #[error("no commit is named {rev}")]
    UnknownRevision {
        /// What was asked for.
        rev: String,
    },
    /// A branch that is not there.
    #[error("there is no branch {branch}")]
    UnknownBranch {
        /// Its short name.
        branch: String,
    },
    /// A branch that another work tree has checked out.
    #[error("{branch} is checked out in {}", path.display())]
    CheckedOut {
        /// Its short name.
        branch: String,
        /// The other work tree.
        path: PathBuf,
    },
    /// A branch that git is in the middle of something with, in another work tree.
    #[error("{branch} is in the middle of a {what} in {}", path.display())]
    InUse {
        /// Its short name.
        branch: String,
        /// The other work tree.
        path: PathBuf,
        /// The operation in git's words.
        what: &'static str,
    },
    /// Neither environment nor configuration says who is writing.
    #[error("no name and e-mail address are configured for commits")]
    NoIdentity,
    /// A merge, rebase or the like is under way.
    #[error("a {what} is under way")]
    InProgress {
        /// The operation in git's words.
        what: &'static str,
    },
    /// The path has unresolved conflicts in the staging area.
    #[error("{path} is unmerged")]
    Unmerged {
        /// Repository-relative path.
        path: String,
    },
    /// The path, or a folder of it, is a symbolic link.
    #[error("{path} is a symbolic link")]
    Symlink {
        /// Repository-relative path of the link.
        path: String,
    },
    /// A folder stands where a file is wanted, or a file where a folder is.
    #[error("{path} is in the way")]
    InTheWay {
        /// Repository-relative path of what is in the way.
        path: String,
    },
    /// A path that no record may have.
    #[error("{path} is not a usable path")]
    BadPath {
        /// The path as given.
        path: String,
    },
    /// The user has changed the file and not committed it.
    #[error("{path} has uncommitted changes")]
    Uncommitted {
        /// Repository-relative path.
        path: String,
        /// The staging area differs from the commit.
        staged: bool,
        /// The file differs from the staging area, or is untracked.
        edited: bool,
    },
    /// Someone else holds a lock for longer than is worth waiting.
    #[error("{} is in the way: another command holds it", path.display())]
    Locked {
        /// The lock's path.
        path: PathBuf,
    },
    /// Another branch was checked out meanwhile.
    #[error("another branch was checked out meanwhile (was {from}, is {to})")]
    BranchSwitched {
        /// The branch, or the commit of a detached HEAD, at the beginning.
        from: String,
        /// The same now.
        to: String,
    },
    /// HEAD kept moving while the change was prepared, or is not where the caller saw it.
    #[error("the branch moved meanwhile")]
    HeadMoved,
    /// The commits to land do not continue the branch.
    #[error("{tip} does not continue the branch")]
    NotADescendant {
        /// The commit to land.
        tip: String,
    },
    /// Signing is required and did not happen.
    #[error("the commit could not be signed: {reason}")]
    Sign {
        /// What the signing program said.
        reason: String,
    },
    /// A hook said no.
    #[error("the {name} hook refused: {output}")]
    Hook {
        /// The hook's name.
        name: &'static str,
        /// What it printed.
        output: String,
    },
    /// The git program is not on the path.
    #[error("the git program was not found")]
    GitMissing,
    /// The git program failed.
    #[error("git {command} failed: {output}")]
    GitFailed {
        /// The subcommand.
        command: String,
        /// What it printed.
        output: String,
    },
    /// History could not be walked.
    #[error("history is unreadable: {source}")]
    History {
        /// The cause.
        source: Box<timeline::TimelineError>,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The repository could not be read or written.
    #[error("{what}: {source}")]
    Gix {
        /// What was tried.
        what: String,
        /// The cause.
        source: Box<gix::Error>,
    },
}

/// Names what was tried when gix fails.
pub(crate) fn gix_error(what: impl Into<String>) -> impl FnOnce(gix::Error) -> Error {
    move |source| Error::Gix { what: what.into(), source: Box::new(source) }
}

/// Names the file when input or output fails.
pub(crate) fn io_error<E: Into<std::io::Error>>(path: impl Into<PathBuf>) -> impl FnOnce(E) -> Error {
    move |source| Error::Io { path: path.into(), source: source.into() }
}
