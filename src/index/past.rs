//! How the desk was at a time: what differs between then and now.

use rusqlite::params;

use super::{Index, IndexError, id_of};
use crate::record::id::MessageId;
use crate::store::{ObjectId, layout};

/// A file as it was: its path, and its blob unless it was not there.
pub type Was = (String, Option<ObjectId>);

impl Index {
    /// The files that were otherwise at `time`, a moment that counts itself; nothing where the index does not keep all that was
    /// done to one of them.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn otherwise_at(&self, time: i64) -> Result<Option<Vec<Was>>, IndexError> {
        let mut found = Vec::new();
        self.tickets_then(time, &mut found)?;
        self.records_then(time, &mut found)?;
        if !self.messages_then(time, &mut found)? {
            return Ok(None);
        }
        self.attachments_then(time, &mut found)?;
        Ok(Some(found))
    }

    fn tickets_then(&self, time: i64, found: &mut Vec<Was>) -> Result<(), IndexError> {
        let mut query = self.db().prepare_cached(
            "SELECT f.id, f.month, (SELECT v.blob FROM ticket_version v WHERE v.ticket = f.ticket AND v.effective <= ?1 AND v.until > ?1)
             FROM ticket_file f WHERE EXISTS (SELECT 1 FROM ticket_version n WHERE n.ticket = f.ticket AND n.effective > ?1)",
        )?;
        let mut rows = query.query([time])?;
        while let Some(row) = rows.next()? {
            let (id, month): (String, String) = (row.get(0)?, row.get(1)?);
            found.push((format!("tickets/{month}/{id}.toml"), id_of(row.get(2)?)));
        }
        Ok(())
    }

    fn records_then(&self, time: i64, found: &mut Vec<Was>) -> Result<(), IndexError> {
        let mut query = self.db().prepare_cached(
            "SELECT r.path, (SELECT v.blob FROM record_version v WHERE v.record = r.record AND v.effective <= ?1 AND v.until > ?1)
             FROM record r WHERE EXISTS (SELECT 1 FROM record_version n WHERE n.record = r.record AND n.effective > ?1)",
        )?;
        let mut rows = query.query([time])?;
        while let Some(row) = rows.next()? {
            found.push((row.get(0)?, id_of(row.get(1)?)));
        }
        Ok(())
    }

    /// Whether each message's file is known as it was.
    fn messages_then(&self, time: i64, found: &mut Vec<Was>) -> Result<bool, IndexError> {
        let mut query = self.db().prepare_cached(
            "SELECT f.id, f.month, m.name, m.effective, m.blob, m.loose, m.changes FROM message m JOIN ticket_file f ON f.ticket = m.ticket WHERE m.changed > ?1",
        )?;
        let mut rows = query.query([time])?;
        while let Some(row) = rows.next()? {
            let (id, month, name): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Some(message) = MessageId::parse(&name) else { continue };
            let came_later = row.get::<_, i64>(3)? > time;
            let blob = match (row.get::<_, i64>(6)?, row.get::<_, bool>(5)?) {
                _ if came_later => None,
                (2, false) => id_of(row.get(4)?),
                _ => return Ok(false),
            };
            found.push((layout::message_path(&format!("tickets/{month}/{id}.toml"), message), blob));
        }
        Ok(true)
    }

    fn attachments_then(&self, time: i64, found: &mut Vec<Was>) -> Result<(), IndexError> {
        let mut query = self.db().prepare_cached(
            "SELECT f.id, f.month, a.name, a.file, max(CASE WHEN a.effective <= ?1 THEN a.blob END)
             FROM attachment a JOIN ticket_file f ON f.ticket = a.ticket
             WHERE a.effective > ?1 OR (a.until IS NOT NULL AND a.until > ?1) GROUP BY a.ticket, a.name, a.file",
        )?;
        let mut rows = query.query(params![time])?;
        while let Some(row) = rows.next()? {
            let (id, month, name, file): (String, String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let Some(message) = MessageId::parse(&name) else { continue };
            let path = layout::attachment_path(&format!("tickets/{month}/{id}.toml"), message, &file);
            found.push((path, id_of(row.get(4)?)));
        }
        Ok(())
    }
}
