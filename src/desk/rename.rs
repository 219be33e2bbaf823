//! A new slug for a record, and every reference to it with it.

use super::{Draft, WriteError};
use crate::query::renamed::{self as query, still_says};
use crate::record::reference::renamed;
use crate::record::schema::Type;
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record, Value};
use crate::store::layout::{self, Located, locate};
use crate::text;

/// What a rename touched besides the record itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renamed {
    /// How many other records name it.
    pub records: usize,
    /// Saved queries that may still name it, as in words to search for.
    pub queries: Vec<String>,
    /// Files that hold the slug but cannot be read as records.
    pub unreadable: Vec<String>,
}

/// Gives the record `kind:from` the slug `to`, and rewrites every reference, those in bound messages among them.
///
/// # Errors
/// When the record is not there, the new slug is taken, or a file's text cannot be edited.
pub fn rename(draft: &mut Draft<'_>, kind: Kind, from: &Slug, to: &Slug) -> Result<Renamed, WriteError> {
    let (old_name, new_name) = (Name::Slug(from.clone()), Name::Slug(to.clone()));
    let record = draft.record(kind, &old_name)?;
    let new_path = layout::slug_path(kind, to);
    if draft.read(&new_path)?.is_some() {
        return Err(WriteError::Exists { reference: format!("{}:{to}", kind.word()), path: new_path });
    }
    let text = draft.text(&record.path)?;
    draft.write(record.path.clone(), None);
    draft.write_record(kind, &new_name, &new_path, &text);
    let mut out = Renamed::default();
    for path in record_paths(draft)? {
        rewrite(draft, &path, kind, from, to, &mut out)?;
    }
    Ok(out)
}

fn rewrite(
    draft: &mut Draft<'_>,
    path: &str,
    kind: Kind,
    from: &Slug,
    to: &Slug,
    out: &mut Renamed,
) -> Result<(), WriteError> {
    let Some(Located::Record(of, name)) = locate(path) else { return Ok(()) };
    let Some(bytes) = draft.read(path)? else { return Ok(()) };
    // Most files do not hold the slug at all and need not be parsed.
    if !holds(&bytes, from.as_str().as_bytes()) {
        return Ok(());
    }
    let (Some(record), Ok(before)) = (text::parse(of, &name, path, &bytes).record, String::from_utf8(bytes)) else {
        out.unreadable.push(path.to_owned());
        return Ok(());
    };
    let failed = |error| WriteError::edit(path, error);
    let mut after = before.clone();
    let mut sets = all_renamed(&record, kind, from, to);
    if of == Kind::Query {
        let query = query::renamed(record.text("query"), kind, from, to);
        if still_says(&query, from) {
            out.queries.push(record.reference());
        }
        sets.retain(|(key, _)| *key != "query");
        if query != record.text("query") {
            sets.push(("query", query.into()));
        }
    }
    if !sets.is_empty() {
        after = text::edit(&after, of.schema(), &sets).map_err(failed)?;
    }
    for message in &record.messages {
        let sets = all_renamed(message, kind, from, to);
        if let (Name::Message(_, id), false) = (&message.name, sets.is_empty()) {
            after = text::edit_bound(&after, &id.to_string(), &sets).map_err(failed)?;
        }
    }
    if after != before {
        // The record itself may name itself; it is not another one.
        out.records += usize::from(name != Name::Slug(to.clone()) || of != kind);
        draft.write_record(of, &name, path, &after);
    }
    Ok(())
}

/// References by the schema, and those that stand whole in plain text: to whom a hand-off went, what a jot is about.
fn all_renamed(record: &Record, kind: Kind, from: &Slug, to: &Slug) -> Vec<(&'static str, Value)> {
    let mut sets = renamed(record, kind, from, to).unwrap_or_default();
    let (old, new) = (format!("{}:{from}", kind.word()), format!("{}:{to}", kind.word()));
    for key in record.schema().keys {
        match (key.ty, record.get(key.name)) {
            (Type::Line, Value::Text(text)) if *text == old => sets.push((key.name, new.as_str().into())),
            (Type::List, Value::List(items)) if items.contains(&old) => {
                let items = items.iter().map(|item| if *item == old { new.clone() } else { item.clone() });
                let mut items: Vec<String> = items.collect();
                items.sort();
                items.dedup();
                sets.push((key.name, items.into()));
            }
            _ => {}
        }
    }
    sets
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// The paths of all records, in order.
fn record_paths(draft: &Draft<'_>) -> Result<Vec<String>, WriteError> {
    let mut out = Vec::new();
    let mut folders: Vec<String> = layout::FOLDERS.iter().map(|folder| (*folder).to_owned()).collect();
    while let Some(folder) = folders.pop() {
        for name in draft.names(&folder)? {
            let path = format!("{folder}/{name}");
            if name.contains('.') {
                out.push(path);
            } else {
                folders.push(path);
            }
        }
    }
    out.sort();
    Ok(out)
}
