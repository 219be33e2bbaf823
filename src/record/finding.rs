//! What is wrong with a record, where, and how to mend it.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; `check` still exits 0.
    Note,
    /// Likely wrong; `check` still exits 0.
    Warning,
    /// Wrong: the record breaks a rule or cannot be read.
    Error,
}

impl Severity {
    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something wrong in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, such as `unknown-key`; the manual page of rules explains each.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file, from the desk's root.
    pub path: String,
    /// Line and column from 1; 0 when the finding is about the whole file.
    pub line: usize,
    /// Column in characters, from 1; 0 with line 0.
    pub column: usize,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// The cure; "" when the message says it.
    pub hint: String,
    /// Tells apart findings about words that the message does not repeat; 0 for all others.
    pub about: u64,
}

impl Finding {
    /// An error about a whole file.
    pub fn error(rule: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            path: path.to_owned(),
            line: 0,
            column: 0,
            message: message.into(),
            hint: String::new(),
            about: 0,
        }
    }

    /// A warning about a whole file.
    pub fn warning(rule: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, path, message) }
    }

    /// A note about a whole file.
    pub fn note(rule: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(rule, path, message) }
    }

    /// The same at a place.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.line = line;
        self.column = column;
        self
    }

    /// The same about words that it does not repeat.
    #[must_use]
    pub fn about(mut self, words: &BTreeSet<String>) -> Self {
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        self.about = hasher.finish();
        self
    }

    /// The same with a cure.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}: {} [{}]", self.severity.word(), self.message, self.rule)
    }
}
