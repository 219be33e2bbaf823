//! Writing what positions of the timeline change: versions of records, messages, attachments, links.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, params};

use super::tickets::{Bound, CommitWords, Job, Kept, Read, read_all};
use super::{IndexError, Progress, current, edits};
use crate::record::id::{MessageId, TicketId};
use crate::record::time::Time;
use crate::record::{Kind, Name};
use crate::store::layout::{Located, locate};
use crate::store::timeline::Change;
use crate::store::timeline::follow::Entry;
use crate::store::{ObjectId, Store};

/// Changes that are read together.
pub(super) const BATCH: usize = 4_096;

/// Takes positions of the timeline and writes what they change.
pub(super) struct Writer<'c> {
    pub(super) db: &'c Connection,
    pub(super) store: &'c Store,
    pub(super) progress: Progress<'c>,
    pub(super) coming: usize,
    done: usize,
    /// Commits were there before, so that what they know counts.
    pub(super) grown: bool,
    /// Positions that wait to be read and written together.
    pub(super) pending: Vec<Entry>,
    pub(super) pending_changes: usize,
    /// Numbers of tickets by id and month folder.
    tickets: HashMap<(TicketId, String), i64>,
    /// Position and effect of the newest version of a ticket or record.
    newest: HashMap<Row, i64>,
    /// Rows whose versions do not follow one another in time and have to be put in order.
    tangled: BTreeSet<Row>,
    pub(super) changed: BTreeSet<Row>,
    /// The head of a line that was cut back.
    pub(super) left: Option<ObjectId>,
}

/// A row of the table `ticket_file` or `record`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Row {
    Ticket(i64),
    Record(i64),
}

impl<'c> Writer<'c> {
    pub(super) fn new(db: &'c Connection, store: &'c Store, progress: Progress<'c>) -> Result<Self, IndexError> {
        let grown = db.query_row("SELECT EXISTS (SELECT 1 FROM position)", [], |row| row.get(0))?;
        Ok(Self {
            db,
            store,
            progress,
            coming: 0,
            done: 0,
            grown,
            pending: Vec::new(),
            pending_changes: 0,
            tickets: HashMap::new(),
            newest: HashMap::new(),
            tangled: BTreeSet::new(),
            changed: BTreeSet::new(),
            left: None,
        })
    }

    /// Reads and writes what is pending.
    pub(super) fn flush(&mut self) -> Result<(), IndexError> {
        let pending = std::mem::take(&mut self.pending);
        self.pending_changes = 0;
        let mut jobs = Vec::new();
        for entry in &pending {
            jobs.push(Job::Commit(entry.remembered.commit));
            for change in &entry.changes {
                if let Some(Located::Record(Kind::Ticket, Name::Ticket(id))) = locate(&change.path)
                    && let Some(blob) = change.new
                {
                    jobs.push(Job::Ticket(id, change.path.clone(), blob));
                }
            }
        }
        let mut read = read_all(self.store, &jobs)?.into_iter();
        for entry in &pending {
            let Some(Read::Commit(words)) = read.next() else { continue };
            self.write(entry, &words, &mut read)?;
        }
        self.untangle()?;
        self.done += pending.len();
        (self.progress)(self.done, self.coming);
        Ok(())
    }

    fn write(
        &mut self,
        entry: &Entry,
        words: &CommitWords,
        read: &mut impl Iterator<Item = Read>,
    ) -> Result<(), IndexError> {
        let commit = &entry.remembered;
        let position = commit.position;
        let others = entry.changes.iter().filter(|change| locate(&change.path).is_none()).count();
        let others = i64::try_from(others).unwrap_or(i64::MAX);
        let undoes = (!words.undoes.is_empty()).then(|| words.undoes.join(" "));
        self.db
            .prepare_cached("INSERT INTO position VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")?
            .execute(params![
                position,
                commit.commit.as_bytes(),
                entry.effective,
                commit.recorded,
                commit.committer,
                entry.author_time,
                commit.trunk,
                commit.joint,
                commit.settled,
                commit.edge,
                commit.named,
                undoes,
                others
            ])?;
        for hold in &entry.holds {
            self.db.prepare_cached("INSERT INTO hold VALUES (?1, ?2, ?3)")?.execute(params![
                position,
                hold.path,
                hold.effective
            ])?;
        }
        for (id, keyword) in &words.links {
            self.db.prepare_cached("INSERT OR IGNORE INTO link VALUES (?1, ?2, ?3)")?.execute(params![
                position,
                id.as_str(),
                keyword
            ])?;
        }
        // A ticket's own file first: it says which messages are bound in it before their loose files go.
        for change in &entry.changes {
            if let Some(Located::Record(Kind::Ticket, Name::Ticket(id))) = locate(&change.path) {
                let kept = match change.new.map(|_| read.next()) {
                    Some(Some(Read::Ticket(kept))) => kept,
                    _ => None,
                };
                self.ticket(position, id, change, kept)?;
            }
        }
        for change in &entry.changes {
            if self.grown {
                self.suspect(&change.path)?;
            }
            match locate(&change.path) {
                Some(Located::Record(Kind::Ticket, _)) | None => {}
                Some(Located::Record(Kind::Message, Name::Message(ticket, message))) => {
                    self.message(position, ticket, message, change)?;
                }
                Some(Located::Attachment { ticket, message, file }) => {
                    self.attachment(position, ticket, message, &file, change)?;
                }
                Some(Located::Record(kind, name)) => self.record(position, kind, &name, change)?,
            }
        }
        Ok(())
    }

    /// The number of the ticket whose files lie beside `path`.
    fn number(&mut self, id: TicketId, path: &str) -> Result<i64, IndexError> {
        let month = path.split('/').nth(1).unwrap_or_default().to_owned();
        let key = (id, month);
        if let Some(number) = self.tickets.get(&key) {
            return Ok(*number);
        }
        let known: Option<i64> = self
            .db
            .prepare_cached("SELECT ticket FROM ticket_file WHERE id = ?1 AND month = ?2")?
            .query_row(params![id.as_str(), key.1], |row| row.get(0))
            .optional()?;
        let number = match known {
            Some(number) => number,
            None => {
                self.db
                    .prepare_cached("INSERT INTO ticket_file (id, month) VALUES (?1, ?2)")?
                    .execute(params![id.as_str(), key.1])?;
                self.db.last_insert_rowid()
            }
        };
        self.tickets.insert(key, number);
        Ok(number)
    }

    /// Notes that a position touches a ticket.
    fn touch(&mut self, position: i64, number: i64) -> Result<(), IndexError> {
        self.db.prepare_cached("INSERT OR IGNORE INTO touch VALUES (?1, ?2)")?.execute([position, number])?;
        self.changed.insert(Row::Ticket(number));
        Ok(())
    }

    /// When the newest version of a row took effect, as far as it is kept.
    fn newest(&mut self, row: Row) -> Result<Option<i64>, IndexError> {
        if let Some(known) = self.newest.get(&row) {
            return Ok(Some(*known));
        }
        let (sql, number) = match row {
            Row::Ticket(number) => ("SELECT max(effective) FROM ticket_version WHERE ticket = ?1", number),
            Row::Record(number) => ("SELECT max(effective) FROM record_version WHERE record = ?1", number),
        };
        Ok(self.db.prepare_cached(sql)?.query_row([number], |row| row.get(0))?)
    }

    /// Ends the version of a row that holds until now.
    fn end(&mut self, row: Row, effective: i64) -> Result<(), IndexError> {
        if let Some(newest) = self.newest(row)? {
            if newest > effective {
                self.tangled.insert(row);
            }
            let (sql, number) = match row {
                Row::Ticket(n) => ("UPDATE ticket_version SET until = ?2 WHERE ticket = ?1 AND until IS NULL", n),
                Row::Record(n) => ("UPDATE record_version SET until = ?2 WHERE record = ?1 AND until IS NULL", n),
            };
            self.db.prepare_cached(sql)?.execute([number, effective])?;
        }
        let newest = self.newest.entry(row).or_insert(effective);
        *newest = effective.max(*newest);
        Ok(())
    }

    fn ticket(
        &mut self,
        position: i64,
        id: TicketId,
        change: &Change,
        kept: Option<Box<Kept>>,
    ) -> Result<(), IndexError> {
        let number = self.number(id, &change.path)?;
        self.touch(position, number)?;
        self.end(Row::Ticket(number), change.effective)?;
        let blob = change.new.as_ref().map(|id| id.as_bytes());
        let replaced = change.old.as_ref().map(|id| id.as_bytes());
        let Some(kept) = kept else {
            self.db
                .prepare_cached(
                    "INSERT INTO ticket_version (ticket, position, effective, blob, replaced) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![number, position, change.effective, blob, replaced])?;
            return self.bound(position, number, change, &[]);
        };
        let state = &kept.state;
        self.db
            .prepare_cached(
                "INSERT INTO ticket_version VALUES (?1, ?2, ?3, NULL, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            )?
            .execute(params![
                number,
                position,
                change.effective,
                blob,
                replaced,
                state.title,
                state.status,
                set(&state.resolution),
                state.opened.map(Time::unix),
                set(&state.customer),
                set(&state.topic),
                state.owned,
                set(&state.waiting_on),
                set(&state.waiting_for),
                state.next_update.map(Time::unix),
                state.duplicate_of.map(|id| id.to_string()),
                state.by_playbook
            ])?;
        self.bound(position, number, change, &kept.bound)
    }

    /// Notes which messages of a ticket are bound in its file.
    fn bound(&mut self, position: i64, number: i64, change: &Change, bound: &[Bound]) -> Result<(), IndexError> {
        for message in bound {
            let said = &message.said;
            self.db
                .prepare_cached(
                    "INSERT INTO message (ticket, name, position, effective, at, kind, from_customer, attachments, loose, bound, changes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 1, 0)
                     ON CONFLICT (ticket, name) DO UPDATE SET bound = 1, until = NULL, at = ?5, kind = ?6, from_customer = ?7, attachments = ?8",
                )?
                .execute(params![
                    number,
                    message.id.to_string(),
                    position,
                    change.effective,
                    said.at,
                    said.kind,
                    said.from_customer,
                    said.attachments
                ])?;
        }
        if bound.is_empty() && change.old.is_none() {
            return Ok(());
        }
        let names: Vec<String> = bound.iter().map(|message| message.id.to_string()).collect();
        let mut before = self.db.prepare_cached("SELECT name, loose FROM message WHERE ticket = ?1 AND bound = 1")?;
        let before: Vec<(String, bool)> =
            before.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (name, loose) in before.into_iter().filter(|(name, _)| !names.contains(name)) {
            let until = (!loose).then_some(change.effective);
            self.db
                .prepare_cached("UPDATE message SET bound = 0, until = ?3 WHERE ticket = ?1 AND name = ?2")?
                .execute(params![number, name, until])?;
        }
        Ok(())
    }

    fn message(
        &mut self,
        position: i64,
        ticket: TicketId,
        message: MessageId,
        change: &Change,
    ) -> Result<(), IndexError> {
        let number = self.number(ticket, &change.path)?;
        self.touch(position, number)?;
        let name = message.to_string();
        match change.new {
            // The words are read when the ticket is settled; a change of the file makes them unknown again. Where the message
            // was bound before it had a file, the row's beginning is not the file's: counted as more changes than are kept.
            Some(blob) => self
                .db
                .prepare_cached(
                    "INSERT INTO message (ticket, name, position, effective, blob, loose, bound, changed, changed_position, changes) VALUES (?1, ?2, ?3, ?4, ?5, 1, 0, ?4, ?3, 1)
                     ON CONFLICT (ticket, name) DO UPDATE SET loose = 1, until = NULL, blob = ?5, kind = NULL, changed = max(?4, coalesce(changed, ?4)), changed_position = ?3, changes = changes + CASE changes WHEN 0 THEN 3 ELSE 1 END",
                )?
                .execute(params![number, name, position, change.effective, blob.as_bytes()])?,
            None => self
                .db
                .prepare_cached(
                    "UPDATE message SET loose = 0, until = CASE WHEN bound THEN NULL ELSE ?3 END, changed = max(?3, coalesce(changed, ?3)), changed_position = ?4, changes = changes + 1 WHERE ticket = ?1 AND name = ?2",
                )?
                .execute(params![number, name, change.effective, position])?,
        };
        Ok(())
    }

    fn attachment(
        &mut self,
        position: i64,
        ticket: TicketId,
        message: MessageId,
        file: &str,
        change: &Change,
    ) -> Result<(), IndexError> {
        let number = self.number(ticket, &change.path)?;
        self.touch(position, number)?;
        let name = message.to_string();
        self.db
            .prepare_cached(
                "UPDATE attachment SET until = ?4, ended = ?5 WHERE ticket = ?1 AND name = ?2 AND file = ?3 AND until IS NULL",
            )?
            .execute(params![number, name, file, change.effective, position])?;
        let replaced = change.old.as_ref().map(|id| id.as_bytes());
        if let Some(blob) = change.new {
            self.db
                .prepare_cached("INSERT INTO attachment VALUES (?1, ?2, ?3, ?4, ?5, NULL, NULL, ?6, ?7)")?
                .execute(params![number, name, file, position, change.effective, blob.as_bytes(), replaced])?;
        }
        Ok(())
    }

    fn record(&mut self, position: i64, kind: Kind, name: &Name, change: &Change) -> Result<(), IndexError> {
        let known: Option<i64> = self
            .db
            .prepare_cached("SELECT record FROM record WHERE path = ?1")?
            .query_row([&change.path], |row| row.get(0))
            .optional()?;
        let number = match known {
            Some(number) => number,
            None => {
                self.db
                    .prepare_cached("INSERT INTO record (path, kind, name) VALUES (?1, ?2, ?3)")?
                    .execute(params![change.path, kind.word(), name.to_string()])?;
                self.db.last_insert_rowid()
            }
        };
        self.changed.insert(Row::Record(number));
        self.end(Row::Record(number), change.effective)?;
        let blob = change.new.as_ref().map(|id| id.as_bytes());
        self.db.prepare_cached("INSERT INTO record_version VALUES (?1, ?2, ?3, NULL, ?4, ?5)")?.execute(params![
            number,
            position,
            change.effective,
            blob,
            change.old.as_ref().map(|id| id.as_bytes())
        ])?;
        Ok(())
    }

    /// Gives versions that came out of the order of time their bounds anew.
    fn untangle(&mut self) -> Result<(), IndexError> {
        for row in std::mem::take(&mut self.tangled) {
            order(self.db, row)?;
        }
        Ok(())
    }

    pub(super) fn settle(&mut self) -> Result<(), IndexError> {
        self.watch_what_was_left()?;
        let changed: Vec<Row> = std::mem::take(&mut self.changed).into_iter().collect();
        current::settle(self.db, self.store, &changed)?;
        edits::pack(self.db)
    }

    /// Notes that the file may now differ from HEAD, or no longer.
    pub(super) fn suspect(&self, path: &str) -> Result<(), IndexError> {
        if locate(path).is_some() && path.contains('/') {
            self.db.prepare_cached("INSERT OR IGNORE INTO edited VALUES (?1)")?.execute([path])?;
        }
        Ok(())
    }

    /// Notes that any of a ticket's files may now differ from HEAD.
    pub(super) fn suspect_ticket(&self, number: i64, path: &str) -> Result<(), IndexError> {
        let start = path.strip_suffix(".toml").unwrap_or(path);
        self.suspect(path)?;
        for sql in [
            "INSERT OR IGNORE INTO edited SELECT ?2 || '.' || name || '.toml' FROM message WHERE ticket = ?1",
            "INSERT OR IGNORE INTO edited SELECT ?2 || '.' || name || '.' || file FROM attachment WHERE ticket = ?1",
        ] {
            self.db.prepare_cached(sql)?.execute(params![number, start])?;
        }
        Ok(())
    }
}

/// Unset is null.
pub(super) fn set(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Sets until when each version of a row holds: until the next one takes effect; at one moment the later position counts.
pub(super) fn order(db: &Connection, row: Row) -> Result<(), IndexError> {
    let (table, key, number) = match row {
        Row::Ticket(number) => ("ticket_version", "ticket", number),
        Row::Record(number) => ("record_version", "record", number),
    };
    let sql = format!("SELECT position, effective FROM {table} WHERE {key} = ?1 ORDER BY effective, position");
    let mut query = db.prepare_cached(&sql)?;
    let versions: Vec<(i64, i64)> =
        query.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let sql = format!("UPDATE {table} SET until = ?3 WHERE {key} = ?1 AND position = ?2");
    for (place, (position, _)) in versions.iter().enumerate() {
        let until = versions.get(place + 1).map(|(_, effective)| *effective);
        db.prepare_cached(&sql)?.execute(params![number, position, until])?;
    }
    Ok(())
}
