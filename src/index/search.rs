//! Full text: which records have words, how well they answer them, which words there are.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, params};

use super::{Index, IndexError, Known, LightTicket};
use crate::query::words::Term;

/// A record as full text knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// A ticket's number.
    Ticket(i64),
    /// The number of a record of another kind.
    Record(i64),
}

impl Document {
    /// The row of the table `words`.
    fn of_row(row: i64) -> Self {
        if row % 2 == 0 { Self::Ticket(row / 2) } else { Self::Record(row / 2) }
    }
}

impl Index {
    /// The documents that match an expression of `query::fts`, the best first, each with its rank: greater is better.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ranked(&self, expression: &str) -> Result<Vec<(Document, f64)>, IndexError> {
        let sql = "SELECT rowid, -bm25(words, 10.0, 3.0, 1.0) FROM words WHERE words MATCH ?1";
        let mut query = self.db().prepare_cached(sql)?;
        let rows = query.query_map([expression], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?)))?;
        let mut found = Vec::new();
        for row in rows {
            let (row, rank) = row?;
            found.push((Document::of_row(row), rank));
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(found)
    }

    /// The documents that have a term, which has at least one word.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn having(&self, term: &Term) -> Result<HashSet<Document>, IndexError> {
        let mut query = self.db().prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1")?;
        let rows = query.query_map([term.fts()], |row| row.get(0).map(Document::of_row))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Those of the words that begin no word of any document.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn missing<'w>(&self, words: &[&'w str]) -> Result<Vec<&'w str>, IndexError> {
        let mut missing = Vec::new();
        for word in words {
            let sql = "SELECT 1 FROM words WHERE words MATCH ?1 LIMIT 1";
            let found = self.db().prepare_cached(sql)?.query_row([format!("\"{word}\"*")], |_| Ok(())).optional()?;
            if found.is_none() {
                missing.push(*word);
            }
        }
        Ok(missing)
    }

    /// Every word there is and how many documents have it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn vocabulary(&self) -> Result<Vec<(String, u64)>, IndexError> {
        let mut query = self.db().prepare_cached("SELECT term, doc FROM vocabulary")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The tickets of some numbers, in no order.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn numbered_tickets(&self, numbers: &[i64]) -> Result<Vec<LightTicket>, IndexError> {
        let mut found = Vec::new();
        for number in numbers {
            found.extend(self.light_where("ticket = ?1", &[number])?);
        }
        Ok(found)
    }

    /// The record of a number, unless it is gone.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn numbered_record(&self, number: i64) -> Result<Option<Known>, IndexError> {
        Ok(self.known("record = ?1", params![number])?.pop())
    }
}
