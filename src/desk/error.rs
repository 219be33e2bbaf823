//! Why a desk could not be read or changed.

use crate::record::change::Refusal;
use crate::record::finding::Finding;
use crate::record::reference::Reference;
use crate::record::{Kind, Name};
use crate::{store, text};

/// Why a change was not made. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The repository could not be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The record is not there.
    #[error("there is no {} {name}", .kind.word())]
    NoRecord {
        /// The kind.
        kind: Kind,
        /// The id or slug.
        name: Name,
    },
    /// A record of the name is there already.
    #[error("{reference} is there already ({path})")]
    Exists {
        /// The reference.
        reference: String,
        /// Its file.
        path: String,
    },
    /// A record that would be changed cannot be read.
    #[error("{}", first(.0))]
    Unreadable(Vec<Finding>),
    /// The change would break rules.
    #[error("{}", first(.0))]
    Broken(Vec<Finding>),
    /// A text could not be edited.
    #[error("{path}: {source}")]
    Edit {
        /// The file.
        path: String,
        /// Why.
        source: text::EditError,
    },
    /// What was typed cannot be understood.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// The cure.
        hint: String,
    },
}

impl WriteError {
    pub(crate) fn edit(path: &str, source: text::EditError) -> Self {
        Self::Edit { path: path.to_owned(), source }
    }

    /// What was typed cannot be understood.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }
}

fn first(findings: &[Finding]) -> String {
    findings.first().map_or_else(
        || "the record cannot be read".to_owned(),
        |finding| {
            if finding.line > 0 {
                format!("{}:{}:{}: {}", finding.path, finding.line, finding.column, finding.message)
            } else {
                finding.message.clone()
            }
        },
    )
}

/// How to make the record that a reference misses.
pub(crate) fn make_hint(reference: &Option<Reference>) -> String {
    match reference {
        Some(Reference::Record(kind, slug)) => format!("make it first: staple {} new {slug}", kind.word()),
        _ => "check the id with staple ticket list --all".to_owned(),
    }
}
