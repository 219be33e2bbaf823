//! Errors as the user meets them: what failed, the cure, and the exit code.

use crate::desk::WriteError;
use crate::query::QueryError;
use crate::record::change::Refusal;
use crate::record::finding::Finding;
use crate::record::shell::shell_word;
use crate::store;

/// What an error means for a script: the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// `check` found errors.
    Findings = 1,
    /// The command was typed wrongly.
    Usage = 2,
    /// The desk, the record or the repository is not in a state for it.
    Refused = 3,
    /// A person must solve a conflict.
    Conflict = 4,
}

/// An error of a command.
#[derive(Debug)]
pub(crate) struct CliError {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What failed, about what; lower case, no full stop. Empty when the command has said it already.
    pub(crate) message: String,
    /// Cures, a line each.
    pub(crate) hints: Vec<String>,
    /// A path from the repository's top whose edits are to be committed first; the cure depends on where one stands.
    pub(crate) commit_first: Option<String>,
}

impl CliError {
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message, hint)
    }

    pub(crate) fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message, hint)
    }

    /// Exits with `exit` and says nothing more.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self::new(exit, "", "")
    }

    pub(crate) fn new(exit: Exit, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        let hints = if hint.is_empty() { Vec::new() } else { vec![hint] };
        Self { exit, message: message.into(), hints, commit_first: None }
    }

    fn findings(findings: &[Finding]) -> Self {
        let mut lines = Vec::new();
        for finding in findings {
            let place = if finding.line > 0 {
                format!("{}:{}:{}: {}", finding.path, finding.line, finding.column, finding.message)
            } else {
                finding.message.clone()
            };
            lines.push(place);
        }
        let mut hints: Vec<String> = findings.iter().map(|f| f.hint.clone()).filter(|hint| !hint.is_empty()).collect();
        hints.dedup();
        Self { hints, ..Self::refused(lines.join("\n       "), "") }
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal.message, refusal.hint)
    }
}

impl From<store::Error> for CliError {
    fn from(error: store::Error) -> Self {
        let exit = match error {
            store::Error::UnknownRevision { .. } | store::Error::UnknownBranch { .. } => Exit::Usage,
            store::Error::Unmerged { .. } => Exit::Conflict,
            _ => Exit::Refused,
        };
        let shown = Self::new(exit, with_causes(&error), store_hint(&error));
        match error {
            store::Error::Uncommitted { path, .. } => Self { commit_first: Some(path), ..shown },
            _ => shown,
        }
    }
}

impl From<WriteError> for CliError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Store(error) => error.into(),
            WriteError::Refused(refusal) => refusal.into(),
            WriteError::Usage { message, hint } => Self::usage(message, hint),
            WriteError::Unreadable(findings) | WriteError::Broken(findings) => Self::findings(&findings),
            WriteError::NoRecord { .. } => {
                Self::refused(error.to_string(), "see what there is: staple list, or staple KIND list")
            }
            WriteError::Exists { ref reference, .. } => {
                let hint = format!("look at it: staple show {reference}; or choose another slug");
                Self::refused(error.to_string(), hint)
            }
            WriteError::Edit { .. } => {
                Self::refused(with_causes(&error), "mend the file by hand, then run staple check")
            }
        }
    }
}

impl From<QueryError> for CliError {
    fn from(error: QueryError) -> Self {
        Self::usage(error.to_string(), "")
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self::refused(error.to_string(), "")
    }
}

/// The cure for what the repository refused; never a command that takes something away.
fn store_hint(error: &store::Error) -> String {
    use store::Error;
    match error {
        Error::NotARepository { .. } => "make a desk: staple init, or name one: staple -C DIR ...".to_owned(),
        Error::NoDesk { repo, other: Some(folder) } => {
            let path = repo.join(folder);
            format!(
                "there is one in {folder}; have it found from anywhere: staple -C {} setup",
                shell_word(&path.to_string_lossy())
            )
        }
        Error::NoDesk { .. } => {
            "make one here: staple init; or name one kept elsewhere: git config staple.desk PATH".to_owned()
        }
        Error::Bare { .. } => "work in a clone of it: git clone PATH".to_owned(),
        Error::Untrusted { path } => {
            format!("if you trust it: git config --global --add safe.directory {}", shell_word(&path.to_string_lossy()))
        }
        Error::Reftable { .. } => "work in a clone made with: git clone --ref-format=files URL".to_owned(),
        Error::UnknownBranch { .. } => "see what there is: git branch".to_owned(),
        Error::CheckedOut { path, .. } if !path.exists() => {
            "bring that folder back, or have git forget it where it is gone for good: see git worktree list".to_owned()
        }
        Error::CheckedOut { path, .. } => format!("run the command there: cd {}", shell_word(&path.to_string_lossy())),
        Error::InUse { path, what: "bisect", .. } => {
            format!("end it there first: cd {}, git bisect reset", shell_word(&path.to_string_lossy()))
        }
        Error::InUse { path, what, .. } => {
            format!(
                "finish it there first: cd {}, staple conflicts, git {what} --continue",
                shell_word(&path.to_string_lossy())
            )
        }
        Error::UnknownRevision { .. } => "see what there is: git log --oneline".to_owned(),
        Error::NoIdentity => {
            "git config --global user.name \"Your Name\" && git config --global user.email you@example.org".to_owned()
        }
        Error::InProgress { what } => {
            // What a merge left is shown there; a bisection leaves nothing.
            match *what {
                "bisect" => "end it first: git bisect reset".to_owned(),
                "git am" => "finish it first: staple conflicts, then git am --continue".to_owned(),
                what => format!("finish it first: staple conflicts, then git {what} --continue"),
            }
        }
        Error::Unmerged { path } => format!("see what is left to decide: staple conflicts {}", shell_word(path)),
        Error::Symlink { .. } => {
            "put a real folder or file in its place; records are never written through a link".to_owned()
        }
        Error::Locked { .. } => {
            "try again when the other command has ended; where none runs, one was killed and left that file: remove it"
                .to_owned()
        }
        Error::BranchSwitched { .. } | Error::HeadMoved => "run the command again".to_owned(),
        Error::Hook { .. } => "do what the hook asks for, or see git config core.hooksPath".to_owned(),
        Error::Sign { .. } => {
            "check what git signs with: git config get commit.gpgSign, user.signingKey and gpg.format".to_owned()
        }
        Error::Gix { what, .. } if what.starts_with("blob ") => {
            "see what git says: git fsck; a partial clone gets what it lacks with: git fetch --refetch --no-filter"
                .to_owned()
        }
        Error::GitMissing => "install git, or put it on the PATH".to_owned(),
        _ => String::new(),
    }
}

/// An error with its causes, outermost first.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    text
}
