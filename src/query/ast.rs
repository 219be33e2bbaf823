//! What a query says, once read.

use super::words::Term;
use crate::record::schema::Target;
use crate::record::when::Direction;

/// A query that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(super) root: Expr,
    pub(super) sort: Vec<SortKey>,
}

/// A condition on one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Every one holds; an empty list always does.
    All(Vec<Expr>),
    /// At least one holds.
    Any(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// A single test.
    Test(Test),
}

/// A single test of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// A value of the field equals `value`, blind to case; an empty `value` asks for a field that is not set.
    Word {
        /// The field's name.
        field: &'static str,
        /// The value, with a kind in front (`team:engineering`) or without.
        value: String,
        /// What the field's values may refer to.
        refers: &'static [Target],
    },
    /// The field refers to the person who asks.
    Me {
        /// The field's name.
        field: &'static str,
    },
    /// A value of the field has the words; no words ask for a field that is not set.
    Text {
        /// The field's name.
        field: &'static str,
        /// The words.
        text: Term,
    },
    /// `is:flag`.
    Is(&'static str),
    /// `has:what`.
    Has(&'static str),
    /// The field's time lies in a window.
    Date {
        /// The field's name.
        field: &'static str,
        /// The window, as typed.
        range: DateRange,
    },
    /// The seconds since the record was opened lie between the two, both included.
    Age {
        /// At least so many seconds.
        min: Option<i64>,
        /// At most so many seconds.
        max: Option<i64>,
    },
    /// The record's text has the words.
    Words(Term),
}

/// A window of time as typed; it is resolved when a record is matched, because `7d` depends on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateRange {
    /// Where it begins; open when absent.
    pub from: Option<Bound>,
    /// Where it ends; open when absent.
    pub until: Option<Bound>,
    /// Which way a point without a sign points.
    pub direction: Direction,
}

/// One end of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The point as typed: a time, a day, a week or a month.
    pub point: String,
    /// Whether the bound lies after the point (its end, when it is a day, week or month) rather than before it.
    pub after: bool,
}

/// A field to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// The field's name.
    pub field: &'static str,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Query {
    /// The condition.
    pub fn expr(&self) -> &Expr {
        &self.root
    }

    /// What `sort:` asked for, the weightiest first.
    pub fn sort_keys(&self) -> &[SortKey] {
        &self.sort
    }

    /// Whether it has no condition, so that it matches everything.
    pub fn is_empty(&self) -> bool {
        matches!(&self.root, Expr::All(parts) if parts.is_empty())
    }

    /// Whether any test names the field, so that a caller need not add its usual condition.
    pub fn mentions(&self, field: &str) -> bool {
        self.any_test(&|test| match test {
            Test::Word { field: named, .. }
            | Test::Me { field: named }
            | Test::Text { field: named, .. }
            | Test::Date { field: named, .. } => *named == field,
            Test::Is(_) => field == "is",
            Test::Has(_) => field == "has",
            Test::Age { .. } => field == "age",
            Test::Words(_) => false,
        })
    }

    /// Whether it asks about the person who asks (`@me`, `is:mine`), who must then be known.
    pub fn needs_me(&self) -> bool {
        self.any_test(&|test| matches!(test, Test::Me { .. } | Test::Is("mine")))
    }

    /// Whether it looks for words, so that everything a record says has to be at hand.
    pub fn needs_text(&self) -> bool {
        self.any_test(&|test| matches!(test, Test::Words(_) | Test::Text { field: "text", .. }))
    }

    /// The words to look for that count for the record, in order: those that stand in no `not`.
    pub fn terms(&self) -> Vec<&Term> {
        fn walk<'q>(expr: &'q Expr, out: &mut Vec<&'q Term>) {
            match expr {
                Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| walk(part, out)),
                Expr::Test(Test::Words(term) | Test::Text { text: term, .. }) if !term.words.is_empty() => {
                    out.push(term);
                }
                Expr::Not(_) | Expr::Test(_) => {}
            }
        }
        let mut out = Vec::new();
        walk(&self.root, &mut out);
        out
    }

    /// The words that are looked for anywhere in a record, also those in a `not`.
    pub fn asked_terms(&self) -> Vec<&Term> {
        fn walk<'q>(expr: &'q Expr, out: &mut Vec<&'q Term>) {
            match expr {
                Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| walk(part, out)),
                Expr::Not(inner) => walk(inner, out),
                Expr::Test(Test::Words(term) | Test::Text { field: "text", text: term }) => out.push(term),
                Expr::Test(_) => {}
            }
        }
        let mut out = Vec::new();
        walk(&self.root, &mut out);
        out
    }

    fn any_test(&self, wanted: &dyn Fn(&Test) -> bool) -> bool {
        fn walk(expr: &Expr, wanted: &dyn Fn(&Test) -> bool) -> bool {
            match expr {
                Expr::All(parts) | Expr::Any(parts) => parts.iter().any(|part| walk(part, wanted)),
                Expr::Not(inner) => walk(inner, wanted),
                Expr::Test(test) => wanted(test),
            }
        }
        walk(&self.root, wanted)
    }
}
