//! Any record but a ticket as a person reads it: its set keys in words, and what other records say of it.

use super::ticket_view::last_contact;
use super::words::{self, Clock, away, named, person};
use crate::desk::Records;
use crate::record::schema::{Target, Type};
use crate::record::time::Time;
use crate::record::{Kind, Record, ticket};

/// A record with what others say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// `playbook:reset-password`.
    pub reference: String,
    /// What it is called.
    pub label: String,
    /// What matters first: where it stands, that somebody is away or a record is retired.
    pub standing: Vec<String>,
    /// Its set keys, in file order, and what each says.
    pub keys: Vec<(String, KeyWords)>,
    /// What others say of it.
    pub sections: Vec<Section>,
    /// It has edits that are not committed.
    pub uncommitted: bool,
    /// Where it lies.
    pub path: String,
}

/// What a key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyWords {
    /// Short enough to stand beside its name; a line an item.
    Lines(Vec<String>),
    /// Text of many lines.
    Prose(String),
}

/// A heading and lines under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// The lines.
    pub lines: Vec<String>,
}

/// The view of a record.
pub fn view(records: &Records, record: &Record, clock: &Clock<'_>) -> RecordView {
    let mut keys = Vec::new();
    for key in record.schema().keys {
        let value = record.get(key.name);
        // The label stands in the heading already.
        if value.is_unset() || matches!(key.name, "title" | "name" | "status" | "format") {
            continue;
        }
        let words = match key.ty {
            Type::Prose => KeyWords::Prose(value.to_string()),
            ty => KeyWords::Lines(words::value(records, ty, value, clock)),
        };
        keys.push((key.name.replace('-', " "), words));
    }
    keys.extend(record.unknown.iter().map(|(key, text)| (key.clone(), KeyWords::Lines(vec![text.clone()]))));
    RecordView {
        reference: record.reference(),
        label: record.text_of("title").or(record.text_of("name")).unwrap_or_default().to_owned(),
        standing: standing(records, record, clock),
        keys,
        sections: sections(records, record, clock).into_iter().filter(|section| !section.lines.is_empty()).collect(),
        uncommitted: records.uncommitted.contains(&record.path),
        path: record.path.clone(),
    }
}

fn standing(records: &Records, record: &Record, clock: &Clock<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let status = record.text("status");
    let words = match (record.kind, status) {
        (Kind::Playbook, "internal") => "internal: the team may use it",
        (Kind::Playbook, "published") => "published: customers see it",
        (_, other) => other,
    };
    if !words.is_empty() {
        out.push(words.to_owned());
    }
    if let Some(day) = record.day("retired") {
        out.push(format!("retired {}", clock.day(day)));
    }
    if record.kind == Kind::Person
        && let Some((until, cover)) = away(record, clock.today())
    {
        let cover = if cover.is_empty() {
            "nobody stands in".to_owned()
        } else {
            format!("{} stands in", named(records, &[Target::Of(Kind::Person)], &cover))
        };
        out.push(format!("away until {}; {cover}", clock.day(until)));
    }
    out
}

fn section(heading: impl Into<String>, lines: Vec<String>) -> Section {
    Section { heading: heading.into(), lines }
}

fn sections(records: &Records, record: &Record, clock: &Clock<'_>) -> Vec<Section> {
    let slug = record.slug();
    match record.kind {
        Kind::Playbook => vec![solved(records, slug, clock)],
        Kind::Person => {
            let roles = |key: &'static str| {
                let found = records.of(Kind::Role).filter(|role| role.list(key).iter().any(|person| person == slug));
                found.map(|role| format!("{} ({})", role.label(), role.reference())).collect::<Vec<_>>()
            };
            vec![section("holds", roles("holders")), section("stands in for", roles("backups"))]
        }
        Kind::Customer => {
            let contact: Vec<String> = last_contact(records, slug, clock).into_iter().collect();
            let with = record.reference();
            vec![
                section("contact", contact),
                section("open tickets", open_tickets(records, clock, |ticket| ticket.text("customer") == slug)),
                section("talks", talks(records, &with, clock)),
            ]
        }
        Kind::Team => {
            let people = records.of(Kind::Person).filter(|person| person.text("team") == slug);
            let people = people.filter(|person| person.day("retired").is_none());
            let reference = record.reference();
            vec![
                section("people", people.map(|person| format!("{} ({})", person.label(), person.slug())).collect()),
                section("waiting on it", open_tickets(records, clock, |ticket| ticket.text("waiting-on") == reference)),
                section("talks", talks(records, &reference, clock)),
            ]
        }
        Kind::Topic => {
            let playbooks =
                records.of(Kind::Playbook).filter(|playbook| playbook.list("topics").iter().any(|t| t == slug));
            let playbooks = playbooks.map(|p| format!("{} ({}, {})", p.label(), p.slug(), p.text("status")));
            vec![
                section("playbooks", playbooks.collect()),
                section("open tickets", open_tickets(records, clock, |ticket| ticket.text("topic") == slug)),
            ]
        }
        Kind::Proposal => {
            let reference = record.reference();
            let blocked = |ticket: &Record| ticket.list("blocked-by").contains(&reference);
            let removes = records.of(Kind::Playbook).filter(|playbook| playbook.text("removed-by") == reference);
            vec![
                section("would remove", removes.map(|p| format!("{} ({})", p.label(), p.reference())).collect()),
                section("tickets that wait for it", open_tickets(records, clock, blocked)),
            ]
        }
        _ => Vec::new(),
    }
}

/// The tickets a playbook solved, the latest first.
fn solved(records: &Records, slug: &str, clock: &Clock<'_>) -> Section {
    let mut found: Vec<&Record> =
        records.tickets().filter(|ticket| ticket.list("playbooks").iter().any(|p| p == slug)).collect();
    found.sort_by_key(|ticket| std::cmp::Reverse((ticket.time("opened"), ticket.name.clone())));
    let heading = match found.len() {
        1 => "solved 1 ticket".to_owned(),
        many => format!("solved {many} tickets"),
    };
    let lines = found.into_iter().map(|ticket| {
        let opened = ticket.time("opened").map(|at| clock.day(at.day_in(clock.zone))).unwrap_or_default();
        format!("{} {} ({}, opened {opened})", ticket.reference(), ticket.text("title"), words::status(records, ticket))
    });
    section(heading, lines.collect())
}

fn open_tickets(records: &Records, clock: &Clock<'_>, holds: impl Fn(&Record) -> bool) -> Vec<String> {
    let mut found: Vec<&Record> =
        records.tickets().filter(|ticket| !ticket::is_done(ticket.text("status")) && holds(ticket)).collect();
    found.sort_by_key(|ticket| (ticket.time("opened"), ticket.name.clone()));
    let line = |ticket: &&Record| {
        let since = ticket.time("opened").map(|at| clock.distance(at)).unwrap_or_default();
        format!("{} {} ({}, opened {since})", ticket.reference(), ticket.text("title"), words::status(records, ticket))
    };
    found.iter().map(line).collect()
}

/// The talks with a customer or team, the latest first.
fn talks(records: &Records, with: &str, clock: &Clock<'_>) -> Vec<String> {
    let mut found: Vec<&Record> = records.of(Kind::Talk).filter(|talk| talk.text("with") == with).collect();
    found.sort_by_key(|talk| std::cmp::Reverse((talk.time("at"), talk.name.clone())));
    let line = |talk: &&Record| {
        let at = talk.time("at").unwrap_or(Time::from_unix(0));
        let via = talk.text_of("via").map(|via| format!(", {via}")).unwrap_or_default();
        let by = talk.text_of("by").map(|by| format!(" with {}", person(records, by))).unwrap_or_default();
        let text = talk.text("text").lines().next().unwrap_or_default();
        format!("{}{by}{via}: {text}", clock.moment(at))
    };
    found.iter().map(line).collect()
}
