//! What is wrong with a query, and where.

use std::fmt;

use unicode_width::UnicodeWidthChar;

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct QueryError {
    /// Where, in characters, from 1.
    pub column: usize,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// What may have been meant, nearest first.
    pub nearest: Vec<String>,
    /// Whether it says already which saved query it is about.
    pub(super) in_saved: bool,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)?;
        if !self.nearest.is_empty() {
            write!(f, "; did you mean {}?", self.nearest.join(" or "))?;
        }
        Ok(())
    }
}

impl QueryError {
    pub(super) fn new(column: usize, message: impl Into<String>) -> Self {
        Self { column, message: message.into(), nearest: Vec::new(), in_saved: false }
    }

    pub(super) fn or(mut self, nearest: Vec<String>) -> Self {
        self.nearest = nearest;
        self
    }

    /// The query on one line and a caret under the column on the next, each indented by two spaces.
    ///
    /// Control characters show as spaces, so that the line stays one line and does nothing to a terminal.
    pub fn pointer(&self, query: &str) -> String {
        pointer(query, self.column)
    }
}

/// A text on one line and a caret under a column, counted in characters from 1, on the next; see [`QueryError::pointer`].
pub fn pointer(text: &str, column: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let before: usize = line.chars().take(column.saturating_sub(1)).map(|c| c.width().unwrap_or(0)).sum();
    format!("  {line}\n  {}^", " ".repeat(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_column() {
        let error = QueryError::new(4, "no field `topik`").or(vec!["topic".to_owned()]);
        assert_eq!(error.to_string(), "column 4: no field `topik`; did you mean topic?");
        assert_eq!(error.pointer("a  topik:x"), "  a  topik:x\n     ^");
        assert_eq!(error.pointer("日本 x"), "  日本 x\n       ^");
        assert_eq!(error.pointer("a\t\u{1b}x"), "  a  x\n     ^");
    }
}
