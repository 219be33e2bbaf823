//! Issues of beads, one JSON object a line (`.beads/issues.jsonl`).
//!
//! The file holds each issue as it is now, with the dates of a few things that happened; those become events. An open issue is
//! new (working when somebody is on it), a closed one resolved: a bug as fixed, anything else as answered, unless the reason
//! says that it was given up or is a duplicate. A deleted one is dropped as a mistake. Nobody told a customer anything, so no reply is made up.

mod fields;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::history::{Author, Event, History, LeftOut, Problem, Step, one_line, recordable};
use crate::record::Value;
use crate::record::time::Time;
use fields::{Issue, Link};

/// The name of the system in origins and `Imported:` lines.
pub const SYSTEM: &str = "beads";

/// Reads a file. `known` are the events imported before, `now` the moment of the command.
///
/// # Errors
/// Every line that is wrong: conflict markers, no JSON, an id that stands twice, fields that are missing.
pub fn read(bytes: &[u8], known: &BTreeSet<String>, now: Time) -> Result<History, Vec<Problem>> {
    let mut reader =
        Reader { now, issues: Vec::new(), lines: BTreeMap::new(), left_out: LeftOut::default(), problems: Vec::new() };
    for (i, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        reader.line(i + 1, line);
    }
    if !reader.problems.is_empty() {
        // The unfinished merge first: mostly all else that is wrong comes of it.
        reader.problems.sort_by_key(|problem| (problem.message != UNFINISHED_MERGE, problem.line));
        return Err(reader.problems);
    }
    Ok(reader.history(known))
}

struct Reader {
    now: Time,
    issues: Vec<Issue>,
    lines: BTreeMap<String, usize>,
    left_out: LeftOut,
    problems: Vec<Problem>,
}

const UNFINISHED_MERGE: &str = "a conflict marker of an unfinished merge";
const EXPORT: &str = "write the file anew where it comes from: bd export -o issues.jsonl";

impl Reader {
    fn line(&mut self, number: usize, bytes: &[u8]) {
        let bytes = if number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        if bytes.trim_ascii().is_empty() {
            return;
        }
        if [&b"<<<<<<<"[..], b"|||||||", b"=======", b">>>>>>>"].iter().any(|mark| bytes.starts_with(mark)) {
            let hint = "finish the merge in the repository it comes from, then: bd export -o issues.jsonl";
            self.problems.push(Problem::new(number, UNFINISHED_MERGE, hint));
            return;
        }
        let object = match serde_json::from_slice::<Json>(bytes) {
            Ok(Json::Object(object)) => object,
            Ok(_) => return self.problems.push(Problem::new(number, "not a JSON object", EXPORT)),
            Err(error) => {
                let message = format!("not JSON: {} at column {}", plain(&error), error.column());
                return self.problems.push(Problem::new(number, message, EXPORT));
            }
        };
        match Issue::read(&object, self.now) {
            Err(message) => self.problems.push(Problem::new(number, message, EXPORT)),
            Ok(issue) => match self.lines.insert(issue.id.clone(), number) {
                Some(first) => {
                    let message = format!("{} stands on line {first} already", issue.id);
                    self.problems.push(Problem::new(number, message, EXPORT));
                }
                None => {
                    fields::count_left_out(&object, &mut self.left_out);
                    self.issues.push(issue);
                }
            },
        }
    }

    fn history(mut self, known: &BTreeSet<String>) -> History {
        let places: BTreeMap<&str, usize> =
            self.issues.iter().enumerate().map(|(i, issue)| (issue.id.as_str(), i)).collect();
        let mut events = Vec::new();
        for (case, issue) in self.issues.iter().enumerate() {
            let mut story = Story { case, issue, events: Vec::new() };
            story.open();
            story.talk();
            story.status(known);
            story.events.sort_by_key(|event| event.at);
            events.append(&mut story.events);
        }
        // After the stories: a link may name a case that is opened later than the one it stands on.
        for (case, issue) in self.issues.iter().enumerate() {
            for link in &issue.links {
                match (link.key(), places.get(link.to.as_str())) {
                    (None, _) => self.left_out.add(format!("dependency {}", link.kind), "a ticket has no such link"),
                    (Some("part-of"), _) => {}
                    (Some(_), None) => {
                        self.left_out
                            .add(format!("dependency {}", link.kind), "the file does not hold the other issue");
                    }
                    (Some(key), Some(&other)) => {
                        let opened = issue.created.max(self.issues[other].created);
                        events.push(linked(case, issue, link, key, other, opened));
                    }
                }
            }
            if let Some(&other) = issue.stands_for().and_then(|id| places.get(id)).filter(|other| **other != case) {
                let link = Link::duplicate(&self.issues[other].id, issue.ended_by.clone());
                events.push(linked(case, issue, &link, "duplicate-of", other, issue.last()));
            }
        }
        let cases = self.issues.iter().map(|issue| issue.id.clone()).collect();
        let mut history = History { system: SYSTEM.to_owned(), cases, events, left_out: self.left_out };
        history.settle();
        history
    }
}

fn linked(case: usize, issue: &Issue, link: &Link, key: &'static str, other: usize, opened: Time) -> Event {
    let words = match key {
        "blocked-by" => "blocked by",
        "duplicate-of" => "duplicate of",
        _ => "follows",
    };
    let mut steps = vec![Step::Link { key, case: other }];
    if key == "duplicate-of" {
        steps.push(Step::Set(vec![("status", "duplicate".into()), ("resolution", Value::Unset)]));
    }
    Event {
        case,
        name: format!("{key}-{}", link.to),
        at: link.at.unwrap_or(opened).max(opened).max(if key == "duplicate-of" { issue.last() } else { opened }),
        offset_seconds: 0,
        author: link.by.clone(),
        summary: words.to_owned(),
        steps,
        always: false,
    }
}

/// What happened to one issue.
struct Story<'a> {
    case: usize,
    issue: &'a Issue,
    events: Vec<Event>,
}

impl Story<'_> {
    fn event(&mut self, name: String, at: Time, author: &Author, summary: impl Into<String>, steps: Vec<Step>) {
        let at = at.max(self.issue.created);
        let (case, offset_seconds) = (self.case, self.issue.offset_seconds);
        let (author, summary) = (author.clone(), summary.into());
        self.events.push(Event { case, name, at, offset_seconds, author, summary, steps, always: false });
    }

    fn open(&mut self) {
        let issue = self.issue;
        let title = one_line(&issue.title);
        let mut steps = vec![Step::Open(vec![
            ("title", title.as_str().into()),
            ("status", "new".into()),
            ("labels", issue.labels().into()),
            ("origin-url", issue.url.clone().into()),
        ])];
        steps.extend(issue.owner.clone().map(Step::Owner));
        if !issue.description.trim().is_empty() {
            steps.push(Step::Say { kind: "received", text: issue.description.clone() });
        }
        for (heading, text) in [("Design", &issue.design), ("Accepted when", &issue.acceptance)] {
            if !text.trim().is_empty() {
                steps.push(Step::Say { kind: "note", text: format!("{heading}:\n{text}") });
            }
        }
        self.event("opened".to_owned(), issue.created, &issue.created_by, format!("new, {title}"), steps);
    }

    fn talk(&mut self) {
        let issue = self.issue;
        for comment in &issue.comments {
            let steps = vec![Step::Say { kind: "note", text: comment.text.clone() }];
            self.event(format!("comment-{}", comment.id), comment.at, &comment.by, "note", steps);
        }
        if !issue.notes.trim().is_empty() {
            let steps = vec![Step::Say { kind: "note", text: issue.notes.clone() }];
            self.event("notes".to_owned(), issue.updated, &Author::default(), "note", steps);
        }
    }

    fn status(&mut self, known: &BTreeSet<String>) {
        let issue = self.issue;
        let count = |word: &str| {
            let start = format!("{}#{word}", issue.id);
            known.range(start.clone()..).take_while(|key| key.starts_with(&start)).count()
        };
        let (closed, reopened) = (count("closed@") + count("deleted@"), count("reopened@"));
        if let Some(at) = issue.ended() {
            return self.end(at);
        }
        if closed > reopened {
            let sets = vec![("status", "new".into()), ("resolution", Value::Unset)];
            let name = format!("reopened@{}", issue.updated.compact());
            self.event(name, issue.updated, &Author::default(), "reopened", vec![Step::Set(sets)]);
        }
        if matches!(issue.status.as_str(), "in_progress" | "hooked") {
            let name = if closed == 0 { "started".to_owned() } else { format!("started-{closed}") };
            let author = issue.owner.clone().unwrap_or_default();
            self.event(name, issue.updated, &author, "working", vec![Step::Set(vec![("status", "working".into())])]);
        }
    }

    fn end(&mut self, at: Time) {
        let issue = self.issue;
        let deleted = issue.status == "tombstone";
        let (status, resolution) = if deleted { ("dropped", "mistake") } else { ending(&issue.kind, &issue.reason) };
        let mut steps = vec![Step::Set(vec![("status", status.into()), ("resolution", resolution.into())])];
        if !issue.reason.trim().is_empty() {
            steps.push(Step::Say { kind: "note", text: issue.reason.clone() });
        }
        let name = format!("{}@{}", if deleted { "deleted" } else { "closed" }, at.compact());
        let summary = format!("{status}, {}", resolution.replace('-', " "));
        self.event(name, at, &issue.ended_by, summary, steps);
    }
}

/// The status and resolution of a closed issue: by what its reason begins with, else by its type.
fn ending(kind: &str, reason: &str) -> (&'static str, &'static str) {
    const GIVEN_UP: &[&str] = &["stale", "obsolete", "orphaned", "burned", "no longer", "not needed", "superseded"];
    const DECLINED: &[&str] = &["wontfix", "won't fix", "wont fix", "won't do", "declined", "rejected"];
    let reason = reason.trim().to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| reason.starts_with(word));
    if begins(GIVEN_UP) {
        ("dropped", "no-longer-needed")
    } else if begins(DECLINED) {
        ("resolved", "declined")
    } else if kind == "bug" {
        ("resolved", "fixed")
    } else {
        ("resolved", "answered")
    }
}

/// A JSON error without the place, which the line gives.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// A time of a field, or what is wrong with it.
fn time(object: &Map<String, Json>, key: &str, now: Time) -> Result<Option<Time>, String> {
    let Some(text) = fields::text(object, key) else { return Ok(None) };
    let at = Time::parse(text).ok_or_else(|| format!("`{key}` is no time: {}", one_line(text)))?;
    // A time that was never set stands as the year 1 in some exports.
    if at.unix() < -60_000_000_000 {
        return Ok(None);
    }
    recordable(at, now).map(Some).map_err(|message| format!("`{key}`: {message}"))
}

#[cfg(test)]
mod tests;
