//! How well a record answers words: bm25, exactly as SQLite's FTS5 reckons it.
//!
//! Pure: counts in, numbers out, so that a scan of all records gives the same order as an index. The formula is that of
//! `bm25()` in FTS5 (Robertson et al. 1994, with k1 = 1.2 and b = 0.75); each term is one phrase, whose hits are all words
//! that it fits, and a hit counts by the weight of its column. Greater is better; FTS5 gives the same with its sign turned.

use super::document::{COLUMNS, Indexed};
use super::words::Term;

/// What a hit counts in each column, in the order of [`Column::ALL`](super::document::Column::ALL).
pub const WEIGHTS: [f64; COLUMNS] = [10.0, 3.0, 1.0];

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// What must be known of all documents to rank one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Corpus {
    documents: u64,
    tokens: u64,
    /// How many documents have each term, in the order of the terms.
    having: Vec<u64>,
}

impl Corpus {
    /// Nothing yet, for so many terms.
    pub fn new(terms: usize) -> Self {
        Self { documents: 0, tokens: 0, having: vec![0; terms] }
    }

    /// So many documents of so many tokens together; so many have each term.
    pub fn of(documents: u64, tokens: u64, having: Vec<u64>) -> Self {
        Self { documents, tokens, having }
    }

    /// Counts one more document.
    pub fn add(&mut self, counts: &Counts) {
        self.documents += 1;
        self.tokens += counts.tokens;
        for (having, hits) in self.having.iter_mut().zip(&counts.hits) {
            *having += u64::from(hits.iter().any(|hits| *hits > 0));
        }
    }

    /// How many documents have each term.
    pub fn having(&self) -> &[u64] {
        &self.having
    }

    /// The rank of a document among them; 0 when it has no term.
    pub fn rank(&self, counts: &Counts) -> f64 {
        let documents = self.documents as f64;
        let average = self.tokens as f64 / documents;
        let length = K1 * (1.0 - B + B * counts.tokens as f64 / average);
        let mut score = 0.0;
        for (having, hits) in self.having.iter().zip(&counts.hits) {
            let having = *having as f64;
            let idf = ((documents - having + 0.5) / (having + 0.5)).ln();
            let idf = if idf <= 0.0 { 1e-6 } else { idf };
            let frequency: f64 = hits.iter().zip(WEIGHTS).map(|(hits, weight)| f64::from(*hits) * weight).sum();
            score += idf * ((frequency * (K1 + 1.0)) / (frequency + length));
        }
        score
    }
}

/// What counts of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// How many tokens it has in all columns, gaps among them.
    pub tokens: u64,
    /// How often each column has each term.
    pub hits: Vec<[u32; COLUMNS]>,
}

impl Counts {
    /// Counts the terms in a document.
    pub fn of(indexed: &Indexed, terms: &[&Term]) -> Self {
        Self { tokens: indexed.len(), hits: terms.iter().map(|term| indexed.hits(term)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Column;
    use super::super::words::indexed;
    use super::*;

    fn document(name: &str, messages: &str) -> Indexed {
        let mut document = Indexed::default();
        document.columns[Column::Name as usize] = indexed(name);
        document.columns[Column::Messages as usize] = indexed(messages);
        document
    }

    fn ranks(documents: &[Indexed], terms: &[Term]) -> Vec<f64> {
        let terms: Vec<&Term> = terms.iter().collect();
        let counts: Vec<Counts> = documents.iter().map(|document| Counts::of(document, &terms)).collect();
        let mut corpus = Corpus::new(terms.len());
        counts.iter().for_each(|counts| corpus.add(counts));
        counts.iter().map(|counts| corpus.rank(counts)).collect()
    }

    fn desk() -> Vec<Indexed> {
        vec![
            document("Second invoice is wrong", "the invoice came twice, please send one invoice"),
            document("Cannot log in", "I wrote about an invoice last week and now the page is white"),
            document("Export stops", "it stops at 2 GB"),
            document("Invoices in Dutch", "please"),
            document("Printer on fire", "help"),
            document("Login page is white", "since this morning"),
        ]
    }

    #[test]
    fn a_title_counts_more_than_a_mention() {
        let ranks = ranks(&desk(), &[Term::new("white", false)]);
        assert!(ranks[5] > ranks[1] && ranks[1] > 0.0 && ranks[0].abs() < f64::EPSILON, "{ranks:?}");
    }

    /// The numbers are those of SQLite 3 on the same words: a contentless table with the tokenizer `ascii`, and
    /// `bm25(words, 10.0, 3.0, 1.0)` of `"invoice"* OR "page is white"`.
    #[test]
    fn ranks_are_those_of_fts5() {
        let ranks = ranks(&desk(), &[Term::new("invoice", false), Term::new("page is white", true)]);
        for (rank, expected) in ranks.iter().zip(FTS5) {
            assert!((rank - expected).abs() < 1e-9, "{ranks:?}");
        }
    }

    const FTS5: [f64; 6] = [
        1.941_747_572_815_534e-6,
        0.427_058_409_109_862,
        0.0,
        2.049_944_092_433_842_6e-6,
        0.0,
        1.169_618_906_281_351_1,
    ];
}
