//! Records and listings as JSON, in a versioned envelope.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

use crate::record::plain::is_hidden;
use crate::record::{Record, Value};

/// The version of the envelope; a change that could break a reader raises it.
pub const VERSION: u32 = 1;

/// `{"staple": 1, "what": "tickets", "items": [...]}`: every listing has this form.
pub fn envelope(what: &str, items: Vec<Json>) -> Json {
    json!({ "staple": VERSION, "what": what, "items": items })
}

/// The text of a value on one line, with what is not seen written as escapes: a reader gets it as it is, a terminal does not.
pub fn line(value: &Json) -> String {
    let text = value.to_string();
    if !text.contains(is_hidden) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    // Outside strings JSON has no such characters, and inside they may all be escaped (RFC 8259, section 7).
    for c in text.chars() {
        if is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// A record: `ref`, `kind-of-record`, `path`, then every key of its kind in order; unset is null, lists are arrays.
pub fn record(record: &Record) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("ref".into(), record.reference().into());
    out.insert("record".into(), record.kind.word().into());
    out.insert("path".into(), record.path.clone().into());
    for key in record.written_keys() {
        out.insert(key.name.into(), value(record.get(key.name), key.ty.is_list()));
    }
    out
}

/// A value; times and days as text.
pub fn value(value: &Value, list: bool) -> Json {
    match value {
        Value::Unset if list => json!([]),
        Value::Unset => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Number(number) => json!(number),
        Value::List(items) => json!(items),
        Value::Rows(rows) => rows
            .iter()
            .map(|row| row.iter().map(|(name, field)| (name.clone(), self::value(field, false))).collect::<Map<_, _>>())
            .map(Json::Object)
            .collect(),
        other => json!(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped_and_reads_back() {
        let value = json!({ "title": "a\u{1b}[31m\u{9b}b\u{202e}c\u{e0041}ü\n" });
        let text = line(&value);
        assert_eq!(text, r#"{"title":"a\u001b[31m\u009bb\u202ec\udb40\udc41ü\n"}"#);
        assert_eq!(serde_json::from_str::<Json>(&text).ok(), Some(value));
    }
}
