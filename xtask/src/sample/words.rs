//! What people write: sentences that read like support mail, with a vocabulary as uneven as a real one.
//!
//! Sentences walk from word to word as the demo's invented customers put them, and leave the way now and then for a word drawn by
//! Zipf's law from a vocabulary of some thousands, most of it made-up names that occur seldom. The walk makes no sense and need
//! not: what counts is how long texts are and how often words occur.

use std::collections::{BTreeMap, BTreeSet};

use super::chance::{Chance, Zipf};

const PROBLEMS: &str = include_str!("../../../src/exchange/demo/data/problems.txt");
const PLAYBOOKS: &str = include_str!("../../../src/exchange/demo/data/playbooks.txt");
const TALK: &str = include_str!("../../../src/exchange/demo/data/talk.txt");

/// Keys of the demo's problems whose text is somebody's sentences.
const SAID: &[&str] = &[
    "said",
    "told",
    "ask",
    "answer",
    "upset",
    "situation",
    "background",
    "assessment",
    "request",
    "evidence",
    "back",
    "missing",
];
const NAMES: usize = 3_000;
const FIRST: &[&str] =
    &["Ana", "Ben", "Chloe", "Dan", "Elif", "Finn", "Grace", "Hugo", "Iris", "Jon", "Kim", "Lou", "Max", "Nia", "Olga"];
const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const MONTHS: &[&str] = &["January", "March", "April", "June", "August", "October", "December"];
const LONGEST_SENTENCE: usize = 24;

/// The language of a sample.
pub(super) struct Words {
    titles: Vec<&'static str>,
    starts: Vec<&'static str>,
    after: BTreeMap<&'static str, Vec<&'static str>>,
    vocabulary: Vec<String>,
    names: usize,
    zipf: Zipf,
}

/// Who writes about what: fills the places that texts leave open.
#[derive(Debug, Clone, Default)]
pub(super) struct About {
    /// The customer as people call them.
    pub(super) customer: String,
    /// Who writes for the customer.
    pub(super) contact: String,
    /// The product it is about.
    pub(super) product: String,
    /// A name that hardly any other ticket has.
    pub(super) matter: String,
}

impl Words {
    pub(super) fn new(chance: &mut Chance) -> Self {
        let (mut starts, mut after) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for text in lines(PROBLEMS, SAID) {
            let mut before: Option<&str> = None;
            for word in text.split([' ', '|']).filter(|word| !word.is_empty()) {
                match before.filter(|before| !ends(before)) {
                    Some(before) => after.entry(before).or_default().push(word),
                    None => starts.push(word),
                }
                before = Some(word);
            }
        }
        let vocabulary = vocabulary(chance);
        Self {
            titles: lines(PROBLEMS, &["title"]).collect(),
            starts,
            after,
            names: vocabulary.len() - NAMES,
            zipf: Zipf::new(vocabulary.len()),
            vocabulary,
        }
    }

    /// A name that is no word, the same one seldom.
    pub(super) fn name(&self, chance: &mut Chance) -> &str {
        &self.vocabulary[self.names + chance.below(NAMES)]
    }

    /// First and made-up last name.
    pub(super) fn person(&self, chance: &mut Chance) -> (&'static str, String) {
        (chance.word(FIRST), capital(self.name(chance)))
    }

    /// A subject line.
    pub(super) fn title(&self, about: &About, chance: &mut Chance) -> String {
        let mut title = self.filled(chance.word(&self.titles), about, chance);
        match chance.below(10) {
            0..4 => title.push_str(&format!(", {}", about.matter)),
            4 | 5 => title.push_str(&format!(" at {}", about.matter)),
            6 => title.push_str(&format!(" since {}", chance.word(DAYS))),
            _ => {}
        }
        title
    }

    /// As many sentences as `from` to `until`, in paragraphs, without a line end after the last.
    pub(super) fn text(&self, from: i64, until: i64, about: &About, chance: &mut Chance) -> String {
        let mut out = String::new();
        for place in 0..chance.between(from, until) {
            if place > 0 {
                out.push_str(if chance.percent(20) { "\n\n" } else { " " });
            }
            self.sentence(&mut out, about, chance);
        }
        out
    }

    fn sentence(&self, out: &mut String, about: &About, chance: &mut Chance) {
        let mut word = chance.word(&self.starts);
        for _ in 0..LONGEST_SENTENCE {
            out.push_str(&self.filled(word, about, chance));
            if ends(word) {
                return;
            }
            if chance.percent(7) {
                out.push(' ');
                out.push_str(&self.vocabulary[self.zipf.draw(chance)]);
            } else if chance.percent(2) {
                out.push(' ');
                out.push_str(&about.matter);
            }
            let Some(next) = self.after.get(word) else { break };
            word = chance.word(next);
            out.push(' ');
        }
        out.truncate(out.trim_end_matches([' ', ',', ':', ';']).len());
        out.push('.');
    }

    fn filled(&self, text: &str, about: &About, chance: &mut Chance) -> String {
        let mut out = String::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some((before, (place, after))) =
            rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
        {
            out.push_str(before);
            match place {
                "name" => out.push_str(about.contact.split(' ').next().unwrap_or_default()),
                "who" => out.push_str(chance.word(FIRST)),
                "customer" => out.push_str(&about.customer),
                "product" => out.push_str(&about.product),
                "place" => out.push_str(&capital(self.name(chance))),
                "day" => out.push_str(chance.word(DAYS)),
                "month" => out.push_str(chance.word(MONTHS)),
                "version" => out.push_str(&format!("{}.{}", chance.between(2, 9), chance.between(0, 12))),
                "file" => out.push_str(&format!("{}-{}.pdf", self.name(chance), chance.between(1, 99))),
                _ => out.push_str(&chance.between(10, 59).to_string()),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// The texts of a file of `key: text` lines that have one of `keys`.
fn lines(file: &'static str, keys: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    file.lines().filter_map(|line| line.split_once(": ")).filter(|(key, _)| keys.contains(key)).map(|(_, text)| text)
}

fn ends(word: &str) -> bool {
    word.ends_with(['.', '?', '!'])
}

pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The demo's own words, the most frequent first, then made-up names.
fn vocabulary(chance: &mut Chance) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in [PROBLEMS, PLAYBOOKS, TALK].iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphabetic())) {
        if word.len() > 1 {
            *counts.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    let mut words: Vec<(String, usize)> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut out: Vec<String> = words.into_iter().map(|(word, _)| word).collect();
    let mut seen: BTreeSet<String> = out.iter().cloned().collect();
    let wanted = out.len() + NAMES;
    while out.len() < wanted {
        let name = made_up(chance);
        if seen.insert(name.clone()) {
            out.push(name);
        }
    }
    out
}

fn made_up(chance: &mut Chance) -> String {
    const HEADS: &[&str] = &["b", "br", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w"];
    const HEARTS: &[&str] = &["a", "e", "i", "o", "u", "ar", "el", "in", "or", "an"];
    const TAILS: &[&str] = &["", "", "n", "s", "x", "ton", "ley", "vik", "dale"];
    let syllables = chance.between(2, 3);
    let mut out: String = (0..syllables).map(|_| format!("{}{}", chance.word(HEADS), chance.word(HEARTS))).collect();
    out.push_str(chance.word(TAILS));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_sentences_with_every_place_filled_and_the_same_for_the_same_seed() {
        let write = || {
            let mut chance = Chance::new(5);
            let words = Words::new(&mut chance);
            let about = About { contact: "Kim Doe".into(), customer: "Acme".into(), ..About::default() };
            (0..200).map(|_| words.text(2, 5, &about, &mut chance)).collect::<Vec<_>>()
        };
        let texts = write();
        assert_eq!(texts, write());
        for text in &texts {
            assert!(!text.contains(['{', '}']) && text.ends_with(['.', '?', '!', '"']), "{text:?}");
        }
    }

    #[test]
    fn the_vocabulary_has_some_thousand_words_and_each_once() {
        let words = vocabulary(&mut Chance::new(3));
        let distinct: BTreeSet<&String> = words.iter().collect();
        assert_eq!(distinct.len(), words.len());
        assert!((3_500..9_000).contains(&words.len()), "{} words", words.len());
    }
}
