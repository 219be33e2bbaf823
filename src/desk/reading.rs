//! Reading through the index: the records that a question needs, and no others.
//!
//! What comes back are [`Records`] like those of a scan, but only some of them; the code above asks them the same questions. Where
//! the index cannot answer there is no [`Reading`], and the desk reads everything.

mod history;
mod search;

use std::collections::{BTreeMap, BTreeSet};

use super::scan::overlay_finding;
use super::{At, Desk, Records, edits};
use crate::index::{Compared, Document, Index, IndexError, Known, LightTicket, Was};
use crate::query::Query;
use crate::record::id::{TicketId, TicketPrefix};
use crate::record::reference::{self, Reference};
use crate::record::schema::{Target, Type};
use crate::record::time::Time;
use crate::record::{Kind, Name, Record, Value};
use crate::store::layout::{Located, locate};
use crate::store::working_tree::{Overlay, State};
use crate::store::{ObjectId, Snapshot};
use crate::text;

/// The desk at HEAD with its uncommitted edits, through the index.
pub(super) struct Reading<'d> {
    desk: &'d Desk,
    index: Index,
    snapshot: Snapshot,
    overlay: BTreeMap<String, Overlay>,
    /// Files at HEAD that are no records although they should be.
    unreadable: BTreeMap<String, ObjectId>,
    /// Paths of the overlay that belong to tickets.
    edited: BTreeMap<TicketId, Vec<String>>,
    /// The overlay is what was otherwise then, and not what somebody edits now.
    past: bool,
}

/// Files that were otherwise; with more of them reading everything is as fast.
const MOST_CHANGES: usize = 200_000;

/// How often a look at the work tree is tried again when commits come meanwhile.
const TRIES: usize = 3;

impl<'d> Reading<'d> {
    /// Answers about now: HEAD with what is edited in the work tree. All files of the tickets that `references` may name are looked at.
    ///
    /// # Errors
    /// When the records have to be read without the index.
    pub(super) fn now<T>(
        desk: &'d Desk,
        references: &[String],
        answer: impl Fn(&Self) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        Self::looked_at(desk, references, Compared::Live, answer)
    }

    /// As [`Reading::now`], for what needs no other records than `references` may name: what somebody edits in other ones may be
    /// missing.
    pub(super) fn now_of<T>(
        desk: &'d Desk,
        references: &[String],
        answer: impl Fn(&Self) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        // Nothing but a ticket is called by a capital letter.
        let tickets_only = references.iter().all(|text| text.starts_with("T-"));
        let compared = if tickets_only { Compared::Asked } else { Compared::OtherKinds };
        Self::looked_at(desk, references, compared, answer)
    }

    fn looked_at<T>(
        desk: &'d Desk,
        references: &[String],
        compared: Compared,
        answer: impl Fn(&Self) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        for _ in 0..TRIES {
            let committed = Self::committed(desk)?;
            if committed.index.has_doubles()? {
                return Err(IndexError::Foreign);
            }
            let asked = asked_for(&committed.index, references)?;
            let known = committed.index.remembered(&asked, compared)?;
            let Self { index, snapshot, .. } = committed;
            let (found, seen) = edits::look(&desk.store, &index, &snapshot, known)?;
            if let Some(seen) = seen
                && !index.remember(&seen)?
            {
                continue;
            }
            return answer(&Self::over(desk, index, snapshot, found, false)?);
        }
        Err(IndexError::Busy)
    }

    /// Opens the index at HEAD, without a look at the work tree.
    ///
    /// # Errors
    /// When the records have to be read without it.
    pub(super) fn committed(desk: &'d Desk) -> Result<Self, IndexError> {
        let Some(commit) = desk.store.head()?.commit else { return Err(IndexError::Foreign) };
        let branch = desk.settings.text("branch");
        let index = Index::open(&desk.store, commit, branch, &mut |done, all| desk.progress(done, all))?;
        let snapshot = desk.store.snapshot_of(commit)?;
        Self::over(desk, index, snapshot, Vec::new(), false)
    }

    /// Answers about a moment: of a past one, with what was otherwise then laid over what is committed.
    ///
    /// # Errors
    /// When the records have to be read without the index.
    pub(super) fn at<T>(
        desk: &'d Desk,
        at: &At,
        references: &[String],
        answer: impl Fn(&Self) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        let rev = match at {
            At::Now => return Self::now(desk, references, answer),
            At::Rev(rev) => Some(desk.store.resolve(rev)?),
            At::Time(_) | At::Tree(_) => None,
        };
        let Self { index, snapshot, .. } = Self::committed(desk)?;
        if index.has_doubles()? {
            return Err(IndexError::Foreign);
        }
        let commit = index.commit();
        let was = match (at, rev) {
            (_, Some(rev)) => {
                let changes = desk.store.changes_between(commit, rev)?;
                Some(changes.into_iter().map(|change| (change.path, change.new)).collect())
            }
            (At::Time(time), None) => index.otherwise_at(time.unix())?,
            (At::Tree(tree), None) => {
                let changes = desk.store.changes_to(commit, *tree)?;
                Some(changes.into_iter().map(|change| (change.path, change.new)).collect())
            }
            _ => None,
        };
        let Some(was) = was.filter(|was: &Vec<Was>| was.len() < MOST_CHANGES) else { return Err(IndexError::Foreign) };
        let mut found = Vec::new();
        for (path, blob) in was.into_iter().filter(|(path, _)| locate(path).is_some()) {
            let state = match blob {
                None => State::Deleted,
                Some(_) if matches!(locate(&path), Some(Located::Attachment { .. })) => State::Attachment,
                Some(blob) => State::Record(snapshot.blob(blob)?),
            };
            found.push(Overlay { path, state, staged: false });
        }
        answer(&Self::over(desk, index, snapshot, found, true)?)
    }

    fn over(
        desk: &'d Desk,
        index: Index,
        snapshot: Snapshot,
        found: Vec<Overlay>,
        past: bool,
    ) -> Result<Self, IndexError> {
        let mut edited: BTreeMap<TicketId, Vec<String>> = BTreeMap::new();
        for overlay in &found {
            let Some(ticket) = locate(&overlay.path).and_then(|located| located.ticket()) else { continue };
            edited.entry(ticket).or_default().push(overlay.path.clone());
        }
        let overlay = found.into_iter().map(|overlay| (overlay.path.clone(), overlay)).collect();
        let unreadable = index.unreadable()?.into_iter().collect();
        let reading = Self { desk, index, snapshot, overlay, unreadable, edited, past };
        if reading.overlay_makes_doubles()? { Err(IndexError::Foreign) } else { Ok(reading) }
    }

    /// Whether what is laid over gives a ticket's id a second file, so that only the records themselves can say which counts.
    fn overlay_makes_doubles(&self) -> Result<bool, IndexError> {
        for (id, paths) in &self.edited {
            let has_file = |path: &String| matches!(locate(path), Some(Located::Record(Kind::Ticket, _)));
            let mut files: BTreeSet<&String> = paths.iter().filter(|path| has_file(path)).collect();
            if files.is_empty() {
                continue;
            }
            files.retain(|path| !matches!(self.overlay.get(*path), Some(Overlay { state: State::Deleted, .. })));
            let committed = self.index.tickets_like(id.as_str())?;
            let committed = committed.iter().map(|ticket| &ticket.record.path);
            files.extend(committed.filter(|path| !self.overlay.contains_key(*path)));
            if files.len() > 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The tickets that may fulfil a query, and what a list says besides.
    pub(super) fn tickets(&self, query: &Query) -> Result<Records, IndexError> {
        let mut records = self.nothing()?;
        let mut found = self.index.select(query)?;
        found.retain(|ticket| ticket.record.ticket_id().is_some_and(|id| !self.edited.contains_key(&id)));
        self.note_terms(&mut records, query, &found)?;
        self.add_all_light(&mut records, found)?;
        for path in self.paths_of_edited()? {
            self.add_ticket(&mut records, &path)?;
        }
        self.add_labels(&mut records)?;
        records.settle();
        Ok(records)
    }

    /// The records that `text` may name, each ticket with its messages, and nothing else.
    pub(super) fn named(&self, text: &str) -> Result<Records, IndexError> {
        let mut records = self.nothing()?;
        let mut whole: BTreeSet<String> = BTreeSet::new();
        self.find(&mut records, text, &mut whole)?;
        for path in &whole {
            self.add_ticket(&mut records, path)?;
        }
        records.settle();
        Ok(records)
    }

    /// The records that `references` may name, each ticket with its messages, and what they and their messages speak of.
    ///
    /// Of a ticket's customer the other open tickets are there, and those with the last contact, messages and all.
    pub(super) fn around(&self, references: &[String]) -> Result<Records, IndexError> {
        let mut records = self.nothing()?;
        let mut whole: BTreeSet<String> = BTreeSet::new();
        for text in references {
            self.find(&mut records, text, &mut whole)?;
        }
        for path in self.neighbours(&records, &whole)? {
            whole.insert(path);
        }
        for path in &whole {
            self.add_ticket(&mut records, path)?;
        }
        let found: Vec<Record> = records.all().filter(|record| record.kind != Kind::Ticket).cloned().collect();
        if !found.is_empty() {
            for kind in [Kind::Role, Kind::Person, Kind::Playbook] {
                self.add_kind(&mut records, kind)?;
            }
        }
        let mut looked: BTreeSet<(Kind, Name)> = BTreeSet::new();
        for _ in 0..2 {
            self.add_named(&mut records, &mut looked)?;
        }
        self.add_back_links(&mut records, &whole, &found)?;
        // What is listed beside them says whom it waits on and who spoke.
        self.add_named(&mut records, &mut looked)?;
        records.settle();
        Ok(records)
    }

    /// Adds records by what was typed; tickets only by the paths of their files.
    fn find(&self, records: &mut Records, text: &str, whole: &mut BTreeSet<String>) -> Result<(), IndexError> {
        if let Some(prefix) = TicketPrefix::parse(text) {
            whole.extend(self.index.tickets_like(prefix.as_str())?.into_iter().map(|ticket| ticket.record.path));
            let new = self.overlay.keys().filter(
                |path| matches!(locate(path), Some(Located::Record(_, Name::Ticket(id))) if prefix.matches(id)),
            );
            whole.extend(new.cloned());
        }
        let (kind, bare) = match reference::parse_any(text) {
            Some((kind, name)) => (Some(kind), name.to_string()),
            None => (None, text.to_owned()),
        };
        for known in self.index.records_named(&bare)? {
            if kind.is_none_or(|kind| kind == known.kind) {
                self.add_known(records, &known)?;
            }
        }
        self.add_new(records, |located| match located {
            Located::Record(Kind::Ticket | Kind::Message, _) | Located::Attachment { .. } => false,
            Located::Record(_, name) => name.to_string() == bare,
        })
    }

    /// Tickets to read in full because they say when somebody last spoke with the customers of those in `whole`.
    fn neighbours(&self, records: &Records, whole: &BTreeSet<String>) -> Result<Vec<String>, IndexError> {
        let mut customers: BTreeSet<String> = records.of(Kind::Customer).map(|c| c.slug().to_owned()).collect();
        for path in whole {
            let mut alone = Records::default();
            self.add_ticket(&mut alone, path)?;
            customers.extend(alone.tickets().filter_map(|ticket| ticket.text_of("customer")).map(str::to_owned));
        }
        let mut paths = Vec::new();
        // What is laid over may take away the last contact that the index knows; then all of them are looked at.
        let until = if self.overlay.is_empty() { self.desk.now() } else { Time::from_unix(i64::MIN) };
        for customer in &customers {
            paths.extend(self.index.last_in_contact(customer, until)?);
        }
        Ok(paths)
    }

    /// Adds what the records speak of, those in `looked` excepted.
    fn add_named(&self, records: &mut Records, looked: &mut BTreeSet<(Kind, Name)>) -> Result<(), IndexError> {
        let mut named = BTreeSet::new();
        for record in records.all().chain(records.tickets().flat_map(|t| records.messages_of(t))) {
            references_of(record, &mut named);
        }
        for (kind, name) in named {
            if !looked.insert((kind, name.clone())) || records.get(kind, &name).is_some() {
                continue;
            }
            if let Name::Ticket(id) = name {
                for ticket in self.index.tickets_like(id.as_str())? {
                    self.add_light_or_edited(records, ticket)?;
                }
            } else {
                for known in self.index.records_named(&name.to_string())?.into_iter().filter(|k| k.kind == kind) {
                    self.add_known(records, &known)?;
                }
                self.add_new(records, |located| *located == Located::Record(kind, name.clone()))?;
            }
        }
        Ok(())
    }

    /// Adds what speaks of the tickets in `whole` or of their customers: tickets that follow them or are blocked by them, the
    /// customer's other open tickets, talks.
    fn add_back_links(
        &self,
        records: &mut Records,
        whole: &BTreeSet<String>,
        others: &[Record],
    ) -> Result<(), IndexError> {
        let tickets: Vec<Record> = records.tickets().filter(|ticket| whole.contains(&ticket.path)).cloned().collect();
        let mut customers: BTreeSet<&str> = BTreeSet::new();
        for ticket in &tickets {
            for other in self.index.that_name(&ticket.reference())? {
                self.add_light_or_edited(records, other)?;
            }
            customers.extend(ticket.text_of("customer"));
        }
        for customer in customers {
            for other in self.index.open_of(customer)? {
                self.add_light_or_edited(records, other)?;
            }
            for talk in self.index.talks_with(&format!("customer:{customer}"))? {
                self.add_known(records, &talk)?;
            }
        }
        for path in self.paths_of_edited()? {
            if !whole.contains(&path) {
                self.add_ticket(records, &path)?;
            }
        }
        for record in others {
            for ticket in self.index.tickets_of(record)? {
                self.add_light_or_edited(records, ticket)?;
            }
            for talk in self.index.talks_with(&record.reference())? {
                self.add_known(records, &talk)?;
            }
        }
        self.add_new(records, |located| matches!(located, Located::Record(Kind::Talk, _)))
    }

    fn add_light_or_edited(&self, records: &mut Records, ticket: LightTicket) -> Result<(), IndexError> {
        let known = records.get(Kind::Ticket, &ticket.record.name).is_some();
        let edited = ticket.record.ticket_id().is_some_and(|id| self.edited.contains_key(&id));
        if !known && !edited {
            records.add_light(ticket.record, ticket.summary);
        }
        Ok(())
    }

    /// Open tickets, with the messages of those that were handed off, and what a day says besides.
    pub(super) fn day(&self) -> Result<Records, IndexError> {
        let mut records = self.nothing()?;
        let handed_off = self.index.handed_off()?;
        // One that is done tells an empty desk from one with nothing to do.
        for ticket in self.index.open_or_any()? {
            match ticket.record.ticket_id() {
                Some(id) if self.edited.contains_key(&id) => {}
                Some(_) if handed_off.contains(&ticket.number) => self.add_ticket(&mut records, &ticket.record.path)?,
                _ => records.add_light(ticket.record, ticket.summary),
            }
        }
        for path in self.paths_of_edited()? {
            self.add_ticket(&mut records, &path)?;
        }
        for kind in [Kind::Person, Kind::Team, Kind::Proposal] {
            self.add_kind(&mut records, kind)?;
        }
        self.add_labels(&mut records)?;
        records.settle();
        Ok(records)
    }

    /// Every ticket, with its messages where its customer was told of a release, and what customers and playbooks are called.
    pub(super) fn told(&self) -> Result<Records, IndexError> {
        let mut records = self.nothing()?;
        let told = self.index.told()?;
        for ticket in self.index.every_ticket()? {
            match ticket.record.ticket_id() {
                Some(id) if self.edited.contains_key(&id) => {}
                Some(_) if told.contains(&ticket.number) => self.add_ticket(&mut records, &ticket.record.path)?,
                _ => records.add_light(ticket.record, ticket.summary),
            }
        }
        for path in self.paths_of_edited()? {
            self.add_ticket(&mut records, &path)?;
        }
        for kind in [Kind::Customer, Kind::Playbook] {
            self.add_kind(&mut records, kind)?;
        }
        records.settle();
        Ok(records)
    }

    /// All records but messages; of tickets what a list says.
    pub(super) fn every(&self) -> Result<Records, IndexError> {
        let mut records = self.nothing()?;
        for kind in Kind::ALL.into_iter().filter(|kind| kind.has_slug()) {
            self.add_kind(&mut records, kind)?;
        }
        self.add_every_ticket(&mut records)?;
        records.settle();
        Ok(records)
    }

    fn add_every_ticket(&self, records: &mut Records) -> Result<(), IndexError> {
        for ticket in self.index.every_ticket()? {
            if ticket.record.ticket_id().is_some_and(|id| !self.edited.contains_key(&id)) {
                records.add_light(ticket.record, ticket.summary);
            }
        }
        for path in self.paths_of_edited()? {
            self.add_ticket(records, &path)?;
        }
        Ok(())
    }

    /// All records of a kind, and the tickets and talks that a list of them counts.
    pub(super) fn all_of(&self, kind: Kind) -> Result<Records, IndexError> {
        let mut records = self.nothing()?;
        self.add_kind(&mut records, kind)?;
        if matches!(kind, Kind::Playbook | Kind::Customer | Kind::Topic) {
            self.add_every_ticket(&mut records)?;
        }
        if kind == Kind::Customer {
            self.add_kind(&mut records, Kind::Talk)?;
        }
        records.settle();
        Ok(records)
    }

    /// All records of a kind but tickets and messages.
    pub(super) fn add_kind(&self, records: &mut Records, kind: Kind) -> Result<(), IndexError> {
        for known in self.index.records_of(kind)? {
            self.add_known(records, &known)?;
        }
        self.add_new(records, |located| matches!(located, Located::Record(found, _) if *found == kind))
    }

    /// Nothing but what is wrong: files that cannot be read, committed or not.
    pub(super) fn nothing(&self) -> Result<Records, IndexError> {
        let mut records = Records::default();
        for (path, blob) in &self.unreadable {
            if !self.overlay.get(path).is_some_and(|overlay| replaces(&overlay.state)) {
                self.add_committed(&mut records, path, *blob)?;
            }
        }
        for (path, overlay) in &self.overlay {
            if !self.past {
                records.uncommitted.insert(path.clone());
            }
            match &overlay.state {
                State::Record(bytes) => {
                    if let Some(Located::Record(kind, name)) = locate(path) {
                        records.findings.extend(text::parse(kind, &name, path, bytes).findings);
                    }
                }
                State::Attachment | State::Deleted => {}
                unreadable => records.findings.push(overlay_finding(path, unreadable)),
            }
        }
        Ok(records)
    }

    /// Notes which of some tickets have the words that a query asks for.
    fn note_terms(&self, records: &mut Records, query: &Query, tickets: &[LightTicket]) -> Result<(), IndexError> {
        for term in query.asked_terms().into_iter().filter(|term| !term.words.is_empty()) {
            let having = self.index.having(term)?;
            let tickets = tickets.iter().filter(|ticket| having.contains(Document::Ticket(ticket.number).number()));
            records.set_having(term, tickets.filter_map(|ticket| ticket.record.ticket_id()).collect());
        }
        Ok(())
    }

    fn add_light(&self, records: &mut Records, ticket: LightTicket) -> Result<(), IndexError> {
        self.add_all_light(records, vec![ticket])
    }

    /// Adds tickets without their messages. Whom a done one belonged to stands in its file alone.
    fn add_all_light(&self, records: &mut Records, tickets: Vec<LightTicket>) -> Result<(), IndexError> {
        let (whole, others): (Vec<LightTicket>, Vec<LightTicket>) =
            tickets.into_iter().partition(LightTicket::is_whole);
        for ticket in whole {
            records.add_light(ticket.record, ticket.summary);
        }
        let read = self.desk.store.read_many(&others, |objects, ticket| {
            let LightTicket { record, blob, .. } = ticket;
            let parsed = objects.record(Kind::Ticket, &record.name, &record.path, *blob)?;
            Ok(parsed.record.map(|mut record| {
                record.messages.clear();
                record
            }))
        })?;
        for (record, ticket) in read.into_iter().zip(others) {
            if let Some(record) = record {
                records.add_light(record, ticket.summary);
            }
        }
        Ok(())
    }

    /// Adds a ticket with its messages and attachments, by the path of its record.
    fn add_ticket(&self, records: &mut Records, path: &str) -> Result<(), IndexError> {
        let Some(Located::Record(_, Name::Ticket(id))) = locate(path) else { return Ok(()) };
        let committed = self.index.files_of(id)?.into_iter().find(|(known, _)| known == path);
        self.add_file(records, path, committed.map(|(_, blob)| blob))?;
        if !records.messages(id).is_empty() {
            // They were added with another file of the same ticket.
            return Ok(());
        }
        for (path, blob) in self.index.loose_messages(id)? {
            self.add_file(records, &path, Some(blob))?;
        }
        for path in self.index.attachments(id)? {
            if !matches!(self.overlay.get(&path), Some(Overlay { state: State::Deleted, .. })) {
                records.add(path, b"");
            }
        }
        for path in self.edited.get(&id).into_iter().flatten() {
            let is_ticket = matches!(locate(path), Some(Located::Record(Kind::Ticket, _)));
            if !is_ticket && self.snapshot.find(path)?.is_none() {
                self.add_overlaid(records, path)?;
            }
        }
        Ok(())
    }

    /// Adds a record that is committed. One that git cannot give fails, as it may be the index's mistake; a scan knows.
    fn add_committed(&self, records: &mut Records, path: &str, blob: ObjectId) -> Result<(), IndexError> {
        if let Some(Located::Record(kind, name)) = locate(path) {
            let read = match self.past {
                true => self.snapshot.record(kind, &name, path, blob),
                false => self.desk.store.committed_record(&self.snapshot, kind, &name, path, blob),
            };
            records.add_parsed(read?);
        }
        Ok(())
    }

    /// Adds a file as the work tree has it, or else HEAD.
    fn add_file(&self, records: &mut Records, path: &str, blob: Option<ObjectId>) -> Result<(), IndexError> {
        let before = records.findings.len();
        match self.overlay.get(path).map(|overlay| &overlay.state) {
            Some(State::Record(bytes)) => records.add(path.to_owned(), bytes),
            Some(State::Deleted) => {}
            _ => {
                if let Some(blob) = blob {
                    self.add_committed(records, path, blob)?;
                }
            }
        }
        // A file that is asked for twice is not two files, and what is wrong with it is said once.
        for finding in records.findings.split_off(before) {
            if finding.rule != "two-files" && !records.findings.contains(&finding) {
                records.findings.push(finding);
            }
        }
        Ok(())
    }

    fn add_known(&self, records: &mut Records, known: &Known) -> Result<(), IndexError> {
        self.add_file(records, &known.path, Some(known.blob))
    }

    /// Adds the files that HEAD has not, where `wanted` says so; those of tickets are added with their tickets.
    fn add_new(&self, records: &mut Records, wanted: impl Fn(&Located) -> bool) -> Result<(), IndexError> {
        for path in self.overlay.keys() {
            // What HEAD has and cannot be read is in no table of the index.
            let new = || Ok::<_, IndexError>(self.unreadable.contains_key(path) || self.snapshot.find(path)?.is_none());
            if locate(path).is_some_and(|located| wanted(&located)) && new()? {
                self.add_overlaid(records, path)?;
            }
        }
        Ok(())
    }

    fn add_overlaid(&self, records: &mut Records, path: &str) -> Result<(), IndexError> {
        match self.overlay.get(path).map(|overlay| &overlay.state) {
            Some(State::Record(_)) => self.add_file(records, path, None)?,
            Some(State::Attachment) => records.add(path.to_owned(), b""),
            _ => {}
        }
        Ok(())
    }

    /// Where the records of tickets lie, committed or not.
    fn paths_of_edited(&self) -> Result<BTreeSet<String>, IndexError> {
        let mut paths = BTreeSet::new();
        for (id, edited) in &self.edited {
            paths.extend(self.index.tickets_like(id.as_str())?.into_iter().map(|ticket| ticket.record.path));
            // A message may lie there without its ticket.
            let folders = edited.iter().filter_map(|path| path.rsplit_once('/'));
            paths.extend(folders.map(|(folder, _)| format!("{folder}/{}.toml", id.as_str())));
        }
        Ok(paths)
    }

    /// What customers are called, for those that the tickets name.
    fn add_labels(&self, records: &mut Records) -> Result<(), IndexError> {
        let wanted: BTreeSet<String> =
            records.tickets().filter_map(|ticket| ticket.text_of("customer")).map(str::to_owned).collect();
        for slug in wanted {
            for known in self.index.records_named(&slug)?.into_iter().filter(|known| known.kind == Kind::Customer) {
                match locate(&known.path) {
                    Some(Located::Record(kind, name)) if records.get(kind, &name).is_some() => {}
                    Some(Located::Record(kind, name)) if !self.overlay.contains_key(&known.path) => {
                        records.insert(Record::new(kind, name, known.path).with("name", known.label));
                    }
                    _ => self.add_known(records, &known)?,
                }
            }
        }
        self.add_new(records, |located| matches!(located, Located::Record(Kind::Customer, _)))
    }
}

/// The tickets that `references` may name, done or not, by the paths of their records.
fn asked_for(index: &Index, references: &[String]) -> Result<BTreeSet<String>, IndexError> {
    let mut paths = BTreeSet::new();
    for prefix in references.iter().filter_map(|text| TicketPrefix::parse(text)) {
        paths.extend(index.tickets_like(prefix.as_str())?.into_iter().map(|ticket| ticket.record.path));
    }
    Ok(paths)
}

/// The records that a record's keys speak of.
fn references_of(record: &Record, out: &mut BTreeSet<(Kind, Name)>) {
    for key in record.schema().keys {
        let (targets, texts): (&[Target], Vec<&str>) = match (key.ty, record.get(key.name)) {
            (Type::Ref(targets), Value::Text(text)) => (targets, vec![text]),
            (Type::Refs(targets), Value::List(items)) => (targets, items.iter().map(String::as_str).collect()),
            // Who is away, and who covers for them.
            (Type::Rows(_), Value::Rows(rows)) => {
                let fields = rows.iter().flatten();
                let texts = fields.filter_map(|(_, value)| match value {
                    Value::Text(text) => Some(text.as_str()),
                    _ => None,
                });
                (&[Target::Of(Kind::Person)], texts.collect())
            }
            _ => continue,
        };
        out.extend(texts.into_iter().filter_map(|text| match Reference::parse(text, targets)? {
            Reference::Record(kind, slug) => Some((kind, Name::Slug(slug))),
            Reference::Ticket(id) => Some((Kind::Ticket, Name::Ticket(id))),
            _ => None,
        }));
    }
    // A message says to whom in a line that may be a reference.
    if let Some(to) = record.text_of("to")
        && let Some((kind, name)) = reference::parse_any(to)
    {
        out.insert((kind, name));
    }
}

/// Whether what stands in the work tree counts instead of what HEAD has.
fn replaces(state: &State) -> bool {
    matches!(state, State::Record(_) | State::Attachment | State::Deleted)
}
