//! A change in the making: records are read as the transaction sees them, changed, and checked before anything is written.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::error::WriteError;
use super::records::Records;
use super::saved;
use crate::check::Held;
use crate::query::saved::SavedQueries;
use crate::record::change::{Change, Plan, Refusal};
use crate::record::finding::{Finding, Severity};
use crate::record::id::TicketId;
use crate::record::lifecycle;
use crate::record::reference::{self, Reference};
use crate::record::schema::Type;
use crate::record::slug::Slug;
use crate::record::time::Day;
use crate::record::{Kind, Name, Record, Value};
use crate::store::discover::MARKER;
use crate::store::layout::{self, Located};

use crate::{check, store, text};

/// The desk's files as a transaction sees them.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// When the repository cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, store::Error>;
    /// The names in a folder that begin with `start`; empty when there is no folder.
    ///
    /// # Errors
    /// When the repository cannot be read.
    fn names(&self, folder: &str, start: &str) -> Result<Vec<String>, store::Error>;
    /// Whether a file is probably there, told without reading a folder; true where nothing is known of it.
    fn is_likely(&self, path: &str) -> bool;
}

/// A change in the making.
pub struct Draft<'a> {
    files: &'a dyn Files,
    writes: BTreeMap<String, Option<Vec<u8>>>,
    touched: BTreeSet<(Kind, Name)>,
    summaries: Vec<(String, String)>,
    /// What the user should know besides.
    pub hints: Vec<String>,
    /// Whether broken lifecycle rules refuse the change; imports turn them off.
    pub guarded: bool,
    /// Whether card numbers, keys, tokens and personal data may go into history, which keeps them for ever.
    pub keep_secrets: bool,
    /// Why, as it goes into the commit's message.
    pub why: String,
    /// Where tickets were found to lie.
    known: RefCell<Known>,
}

/// Where tickets lie, as far as somebody asked.
#[derive(Default)]
struct Known {
    paths: HashMap<TicketId, String>,
    /// Tickets with a file in two months.
    twice: HashMap<TicketId, [String; 2]>,
    /// How many were looked for month by month.
    looked_for: usize,
}

/// Refuses to choose one of two files: readers may have shown the other.
fn two_files(id: TicketId, one: &str, other: &str) -> WriteError {
    let hint = format!("see which came later, and remove it: git log --stat -- {one} {other}");
    Refusal::new(format!("{id} is in two files, {one} and {other}"), hint).into()
}

/// An attachment that is text, UTF-8 and without NUL; what looks like a card number in a picture is none.
fn text_attachment((path, bytes): &(String, Vec<u8>)) -> Option<(String, String)> {
    let Some(Located::Attachment { .. }) = layout::locate(path) else { return None };
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
    Some((path.clone(), text.to_owned()))
}

/// Tickets that are looked for one by one before the names of all are read.
const ONE_BY_ONE: usize = 8;

impl<'a> Draft<'a> {
    /// An empty change over `files`.
    pub fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            writes: BTreeMap::new(),
            touched: BTreeSet::new(),
            summaries: Vec::new(),
            hints: Vec::new(),
            guarded: true,
            keep_secrets: false,
            why: String::new(),
            known: RefCell::default(),
        }
    }

    /// The content of a file, with what this change writes.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
        match self.writes.get(path) {
            Some(written) => Ok(written.clone()),
            None => Ok(self.files.read(path)?),
        }
    }

    /// The names in a folder, with what this change writes.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn names(&self, folder: &str) -> Result<BTreeSet<String>, WriteError> {
        self.names_from(folder, "")
    }

    /// The names in a folder that begin with `start`, with what this change writes: a month holds thousands of files, and a
    /// ticket's own are few.
    fn names_from(&self, folder: &str, start: &str) -> Result<BTreeSet<String>, WriteError> {
        let mut names: BTreeSet<String> = self.files.names(folder, start)?.into_iter().collect();
        for (path, content) in &self.writes {
            let Some((dir, name)) = path.rsplit_once('/') else { continue };
            if dir == folder {
                if content.is_some() {
                    names.insert(name.to_owned());
                } else {
                    names.remove(name);
                }
            } else if content.is_some()
                && let Some(rest) = path.strip_prefix(&format!("{folder}/"))
            {
                names.extend(rest.split('/').next().map(str::to_owned));
            }
        }
        names.retain(|name| name.starts_with(start));
        Ok(names)
    }

    /// Where a record lies; nothing when there is none.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn path_of(&self, kind: Kind, name: &Name) -> Result<Option<String>, WriteError> {
        let path = match name {
            Name::Desk => "staple.toml".to_owned(),
            Name::Slug(slug) => layout::slug_path(kind, slug),
            Name::Stamp(id) if kind == Kind::Jot => layout::jot_path(*id),
            Name::Stamp(id) => layout::talk_path(*id),
            Name::Ticket(id) => return self.ticket_path(*id),
            Name::Message(ticket, id) => match self.ticket_path(*ticket)? {
                Some(path) => layout::message_path(&path, *id),
                None => return Ok(None),
            },
        };
        Ok(self.read(&path)?.map(|_| path))
    }

    fn ticket_path(&self, id: TicketId) -> Result<Option<String>, WriteError> {
        if let Some([one, other]) = self.known.borrow().twice.get(&id) {
            return Err(two_files(id, one, other));
        }
        let known = self.known.borrow().paths.get(&id).cloned();
        if let Some(path) = known
            && self.read(&path)?.is_some()
        {
            return Ok(Some(path));
        }
        let months = self.names("tickets")?;
        self.known.borrow_mut().looked_for += 1;
        if self.known.borrow().looked_for == ONE_BY_ONE {
            for month in &months {
                let folder = format!("tickets/{month}");
                let ids = self.names(&folder)?;
                let ids = ids.iter().filter_map(|name| TicketId::parse_path(name.strip_suffix(".toml")?));
                let mut known = self.known.borrow_mut();
                for id in ids {
                    let path = format!("{folder}/{}.toml", id.as_str());
                    if let Some(other) = known.paths.insert(id, path.clone())
                        && other != path
                    {
                        known.twice.insert(id, [other, path]);
                    }
                }
            }
            return self.ticket_path(id);
        }
        let (likely, others) = self.places(id, months);
        let mut found: Option<String> = None;
        for path in likely {
            if self.read(&path)?.is_none() {
                continue;
            }
            if let Some(other) = found.replace(path.clone()) {
                return Err(two_files(id, &path, &other));
            }
        }
        for path in others {
            if found.is_none() && self.read(&path)?.is_some() {
                found = Some(path);
            }
        }
        if let Some(path) = &found {
            self.known.borrow_mut().paths.insert(id, path.clone());
        }
        Ok(found)
    }

    /// Where a ticket would lie in each month, newest first, as most commands are about live tickets: the places where it
    /// probably is, and those where it may be all the same. A month is a large folder to read.
    fn places(&self, id: TicketId, months: BTreeSet<String>) -> (Vec<String>, Vec<String>) {
        let paths = months.into_iter().rev().map(|month| format!("tickets/{month}/{}.toml", id.as_str()));
        paths.partition(|path| self.writes.contains_key(path) || self.files.is_likely(path))
    }

    /// Whether a ticket has an id already, for one that is made at random.
    ///
    /// Months where it is unlikely are not read: a ticket that is committed, and whose removal somebody has staged, is not
    /// seen. Chance would have to hit that very one, which is far less likely than a clash with a ticket that was made in
    /// another clone.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn is_taken(&self, id: TicketId) -> Result<bool, WriteError> {
        let (likely, _) = self.places(id, self.names("tickets")?);
        for path in likely {
            if self.read(&path)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a record is there.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn exists(&self, kind: Kind, name: &Name) -> Result<bool, WriteError> {
        Ok(self.path_of(kind, name)?.is_some())
    }

    /// A record that must be there and readable, since what is edited must be understood.
    ///
    /// # Errors
    /// When it is not there or its file cannot be read as a record.
    pub fn record(&self, kind: Kind, name: &Name) -> Result<Record, WriteError> {
        let Some(path) = self.path_of(kind, name)? else {
            return Err(WriteError::NoRecord { kind, name: name.clone() });
        };
        self.record_at(kind, name, &path)
    }

    fn record_at(&self, kind: Kind, name: &Name, path: &str) -> Result<Record, WriteError> {
        let bytes = self.read(path)?.unwrap_or_default();
        let parsed = text::parse(kind, name, path, &bytes);
        match parsed.record {
            Some(record) => Ok(record),
            None => Err(WriteError::Unreadable(parsed.findings)),
        }
    }

    /// The ticket of an id.
    ///
    /// # Errors
    /// As for [`Draft::record`].
    pub fn ticket(&self, id: TicketId) -> Result<Record, WriteError> {
        self.record(Kind::Ticket, &Name::Ticket(id))
    }

    /// The messages of a ticket, loose and bound, in order of time; those that cannot be read are left out.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn messages(&self, ticket: &Record) -> Result<Vec<Record>, WriteError> {
        let mut out = ticket.messages.clone();
        let folder = ticket.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let Some(id) = ticket.ticket_id() else { return Ok(out) };
        let start = format!("{}.", id.as_str());
        for name in self.names_from(folder, &start)? {
            let path = format!("{folder}/{name}");
            let Some(Located::Record(Kind::Message, name)) = layout::locate(&path) else { continue };
            if out.iter().any(|bound| bound.name == name) {
                continue;
            }
            if let Ok(message) = self.record_at(Kind::Message, &name, &path) {
                out.push(message);
            }
        }
        out.sort_by(|a, b| (a.time("at"), &a.name).cmp(&(b.time("at"), &b.name)));
        Ok(out)
    }

    /// Carries out a plan about `reference` and keeps its words for the commit.
    ///
    /// # Errors
    /// When a record is not there, or what would be written breaks a rule.
    pub fn carry_out(&mut self, reference: &str, plan: Plan) -> Result<(), WriteError> {
        for change in plan.changes {
            self.apply(change)?;
        }
        self.summaries.push((reference.to_owned(), plan.summary));
        self.hints.extend(plan.hints);
        Ok(())
    }

    /// Says what happened to a record where no plan does.
    pub fn summary(&mut self, reference: impl Into<String>, words: impl Into<String>) {
        self.summaries.push((reference.into(), words.into()));
    }

    /// Applies one change.
    ///
    /// # Errors
    /// When a record is not there or there already, or its text cannot be edited.
    pub fn apply(&mut self, change: Change) -> Result<(), WriteError> {
        match change {
            Change::Create(record) => self.create(*record),
            Change::Set { kind, name, sets } => {
                let sets: Vec<(&str, Value)> = sets;
                self.set(kind, &name, &sets)
            }
            Change::Attach { ticket, message, file, bytes } => {
                let Some(path) = self.ticket_path(ticket)? else {
                    return Err(WriteError::NoRecord { kind: Kind::Ticket, name: Name::Ticket(ticket) });
                };
                self.write(layout::attachment_path(&path, message, &file), Some(bytes));
                Ok(())
            }
        }
    }

    fn create(&mut self, mut record: Record) -> Result<(), WriteError> {
        let path = match &record.name {
            Name::Desk => "staple.toml".to_owned(),
            Name::Slug(slug) => layout::slug_path(record.kind, slug),
            Name::Stamp(id) if record.kind == Kind::Jot => layout::jot_path(*id),
            Name::Stamp(id) => layout::talk_path(*id),
            Name::Ticket(id) => {
                let opened = record.time("opened").unwrap_or(crate::record::time::Time::from_unix(0));
                layout::ticket_path(*id, opened)
            }
            Name::Message(ticket, id) => match self.ticket_path(*ticket)? {
                Some(path) => layout::message_path(&path, *id),
                None => return Err(WriteError::NoRecord { kind: Kind::Ticket, name: Name::Ticket(*ticket) }),
            },
        };
        if self.read(&path)?.is_some() {
            return Err(WriteError::Exists { reference: record.reference(), path });
        }
        record.path.clone_from(&path);
        self.touched.insert((record.kind, record.name.clone()));
        self.write(path, Some(text::create(&record).into_bytes()));
        Ok(())
    }

    /// Sets keys of a record that has a file of its own.
    ///
    /// # Errors
    /// When the record is not there or its text cannot be edited.
    pub fn set(&mut self, kind: Kind, name: &Name, sets: &[(&str, Value)]) -> Result<(), WriteError> {
        let Some(path) = self.path_of(kind, name)? else {
            return Err(WriteError::NoRecord { kind, name: name.clone() });
        };
        self.record_at(kind, name, &path)?;
        let before = self.text(&path)?;
        let after = text::edit(&before, kind.schema(), sets).map_err(|e| WriteError::edit(&path, e))?;
        if after != before {
            self.touched.insert((kind, name.clone()));
            self.write(path, Some(after.into_bytes()));
        }
        Ok(())
    }

    /// The text of a file; an error when it is no text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn text(&self, path: &str) -> Result<String, WriteError> {
        let bytes = self.read(path)?.unwrap_or_default();
        String::from_utf8(bytes).map_err(|_| {
            let finding = Finding::error("not-utf8", path, "the file is not UTF-8 text").hint("save it as UTF-8");
            WriteError::Unreadable(vec![finding])
        })
    }

    /// Writes the whole text of a record that somebody edited by hand.
    pub fn write_record(&mut self, kind: Kind, name: &Name, path: &str, text: &str) {
        self.touched.insert((kind, name.clone()));
        self.write(path.to_owned(), Some(text.as_bytes().to_vec()));
    }

    /// Writes or, with nothing, takes away a file.
    pub fn write(&mut self, path: String, bytes: Option<Vec<u8>>) {
        self.writes.insert(path, bytes);
    }

    /// Writes a file as somebody else left it; if it is a record, it counts as touched.
    pub(crate) fn put_as_is(&mut self, path: String, bytes: Option<Vec<u8>>) {
        if let Some(Located::Record(kind, name)) = layout::locate(&path) {
            self.touched.insert((kind, name));
        }
        self.write(path, bytes);
    }

    /// What is to be written so far, by path.
    pub fn writes(&self) -> &BTreeMap<String, Option<Vec<u8>>> {
        &self.writes
    }

    /// Leaves out writes that change nothing.
    pub(crate) fn settle(&mut self) -> Result<(), WriteError> {
        let mut idle = Vec::new();
        for (path, content) in &self.writes {
            if &self.files.read(path)? == content {
                idle.push(path.clone());
            }
        }
        idle.iter().for_each(|path| drop(self.writes.remove(path)));
        Ok(())
    }

    /// The words of the change: reference and what happened, in order.
    pub fn summaries(&self) -> &[(String, String)] {
        &self.summaries
    }

    /// Kinds and names of the records that change.
    pub fn touched(&self) -> &BTreeSet<(Kind, Name)> {
        &self.touched
    }

    /// What the rules say against the records as this change leaves them, where they did not say it before: a change is
    /// refused for what it breaks, not for what was broken.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn broken_rules(&self) -> Result<Vec<Finding>, WriteError> {
        let mut out = Vec::new();
        let mut tickets_seen = BTreeSet::new();
        for (kind, name) in &self.touched {
            if let Name::Message(ticket, _) = name {
                // A message of its own file may be wrong in itself, and may break a rule about its ticket.
                out.extend(self.new_findings(*kind, name)?);
                tickets_seen.insert(Name::Ticket(*ticket));
            } else if *kind == Kind::Ticket {
                tickets_seen.insert(name.clone());
            } else {
                out.extend(self.new_findings(*kind, name)?);
            }
        }
        for name in &tickets_seen {
            out.extend(self.new_findings(Kind::Ticket, name)?);
        }
        Ok(out)
    }

    fn new_findings(&self, kind: Kind, name: &Name) -> Result<Vec<Finding>, WriteError> {
        let Some(path) = self.path_of(kind, name)? else { return Ok(Vec::new()) };
        let before = self.before(kind, name, &path)?;
        let known: BTreeSet<String> = before.iter().map(|f| format!("{} {}", f.rule, f.message)).collect();
        let mut after = self.findings_at(kind, name, &path)?;
        after.retain(|f| !known.contains(&format!("{} {}", f.rule, f.message)));
        Ok(after)
    }

    /// The same change over other files, such as those of HEAD alone.
    pub(crate) fn over<'b>(&self, files: &'b dyn Files) -> Draft<'b> {
        let mut draft = Draft::new(files);
        draft.writes = self.writes.clone();
        draft.touched = self.touched.clone();
        draft
    }

    /// Tickets that messages of this change belong to and that are not there.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub(crate) fn orphans(&self) -> Result<Vec<TicketId>, WriteError> {
        let mut out = Vec::new();
        for path in self.writes.iter().filter(|(_, content)| content.is_some()).map(|(path, _)| path) {
            let ticket = match layout::locate(path) {
                Some(Located::Record(_, Name::Message(ticket, _)) | Located::Attachment { ticket, .. }) => ticket,
                _ => continue,
            };
            if !self.exists(Kind::Ticket, &Name::Ticket(ticket))? && !out.contains(&ticket) {
                out.push(ticket);
            }
        }
        Ok(out)
    }

    fn before(&self, kind: Kind, name: &Name, path: &str) -> Result<Vec<Finding>, WriteError> {
        if self.files.read(path)?.is_none() {
            return Ok(Vec::new());
        }
        Draft::new(self.files).findings_at(kind, name, path)
    }

    fn findings_at(&self, kind: Kind, name: &Name, path: &str) -> Result<Vec<Finding>, WriteError> {
        let bytes = self.read(path)?.unwrap_or_default();
        let parsed = text::parse(kind, name, path, &bytes);
        let mut findings = parsed.findings;
        if let Some(record) = parsed.record {
            let messages = if kind == Kind::Ticket { self.messages(&record)? } else { Vec::new() };
            let messages: Vec<&Record> = messages.iter().collect();
            findings.extend(lifecycle::findings(&record, &messages));
            findings.extend(self.dangling(&record)?);
            if kind == Kind::Query {
                findings.extend(saved::finding(&record, &self.saved_queries()?));
            }
            // Whoever has another's address would get what that one writes.
            if kind == Kind::Person {
                findings.extend(check::addresses_taken(&record, self.readable(Kind::Person)?.iter()));
            }
        }
        findings.retain(|finding| finding.severity == Severity::Error);
        Ok(findings)
    }

    /// The saved queries as this change leaves them; those that cannot be read are left out.
    fn saved_queries(&self) -> Result<SavedQueries, WriteError> {
        Ok(saved::of(self.readable(Kind::Query)?.iter()))
    }

    /// The records of a kind as this change leaves them; those that cannot be read are left out.
    fn readable(&self, kind: Kind) -> Result<Vec<Record>, WriteError> {
        let slugs = self.slugs(kind)?.into_iter();
        Ok(slugs.filter_map(|slug| self.record(kind, &Name::Slug(slug)).ok()).collect())
    }

    /// References of a record to records that are not there.
    fn dangling(&self, record: &Record) -> Result<Vec<Finding>, WriteError> {
        let mut out = Vec::new();
        for place in reference::places(record) {
            let there = match &place.reference {
                Some(Reference::Record(kind, slug)) => self.exists(*kind, &Name::Slug(slug.clone()))?,
                Some(Reference::Ticket(id)) if place.key != "was" => self.exists(Kind::Ticket, &Name::Ticket(*id))?,
                _ => true,
            };
            if !there {
                let near = self.near(&place.reference)?;
                let hint = near
                    .map_or_else(|| super::error::make_hint(&place.reference), |near| format!("did you mean {near}?"));
                let message = format!("`{}` names {}, which is not there", place.key, place.text);
                out.push(Finding::error("dangling-reference", &record.path, message).hint(hint));
            }
        }
        Ok(out)
    }

    fn near(&self, reference: &Option<Reference>) -> Result<Option<String>, WriteError> {
        let Some(Reference::Record(kind, slug)) = reference else { return Ok(None) };
        let slugs = self.slugs(*kind)?;
        Ok(crate::record::nearest::nearest(slug.as_str(), slugs.iter().map(Slug::as_str)).into_iter().next())
    }

    /// The ids of all tickets.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn ticket_ids(&self) -> Result<Vec<TicketId>, WriteError> {
        let mut out = Vec::new();
        for month in self.names("tickets")? {
            let names = self.names(&format!("tickets/{month}"))?;
            let ids = names.iter().filter_map(|name| TicketId::parse_path(name.strip_suffix(".toml")?));
            out.extend(ids);
        }
        Ok(out)
    }

    /// The slugs of a kind.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn slugs(&self, kind: Kind) -> Result<Vec<Slug>, WriteError> {
        let names = self.names(kind.folder())?;
        Ok(names.iter().filter_map(|name| Slug::parse(name.strip_suffix(".toml")?)).collect())
    }

    /// The desk's settings as this change leaves them; nothing where the desk has none.
    ///
    /// # Errors
    /// When they are there and cannot be read, or no sense can be made of what decides about every write.
    pub(crate) fn desk_settings(&self) -> Result<Option<Record>, WriteError> {
        let Some(bytes) = self.read(MARKER)? else {
            // What is no file, such as a link, has a name all the same.
            let is_odd = !self.writes.contains_key(MARKER) && self.files.names("", MARKER)?.iter().any(|n| n == MARKER);
            let finding = Finding::error("symlink", MARKER, "this is no plain file, and no link is followed");
            return if is_odd { Err(super::unread_settings(&finding).into()) } else { Ok(None) };
        };
        let parsed = text::parse(Kind::Settings, &Name::Desk, MARKER, &bytes);
        let decides = |finding: &&Finding| {
            let of = |key: &str| finding.message.starts_with(&format!("`{key}` "));
            parsed.record.is_none() || finding.rule == "bad-value" && (of("privacy") || of("format"))
        };
        match parsed.findings.iter().find(decides) {
            Some(finding) => Err(super::unread_settings(finding).into()),
            None => Ok(parsed.record),
        }
    }

    /// Card numbers, keys, tokens and, where the desk keeps it out, personal data that this change would bring into history. Of a
    /// change that no rule may stop only its reason is looked through: what it writes was there before.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub(crate) fn new_secrets(&self, today: Day) -> Result<Vec<Finding>, WriteError> {
        if self.writes.is_empty() {
            return Ok(Vec::new());
        }
        let mut around = vec![MARKER.to_owned()];
        let private = self.desk_settings()?.is_some_and(|desk| desk.text("privacy") == "references");
        // Our own addresses are no secret.
        for kind in [Kind::Person, Kind::Channel].into_iter().filter(|_| private) {
            around.extend(self.slugs(kind)?.iter().map(|slug| layout::slug_path(kind, slug)));
        }
        let written = self.writes.keys().filter(|_| self.guarded);
        let paths: BTreeSet<String> = written.chain(&around).cloned().collect();
        let before = Draft::new(self.files).secrets_in(&paths, today)?;
        let known: BTreeSet<String> = before.into_iter().flat_map(|held| held.what).collect();
        let new = self.secrets_in(&paths, today)?.into_iter().filter(|held| !held.what.is_subset(&known));
        let mut after: Vec<Finding> = new.map(|held| held.finding).collect();
        for finding in &mut after {
            finding.hint = format!("leave it out; if it is none, or must be kept: --keep-secrets ({})", finding.hint);
        }
        Ok(after)
    }

    fn secrets_in(&self, paths: &BTreeSet<String>, today: Day) -> Result<Vec<Held>, WriteError> {
        let mut files = Vec::new();
        for path in paths {
            files.extend(self.read(path)?.map(|bytes| (path.clone(), bytes)));
        }
        let texts: Vec<(String, String)> = files.iter().filter_map(text_attachment).collect();
        let records = Records::read(files);
        let mut out = check::what_history_would_keep(&records, today);
        for (path, text) in &texts {
            out.extend(check::what_words_hold(&records, today, (path, &format!("the attachment {path}")), text));
        }
        out.extend(check::what_words_hold(&records, today, ("", "the reason for the commit"), &self.why));
        Ok(out)
    }

    /// Moves of statuses that the lifecycles do not allow.
    ///
    /// # Errors
    /// A refusal that names the way that is open.
    pub fn check_moves(&self) -> Result<(), WriteError> {
        for (kind, name) in &self.touched {
            let status = kind.schema().key("status").filter(|key| matches!(key.ty, Type::Word(_)));
            let Some(path) = self.path_of(*kind, name)?.filter(|_| status.is_some()) else { continue };
            let Some(old) = self.files.read(&path)? else { continue };
            let before = text::parse(*kind, name, &path, &old).record;
            let after = self.record_at(*kind, name, &path)?;
            let from = before.as_ref().map_or("", |record| record.text("status"));
            let to = after.text("status");
            if !from.is_empty() && !to.is_empty() && !lifecycle::may_move(*kind, from, to) {
                return Err(WriteError::Refused(lifecycle::refused_move(&after, from, to)));
            }
        }
        Ok(())
    }
}
