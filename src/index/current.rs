//! What the index says of records as they are now: brought up to date once a refresh knows what changed, whatever happened in between.

use rusqlite::{Connection, OptionalExtension, params, params_from_iter, types::Value as Sql};

use super::search::Document;
use super::texts::Texts;
use super::tickets::Said;
use super::write::{Row, set};
use super::{IndexError, edits, erase, id_of, schema};
use crate::query::{document, rank};
use crate::record::conversation;
use crate::record::id::{MessageId, TicketId};
use crate::record::{Kind, Name, Record, Value, ticket};
use crate::store::layout::{self, Located, locate};
use crate::store::reading::Objects;
use crate::store::{self, ObjectId, Store};

/// Rows settled together.
const BATCH: usize = 2_048;

/// Brings the current state of rows up to date.
pub(super) fn settle(db: &Connection, store: &Store, rows: &[Row]) -> Result<(), IndexError> {
    let mut texts = Texts::new(db);
    for rows in rows.chunks(BATCH) {
        let found: Vec<Found> = rows.iter().map(|row| find(db, *row)).collect::<Result<_, _>>()?;
        let read = store.read_many(&found, read)?;
        for (row, (found, settled)) in rows.iter().zip(found.iter().zip(read)) {
            match row {
                Row::Ticket(number) => write_ticket(db, &mut texts, *number, found, &settled)?,
                Row::Record(number) => write_record(db, &mut texts, *number, found, &settled)?,
            }
        }
    }
    if texts.finish()? {
        erase::want(db, store)?;
    }
    Ok(())
}

/// What the index knows of a row before its files are read.
struct Found {
    path: String,
    blob: Option<ObjectId>,
    /// Loose messages and their blobs.
    loose: Vec<(MessageId, ObjectId)>,
    /// Messages whose files are gone and were never read, with their last blobs.
    gone: Vec<(MessageId, ObjectId)>,
    /// Whether the row is all that is known under its id.
    alone: bool,
}

/// A row's files, read.
#[derive(Default)]
struct Settled {
    record: Option<Record>,
    /// Loose and bound, in order of time.
    messages: Vec<Record>,
    /// What messages said that are gone.
    gone: Vec<(MessageId, Said)>,
    /// Files that are no records.
    unreadable: Vec<(String, ObjectId)>,
    words: [String; 3],
}

fn find(db: &Connection, row: Row) -> Result<Found, IndexError> {
    match row {
        Row::Ticket(number) => find_ticket(db, number),
        Row::Record(number) => {
            let path: String = db
                .prepare_cached("SELECT path FROM record WHERE record = ?1")?
                .query_row([number], |row| row.get(0))?;
            let blob = newest(db, "SELECT blob FROM record_version WHERE record = ?1 AND until IS NULL", number)?;
            Ok(Found { path, blob, loose: Vec::new(), gone: Vec::new(), alone: true })
        }
    }
}

fn newest(db: &Connection, sql: &str, number: i64) -> Result<Option<ObjectId>, IndexError> {
    let blob: Option<Option<Vec<u8>>> = db.prepare_cached(sql)?.query_row([number], |row| row.get(0)).optional()?;
    Ok(id_of(blob.flatten()))
}

fn find_ticket(db: &Connection, number: i64) -> Result<Found, IndexError> {
    let (id, month): (String, String) = db
        .prepare_cached("SELECT id, month FROM ticket_file WHERE ticket = ?1")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let blob = newest(db, "SELECT blob FROM ticket_version WHERE ticket = ?1 AND until IS NULL", number)?;
    let loose = messages(db, "SELECT name, blob FROM message WHERE ticket = ?1 AND loose = 1", number)?;
    let gone = messages(db, "SELECT name, blob FROM message WHERE ticket = ?1 AND loose = 0 AND kind IS NULL", number)?;
    let others: i64 =
        db.prepare_cached("SELECT count(*) FROM ticket_file WHERE id = ?1")?.query_row([&id], |row| row.get(0))?;
    Ok(Found { path: format!("tickets/{month}/{id}.toml"), blob, loose, gone, alone: others == 1 })
}

fn messages(db: &Connection, sql: &str, number: i64) -> Result<Vec<(MessageId, ObjectId)>, IndexError> {
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([number], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<Vec<u8>>>(1)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (name, blob) = row?;
        found.extend(MessageId::parse(&name).zip(id_of(blob)));
    }
    Ok(found)
}

fn read(objects: &Objects, found: &Found) -> Result<Settled, store::Error> {
    let mut settled = Settled::default();
    let Some(Located::Record(kind, name)) = locate(&found.path) else { return Ok(settled) };
    if let Some(blob) = found.blob {
        settled.record = objects.record(kind, &name, &found.path, blob)?.record;
        if settled.record.is_none() {
            settled.unreadable.push((found.path.clone(), blob));
        }
    }
    if let Name::Ticket(ticket) = name {
        for (message, blob) in &found.loose {
            let path = layout::message_path(&found.path, *message);
            let name = Name::Message(ticket, *message);
            match objects.record(Kind::Message, &name, &path, *blob)?.record {
                Some(message) => settled.messages.push(message),
                None => settled.unreadable.push((path, *blob)),
            }
        }
        // What came and went between two refreshes counts for what was known while it was there.
        for (message, blob) in &found.gone {
            let path = layout::message_path(&found.path, *message);
            let name = Name::Message(ticket, *message);
            let parsed = objects.record(Kind::Message, &name, &path, *blob)?.record;
            settled.gone.extend(parsed.map(|message| Said::of(&message)).map(|said| (*message, said)));
        }
    }
    if let Some(record) = &mut settled.record {
        for message in std::mem::take(&mut record.messages) {
            if !settled.messages.iter().any(|loose| loose.name == message.name) {
                settled.messages.push(message);
            }
        }
        settled.messages.sort_by(|a, b| (a.time("at"), &a.name, &a.path).cmp(&(b.time("at"), &b.name, &b.path)));
        settled.words = document::Document::of(record, &settled.messages).indexed().columns;
    }
    Ok(settled)
}

fn write_ticket(
    db: &Connection,
    texts: &mut Texts<'_>,
    number: i64,
    found: &Found,
    settled: &Settled,
) -> Result<(), IndexError> {
    let Some(Located::Record(_, Name::Ticket(id))) = locate(&found.path) else { return Ok(()) };
    texts.remove(Document::Ticket(number), &settled.words)?;
    forget_unreadable(db, &found.path)?;
    db.prepare_cached("DELETE FROM ticket WHERE ticket = ?1")?.execute([number])?;
    note_unreadable(db, settled)?;
    for message in &settled.messages {
        if let Name::Message(_, name) = &message.name {
            say(db, number, *name, &Said::of(message))?;
        }
    }
    for (name, said) in &settled.gone {
        say(db, number, *name, said)?;
    }
    let open = settled.record.as_ref().is_some_and(|record| !ticket::is_done(record.text("status")));
    if let Some(record) = &settled.record {
        insert_ticket(db, number, found, record, &settled.messages, open)?;
        texts.put(Document::Ticket(number), &settled.words, rank::moment(record))?;
    }
    twice(db, id, found)?;
    let (folder, file) = found.path.rsplit_once('/').unwrap_or(("", &found.path));
    edits::set_live(db, folder, file, open)
}

fn forget_unreadable(db: &Connection, path: &str) -> Result<(), IndexError> {
    let start = path.strip_suffix(".toml").unwrap_or(path);
    db.prepare_cached("DELETE FROM unreadable WHERE path >= ?1 || '.' AND path < ?1 || '/'")?.execute([start])?;
    Ok(())
}

fn note_unreadable(db: &Connection, settled: &Settled) -> Result<(), IndexError> {
    for (path, blob) in &settled.unreadable {
        db.prepare_cached("INSERT OR REPLACE INTO unreadable VALUES (?1, ?2)")?
            .execute(params![path, blob.as_bytes()])?;
    }
    Ok(())
}

fn say(db: &Connection, number: i64, name: MessageId, said: &Said) -> Result<(), IndexError> {
    db.prepare_cached(
        "UPDATE message SET at = ?3, kind = ?4, from_customer = ?5, attachments = ?6 WHERE ticket = ?1 AND name = ?2 AND kind IS NULL",
    )?
    .execute(params![number, name.to_string(), said.at, said.kind, said.from_customer, said.attachments])?;
    Ok(())
}

fn insert_ticket(
    db: &Connection,
    number: i64,
    found: &Found,
    record: &Record,
    messages: &[Record],
    open: bool,
) -> Result<(), IndexError> {
    let (Some(id), Some(blob)) = (record.ticket_id(), found.blob) else { return Ok(()) };
    let mut values: Vec<Sql> = vec![
        schema::place(number, open).into(),
        number.into(),
        id.as_str().to_owned().into(),
        found.path.clone().into(),
        blob.as_bytes().to_vec().into(),
        i64::from(open).into(),
    ];
    for column in schema::ticket_columns() {
        // Who saw to what is done is nobody's business here.
        let value = if column.key.name == "owner" && !open { &Value::Unset } else { record.get(column.key.name) };
        values.push(stored(value));
    }
    let unknown = (!record.unknown.is_empty()).then(|| super::load::pack(&record.unknown));
    values.push(unknown.map_or(Sql::Null, Sql::Text));
    let summary = conversation::summary(record.time("opened"), messages);
    let time = |time: Option<crate::record::time::Time>| time.map_or(Sql::Null, |time| Sql::Integer(time.unix()));
    values.push(time(summary.last_public));
    values.push(time(summary.unanswered_since));
    values.push(time(summary.last_contact));
    values.push(i64::from(summary.has_reply).into());
    values.push(i64::from(summary.has_attachment).into());
    values.push(Sql::Integer(i64::try_from(messages.len()).unwrap_or(i64::MAX)));
    let marks = vec!["?"; values.len()].join(",");
    db.prepare_cached(&format!("INSERT INTO ticket VALUES ({marks})"))?.execute(params_from_iter(values))?;
    Ok(())
}

/// A value as its column holds it.
fn stored(value: &Value) -> Sql {
    match value {
        Value::Unset => Sql::Null,
        Value::Time(time) => Sql::Integer(time.unix()),
        Value::Number(number) => Sql::Integer(*number),
        Value::Bool(flag) => Sql::Integer(i64::from(*flag)),
        Value::List(items) => Sql::Text(super::load::list(items)),
        other => Sql::Text(other.to_string()),
    }
}

/// Notes an id that two month folders have; which of the two counts is for the records themselves to say.
fn twice(db: &Connection, id: TicketId, found: &Found) -> Result<(), IndexError> {
    if found.alone {
        return Ok(());
    }
    let there: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM ticket_file f WHERE f.id = ?1 AND (
                EXISTS (SELECT 1 FROM ticket_version v WHERE v.ticket = f.ticket AND v.until IS NULL AND v.blob IS NOT NULL)
                OR EXISTS (SELECT 1 FROM message m WHERE m.ticket = f.ticket AND (m.loose OR m.bound)))",
        )?
        .query_row([id.as_str()], |row| row.get(0))?;
    let sql = if there > 1 { "INSERT OR IGNORE INTO twice VALUES (?1)" } else { "DELETE FROM twice WHERE id = ?1" };
    db.prepare_cached(sql)?.execute([id.as_str()])?;
    Ok(())
}

fn write_record(
    db: &Connection,
    texts: &mut Texts<'_>,
    number: i64,
    found: &Found,
    settled: &Settled,
) -> Result<(), IndexError> {
    texts.remove(Document::Record(number), &settled.words)?;
    forget_unreadable(db, &found.path)?;
    note_unreadable(db, settled)?;
    let record = settled.record.as_ref();
    let text =
        |keys: &[&str]| record.and_then(|record| keys.iter().find_map(|key| record.text_of(key))).map(str::to_owned);
    let retired = record.and_then(|record| record.day("retired")).map(|day| day.to_string());
    db.prepare_cached(
        "UPDATE record SET blob = ?2, label = ?3, status = ?4, retired = ?5, about = ?6 WHERE record = ?1",
    )?
    .execute(params![
        number,
        found.blob.filter(|_| record.is_some()).as_ref().map(|id| id.as_bytes()),
        record.map(Record::label).and_then(set),
        text(&["status"]),
        retired,
        text(&["with"])
    ])?;
    if let Some(record) = record.filter(|record| document::kinds().any(|kind| kind == record.kind)) {
        texts.put(Document::Record(number), &settled.words, rank::moment(record))?;
    }
    Ok(())
}
