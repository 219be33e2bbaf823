//! Every version there ever was: the lives of tickets, and of records of other kinds.

use std::collections::BTreeSet;

use rusqlite::params;

use super::{Index, IndexError, id_of};
use crate::record::id::TicketId;
use crate::record::ticket_state::TicketState;
use crate::record::time::Time;
use crate::store::ObjectId;

/// A version of a ticket, as measures need it; nobody is named in it.
#[derive(Debug, Clone)]
pub struct TicketVersion {
    /// The ticket.
    pub id: TicketId,
    /// The month folder of its file.
    pub month: String,
    /// From when it holds.
    pub effective: i64,
    /// The file was there.
    pub there: bool,
    /// What it said; nothing when it could not be read.
    pub said: Option<TicketState>,
}

/// A version of a record of another kind.
#[derive(Debug, Clone)]
pub struct RecordVersion {
    /// Where it lies.
    pub path: String,
    /// From when it holds.
    pub effective: i64,
    /// Its blob; nothing when the file was removed.
    pub blob: Option<ObjectId>,
}

/// Chooses ids rather than files of tickets: one that moved to another month has one life in both. Undone commits (?2) count for
/// what is there and not for a life, and of a file that could not be read a life goes on with what it said before, so these are
/// always chosen.
const MATTERS: &str = " WHERE f.id IN (SELECT id FROM ticket_file WHERE ticket IN (
             SELECT ticket FROM ticket_version WHERE effective >= ?1 OR opened >= ?1 OR status = 'duplicate'
                 OR ((until IS NULL OR until > ?1) AND status NOT IN ('resolved', 'dropped')) OR (status IS NULL AND blob IS NOT NULL)
             UNION SELECT ticket FROM touch WHERE position IN (SELECT value FROM json_each(?2)))
             UNION SELECT id FROM ticket_file GROUP BY id HAVING count(*) > 1)";

impl Index {
    /// The versions of all tickets, in the order of the timeline; commits that were undone left out with those that undid them.
    ///
    /// With `from`, those of tickets that can still matter from that moment on, and perhaps of others: what was done by then and
    /// stayed so may be missing, unless it stands for a duplicate.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ticket_versions(&self, from: Option<i64>) -> Result<Vec<TicketVersion>, IndexError> {
        let undone = self.undone()?;
        let mut sql = "SELECT v.position, f.id, f.month, v.effective, v.blob IS NOT NULL, v.title, v.status, v.resolution, v.opened, v.customer, v.topic, v.owned, v.waiting_on, v.waiting_for, v.next_update, v.duplicate_of, v.by_playbook
             FROM ticket_file f CROSS JOIN ticket_version v ON v.ticket = f.ticket".to_owned();
        if from.is_some() {
            sql.push_str(MATTERS);
        }
        sql.push_str(" ORDER BY v.position");
        let mut query = self.db().prepare_cached(&sql)?;
        let mut rows = match from {
            Some(from) => query.query(params![from, serde_json::json!(undone).to_string()])?,
            None => query.query([])?,
        };
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(id) = TicketId::parse_path(row.get_ref(1)?.as_str().unwrap_or_default()) else { continue };
            if undone.contains(&row.get(0)?) {
                continue;
            }
            let text = |place: usize| row.get::<_, Option<String>>(place).map(Option::unwrap_or_default);
            let time = |place: usize| row.get::<_, Option<i64>>(place).map(|time| time.map(Time::from_unix));
            let said = match row.get::<_, Option<String>>(6)? {
                None => None,
                Some(status) => Some(TicketState {
                    title: text(5)?,
                    status,
                    resolution: text(7)?,
                    opened: time(8)?,
                    customer: text(9)?,
                    topic: text(10)?,
                    owned: row.get(11)?,
                    waiting_on: text(12)?,
                    waiting_for: text(13)?,
                    next_update: time(14)?,
                    duplicate_of: TicketId::parse(&text(15)?),
                    by_playbook: row.get(16)?,
                }),
            };
            found.push(TicketVersion { id, month: text(2)?, effective: row.get(3)?, there: row.get(4)?, said });
        }
        Ok(found)
    }

    /// The versions of all records but tickets and messages, as for [`Index::ticket_versions`].
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn record_versions(&self) -> Result<Vec<RecordVersion>, IndexError> {
        let undone = self.undone()?;
        let mut query = self.db().prepare_cached(
            "SELECT v.position, r.path, v.effective, v.blob FROM record_version v JOIN record r ON r.record = v.record ORDER BY v.position",
        )?;
        let mut rows = query.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if !undone.contains(&row.get(0)?) {
                found.push(RecordVersion { path: row.get(1)?, effective: row.get(2)?, blob: id_of(row.get(3)?) });
            }
        }
        Ok(found)
    }

    /// Positions of commits that others undid, and of those. The last undoing is looked at first, so that an undoing that was itself
    /// undone takes nothing out.
    fn undone(&self) -> Result<BTreeSet<i64>, IndexError> {
        let mut out = BTreeSet::new();
        let mut query = self
            .db()
            .prepare_cached("SELECT position, undoes FROM position WHERE undoes IS NOT NULL ORDER BY position DESC")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (position, undoes): (i64, String) = (row.get(0)?, row.get(1)?);
            if out.contains(&position) {
                continue;
            }
            for undone in undoes.split(' ') {
                if let Some(target) = self.named(undone)?.filter(|target| *target != position) {
                    out.extend([target, position]);
                }
            }
        }
        Ok(out)
    }

    /// The position of the commit whose id is `text` or begins so, if that is long enough to mean only one.
    fn named(&self, text: &str) -> Result<Option<i64>, IndexError> {
        if text.len() < 7 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let text = text.to_ascii_lowercase();
        let even = &text[..text.len() / 2 * 2];
        let bytes: Vec<u8> =
            (0..even.len()).step_by(2).filter_map(|at| u8::from_str_radix(&even[at..at + 2], 16).ok()).collect();
        let mut query = self.db().prepare_cached(
            "SELECT position, commit_id FROM position WHERE commit_id >= ?1 ORDER BY commit_id LIMIT 16",
        )?;
        let mut rows = query.query([bytes])?;
        let mut first: Option<i64> = None;
        while let Some(row) = rows.next()? {
            let known = id_of(row.get(1)?).map(|id| id.to_string()).unwrap_or_default();
            if known.starts_with(&text) {
                let position = row.get(0)?;
                first = Some(first.map_or(position, |first| first.min(position)));
            }
        }
        Ok(first)
    }
}
