//! History: the life of one record step by step, or the desk's commits as sentences.
//!
//! When something happened is the timeline's answer, who did it the commit's. A ticket's messages are part of its life, loose
//! or bound, and so is what a record did under an earlier name.

use std::collections::{BTreeMap, BTreeSet};

use super::told;
use crate::desk::Desk;
use crate::index::RecordLine;
use crate::record::event::{self, Event};
use crate::record::time::Time;
use crate::record::{Kind, Name, Record};
use crate::store::layout::{self, Located};
use crate::store::timeline::{Change, Line, Position};
use crate::store::{self, Mailmap, ObjectId, Snapshot, Store, trailers};

/// How many commits of a landed branch are named in one step.
const LANDED: usize = 50;
/// How many earlier names of a record are followed.
const NAMES: usize = 10;

/// One commit, as far as it concerns the desk or one record.
#[derive(Debug, Clone)]
pub struct Step {
    /// The commit.
    pub commit: ObjectId,
    /// When it took effect.
    pub happened: Time,
    /// When it was recorded.
    pub recorded: Time,
    /// Who did it, under their present name.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// The first line of the commit.
    pub subject: String,
    /// The commit's body without lines for machines.
    pub why: String,
    /// Whether Staple made the commit.
    pub ours: bool,
    /// What happened, a thing a line.
    pub events: Vec<Told>,
    /// Records it changed, in order; of one record's history that record alone.
    pub records: Vec<String>,
    /// How many files of other things it changed.
    pub other_files: usize,
    /// The commit that it takes back.
    pub undoes: Option<ObjectId>,
    /// The commit that takes it back.
    pub undone_by: Option<ObjectId>,
    /// Of a merge that landed a branch: the branch's commits that concern the record.
    pub landed: Vec<Landed>,
}

/// A commit of a branch that a merge landed.
#[derive(Debug, Clone)]
pub struct Landed {
    /// The commit.
    pub commit: ObjectId,
    /// Who made it.
    pub author: String,
    /// Its first line.
    pub subject: String,
}

/// One thing that happened, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The key that changed; "" for what is no key.
    pub key: String,
    /// What happened, on one line.
    pub words: String,
    /// Text of many lines that goes with it: what was said, or the new text of a key.
    pub text: String,
}

/// What part of history is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window<'a> {
    /// Only these commits.
    pub commits: Option<&'a BTreeSet<ObjectId>>,
    /// From this moment on.
    pub since: Option<Time>,
    /// Up to this moment.
    pub until: Option<Time>,
}

impl Window<'_> {
    fn holds(&self, commit: ObjectId, at: Time) -> bool {
        self.commits.is_none_or(|commits| commits.contains(&commit))
            && self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at <= until)
    }
}

/// The life of one record, oldest step first, and the commits whose clock was ahead; `line` is its part of the timeline, which is
/// looked for where it is not known. What it did under an earlier name comes
/// first.
///
/// # Errors
/// When history cannot be read.
pub fn of_record(
    desk: &Desk,
    record: &Record,
    line: Option<RecordLine>,
    window: Window<'_>,
) -> Result<(Vec<Step>, Vec<ObjectId>), store::Error> {
    let (mut steps, clocks) = walk(desk, record, line)?;
    let mut name = record.clone();
    for _ in 0..NAMES {
        let Some(first) = steps.first_mut() else { break };
        let Some(earlier) = renamed_from(desk, first.commit, &name)? else { break };
        let (mut before, _) = walk(desk, &earlier, None)?;
        // The old name may have been given away again since.
        let last = before.iter().position(|step| step.commit == first.commit).unwrap_or(before.len());
        before.truncate(last);
        first.events = vec![plain(format!("renamed from {}", earlier.reference()))];
        before.append(&mut steps);
        steps = before;
        name = earlier;
    }
    settle(&mut steps);
    steps.retain(|step| window.holds(step.commit, step.happened));
    Ok((steps, clocks))
}

/// The steps of a record under its present name, in the order of the timeline; the record's part of that is looked for where it
/// is not known.
fn walk(desk: &Desk, record: &Record, line: Option<RecordLine>) -> Result<(Vec<Step>, Vec<ObjectId>), store::Error> {
    let line = line.map_or_else(|| desk.line_of(record), |line| Ok(Some(line)))?;
    let Some(RecordLine { line, other_files }) = line else { return Ok((Vec::new(), Vec::new())) };
    let store = desk.store().with_objects(&told_from(&line));
    let mut life = Life::new(&store, desk.zone(), record)?;
    let mut steps = Vec::new();
    for position in &line.positions {
        let changes: Vec<&Change> = position.changes.iter().filter(|change| life.concerns(&change.path)).collect();
        if changes.is_empty() {
            continue;
        }
        let events = life.events(position.commit, &changes)?;
        if events.is_empty() {
            continue;
        }
        let others = other_files.get(&position.commit).copied();
        let mut step = Step { events, ..step(&store, &life.mailmap, position, effective(position, &changes), others)? };
        step.records = vec![record.reference()];
        step.landed = life.landed(position.commit)?;
        steps.push(step);
    }
    // The commits of a pull are steps themselves.
    let known: BTreeSet<ObjectId> = steps.iter().map(|step| step.commit).collect();
    steps.iter_mut().for_each(|step| step.landed.retain(|one| !known.contains(&one.commit)));
    life.redacted.mask(&mut steps);
    Ok((steps, line.clock_findings.iter().map(|finding| finding.commit).collect()))
}

/// The commits and blobs that the steps of a line are told from.
fn told_from(line: &Line) -> Vec<ObjectId> {
    let of = |position: &Position| {
        let blobs = position.changes.iter().flat_map(|change| [change.old, change.new]).flatten();
        blobs.chain([position.commit]).collect::<Vec<_>>()
    };
    line.positions.iter().flat_map(of).collect::<BTreeSet<_>>().into_iter().collect()
}

/// When what a commit changed took effect.
fn effective(position: &Position, changes: &[&Change]) -> i64 {
    changes.iter().map(|change| change.effective).max().unwrap_or(position.effective)
}

/// The record under the name it had before `commit`, if that gave it its name.
fn renamed_from(desk: &Desk, commit: ObjectId, record: &Record) -> Result<Option<Record>, store::Error> {
    if !matches!(record.name, Name::Slug(_)) {
        return Ok(None);
    }
    let info = desk.store().commit_info(commit)?;
    if !trailers::trailers(&info.message).iter().any(|(key, value)| key == "Action" && value == "rename") {
        return Ok(None);
    }
    let root = desk.store().repository_path("");
    let gone = desk.store().files_changed_by(commit)?.into_iter().filter(|file| file.new.is_none());
    let earlier = gone.filter_map(|file| {
        let path = in_desk(&root, &file.path)?.to_owned();
        match layout::locate(&path)? {
            Located::Record(kind, name) if kind == record.kind => Some(Record::new(kind, name, path)),
            _ => None,
        }
    });
    Ok(earlier.into_iter().next())
}

/// The desk's commits, oldest first; the last `limit` of them.
///
/// # Errors
/// When history cannot be read.
pub fn of_desk(desk: &Desk, window: Window<'_>, limit: usize) -> Result<Vec<Step>, store::Error> {
    let mut count = limit.saturating_mul(2).max(FEW);
    loop {
        let (line, before) = desk.latest(count)?;
        let mut found = desk_positions(&line);
        found
            .retain(|(position, changes)| window.holds(position.commit, Time::from_unix(effective(position, changes))));
        found.drain(..found.len().saturating_sub(limit));
        // What lies further back belongs to them where it took effect as late as the first of them.
        let is_enough = before.is_none_or(|before| {
            let first = found.first().map(|(position, changes)| effective(position, changes));
            window.since.is_some_and(|since| since.unix() > before)
                || found.len() == limit && first.is_none_or(|first| first >= before)
        });
        if is_enough {
            return told_of_desk(desk, found);
        }
        count = count.saturating_mul(8);
    }
}

/// So many positions are looked at first.
const FEW: usize = 16;

fn told_of_desk(desk: &Desk, found: Vec<(&Position, Vec<&Change>)>) -> Result<Vec<Step>, store::Error> {
    let store = desk.store();
    let (snapshot, mailmap) = (store.head_snapshot()?, store.mailmap());
    let mut steps = Vec::new();
    for (position, changes) in found {
        let mut step = step(store, &mailmap, position, effective(position, &changes), None)?;
        step.records = records_of(&changes);
        if !step.ours {
            step.events = record_events(&snapshot, &changes, desk.zone())?;
        }
        steps.push(step);
    }
    settle(&mut steps);
    Ok(steps)
}

/// The positions that change records, in order of the time they take effect.
fn desk_positions(line: &Line) -> Vec<(&Position, Vec<&Change>)> {
    let ours = |position: &'_ Position| -> bool { position.changes.iter().any(|c| layout::locate(&c.path).is_some()) };
    let mut found: Vec<(&Position, Vec<&Change>)> = line
        .positions
        .iter()
        .filter(|position| ours(position))
        .map(|position| (position, position.changes.iter().filter(|c| layout::locate(&c.path).is_some()).collect()))
        .collect();
    found.sort_by_key(|(position, changes)| effective(position, changes));
    found
}

/// Puts steps in order of time and joins what was undone with what undoes it.
fn settle(steps: &mut [Step]) {
    let undone: BTreeMap<ObjectId, ObjectId> =
        steps.iter().filter_map(|step| Some((step.undoes?, step.commit))).collect();
    for step in steps.iter_mut() {
        step.undone_by = undone.get(&step.commit).copied();
    }
    // Stable: at one moment what builds on the other stays last.
    steps.sort_by_key(|step| step.happened);
}

/// What the commit itself says. `others` is how many files of the desk it changed that are no records, where that is known.
fn step(
    store: &Store,
    mailmap: &Mailmap,
    position: &Position,
    effective: i64,
    others: Option<usize>,
) -> Result<Step, store::Error> {
    let info = store.commit_info(position.commit)?;
    let who = mailmap.resolve(&info.author.name, &info.author.email);
    let lines = trailers::trailers(&info.message);
    let value = |key: &str| lines.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let other_files = match others {
        Some(others) => others + store.files_changed_outside(position.commit)?,
        None => other_files(store, position.commit)?,
    };
    Ok(Step {
        commit: position.commit,
        happened: Time::from_unix(effective),
        recorded: Time::from_unix(position.recorded),
        author: who.name,
        email: who.email,
        subject: trailers::subject(&info.message).to_owned(),
        why: why(&info.message),
        ours: value("Op-Id").is_some() || value("Imported").is_some(),
        events: Vec::new(),
        records: Vec::new(),
        other_files,
        undoes: value("Undoes").and_then(|id| id.parse().ok()),
        undone_by: None,
        landed: Vec::new(),
    })
}

fn other_files(store: &Store, commit: ObjectId) -> Result<usize, store::Error> {
    let root = store.repository_path("");
    let is_record = |path: &str| in_desk(&root, path).is_some_and(|path| layout::locate(path).is_some());
    Ok(store.files_changed_by(commit)?.into_iter().filter(|file| !is_record(&file.path)).count())
}

/// The path from the desk's root, for a file in the desk.
fn in_desk<'p>(root: &str, path: &'p str) -> Option<&'p str> {
    match root {
        "" => Some(path),
        root => path.strip_prefix(root)?.strip_prefix('/'),
    }
}

/// The body of a message without its last paragraph where that is lines for machines.
pub fn why(message: &str) -> String {
    let body = message.lines().skip(1).collect::<Vec<_>>().join("\n");
    let kept: Vec<&str> = body.lines().filter(|line| !is_machine_line(line)).collect();
    kept.join("\n").trim().to_owned()
}

fn is_machine_line(line: &str) -> bool {
    const OURS: [&str; 7] = ["Action", "Record", "Records", "Op-Id", "Undoes", "Imported", "Signed-off-by"];
    line.split_once(": ").is_some_and(|(key, _)| OURS.contains(&key))
}

/// The references of the records that changes touch; messages count as their ticket.
fn records_of(changes: &[&Change]) -> Vec<String> {
    let mut out = BTreeSet::new();
    for change in changes {
        match layout::locate(&change.path) {
            Some(Located::Record(kind, name)) => out.insert(match name {
                Name::Message(ticket, _) => ticket.to_string(),
                name => Record::new(kind, name, "").reference(),
            }),
            Some(Located::Attachment { ticket, .. }) => out.insert(ticket.to_string()),
            None => false,
        };
    }
    out.into_iter().collect()
}

/// What happened to each record of a commit that somebody wrote by hand, a record a line.
fn record_events(
    snapshot: &Snapshot,
    changes: &[&Change],
    zone: &jiff::tz::TimeZone,
) -> Result<Vec<Told>, store::Error> {
    const MOST: usize = 5;
    let mut out = Vec::new();
    for change in changes.iter().take(MOST) {
        let Some(Located::Record(kind, name)) = layout::locate(&change.path) else { continue };
        let before = record_at(snapshot, kind, &name, &change.path, change.old)?;
        let after = record_at(snapshot, kind, &name, &change.path, change.new)?;
        let events = event::between(before.as_ref(), after.as_ref());
        let words: Vec<String> =
            events.iter().filter_map(|event| told::event(event, after.as_ref(), zone)).map(|told| told.words).collect();
        let reference = match &name {
            Name::Message(ticket, _) => ticket.to_string(),
            name => Record::new(kind, name.clone(), "").reference(),
        };
        if !words.is_empty() {
            out.push(plain(format!("{reference}: {}", words.join("; "))));
        }
    }
    if changes.len() > MOST {
        out.push(plain(format!("and {} more records and files", changes.len() - MOST)));
    }
    Ok(out)
}

fn record_at(
    snapshot: &Snapshot,
    kind: Kind,
    name: &Name,
    path: &str,
    blob: Option<ObjectId>,
) -> Result<Option<Record>, store::Error> {
    let Some(blob) = blob else { return Ok(None) };
    Ok(snapshot.record(kind, name, path, blob)?.record)
}

/// One record's life while it is walked.
struct Life<'a> {
    store: &'a Store,
    zone: &'a jiff::tz::TimeZone,
    record: &'a Record,
    snapshot: Snapshot,
    mailmap: Mailmap,
    /// Paths of a ticket's messages and attachments begin so.
    beside: Option<String>,
    /// Messages that were told already; binding tells none again.
    said: BTreeSet<Name>,
    redacted: Redacted,
}

impl<'a> Life<'a> {
    fn new(store: &'a Store, zone: &'a jiff::tz::TimeZone, record: &'a Record) -> Result<Self, store::Error> {
        let is_ticket = matches!(record.name, Name::Ticket(_));
        let beside = is_ticket.then(|| format!("{}.", record.path.strip_suffix(".toml").unwrap_or(&record.path)));
        Ok(Self {
            store,
            zone,
            record,
            snapshot: store.head_snapshot()?,
            mailmap: store.mailmap(),
            beside,
            said: BTreeSet::new(),
            redacted: Redacted::default(),
        })
    }

    fn concerns(&self, path: &str) -> bool {
        path == self.record.path || self.beside.as_ref().is_some_and(|start| path.starts_with(start))
    }

    fn events(&mut self, commit: ObjectId, changes: &[&Change]) -> Result<Vec<Told>, store::Error> {
        let mut out = Vec::new();
        let mut bound = BTreeSet::new();
        // The record's own file comes first: it says which messages are bound in it.
        if let Some(change) = changes.iter().find(|change| change.path == self.record.path) {
            let (kind, name, path) = (self.record.kind, &self.record.name, &change.path);
            let before = record_at(&self.snapshot, kind, name, path, change.old)?;
            let after = record_at(&self.snapshot, kind, name, path, change.new)?;
            if change.new.is_some() && after.is_none() {
                out.push(plain("the file could not be read as a record"));
            }
            if before.is_none() && change.old.is_some() && after.is_some() {
                out.push(plain("the file could be read again"));
            }
            for message in after.iter().flat_map(|record| &record.messages) {
                bound.insert(message.name.clone());
                let old = before.iter().flat_map(|record| &record.messages).find(|old| old.name == message.name);
                if let Some(old) = old {
                    out.extend(self.message_events(commit, old, message));
                }
            }
            if let (Some(before), Some(after)) = (&before, &after) {
                self.redacted.note(commit, before, after);
            }
            for event in event::between(before.as_ref(), after.as_ref()) {
                let fresh = match &event {
                    Event::Said(message) => self.said.insert(message.name.clone()),
                    _ => true,
                };
                if fresh {
                    out.extend(told::event(&event, after.as_ref(), self.zone));
                }
            }
        }
        let mut moved = 0;
        for change in changes.iter().filter(|change| change.path != self.record.path) {
            moved += usize::from(self.beside(commit, change, &bound, &mut out)?);
        }
        if moved > 0 {
            let plural = if moved == 1 { "" } else { "s" };
            out.push(plain(format!("{moved} message{plural} bound into the ticket's file")));
        }
        Ok(out)
    }

    /// What happened to a message or attachment; whether it was only moved into the ticket's file.
    fn beside(
        &mut self,
        commit: ObjectId,
        change: &Change,
        bound: &BTreeSet<Name>,
        out: &mut Vec<Told>,
    ) -> Result<bool, store::Error> {
        match layout::locate(&change.path) {
            Some(Located::Record(kind, name)) => {
                let before = record_at(&self.snapshot, kind, &name, &change.path, change.old)?;
                let after = record_at(&self.snapshot, kind, &name, &change.path, change.new)?;
                match (before, after) {
                    (_, None) if bound.contains(&name) => return Ok(true),
                    (Some(message), None) => {
                        self.said.remove(&name);
                        out.push(plain(format!("{} taken away", told::message_words(&message))));
                    }
                    (None, Some(message)) if self.said.insert(name.clone()) => out.push(told::said(&message)),
                    (Some(before), Some(after)) => out.extend(self.message_events(commit, &before, &after)),
                    _ => {}
                }
            }
            Some(Located::Attachment { file, .. }) => match (change.old, change.new) {
                (None, Some(_)) => out.push(plain(format!("{file} attached"))),
                (Some(_), None) => out.push(plain(format!("{file} taken away"))),
                _ => out.push(plain(format!("{file} changed"))),
            },
            None => {}
        }
        Ok(false)
    }

    /// What changed in a message that was there before; mostly that words were taken out.
    fn message_events(&mut self, commit: ObjectId, before: &Record, after: &Record) -> Vec<Told> {
        self.redacted.note(commit, before, after);
        let whose = told::message_words(after);
        let events = event::between(Some(before), Some(after));
        let told = events.iter().filter_map(|event| told::event(event, Some(after), self.zone));
        told.map(|told| Told { words: format!("{whose}: {}", told.words), ..told }).collect()
    }

    fn landed(&self, commit: ObjectId) -> Result<Vec<Landed>, store::Error> {
        let store = self.store;
        let root = store.repository_path("");
        let mut out = Vec::new();
        for id in store.landed(commit, LANDED)? {
            let files = store.files_changed_by(id)?;
            let concerned = files.iter().any(|file| in_desk(&root, &file.path).is_some_and(|path| self.concerns(path)));
            if concerned {
                let info = store.commit_info(id)?;
                let author = self.mailmap.resolve(&info.author.name, &info.author.email).name;
                out.push(Landed { commit: id, author, subject: trailers::subject(&info.message).to_owned() });
            }
        }
        Ok(out)
    }
}

/// Values that words were taken out of, which history must not repeat: the commit, the value before, and after.
#[derive(Debug, Default)]
struct Redacted(Vec<(ObjectId, String, String)>);

impl Redacted {
    fn note(&mut self, commit: ObjectId, before: &Record, after: &Record) {
        for event in event::between(Some(before), Some(after)) {
            if let Event::Changed { from, to, .. } = event
                && told::is_redaction(&from, &to)
            {
                self.0.push((commit, from.to_string(), to.to_string()));
            }
        }
    }

    /// Shows the values as they were left. What was taken back again is told as it stands.
    fn mask(&self, steps: &mut [Step]) {
        let undone: BTreeSet<ObjectId> = steps.iter().filter_map(|step| step.undoes).collect();
        for (_, from, to) in self.0.iter().rev().filter(|(commit, ..)| !undone.contains(commit)) {
            for told in steps.iter_mut().flat_map(|step| &mut step.events) {
                told.words = told.words.replace(from, to);
                told.text = told.text.replace(from, to);
            }
        }
    }
}

fn plain(words: impl Into<String>) -> Told {
    Told { key: String::new(), words: words.into(), text: String::new() }
}
