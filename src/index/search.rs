//! Full text: which documents have words and in which columns, which words there are, what orders documents of one rank.

use rusqlite::functions::{Aggregate, Context as AggregateContext, FunctionFlags};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Index, IndexError, Known, id_of, refresh};
use crate::query::document::{Column, kinds};
use crate::query::numbers::Numbers;
use crate::query::spelling::Nearby;
use crate::query::words::{LONGEST, Term, letters};
use crate::record::Kind;
use crate::record::id::TicketId;
use crate::store::ObjectId;

/// A record as full text knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// A ticket's number.
    Ticket(i64),
    /// The number of a record of another kind.
    Record(i64),
}

impl Document {
    /// Its number in a set of documents, which is its row in the table `words`.
    pub fn number(self) -> u32 {
        let (Self::Ticket(number) | Self::Record(number)) = self;
        // What is beyond was found to be damage when it was read.
        u32::try_from(number * 2 + i64::from(matches!(self, Self::Record(_)))).unwrap_or(u32::MAX)
    }

    /// The document of a number in a set.
    pub fn of(number: u32) -> Self {
        let half = i64::from(number / 2);
        if number.is_multiple_of(2) { Self::Ticket(half) } else { Self::Record(half) }
    }
}

/// Words that are asked for one by one rather than by the letters with which they begin.
const FEW_WORDS: usize = 12;

/// The documents that have a term.
#[derive(Debug, Clone, Default)]
pub struct Having {
    /// In any column.
    pub anywhere: Numbers,
    /// In the name.
    pub name: Numbers,
    /// In the fields, once that is asked.
    fields: Option<Numbers>,
}

impl Having {
    /// The best column of a document that has it; see [`Index::complete`].
    pub fn best(&self, document: u32) -> Option<Column> {
        if self.name.contains(document) {
            Some(Column::Name)
        } else if self.fields.as_ref().is_some_and(|fields| fields.contains(document)) {
            Some(Column::Fields)
        } else {
            self.anywhere.contains(document).then_some(Column::Messages)
        }
    }
}

/// What [`Collect`] is called in queries.
const NUMBERS: &str = "numbers";

/// An aggregate: a set of small numbers as bytes. A row that SQLite hands out takes longer than to find it.
struct Collect;

impl Aggregate<Numbers, Vec<u8>> for Collect {
    fn init(&self, _: &mut AggregateContext<'_>) -> Result<Numbers, rusqlite::Error> {
        Ok(Numbers::default())
    }

    fn step(&self, values: &mut AggregateContext<'_>, numbers: &mut Numbers) -> Result<(), rusqlite::Error> {
        numbers.insert(values.get(0)?);
        Ok(())
    }

    fn finalize(&self, _: &mut AggregateContext<'_>, numbers: Option<Numbers>) -> Result<Vec<u8>, rusqlite::Error> {
        Ok(numbers.unwrap_or_default().to_bytes())
    }
}

/// Teaches a connection what searches ask for.
pub(super) fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_aggregate_function(NUMBERS, 1, flags, Collect)
}

/// Takes back what [`prepare`] taught.
pub(super) fn unprepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.remove_function(NUMBERS, 1)
}

impl Index {
    /// How many documents there are.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn documents(&self) -> Result<u64, IndexError> {
        let documents: Option<i64> = refresh::meta(self.db(), "documents")?;
        Ok(u64::try_from(documents.unwrap_or_default()).unwrap_or_default())
    }

    /// The documents that have a term, which has at least one word.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn having(&self, term: &Term) -> Result<Numbers, IndexError> {
        self.having_any(&self.spelled_out(term)?)
    }

    /// As [`Index::having`], and which have it in their name.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn having_named(&self, term: &Term) -> Result<Having, IndexError> {
        let terms = self.spelled_out(term)?;
        Ok(Having { anywhere: self.having_any(&terms)?, name: self.having_any_in(Column::Name, &terms)?, fields: None })
    }

    /// Asks in which other columns documents have a term, unless that is known.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn complete(&self, having: &mut Having, term: &Term) -> Result<(), IndexError> {
        if having.fields.is_none() {
            having.fields = Some(self.having_any_in(Column::Fields, &self.spelled_out(term)?)?);
        }
        Ok(())
    }

    /// Terms that together mean the same and are answered sooner: the few words that a word's beginning stands for. Full text
    /// merges the documents of all of them before it gives the first.
    fn spelled_out(&self, term: &Term) -> Result<Vec<Term>, IndexError> {
        let [start] = term.words.as_slice() else { return Ok(vec![term.clone()]) };
        if !term.open {
            return Ok(vec![term.clone()]);
        }
        let lengths: Vec<String> = (letters(start)..=LONGEST as u32).map(|letters| letters.to_string()).collect();
        let sql = format!(
            "SELECT word FROM word WHERE letters IN ({}) AND word >= ?1 AND word < ?1 || char(1114111) LIMIT {}",
            lengths.join(", "),
            FEW_WORDS + 1
        );
        let mut query = self.db().prepare_cached(&sql)?;
        let words = query.query_map([start], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        if words.len() > FEW_WORDS {
            return Ok(vec![term.clone()]);
        }
        Ok(words.into_iter().map(|word| Term { words: vec![word], open: false, quoted: true }).collect())
    }

    fn having_any(&self, terms: &[Term]) -> Result<Numbers, IndexError> {
        self.matching(terms.iter().map(Term::fts))
    }

    fn having_any_in(&self, column: Column, terms: &[Term]) -> Result<Numbers, IndexError> {
        self.matching(terms.iter().map(|term| term.fts_in(column)))
    }

    /// The documents that match one of some expressions.
    fn matching(&self, expressions: impl Iterator<Item = String>) -> Result<Numbers, IndexError> {
        let mut query = self.db().prepare_cached("SELECT numbers(rowid) FROM words WHERE words MATCH ?1")?;
        let mut matching = Numbers::default();
        for expression in expressions {
            let found = query.query_row([expression], |row| Ok(Numbers::from_bytes(row.get_ref(0)?.as_blob()?)))?;
            matching = matching.or(&found);
        }
        Ok(matching)
    }

    /// The documents that are of one of some kinds.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn of_kinds(&self, documents: Numbers, wanted: &[Kind]) -> Result<Numbers, IndexError> {
        if kinds().all(|kind| wanted.contains(&kind)) {
            return Ok(documents);
        }
        let mut records = Numbers::default();
        for kind in wanted.iter().filter(|kind| **kind != Kind::Ticket) {
            let mut query = self.db().prepare_cached("SELECT record FROM record WHERE kind = ?1")?;
            for number in query.query_map([kind.word()], |row| row.get(0))? {
                records.insert(Document::Record(number?).number());
            }
        }
        let is_wanted = |number: &u32| match Document::of(*number) {
            Document::Ticket(_) => wanted.contains(&Kind::Ticket),
            Document::Record(_) => records.contains(*number),
        };
        Ok(documents.iter().filter(is_wanted).collect())
    }

    /// The first `most` of some documents by their [moment](crate::query::rank::moment), and all that are of one moment with the
    /// last of them.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn newest(&self, documents: &Numbers, most: usize) -> Result<Vec<(Document, i64)>, IndexError> {
        let count = documents.len();
        if most == 0 {
            return Ok(Vec::new());
        }
        // Of many documents the newest are soon met on the way back through time; of few each is looked up.
        if count > most
            && let Some(found) = self.newest_on_the_way(documents, most, count)?
        {
            return Ok(found);
        }
        let mut query = self.db().prepare_cached("SELECT moment FROM document WHERE document = ?1")?;
        let mut found = Vec::with_capacity(count);
        for number in documents.iter() {
            let moment: Option<i64> = query.query_row([number], |row| row.get(0)).optional()?;
            found.extend(moment.map(|moment| (Document::of(number), moment)));
        }
        found.sort_by_key(|(_, moment)| std::cmp::Reverse(*moment));
        if let Some((_, last)) = found.get(most - 1).copied() {
            found.retain(|(_, moment)| *moment >= last);
        }
        Ok(found)
    }

    /// As [`Index::newest`], met among the newest of all documents; nothing when more than `steps` would be looked at.
    fn newest_on_the_way(
        &self,
        documents: &Numbers,
        most: usize,
        steps: usize,
    ) -> Result<Option<Vec<(Document, i64)>>, IndexError> {
        let mut query = self.db().prepare_cached("SELECT document, moment FROM document ORDER BY moment DESC")?;
        let mut rows = query.query([])?;
        let mut found: Vec<(Document, i64)> = Vec::new();
        for _ in 0..steps {
            let Some(row) = rows.next()? else { return Ok(Some(found)) };
            let (number, moment): (u32, i64) = (row.get(0)?, row.get(1)?);
            if found.len() >= most && found.last().is_some_and(|(_, last)| *last != moment) {
                return Ok(Some(found));
            }
            if documents.contains(number) {
                found.push((Document::of(number), moment));
            }
        }
        Ok(None)
    }

    /// Those of the words that begin no word of any document.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn missing<'w>(&self, words: &[&'w str]) -> Result<Vec<&'w str>, IndexError> {
        let mut missing = Vec::new();
        for word in words {
            if !self.begins_a_word(word)? {
                missing.push(*word);
            }
        }
        Ok(missing)
    }

    fn begins_a_word(&self, start: &str) -> Result<bool, IndexError> {
        // The word itself is there more often than not, and full text finds whole words soonest.
        if self.is_in_a_document(start)? {
            return Ok(true);
        }
        let mut query = self
            .db()
            .prepare_cached("SELECT word FROM word WHERE letters = ?1 AND word > ?2 AND word < ?2 || char(1114111)")?;
        for letters in letters(start)..=LONGEST as u32 {
            let mut rows = query.query(params![letters, start])?;
            while let Some(row) = rows.next()? {
                if self.is_in_a_document(row.get_ref(0)?.as_str().unwrap_or_default())? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether the table `word` is right about a word: it keeps those of documents that are gone.
    fn is_in_a_document(&self, word: &str) -> Result<bool, IndexError> {
        let sql = "SELECT 1 FROM words WHERE words MATCH ?1 LIMIT 1";
        Ok(self.db().prepare_cached(sql)?.query_row([format!("\"{word}\"")], |_| Ok(())).optional()?.is_some())
    }

    /// The words near a word, and how many documents have each.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn near(&self, word: &Nearby) -> Result<Vec<(String, u64)>, IndexError> {
        let letters = word.letters();
        let mut query = self.db().prepare_cached("SELECT word FROM word WHERE letters BETWEEN ?1 AND ?2")?;
        let mut rows = query.query(params![letters.start(), letters.end()])?;
        let mut near = Vec::new();
        while let Some(row) = rows.next()? {
            let found = row.get_ref(0)?.as_str().unwrap_or_default();
            if word.is_near(found) {
                near.push(found.to_owned());
            }
        }
        let mut count = self.db().prepare_cached("SELECT count(*) FROM words WHERE words MATCH ?1")?;
        let counted = near.into_iter().map(|word| {
            let documents: i64 = count.query_row([format!("\"{word}\"")], |row| row.get(0))?;
            Ok((word, documents.cast_unsigned()))
        });
        counted.collect()
    }

    /// Where the ticket of a number lies, unless it is gone.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn path_of_ticket(&self, number: i64) -> Result<Option<String>, IndexError> {
        let mut query = self.db().prepare_cached("SELECT path FROM ticket WHERE ticket = ?1")?;
        Ok(query.query_row([number], |row| row.get(0)).optional()?)
    }

    /// The blobs of the files of a ticket, with their paths.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn files_of(&self, ticket: TicketId) -> Result<Vec<(String, ObjectId)>, IndexError> {
        let mut query = self.db().prepare_cached("SELECT path, blob FROM ticket WHERE id = ?1")?;
        let rows = query.query_map([ticket.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        let mut found = Vec::new();
        for row in rows {
            let (path, blob) = row?;
            found.extend(id_of(blob).map(|blob| (path, blob)));
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
