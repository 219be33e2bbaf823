//! What happened between two versions of a record, key by key.

use super::{Record, Value};

/// One thing that happened to a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It was made.
    Created,
    /// It was taken away.
    Removed,
    /// A key changed.
    Changed {
        /// The key.
        key: &'static str,
        /// Before.
        from: Value,
        /// After.
        to: Value,
    },
    /// A message came; loose or bound, by its id.
    Said(Box<Record>),
}

/// The events from one version to the next; messages are compared by id, so that binding them is no event.
pub fn between(before: Option<&Record>, after: Option<&Record>) -> Vec<Event> {
    let (before, after) = match (before, after) {
        (None, None) => return Vec::new(),
        (None, Some(after)) => return created(after),
        (Some(_), None) => return vec![Event::Removed],
        (Some(before), Some(after)) => (before, after),
    };
    let mut out = changes(before, after);
    let new = after.messages.iter().filter(|m| !before.messages.iter().any(|old| old.name == m.name));
    out.extend(new.map(|message| Event::Said(Box::new(message.clone()))));
    out
}

fn created(after: &Record) -> Vec<Event> {
    let blank = Record::new(after.kind, after.name.clone(), after.path.clone());
    let mut out = vec![Event::Created];
    out.extend(changes(&blank, after));
    out
}

fn changes(before: &Record, after: &Record) -> Vec<Event> {
    let differs = |key: &&super::schema::Key| before.get(key.name) != after.get(key.name);
    let event = |key: &super::schema::Key| Event::Changed {
        key: key.name,
        from: before.get(key.name).clone(),
        to: after.get(key.name).clone(),
    };
    after.schema().keys.iter().filter(differs).map(event).collect()
}
