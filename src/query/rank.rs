//! How well a record answers words: how rare each word is, and where it stands.
//!
//! Pure: counts in, numbers out, so that a scan of all records gives the same order as an index. A term counts by its inverse
//! document frequency (Robertson and Spärck Jones 1976, in the form that is never negative: ln(1 + (N - n + 0.5) / (n + 0.5))
//! where n of N documents have it), times the weight of the best column that has it.
//!
//! How often a term stands there, and how long the record is, do not count. So no document has to be looked at to be ranked:
//! an index knows which documents have a term in which column without reading any of them, and a search for a word that a
//! desk is full of costs little more than one for a rare word.

use std::cmp::Ordering;

use super::document::{COLUMNS, Column, Indexed};
use super::words::Term;
use crate::record::{Record, Value};

/// What a term counts for in each column, in the order of [`Column::ALL`].
const WEIGHTS: [f64; COLUMNS] = [2.0, 1.5, 1.0];

/// What each term counts for.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights(Vec<[f64; COLUMNS]>);

impl Weights {
    /// What each term counts for where so many documents of `documents` have it.
    pub fn of(documents: u64, having: &[u64]) -> Self {
        let weigh = |having: &u64| {
            let others = documents.saturating_sub(*having) as f64;
            let rarity = (1.0 + (others + 0.5) / (*having as f64 + 0.5)).ln();
            WEIGHTS.map(|weight| weight * rarity)
        };
        Self(having.iter().map(weigh).collect())
    }

    /// The rank of a document that has each term, in order, at best in this column: greater is better, 0 when it has none.
    pub fn rank(&self, best: impl IntoIterator<Item = Option<Column>>) -> f64 {
        let weights = self.0.iter().zip(best).filter_map(|(weights, column)| Some(weights[column? as usize]));
        // A sum of nothing is -0.
        weights.fold(0.0, |sum, weight| sum + weight)
    }
}

/// The best column of a document that has a term.
pub fn best_column(document: &Indexed, term: &Term) -> Option<Column> {
    Column::ALL.into_iter().find(|column| term.is_in(&document.columns[*column as usize]))
}

/// Which of two records comes first, each with its rank and its [moment]: the better one, then the later one, and then what
/// their references say.
pub fn before(a: (f64, i64), b: (f64, i64), references: impl FnOnce() -> Ordering) -> Ordering {
    b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then_with(references)
}

/// What orders records of one rank, the greatest first: when it came up, in seconds since 1970. A ticket was opened, a proposal
/// raised, a talk was held, a day counts from its start in UTC; what has no such time, as a playbook or a customer, is before
/// all that has.
pub fn moment(record: &Record) -> i64 {
    let of_key = |key: &&str| match record.get(key) {
        Value::Time(time) => Some(time.unix()),
        Value::Day(day) => Some(day.start(&jiff::tz::TimeZone::UTC).unix()),
        _ => None,
    };
    ["opened", "raised", "at", "sent", "locked"].iter().find_map(of_key).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::words::indexed;
    use super::*;

    fn document(name: &str, messages: &str) -> Indexed {
        let mut document = Indexed::default();
        document.columns[Column::Name as usize] = indexed(name);
        document.columns[Column::Messages as usize] = indexed(messages);
        document
    }

    fn ranks(documents: &[Indexed], terms: &[Term]) -> Vec<f64> {
        let best: Vec<Vec<Option<Column>>> =
            documents.iter().map(|document| terms.iter().map(|term| best_column(document, term)).collect()).collect();
        let having = |place: usize| best.iter().filter(|best| best[place].is_some()).count() as u64;
        let weights = Weights::of(documents.len() as u64, &(0..terms.len()).map(having).collect::<Vec<_>>());
        best.into_iter().map(|best| weights.rank(best)).collect()
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
    fn a_title_counts_twice_as_much_as_a_mention() {
        let ranks = ranks(&desk(), &[Term::new("white", false)]);
        assert!((ranks[5] - 2.0 * ranks[1]).abs() < 1e-12 && ranks[1] > 0.0, "{ranks:?}");
        assert_eq!(ranks[0].to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn a_rare_word_counts_more_than_a_common_one() {
        let ranks = ranks(&desk(), &[Term::new("invoice", false), Term::new("gb", false)]);
        // One of six has `gb`: ln(1 + 5.5 / 1.5). Three have `invoice`: ln 2, and twice that in a title.
        let expected = [2.0 * 2.0_f64.ln(), 2.0_f64.ln(), (1.0 + 5.5 / 1.5_f64).ln(), 2.0 * 2.0_f64.ln(), 0.0, 0.0];
        for (rank, expected) in ranks.iter().zip(expected) {
            assert!((rank - expected).abs() < 1e-12, "{ranks:?}");
        }
    }

    #[test]
    fn a_word_that_all_have_counts_little_and_never_less_than_nothing() {
        let weights = Weights::of(1_000_000, &[1_000_000]);
        let rank = weights.rank([Some(Column::Messages)]);
        assert!(rank > 0.0 && rank < 1e-6, "{rank}");
        // More documents than there are would be damage, and is no reason for a number that has no order.
        assert!(Weights::of(1, &[5]).rank([Some(Column::Name)]) > 0.0);
    }
}
