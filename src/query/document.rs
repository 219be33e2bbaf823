//! What search reads of one record, in three columns.
//!
//! Pure. Texts, names and references; not the words of fixed lists, times and numbers, which fields of a query ask for. Who
//! did something at some time is left out: of messages, talks and jots only the words are there, of a proposal not who
//! raised it.

use std::borrow::Cow;

use super::words::{Term, add_indexed};
use crate::record::schema::{Key, Type};
use crate::record::time::Time;
use crate::record::{Kind, Record, Value};

/// A column of words. What is found in one counts more than in the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The reference, and the title or name.
    Name,
    /// All other keys.
    Fields,
    /// The texts of a ticket's messages.
    Messages,
}

/// How many columns there are.
pub const COLUMNS: usize = 3;

impl Column {
    /// Every column, in the order of an index.
    pub const ALL: [Self; COLUMNS] = [Self::Name, Self::Fields, Self::Messages];

    /// The name in an index.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Fields => "fields",
            Self::Messages => "messages",
        }
    }
}

/// Where a text stands in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// The reference.
    Reference,
    /// The key that says what the record is called.
    Name(&'static str),
    /// Another key.
    Key(&'static str),
    /// A message of a ticket.
    Message {
        /// What it is: `received`, `reply` and so on.
        kind: &'a str,
        /// When it was said.
        at: Option<Time>,
    },
}

impl Place<'_> {
    /// The column of the texts there.
    pub fn column(&self) -> Column {
        match self {
            Self::Reference | Self::Name(_) => Column::Name,
            Self::Key(_) => Column::Fields,
            Self::Message { .. } => Column::Messages,
        }
    }
}

/// A text of a record and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// Where it stands.
    pub place: Place<'a>,
    /// The text.
    pub text: Cow<'a, str>,
}

/// The texts of one record, in the order of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document<'a> {
    /// The texts.
    pub parts: Vec<Part<'a>>,
}

impl<'a> Document<'a> {
    /// The texts of a record; of a ticket also those of its messages.
    pub fn of(record: &'a Record, messages: &'a [Record]) -> Self {
        let mut parts = vec![Part { place: Place::Reference, text: Cow::Owned(record.reference()) }];
        let name = ["title", "name"].into_iter().find_map(|name| record.schema().key(name));
        if let Some(key) = name {
            add(&mut parts, Place::Name(key.name), record.get(key.name));
        }
        for key in
            record.schema().keys.iter().filter(|key| is_text(key) && Some(key.name) != name.map(|name| name.name))
        {
            add(&mut parts, Place::Key(key.name), record.get(key.name));
        }
        for message in messages {
            let place = Place::Message { kind: message.text("kind"), at: message.time("at") };
            for key in ["text", "situation", "background", "assessment", "request", "evidence"] {
                add(&mut parts, place, message.get(key));
            }
        }
        Self { parts }
    }
}

impl Document<'_> {
    /// Its words, as an index stores them.
    pub fn indexed(&self) -> Indexed {
        let mut columns: [String; COLUMNS] = Default::default();
        for part in &self.parts {
            add_indexed(&mut columns[part.place.column() as usize], &part.text);
        }
        Indexed { columns }
    }
}

/// The words of a document: each column in the encoding of [`words`](super::words), in the order of [`Column::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Indexed {
    /// The columns.
    pub columns: [String; COLUMNS],
}

impl Indexed {
    /// A document of one text that has no name.
    pub fn of_text(text: &str) -> Self {
        let mut indexed = Self::default();
        add_indexed(&mut indexed.columns[Column::Fields as usize], text);
        indexed
    }

    /// Whether a column has the term.
    pub fn has(&self, term: &Term) -> bool {
        self.columns.iter().any(|column| term.is_in(column))
    }

    /// Whether it has no word.
    pub fn is_empty(&self) -> bool {
        self.columns.iter().all(String::is_empty)
    }

    /// Its words, gaps left out; words come as often as they stand there.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let all = self.columns.iter().flat_map(|column| column.split_ascii_whitespace());
        all.filter(|word| *word != super::words::GAP)
    }
}

/// The kinds that are searched, a ticket with its messages.
pub fn kinds() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Settings | Kind::Message))
}

/// Whether the key holds words that are searched.
fn is_text(key: &Key) -> bool {
    let is_who = matches!(key.name, "by" | "raised-by" | "away" | "owner");
    !is_who && !matches!(key.ty, Type::Word(_) | Type::Time | Type::Day | Type::Bool | Type::Number)
}

fn add<'a>(parts: &mut Vec<Part<'a>>, place: Place<'a>, value: &'a Value) {
    let mut part = |text: &'a str| {
        if !text.is_empty() {
            parts.push(Part { place, text: Cow::Borrowed(text) });
        }
    };
    match value {
        Value::Text(text) => part(text),
        Value::List(items) => items.iter().for_each(|item| part(item)),
        Value::Rows(rows) => {
            for (_, cell) in rows.iter().flatten() {
                if let Value::Text(text) = cell {
                    part(text);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::record::Name;
    use crate::record::id::{MessageId, TicketId};
    use crate::record::slug::Slug;

    fn slug(kind: Kind, slug: &str) -> Record {
        Record::new(kind, Name::Slug(Slug::parse(slug).unwrap()), "")
    }

    fn columns(record: &Record, messages: &[Record]) -> Vec<String> {
        let indexed = Document::of(record, messages).indexed();
        Column::ALL.iter().map(|column| indexed.columns[*column as usize].replace('\u{e000}', "|")).collect()
    }

    #[test]
    fn a_ticket_is_its_keys_and_what_was_said_and_never_who_said_it() {
        let id = TicketId::parse("T-7k3mqp").unwrap();
        let at = Time::parse("2026-11-02T09:15:00Z").unwrap();
        let ticket = Record::new(Kind::Ticket, Name::Ticket(id), "")
            .with("title", "Export stops")
            .with("status", "waiting")
            .with("opened", at)
            .with("customer", "acme")
            .with("labels", vec!["vip".to_owned(), "eu".to_owned()])
            .with("waiting-on", "team:engineering");
        let name = Name::Message(id, MessageId::parse("20261102T091500Z-4hx2").unwrap());
        let message = Record::new(Kind::Message, name, "")
            .with("kind", "reply")
            .with("at", at)
            .with("by", "sam")
            .with("to", "ada@acme.example")
            .with("text", "Hello");
        let expected = [" t 7k3mqp | export stops ", " acme | team engineering | vip | eu ", " hello "];
        assert_eq!(columns(&ticket, &[message]), expected);
    }

    #[test]
    fn other_kinds_are_all_their_words() {
        let proposal = slug(Kind::Proposal, "short-form")
            .with("title", "Shorter form")
            .with("status", "heard")
            .with("raised-by", "sam")
            .with("customer-benefit", "less to type")
            .with("evidence", vec!["T-7k3mqp".to_owned()]);
        let expected = [" proposal short form | shorter form ", " less to type | t 7k3mqp ", ""];
        assert_eq!(columns(&proposal, &[]), expected);
        let away = vec![vec![("cover".to_owned(), Value::from("ada"))]];
        let sam =
            slug(Kind::Person, "sam").with("name", "Sam").with("away", Value::Rows(away)).with("reach", "the door");
        assert_eq!(columns(&sam, &[]), [" person sam | sam ", " the door ", ""]);
    }
}
