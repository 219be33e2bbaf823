//! The records of a desk at one moment, read and put in order.

use std::collections::{BTreeMap, BTreeSet};

use crate::query::document::Document;
use crate::query::words::Term;
use crate::record::conversation::{self, Summary};
use crate::record::finding::Finding;
use crate::record::id::{MessageId, TicketId};
use crate::record::slug::Slug;
use crate::record::time::Time;
use crate::record::{Kind, Name, Record, ticket};
use crate::store::layout::{Located, locate};
use crate::store::reading::Objects;
use crate::store::{self, ObjectId, Snapshot, Store};
use crate::text::{self, parse::Parsed};

/// Every record of a desk at one moment. A file that cannot be read is a finding; all others are there.
#[derive(Debug, Default)]
pub struct Records {
    by_kind: BTreeMap<Kind, BTreeMap<Name, Record>>,
    messages: BTreeMap<TicketId, Vec<Record>>,
    /// What the messages say as a whole of tickets whose messages are not here.
    summaries: BTreeMap<TicketId, Summary>,
    /// Which of those tickets have a term.
    having: Vec<(Term, BTreeSet<TicketId>)>,
    attachments: BTreeSet<(TicketId, MessageId, String)>,
    /// What reading found, in path order.
    pub findings: Vec<Finding>,
    /// Paths whose work tree file differs from the commit.
    pub uncommitted: BTreeSet<String>,
    /// Files in record folders that are no records.
    pub strangers: Vec<String>,
}

impl Records {
    /// Reads files: path from the desk's root, and content.
    pub fn read(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut records = Self::default();
        for (path, bytes) in files {
            records.add(path, &bytes);
        }
        records.settle();
        records
    }

    /// Adds one file. [`Records::settle`] must follow the last.
    pub(crate) fn add(&mut self, path: String, bytes: &[u8]) {
        match locate(&path) {
            Some(Located::Record(kind, name)) => self.add_parsed(text::parse(kind, &name, &path, bytes)),
            Some(Located::Attachment { ticket, message, file }) => {
                self.attachments.insert((ticket, message, file));
            }
            None => self.strangers.push(path),
        }
    }

    /// As [`Records::add`], of a file that is committed. Attachments are never read, whatever their size.
    pub(crate) fn add_blob(&mut self, snapshot: &Snapshot, path: String, blob: ObjectId) {
        let Some(Located::Record(kind, name)) = locate(&path) else { return self.add(path, b"") };
        self.add_read(&path, snapshot.record(kind, &name, &path, blob));
    }

    /// As [`Records::add_blob`], of many files.
    ///
    /// # Errors
    /// When the repository cannot be opened once more.
    pub(crate) fn add_blobs(&mut self, store: &Store, files: Vec<(String, ObjectId)>) -> Result<(), store::Error> {
        let mut jobs: Vec<(Kind, Name, String, ObjectId)> = Vec::new();
        for (path, blob) in files {
            match locate(&path) {
                Some(Located::Record(kind, name)) => jobs.push((kind, name, path, blob)),
                _ => self.add(path, b""),
            }
        }
        let read = |objects: &Objects, (kind, name, path, blob): &(Kind, Name, String, ObjectId)| {
            Ok(objects.record(*kind, name, path, *blob))
        };
        for (read, (_, _, path, _)) in store.read_many(&jobs, read)?.into_iter().zip(&jobs) {
            self.add_read(path, read);
        }
        Ok(())
    }

    /// Adds what came of reading a file. One whose blob is damaged or not here is a finding, and all others are there.
    fn add_read(&mut self, path: &str, read: Result<Parsed, store::Error>) {
        match read {
            Ok(parsed) => self.add_parsed(parsed),
            Err(error) => {
                let finding = Finding::error("unreadable", path, format!("git cannot read it: {error}"));
                self.findings.push(finding.hint(
                    "see what git says: git fsck; a partial clone gets what it lacks with: git fetch --refetch --no-filter",
                ));
            }
        }
    }

    /// As [`Records::add`], of a record that was read.
    pub(crate) fn add_parsed(&mut self, parsed: Parsed) {
        self.findings.extend(parsed.findings);
        let Some(record) = parsed.record else { return };
        match &record.name {
            Name::Message(ticket, _) => self.messages.entry(*ticket).or_default().push(record),
            _ => self.insert(record),
        }
    }

    /// Adds a ticket without its messages.
    pub(crate) fn add_light(&mut self, record: Record, summary: Summary) {
        if let Some(id) = record.ticket_id() {
            self.summaries.insert(id, summary);
        }
        self.insert(record);
    }

    /// Findings for which a record is missing here, or may be another than is meant.
    pub fn unreadable(&self) -> impl Iterator<Item = &Finding> {
        const RULES: [&str; 8] =
            ["not-toml", "conflict-marker", "not-utf8", "too-large", "unmerged", "symlink", "unreadable", "two-files"];
        self.findings.iter().filter(|finding| RULES.contains(&finding.rule))
    }

    /// Adds a record that was read before.
    pub(crate) fn insert(&mut self, record: Record) {
        let of_kind = self.by_kind.entry(record.kind).or_default();
        if let Some(other) = of_kind.get(&record.name) {
            let message = format!("{} is also in {}, which is what is shown", record.reference(), other.path);
            let hint = format!("see which came later, and remove it: git log --stat -- {} {}", other.path, record.path);
            self.findings.push(Finding::error("two-files", &record.path, message).hint(hint));
            return;
        }
        of_kind.insert(record.name.clone(), record);
    }

    /// Joins bound and loose messages by id and puts them in order of time.
    pub(crate) fn settle(&mut self) {
        for record in self.by_kind.get(&Kind::Ticket).into_iter().flat_map(BTreeMap::values) {
            let Some(id) = record.ticket_id() else { continue };
            if record.messages.is_empty() {
                continue;
            }
            let loose = self.messages.entry(id).or_default();
            for bound in &record.messages {
                if !loose.iter().any(|m| m.name == bound.name) {
                    loose.push(bound.clone());
                }
            }
        }
        for messages in self.messages.values_mut() {
            messages.sort_by(|a, b| (a.time("at"), &a.name, &a.path).cmp(&(b.time("at"), &b.name, &b.path)));
        }
        self.findings.sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
    }

    /// The records of a kind, in order of name; messages are asked for by ticket.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.by_kind.get(&kind).into_iter().flat_map(BTreeMap::values)
    }

    /// The tickets, in order of id.
    pub fn tickets(&self) -> impl Iterator<Item = &Record> {
        self.of(Kind::Ticket)
    }

    /// Every record that is no message.
    pub fn all(&self) -> impl Iterator<Item = &Record> {
        self.by_kind.values().flat_map(BTreeMap::values)
    }

    /// A record by name.
    pub fn get(&self, kind: Kind, name: &Name) -> Option<&Record> {
        self.by_kind.get(&kind)?.get(name)
    }

    /// A ticket.
    pub fn ticket(&self, id: TicketId) -> Option<&Record> {
        self.get(Kind::Ticket, &Name::Ticket(id))
    }

    /// A record by slug.
    pub fn slug(&self, kind: Kind, slug: &str) -> Option<&Record> {
        self.get(kind, &Name::Slug(Slug::parse(slug)?))
    }

    /// What a slug is called in words; the slug itself when there is no record.
    pub fn label<'a>(&'a self, kind: Kind, slug: &'a str) -> &'a str {
        self.slug(kind, slug).map(Record::label).filter(|label| !label.is_empty()).unwrap_or(slug)
    }

    /// The messages of a ticket, loose and bound, in order of time.
    pub fn messages(&self, ticket: TicketId) -> &[Record] {
        self.messages.get(&ticket).map_or(&[], Vec::as_slice)
    }

    /// The messages of a ticket's record, loose and bound.
    pub fn messages_of(&self, ticket: &Record) -> &[Record] {
        ticket.ticket_id().map_or(&[], |id| self.messages(id))
    }

    /// Tickets that messages name, whether there or not.
    pub fn tickets_with_messages(&self) -> impl Iterator<Item = TicketId> {
        self.messages.keys().copied()
    }

    /// The attachments there are: ticket, message, file name.
    pub fn attachments(&self) -> impl Iterator<Item = &(TicketId, MessageId, String)> {
        self.attachments.iter()
    }

    /// The settings of the desk.
    pub fn settings(&self) -> Option<&Record> {
        self.get(Kind::Settings, &Name::Desk)
    }

    /// Says which of the tickets whose messages are not here have a term.
    pub(crate) fn set_having(&mut self, term: &Term, tickets: BTreeSet<TicketId>) {
        self.having.push((term.clone(), tickets));
    }

    /// Whether a ticket has a term in its keys or messages.
    pub fn has_term(&self, ticket: &Record, term: &Term) -> bool {
        let light = ticket.ticket_id().filter(|id| self.summaries.contains_key(id));
        let known = light.and_then(|id| Some((id, self.having.iter().find(|(known, _)| known == term)?)));
        match known {
            Some((id, (_, tickets))) => tickets.contains(&id),
            None => Document::of(ticket, self.messages_of(ticket)).indexed().has(term),
        }
    }

    /// What a ticket's messages say as a whole.
    pub fn summary(&self, ticket: &Record) -> Summary {
        let Some(id) = ticket.ticket_id() else { return Summary::default() };
        match self.summaries.get(&id) {
            Some(summary) => *summary,
            None => conversation::summary(ticket.time("opened"), self.messages(id)),
        }
    }

    /// Whether the customer should have heard from us by `now` and the ticket is not done.
    pub fn is_overdue(&self, record: &Record, now: Time) -> bool {
        !ticket::is_done(record.text("status")) && record.time("next-update").is_some_and(|next| next < now)
    }
}
