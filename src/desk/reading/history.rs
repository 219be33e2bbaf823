//! What the index knows of the past: versions, and parts of the timeline.

use super::Reading;
use crate::index::{IndexError, RecordLine, RecordVersion, TicketVersion};
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::store::timeline::{Change, ClockFinding, Line};
use crate::store::{self, ObjectId};

/// Versions of tickets, and of other records.
type Versions = (Vec<TicketVersion>, Vec<RecordVersion>);

impl Reading<'_> {
    /// The part of the timeline that the record at `path` is on.
    pub(in crate::desk) fn line_of(&self, path: &str) -> Result<Option<RecordLine>, IndexError> {
        self.index.line_of(path)
    }

    /// As [`Index::latest`].
    pub(in crate::desk) fn latest(&self, count: usize) -> Result<Option<(Line, Option<i64>)>, IndexError> {
        self.index.latest(count)
    }

    /// As [`Index::clock_findings`].
    pub(in crate::desk) fn clock_findings(&self) -> Result<Vec<ClockFinding>, IndexError> {
        self.index.clock_findings()
    }

    /// As [`Index::changes_of_ticket`], of several.
    pub(in crate::desk) fn changes_of_tickets<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p String>,
    ) -> Result<Vec<Change>, IndexError> {
        let mut found = Vec::new();
        for path in paths {
            found.append(&mut self.index.changes_of_ticket(path)?);
        }
        Ok(found)
    }

    /// The tickets that each of some commits changed together with files that are no records; of those outside the desk's folder
    /// `outside` knows.
    pub(in crate::desk) fn touched(
        &self,
        commits: &[ObjectId],
        outside: impl Fn(ObjectId) -> Result<bool, store::Error>,
    ) -> Result<Vec<(ObjectId, TicketId)>, IndexError> {
        let mut found = Vec::new();
        for commit in commits {
            let (tickets, others) = self.index.touched_by(*commit)?;
            if !tickets.is_empty() && (others || outside(*commit)?) {
                found.extend(tickets.into_iter().map(|ticket| (*commit, ticket)));
            }
        }
        Ok(found)
    }

    /// Every version of tickets and of other records, in the order of the timeline; with `from`, of the tickets that can still
    /// matter from then on.
    pub(in crate::desk) fn versions(&self, from: Option<Time>) -> Result<Versions, IndexError> {
        Ok((self.index.ticket_versions(from.map(Time::unix))?, self.index.record_versions()?))
    }
}
