//! A query's words as expressions of FTS5's `MATCH`, over words that were stored as [`words`](super::words) encodes them.

use super::ast::{Expr, Query, Test};
use super::words::Term;

impl Query {
    /// The expression that every record which fulfils the query matches; others may match too, so the query decides in the
    /// end. Nothing when words rule no record out.
    pub fn fts_candidates(&self) -> Option<String> {
        candidates(self.expr())
    }

    /// The expression whose `bm25(words, 10.0, 3.0, 1.0)` is the [rank](super::rank) of a record with its sign turned: the
    /// [terms](Query::terms) with `OR` between. A record that does not match has the rank 0. Nothing when there are no terms.
    pub fn fts_rank(&self) -> Option<String> {
        let terms: Vec<String> = self.terms().into_iter().map(Term::fts).collect();
        (!terms.is_empty()).then(|| terms.join(" OR "))
    }
}

fn candidates(expr: &Expr) -> Option<String> {
    match expr {
        Expr::All(parts) => {
            let parts: Vec<String> = parts.iter().filter_map(candidates).collect();
            joined(parts, " AND ")
        }
        Expr::Any(parts) => joined(parts.iter().map(candidates).collect::<Option<_>>()?, " OR "),
        Expr::Test(Test::Words(term) | Test::Text { text: term, .. }) if !term.words.is_empty() => Some(term.fts()),
        Expr::Not(_) | Expr::Test(_) => None,
    }
}

fn joined(parts: Vec<String>, mark: &str) -> Option<String> {
    match parts.len() {
        0 => None,
        1 => parts.into_iter().next(),
        _ => Some(format!("({})", parts.join(mark))),
    }
}

impl Term {
    /// The expression that exactly the records match that have the term; a term has at least one word here.
    pub fn fts(&self) -> String {
        // The words have no quotes in them.
        format!("\"{}\"{}", self.words.join(" "), if self.open { "*" } else { "" })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::borrow::Cow;

    use super::super::document::{Document, Indexed, Part, Place};
    use super::super::fields::TICKETS;
    use super::super::matching::{Context, Subject};
    use super::*;
    use crate::record::time::Time;

    fn query(text: &str) -> Query {
        Query::parse(text, &TICKETS).unwrap()
    }

    #[test]
    fn words_rule_records_out() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(query(text).fts_candidates().as_deref(), expected, "{text}");
        };
        check("inv", Some("\"inv\"*"));
        check("\"Second Invoice\" is:open", Some("\"second invoice\""));
        check("a b", Some("(\"a\"* AND \"b\"*)"));
        check("a (b or title:c) -d", Some("(\"a\"* AND (\"b\"* OR \"c\"*))"));
        check("a or is:open", None);
        check("not a", None);
        check("cause:\"\"", None);
        check("登入", Some("\"登入 入\"*"));
        assert_eq!(query("a (b or is:open) -d").fts_rank().as_deref(), Some("\"a\"* OR \"b\"*"));
        assert_eq!(query("is:open").fts_rank(), None);
    }

    /// A ticket of words in a title, a cause and messages.
    struct Ticket([String; 3]);

    impl Ticket {
        fn document(&self) -> Document<'_> {
            let places = [Place::Name("title"), Place::Key("cause"), Place::Message { kind: "reply", at: None }];
            let parts = places.into_iter().zip(&self.0).map(|(place, text)| Part { place, text: Cow::Borrowed(text) });
            Document { parts: parts.collect() }
        }
    }

    impl Subject for Ticket {
        fn values(&self, field: &str) -> Vec<Cow<'_, str>> {
            let at = ["title", "cause"].iter().position(|name| *name == field);
            at.map(|at| Cow::Borrowed(self.0[at].as_str())).into_iter().filter(|text| !text.is_empty()).collect()
        }

        fn time(&self, _: &str) -> Option<Time> {
            None
        }

        fn is(&self, _: &str) -> bool {
            true
        }

        fn has(&self, _: &str) -> bool {
            false
        }

        fn indexed(&self) -> Indexed {
            self.document().indexed()
        }
    }

    /// FTS5 on one row, from the expression's text: tokens of the `ascii` tokenizer, phrases, `*`, AND, OR, parentheses.
    struct Fts<'a> {
        rest: &'a str,
        columns: Vec<Vec<&'a str>>,
    }

    impl Fts<'_> {
        fn expr(&mut self) -> bool {
            let mut holds = self.item();
            loop {
                if let Some(rest) = self.rest.strip_prefix(" AND ") {
                    self.rest = rest;
                    holds &= self.item();
                } else if let Some(rest) = self.rest.strip_prefix(" OR ") {
                    self.rest = rest;
                    holds |= self.item();
                } else {
                    return holds;
                }
            }
        }

        fn item(&mut self) -> bool {
            if let Some(rest) = self.rest.strip_prefix('(') {
                self.rest = rest;
                let holds = self.expr();
                self.rest = self.rest.strip_prefix(')').unwrap();
                return holds;
            }
            let (phrase, rest) = self.rest.strip_prefix('"').unwrap().split_once('"').unwrap();
            let open = rest.starts_with('*');
            self.rest = rest.strip_prefix('*').unwrap_or(rest);
            let wanted: Vec<&str> = tokens(phrase);
            let fits = |held: &str, i: usize| {
                if open && i + 1 == wanted.len() { held.starts_with(wanted[i]) } else { held == wanted[i] }
            };
            self.columns.iter().any(|column| {
                column.windows(wanted.len()).any(|window| window.iter().enumerate().all(|(i, held)| fits(held, i)))
            })
        }
    }

    /// What FTS5's tokenizer `ascii` makes of a text.
    fn tokens(text: &str) -> Vec<&str> {
        text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()).filter(|token| !token.is_empty()).collect()
    }

    #[test]
    fn what_matches_in_memory_is_among_the_candidates() {
        let zone = jiff::tz::TimeZone::UTC;
        let context = Context { now: Time::from_unix(0), zone: &zone, me: None };
        let pieces = [
            "Invoice",
            "inv",
            "Acme's",
            "l'erreur",
            "don't",
            "Düss",
            "düsseldorf",
            "無法登入",
            "登",
            "入系",
            "a",
            "ab",
            "4711",
            "crash(3)",
            "2.4",
            "ERR_X",
            "C:\\temp",
            "เข้า",
            "Straße",
            "stras",
            "-",
            "e\u{301}t",
            "été",
        ];
        let joints = [" ", " ", " ", "", ", ", "'", ". "];
        let marks = ["", "", "", "not ", "title:", "cause:", "text:", "\"", "or "];
        let mut seed = 7u32;
        let mut any = |count: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as usize % count
        };
        let (mut matched, mut ruled_out) = (0, 0);
        for _ in 0..10_000 {
            let mut text = |longest: usize| {
                (0..any(longest))
                    .map(|_| format!("{}{}", pieces[any(pieces.len())], joints[any(joints.len())]))
                    .collect()
            };
            let ticket = Ticket([text(4), text(4), text(9)]);
            let mut asked = String::new();
            for _ in 0..=any(3) {
                let mark = marks[any(marks.len())];
                asked.push_str(mark);
                asked.push_str(pieces[any(pieces.len())]);
                if mark == "\"" {
                    asked.push(' ');
                    asked.push_str(pieces[any(pieces.len())]);
                    asked.push('"');
                }
                asked.push(' ');
            }
            let Ok(query) = Query::parse(&asked, &TICKETS) else { continue };
            let indexed = ticket.indexed();
            let columns: Vec<Vec<&str>> = indexed.columns.iter().map(|column| tokens(column)).collect();
            let by_fts = |expression: &str| {
                let mut fts = Fts { rest: expression, columns: columns.clone() };
                let holds = fts.expr();
                assert_eq!(fts.rest, "", "{expression}");
                holds
            };
            let matches = query.matches(&ticket, &context);
            assert_eq!(query.matches_having(&ticket, |term| by_fts(&term.fts()), &context), matches, "{asked}");
            let candidate = query.fts_candidates().is_none_or(|expression| by_fts(&expression));
            assert!(candidate || !matches, "{asked} matches {:?} and is no candidate", ticket.0);
            matched += usize::from(matches);
            ruled_out += usize::from(!candidate);
        }
        assert!(matched > 500 && ruled_out > 500, "{matched} {ruled_out}");
    }
}
