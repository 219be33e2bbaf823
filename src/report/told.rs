//! What happened to a record, in words.

use jiff::tz::TimeZone;

use super::history::Told;
use crate::desk::redact::MARK;
use crate::record::event::Event;
use crate::record::time::Time;
use crate::record::{Kind, Record, Value};

/// The longest text that is told on the line itself.
const INLINE: usize = 72;

/// An event in words; `after` is the record it happened to. What a new record begins with is told key by key.
pub fn event(event: &Event, after: Option<&Record>, zone: &TimeZone) -> Option<Told> {
    match event {
        Event::Created => {
            let verb = match after.map(|record| record.kind) {
                Some(Kind::Ticket) => "opened",
                Some(Kind::Message) => return after.map(said),
                _ => "made",
            };
            Some(Told { key: String::new(), words: verb.to_owned(), text: String::new() })
        }
        Event::Removed => Some(Told { key: String::new(), words: "taken away".to_owned(), text: String::new() }),
        // What a message holds is told with the message.
        Event::Changed { from: Value::Unset, .. } if after.is_some_and(|r| r.kind == Kind::Message) => None,
        Event::Changed { key, from, to } => Some(changed(key, from, to, zone)),
        Event::Said(message) => Some(said(message)),
    }
}

/// `status from new to working`; `labels: added vip`; long text goes below.
fn changed(key: &str, from: &Value, to: &Value, zone: &TimeZone) -> Told {
    let short = |value: &Value| short(value, zone);
    let (words, text) = match (from, to) {
        (from, to) if is_redaction(from, to) => (format!("{key}: words redacted"), String::new()),
        (from, to) if is_long(from) || is_long(to) => match (from.is_unset(), to.is_unset()) {
            (true, _) => (format!("{key} written"), to.to_string()),
            (_, true) => (format!("{key} cleared"), String::new()),
            _ => (format!("{key} rewritten"), to.to_string()),
        },
        (Value::List(old), Value::List(new)) => (list_words(key, old, new), String::new()),
        (Value::Unset, Value::List(new)) => (list_words(key, &[], new), String::new()),
        (Value::List(old), Value::Unset) => (list_words(key, old, &[]), String::new()),
        (Value::Unset, to) => (format!("{key}: {}", short(to)), String::new()),
        (from, Value::Unset) => (format!("{key} cleared (was {})", short(from)), String::new()),
        (from, to) => (format!("{key} from {} to {}", short(from), short(to)), String::new()),
    };
    Told { key: key.to_owned(), words, text }
}

fn list_words(key: &str, old: &[String], new: &[String]) -> String {
    let missing = |from: &[String], other: &[String]| -> Vec<String> {
        from.iter().filter(|item| !other.contains(item)).cloned().collect()
    };
    let (added, gone) = (missing(new, old), missing(old, new));
    let mut parts = Vec::new();
    if !added.is_empty() {
        parts.push(format!("added {}", added.join(", ")));
    }
    if !gone.is_empty() {
        parts.push(format!("took away {}", gone.join(", ")));
    }
    if parts.is_empty() { format!("{key}: put in another order") } else { format!("{key}: {}", parts.join("; ")) }
}

/// Whether a change took words out that must not be repeated.
pub fn is_redaction(from: &Value, to: &Value) -> bool {
    let marks = |value: &Value| value.to_string().matches(MARK).count();
    marks(to) > marks(from)
}

fn is_long(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.contains('\n') || text.chars().count() > INLINE)
}

fn short(value: &Value, zone: &TimeZone) -> String {
    match value {
        Value::Text(text) if text.contains(' ') => format!("\"{text}\""),
        Value::Time(time) => minute(*time, zone),
        other => other.to_string(),
    }
}

/// A moment to the minute, in the desk's zone: `2026-11-22 09:15`.
pub fn minute(time: Time, zone: &TimeZone) -> String {
    time.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A message with what was said.
pub fn said(message: &Record) -> Told {
    let mut text = message.text("text").to_owned();
    for key in ["situation", "background", "assessment", "request", "evidence"] {
        if let Some(part) = message.text_of(key) {
            text.push_str(&format!("{}{key}: {part}", if text.is_empty() { "" } else { "\n" }));
        }
    }
    Told { key: String::new(), words: message_words(message), text }
}

/// `reply by sam`, `received from the customer (ada@acme.example)`, `hand-off by sam to engineering`.
pub fn message_words(message: &Record) -> String {
    let kind = message.text("kind");
    let mut out = if kind.is_empty() { "message".to_owned() } else { kind.to_owned() };
    match message.text("by") {
        "" => {}
        "customer" => out.push_str(" from the customer"),
        by => out.push_str(&format!(" by {by}")),
    }
    if let Some(from) = message.text_of("from") {
        out.push_str(&format!(" ({from})"));
    }
    if let Some(to) = message.text_of("to") {
        out.push_str(&format!(" to {to}"));
    }
    for key in ["playbook", "release", "outcome"] {
        if let Some(value) = message.text_of(key) {
            out.push_str(&format!(", {key} {value}"));
        }
    }
    if message.flag("upset") {
        out.push_str(", upset");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: Value, to: Value, expected: &str) {
        assert_eq!(changed("key", &from, &to, &TimeZone::UTC).words, expected);
    }

    #[test]
    fn a_change_reads_as_words() {
        check("new".into(), "working".into(), "key from new to working");
        check(Value::Unset, "sam".into(), "key: sam");
        check("team:engineering".into(), Value::Unset, "key cleared (was team:engineering)");
        check("a b".into(), "c d".into(), "key from \"a b\" to \"c d\"");
        let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
        check(list(&["a", "b"]), list(&["b", "c"]), "key: added c; took away a");
        check(list(&["a"]), Value::Unset, "key: took away a");
        check("one\ntwo".into(), "three\nfour".into(), "key rewritten");
    }
}
