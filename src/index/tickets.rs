//! What a refresh reads of the files that commits changed, apart from the database so that it can be read on several cores.

use crate::record::id::{MessageId, TicketId};
use crate::record::ticket_state::TicketState;
use crate::record::{Kind, Name, Record};
use crate::store::{self, ObjectId, Store, trailers};

/// What is kept of one version of a ticket.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) state: TicketState,
    pub(super) bound: Vec<Bound>,
}

/// A bound message.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) id: MessageId,
    pub(super) said: Said,
}

/// What is kept of a message.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    pub(super) at: Option<i64>,
    pub(super) kind: String,
    pub(super) from_customer: bool,
    pub(super) attachments: i64,
}

impl Said {
    pub(super) fn of(message: &Record) -> Self {
        let kind = message.text("kind").to_owned();
        Self {
            at: message.time("at").map(|at| at.unix()),
            from_customer: kind == "received" || message.text("by") == "customer",
            attachments: i64::try_from(message.list("attachments").len()).unwrap_or(i64::MAX),
            kind,
        }
    }
}

impl Kept {
    pub(super) fn of(record: &Record) -> Self {
        let bound = record.messages.iter().filter_map(|message| match &message.name {
            Name::Message(_, id) => Some(Bound { id: *id, said: Said::of(message) }),
            _ => None,
        });
        Self { state: TicketState::of(record), bound: bound.collect() }
    }
}

/// What is kept of a commit's message.
#[derive(Debug, Default)]
pub(super) struct CommitWords {
    /// Commits that it takes back, as written.
    pub(super) undoes: Vec<String>,
    /// Tickets it names in lines of their own, and the word before them.
    pub(super) links: Vec<(TicketId, &'static str)>,
}

/// The words that link a commit to a ticket.
const KEYWORDS: [&str; 4] = ["fixes", "resolves", "closes", "refs"];

impl CommitWords {
    pub(super) fn of(message: &str) -> Self {
        let mut words = Self::default();
        if message.contains("\nUndoes:") {
            let lines = trailers::trailers(message).into_iter().filter(|(key, _)| key == "Undoes");
            words.undoes.extend(lines.map(|(_, commit)| commit));
        }
        for line in message.lines() {
            let Some((key, value)) = line.split_once(':') else { continue };
            let Some(keyword) = KEYWORDS.into_iter().find(|word| key.eq_ignore_ascii_case(word)) else { continue };
            // Only whole ids link, so that a word is never taken for a ticket.
            let ids = value.split([',', ' ']).filter(|id| id.starts_with("T-") && id.len() == 8);
            for id in ids.filter_map(TicketId::parse) {
                if !words.links.contains(&(id, keyword)) {
                    words.links.push((id, keyword));
                }
            }
        }
        words
    }
}

/// Something to read.
#[derive(Debug, Clone)]
pub(super) enum Job {
    /// A version of a ticket.
    Ticket(TicketId, String, ObjectId),
    /// The message of a commit.
    Commit(ObjectId),
}

/// What came of reading it.
#[derive(Debug)]
pub(super) enum Read {
    /// A version; nothing when the file is no record.
    Ticket(Option<Box<Kept>>),
    /// A commit's words.
    Commit(CommitWords),
}

/// Reads all jobs, in their order.
pub(super) fn read_all(store: &Store, jobs: &[Job]) -> Result<Vec<Read>, store::Error> {
    store.read_many(jobs, |objects, job| {
        Ok(match job {
            Job::Ticket(id, path, blob) => {
                let parsed = objects.record(Kind::Ticket, &Name::Ticket(*id), path, *blob)?;
                Read::Ticket(parsed.record.as_ref().map(Kept::of).map(Box::new))
            }
            Job::Commit(id) => Read::Commit(CommitWords::of(&objects.commit(*id)?.message)),
        })
    })
}
