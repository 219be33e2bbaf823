//! What full text keeps of documents: their words, which words there are, and what orders documents of one rank.
//!
//! A word stays known when the last document that had it is gone, as it may stay in the files of full text itself, until it is
//! [erased](super::erase); whoever asks for words looks whether a document has them.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::refresh::{meta, set_meta};
use super::search::Document;
use super::{IndexError, erase};
use crate::query::document::COLUMNS;
use crate::query::words::{GAP, letters};

/// Words that are remembered as known, so that the words of many documents are not looked up one by one.
const REMEMBERED: usize = 1 << 16;

/// Takes documents in and out of full text.
pub(super) struct Texts<'c> {
    db: &'c Connection,
    known: HashSet<String>,
    /// How many more documents there are than before.
    more: i64,
    /// Whether words were taken out of a document that had them.
    redacted: bool,
}

impl<'c> Texts<'c> {
    pub(super) fn new(db: &'c Connection) -> Self {
        Self { db, known: HashSet::new(), more: 0, redacted: false }
    }

    /// Takes a document out, if it is there. `next` are the words of the columns that will take its place.
    pub(super) fn remove(&mut self, document: Document, next: &[String; COLUMNS]) -> Result<(), IndexError> {
        let number = document.number();
        if self.db.prepare_cached("DELETE FROM document WHERE document = ?1")?.execute([number])? > 0 {
            let marks = erase::marks(next);
            self.redacted = self.redacted || (marks > 0 && marks > erase::marks_in(self.db, number)?);
            self.db.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([number])?;
            self.more -= 1;
        }
        Ok(())
    }

    /// Puts a document in that is not there: the words of its columns, and its [moment](crate::query::rank::moment).
    pub(super) fn put(
        &mut self,
        document: Document,
        columns: &[String; COLUMNS],
        moment: i64,
    ) -> Result<(), IndexError> {
        let number = document.number();
        self.db
            .prepare_cached("INSERT INTO words (rowid, name, fields, messages) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![number, columns[0], columns[1], columns[2]])?;
        self.db.prepare_cached("INSERT INTO document VALUES (?1, ?2)")?.execute(params![number, moment])?;
        self.more += 1;
        for word in columns.iter().flat_map(|column| column.split_ascii_whitespace()).filter(|word| *word != GAP) {
            self.know(word)?;
        }
        Ok(())
    }

    fn know(&mut self, word: &str) -> Result<(), IndexError> {
        if self.known.contains(word) {
            return Ok(());
        }
        self.db.prepare_cached("INSERT OR IGNORE INTO word VALUES (?1, ?2)")?.execute(params![letters(word), word])?;
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(word.to_owned());
        Ok(())
    }

    /// Notes how many documents there are now. Whether something was redacted in one of them.
    pub(super) fn finish(self) -> Result<bool, IndexError> {
        let before: i64 = meta(self.db, "documents")?.unwrap_or_default();
        set_meta(self.db, "documents", before + self.more)?;
        Ok(self.redacted)
    }
}
