//! What people type to what it means: prefixes of ids, bare slugs, `kind:slug`.

use super::{Draft, Records, WriteError};
use crate::record::change::Refusal;
use crate::record::id::{TicketId, TicketPrefix};
use crate::record::nearest::nearest;
use crate::record::reference::{self, Reference};
use crate::record::schema::Target;
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record};
use crate::store::layout::{Located, locate};

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
        if let Some(finding) = records.unreadable().find(|finding| is_meant(&finding.path, text)) {
            let message = format!("`{text}` cannot be read: {}: {}", finding.path, finding.message);
            return Err(Refusal::new(message, &finding.hint).into());
        }
        let names: Vec<String> = records.all().map(Record::reference).collect();
        let bare = names.iter().filter_map(|name| name.strip_prefix("T-"));
        let slugs = records.all().map(Record::slug).filter(|slug| !slug.is_empty());
        let near = nearest(text, names.iter().map(String::as_str).chain(bare).chain(slugs));
        let hint = if near.is_empty() {
            "see what there is: staple list, or staple KIND list".to_owned()
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

/// Whether `text` names the record at `path`.
fn is_meant(path: &str, text: &str) -> bool {
    let Some(Located::Record(kind, name)) = locate(path) else { return false };
    match name {
        Name::Ticket(id) => TicketPrefix::parse(text).is_some_and(|prefix| prefix.matches(id)),
        name => reference::parse_any(text) == Some((kind, name.clone())) || name.to_string() == text,
    }
}

/// The ticket that `text` names, as a change sees it; no record is read for it.
///
/// # Errors
/// As for [`any`].
pub fn ticket_in(draft: &Draft<'_>, text: &str) -> Result<TicketId, WriteError> {
    // A whole id needs no look at all the others.
    if let Some(id) = TicketId::parse(text)
        && draft.exists(Kind::Ticket, &Name::Ticket(id))?
    {
        return Ok(id);
    }
    let Some(prefix) = TicketPrefix::parse(text) else {
        let message = format!("`{text}` is not a ticket's id");
        return Err(WriteError::usage(message, "write it like T-7k3mqp, or its first three characters or more"));
    };
    let ids = draft.ticket_ids()?;
    let found: Vec<TicketId> = ids.iter().copied().filter(|id| prefix.matches(*id)).collect();
    match found.as_slice() {
        [id] => Ok(*id),
        [] => {
            let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let whole = if text.starts_with("T-") { text.to_owned() } else { format!("T-{text}") };
            let near = nearest(&whole, names.iter().map(String::as_str));
            let hint = if near.is_empty() {
                "see what there is: staple list --all".to_owned()
            } else {
                format!("did you mean {}?", near.join(" or "))
            };
            Err(WriteError::usage(format!("no ticket is called `{text}`"), hint))
        }
        many => {
            let names: Vec<String> = many.iter().take(6).map(ToString::to_string).collect();
            Err(WriteError::usage(
                format!("`{text}` could be {} tickets", many.len()),
                format!("write one whole: {}", names.join(", ")),
            ))
        }
    }
}

/// Any record that `text` names, as a change sees it: a whole reference, a prefix of a ticket's id, or a slug that one record
/// has.
///
/// # Errors
/// As for [`any`].
pub fn any_in(draft: &Draft<'_>, text: &str) -> Result<(Kind, Name), WriteError> {
    if text == "staple.toml" {
        return Ok((Kind::Settings, Name::Desk));
    }
    if let Some((kind, name)) = reference::parse_any(text)
        && draft.exists(kind, &name)?
    {
        return Ok((kind, name));
    }
    let mut found: Vec<(Kind, Name)> = Vec::new();
    let mut slugs: Vec<String> = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| kind.has_slug()) {
        for slug in draft.slugs(kind)? {
            if slug.as_str() == text {
                found.push((kind, Name::Slug(slug.clone())));
            }
            slugs.push(format!("{}:{slug}", kind.word()));
        }
    }
    // Most slugs could be the start of an id too; only `T-` says that a ticket is meant.
    let prefix = TicketPrefix::parse(text);
    let ids = if prefix.is_some() { draft.ticket_ids()? } else { Vec::new() };
    let begins_id = prefix.is_some_and(|prefix| ids.iter().any(|id| prefix.matches(*id)));
    match (found.len(), ticket_in(draft, text)) {
        (0, Ok(id)) => Ok((Kind::Ticket, Name::Ticket(id))),
        (1, _) => Ok(found.remove(0)),
        (0, Err(error)) if text.starts_with("T-") || begins_id => Err(error),
        (0, Err(_)) if slugs.iter().any(|slug| slug == text) => {
            let message = format!("`{text}` is no plain file");
            Err(Refusal::new(message, "put a real file in its place: staple check names it").into())
        }
        (0, Err(_)) => {
            let bare = slugs.iter().filter_map(|slug| slug.split_once(':')).map(|(_, bare)| bare.to_owned());
            let names: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).chain(bare).collect();
            let near = nearest(text, slugs.iter().chain(&names).map(String::as_str));
            let hint = if near.is_empty() {
                "see what there is: staple list, or staple KIND list".to_owned()
            } else {
                format!("did you mean {}?", near.join(" or "))
            };
            Err(WriteError::usage(format!("nothing is called `{text}`"), hint))
        }
        (many, _) => {
            let names: Vec<String> = found.iter().map(|(kind, name)| format!("{}:{name}", kind.word())).collect();
            Err(WriteError::usage(
                format!("`{text}` could be {many} records"),
                format!("write one whole: {}", names.join(", ")),
            ))
        }
    }
}

/// A reference as a key takes it, from what was typed: a bare slug is looked up among the kinds that may stand there, an id
/// may be a prefix.
///
/// # Errors
/// When it cannot be read or names nothing.
pub fn typed(draft: &Draft<'_>, targets: &'static [Target], text: &str) -> Result<String, WriteError> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let read = Reference::parse(text, targets);
    match &read {
        Some(Reference::Record(kind, slug)) if !draft.exists(*kind, &Name::Slug(slug.clone()))? => {}
        Some(found) => return Ok(found.written(targets)),
        None => {}
    }
    if targets.contains(&Target::Ticket) && TicketPrefix::parse(text).is_some() {
        return Ok(ticket_in(draft, text)?.to_string());
    }
    let mut names: Vec<String> = Vec::new();
    for target in targets {
        let Target::Of(kind) = target else { continue };
        let slugs = draft.slugs(*kind)?;
        if let Some(slug) = slugs.iter().find(|slug| slug.as_str() == text) {
            return Ok(Reference::Record(*kind, slug.clone()).written(targets));
        }
        names.extend(slugs.iter().map(|slug| slug.as_str().to_owned()));
    }
    let bare = text.split_once(':').map_or(text, |(_, slug)| slug);
    let near = nearest(bare, names.iter().map(String::as_str));
    if let Some(Reference::Record(kind, slug)) = read {
        let hint = if near.is_empty() {
            format!("make it first: staple {} new {slug}", kind.word())
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        return Err(WriteError::usage(format!("there is no {} `{slug}`", kind.word()), hint));
    }
    let words = crate::record::schema::Type::Ref(targets).words();
    let hint = if near.is_empty() { format!("write {words}") } else { format!("did you mean {}?", near.join(" or ")) };
    Err(WriteError::usage(format!("`{text}` is not {words}"), hint))
}

/// The record of one kind that `text` names, as a change sees it: its slug, alone or with the kind before it.
///
/// # Errors
/// When there is none; the nearest names are offered.
pub fn slug_in(draft: &Draft<'_>, kind: Kind, text: &str) -> Result<Record, WriteError> {
    let word = kind.word();
    let bare = text.strip_prefix(word).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text);
    if let Some(slug) = Slug::parse(bare)
        && draft.exists(kind, &Name::Slug(slug.clone()))?
    {
        return draft.record(kind, &Name::Slug(slug));
    }
    let slugs = draft.slugs(kind)?;
    let near = nearest(bare, slugs.iter().map(Slug::as_str));
    let hint = match near.as_slice() {
        [] => format!("see what there is: staple {word} list --all"),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    Err(WriteError::usage(format!("there is no {word} `{bare}`"), hint))
}
