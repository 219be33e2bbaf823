//! A query as a condition in SQL.
//!
//! The condition never leaves out a ticket that fulfils the query; it may let others through. What counts is decided by the one
//! matcher in `query`, so that reading with and without the index cannot differ.

use rusqlite::ToSql;

use super::schema::{IS_DONE, IS_OPEN};
use super::{Index, IndexError, LightTicket};
use crate::query::Query;
use crate::query::ast::{Expr, Test};

/// A condition and the values of its marks.
#[derive(Debug, Default)]
struct Condition {
    sql: String,
    values: Vec<String>,
}

impl Index {
    /// The tickets that may fulfil a query, as they are now, committed.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn select(&self, query: &Query) -> Result<Vec<LightTicket>, IndexError> {
        let mut condition = Condition::default();
        condition.sql = condition.of(query.expr()).unwrap_or_else(|| "1".to_owned());
        let values: Vec<&dyn ToSql> = condition.values.iter().map(|value| value as &dyn ToSql).collect();
        self.light_where(&condition.sql, &values)
    }
}

impl Condition {
    /// The condition of an expression; nothing when any ticket may fulfil it.
    fn of(&mut self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::All(parts) => {
                let parts: Vec<String> = parts.iter().filter_map(|part| self.of(part)).collect();
                (!parts.is_empty()).then(|| format!("({})", parts.join(" AND ")))
            }
            Expr::Any(parts) => {
                let before = self.values.len();
                let parts: Option<Vec<String>> = parts.iter().map(|part| self.of(part)).collect();
                if parts.is_none() {
                    // The marks of the parts before are gone, and so must be what they stood for.
                    self.values.truncate(before);
                }
                parts.map(|parts| format!("({})", parts.join(" OR ")))
            }
            Expr::Not(inner) => match &**inner {
                Expr::Test(Test::Is("open")) => Some(IS_DONE.to_owned()),
                Expr::Test(Test::Is("done")) => Some(IS_OPEN.to_owned()),
                _ => None,
            },
            Expr::Test(test) => self.test(test),
        }
    }

    fn test(&mut self, test: &Test) -> Option<String> {
        match test {
            Test::Is("open" | "overdue") => Some(IS_OPEN.to_owned()),
            Test::Is("done") => Some(IS_DONE.to_owned()),
            Test::Is(status @ ("new" | "working" | "waiting" | "resolved" | "dropped" | "duplicate")) => {
                Some(format!("status = {}", self.mark(status)))
            }
            Test::Word {
                field: field @ ("customer" | "topic" | "status" | "channel" | "severity" | "resolution"),
                value,
                ..
            } if !value.is_empty() => {
                // Either may be written with its kind before it; SQLite folds the letters of ASCII alone. Such are let through.
                let bare = value.split_once(':').map_or(value.as_str(), |(_, bare)| bare);
                if !bare.is_ascii() {
                    return None;
                }
                let (bare, whole) = (self.mark(bare), self.mark(value));
                Some(format!(
                    "({field} = {bare} COLLATE NOCASE OR {field} = {whole} COLLATE NOCASE OR {field} LIKE '%:%' OR {field} GLOB '*[^ -~]*')"
                ))
            }
            Test::Words(term) | Test::Text { field: "text", text: term } if !term.words.is_empty() => {
                let expression = self.mark(&term.fts());
                Some(format!(
                    "ticket IN (SELECT rowid / 2 FROM words WHERE words MATCH {expression} AND rowid % 2 = 0)"
                ))
            }
            _ => None,
        }
    }

    fn mark(&mut self, value: &str) -> String {
        self.values.push(value.to_owned());
        format!("?{}", self.values.len())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::query::fields::TICKETS;

    fn condition(text: &str) -> (Option<String>, Vec<String>) {
        let mut condition = Condition::default();
        let sql = condition.of(Query::parse(text, &TICKETS).unwrap().expr());
        (sql, condition.values)
    }

    #[test]
    fn what_a_dropped_alternative_stood_for_goes_with_it() {
        for text in
            ["customer:acme or has:reply", "topic:billing (customer:acme or has:reply)", "a or (topic:b or is:mine)"]
        {
            let (sql, values) = condition(text);
            let marks = sql.unwrap_or_default().matches('?').count();
            assert_eq!(marks, values.len(), "{text}");
        }
    }

    #[test]
    fn letters_that_sqlite_does_not_fold_are_left_to_the_matcher() {
        assert_eq!(condition("customer:\u{e4}cme"), (None, Vec::new()));
        assert!(condition("customer:acme").0.unwrap().contains("GLOB"));
    }
}
