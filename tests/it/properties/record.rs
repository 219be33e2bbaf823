//! Any bytes as a record of each kind: reading never panics, points into the text, and an edit leaves every other byte.

use staple::record::finding::Severity;
use staple::record::id::{MessageId, TicketId};
use staple::record::reference::Reference;
use staple::record::schema::{Key, Schema, Target, Type};
use staple::record::slug::Slug;
use staple::record::time::{Day, Time};
use staple::record::{Kind, Name, Record, Value};
use staple::text::{self, EditError};

/// Reads the bytes as a record of every kind, and edits them as the kind whose keys they have the most of.
pub(crate) fn holds(bytes: &[u8]) {
    let mut best: Option<Record> = None;
    for kind in Kind::ALL {
        let parsed = text::parse(kind, &name(kind), "a/file.toml", bytes);
        for finding in &parsed.findings {
            lies_within(bytes, finding.line, finding.column);
        }
        let known =
            |record: &Record| record.schema().keys.iter().filter(|key| !record.get(key.name).is_unset()).count();
        if let Some(record) = parsed.record
            && best.as_ref().is_none_or(|best| known(best) < known(&record))
        {
            best = Some(record);
        }
    }
    let (Some(record), Ok(text)) = (best, std::str::from_utf8(bytes)) else { return };
    let number = number_of(bytes);
    let keys = record.schema().keys;
    for turn in 0..4 {
        let number = number.rotate_left(turn * 16);
        set(
            text,
            &record,
            &keys[number as usize % keys.len()],
            &value(keys[number as usize % keys.len()].ty, number >> 8),
        );
    }
    set_in_a_message(text, &record, number);
    keys_are_added(text, &record);
    lists_are_sorted(text, &record);
    written_anew_says_the_same(&record);
}

fn name(kind: Kind) -> Name {
    let ticket = TicketId::parse("T-7k3mqp").unwrap();
    let stamp = MessageId::parse("20261122T091500Z-4hx2").unwrap();
    match kind {
        Kind::Ticket => Name::Ticket(ticket),
        Kind::Message => Name::Message(ticket, stamp),
        Kind::Talk | Kind::Jot => Name::Stamp(stamp),
        Kind::Settings => Name::Desk,
        _ => Name::Slug(Slug::parse("a-name").unwrap()),
    }
}

fn lies_within(bytes: &[u8], line: usize, column: usize) {
    let readable = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let lines: Vec<&str> = readable.split('\n').collect();
    assert!((1..=lines.len()).contains(&line), "line {line} of {}", lines.len());
    let letters = lines[line - 1].chars().count();
    assert!((1..=letters + 1).contains(&column), "column {column} of {letters} in line {line}");
}

/// A number that depends on every byte, for choices (FNV-1a).
fn number_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Sets one key, and looks at every byte of what comes of it.
fn set(text: &str, record: &Record, key: &'static Key, value: &Value) {
    let schema = record.schema();
    let after = match text::edit(text, schema, &[(key.name, value.clone())]) {
        Ok(after) => after,
        Err(EditError::Misread(_)) => return,
        Err(error) => panic!("{} cannot be set to {value:?}: {error}\n{text}", key.name),
    };
    let found = reread(record, &after);
    assert_same(
        &record.clone().with(key.name, value.clone()),
        &found,
        &format!("{} set to {value:?}\n{text}\n{after}", key.name),
    );
    // What cannot be read is as unset, and does not stay when that is asked for.
    if text == after || record.get(key.name) == value && !value.is_unset() {
        assert_eq!(text, after, "{} is {value:?} already", key.name);
    } else if let Some(at) = text::place_of_key(text, key.name) {
        let at = offset(text, at);
        let next = schema.keys.iter().map(|key| key.name).chain(record.unknown.iter().map(|(name, _)| name.as_str()));
        let next = next.chain(["message"]).filter_map(|name| text::place_of_key(text, name)).map(|at| offset(text, at));
        let next = next.filter(|next| *next > at).min().unwrap_or(text.len());
        assert!(after.starts_with(&text[..at]), "what stands above {} changed\n{text}\n{after}", key.name);
        // The key that follows may stand behind a bracket of its header.
        let kept = text[next..].split_once('\n').map_or("", |(_, rest)| rest);
        assert!(after.ends_with(kept), "what stands below {} changed\n{text}\n{after}", key.name);
        if !key.ty.is_list() {
            let written = written(schema, key.name, value, text);
            let is_exact = (at..=next).any(|start| is_spliced(text, &after, start, &written));
            assert!(is_exact, "more than the value of {} changed\n{text}\n{after}", key.name);
        }
    } else {
        let line = format!("{} = {}{}", key.name, written(schema, key.name, value, text), line_end(text));
        let is_line = (begin(text)..=text.len()).any(|at| {
            let starts_a_line = at == begin(text) || text.as_bytes()[at - 1] == b'\n';
            starts_a_line && format!("{}{line}{}", &text[..at], &text[at..]) == after
        });
        assert!(is_line, "more than a line of {} was added\n{text}\n{after}", key.name);
    }
}

/// Whether `after` is `text` with `written` in the place of what begins at `start`.
fn is_spliced(text: &str, after: &str, start: usize, written: &str) -> bool {
    let end = start + written.len();
    after.is_char_boundary(start)
        && text.as_bytes()[..start] == after.as_bytes()[..start.min(after.len())]
        && after[start..].starts_with(written)
        && text.len() + end >= after.len() + start
        && text.ends_with(&after[end..])
}

/// The value as a file of its own has it, with the line ends of `text`.
fn written(schema: &'static Schema, key: &str, value: &Value, text: &str) -> String {
    let line = text::edit("", schema, &[(key, value.clone())]).unwrap();
    let Some(line) = line.strip_prefix(&format!("{key} = ")) else {
        let ty = schema.key(key).unwrap().ty;
        return if ty.is_list() { "[]" } else { "\"\"" }.to_owned();
    };
    line.strip_suffix('\n').unwrap().replace('\n', line_end(text))
}

/// Where a text begins, behind its byte order mark.
fn begin(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

fn line_end(text: &str) -> &'static str {
    if text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r')) { "\r\n" } else { "\n" }
}

fn offset(text: &str, (line, column): (usize, usize)) -> usize {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    start + text[start..].chars().take(column - 1).map(char::len_utf8).sum::<usize>()
}

fn reread(record: &Record, text: &str) -> Record {
    let parsed = text::parse(record.kind, &record.name, &record.path, text.as_bytes());
    parsed.record.unwrap_or_else(|| panic!("no record any more: {:?}\n{text}", parsed.findings))
}

#[track_caller]
fn assert_same(expected: &Record, found: &Record, what: &str) {
    for key in expected.schema().keys {
        let [expected, found] = [expected, found].map(|record| in_order(key.ty, record.get(key.name)));
        assert_eq!(expected, found, "{}: {what}", key.name);
    }
    assert_eq!(expected.unknown, found.unknown, "{what}");
    assert_eq!(expected.messages, found.messages, "{what}");
}

/// What has no order of its own sorted.
fn in_order(ty: Type, value: &Value) -> Value {
    match (ty, value.clone()) {
        (Type::List | Type::Refs(_), Value::List(mut items)) => {
            items.sort();
            Value::List(items)
        }
        (_, Value::Rows(mut rows)) => {
            rows.sort_by_key(|row| format!("{row:?}"));
            Value::Rows(rows)
        }
        (_, value) => value,
    }
}

fn set_in_a_message(text: &str, record: &Record, number: u64) {
    let Some(message) = record.messages.first() else { return };
    let Name::Message(_, id) = &message.name else { panic!("{:?} is no message", message.name) };
    let keys = message.schema().keys;
    let key = &keys[number as usize % keys.len()];
    let value = value(key.ty, number >> 8);
    let after = match text::edit_bound(text, &id.to_string(), &[(key.name, value.clone())]) {
        Ok(after) => after,
        // A key that is not there cannot be given a place; a list that cannot be read is not written over.
        Err(EditError::NoKey(_) | EditError::Misread(_)) => return,
        Err(error) => panic!("{} of {id} cannot be set to {value:?}: {error}\n{text}", key.name),
    };
    let mut expected = record.clone();
    expected.messages[0].set(key.name, value.clone());
    assert_same(&expected, &reread(record, &after), &format!("{} of {id} set to {value:?}\n{text}\n{after}", key.name));
}

fn keys_are_added(text: &str, record: &Record) {
    let after = text::add_missing_keys(text, record).unwrap();
    assert_same(record, &reread(record, &after), &format!("keys added\n{text}\n{after}"));
    assert_eq!(text::add_missing_keys(&after, record).unwrap(), after, "keys are added once");
}

fn lists_are_sorted(text: &str, record: &Record) {
    let after = text::sort_lists(text, record.schema()).unwrap();
    let mut expected = record.clone();
    let found = reread(record, &after);
    for key in record.schema().keys.iter().filter(|key| matches!(key.ty, Type::List | Type::Refs(_))) {
        let mut items = record.list(key.name).to_vec();
        items.sort();
        if found.list(key.name) == items {
            expected.set(key.name, items);
        }
    }
    assert_same(&expected, &found, &format!("lists sorted\n{text}\n{after}"));
}

fn written_anew_says_the_same(record: &Record) {
    let text = text::create(record);
    let parsed = text::parse(record.kind, &record.name, &record.path, text.as_bytes());
    let found =
        parsed.record.unwrap_or_else(|| panic!("what was written cannot be read: {:?}\n{text}", parsed.findings));
    let broken =
        parsed.findings.iter().find(|finding| finding.severity == Severity::Error && finding.rule != "required-key");
    assert!(broken.is_none(), "{broken:?}\n{text}");
    for key in record.written_keys() {
        assert_eq!(found.get(key.name), record.get(key.name), "{}\n{text}", key.name);
    }
    assert_eq!(found.messages.len(), record.messages.len(), "{text}");
    for (found, message) in found.messages.iter().zip(&record.messages) {
        assert_eq!(found.name, message.name, "{text}");
        for key in message.written_keys() {
            assert_eq!(found.get(key.name), message.get(key.name), "{}\n{text}", key.name);
        }
    }
    assert_eq!(text::create(&found), text);
}

const LINES: [&str; 7] =
    ["plain", "a \"quoted\" \\ word", "tab\there", "\u{7f}\u{202e}\u{85}é", "# no comment", "]", "'''"];
const TEXTS: [&str; 7] = [
    "one line",
    "one\n\n\"\"\"\"\"\"\ntwo \\",
    "<<<<<<< a\n=======\n>>>>>>> b",
    "# messages\n\n[[message]]",
    "\n",
    " ends\n",
    "\"\"\"",
];
const REFERENCES: [&str; 9] = [
    "T-7k3mqp",
    "acme",
    "customer",
    "vendor:stripe",
    "release:v2.4",
    "team:support",
    "person:sam",
    "playbook:reset",
    "topic:billing",
];

/// A value of a type, another one for another number; now and then unset.
fn value(ty: Type, number: u64) -> Value {
    let pick = number as usize >> 4;
    if number.is_multiple_of(16) {
        return Value::Unset;
    }
    match ty {
        Type::Line => LINES[pick % LINES.len()].into(),
        Type::Prose => TEXTS[pick % TEXTS.len()].into(),
        Type::Word(words) => words[pick % words.len()].into(),
        Type::Time => Time::from_unix((pick % 4_000_000_000) as i64).into(),
        Type::Day => Day::parse(["2026-11-22", "0001-01-01", "9999-12-31"][pick % 3]).unwrap().into(),
        Type::Bool => pick.is_multiple_of(2).into(),
        Type::Number => ((pick % 100) as i64).into(),
        Type::Ref(targets) => references(targets).get(pick % 3).cloned().into(),
        Type::Refs(targets) => some(&references(targets), pick).into(),
        Type::List | Type::Ordered => some(&LINES.map(str::to_owned), pick).into(),
        Type::Rows(fields) => {
            Value::Rows((0..1 + pick as u64 % 2).map(|row| self::row(fields, number / 7 + row)).collect())
        }
    }
}

fn references(targets: &[Target]) -> Vec<String> {
    REFERENCES.iter().filter(|text| Reference::parse(text, targets).is_some()).map(|text| (*text).to_owned()).collect()
}

fn some(items: &[String], number: usize) -> Vec<String> {
    let mut chosen: Vec<String> =
        items.iter().enumerate().filter(|(at, _)| number >> at & 1 == 1).map(|(_, item)| item.clone()).collect();
    chosen.sort();
    chosen
}

fn row(fields: &'static [Key], number: u64) -> Vec<(String, Value)> {
    let field = |(at, field): (usize, &Key)| {
        let ty = if field.ty == Type::Prose { Type::Line } else { field.ty };
        let number = number.rotate_right(at as u32 * 5);
        let number = if field.required && number.is_multiple_of(16) { number + 1 } else { number };
        (field.name.to_owned(), if ty.is_list() { Value::Unset } else { value(ty, number) })
    };
    fields.iter().enumerate().map(field).collect()
}
