//! What the work tree has that is not committed, record by record and key by key.

use super::words::{self, Clock};
use crate::desk::Records;
use crate::record::event::{Event, between};
use crate::record::schema::Type;
use crate::record::{Kind, Name, Record, Value};
use crate::store::layout::{Located, locate};
use crate::text;

/// One file before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// The path from the desk's root.
    pub path: String,
    /// The committed content; nothing when the file is new. Of an attachment nothing is read.
    pub before: Option<Vec<u8>>,
    /// The content in the work tree; nothing when the file is gone.
    pub after: Option<Vec<u8>>,
    /// It stands in the staging area as it does in the work tree.
    pub staged: bool,
}

/// The uncommitted edit of one file, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditView {
    /// The record, or the ticket a message or attachment belongs to; the path when it is neither.
    pub reference: String,
    /// What it is called.
    pub label: String,
    /// What happened to the file: `changed`, `new`, `removed`, `new note by Sam`.
    pub what: String,
    /// What happened to its keys.
    pub keys: Vec<KeyEdit>,
    /// It is staged already.
    pub staged: bool,
    /// The file.
    pub path: String,
}

/// What happened to one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEdit {
    /// The key.
    pub key: String,
    /// What it said; "" when it was unset.
    pub from: String,
    /// What it says; "" when it is unset.
    pub to: String,
    /// Of a list, the items that came.
    pub added: Vec<String>,
    /// Of a list, the items that went.
    pub removed: Vec<String>,
}

/// The edits in words; `records` gives what records are called.
pub fn views(records: &Records, edits: &[FileEdit], clock: &Clock<'_>) -> Vec<EditView> {
    let mut out: Vec<EditView> = edits.iter().map(|edit| view(records, edit, clock)).collect();
    // A ticket stands before its messages and attachments.
    out.sort_by_cached_key(|view| (view.path.split('.').next().map(str::to_owned), view.path.len(), view.path.clone()));
    out
}

fn view(records: &Records, edit: &FileEdit, clock: &Clock<'_>) -> EditView {
    let plain = match (&edit.before, &edit.after) {
        (None, Some(_)) => "new",
        (Some(_), None) => "removed",
        _ => "changed",
    };
    let mut out = EditView {
        reference: edit.path.clone(),
        label: String::new(),
        what: plain.to_owned(),
        keys: Vec::new(),
        staged: edit.staged,
        path: edit.path.clone(),
    };
    let (kind, name) = match locate(&edit.path) {
        Some(Located::Record(kind, name)) => (kind, name),
        Some(Located::Attachment { ticket, file, .. }) => {
            out.reference = ticket.to_string();
            out.label = records.ticket(ticket).map(Record::label).unwrap_or_default().to_owned();
            out.what = format!("{plain} attachment {file}");
            return out;
        }
        None => return out,
    };
    let read =
        |bytes: &Option<Vec<u8>>| bytes.as_ref().and_then(|bytes| text::parse(kind, &name, &edit.path, bytes).record);
    let (before, after) = (read(&edit.before), read(&edit.after));
    if let Some(record) = after.as_ref().or(before.as_ref()) {
        out.reference = record.ticket_id().map_or_else(|| record.reference(), |id| id.to_string());
        out.label = record.label().to_owned();
    }
    if edit.after.is_some() && after.is_none() {
        out.what = "cannot be read: staple check".to_owned();
        return out;
    }
    if let (Name::Message(ticket, _), Some(message)) = (&name, after.as_ref().or(before.as_ref())) {
        out.label = records.ticket(*ticket).map(Record::label).unwrap_or_default().to_owned();
        out.what = format!("{plain} {}{}", message.text("kind"), by(records, message));
    }
    for event in between(before.as_ref(), after.as_ref()) {
        if let Event::Changed { key, from, to } = event {
            let ty = kind.schema().key(key).map_or(Type::Line, |key| key.ty);
            let words = |value: &Value| one_line(records, ty, value, clock);
            out.keys.push(KeyEdit {
                key: key.to_owned(),
                added: items_not_in(&to, &from),
                removed: items_not_in(&from, &to),
                from: words(&from),
                to: words(&to),
            });
        }
    }
    if let (Some(before), Some(after)) = (&before, &after) {
        out.keys.extend(unknown_keys(before, after));
        if out.keys.is_empty() {
            out.what = "changed in comments or layout only".to_owned();
        }
    }
    out
}

fn by(records: &Records, message: &Record) -> String {
    match message.text("by") {
        "" => String::new(),
        "customer" => " by the customer".to_owned(),
        slug => format!(" by {}", records.label(Kind::Person, slug)),
    }
}

fn one_line(records: &Records, ty: Type, value: &Value, clock: &Clock<'_>) -> String {
    match value {
        Value::Unset => String::new(),
        // Text is compared as it stands; the words of references and times are easier to tell apart.
        Value::Text(text) if ty == Type::Prose => text.clone(),
        value => words::value(records, ty, value, clock).join("; "),
    }
}

fn items_not_in(value: &Value, other: &Value) -> Vec<String> {
    let items = |value: &Value| match value {
        Value::List(items) => items.clone(),
        _ => Vec::new(),
    };
    let other = items(other);
    items(value).into_iter().filter(|item| !other.contains(item)).collect()
}

fn unknown_keys(before: &Record, after: &Record) -> Vec<KeyEdit> {
    let find = |record: &Record, key: &str| {
        record.unknown.iter().find(|(name, _)| name == key).map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let mut names: Vec<&String> = before.unknown.iter().chain(&after.unknown).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let edits = names.into_iter().map(|key| KeyEdit {
        key: key.clone(),
        from: find(before, key),
        to: find(after, key),
        added: Vec::new(),
        removed: Vec::new(),
    });
    edits.filter(|edit| edit.from != edit.to).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::record::time::Time;

    fn check(before: &str, after: &str, what: &str, keys: &[(&str, &str, &str)]) {
        let zone = jiff::tz::TimeZone::UTC;
        let clock = Clock { now: Time::parse("2026-11-22T09:15:00Z").unwrap(), zone: &zone };
        let bytes = |text: &str| (!text.is_empty()).then(|| text.as_bytes().to_vec());
        let path = "tickets/2026-11/7k3mqp.toml".to_owned();
        let edit = FileEdit { path, before: bytes(before), after: bytes(after), staged: false };
        let found = view(&Records::default(), &edit, &clock);
        let found_keys: Vec<(&str, &str, &str)> =
            found.keys.iter().map(|k| (k.key.as_str(), k.from.as_str(), k.to.as_str())).collect();
        assert_eq!((found.reference.as_str(), found.what.as_str(), found_keys.as_slice()), ("T-7k3mqp", what, keys));
    }

    #[test]
    fn edits_are_told_key_by_key() {
        check("severity = \"stuck\"\n", "severity = \"question\"\n", "changed", &[("severity", "stuck", "question")]);
        check("labels = []\n", "labels = [\"a\", \"b\"]\n", "changed", &[("labels", "", "a, b")]);
        check("mine = 1\n", "mine = 2\n", "changed", &[("mine", "1", "2")]);
        check("title = \"a\"\n", "title = \"a\" # why\n", "changed in comments or layout only", &[]);
        check("title = \"a\"\n", "", "removed", &[]);
    }

    #[test]
    fn a_file_that_is_not_toml_is_said_to_be_so() {
        let zone = jiff::tz::TimeZone::UTC;
        let clock = Clock { now: Time::from_unix(0), zone: &zone };
        let path = "customers/acme.toml".to_owned();
        let edit = FileEdit { path, before: None, after: Some(b"name = ".to_vec()), staged: false };
        assert_eq!(view(&Records::default(), &edit, &clock).what, "cannot be read: staple check");
    }
}
