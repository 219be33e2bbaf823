//! Text to query. `not` binds to the next term, and (implied) binds tighter than `or`.

use std::cell::Cell;

use super::ast::{Expr, Query, SortKey, Test};
use super::error::QueryError;
use super::fields::{AgeSense, FieldKind, FieldSpec, FieldTable};
use super::lex::{Piece, Token, lex};
use super::saved::SavedQueries;
use super::value;
use super::words::Term;
use crate::record::nearest::nearest;

/// Deeper nesting is refused, so that no query can exhaust the stack.
const DEEPEST: usize = 64;

/// Saved queries that may be read for one: each may name another twice, and so on.
const MOST_SAVED: usize = 256;

impl Query {
    /// Reads a query about the records whose fields `table` lists; an empty text matches everything.
    ///
    /// # Errors
    /// With the column of the first thing that cannot be read, and the names it may have been meant as.
    pub fn parse(text: &str, table: &FieldTable<'_>) -> Result<Self, QueryError> {
        Self::parse_with(text, table, &SavedQueries::default())
    }

    /// As [`Query::parse`], with the queries that `query:NAME` stands for.
    ///
    /// # Errors
    /// As there; also for a name that nothing is saved under, and for queries that stand for each other in a circle.
    pub fn parse_with(text: &str, table: &FieldTable<'_>, saved: &SavedQueries) -> Result<Self, QueryError> {
        let used = Cell::new(0);
        read(text, &Reading { table, saved, within: &[], used: &used }, 0)
    }
}

/// What stays the same while a text is read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    table: &'a FieldTable<'a>,
    saved: &'a SavedQueries,
    /// The saved queries that this text is read for, the outermost first.
    within: &'a [&'a str],
    /// How many saved queries were read so far.
    used: &'a Cell<usize>,
}

fn read(text: &str, reading: &Reading<'_>, depth: usize) -> Result<Query, QueryError> {
    let tokens = lex(text)?;
    let end = text.chars().count() + 1;
    let mut parser =
        Parser { tokens: &tokens, at: 0, end, reading: *reading, depth, top: depth, negated: 0, sort: Vec::new() };
    let root = if parser.tokens.is_empty() { Expr::All(Vec::new()) } else { parser.any()? };
    match parser.peek() {
        None => Ok(Query { root, sort: parser.sort }),
        Some(_) => Err(QueryError::new(parser.column(), "this parenthesis closes nothing")),
    }
}

struct Parser<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    end: usize,
    reading: Reading<'a>,
    depth: usize,
    /// The depth that the text begins at.
    top: usize,
    negated: usize,
    sort: Vec<SortKey>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(_, column)| *column)
    }

    /// Terms with `or` between them.
    fn any(&mut self) -> Result<Expr, QueryError> {
        let start = self.column();
        let (first, mut counted) = self.all()?;
        let mut alternatives = vec![first];
        while self.peek() == Some(&Token::Or) {
            let column = self.column();
            if counted == 0 {
                return Err(QueryError::new(
                    column,
                    "`or` needs something before it; write \"or\" to search for the word",
                ));
            }
            self.at += 1;
            let (next, terms) = self.all()?;
            if terms == 0 {
                return Err(QueryError::new(
                    column,
                    "`or` needs something after it; write \"or\" to search for the word",
                ));
            }
            counted += terms;
            alternatives.push(next);
        }
        if counted == 0 && self.depth > self.top {
            return Err(QueryError::new(start, "there is nothing in these parentheses"));
        }
        Ok(one_or(alternatives, Expr::Any))
    }

    /// Terms side by side, and how many conditions they are: `sort:` is none.
    fn all(&mut self) -> Result<(Expr, usize), QueryError> {
        let mut terms = Vec::new();
        loop {
            match self.peek() {
                None | Some(Token::Or | Token::Close) => break,
                Some(Token::And) => {
                    let column = self.column();
                    self.at += 1;
                    if terms.is_empty() || matches!(self.peek(), None | Some(Token::Or | Token::And | Token::Close)) {
                        let message = "`and` needs something on both sides; write \"and\" to search for the word";
                        return Err(QueryError::new(column, message));
                    }
                }
                Some(_) => terms.extend(self.term()?),
            }
        }
        let count = terms.len();
        Ok((if count == 0 { Expr::All(terms) } else { one_or(terms, Expr::All) }, count))
    }

    fn term(&mut self) -> Result<Option<Expr>, QueryError> {
        let column = self.column();
        if self.depth >= DEEPEST {
            return Err(QueryError::new(column, "this is nested too deeply"));
        }
        let Some(token) = self.peek() else { return Ok(None) };
        self.at += 1;
        match token {
            Token::Not => self.negation(column).map(Some),
            Token::Open => {
                self.depth += 1;
                let inner = self.any()?;
                if self.peek() != Some(&Token::Close) {
                    return Err(QueryError::new(column, "this parenthesis is never closed"));
                }
                self.at += 1;
                self.depth -= 1;
                Ok(Some(inner))
            }
            Token::Words(piece) if piece.text.trim().is_empty() => {
                Err(QueryError::new(column, "there is nothing in these quotes"))
            }
            Token::Words(piece) => {
                let term = Term::new(&piece.text, piece.quoted);
                match term.words.is_empty() {
                    false => Ok(Some(Expr::Test(Test::Words(term)))),
                    // A sign among words, as in a text that was pasted, says nothing.
                    true if !piece.quoted && self.negated == 0 => Ok(None),
                    true => {
                        let message = format!("there is no word in `{}`: words are letters and digits", piece.text);
                        Err(QueryError::new(column, message))
                    }
                }
            }
            Token::Field { name, values } if name.eq_ignore_ascii_case("sort") => {
                if self.negated > 0 {
                    let message = "`sort:` cannot be negated; write sort:-opened for the other way round";
                    return Err(QueryError::new(column, message));
                }
                for piece in values {
                    let key = self.sort_key(piece)?;
                    self.sort.push(key);
                }
                Ok(None)
            }
            Token::Field { name, values } if name.eq_ignore_ascii_case("query") => {
                let queries = values.iter().map(|piece| self.saved(piece)).collect::<Result<_, _>>()?;
                Ok(Some(one_or(queries, Expr::Any)))
            }
            Token::Field { name, values } => self.field(name, values, column).map(Some),
            Token::Or | Token::And | Token::Close => Ok(None),
        }
    }

    /// The condition of a saved query; its order counts after one that was given before.
    fn saved(&mut self, piece: &Piece) -> Result<Expr, QueryError> {
        let Reading { saved, within, used, .. } = self.reading;
        let error = |message: String| QueryError::new(piece.column, message);
        let Some((name, text)) = saved.find(&piece.text) else {
            let near = nearest(&piece.text, saved.names());
            let message = format!("no query is saved as `{}`", piece.text);
            return Err(if near.is_empty() {
                error(message + &saved.those_there_are())
            } else {
                error(message).or(near)
            });
        };
        let within: Vec<&str> = within.iter().copied().chain([name]).collect();
        if within[..within.len() - 1].contains(&name) {
            let circle: Vec<String> = within.iter().map(|name| format!("query:{name}")).collect();
            let message = format!("these queries stand for each other: {}", circle.join(", "));
            return Err(QueryError { in_saved: true, ..error(message) });
        }
        used.set(used.get() + 1);
        if used.get() > MOST_SAVED {
            return Err(error("saved queries stand for each other too often".to_owned()));
        }
        let query = read(text, &Reading { within: &within, ..self.reading }, self.depth + 1).map_err(|inner| {
            match inner.in_saved {
                // The innermost is the one to mend.
                true => QueryError { column: piece.column, ..inner },
                false => QueryError { in_saved: true, ..error(format!("query:{name} cannot be used here: {inner}")) },
            }
        })?;
        if self.negated == 0 {
            self.sort.extend(query.sort);
        }
        Ok(query.root)
    }

    fn negation(&mut self, column: usize) -> Result<Expr, QueryError> {
        if matches!(self.peek(), None | Some(Token::Or | Token::And | Token::Close)) {
            let message = "`not` needs something after it; write \"not\" to search for the word";
            return Err(QueryError::new(column, message));
        }
        self.depth += 1;
        self.negated += 1;
        let inner = self.term()?;
        self.depth -= 1;
        self.negated -= 1;
        let inner = inner.ok_or_else(|| QueryError::new(column, "`not` needs something after it"))?;
        Ok(Expr::Not(Box::new(inner)))
    }

    fn field(&self, name: &str, values: &[Piece], column: usize) -> Result<Expr, QueryError> {
        let field = self.find(name, column, |_| true)?;
        let tests = values.iter().map(|piece| value::test(field, piece, self.reading.table).map(Expr::Test));
        Ok(one_or(tests.collect::<Result<_, _>>()?, Expr::Any))
    }

    fn sort_key(&self, piece: &Piece) -> Result<SortKey, QueryError> {
        let (name, descending) = match piece.text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (piece.text.as_str(), false),
        };
        let sortable = |field: &FieldSpec| match field.kind {
            FieldKind::Flag => false,
            FieldKind::Age(sense) => sense == AgeSense::Compared,
            _ => true,
        };
        let field = self.find(name, piece.column + usize::from(descending), sortable)?;
        Ok(SortKey { field: field.name, descending })
    }

    fn find(&self, name: &str, column: usize, fit: impl Fn(&FieldSpec) -> bool) -> Result<&'a FieldSpec, QueryError> {
        if let Some(field) = self.reading.table.find(name).filter(|field| fit(field)) {
            return Ok(field);
        }
        let names = self.reading.table.fields.iter().filter(|field| fit(field)).map(|field| field.name);
        let near = nearest(name, names.clone());
        let message = if near.is_empty() {
            let names: Vec<&str> = names.collect();
            format!("no field `{name}`: there are {}; words to search for go in quotes", names.join(", "))
        } else {
            format!("no field `{name}`")
        };
        Err(QueryError::new(column, message).or(near))
    }
}

/// The only part as it is, several as one.
fn one_or(mut parts: Vec<Expr>, join: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => Expr::All(parts),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::ast::DateRange;
    use super::super::fields::TICKETS;
    use super::*;

    fn show(expr: &Expr) -> String {
        let join = |parts: &[Expr], mark: &str| parts.iter().map(show).collect::<Vec<_>>().join(mark);
        let words = |term: &Term| {
            if term.open { term.words.join("+") } else { format!("\"{}\"", term.words.join("+")) }
        };
        let range = |range: &DateRange| {
            let end = |bound: &Option<super::super::ast::Bound>| {
                bound.as_ref().map_or(String::new(), |b| format!("{}{}", b.point, if b.after { "+" } else { "" }))
            };
            format!("[{} {}]", end(&range.from), end(&range.until))
        };
        match expr {
            Expr::All(parts) => format!("({})", join(parts, " & ")),
            Expr::Any(parts) => format!("({})", join(parts, " | ")),
            Expr::Not(inner) => format!("!{}", show(inner)),
            Expr::Test(test) => match test {
                Test::Word { field, value, .. } => format!("{field}={value}"),
                Test::Me { field } => format!("{field}=me"),
                Test::Text { field, text } => format!("{field}~{}", words(text)),
                Test::Is(flag) => format!("is {flag}"),
                Test::Has(what) => format!("has {what}"),
                Test::Date { field, range: dates } => format!("{field}{}", range(dates)),
                Test::Age { min, max } => format!("age{min:?}{max:?}").replace("Some", "").replace("None", "()"),
                Test::Words(text) => words(text),
            },
        }
    }

    fn check(text: &str, expected: &str) {
        match Query::parse(text, &TICKETS) {
            Ok(query) => assert_eq!(show(query.expr()), expected, "{text}"),
            Err(error) => panic!("{text}\n{}\n{error}", error.pointer(text)),
        }
    }

    fn refused(text: &str, column: usize, message: &str) {
        let error = Query::parse(text, &TICKETS).unwrap_err();
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.to_string().contains(message), "{text}: {error}");
    }

    #[test]
    fn terms_of_every_kind() {
        check("", "()");
        check("  ", "()");
        check("is:open", "is open");
        check("IS:Open", "is open");
        check("has:next-update", "has next-update");
        check("topic:billing", "topic=billing");
        check("owner:@me", "owner=me");
        check("customer:@me", "customer=@me");
        check("topic:\"\"", "topic=");
        check("status:\"\"", "status=");
        check("title:Invoice", "title~invoice");
        check("title:\"Second Invoice\"", "title~\"second+invoice\"");
        check("older:14d", "age(1209600)()");
        check("newer:2d", "age()(172800)");
        check("age:>1h", "age(3601)()");
        check("age:>=1h", "age(3600)()");
        check("age:<1h", "age()(3599)");
        check("age:1h..2h", "age(3600)(7200)");
        check("Straße", "strasse");
        check("\"Exact Words\"", "\"exact+words\"");
        check(r#""say \"hi\" \\ \n""#, "\"say+hi+n\"");
    }

    #[test]
    fn dates_become_windows() {
        check("opened:2026-11-01..", "opened[2026-11-01 ]");
        check("opened:..2026-11-30", "opened[ 2026-11-30+]");
        check("opened:2026-11-01..2026-11-30", "opened[2026-11-01 2026-11-30+]");
        check("opened:2026-11-22", "opened[2026-11-22 2026-11-22+]");
        check("opened:2026-W47", "opened[2026-W47 2026-W47+]");
        check("opened:>2026-11", "opened[2026-11+ ]");
        check("opened:>=yesterday", "opened[yesterday ]");
        check("opened:<2026-11-01", "opened[ 2026-11-01]");
        check("opened:<=2026-11-01", "opened[ 2026-11-01+]");
        check("opened:7d..", "opened[7d ]");
        check("opened:\"24 Nov\"..\"30 Nov\"", "opened[24 Nov 30 Nov+]");
        check("opened:2026-11-01,2026-11-03", "(opened[2026-11-01 2026-11-01+] | opened[2026-11-03 2026-11-03+])");
    }

    #[test]
    fn and_binds_tighter_than_or_and_not_to_the_next_term() {
        check("a b", "(a & b)");
        check("a and b", "(a & b)");
        check("a b or c d", "((a & b) | (c & d))");
        check("a OR b or c", "(a | b | c)");
        check("a (b or c)", "(a & (b | c))");
        check("not a b", "(!a & b)");
        check("not (a b)", "!(a & b)");
        check("not not a", "!!a");
        check("-label:spam -(a or b) -x", "(!label=spam & !(a | b) & !x)");
        check("status:new,working", "(status=new | status=working)");
        check("-status:new,working", "!(status=new | status=working)");
        check("((a))", "a");
    }

    #[test]
    fn plain_words_stay_words() {
        check("https://example.com/a?b", "https+example+com+a+b");
        check("12:30", "12+30");
        check(r"C:\temp", "c+temp");
        check("crash(3)", "\"crash+3\"");
        check("(crash(3))", "\"crash+3\"");
        check("a - b", "(a & b)");
        check("e-mail", "e+mail");
        check("\"or\" \"not\"", "(\"or\" & \"not\")");
        check("T-7k3mqp", "t+7k3mqp");
        check("10\"", "\"10\"");
    }

    #[test]
    fn sort_keys_stand_anywhere_beside_the_conditions() {
        let keys = |text: &str| {
            let query = Query::parse(text, &TICKETS).unwrap();
            let keys: Vec<String> = query
                .sort_keys()
                .iter()
                .map(|key| format!("{}{}", if key.descending { "-" } else { "" }, key.field))
                .collect();
            (show(query.expr()), keys.join(" "))
        };
        assert_eq!(keys("sort:opened"), ("()".to_owned(), "opened".to_owned()));
        assert_eq!(keys("a or b sort:-age,title"), ("(a | b)".to_owned(), "-age title".to_owned()));
        refused("not sort:age", 5, "-opened");
        refused("sort:-agee", 7, "did you mean age?");
        refused("sort:is", 6, "no field `is`");
        refused("sort:older", 6, "no field `older`");
        refused("a or sort:age", 3, "after it");
        refused("(sort:age)", 2, "nothing in these parentheses");
    }

    #[test]
    fn misspelt_names_point_at_the_nearest() {
        refused("is:open topik:billing", 9, "did you mean topic?");
        refused("ünïcode topik:x", 9, "did you mean topic?");
        refused("is:opne", 4, "did you mean open");
        refused("a has:fix,repyl", 11, "did you mean reply?");
        refused("status:new,wokring", 12, "did you mean working?");
        refused("status:open", 8, "did you mean is:open?");
        refused("is:fixed", 4, "did you mean resolution:fixed?");
        refused("error:500", 1, "words to search for go in quotes");
        refused("severity:awful", 10, "stuck, degraded, question");
    }

    #[test]
    fn what_is_unfinished_is_pointed_at() {
        refused("a (b", 3, "never closed");
        refused("a b)", 4, "closes nothing");
        refused(")", 1, "closes nothing");
        refused("a ()", 4, "nothing in these parentheses");
        refused("a \"b", 3, "never closed");
        refused("\"\"", 1, "nothing in these quotes");
        refused("a \"--\"", 3, "no word in `--`");
        refused("title:-> a", 7, "no word in `->`");
        refused("a not >>", 7, "no word in `>>`");
        refused("status:", 8, "a value is missing");
        refused("status: new", 8, "right after `status:`");
        refused("status:new,", 12, "a value is missing");
        refused("or a", 1, "before it");
        refused("a or", 3, "after it");
        refused("a or or b", 3, "after it");
        refused("a and", 3, "both sides");
        refused("and a", 1, "both sides");
        refused("not", 1, "after it");
        refused("a (not)", 4, "after it");
    }

    #[test]
    fn dates_and_ages_say_what_they_take() {
        refused("opened:soon", 8, "2026-W47");
        refused("opened:..", 8, "a beginning or an end");
        refused("opened:2026-02-30", 8, "calendar");
        refused("opened:7d", 8, "opened:7d.. or opened:..7d");
        refused("opened:>7d", 8, "two ways");
        refused("older:fortnight", 7, "14d");
        refused("older:2026-11-01", 7, "opened:..2026-11-01");
        refused("age:14d", 5, "older:14d or newer:14d");
        refused("age:..", 5, "length of time");
    }

    #[test]
    fn deep_nesting_is_refused_instead_of_overflowing() {
        for open in ["(", "not ", "-("] {
            let error = Query::parse(&open.repeat(100_000), &TICKETS).unwrap_err();
            assert!(error.message.contains("deeply"), "{error}");
        }
        check(&format!("{}a{}", "(".repeat(60), ")".repeat(60)), "a");
    }

    #[test]
    fn a_query_knows_what_it_asks_about() {
        let query = |text| Query::parse(text, &TICKETS).unwrap();
        assert!(query("a (b or not is:open)").mentions("is"));
        assert!(query("older:3d").mentions("age"));
        assert!(!query("a topic:is").mentions("is"));
        assert!(query("a or -is:mine").needs_me());
        assert!(query("owner:sam,@me").needs_me());
        assert!(!query("owner:me").needs_me());
        assert!(query("sort:age").is_empty());
        assert!(!query("a").is_empty());
    }

    #[test]
    fn no_text_panics_and_every_error_points_into_it() {
        let parts =
            ["is:", "open", "(", ")", "\"", "-", " ", ",", "or ", "not ", "age:", ">", "..", "\\", "é", "sort:", "@me"];
        let mut seed = 1u32;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..8 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text.push_str(parts[(seed >> 16) as usize % parts.len()]);
            }
            if let Err(error) = Query::parse(&text, &TICKETS) {
                assert!((1..=text.chars().count() + 1).contains(&error.column), "{text}: {error}");
                assert!(error.pointer(&text).ends_with('^'));
            }
        }
    }
}
