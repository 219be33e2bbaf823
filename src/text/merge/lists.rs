//! Three-way merge of one list: sets by item, lists of structures by their first field, ordered lists by place.
//!
//! Works on the lines of a list with one item a line, so that comments and the way an item is written stay; a list that is
//! laid out otherwise is laid out so first.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::arrange::arrange;
use super::lines::{Chunk, three_way};
use super::{Part, agreed};
use crate::record::Value;
use crate::record::schema::{Key, Type};
use crate::record::value::Row;
use crate::text::create::{row, string, written};
use crate::text::edit::item_line;
use crate::text::parse::{row_value, typed_value};

/// A list with one item a line.
struct Lines {
    /// `key = [` with its line's end.
    open: String,
    items: Vec<Item>,
    /// What follows the last item: comments, `]`.
    close: String,
}

/// The lines of one item.
#[derive(Clone)]
struct Item {
    /// What it is told apart by.
    name: String,
    /// Its structure, in a list of those.
    row: Row,
    /// Comments above.
    lead: String,
    /// The item as it is written.
    text: String,
    /// What follows its comma, with the line's end.
    tail: String,
}

impl Item {
    fn lines(&self) -> String {
        format!("{}{},{}", self.lead, self.text, self.tail)
    }
}

/// Merges the statements of a list of type `ty`; nothing when one of them cannot be read. The last line has no end.
pub(super) fn merge(ty: Type, base: Option<&str>, ours: &str, theirs: &str) -> Option<Vec<Part>> {
    let mut base = match base {
        Some(statement) => lines(ty, statement)?,
        None => Lines { open: String::new(), items: Vec::new(), close: String::new() },
    };
    let (mut ours, mut theirs) = (lines(ty, ours)?, lines(ty, theirs)?);
    let empty = ours.items.is_empty() || theirs.items.is_empty();
    let mut parts = match ty {
        // Where one side took everything away or both begin anew, there is no place to go by.
        Type::Ordered if empty || base.items.is_empty() => return Some(Vec::new()),
        Type::Ordered => in_order(&base.items, &ours.items, &theirs.items),
        _ => {
            if [&base, &ours, &theirs].into_iter().any(|list| !are_distinct(&list.items)) {
                // Two structures that begin alike are told apart by all they hold.
                for list in [&mut base, &mut ours, &mut theirs] {
                    name_whole(&mut list.items);
                }
            }
            by_name(ty, &base.items, &ours.items, &theirs.items)
        }
    };
    if parts.is_empty() && !ours.close.contains('#') && !theirs.close.contains('#') {
        let key = ours.open.split('[').next().unwrap_or_default();
        return Some(vec![Part::Text(format!("{key}[]"))]);
    }
    let open = agreed(Some(&base.open), &ours.open, &theirs.open).unwrap_or(&ours.open).to_owned();
    let close = agreed(Some(&base.close), &ours.close, &theirs.close).unwrap_or(&ours.close).to_owned();
    parts.insert(0, Part::Text(open));
    parts.push(Part::Text(close));
    Some(parts)
}

/// A statement's list by lines, in the canonical form when it has another.
fn lines(ty: Type, statement: &str) -> Option<Lines> {
    if let Some(found) = cut(ty, statement) {
        return Some(found);
    }
    let table = DeTable::parse(statement).ok()?;
    let value = table.get_ref().values().next()?;
    let read = match (ty, value.get_ref()) {
        // What the items of a set name is not asked here.
        (Type::Refs(_), value) => typed_value(Type::List, value)?,
        (ty, value) => typed_value(ty, value)?,
    };
    let read = if read.is_unset() { Value::Unset } else { read };
    let key = statement.get(..value.span().start)?;
    let text = match read {
        Value::Unset => "[\n]".to_owned(),
        read => written(ty, &read),
    };
    cut(ty, &format!("{key}{text}"))
}

fn cut(ty: Type, statement: &str) -> Option<Lines> {
    let table = DeTable::parse(statement).ok()?;
    let value = table.get_ref().values().next()?;
    let DeValue::Array(items) = value.get_ref() else { return None };
    let open = value.span().start + statement[value.span().start..].find('\n')? + 1;
    let mut at = open;
    let mut out = Lines { open: statement[..open].to_owned(), items: Vec::new(), close: String::new() };
    for item in items.iter() {
        let span = item.span();
        let (line, comma) = item_line(statement, span.clone())?;
        if line.start < at {
            return None;
        }
        let (name, row) = named(ty, item.get_ref())?;
        let after = span.end + if comma { statement[span.end..].find(',')? + 1 } else { 0 };
        out.items.push(Item {
            name,
            row,
            lead: statement[at..line.start].to_owned(),
            text: statement[line.start..span.end].to_owned(),
            tail: statement[after..line.end].to_owned(),
        });
        at = line.end;
    }
    out.close = statement[at..].to_owned();
    let bracket_alone = out.close.lines().last().is_some_and(|line| line.trim() == "]");
    bracket_alone.then_some(out)
}

fn named(ty: Type, value: &DeValue<'_>) -> Option<(String, Row)> {
    match (ty, value) {
        (Type::Rows(fields), value) => {
            let found = row_value(fields, value)?;
            Some((found.first().map(|(_, value)| value.to_string()).unwrap_or_default(), found))
        }
        (_, DeValue::String(text)) => Some((string(text), Row::new())),
        _ => None,
    }
}

fn are_distinct(items: &[Item]) -> bool {
    let mut names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1])
}

/// Names structures by all they hold, and keeps one of those that are all the same.
fn name_whole(items: &mut Vec<Item>) {
    let mut seen: Vec<String> = Vec::new();
    items.retain_mut(|item| {
        if !item.row.is_empty() {
            item.name = row(&item.row);
        }
        let is_first = !seen.contains(&item.name);
        seen.push(item.name.clone());
        is_first
    });
}

/// Items by what they are: what one side took away goes, what one side added comes.
fn by_name(ty: Type, base: &[Item], ours: &[Item], theirs: &[Item]) -> Vec<Part> {
    fn names(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| item.name.as_str()).collect()
    }
    fn find<'i>(items: &'i [Item], name: &str) -> Option<&'i Item> {
        items.iter().find(|item| item.name == name)
    }
    let (ours_names, theirs_names) = (names(ours), names(theirs));
    let mut order = arrange(&names(base), &ours_names, &theirs_names, |a, b| a.cmp(b));
    if ours_names.is_sorted() && theirs_names.is_sorted() {
        order.sort_unstable();
    }
    let mut out = Vec::new();
    for name in order {
        match (find(base, name), find(ours, name), find(theirs, name)) {
            (base, Some(ours), Some(theirs)) => out.push(both(ty, base, ours, theirs)),
            (None, Some(added), None) | (None, None, Some(added)) => out.push(Part::Text(added.lines())),
            // Gone on one side; of a structure that the other side changed there is no telling.
            (Some(base), Some(ours), None) if ours.row != base.row => out.push(conflict(&ours.lines(), "")),
            (Some(base), None, Some(theirs)) if theirs.row != base.row => out.push(conflict("", &theirs.lines())),
            _ => {}
        }
    }
    out
}

/// An item that both sides have: its comments one by one, a structure field by field.
fn both(ty: Type, base: Option<&Item>, ours: &Item, theirs: &Item) -> Part {
    let of_base = |f: fn(&Item) -> &str| base.map(f);
    let lead = agreed(of_base(|item| &item.lead), &ours.lead, &theirs.lead);
    let tail = agreed(of_base(|item| &item.tail), &ours.tail, &theirs.tail);
    let text = match agreed(of_base(|item| &item.text), &ours.text, &theirs.text) {
        Some(text) => Some(text.to_owned()),
        None if ours.row == theirs.row => Some(ours.text.clone()),
        None => match ty {
            Type::Rows(fields) => fields_of(fields, base.map(|item| &item.row), &ours.row, &theirs.row)
                .map(|merged| format!("  {}", row(&merged))),
            _ => Some(ours.text.clone()),
        },
    };
    match (lead, text, tail) {
        (Some(lead), Some(text), Some(tail)) => Part::Text(format!("{lead}{text},{tail}")),
        _ => conflict(&ours.lines(), &theirs.lines()),
    }
}

/// A structure field by field; nothing when both sides changed one of them, not to the same.
fn fields_of(fields: &[Key], base: Option<&Row>, ours: &Row, theirs: &Row) -> Option<Row> {
    let get = |row: &Row, name: &str| row.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    fields
        .iter()
        .map(|field| {
            let was = base.map(|row| get(row, field.name)).unwrap_or_default();
            let (left, right) = (get(ours, field.name), get(theirs, field.name));
            agreed(Some(&was), &left, &right).map(|value| (field.name.to_owned(), value.clone()))
        })
        .collect()
}

/// Items by their place.
fn in_order(base: &[Item], ours: &[Item], theirs: &[Item]) -> Vec<Part> {
    let lines = |items: &[Item]| -> Vec<String> { items.iter().map(Item::lines).collect() };
    let (base, ours, theirs) = (lines(base), lines(ours), lines(theirs));
    let chunks = three_way(&base, &ours, &theirs);
    let text = |lines: &[String], range: Range<usize>| lines[range].concat();
    let parts = chunks.into_iter().map(|chunk| match chunk {
        Chunk::Ours(range) => Part::Text(text(&ours, range)),
        Chunk::Theirs(range) => Part::Text(text(&theirs, range)),
        Chunk::Conflict { ours: left, theirs: right } => conflict(&text(&ours, left), &text(&theirs, right)),
    });
    parts.collect()
}

fn conflict(ours: &str, theirs: &str) -> Part {
    Part::Conflict { ours: ours.to_owned(), theirs: theirs.to_owned(), can_hold_both: true }
}
