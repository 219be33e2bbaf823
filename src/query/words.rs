//! Text to words: what search finds and an index stores.
//!
//! Pure. A word is a run of letters and digits, folded: lower case, without diacritics, compatible forms made plain (`ﬁ`,
//! fullwidth letters), cut after [`LONGEST`] letters. `'s` falls away (`Acme's` is `acme`), other English endings join
//! (`don't` is `dont`), any other apostrophe parts words (`l'erreur` is `l` and `erreur`). Scripts that set no spaces give a
//! word for each letter: the letter with the one that follows it, and the last one of a run alone, so that any part of a run
//! is found as adjacent words.
//!
//! # Encoding
//! [`indexed`] gives the words with one space before, between and behind. A word holds nothing but `a` to `z`, `0` to `9` and
//! characters outside ASCII, which FTS5's tokenizer `ascii` takes for parts of tokens and does not fold; so it gives back
//! exactly these words, one to one and in order. [`GAP`] stands between texts that no phrase may cross.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters of a word that count; what comes after them is dropped, in texts and in queries alike.
pub const LONGEST: usize = 64;

/// Stands between two texts of one column. It is a token to FTS5 and no word.
pub const GAP: &str = "\u{e000}";

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word, folded.
    pub text: String,
    /// The bytes of the source that it was made of.
    pub range: Range<usize>,
    /// Where its first letter ends in the source, in a script without spaces; else the end of the range.
    pub head_end: usize,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    each(text, |word, range, head_end| out.push(Word { text: word.to_owned(), range, head_end }));
    out
}

/// The words of a text as an index stores them: ` the second invoice `; "" when there is none.
pub fn indexed(text: &str) -> String {
    let mut out = String::new();
    add_indexed(&mut out, text);
    out
}

/// Adds the words of a text to those of a column, with a gap between; nothing when it has no words.
pub fn add_indexed(column: &mut String, text: &str) {
    let mut first = true;
    each(text, |word, _, _| {
        if column.is_empty() {
            column.push(' ');
        } else if first {
            column.push_str(GAP);
            column.push(' ');
        }
        first = false;
        column.push_str(word);
        column.push(' ');
    });
}

/// How many letters a word has, as far as they count.
pub fn letters(word: &str) -> u32 {
    word.chars().take(LONGEST).count() as u32
}

/// Words to look for: adjacent, in order, the first from its start.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// The words, folded; none when the text had none.
    pub words: Vec<String>,
    /// Whether the last may go on: `inv` finds `invoice`.
    pub open: bool,
    /// Whether it was written in quotes, and so means exactly these words.
    pub quoted: bool,
}

impl Term {
    /// The words of what was typed. In quotes the last word must end where it ends, and so it must before a sign
    /// (`crash(3)`); the letters of scripts without spaces may always go on.
    pub fn new(typed: &str, quoted: bool) -> Self {
        let words: Vec<String> = words(typed).into_iter().map(|word| word.text).collect();
        let ends_in_word = typed.chars().next_back().is_some_and(|c| c.is_alphanumeric() || is_combining_mark(c));
        let unspaced = words.last().is_some_and(|word| word.starts_with(unspaced));
        Self { words, open: unspaced || (!quoted && ends_in_word), quoted }
    }

    /// Whether the words of [`indexed`] hold it.
    pub fn is_in(&self, column: &str) -> bool {
        !self.words.is_empty() && column.contains(&self.needle())
    }

    fn needle(&self) -> String {
        let end = if self.open { "" } else { " " };
        format!(" {}{end}", self.words.join(" "))
    }

    /// Where the words of a text hold it: bytes of the source.
    pub fn places(&self, words: &[Word]) -> Vec<Range<usize>> {
        let Some((last, before)) = self.words.split_last() else { return Vec::new() };
        let fits = |window: &&[Word]| {
            let (end, start) = (&window[before.len()].text, &window[..before.len()]);
            start.iter().zip(before).all(|(held, wanted)| held.text == *wanted)
                && if self.open { end.starts_with(last.as_str()) } else { end == last }
        };
        let place = |window: &[Word]| {
            let end = &window[before.len()];
            let is_head = end.text != *last && last.starts_with(unspaced);
            window[0].range.start..if is_head { end.head_end } else { end.range.end }
        };
        words.windows(self.words.len()).filter(fits).map(place).collect()
    }
}

/// Whether the letter is of a script that sets no spaces between words (Thai, Lao, Burmese, Khmer, Chinese, Japanese).
fn unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{312f}'
        | '\u{3190}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Marks that change a letter of the Latin, Greek or Cyrillic script and are left out when people type; the vowel signs of
/// other scripts are letters of their own.
fn is_diacritic(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Characters that show nothing and part no word: soft hyphen, joiners.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '\u{ff07}')
}

/// Letters that decompose into nothing and that people type otherwise.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

/// Calls `take` with each word, its bytes in the source, and where its first letter ends there.
fn each(text: &str, mut take: impl FnMut(&str, Range<usize>, usize)) {
    let mut run = Run { word: String::new(), range: 0..0, letters: Vec::new(), take: &mut take };
    let mut skip_to = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if at < skip_to {
            continue;
        }
        if c.is_ascii_alphanumeric() {
            run.letter(c.to_ascii_lowercase(), at, end);
        } else if c.is_ascii() && c != '\'' {
            run.end();
        } else if is_apostrophe(c) {
            match ending(&text[end..]) {
                Some("s") if !run.word.is_empty() => {
                    skip_to = end + 1;
                    run.end();
                }
                Some(_) if !run.word.is_empty() => {}
                _ => run.end(),
            }
        } else if is_joiner(c) {
        } else if is_combining_mark(c) {
            run.mark(c, end);
        } else if c.is_alphanumeric() {
            run.folded(c, at, end);
        } else {
            run.end();
        }
    }
    run.end();
}

/// The English ending that follows an apostrophe, in lower case.
fn ending(rest: &str) -> Option<&'static str> {
    let letters = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if rest[letters..].starts_with(|c: char| c.is_alphanumeric() || is_combining_mark(c)) {
        return None;
    }
    ["s", "t", "re", "ve", "ll", "d", "m"].into_iter().find(|known| known.eq_ignore_ascii_case(&rest[..letters]))
}

/// Letters that belong together so far: a word, or letters of a script without spaces.
struct Run<'a, F> {
    word: String,
    range: Range<usize>,
    letters: Vec<(String, Range<usize>)>,
    take: &'a mut F,
}

impl<F: FnMut(&str, Range<usize>, usize)> Run<'_, F> {
    /// Adds a folded letter.
    fn letter(&mut self, c: char, at: usize, end: usize) {
        if unspaced(c) {
            if !self.word.is_empty() {
                self.end();
            }
            self.letters.push((c.to_string(), at..end));
            return;
        }
        if !self.letters.is_empty() {
            self.end();
        }
        if self.word.is_empty() {
            self.range.start = at;
        }
        self.word.push(c);
        self.range.end = end;
    }

    /// Adds what a letter outside ASCII folds to.
    fn folded(&mut self, c: char, at: usize, end: usize) {
        // Most letters of these scripts are what they are; Hangul would fall apart and be put together again.
        if matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}') {
            return self.letter(c, at, end);
        }
        for c in std::iter::once(c).nfkd().flat_map(char::to_lowercase) {
            if let Some(plain) = plain(c) {
                plain.chars().for_each(|c| self.letter(c, at, end));
            } else if is_combining_mark(c) {
                self.mark(c, end);
            } else if c.is_alphanumeric() {
                self.letter(c, at, end);
            } else {
                self.end();
            }
        }
    }

    /// Adds a mark to the letter before it; a diacritic only makes it longer in the source.
    fn mark(&mut self, c: char, end: usize) {
        if let Some((letter, range)) = self.letters.last_mut() {
            range.end = end;
            if !is_diacritic(c) {
                letter.push(c);
            }
        } else if !self.word.is_empty() {
            self.range.end = end;
            if !is_diacritic(c) {
                self.word.push(c);
            }
        }
    }

    /// Gives what there is.
    fn end(&mut self) {
        if !self.word.is_empty() {
            if self.word.is_ascii() {
                let cut = self.word.len().min(LONGEST);
                (self.take)(&self.word[..cut], self.range.clone(), self.range.end);
            } else {
                let word: String = self.word.nfc().take(LONGEST).collect();
                (self.take)(&word, self.range.clone(), self.range.end);
            }
            self.word.clear();
        }
        let mut pair = String::new();
        for (i, (letter, range)) in self.letters.iter().enumerate() {
            let (next, end) = self.letters.get(i + 1).map_or(("", range.end), |(next, range)| (next, range.end));
            pair.clear();
            pair.extend(letter.nfc());
            pair.extend(next.nfc());
            (self.take)(&pair, range.start..end, range.end);
        }
        self.letters.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
        assert_eq!(words.join(" "), expected, "{text}");
    }

    #[test]
    fn words_are_folded() {
        check("The Invoice, no. 4711: crash(3)", "the invoice no 4711 crash 3");
        check("Düsseldorf DU\u{308}SSELDORF Straße ŁÓDŹ smørrebrød", "dusseldorf dusseldorf strasse lodz smorrebrod");
        check("İstanbul ΟΔΟΣ ﬁle Ｔｅｘｔ x²", "istanbul οδοσ file text x2");
        check("ERR_TIMEOUT v2.4 T-7k3mqp 10,000", "err timeout v2 4 t 7k3mqp 10 000");
        check("kim@acme.example https://a.example/x?y=1", "kim acme example https a example x y 1");
        check("co\u{ad}operate re\u{200d}join", "cooperate rejoin");
        check(" ... \u{301} -- ½", "1 2");
        check("", "");
    }

    #[test]
    fn apostrophes_fall_away_join_or_part() {
        check("Acme's don't WE’LL it's", "acme dont well it");
        check("l'erreur O'Brien rock'n'roll 'quoted' '90s", "l erreur o brien rock n roll quoted 90s");
    }

    #[test]
    fn scripts_without_spaces_give_a_word_a_letter() {
        check("無法登入", "無法 法登 登入 入");
        check("API無法 x", "api 無法 法 x");
        check("が か\u{3099}", "が が");
        check("ｶﾞ", "ガ");
        check("เข้า", "เข้ ข้า า");
        check("한국어 지원", "한국어 지원");
    }

    #[test]
    fn ranges_are_those_of_the_source() {
        let text = "Für e\u{301}te\u{301}s Acme's 登入x";
        let shown: Vec<&str> = words(text).into_iter().map(|word| &text[word.range]).collect();
        assert_eq!(shown, ["Für", "e\u{301}te\u{301}s", "Acme", "登入", "入", "x"]);
    }

    #[test]
    fn long_runs_are_cut() {
        let words = words(&"a".repeat(1000));
        assert_eq!((words.len(), words[0].text.len()), (1, LONGEST));
        assert!(Term::new(&"a".repeat(70), false).is_in(&indexed(&"a".repeat(1000))));
    }

    #[test]
    fn no_word_can_be_split_or_folded_by_the_index() {
        for c in (0..0x0011_0000u32).filter_map(char::from_u32) {
            for word in words(&format!("a{c}b{c}")) {
                let fits =
                    |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || (!c.is_ascii() && !GAP.contains(c));
                assert!(!word.text.is_empty() && word.text.chars().all(fits), "{c:?} {}", word.text);
            }
        }
    }

    /// How often the words of [`indexed`] hold a term; hits may overlap.
    fn hits(term: &Term, column: &str) -> usize {
        let needle = term.needle();
        if term.words.is_empty() {
            0
        } else {
            (0..column.len()).filter(|at| column.as_bytes()[*at..].starts_with(needle.as_bytes())).count()
        }
    }

    #[track_caller]
    fn found(typed: &str, quoted: bool, text: &str, places: &[&str]) {
        let term = Term::new(typed, quoted);
        let column = indexed(text);
        let shown: Vec<&str> = term.places(&words(text)).into_iter().map(|range| &text[range]).collect();
        assert_eq!(shown, places, "{typed} in {text}");
        assert_eq!(hits(&term, &column), places.len(), "{typed} in {column}");
        assert_eq!(term.is_in(&column), !places.is_empty());
    }

    #[test]
    fn terms_are_found_from_the_start_of_a_word() {
        found("inv", false, "Invoices, invoice", &["Invoices", "invoice"]);
        found("nvoice", false, "Invoice", &[]);
        found("inv", true, "Invoice inv", &["inv"]);
        found("second invoice", true, "The Second  invoice", &["Second  invoice"]);
        found("crash(3)", false, "crash(3) crash(31)", &["crash(3"]);
        found("a a", true, "a a a", &["a a", "a a"]);
        found("登", false, "無法登入系統", &["登"]);
        found("登入", true, "無法登入系統 登入", &["登入", "登入"]);
        found("統", false, "無法登入系統", &["統"]);
        found("法系", false, "無法登入系統", &[]);
        found("--", false, "a -- b", &[]);
    }

    #[test]
    fn no_phrase_crosses_a_gap() {
        let mut column = indexed("The second");
        add_indexed(&mut column, "--");
        add_indexed(&mut column, "invoice");
        assert_eq!(column, format!(" the second {GAP} invoice "));
        assert!(!Term::new("second invoice", true).is_in(&column));
    }
}
