//! `key=value`, `key+=value`, `key-=value`: what people type to change keys, and what it comes to.
//!
//! Pure: what a value means (a bare slug, `in 3d`) is found out above and handed in as a [`Value`].

use super::Refusal;
use crate::record::nearest::nearest;
use crate::record::schema::{Key, Type};
use crate::record::{Kind, Record, Value};

/// What is done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// It gets the value, or is unset when the value is empty.
    Becomes,
    /// The items are added to its list.
    Adds,
    /// The items are taken from its list.
    Takes,
}

/// An assignment as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The key's name as typed.
    pub key: String,
    /// What is done.
    pub operator: Operator,
    /// The value as typed.
    pub value: String,
}

impl Assignment {
    /// Reads an assignment; nothing when the text is none, such as a reference.
    pub fn parse(text: &str) -> Option<Self> {
        let (left, value) = text.split_once('=')?;
        let (key, operator) = match (left.strip_suffix('+'), left.strip_suffix('-')) {
            (Some(key), _) => (key, Operator::Adds),
            (_, Some(key)) => (key, Operator::Takes),
            _ => (left, Operator::Becomes),
        };
        let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        plain.then(|| Self { key: key.to_owned(), operator, value: value.trim().to_owned() })
    }

    /// The key of `kind` that is meant.
    ///
    /// # Errors
    /// When the kind has no such key, or it is no list and something is added or taken.
    pub fn key_of(&self, kind: Kind) -> Result<&'static Key, Refusal> {
        let Some(key) = kind.schema().key(&self.key) else { return Err(unknown_key(kind, &self.key, &self.value)) };
        if self.operator != Operator::Becomes && !key.ty.is_list() {
            let message = format!("`{}` holds one value, so nothing can be added to it or taken from it", key.name);
            return Err(Refusal::new(message, format!("write {}=VALUE", key.name)));
        }
        Ok(key)
    }

    /// The new value of `key` in `record`, where `typed` is what the value means.
    ///
    /// # Errors
    /// When an item is to be taken that is not there.
    pub fn apply(&self, record: &Record, key: &Key, typed: Value) -> Result<Value, Refusal> {
        match (self.operator, record.get(key.name), typed) {
            (Operator::Becomes, _, typed) => Ok(sorted(key.ty, typed)),
            (Operator::Adds, Value::List(old), Value::List(new)) => {
                let mut items = old.clone();
                items.extend(new.into_iter().filter(|item| !old.contains(item)));
                Ok(sorted(key.ty, Value::List(items)))
            }
            (Operator::Adds, Value::Rows(old), Value::Rows(new)) => {
                let mut rows = old.clone();
                rows.extend(new.into_iter().filter(|row| !old.contains(row)));
                Ok(Value::Rows(rows))
            }
            (Operator::Adds, _, typed) => Ok(sorted(key.ty, typed)),
            (Operator::Takes, Value::List(old), Value::List(gone)) => {
                if let Some(item) = gone.iter().find(|item| !old.contains(item)) {
                    return Err(not_there(record, key, item));
                }
                Ok(Value::List(old.iter().filter(|item| !gone.contains(item)).cloned().collect()))
            }
            (Operator::Takes, Value::Rows(old), Value::Rows(gone)) => {
                if gone.iter().any(|row| !old.contains(row)) {
                    return Err(not_there(record, key, &self.value));
                }
                Ok(Value::Rows(old.iter().filter(|row| !gone.contains(row)).cloned().collect()))
            }
            (Operator::Takes, ..) => Err(not_there(record, key, &self.value)),
        }
    }

    /// What it comes to in few words, where `value` is what was typed in words: `owner sam`, `labels + urgent`, `owner unset`.
    pub fn words(&self, value: &str) -> String {
        let value = short(value);
        match self.operator {
            Operator::Becomes if value.is_empty() => format!("{} unset", self.key),
            Operator::Becomes => format!("{} {value}", self.key),
            Operator::Adds => format!("{} + {value}", self.key),
            Operator::Takes => format!("{} - {value}", self.key),
        }
    }
}

/// Splits what was typed as items of a list that is added to or taken from. Plain words are split at commas; a text with
/// spaces or an address may hold commas of its own and is one item.
pub fn items(text: &str) -> Vec<String> {
    let plain = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace) && !part.contains("://");
    if text.contains(',') && text.split(',').all(plain) {
        return text.split(',').map(str::to_owned).collect();
    }
    if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }
}

/// Lists of words and references are kept in order, so that two people adding to one meet less often.
pub fn sorted(ty: Type, value: Value) -> Value {
    match (ty, value) {
        (Type::List | Type::Refs(_), Value::List(mut items)) => {
            items.sort();
            items.dedup();
            Value::List(items)
        }
        (_, value) => value,
    }
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > 48 || text.lines().count() > 1 {
        return format!("{}...", line.chars().take(45).collect::<String>().trim_end());
    }
    line.to_owned()
}

fn not_there(record: &Record, key: &Key, item: &str) -> Refusal {
    let items: Vec<&str> = record.list(key.name).iter().map(String::as_str).collect();
    let hint = match (nearest(item, items.iter().copied()).first(), items.is_empty()) {
        (Some(near), _) => format!("did you mean {near}?"),
        (None, true) => format!("it is empty; see staple show {}", record.reference()),
        (None, false) => format!("it holds {}", items.join(", ")),
    };
    Refusal::new(format!("`{}` of {} has no `{item}`", key.name, record.reference()), hint)
}

fn unknown_key(kind: Kind, name: &str, value: &str) -> Refusal {
    let is_target = name
        .to_lowercase()
        .split(['-', '_'])
        .any(|part| ["target", "quota", "goal"].contains(&part.trim_end_matches('s')));
    if is_target && value.chars().any(|c| c.is_ascii_digit()) {
        let message = format!("`{name}` sets a number to reach; people then serve the number and not the customer");
        return Refusal::new(message, "say in words what you are after (aims of a team) and watch the measure itself");
    }
    let names: Vec<&str> = kind.schema().keys.iter().map(|key| key.name).collect();
    let near = nearest(name, names.iter().copied());
    let hint = if near.is_empty() {
        format!("it has {}", names.join(", "))
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    Refusal::new(format!("a {} has no key `{name}`", kind.word()), hint)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::record::Name;
    use crate::record::id::TicketId;

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    fn ticket() -> Record {
        let name = Name::Ticket(TicketId::parse("7k3mqp").unwrap());
        Record::new(Kind::Ticket, name, "").with("labels", list(&["b", "d"]))
    }

    #[test]
    fn assignments_are_told_from_references() {
        let read = |text| Assignment::parse(text).map(|a| (a.key, a.operator, a.value));
        assert_eq!(read("owner=sam"), Some(("owner".into(), Operator::Becomes, "sam".into())));
        assert_eq!(read("labels+=a=b"), Some(("labels".into(), Operator::Adds, "a=b".into())));
        assert_eq!(read("blocked-by-=T-7k3mqp"), Some(("blocked-by".into(), Operator::Takes, "T-7k3mqp".into())));
        assert_eq!(read("owner="), Some(("owner".into(), Operator::Becomes, String::new())));
        assert_eq!(read("playbook:reset-password"), None);
        assert_eq!(read("https://example.org/?a=b"), None);
    }

    #[test]
    fn lists_stay_sorted_and_say_what_is_not_there() {
        let record = ticket();
        let change = |text: &str, items: &[&str]| {
            let assignment = Assignment::parse(text).unwrap();
            let key = assignment.key_of(Kind::Ticket).unwrap();
            assignment.apply(&record, key, list(items))
        };
        assert_eq!(change("labels+=c,b", &["c", "b"]), Ok(list(&["b", "c", "d"])));
        assert_eq!(change("labels-=b", &["b"]), Ok(list(&["d"])));
        assert_eq!(change("labels=z,a,z", &["z", "a", "z"]), Ok(list(&["a", "z"])));
        assert_eq!(change("labels-=x", &["x"]).unwrap_err().hint, "it holds b, d");
    }

    #[test]
    fn keys_that_are_not_there_are_refused_with_the_nearest() {
        let refused = |text: &str| Assignment::parse(text).unwrap().key_of(Kind::Ticket).unwrap_err();
        assert_eq!(refused("onwer=sam").hint, "did you mean owner?");
        assert!(refused("weekly-target=20").message.contains("serve the number"));
        assert!(refused("owner+=sam").message.contains("one value"));
    }

    #[test]
    fn only_plain_words_are_split() {
        assert_eq!(items("a,b"), ["a", "b"]);
        assert_eq!(items("error 5, then nothing"), ["error 5, then nothing"]);
        assert_eq!(items("https://x.org/?q=1,2"), ["https://x.org/?q=1,2"]);
    }

    #[test]
    fn changes_are_told_in_few_words() {
        let words = |text: &str, value: &str| Assignment::parse(text).unwrap().words(value);
        assert_eq!(words("owner=sam", "sam"), "owner sam");
        assert_eq!(words("owner=", ""), "owner unset");
        assert_eq!(words("labels+=urgent", "urgent"), "labels + urgent");
        assert_eq!(words("answer=x", "Dear all,\nnews"), "answer Dear all,...");
    }
}
