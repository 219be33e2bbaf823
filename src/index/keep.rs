//! What the timeline is told of the positions that are held, and how some of them are taken back.

use rusqlite::{OptionalExtension, params};

use super::refresh::{set_meta, standing};
use super::tickets::Kept;
use super::write::{BATCH, Row, Writer, order};
use super::{IndexError, erase, id_of};
use crate::record::id::{MessageId, TicketId};
use crate::record::{Kind, Name};
use crate::store::layout::{self, Located, locate};
use crate::store::timeline::follow::{Entry, Keeper, Remembered, Standing};
use crate::store::{ObjectId, Snapshot};

impl Writer<'_> {
    fn one(&self, condition: &str, values: impl rusqlite::Params) -> Result<Option<Remembered>, IndexError> {
        let sql = format!("SELECT {REMEMBERED} FROM position WHERE {condition}");
        Ok(self.db.prepare_cached(&sql)?.query_row(values, remembered).optional()?.flatten())
    }

    fn numbers(&self, sql: &str, after: i64) -> Result<Vec<i64>, IndexError> {
        let mut query = self.db.prepare_cached(sql)?;
        Ok(query.query_map([after], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Watches the head of the line that was cut back, unless it came to the timeline again.
    pub(super) fn watch_what_was_left(&mut self) -> Result<(), IndexError> {
        match self.left.take() {
            Some(left) if self.find(left)?.is_none() => erase::watch(self.db, left),
            _ => Ok(()),
        }
    }

    /// Takes back what positions after one did to a ticket. `base` is the desk as the last kept commit has it.
    fn cut_ticket(&mut self, number: i64, after: i64, base: &Snapshot) -> Result<(), IndexError> {
        let db = self.db;
        let (id, month): (String, String) = db
            .prepare_cached("SELECT id, month FROM ticket_file WHERE ticket = ?1")?
            .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let path = format!("tickets/{month}/{id}.toml");
        self.suspect_ticket(number, &path)?;
        db.prepare_cached("DELETE FROM ticket_version WHERE ticket = ?1 AND position > ?2")?
            .execute([number, after])?;
        order(db, Row::Ticket(number))?;
        db.prepare_cached("DELETE FROM attachment WHERE ticket = ?1 AND position > ?2")?.execute([number, after])?;
        db.prepare_cached("UPDATE attachment SET until = NULL, ended = NULL WHERE ticket = ?1 AND ended > ?2")?
            .execute([number, after])?;
        db.prepare_cached("DELETE FROM message WHERE ticket = ?1 AND position > ?2")?.execute([number, after])?;
        let bound = match (TicketId::parse_path(&id), base.find(&path)?) {
            (Some(id), Some(blob)) => bound_in(base, id, &path, blob)?,
            _ => Vec::new(),
        };
        let mut query =
            db.prepare_cached("SELECT name, effective, changed_position, changes FROM message WHERE ticket = ?1")?;
        let rows: Vec<(String, i64, Option<i64>, i64)> = query
            .query_map([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
            .collect::<Result<_, _>>()?;
        for (name, effective, changed, changes) in rows {
            let Some(message) = MessageId::parse(&name) else { continue };
            let blob = base.find(&layout::message_path(&path, message))?;
            let bound = bound.contains(&message);
            if changed.is_some_and(|changed| changed > after) {
                if changes != 2 {
                    // What it was between its first and its last change is not kept.
                    return Err(IndexError::Foreign);
                }
                db.prepare_cached(
                    "UPDATE message SET changed = ?3, changed_position = position, changes = 1 WHERE ticket = ?1 AND name = ?2",
                )?
                .execute(params![number, name, effective])?;
            }
            db.prepare_cached(
                "UPDATE message SET loose = ?3, bound = ?4, blob = coalesce(?5, blob), kind = CASE WHEN coalesce(?5, blob) IS NULL THEN kind END, until = CASE WHEN ?3 OR ?4 THEN NULL ELSE until END WHERE ticket = ?1 AND name = ?2",
            )?
            .execute(params![number, name, blob.is_some(), bound, blob.as_ref().map(|id| id.as_bytes())])?;
        }
        self.changed.insert(Row::Ticket(number));
        Ok(())
    }
}

/// The messages bound in a version of a ticket.
fn bound_in(base: &Snapshot, id: TicketId, path: &str, blob: ObjectId) -> Result<Vec<MessageId>, IndexError> {
    let read = base.record(Kind::Ticket, &Name::Ticket(id), path, blob)?.record.as_ref().map(Kept::of);
    Ok(read.map(|kept| kept.bound.iter().map(|bound| bound.id).collect()).unwrap_or_default())
}

const REMEMBERED: &str = "position, commit_id, committer, recorded, trunk, joint, settled, edge, named";

fn remembered(row: &rusqlite::Row<'_>) -> Result<Option<Remembered>, rusqlite::Error> {
    let Some(commit) = id_of(row.get(1)?) else { return Ok(None) };
    Ok(Some(Remembered {
        position: row.get(0)?,
        commit,
        committer: row.get(2)?,
        recorded: row.get(3)?,
        trunk: row.get(4)?,
        joint: row.get(5)?,
        settled: row.get(6)?,
        edge: row.get(7)?,
        named: row.get(8)?,
    }))
}

impl Keeper for Writer<'_> {
    type Error = IndexError;

    fn standing(&mut self) -> Result<Option<Standing>, IndexError> {
        standing(self.db)
    }

    fn find(&mut self, commit: ObjectId) -> Result<Option<Remembered>, IndexError> {
        self.one("commit_id = ?1", [commit.as_bytes()])
    }

    fn joint_at_or_before(&mut self, position: i64) -> Result<Option<Remembered>, IndexError> {
        self.one("position <= ?1 AND joint = 1 ORDER BY position DESC LIMIT 1", [position])
    }

    fn settled_at_or_before(&mut self, position: i64, committer: i64) -> Result<Option<Remembered>, IndexError> {
        self.one(
            "position <= ?1 AND settled = 1 AND committer <= ?2 ORDER BY position DESC LIMIT 1",
            [position, committer],
        )
    }

    fn earliest(&mut self, after: i64, to: i64) -> Result<Option<i64>, IndexError> {
        let sql = "SELECT min(committer) FROM position WHERE position > ?1 AND position <= ?2";
        Ok(self.db.prepare_cached(sql)?.query_row([after, to], |row| row.get(0))?)
    }

    fn first_named(&mut self) -> Result<Option<i64>, IndexError> {
        let sql = "SELECT min(position) FROM position WHERE named = 1";
        Ok(self.db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    fn each(&mut self, after: i64, to: i64, each: &mut dyn FnMut(Remembered)) -> Result<(), IndexError> {
        let sql = format!("SELECT {REMEMBERED} FROM position WHERE position > ?1 AND position <= ?2");
        let mut query = self.db.prepare_cached(&sql)?;
        let mut rows = query.query([after, to])?;
        while let Some(row) = rows.next()? {
            remembered(row)?.into_iter().for_each(&mut *each);
        }
        Ok(())
    }

    fn last_effect(&mut self, path: &str) -> Result<Option<i64>, IndexError> {
        let db = self.db;
        let hold: Option<i64> = db
            .prepare_cached("SELECT max(effective) FROM hold WHERE path = ?1")?
            .query_row([path], |row| row.get(0))?;
        let of_ticket = |sql: &str, id: TicketId, more: &[&dyn rusqlite::ToSql]| -> Result<Option<i64>, IndexError> {
            let month = path.split('/').nth(1).unwrap_or_default();
            let known: Option<i64> = db
                .prepare_cached("SELECT ticket FROM ticket_file WHERE id = ?1 AND month = ?2")?
                .query_row([id.as_str(), month], |row| row.get(0))
                .optional()?;
            let Some(number) = known else { return Ok(None) };
            let mut values: Vec<&dyn rusqlite::ToSql> = vec![&number];
            values.extend(more);
            Ok(db.prepare_cached(sql)?.query_row(values.as_slice(), |row| row.get(0))?)
        };
        let known = match locate(path) {
            Some(Located::Record(Kind::Ticket, Name::Ticket(id))) => {
                of_ticket("SELECT max(effective) FROM ticket_version WHERE ticket = ?1", id, &[])?
            }
            Some(Located::Record(Kind::Message, Name::Message(id, message))) => of_ticket(
                "SELECT max(changed) FROM message WHERE ticket = ?1 AND name = ?2",
                id,
                &[&message.to_string()],
            )?,
            Some(Located::Attachment { ticket, message, file }) => of_ticket(
                "SELECT max(max(effective), coalesce(max(until), 0)) FROM attachment WHERE ticket = ?1 AND name = ?2 AND file = ?3",
                ticket,
                &[&message.to_string(), &file],
            )?,
            Some(Located::Record(..)) => db
                .prepare_cached(
                    "SELECT max(v.effective) FROM record r JOIN record_version v ON v.record = r.record WHERE r.path = ?1",
                )?
                .query_row([path], |row| row.get(0))?,
            None => None,
        };
        Ok(known.max(hold))
    }

    fn cut(&mut self, after: i64, coming: usize) -> Result<(), IndexError> {
        self.coming = coming;
        (self.progress)(0, coming);
        if !self.grown {
            return Ok(());
        }
        let last = self.db.query_row("SELECT max(position) FROM position", [], |row| row.get::<_, Option<i64>>(0))?;
        if last.is_none_or(|last| last <= after) {
            return Ok(());
        }
        self.left = standing(self.db)?.map(|standing| standing.head);
        let Some(base) = self.one("position = ?1", [after])? else { return Err(IndexError::Foreign) };
        let base = self.store.snapshot_of(base.commit)?;
        for number in self.numbers("SELECT DISTINCT ticket FROM touch WHERE position > ?1", after)? {
            self.cut_ticket(number, after, &base)?;
        }
        for number in self.numbers("SELECT DISTINCT record FROM record_version WHERE position > ?1", after)? {
            self.db
                .prepare_cached("DELETE FROM record_version WHERE record = ?1 AND position > ?2")?
                .execute([number, after])?;
            order(self.db, Row::Record(number))?;
            let path: String =
                self.db.query_row("SELECT path FROM record WHERE record = ?1", [number], |row| row.get(0))?;
            self.suspect(&path)?;
            self.changed.insert(Row::Record(number));
        }
        for table in ["touch", "link", "hold", "position"] {
            self.db.execute(&format!("DELETE FROM {table} WHERE position > ?1"), [after])?;
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry) -> Result<(), IndexError> {
        self.pending_changes += 1 + entry.changes.len();
        self.pending.push(entry);
        if self.pending_changes >= BATCH { self.flush() } else { Ok(()) }
    }

    fn finish(&mut self, standing: Standing) -> Result<(), IndexError> {
        set_meta(self.db, "head", standing.head.as_bytes())?;
        set_meta(self.db, "scope", standing.scope.cast_signed())?;
        set_meta(self.db, "branch", standing.branch.cast_signed())?;
        Ok(())
    }
}
