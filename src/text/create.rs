//! The canonical form: every key in its order, a blank line between, unset as "" or [].

use crate::record::schema::Type;
use crate::record::value::Row;
use crate::record::{Kind, Record, Value};

/// The line that ends a ticket's keys; bound messages follow it.
pub const MESSAGES_MARK: &str = "# messages";

/// The whole file of a record, ending with a line's end. Bound messages are written after `# messages`.
pub fn create(record: &Record) -> String {
    let mut out = String::new();
    for (i, key) in record.written_keys().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        out.push_str(&line(key.name, key.ty, record.get(key.name)));
    }
    if record.kind == Kind::Ticket {
        out.push('\n');
        out.push_str(MESSAGES_MARK);
        out.push('\n');
        for message in &record.messages {
            out.push_str(&bound_message(message));
        }
    }
    out
}

/// A bound message: a blank line, `[[message]]`, its id and its keys, one a line.
pub fn bound_message(message: &Record) -> String {
    let id = match &message.name {
        crate::record::Name::Message(_, id) => id.to_string(),
        _ => String::new(),
    };
    let mut out = format!("\n[[message]]\nid = {}\n", string(&id));
    for key in message.written_keys() {
        out.push_str(&line(key.name, key.ty, message.get(key.name)));
    }
    out
}

/// `key = value` with its line's end.
pub(crate) fn line(name: &str, ty: Type, value: &Value) -> String {
    format!("{name} = {}\n", written(ty, value))
}

/// A value as files write it.
pub(crate) fn written(ty: Type, value: &Value) -> String {
    match value {
        value if value.is_unset() => if ty.is_list() { "[]" } else { "\"\"" }.to_owned(),
        Value::Text(text) if ty == Type::Prose => prose(text),
        Value::Text(text) => string(text),
        Value::List(items) => list(items.iter().map(|item| string(item))),
        Value::Rows(rows) => list(rows.iter().map(row)),
        other => other.to_string(),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let mut out = String::from("[\n");
    for item in items {
        out.push_str(&format!("  {item},\n"));
    }
    out.push(']');
    out
}

/// A structure as an inline table on one line.
pub(crate) fn row(row: &Row) -> String {
    let fields: Vec<String> = row
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Text(text) => string(text),
                Value::Unset => "\"\"".to_owned(),
                other => other.to_string(),
            };
            format!("{name} = {value}")
        })
        .collect();
    format!("{{ {} }}", fields.join(", "))
}

/// A basic string on one line.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            c => escape(c, &mut out),
        }
    }
    out.push('"');
    out
}

/// A multi-line string: the quotes on lines of their own, so that the first and last line of text merge like any other.
fn prose(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str("\"\"\"\n");
    let mut quotes = 0;
    for c in text.chars() {
        quotes = if c == '"' { quotes + 1 } else { 0 };
        match c {
            '\n' => out.push('\n'),
            // A pasted conflict must not read as one of this file.
            '<' if out.ends_with('\n') => out.push_str("\\u003C"),
            '\t' => out.push('\t'),
            // Only three in a row would end the string.
            '"' if quotes < 3 => out.push('"'),
            '"' => {
                quotes = 0;
                out.push_str("\\\"");
            }
            c => escape(c, &mut out),
        }
    }
    out.push_str("\n\"\"\"");
    out
}

fn escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        c if c.is_control() => out.push_str(&format!("\\u{:04X}", c as u32)),
        c => out.push(c),
    }
}
