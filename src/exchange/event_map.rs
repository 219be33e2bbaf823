//! What the columns and activities of a case log mean: a map in TOML, written by whoever knows the log.
//!
//! ```toml
//! system = "helpdesk"                 # a slug; part of every Imported: line
//! case = "Case ID"                    # columns; NAME#2 is the second of that name
//! activity = "Activity"
//! detail = "Sub-status"               # optional: makes the activity `Activity/Detail`
//! time = "Timestamp"
//! time-format = "%d.%m.%Y %H:%M:%S"   # optional: RFC 3339 when left out
//! zone = "Europe/Stockholm"           # optional: of times without an offset, UTC when left out
//! separator = ";"                     # optional: a comma when left out
//! author = "Resource"                 # optional; author-email too
//! resolution = "answered"             # of activities that only say resolved
//!
//! [ticket]                            # values with columns in braces
//! title = "{Product}: case {Case ID}"
//! product = "{Product}"
//! labels = ["impact-{Impact}"]
//!
//! [status]                            # of an activity, or an activity and its detail
//! "Open" = "new"
//! "Accepted/Wait - User" = "waiting on customer"
//! "Closed" = "resolved fixed"
//! "Comment" = "same"
//! ```

use std::collections::BTreeMap;

use super::history::Problem;
use crate::record::nearest::nearest;
use crate::record::reference::Reference;
use crate::record::slug::Slug;
use crate::record::ticket;
use crate::settings::flatten;

/// What a log means.
#[derive(Debug, Clone)]
pub struct EventMap {
    /// The name of the system, a slug.
    pub system: String,
    pub(super) case: Column,
    pub(super) activity: Column,
    pub(super) detail: Option<Column>,
    pub(super) time: Column,
    pub(super) time_format: String,
    pub(super) zone: jiff::tz::TimeZone,
    pub(super) separator: u8,
    pub(super) author: Option<Column>,
    pub(super) author_email: Option<Column>,
    pub(super) ticket: Vec<(&'static str, Template)>,
    pub(super) labels: Vec<Template>,
    pub(super) status: BTreeMap<String, Meaning>,
}

/// A column as the map names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The line of the map that names it.
    pub(super) line: usize,
}

/// A text with columns in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(pub(super) Vec<Part>);

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Column(Column),
}

/// What an activity does to its ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The status stays.
    Same,
    /// The ticket is in a status; with whom it waits on, or how it ended.
    Status { status: &'static str, waiting_on: String, resolution: String },
}

const KEYS: &[&str] = &[
    "system",
    "case",
    "activity",
    "detail",
    "time",
    "time-format",
    "zone",
    "separator",
    "author",
    "author-email",
    "resolution",
];
const TICKET_KEYS: &[&str] =
    &["title", "product", "version", "contact", "customer", "channel", "topic", "cause", "origin-url", "labels"];

impl EventMap {
    /// Reads a map.
    ///
    /// # Errors
    /// Every key that is unknown, missing or wrong, with its line.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let keys = flatten(text).map_err(|error| vec![Problem::new(error.line, error.message, "")])?;
        let mut reader = Reader { keys: BTreeMap::new(), problems: Vec::new() };
        reader.sort(keys);
        let map = reader.map();
        if reader.problems.is_empty() {
            return Ok(map);
        }
        reader.problems.sort_by_key(|problem| problem.line);
        Err(reader.problems)
    }
}

struct Reader {
    keys: BTreeMap<String, (String, usize)>,
    problems: Vec<Problem>,
}

impl Reader {
    fn sort(&mut self, keys: Vec<(String, String, usize)>) {
        for (name, value, line) in keys {
            let known = match name.split_once('.') {
                Some(("ticket", key)) => TICKET_KEYS.contains(&key),
                Some(("status", _)) => true,
                _ => KEYS.contains(&name.as_str()),
            };
            if !known {
                let names = TICKET_KEYS.iter().map(|key| format!("ticket.{key}"));
                let all: Vec<String> = KEYS.iter().map(|key| (*key).to_owned()).chain(names).collect();
                let near = nearest(&name, all.iter().map(String::as_str));
                let hint = if near.is_empty() {
                    format!("a map has {}, [ticket] and [status]", KEYS.join(", "))
                } else {
                    format!("did you mean {}?", near.join(" or "))
                };
                self.problems.push(Problem::new(line, format!("unknown key `{name}`"), hint));
            }
            self.keys.insert(name, (value, line));
        }
    }

    fn map(&mut self) -> EventMap {
        let resolution = self.resolution();
        let mut status = BTreeMap::new();
        let meanings: Vec<(String, String, usize)> = self
            .keys
            .iter()
            .filter_map(|(name, (value, line))| Some((name.strip_prefix("status.")?.to_owned(), value.clone(), *line)))
            .collect();
        if meanings.is_empty() {
            let hint = "say what the activities mean: [status], then \"Closed\" = \"resolved answered\"";
            self.problems.push(Problem::new(1, "the map has no [status]", hint));
        }
        for (activity, text, line) in meanings {
            match meaning(&text, &resolution) {
                Ok(meaning) => drop(status.insert(activity, meaning)),
                Err(message) => {
                    let hint = "write new, working, waiting [on WHOM], resolved [HOW], dropped WHY or same";
                    self.problems.push(Problem::new(line, format!("`{text}`: {message}"), hint));
                }
            }
        }
        EventMap {
            system: self.system(),
            case: self.required("case"),
            activity: self.required("activity"),
            detail: self.column("detail"),
            time: self.required("time"),
            time_format: self.text("time-format").unwrap_or_default(),
            zone: self.zone(),
            separator: self.separator(),
            author: self.column("author"),
            author_email: self.column("author-email"),
            ticket: self.ticket(),
            labels: self.labels(),
            status,
        }
    }

    fn text(&self, key: &str) -> Option<String> {
        self.keys.get(key).map(|(value, _)| value.clone()).filter(|value| !value.is_empty())
    }

    fn line(&self, key: &str) -> usize {
        self.keys.get(key).map_or(1, |(_, line)| *line)
    }

    fn wrong(&mut self, key: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem::new(self.line(key), message, hint));
    }

    fn column(&self, key: &str) -> Option<Column> {
        self.text(key).map(|name| Column { name, line: self.line(key) })
    }

    fn required(&mut self, key: &str) -> Column {
        self.column(key).unwrap_or_else(|| {
            self.wrong(key, format!("the map does not say which column is the {key}"), format!("{key} = \"COLUMN\""));
            Column { name: String::new(), line: 1 }
        })
    }

    fn system(&mut self) -> String {
        let system = self.text("system").unwrap_or_default();
        if Slug::parse(&system).is_none() {
            self.wrong("system", "`system` names where the log comes from, in a-z, 0-9 and -", "system = \"helpdesk\"");
        }
        system
    }

    fn resolution(&mut self) -> String {
        let resolution = self.text("resolution").unwrap_or_else(|| "answered".to_owned());
        if !ticket::RESOLVED.contains(&resolution.as_str()) {
            let hint = format!("one of {}", ticket::RESOLVED.join(", "));
            self.wrong("resolution", format!("`{resolution}` is no resolution"), hint);
        }
        resolution
    }

    fn zone(&mut self) -> jiff::tz::TimeZone {
        let Some(name) = self.text("zone") else { return jiff::tz::TimeZone::UTC };
        crate::record::time::zone(&name).unwrap_or_else(|| {
            self.wrong("zone", format!("`{name}` is no time zone"), "write it like Europe/Stockholm");
            jiff::tz::TimeZone::UTC
        })
    }

    fn separator(&mut self) -> u8 {
        match self.text("separator").as_deref() {
            None => b',',
            Some("tab") => b'\t',
            Some(text) if text.len() == 1 && text != "\"" => text.as_bytes()[0],
            Some(text) => {
                let message = format!("`{text}` cannot separate columns");
                self.wrong("separator", message, "one character such as ; or the word tab");
                b','
            }
        }
    }

    fn ticket(&mut self) -> Vec<(&'static str, Template)> {
        let keys = TICKET_KEYS.iter().filter(|key| **key != "labels");
        let found: Vec<(&'static str, Template)> = keys
            .filter_map(|key| {
                let name = format!("ticket.{key}");
                self.text(&name).map(|text| (*key, template(&text, self.line(&name))))
            })
            .collect();
        if !found.iter().any(|(key, _)| *key == "title") {
            let hint = "[ticket], then title = \"{COLUMN}: case {COLUMN}\"";
            self.wrong("ticket.product", "the map does not say what title a ticket has", hint);
        }
        found
    }

    fn labels(&self) -> Vec<Template> {
        let line = self.line("ticket.labels");
        let all = self.text("ticket.labels").unwrap_or_default();
        all.split(", ").filter(|text| !text.is_empty()).map(|text| template(text, line)).collect()
    }
}

fn template(text: &str, line: usize) -> Template {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, more)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Column(Column { name: name.to_owned(), line }));
        rest = more;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Template(parts)
}

fn meaning(text: &str, resolution: &str) -> Result<Meaning, String> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let status = |status, waiting_on: &str, resolution: &str| Meaning::Status {
        status,
        waiting_on: waiting_on.to_owned(),
        resolution: resolution.to_owned(),
    };
    let one_of = |words: &[&str]| format!("{word} goes with one of {}", words.join(", "));
    match (word, rest) {
        ("same", "") => Ok(Meaning::Same),
        ("new", "") => Ok(status("new", "", "")),
        ("working", "") => Ok(status("working", "", "")),
        ("waiting", "") => Ok(status("waiting", "", "")),
        ("waiting", rest) => {
            let whom = rest.strip_prefix("on ").unwrap_or_default();
            match Reference::parse(whom, ticket::WAITING_ON) {
                Some(reference) => Ok(status("waiting", &reference.written(ticket::WAITING_ON), "")),
                None => Err("a ticket waits on customer, team:SLUG, vendor:SLUG or release:TAG".to_owned()),
            }
        }
        ("resolved", "") => Ok(status("resolved", "", resolution)),
        ("resolved", how) if ticket::RESOLVED.contains(&how) => Ok(status("resolved", "", how)),
        ("resolved", _) => Err(one_of(ticket::RESOLVED)),
        ("dropped", why) if ticket::DROPPED.contains(&why) => Ok(status("dropped", "", why)),
        ("dropped", _) => Err(one_of(ticket::DROPPED)),
        _ => Err("not a status a log can give".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn statuses_are_read_as_words() {
        let waiting = Meaning::Status { status: "waiting", waiting_on: "team:lab".into(), resolution: String::new() };
        assert_eq!(meaning("waiting on team:lab", "fixed"), Ok(waiting));
        let resolved = Meaning::Status { status: "resolved", waiting_on: String::new(), resolution: "fixed".into() };
        assert_eq!(meaning("resolved", "fixed"), Ok(resolved));
        for bad in ["", "closed", "resolved spam", "dropped", "waiting for rain"] {
            assert!(meaning(bad, "fixed").is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_map_is_said_by_line() {
        let text = "system = \"Help Desk\"\ncase = \"a\"\nactivty = \"b\"\ntime = \"t\"\n[ticket]\ntitle = \"{a}\"\n[status]\nx = \"shut\"\n";
        let found = EventMap::read(text).unwrap_err();
        let lines: Vec<(usize, &str)> = found.iter().map(|p| (p.line, p.message.as_str())).collect();
        assert_eq!(
            lines,
            [
                (1, "`system` names where the log comes from, in a-z, 0-9 and -"),
                (1, "the map does not say which column is the activity"),
                (3, "unknown key `activty`"),
                (8, "`shut`: not a status a log can give"),
            ]
        );
        assert_eq!(found[2].hint, "did you mean activity?");
    }
}
