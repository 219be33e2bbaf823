//! One value of one field as a test.

use jiff::tz::TimeZone;

use super::ast::{Bound, DateRange, Test};
use super::error::QueryError;
use super::fields::{AgeSense, FieldKind, FieldSpec, FieldTable};
use super::lex::Piece;
use super::words::Term;
use crate::record::Kind;
use crate::record::age::parse_age;
use crate::record::nearest::nearest;
use crate::record::schema::Target;
use crate::record::time::{Day, Time};
use crate::record::week::{Month, Week};
use crate::record::when::{Direction, parse_when};

/// Reads a value of `field`.
pub(super) fn test(field: &FieldSpec, piece: &Piece, table: &FieldTable<'_>) -> Result<Test, QueryError> {
    let error = |message: String| QueryError::new(piece.column, message);
    match field.kind {
        FieldKind::Flag => {
            let value = known(field, piece, table)?;
            Ok(if field.name == "has" { Test::Has(value) } else { Test::Is(value) })
        }
        FieldKind::Word if piece.text == "@me" && field.refers.contains(&Target::Of(Kind::Person)) => {
            Ok(Test::Me { field: field.name })
        }
        FieldKind::Word => {
            if !field.values.is_empty() && !piece.text.is_empty() {
                known(field, piece, table)?;
            }
            Ok(Test::Word { field: field.name, value: piece.text.clone(), refers: field.refers })
        }
        FieldKind::Text => {
            let text = Term::new(&piece.text, piece.quoted);
            if text.words.is_empty() && !piece.text.is_empty() {
                return Err(error(format!("there is no word in `{}`: words are letters and digits", piece.text)));
            }
            Ok(Test::Text { field: field.name, text })
        }
        FieldKind::Date(direction) => {
            let range = date_range(field.name, &piece.text, direction).map_err(error)?;
            Ok(Test::Date { field: field.name, range })
        }
        FieldKind::Rank => Err(error(format!("{0} is an order: sort:{0}", field.name))),
        FieldKind::Age(sense) => age(field.name, &piece.text, sense).map_err(error),
    }
}

fn known(field: &FieldSpec, piece: &Piece, table: &FieldTable<'_>) -> Result<&'static str, QueryError> {
    let text = piece.text.as_str();
    if let Some(found) = field.values.iter().find(|value| value.eq_ignore_ascii_case(text)) {
        return Ok(found);
    }
    let name = field.name;
    let message = format!("no `{name}:{text}`: after `{name}:` comes {}", field.values.join(", "));
    let mut near = nearest(text, field.values.iter().copied());
    if near.is_empty() {
        // `status:open` is meant as `is:open`: the value is right and the field is not.
        let holders =
            table.fields.iter().filter(|other| other.values.iter().any(|value| value.eq_ignore_ascii_case(text)));
        near = holders.take(3).map(|other| format!("{}:{text}", other.name)).collect();
    }
    Err(QueryError::new(piece.column, message).or(near))
}

fn date_range(name: &str, text: &str, direction: Direction) -> Result<DateRange, String> {
    let bound = |point: &str, after| Bound { point: point.trim().to_owned(), after };
    let range = |from, until| DateRange { from, until, direction };
    let (found, compared) = if let Some((from, until)) = text.split_once("..") {
        let end = |point: &str, after| (!point.trim().is_empty()).then(|| bound(point, after));
        (range(end(from, false), end(until, true)), false)
    } else if let Some(point) = text.strip_prefix(">=") {
        (range(Some(bound(point, false)), None), true)
    } else if let Some(point) = text.strip_prefix('>') {
        (range(Some(bound(point, true)), None), true)
    } else if let Some(point) = text.strip_prefix("<=") {
        (range(None, Some(bound(point, true))), true)
    } else if let Some(point) = text.strip_prefix('<') {
        (range(None, Some(bound(point, false))), true)
    } else {
        (range(Some(bound(text, false)), Some(bound(text, true))), true)
    };
    if found.from.is_none() && found.until.is_none() {
        return Err(format!("a window needs a beginning or an end, such as {name}:2026-11-01.."));
    }
    for bound in found.from.iter().chain(&found.until) {
        // `opened:>7d` reads both as after then and as longer ago, `opened:7d` as that day and as since then.
        if compared && parse_age(&bound.point).is_ok() {
            let point = &bound.point;
            return Err(format!("`{text}` can be read two ways: write {name}:{point}.. or {name}:..{point}"));
        }
        check_point(&bound.point, direction)?;
    }
    Ok(found)
}

/// Refuses what is no point in time whatever now and the zone are.
fn check_point(point: &str, direction: Direction) -> Result<(), String> {
    if Week::parse(point).is_some() || Month::parse(point).is_some() {
        return Ok(());
    }
    match parse_when(point, Time::from_unix(0), &TimeZone::UTC, direction) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{error}, or a week (2026-W47) or month (2026-11)")),
    }
}

fn age(name: &str, text: &str, sense: AgeSense) -> Result<Test, String> {
    let seconds = |text: &str| {
        parse_age(text).map_err(|error| {
            if Time::parse(text).is_some() || Day::parse(text).is_some() {
                format!("{name} takes a length of time such as 14d; for a day write opened:..{text} or opened:{text}..")
            } else {
                error.to_string()
            }
        })
    };
    let end = |text: &str| if text.is_empty() { Ok(None) } else { seconds(text).map(Some) };
    let (min, max) = match sense {
        AgeSense::Older => (Some(seconds(text)?), None),
        AgeSense::Newer => (None, Some(seconds(text)?)),
        AgeSense::Compared => {
            if let Some((from, until)) = text.split_once("..").filter(|ends| *ends != ("", "")) {
                (end(from)?, end(until)?)
            } else if let Some(text) = text.strip_prefix(">=") {
                (Some(seconds(text)?), None)
            } else if let Some(text) = text.strip_prefix('>') {
                (Some(seconds(text)?.saturating_add(1)), None)
            } else if let Some(text) = text.strip_prefix("<=") {
                (None, Some(seconds(text)?))
            } else if let Some(text) = text.strip_prefix('<') {
                (None, Some(seconds(text)?.saturating_sub(1)))
            } else {
                seconds(text)?;
                return Err(format!("say which side of it: older:{text} or newer:{text}"));
            }
        }
    };
    Ok(Test::Age { min, max })
}
