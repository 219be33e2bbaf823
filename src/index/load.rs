//! Rows to records: what the index holds of tickets in full, so that a list needs no file.

use std::collections::HashSet;
use std::sync::OnceLock;

use rusqlite::{OptionalExtension, Row, ToSql, params};

use super::schema::IS_OPEN;
use super::{Index, IndexError, id_of, schema};
use crate::record::conversation::Summary;
use crate::record::id::{MessageId, TicketId};
use crate::record::schema::Type;
use crate::record::time::{Day, Time};
use crate::record::{Kind, Name, Record, Value, ticket};
use crate::store::{ObjectId, layout};

/// A ticket as its row has it: every key, none of its messages. Of a done ticket the owner is not kept.
#[derive(Debug, Clone)]
pub struct LightTicket {
    /// Its number in the index.
    pub number: i64,
    /// The ticket.
    pub record: Record,
    /// Its blob, from which it can be read in full.
    pub blob: ObjectId,
    /// What its messages say as a whole.
    pub summary: Summary,
}

impl LightTicket {
    /// Whether the row says everything the file does.
    pub fn is_whole(&self) -> bool {
        !ticket::is_done(self.record.text("status"))
    }
}

/// A record of another kind, as far as the index has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its number in the index.
    pub number: i64,
    /// The kind.
    pub kind: Kind,
    /// The path.
    pub path: String,
    /// The blob.
    pub blob: ObjectId,
    /// Its title or name.
    pub label: String,
}

/// Where a ticket's record lies in a month folder.
fn file_of(month: &str, ticket: TicketId) -> String {
    format!("tickets/{month}/{}.toml", ticket.as_str())
}

/// A list as its column holds it.
pub(super) fn list(items: &[String]) -> String {
    serde_json::to_string(items).unwrap_or_default()
}

/// Keys the kind does not have, as one column.
pub(super) fn pack(unknown: &[(String, String)]) -> String {
    serde_json::to_string(unknown).unwrap_or_default()
}

/// The columns that [`light`] reads, in its order.
fn columns() -> &'static str {
    static COLUMNS: OnceLock<String> = OnceLock::new();
    COLUMNS.get_or_init(|| {
        let keys: String = schema::ticket_columns().iter().map(|column| format!(", {}", column.name)).collect();
        format!(
            "id, path, blob, last_public, unanswered_since, last_contact, has_reply, has_attachment, unknown, ticket{keys}"
        )
    })
}

fn light(row: &Row<'_>) -> Result<Option<LightTicket>, rusqlite::Error> {
    let (id, blob) = (row.get_ref(0)?.as_str().ok(), row.get_ref(2)?.as_blob().ok());
    let (Some(id), Some(blob)) = (id.and_then(TicketId::parse_path), blob.and_then(|b| ObjectId::try_from(b).ok()))
    else {
        return Ok(None);
    };
    let mut record = Record::new(Kind::Ticket, Name::Ticket(id), row.get::<_, String>(1)?);
    for (place, column) in schema::ticket_columns().iter().enumerate() {
        let value = value(row, 10 + place, column.key.ty)?;
        if !value.is_unset() {
            record.put(column.key, value);
        }
    }
    if let Some(unknown) = row.get::<_, Option<String>>(8)? {
        record.unknown = serde_json::from_str(&unknown).unwrap_or_default();
    }
    let time = |seconds: Option<i64>| seconds.map(Time::from_unix);
    let summary = Summary {
        last_public: time(row.get(3)?),
        unanswered_since: time(row.get(4)?),
        last_contact: time(row.get(5)?),
        has_reply: row.get(6)?,
        has_attachment: row.get(7)?,
    };
    Ok(Some(LightTicket { number: row.get(9)?, record, blob, summary }))
}

/// The value of a column; what it cannot hold is damage.
fn value(row: &Row<'_>, place: usize, ty: Type) -> Result<Value, rusqlite::Error> {
    use rusqlite::types::ValueRef;
    let held = row.get_ref(place)?;
    let damaged = || rusqlite::Error::InvalidColumnType(place, String::new(), held.data_type());
    Ok(match (held, ty) {
        (ValueRef::Null, _) => Value::Unset,
        (ValueRef::Integer(seconds), Type::Time) => {
            let time = Time::from_unix(seconds);
            if time.unix() != seconds {
                return Err(damaged());
            }
            Value::Time(time)
        }
        (ValueRef::Integer(number), Type::Bool) => Value::Bool(number != 0),
        (ValueRef::Integer(number), Type::Number) => Value::Number(number),
        (ValueRef::Text(text), ty) if !matches!(ty, Type::Time | Type::Bool | Type::Number) => {
            let text = std::str::from_utf8(text).map_err(|_| damaged())?;
            match ty {
                Type::Day => Value::Day(Day::parse(text).ok_or_else(damaged)?),
                ty if ty.is_list() => Value::List(serde_json::from_str(text).map_err(|_| damaged())?),
                _ => Value::Text(text.to_owned()),
            }
        }
        _ => return Err(damaged()),
    })
}

impl Index {
    /// Tickets as they are now, by a condition on the table `ticket` with its values.
    pub(super) fn light_where(&self, condition: &str, values: &[&dyn ToSql]) -> Result<Vec<LightTicket>, IndexError> {
        let sql = format!("SELECT {} FROM ticket WHERE {condition}", columns());
        let mut query = self.db().prepare_cached(&sql)?;
        let mut rows = query.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.extend(light(row)?);
        }
        Ok(found)
    }

    /// As [`Index::light_where`], of few tickets. Whatever the condition, one statement brings their rows: to prepare another of so
    /// many columns takes longer than to read many a row.
    fn light_few(&self, condition: &str, values: &[&dyn ToSql]) -> Result<Vec<LightTicket>, IndexError> {
        let mut query = self.db().prepare_cached(&format!("SELECT place FROM ticket WHERE {condition}"))?;
        let mut rows = query.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.extend(self.light_where("place = ?1", &[&row.get::<_, i64>(0)?])?);
        }
        Ok(found)
    }

    /// The tickets whose ids begin with `prefix`, in order of id.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn tickets_like(&self, prefix: &str) -> Result<Vec<LightTicket>, IndexError> {
        self.light_few("id >= ?1 AND id < ?1 || '~' ORDER BY id", &[&prefix])
    }

    /// Whether a ticket is there and not done.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn is_open(&self, ticket: TicketId) -> Result<bool, IndexError> {
        let sql = "SELECT 1 FROM ticket WHERE id = ?1 AND open = 1";
        Ok(self.db().prepare_cached(sql)?.query_row([ticket.as_str()], |_| Ok(())).optional()?.is_some())
    }

    /// The tickets that are not done.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn open_tickets(&self) -> Result<HashSet<TicketId>, IndexError> {
        let mut query = self.db().prepare_cached(&format!("SELECT id FROM ticket WHERE {IS_OPEN}"))?;
        let mut rows = query.query([])?;
        let mut found = HashSet::new();
        while let Some(row) = rows.next()? {
            found.extend(TicketId::parse_path(row.get_ref(0)?.as_str().unwrap_or_default()));
        }
        Ok(found)
    }

    /// The tickets that are not done; where there are none, any one.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn open_or_any(&self) -> Result<Vec<LightTicket>, IndexError> {
        let open = self.light_where(IS_OPEN, &[])?;
        if open.is_empty() { self.light_where("1 LIMIT 1", &[]) } else { Ok(open) }
    }

    /// The numbers of open tickets with a hand-off among their messages.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn handed_off(&self) -> Result<HashSet<i64>, IndexError> {
        let sql = format!(
            "SELECT ticket FROM ticket WHERE {IS_OPEN}
             AND EXISTS (SELECT 1 FROM message m WHERE m.ticket = ticket.ticket AND m.kind = 'hand-off')"
        );
        let mut query = self.db().prepare_cached(&sql)?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The numbers of tickets whose customers were told of a release.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn told(&self) -> Result<HashSet<i64>, IndexError> {
        let sql = "SELECT DISTINCT ticket FROM message WHERE kind = 'told' AND until IS NULL";
        let mut query = self.db().prepare_cached(sql)?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The tickets that a commit of the timeline changed, and whether it changed files in the desk's folder that are no records.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn touched_by(&self, commit: ObjectId) -> Result<(Vec<TicketId>, bool), IndexError> {
        let sql = "SELECT f.id, p.other_files > 0 FROM position p JOIN touch t ON t.position = p.position
             JOIN ticket_file f ON f.ticket = t.ticket WHERE p.commit_id = ?1";
        let mut query = self.db().prepare_cached(sql)?;
        let mut rows = query.query([commit.as_bytes()])?;
        let (mut found, mut others) = (Vec::new(), false);
        while let Some(row) = rows.next()? {
            found.extend(TicketId::parse_path(row.get_ref(0)?.as_str().unwrap_or_default()));
            others = row.get(1)?;
        }
        Ok((found, others))
    }

    /// Every ticket.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn every_ticket(&self) -> Result<Vec<LightTicket>, IndexError> {
        self.light_where("1", &[])
    }

    /// Where the tickets lie whose conversations hold the last contact with a customer up to `now`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn last_in_contact(&self, customer: &str, now: Time) -> Result<Vec<String>, IndexError> {
        let ahead: Option<i64> = self
            .db()
            .prepare_cached("SELECT max(last_contact) FROM ticket WHERE customer = ?1")?
            .query_row([customer], |row| row.get(0))?;
        // A clock that is ahead hides what was before it; then all of them are looked at.
        let sql = match ahead {
            Some(last) if last > now.unix() => "SELECT path FROM ticket WHERE customer = ?1 AND ?2 IS NOT NULL",
            _ => "SELECT path FROM ticket WHERE customer = ?1 AND last_contact = ?2",
        };
        let mut query = self.db().prepare_cached(sql)?;
        Ok(query.query_map(params![customer, ahead], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Tickets that follow the ticket `reference`, are duplicates of it or are blocked by it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn that_name(&self, reference: &str) -> Result<Vec<LightTicket>, IndexError> {
        let mut found = self.light_few("follows = ?1", &[&reference])?;
        found.extend(self.light_few("duplicate_of = ?1", &[&reference])?);
        found.extend(self.light_few("blocked_by IS NOT NULL AND instr(blocked_by, ?1)", &[&reference])?);
        Ok(found)
    }

    /// The open tickets of a customer.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn open_of(&self, customer: &str) -> Result<Vec<LightTicket>, IndexError> {
        self.light_few("customer = ?1 AND open = 1", &[&customer])
    }

    /// The tickets that the page of a record of another kind lists: those a playbook solved, open ones of a customer, team or topic,
    /// those that wait for a proposal.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn tickets_of(&self, record: &Record) -> Result<Vec<LightTicket>, IndexError> {
        let (slug, reference) = (record.slug(), record.reference());
        match record.kind {
            Kind::Playbook => self.light_where("playbooks IS NOT NULL AND instr(playbooks, ?1)", &[&slug]),
            Kind::Customer => self.open_of(slug),
            Kind::Team => self.light_where(&format!("{IS_OPEN} AND waiting_on = ?1"), &[&reference]),
            Kind::Topic => self.light_where(&format!("{IS_OPEN} AND +topic = ?1"), &[&slug]),
            Kind::Proposal => {
                let condition = format!("{IS_OPEN} AND blocked_by IS NOT NULL AND instr(blocked_by, ?1)");
                self.light_where(&condition, &[&reference])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Every id with the ticket's title, in order.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ticket_titles(&self) -> Result<Vec<(TicketId, String, bool)>, IndexError> {
        let mut query = self.db().prepare_cached("SELECT id, title, open FROM ticket ORDER BY id")?;
        let rows = query.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, bool>(2)?))
        })?;
        let mut found = Vec::new();
        for row in rows {
            let (id, title, open) = row?;
            found.extend(TicketId::parse_path(&id).map(|id| (id, title.unwrap_or_default(), open)));
        }
        Ok(found)
    }

    /// A ticket's loose messages at HEAD, whichever month folder they lie in: path and blob, in order of id.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn loose_messages(&self, ticket: TicketId) -> Result<Vec<(String, ObjectId)>, IndexError> {
        let mut query = self.db().prepare_cached(
            "SELECT f.month, m.name, m.blob FROM ticket_file f JOIN message m ON m.ticket = f.ticket WHERE f.id = ?1 AND m.loose = 1 ORDER BY m.name",
        )?;
        let mut rows = query.query([ticket.as_str()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (month, name): (String, String) = (row.get(0)?, row.get(1)?);
            if let (Some(message), Some(blob)) = (MessageId::parse(&name), id_of(row.get(2)?)) {
                found.push((layout::message_path(&file_of(&month, ticket), message), blob));
            }
        }
        Ok(found)
    }

    /// The paths of a ticket's attachments at HEAD, whichever month folder they lie in.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn attachments(&self, ticket: TicketId) -> Result<Vec<String>, IndexError> {
        let mut query = self.db().prepare_cached(
            "SELECT f.month, a.name, a.file FROM ticket_file f JOIN attachment a ON a.ticket = f.ticket WHERE f.id = ?1 AND a.until IS NULL",
        )?;
        let mut rows = query.query([ticket.as_str()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (month, name, file): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let message = MessageId::parse(&name);
            found.extend(message.map(|message| layout::attachment_path(&file_of(&month, ticket), message, &file)));
        }
        Ok(found)
    }

    /// Records of other kinds than ticket and message that have the slug or stamp `name`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn records_named(&self, name: &str) -> Result<Vec<Known>, IndexError> {
        self.known("name = ?1", &[&name])
    }

    /// All records of a kind, in order of path.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn records_of(&self, kind: Kind) -> Result<Vec<Known>, IndexError> {
        self.known("kind = ?1 ORDER BY path", &[&kind.word()])
    }

    /// The talks with a customer or team, by its whole reference.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn talks_with(&self, reference: &str) -> Result<Vec<Known>, IndexError> {
        self.known("about = ?1", &[&reference])
    }

    pub(super) fn known(&self, condition: &str, values: &[&dyn ToSql]) -> Result<Vec<Known>, IndexError> {
        let sql = format!("SELECT kind, path, blob, label, record FROM record WHERE blob IS NOT NULL AND {condition}");
        let mut query = self.db().prepare_cached(&sql)?;
        let mut rows = query.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            let kind = Kind::ALL.into_iter().find(|known| known.word() == kind);
            let (Some(kind), Some(blob)) = (kind, id_of(row.get(2)?)) else { continue };
            let label: Option<String> = row.get(3)?;
            found.push(Known { number: row.get(4)?, kind, path: row.get(1)?, blob, label: label.unwrap_or_default() });
        }
        Ok(found)
    }

    /// Files at HEAD that are no records although they should be, and their blobs.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn unreadable(&self) -> Result<Vec<(String, ObjectId)>, IndexError> {
        let mut query = self.db().prepare_cached("SELECT path, blob FROM unreadable ORDER BY path")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let mut found = Vec::new();
        for row in rows {
            let (path, blob) = row?;
            found.extend(id_of(Some(blob)).map(|blob| (path, blob)));
        }
        Ok(found)
    }

    /// Whether some ticket's id is in two folders, so that only the records themselves can say which counts.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn has_doubles(&self) -> Result<bool, IndexError> {
        let found = self.db().prepare_cached("SELECT 1 FROM twice LIMIT 1")?.query_row([], |_| Ok(())).optional()?;
        Ok(found.is_some())
    }

    /// The blob of a path at HEAD, for tickets, loose messages and other records; nothing when there is none.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ticket_blob(&self, path: &str) -> Result<Option<ObjectId>, IndexError> {
        let blob: Option<Option<Vec<u8>>> = self
            .db()
            .prepare_cached("SELECT blob FROM record WHERE path = ?1")?
            .query_row(params![path], |row| row.get(0))
            .optional()?;
        Ok(id_of(blob.flatten()))
    }
}
