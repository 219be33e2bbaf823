//! Records and listings as JSON, in a versioned envelope.

use serde_json::{Map, Value as Json, json};

use crate::record::{Record, Value};

/// The version of the envelope; a change that could break a reader raises it.
pub const VERSION: u32 = 1;

/// `{"staple": 1, "what": "tickets", "items": [...]}`: every listing has this form.
pub fn envelope(what: &str, items: Vec<Json>) -> Json {
    json!({ "staple": VERSION, "what": what, "items": items })
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
