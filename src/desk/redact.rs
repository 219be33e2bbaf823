//! Taking words and attachments out of records.
//!
//! Messages are not edited; this is the exception. What was taken out is named nowhere in what is written.

use super::{Draft, WriteError};
use crate::record::schema::Type;
use crate::record::{Kind, Name, Record, Value};
use crate::store::layout;
use crate::text;

/// What stands where words were taken out.
pub const MARK: &str = "[redacted]";

/// What is to be taken out of a record.
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    /// One message of the ticket, by its id or the last characters of it; all of it when no words are named.
    pub message: Option<String>,
    /// The exact words.
    pub text: Option<String>,
    /// The file name of an attachment.
    pub attachment: Option<String>,
}

/// What a redaction came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redacted {
    /// Messages and records whose text changed.
    pub texts: usize,
    /// Attachments taken away.
    pub attachments: usize,
    /// Files that still hold the words, where Staple keeps its hands off: comments and keys of others.
    pub left: Vec<String>,
}

/// Takes words or an attachment out of a record, and of a ticket out of its messages, loose and bound.
///
/// # Errors
/// When nothing of the kind is there, or more than one thing is meant.
pub fn redact(draft: &mut Draft<'_>, record: &Record, wanted: &Redaction) -> Result<Redacted, WriteError> {
    let reference = record.reference();
    let bodies = bodies(draft, record)?;
    let chosen = choose(&bodies, record, wanted)?;
    let mut out = Redacted::default();
    let mut sets_of: Vec<(usize, Vec<(&'static str, Value)>)> = Vec::new();
    for i in chosen {
        let body = &bodies[i];
        let mut sets = match (&wanted.text, &wanted.message, &wanted.attachment) {
            (Some(words), ..) => without(&body.record, words),
            (None, Some(_), None) => emptied(&body.record),
            _ => Vec::new(),
        };
        out.texts += usize::from(!sets.is_empty());
        if let Some(file) = &wanted.attachment {
            sets.extend(detach(draft, record, &body.record, file, &mut out)?);
        }
        if !sets.is_empty() {
            sets_of.push((i, sets));
        }
    }
    if wanted.text.is_some() && out.texts == 0 {
        let message = format!("those words are not in {reference}");
        return Err(WriteError::usage(message, format!("they must match exactly; see staple show {reference}")));
    }
    if wanted.attachment.is_some() && out.attachments == 0 {
        let message = format!("{reference} has no such attachment");
        return Err(WriteError::usage(message, format!("see their names: staple show {reference}")));
    }
    for (i, sets) in sets_of {
        write(draft, &bodies[i], &sets)?;
    }
    if let Some(words) = &wanted.text {
        for body in &bodies {
            let still = draft.text(&body.path).is_ok_and(|text| text.contains(words.as_str()));
            if still && wanted.message.is_none() && !out.left.contains(&body.path) {
                out.left.push(body.path.clone());
            }
        }
    }
    Ok(out)
}

/// A record with keys of text: the record itself, or a message in its own file or bound.
struct Body {
    record: Record,
    path: String,
    bound: bool,
}

fn bodies(draft: &Draft<'_>, record: &Record) -> Result<Vec<Body>, WriteError> {
    let mut out = vec![Body { record: record.clone(), path: record.path.clone(), bound: false }];
    out.extend(record.messages.iter().map(|m| Body { record: m.clone(), path: record.path.clone(), bound: true }));
    if record.kind != Kind::Ticket {
        return Ok(out);
    }
    // A message may be bound and still have its own file, when a branch brought it back; both lose their words.
    let mut unbound = record.clone();
    unbound.messages = Vec::new();
    let loose = draft.messages(&unbound)?;
    out.extend(loose.into_iter().map(|m| Body { path: m.path.clone(), record: m, bound: false }));
    Ok(out)
}

/// Which of `bodies` are meant.
fn choose(bodies: &[Body], record: &Record, wanted: &Redaction) -> Result<Vec<usize>, WriteError> {
    let reference = record.reference();
    let Some(ending) = &wanted.message else {
        let all: Vec<usize> = (0..bodies.len()).collect();
        let Some(file) = &wanted.attachment else { return Ok(all) };
        let with: Vec<usize> =
            all.iter().copied().filter(|i| bodies[*i].record.list("attachments").contains(file)).collect();
        let mut names: Vec<String> = with.iter().map(|i| message_id(&bodies[*i].record)).collect();
        names.dedup();
        if names.len() > 1 {
            let message = format!("{} messages of {reference} have an attachment of that name", names.len());
            return Err(WriteError::usage(message, format!("say which: --message {}", names.join(" or "))));
        }
        return Ok(if wanted.text.is_some() { all } else { with });
    };
    if ending.is_empty() {
        let hint = format!("the id of each message stands at its end: staple show {reference}");
        return Err(WriteError::usage("no message is named", hint));
    }
    let found: Vec<usize> = (0..bodies.len())
        .filter(|i| {
            bodies[*i].record.kind == Kind::Message && message_id(&bodies[*i].record).ends_with(ending.as_str())
        })
        .collect();
    let mut names: Vec<String> = found.iter().map(|i| message_id(&bodies[*i].record)).collect();
    names.sort();
    names.dedup();
    match names.len() {
        1 => Ok(found),
        0 => {
            let hint = format!("the id of each message stands at its end: staple show {reference}");
            Err(WriteError::usage(format!("{reference} has no message `{ending}`"), hint))
        }
        many => {
            let message = format!("`{ending}` could be {many} messages of {reference}");
            Err(WriteError::usage(message, format!("write one whole: {}", names.join(", "))))
        }
    }
}

fn message_id(record: &Record) -> String {
    match &record.name {
        Name::Message(_, id) => id.to_string(),
        _ => String::new(),
    }
}

/// The keys of text that hold `words`, with the mark in their place.
fn without(record: &Record, words: &str) -> Vec<(&'static str, Value)> {
    let mut sets = Vec::new();
    for key in record.schema().keys {
        let new = match (key.ty, record.get(key.name)) {
            (Type::Line | Type::Prose, Value::Text(text)) if text.contains(words) && !is_link(record, key.name) => {
                text.replace(words, MARK).into()
            }
            (Type::List | Type::Ordered, Value::List(items))
                if key.name != "attachments" && items.iter().any(|item| item.contains(words)) =>
            {
                let items: Vec<String> = items.iter().map(|item| item.replace(words, MARK)).collect();
                crate::record::change::assign::sorted(key.ty, items.into())
            }
            _ => continue,
        };
        sets.push((key.name, new));
    }
    sets
}

/// Whether a key of text ties records together: the hand-off that is answered, to whom one went.
fn is_link(record: &Record, key: &str) -> bool {
    record.kind == Kind::Message && (key == "hand-off" || key == "to" && !is_outside(record, key))
}

/// All the words of a message, with the mark in their place.
fn emptied(message: &Record) -> Vec<(&'static str, Value)> {
    let prose = message.written_keys().filter(|key| key.ty == Type::Prose && !message.get(key.name).is_unset());
    let keys = prose.map(|key| key.name).chain(["from", "to"].into_iter().filter(|key| is_outside(message, key)));
    keys.map(|key| (key, Value::from(MARK))).collect()
}

/// Whether a key holds an address from outside; to whom a hand-off went is a record of ours.
fn is_outside(message: &Record, key: &str) -> bool {
    message.text_of(key).is_some() && matches!(message.text("kind"), "received" | "reply" | "told")
}

fn detach(
    draft: &mut Draft<'_>,
    ticket: &Record,
    message: &Record,
    file: &str,
    out: &mut Redacted,
) -> Result<Option<(&'static str, Value)>, WriteError> {
    let Name::Message(_, id) = &message.name else { return Ok(None) };
    let path = layout::attachment_path(&ticket.path, *id, file);
    let there = draft.read(&path)?.is_some();
    let names = message.list("attachments");
    let named = names.iter().any(|name| name == file);
    if there {
        draft.write(path, None);
    }
    if !there && !named {
        return Ok(None);
    }
    out.attachments = 1;
    let rest: Vec<String> = names.iter().filter(|name| *name != file).cloned().collect();
    Ok(named.then_some(("attachments", rest.into())))
}

fn write(draft: &mut Draft<'_>, body: &Body, sets: &[(&'static str, Value)]) -> Result<(), WriteError> {
    let sets: Vec<(&str, Value)> = sets.to_vec();
    let before = draft.text(&body.path)?;
    let after = if body.bound {
        text::edit_bound(&before, &message_id(&body.record), &sets)
    } else {
        text::edit(&before, body.record.schema(), &sets)
    };
    let after = after.map_err(|error| WriteError::edit(&body.path, error))?;
    draft.write_record(body.record.kind, &body.record.name, &body.path, &after);
    Ok(())
}
