//! Records and their rules: no git, terminal, files or clock.
//!
//! A [`Record`] is the values of one TOML file of a [`Kind`]; which keys a kind has, in which order and of which type, is its
//! [`Schema`], one table a file of this folder. What someone wants is a [`change::Change`], what happened between two
//! versions an [`event::Event`], what is wrong a [`finding::Finding`]; which moves a lifecycle allows is in [`lifecycle`].

pub mod age;
pub mod baseline;
pub mod change;
pub mod channel;
pub mod commit_words;
pub mod comms;
pub mod conversation;
pub mod customer;
pub mod desk_settings;
pub mod event;
pub mod finding;
pub mod id;
pub mod jot;
pub mod kind;
pub mod lifecycle;
pub mod message;
pub mod nearest;
pub mod person;
pub mod plain;
pub mod playbook;
pub mod proposal;
pub mod query;
pub mod reference;
pub mod role;
pub mod schema;
pub mod shell;
pub mod slug;
pub mod talk;
pub mod team;
pub mod ticket;
pub mod ticket_state;
pub mod time;
pub mod topic;
pub mod value;
pub mod week;
pub mod when;

pub use kind::Kind;
pub use schema::Schema;
pub use value::Value;

use id::{MessageId, TicketId};
use slug::Slug;
use time::{Day, Time};

/// What a record is called among those of its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// A ticket's id.
    Ticket(TicketId),
    /// A message of a ticket.
    Message(TicketId, MessageId),
    /// A slug that people chose.
    Slug(Slug),
    /// A talk or a jot: a time and four random characters.
    Stamp(MessageId),
    /// The desk itself (`staple.toml`).
    Desk,
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ticket(id) => write!(f, "{id}"),
            Self::Message(ticket, id) => write!(f, "{ticket} {id}"),
            Self::Slug(slug) => write!(f, "{slug}"),
            Self::Stamp(id) => write!(f, "{id}"),
            Self::Desk => write!(f, "staple.toml"),
        }
    }
}

/// As many keys as most records have set.
const MOST_SET: usize = 12;

/// One record: the set values of one TOML file, and of a ticket its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The kind, which fixes the keys.
    pub kind: Kind,
    /// The id or slug.
    pub name: Name,
    /// Where it lies, from the desk's root, with `/`.
    pub path: String,
    /// What is set, by name. They are few, and a list holds hundreds of records: one piece of memory is quicker than a tree.
    values: Vec<(&'static str, Value)>,
    /// Keys the kind does not have, with their TOML text; kept as they are.
    pub unknown: Vec<(String, String)>,
    /// Bound messages, in file order; empty for all kinds but the ticket.
    pub messages: Vec<Record>,
}

impl Record {
    /// A record with every key unset.
    pub fn new(kind: Kind, name: Name, path: impl Into<String>) -> Self {
        Self { kind, name, path: path.into(), values: Vec::new(), unknown: Vec::new(), messages: Vec::new() }
    }

    /// The keys of its kind.
    pub fn schema(&self) -> &'static Schema {
        self.kind.schema()
    }

    /// The keys its file writes: all of its kind, and of a message those of the message's own kind.
    pub fn written_keys(&self) -> impl Iterator<Item = &'static schema::Key> {
        let word = if self.kind == Kind::Message { Some(self.text("kind").to_owned()) } else { None };
        self.schema().keys.iter().filter(move |key| match &word {
            Some(word) => message::writes(word, key.name),
            None => true,
        })
    }

    /// The value of `key`; [`Value::Unset`] when it is unset or not a key of the kind.
    pub fn get(&self, key: &str) -> &Value {
        // Names of other lengths are passed over at once, so this is faster than halving on the few that are set.
        self.values.iter().find(|(name, _)| *name == key).map_or(&Value::Unset, |(_, value)| value)
    }

    /// Sets `key`, or unsets it with [`Value::Unset`], "" or an empty list. Unknown keys are ignored.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        if let Some(key) = self.schema().key(key) {
            self.put(key, value.into());
        }
    }

    /// As [`Record::set`], of a key of the record's own kind.
    pub(crate) fn put(&mut self, key: &'static schema::Key, value: Value) {
        match (self.place(key.name), value.is_unset()) {
            (Ok(place), true) => drop(self.values.remove(place)),
            (Ok(place), false) => self.values[place].1 = value,
            (Err(_), true) => {}
            (Err(place), false) => {
                if self.values.is_empty() {
                    self.values.reserve(MOST_SET);
                }
                self.values.insert(place, (key.name, value));
            }
        }
    }

    /// Where `key` stands among the values, or would.
    fn place(&self, key: &str) -> Result<usize, usize> {
        self.values.binary_search_by(|(name, _)| (*name).cmp(key))
    }

    /// The same with `key` set; for building records in one expression.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// The text of `key`; "" when unset or of another type.
    pub fn text(&self, key: &str) -> &str {
        match self.get(key) {
            Value::Text(text) => text,
            _ => "",
        }
    }

    /// The text of `key`, or nothing when unset.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    /// The instant of `key`.
    pub fn time(&self, key: &str) -> Option<Time> {
        match self.get(key) {
            Value::Time(time) => Some(*time),
            _ => None,
        }
    }

    /// The day of `key`.
    pub fn day(&self, key: &str) -> Option<Day> {
        match self.get(key) {
            Value::Day(day) => Some(*day),
            _ => None,
        }
    }

    /// Whether `key` is set to true.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.get(key), Value::Bool(true))
    }

    /// The whole number of `key`.
    pub fn number(&self, key: &str) -> Option<i64> {
        match self.get(key) {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The items of `key`; empty when unset.
    pub fn list(&self, key: &str) -> &[String] {
        match self.get(key) {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The rows of `key`; empty when unset.
    pub fn rows(&self, key: &str) -> &[value::Row] {
        match self.get(key) {
            Value::Rows(rows) => rows,
            _ => &[],
        }
    }

    /// What people call it: title, name or the kind's own first words.
    pub fn label(&self) -> &str {
        ["title", "name", "text", "address", "audience"]
            .iter()
            .find_map(|key| self.text_of(key))
            .map(|text| text.lines().next().unwrap_or(text))
            .unwrap_or("")
    }

    /// The ticket's id; nothing for other kinds.
    pub fn ticket_id(&self) -> Option<TicketId> {
        match &self.name {
            Name::Ticket(id) | Name::Message(id, _) => Some(*id),
            _ => None,
        }
    }

    /// The slug; "" for kinds that have none.
    pub fn slug(&self) -> &str {
        match &self.name {
            Name::Slug(slug) => slug.as_str(),
            _ => "",
        }
    }

    /// The reference people write: `T-7k3mqp`, `playbook:reset-password`.
    pub fn reference(&self) -> String {
        match &self.name {
            Name::Ticket(id) => id.to_string(),
            Name::Message(ticket, id) => format!("{ticket} {id}"),
            Name::Slug(slug) => format!("{}:{slug}", self.kind.word()),
            Name::Stamp(id) => format!("{}:{id}", self.kind.word()),
            Name::Desk => "staple.toml".to_owned(),
        }
    }
}
