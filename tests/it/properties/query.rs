//! Any text as a query: reading never panics, an error points into the text, and what was read can be asked of a record.

use std::borrow::Cow;

use staple::query::document::{Indexed, kinds as searched};
use staple::query::fields::{FieldTable, TICKETS, of_kind};
use staple::query::saved::SavedQueries;
use staple::query::words::{indexed, words};
use staple::query::{Context, Query, QueryError, Subject, kinds, snippet};
use staple::record::Kind;
use staple::record::time::{Time, zone};
use staple::record::when::{Direction, parse_when};

const NOW: i64 = 1_795_000_000;

/// Reads the bytes, as far as they are text, as a query about each kind, and as one that was saved.
pub(crate) fn holds(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    words_lie_within(text);
    let utc = zone("UTC").unwrap();
    for direction in [Direction::Past, Direction::Future] {
        let _ = parse_when(text, Time::from_unix(NOW), &utc, direction);
    }
    let mut saved = SavedQueries::default();
    saved.add("this", text);
    match Query::parse(text, &TICKETS) {
        Ok(query) => {
            is_asked(&query, text);
            not_is_the_opposite(&query, text);
            match Query::parse_with("query:this", &TICKETS, &saved) {
                Ok(named) => assert_eq!(named.expr(), query.expr(), "{text:?} saved"),
                Err(error) => assert!(error.message.contains("deeply"), "{text:?} saved: {error}"),
            }
        }
        Err(error) => points_into(&error, text),
    }
    for kind in Kind::ALL {
        let fields = of_kind(kind);
        match Query::parse_with(text, &FieldTable::new(&fields), &saved) {
            Ok(query) => drop(is_asked(&query, text)),
            Err(error) => points_into(&error, text),
        }
    }
    if let Err(error) = kinds::parse(text, searched(), &saved) {
        points_into(&error, text);
    }
}

fn points_into(error: &QueryError, text: &str) {
    assert!((1..=text.chars().count() + 1).contains(&error.column), "{text:?}: {error}");
    let pointer = error.pointer(text);
    assert!(pointer.ends_with('^') && pointer.lines().count() == 2, "{text:?}: {pointer}");
}

/// A record that says the text in every field.
struct Saying<'a>(&'a str);

impl Subject for Saying<'_> {
    fn values(&self, _: &str) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(self.0)]
    }

    fn time(&self, _: &str) -> Option<Time> {
        Some(Time::from_unix(NOW - 86_400))
    }

    fn is(&self, flag: &str) -> bool {
        flag.len().is_multiple_of(2)
    }

    fn has(&self, what: &str) -> bool {
        what.len().is_multiple_of(2)
    }

    fn indexed(&self) -> Indexed {
        Indexed::of_text(self.0)
    }
}

fn is_asked(query: &Query, text: &str) -> bool {
    let utc = zone("UTC").unwrap();
    let context = Context { now: Time::from_unix(NOW), zone: &utc, me: Some("sam") };
    let _ = (query.needs_me(), query.needs_text(), query.corrected(&[]), query.free_words().len());
    for mark in snippet::marks(text, &query.terms()) {
        assert!(text.get(mark.clone()).is_some_and(|marked| !marked.is_empty()), "{mark:?} of {text:?}");
    }
    query.matches(&Saying(text), &context)
}

/// In parentheses it is still the same query, and with `not` the opposite; some texts lie too deep then, and what has no word
/// is passed over but cannot be denied.
fn not_is_the_opposite(query: &Query, text: &str) {
    if query.is_empty() || !query.sort_keys().is_empty() {
        return;
    }
    let refused = |error: QueryError, may_be: &str| {
        assert!(error.message.contains("deeply") || error.message.contains(may_be), "{text:?} in parentheses: {error}");
    };
    match Query::parse(&format!("({text} )"), &TICKETS) {
        Ok(same) => assert_eq!(same.expr(), query.expr(), "{text:?} in parentheses"),
        Err(error) => refused(error, "deeply"),
    }
    match Query::parse(&format!("not ({text} )"), &TICKETS) {
        Ok(opposite) => assert_ne!(is_asked(query, text), is_asked(&opposite, text), "{text:?}"),
        Err(error) => refused(error, "no word"),
    }
}

fn words_lie_within(text: &str) {
    let found = words(text);
    for word in &found {
        assert!(text.get(word.range.clone()).is_some_and(|source| !source.is_empty()), "{word:?} of {text:?}");
        assert!(
            word.range.contains(&(word.head_end - 1)) && text.is_char_boundary(word.head_end),
            "{word:?} of {text:?}"
        );
        assert!(word.text.chars().all(|c| !c.is_ascii() || c.is_ascii_lowercase() || c.is_ascii_digit()), "{word:?}");
    }
    let expected: String = found.iter().map(|word| format!(" {}", word.text)).collect();
    let expected = if expected.is_empty() { expected } else { expected + " " };
    assert_eq!(indexed(text), expected, "{text:?}");
}
