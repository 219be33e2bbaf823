//! What someone wants done: changes to records, worked out without files, clock or git.
//!
//! A [`Plan`] is the changes of one commit and the words for it. Each kind with verbs has a room of its own here; what has none
//! is changed with [`set`] and checked by [`super::lifecycle`].

pub mod assign;
pub mod person;
pub mod playbook;
pub mod proposal;
pub mod retire;
pub mod stamped;
mod strip;
pub mod ticket;

use super::id::{MessageId, TicketId};
use super::time::Time;
use super::{Kind, Name, Record, Value};

/// One change to one record or attachment.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new record.
    Create(Box<Record>),
    /// New values of some keys.
    Set {
        /// The kind.
        kind: Kind,
        /// The id or slug.
        name: Name,
        /// Keys and their new values.
        sets: Vec<(&'static str, Value)>,
    },
    /// A new attachment of a message.
    Attach {
        /// The ticket.
        ticket: TicketId,
        /// The message it belongs to.
        message: MessageId,
        /// Its plain file name.
        file: String,
        /// Its content.
        bytes: Vec<u8>,
    },
}

/// The changes of one commit, and the words for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// What happened in a few words, without the record's reference: `waiting on engineering, next update 24 Nov`.
    pub summary: String,
    /// What the user should know besides, a line each.
    pub hints: Vec<String>,
}

/// Why a change is refused, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What cannot be done, about what; lower case, no full stop.
    pub message: String,
    /// The cure, as a command where there is one.
    pub hint: String,
}

impl Refusal {
    /// A refusal with its cure.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// When and by whom something is done, and where its random bits come from.
pub struct Moment<'a> {
    /// When it happens.
    pub at: Time,
    /// The person who does it; "" when they have no record.
    pub by: String,
    /// The zone days are named in.
    pub zone: jiff::tz::TimeZone,
    /// Random bits for ids.
    pub random: &'a mut dyn FnMut() -> u64,
}

impl Moment<'_> {
    /// An id for a message at `at`.
    pub fn message_id(&mut self, at: Time) -> MessageId {
        MessageId::new(at, (self.random)())
    }

    /// A day in few words: `24 Nov`, with the year when it is another one.
    pub fn day_words(&self, time: Time) -> String {
        super::age::short_day(time.day_in(&self.zone), self.at.day_in(&self.zone))
    }
}

/// The change that gives `record` new values.
pub fn set(record: &Record, sets: Vec<(&'static str, Value)>) -> Change {
    Change::Set { kind: record.kind, name: record.name.clone(), sets }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Runs `f` at a time, by a person, with random bits that are always the same.
    pub(crate) fn at<T>(now: &str, by: &str, f: impl FnOnce(&mut Moment<'_>) -> T) -> T {
        let at = Time::parse(now).unwrap();
        let mut random = || 7;
        f(&mut Moment { at, by: by.to_owned(), zone: jiff::tz::TimeZone::UTC, random: &mut random })
    }

    /// The record as a plan leaves it.
    pub(crate) fn done(record: &Record, plan: Plan) -> Record {
        let mut record = record.clone();
        for change in plan.changes {
            let Change::Set { sets, .. } = change else { panic!("not a change of the record: {change:?}") };
            sets.into_iter().for_each(|(key, value)| record.set(key, value));
        }
        record
    }
}
