//! What a search found: each record with the few words around what was looked for.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::words::Clock;
use crate::desk::Records;
use crate::desk::search::{Found, document};
use crate::desk::subject::has_ended;
use crate::query::document::Place;
use crate::query::snippet::{marks, snippets};
use crate::query::words::Term;
use crate::record::time::Time;
use crate::record::{Kind, Record, Value};

/// A record that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// `T-7k3mqp`, `playbook:reset-password`.
    pub reference: String,
    /// Its kind in words.
    pub kind: &'static str,
    /// Title or name; the beginning of the text where there is neither.
    pub label: Marked,
    /// Where it stands, and when it came up: `waiting on engineering`, `opened 3 Mar`.
    pub standing: Vec<String>,
    /// The words around what was found, beside the label; two at the most.
    pub excerpts: Vec<Excerpt>,
    /// How well it answers the words; greater is better.
    pub rank: f64,
    /// The work tree has edits that are not committed.
    pub uncommitted: bool,
    /// Where it lies.
    pub path: String,
}

/// A text with what was looked for marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// The bytes that were looked for, in order, none touching another.
    pub marks: Vec<Range<usize>>,
}

/// Words of a record and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// `cause`, `message of 3 Mar from the customer`.
    pub place: String,
    /// The words.
    pub text: Marked,
}

/// Excerpts that are shown of a record.
const EXCERPTS: usize = 2;

/// Columns that are worth standing beside a place; with less an excerpt stands on a line of its own.
const BESIDE: usize = 48;

/// Records that were found, in their order. Of an excerpt no line is wider than `width` columns: it stands beside its place,
/// or below it, two columns further in.
pub fn hits(records: &Records, found: &[Found<'_>], terms: &[&Term], clock: &Clock<'_>, width: usize) -> Vec<Hit> {
    found.iter().map(|found| hit(records, found, terms, clock, width)).collect()
}

fn hit(records: &Records, found: &Found<'_>, terms: &[&Term], clock: &Clock<'_>, width: usize) -> Hit {
    let record = found.record;
    let document = document(records, record);
    let beside = |place: &Place<'_>| matches!(place, Place::Key(_) | Place::Message { .. });
    let room = |place: &Place<'_>| match width.saturating_sub(place_words(place, clock).width() + 2) {
        beside @ BESIDE.. => beside,
        // Below the place there is more room.
        _ => width.saturating_sub(2),
    };
    let excerpts = snippets(&document, terms, EXCERPTS, beside, room).into_iter().map(|snippet| Excerpt {
        place: place_words(&snippet.place, clock),
        text: Marked { text: snippet.text, marks: snippet.marks },
    });
    let label = record.label().to_owned();
    Hit {
        reference: record.reference(),
        kind: record.kind.word(),
        label: Marked { marks: marks(&label, terms), text: label },
        standing: standing(records, record, clock),
        excerpts: excerpts.collect(),
        rank: found.rank,
        uncommitted: records.uncommitted.contains(&record.path),
        path: record.path.clone(),
    }
}

/// Where words stand. A message is named by its day and what it is, never by who wrote it.
fn place_words(place: &Place<'_>, clock: &Clock<'_>) -> String {
    match place {
        Place::Reference => "reference".to_owned(),
        Place::Name(key) | Place::Key(key) => key.replace('-', " "),
        Place::Message { kind, at } => {
            let day = |at: &Option<Time>| {
                at.map(|at| format!(" of {}", clock.day(at.day_in(clock.zone)))).unwrap_or_default()
            };
            match *kind {
                "received" => format!("message{} from the customer", day(at)),
                "" => format!("message{}", day(at)),
                kind => format!("{}{}", kind.replace('-', " "), day(at)),
            }
        }
    }
}

fn standing(records: &Records, record: &Record, clock: &Clock<'_>) -> Vec<String> {
    let status = record.text("status");
    let mut out = Vec::new();
    if record.kind == Kind::Ticket {
        let waiting = record.text("waiting-on");
        let on = waiting.split_once(':').map_or(waiting, |(_, name)| name);
        out.push(if on.is_empty() { status.to_owned() } else { format!("{status} on {on}") });
    } else if !status.is_empty() {
        out.push(status.to_owned());
    } else if has_ended(record) {
        out.push("retired".to_owned());
    }
    let when = [("opened", "opened "), ("raised", "raised "), ("at", ""), ("sent", "sent "), ("locked", "locked ")];
    let when = when.iter().find_map(|(key, words)| match record.get(key) {
        Value::Time(time) => Some(format!("{words}{}", clock.day(time.day_in(clock.zone)))),
        Value::Day(day) => Some(format!("{words}{}", clock.day(*day))),
        _ => None,
    });
    out.extend(when);
    if let Some(customer) = record.text_of("customer").filter(|_| record.kind == Kind::Ticket) {
        out.push(records.label(Kind::Customer, customer).to_owned());
    }
    out
}
