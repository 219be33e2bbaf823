//! Search through the index: the same answers as [`crate::desk::search`] gives by reading everything.

use super::Reading;
use crate::desk::Records;
use crate::desk::search::{Answer, Found, Ranked, order};
use crate::desk::subject::{KindSubject, TicketSubject};
use crate::index::{Document, Having, Index, IndexError};
use crate::query::ast::SortKey;
use crate::query::kinds::KindQueries;
use crate::query::numbers::Numbers;
use crate::query::rank::{Weights, before, moment};
use crate::query::spelling::{self, Correction, Nearby};
use crate::query::words::Term;
use crate::query::{Context, Query};
use crate::record::{Kind, Name, Record};
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
        let mut near = Vec::new();
        for nearby in missing.iter().filter_map(|word| Nearby::new(word)) {
            near.extend(self.index.near(&nearby)?);
        }
        Ok(Some(spelling::corrections(&missing, near)))
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
        let mut found = Vec::new();
        let mut all = 0;
        for (kinds, query) in alike(queries) {
            let mut ranking = self.ranking(query)?;
            match query.by_words(&|term| ranking.having(term)).filter(|_| keys.is_empty()) {
                Some(documents) => all += self.best(&mut found, &mut ranking, documents, &kinds, limit)?,
                None => {
                    ranking.complete(&self.index)?;
                    let before = found.len();
                    for kind in kinds {
                        self.fulfilling(&mut records, &mut found, kind, query, &ranking, context)?;
                    }
                    all += found.len() - before;
                }
            }
        }
        if keys.is_empty() {
            found.sort_by(|a, b| before((a.rank, a.moment), (b.rank, b.moment), || a.reference.cmp(&b.reference)));
        } else {
            records.settle();
            found = ordered(&records, &found, keys, context);
        }
        found.truncate(limit);
        let first = found.into_iter().map(|hit| Ranked { kind: hit.kind, name: hit.name, rank: hit.rank }).collect();
        self.in_full(first, all).map(Some)
    }

    /// Which documents have the words of a query, and what that counts.
    fn ranking<'q>(&self, query: &'q Query) -> Result<Ranking<'q>, IndexError> {
        let terms = query.terms();
        let having = terms.iter().map(|term| self.index.having_named(term)).collect::<Result<Vec<Having>, _>>()?;
        let counts: Vec<u64> = having.iter().map(|having| having.anywhere.len() as u64).collect();
        let weights = Weights::of(self.index.documents()?, &counts);
        Ok(Ranking { terms, having, weights })
    }

    /// How many records have each term.
    pub(in crate::desk) fn having(&self, terms: &[&Term]) -> Result<Option<Vec<u64>>, IndexError> {
        if !self.overlay.is_empty() {
            return Ok(None);
        }
        terms.iter().map(|term| Ok(self.index.having(term)?.len() as u64)).collect::<Result<_, _>>().map(Some)
    }

    /// Adds the best `limit` of some documents; gives how many there are in all.
    fn best(
        &self,
        found: &mut Vec<Hit>,
        ranking: &mut Ranking<'_>,
        documents: Numbers,
        kinds: &[Kind],
        limit: usize,
    ) -> Result<usize, IndexError> {
        let mut documents = self.index.of_kinds(documents, kinds)?;
        let all = documents.len();
        if limit == 0 {
            return Ok(all);
        }
        match ranking.best_by_name(&documents).filter(|named| named.len() >= limit) {
            Some(named) => documents = named,
            None => ranking.complete(&self.index)?,
        }
        let mut ranked: Vec<(f64, u32)> = documents.iter().map(|document| (ranking.rank(document), document)).collect();
        // Only of those that are as good as the last one shown is it asked which are the newest.
        let mut chosen = Vec::new();
        let mut equal = documents;
        let mut room = limit;
        if ranked.len() > limit {
            let (_, (last, _), _) = ranked.select_nth_unstable_by(limit - 1, |a, b| b.0.total_cmp(&a.0));
            let last = *last;
            let better: Numbers =
                ranked.iter().filter(|(rank, _)| *rank > last).map(|(_, document)| *document).collect();
            equal = ranked.iter().filter(|(rank, _)| *rank == last).map(|(_, document)| *document).collect();
            room = limit - better.len();
            chosen = self.index.newest(&better, better.len())?;
        }
        chosen.extend(self.index.newest(&equal, room)?);
        let mut hits = Vec::new();
        for (document, moment) in chosen {
            hits.extend(self.hit(document, ranking.rank(document.number()), moment)?);
        }
        hits.sort_by(|a, b| before((a.rank, a.moment), (b.rank, b.moment), || a.reference.cmp(&b.reference)));
        hits.truncate(limit);
        found.extend(hits);
        Ok(all)
    }

    fn hit(&self, document: Document, rank: f64, moment: i64) -> Result<Option<Hit>, IndexError> {
        let path = match document {
            Document::Ticket(number) => self.index.path_of_ticket(number)?,
            Document::Record(number) => self.index.numbered_record(number)?.map(|known| known.path),
        };
        let Some(Located::Record(kind, name)) = path.as_deref().and_then(locate) else { return Ok(None) };
        let reference = Record::new(kind, name.clone(), "").reference();
        Ok(Some(Hit { kind, name, reference, rank, moment }))
    }

    /// Adds the records of a kind that fulfil a query.
    fn fulfilling(
        &self,
        records: &mut Records,
        found: &mut Vec<Hit>,
        kind: Kind,
        query: &Query,
        ranking: &Ranking<'_>,
        context: &Context<'_>,
    ) -> Result<(), IndexError> {
        let mut asked: Vec<(&Term, Numbers)> = Vec::new();
        for term in query.asked_terms().into_iter().filter(|term| !term.words.is_empty()) {
            if !ranking.terms.contains(&term) {
                asked.push((term, self.index.having(term)?));
            }
        }
        let has = |document: Document, term: &Term| match asked.iter().find(|(known, _)| *known == term) {
            Some((_, having)) => having.contains(document.number()),
            None => term.words.is_empty() || ranking.having_of(term).is_some_and(|h| h.contains(document.number())),
        };
        if kind == Kind::Ticket {
            for ticket in self.index.select(query)? {
                let document = Document::Ticket(ticket.number);
                let name = ticket.record.name.clone();
                let mut alone = Records::default();
                self.add_light(&mut alone, ticket)?;
                let Some(ticket) = alone.get(kind, &name) else { continue };
                let subject = TicketSubject { records: &alone, ticket };
                if query.matches_having(&subject, |term| has(document, term), context) {
                    found.push(Hit::of(ticket, ranking.rank(document.number())));
                    records.add_light(ticket.clone(), alone.summary(ticket));
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
                found.push(Hit::of(record, ranking.rank(document.number())));
                self.add_known(records, &known)?;
            }
        }
        Ok(())
    }

    /// Reads the records of an answer in full, with what names them.
    fn in_full(&self, first: Vec<Ranked>, all: usize) -> Result<Answer, IndexError> {
        let mut records = self.nothing()?;
        for found in &first {
            if let Name::Ticket(id) = &found.name {
                for (path, _) in self.index.files_of(*id)? {
                    self.add_ticket(&mut records, &path)?;
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

/// A record that was found, and what orders it.
struct Hit {
    kind: Kind,
    name: Name,
    reference: String,
    rank: f64,
    moment: i64,
}

impl Hit {
    fn of(record: &Record, rank: f64) -> Self {
        let (reference, moment) = (record.reference(), moment(record));
        Self { kind: record.kind, name: record.name.clone(), reference, rank, moment }
    }
}

/// What was found, as `keys` order it.
fn ordered(records: &Records, found: &[Hit], keys: &[SortKey], context: &Context<'_>) -> Vec<Hit> {
    let of = |hit: &Hit| Some(Found { record: records.get(hit.kind, &hit.name)?, rank: hit.rank });
    let mut ordered: Vec<Found<'_>> = found.iter().filter_map(of).collect();
    order(&mut ordered, keys, records, context);
    ordered.iter().map(|found| Hit::of(found.record, found.rank)).collect()
}

/// The words of a query: which documents have them, and what they count.
struct Ranking<'q> {
    terms: Vec<&'q Term>,
    having: Vec<Having>,
    weights: Weights,
}

impl Ranking<'_> {
    /// Asks for what [`Ranking::rank`] needs of any document.
    fn complete(&mut self, index: &Index) -> Result<(), IndexError> {
        self.having.iter_mut().zip(&self.terms).try_for_each(|(having, term)| index.complete(having, term))
    }

    /// Those of some documents that rank before all others because their names have the one word that is asked for.
    fn best_by_name(&self, documents: &Numbers) -> Option<Numbers> {
        let [having] = self.having.as_slice() else { return None };
        Some(having.name.clone().and(documents))
    }

    fn rank(&self, document: u32) -> f64 {
        self.weights.rank(self.having.iter().map(|having| having.best(document)))
    }

    fn having_of(&self, term: &Term) -> Option<&Numbers> {
        let place = self.terms.iter().position(|known| *known == term)?;
        Some(&self.having[place].anywhere)
    }

    fn having(&self, term: &Term) -> Numbers {
        self.having_of(term).cloned().unwrap_or_default()
    }
}
