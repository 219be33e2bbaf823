//! TOML text to a record, with findings that name line and column.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::record::finding::{Finding, Severity};
use crate::record::id::MessageId;
use crate::record::reference::Reference;
use crate::record::schema::{Key, Target, Type};
use crate::record::time::{Day, Time};
use crate::record::{Kind, Name, Record, Value, message};

/// What came of reading a file.
#[derive(Debug)]
pub struct Parsed {
    /// The record; nothing when the text is not TOML. Keys with a bad value read as unset.
    pub record: Option<Record>,
    /// What is wrong, in file order.
    pub findings: Vec<Finding>,
}

impl Parsed {
    /// Whether nothing is worse than a warning.
    pub fn is_sound(&self) -> bool {
        self.record.is_some() && self.findings.iter().all(|f| f.severity < Severity::Error)
    }
}

/// The largest record file that is read, in bytes; a larger one is a finding.
pub const MAX_BYTES: usize = 8 << 20;

/// What is said of a record file of so many bytes, which is not read.
pub fn too_large(path: &str, bytes: u64) -> Parsed {
    let reader = Reader { path, text: "", findings: Vec::new() };
    let message = format!("the file has {} MB; a record has at most {} MB", bytes >> 20, MAX_BYTES >> 20);
    reader.failed("too-large", 0, message, "move what is large into an attachment")
}

/// Reads the text of a record file.
pub fn parse(kind: Kind, name: &Name, path: &str, bytes: &[u8]) -> Parsed {
    if bytes.len() > MAX_BYTES {
        return too_large(path, bytes.len() as u64);
    }
    let mut reader = Reader { path, text: "", findings: Vec::new() };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            reader.text = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or("");
            let at = error.valid_up_to();
            return reader.failed("not-utf8", at, "the file is not UTF-8 text".to_owned(), "save it as UTF-8");
        }
    };
    reader.text = text;
    if let Some((at, mark)) = conflict_mark(text) {
        let message = format!("a conflict marker `{mark}` of an unfinished merge");
        return reader.failed(
            "conflict-marker",
            at,
            message,
            "of a merge under way: staple conflicts; else edit the file to keep what is right",
        );
    }
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message().lines().next().unwrap_or("not TOML").to_owned();
            return reader.failed("not-toml", at, message, "");
        }
    };
    let mut record = Record::new(kind, name.clone(), path);
    reader.keys(table.get_ref(), None, &mut record);
    Parsed { record: Some(record), findings: reader.findings }
}

/// The byte offset and text of the first of the three marks that git and our merge write into an unmerged file, in their
/// order and of one size. A single one may be a customer's words.
fn conflict_mark(text: &str) -> Option<(usize, &str)> {
    if !text.contains("<<<<<<<") {
        return None;
    }
    // The first opening mark of each size, and whether the middle one followed.
    let mut open: BTreeMap<usize, (usize, &str, bool)> = BTreeMap::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.trim_end();
        let sign = plain.chars().next().unwrap_or_default();
        let rest = plain.trim_start_matches(sign);
        let size = plain.len() - rest.len();
        match sign {
            '<' if size >= 7 && rest.starts_with(' ') => {
                open.entry(size).or_insert((at, plain, false));
            }
            '=' if rest.is_empty() => {
                if let Some(found) = open.get_mut(&size) {
                    found.2 = true;
                }
            }
            '>' if rest.starts_with(' ') => {
                if let Some((at, plain, true)) = open.get(&size) {
                    return Some((*at, plain));
                }
            }
            _ => {}
        }
        at += line.len();
    }
    None
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn place(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }

    fn failed(mut self, rule: &'static str, offset: usize, message: String, hint: &str) -> Parsed {
        self.report(Severity::Error, rule, offset, message, hint);
        Parsed { record: None, findings: self.findings }
    }

    fn report(&mut self, severity: Severity, rule: &'static str, offset: usize, message: String, hint: &str) {
        let (line, column) = self.place(offset);
        let finding = Finding { severity, ..Finding::error(rule, self.path, message) };
        self.findings.push(finding.at(line, column).hint(hint));
    }

    /// Reads the keys of a record, all but the key `but`.
    fn keys(&mut self, table: &DeTable<'_>, but: Option<&str>, record: &mut Record) {
        let mut keys = ordered(table);
        keys.retain(|(name, _)| Some(name.get_ref().as_ref()) != but);
        let mut expected = record.schema().keys.iter();
        // The kind of a message decides which keys it has.
        for &(name, value) in &keys {
            // Files hold keys in the schema's order, so the next one is most often the right one.
            let next = expected.next().filter(|key| key.name == name.get_ref());
            match next.or_else(|| record.schema().key(name.get_ref())) {
                Some(key) => {
                    let value = self.value(key, value);
                    record.put(key, value);
                }
                None if record.kind == Kind::Ticket && name.get_ref() == "message" => self.messages(value, record),
                None => self.unknown(name, value, record),
            }
        }
        let missing: Vec<&'static Key> = record.written_keys().filter(|key| !table.contains_key(key.name)).collect();
        for key in missing {
            if key.required {
                self.report(Severity::Error, "required-key", 0, format!("`{}` is missing", key.name), "");
            } else {
                let hint = "staple check --fix adds it";
                self.report(
                    Severity::Note,
                    "missing-key",
                    0,
                    format!("`{}` is missing and reads as unset", key.name),
                    hint,
                );
            }
        }
        for key in record.schema().keys.iter().filter(|key| key.required) {
            if let Some((name, value)) = table.get_key_value(key.name)
                && is_blank(value.get_ref())
            {
                let message = format!("`{}` must be set to {}", key.name, key.ty.words());
                self.report(Severity::Error, "required-key", name.span().start, message, "");
            }
        }
        self.foreign_message_keys(&keys, record);
    }

    /// A message writes the keys of its own kind only; others with a value are likely a mistaken kind.
    fn foreign_message_keys(&mut self, keys: &[Entry<'_, '_>], record: &Record) {
        if record.kind != Kind::Message {
            return;
        }
        let word = record.text("kind").to_owned();
        for (name, value) in keys {
            let known = record.schema().key(name.get_ref()).is_some();
            if known && !message::writes(&word, name.get_ref()) && !is_blank(value.get_ref()) {
                let message = format!("a message of kind {word} has no `{}`", name.get_ref());
                self.report(Severity::Warning, "foreign-key", name.span().start, message, "");
            }
        }
    }

    fn unknown(
        &mut self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        record: &mut Record,
    ) {
        let word = name.get_ref().to_lowercase();
        let offset = name.span().start;
        let number = matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_));
        let is_target = ["target", "quota", "goal"]
            .iter()
            .any(|t| word.split(['-', '_']).any(|part| part.trim_end_matches('s') == *t));
        if is_target && number {
            let hint = "say in words what you are after (aims of a team) and watch the measure itself";
            let message = format!("`{word}` sets a number to reach; people then serve the number and not the customer");
            self.report(Severity::Error, "no-targets", offset, message, hint);
        } else {
            let names: Vec<&str> = record.schema().keys.iter().map(|key| key.name).collect();
            let near = crate::record::nearest::nearest(name.get_ref(), names);
            let hint = near.first().map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
            let message = format!("a {} has no key `{}`; it is kept", record.kind.word(), name.get_ref());
            self.report(Severity::Warning, "unknown-key", offset, message, &hint);
        }
        let text = self.text.get(value.span()).unwrap_or_default().to_owned();
        record.unknown.push((name.get_ref().to_string(), text));
    }

    fn messages(&mut self, value: &Spanned<DeValue<'_>>, record: &mut Record) {
        let (Name::Ticket(ticket), DeValue::Array(items)) = (record.name.clone(), value.get_ref()) else {
            let message = "`message` must be a list of tables, [[message]]".to_owned();
            return self.report(Severity::Error, "bad-value", value.span().start, message, "");
        };
        for item in items.iter() {
            let DeValue::Table(table) = item.get_ref() else { continue };
            let id = table.get("id").and_then(|id| match id.get_ref() {
                DeValue::String(text) => MessageId::parse(text),
                _ => None,
            });
            let Some(id) = id else {
                let message = "a bound message needs its `id`, like 20261122T091500Z-4hx2".to_owned();
                self.report(Severity::Error, "bad-value", item.span().start, message, "");
                continue;
            };
            let mut bound = Record::new(Kind::Message, Name::Message(ticket, id), self.path);
            self.keys(table, Some("id"), &mut bound);
            record.messages.push(bound);
        }
    }

    fn value(&mut self, key: &Key, value: &Spanned<DeValue<'_>>) -> Value {
        if is_blank(value.get_ref()) {
            return Value::Unset;
        }
        match read(key.ty, value.get_ref()) {
            Ok(value) => value,
            Err(problem) => {
                let message = format!("`{}` {problem}", key.name);
                self.report(Severity::Error, "bad-value", value.span().start, message, "");
                Value::Unset
            }
        }
    }
}

/// A key and its value.
type Entry<'t, 'i> = (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>);

/// Keys in the order of the file, so that findings read from top to bottom.
fn ordered<'t, 'i>(table: &'t DeTable<'i>) -> Vec<Entry<'t, 'i>> {
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(name, _)| name.span().start);
    keys
}

fn is_blank(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::String(text) => text.is_empty(),
        DeValue::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The value a key of type `ty` has in `value`, or what is wrong with it.
fn read(ty: Type, value: &DeValue<'_>) -> Result<Value, String> {
    let wrong = || format!("must be {}", ty.words());
    match (ty, value) {
        (Type::Line, DeValue::String(text)) => {
            if text.contains('\n') {
                Err("must be one line".to_owned())
            } else {
                Ok(Value::Text(text.to_string()))
            }
        }
        (Type::Prose, DeValue::String(text)) => {
            let text = text.replace("\r\n", "\n");
            Ok(Value::Text(text.strip_suffix('\n').unwrap_or(&text).to_owned()))
        }
        (Type::Word(words), DeValue::String(text)) => known_word(text, words),
        (Type::Time, DeValue::Datetime(stamp)) => Time::parse(&stamp.to_string()).map(Value::Time).ok_or_else(wrong),
        (Type::Day, DeValue::Datetime(stamp)) => Day::parse(&stamp.to_string()).map(Value::Day).ok_or_else(wrong),
        (Type::Bool, DeValue::Boolean(flag)) => Ok(Value::Bool(*flag)),
        (Type::Number, DeValue::Integer(number)) => {
            let number = number.to_string().parse::<i64>().ok().filter(|n| *n >= 0);
            number.map(Value::Number).ok_or_else(wrong)
        }
        (Type::Ref(targets), DeValue::String(text)) => known_reference(text, targets),
        (Type::List | Type::Ordered, DeValue::Array(items)) => texts(items).map(Value::List).ok_or_else(wrong),
        (Type::Refs(targets), DeValue::Array(items)) => {
            let items = texts(items).ok_or_else(wrong)?;
            for item in &items {
                known_reference(item, targets)?;
            }
            Ok(Value::List(items))
        }
        (Type::Rows(fields), DeValue::Array(items)) => {
            items.iter().map(|item| read_row(fields, item.get_ref())).collect::<Result<_, _>>().map(Value::Rows)
        }
        _ => Err(wrong()),
    }
}

fn known_word(text: &str, words: &[&str]) -> Result<Value, String> {
    if words.contains(&text) {
        return Ok(Value::Text(text.to_owned()));
    }
    Err(format!("is `{text}`, which is not one of {}", words.join(", ")))
}

fn known_reference(text: &str, targets: &'static [Target]) -> Result<Value, String> {
    match Reference::parse(text, targets) {
        Some(_) => Ok(Value::Text(text.to_owned())),
        None => Err(format!("is `{text}`, which is not {}", Type::Ref(targets).words())),
    }
}

fn texts(items: &toml::de::DeArray<'_>) -> Option<Vec<String>> {
    items
        .iter()
        .map(|item| match item.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        })
        .collect()
}

fn read_row(fields: &'static [Key], value: &DeValue<'_>) -> Result<crate::record::value::Row, String> {
    let DeValue::Table(table) = value else { return Err(format!("must be {}", Type::Rows(fields).words())) };
    if let Some(name) = table.keys().find(|name| !fields.iter().any(|f| f.name == name.get_ref())) {
        return Err(format!("has a field `{}`; it takes {}", name.get_ref(), Type::Rows(fields).words()));
    }
    fields
        .iter()
        .map(|field| {
            let value = match table.get(field.name) {
                Some(value) if !is_blank(value.get_ref()) => read(field.ty, value.get_ref())?,
                _ if field.required => return Err(format!("needs `{}` in every line", field.name)),
                _ => Value::Unset,
            };
            Ok((field.name.to_owned(), value))
        })
        .collect()
}

/// Reads a value as people type it after `key=` for a key of type `ty`; times and days in their written form.
///
/// # Errors
/// What is wrong with it, to follow the key's name.
pub fn typed(ty: Type, text: &str) -> Result<Value, String> {
    if text.is_empty() {
        return Ok(Value::Unset);
    }
    let wrong = || format!("must be {}", ty.words());
    match ty {
        Type::Time => Time::parse(text).map(Value::Time).ok_or_else(wrong),
        Type::Day => Day::parse(text).map(Value::Day).ok_or_else(wrong),
        Type::Bool => text.parse().map(Value::Bool).map_err(|_| wrong()),
        Type::Number => text.parse::<i64>().ok().filter(|n| *n >= 0).map(Value::Number).ok_or_else(wrong),
        Type::List | Type::Ordered | Type::Refs(_) => {
            let items: Vec<String> =
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
            if let Type::Refs(targets) = ty {
                for item in &items {
                    known_reference(item, targets)?;
                }
            }
            Ok(Value::List(items))
        }
        Type::Rows(fields) => {
            let text = format!("rows = [ {text} ]");
            let table = DeTable::parse(&text).map_err(|_| format!("must be {}", Type::Rows(fields).words()))?;
            let rows = table.get_ref().get("rows").ok_or_else(wrong)?;
            read(ty, rows.get_ref())
        }
        _ => read(ty, &DeValue::String(text.into())),
    }
}

/// The value a key of type `ty` has; nothing when it is of another type.
pub(crate) fn typed_value(ty: Type, value: &DeValue<'_>) -> Option<Value> {
    if is_blank(value) {
        return Some(Value::Unset);
    }
    read(ty, value).ok()
}

/// The structure in an inline table; nothing when it is not one.
pub(crate) fn row_value(fields: &'static [Key], value: &DeValue<'_>) -> Option<crate::record::value::Row> {
    read_row(fields, value).ok()
}
