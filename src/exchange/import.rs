//! A foreign history becomes commits: one an event, in order of time, dated as it happened, landed as one move.
//!
//! Each commit names its event (`Imported: SYSTEM/ID#EVENT`); what the branch holds already is not imported again. Ids of
//! tickets and messages are made from the foreign ids, so that two imports of one file agree. Nobody but the desk's own
//! people gets an address of theirs: all others are NAME <SLUG@SYSTEM.invalid>.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{Author, Event, History, LeftOut, Step, stable_hash};
use crate::desk::bulk::{BulkChange, BulkDesk, BulkFailure};
use crate::desk::{At, Desk, Draft, Records, WriteError, WriteOptions};
use crate::record::change::ticket::{Words, new_message};
use crate::record::change::{Change, Moment};
use crate::record::id::TicketId;
use crate::record::plain::is_hidden;
use crate::record::reference::{self, Reference};
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record, Value};
use crate::store::imported::IMPORTED;
use crate::store::{Actor, Outcome, Signature};

/// Why a history was not imported. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It names records that the desk does not have.
    #[error("the import names {}, which the desk does not have", .0.join(", "))]
    Missing(Vec<String>),
    /// The desk refused or the repository failed.
    #[error(transparent)]
    Failed(#[from] BulkFailure),
}

impl From<crate::store::Error> for ImportError {
    fn from(error: crate::store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// What is to be done about a history.
pub struct Import<'h> {
    history: &'h History,
    action: String,
    ids: Vec<TicketId>,
    todo: Vec<usize>,
    people: People,
    /// What was not carried, by the reader and for want of records.
    pub left_out: LeftOut,
    /// Signs every commit, rather than one that vouches for the others.
    pub sign_each: bool,
}

/// What an import came to.
#[derive(Debug, Clone)]
pub struct Summary {
    /// New tickets.
    pub tickets: usize,
    /// New events.
    pub events: usize,
    /// Commits made for them.
    pub commits: usize,
    /// Where they landed.
    pub outcome: Outcome,
}

impl<'h> Import<'h> {
    /// Finds out what of `history` is new. `known` is what [`crate::store::Store::imported`] gave; `action` names the command.
    ///
    /// # Errors
    /// When the desk cannot be read, or the history names records it does not have.
    pub fn plan(
        desk: &Desk,
        history: &'h History,
        known: &BTreeSet<String>,
        action: &str,
    ) -> Result<Self, ImportError> {
        let records = match desk.store().head()?.commit {
            Some(commit) => desk.records(&At::Rev(commit.to_string()))?,
            None => Records::default(),
        };
        let mut import = Self {
            history,
            action: action.to_owned(),
            ids: Vec::new(),
            todo: Vec::new(),
            people: People::of(&records),
            left_out: history.left_out.clone(),
            sign_each: false,
        };
        let there = import.choose_ids(&records);
        import.choose_events(known, &there);
        import.require_references(&records)?;
        Ok(import)
    }

    /// The tickets that would be opened.
    pub fn tickets(&self) -> usize {
        let events = self.todo.iter().map(|i| &self.history.events[*i]);
        events.filter(|event| event.steps.iter().any(|step| matches!(step, Step::Open(_)))).count()
    }

    /// The events that are new.
    pub fn events(&self) -> usize {
        self.todo.len()
    }

    /// The id of each case's ticket, and the cases whose ticket is there.
    fn choose_ids(&mut self, records: &Records) -> Vec<bool> {
        let mut taken: BTreeSet<TicketId> = records.tickets().filter_map(Record::ticket_id).collect();
        let mut origins = BTreeMap::new();
        for ticket in records.tickets().filter(|t| t.text("origin-system") == self.history.system) {
            origins.extend(ticket.ticket_id().map(|id| (ticket.text("origin-id").to_owned(), id)));
        }
        let mut there = Vec::new();
        for case in &self.history.cases {
            let found = origins.get(case).copied();
            there.push(found.is_some());
            let mut salts = 0_u64..;
            let id = found.or_else(|| {
                salts.find_map(|salt| {
                    let text = format!("{}/{case}/{salt}", self.history.system);
                    TicketId::from_random(stable_hash(&text)).filter(|id| !taken.contains(id))
                })
            });
            // The search goes on until an id is free.
            let Some(id) = id else { continue };
            taken.insert(id);
            self.ids.push(id);
        }
        there
    }

    fn choose_events(&mut self, known: &BTreeSet<String>, there: &[bool]) {
        let started: BTreeSet<&str> =
            known.iter().filter_map(|key| key.rsplit_once('#')).map(|(case, _)| case).collect();
        let mut skipped = BTreeSet::new();
        for (i, event) in self.history.events.iter().enumerate() {
            let case = &self.history.cases[event.case];
            if known.contains(&key(case, &event.name)) {
                continue;
            }
            let why = match (there[event.case], started.contains(case.as_str())) {
                // Half of such a ticket's events may be in it already: only its whole past could tell which.
                (true, false) => "it is here, but the commits that brought it are not",
                (false, true) => "its ticket was taken away since",
                _ => {
                    self.todo.push(i);
                    continue;
                }
            };
            skipped.insert((event.case, why));
        }
        for (_, why) in skipped {
            self.left_out.add("tickets", why);
        }
        for event in self.todo.iter().map(|i| &self.history.events[*i]) {
            for step in &event.steps {
                if let Step::Owner(author) = step
                    && self.people.find(author).is_none()
                {
                    self.left_out.add("owner", "nobody in people/ has that address or name");
                }
            }
        }
    }

    fn require_references(&self, records: &Records) -> Result<(), ImportError> {
        let mut missing = BTreeSet::new();
        for event in self.todo.iter().map(|i| &self.history.events[*i]) {
            for step in &event.steps {
                let (Step::Open(sets) | Step::Set(sets)) = step else { continue };
                let mut record = Record::new(Kind::Ticket, Name::Ticket(self.ids[event.case]), "");
                sets.iter().for_each(|(key, value)| record.set(key, value.clone()));
                for place in reference::places(&record) {
                    if let Some(Reference::Record(kind, slug)) = &place.reference
                        && records.get(*kind, &Name::Slug(slug.clone())).is_none()
                    {
                        missing.insert(format!("{}:{slug}", kind.word()));
                    }
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(ImportError::Missing(missing.into_iter().collect())) }
    }

    /// Makes the commits and lands them. `progress` hears how many events are done, and of how many.
    ///
    /// # Errors
    /// When the repository refuses or fails; nothing has changed then.
    pub fn carry_out(
        &self,
        desk: &Desk,
        why: &str,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Summary, ImportError> {
        let committer = desk.store().committer()?;
        let committer = Signature {
            name: committer.name,
            email: committer.email,
            time: desk.now(),
            offset_seconds: desk.zone().to_offset(desk.now().timestamp()).seconds(),
        };
        let mut bulk = BulkDesk::start(desk, &format!("{:016x}", desk.random()))?;
        let system = &self.history.system;
        for (done, event) in self.todo.iter().map(|i| &self.history.events[*i]).enumerate() {
            progress(done, self.todo.len());
            let imported = format!("{system}/{}", key(&self.history.cases[event.case], &event.name));
            let options = WriteOptions {
                action: self.action.clone(),
                why: why.to_owned(),
                trailers: vec![(IMPORTED.to_owned(), imported)],
                unguarded: true,
                ..WriteOptions::default()
            };
            let change = BulkChange {
                author: self.signature(event),
                committer: committer.clone(),
                options: &options,
                even_if_empty: event.always,
            };
            bulk.change(&change, |draft| self.apply(draft, desk, event))?;
        }
        let commits = bulk.commits();
        let words = format!("{} events of {system} imported", self.todo.len());
        let options = WriteOptions { action: self.action.clone(), why: why.to_owned(), ..WriteOptions::default() };
        let log = format!("{}: {words}", self.action);
        let outcome = if self.sign_each { bulk.land_signed(&log)? } else { bulk.land_vouched(&log, &words, &options)? };
        Ok(Summary { tickets: self.tickets(), events: self.todo.len(), commits, outcome })
    }

    fn signature(&self, event: &Event) -> Signature {
        let actor = self.people.actor(&event.author, &self.history.system);
        Signature { name: actor.name, email: actor.email, time: event.at, offset_seconds: event.offset_seconds }
    }

    fn apply(&self, draft: &mut Draft<'_>, desk: &Desk, event: &Event) -> Result<(), WriteError> {
        let id = self.ids[event.case];
        let name = Name::Ticket(id);
        for (i, step) in event.steps.iter().enumerate() {
            match step {
                Step::Open(sets) => self.open(draft, event, sets)?,
                Step::Set(sets) => draft.set(Kind::Ticket, &name, sets)?,
                Step::Labels { add, remove } => {
                    let labels = draft.ticket(id)?.list("labels").to_vec();
                    let kept = labels.into_iter().filter(|label| !remove.contains(label) || add.contains(label));
                    let labels: BTreeSet<String> = kept.chain(add.iter().cloned()).collect();
                    draft.set(Kind::Ticket, &name, &[("labels", labels.into_iter().collect::<Vec<_>>().into())])?;
                }
                Step::Owner(author) => {
                    if let Some(person) = self.people.find(author) {
                        draft.set(Kind::Ticket, &name, &[("owner", person.slug.as_str().into())])?;
                    }
                }
                Step::Say { kind, text } => self.say(draft, desk, event, i, kind, text)?,
                Step::Link { key, case } => self.link(draft, id, key, self.ids[*case])?,
            }
        }
        let linked = event.steps.iter().find_map(|step| match step {
            Step::Link { case, .. } => Some(self.ids[*case]),
            _ => None,
        });
        let words = linked.map_or(event.summary.clone(), |other| format!("{} {other}", event.summary));
        draft.summary(id.to_string(), words);
        Ok(())
    }

    fn open(&self, draft: &mut Draft<'_>, event: &Event, sets: &[(&'static str, Value)]) -> Result<(), WriteError> {
        let name = Name::Ticket(self.ids[event.case]);
        let mut record = Record::new(Kind::Ticket, name, "")
            .with("opened", event.at)
            .with("origin-system", self.history.system.as_str())
            .with("origin-id", self.history.cases[event.case].as_str());
        sets.iter().for_each(|(key, value)| record.set(key, value.clone()));
        draft.apply(Change::Create(Box::new(record)))
    }

    fn say(
        &self,
        draft: &mut Draft<'_>,
        desk: &Desk,
        event: &Event,
        place: usize,
        kind: &str,
        text: &str,
    ) -> Result<(), WriteError> {
        let by = self.people.find(&event.author).map(|person| person.slug.clone()).unwrap_or_default();
        let key = key(&self.history.cases[event.case], &event.name);
        let mut random = || stable_hash(&format!("{}/{key}/{place}", self.history.system));
        let mut moment = Moment { at: event.at, by, zone: desk.zone().clone(), random: &mut random };
        let from = if kind == "received" { event.author.name.clone() } else { String::new() };
        let words = Words { from, ..Words::plain(text) };
        let (record, _) = new_message(self.ids[event.case], kind, &words, &mut moment);
        draft.apply(Change::Create(Box::new(record)))
    }

    fn link(&self, draft: &mut Draft<'_>, id: TicketId, key: &'static str, to: TicketId) -> Result<(), WriteError> {
        let value: Value = if key == "blocked-by" {
            let mut all = draft.ticket(id)?.list(key).to_vec();
            all.push(to.to_string());
            all.sort();
            all.dedup();
            all.into()
        } else {
            to.to_string().into()
        };
        draft.set(Kind::Ticket, &Name::Ticket(id), &[(key, value)])
    }
}

/// How an `Imported:` line names an event, without the system. What is not seen is written out: two names that look alike stay two.
fn key(case: &str, event: &str) -> String {
    let name = format!("{case}#{event}");
    if !name.contains(is_hidden) {
        return name;
    }
    name.chars().map(|c| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

struct Person {
    slug: String,
    actor: Actor,
}

/// The desk's people by address, name and slug, in lower case.
#[derive(Default)]
struct People {
    people: Vec<Person>,
    by: BTreeMap<String, usize>,
}

impl People {
    fn of(records: &Records) -> Self {
        let mut out = Self::default();
        for record in records.of(Kind::Person) {
            let email = record.list("emails").first().cloned();
            let email = email.unwrap_or_else(|| format!("{}@desk.invalid", record.slug()));
            let actor = Actor { name: record.text("name").to_owned(), email };
            out.people.push(Person { slug: record.slug().to_owned(), actor });
            let keys = record.list("emails").iter().map(String::as_str);
            for key in keys.chain([record.text("name"), record.slug()]) {
                out.by.entry(key.to_lowercase()).or_insert(out.people.len() - 1);
            }
        }
        out
    }

    fn find(&self, author: &Author) -> Option<&Person> {
        let at = [&author.email, &author.name].into_iter().filter(|key| !key.is_empty());
        at.filter_map(|key| self.by.get(&key.to_lowercase())).next().map(|at| &self.people[*at])
    }

    fn actor(&self, author: &Author, system: &str) -> Actor {
        if let Some(person) = self.find(author) {
            return person.actor.clone();
        }
        let name = if author.name.is_empty() { "unknown" } else { author.name.as_str() };
        let slug = Slug::from_title(name).map_or_else(|| "unknown".to_owned(), |slug| slug.to_string());
        Actor { name: name.to_owned(), email: format!("{slug}@{system}.invalid") }
    }
}
