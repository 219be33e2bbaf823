//! A query's words as expressions of FTS5's `MATCH`, over words that were stored as [`words`](super::words) encodes them, and
//! what follows for the query from the documents that match.

use super::ast::{Expr, Query, Test};
use super::document::Column;
use super::numbers::Numbers;
use super::words::Term;

impl Query {
    /// The documents that fulfil the query, from those that have each of its [terms](Query::terms); nothing where more than
    /// words decides.
    pub fn by_words(&self, having: &dyn Fn(&Term) -> Numbers) -> Option<Numbers> {
        by_words(self.expr(), having)
    }
}

fn by_words(expr: &Expr, having: &dyn Fn(&Term) -> Numbers) -> Option<Numbers> {
    let all = |parts: &[Expr], join: fn(Numbers, &Numbers) -> Numbers| {
        let sets: Option<Vec<Numbers>> = parts.iter().map(|part| by_words(part, having)).collect();
        sets?.into_iter().reduce(|a, b| join(a, &b))
    };
    match expr {
        Expr::All(parts) => all(parts, Numbers::and),
        Expr::Any(parts) => all(parts, Numbers::or),
        Expr::Test(Test::Words(term)) if !term.words.is_empty() => Some(having(term)),
        Expr::Not(_) | Expr::Test(_) => None,
    }
}

impl Term {
    /// The expression that exactly the records match that have the term; a term has at least one word here.
    pub fn fts(&self) -> String {
        // The words have no quotes in them.
        format!("\"{}\"{}", self.words.join(" "), if self.open { "*" } else { "" })
    }

    /// As [`Term::fts`], of those that have it in one column.
    pub fn fts_in(&self, column: Column) -> String {
        format!("{} : {}", column.name(), self.fts())
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
    fn terms_are_phrases_whose_last_word_may_go_on() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(query(text).terms().into_iter().map(Term::fts).collect::<Vec<_>>(), expected, "{text}");
        };
        check("inv", &["\"inv\"*"]);
        check("\"Second Invoice\" is:open", &["\"second invoice\""]);
        check("a (b or title:c) -d", &["\"a\"*", "\"b\"*", "\"c\"*"]);
        check("cause:\"\"", &[]);
        check("登入", &["\"登入 入\"*"]);
        assert_eq!(query("inv").terms()[0].fts_in(Column::Fields), "fields : \"inv\"*");
    }

    #[test]
    fn words_alone_decide_where_nothing_else_is_asked() {
        let check = |text: &str, expected: Option<&[u32]>| {
            let having = |term: &Term| match term.words[0].as_str() {
                "a" => [1, 2, 3].into_iter().collect(),
                "b" => [2, 3, 4].into_iter().collect(),
                _ => Numbers::default(),
            };
            let found = query(text).by_words(&having).map(|found| found.iter().collect::<Vec<_>>());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("a", Some(&[1, 2, 3]));
        check("a b", Some(&[2, 3]));
        check("a or b", Some(&[1, 2, 3, 4]));
        check("a (b or c)", Some(&[2, 3]));
        check("a c", Some(&[]));
        for text in ["", "a is:open", "a or is:open", "a -b", "title:a", "cause:\"\""] {
            check(text, None);
        }
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

    /// Whether FTS5 finds a row of such columns by the expression of a term: tokens of the `ascii` tokenizer, a phrase, `*`.
    fn fts_finds(expression: &str, columns: &[Vec<&str>]) -> bool {
        let (phrase, rest) = expression.strip_prefix('"').unwrap().split_once('"').unwrap();
        let open = rest == "*";
        assert!(open || rest.is_empty(), "{expression}");
        let wanted: Vec<&str> = tokens(phrase);
        let fits = |held: &str, i: usize| {
            if open && i + 1 == wanted.len() { held.starts_with(wanted[i]) } else { held == wanted[i] }
        };
        columns.iter().any(|column| {
            column.windows(wanted.len()).any(|window| window.iter().enumerate().all(|(i, held)| fits(held, i)))
        })
    }

    /// What FTS5's tokenizer `ascii` makes of a text.
    fn tokens(text: &str) -> Vec<&str> {
        text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()).filter(|token| !token.is_empty()).collect()
    }

    #[test]
    fn what_matches_in_memory_is_what_the_expressions_find() {
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
        let (mut matched, mut by_words) = (0, 0);
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
            let by_fts = |expression: &str| fts_finds(expression, &columns);
            let matches = query.matches(&ticket, &context);
            assert_eq!(query.matches_having(&ticket, |term| by_fts(&term.fts()), &context), matches, "{asked}");
            let found = query.by_words(&|term| by_fts(&term.fts()).then_some(1).into_iter().collect());
            assert!(found.as_ref().is_none_or(|found| found.contains(1) == matches), "{asked} of {:?}", ticket.0);
            matched += usize::from(matches);
            by_words += usize::from(found.is_some());
        }
        assert!(matched > 500 && by_words > 500, "{matched} {by_words}");
    }
}
