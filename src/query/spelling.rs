//! Words that no document has, and the words that were meant.
//!
//! Pure: a query and a vocabulary in, a query with other words out. Nothing is replaced that somewhere begins a word: what
//! is there is taken as it was typed. Numbers are never replaced (another number is another thing), and neither is what was
//! written in quotes or stands in a `not`.

use std::ops::RangeInclusive;

use super::ast::{Expr, Query, Test};
use super::words::{LONGEST, Term};
use crate::record::nearest::distance;

/// A word that no document has and what is searched for in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The word, folded.
    pub word: String,
    /// The nearest words of the vocabulary, the most frequent first; none when nothing is near.
    pub by: Vec<String>,
}

/// At most so many words stand for one.
const MOST: usize = 3;

/// What is near a word: so few slips away that it may stand for it.
#[derive(Debug)]
pub struct Nearby {
    word: Vec<char>,
    forgiven: usize,
    set: u64,
}

impl Nearby {
    /// What is near a word; nothing when no other word may stand for it.
    pub fn new(word: &str) -> Option<Self> {
        let word: Vec<char> = word.chars().collect();
        let forgiven = match word.len() {
            _ if word.iter().any(|c| c.is_numeric()) => 0,
            0..3 => 0,
            3..8 => 1,
            _ => 2,
        };
        let set = set(word.iter().copied());
        (forgiven > 0).then_some(Self { word, forgiven, set })
    }

    /// How many [`letters`](super::words::letters) words near it have.
    pub fn letters(&self) -> RangeInclusive<u32> {
        let most = (self.word.len() + self.forgiven).min(LONGEST);
        let least = (self.word.len() - self.forgiven).min(most);
        least as u32..=most as u32
    }

    /// Whether a word is near.
    pub fn is_near(&self, word: &str) -> bool {
        self.slips(word).is_some()
    }

    /// How many slips away a word is that is near.
    fn slips(&self, word: &str) -> Option<usize> {
        // A slip brings at most one letter and takes at most one away, which rules most words out at little cost.
        let other = set(word.chars());
        let most = self.forgiven as u32;
        if (other & !self.set).count_ones() > most || (self.set & !other).count_ones() > most {
            return None;
        }
        let letters: Vec<char> = word.chars().collect();
        if letters.len().abs_diff(self.word.len()) > self.forgiven {
            return None;
        }
        Some(distance(&self.word, &letters)).filter(|slips| *slips <= self.forgiven)
    }
}

/// Which letters a word has, some taken as one.
fn set(letters: impl Iterator<Item = char>) -> u64 {
    letters.fold(0, |set, letter| set | 1 << (u32::from(letter) % u64::BITS))
}

/// What is looked up of one word while the vocabulary passes.
struct Wanted {
    word: String,
    nearby: Option<Nearby>,
    there: bool,
    /// Slips, whether it begins otherwise, and how many documents have it.
    near: Vec<(usize, bool, u64, String)>,
}

impl Wanted {
    fn new(word: &str) -> Self {
        Self { word: word.to_owned(), nearby: Nearby::new(word), there: false, near: Vec::new() }
    }

    fn compare(&mut self, word: &str, documents: u64) {
        if self.there || documents == 0 {
            return;
        }
        if word.starts_with(&self.word) {
            self.there = true;
            return;
        }
        if let Some(slips) = self.nearby.as_ref().and_then(|nearby| nearby.slips(word)) {
            let other_start = word.chars().next() != self.word.chars().next();
            self.near.push((slips, other_start, documents, word.to_owned()));
        }
    }

    fn correction(mut self) -> Option<Correction> {
        if self.there {
            return None;
        }
        self.near.sort_by(|a, b| (a.0, a.1, b.2, &a.3).cmp(&(b.0, b.1, a.2, &b.3)));
        let best = self.near.first().map(|(slips, other_start, ..)| (*slips, *other_start));
        self.near.retain(|(slips, other_start, ..)| Some((*slips, *other_start)) == best);
        Some(Correction { word: self.word, by: self.near.into_iter().take(MOST).map(|(.., word)| word).collect() })
    }
}

/// The words that begin no word of the vocabulary, each with the nearest ones: one slip apart for words of 3 to 7 letters,
/// two from 8 (insertions, deletions, replacements and swaps of neighbours), of these the nearest, and those with the same
/// first letter where there are any.
///
/// The vocabulary is every word of the documents, or at least those that are [near](Nearby), and how many documents have it,
/// in any order.
pub fn corrections<S: AsRef<str>>(words: &[&str], vocabulary: impl IntoIterator<Item = (S, u64)>) -> Vec<Correction> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for word in words {
        if !wanted.iter().any(|other| other.word == *word) {
            wanted.push(Wanted::new(word));
        }
    }
    if wanted.is_empty() {
        return Vec::new();
    }
    for (word, documents) in vocabulary {
        wanted.iter_mut().for_each(|wanted| wanted.compare(word.as_ref(), documents));
    }
    wanted.into_iter().filter_map(Wanted::correction).collect()
}

impl Query {
    /// The words that may be corrected.
    pub fn free_words(&self) -> Vec<&str> {
        fn walk<'q>(expr: &'q Expr, out: &mut Vec<&'q str>) {
            match expr {
                Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| walk(part, out)),
                Expr::Test(Test::Words(term)) if !term.quoted => out.extend(term.words.iter().map(String::as_str)),
                Expr::Not(_) | Expr::Test(_) => {}
            }
        }
        let mut out = Vec::new();
        walk(&self.root, &mut out);
        out
    }

    /// The query with other words in the place of those.
    #[must_use]
    pub fn corrected(&self, corrections: &[Correction]) -> Self {
        Self { root: corrected(&self.root, corrections), sort: self.sort.clone() }
    }
}

fn corrected(expr: &Expr, corrections: &[Correction]) -> Expr {
    match expr {
        Expr::All(parts) => Expr::All(parts.iter().map(|part| corrected(part, corrections)).collect()),
        Expr::Any(parts) => Expr::Any(parts.iter().map(|part| corrected(part, corrections)).collect()),
        Expr::Test(Test::Words(term)) if !term.quoted => other_words(term, corrections),
        Expr::Not(_) | Expr::Test(_) => expr.clone(),
    }
}

/// The term with its words replaced: a single word by any of the nearest, of several words each by the first.
fn other_words(term: &Term, corrections: &[Correction]) -> Expr {
    let by = |word: &str| {
        let found = corrections.iter().find(|correction| correction.word == word && !correction.by.is_empty());
        found.map(|correction| correction.by.as_slice())
    };
    let with = |words: Vec<String>| Expr::Test(Test::Words(Term { words, ..term.clone() }));
    if let [word] = term.words.as_slice() {
        return match by(word) {
            None => with(term.words.clone()),
            Some([only]) => with(vec![only.clone()]),
            Some(many) => Expr::Any(many.iter().map(|word| with(vec![word.clone()])).collect()),
        };
    }
    with(term.words.iter().map(|word| by(word).map_or(word, |near| &near[0]).clone()).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::fields::TICKETS;
    use super::*;

    const VOCABULARY: [(&str, u64); 14] = [
        ("password", 4),
        ("passport", 2),
        ("invoice", 9),
        ("export", 3),
        ("report", 3),
        ("car", 1),
        ("cat", 5),
        ("bat", 9),
        ("vpn", 1),
        ("duplicate", 2),
        ("4711", 1),
        ("düse", 1),
        ("logins", 2),
        ("gone", 0),
    ];

    #[track_caller]
    fn check(word: &str, expected: Option<&[&str]>) {
        let found = corrections(&[word], VOCABULARY);
        let by = found.first().map(|correction| correction.by.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(by.as_deref(), expected, "{word}");
    }

    #[test]
    fn a_word_that_nothing_has_is_replaced_by_the_nearest() {
        check("pasword", Some(&["password"]));
        check("passwrod", Some(&["password"]));
        check("pasprot", Some(&[]));
        check("invocie", Some(&["invoice"]));
        check("dupliacet", Some(&["duplicate"]));
        check("vnp", Some(&["vpn"]));
        check("cta", Some(&["cat"]));
        check("caz", Some(&["cat", "car"]));
        check("xat", Some(&["bat", "cat"]));
        check("dause", Some(&[]));
        check("duse", Some(&["düse"]));
    }

    #[test]
    fn what_is_there_stays_and_numbers_are_not_replaced() {
        check("pass", None);
        check("login", None);
        check("4712", Some(&[]));
        check("vp", None);
        check("ca", None);
        check("xy", Some(&[]));
        check("gone", Some(&[]));
    }

    #[test]
    fn what_is_near_has_one_of_so_many_letters() {
        let letters = |word: &str| Nearby::new(word).map(|nearby| nearby.letters());
        assert_eq!(letters("vpm"), Some(2..=4));
        assert_eq!(letters("passwrod"), Some(6..=10));
        assert_eq!((letters("vp"), letters("err4711")), (None, None));
        assert_eq!(letters(&"a".repeat(LONGEST)), Some(62..=64));
        assert_eq!(letters(&"a".repeat(LONGEST + 9)), Some(64..=64));
        let nearby = Nearby::new("passwrod").unwrap();
        assert!(nearby.is_near("password") && !nearby.is_near("passport") && !nearby.is_near("w\u{fc}rd"));
    }

    #[test]
    fn only_free_words_are_replaced() {
        let query = |text: &str| Query::parse(text, &TICKETS).unwrap();
        let asked = query("pasword \"invocie\" -exprot title:exprot log-invocie caz");
        assert_eq!(asked.free_words(), ["pasword", "log", "invocie", "caz"]);
        let corrections = corrections(&asked.free_words(), VOCABULARY);
        let expected = query("password \"invocie\" -exprot title:exprot log-invoice (cat or car)");
        assert_eq!(asked.corrected(&corrections), expected);
    }
}
