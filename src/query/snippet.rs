//! The few words of a record around what was found.
//!
//! Pure. Control characters fall away and white space becomes one space; how marks look is decided by who prints them.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::document::{Document, Place};
use super::words::{Term, words};

/// Some words of a record with what was found marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet<'a> {
    /// Where they stand in the record.
    pub place: Place<'a>,
    /// The words, on one line; `…` where the text goes on.
    pub text: String,
    /// The bytes of `text` that were looked for, in order, none touching another.
    pub marks: Vec<Range<usize>>,
}

/// Where the terms stand in a text, in order, overlapping places joined.
pub fn marks(text: &str, terms: &[&Term]) -> Vec<Range<usize>> {
    let words = words(text);
    joined(terms.iter().flat_map(|term| term.places(&words)).collect())
}

/// At most `most` snippets of a record: first the one with the most different terms, then one that adds terms, or else
/// repeats them, in the order of the record. None is wider than `room` says for its place; `wanted` chooses places.
pub fn snippets<'a>(
    document: &Document<'a>,
    terms: &[&Term],
    most: usize,
    wanted: impl Fn(&Place<'a>) -> bool,
    room: impl Fn(&Place<'a>) -> usize,
) -> Vec<Snippet<'a>> {
    // Where each term stands in each part that has one.
    let mut found: Vec<(&super::document::Part<'a>, Vec<Vec<Range<usize>>>)> = Vec::new();
    for part in document.parts.iter().filter(|part| wanted(&part.place)) {
        let words = words(&part.text);
        let places: Vec<Vec<Range<usize>>> = terms.iter().map(|term| term.places(&words)).collect();
        if places.iter().any(|places| !places.is_empty()) {
            found.push((part, places));
        }
    }
    let mut shown = vec![false; terms.len()];
    let mut out = Vec::new();
    while out.len() < most && !found.is_empty() {
        let count = |places: &[Vec<Range<usize>>], new: bool| {
            places.iter().zip(&shown).filter(|(places, shown)| !places.is_empty() && (!new || !**shown)).count()
        };
        let score = |places: &[Vec<Range<usize>>]| (count(places, true), count(places, false));
        let mut best = 0;
        for (i, (_, places)) in found.iter().enumerate() {
            if score(places) > score(&found[best].1) {
                best = i;
            }
        }
        let (part, places) = found.remove(best);
        for (shown, places) in shown.iter_mut().zip(&places) {
            *shown |= !places.is_empty();
        }
        out.push(cut(part.place, &part.text, &places, room(&part.place)));
    }
    out
}

/// The part of a text that is `room` columns wide and holds the most different terms.
fn cut<'a>(place: Place<'a>, text: &str, places: &[Vec<Range<usize>>], room: usize) -> Snippet<'a> {
    let plain = Plain::new(text);
    let inner = |range: &Range<usize>| plain.at(range.start)..plain.at(range.end);
    let places: Vec<Vec<Range<usize>>> = places.iter().map(|of| of.iter().map(inner).collect()).collect();
    let marks = joined(places.iter().flatten().cloned().collect());
    let room = room.max(20);
    let all = plain.chars.len();
    if plain.width(0..all) <= room {
        return plain.snippet(place, 0..all, &marks);
    }
    // The two signs that say that the text goes on take their room too.
    let room = room - 2;
    let within = |start: usize| {
        let end = plain.end_of(start, room);
        places.iter().filter(|of| of.iter().any(|range| start <= range.start && range.end <= end)).count()
    };
    let mut first = marks.first().map_or(0, |mark| mark.start);
    for mark in &marks {
        if within(mark.start) > within(first) {
            first = mark.start;
        }
    }
    let last = marks.iter().filter(|mark| mark.start >= first && mark.end <= plain.end_of(first, room)).map(|m| m.end);
    let needed = plain.width(first..last.max().unwrap_or(first));
    // Some words before what was found, as far as that stays in view.
    let before = (room / 4).min(room.saturating_sub(needed));
    let mut start = plain.start_of(first, before);
    if plain.width(start..all) < room {
        start = plain.start_of(all, room);
    }
    // Begin with a whole word, where words have spaces.
    let begins_word = |at: &usize| *at == 0 || plain.chars[at - 1] == ' ';
    start = (start..=first).find(begins_word).unwrap_or(start);
    let full = plain.end_of(start, room);
    let mut end = full;
    while end < all && end > first + 1 && plain.chars[end] != ' ' {
        end -= 1;
    }
    // A text without spaces is cut where the room ends, and so is one whose marks the last word holds.
    if marks.iter().any(|mark| mark.start < full && mark.start >= start && mark.end > end) || end <= first + 1 {
        end = full;
    }
    plain.snippet(place, start..end, &marks)
}

/// A text on one line, letter by letter.
struct Plain {
    chars: Vec<char>,
    /// The byte of the source that each letter comes from.
    sources: Vec<usize>,
}

impl Plain {
    fn new(text: &str) -> Self {
        let mut plain = Self { chars: Vec::new(), sources: Vec::new() };
        for (at, c) in text.trim_end().char_indices() {
            let c = if c.is_whitespace() { ' ' } else { c };
            if c.is_control() || (c == ' ' && plain.chars.last().is_none_or(|last| *last == ' ')) {
                continue;
            }
            plain.chars.push(c);
            plain.sources.push(at);
        }
        plain
    }

    /// The letter that a byte of the source has become, or the next.
    fn at(&self, byte: usize) -> usize {
        self.sources.partition_point(|source| *source < byte)
    }

    fn width(&self, range: Range<usize>) -> usize {
        self.chars[range].iter().map(|c| c.width().unwrap_or(0)).sum()
    }

    /// The end of as many letters from `start` as take `room` columns.
    fn end_of(&self, start: usize, room: usize) -> usize {
        let mut used = 0;
        let fits = |c: &&char| {
            used += c.width().unwrap_or(0);
            used <= room
        };
        start + self.chars[start..].iter().take_while(fits).count()
    }

    /// The start of as many letters before `end` as take `room` columns.
    fn start_of(&self, end: usize, room: usize) -> usize {
        let mut used = 0;
        let fits = |c: &&char| {
            used += c.width().unwrap_or(0);
            used <= room
        };
        end - self.chars[..end].iter().rev().take_while(fits).count()
    }

    fn snippet<'a>(&self, place: Place<'a>, shown: Range<usize>, marks: &[Range<usize>]) -> Snippet<'a> {
        let mut text = String::new();
        let mut out = Vec::new();
        if shown.start > 0 {
            text.push('…');
        }
        // A space beside the sign says nothing.
        let mut start = shown.start;
        while start < shown.end && self.chars[start] == ' ' {
            start += 1;
        }
        let mut at = start;
        for mark in marks.iter().filter(|mark| mark.start >= start && mark.start < shown.end) {
            let end = mark.end.min(shown.end);
            text.extend(&self.chars[at..mark.start]);
            let begins = text.len();
            text.extend(&self.chars[mark.start..end]);
            out.push(begins..text.len());
            at = end;
        }
        text.extend(&self.chars[at..shown.end]);
        if shown.end < self.chars.len() {
            text.truncate(text.trim_end().len());
            text.push('…');
        }
        Snippet { place, text, marks: out }
    }
}

/// Ranges in order, those that overlap or touch as one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::document::Part;
    use super::*;

    fn marked(snippet: &Snippet<'_>) -> String {
        let mut text = snippet.text.clone();
        for mark in snippet.marks.iter().rev() {
            text.insert(mark.end, ']');
            text.insert(mark.start, '[');
        }
        text
    }

    #[track_caller]
    fn check(text: &str, asked: &[&str], room: usize, expected: &str) {
        let part = Part { place: Place::Key("cause"), text: Cow::Borrowed(text) };
        let terms: Vec<Term> = asked.iter().map(|text| Term::new(text, false)).collect();
        let document = Document { parts: vec![part] };
        let found = snippets(&document, &terms.iter().collect::<Vec<_>>(), 2, |_| true, |_| room);
        let shown: Vec<String> = found.iter().map(marked).collect();
        assert_eq!(shown.join("|"), expected, "{asked:?}");
        for snippet in &found {
            let width: usize = snippet.text.chars().filter_map(UnicodeWidthChar::width).sum();
            assert!(width <= room, "{width} {}", snippet.text);
        }
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        check("An old\n\n  script", &["scr", "old"], 40, "An [old] [script]");
        check("a\u{1b}[31m red\u{7}", &["red"], 40, "a[31m [red]");
        check("", &["red"], 40, "");
    }

    #[test]
    fn a_long_text_is_cut_around_most_of_what_was_found() {
        let text = "The invoice came on Monday. We looked at it for a while and then the portal said that the second \
                    invoice was never sent to the customer at all, which is odd.";
        check(text, &["invoice"], 40, "The [invoice] came on Monday. We looked…");
        check(text, &["invoice", "second"], 40, "…that the [second] [invoice] was never sent…");
        check(text, &["odd"], 40, "…to the customer at all, which is [odd].");
        check("無法登入系統請協助處理謝謝無法登入系統請協助處理謝謝", &["協助"], 24, "…統請[協助]處理謝謝無法登…");
        check(&"x".repeat(90), &["xx"], 24, &format!("[{}…]", "x".repeat(22)).replace("…]", "]…"));
    }

    #[test]
    fn the_second_snippet_adds_what_the_first_has_not() {
        let part = |place, text| Part { place, text: Cow::Borrowed(text) };
        let message = Place::Message { kind: "reply", at: None };
        let parts = vec![
            part(Place::Name("title"), "Invoice"),
            part(Place::Key("cause"), "invoice"),
            part(message, "the page is white"),
            part(message, "page"),
        ];
        let terms = [Term::new("invoice", false), Term::new("page", false), Term::new("white", false)];
        let document = Document { parts };
        let terms: Vec<&Term> = terms.iter().collect();
        let found = snippets(&document, &terms, 2, |place| !matches!(place, Place::Name(_)), |_| 40);
        let places: Vec<Place<'_>> = found.iter().map(|snippet| snippet.place).collect();
        assert_eq!(places, [message, Place::Key("cause")]);
    }
}
