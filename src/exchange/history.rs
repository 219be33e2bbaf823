//! A foreign history: cases, and what happened to each, when and by whom.
//!
//! The common form that readers give and [`super::import`] carries out. It knows nothing of the desk it goes into.

use std::collections::BTreeMap;

use crate::record::Value;
use crate::record::time::Time;

/// What a foreign system has to tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The system, a slug: part of every `Imported:` line and of the tickets' origin.
    pub system: String,
    /// The cases by their foreign ids, each a ticket.
    pub cases: Vec<String>,
    /// What happened, in order of time.
    pub events: Vec<Event>,
    /// What was not carried.
    pub left_out: LeftOut,
}

/// One thing that happened to a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The case, by its place in [`History::cases`].
    pub case: usize,
    /// The event's name within its case; the same in every export.
    pub name: String,
    /// When it happened.
    pub at: Time,
    /// The zone's offset east of UTC, in seconds.
    pub offset_seconds: i32,
    /// Who did it.
    pub author: Author,
    /// What happened in a few words; where it links to another case, that ticket's id is added.
    pub summary: String,
    /// What it changes.
    pub steps: Vec<Step>,
    /// Whether it is recorded even when it changes nothing.
    pub always: bool,
}

/// Whom a foreign system names.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Author {
    /// The name as it stands there; "" when nobody is named.
    pub name: String,
    /// The address, where known.
    pub email: String,
}

impl Author {
    /// Somebody by what a system calls them: an address when it looks like one, else a name.
    pub fn called(text: &str) -> Self {
        let text = text.trim();
        let looks = |(user, host): (&str, &str)| !user.is_empty() && host.contains('.') && !text.contains(' ');
        match text.split_once('@') {
            Some(parts) if looks(parts) => Self { name: parts.0.to_owned(), email: text.to_owned() },
            _ => Self { name: text.to_owned(), email: String::new() },
        }
    }
}

/// One change to the ticket of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The ticket is opened with these values; origin and opening time are added.
    Open(Vec<(&'static str, Value)>),
    /// Keys get new values.
    Set(Vec<(&'static str, Value)>),
    /// Labels go and come; others stay.
    Labels {
        /// Those that come.
        add: Vec<String>,
        /// Those that go.
        remove: Vec<String>,
    },
    /// Somebody owns it, if the desk knows them.
    Owner(Author),
    /// A message is added.
    Say {
        /// `received` or `note`.
        kind: &'static str,
        /// The words.
        text: String,
    },
    /// A reference to the ticket of another case.
    Link {
        /// `blocked-by`, `follows` or `duplicate-of`.
        key: &'static str,
        /// The other case, by its place.
        case: usize,
    },
}

/// What was not carried: how often, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut(BTreeMap<(String, String), usize>);

impl LeftOut {
    /// Counts one more.
    pub fn add(&mut self, what: impl Into<String>, why: impl Into<String>) {
        *self.0.entry((what.into(), why.into())).or_default() += 1;
    }

    /// What, why and how often, in order of name.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.0.iter().map(|((what, why), count)| (what.as_str(), why.as_str(), *count))
    }
}

/// What is wrong at one line of a foreign file, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// The cure; "" when the message says it.
    pub hint: String,
}

impl Problem {
    /// A problem with its cure.
    pub fn new(line: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { line, message: message.into(), hint: hint.into() }
    }
}

impl History {
    /// Puts the events in order of time; what happened at one moment keeps its order.
    pub fn settle(&mut self) {
        self.events.sort_by_key(|event| event.at);
    }
}

/// A number made from a text, the same everywhere and for ever (FNV-1a with a final mix, as in splitmix64).
pub fn stable_hash(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

/// A text on one line, with single spaces.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The longest time a foreign clock may be ahead.
const CLOCK_AHEAD_SECONDS: i64 = 86_400;

/// A time of a foreign event that can be recorded: a clock a little ahead is brought back to `now`.
///
/// # Errors
/// What is wrong with a time that no commit can carry, or that lies in the future.
pub fn recordable(at: Time, now: Time) -> Result<Time, String> {
    if at.unix() < 0 {
        return Err(format!("{at} is before 1970, which a commit cannot be dated"));
    }
    if at > now.plus(CLOCK_AHEAD_SECONDS) {
        return Err(format!("{at} lies in the future"));
    }
    Ok(at.min(now))
}
