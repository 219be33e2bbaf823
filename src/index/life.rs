//! The part of the timeline that one record is on: which commits changed its files, and how.

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
                let sql = "SELECT position, effective, replaced, blob FROM ticket_version WHERE ticket = ?1";
                self.collect(sql, number, path, &mut changes)?;
                if !self.collect_messages(number, path, &mut changes)? {
                    return Ok(None);
                }
                self.collect_attachments(number, path, &mut changes)?;
            }
            _ => {
                let number: Option<i64> = self
                    .db()
                    .prepare_cached("SELECT record FROM record WHERE path = ?1")?
                    .query_row([path], |row| row.get(0))
                    .optional()?;
                let Some(number) = number else { return Ok(Some(RecordLine::default())) };
                let sql = "SELECT position, effective, replaced, blob FROM record_version WHERE record = ?1";
                self.collect(sql, number, path, &mut changes)?;
            }
        }
        self.positions(changes).map(Some)
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
