//! Search through the index: the same answers as [`crate::desk::search`] gives by reading everything.

use std::collections::HashMap;

use super::Reading;
use crate::desk::Records;
use crate::desk::search::{Answer, Found, Ranked, order};
use crate::desk::subject::{KindSubject, TicketSubject};
use crate::index::{Document, IndexError, Known, LightTicket};
use crate::query::ast::{Expr, Test};
use crate::query::kinds::KindQueries;
use crate::query::spelling::{self, Correction};
use crate::query::{Context, Query};
use crate::record::{Kind, Name};
use crate::store::layout::{Located, locate};

impl Reading<'_> {
    /// Words that no record has, each with the nearest ones; nothing where edits that are not committed may have them.
    pub(in crate::desk) fn corrections(&self, words: &[&str]) -> Result<Option<Vec<Correction>>, IndexError> {
        if words.is_empty() {
            return Ok(Some(Vec::new()));
        }
        if !self.overlay.is_empty() {
            return Ok(None);
        }
        let missing = self.index.missing(words)?;
        if missing.is_empty() {
            return Ok(Some(Vec::new()));
        }
        Ok(Some(spelling::corrections(&missing, self.index.vocabulary()?)))
    }

    /// The first records of an answer, in full; nothing where every record has to be read for it.
    ///
    /// Ranks depend on the words of all records, so edits that are not committed are left to reading everything.
    pub(in crate::desk) fn search(
        &self,
        queries: &KindQueries,
        limit: usize,
        context: &Context<'_>,
    ) -> Result<Option<Answer>, IndexError> {
        let keys = queries.first().map(|(_, query)| query.sort_keys()).unwrap_or_default();
        if !self.overlay.is_empty() || keys.iter().any(|key| key.field == "owner") {
            return Ok(None);
        }
        let mut records = Records::default();
        let mut found: Vec<(Kind, Name, f64)> = Vec::new();
        let mut all = 0;
        for (kinds, query) in alike(queries) {
            let words_only = is_words_only(query.expr()) && keys.is_empty();
            let ranks: Vec<(Document, f64)> = match query.fts_rank() {
                Some(expression) if words_only => match query.fts_candidates() {
                    Some(candidates) => self.index.ranked(&candidates)?,
                    None => self.index.ranked(&expression)?,
                },
                Some(expression) => self.index.ranked(&expression)?,
                None => Vec::new(),
            };
            if words_only {
                all += self.best(&mut records, &mut found, &ranks, &kinds, limit)?;
            } else {
                let ranks: HashMap<Document, f64> = ranks.into_iter().collect();
                for kind in kinds {
                    self.fulfilling(&mut records, &mut found, kind, query, &ranks, context)?;
                }
                all = found.len();
            }
        }
        records.settle();
        let of =
            |(kind, name, rank): &(Kind, Name, f64)| Some(Found { record: records.get(*kind, name)?, rank: *rank });
        let mut ordered: Vec<Found<'_>> = found.iter().filter_map(of).collect();
        order(&mut ordered, keys, &records, context);
        ordered.truncate(limit);
        let first: Vec<Ranked> = ordered
            .iter()
            .map(|found| Ranked { kind: found.record.kind, name: found.record.name.clone(), rank: found.rank })
            .collect();
        self.in_full(first, all).map(Some)
    }

    /// How many records have each term.
    pub(in crate::desk) fn having(&self, terms: &[&crate::query::words::Term]) -> Result<Option<Vec<u64>>, IndexError> {
        if !self.overlay.is_empty() {
            return Ok(None);
        }
        terms.iter().map(|term| Ok(self.index.having(term)?.len() as u64)).collect::<Result<_, _>>().map(Some)
    }

    /// Adds the best `limit` of some documents, and all that are as good as the last of them; gives how many there are in all.
    fn best(
        &self,
        records: &mut Records,
        found: &mut Vec<(Kind, Name, f64)>,
        ranks: &[(Document, f64)],
        kinds: &[Kind],
        limit: usize,
    ) -> Result<usize, IndexError> {
        let mut all = 0;
        let mut last = f64::NEG_INFINITY;
        for (document, rank) in ranks {
            let enough = all >= limit && *rank < last;
            match document {
                Document::Ticket(_) if !kinds.contains(&Kind::Ticket) => continue,
                Document::Ticket(_) if enough => {}
                Document::Ticket(number) => {
                    for ticket in self.index.numbered_tickets(&[*number])? {
                        found.push((Kind::Ticket, ticket.record.name.clone(), *rank));
                        records.add_light(ticket.record, ticket.summary);
                    }
                }
                Document::Record(number) => {
                    let Some(known) = self.index.numbered_record(*number)?.filter(|k| kinds.contains(&k.kind)) else {
                        continue;
                    };
                    if !enough {
                        self.add_found(records, found, &known, *rank)?;
                    }
                }
            }
            all += 1;
            if all <= limit {
                last = *rank;
            }
        }
        Ok(all)
    }

    /// Adds the records of a kind that fulfil a query.
    fn fulfilling(
        &self,
        records: &mut Records,
        found: &mut Vec<(Kind, Name, f64)>,
        kind: Kind,
        query: &Query,
        ranks: &HashMap<Document, f64>,
        context: &Context<'_>,
    ) -> Result<(), IndexError> {
        let rank = |document| ranks.get(&document).copied().unwrap_or_default();
        let mut having = HashMap::new();
        for term in query.asked_terms().into_iter().filter(|term| !term.words.is_empty()) {
            having.insert(term, self.index.having(term)?);
        }
        let has = |document: Document, term: &crate::query::words::Term| {
            term.words.is_empty() || having.get(term).is_some_and(|found| found.contains(&document))
        };
        if kind == Kind::Ticket {
            for LightTicket { number, .. } in self.index.select(query)? {
                let document = Document::Ticket(number);
                for ticket in self.index.numbered_tickets(&[number])? {
                    let name = ticket.record.name.clone();
                    let mut alone = Records::default();
                    self.add_light(&mut alone, ticket)?;
                    let Some(ticket) = alone.get(kind, &name) else { continue };
                    let subject = TicketSubject { records: &alone, ticket };
                    if query.matches_having(&subject, |term| has(document, term), context) {
                        found.push((kind, name, rank(document)));
                        records.add_light(ticket.clone(), alone.summary(ticket));
                    }
                }
            }
            return Ok(());
        }
        for known in self.index.records_of(kind)? {
            let document = Document::Record(known.number);
            let mut alone = Records::default();
            self.add_known(&mut alone, &known)?;
            let Some(Located::Record(_, name)) = locate(&known.path) else { continue };
            let Some(record) = alone.get(kind, &name) else { continue };
            if query.matches_having(&KindSubject::new(record, context), |term| has(document, term), context) {
                self.add_found(records, found, &known, rank(document))?;
            }
        }
        Ok(())
    }

    fn add_found(
        &self,
        records: &mut Records,
        found: &mut Vec<(Kind, Name, f64)>,
        known: &Known,
        rank: f64,
    ) -> Result<(), IndexError> {
        if let Some(Located::Record(kind, name)) = locate(&known.path) {
            self.add_known(records, known)?;
            found.push((kind, name, rank));
        }
        Ok(())
    }

    /// Reads the records of an answer in full, with what names them.
    fn in_full(&self, first: Vec<Ranked>, all: usize) -> Result<Answer, IndexError> {
        let mut records = self.empty()?;
        for found in &first {
            if let Name::Ticket(id) = &found.name {
                for ticket in self.index.tickets_like(id.as_str())? {
                    self.add_ticket(&mut records, &ticket.record.path)?;
                }
            } else {
                for known in self.index.records_named(&found.name.to_string())?.iter().filter(|k| k.kind == found.kind)
                {
                    self.add_known(&mut records, known)?;
                }
            }
        }
        self.add_labels(&mut records)?;
        records.settle();
        Ok(Answer { records, first, all, ..Answer::default() })
    }
}

/// Queries that are the same, each with the kinds it is asked of.
fn alike(queries: &KindQueries) -> Vec<(Vec<Kind>, &Query)> {
    let mut out: Vec<(Vec<Kind>, &Query)> = Vec::new();
    for (kind, query) in queries {
        match out.iter_mut().find(|(_, known)| known == &query) {
            Some((kinds, _)) => kinds.push(*kind),
            None => out.push((vec![*kind], query)),
        }
    }
    out
}

/// Whether it asks for nothing but words, so that full text alone decides.
fn is_words_only(expr: &Expr) -> bool {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => !parts.is_empty() && parts.iter().all(is_words_only),
        Expr::Test(Test::Words(term)) => !term.words.is_empty(),
        Expr::Not(_) | Expr::Test(_) => false,
    }
}
