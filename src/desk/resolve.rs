//! What people type to what it means: prefixes of ids, bare slugs, `kind:slug`.

use super::{Draft, Records, WriteError};
use crate::record::id::{TicketId, TicketPrefix};
use crate::record::nearest::nearest;
use crate::record::reference::{self, Reference};
use crate::record::schema::Target;
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record};

/// The record that `text` names: a whole reference, a unique prefix of a ticket's id, or a slug that one record has.
///
/// # Errors
/// When nothing or more than one thing has the name; the nearest names are offered.
pub fn any<'r>(records: &'r Records, text: &str) -> Result<&'r Record, WriteError> {
    if let Some((kind, name)) = reference::parse_any(text)
        && let Some(record) = records.get(kind, &name)
    {
        return Ok(record);
    }
    let mut found: Vec<&Record> = Vec::new();
    if let Some(prefix) = TicketPrefix::parse(text) {
        found.extend(records.tickets().filter(|t| t.ticket_id().is_some_and(|id| prefix.matches(id))));
    }
    if let Some(slug) = Slug::parse(text) {
        found.extend(records.all().filter(|record| record.name == Name::Slug(slug.clone())));
    }
    one(found, records, text)
}

/// The ticket that `text` names: its id or a unique prefix of three characters or more.
///
/// # Errors
/// As for [`any`].
pub fn ticket<'r>(records: &'r Records, text: &str) -> Result<&'r Record, WriteError> {
    if let Some(record) = TicketId::parse(text).and_then(|id| records.ticket(id)) {
        return Ok(record);
    }
    let Some(prefix) = TicketPrefix::parse(text) else {
        return Err(WriteError::usage(
            format!("`{text}` is not a ticket's id"),
            "write it like T-7k3mqp, or its first three characters or more",
        ));
    };
    let found = records.tickets().filter(|t| t.ticket_id().is_some_and(|id| prefix.matches(id))).collect();
    one(found, records, text)
}

fn one<'r>(mut found: Vec<&'r Record>, records: &'r Records, text: &str) -> Result<&'r Record, WriteError> {
    if found.len() == 1 {
        return Ok(found.remove(0));
    }
    if found.is_empty() {
        let names: Vec<String> = records.all().map(Record::reference).collect();
        let slugs = records.all().map(Record::slug).filter(|slug| !slug.is_empty());
        let near = nearest(text, names.iter().map(String::as_str).chain(slugs));
        let hint = if near.is_empty() {
            "see what there is: staple list, staple search TEXT".to_owned()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        return Err(WriteError::usage(format!("nothing is called `{text}`"), hint));
    }
    let names: Vec<String> = found.iter().take(6).map(|r| format!("{} ({})", r.reference(), r.label())).collect();
    Err(WriteError::usage(
        format!("`{text}` could be {} records", found.len()),
        format!("write one whole: {}", names.join(", ")),
    ))
}

/// A reference as a key takes it, from what was typed: a bare slug is looked up among the kinds that may stand there, an id
/// may be a prefix.
///
/// # Errors
/// When it cannot be read or names nothing.
pub fn typed(
    draft: &Draft<'_>,
    records: &Records,
    targets: &'static [Target],
    text: &str,
) -> Result<String, WriteError> {
    if text.is_empty() {
        return Ok(String::new());
    }
    if let Some(found) = Reference::parse(text, targets) {
        return Ok(found.written(targets));
    }
    if targets.contains(&Target::Ticket)
        && let Ok(found) = ticket(records, text)
    {
        return Ok(found.reference());
    }
    if let Some(slug) = Slug::parse(text) {
        for target in targets {
            if let Target::Of(kind) = target
                && draft.exists(*kind, &Name::Slug(slug.clone()))?
            {
                return Ok(Reference::Record(*kind, slug).written(targets));
            }
        }
    }
    let mut names: Vec<String> = Vec::new();
    for target in targets {
        if let Target::Of(kind) = target {
            names.extend(records.of(*kind).map(|record| record.slug().to_owned()));
        }
    }
    let near = nearest(text, names.iter().map(String::as_str));
    let words = crate::record::schema::Type::Ref(targets).words();
    let hint = if near.is_empty() { format!("write {words}") } else { format!("did you mean {}?", near.join(" or ")) };
    Err(WriteError::usage(format!("`{text}` is not {words}"), hint))
}

/// The slug of a record of one kind, from what was typed.
///
/// # Errors
/// When there is none; the nearest names are offered.
pub fn slug<'r>(records: &'r Records, kind: Kind, text: &str) -> Result<&'r Record, WriteError> {
    let bare = text.strip_prefix(kind.word()).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text);
    if let Some(record) = records.slug(kind, bare) {
        return Ok(record);
    }
    let near = nearest(bare, records.of(kind).map(Record::slug));
    let hint = if near.is_empty() {
        format!("make it first: staple {} new {bare}", kind.word())
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    Err(WriteError::usage(format!("there is no {} `{bare}`", kind.word()), hint))
}
