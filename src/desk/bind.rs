//! Binding: the messages of tickets done for a while move into their tickets' own files, so that a desk of many years has few
//! files. What is bound, and in which bytes, follows from the files alone, so that two clones that bind agree.

use std::collections::{BTreeMap, BTreeSet};

use super::{Desk, Draft, Records, WriteError};
use crate::record::id::TicketId;
use crate::record::{Kind, Name, Record, ticket};
use crate::store::layout::{Located, locate};
use crate::{store, text};

/// A done ticket with messages in files of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The ticket.
    pub id: TicketId,
    /// Its file.
    pub path: String,
    /// When its status last became done, in seconds since 1970.
    pub done_since: i64,
}

/// What came of binding one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// This many messages moved.
    Messages(usize),
    /// Nothing was to be done.
    Nothing,
    /// It was left as it is, and why.
    LeftOut(String),
}

/// The tickets with loose messages that are done, and since when; those with uncommitted edits come apart.
///
/// # Errors
/// When history cannot be read.
pub fn candidates(desk: &Desk, records: &Records) -> Result<(Vec<Candidate>, Vec<TicketId>), store::Error> {
    let (mut wanted, mut dirty) = (BTreeMap::new(), Vec::new());
    for record in records.tickets().filter(|t| ticket::is_done(t.text("status"))) {
        let Some(id) = record.ticket_id() else { continue };
        let loose: Vec<&str> =
            records.messages(id).iter().map(|m| m.path.as_str()).filter(|path| *path != record.path).collect();
        if loose.is_empty() {
            continue;
        }
        if loose.iter().chain([&record.path.as_str()]).any(|path| records.uncommitted.contains(*path)) {
            dirty.push(id);
        } else {
            wanted.insert(record.path.clone(), id);
        }
    }
    let mut versions: BTreeMap<&str, Vec<(i64, store::ObjectId)>> = BTreeMap::new();
    let changes = desk.changes_of_tickets(&wanted.keys().cloned().collect())?;
    for change in &changes {
        if let Some(blob) = change.new {
            versions.entry(&change.path).or_default().push((change.effective, blob));
        }
    }
    // What a pull brought may stand behind what was done after it.
    versions.values_mut().for_each(|versions| versions.sort_by_key(|(effective, _)| *effective));
    let snapshot = desk.store().head_snapshot()?;
    let mut out = Vec::new();
    for (path, id) in &wanted {
        let mut since = None;
        // From the last version back, for as long as the ticket was done.
        for (effective, blob) in versions.get(path.as_str()).into_iter().flatten().rev() {
            let parsed = snapshot.record(Kind::Ticket, &Name::Ticket(*id), path, *blob)?;
            if !parsed.record.is_some_and(|record| ticket::is_done(record.text("status"))) {
                break;
            }
            since = Some(*effective);
        }
        out.extend(since.map(|done_since| Candidate { id: *id, path: path.clone(), done_since }));
    }
    Ok((out, dirty))
}

/// The files of folders, listed once each.
#[derive(Debug, Default)]
pub struct Folders(BTreeMap<String, BTreeSet<String>>);

impl Folders {
    fn names(&mut self, draft: &Draft<'_>, folder: &str) -> Result<&BTreeSet<String>, WriteError> {
        if !self.0.contains_key(folder) {
            self.0.insert(folder.to_owned(), draft.names(folder)?);
        }
        Ok(&self.0[folder])
    }
}

/// Binds the messages of one ticket, oldest first. Attachments stay where they are.
///
/// # Errors
/// When the repository cannot be read.
pub fn bind(draft: &mut Draft<'_>, folders: &mut Folders, id: TicketId, path: &str) -> Result<Bound, WriteError> {
    let Some(record) = readable(draft, Kind::Ticket, &Name::Ticket(id), path)? else {
        return Ok(Bound::LeftOut(format!("{id} cannot be read")));
    };
    if !ticket::is_done(record.text("status")) {
        return Ok(Bound::Nothing);
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let start = format!("{}.", id.as_str());
    let mut paths = Vec::new();
    for name in folders.names(draft, folder)?.range(start.clone()..).take_while(|name| name.starts_with(&start)) {
        let path = format!("{folder}/{name}");
        if let Some(Located::Record(Kind::Message, name)) = locate(&path) {
            paths.push((path, name));
        }
    }
    let mut messages: Vec<Record> = Vec::new();
    for (path, name) in &paths {
        let Some(message) = readable(draft, Kind::Message, name, path)? else {
            return Ok(Bound::LeftOut(format!("{path} cannot be read")));
        };
        let lossless = text::add_missing_keys(&draft.text(path)?, &message).is_ok_and(|text| same(&text, &message));
        if !lossless {
            return Ok(Bound::LeftOut(format!("{path} holds more than its keys, which would be lost")));
        }
        match record.messages.iter().find(|bound| bound.name == *name) {
            None => messages.push(message),
            Some(bound) if text::create(bound) == text::create(&message) => {}
            Some(_) => return Ok(Bound::LeftOut(format!("{path} differs from the message of its id in {id}"))),
        }
    }
    if paths.is_empty() {
        return Ok(Bound::Nothing);
    }
    messages.sort_by(|a, b| (a.time("at"), &a.name).cmp(&(b.time("at"), &b.name)));
    let after = text::bind(&draft.text(path)?, &messages);
    draft.write_record(Kind::Ticket, &Name::Ticket(id), path, &after);
    let count = paths.len();
    for (path, _) in paths {
        draft.write(path, None);
    }
    Ok(Bound::Messages(count))
}

/// A record without errors; nothing when it has some.
fn readable(draft: &Draft<'_>, kind: Kind, name: &Name, path: &str) -> Result<Option<Record>, WriteError> {
    let bytes = draft.read(path)?.unwrap_or_default();
    let parsed = text::parse(kind, name, path, &bytes);
    Ok(if parsed.is_sound() { parsed.record } else { None })
}

/// Whether a text holds what its record does and nothing else: comments and unknown keys have no place in a bound message.
fn same(text: &str, message: &Record) -> bool {
    let sorted = |text: &str| {
        let mut lines: Vec<String> =
            text.lines().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect();
        lines.sort();
        lines
    };
    message.unknown.is_empty() && sorted(text) == sorted(&text::create(message))
}
