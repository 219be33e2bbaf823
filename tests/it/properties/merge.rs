//! Any three texts as the versions of a file: merging never panics, a clean merge can be read and loses no side's change,
//! and of a conflict either side can be taken.

use staple::record::finding::Severity;
use staple::record::id::{MessageId, TicketId};
use staple::record::slug::Slug;
use staple::record::{Kind, Name, Record, Value};
use staple::text::merge::{Choice, Contested, Marks, Merged, Side, Versions, merge, sides};
use staple::text::{edit, parse};

/// Merges what stands between the first two NUL bytes: base, ours, theirs.
pub(crate) fn holds(bytes: &[u8]) {
    let mut versions = bytes.splitn(3, |byte| *byte == 0);
    let mut next = || versions.next().unwrap_or_default();
    let (base, ours, theirs) = (next(), next(), next());
    for kind in [Some(Kind::Ticket), Some(Kind::Playbook), Some(Kind::Team), None] {
        of_kind(kind, Versions { base, ours, theirs });
    }
}

fn of_kind(kind: Option<Kind>, versions: Versions<'_>) {
    let Versions { base, ours, theirs } = versions;
    let whole = |text: &[u8]| Merged { text: text.to_vec(), conflicts: Vec::new() };
    let merged = |base, ours, theirs| merge(kind, Versions { base, ours, theirs }, &Marks::default(), &[]);
    assert_eq!(merged(base, base, theirs), whole(theirs), "only theirs changed");
    assert_eq!(merged(base, ours, base), whole(ours), "only ours changed");
    assert_eq!(merged(base, ours, ours), whole(ours), "both changed to the same");
    let found = merged(base, ours, theirs);
    let Some(kind) = kind else { return };
    if ![base, ours, theirs].into_iter().all(is_toml) {
        return;
    }
    if found.conflicts.is_empty() {
        assert!(is_toml(&found.text), "clean, and no TOML\n{}", shown(versions, &found));
        is_the_fold(kind, versions, &found);
        return;
    }
    if found.conflicts.iter().any(|conflict| conflict.what == Contested::File) {
        return;
    }
    let text = std::str::from_utf8(&found.text).unwrap();
    let taken = sides(text).unwrap_or_else(|| panic!("a conflict without an end\n{}", shown(versions, &found)));
    assert!(is_toml(taken.ours.as_bytes()) && is_toml(taken.theirs.as_bytes()), "{}", shown(versions, &found));
    for side in [Side::Ours, Side::Theirs] {
        let choice =
            |key: &staple::text::merge::Conflict| Choice { message: key.message.clone(), key: key.key.clone(), side };
        let choices: Vec<Choice> = found.conflicts.iter().map(choice).collect();
        let settled = merge(Some(kind), versions, &Marks::default(), &choices);
        assert!(
            settled.conflicts.is_empty(),
            "{choices:?} leaves {:?}\n{}",
            settled.conflicts,
            shown(versions, &found)
        );
        assert!(is_toml(&settled.text), "{choices:?} gives no TOML\n{}", shown(versions, &settled));
    }
}

fn shown(versions: Versions<'_>, merged: &Merged) -> String {
    let Versions { base, ours, theirs } = versions;
    let [base, ours, theirs, text] = [base, ours, theirs, &merged.text].map(String::from_utf8_lossy);
    format!("--- base\n{base}\n--- ours\n{ours}\n--- theirs\n{theirs}\n--- merged, {:?}\n{text}", merged.conflicts)
}

fn is_toml(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    bytes.len() <= parse::MAX_BYTES && edit(text, Kind::Ticket.schema(), &[]).is_ok()
}

/// A key that one side alone changed has that side's value; what neither changed stays.
fn is_the_fold(kind: Kind, versions: Versions<'_>, merged: &Merged) {
    let read = |bytes| sound(kind, bytes);
    let Versions { base, ours, theirs } = versions;
    let (Some(base), Some(ours), Some(theirs)) = (read(base), read(ours), read(theirs)) else { return };
    let Some(found) = read(&merged.text) else { panic!("clean, and unsound\n{}", shown(versions, merged)) };
    let folded = |base: &Record, ours: &Record, theirs: &Record, found: &Record| {
        for key in found.schema().keys {
            let [was, left, right, is] = [base, ours, theirs, found].map(|record| as_set(record.get(key.name), key.ty));
            let expected = if left == right || right == was {
                left
            } else if left == was {
                right
            } else {
                continue;
            };
            assert_eq!(is, expected, "{}\n{}", key.name, shown(versions, merged));
        }
    };
    folded(&base, &ours, &theirs, &found);
    let find = |record: &Record, name: &Name| record.messages.iter().find(|message| message.name == *name).cloned();
    for message in &ours.messages {
        let Some(right) = find(&theirs, &message.name) else { continue };
        let Some(found) = find(&found, &message.name) else {
            panic!("{} is lost\n{}", message.name, shown(versions, merged));
        };
        let was = find(&base, &message.name);
        folded(&was.unwrap_or_else(|| Record::new(Kind::Message, message.name.clone(), "")), message, &right, &found);
    }
    for message in &found.messages {
        let name = &message.name;
        assert!(
            find(&ours, name).or(find(&theirs, name)).is_some(),
            "{name} is of neither side\n{}",
            shown(versions, merged)
        );
    }
}

/// Lists that have no order are compared as sets.
fn as_set(value: &Value, ty: staple::record::schema::Type) -> Value {
    use staple::record::schema::Type;
    match (ty, value) {
        (Type::List | Type::Refs(_), Value::List(items)) => {
            let mut items = items.clone();
            items.sort();
            items.dedup();
            Value::List(items)
        }
        (Type::Rows(_), Value::Rows(rows)) => {
            let mut rows = rows.clone();
            rows.sort_by_key(|row| format!("{row:?}"));
            rows.dedup();
            Value::Rows(rows)
        }
        (_, value) => value.clone(),
    }
}

/// The record when every value of it can be read and no message is there twice.
fn sound(kind: Kind, bytes: &[u8]) -> Option<Record> {
    let name = match kind {
        Kind::Ticket => Name::Ticket(TicketId::parse("T-7k3mqp").unwrap()),
        _ => Name::Slug(Slug::parse("a-name").unwrap()),
    };
    let parsed = parse::parse(kind, &name, "a/file.toml", bytes);
    let is_unread = |rule: &str| rule != "required-key" && rule != "no-targets";
    if parsed.findings.iter().any(|finding| finding.severity == Severity::Error && is_unread(finding.rule)) {
        return None;
    }
    let record = parsed.record?;
    let mut ids: Vec<MessageId> = record
        .messages
        .iter()
        .filter_map(|message| match message.name {
            Name::Message(_, id) => Some(id),
            _ => None,
        })
        .collect();
    ids.sort();
    ids.windows(2).all(|pair| pair[0] != pair[1]).then_some(record)
}
