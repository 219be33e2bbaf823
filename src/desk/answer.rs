//! Which of two ways answers a question: the index, or reading everything where it cannot.

use std::collections::BTreeSet;

use super::reading::Reading;
use super::{At, Desk, Records, resolve};
use crate::index::{Index, IndexError, RecordLine};
use crate::record::{Kind, Name, Record};
use crate::store;
use crate::store::timeline::{Change, ClockFinding, Line};

impl Desk {
    /// The records that `references` may name at a moment, with what a reader of theirs wants to know of others; perhaps more.
    ///
    /// # Errors
    /// When the repository cannot be read or has no such revision.
    pub fn around(&self, at: &At, references: &[String]) -> Result<Records, store::Error> {
        let found = self.through(|| {
            Reading::at(self, at, references, |reading| {
                let records = reading.around(references)?;
                let names = |records: &Records| references.iter().all(|text| resolve::any(records, text).is_ok());
                // What names nothing is answered with the nearest names of all.
                if names(&records) { Ok(records) } else { reading.every() }
            })
        })?;
        found.map_or_else(|| self.records(at), Ok)
    }

    /// As [`Desk::around`], of records some of which may not be there at that moment.
    ///
    /// # Errors
    /// When the repository cannot be read or has no such revision.
    pub fn around_known(&self, at: &At, references: &[String]) -> Result<Records, store::Error> {
        let found = self.through(|| Reading::at(self, at, references, |reading| reading.around(references)))?;
        found.map_or_else(|| self.records(at), Ok)
    }

    /// Brings an index that is there up to date; whatever is wrong with it is for the next read to mend.
    pub fn refresh_index(&self) {
        let _ = self.through_committed(|_| Ok(()));
    }

    /// The records that `text` may name now, perhaps others too, and the part of the timeline that the one it names is on, where
    /// that is known.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn life_of(&self, text: &str) -> Result<(Records, Option<RecordLine>), store::Error> {
        let references = [text.to_owned()];
        let named = |reading: &Reading<'_>| {
            let records = reading.named(text)?;
            let Ok(path) = resolve::any(&records, text).map(|record| record.path.clone()) else { return Ok(None) };
            let line = reading.line_of(&path)?;
            Ok(Some((records, line)))
        };
        if let Some(found) = self.through(|| Reading::now_of(self, &references, named))?.flatten() {
            return Ok(found);
        }
        // What names nothing is answered with the nearest names of all.
        let every = self.through_index(|reading| reading.every())?;
        Ok((every.map_or_else(|| self.records(&At::Now), Ok)?, None))
    }

    /// What a day is about at a moment: open tickets, with the messages of those that were handed off, people, teams, proposals.
    ///
    /// # Errors
    /// When the repository cannot be read or has no such revision.
    pub fn day(&self, at: &At) -> Result<Records, store::Error> {
        let found = self.through_index_at(at, |reading| reading.day())?;
        found.map_or_else(|| self.records(at), Ok)
    }

    /// The records of one kind as they are now, tickets and messages excepted; perhaps others too.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn kind(&self, kind: Kind) -> Result<Records, store::Error> {
        let found = self.through_index(|reading| {
            let mut records = Records::default();
            reading.add_kind(&mut records, kind)?;
            Ok(records)
        })?;
        found.map_or_else(|| self.records_of_folders(&[kind.folder()]), Ok)
    }

    /// Asks the index about now; nothing where it cannot answer and the records have to be read.
    pub(super) fn through_index<T>(
        &self,
        ask: impl Fn(&Reading<'_>) -> Result<T, IndexError>,
    ) -> Result<Option<T>, store::Error> {
        self.through(|| Reading::now(self, &[], ask))
    }

    /// As [`Desk::through_index`], about a moment.
    pub(super) fn through_index_at<T>(
        &self,
        at: &At,
        ask: impl Fn(&Reading<'_>) -> Result<T, IndexError>,
    ) -> Result<Option<T>, store::Error> {
        self.through(|| Reading::at(self, at, &[], ask))
    }

    /// As [`Desk::through_index`], about what is committed: the work tree is not looked at.
    pub(super) fn through_committed<T>(
        &self,
        ask: impl Fn(&Reading<'_>) -> Result<T, IndexError>,
    ) -> Result<Option<T>, store::Error> {
        self.through(|| Reading::committed(self).and_then(|reading| ask(&reading)))
    }

    fn through<T>(&self, answer: impl FnOnce() -> Result<T, IndexError>) -> Result<Option<T>, store::Error> {
        if self.indexed { self.answered(answer()) } else { Ok(None) }
    }

    /// What the index answered; nothing where it could not.
    fn answered<T>(&self, answer: Result<T, IndexError>) -> Result<Option<T>, store::Error> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error @ (IndexError::Database(_) | IndexError::Store(_))) => {
                if !error.is_damage() && matches!(error, IndexError::Database(_)) {
                    return Ok(None);
                }
                // Damage that showed only now: SQLite found it, or the index names objects that are not there. The next read
                // begins with nothing. Where it is the repository that is damaged, reading the records says so, if they need
                // what is missing; the index wants all of history.
                let _ = Index::discard(self.store.git_dir(), self.store.prefix());
                Ok(None)
            }
            Err(IndexError::Place(_) | IndexError::Busy | IndexError::Foreign) => Ok(None),
        }
    }

    /// The part of the timeline that a record's files are on, a ticket's with its messages; nothing before the first commit.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn line_of(&self, record: &Record) -> Result<Option<RecordLine>, store::Error> {
        if let Some(found) = self.through_committed(|reading| reading.line_of(&record.path))?.flatten() {
            return Ok(Some(found));
        }
        // A ticket's messages come and go beside it, so their folder is followed.
        let (folder, file) = record.path.rsplit_once('/').unwrap_or(("", &record.path));
        let beside = format!("{folder}/{}.", file.strip_suffix(".toml").unwrap_or(file));
        let is_ticket = matches!(record.name, Name::Ticket(_));
        let followed = if is_ticket { folder } else { &record.path };
        let Some(mut line) = self.timeline(Some(&[followed.to_owned()]))? else { return Ok(None) };
        for position in &mut line.positions {
            position
                .changes
                .retain(|change| change.path == record.path || (is_ticket && change.path.starts_with(&beside)));
        }
        line.positions.retain(|position| !position.changes.is_empty());
        Ok(Some(RecordLine { line, ..RecordLine::default() }))
    }

    /// The last `count` positions of the timeline with what they changed in records, perhaps more, and the latest moment at which
    /// something before them took effect, if there is anything before them.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn latest(&self, count: usize) -> Result<(Line, Option<i64>), store::Error> {
        if let Some(found) = self.through_committed(|reading| reading.latest(count))?.flatten() {
            return Ok(found);
        }
        Ok((self.timeline(None)?.unwrap_or_default(), None))
    }

    /// Commits whose clock was ahead, by the dates they claim.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn clock_findings(&self) -> Result<Vec<ClockFinding>, store::Error> {
        let mut found = match self.through_committed(|reading| reading.clock_findings())? {
            Some(found) => found,
            None => self.timeline(None)?.unwrap_or_default().clock_findings,
        };
        found.sort_by_key(|finding| (finding.recorded, finding.commit));
        Ok(found)
    }

    /// What happened to the files of some tickets, each in the order of the timeline.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub(super) fn changes_of_tickets(&self, paths: &BTreeSet<String>) -> Result<Vec<Change>, store::Error> {
        if let Some(found) = self.through_committed(|reading| reading.changes_of_tickets(paths))? {
            return Ok(found);
        }
        let line = self.timeline(None)?.unwrap_or_default();
        let changes = line.positions.into_iter().flat_map(|position| position.changes);
        Ok(changes.filter(|change| paths.contains(&change.path)).collect())
    }
}
