//! Parts of the timeline: which commits changed the files of one record, or of all of them lately, and how.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::{Index, IndexError, id_of};
use crate::record::id::MessageId;
use crate::store::layout;
use crate::store::timeline::{Change, ClockFinding, Line, Position};

/// A record's part of the timeline.
#[derive(Debug, Default)]
pub struct RecordLine {
    /// The positions that changed the record's files, with those changes alone.
    pub line: Line,
    /// How many files of the desk that are no records each commit changed.
    pub other_files: BTreeMap<crate::store::ObjectId, usize>,
}

const RECORD_CHANGES: &str = "SELECT position, effective, replaced, blob FROM record_version WHERE record = ?1";

impl Index {
    /// The part of the timeline that the record at `path` is on, of a ticket with its messages and attachments; nothing where the
    /// index does not keep all that was done to it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn line_of(&self, path: &str) -> Result<Option<RecordLine>, IndexError> {
        let mut changes: BTreeMap<i64, Vec<Change>> = BTreeMap::new();
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["tickets", month, file] => {
                let id = file.strip_suffix(".toml").unwrap_or(file);
                let number: Option<i64> = self
                    .db()
                    .prepare_cached("SELECT ticket FROM ticket_file WHERE id = ?1 AND month = ?2")?
                    .query_row([id, month], |row| row.get(0))
                    .optional()?;
                let Some(number) = number else { return Ok(Some(RecordLine::default())) };
                if !self.collect_ticket(number, path, &mut changes)? {
                    return Ok(None);
                }
            }
            _ => {
                let number: Option<i64> = self
                    .db()
                    .prepare_cached("SELECT record FROM record WHERE path = ?1")?
                    .query_row([path], |row| row.get(0))
                    .optional()?;
                let Some(number) = number else { return Ok(Some(RecordLine::default())) };
                self.collect(RECORD_CHANGES, number, path, &mut changes)?;
            }
        }
        self.positions(changes).map(Some)
    }

    /// The last `count` positions of the timeline with what they changed in records, and the latest moment at which something
    /// before them took effect, if there is anything before them; nothing where the index does not keep all that was done.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn latest(&self, count: usize) -> Result<Option<(Line, Option<i64>)>, IndexError> {
        let last: Option<i64> = self.db().query_row("SELECT max(position) FROM position", [], |row| row.get(0))?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let first = last.map_or(0, |last| last.saturating_sub(count).saturating_add(1).max(0));
        let mut changes: BTreeMap<i64, Vec<Change>> = BTreeMap::new();
        let tickets = "SELECT ticket, 'tickets/' || month || '/' || id || '.toml' FROM ticket_file
             WHERE ticket IN (SELECT ticket FROM touch WHERE position >= ?1)";
        for (number, path) in self.numbers_and_paths(tickets, first)? {
            if !self.collect_ticket(number, &path, &mut changes)? {
                return Ok(None);
            }
        }
        let records = "SELECT record, path FROM record
             WHERE record IN (SELECT record FROM record_version WHERE position >= ?1)";
        for (number, path) in self.numbers_and_paths(records, first)? {
            self.collect(RECORD_CHANGES, number, &path, &mut changes)?;
        }
        let line = self.positions(changes.split_off(&first))?.line;
        let before = "SELECT max(effective) FROM position WHERE position < ?1";
        Ok(Some((line, self.db().query_row(before, [first], |row| row.get(0))?)))
    }

    fn numbers_and_paths(&self, sql: &str, first: i64) -> Result<Vec<(i64, String)>, IndexError> {
        let mut query = self.db().prepare_cached(sql)?;
        Ok(query.query_map([first], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    /// What happened to the file of a ticket alone, in the order of the timeline.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn changes_of_ticket(&self, path: &str) -> Result<Vec<Change>, IndexError> {
        let sql =
            "SELECT v.effective, v.replaced, v.blob FROM ticket_file f JOIN ticket_version v ON v.ticket = f.ticket
             WHERE f.id = ?1 AND f.month = ?2 ORDER BY v.position";
        let parts: Vec<&str> = path.split('/').collect();
        let ["tickets", month, file] = parts.as_slice() else { return Ok(Vec::new()) };
        let mut query = self.db().prepare_cached(sql)?;
        let mut rows = query.query(params![file.strip_suffix(".toml").unwrap_or(file), month])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (old, new) = (id_of(row.get(1)?), id_of(row.get(2)?));
            found.push(Change { path: path.to_owned(), old, new, effective: row.get(0)? });
        }
        Ok(found)
    }

    /// Commits whose clock was ahead.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn clock_findings(&self) -> Result<Vec<ClockFinding>, IndexError> {
        let sql = "SELECT commit_id, committer, recorded FROM position WHERE recorded <> committer";
        let mut query = self.db().prepare_cached(sql)?;
        let mut rows = query.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (recorded, cut_to) = (row.get(1)?, row.get(2)?);
            found.extend(id_of(row.get(0)?).map(|commit| ClockFinding { commit, recorded, cut_to }));
        }
        Ok(found)
    }

    /// Whether all that happened to the files of a ticket can be told.
    fn collect_ticket(
        &self,
        number: i64,
        path: &str,
        changes: &mut BTreeMap<i64, Vec<Change>>,
    ) -> Result<bool, IndexError> {
        let sql = "SELECT position, effective, replaced, blob FROM ticket_version WHERE ticket = ?1";
        self.collect(sql, number, path, changes)?;
        if !self.collect_messages(number, path, changes)? {
            return Ok(false);
        }
        self.collect_attachments(number, path, changes)?;
        Ok(true)
    }

    fn collect(
        &self,
        sql: &str,
        number: i64,
        path: &str,
        changes: &mut BTreeMap<i64, Vec<Change>>,
    ) -> Result<(), IndexError> {
        let mut query = self.db().prepare_cached(sql)?;
        let mut rows = query.query([number])?;
        while let Some(row) = rows.next()? {
            let (old, new) = (id_of(row.get(2)?), id_of(row.get(3)?));
            let change = Change { path: path.to_owned(), old, new, effective: row.get(1)? };
            changes.entry(row.get(0)?).or_default().push(change);
        }
        Ok(())
    }

    /// Whether what happened to each message's file can be told.
    fn collect_messages(
        &self,
        number: i64,
        path: &str,
        changes: &mut BTreeMap<i64, Vec<Change>>,
    ) -> Result<bool, IndexError> {
        let mut query = self.db().prepare_cached(
            "SELECT name, position, effective, blob, loose, changed, changed_position, changes FROM message WHERE ticket = ?1",
        )?;
        let mut rows = query.query([number])?;
        while let Some(row) = rows.next()? {
            let count: i64 = row.get(7)?;
            let (Some(message), blob) = (MessageId::parse(&row.get::<_, String>(0)?), id_of(row.get(3)?)) else {
                continue;
            };
            let loose: bool = row.get(4)?;
            let path = layout::message_path(path, message);
            match (count, loose) {
                (0, _) => continue,
                (1, true) | (2, false) => {}
                _ => return Ok(false),
            }
            let came = Change { path: path.clone(), old: None, new: blob, effective: row.get(2)? };
            changes.entry(row.get(1)?).or_default().push(came);
            if count == 2 {
                let went = Change { path, old: blob, new: None, effective: row.get(5)? };
                changes.entry(row.get(6)?).or_default().push(went);
            }
        }
        Ok(true)
    }

    fn collect_attachments(
        &self,
        number: i64,
        path: &str,
        changes: &mut BTreeMap<i64, Vec<Change>>,
    ) -> Result<(), IndexError> {
        let mut query = self.db().prepare_cached(
            "SELECT name, file, position, effective, blob, until, ended, replaced FROM attachment WHERE ticket = ?1 ORDER BY position",
        )?;
        let mut rows = query.query([number])?;
        let mut before: BTreeMap<String, Option<i64>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let Some(message) = MessageId::parse(&row.get::<_, String>(0)?) else { continue };
            let path = layout::attachment_path(path, message, &row.get::<_, String>(1)?);
            let (position, blob, ended): (i64, _, Option<i64>) = (row.get(2)?, id_of(row.get(4)?), row.get(6)?);
            if before.get(&path) == Some(&Some(position)) {
                // The end of the one before is this one's beginning.
                changes.entry(position).or_default().retain(|change| change.path != path);
            }
            let came = Change { path: path.clone(), old: id_of(row.get(7)?), new: blob, effective: row.get(3)? };
            changes.entry(position).or_default().push(came);
            if let (Some(ended), Some(effective)) = (ended, row.get(5)?) {
                changes.entry(ended).or_default().push(Change { path: path.clone(), old: blob, new: None, effective });
            }
            before.insert(path, ended);
        }
        Ok(())
    }

    fn positions(&self, changes: BTreeMap<i64, Vec<Change>>) -> Result<RecordLine, IndexError> {
        let mut out = RecordLine { line: Line { contains_stop: false, ..Line::default() }, ..RecordLine::default() };
        let mut query = self.db().prepare_cached(
            "SELECT commit_id, effective, recorded, author_time, committer, other_files FROM position WHERE position = ?1",
        )?;
        for (position, mut changes) in changes {
            changes.sort_by(|a, b| a.path.cmp(&b.path));
            let found = query.query_row(params![position], |row| {
                let (committer, others): (i64, i64) = (row.get(4)?, row.get(5)?);
                Ok(id_of(row.get(0)?).map(|commit| {
                    let effective = row.get(1)?;
                    let position =
                        Position { commit, effective, recorded: row.get(2)?, author_time: row.get(3)?, changes };
                    Ok::<_, rusqlite::Error>((position, committer, others))
                }))
            })?;
            let Some((position, committer, others)) = found.transpose()? else { continue };
            if position.recorded != committer {
                let finding = ClockFinding { commit: position.commit, recorded: committer, cut_to: position.recorded };
                out.line.clock_findings.push(finding);
            }
            out.other_files.insert(position.commit, usize::try_from(others).unwrap_or_default());
            out.line.positions.push(position);
        }
        Ok(out)
    }
}
