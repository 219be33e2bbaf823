//! Search by reading every record: what an index answers sooner, and no otherwise.
//!
//! The steps are apart, so that an index can take the place of one: the words of each record ([`Documents`]), words that
//! nothing has ([`corrections`]), what fulfils a query and how well ([`Documents::find`]), and the order ([`order`]).

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::reading::Reading;
use super::subject::{KindSubject, TicketSubject};
use super::{At, Desk, Records};
use crate::index::IndexError;
use crate::query::ast::SortKey;
use crate::query::document::{Column, Document, Indexed, kinds};
use crate::query::kinds::KindQueries;
use crate::query::rank::{Weights, before, best_column, moment};
use crate::query::spelling::{self, Correction};
use crate::query::words::Term;
use crate::query::{Context, Query, Subject};
use crate::record::time::Time;
use crate::record::{Kind, Name, Record};
use crate::store;

/// A record that fulfils a query, and how well.
#[derive(Debug, Clone, Copy)]
pub struct Found<'r> {
    /// The record.
    pub record: &'r Record,
    /// How well it answers the words: greater is better, 0 when it has none of them.
    pub rank: f64,
}

/// What a search gives: the first records of the answer in their order, and how many there are in all.
#[derive(Debug, Default)]
pub struct Answer {
    /// The records, and others too.
    pub records: Records,
    /// The first of them.
    pub first: Vec<Ranked>,
    /// How many fulfil the query.
    pub all: usize,
    /// Words that no record has, each with those that were looked for instead.
    pub corrections: Vec<Correction>,
    /// The queries with these words.
    pub queries: KindQueries,
}

/// The records that a list chooses from.
#[derive(Debug)]
pub struct Choice {
    /// The records that may fulfil the query, and others too.
    pub records: Records,
    /// Words that no record has, each with those that are looked for instead.
    pub corrections: Vec<Correction>,
    /// The query with these words.
    pub query: Query,
}

/// The name of a record that was found, and how well it answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: Name,
    /// As [`Found::rank`].
    pub rank: f64,
}

impl Answer {
    /// The first records, in their order.
    pub fn found(&self) -> Vec<Found<'_>> {
        let found =
            |ranked: &Ranked| Some(Found { record: self.records.get(ranked.kind, &ranked.name)?, rank: ranked.rank });
        self.first.iter().filter_map(found).collect()
    }
}

impl Desk {
    /// The records that fulfil the query of their kind, the first `limit` of them. Words that no record has are replaced by the
    /// nearest ones.
    ///
    /// # Errors
    /// When the repository cannot be read or has no such revision.
    pub fn search(
        &self,
        at: &At,
        queries: &KindQueries,
        limit: usize,
        context: &Context<'_>,
    ) -> Result<Answer, store::Error> {
        let free = queries.first().map(|(_, query)| query.free_words()).unwrap_or_default();
        let through = |reading: &Reading<'_>| {
            let Some(corrections) = reading.corrections(&free)? else { return Ok(None) };
            let queries = corrected(queries, &corrections);
            Ok(reading.search(&queries, limit, context)?.map(|answer| Answer { corrections, queries, ..answer }))
        };
        if *at == At::Now
            && let Some(answer) = self.through_index(through)?.flatten()
        {
            return Ok(answer);
        }
        let records = self.records(at)?;
        let documents = Documents::read(&records);
        let corrections = corrections(&free, || documents.indexed());
        let queries = corrected(queries, &corrections);
        let mut found = documents.find(&queries, context);
        let keys = queries.first().map(|(_, query)| query.sort_keys()).unwrap_or_default();
        order(&mut found, keys, &records, context);
        let all = found.len();
        let of =
            |found: &Found<'_>| Ranked { kind: found.record.kind, name: found.record.name.clone(), rank: found.rank };
        let first = found.iter().take(limit).map(of).collect();
        drop(documents);
        Ok(Answer { first, all, records, corrections, queries })
    }

    /// The tickets that fulfil a query at a moment, and what a list of them says besides; perhaps others too. Words that no record
    /// has are replaced by the nearest ones.
    ///
    /// # Errors
    /// As for [`Desk::search`].
    pub fn tickets(&self, at: &At, query: &Query) -> Result<Choice, store::Error> {
        self.choice(at, query, |reading, query| reading.tickets(query))
    }

    /// All records of a kind at a moment, and of tickets and talks what a list of that kind says; words as for [`Desk::tickets`].
    ///
    /// # Errors
    /// As for [`Desk::search`].
    pub fn all_of(&self, at: &At, kind: Kind, query: &Query) -> Result<Choice, store::Error> {
        self.choice(at, query, |reading, _| reading.all_of(kind))
    }

    fn choice(
        &self,
        at: &At,
        query: &Query,
        choose: impl Fn(&Reading<'_>, &Query) -> Result<Records, IndexError>,
    ) -> Result<Choice, store::Error> {
        let free = query.free_words();
        let through = |reading: &Reading<'_>| {
            let Some(corrections) = reading.corrections(&free)? else { return Ok(None) };
            let query = query.corrected(&corrections);
            Ok(Some(Choice { records: choose(reading, &query)?, corrections, query }))
        };
        if let Some(choice) = self.through_index_at(at, through)?.flatten() {
            return Ok(choice);
        }
        let records = self.records(at)?;
        let corrections = match free.as_slice() {
            [] => Vec::new(),
            free => {
                let documents = Documents::read(&records);
                corrections(free, || documents.indexed())
            }
        };
        Ok(Choice { query: query.corrected(&corrections), corrections, records })
    }

    /// How many records have each term, among all.
    ///
    /// # Errors
    /// As for [`Desk::search`].
    pub fn having(&self, at: &At, terms: &[&Term]) -> Result<Vec<u64>, store::Error> {
        if *at == At::Now
            && let Some(known) = self.through_index(|reading| reading.having(terms))?.flatten()
        {
            return Ok(known);
        }
        Ok(Documents::read(&self.records(at)?).having(terms))
    }
}

/// The queries with words in the place of those that no record has.
fn corrected(queries: &KindQueries, corrections: &[Correction]) -> KindQueries {
    queries.iter().map(|(kind, query)| (*kind, query.corrected(corrections))).collect()
}

/// The document of a record, with a ticket's messages.
pub fn document<'r>(records: &'r Records, record: &'r Record) -> Document<'r> {
    let messages = record.ticket_id().map(|id| records.messages(id)).unwrap_or_default();
    Document::of(record, messages)
}

/// The best column of a document for each term.
type BestColumns = Vec<Option<Column>>;

/// The words of every record of a desk.
pub struct Documents<'r> {
    records: &'r Records,
    documents: Vec<(&'r Record, Indexed)>,
}

impl<'r> Documents<'r> {
    /// Reads the words of every record that is searched.
    pub fn read(records: &'r Records) -> Self {
        let all = kinds().flat_map(|kind| records.of(kind));
        Self { records, documents: all.map(|record| (record, document(records, record).indexed())).collect() }
    }

    /// The words of each record.
    pub fn indexed(&self) -> impl Iterator<Item = &Indexed> {
        self.documents.iter().map(|(_, indexed)| indexed)
    }

    /// How many records have each term, among all.
    pub fn having(&self, terms: &[&Term]) -> Vec<u64> {
        terms.iter().map(|term| self.indexed().filter(|indexed| indexed.has(term)).count() as u64).collect()
    }

    /// The records that fulfil the query of their kind, each with its rank among all records of the desk.
    pub fn find(&self, queries: &KindQueries, context: &Context<'_>) -> Vec<Found<'r>> {
        let mut out = Vec::new();
        let mut reckoned: Vec<(Vec<&Term>, Weights, Vec<BestColumns>)> = Vec::new();
        for (kind, query) in queries {
            // Kinds may read one text as other terms: a field holds words in one and names in another.
            let terms = query.terms();
            let at = reckoned.iter().position(|(known, ..)| *known == terms).unwrap_or_else(|| {
                let best = |indexed| terms.iter().map(|term| best_column(indexed, term)).collect();
                let best: Vec<BestColumns> = self.indexed().map(best).collect();
                let having = |place: usize| best.iter().filter(|best| best[place].is_some()).count() as u64;
                let having: Vec<u64> = (0..terms.len()).map(having).collect();
                reckoned.push((terms, Weights::of(self.documents.len() as u64, &having), best));
                reckoned.len() - 1
            });
            let (_, weights, best) = &reckoned[at];
            for ((record, indexed), best) in self.documents.iter().zip(best) {
                if record.kind == *kind && fulfils(query, self.records, record, indexed, context) {
                    out.push(Found { record, rank: weights.rank(best.iter().copied()) });
                }
            }
        }
        out
    }
}

fn fulfils(query: &Query, records: &Records, record: &Record, indexed: &Indexed, context: &Context<'_>) -> bool {
    let has = |term: &Term| indexed.has(term);
    match record.kind {
        Kind::Ticket => query.matches_having(&TicketSubject { records, ticket: record }, has, context),
        _ => query.matches_having(&KindSubject::new(record, context), has, context),
    }
}

/// The words among these that begin no word of any document.
pub fn missing<D: Borrow<Indexed>>(words: &[&str], documents: impl Iterator<Item = D>) -> Vec<String> {
    let mut missing: Vec<String> = words.iter().map(|word| format!(" {word}")).collect();
    if missing.is_empty() {
        return missing;
    }
    for document in documents {
        let document: &Indexed = document.borrow();
        missing.retain(|word| !document.columns.iter().any(|column| column.contains(word.as_str())));
        // A word that many have is found in the first few.
        if missing.is_empty() {
            break;
        }
    }
    missing.iter().map(|word| word.trim_start().to_owned()).collect()
}

/// The words among these that begin no word of any document, each with the nearest ones.
pub fn corrections<I>(words: &[&str], documents: impl Fn() -> I) -> Vec<Correction>
where
    I: Iterator<Item: Borrow<Indexed>>,
{
    let missing = missing(words, documents());
    if missing.is_empty() {
        return Vec::new();
    }
    let mut vocabulary: BTreeMap<String, u64> = BTreeMap::new();
    for document in documents() {
        let document: &Indexed = document.borrow();
        for word in document.words().collect::<BTreeSet<&str>>() {
            match vocabulary.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(vocabulary.insert(word.to_owned(), 1)),
            }
        }
    }
    spelling::corrections(&missing.iter().map(String::as_str).collect::<Vec<_>>(), vocabulary)
}

/// Puts what was found in the order that is asked for: by default the best first. Of equals what has no date comes first, as
/// playbooks and customers, then the newest, then by reference.
pub fn order(found: &mut [Found<'_>], keys: &[SortKey], records: &Records, context: &Context<'_>) {
    let rank = |a: &Found<'_>, b: &Found<'_>| b.rank.total_cmp(&a.rank);
    found.sort_by(|a, b| {
        let by_keys = keys.iter().map(|key| match key.field {
            "rank" if key.descending => rank(a, b).reverse(),
            "rank" => rank(a, b),
            field => compare(a.record, b.record, (field, key.descending), records, context),
        });
        by_keys.fold(Ordering::Equal, Ordering::then).then_with(|| {
            let of = |found: &Found<'_>| (found.rank, moment(found.record));
            before(of(a), of(b), || a.record.reference().cmp(&b.record.reference()))
        })
    });
}

/// What orders a record by a field; unset comes last either way.
fn compare(a: &Record, b: &Record, key: (&str, bool), records: &Records, context: &Context<'_>) -> Ordering {
    let (field, descending) = key;
    let value = |record: &Record| {
        // The older a record, the earlier it was opened.
        let (field, is_age) = if field == "age" { ("opened", true) } else { (field, false) };
        let (time, text) = match record.kind {
            Kind::Ticket => value_of(&TicketSubject { records, ticket: record }, field),
            _ => value_of(&KindSubject::new(record, context), field),
        };
        (time.map(|time| if is_age { -time.unix() } else { time.unix() }), text)
    };
    let (a, b) = (value(a), value(b));
    let unset = |value: &(Option<i64>, Option<String>)| value.0.is_none() && value.1.is_none();
    let order = a.cmp(&b);
    unset(&a).cmp(&unset(&b)).then(if descending { order.reverse() } else { order })
}

fn value_of(subject: &impl Subject, field: &str) -> (Option<Time>, Option<String>) {
    (subject.time(field), subject.values(field).first().map(|text| text.to_lowercase()))
}
